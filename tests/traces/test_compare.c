/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The comparison of traces: what counts, what does not, and how the first difference is shown. */
#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "traces/compare/compare.h"

#define T(comm, text)    comm " [001] .....    11.700000: " text "\n"
#define BEGIN            T("wl-135", "tracing_mark_write: CASE x")
#define END              T("wl-135", "tracing_mark_write: CASE END")
#define NEW(r)           T("wl-135", "netfs_rreq_ref: R=" r " NEW         r=1")
#define READ(r, s, l)    T("wl-135", "netfs_read: R=" r " READAHEAD c=00000000 ni=86 s=" s " " l)
#define TERM(r, i, rest) T("wl-135", "netfs_sreq: R=" r "[" i "] DOWN TERM  f=02 " rest)
#define FREED(r)         T("kworker/u8:1-9", "netfs_rreq: R=" r " RA FREE    f=02")
#define FOLIO(ix, what)  T("wl-135", "netfs_folio: i=86 ix=" ix " " what)

/* A request of one page, read at once. */
#define REQUEST(r, s)                         \
	NEW(r)                                \
	READ(r, s, "1000")                    \
	TERM(r, "0", "s=" s " 1000/1000 e=0") \
	T("wl-135", "netfs_rreq: R=" r " RA DONE    f=02") FREED(r)
#define PAGE0 FOLIO("00000-00000", "read") FOLIO("00000-00000", "read-unlock")

static const struct compare_options full = {.order = COMPARE_ORDER_FULL};

static struct compare_result compare(const char *k, const char *s, const struct compare_options *o)
{
	const struct compare_input kernel = {"kernel", k, strlen(k)}, sim = {"sim", s, strlen(s)};
	struct sim_err err = {0};
	struct compare_result res;

	assert_int_equal(compare_inputs(&kernel, &sim, "/nonexistent", o, &res, &err), 0);
	assert_false(err.set);
	return res;
}

/* Compare and check the score line. */
static struct compare_result scores(const char *k, const char *s, const struct compare_options *o,
				    const char *want)
{
	struct compare_result res = compare(k, s, o);
	struct sim_buf b = {0};

	compare_print_scores(&b, &res);
	b.data[b.len - 1] = '\0';
	assert_string_equal(b.data, want);
	sim_buf_free(&b);
	return res;
}

static void expect(const char *k, const char *s, const struct compare_options *o, const char *want)
{
	struct compare_result res = scores(k, s, o, want);

	compare_result_free(&res);
}

/* Numbers of requests, inodes, times, tasks and reference counts do not count. */
static void test_same(void **state)
{
	static const char other[] =
		"x-1 [000] 1.0: tracing_mark_write: CASE y\n"
		"x-1 [000] 1.0: netfs_rreq_ref: R=77 NEW         r=9\n"
		"x-1 [000] 1.0: netfs_read: R=77 READAHEAD c=00000000 ni=123 s=0 1000\n"
		"x-1 [000] 1.0: netfs_sreq: R=77[0] DOWN TERM  f=02 s=0 1000/1000 e=0\n"
		"x-1 [000] 1.0: netfs_rreq: R=77 RA DONE    f=02\n"
		"y-2 [000] 1.0: unrelated: R=77\n"
		"y-2 [000] 1.0: netfs_probe: <netfs_probe+0x0> R=77\n"
		"x-1 [000] 1.0: netfs_folio: i=123 ix=00000-00000 read\n"
		"x-1 [000] 1.0: netfs_folio: i=123 ix=00000-00000 read-unlock\n"
		"kworker/0:3-2 [000] 1.0: netfs_rreq: R=77 RA FREE    f=02\n"
		"x-1 [000] 1.0: tracing_mark_write: CASE END\n"
		"x-1 [000] 1.0: netfs_folio: i=123 ix=00000-00000 store\n";
	struct compare_result res =
		scores(BEGIN REQUEST("1", "0") PAGE0 END, other, &full, "L1 2/2 L2 4/4 L3 9/9");

	assert_true(compare_matches(&res, 3));
	assert_null(res.first[1]);
	assert_null(res.first[2]);
	assert_null(res.first[3]);
	assert_int_equal(res.nr_notes, 0);
	compare_result_free(&res);
	expect("", "", NULL, "L1 0/0 L2 0/0 L3 0/0");
}

