/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The summary of a run for people: lines of at most 78 columns. */
/* Mirrors: no kernel file. */
#include "model/scenario/scenario.h"

#include <string.h>

#include "model/scenario/conditions.h"
#include "sim/base/math.h"

#define WIDTH 78

typedef unsigned long long ull;

/* Append text, broken at blanks into lines of WIDTH that are indented by `indent`. */
static void add_wrapped(struct sim_buf *out, size_t indent, const char *text)
{
	while (*text) {
		size_t len = strcspn(text, "\n"), room = WIDTH - indent;

		if (len > room) {
			len = room;
			while (len && text[len] != ' ')
				len--;
			len = len ? len : room;
		}
		sim_buf_printf(out, "%*s", (int)indent, "");
		sim_buf_add(out, text, len);
		sim_buf_putc(out, '\n');
		text += len;
		text += *text == ' ' || *text == '\n';
	}
}

/* A size with three digits that count: 1.25GiB. */
static const char *size_text(char buf[32], uint64_t v)
{
	static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
	unsigned u = v ? sim_ilog2(v) / 10 : 0;
	uint64_t hundredths = u ? sim_muldiv(v, 100, 1ull << (10 * u)) : v * 100;
	struct sim_buf b = {0};

	if (hundredths % 100 == 0 || hundredths >= 10000)
		sim_buf_printf(&b, "%llu%s", (ull)hundredths / 100, units[u]);
	else
		sim_buf_printf(&b, "%llu.%02llu%s", (ull)hundredths / 100, (ull)hundredths % 100,
			       units[u]);
	memcpy(buf, b.data, b.len + 1);
	sim_buf_free(&b);
	return buf;
}

/* The same for a time: 1.25ms. */
static const char *time_text(char buf[32], uint64_t ns)
{
	static const struct {
		uint64_t ns;
		const char *name;
	} units[] = {{SIM_NS_PER_S, "s"}, {SIM_NS_PER_MS, "ms"}, {SIM_NS_PER_US, "us"}};
	struct sim_buf b = {0};
	size_t u = 0;

	while (u < 3 && ns < units[u].ns)
		u++;
	if (u == 3)
		sim_buf_printf(&b, "%lluns", (ull)ns);
	else
		sim_buf_printf(&b, "%llu.%02llu%s", (ull)(ns / units[u].ns),
			       (ull)(ns % units[u].ns * 100 / units[u].ns), units[u].name);
	memcpy(buf, b.data, b.len + 1);
	sim_buf_free(&b);
	return buf;
}

static void add_rate(struct sim_buf *out, const char *what, uint64_t bytes, uint64_t ns)
{
	char size[32], per_s[32];

	if (!bytes)
		return;
	sim_buf_printf(out, "  %-10s %10s", what, size_text(size, bytes));
	if (ns)
		sim_buf_printf(out, "  %s/s",
			       size_text(per_s, sim_muldiv(bytes, SIM_NS_PER_S, ns)));
	sim_buf_putc(out, '\n');
}

static const char *verdict_text(const struct scenario_report *r)
{
	switch (r->verdict) {
	case SCENARIO_MET:
		return "every expectation is met";
	case SCENARIO_VIOLATED:
		return "an expectation is violated";
	case SCENARIO_LIMIT:
		return "a limit ended the run";
	case SCENARIO_DIVERGED:
		return "the replay did not follow its recording";
	case SCENARIO_INCOMPLETE:
		break;
	}
	return "incomplete: the run was interrupted";
}

static void add_ops(const struct scenario_report *r, struct sim_buf *out)
{
	sim_buf_printf(out, "\n%-16s %8s %6s %9s %8s %8s %8s %8s\n", "operation", "count", "failed",
		       "bytes", "p50", "p90", "p99", "max");
	for (unsigned k = 0; k < NR_OPS; k++) {
		const struct report_op *o = &r->ops[k];
		char bytes[32], p50[32], p90[32], p99[32], max[32];

		if (!o->count)
			continue;
		sim_buf_printf(out, "%-16s %8llu %6llu %9s %8s %8s %8s %8s\n",
			       scn_op_name((enum scn_op_kind)k), (ull)o->count, (ull)o->failed,
			       o->bytes ? size_text(bytes, o->bytes) : "-",
			       time_text(p50, o->latency.p50), time_text(p90, o->latency.p90),
			       time_text(p99, o->latency.p99), time_text(max, o->latency.max));
	}
}

/* Under the table, what became of the others: "open: ENOENT 2, EACCES 1, killed 1". */
static void add_errnos(const struct scenario_report *r, struct sim_buf *out)
{
	struct sim_buf line = {0};

	for (unsigned k = 0; k < NR_OPS; k++) {
		const struct report_op *o = &r->ops[k];

		if (!o->errnos && !o->killed)
			continue;
		sim_buf_clear(&line);
		sim_buf_printf(&line, "%s:", scn_op_name(o->kind));
		for (const struct report_errno *e = o->errnos; e; e = e->next) {
			const char *name = scn_errno_name(e->err);

			if (name)
				sim_buf_printf(&line, " %s", name);
			else
				sim_buf_printf(&line, " errno %d", e->err);
			sim_buf_printf(&line, " %llu%s", (ull)e->count,
				       e->next || o->killed ? "," : "");
		}
		if (o->killed)
			sim_buf_printf(&line, " killed %llu", (ull)o->killed);
		add_wrapped(out, 2, line.data);
	}
	sim_buf_free(&line);
}

