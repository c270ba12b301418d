/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of sim/stats: means over time, series that halve, percentiles by rank. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "sim/base/arena.h"
#include "sim/base/math.h"
#include "sim/rand/rand.h"
#include "sim/stats/stats.h"

static void test_counter(void **state)
{
	struct sim_counter c = {0};

	sim_counter_add(&c, 10);
	sim_counter_add(&c, UINT64_MAX);
	assert_int_equal(c.events, 2);
	assert_true(c.amount == UINT64_MAX);
}

static void test_gauge(void **state)
{
	struct sim_gauge g;

	sim_gauge_init(&g, 1000, 5);
	assert_int_equal(sim_gauge_mean(&g, 1000), 5);
	sim_gauge_set(&g, 1010, 20);  /* 5 for 10 ns */
	sim_gauge_add(&g, 1020, -18); /* 20 for 10 ns */
	sim_gauge_add(&g, 1020, 1);
	assert_int_equal(g.value, 3);
	assert_int_equal(g.min, 2);
	assert_int_equal(g.max, 20);
	assert_int_equal(sim_gauge_mean(&g, 1030), (50 + 200 + 30) / 30);
	sim_gauge_init(&g, 0, UINT64_MAX);
	sim_gauge_set(&g, UINT64_MAX, 0);
	assert_true(sim_gauge_mean(&g, UINT64_MAX) == UINT64_MAX);
}

/* Whatever its resolution became, the series covers all time, area and peaks of the gauge. */
static void test_series(void **state)
{
	struct sim_arena *a = sim_arena_new(0, NULL, NULL);
	struct sim_draw_key k = {.seed = 3};
	unsigned __int128 area = 0;
	uint64_t ns = 0, now = 500, max = 0;
	struct sim_gauge g;

	sim_gauge_init(&g, now, 7);
	sim_gauge_keep_series(&g, a, 16, 10);
	for (k.op = 0; k.op < 1000; k.op++) {
		now += sim_uniform_draw(&k, 0, 40);
		sim_gauge_set(&g, now, sim_uniform_draw(&k, 0, 1000));
	}
	assert_in_range(g.series->n, 8, 16);
	assert_true(g.series->step_ns * g.series->n >= now - 500);
	assert_true(g.series->step_ns * (g.series->n - 1) <= now - 500);
	for (uint32_t i = 0; i < g.series->n; i++) {
		const struct sim_series_point *p = &g.series->points[i];

		if (i + 1 < g.series->n)
			assert_int_equal(p->ns, g.series->step_ns);
		assert_true(sim_series_mean(p) <= p->max);
		area += p->area;
		ns += p->ns;
		max = sim_max(max, p->max);
	}
	assert_true(area == g.area);
	assert_int_equal(ns, now - 500);
	assert_int_equal(max, g.max);
	sim_arena_free(a);
}

/* A peak that lasted no time is seen, and one long step is spread over the points. */
static void test_series_edges(void **state)
{
	struct sim_arena *a = sim_arena_new(0, NULL, NULL);
	struct sim_gauge g;

	sim_gauge_init(&g, 0, 1);
	sim_gauge_keep_series(&g, a, 4, 10);
	assert_int_equal(g.series->points[0].max, 1);
	sim_gauge_set(&g, 15, 99);
	sim_gauge_set(&g, 15, 2);
	sim_gauge_set(&g, 40, 2); /* the fifth step: halved */
	assert_int_equal(g.series->step_ns, 20);
	assert_int_equal(g.series->n, 3);
	assert_int_equal(g.series->points[0].max, 99);
	assert_int_equal(sim_series_mean(&g.series->points[0]), (15 + 5 * 2) / 20);
	assert_int_equal(sim_series_mean(&g.series->points[1]), 2);
	assert_int_equal(sim_series_mean(&g.series->points[2]), 0);
	sim_gauge_set(&g, 1000000, 0);
	assert_int_equal(sim_series_mean(&g.series->points[g.series->n - 2]), 2);
	sim_arena_free(a);
}

