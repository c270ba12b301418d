/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Truncation, invalidation, splitting, drop_caches, and reclaim when memory is short. */
#include "tests/model/mm_fixture.h"

#include "model/mm/internal.h"

#define MS SIM_NS_PER_MS
#define PG PAGE_SIZE

static void add_clean(struct mm_fixture *f, pgoff_t index, unsigned order)
{
	struct folio *folio = fx_add(f, index, order);

	folio_mark_uptodate(folio);
	folio_unlock(folio);
	folio_put(folio);
}

static struct folio *at(struct mm_fixture *f, pgoff_t index)
{
	return filemap_lookup(fx_mapping(f), index);
}

/* A byte of the page cache: 'J' never written, '0' zero, '-' nothing there, 'S' data. */
static char byte(struct mm_fixture *f, uint64_t pos)
{
	return "-0JSD"[content_get(&fx_mapping(f)->data, pos).kind];
}

static void fill(struct mm_fixture *f, uint64_t pages)
{
	for (uint64_t i = 0; i < pages; i++)
		content_set(&fx_mapping(f)->data, i * PG, PG, content_source_at(0, i * PG));
}

/* ---- truncation ---- */

static void truncate_small(struct mm_fixture *f)
{
	fx_add_clean(f, 0, 8);
	fill(f, 8);
	truncate_setsize(f->inode, 2 * PG + 100);
	assert_int_equal(f->inode->i_size, 2 * PG + 100);
	assert_int_equal(fx_mapping(f)->nrpages, 3);
	assert_int_equal(byte(f, 2 * PG + 99), 'S');
	assert_int_equal(byte(f, 2 * PG + 100), '0');
	assert_int_equal(byte(f, 3 * PG - 1), '0');
	assert_int_equal(byte(f, 3 * PG), '-');
	truncate_setsize(f->inode, 100 * PG); /* growing drops nothing */
	assert_int_equal(fx_mapping(f)->nrpages, 3);
	truncate_setsize(f->inode, 2 * PG); /* on the edge: nothing is zeroed */
	assert_int_equal(fx_mapping(f)->nrpages, 2);
	assert_int_equal(byte(f, 2 * PG - 1), 'S');
	truncate_setsize(f->inode, 0);
	assert_int_equal(fx_mapping(f)->nrpages, 0);
	assert_null(fx_mapping(f)->root);
}

static void test_truncate(void **state)
{
	struct mm_fixture f = {0};

	mm_fixture_start(&f, NULL, 8 * PG, 0, 32);
	mm_fixture_run(&f, truncate_small);
	assert_int_equal(f.invalidated, 0); /* nothing had private data */
	assert_int_equal(f.client.mm.free_pages, f.client.mm.total_pages);
	mm_fixture_end(&f);
}

static void truncate_dirty(struct mm_fixture *f)
{
	static uint64_t record[1]; /* aligned: bit 0 of private says streaming */
	struct folio *partial;

	fx_write(f, f->inode, 0, 4 * PG);
	partial = at(f, 1);
	folio_lock(partial);
	folio_attach_private(partial, record);
	folio_unlock(partial);
	folio_lock(at(f, 2));
	folio_attach_private(at(f, 2), record);
	folio_unlock(at(f, 2));
	truncate_setsize(f->inode, PG + 1);
	assert_int_equal(f->invalidated, 2);
	assert_int_equal(fx_mm(f)->nr_dirty, 2);
	assert_ptr_equal(at(f, 1), partial);
	assert_true(folio_test_dirty(partial) && folio_test_private(partial));
	folio_lock(partial);
	folio_detach_private(partial);
	folio_unlock(partial);
}

/* Dirty pages go without being written; a part keeps its dirtiness and private data. */
static void test_truncate_dirty(void **state)
{
	struct mm_fixture f = {0};

	mm_fixture_start(&f, NULL, 0, 0, 32);
	mm_fixture_run(&f, truncate_dirty);
	assert_int_equal(f.pages_written, 2);
	mm_fixture_end(&f);
}

static void writeback_slowly(struct mm_fixture *f)
{
	fx_write(f, f->inode, 0, 4 * PG);
	f->write_ns = 10 * MS;
	filemap_flush(fx_mapping(f));
}

