/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A trace and its sinks: which event goes to whom, and when. */
#include "sim/trace/trace.h"

#include <assert.h>
#include <string.h>

#include "sim/base/arena.h"
#include "sim/trace/priv.h"

struct sim_trace *sim_trace_new(const struct sim_trace_event *events, unsigned nr)
{
	struct sim_trace *t = sim_xcalloc(1, sizeof(*t));

	t->ctx.comm = "";
	t->events = events;
	t->nr_events = nr;
	t->sinks_of = sim_xcalloc(nr, sizeof(*t->sinks_of));
	t->priv = sim_xcalloc(1, sizeof(*t->priv));
	t->priv->wanted_by = sim_xcalloc(nr, sizeof(*t->priv->wanted_by));
	t->priv->window = true;
	trace_pack_init(t);
	return t;
}

void sim_trace_free(struct sim_trace *t)
{
	if (!t)
		return;
	trace_pack_exit(t);
	sim_xfree(t->priv->wanted_by);
	sim_xfree(t->priv);
	sim_xfree(t->sinks_of);
	sim_xfree(t);
}

void trace_send(struct sim_trace *t, unsigned ev, const union sim_trace_value *value)
{
	struct sim_trace_record rec = {.event = &t->events[ev], .ctx = &t->ctx, .value = value};
	unsigned sinks = t->sinks_of[ev];

	for (unsigned i = 0; sinks >> i; i++) {
		struct sim_trace_sink *sink = t->priv->sink[i];

		if (sinks >> i & 1)
			sink->record(sink, &rec);
	}
}

static unsigned sink_slot(const struct sim_trace *t, const struct sim_trace_sink *sink)
{
	unsigned i = 0;

	while (i < SIM_TRACE_SINKS && t->priv->sink[i] != sink)
		i++;
	assert(i < SIM_TRACE_SINKS);
	return i;
}

/* Recompute who is to have what. */
static void open_sinks(struct sim_trace *t)
{
	uint8_t open = 0;

	for (unsigned i = 0; i < SIM_TRACE_SINKS; i++) {
		const struct sim_trace_sink *sink = t->priv->sink[i];

		if (sink && (t->priv->window || !sink->windowed))
			open |= (uint8_t)(1u << i);
	}
	for (unsigned i = 0; i < t->nr_events; i++)
		t->sinks_of[i] = t->priv->wanted_by[i] & open;
}

void sim_trace_add_sink(struct sim_trace *t, struct sim_trace_sink *sink)
{
	t->priv->sink[sink_slot(t, NULL)] = sink;
	sim_trace_filter(t, sink, "*:*", true);
}

void sim_trace_remove_sink(struct sim_trace *t, struct sim_trace_sink *sink)
{
	sim_trace_filter(t, sink, "*:*", false);
	t->priv->sink[sink_slot(t, sink)] = NULL;
	open_sinks(t);
}

static bool part_matches(const char *pattern, size_t len, const char *s)
{
	if (len == 1 && *pattern == '*')
		return true;
	return strlen(s) == len && !memcmp(pattern, s, len);
}

/* The name without the system that simulator events have in front. */
static const char *short_name(const struct sim_trace_event *ev)
{
	const char *colon = strchr(ev->name, ':');

	return colon ? colon + 1 : ev->name;
}

unsigned sim_trace_filter(struct sim_trace *t, struct sim_trace_sink *sink, const char *pattern,
			  bool on)
{
	uint8_t bit = (uint8_t)(1u << sink_slot(t, sink));
	size_t sys_len = strcspn(pattern, ":");
	const char *name = pattern[sys_len] ? pattern + sys_len + 1 : "*";
	unsigned matches = 0;

	for (unsigned i = 0; i < t->nr_events; i++) {
		const struct sim_trace_event *ev = &t->events[i];

		if (!part_matches(pattern, sys_len, ev->system) ||
		    !part_matches(name, strlen(name), short_name(ev)))
			continue;
		matches++;
		if (on)
			t->priv->wanted_by[i] |= bit;
		else
			t->priv->wanted_by[i] &= (uint8_t)~bit;
	}
	open_sinks(t);
	return matches;
}

void sim_trace_window(struct sim_trace *t, bool on)
{
	t->priv->window = on;
	open_sinks(t);
}
