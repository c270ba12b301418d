/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The summary of a run for programs: one JSON object of integers and strings. */
/* Mirrors: no kernel file. */
#include "model/scenario/scenario.h"

#include <stdio.h>
#include <string.h>

#include "model/scenario/conditions.h"

/* A comma where one is needed, then the key, if there is one. */
static void key(struct sim_buf *out, const char *name)
{
	char last = out->len ? out->data[out->len - 1] : '{';

	if (last != '{' && last != '[' && last != ':')
		sim_buf_putc(out, ',');
	if (name)
		sim_buf_printf(out, "\"%s\":", name);
}

static void number(struct sim_buf *out, const char *name, uint64_t v)
{
	key(out, name);
	sim_buf_dec(out, v);
}

static void string(struct sim_buf *out, const char *name, const char *s)
{
	key(out, name);
	sim_buf_putc(out, '"');
	for (; *s; s++) {
		unsigned char c = (unsigned char)*s;

		if (c == '"' || c == '\\')
			sim_buf_putc(out, '\\');
		if (c < 0x20)
			sim_buf_printf(out, "\\u%04x", c);
		else
			sim_buf_putc(out, *s);
	}
	sim_buf_putc(out, '"');
}

static void open_with(struct sim_buf *out, const char *name, char c)
{
	key(out, name);
	sim_buf_putc(out, c);
}

static void latency(struct sim_buf *out, const struct report_latency *l)
{
	open_with(out, "latency_ns", '{');
	number(out, "min", l->min);
	number(out, "mean", l->mean);
	number(out, "p50", l->p50);
	number(out, "p90", l->p90);
	number(out, "p99", l->p99);
	number(out, "p999", l->p999);
	number(out, "max", l->max);
	sim_buf_putc(out, '}');
}

static void errnos(struct sim_buf *out, const struct report_op *o)
{
	char other[16];

	open_with(out, "errnos", '{');
	for (const struct report_errno *e = o->errnos; e; e = e->next) {
		const char *name = scn_errno_name(e->err);

		snprintf(other, sizeof(other), "%d", e->err);
		number(out, name ? name : other, e->count);
	}
	sim_buf_putc(out, '}');
}

static void operations(struct sim_buf *out, const struct scenario_report *r)
{
	open_with(out, "operations", '{');
	for (unsigned k = 0; k < NR_OPS; k++) {
		const struct report_op *o = &r->ops[k];

		if (!o->count && !o->killed)
			continue;
		open_with(out, scn_op_name((enum scn_op_kind)k), '{');
		number(out, "count", o->count);
		number(out, "failed", o->failed);
		number(out, "killed", o->killed);
		number(out, "bytes", o->bytes);
		errnos(out, o);
		latency(out, &o->latency);
		sim_buf_putc(out, '}');
	}
	sim_buf_putc(out, '}');
	open_with(out, "messages", '{');
	for (unsigned op = 0; op < NR_RPC_OPS; op++)
		number(out, rpc_op_name((enum rpc_op)op), r->rpcs[op].count);
	sim_buf_putc(out, '}');
}

static void tasks(struct sim_buf *out, const struct scenario_report *r)
{
	open_with(out, "tasks", '[');
	for (size_t i = 0; i < r->nr_tasks; i++) {
		const struct report_task *t = &r->tasks[i];

		open_with(out, NULL, '{');
		string(out, "name", t->name);
		number(out, "operations", t->ops);
		number(out, "bytes", t->bytes);
		number(out, "start_ns", t->start_ns);
		number(out, "end_ns", t->end_ns);
		sim_buf_putc(out, '}');
	}
	sim_buf_putc(out, ']');
}

static void figures(struct sim_buf *out, const struct scenario_report *r)
{
	number(out, "seed", r->seed);
	number(out, "steps", r->steps);
	number(out, "records", r->records);
	number(out, "choices", r->nr_choices);
	number(out, "time_ns", r->time_ns);
	number(out, "tasks_ns", r->tasks_ns);
	number(out, "live_tasks", r->nr_live);
	number(out, "bytes_read", r->bytes_read);
	number(out, "bytes_written", r->bytes_written);
	number(out, "server_bytes_read", r->server_bytes_read);
	number(out, "server_bytes_written", r->server_bytes_written);
	number(out, "cache_reads", r->cache.reads);
	number(out, "cache_writes", r->cache.writes);
	number(out, "cache_bytes_read", r->cache.bytes_read);
	number(out, "cache_bytes_written", r->cache.bytes_written);
	number(out, "requests", r->nr_requests);
	number(out, "subrequests", r->nr_subrequests);
	number(out, "peak_cached_bytes", r->peak_cached);
	number(out, "peak_dirty_bytes", r->peak_dirty);
	number(out, "peak_writeback_bytes", r->peak_writeback);
	number(out, "end_cached_bytes", r->end_cached);
	number(out, "end_dirty_bytes", r->end_dirty);
	number(out, "end_writeback_bytes", r->end_writeback);
	number(out, "end_requests", r->end_requests);
	number(out, "tool_memory_peak_bytes", r->tool_memory_peak);
}

static void findings(struct sim_buf *out, const struct scenario_report *r)
{
	open_with(out, "conditions", '{');
	for (unsigned c = 0; c < NR_CONDITIONS; c++)
		number(out, scn_condition_name(c), r->conditions[c]);
	sim_buf_putc(out, '}');
	open_with(out, "violations", '[');
	for (size_t i = 0; i < r->nr_violations; i++) {
		const struct report_violation *v = &r->violations[i];

		open_with(out, NULL, '{');
		string(out, "rule", v->rule);
		string(out, "text", v->text);
		number(out, "step", v->step);
		number(out, "time_ns", v->time_ns);
		sim_buf_putc(out, '}');
	}
	sim_buf_putc(out, ']');
	open_with(out, "failures", '[');
	for (size_t i = 0; i < r->nr_failures; i++)
		string(out, NULL, r->failures[i]);
	sim_buf_putc(out, ']');
	open_with(out, "notes", '[');
	for (size_t i = 0; i < r->nr_notes; i++)
		string(out, NULL, r->notes[i]);
	sim_buf_putc(out, ']');
	if (r->hang)
		string(out, "hang", r->hang);
	if (r->divergence)
		string(out, "divergence", r->divergence);
}

void scenario_report_json(const struct scenario_report *r, struct sim_buf *out)
{
	static const char *const verdicts[] = {
		[SCENARIO_MET] = "met",
		[SCENARIO_VIOLATED] = "violated",
		[SCENARIO_LIMIT] = "limit",
		[SCENARIO_DIVERGED] = "diverged",
		[SCENARIO_INCOMPLETE] = "incomplete",
	};
	struct sim_buf json = {0};
	char fp[SIM_FINGERPRINT_TEXT];

	open_with(&json, NULL, '{');
	string(&json, "verdict", verdicts[r->verdict]);
	string(&json, "end", sim_end_name(r->end));
	string(&json, "fingerprint", sim_fingerprint_text(r->fingerprint, fp));
	figures(&json, r);
	operations(&json, r);
	tasks(&json, r);
	findings(&json, r);
	sim_buf_puts(&json, "}\n");
	sim_buf_add(out, json.data, json.len);
	sim_buf_free(&json);
}
