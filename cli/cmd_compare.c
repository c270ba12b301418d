/* SPDX-License-Identifier: GPL-2.0-or-later */
/* netfs-sim compare: one scenario with two sets of overrides, side by side. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli/figures.h"
#include "cli/list.h"
#include "cli/simulate.h"
#include "sim/base/arena.h"

struct compare_args {
	struct cli_overrides common;
	const char *scenario;
	const char *side[2];
	unsigned nr;
	uint64_t tolerance_num, tolerance_den; /* of one hundredth */
	bool json, changed;
};

static const struct argp_option options[] = {
	{"tolerance", 't', "PERCENT", 0, "How much worse B may be, such as 2 or 0.5 (default 0)"},
	{"changed", 'c', NULL, 0, "Only figures that differ"},
	{"json", CLI_OPT_JSON, NULL, 0, "Print JSON"},
	{0},
};

/* "2", "0.5" */
static void parse_tolerance(struct argp_state *state, const char *arg, struct compare_args *a)
{
	uint64_t num = 0, den = 1;
	const char *p = arg;
	bool point = false;

	for (; *p && num < 1000000000; p++) {
		if (*p == '.' && !point && p != arg && p[1]) {
			point = true;
			continue;
		}
		if (*p < '0' || *p > '9')
			break;
		num = num * 10 + (uint64_t)(*p - '0');
		den *= point ? 10 : 1;
	}
	if (*p || !*arg)
		argp_error(state, "--tolerance: '%s' is no percentage such as 2 or 0.5", arg);
	a->tolerance_num = num;
	a->tolerance_den = den * 100;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct compare_args *a = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &a->common;
		return 0;
	case 't':
		parse_tolerance(state, arg, a);
		return 0;
	case 'c':
		a->changed = true;
		return 0;
	case CLI_OPT_JSON:
		a->json = true;
		return 0;
	case ARGP_KEY_ARG:
		if (a->nr == 3)
			argp_error(state, "'%s' is one argument too many", arg);
		if (!a->nr)
			a->scenario = arg;
		else
			a->side[a->nr - 1] = arg;
		a->nr++;
		return 0;
	case ARGP_KEY_END:
		if (a->nr < 3)
			argp_error(state, "a scenario and two sets of overrides are needed");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_child children[] = {{&cli_override_argp, 0, "Overrides of both sides:", 2},
					     {0}};
static const struct argp argp = {
	options, parse, "SCENARIO A B",
	"Run a scenario with the overrides A and with the overrides B, and print the figures of "
	"both. A and B are lists such as mount.msize=16KiB,server.slots=4; an empty one is the "
	"scenario as it is.\v"
	"Figures marked * are judged: less is better. Exit code: 0 B is as good as A, or worse by "
	"at most the tolerance; 1 it is worse; 2 wrong scenario or overrides.",
	children};

/* ---- one side ---- */

struct side {
	struct figures figures;
	enum scenario_verdict verdict;
	const char *verdict_text;
	struct sim_buf results;
	struct sim_buf failures; /* expectations that are not met, a line each */
};

static const char *verdict_name(enum scenario_verdict v)
{
	static const char *const names[] = {
		[SCENARIO_MET] = "met",
		[SCENARIO_VIOLATED] = "violated",
		[SCENARIO_LIMIT] = "limit",
		[SCENARIO_DIVERGED] = "diverged",
		[SCENARIO_INCOMPLETE] = "incomplete",
	};

	return names[v];
}

static void keep_side(struct side *side, const struct simulation *s)
{
	const struct sim_buf *rows = scenario_run_results(s->run);

	figures_of(s->report, &side->figures);
	side->verdict = s->report->verdict;
	side->verdict_text = verdict_name(side->verdict);
	sim_buf_add(&side->results, rows->data ? rows->data : "", rows->len);
	sim_buf_putc(&side->results, '\0');
	for (size_t i = 0; i < s->report->nr_failures; i++)
		sim_buf_printf(&side->failures, "%s\n", s->report->failures[i]);
}

static int run_side(const struct compare_args *a, int nr, struct side *side)
{
	struct scenario_run_opts opts = {.results = true};
	struct cli_overrides all = {0};
	struct progress progress;
	struct sim_err err = {0};
	struct simulation s;

	cli_override_add_all(&all, &a->common);
	all.origin = nr ? "B" : "A";
	cli_override_add_list(&all, a->side[nr]);
	if (simulation_open(&s, a->scenario, &all, &opts, &err)) {
		cli_override_free(&all);
		return cli_fail(CLI_USAGE, "%s", err.text);
	}
	progress_begin(&progress);
	simulation_go(&s, &progress);
	keep_side(side, &s);
	simulation_close(&s);
	cli_override_free(&all);
	return CLI_MET;
}

static void free_side(struct side *side)
{
	figures_free(&side->figures);
	sim_buf_free(&side->results);
	sim_buf_free(&side->failures);
}

/* ---- both ---- */

/* b > a * (1 + tolerance) */
static bool worse(const struct compare_args *args, uint64_t a, uint64_t b)
{
	unsigned __int128 most = (unsigned __int128)a * (args->tolerance_den + args->tolerance_num);

	return (unsigned __int128)b * args->tolerance_den > most;
}

static void put_change(char buf[32], uint64_t a, uint64_t b)
{
	uint64_t d = b > a ? b - a : a - b;
	/* In thousandths, rounded to the nearest. */
	unsigned __int128 tenths = a ? ((unsigned __int128)d * 1000 + a / 2) / a : 0;

	if (a == b)
		snprintf(buf, 32, "=");
	else if (!a)
		snprintf(buf, 32, "new");
	else if (tenths > 1000000)
		snprintf(buf, 32, "%" PRIu64 "x", b / a);
	else
		snprintf(buf, 32, "%c%" PRIu64 ".%" PRIu64 "%%", b > a ? '+' : '-',
			 (uint64_t)(tenths / 10), (uint64_t)(tenths % 10));
}

/* Rows of results.txt that differ; the sides print the same operations in the same form. */
static uint64_t different_rows(const struct side *sides)
{
	const char *p[2] = {sides[0].results.data, sides[1].results.data};
	uint64_t n = 0;

	while (*p[0] || *p[1]) {
		size_t len[2] = {strcspn(p[0], "\n"), strcspn(p[1], "\n")};

		n += len[0] != len[1] || memcmp(p[0], p[1], len[0]);
		for (int i = 0; i < 2; i++)
			p[i] += len[i] + (p[i][len[i]] == '\n');
	}
	return n;
}

static const struct table_column columns[] = {
	{"figure", "FIGURE"}, {"a_text", "A"},       {"b_text", "B"},
	{"change", "CHANGE"}, {"a", NULL, true},     {"b", NULL, true},
	{"judged", NULL},     {"verdict", "JUDGED"}, {NULL},
};

/* One row, unless it is not wanted; returns whether B is worse. */
static bool add_row(struct table *t, const struct compare_args *args, const struct figure *f,
		    uint64_t a, uint64_t b)
{
	bool bad = f->judged && worse(args, a, b);
	char buf[32];

	if (args->changed && a == b)
		return false;
	table_text(t, f->name);
	table_text(t, figure_text(buf, f->unit, a));
	table_text(t, figure_text(buf, f->unit, b));
	put_change(buf, a, b);
	table_text(t, buf);
	table_number(t, a);
	table_number(t, b);
	table_text(t, f->judged ? "yes" : "no");
	table_text(t, bad ? "* worse" : f->judged ? "*" : "");
	return bad;
}

/* All figures of either side, in the order of A's; those only B has at the end. */
static bool fill(struct table *t, const struct compare_args *args, const struct side *sides)
{
	bool bad = false;

	for (size_t i = 0; i < sides[0].figures.nr; i++) {
		const struct figure *a = &sides[0].figures.at[i];
		const struct figure *b = figures_find(&sides[1].figures, a->name);

		bad |= add_row(t, args, a, a->value, b ? b->value : 0);
	}
	for (size_t i = 0; i < sides[1].figures.nr; i++) {
		const struct figure *b = &sides[1].figures.at[i];

		if (!figures_find(&sides[0].figures, b->name))
			bad |= add_row(t, args, b, 0, b->value);
	}
	return bad;
}

/* Give each expectation that the side does not meet to put. */
static void each_failure(const struct side *side,
			 void (*put)(void *arg, const char *line, size_t len), void *arg)
{
	const char *p = side->failures.data;

	for (size_t len; p && *p; p += len + 1) {
		len = strcspn(p, "\n");
		put(arg, p, len);
	}
}

static void put_failure_text(void *arg, const char *line, size_t len)
{
	sim_buf_printf(arg, "   %.*s\n", (int)len, line);
}

static void put_failure_json(void *arg, const char *line, size_t len)
{
	struct sim_buf text = {0};

	sim_buf_add(&text, line, len);
	sim_buf_putc(&text, '\0');
	json_text(arg, NULL, text.data);
	sim_buf_free(&text);
}

static void put_text(const struct compare_args *args, const struct side *sides,
		     const struct table *t, struct sim_buf *out)
{
	for (int i = 0; i < 2; i++) {
		sim_buf_printf(out, "%c: %s%s: expectations %s\n", 'A' + i, args->scenario,
			       *args->side[i] ? "" : " as it is", sides[i].verdict_text);
		each_failure(&sides[i], put_failure_text, out);
	}
	for (int i = 0; i < 2; i++)
		if (*args->side[i])
			sim_buf_printf(out, "%c = %s\n", 'A' + i, args->side[i]);
	sim_buf_printf(out, "rows of call results that differ: %" PRIu64 "\n\n",
		       different_rows(sides));
	table_print(t, cli_width(), out);
}

static void put_json(const struct compare_args *args, const struct side *sides,
		     const struct table *t, bool bad, struct sim_buf *out)
{
	struct json j = {.out = out};

	json_open(&j, NULL, '{');
	json_text(&j, "scenario", args->scenario);
	json_text(&j, "a", args->side[0]);
	json_text(&j, "b", args->side[1]);
	json_text(&j, "a_verdict", sides[0].verdict_text);
	json_text(&j, "b_verdict", sides[1].verdict_text);
	for (int i = 0; i < 2; i++) {
		json_open(&j, i ? "b_failures" : "a_failures", '[');
		each_failure(&sides[i], put_failure_json, &j);
		json_close(&j, ']');
	}
	json_uint(&j, "different_results", different_rows(sides));
	json_bool(&j, "worse", bad);
	table_json(t, &j, "figures");
	json_close(&j, '}');
}

static int report(const struct compare_args *args, const struct side *sides)
{
	struct table t = {.columns = columns};
	struct sim_buf out = {0};
	bool bad = fill(&t, args, sides);

	/* B does not keep what A keeps, or it was interrupted. */
	bad |= sides[0].verdict == SCENARIO_MET && sides[1].verdict != SCENARIO_MET;
	bad |= sides[0].verdict == SCENARIO_INCOMPLETE;
	if (args->json)
		put_json(args, sides, &t, bad, &out);
	else
		put_text(args, sides, &t, &out);
	table_free(&t);
	return cli_print(&out, bad ? CLI_VIOLATED : CLI_MET);
}

int cmd_compare(int argc, char **argv)
{
	struct compare_args a = {.tolerance_den = 100};
	struct side sides[2] = {0};
	int code;

	cli_parse(&argp, argc, argv, &a);
	watch_signals();
	code = run_side(&a, 0, &sides[0]);
	if (!code)
		code = run_side(&a, 1, &sides[1]);
	if (!code)
		code = report(&a, sides);
	free_side(&sides[0]);
	free_side(&sides[1]);
	cli_override_free(&a.common);
	return code;
}
