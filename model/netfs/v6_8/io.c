/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reads: cutting a request into subrequests, issuing them, and what happens when they end.
 *
 * Mirrors: fs/netfs/io.c (6.8). Reference 3.5-3.8.
 */
#include "model/netfs/v6_8/internal.h"

/* The sreq ends with the rest of its buffer zeroed. */
static void netfs_clear_unread(struct netfs_io_subrequest *sreq)
{
	iov_iter_zero(&sreq->io_iter, sreq->io_iter.count);
}

static void netfs_fill_with_zeroes(struct netfs_io_subrequest *sreq)
{
	sreq->rreq->client->stats.zero++;
	sreq->flags |= NETFS_SREQ_CLEAR_TAIL;
	netfs_subreq_terminated(sreq, 0, false);
}

static void netfs_read_from_server(struct netfs_io_subrequest *sreq)
{
	sreq->rreq->client->stats.download++;
	sreq->rreq->netfs_ops->issue_read(sreq);
}

static void netfs_cache_read_terminated(void *priv, int64_t n, bool was_async)
{
	struct netfs_io_subrequest *sreq = priv;

	if (n > 0) {
		sreq->rreq->client->stats.read_done++;
		iov_iter_advance(&sreq->io_iter, (uint64_t)n);
	} else {
		sreq->rreq->client->stats.read_failed++;
	}
	netfs_subreq_terminated(sreq, n, was_async);
}

static void netfs_read_from_cache(struct netfs_io_subrequest *sreq,
				  enum netfs_read_from_hole read_hole)
{
	struct iov_iter iter = sreq->io_iter;

	sreq->rreq->client->stats.read++;
	cachefiles_read(&sreq->rreq->cache_resources, sreq->start + sreq->transferred, &iter,
			read_hole, netfs_cache_read_terminated, sreq);
}

void netfs_rreq_completed(struct netfs_io_request *rreq, bool was_async)
{
	netfs_trace_rreq(rreq, netfs_rreq_trace_done);
	netfs_clear_subrequests(rreq, was_async);
	netfs_put_request(rreq, was_async, netfs_rreq_trace_put_complete);
}

/* Issue again what was short. */
static void netfs_rreq_short_read(struct netfs_io_request *rreq, struct netfs_io_subrequest *sreq)
{
	sreq->flags &= (uint16_t)~NETFS_SREQ_SHORT_IO;
	sreq->flags |= NETFS_SREQ_SEEK_DATA_READ;
	rreq->client->stats.short_read++;
	netfs_trace_sreq(sreq, netfs_sreq_trace_resubmit_short);
	netfs_get_subrequest(sreq, netfs_sreq_trace_get_short_read);
	rreq->nr_outstanding++;
	MODEL_HOOK(rreq->client->model, sreq_submitted, sreq);
	if (sreq->source == NETFS_READ_FROM_CACHE)
		netfs_read_from_cache(sreq, NETFS_READ_HOLE_CLEAR);
	else
		netfs_read_from_server(sreq);
}

/*
 * One pass over the subrequests that need another look. Returns true when the pass itself brought
 * nr_outstanding to 0, so that the caller assesses again.
 */
static bool netfs_rreq_perform_resubmissions(struct netfs_io_request *rreq)
{
	netfs_trace_rreq(rreq, netfs_rreq_trace_resubmit);
	rreq->nr_outstanding++;
	rreq->flags &= ~(uint32_t)NETFS_RREQ_INCOMPLETE_IO;
	sim_list_for_each (sreq, &rreq->subrequests, struct netfs_io_subrequest, rreq_link) {
		if (sreq->error) {
			if (sreq->source != NETFS_READ_FROM_CACHE)
				break;
			sreq->source = NETFS_DOWNLOAD_FROM_SERVER;
			sreq->error = 0;
			rreq->client->stats.download_instead++;
			netfs_trace_sreq(sreq, netfs_sreq_trace_download_instead);
			netfs_get_subrequest(sreq, netfs_sreq_trace_get_resubmit);
			rreq->nr_outstanding++;
			MODEL_HOOK(rreq->client->model, sreq_submitted, sreq);
			netfs_read_from_server(sreq);
		} else if (sreq->flags & NETFS_SREQ_SHORT_IO) {
			netfs_rreq_short_read(rreq, sreq);
		}
	}
	if (--rreq->nr_outstanding == 0)
		return true;
	sim_wake(rreq->client->w, &rreq->waitq, SIM_WAKE_ALL);
	return false;
}

