/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of sim/core share: the private parts of a world and of a task. */
#ifndef SIM_CORE_CORE_H
#define SIM_CORE_CORE_H

#include <setjmp.h>
#include <stdint.h>

#include "sim/core/fiber.h"
#include "sim/core/heap.h"
#include "sim/core/ready.h"
#include "sim/core/task.h"
#include "sim/core/wait.h"
#include "sim/core/world.h"
#include "sim/trace/trace.h"

/* ---- The world's private part ---- */

#define SIM_CPUS_MOST 1024u

struct sim_cpus {
	uint64_t free[SIM_CPUS_MOST / 64]; /* one bit per CPU */
	struct sim_waitq q;                /* tasks that wait for one */
};

struct sim_core {
	struct sim_heap heap;
	struct sim_ready ready;
	uint64_t next_seq; /* of the next event that goes to the heap */
	uint64_t max_steps, max_time_ns;
	const struct sim_reseed *reseed; /* the next of nr_reseeds */
	size_t nr_reseeds;
	bool frees_loose;

	struct sim_fiber scheduler; /* where sim_world_run() stands while a task runs */
	jmp_buf escape;             /* out of memory outside a task: back to the guard */
	bool guarded;               /* escape is set */

	struct sim_list tasks;
	uint32_t last_task_id;
	uint32_t nr_blocked; /* tasks in SIM_TASK_BLOCKED */
	uint32_t nr_polls;   /* of those, in sim_wait_poll() */
	uint32_t idle_polls; /* times in a row that only they could go on */
	struct sim_stacks stacks;

	struct sim_cpus cpus;

	const struct sim_law *wakeup;    /* NULL: a woken task can run at once */
	const struct sim_law *step;      /* NULL: the way to a point takes no time */
	uint32_t site_wakeup, site_step; /* name their draws */

	void (*point_hook)(struct sim_world *w, uint16_t site);
	const char *(*site_name)(uint16_t site);
};

/* ---- Tasks ---- */

struct sim_task_priv {
	struct sim_task *task;
	struct sim_fiber fiber;
	struct sim_stack *stack; /* NULL once dead */
	void (*fn)(void *arg);
	void *arg;
	bool lost;                  /* sim_task_lost() */
	struct sim_waitq exit;      /* those in sim_join() */
	enum sim_wait_mode mode;    /* of the wait it is in */
	uint32_t mark;              /* sim_hang_report() */
	struct sim_event wakeup;    /* pending from the wake-up until the task can run */
	uint32_t draw_op, nr_draws; /* of delays in this operation: their names */
};

/* Leave the current task for the scheduler and never come back. */
_Noreturn void sim_task_abandon(struct sim_world *w);
/* True if t has a signal that ends a wait of this mode. */
static inline bool sim_task_interrupted(const struct sim_task *t, enum sim_wait_mode mode)
{
	return (mode == SIM_WAIT_INTERRUPTIBLE && (t->signal || t->fatal)) ||
	       (mode == SIM_WAIT_KILLABLE && t->fatal);
}

/* A delay of t, drawn from a law; site names it. */
uint64_t sim_task_delay(struct sim_task *t, const struct sim_law *law, uint32_t site);
/* Make t, which was woken or is new, runnable after a drawn time. */
void sim_task_ready_late(struct sim_task *t);
/* Make t runnable if it is blocked. */
static inline void sim_task_ready(struct sim_task *t)
{
	struct sim_world *w = t->world;

	if (t->state == SIM_TASK_BLOCKED)
		w->core->nr_blocked--;
	else if (t->state != SIM_TASK_IDLE)
		return;
	t->state = SIM_TASK_READY;
	/* Who gets a CPU, or has computed for its time, was not asleep. */
	if (__builtin_expect(w->core->wakeup != NULL, 0) && t->wait_site != SIM_SITE_CPU)
		sim_task_ready_late(t);
	else
		sim_ready_push_task(&w->core->ready, w->arena, t);
}

/* ---- Waits ---- */

/* One task in one queue. It lives on that task's stack. */
struct sim_waiter {
	struct sim_waiter *next; /* the next younger; of the youngest: the oldest */
	struct sim_task *task;
	uint8_t kind;   /* bit waits: the bit; rwsem: read or write */
	bool exclusive; /* bit waits */
	bool woken;     /* taken out of the queue by a waker */
};

/* Put me on q and block. 0 if woken, else -ERESTARTSYS, and me is off the queue. */
int sim_waiter_wait(struct sim_world *w, struct sim_waitq *q, struct sim_waiter *me,
		    enum sim_wait_mode mode, uint16_t site, const struct sim_wait_class *class,
		    const void *obj);
/* The oldest waiter, or NULL. */
static inline struct sim_waiter *sim_waitq_oldest(const struct sim_waitq *q)
{
	return q->last ? q->last->next : NULL;
}
/* Take the oldest waiter out and make its task runnable. */
void sim_waitq_wake_oldest(struct sim_waitq *q);

/* ---- CPUs and choices ---- */

void sim_cpus_init(struct sim_cpus *cpus, unsigned nr);
/* Which of n alternatives of step 2; n > 1. */
uint32_t sim_choose_ready(struct sim_world *w, uint32_t n);

/* ---- What records say of when and who ---- */

static inline void sim_trace_clock(struct sim_world *w)
{
	if (w->trace)
		sim_trace_now(w->trace, w->now_ns);
}

static inline void sim_trace_task(struct sim_world *w, const struct sim_task *t)
{
	if (w->trace)
		sim_trace_who(w->trace, t->pid, t->cpu, t->comm);
}

/* No task: an event's function, or nothing at all. */
static inline void sim_trace_idle(struct sim_world *w)
{
	if (w->trace)
		sim_trace_who(w->trace, 0, 0, "<idle>");
}

#endif
