/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Expectations held against the figures of a run: a line for each that fails. */
/* Mirrors: no kernel file. */
#include "model/scenario/run_impl.h"

#include <stdio.h>
#include <string.h>

#include "model/check/check.h"
#include "sim/base/math.h"
#include "sim/core/task.h"

/* ---- values and ranges ---- */

enum unit { COUNT, SIZE, TIME, RATE };

static const char *value_text(char buf[40], enum unit unit, uint64_t v)
{
	struct sim_buf b = {0};
	char text[32];

	if (unit == TIME)
		sim_format_time(text, v);
	else if (unit == COUNT)
		snprintf(text, sizeof(text), "%llu", (unsigned long long)v);
	else
		sim_format_size(text, v);
	sim_buf_printf(&b, "%s%s", text, unit == RATE ? "/s" : "");
	snprintf(buf, 40, "%s", b.data);
	sim_buf_free(&b);
	return buf;
}

static void judge_range(struct run_state *rs, const struct scn_range *r, enum unit unit,
			const char *what, const char *name, uint64_t got)
{
	char min[40], max[40], is[40];

	if (!r->given || (got >= r->min && got <= r->max))
		return;
	value_text(is, unit, got);
	value_text(min, unit, r->min);
	value_text(max, unit, r->max);
	if (r->min == r->max)
		run_fail(rs, "%s%s: expected %s, got %s", what, name, min, is);
	else if (r->max == UINT64_MAX)
		run_fail(rs, "%s%s: expected at least %s, got %s", what, name, min, is);
	else
		run_fail(rs, "%s%s: expected %s to %s, got %s", what, name, min, max, is);
}

static const char *ret_text(char buf[40], int64_t ret)
{
	const char *name = ret < 0 ? scn_errno_name((int)-ret) : NULL;

	if (name)
		snprintf(buf, 40, "%s", name);
	else
		snprintf(buf, 40, "%lld", (long long)ret);
	return buf;
}

/* ---- operations with labels ---- */

static void judge_results(struct run_state *rs)
{
	const struct sim_conf_map *map = &rs->scn->expect.results;

	for (size_t i = 0; i < map->n; i++) {
		const struct scn_ret *want = sim_conf_item(map, struct scn_ret, i);
		const struct run_label *l =
			&rs->labels[scn_find_label(rs->scn->names, map->keys[i])];
		char a[40], b[40];

		if (!l->done)
			run_fail(rs, "results.%s: expected %s, but it was never done", map->keys[i],
				 ret_text(a, want->value));
		else if (l->ret != want->value)
			run_fail(rs, "results.%s: expected %s, got %s", map->keys[i],
				 ret_text(a, want->value), ret_text(b, l->ret));
	}
}

static void judge_data(struct run_state *rs)
{
	const struct sim_conf_map *map = &rs->scn->expect.data;

	for (size_t i = 0; i < map->n; i++) {
		const char *want = *sim_conf_item(map, const char *, i);
		const struct run_label *l =
			&rs->labels[scn_find_label(rs->scn->names, map->keys[i])];

		if (!l->data || strcmp(l->data, want) != 0)
			run_fail(rs, "data.%s: expected %s, got %s", map->keys[i], want,
				 l->data ? l->data : "nothing: it read nothing");
	}
}

/* ---- figures ---- */

static void judge_rpcs(struct run_state *rs, const struct scenario_report *r)
{
	const struct sim_conf_map *map = &rs->scn->expect.rpcs;

	for (size_t i = 0; i < map->n; i++) {
		unsigned op = 0;

		while (op < NR_RPC_OPS && strcmp(rpc_op_name((enum rpc_op)op), map->keys[i]) != 0)
			op++;
		judge_range(rs, sim_conf_item(map, struct scn_range, i), COUNT, "rpcs.",
			    map->keys[i], r->rpcs[op].count);
	}
}

static uint64_t rate(uint64_t bytes, uint64_t ns)
{
	return ns ? sim_muldiv(bytes, SIM_NS_PER_S, ns) : 0;
}

