/* SPDX-License-Identifier: GPL-2.0-or-later */
/* netfs-sim plot: pictures of traces. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/paths.h"
#include "cli/plot_script.h"
#include "cli/sweep_table.h"
#include "sim/base/arena.h"
#include "traces/format/ftrace_read.h"

#define DUMB_REST    9u /* lines of a picture in characters besides its lanes */
#define MAX_TEMPLATE ((size_t)1 << 20)
#define MAX_PICTURE  ((size_t)256 << 20)

struct plot_args {
	enum plot_kind kind;
	enum plot_term term;
	bool has_term;
	bool has_kind;
	const char *output, *data, *title, *template_path;
	const char *x, *y; /* of a sweep */
	bool script;
	unsigned width, height;
	struct plot_options opts;
	const char **inputs;
	size_t nr_inputs;
};

enum {
	OPT_TERM = 0x100,
	OPT_DATA,
	OPT_TITLE,
	OPT_TEMPLATE,
	OPT_SCRIPT,
	OPT_SIZE,
	OPT_LANES,
	OPT_X,
	OPT_Y
};

static const struct argp_option options[] = {
	{"kind", 'k', "KIND", 0,
	 "throughput, inflight, dirty, latency or lanes; the table of a sweep has one kind", 1},
	{"term", OPT_TERM, "svg|png|dumb", 0, "Kind of picture (default: by the name of FILE)", 1},
	{"output", 'o', "FILE", 0, "Where to (default: standard output, as characters)", 1},
	{"title", OPT_TITLE, "TEXT", 0, "Heading (default: the purpose of the scenario)", 2},
	{"size", OPT_SIZE, "WxH", 0, "Pixels, or characters", 2},
	{"from", 'f', "TIME", 0, "Only from TIME after the first event on", 2},
	{"to", 'u', "TIME", 0, "Only up to TIME after the first event", 2},
	{"lanes", OPT_LANES, "N", 0, "At most N lanes (default 40)", 2},
	{"x", OPT_X, "AXIS", 0, "Of a sweep: the axis to the right (default: the first)", 2},
	{"y", OPT_Y, "FIGURE", 0, "Of a sweep: the figure (default: the first)", 2},
	{"data", OPT_DATA, "FILE", 0, "Write the data as a table, which plot takes as well", 3},
	{"script", OPT_SCRIPT, NULL, 0, "Print the gnuplot script, do not draw", 3},
	{"template", OPT_TEMPLATE, "FILE", 0, "Another template for the script", 3},
	{0},
};

static void parse_size(struct argp_state *state, const char *arg, struct plot_args *a)
{
	int used = 0;

	if (sscanf(arg, "%ux%u%n", &a->width, &a->height, &used) != 2 || arg[used] ||
	    a->width < 20 || a->width > 10000 || a->height < 8 || a->height > 10000)
		argp_error(state, "--size: '%s' is no size such as 1200x700", arg);
}

