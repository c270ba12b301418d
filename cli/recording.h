/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A recording of a real kernel against its simulation. */
#ifndef CLI_RECORDING_H
#define CLI_RECORDING_H

#include "cli/cli.h"
#include "cli/watch.h"
#include "model/scenario/scenario.h"
#include "traces/compare/compare.h"
#include "traces/compare/results.h"

struct recording_result {
	struct compare_result trace;
	struct results_diff results;
	struct sim_buf simulated;  /* the trace that the simulation wrote */
	struct sim_buf violations; /* lines: what the checker saw, hangs */
	enum sim_end end;
	uint64_t seed; /* of the simulation that all this is of; 0: the scenario's own */
};

struct recording_options {
	const struct cli_overrides *overrides;
	bool strict, values; /* as in trace diff */
	unsigned seeds;      /* try so many (at least 1) until one matches */
};

/*
 * Simulate the recording in dir, of which only ops.txt and meta.txt are read for that, then compare
 * with its trace.txt and results.txt. The first run takes the median of each time, unless an
 * override gives a seed. Which of several racing tasks goes first is one sample, in the recording
 * too: what differs is tried with drawn times, and the seeds 1, 2, ... *r is of the first seed
 * that matches in all, else of the one that comes nearest. Returns 0 whether they match or not, or
 * -1 with *err and *r empty. Release with recording_result_free().
 */
int recording_check(const char *dir, const struct recording_options *opts,
		    struct recording_result *r, struct sim_err *err);
void recording_result_free(struct recording_result *r);

/* All levels, all calls and the server's bytes match. */
bool recording_matches(const struct recording_result *r);

#endif
