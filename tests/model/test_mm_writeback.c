/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The flusher's times and slices, sync passes, throttling, and what failed uploads leave. */
#include "tests/model/mm_fixture.h"

#include "model/mm/internal.h"

#define MS SIM_NS_PER_MS

static void write_pages(struct mm_fixture *f, uint64_t index, uint64_t nr)
{
	assert_int_equal(fx_write(f, f->inode, index * PAGE_SIZE, nr * PAGE_SIZE), nr * PAGE_SIZE);
}

/* ---- when ---- */

static void write_then_again(struct mm_fixture *f)
{
	write_pages(f, 0, 64);
	sim_sleep(f->w, 700 * MS);
	write_pages(f, 0, 64);
	sim_sleep(f->w, 300 * MS);
	__mark_inode_dirty(f->inode, I_DIRTY_SYNC); /* its age counts from the first time */
}

/*
 * As recorded (C8): a fresh device is written at the first wake-up, the next change when it is
 * dirty_expire old. 7168 pages were seen in the first slice.
 */
static void test_periodic(void **state)
{
	struct mm_config config = {.dirty_writeback_interval_ns = 500 * MS,
				   .dirty_expire_interval_ns = 1000 * MS};
	struct mm_fixture f = {0};

	mm_fixture_start(&f, &config, 0, 0, 32);
	mm_fixture_run(&f, write_then_again);
	assert_int_equal(f.nr_writepages, 2);
	assert_int_equal(f.writepages_ns[0], 500 * MS);
	assert_int_equal(f.nr_to_write[0], 7168);
	assert_int_equal(f.writepages_ns[1], 1700 * MS);
	assert_int_equal(f.nr_to_write[1], 2048);
	assert_int_equal(f.sync_mode[1], WB_SYNC_NONE);
	assert_int_equal(f.pages_written, 128);
	mm_fixture_end(&f);
}

static void write_few_then_more(struct mm_fixture *f)
{
	write_pages(f, 0, 4);
	sim_sleep(f->w, 6000 * MS);
	write_pages(f, 0, 4);
}

/* Defaults; the few pages of the first write are not noticed as the device's share of writing. */
static void test_periodic_defaults(void **state)
{
	struct mm_fixture f = {0};

	mm_fixture_start(&f, NULL, 0, 0, 32);
	mm_fixture_run(&f, write_few_then_more);
	assert_int_equal(f.nr_writepages, 2);
	assert_int_equal(f.writepages_ns[0], 5000 * MS);
	assert_int_equal(f.writepages_ns[1], 11000 * MS);
	mm_fixture_end(&f);
}

static void write_long_after(struct mm_fixture *f)
{
	write_pages(f, 0, 64);
	sim_sleep(f->w, 40000 * MS);
	write_pages(f, 0, 1);
}

/* A device that has not written for long is like a fresh one. */
static void test_periodic_idle(void **state)
{
	struct mm_fixture f = {0};

	mm_fixture_start(&f, NULL, 0, 0, 32);
	mm_fixture_run(&f, write_long_after);
	assert_int_equal(f.nr_writepages, 2);
	assert_in_range(f.writepages_ns[1], 45000 * MS, 45001 * MS);
	mm_fixture_end(&f);
}

static void write_and_fsync(struct mm_fixture *f)
{
	write_pages(f, 0, 64);
	assert_int_equal(file_write_and_wait_range(&f->file, 0, LLONG_MAX_OFF), 0);
	assert_int_equal(f->nr_writepages, 1);
	assert_int_equal(f->nr_to_write[0], INT64_MAX);
	assert_int_equal(f->w->now_ns, 64 * MS);
	assert_int_equal(fx_mm(f)->nr_dirty, 0);
	assert_int_equal(f->inode->i_state, I_DIRTY_PAGES); /* the flusher has to find out */
	f->inode->i_state |= I_PINNING_NETFS_WB;
}

