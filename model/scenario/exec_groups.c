/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Operations that stand for many: repeat, mix, parallel, and the generators of offsets. */
/* Mirrors: no kernel file. */
#include "model/scenario/run_impl.h"

#include "sim/base/math.h"
#include "sim/core/task.h"

void exec_repeat(struct exec *x, const struct scn_op *op)
{
	struct exec inner = *x;

	inner.in_repeat = true;
	for (uint64_t i = 0; i < op->times && !exec_dies(x); i++) {
		exec_ops(&inner, &op->body);
		inner.add = sim_add_sat(inner.add, op->step);
	}
}

void exec_parallel(struct exec *x, const struct scn_op *op)
{
	struct run_state *rs = x->rs;

	for (size_t i = 0; i < op->groups.n; i++)
		run_start_group_task(rs, op->first_prog + (uint32_t)i);
	for (size_t i = 0; i < op->groups.n; i++)
		sim_join(rs->w, rs->tasks[op->first_prog + i].task);
}

/* What is drawn for operation i of a generator is named by its task and its place there. */
static struct sim_draw_key draw_key(struct exec *x, uint32_t site)
{
	return (struct sim_draw_key){
		.seed = x->rs->w->seed,
		.site = site,
		.client = x->t->client->id,
		.task = (uint32_t)(x->t - x->rs->tasks),
		.op = x->rs->w->current->op,
	};
}

/* ---- generators ---- */

/* op_nr: of the operation before the pause, as it began. */
static void take_pause(struct exec *x, const struct scn_op *op, uint32_t site, uint32_t op_nr)
{
	struct sim_draw_key key;

	if (sim_law_is_zero(&op->pause))
		return;
	key = draw_key(x, site);
	key.op = op_nr;
	sim_sleep(x->rs->w, sim_law_draw(&op->pause, &key));
}

/* Where block i goes, from the start of the range. */
static uint64_t block_offset(struct exec *x, enum scn_op_kind kind, const struct scn_op *op,
			     uint64_t i, uint32_t site)
{
	struct sim_draw_key key;
	uint64_t steps;

	switch (kind) {
	case OP_RANDOM:
		key = draw_key(x, site);
		return sim_uniform_draw(&key, 0, op->range / op->len - 1) * op->len;
	case OP_ZIPF:
		key = draw_key(x, site);
		return sim_law_draw(&op->rank, &key) * op->len;
	default:
		if (!op->range)
			return i * op->stride;
		/* So many steps until a block would pass the end of the range. */
		steps = (op->range - op->len) / op->stride + 1;
		return i % steps * op->stride;
	}
}

void exec_generate(struct exec *x, enum scn_op_kind kind, const struct scn_op *op)
{
	uint32_t offset_site = sim_site("scenario.offset");
	uint32_t pause_site = sim_site("scenario.pause");
	enum scn_op_kind io_kind = op->rw == SCN_WRITE ? OP_WRITE : OP_READ;
	struct scn_op io = {
		.label_id = SCN_NONE,
		.fd = op->fd,
		.fd_slot = op->fd_slot,
		.len = op->len,
		.has_at = true,
		.line = op->line,
	};

	for (uint64_t i = 0; i < op->times && !exec_dies(x); i++) {
		uint32_t op_nr = x->rs->w->current->op;

		io.at = op->at + block_offset(x, kind, op, i, offset_site);
		exec_op(x, io_kind, &io);
		take_pause(x, op, pause_site, op_nr);
	}
}

/* ---- mix ---- */

static uint64_t draw(struct exec *x, uint32_t site, uint64_t lo, uint64_t hi)
{
	struct sim_draw_key key = draw_key(x, site);

	return sim_uniform_draw(&key, lo, hi);
}

/* Which one of the list: its place among the weights. */
static size_t draw_member(struct exec *x, const struct scn_op *op, uint32_t site)
{
	uint64_t place = draw(x, site, 0, op->total_weight - 1);
	size_t i = 0;

	if (!op->weights.n)
		return place;
	while (place >= *sim_conf_item(&op->weights, uint64_t, i))
		place -= *sim_conf_item(&op->weights, uint64_t, i++);
	return i;
}

/* Each operation is drawn, then an alignment, an offset and a length of it. */
void exec_mix(struct exec *x, const struct scn_op *op)
{
	uint32_t member_site = sim_site("scenario.mix"), align_site = sim_site("scenario.align");
	uint32_t offset_site = sim_site("scenario.offset"), len_site = sim_site("scenario.len");
	uint32_t pause_site = sim_site("scenario.pause");

	for (uint64_t n = 0; n < op->times && !exec_dies(x); n++) {
		uint32_t op_nr = x->rs->w->current->op;
		size_t i = draw_member(x, op, member_site);
		enum scn_op_kind kind = scn_op_kind(&op->body, i);
		uint64_t align = *sim_conf_item(&op->aligns, uint64_t,
						draw(x, align_site, 0, op->aligns.n - 1));
		struct scn_op one = *scn_op(&op->body, i);
		uint64_t start = draw(x, offset_site, 0, op->range - 1) / align * align;

		one.at += start;
		one.len = sim_max(draw(x, len_site, 1, op->len) / align, 1) * align;
		one.len = sim_min(one.len, op->range - start);
		if (kind == OP_TRUNCATE)
			one.len = one.at;
		exec_op(x, kind, &one);
		take_pause(x, op, pause_site, op_nr);
	}
}
