/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Storing in the cache what a read has downloaded: after its readers were let go, on a worker. Or
 * by writeback (design.cache_copy), which finds the folios dirty and marked.
 *
 * Mirrors: fs/netfs/io.c netfs_rreq_write_to_cache and what it calls (6.8). Reference 3.10. The
 * mark: fs/netfs/buffered_read.c netfs_rreq_unlock_folios (6.10).
 */
#include "model/netfs/v6_8/internal.h"

void netfs_start_copy(struct folio *folio)
{
	netfs_trace_folio(folio, netfs_folio_trace_copy_to_cache);
	folio_start_fscache(folio);
}

void netfs_mark_copy(struct folio *folio)
{
	/* It held a streaming write: all of it will be uploaded, and the cache gets it then. */
	if (folio_test_dirty(folio))
		return;
	netfs_trace_folio(folio, netfs_folio_trace_mark_copy);
	folio_attach_private(folio, NETFS_FOLIO_COPY_TO_CACHE);
	folio_mark_dirty(folio);
}

/* Of the locked folio, which is to be copied, the cache gets nothing: it is clean. */
static void netfs_cancel_copy(struct folio *folio)
{
	netfs_trace_folio(folio, netfs_folio_trace_cancel_copy);
	folio_detach_private(folio);
	folio_cancel_dirty(folio);
}

void netfs_stop_copy(struct folio *folio, bool through)
{
	if (!netfs_folio_to_copy(folio))
		return;
	folio_wait_writeback(folio);
	if (!netfs_folio_to_copy(folio))
		return;
	if (through)
		netfs_cancel_copy(folio);
	else
		folio_detach_private(folio);
}

/* Nothing of the folio is being copied, or to be copied, afterwards. */
static void netfs_give_up_copy(struct folio *folio)
{
	if (!netfs_folio_to_copy(folio)) {
		folio_wait_fscache(folio);
		return;
	}
	folio_lock(folio);
	folio_wait_writeback(folio);
	if (netfs_folio_to_copy(folio))
		netfs_cancel_copy(folio);
	folio_unlock(folio);
}

/* PG_private_2 in writeback is that of an upload, which the caller may have to send. */
static bool netfs_awaits_copy(const struct folio *folio)
{
	return netfs_folio_to_copy(folio) ||
	       (folio_test_fscache(folio) && !folio_test_writeback(folio));
}

void netfs_give_up_copies(struct address_space *mapping)
{
	struct folio *folio;
	bool again;

	do {
		again = false;
		for (pgoff_t i = 0; (folio = filemap_next(mapping, i, UINT64_MAX));) {
			i = folio_next_index(folio);
			if (!netfs_awaits_copy(folio))
				continue;
			folio_get(folio);
			netfs_give_up_copy(folio);
			folio_put(folio);
			again = true;
		}
	} while (again);
}

/* All copies have ended: the folios may be dropped and written back again. */
static void netfs_rreq_unmark_after_write(struct netfs_io_request *rreq, bool was_async)
{
	pgoff_t index = 0;

	sim_list_for_each (sreq, &rreq->subrequests, struct netfs_io_subrequest, rreq_link) {
		pgoff_t last = (sreq->start + sreq->len - 1) >> PAGE_SHIFT;
		struct folio *folio;

		/* Two subrequests may share a folio. */
		index = sim_max(index, sreq->start >> PAGE_SHIFT);
		while (index <= last && (folio = filemap_next(rreq->mapping, index, last))) {
			index = folio_next_index(folio);
			netfs_trace_folio(folio, netfs_folio_trace_end_copy);
			folio_end_fscache(folio);
		}
	}
	netfs_rreq_completed(rreq, was_async);
}

/* One copy has ended. An error only means that the cache does not have it. */
static void netfs_rreq_copy_terminated(void *priv, int64_t n, bool was_async)
{
	struct netfs_io_subrequest *sreq = priv;
	struct netfs_io_request *rreq = sreq->rreq;

	if (n < 0) {
		rreq->client->stats.write_failed++;
		netfs_trace_failure(rreq, sreq, (int)n, netfs_fail_copy_to_cache);
	} else {
		rreq->client->stats.write_done++;
	}
	netfs_trace_sreq(sreq, netfs_sreq_trace_write_term);
	if (--rreq->nr_copy_ops == 0)
		netfs_rreq_unmark_after_write(rreq, was_async);
	netfs_put_subrequest(sreq, was_async, netfs_sreq_trace_put_terminated);
}

/* Only what is to be copied stays on the list. */
static void netfs_rreq_drop_uncopied(struct netfs_io_request *rreq)
{
	sim_list_for_each_safe (sreq, &rreq->subrequests, struct netfs_io_subrequest, rreq_link) {
		if (sreq->flags & NETFS_SREQ_COPY_TO_CACHE)
			continue;
		sim_list_del(&sreq->rreq_link);
		netfs_put_subrequest(sreq, false, netfs_sreq_trace_put_no_copy);
	}
}

/* Let the subrequest take in those that follow it without a gap. */
static void netfs_rreq_merge_copies(struct netfs_io_request *rreq, struct netfs_io_subrequest *sreq)
{
	while (sreq->rreq_link.next != &rreq->subrequests) {
		struct netfs_io_subrequest *next = sim_container_of(
			sreq->rreq_link.next, struct netfs_io_subrequest, rreq_link);

		if (next->start != sreq->start + sreq->len)
			break;
		sreq->len += next->len;
		sim_list_del(&next->rreq_link);
		netfs_put_subrequest(next, false, netfs_sreq_trace_put_merged);
	}
}

static void netfs_rreq_copy_one(struct netfs_io_request *rreq, struct netfs_io_subrequest *sreq)
{
	struct netfs_cache_resources *cres = &rreq->cache_resources;
	struct iov_iter iter;
	int err = cachefiles_prepare_write(cres, &sreq->start, &sreq->len, sreq->len);

	if (err < 0) {
		rreq->client->stats.write_failed++;
		netfs_trace_failure(rreq, sreq, err, netfs_fail_prepare_write);
		netfs_trace_sreq(sreq, netfs_sreq_trace_write_skip);
		return;
	}
	iov_iter_init(&iter, ITER_XARRAY, &rreq->mapping->data, sreq->start, sreq->len);
	rreq->nr_copy_ops++;
	rreq->client->stats.write++;
	netfs_get_subrequest(sreq, netfs_sreq_trace_get_copy_to_cache);
	netfs_trace_sreq(sreq, netfs_sreq_trace_write);
	cachefiles_write(cres, sreq->start, &iter, netfs_rreq_copy_terminated, sreq);
}

static void netfs_rreq_write_to_cache_work(struct work_struct *work)
{
	struct netfs_io_request *rreq = sim_container_of(work, struct netfs_io_request, work);

	netfs_trace_rreq(rreq, netfs_rreq_trace_copy);
	rreq->nr_copy_ops = 1;
	netfs_rreq_drop_uncopied(rreq);
	sim_list_for_each (sreq, &rreq->subrequests, struct netfs_io_subrequest, rreq_link) {
		netfs_rreq_merge_copies(rreq, sreq);
		netfs_rreq_copy_one(rreq, sreq);
	}
	sim_point(rreq->client->w, SITE_COPY_GUARD);
	if (--rreq->nr_copy_ops == 0)
		netfs_rreq_unmark_after_write(rreq, false);
}

void netfs_rreq_write_to_cache(struct netfs_io_request *rreq)
{
	rreq->work.fn = netfs_rreq_write_to_cache_work;
	queue_work(&rreq->client->unbound_wq, &rreq->work);
}
