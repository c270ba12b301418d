/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pools: equal objects carved from slabs of an arena, reused last in, first out. */
#include "sim/base/arena.h"

#include <assert.h>
#include <string.h>

#include "sim/base/asan.h"
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

/* Make free an object of size bytes: chained through its first word, out of bounds for all else. */
static void pool_chain(struct sim_pool *p, void *obj)
{
	memcpy(obj, &p->free, sizeof(p->free));
	p->free = obj;
	sim_asan_poison(obj, p->size);
}

/* Carve a slab: as many objects as are live already, so that small pools stay small. */
static void pool_grow(struct sim_pool *p)
{
	size_t stride = p->size + SIM_ASAN_REDZONE;
	size_t most = sim_max(POOL_SLAB_BYTES / stride, 1);
	size_t n = sim_min(most, sim_max(p->live, POOL_SLAB_MIN));
	char *slab = sim_alloc_array(p->arena, n, stride);

	sim_asan_poison(slab, n * stride);
	while (n--) {
		sim_asan_unpoison(slab + n * stride, p->size);
		pool_chain(p, slab + n * stride);
	}
}

void *sim_pool_get(struct sim_pool *p)
{
	void *obj;

	if (!p->free)
		pool_grow(p);
	obj = p->free;
	sim_asan_unpoison(obj, p->size);
	memcpy(&p->free, obj, sizeof(p->free));
	if (++p->live > p->peak)
		p->peak = p->live;
	return memset(obj, 0, p->size);
}

void sim_pool_put(struct sim_pool *p, void *obj)
{
	assert(p->live > 0);
	p->live--;
	pool_chain(p, obj);
}
