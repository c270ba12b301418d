/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The rates behind dirty throttling: how fast the server takes pages, how fast a task may dirty
 * them, and the control loop that joins the two.
 *
 * Mirrors: mm/page-writeback.c (6.8): wb_update_bandwidth(), wb_update_dirty_ratelimit(),
 * wb_position_ratio(), domain_update_dirty_limit(), wb_max_pause(), wb_min_pause().
 *
 * Pages dirtied are to come as fast as pages are written, with as much dirty as half-way between
 * the free-run ceiling and the limit (the setpoint). Three numbers do that, each in pages a second:
 *
 *	write_bandwidth   measured: pages written in the last 200 ms or more, averaged over 4 s
 *	dirty_ratelimit   what each of the tasks that dirty pages may do at the setpoint; it follows
 *	                  the estimate task_ratelimit * write_bandwidth / dirty rate in small steps,
 *	                  so that it needs not know how many tasks there are
 *	task_ratelimit    dirty_ratelimit * pos_ratio: more below the setpoint, less above
 *
 * pos_ratio is 2 at the ceiling, 1 at the setpoint, 0 at the limit, a cubic between them; a second
 * factor does the same for the device's own share of the limit. The kernel computes in jiffies, as
 *is done here, and with its own powers of two for a second.
 */
#include "model/mm/internal.h"

/* A rate that nobody has measured yet: 100 MiB/s. */
#define INIT_BW (100ull << (20 - PAGE_SHIFT))
/* They are smoothed over so long. */
#define BANDWIDTH_PERIOD_NS (4096 * SIM_NS_PER_MS)
/* pos_ratio is a fixed-point number with so many bits behind the point. */
#define RATELIMIT_CALC_SHIFT 10
/* A writer is to do at least 128 KiB between two looks. */
#define DIRTY_POLL_THRESH (128u >> (PAGE_SHIFT - 10))
/* The longest sleep of a writer. */
#define MAX_PAUSE_NS (200 * SIM_NS_PER_MS)

void wb_rate_init(struct wb_rate *rate)
{
	*rate = (struct wb_rate){
		.write_bandwidth = INIT_BW,
		.avg_write_bandwidth = INIT_BW,
		.dirty_ratelimit = INIT_BW,
		.balanced_dirty_ratelimit = INIT_BW,
	};
}

/* Below this, writers are left alone. */
uint64_t dirty_freerun_ceiling(const struct dirty_limits *l)
{
	return (l->thresh + l->bg_thresh) / 2;
}

/* The limit, or for a while more after it fell. */
static uint64_t hard_dirty_limit(const struct wb_rate *rate, uint64_t thresh)
{
	return sim_max(rate->dirty_limit, thresh);
}

/* 1 + ((setpoint - dirty) / (limit - setpoint))^3, from 0 to 2. */
static uint64_t pos_ratio_polynom(uint64_t setpoint, uint64_t dirty, uint64_t limit)
{
	const int64_t one = 1 << RATELIMIT_CALC_SHIFT;
	int64_t x = ((int64_t)setpoint - (int64_t)dirty) * one / ((int64_t)(limit - setpoint) | 1);
	int64_t ratio = x * x / one * x / one + one;

	return ratio < 0 ? 0 : sim_min((uint64_t)ratio, 2 * (uint64_t)one);
}

uint64_t wb_position_ratio(const struct wb_rate *rate, const struct dirty_state *d)
{
	uint64_t freerun = dirty_freerun_ceiling(&d->limits);
	uint64_t thresh = d->limits.thresh, limit = hard_dirty_limit(rate, thresh);
	uint64_t setpoint = (freerun + limit) / 2, wb_thresh, share, wb_setpoint, span, x_intercept;
	uint64_t ratio;

	if (d->dirty >= limit)
		return 0;
	ratio = pos_ratio_polynom(setpoint, d->dirty, limit);

	/* The device's own: a line through its setpoint that reaches 0 a span further. */
	wb_thresh = sim_max(sim_min(d->wb_thresh, thresh), (limit - d->dirty) / 8);
	share = (wb_thresh << 16) / (thresh | 1);
	wb_setpoint = setpoint * share >> 16;
	span = (thresh - sim_min(wb_thresh, thresh) + 8 * rate->avg_write_bandwidth) * share >> 16;
	x_intercept = wb_setpoint + span;
	if (d->wb_dirty < x_intercept - span / 4)
		ratio = ratio * (x_intercept - d->wb_dirty) / ((x_intercept - wb_setpoint) | 1);
	else
		ratio /= 4;

	/* It must not run dry. */
	x_intercept = wb_thresh / 2;
	if (d->wb_dirty < x_intercept)
		ratio = d->wb_dirty > x_intercept / 8 ? ratio * x_intercept / d->wb_dirty
						      : ratio * 8;
	return ratio;
}

