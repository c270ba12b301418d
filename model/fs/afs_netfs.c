/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * AFS's side of the netfs library: FetchData and StoreData.
 *
 * Mirrors: fs/afs/file.c, fs/afs/write.c (6.8). Reference 9.1, 9.2.
 */
#include "model/fs/afs.h"
#include "sim/base/math.h"

static int afs_init_request(struct netfs_io_request *rreq, struct file *file)
{
	const struct afs_mount *mount = rreq->inode->i_sb->s_fs_info;

	rreq->rsize = mount->config.rsize;
	rreq->wsize = mount->config.wsize;
	return 0;
}

/* A blocking FetchData in whatever task asks. */
static void afs_issue_read(struct netfs_io_subrequest *sreq)
{
	struct netfs_io_request *rreq = sreq->rreq;
	struct rpc rpc = {
		.op = RPC_READ,
		.client = rreq->client,
		.file = rreq->inode->remote,
		.start = sreq->start + sreq->transferred,
		.len = sreq->len - sreq->transferred,
		.iter = &sreq->io_iter,
		.rreq = rreq->debug_id,
		.index = sreq->debug_index,
	};
	int err = afs_call(AFS_FS_I(rreq->inode), &rpc, false);

	sreq->flags |= NETFS_SREQ_CLEAR_TAIL;
	netfs_lib(rreq->client)
		->subreq_terminated(sreq, err ? err : (int64_t)rpc.transferred, false);
}

/* A blocking StoreData: the server's file becomes at least as long as it was or the data reach. */
static void afs_upload_to_server_worker(struct work_struct *work)
{
	struct netfs_io_subrequest *sreq = sim_container_of(work, struct netfs_io_subrequest, work);
	struct netfs_io_request *wreq = sreq->rreq;
	struct netfs_inode *ctx = netfs_inode(wreq->inode);
	uint64_t pos = sreq->start + sreq->transferred, len = sreq->len - sreq->transferred;
	struct rpc rpc = {
		.op = RPC_WRITE,
		.client = wreq->client,
		.file = wreq->inode->remote,
		.start = pos,
		.len = len,
		.file_size = sim_max(pos + len, ctx->remote_i_size),
		.iter = &sreq->io_iter,
		.rreq = wreq->debug_id,
		.index = sreq->debug_index,
	};
	int err;

	netfs_submit_write_trace(sreq);
	err = afs_call(AFS_FS_I(wreq->inode), &rpc, true);
	netfs_lib(wreq->client)
		->write_subrequest_terminated(sreq, err ? err : (int64_t)rpc.transferred, false);
}

static void afs_create_write_requests(struct netfs_io_request *wreq, uint64_t start, uint64_t len)
{
	netfs_queue_write_request(netfs_create_write_request(wreq, NETFS_UPLOAD_TO_SERVER, start,
							     len, afs_upload_to_server_worker));
}

/* The size may not change under a writeback: reference 5.2. */
int afs_writepages(struct address_space *mapping, struct writeback_control *wbc)
{
	struct client *c = inode_client(mapping->host);
	struct afs_vnode *vnode = AFS_FS_I(mapping->host);
	int ret;

	if (wbc->sync_mode == WB_SYNC_ALL)
		sim_down_read(c->w, &vnode->validate_lock, SIM_WAIT_PLAIN, SITE_VALIDATE_LOCK);
	else if (!sim_down_read_trylock(c->w, &vnode->validate_lock))
		return 0;
	ret = netfs_lib(c)->aops->writepages(mapping, wbc);
	sim_up_read(c->w, &vnode->validate_lock);
	return ret;
}

static void afs_update_i_size(struct inode *inode, uint64_t size)
{
	if (size > inode->i_size)
		netfs_set_i_size(inode, size);
}

static void afs_netfs_invalidate_cache(struct netfs_io_request *wreq)
{
	afs_invalidate_cache(wreq->inode);
}

const struct netfs_request_ops afs_req_ops = {
	.init_request = afs_init_request,
	.issue_read = afs_issue_read,
	.create_write_requests = afs_create_write_requests,
	.update_i_size = afs_update_i_size,
	.invalidate_cache = afs_netfs_invalidate_cache,
};
