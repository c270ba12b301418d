/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The series of each kind of picture, from the spans of a trace. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/figures.h"
#include "cli/plot_data.h"
#include "sim/base/arena.h"

#define THROUGHPUT_STEPS 120u

struct window {
	const struct activity *a;
	const struct plot_options *opts;
	uint64_t origin_ns; /* time 0 of the picture */
};

/* Whether any of the span is within the window. */
static bool in_window(const struct window *w, const struct span *s)
{
	return s->end_ns - w->origin_ns >= w->opts->from_ns &&
	       s->begin_ns - w->origin_ns <= w->opts->to_ns;
}

/* ---- throughput ---- */

/* The last moment of the spans that move bytes. */
static uint64_t last_move(const struct window *w, const enum span_type *types, size_t nr_types)
{
	uint64_t last = 0;

	for (size_t t = 0; t < nr_types; t++) {
		const struct span_list *spans = &w->a->spans[types[t]];

		for (size_t i = 0; i < spans->nr; i++) {
			const struct span *s = &spans->at[i];
			uint64_t end = s->end_ns - w->origin_ns;

			if (s->bytes && span_moves(s) && in_window(w, s) && end > last)
				last = end;
		}
	}
	return last < w->opts->to_ns ? last : w->opts->to_ns;
}

/* 1, 2 or 5 times a power of ten, at least v. */
static uint64_t nice(uint64_t v)
{
	uint64_t unit = 1;

	while (unit <= UINT64_MAX / 10 && unit * 10 <= v)
		unit *= 10;
	return v <= unit ? unit : v <= 2 * unit ? 2 * unit : v <= 5 * unit ? 5 * unit : 10 * unit;
}

/* Spread the bytes of a span evenly over the steps it lies in. */
static void spread(uint64_t *steps, size_t nr, uint64_t step_ns, uint64_t begin, uint64_t end,
		   uint64_t bytes)
{
	size_t first = begin / step_ns, last = end / step_ns;
	uint64_t given = 0;

	for (size_t i = first; i <= last && i < nr; i++) {
		uint64_t until = (i + 1) * step_ns < end ? (i + 1) * step_ns : end;
		uint64_t share = end > begin ? (uint64_t)((unsigned __int128)bytes *
							  (until - begin) / (end - begin))
					     : bytes;

		steps[i] += share - given;
		given = share;
	}
}

static void add_throughput_of(struct plot_data *d, const struct window *w, enum span_type type,
			      bool writes, uint64_t step_ns, size_t nr, const char *prefix,
			      const char *title)
{
	const struct span_list *spans = &w->a->spans[type];
	uint64_t *steps = sim_xcalloc(nr, sizeof(*steps));
	struct plot_series *series;
	bool any = false;

	for (size_t i = 0; i < spans->nr; i++) {
		const struct span *s = &spans->at[i];

		if (!s->bytes || !span_moves(s) || span_writes(s) != writes || !in_window(w, s))
			continue;
		any = true;
		spread(steps, nr, step_ns, s->begin_ns - w->origin_ns, s->end_ns - w->origin_ns,
		       s->bytes);
	}
	if (any) {
		series = plot_data_series(d, prefix, title, type == SPAN_CALL);
		for (size_t i = w->opts->from_ns / step_ns; i < nr; i++)
			plot_series_add(series, (struct plot_point){
							{i * step_ns,
							 (uint64_t)((unsigned __int128)steps[i] *
								    1000000000 / step_ns)}});
	}
	sim_xfree(steps);
}

/* Whether messages tell their bytes; else subrequests stand for them. */
static enum span_type server_side(const struct activity *a)
{
	for (size_t i = 0; i < a->spans[SPAN_MESSAGE].nr; i++)
		if (a->spans[SPAN_MESSAGE].at[i].bytes)
			return SPAN_MESSAGE;
	return SPAN_SUBREQUEST;
}

static void add_throughput(struct plot_data *d, const struct window *w, const char *prefix)
{
	const enum span_type types[] = {SPAN_CALL, server_side(w->a)};
	uint64_t end = last_move(w, types, 2);
	uint64_t step_ns = nice(end / THROUGHPUT_STEPS + 1);
	size_t nr = end / step_ns + 2; /* the last one is empty: the line comes down */

	add_throughput_of(d, w, SPAN_CALL, false, step_ns, nr, prefix, "read by calls");
	add_throughput_of(d, w, SPAN_CALL, true, step_ns, nr, prefix, "written by calls");
	add_throughput_of(d, w, types[1], false, step_ns, nr, prefix, "read from the server");
	add_throughput_of(d, w, types[1], true, step_ns, nr, prefix, "written to the server");
}

