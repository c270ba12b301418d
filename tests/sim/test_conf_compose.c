/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of sim/conf: documents of several files, and overrides on top. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/base/math.h"
#include "tests/sim/conf_sample.h"

/* Work in a scratch folder of this process. */
static int setup(void **state)
{
	char dir[] = "/tmp/test_conf.XXXXXX";

	if (!mkdtemp(dir) || chdir(dir) || mkdir("sub", 0777))
		return -1;
	*state = strdup(dir);
	return 0;
}

static int teardown(void **state)
{
	struct sim_buf cmd = {0};
	int ret;

	sim_buf_printf(&cmd, "rm -rf %s", (char *)*state);
	ret = chdir("/") || system(cmd.data);
	sim_buf_free(&cmd);
	free(*state);
	return ret;
}

static void put(const char *path, const char *text)
{
	struct sim_err err = {0};

	assert_int_equal(sim_write_file(path, text, strlen(text), &err), 0);
}

/* The document that a file is with overrides (up to a NULL) applied. */
static void expect_dump(const char *path, const char *const *overrides, const char *text)
{
	struct sim_conf_opts opts = {overrides, 0};
	struct sim_err err = {0};
	struct sim_conf_doc *doc;
	struct sim_buf b = {0};

	while (overrides && overrides[opts.n_overrides])
		opts.n_overrides++;
	doc = sim_conf_load(path, &opts, &err);
	if (!doc)
		fail_msg("%s", err.text);
	sim_conf_dump(doc, &b);
	assert_string_equal(b.data, text);
	sim_buf_free(&b);
	sim_conf_free(doc);
}

/* The first line of the error that loading gives. */
static void expect_error(const char *path, const char *override, const char *message)
{
	struct sim_conf_opts opts = {&override, override ? 1 : 0};
	struct sim_err err = {0};

	assert_null(sim_conf_load(path, &opts, &err));
	err.text[strcspn(err.text, "\n")] = '\0';
	assert_string_equal(err.text, message);
}

static void test_extends(void **state)
{
	put("sub/base.yaml", "a: 1\nb: {c: 2, d: {e: 3}}\nl: [1, 2]\ns: x\n");
	put("top.yaml",
	    "extends: sub/base.yaml\nb: {d: {f: 4}, c: 9}\nl: [3]\ns: {now: map}\nn: new\n");
	expect_dump("top.yaml", NULL,
		    "a: 1\nb: {c: 9, d: {e: 3, f: 4}}\nl: [3]\ns: {now: map}\nn: new\n");
}

static void test_include(void **state)
{
	put("one.yaml", "a: 1\nb: 1\nc: 1\n");
	put("sub/two.yaml", "include: ../three.yaml\nb: 2\nc: 2\n");
	put("three.yaml", "d: 3\nb: 3\n");
	put("base.yaml", "a: 0\nz: 0\n");
	put("top.yaml", "include: [one.yaml, sub/two.yaml]\nc: 9\nextends: base.yaml\n");
	expect_dump("top.yaml", NULL, "a: 1\nz: 0\nb: 2\nc: 9\nd: 3\n");
	put("top.yaml", "include: one.yaml\n");
	expect_dump("./top.yaml", NULL, "a: 1\nb: 1\nc: 1\n");
}

/* A law names its figures, so that a new law does not keep those of the old one. */
static void test_merge_law(void **state)
{
	put("base.yaml", "a: {law: uniform, min: 1, max: 2}\nb: {law: uniform, min: 1, max: 2}\n");
	put("top.yaml", "extends: base.yaml\na: {law: constant, value: 3}\nb: {max: 9}\n");
	expect_dump("top.yaml", NULL,
		    "a: {law: constant, value: 3}\nb: {law: uniform, min: 1, max: 9}\n");
}

/* Errors in an included file name that file; its fields keep their places. */
static void test_places(void **state)
{
	struct sim_err err = {0};
	struct sim_conf_doc *doc;
	struct sample *s;

	put("sub/base.yaml", "format: 1\nserver:\n  slots: 5\n");
	put("top.yaml", "extends: sub/base.yaml\nserver: {latency: 3ms}\n");
	doc = sim_conf_load("top.yaml", NULL, &err);
	s = sim_conf_parse(doc, &sample_type, &err);
	assert_string_equal(sim_conf_mark(doc, &s->server.slots).file, "sub/base.yaml");
	assert_int_equal(sim_conf_mark(doc, &s->server.slots).line, 3);
	assert_string_equal(sim_conf_mark(doc, &s->server.latency).file, "top.yaml");
	assert_string_equal(sim_conf_mark(doc, &s->server).file, "top.yaml");
	sim_conf_free(doc);
	put("sub/base.yaml", "format: 1\nformat: 2\n");
	expect_error("top.yaml", NULL,
		     "sub/base.yaml:2:1: format: the key is given twice, first in line 1; each "
		     "key is allowed once");
}

