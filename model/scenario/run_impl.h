/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The state of a run: what its tasks share; private to model/scenario. */
/* Mirrors: no kernel file. */
#ifndef MODEL_SCENARIO_RUN_IMPL_H
#define MODEL_SCENARIO_RUN_IMPL_H

#include "model/scenario/conditions.h"
#include "model/scenario/scenario.h"
#include "sim/stats/stats.h"

/* An open file of a client, in the order of opening; a slot may have forgotten it. */
struct run_open {
	struct sim_list entry; /* in struct run_client.open */
	struct file *file;
	uint32_t slot; /* that it was opened as, another may have it now; SCN_NONE */
	uint32_t prog; /* the only task that can use it; SCN_NONE: others can */
};

/* A map of a client, in the order of mapping. */
struct run_map {
	struct sim_list entry; /* in struct run_client.maps */
	struct vm_area *vma;
	uint32_t prog; /* as of struct run_open */
};

struct run_client {
	struct client *client;
	struct sim_list open, maps;
	uint32_t live; /* tasks that have not ended, groups not counted */
};

/* What a name stands for at the moment: struct scn_names.handles. NULL: nothing. */
struct run_slot {
	struct run_open *open; /* SCN_FD */
	struct run_map *map;   /* SCN_MAP */
	struct kioctx *aio;    /* SCN_AIO */
};

struct run_label {
	uint64_t started, done; /* how often */
	int64_t ret;            /* of the last time */
	bool want_data;         /* an expectation names its data */
	const char *want_proc;  /* what its point is called; NULL: none */
	char *data;             /* what it read the last time, as runs; NULL: nothing */
	size_t data_room;       /* bytes of memory that data has */
	struct sim_waitq q;
};

struct run_barrier {
	uint32_t arrived;
	uint32_t gone; /* tasks that were killed and come no more */
	uint32_t round;
	struct sim_waitq q;
};

/* What a task writes to one file is one source of bytes. */
struct run_source {
	uint32_t inode; /* ordinal */
	uint32_t source;
};

/* A task: struct scn_names.progs. */
struct run_task {
	struct run_state *rs;
	const struct scn_prog *prog;
	struct client *client;
	struct sim_task *task; /* NULL: not started yet */
	bool ended;
	bool killed;        /* ended, or ends, by a signal: what it had to do is never done */
	struct sim_waitq q; /* waits for its end */
	struct run_source *sources;
	uint32_t nr_sources, cap_sources;
	uint64_t ops, bytes, start_ns, end_ns;
};

struct run_hold {
	const struct scn_hold *hold;
	uint64_t seen; /* how often the task came there */
	bool reached;  /* the task was stopped, or would have been */
	bool stopped;
	bool released;
	bool timed_out; /* its time was over before what releases it had happened */
	struct sim_waitq q;
};

/* Figures of one kind of operation. */
struct run_op_stats {
	uint64_t count, failed, bytes;
	uint64_t killed; /* never came back, and are counted nowhere else */
	struct report_errno *errnos;
	struct sim_hist latency;
};

struct run_failure {
	struct sim_list entry;
	const char *text;
};

struct run_state {
	struct scenario_run *run;
	const struct scenario *scn;
	struct sim_world *w;
	struct model *model;
	struct sim_arena *arena; /* of the world */
	bool built;              /* false: the memory for it ran out */
	uint64_t seed;           /* at the start */

	struct run_client *clients;
	struct run_slot *slots;
	struct sim_pool opens, maps; /* struct run_open, struct run_map */
	struct run_label *labels;
	struct run_barrier *barriers;
	struct run_task *tasks;
	struct run_hold *holds;
	struct fault *faults;
	uint32_t live;      /* tasks of all clients that have not ended */
	uint64_t tasks_ns;  /* when that became 0 */
	bool drained;       /* the time after that is over, and something still went on */
	bool hangs;         /* so it was judged, though background work goes on */
	uint64_t looked_ns; /* when it was looked for tasks that hang */

	uint64_t nr_ops; /* done by all tasks */
	unsigned letter; /* of the next write, 0..25 */
	bool keep_results;
	struct sim_buf results; /* rows of results.txt; tools memory */
	bool keep_proc;
	struct sim_buf proc; /* /proc/fs/netfs at the points of the scenario; tools memory */
	struct sim_buf text; /* of the operation at hand; tools memory */
	struct sim_buf data;

	struct run_op_stats ops[NR_OPS];
	uint64_t bytes_read, bytes_written, nr_short_calls;
	struct sim_trace_sink sink; /* conditions */
	uint64_t seen[NR_CONDITIONS];

	struct sim_list failures; /* struct run_failure.entry */
	size_t nr_failures;
	struct scenario_report *report;
	bool reported; /* the run is over and was judged */
};

/* ---- exec.c ---- */

/* The operation at hand. */
struct exec {
	struct run_state *rs;
	struct run_task *t;
	uint64_t add;   /* to every `at`: repeat's step */
	bool in_repeat; /* texts of a recording get " off=..." appended */
};

/* What an operation came to. A call that returns nothing has shown false. */
struct op_result {
	int64_t ret;
	bool no_ret;  /* its row has no ret= */
	char fill;    /* letter of a write; 0: none */
	bool has_res; /* of an asynchronous read or write */
	int64_t res;
	bool has_size;
	uint64_t size, blocks;
	bool has_data;
	uint64_t data_len;
	struct content_map data;
	bool has_buf; /* what a write writes: the same if the call is made again */
	struct content_map buf;
	uint64_t bytes_read, bytes_written; /* that the call moved */
};

