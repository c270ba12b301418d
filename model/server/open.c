/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Handles of open files and their byte-range locks, which are mandatory: they keep others from
 * reading and writing, not only from locking.
 *
 * Mirrors: no kernel file; the far end of fs/smb/client/smb2pdu.c.
 */
#include <assert.h>
#include <errno.h>

#include "model/server/private.h"
#include "sim/base/math.h"

struct server_lock {
	struct sim_list entry; /* server_open.locks */
	uint64_t start, end;
	bool shared;
};

void server_opens_init(struct server *s)
{
	sim_pool_init(&s->priv->locks, s->model->w->arena, sizeof(struct server_lock));
	server_oplocks_init(s);
}

static void drop_lock(struct server *s, struct server_lock *lock)
{
	sim_list_del(&lock->entry);
	sim_pool_put(&s->priv->locks, lock);
}

void server_open(struct rpc *rpc)
{
	struct server_open *open = rpc->open;

	assert(!open->live);
	open->file = rpc->file;
	open->client = rpc->client;
	open->live = true;
	sim_list_init(&open->locks);
	sim_list_add_tail(&open->entry, &rpc->file->opens);
	rpc->lease_bits = server_oplock_grant(rpc);
}

void server_close(struct server *s, struct server_open *open)
{
	if (!open->live)
		return;
	open->live = false;
	while (!sim_list_empty(&open->locks))
		drop_lock(s, sim_list_first(&open->locks, struct server_lock, entry));
	sim_list_del(&open->entry);
	sim_list_for_each (other, &open->file->opens, struct server_open, entry) {
		if (other->client == open->client)
			return;
	}
	server_oplock_drop(open->file, open->client);
}

/* A lock in [start, end) that keeps this handle from it; shared: it only wants to look. */
static bool conflicts(const struct server_open *mine, uint64_t start, uint64_t end, bool shared)
{
	sim_list_for_each (open, &mine->file->opens, struct server_open, entry) {
		sim_list_for_each (lock, &open->locks, struct server_lock, entry) {
			if (lock->end <= start || end <= lock->start || (shared && lock->shared))
				continue;
			if (open != mine || (lock->shared && !shared))
				return true;
		}
	}
	return false;
}

int server_lock(struct server *s, const struct rpc *rpc)
{
	struct server_open *open = rpc->open;
	uint64_t end = sim_add_sat(rpc->start, rpc->len);
	struct server_lock *lock;

	if (!open->live)
		return -EBADF;
	if (rpc->flags & RPC_UNLOCK) {
		sim_list_for_each (l, &open->locks, struct server_lock, entry) {
			if (l->start == rpc->start && l->end == end) {
				drop_lock(s, l);
				return 0;
			}
		}
		return -EIO;
	}
	if (conflicts(open, rpc->start, end, rpc->flags & RPC_SHARED))
		return -EACCES;
	lock = sim_pool_get(&s->priv->locks);
	lock->start = rpc->start;
	lock->end = end;
	lock->shared = rpc->flags & RPC_SHARED;
	sim_list_add_tail(&lock->entry, &open->locks);
	return 0;
}

/* Whether the handle has exclusive locks on all of [start, end). */
static bool has_locked(const struct server_open *open, uint64_t start, uint64_t end)
{
	uint64_t before;

	do {
		before = start;
		sim_list_for_each (lock, &open->locks, struct server_lock, entry) {
			if (!lock->shared && lock->start <= start && start < lock->end)
				start = lock->end;
		}
	} while (start < end && start != before);
	return start >= end;
}

int server_check_handle(const struct server *s, const struct rpc *rpc, uint64_t pos)
{
	const struct server_open *open = rpc->open;
	uint64_t end = sim_add_sat(pos, rpc->len);

	if (!open)
		return 0;
	if (!open->live)
		return -EBADF;
	if (conflicts(open, pos, end, rpc->op == RPC_READ))
		return -EACCES;
	if (rpc->op == RPC_WRITE && s->config.locked_writes_only && !has_locked(open, pos, end))
		return -EACCES;
	return 0;
}

void server_forget_client(struct server *s, const struct client *c)
{
	sim_list_for_each (f, &s->files, struct server_file, entry) {
		sim_list_for_each_safe (open, &f->opens, struct server_open, entry) {
			if (open->client == c)
				server_close(s, open);
		}
	}
}
