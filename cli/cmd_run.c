/* SPDX-License-Identifier: GPL-2.0-or-later */
/* netfs-sim run: one run of a scenario. */
#include <string.h>

#include "cli/cli.h"
#include "cli/patterns.h"
#include "cli/run_trace.h"
#include "cli/simulate.h"
#include "model/events/events.h"
#include "traces/format/output.h"

struct run_args {
	struct cli_overrides overrides;
	const char *scenario;
	const char *trace, *stats, *results, *proc; /* files; NULL: not wanted */
	struct patterns event;
	bool all_events, json, print_config, quiet;
};

enum { OPT_FORMAT = 0x100, OPT_STATS, OPT_RESULTS, OPT_PROC, OPT_ALL, OPT_PRINT };

static const struct argp_option options[] = {
	{"trace", 't', "FILE", 0, "Write the trace to FILE ('-': standard output)"},
	{"format", OPT_FORMAT, "ftrace", 0, "Format of the trace"},
	{"all-events", OPT_ALL, NULL, 0, "The simulator's own events into the trace, too"},
	{"event", 'e', "PATTERN", 0,
	 "Into the trace only events whose name matches, such as 'netfs_*'; '!mm_*': all others "
	 "(may be repeated)"},
	{"stats", OPT_STATS, "FILE", 0, "Write all figures of the run to FILE, as JSON"},
	{"results", OPT_RESULTS, "FILE", 0, "Write what every call returned to FILE"},
	{"proc", OPT_PROC, "FILE", 0,
	 "Write /proc/fs/netfs/stats and requests to FILE: at the points of the scenario's proc, "
	 "and at the end"},
	{"json", CLI_OPT_JSON, NULL, 0, "Print the summary as JSON"},
	{"quiet", 'q', NULL, 0, "Print no summary"},
	{"print-config", OPT_PRINT, NULL, 0, "Print the effective scenario, do not run it"},
	{0},
};

