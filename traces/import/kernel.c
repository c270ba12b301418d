/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A recording of a real kernel, its meta.txt and ops.txt, as a scenario. */
#include <stdio.h>
#include <string.h>

#include "sim/base/arena.h"
#include "sim/base/math.h"
#include "traces/import/import.h"
#include "traces/import/ops.h"

#define META_MAX_FILE (1u << 20)

/* ---- meta.txt: "key: value" lines ---- */

struct meta {
	const char *path;
	char *data; /* owned */
};

static int meta_error(const struct meta *m, struct sim_err *err, const char *what, const char *key)
{
	return sim_err_set(err, "%s: %s '%s'", m->path, what, key);
}

/* The value of a line, up to its end; false if there is none. */
static bool meta_find(const struct meta *m, const char *key, char *value, size_t size)
{
	size_t n = strlen(key);

	for (const char *s = m->data; s; s = strchr(s, '\n')) {
		const char *v;

		s += *s == '\n';
		if (strncmp(s, key, n) != 0 || s[n] != ':')
			continue;
		v = s + n + 1 + strspn(s + n + 1, " \t");
		snprintf(value, size, "%.*s", (int)strcspn(v, "\n"), v);
		return true;
	}
	return false;
}

static int meta_text(const struct meta *m, const char *key, char *value, size_t size,
		     struct sim_err *err)
{
	return meta_find(m, key, value, size) ? 0 : meta_error(m, err, "there is no", key);
}

/* The number at the start of a value; after != NULL: behind this text in it. */
static int meta_number(const struct meta *m, const char *key, const char *after, uint64_t *v,
		       struct sim_err *err)
{
	char value[256], digits[24];
	const char *s = value, *why;

	if (meta_text(m, key, value, sizeof(value), err))
		return -1;
	if (after && (s = strstr(value, after)))
		s += strlen(after);
	snprintf(digits, sizeof(digits), "%.*s", s ? (int)strspn(s, "0123456789") : 0, s ? s : "");
	if (sim_parse_uint(digits, v, &why))
		return meta_error(m, err, "there is no number in", key);
	return 0;
}

/* The value of an option in "a=1,b=2", or NULL. buf has 32 bytes. */
static const char *option(const char *options, const char *name, char buf[32])
{
	size_t n = strlen(name);

	for (const char *s = options; s; s = strchr(s, ',')) {
		s += *s == ',';
		if (strncmp(s, name, n) != 0 || s[n] != '=')
			continue;
		snprintf(buf, 32, "%.*s", (int)strcspn(s + n + 1, ","), s + n + 1);
		return buf;
	}
	return NULL;
}

/* ---- from meta.txt to the head of the scenario ---- */

/*
 * Recordings were made under emulation: their times are not real, but which task is ahead of which
 * is, and there the CPU's work weighs about as much as a message to the server in the same machine.
 * Messages and wake-ups took from a tenth to fifty times their median, and one of a few hundred
 * points of a task some milliseconds, when the machine below was busy. So each filesystem has one
 * profile, of round figures: laws, of which a seed is one sample, or about their medians. The
 * guest's cache lies on ext4 on a disk that writes back: finding blocks takes longer than writing,
 * reading longest.
 */
struct profile {
	const char *latency, *costs, *cache;
};

#define WORK \
	"syscall: 100us, copy_page: 60us, folio: 20us, request: 50us, subrequest: 50us, rpc: 100us"
#define QUARTILES "at: [0, 1/10, 1/4, 1/2, 3/4, 9/10, 19/20, 99/100, 1]}"
static const struct profile profile[] = {
	[IMPORT_MEDIAN] = {"150us", WORK ", user: 170us, step: 8us, wakeup: 350us",
			   "issue: 280us, read_latency: 4ms, write_latency: 280us, allocate: 2ms"},
	[IMPORT_DRAWN] = {"{law: table, values: [30us, 60us, 90us, 150us, 400us, 2ms, 4500us, "
			  "10ms, 15ms], " QUARTILES,
			  WORK ", user: {law: table, values: [50us, 65us, 100us, 170us, 250us, "
			       "430us, 1200us, 11ms, 20ms], " QUARTILES
			       ", wakeup: {law: table, values: [50us, 120us, 170us, 350us, 2ms, "
			       "5ms, 7500us, 15ms, 25ms], " QUARTILES
			       ", step: {law: table, values: [3us, 8us, 14us, 100us, 1ms, "
			       "8ms], at: [0, 1/2, 9/10, 99/100, 199/200, 1]}",
			  "issue: {law: pareto, least: 200us, alpha: 2, max: 20ms}, "
			  "read_latency: {law: pareto, least: 2ms, alpha: 1, max: 20ms}, "
			  "write_latency: {law: pareto, least: 200us, alpha: 2, max: 20ms}, "
			  "allocate: {law: pareto, least: 1ms, alpha: 1, max: 20ms}"},
};
static const char *const profiled[] = {"9p", "cifs"}; /* filesystems */

