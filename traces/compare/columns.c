/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The printer of two columns. */
#include "traces/compare/columns.h"

#include <string.h>

#include "sim/base/math.h"

#define INDENT 4u /* before the left column */
#define MIDDLE 3u /* blank, mark, blank */

static unsigned column_width(unsigned width)
{
	return (sim_max(width, COLUMNS_MIN) - INDENT - MIDDLE) / 2;
}

/* How much of the text goes into one line: up to a blank or comma in its last third, if there is
 * one. */
static size_t part_of(const char *text, unsigned room)
{
	size_t len = strlen(text);

	if (len <= room)
		return len;
	for (size_t n = room; n > room * 2 / 3; n--)
		if (text[n - 1] == ' ' || text[n - 1] == ',')
			return n;
	return room;
}

static void line(struct sim_buf *b, const char **left, const char **right, char mark, unsigned room)
{
	size_t n = part_of(*left, room), m = part_of(*right, room);

	sim_buf_printf(b, "%*s%-*.*s %c %.*s", (int)INDENT, "", (int)room, (int)n, *left, mark,
		       (int)m, *right);
	while (b->len && b->data[b->len - 1] == ' ')
		b->data[--b->len] = '\0';
	sim_buf_putc(b, '\n');
	*left += n;
	*right += m;
}

void columns_row(struct sim_buf *b, const char *left, const char *right, bool differs,
		 unsigned width)
{
	char mark = !right ? '<' : !left ? '>' : differs ? '|' : ' ';

	left = left ? left : "";
	right = right ? right : "";
	do
		line(b, &left, &right, mark, column_width(width));
	while (*left || *right);
}
