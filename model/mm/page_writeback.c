/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How much may be dirty: limits, the throttling of writers, the measured rate of writing.
 *
 * Mirrors: mm/page-writeback.c, lib/flex_proportions.c (6.8); reference C.2.
 */
#include "model/mm/internal.h"

/* A write rate that nobody has measured yet: 100 MiB/s. */
#define INIT_BW (100ull << (20 - PAGE_SHIFT))
/* The rate is measured so often at most, and smoothed over so long. */
#define BANDWIDTH_INTERVAL_NS (200 * SIM_NS_PER_MS)
#define BANDWIDTH_PERIOD_NS   (4096 * SIM_NS_PER_MS)
/* Bounds of one sleep of a writer. */
#define MIN_PAUSE_NS (10 * SIM_NS_PER_MS)
#define MAX_PAUSE_NS (200 * SIM_NS_PER_MS)
/* While the limit is exceeded, writers look again after so many pages: 32 KiB. */
#define EXCEEDED_PAUSE_PAGES 8u
/* Completions of a device are halved in each period; fewer than a batch per CPU are not seen. */
#define COMPLETIONS_PERIOD_NS (3 * SIM_NS_PER_S)
#define COMPLETIONS_BATCH     16u

/* ---- limits ---- */

/* The page cache may take all memory: global_dirtyable_memory() of the model. */
struct dirty_limits mm_dirty_limits(const struct mm *mm)
{
	const struct mm_config *config = &mm->config;
	struct dirty_limits l;

	l.thresh = config->dirty_bytes ? (config->dirty_bytes + PAGE_SIZE - 1) >> PAGE_SHIFT
				       : sim_muldiv(mm->total_pages, config->dirty_ratio, 100);
	l.bg_thresh = config->dirty_background_bytes
			      ? (config->dirty_background_bytes + PAGE_SIZE - 1) >> PAGE_SHIFT
			      : sim_muldiv(mm->total_pages, config->dirty_background_ratio, 100);
	if (l.bg_thresh >= l.thresh)
		l.bg_thresh = l.thresh / 2;
	return l;
}

/* ---- what was written ---- */

/* Completions of this device that still count. */
static uint64_t completions_now(const struct mm *mm)
{
	uint64_t periods = mm_world(mm)->now_ns / COMPLETIONS_PERIOD_NS - mm->completions_period;

	return periods < 64 ? mm->completions >> periods : 0;
}

/*
 * A device's share of the background threshold is its share of recent completions: everything for
 * the only one that writes, nothing for one that has not written lately or ever (recorded C8).
 */
static uint64_t wb_bg_thresh(const struct mm *mm)
{
	return completions_now(mm) < COMPLETIONS_BATCH ? 0 : mm_dirty_limits(mm).bg_thresh;
}

bool wb_over_bg_thresh(const struct mm *mm)
{
	return mm->nr_dirty > wb_bg_thresh(mm);
}

static void wb_update_bandwidth(struct mm *mm)
{
	uint64_t now = mm_world(mm)->now_ns, elapsed = now - mm->rate_stamp_ns;
	uint64_t bw;

	if (elapsed < BANDWIDTH_INTERVAL_NS)
		return;
	bw = sim_muldiv(mm->written_pages - mm->rate_written, SIM_NS_PER_S, elapsed);
	if (elapsed < BANDWIDTH_PERIOD_NS) {
		uint64_t old = sim_muldiv(mm->bandwidth_pages_s, BANDWIDTH_PERIOD_NS - elapsed,
					  BANDWIDTH_PERIOD_NS);

		bw = sim_muldiv(bw, elapsed, BANDWIDTH_PERIOD_NS) + old;
	}
	mm->bandwidth_pages_s = sim_max(bw, 1);
	mm->rate_stamp_ns = now;
	mm->rate_written = mm->written_pages;
}

void mm_bandwidth_estimate_start(struct mm *mm)
{
	uint64_t now = mm_world(mm)->now_ns;

	if (mm->nr_writeback || now - mm->rate_stamp_ns < BANDWIDTH_INTERVAL_NS)
		return;
	mm->rate_stamp_ns = now;
	mm->rate_written = mm->written_pages;
}