/* A name that does not exist is a mistake, and would write a trace of nothing. */
static void add_event(struct argp_state *state, struct run_args *a, const char *pattern)
{
	const char *name = pattern + (*pattern == '!');
	const struct patterns one = {&name, 1};
	unsigned i = 0;

	while (i < NR_EVENTS && !patterns_match(&one, model_events[i].name))
		i++;
	if (i == NR_EVENTS || strchr(pattern, ' '))
		argp_error(state,
			   "--event: no event is called '%s'; 'netfs-sim events list' has them",
			   name);
	a->all_events |= !strncmp(pattern, "sim:", 4);
	patterns_add(&a->event, pattern);
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	static const char *const formats[] = {"ftrace", NULL};
	struct run_args *a = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &a->overrides;
		return 0;
	case 't':
		a->trace = arg;
		return 0;
	case OPT_FORMAT:
		cli_choice(state, "--format", arg, formats);
		return 0;
	case 'e':
		add_event(state, a, arg);
		return 0;
	case OPT_ALL:
		a->all_events = true;
		return 0;
	case OPT_STATS:
		a->stats = arg;
		return 0;
	case OPT_RESULTS:
		a->results = arg;
		return 0;
	case OPT_PROC:
		a->proc = arg;
		return 0;
	case CLI_OPT_JSON:
		a->json = true;
		return 0;
	case 'q':
		a->quiet = true;
		return 0;
	case OPT_PRINT:
		a->print_config = true;
		return 0;
	case ARGP_KEY_ARG:
		if (a->scenario)
			argp_error(state, "'%s': one scenario at a time", arg);
		a->scenario = arg;
		return 0;
	case ARGP_KEY_NO_ARGS:
		argp_error(state, "which scenario?");
		return 0;
	case ARGP_KEY_END:
		if (a->event.nr && !a->trace)
			argp_error(state, "--event is for --trace");
		cli_distinct(state, (const char *[]){a->trace, a->stats, a->results, a->proc}, 4);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_child children[] = {{&cli_override_argp, 0, "Overrides:", 2}, {0}};
static const struct argp argp = {
	options, parse, "SCENARIO",
	"Run a scenario once and print what came out.\v"
	"Exit code: 0 expectations met, 1 violated, 2 wrong scenario or unwritable output, "
	"4 a limit was hit. Ctrl-C ends the run with what is known so far.",
	children};

/* Write the extra files and the summary. Nothing of the run is needed after it. */
static int put_out(const struct run_args *a, const struct simulation *s)
{
	int code = scenario_report_exit(s->report);
	struct sim_buf b = {0};

	if (a->stats) {
		scenario_report_json(s->report, &b);
		code = cli_write(a->stats, &b, code);
	}
	if (a->results && code != CLI_USAGE) {
		const struct sim_buf *rows = scenario_run_results(s->run);

		sim_buf_add(&b, rows->data ? rows->data : "", rows->len);
		code = cli_write(a->results, &b, code);
	}
	if (a->proc && code != CLI_USAGE) {
		const struct sim_buf *proc = scenario_run_proc(s->run);

		sim_buf_add(&b, proc->data, proc->len);
		code = cli_write(a->proc, &b, code);
	}
	if (a->quiet || code == CLI_USAGE)
		return code;
	if (a->json)
		scenario_report_json(s->report, &b);
	else
		scenario_report_text(s->report, &b);
	/* A trace on standard output is not to be mixed with it. */
	if (!a->trace || strcmp(a->trace, "-"))
		return cli_print(&b, code);
	fwrite(b.data, 1, b.len, stderr);
	sim_buf_free(&b);
	return code;
}

static bool output_failed(void *out)
{
	return trace_output_failed(out);
}

/* As run_trace_filter() takes it; the caller frees it. */
static struct sim_buf events_text(const struct run_args *a)
{
	struct sim_buf b = {0};

	sim_buf_puts(&b, a->all_events ? "all" : "kernel");
	for (size_t i = 0; i < a->event.nr; i++)
		sim_buf_printf(&b, " %s", a->event.at[i]);
	return b;
}

/* Run with the trace going to out (NULL: none), which is closed. */
static int run_traced(const struct run_args *a, struct simulation *s, struct trace_output *out)
{
	struct progress progress;
	struct run_trace *rt = NULL;
	struct sim_err err = {0};

	if (out) {
		struct sim_buf events = events_text(a);

		rt = run_trace_new(s->run, out, events.data);
		sim_buf_free(&events);
		s->stop = output_failed;
		s->stop_arg = out;
	}
	progress_begin(&progress);
	simulation_go(s, &progress);
	if (rt)
		run_trace_finish(rt, s->report);
	run_trace_free(rt);
	if (out && trace_output_close(out, true, &err))
		return cli_fail(CLI_USAGE, "%s", err.text);
	return put_out(a, s);
}

static int run(const struct run_args *a)
{
	const char *outputs[] = {a->trace, a->stats, a->results, a->proc};
	struct scenario_run_opts opts = {.results = a->results != NULL,
					 .proc = a->proc != NULL,
					 .conditions = a->json || a->stats};
	struct trace_output *out = NULL;
	struct sim_err err = {0};
	struct simulation s;
	int code;

	if (simulation_open(&s, a->scenario, &a->overrides, &opts, &err))
		return cli_fail(CLI_USAGE, "%s", err.text);
	if (!cli_spare_sources(s.scn->doc, outputs, 4, &err) && a->trace)
		out = trace_output_open(a->trace, &err);
	code = err.set ? cli_fail(CLI_USAGE, "%s", err.text) : run_traced(a, &s, out);
	simulation_close(&s);
	return code;
}

static int print_config(const struct run_args *a)
{
	struct sim_conf_opts conf = cli_override_opts(&a->overrides);
	struct sim_err err = {0};
	struct scenario *scn = scenario_load(a->scenario, &conf, &err);
	struct sim_buf b = {0};

	if (!scn)
		return cli_fail(CLI_USAGE, "%s", err.text);
	scenario_dump(scn, &b);
	scenario_free(scn);
	return cli_print(&b, CLI_MET);
}

int cmd_run(int argc, char **argv)
{
	struct run_args a = {0};
	int code;

	cli_parse(&argp, argc, argv, &a);
	watch_signals();
	code = a.print_config ? print_config(&a) : run(&a);
	cli_override_free(&a.overrides);
	patterns_free(&a.event);
	return code;
}
