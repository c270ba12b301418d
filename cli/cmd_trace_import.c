/* SPDX-License-Identifier: GPL-2.0-or-later */
/* netfs-sim trace import: a scenario of a recording. */
#include "cli/cmd_trace.h"
#include "cli/recording.h"
#include "traces/import/import.h"

struct import_args {
	const char *dir;
	const char *output;
	bool has_from, drawn;
};

static const struct argp_option options[] = {
	{"from", 'F', "kernel", 0, "What is imported: the recording of a real kernel"},
	{"output", 'o', "FILE", 0, "Where to (default: standard output)"},
	{"drawn", 'd', NULL, 0,
	 "Times are drawn: a seed is a sample of how tasks race (default: the median of each)"},
	{0},
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	static const char *const froms[] = {"kernel", NULL};
	struct import_args *a = state->input;

	switch (key) {
	case 'F':
		cli_choice(state, "--from", arg, froms);
		a->has_from = true;
		return 0;
	case 'o':
		a->output = arg;
		return 0;
	case 'd':
		a->drawn = true;
		return 0;
	case ARGP_KEY_ARG:
		if (a->dir)
			argp_error(state, "'%s': one recording at a time", arg);
		a->dir = arg;
		return 0;
	case ARGP_KEY_NO_ARGS:
		argp_error(state, "which recording?");
		return 0;
	case ARGP_KEY_END:
		if (!a->has_from)
			argp_error(state, "--from is needed; allowed: kernel");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	options, parse, "DIR",
	"Make a scenario of a recording: of its operations (ops.txt) and its mount (meta.txt), "
	"nothing else."};

int cmd_trace_import(int argc, char **argv)
{
	struct import_args a = {.output = "-"};
	struct sim_buf out = {0};
	struct sim_err err = {0};

	cli_parse(&argp, argc, argv, &a);
	if (recording_spare(a.dir, a.output, &err))
		return cli_fail(CLI_USAGE, "%s", err.text);
	if (import_kernel(a.dir, a.drawn ? IMPORT_DRAWN : IMPORT_MEDIAN, &out, &err)) {
		sim_buf_free(&out);
		return cli_fail(CLI_USAGE, "%s", err.text);
	}
	return cli_write(a.output, &out, CLI_MET);
}
