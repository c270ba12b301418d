/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Holds: stop a task at a point until something else happened, to pin an interleaving. */
/* Mirrors: no kernel file. */
#include "model/scenario/run_impl.h"

#include <assert.h>
#include <string.h>

#include "model/events/sites.h"
#include "sim/base/math.h"
#include "sim/core/wait.h"

/*
 * STATES of a hold: waiting for its task -> reached [hold_point: the task comes to the site for the
 * nth time; it sleeps if the hold is not released yet] -> the task goes on [release, or the time is
 * over]. What releases a hold may happen before it is reached: then the task does not stop, and
 * the expectation that goes with every hold fails.
 */

static void describe_hold(const void *obj, struct sim_buf *out)
{
	const struct scn_hold *h = ((const struct run_hold *)obj)->hold;

	sim_buf_printf(out, "at %s until %s", h->at, h->until ? h->until : "its time is over");
}

static const struct sim_wait_class hold_class = {"hold", describe_hold, NULL};

static void release(struct run_state *rs, struct run_hold *h)
{
	if (h->released)
		return;
	h->released = true;
	sim_wake(rs->w, &h->q, SIM_WAKE_ALL);
}

static bool is_task(const struct run_state *rs, uint32_t prog, const struct sim_task *task)
{
	return prog != SCN_NONE && rs->tasks[prog].task == task;
}

static bool concerns(const struct run_state *rs, const struct scn_hold *h,
		     const struct sim_task *task)
{
	if (h->thread)
		return !strncmp(task->comm, h->thread, strlen(h->thread));
	return is_task(rs, h->prog, task);
}

static void stop_here(struct run_state *rs, struct run_hold *h)
{
	uint64_t until_ns = h->hold->release_after_ns
				    ? sim_add_sat(rs->w->now_ns, h->hold->release_after_ns)
				    : UINT64_MAX;

	h->reached = true;
	if (h->released)
		return;
	h->stopped = true;
	rs->seen[COND_HOLD_REACHED]++;
	while (!h->released && rs->w->now_ns < until_ns) {
		if (until_ns == UINT64_MAX)
			sim_wait(rs->w, &h->q, SIM_WAIT_PLAIN, SITE_SCENARIO_HOLD, &hold_class, h);
		else
			sim_wait_timeout(rs->w, &h->q, SIM_WAIT_PLAIN, SITE_SCENARIO_HOLD,
					 &hold_class, h, until_ns - rs->w->now_ns);
	}
	h->timed_out = !h->released;
	h->released = true;
}

static void hold_point(struct sim_world *w, uint16_t site)
{
	struct run_state *rs = world_model(w)->scenario;
	struct sim_task *task = w->current;

	if (!task)
		return;
	assert(site < SIM_SITE_MODEL || model_site_is_point(site));
	for (size_t i = 0; i < rs->scn->hold.n; i++) {
		struct run_hold *h = &rs->holds[i];

		if (h->hold->until_site == site && is_task(rs, h->hold->until_prog, task))
			release(rs, h);
	}
	for (size_t i = 0; i < rs->scn->hold.n; i++) {
		struct run_hold *h = &rs->holds[i];

		if (h->reached || h->hold->site != site || !concerns(rs, h->hold, task))
			continue;
		if (++h->seen == h->hold->nth)
			stop_here(rs, h);
	}
}

void hold_label(struct run_state *rs, uint32_t label, bool done)
{
	for (size_t i = 0; i < rs->scn->hold.n; i++) {
		const struct scn_hold *h = rs->holds[i].hold;

		if (h->until && !h->until_site && h->until_label == label &&
		    h->until_start == !done)
			release(rs, &rs->holds[i]);
	}
}

void hold_task_end(struct run_state *rs, const struct run_task *t)
{
	for (size_t i = 0; i < rs->scn->hold.n; i++) {
		const struct scn_hold *h = rs->holds[i].hold;

		if (h->until && !h->until_site && h->until_label == SCN_NONE &&
		    &rs->tasks[h->until_prog] == t)
			release(rs, &rs->holds[i]);
	}
}

void hold_init(struct run_state *rs)
{
	if (!rs->scn->hold.n)
		return;
	rs->holds = sim_alloc_array(rs->arena, rs->scn->hold.n, sizeof(*rs->holds));
	for (size_t i = 0; i < rs->scn->hold.n; i++)
		rs->holds[i].hold = sim_conf_item(&rs->scn->hold, struct scn_hold, i);
	sim_world_set_point_hook(rs->w, hold_point);
}
