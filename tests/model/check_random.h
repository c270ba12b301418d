/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Random work on one or two files, checked: what tests of model/check compare runs by. */
#ifndef TESTS_MODEL_CHECK_RANDOM_H
#define TESTS_MODEL_CHECK_RANDOM_H

#include <stdio.h>

#include "model/check/check.h"
#include "tests/model/fixture.h"

struct random_work {
	uint64_t seed;
	enum check_mode mode;
	enum fs_kind fs;
	enum cache_mode cache; /* 9P; AFS: CACHE_FSCACHE or not */
	enum cache_copy cache_copy;
	const char *bug;       /* slug; NULL: none */
	unsigned tasks, ops;   /* ops of each task */
	unsigned page_cost_ns; /* of copying a page: tasks meet in the middle of a write */
	bool preempt;          /* random schedule, preempting */
	bool faults;           /* the server fails now and then */
	bool foreign;          /* somebody else changes the files on the server */
	bool direct;           /* O_DIRECT and O_SYNC descriptors too */
	FILE *verbose;         /* where violations are printed; NULL: nowhere */
};

struct random_outcome {
	enum sim_end end;
	uint64_t steps, records, violations;
	struct sim_fingerprint fingerprint;
	/* The first violation. */
	enum check_rule rule; /* NR_CHECK_RULES: none */
	uint64_t step;
	char text[256];
};

/* Run it to the end and free everything. */
void random_work_run(const struct random_work *work, struct random_outcome *out);

#endif
