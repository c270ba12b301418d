/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The baseline of the page cache: a hash table of pages with an LRU list. */
#include "bench/plain_cache.h"

#include <stdlib.h>

void plain_cache_init(struct plain_cache *c, uint64_t size)
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

void plain_cache_free(struct plain_cache *c)
{
	free(c->page);
	free(c->bucket);
}

static uint32_t *cache_bucket(const struct plain_cache *c, uint64_t index)
{
	return &c->bucket[(index * 0x9e3779b97f4a7c15ull >> 32) & c->mask];
}

uint32_t plain_cache_find(const struct plain_cache *c, uint64_t index)
{
	uint32_t p = *cache_bucket(c, index);

	while (p && c->page[p].index != index)
		p = c->page[p].next;
	return p;
}

static void lru_del(struct plain_cache *c, uint32_t p)
{
	c->page[c->page[p].newer].older = c->page[p].older;
	c->page[c->page[p].older].newer = c->page[p].newer;
}

static void lru_add(struct plain_cache *c, uint32_t p)
{
	c->page[p].newer = 0;
	c->page[p].older = c->page[0].older;
	c->page[c->page[0].older].newer = p;
	c->page[0].older = p;
}

static uint32_t cache_evict(struct plain_cache *c)
{
	uint32_t p = c->page[0].newer, *at = cache_bucket(c, c->page[p].index);

	while (*at != p)
		at = &c->page[*at].next;
	*at = c->page[p].next;
	lru_del(c, p);
	return p;
}

void plain_cache_touch(struct plain_cache *c, uint64_t index)
{
	uint32_t p = plain_cache_find(c, index);

	if (p) {
		lru_del(c, p);
	} else {
		uint32_t *bucket;

		p = c->used < c->size ? ++c->used : cache_evict(c);
		bucket = cache_bucket(c, index);
		c->page[p].index = index;
		c->page[p].next = *bucket;
		*bucket = p;
	}
	lru_add(c, p);
}

size_t plain_cache_bytes(const struct plain_cache *c)
{
	return (c->size + 1) * sizeof(*c->page) + (c->mask + 1) * sizeof(*c->bucket);
}
