/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A table of strings that gives each distinct one an ordinal, in the order of first appearance. */
#ifndef TRACES_COMPARE_STRTAB_H
#define TRACES_COMPARE_STRTAB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/base/arena.h"

struct strtab {
	struct sim_arena *arena;
	const char **text; /* by ordinal */
	uint64_t *hash;    /* by ordinal */
	uint32_t nr, cap;
	uint32_t *slot; /* open addressing; ordinal + 1, 0 is free */
	uint32_t nr_slots;
};

/* An empty table whose memory is the arena's. */
void strtab_init(struct strtab *t, struct sim_arena *a);

/* The ordinal of a string of len bytes, which is copied if it is new. Then the result is the old
 * t->nr. */
uint32_t strtab_add(struct strtab *t, const char *s, size_t len);
uint32_t strtab_adds(struct strtab *t, const char *s);

/* The ordinal of a string in *ordinal; false if it was never added. */
bool strtab_find(const struct strtab *t, const char *s, size_t len, uint32_t *ordinal);

#endif
