/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The model of a world, its clients, and their workers.
 *
 * Mirrors: kernel/workqueue.c (6.8), as far as an unbound workqueue of a netfs client needs it.
 *
 * WORKER STATES: idle (parked, on workqueue.idle) -> running [queue_work wakes the one parked last]
 * -> idle [the queue is empty]. A work item is pending from queue_work() until a worker takes it;
 * while it runs it may be queued again. There is always a worker for a pending item: with none
 * idle, one more is made.
 */
#include "model/fs/mount.h"
#include "model/netfs/netfs.h"

#include <stdio.h>

struct worker {
	struct workqueue *wq;
	struct sim_list entry; /* in workqueue.idle */
	struct sim_waitq wait;
	bool woken;
};

static void worker_thread(void *arg)
{
	struct worker *worker = arg;
	struct workqueue *wq = worker->wq;
	struct sim_world *w = wq->client->w;

	for (;;) {
		while (!sim_list_empty(&wq->queue)) {
			struct work_struct *work =
				sim_list_first(&wq->queue, struct work_struct, entry);

			sim_list_del(&work->entry);
			work->pending = false;
			w->current->op++;
			sim_point(w, SITE_KWORKER_RUN);
			work->fn(work);
		}
		worker->woken = false;
		sim_list_add(&worker->entry, &wq->idle);
		while (!worker->woken)
			sim_wait(w, &worker->wait, SIM_WAIT_IDLE, SITE_KWORKER_IDLE, NULL, NULL);
	}
}

static void new_worker(struct workqueue *wq)
{
	struct worker *worker = sim_pool_get(&wq->workers);
	char comm[SIM_COMM_LEN];

	worker->wq = wq;
	snprintf(comm, sizeof(comm), "kworker/u%u:%u", 2 * wq->client->nr_cpus,
		 ++wq->client->nr_kworkers);
	client_spawn(wq->client, comm, worker_thread, worker);
}

void workqueue_init(struct workqueue *wq, struct client *c)
{
	wq->client = c;
	sim_list_init(&wq->queue);
	sim_list_init(&wq->idle);
	sim_pool_init(&wq->workers, c->w->arena, sizeof(struct worker));
}

bool queue_work(struct workqueue *wq, struct work_struct *work)
{
	if (work->pending)
		return false;
	work->pending = true;
	sim_list_add_tail(&work->entry, &wq->queue);
	if (!sim_list_empty(&wq->idle)) {
		struct worker *worker = sim_list_first(&wq->idle, struct worker, entry);

		sim_list_del(&worker->entry);
		worker->woken = true;
		sim_wake(wq->client->w, &worker->wait, 1);
	} else {
		new_worker(wq);
	}
	return true;
}

struct sim_task *client_spawn(struct client *c, const char *comm, void (*fn)(void *), void *arg)
{
	struct sim_task *t = sim_spawn(c->w, comm, fn, arg);
	struct model_task *mt = sim_alloc(c->w->arena, sizeof(*mt));

	mt->client = c;
	mt->nr_dirtied_pause = 32;
	t->client = c->id;
	t->data = mt;
	return t;
}

void model_oops(struct client *c, const char *text)
{
	struct sim_waitq forever = {0};

	MODEL_HOOK(c->model, oops, text);
	sim_task_lost(c->w); /* do_exit() wakes those who join the thread */
	for (;;)
		sim_wait(c->w, &forever, SIM_WAIT_PLAIN, SITE_OOPS, NULL, NULL);
}

struct model *model_new(struct sim_world *w, const struct design *design, const struct costs *costs)
{
	struct model *m = sim_alloc(w->arena, sizeof(*m));

	m->w = w;
	m->design = *design;
	m->costs = *costs;
	m->content = content_space_new(w->arena);
	w->model = m;
	return m;
}

struct client *client_new(struct model *m, uint32_t id, const struct mm_config *mm)
{
	struct sim_arena *arena = m->w->arena;
	struct client *c = sim_alloc(arena, sizeof(*c));

	c->model = m;
	c->w = m->w;
	c->id = id;
	c->nr_cpus = m->nr_cpus;
	sim_pool_init(&c->rreqs, arena, sizeof(struct netfs_io_request));
	sim_pool_init(&c->sreqs, arena, sizeof(struct netfs_io_subrequest));
	sim_pool_init(&c->finfos, arena, sizeof(struct netfs_folio));
	sim_pool_init(&c->inodes, arena, sizeof(struct netfs_inode));
	sim_pool_init(&c->files, arena, sizeof(struct file));
	sim_pool_init(&c->vmas, arena, sizeof(struct vm_area));
	sim_list_init(&c->io_requests);
	workqueue_init(&c->unbound_wq, c);
	mm_init(&c->mm, c, mm);
	return c;
}
