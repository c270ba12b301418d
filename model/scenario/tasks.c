/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tasks of a scenario: when they start, what they wait for, and what happens when they end. */
/* Mirrors: no kernel file. */
#include "model/scenario/run_impl.h"

#include "sim/core/wait.h"

/* ---- labels ---- */

static void describe_label(const void *obj, struct sim_buf *out)
{
	const struct scn_label *label = obj;

	sim_buf_printf(out, "%s", label->name);
}

static void describe_task(const void *obj, struct sim_buf *out)
{
	const struct run_task *t = obj;

	sim_buf_printf(out, "%s", t->prog->name);
}

static struct sim_task *owner_of_end(const void *obj)
{
	return ((const struct run_task *)obj)->task;
}

static void describe_barrier(const void *obj, struct sim_buf *out)
{
	const struct scn_barrier *b = obj;

	sim_buf_printf(out, "%s of %u tasks", b->name, b->parties);
}

static const struct sim_wait_class label_class = {"label", describe_label, NULL};
static const struct sim_wait_class end_class = {"end of task", describe_task, owner_of_end};
static const struct sim_wait_class barrier_class = {"barrier", describe_barrier, NULL};

void run_label_started(struct run_state *rs, uint32_t label)
{
	rs->labels[label].started++;
	hold_label(rs, label, false);
}

void run_label_done(struct run_state *rs, uint32_t label, int64_t ret)
{
	rs->labels[label].done++;
	rs->labels[label].ret = ret;
	if (rs->labels[label].want_proc && rs->keep_proc)
		run_note_proc(rs, rs->labels[label].want_proc);
	sim_wake(rs->w, &rs->labels[label].q, SIM_WAKE_ALL);
	hold_label(rs, label, true);
}

int run_wait_for(struct run_state *rs, uint32_t prog, uint32_t label)
{
	struct run_task *t = &rs->tasks[prog];
	struct run_label *l = label == SCN_NONE ? NULL : &rs->labels[label];
	int err = 0;

	while (!err && !l && !t->ended)
		err = sim_wait(rs->w, &t->q, SIM_WAIT_KILLABLE, SITE_SCENARIO_WAIT, &end_class, t);
	while (!err && l && !l->done && !(t->killed && t->ended))
		err = sim_wait(rs->w, &l->q, SIM_WAIT_KILLABLE, SITE_SCENARIO_WAIT, &label_class,
			       &rs->scn->names->labels[label]);
	if (!err && l && !l->done)
		err = -ESRCH;
	return err;
}

/* Whoever waits goes on when nobody is missing but the killed. */
static void look_at_barrier(struct run_state *rs, uint32_t barrier)
{
	const struct scn_barrier *b = &rs->scn->names->barriers[barrier];
	struct run_barrier *rb = &rs->barriers[barrier];

	if (!rb->arrived || rb->arrived + rb->gone < b->parties)
		return;
	rb->arrived = 0;
	rb->round++;
	sim_wake(rs->w, &rb->q, SIM_WAKE_ALL);
}

int run_barrier(struct run_state *rs, uint32_t barrier)
{
	const struct scn_barrier *b = &rs->scn->names->barriers[barrier];
	struct run_barrier *rb = &rs->barriers[barrier];
	uint32_t round = rb->round;
	int err = 0;

	rb->arrived++;
	look_at_barrier(rs, barrier);
	while (!err && rb->round == round)
		err = sim_wait(rs->w, &rb->q, SIM_WAIT_KILLABLE, SITE_SCENARIO_BARRIER,
			       &barrier_class, b);
	if (err && rb->round == round)
		rb->arrived--;
	return err;
}

/* ---- signals ---- */

int run_signal(struct run_state *rs, uint32_t prog, enum signal_kind kind)
{
	const struct scn_names *n = rs->scn->names;
	struct run_task *t = &rs->tasks[prog];
	int err = t->task && !t->ended ? send_signal(t->task, kind) : -ESRCH;

	for (uint32_t i = 0; !err && kind == SIGNAL_KILL && i < n->nr_progs; i++) {
		struct run_task *member = &rs->tasks[i];

		if (n->progs[i].parent == prog && member->task && !member->ended)
			send_signal(member->task, kind);
	}
	return err;
}

