/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Operations that stand for many: repeat, parallel, and the generators of offsets. */
/* Mirrors: no kernel file. */
#include "model/scenario/run_impl.h"

#include "sim/base/math.h"
#include "sim/core/task.h"

void exec_repeat(struct exec *x, const struct scn_op *op)
{
	struct exec inner = *x;

	inner.in_repeat = true;
	for (uint64_t i = 0; i < op->times; i++) {
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

/* Where block i goes, from the start of the range. */
static uint64_t block_offset(struct exec *x, enum scn_op_kind kind, const struct scn_op *op,
			     uint64_t i, uint32_t site)
{
	struct sim_draw_key key = draw_key(x, site);
	uint64_t steps;

	switch (kind) {
	case OP_RANDOM:
		return sim_uniform_draw(&key, 0, op->range / op->len - 1) * op->len;
	case OP_ZIPF:
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

	for (uint64_t i = 0; i < op->times; i++) {
		struct sim_draw_key key = draw_key(x, pause_site);

		io.at = op->at + block_offset(x, kind, op, i, offset_site);
		exec_op(x, io_kind, &io);
		if (op->pause.kind != SIM_LAW_CONSTANT || op->pause.value)
			sim_sleep(x->rs->w, sim_law_draw(&op->pause, &key));
	}
}
