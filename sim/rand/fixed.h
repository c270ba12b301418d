/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside of sim/rand: logarithm, power and normal quantile in fixed point. */
#ifndef SIM_RAND_FIXED_H
#define SIM_RAND_FIXED_H

#include <stdint.h>

#define SIM_FIXED_BITS 58 /* fraction of the signed exponents and quantiles below */

/* -ln((u + 1) / 2^64), with 64 fraction bits; 0..64 ln 2. Relative error 2^-40 or 2^-64. */
unsigned __int128 sim_neg_ln(uint64_t u);

/* -log2((u + 1) / 2^64), with SIM_FIXED_BITS fraction bits. Absolute error 2^-40. */
uint64_t sim_neg_log2(uint64_t u);

/* z such that a normal variable is below z with the probability that u names; error 2^-36. */
int64_t sim_normal_quantile(uint64_t u);

/*
 * v * 2^y to the nearest integer, UINT64_MAX if larger; y has SIM_FIXED_BITS fraction bits and may
 * be far outside what matters. Relative error 2^-40 or half a unit.
 */
uint64_t sim_scale_exp2(uint64_t v, __int128 y);

/* v * num / den for |v| < 2^90 and num, den < 2^24, towards zero. */
__int128 sim_fixed_ratio(__int128 v, uint64_t num, uint64_t den);

#endif