/* fsync leaves the inode on the list; the flusher cleans it when it has expired, and unpins. */
static void test_fsync(void **state)
{
	struct mm_fixture f = {0};

	mm_fixture_start(&f, NULL, 0, 0, 32);
	mm_fixture_run(&f, write_and_fsync);
	assert_int_equal(f.nr_writepages, 2);
	assert_int_equal(f.writepages_ns[1], 30000 * MS);
	assert_int_equal(f.pages_written, 64);
	assert_int_equal(f.inode->i_state, 0);
	assert_int_equal(f.write_inodes, 1);
	assert_int_equal(f.unpinned, 1);
	mm_fixture_end(&f);
}

/* ---- background and throttling ---- */

static void write_4m(struct mm_fixture *f)
{
	write_pages(f, 0, 1024);
}

/* A writer is held at the limit, and everything gets written. */
static void test_throttle(void **state)
{
	struct mm_config config = {.dirty_bytes = 512 << 10, .dirty_background_bytes = 256 << 10};
	struct mm_fixture f = {0};

	mm_fixture_start(&f, &config, 0, 0, 32);
	mm_fixture_spawn(&f, "w", write_4m);
	mm_fixture_go(&f);
	assert_int_equal(f.pages_written, 1024);
	assert_int_equal(f.nr_to_write[0], 1024);
	/* the writer looks every 16 pages at least, and each of two counters hides up to 40 */
	assert_in_range(f.most_dirty, 96, 128 + 16 + 2 * 40);
	mm_fixture_end(&f);
}

static void write_async(struct mm_fixture *f)
{
	struct address_space *mapping = fx_mapping(f);
	int err = 0;
	unsigned n = 0;

	while (!balance_dirty_pages_ratelimited_flags(mapping, BDP_ASYNC)) {
		struct folio *folio = filemap_get_folio_write(mapping, n * PAGE_SIZE, 1, &err);

		folio_mark_uptodate(folio);
		folio_mark_dirty(folio);
		folio_unlock(folio);
		folio_put(folio);
		assert_true(++n < 200);
	}
	assert_int_equal(f->w->now_ns, 0); /* it did not sleep */
	assert_in_range(n, 97, 128 + 8);
	sim_sleep(f->w, 500 * MS);
	assert_int_equal(balance_dirty_pages_ratelimited_flags(mapping, BDP_ASYNC), 0);
}

/* BDP_ASYNC gives up where others sleep (K5), and not below the ceiling. */
static void test_throttle_async(void **state)
{
	struct mm_config config = {.dirty_bytes = 512 << 10, .dirty_background_bytes = 256 << 10};
	struct mm_fixture f = {0};

	mm_fixture_start(&f, &config, 0, 0, 32);
	mm_fixture_run(&f, write_async);
	mm_fixture_end(&f);
}

static void stuck_writer(struct mm_fixture *f)
{
	f->write_ns = 100000 * MS;
	fx_mm(f)->client->sb->s_fs_info = f;
	fx_write(f, f->inode, 0, 1024 * PAGE_SIZE);
	assert_true(f->w->current->fatal);
	f->write_ns = 1;
}

static void kill_it(struct mm_fixture *f)
{
	sim_sleep(f->w, 1000 * MS);
	sim_list_for_each (t, sim_tasks(f->w), struct sim_task, all) {
		if (t->wait_site == SITE_BALANCE_DIRTY_PAGES)
			sim_signal(f->w, t, true);
	}
}

/* The sleep of a writer can be killed. */
static void test_throttle_killed(void **state)
{
	struct mm_config config = {.dirty_bytes = 512 << 10,
				   .dirty_background_bytes = 256 << 10,
				   .total_bytes = 2 << 20};
	struct mm_fixture f = {0};

	mm_fixture_start(&f, &config, 0, 0, 32);
	mm_fixture_spawn(&f, "w", stuck_writer);
	mm_fixture_spawn(&f, "k", kill_it);
	mm_fixture_go(&f);
	mm_fixture_end(&f);
}

static struct inode *second;

