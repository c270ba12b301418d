/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tasks: stackful coroutines, so that model code blocks where the kernel blocks. */
#ifndef SIM_CORE_TASK_H
#define SIM_CORE_TASK_H

#include <errno.h>

#include "sim/core/world.h"

#ifndef ERESTARTSYS
#define ERESTARTSYS 512 /* the kernel's own: a wait was ended by a signal */
#endif

#define SIM_COMM_LEN 16 /* as TASK_COMM_LEN: 15 characters and a NUL */

struct sim_wait_class;

enum sim_task_state {
	SIM_TASK_READY,
	SIM_TASK_RUNNING,
	SIM_TASK_BLOCKED,
	SIM_TASK_IDLE, /* blocked with nothing to do: no hang, no reason to go on */
	SIM_TASK_DEAD,
};

struct sim_task {
	/* Read by everyone, written by sim/core only. */
	struct sim_world *world;
	char comm[SIM_COMM_LEN];
	uint32_t id;  /* 1, 2, ... in order of creation */
	uint32_t pid; /* as traces print it: 1000 + id, or as given */
	uint16_t cpu; /* where it ran last */
	enum sim_task_state state;
	uint16_t wait_site;                      /* while blocked: where */
	const struct sim_wait_class *wait_class; /* while blocked: on what kind of object */
	const void *wait_obj;                    /* while blocked: which one; NULL none */
	uint64_t ran_ns;                         /* when it ran last */

	/* Written by the model. */
	uint32_t client; /* which client machine it runs on */
	uint32_t op;     /* ordinal of the operation it is in: part of draws and choice names */
	void *data;      /* the model's own */
	bool signal;     /* a signal is pending: interruptible waits end with -ERESTARTSYS */
	bool fatal;      /* a fatal one: killable waits end too */

	struct sim_list all; /* in order of creation */
	struct sim_task_priv *priv;
};

/*
 * Create a task that runs fn(arg) and ends when that returns. It joins the ready ring. comm is cut
 * to 15 characters. It may be called from anywhere.
 */
struct sim_task *sim_spawn(struct sim_world *w, const char *comm, void (*fn)(void *arg), void *arg);

/* Wait for the end of a task (at once if it is dead). The struct stays valid as long as the world. */
void sim_join(struct sim_world *w, struct sim_task *t);

/*
 * The current task is lost: whoever joins it goes on as if it had ended, but it may still wait, and
 * so show in a report of who waits for what.
 */
void sim_task_lost(struct sim_world *w);

/* Sleep for a time. Returns 0, or -ERESTARTSYS when interrupted by a signal. */
int sim_sleep(struct sim_world *w, uint64_t ns);

/* Go to the end of the ready ring. */
void sim_yield(struct sim_world *w);

/*
 * Occupy a CPU for ns: the least one that is free (its last one if that is free), otherwise wait in
 * order of arrival. 0 ns costs nothing and needs no CPU.
 */
void sim_cpu_busy(struct sim_world *w, uint64_t ns);
static inline void sim_cpu(struct sim_world *w, uint64_t ns)
{
	if (ns)
		sim_cpu_busy(w, ns);
}

/* Send a signal: waits that may be interrupted end. fatal: killable ones too. */
void sim_signal(struct sim_world *w, struct sim_task *t, bool fatal);

/* All tasks of the world, dead ones included, in order of creation: a list through sim_task.all. */
struct sim_list *sim_tasks(struct sim_world *w);

/* Deepest use of any task's stack so far, in bytes (a tested limit). */
size_t sim_stack_peak(const struct sim_world *w);

/*
 * After SIM_END_HANG, or a run that somebody else judged to hang: who waits for what, one paragraph
 * per blocked task (comm, site, object, owner of the object), and the cycle if there is one.
 */
void sim_hang_report(struct sim_world *w, struct sim_buf *out);

#endif
