/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of sim/base: arenas and their limit, pools, lists, names, arithmetic. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sim/base/arena.h"
#include "sim/base/asan.h"
#include "sim/base/list.h"
#include "sim/base/math.h"
#include "sim/base/names.h"

static bool all_zero(const void *p, size_t n)
{
	const unsigned char *c = p;

	while (n--) {
		if (*c++)
			return false;
	}
	return true;
}

/* Every object is zeroed, aligned to 16 and its own, whatever its size. */
static void test_arena_objects(void **state)
{
	struct sim_arena *a = sim_arena_new(0, NULL, NULL);
	unsigned char *last = NULL;
	size_t last_size = 0;

	for (size_t size = 0; size < 200000; size = size * 5 / 3 + 1) {
		unsigned char *p = sim_alloc(a, size);

		assert_int_equal((uintptr_t)p % 16, 0);
		assert_true(all_zero(p, size));
		memset(p, 0xa5, size);
		for (size_t i = 0; i < last_size; i++)
			assert_int_equal(last[i], 0xa5);
		last = p;
		last_size = size;
	}
	assert_string_equal(sim_strdup(a, "folio"), "folio");
	assert_int_equal(sim_arena_used(a), sim_arena_peak(a));
	sim_arena_free(a);
	sim_arena_free(NULL);
}

/* An array keeps its elements and gets zeroes when it grows, across the border to big blocks. */
static void test_arena_realloc(void **state)
{
	struct sim_arena *a = sim_arena_new(0, NULL, NULL);
	size_t n = 1, before;
	uint32_t *v = sim_alloc_array(a, n, sizeof(*v));

	v[0] = 7;
	while (n < 1u << 20) {
		v = sim_realloc_array(a, v, n, n * 2, sizeof(*v));
		assert_true(all_zero(v + n, n * sizeof(*v)));
		for (size_t i = 0; i < n; i += n / 8 + 1)
			assert_int_equal(v[i], i + 7);
		for (size_t i = 0; i < n * 2; i++)
			v[i] = (uint32_t)i + 7;
		n *= 2;
	}
	assert_true(sim_arena_used(a) < n * sizeof(*v) + (512u << 10));
	before = sim_arena_used(a);
	assert_ptr_equal(sim_realloc_array(a, v, n, n / 2, sizeof(*v)), v);
	assert_int_equal(sim_arena_used(a), before);
	v = sim_realloc_array(a, NULL, 0, 3, sizeof(*v));
	assert_true(all_zero(v, 3 * sizeof(*v)));
	sim_arena_free(a);
}

struct oom {
	jmp_buf env;
	unsigned calls;
};

static void on_oom(void *arg)
{
	struct oom *o = arg;

	o->calls++;
	longjmp(o->env, 1);
}

/* The limit is asked before memory is taken: the handler runs and the arena stays usable. */
static void test_arena_limit(void **state)
{
	static struct oom o;
	struct sim_arena *a = sim_arena_new(1 << 20, on_oom, &o);
	volatile unsigned objects = 0;
	void *volatile p = NULL;

	o.calls = 0;
	if (!setjmp(o.env)) {
		for (;;) {
			sim_alloc(a, 1000);
			objects++;
		}
	}
	assert_int_equal(o.calls, 1);
	assert_true(objects > 800 && objects <= 1048);
	assert_true(sim_arena_peak(a) <= 1 << 20);
	if (!setjmp(o.env))
		sim_alloc(a, SIZE_MAX - 8);
	assert_int_equal(o.calls, 2);
	if (!setjmp(o.env))
		sim_alloc_array(a, SIZE_MAX / 4, 8);
	assert_int_equal(o.calls, 3);
	if (!setjmp(o.env))
		p = sim_realloc_array(a, NULL, 0, SIZE_MAX / 4, 8);
	assert_int_equal(o.calls, 4);
	assert_null(p);
	sim_arena_free(a);
}

