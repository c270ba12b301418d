/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What "check" prints: text, TAP, KTAP, JUnit, JSON. */
#ifndef CLI_CHECK_REPORT_H
#define CLI_CHECK_REPORT_H

#include "cli/check_one.h"
#include "cli/json.h"

enum check_format { CHECK_TEXT, CHECK_TAP, CHECK_KTAP, CHECK_JUNIT, CHECK_JSON };

struct check_report {
	enum check_format format;
	struct sim_buf *out;
	size_t nr; /* scenarios */
	struct json json;
	struct sim_buf cases; /* JUnit: its head has counts of what comes after it */
	size_t passed, failed, skipped;
	size_t errors; /* of those that failed: what could not be run, or crashed */
	uint64_t ms;
};

/* A scenario that was interrupted before it began has the code CLI_SKIPPED. */
void check_report_begin(struct check_report *rep);
void check_report_add(struct check_report *rep, size_t i, const char *path,
		      const struct check_result *r);
void check_report_end(struct check_report *rep);

#endif
