/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What every benchmark needs: CPU time, random delays, and one line of output per figure. */
#ifndef BENCH_BENCH_H
#define BENCH_BENCH_H

#include <stdint.h>
#include <stdio.h>
#include <time.h>

/* CPU time of this process: other load on the machine disturbs it least. */
static inline uint64_t bench_now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static inline double bench_least(double a, double b)
{
	return a < b ? a : b;
}

static inline void bench_header(void)
{
	printf("%-34s %10s %10s %8s %8s\n", "name", "measured", "baseline", "ratio", "limit");
}

/* A figure beside its baseline, and the ratio that must not be passed. */
static inline void bench_ratio(const char *name, double measured, double baseline, double limit)
{
	printf("%-34s %7.1f ns %7.1f ns %7.2fx %7.2fx\n", name, measured, baseline,
	       measured / baseline, limit);
}

/* A figure that is only reported. */
static inline void bench_ns(const char *name, double measured)
{
	printf("%-34s %7.1f ns %10s %8s %8s\n", name, measured, "-", "-", "-");
}

/* A figure in bytes; limit 0: only reported. */
static inline void bench_bytes(const char *name, double measured, double limit)
{
	if (limit > 0)
		printf("%-34s %8.1f B %10s %8s %6.0f B\n", name, measured, "-", "-", limit);
	else
		printf("%-34s %8.1f B %10s %8s %8s\n", name, measured, "-", "-", "-");
}

/* xorshift64*: the same cheap numbers for the thing measured and for its baseline. */
static inline uint64_t bench_random(uint64_t *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * 0x2545f4914f6cdd1dull;
}

#endif
