/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of sim/rand: the generator, unbiased ranges, every law against exact values, rates. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "sim/base/arena.h"
#include "sim/base/math.h"
#include "sim/rand/fixed.h"
#include "sim/rand/law_impl.h"
#include "sim/rand/philox.h"
#include "sim/rand/rand.h"
#include "sim/rand/rate.h"
#include "tests/sim/law_vectors.h"

/* The published known answers of Philox4x64-10. */
static void test_philox(void **state)
{
	static const struct {
		uint64_t counter[4], key[2], out[4];
	} cases[] = {
		{{0, 0, 0, 0},
		 {0, 0},
		 {0x16554d9eca36314c, 0xdb20fe9d672d0fdc, 0xd7e772cee186176b, 0x7e68b68aec7ba23b}},
		{{UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX},
		 {UINT64_MAX, UINT64_MAX},
		 {0x87b092c3013fe90b, 0x438c3c67be8d0224, 0x9cc7d7c69cd777b6, 0xa09caebf594f0ba0}},
		{{0x243f6a8885a308d3, 0x13198a2e03707344, 0xa4093822299f31d0, 0x082efa98ec4e6c89},
		 {0x452821e638d01377, 0xbe5466cf34e90c6c},
		 {0xa528f45403e61d95, 0x38c72dbd566e9788, 0xa5a1610e72fd18b5, 0x57bd43b5e52b7fe6}},
	};

	for (size_t i = 0; i < SIM_ARRAY_SIZE(cases); i++) {
		uint64_t out[4];

		sim_philox(out, cases[i].counter, cases[i].key);
		assert_memory_equal(out, cases[i].out, sizeof(out));
	}
}

/* Each field of the key matters, and so does each bit of it: about half of the value changes. */
static void test_avalanche(void **state)
{
	for (unsigned bit = 0; bit < 64 + 5 * 32 + 32; bit++) {
		unsigned flipped = 0;

		for (uint32_t i = 0; i < 256; i++) {
			struct sim_draw_key k = {i * 77, i, i / 3, i & 7, i * i, i >> 4};
			uint64_t before = sim_draw_nth(&k, i);
			uint32_t n = i;
			uint32_t *fields[] = {&k.site, &k.client, &k.task, &k.op, &k.attempt, &n};

			if (bit < 64)
				k.seed ^= 1ull << bit;
			else
				*fields[(bit - 64) / 32] ^= 1u << bit % 32;
			flipped += (unsigned)__builtin_popcountll(before ^ sim_draw_nth(&k, n));
		}
		assert_in_range(flipped, 256 * 32 - 400, 256 * 32 + 400); /* 6 sigma */
	}
}

/* Chi-square of counts against expected shares; the bound is about 6 sigma above the mean. */
static void assert_chi_square(const uint64_t *count, const double *share, unsigned n, double total)
{
	double chi = 0, degrees = n - 1;

	for (unsigned i = 0; i < n; i++) {
		double expect = share[i] * total;

		chi += ((double)count[i] - expect) * ((double)count[i] - expect) / expect;
	}
	if (chi > degrees + 6 * sqrt(2 * degrees) + 6)
		fail_msg("chi-square %g with %g degrees of freedom", chi, degrees);
}

/* The bytes of successive draws are even, at each of the eight places. */
static void test_draw_even(void **state)
{
	uint64_t count[8][256] = {{0}};
	double share[256];
	struct sim_draw_key k = {.seed = 1, .site = sim_site("test")};

	for (k.op = 0; k.op < 100000; k.op++) {
		uint64_t v = sim_draw(&k);

		for (unsigned b = 0; b < 8; b++)
			count[b][v >> 8 * b & 255]++;
	}
	for (unsigned i = 0; i < 256; i++)
		share[i] = 1.0 / 256;
	for (unsigned b = 0; b < 8; b++)
		assert_chi_square(count[b], share, 256, 100000);
}

static void test_site(void **state)
{
	assert_int_equal(sim_site(""), 2166136261u);
	assert_int_equal(sim_site("a"), 0xe40c292c);
	assert_int_not_equal(sim_site("server.latency"), sim_site("server.latenci"));
}