/* ---- in flight ---- */

struct edge {
	uint64_t at_ns;
	int change;
};

/* Ends before beginnings, so that one after the other is not counted as two. */
static int by_time(const void *a, const void *b)
{
	const struct edge *x = a, *y = b;

	if (x->at_ns != y->at_ns)
		return x->at_ns < y->at_ns ? -1 : 1;
	return x->change - y->change;
}

/* The value from now on; what it was for no time at all is not shown. */
static void add_step(struct plot_series *series, uint64_t at, uint64_t value)
{
	if (series->nr && series->at[series->nr - 1].v[0] == at)
		series->at[series->nr - 1].v[1] = value;
	else if (!series->nr || series->at[series->nr - 1].v[1] != value)
		plot_series_add(series, (struct plot_point){{at, value}});
}

static void add_inflight_of(struct plot_data *d, const struct window *w, enum span_type type,
			    const char *prefix)
{
	const struct span_list *spans = &w->a->spans[type];
	struct edge *edges = sim_xcalloc(2 * spans->nr + 1, sizeof(*edges));
	struct plot_series *series = NULL;
	int64_t value = 0;
	size_t n = 0;

	for (size_t i = 0; i < spans->nr; i++) {
		const struct span *s = &spans->at[i];

		if (!in_window(w, s) || s->end_ns == s->begin_ns)
			continue;
		edges[n++] = (struct edge){s->begin_ns - w->origin_ns, 1};
		edges[n++] = (struct edge){s->end_ns - w->origin_ns, -1};
	}
	if (n) {
		/* Edges that compare equal are equal. */
		qsort(edges, n, sizeof(*edges), by_time);
		series = plot_data_series(d, prefix, span_type_names[type], false);
		add_step(series, w->opts->from_ns, 0);
	}
	for (size_t i = 0; i < n; i++) {
		value += edges[i].change;
		add_step(series, edges[i].at_ns, (uint64_t)value);
	}
	sim_xfree(edges);
}

/* ---- dirty ---- */

/* The value from now on; a peak that lasted for no time at all stays to be seen. */
static void add_peak(struct plot_series *series, uint64_t at, uint64_t value)
{
	struct plot_point *last = series->nr > 1 ? &series->at[series->nr - 1] : NULL;

	if (!last || last->v[0] != at || last[-1].v[0] != at) {
		if (!series->nr || series->at[series->nr - 1].v[1] != value)
			plot_series_add(series, (struct plot_point){{at, value}});
		return;
	}
	if (last->v[1] > last[-1].v[1])
		last[-1].v[1] = last->v[1];
	last->v[1] = value;
}

static void add_dirty(struct plot_data *d, const struct window *w, const char *prefix)
{
	const struct activity *a = w->a;
	struct plot_series *series;

	if (!a->nr_memory)
		return;
	for (int column = 0; column < 2; column++) {
		series = plot_data_series(d, prefix, column ? "under writeback" : "dirty", false);
		plot_series_add(series, (struct plot_point){{w->opts->from_ns, 0}});
		for (size_t i = 0; i < a->nr_memory; i++) {
			const struct memory_sample *m = &a->memory[i];
			uint64_t at = m->time_ns - w->origin_ns;

			if (at >= w->opts->from_ns && at <= w->opts->to_ns)
				add_peak(series, at, column ? m->writeback : m->dirty);
		}
	}
}

/* ---- latency ---- */