static error_t parse_form(int key, char *arg, struct argp_state *state)
{
	static const char *const terms[] = {"svg", "png", "dumb", NULL};
	struct plot_args *a = state->input;

	switch (key) {
	case OPT_TERM:
		a->term = (enum plot_term)cli_choice(state, "--term", arg, terms);
		a->has_term = true;
		return 0;
	case OPT_TITLE:
		a->title = arg;
		return 0;
	case OPT_SIZE:
		parse_size(state, arg, a);
		return 0;
	case 'f':
		a->opts.from_ns = cli_time(state, "--from", arg);
		return 0;
	case 'u':
		a->opts.to_ns = cli_time(state, "--to", arg);
		return 0;
	case OPT_X:
		a->x = arg;
		return 0;
	case OPT_Y:
		a->y = arg;
		return 0;
	case OPT_LANES:
		a->opts.max_lanes = cli_number(state, "--lanes", arg, 1, 1000);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static bool ends_with(const char *path, const char *end)
{
	size_t len = strlen(path), n = strlen(end);

	return len > n && !strcmp(path + len - n, end);
}

static bool has_known_name(const char *path)
{
	return ends_with(path, ".svg") || ends_with(path, ".png") || ends_with(path, ".txt");
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct plot_args *a = state->input;

	switch (key) {
	case 'k':
		a->kind = (enum plot_kind)cli_choice(state, "--kind", arg, plot_kind_names);
		a->has_kind = true;
		return 0;
	case 'o':
		a->output = strcmp(arg, "-") ? arg : NULL;
		return 0;
	case OPT_DATA:
		a->data = arg;
		return 0;
	case OPT_SCRIPT:
		a->script = true;
		return 0;
	case OPT_TEMPLATE:
		a->template_path = arg;
		return 0;
	case ARGP_KEY_ARG:
		a->inputs = sim_xrealloc(a->inputs, a->nr_inputs + 1, sizeof(*a->inputs));
		a->inputs[a->nr_inputs++] = arg;
		return 0;
	case ARGP_KEY_NO_ARGS:
		argp_error(state, "which traces?");
		return 0;
	case ARGP_KEY_END:
		if (a->kind == PLOT_LANES && a->nr_inputs > 1)
			argp_error(state, "--kind lanes shows one trace at a time");
		if (a->opts.from_ns >= a->opts.to_ns)
			argp_error(state, "--from is not before --to");
		cli_distinct(state, (const char *[]){a->output, a->data}, 2);
		if (a->output && !a->has_term && !has_known_name(a->output))
			argp_error(state,
				   "--output: '%s' says no kind of picture: end it with .svg, .png "
				   "or .txt (characters), or give --term",
				   a->output);
		return 0;
	default:
		return parse_form(key, arg, state);
	}
}

static const struct argp argp = {
	options, parse, "TRACE|TABLE...",
	"Draw a picture of traces with gnuplot. Several are drawn into one picture. Traces of real "
	"kernels will do; what '--all-events' adds to our own makes messages and memory exact.\v"
	"Exit code: 0 drawn, 2 nothing to draw or no such file, 77 gnuplot is not installed."};

/* ---- input ---- */

struct input {
	const char *name;
	char *text;
	size_t len;
};

static int add_trace(const struct plot_args *a, struct plot_data *d, const struct input *in,
		     const char *prefix, struct sim_buf *heading, struct sim_err *err)
{
	struct activity activity;

	if (activity_read_text(in->name, in->text, in->len, &activity, err))
		return -1;
	plot_add(d, &activity, &a->opts, prefix);
	if (!heading->len && activity.purpose)
		sim_buf_puts(heading, activity.purpose);
	activity_free(&activity);
	return 0;
}

/* The table of a sweep: a picture of its own. */
static int add_sweep(const struct plot_args *a, struct plot_data *d, const struct input *in,
		     struct sim_buf *heading, struct sim_err *err)
{
	char *purpose = NULL;
	int ret;

	if (a->nr_inputs > 1 || (a->has_kind && a->kind != PLOT_SWEEP))
		return sim_err_set(err,
				   "%s: the table of a sweep is drawn alone and in one way; "
				   "leave --kind and other inputs out",
				   in->name);
	d->kind = PLOT_SWEEP;
	ret = sweep_table_plot(d, in->name, in->text, a->x, a->y, &purpose, err);
	if (purpose && !heading->len)
		sim_buf_puts(heading, purpose);
	sim_xfree(purpose);
	return ret;
}

static int add_input(const struct plot_args *a, struct plot_data *d, const char *path,
		     struct sim_buf *heading, struct sim_err *err)
{
	char *prefix = a->nr_inputs > 1 ? path_base(path) : NULL;
	struct input in = {.name = path};
	int ret;

	if (sim_read_file(path, FTRACE_FILE_MAX, &in.text, &in.len, err)) {
		sim_xfree(prefix);
		return -1;
	}
	if (sweep_table_is(in.text))
		ret = add_sweep(a, d, &in, heading, err);
	else if (d->kind == PLOT_SWEEP)
		ret = sim_err_set(err, "%s: no table of a sweep", path);
	else if (plot_data_is(in.text))
		ret = plot_data_read(d, path, in.text, prefix, err);
	else
		ret = add_trace(a, d, &in, prefix, heading, err);
	sim_xfree(in.text);
	sim_xfree(prefix);
	return ret;
}

static const char *missing(enum plot_kind kind)
{
	switch (kind) {
	case PLOT_THROUGHPUT:
		return "nothing in it moves bytes";
	case PLOT_SWEEP:
		return "no row has the figure";
	case PLOT_DIRTY:
		return "it has neither netfs_folio nor sim:memory events";
	case PLOT_LATENCY:
		return "it has neither calls (sim:syscall, OP markers) nor messages (sim:rpc, "
		       "9p_client_req); run --all-events writes them";
	default:
		return "it has no netfs requests";
	}
}

/* ---- output ---- */

static enum plot_term term_of(const struct plot_args *a)
{
	if (a->has_term)
		return a->term;
	if (a->output && ends_with(a->output, ".svg"))
		return PLOT_SVG;
	return a->output && ends_with(a->output, ".png") ? PLOT_PNG : PLOT_DUMB;
}

/* Whether a picture has its end: gnuplot does not notice that a disk is full. */
static bool is_whole(const char *text, size_t len, enum plot_term term)
{
	static const char *const ends[] = {
		[PLOT_SVG] = "</svg>", [PLOT_PNG] = "IEND\xae\x42\x60\x82", [PLOT_DUMB] = ""};
	size_t end = strlen(ends[term]);

	while (term != PLOT_PNG && len && text[len - 1] == '\n')
		len--;
	return len && len >= end && !memcmp(text + len - end, ends[term], end);
}

/* Put what gnuplot wrote into its place, whole or not at all. */
static int put_picture(const struct plot_args *a, const char *path, enum plot_term term)
{
	struct sim_err err = {0};
	size_t len;
	char *text;
	int code = CLI_MET;

	if (sim_read_file(path, MAX_PICTURE, &text, &len, &err))
		return cli_fail(CLI_USAGE, "%s", err.text);
	if (!is_whole(text, len, term))
		code = cli_fail(CLI_USAGE, "%s: gnuplot could not write all of it", path);
	else if (sim_write_file(a->output ? a->output : "-", text, len, &err))
		code = cli_fail(CLI_USAGE, "%s", err.text);
	sim_xfree(text);
	return code;
}

/* gnuplot writes to a file of its own: what it could not write is noticed. */
static int draw(const struct plot_args *a, struct plot_script *s, const struct plot_data *d)
{
	const char *folder = getenv("TMPDIR");
	struct sim_buf tmp = {0}, script = {0};
	int fd, code;

	sim_buf_printf(&tmp, "%s/netfs-sim-XXXXXX", folder ? folder : "/tmp");
	fd = mkstemp(tmp.data);
	s->output = tmp.data;
	if (fd < 0) {
		code = cli_fail(CLI_USAGE, "%s: cannot create: %s", tmp.data, strerror(errno));
	} else {
		plot_script_write(s, d, &script);
		code = plot_script_draw(&script);
	}
	if (fd >= 0) {
		code = code ? code : put_picture(a, tmp.data, s->term);
		close(fd);
		unlink(tmp.data);
	}
	sim_buf_free(&tmp);
	sim_buf_free(&script);
	return code;
}

static int put_out(const struct plot_args *a, const struct plot_data *d, const char *heading,
		   const char *template)
{
	struct plot_script s = {.term = term_of(a),
				.heading = heading,
				.template = template,
				.width = a->width,
				.height = a->height,
				.opts = &a->opts};
	struct sim_buf out = {0};
	int code = CLI_MET;

	if (a->data) {
		plot_data_write(d, &out);
		code = cli_write(a->data, &out, CLI_MET);
	}
	if (code || (a->data && !a->output && !a->script))
		return code;
	if (!a->script)
		return draw(a, &s, d);
	s.output = a->output;
	plot_script_write(&s, d, &out);
	return cli_print(&out, CLI_MET);
}

static int plot(struct plot_args *a)
{
	const char *outputs[] = {a->output, a->data};
	struct plot_data d = {.kind = a->kind};
	struct sim_buf heading = {0};
	struct sim_err err = {0};
	char *template = NULL;
	size_t len;
	int code;

	if (a->title)
		sim_buf_puts(&heading, a->title);
	/* A line of characters holds one lane. */
	if (term_of(a) == PLOT_DUMB && a->height && a->opts.max_lanes > a->height - DUMB_REST)
		a->opts.max_lanes = a->height - DUMB_REST;
	for (size_t i = 0; i < a->nr_inputs && !err.set; i++) {
		if (!cli_spare(a->inputs[i], outputs, 2, &err))
			add_input(a, &d, a->inputs[i], &heading, &err);
	}
	if (!err.set && a->template_path && !cli_spare(a->template_path, outputs, 2, &err))
		sim_read_file(a->template_path, MAX_TEMPLATE, &template, &len, &err);
	if (!heading.len)
		sim_buf_puts(&heading, a->inputs[0]);
	if (d.lanes_left_out)
		sim_buf_printf(&heading, " (the first %zu of %zu requests)", d.nr_lanes,
			       d.nr_lanes + d.lanes_left_out);
	if (err.set)
		code = cli_fail(CLI_USAGE, "%s", err.text);
	else if (!plot_data_points(&d))
		code = cli_fail(CLI_USAGE, "%s: nothing to draw: %s", a->inputs[0],
				missing(d.kind));
	else
		code = put_out(a, &d, heading.data, template);
	sim_xfree(template);
	sim_buf_free(&heading);
	plot_data_free(&d);
	return code;
}

int cmd_plot(int argc, char **argv)
{
	struct plot_args a = {.kind = PLOT_THROUGHPUT,
			      .opts = {.to_ns = UINT64_MAX, .max_lanes = 40}};
	int code;

	cli_parse(&argp, argc, argv, &a);
	code = plot(&a);
	sim_xfree(a.inputs);
	return code;
}