void mm_count_written(struct mm *mm, uint64_t nr)
{
	mm->completions = completions_now(mm) + nr;
	mm->completions_period = mm_world(mm)->now_ns / COMPLETIONS_PERIOD_NS;
	mm->written_pages += nr;
	wb_update_bandwidth(mm);
	if (!sim_waitq_empty(&mm->reclaim_wait))
		sim_wake(mm_world(mm), &mm->reclaim_wait, SIM_WAKE_ALL);
}

void mm_count_dirtied(struct mm *mm, uint64_t nr)
{
	const struct sim_task *current = mm_world(mm)->current;
	struct model_task *task = current ? current->data : NULL;

	if (task)
		task->nr_dirtied += (uint32_t)nr;
}

/* ---- throttling ---- */

/* Below this, writers are left alone. */
static uint64_t freerun_ceiling(const struct dirty_limits *l)
{
	return (l->thresh + l->bg_thresh) / 2;
}

/* Pages that a task may dirty before it looks again, far from the limit. */
static uint32_t dirty_poll_interval(uint64_t dirty, uint64_t thresh)
{
	return thresh > dirty ? 1u << (sim_ilog2(thresh - dirty) / 2) : 1;
}

/* Pages a second that a task may dirty: from twice the upload rate down to 0 at the limit. */
static uint64_t task_ratelimit(const struct mm *mm, const struct dirty_limits *l, uint64_t dirty)
{
	uint64_t freerun = freerun_ceiling(l);

	if (dirty >= l->thresh)
		return 0;
	return sim_muldiv(mm->bandwidth_pages_s, 2 * (l->thresh - dirty), l->thresh - freerun);
}

/* How long the task has to sleep, 0: go on. */
static uint64_t dirty_pause(struct mm *mm, struct model_task *task, const struct dirty_limits *l,
			    uint64_t dirty)
{
	uint64_t rate = task_ratelimit(mm, l, dirty);
	uint64_t pause;

	if (!rate)
		return MAX_PAUSE_NS;
	pause = sim_muldiv(task->nr_dirtied, SIM_NS_PER_S, rate);
	if (pause < MIN_PAUSE_NS) {
		/* Too short to be worth it: let more come together. */
		if (task->nr_dirtied_pause <= task->nr_dirtied)
			task->nr_dirtied_pause += task->nr_dirtied;
		return 0;
	}
	return sim_min(pause, MAX_PAUSE_NS);
}

static int balance_dirty_pages(struct mm *mm, struct model_task *task, unsigned flags)
{
	struct sim_world *w = mm_world(mm);

	for (;;) {
		struct dirty_limits l = mm_dirty_limits(mm);
		uint64_t dirty = mm->nr_dirty + mm->nr_writeback;
		uint64_t pause;

		if (mm->nr_dirty > l.bg_thresh && !mm->writeback_running)
			wb_start_background_writeback(mm);
		if (dirty <= freerun_ceiling(&l)) {
			task->nr_dirtied = 0;
			task->nr_dirtied_pause = dirty_poll_interval(dirty, l.thresh);
			mm->dirty_exceeded = false;
			return 0;
		}
		if (!mm->writeback_running)
			wb_start_background_writeback(mm);
		mm->dirty_exceeded = dirty > l.thresh;
		mm->nr_over_limit += mm->dirty_exceeded;
		pause = dirty_pause(mm, task, &l, dirty);
		if (!pause)
			return 0;
		if (flags & BDP_ASYNC)
			return -EAGAIN;
		mm->nr_throttled++;
		if (sim_wait_timeout(w, &mm->throttle, SIM_WAIT_KILLABLE, SITE_BALANCE_DIRTY_PAGES,
				     NULL, NULL, pause) == -ERESTARTSYS)
			return 0;
		task->nr_dirtied = 0;
		if (dirty < l.thresh)
			return 0;
	}
}

