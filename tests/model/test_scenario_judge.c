/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of verdicts: what holds, faults and expectations tell, and how a run is summed up. */
#include "model/scenario/conditions.h"
#include "tests/model/scenario_fixture.h"

/* ---- holds and faults ---- */

static void assert_fsync_ends_at(const char *hold, uint64_t ms)
{
	struct sim_buf text = {0};
	struct fixture f;

	sim_buf_printf(
		&text,
		"%shold:\n  - %s\nexpect: {results: {w.w: 4096}, sometimes: [hold_reached]}\n",
		WRITER "    - wait: o.nap\n", hold);
	run(&f, text.data);
	assert_failures(&f, "");
	assert_in_range(f.report->tasks[0].end_ns, ms * 1000000, ms * 1000000 + 5000000);
	done(&f);
	sim_buf_free(&text);
}

static void a_hold_stops_until_it_is_released(void **state)
{
	assert_fsync_ends_at("{task: w, at: netfs_perform_write.locked, until: o.nap.done}", 50);
	assert_fsync_ends_at("{task: w, at: netfs_perform_write.locked, until: o.end}", 100);
	assert_fsync_ends_at("{task: w, at: netfs_perform_write.locked, release_after: 20ms}", 20);
	assert_fsync_ends_at(
		"{task: w, at: netfs_perform_write.locked, until: o.end, release_after: 20ms}", 20);
	assert_fsync_ends_at("{task: w, at: syscall, nth: 3, until: o.nap.done}", 50);
	assert_fsync_ends_at("{thread: kworker, at: process_one_work, until: o.nap.done}", 50);
}

static void a_hold_that_does_nothing_is_a_failure(void **state)
{
	struct fixture f;

	run(&f, WRITER "    - wait: o.nap\nhold:\n"
		       "  - {task: w, at: syscall, nth: 9, until: o.end}\n"
		       "  - {task: o, at: netfs_page_mkwrite, until: w@syscall}\n"
		       "  - {task: w, at: netfs_perform_write.locked, until: o.nap.start}\n"
		       "expect: {results: {w.w: 4096}}\n");
	assert_failures(
		&f, "hold 1 (w at syscall): never reached; it came there 3 times\n"
		    "hold 2 (o at netfs_page_mkwrite): never reached; it came there 0 times\n"
		    "hold 3 (w at netfs_perform_write.locked): stopped nothing; o.nap.start had "
		    "already happened");
	done(&f);
}

static void a_hold_that_is_never_released_is_a_hang(void **state)
{
	struct fixture f;

	run(&f, HEAD "tasks:\n"
		     "  w: [{open: {file: f}}, {wait: o}]\n"
		     "  o: [{sleep: 1ms}, {stat: f}]\n"
		     "hold:\n  - {task: o, at: syscall, until: w.end}\n"
		     "expect: {hang: true}\n");
	assert_failures(&f, "hold 1 (o at syscall): never released; w.end did not happen");
	assert_non_null(strstr(f.report->hang, "hold at syscall until w.end"));
	done(&f);
}

static void a_fault_that_never_fires_is_a_failure(void **state)
{
	struct fixture f;

	run(&f, WRITER "    - wait: o.nap\nfaults:\n"
		       "  - {on: write, nth: 1, do: {error: ENOSPC}}\n"
		       "  - {label: late, on: [write, read], nth: 7, do: {delay: 1ms}}\n"
		       "expect: {results: {w.w: 4096}, sometimes: [fault, folio_redirtied]}\n");
	assert_int_equal(f.report->ops[OP_FSYNC].failed, 1);
	assert_failures(&f, "fault 2 late: never fired; 2 messages matched");
	done(&f);
}

/* ---- expectations ---- */

