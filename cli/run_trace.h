/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The trace file of a run: ftrace text with what is needed to run it again. */
#ifndef CLI_RUN_TRACE_H
#define CLI_RUN_TRACE_H

#include "model/scenario/scenario.h"
#include "traces/format/output.h"

struct run_trace;

/* Version of the comment lines; netfs-sim-trace(5) describes them. */
#define RUN_TRACE_FORMAT 1
/* All of them begin so (behind "# " of the comment). */
#define RUN_TRACE_MARK "netfs-sim: "

/*
 * Begin to listen to the run, before its first step, and write the head. events: as below. Choices
 * made while the trace's window is shut become comment lines. The output stays the caller's, to be
 * closed after run_trace_free().
 */
struct run_trace *run_trace_new(struct scenario_run *run, struct trace_output *out,
				const char *events);
/* Stop listening, and write what stands at the end: how it ended, fingerprints. */
void run_trace_finish(struct run_trace *rt, const struct scenario_report *report);
/* Free it, before the run. NULL is ignored. */
void run_trace_free(struct run_trace *rt);

/*
 * Let a sink have the events of a trace file: "kernel", or "all" for the simulator's own, too;
 * behind it patterns of names (patterns.h), with a blank before each. Choices always are in it.
 */
void run_trace_filter(struct sim_trace *t, struct sim_trace_sink *sink, const char *events);

/* Let a sink have the records of choices, or not. */
void run_trace_choices(struct sim_trace *t, struct sim_trace_sink *sink, bool on);

#endif
