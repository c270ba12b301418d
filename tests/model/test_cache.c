/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The local cache by itself: the states of a cookie, the gate of operations, what the cache has of
 * a file, its space, its failures. Reference 8.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/model/cache_test.h"

/* ---- states ---- */

static void do_life(struct model_fixture *f)
{
	struct fscache_cookie *cookie = cookie_new(7, 0x4000);

	equal_state(cookie, FSCACHE_COOKIE_STATE_QUIESCENT);
	fx_equal(f, fscache_cookie_enabled(cookie), false);
	fx_equal(f, read_cache(cookie, 0, 0x1000, NETFS_READ_HOLE_IGNORE), -ENOBUFS);

	fscache_use_cookie(cookie, false);
	equal_state(cookie, FSCACHE_COOKIE_STATE_LOOKING_UP);
	fx_equal(f, fscache_cookie_enabled(cookie), true);
	sleep_ns(3 * MS); /* a volume and a look-up; now the object is being made */
	equal_state(cookie, FSCACHE_COOKIE_STATE_CREATING);
	fx_equal(f, cookie->flags & FSCACHE_COOKIE_NO_DATA_TO_READ, FSCACHE_COOKIE_NO_DATA_TO_READ);
	fx_equal(f, fscache_cookie_data(cookie) == NULL, true);
	fx_equal(f, write_cache(cookie, 0, 0x2000), 0x2000); /* waits for the file */
	equal_state(cookie, FSCACHE_COOKIE_STATE_ACTIVE);

	fscache_unuse_cookie(cookie, NULL, NULL);
	sleep_ns(900 * MS);
	equal_state(cookie, FSCACHE_COOKIE_STATE_ACTIVE);
	sleep_ns(101 * MS);
	equal_state(cookie, FSCACHE_COOKIE_STATE_LRU_DISCARDING);
	fscache_use_cookie(cookie, true); /* waits, and looks it up again */
	equal_state(cookie, FSCACHE_COOKIE_STATE_LOOKING_UP);
	fx_equal(f, read_cache(cookie, 0, 0x2000, NETFS_READ_HOLE_IGNORE), 0x2000);
	fx_equal(f, cookie->flags & FSCACHE_COOKIE_NO_DATA_TO_READ, 0);

	fscache_unuse_cookie(cookie, NULL, NULL);
	fscache_relinquish_cookie(cookie);
}

static void test_life(void **state)
{
	config.lookup_ns = 2 * MS - 1;
	config.create_ns = MS;
	config.lru_timeout_ns = 1000 * MS;
	the_test->cache->config = config;
	model_fixture_run(&the_test->f, "t", do_life);
}

/* An object that says otherwise than the server is thrown away. */
static void do_coherency(struct model_fixture *f)
{
	struct fscache_cookie *cookie = cookie_new(7, 0x2000);

	fscache_use_cookie(cookie, true);
	fx_equal(f, write_cache(cookie, 0, 0x2000), 0x2000);
	fscache_unuse_cookie(cookie, NULL, NULL);
	fscache_relinquish_cookie(cookie);

	cookie = cookie_new(7, 0x2000);
	fscache_use_cookie(cookie, false);
	fx_equal(f, read_cache(cookie, 0, 0x2000, NETFS_READ_HOLE_IGNORE), 0x2000);
	fx_equal(f, content_get(fscache_cookie_data(cookie), 0).kind != CONTENT_HOLE, true);
	fscache_unuse_cookie(cookie, &(uint64_t){2}, NULL); /* the server has version 2 */
	fscache_relinquish_cookie(cookie);
	fx_equal(f, (int64_t)the_test->cache->used, 0x2000);

	cookie = cookie_new(7, 0x2000); /* again version 1 */
	fscache_use_cookie(cookie, false);
	sleep_ns(MS);
	fx_equal(f, content_get(fscache_cookie_data(cookie), 0).kind, CONTENT_HOLE);
	fx_equal(f, (int64_t)the_test->cache->used, 0);
	fscache_unuse_cookie(cookie, NULL, NULL);
	fscache_relinquish_cookie(cookie);
}

static void test_coherency(void **state)
{
	model_fixture_run(&the_test->f, "t", do_coherency);
}

