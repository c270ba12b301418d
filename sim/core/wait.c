/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Wait queues: blocking on one, with signals and time-outs, and waking from it; bit waits. */
#include "sim/core/wait.h"

#include <assert.h>

#include "sim/core/core.h"

static void append(struct sim_waitq *q, struct sim_waiter *me)
{
	if (q->last) {
		me->next = q->last->next;
		q->last->next = me;
	} else {
		me->next = me;
	}
	q->last = me;
}

/* Take out the waiter behind prev. */
static void remove_after(struct sim_waitq *q, struct sim_waiter *prev)
{
	struct sim_waiter *gone = prev->next;

	if (gone == prev) {
		q->last = NULL;
		return;
	}
	prev->next = gone->next;
	if (q->last == gone)
		q->last = prev;
}

static void remove(struct sim_waitq *q, const struct sim_waiter *me)
{
	struct sim_waiter *prev = q->last;

	while (prev->next != me)
		prev = prev->next;
	remove_after(q, prev);
}

static void wake_after(struct sim_waitq *q, struct sim_waiter *prev)
{
	struct sim_waiter *it = prev->next;

	remove_after(q, prev);
	it->woken = true;
	sim_task_ready(it->task);
}

void sim_waitq_wake_oldest(struct sim_waitq *q)
{
	wake_after(q, q->last);
}

/* Block the current task until sim_task_ready(). */
static inline void block(struct sim_world *w, enum sim_wait_mode mode, uint16_t site,
			 const struct sim_wait_class *class, const void *obj)
{
	struct sim_core *c = w->core;
	struct sim_task *t = w->current;

	if (mode == SIM_WAIT_IDLE) {
		t->state = SIM_TASK_IDLE;
	} else {
		t->state = SIM_TASK_BLOCKED;
		c->nr_blocked++;
	}
	t->wait_site = site;
	t->wait_class = class;
	t->wait_obj = obj;
	t->priv->mode = mode;
	sim_fiber_switch(&t->priv->fiber, &c->scheduler, NULL, false);
	t->wait_site = SIM_SITE_NONE;
	t->wait_class = NULL;
	t->wait_obj = NULL;
}

/* Inlined into its callers: it is the hot path of everything that blocks. */
static inline __attribute__((always_inline)) int
wait_on(struct sim_world *w, struct sim_waitq *q, struct sim_waiter *me, enum sim_wait_mode mode,
	uint16_t site, const struct sim_wait_class *class, const void *obj)
{
	assert(w->current);
	me->task = w->current;
	if (sim_task_interrupted(me->task, mode))
		return -ERESTARTSYS;
	append(q, me);
	block(w, mode, site, class, obj);
	if (me->woken)
		return 0;
	/* As in the kernel, a signal or timer only makes the task run; it leaves the queue itself. */
	remove(q, me);
	return -ERESTARTSYS;
}

int sim_waiter_wait(struct sim_world *w, struct sim_waitq *q, struct sim_waiter *me,
		    enum sim_wait_mode mode, uint16_t site, const struct sim_wait_class *class,
		    const void *obj)
{
	return wait_on(w, q, me, mode, site, class, obj);
}

int sim_wait(struct sim_world *w, struct sim_waitq *q, enum sim_wait_mode mode, uint16_t site,
	     const struct sim_wait_class *class, const void *obj)
{
	struct sim_waiter me = {NULL};

	return wait_on(w, q, &me, mode, site, class, obj);
}

/* On the stack of the task that sleeps. */
struct timer {
	struct sim_event ev;
	struct sim_task *task;
};

static void timer_fired(struct sim_world *w, struct sim_event *ev)
{
	sim_task_ready(sim_container_of(ev, struct timer, ev)->task);
}

int sim_wait_timeout(struct sim_world *w, struct sim_waitq *q, enum sim_wait_mode mode,
		     uint16_t site, const struct sim_wait_class *class, const void *obj,
		     uint64_t timeout_ns)
{
	struct timer timer = {.ev = {.fn = timer_fired, .site = site}, .task = w->current};
	int ret;

	if (sim_task_interrupted(w->current, mode))
		return -ERESTARTSYS;
	sim_event_after(w, &timer.ev, timeout_ns);
	ret = sim_wait(w, q, mode, site, class, obj);
	if (!sim_event_cancel(w, &timer.ev) && ret)
		ret = sim_task_interrupted(w->current, mode) ? -ERESTARTSYS : -ETIMEDOUT;
	return ret;
}

void sim_sleep_plain(struct sim_world *w, uint64_t ns, uint16_t site)
{
	struct sim_waitq nobody = {0};

	sim_wait_timeout(w, &nobody, SIM_WAIT_PLAIN, site, NULL, NULL, ns);
}

int sim_wait_poll(struct sim_world *w, struct sim_waitq *q, enum sim_wait_mode mode, uint16_t site,
		  const struct sim_wait_class *class, const void *obj, uint64_t interval_ns)
{
	int ret;

	w->core->nr_polls++;
	ret = sim_wait_timeout(w, q, mode, site, class, obj, interval_ns);
	w->core->nr_polls--;
	return ret;
}

unsigned sim_wake(struct sim_world *w, struct sim_waitq *q, unsigned n)
{
	unsigned woken = 0;

	for (; woken < n && q->last; woken++)
		sim_waitq_wake_oldest(q);
	return woken;
}

int sim_wait_bit(struct sim_world *w, struct sim_waitq *q, unsigned bit, bool exclusive,
		 enum sim_wait_mode mode, uint16_t site, const struct sim_wait_class *class,
		 const void *obj)
{
	struct sim_waiter me = {.kind = (uint8_t)bit, .exclusive = exclusive};

	assert(bit < 256);
	return sim_waiter_wait(w, q, &me, mode, site, class, obj);
}

void sim_wake_bit(struct sim_world *w, struct sim_waitq *q, unsigned bit)
{
	struct sim_waiter *youngest = q->last;
	struct sim_waiter *prev = youngest;

	while (prev) {
		struct sim_waiter *it = prev->next;
		bool end = it == youngest || (it->kind == bit && it->exclusive);

		if (it->kind == bit)
			wake_after(q, prev);
		else
			prev = it;
		if (end)
			break;
	}
}
