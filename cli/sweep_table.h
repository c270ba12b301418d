/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table that sweep writes and plot reads. */
#ifndef CLI_SWEEP_TABLE_H
#define CLI_SWEEP_TABLE_H

#include "cli/plot_data.h"

/*
 * Text, words separated by one blank: comment lines (this one, the purpose, the number of axes, the
 * names of the columns), then a row a point: its number, the value of each axis, the verdict, the
 * figures ('-': it has none).
 */
#define SWEEP_FIRST_LINE "# netfs-sim sweep 1"
#define SWEEP_MAX_AXES   8
#define SWEEP_RATE       "bytes_per_s" /* a column that is no figure of a run */

/* Whether the text is one. */
bool sweep_table_is(const char *text);

/*
 * Add to d the figure y over the axis x, one series for each combination of the other axes. NULL:
 * the first one. *purpose gets the study's, owned by the caller. Returns 0, or -1 with *err.
 */
int sweep_table_plot(struct plot_data *d, const char *name, const char *text, const char *x,
		     const char *y, char **purpose, struct sim_err *err);

#endif