static void every_failed_expectation_is_named(void **state)
{
	struct fixture f;

	run(&f, HEAD "tasks:\n"
		     "  t:\n"
		     "    - open: {file: f, as: fd}\n"
		     "    - read: {fd: fd, at: 0, len: 2, label: r, ret: 3}\n"
		     "    - stat: {file: g, label: s}\n"
		     "    - srv_create: {file: g, size: 1, ret: ENOSPC}\n"
		     "expect:\n"
		     "  always: [no_error, no_violation]\n"
		     "  sometimes: [streaming_write]\n"
		     "  never: [readahead]\n"
		     "  results: {t.s: 0, t.r: EIO}\n"
		     "  data: {t.r: \"b*2\"}\n"
		     "  rpcs: {read: 2, write: {min: 1}, lookup: {max: 1}}\n"
		     "  bytes: {read: {min: 1MiB, max: 2MiB}}\n"
		     "  throughput: {t: {min: 1GiB/s}, total: {max: 1B/s}}\n"
		     "  latency: {read: {p50: 1ms, max: {min: 1s}}}\n"
		     "  violations: [I10]\n"
		     "  duration: 0\n"
		     "  peak: {cached: 0}\n"
		     "  end: {cached: 0, requests: 1}\n"
		     "  server: {f: {size: 1, data: \"x*1\"}, g: {absent: true}}\n");
	assert_failures(&f, "t: read at s.yaml:8:52: expected 3, got 2\n"
			    "t: srv_create at s.yaml:10:43: expected ENOSPC, got 0\n"
			    "violations.I10: expected, but the rule was not broken\n"
			    "always.no_error: expected, but it does not hold\n"
			    "sometimes.streaming_write: expected at least once, never seen\n"
			    "never.readahead: expected never, seen 1 times\n"
			    "results.t.s: expected 0, got ENOENT\n"
			    "results.t.r: expected EIO, got 2\n"
			    "data.t.r: expected b*2, got a*2\n"
			    "rpcs.read: expected 2, got 1\n"
			    "rpcs.write: expected at least 1, got 0\n"
			    "rpcs.lookup: expected 0 to 1, got 2\n"
			    "throughput.t: expected at least 1GiB/s, got 2000/s\n"
			    "throughput.total: expected 0/s to 1/s, got 2000/s\n"
			    "latency.read.p50: expected 1ms, got 200us\n"
			    "latency.read.max: expected at least 1s, got 200us\n"
			    "bytes.read: expected 1MiB to 2MiB, got 16KiB\n"
			    "duration: expected 0, got 1ms\n"
			    "peak.cached: expected 0, got 16KiB\n"
			    "end.cached: expected 0, got 16KiB\n"
			    "end.requests: expected 1, got 0\n"
			    "server.f.size: expected 1, got 16KiB\n"
			    "server.f.data: expected x*1, got a*4096,b*4096,c*4096,d*4096\n"
			    "server.g: expected no file, but it exists");
	assert_int_equal(scenario_report_exit(f.report), 1);
	done(&f);
}

static void a_label_that_is_never_done_is_a_failure(void **state)
{
	struct fixture f;

	run(&f, HEAD "tasks:\n  t: [{srv_dump: f}, {barrier: b}]\n"
		     "  u: [{barrier: b}, {barrier: b}, {stat: {file: f, label: s}}]\n"
		     "expect: {hang: true, results: {u.s: 0}}\n");
	assert_failures(&f, "results.u.s: expected 0, but it was never done");
	done(&f);
}

/* ---- summaries ---- */

static void the_summary_fits_a_terminal(void **state)
{
	struct sim_buf text = {0};
	struct fixture f;

	run(&f,
	    WRITER "    - wait: o.nap\nexpect: {results: {w.w: 1}, data: {w.w: \"a*1000000,"
		   "b*1000000,c*1000000,d*1000000,e*1000000,f*1000000,g*1000000,h*1000000\"}}\n");
	scenario_report_text(f.report, &text);
	for (const char *s = text.data; *s;) {
		size_t len = strcspn(s, "\n");

		if (len > 78)
			fail_msg("line of %zu columns: %.*s", len, (int)len, s);
		s += len + !!s[len];
	}
	sim_buf_free(&text);
	scenario_report_json(f.report, &text);
	assert_int_equal(text.data[0], '{');
	assert_non_null(strstr(text.data, "\"verdict\":\"violated\""));
	assert_non_null(strstr(text.data,
			       "\"write\":{\"count\":1,\"failed\":0,\"killed\":0,\"bytes\":4096,"));
	assert_null(strstr(text.data, ",,"));
	assert_null(strstr(text.data, "{,"));
	sim_buf_free(&text);
	done(&f);
}

static void conditions_have_names(void **state)
{
	for (unsigned c = 0; c < NR_CONDITIONS; c++) {
		assert_non_null(scn_condition_name(c));
		assert_non_null(scn_condition_doc(c));
	}
	assert_null(scn_condition_name(NR_CONDITIONS));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_hold_stops_until_it_is_released),
		cmocka_unit_test(a_hold_that_does_nothing_is_a_failure),
		cmocka_unit_test(a_hold_that_is_never_released_is_a_hang),
		cmocka_unit_test(a_fault_that_never_fires_is_a_failure),
		cmocka_unit_test(every_failed_expectation_is_named),
		cmocka_unit_test(a_label_that_is_never_done_is_a_failure),
		cmocka_unit_test(the_summary_fits_a_terminal),
		cmocka_unit_test(conditions_have_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
