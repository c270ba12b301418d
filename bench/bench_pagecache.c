/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Benchmark of the page cache: inserting folios, looking them up, and what one costs in memory.
 *
 *	bench_pagecache [--tiny]
 */
#include <stdlib.h>

#include "bench/bench.h"
#include "bench/plain_cache.h"
#include "model/fs/mount.h"
#include "sim/base/math.h"

#define FOLIOS 262144u
#define CACHED 10000u /* what is looked up again and again */

/* Where folios stand: runs of so many neighbours, at places all over a file. */
struct layout {
	const char *name;
	uint32_t run;   /* folios */
	uint32_t order; /* of each */
	const char *insert_limit, *lookup_limit, *byte_limit;
};

/* The place of the i-th folio: its run's, which is drawn, and its place in the run. */
static pgoff_t place(const struct layout *l, uint64_t i)
{
	uint64_t state = i / l->run + 1;

	return ((bench_random(&state) % (1u << 24)) * l->run + i % l->run) << l->order;
}

/* ---- the page cache of a client ---- */

struct cache {
	struct sim_world *w;
	struct client *client;
	struct super_block sb;
	struct inode inode;
	uint32_t source; /* of the bytes of its file */
	size_t before;   /* bytes taken before the first folio */
};

static struct address_space_operations no_operations;

static void cache_start(struct cache *c)
{
	struct mm_config mm = {.total_bytes = 1ull << 44};
	struct model *m;

	memset(c, 0, sizeof(*c));
	c->w = sim_world_new(&(struct sim_world_config){.seed = 1});
	m = model_new(c->w, &(struct design){.generation = GEN_6_8}, &(struct costs){0});
	c->client = client_new(m, 0, &mm);
	c->client->sb = &c->sb;
	c->sb.client = c->client;
	inode_init_once(&c->inode, &c->sb);
	c->inode.i_data.a_ops = &no_operations;
	c->source = content_source_new(m->content, "file", CONTENT_LAW_PAGES, 0);
	c->before = sim_world_memory(c->w);
}

static void cache_stop(struct cache *c)
{
	sim_world_free(c->w);
}

/* What a read leaves: a clean folio with the bytes of the file in it. */
static void cache_add(struct cache *c, pgoff_t index, unsigned order)
{
	struct address_space *mapping = &c->inode.i_data;
	struct folio *f;

	if (filemap_lookup(mapping, index))
		return;
	f = filemap_alloc_folio(c->client, order);
	if (filemap_add_folio(mapping, f, index))
		abort();
	content_set(&mapping->data, folio_pos(f), folio_size(f),
		    content_source_at(c->source, folio_pos(f)));
	folio_mark_uptodate(f);
	folio_unlock(f);
	folio_put(f);
}

/* ---- figures ---- */

struct figures {
	double insert_ns, lookup_ns, next_ns, bytes;
	double plain_insert_ns, plain_lookup_ns, plain_bytes;
};

/* Nanoseconds of an insertion, and the bytes that each took. */
static void measure_insert(const struct layout *l, uint64_t folios, struct figures *best)
{
	struct plain_cache plain;
	struct cache c;
	uint64_t start;

	cache_start(&c);
	start = bench_now_ns();
	for (uint64_t i = 0; i < folios; i++)
		cache_add(&c, place(l, i), l->order);
	start = bench_now_ns() - start;
	best->insert_ns = bench_least(best->insert_ns, (double)start / (double)folios);
	best->bytes = (double)(sim_world_memory(c.w) - c.before) / c.client->mm.folios.live;
	cache_stop(&c);

	plain_cache_init(&plain, folios);
	start = bench_now_ns();
	for (uint64_t i = 0; i < folios; i++)
		plain_cache_touch(&plain, place(l, i));
	start = bench_now_ns() - start;
	best->plain_insert_ns = bench_least(best->plain_insert_ns, (double)start / (double)folios);
	best->plain_bytes = (double)plain_cache_bytes(&plain) / plain.used;
	plain_cache_free(&plain);
}

