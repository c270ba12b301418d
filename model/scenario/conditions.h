/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Things that can be seen in a run and that expectations name: always, sometimes, never. */
/* Mirrors: no kernel file. */
#ifndef MODEL_SCENARIO_CONDITIONS_H
#define MODEL_SCENARIO_CONDITIONS_H

#include "model/events/events.h"

struct sim_conf_type;

/*
 * The first ones hold for a whole run or do not: they are for `always`. The others happen, and are
 * counted each time they are seen: they are for `sometimes` and `never`.
 */
enum scn_condition {
#define CONDITION(id, name, doc) id,
#include "model/scenario/conditions.def"
#undef CONDITION
	NR_CONDITIONS
};
#define NR_WHOLE_CONDITIONS (COND_NO_SHORT_CALL + 1)

/* Names and texts, for schema and manual. */
extern const struct sim_conf_type scn_condition_type;

/* Count the conditions that a record of the trace shows into seen[NR_CONDITIONS]. */
void scn_conditions_record(uint64_t *seen, const struct sim_trace_record *rec);

/* Ask the trace for the records that scn_conditions_record() looks at. */
void scn_conditions_subscribe(struct sim_trace *trace, struct sim_trace_sink *sink);

#endif
