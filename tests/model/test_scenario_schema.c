/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of scenario files: what is refused, where and how; what defaults and names come to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "model/scenario/scenario.h"
#include "sim/base/arena.h"

#define HEAD   "format: 1\npurpose: p\n"
#define FILE_F "files: {f: {size: 4KiB}}\n"
#define OPEN   "    - open: {file: f, as: fd}\n    - read: {fd: fd, len: 1}\n"
#define TASK   HEAD FILE_F "tasks:\n  t:\n" OPEN

static struct scenario *load(const char *text, struct sim_err *err)
{
	return scenario_load_text("s.yaml", text, strlen(text), NULL, err);
}

/* A scenario and the first line of the error it must give. */
static const struct {
	const char *text, *error;
} bad[] = {
	{"", "s.yaml:1:1: file: is empty; a map of fields is expected"},
	{"format: 1\n", "s.yaml:1:1: map: scenario lacks the field 'purpose'"},
	{HEAD "tasks: {t: [drop_caches]}\nfoo: 1\n", "s.yaml:4:1: foo: unknown field of scenario"},
	{HEAD "tasks: {t: [drop_caches]}\nmonut: {}\n",
	 "s.yaml:4:1: monut: unknown field of scenario; did you mean 'mount'?"},
	{"format: 2\npurpose: p\ntasks: {t: [drop_caches]}\n",
	 "s.yaml:1:9: 2: this format is not known; it must be 1"},
	{HEAD "tasks: {t: [drop_cache]}\n",
	 "s.yaml:3:13: drop_cache: unknown operation; did you mean 'drop_caches'?"},
	{HEAD "tasks: {t: []}\n", "s.yaml:3:12: "},
	{HEAD "tasks: {t: [sleep: 5]}\n", "s.yaml:3:20: 5: the unit is missing"},
	{HEAD "tasks: {t: [sleep: 5 ms]}\n", "s.yaml:3:20: 5 ms: it is not a time"},
	{HEAD "tasks: {t: [drop_caches]}\ndesign: {generation: 6.12}\n",
	 "s.yaml:4:22: 6.12: this generation is not accepted; it is not built yet"},
	{HEAD "tasks: {t: [drop_caches]}\ndesign: {bugs: [as-realeased]}\n",
	 "s.yaml:4:17: as-realeased: unknown bug; did you mean 'as-released'?"},
	{HEAD "tasks: {t: [drop_caches]}\nmount: {fs: nfs}\n",
	 "s.yaml:4:13: nfs: this filesystem is not accepted; NFS is left out"},
	{HEAD "tasks: {t: [drop_caches]}\nmount: {fs: erofs}\n",
	 "s.yaml:4:13: erofs: this filesystem is not accepted; erofs on demand is left out"},
	{HEAD "tasks: {t: [drop_caches]}\nmount: {rdma: true}\n",
	 "s.yaml:4:9: rdma: this field of mount is not accepted; RDMA is left out"},
	{HEAD "tasks: {t: [drop_caches]}\nmount: {fs: 9p, msize: 64K}\n",
	 "s.yaml:4:24: 64K: the unit is ambiguous"},
	{HEAD "tasks: {t: [drop_caches]}\nmount: {fs: 9p, msize: 100}\n", "s.yaml:4:24: 100: "},
	{HEAD "tasks: {t: [drop_caches]}\nmount: {fs: afs, msize: 64KiB}\n",
	 "s.yaml:4:25: 64KiB: only 9P has msize and iounit"},
	{HEAD "tasks: {t: [drop_caches]}\nmount: {fs: ceph, max_segments: 3}\n",
	 "s.yaml:4:33: 3: only CIFS has such a limit"},
	{HEAD "tasks: {t: [drop_caches]}\nmount: {fs: afs, fsc: true}\n",
	 "s.yaml:4:23: true: only CIFS has it; 9P, AFS and Ceph have cache: fscache"},
	{HEAD "tasks: {t: [drop_caches]}\nmount: {fs: 9p, closetimeo: 1s}\n",
	 "s.yaml:4:29: 1s: only CIFS keeps closed files"},
	{HEAD "tasks: {t: [drop_caches]}\nmount: {fs: afs, cache: loose}\n",
	 "s.yaml:4:25: loose: this filesystem does not have the mode; it has fscache, strict"},
	{HEAD "tasks: {t: [drop_caches]}\nclients: 2\nmounts: [{fs: 9p}]\n",
	 "s.yaml:5:1: mounts: it must have one mount for each of the 2 clients"},
	{HEAD "tasks: {t: [drop_caches]}\nmounts: [{fs: 9p}]\nmount: {fs: afs}\n",
	 "s.yaml:5:1: mount: mounts says it for each client; leave one out"},
	{HEAD "tasks: {t: [drop_caches]}\nclients: 2\nmounts: [{fs: 9p}, {fs: afs}]\n",
	 "s.yaml:5:25: afs: the server speaks one protocol"},
	{HEAD "tasks: {t: [drop_caches]}\nmount: {fs: 9p, rsize: 8KiB, wsize: 16KiB}\n",
	 "s.yaml:4:37: 16KiB: 9P has one limit for reads and writes"},
	{HEAD "tasks: {t: [drop_caches]}\nmount: {fs: 9p, wsize: 16KiB, msize: 64KiB}\n",
	 "s.yaml:4:24: 16KiB: msize and iounit say it already"},
	{HEAD "tasks: {t: [drop_caches]}\nmount: {readahead: 5000}\n",
	 "s.yaml:4:20: 5000: it is not a whole number of pages"},
	{HEAD "tasks: {t: [drop_caches]}\nmemory: {page: 64KiB}\n",
	 "s.yaml:4:16: 64KiB: pages have one size here"},
	{HEAD "tasks: {t: [drop_caches]}\nserver: {bandwidth: 1GiB/s, bandwidth_up: 1GiB/s}\n",
	 "s.yaml:4:21: 1GiB/s: it is given for each direction as well"},
	{HEAD "files: {f: {size: 1, on_server: absent}}\ntasks: {t: [srv_dump: f]}\n",
	 "s.yaml:3:19: 1: a file that does not exist has no size"},
	{HEAD "tasks: {t: [srv_dump: f]}\n", "s.yaml:3:23: f: no file has this name"},
	{HEAD FILE_F "tasks: {t: [srv_dump: g]}\n",
	 "s.yaml:4:23: g: no file has this name; list it under files, or create it; allowed: f"},
	{HEAD FILE_F "tasks: {t: [drop_caches]}\n", "s.yaml:3:9: f: nothing uses this file"},
	{HEAD FILE_F "tasks: {t: [open: {file: f, as: fd}]}\n",
	 "s.yaml:4:33: fd: nothing uses this open file"},
	{HEAD FILE_F "tasks: {t: [open: {file: f, as: fd}, close: df]}\n",
	 "s.yaml:4:45: df: no open gives this name; did you mean 'fd'?"},
	{TASK "    - mread: {map: m, len: 1}\n", "s.yaml:8:20: m: no mmap gives this name"},
	{TASK "    - mmap: {map: m, fd: fd, len: 1}\n    - munmap: mm\n",
	 "s.yaml:9:15: mm: no mmap gives this name; did you mean 'm'?"},
	{TASK "    - mmap: {map: m, fd: fd, len: 1}\n    - munmap: fd\n",
	 "s.yaml:9:15: fd: no mmap gives this name; allowed: m"},
	{TASK "    - mmap: {map: m, fd: fd, at: 0x7fffffffffffffff, len: 2}\n",
	 "s.yaml:8:59: 2: the end of the range is beyond the largest file size"},
	{HEAD FILE_F "tasks: {t: [open: {file: f, flags: [wronly, rdwr]}]}\n",
	 "s.yaml:4:29: flags: wronly and rdwr exclude each other"},
	{HEAD FILE_F "tasks: {t: [open: {file: f, flags: [excl]}]}\n",
	 "s.yaml:4:29: flags: excl without creat means nothing"},
	{TASK "    - write: {fd: fd, len: 1, rwf: sync}\n",
	 "s.yaml:8:36: sync: rwf needs an offset"},
	{TASK "    - read: {fd: fd, at: 0x7fffffffffffffff, len: 2}\n",
	 "s.yaml:8:51: 2: the end of the range is beyond the largest file size"},
	{TASK "    - stat: {}\n", "s.yaml:8:7: stat: stat takes a file or an open file"},
	{TASK "    - fsync: {fd: fd, label: x}\n", "s.yaml:8:30: x: nothing refers to this label"},
	{TASK "    - fsync: {fd: fd, ret: ENOSPACE}\n",
	 "s.yaml:8:28: ENOSPACE: it is not a result of a call"},
	{TASK "    - wait: t\n", "s.yaml:8:13: t: a task cannot wait for its own end"},
	{TASK "    - wait: u\n", "s.yaml:8:13: u: no task has this name; allowed: t"},
	{TASK "    - wait: t.x\n    - fsync: {fd: fd, label: x}\n",
	 "s.yaml:8:13: t.x: it comes later in the same task and is never reached"},
	{TASK "    - wait: t.y\n", "s.yaml:8:13: t.y: that task has no operation with this label"},
	{TASK "    - fsync: {fd: fd, label: x}\n    - fsync: {fd: fd, label: x}\n",
	 "s.yaml:9:30: x: another operation of this task has this label"},
	{TASK "    - barrier: b\n", "s.yaml:8:16: b: only one task comes to this barrier"},
	{TASK "    - repeat: {times: 0, do: [drop_caches]}\n", "s.yaml:8:23: 0: "},
	{TASK "    - random: {op: read, fd: fd, count: 1, block: 8KiB, range: 4KiB}\n",
	 "s.yaml:8:64: 4KiB: not one block fits in"},
	{TASK "    - zipf: {op: read, fd: fd, count: 1, block: 4KiB, range: 1MiB, theta: 9/1}\n",
	 "s.yaml:8:75: 9/1: "},
	{TASK "    - sequential: {op: read, fd: fd, count: 100000000, block: 1TiB}\n",
	 "s.yaml:8:45: 100000000: the last block is beyond the largest file size"},
	{TASK "    - parallel: {tasks: {t1: [{parallel: {tasks: {t2: [sync]}}}]}}\n",
	 "s.yaml:8:43: tasks: groups within groups are not supported"},
	{HEAD "tasks: {a-name-of-16-chs: [drop_caches]}\n",
	 "s.yaml:3:9: a-name-of-16-chs: a name longer than 15 characters is cut in traces"},
	{HEAD "tasks: {t: {client: 1, do: [drop_caches]}}\n",
	 "s.yaml:3:21: 1: there is no such client"},
	{HEAD "tasks: {t: {start_after: t, do: [drop_caches]}}\n",
	 "s.yaml:3:26: t: the task would wait for itself and never start"},
	{HEAD "tasks:\n  a: {start_after: b, do: [sync]}\n  b: {start_after: a, do: [sync]}\n",
	 "s.yaml:4:20: b: the task would wait for itself and never start"},
	{TASK "hold:\n  - {task: t, at: folio_lokc, until: t.end}\n",
	 "s.yaml:9:19: folio_lokc: there is no such site, see netfs-sim-events(7); did you mean 'folio_lock'?"},
	{TASK "  u: [sync]\nhold:\n  - {task: t, at: server_wait_reply, until: u.end}\n",
	 "s.yaml:10:19: server_wait_reply: no task passes this site"},
	{TASK "  u: [sync]\nhold:\n  - {task: t, at: syscall, until: u@i_rwsem}\n",
	 "s.yaml:10:35: u@i_rwsem: no task passes this site"},
	{TASK "hold:\n  - {task: t, at: folio_lock, until: t.end}\n",
	 "s.yaml:9:38: t.end: the task would wait for itself"},
	{TASK "  u: [sync]\nhold:\n  - {task: t, at: folio_lock, until: u}\n",
	 "s.yaml:10:38: u: it does not say when"},
	{TASK "hold:\n  - {at: folio_lock, until: t.end}\n",
	 "s.yaml:9:5: map: a hold stops one task"},
	{TASK "hold:\n  - {task: t, at: folio_lock}\n",
	 "s.yaml:9:5: map: it would stop the task for ever"},
	{TASK "faults:\n  - {on: write, do: {error: EIO}}\n",
	 "s.yaml:9:5: map: when it strikes is not clear"},
	{TASK "faults:\n  - {on: write, nth: 1, do: {error: EIO, short: 1}}\n",
	 "s.yaml:9:37: EIO: a fault does one thing"},
	{TASK "faults:\n  - {on: read, nth: 1, do: {drop: true}}\n",
	 "s.yaml:9:35: true: 9P has no RPC time-out"},
	{TASK "faults:\n  - {on: raed, nth: 1, do: {error: EIO}}\n",
	 "s.yaml:9:10: raed: unknown messages; did you mean 'read'?"},
	{TASK "faults:\n  - {on: read, probability: 3/2, do: {error: EIO}}\n",
	 "s.yaml:9:29: 3/2: "},
	{TASK "expect: {always: [readahead]}\n",
	 "s.yaml:8:19: readahead: it happens or does not; it is for sometimes and never"},
	{TASK "expect: {never: [no_hang]}\n",
	 "s.yaml:8:18: no_hang: it holds for a whole run or does not; it is for always"},
	{TASK "expect: {results: {t.x: 0}}\n",
	 "s.yaml:8:20: t.x: that task has no operation with this label"},
	{TASK "expect: {results: {t: 0}}\n", "s.yaml:8:20: t: it names no operation"},
	{TASK "expect: {rpcs: {raed: 0}}\n", "s.yaml:8:17: raed: "},
	{TASK "expect: {latency: {raed: {p50: 0}}}\n",
	 "s.yaml:8:20: raed: there is no such operation; did you mean 'read'?"},
	{TASK "expect: {throughput: {v: 1MiB/s}}\n", "s.yaml:8:23: v: no task has this name"},
	{TASK "expect: {duration: {min: 2ms, max: 1ms}}\n",
	 "s.yaml:8:36: 1ms: it is less than min"},
	{TASK "expect: {violations: [I99]}\n", "s.yaml:8:23: I99: no rule has this name"},
	{TASK "expect: {server: {g: {size: 0}}}\n", "s.yaml:8:19: g: no file has this name"},
	{TASK "expect: {server: {f: {data: \"a*4KiB\"}}}\n",
	 "s.yaml:8:29: a*4KiB: this count of bytes is never printed; write it in decimal"},
	{HEAD FILE_F "tasks:\n  t:\n    - open: {file: f, as: fd}\n"
		     "    - read: {fd: fd, len: 1, label: r}\n"
		     "expect:\n  data: {t.r: abc}\n",
	 "s.yaml:9:15: abc: a run has no count; write BYTE*COUNT, such as a*4096"},
	{TASK "limits: {memory: 1MiB}\n", "s.yaml:8:18: 1MiB: the run may need "},
};

