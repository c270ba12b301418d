/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Counters, and gauges with their course over time. */
#include "sim/stats/stats.h"

#include <assert.h>
#include <string.h>

#include "sim/base/arena.h"
#include "sim/base/math.h"

void sim_counter_add(struct sim_counter *c, uint64_t amount)
{
	c->events++;
	c->amount = sim_add_sat(c->amount, amount);
}

void sim_gauge_init(struct sim_gauge *g, uint64_t now_ns, uint64_t value)
{
	memset(g, 0, sizeof(*g));
	g->value = g->min = g->max = value;
	g->start_ns = g->last_ns = now_ns;
}

void sim_gauge_keep_series(struct sim_gauge *g, struct sim_arena *a, uint32_t capacity,
			   uint64_t step_ns)
{
	assert(capacity >= 2 && capacity % 2 == 0 && step_ns);
	g->series = sim_alloc(a, sizeof(*g->series));
	g->series->points = sim_alloc_array(a, capacity, sizeof(*g->series->points));
	g->series->capacity = capacity;
	g->series->step_ns = step_ns;
	g->series->points[0].max = g->value;
	g->series->n = 1;
}

/* Make one step of two. */
static void series_halve(struct sim_series *s)
{
	for (uint32_t i = 0; i < s->capacity / 2; i++) {
		const struct sim_series_point *a = &s->points[2 * i], *b = &s->points[2 * i + 1];
		struct sim_series_point sum = {
			.area = a->area + b->area,
			.ns = a->ns + b->ns,
			.max = sim_max(a->max, b->max),
		};

		s->points[i] = sum;
	}
	memset(&s->points[s->capacity / 2], 0, s->capacity / 2 * sizeof(*s->points));
	s->n = (s->n + 1) / 2;
	s->step_ns *= 2;
}

/* The point that holds time t after the start; steps are made longer until it fits. */
static struct sim_series_point *series_point(struct sim_series *s, uint64_t t)
{
	while (t / s->step_ns >= s->capacity)
		series_halve(s);
	if (s->n <= t / s->step_ns)
		s->n = (uint32_t)(t / s->step_ns) + 1;
	return &s->points[t / s->step_ns];
}

/* Account value from one time after the start to another. */
static void series_cover(struct sim_series *s, uint64_t from, uint64_t to, uint64_t value)
{
	while (from < to) {
		struct sim_series_point *p = series_point(s, from);
		uint64_t end = sim_add_sat(from - from % s->step_ns, s->step_ns);
		uint64_t ns = sim_min(to, end) - from;

		p->area += (unsigned __int128)value * ns;
		p->ns += ns;
		p->max = sim_max(p->max, value);
		from += ns;
	}
}

void sim_gauge_set(struct sim_gauge *g, uint64_t now_ns, uint64_t value)
{
	struct sim_series_point *p;

	assert(now_ns >= g->last_ns);
	if (g->series) {
		series_cover(g->series, g->last_ns - g->start_ns, now_ns - g->start_ns, g->value);
		p = series_point(g->series, now_ns - g->start_ns);
		p->max = sim_max(p->max, value);
	}
	g->area += (unsigned __int128)g->value * (now_ns - g->last_ns);
	g->last_ns = now_ns;
	g->value = value;
	g->min = sim_min(g->min, value);
	g->max = sim_max(g->max, value);
}

void sim_gauge_add(struct sim_gauge *g, uint64_t now_ns, int64_t delta)
{
	uint64_t by = delta < 0 ? -(uint64_t)delta : (uint64_t)delta;

	assert(delta < 0 ? by <= g->value : by <= UINT64_MAX - g->value);
	sim_gauge_set(g, now_ns, delta < 0 ? g->value - by : g->value + by);
}

uint64_t sim_gauge_mean(const struct sim_gauge *g, uint64_t now_ns)
{
	unsigned __int128 area = g->area + (unsigned __int128)g->value * (now_ns - g->last_ns);

	assert(now_ns >= g->last_ns);
	return now_ns > g->start_ns ? (uint64_t)(area / (now_ns - g->start_ns)) : g->value;
}

uint64_t sim_series_mean(const struct sim_series_point *p)
{
	return p->ns ? (uint64_t)(p->area / p->ns) : 0;
}
