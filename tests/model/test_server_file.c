/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The server's files: names and lives, sizes, ends, appends, what srv_* and observers see. */
#include "tests/model/server_world.h"

#include <stdio.h>

#include "sim/base/text.h"

#define BLOCK 4096ull

static const char *runs(struct sw *sw, const struct server_file *f)
{
	static char text[400];
	struct sim_buf buf = {0};

	sim_buf_puts(&buf, "");
	content_print_runs(&buf, &f->data, 0, f->size, CONTENT_MAX_RUNS);
	assert_true(buf.len < sizeof(text));
	memcpy(text, buf.data ? buf.data : "", buf.len + 1);
	sim_buf_free(&buf);
	return text;
}

static const char *describe(struct sw *sw, struct content_val val)
{
	static char text[200];
	struct sim_buf buf = {0};

	content_describe(&buf, sw->model.content, val);
	assert_true(buf.len < sizeof(text));
	memcpy(text, buf.data, buf.len + 1);
	sim_buf_free(&buf);
	return text;
}

static struct sw_msg *named(struct sw *sw, struct sw_msg *m, enum rpc_op op, const char *name,
			    uint32_t flags)
{
	sw_msg(sw, m, 0, op, NULL, 0, 0)->name = name;
	m->rpc.flags = flags;
	m->rpc.done = sw_done;
	server_send(&m->rpc);
	sw_run(sw);
	return m;
}

/* ---- names and lives ---- */

static void test_lookup_create(void **state)
{
	struct sw *sw = *state;
	struct server_file *f;
	struct sw_msg m;

	sw_start(sw);
	assert_int_equal(named(sw, &m, RPC_LOOKUP, "f", 0)->rpc.error, -ENOENT);
	assert_null(m.rpc.result);
	assert_int_equal(named(sw, &m, RPC_CREATE, "f", RPC_EXCL)->rpc.error, 0);
	f = m.rpc.result;
	assert_non_null(f);
	assert_string_equal(f->name, "f");
	assert_int_equal(f->refs, 1);
	assert_ptr_equal(server_find(sw->s, "f"), f);
	assert_int_equal(named(sw, &m, RPC_CREATE, "f", RPC_EXCL)->rpc.error, -EEXIST);
	assert_null(m.rpc.result);
	assert_int_equal(srv_truncate(sw->s, "f", 100), 0);
	assert_int_equal(named(sw, &m, RPC_CREATE, "f", 0)->rpc.error, 0);
	assert_int_equal(m.rpc.size, 100);
	assert_int_equal(named(sw, &m, RPC_LOOKUP, "f", 0)->rpc.error, 0);
	assert_ptr_equal(m.rpc.result, f);
	assert_int_equal(m.rpc.version, f->version);
	assert_int_equal(named(sw, &m, RPC_CREATE, "f", RPC_TRUNC)->rpc.size, 0);
	assert_int_equal(f->refs, 4);
	assert_int_equal(named(sw, &m, RPC_CREATE, "g", 0)->rpc.error, 0);
	assert_true(m.rpc.result->ino > f->ino);
}

/* Many names: each leads to its own file, also after the table has grown. */
static void test_many_names(void **state)
{
	struct sw *sw = *state;
	char name[16];

	sw_start(sw);
	for (unsigned i = 0; i < 1000; i++) {
		snprintf(name, sizeof(name), "file%u", i);
		sw_file(sw, name, i, SRV_FILL_HOLE);
	}
	for (unsigned i = 0; i < 1000; i++) {
		snprintf(name, sizeof(name), "file%u", i);
		assert_int_equal(server_find(sw->s, name)->size, i);
	}
	assert_null(server_find(sw->s, "file1000"));
}

/* An unlinked file that is open lives on, its name is free at once. */
static void test_unlink(void **state)
{
	struct sw *sw = *state;
	struct server_file *f, *g;
	struct sw_msg m;

	sw_start(sw);
	f = sw_file(sw, "f", 2 * BLOCK, SRV_FILL_DATA);
	server_file_get(f);
	assert_int_equal(named(sw, &m, RPC_UNLINK, "f", 0)->rpc.error, 0);
	assert_int_equal(named(sw, &m, RPC_UNLINK, "f", 0)->rpc.error, -ENOENT);
	assert_null(server_find(sw->s, "f"));
	assert_int_equal(sw->s->used_blocks, 2);
	assert_int_equal(sw_once(sw, &m, RPC_WRITE, f, 2 * BLOCK, 1), 0);
	assert_int_equal(sw_once(sw, &m, RPC_READ, f, BLOCK, 3 * BLOCK), 0);
	assert_int_equal(m.rpc.transferred, BLOCK + 1);
	assert_int_equal(sw->s->used_blocks, 3);
	g = sw_file(sw, "f", BLOCK, SRV_FILL_DATA);
	assert_ptr_not_equal(f, g);
	server_file_put(f);
	assert_int_equal(sw->s->used_blocks, 1);
	/* By reference, as a client that knows only the file. */
	assert_int_equal(sw_once(sw, &m, RPC_UNLINK, g, 0, 0), 0);
	assert_int_equal(sw->s->used_blocks, 0);
	assert_true(sim_list_empty(&sw->s->files));
	assert_int_equal(srv_rm(sw->s, "f"), -ENOENT);
}

