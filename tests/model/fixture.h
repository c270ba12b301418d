/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A small world for tests of the model: one client with a mount, a server, a trace kept as text.
 * Embed FIXTURE, call model_fixture_setup() and model_fixture_teardown().
 */
#ifndef TESTS_MODEL_FIXTURE_H
#define TESTS_MODEL_FIXTURE_H

#include "model/fs/mount.h"
#include "model/netfs/netfs.h"
#include "model/server/server.h"
#include "model/vfs/syscalls.h"
#include "sim/core/task.h"

struct fixture_line {
	struct sim_trace_sink sink;
	struct sim_trace_text *layouts;
	struct sim_buf text; /* "comm: event: text\n" of every netfs event */
};

struct model_fixture {
	struct sim_world *w;
	struct sim_trace *trace;
	struct fixture_line lines;
	struct model *m;
	struct client *c;
	struct server_config server;
	struct link_config link;
	struct mm_config mm;
	struct mount_config mount;
	struct design design;
	struct fault *faults;
	uint32_t nr_faults;
	struct sim_choices *choices; /* the test's own; NULL: fifo */
	uint64_t seed;               /* [1] */
	uint32_t source;             /* contents for writes */
	unsigned nr_writes;
	unsigned failures; /* of fx_expect() and fx_equal(): a task cannot leave its stack */
};

/*
 * Defaults: 9P, msize 128 KiB, cache=loose, one CPU, every bug off, link latency 100 us. Change the
 * configs between _init and _start.
 */
void model_fixture_init(struct model_fixture *f);
void model_fixture_start(struct model_fixture *f);
void model_fixture_teardown(struct model_fixture *f);

/* Run fn(f) in a task named comm until the world is at rest; asserts that it is quiescent. */
void model_fixture_run(struct model_fixture *f, const char *comm,
		       void (*fn)(struct model_fixture *f));

/* In a task: count and print a failure, which model_fixture_run() asserts. */
#define fx_equal(f, got, want) fx_check_equal(f, got, want, #got, __LINE__)
void fx_check_equal(struct model_fixture *f, int64_t got, int64_t want, const char *what, int line);

/* System calls of the test's task. */
struct file *fx_open(struct model_fixture *f, const char *name, uint32_t flags);
int64_t fx_pwrite(struct model_fixture *f, struct file *file, uint64_t pos, uint64_t len);
int64_t fx_pread(struct model_fixture *f, struct file *file, uint64_t pos, uint64_t len);

/* Throw away the text so far. */
void fx_forget(struct model_fixture *f);
/* The text must be exactly this. */
void fx_expect(struct model_fixture *f, const char *text);

#endif