static void truncate_in_writeback(struct mm_fixture *f)
{
	sim_sleep(f->w, 25 * MS); /* page 2 is being written */
	assert_true(folio_test_writeback(at(f, 2)));
	truncate_setsize(f->inode, 0);
	assert_int_equal(f->w->now_ns, 30 * MS);
	assert_int_equal(fx_mapping(f)->nrpages, 0);
}

/* Writeback is waited for, not the dirty page behind it, which goes unwritten. */
static void test_truncate_waits(void **state)
{
	struct mm_fixture f = {0};

	mm_fixture_start(&f, NULL, 0, 0, 32);
	mm_fixture_spawn(&f, "wb", writeback_slowly);
	mm_fixture_spawn(&f, "t", truncate_in_writeback);
	mm_fixture_go(&f);
	assert_int_equal(f.pages_written, 3);
	mm_fixture_end(&f);
}

static void split_large(struct mm_fixture *f)
{
	add_clean(f, 0, 4);
	add_clean(f, 16, 4);
	fill(f, 32);
	truncate_setsize(f->inode, 19 * PG + 7);
	assert_int_equal(at(f, 0)->order, 4); /* not touched */
	for (pgoff_t i = 16; i < 20; i++) {
		assert_int_equal(at(f, i)->order, 0);
		assert_int_equal(at(f, i)->index, i);
		assert_int_equal(at(f, i)->refcount, 1);
		assert_true(folio_test_uptodate(at(f, i)) && !folio_test_locked(at(f, i)));
	}
	assert_null(at(f, 20));
	assert_int_equal(byte(f, 19 * PG + 6), 'S');
	assert_int_equal(byte(f, 19 * PG + 7), '0');
	assert_int_equal(fx_mapping(f)->nrpages, 20);
	assert_int_equal(fx_mm(f)->nr_lru[LRU_INACTIVE_FILE], 20);
}

static void split_dirty(struct mm_fixture *f)
{
	struct folio *folio;

	truncate_setsize(f->inode, 0);
	fx_write(f, f->inode, 0, 64 * PG);
	assert_int_equal(at(f, 0)->order, 6);
	truncate_setsize(f->inode, 10 * PG + 1);
	assert_int_equal(fx_mm(f)->nr_dirty, 11);
	assert_int_equal(fx_mapping(f)->nr_dirty, 11);
	assert_true(folio_test_dirty(at(f, 10)));

	/* Somebody else's reference: it cannot be split, and is dirty: it stays as it is. */
	truncate_setsize(f->inode, 0);
	fx_write(f, f->inode, 0, 64 * PG);
	folio = at(f, 0);
	folio_get(folio);
	truncate_setsize(f->inode, 10 * PG + 1);
	assert_ptr_equal(at(f, 63), folio);
	assert_int_equal(byte(f, 10 * PG + 1), '0');

	/* The same, but clean: all of it goes. */
	file_write_and_wait_range(&f->file, 0, LLONG_MAX_OFF);
	assert_false(folio_test_dirty(folio));
	truncate_setsize(f->inode, 5 * PG);
	assert_int_equal(fx_mapping(f)->nrpages, 0);
	folio_put(folio);
}

static void test_split(void **state)
{
	struct mm_fixture f = {0};

	mm_fixture_start(&f, NULL, 32 * PG, AS_LARGE_FOLIO_SUPPORT, 32);
	mm_fixture_run(&f, split_large);
	mm_fixture_run(&f, split_dirty);
	assert_int_equal(f.client.mm.free_pages, f.client.mm.total_pages);
	mm_fixture_end(&f);
}

