/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Laws of integers: checks of their parameters, and drawing from them. */
#include "sim/rand/rand.h"

#include "sim/base/arena.h"
#include "sim/base/math.h"
#include "sim/rand/fixed.h"
#include "sim/rand/law_tables.h"
#include "sim/rand/law_impl.h"
#include "sim/rand/philox.h"

#define SHAPE_MAX  1000000u /* upper and lower part of a shape */
#define POINTS_MAX 4096u
#define SIGMA_MAX  8u
#define ALPHA_MAX  100u

static int refuse(const char **why, const char *text)
{
	*why = text;
	return -1;
}

static int check_shape(const struct sim_law *law, const char **why)
{
	if (!law->shape_den)
		return refuse(why,
			      "the shape has a lower part of 0; write n/m with m of 1 or more");
	if (law->shape_num > SHAPE_MAX || law->shape_den > SHAPE_MAX)
		return refuse(why, "the shape is too fine; both parts of n/m are at most 1000000");
	return 0;
}

static int init_uniform(const struct sim_law *law, const char **why)
{
	return law->min <= law->max ? 0 : refuse(why, "min is above max; min is at most max");
}

static int init_lognormal(const struct sim_law *law, const char **why)
{
	if (check_shape(law, why))
		return -1;
	if (law->shape_num > SIGMA_MAX * law->shape_den)
		return refuse(why, "sigma is out of range; 0 to 8 is allowed");
	return 0;
}

static int init_pareto(const struct sim_law *law, const char **why)
{
	if (check_shape(law, why))
		return -1;
	if (law->shape_num > ALPHA_MAX * law->shape_den ||
	    law->shape_num * ALPHA_MAX < law->shape_den)
		return refuse(why, "alpha is out of range; 1/100 to 100 is allowed");
	return 0;
}

static int init_table(struct sim_law *law, struct sim_arena *a, const char **why)
{
	uint64_t *start;

	if (law->points < 2 || law->points > POINTS_MAX)
		return refuse(why, "the number of values is out of range; 2 to 4096 are allowed");
	for (uint32_t i = 1; i < law->points; i++) {
		if (law->quantile[i] < law->quantile[i - 1])
			return refuse(why,
				      "a value is below the one before it; values do not fall");
	}
	start = sim_alloc_array(a, law->points, sizeof(*start));
	law->weights = start;
	for (uint32_t i = 1; i < law->points; i++) {
		uint64_t num = law->at ? law->at[2 * i] : i;
		uint64_t den = law->at ? law->at[2 * i + 1] : law->points - 1;

		if (!den || num > den)
			return refuse(why, "a position is not a ratio; n/m of 0 to 1 is allowed");
		start[i] = num == den ? UINT64_MAX
				      : (uint64_t)(((unsigned __int128)num << 64) / den);
		if (start[i] <= start[i - 1])
			return refuse(why,
				      "a position is not above the one before it; positions rise");
	}
	if ((law->at && law->at[0]) || start[law->points - 1] != UINT64_MAX)
		return refuse(why, "the positions do not cover all; the first is 0, the last is 1");
	return 0;
}

int sim_law_init(struct sim_law *law, struct sim_arena *a, const char **why)
{
	switch (law->kind) {
	case SIM_LAW_CONSTANT:
	case SIM_LAW_EXPONENTIAL:
		return 0;
	case SIM_LAW_UNIFORM:
		return init_uniform(law, why);
	case SIM_LAW_LOGNORMAL:
		return init_lognormal(law, why);
	case SIM_LAW_PARETO:
		return init_pareto(law, why);
	case SIM_LAW_ZIPF:
		return check_shape(law, why) ? -1 : sim_zipf_init(law, a, why);
	case SIM_LAW_TABLE:
		return init_table(law, a, why);
	}
	return refuse(why, "it is no law");
}

static uint64_t exponential(const struct sim_law *law, uint64_t u)
{
	unsigned __int128 e = sim_neg_ln(u); /* 64 fraction bits */
	unsigned __int128 low = (unsigned __int128)law->value * (uint64_t)e + (1ull << 63);
	unsigned __int128 v = (unsigned __int128)law->value * (uint64_t)(e >> 64) + (low >> 64);

	return v > UINT64_MAX ? UINT64_MAX : (uint64_t)v;
}

static uint64_t lognormal(const struct sim_law *law, uint64_t u)
{
	__int128 s = sim_fixed_ratio(sim_normal_quantile(u), law->shape_num, law->shape_den);

	return sim_scale_exp2(law->value, s * (__int128)(LOG2E_Q62 >> 14) / ((__int128)1 << 48));
}

static uint64_t pareto(const struct sim_law *law, uint64_t u)
{
	return sim_scale_exp2(law->value,
			      sim_fixed_ratio(sim_neg_log2(u), law->shape_den, law->shape_num));
}

/* Straight line between the two quantiles around u. */
static uint64_t table(const struct sim_law *law, uint64_t u)
{
	uint32_t lo = 0, hi = law->points - 1;
	unsigned __int128 rise;
	uint64_t width;

	while (hi - lo > 1) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (law->weights[mid] <= u)
			lo = mid;
		else
			hi = mid;
	}
	width = law->weights[hi] - law->weights[lo];
	rise = (unsigned __int128)(law->quantile[hi] - law->quantile[lo]) * (u - law->weights[lo]);
	return law->quantile[lo] + (uint64_t)((rise + width / 2) / width);
}

uint64_t sim_law_quantile(const struct sim_law *law, uint64_t u)
{
	switch (law->kind) {
	case SIM_LAW_EXPONENTIAL:
		return exponential(law, u);
	case SIM_LAW_LOGNORMAL:
		return lognormal(law, u);
	case SIM_LAW_PARETO:
		return pareto(law, u);
	case SIM_LAW_TABLE:
		return table(law, u);
	default:
		return law->value;
	}
}

uint64_t sim_law_draw(const struct sim_law *law, const struct sim_draw_key *k)
{
	uint64_t v;

	if (law->kind == SIM_LAW_UNIFORM)
		return sim_uniform_draw(k, law->min, law->max);
	if (law->kind == SIM_LAW_ZIPF)
		return sim_zipf_draw(law, k);
	v = law->kind == SIM_LAW_CONSTANT ? law->value : sim_law_quantile(law, sim_draw(k));
	return law->max ? sim_min(v, law->max) : v;
}

uint64_t sim_law_max(const struct sim_law *law)
{
	uint64_t most = UINT64_MAX;

	if (law->kind == SIM_LAW_UNIFORM)
		return law->max;
	if (law->kind == SIM_LAW_ZIPF)
		return law->items - 1;
	if (law->kind == SIM_LAW_CONSTANT)
		most = law->value;
	else if (law->kind == SIM_LAW_TABLE)
		most = law->quantile[law->points - 1];
	return law->max ? sim_min(most, law->max) : most;
}
