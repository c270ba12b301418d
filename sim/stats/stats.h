/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Figures of a run, in integers: counters, gauges over time, log-linear histograms. */
#ifndef SIM_STATS_STATS_H
#define SIM_STATS_STATS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sim_arena;

/* Events and what they amount to (RPCs and their bytes). A zeroed struct counts nothing. */
struct sim_counter {
	uint64_t events;
	uint64_t amount; /* saturates */
};

/* Count one event of this amount. */
void sim_counter_add(struct sim_counter *c, uint64_t amount);

/* One step of a series: the gauge over [i * step_ns, (i + 1) * step_ns) after its start. */
struct sim_series_point {
	unsigned __int128 area; /* value * ns */
	uint64_t ns;  /* how much of the step is covered; less than all only in the last */
	uint64_t max; /* largest value that held for any time, or was touched, in the step */
};

/* A gauge's course in at most capacity steps: when they are full, two become one. */
struct sim_series {
	struct sim_series_point *points;
	uint32_t n, capacity;
	uint64_t step_ns;
};

/* A value that changes in time (dirty bytes, requests in flight). */
struct sim_gauge {
	uint64_t value;
	uint64_t min, max;         /* since the start */
	uint64_t start_ns;         /* when the gauge was set up */
	uint64_t last_ns;          /* up to when area counts */
	unsigned __int128 area;    /* sum of value * ns */
	struct sim_series *series; /* NULL: none */
};

/* Start a gauge at a value and time. */
void sim_gauge_init(struct sim_gauge *g, uint64_t now_ns, uint64_t value);

/*
 * Keep the course of g too: at most capacity steps (an even number of 2 or more) of at first
 * step_ns (not 0). Call it after sim_gauge_init().
 */
void sim_gauge_keep_series(struct sim_gauge *g, struct sim_arena *a, uint32_t capacity,
			   uint64_t step_ns);

/* Change the value at a time, which never runs backwards. */
void sim_gauge_set(struct sim_gauge *g, uint64_t now_ns, uint64_t value);

/* Add a signed difference; the value must stay within 0..UINT64_MAX. */
void sim_gauge_add(struct sim_gauge *g, uint64_t now_ns, int64_t delta);

/* Time-weighted mean from the start to now, rounded down; the value itself if no time passed. */
uint64_t sim_gauge_mean(const struct sim_gauge *g, uint64_t now_ns);

/* Mean of a point, rounded down; 0 if it covers no time. */
uint64_t sim_series_mean(const struct sim_series_point *p);

/*
 * Counts of values in buckets: exact below 2^(bits + 1), then 2^bits buckets for each doubling, so
 * that a bucket is at most 2^-bits of its value wide.
 */
struct sim_hist {
	struct sim_arena *arena;
	uint64_t *buckets;
	uint32_t n;    /* buckets there are; grows to the largest value seen */
	uint32_t bits; /* 1..12 */
	uint64_t count, min, max;
	unsigned __int128 sum;
};

/* Set up an empty histogram with 2^bits buckets a doubling; memory comes from a as it is needed. */
void sim_hist_init(struct sim_hist *h, struct sim_arena *a, unsigned bits);

/* Count a value once, or a number of times. */
void sim_hist_add(struct sim_hist *h, uint64_t value);
void sim_hist_add_n(struct sim_hist *h, uint64_t value, uint64_t times);

/* Add all of from, which has the same bits. */
void sim_hist_merge(struct sim_hist *h, const struct sim_hist *from);

/*
 * The value of rank ceil(count * num / den) in rising order, num <= den: 1/2 is the median, 99/100
 * the 99th percentile, 0 the least. Given as the upper end of its bucket, at most max. 0 if empty.
 */
uint64_t sim_hist_percentile(const struct sim_hist *h, uint64_t num, uint64_t den);

/* Mean, rounded down; 0 if empty. */
uint64_t sim_hist_mean(const struct sim_hist *h);

/* One bucket that is not empty: count values in lo..hi. */
struct sim_hist_bucket {
	uint64_t lo, hi, count;
};

/* Walk the buckets that are not empty, in rising order: start with *pos = 0; false at the end. */
bool sim_hist_next(const struct sim_hist *h, uint32_t *pos, struct sim_hist_bucket *b);

#endif
