/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a trace file written by run_trace says of its run: the way back from it. */
#ifndef CLI_RECORDED_H
#define CLI_RECORDED_H

#include "sim/base/text.h"
#include "sim/choice/choice.h"
#include "sim/trace/trace.h"

struct recorded {
	char *version;       /* of the program that wrote it */
	char *events;        /* which are in it, for run_trace_filter() */
	struct sim_buf yaml; /* the effective scenario */
	struct sim_choice_record *choices;
	size_t nr_choices;
	char *end; /* why the run ended: "quiescent", "incomplete" ... */
	uint64_t steps, records;
	struct sim_fingerprint fingerprint;
	struct sim_fingerprint *partials; /* after 1000, 2000, ... records */
	size_t nr_partials;
};

/*
 * Read all of it from the text of a trace; name stands for the path. Returns 0, or -1 with *err and
 * *r empty: no trace of this program, or one that lacks its head or end. Free it with
 * recorded_free().
 */
int recorded_read(const char *name, const char *text, struct recorded *r, struct sim_err *err);
void recorded_free(struct recorded *r);

/* Only the scenario, appended to yaml; nothing if there is none. */
void recorded_scenario(const char *text, struct sim_buf *yaml);

/* Call fn for every task of which the trace says which client runs it. */
void recorded_tasks(const char *text, void (*fn)(void *arg, uint32_t pid, uint32_t client),
		    void *arg);

#endif
