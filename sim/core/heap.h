/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Events of the future: an implicit 4-ary heap by time, then by sequence number. */
#ifndef SIM_CORE_HEAP_H
#define SIM_CORE_HEAP_H

#include "sim/core/world.h"

struct sim_heap_entry {
	uint64_t when_ns;
	uint64_t seq;
	struct sim_event *ev; /* ev->slot - 1 is this entry's index */
};

struct sim_heap {
	struct sim_heap_entry *at; /* the first is the least */
	uint32_t n, cap;
};

void sim_heap_push(struct sim_heap *h, struct sim_arena *a, uint64_t when_ns, uint64_t seq,
		   struct sim_event *ev);
/* Take out the first entry. */
void sim_heap_pop(struct sim_heap *h);
/* Take out the entry at index i. */
void sim_heap_remove(struct sim_heap *h, uint32_t i);

#endif
