/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The heap of events: moving entries up and down until each is before its children. */
#include "sim/core/heap.h"

#define HEAP_FIRST    64u
#define HEAP_PREFETCH 16384u

typedef unsigned __int128 key_t;

/*
 * The order as one number: compared so, the compiler needs no branch, and a branch would be a toss
 * of a coin.
 */
static inline key_t key(const struct sim_heap_entry *e)
{
	return (key_t)e->when_ns << 64 | e->seq;
}

static inline void put(struct sim_heap_entry *at, uint64_t i, const struct sim_heap_entry *e)
{
	at[i] = *e;
	e->ev->slot = (uint32_t)i + 1;
}

/* Put e at the hole i or above it. */
static inline void sift_up(struct sim_heap_entry *at, uint64_t i, struct sim_heap_entry e)
{
	while (i) {
		uint64_t parent = (i - 1) / 4;

		if (key(&e) >= key(&at[parent]))
			break;
		put(at, i, &at[parent]);
		i = parent;
	}
	put(at, i, &e);
}

/* The least of four entries. */
static inline uint64_t least_of_4(const struct sim_heap_entry *at, uint64_t first)
{
	uint64_t a = first + (key(&at[first + 1]) < key(&at[first]));
	uint64_t b = first + 2 + (key(&at[first + 3]) < key(&at[first + 2]));

	return key(&at[b]) < key(&at[a]) ? b : a;
}

/* The least of the entries first..n-1, fewer than four. */
static inline uint64_t least_of_rest(const struct sim_heap_entry *at, uint64_t first, uint64_t n)
{
	uint64_t least = first;

	for (uint64_t i = first + 1; i < n; i++)
		if (key(&at[i]) < key(&at[least]))
			least = i;
	return least;
}

/*
 * In a heap that the caches cannot hold, ask for the grandchildren of a hole while its children are
 * compared: 16 entries from `first` on.
 */
static inline void prefetch(const struct sim_heap_entry *at, uint64_t n, uint64_t first)
{
	if (n < HEAP_PREFETCH || first >= n)
		return;
	for (size_t byte = 0; byte < 16 * sizeof(*at); byte += 64)
		__builtin_prefetch((const char *)&at[first] + byte);
}

/* Put e at the hole i or below it; n entries in all. */
static inline __attribute__((always_inline)) void sift_down(struct sim_heap_entry *at, uint64_t n,
							    uint64_t i, struct sim_heap_entry e)
{
	uint64_t first;

	while ((first = 4 * i + 1) < n) {
		uint64_t least;

		prefetch(at, n, 4 * first + 1);
		least = first + 4 <= n ? least_of_4(at, first) : least_of_rest(at, first, n);
		if (key(&e) <= key(&at[least]))
			break;
		put(at, i, &at[least]);
		i = least;
	}
	put(at, i, &e);
}

static __attribute__((noinline)) void push_full(struct sim_heap *h, struct sim_arena *a,
						struct sim_heap_entry e)
{
	uint32_t cap = h->cap ? h->cap * 2 : HEAP_FIRST;

	h->at = sim_realloc_array(a, h->at, h->cap, cap, sizeof(*h->at));
	h->cap = cap;
	sift_up(h->at, h->n++, e);
}

void sim_heap_push(struct sim_heap *h, struct sim_arena *a, uint64_t when_ns, uint64_t seq,
		   struct sim_event *ev)
{
	struct sim_heap_entry e = {.when_ns = when_ns, .seq = seq, .ev = ev};

	if (__builtin_expect(h->n == h->cap, 0))
		push_full(h, a, e);
	else
		sift_up(h->at, h->n++, e);
}

void sim_heap_pop(struct sim_heap *h)
{
	struct sim_heap_entry *at = h->at;

	at[0].ev->slot = 0;
	if (--h->n)
		sift_down(at, h->n, 0, at[h->n]);
}

void sim_heap_remove(struct sim_heap *h, uint32_t i)
{
	struct sim_heap_entry *at = h->at;
	struct sim_heap_entry last = at[--h->n];

	at[i].ev->slot = 0;
	if (i == h->n)
		return;
	if (i && key(&last) < key(&at[(i - 1) / 4]))
		sift_up(at, i, last);
	else
		sift_down(at, h->n, i, last);
}
