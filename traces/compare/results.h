/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the system calls of a recording returned (results.txt), and its comparison with a
 * simulation. */
#ifndef TRACES_COMPARE_RESULTS_H
#define TRACES_COMPARE_RESULTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/base/arena.h"
#include "sim/base/text.h"

#define RESULTS_FILE_MAX ((size_t)64 << 20)
#define RESULTS_JUNK     "\\x7f"

/*
 * One line "<line> t<tid> <operation as executed> => ret=.. data=.. fill=.. size=.. blocks=..
 * res=..". A field that the line lacks is NULL; the texts are as printed.
 */
struct result_row {
	uint32_t line;  /* of ops.txt, from 1 */
	uint32_t tid;   /* 0 is the main thread */
	uint32_t nth;   /* how many rows of the same line and thread come before */
	const char *op; /* "read fd=0 len=4K off=4096" */
	const char *ret, *data, *fill, *size, *blocks, *res;
	const char *text; /* what stands behind "=> " */
};

struct results {
	struct result_row *rows; /* in the order of the text: of completion */
	uint32_t nr;
	bool has_ino;
	uint64_t ino; /* of "# ino of f = 0x..." */
	struct sim_arena *arena;
};

/*
 * Read a results.txt, "-" for standard input, or such a text in memory (name stands for the path).
 * Returns 0, or -1 with err set and *r empty: unreadable, or a line that is neither a comment nor a
 * result (names file:line and what is missing). Release with results_free().
 */
int results_read(const char *path, struct results *r, struct sim_err *err);
int results_read_text(const char *name, const char *text, size_t len, struct results *r,
		      struct sim_err *err);
void results_free(struct results *r);

/*
 * The inode number that a results.txt names. Returns false if the file cannot be read or has none;
 * nothing else of it needs to be right.
 */
bool results_ino(const char *path, uint64_t *ino);

/* got of of rows agree; the first that does not, as lines, one side NULL if it lacks the row. */
struct results_count {
	uint32_t got, of;
	uint32_t only_kernel, only_sim; /* rows that one side lacks; they are in of */
	const char *kernel, *sim;       /* first difference; both NULL: none */
	const char *field;              /* the field that differs, or "row" */
	uint32_t line, tid, nth;        /* its operation */
};

struct results_diff {
	struct results_count calls; /* system calls and actions on the server */
	struct results_count dumps; /* srv_dump: the server's final bytes */
	bool parallel;              /* some rows are of a thread other than 0 */
	bool relabelled;            /* letters were translated, see below */
	struct sim_arena *arena;
};

/*
 * Compare the rows with the same line, thread and occurrence: ret, data, fill, size and res. Not
 * compared: the operation's text, blocks, the ret of srv_fillfs ("about how many bytes").
 * Threads of one group take the letters of what they write as they come. So the fill of a row of a
 * thread other than 0 is not compared, and if the two sides gave such rows different letters, the
 * letters in all data are translated, as long as that is one to one.
 * Bytes that the simulator prints as RESULTS_JUNK are uninitialised memory, with which any byte of
 * the kernel agrees; behind such bytes a text that is cut ("...") may be cut at another place.
 * Release with results_diff_free(); k and s are not needed after the call.
 */
void results_compare(const struct results *k, const struct results *s, struct results_diff *d);
void results_diff_free(struct results_diff *d);

/* "calls 12/12, server bytes 1/1", and the first difference of each side by side in width columns. */
void results_print(struct sim_buf *b, const struct results_diff *d, unsigned width);

#endif
