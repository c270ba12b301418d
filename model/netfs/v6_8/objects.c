/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Requests and subrequests: their life, their references, and who holds which.
 *
 * Mirrors: fs/netfs/objects.c, fs/netfs/main.c (6.8). Reference 1.2-1.7.
 *
 * REQUEST STATES
 *
 * Invariants:
 *  (1) ref counts the creator, the outstanding I/O as a whole, and each subrequest; nr_outstanding
 *      counts subrequests in flight, and one more while the issuer still slices or waits.
 *  (2) IN_PROGRESS is set at allocation and cleared exactly once.
 *  (3) nr_outstanding reaches 0 exactly once per pass; whoever brings it there assesses.
 *
 *        netfs_alloc_request
 *               |
 *               v        nr_outstanding := 1            every slice issued
 *           PREPARED --------------------------> SLICING -------------------> IN FLIGHT
 *               | nothing to do                   ^  (guard held)               | nr_outstanding 0
 *               |                                 |                             v
 *               |                                 +---- short or failed ---- ASSESSED
 *               |                                       (resubmission)          | WAKE-IP
 *               v                                                               v
 *             FREE <------------------------- last reference -------------- COMPLETE
 *
 *   PREPARED  -> SLICING    [netfs_begin_read, netfs_begin_write, netfs_begin_writethrough]
 *   SLICING   -> IN FLIGHT  [the guard count is dropped]
 *   IN FLIGHT -> ASSESSED   [netfs_rreq_assess, netfs_write_terminated]
 *   ASSESSED  -> SLICING    [netfs_rreq_perform_resubmissions]
 *   ASSESSED  -> COMPLETE   [netfs_wake_in_progress]
 *   COMPLETE  -> FREE       [netfs_put_request]
 *
 *  PREPARED: ref 1 (creator), no subrequest. Nobody else knows the request.
 *  SLICING: + "outstanding" reference. Subrequests are added at the tail, in file order for reads.
 *  IN FLIGHT: the issuer has let go; it may already have returned.
 *  ASSESSED: one context works on it. Folios are unlocked (reads) or end writeback (writes) here.
 *  COMPLETE: waiters run. Subrequests are cleared; each may still be held by its own I/O.
 *
 * SUBREQUEST STATES: born with two references, one of the request's list and one of the I/O.
 *   PREP (sliced) -> SUBMT (issued) -> TERM (answered) -> FREE (both references dropped)
 *   TERM -> SUBMT again when it was short [netfs_rreq_short_read,
 * netfs_write_subrequest_terminated].
 */
#include "model/netfs/v6_8/internal.h"

static void rreq_describe(const void *obj, struct sim_buf *out)
{
	const struct netfs_io_request *rreq = obj;

	sim_buf_printf(out, "request R=%08x of inode %llx [%llx, +%llx), %d outstanding",
		       rreq->debug_id, (unsigned long long)rreq->inode->i_ino,
		       (unsigned long long)rreq->start, (unsigned long long)rreq->len,
		       rreq->nr_outstanding);
}

static const struct sim_wait_class rreq_wait_class = {.name = "netfs request",
						      .describe = rreq_describe};

void netfs_trace_rreq(struct netfs_io_request *rreq, enum netfs_rreq_trace what)
{
	trace_netfs_rreq(rreq_trace(rreq), rreq->debug_id, rreq->flags, rreq->origin, what);
	MODEL_HOOK(rreq->client->model, rreq, rreq);
}

void netfs_trace_sreq(struct netfs_io_subrequest *sreq, enum netfs_sreq_trace what)
{
	trace_netfs_sreq(rreq_trace(sreq->rreq), sreq->rreq->debug_id, sreq->debug_index,
			 (int16_t)sreq->error, sreq->flags, sreq->source, what, sreq->len,
			 sreq->transferred, sreq->start);
	MODEL_HOOK(sreq->rreq->client->model, rreq, sreq->rreq);
}