static void punch(struct mm_fixture *f)
{
	fx_add_clean(f, 0, 8);
	add_clean(f, 8, 3);
	fill(f, 16);
	truncate_inode_pages_range(fx_mapping(f), 100, PG - 101); /* within one page */
	assert_int_equal(byte(f, 99), 'S');
	assert_int_equal(byte(f, 100), '0');
	assert_int_equal(byte(f, PG - 101), '0');
	assert_int_equal(byte(f, PG - 100), 'S');
	truncate_inode_pages_range(fx_mapping(f), 2 * PG + 1, 5 * PG); /* both ends partial */
	assert_int_equal(byte(f, 2 * PG), 'S');
	assert_int_equal(byte(f, 2 * PG + 1), '0');
	assert_null(at(f, 3));
	assert_null(at(f, 4));
	assert_int_equal(byte(f, 5 * PG), '0');
	assert_int_equal(byte(f, 5 * PG + 1), 'S');
	truncate_inode_pages_range(fx_mapping(f), 6 * PG, 10 * PG - 1); /* into a large one */
	assert_null(at(f, 7));
	assert_null(at(f, 8)); /* zeroed, split, and then whole in the range */
	assert_null(at(f, 9));
	assert_int_equal(at(f, 10)->order, 0);
	assert_int_equal(byte(f, 9 * PG), '-');
	assert_int_equal(byte(f, 10 * PG), 'S');
	truncate_inode_pages_range(fx_mapping(f), 0, LLONG_MAX_OFF);
	add_clean(f, 0, 3);
	f->inode->i_size = 5 * PG;
	truncate_inode_pages_range(fx_mapping(f), 0, 1); /* a split drops what is behind the end */
	assert_int_equal(fx_mapping(f)->nrpages, 5);
}

static void test_punch(void **state)
{
	struct mm_fixture f = {0};

	mm_fixture_start(&f, NULL, 16 * PG, 0, 32);
	mm_fixture_run(&f, punch);
	mm_fixture_end(&f);
}

/* ---- invalidation ---- */

static void invalidate(struct mm_fixture *f)
{
	struct folio *held, *copying;

	fx_mapping(f)->flags |= AS_RELEASE_ALWAYS;
	fx_add_clean(f, 0, 8);
	fx_write(f, f->inode, 5 * PG, PG);
	held = at(f, 2); /* K13: a reference too many keeps it, and nobody is asked */
	folio_get(held);
	copying = at(f, 3);
	folio_start_fscache(copying);
	assert_int_equal(invalidate_mapping_pages(fx_mapping(f), 0, UINT64_MAX >> 12), 5);
	assert_int_equal(f->released, 6);
	assert_int_equal(fx_mapping(f)->nrpages, 3);
	assert_true(at(f, 2) && at(f, 3) && at(f, 5));
	assert_true(folio_test(at(f, 5), PG_readahead)); /* as PG_reclaim */
	folio_end_fscache(copying);
	folio_put(held);
	drop_pagecache(&f->client);
	assert_int_equal(fx_mapping(f)->nrpages, 1);
	assert_int_equal(f->laundered, 0);
	assert_int_equal(invalidate_inode_pages2(fx_mapping(f)), 0);
	assert_int_equal(f->laundered, 1);
	assert_int_equal(fx_mapping(f)->nrpages, 0);
}

static void test_invalidate(void **state)
{
	struct mm_fixture f = {0};

	mm_fixture_start(&f, NULL, 8 * PG, 0, 32);
	mm_fixture_run(&f, invalidate);
	mm_fixture_end(&f);
}

static void invalidate2(struct mm_fixture *f)
{
	static uint64_t record[1]; /* aligned: bit 0 of private says streaming */
	struct folio *folio;

	fx_add_clean(f, 0, 4);
	fx_write(f, f->inode, 0, PG);
	folio = at(f, 1);
	folio_get(folio); /* does not save it here */
	folio_lock(at(f, 2));
	folio_attach_private(at(f, 2), record);
	folio_unlock(at(f, 2));
	f->write_error = -EIO;
	assert_int_equal(invalidate_inode_pages2(fx_mapping(f)), -EBUSY); /* the last error */
	assert_null(folio->mapping);
	assert_true(at(f, 0) && at(f, 2));
	assert_null(at(f, 3));
	folio_put(folio);
	f->write_error = 0;
	folio_lock(at(f, 2));
	folio_detach_private(at(f, 2));
	folio_unlock(at(f, 2));
	assert_int_equal(invalidate_inode_pages2_range(fx_mapping(f), 2, 2), 0);
	assert_null(at(f, 2));
	/* The launder that failed left page 0 clean, but with its mark until it goes. */
	assert_int_equal(fx_mapping(f)->nr_dirty, 1);
	assert_int_equal(invalidate_inode_pages2(fx_mapping(f)), 0);
	assert_int_equal(fx_mapping(f)->nr_dirty, 0);
}

