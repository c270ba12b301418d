/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which request of the simulator answers which request of the kernel. */
#ifndef TRACES_COMPARE_PAIR_H
#define TRACES_COMPARE_PAIR_H

#include "traces/compare/requests.h"

/* One of the two may be NULL, never both. */
struct cmp_pair {
	const struct cmp_request *kernel, *sim;
};

struct cmp_pairs {
	struct cmp_pair *v;
	uint32_t nr, cap;
};

/*
 * Pair the requests of two traces, whose keys are made. Ordered: the order of both is kept, and the
 * sum of likenesses is the largest possible (Needleman-Wunsch; above 90000 candidates only between
 * the longest runs of equal requests). Unordered: equal requests first, then by falling likeness;
 * the result is in the order of request numbers. The pairs are the arena's.
 */
void pair_ordered(struct cmp_space *sp, const struct cmp_trace *k, const struct cmp_trace *s,
		  struct cmp_pairs *out);
void pair_unordered(struct cmp_space *sp, const struct cmp_trace *k, const struct cmp_trace *s,
		    struct cmp_pairs *out);

#endif