/*
 * How big the storage of a group's server was. It is part of the set-up, as the mount options are,
 * but neither meta.txt nor ops.txt has it: srv_fillfs fills whatever there is, and some recordings
 * fill it by writing alone. The figure is the one of traces/kernel/README.md, "Groups". Any other
 * group's server has no limit.
 */
static const struct group {
	const char *name, *server;
} groups[] = {
	{"9penospc", ", capacity: 256KiB"},
};

/* Most bytes of data in a 9P message, as the recorded server offers: whole pages below msize. */
#define P9_IOHDRSZ 24

static const char *generation_of(const char *kernel)
{
	static const char *const generations[] = {"6.1", "6.8", "6.12"};

	for (size_t i = 0; i < SIM_ARRAY_SIZE(generations); i++) {
		size_t n = strlen(generations[i]);

		if (!strncmp(kernel, generations[i], n) && kernel[n] == '.')
			return generations[i];
	}
	return NULL;
}

static int put_mount(const struct meta *m, const char *fs, struct sim_buf *out, struct sim_err *err)
{
	char options[256], buf[32];
	const char *msize, *value, *why;
	uint64_t ra_kb, bytes;

	if (meta_text(m, "mount_requested", options, sizeof(options), err) ||
	    meta_number(m, "bdi_read_ahead_kb", "read_ahead_kb=", &ra_kb, err))
		return -1;
	sim_buf_printf(out, "mount: {fs: %s, readahead: %lluKiB", fs, (unsigned long long)ra_kb);
	msize = option(options, "msize", buf);
	if (msize) {
		if (sim_parse_uint(msize, &bytes, &why) || bytes <= P9_IOHDRSZ)
			return meta_error(m, err, "there is no number in option", "msize");
		sim_buf_printf(out, ", msize: %llu, iounit: %llu", (unsigned long long)bytes,
			       (unsigned long long)sim_round_down(bytes - P9_IOHDRSZ, 4096));
	}
	for (size_t i = 0; i < 3; i++) {
		static const char *const copied[] = {"cache", "rsize", "wsize"};

		value = option(options, copied[i], buf);
		if (value)
			sim_buf_printf(out, ", %s: %s", copied[i], value);
	}
	sim_buf_puts(out, "}\n");
	return 0;
}

static int put_server(const struct meta *m, const char *fs, enum import_times times,
		      struct sim_buf *out, struct sim_err *err)
{
	bool known = false;
	const char *more = "", *name;
	char group[64];

	if (meta_text(m, "group", group, sizeof(group), err))
		return -1;
	name = strchr(group, '-');
	for (size_t i = 0; i < SIM_ARRAY_SIZE(profiled); i++)
		known |= !strcmp(profiled[i], fs);
	for (size_t i = 0; name && i < SIM_ARRAY_SIZE(groups); i++) {
		if (!strcmp(groups[i].name, name + 1))
			more = groups[i].server;
	}
	if (!known)
		return meta_error(m, err, "there is no timing profile for filesystem", fs);
	sim_buf_printf(out, "server: {latency: %s%s}\ncosts: {%s}\ncache: {%s}\n",
		       profile[times].latency, more, profile[times].costs, profile[times].cache);
	return 0;
}

static int put_memory(const struct meta *m, struct sim_buf *out, struct sim_err *err)
{
	uint64_t total_kb, expire, interval, cpus;

	if (meta_number(m, "MemTotal", NULL, &total_kb, err) ||
	    meta_number(m, "dirty_expire_centisecs", NULL, &expire, err) ||
	    meta_number(m, "dirty_writeback_centisecs", NULL, &interval, err) ||
	    meta_number(m, "cpus", NULL, &cpus, err))
		return -1;
	sim_buf_printf(out,
		       "memory: {total: %lluKiB, expire_interval: %llums, writeback_interval: "
		       "%llums}\ncpus: %llu\n",
		       (unsigned long long)total_kb, (unsigned long long)expire * 10,
		       (unsigned long long)interval * 10, (unsigned long long)cpus);
	return 0;
}