static void test_level_1(void **state)
{
	const char *k = BEGIN REQUEST("1", "0") REQUEST("2", "1000") END;
	struct compare_result res;

	/* a request missing: its header, subrequest and five lines */
	res = scores(k, BEGIN REQUEST("1", "0") END, NULL, "L1 2/4 L2 2/4 L3 7/14");
	assert_string_equal(res.first[1]->text,
			    "request #2 RA s=1000 l=1000 [DOWN s=1000 1000/1000 e=0] only in the "
			    "kernel (line 7)");
	assert_null(res.first[1]->rows[1].sim);
	assert_string_equal(res.first[2]->text, "as at level 1");
	assert_int_equal(res.first[2]->nr_rows, 0);
	assert_false(compare_matches(&res, 1));
	compare_result_free(&res);
	/* another start: the requests are still a pair */
	res = scores(k, BEGIN REQUEST("1", "0") REQUEST("2", "2000") END, NULL,
		     "L1 2/4 L2 2/4 L3 12/14");
	assert_string_equal(res.first[1]->title, "request #2 (line 7)");
	assert_int_equal(res.first[1]->nr_rows, 2);
	assert_false(res.first[1]->rows[0].differs);
	assert_true(res.first[1]->rows[1].differs);
	compare_result_free(&res);
	/* an error at the end */
	res = scores(BEGIN REQUEST("1", "0") END,
		     BEGIN NEW("1") READ("1", "0", "1000") TERM("1", "0", "s=0 0/1000 e=-5") END,
		     NULL, "L1 1/2 L2 1/2 L3 4/7");
	assert_string_equal(res.first[1]->text,
			    "request #1 RA s=0 l=1000 (line 2): subrequest 1 of 1\n"
			    "    kernel DOWN s=0 1000/1000 e=0\n"
			    "    sim    DOWN s=0 0/1000 e=-5");
	compare_result_free(&res);
}

static void test_level_2(void **state)
{
	const char *k = BEGIN T("wl-135", "tracing_mark_write: OP 4 t0 START read fd=0")
		PAGE0 FOLIO("00001-00001", "read") END;
	struct compare_result res;

	res = scores(k, BEGIN FOLIO("00000-00000", "read") FOLIO("00002-00002", "read") END, NULL,
		     "L1 0/0 L2 1/4 L3 1/4");
	assert_string_equal(res.first[2]->text,
			    "folio ix=0-0, event 2: kernel read-unlock (line 4, during OP 4 read "
			    "fd=0), sim (none)\n    kernel: read read-unlock\n    sim:    read\n"
			    "    (3 folio ranges differ)");
	assert_string_equal(res.first[3]->text, "as at level 2");
	assert_true(compare_matches(&res, 1));
	assert_false(compare_matches(&res, 2));
	compare_result_free(&res);
}

/* Order between contexts is free in the robust comparison, order within one is not. */
static void test_contexts(void **state)
{
#define A T("wl-135", "netfs_rreq: R=1 RA ASSESS  f=02")
#define B T("wl-135", "netfs_rreq: R=1 RA DONE    f=02")
#define W T("kworker/0:1-7", "netfs_rreq: R=1 RA UNLOCK  f=02")
	const char *k = BEGIN NEW("1") A W B FREED("1") END;
	struct compare_result res;

	expect(k, BEGIN NEW("1") A B W FREED("1") END, NULL, "L1 1/1 L2 1/1 L3 6/6");
	expect(k, BEGIN NEW("1") A B W FREED("1") END, &full, "L1 1/1 L2 1/1 L3 5/6");
	res = scores(k, BEGIN NEW("1") B W A FREED("1") END, NULL, "L1 1/1 L2 1/1 L3 5/6");
	assert_string_equal(res.first[3]->text,
			    "request #1 RA s=? l=? (line 2), context issuer: line 2 of 3\n"
			    "    kernel   netfs_rreq_ref NEW\n"
			    "    kernel > netfs_rreq RA ASSESS f=02\n"
			    "    kernel   netfs_rreq RA DONE f=02\n"
			    "    sim      netfs_rreq_ref NEW\n"
			    "    sim    > netfs_rreq RA DONE f=02\n"
			    "    sim      netfs_rreq RA ASSESS f=02");
	compare_result_free(&res);
	/* a worker that comes before the issuer's second line opens no difference */
	res = scores(k, BEGIN NEW("1") W A B FREED("1") END, NULL, "L1 1/1 L2 1/1 L3 6/6");
	assert_null(res.first[3]);
	compare_result_free(&res);
#undef A
#undef B
#undef W
}

