/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Memory of one world: an arena that is dropped as a whole, and pools of equal objects in it. */
#ifndef SIM_BASE_ARENA_H
#define SIM_BASE_ARENA_H

#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "sim/base/asan.h"

struct sim_arena;

/*
 * Create an arena that takes at most limit bytes from the system (0: no limit).
 * oom(oom_arg) is called when the limit or the system's memory is exhausted; it must not return
 * (the world's handler ends the run with the memory limit, exit code 4). NULL: abort().
 * Returns NULL only if not even the arena itself can be had.
 */
struct sim_arena *sim_arena_new(size_t limit, void (*oom)(void *), void *oom_arg);

/* Change the handler of exhaustion. */
void sim_arena_set_oom(struct sim_arena *a, void (*oom)(void *), void *oom_arg);
/* From now on there is no limit: for the report on a run that its limit has ended. */
void sim_arena_lift_limit(struct sim_arena *a);

/* Give back everything that was ever allocated from the arena, and the arena. NULL is ignored. */
void sim_arena_free(struct sim_arena *a);

/* Allocate size bytes, zeroed, aligned to 16. Never returns NULL. Objects are not freed one by one.
 */
void *sim_alloc(struct sim_arena *a, size_t size);

/* Allocate an array of n zeroed elements; the multiplication is checked. */
void *sim_alloc_array(struct sim_arena *a, size_t n, size_t size);

/*
 * Grow an array taken from sim_alloc_array() from old_n to new_n elements: copies, zeroes the rest.
 * Large arrays (above 64 KiB) are taken from and given back to the system directly, so that growing
 * by doubling wastes nothing.
 */
void *sim_realloc_array(struct sim_arena *a, void *p, size_t old_n, size_t new_n, size_t size);

/* Copy a string into the arena. */
char *sim_strdup(struct sim_arena *a, const char *s);

/* Bytes taken from the system now, and the highest value that ever was. */
size_t sim_arena_used(const struct sim_arena *a);
size_t sim_arena_peak(const struct sim_arena *a);

/*
 * Count bytes that were taken from the system elsewhere (stacks of tasks) towards the limit and
 * into used; exhaustion as in sim_alloc(). They are given back with the arena.
 */
void sim_arena_charge(struct sim_arena *a, size_t bytes);

/* Equal objects of one arena, reused last in, first out. */
struct sim_pool {
	struct sim_arena *arena;
	void *free;    /* chained through the first word */
	uint32_t size; /* bytes of one object */
	uint32_t live; /* objects handed out now */
	uint32_t peak; /* most that ever were */
};

/* Make an empty pool of objects of size bytes in an arena, which it takes memory from as it grows. */
void sim_pool_init(struct sim_pool *p, struct sim_arena *a, size_t size);

/* Carve more objects: none is free. */
void sim_pool_grow(struct sim_pool *p);

/* A zeroed object. Never returns NULL. */
static inline void *sim_pool_get(struct sim_pool *p)
{
	void *obj;

	if (!p->free)
		sim_pool_grow(p);
	obj = p->free;
	sim_asan_unpoison(obj, p->size);
	memcpy(&p->free, obj, sizeof(p->free));
	if (++p->live > p->peak)
		p->peak = p->live;
	return memset(obj, 0, p->size);
}

/* Give an object back. Under AddressSanitizer it is poisoned until it is handed out again. */
static inline void sim_pool_put(struct sim_pool *p, void *obj)
{
	assert(p->live > 0);
	p->live--;
	memcpy(obj, &p->free, sizeof(p->free));
	p->free = obj;
	sim_asan_poison(obj, p->size);
}

/*
 * Memory outside any world, for tools (cli, traces, tests): the only wrappers of malloc that are
 * allowed. They end the program with exit code 4 and a message when memory runs out.
 */
void *sim_xmalloc(size_t size);
void *sim_xcalloc(size_t n, size_t size);
void *sim_xrealloc(void *p, size_t n, size_t size);
char *sim_xstrdup(const char *s);
void sim_xfree(void *p);

/* The same end as a handler for sim_arena_new(), for arenas of tools. */
_Noreturn void sim_xoom(void *unused);

#endif
