/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of signals: which waits they end, what the calls return, what is left of a killed task. */
#include "tests/model/scenario_fixture.h"

/* Runs, and everything is as the text says. */
static void assert_as_said(const char *text)
{
	struct fixture f;

	run(&f, text);
	assert_failures(&f, "");
	assert_int_equal(f.run->w->end, SIM_END_QUIESCENT);
	done(&f);
}

/* Sends a signal at 1 ms. */
#define AT_1MS(task, kind) "  s: [{sleep: 1ms}, {signal: {task: " task ", kind: " kind "}}]\n"

/* ---- what is interrupted ---- */

static void a_sleep_and_a_wait_for_events_are_never_made_again(void **state)
{
	assert_as_said(HEAD "tasks:\n"
			    "  t:\n"
			    "    - open: {file: f, as: d, flags: [rdwr, direct]}\n"
			    "    - sleep: {time: 10ms, ret: EINTR}\n"
			    "    - aio_write: {aio: a, fd: d, at: 0, len: 4KiB}\n"
			    "    - aio_wait: {aio: a, ret: EINTR}\n"
			    "    - aio_wait: {aio: a, ret: 1, res: 4KiB}\n"
			    "    - sleep: {time: 10ms, ret: 0}\n"
			    "  s: [{sleep: 1ms}, {signal: {task: t, kind: restart}},\n"
			    "      {sleep: 50us}, {signal: {task: t, kind: restart}}]\n"
			    "expect: {never: [call_restarted], sometimes: [call_interrupted]}\n");
}

/* What the server is asked for, and writeback, is waited for. */
static void messages_and_writeback_are_not_interrupted(void **state)
{
	static const char *const mounts[] = {"{fs: 9p}", "{fs: 9p, cache: none}", "{fs: afs}",
					     "{fs: cifs}", "{fs: ceph}"};
	char text[1024];

	for (unsigned i = 0; i < sizeof(mounts) / sizeof(mounts[0]); i++) {
		snprintf(text, sizeof(text),
			 HEAD "mount: %s\n"
			      "tasks:\n"
			      "  t:\n"
			      "    - open: {file: f, as: fd, flags: [rdwr]}\n"
			      "    - read: {fd: fd, at: 0, len: 4KiB, ret: 4KiB}\n"
			      "    - write: {fd: fd, at: 0, len: 4KiB, ret: 4KiB}\n"
			      "    - fsync: {fd: fd, ret: 0}\n"
			      "    - truncate: {fd: fd, size: 1, ret: 0}\n"
			      "  s: [{repeat: {times: 400, do: [{sleep: 10us},\n"
			      "       {signal: {task: t, kind: interrupt}}]}}]\n"
			      "expect: {always: [no_violation], never: [call_interrupted]}\n",
			 mounts[i]);
		assert_as_said(text);
	}
}

/* A second call of the file waits for the first one's, unless it is a store. */
static void afs_calls_wait_for_each_other_interruptibly(void **state)
{
	assert_as_said(
		"format: 1\npurpose: p\nmount: {fs: afs}\n"
		"server: {latency: 1ms}\nfiles: {f: {size: 16KiB}}\n"
		"tasks:\n"
		"  t:\n"
		"    - open: {file: f, as: d, flags: [rdwr, direct]}\n"
		"    - aio_write: {aio: a, fd: d, at: 0, len: 4KiB, label: sent}\n"
		"    - sleep: 100us\n"
		"    - read: {fd: d, at: 8KiB, len: 4KiB, ret: EINTR}\n"
		"    - aio_wait: {aio: a, res: 4KiB}\n"
		"  s: [{wait: t.sent}, {sleep: 500us}, {signal: {task: t, kind: interrupt}}]\n");
}

/* Of several signals one without SA_RESTART is enough; between calls a handler changes nothing. */
static void handlers_agree_to_make_a_call_again(void **state)
{
	assert_as_said(HEAD
		       "tasks:\n"
		       "  d:\n"
		       "    - open: {file: f, as: d, flags: [rdwr, direct]}\n"
		       "    - barrier: go\n"
		       "    - aio_write: {aio: a, fd: d, at: 0, len: 4KiB}\n"
		       "    - aio_wait: a\n"
		       "  t:\n"
		       "    - open: {file: f, as: fd}\n"
		       "    - barrier: go\n"
		       "    - signal: {task: t, kind: interrupt}\n"
		       "    - sleep: 10us\n"
		       "    - read: {fd: fd, at: 0, len: 4KiB, ret: EINTR}\n"
		       "  s: [{barrier: go}, {sleep: 100us}, {signal: {task: t, kind: restart}},\n"
		       "      {signal: {task: t, kind: interrupt}}]\n"
		       "expect: {never: [call_restarted]}\n");
}

