/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writes: turning a request into uploads, their ends, and write-through.
 *
 * Mirrors: fs/netfs/output.c (6.8). Reference 5.6, 5.9.
 */
#include "model/netfs/v6_8/internal.h"

struct netfs_io_subrequest *netfs_create_write_request(struct netfs_io_request *wreq,
						       enum netfs_io_source dest, uint64_t start,
						       uint64_t len,
						       void (*worker)(struct work_struct *))
{
	struct netfs_io_subrequest *sreq = netfs_alloc_subrequest(wreq);

	sreq->work.fn = worker;
	sreq->source = dest;
	sreq->start = start;
	sreq->len = len;
	sreq->debug_index = (uint16_t)wreq->subreq_counter++;
	if (dest == NETFS_WRITE_TO_CACHE) {
		iov_iter_init(&sreq->io_iter, ITER_XARRAY, &wreq->mapping->data, start, len);
	} else {
		sreq->io_iter = wreq->io_iter;
		iov_iter_advance(&sreq->io_iter, start - wreq->io_start);
		iov_iter_truncate(&sreq->io_iter, len);
	}
	trace_netfs_sreq_ref(rreq_trace(wreq), wreq->debug_id, sreq->debug_index, sreq->ref,
			     netfs_sreq_trace_new);
	wreq->nr_outstanding++;
	sim_list_add_tail(&sreq->rreq_link, &wreq->subrequests);
	netfs_trace_sreq(sreq, netfs_sreq_trace_prepare);
	MODEL_HOOK(wreq->client->model, sreq_prepared, sreq);
	if (dest == NETFS_UPLOAD_TO_SERVER)
		wreq->client->stats.upload++;
	else
		wreq->client->stats.write++;
	return sreq;
}

void netfs_queue_write_request(struct netfs_io_subrequest *sreq)
{
	if (!queue_work(&sreq->rreq->client->unbound_wq, &sreq->work))
		netfs_put_subrequest(sreq, false, netfs_sreq_trace_put_wip);
}

void netfs_submit_write_trace(struct netfs_io_subrequest *sreq)
{
	netfs_trace_sreq(sreq, netfs_sreq_trace_submit);
	MODEL_HOOK(sreq->rreq->client->model, sreq_submitted, sreq);
}

/* What the cache has is older than the file now. K15: the operation need not be there. */
static void netfs_cache_write_failed(struct netfs_io_request *wreq)
{
	if (wreq->netfs_ops->invalidate_cache)
		wreq->netfs_ops->invalidate_cache(wreq);
	else if (bug(wreq->client, BUG_INVALIDATE_CACHE_NULL))
		model_oops(wreq->client,
			   "netfs_write_terminated: NULL pointer: no invalidate_cache");
	else
		fscache_invalidate(netfs_inode(wreq->inode)->cache, NULL, wreq->inode->i_size, 0);
}

/* How much of a write got through to the server, up to the first piece that did not. */
static void netfs_collect_transferred(struct netfs_io_request *wreq)
{
	sim_list_for_each (sreq, &wreq->subrequests, struct netfs_io_subrequest, rreq_link) {
		if (sreq->source != NETFS_UPLOAD_TO_SERVER)
			continue;
		if (sreq->error || sreq->transferred == 0)
			break;
		wreq->transferred += sreq->transferred;
		if (sreq->transferred < sreq->len)
			break;
	}
	wreq->transferred = netfs_less_padding(wreq, wreq->transferred);
	sim_list_for_each (sreq, &wreq->subrequests, struct netfs_io_subrequest, rreq_link) {
		if (sreq->error && sreq->source == NETFS_UPLOAD_TO_SERVER && !wreq->error)
			wreq->error = sreq->error;
		if (sreq->error && sreq->error != -ENOBUFS && sreq->source == NETFS_WRITE_TO_CACHE)
			netfs_cache_write_failed(wreq);
	}
}

/* K18: the released kernel counts and cleans up after those with O_DIRECT only. */
static bool netfs_is_direct_write(const struct netfs_io_request *wreq)
{
	return wreq->origin == NETFS_DIO_WRITE || (wreq->origin == NETFS_UNBUFFERED_WRITE &&
						   !bug(wreq->client, BUG_UNBUFFERED_KEEPS_PAGES));
}