/* ---- sizes ---- */

static void test_setattr(void **state)
{
	struct sw *sw = *state;
	struct server_file *f;
	uint64_t version;
	struct sw_msg m;

	sw_start(sw);
	f = sw_file(sw, "f", 3 * BLOCK, SRV_FILL_DATA);
	version = f->version;
	assert_int_equal(sw_once(sw, &m, RPC_SETATTR, f, BLOCK + 10, 0), 0);
	assert_int_equal(m.rpc.size, BLOCK + 10);
	assert_int_equal(m.rpc.version, version + 1);
	assert_int_equal(sw->s->used_blocks, 2);
	/* Up again: what was cut off does not come back. */
	assert_int_equal(sw_once(sw, &m, RPC_SETATTR, f, 2 * BLOCK, 0), 0);
	assert_string_equal(runs(sw, f), "a*4096,b*10,\\x00*4086");
	assert_int_equal(content_get(&f->data, BLOCK + 10).kind, CONTENT_HOLE);
	assert_int_equal(sw->s->used_blocks, 2);
	assert_int_equal(m.rpc.version, version + 2);
	assert_int_equal(sw_once(sw, &m, RPC_SETATTR, f, 2 * BLOCK, 0), 0);
	assert_int_equal(m.rpc.version, version + 2);
	assert_int_equal(sw_once(sw, &m, RPC_SETATTR, f, CONTENT_END, 0), 0);
	assert_int_equal(sw_once(sw, &m, RPC_SETATTR, f, CONTENT_END + 1, 0), -EFBIG);
	assert_int_equal(f->size, CONTENT_END);
	assert_int_equal(sw_once(sw, &m, RPC_OPEN, f, 0, 0), 0);
	assert_int_equal(m.rpc.size, CONTENT_END);
	sw_msg(sw, &m, 0, RPC_OPEN, f, 0, 0)->flags = RPC_TRUNC;
	m.rpc.done = sw_done;
	server_send(&m.rpc);
	sw_run(sw);
	assert_int_equal(m.rpc.size, 0);
	assert_int_equal(sw->s->used_blocks, 0);
}

/* Reads end with the file; limits of a message are errors; both leave the rest of memory alone. */
static void test_read(void **state)
{
	struct sw *sw = *state;
	struct server_file *f;
	struct sw_msg m;

	sw->config.rsize_max = 8192;
	sw_start(sw);
	f = sw_file(sw, "f", 5000, SRV_FILL_DATA);
	assert_int_equal(sw_once(sw, &m, RPC_READ, f, 4000, 8192), 0);
	assert_int_equal(m.rpc.transferred, 1000);
	assert_int_equal(m.iter.count, 7192);
	assert_true(content_equal_range(&sw->mem, 4000, &f->data, 4000, 1000, CONTENT_EXACT, NULL));
	assert_int_equal(content_get(&sw->mem, 5000).kind, CONTENT_HOLE);
	assert_int_equal(sw_once(sw, &m, RPC_READ, f, 5000, 1), 0);
	assert_int_equal(m.rpc.transferred, 0);
	assert_int_equal(m.iter.count, 1);
	assert_int_equal(sw_once(sw, &m, RPC_READ, f, 0, 8193), -EINVAL);
	assert_int_equal(m.rpc.transferred, 0);
	assert_int_equal(m.iter.count, 8193);
	assert_int_equal(sw->s->bytes_read, 1000);
}

static void test_write(void **state)
{
	struct sw *sw = *state;
	struct server_file *f;
	struct sw_msg m;

	sw->config.wsize_max = 8192;
	sw_start(sw);
	f = sw_file(sw, "f", 0, SRV_FILL_HOLE);
	sw_touch(sw, 0, 100000);
	assert_int_equal(sw_once(sw, &m, RPC_WRITE, f, 20000, 8192), 0);
	assert_int_equal(m.rpc.size, 28192);
	assert_int_equal(m.iter.count, 0);
	assert_int_equal(f->version, 1);
	assert_int_equal(content_get(&f->data, 19999).kind, CONTENT_HOLE);
	assert_true(
		content_equal_range(&sw->mem, 20000, &f->data, 20000, 8192, CONTENT_EXACT, NULL));
	assert_int_equal(sw_once(sw, &m, RPC_WRITE, f, 0, 8193), -EINVAL);
	assert_int_equal(m.iter.count, 8193);
	assert_int_equal(f->version, 1);
	assert_int_equal(sw_once(sw, &m, RPC_WRITE, f, 5, 0), 0);
	assert_int_equal(f->version, 1);
	sw_msg(sw, &m, 0, RPC_WRITE, f, 0, 10)->start = CONTENT_END - 9;
	m.rpc.done = sw_done;
	server_send(&m.rpc);
	sw_run(sw);
	assert_int_equal(m.rpc.error, -EFBIG);
	assert_int_equal(sw->s->bytes_written, 8192);
}

