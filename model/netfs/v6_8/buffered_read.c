/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reads through the page cache: readahead, read_folio, prefetch for a write, unlocking of folios.
 *
 * Mirrors: fs/netfs/buffered_read.c (6.8). Reference 3.
 */
#include "model/netfs/v6_8/internal.h"

/* Walks subrequests and folios together while folios are unlocked. */
struct unlock_walk {
	struct netfs_io_request *rreq;
	struct sim_list *at; /* the subrequest; the list's head at the end */
	bool sreq_failed;
	bool copy; /* the cache is to get the folio that was walked last */
};

static struct netfs_io_subrequest *walk_sreq(const struct unlock_walk *walk)
{
	if (walk->at == &walk->rreq->subrequests)
		return NULL;
	return sim_container_of(walk->at, struct netfs_io_subrequest, rreq_link);
}

static void walk_enter(struct unlock_walk *walk, struct sim_list *at)
{
	const struct netfs_io_subrequest *sreq;

	walk->at = at;
	sreq = walk_sreq(walk);
	walk->sreq_failed = false;
	if (sreq) {
		/* K32: a short sibling of a failed subrequest was never completed. */
		walk->sreq_failed = sreq->error < 0 ||
				    (sreq->transferred < sreq->len &&
				     !bug(walk->rreq->client, BUG_SHORT_READ_BESIDE_FAILURE));
	}
}

/* True if some subrequest under the folio failed, or none covers its end. */
static bool walk_folio(struct unlock_walk *walk, struct folio *folio)
{
	uint64_t folio_end = folio_pos(folio) + folio_size(folio);
	struct netfs_io_subrequest *sreq;
	bool failed = false;

	walk->copy = false;
	while ((sreq = walk_sreq(walk))) {
		uint64_t sreq_end = sreq->start + sreq->len;

		walk->copy |= sreq->flags & NETFS_SREQ_COPY_TO_CACHE;
		failed |= walk->sreq_failed;
		if (folio_end < sreq_end)
			return failed;
		walk_enter(walk, walk->at->next);
		if (folio_end == sreq_end)
			return failed;
	}
	return true;
}

static void netfs_folio_is_read(struct folio *folio)
{
	struct netfs_folio *finfo = netfs_folio_info(folio);

	if (finfo) {
		netfs_trace_folio(folio, netfs_folio_trace_filled_gaps);
		netfs_drop_folio_info(folio, finfo);
	}
	folio_mark_uptodate(folio);
}

/* The read of the folio has ended. PG_private_2 is set even if it failed. */
static void netfs_folio_read_ends(struct folio *folio, bool failed, bool copy)
{
	bool defer = netfs_defers_copies(folio_client(folio));

	if (copy && !defer)
		netfs_start_copy(folio);
	if (failed)
		return;
	netfs_folio_is_read(folio);
	if (copy && defer)
		netfs_mark_copy(folio);
}

void netfs_rreq_unlock_folios(struct netfs_io_request *rreq)
{
	pgoff_t index = rreq->start >> PAGE_SHIFT;
	pgoff_t last = (rreq->start + rreq->len - 1) >> PAGE_SHIFT;
	struct unlock_walk walk = {.rreq = rreq};
	struct folio *folio;

	if (rreq->flags & NETFS_RREQ_FAILED) {
		rreq->flags &= ~(uint32_t)NETFS_RREQ_COPY_TO_CACHE;
		sim_list_for_each (sreq, &rreq->subrequests, struct netfs_io_subrequest, rreq_link)
			sreq->flags &= (uint16_t)~NETFS_SREQ_COPY_TO_CACHE;
	}
	walk_enter(&walk, rreq->subrequests.next);
	netfs_trace_rreq(rreq, netfs_rreq_trace_unlock);

	while ((folio = filemap_next(rreq->mapping, index, last))) {
		pgoff_t next = folio_next_index(folio);
		bool failed = walk_folio(&walk, folio);

		netfs_folio_read_ends(folio, failed, walk.copy);
		if (!(rreq->flags & NETFS_RREQ_DONT_UNLOCK_FOLIOS) &&
		    !(rreq->flags & NETFS_RREQ_NO_UNLOCK_FOLIO &&
		      folio->index == rreq->no_unlock_folio)) {
			sim_point(rreq->client->w, SITE_RREQ_UNLOCK_FOLIO);
			folio_unlock(folio);
		}
		if (next > last)
			break;
		index = next;
	}
	if (rreq->netfs_ops->done)
		rreq->netfs_ops->done(rreq);
}