static void write_two_files(struct mm_fixture *f)
{
	second = mm_fixture_inode(f, "g", 0);
	assert_int_equal(fx_write(f, f->inode, 0, 1500 * PAGE_SIZE), 1500 * PAGE_SIZE);
	assert_int_equal(fx_write(f, second, 0, 800 * PAGE_SIZE), 800 * PAGE_SIZE);
}

/* Over the background limit: inodes in the order of age, by slices, until below it. */
static void test_background(void **state)
{
	struct mm_config config = {.dirty_bytes = 4096 * PAGE_SIZE,
				   .dirty_background_bytes = 2048 * PAGE_SIZE};
	struct mm_fixture f = {0};

	mm_fixture_start(&f, &config, 0, 0, 32);
	f.write_ns = 1000;
	mm_fixture_run(&f, write_two_files);
	assert_int_equal(f.writepages_ns[0], 0);
	assert_int_equal(f.pages_written, 2300); /* until the timer for the rest */
	assert_int_equal(f.nr_to_write[0], 1024);
	assert_int_equal(f.inode_of[0], 1);
	assert_int_equal(f.inode_of[1], 2);
	assert_int_equal(f.inode_of[2], 1);
	mm_fixture_end(&f);
}

/* ---- sync ---- */

static void sync_two_files(struct mm_fixture *f)
{
	second = mm_fixture_inode(f, "g", 0);
	fx_write(f, f->inode, 0, 4 * PAGE_SIZE);
	fx_write(f, second, 0, 4 * PAGE_SIZE);
	f->write_ns = 10 * MS;
	assert_int_equal(sync_filesystem(&f->sb), 0);
	assert_int_equal(f->w->now_ns, 80 * MS);
	assert_int_equal(f->nr_writepages, 2);
	assert_int_equal(f->nr_to_write[0], INT64_MAX);
	assert_int_equal(f->sync_mode[0], WB_SYNC_NONE); /* the first pass wrote all */
	assert_int_equal(fx_mm(f)->nr_dirty + fx_mm(f)->nr_writeback, 0);
	fx_write(f, f->inode, 0, 4 * PAGE_SIZE);
	ksys_sync(&f->client);
	assert_int_equal(f->nr_writepages, 3);
	assert_int_equal(f->nr_to_write[2], 2048); /* as recorded: the flusher, woken first */
	assert_int_equal(f->sync_mode[2], WB_SYNC_NONE);
	assert_int_equal(sync_filesystem(&f->sb), 0);
	assert_int_equal(f->nr_writepages, 3);
}

static void test_sync(void **state)
{
	struct mm_fixture f = {0};

	mm_fixture_start(&f, NULL, 0, 0, 32);
	mm_fixture_run(&f, sync_two_files);
	mm_fixture_end(&f);
}

static void start_write(struct mm_fixture *f)
{
	write_pages(f, 0, 10);
	f->write_ns = 10 * MS;
	assert_int_equal(write_inode_now(f->inode, false), 0);
	assert_int_equal(f->w->now_ns, 100 * MS);
}

static void write_again_now(struct mm_fixture *f)
{
	sim_sleep(f->w, 50 * MS);
	assert_true(f->inode->i_state & I_SYNC);
	assert_int_equal(write_inode_now(f->inode, false), 0); /* somebody is at it */
	assert_int_equal(f->w->now_ns, 50 * MS);
	__mark_inode_dirty(f->inode, I_DIRTY_SYNC);
	assert_int_equal(write_inode_now(f->inode, true), 0);
	assert_int_equal(f->w->now_ns, 100 * MS);
	assert_int_equal(write_inode_now(f->inode, true), 0);
}

/* Two that write the same inode: one waits for the other, or leaves it to him. */
static void test_write_inode_now(void **state)
{
	struct mm_fixture f = {0};

	mm_fixture_start(&f, NULL, 0, 0, 32);
	mm_fixture_spawn(&f, "a", start_write);
	mm_fixture_spawn(&f, "b", write_again_now);
	mm_fixture_go(&f);
	assert_int_equal(f.write_inodes, 1);
	assert_int_equal(f.inode->i_state, 0);
	mm_fixture_end(&f);
}

