/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The lines of an ops.txt, and how each becomes an operation of a scenario; private to this folder.
 */
#ifndef TRACES_IMPORT_OPS_H
#define TRACES_IMPORT_OPS_H

#include "sim/base/text.h"

#define OPS_MAX_KEYS 8
#define OPS_MAX_TID  16

struct ops_key {
	const char *name, *value;
};

/* One line: "@2 read fd=0 off=4K loop=4 step=4096". Texts point into the file. */
struct ops_line {
	unsigned nr;  /* in the file, from 1 */
	unsigned tid; /* 0: the main thread */
	const char *op;
	struct ops_key keys[OPS_MAX_KEYS];
	unsigned nr_keys;
	char *text; /* as it is executed: without @, and in a loop without loop, step, off */
};

struct ops_file {
	const char *path;
	char *data; /* owned; cut into words */
	struct ops_line *lines;
	size_t n, cap;
};

/* Read and cut. 0, or -1 with the line in *err. Free it in both cases. */
int ops_read(const char *path, struct ops_file *f, struct sim_err *err);
void ops_free(struct ops_file *f);

/* The value of a key, or NULL. */
const char *ops_value(const struct ops_line *l, const char *key);
/* A number: decimal or 0x, suffix K or M; def if the key is missing. -1 with *err if malformed. */
int ops_number(const struct ops_file *f, const struct ops_line *l, const char *key, uint64_t def,
	       uint64_t *v, struct sim_err *err);
/* An error at a line; returns -1. */
int ops_error(const struct ops_file *f, const struct ops_line *l, struct sim_err *err,
	      const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/*
 * Append one operation as an element of a YAML list, indented by `indent` blanks. case_name: of the
 * recording. 0, or -1 with the line in *err: unknown operation, unknown, missing or malformed key.
 */
int ops_put(const struct ops_file *f, const struct ops_line *l, const char *case_name,
	    unsigned indent, struct sim_buf *out, struct sim_err *err);

#endif