/* A client that has read a hole and writes it back writes zeros: they take space. */
static void test_write_of_a_hole(void **state)
{
	struct sw *sw = *state;
	struct server_file *f;
	struct sw_msg m;

	sw_start(sw);
	f = sw_file(sw, "f", 4 * BLOCK, SRV_FILL_HOLE);
	assert_int_equal(sw->s->used_blocks, 0);
	assert_int_equal(sw_once(sw, &m, RPC_READ, f, 0, 4 * BLOCK), 0);
	sw_touch(sw, BLOCK, 1);
	assert_int_equal(sw_once(sw, &m, RPC_WRITE, f, BLOCK, 2 * BLOCK), 0);
	assert_int_equal(sw->s->used_blocks, 2);
	assert_int_equal(content_get(&f->data, BLOCK + 1).kind, CONTENT_ZERO);
	assert_int_equal(content_get(&f->data, 3 * BLOCK).kind, CONTENT_HOLE);
}

static void write_with(struct sw *sw, struct sw_msg *m, struct server_file *f, uint64_t start,
		       uint64_t len, uint32_t flags, uint64_t file_size)
{
	sw_msg(sw, m, 0, RPC_WRITE, f, start, len)->flags = flags;
	m->rpc.file_size = file_size;
	m->rpc.done = sw_done;
	server_send(&m->rpc);
	sw_run(sw);
}

/* A server's descriptor that appends ignores where the client wants the bytes (C11). */
static void test_append(void **state)
{
	struct sw *sw = *state;
	struct server_file *f;
	struct sw_msg m;

	sw_start(sw);
	f = sw_file(sw, "f", 20000, SRV_FILL_DATA);
	sw_touch(sw, 16384, 3808);
	write_with(sw, &m, f, 16384, 3808, RPC_APPEND, 0);
	assert_int_equal(m.rpc.transferred, 3808);
	assert_int_equal(f->size, 23808);
	assert_true(
		content_equal_range(&sw->mem, 16384, &f->data, 20000, 3808, CONTENT_EXACT, NULL));
	assert_int_equal(content_get(&f->data, 19999).kind, CONTENT_SOURCE);
}

/* AFS StoreData: the file is at least so long afterwards, in one change. */
static void test_file_size(void **state)
{
	struct sw *sw = *state;
	struct server_file *f;
	struct sw_msg m;

	sw_start(sw);
	f = sw_file(sw, "f", 0, SRV_FILL_HOLE);
	sw_touch(sw, 0, 100);
	write_with(sw, &m, f, 0, 100, 0, 5000);
	assert_int_equal(m.rpc.size, 5000);
	assert_int_equal(m.rpc.version, 1);
	write_with(sw, &m, f, 0, 100, 0, 3000);
	assert_int_equal(m.rpc.size, 5000);
	write_with(sw, &m, f, 6000, 100, 0, 3000);
	assert_int_equal(m.rpc.size, 6100);
	assert_int_equal(m.rpc.version, 3);
}

/* ---- srv_* ---- */