static void free_inode(struct mm_fixture *f)
{
	struct inode *inode = mm_fixture_inode(f, "g", 0);

	fx_write(f, inode, 0, 4 * PAGE_SIZE);
	f->write_ns = 10 * MS;
	wakeup_flusher_threads(fx_mm(f));
	sim_sleep(f->w, 5 * MS);
	assert_true(inode->i_state & I_SYNC);
	inode->i_state |= I_FREEING;
	truncate_inode_pages_final(&inode->i_data);
	inode_io_list_del(inode);
	assert_false(inode->i_state & I_SYNC);
	sim_list_del(&inode->i_sb_list);
	content_map_fini(&inode->i_data.data);
	assert_null(inode->i_data.root);
}

/* An inode is not freed while the flusher is at it, and is on no list then. */
static void test_free_inode(void **state)
{
	struct mm_fixture f = {0};

	mm_fixture_start(&f, NULL, 0, 0, 32);
	mm_fixture_run(&f, free_inode);
	assert_true(sim_list_empty(&f.client.mm.b_dirty));
	mm_fixture_end(&f);
}

/* ---- errors ---- */

static void failing(struct mm_fixture *f)
{
	write_pages(f, 0, 2);
	f->write_error = -ENOSPC;
	assert_int_equal(file_write_and_wait_range(&f->file, 0, LLONG_MAX_OFF), -ENOSPC);
	assert_int_equal(fx_mm(f)->nr_dirty, 2);
	sim_sleep(f->w, 12000 * MS); /* the flusher tries, and gives up for each round */
	assert_in_range(f->nr_writepages, 2, 8);
	assert_int_equal(file_write_and_wait_range(&f->file, 0, LLONG_MAX_OFF), -ENOSPC);
	f->write_error = 0;
	assert_int_equal(file_write_and_wait_range(&f->file, 0, LLONG_MAX_OFF), 0);
	assert_int_equal(fx_mm(f)->nr_dirty, 0);
}

static void test_failing(void **state)
{
	struct mm_fixture f = {0};

	mm_fixture_start(&f, NULL, 0, 0, 32);
	mm_fixture_run(&f, failing);
	mm_fixture_end(&f);
}

static void needs_writeback(struct mm_fixture *f)
{
	struct address_space *mapping = fx_mapping(f);

	fx_add_clean(f, 0, 4);
	assert_false(filemap_range_needs_writeback(mapping, 0, LLONG_MAX_OFF));
	write_pages(f, 2, 1);
	assert_true(filemap_range_needs_writeback(mapping, 0, LLONG_MAX_OFF));
	assert_false(filemap_range_needs_writeback(mapping, 0, 2 * PAGE_SIZE - 1));
	assert_true(filemap_range_needs_writeback(mapping, 2 * PAGE_SIZE, 2 * PAGE_SIZE));
	assert_int_equal(filemap_fdatawrite_range(mapping, 0, PAGE_SIZE), 0);
	assert_int_equal(fx_mm(f)->nr_dirty, 1);
	assert_int_equal(filemap_fdatawrite(mapping), 0);
	assert_int_equal(fx_mm(f)->nr_dirty, 0);
	assert_int_equal(filemap_write_and_wait_range(mapping, 1, 0), 0);
}

static void test_needs_writeback(void **state)
{
	struct mm_fixture f = {0};

	mm_fixture_start(&f, NULL, 0, 0, 32);
	mm_fixture_run(&f, needs_writeback);
	mm_fixture_end(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_periodic),
		cmocka_unit_test(test_periodic_defaults),
		cmocka_unit_test(test_periodic_idle),
		cmocka_unit_test(test_fsync),
		cmocka_unit_test(test_throttle),
		cmocka_unit_test(test_throttle_async),
		cmocka_unit_test(test_throttle_killed),
		cmocka_unit_test(test_background),
		cmocka_unit_test(test_sync),
		cmocka_unit_test(test_write_inode_now),
		cmocka_unit_test(test_free_inode),
		cmocka_unit_test(test_failing),
		cmocka_unit_test(test_needs_writeback),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
