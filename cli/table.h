/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A table that is printed as aligned text or as JSON. */
#ifndef CLI_TABLE_H
#define CLI_TABLE_H

#include <stdbool.h>
#include <stdint.h>

#include "cli/json.h"
#include "sim/base/text.h"

struct table_column {
	const char *key;   /* in JSON */
	const char *title; /* in text; NULL: JSON only */
	bool number;       /* to the right in text, bare in JSON */
};

/* One cell: a text, or a number if text is NULL. */
struct table_cell {
	char *text;
	uint64_t number;
};

/* A zeroed struct with columns set is a table without rows. */
struct table {
	const struct table_column *columns; /* ended by a row whose key is NULL */
	struct table_cell *cells;           /* row by row */
	size_t nr_cells;
};

/* Add the next cell. NULL is an empty text, null in JSON. */
void table_text(struct table *t, const char *text);
void table_number(struct table *t, uint64_t v);

/*
 * As text: titles, then the rows; a last column that is text is broken into lines at blanks so that
 * no line is wider than width.
 */
void table_print(const struct table *t, unsigned width, struct sim_buf *out);
/* As an array of objects. */
void table_json(const struct table *t, struct json *j, const char *key);

/* Give the cells back; the table has no rows after it. */
void table_free(struct table *t);

#endif