static void add_rpcs(const struct scenario_report *r, struct sim_buf *out)
{
	struct sim_buf line = {0};

	for (unsigned op = 0; op < NR_RPC_OPS; op++) {
		if (r->rpcs[op].count)
			sim_buf_printf(&line, "%s%s %llu",
				       line.len ? ", " : "messages: ", rpc_op_name((enum rpc_op)op),
				       (ull)r->rpcs[op].count);
	}
	if (line.len) {
		sim_buf_putc(out, '\n');
		add_wrapped(out, 0, line.data);
	}
	sim_buf_free(&line);
	add_rate(out, "downloaded", r->server_bytes_read, r->tasks_ns);
	add_rate(out, "uploaded", r->server_bytes_written, r->tasks_ns);
}

static void add_cache(const struct scenario_report *r, struct sim_buf *out)
{
	char read[32], written[32];

	if (r->cache.reads || r->cache.writes)
		sim_buf_printf(out, "local cache: read %llu times, %s; written %llu times, %s\n",
			       (ull)r->cache.reads, size_text(read, r->cache.bytes_read),
			       (ull)r->cache.writes, size_text(written, r->cache.bytes_written));
}

static void add_memory(const struct scenario_report *r, struct sim_buf *out)
{
	char cached[32], dirty[32], tool[32];

	sim_buf_printf(out, "\nrequests: %llu with %llu subrequests", (ull)r->nr_requests,
		       (ull)r->nr_subrequests);
	if (r->end_requests)
		sim_buf_printf(out, "; %llu not over", (ull)r->end_requests);
	sim_buf_putc(out, '\n');
	sim_buf_printf(out, "page cache: at most %s, dirty at most %s\n",
		       size_text(cached, r->peak_cached), size_text(dirty, r->peak_dirty));
	sim_buf_printf(out, "simulator: %llu steps, %llu records, %llu choices, %s\n",
		       (ull)r->steps, (ull)r->records, (ull)r->nr_choices,
		       size_text(tool, r->tool_memory_peak));
}

static void add_findings(const struct scenario_report *r, struct sim_buf *out)
{
	struct sim_buf line = {0};

	for (size_t i = 0; i < r->nr_violations; i++) {
		sim_buf_clear(&line);
		sim_buf_printf(&line, "violation of %s at step %llu: %s", r->violations[i].rule,
			       (ull)r->violations[i].step, r->violations[i].text);
		sim_buf_putc(out, '\n');
		add_wrapped(out, 0, line.data);
	}
	if (r->nr_violations)
		sim_buf_puts(out, "\nnetfs-sim rules list says what the rules are\n");
	sim_buf_free(&line);
	if (r->hang) {
		sim_buf_puts(out, "\nhang: nobody can go on\n");
		add_wrapped(out, 2, r->hang);
	}
	if (r->divergence) {
		sim_buf_puts(out, "\nreplay:\n");
		add_wrapped(out, 2, r->divergence);
	}
	if (r->nr_failures)
		sim_buf_puts(out, "\nfailed expectations:\n");
	for (size_t i = 0; i < r->nr_failures; i++)
		add_wrapped(out, 2, r->failures[i]);
}

/* limits.drain: what went on, and what it did not get done. */
static void add_cut_off(const struct scenario_report *r, struct sim_buf *out)
{
	struct sim_buf text = {0};
	char drain[32];

	sim_buf_printf(&text,
		       "cut off by limits.drain: writeback went on for %s after the last task",
		       time_text(drain, r->drain_ns));
	if (*r->left_dirty)
		sim_buf_printf(&text, ", and these are dirty still: %s", r->left_dirty);
	add_wrapped(out, 2, text.data);
	sim_buf_free(&text);
}

void scenario_report_text(const struct scenario_report *r, struct sim_buf *out)
{
	char fp[SIM_FINGERPRINT_TEXT], tasks[32], end[32];

	sim_buf_printf(out, "verdict: %s\n", verdict_text(r));
	sim_buf_printf(out, "end: %s at %s, ", sim_end_name(r->end), time_text(end, r->time_ns));
	if (r->nr_live)
		sim_buf_printf(out, "tasks not done: %u\n", r->nr_live);
	else
		sim_buf_printf(out, "tasks done at %s\n", time_text(tasks, r->tasks_ns));
	if (r->drained)
		add_cut_off(r, out);
	for (size_t i = 0; i < r->nr_notes; i++)
		add_wrapped(out, 2, r->notes[i]);
	sim_buf_printf(out, "fingerprint: %s (seed %llu)\n",
		       sim_fingerprint_text(r->fingerprint, fp), (ull)r->seed);
	add_ops(r, out);
	add_errnos(r, out);
	add_rate(out, "read", r->bytes_read, r->tasks_ns);
	add_rate(out, "written", r->bytes_written, r->tasks_ns);
	add_rpcs(r, out);
	add_cache(r, out);
	add_memory(r, out);
	add_findings(r, out);
}
