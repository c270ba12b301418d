/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The text of records, as the layouts of the event table say. */
#ifndef SIM_TRACE_TEXT_H
#define SIM_TRACE_TEXT_H

#include "sim/base/text.h"
#include "sim/trace/trace.h"

struct sim_trace_text;

/*
 * Compile the layouts of a table for one version of the axis (0..SIM_TRACE_VERSIONS - 1): which
 * texts tags have. An invalid layout is an error in the table: abort. Tools memory.
 */
struct sim_trace_text *sim_trace_text_new(const struct sim_trace_event *events, unsigned nr,
					  unsigned version);
void sim_trace_text_free(struct sim_trace_text *text);

/*
 * Append what follows "event: " to out. A tag that the version does not have is printed as 0x and
 * its position in hexadecimal, as the kernel prints unknown values.
 */
void sim_trace_text_add(const struct sim_trace_text *text, const struct sim_trace_record *rec,
			struct sim_buf *out);

#endif