static void test_timing(void **state)
{
	const char *k = BEGIN NEW("1") T("wl-135", "netfs_rreq: R=1 RA DONE    f=02") FREED("1")
		END;
	const char *s = BEGIN NEW("1") T("wl-135", "netfs_rreq_ref: R=1 GET WORK    r=3")
		T("wl-135", "netfs_collect: R=1 s=0-0")
			T("wl-135", "netfs_rreq: R=1 RA WAKE-Q  f=02")
				T("wl-135", "netfs_rreq: R=1 RA DONE    f=02") FREED("1") END;

	expect(k, s, NULL, "L1 1/1 L2 1/1 L3 4/4");
	expect(k, s, &full, "L1 1/1 L2 1/1 L3 4/7");
}

/* A request that the kernel's window cut off counts as far as it matches. */
static void test_cut_off(void **state)
{
	struct compare_result res;

	res = scores(BEGIN NEW("1") READ("1", "0", "1000") END, BEGIN REQUEST("1", "0") END, NULL,
		     "L1 1/2 L2 1/2 L3 3/4");
	assert_string_equal(res.notes[0],
			    "kernel: 1 requests not yet freed at the end of the window");
	compare_result_free(&res);
}

static void test_parallel(void **state)
{
	const struct compare_options par = {.parallel = true};
	const char *k = BEGIN REQUEST("1", "0") REQUEST("2", "1000") PAGE0 END;
	const char *s = BEGIN FOLIO("00000-00000", "read-unlock") REQUEST("1", "1000")
		REQUEST("2", "0") FOLIO("00000-00000", "read") END;
	struct compare_result res;

	expect(k, s, NULL, "L1 2/6 L2 3/8 L3 8/23");
	expect(k, s, &par, "L1 4/4 L2 6/6 L3 16/16");
	/* found by the markers of two threads */
	res = compare(BEGIN T("wl-135", "tracing_mark_write: OP 1 t1 START a")
			      T("wl-135", "tracing_mark_write: OP 2 t2 START b") END,
		      BEGIN END, NULL);
	assert_true(res.parallel);
	compare_result_free(&res);
	res = compare(BEGIN T("wl-135", "tracing_mark_write: OP 1 t0 START a")
			      T("wl-135", "tracing_mark_write: OP 2 t2 START b") END,
		      BEGIN END, NULL);
	assert_false(res.parallel);
	compare_result_free(&res);
}

/* Notes say what was left out. */
static void test_notes(void **state)
{
	struct compare_result res;

	res = scores(BEGIN T("wl-135", "netfs_rreq: R=9 RA DONE    f=02") REQUEST("1", "0")
			     T("wl-135", "netfs_folio: i=99 ix=00000-00000 read")
				     T("wl-135", "netfs_folio: cut") END,
		     REQUEST("1", "0"), NULL, "L1 2/2 L2 2/2 L3 7/7");
	assert_int_equal(res.nr_notes, 5);
	assert_string_equal(res.notes[0], "kernel: dropped 1 lines of other inodes (99)");
	assert_string_equal(res.notes[1], "kernel: 1 netfs lines not understood");
	assert_non_null(strstr(res.notes[2], "kernel: dropped 1 requests made before the window"));
	assert_string_equal(res.notes[3], "sim: no CASE marker: the whole file is taken");
	assert_non_null(strstr(res.notes[4], "no netfs_folio events"));
	compare_result_free(&res);
	/* 6.12's writeback does not know its length: it does not count then */
	res = scores(BEGIN NEW("1") T("wl-135",
				      "netfs_write: R=1 WRITEBACK c=0 i=86 by=0-ffffffffffffffff")
			     END,
		     BEGIN NEW("1") T("wl-135", "netfs_write: R=1 WRITEBACK c=0 by=0-3fff") END,
		     NULL, "L1 1/1 L2 1/1 L3 3/3");
	assert_string_equal(res.notes[2],
			    "length of WB requests ignored: one side does not know it");
	compare_result_free(&res);
}

