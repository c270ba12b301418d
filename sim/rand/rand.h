/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Counter-based draws, and the integer laws that are drawn with them. */
#ifndef SIM_RAND_RAND_H
#define SIM_RAND_RAND_H

#include <stdbool.h>
#include <stdint.h>

struct sim_arena;

/*
 * The name of one draw. A value is a function of its name alone, never "the next of a stream": an
 * operation added elsewhere, or drawn in another order, moves nothing (DESIGN section 3).
 */
struct sim_draw_key {
	uint64_t seed;    /* of the run */
	uint32_t site;    /* the place in the code that draws: sim_site("server.latency") */
	uint32_t client;  /* which machine; 0 if there is one */
	uint32_t task;    /* ordinal of the task in the scenario */
	uint32_t op;      /* ordinal of the operation in the task */
	uint32_t attempt; /* what tells draws of one operation apart: request, subrequest, retry */
};

/* The number of a named site: a hash of its name, so that a new site renumbers no other. */
uint32_t sim_site(const char *name);

/* 64 uniform bits for a key: Philox4x64 with 10 rounds, seed as key, the rest as counter. */
uint64_t sim_draw(const struct sim_draw_key *k);

/* The n-th value of a key, all independent; sim_draw() is number 0. */
uint64_t sim_draw_nth(const struct sim_draw_key *k, uint32_t n);

/* A number in lo..hi, both included, without bias; lo <= hi. */
uint64_t sim_uniform_draw(const struct sim_draw_key *k, uint64_t lo, uint64_t hi);

/* True with probability exactly num/den; num <= den, den > 0. */
bool sim_ratio_draw(uint64_t num, uint64_t den, const struct sim_draw_key *k);

enum sim_law_kind {
	SIM_LAW_CONSTANT,    /* value */
	SIM_LAW_UNIFORM,     /* min..max, both included */
	SIM_LAW_EXPONENTIAL, /* mean value */
	SIM_LAW_LOGNORMAL,   /* median value, exp(shape) is one standard deviation up */
	SIM_LAW_PARETO,      /* at least value, P(X > x) = (value / x)^shape */
	SIM_LAW_ZIPF,        /* rank 0..items-1, P(rank r) ~ (r + 1)^-shape */
	SIM_LAW_TABLE,       /* quantiles, straight lines between them */
};

/*
 * A law of integers of any unit (ns, bytes, ranks). A zeroed struct is the constant 0. Fill the
 * fields that the kind uses, then call sim_law_init() once; the struct may be copied afterwards.
 * Values are right to a relative error of 2^-30 or one unit, and saturate at max.
 */
struct sim_law {
	enum sim_law_kind kind;
	uint32_t points;    /* table: number of quantiles, 2..4096 */
	uint64_t value;     /* constant; mean; median; least value of pareto */
	uint64_t min;       /* uniform */
	uint64_t max;       /* uniform; the others: values above are cut to it, 0 means no cut */
	uint64_t items;     /* zipf: 1..2^40 */
	uint64_t shape_num; /* sigma (0..8), alpha (1/100..100), theta (0..8) as num/den, */
	uint64_t shape_den; /* both at most 10^6 */
	const uint64_t *quantile; /* table: values, not falling */
	const uint64_t *at;       /* table: num, den pairs rising from 0/1 to 1/1; NULL: evenly */
	const uint64_t *weights;  /* set by sim_law_init() */
};

/*
 * Check the parameters and prepare what the draws need, from arena a.
 * Returns 0, or -1 with a static text in *why: what is wrong; what is allowed.
 */
int sim_law_init(struct sim_law *law, struct sim_arena *a, const char **why);

/* Draw a value of an initialised law (or of a zeroed struct). */
uint64_t sim_law_draw(const struct sim_law *law, const struct sim_draw_key *k);

/* A constant 0, as of a zeroed struct: what is not to be. */
static inline bool sim_law_is_zero(const struct sim_law *law)
{
	return law->kind == SIM_LAW_CONSTANT && !law->value;
}

/* The largest value that the law can give: for limits and time-outs. UINT64_MAX if unbounded. */
uint64_t sim_law_max(const struct sim_law *law);

#endif
