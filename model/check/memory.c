/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The rule about memory: I29.
 *
 * Mirrors: no kernel file; reference 12 and C.2.
 */
#include "model/check/private.h"

static __attribute__((noinline)) void check_limit(struct check *c, const struct inode *inode,
						  const struct model_task *task, uint64_t most)
{
	const struct mm *mm = &inode_client(inode)->mm;
	uint64_t dirty = mm->nr_dirty + mm->nr_writeback;

	if (dirty > mm_dirty_limits(mm).thresh)
		check_fail_file(
			c, CHECK_THROTTLED, inode, inode->i_size,
			"%llu pages are dirty or in writeback, above the limit of %llu, and "
			"a writer has dirtied %u since it looked, of at most %llu",
			(unsigned long long)dirty, (unsigned long long)mm_dirty_limits(mm).thresh,
			task->nr_dirtied, (unsigned long long)most);
}

void check_throttled(struct check *c, const struct inode *inode)
{
	const struct mm_config *config = &inode_client(inode)->mm.config;
	const struct model_task *task = c->w->current ? c->w->current->data : NULL;
	uint64_t most;

	if (!task)
		return;
	most = task->nr_dirtied_pause + (1ull << config->max_folio_order);
	if (task->nr_dirtied > most)
		check_limit(c, inode, task, most);
}
