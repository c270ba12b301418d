/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One operation after the other: trace, time, count and judge what each call does. */
/* Mirrors: no kernel file. */
#include "model/scenario/run_impl.h"

#include <assert.h>
#include <string.h>

#include "sim/core/task.h"

/* ---- figures ---- */

static void count_errno(struct run_state *rs, struct run_op_stats *s, int err)
{
	struct report_errno **at = &s->errnos, *e;

	while (*at && (*at)->err < err)
		at = &(*at)->next;
	if (!*at || (*at)->err != err) {
		e = sim_alloc(rs->arena, sizeof(*e));
		*e = (struct report_errno){.next = *at, .err = err};
		*at = e;
	}
	(*at)->count++;
	s->failed++;
}

static void count_call(struct exec *x, enum scn_op_kind kind, const struct op_result *res,
		       uint64_t ns)
{
	struct run_state *rs = x->rs;
	struct run_op_stats *s = &rs->ops[kind];

	if (!s->count)
		sim_hist_init(&s->latency, rs->arena, 6);
	s->count++;
	x->t->ops++;
	sim_hist_add(&s->latency, ns);
	if (res->ret < 0) {
		count_errno(rs, s, (int)-res->ret);
		return;
	}
	s->bytes += res->bytes_read + res->bytes_written;
	x->t->bytes += res->bytes_read + res->bytes_written;
	rs->bytes_read += res->bytes_read;
	rs->bytes_written += res->bytes_written;
}

/* A read may end early at the end of file, a write never. */
static void note_short_call(struct exec *x, enum scn_op_kind kind, const struct scn_op *op,
			    const struct op_result *res)
{
	const struct run_open *open;

	if ((kind != OP_READ && kind != OP_WRITE) || res->ret < 0 || (uint64_t)res->ret == op->len)
		return;
	open = x->rs->slots[op->fd_slot].open;
	if (kind == OP_READ && open) {
		uint64_t end = op->has_at ? op->at + x->add + (uint64_t)res->ret
					  : open->file->f_pos;

		if (end >= open->file->f_inode->i_size)
			return;
	}
	x->rs->nr_short_calls++;
}

/* ---- what must come out ---- */

static void judge_value(struct exec *x, enum scn_op_kind kind, const struct scn_ret *want,
			int64_t got)
{
	struct sim_conf_mark mark;
	const char *name;

	if (!want->given || want->value == got)
		return;
	mark = sim_conf_mark(x->rs->scn->doc, want);
	name = want->value < 0 ? scn_errno_name((int)-want->value) : NULL;
	if (name)
		run_fail(x->rs, "%s: %s at %s:%u:%u: expected %s, got %lld", x->t->prog->name,
			 scn_op_name(kind), mark.file, mark.line, mark.column, name,
			 (long long)got);
	else
		run_fail(x->rs, "%s: %s at %s:%u:%u: expected %lld, got %s%lld", x->t->prog->name,
			 scn_op_name(kind), mark.file, mark.line, mark.column,
			 (long long)want->value, got < 0 ? "errno " : "",
			 (long long)(got < 0 ? -got : got));
}

/* Operations in a loop keep the last text only. */
static void keep_data(struct run_state *rs, struct run_label *label, const struct op_result *res)
{
	struct sim_buf *runs = &rs->text;

	sim_buf_clear(runs);
	content_print_runs(runs, &res->data, 0, res->data_len, UINT32_MAX);
	if (runs->len >= label->data_room) {
		label->data_room = 2 * runs->len + 16;
		label->data = sim_alloc(rs->arena, label->data_room);
	}
	memcpy(label->data, runs->data ? runs->data : "", runs->len + 1);
}

static void finish_label(struct exec *x, const struct scn_op *op, const struct op_result *res)
{
	struct run_label *label;

	if (op->label_id == SCN_NONE)
		return;
	label = &x->rs->labels[op->label_id];
	if (label->want_data && res->has_data)
		keep_data(x->rs, label, res);
	run_label_done(x->rs, op->label_id, res->ret);
}

/* ---- traces and results ---- */

