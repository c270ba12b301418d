/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What every benchmark needs: CPU time, random numbers, a tiny size, and one line per figure. */
#ifndef BENCH_BENCH_H
#define BENCH_BENCH_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/* --tiny: a test that everything runs. The figures mean nothing then. */
struct bench {
	bool tiny;
	unsigned rounds; /* of each figure; the least is taken, measured and baseline in turn */
};

/* Takes --tiny, which must come first, off the arguments. */
static inline struct bench bench_start(int *argc, char ***argv)
{
	struct bench b = {.rounds = 5};

	if (*argc > 1 && !strcmp((*argv)[1], "--tiny")) {
		b = (struct bench){.tiny = true, .rounds = 1};
		(*argv)[1] = (*argv)[0];
		++*argv;
		--*argc;
	}
	return b;
}

/* How many to do where n is the whole size. */
static inline uint64_t bench_size(const struct bench *b, uint64_t n)
{
	return b->tiny ? n / 500 + 1 : n;
}

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

static inline void bench_header(const char *title)
{
	printf("%-38s %9s %9s %10s %7s %9s\n", title, "M/s", "ns", "plain ns", "ratio", "limit");
}

/* Nanoseconds of one, a baseline beside it (0: none), and a limit in words. */
static inline void bench_ns(const char *name, double ns, double plain_ns, const char *limit)
{
	char plain[32] = "-", ratio[32] = "-";

	if (plain_ns > 0) {
		snprintf(plain, sizeof(plain), "%.1f", plain_ns);
		snprintf(ratio, sizeof(ratio), "%.2fx", ns / plain_ns);
	}
	printf("%-38s %9.2f %9.1f %10s %7s %9s\n", name, 1e3 / ns, ns, plain, ratio, limit);
}

/* Bytes of one, a baseline beside it (0: none), and a limit in words. */
static inline void bench_bytes(const char *name, double bytes, double plain_bytes,
			       const char *limit)
{
	char plain[32] = "-", ratio[32] = "-";

	if (plain_bytes > 0) {
		snprintf(plain, sizeof(plain), "%.1f B", plain_bytes);
		snprintf(ratio, sizeof(ratio), "%.2fx", bytes / plain_bytes);
	}
	printf("%-38s %9s %7.1f B %10s %7s %9s\n", name, "-", bytes, plain, ratio, limit);
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
