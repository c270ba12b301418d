/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The runs of the whole model that are measured, as scenarios of any length. */
#ifndef BENCH_WORKLOADS_H
#define BENCH_WORKLOADS_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/base/text.h"

struct workload {
	const char *name, *what;
	uint64_t count;    /* calls of read or write in all */
	uint64_t touch;    /* bytes for which the page cache is asked once: a folio */
	uint64_t cached;   /* folios that fit into memory */
	bool in_order;     /* one folio after the other */
	const char *limit; /* what is asked of the whole run; "" for nothing */
	void (*yaml)(struct sim_buf *out, uint64_t count);
};

#define NR_WORKLOADS 6
extern const struct workload workloads[NR_WORKLOADS];

/* NULL: there is none of that name. */
const struct workload *workload_find(const char *name);

#endif