/* All subrequests have ended. */
static void netfs_write_terminated(struct netfs_io_request *wreq, bool was_async)
{
	struct kiocb *iocb = wreq->iocb;

	MODEL_HOOK(wreq->client->model, rreq_assess, wreq, true);
	netfs_trace_rreq(wreq, netfs_rreq_trace_write_done);
	netfs_collect_transferred(wreq);
	wreq->cleanup(wreq);

	if (netfs_is_direct_write(wreq)) {
		/* Pages may have been faulted in while the write went on. */
		if (wreq->transferred && wreq->mapping->nrpages)
			invalidate_inode_pages2_range(wreq->mapping, wreq->start >> PAGE_SHIFT,
						      (wreq->start + wreq->transferred - 1) >>
							      PAGE_SHIFT);
	}
	if (netfs_is_direct_write(wreq))
		inode_dio_end(wreq->inode);
	netfs_wake_in_progress(wreq);
	MODEL_HOOK(wreq->client->model, rreq_assess, wreq, false);
	if (iocb) {
		iocb->ki_pos += wreq->transferred;
		if (!wreq->error && wreq->transferred)
			MODEL_HOOK(wreq->client->model, write_stored, iocb->ki_filp, iocb);
		iocb->ki_complete(iocb, wreq->error ? wreq->error : (int64_t)wreq->transferred);
	}
	netfs_clear_subrequests(wreq, was_async);
	netfs_put_request(wreq, was_async, netfs_rreq_trace_put_complete);
}

static void netfs_write_failed(struct netfs_io_subrequest *sreq, int error)
{
	sreq->error = error;
	if (sreq->source == NETFS_WRITE_TO_CACHE) {
		sreq->rreq->client->stats.write_failed++;
		sreq->rreq->flags |= NETFS_RREQ_INCOMPLETE_IO;
		return;
	}
	sreq->rreq->flags |= NETFS_RREQ_FAILED;
	sreq->rreq->error = error;
	sreq->rreq->client->stats.upload_failed++;
}

/*
 * The upload was short. K10: the released kernel lets it be; repaired, the rest is sent again.
 * True: it is on its way.
 */
static bool netfs_write_short(struct netfs_io_subrequest *sreq, int64_t n)
{
	struct netfs_io_request *wreq = sreq->rreq;

	if (n == 0 && sreq->flags & NETFS_SREQ_NO_PROGRESS) {
		netfs_write_failed(sreq, -ENODATA);
		return false;
	}
	if (n == 0)
		sreq->flags |= NETFS_SREQ_NO_PROGRESS;
	else
		sreq->flags &= (uint16_t)~NETFS_SREQ_NO_PROGRESS;
	sreq->flags |= NETFS_SREQ_SHORT_IO;
	wreq->flags |= NETFS_RREQ_INCOMPLETE_IO;
	if (bug(wreq->client, BUG_SHORT_UPLOAD_IGNORED))
		return false;

	netfs_trace_sreq(sreq, netfs_sreq_trace_terminated);
	MODEL_HOOK(wreq->client->model, sreq_terminated, sreq);
	sreq->flags &= (uint16_t)~NETFS_SREQ_SHORT_IO;
	wreq->flags &= ~(uint32_t)NETFS_RREQ_INCOMPLETE_IO;
	netfs_trace_sreq(sreq, netfs_sreq_trace_resubmit_short);
	queue_work(&wreq->client->unbound_wq, &sreq->work);
	return true;
}

