/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A recording of a real kernel against its simulation. */
#ifndef CLI_RECORDING_H
#define CLI_RECORDING_H

#include "cli/cli.h"
#include "cli/watch.h"
#include "model/scenario/scenario.h"
#include "traces/compare/compare.h"
#include "traces/compare/results.h"

#define RECORDING_MAX_RESEEDS 64

/* What was drawn: by a seed (0: nothing, all times are medians), and by others from some time on. */
struct recording_draws {
	uint64_t seed;
	struct sim_reseed reseed[RECORDING_MAX_RESEEDS];
	size_t nr_reseeds;
};

struct recording_result {
	struct compare_result trace;
	struct results_diff results;
	struct sim_buf simulated;  /* the trace that the simulation wrote */
	struct sim_buf violations; /* lines: what the checker saw, hangs */
	enum sim_end end;
	struct recording_draws draws; /* of the simulation that all this is of */
};

struct recording_options {
	const struct cli_overrides *overrides;
	bool strict, values; /* as in trace diff */
	unsigned tries;      /* simulate so often (at least once) until one matches */
	const char *keep; /* file for the trace of what *r is of, as "run" writes it; NULL: none */
};

/*
 * Simulate the recording in dir, of which only ops.txt and meta.txt are read for that, then compare
 * with its trace.txt and results.txt. The first run takes the median of each time, unless an
 * override gives a seed. Which of several racing tasks goes first is one sample, in the recording
 * too: what differs is tried with drawn times (recording_search.c). *r is of the first try that
 * matches in all, else of the one that comes nearest. Returns 0 whether they match or not, or -1
 * with *err and *r empty. Release with recording_result_free().
 */
int recording_check(const char *dir, const struct recording_options *opts,
		    struct recording_result *r, struct sim_err *err);
void recording_result_free(struct recording_result *r);
/* "[{at: 1ns, seed: 2}]": the value of the scenario's field. */
void recording_put_reseeds(struct sim_buf *out, const struct recording_draws *draws);

/* One simulation of the scenario in yaml, with what it draws drawn by draws. As above. */
int recording_simulate(const char *dir, const struct sim_buf *yaml,
		       const struct recording_options *opts, const struct recording_draws *draws,
		       struct recording_result *r, struct sim_err *err);

/* The same, its trace written to path as that of a run. 0, or -1 and *err. */
int recording_keep(const char *dir, const struct sim_buf *yaml,
		   const struct recording_options *opts, const struct recording_draws *draws,
		   const char *path, struct sim_err *err);

/* An output (NULL: none) never goes over a file of the recording in dir: 0, or -1 and *err. */
int recording_spare(const char *dir, const char *output, struct sim_err *err);

/* All levels, all calls and the server's bytes match. */
bool recording_matches(const struct recording_result *r);

#endif
