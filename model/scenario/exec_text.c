/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The text of operations and their results, as results.txt and the markers of a trace have them. */
/* Mirrors: no kernel file. */
#include "model/scenario/run_impl.h"

/* What a text of an operation shows besides fd and file. */
enum {
	SHOW_AT = 1,
	SHOW_LEN = 2,
	SHOW_SIZE = 4,
	SHOW_TIME = 8,
	SHOW_SYSCTL = 16,
	SHOW_TARGET = 32,
};

static const uint8_t shown[NR_OPS] = {
	[OP_READ] = SHOW_AT | SHOW_LEN,
	[OP_WRITE] = SHOW_AT | SHOW_LEN,
	[OP_SYNC_FILE_RANGE] = SHOW_AT | SHOW_LEN,
	[OP_TRUNCATE] = SHOW_SIZE,
	[OP_LSEEK] = SHOW_AT,
	[OP_MMAP] = SHOW_AT | SHOW_LEN,
	[OP_MREAD] = SHOW_AT | SHOW_LEN,
	[OP_MWRITE] = SHOW_AT | SHOW_LEN,
	[OP_MSYNC] = SHOW_AT | SHOW_LEN,
	[OP_FALLOCATE] = SHOW_AT | SHOW_LEN,
	[OP_AIO_READ] = SHOW_AT | SHOW_LEN,
	[OP_AIO_WRITE] = SHOW_AT | SHOW_LEN,
	[OP_FADVISE] = SHOW_AT | SHOW_LEN,
	[OP_TAKE_MEMORY] = SHOW_LEN,
	[OP_GIVE_MEMORY] = SHOW_LEN,
	[OP_SLEEP] = SHOW_TIME,
	[OP_SYSCTL] = SHOW_SYSCTL,
	[OP_BARRIER] = SHOW_TARGET,
	[OP_WAIT] = SHOW_TARGET,
	[OP_SIGNAL] = SHOW_TARGET,
	[OP_SRV_CREATE] = SHOW_SIZE,
	[OP_SRV_WRITE] = SHOW_AT | SHOW_LEN,
	[OP_SRV_TRUNCATE] = SHOW_SIZE,
};

static void add_number(struct sim_buf *out, const char *key, uint64_t v)
{
	sim_buf_puts(out, key);
	sim_buf_dec(out, v);
}

static void add_name(struct sim_buf *out, const char *key, const char *name)
{
	if (!name)
		return;
	sim_buf_puts(out, key);
	sim_buf_puts(out, name);
}

/* With at and len given, reads and writes of generators look like those that are written out. */
static bool shows_at(enum scn_op_kind kind, const struct scn_op *op)
{
	if (kind == OP_READ || kind == OP_WRITE)
		return op->has_at;
	return shown[kind] & SHOW_AT;
}

void exec_describe(const struct exec *x, enum scn_op_kind kind, const struct scn_op *op,
		   struct sim_buf *out)
{
	if (op->text) {
		sim_buf_puts(out, op->text);
		if (x->in_repeat)
			add_number(out, " off=", op->at + x->add);
		return;
	}
	sim_buf_puts(out, scn_op_name(kind));
	add_name(out, " fd=", op->fd ? op->fd : op->as);
	add_name(out, " m=", op->map);
	add_name(out, " a=", op->aio);
	add_name(out, " name=", op->file);
	if (shows_at(kind, op))
		add_number(out, " off=", op->at + x->add);
	if (shown[kind] & SHOW_LEN)
		add_number(out, " len=", op->len);
	if (shown[kind] & SHOW_SIZE)
		add_number(out, " size=", op->len);
	if (shown[kind] & SHOW_TIME)
		add_number(out, " ns=", op->time_ns);
	if (shown[kind] & SHOW_SYSCTL)
		add_number(out, " val=", op->value);
	if (shown[kind] & SHOW_TARGET)
		add_name(out, " for=", op->target);
}

void exec_result_text(const struct op_result *res, struct sim_buf *out)
{
	size_t start = out->len;

	if (!res->no_ret)
		sim_buf_printf(out, "ret=%lld", (long long)res->ret);
	if (res->has_size)
		sim_buf_printf(out, "%ssize=%llu blocks=%llu", out->len > start ? " " : "",
			       (unsigned long long)res->size, (unsigned long long)res->blocks);
	if (res->has_res)
		sim_buf_printf(out, " res=%lld", (long long)res->res);
	if (res->has_data) {
		sim_buf_puts(out, out->len > start ? " data=" : "data=");
		content_print_runs(out, &res->data, 0, res->data_len, CONTENT_MAX_RUNS);
	}
	if (res->fill) {
		sim_buf_puts(out, " fill=");
		sim_buf_putc(out, res->fill);
	}
}
