/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of runs: what operations do and say, how tasks wait for each other, how a run ends. */
#include "tests/model/scenario_fixture.h"

static void assert_rows(const char *text, const char *expected)
{
	struct scenario_run_opts opts = {.results = true};
	struct fixture f;

	run_with(&f, text, &opts);
	assert_failures(&f, "");
	assert_string_equal(scenario_run_results(f.run)->data, expected);
	done(&f);
}

/* ---- operations ---- */

static void each_operation_has_its_row(void **state)
{
	assert_rows(HEAD "tasks:\n"
			 "  t:\n"
			 "    - open: {file: f, as: fd, flags: [rdwr]}\n"
			 "    - read: {fd: fd, at: 4090, len: 10}\n"
			 "    - read: {fd: fd, len: 3}\n"
			 "    - write: {fd: fd, len: 4}\n"
			 "    - write: {fd: fd, at: 100, len: 5}\n"
			 "    - lseek: {fd: fd, at: 0, whence: cur}\n"
			 "    - stat: f\n"
			 "    - truncate: {fd: fd, size: 120}\n"
			 "    - read: {fd: fd, at: 90, len: 100}\n"
			 "    - fsync: fd\n"
			 "    - srv_dump: f\n"
			 "    - close: fd\n"
			 "    - close: fd\n"
			 "    - write: {fd: fd, at: 0, len: 1}\n"
			 "    - unlink: f\n"
			 "    - stat: f\n"
			 "    - srv_dump: f\n",
		    "1 t0 open fd=fd name=f => ret=0\n"
		    "2 t0 read fd=fd off=4090 len=10 => ret=10 data=a*6,b*4\n"
		    "3 t0 read fd=fd len=3 => ret=3 data=a*3\n"
		    "4 t0 write fd=fd len=4 => ret=4 fill=A\n"
		    "5 t0 write fd=fd off=100 len=5 => ret=5 fill=B\n"
		    "6 t0 lseek fd=fd off=0 => ret=7\n"
		    "7 t0 stat name=f => ret=0 size=16384 blocks=32\n"
		    "8 t0 truncate fd=fd size=120 => ret=0\n"
		    "9 t0 read fd=fd off=90 len=100 => ret=30 data=a*10,B*5,a*15\n"
		    "10 t0 fsync fd=fd => ret=0\n"
		    "11 t0 srv_dump name=f => size=120 blocks=8 data=a*3,A*4,a*93,B*5,a*15\n"
		    "12 t0 close fd=fd => ret=0\n"
		    "13 t0 close fd=fd => ret=-9\n"
		    "14 t0 write fd=fd off=0 len=1 => ret=-9 fill=C\n"
		    "15 t0 unlink name=f => ret=0\n"
		    "16 t0 stat name=f => ret=-2\n"
		    "17 t0 srv_dump name=f => ret=-2\n");
}

static void the_server_changes_behind_the_client(void **state)
{
	assert_rows(HEAD "tasks:\n"
			 "  t:\n"
			 "    - srv_write: {file: f, at: 2, len: 3}\n"
			 "    - srv_truncate: {file: f, size: 8}\n"
			 "    - srv_dump: f\n"
			 "    - srv_create: {file: g, size: 5000}\n"
			 "    - srv_dump: g\n"
			 "    - srv_rm: g\n"
			 "    - srv_rm: g\n",
		    "1 t0 srv_write name=f off=2 len=3 => ret=3\n"
		    "2 t0 srv_truncate name=f size=8 => ret=0\n"
		    "3 t0 srv_dump name=f => size=8 blocks=8 data=a*2,#*3,a*3\n"
		    "4 t0 srv_create name=g size=5000 => ret=0\n"
		    "5 t0 srv_dump name=g => size=5000 blocks=16 data=a*4096,b*904\n"
		    "6 t0 srv_rm name=g => ret=0\n"
		    "7 t0 srv_rm name=g => ret=-2\n");
}

/* A slot that is opened again forgets what was there; it is closed at the exit. */
static void a_slot_forgets_its_file(void **state)
{
	struct fixture f;

	run(&f, HEAD "tasks:\n"
		     "  t:\n"
		     "    - open: {file: f, as: fd, flags: [rdwr]}\n"
		     "    - open: {file: f, as: fd}\n"
		     "    - write: {fd: fd, at: 0, len: 1, ret: EBADF}\n");
	assert_failures(&f, "");
	assert_int_equal(f.report->rpcs[RPC_OPEN].count, 2);
	assert_int_equal(f.report->rpcs[RPC_CLOSE].count, 2);
	done(&f);
}

/* ---- groups and generators ---- */