static void test_uniform(void **state)
{
	struct sim_draw_key k = {.seed = 5};
	uint64_t count[7] = {0}, v;
	double share[7];

	for (unsigned i = 0; i < 7; i++)
		share[i] = 1.0 / 7;
	for (k.op = 0; k.op < 70000; k.op++) {
		v = sim_uniform_draw(&k, 100, 106);
		assert_in_range(v, 100, 106);
		count[v - 100]++;
	}
	assert_chi_square(count, share, 7, 70000);
	assert_true(sim_uniform_draw(&k, 9, 9) == 9);
	assert_true(sim_uniform_draw(&k, 0, UINT64_MAX) == sim_draw(&k));
	assert_true(sim_uniform_draw(&k, UINT64_MAX, UINT64_MAX) == UINT64_MAX);
}

/* Values that would bias are refused: with n = 2^63 + 1 nearly half of them. */
static void test_below(void **state)
{
	uint64_t v, n = (1ull << 63) + 1;
	unsigned refused = 0;

	for (uint64_t i = 0; i < 1000; i++)
		refused += !sim_below(i << 54, n, &v);
	assert_in_range(refused, 400, 600);
	assert_true(sim_below(UINT64_MAX, 10, &v));
	assert_int_equal(v, 9);
	assert_false(sim_below(0, 10, &v));
	assert_true(sim_below(0, 16, &v));
	/* three bits instead of 64 cannot be shown, but the count of each value can: 2^64 / 3 */
	assert_false(sim_below(0, 3, &v));
}

static void test_ratio(void **state)
{
	struct sim_draw_key k = {.seed = 6};
	uint64_t count[2] = {0};
	double share[2] = {99.0 / 100, 1.0 / 100};

	for (k.op = 0; k.op < 100000; k.op++) {
		assert_false(sim_ratio_draw(0, 1, &k));
		assert_true(sim_ratio_draw(3, 3, &k));
		count[sim_ratio_draw(1, 100, &k)]++;
	}
	assert_chi_square(count, share, 2, 100000);
}

/* Laws with a quantile function agree with high-precision values to 2^-30 or one unit. */
static void test_law_vectors(void **state)
{
	double worst = 0;

	for (size_t i = 0; i < SIM_ARRAY_SIZE(law_vectors); i++) {
		const struct law_vector *v = &law_vectors[i];
		struct sim_law law = {.kind = v->kind,
				      .value = v->value,
				      .shape_num = v->num,
				      .shape_den = v->den};
		const char *why = NULL;
		uint64_t got, off;

		assert_int_equal(sim_law_init(&law, NULL, &why), 0);
		got = sim_law_quantile(&law, v->draw);
		off = got > v->expect ? got - v->expect : v->expect - got;
		if (off > 1 + (v->expect >> 30))
			fail_msg("vector %zu: got %llu, expected %llu", i, (unsigned long long)got,
				 (unsigned long long)v->expect);
		if (off > 1)
			worst = fmax(worst, (double)off / (double)v->expect);
	}
	print_message("worst relative error 2^%.1f\n", log2(worst));
}

/* Share of the draws of a law that fall below the quantiles i/16 of its exact distribution. */
static void check_quantiles(struct sim_law law, const double *bound, uint32_t site)
{
	struct sim_draw_key k = {.seed = 11, .site = site};
	uint64_t count[16] = {0};
	double share[16];

	for (unsigned i = 0; i < 16; i++)
		share[i] = 1.0 / 16;
	for (k.op = 0; k.op < 100000; k.op++) {
		double v = (double)sim_law_draw(&law, &k);
		unsigned i = 0;

		while (i < 15 && v >= bound[i])
			i++;
		count[i]++;
	}
	assert_chi_square(count, share, 16, 100000);
}

