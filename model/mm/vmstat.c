/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Counters of pages that each CPU keeps for itself until it has a batch: who reads them sees less
 * or more than there is.
 *
 * Mirrors: mm/vmstat.c (6.8): __mod_node_page_state(), calculate_normal_threshold().
 */
#include "model/mm/internal.h"

/* A CPU has up to so many: more on large machines. */
#define THRESHOLD_MAX 125u
#define MEM_UNIT      (128ull << 20)

/* The place of the highest bit that is set, from 1; 0: none is. */
static unsigned fls(uint64_t n)
{
	return n ? 1 + sim_ilog2(n) : 0;
}

static unsigned calculate_normal_threshold(unsigned cpus, uint64_t bytes)
{
	return sim_min(2 * fls(cpus) * (1 + fls(bytes / MEM_UNIT)), THRESHOLD_MAX);
}

void node_stat_init(struct mm *mm, struct node_stat *stat)
{
	stat->threshold = calculate_normal_threshold(mm->nr_cpus, mm->config.total_bytes);
	stat->of_cpu = sim_alloc_array(mm_world(mm)->arena, mm->nr_cpus, sizeof(*stat->of_cpu));
}