/* ---- killed tasks ---- */

static void a_killed_task_does_nothing_more(void **state)
{
	struct scenario_run_opts opts = {.results = true};
	struct fixture f;

	run_with(
		&f,
		HEAD
		"tasks:\n"
		"  t:\n"
		"    - repeat: {times: 1000000000, do: [{sleep: 300us}, {sleep: 800us}]}\n"
		"    - unlink: f\n" AT_1MS(
			"t",
			"kill") "  self: [{signal: {task: self, kind: kill}}, {unlink: f}]\n"
				"  late: {start_after: t, do: [{signal: {task: t, kind: kill}}]}\n",
		&opts);
	assert_failures(&f, "");
	assert_string_equal(scenario_run_results(f.run)->data, "1 t2 signal for=self => ?\n"
							       "1 t0 sleep ns=300000 => ret=0\n"
							       "1 t1 sleep ns=1000000 => ret=0\n"
							       "2 t1 signal for=t => ret=0\n"
							       "2 t0 sleep ns=800000 => ?\n"
							       "1 t3 signal for=t => ret=-3\n");
	done(&f);
}

static void nobody_waits_for_a_killed_task(void **state)
{
	assert_as_said(HEAD
		       "tasks:\n"
		       "  t: [{sleep: {time: 10ms, label: nap}}, {barrier: b}]\n"
		       "  u: [{barrier: b}]\n"
		       "  v: [{barrier: b}, {wait: {for: t.nap, ret: ESRCH}}, {wait: t}]\n"
		       "  w: {start_after: t.nap, do: [{stat: f}]}\n"
		       "  x: [{stat: f}]\n" AT_1MS(
			       "t", "kill") "hold:\n  - {task: x, at: syscall, until: t.nap.done}\n"
					    "expect: {duration: {max: 3ms}, always: [no_hang]}\n");
}

/* It leaves the barrier at which it waits, too. */
static void a_task_is_killed_at_a_barrier(void **state)
{
	assert_as_said(HEAD "tasks:\n"
			    "  t: [{barrier: b}]\n"
			    "  u: [{sleep: 2ms}, {barrier: b}]\n"
			    "  v: [{sleep: 3ms}, {barrier: b}, {stat: f}]\n" AT_1MS(
				    "t", "kill") "expect: {duration: {min: 3ms, max: 4ms}}\n");
}

/* A group goes with its task; one task of it alone, and there again in the next round. */
static void groups_are_killed_with_their_task(void **state)
{
	assert_as_said(HEAD
		       "tasks:\n"
		       "  t:\n"
		       "    - parallel: {tasks: {a: [{sleep: 10ms}], b: [{sleep: 10ms}]}}\n"
		       "  g:\n"
		       "    - repeat:\n"
		       "        times: 2\n"
		       "        do:\n"
		       "          - parallel:\n"
		       "              tasks: {a: [{sleep: 2ms}, {barrier: b}], b: [{barrier: b}]}\n"
		       "  s: [{sleep: 1ms}, {signal: {task: t, kind: kill}},\n"
		       "      {signal: {task: g-a, kind: kill}}, {stat: f}]\n"
		       "expect: {duration: 3ms}\n");
}

/* What others name stays open until the process exits; memory is given back at once. */
static void a_killed_task_closes_what_is_its_own(void **state)
{
	assert_as_said(HEAD "tasks:\n"
			    "  t:\n"
			    "    - open: {file: f, as: own, flags: [rdwr]}\n"
			    "    - open: {file: f, as: shared, flags: [rdwr]}\n"
			    "    - open: {file: f}\n"
			    "    - mmap: {map: m, fd: own, len: 4KiB, prot: write}\n"
			    "    - mwrite: {map: m, len: 4KiB}\n"
			    "    - take_memory: {len: 512MiB}\n"
			    "    - sleep: 1s\n"
			    "  u:\n"
			    "    - wait: t\n"
			    "    - srv_dump: {file: f, label: stored}\n"
			    "    - write: {fd: shared, at: 4KiB, len: 4KiB, ret: 4KiB}\n"
			    "    - take_memory: {len: 512MiB, ret: 0}\n"
			    "  s: [{sleep: 100ms}, {signal: {task: t, kind: kill}}]\n"
			    "expect:\n"
			    "  data: {u.stored: \"A*4096,b*4096,c*4096,d*4096\"}\n"
			    "  server: {f: {data: \"A*4096,B*4096,c*4096,d*4096\"}}\n"
			    "  rpcs: {open: 3, close: 3}\n");
}

