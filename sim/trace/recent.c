/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The flight recorder read back: canonical forms become records again. */
#include "sim/trace/priv.h"

#include <string.h>

struct reader {
	struct sim_trace *t;
	void (*fn)(void *arg, const struct sim_trace_record *rec);
	void *arg;
	uint64_t skip; /* records to pass over first */
};

static const struct sim_trace_event *event_of(const struct sim_trace *t, uint32_t id)
{
	unsigned i = 0;

	while (t->pack.id[i] != id)
		i++;
	return &t->events[i];
}

/* Read one field that is no text, and leave its sign as it was. */
static union sim_trace_value get_value(const uint8_t *at, enum sim_trace_type type, unsigned width)
{
	union sim_trace_value v = {.u = trace_get_le(at, width)};

	if (type == SIM_TRACE_S16)
		v.s = (int16_t)v.u;
	else if (type == SIM_TRACE_S32)
		v.s = (int32_t)v.u;
	return v;
}

/* Read a form and hand it on. */
static void decode(struct reader *r, const uint8_t *form)
{
	char text[TRACE_RECORD], comm[SIM_TRACE_COMM_MAX + 1], *free_text = text;
	union sim_trace_value value[SIM_TRACE_MAX_FIELDS];
	const struct sim_trace_event *ev = event_of(r->t, (uint32_t)trace_get_le(form + 2, 4));
	const struct trace_shape *s = &r->t->priv->shape[ev - r->t->events];
	unsigned comm_len = form[TRACE_AT_COMM];
	const uint8_t *at = form + TRACE_HEAD + comm_len;
	struct sim_trace_ctx ctx = {
		.time_ns = trace_get_le(form + TRACE_AT_TIME, 8),
		.pid = (uint32_t)trace_get_le(form + TRACE_AT_PID, 4),
		.cpu = (uint16_t)trace_get_le(form + TRACE_AT_CPU, 2),
		.comm = comm,
	};

	memcpy(comm, form + TRACE_HEAD, comm_len);
	comm[comm_len] = '\0';
	for (unsigned i = 0; i < s->nr; i++) {
		size_t len = s->width[i];

		if (len) {
			value[i] = get_value(at, ev->field[i].type, s->width[i]);
		} else {
			len = trace_get_le(at, 2);
			len = len < SIM_TRACE_STR_MAX ? len : SIM_TRACE_STR_MAX;
			at += 2;
			memcpy(free_text, at, len);
			free_text[len] = '\0';
			value[i].str = free_text;
			free_text += len + 1;
		}
		at += len;
	}
	r->fn(r->arg, &(struct sim_trace_record){.event = ev, .ctx = &ctx, .value = value});
}

static void read_chunk(struct reader *r, unsigned chunk)
{
	const struct sim_trace_priv *p = r->t->priv;
	const uint8_t *at = p->ring + chunk * TRACE_CHUNK;
	const uint8_t *end = at + p->used[chunk];

	for (; at < end; at += trace_get_le(at + TRACE_AT_LEN, 2)) {
		if (r->skip)
			r->skip--;
		else
			decode(r, at);
	}
}

void sim_trace_recent(struct sim_trace *t, size_t max,
		      void (*fn)(void *arg, const struct sim_trace_record *rec), void *arg)
{
	const struct sim_trace_priv *p = t->priv;
	struct reader r = {.t = t, .fn = fn, .arg = arg};
	uint64_t kept = 0;

	trace_pack_note(t);
	for (unsigned i = 0; i < TRACE_CHUNKS; i++)
		kept += p->count[i];
	r.skip = kept > max ? kept - max : 0;
	for (unsigned i = 1; i <= TRACE_CHUNKS; i++)
		read_chunk(&r, (p->chunk + i) % TRACE_CHUNKS);
}