void netfs_write_subrequest_terminated(struct netfs_io_subrequest *sreq, int64_t n, bool was_async)
{
	struct netfs_io_request *wreq = sreq->rreq;
	int outstanding;

	if (n < 0) {
		netfs_write_failed(sreq, (int)n);
		netfs_trace_failure(wreq, sreq, (int)n, netfs_fail_write);
	} else {
		n = sim_min(n, (int64_t)(sreq->len - sreq->transferred));
		sreq->error = 0;
		sreq->transferred += (uint64_t)n;
		if (sreq->source == NETFS_UPLOAD_TO_SERVER)
			wreq->client->stats.upload_done++;
		else
			wreq->client->stats.write_done++;
		if (sreq->transferred < sreq->len && netfs_write_short(sreq, n))
			return;
	}
	netfs_trace_sreq(sreq, netfs_sreq_trace_terminated);
	MODEL_HOOK(wreq->client->model, sreq_terminated, sreq);
	sim_point(wreq->client->w, SITE_SREQ_TERMINATED);

	outstanding = --wreq->nr_outstanding;
	if (outstanding == 0)
		netfs_write_terminated(wreq, was_async);
	else if (outstanding == 1)
		sim_wake(wreq->client->w, &wreq->waitq, SIM_WAKE_ALL);
	netfs_put_subrequest(sreq, was_async, netfs_sreq_trace_put_terminated);
}

static void netfs_trace_write(struct netfs_io_request *wreq, enum netfs_write_trace what)
{
	const struct fscache_cookie *cookie = netfs_inode(wreq->inode)->cache;

	trace_netfs_write(rreq_trace(wreq), wreq->debug_id, fscache_cookie_debug_id(cookie), what,
			  wreq->start, wreq->len);
}

static void netfs_write_to_cache_op_terminated(void *priv, int64_t n, bool was_async)
{
	netfs_write_subrequest_terminated(priv, n, was_async);
}

/*
 * Write [start, start + len) of the page cache to the cache as well; it may be rounded up to
 * upper_len bytes. If it cannot be done, the cache goes without: reference 5.6 step 3.
 */
static void netfs_set_up_write_to_cache(struct netfs_io_request *wreq, uint64_t start, uint64_t len,
					uint64_t upper_len)
{
	struct netfs_cache_resources *cres = &wreq->cache_resources;
	struct fscache_cookie *cookie = netfs_inode(wreq->inode)->cache;
	struct netfs_io_subrequest *sreq;

	if (!fscache_cookie_enabled(cookie)) {
		wreq->flags &= ~(uint32_t)NETFS_RREQ_WRITE_TO_CACHE;
		return;
	}
	if (fscache_begin_operation(cres, cookie, FSCACHE_WANT_PARAMS) < 0 ||
	    cachefiles_prepare_write(cres, &start, &len, upper_len) < 0)
		return;
	sreq = netfs_create_write_request(wreq, NETFS_WRITE_TO_CACHE, start, len, NULL);
	netfs_submit_write_trace(sreq);
	cachefiles_write(cres, start, &sreq->io_iter, netfs_write_to_cache_op_terminated, sreq);
}

int netfs_begin_write(struct netfs_io_request *wreq, bool may_wait, enum netfs_write_trace what)
{
	netfs_trace_write(wreq, what);
	if (wreq->len == 0)
		return -EIO;
	if (netfs_is_direct_write(wreq))
		inode_dio_begin(wreq->inode);
	netfs_encrypt(wreq, wreq->start, wreq->len);
	netfs_get_request(wreq, netfs_rreq_trace_get_for_outstanding);
	wreq->nr_outstanding = 1;
	if (wreq->flags & NETFS_RREQ_WRITE_TO_CACHE)
		netfs_set_up_write_to_cache(wreq, wreq->start, wreq->len, wreq->upper_len);
	if (wreq->flags & NETFS_RREQ_UPLOAD_TO_SERVER)
		wreq->netfs_ops->create_write_requests(wreq, wreq->io_start, wreq->io_len);
	sim_point(wreq->client->w, SITE_BEGIN_WRITE_GUARD);
	if (--wreq->nr_outstanding == 0)
		netfs_write_terminated(wreq, false);
	if (!may_wait)
		return -EIOCBQUEUED;
	netfs_wait_in_progress(wreq);
	return wreq->error;
}

/* ---- Write-through: reference 5.9 ---- */

struct netfs_io_request *netfs_begin_writethrough(struct kiocb *iocb, uint64_t len,
						  struct netfs_group *group, int *err)
{
	struct file *file = iocb->ki_filp;
	struct address_space *mapping = &file->f_inode->i_data;
	struct netfs_io_request *wreq =
		netfs_alloc_request(mapping, file, iocb->ki_pos, len, NETFS_WRITETHROUGH, err);