int balance_dirty_pages_ratelimited_flags(struct address_space *mapping, unsigned flags)
{
	struct mm *mm = mapping_mm(mapping);
	struct model_task *task = mm_world(mm)->current ? mm_world(mm)->current->data : NULL;
	uint32_t ratelimit;

	if (!task)
		return 0;
	ratelimit = task->nr_dirtied_pause ? task->nr_dirtied_pause : 32;
	if (mm->dirty_exceeded)
		ratelimit = sim_min(ratelimit, EXCEEDED_PAUSE_PAGES);
	if (task->nr_dirtied < ratelimit)
		return 0;
	return balance_dirty_pages(mm, task, flags);
}

/* ---- writing a mapping ---- */

int do_writepages(struct address_space *mapping, struct writeback_control *wbc)
{
	struct mm *mm = mapping_mm(mapping);
	int err;

	if (wbc->nr_to_write <= 0)
		return 0;
	mm_bandwidth_estimate_start(mm);
	for (;;) {
		err = mapping->a_ops->writepages(mapping, wbc);
		if (err != -ENOMEM || wbc->sync_mode != WB_SYNC_ALL)
			break;
		/* Data integrity cannot do without: wait for memory. */
		sim_wait_timeout(mm_world(mm), &mm->reclaim_wait, SIM_WAIT_PLAIN, SITE_RECLAIM,
				 NULL, NULL, 100 * SIM_NS_PER_MS);
	}
	wb_update_bandwidth(mm);
	return err;
}

/* ---- memory of a client ---- */

/* A value moved far enough from what was emitted last to be worth a record. */
static bool gauge_moved(uint64_t value, uint64_t last, uint64_t step)
{
	uint64_t diff = value > last ? value - last : last - value;

	return diff >= step || (!value != !last);
}

void mm_gauge_record(struct mm *mm)
{
	struct sim_world *w = mm_world(mm);
	uint64_t step = mm->total_pages / 1024 + 1;

	if (w->now_ns - mm->gauge.stamp_ns < SIM_NS_PER_MS &&
	    !gauge_moved(mm->nr_dirty, mm->gauge.dirty, step) &&
	    !gauge_moved(mm->nr_writeback, mm->gauge.writeback, step) &&
	    !gauge_moved(mm->nr_cached, mm->gauge.cached, step))
		return;
	mm->gauge.stamp_ns = w->now_ns;
	mm->gauge.dirty = mm->nr_dirty;
	mm->gauge.writeback = mm->nr_writeback;
	mm->gauge.cached = mm->nr_cached;
	trace_sim_memory(w->trace, mm->client->id, mm->nr_dirty, mm->nr_writeback, mm->nr_cached);
}

static void config_defaults(struct mm_config *config)
{
	if (!config->total_bytes)
		config->total_bytes = 1ull << 30;
	if (!config->dirty_background_ratio)
		config->dirty_background_ratio = 10;
	if (!config->dirty_ratio)
		config->dirty_ratio = 20;
	if (!config->dirty_writeback_interval_ns)
		config->dirty_writeback_interval_ns = 5 * SIM_NS_PER_S;
	if (!config->dirty_expire_interval_ns)
		config->dirty_expire_interval_ns = 30 * SIM_NS_PER_S;
	if (!config->max_folio_order)
		config->max_folio_order = 9;
}

void mm_init(struct mm *mm, struct client *c, const struct mm_config *config)
{
	*mm = (struct mm){.client = c};
	if (config)
		mm->config = *config;
	config_defaults(&mm->config);
	mm->total_pages = mm->config.total_bytes >> PAGE_SHIFT;
	mm->free_pages = mm->total_pages;
	mm->bandwidth_pages_s = INIT_BW;
	sim_pool_init(&mm->folios, c->w->arena, sizeof(struct folio));
	sim_pool_init(&mm->nodes, c->w->arena, page_tree_node_size());
	for (unsigned i = 0; i < NR_LRU; i++)
		sim_list_init(&mm->lru[i]);
	mm_init_flusher(mm);
}