/* Account a direct read (reference 6.3). */
static void netfs_rreq_assess_dio(struct netfs_io_request *rreq)
{
	sim_list_for_each (sreq, &rreq->subrequests, struct netfs_io_subrequest, rreq_link) {
		if (sreq->error || sreq->transferred == 0)
			break;
		rreq->transferred += sreq->transferred;
		if (sreq->transferred < sreq->len)
			break;
	}
	if (rreq->bounced) {
		uint64_t got = rreq->transferred;

		rreq->transferred = sim_min(netfs_less_padding(rreq, got),
					    rreq->i_size - sim_min(rreq->start, rreq->i_size));
		netfs_decrypt_read(rreq, got);
	}
	if (rreq->iocb) {
		rreq->iocb->ki_pos += rreq->transferred;
		rreq->iocb->ki_complete(rreq->iocb,
					rreq->error ? rreq->error : (int64_t)rreq->transferred);
	}
	if (rreq->netfs_ops->done)
		rreq->netfs_ops->done(rreq);
	inode_dio_end(rreq->inode);
}

/* Assess the state of a read of which nothing is outstanding: reference 3.8. */
static void netfs_rreq_assess(struct netfs_io_request *rreq, bool was_async)
{
	MODEL_HOOK(rreq->client->model, rreq_assess, rreq, true);
	netfs_trace_rreq(rreq, netfs_rreq_trace_assess);
	sim_point(rreq->client->w, SITE_RREQ_ASSESS);

	while (!(rreq->flags & NETFS_RREQ_FAILED) && rreq->flags & NETFS_RREQ_INCOMPLETE_IO) {
		MODEL_HOOK(rreq->client->model, rreq_assess, rreq, false);
		if (!netfs_rreq_perform_resubmissions(rreq))
			return;
		MODEL_HOOK(rreq->client->model, rreq_assess, rreq, true);
	}
	if (rreq->origin == NETFS_DIO_READ) {
		netfs_rreq_assess_dio(rreq);
	} else {
		netfs_decrypt_read(rreq, rreq->io_len);
		netfs_rreq_unlock_folios(rreq);
	}
	netfs_wake_in_progress(rreq);
	MODEL_HOOK(rreq->client->model, rreq_assess, rreq, false);
	if (rreq->flags & NETFS_RREQ_COPY_TO_CACHE && !netfs_defers_copies(rreq->client))
		netfs_rreq_write_to_cache(rreq);
	else
		netfs_rreq_completed(rreq, was_async);
}

static void netfs_rreq_work(struct work_struct *work)
{
	struct netfs_io_request *rreq = sim_container_of(work, struct netfs_io_request, work);

	netfs_rreq_assess(rreq, false);
}

static void netfs_rreq_terminated(struct netfs_io_request *rreq, bool was_async)
{
	uint32_t sleeps = NETFS_RREQ_INCOMPLETE_IO;

	/* Folios become dirty, which takes locks, and the cookie's use. */
	if (netfs_defers_copies(rreq->client))
		sleeps |= NETFS_RREQ_COPY_TO_CACHE;
	if (rreq->flags & sleeps && was_async) {
		rreq->work.fn = netfs_rreq_work;
		queue_work(&rreq->client->unbound_wq, &rreq->work);
	} else {
		netfs_rreq_assess(rreq, was_async);
	}
}

/* A subrequest failed for good: reference 3.7, step 1. */
static void netfs_subreq_failed(struct netfs_io_subrequest *sreq, int error)
{
	struct netfs_io_request *rreq = sreq->rreq;

	sreq->error = error;
	if (sreq->source == NETFS_READ_FROM_CACHE) {
		rreq->flags |= NETFS_RREQ_INCOMPLETE_IO;
	} else {
		rreq->client->stats.download_failed++;
		rreq->flags |= NETFS_RREQ_FAILED;
		rreq->error = error;
	}
}

static void netfs_subreq_complete(struct netfs_io_subrequest *sreq)
{
	sreq->flags &= (uint16_t)~NETFS_SREQ_NO_PROGRESS;
	if (sreq->flags & NETFS_SREQ_COPY_TO_CACHE)
		sreq->rreq->flags |= NETFS_RREQ_COPY_TO_CACHE;
}

/* A subrequest has transferred n more bytes, fewer than were asked for in all. */
static void netfs_subreq_short(struct netfs_io_subrequest *sreq, uint64_t n)
{
	if (sreq->flags & NETFS_SREQ_CLEAR_TAIL) {
		netfs_clear_unread(sreq);
		sreq->transferred = sreq->len;
		netfs_subreq_complete(sreq);
		return;
	}
	if (n == 0) {
		if (sreq->flags & NETFS_SREQ_NO_PROGRESS) {
			netfs_subreq_failed(sreq, -ENODATA);
			return;
		}
		sreq->flags |= NETFS_SREQ_NO_PROGRESS;
	} else {
		sreq->flags &= (uint16_t)~NETFS_SREQ_NO_PROGRESS;
	}
	sreq->flags |= NETFS_SREQ_SHORT_IO;
	sreq->rreq->flags |= NETFS_RREQ_INCOMPLETE_IO;
}