static int by_value(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* The distribution of the times of one kind: one point per distinct value, at most. */
static void add_latency_of(struct plot_data *d, const struct window *w, enum span_type type,
			   const char *kind, const char *prefix)
{
	const struct span_list *spans = &w->a->spans[type];
	uint64_t *ns = sim_xcalloc(spans->nr + 1, sizeof(*ns));
	struct sim_buf title = {0};
	struct plot_series *series;
	size_t n = 0;

	for (size_t i = 0; i < spans->nr; i++)
		if (spans->at[i].ended && in_window(w, &spans->at[i]) &&
		    !strcmp(spans->at[i].kind, kind))
			ns[n++] = spans->at[i].end_ns - spans->at[i].begin_ns;
	if (n) {
		/* Numbers that compare equal are equal. */
		qsort(ns, n, sizeof(*ns), by_value);
		sim_buf_printf(&title, "%s (%zu)", kind, n);
		series = plot_data_series(d, prefix, title.data, type == SPAN_CALL);
		plot_series_add(series, (struct plot_point){{ns[0], 0}});
		for (size_t i = 0; i < n; i++)
			if (i + 1 == n || ns[i + 1] != ns[i])
				plot_series_add(series,
						(struct plot_point){{ns[i], (i + 1) * 1000 / n}});
	}
	sim_buf_free(&title);
	sim_xfree(ns);
}

/* Each kind once, in the order of first appearance. */
static void add_latency(struct plot_data *d, const struct window *w, enum span_type type,
			const char *prefix)
{
	const struct span_list *spans = &w->a->spans[type];
	const char *seen[32];
	size_t n = 0, k;

	for (size_t i = 0; i < spans->nr; i++) {
		for (k = 0; k < n && strcmp(seen[k], spans->at[i].kind); k++)
			;
		if (k < n || n == 32)
			continue;
		seen[n++] = spans->at[i].kind;
		add_latency_of(d, w, type, spans->at[i].kind, prefix);
	}
}

/* ---- lanes ---- */

static struct plot_series *lane_series(struct plot_data *d, const char *title)
{
	for (size_t i = 0; i < d->nr; i++)
		if (!strcmp(d->series[i].title, title))
			return &d->series[i];
	return plot_data_series(d, NULL, title, false);
}

static void add_bar(struct plot_data *d, const struct window *w, const struct span *s,
		    const char *title, size_t lane, bool is_request)
{
	plot_series_add(lane_series(d, title),
			(struct plot_point){{s->begin_ns - w->origin_ns, s->end_ns - w->origin_ns,
					     lane, is_request}});
}

static void add_lane_label(struct plot_data *d, const struct activity *a, const struct span *s)
{
	struct sim_buf label = {0};
	char bytes[32], start[32];

	if (a->nr_clients > 1)
		sim_buf_printf(&label, "c%u ", s->client);
	sim_buf_printf(&label, "%x %s %s+%s", s->number, s->kind,
		       figure_text(start, FIGURE_BYTES, s->start),
		       figure_text(bytes, FIGURE_BYTES, s->bytes));
	sim_buf_puts(&label, s->error ? " failed" : "");
	d->lanes = sim_xrealloc(d->lanes, d->nr_lanes + 1, sizeof(*d->lanes));
	d->lanes[d->nr_lanes++] = label.data;
}

static void add_lanes(struct plot_data *d, const struct window *w)
{
	const struct span_list *requests = &w->a->spans[SPAN_REQUEST];
	const struct span_list *subs = &w->a->spans[SPAN_SUBREQUEST];
	size_t *lane_of = sim_xcalloc(requests->nr + 1, sizeof(*lane_of)); /* + 1; 0: none */

	for (size_t i = 0; i < requests->nr; i++) {
		if (!in_window(w, &requests->at[i]))
			continue;
		if (d->nr_lanes == w->opts->max_lanes) {
			d->lanes_left_out++;
			continue;
		}
		add_lane_label(d, w->a, &requests->at[i]);
		lane_of[i] = d->nr_lanes;
		add_bar(d, w, &requests->at[i], "request", d->nr_lanes - 1, true);
	}
	for (size_t i = 0; i < subs->nr; i++) {
		const struct span *s = &subs->at[i];

		if (s->parent < requests->nr && lane_of[s->parent])
			add_bar(d, w, s, s->kind, lane_of[s->parent] - 1, false);
	}
	sim_xfree(lane_of);
}

/* ---- all ---- */

void plot_add(struct plot_data *d, const struct activity *a, const struct plot_options *opts,
	      const char *name)
{
	struct window w = {a, opts, a->begin_ns};

	switch (d->kind) {
	case PLOT_THROUGHPUT:
		add_throughput(d, &w, name);
		break;
	case PLOT_INFLIGHT:
		add_inflight_of(d, &w, SPAN_REQUEST, name);
		add_inflight_of(d, &w, SPAN_SUBREQUEST, name);
		add_inflight_of(d, &w, SPAN_MESSAGE, name);
		break;
	case PLOT_DIRTY:
		add_dirty(d, &w, name);
		break;
	case PLOT_LATENCY:
		add_latency(d, &w, SPAN_CALL, name);
		add_latency(d, &w, SPAN_MESSAGE, name);
		break;
	case PLOT_LANES:
		add_lanes(d, &w);
		break;
	case PLOT_SWEEP: /* no activity has it */
	case PLOT_KINDS:
		break;
	}
}
