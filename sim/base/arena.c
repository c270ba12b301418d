/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The arena: bump allocation from growing chunks, big blocks apart, one limit over all of it. */
#include "sim/base/arena.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/asan.h"
#include "sim/base/list.h"

#define ARENA_ALIGN     16
#define ARENA_CHUNK_MIN (64u << 10)
#define ARENA_CHUNK_MAX (4u << 20)
#define ARENA_BIG_MIN   (64u << 10) /* allocations above this are blocks of their own */
#define ARENA_SIZE_MAX  (SIZE_MAX / 2)

/* In front of each block that came from malloc; a chunk or one big allocation. */
struct arena_block {
	struct sim_list link;
	size_t bytes; /* whole block, this header included */
	size_t pad;
};

_Static_assert(sizeof(struct arena_block) % ARENA_ALIGN == 0, "payload keeps malloc's alignment");

struct sim_arena {
	struct sim_list blocks;
	char *bump, *end;  /* free part of the youngest chunk */
	size_t next_chunk; /* bytes of the chunk to take next */
	size_t limit;      /* 0: none */
	size_t used, peak; /* bytes taken from the system */
	void (*oom)(void *);
	void *oom_arg;
};

struct sim_arena *sim_arena_new(size_t limit, void (*oom)(void *), void *oom_arg)
{
	struct sim_arena *a;

	if (limit && limit < sizeof(*a))
		return NULL;
	a = calloc(1, sizeof(*a));
	if (!a)
		return NULL;
	sim_list_init(&a->blocks);
	a->next_chunk = ARENA_CHUNK_MIN;
	a->limit = limit;
	a->used = a->peak = sizeof(*a);
	a->oom = oom;
	a->oom_arg = oom_arg;
	return a;
}

void sim_arena_set_oom(struct sim_arena *a, void (*oom)(void *), void *oom_arg)
{
	a->oom = oom;
	a->oom_arg = oom_arg;
}

void sim_arena_lift_limit(struct sim_arena *a)
{
	a->limit = 0;
}

void sim_arena_free(struct sim_arena *a)
{
	if (!a)
		return;
	sim_list_for_each_safe (b, &a->blocks, struct arena_block, link) {
		free(b);
	}
	free(a);
}

static _Noreturn void arena_exhausted(struct sim_arena *a)
{
	if (a->oom)
		a->oom(a->oom_arg);
	abort();
}

/* True if the limit leaves room for bytes more. */
static bool arena_has_room(const struct sim_arena *a, size_t bytes)
{
	return bytes <= ARENA_SIZE_MAX && (!a->limit || bytes <= a->limit - a->used);
}

static void arena_account(struct sim_arena *a, size_t bytes)
{
	a->used += bytes;
	if (a->used > a->peak)
		a->peak = a->used;
}

/* Take a block with room for size bytes from the system; the limit is asked first. */
static struct arena_block *arena_take(struct sim_arena *a, size_t size, bool zeroed)
{
	size_t bytes;
	struct arena_block *b;

	if (__builtin_add_overflow(size, sizeof(*b), &bytes) || !arena_has_room(a, bytes))
		arena_exhausted(a);
	b = zeroed ? calloc(1, bytes) : malloc(bytes);
	if (!b)
		arena_exhausted(a);
	b->bytes = bytes;
	sim_list_add_tail(&b->link, &a->blocks);
	arena_account(a, bytes);
	return b;
}

/* Start a new chunk that holds at least size bytes; near the limit a smaller one will do. */
static void arena_new_chunk(struct sim_arena *a, size_t size)
{
	size_t bytes = a->next_chunk - sizeof(struct arena_block);
	struct arena_block *b;

	if (bytes < size || !arena_has_room(a, a->next_chunk))
		bytes = size;
	b = arena_take(a, bytes, false);
	a->bump = (char *)(b + 1);
	a->end = a->bump + bytes;
	sim_asan_poison(a->bump, bytes);
	if (a->next_chunk < ARENA_CHUNK_MAX)
		a->next_chunk *= 2;
}

void *sim_alloc(struct sim_arena *a, size_t size)
{
	size_t room;
	void *p;

	if (size > ARENA_BIG_MIN)
		return arena_take(a, size, true) + 1;
	room = (size + SIM_ASAN_REDZONE + ARENA_ALIGN - 1) & ~(size_t)(ARENA_ALIGN - 1);
	if (!room)
		room = ARENA_ALIGN;
	if ((size_t)(a->end - a->bump) < room)
		arena_new_chunk(a, room);
	p = a->bump;
	a->bump += room;
	sim_asan_unpoison(p, size);
	return memset(p, 0, size);
}

void *sim_alloc_array(struct sim_arena *a, size_t n, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(n, size, &bytes))
		arena_exhausted(a);
	return sim_alloc(a, bytes);
}

/* Resize a big block in place or by moving it; the limit is asked for the difference first. */
static void *arena_grow_big(struct sim_arena *a, void *p, size_t old_bytes, size_t new_bytes)
{
	struct arena_block *b = (struct arena_block *)p - 1;
	struct arena_block *moved;

	if (!arena_has_room(a, new_bytes - old_bytes) || new_bytes > ARENA_SIZE_MAX)
		arena_exhausted(a);
	sim_list_del(&b->link);
	moved = realloc(b, sizeof(*b) + new_bytes);
	if (!moved) {
		sim_list_add_tail(&b->link, &a->blocks);
		arena_exhausted(a);
	}
	sim_list_add_tail(&moved->link, &a->blocks);
	moved->bytes = sizeof(*b) + new_bytes;
	arena_account(a, new_bytes - old_bytes);
	memset((char *)(moved + 1) + old_bytes, 0, new_bytes - old_bytes);
	return moved + 1;
}

void *sim_realloc_array(struct sim_arena *a, void *p, size_t old_n, size_t new_n, size_t size)
{
	size_t old_bytes = old_n * size, new_bytes;
	void *moved;

	if (__builtin_mul_overflow(new_n, size, &new_bytes))
		arena_exhausted(a);
	if (new_bytes <= old_bytes)
		return p;
	if (old_bytes > ARENA_BIG_MIN)
		return arena_grow_big(a, p, old_bytes, new_bytes);
	moved = sim_alloc(a, new_bytes);
	if (old_bytes) {
		memcpy(moved, p, old_bytes);
		sim_asan_poison(p, old_bytes);
	}
	return moved;
}

char *sim_strdup(struct sim_arena *a, const char *s)
{
	size_t n = strlen(s) + 1;

	return memcpy(sim_alloc(a, n), s, n);
}

void sim_arena_charge(struct sim_arena *a, size_t bytes)
{
	if (!arena_has_room(a, bytes))
		arena_exhausted(a);
	arena_account(a, bytes);
}

size_t sim_arena_used(const struct sim_arena *a)
{
	return a->used;
}

size_t sim_arena_peak(const struct sim_arena *a)
{
	return a->peak;
}