void netfs_subreq_terminated(struct netfs_io_subrequest *sreq, int64_t n, bool was_async)
{
	struct netfs_io_request *rreq = sreq->rreq;
	int outstanding;

	if (sreq->source == NETFS_DOWNLOAD_FROM_SERVER && n >= 0)
		rreq->client->stats.download_done++;
	if (n < 0) {
		netfs_trace_failure(rreq, sreq, (int)n, netfs_fail_read);
		netfs_subreq_failed(sreq, (int)n);
	} else {
		n = sim_min(n, (int64_t)(sreq->len - sreq->transferred));
		sreq->error = 0;
		sreq->transferred += (uint64_t)n;
		if (sreq->transferred < sreq->len)
			netfs_subreq_short(sreq, (uint64_t)n);
		else
			netfs_subreq_complete(sreq);
	}
	netfs_trace_sreq(sreq, netfs_sreq_trace_terminated);
	MODEL_HOOK(rreq->client->model, sreq_terminated, sreq);
	sim_point(rreq->client->w, SITE_SREQ_TERMINATED);

	/* If it is the last one, the request may be gone once it has been assessed. */
	outstanding = --rreq->nr_outstanding;
	if (outstanding == 0)
		netfs_rreq_terminated(rreq, was_async);
	else if (outstanding == 1)
		sim_wake(rreq->client->w, &rreq->waitq, SIM_WAKE_ALL);
	netfs_put_subrequest(sreq, was_async, netfs_sreq_trace_put_terminated);
}

/* Where the data of a slice come from, before the server's own limits. */
static enum netfs_io_source netfs_cache_prepare_read(struct netfs_io_subrequest *sreq)
{
	if (sreq->rreq->cache_resources.cookie)
		return cachefiles_prepare_read(sreq, sreq->rreq->i_size);
	return sreq->start >= sreq->rreq->i_size ? NETFS_FILL_WITH_ZEROES
						 : NETFS_DOWNLOAD_FROM_SERVER;
}

/* Where the file ends on the server, its last block as a whole. */
static uint64_t netfs_io_size(const struct netfs_io_request *rreq)
{
	uint64_t block = netfs_crypto_block(rreq);

	return block ? sim_round_up(rreq->i_size, block) : rreq->i_size;
}

static void netfs_limit_segments(struct netfs_io_subrequest *sreq, const struct iov_iter *io_iter)
{
	uint64_t len;

	if (!sreq->max_nr_segs)
		return;
	len = netfs_limit_iter(sreq->rreq, io_iter, 0, sreq->len, sreq->max_nr_segs);
	if (sreq->len > len) {
		sreq->len = len;
		netfs_trace_sreq(sreq, netfs_sreq_trace_limited);
	}
}

/*
 * Limit a download: zero point, end of file, rsize, the filesystem, segments. False: it cannot be
 * prepared.
 */
static bool netfs_limit_download(struct netfs_io_subrequest *sreq, const struct iov_iter *io_iter,
				 enum netfs_io_source *source)
{
	struct netfs_io_request *rreq = sreq->rreq;
	struct netfs_inode *ctx = netfs_inode(rreq->inode);

	if (rreq->origin != NETFS_DIO_READ) {
		if (sreq->start >= ctx->zero_point) {
			*source = NETFS_FILL_WITH_ZEROES;
			return true;
		}
		sreq->len = sim_min(sreq->len, ctx->zero_point - sreq->start);
	}
	sreq->len = sim_min(sreq->len, netfs_io_size(rreq) - sreq->start);
	if (rreq->rsize)
		sreq->len = sim_min(sreq->len, rreq->rsize);
	if (rreq->netfs_ops->clamp_length && !rreq->netfs_ops->clamp_length(sreq))
		return false;
	netfs_limit_segments(sreq, io_iter);
	return true;
}

