/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A scenario as C structs: what sim/conf fills in from the YAML of DESIGN section 6. */
/* Mirrors: no kernel file. */
#ifndef MODEL_SCENARIO_SCHEMA_H
#define MODEL_SCENARIO_SCHEMA_H

#include "model/content/content.h"
#include "model/fs/mount.h"
#include "model/server/server.h"
#include "model/vfs/syscalls.h"
#include "sim/conf/conf.h"

/* ---- Expectations that are a value or a range ---- */

/* What a call returned: a count, or an errno by name. */
struct scn_ret {
	bool given;
	int64_t value; /* negative: -errno */
};

/* A number between min and max, both included; written as one value or {min:, max:}. */
struct scn_range {
	bool given;
	uint64_t min, max;
};

/* ---- Operations of tasks ---- */

enum scn_op_kind {
#define OP(kind, ...) kind,
#include "model/scenario/ops.def"
#undef OP
	NR_OPS
};

/* The keys of /proc/sys/vm that a scenario can set. */
enum scn_sysctl {
	SYSCTL_DIRTY_RATIO,
	SYSCTL_DIRTY_BACKGROUND_RATIO,
	SYSCTL_DIRTY_BYTES,
	SYSCTL_DIRTY_BACKGROUND_BYTES,
	SYSCTL_DIRTY_WRITEBACK_CENTISECS,
	SYSCTL_DIRTY_EXPIRE_CENTISECS,
	NR_SYSCTLS
};

enum scn_prot { SCN_PROT_READ, SCN_PROT_WRITE };
enum scn_rw { SCN_READ, SCN_WRITE };

/* Where a name of the scenario leads once scenario_resolve() has run. */
#define SCN_NONE UINT32_MAX

#define SCN_CLIENTS_MAX 65536

/*
 * One operation. The kinds share the struct and each has a table of the fields that it uses, so
 * that the code that runs operations has one type to deal with.
 */
struct scn_op {
	/* Of every operation. */
	const char *label;  /* NULL: none */
	struct scn_ret ret; /* what it must return */
	struct scn_ret res; /* aio_wait: what the read or write must come to */
	uint64_t line;      /* of a recording: number of the line; 0 none */
	const char *text;   /* of a recording: the operation as it was written */

	/* On what. */
	const char *fd;   /* name of an open file */
	const char *map;  /* name of a map */
	const char *aio;  /* name of a context of asynchronous I/O */
	const char *file; /* name of a file */
	const char *as;   /* open: name of the open file; NULL: nobody uses it */
	uint64_t flags;   /* open: enum open_flags; write: enum rwf_flags */

	/* Where and how much. */
	uint64_t at, len;
	bool has_at; /* false: at the file position */
	uint64_t misalign;
	enum lseek_whence whence;
	enum fadvise_advice advice;
	bool shared; /* lock */
	enum srv_fill fill;
	enum fallocate_mode mode;
	enum scn_prot prot;
	enum msync_flags msync;
	enum signal_kind signal;

	/* Time and order. */
	uint64_t time_ns;   /* sleep; aio_wait: give up after */
	const char *target; /* barrier: its name; wait: TASK.LABEL or TASK; signal: TASK */
	const char *name;   /* trace_on: the name of the case; mksnap: of the snapshot */
	enum scn_sysctl key;
	uint64_t value;

	/* Groups. */
	uint64_t times;               /* repeat, and the generators: operations */
	uint64_t step;                /* repeat: added to every `at` inside for each time */
	struct sim_conf_list body;    /* repeat, mix: struct sim_conf_oneof */
	struct sim_conf_list weights; /* mix: uint64_t, of each of body; none: all alike */
	struct sim_conf_list aligns;  /* mix: uint64_t, one is drawn for each operation */
	uint64_t total_weight;        /* mix: set by check_mix() */
	struct sim_conf_map groups;   /* parallel: struct sim_conf_list of struct sim_conf_oneof */
	enum scn_rw rw;               /* generators */
	uint64_t range;               /* generators, mix: bytes that the blocks come from */
	uint64_t stride;
	struct sim_law rank; /* zipf: which block */
	struct sim_conf_ratio theta;
	struct sim_law pause; /* generators: between two operations */

	/* Set by scenario_resolve(). */
	uint32_t fd_slot;      /* struct scn_names.handles: of fd */
	uint32_t slot;         /* the same, of map or aio */
	uint32_t label_id;     /* struct scn_names.labels: its own */
	uint32_t target_prog;  /* wait, signal: which task, */
	uint32_t target_label; /* and which label of it; SCN_NONE: its end */
	uint32_t barrier;      /* struct scn_names.barriers */
	uint32_t first_prog;   /* parallel: its groups are this one and the next ones */
};