static void repeat_steps_through_the_file(void **state)
{
	assert_rows(HEAD "tasks:\n"
			 "  t:\n"
			 "    - open: {file: f, as: fd}\n"
			 "    - repeat:\n"
			 "        times: 3\n"
			 "        step: 4096\n"
			 "        do:\n"
			 "          - read: {fd: fd, at: 1, len: 2}\n",
		    "1 t0 open fd=fd name=f => ret=0\n"
		    "2 t0 read fd=fd off=1 len=2 => ret=2 data=a*2\n"
		    "3 t0 read fd=fd off=4097 len=2 => ret=2 data=b*2\n"
		    "4 t0 read fd=fd off=8193 len=2 => ret=2 data=c*2\n");
}

static void texts_of_recordings_are_kept(void **state)
{
	assert_rows(
		HEAD
		"tasks:\n"
		"  t:\n"
		"    - open: {file: f, as: fd, line: 7, text: \"open fd=0\"}\n"
		"    - repeat: {times: 2, step: 4096, do: [read: {fd: fd, at: 1, len: 2, line: 9, "
		"text: \"read fd=0 len=2\"}]}\n",
		"7 t0 open fd=0 => ret=0\n"
		"9 t0 read fd=0 len=2 off=1 => ret=2 data=a*2\n"
		"9 t0 read fd=0 len=2 off=4097 => ret=2 data=b*2\n");
}

static void sequential_starts_again_at_the_end_of_its_range(void **state)
{
	assert_rows(HEAD
		    "tasks:\n"
		    "  t:\n"
		    "    - open: {file: f, as: fd}\n"
		    "    - sequential: {op: read, fd: fd, count: 4, block: 3KiB, at: 100, range: "
		    "8KiB}\n",
		    "1 t0 open fd=fd name=f => ret=0\n"
		    "2 t0 read fd=fd off=100 len=3072 => ret=3072 data=a*3072\n"
		    "3 t0 read fd=fd off=3172 len=3072 => ret=3072 data=a*924,b*2148\n"
		    "4 t0 read fd=fd off=100 len=3072 => ret=3072 data=a*3072\n"
		    "5 t0 read fd=fd off=3172 len=3072 => ret=3072 data=a*924,b*2148\n");
}

/* Random blocks are whole blocks of the range, and depend on the seed. */
static void random_blocks_follow_the_seed(void **state)
{
	static const char text[] = HEAD
		"seed: %d\ntasks:\n  t:\n    - open: {file: f, as: fd}\n"
		"    - random: {op: read, fd: fd, count: 50, block: 1KiB, range: 16KiB}\n";
	struct scenario_run_opts opts = {.results = true};
	struct sim_buf first = {0};
	char with_seed[400];

	for (int i = 0; i < 3; i++) {
		struct fixture f;

		snprintf(with_seed, sizeof(with_seed), text, i == 2 ? 2 : 1);
		run_with(&f, with_seed, &opts);
		assert_int_equal(f.report->bytes_read, 50 * 1024);
		if (!i)
			sim_buf_puts(&first, scenario_run_results(f.run)->data);
		else if (i == 1)
			assert_string_equal(first.data, scenario_run_results(f.run)->data);
		else
			assert_string_not_equal(first.data, scenario_run_results(f.run)->data);
		done(&f);
	}
	sim_buf_free(&first);
}

static void zipf_prefers_the_first_blocks(void **state)
{
	struct fixture f;

	run(&f,
	    HEAD "tasks:\n  t:\n    - open: {file: f, as: fd}\n"
		 "    - zipf: {op: read, fd: fd, count: 100, block: 512, range: 16KiB, theta: 3}\n"
		 "    - zipf: {op: write, fd: fd, count: 1, block: 1, range: 1}\n");
	assert_int_equal(f.report->ops[OP_READ].count, 100);
	/* 85 of 100 go to the first block; readahead brings in what the rest needs. */
	assert_in_range(f.report->rpcs[RPC_READ].count, 1, 4);
	assert_int_equal(f.report->ops[OP_WRITE].failed, 1); /* open for reading */
	done(&f);
}

/* ---- tasks that wait for each other ---- */

static void tasks_wait_for_labels_ends_and_barriers(void **state)
{
	assert_rows(
		HEAD
		"tasks:\n"
		"  a:\n"
		"    - sleep: {time: 5ms, label: nap}\n"
		"    - sleep: 5ms\n"
		"    - barrier: b\n"
		"  b:\n"
		"    - wait: a.nap\n"
		"    - barrier: b\n"
		"  c:\n"
		"    start_after: b\n"
		"    do: [{parallel: {tasks: {t1: [sleep: 2ms], t2: [sleep: 1ms]}}}, {unlink: f}]\n",
		"1 t0 sleep ns=5000000 => ret=0\n"
		"1 t1 wait for=a.nap => ret=0\n"
		"2 t0 sleep ns=5000000 => ret=0\n"
		"3 t0 barrier for=b => ret=0\n"
		"2 t1 barrier for=b => ret=0\n"
		"1 t2 sleep ns=1000000 => ret=0\n"
		"1 t1 sleep ns=2000000 => ret=0\n"
		"1 t2 unlink name=f => ret=0\n");
}

