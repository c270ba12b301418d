/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Results of system calls: reading them, matching rows, and what counts as a difference. */
#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "traces/compare/results.h"

static struct results read_ok(const char *text)
{
	struct sim_err err = {0};
	struct results r;

	assert_int_equal(results_read_text("t", text, strlen(text), &r, &err), 0);
	return r;
}

static struct results_diff compare(const char *k, const char *s)
{
	struct results kr = read_ok(k), sr = read_ok(s);
	struct results_diff d;

	results_compare(&kr, &sr, &d);
	results_free(&kr);
	results_free(&sr);
	return d;
}

/* Compare; got and of of the calls, got and of of the dumps, and the field of the first difference.
 */
static void expect(const char *k, const char *s, uint32_t got, uint32_t of, uint32_t dump_got,
		   uint32_t dump_of, const char *field)
{
	struct results_diff d = compare(k, s);

	assert_int_equal(d.calls.got, got);
	assert_int_equal(d.calls.of, of);
	assert_int_equal(d.dumps.got, dump_got);
	assert_int_equal(d.dumps.of, dump_of);
	if (field)
		assert_string_equal(d.calls.field ? d.calls.field : d.dumps.field, field);
	else
		assert_true(!d.calls.field && !d.dumps.field);
	results_diff_free(&d);
}

static void test_read(void **state)
{
	struct results r =
		read_ok("1 t0 open fd=0 name=f flags=rw => ret=0\n"
			"# ino of f = 0x15c01fb\r\n"
			"\n"
			"4 t0 read fd=0 len=4K off=0 => ret=4096 data=a*10, *5,\\x00*4081\n"
			"4 t0 read fd=0 len=4K off=4096 => ret=0 data=\n"
			"5 t2 aiowait a=0 => ret=1 res=-5 data=\n"
			"6 t0 stat name=f => ret=0 size=12 blocks=8");

	assert_int_equal(r.nr, 5);
	assert_true(r.has_ino);
	assert_true(r.ino == 0x15c01fb);
	assert_string_equal(r.rows[0].op, "open fd=0 name=f flags=rw");
	assert_string_equal(r.rows[0].ret, "0");
	assert_null(r.rows[0].data);
	assert_string_equal(r.rows[1].data, "a*10, *5,\\x00*4081");
	assert_string_equal(r.rows[1].text, "ret=4096 data=a*10, *5,\\x00*4081");
	assert_int_equal(r.rows[1].nth, 0);
	assert_int_equal(r.rows[2].nth, 1);
	assert_string_equal(r.rows[2].data, "");
	assert_int_equal(r.rows[3].tid, 2);
	assert_int_equal(r.rows[3].line, 5);
	assert_string_equal(r.rows[3].res, "-5");
	assert_string_equal(r.rows[4].size, "12");
	assert_string_equal(r.rows[4].blocks, "8");
	results_free(&r);
	r = read_ok("");
	assert_int_equal(r.nr, 0);
	assert_false(r.has_ino);
	results_free(&r);
}

static void test_refused(void **state)
{
	static const char *const bad[] = {
		"x\n",
		"1 t0 open\n",
		"1 t0 => ret=0\n",
		"1 open => ret=0\n",
		"t0 open => ret=0\n",
		"99999999999 t0 open => ret=0\n",
		"1 t0 open => \n",
		"1 t0 open => nonsense\n",
		"1 t0 open => other=0\n",
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct sim_err err = {0};
		struct sim_buf b = {0};
		struct results r;

		sim_buf_printf(&b, "# head\n%s", bad[i]);
		assert_int_equal(results_read_text("file", b.data, b.len, &r, &err), -1);
		assert_non_null(strstr(err.text, "file:2: "));
		assert_null(r.arena);
		sim_buf_free(&b);
	}
}

static void test_missing_file(void **state)
{
	struct sim_err err = {0};
	struct results r;
	uint64_t ino;

	assert_int_equal(results_read("/nonexistent/r", &r, &err), -1);
	assert_non_null(strstr(err.text, "/nonexistent/r"));
	assert_false(results_ino("/nonexistent/r", &ino));
	assert_true(results_ino(RECORDINGS "/6.8-9p/append/results.txt", &ino));
	assert_true(ino == 0x15c01fb);
}

