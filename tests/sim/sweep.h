/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the sweeps over whole scenarios share: loading, running, and what a run came to. */
#ifndef TESTS_SIM_SWEEP_H
#define TESTS_SIM_SWEEP_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <glob.h>
#include <stdlib.h>
#include <string.h>

#include "model/scenario/scenario.h"

/* SCENARIOS, the folder of the shipped ones, comes from meson.build. */
static inline void sweep_glob(const char *pattern, glob_t *g)
{
	assert_int_equal(glob(pattern, GLOB_ERR, NULL, g), 0);
	assert_true(g->gl_pathc > 0);
}

static inline struct scenario *sweep_load(const char *path)
{
	struct sim_err err = {0};
	struct scenario *scn = scenario_load(path, NULL, &err);

	if (!scn)
		fail_msg("%s", err.text);
	return scn;
}

static inline struct scenario_run *sweep_run(const struct scenario *scn,
					     const struct scenario_run_opts *opts)
{
	struct sim_err err = {0};
	struct scenario_run *run = scenario_run_new(scn, opts, &err);

	if (!run)
		fail_msg("%s", err.text);
	return run;
}

/* What a run that goes to its end comes to. */
struct sweep_result {
	struct sim_fingerprint fingerprint;
	uint64_t steps, records;
	enum sim_end end;
	enum scenario_verdict verdict;
	size_t nr_violations, nr_failures;
	char rules[256]; /* of the violations, in order: "I10 I3 " */
};

static inline void sweep_result(struct scenario_run *run, struct sweep_result *res)
{
	const struct scenario_report *r = scenario_run_report(run);

	memset(res, 0, sizeof(*res));
	res->fingerprint = r->fingerprint;
	res->steps = r->steps;
	res->records = r->records;
	res->end = r->end;
	res->verdict = r->verdict;
	res->nr_violations = r->nr_violations;
	res->nr_failures = r->nr_failures;
	for (size_t i = 0; i < r->nr_violations; i++) {
		if (strlen(res->rules) + strlen(r->violations[i].rule) + 2 > sizeof(res->rules))
			break;
		strcat(res->rules, r->violations[i].rule);
		strcat(res->rules, " ");
	}
}

/* Run to the end, judge and free. */
static inline void sweep_whole(const struct scenario *scn, const struct scenario_run_opts *opts,
			       struct sweep_result *res)
{
	struct scenario_run *run = sweep_run(scn, opts);

	scenario_run_go(run);
	sweep_result(run, res);
	scenario_run_free(run);
}

/* NETFS_SIM_SWEEP_ALL=1: every place of every scenario, however long it takes; only by hand. */
static inline bool sweep_all(void)
{
	const char *all = getenv("NETFS_SIM_SWEEP_ALL");

	return all && *all && strcmp(all, "0") != 0;
}

#endif
