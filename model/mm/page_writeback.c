/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How much may be dirty: limits, and the throttling of writers. The rates are in wb_rate.c.
 *
 * Mirrors: mm/page-writeback.c, lib/flex_proportions.c (6.8); reference C.2.
 */
#include "model/mm/internal.h"

/* While the limit is exceeded, writers look again after so many pages: 32 KiB. */
#define EXCEEDED_PAUSE_PAGES 8u
#define RATELIMIT_PAGES_MIN  16u
/* Completions of a device are halved in each period; fewer than a batch per CPU are not seen. */
#define COMPLETIONS_PERIOD_NS (3 * SIM_NS_PER_S)
#define COMPLETIONS_BATCH     16u

/* ---- limits ---- */

/* What could be filled with dirty pages: free memory but for the reserve, and the page cache. */
static uint64_t global_dirtyable_memory(const struct mm *mm)
{
	uint64_t free = mm->free_pages;

	free -= sim_min(free, mm->wmark[WMARK_HIGH]);
	return free + mm->nr_lru[LRU_INACTIVE_FILE] + mm->nr_lru[LRU_ACTIVE_FILE] + 1;
}

/* So many bytes, or if they are 0 so much of what could be dirty; in pages. */
static uint64_t dirty_share(const struct mm *mm, uint64_t bytes, uint32_t percent)
{
	return bytes ? (bytes + PAGE_SIZE - 1) >> PAGE_SHIFT
		     : global_dirtyable_memory(mm) * percent / 100;
}

static uint64_t dirty_thresh(const struct mm *mm)
{
	return dirty_share(mm, mm->config.dirty_bytes, mm->config.dirty_ratio);
}

struct dirty_limits mm_dirty_limits(const struct mm *mm)
{
	struct dirty_limits l;

	l.thresh = dirty_thresh(mm);
	l.bg_thresh = dirty_share(mm, mm->config.dirty_background_bytes,
				  mm->config.dirty_background_ratio);
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
 * A device's share of a threshold is its share of recent completions: everything for the only one
 * that writes, nothing for one that has not written lately or ever (recorded C8).
 */
static uint64_t wb_calc_thresh(const struct mm *mm, uint64_t thresh)
{
	return completions_now(mm) < COMPLETIONS_BATCH ? 0 : thresh;
}

bool wb_over_bg_thresh(const struct mm *mm)
{
	uint64_t bg_thresh = mm_dirty_limits(mm).bg_thresh;

	return node_page_state(&mm->dirty_stat) > bg_thresh ||
	       mm->nr_dirty > wb_calc_thresh(mm, bg_thresh);
}

void mm_count_written(struct mm *mm, uint64_t nr)
{
	uint64_t now_ns = mm_world(mm)->now_ns;

	mm->completions = completions_now(mm) + nr;
	mm->completions_period = now_ns / COMPLETIONS_PERIOD_NS;
	mm->written_pages += nr;
	if (wb_bandwidth_is_due(&mm->rate, now_ns))
		wb_update_bandwidth(mm, NULL);
	if (!sim_waitq_empty(&mm->reclaim_wait))
		sim_wake(mm_world(mm), &mm->reclaim_wait, SIM_WAKE_ALL);
}

void mm_count_dirtied(struct mm *mm, uint64_t nr)
{
	const struct sim_task *current = mm_world(mm)->current;
	struct model_task *task = current ? current->data : NULL;

	mm->dirtied_pages += nr;
	mm->bdp_ratelimits[this_cpu(mm)] += nr;
	if (task)
		task->nr_dirtied += (uint32_t)nr;
}

/* ---- throttling ---- */

/* Pages that a task may dirty before it looks again, far from the limit. */
static uint32_t dirty_poll_interval(uint64_t dirty, uint64_t thresh)
{
	return thresh > dirty ? 1u << (sim_ilog2(thresh - dirty) / 2) : 1;
}

static void dirty_state(const struct mm *mm, struct dirty_state *d)
{
	d->limits = mm_dirty_limits(mm);
	d->nr_dirty = node_page_state(&mm->dirty_stat);
	d->dirty = d->nr_dirty + node_page_state(&mm->writeback_stat);
	d->wb_dirty = mm->nr_dirty + mm->nr_writeback;
	d->wb_thresh = wb_calc_thresh(mm, d->limits.thresh);
}

/* The task may go on now and start to count again. */
static void dirty_count_restart(struct model_task *task, uint64_t paused_when_ns)
{
	task->dirty_paused_when_ns = jiffies_ns(paused_when_ns);
	task->nr_dirtied = 0;
}

/*
 * The sleep would be too short to be worth it: remember that the task has it coming, or let more
 * come together.
 */
static void dirty_skip_pause(struct model_task *task, uint64_t now_ns, int64_t pause_ns,
			     uint64_t period_ns)
{
	if (pause_ns < -(int64_t)SIM_NS_PER_S)
		dirty_count_restart(task, now_ns); /* it has been slow of itself */
	else if (period_ns)
		dirty_count_restart(task, task->dirty_paused_when_ns + period_ns);
	else if (task->nr_dirtied_pause <= task->nr_dirtied)
		task->nr_dirtied_pause += task->nr_dirtied;
}

/* What a writer that is not left alone has to do. */
struct dirty_pause {
	uint64_t task_ratelimit; /* pages a second; 0: it is over the limit */
	uint64_t period_ns;      /* that the pages it has dirtied should have taken */
	int64_t pause_ns;        /* how much of that is left to sleep */
	uint64_t min_ns, max_ns;
	uint32_t nr_dirtied_pause; /* pages until the next look, after the sleep */
};

static void dirty_pause(struct mm *mm, const struct model_task *task, struct dirty_state *d,
			struct dirty_pause *p)
{
	uint64_t now_ns = mm_world(mm)->now_ns;

