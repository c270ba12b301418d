/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The ready ring's rarer work: growing, closing gaps, taking from the middle. */
#include "sim/core/ready.h"

#include <assert.h>

#define RING_FIRST 64u

void sim_ready_init(struct sim_ready *r, struct sim_arena *a)
{
	r->at = sim_alloc_array(a, RING_FIRST, sizeof(*r->at));
	r->mask = RING_FIRST - 1;
}

static void close_gaps(struct sim_ready *r)
{
	uint32_t to = r->head;

	for (uint32_t pos = r->head; pos != r->tail; pos++) {
		sim_ready_entry e = r->at[pos & r->mask];

		if (e)
			sim_ready_put(r, to++, e);
	}
	r->tail = to;
	r->gaps = 0;
}

/* Close the gaps if they are half of the ring, otherwise double it. */
static void make_room(struct sim_ready *r, struct sim_arena *a)
{
	uint32_t size = r->mask + 1;
	uint32_t head = r->head & r->mask;

	if (r->gaps >= size / 2) {
		close_gaps(r);
		return;
	}
	assert(size < SIM_SLOT_RING / 2);
	r->at = sim_realloc_array(a, r->at, size, 2 * (size_t)size, sizeof(*r->at));
	r->mask = 2 * size - 1;
	/* What had wrapped around to the front goes on behind the old end. */
	for (uint32_t i = 0; i < head; i++)
		sim_ready_put(r, size + i, r->at[i]);
	r->head = head;
	r->tail = head + size;
}

void sim_ready_push_full(struct sim_ready *r, struct sim_arena *a, sim_ready_entry e)
{
	make_room(r, a);
	sim_ready_put(r, r->tail++, e);
}

void sim_ready_cancel(struct sim_ready *r, struct sim_event *ev)
{
	r->at[ev->slot & ~SIM_SLOT_RING] = 0;
	ev->slot = 0;
	r->gaps++;
}

void sim_ready_bring_forward(struct sim_ready *r, uint32_t k)
{
	sim_ready_entry e;

	if (r->gaps)
		close_gaps(r);
	e = r->at[(r->head + k) & r->mask];
	for (uint32_t pos = r->head + k; pos != r->head; pos--)
		sim_ready_put(r, pos, r->at[(pos - 1) & r->mask]);
	sim_ready_put(r, r->head, e);
}

bool sim_ready_all_loose(const struct sim_ready *r)
{
	for (uint32_t pos = r->head; pos != r->tail; pos++) {
		sim_ready_entry e = r->at[pos & r->mask];

		if (e && (!(e & SIM_READY_EVENT) || !sim_ready_event(e)->loose))
			return false;
	}
	return true;
}
