/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The checker's rules about the local cache can be broken, as test_check.c does it with the others.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "model/cache/internal.h"
#include "sim/base/math.h"
#include "tests/model/check_spoil.h"

static void plant_nothing(struct spoil *s)
{
	folio_event(s);
	dirty_page(s);
	sys_fsync(s->file, false);
	sys_drop_caches(s->f.c);
	fx_pread(&s->f, s->file, 0, FILE_SIZE);
}

/* The cache has another byte in a page that leaves the page cache. */
static void plant_cached_byte(struct spoil *s)
{
	sim_sleep(s->f.w, 10000000);
	spoil_byte(s, &netfs_inode(s->inode)->cache->cache_priv->file->data, PAGE_SIZE + 5);
	invalidate_mapping_pages(&s->inode->i_data, 0, 3);
}

static void plant_pinned_clean(struct spoil *s)
{
	write_inode_now(s->inode, true); /* the read has made it dirty */
	s->inode->i_state |= I_PINNING_NETFS_WB;
}

static void plant_operation_left(struct spoil *s)
{
	struct netfs_cache_resources cres = {0};

	fx_equal(&s->f,
		 fscache_begin_operation(&cres, netfs_inode(s->inode)->cache, FSCACHE_WANT_PARAMS),
		 0);
}

/* ---- folios that only the cache is to get ---- */

/* Private of the folio for one look. */
static void look_at_folio(struct spoil *s, uint32_t set, uint32_t clear)
{
	uint32_t flags = s->folio->flags;

	assert_true(netfs_folio_to_copy(s->folio));
	s->folio->flags = (flags & ~clear) | set;
	folio_event(s);
	s->folio->flags = flags;
}

static void plant_copy_of_unknown(struct spoil *s)
{
	look_at_folio(s, 0, 1u << PG_uptodate);
}

static void plant_copy_never_made(struct spoil *s)
{
	look_at_folio(s, 0, 1u << PG_dirty);
}

static void plant_copy_twice(struct spoil *s)
{
	look_at_folio(s, 1u << PG_writeback, 0);
}

static void plant_fscache_used(struct spoil *s)
{
	MODEL_HOOK(s->f.m, fscache, s->folio, true);
	MODEL_HOOK(s->f.m, fscache, s->folio, false);
	step(s);
}

/* A write leaves the mark on its folio, so that the server never gets it. */
static void plant_write_not_uploaded(struct spoil *s)
{
	dirty_page(s);
	assert_false(netfs_folio_to_copy(s->folio));
	folio_attach_private(s->folio, NETFS_FOLIO_COPY_TO_CACHE);
	filemap_write_and_wait_range(&s->inode->i_data, 0, FILE_SIZE - 1);
}

/* An upload takes a folio that was read along. */
static void plant_copy_uploaded(struct spoil *s)
{
	make_request(s, NETFS_WRITEBACK, PAGE_SIZE, PAGE_SIZE);
	make_sreq(s, &s->sreq, NETFS_UPLOAD_TO_SERVER, PAGE_SIZE, PAGE_SIZE);
	step(s);
}

#define COPY true, CACHE_COPY_WRITEBACK

static struct spoil_row rows[] = {
	{"silent", NR_CHECK_RULES, plant_nothing, true, true},
	{"silent, copies by writeback", NR_CHECK_RULES, plant_nothing, true, COPY},
	{"I15 wrong byte cached", CHECK_CACHED_CONTENT, plant_cached_byte, false, true},
	{"I22 operation left", CHECK_ALL_RELEASED, plant_operation_left, true, true},
	{"I28 pinned though clean", CHECK_COOKIE_PINNED, plant_pinned_clean, true, true},
	{"I1 copy of what nobody knows", CHECK_FOLIO_STATE, plant_copy_of_unknown, false, COPY},
	{"I1 copy that is never made", CHECK_FOLIO_STATE, plant_copy_never_made, false, COPY},
	{"I1 copy that is made twice", CHECK_FOLIO_STATE, plant_copy_twice, false, COPY},
	{"I35 PG_private_2", CHECK_COPY_ONLY, plant_fscache_used, false, COPY},
	{"I35 write that is not uploaded", CHECK_COPY_ONLY, plant_write_not_uploaded, false, COPY},
	{"I35 copy that is uploaded", CHECK_COPY_ONLY, plant_copy_uploaded, false, COPY},
};

int main(void)
{
	struct CMUnitTest tests[SIM_ARRAY_SIZE(rows)];

	for (unsigned i = 0; i < SIM_ARRAY_SIZE(rows); i++)
		tests[i] = (struct CMUnitTest){
			.name = rows[i].name, .test_func = spoil_test, .initial_state = &rows[i]};
	return cmocka_run_group_tests_name("rules of the cache", tests, NULL, NULL);
}
