/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The link between a client and the server: when bytes arrive, and how the draws of a message are
 * named.
 *
 * Mirrors: no kernel file.
 */
#include "model/server/private.h"
#include "sim/base/math.h"

void server_pipe_init(struct server_pipe *p, uint64_t bytes_per_s)
{
	*p = (struct server_pipe){.rate = {.bytes_per_s = bytes_per_s}};
}

uint64_t server_pipe_transmit(struct server_pipe *p, uint64_t now_ns, uint64_t bytes)
{
	uint64_t start_ns = sim_max(now_ns, p->free_ns);

	p->free_ns = sim_add_sat(start_ns, sim_rate_ns(&p->rate, bytes));
	return p->free_ns;
}

/* A stream keeps its order: a message that drew a short latency waits for the one before it. */
uint64_t server_pipe_send(struct server_pipe *p, uint64_t now_ns, uint64_t bytes,
			  uint64_t latency_ns)
{
	uint64_t arrival_ns = sim_add_sat(server_pipe_transmit(p, now_ns, bytes), latency_ns);

	p->last_ns = sim_max(p->last_ns, arrival_ns);
	return p->last_ns;
}

static struct server_sender *sender_of(struct server *s, uint32_t task)
{
	struct server_private *p = s->priv;

	if (task >= p->nr_senders) {
		uint32_t nr = (uint32_t)sim_pow2_at_least(sim_max(task + 1ull, 64));

		p->sender = sim_realloc_array(s->model->w->arena, p->sender, p->nr_senders, nr,
					      sizeof(*p->sender));
		p->nr_senders = nr;
	}
	return &p->sender[task];
}

/*
 * A message of a task is the n-th of its operation, whatever other tasks do; so an operation added
 * elsewhere moves no draw. An event's function belongs to no task: there the ordinal counts.
 */
void rpc_name_draws(struct server *s, struct rpc *rpc)
{
	struct sim_world *w = s->model->w;
	uint32_t client = rpc->client->id;

	rpc->ordinal = ++s->links[client].nr_rpcs;
	rpc->key = (struct sim_draw_key){.seed = w->seed, .client = client};
	if (w->current) {
		struct server_sender *from = sender_of(s, w->current->id);

		if (from->op != w->current->op)
			*from = (struct server_sender){.op = w->current->op};
		rpc->key.task = w->current->id;
		rpc->key.op = w->current->op;
		rpc->key.attempt = ++from->nr;
	} else {
		rpc->key.attempt = rpc->ordinal;
	}
}

/* The notes to one client are named by their number. */
uint64_t server_note_arrival(struct server *s, uint32_t client)
{
	struct server_link *link = &s->links[client];
	struct sim_draw_key key = {.seed = s->model->w->seed,
				   .site = s->priv->site_note,
				   .client = client,
				   .attempt = ++link->nr_notes};

	return server_pipe_send(&link->down, s->model->w->now_ns, s->config.message_overhead,
				sim_law_draw(&link->latency, &key));
}
