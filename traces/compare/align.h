/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How many items of two sequences match: longest matching block first, or as multisets. */
#ifndef TRACES_COMPARE_ALIGN_H
#define TRACES_COMPARE_ALIGN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/base/arena.h"

/* A sequence of tokens; a token is an ordinal of a struct strtab. */
struct seq {
	uint32_t *v;
	uint32_t nr;
};

/* a[a .. a+nr) equals b[b .. b+nr). */
struct align_block {
	uint32_t a, b, nr;
};

/* Working memory, reused from one alignment to the next. */
struct align;

/* The memory is the arena's. */
struct align *align_new(struct sim_arena *arena);

/* The same tokens in the same order. */
bool seq_equal(struct seq a, struct seq b);

/* An ascending copy, whose memory is the arena's. */
struct seq seq_sorted(struct sim_arena *arena, struct seq a);

/* The first position at which two sequences differ: the length of the shorter if one begins the
 * other. */
uint32_t seq_first_diff(struct seq a, struct seq b);

/*
 * The matching blocks of a and b, ascending in both: the longest block (the earliest in a, of those
 * the earliest in b), then the same to its left and to its right. This is what Python's
 * difflib.SequenceMatcher(None, a, b, autojunk=False) finds, on which the published scores rest; it
 * is not always the longest common subsequence. Neighbouring blocks are not merged.
 * Returns how many blocks; *blocks is valid until the next call.
 */
uint32_t align_blocks(struct align *al, struct seq a, struct seq b, struct align_block **blocks);

/* The number of items in all matching blocks. */
uint32_t align_common(struct align *al, struct seq a, struct seq b);

/* The number of items the sequences share whatever their order. */
uint32_t align_common_unordered(struct align *al, struct seq a, struct seq b);

#endif
