/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The way of a message: over the link, into a slot, through the storage, and back.
 *
 * Mirrors: no kernel file; the far end of net/9p/client.c and fs/afs/rxrpc.c.
 *
 * STAGES OF A MESSAGE. Invariants, which assert_rpc_state() repeats:
 *
 *  1. The event is pending in UP, SERVICE and DOWN, and in DROPPED if the rule has a time-out.
 *  2. The message is in server.waiting in WAITING and nowhere else.
 *  3. server.busy is the number of messages in SERVICE; with slots, it is at most server.slots, and
 *     equal to it while somebody waits.
 *
 *                        +-> DROPPED ------------------------------------------+
 *                        |                                                     v
 *     NEW -> UP (link) --+-> WAITING -> SERVICE -+------------> DOWN (link) -> ANSWERED
 *                        |                 ^     |                ^
 *                        +-----------------+     +-> BREAKING ----+
 *                                                +-> HELD --------+
 *                   UP -> FLUSHING -> DOWN             (a FLUSH)
 *
 *     NEW     -> UP        [server_send]
 *     UP      -> SERVICE   [arrive -> start_service]   a slot is free
 *     UP      -> WAITING   [arrive]                    all slots are busy
 *     UP      -> DROPPED   [arrive -> drop]            a fault rule says so
 *     WAITING -> SERVICE   [end_service -> start_service]   first come, first served
 *     SERVICE -> DOWN      [end_service -> serve]
 *     SERVICE -> BREAKING  [end_service]               other clients hold leases against it
 *     BREAKING -> DOWN     [server_oplocks_changed -> serve]
 *     SERVICE -> HELD      [end_service]               others have to give leases back first
 *     HELD    -> DOWN      [server_answer_held]
 *     UP      -> FLUSHING  [arrive_flush]              a FLUSH, of what is being served
 *     FLUSHING -> DOWN     [send_reply -> flush]       the reply to that went first
 *     WAITING -> ANSWERED  [arrive_flush -> forget]    a FLUSH came for it
 *     DOWN    -> ANSWERED  [receive -> answer]
 *     DROPPED -> ANSWERED  [time_out -> answer]
 *     any     -> ANSWERED  [server_disconnect -> lose]  its connection broke
 *
 * UP: the bytes wait for the link, pass it at its bandwidth, and travel for a drawn time. Messages
 * of one direction keep their order.
 * WAITING: at the server, without a slot.
 * SERVICE: in a slot; first the data go through the storage, one message after the other, then the
 * time of the operation passes, then the delay of a fault. What is asked for is done at the end, in
 * one instant. Data of a WRITE are read from the sender's memory then (zero-copy: what the sender
 * changes meanwhile is sent), data of a READ are those of then.
 * HELD: in file.held, without a slot: served, but for the answer.
 * BREAKING: it has given its slot back, and is done once the holders of leases have answered.
 * FLUSHING: in server.flushing, without a slot, until the message that it is to flush is answered.
 * One that has no slot yet is forgotten at once: it has no reply but that of the FLUSH. DOWN: the
 * reply travels as the message did. When it arrives, data of a READ are put into the reader's
 * memory and the iterator advances by what was transferred. DROPPED: nobody will ever look at it,
 * but a timer. ANSWERED: the caller has it back.
 *
 * A CONNECTION BREAKS. What had not come to be served is not; what is in service is done at once,
 * and its reply is lost, as is one on its way. Over TCP the client is told of every message that it
 * has -ECONNRESET, and cannot tell the two kinds apart. Over datagrams the transport sends requests
 * and replies again when the link is up, and nobody notices but by the time it takes.
 */
#include <assert.h>
#include <errno.h>

#include "model/server/private.h"
#include "sim/core/task.h"
#include "sim/base/math.h"

enum rpc_stage {
	RPC_STAGE_NEW,
	RPC_STAGE_UP,
	RPC_STAGE_WAITING,
	RPC_STAGE_SERVICE,
	RPC_STAGE_HELD,
	RPC_STAGE_BREAKING,
	RPC_STAGE_FLUSHING,
	RPC_STAGE_DOWN,
	RPC_STAGE_DROPPED,
	RPC_STAGE_ANSWERED,
};

