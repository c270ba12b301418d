/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The lock between classes of I/O on one inode: buffered calls on one side, direct and unbuffered
 * ones on the other.
 *
 * Mirrors: fs/netfs/locking.c (6.8). Reference 6.1.
 *
 * CLASS LOCK: i_rwsem, the flag NETFS_ICTX_ODIRECT and i_dio_count together.
 *
 * Invariants: buffered calls run with ODIRECT clear, direct calls with ODIRECT set; the flag
 * changes only under the exclusive lock; it is sticky.
 *
 *   BUFFERED -> DIRECT    [netfs_block_buffered: unmap, wait for writeback]
 *   DIRECT   -> BUFFERED  [netfs_block_o_direct: wait until no direct I/O is in flight]
 *
 *  Without design.class_locking the mode never changes: direct calls share the lock with buffered
 * readers, whatever is in flight.
 *
 *  BUFFERED: readers share the lock, a writer has it alone.
 *  DIRECT: direct readers and writers share the lock, one that appends has it alone; i_dio_count
 * counts those in flight, also after the call that started them has returned.
 */
#include "model/netfs/v6_8/internal.h"

/*
 * Called with i_rwsem held exclusively. The released kernel leaves the flag clear when a signal
 * ends the wait: the next buffered call does not wait then for what is still in flight.
 */
static int netfs_block_o_direct(struct netfs_inode *ictx)
{
	int ret;

	if (!(ictx->flags & NETFS_ICTX_ODIRECT))
		return 0;
	ictx->flags &= ~(uint32_t)NETFS_ICTX_ODIRECT;
	ret = inode_dio_wait_interruptible(&ictx->inode);
	if (ret < 0 && !bug(inode_client(&ictx->inode), BUG_INTERRUPTED_MODE_FLIP))
		ictx->flags |= NETFS_ICTX_ODIRECT;
	return ret;
}

/* Called with i_rwsem held exclusively. */
static int netfs_block_buffered(struct inode *inode)
{
	struct netfs_inode *ictx = netfs_inode(inode);
	int ret;

	if (ictx->flags & NETFS_ICTX_ODIRECT)
		return 0;
	ictx->flags |= NETFS_ICTX_ODIRECT;
	if (inode->i_data.nrpages != 0) {
		unmap_mapping_range(&inode->i_data, 0, UINT64_MAX);
		ret = filemap_fdatawait(&inode->i_data);
		if (ret < 0) {
			ictx->flags &= ~(uint32_t)NETFS_ICTX_ODIRECT;
			return ret;
		}
	}
	return 0;
}

/* The call has the lock: observers are told. */
static void netfs_class_locked(struct inode *inode, bool direct)
{
	MODEL_HOOK(inode_client(inode)->model, class_locked, inode, direct);
}

int netfs_start_io_read(struct inode *inode)
{
	struct netfs_inode *ictx = netfs_inode(inode);
	struct sim_world *w = inode_client(inode)->w;

	if (sim_down_read(w, &inode->i_rwsem, SIM_WAIT_INTERRUPTIBLE, SITE_I_RWSEM) < 0)
		return -ERESTARTSYS;
	if (!(ictx->flags & NETFS_ICTX_ODIRECT)) {
		netfs_class_locked(inode, false);
		return 0;
	}
	sim_up_read(w, &inode->i_rwsem);

	if (sim_down_write(w, &inode->i_rwsem, SIM_WAIT_KILLABLE, SITE_I_RWSEM) < 0)
		return -ERESTARTSYS;
	if (netfs_block_o_direct(ictx) < 0) {
		sim_up_write(w, &inode->i_rwsem);
		return -ERESTARTSYS;
	}
	sim_downgrade_write(w, &inode->i_rwsem);
	netfs_class_locked(inode, false);
	return 0;
}

void netfs_end_io_read(struct inode *inode)
{
	sim_up_read(inode_client(inode)->w, &inode->i_rwsem);
}

int netfs_start_io_write(struct inode *inode)
{
	struct sim_world *w = inode_client(inode)->w;

	if (sim_down_write(w, &inode->i_rwsem, SIM_WAIT_KILLABLE, SITE_I_RWSEM) < 0)
		return -ERESTARTSYS;
	if (netfs_block_o_direct(netfs_inode(inode)) < 0) {
		sim_up_write(w, &inode->i_rwsem);
		return -ERESTARTSYS;
	}
	netfs_class_locked(inode, false);
	return 0;
}

void netfs_end_io_write(struct inode *inode)
{
	sim_up_write(inode_client(inode)->w, &inode->i_rwsem);
}

int netfs_start_io_direct(struct inode *inode)
{
	struct netfs_inode *ictx = netfs_inode(inode);
	struct sim_world *w = inode_client(inode)->w;
	int ret;

	if (sim_down_read(w, &inode->i_rwsem, SIM_WAIT_INTERRUPTIBLE, SITE_I_RWSEM) < 0)
		return -ERESTARTSYS;
	if (ictx->flags & NETFS_ICTX_ODIRECT || !inode_client(inode)->model->design.class_locking) {
		netfs_class_locked(inode, true);
		return 0;
	}
	sim_up_read(w, &inode->i_rwsem);

	if (sim_down_write(w, &inode->i_rwsem, SIM_WAIT_KILLABLE, SITE_I_RWSEM) < 0)
		return -ERESTARTSYS;
	ret = netfs_block_buffered(inode);
	if (ret < 0) {
		sim_up_write(w, &inode->i_rwsem);
		return ret;
	}
	sim_downgrade_write(w, &inode->i_rwsem);
	netfs_class_locked(inode, true);
	return 0;
}

void netfs_end_io_direct(struct inode *inode)
{
	sim_up_read(inode_client(inode)->w, &inode->i_rwsem);
}

/*
 * K24: the released kernel lets direct appends share the lock, so that two of them find the same
 * end of file.
 */
int netfs_start_io_append(struct inode *inode)
{
	struct netfs_inode *ictx = netfs_inode(inode);
	struct sim_world *w = inode_client(inode)->w;
	int ret = 0;

	if (sim_down_write(w, &inode->i_rwsem, SIM_WAIT_KILLABLE, SITE_I_RWSEM) < 0)
		return -ERESTARTSYS;
	if (inode_client(inode)->model->design.class_locking)
		ret = netfs_block_buffered(inode);
	/* The size grows when a write that is in flight ends. */
	if (ret == 0 && inode_dio_wait_interruptible(&ictx->inode) < 0)
		ret = -ERESTARTSYS;
	if (ret < 0)
		sim_up_write(w, &inode->i_rwsem);
	else
		netfs_class_locked(inode, true);
	return ret;
}

void netfs_end_io_append(struct inode *inode)
{
	sim_up_write(inode_client(inode)->w, &inode->i_rwsem);
}