static void test_file_errors(void **state)
{
	char nested[64], message[256];

	expect_error("none.yaml", NULL, "none.yaml: cannot open: No such file or directory");
	put("top.yaml", "a: 1\nextends: none.yaml\n");
	expect_error("top.yaml", NULL,
		     "top.yaml:2:10: none.yaml: the file cannot be read: No such file or "
		     "directory; give a path relative to this file");
	put("top.yaml", "include: sub\n");
	expect_error("top.yaml", NULL,
		     "top.yaml:1:10: sub: is not a regular file; give the path of a YAML file");
	put("top.yaml", "include: [[a]]\n");
	expect_error("top.yaml", NULL,
		     "top.yaml:1:11: list: is not a file name; the path of a file is expected");
	put("top.yaml", "extends: [a.yaml]\n");
	expect_error("top.yaml", NULL,
		     "top.yaml:1:1: extends: is not a file name; the path of a file is expected");
	put("top.yaml", "extends:\n");
	expect_error("top.yaml", NULL,
		     "top.yaml:1:1: extends: is not a file name; the path of a file is expected");
	put("top.yaml", "extends: top.yaml\n");
	expect_error("top.yaml", NULL,
		     "top.yaml:1:10: top.yaml: the file includes itself; extends and include "
		     "must not form a cycle");
	put("top.yaml", "extends: sub/a.yaml\n");
	put("sub/a.yaml", "include: [../top.yaml]\n");
	expect_error("top.yaml", NULL,
		     "sub/a.yaml:1:11: ../top.yaml: the file includes itself; extends and "
		     "include must not form a cycle");
	for (unsigned i = 0; i < 10; i++) {
		char path[32];

		snprintf(path, sizeof(path), "n%u.yaml", i);
		snprintf(nested, sizeof(nested), "extends: n%u.yaml\n", i + 1);
		put(path, nested);
	}
	snprintf(message, sizeof(message),
		 "n8.yaml:1:10: n9.yaml: files are nested too deeply; at most 8 are allowed");
	expect_error("n0.yaml", NULL, message);
}

/* Two files that include one third twice as often at each level: the number of files ends it. */
static void test_many_files(void **state)
{
	struct sim_buf b = {0};

	put("leaf.yaml", "a: 1\n");
	sim_buf_puts(&b, "include: [");
	for (unsigned i = 0; i < 70; i++)
		sim_buf_puts(&b, "leaf.yaml, ");
	sim_buf_puts(&b, "]\n");
	put("top.yaml", b.data);
	expect_error("top.yaml", NULL,
		     "top.yaml:1:704: leaf.yaml: too many files; at most 64 are allowed");
	sim_buf_free(&b);
}

static void test_big_file(void **state)
{
	struct sim_buf b = {0};

	while (b.len <= SIM_CONF_MAX_FILE)
		sim_buf_puts(&b, "# a comment line\n");
	put("big.yaml", b.data);
	expect_error("big.yaml", NULL, "big.yaml: is too large; at most 16777216 bytes are read");
	put("top.yaml", "include: big.yaml\n");
	expect_error("top.yaml", NULL,
		     "top.yaml:1:10: big.yaml: big.yaml: is too large; at most 16777216 bytes are "
		     "read; give the path of a YAML file");
	sim_buf_free(&b);
}

static void test_overrides(void **state)
{
	static const char *const changes[] = {
		"a=5",        "b.c.d=[x, {y: z}]", "b.e=new",     "l.0=first", "l.2.w.len=1MiB",
		"m.n.o=deep", "r.writer.sync=0",   "r.\"x.y\"=1", "\"q=r\"=2", NULL,
	};

	put("top.yaml",
	    "a: 1\nb: {c: {d: 2}}\nl: [p, q, {w: {len: 3, at: 4}}]\nr: {writer.sync: EIO, writer: 3}\n");
	expect_dump(
		"top.yaml", changes,
		"a: 5\nb: {c: {d: [x, {y: z}]}, e: new}\nl: [first, q, {w: {len: 1MiB, at: 4}}]\n"
		"r: {writer.sync: 0, writer: 3, x.y: 1}\nm:\n  n:\n    o: deep\nq=r: 2\n");
}