void netfs_trace_failure(struct netfs_io_request *rreq, struct netfs_io_subrequest *sreq, int error,
			 enum netfs_failure what)
{
	if (sreq)
		trace_netfs_failure(rreq_trace(rreq), rreq->debug_id, (int16_t)sreq->debug_index,
				    (int16_t)error, sreq->flags, sreq->source, what, sreq->len,
				    sreq->transferred, sreq->start);
	else
		trace_netfs_failure(rreq_trace(rreq), rreq->debug_id, -1, (int16_t)error, 0,
				    NETFS_INVALID_READ, what, rreq->len, rreq->transferred, 0);
}

static bool netfs_origin_is_cached(enum netfs_io_origin origin)
{
	return origin != NETFS_UNBUFFERED_WRITE && origin != NETFS_DIO_READ &&
	       origin != NETFS_DIO_WRITE;
}

/* A copy to the cache sends nothing, and its file may be closed: the filesystem prepares nothing. */
static bool netfs_is_for_the_filesystem(const struct netfs_io_request *rreq)
{
	return rreq->origin != NETFS_COPY_TO_CACHE;
}

void netfs_begin_cache_operation(struct netfs_io_request *rreq)
{
	fscache_begin_operation(&rreq->cache_resources, netfs_inode(rreq->inode)->cache,
				FSCACHE_WANT_PARAMS);
}

struct netfs_io_request *netfs_alloc_request(struct address_space *mapping, struct file *file,
					     uint64_t start, uint64_t len,
					     enum netfs_io_origin origin, int *err)
{
	struct inode *inode = mapping->host;
	struct client *c = inode_client(inode);
	struct netfs_inode *ctx = netfs_inode(inode);
	struct netfs_io_request *rreq = sim_pool_get(&c->rreqs);
	int ret = 0;

	rreq->client = c;
	rreq->start = start;
	rreq->len = len;
	rreq->upper_len = len;
	rreq->io_start = start;
	rreq->io_len = len;
	rreq->origin = origin;
	rreq->netfs_ops = ctx->ops;
	rreq->mapping = mapping;
	rreq->inode = inode;
	rreq->file = file;
	rreq->i_size = inode->i_size;
	rreq->debug_id = ++c->next_rreq_id;
	rreq->ref = 1;
	rreq->flags = NETFS_RREQ_IN_PROGRESS;
	if (netfs_origin_is_cached(origin) && fscache_cookie_enabled(ctx->cache))
		rreq->flags |= NETFS_RREQ_WRITE_TO_CACHE;
	if (file && file->f_flags & O_NONBLOCK_)
		rreq->flags |= NETFS_RREQ_NONBLOCK;
	sim_list_init(&rreq->subrequests);
	sim_list_init(&rreq->proc_link);

	if (rreq->netfs_ops->init_request && netfs_is_for_the_filesystem(rreq))
		ret = rreq->netfs_ops->init_request(rreq, file);
	if (ret < 0) {
		sim_pool_put(&c->rreqs, rreq);
		*err = ret;
		return NULL;
	}
	sim_cpu(c->w, c->model->costs.request_ns);
	trace_netfs_rreq_ref(c->w->trace, rreq->debug_id, 1, netfs_rreq_trace_new);
	sim_list_add_tail(&rreq->proc_link, &c->io_requests);
	c->stats.rreq++;
	MODEL_HOOK(c->model, rreq_new, rreq);
	return rreq;
}

void netfs_get_request(struct netfs_io_request *rreq, enum netfs_rreq_ref_trace what)
{
	rreq->ref++;
	trace_netfs_rreq_ref(rreq_trace(rreq), rreq->debug_id, rreq->ref, what);
}

void netfs_clear_subrequests(struct netfs_io_request *rreq, bool was_async)
{
	while (!sim_list_empty(&rreq->subrequests)) {
		struct netfs_io_subrequest *sreq =
			sim_list_first(&rreq->subrequests, struct netfs_io_subrequest, rreq_link);

		sim_list_del(&sreq->rreq_link);
		netfs_put_subrequest(sreq, was_async, netfs_sreq_trace_put_clear);
	}
}

