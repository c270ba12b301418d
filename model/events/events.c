/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tables of trace events and of the enums they print, made from events.def and tags.def. */
/*
 * Mirrors: include/trace/events/netfs.h, include/trace/events/9p.h, include/trace/events/filemap.h,
 * include/trace/events/writeback.h (6.8)
 */
#include "model/events/events.h"

#include <string.h>

#include "model/events/sites_table.h"

/* clang-format off */
#define NONE                   NULL
#define TAGS_BEGIN(e)          static const struct sim_trace_tag tag_##e[] = {
#define TAG(name, v1, v8, v12) { #name, { v1, v8, v12 } },
#define TAGS_END(e)                                                            \
};                                                                             \
static const struct sim_trace_tags tags_##e = {                                \
	#e, tag_##e, sizeof(tag_##e) / sizeof(tag_##e[0])                      \
};
#include "model/events/tags.def"
#undef TAGS_BEGIN
#undef TAG
#undef TAGS_END

static const struct sim_trace_tags *const all_tags[] = {
#define TAGS_BEGIN(e) &tags_##e,
#define TAG(...)
#define TAGS_END(e)
#include "model/events/tags.def"
#undef TAGS_BEGIN
#undef TAG
#undef TAGS_END
};

#define FIELD(f)        { FIELD_##f },
#define FIELD_U8(n)     #n, SIM_TRACE_U8, NULL
#define FIELD_U16(n)    #n, SIM_TRACE_U16, NULL
#define FIELD_U32(n)    #n, SIM_TRACE_U32, NULL
#define FIELD_U64(n)    #n, SIM_TRACE_U64, NULL
#define FIELD_S16(n)    #n, SIM_TRACE_S16, NULL
#define FIELD_S32(n)    #n, SIM_TRACE_S32, NULL
#define FIELD_S64(n)    #n, SIM_TRACE_S64, NULL
#define FIELD_SITE(n)   #n, SIM_TRACE_TAG16, &model_site_tags
#define FIELD_TAG(e, n) #n, SIM_TRACE_TAG, &tags_##e
#define FIELD_FLAGS(e, n) #n, SIM_TRACE_FLAGS, &tags_##e
#define FIELD_STR(n)    #n, SIM_TRACE_STR, NULL

#define EVENT(key, system, name, versions, flags, layout, doc, ...)            \
static const struct sim_trace_field fields_##key[] = {                         \
	EVENTS_EACH(FIELD, __VA_ARGS__)                                        \
};
#include "model/events/events.def"
#undef EVENT

#define V6_1  (1u << EVENTS_6_1)
#define V6_8  (1u << EVENTS_6_8)
#define V6_12 (1u << EVENTS_6_12)
#define V_ALL (V6_1 | V6_8 | V6_12)

#define EVENT(key, system, name, versions, flags, layout, doc, ...)            \
{                                                                              \
	#key, name, #system, versions, flags, layout, doc,                     \
	EVENTS_COUNT(__VA_ARGS__), fields_##key                                \
},
const struct sim_trace_event model_events[NR_EVENTS] = {
#include "model/events/events.def"
};
#undef EVENT
/* clang-format on */

const struct sim_trace_tags *const *model_event_tags(unsigned *nr)
{
	*nr = sizeof(all_tags) / sizeof(all_tags[0]);
	return all_tags;
}

const struct sim_trace_event *model_event_find(const char *name, enum events_version version)
{
	for (unsigned i = 0; i < NR_EVENTS; i++)
		if (model_events[i].versions >> version & 1 && !strcmp(model_events[i].name, name))
			return &model_events[i];
	return NULL;
}
