/* SPDX-License-Identifier: GPL-2.0-or-later */
/* netfs-sim sweep: one scenario at every point of a grid of overrides, as a table. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/figures.h"
#include "cli/jobs.h"
#include "cli/simulate.h"
#include "cli/sweep_table.h"
#include "sim/base/arena.h"
#include "sim/conf/conf.h"

/* ---- the plan ---- */

#define MAX_POINTS 1000000u

struct axis {
	const char *name;            /* of its column; NULL: the path */
	const char *path;            /* what is overridden */
	struct sim_conf_list values; /* const char *: YAML */
};

struct plan {
	const char *purpose, *scenario;
	struct sim_conf_list overrides; /* const char *: PATH=VALUE of every point */
	struct sim_conf_list axes;      /* struct axis; the last one changes fastest */
	struct sim_conf_list figures;   /* const char * */
};

static int check_axis(struct sim_conf_doc *doc, void *obj, struct sim_err *err)
{
	struct axis *a = obj;

	for (size_t i = 0; i < a->values.n; i++) {
		const char **v = sim_conf_item(&a->values, const char *, i);

		if (strpbrk(*v, " \t\n"))
			return sim_conf_error_at(doc, v, err,
						 "a table has no place for blanks; write it "
						 "without, as {a:1}");
	}
	a->name = a->name ? a->name : a->path;
	return 0;
}

#define A(member, ...) SIM_CONF_FIELD(struct axis, member, __VA_ARGS__)
static const struct sim_conf_type value_list = SIM_CONF_LIST_OF(
	&sim_conf_string, .min = 1, .max = 10000, .doc = "Values, one after the other.");
static const struct sim_conf_field axis_fields[] = {
	A(name, &sim_conf_name, .doc = "Name of its column; absent: the path."),
	A(path, &sim_conf_string, .flags = SIM_CONF_REQUIRED, .example = "mount.wsize", .max = 256,
	  .doc = "The field of the scenario that it sets."),
	A(values, &value_list, .flags = SIM_CONF_REQUIRED, .example = "[64KiB, 256KiB]",
	  .doc = "What it is set to."),
	{0},
};
static const struct sim_conf_type axis_type =
	SIM_CONF_STRUCT_TYPE("axis", struct axis, axis_fields, .check = check_axis,
			     .doc = "A field of the scenario and its values.");
static const struct sim_conf_type axis_list =
	SIM_CONF_LIST_OF(&axis_type, .min = 1, .max = SWEEP_MAX_AXES, .doc = "The axes.");

#define P(member, ...) SIM_CONF_FIELD(struct plan, member, __VA_ARGS__)
static const struct sim_conf_field plan_fields[] = {
	P(purpose, &sim_conf_string, .flags = SIM_CONF_REQUIRED, .example = "What this study asks.",
	  .doc = "What the study asks, in one sentence."),
	P(scenario, &sim_conf_string, .flags = SIM_CONF_REQUIRED, .example = "base.yaml",
	  .doc = "The scenario, relative to the plan."),
	P(overrides, &sim_conf_string_list, .doc = "PATH=VALUE of every point."),
	P(axes, &axis_list, .flags = SIM_CONF_REQUIRED,
	  .example = "[{path: mount.wsize, values: [64KiB, 256KiB]}]", .doc = "What is varied."),
	P(figures, &sim_conf_string_list,
	  .def = "[bytes_per_s, time.tasks_ns, rpcs.total, memory.peak_dirty]",
	  .doc = "Columns: figures as compare prints them, and bytes_per_s."),
	{0},
};
static const struct sim_conf_type plan_type = SIM_CONF_STRUCT_TYPE(
	"plan", struct plan, plan_fields, .doc = "A study: a scenario and what is varied in it.");

/* ---- arguments ---- */

struct sweep_args {
	struct cli_overrides overrides;
	const char *plan, *output;
	unsigned jobs;
	uint64_t shard, shards; /* 1/1: all */
};

enum { OPT_SHARD = 0x100 };