/* Two files of a new volume: the second look-up waits for the directory that the first makes. */
static void do_volume(struct model_fixture *f)
{
	struct fscache_cookie *a = cookie_new(1, 0), *b = cookie_new(2, 0);

	fscache_use_cookie(a, false);
	fscache_use_cookie(b, false);
	sleep_ns(4 * MS);
	equal_state(a, FSCACHE_COOKIE_STATE_LOOKING_UP);
	equal_state(b, FSCACHE_COOKIE_STATE_LOOKING_UP);
	fx_equal(f, the_test->volume->state, FSCACHE_VOLUME_CREATING);
	sleep_ns(2 * MS);
	fx_equal(f, the_test->volume->state, FSCACHE_VOLUME_PRESENT);
	equal_state(a, FSCACHE_COOKIE_STATE_CREATING);
	equal_state(b, FSCACHE_COOKIE_STATE_CREATING);
	sleep_ns(5 * MS);
	equal_state(b, FSCACHE_COOKIE_STATE_ACTIVE);
	fscache_unuse_cookie(a, NULL, NULL);
	fscache_unuse_cookie(b, NULL, NULL);
	fscache_relinquish_cookie(a);
	fscache_relinquish_cookie(b);
}

static void test_volume(void **state)
{
	config.create_ns = 5 * MS;
	the_test->cache->config = config;
	model_fixture_run(&the_test->f, "t", do_volume);
}

/* ---- invalidation ---- */

static void do_invalidate(struct model_fixture *f)
{
	struct netfs_cache_resources cres = {0};
	struct fscache_cookie *cookie = cookie_new(7, 0x2000);

	fscache_invalidate(NULL, NULL, 0, 0);
	fscache_invalidate(cookie, NULL, 0x2000, 0); /* nothing is there */
	equal_state(cookie, FSCACHE_COOKIE_STATE_QUIESCENT);
	fscache_use_cookie(cookie, true);
	fscache_invalidate(cookie, NULL, 0x2000, 0); /* when it is looked up */
	equal_state(cookie, FSCACHE_COOKIE_STATE_LOOKING_UP);
	fx_equal(f, write_cache(cookie, 0, 0x1000), 0x1000);
	equal_state(cookie, FSCACHE_COOKIE_STATE_ACTIVE);

	/* An operation from before keeps the old file, and must not be believed. */
	fx_equal(f, fscache_begin_operation(&cres, cookie, FSCACHE_WANT_READ), 0);
	fscache_invalidate(cookie, &(uint64_t){2}, 0x2000, 0);
	equal_state(cookie, FSCACHE_COOKIE_STATE_INVALIDATING);
	fx_equal(f, read_cache(cookie, 0, 0x1000, NETFS_READ_HOLE_IGNORE), 0x1000); /* zeros */
	fx_equal(f, cres.inval_counter != cookie->inval_counter, true);
	fscache_end_operation(&cres);
	fx_equal(f, content_get(fscache_cookie_data(cookie), 0).kind, CONTENT_HOLE);

	/* A direct write keeps the cache out until the last close. */
	fscache_use_cookie(cookie, true);
	fscache_invalidate(cookie, NULL, 0x2000, FSCACHE_INVAL_DIO_WRITE);
	fscache_invalidate(cookie, NULL, 0x2000, FSCACHE_INVAL_DIO_WRITE);
	fx_equal(f, fscache_cookie_enabled(cookie), false);
	fx_equal(f, write_cache(cookie, 0, 0x1000), -ENOBUFS);
	fscache_resize_cookie(cookie, 0x1000);
	fx_equal(f, (int64_t)cookie->object_size, 0x2000);
	fscache_unuse_cookie(cookie, NULL, NULL);
	fx_equal(f, fscache_cookie_enabled(cookie), false);
	fscache_unuse_cookie(cookie, NULL, NULL);
	fscache_use_cookie(cookie, true);
	fx_equal(f, fscache_cookie_enabled(cookie), true);
	fx_equal(f, write_cache(cookie, 0, 0x1000), 0x1000);
	fscache_unuse_cookie(cookie, NULL, NULL);
	fscache_relinquish_cookie(cookie);
}

static void test_invalidate(void **state)
{
	config.lookup_ns = MS;
	the_test->cache->config = config;
	model_fixture_run(&the_test->f, "t", do_invalidate);
}

