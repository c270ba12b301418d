/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Caps: using them, and giving them back.
 *
 * Mirrors: fs/ceph/caps.c (6.8), Fc and Fb of it. Reference 9.2.
 */
#include "model/fs/ceph.h"
#include "sim/base/math.h"

bool ceph_get_caps(struct ceph_inode *ci, uint32_t need)
{
	if (!(ci->issued & need))
		return false;
	ci->users++;
	return true;
}

void ceph_put_caps(struct ceph_inode *ci)
{
	if (--ci->users == 0)
		sim_wake(inode_client(ci->inode)->w, &ci->users_wait, SIM_WAKE_ALL);
}

/*
 * Whether a killed task may leave the message behind: ceph_mdsc_wait_request. What changes the size
 * or the caps is waited for; the kernel takes them from the reply that comes later.
 */
static bool leaves_nothing(const struct rpc *rpc)
{
	return rpc->op == RPC_GETATTR || rpc->op == RPC_UNLINK;
}

int ceph_mds_call(struct inode *inode, struct rpc *rpc)
{
	struct ceph_inode *ci = ceph_inode(inode);
	bool ours = ci->issued & LEASE_WRITE;
	int err;

	rpc->client = inode_client(inode);
	rpc->file = inode->remote;
	rpc->snap_seq = ceph_mount_of(inode)->snap_seq;
	err = leaves_nothing(rpc) ? server_call_or_leave(rpc, NULL, NULL) : server_call(rpc);
	ci->truncate_seq = sim_max(ci->truncate_seq, rpc->now_truncate_seq);
	/* Who may buffer writes knows the size better than the server. */
	if (err || rpc->version <= ci->version || ours)
		return err;
	/* Others did; the released kernel minds only when it looks the object up. */
	ci->version = rpc->version;
	ceph_fscache_invalidate(inode);
	netfs_inode(inode)->remote_i_size = rpc->size;
	if (!inode->i_data.nr_dirty && !inode->i_data.nr_writeback)
		netfs_take_i_size(inode, rpc->size);
	return 0;
}

int ceph_getattr(struct inode *inode)
{
	struct rpc rpc = {.op = RPC_GETATTR};

	return ceph_inode(inode)->issued ? 0 : ceph_mds_call(inode, &rpc);
}

static void users_describe(const void *obj, struct sim_buf *out)
{
	const struct ceph_inode *ci = obj;

	sim_buf_printf(out, "%u calls use the caps of inode %llx", ci->users,
		       (unsigned long long)ci->inode->i_ino);
}

static const struct sim_wait_class users_class = {.name = "ceph caps", .describe = users_describe};

/* On a worker: what depends on caps that are gone goes, then the MDS is told. */
static void ceph_give_back_caps(struct work_struct *work)
{
	struct ceph_inode *ci = sim_container_of(work, struct ceph_inode, work);
	struct inode *inode = ci->inode;
	struct rpc rpc = {.op = RPC_LEASE, .lease = ci->lease, .lease_bits = ci->issued};

	while (ci->users)
		sim_wait(inode_client(inode)->w, &ci->users_wait, SIM_WAIT_PLAIN, SITE_CEPH_CAPS,
			 &users_class, ci);
	if (!(rpc.lease_bits & LEASE_WRITE)) {
		unmap_mapping_range(&inode->i_data, 0, UINT64_MAX);
		filemap_fdatawrite(&inode->i_data);
		filemap_fdatawait_range_keep_errors(&inode->i_data, 0, LLONG_MAX_OFF);
	}
	if (!(rpc.lease_bits & LEASE_READ)) {
		ceph_fscache_invalidate(inode);
		invalidate_inode_pages2_range(&inode->i_data, 0, UINT64_MAX);
	}
	ceph_mds_call(inode, &rpc);
	inode_put(inode);
}

void ceph_told(void *holder, uint32_t bits, bool asked)
{
	struct ceph_inode *ci = holder;

	ci->issued = bits;
	if (!asked)
		return;
	ci->work.fn = ceph_give_back_caps;
	if (queue_work(&inode_client(ci->inode)->unbound_wq, &ci->work))
		inode_get(ci->inode);
}
