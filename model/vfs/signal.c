/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Signals: sending one, and what a task does about those that it has when it leaves the kernel.
 *
 * Mirrors: kernel/signal.c, arch/x86/kernel/signal.c handle_signal (6.8).
 *
 * A signal that is pending ends waits, and is looked for where the kernel looks: signal_pending(),
 * fatal_signal_pending(). A call that it ended with nothing done returns -ERESTARTSYS. Nothing else
 * happens before the task goes back to user space: there its handlers run, or it dies.
 */
#include <errno.h>

#include "model/vfs/internal.h"

/* A task that dies takes no signals any more (prepare_signal, wants_signal). */
int send_signal(struct sim_task *t, enum signal_kind kind)
{
	struct sim_world *w = t->world;
	struct model_task *mt = t->data;

	trace_sim_signal(w->trace, SIM_SIGNAL_SEND, t->id, (enum sim_signal_kind)kind, 0);
	if (t->state == SIM_TASK_DEAD || mt->exiting)
		return -ESRCH;
	if (t->fatal)
		return 0;
	mt->no_restart |= kind == SIGNAL_INTERRUPT;
	sim_signal(w, t, kind == SIGNAL_KILL);
	return 0;
}

static enum signal_kind pending_kind(const struct sim_task *t)
{
	if (t->fatal)
		return SIGNAL_KILL;
	return ((const struct model_task *)t->data)->no_restart ? SIGNAL_INTERRUPT : SIGNAL_RESTART;
}

/* The current task takes the signals that it has. */
static __attribute__((noinline)) enum signal_outcome do_signal(struct sim_world *w, int64_t was)
{
	struct sim_task *t = w->current;
	struct model_task *mt = t->data;
	enum signal_kind kind = pending_kind(t);

	trace_sim_signal(w->trace, SIM_SIGNAL_DELIVER, t->id, (enum sim_signal_kind)kind, was);
	if (kind == SIGNAL_KILL)
		return SIGNAL_DIES;
	t->signal = mt->no_restart = false;
	return was == -ERESTARTSYS && kind == SIGNAL_RESTART ? SIGNAL_RESTARTS : SIGNAL_RETURNS;
}

enum signal_outcome exit_to_user_mode(struct sim_world *w, int64_t *ret)
{
	int64_t was = *ret;

	*ret = user_result(was);
	return w->current->signal ? do_signal(w, was) : SIGNAL_RETURNS;
}

void exit_signals(struct sim_world *w)
{
	struct model_task *mt = w->current->data;

	mt->exiting = true;
	w->current->signal = w->current->fatal = false;
}