/* Whether the task has been killed: it begins nothing any more. */
static inline bool exec_dies(const struct exec *x)
{
	return x->rs->w->current->fatal;
}
/* Run a list of operations in the current task. */
void exec_ops(struct exec *x, const struct sim_conf_list *ops);
/* The same for one operation that is no group, with everything around it. */
void exec_op(struct exec *x, enum scn_op_kind kind, const struct scn_op *op);

/* ---- exec_calls.c ---- */

/* The call itself. res->data, if any, is freed by the caller. */
void exec_call(struct exec *x, enum scn_op_kind kind, const struct scn_op *op,
	       struct op_result *res);
/* The open file of an operation, or NULL. */
struct file *exec_file(const struct exec *x, const struct scn_op *op);
/*
 * What a write writes: op->len bytes of the next letter, which is taken whatever comes of the
 * write. inode NULL: there is no file to write to, only the letter is taken. The caller frees buf.
 */
void exec_fill(struct exec *x, const struct inode *inode, const struct scn_op *op,
	       struct content_map *buf, struct op_result *res);
/*
 * The process of a client exits (prog SCN_NONE), or a task that was killed: asynchronous I/O is
 * waited for, what is mapped goes, then what is open, in the order of opening. Of a task, what no
 * other task can use.
 */
void exec_exit(struct run_state *rs, struct run_client *rc, uint32_t prog);
/* The only task that can use what a handle names, which prog opens now; SCN_NONE: others can. */
static inline uint32_t exec_owner(const struct run_state *rs, uint32_t slot, uint32_t prog)
{
	return slot == SCN_NONE ? prog : rs->scn->names->handles[slot].prog;
}

/* ---- exec_aio.c ---- */

/* The calls of asynchronous I/O. res->data, if any, is freed by the caller. */
void exec_aio_call(struct exec *x, enum scn_op_kind kind, const struct scn_op *op,
		   struct op_result *res);
/* exec_exit(): waits for what is on its way. */
void exec_exit_aio(struct run_state *rs, uint32_t client, uint32_t prog);

/* ---- exec_mmap.c ---- */

/* The calls on maps. res->data, if any, is freed by the caller. */
void exec_map_call(struct exec *x, enum scn_op_kind kind, const struct scn_op *op,
		   struct op_result *res);
/* exec_exit(): the memory of a process goes with it. */
void exec_exit_mm(struct run_state *rs, struct run_client *rc, uint32_t prog);

/* ---- exec_text.c ---- */

/* "read fd=fd off=4096 len=4096", or what the recording has. */
void exec_describe(const struct exec *x, enum scn_op_kind kind, const struct scn_op *op,
		   struct sim_buf *out);
/* "ret=4096 data=a*4096". */
void exec_result_text(const struct op_result *res, struct sim_buf *out);

/* ---- exec_groups.c ---- */

void exec_repeat(struct exec *x, const struct scn_op *op);
void exec_mix(struct exec *x, const struct scn_op *op);
void exec_parallel(struct exec *x, const struct scn_op *op);
void exec_generate(struct exec *x, enum scn_op_kind kind, const struct scn_op *op);

/* ---- tasks.c ---- */

/* Spawn the tasks of the scenario. */
void run_start_tasks(struct run_state *rs);
/* Spawn one task of a group; its parent joins it. */
void run_start_group_task(struct run_state *rs, uint32_t prog);
/* An operation with a label begins, or is done; waiters and holds learn of it. */
void run_label_started(struct run_state *rs, uint32_t label);
void run_label_done(struct run_state *rs, uint32_t label, int64_t ret);
/*
 * Wait until a label is done once, or (label SCN_NONE) the task has ended. 0; -ESRCH: the label is
 * never done, since its task was killed; -ERESTARTSYS: who waits is killed.
 */
int run_wait_for(struct run_state *rs, uint32_t prog, uint32_t label);
/* Append what /proc/fs/netfs shows now; where: a label, "end". */
void run_note_proc(struct run_state *rs, const char *where);
/* Wait until all tasks that name the barrier, and are not killed, are there. 0 or -ERESTARTSYS. */
int run_barrier(struct run_state *rs, uint32_t barrier);
/* Send a signal to a task; SIGKILL is for the tasks of its group, too. 0 or -ESRCH. */
int run_signal(struct run_state *rs, uint32_t prog, enum signal_kind kind);

/* ---- hold.c ---- */

void hold_init(struct run_state *rs);
/* Something happened that a hold may wait for. */
void hold_label(struct run_state *rs, uint32_t label, bool done);
void hold_task_end(struct run_state *rs, const struct run_task *t);

/* ---- world.c ---- */

/* Build the model of a scenario in a world, then (the checker watches) the files on its server. */
void run_build_model(struct run_state *rs);
void run_build_files(struct run_state *rs);

/* ---- report.c, expect.c ---- */

/* Note a failed expectation: one line. */
void run_fail(struct run_state *rs, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* The figures of the run so far. Then the expectations against them, in run_fail() lines. */
void report_collect(struct run_state *rs, struct scenario_report *r);
void expect_judge(struct run_state *rs, const struct scenario_report *r);
/* The failures and the verdict. */
void report_conclude(struct run_state *rs, struct scenario_report *r);

#endif