static void test_values_and_writes(void **state)
{
	const struct compare_options values = {.values = true};
	const char *k = BEGIN NEW("1")
		T("wl-135", "netfs_sreq: R=1[0] DOWN PREP  f=00 s=0 0/1000 e=0")
			TERM("1", "0", "s=0 1000/1000 e=0")
				T("wl-135", "netfs_write_iter: WRITE-ITER s=0 l=10 f=0") END;
	const char *s = BEGIN NEW("1")
		T("wl-135", "netfs_sreq: R=1[0] DOWN PREP  f=00 s=0 0/2000 e=0")
			TERM("1", "0", "s=0 1000/1000 e=0")
				T("wl-135", "netfs_write_iter: WRITE-ITER s=0 l=20 f=0") END;
	struct compare_result res;

	expect(k, s, &values, "L1 2/2 L2 2/2 L3 4/6");
	res = scores(k, s, NULL, "L1 2/2 L2 2/2 L3 5/6");
	assert_string_equal(res.first[3]->text,
			    "write call 1: kernel netfs_write_iter WRITE-ITER s=0 l=10 f=0, sim "
			    "netfs_write_iter WRITE-ITER s=0 l=20 f=0");
	compare_result_free(&res);
}

#define ADD(index) \
	T("wl-135", "mm_filemap_add_to_page_cache: dev 0:19 ino 86 pfn=0x1 ofs=" index " order=0")
#define GONE(index) \
	T("wl-135", \
	  "mm_filemap_delete_from_page_cache: dev 0:19 ino 86 pfn=0x1 ofs=" index " order=0")
#define DIRTY(index) T("wl-135", "writeback_dirty_folio: bdi 9p-1: ino=134 index=" index)
#define WAIT(index)  T("wl-135", "folio_wait_writeback: bdi 9p-1: ino=134 index=" index)

/* The page cache stands beside the levels: per page, in order. */
static void test_pages(void **state)
{
	static const char k[] = BEGIN REQUEST("1", "0") PAGE0 ADD("0") ADD("4096") DIRTY("1")
		WAIT("1") GONE("0") END;
	struct compare_result res;

	expect(k, k, NULL, "L1 2/2 L2 4/4 L3 9/9 pages 5/5");
	/* Pages of one file are independent of each other; so are those of other files. */
	expect(k,
	       BEGIN REQUEST("1", "0") PAGE0 ADD("4096") DIRTY("1") WAIT("1") ADD("0") GONE("0")
		       T("x-1", "writeback_dirty_folio: bdi 9p-1: ino=9 index=0") END,
	       NULL, "L1 2/2 L2 4/4 L3 9/9 pages 5/5");
	res = scores(k, BEGIN REQUEST("1", "0") PAGE0 ADD("0") ADD("4096") WAIT("1") DIRTY("1") END,
		     NULL, "L1 2/2 L2 4/4 L3 9/9 pages 3/5");
	assert_non_null(res.first[COMPARE_PAGES]);
	assert_null(res.first[3]);
	assert_true(compare_matches(&res, 3));
	compare_result_free(&res);
}

