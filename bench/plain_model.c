/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The baseline of the whole model: heap, records, and a page cache of a hash table and an LRU list.
 */
#include "bench/plain_model.h"

#include <stdlib.h>
#include <string.h>

#include <xxhash.h>

#include "bench/bench.h"
#include "bench/plain.h"

/* ---- the page cache ---- */

struct page {
	uint64_t index;
	uint32_t next; /* in its bucket */
	uint32_t newer, older;
};

struct cache {
	struct page *page; /* number 0 is the head of the LRU list */
	uint32_t *bucket;
	uint32_t used, size, mask;
};

static void cache_init(struct cache *c, uint64_t size)
{
	uint32_t buckets = 1;

	while (buckets < size)
		buckets *= 2;
	c->size = (uint32_t)size;
	c->used = 0;
	c->mask = buckets - 1;
	c->page = calloc(size + 1, sizeof(*c->page));
	c->bucket = calloc(buckets, sizeof(*c->bucket));
}

static void cache_free(struct cache *c)
{
	free(c->page);
	free(c->bucket);
}

static uint32_t *cache_bucket(struct cache *c, uint64_t index)
{
	return &c->bucket[(index * 0x9e3779b97f4a7c15ull >> 32) & c->mask];
}

static void lru_del(struct cache *c, uint32_t p)
{
	c->page[c->page[p].newer].older = c->page[p].older;
	c->page[c->page[p].older].newer = c->page[p].newer;
}

static void lru_add(struct cache *c, uint32_t p)
{
	c->page[p].newer = 0;
	c->page[p].older = c->page[0].older;
	c->page[c->page[0].older].newer = p;
	c->page[0].older = p;
}

static uint32_t cache_evict(struct cache *c)
{
	uint32_t p = c->page[0].newer, *at = cache_bucket(c, c->page[p].index);

	while (*at != p)
		at = &c->page[*at].next;
	*at = c->page[p].next;
	lru_del(c, p);
	return p;
}

static void cache_touch(struct cache *c, uint64_t index)
{
	uint32_t *bucket = cache_bucket(c, index), p = *bucket;

	while (p && c->page[p].index != index)
		p = c->page[p].next;
	if (p) {
		lru_del(c, p);
	} else {
		p = c->used < c->size ? ++c->used : cache_evict(c);
		c->page[p].index = index;
		c->page[p].next = *bucket;
		*bucket = p;
	}
	lru_add(c, p);
}

/* ---- the records ---- */

#define RING 64u

struct record {
	uint64_t time_ns, task, start, len;
	uint32_t event, flags, ref, error;
};

struct recorder {
	struct record ring[RING];
	uint32_t n;
	XXH3_state_t *hash;
};

static void record(struct recorder *r, uint64_t now_ns, uint64_t i)
{
	r->ring[r->n++] = (struct record){.time_ns = now_ns, .start = i, .event = (uint32_t)i & 15};
	if (r->n == RING) {
		XXH3_128bits_update(r->hash, r->ring, sizeof(r->ring));
		r->n = 0;
	}
}

/* ---- all of it ---- */

static void nothing(struct plain *p, struct plain_object *obj)
{
}

uint64_t plain_model(const struct plain_work *work)
{
	struct plain_event *events = calloc(work->pending + 1, sizeof(*events));
	struct plain_object obj = {.fn = nothing};
	struct plain_heap heap = {.at = events};
	struct recorder r = {.hash = XXH3_createState()};
	uint64_t state = 1, touched = 0, recorded = 0, now_ns = 0;
	struct cache cache;

	XXH3_128bits_reset(r.hash);
	cache_init(&cache, work->cached);
	for (uint32_t i = 0; i < work->pending; i++)
		plain_push(&heap, (struct plain_event){.when_ns = i, .seq = i, .obj = &obj});
	for (uint64_t i = 0; i < work->events; i++) {
		struct plain_event e = plain_pop(&heap);

		now_ns = e.when_ns;
		e.obj->fn(NULL, e.obj);
		for (; recorded * work->events < i * work->records; recorded++)
			record(&r, now_ns, recorded);
		for (; touched * work->events < i * work->touches; touched++)
			cache_touch(&cache, (work->in_order ? touched : bench_random(&state)) %
						    work->pages);
		e.when_ns += 1 + bench_random(&state) % 200000;
		e.seq = i + work->pending;
		plain_push(&heap, e);
	}
	now_ns ^= XXH3_128bits_digest(r.hash).low64;
	XXH3_freeState(r.hash);
	cache_free(&cache);
	free(events);
	return now_ns;
}