static void netfs_trace_read(struct netfs_io_request *rreq, uint64_t start, uint64_t len,
			     enum netfs_read_trace what)
{
	trace_netfs_read(rreq_trace(rreq), rreq->debug_id, rreq->cache_resources.debug_id, start,
			 len, what, (uint32_t)rreq->inode->i_ino);
}

/* Let the filesystem grow the window: reference 3.4. */
static void netfs_rreq_expand(struct netfs_io_request *rreq, struct readahead_control *ractl)
{
	uint64_t pos = (uint64_t)ractl->_index << PAGE_SHIFT;
	uint64_t len = (uint64_t)ractl->_nr_pages << PAGE_SHIFT;

	if (!rreq->netfs_ops->expand_readahead)
		return;
	rreq->netfs_ops->expand_readahead(rreq);
	if (rreq->start == pos && rreq->len == len)
		return;
	readahead_expand(ractl, rreq->start, rreq->len);
	rreq->start = (uint64_t)ractl->_index << PAGE_SHIFT;
	rreq->len = (uint64_t)ractl->_nr_pages << PAGE_SHIFT;
	netfs_trace_read(rreq, rreq->start, rreq->len, netfs_read_trace_expanded);
}

void netfs_readahead(struct readahead_control *ractl)
{
	struct address_space *mapping = ractl->mapping;
	struct netfs_io_request *rreq;
	struct folio *folio;
	int err;

	if (!ractl->_nr_pages)
		return;
	rreq = netfs_alloc_request(mapping, ractl->file, (uint64_t)ractl->_index << PAGE_SHIFT,
				   (uint64_t)ractl->_nr_pages << PAGE_SHIFT, NETFS_READAHEAD, &err);
	if (!rreq)
		return;
	netfs_begin_cache_operation(rreq);
	rreq->client->stats.readahead++;
	netfs_trace_read(rreq, rreq->start, rreq->len, netfs_read_trace_readahead);
	netfs_rreq_expand(rreq, ractl);
	iov_iter_init(&rreq->iter, ITER_XARRAY, &mapping->data, rreq->start, rreq->len);

	/* The folios stay locked in the page cache; the request needs no reference of its own. */
	while ((folio = readahead_folio(ractl)))
		;
	netfs_begin_read(rreq, false);
	netfs_put_request(rreq, false, netfs_rreq_trace_put_return);
}

/*
 * The buffer for reading round a streaming write: the gaps of the folio, and a sink where the
 * streamed bytes are.
 */
static void netfs_read_gaps_iter(struct netfs_io_request *rreq, struct folio *folio,
				 const struct netfs_folio *finfo)
{
	uint64_t pos = folio_pos(folio), flen = folio_size(folio);
	uint64_t from = finfo->dirty_offset, to = from + finfo->dirty_len;
	struct content_map *data = &rreq->mapping->data;

	iov_iter_init(&rreq->iter, ITER_BVEC, NULL, 0, 0);
	iov_iter_add_seg(&rreq->iter, data, pos, from);
	iov_iter_add_seg(&rreq->iter, NULL, 0, to - from);
	iov_iter_add_seg(&rreq->iter, data, pos + to, flen - to);
	netfs_trace_folio(folio, netfs_folio_trace_read_gaps);
}

int netfs_read_folio(struct file *file, struct folio *folio)
{
	struct address_space *mapping = folio->mapping;
	struct client *c = folio_client(folio);
	struct netfs_io_request *rreq;
	struct netfs_folio *finfo;
	int ret;

	sim_point(c->w, SITE_READ_FOLIO_LOCKED);
	if (!bug(c, BUG_READ_FOLIO_DURING_WRITEBACK))
		folio_wait_writeback(folio);
	rreq = netfs_alloc_request(mapping, file, folio_pos(folio), folio_size(folio),
				   NETFS_READPAGE, &ret);
	if (!rreq) {
		folio_unlock(folio);
		return ret;
	}
	netfs_begin_cache_operation(rreq);
	c->stats.readpage++;
	netfs_trace_read(rreq, rreq->start, rreq->len, netfs_read_trace_readpage);

	if (folio_test_dirty(folio)) {
		finfo = netfs_folio_info(folio);
		if (!finfo)
			model_oops(c,
				   "netfs_read_folio: NULL pointer: dirty folio without a record");
		netfs_read_gaps_iter(rreq, folio, finfo);
	} else {
		iov_iter_init(&rreq->iter, ITER_XARRAY, &mapping->data, rreq->start, rreq->len);
	}
	ret = netfs_begin_read(rreq, true);
	netfs_put_request(rreq, false, netfs_rreq_trace_put_return);
	return ret < 0 ? ret : 0;
}

