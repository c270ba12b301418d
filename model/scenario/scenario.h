/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Scenario files: reading and checking them, running them, and what a run comes to. */
/* Mirrors: no kernel file. */
#ifndef MODEL_SCENARIO_SCENARIO_H
#define MODEL_SCENARIO_SCENARIO_H

#include "model/scenario/schema.h"
#include "sim/choice/choice.h"
#include "sim/core/world.h"
#include "sim/trace/trace.h"

/*
 * How to use it
 * -------------
 *	scn = scenario_load(path, &opts, &err);			NULL: exit 2 with err.text
 *	run = scenario_run_new(scn, &run_opts, &err);		NULL: exit 2 with err.text
 *	sim_trace_add_sink(run->trace, &writer.sink);		windowed sinks follow trace_on/off
 *	while (!interrupted && !scenario_run_steps(run, 100000))
 *		show_progress(run->w->now_ns, run->w->steps);
 *	report = scenario_run_report(run);
 *	scenario_report_text(report, &buf);
 *	exit code: scenario_report_exit(report)
 *	sim_trace_remove_sink(...); scenario_run_free(run); scenario_free(scn);
 */

/*
 * Read a scenario ("-": standard input) with overrides, and check everything that can be known
 * before it runs. NULL with "file:line:column: ..." in *err. Free it after all its runs.
 */
struct scenario *scenario_load(const char *path, const struct sim_conf_opts *opts,
			       struct sim_err *err);
struct scenario *scenario_load_text(const char *name, const char *text, size_t len,
				    const struct sim_conf_opts *opts, struct sim_err *err);
void scenario_free(struct scenario *scn);

/* The effective scenario as YAML, with everything merged and overridden. */
void scenario_dump(const struct scenario *scn, struct sim_buf *out);

/* JSON Schema, the field list of netfs-sim-scenario(5) in scdoc, a file to start from. */
void scenario_schema(struct sim_buf *out);
void scenario_man(struct sim_buf *out);
void scenario_template(struct sim_buf *out);

/*
 * Bytes that a run can need at most, roughly: cached folios, stacks of tasks, clients.
 * scenario_load() refuses a scenario whose estimate exceeds its limits.memory.
 */
uint64_t scenario_memory_estimate(const struct scenario *scn);

/* ---- Running ---- */

struct scenario_run_opts {
	bool seed_given;
	uint64_t seed; /* instead of the scenario's */
	/*
	 * Instead of the scenario's schedule: a script, a replay. Its record callback, if any, is
	 * called as well as the one that puts sim:choice records into the trace.
	 */
	const struct sim_choices_config *choices;
	bool results;                /* keep the rows of results.txt: scenario_run_results() */
	bool proc;                   /* keep what /proc/fs/netfs shows: scenario_run_proc() */
	bool conditions;             /* count all conditions, wanted by an expectation or not */
	bool unchecked;              /* run without model/check: for benchmarks only */
	const enum scn_check *check; /* instead of the scenario's; NULL: the scenario's */
};

/* A run. The members are for reading. */
struct scenario_run {
	const struct scenario *scn;
	struct sim_world *w;
	struct model *model;
	struct sim_trace *trace; /* add sinks before the first step, remove them before freeing */
	struct sim_choices *choices;
	struct check *check;     /* NULL: unchecked */
	struct run_state *state; /* private to model/scenario */
};

/* Build the world, with its tasks ready to start. The scenario must outlive it. NULL with *err. */
struct scenario_run *scenario_run_new(const struct scenario *scn,
				      const struct scenario_run_opts *opts, struct sim_err *err);
/* Run to the end, or at most n further steps: SIM_END_NONE when there is more to do. */
enum sim_end scenario_run_go(struct scenario_run *run);
enum sim_end scenario_run_steps(struct scenario_run *run, uint64_t n);
/* Simulated bytes moved by reads and writes so far, for progress. */
uint64_t scenario_run_bytes(const struct scenario_run *run);
/* The rows of results.txt so far; an empty buffer unless opts.results. Do not free. */
const struct sim_buf *scenario_run_results(const struct scenario_run *run);
/* /proc/fs/netfs of all clients at the points that the scenario names, and now. Do not free. */
const struct sim_buf *scenario_run_proc(struct scenario_run *run);
/* Free the world and everything of the run, its report included. NULL is ignored. */
void scenario_run_free(struct scenario_run *run);