static void test_print(void **state)
{
	struct compare_result res = compare(BEGIN REQUEST("1", "0") REQUEST("2", "1000") PAGE0 END,
					    BEGIN REQUEST("1", "0") PAGE0 END, NULL);
	struct sim_buf b = {0};

	compare_print(&b, &res, 3, 100);
	assert_string_equal(
		b.data,
		"L1 2/4 L2 4/6 L3 9/16\n"
		"  of these: requests 1/2, subrequests 1/2, folio events 2/2, request lines 5/10, "
		"write_iter lines 0/0\n"
		"  request lines: order within each context only 5/10, without collector-timing "
		"lines 5/10, both (robust) 5/10, without flags 5/10\n"
		"first difference at level 1: request #2 RA s=1000 l=1000 [DOWN s=1000 1000/1000 "
		"e=0] only in the kernel (line 7)\n"
		"    kernel                                           simulator\n"
		"    request RA s=0 l=1000 (line 2)                   request RA s=0 l=1000 (line 2)\n"
		"    request RA s=1000 l=1000 (line 7)              <\n"
		"first difference at level 2: as at level 1\n"
		"first difference at level 3: request #2 RA s=1000 l=1000 [DOWN s=1000 1000/1000 "
		"e=0] only in the kernel (line 7)\n"
		"    kernel                                           simulator\n"
		"    request RA s=0 l=1000 (line 2)                   request RA s=0 l=1000 (line 2)\n"
		"    request RA s=1000 l=1000 (line 7)              <\n");
	sim_buf_clear(&b);
	compare_print_first(&b, &res, 1, 0); /* narrow: text goes on below */
	assert_non_null(strstr(
		b.data, "\n    request RA s=0     request RA s=0\n    l=1000 (line 2)    l=1000"));
	sim_buf_free(&b);
	compare_result_free(&res);
}

static void test_unreadable(void **state)
{
	struct compare_result res;
	struct sim_err err = {0};

	assert_int_equal(compare_traces("/nonexistent/k", "/nonexistent/s", NULL, NULL, &res, &err),
			 -1);
	assert_non_null(strstr(err.text, "/nonexistent/k"));
	assert_null(res.arena);
}

/* Every recording of this repository matches itself, and its events are found. */
static void test_recordings(void **state)
{
	struct compare_result res;
	struct sim_err err = {0};
	size_t with_requests = 0;
	glob_t g;

	assert_int_equal(glob(RECORDINGS "/*/*/trace.txt", 0, NULL, &g), 0);
	assert_true(g.gl_pathc > 100);
	for (size_t i = 0; i < g.gl_pathc; i++) {
		assert_int_equal(
			compare_traces(g.gl_pathv[i], g.gl_pathv[i], NULL, &full, &res, &err), 0);
		assert_true(compare_matches(&res, 3));
		assert_null(res.first[3]);
		with_requests += res.part[COMPARE_REQUESTS].of > 0;
		for (uint32_t n = 0; n < res.nr_notes; n++)
			assert_null(strstr(res.notes[n], "not understood"));
		compare_result_free(&res);
	}
	assert_true(with_requests > g.gl_pathc * 9 / 10);
	globfree(&g);
}

/* Two mounts of one case: the scores of the levels are those of the reference script. */
static void test_two_mounts(void **state)
{
	struct compare_result res;
	struct sim_err err = {0};
	struct sim_buf b = {0};

	assert_int_equal(compare_traces(RECORDINGS "/6.8-9p/read-1m-single/trace.txt",
					RECORDINGS "/6.8-9psmall/read-1m-single/trace.txt", NULL,
					NULL, &res, &err),
			 0);
	compare_print_scores(&b, &res);
	assert_string_equal(b.data, "L1 0/128 L2 0/128 L3 171/1344 pages 256/256\n");
	sim_buf_free(&b);
	compare_result_free(&res);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_same),
		cmocka_unit_test(test_level_1),
		cmocka_unit_test(test_level_2),
		cmocka_unit_test(test_contexts),
		cmocka_unit_test(test_timing),
		cmocka_unit_test(test_cut_off),
		cmocka_unit_test(test_parallel),
		cmocka_unit_test(test_notes),
		cmocka_unit_test(test_values_and_writes),
		cmocka_unit_test(test_pages),
		cmocka_unit_test(test_print),
		cmocka_unit_test(test_unreadable),
		cmocka_unit_test(test_recordings),
		cmocka_unit_test(test_two_mounts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
