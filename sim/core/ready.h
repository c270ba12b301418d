/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The ready ring: tasks that can run and events that are due, in the order they became so. */
#ifndef SIM_CORE_READY_H
#define SIM_CORE_READY_H

#include "sim/core/task.h"

/* A task, an event (lowest bit set), or 0: a gap, an event that was cancelled. */
typedef uintptr_t sim_ready_entry;

#define SIM_READY_EVENT ((uintptr_t)1)
#define SIM_SLOT_RING   0x80000000u /* in sim_event.slot: the rest is an index into the ring */

struct sim_ready {
	sim_ready_entry *at;
	uint32_t mask;       /* size - 1; the size is a power of two */
	uint32_t head, tail; /* free-running: entries head..tail-1, gaps among them */
	uint32_t gaps;       /* so many of them */
};

void sim_ready_init(struct sim_ready *r, struct sim_arena *a);
/* sim_ready_push() to a full ring. */
void sim_ready_push_full(struct sim_ready *r, struct sim_arena *a, sim_ready_entry e);
void sim_ready_cancel(struct sim_ready *r, struct sim_event *ev);
/* Bring the k-th oldest to the head, 0 < k < live; the order of the others stays. */
void sim_ready_bring_forward(struct sim_ready *r, uint32_t k);
/* True if there is nothing but loose events in it. */
bool sim_ready_all_loose(const struct sim_ready *r);

/* How many entries there are, gaps not counted. */
static inline uint32_t sim_ready_live(const struct sim_ready *r)
{
	return r->tail - r->head - r->gaps;
}

static inline struct sim_event *sim_ready_event(sim_ready_entry e)
{
	return (struct sim_event *)(e & ~SIM_READY_EVENT);
}

/* Write an entry, and where it is into the event it stands for. */
static inline void sim_ready_put(struct sim_ready *r, uint32_t pos, sim_ready_entry e)
{
	uint32_t index = pos & r->mask;

	r->at[index] = e;
	if (e & SIM_READY_EVENT)
		sim_ready_event(e)->slot = SIM_SLOT_RING | index;
}

static inline void sim_ready_push(struct sim_ready *r, struct sim_arena *a, sim_ready_entry e)
{
	if (__builtin_expect(r->tail - r->head > r->mask, 0))
		sim_ready_push_full(r, a, e);
	else
		sim_ready_put(r, r->tail++, e);
}

static inline void sim_ready_push_task(struct sim_ready *r, struct sim_arena *a, struct sim_task *t)
{
	sim_ready_push(r, a, (sim_ready_entry)t);
}

static inline void sim_ready_push_event(struct sim_ready *r, struct sim_arena *a,
					struct sim_event *ev)
{
	sim_ready_push(r, a, (sim_ready_entry)ev | SIM_READY_EVENT);
}

/* The oldest, where it stays; live > 0. Gaps in front of it are dropped. */
static inline sim_ready_entry sim_ready_oldest(struct sim_ready *r)
{
	while (__builtin_expect(!r->at[r->head & r->mask], 0)) {
		r->head++;
		r->gaps--;
	}
	return r->at[r->head & r->mask];
}

/* Take the oldest out; live > 0. */
static inline sim_ready_entry sim_ready_take(struct sim_ready *r)
{
	sim_ready_entry e = sim_ready_oldest(r);

	r->head++;
	if (e & SIM_READY_EVENT)
		sim_ready_event(e)->slot = 0;
	return e;
}

#endif
