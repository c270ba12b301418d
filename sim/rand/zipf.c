/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The zipf law: rank k = 1..items with probability proportional to k^-theta, in constant time.
 *
 * Ranks are grouped in octaves [2^j, 2^(j+1)), the last one cut at items. Each rank of an octave
 * is given the weight of its first, 2^(-j theta); an octave is picked by these weights, a rank in
 * it evenly, and the rank is accepted with probability (k / 2^j)^-theta, else all is drawn again.
 * That is exact for any theta; a try succeeds with probability about 1/theta or more.
 */
#include "sim/rand/rand.h"

#include "sim/base/arena.h"
#include "sim/base/math.h"
#include "sim/rand/fixed.h"
#include "sim/rand/law_impl.h"
#include "sim/rand/law_tables.h"
#include "sim/rand/philox.h"

#define ITEMS_MAX (1ull << 40)
#define THETA_MAX 8u
#define TRIES_MAX 1024u /* missed with a probability below 2^-100: the octave's first rank then */
#define UNIT      (1ull << 56)

static int refuse(const char **why, const char *text)
{
	*why = text;
	return -1;
}

static unsigned octaves(const struct sim_law *law)
{
	return sim_ilog2(law->items) + 1;
}

/* Ranks in octave j. */
static uint64_t octave_size(const struct sim_law *law, unsigned j)
{
	return sim_min(1ull << j, law->items - (1ull << j) + 1);
}

/* log2 of the weight of a full octave, relative to the heaviest one. */
static __int128 octave_log2(const struct sim_law *law, unsigned j)
{
	__int128 slope = (__int128)law->shape_den - (__int128)law->shape_num;
	__int128 from = slope > 0 ? (__int128)j - (__int128)(octaves(law) - 1) : j;

	return ((from * slope) * ((__int128)1 << SIM_FIXED_BITS)) / (__int128)law->shape_den;
}

int sim_zipf_init(struct sim_law *law, struct sim_arena *a, const char **why)
{
	uint64_t weight[64], *edge, total = 0, sum = 0;

	if (!law->items || law->items > ITEMS_MAX)
		return refuse(why, "the number of items is out of range; 1 to 2^40 are allowed");
	if (law->shape_num > THETA_MAX * law->shape_den)
		return refuse(why, "theta is out of range; 0 to 8 is allowed");
	for (unsigned j = 0; j < octaves(law); j++) {
		weight[j] = sim_scale_exp2(UNIT, octave_log2(law, j));
		weight[j] = sim_muldiv(weight[j], octave_size(law, j), 1ull << j);
		total += weight[j];
	}
	edge = sim_alloc_array(a, octaves(law), sizeof(*edge));
	for (unsigned j = 0; j < octaves(law); j++) {
		sum += weight[j];
		edge[j] = sum == total ? UINT64_MAX
				       : (uint64_t)(((unsigned __int128)sum << 64) / total);
	}
	law->weights = edge;
	return 0;
}

/* 2^63 * (k / 2^j)^-theta for k in octave j. */
static uint64_t acceptance(const struct sim_law *law, uint64_t k, unsigned j)
{
	/* k / 2^(j+1) as a fraction of 2^64 gives log2 of it: -(1 - log2(k / 2^j)) */
	uint64_t below = sim_neg_log2((k << (63 - j)) - 1);
	uint64_t log2k = (1ull << SIM_FIXED_BITS) - sim_min(below, 1ull << SIM_FIXED_BITS);

	return sim_scale_exp2(1ull << 63, -sim_fixed_ratio(log2k, law->shape_num, law->shape_den));
}

uint64_t sim_zipf_draw(const struct sim_law *law, const struct sim_draw_key *key)
{
	uint64_t u[4], place;
	unsigned j = 0;

	for (uint32_t n = 0; n < TRIES_MAX; n++) {
		sim_draw_block(key, n, u);
		for (j = 0; u[0] > law->weights[j]; j++)
			;
		if (sim_below(u[1], octave_size(law, j), &place) &&
		    u[2] >> 1 < acceptance(law, (1ull << j) + place, j))
			return (1ull << j) + place - 1;
	}
	return (1ull << j) - 1;
}
