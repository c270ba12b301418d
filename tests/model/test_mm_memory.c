/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Memory of a client: watermarks, kswapd, anonymous memory, the rates of throttled writers. */
#include "tests/model/mm_fixture.h"

#include <string.h>

#include "model/mm/internal.h"
#include "sim/core/wait.h"

#define PG PAGE_SIZE
#define MS SIM_NS_PER_MS
/* 1024 pages, of which 64 are the minimum, 80 the low and 96 the high watermark. */
#define MEMORY .total_bytes = 4 << 20, .min_free_bytes = 256 << 10

static void run(const struct mm_config *config, uint32_t flags, void (*fn)(struct mm_fixture *f))
{
	struct mm_fixture f = {0};

	mm_fixture_start(&f, config, 0, flags, 32);
	mm_fixture_run(&f, fn);
	mm_fixture_end(&f);
}

/* ---- watermarks and kswapd ---- */

static void watermarks(struct mm_fixture *f)
{
	struct mm *mm = fx_mm(f);

	assert_int_equal(mm->wmark[WMARK_MIN], 64);
	assert_int_equal(mm->wmark[WMARK_LOW], 80);
	assert_int_equal(mm->wmark[WMARK_HIGH], 96);
	fx_add_clean(f, 0, 1024 - 80);
	sim_sleep(f->w, MS);
	assert_null(mm->kswapd); /* the low watermark is left */
	fx_add_clean(f, 2000, 1);
	assert_int_equal(mm->free_pages, 79);
	assert_non_null(mm->kswapd);
	sim_sleep(f->w, MS);
	assert_in_range(mm->free_pages, 96, 96 + 31);
	assert_int_equal(mm->nr_kswapd, mm->nr_reclaimed);
	assert_null(filemap_lookup(fx_mapping(f), 0)); /* the oldest */
	assert_non_null(filemap_lookup(fx_mapping(f), 2000));
	/* Faster than kswapd: at the minimum the task frees pages itself. */
	fx_add_clean(f, 3000, 200);
	assert_true(mm->nr_reclaimed > mm->nr_kswapd);
	assert_true(mm->free_pages >= 64);
}

static void test_watermarks(void **state)
{
	struct mm_config config = {MEMORY};

	run(&config, 0, watermarks);
}

/* The defaults are Linux's: 4 MiB of 1 GiB, and 64 MiB of 4 TiB at most 256 MiB. */
static void default_1g(struct mm_fixture *f)
{
	assert_int_equal(fx_mm(f)->wmark[WMARK_MIN], 1024);
	assert_int_equal(fx_mm(f)->wmark[WMARK_LOW], 1024 + 262);
	assert_int_equal(fx_mm(f)->wmark[WMARK_HIGH], 1024 + 2 * 262);
	/* 20 and 10 percent of what is not reserved */
	assert_int_equal(mm_dirty_limits(fx_mm(f)).thresh, (262144 - 1548 + 1) / 5);
	assert_int_equal(mm_dirty_limits(fx_mm(f)).bg_thresh, (262144 - 1548 + 1) / 10);
}

static void default_4t(struct mm_fixture *f)
{
	assert_int_equal(fx_mm(f)->wmark[WMARK_MIN], 65536);
}

static void test_defaults(void **state)
{
	struct mm_config large = {.total_bytes = 4ull << 40};

	run(NULL, 0, default_1g);
	run(&large, 0, default_4t);
}

static void kswapd_release(struct mm_fixture *f)
{
	struct mm *mm = fx_mm(f);

	fx_mapping(f)->flags |= AS_RELEASE_ALWAYS;
	for (pgoff_t i = 0; i < 1024 - 79; i++) {
		struct folio *folio = fx_add(f, i, 0);

		folio_mark_uptodate(folio);
		folio_start_fscache(folio); /* a copy to the cache that takes its time */
		folio_unlock(folio);
		folio_put(folio);
	}
	sim_sleep(f->w, MS);
	assert_true(f->released >= 1024 - 79);
	assert_int_equal(mm->nr_reclaimed, 0); /* kswapd does not wait for it */
	assert_int_equal(mm->kswapd_failures, 1);
	for (pgoff_t i = 0; i < 1024 - 79; i++)
		folio_end_fscache(filemap_lookup(fx_mapping(f), i));
	fx_add_clean(f, 2000, 1);
	sim_sleep(f->w, MS);
	assert_true(mm->nr_kswapd >= 16);
	assert_int_equal(mm->kswapd_failures, 0);
}