static uint64_t line_of(const struct exec *x, const struct scn_op *op)
{
	return op->line ? op->line : x->rs->w->current->op;
}

static void mark(struct exec *x, const struct scn_op *op, const char *when, const char *text)
{
	struct sim_buf *buf = &x->rs->data;

	sim_buf_clear(buf);
	sim_buf_printf(buf, "OP %llu t%u %s %s", (unsigned long long)line_of(x, op),
		       x->t->prog->tid, when, text);
	trace_tracing_mark_write(x->rs->w->trace, buf->data);
}

static bool has_rows(enum scn_op_kind kind)
{
	return kind != OP_TRACE_ON && kind != OP_TRACE_OFF;
}

/* ---- running ---- */

/*
 * Other tasks run while the call sleeps and have texts of their own: each text is made where it is
 * used, never kept across the call.
 */
static const char *text_of(struct exec *x, enum scn_op_kind kind, const struct scn_op *op)
{
	sim_buf_clear(&x->rs->text);
	exec_describe(x, kind, op, &x->rs->text);
	return x->rs->text.data;
}

static void keep_result(struct exec *x, enum scn_op_kind kind, const struct scn_op *op,
			const char *result)
{
	if (x->rs->keep_results)
		sim_buf_printf(&x->rs->results, "%llu t%u %s => %s\n",
			       (unsigned long long)line_of(x, op), x->t->prog->tid,
			       text_of(x, kind, op), result);
}

/* What sim:syscall records say of an operation, at its begin and at its end. */
struct op_trace {
	const char *file;
	uint64_t start;
};

static_assert((int)sim_call_signal == OP_REPEAT, "sim_call follows ops.def");

static enum sim_call call_tag(enum scn_op_kind kind)
{
	return (enum sim_call)(kind + 1);
}

static struct op_trace trace_of(const struct exec *x, enum scn_op_kind kind,
				const struct scn_op *op)
{
	const struct run_open *open = op->fd ? x->rs->slots[op->fd_slot].open : NULL;
	const struct run_map *map = op->map ? x->rs->slots[op->slot].map : NULL;
	struct op_trace tr = {op->file ? op->file : "-", op->at + x->add};

	if (map && !open) {
		tr.file = map->vma->file->f_inode->name;
		tr.start += map->vma->pos;
	}
	if (open) {
		tr.file = open->file->f_inode->name;
		if ((kind == OP_READ || kind == OP_WRITE) && !op->has_at)
			tr.start = open->file->f_pos;
	}
	return tr;
}

static void trace_syscall(struct exec *x, enum sim_syscall_phase phase, enum scn_op_kind kind,
			  const struct scn_op *op, const struct op_trace *tr, int64_t ret)
{
	const struct sim_task *task = x->rs->w->current;

	trace_sim_syscall(x->rs->w->trace, phase, task->id, task->op, call_tag(kind), tr->file,
			  tr->start, op->len, ret);
}

/* What the program does between its calls. */
static void user_time(struct exec *x)
{
	const struct sim_law *law = &x->rs->scn->costs.user;
	struct sim_world *w = x->rs->w;
	struct sim_draw_key key;

	if (sim_law_is_zero(law))
		return;
	key = (struct sim_draw_key){
		.seed = w->seed,
		.site = sim_site("scenario.user"),
		.client = x->t->client->id,
		.task = (uint32_t)(x->t - x->rs->tasks),
		.op = w->current->op,
	};
	sim_cpu(w, sim_law_draw(law, &key));
}

static void begin_op(struct exec *x, enum scn_op_kind kind, const struct scn_op *op)
{
	x->rs->w->current->op++;
	if (op->label_id != SCN_NONE)
		run_label_started(x->rs, op->label_id);
	if (x->rs->scn->markers && has_rows(kind))
		mark(x, op, "START", text_of(x, kind, op));
}

/* A call that never returned has "?", as strace has it. */
static void show_result(struct exec *x, enum scn_op_kind kind, const struct scn_op *op,
			const char *result)
{
	if (!has_rows(kind))
		return;
	keep_result(x, kind, op, result);
	if (x->rs->scn->markers)
		mark(x, op, "END", result);
}