static void test_fields(void **state)
{
	const char *k = "1 t0 write fd=0 len=4 => ret=4 fill=A\n"
			"2 t0 aiowait a=0 => ret=1 res=4 data=a*4\n"
			"3 t0 stat name=f => ret=0 size=4 blocks=8\n"
			"4 t0 srv_fillfs name=g => ret=380928\n"
			"5 t0 srv_dump name=f => size=4 blocks=8 data=A*4\n";

	expect(k, k, 4, 4, 1, 1, NULL);
	/* other words for the operation, blocks, about how many bytes */
	expect(k,
	       "1 t0 write len=0x4 fd=0 off=0 => ret=4 fill=A\n"
	       "2 t0 aiowait a=0 => ret=1 res=4 data=a*4\n"
	       "3 t0 stat name=f => ret=0 size=4 blocks=0\n"
	       "4 t0 srv_fillfs name=g => ret=1\n"
	       "5 t0 srv_dump name=f => size=4 data=A*4\n",
	       4, 4, 1, 1, NULL);
	expect("1 t0 a => ret=1\n", "1 t0 a => ret=-5\n", 0, 1, 0, 0, "ret");
	expect("1 t0 a => ret=1 res=1\n", "1 t0 a => ret=1 res=-5\n", 0, 1, 0, 0, "res");
	expect("1 t0 a => ret=1 size=1\n", "1 t0 a => ret=1 size=2\n", 0, 1, 0, 0, "size");
	expect("1 t0 a => ret=1 data=a*1\n", "1 t0 a => ret=1 data=b*1\n", 0, 1, 0, 0, "data");
	expect("1 t0 a => ret=1 data=\n", "1 t0 a => ret=1\n", 0, 1, 0, 0, "data");
	expect("1 t0 a => ret=1 fill=A\n", "1 t0 a => ret=1 fill=B\n", 0, 1, 0, 0, "fill");
	expect("1 t0 srv_dump name=f => size=1 data=a*1\n",
	       "1 t0 srv_dump name=f => size=1 data=b*1\n", 0, 0, 0, 1, "data");
}

static void test_rows(void **state)
{
	const char *k = "1 t0 a => ret=1\n2 t0 b => ret=2\n2 t0 b => ret=3\n3 t0 c => ret=4\n";
	struct results_diff d = compare(k, "1 t0 a => ret=1\n2 t0 b => ret=2\n3 t0 c => ret=4\n"
					   "4 t0 d => ret=5\n");

	assert_int_equal(d.calls.got, 3);
	assert_int_equal(d.calls.of, 5);
	assert_int_equal(d.calls.only_kernel, 1);
	assert_int_equal(d.calls.only_sim, 1);
	assert_string_equal(d.calls.kernel, "2 t0 b => ret=3");
	assert_null(d.calls.sim);
	assert_string_equal(d.calls.field, "row");
	assert_false(d.parallel);
	results_diff_free(&d);
	expect("", "", 0, 0, 0, 0, NULL);
	expect("", "1 t0 a => ret=1\n", 0, 1, 0, 0, "row");
}

/* Two threads may end, and take their letters, in another order. */
static void test_parallel(void **state)
{
	const char *k = "1 t1 w => ret=1 fill=A\n2 t2 w => ret=1 fill=B\n1 t1 w => ret=1 fill=C\n"
			"3 t0 w => ret=1 fill=D\n"
			"4 t0 srv_dump name=f => size=4 data=A*1,B*1,C*1,D*1,a*1,\\x00*1\n";
	struct results_diff d;

	d = compare(k, "2 t2 w => ret=1 fill=A\n1 t1 w => ret=1 fill=B\n1 t1 w => ret=1 fill=C\n"
		       "3 t0 w => ret=1 fill=D\n"
		       "4 t0 srv_dump name=f => size=4 data=B*1,A*1,C*1,D*1,a*1,\\x00*1\n");
	assert_true(d.parallel);
	assert_true(d.relabelled);
	assert_int_equal(d.calls.got, 4);
	assert_int_equal(d.dumps.got, 1);
	results_diff_free(&d);
	/* the bytes are still compared */
	d = compare(k, "2 t2 w => ret=1 fill=A\n1 t1 w => ret=1 fill=B\n1 t1 w => ret=1 fill=C\n"
		       "3 t0 w => ret=1 fill=D\n"
		       "4 t0 srv_dump name=f => size=4 data=A*1,B*1,C*1,D*1,a*1,\\x00*1\n");
	assert_int_equal(d.dumps.got, 0);
	results_diff_free(&d);
	/* not one to one: no translation */
	d = compare(k, "2 t2 w => ret=1 fill=A\n1 t1 w => ret=1 fill=A\n1 t1 w => ret=1 fill=C\n"
		       "3 t0 w => ret=1 fill=D\n"
		       "4 t0 srv_dump name=f => size=4 data=A*1,B*1,C*1,D*1,a*1,\\x00*1\n");
	assert_false(d.relabelled);
	assert_int_equal(d.calls.got, 4);
	assert_int_equal(d.dumps.got, 1);
	results_diff_free(&d);
}

