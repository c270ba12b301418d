/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The check of one scenario. */
#include "cli/check_one.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/figures.h"
#include "cli/simulate.h"
#include "sim/base/arena.h"

#define MAX_NOTES 20u

static char *take(struct sim_buf *b)
{
	char *text = b->data ? b->data : sim_xstrdup("");

	*b = (struct sim_buf){0};
	return text;
}

/* What of the report says why. */
static void add_notes(const struct scenario_report *r, struct sim_buf *notes)
{
	for (size_t i = 0; i < r->nr_failures && i < MAX_NOTES; i++)
		sim_buf_printf(notes, "%s\n", r->failures[i]);
	for (size_t i = 0; i < r->nr_violations && i < MAX_NOTES; i++)
		sim_buf_printf(notes, "%s at %" PRIu64 " ns, step %" PRIu64 ": %s\n",
			       r->violations[i].rule, r->violations[i].time_ns,
			       r->violations[i].step, r->violations[i].text);
	if (r->hang)
		sim_buf_printf(notes, "%s\n", r->hang);
}

static void add_reason(const struct scenario_report *r, struct sim_buf *reason)
{
	switch (r->verdict) {
	case SCENARIO_MET:
		break;
	case SCENARIO_VIOLATED:
		sim_buf_printf(reason, "%zu of its expectations not met", r->nr_failures);
		break;
	case SCENARIO_LIMIT:
		sim_buf_printf(reason, "ended by a limit: %s", sim_end_name(r->end));
		break;
	case SCENARIO_DIVERGED:
		sim_buf_puts(reason, "diverged");
		break;
	case SCENARIO_INCOMPLETE:
		sim_buf_puts(reason, "interrupted");
		break;
	}
}

static void add_figures(const struct scenario_report *r, struct sim_buf *out)
{
	char hex[SIM_FINGERPRINT_TEXT];
	struct figures f;

	sim_buf_printf(out, "fingerprint %s\n", sim_fingerprint_text(r->fingerprint, hex));
	figures_of(r, &f);
	for (size_t i = 0; i < f.nr; i++)
		sim_buf_printf(out, "%s %" PRIu64 "\n", f.at[i].name, f.at[i].value);
	figures_free(&f);
}

struct texts {
	struct sim_buf reason, notes, figures;
};

/* What one run leaves for the comparison with the other. */
struct one_run {
	struct sim_fingerprint fingerprint;
	struct sim_fingerprint *partials;
	size_t nr_partials;
};

static enum cli_exit run_once(const char *path, const struct cli_overrides *overrides,
			      struct texts *t, struct one_run *run)
{
	const struct sim_fingerprint *partials;
	struct sim_err err = {0};
	struct simulation s;
	enum cli_exit code;

	*run = (struct one_run){0};
	if (simulation_open(&s, path, overrides, NULL, &err)) {
		sim_buf_puts(&t->reason, "cannot be run");
		sim_buf_printf(&t->notes, "%s\n", err.text);
		return CLI_USAGE;
	}
	simulation_go(&s, NULL);
	code = (enum cli_exit)scenario_report_exit(s.report);
	add_reason(s.report, &t->reason);
	add_notes(s.report, &t->notes);
	if (s.report->verdict != SCENARIO_INCOMPLETE)
		add_figures(s.report, &t->figures);
	run->fingerprint = s.report->fingerprint;
	partials = sim_trace_partials(s.run->trace, &run->nr_partials);
	run->partials = sim_xcalloc(run->nr_partials + 1, sizeof(*partials));
	if (run->nr_partials)
		memcpy(run->partials, partials, run->nr_partials * sizeof(*partials));
	simulation_close(&s);
	return code;
}

/* The two runs of one scenario are not the same: where they part. */
static void add_difference(const struct one_run *a, const struct one_run *b, struct texts *t)
{
	char hex[2][SIM_FINGERPRINT_TEXT];
	size_t same = 0;

	while (same < a->nr_partials && same < b->nr_partials &&
	       sim_fingerprint_equal(a->partials[same], b->partials[same]))
		same++;
	sim_buf_clear(&t->reason);
	sim_buf_puts(&t->reason, "two runs differ");
	sim_buf_printf(&t->notes,
		       "fingerprints %s and %s; the first %zu records are the same, the "
		       "difference is within the next %d\n",
		       sim_fingerprint_text(a->fingerprint, hex[0]),
		       sim_fingerprint_text(b->fingerprint, hex[1]), same * SIM_TRACE_PARTIAL,
		       SIM_TRACE_PARTIAL);
}

void check_one(const char *path, const struct cli_overrides *overrides, struct check_result *r)
{
	uint64_t start_ms = watch_clock_ms();
	struct texts t = {0}, again = {0};
	struct one_run first, second;

	r->code = run_once(path, overrides, &t, &first);
	if (r->code != CLI_USAGE && !watch_interrupted()) {
		run_once(path, overrides, &again, &second);
		if (!watch_interrupted() &&
		    !sim_fingerprint_equal(first.fingerprint, second.fingerprint)) {
			r->code = CLI_NONDETERMINISM;
			add_difference(&first, &second, &t);
		}
		sim_xfree(second.partials);
	}
	sim_xfree(first.partials);
	sim_buf_free(&again.reason);
	sim_buf_free(&again.notes);
	sim_buf_free(&again.figures);
	r->ms = watch_clock_ms() - start_ms;
	r->reason = take(&t.reason);
	r->notes = take(&t.notes);
	r->figures = take(&t.figures);
}

/* ---- to bytes and back ---- */

void check_result_pack(const struct check_result *r, struct sim_buf *out)
{
	sim_buf_printf(out, "%d %" PRIu64 " %zu %zu %zu\n", (int)r->code, r->ms, strlen(r->reason),
		       strlen(r->notes), strlen(r->figures));
	sim_buf_puts(out, r->reason);
	sim_buf_puts(out, r->notes);
	sim_buf_puts(out, r->figures);
}

static char *copy(const char **p, size_t len)
{
	char *text = sim_xcalloc(len + 1, 1);

	memcpy(text, *p, len);
	*p += len;
	return text;
}

int check_result_unpack(const struct sim_buf *in, struct check_result *r)
{
	const char *p = in->data ? in->data : "";
	size_t len[3];
	int code, used = 0;

	*r = (struct check_result){0};
	if (sscanf(p, "%d %" SCNu64 " %zu %zu %zu%n", &code, &r->ms, &len[0], &len[1], &len[2],
		   &used) != 5 ||
	    p[used] != '\n' || in->len - (size_t)used - 1 != len[0] + len[1] + len[2])
		return -1;
	p += used + 1;
	r->code = (enum cli_exit)code;
	r->reason = copy(&p, len[0]);
	r->notes = copy(&p, len[1]);
	r->figures = copy(&p, len[2]);
	return 0;
}

void check_result_free(struct check_result *r)
{
	sim_xfree(r->reason);
	sim_xfree(r->notes);
	sim_xfree(r->figures);
	*r = (struct check_result){0};
}
