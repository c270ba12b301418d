/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The baseline of the page cache: a hash table of pages with an LRU list, in arrays. It has no
 * order, marks, states, locks, references or contents.
 */
#ifndef BENCH_PLAIN_CACHE_H
#define BENCH_PLAIN_CACHE_H

#include <stddef.h>
#include <stdint.h>

struct plain_page {
	uint64_t index;
	uint32_t next; /* in its bucket */
	uint32_t newer, older;
};

struct plain_cache {
	struct plain_page *page; /* number 0 is the head of the LRU list, and "none" */
	uint32_t *bucket;
	uint32_t used, size, mask;
};

/* Room for size pages. */
void plain_cache_init(struct plain_cache *c, uint64_t size);
void plain_cache_free(struct plain_cache *c);
/* The number of the page, 0: not cached. */
uint32_t plain_cache_find(const struct plain_cache *c, uint64_t index);
/* Make it the newest page; it is added if it was not cached, and the oldest leaves a full cache. */
void plain_cache_touch(struct plain_cache *c, uint64_t index);
/* Memory that it has taken. */
size_t plain_cache_bytes(const struct plain_cache *c);

#endif
