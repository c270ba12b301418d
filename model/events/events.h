/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The trace events of the model: enums, the table, and an emit function for each event. */
/*
 * Mirrors: include/trace/events/netfs.h, include/trace/events/9p.h, include/trace/events/filemap.h,
 * include/trace/events/writeback.h (6.8)
 */
#ifndef MODEL_EVENTS_EVENTS_H
#define MODEL_EVENTS_EVENTS_H

#include <stdint.h>

#include "model/events/foreach.h"
#include "sim/trace/trace.h"

struct sim_buf;

/* The version axis, in the order of enum generation. */
enum events_version { EVENTS_6_1, EVENTS_6_8, EVENTS_6_12 };

/*
 * The enums: enum netfs_io_origin { NETFS_READAHEAD, ... }, enum netfs_io_source, netfs_read_trace,
 * netfs_write_trace, netfs_rreq_trace, netfs_sreq_trace, netfs_failure, netfs_rreq_ref_trace,
 * netfs_sreq_ref_trace, netfs_folio_trace, p9_msg, sim_rpc_stage, sim_rpc_op ...: see tags.def.
 */
#define TAGS_BEGIN(e)  enum e {
#define TAG(name, ...) name,
#define TAGS_END(e) \
	}           \
	;
#include "model/events/tags.def"
#undef TAGS_BEGIN
#undef TAG
#undef TAGS_END

/* enum netfs_rreq_flags, netfs_sreq_flags, kiocb_flags: see flags.def. */
#define FLAGS_BEGIN(e, event) enum e {
#define FLAG(name, value)     name = value,
#define FLAGS_END(e) \
	}            \
	;
#include "model/events/flags.def"
#undef FLAGS_BEGIN
#undef FLAG
#undef FLAGS_END

/* Positions in the table: EVENT_netfs_read ... They are of one build, nothing may keep them. */
enum event_id {
#define EVENT(key, ...) EVENT_##key,
#include "model/events/events.def"
#undef EVENT
	NR_EVENTS
};

/* The table, for sim_trace_new(model_events, NR_EVENTS) and for all writers of formats. */
extern const struct sim_trace_event model_events[NR_EVENTS];

/* The enums as tables, in the order of tags.def; nr of them in *nr. */
const struct sim_trace_tags *const *model_event_tags(unsigned *nr);

/* The event of this printed name in this version, or NULL. */
const struct sim_trace_event *model_event_find(const char *name, enum events_version version);

/* Append netfs-sim-events(7) in scdoc form. */
void events_man(struct sim_buf *out);

/*
 * The emit functions: trace_netfs_rreq(t, rreq, flags, origin, what) and so on for each row of
 * events.def, arguments in the order of its fields. With t NULL they do nothing. Texts must live
 * until the call returns.
 */
/* clang-format off */
#define EVENTS_PARAM(f)        , EVENTS_PARAM_##f
#define EVENTS_PARAM_U8(n)     uint8_t n
#define EVENTS_PARAM_U16(n)    uint16_t n
#define EVENTS_PARAM_U32(n)    uint32_t n
#define EVENTS_PARAM_U64(n)    uint64_t n
#define EVENTS_PARAM_S16(n)    int16_t n
#define EVENTS_PARAM_S32(n)    int32_t n
#define EVENTS_PARAM_S64(n)    int64_t n
#define EVENTS_PARAM_SITE(n)   uint16_t n
#define EVENTS_PARAM_TAG(e, n) enum e n
#define EVENTS_PARAM_FLAGS(e, n) uint32_t n
#define EVENTS_PARAM_STR(n)    const char *n

#define EVENT(key, system, name, versions, flags, layout, doc, ...)                               \
void trace_##key(struct sim_trace *t EVENTS_EACH(EVENTS_PARAM, __VA_ARGS__));
/* clang-format on */
#include "model/events/events.def"
#undef EVENT

#endif