/* Nanoseconds of finding a folio among few: run by run, the runs at random. */
static void measure_lookup(const struct layout *l, uint64_t lookups, struct figures *best)
{
	uint64_t state = 1, start, found = 0;
	uint32_t runs = CACHED / l->run;
	struct plain_cache plain;
	struct cache c;

	cache_start(&c);
	plain_cache_init(&plain, CACHED);
	for (uint64_t i = 0; i < runs * l->run; i++) {
		cache_add(&c, place(l, i), l->order);
		plain_cache_touch(&plain, place(l, i));
	}

	start = bench_now_ns();
	for (uint64_t i = 0; i < lookups; i += l->run) {
		pgoff_t index = place(l, bench_random(&state) % runs * l->run);

		for (uint32_t k = 0; k < l->run; k++)
			found += filemap_lookup(&c.inode.i_data,
						index + ((pgoff_t)k << l->order)) != NULL;
	}
	start = bench_now_ns() - start;
	best->lookup_ns = bench_least(best->lookup_ns, (double)start / (double)found);

	start = bench_now_ns();
	for (uint64_t i = 0; i < lookups; i += l->run) {
		pgoff_t index = place(l, bench_random(&state) % runs * l->run);

		for (uint32_t k = 0; k < l->run; k++)
			found -= plain_cache_find(&plain, index + ((pgoff_t)k << l->order)) != 0;
	}
	start = bench_now_ns() - start;
	best->plain_lookup_ns = bench_least(best->plain_lookup_ns, (double)start / (double)lookups);
	if (found)
		abort();
	plain_cache_free(&plain);
	cache_stop(&c);
}

/* Nanoseconds a folio of a walk over all that are cached, in order. */
static void measure_walk(const struct layout *l, uint64_t folios, struct figures *best)
{
	struct cache c;
	struct folio *f;
	uint64_t start, n = 0;

	cache_start(&c);
	for (uint64_t i = 0; i < folios; i++)
		cache_add(&c, place(l, i), l->order);
	start = bench_now_ns();
	for (pgoff_t at = 0; (f = filemap_next(&c.inode.i_data, at, UINT64_MAX)); n++)
		at = folio_next_index(f);
	start = bench_now_ns() - start;
	best->next_ns = bench_least(best->next_ns, (double)start / (double)n);
	cache_stop(&c);
}

static void bench_layout(const struct bench *b, const struct layout *l)
{
	struct figures best = {1e9, 1e9, 1e9, 0, 1e9, 1e9, 0};
	uint64_t folios = sim_round_up(bench_size(b, FOLIOS), l->run);
	uint64_t lookups = sim_round_up(bench_size(b, 8 * FOLIOS), l->run);

	for (unsigned round = 0; round < b->rounds; round++) {
		measure_insert(l, folios, &best);
		measure_lookup(l, lookups, &best);
		measure_walk(l, folios, &best);
	}
	bench_header(l->name);
	bench_ns("  insert a folio", best.insert_ns, best.plain_insert_ns, l->insert_limit);
	bench_ns("  look a folio up", best.lookup_ns, best.plain_lookup_ns, l->lookup_limit);
	bench_ns("  next folio of a walk", best.next_ns, 0, "-");
	bench_bytes("  bytes/folio, index and contents too", best.bytes, best.plain_bytes,
		    l->byte_limit);
}

int main(int argc, char **argv)
{
	static const struct layout layouts[] = {
		{"single pages anywhere", 1, 0, "-", "-", "-"},
		{"runs of 16 pages", 16, 0, "-", "40 ns", "128 B"},
		{"runs of 256 pages", 256, 0, "-", "40 ns", "128 B"},
		{"folios of 2 MiB anywhere", 1, 9, "-", "-", "-"},
	};
	struct bench b = bench_start(&argc, &argv);

	if (argc > 1) {
		fprintf(stderr, "usage: bench_pagecache [--tiny]\n");
		return 2;
	}
	for (size_t i = 0; i < SIM_ARRAY_SIZE(layouts); i++)
		bench_layout(&b, &layouts[i]);
	return 0;
}
