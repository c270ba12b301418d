/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Alignment of sequences: the blocks of difflib, against a slow version written from its
 * definition. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "sim/base/arena.h"
#include "traces/compare/align.h"
#include "traces/compare/strtab.h"

struct fixture {
	struct sim_arena *arena;
	struct align *al;
};

static int setup(void **state)
{
	struct fixture *f = sim_xcalloc(1, sizeof(*f));

	f->arena = sim_arena_new(0, NULL, NULL);
	f->al = align_new(f->arena);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	sim_arena_free(f->arena);
	sim_xfree(f);
	return 0;
}

static struct seq of_text(struct fixture *f, const char *s)
{
	struct seq q = {.v = sim_alloc_array(f->arena, strlen(s) + 1, sizeof(*q.v))};

	for (; *s; s++)
		q.v[q.nr++] = (uint32_t)*s;
	return q;
}

/* By definition: of all equal runs the longest, of those the first in a, of those the first in b. */
static uint32_t slow_blocks(struct seq a, uint32_t alo, uint32_t ahi, struct seq b, uint32_t blo,
			    uint32_t bhi, struct align_block *out)
{
	struct align_block m = {0, 0, 0};
	uint32_t n;

	for (uint32_t i = alo; i < ahi; i++) {
		for (uint32_t j = blo; j < bhi; j++) {
			uint32_t k = 0;

			while (i + k < ahi && j + k < bhi && a.v[i + k] == b.v[j + k])
				k++;
			if (k > m.nr)
				m = (struct align_block){i, j, k};
		}
	}
	if (!m.nr)
		return 0;
	n = slow_blocks(a, alo, m.a, b, blo, m.b, out);
	out[n++] = m;
	return n + slow_blocks(a, m.a + m.nr, ahi, b, m.b + m.nr, bhi, out + n);
}

/* The values are what Python 3.11's difflib gives. */
static void test_known(void **state)
{
	static const struct {
		const char *a, *b;
		uint32_t common;
	} cases[] = {
		{"", "", 0},
		{"", "abc", 0},
		{"abc", "", 0},
		{"abc", "abc", 3},
		{"abc", "xyz", 0},
		{"abxcd", "abcd", 4},
		{"qabxcd", "abycdf", 4},
		{"aaaa", "aa", 2},
		{"abcxabcdef", "abcdefabc", 6},
		/* the longest block first, although "pqrs" would align four */
		{"ABCpqrs", "pxqxrxsABC", 3},
		{"01234abc", "abc01234", 5},
		{"axbxcxdef", "defaxbxcx", 6},
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(align_common(f->al, of_text(f, cases[i].a),
					      of_text(f, cases[i].b)),
				 cases[i].common);
}

static uint32_t lcg(uint64_t *s)
{
	*s = *s * 6364136223846793005ull + 1442695040888963407ull;
	return (uint32_t)(*s >> 33);
}

static void test_random(void **state)
{
	struct fixture *f = *state;
	uint32_t va[40], vb[40];
	uint64_t s = 1;

	for (int round = 0; round < 4000; round++) {
		struct seq a = {va, lcg(&s) % 41}, b = {vb, lcg(&s) % 41};
		uint32_t letters = 1 + lcg(&s) % 8, n;
		struct align_block want[40], *got;

		for (uint32_t i = 0; i < a.nr; i++)
			va[i] = lcg(&s) % letters * 1000;
		for (uint32_t i = 0; i < b.nr; i++)
			vb[i] = lcg(&s) % letters * 1000;
		n = slow_blocks(a, 0, a.nr, b, 0, b.nr, want);
		assert_int_equal(align_blocks(f->al, a, b, &got), n);
		for (uint32_t i = 0; i < n; i++) {
			assert_int_equal(got[i].a, want[i].a);
			assert_int_equal(got[i].b, want[i].b);
			assert_int_equal(got[i].nr, want[i].nr);
		}
	}
}

/* A long sequence with one item gone is found without recursing as deep as it is long. */
static void test_long(void **state)
{
	struct fixture *f = *state;
	const uint32_t nr = 20000;
	struct seq a = {.v = sim_alloc_array(f->arena, nr, sizeof(*a.v)), .nr = nr}, b;

	for (uint32_t i = 0; i < nr; i++)
		a.v[i] = i % 5000;
	b = (struct seq){a.v + 1, nr - 1};
	assert_int_equal(align_common(f->al, a, b), nr - 1);
	/* only every second item matches: as many blocks as items */
	b = (struct seq){sim_alloc_array(f->arena, nr, sizeof(*b.v)), nr};
	for (uint32_t i = 0; i < nr; i++) {
		a.v[i] = i;
		b.v[i] = i % 2 ? i : i + nr;
	}
	assert_int_equal(align_common(f->al, a, b), nr / 2);
}

static void test_unordered(void **state)
{
	struct fixture *f = *state;
	struct seq a = of_text(f, "abcabc");

	assert_int_equal(align_common_unordered(f->al, a, of_text(f, "ccbbaa")), 6);
	assert_int_equal(align_common_unordered(f->al, a, of_text(f, "aaax")), 2);
	assert_int_equal(align_common_unordered(f->al, a, of_text(f, "")), 0);
	assert_int_equal(a.v[1], 'b'); /* the arguments keep their order */
	assert_int_equal(seq_first_diff(a, of_text(f, "abx")), 2);
	assert_int_equal(seq_first_diff(a, of_text(f, "abc")), 3);
}

static void test_strtab(void **state)
{
	struct fixture *f = *state;
	struct strtab t;
	uint32_t o;
	char name[16];

	strtab_init(&t, f->arena);
	assert_false(strtab_find(&t, "a", 1, &o));
	for (int round = 0; round < 2; round++) {
		for (uint32_t i = 0; i < 3000; i++) {
			snprintf(name, sizeof(name), "n%u", i);
			assert_int_equal(strtab_adds(&t, name), i);
		}
	}
	assert_int_equal(t.nr, 3000);
	assert_int_equal(strtab_add(&t, "n12345", 3), 12); /* of a longer text */
	assert_int_equal(strtab_adds(&t, ""), 3000);
	assert_true(strtab_find(&t, "n2999", 5, &o));
	assert_int_equal(o, 2999);
	assert_false(strtab_find(&t, "n3000", 5, &o));
	assert_string_equal(t.text[2999], "n2999");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_known),  cmocka_unit_test(test_random),
		cmocka_unit_test(test_long),   cmocka_unit_test(test_unordered),
		cmocka_unit_test(test_strtab),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
