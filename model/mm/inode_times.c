/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Times of inodes, as far as changing them makes an inode dirty.
 *
 * Mirrors: fs/inode.c (6.8): file_update_time(), touch_atime(), relatime_need_update().
 */
#include "model/mm/internal.h"

/* A time of access that is so old is renewed. */
#define RELATIME_NS (24 * 3600 * SIM_NS_PER_S)

/* The clock that times of inodes are taken from. */
static uint64_t current_time(const struct inode *inode)
{
	uint64_t now_ns = jiffies_ns(inode_client(inode)->w->now_ns);

	return now_ns - now_ns % inode->i_sb->s_time_gran;
}

void file_update_time(struct file *file)
{
	struct inode *inode = file->f_inode;
	uint64_t now = current_time(inode);

	if (inode->i_sb->nocmtime || inode->i_mtime == now)
		return;
	inode->i_mtime = now;
	__mark_inode_dirty(inode, I_DIRTY_SYNC);
}

void inode_set_mtime_to_now(struct inode *inode)
{
	inode->i_mtime = current_time(inode);
}

void file_accessed(struct file *file)
{
	struct inode *inode = file->f_inode;
	uint64_t now = current_time(inode);

	if (inode->i_sb->noatime || inode->i_atime == now)
		return;
	if (inode->i_mtime < inode->i_atime && now < inode->i_atime + RELATIME_NS)
		return;
	inode->i_atime = now;
	__mark_inode_dirty(inode, I_DIRTY_SYNC);
}
