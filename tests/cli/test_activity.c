/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Spans of time from trace lines: beginnings, ends, what is missing, what overlaps. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "cli/activity.h"

#define LINE(time, text) " wl-1  [000] ..... " time ": " text "\n"

static struct activity read_lines(const char *text)
{
	struct sim_err err = {0};
	struct activity a;

	assert_int_equal(activity_read_text("t", text, strlen(text), &a, &err), 0);
	return a;
}

static const struct span *span(const struct activity *a, enum span_type type, size_t i)
{
	assert_true(i < a->spans[type].nr);
	return &a->spans[type].at[i];
}

static void assert_span(const struct span *s, const char *kind, uint64_t begin_us, uint64_t end_us,
			uint64_t bytes)
{
	assert_string_equal(s->kind, kind);
	assert_int_equal(s->begin_ns, begin_us * 1000);
	assert_int_equal(s->end_ns, end_us * 1000);
	assert_int_equal(s->bytes, bytes);
}

static void a_read(void **state)
{
	struct activity a = read_lines(
		LINE("1.000000", "netfs_rreq_ref: R=0000000a NEW         r=1") LINE(
			"1.000001", "netfs_read: R=0000000a READAHEAD c=00000000 ni=5 s=1000 2000")
			LINE("1.000002", "netfs_sreq: R=0000000a[0] DOWN PREP  f=00 s=1000 0/2000 e=0") LINE(
				"1.000003",
				"netfs_sreq: R=0000000a[0] DOWN SUBMT f=00 s=1000 0/2000 e=0")
				LINE("1.000008",
				     "netfs_sreq: R=0000000a[0] DOWN TERM  f=02 s=1000 1800/2000 e=0")
					LINE("1.000009", "netfs_rreq: R=0000000a RA DONE    f=20")
						LINE("1.000900",
						     "netfs_rreq: R=0000000a RA FREE    f=20"));

	assert_int_equal(a.spans[SPAN_REQUEST].nr, 1);
	assert_span(span(&a, SPAN_REQUEST, 0), "RA", 1000000, 1000009, 0x2000);
	assert_true(span(&a, SPAN_REQUEST, 0)->ended);
	assert_int_equal(a.spans[SPAN_SUBREQUEST].nr, 1);
	assert_span(span(&a, SPAN_SUBREQUEST, 0), "DOWN", 1000002, 1000008, 0x1800);
	assert_int_equal(span(&a, SPAN_SUBREQUEST, 0)->parent, 0);
	assert_int_equal(span(&a, SPAN_SUBREQUEST, 0)->start, 0x1000);
	activity_free(&a);
}

/* A request whose flags say so has failed; its subrequest knows with what. */
static void a_failed_upload(void **state)
{
	struct activity a = read_lines(
		LINE("1.000001", "netfs_write: R=0000000a WRITEBACK c=00000000 by=0-3fff") LINE(
			"1.000002", "netfs_sreq: R=0000000a[0] UPLD TERM  f=00 s=0 0/4000 e=-28")
			LINE("1.000003", "netfs_rreq: R=0000000a WB WR-DONE f=130")
				LINE("1.000004", "netfs_rreq: R=0000000b WB WR-DONE f=120"));

	assert_int_equal(span(&a, SPAN_REQUEST, 0)->error, -5);
	assert_int_equal(span(&a, SPAN_SUBREQUEST, 0)->error, -28);
	assert_int_equal(span(&a, SPAN_REQUEST, 1)->error, 0);
	activity_free(&a);
}

#define SREQ(time, what) LINE(time, "netfs_sreq: R=0000000a[0] " what " e=0")

