/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Upper bound of the memory of a run: cached folios, extents, stacks of tasks, clients. */
/* Mirrors: no kernel file. */
#include "model/scenario/estimate.h"

#include "model/scenario/scenario.h"
#include "sim/base/math.h"
#include "sim/core/stack.h"

/*
 * What a page costs when every folio is a single page with its own extent: struct folio, its place
 * in the index, an extent in the page cache and one at the server.
 */
#define PAGE_COST    192u
#define CLIENT_COST  (64u << 10)
#define BASE_COST    (1u << 20)
#define WORKER_TASKS 8u /* kernel threads of a client */

static uint64_t mul_sat(uint64_t a, uint64_t b)
{
	uint64_t r;

	return __builtin_mul_overflow(a, b, &r) ? UINT64_MAX : r;
}

/* Pages that one operation of this length can bring into the page cache. */
static uint64_t pages_of(uint64_t len)
{
	return len / 4096 + 2;
}

/*
 * With large folios a write of len bytes makes folios of about that size, and a few where it is not
 * aligned; what is read ahead comes in folios that grow with the window.
 */
static uint64_t folios_of(uint64_t len, bool large)
{
	uint64_t pages = pages_of(len);

	if (!large || pages < 8)
		return pages;
	return pages / sim_min(pages, 512) + 4;
}

static uint64_t ops_folios(const struct sim_conf_list *ops, bool large)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < ops->n; i++) {
		const struct scn_op *op = scn_op(ops, i);
		uint64_t n = 0;

		switch (scn_op_kind(ops, i)) {
		case OP_READ:
		case OP_WRITE:
		case OP_AIO_READ:
		case OP_AIO_WRITE:
		case OP_MREAD:
		case OP_MWRITE:
		case OP_FADVISE:
			n = folios_of(op->len, large);
			break;
		case OP_SEQUENTIAL:
		case OP_STRIDED:
		case OP_RANDOM:
		case OP_ZIPF:
			n = mul_sat(op->times, folios_of(op->len, large));
			if (op->range)
				n = sim_min(n, pages_of(op->range));
			break;
		case OP_REPEAT:
			n = mul_sat(op->times, ops_folios(&op->body, large));
			break;
		case OP_MIX:
			n = mul_sat(op->body.n, pages_of(op->range));
			break;
		case OP_PARALLEL: /* its groups are tasks of their own */
		default:
			break;
		}
		sum = sim_add_sat(sum, n);
	}
	return sum;
}

uint64_t scenario_memory_estimate(const struct scenario *scn)
{
	const struct scn_mount *m = scn_mount(scn, 0);
	bool large = m->has_large_folios ? m->large_folios : m->fs == FS_AFS;
	const struct scn_names *n = scn->names;
	uint64_t folios = 0, tasks = n->nr_progs + mul_sat(scn->clients, WORKER_TASKS);

	large = large && scn->design.large_folios;
	for (uint32_t i = 0; i < n->nr_progs; i++)
		folios = sim_add_sat(folios, ops_folios(n->progs[i].ops, large));
	folios = sim_min(folios, mul_sat(scn->memory.total / 4096, scn->clients));
	return sim_add_sat(BASE_COST + mul_sat(scn->clients, CLIENT_COST),
			   sim_add_sat(mul_sat(folios, PAGE_COST),
				       mul_sat(tasks, SIM_STACK_CHARGE)));
}

int scenario_check_memory(const struct scenario *scn, struct sim_err *err)
{
	uint64_t need = scenario_memory_estimate(scn);
	char need_text[32], limit_text[32];

	if (need <= scn->limits.memory)
		return 0;
	need = sim_add_sat(need, (1u << 20) - 1) / (1u << 20) * (1u << 20);
	return sim_conf_error_at(scn->doc, &scn->limits.memory, err,
				 "the run may need %s, its limit is %s; raise limits.memory, or "
				 "lower memory.total, tasks or clients",
				 sim_format_size(need_text, need),
				 sim_format_size(limit_text, scn->limits.memory));
}
