/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Faults: which messages the rules of a scenario hit.
 *
 * Mirrors: no kernel file.
 */
#include <assert.h>
#include <string.h>

#include "model/server/private.h"

/*
 * READ and WRITE touch the bytes they name, also when the server will append; SETATTR touches the
 * new size. Other messages touch nothing.
 */
static bool touches(const struct rpc *rpc, uint64_t start, uint64_t end)
{
	switch (rpc->op) {
	case RPC_READ:
	case RPC_WRITE:
		if (rpc->start < start)
			return start - rpc->start < rpc->len;
		return rpc->start < end && rpc->len;
	case RPC_SETATTR:
		return start <= rpc->start && rpc->start < end;
	default:
		return false;
	}
}

static bool matches(const struct fault *f, const struct rpc *rpc)
{
	if (!(f->on & 1u << rpc->op))
		return false;
	if (f->client != UINT32_MAX && f->client != rpc->client->id)
		return false;
	if (f->file_name ? strcmp(f->file_name, rpc_file_name(rpc)) != 0
			 : f->file && f->file != rpc->file)
		return false;
	return (!f->range_start && !f->range_end) || touches(rpc, f->range_start, f->range_end);
}

/* Whether the rule hits the message, which matches it and was counted. */
static bool strikes(const struct server *s, const struct fault *f, const struct rpc *rpc)
{
	struct sim_draw_key key = rpc_draw_key(rpc, s->priv->site_fault + f->ordinal);

	if (!f->nth)
		return sim_ratio_draw(f->num, f->den, &key);
	return f->seen >= f->nth && (!f->count || f->seen - f->nth < f->count);
}

const struct fault *server_match_fault(struct server *s, const struct rpc *rpc)
{
	struct fault *hit = NULL;

	for (uint32_t i = 0; i < s->nr_faults; i++) {
		struct fault *f = &s->faults[i];

		if (!matches(f, rpc))
			continue;
		f->seen++;
		if (!hit && strikes(s, f, rpc))
			hit = f;
	}
	if (hit)
		hit->fired++;
	return hit;
}

_Static_assert((int)SIM_FAULT_ERROR == FAULT_ERROR && (int)SIM_FAULT_DROP == FAULT_DROP,
	       "traces name actions in the order of enum fault_action");

void server_trace_fault(const struct server *s, const struct rpc *rpc)
{
	const struct fault *f = rpc->fault;

	trace_sim_fault(s->model->w->trace, f->ordinal, (enum sim_fault_action)f->action,
			(enum sim_rpc_op)rpc->op, rpc->rreq, rpc->index, rpc->start, rpc->len,
			f->action == FAULT_ERROR ? f->error : 0);
}
