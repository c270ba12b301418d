/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading the table of a sweep as series of points. */
#include "cli/sweep_table.h"

#include <string.h>

#include "sim/base/arena.h"
#include "sim/base/text.h"

#define MAX_COLUMNS 64

struct columns {
	char *word[MAX_COLUMNS];
	size_t n;
};

struct reader {
	const char *name; /* of the file */
	unsigned line;
	struct columns head;
	size_t axes;
	size_t x, y; /* columns */
	struct plot_data *d;
	struct sim_err *err;
};

bool sweep_table_is(const char *text)
{
	return !strncmp(text, SWEEP_FIRST_LINE "\n", strlen(SWEEP_FIRST_LINE) + 1);
}

/* The words of a line, which is cut up. */
static void split(char *line, struct columns *c)
{
	char *at;

	c->n = 0;
	for (char *w = strtok_r(line, " ", &at); w && c->n < MAX_COLUMNS;
	     w = strtok_r(NULL, " ", &at))
		c->word[c->n++] = w;
}

/* A column between first and end by name; NULL: the first. SIZE_MAX with *err: there is none. */
static size_t column(struct reader *r, const char *name, size_t first, size_t end, const char *what)
{
	struct sim_buf hint = {0};

	for (size_t i = first; i < end; i++)
		if (!name || !strcmp(r->head.word[i], name))
			return i;
	sim_buf_puts(&hint, "allowed:");
	for (size_t i = first; i < end; i++)
		sim_buf_printf(&hint, " %s", r->head.word[i]);
	sim_err_set(r->err, "%s: it has no %s '%s'; %s", r->name, what, name ? name : "",
		    hint.data);
	sim_buf_free(&hint);
	return SIZE_MAX;
}

/* A number, a size, a rate or a time; in *unit what it is. */
static int value(const char *word, uint64_t *v, enum plot_unit *unit)
{
	const char *why;

	*unit = PLOT_UNIT_COUNT;
	if (!sim_parse_size(word, v, &why)) {
		if (strchr(word, 'B'))
			*unit = PLOT_UNIT_SIZE;
		return 0;
	}
	if (!sim_parse_rate(word, v, &why)) {
		*unit = PLOT_UNIT_RATE;
		return 0;
	}
	if (!sim_parse_time(word, v, &why)) {
		*unit = PLOT_UNIT_TIME;
		return 0;
	}
	if (strcmp(word, "true") != 0 && strcmp(word, "false") != 0)
		return -1;
	*v = !strcmp(word, "true");
	return 0;
}

/* What a figure is, by its name. */
static enum plot_unit unit_of(const char *figure)
{
	size_t len = strlen(figure);

	if (!strcmp(figure, SWEEP_RATE))
		return PLOT_UNIT_RATE;
	if (len > 3 && !strcmp(figure + len - 3, "_ns"))
		return PLOT_UNIT_TIME;
	return strstr(figure, "bytes") || !strncmp(figure, "memory.", 7) ? PLOT_UNIT_SIZE
									 : PLOT_UNIT_COUNT;
}

/* The series of a row: named by the axes that are not x. */
static struct plot_series *series_of(struct reader *r, const struct columns *row)
{
	struct sim_buf title = {0};
	struct plot_series *s = NULL;

	for (size_t i = 1; i <= r->axes; i++)
		if (i != r->x)
			sim_buf_printf(&title, "%s%s=%s", title.len ? ", " : "", r->head.word[i],
				       row->word[i]);
	if (!title.len)
		sim_buf_puts(&title, r->head.word[r->y]);
	for (size_t i = 0; i < r->d->nr && !s; i++)
		if (!strcmp(r->d->series[i].title, title.data))
			s = &r->d->series[i];
	if (!s)
		s = plot_data_series(r->d, NULL, title.data, false);
	sim_buf_free(&title);
	return s;
}

static int add_row(struct reader *r, const struct columns *row)
{
	enum plot_unit unit, ignored;
	struct plot_point p = {0};

	if (row->n != r->head.n)
		return sim_err_set(r->err, "%s:%u: %zu words; a row has %zu", r->name, r->line,
				   row->n, r->head.n);
	if (!strcmp(row->word[r->y], "-"))
		return 0;
	if (value(row->word[r->x], &p.v[0], &unit) || value(row->word[r->y], &p.v[1], &ignored))
		return sim_err_set(r->err,
				   "%s:%u: '%s' is no number, size, rate or time; take another "
				   "--x",
				   r->name, r->line, row->word[r->x]);
	r->d->x_unit = unit;
	plot_series_add(series_of(r, row), p);
	return 0;
}

static int choose(struct reader *r, const char *x, const char *y)
{
	if (!r->axes || r->head.n < r->axes + 3)
		return sim_err_set(r->err,
				   "%s: its head is not whole; it must begin with the "
				   "table of part 1",
				   r->name);
	r->x = column(r, x, 1, 1 + r->axes, "axis");
	r->y = column(r, y, 2 + r->axes, r->head.n, "figure");
	if (r->x == SIZE_MAX || r->y == SIZE_MAX)
		return -1;
	r->d->y_unit = unit_of(r->head.word[r->y]);
	r->d->x_title = sim_xstrdup(r->head.word[r->x]);
	r->d->y_title = sim_xstrdup(r->head.word[r->y]);
	return 0;
}

static int read_line(struct reader *r, char *line, const char *x, const char *y, char **purpose)
{
	struct columns row;
	const char *why;
	uint64_t n;

	if (!strncmp(line, "# purpose ", 10)) {
		sim_xfree(*purpose);
		*purpose = sim_xstrdup(line + 10);
	} else if (!strncmp(line, "# axes ", 7)) {
		if (sim_parse_size(line + 7, &n, &why) || !n || n > SWEEP_MAX_AXES)
			return sim_err_set(r->err, "%s:%u: 1 to %d axes", r->name, r->line,
					   SWEEP_MAX_AXES);
		r->axes = n;
	} else if (!strncmp(line, "# point ", 8)) {
		split(line + 2, &r->head);
		return choose(r, x, y);
	} else if (*line && *line != '#') {
		if (!r->d->x_title)
			return choose(r, x, y);
		split(line, &row);
		return add_row(r, &row);
	}
	return 0;
}

int sweep_table_plot(struct plot_data *d, const char *name, const char *text, const char *x,
		     const char *y, char **purpose, struct sim_err *err)
{
	struct reader r = {.name = name, .d = d, .err = err};
	char *copy = sim_xstrdup(text), *at = copy;
	int ret = 0;

	while (at && *at && !ret) {
		char *end = strchr(at, '\n');

		if (end)
			*end = '\0';
		r.line++;
		ret = read_line(&r, at, x, y, purpose);
		at = end ? end + 1 : NULL;
	}
	sim_xfree(copy);
	return ret;
}
