/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Ceph's side of the netfs library: objects read and written asynchronously, snapshot contexts
 * written one after the other.
 *
 * Mirrors: fs/ceph/addr.c (6.8), its writing done as the library would. Reference 4.4, 9.2.
 */
#include "model/fs/ceph.h"
#include "sim/base/math.h"

static int ceph_init_request(struct netfs_io_request *rreq, struct file *file)
{
	const struct ceph_mount *mount = ceph_mount_of(rreq->inode);

	uint64_t block = sim_max(netfs_inode(rreq->inode)->crypto_block, 1u);

	rreq->rsize = sim_round_down(mount->config.rsize, block);
	rreq->wsize = sim_round_down(mount->config.wsize, block);
	return 0;
}

/* Bytes from pos to the end of its stripe unit: ceph_calc_file_object_mapping. */
static uint64_t ceph_object_left(const struct ceph_mount *mount, uint64_t pos)
{
	return mount->config.stripe_unit - pos % mount->config.stripe_unit;
}

/* Whole stripe units, as far as the window allows: fewer, larger messages. */
static void ceph_netfs_expand_readahead(struct netfs_io_request *rreq)
{
	uint64_t unit = ceph_mount_of(rreq->inode)->config.stripe_unit;
	uint64_t window = (uint64_t)rreq->inode->i_sb->ra_pages << PAGE_SHIFT;
	uint64_t max = sim_max(window, rreq->len), end = rreq->start + rreq->len;
	uint64_t new_end = sim_min(sim_round_up(end, unit), rreq->i_size);
	uint64_t front = rreq->start % unit;

	if (!window)
		return;
	if (new_end > end && new_end - rreq->start <= max)
		rreq->len = new_end - rreq->start;
	if (rreq->len + front <= max) {
		rreq->start -= front;
		rreq->len += front;
	}
}

static uint64_t ceph_rmw_len(const struct inode *inode, uint64_t pos)
{
	return ceph_object_left(ceph_mount_of(inode), pos);
}

static bool ceph_netfs_clamp_length(struct netfs_io_subrequest *sreq)
{
	const struct ceph_mount *mount = ceph_mount_of(sreq->rreq->inode);

	sreq->len = sim_min(sreq->len, ceph_object_left(mount, sreq->start));
	return true;
}

/* ---- messages to the OSDs ---- */

static void ceph_finish_osd_request(struct work_struct *work)
{
	struct ceph_osd_request *req = sim_container_of(work, struct ceph_osd_request, work);
	struct netfs_io_subrequest *sreq = req->sreq;
	struct inode *inode = sreq->rreq->inode;
	const struct netfs_lib *lib = netfs_lib(sreq->rreq->client);
	int64_t n = req->rpc.error ? req->rpc.error : (int64_t)req->rpc.transferred;
	bool writing = req->rpc.op == RPC_WRITE;

	if (!writing)
		sreq->rreq->version = req->rpc.object_version;
	/* What a read finds others have done is for the MDS to tell. */
	if (writing && n >= 0)
		ceph_inode(inode)->version = sim_max(ceph_inode(inode)->version, req->rpc.version);
	if (!writing && n >= 0 && (uint64_t)n < sreq->len - sreq->transferred)
		sreq->flags |= NETFS_SREQ_CLEAR_TAIL;
	sim_pool_put(&ceph_mount_of(inode)->requests, req);
	if (writing)
		lib->write_subrequest_terminated(sreq, n, false);
	else
		lib->subreq_terminated(sreq, n, false);
}

/* The messenger hands the reply to a worker. */
static void ceph_osd_reply(struct rpc *rpc)
{
	struct ceph_osd_request *req = sim_container_of(rpc, struct ceph_osd_request, rpc);

	req->work.fn = ceph_finish_osd_request;
	queue_work(&rpc->client->unbound_wq, &req->work);
}

