/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The world: one simulated run with its clock, its pending events, its tasks and its choices.
 *
 * ONE STEP. The world holds a ready ring (runnable tasks and events that are due now, in the order
 * in which they became so) and a heap of events of the future. sim_world_run() repeats:
 *
 *  1. If the run was ended (sim_world_end(), a limit, a broken check), return.
 *  2. If the ready ring is not empty, the choice policy picks one of its entries (site
 *     SIM_SITE_READY; `fifo` picks the oldest; a single entry is no choice). The entry leaves the
 *     ring. A task is resumed until it blocks, sleeps, yields or returns; an event's function is
 *     called. Whatever becomes runnable meanwhile goes to the end of the ring. Then on_step() is
 *     called. That was one step; the clock has not moved.
 *     Under a policy that frees loose events, a loose event that is due does not hold the clock:
 *     when the ring holds nothing but such events and the heap is not empty, there is one more
 *     alternative, the last: step 3, with the ring left as it is.
 *  3. Otherwise, if events are pending, the clock becomes the time of the earliest; from then on
 *     the seed is the one that the configuration has for that time (reseed). All events of
 *     that time leave the heap for the end of the ring, in order of their sequence numbers; on to
 *     1. If that time is beyond the limit, the clock becomes the limit and the run ends.
 *  4. Otherwise nothing can happen any more. If every task that still exists is idle (a parked
 *     kernel thread) the world is quiescent; if one is blocked otherwise, it hangs:
 *     sim_hang_report(). Tasks that only look again and again do not keep a world with a blocked
 *     task from hanging: sim_wait_poll(). A world that ended so may be given more to do and be
 *     run again.
 *
 * An event posted for the time that it is now goes straight to the ring. Sequence numbers are given
 * at posting, so that two events of equal time fire in posting order under `fifo`.
 *
 * Ending: a world may be dropped at any instant by sim_world_free(): model code owns nothing
 * outside the world's arena.
 */
#ifndef SIM_CORE_WORLD_H
#define SIM_CORE_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/base/arena.h"
#include "sim/base/list.h"
#include "sim/base/text.h"

struct sim_choices; /* sim/choice/choice.h */
struct sim_trace;   /* sim/trace/trace.h */
struct sim_law;     /* sim/rand/rand.h */
struct sim_task;
struct sim_world;

/* Why sim_world_run() returned. */
enum sim_end {
	SIM_END_NONE,      /* still running */
	SIM_END_QUIESCENT, /* nothing is left to do */
	SIM_END_HANG,      /* blocked tasks, and nothing that could wake them */
	SIM_END_STOPPED,   /* sim_world_end(): the model or the user asked for it */
	SIM_END_VIOLATION, /* a check failed and the run was told to stop at it */
	SIM_END_STEPS,     /* limit of steps */
	SIM_END_TIME,      /* limit of simulated time */
	SIM_END_MEMORY,    /* limit of the tool's own memory */
	SIM_END_DIVERGED,  /* a replay met a choice that the recording does not have */
};

/* Sites below this number belong to sim/; the model's table starts here. */
enum sim_site {
	SIM_SITE_NONE,
	SIM_SITE_READY, /* which runnable entry goes next */
	SIM_SITE_CPU,   /* waiting for a CPU */
	SIM_SITE_SLEEP,
	SIM_SITE_JOIN,   /* waiting for the end of a task */
	SIM_SITE_WAKEUP, /* woken, and not yet running */
	SIM_SITE_MODEL = 16,
};

/* What is drawn at at_ns and later is drawn by this seed. */
struct sim_reseed {
	uint64_t at_ns;
	uint64_t seed;
};

/* What a run may use, and what it is told at the start. Zero means the default in brackets. */
struct sim_world_config {
	uint64_t seed;
	const struct sim_reseed *reseed; /* in rising order; owned by the caller [none] */
	size_t nr_reseeds;
	unsigned nr_cpus;     /* 1..1024 [1] */
	uint64_t max_steps;   /* [no limit] */
	uint64_t max_time_ns; /* [no limit] */
	size_t max_memory;    /* bytes of the arena and the stacks [no limit] */
	size_t stack_size;    /* bytes of a task's stack, a multiple of 4096 [64 KiB] */
	/* ns from the waking of a task until it can run; owned by the caller [none] */
	const struct sim_law *wakeup;
	const struct sim_law *step;  /* ns of CPU that a task takes up to each sim_point() [none] */
	struct sim_choices *choices; /* owned by the caller; NULL: every choice is 0 (fifo) */
	struct sim_trace *trace;     /* owned by the caller; NULL: no records */
	const char *(*site_name)(uint16_t site); /* names of the model's sites */
};

