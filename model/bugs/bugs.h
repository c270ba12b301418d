/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The list of bugs that the model can have: each a real upstream bug, one row of bugs.def, switched
 * on by a scenario's design.bugs. A bug changes or leaves out one step of the model; no checker
 * rule knows of it.
 */
#ifndef MODEL_BUGS_BUGS_H
#define MODEL_BUGS_BUGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum bug_id {
#define BUG(id, ...) BUG_##id,
#include "model/bugs/bugs.def"
#undef BUG
	NR_BUGS
};

struct bug_row {
	const char *slug;    /* as scenarios write it */
	const char *subject; /* upstream subject of the fix, or "" */
	const char *commit;  /* upstream commit of the fix, or "" */
	const char *quirk;   /* K number of reference Appendix A, or "" */
	uint8_t generations; /* 1 << enum generation: releases that had it */
	const char *class;   /* "data loss", "hang", ... */
	const char *text;    /* what the model does when it is on */
};

extern const struct bug_row bug_rows[NR_BUGS];

struct bug_set {
	uint64_t bits[(NR_BUGS + 63) / 64];
};

static inline bool bug_set_has(const struct bug_set *s, enum bug_id id)
{
	return s->bits[id / 64] >> (id % 64) & 1;
}
static inline void bug_set_add(struct bug_set *s, enum bug_id id)
{
	s->bits[id / 64] |= 1ull << (id % 64);
}

/* The row with this slug, NR_BUGS if there is none. */
enum bug_id bug_find(const char *slug);
/* Add every bug that a release had (generation: 0 for 6.1, 1 for 6.8, 2 for 6.12). */
void bug_set_add_released(struct bug_set *s, unsigned generation);

#endif