/* kswapd asks ->release_folio, which may not wait for it. */
static void test_kswapd_release(void **state)
{
	struct mm_config config = {MEMORY};

	run(&config, 0, kswapd_release);
}

static void active_list(struct mm_fixture *f)
{
	struct mm *mm = fx_mm(f);

	fx_add_clean(f, 0, 64);
	for (unsigned n = 0; n < 2; n++) {
		for (pgoff_t i = 0; i < 64; i++)
			folio_mark_accessed(filemap_lookup(fx_mapping(f), i));
	}
	assert_int_equal(mm->nr_lru[LRU_ACTIVE_FILE], 64);
	for (pgoff_t i = 0; i < 4096; i++)
		fx_add_clean(f, 1000 + i, 1);
	/* What was used twice outlives a stream that is used once. */
	assert_non_null(filemap_lookup(fx_mapping(f), 0));
	assert_non_null(filemap_lookup(fx_mapping(f), 63));
	assert_int_equal(mm->nr_lru[LRU_ACTIVE_FILE], 64);
}

static void test_active_list(void **state)
{
	struct mm_config config = {MEMORY};

	run(&config, 0, active_list);
}

/* ---- anonymous memory ---- */

static void anonymous(struct mm_fixture *f)
{
	struct mm *mm = fx_mm(f);
	struct dirty_limits l = mm_dirty_limits(mm);

	fx_add_clean(f, 0, 900);
	assert_int_equal(mm_take_anon(mm, 500 * PG - 1), 0);
	assert_int_equal(mm->nr_anon, 500);
	assert_true(mm->nr_cached < 1024 - 500 - 63);
	assert_int_equal(l.thresh, (1024 - 96 + 1) / 5);
	l = mm_dirty_limits(mm); /* the rest counts */
	assert_int_equal(l.thresh,
			 (mm->nr_cached + mm->free_pages - sim_min(mm->free_pages, 96) + 1) / 5);
	assert_int_equal(mm_take_anon(mm, 500 * PG), -ENOMEM);
	assert_int_equal(mm->nr_anon, 500);
	assert_int_equal(mm_give_anon(mm, 501 * PG), -EINVAL);
	assert_int_equal(mm_give_anon(mm, 100 * PG), 0);
	assert_int_equal(mm->nr_anon, 400);
	mm_give_anon_all(mm);
	assert_int_equal(mm->nr_anon, 0);
}

static void test_anonymous(void **state)
{
	struct mm_config config = {MEMORY};

	run(&config, 0, anonymous);
}

/* ---- rates ---- */

static struct dirty_state dirty_of(uint64_t dirty)
{
	return (struct dirty_state){.limits = {.thresh = 2000, .bg_thresh = 1000},
				    .dirty = dirty,
				    .wb_dirty = dirty,
				    .wb_thresh = 2000};
}

/* Twice the rate at the ceiling, the rate at the setpoint, nothing at the limit; falling. */
static void test_position_ratio(void **state)
{
	struct wb_rate rate;
	struct dirty_state d;
	uint64_t last = UINT64_MAX;

	wb_rate_init(&rate);
	rate.avg_write_bandwidth = 1; /* no slack of the device's own share */
	for (uint64_t dirty = 1500; dirty <= 2000; dirty++) {
		uint64_t ratio;

		d = dirty_of(dirty);
		ratio = wb_position_ratio(&rate, &d);
		assert_true(ratio <= last);
		last = ratio;
	}
	assert_int_equal(last, 0);
	rate.avg_write_bandwidth = 1 << 20; /* so much slack that the share does not count */
	d = dirty_of(1750);
	assert_int_equal(wb_position_ratio(&rate, &d), 1023);
	d = dirty_of(1500);
	assert_in_range(wb_position_ratio(&rate, &d), 2030, 2060);
}