static bool names_barrier(const struct sim_conf_list *ops, uint32_t barrier)
{
	for (size_t i = 0; i < ops->n; i++) {
		const struct scn_op *op = scn_op(ops, i);

		if (scn_op_kind(ops, i) == OP_BARRIER && op->barrier == barrier)
			return true;
		if (op->body.n && names_barrier(&op->body, barrier))
			return true;
	}
	return false;
}

/* The task comes to its barriers no more, or (a group that starts again) does. */
static void leave_barriers(struct run_task *t, bool leave)
{
	struct run_state *rs = t->rs;

	for (uint32_t i = 0; i < rs->scn->names->nr_barriers; i++) {
		if (!names_barrier(t->prog->ops, i))
			continue;
		if (leave)
			rs->barriers[i].gone++;
		else
			rs->barriers[i].gone--;
		look_at_barrier(rs, i);
	}
}

/* Nobody waits any more for what the task had yet to do. */
static void let_go(struct run_task *t)
{
	struct run_state *rs = t->rs;
	const struct scn_names *n = rs->scn->names;

	for (uint32_t i = 0; i < n->nr_labels; i++) {
		if (&n->progs[n->labels[i].prog] != t->prog)
			continue;
		sim_wake(rs->w, &rs->labels[i].q, SIM_WAKE_ALL);
		hold_label(rs, i, false);
		hold_label(rs, i, true);
	}
	leave_barriers(t, true);
}

/* ---- tasks ---- */

static void end_task(struct run_task *t)
{
	struct run_state *rs = t->rs;

	t->killed = rs->w->current->fatal;
	exit_signals(rs->w);
	mm_give_anon_all(&t->client->mm);
	if (t->killed)
		exec_exit(rs, &rs->clients[t->prog->client], (uint32_t)(t - rs->tasks));
	t->ended = true;
	t->end_ns = rs->w->now_ns;
	if (t->killed)
		let_go(t);
	sim_wake(rs->w, &t->q, SIM_WAKE_ALL);
	hold_task_end(rs, t);
}

static void group_task_main(void *arg)
{
	struct run_task *t = arg;
	struct exec x = {.rs = t->rs, .t = t};

	t->start_ns = t->rs->w->now_ns;
	exec_ops(&x, t->prog->ops);
	end_task(t);
}

static void task_main(void *arg)
{
	struct run_task *t = arg;
	struct run_state *rs = t->rs;
	struct run_client *rc = &rs->clients[t->prog->client];
	struct exec x = {.rs = rs, .t = t};

	if (t->prog->task->start_after)
		run_wait_for(rs, t->prog->task->after_prog, t->prog->task->after_label);
	t->start_ns = rs->w->now_ns;
	exec_ops(&x, t->prog->ops);
	end_task(t);
	if (!--rs->live)
		rs->tasks_ns = rs->w->now_ns;
	if (!--rc->live)
		exec_exit(rs, rc, SCN_NONE);
}

void run_start_group_task(struct run_state *rs, uint32_t prog)
{
	struct run_task *t = &rs->tasks[prog];

	if (t->killed)
		leave_barriers(t, false);
	t->ended = t->killed = false;
	t->task = client_spawn(t->client, t->prog->comm, group_task_main, t);
}

void run_start_tasks(struct run_state *rs)
{
	const struct scn_names *n = rs->scn->names;

	for (uint32_t i = 0; i < n->nr_progs; i++) {
		struct run_task *t = &rs->tasks[i];

		t->rs = rs;
		t->prog = &n->progs[i];
		t->client = rs->clients[t->prog->client].client;
		if (t->prog->parent != SCN_NONE)
			continue;
		rs->live++;
		rs->clients[t->prog->client].live++;
		t->task = client_spawn(t->client, t->prog->comm, task_main, t);
	}
}