static void test_law_distributions(void **state)
{
	static const double normal16[15] = {-1.5341205443525459,  -1.1503493803760083,
					    -0.88714655901887607, -0.67448975019608174,
					    -0.48877641111466949, -0.31863936396437514,
					    -0.15731068461017067, 0,
					    0.15731068461017067,  0.31863936396437514,
					    0.48877641111466949,  0.67448975019608174,
					    0.88714655901887607,  1.1503493803760083,
					    1.5341205443525459};
	struct sim_law law = {.value = 1000000000, .shape_num = 3, .shape_den = 2};
	double bound[15];

	for (unsigned i = 0; i < 15; i++)
		bound[i] = -1e9 * log(1 - (i + 1) / 16.0);
	law.kind = SIM_LAW_EXPONENTIAL;
	check_quantiles(law, bound, 1);
	for (unsigned i = 0; i < 15; i++)
		bound[i] = 1e9 * pow(1 - (i + 1) / 16.0, -2.0 / 3);
	law.kind = SIM_LAW_PARETO;
	check_quantiles(law, bound, 2);
	for (unsigned i = 0; i < 15; i++)
		bound[i] = 1e9 * exp(1.5 * normal16[i]);
	law.kind = SIM_LAW_LOGNORMAL;
	check_quantiles(law, bound, 3);
	law = (struct sim_law){.kind = SIM_LAW_UNIFORM, .min = 1000000, .max = 16999999};
	for (unsigned i = 0; i < 15; i++)
		bound[i] = 2e6 + 1e6 * i;
	check_quantiles(law, bound, 4);
}

/* The first ranks one by one, then the rest by octaves, against the exact sum. */
static void check_zipf(uint64_t items, uint64_t num, uint64_t den, bool full)
{
	struct sim_arena *a = sim_arena_new(0, NULL, NULL);
	struct sim_law law = {
		.kind = SIM_LAW_ZIPF, .items = items, .shape_num = num, .shape_den = den};
	struct sim_draw_key k = {.seed = items, .site = (uint32_t)num};
	uint64_t count[80] = {0};
	double share[80] = {0}, sum = 0, theta = (double)num / (double)den;
	const char *why;
	unsigned n = 0;

	assert_int_equal(sim_law_init(&law, a, &why), 0);
	for (uint64_t r = 0; full && r < items; r++) {
		unsigned i = r < 32 ? (unsigned)r : 27 + sim_ilog2(r);

		share[i] += pow((double)(r + 1), -theta);
		sum += pow((double)(r + 1), -theta);
		n = i + 1;
	}
	for (k.op = 0; k.op < 100000; k.op++) {
		uint64_t r = sim_law_draw(&law, &k);

		assert_in_range(r, 0, items - 1);
		count[r < 32 ? r : 27 + sim_ilog2(r)]++;
	}
	for (unsigned i = 0; i < n; i++)
		share[i] /= sum;
	while (n > 1 && share[n - 1] * 100000 < 5) { /* too rare for the test: one class */
		share[n - 2] += share[n - 1];
		count[n - 2] += count[n - 1];
		n--;
	}
	if (n > 1)
		assert_chi_square(count, share, n, 100000);
	sim_arena_free(a);
}

static void test_zipf(void **state)
{
	check_zipf(1, 1, 1, true);
	check_zipf(2, 1, 2, true);
	check_zipf(33, 1, 1, true);
	check_zipf(1000, 0, 1, true);
	check_zipf(1000, 99, 100, true);
	check_zipf(100000, 9, 10, true);
	check_zipf(65536, 6, 5, true);
	check_zipf(4097, 5, 2, true);
	check_zipf(1000, 8, 1, true);
	check_zipf(1ull << 40, 1, 1, false);
	check_zipf((1ull << 40) - 12345, 1, 2, false);
}

static void test_table(void **state)
{
	static const uint64_t values[] = {100, 200, 200, 1000};
	static const uint64_t at[] = {0, 1, 1, 2, 9, 10, 1, 1};
	struct sim_arena *a = sim_arena_new(0, NULL, NULL);
	struct sim_law law = {.kind = SIM_LAW_TABLE, .points = 4, .quantile = values, .at = at};
	const char *why;

	assert_int_equal(sim_law_init(&law, a, &why), 0);
	assert_int_equal(sim_law_quantile(&law, 0), 100);
	assert_int_equal(sim_law_quantile(&law, 1ull << 62), 150);
	assert_int_equal(sim_law_quantile(&law, 1ull << 63), 200);
	assert_int_equal(sim_law_quantile(&law, (1ull << 63) + (1ull << 62)), 200);
	assert_int_equal(sim_law_quantile(&law, 17524406870024074035ull), 600); /* 0.95 */
	assert_int_equal(sim_law_quantile(&law, UINT64_MAX), 1000);
	assert_int_equal(sim_law_max(&law), 1000);
	law.at = NULL;
	assert_int_equal(sim_law_init(&law, a, &why), 0);
	assert_int_equal(sim_law_quantile(&law, UINT64_MAX / 6), 150);
	assert_int_equal(sim_law_quantile(&law, UINT64_MAX / 6 * 5), 600);
	sim_arena_free(a);
}

