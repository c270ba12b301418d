/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a writer of a trace format puts its bytes: a file that appears whole or not at all,
 * standard output, or memory. */
#ifndef TRACES_FORMAT_OUTPUT_H
#define TRACES_FORMAT_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>

#include "sim/base/text.h"

#define TRACE_OUTPUT_BUFFER ((size_t)256 << 10) /* bytes between two writes */

struct trace_output;

/*
 * Begin to write path, "-" for standard output. A regular file is written under another name beside
 * it and replaces the old one when the output is closed; devices and pipes are written in place.
 * Returns NULL with err set if it cannot be created.
 */
struct trace_output *trace_output_open(const char *path, struct sim_err *err);

/* Begin to write into memory. */
struct trace_output *trace_output_memory(void);

/* The buffer to append to. After each append of something whole, call trace_output_push(). */
struct sim_buf *trace_output_buf(struct trace_output *out);

/*
 * Write the buffer if it is full. Errors stay for trace_output_close(); from the first one on
 * everything is thrown away.
 */
void trace_output_push(struct trace_output *out);

/* Whether writing has failed: the run may as well end. */
bool trace_output_failed(const struct trace_output *out);

/*
 * End the output and free it. keep false: nothing remains (but what went to a device, a pipe or
 * standard output). Returns 0, or -1 with err set and no file left behind: it could not be written
 * in full, for instance because the disk is full, or not put into place.
 */
int trace_output_close(struct trace_output *out, bool keep, struct sim_err *err);

#endif
