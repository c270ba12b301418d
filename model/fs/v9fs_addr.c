/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * 9P's side of the netfs library.
 *
 * Mirrors: fs/9p/vfs_addr.c (6.8). Reference 9.1, 9.2.
 */
#include "model/fs/9p.h"

static void v9fs_upload_to_server_worker(struct work_struct *work)
{
	struct netfs_io_subrequest *sreq = sim_container_of(work, struct netfs_io_subrequest, work);
	struct netfs_io_request *wreq = sreq->rreq;
	uint64_t n;
	int err;

	netfs_submit_write_trace(sreq);
	n = p9_client_write(wreq->netfs_priv, sreq->start + sreq->transferred, &sreq->io_iter,
			    wreq->debug_id, sreq->debug_index, &err);
	V9FS_I(wreq->inode)->nr_uploads++;
	netfs_lib(wreq->client)->write_subrequest_terminated(sreq, n ? (int64_t)n : err, false);
}

/* One upload for the whole range, whatever its length. */
static void v9fs_create_write_requests(struct netfs_io_request *wreq, uint64_t start, uint64_t len)
{
	struct netfs_io_subrequest *sreq = netfs_create_write_request(
		wreq, NETFS_UPLOAD_TO_SERVER, start, len, v9fs_upload_to_server_worker);

	netfs_queue_write_request(sreq);
}

static void v9fs_issue_read(struct netfs_io_subrequest *sreq)
{
	struct netfs_io_request *rreq = sreq->rreq;
	uint64_t total;
	int err;

	total = p9_client_read(rreq->netfs_priv, sreq->start + sreq->transferred, &sreq->io_iter,
			       rreq->debug_id, sreq->debug_index, &err);
	/* A short answer means the end of the file or a hole at it. */
	sreq->flags |= NETFS_SREQ_CLEAR_TAIL;
	netfs_lib(rreq->client)->subreq_terminated(sreq, err ? err : (int64_t)total, false);
}

static int v9fs_init_request(struct netfs_io_request *rreq, struct file *file)
{
	bool writing = rreq->origin != NETFS_READAHEAD && rreq->origin != NETFS_READPAGE &&
		       rreq->origin != NETFS_DIO_READ;
	struct p9_fid *fid;

	if (file) {
		fid = file->private_data;
		p9_fid_get(fid);
	} else {
		fid = v9fs_fid_find_inode(rreq->inode, writing);
		if (!fid)
			return -EINVAL;
	}
	rreq->netfs_priv = fid;
	return 0;
}

static void v9fs_free_request(struct netfs_io_request *rreq)
{
	p9_fid_put(rreq->netfs_priv);
}

const struct netfs_request_ops v9fs_req_ops = {
	.init_request = v9fs_init_request,
	.free_request = v9fs_free_request,
	.issue_read = v9fs_issue_read,
	.create_write_requests = v9fs_create_write_requests,
};
