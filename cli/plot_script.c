/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The gnuplot script of a picture, and gnuplot. */
#include "cli/plot_script.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/plot_templates.h"
#include "sim/base/math.h"

static const char *const templates[PLOT_KINDS] = {
	[PLOT_THROUGHPUT] = plot_template_throughput, [PLOT_INFLIGHT] = plot_template_inflight,
	[PLOT_DIRTY] = plot_template_dirty,           [PLOT_LATENCY] = plot_template_latency,
	[PLOT_LANES] = plot_template_lanes,           [PLOT_SWEEP] = plot_template_sweep,
};

/* A text in double quotes, where gnuplot would run what stands in backquotes. */
static void put_quoted(struct sim_buf *out, const char *s)
{
	sim_buf_putc(out, '"');
	for (; *s; s++) {
		if (strchr("\"\\`", *s) || (unsigned char)*s < 0x20)
			sim_buf_printf(out, "\\%03o", (unsigned char)*s);
		else
			sim_buf_putc(out, *s);
	}
	sim_buf_putc(out, '"');
}

/* The same in data, where nothing is run and nothing can be escaped. */
static void put_quoted_data(struct sim_buf *out, const char *s)
{
	sim_buf_putc(out, '"');
	for (; *s; s++)
		sim_buf_putc(out, *s == '"' || *s == '\\' || (unsigned char)*s < 0x20 ? '?' : *s);
	sim_buf_putc(out, '"');
}

static void put_text(struct sim_buf *out, const char *name, const char *value)
{
	sim_buf_printf(out, "%s = ", name);
	put_quoted(out, value);
	sim_buf_putc(out, '\n');
}

static void put_number(struct sim_buf *out, const char *name, uint64_t value)
{
	sim_buf_printf(out, "%s = %" PRIu64 ".0\n", name, value);
}

/* ---- scales ---- */

struct scale {
	uint64_t unit;
	const char *name;
};

/* The largest unit that leaves max at 2 or more. */
static const struct scale *fit(const struct scale *s, uint64_t max)
{
	while (s->unit > 1 && max < 2 * s->unit)
		s++;
	return s;
}

static const struct scale times[] = {{1000000000, "s"}, {1000000, "ms"}, {1000, "us"}, {1, "ns"}};
static const struct scale rates[] = {{1ull << 40, "TiB/s"},
				     {1ull << 30, "GiB/s"},
				     {1ull << 20, "MiB/s"},
				     {1ull << 10, "KiB/s"},
				     {1, "B/s"}};
static const struct scale sizes[] = {{1ull << 40, "TiB"},
				     {1ull << 30, "GiB"},
				     {1ull << 20, "MiB"},
				     {1ull << 10, "KiB"},
				     {1, "B"}};

static const struct scale counts[] = {{1, ""}};
static const struct scale *const scales_of[] = {
	[PLOT_UNIT_COUNT] = counts,
	[PLOT_UNIT_TIME] = times,
	[PLOT_UNIT_SIZE] = sizes,
	[PLOT_UNIT_RATE] = rates,
};

/* Whether values of an axis are so far apart that a linear one would show only the largest. */
static bool is_wide(const struct plot_data *d)
{
	uint64_t min = UINT64_MAX, max = plot_data_max(d, 0);

	for (size_t i = 0; i < d->nr; i++)
		for (size_t k = 0; k < d->series[i].nr; k++)
			if (d->series[i].at[k].v[0] < min)
				min = d->series[i].at[k].v[0];
	return min && min <= max / 8;
}

static uint64_t x_end(const struct plot_script *s, const struct plot_data *d)
{
	uint64_t max = plot_data_max(d, d->kind == PLOT_LANES ? 1 : 0);

	return max < s->opts->to_ns ? max : s->opts->to_ns;
}

static void put_scales(const struct plot_script *s, const struct plot_data *d, struct sim_buf *out)
{
	uint64_t x_max = x_end(s, d), y_max = plot_data_max(d, 1);
	const struct scale *x = fit(times, x_max - s->opts->from_ns);
	const struct scale *y = fit(d->kind == PLOT_DIRTY ? sizes : rates, y_max);

	if (d->kind == PLOT_SWEEP) {
		x = fit(scales_of[d->x_unit], x_max);
		y = fit(scales_of[d->y_unit], y_max);
		put_text(out, "x_title", d->x_title);
		put_text(out, "y_title", d->y_title);
		put_number(out, "x_log", is_wide(d));
	}
	put_number(out, "x_scale", x->unit);
	put_text(out, "x_unit", x->name);
	put_number(out, "y_scale", y->unit);
	put_text(out, "y_unit", y->name);
	put_number(out, "y_max", y_max);
	put_number(out, "x_from_ns", s->opts->from_ns);
	put_number(out, "x_to_ns", x_max > s->opts->from_ns ? x_max : s->opts->from_ns + 1);
	sim_buf_puts(out, "x_from = x_from_ns / x_scale\nx_to = x_to_ns / x_scale\n");
}

/* ---- terminal and data ---- */

static unsigned dumb_width(const struct plot_script *s)
{
	return (s->width ? s->width : cli_width()) - 1;
}

static void put_terminal(const struct plot_script *s, const struct plot_data *d,
			 struct sim_buf *out)
{
	unsigned lanes = d->kind == PLOT_LANES ? (unsigned)d->nr_lanes : 0;
	unsigned width = s->width, height = s->height;