static void test_invalidate2(void **state)
{
	struct mm_fixture f = {0};

	mm_fixture_start(&f, NULL, 4 * PG, 0, 32);
	mm_fixture_run(&f, invalidate2);
	mm_fixture_end(&f);
}

static void dontneed(struct mm_fixture *f)
{
	fx_add_clean(f, 0, 8);
	vfs_fadvise(&f->file, 100, 3 * PG, FADV_DONTNEED); /* pages 1 and 2 wholly */
	assert_true(at(f, 0) && !at(f, 1) && !at(f, 2) && at(f, 3));
	vfs_fadvise(&f->file, 7 * PG, 50, FADV_DONTNEED); /* the end of the file counts as whole */
	assert_null(at(f, 7));
	vfs_fadvise(&f->file, 0, 100, FADV_DONTNEED);
	assert_non_null(at(f, 0));
	fx_write(f, f->inode, 4 * PG, PG);
	vfs_fadvise(&f->file, 0, 0, FADV_DONTNEED); /* written first, and waited for here */
	assert_int_equal(f->pages_written, 1);
	assert_int_equal(fx_mapping(f)->nrpages, 0);
}

static void test_dontneed(void **state)
{
	struct mm_fixture f = {0};

	mm_fixture_start(&f, NULL, 7 * PG + 50, 0, 32);
	mm_fixture_run(&f, dontneed);
	mm_fixture_end(&f);
}

/* ---- reclaim ---- */

/* A memory of 256 pages, and the reserve that allocations must leave: 32. */
#define RESERVE (128 << 10)
#define SMALL   .total_bytes = (1 << 20) + RESERVE, .min_free_bytes = RESERVE

static void reclaim_order(struct mm_fixture *f)
{
	fx_add_clean(f, 0, 256);
	assert_int_equal(fx_mm(f)->free_pages, 32);
	folio_mark_accessed(at(f, 3));
	folio_mark_accessed(at(f, 3)); /* active */
	fx_add_clean(f, 1000, 1);      /* frees a batch, the oldest first */
	assert_int_equal(fx_mm(f)->free_pages, 32 + 31);
	assert_null(at(f, 0));
	assert_non_null(at(f, 3));
	assert_null(at(f, 32));
	assert_non_null(at(f, 33));
	assert_non_null(at(f, 1000));
}

static void test_reclaim_order(void **state)
{
	struct mm_config config = {SMALL};
	struct mm_fixture f = {0};

	mm_fixture_start(&f, &config, 0, 0, 32);
	mm_fixture_run(&f, reclaim_order);
	mm_fixture_end(&f);
}

static void reclaim_refuses(struct mm_fixture *f)
{
	struct folio *held[256];

	for (unsigned i = 0; i < 256; i++) {
		held[i] = fx_add(f, i, 0); /* locked: a read in flight */
		assert_non_null(held[i]);
	}
	assert_null(filemap_alloc_folio(&f->client, 0));
	folio_mark_uptodate(held[7]);
	folio_unlock(held[7]);
	assert_null(filemap_alloc_folio(&f->client, 0)); /* a reference too many */
	folio_put(held[7]);
	f->keep_private = true;
	fx_mapping(f)->flags |= AS_RELEASE_ALWAYS;
	assert_null(filemap_alloc_folio(&f->client, 0)); /* the filesystem wants to keep it */
	f->keep_private = false;
	add_clean(f, 1000, 0);
	assert_null(at(f, 7));
	for (unsigned i = 0; i < 256; i++) {
		if (i != 7) {
			folio_unlock(held[i]);
			folio_put(held[i]);
		}
	}
	assert_int_equal(fx_mapping(f)->nrpages, 256);
	assert_null(filemap_alloc_folio_effort(&f->client, 10, ALLOC_WAIT)); /* larger than any */
}

/* What is locked or used stays; an allocation that cannot succeed fails, and at once. */
static void test_reclaim_refuses(void **state)
{
	struct mm_config config = {SMALL};
	struct mm_fixture f = {0};

	mm_fixture_start(&f, &config, 0, 0, 32);
	mm_fixture_run(&f, reclaim_refuses);
	assert_int_equal(f.w->now_ns, 0);
	mm_fixture_end(&f);
}

