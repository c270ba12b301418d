/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A file of exact figures per scenario, to see every change of behaviour. */
#ifndef CLI_BASELINE_H
#define CLI_BASELINE_H

#include <stdbool.h>
#include <stddef.h>

#include "sim/base/text.h"

/*
 * The file, as text that diffs well:
 *
 *	# netfs-sim baseline 1
 *	[scenarios/tutorial/01-first-write.yaml]
 *	fingerprint 0123456789abcdef0123456789abcdef
 *	rpcs.total 12
 */
#define BASELINE_FORMAT 1

struct baseline_entry {
	char *scenario; /* its path, as path_normal() gives it */
	char *figures;  /* lines "NAME VALUE" */
};

struct baseline {
	struct baseline_entry *at; /* in strcmp() order of the scenarios */
	size_t nr;
};

/*
 * Read a file. A missing one is an error unless missing_ok: then *b is empty. Returns 0, or -1 with
 * *err and *b empty.
 */
int baseline_read(const char *path, bool missing_ok, struct baseline *b, struct sim_err *err);
/* Write it whole or not at all. Returns 0, or -1 with *err. */
int baseline_write(const char *path, const struct baseline *b, struct sim_err *err);
void baseline_free(struct baseline *b);

/* Put these figures in place of those of the scenario, or add it. */
void baseline_set(struct baseline *b, const char *scenario, const char *figures);

/* Take the i-th scenario out. */
void baseline_drop(struct baseline *b, size_t i);

/*
 * Compare: append a line to out for every figure that differs, that is new or gone. Returns how
 * many; a scenario that the baseline lacks is one.
 */
unsigned baseline_compare(const struct baseline *b, const char *scenario, const char *figures,
			  struct sim_buf *out);

#endif
