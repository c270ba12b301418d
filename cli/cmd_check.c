/* SPDX-License-Identifier: GPL-2.0-or-later */
/* netfs-sim check: every scenario against its expectations, twice. */
#include <string.h>
#include <unistd.h>

#include "cli/baseline.h"
#include "cli/check_one.h"
#include "cli/check_report.h"
#include "cli/jobs.h"
#include "cli/paths.h"
#include "cli/watch.h"
#include "sim/base/arena.h"
#include "traces/format/output.h"

struct check_args {
	struct cli_overrides overrides;
	struct paths paths;
	struct paths folders; /* of which paths has all scenarios */
	enum check_format format;
	unsigned jobs;
	const char *baseline;
	bool bless;
};

enum { OPT_FORMAT = 0x100, OPT_BASELINE, OPT_BLESS };

static const struct argp_option options[] = {
	{"format", OPT_FORMAT, "text|tap|ktap|junit|json", 0, "What to print (default text)"},
	{"json", CLI_OPT_JSON, NULL, 0, "The same as --format json"},
	{"jobs", 'j', "N", 0, "Run N scenarios at once (default: one per processor)"},
	{"baseline", OPT_BASELINE, "FILE", 0, "Compare the exact figures with those in FILE"},
	{"bless", OPT_BLESS, NULL, 0, "Write the figures of what passes to the baseline"},
	{0},
};