struct bad_law {
	struct sim_law law;
	const char *why;
};

static const uint64_t falling[] = {5, 4}, rising[] = {1, 2, 3};
static const uint64_t at_no_start[] = {1, 10, 1, 2, 1, 1}, at_no_end[] = {0, 1, 1, 2, 2, 3};
static const uint64_t at_equal[] = {0, 1, 0, 2, 1, 1}, at_large[] = {0, 1, 3, 2, 1, 1};

static const struct bad_law bad_laws[] = {
	{{.kind = SIM_LAW_UNIFORM, .min = 2, .max = 1}, "min is above max; min is at most max"},
	{{.kind = SIM_LAW_LOGNORMAL},
	 "the shape has a lower part of 0; write n/m with m of 1 or more"},
	{{.kind = SIM_LAW_LOGNORMAL, .shape_num = 81, .shape_den = 10},
	 "sigma is out of range; 0 to 8 is allowed"},
	{{.kind = SIM_LAW_LOGNORMAL, .shape_num = 1, .shape_den = 1000001},
	 "the shape is too fine; both parts of n/m are at most 1000000"},
	{{.kind = SIM_LAW_PARETO, .shape_num = 101, .shape_den = 1},
	 "alpha is out of range; 1/100 to 100 is allowed"},
	{{.kind = SIM_LAW_PARETO, .shape_num = 0, .shape_den = 1},
	 "alpha is out of range; 1/100 to 100 is allowed"},
	{{.kind = SIM_LAW_ZIPF, .shape_num = 1, .shape_den = 1},
	 "the number of items is out of range; 1 to 2^40 are allowed"},
	{{.kind = SIM_LAW_ZIPF, .shape_num = 9, .shape_den = 1, .items = 1},
	 "theta is out of range; 0 to 8 is allowed"},
	{{.kind = SIM_LAW_TABLE, .points = 1},
	 "the number of values is out of range; 2 to 4096 are allowed"},
	{{.kind = SIM_LAW_TABLE, .points = 2, .quantile = falling},
	 "a value is below the one before it; values do not fall"},
	{{.kind = SIM_LAW_TABLE, .points = 3, .quantile = rising, .at = at_no_start},
	 "the positions do not cover all; the first is 0, the last is 1"},
	{{.kind = SIM_LAW_TABLE, .points = 3, .quantile = rising, .at = at_no_end},
	 "the positions do not cover all; the first is 0, the last is 1"},
	{{.kind = SIM_LAW_TABLE, .points = 3, .quantile = rising, .at = at_equal},
	 "a position is not above the one before it; positions rise"},
	{{.kind = SIM_LAW_TABLE, .points = 3, .quantile = rising, .at = at_large},
	 "a position is not a ratio; n/m of 0 to 1 is allowed"},
	{{.kind = (enum sim_law_kind)99}, "it is no law"},
};

static void test_bad_laws(void **state)
{
	struct sim_arena *a = sim_arena_new(0, NULL, NULL);

	for (size_t i = 0; i < SIM_ARRAY_SIZE(bad_laws); i++) {
		struct sim_law law = bad_laws[i].law;
		const char *why = NULL;

		assert_int_equal(sim_law_init(&law, a, &why), -1);
		assert_string_equal(why, bad_laws[i].why);
	}
	sim_arena_free(a);
}

