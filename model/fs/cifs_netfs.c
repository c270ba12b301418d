/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * CIFS's side of the netfs library: reads and writes as asynchronous messages, as large as credits
 * allow at the time.
 *
 * Mirrors: fs/smb/client/file.c cifs_req_ops, fs/smb/client/smb2pdu.c smb2_async_readv,
 * smb2_async_writev (6.8 with the branch of the cover letter). Reference 9.1, 9.2.
 */
#include "model/fs/cifs.h"
#include "sim/base/math.h"

static int cifs_init_request(struct netfs_io_request *rreq, struct file *file)
{
	const struct cifs_sb_info *cifs_sb = CIFS_SB(rreq->inode);
	bool writing = rreq->origin != NETFS_READAHEAD && rreq->origin != NETFS_READPAGE &&
		       rreq->origin != NETFS_READ_FOR_WRITE && rreq->origin != NETFS_DIO_READ;
	struct cifsFileInfo *cfile = file ? file->private_data : NULL;

	rreq->rsize = cifs_sb->config.rsize;
	rreq->wsize = cifs_sb->config.wsize;
	if (cfile)
		cfile->refs++;
	else
		cfile = find_cifs_file(rreq->inode, writing);
	if (!cfile)
		return -EBADF;
	rreq->netfs_priv = cfile;
	return 0;
}

static void cifs_free_request(struct netfs_io_request *rreq)
{
	cifsFileInfo_put(rreq->netfs_priv);
}

static struct cifs_io_subrequest *cifs_alloc_io(struct cifs_sb_info *cifs_sb)
{
	return sim_pool_get(&cifs_sb->ios);
}

static void cifs_free_subrequest(struct netfs_io_subrequest *sreq)
{
	struct cifs_sb_info *cifs_sb = CIFS_SB(sreq->rreq->inode);
	struct cifs_io_subrequest *io = sreq->netfs_priv;

	if (!io)
		return;
	add_credits(&cifs_sb->server, io->credits);
	sim_pool_put(&cifs_sb->ios, io);
}

/* Send what is left of the subrequest. A handle that cannot be opened again is its error. */
static void cifs_issue(struct cifs_io_subrequest *io, enum rpc_op op)
{
	struct netfs_io_subrequest *sreq = io->sreq;
	struct netfs_io_request *rreq = sreq->rreq;
	struct cifsFileInfo *cfile = rreq->netfs_priv;
	int err = cifs_reopen_file(cfile);

	io->rpc = (struct rpc){
		.op = op,
		.client = rreq->client,
		.file = rreq->inode->remote,
		.open = &cfile->fid,
		.start = sreq->start + sreq->transferred,
		.len = sreq->len - sreq->transferred,
		.iter = &sreq->io_iter,
		.rreq = rreq->debug_id,
		.index = sreq->debug_index,
	};
	if (err) {
		io->rpc.error = err;
		cifs_received(io);
		return;
	}
	cifs_call_async(CIFS_SB(rreq->inode), io);
}

/* ---- reads ---- */

/* Limit the slice to what credits allow now, and to what the network card can take. */
static bool cifs_clamp_length(struct netfs_io_subrequest *sreq)
{
	struct cifs_sb_info *cifs_sb = CIFS_SB(sreq->rreq->inode);
	struct cifs_io_subrequest *io = cifs_alloc_io(cifs_sb);
	uint64_t max;

	io->sreq = sreq;
	sreq->netfs_priv = io;
	max = wait_mtu_credits(&cifs_sb->server, cifs_sb->config.rsize, SIM_WAIT_KILLABLE,
			       &io->credits);
	if (!max)
		sreq->error = -ERESTARTSYS;
	sreq->len = sim_min(sreq->len, max);
	sreq->max_nr_segs = cifs_sb->config.max_segments;
	return max;
}

static void cifs_issue_read(struct netfs_io_subrequest *sreq)
{
	struct cifs_io_subrequest *io = sreq->netfs_priv;

	/* It was to be read from the cache. */
	if (!io) {
		io = sreq->netfs_priv = cifs_alloc_io(CIFS_SB(sreq->rreq->inode));
		io->sreq = sreq;
	}
	cifs_issue(io, RPC_READ);
}

static void cifs_readv_complete(struct work_struct *work)
{
	struct netfs_io_subrequest *sreq = sim_container_of(work, struct netfs_io_subrequest, work);
	struct cifs_io_subrequest *io = sreq->netfs_priv;
	struct rpc *rpc = &io->rpc;

	if (rpc->error == -ECONNRESET) {
		cifs_issue(io, RPC_READ);
		return;
	}
	/* The end of the file as the server has it is the end of what can be read. */
	if (!rpc->error && (!rpc->transferred || rpc->start + rpc->transferred >= rpc->size))
		sreq->flags |= NETFS_SREQ_CLEAR_TAIL;
	netfs_lib(rpc->client)
		->subreq_terminated(sreq, rpc->error ? rpc->error : (int64_t)rpc->transferred,
				    false);
}