/* A request to read the locked folio, which stays locked; NULL and *err. */
static struct netfs_io_request *netfs_read_for_write(struct file *file, struct folio *folio,
						     int *err)
{
	struct netfs_io_request *rreq;

	rreq = netfs_alloc_request(folio->mapping, file, folio_pos(folio), folio_size(folio),
				   NETFS_READ_FOR_WRITE, err);
	if (!rreq)
		return NULL;
	rreq->no_unlock_folio = folio->index;
	rreq->flags |= NETFS_RREQ_NO_UNLOCK_FOLIO;
	netfs_begin_cache_operation(rreq);
	rreq->client->stats.write_begin++;
	return rreq;
}

static int netfs_read_for_write_and_wait(struct netfs_io_request *rreq)
{
	int ret;

	iov_iter_init(&rreq->iter, ITER_XARRAY, &rreq->mapping->data, rreq->start, rreq->len);
	ret = netfs_begin_read(rreq, true);
	netfs_put_request(rreq, false, netfs_rreq_trace_put_return);
	return ret;
}

int netfs_prefetch_for_write(struct file *file, struct folio *folio)
{
	struct netfs_io_request *rreq;
	int ret;

	rreq = netfs_read_for_write(file, folio, &ret);
	if (!rreq)
		return ret;
	netfs_trace_read(rreq, rreq->start, rreq->len, netfs_read_trace_prefetch_for_write);
	return netfs_read_for_write_and_wait(rreq);
}

/*
 * Whether the write leaves nothing of the folio that the server could have; what it does not fill
 * is zeroed then. netfs_skip_folio_read.
 */
static bool netfs_skip_folio_read(struct folio *folio, uint64_t pos, uint64_t len)
{
	struct address_space *mapping = folio->mapping;
	uint64_t fpos = folio_pos(folio), fend = fpos + folio_size(folio), end = pos + len;
	uint64_t i_size = mapping->host->i_size;

	if (fpos < i_size && (pos != fpos || (end < fend && end < i_size)))
		return false;
	if (pos > fpos)
		content_set_zero(&mapping->data, fpos, pos - fpos);
	if (end < fend)
		content_set_zero(&mapping->data, end, fend - end);
	return true;
}

int netfs_fill_for_write(struct file *file, struct folio *folio, uint64_t pos, uint64_t len)
{
	struct readahead_control ractl = {
		.file = file,
		.mapping = folio->mapping,
		.ra = &file->f_ra,
		._index = folio->index,
		._nr_pages = folio_nr_pages(folio),
	};
	struct netfs_io_request *rreq;
	int ret;

	if (!fscache_cookie_enabled(netfs_inode(file->f_inode)->cache) &&
	    netfs_skip_folio_read(folio, pos, len)) {
		folio_client(folio)->stats.write_zskip++;
		return 1;
	}
	rreq = netfs_read_for_write(file, folio, &ret);
	if (!rreq)
		return ret;
	netfs_trace_read(rreq, pos, len, netfs_read_trace_write_begin);
	netfs_rreq_expand(rreq, &ractl);
	folio_get(folio); /* the walk below drops one; the caller has its own */
	while (readahead_folio(&ractl))
		;
	return netfs_read_for_write_and_wait(rreq);
}

int64_t netfs_buffered_read_iter(struct kiocb *iocb, struct iov_iter *iter)
{
	struct inode *inode = iocb->ki_filp->f_inode;
	int64_t ret;

	ret = netfs_start_io_read(inode);
	if (ret == 0) {
		ret = filemap_read(iocb, iter, 0);
		netfs_end_io_read(inode);
	}
	return ret;
}

int64_t netfs_file_read_iter(struct kiocb *iocb, struct iov_iter *iter)
{
	struct netfs_inode *ctx = netfs_inode(iocb->ki_filp->f_inode);

	if (iocb->ki_flags & IOCB_DIRECT || ctx->flags & NETFS_ICTX_UNBUFFERED)
		return netfs_unbuffered_read_iter(iocb, iter);
	return netfs_buffered_read_iter(iocb, iter);
}
