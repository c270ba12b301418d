/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What tests of runs share: a scenario from a text, its run, and the failures it must have. */
#ifndef TESTS_MODEL_SCENARIO_FIXTURE_H
#define TESTS_MODEL_SCENARIO_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "model/scenario/scenario.h"

#define HEAD "format: 1\npurpose: p\nserver: {latency: 100us}\nfiles: {f: {size: 16KiB}}\n"

/* A run of a text to its end. */
struct fixture {
	struct scenario *scn;
	struct scenario_run *run;
	const struct scenario_report *report;
};

static inline void start(struct fixture *f, const char *text, const struct scenario_run_opts *opts)
{
	struct sim_err err = {0};

	f->scn = scenario_load_text("s.yaml", text, strlen(text), NULL, &err);
	if (!f->scn)
		fail_msg("%s", err.text);
	f->run = scenario_run_new(f->scn, opts, &err);
	if (!f->run)
		fail_msg("%s", err.text);
}

static inline void run_with(struct fixture *f, const char *text,
			    const struct scenario_run_opts *opts)
{
	start(f, text, opts);
	scenario_run_go(f->run);
	f->report = scenario_run_report(f->run);
}

static inline void run(struct fixture *f, const char *text)
{
	run_with(f, text, NULL);
}

static inline void done(struct fixture *f)
{
	scenario_run_free(f->run);
	scenario_free(f->scn);
}

/* Exactly these failures, separated by newlines. */
static inline void assert_failures(const struct fixture *f, const char *expected)
{
	struct sim_buf got = {0};

	for (size_t i = 0; i < f->report->nr_failures; i++)
		sim_buf_printf(&got, "%s%s", i ? "\n" : "", f->report->failures[i]);
	assert_string_equal(got.data ? got.data : "", expected);
	sim_buf_free(&got);
}

/* One task writes and syncs a page, another one sleeps twice; the text goes on after it. */
#define WRITER                                                     \
	HEAD "tasks:\n"                                            \
	     "  w:\n"                                              \
	     "    - open: {file: f, as: fd, flags: [rdwr]}\n"      \
	     "    - write: {fd: fd, at: 0, len: 4KiB, label: w}\n" \
	     "    - fsync: fd\n"                                   \
	     "  o:\n"                                              \
	     "    - sleep: {time: 50ms, label: nap}\n"             \
	     "    - sleep: 50ms\n"

#endif