static void bad_input_is_refused_with_its_position(void **state)
{
	int failed = 0;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct sim_err err = {0};
		struct scenario *scn = load(bad[i].text, &err);

		if (!scn && !strncmp(err.text, bad[i].error, strlen(bad[i].error)))
			continue;
		print_error("expected: %s\ngot:      %s\n", bad[i].error,
			    scn ? "no error" : err.text);
		scenario_free(scn);
		failed++;
	}
	assert_int_equal(failed, 0);
}

static void memory_beyond_the_limit_is_refused(void **state)
{
	static const char text[] = HEAD
		"memory: {total: 1TiB}\nmount: {fs: 9p}\nfiles: {f: {size: 1TiB}}\ntasks:\n  t:\n"
		"    - open: {file: f, as: fd}\n"
		"    - sequential: {op: read, fd: fd, count: 1000000, block: 1MiB}\n";
	struct sim_err err = {0};

	assert_null(load(text, &err));
	assert_non_null(strstr(err.text, "its limit is 2GiB; raise limits.memory"));
}

static void large_folios_need_less(void **state)
{
	static const char text[] = HEAD
		"memory: {total: 64GiB}\nmount: {fs: afs}\nfiles: {f: {on_server: absent}}\ntasks:\n"
		"  t:\n    - open: {file: f, as: fd, flags: [wronly, creat]}\n"
		"    - sequential: {op: write, fd: fd, count: 1048576, block: 1MiB}\n";
	struct sim_err err = {0};
	struct scenario *scn = load(text, &err);

	assert_non_null(scn);
	assert_true(scenario_memory_estimate(scn) < 2ull << 30);
	scenario_free(scn);
}