/* The copy of a download to the cache; one that is skipped; one whose end is not told. */
static void a_copy_to_the_cache(void **state)
{
	struct activity a = read_lines(
		SREQ("1.000001", "DOWN PREP  f=01 s=1000 0/2000")
			SREQ("1.000002", "DOWN TERM  f=03 s=1000 2000/2000")
				SREQ("1.000005", "DOWN WRITE f=03 s=1000 2000/2000")
					SREQ("1.000009", "DOWN WTERM f=03 s=1000 2000/2000")
						SREQ("1.000090", "DOWN FREE  f=03 s=1000 2000/2000")
							LINE("1.000099", "x: y"));

	assert_int_equal(a.spans[SPAN_SUBREQUEST].nr, 2);
	assert_span(span(&a, SPAN_SUBREQUEST, 0), "DOWN", 1000001, 1000002, 0x2000);
	assert_span(span(&a, SPAN_SUBREQUEST, 1), "WRIT", 1000005, 1000009, 0x2000);
	assert_int_equal(span(&a, SPAN_SUBREQUEST, 1)->start, 0x1000);
	assert_int_equal(span(&a, SPAN_SUBREQUEST, 1)->parent, 0);
	assert_true(span(&a, SPAN_SUBREQUEST, 1)->ended);
	assert_true(span_writes(span(&a, SPAN_SUBREQUEST, 1)));
	activity_free(&a);

	a = read_lines(SREQ("1.000001", "DOWN TERM  f=03 s=0 10/10")
			       SREQ("1.000002", "DOWN SKIP  f=03 s=0 10/10")
				       SREQ("1.000003", "DOWN FREE  f=03 s=0 10/10"));
	assert_int_equal(a.spans[SPAN_SUBREQUEST].nr, 1);
	activity_free(&a);

	a = read_lines(SREQ("1.000001", "ZERO TERM  f=03 s=0 10/10")
			       SREQ("1.000002", "ZERO WRITE f=03 s=0 10/10")
				       SREQ("1.000003", "ZERO FREE  f=03 s=0 10/10")
					       LINE("1.000099", "x: y"));
	assert_int_equal(a.spans[SPAN_SUBREQUEST].nr, 2);
	assert_span(span(&a, SPAN_SUBREQUEST, 1), "WRIT", 1000002, 1000003, 0x10);
	assert_true(span(&a, SPAN_SUBREQUEST, 1)->ended);
	activity_free(&a);
}

/* The trace ends before the request does; a number is used again. */
static void without_an_end(void **state)
{
	struct activity a = read_lines(
		LINE("1.000000", "netfs_rreq_ref: R=00000001 NEW         r=1")
			LINE("1.000002", "netfs_rreq: R=00000001 WB UNLOCK  f=20")
				LINE("1.000010", "netfs_rreq_ref: R=00000001 NEW         r=1") LINE(
					"1.000011",
					"netfs_sreq: R=00000001[0] UPLD PREP  f=00 s=0 0/1000 e=0")
					LINE("1.000020", "tracing_mark_write: CASE END"));

	assert_int_equal(a.spans[SPAN_REQUEST].nr, 2);
	assert_span(span(&a, SPAN_REQUEST, 0), "WB", 1000000, 1000002, 0);
	assert_true(span(&a, SPAN_REQUEST, 0)->ended);
	assert_false(span(&a, SPAN_REQUEST, 1)->ended);
	assert_int_equal(span(&a, SPAN_REQUEST, 1)->end_ns, 1000020000);
	assert_int_equal(span(&a, SPAN_SUBREQUEST, 0)->parent, 1);
	assert_int_equal(span(&a, SPAN_SUBREQUEST, 0)->end_ns, 1000020000);
	activity_free(&a);
}

static void messages_by_tag(void **state)
{
	struct activity a = read_lines(
		LINE("1.000000", "9p_client_req: client 77 request P9_TREAD tag  1") LINE(
			"1.000001", "9p_client_req: client 77 request P9_TWRITE tag  2")
			LINE("1.000005", "9p_client_res: client 77 response P9_TREAD tag  1 err -5") LINE(
				"1.000007",
				"9p_client_res: client 77 response P9_TWRITE tag  2 err 0")
				LINE("1.000008",
				     "9p_client_res: client 77 response P9_TWRITE tag  3 err 0"));

	assert_int_equal(a.spans[SPAN_MESSAGE].nr, 2);
	assert_span(span(&a, SPAN_MESSAGE, 0), "P9_TREAD", 1000000, 1000005, 0);
	assert_int_equal(span(&a, SPAN_MESSAGE, 0)->error, -5);
	assert_span(span(&a, SPAN_MESSAGE, 1), "P9_TWRITE", 1000001, 1000007, 0);
	activity_free(&a);
}

