/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Packing records field by field, for emit functions that are made from a table of events: begin,
 * put each field in order, end; then sim_trace_sinks() tells whether values are wanted as well.
 * sim_trace_emit() is the same for values in an array.
 */
#ifndef SIM_TRACE_EMIT_H
#define SIM_TRACE_EMIT_H

#include <string.h>

#include "sim/trace/trace.h"

/* Layout of the head of a canonical form. */
#define TRACE_AT_LEN  0u
#define TRACE_AT_ID   2u
#define TRACE_AT_TIME 6u
#define TRACE_AT_PID  14u
#define TRACE_AT_CPU  18u
#define TRACE_AT_COMM 20u /* u8 length, then the characters */
#define TRACE_HEAD    (TRACE_AT_COMM + 1)

#define TRACE_SLACK 8u /* packing may write so many bytes too far */
/* Bytes that a form may take whose fields take so many. */
#define TRACE_MOST(fields) (TRACE_HEAD + SIM_TRACE_COMM_MAX + TRACE_SLACK + (fields))
/* Bytes of a text, at most. */
#define TRACE_TEXT (2u + SIM_TRACE_STR_MAX)

/* Writes 8 bytes, the lowest first; the caller advances by as many as it means. */
static inline void trace_put_le(uint8_t *p, uint64_t v)
{
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	v = __builtin_bswap64(v);
#endif
	memcpy(p, &v, sizeof(v));
}

static inline void trace_put_le16(uint8_t *p, uint16_t v)
{
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	v = __builtin_bswap16(v);
#endif
	memcpy(p, &v, sizeof(v));
}

/* What has to be done before a form of so many bytes: another chunk, another head. */
void trace_make_room(struct sim_trace *t, size_t most);
/* What has to be done after every SIM_TRACE_PARTIAL records. */
void trace_partial(struct sim_trace *t);
/* A text; returns what is behind it. */
uint8_t *trace_put_text(uint8_t *at, const char *s);
/* Send a record to the sinks that want it. */
void trace_send(struct sim_trace *t, unsigned ev, const union sim_trace_value *value);

/* Begin a form of at most so many bytes; returns where its fields go. */
static inline uint8_t *sim_trace_begin(struct sim_trace *t, unsigned ev, size_t most)
{
	struct sim_trace_pack *p = &t->pack;
	uint8_t *at;

	if (__builtin_expect((size_t)(p->end - p->pos) < most, 0))
		trace_make_room(t, most);
	at = p->pos;
	trace_put_le(at, (uint64_t)p->id[ev] << 16);
	trace_put_le(at + TRACE_AT_TIME, t->ctx.time_ns);
	memcpy(at + TRACE_AT_PID, p->who, sizeof(p->who));
	return at + p->head;
}

static inline uint8_t *sim_trace_put(uint8_t *at, uint64_t value, unsigned bytes)
{
	trace_put_le(at, value);
	return at + bytes;
}

/* The form ends at at. */
static inline void sim_trace_end(struct sim_trace *t, uint8_t *at)
{
	struct sim_trace_pack *p = &t->pack;

	trace_put_le16(p->pos + TRACE_AT_LEN, (uint16_t)(at - p->pos));
	p->pos = at;
	t->nr_records++;
	if (__builtin_expect(!--p->to_partial, 0))
		trace_partial(t);
}

static inline bool sim_trace_sinks(const struct sim_trace *t, unsigned ev)
{
	return t->sinks_of[ev];
}

#endif
