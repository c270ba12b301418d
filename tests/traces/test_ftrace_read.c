/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The reader of ftrace text: every form of line, what it skips, what it refuses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "sim/base/arena.h"
#include "traces/format/ftrace_read.h"

static struct ftrace_file read_ok(const char *text)
{
	struct sim_err err = {0};
	struct ftrace_file f;

	assert_int_equal(ftrace_read_text("t", text, strlen(text), &f, &err), 0);
	assert_false(err.set);
	return f;
}

struct want {
	const char *line, *comm, *event, *text;
	uint32_t pid, cpu;
	uint64_t time_ns;
};

static const struct want lines[] = {
	{"wl-135 [001] .....    11.709911: tracing_mark_write: CASE append", "wl",
	 "tracing_mark_write", "CASE append", 135, 1, 11709911000},
	{"      kworker/u8:2-57      [003] d..1.     0.000001: netfs_rreq: R=00000001 RA DONE    f=02",
	 "kworker/u8:2", "netfs_rreq", "R=00000001 RA DONE    f=02", 57, 3, 1000},
	/* a comm with dashes and blanks, even one that looks like a pid */
	{"a b-12 c-7 [000] .... 1.5: e: x", "a b-12 c", "e", "x", 7, 0, 1500000000},
	{"wl-t1-9 [000] .... 1.5: e: x", "wl-t1", "e", "x", 9, 0, 1500000000},
	{"--9 [000] .... 1.5: e: x", "-", "e", "x", 9, 0, 1500000000},
	{"a-1 [0] .... 1: b: x-2 [1] .... 3: c: y", "a", "b", "x-2 [1] .... 3: c: y", 1, 0,
	 1000000000},
	/* tgid and flags come and go */
	{"cat-5 (    5) [000] .... 1.000: e: x", "cat", "e", "x", 5, 0, 1000000000},
	{"cat-5 (-----) [000] .... 1.000: e: x", "cat", "e", "x", 5, 0, 1000000000},
	{"cat-5 [000] 1.000: e: x", "cat", "e", "x", 5, 0, 1000000000},
	{"cat-5 [000] 1.25: 2.5: e: x", "cat", "e", "x", 5, 0, 2500000000}, /* "1.25:" as flags */
	{"cat-5 [000] 1.25: e: 2.5: x", "cat", "e", "2.5: x", 5, 0, 1250000000},
	{"cat-5 [000] 123.456: 2.5: e: x", NULL, NULL, NULL, 0, 0, 0},
	{"cat-5 [000] ....... 1.000: e: x", NULL, NULL, NULL, 0, 0, 0},
	/* the event's name */
	{"cat-5 [000] .... 1.000: netfs:netfs_read: x", "cat", "netfs:netfs_read", "x", 5, 0,
	 1000000000},
	{"cat-5 [000] .... 1.000: a:b c", "cat", "a", "b c", 5, 0, 1000000000},
	{"cat-5 [000] .... 1.000: a:", "cat", "a", "", 5, 0, 1000000000},
	{"cat-5 [000] .... 1.000: e:  x  \t", "cat", "e", " x", 5, 0, 1000000000},
	{"cat-5 [000] .... 1.000: : x", NULL, NULL, NULL, 0, 0, 0},
	{"cat-5 [000] .... 1.000: e x", NULL, NULL, NULL, 0, 0, 0},
	/* numbers */
	{"cat-5 [000] .... 1.0000000019: e: x", "cat", "e", "x", 5, 0, 1000000001},
	{"cat-99999999999 [99999999999] .... 99999999999999999999: e: x", "cat", "e", "x",
	 UINT32_MAX, UINT32_MAX, UINT64_MAX},
	{"cat-5 [000] .... 1.: e: x", NULL, NULL, NULL, 0, 0, 0},
	{"cat-5 [000] .... x: e: x", NULL, NULL, NULL, 0, 0, 0},
	{"-5 [000] .... 1.000: e: x", NULL, NULL, NULL, 0, 0, 0},
	{"cat-5[000] .... 1.000: e: x", NULL, NULL, NULL, 0, 0, 0},
	{"cat-5 000 .... 1.000: e: x", NULL, NULL, NULL, 0, 0, 0},
	{"cat-5", NULL, NULL, NULL, 0, 0, 0},
	{"", NULL, NULL, NULL, 0, 0, 0},
	{"  ", NULL, NULL, NULL, 0, 0, 0},
};

