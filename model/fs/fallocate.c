/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fallocate of the filesystems that have it: the server does it, and the page cache forgets.
 *
 * Mirrors: fs/smb/client/smb2ops.c smb3_punch_hole, smb3_zero_range, smb3_collapse_range,
 * smb3_insert_range, smb3_simple_falloc; fs/ceph/file.c ceph_fallocate (6.8).
 */
#include <errno.h>

#include "model/fs/fallocate.h"
#include "sim/base/math.h"

/* The size of the file after it. */
static uint64_t size_after(const struct inode *inode, uint32_t mode, uint64_t off, uint64_t len)
{
	if (mode & FALLOC_FL_COLLAPSE_RANGE)
		return inode->i_size - len;
	if (mode & FALLOC_FL_INSERT_RANGE)
		return inode->i_size + len;
	return mode & FALLOC_FL_KEEP_SIZE ? inode->i_size : sim_max(inode->i_size, off + len);
}

/* What is behind a range that moves must be in the file. */
static int check_place(const struct inode *inode, uint32_t mode, uint64_t off, uint64_t len)
{
	if (mode & FALLOC_FL_COLLAPSE_RANGE && off + len >= inode->i_size)
		return -EINVAL;
	if (mode & FALLOC_FL_INSERT_RANGE && off >= inode->i_size)
		return -EINVAL;
	if (mode & FALLOC_FL_INSERT_RANGE && len > LLONG_MAX_OFF - inode->i_size)
		return -EFBIG;
	return 0;
}

/* The page cache is clean and without the pages that will differ; nothing can be mapped anew. */
static int forget_pages(struct inode *inode, uint32_t mode, uint64_t off, uint64_t len)
{
	bool moves = mode & (FALLOC_FL_COLLAPSE_RANGE | FALLOC_FL_INSERT_RANGE);
	pgoff_t last = moves ? UINT64_MAX : (off + len - 1) >> PAGE_SHIFT;
	int err = filemap_write_and_wait_range(&inode->i_data, 0, LLONG_MAX_OFF);

	return err ? err : invalidate_inode_pages2_range(&inode->i_data, off >> PAGE_SHIFT, last);
}

static int do_fallocate(struct file *file, uint32_t mode, uint64_t off, uint64_t len,
			fallocate_call call)
{
	struct inode *inode = file->f_inode;
	struct netfs_inode *ctx = netfs_inode(inode);
	struct rpc rpc = {.op = RPC_FALLOCATE, .start = off, .len = len, .mode = mode};
	uint64_t old = inode->i_size, size;
	bool inserts = mode & FALLOC_FL_INSERT_RANGE;
	int err = check_place(inode, mode, off, len);

	if (!err)
		err = forget_pages(inode, mode, off, len);
	if (err < 0)
		return err;
	size = size_after(inode, mode, off, len);
	/* Data move up, over what the zero point said was zero, and beyond the end. */
	if (inserts && size > ctx->zero_point)
		netfs_set_zero_point(ctx, size, ZERO_POINT_INSERT_RANGE);
	if (inserts)
		netfs_set_i_size(inode, size);
	err = call(file, &rpc);
	if (err < 0) {
		if (inserts)
			netfs_set_i_size(inode, old);
		return err;
	}
	netfs_set_i_size(inode, size);
	netfs_resize_file(ctx, size, true);
	if (size < old)
		MODEL_HOOK(inode_client(inode)->model, truncate, inode, old, size);
	return 0;
}

int fs_fallocate(struct file *file, uint32_t mode, uint64_t off, uint64_t len, fallocate_call call)
{
	struct inode *inode = file->f_inode;
	struct sim_world *w = inode_client(inode)->w;
	int err;

	sim_down_write(w, &inode->i_rwsem, SIM_WAIT_PLAIN, SITE_I_RWSEM);
	inode_dio_wait(inode);
	sim_down_write(w, &inode->i_data.invalidate_lock, SIM_WAIT_PLAIN, SITE_INVALIDATE_LOCK);
	err = do_fallocate(file, mode, off, len, call);
	sim_up_write(w, &inode->i_data.invalidate_lock);
	sim_up_write(w, &inode->i_rwsem);
	return err;
}
