/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The writer of ftrace text: prefix, header, window, whole files or none, full disks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "model/events/events.h"
#include "sim/base/arena.h"
#include "traces/format/ftrace_read.h"
#include "traces/format/ftrace_write.h"

static const struct ftrace_options plain = {.version = EVENTS_6_8};

static struct sim_trace *new_trace(void)
{
	return sim_trace_new(model_events, NR_EVENTS);
}

static void mark(struct sim_trace *t, const char *comm, uint32_t pid, uint16_t cpu,
		 uint64_t time_ns)
{
	sim_trace_now(t, time_ns);
	sim_trace_who(t, pid, cpu, comm);
	trace_tracing_mark_write(t, "x");
}

/* The line of one marker, without its end. */
static void prefix_of(const char *comm, uint32_t pid, uint16_t cpu, uint64_t time_ns,
		      const char *want)
{
	struct trace_output *out = trace_output_memory();
	struct sim_trace *t = new_trace();
	struct ftrace_writer *w = ftrace_writer_new(t, out, &plain);
	struct sim_buf *b = trace_output_buf(out);
	size_t header = b->len;
	char line[256];

	mark(t, comm, pid, cpu, time_ns);
	snprintf(line, sizeof(line), "%s: tracing_mark_write: x\n", want);
	assert_string_equal(b->data + header, line);
	ftrace_writer_free(w);
	sim_trace_free(t);
	assert_int_equal(trace_output_close(out, true, NULL), 0);
}

static void test_prefix(void **state)
{
	prefix_of("cat", 1042, 1, 123456789000,
		  "             cat-1042    [001] .....   123.456789");
	prefix_of("kworker/u8:2", 57, 3, 1499, "    kworker/u8:2-57      [003] .....     0.000001");
	prefix_of("", 0, 0, 500, "                -0       [000] .....     0.000001");
	prefix_of("123456789012345", 1234567, 999, 499,
		  " 123456789012345-1234567 [999] .....     0.000000");
	prefix_of("1234567890123456789", 12345678, 65535, 999999999500,
		  " 123456789012345-12345678 [65535] .....  1000.000000");
	prefix_of("a b", UINT32_MAX, 10, UINT64_MAX,
		  "             a b-4294967295 [010] ..... 18446744073.709552");
}

/* The reference's example, as a whole file with its header; and the reader takes it back. */
static void test_whole_text(void **state)
{
	static const char want[] =
		"# tracer: nop\n"
		"#\n"
		"# scenario: a\n"
		"#\n"
		"# seed: 1\n"
		"#\n"
		"#                                _-----=> irqs-off/BH-disabled\n"
		"#                               / _----=> need-resched\n"
		"#                              | / _---=> hardirq/softirq\n"
		"#                              || / _--=> preempt-depth\n"
		"#                              ||| / _-=> migrate-disable\n"
		"#                              |||| /     delay\n"
		"#           TASK-PID     CPU#  |||||  TIMESTAMP  FUNCTION\n"
		"#              | |         |   |||||     |         |\n"
		"             cat-1042    [001] .....   123.456789: netfs_read: R=00000001 "
		"READAHEAD c=00000000 ni=86 s=0 20000\n"
		"             cat-1042    [001] .....   123.456789: sim:choice: #1 ready task=1 "
		"op=1 obj=0 sub=0 occ=0 1/2 hash=00000000000000ff\n"
		"# end\n";
	struct ftrace_options opts = {.version = EVENTS_6_8, .comment = "scenario: a\n\nseed: 1\n"};
	struct trace_output *out = trace_output_memory();
	struct sim_trace *t = new_trace();
	struct ftrace_writer *w = ftrace_writer_new(t, out, &opts);
	struct sim_buf *b = trace_output_buf(out);
	struct sim_err err = {0};
	struct ftrace_file f;

	sim_trace_now(t, 123456789000);
	sim_trace_who(t, 1042, 1, "cat");
	trace_netfs_read(t, 1, 0, 0, 0x20000, netfs_read_trace_readahead, 0x86);
	trace_sim_choice(t, 1, 1, 1, 1, 0, 0, 0, 2, 1, 255);
	ftrace_writer_comment(w, "end");
	assert_string_equal(b->data, want);

	assert_int_equal(ftrace_read_text("t", b->data, b->len, &f, &err), 0);
	assert_int_equal(f.nr, 2);
	assert_int_equal(f.nr_other, 0);
	assert_string_equal(f.recs[0].event, "netfs_read");
	assert_string_equal(f.recs[0].comm, "cat");
	assert_int_equal(f.recs[0].time_ns, 123456789000);
	assert_string_equal(f.recs[1].event, "sim:choice");
	assert_string_equal(f.recs[1].text,
			    "#1 ready task=1 op=1 obj=0 sub=0 occ=0 1/2 hash=00000000000000ff");
	ftrace_free(&f);
	ftrace_writer_free(w);
	sim_trace_free(t);
	trace_output_close(out, true, NULL);
}

static unsigned lines_in(const struct sim_buf *b)
{
	unsigned n = 0;

	for (size_t i = 0; i < b->len; i++)
		n += b->data[i] == '\n';
	return n;
}

