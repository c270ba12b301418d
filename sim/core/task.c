/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tasks: their life from spawn to end, blocking and resuming, signals, sleeping. */
#include "sim/core/task.h"

#include <assert.h>
#include <string.h>

#include "sim/core/core.h"
#include "sim/rand/rand.h"

#define PID_BASE 1000u

/* The first function on a task's stack. */
static void task_main(void *arg)
{
	struct sim_task *t = arg;
	struct sim_world *w = t->world;

	sim_fiber_entered(&w->core->scheduler);
	t->priv->fn(t->priv->arg);
	t->state = SIM_TASK_DEAD;
	sim_wake(w, &t->priv->exit, SIM_WAKE_ALL);
	sim_task_abandon(w);
}

_Noreturn void sim_task_abandon(struct sim_world *w)
{
	sim_fiber_switch(&w->current->priv->fiber, &w->core->scheduler, NULL, true);
	__builtin_unreachable();
}

static void wakeup_over(struct sim_world *w, struct sim_event *ev)
{
	struct sim_task_priv *p = sim_container_of(ev, struct sim_task_priv, wakeup);

	sim_ready_push_task(&w->core->ready, w->arena, p->task);
}

uint64_t sim_task_delay(struct sim_task *t, const struct sim_law *law, uint32_t site)
{
	struct sim_task_priv *p = t->priv;
	struct sim_draw_key key = {
		.seed = t->world->seed,
		.site = site,
		.client = t->client,
		.task = t->id,
		.op = t->op,
	};

	if (p->draw_op != t->op) {
		p->draw_op = t->op;
		p->nr_draws = 0;
	}
	key.attempt = p->nr_draws++;
	return sim_law_draw(law, &key);
}

void sim_task_ready_late(struct sim_task *t)
{
	struct sim_core *c = t->world->core;

	sim_event_after(t->world, &t->priv->wakeup, sim_task_delay(t, c->wakeup, c->site_wakeup));
}

struct sim_task *sim_spawn(struct sim_world *w, const char *comm, void (*fn)(void *arg), void *arg)
{
	struct sim_core *c = w->core;
	struct sim_task *t = sim_alloc(w->arena, sizeof(*t));
	struct sim_task_priv *p = sim_alloc(w->arena, sizeof(*p));

	t->world = w;
	strncpy(t->comm, comm, SIM_COMM_LEN - 1);
	t->id = ++c->last_task_id;
	t->pid = PID_BASE + t->id;
	t->state = SIM_TASK_READY;
	t->priv = p;
	p->task = t;
	p->fn = fn;
	p->arg = arg;
	p->stack = sim_stack_get(&c->stacks);
	sim_fiber_init(&p->fiber, p->stack, c->stacks.size, task_main);
	p->wakeup = (struct sim_event){.fn = wakeup_over, .loose = true, .site = SIM_SITE_WAKEUP};
	sim_list_add_tail(&t->all, &c->tasks);
	if (c->wakeup)
		sim_task_ready_late(t);
	else
		sim_ready_push_task(&c->ready, w->arena, t);
	return t;
}

void sim_yield(struct sim_world *w)
{
	struct sim_task *t = w->current;

	assert(t);
	t->state = SIM_TASK_READY;
	sim_ready_push_task(&w->core->ready, w->arena, t);
	sim_fiber_switch(&t->priv->fiber, &w->core->scheduler, NULL, false);
}

void sim_signal(struct sim_world *w, struct sim_task *t, bool fatal)
{
	t->signal = true;
	t->fatal |= fatal;
	if (t->state == SIM_TASK_BLOCKED && sim_task_interrupted(t, t->priv->mode))
		sim_task_ready(t);
}

static void describe_end(const void *obj, struct sim_buf *out)
{
	const struct sim_task *t = obj;

	sim_buf_printf(out, "of task %u (%s)", t->id, t->comm);
}

static struct sim_task *owner_of_end(const void *obj)
{
	return (struct sim_task *)(uintptr_t)obj;
}

void sim_join(struct sim_world *w, struct sim_task *t)
{
	static const struct sim_wait_class end_class = {"end", describe_end, owner_of_end};

	while (t->state != SIM_TASK_DEAD && !t->priv->lost)
		sim_wait(w, &t->priv->exit, SIM_WAIT_PLAIN, SIM_SITE_JOIN, &end_class, t);
}

int sim_sleep(struct sim_world *w, uint64_t ns)
{
	struct sim_waitq nobody = {NULL};
	int ret = sim_wait_timeout(w, &nobody, SIM_WAIT_INTERRUPTIBLE, SIM_SITE_SLEEP, NULL, NULL,
				   ns);

	return ret == -ETIMEDOUT ? 0 : ret;
}

void sim_task_lost(struct sim_world *w)
{
	struct sim_task_priv *p = w->current->priv;

	p->lost = true;
	sim_wake(w, &p->exit, SIM_WAKE_ALL);
}

struct sim_list *sim_tasks(struct sim_world *w)
{
	return &w->core->tasks;
}