	d->pos_ratio = wb_position_ratio(&mm->rate, d);
	wb_update_bandwidth(mm, d);
	p->task_ratelimit = mm->rate.dirty_ratelimit * d->pos_ratio >> 10;
	p->max_ns = wb_max_pause(&mm->rate, d->wb_dirty);
	p->min_ns = wb_min_pause(&mm->rate, p->max_ns, p->task_ratelimit, &p->nr_dirtied_pause);
	p->period_ns = p->max_ns;
	if (p->task_ratelimit)
		p->period_ns =
			jiffies_ns(sim_muldiv(task->nr_dirtied, SIM_NS_PER_S, p->task_ratelimit));
	p->pause_ns = (int64_t)p->period_ns;
	if (p->task_ratelimit && task->dirty_paused_when_ns)
		p->pause_ns -= (int64_t)(jiffies_ns(now_ns) - task->dirty_paused_when_ns);
}

/*
 * Sleep for the pause. What is longer than the longest pause counts as slept, up to twice that.
 * False: a fatal signal came.
 */
static bool dirty_sleep(struct mm *mm, struct model_task *task, const struct dirty_pause *p)
{
	struct sim_world *w = mm_world(mm);
	uint64_t pause_ns = sim_min((uint64_t)p->pause_ns, p->max_ns), now_ns = w->now_ns;

	now_ns += sim_min((uint64_t)p->pause_ns - pause_ns, p->max_ns);
	mm->nr_throttled++;
	mm->throttled_ns += pause_ns;
	sim_wait_poll(w, &mm->throttle, SIM_WAIT_KILLABLE, SITE_BALANCE_DIRTY_PAGES,
		      &dirty_limit_wait_class, mm, pause_ns);
	dirty_count_restart(task, now_ns + pause_ns);
	task->nr_dirtied_pause = p->nr_dirtied_pause;
	return !w->current->fatal;
}

/*
 * So little is dirty that counters per CPU may not even show it: wb_stat_error(). A limit that is
 * lower cannot be kept.
 */
static bool wb_is_nearly_clean(const struct mm *mm)
{
	uint64_t cpus = mm->nr_cpus;

	return mm->nr_dirty + mm->nr_writeback <= cpus * 8 * (1 + sim_ilog2(cpus));
}

static __attribute__((noinline)) int balance_dirty_pages(struct mm *mm, struct model_task *task,
							 unsigned flags)
{
	for (;;) {
		struct dirty_state d;
		struct dirty_pause p;

		dirty_state(mm, &d);
		if (d.nr_dirty > d.limits.bg_thresh && !mm->writeback_running)
			wb_start_background_writeback(mm);
		if (d.dirty <= dirty_freerun_ceiling(&d.limits)) {
			dirty_count_restart(task, mm_world(mm)->now_ns);
			task->nr_dirtied_pause = dirty_poll_interval(d.dirty, d.limits.thresh);
			mm->dirty_exceeded = false;
			return 0;
		}
		if (!mm->writeback_running)
			wb_start_background_writeback(mm);
		mm->dirty_exceeded = d.wb_dirty > d.wb_thresh && d.dirty > d.limits.thresh;
		mm->nr_over_limit += d.dirty > d.limits.thresh;
		dirty_pause(mm, task, &d, &p);
		if (p.task_ratelimit && p.pause_ns < (int64_t)p.min_ns) {
			dirty_skip_pause(task, mm_world(mm)->now_ns, p.pause_ns, p.period_ns);
			return 0;
		}
		if (flags & BDP_ASYNC)
			return -EAGAIN;
		if (!dirty_sleep(mm, task, &p) || p.task_ratelimit || wb_is_nearly_clean(mm))
			return 0;
	}
}

/* Pages after which a CPU looks at the limit, whoever dirties them. */
static uint64_t ratelimit_pages(const struct mm *mm)
{
	uint64_t pages = dirty_thresh(mm) / (mm->nr_cpus * 32ull);

	return sim_max(pages, RATELIMIT_PAGES_MIN);
}

int balance_dirty_pages_ratelimited_flags(struct address_space *mapping, unsigned flags)
{
	struct mm *mm = mapping_mm(mapping);
	struct model_task *task = mm_world(mm)->current ? mm_world(mm)->current->data : NULL;
	uint32_t ratelimit;
	uint64_t *mine;

	if (!task)
		return 0;
	ratelimit = task->nr_dirtied_pause;
	if (mm->dirty_exceeded)
		ratelimit = sim_min(ratelimit, EXCEEDED_PAUSE_PAGES);
	mine = &mm->bdp_ratelimits[this_cpu(mm)];
	if (task->nr_dirtied < ratelimit && *mine < ratelimit_pages(mm))
		return 0;
	*mine = 0;
	return balance_dirty_pages(mm, task, flags);
}

/* ---- writing a mapping ---- */

int do_writepages(struct address_space *mapping, struct writeback_control *wbc)
{
	struct mm *mm = mapping_mm(mapping);
	int err;

	if (wbc->nr_to_write <= 0)
		return 0;
	wb_bandwidth_estimate_start(mm);
	for (;;) {
		err = mapping->a_ops->writepages(mapping, wbc);
		if (err != -ENOMEM || wbc->sync_mode != WB_SYNC_ALL)
			break;
		/* Data integrity cannot do without: wait for memory. */
		sim_wait_poll(mm_world(mm), &mm->reclaim_wait, SIM_WAIT_PLAIN, SITE_RECLAIM,
			      &memory_wait_class, mm, 100 * SIM_NS_PER_MS);
	}
	wb_update_bandwidth(mm, NULL);
	return err;
}
