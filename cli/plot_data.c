/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tables of series: keeping, writing, reading back. */
#include "cli/plot_data.h"

#include <inttypes.h>
#include <string.h>

#include "sim/base/arena.h"
#include "traces/format/scan.h"

const char *const plot_kind_names[PLOT_KINDS + 1] = {
	[PLOT_THROUGHPUT] = "throughput", [PLOT_INFLIGHT] = "inflight", [PLOT_DIRTY] = "dirty",
	[PLOT_LATENCY] = "latency",       [PLOT_LANES] = "lanes",       [PLOT_SWEEP] = "sweep",
};

static const char *const column_names[PLOT_KINDS] = {
	[PLOT_THROUGHPUT] = "time_ns bytes_per_s",
	[PLOT_INFLIGHT] = "time_ns number",
	[PLOT_DIRTY] = "time_ns bytes",
	[PLOT_LATENCY] = "time_taken_ns permille",
	[PLOT_LANES] = "begin_ns end_ns lane is_request",
	[PLOT_SWEEP] = "axis figure",
};

static const unsigned columns_of[PLOT_KINDS] = {
	[PLOT_THROUGHPUT] = 2, [PLOT_INFLIGHT] = 2, [PLOT_DIRTY] = 2,
	[PLOT_LATENCY] = 2,    [PLOT_LANES] = 4,    [PLOT_SWEEP] = 2,
};

#define FIRST_LINE "# netfs-sim plot data 1 "

struct plot_series *plot_data_series(struct plot_data *d, const char *prefix, const char *title,
				     bool is_call)
{
	struct sim_buf name = {0};
	struct plot_series *s;

	if (prefix)
		sim_buf_printf(&name, "%s: ", prefix);
	sim_buf_puts(&name, title);
	d->series = sim_xrealloc(d->series, d->nr + 1, sizeof(*d->series));
	s = &d->series[d->nr++];
	*s = (struct plot_series){.title = name.data, .is_call = is_call};
	return s;
}

void plot_series_add(struct plot_series *s, struct plot_point p)
{
	if (!(s->nr & (s->nr - 1)))
		s->at = sim_xrealloc(s->at, s->nr ? 2 * s->nr : 1, sizeof(*s->at));
	s->at[s->nr++] = p;
}

uint64_t plot_data_max(const struct plot_data *d, unsigned column)
{
	uint64_t max = 0;

	for (size_t i = 0; i < d->nr; i++)
		for (size_t k = 0; k < d->series[i].nr; k++)
			if (d->series[i].at[k].v[column] > max)
				max = d->series[i].at[k].v[column];
	return max;
}

size_t plot_data_points(const struct plot_data *d)
{
	size_t n = 0;

	for (size_t i = 0; i < d->nr; i++)
		n += d->series[i].nr;
	return n;
}

void plot_data_free(struct plot_data *d)
{
	for (size_t i = 0; i < d->nr; i++) {
		sim_xfree(d->series[i].title);
		sim_xfree(d->series[i].at);
	}
	for (size_t i = 0; i < d->nr_lanes; i++)
		sim_xfree(d->lanes[i]);
	sim_xfree(d->series);
	sim_xfree(d->lanes);
	sim_xfree(d->x_title);
	sim_xfree(d->y_title);
	*d = (struct plot_data){.kind = d->kind};
}

/* ---- as a text: sections that gnuplot knows as `index 0`, `index 1` ... ---- */

void plot_data_write(const struct plot_data *d, struct sim_buf *out)
{
	sim_buf_printf(out, FIRST_LINE "%s\n# columns: %s\n", plot_kind_names[d->kind],
		       column_names[d->kind]);
	for (size_t i = 0; i < d->nr_lanes; i++)
		sim_buf_printf(out, "# lane %s\n", d->lanes[i]);
	for (size_t i = 0; i < d->nr; i++) {
		const struct plot_series *s = &d->series[i];

		sim_buf_printf(out, "# %s %s\n", s->is_call ? "calls" : "series", s->title);
		for (size_t k = 0; k < s->nr; k++)
			for (unsigned c = 0; c < columns_of[d->kind]; c++)
				sim_buf_printf(out, "%" PRIu64 "%c", s->at[k].v[c],
					       c + 1 < columns_of[d->kind] ? ' ' : '\n');
		sim_buf_puts(out, "\n\n");
	}
}

bool plot_data_is(const char *text)
{
	return !strncmp(text, FIRST_LINE, strlen(FIRST_LINE));
}

static void add_lane(struct plot_data *d, const char *label)
{
	d->lanes = sim_xrealloc(d->lanes, d->nr_lanes + 1, sizeof(*d->lanes));
	d->lanes[d->nr_lanes++] = sim_xstrdup(label);
}

/* One line without its end. */
static int read_line(struct plot_data *d, size_t first, const char *prefix, const char *line)
{
	struct plot_point p = {0};

	bool is_call = !strncmp(line, "# calls ", strlen("# calls "));

	if (is_call || !strncmp(line, "# series ", strlen("# series "))) {
		plot_data_series(d, prefix, strchr(line + 2, ' ') + 1, is_call);
		return 0;
	}
	if (scan_lit(&line, "# lane ")) {
		add_lane(d, line);
		return 0;
	}
	if (!*line || *line == '#')
		return 0;
	for (unsigned c = 0; c < columns_of[d->kind]; c++)
		if ((c && !scan_blanks(&line)) || !scan_dec(&line, &p.v[c]))
			return -1;
	if (*line || d->nr == first)
		return -1;
	plot_series_add(&d->series[d->nr - 1], p);
	return 0;
}

int plot_data_read(struct plot_data *d, const char *name, const char *text, const char *prefix,
		   struct sim_err *err)
{
	const char *kind = text + strlen(FIRST_LINE);
	size_t kind_len = strcspn(kind, "\n"), first = d->nr;
	struct sim_buf line = {0};
	unsigned number = 1;
	int ret = 0;

	if (kind_len != strlen(plot_kind_names[d->kind]) ||
	    strncmp(kind, plot_kind_names[d->kind], kind_len))
		return sim_err_set(err, "%s: holds the data of '%.*s', not of '%s'", name,
				   (int)kind_len, kind, plot_kind_names[d->kind]);
	for (; *text && !ret; number++) {
		size_t len = strcspn(text, "\n");

		sim_buf_clear(&line);
		sim_buf_add(&line, text, len);
		sim_buf_putc(&line, '\0');
		if (read_line(d, first, prefix, line.data))
			ret = sim_err_set(err, "%s:%u: no line of plot data; allowed: %u numbers",
					  name, number, columns_of[d->kind]);
		text += len + (text[len] == '\n');
	}
	sim_buf_free(&line);
	return ret;
}
