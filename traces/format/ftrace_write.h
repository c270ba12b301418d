/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A writer of ftrace text: the lines of tracefs/trace, byte for byte as the kernel prints them. */
#ifndef TRACES_FORMAT_FTRACE_WRITE_H
#define TRACES_FORMAT_FTRACE_WRITE_H

#include <stdbool.h>

#include "sim/trace/text.h"
#include "sim/trace/trace.h"
#include "traces/format/output.h"

struct ftrace_writer;

struct ftrace_options {
	unsigned version;    /* place on the version axis of the event table: the texts of tags */
	bool windowed;       /* write only while the trace's window is open */
	const char *comment; /* more lines for the header, without their "# "; NULL: none */
};

/*
 * Write the header and begin to listen: each record becomes a line
 *
 *	            comm-pid     [cpu] ..... secs.usecs: event: text
 *
 * with the time rounded to microseconds as the kernel does. Lines of the simulator's own events
 *have an event name like sim:choice; use sim_trace_filter() with ftrace_writer_sink() to leave them
 *out. The output stays the caller's: close it after the writer is freed.
 */
struct ftrace_writer *ftrace_writer_new(struct sim_trace *t, struct trace_output *out,
					const struct ftrace_options *opts);
void ftrace_writer_free(struct ftrace_writer *w);

/* The writer's place among the sinks of its trace: for sim_trace_filter(). */
struct sim_trace_sink *ftrace_writer_sink(struct ftrace_writer *w);

/* Write comment lines in the middle or at the end, each line of text after "# ". */
void ftrace_writer_comment(struct ftrace_writer *w, const char *text);

/* Append the line of one record, newline included: for records of the flight recorder. */
void ftrace_line(const struct sim_trace_text *text, const struct sim_trace_record *rec,
		 struct sim_buf *out);

#endif
