/* SPDX-License-Identifier: GPL-2.0-or-later */
/* netfs-sim trace check: simulate recordings of real kernels and compare. */
#include <fnmatch.h>
#include <inttypes.h>
#include <string.h>

#include "cli/cmd_trace.h"
#include "cli/list.h"
#include "cli/paths.h"
#include "cli/recording.h"
#include "traces/format/output.h"

struct check_args {
	struct cli_overrides overrides;
	struct paths dirs;
	const char *match; /* NULL: all */
	const char *keep;  /* NULL: not wanted */
	bool verbose, json, strict, values;
	unsigned level, seeds;
};

#define SEEDS_DEFAULT 2500

enum { OPT_KEEP = 0x100, OPT_STRICT, OPT_VALUES, OPT_SEEDS };

static const struct argp_option options[] = {
	{"match", 'm', "GLOB", 0, "Only recordings whose name matches, such as 'read-*'"},
	{"verbose", 'v', NULL, 0, "Show the first differences side by side"},
	{"level", 'l', "1|2|3", 0, "The level that decides the exit code (default 3)"},
	{"keep", OPT_KEEP, "FILE", 0, "Write the simulated trace to FILE (one recording only)"},
	{"strict", OPT_STRICT, NULL, 0, "One order of lines per request, the collector's included"},
	{"values", OPT_VALUES, NULL, 0, "Level 3 compares offsets and lengths in all lines, too"},
	{"seeds", OPT_SEEDS, "N", 0,
	 "Simulate a recording that differs up to N times, until one matches (default 2500): the "
	 "order of racing tasks is drawn"},
	{"json", CLI_OPT_JSON, NULL, 0, "Print JSON"},
	{0},
};

static void parse_dir(struct argp_state *state, const char *arg, struct check_args *a)
{
	struct sim_err err = {0};

	if (paths_add_recordings(&a->dirs, arg, &err))
		argp_failure(state, CLI_USAGE, 0, "%s", err.text);
}

static bool matches(const char *dir, const char *glob)
{
	char *name = path_base(dir);
	bool ret = !fnmatch(glob, name, 0);

	sim_xfree(name);
	return ret;
}

