/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The emit functions, made from events.def: each packs its fields, and sends them to who listens. */
/* Mirrors: include/trace/trace_events.h (6.8) */
#include "sim/trace/emit.h"

#include "model/events/events.h"

/* clang-format off */
#define EVENTS_BYTES(f)        EVENTS_BYTES_##f +
#define EVENTS_BYTES_U8(n)     1u
#define EVENTS_BYTES_U16(n)    2u
#define EVENTS_BYTES_U32(n)    4u
#define EVENTS_BYTES_U64(n)    8u
#define EVENTS_BYTES_S16(n)    2u
#define EVENTS_BYTES_S32(n)    4u
#define EVENTS_BYTES_S64(n)    8u
#define EVENTS_BYTES_SITE(n)   2u
#define EVENTS_BYTES_TAG(e, n) 1u
#define EVENTS_BYTES_FLAGS(e, n) 4u
#define EVENTS_BYTES_STR(n)    TRACE_TEXT

#define EVENTS_PUT(f)          at = EVENTS_PUT_##f;
#define EVENTS_PUT_U8(n)       sim_trace_put(at, n, 1)
#define EVENTS_PUT_U16(n)      sim_trace_put(at, n, 2)
#define EVENTS_PUT_U32(n)      sim_trace_put(at, n, 4)
#define EVENTS_PUT_U64(n)      sim_trace_put(at, n, 8)
#define EVENTS_PUT_S16(n)      sim_trace_put(at, (uint64_t)n, 2)
#define EVENTS_PUT_S32(n)      sim_trace_put(at, (uint64_t)n, 4)
#define EVENTS_PUT_S64(n)      sim_trace_put(at, (uint64_t)n, 8)
#define EVENTS_PUT_SITE(n)     sim_trace_put(at, n, 2)
#define EVENTS_PUT_TAG(e, n)   sim_trace_put(at, n, 1)
#define EVENTS_PUT_FLAGS(e, n) sim_trace_put(at, n, 4)
#define EVENTS_PUT_STR(n)      trace_put_text(at, n)

#define EVENTS_VALUE(f)        { EVENTS_VALUE_##f },
#define EVENTS_VALUE_U8(n)     .u = n
#define EVENTS_VALUE_U16(n)    .u = n
#define EVENTS_VALUE_U32(n)    .u = n
#define EVENTS_VALUE_U64(n)    .u = n
#define EVENTS_VALUE_S16(n)    .s = n
#define EVENTS_VALUE_S32(n)    .s = n
#define EVENTS_VALUE_S64(n)    .s = n
#define EVENTS_VALUE_SITE(n)   .u = n
#define EVENTS_VALUE_TAG(e, n) .u = n
#define EVENTS_VALUE_FLAGS(e, n) .u = n
#define EVENTS_VALUE_STR(n)    .str = n

#define EVENT(key, system, name, versions, flags, layout, doc, ...)                               \
void trace_##key(struct sim_trace *t EVENTS_EACH(EVENTS_PARAM, __VA_ARGS__))                      \
{                                                                                                 \
	if (!t)                                                                                   \
		return;                                                                           \
	if (!((flags) & SIM_TRACE_OBSERVE)) {                                                     \
		uint8_t *at = sim_trace_begin(t, EVENT_##key,                                     \
			TRACE_MOST(EVENTS_EACH(EVENTS_BYTES, __VA_ARGS__) 0u));                    \
												  \
		EVENTS_EACH(EVENTS_PUT, __VA_ARGS__)                                              \
		sim_trace_end(t, at);                                                             \
	}                                                                                         \
	if (sim_trace_sinks(t, EVENT_##key)) {                                                    \
		const union sim_trace_value v[] = { EVENTS_EACH(EVENTS_VALUE, __VA_ARGS__) };     \
												  \
		trace_send(t, EVENT_##key, v);                                                    \
	}                                                                                         \
}
#include "model/events/events.def"
#undef EVENT