/* ---- what is accepted ---- */

static void the_tables_are_sound(void **state)
{
	struct sim_err err = {0};

	if (sim_conf_selftest(&scenario_type, &err))
		fail_msg("%s", err.text);
}

static void the_template_is_a_scenario(void **state)
{
	struct sim_buf text = {0};
	struct sim_err err = {0};
	struct scenario *scn;

	scenario_template(&text);
	scn = load(text.data, &err);
	if (!scn)
		fail_msg("%s", err.text);
	scenario_free(scn);
	sim_buf_free(&text);
}

static void the_committed_schema_is_current(void **state)
{
	struct sim_buf now = {0};
	struct sim_err err = {0};
	char *committed;
	size_t len;

	if (sim_read_file(SCENARIOS "/schema.json", 4u << 20, &committed, &len, &err))
		fail_msg("%s", err.text);
	scenario_schema(&now);
	if (len != now.len || memcmp(committed, now.data, len) != 0)
		fail_msg("scenarios/schema.json is not what the tables say: write it again with "
			 "netfs-sim scenario schema");
	sim_xfree(committed);
	sim_buf_free(&now);
}

static void defaults(void **state)
{
	struct sim_err err = {0};
	struct scenario *scn = load(HEAD "tasks: {t: [drop_caches]}\n", &err);

	assert_non_null(scn);
	assert_int_equal(scn->design.generation, GEN_6_8);
	assert_true(scn->design.zero_point && scn->design.write_streaming);
	assert_int_equal(scn->mount.fs, FS_9P);
	assert_false(scn->mount.has_cache);
	assert_false(scn->mount.has_readahead);
	assert_int_equal(scn->memory.total, 1ull << 30);
	assert_int_equal(scn->memory.dirty_ratio, 20);
	assert_int_equal(scn->memory.writeback_interval_ns, 5000000000ull);
	assert_int_equal(scn->clients, 1);
	assert_int_equal(scn->cpus, 2);
	assert_int_equal(scn->check, SCN_CHECK_STOP);
	assert_int_equal(scn->schedule.policy, SCN_POLICY_FIFO);
	assert_false(scn->names->has_trace_window);
	scenario_free(scn);
}