/* ---- What it came to ---- */

/* Latency of one kind of operation or message, ns; from a log-linear histogram, upper bounds. */
struct report_latency {
	uint64_t count, min, mean, p50, p90, p99, p999, max;
};

/* How many calls failed with an errno; a list in ascending order of the errno. */
struct report_errno {
	struct report_errno *next;
	int err; /* positive */
	uint64_t count;
};

struct report_op {
	enum scn_op_kind kind;
	uint64_t count, failed, bytes;
	uint64_t killed; /* calls that never came back, since their task was killed; not in count */
	const struct report_errno *errnos; /* their counts add up to failed */
	struct report_latency latency;
};

struct report_rpc {
	enum rpc_op op;
	uint64_t count;
};

struct report_task {
	const char *name; /* "reader", "wl-t1" */
	uint64_t ops, bytes;
	uint64_t start_ns, end_ns; /* end: 0 if it did not end */
};

struct report_violation {
	const char *rule; /* "I10" */
	const char *text;
	uint64_t step, time_ns;
};

enum scenario_verdict {
	SCENARIO_MET,        /* every expectation holds */
	SCENARIO_VIOLATED,   /* some do not: failures[] */
	SCENARIO_LIMIT,      /* a limit of events, time or memory ended it */
	SCENARIO_DIVERGED,   /* a replay did not follow its recording */
	SCENARIO_INCOMPLETE, /* interrupted: the figures so far, nothing judged */
};

struct scenario_report {
	enum scenario_verdict verdict;
	enum sim_end end;
	struct sim_fingerprint fingerprint;
	uint64_t steps, records, time_ns; /* time: of the last step */
	uint64_t tasks_ns;                /* when the last task ended: what throughput refers to */
	uint32_t nr_live;                 /* tasks of the scenario that have not ended */
	uint64_t seed;

	struct report_op ops[NR_OPS]; /* count 0: not used */
	struct report_rpc rpcs[NR_RPC_OPS];
	struct report_task *tasks;
	size_t nr_tasks;
	uint64_t nr_ops, failed_ops, bytes_read, bytes_written; /* by calls of tasks */
	uint64_t server_bytes_read, server_bytes_written;       /* by messages */
	uint64_t nr_requests, nr_subrequests;                   /* of netfs, that are over */
	struct netfs_stats netfs;                               /* summed over clients */
	struct cache_work cache;                                /* the same */
	uint64_t peak_cached, peak_dirty, peak_writeback;       /* bytes, the worst client's */
	uint64_t end_cached, end_dirty, end_writeback, end_requests;
	uint64_t tool_memory_peak;
	uint64_t nr_choices;
	const uint64_t
		*conditions; /* how often each of scn_condition was seen; whole ones: 1 or 0 */

	struct report_violation *violations;
	size_t nr_violations;
	const char *hang;       /* the wait-for graph; NULL */
	bool drained;           /* cut off: background work went on after the last task */
	uint64_t drain_ns;      /* for so long */
	const char *left_dirty; /* "f 128KiB (ENOSPC)": what nobody wrote of which files; "" none */
	const char *divergence; /* NULL */
	const char **notes; /* what is neither right nor wrong, but good to know; one line each */
	size_t nr_notes;

	/* One line each: "results.writer.sync: expected ENOSPC, got 0". */
	const char **failures;
	size_t nr_failures;
};

/*
 * Judge the run as far as it went, and sum it up. May be called before the end (interrupted): then
 * the verdict is SCENARIO_INCOMPLETE. The report belongs to the run.
 */
const struct scenario_report *scenario_run_report(struct scenario_run *run);

/* Exit code of DESIGN 7 for it: 0 met, 1 violated, 3 diverged, 4 limit; incomplete 1. */
int scenario_report_exit(const struct scenario_report *r);

/* Summary for people, lines of at most 78 columns; and one JSON object of integers and strings. */
void scenario_report_text(const struct scenario_report *r, struct sim_buf *out);
void scenario_report_json(const struct scenario_report *r, struct sim_buf *out);

/* Conditions that expect.always/sometimes/never know, NULL past the last one. */
const char *scn_condition_name(unsigned condition);
const char *scn_condition_doc(unsigned condition);

#endif
