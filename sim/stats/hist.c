/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Log-linear histograms. */
#include "sim/stats/stats.h"

#include <assert.h>
#include <string.h>

#include "sim/base/arena.h"
#include "sim/base/math.h"

#define HIST_BITS_MAX 12

void sim_hist_init(struct sim_hist *h, struct sim_arena *a, unsigned bits)
{
	assert(bits >= 1 && bits <= HIST_BITS_MAX);
	memset(h, 0, sizeof(*h));
	h->arena = a;
	h->bits = bits;
}

/* Bucket of a value: its top bits + 1 bits, and how far they were shifted down. */
static uint32_t hist_index(const struct sim_hist *h, uint64_t v)
{
	unsigned top = v ? sim_ilog2(v) : 0;
	unsigned shift = top > h->bits ? top - h->bits : 0;

	return ((uint32_t)shift << h->bits) + (uint32_t)(v >> shift);
}

static void hist_range(const struct sim_hist *h, uint32_t index, struct sim_hist_bucket *b)
{
	unsigned shift = index >> h->bits > 1 ? (index >> h->bits) - 1 : 0;
	uint64_t base = index - ((uint64_t)shift << h->bits);

	b->lo = base << shift;
	b->hi = b->lo + ((1ull << shift) - 1);
}

static __attribute__((noinline)) void hist_grow(struct sim_hist *h, uint32_t n)
{
	uint32_t want = (uint32_t)sim_round_up(n, 1ull << h->bits);

	h->buckets = sim_realloc_array(h->arena, h->buckets, h->n, want, sizeof(*h->buckets));
	h->n = want;
}

void sim_hist_add_n(struct sim_hist *h, uint64_t value, uint64_t times)
{
	uint32_t index = hist_index(h, value);

	if (!times)
		return;
	if (index >= h->n)
		hist_grow(h, index + 1);
	h->buckets[index] += times;
	h->min = h->count ? sim_min(h->min, value) : value;
	h->max = sim_max(h->max, value);
	h->count += times;
	h->sum += (unsigned __int128)value * times;
}

void sim_hist_add(struct sim_hist *h, uint64_t value)
{
	sim_hist_add_n(h, value, 1);
}

void sim_hist_merge(struct sim_hist *h, const struct sim_hist *from)
{
	assert(h->bits == from->bits);
	if (!from->count)
		return;
	if (from->n > h->n)
		hist_grow(h, from->n);
	for (uint32_t i = 0; i < from->n; i++)
		h->buckets[i] += from->buckets[i];
	h->min = h->count ? sim_min(h->min, from->min) : from->min;
	h->max = sim_max(h->max, from->max);
	h->count += from->count;
	h->sum += from->sum;
}

bool sim_hist_next(const struct sim_hist *h, uint32_t *pos, struct sim_hist_bucket *b)
{
	while (*pos < h->n && !h->buckets[*pos])
		++*pos;
	if (*pos == h->n)
		return false;
	hist_range(h, *pos, b);
	b->count = h->buckets[(*pos)++];
	return true;
}

uint64_t sim_hist_percentile(const struct sim_hist *h, uint64_t num, uint64_t den)
{
	unsigned __int128 rank = (unsigned __int128)h->count * num;
	struct sim_hist_bucket b;
	uint64_t below = 0;
	uint32_t pos = 0;

	assert(den && num <= den);
	rank = (rank + den - 1) / den;
	if (!rank)
		return h->min;
	while (sim_hist_next(h, &pos, &b)) {
		below += b.count;
		if (below >= rank)
			break;
	}
	return sim_min(b.hi, h->max);
}

uint64_t sim_hist_mean(const struct sim_hist *h)
{
	return h->count ? (uint64_t)(h->sum / h->count) : 0;
}
