/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of the import of kernel recordings: texts, refusals, and every recording in the tree. */
#include <dirent.h>
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

#include "model/scenario/scenario.h"
#include "traces/import/import.h"

#define META                                                                   \
	"kernel: 6.8.0 #1 SMP\nfs: 9p\ngroup: 6.8-9p\ncase: some-case\n"       \
	"mount_requested: msize=20480,cache=loose\npage_size: 4096\ncpus: 2\n" \
	"MemTotal:        1014060 kB\ndirty_expire_centisecs: 3000\n"          \
	"dirty_writeback_centisecs: 500\n"                                     \
	"bdi_read_ahead_kb: /sys/class/bdi/9p-16/read_ahead_kb=16 \n"

static char dir[64];

static void write_file(const char *name, const char *text)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static int make_dir(void **state)
{
	snprintf(dir, sizeof(dir), "/tmp/test_import.XXXXXX");
	return mkdtemp(dir) ? 0 : -1;
}

static int remove_dir(void **state)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/meta.txt", dir);
	unlink(path);
	snprintf(path, sizeof(path), "%s/ops.txt", dir);
	unlink(path);
	return rmdir(dir);
}

static int import(const char *meta, const char *ops, struct sim_buf *out, struct sim_err *err)
{
	write_file("meta.txt", meta);
	write_file("ops.txt", ops);
	return import_kernel(dir, IMPORT_MEDIAN, out, err);
}

/* ---- texts ---- */

static void a_recording_becomes_this_text(void **state)
{
	static const char ops[] = "# a comment\n"
				  "srv_create name=f size=64K fill=data\n"
				  "open fd=0 name=f flags=rw,creat,append\n"
				  "\n"
				  "open fd=3 name=f flags=ro\n"
				  "trace_on name=f\n"
				  "read fd=0 len=4K loop=256 step=0x1000 off=1M\n"
				  "writeseq fd=0 len=100 loop=2\n"
				  "@2 pwritev2 fd=0 off=0x10 len=9 rwf=sync\n"
				  "# another one\n"
				  "@1 fsync fd=0\n"
				  "@2 sleep ms=60\n"
				  "fadvise fd=0 adv=dontneed\n"
				  "sysctl key=vm/dirty_bytes val=524288\n"
				  "trace_off\n";
	struct sim_buf out = {0};
	struct sim_err err = {0};
	const char *tasks;

	if (import(META, ops, &out, &err))
		fail_msg("%s", err.text);
	assert_non_null(strstr(out.data, "design: {generation: 6.8, bugs: [as-released]}\n"));
	assert_non_null(strstr(out.data, "check: report\n"));
	assert_non_null(strstr(out.data, "mount: {fs: 9p, readahead: 16KiB, msize: 20480, iounit: "
					 "16384, cache: loose}\n"));
	assert_non_null(strstr(out.data, "total: 1014060KiB, expire_interval: 30000ms, "
					 "writeback_interval: 5000ms}\n"));
	assert_non_null(strstr(out.data, "files: {f: {on_server: absent}}\n"));
	tasks = strstr(out.data, "tasks:\n");
	assert_non_null(tasks);
	assert_string_equal(
		tasks,
		"tasks:\n"
		"  wl:\n"
		"    - srv_create: {file: f, size: 65536, fill: data, line: 2, text: \"srv_create "
		"name=f size=64K fill=data\"}\n"
		"    - open: {file: f, as: fd0, flags: [rdwr, creat, append], line: 3, text: "
		"\"open fd=0 name=f flags=rw,creat,append\"}\n"
		"    - open: {file: f, flags: [rdonly], line: 5, text: \"open fd=3 name=f "
		"flags=ro\"}\n"
		"    - trace_on: {file: f, name: \"some-case\", line: 6, text: \"trace_on "
		"name=f\"}\n"
		"    - repeat: {times: 256, step: 4096, do: [read: {fd: fd0, at: 1048576, len: "
		"4096, line: 7, text: \"read fd=0 len=4K\"}]}\n"
		"    - repeat: {times: 2, step: 0, do: [write: {fd: fd0, len: 100, line: 8, text: "
		"\"writeseq fd=0 len=100\"}]}\n"
		"    - parallel:\n"
		"        tasks:\n"
		"          t1:\n"
		"            - fsync: {fd: fd0, line: 11, text: \"fsync fd=0\"}\n"
		"          t2:\n"
		"            - write: {fd: fd0, at: 16, len: 9, rwf: [sync], line: 9, text: "
		"\"pwritev2 fd=0 off=0x10 len=9 rwf=sync\"}\n"
		"            - sleep: {time: 60ms, line: 12, text: \"sleep ms=60\"}\n"
		"    - fadvise: {fd: fd0, advice: dontneed, line: 13, text: \"fadvise fd=0 "
		"adv=dontneed\"}\n"
		"    - sysctl: {key: vm/dirty_bytes, value: 524288, line: 14, text: \"sysctl "
		"key=vm/dirty_bytes val=524288\"}\n"
		"    - trace_off: {line: 15, text: \"trace_off\"}\n");
	sim_buf_free(&out);
}