static void netfs_free_request(struct work_struct *work)
{
	struct netfs_io_request *rreq = sim_container_of(work, struct netfs_io_request, work);
	struct client *c = rreq->client;

	netfs_trace_rreq(rreq, netfs_rreq_trace_free);
	sim_list_del(&rreq->proc_link);
	netfs_clear_subrequests(rreq, false);
	if (rreq->netfs_ops->free_request && netfs_is_for_the_filesystem(rreq))
		rreq->netfs_ops->free_request(rreq);
	MODEL_HOOK(c->model, rreq_free, rreq);
	if (rreq->bounced)
		content_map_fini(&rreq->bounce);
	fscache_end_operation(&rreq->cache_resources);
	c->stats.rreq--;
	c->stats.rreq_done++;
	sim_pool_put(&c->rreqs, rreq);
}

void netfs_put_request(struct netfs_io_request *rreq, bool was_async,
		       enum netfs_rreq_ref_trace what)
{
	int ref = --rreq->ref;

	trace_netfs_rreq_ref(rreq_trace(rreq), rreq->debug_id, ref, what);
	if (ref > 0)
		return;
	if (was_async) {
		rreq->work.fn = netfs_free_request;
		queue_work(&rreq->client->unbound_wq, &rreq->work);
	} else {
		netfs_free_request(&rreq->work);
	}
}

struct netfs_io_subrequest *netfs_alloc_subrequest(struct netfs_io_request *rreq)
{
	struct netfs_io_subrequest *sreq = sim_pool_get(&rreq->client->sreqs);

	sim_list_init(&sreq->rreq_link);
	sreq->ref = 2;
	sreq->rreq = rreq;
	netfs_get_request(rreq, netfs_rreq_trace_get_subreq);
	rreq->client->stats.sreq++;
	sim_cpu(rreq->client->w, rreq->client->model->costs.subrequest_ns);
	return sreq;
}

void netfs_get_subrequest(struct netfs_io_subrequest *sreq, enum netfs_sreq_ref_trace what)
{
	sreq->ref++;
	trace_netfs_sreq_ref(rreq_trace(sreq->rreq), sreq->rreq->debug_id, sreq->debug_index,
			     sreq->ref, what);
}

static void netfs_free_subrequest(struct netfs_io_subrequest *sreq, bool was_async)
{
	struct netfs_io_request *rreq = sreq->rreq;

	netfs_trace_sreq(sreq, netfs_sreq_trace_free);
	if (rreq->netfs_ops->free_subrequest)
		rreq->netfs_ops->free_subrequest(sreq);
	MODEL_HOOK(rreq->client->model, sreq_freed, sreq);
	rreq->client->stats.sreq--;
	rreq->client->stats.sreq_done++;
	sim_pool_put(&rreq->client->sreqs, sreq);
	netfs_put_request(rreq, was_async, netfs_rreq_trace_put_subreq);
}

void netfs_put_subrequest(struct netfs_io_subrequest *sreq, bool was_async,
			  enum netfs_sreq_ref_trace what)
{
	int ref = --sreq->ref;

	trace_netfs_sreq_ref(rreq_trace(sreq->rreq), sreq->rreq->debug_id, sreq->debug_index, ref,
			     what);
	if (ref == 0)
		netfs_free_subrequest(sreq, was_async);
}

void netfs_wait_in_progress(struct netfs_io_request *rreq)
{
	while (rreq->flags & NETFS_RREQ_IN_PROGRESS)
		sim_wait(rreq->client->w, &rreq->waitq, SIM_WAIT_PLAIN, SITE_RREQ_WAIT_IP,
			 &rreq_wait_class, rreq);
}

void netfs_wait_outstanding(struct netfs_io_request *rreq)
{
	while (rreq->nr_outstanding != 1)
		sim_wait(rreq->client->w, &rreq->waitq, SIM_WAIT_PLAIN, SITE_RREQ_OUTSTANDING,
			 &rreq_wait_class, rreq);
}

void netfs_wake_in_progress(struct netfs_io_request *rreq)
{
	struct sim_world *w = rreq->client->w;

	netfs_trace_rreq(rreq, netfs_rreq_trace_wake_ip);
	MODEL_HOOK(rreq->client->model, rreq_wake_ip, rreq);
	sim_point(w, SITE_RREQ_WAKE_IP);
	rreq->flags &= ~(uint32_t)NETFS_RREQ_IN_PROGRESS;
	sim_wake(w, &rreq->waitq, SIM_WAKE_ALL);
}