/* A read in flight when the object is emptied ends with -ESTALE. */
static void do_stale(struct model_fixture *f)
{
	struct cache_test *t = the_test;
	struct netfs_cache_resources cres = {0};
	struct fscache_cookie *cookie = cookie_new(7, 0x1000);
	struct content_map buf;
	struct iov_iter iter;

	fscache_use_cookie(cookie, true);
	fx_equal(f, write_cache(cookie, 0, 0x1000), 0x1000);
	fx_equal(f, fscache_begin_operation(&cres, cookie, FSCACHE_WANT_READ), 0);
	content_map_init(&buf, f->m->content);
	iov_iter_init(&iter, ITER_UBUF, &buf, 0, 0x1000);
	cachefiles_read(&cres, 0, &iter, NETFS_READ_HOLE_IGNORE, ended, t);
	fscache_invalidate(cookie, NULL, 0x1000, 0);
	sleep_ns(MS);
	fx_equal(f, t->ret, -ESTALE);
	fx_equal(f, t->was_async, true);
	content_map_fini(&buf);
	fscache_end_operation(&cres);
	fscache_unuse_cookie(cookie, NULL, NULL);
	fscache_relinquish_cookie(cookie);
}

static void test_stale(void **state)
{
	model_fixture_run(&the_test->f, "t", do_stale);
}

/* ---- reading and writing ---- */

static void do_holes(struct model_fixture *f)
{
	struct fscache_cookie *cookie = cookie_new(7, 0x8000);

	fscache_use_cookie(cookie, true);
	fx_equal(f, write_cache(cookie, 0x2000, 0x1000), 0x1000);
	/* Zero up to the data, then read it. */
	fx_equal(f, read_cache(cookie, 0x1000, 0x2000, NETFS_READ_HOLE_CLEAR), 0x2000);
	/* No data at all: nothing is read. */
	fx_equal(f, read_cache(cookie, 0x4000, 0x1000, NETFS_READ_HOLE_CLEAR), 0x1000);
	fx_equal(f, the_test->was_async, false);
	/* Beyond the end of the backing file. */
	fx_equal(f, read_cache(cookie, 0x7000, 0x4000, NETFS_READ_HOLE_IGNORE), 0x1000);
	/* A misaligned or too long write is refused. */
	fx_equal(f, write_cache(cookie, 0x100, 0x1000), -ENOBUFS);
	/* What makes the file longer ends in its issuer. */
	fx_equal(f, write_cache(cookie, 0x8000, 0x1000), 0x1000);
	fx_equal(f, the_test->was_async, false);
	fx_equal(f, write_cache(cookie, 0x4000, 0x1000), 0x1000);
	fx_equal(f, the_test->was_async, true);

	fscache_note_page_release(NULL);
	cookie->flags |= FSCACHE_COOKIE_NO_DATA_TO_READ;
	fscache_note_page_release(cookie);
	fx_equal(f, cookie->flags & FSCACHE_COOKIE_NO_DATA_TO_READ, 0);
	fscache_unuse_cookie(cookie, NULL, NULL);
	fscache_relinquish_cookie(cookie);
}

static void test_holes(void **state)
{
	model_fixture_run(&the_test->f, "t", do_holes);
}

/* The issuer sees the end of a write if the disk is faster than issuing is. */
static void do_inline(struct model_fixture *f)
{
	struct fscache_cookie *cookie = cookie_new(7, 0x8000);
	uint64_t start_ns;

	fscache_use_cookie(cookie, true);
	start_ns = f->w->now_ns;
	fx_equal(f, write_cache(cookie, 0, 0x1000), 0x1000);
	fx_equal(f, the_test->was_async, false);
	fx_equal(f, (int64_t)(f->w->now_ns - start_ns), 5 * MS); /* 3 for blocks, 2 to issue */
	start_ns = f->w->now_ns;
	fx_equal(f, write_cache(cookie, 0, 0x1000), 0x1000);
	fx_equal(f, (int64_t)(f->w->now_ns - start_ns), 2 * MS);
	fscache_unuse_cookie(cookie, NULL, NULL);
	fscache_relinquish_cookie(cookie);
}

