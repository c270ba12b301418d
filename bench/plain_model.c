/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The baseline of the whole model: a heap, records, and a page cache. */
#include "bench/plain_model.h"

#include <stdlib.h>
#include <string.h>

#include <xxhash.h>

#include "bench/bench.h"
#include "bench/plain.h"
#include "bench/plain_cache.h"

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
	struct plain_cache cache;

	XXH3_128bits_reset(r.hash);
	plain_cache_init(&cache, work->cached);
	for (uint32_t i = 0; i < work->pending; i++)
		plain_push(&heap, (struct plain_event){.when_ns = i, .seq = i, .obj = &obj});
	for (uint64_t i = 0; i < work->events; i++) {
		struct plain_event e = plain_pop(&heap);

		now_ns = e.when_ns;
		e.obj->fn(NULL, e.obj);
		for (; recorded * work->events < i * work->records; recorded++)
			record(&r, now_ns, recorded);
		for (; touched * work->events < i * work->touches; touched++)
			plain_cache_touch(&cache,
					  (work->in_order ? touched : bench_random(&state)) %
						  work->pages);
		e.when_ns += 1 + bench_random(&state) % 200000;
		e.seq = i + work->pending;
		plain_push(&heap, e);
	}
	now_ns ^= XXH3_128bits_digest(r.hash).low64;
	XXH3_freeState(r.hash);
	plain_cache_free(&cache);
	free(events);
	return now_ns;
}
