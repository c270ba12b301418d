/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Messages that a task sends and waits for, and what becomes of them when it is killed. */
/* Mirrors: no kernel file. */
#include <assert.h>
#include <errno.h>

#include "model/server/private.h"
#include "sim/core/task.h"

static void describe_rpc(const void *obj, struct sim_buf *out)
{
	const struct rpc *rpc = obj;

	sim_buf_printf(out, "message %u of client %u: %s of %s", rpc->ordinal, rpc->client->id,
		       rpc_op_name(rpc->op), rpc_file_name(rpc->flushed ? rpc->flushed : rpc));
	if (rpc->op == RPC_READ || rpc->op == RPC_WRITE)
		sim_buf_printf(out, " [0x%llx, 0x%llx)", (unsigned long long)rpc->start,
			       (unsigned long long)(rpc->start + rpc->len));
	if (rpc->rreq)
		sim_buf_printf(out, " for R=%08x[%u]", rpc->rreq, rpc->index);
	sim_buf_printf(out, ", %s", server_rpc_where(rpc));
	if (rpc->fault && rpc->fault->label)
		sim_buf_printf(out, " (%s)", rpc->fault->label);
}

static const struct sim_wait_class rpc_wait_class = {
	.name = "server reply",
	.describe = describe_rpc,
};

/* 0: it is answered. -ERESTARTSYS: a signal that the mode admits ended the wait. */
static int wait_reply(struct rpc *rpc, enum sim_wait_mode mode)
{
	while (!rpc->replied.done) {
		int err = sim_wait(rpc->client->w, &rpc->replied.q, mode, SITE_SERVER_WAIT_REPLY,
				   &rpc_wait_class, rpc);

		if (err && !rpc->replied.done)
			return err;
	}
	return 0;
}

static int call(struct rpc *rpc, enum sim_wait_mode mode)
{
	int err;

	assert(rpc->client->w->current && !rpc->done);
	server_send(rpc);
	err = wait_reply(rpc, mode);
	return err ? err : rpc->error;
}

int server_call(struct rpc *rpc)
{
	return call(rpc, SIM_WAIT_PLAIN);
}

int server_call_killable(struct rpc *rpc)
{
	return call(rpc, SIM_WAIT_KILLABLE);
}

int server_flush(struct rpc *rpc)
{
	struct rpc flush = {.op = RPC_FLUSH, .client = rpc->client, .flushed = rpc};

	server_call(&flush);
	wait_reply(rpc,
		   SIM_WAIT_PLAIN); /* its reply went first, but an explorer may have it late */
	return rpc->error;
}

/* A message that its sender may leave behind. */
struct left_call {
	struct rpc rpc;
	void (*over)(void *arg);
	void *arg;
};

static void left_call_answered(struct rpc *rpc)
{
	struct left_call *left = sim_container_of(rpc, struct left_call, rpc);

	if (rpc->result)
		server_file_put(rpc->result);
	if (left->over)
		left->over(left->arg);
	sim_pool_put(&rpc->client->model->server->priv->left_calls, left);
}

int server_call_or_leave(struct rpc *rpc, void (*over)(void *arg), void *arg)
{
	struct sim_pool *pool = &rpc->client->model->server->priv->left_calls;
	struct left_call *own = sim_pool_get(pool);
	int err;

	assert(!rpc->iter && !rpc->open && !rpc->lease);
	*own = (struct left_call){*rpc, over, arg};
	err = call(&own->rpc, SIM_WAIT_KILLABLE);
	if (!own->rpc.replied.done) {
		own->rpc.done = left_call_answered;
		return err;
	}
	*rpc = own->rpc;
	sim_pool_put(pool, own);
	return err;
}

void server_calls_init(struct server *s)
{
	sim_pool_init(&s->priv->left_calls, s->model->w->arena, sizeof(struct left_call));
}
