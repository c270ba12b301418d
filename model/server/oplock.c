/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Leases of SMB, which go with open handles: what a client may keep of a file without asking, and
 * how it loses it.
 *
 * Mirrors: no kernel file; the far end of fs/smb/client/smb2misc.c.
 *
 *     NONE -> R, RW [server_oplock_grant]
 *     RW -> breaking [break_oplock] -> R, NONE [server_oplock_ack, break_times_out]
 *     R -> NONE [break_oplock: at once]
 *     any -> NONE [server_oplock_drop]
 *
 * Invariants: at most one client has LEASE_WRITE of a file, and then no other has a handle that was
 * opened without breaking it; "to" is a subset of "state"; where they differ an answer is awaited.
 */
#include <assert.h>
#include <errno.h>

#include "model/server/private.h"
#include "sim/base/math.h"

struct server_oplock {
	struct sim_list entry; /* server_file.oplocks, in order of granting */
	struct server_file *file;
	struct client *client;
	void (*fn)(void *holder, uint32_t left);
	void *holder;
	uint32_t state; /* enum lease_bits */
	uint32_t to;    /* what is left once a break has been answered */
	bool telling;   /* a break is on its way, or the client has not acted on it */
	struct sim_event notice, timeout;
};

void server_oplocks_init(struct server *s)
{
	sim_pool_init(&s->priv->oplocks, s->model->w->arena, sizeof(struct server_oplock));
}

static struct server_oplock *oplock_of(const struct server_file *f, const struct client *c)
{
	sim_list_for_each (oplock, &f->oplocks, struct server_oplock, entry) {
		if (oplock->client == c)
			return oplock;
	}
	return NULL;
}

/* ---- breaking ---- */

static void notice_arrives(struct sim_world *w, struct sim_event *ev)
{
	struct server_oplock *oplock = sim_container_of(ev, struct server_oplock, notice);

	oplock->fn(oplock->holder, oplock->to);
}

static void break_times_out(struct sim_world *w, struct sim_event *ev)
{
	struct server_oplock *oplock = sim_container_of(ev, struct server_oplock, timeout);

	oplock->state = oplock->to;
	server_oplocks_changed(oplock->file->server);
}

/* Tell the client; a message that is still on its way says the newest. */
static void send_notice(struct server_oplock *oplock)
{
	struct server *s = oplock->file->server;

	oplock->telling = true;
	if (sim_event_pending(&oplock->notice))
		return;
	oplock->notice.fn = notice_arrives;
	oplock->notice.site = SITE_SERVER_NOTE;
	oplock->notice.loose = true;
	sim_event_at(s->model->w, &oplock->notice, server_note_arrival(s, oplock->client->id));
}

/* The client may keep no more than this. True: it has to answer first. */
static bool break_oplock(struct server_oplock *oplock, uint32_t keep)
{
	const struct server *s = oplock->file->server;
	uint32_t to = oplock->to & keep;

	if (to != oplock->to) {
		oplock->to = to;
		send_notice(oplock);
	}
	if (!(oplock->state & LEASE_WRITE)) {
		oplock->state = to;
		return false;
	}
	if (s->config.break_timeout_ns && !sim_event_pending(&oplock->timeout)) {
		oplock->timeout.fn = break_times_out;
		oplock->timeout.site = SITE_SERVER_TIMEOUT;
		sim_event_at(s->model->w, &oplock->timeout,
			     sim_add_sat(s->model->w->now_ns, s->config.break_timeout_ns));
	}
	return true;
}

/* What another client may keep when the message is served. */
static uint32_t others_keep(const struct rpc *rpc)
{
	switch (rpc->op) {
	case RPC_OPEN:
		return rpc->flags & RPC_TRUNC ? 0 : LEASE_READ;
	case RPC_READ:
		return LEASE_READ;
	case RPC_WRITE:
	case RPC_SETATTR:
	case RPC_FALLOCATE:
		return 0;
	case RPC_LOCK:
		return rpc->flags & RPC_UNLOCK ? LEASE_READ | LEASE_WRITE : 0;
	default:
		return LEASE_READ | LEASE_WRITE;
	}
}

bool server_break_oplocks(struct server *s, const struct rpc *rpc)
{
	uint32_t keep = others_keep(rpc);
	bool wait = false;

	if (!rpc->file || s->config.silent || rpc_fault_is(rpc, FAULT_ERROR))
		return false;
	sim_list_for_each (oplock, &rpc->file->oplocks, struct server_oplock, entry) {
		if (oplock->client != rpc->client && oplock->state & ~keep)
			wait |= break_oplock(oplock, keep);
	}
	return wait;
}

/* What was done behind the clients' backs waits for nobody. */
void server_break_all(struct server_file *f)
{
	sim_list_for_each (oplock, &f->oplocks, struct server_oplock, entry)
		break_oplock(oplock, 0);
}

/* ---- granting and giving up ---- */

uint32_t server_oplock_grant(struct rpc *rpc)
{
	struct server_file *f = rpc->file;
	struct server_oplock *oplock = oplock_of(f, rpc->client);
	uint32_t may = LEASE_READ | LEASE_WRITE;

	sim_list_for_each (open, &f->opens, struct server_open, entry) {
		if (open->client == rpc->client)
			continue;
		may &= ~(uint32_t)LEASE_WRITE;
		if (!sim_list_empty(&open->locks))
			may = 0;
	}
	if (!(rpc->lease_bits & may) && !oplock)
		return 0;
	if (!oplock) {
		oplock = sim_pool_get(&f->server->priv->oplocks);
		oplock->file = f;
		oplock->client = rpc->client;
		oplock->fn = rpc->open->lease_break;
		oplock->holder = rpc->open->holder;
		sim_list_add_tail(&oplock->entry, &f->oplocks);
	}
	if (oplock->to == oplock->state)
		oplock->to = oplock->state |= rpc->lease_bits & may;
	return oplock->to;
}

void server_oplock_drop(struct server_file *f, const struct client *c)
{
	struct sim_world *w = f->server->model->w;
	struct server_oplock *oplock = oplock_of(f, c);

	if (!oplock)
		return;
	sim_event_cancel(w, &oplock->notice);
	sim_event_cancel(w, &oplock->timeout);
	sim_list_del(&oplock->entry);
	sim_pool_put(&f->server->priv->oplocks, oplock);
	server_oplocks_changed(f->server);
}

void server_oplock_ack(struct rpc *rpc)
{
	struct server_oplock *oplock = oplock_of(rpc->file, rpc->client);

	if (!oplock)
		return;
	sim_event_cancel(rpc->client->w, &oplock->timeout);
	oplock->state = oplock->to;
	rpc->lease_bits = oplock->to;
	server_oplocks_changed(rpc->file->server);
}

/* ---- what the client knows ---- */

bool server_is_telling(const struct server_file *f, const struct client *c)
{
	const struct server_oplock *oplock = oplock_of(f, c);

	return oplock && oplock->telling;
}

uint32_t server_oplock_left(const struct server_file *f, const struct client *c)
{
	const struct server_oplock *oplock = oplock_of(f, c);

	return oplock ? oplock->to : 0;
}

void server_oplock_told(struct server_file *f, const struct client *c)
{
	struct server_oplock *oplock = oplock_of(f, c);

	if (oplock && !sim_event_pending(&oplock->notice))
		oplock->telling = false;
}