static struct server *rpc_server(const struct rpc *rpc)
{
	return rpc->client->model->server;
}

static struct server_link *rpc_link(const struct rpc *rpc)
{
	return &rpc_server(rpc)->links[rpc->client->id];
}

static void assert_rpc_state(const struct rpc *rpc)
{
	const struct server *s = rpc_server(rpc);
	bool timed = rpc->stage == RPC_STAGE_DROPPED && rpc->fault->timeout_ns;
	bool moving = rpc->stage == RPC_STAGE_UP || rpc->stage == RPC_STAGE_SERVICE ||
		      rpc->stage == RPC_STAGE_DOWN;

	assert(sim_event_pending(&rpc->ev) == (moving || timed));
	if (s->config.slots) {
		assert(s->busy <= s->config.slots);
		assert(s->busy == s->config.slots || sim_list_empty(&s->waiting));
	}
}

/* Go on with fn at when_ns. loose: an explorer may let it be later. */
static void go_on(struct rpc *rpc, uint64_t when_ns, uint16_t site, bool loose,
		  void (*fn)(struct sim_world *w, struct sim_event *ev))
{
	rpc->ev.fn = fn;
	rpc->ev.site = site;
	rpc->ev.loose = loose;
	sim_event_at(rpc->client->w, &rpc->ev, when_ns);
	assert_rpc_state(rpc);
}

static struct rpc *event_rpc(struct sim_event *ev)
{
	return sim_container_of(ev, struct rpc, ev);
}

static bool has_data(const struct rpc *rpc)
{
	return rpc->op == RPC_READ || rpc->op == RPC_WRITE;
}

static void trace_stage(const struct rpc *rpc, enum sim_rpc_stage stage)
{
	bool replied = stage == SIM_RPC_DONE || stage == SIM_RPC_RECEIVED;

	trace_sim_rpc(rpc->client->w->trace, rpc->client->id, stage, rpc_tag(rpc->op), rpc->rreq,
		      rpc->index, rpc->start,
		      replied && has_data(rpc) ? rpc->transferred : rpc->len, rpc->error);
}

/* Hand the message back to its caller, who may free it. */
static void answer(struct rpc *rpc)
{
	struct server_file *file = rpc->file;

	rpc->stage = RPC_STAGE_ANSWERED;
	sim_list_del(&rpc->flight);
	assert_rpc_state(rpc);
	trace_stage(rpc, SIM_RPC_RECEIVED);
	if (rpc->op == RPC_OPEN && rpc->lease && !rpc->error)
		server_lease_answered(rpc);
	if (rpc->done)
		rpc->done(rpc);
	else
		sim_complete(rpc->client->w, &rpc->replied);
	if (file)
		server_file_put(file);
}

static void receive(struct sim_world *w, struct sim_event *ev)
{
	struct rpc *rpc = event_rpc(ev);

	if (rpc->op == RPC_READ && !rpc->error) {
		if (rpc->transferred)
			copy_to_iter(rpc->iter, &rpc->data, 0, rpc->transferred);
		content_map_fini(&rpc->data);
	} else if (rpc->op == RPC_WRITE && rpc->transferred) {
		iov_iter_advance(rpc->iter, rpc->transferred);
	}
	answer(rpc);
}

static void send_reply(struct rpc *rpc);

/* FLUSHes that waited for this reply are answered behind it. */
static void flush(struct server *s, const struct rpc *flushed)
{
	sim_list_for_each_safe (rpc, &s->flushing, struct rpc, entry) {
		if (rpc->flushed != flushed)
			continue;
		sim_list_del(&rpc->entry);
		send_reply(rpc);
	}
}

static void send_reply(struct rpc *rpc)
{
	struct server *s = rpc_server(rpc);
	struct server_link *link = rpc_link(rpc);
	struct sim_draw_key key = rpc_draw_key(rpc, s->priv->site_down);
	uint64_t bytes =
		sim_add_sat(s->config.message_overhead, rpc->op == RPC_READ ? rpc->transferred : 0);

	rpc->stage = RPC_STAGE_DOWN;
	go_on(rpc,
	      server_pipe_send(&link->down, s->model->w->now_ns, bytes,
			       sim_law_draw(&link->latency, &key)),
	      SITE_SERVER_REPLY, true, receive);
	flush(s, rpc);
}