static void test_inline(void **state)
{
	config.issue.value = 2 * MS;
	config.write_latency.value = MS;
	config.allocate.value = 3 * MS;
	config.bandwidth = 0;
	the_test->cache->config = config;
	model_fixture_run(&the_test->f, "t", do_inline);
}

/* A disk of 1 MiB/s: two reads wait for each other. */
static void do_bandwidth(struct model_fixture *f)
{
	struct fscache_cookie *cookie = cookie_new(7, 0x100000);
	uint64_t start_ns;

	fscache_use_cookie(cookie, true);
	start_ns = f->w->now_ns;
	fx_equal(f, write_cache(cookie, 0, 0x100000), 0x100000);
	fx_equal(f, (int64_t)((f->w->now_ns - start_ns) / MS), 1000);
	fscache_unuse_cookie(cookie, NULL, NULL);
	fscache_relinquish_cookie(cookie);
}

static void test_bandwidth(void **state)
{
	config.bandwidth = 1 << 20;
	config.write_latency.value = 0;
	the_test->cache->config = config;
	model_fixture_run(&the_test->f, "t", do_bandwidth);
}

/* ---- resizing ---- */

static void do_resize(struct model_fixture *f)
{
	struct fscache_cookie *cookie = cookie_new(7, 0x4000);
	const struct content_map *data;

	fscache_resize_cookie(NULL, 0);
	fscache_use_cookie(cookie, true);
	fx_equal(f, write_cache(cookie, 0, 0x4000), 0x4000);
	fscache_resize_cookie(cookie, 0x1234);
	data = fscache_cookie_data(cookie);
	fx_equal(f, (int64_t)cookie->object_size, 0x1234);
	fx_equal(f, content_get(data, 0x1233).kind == CONTENT_ZERO, false);
	fx_equal(f, content_get(data, 0x1234).kind, CONTENT_ZERO);
	fx_equal(f, content_get(data, 0x13ff).kind, CONTENT_ZERO);
	fx_equal(f, content_get(data, 0x1400).kind, CONTENT_HOLE); /* the next block */
	fx_equal(f, (int64_t)the_test->cache->used, 0x1400);
	fscache_resize_cookie(cookie, 0x9000);
	fx_equal(f, (int64_t)cookie->object_size, 0x9000);
	fx_equal(f, (int64_t)the_test->cache->used, 0x1400);
	fscache_unuse_cookie(cookie, NULL, NULL);
	fscache_relinquish_cookie(cookie);
}

static void test_resize(void **state)
{
	model_fixture_run(&the_test->f, "t", do_resize);
}

/* ---- space ---- */

static void fill_and_close(struct model_fixture *f, uint64_t key)
{
	struct fscache_cookie *cookie = cookie_new(key, 0x4000);

	fscache_use_cookie(cookie, true);
	fx_equal(f, write_cache(cookie, 0, 0x4000), 0x4000);
	fscache_unuse_cookie(cookie, NULL, NULL);
	fscache_relinquish_cookie(cookie);
}

static bool has_object(struct model_fixture *f, uint64_t key)
{
	struct fscache_cookie *cookie = cookie_new(key, 0x4000);
	bool has;

	fscache_use_cookie(cookie, false);
	sleep_ns(MS);
	has = cookie->state == FSCACHE_COOKIE_STATE_ACTIVE &&
	      content_get(fscache_cookie_data(cookie), 0).kind != CONTENT_HOLE;
	fscache_unuse_cookie(cookie, NULL, NULL);
	fscache_relinquish_cookie(cookie);
	return has;
}

static void do_cull(struct model_fixture *f)
{
	fill_and_close(f, 1);
	fill_and_close(f, 2);
	fx_equal(f, has_object(f, 1), true); /* so that 2 is the oldest */
	fill_and_close(f, 3);
	fx_equal(f, (int64_t)the_test->cache->nr_culled, 1);
	fx_equal(f, has_object(f, 3), true);
	fx_equal(f, has_object(f, 1), true);
	fx_equal(f, (int64_t)the_test->cache->used, 0x8000);
}

static void test_cull(void **state)
{
	config.capacity = 0x9000;
	the_test->cache->config = config;
	model_fixture_run(&the_test->f, "t", do_cull);
}