/* Leave only the recordings whose name matches. */
static void filter(struct argp_state *state, struct check_args *a)
{
	struct paths *dirs = &a->dirs;
	size_t kept = 0;

	for (size_t i = 0; i < dirs->nr; i++) {
		char *dir = dirs->at[i];

		if (a->match && !matches(dir, a->match))
			continue;
		dirs->at[i] = dirs->at[kept];
		dirs->at[kept++] = dir;
	}
	if (!kept)
		argp_error(state, "--match: '%s' matches none of the %zu recordings, such as %s",
			   a->match, dirs->nr, dirs->at[0]);
	while (dirs->nr > kept)
		sim_xfree(dirs->at[--dirs->nr]);
	if (kept != 1 && a->keep)
		argp_error(state, "--keep is for one recording, these are %zu", kept);
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct check_args *a = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &a->overrides;
		return 0;
	case 'm':
		a->match = arg;
		return 0;
	case 'v':
		a->verbose = true;
		return 0;
	case 'l':
		a->level = (unsigned)cli_number(state, "--level", arg, 1, COMPARE_LEVELS);
		return 0;
	case OPT_KEEP:
		a->keep = arg;
		return 0;
	case OPT_STRICT:
		a->strict = true;
		return 0;
	case OPT_VALUES:
		a->values = true;
		return 0;
	case OPT_SEEDS:
		a->seeds = (unsigned)cli_number(state, "--seeds", arg, 1, 1000000);
		return 0;
	case CLI_OPT_JSON:
		a->json = true;
		return 0;
	case ARGP_KEY_ARG:
		parse_dir(state, arg, a);
		return 0;
	case ARGP_KEY_NO_ARGS:
		argp_error(state, "which recordings?");
		return 0;
	case ARGP_KEY_END:
		filter(state, a);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_child children[] = {{&cli_override_argp, 0, "Overrides:", 2}, {0}};
static const struct argp argp = {
	options, parse, "DIR...",
	"Simulate recordings of real kernels, or all those under folders, and compare: requests "
	"and subrequests (L1), folio events (L2), all netfs events per request (L3), results of "
	"calls, the server's final bytes; and what happened to each page of the page cache.\v"
	"Exit code: 0 all match up to the level asked for, the page cache aside, 1 some differ, "
	"2 a recording cannot be read.",
	children};

/* ---- output ---- */

struct totals {
	size_t nr, broken;
	size_t level[COMPARE_LEVELS + 1]; /* recordings that match up to it */
	size_t pages, calls, server;
	size_t reseeded; /* recordings that match in all with a seed other than the first */
};

static bool calls_match(const struct results_diff *d)
{
	return d->calls.got == d->calls.of;
}

static bool pages_match(const struct recording_result *r)
{
	const struct compare_count *c = &r->trace.level[COMPARE_PAGES];

	return c->got == c->of;
}

static bool server_matches(const struct results_diff *d)
{
	return d->dumps.got == d->dumps.of;
}

static void count(struct totals *t, const struct recording_result *r)
{
	t->nr++;
	for (unsigned level = 1; level <= COMPARE_LEVELS; level++)
		t->level[level] += compare_matches(&r->trace, level);
	t->pages += pages_match(r);
	t->calls += calls_match(&r->results);
	t->server += server_matches(&r->results);
	t->reseeded += r->draws.seed && recording_matches(r);
}

static void put_draws(struct sim_buf *out, const struct recording_draws *d)
{
	if (d->seed)
		sim_buf_printf(out, " (seed %" PRIu64, d->seed);
	if (d->nr_reseeds)
		sim_buf_printf(out, ", %zu reseeds", d->nr_reseeds);
	if (d->seed)
		sim_buf_putc(out, ')');
}

static void put_line(struct sim_buf *out, const char *dir, const struct recording_result *r)
{
	const struct results_diff *d = &r->results;

	for (unsigned level = 1; level <= COMPARE_LEVELS; level++)
		sim_buf_printf(out, "L%u %" PRIu64 "/%" PRIu64 " ", level,
			       r->trace.level[level].got, r->trace.level[level].of);
	sim_buf_printf(out,
		       "pages %" PRIu64 "/%" PRIu64 " calls %" PRIu32 "/%" PRIu32
		       " server %s  %s%s",
		       r->trace.level[COMPARE_PAGES].got, r->trace.level[COMPARE_PAGES].of,
		       d->calls.got, d->calls.of, server_matches(d) ? "ok" : "DIFFERS", dir,
		       r->end == SIM_END_QUIESCENT ? "" : " (did not come to its end)");
	put_draws(out, &r->draws);
	sim_buf_putc(out, '\n');
}

static void put_details(struct sim_buf *out, const struct check_args *a,
			const struct recording_result *r)
{
	for (unsigned level = 1; level <= a->level; level++)
		compare_print_first(out, &r->trace, level, cli_width());
	compare_print_first(out, &r->trace, COMPARE_PAGES, cli_width());
	if (!calls_match(&r->results) || !server_matches(&r->results))
		results_print(out, &r->results, cli_width());
	if (r->draws.nr_reseeds) {
		sim_buf_puts(out, "reseed: ");
		recording_put_reseeds(out, &r->draws);
		sim_buf_putc(out, '\n');
	}
	if (r->violations.len)
		sim_buf_printf(out, "the checker: %s", r->violations.data);
}

static void put_level(struct json *j, const char *key, const struct compare_result *r,
		      unsigned level)
{
	json_open(j, key, '{');
	json_uint(j, "match", r->level[level].got);
	json_uint(j, "of", r->level[level].of);
	json_text(j, "first_difference", r->first[level] ? r->first[level]->text : NULL);
	json_close(j, '}');
}

static void put_json(struct json *j, const char *dir, const struct recording_result *r)
{
	const struct results_diff *d = &r->results;
	struct sim_buf reseeds = {0};
	char key[8] = "L0";

	json_open(j, NULL, '{');
	json_text(j, "recording", dir);
	json_bool(j, "match", recording_matches(r));
	for (unsigned level = 1; level <= COMPARE_LEVELS; level++) {
		key[1] = (char)('0' + level);
		put_level(j, key, &r->trace, level);
	}
	put_level(j, "pages", &r->trace, COMPARE_PAGES);
	json_uint(j, "seed", r->draws.seed);
	recording_put_reseeds(&reseeds, &r->draws);
	json_text(j, "reseed", reseeds.data);
	sim_buf_free(&reseeds);
	json_uint(j, "calls_match", d->calls.got);
	json_uint(j, "calls", d->calls.of);
	json_bool(j, "server_match", server_matches(d));
	json_text(j, "end", sim_end_name(r->end));
	json_text(j, "checker", r->violations.len ? r->violations.data : NULL);
	json_close(j, '}');
}

static void put_totals(struct sim_buf *out, const struct totals *t)
{
	sim_buf_printf(out,
		       "%zu recordings: match L1 %zu, L2 %zu, L3 %zu, pages %zu, calls %zu, "
		       "server %zu",
		       t->nr, t->level[1], t->level[2], t->level[3], t->pages, t->calls, t->server);
	if (t->reseeded)
		sim_buf_printf(out, "; %zu of them with another seed", t->reseeded);
	if (t->broken)
		sim_buf_printf(out, "; %zu could not be simulated", t->broken);
	sim_buf_putc(out, '\n');
}

/* ---- all ---- */

struct checking {
	const struct check_args *args;
	struct totals totals;
	struct trace_output *out;
	struct json json;
	int code;
};

static void check_dir(struct checking *c, const char *dir)
{
	const struct check_args *a = c->args;
	struct recording_options opts = {&a->overrides, a->strict, a->values, a->seeds, a->keep};
	struct sim_buf *out = trace_output_buf(c->out);
	struct recording_result r;
	struct sim_err err = {0};

	if (recording_spare(dir, a->keep, &err) || recording_check(dir, &opts, &r, &err)) {
		c->totals.broken++;
		c->code = cli_fail(CLI_USAGE, "%s", err.text);
		return;
	}
	count(&c->totals, &r);
	if (a->json)
		put_json(&c->json, dir, &r);
	else
		put_line(out, dir, &r);
	if (a->verbose && !a->json)
		put_details(out, a, &r);
	if (!c->code && !(compare_matches(&r.trace, a->level) && calls_match(&r.results) &&
			  server_matches(&r.results)))
		c->code = CLI_VIOLATED;
	trace_output_push(c->out);
	recording_result_free(&r);
}

static int check_all(struct checking *c)
{
	const struct check_args *a = c->args;
	struct progress progress;
	struct sim_err err = {0};

	c->out = trace_output_open("-", &err);
	if (!c->out)
		return cli_fail(CLI_USAGE, "%s", err.text);
	c->json.out = trace_output_buf(c->out);
	if (a->json)
		json_open(&c->json, NULL, '[');
	progress_begin(&progress);
	for (size_t i = 0; i < a->dirs.nr && !watch_interrupted(); i++) {
		if (progress_due(&progress))
			progress_show(&progress, "%zu of %zu recordings", i, a->dirs.nr);
		check_dir(c, a->dirs.at[i]);
	}
	progress_end(&progress);
	if (a->json)
		json_close(&c->json, ']');
	else
		put_totals(trace_output_buf(c->out), &c->totals);
	if (trace_output_close(c->out, true, &err))
		return cli_fail(CLI_USAGE, "%s", err.text);
	return watch_interrupted() && !c->code ? CLI_VIOLATED : c->code;
}

int cmd_trace_check(int argc, char **argv)
{
	struct check_args a = {.level = COMPARE_LEVELS, .seeds = SEEDS_DEFAULT};
	struct checking c = {.args = &a};
	int code;

	cli_parse(&argp, argc, argv, &a);
	watch_signals();
	code = check_all(&c);
	paths_free(&a.dirs);
	cli_override_free(&a.overrides);
	return code;
}