static void end_service(struct sim_world *w, struct sim_event *ev);

/* The message takes a slot, which is free. */
static void start_service(struct server *s, struct rpc *rpc)
{
	struct sim_draw_key key = rpc_draw_key(rpc, s->priv->site_service);
	struct server_pipe *disk = rpc->op == RPC_READ ? &s->priv->disk_read : &s->priv->disk_write;
	uint64_t bytes = rpc_disk_bytes(rpc), end_ns = s->model->w->now_ns;

	s->busy++;
	rpc->stage = RPC_STAGE_SERVICE;
	trace_stage(rpc, SIM_RPC_STARTED);
	if (bytes)
		end_ns = server_pipe_transmit(disk, end_ns, bytes);
	end_ns = sim_add_sat(end_ns, sim_law_draw(&s->config.service[rpc->op], &key));
	if (rpc->fault)
		end_ns = sim_add_sat(end_ns, rpc->fault->delay_ns);
	go_on(rpc, end_ns, SITE_SERVER_SERVICE, true, end_service);
}

/* Do what it asks for. */
static void serve(struct server *s, struct rpc *rpc)
{
	server_execute(s, rpc);
	trace_stage(rpc, SIM_RPC_DONE);
}

static void give_slot_back(struct server *s)
{
	s->busy--;
	if (!sim_list_empty(&s->waiting)) {
		struct rpc *next = sim_list_first(&s->waiting, struct rpc, entry);

		sim_list_del(&next->entry);
		start_service(s, next);
	}
}

/* It has been served: the answer goes out, or waits for what others give back. */
static void reply(struct rpc *rpc)
{
	if (server_lease_waits(rpc)) {
		rpc->stage = RPC_STAGE_HELD;
		sim_list_add_tail(&rpc->entry, &rpc->file->held);
	} else {
		send_reply(rpc);
	}
}

static void end_service(struct sim_world *w, struct sim_event *ev)
{
	struct rpc *rpc = event_rpc(ev);
	struct server *s = rpc_server(rpc);

	if (server_break_oplocks(s, rpc)) {
		rpc->stage = RPC_STAGE_BREAKING;
		sim_list_add_tail(&rpc->entry, &s->breaking);
		give_slot_back(s);
		return;
	}
	serve(s, rpc);
	give_slot_back(s);
	reply(rpc);
}

void server_answer_held(struct rpc *rpc)
{
	sim_list_del(&rpc->entry);
	rpc->size = rpc->file->size;
	rpc->version = rpc->file->version;
	send_reply(rpc);
}

/* Serving one may give a lease that the next must wait for: each is looked at in turn. */
void server_oplocks_changed(struct server *s)
{
	bool again = true;

	while (again) {
		again = false;
		sim_list_for_each (rpc, &s->breaking, struct rpc, entry) {
			if (server_break_oplocks(s, rpc))
				continue;
			sim_list_del(&rpc->entry);
			serve(s, rpc);
			send_reply(rpc);
			again = true;
			break;
		}
	}
}

static void time_out(struct sim_world *w, struct sim_event *ev)
{
	struct rpc *rpc = event_rpc(ev);

	rpc->error = -ETIMEDOUT;
	answer(rpc);
}

static void drop(struct rpc *rpc)
{
	const struct fault *f = rpc->fault;

	rpc->stage = RPC_STAGE_DROPPED;
	if (f->timeout_ns)
		go_on(rpc, sim_add_sat(sim_add_sat(rpc->sent_ns, f->timeout_ns), f->delay_ns),
		      SITE_SERVER_TIMEOUT, false, time_out);
}

/* It never comes to be served; only its caller learns of that, when the FLUSH is answered. */
static void forget(struct rpc *rpc)
{
	sim_list_del(&rpc->entry);
	rpc->error = -ECANCELED;
	answer(rpc);
}

