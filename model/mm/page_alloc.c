/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The memory of a client: its pages, watermarks, page allocation, anonymous memory.
 *
 * Mirrors: mm/page_alloc.c (6.8), one zone.
 *
 * A page is free, in the page cache, or anonymous (a task's own; there is no swap). An allocation
 * that leaves fewer pages than the low watermark wakes kswapd, which frees until the high one is
 * reached; one that would leave fewer than the minimum has to free pages itself: direct reclaim.
 */
#include "model/mm/internal.h"

#include "sim/base/text.h"

/* Bounds of min_free_kbytes. */
#define MIN_FREE_KB_LEAST 128u
#define MIN_FREE_KB_MOST  262144u

/* ---- watermarks ---- */

static uint64_t int_sqrt(uint64_t x)
{
	uint64_t root = 0;

	for (uint64_t bit = 1ull << 31; bit; bit >>= 1) {
		if ((root | bit) * (root | bit) <= x)
			root |= bit;
	}
	return root;
}

/* 4 * sqrt(kilobytes of memory): calculate_min_free_kbytes(). */
static uint64_t default_min_free_bytes(uint64_t total_bytes)
{
	uint64_t kb = int_sqrt((total_bytes >> 10) * 16);

	kb = sim_min(sim_max(kb, MIN_FREE_KB_LEAST), MIN_FREE_KB_MOST);
	return kb << 10;
}

/* A quarter of the minimum apart, or a thousandth of the memory. */
static void setup_per_zone_wmarks(struct mm *mm)
{
	uint64_t min = mm->config.min_free_bytes >> PAGE_SHIFT;
	uint64_t step = sim_max(min / 4, mm->total_pages / 1000);

	mm->wmark[WMARK_MIN] = min;
	mm->wmark[WMARK_LOW] = min + step;
	mm->wmark[WMARK_HIGH] = min + 2 * step;
}

/* ---- allocation ---- */

static bool zone_watermark_ok(const struct mm *mm, uint64_t nr, enum wmark mark)
{
	return mm->free_pages >= nr + mm->wmark[mark];
}

static bool alloc_pages_slowpath(struct mm *mm, uint64_t nr, enum alloc_effort effort)
{
	wakeup_kswapd(mm);
	if (!zone_watermark_ok(mm, nr, WMARK_MIN))
		try_to_free_pages(mm, nr, effort);
	return zone_watermark_ok(mm, nr, WMARK_MIN);
}

bool mm_alloc_pages(struct mm *mm, uint64_t nr, enum alloc_effort effort)
{
	if (!zone_watermark_ok(mm, nr, WMARK_LOW) && !alloc_pages_slowpath(mm, nr, effort))
		return false;
	mm->free_pages -= nr;
	return true;
}

void mm_free_pages(struct mm *mm, uint64_t nr)
{
	mm->free_pages += nr;
	assert(mm->free_pages <= mm->total_pages);
}

/* ---- anonymous memory ---- */

/* Pages that are touched between two looks at signals. */
#define ANON_BATCH 512u

int mm_take_anon(struct mm *mm, uint64_t bytes)
{
	struct sim_world *w = mm_world(mm);
	struct model_task *task = w->current->data;
	uint64_t left = (bytes + PAGE_SIZE - 1) >> PAGE_SHIFT, taken = 0;

	while (left) {
		uint64_t nr = sim_min(left, ANON_BATCH);

		if (w->current->fatal || !mm_alloc_pages(mm, nr, ALLOC_WAIT)) {
			mm->nr_anon -= taken;
			task->nr_anon -= taken;
			mm_free_pages(mm, taken);
			return w->current->fatal ? -EINTR : -ENOMEM;
		}
		taken += nr;
		left -= nr;
		mm->nr_anon += nr;
		task->nr_anon += nr;
		sim_point(w, SITE_ANON_FAULT);
	}
	return 0;
}

int mm_give_anon(struct mm *mm, uint64_t bytes)
{
	struct model_task *task = mm_world(mm)->current->data;
	uint64_t nr = (bytes + PAGE_SIZE - 1) >> PAGE_SHIFT;

	if (nr > task->nr_anon)
		return -EINVAL;
	task->nr_anon -= nr;
	mm->nr_anon -= nr;
	mm_free_pages(mm, nr);
	return 0;
}

void mm_give_anon_all(struct mm *mm)
{
	struct model_task *task = mm_world(mm)->current->data;

	mm_give_anon(mm, task->nr_anon << PAGE_SHIFT);
}

/* ---- copying ---- */

void mm_copy_cost(struct client *c, uint64_t bytes)
{
	uint64_t ns = c->model->costs.copy_page_ns * ((bytes + PAGE_SIZE - 1) >> PAGE_SHIFT);
	uint64_t bandwidth = c->mm.config.copy_bandwidth;

	/* Rounded up. A batch of folios is far from 2^34 bytes. */
	if (bandwidth && bytes)
		ns += (bytes * SIM_NS_PER_S - 1) / bandwidth + 1;
	sim_cpu(c->w, ns);
}

/* ---- waits for memory, as reports of hangs name them ---- */

static void describe_memory(const void *obj, struct sim_buf *out)
{
	const struct mm *mm = obj;

	sim_buf_printf(out,
		       "of client %u: pages free %llu, needed %llu, cached %llu, dirty %llu, in "
		       "writeback %llu",
		       mm->client->id, (unsigned long long)mm->free_pages,
		       (unsigned long long)mm->wmark[WMARK_MIN], (unsigned long long)mm->nr_cached,
		       (unsigned long long)mm->nr_dirty, (unsigned long long)mm->nr_writeback);
}

static void describe_dirty_limit(const void *obj, struct sim_buf *out)
{
	const struct mm *mm = obj;

	sim_buf_printf(out, "of client %u: pages dirty %llu, in writeback %llu, limit %llu",
		       mm->client->id, (unsigned long long)mm->nr_dirty,
		       (unsigned long long)mm->nr_writeback,
		       (unsigned long long)mm_dirty_limits(mm).thresh);
}

static struct sim_task *flusher_of(const void *obj)
{
	return ((const struct mm *)obj)->flusher;
}

const struct sim_wait_class memory_wait_class = {
	.name = "memory", .describe = describe_memory, .owner = flusher_of};
const struct sim_wait_class dirty_limit_wait_class = {
	.name = "the dirty limit", .describe = describe_dirty_limit, .owner = flusher_of};

/* ---- what traces say of it ---- */

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

/* ---- set-up ---- */

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
	if (!config->min_free_bytes)
		config->min_free_bytes = default_min_free_bytes(config->total_bytes);
	if (!config->max_folio_order)
		config->max_folio_order = 9;
}

void mm_init(struct mm *mm, struct client *c, const struct mm_config *config)
{
	*mm = (struct mm){.client = c};
	if (config)
		mm->config = *config;
	config_defaults(&mm->config);
	mm->nr_cpus = sim_max(c->nr_cpus, 1u);
	mm->total_pages = mm->config.total_bytes >> PAGE_SHIFT;
	mm->free_pages = mm->total_pages;
	setup_per_zone_wmarks(mm);
	mm->bdp_ratelimits = sim_alloc_array(c->w->arena, mm->nr_cpus, sizeof(*mm->bdp_ratelimits));
	node_stat_init(mm, &mm->dirty_stat);
	node_stat_init(mm, &mm->writeback_stat);
	wb_rate_init(&mm->rate);
	sim_pool_init(&mm->folios, c->w->arena, sizeof(struct folio));
	sim_pool_init(&mm->nodes, c->w->arena, page_tree_node_size());
	for (unsigned i = 0; i < NR_LRU; i++)
		sim_list_init(&mm->lru[i]);
	mm_init_flusher(mm);
}