static void judge_throughput(struct run_state *rs, const struct scenario_report *r)
{
	const struct sim_conf_map *map = &rs->scn->expect.throughput;

	for (size_t i = 0; i < map->n; i++) {
		uint64_t got = rate(r->bytes_read + r->bytes_written, r->tasks_ns);

		for (size_t t = 0; t < r->nr_tasks; t++) {
			if (!strcmp(r->tasks[t].name, map->keys[i]))
				got = rate(r->tasks[t].bytes,
					   r->tasks[t].end_ns - r->tasks[t].start_ns);
		}
		judge_range(rs, sim_conf_item(map, struct scn_range, i), RATE, "throughput.",
			    map->keys[i], got);
	}
}

static void judge_latency(struct run_state *rs, const struct scenario_report *r)
{
	const struct sim_conf_map *map = &rs->scn->expect.latency;

	for (size_t i = 0; i < map->n; i++) {
		const struct scn_percentiles *p = sim_conf_item(map, struct scn_percentiles, i);
		const struct report_latency *l;
		unsigned k = 0;
		char what[64];

		while (strcmp(scn_op_name((enum scn_op_kind)k), map->keys[i]) != 0)
			k++;
		l = &r->ops[k].latency;
		snprintf(what, sizeof(what), "latency.%s.", map->keys[i]);
		judge_range(rs, &p->p50, TIME, what, "p50", l->p50);
		judge_range(rs, &p->p90, TIME, what, "p90", l->p90);
		judge_range(rs, &p->p99, TIME, what, "p99", l->p99);
		judge_range(rs, &p->p999, TIME, what, "p999", l->p999);
		judge_range(rs, &p->max, TIME, what, "max", l->max);
	}
}

static void judge_state(struct run_state *rs, const struct scenario_report *r)
{
	const struct scn_expect *e = &rs->scn->expect;

	judge_range(rs, &e->bytes.read, SIZE, "bytes.", "read", r->server_bytes_read);
	judge_range(rs, &e->bytes.written, SIZE, "bytes.", "written", r->server_bytes_written);
	judge_range(rs, &e->cache.reads, COUNT, "cache.", "reads", r->cache.reads);
	judge_range(rs, &e->cache.writes, COUNT, "cache.", "writes", r->cache.writes);
	judge_range(rs, &e->cache.read, SIZE, "cache.", "read", r->cache.bytes_read);
	judge_range(rs, &e->cache.written, SIZE, "cache.", "written", r->cache.bytes_written);
	judge_range(rs, &e->duration, TIME, "duration", "", r->tasks_ns);
	judge_range(rs, &e->peak.cached, SIZE, "peak.", "cached", r->peak_cached);
	judge_range(rs, &e->peak.dirty, SIZE, "peak.", "dirty", r->peak_dirty);
	judge_range(rs, &e->end.cached, SIZE, "end.", "cached", r->end_cached);
	judge_range(rs, &e->end.dirty, SIZE, "end.", "dirty", r->end_dirty);
	judge_range(rs, &e->end.writeback, SIZE, "end.", "writeback", r->end_writeback);
	judge_range(rs, &e->end.requests, COUNT, "end.", "requests", r->end_requests);
}

static void judge_server_file(struct run_state *rs, const char *name,
			      const struct scn_server_file *want)
{
	struct server_view view;
	bool found = server_view(rs->model->server, name, &view);
	struct sim_buf runs = {0};
	char what[96];

	if (!found || want->absent) {
		if (!found != want->absent)
			run_fail(rs, "server.%s: expected %s, but it %s", name,
				 want->absent ? "no file" : "a file",
				 found ? "exists" : "does not exist");
		return;
	}
	snprintf(what, sizeof(what), "server.%.64s.", name);
	judge_range(rs, &want->size, SIZE, what, "size", view.size);
	if (!want->data)
		return;
	content_print_runs(&runs, view.data, 0, view.size, UINT32_MAX);
	if (strcmp(runs.data ? runs.data : "", want->data) != 0)
		run_fail(rs, "server.%s.data: expected %s, got %.400s", name, want->data,
			 runs.data ? runs.data : "nothing");
	sim_buf_free(&runs);
}

/* ---- verdicts ---- */

