/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Leases: what each client may do with a file without asking, and how the server takes it back.
 *
 * Mirrors: no kernel file; the far end of fs/ceph/caps.c (the MDS's file lock).
 *
 * STATES OF A BIT of a lease. Invariants: a client that is alone has what its opens want; several
 * readers have LEASE_READ; with a writer among several nobody has anything. An open is answered
 * when nobody has to give anything back. What the server says of a lease, in answers and in
 * notes, is numbered: who hears a word after a later one pays no heed to it, but every time that
 * something is asked for it is returned.
 *
 *     FREE -> GRANTED      [give_out]               the answer to the open, or a note, says so
 *     GRANTED -> REVOKING  [take_back]              a note is sent
 *     REVOKING -> FREE     [server_lease_returned]  the client has sent RPC_LEASE
 *     GRANTED -> FREE      [server_lease_free]
 */
#include <assert.h>

#include "model/server/private.h"
#include "sim/base/math.h"

struct server_lease {
	struct sim_list entry; /* server_file.leases, in order of creation */
	struct sim_list notes; /* struct note.entry: on their way */
	struct server_file *file;
	struct client *client;
	uint32_t granted, revoking; /* enum lease_bits; revoking is part of granted */
	uint32_t readers, writers;  /* open files of this client */
	uint32_t said, heard;       /* numbers of the last word to the client */
	void (*told)(void *holder, uint32_t bits, bool asked);
	void *holder;
};

/* A message of the server's own about a lease. */
struct note {
	struct sim_event ev;
	struct sim_list entry;
	struct server_lease *lease;
	uint32_t seq, bits;
	bool asked; /* something has to be given back */
};

void server_leases_init(struct server *s)
{
	sim_pool_init(&s->priv->leases, s->model->w->arena, sizeof(struct server_lease));
	sim_pool_init(&s->priv->notes, s->model->w->arena, sizeof(struct note));
}

struct server_lease *server_lease_new(struct server_file *f, struct client *c,
				      void (*told)(void *holder, uint32_t bits, bool asked),
				      void *holder)
{
	struct server_lease *lease = sim_pool_get(&f->server->priv->leases);

	lease->file = f;
	lease->client = c;
	lease->told = told;
	lease->holder = holder;
	sim_list_init(&lease->notes);
	sim_list_add_tail(&lease->entry, &f->leases);
	return lease;
}

/* ---- telling the client ---- */

/* Two words that arrive at the same time are heard in any order. */
static void tell(struct server_lease *lease, uint32_t seq, uint32_t bits, bool asked)
{
	if (seq < lease->heard)
		return;
	lease->heard = seq;
	lease->told(lease->holder, bits, asked);
}

static void note_arrives(struct sim_world *w, struct sim_event *ev)
{
	struct note *note = sim_container_of(ev, struct note, ev);
	struct server_lease *lease = note->lease;
	struct note heard = *note;

	sim_list_del(&note->entry);
	sim_pool_put(&lease->file->server->priv->notes, note);
	tell(lease, heard.seq, heard.bits, heard.asked);
}

static void send_note(struct server_lease *lease)
{
	struct server *s = lease->file->server;
	struct note *note = sim_pool_get(&s->priv->notes);

	note->lease = lease;
	note->seq = ++lease->said;
	note->bits = lease->granted & ~lease->revoking;
	note->asked = lease->revoking != 0;
	sim_list_add_tail(&note->entry, &lease->notes);
	note->ev.fn = note_arrives;
	note->ev.site = SITE_SERVER_NOTE;
	note->ev.loose = true;
	sim_event_at(s->model->w, &note->ev, server_note_arrival(s, lease->client->id));
}

/* ---- who may have what ---- */

static bool is_open(const struct server_lease *lease)
{
	return lease->readers || lease->writers;
}

/* A client that has closed the file, or its last writer, keeps what nobody else minds. */
static uint32_t allowed(const struct server_lease *lease)
{
	uint32_t kept = is_open(lease) ? LEASE_READ | lease->granted : lease->granted;
	bool others = false, writer = lease->writers > 0;

	sim_list_for_each (o, &lease->file->leases, struct server_lease, entry) {
		if (o == lease)
			continue;
		others |= is_open(o);
		writer |= o->writers > 0;
	}
	if (!others)
		return kept | (lease->writers ? LEASE_WRITE : 0);
	return writer ? 0 : kept & LEASE_READ;
}

/* Ask for what clients may no longer have; true if any has to give something back. */
static bool take_back(struct server_file *f)
{
	bool waiting = false;

	if (f->server->config.silent)
		return false;
	sim_list_for_each (lease, &f->leases, struct server_lease, entry) {
		uint32_t lost = lease->granted & ~lease->revoking & ~allowed(lease);

		if (lost) {
			lease->revoking |= lost;
			send_note(lease);
		}
		waiting |= lease->revoking != 0;
	}
	return waiting;
}

/* opener: learns of it with its answer. */
static void give_out(struct server_file *f, const struct server_lease *opener)
{
	sim_list_for_each (lease, &f->leases, struct server_lease, entry) {
		uint32_t gain = allowed(lease) & ~lease->granted;

		lease->granted |= gain;
		if (gain && lease != opener)
			send_note(lease);
	}
}

/* What the answer to an open says. */
static void answer_open(struct rpc *rpc)
{
	rpc->lease_seq = ++rpc->lease->said;
	rpc->lease_bits = rpc->lease->granted & ~rpc->lease->revoking;
}

static void settle(struct server_file *f, const struct server_lease *opener)
{
	if (take_back(f))
		return;
	if (sim_list_empty(&f->held)) {
		give_out(f, opener);
		return;
	}
	while (!sim_list_empty(&f->held)) {
		struct rpc *rpc = sim_list_first(&f->held, struct rpc, entry);

		give_out(f, rpc->lease);
		answer_open(rpc);
		server_answer_held(rpc);
	}
}

/* ---- messages ---- */

void server_lease_opened(struct rpc *rpc, int n)
{
	struct server_lease *lease = rpc->lease;

	if (rpc->flags & RPC_WRITER)
		lease->writers += (uint32_t)n;
	else
		lease->readers += (uint32_t)n;
	settle(lease->file, n > 0 ? lease : NULL);
	if (n > 0)
		answer_open(rpc);
}

/* It may not know yet that the server has asked for more. */
void server_lease_returned(const struct rpc *rpc)
{
	struct server_lease *lease = rpc->lease;
	uint32_t returned = lease->revoking & ~rpc->lease_bits;

	lease->granted &= ~returned;
	lease->revoking &= ~returned;
	settle(lease->file, NULL);
}

void server_lease_answered(const struct rpc *rpc)
{
	tell(rpc->lease, rpc->lease_seq, rpc->lease_bits, false);
}

bool server_lease_waits(const struct rpc *rpc)
{
	if (rpc->op != RPC_OPEN || !rpc->lease || rpc->error)
		return false;
	sim_list_for_each (lease, &rpc->file->leases, struct server_lease, entry)
		if (lease->revoking)
			return true;
	return false;
}

void server_lease_free(struct server_lease *lease)
{
	struct server_file *f = lease->file;

	assert(!lease->readers && !lease->writers);
	sim_list_for_each_safe (note, &lease->notes, struct note, entry) {
		sim_event_cancel(f->server->model->w, &note->ev);
		sim_pool_put(&f->server->priv->notes, note);
	}
	sim_list_del(&lease->entry);
	sim_pool_put(&f->server->priv->leases, lease);
	settle(f, NULL);
}
