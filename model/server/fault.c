/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Faults: which messages, and which work of caches' disks, the rules of a scenario hit.
 *
 * Mirrors: no kernel file.
 */
#include <assert.h>
#include <string.h>

#include "model/server/private.h"

/*
 * Reads and writes touch the bytes they name, also when the server will append; SETATTR and
 * CACHE_RESIZE touch the new size. The others touch nothing.
 */
static bool touches(const struct fault_subject *what, uint64_t start, uint64_t end)
{
	switch (what->target) {
	case RPC_READ:
	case RPC_WRITE:
	case FAULT_CACHE_READ:
	case FAULT_CACHE_WRITE:
		if (what->start < start)
			return start - what->start < what->len;
		return what->start < end && what->len;
	case RPC_SETATTR:
	case FAULT_CACHE_RESIZE:
		return start <= what->start && what->start < end;
	default:
		return false;
	}
}

static bool matches(const struct fault *f, const struct fault_subject *what)
{
	if (!(f->on & 1u << what->target))
		return false;
	if (f->client != UINT32_MAX && f->client != what->client->id)
		return false;
	if (f->file_name ? strcmp(f->file_name, what->file_name) != 0
			 : f->file && f->file != what->file)
		return false;
	return (!f->range_start && !f->range_end) || touches(what, f->range_start, f->range_end);
}

/* Whether the rule hits the subject, which matches it and was counted. */
static bool strikes(const struct server *s, const struct fault *f, const struct fault_subject *what)
{
	struct sim_draw_key key = what->key;

	key.site = s->priv->site_fault + f->ordinal;
	if (!f->nth)
		return sim_ratio_draw(f->num, f->den, &key);
	return f->seen >= f->nth && (!f->count || f->seen - f->nth < f->count);
}

_Static_assert((int)SIM_FAULT_ERROR == FAULT_ERROR && (int)SIM_FAULT_DISCONNECT == FAULT_DISCONNECT,
	       "traces name actions in the order of enum fault_action");

static void trace_strike(const struct server *s, const struct fault *f,
			 const struct fault_subject *what)
{
	uint32_t op = what->target >= NR_RPC_OPS
			      ? SIM_RPC_CACHE_LOOKUP + what->target - FAULT_CACHE_LOOKUP
			      : rpc_tag((enum rpc_op)what->target);

	trace_sim_fault(s->model->w->trace, f->ordinal, (enum sim_fault_action)f->action,
			(enum sim_rpc_op)op, what->rreq, what->index, what->start, what->len,
			f->action == FAULT_ERROR ? f->error : 0);
}

const struct fault *server_match_fault(struct server *s, const struct fault_subject *what)
{
	struct fault *hit = NULL;

	for (uint32_t i = 0; i < s->nr_faults; i++) {
		struct fault *f = &s->faults[i];

		if (!matches(f, what))
			continue;
		f->seen++;
		if (!hit && strikes(s, f, what))
			hit = f;
	}
	if (hit) {
		hit->fired++;
		trace_strike(s, hit, what);
	}
	return hit;
}