static int by_value(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

/* Percentiles lie at or above the exact value, by at most one bucket; merging equals adding. */
static void test_hist_percentiles(void **state)
{
	static const uint64_t ranks[][2] = {{0, 1},    {1, 1000},   {1, 2}, {9, 10},
					    {99, 100}, {999, 1000}, {1, 1}};
	struct sim_arena *a = sim_arena_new(0, NULL, NULL);
	struct sim_hist whole, parts[2];
	uint64_t values[5000];
	struct sim_draw_key k = {.seed = 4};
	unsigned __int128 sum = 0;

	sim_hist_init(&whole, a, 5);
	sim_hist_init(&parts[0], a, 5);
	sim_hist_init(&parts[1], a, 5);
	for (k.op = 0; k.op < 5000; k.op++) {
		uint64_t v = sim_draw(&k) >> sim_uniform_draw(&k, 0, 63);

		values[k.op] = v;
		sum += v;
		sim_hist_add(&whole, v);
		sim_hist_add(&parts[k.op % 3 == 0], v);
	}
	qsort(values, 5000, sizeof(values[0]), by_value);
	sim_hist_merge(&parts[0], &parts[1]);
	for (size_t i = 0; i < SIM_ARRAY_SIZE(ranks); i++) {
		uint64_t rank = (5000 * ranks[i][0] + ranks[i][1] - 1) / ranks[i][1];
		uint64_t exact = values[rank ? rank - 1 : 0];
		uint64_t got = sim_hist_percentile(&whole, ranks[i][0], ranks[i][1]);

		assert_true(got >= exact);
		assert_true(got - exact <= exact >> 5);
		assert_true(got == sim_hist_percentile(&parts[0], ranks[i][0], ranks[i][1]));
	}
	assert_true(whole.sum == sum && parts[0].sum == sum);
	assert_true(whole.min == values[0] && parts[0].min == values[0]);
	assert_true(whole.max == values[4999] && parts[0].max == values[4999]);
	assert_int_equal(parts[0].count, 5000);
	assert_true(sim_hist_mean(&whole) == (uint64_t)(sum / 5000));
	sim_arena_free(a);
}

/* Every value lies in its bucket, buckets follow each other without gaps up to 2^64 - 1. */
static void test_hist_buckets(void **state)
{
	struct sim_arena *a = sim_arena_new(0, NULL, NULL);

	for (unsigned bits = 1; bits <= 12; bits++) {
		struct sim_hist_bucket b;
		struct sim_hist h;
		uint64_t next = 0;
		uint32_t pos;

		sim_hist_init(&h, a, bits);
		sim_hist_add_n(&h, UINT64_MAX, 1);
		for (uint32_t i = 0; i < h.n; i++)
			h.buckets[i] = 1;
		for (pos = 0; sim_hist_next(&h, &pos, &b);) {
			struct sim_arena *inner;
			struct sim_hist one;
			uint32_t p = 0;
			struct sim_hist_bucket c;

			assert_true(b.lo == next);
			assert_true(b.hi - b.lo <= b.lo >> bits);
			next = b.hi + 1;
			if (pos % 997)
				continue;
			inner = sim_arena_new(0, NULL, NULL);
			sim_hist_init(&one, inner, bits);
			sim_hist_add(&one, b.lo);
			sim_hist_add(&one, b.hi);
			assert_true(sim_hist_next(&one, &p, &c));
			assert_true(c.lo == b.lo && c.hi == b.hi && c.count == 2);
			assert_false(sim_hist_next(&one, &p, &c));
			sim_arena_free(inner);
		}
		assert_true(next == 0); /* wrapped: the last bucket ends at 2^64 - 1 */
	}
	sim_arena_free(a);
}

static void test_hist_edges(void **state)
{
	struct sim_arena *a = sim_arena_new(0, NULL, NULL);
	struct sim_hist h, empty;
	uint32_t pos = 0;
	struct sim_hist_bucket b;

	sim_hist_init(&h, a, 4);
	sim_hist_init(&empty, a, 4);
	assert_int_equal(sim_hist_percentile(&h, 1, 2), 0);
	assert_int_equal(sim_hist_mean(&h), 0);
	assert_false(sim_hist_next(&h, &pos, &b));
	sim_hist_add_n(&h, 9, 0);
	sim_hist_merge(&h, &empty);
	assert_int_equal(h.count, 0);
	sim_hist_add(&empty, 1000);
	sim_hist_merge(&h, &empty);
	assert_int_equal(h.min, 1000);
	assert_int_equal(sim_hist_percentile(&h, 1, 1), 1000); /* not the bucket's end, 1023 */
	sim_hist_add_n(&h, UINT64_MAX, UINT64_MAX - 1);
	assert_true(sim_hist_mean(&h) >= UINT64_MAX - 2);
	assert_true(sim_hist_percentile(&h, 1, 2) == UINT64_MAX);
	assert_int_equal(sim_hist_percentile(&h, 0, 1), 1000);
	sim_arena_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_counter),          cmocka_unit_test(test_gauge),
		cmocka_unit_test(test_series),           cmocka_unit_test(test_series_edges),
		cmocka_unit_test(test_hist_percentiles), cmocka_unit_test(test_hist_buckets),
		cmocka_unit_test(test_hist_edges),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