static void ceph_osd_send(struct netfs_io_subrequest *sreq, enum rpc_op op)
{
	const struct netfs_io_request *rreq = sreq->rreq;
	struct ceph_mount *mount = ceph_mount_of(rreq->inode);
	struct ceph_osd_request *req = sim_pool_get(&mount->requests);

	req->sreq = sreq;
	req->rpc = (struct rpc){
		.op = op,
		.client = rreq->client,
		.file = rreq->inode->remote,
		.start = sreq->start + sreq->transferred,
		.len = sreq->len - sreq->transferred,
		.iter = &sreq->io_iter,
		.snap_seq = rreq->group ? rreq->group->ordinal : mount->snap_seq,
		.truncate_seq = ceph_inode(rreq->inode)->truncate_seq,
		.crypto_block = netfs_inode(rreq->inode)->crypto_block,
		.plain_end = rreq->plain_end,
		.object_size = mount->config.stripe_unit,
		/* What is left of a short write: the first part of it has changed the version. */
		.object_version = sreq->transferred ? 0 : rreq->version,
		.rreq = rreq->debug_id,
		.index = sreq->debug_index,
		.done = ceph_osd_reply,
	};
	sim_cpu(rreq->client->w, rreq->client->model->costs.rpc_ns);
	server_send(&req->rpc);
}

static void ceph_netfs_issue_read(struct netfs_io_subrequest *sreq)
{
	ceph_osd_send(sreq, RPC_READ);
}

static void ceph_upload_worker(struct work_struct *work)
{
	struct netfs_io_subrequest *sreq = sim_container_of(work, struct netfs_io_subrequest, work);

	netfs_submit_write_trace(sreq);
	ceph_osd_send(sreq, RPC_WRITE);
}

/* One upload for each object that the range touches. */
static void ceph_create_write_requests(struct netfs_io_request *wreq, uint64_t start, uint64_t len)
{
	const struct ceph_mount *mount = ceph_mount_of(wreq->inode);
	uint64_t end = start + len;

	while (start < end) {
		uint64_t part = sim_min(end - start, ceph_object_left(mount, start));

		/* One message, or the first of them would be in the way of the next. */
		if (!wreq->version)
			part = sim_min(part, wreq->wsize);
		netfs_queue_write_request(netfs_create_write_request(
			wreq, NETFS_UPLOAD_TO_SERVER, start, part, ceph_upload_worker));
		start += part;
	}
}

/* ---- writeback ---- */

/*
 * The oldest context first, and all of it whatever range is asked for: nothing newer may be written
 * before. Then what was asked for. Errors are told through the mapping; what could not be written
 * holds back what is newer.
 */
int ceph_writepages(struct address_space *mapping, struct writeback_control *wbc)
{
	struct netfs_inode *ctx = netfs_inode(mapping->host);
	const struct netfs_lib *lib = netfs_lib(inode_client(mapping->host));
	const struct ceph_inode *ci = ceph_inode(mapping->host);
	struct netfs_group *oldest;

	while ((oldest = netfs_oldest_group(ctx)) && (!ci->head || oldest != &ci->head->group)) {
		struct writeback_control all = *wbc;
		uint32_t ordinal = oldest->ordinal;
		int ret;

		all.range_start = 0;
		all.range_end = LLONG_MAX_OFF;
		all.range_cyclic = false;
		ret = lib->writepages_group(mapping, &all, oldest);
		wbc->nr_to_write = all.nr_to_write;
		if (ret < 0 || wbc->nr_to_write <= 0)
			return ret;
		oldest = netfs_oldest_group(ctx);
		if (oldest && oldest->ordinal == ordinal)
			return 0;
	}
	return lib->writepages_group(mapping, wbc, oldest);
}

static void ceph_netfs_invalidate_cache(struct netfs_io_request *wreq)
{
	ceph_fscache_invalidate(wreq->inode);
}

const struct netfs_request_ops ceph_netfs_ops = {
	.invalidate_cache = ceph_netfs_invalidate_cache,
	.init_request = ceph_init_request,
	.expand_readahead = ceph_netfs_expand_readahead,
	.clamp_length = ceph_netfs_clamp_length,
	.issue_read = ceph_netfs_issue_read,
	.create_write_requests = ceph_create_write_requests,
	.rmw_len = ceph_rmw_len,
	.get_write_group = ceph_get_write_group,
};
