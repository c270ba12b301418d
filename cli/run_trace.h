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
 * Begin to listen to the run, before its first step, and write the head. all_events: the
 * simulator's own, too. Choices made while the trace's window is shut become comment lines. The
 * output stays the caller's, to be closed after run_trace_free().
 */
struct run_trace *run_trace_new(struct scenario_run *run, struct trace_output *out,
				bool all_events);
/* Stop listening, and write what stands at the end: how it ended, fingerprints. */
void run_trace_finish(struct run_trace *rt, const struct scenario_report *report);
/* Free it, before the run. NULL is ignored. */
void run_trace_free(struct run_trace *rt);

/* Let a sink have the events that a trace file has: the kernel's and the choices, or all. */
void run_trace_filter(struct sim_trace *t, struct sim_trace_sink *sink, bool all_events);

/* Let a sink have the records of choices, or not. */
void run_trace_choices(struct sim_trace *t, struct sim_trace_sink *sink, bool on);

#endif