/* Element i of a list of operations: its kind and its struct. */
static inline enum scn_op_kind scn_op_kind(const struct sim_conf_list *ops, size_t i)
{
	return (enum scn_op_kind)sim_conf_item(ops, struct sim_conf_oneof, i)->which;
}
static inline struct scn_op *scn_op(const struct sim_conf_list *ops, size_t i)
{
	return sim_conf_item(ops, struct sim_conf_oneof, i)->value;
}

struct scn_task {
	uint64_t client;
	const char *comm;        /* NULL: the task's name */
	const char *start_after; /* TASK.LABEL or TASK; NULL: at once */
	struct sim_conf_list ops;
	uint32_t after_prog, after_label; /* set by scenario_resolve() */
};

/* ---- The world around them ---- */

struct scn_crypto {
	uint64_t block;
	bool assert_version;
};

struct scn_design {
	enum generation generation;
	struct sim_conf_list bugs; /* const char * */
	enum teardown teardown;
	enum cache_copy cache_copy;
	bool zero_point, perform_write, writeback_runs, write_streaming, large_folios, unbuffered,
		class_locking, direct_io, write_grouping;
	bool write_through, variable_wsize;
	bool bounce_buffer;
	struct scn_crypto crypto; /* block 0: none */
};

struct scn_mount {
	enum fs_kind fs;
	enum cache_mode cache;
	uint64_t msize, iounit, rsize, wsize, stripe_unit, credits, max_segments, closetimeo_ns;
	uint64_t readahead;
	bool has_cache, has_readahead; /* false: as the filesystem has it */
	bool sync, fsc, large_folios;
	bool has_large_folios; /* false: as the filesystem has it */
	bool left_out;         /* fields that are refused by name */
};

struct scn_service {
	struct sim_law op[NR_RPC_OPS];
};

struct scn_server {
	struct sim_law latency;
	uint64_t bandwidth, bandwidth_up, bandwidth_down;
	uint64_t slots;
	struct scn_service service;
	uint64_t disk_read, disk_write;
	uint64_t rsize, wsize, capacity, message_overhead;
	bool notify, locked_writes_only;
	uint64_t break_timeout;
};

struct scn_memory {
	uint64_t page, total;
	uint64_t dirty_ratio, dirty_background_ratio, dirty_bytes, dirty_background_bytes;
	uint64_t writeback_interval_ns, expire_interval_ns;
	uint64_t max_folio_order;
	uint64_t min_free, copy_bandwidth;
};

struct scn_costs {
	uint64_t syscall_ns, copy_page_ns, folio_ns, request_ns, subrequest_ns, rpc_ns,
		crypt_page_ns;
	struct sim_law user, step, wakeup;
};

struct scn_cache {
	uint64_t block, size;
	struct sim_law issue, read_latency, write_latency, allocate;
	uint64_t bandwidth, lookup_ns, create_ns, lru_timeout_ns;
	bool cull;
};

enum scn_on_server { ON_SERVER_DATA, ON_SERVER_ZERO, ON_SERVER_HOLE, ON_SERVER_ABSENT };

struct scn_file {
	uint64_t size;
	enum scn_on_server on_server;
};

/* ---- What happens to them ---- */

struct scn_hold {
	const char *task;   /* which task is stopped */
	const char *thread; /* or: the kernel thread whose comm begins so */
	const char *at;     /* site */
	uint64_t nth;
	const char *until; /* TASK.LABEL.done, TASK.LABEL.start, TASK.end, TASK@SITE */
	uint64_t release_after_ns;
	uint32_t prog, until_prog, until_label; /* set by scenario_resolve() */
	uint16_t site, until_site;              /* until_site 0: none */
	bool until_start;
};

struct scn_fault_do {
	int error; /* positive errno, 0 none */
	uint64_t bytes;
	bool has_short;
	uint64_t delay_ns;
	bool drop;
	uint64_t disconnect_ns;
	bool has_disconnect;
	uint64_t after_ns, timeout_ns;
};

struct scn_fault {
	const char *label;
	uint64_t on; /* 1 << enum rpc_op, 1 << enum fault_target */
	const char *file;
	uint64_t client;
	bool has_client;
	uint64_t nth, count;
	struct sim_conf_ratio probability;
	uint64_t at, len;
	struct scn_fault_do action;
};

/* ---- What must come out ---- */

struct scn_percentiles {
	struct scn_range p50, p90, p99, p999, max;
};

struct scn_server_file {
	struct scn_range size;
	const char *data; /* runs as in results.txt; NULL: any */
	bool absent;
};

struct scn_end_state {
	struct scn_range cached, dirty, writeback, requests;
};

struct scn_bytes {
	struct scn_range read, written;
};

struct scn_cache_work {
	struct scn_range reads, writes, read, written;
};

struct scn_peak {
	struct scn_range cached, dirty;
};

