/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Truncations: those on their way, and what a file has lost by one. */
/* Mirrors: nothing (6.8). */
#include "model/check/private.h"
#include "sim/base/math.h"

void shadow_truncation_begins(struct check *c, struct check_inode *ci, uint64_t size)
{
	struct truncation *t;

	sim_list_for_each (o, &ci->truncations, struct truncation, entry)
		if (o->size == size)
			return;
	t = sim_pool_get(&c->truncation_pool);
	t->size = size;
	sim_list_add_tail(&t->entry, &ci->truncations);
	ci->trunc_to = sim_min(ci->trunc_to, size);
}

static void truncation_ends(struct check *c, struct check_inode *ci, uint64_t size)
{
	ci->trunc_to = NO_OFFSET;
	sim_list_for_each_safe (t, &ci->truncations, struct truncation, entry) {
		if (t->size == size) {
			sim_list_del(&t->entry);
			sim_pool_put(&c->truncation_pool, t);
		} else {
			ci->trunc_to = sim_min(ci->trunc_to, t->size);
		}
	}
}

/* Told twice: before the page cache is cut, and when the call is over (the size is the new one). */
void check_truncate(struct check *c, struct inode *inode, uint64_t old_size, uint64_t new_size)
{
	struct check_inode *ci = check_inode_of(c, inode);
	uint64_t end = old_size;

	if (inode->i_size != new_size) {
		if (new_size < inode->i_size)
			shadow_truncation_begins(c, ci, new_size);
		return;
	}
	shadow_settle(c, ci);
	truncation_ends(c, ci, new_size);
	sim_list_for_each (o, &ci->observers, struct observer, entry)
		end = sim_max(end, o->max_size);
	if (new_size < end)
		shadow_keep_old(c, ci, new_size, end - new_size);
	content_truncate(&ci->expected, new_size);
	if (new_size > old_size)
		check_cache_changed(c, ci, old_size, new_size);
}
