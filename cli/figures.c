/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The figures of a run as a list of names and exact numbers. */
#include "cli/figures.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "sim/base/arena.h"

#define JUDGED true
#define SHOWN  false

static void add(struct figures *f, enum figure_unit unit, bool judged, uint64_t value,
		const char *fmt, ...) __attribute__((format(printf, 5, 6)));

static void add(struct figures *f, enum figure_unit unit, bool judged, uint64_t value,
		const char *fmt, ...)
{
	struct figure *fig;
	va_list ap;

	f->at = sim_xrealloc(f->at, f->nr + 1, sizeof(*f->at));
	fig = &f->at[f->nr++];
	*fig = (struct figure){.value = value, .unit = unit, .judged = judged};
	va_start(ap, fmt);
	vsnprintf(fig->name, sizeof(fig->name), fmt, ap);
	va_end(ap);
}

static void add_op(struct figures *f, const struct report_op *op)
{
	const char *name = scn_op_name(op->kind);

	add(f, FIGURE_COUNT, SHOWN, op->count, "ops.%s.count", name);
	add(f, FIGURE_COUNT, SHOWN, op->failed, "ops.%s.failed", name);
	if (op->bytes)
		add(f, FIGURE_BYTES, SHOWN, op->bytes, "ops.%s.bytes", name);
	add(f, FIGURE_NS, JUDGED, op->latency.mean, "ops.%s.mean_ns", name);
	add(f, FIGURE_NS, SHOWN, op->latency.p99, "ops.%s.p99_ns", name);
	add(f, FIGURE_NS, SHOWN, op->latency.max, "ops.%s.max_ns", name);
}

static void add_rpcs(struct figures *f, const struct scenario_report *r)
{
	uint64_t total = 0;

	for (unsigned i = 0; i < NR_RPC_OPS; i++)
		total += r->rpcs[i].count;
	add(f, FIGURE_COUNT, JUDGED, total, "rpcs.total");
	for (unsigned i = 0; i < NR_RPC_OPS; i++)
		if (r->rpcs[i].count)
			add(f, FIGURE_COUNT, SHOWN, r->rpcs[i].count, "rpcs.%s",
			    rpc_op_name((enum rpc_op)i));
	add(f, FIGURE_BYTES, JUDGED, r->server_bytes_read, "rpcs.bytes_read");
	add(f, FIGURE_BYTES, JUDGED, r->server_bytes_written, "rpcs.bytes_written");
}

static void add_cache(struct figures *f, const struct cache_work *work)
{
	if (!work->reads && !work->writes)
		return;
	add(f, FIGURE_COUNT, SHOWN, work->reads, "cache.reads");
	add(f, FIGURE_COUNT, SHOWN, work->writes, "cache.writes");
	add(f, FIGURE_BYTES, SHOWN, work->bytes_read, "cache.bytes_read");
	add(f, FIGURE_BYTES, SHOWN, work->bytes_written, "cache.bytes_written");
}

void figures_of(const struct scenario_report *r, struct figures *f)
{
	*f = (struct figures){0};
	add(f, FIGURE_NS, JUDGED, r->tasks_ns, "time.tasks_ns");
	add(f, FIGURE_NS, SHOWN, r->time_ns, "time.end_ns");
	add(f, FIGURE_COUNT, SHOWN, r->nr_ops, "calls.count");
	add(f, FIGURE_COUNT, JUDGED, r->failed_ops, "calls.failed");
	add(f, FIGURE_BYTES, SHOWN, r->bytes_read, "calls.bytes_read");
	add(f, FIGURE_BYTES, SHOWN, r->bytes_written, "calls.bytes_written");
	for (unsigned i = 0; i < NR_OPS; i++)
		if (r->ops[i].count)
			add_op(f, &r->ops[i]);
	add_rpcs(f, r);
	add_cache(f, &r->cache);
	add(f, FIGURE_COUNT, SHOWN, r->nr_requests, "netfs.requests");
	add(f, FIGURE_COUNT, SHOWN, r->nr_subrequests, "netfs.subrequests");
	add(f, FIGURE_BYTES, JUDGED, r->peak_cached, "memory.peak_cached");
	add(f, FIGURE_BYTES, JUDGED, r->peak_dirty, "memory.peak_dirty");
	add(f, FIGURE_BYTES, SHOWN, r->peak_writeback, "memory.peak_writeback");
	add(f, FIGURE_COUNT, JUDGED, r->nr_violations, "check.violations");
	add(f, FIGURE_COUNT, JUDGED, r->nr_failures, "check.failed_expectations");
	add(f, FIGURE_COUNT, SHOWN, r->steps, "run.steps");
	add(f, FIGURE_COUNT, SHOWN, r->records, "run.records");
	add(f, FIGURE_COUNT, SHOWN, r->nr_choices, "run.choices");
}

const struct figure *figures_find(const struct figures *f, const char *name)
{
	for (size_t i = 0; i < f->nr; i++)
		if (!strcmp(f->at[i].name, name))
			return &f->at[i];
	return NULL;
}

void figures_free(struct figures *f)
{
	sim_xfree(f->at);
	*f = (struct figures){0};
}

/* Four digits or so of value / unit. */
static const char *scaled(char buf[32], uint64_t value, uint64_t unit, const char *name)
{
	uint64_t whole = value / unit;
	uint64_t milli = (uint64_t)((unsigned __int128)(value % unit) * 1000 / unit);

	if (unit == 1 || whole >= 1000 || !milli)
		snprintf(buf, 32, "%" PRIu64 "%s", whole, name);
	else if (whole >= 100)
		snprintf(buf, 32, "%" PRIu64 ".%" PRIu64 "%s", whole, milli / 100, name);
	else if (whole >= 10)
		snprintf(buf, 32, "%" PRIu64 ".%02" PRIu64 "%s", whole, milli / 10, name);
	else
		snprintf(buf, 32, "%" PRIu64 ".%03" PRIu64 "%s", whole, milli, name);
	return buf;
}

struct scale {
	uint64_t unit;
	const char *name;
};

const char *figure_text(char buf[32], enum figure_unit unit, uint64_t value)
{
	static const struct scale time[] = {
		{1000000000, "s"}, {1000000, "ms"}, {1000, "us"}, {1, "ns"}};
	static const struct scale size[] = {{1ull << 40, "TiB"},
					    {1ull << 30, "GiB"},
					    {1ull << 20, "MiB"},
					    {1ull << 10, "KiB"},
					    {1, "B"}};
	const struct scale *s = unit == FIGURE_NS ? time : size;

	if (unit == FIGURE_COUNT)
		return scaled(buf, value, 1, "");
	while (s->unit > 1 && value < s->unit)
		s++;
	return scaled(buf, value, s->unit, s->name);
}