static void test_override_errors(void **state)
{
	put("top.yaml", "a: 1\nl: [p]\nb: {c: 1}\n");
	expect_error("top.yaml", "a",
		     "-p:1:1: a: is no override; write path=value, as server.slots=4");
	expect_error("top.yaml", "=1",
		     "-p:1:1: =1: is no override; write path=value, as server.slots=4");
	expect_error("top.yaml", "",
		     "-p:1:1: '': is no override; write path=value, as server.slots=4");
	expect_error("top.yaml", "\"a=1",
		     "-p:1:1: \"a=1: is no override; write path=value, as server.slots=4");
	expect_error("top.yaml",
		     "a=", "-p:1:1: a=: has no value; write path=value, as server.slots=4");
	expect_error("top.yaml", "a.b=1", "-p:1:3: path: goes below '1', which is a single value");
	expect_error("top.yaml", "b..c=1",
		     "-p:1:3: path: has an empty or unclosed part; write names and numbers "
		     "with dots between");
	expect_error("top.yaml", "b.=1",
		     "-p:1:3: path: has an empty or unclosed part; write names and numbers "
		     "with dots between");
	expect_error("top.yaml", "b.\"\"=1",
		     "-p:1:3: path: has an empty or unclosed part; write names and "
		     "numbers with dots between");
	expect_error("top.yaml", "\"b\"c=1",
		     "-p:1:4: path: has text after a quote; write names and numbers with "
		     "dots between");
	expect_error("top.yaml", "l.1=1",
		     "-p:1:3: 1: is no item of this list; it has 1, numbered from 0");
	expect_error("top.yaml", "l.x=1",
		     "-p:1:3: x: is no item of this list; it has 1, numbered from 0");
	expect_error(
		"top.yaml", "l.99999999999999999999999999999=1",
		"-p:1:3: 99999999999999999999999999999: is no item of this list; it has 1, numbered from 0");
	expect_error("top.yaml", "b.c=[1",
		     "-p:2:1: end of file: is not valid YAML: did not find expected ',' or "
		     "']' while parsing a flow sequence from line 1; check indentation "
		     "(spaces, no tabs), quotes, brackets and colons here");
	expect_error("top.yaml", "b.c=*x",
		     "-p:1:5: x: no anchor of this name comes before; write '&name' at a value");
	expect_error("top.yaml", "b.\xc3\xa9=\xff",
		     "-p:1:5: byte 0xff: is not valid UTF-8; write the file in UTF-8");
}

static void test_override_limits(void **state)
{
	const char **many = sim_xcalloc(1001, sizeof(*many));
	struct sim_conf_opts opts = {many, 1001};
	struct sim_err err = {0};
	struct sim_buf b = {0};

	put("top.yaml", "a: 1\n");
	for (size_t i = 0; i < 1001; i++)
		many[i] = "a=2";
	assert_null(sim_conf_load("top.yaml", &opts, &err));
	assert_string_equal(err.text, "too many overrides; at most 1000 are allowed");
	sim_xfree(many);
	for (unsigned i = 0; i < 70; i++)
		sim_buf_puts(&b, "x.");
	sim_buf_puts(&b, "y=1");
	expect_error("top.yaml", b.data,
		     "-p:1:129: path: is too deep; at most 64 levels are allowed");
	while (b.len < 66000)
		sim_buf_puts(&b, "1111111111");
	assert_null(sim_conf_load("top.yaml",
				  &(struct sim_conf_opts){(const char *const *)&b.data, 1}, &err));
	sim_buf_free(&b);
}

/* Types see the overridden value, and errors point into the argument. */
static void test_override_typed(void **state)
{
	const char *change = "server.slots=5000";
	struct sim_conf_opts opts = {&change, 1};
	struct sim_err err = {0};
	struct sim_conf_doc *doc;

	put("top.yaml", "format: 1\n");
	doc = sim_conf_load("top.yaml", &opts, &err);
	assert_null(sim_conf_parse(doc, &sample_type, &err));
	assert_string_equal(err.text, "-p:1:14: 5000: is out of range; 1 to 4096 is allowed\n"
				      "    1 | server.slots=5000\n"
				      "      |              ^~~~");
	sim_conf_free(doc);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_extends, setup, teardown),
		cmocka_unit_test_setup_teardown(test_include, setup, teardown),
		cmocka_unit_test_setup_teardown(test_merge_law, setup, teardown),
		cmocka_unit_test_setup_teardown(test_places, setup, teardown),
		cmocka_unit_test_setup_teardown(test_file_errors, setup, teardown),
		cmocka_unit_test_setup_teardown(test_many_files, setup, teardown),
		cmocka_unit_test_setup_teardown(test_big_file, setup, teardown),
		cmocka_unit_test_setup_teardown(test_overrides, setup, teardown),
		cmocka_unit_test_setup_teardown(test_override_errors, setup, teardown),
		cmocka_unit_test_setup_teardown(test_override_limits, setup, teardown),
		cmocka_unit_test_setup_teardown(test_override_typed, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
