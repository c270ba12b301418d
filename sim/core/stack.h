/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Stacks of tasks: mapped with a guard page below, and pooled.
 *
 * A process has some 65 000 mappings, and a stack with its guard page takes two. So only the first
 * stacks have one each, SIM_STACKS_GUARDED of them; of the others, SIM_STACKS_SHARING share one.
 * What runs on those ran on the first ones too.
 */
#ifndef SIM_CORE_STACK_H
#define SIM_CORE_STACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/base/arena.h"

#define SIM_STACKS_GUARDED 16384u
#define SIM_STACKS_SHARING 64u
/* What a stack counts for in the arena's limit, at most: tasks touch a few pages of theirs. */
#define SIM_STACK_CHARGE ((size_t)16 << 10)

/* One stack: `size` bytes that cost only what was touched. */
struct sim_stack {
	struct sim_stack *next;      /* all stacks of the world */
	struct sim_stack *next_free; /* those that no task has */
	char *base;                  /* lowest usable byte */
	size_t mapped; /* bytes of the mapping that begins with a guard below base; 0: another's */
};

struct sim_stacks {
	struct sim_arena *arena;
	struct sim_stack *all, *free;
	size_t size;    /* usable bytes of each */
	size_t guard;   /* bytes of the guard: one page of the machine */
	size_t charge;  /* bytes that each counts for in the arena */
	size_t guarded; /* so many have a guard each */
	size_t nr;      /* stacks in all */
};

/* size: usable bytes, rounded up to whole pages. */
void sim_stacks_init(struct sim_stacks *s, struct sim_arena *arena, size_t size);
/* Unmap all of them, whatever is on them. */
void sim_stacks_drop(struct sim_stacks *s);
/* A stack. Each new one is charged to the arena; if the system refuses, that is exhausted. */
struct sim_stack *sim_stack_get(struct sim_stacks *s);
void sim_stack_put(struct sim_stacks *s, struct sim_stack *stack);

/* Bytes of stack pages that were ever touched. */
size_t sim_stacks_touched(const struct sim_stacks *s);
/* The deepest use of any of them in bytes, seen by the lowest byte that is not zero. */
size_t sim_stacks_peak(const struct sim_stacks *s);

#endif