/* A big array that may not grow keeps what it holds. */
static void test_arena_limit_big(void **state)
{
	static struct oom o;
	struct sim_arena *a = sim_arena_new(1 << 20, on_oom, &o);
	unsigned char *v = sim_alloc(a, 600 << 10);

	o.calls = 0;
	memset(v, 1, 600 << 10);
	if (!setjmp(o.env))
		sim_realloc_array(a, v, 600 << 10, 1200 << 10, 1);
	assert_int_equal(o.calls, 1);
	assert_int_equal(v[(600 << 10) - 1], 1);
	v = sim_realloc_array(a, v, 600 << 10, 1000 << 10, 1);
	assert_int_equal(v[(600 << 10) - 1], 1);
	assert_true(all_zero(v + (600 << 10), 400 << 10));
	assert_null(sim_arena_new(1, NULL, NULL));
	sim_arena_free(a);
}

static void on_oom_other(void *arg)
{
	longjmp(*(jmp_buf *)arg, 2);
}

static void test_arena_set_oom(void **state)
{
	static jmp_buf env;
	struct sim_arena *a = sim_arena_new(100000, NULL, NULL);
	int ret;

	sim_arena_set_oom(a, on_oom_other, &env);
	ret = setjmp(env);
	if (!ret)
		sim_alloc(a, 200000);
	assert_int_equal(ret, 2);
	sim_arena_free(a);
}

/* Objects come back zeroed, the last one put first; live and peak are counted. */
static void test_pool(void **state)
{
	struct sim_arena *a = sim_arena_new(0, NULL, NULL);
	void *objs[1000];
	struct sim_pool p;

	sim_pool_init(&p, a, 20);
	assert_int_equal(p.size, 24);
	for (int i = 0; i < 1000; i++) {
		objs[i] = sim_pool_get(&p);
		assert_true(all_zero(objs[i], 24));
		assert_int_equal((uintptr_t)objs[i] % 8, 0);
		memset(objs[i], i, 20);
	}
	for (int i = 0; i < 1000; i++)
		assert_int_equal(*(unsigned char *)objs[i], i & 255);
	assert_int_equal(p.live, 1000);
	for (int i = 0; i < 1000; i++)
		sim_pool_put(&p, objs[i]);
	assert_int_equal(p.live, 0);
	assert_ptr_equal(sim_pool_get(&p), objs[999]);
	assert_ptr_equal(sim_pool_get(&p), objs[998]);
	assert_true(all_zero(objs[998], 24));
	assert_int_equal(p.live, 2);
	assert_int_equal(p.peak, 1000);
#if SIM_ASAN
	sim_pool_put(&p, objs[998]);
	assert_true(__asan_address_is_poisoned(objs[998]));
	assert_false(__asan_address_is_poisoned(objs[999]));
	assert_true(__asan_address_is_poisoned((char *)objs[999] + 24));
#else
	assert_true(sim_arena_used(a) < 70 << 10); /* 24 bytes each, no header */
#endif
	sim_pool_init(&p, a, 100000);
	assert_true(all_zero(sim_pool_get(&p), 100000));
	sim_arena_free(a);
}

struct item {
	int value;
	struct sim_list link;
};

static void test_list(void **state)
{
	struct item items[4] = {{0}, {1}, {2}, {3}};
	struct sim_list head;
	int expect = 0;

	sim_list_init(&head);
	assert_true(sim_list_empty(&head));
	for (int i = 1; i < 4; i++)
		sim_list_add_tail(&items[i].link, &head);
	sim_list_add(&items[0].link, &head);
	sim_list_for_each (it, &head, struct item, link) {
		assert_int_equal(it->value, expect++);
	}
	assert_int_equal(expect, 4);
	sim_list_for_each_safe (it, &head, struct item, link) {
		if (it->value != 2)
			sim_list_del(&it->link);
	}
	sim_list_del(&items[0].link); /* a second time: no harm */
	assert_int_equal(sim_list_first(&head, struct item, link)->value, 2);
	assert_int_equal(sim_list_last(&head, struct item, link)->value, 2);
}

