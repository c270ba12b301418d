/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pools: equal objects carved from slabs of an arena, reused last in, first out. */
#include "sim/base/arena.h"

#include "sim/base/math.h"

#define POOL_SLAB_BYTES 4096u
#define POOL_SLAB_MIN   4u /* objects of the first slab */

void sim_pool_init(struct sim_pool *p, struct sim_arena *a, size_t size)
{
	assert(size > 0 && size <= UINT32_MAX / 2);
	memset(p, 0, sizeof(*p));
	p->arena = a;
	p->size = (uint32_t)sim_round_up(sim_max(size, sizeof(void *)), 8);
}

/* Carve a slab: as many objects as are live already, so that small pools stay small. */
void sim_pool_grow(struct sim_pool *p)
{
	size_t stride = p->size + SIM_ASAN_REDZONE;
	size_t most = sim_max(POOL_SLAB_BYTES / stride, 1);
	size_t n = sim_min(most, sim_max(p->live, POOL_SLAB_MIN));
	char *slab = sim_alloc_array(p->arena, n, stride);

	sim_asan_poison(slab, n * stride);
	p->live += (uint32_t)n; /* all are handed out, and come back at once */
	while (n--) {
		sim_asan_unpoison(slab + n * stride, p->size);
		sim_pool_put(p, slab + n * stride);
	}
}