static int put_head(const struct meta *m, const char *case_name, enum import_times times,
		    struct sim_buf *out, struct sim_err *err)
{
	char fs[32], kernel[128], group[64];
	const char *generation;

	if (meta_text(m, "fs", fs, sizeof(fs), err) ||
	    meta_text(m, "kernel", kernel, sizeof(kernel), err) ||
	    meta_text(m, "group", group, sizeof(group), err))
		return -1;
	generation = generation_of(kernel);
	if (!generation)
		return meta_error(m, err, "no generation is known for kernel", kernel);
	sim_buf_printf(out,
		       "format: 1\npurpose: \"The operations of the recording %s/%s.\"\n"
		       "origin: \"imported from a recording of Linux %.*s\"\n"
		       "design: {generation: %s, bugs: [as-released]}\ncheck: report\n"
		       "markers: true\n",
		       group, case_name, (int)strcspn(kernel, " "), kernel, generation);
	return put_mount(m, fs, out, err) || put_server(m, fs, times, out, err) ||
			       put_memory(m, out, err)
		       ? -1
		       : 0;
}

/* ---- from ops.txt to files and tasks ---- */

/* Every file is absent at first: recordings create what they need. */
static void put_files(const struct ops_file *f, struct sim_buf *out)
{
	bool any = false;

	for (size_t i = 0; i < f->n; i++) {
		const char *name = ops_value(&f->lines[i], "name");
		bool known = false;

		for (size_t j = 0; name && j < i; j++) {
			const char *other = ops_value(&f->lines[j], "name");

			known = known || (other && !strcmp(other, name));
		}
		if (!name || known)
			continue;
		sim_buf_printf(out, "%s%s: {on_server: absent}", any ? ", " : "files: {", name);
		any = true;
	}
	if (any)
		sim_buf_puts(out, "}\n");
}

/* Lines [i, end) form one parallel group: its threads, each with its lines. */
static int put_group(const struct ops_file *f, size_t i, size_t end, const char *case_name,
		     struct sim_buf *out, struct sim_err *err)
{
	sim_buf_puts(out, "    - parallel:\n        tasks:\n");
	for (unsigned tid = 1; tid <= OPS_MAX_TID; tid++) {
		bool any = false;

		for (size_t j = i; j < end; j++) {
			if (f->lines[j].tid != tid)
				continue;
			if (!any)
				sim_buf_printf(out, "          t%u:\n", tid);
			any = true;
			if (ops_put(f, &f->lines[j], case_name, 12, out, err))
				return -1;
		}
	}
	return 0;
}

static int put_tasks(const struct ops_file *f, const char *case_name, struct sim_buf *out,
		     struct sim_err *err)
{
	sim_buf_puts(out, "tasks:\n  wl:\n");
	for (size_t i = 0; i < f->n;) {
		size_t end = i;

		while (end < f->n && f->lines[end].tid)
			end++;
		if (end > i) {
			if (put_group(f, i, end, case_name, out, err))
				return -1;
			i = end;
		} else if (ops_put(f, &f->lines[i++], case_name, 4, out, err)) {
			return -1;
		}
	}
	return 0;
}

int import_kernel(const char *dir, enum import_times times, struct sim_buf *out,
		  struct sim_err *err)
{
	struct sim_buf path = {0}, meta_path = {0}, text = {0};
	struct meta m = {0};
	struct ops_file f = {0};
	char case_name[128];
	size_t len;
	int ret = -1;

	sim_buf_printf(&meta_path, "%s/meta.txt", dir);
	sim_buf_printf(&path, "%s/ops.txt", dir);
	m.path = meta_path.data;
	if (!sim_read_file(m.path, META_MAX_FILE, &m.data, &len, err) &&
	    !ops_read(path.data, &f, err) &&
	    !meta_text(&m, "case", case_name, sizeof(case_name), err) &&
	    !put_head(&m, case_name, times, &text, err)) {
		put_files(&f, &text);
		ret = put_tasks(&f, case_name, &text, err);
	}
	if (!ret)
		sim_buf_add(out, text.data, text.len);
	ops_free(&f);
	sim_xfree(m.data);
	sim_buf_free(&text);
	sim_buf_free(&path);
	sim_buf_free(&meta_path);
	return ret;
}
