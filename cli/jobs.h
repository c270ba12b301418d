/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Independent pieces of work in processes of their own, results in order. */
#ifndef CLI_JOBS_H
#define CLI_JOBS_H

#include <stddef.h>

#include "sim/base/text.h"

/* How a piece of work ended. */
enum job_end {
	JOB_DONE,    /* out is what it wrote */
	JOB_CRASHED, /* the process died; out is one line that says how */
	JOB_NOT_RUN, /* interrupted before it began */
};

struct jobs {
	size_t nr;         /* pieces of work */
	unsigned parallel; /* at most this many at once, 1..256 */
	/* In a process of its own: do piece i and append to out. */
	void (*work)(size_t i, struct sim_buf *out, void *arg);
	/* In this process, for 0, 1, 2 ... in this order. */
	void (*done)(size_t i, enum job_end end, const struct sim_buf *out, void *arg);
	/* Called now and then while others run, with the number that ended; may be NULL. */
	void (*progress)(size_t ended, void *arg);
	void *arg;
};

/* Do all of it. Returns 0, or -1 with *err: no process could be made. */
int jobs_run(const struct jobs *j, struct sim_err *err);

#endif
