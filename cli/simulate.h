/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One run of one scenario, as all subcommands do it. */
#ifndef CLI_SIMULATE_H
#define CLI_SIMULATE_H

#include "cli/cli.h"
#include "cli/watch.h"
#include "model/scenario/scenario.h"

/*
 *	if (simulation_open(&s, path, &overrides, &opts, &err))
 *		error; exit 2
 *	... add sinks to s.run->trace
 *	simulation_go(&s, &progress);
 *	... s.report; remove the sinks
 *	simulation_close(&s);
 *
 * A zeroed struct is closed.
 */
struct simulation {
	struct scenario *scn;
	struct scenario_run *run;
	const struct scenario_report *report; /* set by simulation_go() */
	bool bounded;                         /* stop at max_steps, as if interrupted */
	uint64_t max_steps;
	bool (*stop)(void *arg); /* asked now and then: true ends the run; may be NULL */
	void *stop_arg;
};

/* Load and build. opts may be NULL. Returns 0, or -1 with *err and *s closed. */
int simulation_open(struct simulation *s, const char *path, const struct cli_overrides *overrides,
		    const struct scenario_run_opts *opts, struct sim_err *err);
/* The same from a text; name stands for the path. */
int simulation_open_text(struct simulation *s, const char *name, const struct sim_buf *text,
			 const struct cli_overrides *overrides,
			 const struct scenario_run_opts *opts, struct sim_err *err);

/* Run until it ends, stop() says so, or a signal comes; judge it. progress NULL: none. */
void simulation_go(struct simulation *s, struct progress *progress);

/* Free the run, its report and the scenario. */
void simulation_close(struct simulation *s);

#endif