static bool netfs_rreq_prepare_read(struct netfs_io_subrequest *sreq, struct iov_iter *io_iter)
{
	struct netfs_io_request *rreq = sreq->rreq;
	enum netfs_io_source source = rreq->origin == NETFS_DIO_READ
					      ? NETFS_DOWNLOAD_FROM_SERVER
					      : netfs_cache_prepare_read(sreq);

	if ((source == NETFS_DOWNLOAD_FROM_SERVER &&
	     !netfs_limit_download(sreq, io_iter, &source)) ||
	    sreq->len == 0) {
		sreq->source = NETFS_INVALID_READ;
		netfs_trace_sreq(sreq, netfs_sreq_trace_prepare);
		return false;
	}
	/* Not before: what is emitted on the way has none. */
	sreq->source = source;
	netfs_trace_sreq(sreq, netfs_sreq_trace_prepare);
	sreq->io_iter = *io_iter;
	iov_iter_truncate(&sreq->io_iter, sreq->len);
	iov_iter_advance(io_iter, sreq->len);
	netfs_trace_sreq(sreq, netfs_sreq_trace_prepare); /* K27: twice */
	MODEL_HOOK(rreq->client->model, sreq_prepared, sreq);
	return true;
}

/* Cut one slice off the request and issue it. False: slicing cannot go on. */
static bool netfs_rreq_submit_slice(struct netfs_io_request *rreq, struct iov_iter *io_iter,
				    uint16_t *debug_index)
{
	struct netfs_io_subrequest *sreq = netfs_alloc_subrequest(rreq);

	sreq->debug_index = (*debug_index)++;
	sreq->start = rreq->io_start + rreq->submitted;
	sreq->len = io_iter->count;
	sim_list_add_tail(&sreq->rreq_link, &rreq->subrequests);
	sim_point(rreq->client->w, SITE_RREQ_SLICE);

	if (!netfs_rreq_prepare_read(sreq, io_iter)) {
		if (!sreq->error)
			sreq->error = -EIO;
		rreq->error = sreq->error;
		netfs_put_subrequest(sreq, false, netfs_sreq_trace_put_failed);
		return false;
	}
	rreq->nr_outstanding++;
	rreq->submitted += sreq->len;
	netfs_trace_sreq(sreq, netfs_sreq_trace_submit);
	MODEL_HOOK(rreq->client->model, sreq_submitted, sreq);
	if (sreq->source == NETFS_FILL_WITH_ZEROES)
		netfs_fill_with_zeroes(sreq);
	else if (sreq->source == NETFS_READ_FROM_CACHE)
		netfs_read_from_cache(sreq, NETFS_READ_HOLE_IGNORE);
	else
		netfs_read_from_server(sreq);
	return true;
}

/* Nothing could be submitted: reference 3.5 step 4, K11. */
static int netfs_read_nothing(struct netfs_io_request *rreq)
{
	int ret = 0;

	if (rreq->origin == NETFS_DIO_READ) {
		inode_dio_end(rreq->inode);
	} else {
		rreq->flags |= NETFS_RREQ_FAILED;
		ret = rreq->error;
		netfs_rreq_unlock_folios(rreq);
	}
	netfs_put_request(rreq, false, netfs_rreq_trace_put_no_submit);
	return ret;
}

int netfs_begin_read(struct netfs_io_request *rreq, bool sync)
{
	struct iov_iter io_iter;
	uint16_t debug_index = 0;
	int ret;

	if (rreq->len == 0)
		return -EIO;
	if (rreq->origin == NETFS_DIO_READ)
		inode_dio_begin(rreq->inode);
	netfs_set_up_read_buffer(rreq);
	io_iter = rreq->io_iter;
	netfs_get_request(rreq, netfs_rreq_trace_get_for_outstanding);
	rreq->nr_outstanding = 1;
	do {
		if (rreq->origin == NETFS_DIO_READ &&
		    rreq->io_start + rreq->submitted >= rreq->i_size)
			break;
		if (!netfs_rreq_submit_slice(rreq, &io_iter, &debug_index))
			break;
		if (rreq->flags & NETFS_RREQ_BLOCKED && rreq->flags & NETFS_RREQ_NONBLOCK)
			break;
	} while (rreq->submitted < rreq->io_len);

	if (!rreq->submitted)
		return netfs_read_nothing(rreq);
	if (!sync) {
		if (--rreq->nr_outstanding == 0)
			netfs_rreq_assess(rreq, false);
		return -EIOCBQUEUED;
	}

	netfs_wait_outstanding(rreq);
	if (--rreq->nr_outstanding == 0)
		netfs_rreq_assess(rreq, false);
	netfs_trace_rreq(rreq, netfs_rreq_trace_wait_ip);
	netfs_wait_in_progress(rreq);
	ret = rreq->error;
	if (ret == 0 && rreq->submitted < rreq->io_len && rreq->origin != NETFS_DIO_READ) {
		netfs_trace_failure(rreq, NULL, ret, netfs_fail_short_read);
		ret = -EIO;
	}
	return ret;
}
