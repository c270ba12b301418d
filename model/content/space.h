/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What model/content keeps for one world; private to this folder. */
/* Mirrors: nothing (6.8). */
#ifndef MODEL_CONTENT_SPACE_H
#define MODEL_CONTENT_SPACE_H

#include "model/content/content.h"
#include "sim/base/arena.h"

/*
 * Operations of one source that have equal lengths and evenly stepping tags and letters. It ends
 * where the next run of the source begins.
 */
struct content_run {
	uint64_t off;                /* in the source, of the first operation */
	uint64_t len;                /* bytes of each operation, not 0 */
	uint32_t first;              /* ordinal of the first operation */
	uint32_t tag, tag_step;      /* modulo 2^32 */
	uint8_t letter, letter_step; /* 0..25 */
};

struct content_src {
	const char *name;
	uint64_t size; /* bytes made by operations */
	struct content_run *run;
	uint32_t nr_runs, cap_runs;
	uint32_t nr_ops;
	uint32_t hint;       /* run that was asked for last */
	uint32_t next_tag;   /* of the operation that would go on with the last run, */
	uint8_t next_letter; /* if it has two */
	uint8_t law;         /* enum content_law */
	unsigned char byte;  /* CONTENT_LAW_CONST */
};

/* A derived block; its extents have off from 0 on. */
struct content_row {
	uint64_t block, key, len;
	uint64_t hash;
	size_t first_ext;
	uint32_t nr_exts;
	uint32_t kind;
};

/* The rows in order of creation, and an index of them by content. */
struct content_rows {
	struct content_row *row;
	struct content_ext *ext; /* of all rows, one after the other */
	uint32_t *slot;          /* open addressing: row + 1, or 0 */
	size_t nr_rows, cap_rows, nr_exts, cap_exts, nr_slots;
};

struct content_space {
	struct sim_arena *arena;
	struct sim_pool trees, leaves, inners; /* see tree.h */
	struct content_src *src;
	uint32_t nr_srcs, cap_srcs;
	uint32_t next_junk;
	struct content_rows rows;
};

/*
 * An array of element size bytes with room for one more than nr: array itself, or moved to twice
 * the room; *cap is kept up to date.
 */
#define content_grow(space, array, nr, cap)                                               \
	do {                                                                              \
		if ((nr) == (cap)) {                                                      \
			size_t cap_ = (cap) ? 2 * (size_t)(cap) : 4;                      \
			(array) = sim_realloc_array((space)->arena, (array), (cap), cap_, \
						    sizeof(*(array)));                    \
			(cap) = cap_;                                                     \
		}                                                                         \
	} while (0)

#endif