/* What is in use is never culled: the write is refused, and what it would replace is forgotten. */
static void do_full(struct model_fixture *f)
{
	struct fscache_cookie *a = cookie_new(1, 0x4000), *b = cookie_new(2, 0x4000);

	fscache_use_cookie(a, true);
	fscache_use_cookie(b, true);
	fx_equal(f, write_cache(a, 0, 0x4000), 0x4000);
	fx_equal(f, write_cache(b, 0, 0x4000), 0x4000);
	fx_equal(f, write_cache(a, 0, 0x2000), -ENOBUFS);
	fx_equal(f, content_get(fscache_cookie_data(a), 0x1fff).kind, CONTENT_HOLE);
	fx_equal(f, content_get(fscache_cookie_data(a), 0x2000).kind != CONTENT_HOLE, true);
	fx_equal(f, (int64_t)the_test->cache->used, 0x6000);
	fx_equal(f, (int64_t)the_test->cache->nr_culled, 0);
	fscache_unuse_cookie(a, NULL, NULL);
	fscache_unuse_cookie(b, NULL, NULL);
	fscache_relinquish_cookie(a);
	fscache_relinquish_cookie(b);
}

static void test_full(void **state)
{
	config.capacity = 0x8000;
	the_test->cache->config = config;
	model_fixture_run(&the_test->f, "t", do_full);
}

/* Not even a block for a new object: it fails, and stays so. */
static void do_no_object(struct model_fixture *f)
{
	struct fscache_cookie *a = cookie_new(1, 0x4000), *b = cookie_new(2, 0x4000);

	fscache_use_cookie(a, true);
	fx_equal(f, write_cache(a, 0, 0x4000), 0x4000);
	fscache_use_cookie(b, false);
	fx_equal(f, read_cache(b, 0, 0x1000, NETFS_READ_HOLE_IGNORE), -ENOBUFS);
	equal_state(b, FSCACHE_COOKIE_STATE_FAILED);
	fscache_unuse_cookie(b, NULL, NULL);
	fscache_relinquish_cookie(b);
	fscache_unuse_cookie(a, NULL, NULL);
	fscache_relinquish_cookie(a);
}

static void test_no_object(void **state)
{
	config.capacity = 0x4000;
	the_test->cache->config = config;
	model_fixture_run(&the_test->f, "t", do_no_object);
}

/* ---- failures ---- */

static void do_failures(struct model_fixture *f)
{
	struct fscache_cookie *cookie = cookie_new(7, 0x4000), *other = cookie_new(8, 0x4000);

	fscache_use_cookie(cookie, true);
	fx_equal(f, write_cache(cookie, 0, 0x1000), -EIO);
	fx_equal(f, write_cache(cookie, 0, 0x1000), -ENOBUFS); /* ENOSPC of the disk */
	fx_equal(f, write_cache(cookie, 0, 0x4000), 0x4000);
	fx_equal(f, read_cache(cookie, 0, 0x4000, NETFS_READ_HOLE_IGNORE), -EIO);
	fx_equal(f, read_cache(cookie, 0, 0x4000, NETFS_READ_HOLE_IGNORE), 0x800);
	fx_equal(f, read_cache(cookie, 0, 0x4000, NETFS_READ_HOLE_IGNORE), 0x4000);
	/* A truncation that fails ends the cache. */
	fscache_resize_cookie(cookie, 0x1000);
	fx_equal(f, the_test->cache->live, false);
	fx_equal(f, read_cache(cookie, 0, 0x1000, NETFS_READ_HOLE_IGNORE), -ENOBUFS);
	fscache_use_cookie(other, false);
	equal_state(other, FSCACHE_COOKIE_STATE_QUIESCENT);
	fscache_unuse_cookie(other, NULL, NULL);
	fscache_relinquish_cookie(other);
	fscache_unuse_cookie(cookie, NULL, NULL);
	fscache_relinquish_cookie(cookie);
}

static struct fault a_fault(enum fault_target on, uint64_t nth, enum fault_action action, int error,
			    uint64_t bytes)
{
	return (struct fault){.on = 1u << on,
			      .client = UINT32_MAX,
			      .nth = nth,
			      .count = 1,
			      .action = action,
			      .error = error,
			      .bytes = bytes};
}