static void test_law_edges(void **state)
{
	struct sim_law law = {0};
	struct sim_draw_key k = {.seed = 1};

	assert_int_equal(sim_law_draw(&law, &k), 0);
	law.value = 7;
	assert_int_equal(sim_law_draw(&law, &k), 7);
	assert_int_equal(sim_law_max(&law), 7);
	law = (struct sim_law){.kind = SIM_LAW_EXPONENTIAL, .value = UINT64_MAX};
	assert_true(sim_law_quantile(&law, 0) == UINT64_MAX);
	assert_true(sim_law_quantile(&law, UINT64_MAX) == 0);
	assert_true(sim_law_max(&law) == UINT64_MAX);
	law.max = 10;
	assert_int_equal(sim_law_draw(&law, &k), 10);
	assert_int_equal(sim_law_max(&law), 10);
	law.value = 0;
	assert_int_equal(sim_law_draw(&law, &k), 0);
	law = (struct sim_law){.kind = SIM_LAW_UNIFORM, .min = 3, .max = 4};
	assert_int_equal(sim_law_max(&law), 4);
	law = (struct sim_law){.kind = SIM_LAW_ZIPF, .items = 5};
	assert_int_equal(sim_law_max(&law), 4);
	assert_true(sim_scale_exp2(3, (__int128)62 << SIM_FIXED_BITS) == 3ull << 62);
	assert_true(sim_scale_exp2(3, (__int128)63 << SIM_FIXED_BITS) == UINT64_MAX);
	assert_true(sim_scale_exp2(1, (__int128)63 << SIM_FIXED_BITS) == 1ull << 63);
	assert_true(sim_scale_exp2(4, (__int128)62 << SIM_FIXED_BITS) == UINT64_MAX);
	assert_true(sim_scale_exp2(UINT64_MAX, 0) == UINT64_MAX);
	assert_true(sim_scale_exp2(UINT64_MAX, -((__int128)64 << SIM_FIXED_BITS)) == 1);
	assert_true(sim_scale_exp2(UINT64_MAX, -((__int128)66 << SIM_FIXED_BITS)) == 0);
	assert_true(sim_scale_exp2(UINT64_MAX, -((__int128)1000 << SIM_FIXED_BITS)) == 0);
	assert_true(sim_scale_exp2(0, (__int128)1000 << SIM_FIXED_BITS) == 0);
}

/* However a stream is cut, its pieces take together what the whole takes. */
static void test_rate(void **state)
{
	static const uint64_t rates[] = {1, 3, 1000000007, 1ull << 30, 999999999999, UINT64_MAX};

	for (size_t i = 0; i < SIM_ARRAY_SIZE(rates); i++) {
		struct sim_rate r = {.bytes_per_s = rates[i]};
		struct sim_draw_key k = {.seed = i};
		uint64_t bytes = 0, ns = 0;

		for (k.op = 0; k.op < 2000; k.op++) {
			uint64_t n = sim_uniform_draw(&k, 0, 100000);

			bytes += n;
			ns += sim_rate_ns(&r, n);
			assert_true(ns == (uint64_t)(((unsigned __int128)bytes * 1000000000 +
						      rates[i] - 1) /
						     rates[i]));
		}
	}
}

static void test_rate_edges(void **state)
{
	struct sim_rate r = {0};

	assert_int_equal(sim_rate_ns(&r, 1u << 30), 0);
	r.bytes_per_s = 1000000000;
	assert_int_equal(sim_rate_ns(&r, 0), 0);
	assert_int_equal(sim_rate_ns(&r, 12345), 12345);
	r = (struct sim_rate){.bytes_per_s = 1};
	assert_true(sim_rate_ns(&r, UINT64_MAX) == UINT64_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_philox),
		cmocka_unit_test(test_avalanche),
		cmocka_unit_test(test_draw_even),
		cmocka_unit_test(test_site),
		cmocka_unit_test(test_uniform),
		cmocka_unit_test(test_below),
		cmocka_unit_test(test_ratio),
		cmocka_unit_test(test_law_vectors),
		cmocka_unit_test(test_law_distributions),
		cmocka_unit_test(test_zipf),
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_bad_laws),
		cmocka_unit_test(test_law_edges),
		cmocka_unit_test(test_rate),
		cmocka_unit_test(test_rate_edges),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