static void end_op(struct exec *x, enum scn_op_kind kind, const struct scn_op *op,
		   const struct op_result *res)
{
	if (has_rows(kind) && (x->rs->scn->markers || x->rs->keep_results)) {
		struct sim_buf result = {0};

		exec_result_text(res, &result);
		show_result(x, kind, op, result.data);
		sim_buf_free(&result);
	}
	judge_value(x, kind, &op->ret, res->ret);
	if (res->has_res)
		judge_value(x, kind, &op->res, res->res);
	finish_label(x, op, res);
}

/*
 * Operations that never wait would run in one endless step: now and then the others have their
 * turn, and the limits are looked at.
 */
#define OPS_PER_STEP 256

static void end_of_turn(struct exec *x)
{
	struct run_state *rs = x->rs;

	if (++rs->nr_ops >= rs->scn->limits.events)
		sim_world_end(rs->w, SIM_END_STEPS);
	if (!(x->t->ops % OPS_PER_STEP))
		sim_yield(rs->w);
}

/* Signals that came between two calls. False: one of them kills the task. */
static bool in_user_space(struct exec *x)
{
	int64_t none = 0;

	return !x->rs->w->current->signal || exit_to_user_mode(x->rs->w, &none) != SIGNAL_DIES;
}

/* The call, again if a signal wants it. False: it never returns, since the task is killed. */
static bool call(struct exec *x, enum scn_op_kind kind, const struct scn_op *op,
		 struct op_result *res)
{
	enum signal_outcome outcome;

	do {
		exec_call(x, kind, op, res);
		outcome = exit_to_user_mode(x->rs->w, &res->ret);
	} while (outcome == SIGNAL_RESTARTS);
	return outcome == SIGNAL_RETURNS;
}

static void free_result(struct op_result *res)
{
	if (res->has_data)
		content_map_fini(&res->data);
	if (res->has_buf)
		content_map_fini(&res->buf);
}

void exec_op(struct exec *x, enum scn_op_kind kind, const struct scn_op *op)
{
	struct op_result res = {0};
	struct op_trace tr;
	uint64_t start;
	bool returns;

	user_time(x);
	if (!in_user_space(x))
		return;
	begin_op(x, kind, op);
	tr = trace_of(x, kind, op);
	trace_syscall(x, SIM_SYSCALL_ENTER, kind, op, &tr, 0);
	start = x->rs->w->now_ns;
	returns = call(x, kind, op, &res);
	if (returns) {
		count_call(x, kind, &res, x->rs->w->now_ns - start);
		note_short_call(x, kind, op, &res);
	} else {
		x->rs->ops[kind].killed++;
	}
	trace_syscall(x, SIM_SYSCALL_EXIT, kind, op, &tr, res.ret);
	if (returns)
		end_op(x, kind, op, &res);
	else
		show_result(x, kind, op, "?");
	free_result(&res);
	end_of_turn(x);
}

/* A group or generator: its parts are operations of their own. */
static void exec_group(struct exec *x, enum scn_op_kind kind, const struct scn_op *op)
{
	if (op->label_id != SCN_NONE)
		run_label_started(x->rs, op->label_id);
	if (kind == OP_REPEAT)
		exec_repeat(x, op);
	else if (kind == OP_MIX)
		exec_mix(x, op);
	else if (kind == OP_PARALLEL)
		exec_parallel(x, op);
	else
		exec_generate(x, kind, op);
	if (op->label_id != SCN_NONE && !exec_dies(x))
		run_label_done(x->rs, op->label_id, 0);
}

void exec_ops(struct exec *x, const struct sim_conf_list *ops)
{
	for (size_t i = 0; i < ops->n && !exec_dies(x); i++) {
		enum scn_op_kind kind = scn_op_kind(ops, i);

		if (kind >= OP_REPEAT)
			exec_group(x, kind, scn_op(ops, i));
		else
			exec_op(x, kind, scn_op(ops, i));
	}
}