	if (!wreq)
		return NULL;
	netfs_trace_write(wreq, netfs_write_trace_writethrough);
	wreq->flags |= NETFS_RREQ_UPLOAD_TO_SERVER;
	wreq->group = group;
	wreq->cleanup = netfs_cleanup_buffered_write;
	/* Nothing is in it yet: the count grows as folios are modified. */
	iov_iter_init(&wreq->iter, ITER_XARRAY, &mapping->data, wreq->start, len);
	wreq->iter.count = 0;
	wreq->io_iter = wreq->iter;
	netfs_get_request(wreq, netfs_rreq_trace_get_for_outstanding);
	wreq->nr_outstanding = 1;
	return wreq;
}

/* What one upload may carry: a filesystem may find that it changes while the write goes on. */
static uint64_t netfs_current_wsize(const struct netfs_io_request *wreq)
{
	if (wreq->netfs_ops->current_wsize && wreq->client->model->design.variable_wsize)
		return wreq->netfs_ops->current_wsize(wreq);
	return wreq->wsize;
}

static void netfs_submit_writethrough(struct netfs_io_request *wreq, uint64_t wsize, bool final)
{
	uint64_t len = wreq->iter.count - wreq->submitted;

	/* K6: a request without wsize has no multiple of it; repaired, only the end is sent. */
	/* A block is encrypted once. */
	if (!final && netfs_crypto_block(wreq))
		return;
	if (!final)
		len = wsize ? len - len % wsize : 0;
	if (len == 0)
		return;
	wreq->io_iter = wreq->iter;
	if (netfs_crypto_block(wreq)) {
		netfs_encrypt(wreq, wreq->start, len);
		wreq->netfs_ops->create_write_requests(wreq, wreq->io_start, wreq->io_len);
	} else {
		wreq->netfs_ops->create_write_requests(wreq, wreq->start + wreq->submitted, len);
	}
	wreq->submitted += len;
}

int netfs_advance_writethrough(struct netfs_io_request *wreq, uint64_t copied, bool to_page_end)
{
	uint64_t wsize;

	wreq->iter.count += copied;
	wreq->io_iter = wreq->iter;
	if (!to_page_end)
		return 0;
	wsize = netfs_current_wsize(wreq);
	if (wreq->iter.count - wreq->submitted >= wsize) {
		if (!wsize && bug(wreq->client, BUG_WRITETHROUGH_NO_WSIZE))
			model_oops(wreq->client,
				   "netfs_submit_writethrough: divide error: wsize is 0");
		netfs_submit_writethrough(wreq, wsize, false);
	}
	return 0;
}

/* K7: the cache gets the pages that were written through; they are uptodate. */
static void netfs_writethrough_to_cache(struct netfs_io_request *wreq, uint64_t written)
{
	uint64_t start = sim_round_down(wreq->start, PAGE_SIZE);
	uint64_t end = sim_round_up(wreq->start + written, PAGE_SIZE);

	if (written && !bug(wreq->client, BUG_WRITETHROUGH_SKIPS_CACHE))
		netfs_set_up_write_to_cache(wreq, start, end - start, end - start);
}

int netfs_end_writethrough(struct netfs_io_request *wreq, struct kiocb *iocb, uint64_t written)
{
	int ret = -EIOCBQUEUED;
	bool sync = is_sync_kiocb(iocb);

	if (written < wreq->len && !bug(wreq->client, BUG_WRITETHROUGH_SHORT_COPY))
		wreq->len = written;
	if (wreq->submitted < wreq->iter.count)
		netfs_submit_writethrough(wreq, 0, true);
	if (wreq->flags & NETFS_RREQ_WRITE_TO_CACHE)
		netfs_writethrough_to_cache(wreq, written);
	if (--wreq->nr_outstanding == 0)
		netfs_write_terminated(wreq, false);
	if (sync) {
		netfs_wait_in_progress(wreq);
		ret = wreq->error;
	}
	netfs_put_request(wreq, false, netfs_rreq_trace_put_return);
	return ret;
}
