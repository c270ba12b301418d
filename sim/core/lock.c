/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Completions, mutexes and rwsems on top of wait queues; locks are handed over in FIFO order. */
#include <assert.h>

#include "sim/core/core.h"

#define DONE_FOREVER UINT32_MAX /* after sim_complete_all() */

void sim_complete(struct sim_world *w, struct sim_completion *c)
{
	if (c->done != DONE_FOREVER)
		c->done++;
	sim_wake(w, &c->q, 1);
}

void sim_complete_all(struct sim_world *w, struct sim_completion *c)
{
	c->done = DONE_FOREVER;
	sim_wake(w, &c->q, SIM_WAKE_ALL);
}

int sim_wait_for_completion(struct sim_world *w, struct sim_completion *c, enum sim_wait_mode mode,
			    uint16_t site)
{
	static const struct sim_wait_class completion_class = {.name = "a completion"};

	while (!c->done) {
		int ret = sim_wait(w, &c->q, mode, site, &completion_class, c);

		if (ret && !c->done)
			return ret;
	}
	if (c->done != DONE_FOREVER)
		c->done--;
	return 0;
}

/* ---- Mutex ---- */

static void mutex_describe(const void *obj, struct sim_buf *out)
{
	sim_buf_puts(out, ((const struct sim_mutex *)obj)->name);
}

static struct sim_task *mutex_owner(const void *obj)
{
	return ((const struct sim_mutex *)obj)->owner;
}

static const struct sim_wait_class mutex_class = {"mutex", mutex_describe, mutex_owner};

void sim_mutex_init(struct sim_mutex *m, const char *name)
{
	*m = (struct sim_mutex){.name = name};
}

bool sim_mutex_trylock(struct sim_world *w, struct sim_mutex *m)
{
	if (m->owner)
		return false;
	m->owner = w->current;
	return true;
}

int sim_mutex_lock(struct sim_world *w, struct sim_mutex *m, enum sim_wait_mode mode, uint16_t site)
{
	assert(m->owner != w->current);
	if (sim_mutex_trylock(w, m))
		return 0;
	return sim_wait(w, &m->q, mode, site, &mutex_class, m) ? -EINTR : 0;
}

void sim_mutex_unlock(struct sim_world *w, struct sim_mutex *m)
{
	struct sim_waiter *next = sim_waitq_oldest(&m->q);

	assert(m->owner == w->current);
	m->owner = next ? next->task : NULL;
	sim_wake(w, &m->q, 1);
}

/* ---- rwsem ---- */

enum { RWSEM_READ, RWSEM_WRITE }; /* sim_waiter.kind */

static void rwsem_describe(const void *obj, struct sim_buf *out)
{
	const struct sim_rwsem *s = obj;

	sim_buf_puts(out, s->name);
	if (s->readers)
		sim_buf_printf(out, " with %u reader%s", s->readers, s->readers > 1 ? "s" : "");
}

static struct sim_task *rwsem_owner(const void *obj)
{
	return ((const struct sim_rwsem *)obj)->writer;
}

static const struct sim_wait_class rwsem_class = {"rwsem", rwsem_describe, rwsem_owner};

void sim_rwsem_init(struct sim_rwsem *s, const char *name, const void *obj)
{
	*s = (struct sim_rwsem){.name = name, .obj = obj};
}

/* Hand the lock to whoever is at the head of the queue: one writer, or the readers there. */
static void rwsem_hand_over(struct sim_rwsem *s)
{
	struct sim_waiter *head;

	while (!s->writer && (head = sim_waitq_oldest(&s->q))) {
		if (head->kind == RWSEM_READ)
			s->readers++;
		else if (!s->readers)
			s->writer = head->task;
		else
			return;
		sim_waitq_wake_oldest(&s->q);
	}
}

static int rwsem_wait(struct sim_world *w, struct sim_rwsem *s, uint8_t kind,
		      enum sim_wait_mode mode, uint16_t site)
{
	struct sim_waiter me = {.kind = kind};

	if (!sim_waiter_wait(w, &s->q, &me, mode, site, &rwsem_class, s))
		return 0;
	rwsem_hand_over(s); /* those behind may have waited only for us */
	return -EINTR;
}

bool sim_down_read_trylock(struct sim_world *w, struct sim_rwsem *s)
{
	if (s->writer || !sim_waitq_empty(&s->q))
		return false;
	s->readers++;
	return true;
}

bool sim_down_write_trylock(struct sim_world *w, struct sim_rwsem *s)
{
	if (s->writer || s->readers || !sim_waitq_empty(&s->q))
		return false;
	s->writer = w->current;
	return true;
}

int sim_down_read(struct sim_world *w, struct sim_rwsem *s, enum sim_wait_mode mode, uint16_t site)
{
	return sim_down_read_trylock(w, s) ? 0 : rwsem_wait(w, s, RWSEM_READ, mode, site);
}

int sim_down_write(struct sim_world *w, struct sim_rwsem *s, enum sim_wait_mode mode, uint16_t site)
{
	return sim_down_write_trylock(w, s) ? 0 : rwsem_wait(w, s, RWSEM_WRITE, mode, site);
}

void sim_up_read(struct sim_world *w, struct sim_rwsem *s)
{
	assert(s->readers);
	s->readers--;
	rwsem_hand_over(s);
}

void sim_up_write(struct sim_world *w, struct sim_rwsem *s)
{
	assert(s->writer == w->current);
	s->writer = NULL;
	rwsem_hand_over(s);
}

void sim_downgrade_write(struct sim_world *w, struct sim_rwsem *s)
{
	assert(s->writer == w->current);
	s->writer = NULL;
	s->readers = 1;
	rwsem_hand_over(s);
}
