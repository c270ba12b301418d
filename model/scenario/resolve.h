/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the two passes over the names of a scenario share; private to model/scenario. */
/* Mirrors: no kernel file. */
#ifndef MODEL_SCENARIO_RESOLVE_H
#define MODEL_SCENARIO_RESOLVE_H

#include "model/scenario/schema.h"
#include "sim/base/names.h"

/* A file that is listed under files, or that an operation creates. */
struct file_name {
	struct sim_name name;
	bool used;
};

struct resolver {
	struct scenario *scn;
	bool overridden;
	struct sim_err *err;
	struct sim_arena *arena;
	uint32_t order;           /* of the operation that is looked at, over all tasks */
	struct sim_names files;   /* struct file_name.name */
	struct file_name *listed; /* those under files, in their order */
	struct sim_buf key;       /* a name that is being looked up */
	uint32_t cap_progs, cap_handles, cap_labels, cap_barriers;
};

/*
 * The error that nothing has this name, with a near one or all that exist. what: what is wrong and
 * what is allowed.
 */
int resolve_unknown(struct resolver *r, const void *at, size_t size, const char *what,
		    const char *name, const char *const *names, size_t n);

/*
 * The first len characters of text are TASK or TASK.LABEL: which. *label is SCN_NONE for a task.
 * at, size: where it stands, for errors. Marks the label as used.
 */
int resolve_target(struct resolver *r, const char *text, size_t len, const void *at, size_t size,
		   uint32_t *prog, uint32_t *label);

/* A file by name: one of the files, or one that an operation creates. */
int resolve_file(struct resolver *r, const char *name, const void *at, size_t size);

/* The names in hold, in faults, in expect. 0, or -1 with the first error and its position. */
int resolve_holds(struct resolver *r);
int resolve_faults(struct resolver *r);
int resolve_expect(struct resolver *r);
int resolve_proc(struct resolver *r);

#endif