/* ---- measuring ---- */

/* The limit follows a threshold that falls slowly: what is dirty may still be above it. */
static void domain_update_dirty_limit(struct wb_rate *rate, const struct dirty_state *d,
				      uint64_t now_ns)
{
	uint64_t thresh = d->limits.thresh;

	if (now_ns < rate->dirty_limit_stamp_ns + BANDWIDTH_INTERVAL_NS)
		return;
	rate->dirty_limit_stamp_ns = now_ns;
	if (rate->dirty_limit < thresh) {
		rate->dirty_limit = thresh;
		return;
	}
	thresh = sim_max(thresh, d->dirty);
	if (rate->dirty_limit > thresh)
		rate->dirty_limit -= (rate->dirty_limit - thresh) >> 5;
}

static uint64_t min3(uint64_t a, uint64_t b, uint64_t c)
{
	return sim_min(sim_min(a, b), c);
}

static uint64_t max3(uint64_t a, uint64_t b, uint64_t c)
{
	return sim_max(sim_max(a, b), c);
}

/*
 * How far to move: only if the estimates of this time and of the last, and the position, agree on
 * the direction; less, the smaller it is against the rate.
 */
static uint64_t ratelimit_step(const struct wb_rate *rate, bool below_setpoint, uint64_t balanced,
			       uint64_t task_ratelimit)
{
	uint64_t old = rate->dirty_ratelimit, last = rate->balanced_dirty_ratelimit, step = 0, x;

	if (below_setpoint) {
		x = min3(last, balanced, task_ratelimit);
		step = old < x ? x - old : 0;
	} else {
		x = max3(last, balanced, task_ratelimit);
		step = old > x ? old - x : 0;
	}
	x = old / (2 * step + 1);
	return x < 64 ? ((step >> x) + 7) / 8 : 0;
}

static void wb_update_dirty_ratelimit(struct wb_rate *rate, const struct dirty_state *d,
				      uint64_t dirtied, uint64_t elapsed_ns)
{
	uint64_t freerun = dirty_freerun_ceiling(&d->limits);
	uint64_t setpoint = (freerun + hard_dirty_limit(rate, d->limits.thresh)) / 2;
	uint64_t dirty_rate = sim_muldiv(dirtied - rate->dirtied_stamp, SIM_NS_PER_S, elapsed_ns);
	uint64_t task_ratelimit =
		(rate->dirty_ratelimit * d->pos_ratio >> RATELIMIT_CALC_SHIFT) + 1;
	uint64_t balanced =
		sim_min(sim_muldiv(task_ratelimit, rate->avg_write_bandwidth, dirty_rate | 1),
			rate->avg_write_bandwidth);
	uint64_t old = rate->dirty_ratelimit;
	uint64_t step = ratelimit_step(rate, d->dirty < setpoint, balanced, task_ratelimit);

	rate->dirty_ratelimit = old < balanced ? old + step : sim_max(old - sim_min(step, old), 1);
	rate->balanced_dirty_ratelimit = balanced;
}

