/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What runs cost: memory follows cached folios and extents, steps follow operations, whatever the
 * size of the file.
 */
#include "tests/model/scenario_fixture.h"

#include "model/model.h"
#include "model/server/server.h"
#include "sim/core/task.h"
#include "sim/core/world.h"

/* What a stream of so many MiB through AFS and 256 MiB of memory took. */
struct cost {
	uint64_t steps, records;
	size_t arena;     /* bytes at most, from the system */
	uint64_t extents; /* of the file on the server */
	uint64_t cached;  /* pages at most */
};

static struct cost stream(unsigned mib, const char *rest)
{
	struct server_file *file;
	struct fixture f;
	struct cost cost;
	char text[640];

	snprintf(text, sizeof(text),
		 "format: 1\npurpose: p\nmount: {fs: afs}\nmemory: {total: 256MiB}\n"
		 "server: {latency: 100us, bandwidth: 1GiB/s}\nfiles: {f: {on_server: absent}}\n"
		 "tasks:\n  t:\n    - open: {file: f, as: fd, flags: [rdwr, creat]}\n"
		 "    - sequential: {op: write, fd: fd, block: 1MiB, count: %u}\n"
		 "    - fsync: fd\n%s",
		 mib, rest);
	run(&f, text);
	assert_failures(&f, "");
	file = server_find(f.run->model->server, "f");
	assert_non_null(file);
	assert_int_equal(file->size, (uint64_t)mib << 20);
	cost = (struct cost){
		.steps = f.run->w->steps,
		.records = f.run->trace->nr_records,
		.arena = sim_arena_peak(f.run->w->arena),
		.extents = content_extents(&file->data),
		.cached = f.run->model->clients[0]->mm.peak_cached,
	};
	done(&f);
	return cost;
}

static void assert_doubled(uint64_t one, uint64_t two)
{
	assert_in_range(two, one + one / 5 * 4, one + one / 5 * 6);
}

/* A file of 8 GiB and one of 16: twice the steps and records, and not a byte more. */
static void a_longer_file_takes_no_more_memory(void **state)
{
	struct cost one = stream(8192, ""), two = stream(16384, "");

	assert_int_equal(one.extents, 1);
	assert_int_equal(two.extents, 1);
	assert_int_equal(one.cached, two.cached);
	assert_doubled(one.steps, two.steps);
	assert_doubled(one.records, two.records);
	assert_int_equal(one.arena, two.arena);
	assert_true(one.arena < 2 << 20);
}

/* The same when it is read back from its beginning, of which nothing is cached any more. */
static void reading_back_takes_no_more_memory(void **state)
{
	static const char *const rest =
		"    - sequential: {op: read, fd: fd, at: 0, block: 1MiB, count: %u}\n";
	char text[2][128];
	struct cost one, two;

	snprintf(text[0], sizeof(text[0]), rest, 512);
	snprintf(text[1], sizeof(text[1]), rest, 1024);
	one = stream(1024, text[0]);
	two = stream(1024, text[1]);
	assert_int_equal(one.extents, 1);
	assert_true(two.records > one.records);
	assert_true(two.arena <= one.arena + (64 << 10));
}

static size_t memory_of_loop(unsigned times)
{
	char text[640];
	struct fixture f;
	size_t memory;

	snprintf(
		text, sizeof(text),
		"format: 1\npurpose: p\nfiles: {f: {size: 16KiB, on_server: data}}\n"
		"server: {latency: 0}\ntasks:\n  t:\n    - repeat:\n        times: %u\n        do:\n"
		"          - open: {file: f, as: fd, flags: [rdwr]}\n"
		"          - mmap: {map: m, fd: fd, len: 4KiB}\n"
		"          - read: {fd: fd, at: 0, len: 16KiB, label: r}\n"
		"          - munmap: m\n"
		"          - close: fd\n"
		"expect: {data: {t.r: \"a*4096,b*4096,c*4096,d*4096\"}}\n",
		times);
	run(&f, text);
	assert_failures(&f, "");
	memory = sim_arena_peak(f.run->w->arena);
	done(&f);
	return memory;
}

/* What is closed and unmapped leaves nothing. */
static void a_longer_loop_takes_no_more_memory(void **state)
{
	assert_int_equal(memory_of_loop(100), memory_of_loop(20000));
}

/* Clients cost what they do: twice as many, twice the memory, and little of it. */
static size_t memory_of_clients(unsigned n)
{
	struct sim_buf text = {0};
	struct fixture f;
	size_t memory;

	sim_buf_printf(&text,
		       "format: 1\npurpose: p\nclients: %u\nmemory: {total: 16MiB}\nfiles:\n", n);
	for (unsigned i = 0; i < n; i++)
		sim_buf_printf(&text, "  f%u: {on_server: absent}\n", i);
	sim_buf_puts(&text, "tasks:\n");
	for (unsigned i = 0; i < n; i++)
		sim_buf_printf(&text,
			       "  t%u:\n    client: %u\n    do:\n"
			       "      - open: {file: f%u, as: fd%u, flags: [rdwr, creat]}\n"
			       "      - write: {fd: fd%u, at: 0, len: 256KiB}\n"
			       "      - read: {fd: fd%u, at: 0, len: 256KiB}\n",
			       i, i, i, i, i, i);
	run(&f, text.data);
	assert_failures(&f, "");
	memory = sim_arena_peak(f.run->w->arena);
	done(&f);
	sim_buf_free(&text);
	return memory;
}

static void clients_cost_what_they_do(void **state)
{
	size_t some = memory_of_clients(100), more = memory_of_clients(200);

	assert_true(more - some < 100 * (128 << 10));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_longer_file_takes_no_more_memory),
		cmocka_unit_test(reading_back_takes_no_more_memory),
		cmocka_unit_test(a_longer_loop_takes_no_more_memory),
		cmocka_unit_test(clients_cost_what_they_do),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