static void test_srv(void **state)
{
	struct sw *sw = *state;
	struct server_file *f;
	int err;

	sw->config.capacity = 16 * BLOCK;
	sw_start(sw);
	f = sw_file(sw, "f", 10000, SRV_FILL_DATA);
	assert_string_equal(runs(sw, f), "a*4096,b*4096,c*1808");
	assert_int_equal(srv_write(sw->s, "f", 9000, 2000), 2000);
	assert_int_equal(srv_write(sw->s, "f", 100, 10), 10);
	assert_string_equal(runs(sw, f), "a*100,#*10,a*3986,b*4096,c*808,#*2000");
	assert_string_equal(describe(sw, content_get(&f->data, 4097)), "byte 4097 of srv_create f");
	assert_string_equal(describe(sw, content_get(&f->data, 109)),
			    "write 2 of srv_write f, byte 9");
	assert_int_equal(srv_truncate(sw->s, "f", 50), 0);
	assert_int_equal(srv_truncate(sw->s, "f", 60), 0);
	assert_string_equal(runs(sw, f), "a*50,\\x00*10");
	assert_ptr_equal(srv_create(sw->s, "f", 3000, SRV_FILL_ZERO, &err), f);
	assert_int_equal(content_get(&f->data, 2999).kind, CONTENT_ZERO);
	assert_int_equal(content_get(&f->data, 3000).kind, CONTENT_HOLE);
	assert_null(srv_create(sw->s, "f", 16 * BLOCK + 1, SRV_FILL_DATA, &err));
	assert_int_equal(err, -ENOSPC);
	assert_int_equal(f->size, 0);
	assert_null(srv_create(sw->s, "f", UINT64_MAX, SRV_FILL_HOLE, &err));
	assert_int_equal(err, -EFBIG);
	assert_non_null(srv_create(sw->s, "f", 16 * BLOCK, SRV_FILL_DATA, &err));
	assert_int_equal(srv_write(sw->s, "f", 16 * BLOCK - 10, 20), 10);
	assert_int_equal(srv_write(sw->s, "f", UINT64_MAX, 20), -EFBIG);
	assert_int_equal(srv_write(sw->s, "f", 0, 0), 0);
	assert_int_equal(srv_write(sw->s, "g", 0, 20), -ENOENT);
	assert_int_equal(srv_truncate(sw->s, "g", 0), -ENOENT);
	assert_int_equal(srv_rm(sw->s, "g"), -ENOENT);
}

/* ---- observers ---- */

struct seen {
	struct sw *sw;
	uint64_t pos, len, old_size, new_size;
	const struct client *client;
	unsigned nr_wrote, nr_resized, nr_watch;
};

static void see_wrote(struct check *c, struct client *client, struct server_file *f, uint64_t pos,
		      uint64_t len)
{
	struct seen *s = (struct seen *)c;

	assert_true(f->size >= pos + len);
	s->client = client;
	s->pos = pos;
	s->len = len;
	s->nr_wrote++;
}

static void see_resized(struct check *c, struct client *client, struct server_file *f,
			uint64_t old_size, uint64_t new_size)
{
	struct seen *s = (struct seen *)c;

	assert_int_equal(f->size, new_size);
	s->client = client;
	s->old_size = old_size;
	s->new_size = new_size;
	s->nr_resized++;
}

static void see_watch(void *watcher)
{
	((struct seen *)watcher)->nr_watch++;
}

static void test_hooks(void **state)
{
	static const struct model_hooks hooks = {.server_wrote = see_wrote,
						 .server_resized = see_resized};
	struct sw *sw = *state;
	struct seen s = {.sw = sw};
	struct server_file *f;
	struct sw_msg m;

	sw->config.capacity = 2 * BLOCK;
	sw_start(sw);
	f = sw_file(sw, "f", 10, SRV_FILL_ZERO);
	sw->model.hooks = hooks;
	sw->model.check = (struct check *)&s;
	server_watch(f, &sw->client[0], see_watch, &s);
	sw_once(sw, &m, RPC_WRITE, f, 100, 50);
	assert_ptr_equal(s.client, &sw->client[0]);
	assert_true(s.nr_wrote == 1 && s.pos == 100 && s.len == 50);
	assert_true(s.nr_resized == 1 && s.old_size == 10 && s.new_size == 150);
	assert_int_equal(s.nr_watch, 0); /* its own doing */
	sw_send(sw, &m, 1, RPC_WRITE, f, 5000, 50000);
	sw_run(sw);
	assert_int_equal(m.rpc.error, -ENOSPC);
	assert_true(s.nr_wrote == 2 && s.pos == 5000 && s.len == 3192);
	assert_true(s.nr_resized == 2 && s.new_size == 8192);
	assert_int_equal(s.nr_watch, 1);
	sw_send(sw, &m, 1, RPC_WRITE, f, 10000, 5);
	sw_run(sw);
	assert_int_equal(s.nr_wrote, 2); /* nothing had room */
	assert_int_equal(srv_write(sw->s, "f", 0, 5), 5);
	assert_null(s.client);
	assert_true(s.nr_wrote == 3 && s.nr_resized == 2 && s.nr_watch == 2);
	assert_int_equal(srv_truncate(sw->s, "f", 1), 0);
	assert_true(s.nr_resized == 3 && s.old_size == 8192 && s.new_size == 1);
	assert_int_equal(s.nr_watch, 3);
	server_unwatch(f, &s);
	assert_int_equal(srv_truncate(sw->s, "f", 0), 0);
	assert_int_equal(s.nr_watch, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SW_TEST(test_lookup_create),
		SW_TEST(test_many_names),
		SW_TEST(test_unlink),
		SW_TEST(test_setattr),
		SW_TEST(test_read),
		SW_TEST(test_write),
		SW_TEST(test_write_of_a_hole),
		SW_TEST(test_append),
		SW_TEST(test_file_size),
		SW_TEST(test_srv),
		SW_TEST(test_hooks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