static void all_dirty(struct mm_fixture *f)
{
	struct folio *folio;

	fx_write(f, f->inode, 0, 256 * PG);
	folio = at(f, 7);
	assert_null(filemap_alloc_folio_effort(&f->client, 0, ALLOC_NORETRY));
	assert_true(folio_test(folio, PG_readahead) && folio_test(folio, PG_active));
	assert_int_equal(file_write_and_wait_range(&f->file, 7 * PG, 8 * PG - 1), 0);
	assert_false(folio_test(folio, PG_readahead) || folio_test(folio, PG_active));
	fx_add_clean(f, 1000, 1); /* what was written goes, its neighbours before what is new */
	assert_null(at(f, 7));
	assert_non_null(at(f, 1000));
}

/* What reclaim met dirty is the first to go when it has been written. */
static void test_reclaim_mark(void **state)
{
	struct mm_config config = {SMALL, .dirty_bytes = 1 << 30,
				   .dirty_background_bytes = 1 << 29};
	struct mm_fixture f = {0};

	mm_fixture_start(&f, &config, 0, 0, 32);
	mm_fixture_run(&f, all_dirty);
	mm_fixture_end(&f);
}

static void write_more_than_memory(struct mm_fixture *f)
{
	assert_int_equal(fx_write(f, f->inode, 0, 1024 * PG), 1024 * PG);
}

/* Everything is dirty: allocations wait for the flusher. The limits are set out of the way. */
static void test_reclaim_dirty(void **state)
{
	struct mm_config config = {SMALL, .dirty_bytes = 1 << 30,
				   .dirty_background_bytes = 1 << 29};
	struct mm_fixture f = {0};

	mm_fixture_start(&f, &config, 0, 0, 32);
	mm_fixture_run(&f, write_more_than_memory);
	assert_int_equal(f.pages_written, 1024);
	mm_fixture_end(&f);
}

static void write_until_full(struct mm_fixture *f)
{
	f->write_error = -ENOSPC;
	assert_int_equal(fx_write(f, f->inode, 0, 1024 * PG), 256 * PG);
	f->write_error = 0;
}

/* Nothing can be written: the allocation fails in the end. */
static void test_out_of_memory(void **state)
{
	struct mm_config config = {SMALL, .dirty_bytes = 1 << 30,
				   .dirty_background_bytes = 1 << 29};
	struct mm_fixture f = {0};

	mm_fixture_start(&f, &config, 0, 0, 32);
	mm_fixture_run(&f, write_until_full);
	mm_fixture_end(&f);
}

static void write_1t(struct mm_fixture *f)
{
	f->write_ns = 1000;
	for (uint64_t pos = 0; pos < 1ull << 40; pos += 1ull << 30) {
		assert_int_equal(fx_write(f, f->inode, pos, 8 << 20), 8 << 20);
		sync_filesystem(&f->sb);
	}
}

/* A sparse terabyte through 64 MiB of memory: folios of 2 MiB, memory bounded. */
static void test_terabyte(void **state)
{
	struct mm_config config = {.total_bytes = 64 << 20};
	struct mm_fixture f = {0};

	mm_fixture_start(&f, &config, 0, AS_LARGE_FOLIO_SUPPORT, 32);
	mm_fixture_run(&f, write_1t);
	assert_int_equal(f.pages_written, 1024 * 2048);
	assert_in_range(f.client.mm.folios.peak, 1, 64);
	assert_in_range(f.client.mm.nodes.peak, 1, 512);
	mm_fixture_end(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_truncate),       cmocka_unit_test(test_truncate_dirty),
		cmocka_unit_test(test_truncate_waits), cmocka_unit_test(test_split),
		cmocka_unit_test(test_punch),          cmocka_unit_test(test_invalidate),
		cmocka_unit_test(test_invalidate2),    cmocka_unit_test(test_dontneed),
		cmocka_unit_test(test_reclaim_order),  cmocka_unit_test(test_reclaim_refuses),
		cmocka_unit_test(test_reclaim_dirty),  cmocka_unit_test(test_reclaim_mark),
		cmocka_unit_test(test_out_of_memory),  cmocka_unit_test(test_terabyte),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
