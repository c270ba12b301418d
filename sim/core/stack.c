/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Stacks of tasks: mapping, the guard page, the pool, and how deep they were used. */
#include "sim/core/stack.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "sim/base/asan.h"
#include "sim/base/math.h"

#if defined(__has_include) && __has_include(<valgrind/memcheck.h>)
#include <valgrind/memcheck.h>
#else
#define VALGRIND_STACK_REGISTER(from, to)
#define VALGRIND_DISABLE_ERROR_REPORTING
#define VALGRIND_ENABLE_ERROR_REPORTING
#endif

void sim_stacks_init(struct sim_stacks *s, struct sim_arena *arena, size_t size)
{
	memset(s, 0, sizeof(*s));
	s->arena = arena;
	s->guard = (size_t)sysconf(_SC_PAGESIZE);
	s->size = sim_round_up(size, s->guard);
	s->charge = sim_min(s->size, SIM_STACK_CHARGE);
	s->guarded = SIM_STACKS_GUARDED;
}

void sim_stacks_drop(struct sim_stacks *s)
{
	for (struct sim_stack *k = s->all; k; k = k->next) {
		sim_asan_unpoison(k->base, s->size);
		if (k->mapped)
			munmap(k->base - s->guard, k->mapped);
	}
	s->all = s->free = NULL;
}

/* Map n stacks side by side with one guard below, all of them free. */
static void stacks_map(struct sim_stacks *s, size_t n)
{
	struct sim_stack *stacks = sim_alloc_array(s->arena, n, sizeof(*stacks));
	size_t mapped = s->guard + n * s->size;
	char *map;

	sim_arena_charge(s->arena, n * s->charge);
	map = mmap(NULL, mapped, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (map != MAP_FAILED && mprotect(map, s->guard, PROT_NONE)) {
		munmap(map, mapped);
		map = MAP_FAILED;
	}
	if (map == MAP_FAILED)
		sim_arena_charge(s->arena, SIZE_MAX); /* the system's limit is as good as ours */
	for (size_t i = 0; i < n; i++) {
		struct sim_stack *k = &stacks[i];

		k->base = map + s->guard + i * s->size;
		k->mapped = i ? 0 : mapped;
		k->next = s->all;
		s->all = k;
		s->nr++;
		VALGRIND_STACK_REGISTER(k->base, k->base + s->size - 1);
		sim_stack_put(s, k);
	}
}

struct sim_stack *sim_stack_get(struct sim_stacks *s)
{
	struct sim_stack *k;

	if (!s->free)
		stacks_map(s, s->nr < s->guarded ? 1 : SIM_STACKS_SHARING);
	k = s->free;
	s->free = k->next_free;
	return k;
}

void sim_stack_put(struct sim_stacks *s, struct sim_stack *k)
{
	sim_asan_unpoison(k->base, s->size);
	k->next_free = s->free;
	s->free = k;
}

/* Offset of the lowest page of a stack that was ever touched; the size if none was. */
static size_t lowest_touched(const struct sim_stacks *s, const struct sim_stack *k)
{
	unsigned char resident[64];
	size_t step = sizeof(resident) * s->guard;

	for (size_t at = 0; at < s->size; at += step) {
		size_t bytes = sim_min(step, s->size - at);

		if (mincore(k->base + at, bytes, resident))
			return at;
		for (size_t page = 0; page < bytes / s->guard; page++)
			if (resident[page] & 1)
				return at + page * s->guard;
	}
	return s->size;
}

size_t sim_stacks_touched(const struct sim_stacks *s)
{
	size_t bytes = 0;

	for (const struct sim_stack *k = s->all; k; k = k->next)
		bytes += s->size - lowest_touched(s, k);
	return bytes;
}

/* Reads what frames left behind, which the checkers rightly call out of bounds. */
__attribute__((no_sanitize_address)) static size_t depth(const struct sim_stacks *s,
							 const struct sim_stack *k)
{
	size_t at = lowest_touched(s, k);

	while (at < s->size && !*(const volatile uint64_t *)(k->base + at))
		at += sizeof(uint64_t);
	return s->size - at;
}

size_t sim_stacks_peak(const struct sim_stacks *s)
{
	size_t peak = 0;

	VALGRIND_DISABLE_ERROR_REPORTING;
	for (const struct sim_stack *k = s->all; k; k = k->next)
		peak = sim_max(peak, depth(s, k));
	VALGRIND_ENABLE_ERROR_REPORTING;
	return peak;
}
