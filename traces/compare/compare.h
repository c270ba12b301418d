/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Comparison of a recorded kernel trace with a simulated one, at three levels. */
#ifndef TRACES_COMPARE_COMPARE_H
#define TRACES_COMPARE_COMPARE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/base/arena.h"
#include "sim/base/text.h"

/*
 * Level 1: per request in order of creation its origin, start, length (when both sides know it),
 * and its subrequests in order: source, start, transferred/length and error at the last TERM. Level
 * 2: and for every folio range its netfs_folio events in order. Level 3: and per request its
 * netfs_* lines in order (event, index, what, flags), and the netfs_write_iter lines. Not compared:
 * request, inode, cookie and queue numbers, pids, CPUs, times, reference counts. Only the busiest
 * inode counts (the kernel's: the one its results.txt names), only what lies between the markers
 * "CASE <name>" and "CASE END", only requests whose creation is in there. A task is told by its
 * comm: kworker* is a worker, cifsd* receives; of the rest, the one that emitted a request's first
 * line is its issuer. When the OP markers name two threads, everything but the lines of one request
 * is compared without regard to order.
 *
 * Beside the levels stands the page cache: per folio, by its first page, the events
 * mm_filemap_add_to_page_cache, mm_filemap_delete_from_page_cache, writeback_dirty_folio and
 * folio_wait_writeback in order; where a trace has none at all, they were not traced.
 */

#define COMPARE_LEVELS 3
#define COMPARE_PAGES  4 /* the page cache's place behind the levels */

enum compare_order {
	COMPARE_ORDER_FULL,    /* one order of lines per request */
	COMPARE_ORDER_CONTEXT, /* order within issuer, other tasks, receiver, worker, and the ends */
};

/* A zeroed struct is the strictest comparison without values. */
struct compare_options {
	enum compare_order order;
	bool no_timing;       /* leave out lines that depend on how often the collector ran */
	bool values;          /* level 3 also compares offsets and lengths inside all lines */
	bool parallel;        /* without regard to order, whatever the markers say */
	const char *names[2]; /* what texts call the two traces; NULL: the kernel, the simulator */
};

/* What two recordings of one case agree on: the definition that "trace check" uses. */
extern const struct compare_options compare_robust;

/* got of of items match. They match fully when the two are equal. */
struct compare_count {
	uint64_t got, of;
};

enum compare_part {
	COMPARE_REQUESTS,
	COMPARE_SUBREQUESTS,
	COMPARE_FOLIO_EVENTS,
	COMPARE_REQUEST_LINES,
	COMPARE_WRITE_ITER_LINES,
	COMPARE_LEVEL_PARTS, /* those above are of levels */
	COMPARE_PAGE_EVENTS = COMPARE_LEVEL_PARTS,
	COMPARE_PARTS
};

/* The request lines counted in other ways, whatever the options. */
enum compare_lines_by {
	COMPARE_BY_CONTEXT,
	COMPARE_BY_NO_TIMING,
	COMPARE_BY_ROBUST,
	COMPARE_BY_NO_FLAGS,
	COMPARE_LINES_BY
};

/* One row of two columns; NULL: nothing on that side. */
struct compare_row {
	const char *kernel, *sim;
	bool differs;
};

/* The first difference at a level. */
struct compare_diff {
	const char *text;         /* several lines, in full */
	const char *title;        /* its first line */
	struct compare_row *rows; /* the place of the difference with its neighbours */
	uint32_t nr_rows;         /* 0: the level below has the difference */
};

struct compare_result {
	bool parallel;
	struct compare_count level[COMPARE_PAGES + 1]; /* 1 to 3; a level counts those below it */
	struct compare_count part[COMPARE_PARTS];
	struct compare_count lines_by[COMPARE_LINES_BY];
	struct compare_diff *first[COMPARE_PAGES + 1]; /* NULL: no difference */
	uint32_t kernel_line,
		sim_line; /* where each is known to differ first; UINT32_MAX: nowhere */
	const char *
		*notes; /* what was left out or could not be compared; "kernel: ", "sim: " first */
	uint32_t nr_notes;
	const char *names[2];    /* of the traces, for heads of columns */
	struct sim_arena *arena; /* owns all of it */
};

/* A trace: a file's path, or text in memory with a name for errors. */
struct compare_input {
	const char *name;
	const char *text; /* NULL: read the file called name, "-" for standard input */
	size_t len;
};

/*
 * Compare two ftrace texts. results is the path of the recording's results.txt, which names the
 * inode; NULL: the one beside the kernel's trace; the busiest inode is taken if it cannot be read.
 * options NULL: compare_robust. The same inputs give the same result on any machine.
 * Returns 0 whether they match or not; -1 with err set and *res empty if an input cannot be read.
 * Release with compare_result_free().
 * Source of the rules: what two recordings of one case on real kernels agree on.
 */
int compare_inputs(const struct compare_input *kernel, const struct compare_input *sim,
		   const char *results, const struct compare_options *options,
		   struct compare_result *res, struct sim_err *err);

/* The same for two files. */
int compare_traces(const char *kernel_path, const char *sim_path, const char *results_path,
		   const struct compare_options *options, struct compare_result *res,
		   struct sim_err *err);

/* Free what a result holds, not the struct. */
void compare_result_free(struct compare_result *res);

/* Whether the levels 1 to level match fully. */
bool compare_matches(const struct compare_result *res, unsigned level);

/* The names of parts and ways of counting, for tables. */
extern const char *const compare_part_names[COMPARE_PARTS];
extern const char *const compare_lines_by_names[COMPARE_LINES_BY];

/* ---- text of a result (report.c) */

/* "L1 12/12 L2 40/40 L3 150/152 pages 24/24\n"; pages only if there are events of the page cache */
void compare_print_scores(struct sim_buf *b, const struct compare_result *res);

/* Scores, parts and notes. */
void compare_print_summary(struct sim_buf *b, const struct compare_result *res);

/*
 * The first difference at a level side by side, the kernel (or first trace) left, the simulator
 * right, in at most width columns (at least 40); a mark between them shows a differing row: | both,
 * < only the left, > only the right. Nothing if the level has no difference.
 */
void compare_print_first(struct sim_buf *b, const struct compare_result *res, unsigned level,
			 unsigned width);

/* All of the above, the first differences of the levels 1 to level and of the page cache. */
void compare_print(struct sim_buf *b, const struct compare_result *res, unsigned level,
		   unsigned width);

#endif