struct scn_expect {
	struct sim_conf_list always, sometimes, never; /* enum scn_condition */
	struct sim_conf_map results;                   /* "task.label" -> struct scn_ret */
	struct sim_conf_map data;        /* "task.label" -> const char *: runs of a read */
	struct sim_conf_map rpcs;        /* message kind -> struct scn_range */
	struct scn_bytes bytes;          /* of messages */
	struct scn_cache_work cache;     /* of all clients */
	struct sim_conf_map throughput;  /* task or "total" -> struct scn_range, bytes/s */
	struct sim_conf_map latency;     /* operation -> struct scn_percentiles */
	struct sim_conf_list violations; /* const char *: rules that must be broken, and no others */
	bool hang;
	struct scn_range duration;  /* ns of simulated time until the last task ended */
	struct scn_peak peak;       /* the worst client's */
	struct sim_conf_map server; /* file -> struct scn_server_file */
	struct scn_end_state end;
};

enum scn_check { SCN_CHECK_STOP, SCN_CHECK_REPORT, SCN_CHECK_FULL };
enum scn_policy { SCN_POLICY_FIFO, SCN_POLICY_RANDOM };

struct scn_limits {
	uint64_t events, time_ns, memory;
	uint64_t drain_ns;
};

struct scn_schedule {
	enum scn_policy policy;
	uint64_t seed;
	uint64_t preempt_once;
};

/* ---- Names ---- */

/* A task, or one of the tasks of a parallel group. */
struct scn_prog {
	const char *name; /* "reader", "wl-t1" */
	const char *comm;
	uint32_t client;
	uint32_t tid;    /* as markers and results print it: t<tid> */
	uint32_t parent; /* the task that has the parallel group; SCN_NONE */
	const struct sim_conf_list *ops;
	const struct scn_task *task; /* NULL in a group */
};

enum scn_handle_kind { SCN_FD, SCN_MAP, SCN_AIO };

/* The name of an open file, of a map, or of a context of asynchronous I/O, of a client. */
struct scn_handle {
	enum scn_handle_kind kind;
	const char *name;
	uint32_t client;
	const struct scn_op *made; /* an operation that makes it */
	uint32_t prog;             /* the task that names it; SCN_NONE: several do */
	bool used;
};

struct scn_label {
	const char *name;
	uint32_t prog;
	uint32_t order; /* place in its task, in the order of the file */
	const struct scn_op *op;
	bool used;
};

struct scn_barrier {
	const char *name;
	uint32_t parties;   /* tasks that name it */
	uint32_t last_prog; /* that was counted */
	const struct scn_op *op;
};

struct scn_names {
	struct scn_prog *progs;
	struct scn_handle *handles;
	struct scn_label *labels;
	struct scn_barrier *barriers;
	uint32_t nr_progs, nr_handles, nr_labels, nr_barriers;
	/* Where they are found; private to resolve.c. */
	struct sim_names prog_names, handle_names, label_names;
	bool has_trace_window;
};

/* A parsed and checked scenario. It lives as long as its document. */
struct scenario {
	uint64_t format;
	const char *purpose, *origin;
	struct sim_conf_list tags;
	uint64_t seed;
	struct sim_conf_list reseed; /* struct sim_reseed */
	struct scn_design design;
	struct scn_mount mount;
	struct scn_server server;
	struct scn_memory memory;
	struct scn_costs costs;
	struct scn_cache cache;
	uint64_t cpus, clients;
	struct sim_conf_list mounts; /* struct scn_mount of each client; none: all as "mount" */
	struct sim_conf_map files;   /* struct scn_file */
	struct sim_conf_map tasks;   /* struct scn_task */
	struct sim_conf_list hold;   /* struct scn_hold */
	struct sim_conf_list faults; /* struct scn_fault */
	struct scn_expect expect;
	enum scn_check check;
	struct scn_limits limits;
	struct scn_schedule schedule;
	struct sim_conf_list proc; /* const char *: "task.label" */
	bool markers;              /* write tracing_mark_write around each operation */

	struct sim_conf_doc *doc;
	struct scn_names *names; /* set by scenario_resolve() */
};

/* The type of the whole file: for parser, schema.json, manual and template. */
extern const struct sim_conf_type scenario_type;

/*
 * Give every name in the scenario the thing it means: tasks, labels, open files, sites. Returns 0,
 * or -1 with the first error and its position. Allocates from the document's memory. overridden:
 * labels may be left that nothing refers to any more.
 */
int scenario_resolve(struct scenario *scn, bool overridden, struct sim_err *err);

/* The mount of a client. */
static inline const struct scn_mount *scn_mount(const struct scenario *scn, size_t client)
{
	return scn->mounts.n ? sim_conf_item(&scn->mounts, struct scn_mount, client) : &scn->mount;
}

/* The label TASK.LABEL, which exists. */
uint32_t scn_find_label(const struct scn_names *n, const char *text);

/* The keys of operations, by kind: "open", "read" ... */
const char *scn_op_name(enum scn_op_kind kind);

/* The name of an errno ("ENOSPC"), or NULL; err is positive. */
const char *scn_errno_name(int err);

#endif