/* A writer that can be held to the rate of the server is, and the server is never idle. */
static void stream(struct mm_fixture *f)
{
	struct mm *mm = fx_mm(f);
	uint64_t start_ns, before, thresh;

	f->write_ns = 100000; /* a page: 10000 pages a second */
	fx_write(f, f->inode, 0, 200000 * PG);
	start_ns = f->w->now_ns;
	before = f->pages_written;
	fx_write(f, f->inode, 200000 * PG, 40000 * PG);
	assert_in_range((f->w->now_ns - start_ns) / MS, 3800, 4200);
	assert_in_range(f->pages_written - before, 38000, 42000);
	assert_in_range(mm->rate.avg_write_bandwidth, 8000, 10500);
	/* a CPU looks every 64th of the limit, and two counters hide some pages of each */
	thresh = mm_dirty_limits(mm).thresh;
	assert_true(f->most_dirty <= thresh + thresh / 64 + 4 * mm->dirty_stat.threshold);
	assert_true(mm->nr_throttled > 20);
}

static void test_stream(void **state)
{
	struct mm_config config = {.total_bytes = 64 << 20};

	run(&config, 0, stream);
}

/* A CPU tells of its pages when it has more than the threshold of them. */
static void counters(struct mm_fixture *f)
{
	struct mm *mm = fx_mm(f);
	int64_t t = mm->dirty_stat.threshold;

	assert_int_equal(t, 2 * 2 * (1 + 1)); /* two CPUs, 128 MiB */
	assert_int_equal(node_page_state(&mm->dirty_stat), 0);
	mod_node_page_state(mm, &mm->dirty_stat, t);
	assert_int_equal(node_page_state(&mm->dirty_stat), 0);
	mod_node_page_state(mm, &mm->dirty_stat, 1);
	assert_int_equal(node_page_state(&mm->dirty_stat), t + 1);
	mod_node_page_state(mm, &mm->dirty_stat, -t);
	assert_int_equal(node_page_state(&mm->dirty_stat), t + 1);
	mod_node_page_state(mm, &mm->dirty_stat, -1);
	assert_int_equal(node_page_state(&mm->dirty_stat), 0);
}

static void test_counters(void **state)
{
	struct mm_config config = {.total_bytes = 128 << 20};

	run(&config, 0, counters);
}

/* ---- hangs ---- */

static void stuck(struct mm_fixture *f)
{
	struct folio *folio;
	struct sim_waitq never = {0};

	fx_write(f, f->inode, 0, PG);
	folio = filemap_lock_folio(fx_mapping(f), 0);
	folio_put(folio);
	sim_wait(f->w, &never, SIM_WAIT_PLAIN, SITE_OOPS, NULL, NULL);
}

static void syncs(struct mm_fixture *f)
{
	sim_sleep(f->w, MS);
	sync_filesystem(&f->sb);
}

static void throttled(struct mm_fixture *f)
{
	sim_sleep(f->w, 2 * MS);
	fx_write(f, f->inode, PG, 1024 * PG);
}

/* A writer that waits for a flusher that never comes is part of the hang, not a reason to go on. */
static void test_throttled_hang(void **state)
{
	struct mm_config config = {MEMORY, .dirty_bytes = 512 << 10,
				   .dirty_background_bytes = 256 << 10};
	struct mm_fixture f = {0};
	struct sim_buf report = {0};

	mm_fixture_start(&f, &config, 0, 0, 32);
	mm_fixture_spawn(&f, "stuck", stuck);
	mm_fixture_spawn(&f, "syncs", syncs);
	mm_fixture_spawn(&f, "writer", throttled);
	assert_int_equal(sim_world_run(f.w), SIM_END_HANG);
	assert_true(f.w->now_ns < 1000 * SIM_NS_PER_S);
	sim_hang_report(f.w, &report);
	assert_non_null(strstr(report.data, "(writer), pid"));
	assert_non_null(
		strstr(report.data, "waits for the dirty limit of client 0: pages dirty 1"));
	assert_non_null(strstr(report.data, ", held by task 1 (kworker/u4:0)"));
	sim_buf_free(&report);
	sim_world_free(f.w);
	sim_buf_free(&f.log);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_watermarks),     cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_kswapd_release), cmocka_unit_test(test_active_list),
		cmocka_unit_test(test_anonymous),      cmocka_unit_test(test_position_ratio),
		cmocka_unit_test(test_stream),         cmocka_unit_test(test_counters),
		cmocka_unit_test(test_throttled_hang),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