/* A group may be entered again and again. */
static void a_group_in_a_loop_starts_anew(void **state)
{
	struct fixture f;

	run(&f, HEAD "tasks:\n  t:\n    - repeat:\n        times: 3\n        do:\n"
		     "          - parallel: {tasks: {t1: [sleep: 2ms], t2: [sleep: 1ms]}}\n"
		     "    - srv_dump: f\n");
	assert_int_equal(f.report->ops[OP_SLEEP].count, 6);
	assert_int_equal(f.report->tasks_ns, 6000000);
	done(&f);
}

static void waiting_for_what_never_comes_is_a_hang(void **state)
{
	struct fixture f;

	run(&f,
	    HEAD "tasks:\n  a: [{srv_dump: f}, {barrier: x}, {barrier: x}]\n  b: [{barrier: x}]\n");
	assert_int_equal(f.report->end, SIM_END_HANG);
	assert_int_equal(scenario_report_exit(f.report), 1);
	assert_non_null(strstr(f.report->hang, "barrier x of 2 tasks"));
	done(&f);

	run(&f,
	    HEAD "tasks:\n  a: [{srv_dump: f}, {barrier: x}, {barrier: x}]\n  b: [{barrier: x}]\n"
		 "expect: {hang: true}\n");
	assert_failures(&f, "");
	assert_int_equal(f.report->verdict, SCENARIO_MET);
	done(&f);
}

/* ---- the end of a run ---- */

static void limits_end_a_run(void **state)
{
	struct fixture f;

	run(&f, HEAD "tasks: {t: [{srv_dump: f}, {sleep: 2s}]}\nlimits: {time: 1s}\n");
	assert_int_equal(f.report->end, SIM_END_TIME);
	assert_int_equal(scenario_report_exit(f.report), 4);
	done(&f);
	run(&f, HEAD "tasks: {t: [{srv_dump: f}, {sleep: 2s}]}\nlimits: {events: 1}\n");
	assert_int_equal(f.report->end, SIM_END_STEPS);
	assert_int_equal(f.report->verdict, SCENARIO_LIMIT);
	done(&f);
}

/* Operations that never wait do not keep the run from its limit. */
static void endless_operations_meet_the_limit(void **state)
{
	struct fixture f;

	run(&f,
	    HEAD "tasks: {t: [{repeat: {times: 1000000000, do: [drop_caches]}}, {srv_dump: f}]}\n"
		 "limits: {events: 10000}\n");
	assert_int_equal(f.report->end, SIM_END_STEPS);
	assert_int_equal(f.report->nr_ops, 10000);
	done(&f);
}

static void offsets_beyond_the_largest_file_are_invalid(void **state)
{
	struct fixture f;

	run(&f, HEAD
	    "tasks:\n  t:\n    - open: {file: f, as: fd, flags: [rdwr]}\n"
	    "    - repeat: {times: 40000, step: 1024TiB, do: [{read: {fd: fd, at: 0, len: 1}}, "
	    "{write: {fd: fd, at: 16TiB, len: 0}}]}\n");
	assert_int_equal(f.report->ops[OP_READ].failed, 40000 - 8192);
	assert_int_equal(f.report->ops[OP_WRITE].failed, 40000 - 8192);
	done(&f);
}

static void what_never_ends_after_the_tasks_is_cut_off(void **state)
{
	struct fixture f;

	run(&f, HEAD
	    "tasks: {t: [{open: {file: f, as: d, flags: [wronly]}}, {write: {fd: d, len: 9}}]}\n"
	    "faults: [{on: write, nth: 1, count: 0, do: {error: ENOSPC}}]\n"
	    "limits: {drain: 2min}\nexpect: {end: {dirty: 4KiB}}\n");
	assert_failures(&f, "");
	assert_int_equal(f.report->verdict, SCENARIO_MET);
	assert_in_range(f.report->time_ns, 120000000000ull, 160000000000ull);
	done(&f);
}

