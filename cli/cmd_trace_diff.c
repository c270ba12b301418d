/* SPDX-License-Identifier: GPL-2.0-or-later */
/* netfs-sim trace diff: two traces side by side, ids and times normalised. */
#include <string.h>

#include "cli/cmd_trace.h"
#include "cli/json.h"
#include "cli/paths.h"
#include "sim/base/arena.h"
#include "traces/compare/compare.h"

struct diff_args {
	const char *path[2];
	unsigned nr, level;
	bool json, quiet, strict, values;
};

enum { OPT_STRICT = 0x100, OPT_VALUES };

static const struct argp_option options[] = {
	{"level", 'l', "1|2|3", 0, "The level that decides (default 3)"},
	{"strict", OPT_STRICT, NULL, 0, "One order of lines per request, the collector's included"},
	{"values", OPT_VALUES, NULL, 0, "Level 3 compares offsets and lengths in all lines, too"},
	{"json", CLI_OPT_JSON, NULL, 0, "Print the counts as JSON"},
	{"quiet", 'q', NULL, 0, "Print the line of counts only"},
	{0},
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct diff_args *a = state->input;

	switch (key) {
	case 'l':
		a->level = (unsigned)cli_number(state, "--level", arg, 1, COMPARE_LEVELS);
		return 0;
	case OPT_STRICT:
		a->strict = true;
		return 0;
	case OPT_VALUES:
		a->values = true;
		return 0;
	case CLI_OPT_JSON:
		a->json = true;
		return 0;
	case 'q':
		a->quiet = true;
		return 0;
	case ARGP_KEY_ARG:
		if (a->nr == 2)
			argp_error(state, "'%s': two traces are compared", arg);
		a->path[a->nr++] = arg;
		return 0;
	case ARGP_KEY_END:
		if (a->nr < 2)
			argp_error(state, "two traces are compared");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	options, parse, "A B",
	"Compare two ftrace texts at three levels: requests and subrequests; folio events; all "
	"netfs events of each request in order.\v"
	"Exit code: 0 they match up to the level asked for, 1 they differ."};

static void put_counts(struct json *j, const struct compare_result *r, unsigned level)
{
	json_uint(j, "match", r->level[level].got);
	json_uint(j, "of", r->level[level].of);
	json_text(j, "first_difference", r->first[level] ? r->first[level]->text : NULL);
}

static void put_json(const struct compare_result *r, struct sim_buf *out)
{
	struct json j = {.out = out};

	json_open(&j, NULL, '{');
	json_open(&j, "levels", '[');
	for (unsigned level = 1; level <= COMPARE_LEVELS; level++) {
		json_open(&j, NULL, '{');
		json_uint(&j, "level", level);
		put_counts(&j, r, level);
		json_close(&j, '}');
	}
	json_close(&j, ']');
	json_open(&j, "pages", '{');
	put_counts(&j, r, COMPARE_PAGES);
	json_close(&j, '}');
	json_close(&j, '}');
}

/* What the traces are called: by the ends of their paths, if that tells them apart. */
static void name_traces(const struct diff_args *a, char *names[2])
{
	bool same;

	for (int i = 0; i < 2; i++)
		names[i] = path_base(a->path[i]);
	same = !strcmp(names[0], names[1]);
	for (int i = 0; i < 2 && same; i++) {
		sim_xfree(names[i]);
		names[i] = sim_xstrdup(a->path[i]);
	}
}

static int diff(const struct diff_args *a)
{
	struct compare_options opts = a->strict ? (struct compare_options){0} : compare_robust;
	struct compare_result r;
	struct sim_buf out = {0};
	struct sim_err err = {0};
	char *names[2];
	int code;

	opts.values = a->values;
	name_traces(a, names);
	memcpy(opts.names, names, sizeof(names));
	code = compare_traces(a->path[0], a->path[1], NULL, &opts, &r, &err);
	sim_xfree(names[0]);
	sim_xfree(names[1]);
	if (code)
		return cli_fail(CLI_USAGE, "%s", err.text);
	code = compare_matches(&r, a->level) ? CLI_MET : CLI_VIOLATED;
	if (a->json)
		put_json(&r, &out);
	else if (a->quiet)
		compare_print_scores(&out, &r);
	else
		compare_print(&out, &r, a->level, cli_width());
	compare_result_free(&r);
	return cli_print(&out, code);
}

int cmd_trace_diff(int argc, char **argv)
{
	struct diff_args a = {.level = COMPARE_LEVELS};

	cli_parse(&argp, argc, argv, &a);
	return diff(&a);
}
