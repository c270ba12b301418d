/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a picture shows: series of points made from a trace, as tables that gnuplot reads. */
#ifndef CLI_PLOT_DATA_H
#define CLI_PLOT_DATA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cli/activity.h"

enum plot_kind {
	PLOT_THROUGHPUT, /* time, bytes per second */
	PLOT_INFLIGHT,   /* time, number */
	PLOT_DIRTY,      /* time, bytes */
	PLOT_LATENCY,    /* time taken, rank in thousandths of all */
	PLOT_LANES,      /* begin, end, lane, 1: a request, 0: a subrequest */
	PLOT_SWEEP,      /* value of an axis, figure: cli/sweep_table.h */
	PLOT_KINDS
};

extern const char *const plot_kind_names[PLOT_KINDS + 1]; /* ended by NULL */

#define PLOT_COLUMNS 4

/* Times in ns. Columns as the kind says; the others are 0. */
struct plot_point {
	uint64_t v[PLOT_COLUMNS];
};

/* One line of the picture, or one colour of bars. */
struct plot_series {
	char *title;
	bool is_call; /* of system calls: drawn apart from what the server sees */
	struct plot_point *at;
	size_t nr;
};

/* What the numbers of a PLOT_SWEEP are. */
enum plot_unit { PLOT_UNIT_COUNT, PLOT_UNIT_TIME, PLOT_UNIT_SIZE, PLOT_UNIT_RATE };

struct plot_data {
	enum plot_kind kind;
	enum plot_unit x_unit, y_unit; /* PLOT_SWEEP */
	char *x_title, *y_title;       /* PLOT_SWEEP; else NULL */
	struct plot_series *series;
	size_t nr;
	char **lanes; /* PLOT_LANES: what each lane is */
	size_t nr_lanes;
	size_t lanes_left_out;
};

struct plot_options {
	uint64_t from_ns, to_ns; /* after the first event; what lies outside is left out */
	uint64_t max_lanes;
};

/*
 * Add the series of a kind that the activity gives. name: put before the titles, if several traces
 * go into one picture; NULL: only one does.
 */
void plot_add(struct plot_data *d, const struct activity *a, const struct plot_options *opts,
	      const char *name);

/* As a text that a later "plot" takes in place of a trace. */
void plot_data_write(const struct plot_data *d, struct sim_buf *out);
/* Whether the text is one. */
bool plot_data_is(const char *text);
/*
 * Add what such a text has, with prefix as in plot_add(). Returns 0, or -1 with *err (name stands
 * for the path): not of this kind, or malformed.
 */
int plot_data_read(struct plot_data *d, const char *name, const char *text, const char *prefix,
		   struct sim_err *err);

/* The largest value of a column among all points. */
uint64_t plot_data_max(const struct plot_data *d, unsigned column);
size_t plot_data_points(const struct plot_data *d);

/* A new series; prefix NULL: none. Valid until the next. */
struct plot_series *plot_data_series(struct plot_data *d, const char *prefix, const char *title,
				     bool is_call);
void plot_series_add(struct plot_series *s, struct plot_point p);

/* Give all of it back; *d has its kind and no series after it. */
void plot_data_free(struct plot_data *d);

#endif