static void an_interrupted_run_has_figures_and_no_verdict(void **state)
{
	struct sim_buf text = {0};
	struct fixture f;

	start(&f, WRITER "    - wait: o.nap\nexpect: {results: {w.w: 1}}\n", NULL);
	assert_int_equal(scenario_run_steps(f.run, 5), SIM_END_NONE);
	f.report = scenario_run_report(f.run);
	assert_int_equal(f.report->verdict, SCENARIO_INCOMPLETE);
	assert_int_equal(f.report->nr_failures, 0);
	assert_int_equal(f.report->steps, 5);
	scenario_report_text(f.report, &text);
	assert_non_null(strstr(text.data, "incomplete"));
	sim_buf_free(&text);
	/* It may go on. */
	assert_int_equal(scenario_run_go(f.run), SIM_END_QUIESCENT);
	f.report = scenario_run_report(f.run);
	assert_failures(&f, "results.w.w: expected 1, got 4096");
	done(&f);
}

static void a_world_may_be_dropped_at_any_step(void **state)
{
	for (uint64_t n = 1; n < 60; n++) {
		struct fixture f;

		start(&f, WRITER "    - wait: o.nap\nexpect: {results: {w.w: 4096}}\n", NULL);
		scenario_run_steps(f.run, n);
		done(&f);
	}
}

/* ---- same again ---- */

static struct sim_fingerprint fingerprint(const char *text, const struct scenario_run_opts *opts)
{
	struct sim_fingerprint fp;
	struct fixture f;

	run_with(&f, text, opts);
	fp = f.report->fingerprint;
	done(&f);
	return fp;
}

static void the_same_run_has_the_same_fingerprint(void **state)
{
	static const char text[] = HEAD
		"tasks:\n"
		"  a: [{open: {file: f, as: fd, flags: [rdwr]}}, {write: {fd: fd, at: 9, len: 9}}]\n"
		"  b: [{open: {file: f, as: rd}}, {read: {fd: rd, at: 0, len: 99}}]\n"
		"schedule: {policy: random, seed: 5, preempt_once: 3}\n";
	struct scenario_run_opts seeded = {.seed_given = true, .seed = 1},
				 unchecked = {.unchecked = true};
	struct sim_fingerprint fp = fingerprint(text, NULL);

	assert_true(sim_fingerprint_equal(fp, fingerprint(text, NULL)));
	/* Nothing is drawn from the seed here, and the checker only looks on. */
	assert_true(sim_fingerprint_equal(fp, fingerprint(text, &seeded)));
	assert_true(sim_fingerprint_equal(fp, fingerprint(text, &unchecked)));
}

struct counter {
	struct sim_trace_sink sink;
	uint64_t n, marks;
};

static void count(struct sim_trace_sink *sink, const struct sim_trace_record *rec)
{
	struct counter *c = sim_container_of(sink, struct counter, sink);

	c->n++;
	c->marks += rec->event == &model_events[EVENT_tracing_mark_write];
}

static void the_trace_window_opens_and_shuts(void **state)
{
	struct counter c = {.sink = {.record = count, .windowed = true}};
	struct fixture f;

	start(&f,
	      HEAD "markers: true\ntasks:\n"
		   "  t: [{open: {file: f, as: fd}}, {trace_on: {file: f, name: x}}, "
		   "{read: {fd: fd, at: 0, len: 1}}, trace_off, {read: {fd: fd, at: 0, len: 1}}]\n",
	      NULL);
	sim_trace_add_sink(f.run->trace, &c.sink);
	scenario_run_go(f.run);
	assert_int_equal(c.marks, 4); /* CASE x, OP START, OP END, CASE END */
	assert_in_range(c.n, 20, 200);
	assert_true(f.run->trace->nr_records > c.n);
	sim_trace_remove_sink(f.run->trace, &c.sink);
	done(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_operation_has_its_row),
		cmocka_unit_test(the_server_changes_behind_the_client),
		cmocka_unit_test(a_slot_forgets_its_file),
		cmocka_unit_test(repeat_steps_through_the_file),
		cmocka_unit_test(texts_of_recordings_are_kept),
		cmocka_unit_test(sequential_starts_again_at_the_end_of_its_range),
		cmocka_unit_test(random_blocks_follow_the_seed),
		cmocka_unit_test(zipf_prefers_the_first_blocks),
		cmocka_unit_test(tasks_wait_for_labels_ends_and_barriers),
		cmocka_unit_test(a_group_in_a_loop_starts_anew),
		cmocka_unit_test(waiting_for_what_never_comes_is_a_hang),
		cmocka_unit_test(limits_end_a_run),
		cmocka_unit_test(endless_operations_meet_the_limit),
		cmocka_unit_test(offsets_beyond_the_largest_file_are_invalid),
		cmocka_unit_test(what_never_ends_after_the_tasks_is_cut_off),
		cmocka_unit_test(an_interrupted_run_has_figures_and_no_verdict),
		cmocka_unit_test(a_world_may_be_dropped_at_any_step),
		cmocka_unit_test(the_same_run_has_the_same_fingerprint),
		cmocka_unit_test(the_trace_window_opens_and_shuts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
