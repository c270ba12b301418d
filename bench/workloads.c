/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The runs of the whole model that are measured: their YAML. */
#include "bench/workloads.h"

#include <string.h>

#include "sim/base/math.h"

#define MIXED_FILES 16u
#define MIXED_TASKS 64u

static void head(struct sim_buf *out, const char *mount, const char *memory)
{
	sim_buf_printf(out,
		       "format: 1\n"
		       "purpose: A run that is measured.\n"
		       "mount: {%s}\n"
		       "server: {latency: 100us, bandwidth: 1GiB/s, slots: 16}\n"
		       "memory: {total: %s}\n"
		       "limits: {events: 1000000000000, time: 10000000s, memory: 4GiB}\n",
		       mount, memory);
}

static void writer(struct sim_buf *out, const char *block, uint64_t count)
{
	sim_buf_printf(out,
		       "files: {f: {on_server: absent}}\n"
		       "tasks:\n"
		       "  writer:\n"
		       "    - open: {file: f, as: fd, flags: [wronly, creat]}\n"
		       "    - sequential: {op: write, fd: fd, block: %s, count: %llu}\n"
		       "    - fsync: fd\n",
		       block, (unsigned long long)count);
}

static void sequential_9p(struct sim_buf *out, uint64_t count)
{
	head(out, "fs: 9p, msize: 128KiB, cache: loose", "256MiB");
	writer(out, "64KiB", count);
}

static void sequential_afs(struct sim_buf *out, uint64_t count)
{
	head(out, "fs: afs, wsize: 256KiB", "1GiB");
	writer(out, "1MiB", count);
}

static void random_read(struct sim_buf *out, uint64_t count)
{
	head(out, "fs: 9p, msize: 128KiB, cache: loose", "64MiB");
	sim_buf_printf(out,
		       "files: {f: {on_server: data, size: 1GiB}}\n"
		       "tasks:\n"
		       "  reader:\n"
		       "    - open: {file: f, as: fd, flags: [rdonly]}\n"
		       "    - random: {op: read, fd: fd, block: 4KiB, count: %llu, range: 1GiB}\n",
		       (unsigned long long)count);
}

static void mixed(struct sim_buf *out, uint64_t count)
{
	head(out, "fs: 9p, msize: 128KiB, cache: loose", "256MiB");
	sim_buf_puts(out, "cpus: 4\nfiles:\n");
	for (unsigned i = 0; i < MIXED_FILES; i++)
		sim_buf_printf(out, "  f%u: {on_server: data, size: 64MiB}\n", i);
	sim_buf_puts(out, "tasks:\n");
	for (unsigned i = 0; i < MIXED_TASKS; i++)
		sim_buf_printf(
			out,
			"  t%u:\n"
			"    - open: {file: f%u, as: fd%u, flags: [rdwr]}\n"
			"    - random: {op: %s, fd: fd%u, block: 4KiB, count: %llu, range: 64MiB}\n",
			i, i % MIXED_FILES, i, i % 4 ? "read" : "write", i,
			(unsigned long long)sim_max(count / MIXED_TASKS, 1));
}

/* 64 of 100 calls write the file, 36 read it back from its beginning: all but nothing is cached. */
static void afs_reread(struct sim_buf *out, uint64_t count)
{
	uint64_t writes = sim_max(count * 64 / 100, 1);

	head(out, "fs: afs, wsize: 256KiB", "4GiB");
	sim_buf_printf(out,
		       "files: {f: {on_server: absent}}\n"
		       "tasks:\n"
		       "  t:\n"
		       "    - open: {file: f, as: fd, flags: [rdwr, creat]}\n"
		       "    - sequential: {op: write, fd: fd, block: 1MiB, count: %llu}\n"
		       "    - sequential: {op: read, fd: fd, block: 1MiB, count: %llu}\n",
		       (unsigned long long)writes,
		       (unsigned long long)sim_max(count * 36 / 100, 1));
}

/* Each client writes and reads 1 MiB of a file of its own, in 32 calls. */
static void clients(struct sim_buf *out, uint64_t count)
{
	unsigned n = (unsigned)sim_max(count / 32, 1);

	head(out, "fs: 9p, msize: 128KiB, cache: loose", "64MiB");
	sim_buf_printf(out, "clients: %u\nfiles:\n", n);
	for (unsigned i = 0; i < n; i++)
		sim_buf_printf(out, "  f%u: {on_server: absent}\n", i);
	sim_buf_puts(out, "tasks:\n");
	for (unsigned i = 0; i < n; i++)
		sim_buf_printf(
			out,
			"  t%u:\n"
			"    client: %u\n"
			"    do:\n"
			"      - open: {file: f%u, as: fd%u, flags: [rdwr, creat]}\n"
			"      - sequential: {op: write, fd: fd%u, block: 64KiB, count: 16}\n"
			"      - sequential: {op: read, fd: fd%u, block: 64KiB, count: 16}\n",
			i, i, i, i, i, i);
}

const struct workload workloads[NR_WORKLOADS] = {
	{"write", "sequential write, 9P, single pages, 64 KiB a call, then fsync", 32768, 4096,
	 65536, true, "", sequential_9p},
	{"write-large", "sequential write, AFS, large folios, 1 MiB a call, then fsync", 16384,
	 1 << 20, 1024, true, "", sequential_afs},
	{"read-random", "random reads of 4 KiB over a file of 16 times the memory", 200000, 4096,
	 16384, false, "", random_read},
	{"many", "64 tasks, random reads and writes of 4 KiB in 16 files", 200000, 4096, 65536,
	 false, "", mixed},
	{"afs-reread", "64 GiB written and 36 GiB read back, AFS, 1 MiB a call, 4 GiB of memory",
	 102400, 1 << 20, 4096, true, " (limit 10 s)", afs_reread},
	{"clients", "10 000 clients, each writes and reads 1 MiB of its own file", 320000, 4096,
	 2560000, true, " (limit 4096 MiB)", clients},
};

const struct workload *workload_find(const char *name)
{
	for (unsigned i = 0; i < NR_WORKLOADS; i++)
		if (!strcmp(workloads[i].name, name))
			return &workloads[i];
	return NULL;
}