static void test_failures(void **state)
{
	struct fault faults[] = {
		a_fault(FAULT_CACHE_WRITE, 1, FAULT_ERROR, -EIO, 0),
		a_fault(FAULT_CACHE_WRITE, 2, FAULT_ERROR, -ENOSPC, 0),
		a_fault(FAULT_CACHE_READ, 1, FAULT_ERROR, -EIO, 0),
		a_fault(FAULT_CACHE_READ, 2, FAULT_SHORT, 0, 0x800),
		a_fault(FAULT_CACHE_RESIZE, 1, FAULT_ERROR, -EIO, 0),
	};

	the_test->f.m->server->faults = faults;
	the_test->f.m->server->nr_faults = 5;
	model_fixture_run(&the_test->f, "t", do_failures);
	for (unsigned i = 0; i < 5; i++)
		assert_int_equal(faults[i].fired, 1);
}

static void do_lookup_fails(struct model_fixture *f)
{
	struct fscache_cookie *a = cookie_new(1, 0x4000), *b = cookie_new(2, 0x4000);

	fscache_use_cookie(a, true);
	fx_equal(f, write_cache(a, 0, 0x1000), -ENOBUFS);
	equal_state(a, FSCACHE_COOKIE_STATE_FAILED);
	fx_equal(f, the_test->cache->live, true);
	fscache_use_cookie(b, true);
	fx_equal(f, write_cache(b, 0, 0x1000), -ENOBUFS);
	fx_equal(f, the_test->cache->live, false);
	fscache_unuse_cookie(a, NULL, NULL);
	fscache_unuse_cookie(b, NULL, NULL);
	fscache_relinquish_cookie(a);
	fscache_relinquish_cookie(b);
}

static void test_lookup_fails(void **state)
{
	struct fault faults[] = {
		a_fault(FAULT_CACHE_LOOKUP, 1, FAULT_ERROR, -ENOMEM, 0),
		a_fault(FAULT_CACHE_LOOKUP, 2, FAULT_ERROR, -EIO, 0),
	};

	the_test->f.m->server->faults = faults;
	the_test->f.m->server->nr_faults = 2;
	model_fixture_run(&the_test->f, "t", do_lookup_fails);
}

/* Relinquishing waits for what is in progress. */
static struct fscache_cookie *held;

static void hold_operation(void *arg)
{
	struct netfs_cache_resources cres = {0};

	fx_equal(&the_test->f, fscache_begin_operation(&cres, held, FSCACHE_WANT_WRITE), 0);
	sleep_ns(50 * MS);
	fscache_end_operation(&cres);
}

static void do_relinquish(struct model_fixture *f)
{
	uint64_t start_ns = f->w->now_ns;

	held = cookie_new(7, 0x4000);
	fscache_use_cookie(held, true);
	client_spawn(f->c, "holder", hold_operation, NULL);
	sleep_ns(10 * MS);
	fscache_unuse_cookie(held, NULL, NULL);
	fscache_relinquish_cookie(held);
	fx_equal(f, f->w->now_ns - start_ns >= 50 * MS, true);
}

static void test_relinquish(void **state)
{
	model_fixture_run(&the_test->f, "t", do_relinquish);
}

static int setup(void **state)
{
	static struct cache_test t;
	struct model_fixture *f = &t.f;

	the_test = &t;
	t = (struct cache_test){0};
	model_fixture_init(f);
	model_fixture_start(f);
	cache_config_defaults(&config);
	t.cache = fscache_cache_new(f->c, &config);
	t.volume = fscache_acquire_volume(t.cache, "test");
	content_map_init(&t.bytes, f->m->content);
	content_set(&t.bytes, 0, 0x200000,
		    content_source_append(f->m->content, f->source, 0x200000, 0, 0));
	*state = &t;
	return 0;
}

static int teardown(void **state)
{
	model_fixture_teardown(&the_test->f);
	return 0;
}

#define T(name) cmocka_unit_test_setup_teardown(test_##name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(life),  T(coherency), T(volume),    T(invalidate),   T(stale),
		T(holes), T(inline),    T(bandwidth), T(resize),       T(cull),
		T(full),  T(no_object), T(failures),  T(lookup_fails), T(relinquish),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
