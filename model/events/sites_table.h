/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The sites as a tag table, so that events can print them; private to model/events. */
#ifndef MODEL_EVENTS_SITES_TABLE_H
#define MODEL_EVENTS_SITES_TABLE_H

#include "sim/trace/event.h"

extern const struct sim_trace_tags model_site_tags;

#endif
