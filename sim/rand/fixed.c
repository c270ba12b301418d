/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Logarithm, power and normal quantile in fixed point: polynomials from committed tables. */
#include "sim/rand/fixed.h"

#include "sim/rand/law_tables.h"

#define HALF (1ull << 63)

/* Arithmetic shift to the right, written so that no implementation-defined step is taken. */
static __int128 shift_right(__int128 v, unsigned n)
{
	return v < 0 ? ~(~v >> n) : v >> n;
}

/* Horner's rule; x: place in the segment, 63 fraction bits. */
static int64_t poly(const int64_t c[LAW_DEGREE + 1], uint64_t x)
{
	int64_t acc = c[LAW_DEGREE];

	for (int i = LAW_DEGREE - 1; i >= 0; i--)
		acc = c[i] + (int64_t)shift_right((__int128)acc * (int64_t)x, 63);
	return acc;
}

unsigned __int128 sim_neg_ln(uint64_t u)
{
	uint64_t v = u + 1, t, factor;
	unsigned k;

	if (!v)
		return 0;
	k = (unsigned)__builtin_clzll(v);
	t = -(v << k); /* v = 2^(64-k) (1 - t/2^64), t in 0..1/2 */
	if (t == HALF)
		return (unsigned __int128)LN2_Q64 * (k + 1);
	factor = (uint64_t)poly(neg_ln_table[t >> 59], (t << 5) >> 1);
	return (unsigned __int128)LN2_Q64 * k + ((unsigned __int128)t * factor >> NEG_LN_BITS);
}

uint64_t sim_neg_log2(uint64_t u)
{
	unsigned __int128 e = sim_neg_ln(u) >> 6; /* at most 64 ln 2 * 2^58 < 2^64 */
	unsigned __int128 y = e * LOG2E_Q62 >> 62;

	return y > UINT64_MAX ? UINT64_MAX : (uint64_t)y;
}

int64_t sim_normal_quantile(uint64_t u)
{
	uint64_t q = u << 1 | 1; /* tail probability, in 2^-65 */
	unsigned k = (unsigned)__builtin_clzll(q);
	uint64_t w = q << k << 1; /* place in the octave, 64 fraction bits */
	int64_t z = poly(normal_table[k * 8 + (w >> 61)], (w << 3) >> 1);

	return u & HALF ? z : -z;
}

uint64_t sim_scale_exp2(uint64_t v, __int128 y)
{
	__int128 whole = shift_right(y, SIM_FIXED_BITS);
	uint64_t f = (uint64_t)y << (64 - SIM_FIXED_BITS);
	uint64_t m = f ? (uint64_t)poly(exp2_table[f >> 60], (f << 4) >> 1) : 1ull << EXP2_BITS;
	unsigned __int128 product = (unsigned __int128)v * m; /* below 2^126 */

	if (!v || whole < -66)
		return 0;
	if (whole >= 64)
		return UINT64_MAX;
	if (whole < EXP2_BITS)
		product += (unsigned __int128)1 << (EXP2_BITS - 1 - whole);
	if (whole <= EXP2_BITS)
		product >>= EXP2_BITS - whole;
	else
		product <<= whole - EXP2_BITS; /* by 1 or 2 */
	return product > UINT64_MAX ? UINT64_MAX : (uint64_t)product;
}

__int128 sim_fixed_ratio(__int128 v, uint64_t num, uint64_t den)
{
	return v * (__int128)num / (__int128)den;
}
