/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text in two columns, with a mark between them. */
#ifndef TRACES_COMPARE_COLUMNS_H
#define TRACES_COMPARE_COLUMNS_H

#include <stdbool.h>

#include "sim/base/text.h"

#define COLUMNS_MIN 40u

/*
 * One row in at most width columns; NULL: nothing on that side. Text that is longer than its column
 * goes on below. The mark is '|' if the two differ, '<' or '>' if only one side is there, else a
 * blank, as between the heads of the columns.
 */
void columns_row(struct sim_buf *b, const char *left, const char *right, bool differs,
		 unsigned width);

#endif
