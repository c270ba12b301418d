/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Stacks of tasks: mapped with a guard page below, and pooled. */
#ifndef SIM_CORE_STACK_H
#define SIM_CORE_STACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/base/arena.h"

/* One mapped stack: a guard page below, then `size` bytes that cost only what was touched. */
struct sim_stack {
	struct sim_stack *next;      /* all stacks of the world */
	struct sim_stack *next_free; /* those that no task has */
	char *base;                  /* lowest usable byte */
};

struct sim_stacks {
	struct sim_arena *arena;
	struct sim_stack *all, *free;
	size_t size;  /* usable bytes of each */
	size_t guard; /* bytes of the guard: one page of the machine */
	size_t nr;    /* stacks in all */
};

/* size: usable bytes, rounded up to whole pages. */
void sim_stacks_init(struct sim_stacks *s, struct sim_arena *arena, size_t size);
/* Unmap all of them, whatever is on them. */
void sim_stacks_drop(struct sim_stacks *s);
/* A stack. Each new one is charged to the arena in full; if the system refuses, that is exhausted. */
struct sim_stack *sim_stack_get(struct sim_stacks *s);
void sim_stack_put(struct sim_stacks *s, struct sim_stack *stack);

/* Bytes of stack pages that were ever touched. */
size_t sim_stacks_touched(const struct sim_stacks *s);
/* The deepest use of any of them in bytes, seen by the lowest byte that is not zero. */
size_t sim_stacks_peak(const struct sim_stacks *s);

#endif
