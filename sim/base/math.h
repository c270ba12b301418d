/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Checked and wide integer arithmetic. No floating point anywhere in the simulator. */
#ifndef SIM_BASE_MATH_H
#define SIM_BASE_MATH_H

#include <stdbool.h>
#include <stdint.h>

#define sim_min(a, b)     ((a) < (b) ? (a) : (b))
#define sim_max(a, b)     ((a) > (b) ? (a) : (b))
#define SIM_ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

#define SIM_NS_PER_US 1000ull
#define SIM_NS_PER_MS 1000000ull
#define SIM_NS_PER_S  1000000000ull

static inline uint64_t sim_round_down(uint64_t v, uint64_t pow2)
{
	return v & ~(pow2 - 1);
}

static inline uint64_t sim_round_up(uint64_t v, uint64_t pow2)
{
	return (v + pow2 - 1) & ~(pow2 - 1);
}

/* floor(log2(v)); v must not be 0. */
static inline unsigned sim_ilog2(uint64_t v)
{
	return 63u - (unsigned)__builtin_clzll(v);
}

/* The smallest power of two that is >= v; v in 1..2^63. */
static inline uint64_t sim_pow2_at_least(uint64_t v)
{
	return v <= 1 ? 1 : 1ull << (sim_ilog2(v - 1) + 1);
}

/* a + b, or UINT64_MAX when that overflows: times and sizes saturate. */
static inline uint64_t sim_add_sat(uint64_t a, uint64_t b)
{
	uint64_t r;

	return __builtin_add_overflow(a, b, &r) ? UINT64_MAX : r;
}

/* floor(a * b / c) in 128 bits, saturated to UINT64_MAX; c must not be 0. */
static inline uint64_t sim_muldiv(uint64_t a, uint64_t b, uint64_t c)
{
	unsigned __int128 r = (unsigned __int128)a * b / c;

	return r > UINT64_MAX ? UINT64_MAX : (uint64_t)r;
}

#endif