static void parse_path(struct argp_state *state, const char *arg, struct check_args *a)
{
	struct sim_err err = {0};

	if (path_is_folder(arg))
		paths_add(&a->folders, arg);
	if (paths_add_scenarios(&a->paths, arg, &err))
		argp_failure(state, CLI_USAGE, 0, "%s", err.text);
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	static const char *const formats[] = {"text", "tap", "ktap", "junit", "json", NULL};
	struct check_args *a = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &a->overrides;
		return 0;
	case OPT_FORMAT:
		a->format = (enum check_format)cli_choice(state, "--format", arg, formats);
		return 0;
	case CLI_OPT_JSON:
		a->format = CHECK_JSON;
		return 0;
	case 'j':
		a->jobs = (unsigned)cli_number(state, "--jobs", arg, 1, 256);
		return 0;
	case OPT_BASELINE:
		a->baseline = arg;
		return 0;
	case OPT_BLESS:
		a->bless = true;
		return 0;
	case ARGP_KEY_ARG:
		parse_path(state, arg, a);
		return 0;
	case ARGP_KEY_NO_ARGS:
		argp_error(state, "which scenarios? give files or folders");
		return 0;
	case ARGP_KEY_END:
		if (a->bless && !a->baseline)
			argp_error(state, "--bless needs --baseline FILE");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_child children[] = {{&cli_override_argp, 0, "Overrides:", 2}, {0}};
static const struct argp argp = {
	options, parse, "PATH...",
	"Run scenarios, and all those under folders, against their expectations. Each is run "
	"twice; the two runs must have the same fingerprint.\v"
	"Exit code, the first that applies to one of them: 5 it crashed, 3 its two runs differ, "
	"2 it cannot be run, 1 an expectation or the baseline is not met, 4 a limit was hit; 0 all "
	"is well.",
	children};

struct checking {
	const struct check_args *args;
	struct baseline baseline;
	struct paths gone; /* scenarios that only the baseline has */
	struct check_report report;
	struct trace_output *out;
	struct progress progress;
	enum cli_exit code;
};

/* How bad a code is, for the one that stands for all. */
static unsigned badness(enum cli_exit code)
{
	static const unsigned badness_of[] = {
		[CLI_MET] = 0,   [CLI_LIMIT] = 1,          [CLI_VIOLATED] = 2,
		[CLI_USAGE] = 3, [CLI_NONDETERMINISM] = 4, [CLI_INTERNAL] = 5,
	};

	return code == CLI_SKIPPED ? badness_of[CLI_VIOLATED] : badness_of[code];
}

static void work(size_t i, struct sim_buf *out, void *arg)
{
	struct checking *c = arg;
	struct check_result r;

	check_one(c->args->paths.at[i], &c->args->overrides, &r);
	check_result_pack(&r, out);
	check_result_free(&r);
}

static char *append_note(char *notes, const struct sim_buf *more)
{
	struct sim_buf b = {0};

	sim_buf_printf(&b, "%s%s", notes, more->data);
	sim_xfree(notes);
	return b.data;
}

/*
 * What the baseline has of the folders that were given, and they have no more, is taken out of it.
 * Unless that is what is wanted it is a failure, told after the others.
 */
static void find_gone(struct checking *c)
{
	const struct check_args *a = c->args;

	for (size_t i = 0; i < c->baseline.nr;) {
		const char *scenario = c->baseline.at[i].scenario;

		if (!paths_cover(&a->folders, scenario) || paths_have(&a->paths, scenario)) {
			i++;
			continue;
		}
		if (!a->bless)
			paths_add(&c->gone, scenario);
		baseline_drop(&c->baseline, i);
	}
}

static void judge(struct checking *c, size_t i, const char *path, const struct check_result *r)
{
	if (badness(r->code) > badness(c->code))
		c->code = r->code == CLI_SKIPPED ? CLI_VIOLATED : r->code;
	check_report_add(&c->report, i, path, r);
}

static void report_gone(struct checking *c)
{
	for (size_t i = 0; i < c->gone.nr; i++) {
		struct check_result r = {
			.code = CLI_VIOLATED,
			.reason = sim_xstrdup("not as in the baseline"),
			.notes =
				sim_xstrdup("baseline: has it, but it is gone; --bless drops it\n"),
			.figures = sim_xstrdup(""),
		};

		judge(c, c->args->paths.nr + i, c->gone.at[i], &r);
		check_result_free(&r);
	}
}

/* Hold the figures against the baseline, or put them into it. */
static void compare_baseline(struct checking *c, const char *path, struct check_result *r)
{
	struct sim_buf diff = {0};
	unsigned n;

	if (!c->args->baseline || !*r->figures || r->code == CLI_NONDETERMINISM)
		return;
	if (c->args->bless) {
		if (r->code == CLI_MET)
			baseline_set(&c->baseline, path, r->figures);
		return;
	}
	n = baseline_compare(&c->baseline, path, r->figures, &diff);
	if (!n)
		return;
	if (r->code == CLI_MET) {
		r->code = CLI_VIOLATED;
		sim_xfree(r->reason);
		r->reason = sim_xstrdup("not as in the baseline");
	}
	r->notes = append_note(r->notes, &diff);
	sim_buf_free(&diff);
}

static void done(size_t i, enum job_end end, const struct sim_buf *out, void *arg)
{
	struct checking *c = arg;
	const char *path = c->args->paths.at[i];
	struct check_result r = {0};

	if (end == JOB_DONE && check_result_unpack(out, &r))
		end = JOB_CRASHED;
	if (end != JOB_DONE) {
		const char *why = end == JOB_NOT_RUN ? "interrupted" : "the process died";

		check_result_free(&r);
		r.code = end == JOB_NOT_RUN ? CLI_SKIPPED : CLI_INTERNAL;
		r.reason = sim_xstrdup(why);
		r.notes = sim_xstrdup(out->data ? out->data : "");
		r.figures = sim_xstrdup("");
	}
	compare_baseline(c, path, &r);
	judge(c, i, path, &r);
	trace_output_push(c->out);
	check_result_free(&r);
}

static void show(size_t ended, void *arg)
{
	struct checking *c = arg;

	if (progress_due(&c->progress))
		progress_show(&c->progress, "%zu of %zu scenarios, %zu failed", ended,
			      c->args->paths.nr, c->report.failed);
}

static int check(struct checking *c, struct sim_err *err)
{
	struct jobs jobs = {.nr = c->args->paths.nr,
			    .parallel = c->args->jobs,
			    .work = work,
			    .done = done,
			    .progress = show,
			    .arg = c};

	if (c->args->baseline &&
	    baseline_read(c->args->baseline, c->args->bless, &c->baseline, err))
		return -1;
	c->out = trace_output_open("-", err);
	if (!c->out)
		return -1;
	c->report.format = c->args->format;
	c->report.out = trace_output_buf(c->out);
	find_gone(c);
	c->report.nr = c->args->paths.nr + c->gone.nr;
	check_report_begin(&c->report);
	progress_begin(&c->progress);
	jobs_run(&jobs, err);
	progress_end(&c->progress);
	report_gone(c);
	check_report_end(&c->report);
	trace_output_close(c->out, true, err);
	if (c->args->bless && !err->set && baseline_write(c->args->baseline, &c->baseline, err))
		return -1;
	return err->set ? -1 : 0;
}

int cmd_check(int argc, char **argv)
{
	struct check_args a = {.jobs = (unsigned)sysconf(_SC_NPROCESSORS_ONLN)};
	struct checking c = {.args = &a};
	struct sim_err err = {0};
	int code;

	cli_parse(&argp, argc, argv, &a);
	watch_signals();
	if (!a.jobs || a.jobs > 256)
		a.jobs = 1;
	if (check(&c, &err))
		code = cli_fail(CLI_USAGE, "%s", err.text);
	else
		code = c.code;
	baseline_free(&c.baseline);
	paths_free(&c.gone);
	paths_free(&a.paths);
	paths_free(&a.folders);
	cli_override_free(&a.overrides);
	return code;
}