/* Messages that look the same end in their order; sim:rpc takes the place of 9p events. */
static void equal_messages(void **state)
{
	struct activity a = read_lines(
		LINE("1.000000", "9p_client_req: client 0 request P9_TREAD tag  1") LINE(
			"1.000000", "sim:rpc: queued read client=0 R=00000000[0] s=0 l=100 e=0")
			LINE("1.000002", "sim:rpc: queued read client=0 R=00000000[0] s=0 l=100 e=0") LINE(
				"1.000003",
				"sim:rpc: sent read client=0 R=00000000[0] s=0 l=100 e=0")
				LINE("1.000006",
				     "sim:rpc: received read client=0 R=00000000[0] s=0 l=80 e=0")
					LINE("1.000009",
					     "sim:rpc: received read client=0 R=00000000[0] s=0 l=0 e=-110")
						LINE("1.000009",
						     "sim:rpc: received read client=0 R=00000000[0] s=0 l=0 e=0"));

	assert_int_equal(a.spans[SPAN_MESSAGE].nr, 2);
	assert_span(span(&a, SPAN_MESSAGE, 0), "read", 1000000, 1000006, 0x80);
	assert_span(span(&a, SPAN_MESSAGE, 1), "read", 1000002, 1000009, 0);
	assert_int_equal(span(&a, SPAN_MESSAGE, 1)->error, -110);
	activity_free(&a);
}

static void calls(void **state)
{
	struct activity a = read_lines(
		LINE("1.000000", "tracing_mark_write: OP 3 t0 START write fd=0 len=4K")
			LINE("1.000001", "tracing_mark_write: OP 4 t1 START fsync fd=0")
				LINE("1.000004", "tracing_mark_write: OP 3 t0 END ret=4096 fill=A")
					LINE("1.000005", "tracing_mark_write: OP 4 t1 END ret=-5"));

	assert_int_equal(a.spans[SPAN_CALL].nr, 2);
	assert_span(span(&a, SPAN_CALL, 0), "write", 1000000, 1000004, 4096);
	assert_true(span_writes(span(&a, SPAN_CALL, 0)));
	assert_span(span(&a, SPAN_CALL, 1), "fsync", 1000001, 1000005, 0);
	assert_int_equal(span(&a, SPAN_CALL, 1)->error, -5);
	assert_false(span_moves(span(&a, SPAN_CALL, 1)));
	activity_free(&a);
}

static void dirty_pages(void **state)
{
	struct activity a = read_lines(
		LINE("1.000000", "netfs_folio: i=5 ix=00000-00003 mod-whole-f")
			LINE("1.000001", "netfs_folio: i=5 ix=00004-00004 mod-streamw") LINE(
				"1.000002", "netfs_folio: i=5 ix=00004-00004 mod-streamw+")
				LINE("1.000003", "netfs_folio: i=5 ix=00000-00003 store") LINE(
					"1.000004", "netfs_folio: i=6 ix=00000-00000 read-gaps")
					LINE("1.000005", "netfs_folio: i=5 ix=00000-00003 clear"));

	assert_int_equal(a.nr_memory, 5);
	assert_int_equal(a.memory[1].dirty, 5 * 4096);
	assert_int_equal(a.memory[2].dirty, 5 * 4096);
	assert_int_equal(a.memory[3].dirty, 4096);
	assert_int_equal(a.memory[3].writeback, 4 * 4096);
	assert_int_equal(a.memory[4].writeback, 0);
	activity_free(&a);
}

static void memory_of_two_clients(void **state)
{
	struct activity a = read_lines(
		LINE("1.000000", "sim:memory: client=0 dirty=3 writeback=0 cached=3") LINE(
			"1.000000", "netfs_folio: i=5 ix=00000-00003 mod-whole-f")
			LINE("1.000001", "sim:memory: client=1 dirty=4 writeback=1 cached=5") LINE(
				"1.000002", "sim:memory: client=0 dirty=0 writeback=3 cached=3"));

	assert_int_equal(a.nr_memory, 3);
	assert_int_equal(a.memory[1].dirty, 7 * 4096);
	assert_int_equal(a.memory[2].dirty, 4 * 4096);
	assert_int_equal(a.memory[2].writeback, 4 * 4096);
	activity_free(&a);
}

static void nothing(void **state)
{
	struct activity a = read_lines("");

	for (unsigned t = 0; t < SPAN_TYPES; t++)
		assert_int_equal(a.spans[t].nr, 0);
	assert_int_equal(a.nr_events, 0);
	activity_free(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_read),
		cmocka_unit_test(a_copy_to_the_cache),
		cmocka_unit_test(a_failed_upload),
		cmocka_unit_test(without_an_end),
		cmocka_unit_test(messages_by_tag),
		cmocka_unit_test(equal_messages),
		cmocka_unit_test(calls),
		cmocka_unit_test(dirty_pages),
		cmocka_unit_test(memory_of_two_clients),
		cmocka_unit_test(nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