static void test_lines(void **state)
{
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		const struct want *w = &lines[i];
		struct ftrace_record rec = {.line = 77};
		char copy[256];

		snprintf(copy, sizeof(copy), "%s", w->line);
		if (!w->comm) {
			assert_false(ftrace_parse_line(copy, &rec));
			assert_string_equal(copy, w->line);
			continue;
		}
		assert_true(ftrace_parse_line(copy, &rec));
		assert_string_equal(rec.comm, w->comm);
		assert_string_equal(rec.event, w->event);
		assert_string_equal(rec.text, w->text);
		assert_int_equal(rec.pid, w->pid);
		assert_int_equal(rec.cpu, w->cpu);
		assert_true(rec.time_ns == w->time_ns);
		assert_int_equal(rec.line, 77);
	}
}

static void test_whole(void **state)
{
	struct ftrace_file f = read_ok("# tracer: nop\n#\n\n"
				       "a-1 [000] .... 1.0: e: one\r\n"
				       "cut off li\n"
				       "#x-2 [000] .... 2.0: e: two\r"
				       "a-1 [000] .... 3.0: e: three");

	assert_int_equal(f.nr, 3);
	assert_int_equal(f.nr_lines, 7);
	assert_int_equal(f.nr_comment, 2);
	assert_int_equal(f.nr_other, 1);
	assert_int_equal(f.recs[0].line, 4);
	assert_string_equal(f.recs[0].text, "one");
	assert_int_equal(f.recs[1].line, 6);
	assert_string_equal(f.recs[1].comm, "#x");
	assert_int_equal(f.recs[2].line, 7);
	assert_string_equal(f.recs[2].text, "three");
	ftrace_free(&f);
	assert_null(f.recs);
	f = read_ok("");
	assert_int_equal(f.nr, 0);
	assert_int_equal(f.nr_lines, 0);
	ftrace_free(&f);
}

/* A NUL byte ends its line's text and nothing else. */
static void test_nul(void **state)
{
	static const char text[] = "a-1 [000] .... 1.0: e: x\0y\na-1 [000] .... 1.0: e: z\n";
	struct sim_err err = {0};
	struct ftrace_file f;

	assert_int_equal(ftrace_read_text("t", text, sizeof(text) - 1, &f, &err), 0);
	assert_int_equal(f.nr, 2);
	assert_string_equal(f.recs[0].text, "x");
	assert_string_equal(f.recs[1].text, "z");
	ftrace_free(&f);
}

static void test_many(void **state)
{
	struct sim_buf b = {0};
	struct ftrace_file f;

	for (unsigned i = 0; i < 5000; i++)
		sim_buf_printf(&b, "a-%u [000] .... 1.0: e: n=%u\n", i, i);
	f = read_ok(b.data);
	assert_int_equal(f.nr, 5000);
	assert_int_equal(f.recs[4999].pid, 4999);
	assert_string_equal(f.recs[4999].text, "n=4999");
	ftrace_free(&f);
	sim_buf_free(&b);
}

static void test_long_line(void **state)
{
	char *text = sim_xmalloc(FTRACE_LINE_MAX + 3);
	struct sim_err err = {0};
	struct ftrace_file f;

	text[0] = '\n';
	memset(text + 1, 'x', FTRACE_LINE_MAX + 1);
	assert_int_equal(ftrace_read_text("file", text, FTRACE_LINE_MAX + 1, &f, &err), 0);
	ftrace_free(&f);
	assert_int_equal(ftrace_read_text("file", text, FTRACE_LINE_MAX + 2, &f, &err), -1);
	assert_non_null(strstr(err.text, "file:2: "));
	assert_null(f.data);
	sim_xfree(text);
}

static void test_files(void **state)
{
	char path[] = "/tmp/ftrace-read-XXXXXX";
	struct sim_err err = {0};
	struct ftrace_file f;
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, "a-1 [000] .... 1.0: e: x\n", 25), 25);
	close(fd);
	assert_int_equal(ftrace_read_file(path, &f, &err), 0);
	assert_int_equal(f.nr, 1);
	ftrace_free(&f);
	unlink(path);
	assert_int_equal(ftrace_read_file(path, &f, &err), -1);
	assert_non_null(strstr(err.text, path));
	assert_null(f.data);
	memset(&err, 0, sizeof(err));
	assert_int_equal(ftrace_read_text("big", "", FTRACE_FILE_MAX + 1, &f, &err), -1);
	assert_non_null(strstr(err.text, "big: "));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),     cmocka_unit_test(test_whole),
		cmocka_unit_test(test_nul),       cmocka_unit_test(test_many),
		cmocka_unit_test(test_long_line), cmocka_unit_test(test_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