static void judge_conditions(struct run_state *rs)
{
	const struct scn_expect *e = &rs->scn->expect;

	for (size_t i = 0; i < e->always.n; i++) {
		enum scn_condition c = *sim_conf_item(&e->always, enum scn_condition, i);

		if (!rs->seen[c])
			run_fail(rs, "always.%s: expected, but it does not hold",
				 scn_condition_name(c));
	}
	for (size_t i = 0; i < e->sometimes.n; i++) {
		enum scn_condition c = *sim_conf_item(&e->sometimes, enum scn_condition, i);

		if (!rs->seen[c])
			run_fail(rs, "sometimes.%s: expected at least once, never seen",
				 scn_condition_name(c));
	}
	for (size_t i = 0; i < e->never.n; i++) {
		enum scn_condition c = *sim_conf_item(&e->never, enum scn_condition, i);

		if (rs->seen[c])
			run_fail(rs, "never.%s: expected never, seen %llu times",
				 scn_condition_name(c), (unsigned long long)rs->seen[c]);
	}
}

static bool is_expected(const struct scn_expect *e, enum check_rule rule)
{
	for (size_t i = 0; i < e->violations.n; i++) {
		if (check_rule_find(*sim_conf_item(&e->violations, const char *, i)) == rule)
			return true;
	}
	return rule == CHECK_HANG && e->hang;
}

static void judge_violations(struct run_state *rs)
{
	const struct scn_expect *e = &rs->scn->expect;
	const struct check *c = rs->run->check;

	if (!c)
		return;
	for (size_t i = 0; i < e->violations.n; i++) {
		const char *id = *sim_conf_item(&e->violations, const char *, i);

		if (!check_rule_count(c, check_rule_find(id)))
			run_fail(rs, "violations.%s: expected, but the rule was not broken", id);
	}
	for (unsigned rule = 0; rule < NR_CHECK_RULES; rule++) {
		uint64_t n = check_rule_count(c, (enum check_rule)rule);

		if (n && !is_expected(e, (enum check_rule)rule))
			run_fail(rs, "violations.%s: not expected, but the rule was broken %llu %s",
				 check_rules[rule].id, (unsigned long long)n,
				 n == 1 ? "time" : "times");
	}
}

static void judge_hang(struct run_state *rs)
{
	bool hang = rs->w->end == SIM_END_HANG;

	if (rs->scn->expect.hang && !hang)
		run_fail(rs, "hang: expected, but the run ended otherwise: %s",
			 sim_end_name(rs->w->end));
	if (!rs->scn->expect.hang && hang && rs->scn->check != SCN_CHECK_REPORT && !rs->run->check)
		run_fail(rs, "hang: not expected");
}

/* ---- holds and faults ---- */

static void judge_holds(struct run_state *rs)
{
	for (size_t i = 0; i < rs->scn->hold.n; i++) {
		const struct run_hold *h = &rs->holds[i];
		const char *who = h->hold->task ? h->hold->task : h->hold->thread;

		if (!h->reached)
			run_fail(rs, "hold %zu (%s at %s): never reached; it came there %llu times",
				 i + 1, who, h->hold->at, (unsigned long long)h->seen);
		else if (!h->stopped)
			run_fail(rs,
				 "hold %zu (%s at %s): stopped nothing; %s had already happened",
				 i + 1, who, h->hold->at, h->hold->until);
		else if (!h->released)
			run_fail(rs, "hold %zu (%s at %s): never released; %s did not happen",
				 i + 1, who, h->hold->at, h->hold->until);
	}
}

static void judge_faults(struct run_state *rs)
{
	for (size_t i = 0; i < rs->scn->faults.n; i++) {
		const struct fault *f = &rs->faults[i];

		if (!f->fired)
			run_fail(rs, "fault %zu%s%s: never fired; %llu messages matched", i + 1,
				 f->label ? " " : "", f->label ? f->label : "",
				 (unsigned long long)f->seen);
	}
}

void expect_judge(struct run_state *rs, const struct scenario_report *r)
{
	const struct scn_expect *e = &rs->scn->expect;

	judge_violations(rs);
	judge_hang(rs);
	judge_conditions(rs);
	judge_results(rs);
	judge_data(rs);
	judge_rpcs(rs, r);
	judge_throughput(rs, r);
	judge_latency(rs, r);
	judge_state(rs, r);
	for (size_t i = 0; i < e->server.n; i++)
		judge_server_file(rs, e->server.keys[i],
				  sim_conf_item(&e->server, struct scn_server_file, i));
	judge_holds(rs);
	judge_faults(rs);
}