static void test_window_and_filter(void **state)
{
	struct ftrace_options opts = {.version = EVENTS_6_8, .windowed = true};
	struct trace_output *out = trace_output_memory();
	struct sim_trace *t = new_trace();
	struct ftrace_writer *w = ftrace_writer_new(t, out, &opts);
	struct sim_buf *b = trace_output_buf(out);
	unsigned header = lines_in(b);

	sim_trace_window(t, false);
	mark(t, "wl", 1, 0, 0);
	assert_int_equal(lines_in(b) - header, 0);
	sim_trace_window(t, true);
	mark(t, "wl", 1, 0, 0);
	trace_sim_choice(t, 1, 1, 1, 1, 0, 0, 0, 2, 1, 255);
	assert_int_equal(lines_in(b) - header, 2);
	sim_trace_filter(t, ftrace_writer_sink(w), "sim", false);
	trace_sim_choice(t, 1, 1, 1, 1, 0, 0, 0, 2, 1, 255);
	assert_int_equal(lines_in(b) - header, 2);
	ftrace_writer_free(w);
	mark(t, "wl", 1, 0, 0);
	assert_int_equal(lines_in(b) - header, 2);
	ftrace_writer_free(NULL);
	sim_trace_free(t);
	trace_output_close(out, true, NULL);
}

static char dir[] = "/tmp/test_ftrace_write.XXXXXX";

static int make_dir(void **state)
{
	return mkdtemp(dir) ? 0 : -1;
}

static int remove_dir(void **state)
{
	return rmdir(dir);
}

static char *path_in_dir(const char *name)
{
	static char path[256];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return path;
}

static char *contents(const char *path)
{
	struct sim_err err = {0};
	char *data;
	size_t len;

	assert_int_equal(sim_read_file(path, 1u << 30, &data, &len, &err), 0);
	return data;
}

static void assert_file(const char *path, const char *want)
{
	char *data = contents(path);

	assert_string_equal(data, want);
	sim_xfree(data);
}

/* Write text to path through an output; keep it or not. */
static int write_out(const char *path, const char *text, bool keep, struct sim_err *err)
{
	struct trace_output *out = trace_output_open(path, err);

	if (!out)
		return -1;
	sim_buf_puts(trace_output_buf(out), text);
	trace_output_push(out);
	return trace_output_close(out, keep, err);
}

static void test_atomic(void **state)
{
	char *path = path_in_dir("t");
	struct trace_output *out;
	struct sim_err err = {0};
	struct stat st;

	assert_int_equal(write_out(path, "old", true, &err), 0);
	assert_file(path, "old");
	chmod(path, 0640);
	out = trace_output_open(path, &err);
	for (unsigned i = 0; i < 100000; i++) {
		sim_buf_puts(trace_output_buf(out), "0123456789");
		trace_output_push(out);
	}
	assert_true(trace_output_buf(out)->len < TRACE_OUTPUT_BUFFER);
	assert_file(path, "old"); /* as long as the new one is not complete */
	assert_int_equal(trace_output_close(out, true, &err), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_size, 1000000);
	assert_int_equal(st.st_mode & 07777, 0640);
	assert_int_equal(write_out(path, "dropped", false, &err), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_size, 1000000);
	assert_int_equal(unlink(path), 0);
	/* remove_dir fails if a temporary file is left */
}

/* A symbolic link stays one: the file behind it is replaced. */
static void test_symlink(void **state)
{
	char *link_path = strdup(path_in_dir("link")), *path = path_in_dir("file");
	struct sim_err err = {0};
	struct stat st;

	assert_int_equal(write_out(path, "a", true, &err), 0);
	assert_int_equal(symlink("file", link_path), 0);
	assert_int_equal(write_out(link_path, "b", true, &err), 0);
	assert_file(path, "b");
	assert_int_equal(lstat(link_path, &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	unlink(link_path);
	unlink(path);
	free(link_path);
}

static void test_bad_paths(void **state)
{
	struct sim_err err = {0};

	assert_null(trace_output_open(path_in_dir("no/such/dir"), &err));
	assert_non_null(strstr(err.text, "no/such/dir: cannot create: No such file"));
	err.set = false;
	assert_null(trace_output_open(dir, &err));
	assert_non_null(strstr(err.text, "cannot"));
	err.set = false;
	assert_null(trace_output_open("", &err));
	assert_true(err.set);
}

/* A full disk: reported once, memory stays bounded, the writer goes on without harm. */
static void test_full(void **state)
{
	struct sim_err err = {0};
	struct trace_output *out = trace_output_open("/dev/full", &err);
	struct sim_trace *t = new_trace();
	struct ftrace_writer *w;

	if (!out)
		skip();
	w = ftrace_writer_new(t, out, &plain);
	assert_false(trace_output_failed(out));
	for (unsigned i = 0; i < 20000; i++)
		mark(t, "wl", 1, 0, i);
	assert_true(trace_output_failed(out));
	assert_true(trace_output_buf(out)->cap <= 4 * TRACE_OUTPUT_BUFFER);
	ftrace_writer_free(w);
	assert_int_equal(trace_output_close(out, true, &err), -1);
	assert_string_equal(err.text, "/dev/full: cannot write: No space left on device");

	/* Found only at the end. */
	err.set = false;
	assert_int_equal(write_out("/dev/full", "x", true, &err), -1);
	assert_true(err.set);
	err.set = false;
	assert_int_equal(write_out("/dev/full", "x", false, &err), 0);
	assert_int_equal(write_out("/dev/null", "x", true, &err), 0);
	sim_trace_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_prefix),
		cmocka_unit_test(test_whole_text),
		cmocka_unit_test(test_window_and_filter),
		cmocka_unit_test(test_atomic),
		cmocka_unit_test(test_symlink),
		cmocka_unit_test(test_bad_paths),
		cmocka_unit_test(test_full),
	};

	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