static void groups_are_tasks_with_names_of_their_own(void **state)
{
	static const char text[] = TASK
		"    - parallel: {tasks: {t3: [{read: {fd: fd, len: 1, label: x}}], other: [sync]}}\n"
		"  u: {comm: v, do: [{wait: t-t3.x}, {parallel: {tasks: {t1: [sync]}}}]}\n";
	struct sim_err err = {0};
	struct scenario *scn = load(text, &err);
	const struct scn_prog *p;

	if (!scn)
		fail_msg("%s", err.text);
	p = scn->names->progs;
	assert_int_equal(scn->names->nr_progs, 5);
	assert_string_equal(p[0].name, "t");
	assert_int_equal(p[0].tid, 0);
	assert_string_equal(p[1].comm, "v");
	assert_string_equal(p[2].name, "t-t3");
	assert_int_equal(p[2].tid, 3);
	assert_int_equal(p[2].parent, 0);
	assert_string_equal(p[3].comm, "t-other");
	assert_int_equal(p[3].tid, 2);
	assert_string_equal(p[4].name, "u-t1");
	assert_string_equal(p[4].comm, "v-t1");
	scenario_free(scn);
}

static void overrides_reach_tasks_written_as_lists(void **state)
{
	const char *over[] = {"tasks.t.1.read.len=2KiB", "server.slots=3"};
	struct sim_conf_opts opts = {over, 2};
	struct sim_err err = {0};
	struct scenario *scn = scenario_load_text("s.yaml", TASK, strlen(TASK), &opts, &err);

	if (!scn)
		fail_msg("%s", err.text);
	assert_int_equal(scn_op(scn->names->progs[0].ops, 1)->len, 2048);
	assert_int_equal(scn->server.slots, 3);
	scenario_free(scn);
}

static void errno_names(void **state)
{
	assert_string_equal(scn_errno_name(28), "ENOSPC");
	assert_null(scn_errno_name(0));
	assert_null(scn_errno_name(9999));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bad_input_is_refused_with_its_position),
		cmocka_unit_test(memory_beyond_the_limit_is_refused),
		cmocka_unit_test(large_folios_need_less),
		cmocka_unit_test(the_tables_are_sound),
		cmocka_unit_test(the_template_is_a_scenario),
		cmocka_unit_test(the_committed_schema_is_current),
		cmocka_unit_test(defaults),
		cmocka_unit_test(groups_are_tasks_with_names_of_their_own),
		cmocka_unit_test(overrides_reach_tasks_written_as_lists),
		cmocka_unit_test(errno_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