static const struct argp_option options[] = {
	{"output", 'o', "FILE", 0, "Write the table to FILE (default: standard output)"},
	{"jobs", 'j', "N", 0, "Run N points at once (default: one per processor)"},
	{"shard", OPT_SHARD, "I/N", 0,
	 "Only part I of N; the tables of all parts, one after the other, are the whole"},
	{0},
};

static void parse_shard(struct argp_state *state, const char *arg, struct sweep_args *a)
{
	int used = 0;

	if (sscanf(arg, "%" SCNu64 "/%" SCNu64 "%n", &a->shard, &a->shards, &used) != 2 ||
	    arg[used] || !a->shard || a->shard > a->shards || a->shards > MAX_POINTS)
		argp_error(state, "--shard: '%s' is no part such as 1/4", arg);
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct sweep_args *a = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &a->overrides;
		return 0;
	case 'o':
		a->output = arg;
		return 0;
	case 'j':
		a->jobs = (unsigned)cli_number(state, "--jobs", arg, 1, 256);
		return 0;
	case OPT_SHARD:
		parse_shard(state, arg, a);
		return 0;
	case ARGP_KEY_ARG:
		if (a->plan)
			argp_error(state, "'%s': one plan at a time", arg);
		a->plan = arg;
		return 0;
	case ARGP_KEY_NO_ARGS:
		argp_error(state, "which plan?");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_child children[] = {
	{&cli_override_argp, 0, "Overrides of every point:", 2}, {0}};
static const struct argp argp = {
	options, parse, "PLAN",
	"Run a scenario at every point of a grid and write a table of figures, which plot draws. A "
	"plan is a YAML file: purpose, scenario, axes (path, values), overrides, figures.\v"
	"The table is the same however many jobs made it. Exit code: 0 all points were run, 1 "
	"interrupted, 2 wrong plan or scenario, 5 a run crashed.",
	children};

/* ---- points ---- */

struct sweep {
	const struct sweep_args *args;
	const struct plan *plan;
	struct sim_conf_doc *doc; /* of the plan */
	char *scenario;           /* path */
	uint64_t first, nr;       /* points of this part */
	struct sim_buf table;
	struct progress progress;
	bool *found; /* by figure: some point has it */
	int code;
};

static const struct axis *axis_of(const struct plan *p, size_t i)
{
	return sim_conf_item(&p->axes, struct axis, i);
}

/* 0: more than MAX_POINTS. */
static uint64_t nr_points(const struct plan *p)
{
	uint64_t n = 1;

	for (size_t i = 0; i < p->axes.n; i++)
		if ((n *= axis_of(p, i)->values.n) > MAX_POINTS)
			return 0;
	return n;
}

/* The value of each axis at a point: the last axis changes fastest. */
static void values_at(const struct plan *p, uint64_t point, const char **value[])
{
	for (size_t i = p->axes.n; i-- > 0; point /= axis_of(p, i)->values.n)
		value[i] = sim_conf_item(&axis_of(p, i)->values, const char *,
					 point % axis_of(p, i)->values.n);
}

/* Add what a text of the plan overrides, which stands there. */
static void add_override(const struct sweep *s, struct cli_overrides *o, const char *path,
			 const char **text)
{
	struct sim_conf_mark mark = sim_conf_mark(s->doc, text);
	struct sim_buf origin = {0};

	sim_buf_printf(&origin, "%s:%u:%u", mark.file, mark.line, mark.column);
	o->origin = origin.data;
	if (path)
		cli_override_add(o, "%s=%s", path, *text);
	else
		cli_override_add(o, "%s", *text);
	o->origin = NULL;
	sim_buf_free(&origin);
}

static void overrides_at(const struct sweep *s, uint64_t point, struct cli_overrides *o)
{
	const char **value[SWEEP_MAX_AXES];

	*o = (struct cli_overrides){0};
	values_at(s->plan, point, value);
	for (size_t i = 0; i < s->plan->overrides.n; i++)
		add_override(s, o, NULL, sim_conf_item(&s->plan->overrides, const char *, i));
	for (size_t i = 0; i < s->plan->axes.n; i++)
		add_override(s, o, axis_of(s->plan, i)->path, value[i]);
	cli_override_add_all(o, &s->args->overrides);
}

/* Every point must be a scenario before the first one is run. */
static int check_points(const struct sweep *s, struct sim_err *err)
{
	for (uint64_t i = 0; i < s->nr && !watch_interrupted(); i++) {
		struct cli_overrides o;
		struct sim_conf_opts conf;
		struct scenario *scn;

		overrides_at(s, s->first + i, &o);
		conf = cli_override_opts(&o);
		scn = scenario_load(s->scenario, &conf, err);
		if (scn)
			cli_spare_sources(scn->doc, &s->args->output, 1, err);
		scenario_free(scn);
		cli_override_free(&o);
		if (err->set)
			return -1;
	}
	return 0;
}

/* ---- one point ---- */

/* Bytes that calls moved per second of simulated time, and 0 if no time passed. */
static uint64_t bytes_per_s(const struct scenario_report *r)
{
	unsigned __int128 bytes = (unsigned __int128)r->bytes_read + r->bytes_written;

	return r->tasks_ns ? (uint64_t)(bytes * 1000000000 / r->tasks_ns) : 0;
}

static void put_figures(const struct sweep *s, const struct scenario_report *r, struct sim_buf *out)
{
	struct figures f;

	figures_of(r, &f);
	for (size_t i = 0; i < s->plan->figures.n; i++) {
		const char *name = *sim_conf_item(&s->plan->figures, const char *, i);
		const struct figure *fig = figures_find(&f, name);

		if (!strcmp(name, SWEEP_RATE))
			sim_buf_printf(out, " %" PRIu64, bytes_per_s(r));
		else if (fig)
			sim_buf_printf(out, " %" PRIu64, fig->value);
		else
			sim_buf_puts(out, " -");
	}
	figures_free(&f);
}

/* In a process of its own: the row of the point. */
static void work(size_t i, struct sim_buf *out, void *arg)
{
	static const char *const verdicts[] = {
		[SCENARIO_MET] = "met",
		[SCENARIO_VIOLATED] = "violated",
		[SCENARIO_LIMIT] = "limit",
		[SCENARIO_DIVERGED] = "diverged",
		[SCENARIO_INCOMPLETE] = "incomplete",
	};
	const struct sweep *s = arg;
	const char **value[SWEEP_MAX_AXES];
	struct cli_overrides o;
	struct sim_err err = {0};
	struct simulation sim;

	overrides_at(s, s->first + i, &o);
	if (simulation_open(&sim, s->scenario, &o, NULL, &err))
		_exit(cli_fail(CLI_INTERNAL, "%s", err.text));
	simulation_go(&sim, NULL);
	sim_buf_printf(out, "%" PRIu64, s->first + i);
	values_at(s->plan, s->first + i, value);
	for (size_t k = 0; k < s->plan->axes.n; k++)
		sim_buf_printf(out, " %s", *value[k]);
	sim_buf_printf(out, " %s", verdicts[sim.report->verdict]);
	put_figures(s, sim.report, out);
	sim_buf_putc(out, '\n');
	simulation_close(&sim);
	cli_override_free(&o);
}

/* Figures of a row that are there. */
static void note_found(struct sweep *s, const struct sim_buf *row)
{
	size_t column = 0, skip = 2 + s->plan->axes.n;
	char *text = sim_xcalloc(row->len + 1, 1), *at, *word;

	memcpy(text, row->data, row->len);
	for (word = strtok_r(text, " \n", &at); word; word = strtok_r(NULL, " \n", &at), column++)
		if (column >= skip && strcmp(word, "-") != 0)
			s->found[column - skip] = true;
	sim_xfree(text);
}

static void done(size_t i, enum job_end end, const struct sim_buf *out, void *arg)
{
	struct sweep *s = arg;

	if (end == JOB_DONE && !watch_interrupted()) {
		sim_buf_add(&s->table, out->data, out->len);
		note_found(s, out);
	} else if (end == JOB_CRASHED && !watch_interrupted()) {
		s->code = cli_fail(CLI_INTERNAL, "point %" PRIu64 ": %s", s->first + i, out->data);
	} else if (!s->code) {
		s->code = CLI_VIOLATED;
	}
}

static void show(size_t ended, void *arg)
{
	struct sweep *s = arg;

	if (progress_due(&s->progress))
		progress_show(&s->progress, "%zu of %" PRIu64 " points", ended, s->nr);
}

/* ---- the table ---- */

/* Only the first part has a head, so that the parts make one table. */
static void put_head(struct sweep *s)
{
	if (s->args->shard > 1)
		return;
	sim_buf_printf(&s->table, SWEEP_FIRST_LINE "\n# purpose %s\n# axes %zu\n# point",
		       s->plan->purpose, s->plan->axes.n);
	for (size_t i = 0; i < s->plan->axes.n; i++)
		sim_buf_printf(&s->table, " %s", axis_of(s->plan, i)->name);
	sim_buf_puts(&s->table, " verdict");
	for (size_t i = 0; i < s->plan->figures.n; i++)
		sim_buf_printf(&s->table, " %s",
			       *sim_conf_item(&s->plan->figures, const char *, i));
	sim_buf_putc(&s->table, '\n');
}

static int check_found(const struct sweep *s, struct sim_err *err)
{
	for (size_t i = 0; i < s->plan->figures.n; i++)
		if (s->nr && !s->found[i])
			return sim_conf_error_at(s->doc,
						 sim_conf_item(&s->plan->figures, const char *, i),
						 err,
						 "no point has this figure; compare prints "
						 "those that there are");
	return 0;
}

/* The path of the scenario, from the folder of the plan. */
static char *scenario_path(const char *plan, const char *scenario)
{
	const char *slash = strrchr(plan, '/');
	struct sim_buf b = {0};

	if (slash && *scenario != '/')
		sim_buf_add(&b, plan, (size_t)(slash - plan) + 1);
	sim_buf_puts(&b, scenario);
	return b.data;
}

static int run_points(struct sweep *s)
{
	struct jobs jobs = {.nr = s->nr,
			    .parallel = s->args->jobs,
			    .work = work,
			    .done = done,
			    .progress = show,
			    .arg = s};
	struct sim_err err = {0};

	if (cli_spare_sources(s->doc, &s->args->output, 1, &err) || check_points(s, &err))
		return cli_fail(CLI_USAGE, "%s", err.text);
	put_head(s);
	progress_begin(&s->progress);
	jobs_run(&jobs, &err);
	progress_end(&s->progress);
	if (err.set || (!s->code && check_found(s, &err)))
		return cli_fail(CLI_USAGE, "%s", err.text);
	if (s->code)
		return s->code;
	return cli_write(s->args->output ? s->args->output : "-", &s->table, CLI_MET);
}

static int sweep(const struct sweep_args *a, struct sim_conf_doc *doc, const struct plan *plan)
{
	uint64_t all = nr_points(plan);
	struct sweep s = {.args = a, .plan = plan, .doc = doc};
	int code;

	if (!all)
		return cli_fail(CLI_USAGE, "%s: more than %u points; leave values out", a->plan,
				MAX_POINTS);
	s.first = all * (a->shard - 1) / a->shards;
	s.nr = all * a->shard / a->shards - s.first;
	s.scenario = scenario_path(a->plan, plan->scenario);
	s.found = sim_xcalloc(plan->figures.n + 1, sizeof(*s.found));
	code = run_points(&s);
	sim_buf_free(&s.table);
	sim_xfree(s.scenario);
	sim_xfree(s.found);
	return code;
}

int cmd_sweep(int argc, char **argv)
{
	struct sweep_args a = {
		.jobs = (unsigned)sysconf(_SC_NPROCESSORS_ONLN), .shard = 1, .shards = 1};
	struct sim_err err = {0};
	struct sim_conf_doc *doc;
	const struct plan *plan;
	int code;

	cli_parse(&argp, argc, argv, &a);
	watch_signals();
	if (!a.jobs || a.jobs > 256)
		a.jobs = 1;
	doc = sim_conf_load(a.plan, NULL, &err);
	plan = doc ? sim_conf_parse(doc, &plan_type, &err) : NULL;
	code = plan ? sweep(&a, doc, plan) : cli_fail(CLI_USAGE, "%s", err.text);
	sim_conf_free(doc);
	cli_override_free(&a.overrides);
	return code;
}
