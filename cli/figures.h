/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The figures of a run as a list of names and exact numbers, for baselines and comparisons. */
#ifndef CLI_FIGURES_H
#define CLI_FIGURES_H

#include <stdbool.h>

#include "model/scenario/scenario.h"

enum figure_unit { FIGURE_COUNT, FIGURE_BYTES, FIGURE_NS };

#define FIGURE_NAME_MAX 48

struct figure {
	char name[FIGURE_NAME_MAX]; /* "ops.write.mean_ns" */
	uint64_t value;
	enum figure_unit unit;
	bool judged; /* more of it is worse */
};

struct figures {
	struct figure *at;
	size_t nr;
};

/*
 * All figures of a report that do not depend on the machine, in an order that depends on nothing
 * but their names' places in the report. Operations and messages that were not used have none.
 */
void figures_of(const struct scenario_report *r, struct figures *f);
/* The figure of this name, or NULL. */
const struct figure *figures_find(const struct figures *f, const char *name);
void figures_free(struct figures *f);

/* "64KiB", "1.397ms", "12": for people, cut to about four digits. */
const char *figure_text(char buf[32], enum figure_unit unit, uint64_t value);

#endif