struct sim_world {
	/* Read by everyone, written by sim/core only. */
	uint64_t now_ns;
	struct sim_task *current; /* NULL in an event's function */
	uint64_t steps;
	struct sim_arena *arena;
	struct sim_trace *trace;
	struct sim_choices *choices;
	uint64_t seed; /* the one that draws now */
	enum sim_end end;

	bool points; /* sim_point() has work to do: a hook is set or the policy preempts */

	/* Written by the model. */
	void *model;

	void (*on_step)(struct sim_world *w); /* called after every step; may be NULL */

	struct sim_core *core; /* the rest, private to sim/core */
};

/* Create a world. Returns NULL when the memory for it cannot be had. */
struct sim_world *sim_world_new(const struct sim_world_config *config);
/* Drop everything, at any instant, also with tasks in the middle of their stacks. NULL is ignored. */
void sim_world_free(struct sim_world *w);

/* Run until the world ends; the reason is also in w->end. Not to be called from a task or an event.
 */
enum sim_end sim_world_run(struct sim_world *w);
/* Run at most n further steps. SIM_END_NONE when there is more to do. */
enum sim_end sim_world_run_steps(struct sim_world *w, uint64_t n);
/*
 * Call fn(w, arg) to build the world before it runs: when memory runs out in it, this returns
 * SIM_END_MEMORY (otherwise SIM_END_NONE). Outside this and sim_world_run() exhaustion ends the
 * program, with exit code 4.
 */
enum sim_end sim_world_build(struct sim_world *w, void (*fn)(struct sim_world *w, void *arg),
			     void *arg);
/*
 * End the run for this reason. From an event's function it takes effect when that returns; a task
 * that calls it does not come back.
 */
void sim_world_end(struct sim_world *w, enum sim_end why);
const char *sim_end_name(enum sim_end end);
/* Bytes that the world takes now and took at most: arena and touched stacks. */
size_t sim_world_memory(const struct sim_world *w);
size_t sim_world_memory_peak(const struct sim_world *w);

/* ---- Events ---- */

/*
 * Something that happens at a time. Embedded in the object it belongs to, zeroed before first use.
 * The queue's own entry is 24 bytes.
 */
struct sim_event {
	void (*fn)(struct sim_world *w, struct sim_event *ev);
	uint32_t slot; /* place in the queue + 1; 0: not pending. Private to sim/core */
	bool loose;    /* an explorer may let it fire later than its time */
	uint8_t reserved;
	uint16_t site; /* what it is, for choices */
};

/* Post ev to fire at time when_ns (>= now, else now). It must not be pending. */
void sim_event_at(struct sim_world *w, struct sim_event *ev, uint64_t when_ns);
/* Post ev to fire after delay_ns. */
void sim_event_after(struct sim_world *w, struct sim_event *ev, uint64_t delay_ns);
/* Take ev back; true if it was pending. */
bool sim_event_cancel(struct sim_world *w, struct sim_event *ev);
static inline bool sim_event_pending(const struct sim_event *ev)
{
	return ev->slot != 0;
}

/* ---- Choices and draws ---- */

/*
 * One of n alternatives, n >= 1: 0 under fifo. The name of the choice is (site, current task, its
 * operation ordinal, obj, sub, occurrence). obj is an inode's or request's ordinal, sub a page or
 * an index in it; the occurrence is counted by sim/choice.
 */
unsigned sim_choose(struct sim_world *w, uint16_t site, uint32_t obj, uint64_t sub, unsigned n);

/*
 * 64 uniform bits named by the world's seed, a site (sim_site() of sim/rand), the current task's
 * client, id and operation, and an attempt: what tells draws of one operation apart.
 */
uint64_t sim_world_draw(const struct sim_world *w, uint32_t site, uint32_t attempt);

/*
 * A point where the kernel could be interleaved: the point hook runs, and under a policy that
 * preempts, the current task may go to the end of the ready ring.
 */
void sim_point_slow(struct sim_world *w, uint16_t site);
static inline void sim_point(struct sim_world *w, uint16_t site)
{
	if (__builtin_expect(w->points, 0))
		sim_point_slow(w, site);
}
/*
 * Set the hook that sim_point() calls; it may block the current task (that is how a scenario's hold
 * works). NULL: none.
 */
void sim_world_set_point_hook(struct sim_world *w, void (*fn)(struct sim_world *w, uint16_t site));

#endif