/* ---- writes ---- */

static void cifs_upload_to_server_worker(struct work_struct *work)
{
	struct netfs_io_subrequest *sreq = sim_container_of(work, struct netfs_io_subrequest, work);

	netfs_submit_write_trace(sreq);
	cifs_issue(sreq->netfs_priv, RPC_WRITE);
}

static void cifs_writev_complete(struct work_struct *work)
{
	struct netfs_io_subrequest *sreq = sim_container_of(work, struct netfs_io_subrequest, work);
	struct cifs_io_subrequest *io = sreq->netfs_priv;
	struct rpc *rpc = &io->rpc;
	int64_t n = rpc->error ? rpc->error : (int64_t)rpc->transferred;

	sreq->work.fn = cifs_upload_to_server_worker;
	if (rpc->error == -ECONNRESET) {
		cifs_issue(io, RPC_WRITE);
		return;
	}
	/* A server that takes less has no room for more. */
	if (n >= 0 && (uint64_t)n < rpc->len)
		n = -ENOSPC;
	netfs_lib(rpc->client)->write_subrequest_terminated(sreq, n, false);
}

/*
 * One upload after the other, each as long as wsize, credits and segments allow when it is made.
 * cifs_create_write_requests, of the branch only.
 */
static void cifs_create_write_requests(struct netfs_io_request *wreq, uint64_t start, uint64_t len)
{
	struct cifs_sb_info *cifs_sb = CIFS_SB(wreq->inode);
	uint32_t max_segs = cifs_sb->config.max_segments;

	while (len) {
		struct cifs_io_subrequest *io = cifs_alloc_io(cifs_sb);
		uint64_t max = wait_mtu_credits(&cifs_sb->server, cifs_sb->config.wsize,
						SIM_WAIT_PLAIN, &io->credits);
		uint64_t part = sim_min(len, max);

		if (max_segs)
			part = netfs_limit_iter(wreq, &wreq->io_iter, start - wreq->io_start, part,
						max_segs);
		io->sreq = netfs_create_write_request(wreq, NETFS_UPLOAD_TO_SERVER, start, part,
						      cifs_upload_to_server_worker);
		io->sreq->netfs_priv = io;
		io->sreq->max_nr_segs = max_segs;
		netfs_queue_write_request(io->sreq);
		start += part;
		len -= part;
	}
}

static uint64_t cifs_current_wsize(const struct netfs_io_request *wreq)
{
	const struct cifs_sb_info *cifs_sb = CIFS_SB(wreq->inode);

	return cifs_mtu_now(&cifs_sb->server, cifs_sb->config.wsize);
}

/* ---- answers ---- */

/* Our own write made the next version of the file; any other one is somebody else's. */
static void cifs_note_version(const struct rpc *rpc, struct inode *inode)
{
	struct cifsInodeInfo *cinode = CIFS_I(inode);

	netfs_inode(inode)->remote_i_size = rpc->size;
	if (rpc->version == cinode->version + 1 || cinode->oplock)
		cinode->version = rpc->version;
	cinode->newest = sim_max(cinode->newest, rpc->version);
}

void cifs_received(struct cifs_io_subrequest *io)
{
	struct netfs_io_subrequest *sreq = io->sreq;

	if (io->rpc.op == RPC_WRITE && !io->rpc.error)
		cifs_note_version(&io->rpc, sreq->rreq->inode);
	sreq->work.fn = io->rpc.op == RPC_READ ? cifs_readv_complete : cifs_writev_complete;
	queue_work(&io->rpc.client->unbound_wq, &sreq->work);
}

static void cifs_update_i_size(struct inode *inode, uint64_t size)
{
	if (size > inode->i_size)
		netfs_set_i_size(inode, size);
}

static void cifs_netfs_invalidate_cache(struct netfs_io_request *wreq)
{
	cifs_invalidate_cache(wreq->inode, 0);
}

const struct netfs_request_ops cifs_req_ops = {
	.invalidate_cache = cifs_netfs_invalidate_cache,
	.init_request = cifs_init_request,
	.free_request = cifs_free_request,
	.free_subrequest = cifs_free_subrequest,
	.clamp_length = cifs_clamp_length,
	.issue_read = cifs_issue_read,
	.create_write_requests = cifs_create_write_requests,
	.current_wsize = cifs_current_wsize,
	.update_i_size = cifs_update_i_size,
};
