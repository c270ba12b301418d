/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Holds a run against the lines of a recorded trace as it goes. */
#ifndef CLI_REPLAY_COMPARE_H
#define CLI_REPLAY_COMPARE_H

#include "model/scenario/scenario.h"
#include "sim/trace/text.h"

struct replay_compare {
	struct sim_trace_sink sink;
	struct sim_trace *trace;
	struct sim_trace_text *text;
	const char *at;       /* what of the recording is left */
	uint32_t line;        /* of the recording that was last taken */
	uint64_t same;        /* events that agree */
	bool differs;         /* from there on nothing is compared */
	char *recorded, *now; /* the first difference; NULL: that side has no further event */
};

/* Listen to the run, before its first step. recording: the whole text of the trace. */
void replay_compare_begin(struct replay_compare *c, struct scenario_run *run, const char *events,
			  const char *recording);
/* The run is over: is there more in the recording? Stop listening. */
void replay_compare_end(struct replay_compare *c);
void replay_compare_free(struct replay_compare *c);

#endif
