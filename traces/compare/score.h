/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Counting what matches between two assembled traces, and the first place where they part. */
#ifndef TRACES_COMPARE_SCORE_H
#define TRACES_COMPARE_SCORE_H

#include "traces/compare/compare.h"
#include "traces/compare/pair.h"

/* What texts call one of the traces. */
struct side {
	const char *brief; /* "sim" */
	const char *the;   /* "the simulator" */
	const char *trace; /* "the simulator's trace" */
};

enum { KERNEL, SIM };

/* A comparison under way. */
struct score {
	struct cmp_space *sp;
	const struct compare_options *opt;
	struct cmp_trace *k, *s;
	struct side side[2];
	struct cmp_pairs pairs;
	struct compare_result *res;
};

static inline void count_add(struct compare_count *c, uint64_t got, uint64_t of)
{
	c->got += got;
	c->of += of;
}

/* Items in common: in order, or without regard to it when the case is parallel. */
uint32_t score_common(const struct score *c, struct seq a, struct seq b);
bool score_equal(const struct score *c, struct seq a, struct seq b);

/* Levels: requests and subrequests; folio events; request lines and write calls. Beside: pages. */
void score_requests(struct score *c);
void score_folios(struct score *c);
void score_pages(struct score *c);
void score_lines(struct score *c);
void score_writes(struct score *c);

/* ---- the first difference (diff.c) */

/* The traces differ at these lines, of which either may be UINT32_MAX: not known. */
void diff_seen(struct score *c, uint32_t kernel_line, uint32_t sim_line);

/* Begin the first difference of a level; NULL if it has one already. The text is the arena's. */
struct compare_diff *diff_begin(struct score *c, unsigned level, const char *text);

/* Add a row of two columns; the texts are the arena's, NULL for none. */
void diff_row(struct score *c, struct compare_diff *d, const char *kernel, const char *sim);

/* "(line 12, during OP 4 read fd=0)" */
const char *diff_at(struct score *c, const char *op, uint32_t line);

/* "\n    sim:    ": a new line that begins with the name of a side and ends where the other's does.
 */
const char *diff_side(struct score *c, unsigned side, const char *after);

/* "only in the kernel: a x2, b; only in the simulator: -" */
const char *diff_only(struct score *c, struct seq a, struct seq b);

/* Pair number p of c->pairs is one-sided: the difference of this level, with its neighbours. */
void diff_one_sided(struct score *c, unsigned level, uint32_t p);

/* Add the headers of the pairs around number p, that one marked. */
void diff_neighbours(struct score *c, struct compare_diff *d, uint32_t p);

#endif