static void expect_data(const char *kernel, const char *sim, bool same)
{
	struct sim_buf k = {0}, s = {0};
	struct results_diff d;

	sim_buf_printf(&k, "1 t0 read fd=0 => ret=8 data=%s\n", kernel);
	sim_buf_printf(&s, "1 t0 read fd=0 => ret=8 data=%s\n", sim);
	d = compare(k.data, s.data);
	assert_int_equal(d.calls.got, same);
	results_diff_free(&d);
	sim_buf_free(&k);
	sim_buf_free(&s);
}

/* Nobody can say what uninitialised memory holds, but how much of it there is. */
static void test_junk(void **state)
{
	expect_data("a*4,q*4", "a*4,\\x7f*4", true);
	expect_data("a*8", "a*4,\\x7f*4", true);
	expect_data("a*4,\\x00*1,,*1,**1,\\xff*1", "a*4,\\x7f*4", true);
	expect_data("a*4,b*1,...", "a*4,\\x7f*4", true);
	expect_data("b*4,q*4", "a*4,\\x7f*4", false);
	expect_data("a*3,q*5", "a*4,\\x7f*4", false);
	expect_data("a*4,q*3", "a*4,\\x7f*4", false);
	expect_data("a*4,q*4,q*1", "a*4,\\x7f*4", false);
	expect_data("\\x7f*4", "a*4", false);
	expect_data("a*4,...", "a*4,...", true);
	expect_data("a*4,...", "a*4", false);
	expect_data("a*4,b*4", "a*4,...", false);
	expect_data("\\x01*4", "\\x02*4", false);
}

static void test_print(void **state)
{
	struct results_diff d =
		compare("1 t0 a => ret=1\n2 t0 srv_dump name=f => size=1 data=a*1\n",
			"1 t0 a => ret=2\n2 t0 srv_dump name=f => size=1 data=a*1\n");
	struct sim_buf b = {0};

	results_print(&b, &d, 60);
	assert_string_equal(b.data, "calls 0/1, server bytes 1/1\n"
				    "first difference in calls: ret\n"
				    "    kernel                       simulator\n"
				    "    1 t0 a => ret=1            | 1 t0 a => ret=2\n");
	sim_buf_free(&b);
	results_diff_free(&d);
}

static void test_recordings(void **state)
{
	glob_t g;

	assert_int_equal(glob(RECORDINGS "/*/*/results.txt", 0, NULL, &g), 0);
	assert_true(g.gl_pathc > 100);
	for (size_t i = 0; i < g.gl_pathc; i++) {
		struct sim_err err = {0};
		struct results_diff d;
		struct results r;

		assert_int_equal(results_read(g.gl_pathv[i], &r, &err), 0);
		assert_true(r.nr > 0 && r.has_ino);
		results_compare(&r, &r, &d);
		assert_int_equal(d.calls.got + d.dumps.got, r.nr);
		assert_true(!d.calls.field && !d.dumps.field && !d.relabelled);
		results_diff_free(&d);
		results_free(&r);
	}
	globfree(&g);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_read),         cmocka_unit_test(test_refused),
		cmocka_unit_test(test_missing_file), cmocka_unit_test(test_fields),
		cmocka_unit_test(test_rows),         cmocka_unit_test(test_parallel),
		cmocka_unit_test(test_print),        cmocka_unit_test(test_recordings),
		cmocka_unit_test(test_junk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