	switch (s->term) {
	case PLOT_SVG:
		put_text(out, "term", "svg");
		sim_buf_printf(out,
			       "set terminal svg size %u,%u dynamic enhanced font \"DejaVu "
			       "Sans,Helvetica,sans-serif,13\" background \"white\"\n",
			       width ? width : 1000,
			       height  ? height
			       : lanes ? 130 + 22 * lanes
				       : 520);
		break;
	case PLOT_PNG:
		put_text(out, "term", "png");
		sim_buf_printf(out,
			       "set terminal pngcairo size %u,%u enhanced font \"DejaVu Sans,11\" "
			       "background \"white\" linewidth 1.3\n",
			       width ? width : 1200,
			       height  ? height
			       : lanes ? 160 + 27 * lanes
				       : 640);
		break;
	case PLOT_DUMB:
		put_text(out, "term", "dumb");
		sim_buf_printf(out, "set terminal dumb noenhanced size %u,%u\n", dumb_width(s),
			       height ? height : 26 + lanes);
		break;
	}
	if (s->output) {
		sim_buf_puts(out, "set output ");
		put_quoted(out, s->output);
		sim_buf_putc(out, '\n');
	}
}

/* One of two panels: the series that belong into it, and the unit that fits them. */
static void put_panel(const struct plot_data *d, const char *name, bool calls, struct sim_buf *out)
{
	const struct scale *scale;
	struct sim_buf which = {0};
	uint64_t max = 0;

	for (size_t i = 0; i < d->nr; i++) {
		const struct plot_series *s = &d->series[i];

		if (s->is_call != calls)
			continue;
		sim_buf_printf(&which, "%zu ", i);
		for (size_t k = 0; k < s->nr; k++)
			max = sim_max(max, s->at[k].v[1]);
	}
	put_text(out, name, which.data ? which.data : "");
	scale = fit(rates, max);
	sim_buf_printf(out, "%s_scale = %" PRIu64 ".0\n%s_unit = \"%s\"\n", name, scale->unit, name,
		       scale->name);
	sim_buf_free(&which);
}

/* Calls go into the upper one. */
static void put_panels(const struct plot_data *d, struct sim_buf *out)
{
	put_panel(d, "upper", true, out);
	put_panel(d, "lower", false, out);
}

static void put_lanes(const struct plot_data *d, struct sim_buf *out)
{
	put_number(out, "nr_lanes", d->nr_lanes);
	sim_buf_puts(out, "$lanes << EOD\n");
	for (size_t i = 0; i < d->nr_lanes; i++) {
		sim_buf_printf(out, "%zu ", i);
		put_quoted_data(out, d->lanes[i]);
		sim_buf_putc(out, '\n');
	}
	sim_buf_puts(out, "EOD\n");
}

/* In characters, what is wider than the picture is cut off or not drawn at all: break it. */
static void put_heading(const struct plot_script *s, struct sim_buf *out)
{
	struct sim_buf text = {0};
	size_t line = 0, blank = 0; /* where the line began; its last blank, if behind that */

	sim_buf_puts(&text, s->heading);
	for (size_t i = 0; s->term == PLOT_DUMB && i < text.len; i++) {
		if (i - line >= dumb_width(s) - 1 && blank > line) {
			text.data[blank] = '\n';
			line = blank + 1;
		}
		if (text.data[i] == ' ')
			blank = i;
	}
	put_text(out, "heading", s->heading[0] ? text.data : "");
	sim_buf_free(&text);
}

void plot_script_write(const struct plot_script *s, const struct plot_data *d, struct sim_buf *out)
{
	put_terminal(s, d, out);
	put_heading(s, out);
	sim_buf_printf(out, "n = %zu\narray names[%zu] = [", d->nr, d->nr);
	for (size_t i = 0; i < d->nr; i++) {
		sim_buf_puts(out, i ? ", " : "");
		put_quoted(out, d->series[i].title);
	}
	sim_buf_puts(out, "]\n");
	put_scales(s, d, out);
	sim_buf_puts(out, "$data << EOD\n");
	plot_data_write(d, out);
	sim_buf_puts(out, "EOD\n");
	if (d->kind == PLOT_THROUGHPUT || d->kind == PLOT_LATENCY)
		put_panels(d, out);
	if (d->kind == PLOT_LANES)
		put_lanes(d, out);
	sim_buf_puts(out, plot_template_common);
	sim_buf_puts(out, s->template ? s->template : templates[d->kind]);
}

/* ---- gnuplot ---- */

static void feed(int fd, const struct sim_buf *script)
{
	size_t at = 0;

	while (at < script->len) {
		ssize_t n = write(fd, script->data + at, script->len - at);

		if (n < 0 && errno != EINTR)
			break; /* it ended: its exit code says how */
		at += n > 0 ? (size_t)n : 0;
	}
}

static void become_gnuplot(int in)
{
	dup2(in, STDIN_FILENO);
	signal(SIGPIPE, SIG_DFL);
	signal(SIGXFSZ, SIG_DFL);
	execlp("gnuplot", "gnuplot", "-", (char *)NULL);
	_exit(errno == ENOENT ? 127 : 126);
}

int plot_script_draw(const struct sim_buf *script)
{
	void (*old)(int) = signal(SIGPIPE, SIG_IGN);
	int fd[2], status = 0;
	pid_t pid;

	if (pipe2(fd, O_CLOEXEC))
		return cli_fail(CLI_USAGE, "cannot make a pipe: %s", strerror(errno));
	pid = fork();
	if (pid < 0)
		return cli_fail(CLI_USAGE, "cannot make a process: %s", strerror(errno));
	if (!pid)
		become_gnuplot(fd[0]);
	close(fd[0]);
	feed(fd[1], script);
	close(fd[1]);
	signal(SIGPIPE, old);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
		return cli_fail(CLI_SKIPPED, "gnuplot is not installed; --script prints what it "
					     "would be given");
	if (!WIFEXITED(status) || WEXITSTATUS(status))
		return cli_fail(CLI_USAGE, "gnuplot could not draw this");
	return 0;
}
