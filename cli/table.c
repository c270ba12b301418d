/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A table that is printed as aligned text or as JSON. */
#include "cli/table.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "sim/base/arena.h"

#define MAX_COLUMNS 32
#define GAP         2u  /* blanks between columns */
#define LEAST_LAST  24u /* columns that the last one gets in any case */

static unsigned nr_columns(const struct table *t)
{
	unsigned n = 0;

	while (t->columns[n].key)
		n++;
	assert(n <= MAX_COLUMNS);
	return n;
}

static struct table_cell *next_cell(struct table *t)
{
	if (!(t->nr_cells & (t->nr_cells - 1)))
		t->cells = sim_xrealloc(t->cells, t->nr_cells ? 2 * t->nr_cells : 1,
					sizeof(*t->cells));
	t->cells[t->nr_cells] = (struct table_cell){0};
	return &t->cells[t->nr_cells++];
}

void table_text(struct table *t, const char *text)
{
	next_cell(t)->text = sim_xstrdup(text ? text : "");
}

void table_number(struct table *t, uint64_t v)
{
	next_cell(t)->number = v;
}

static const char *cell_text(const struct table_cell *c, char buf[24])
{
	if (c->text)
		return c->text;
	snprintf(buf, 24, "%" PRIu64, c->number);
	return buf;
}

/* Characters of UTF-8 text, each taken for one column. */
static unsigned columns_of(const char *s)
{
	unsigned n = 0;

	for (; *s; s++)
		n += ((unsigned char)*s & 0xc0) != 0x80;
	return n;
}

static void measure(const struct table *t, unsigned n, unsigned *width)
{
	char buf[24];

	for (unsigned i = 0; i < n; i++)
		width[i] = t->columns[i].title ? columns_of(t->columns[i].title) : 0;
	for (size_t i = 0; i < t->nr_cells; i++) {
		unsigned w = columns_of(cell_text(&t->cells[i], buf));

		if (t->columns[i % n].title && w > width[i % n])
			width[i % n] = w;
	}
}

static void pad(struct sim_buf *out, unsigned n)
{
	while (n--)
		sim_buf_putc(out, ' ');
}

/* Text that goes on in further lines, indented to where it begins. */
static void put_broken(struct sim_buf *out, const char *s, unsigned indent, unsigned room)
{
	while (columns_of(s) > room) {
		const char *cut = s + strnlen(s, room);

		while (cut > s && *cut != ' ')
			cut--;
		if (cut == s)
			break;
		sim_buf_add(out, s, (size_t)(cut - s));
		sim_buf_putc(out, '\n');
		pad(out, indent);
		s = cut + 1;
	}
	sim_buf_puts(out, s);
}

struct row_layout {
	unsigned nr, last; /* columns, and the last that is shown */
	unsigned width[MAX_COLUMNS];
	unsigned total;
};

static void put_cell(struct sim_buf *out, const struct table *t, const struct row_layout *l,
		     unsigned i, const char *s, unsigned *at)
{
	unsigned used = columns_of(s);

	if (t->columns[i].number) {
		pad(out, l->width[i] - used);
		sim_buf_puts(out, s);
	} else if (i == l->last) {
		unsigned room = l->total > *at + LEAST_LAST ? l->total - *at : LEAST_LAST;

		put_broken(out, s, *at, room);
	} else {
		sim_buf_puts(out, s);
		pad(out, l->width[i] - used);
	}
	if (i != l->last)
		pad(out, GAP);
	*at += l->width[i] + GAP;
}

static void end_line(struct sim_buf *out)
{
	while (out->len && out->data[out->len - 1] == ' ')
		out->len--;
	sim_buf_putc(out, '\n');
}

void table_print(const struct table *t, unsigned width, struct sim_buf *out)
{
	struct row_layout l = {.nr = nr_columns(t), .total = width};
	unsigned at = 0;
	char buf[24];

	measure(t, l.nr, l.width);
	for (unsigned i = 0; i < l.nr; i++)
		l.last = t->columns[i].title ? i : l.last;
	for (unsigned i = 0; i < l.nr; i++)
		if (t->columns[i].title)
			put_cell(out, t, &l, i, t->columns[i].title, &at);
	end_line(out);
	for (size_t row = 0; row + l.nr <= t->nr_cells; row += l.nr) {
		at = 0;
		for (unsigned i = 0; i < l.nr; i++)
			if (t->columns[i].title)
				put_cell(out, t, &l, i, cell_text(&t->cells[row + i], buf), &at);
		end_line(out);
	}
}

void table_json(const struct table *t, struct json *j, const char *key)
{
	unsigned n = nr_columns(t);

	json_open(j, key, '[');
	for (size_t row = 0; row + n <= t->nr_cells; row += n) {
		json_open(j, NULL, '{');
		for (unsigned i = 0; i < n; i++) {
			const struct table_cell *c = &t->cells[row + i];

			if (!c->text)
				json_uint(j, t->columns[i].key, c->number);
			else
				json_text(j, t->columns[i].key, *c->text ? c->text : NULL);
		}
		json_close(j, '}');
	}
	json_close(j, ']');
}

void table_free(struct table *t)
{
	for (size_t i = 0; i < t->nr_cells; i++)
		sim_xfree(t->cells[i].text);
	sim_xfree(t->cells);
	t->cells = NULL;
	t->nr_cells = 0;
}