static void wb_update_write_bandwidth(struct wb_rate *rate, uint64_t elapsed_ns, uint64_t written)
{
	uint64_t pages = written - rate->written_stamp, old = rate->write_bandwidth;
	uint64_t avg = rate->avg_write_bandwidth, bw;

	if (elapsed_ns > BANDWIDTH_PERIOD_NS) {
		bw = avg = sim_muldiv(pages, SIM_NS_PER_S, elapsed_ns);
	} else {
		bw = sim_muldiv(pages, SIM_NS_PER_S, BANDWIDTH_PERIOD_NS) +
		     sim_muldiv(old, BANDWIDTH_PERIOD_NS - elapsed_ns, BANDWIDTH_PERIOD_NS);
		/* The average goes where two measurements in a row point to. */
		if (avg > old && old >= bw)
			avg -= (avg - old) >> 3;
		if (avg < old && old <= bw)
			avg += (old - avg) >> 3;
	}
	rate->write_bandwidth = bw;
	rate->avg_write_bandwidth = sim_max(avg, 1);
}

static void restart(struct mm *mm, uint64_t now_ns)
{
	struct wb_rate *rate = &mm->rate;

	rate->dirtied_stamp = mm->dirtied_pages;
	rate->written_stamp = mm->written_pages;
	rate->stamp_ns = now_ns;
}

void wb_update_bandwidth(struct mm *mm, const struct dirty_state *d)
{
	struct wb_rate *rate = &mm->rate;
	uint64_t now_ns = mm_world(mm)->now_ns, elapsed_ns = now_ns - rate->stamp_ns;

	if (!wb_bandwidth_is_due(rate, now_ns))
		return;
	if (d) {
		domain_update_dirty_limit(rate, d, now_ns);
		wb_update_dirty_ratelimit(rate, d, mm->dirtied_pages, elapsed_ns);
	}
	wb_update_write_bandwidth(rate, elapsed_ns, mm->written_pages);
	restart(mm, now_ns);
}

void wb_bandwidth_estimate_start(struct mm *mm)
{
	uint64_t now_ns = mm_world(mm)->now_ns;

	if (!mm->nr_writeback && now_ns - mm->rate.stamp_ns > BANDWIDTH_INTERVAL_NS)
		restart(mm, now_ns);
}

/* ---- how long to sleep ---- */

uint64_t wb_max_pause(const struct wb_rate *rate, uint64_t wb_dirty)
{
	/* An eighth of the time it takes to write what is dirty: the device shall not idle. */
	uint64_t t = sim_muldiv(wb_dirty, SIM_NS_PER_S / 8, rate->avg_write_bandwidth + 8);

	return sim_min(jiffies_ns(t) + JIFFY_NS, MAX_PAUSE_NS);
}

uint64_t wb_min_pause(const struct wb_rate *rate, uint64_t max_pause_ns, uint64_t task_ratelimit,
		      uint32_t *nr_dirtied_pause)
{
	unsigned hi = sim_ilog2(rate->avg_write_bandwidth), lo = sim_ilog2(rate->dirty_ratelimit);
	uint64_t t = jiffies_ns(SIM_NS_PER_S / 100), pages;

	/* Many writers: let each sleep longer, less often. */
	if (hi > lo)
		t += jiffies_ns((hi - lo) * (10 * SIM_NS_PER_S / 1024));
	t = sim_min(t, JIFFY_NS + jiffies_ns(max_pause_ns / 2));
	pages = sim_muldiv(rate->dirty_ratelimit, t, SIM_NS_PER_S);
	if (pages < DIRTY_POLL_THRESH) {
		t = max_pause_ns;
		pages = sim_muldiv(rate->dirty_ratelimit, t, SIM_NS_PER_S);
		if (pages > DIRTY_POLL_THRESH) {
			pages = DIRTY_POLL_THRESH;
			t = jiffies_ns(SIM_NS_PER_S * DIRTY_POLL_THRESH / rate->dirty_ratelimit);
		}
	}
	if (sim_muldiv(pages, SIM_NS_PER_S, task_ratelimit + 1) > max_pause_ns) {
		t = max_pause_ns;
		pages = sim_muldiv(task_ratelimit, t, SIM_NS_PER_S);
	}
	*nr_dirtied_pause = (uint32_t)pages;
	return pages >= DIRTY_POLL_THRESH ? JIFFY_NS + jiffies_ns(t / 2) : t;
}