/* Each name leads to its own node, before and after the table grows; one that is gone to none. */
static void test_names(void **state)
{
	enum { N = 1000 };
	struct sim_arena *arena = sim_arena_new(0, NULL, NULL);
	static struct sim_name nodes[N];
	static char texts[N][8];
	struct sim_names t;

	(void)state;
	sim_names_init(&t, arena);
	for (unsigned i = 0; i < N; i++) {
		snprintf(texts[i], sizeof(texts[i]), "n%u", i);
		assert_null(sim_names_find(&t, texts[i]));
		nodes[i].name = texts[i];
		sim_names_add(&t, &nodes[i]);
	}
	for (unsigned i = 0; i < N; i += 2)
		sim_names_del(&t, &nodes[i]);
	sim_names_del(&t, &nodes[0]); /* a second time: nothing happens */
	assert_int_equal(t.nr, N / 2);
	for (unsigned i = 0; i < N; i++) {
		struct sim_name *found = sim_names_find(&t, texts[i]);

		assert_ptr_equal(found, i % 2 ? &nodes[i] : NULL);
	}
	sim_arena_free(arena);
}

static void test_math(void **state)
{
	assert_int_equal(sim_round_up(4097, 4096), 8192);
	assert_int_equal(sim_round_down(8191, 4096), 4096);
	assert_int_equal(sim_pow2_at_least(0), 1);
	assert_int_equal(sim_pow2_at_least(4), 4);
	assert_int_equal(sim_pow2_at_least(5), 8);
	assert_true(sim_pow2_at_least((1ull << 62) + 1) == 1ull << 63);
	assert_int_equal(sim_ilog2(1), 0);
	assert_int_equal(sim_ilog2(UINT64_MAX), 63);
	assert_true(sim_add_sat(UINT64_MAX, 1) == UINT64_MAX);
	assert_true(sim_muldiv(UINT64_MAX, 10, 20) == UINT64_MAX / 2);
	assert_true(sim_muldiv(UINT64_MAX, 3, 2) == UINT64_MAX);
}

/* Bytes that were taken elsewhere count, and are refused beyond the limit. */
static void test_arena_charge(void **state)
{
	static struct oom o;
	struct sim_arena *a = sim_arena_new(1 << 20, on_oom, &o);
	size_t before = sim_arena_used(a);

	o.calls = 0;
	sim_arena_charge(a, 1000 << 10);
	assert_int_equal(sim_arena_used(a), before + (1000 << 10));
	if (!setjmp(o.env))
		sim_arena_charge(a, 100 << 10);
	assert_int_equal(o.calls, 1);
	if (!setjmp(o.env))
		sim_alloc(a, 100 << 10);
	assert_int_equal(o.calls, 2);
	assert_int_equal(sim_arena_peak(a), before + (1000 << 10));
	sim_arena_free(a);
}

/* Running out of memory in a tool ends it with exit code 4. */
static void test_xoom(void **state)
{
	int status;
	pid_t child = fork();

	if (!child) {
		close(STDERR_FILENO);
		sim_xrealloc(NULL, SIZE_MAX, 2);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 4);
}

/* Allocation wrappers of the tools: sizes of zero are fine, contents survive growth. */
static void test_xalloc(void **state)
{
	char *p = sim_xrealloc(NULL, 0, 8);

	p = sim_xrealloc(p, 4, 2);
	memcpy(p, "7 bytes", 8);
	p = sim_xrealloc(p, 4000, 2);
	assert_string_equal(p, "7 bytes");
	sim_xfree(p);
	p = sim_xcalloc(3, 100);
	assert_true(all_zero(p, 300));
	sim_xfree(p);
	p = sim_xstrdup("copy");
	assert_string_equal(p, "copy");
	sim_xfree(p);
	sim_xfree(sim_xmalloc(0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_arena_objects), cmocka_unit_test(test_arena_realloc),
		cmocka_unit_test(test_arena_limit),   cmocka_unit_test(test_arena_limit_big),
		cmocka_unit_test(test_arena_set_oom), cmocka_unit_test(test_arena_charge),
		cmocka_unit_test(test_pool),          cmocka_unit_test(test_list),
		cmocka_unit_test(test_names),         cmocka_unit_test(test_math),
		cmocka_unit_test(test_xalloc),        cmocka_unit_test(test_xoom),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
