/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Choices, preemption points and draws as the world asks for them. */
#include "sim/choice/choice.h"

#include "sim/core/core.h"
#include "sim/rand/rand.h"

static unsigned ask(struct sim_world *w, const struct sim_choice *ch)
{
	unsigned pick = sim_choices_pick(w->choices, ch);

	if (__builtin_expect(pick == ch->n, 0)) {
		sim_world_end(w, SIM_END_DIVERGED);
		return 0;
	}
	return pick;
}

/* Name a choice after a task and its operation; no task: an event's function makes it. */
static inline void name_after(struct sim_choice *ch, const struct sim_task *t)
{
	if (t) {
		ch->task = t->id;
		ch->op = t->op;
	}
}

unsigned sim_choose(struct sim_world *w, uint16_t site, uint32_t obj, uint64_t sub, unsigned n)
{
	struct sim_choice ch = {.site = site, .obj = obj, .sub = sub, .n = n};

	if (!w->choices || n < 2)
		return 0;
	name_after(&ch, w->current);
	return ask(w, &ch);
}

/* Named after the oldest entry: a task and its operation, or the site of an event. */
uint32_t sim_choose_ready(struct sim_world *w, uint32_t n)
{
	struct sim_choice ch = {.site = SIM_SITE_READY, .n = n};
	sim_ready_entry e = sim_ready_oldest(&w->core->ready);

	if (e & SIM_READY_EVENT)
		ch.obj = sim_ready_event(e)->site;
	else
		name_after(&ch, (struct sim_task *)e);
	return ask(w, &ch);
}

void sim_point_slow(struct sim_world *w, uint16_t site)
{
	struct sim_choice ch = {.site = site, .n = 2, .preempt = true};

	if (w->core->step && w->current)
		sim_cpu(w, sim_task_delay(w->current, w->core->step, w->core->site_step));
	if (w->core->point_hook)
		w->core->point_hook(w, site);
	if (!w->current || !w->choices || !sim_choices_preempts(w->choices))
		return;
	name_after(&ch, w->current);
	if (ask(w, &ch))
		sim_yield(w);
}

void sim_world_set_point_hook(struct sim_world *w, void (*fn)(struct sim_world *w, uint16_t site))
{
	w->core->point_hook = fn;
	w->points = fn || w->core->step || (w->choices && sim_choices_preempts(w->choices));
}

uint64_t sim_world_draw(const struct sim_world *w, uint32_t site, uint32_t attempt)
{
	const struct sim_task *t = w->current;
	struct sim_draw_key key = {
		.seed = w->seed,
		.site = site,
		.client = t ? t->client : 0,
		.task = t ? t->id : 0,
		.op = t ? t->op : 0,
		.attempt = attempt,
	};

	return sim_draw(&key);
}
