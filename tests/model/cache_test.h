/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the tests of the local cache share: a cache beside the fixture's mount, reads and writes of
 * it. */
#ifndef TESTS_MODEL_CACHE_TEST_H
#define TESTS_MODEL_CACHE_TEST_H

#include "model/cache/fscache.h"
#include "sim/base/math.h"
#include "tests/model/fixture.h"

#define MS 1000000u

/* A cache beside the mount of the fixture, a volume of it, and the bytes of a writer. */
struct cache_test {
	struct model_fixture f;
	struct fscache_cache *cache;
	struct fscache_volume *volume;
	struct content_map bytes;
	int64_t ret; /* of the last read or write that ended */
	unsigned nr_ended;
	bool was_async;
};

static struct cache_test *the_test;
static struct cache_config config;

static void sleep_ns(uint64_t ns)
{
	sim_sleep(the_test->f.w, ns);
}

static struct fscache_cookie *cookie_new(uint64_t key, uint64_t size)
{
	return fscache_acquire_cookie(the_test->volume, key, 1, size);
}

static void ended(void *priv, int64_t ret, bool was_async)
{
	struct cache_test *t = priv;

	t->ret = ret;
	t->was_async = was_async;
	t->nr_ended++;
}

/* Write the bytes [pos, pos + len) through a new operation; what preparing or writing returned. */
static int64_t write_cache(struct fscache_cookie *cookie, uint64_t pos, uint64_t len)
{
	struct cache_test *t = the_test;
	struct netfs_cache_resources cres = {0};
	struct iov_iter iter;
	unsigned before = t->nr_ended;
	int ret = fscache_begin_operation(&cres, cookie, FSCACHE_WANT_PARAMS);

	if (!ret)
		ret = cachefiles_prepare_write(&cres, &pos, &len, sim_round_up(len, PAGE_SIZE));
	if (!ret) {
		iov_iter_init(&iter, ITER_XARRAY, &t->bytes, pos, len);
		cachefiles_write(&cres, pos, &iter, ended, t);
		while (t->nr_ended == before)
			sleep_ns(MS);
	}
	fscache_end_operation(&cres);
	return ret ? ret : t->ret;
}

static int64_t read_cache(struct fscache_cookie *cookie, uint64_t pos, uint64_t len,
			  enum netfs_read_from_hole hole)
{
	struct cache_test *t = the_test;
	struct netfs_cache_resources cres = {0};
	struct content_map buf;
	struct iov_iter iter;
	unsigned before = t->nr_ended;
	int ret = fscache_begin_operation(&cres, cookie, FSCACHE_WANT_PARAMS);

	if (ret)
		return ret;
	content_map_init(&buf, t->f.m->content);
	iov_iter_init(&iter, ITER_UBUF, &buf, 0, len);
	cachefiles_read(&cres, pos, &iter, hole, ended, t);
	while (t->nr_ended == before)
		sleep_ns(MS);
	content_map_fini(&buf);
	fscache_end_operation(&cres);
	return t->ret;
}

#define equal_state(cookie, want) \
	(assert_fscache_cookie_state(cookie), fx_equal(f, (cookie)->state, want))

#endif
