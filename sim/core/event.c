/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Posting events and taking them back. */
#include <assert.h>

#include "sim/base/math.h"
#include "sim/core/core.h"

void sim_event_at(struct sim_world *w, struct sim_event *ev, uint64_t when_ns)
{
	struct sim_core *c = w->core;

	assert(ev->fn && !sim_event_pending(ev));
	if (when_ns <= w->now_ns)
		sim_ready_push_event(&c->ready, w->arena, ev);
	else
		sim_heap_push(&c->heap, w->arena, when_ns, c->next_seq++, ev);
}

void sim_event_after(struct sim_world *w, struct sim_event *ev, uint64_t delay_ns)
{
	sim_event_at(w, ev, sim_add_sat(w->now_ns, delay_ns));
}

bool sim_event_cancel(struct sim_world *w, struct sim_event *ev)
{
	struct sim_core *c = w->core;

	if (!ev->slot)
		return false;
	if (ev->slot & SIM_SLOT_RING)
		sim_ready_cancel(&c->ready, ev);
	else
		sim_heap_remove(&c->heap, ev->slot - 1);
	return true;
}