static void a_group_of_recordings_may_have_a_small_server(void **state)
{
	static const char meta[] = "kernel: 6.8.0\nfs: 9p\ngroup: 6.8-9penospc\ncase: c\n"
				   "mount_requested: msize=131072,cache=loose\ncpus: 2\n"
				   "MemTotal: 1 kB\ndirty_expire_centisecs: 1\n"
				   "dirty_writeback_centisecs: 1\nbdi_read_ahead_kb: "
				   "x/read_ahead_kb=0\n";
	struct sim_buf out = {0};
	struct sim_err err = {0};

	if (import(meta, "drop_caches\n", &out, &err))
		fail_msg("%s", err.text);
	assert_non_null(strstr(out.data, "capacity: 256KiB}"));
	assert_non_null(strstr(out.data, "readahead: 0KiB, msize: 131072, iounit: 126976"));
	sim_buf_free(&out);
}

/* ---- refusals ---- */

static void malformed_recordings_are_refused(void **state)
{
	static const struct {
		const char *ops, *error;
	} bad[] = {
		{"open fd=0 name=f flags=ro\nraed fd=0 len=1\n",
		 "ops.txt:2: raed: the operation is not known; did you mean 'read'?"},
		{"# x\n\nlink name=f\n", "ops.txt:3: link: the operation is not known"},
		{"read fd=0 len=1 len=2\n", "ops.txt:1: len: the key occurs twice"},
		{"read fd=0 size=1\n", "ops.txt:1: read: read has no key 'size'"},
		{"read len=1\n", "ops.txt:1: read: the key 'fd' is missing"},
		{"read fd=0 len=1G\n", "ops.txt:1: len=1G: it is not a number"},
		{"read fd=0 len=-1\n", "ops.txt:1: len=-1: it is not a number"},
		{"read fd=0 len=99999999999999999999\n",
		 "ops.txt:1: len=99999999999999999999: it is"},
		{"read fd=0 junk\n", "ops.txt:1: 'junk': KEY=VALUE is expected"},
		{"open fd=0 name=f flags=ro,excl\n", "ops.txt:1: flags: 'excl' is not known"},
		{"open fd=0 name=f flags=\n", "ops.txt:1: flags: '' is not known"},
		{"fadvise fd=0 adv=maybe\n", "ops.txt:1: adv=maybe: this value is not known"},
		{"@0 sync\n", "ops.txt:1: '@0': a thread is @1 to @16"},
		{"@17 sync\n", "ops.txt:1: '@17': a thread is @1 to @16"},
		{"@1\n", "ops.txt:1: the operation is missing"},
		{"read a=1 b=1 c=1 d=1 e=1 f=1 g=1 h=1 i=1\n", "ops.txt:1: too many keys"},
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct sim_buf out = {0};
		struct sim_err err = {0};

		if (!import(META, bad[i].ops, &out, &err) || !strstr(err.text, bad[i].error))
			fail_msg("expected '%s', got '%s'", bad[i].error, err.text);
		assert_null(out.data); /* nothing half made */
	}
}

