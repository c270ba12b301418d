/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Foreign descriptions of workloads become scenario files: text in, text out. */
#ifndef TRACES_IMPORT_IMPORT_H
#define TRACES_IMPORT_IMPORT_H

#include "sim/base/text.h"

/* Times of the scenario: a median each, or laws of which each seed is a sample. */
enum import_times { IMPORT_MEDIAN, IMPORT_DRAWN };

/*
 * The recording of a real kernel in dir (traces/kernel/README.md, ops.txt and meta.txt; nothing
 * else is read) as the YAML of a scenario, appended to out. The scenario has the recording's
 * release with the bugs it was released with, its mount and memory, one timing profile per
 * filesystem (times), and every operation with the number and the text of its line, so that markers
 * and results line up. Returns 0, or -1 with "file:line: ..." in *err: a file is missing or
 * malformed, or an operation is not known.
 */
int import_kernel(const char *dir, enum import_times times, struct sim_buf *out,
		  struct sim_err *err);

#endif
