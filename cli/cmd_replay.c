/* SPDX-License-Identifier: GPL-2.0-or-later */
/* netfs-sim replay: run again what a trace recorded, and compare. */
#include <inttypes.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/json.h"
#include "cli/recorded.h"
#include "cli/replay_compare.h"
#include "cli/run_trace.h"
#include "cli/simulate.h"
#include "sim/base/arena.h"
#include "traces/format/ftrace_read.h"

struct replay_args {
	const char *path;
	const char *trace; /* NULL: not wanted */
	bool json;
};

static const struct argp_option options[] = {
	{"trace", 't', "FILE", 0, "Write the trace of the replay to FILE"},
	{"json", CLI_OPT_JSON, NULL, 0, "Print JSON"},
	{0},
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct replay_args *a = state->input;

	switch (key) {
	case 't':
		a->trace = arg;
		return 0;
	case CLI_OPT_JSON:
		a->json = true;
		return 0;
	case ARGP_KEY_ARG:
		if (a->path)
			argp_error(state, "'%s': one trace at a time", arg);
		a->path = arg;
		return 0;
	case ARGP_KEY_NO_ARGS:
		argp_error(state, "which trace?");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	options, parse, "TRACE",
	"Run again what 'run --trace' recorded: the scenario and the choices are taken from the "
	"trace. Says where the replay left the recording, if it did.\v"
	"Exit code: 0 the same fingerprint, 2 no trace of a run, 3 the replay differs."};

struct replay {
	const struct replay_args *args;
	struct recorded recorded;
	struct simulation s;
	struct replay_compare compare;
	bool same;
};

/* How many records of both are surely the same. */
static uint64_t agreed_records(struct replay *r)
{
	const struct sim_fingerprint *now;
	size_t nr, same = 0;

	now = sim_trace_partials(r->s.run->trace, &nr);
	while (same < nr && same < r->recorded.nr_partials &&
	       sim_fingerprint_equal(now[same], r->recorded.partials[same]))
		same++;
	return same * SIM_TRACE_PARTIAL;
}

static void put_difference(struct replay *r, struct sim_buf *out)
{
	const struct sim_divergence *d = sim_choices_divergence(r->s.run->choices);
	const struct replay_compare *c = &r->compare;

	sim_buf_puts(out, "the replay differs from the recording\n");
	if (strcmp(r->recorded.version, CLI_VERSION))
		sim_buf_printf(out, "recorded by version %s, replayed by %s\n", r->recorded.version,
			       CLI_VERSION);
	if (d)
		sim_buf_printf(out, "choice %" PRIu64 ": %s; the first %" PRIu64 " choices agree\n",
			       d->ordinal, d->why, d->agreed);
	sim_buf_printf(out, "the first %" PRIu64 " records agree for certain\n", agreed_records(r));
	if (c->differs)
		sim_buf_printf(out,
			       "the first event that differs, after %" PRIu64 " that do not, line "
			       "%" PRIu32 " of %s:\n  recorded: %s\n  replayed: %s\n",
			       c->same, c->line, r->args->path, c->recorded ? c->recorded : "-",
			       c->now ? c->now : "-");
	else
		sim_buf_puts(out, "no event in the trace differs: what differs is outside of its "
				  "window, or an event it does not hold\n");
}

static void put_text(struct replay *r, struct sim_buf *out)
{
	char hex[SIM_FINGERPRINT_TEXT];

	if (r->same)
		sim_buf_printf(out,
			       "the same: fingerprint %s, %" PRIu64 " records, %" PRIu64
			       " choices, end: %s\n",
			       sim_fingerprint_text(r->s.report->fingerprint, hex),
			       r->s.report->records, r->s.report->nr_choices, r->recorded.end);
	else
		put_difference(r, out);
}

static void put_json(struct replay *r, struct sim_buf *out)
{
	const struct sim_divergence *d = sim_choices_divergence(r->s.run->choices);
	char hex[SIM_FINGERPRINT_TEXT];
	struct json j = {.out = out};

	json_open(&j, NULL, '{');
	json_text(&j, "trace", r->args->path);
	json_bool(&j, "same", r->same);
	json_text(&j, "recorded_version", r->recorded.version);
	json_text(&j, "recorded_fingerprint", sim_fingerprint_text(r->recorded.fingerprint, hex));
	json_text(&j, "fingerprint", sim_fingerprint_text(r->s.report->fingerprint, hex));
	json_uint(&j, "recorded_records", r->recorded.records);
	json_uint(&j, "records", r->s.report->records);
	json_uint(&j, "agreed_records", r->same ? r->s.report->records : agreed_records(r));
	json_uint(&j, "choices", r->s.report->nr_choices);
	json_text(&j, "divergence", d ? d->why : NULL);
	json_text(&j, "recorded_event", r->compare.recorded);
	json_text(&j, "event", r->compare.now);
	json_close(&j, '}');
}

/* Run with both listeners; the recording's text is needed meanwhile. */
static int run(struct replay *r, const char *text, struct sim_err *err)
{
	struct trace_output *out = NULL;
	struct run_trace *rt = NULL;
	struct progress progress;

	if (r->args->trace) {
		out = trace_output_open(r->args->trace, err);
		if (!out)
			return -1;
		rt = run_trace_new(r->s.run, out, r->recorded.events);
	}
	replay_compare_begin(&r->compare, r->s.run, r->recorded.events, text);
	r->s.bounded = !strcmp(r->recorded.end, "incomplete");
	r->s.max_steps = r->recorded.steps;
	progress_begin(&progress);
	simulation_go(&r->s, &progress);
	replay_compare_end(&r->compare);
	if (rt)
		run_trace_finish(rt, r->s.report);
	run_trace_free(rt);
	if (out && trace_output_close(out, true, err))
		return -1;
	r->same = sim_fingerprint_equal(r->recorded.fingerprint, r->s.report->fingerprint) &&
		  r->recorded.records == r->s.report->records &&
		  !sim_choices_divergence(r->s.run->choices);
	return 0;
}

/* The policy that repeats; what a policy may do besides picking is as the scenario has it. */
static int open_replay(struct replay *r, struct sim_err *err)
{
	struct sim_choices_config choices = {
		.policy = &sim_policy_replay,
		.recording = r->recorded.choices,
		.nr_recording = r->recorded.nr_choices,
	};
	struct scenario_run_opts opts = {.choices = &choices};
	struct cli_overrides none = {0};

	r->s.scn = scenario_load_text(r->args->path, r->recorded.yaml.data, r->recorded.yaml.len,
				      NULL, err);
	if (!r->s.scn)
		return -1;
	choices.preempts = r->s.scn->schedule.preempt_once != 0;
	scenario_free(r->s.scn);
	return simulation_open_text(&r->s, r->args->path, &r->recorded.yaml, &none, &opts, err);
}

static int replay(struct replay *r, const char *text)
{
	struct sim_err err = {0};
	struct sim_buf out = {0};
	int code;

	if (recorded_read(r->args->path, text, &r->recorded, &err))
		return cli_fail(CLI_USAGE, "%s", err.text);
	if (open_replay(r, &err)) {
		recorded_free(&r->recorded);
		return cli_fail(CLI_USAGE, "%s", err.text);
	}
	if (run(r, text, &err)) {
		code = cli_fail(CLI_USAGE, "%s", err.text);
	} else if (watch_interrupted()) {
		code = cli_fail(CLI_VIOLATED, "interrupted: nothing was compared to its end");
	} else {
		if (r->args->json)
			put_json(r, &out);
		else
			put_text(r, &out);
		code = cli_print(&out, r->same ? CLI_MET : CLI_NONDETERMINISM);
	}
	replay_compare_free(&r->compare);
	simulation_close(&r->s);
	recorded_free(&r->recorded);
	return code;
}

int cmd_replay(int argc, char **argv)
{
	struct replay_args a = {0};
	struct replay r = {.args = &a};
	struct sim_err err = {0};
	char *text;
	size_t len;
	int code;

	cli_parse(&argp, argc, argv, &a);
	watch_signals();
	if (cli_spare(a.path, &a.trace, 1, &err) ||
	    sim_read_file(a.path, FTRACE_FILE_MAX, &text, &len, &err))
		return cli_fail(CLI_USAGE, "%s", err.text);
	code = replay(&r, text);
	sim_xfree(text);
	return code;
}