static void arrive_flush(struct server *s, struct rpc *rpc)
{
	enum rpc_stage stage = rpc->flushed->stage;

	if (stage == RPC_STAGE_WAITING)
		forget(rpc->flushed);
	if (stage == RPC_STAGE_WAITING || stage == RPC_STAGE_DOWN || stage == RPC_STAGE_ANSWERED) {
		send_reply(rpc);
	} else {
		rpc->stage = RPC_STAGE_FLUSHING;
		sim_list_add_tail(&rpc->entry, &s->flushing);
	}
}

static void arrive(struct sim_world *w, struct sim_event *ev)
{
	struct rpc *rpc = event_rpc(ev);
	struct server *s = rpc_server(rpc);

	trace_stage(rpc, SIM_RPC_SENT);
	if (rpc->op == RPC_FLUSH) {
		arrive_flush(s, rpc);
		return;
	}
	rpc->fault = server_match_fault(s, &(struct fault_subject){
						   .target = rpc->op,
						   .client = rpc->client,
						   .file = rpc->file,
						   .file_name = rpc_file_name(rpc),
						   .start = rpc->start,
						   .len = rpc->len,
						   .rreq = rpc->rreq,
						   .index = rpc->index,
						   .key = rpc->key,
					   });
	if (rpc_fault_is(rpc, FAULT_DISCONNECT)) {
		uint64_t down_ns = rpc->fault->delay_ns;

		rpc->fault = NULL;
		server_disconnect(s, rpc->client, down_ns);
	} else if (rpc_fault_is(rpc, FAULT_DROP)) {
		drop(rpc);
	} else if (s->config.slots && s->busy == s->config.slots) {
		rpc->stage = RPC_STAGE_WAITING;
		sim_list_add_tail(&rpc->entry, &s->waiting);
		assert_rpc_state(rpc);
	} else {
		start_service(s, rpc);
	}
}

/* ---- connections ---- */

/* The message, or its reply, is lost with the connection. */
static void reset(struct sim_world *w, struct sim_event *ev)
{
	struct rpc *rpc = event_rpc(ev);

	if (rpc->op == RPC_READ && rpc->transferred)
		content_map_fini(&rpc->data);
	if (rpc->result)
		server_file_put(rpc->result);
	rpc->result = NULL;
	rpc->transferred = 0;
	rpc->error = -ECONNRESET;
	answer(rpc);
}

/* It is not with the server any more; what is being served is done first. */
static void lose(struct server *s, struct rpc *rpc)
{
	enum rpc_stage stage = rpc->stage;

	sim_event_cancel(rpc->client->w, &rpc->ev);
	rpc->lost = true;
	if (stage == RPC_STAGE_WAITING || stage == RPC_STAGE_BREAKING || stage == RPC_STAGE_HELD ||
	    stage == RPC_STAGE_FLUSHING)
		sim_list_del(&rpc->entry);
	rpc->stage = RPC_STAGE_UP;
	if (stage == RPC_STAGE_SERVICE) {
		if (!server_break_oplocks(s, rpc))
			serve(s, rpc);
		give_slot_back(s);
	}
	go_on(rpc, rpc->client->w->now_ns, SITE_SERVER_DISCONNECTED, false, reset);
}

/* The transport sends it again: the request, or the reply of one that was served. */
static void send_again(struct server *s, struct rpc *rpc, uint64_t up_ns)
{
	struct server_link *link = rpc_link(rpc);
	struct sim_draw_key key = rpc_draw_key(rpc, s->priv->site_up);
	bool reply = rpc->stage == RPC_STAGE_DOWN;
	uint64_t latency_ns = sim_law_draw(&link->latency, &key);

	if (!reply && rpc->stage != RPC_STAGE_UP)
		return;
	sim_event_cancel(rpc->client->w, &rpc->ev);
	go_on(rpc, server_pipe_send(reply ? &link->down : &link->up, up_ns, 0, latency_ns),
	      reply ? SITE_SERVER_REPLY : SITE_SERVER_ARRIVE, reply, reply ? receive : arrive);
}