static void malformed_meta_is_refused(void **state)
{
	static const struct {
		const char *without, *error;
	} bad[] = {
		{"kernel", "meta.txt: there is no 'kernel'"},
		{"fs", "meta.txt: there is no 'fs'"},
		{"case", "meta.txt: there is no 'case'"},
		{"group", "meta.txt: there is no 'group'"},
		{"mount_requested", "meta.txt: there is no 'mount_requested'"},
		{"MemTotal", "meta.txt: there is no 'MemTotal'"},
		{"bdi_read_ahead_kb", "meta.txt: there is no 'bdi_read_ahead_kb'"},
	};
	struct sim_buf out = {0};
	struct sim_err err = {0};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		char meta[] = META;
		char *line = strstr(meta, bad[i].without);

		*line = '-';
		err = (struct sim_err){0};
		if (!import(meta, "sync\n", &out, &err) || !strstr(err.text, bad[i].error))
			fail_msg("expected '%s', got '%s'", bad[i].error, err.text);
	}
	err = (struct sim_err){0};
	assert_int_equal(import("kernel: 5.4.0\nfs: 9p\ngroup: g\ncase: c\n", "sync\n", &out, &err),
			 -1);
	assert_non_null(strstr(err.text, "no generation is known for kernel '5.4.0'"));
	err = (struct sim_err){0};
	assert_int_equal(import_kernel("/nonexistent", IMPORT_MEDIAN, &out, &err), -1);
	assert_non_null(strstr(err.text, "/nonexistent/meta.txt"));
}

/* ---- every recording ---- */

struct tally {
	unsigned ok, refused;
};

/* A recording is a scenario, or uses what is not built yet and is refused with a position. */
static void import_one(const char *path, struct tally *tally)
{
	struct sim_buf out = {0};
	struct sim_err err = {0};
	struct scenario *scn;

	if (import_kernel(path, IMPORT_MEDIAN, &out, &err))
		fail_msg("%s", err.text);
	scn = scenario_load_text(path, out.data, out.len, NULL, &err);
	if (scn)
		tally->ok++;
	else if (strstr(err.text, "unknown operation") || strstr(err.text, "not built yet"))
		tally->refused++;
	else
		fail_msg("%s", err.text);
	scenario_free(scn);
	sim_buf_free(&out);
}

static void import_below(const char *path, int depth, struct tally *tally)
{
	DIR *d = opendir(path);
	struct dirent *e;

	if (!d)
		return;
	while ((e = readdir(d))) {
		char sub[512];
		struct stat st;

		snprintf(sub, sizeof(sub), "%s/%s", path, e->d_name);
		if (e->d_name[0] == '.' || stat(sub, &st) || !S_ISDIR(st.st_mode))
			continue;
		if (depth)
			import_below(sub, depth - 1, tally);
		else
			import_one(sub, tally);
	}
	closedir(d);
}

static void every_recording_is_imported(void **state)
{
	struct tally tally = {0};

	import_below(RECORDINGS, 1, &tally);
	assert_in_range(tally.ok, 80, 1000);
	assert_int_equal(tally.refused, 0);
}

/* Recordings of more kernels may lie beside the source tree. */
static void those_beside_the_tree_too(void **state)
{
	struct tally tally = {0};

	import_below(RECORDINGS "/../../../shared/kernel-traces", 1, &tally);
	print_message("%u are scenarios, %u use what is not built yet\n", tally.ok, tally.refused);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_recording_becomes_this_text),
		cmocka_unit_test(a_group_of_recordings_may_have_a_small_server),
		cmocka_unit_test(malformed_recordings_are_refused),
		cmocka_unit_test(malformed_meta_is_refused),
		cmocka_unit_test(every_recording_is_imported),
		cmocka_unit_test(those_beside_the_tree_too),
	};

	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
