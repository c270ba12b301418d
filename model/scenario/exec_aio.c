/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Operations on asynchronous reads and writes: submitting them, waiting for one. */
/* Mirrors: no kernel file. */
#include "model/scenario/run_impl.h"

#include <errno.h>

#include "sim/base/math.h"

/* A context is set up when the first operation names it. */
static struct kioctx *context_of(struct exec *x, const struct scn_op *op)
{
	struct run_slot *slot = &x->rs->slots[op->slot];

	if (!slot->aio)
		slot->aio = sys_io_setup(x->t->client);
	return slot->aio;
}

static void submit(struct exec *x, const struct scn_op *op, bool write, struct op_result *res)
{
	struct file *file = exec_file(x, op);
	uint64_t pos = sim_add_sat(op->at, x->add);
	bool valid = file && pos <= INT64_MAX && op->len <= INT64_MAX - pos;
	struct content_map buf;

	if (write)
		exec_fill(x, valid ? file->f_inode : NULL, op, &buf, res);
	else
		res->fill = '-';
	if (valid)
		res->ret = sys_io_submit(context_of(x, op), file, write, write ? &buf : NULL,
					 op->len, pos, (uint32_t)op->flags, (uint32_t)op->misalign);
	else
		res->ret = file ? -EINVAL : -EBADF;
	if (write)
		content_map_fini(&buf);
}

static void do_wait(struct exec *x, const struct scn_op *op, struct op_result *res)
{
	struct io_event ev;

	res->ret = sys_io_getevents(context_of(x, op), op->time_ns, &ev);
	if (res->ret <= 0)
		return;
	res->has_res = true;
	res->res = ev.res;
	res->has_data = true;
	res->data = ev.data;
	if (ev.res <= 0)
		return;
	if (ev.write)
		res->bytes_written = (uint64_t)ev.res;
	else
		res->data_len = res->bytes_read = (uint64_t)ev.res;
}

void exec_aio_call(struct exec *x, enum scn_op_kind kind, const struct scn_op *op,
		   struct op_result *res)
{
	if (kind == OP_AIO_WAIT)
		do_wait(x, op, res);
	else
		submit(x, op, kind == OP_AIO_WRITE, res);
}

void exec_exit_aio(struct run_state *rs, uint32_t client, uint32_t prog)
{
	const struct scn_names *n = rs->scn->names;

	for (uint32_t i = 0; i < n->nr_handles; i++) {
		const struct scn_handle *h = &n->handles[i];

		if (h->client == client && rs->slots[i].aio &&
		    (prog == SCN_NONE || h->prog == prog))
			exit_aio(rs->slots[i].aio);
	}
}