void server_disconnect(struct server *s, struct client *c, uint64_t down_ns)
{
	struct server_link *link = &s->links[c->id];
	uint64_t up_ns = sim_add_sat(s->model->w->now_ns, down_ns);

	link->up_ns = sim_max(link->up_ns, up_ns);
	link->up.free_ns = sim_max(link->up.free_ns, up_ns);
	link->down.free_ns = sim_max(link->down.free_ns, up_ns);
	link->nr_disconnects++;
	if (link->datagrams) {
		sim_list_for_each (rpc, &link->flight, struct rpc, flight)
			send_again(s, rpc, up_ns);
		return;
	}
	/* First what waits, so that a slot that gets free is not for it. */
	for (int served = 0; served < 2; served++) {
		sim_list_for_each (rpc, &link->flight, struct rpc, flight) {
			if ((rpc->stage == RPC_STAGE_SERVICE) == served && !rpc->lost)
				lose(s, rpc);
		}
	}
	server_forget_client(s, c);
	if (link->disconnected)
		link->disconnected(c);
}

void server_set_disconnected(struct client *c, void (*fn)(struct client *c))
{
	c->model->server->links[c->id].disconnected = fn;
}

void server_set_datagrams(struct client *c, bool datagrams)
{
	c->model->server->links[c->id].datagrams = datagrams;
}

uint32_t server_nr_disconnects(const struct client *c)
{
	return c->model->server->links[c->id].nr_disconnects;
}

void server_wait_connected(struct client *c)
{
	const struct server_link *link = &c->model->server->links[c->id];

	while (c->w->now_ns < link->up_ns)
		sim_sleep_plain(c->w, link->up_ns - c->w->now_ns, SIM_SITE_SLEEP);
}

void server_send(struct rpc *rpc)
{
	struct server *s = rpc_server(rpc);
	struct server_link *link = rpc_link(rpc);
	struct sim_draw_key key;
	uint64_t bytes = s->config.message_overhead;

	assert(rpc->stage == RPC_STAGE_NEW && rpc->client->id < s->priv->nr_clients);
	assert(rpc->file || rpc->op == RPC_LOOKUP || rpc->op == RPC_CREATE ||
	       rpc->op == RPC_UNLINK || rpc->op == RPC_MKSNAP || rpc->op == RPC_FLUSH);
	assert(rpc->iter || !has_data(rpc) || !rpc->len);
	if (rpc->file)
		server_file_get(rpc->file); /* until it is answered */
	if (rpc->op == RPC_WRITE)
		bytes = sim_add_sat(bytes, rpc->len);
	rpc_name_draws(s, rpc);
	s->nr_rpcs[rpc->op]++;
	rpc->sent_ns = s->model->w->now_ns;
	rpc->stage = RPC_STAGE_UP;
	sim_list_add_tail(&rpc->flight, &link->flight);
	trace_stage(rpc, SIM_RPC_QUEUED);
	if (!link->datagrams && rpc->sent_ns < link->up_ns) {
		go_on(rpc, rpc->sent_ns, SITE_SERVER_DISCONNECTED, false, reset);
		return;
	}
	key = rpc_draw_key(rpc, s->priv->site_up);
	go_on(rpc,
	      server_pipe_send(&link->up, rpc->sent_ns, bytes, sim_law_draw(&link->latency, &key)),
	      SITE_SERVER_ARRIVE, false, arrive);
}

const char *server_rpc_where(const struct rpc *rpc)
{
	static const char *const where[] = {
		[RPC_STAGE_NEW] = "not sent",
		[RPC_STAGE_UP] = "on its way to the server",
		[RPC_STAGE_WAITING] = "waiting for a slot of the server",
		[RPC_STAGE_SERVICE] = "being served",
		[RPC_STAGE_HELD] = "waiting for leases of others",
		[RPC_STAGE_BREAKING] = "waiting for other clients to give up their leases",
		[RPC_STAGE_FLUSHING] = "waiting for the answer to what it flushes",
		[RPC_STAGE_DOWN] = "answered, the reply on its way",
		[RPC_STAGE_DROPPED] = "dropped by a fault without time-out",
		[RPC_STAGE_ANSWERED] = "answered",
	};

	return where[rpc->stage];
}