/* A writer that sleeps for the dirty limit, and one that waits for a lock, can be killed. */
static void killable_waits_end(void **state)
{
	assert_as_said(
		"format: 1\npurpose: p\nserver: {latency: 100us, disk_write: 1MiB/s}\n"
		"memory: {total: 4MiB, dirty_bytes: 256KiB}\nfiles: {f: {size: 16KiB}}\n"
		"tasks:\n"
		"  t:\n"
		"    - open: {file: f, as: fd, flags: [rdwr]}\n"
		"    - write: {fd: fd, at: 0, len: 16MiB}\n"
		"  u:\n"
		"    - open: {file: f, as: fd2, flags: [rdwr]}\n"
		"    - write: {fd: fd2, at: 0, len: 4KiB}\n"
		"  s: [{sleep: 20ms}, {signal: {task: u, kind: kill}}, {wait: u},\n"
		"      {sleep: 80ms},\n"
		"      {signal: {task: t, kind: kill}}, {wait: t}]\n"
		"expect: {duration: {max: 2s}, sometimes: [writer_throttled, task_killed]}\n");
}

/* 9P waits for what the server has begun with, and goes on with the call; others leave it behind. */
static void a_killed_task_leaves_its_message(void **state)
{
	static const char *const mounts[] = {"{fs: 9p}", "{fs: cifs}", "{fs: ceph}"};
	char text[1024];

	for (unsigned i = 0; i < sizeof(mounts) / sizeof(mounts[0]); i++) {
		snprintf(text, sizeof(text),
			 HEAD "mount: %s\n"
			      "tasks:\n"
			      "  t: [{open: {file: new, flags: [creat]}}, {sleep: 1s}]\n"
			      "  u: [{wait: t}, {open: {file: f}}, {stat: f}]\n"
			      "  s: [{sleep: 250us}, {signal: {task: t, kind: kill}}]\n"
			      "faults: [{on: [create], nth: 1, do: {delay: 50ms}}]\n"
			      "expect:\n"
			      "  always: [no_violation]\n"
			      "  rpcs: {create: 1, open: %u}\n"
			      "  server: {new: {size: 0}}\n"
			      "  duration: {%s}\n",
			 mounts[i], i ? 1 : 2, i ? "max: 2ms" : "min: 50ms");
		assert_as_said(text);
	}
}

/* ---- what is refused ---- */

static void assert_refused(const char *op, const char *expected)
{
	struct sim_err err = {0};
	char text[512];

	snprintf(text, sizeof(text),
		 HEAD "tasks:\n  t: [{stat: {file: f, label: l}}, {wait: u},\n"
		      "      {signal: %s}]\n  u: [{wait: t.l}]\n",
		 op);
	assert_null(scenario_load_text("s.yaml", text, strlen(text), NULL, &err));
	if (!strstr(err.text, expected))
		fail_msg("'%s' is not in: %s", expected, err.text);
}

static void impossible_signals_are_refused(void **state)
{
	assert_refused("{task: nobody, kind: kill}", "no task has this name");
	assert_refused("{task: t.l, kind: kill}", "it is not a name");
	assert_refused("{task: u, kind: term}", "unknown kind of signal");
	assert_refused("{task: u}", "kind");
	assert_refused("u", "signal");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_sleep_and_a_wait_for_events_are_never_made_again),
		cmocka_unit_test(messages_and_writeback_are_not_interrupted),
		cmocka_unit_test(afs_calls_wait_for_each_other_interruptibly),
		cmocka_unit_test(handlers_agree_to_make_a_call_again),
		cmocka_unit_test(a_killed_task_does_nothing_more),
		cmocka_unit_test(nobody_waits_for_a_killed_task),
		cmocka_unit_test(a_task_is_killed_at_a_barrier),
		cmocka_unit_test(groups_are_killed_with_their_task),
		cmocka_unit_test(a_killed_task_closes_what_is_its_own),
		cmocka_unit_test(killable_waits_end),
		cmocka_unit_test(a_killed_task_leaves_its_message),
		cmocka_unit_test(impossible_signals_are_refused),
	};

	return cmocka_run_group_tests_name("signals", tests, NULL, NULL);
}
