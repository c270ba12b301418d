/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writing dirty folios back: finding them, gathering a run of them into one request, and what
 * becomes of the folios when the request has ended. Laundering.
 *
 * Mirrors: fs/netfs/buffered_write.c, second half (6.8). Reference 5.2-5.8.
 */
#include "model/netfs/v6_8/internal.h"

#define NETFS_WRITEBACK_MAX (65536ull * 4096) /* bytes of one request at most */
#define NETFS_MAX_SKIPS     5                 /* busy folios that a SYNC_NONE pass skips */
#define NETFS_EXTEND_BATCH  15 /* folios gathered before they are marked: a folio_batch */

/* ---- After the upload ---- */

/* folio_end_writeback() dies of a folio that is not under writeback. */
static void netfs_end_folio_writeback(struct folio *folio)
{
	if (!folio_test_writeback(folio))
		model_oops(folio_client(folio),
			   "folio_end_writeback: kernel BUG: the folio is not under writeback");
	folio_end_writeback(folio);
}

/* The upload of a folio succeeded: T20-T23. */
static void netfs_folio_written_back(struct folio *folio)
{
	struct client *c = folio_client(folio);
	struct netfs_inode *ctx = netfs_inode(folio->mapping->host);
	struct netfs_folio *finfo = netfs_folio_info(folio);
	enum netfs_folio_trace why = netfs_folio_trace_clear;

	if (finfo) {
		uint64_t end = folio_pos(folio) + finfo->dirty_offset + finfo->dirty_len;

		/* K30: the server has these bytes now, and nobody else remembers. */
		if (!bug(c, BUG_STREAM_CLEAR_KEEPS_ZERO_POINT) && ctx->zero_point != UINT64_MAX &&
		    end > ctx->zero_point)
			netfs_set_zero_point(ctx, end, ZERO_POINT_CLEAR_S);
		folio_detach_private(folio);
		netfs_group_drop_folio(finfo->netfs_group);
		netfs_free_folio_info(c, finfo);
		why = netfs_folio_trace_clear_s;
	} else if (netfs_folio_to_copy(folio)) {
		folio_detach_private(folio);
		why = netfs_folio_trace_clear_cc;
	} else if (netfs_folio_group(folio)) {
		/*
		 * The released kernel wants to know under the lock whether it was dirtied again,
		 * but who holds the lock may wait for the end of this writeback. Writers mind the
		 * group once more when the folio is dirty: netfs_copy_piece().
		 */
		bool lock = bug(c, BUG_GROUP_CLEAR_DEADLOCK);

		if (lock)
			folio_lock(folio);
		if (!folio_test_dirty(folio)) {
			struct netfs_group *group = netfs_folio_group(folio);

			folio_detach_private(folio);
			netfs_group_drop_folio(group);
			why = netfs_folio_trace_clear_g;
		} else {
			why = netfs_folio_trace_redirtied;
		}
		if (lock)
			folio_unlock(folio);
	}
	netfs_trace_folio(folio, why);
	if (folio_test_fscache(folio))
		folio_end_fscache(folio);
	sim_point(c->w, SITE_END_WRITEBACK);
	netfs_end_folio_writeback(folio);
}

/* The upload failed for a reason that may pass: T24. */
static void netfs_redirty_folio(struct folio *folio)
{
	netfs_trace_folio(folio, netfs_folio_trace_redirty);
	filemap_dirty_folio(folio->mapping, folio);
	if (folio_test_fscache(folio))
		folio_end_fscache(folio);
	netfs_end_folio_writeback(folio);
}

/* The upload failed for good: T25. */
static void netfs_kill_folio(struct folio *folio)
{
	struct address_space *mapping = folio->mapping;

	netfs_trace_folio(folio, netfs_folio_trace_kill);
	folio_get(folio);
	folio_clear_uptodate(folio);
	if (folio_test_fscache(folio))
		folio_end_fscache(folio);
	netfs_end_folio_writeback(folio);
	generic_error_remove_folio(mapping, folio);
	folio_put(folio);
}

/* Do fn to each folio of the request. */
static void netfs_for_each_folio(struct netfs_io_request *wreq, void (*fn)(struct folio *folio))
{
	pgoff_t index = wreq->start >> PAGE_SHIFT;
	pgoff_t last = (wreq->start + wreq->len - 1) >> PAGE_SHIFT;
	struct folio *folio;

	if (!wreq->len)
		return; /* a write-through that a signal ended before its first folio */
	while (index <= last && (folio = filemap_next(wreq->mapping, index, last))) {
		index = folio_next_index(folio);
		fn(folio);
	}
}

enum disposition { DISPOSE_DONE, DISPOSE_REDIRTY, DISPOSE_KILL };

/* Reference 5.7. */
static enum disposition netfs_disposition(int error)
{
	switch (error) {
	case 0:
		return DISPOSE_DONE;
	case -EROFS:
	case -EIO:
	case -EREMOTEIO:
	case -EFBIG:
	case -ENOENT:
	case -ENOMEDIUM:
	case -ENXIO:
		return DISPOSE_KILL;
	default:
		return DISPOSE_REDIRTY;
	}
}

void netfs_cleanup_buffered_write(struct netfs_io_request *wreq)
{
	switch (netfs_disposition(wreq->error)) {
	case DISPOSE_DONE:
		netfs_for_each_folio(wreq, netfs_folio_written_back);
		break;
	case DISPOSE_REDIRTY:
		netfs_for_each_folio(wreq, netfs_redirty_folio);
		balance_dirty_pages_ratelimited(wreq->mapping);
		break;
	case DISPOSE_KILL:
		netfs_for_each_folio(wreq, netfs_kill_folio);
		break;
	}
	if (wreq->error)
		mapping_set_error(wreq->mapping, wreq->error);
	if (wreq->netfs_ops->done)
		wreq->netfs_ops->done(wreq);
}

/* ---- Gathering ---- */

/* A request that grows folio by folio. */
struct gather {
	struct address_space *mapping;
	struct netfs_group *group;
	bool copy;           /* folios that the cache is to get, and the server has */
	uint64_t start, len; /* bytes to upload, or to copy */
	uint64_t upper_len;  /* whole folios */
	uint64_t max;        /* stop when len is so long */
	uint64_t i_size;     /* of the file: nothing beyond it is uploaded */
	int64_t count;       /* pages that may still be taken */
	bool caching;        /* the cache gets them too */
	bool stop;
};

/* Whether the next folio may join; if so it is locked. */
static bool netfs_extend_takes(struct gather *g, struct folio *folio, uint64_t *len)
{
	struct netfs_folio *finfo;

	if (!folio_trylock(folio))
		return false;
	finfo = netfs_folio_info(folio);
	if (!folio->mapping || !folio_test_dirty(folio) || folio_test_writeback(folio) ||
	    folio_test_fscache(folio) || netfs_folio_group(folio) != g->group ||
	    netfs_folio_to_copy(folio) != g->copy || (finfo && finfo->dirty_offset != 0)) {
		folio_unlock(folio);
		return false;
	}
	*len = finfo ? finfo->dirty_len : folio_size(folio);
	if (finfo)
		g->stop = true;
	return true;
}

/* Take folios from page index on while they may join; the batch is locked. Returns how many. */
static unsigned netfs_extend_batch(struct gather *g, pgoff_t index, struct folio **batch)
{
	unsigned n = 0;
	uint64_t len;

	while (n < NETFS_EXTEND_BATCH && !g->stop) {
		struct folio *folio = filemap_lookup(g->mapping, index);

		if (!folio || folio->index != index || !netfs_extend_takes(g, folio, &len)) {
			g->stop = true;
			break;
		}
		g->upper_len += folio_size(folio);
		g->len += len;
		g->count -= (int64_t)folio_nr_pages(folio);
		index = folio_next_index(folio);
		batch[n++] = folio;
		if (g->len >= g->max || g->count <= 0)
			g->stop = true;
	}
	return n;
}

void netfs_folio_start_writeback(struct folio *folio, bool caching)
{
	folio_start_writeback(folio);
	if (caching && !netfs_defers_copies(folio_client(folio)))
		folio_start_fscache(folio);
}

/* What becomes of a folio of the request; first: it is the first one. */
static enum netfs_folio_trace netfs_gather_trace(const struct gather *g, bool first)
{
	if (g->copy)
		return g->caching ? netfs_folio_trace_store_copy : netfs_folio_trace_cancel_copy;
	return first ? netfs_folio_trace_store : netfs_folio_trace_store_plus;
}

/* Reference 5.5. The first folio is under writeback and still locked. */
static void netfs_extend_writeback(struct gather *g, pgoff_t index)
{
	struct sim_world *w = inode_client(g->mapping->host)->w;
	struct folio *batch[NETFS_EXTEND_BATCH];
	unsigned n;

	do {
		n = netfs_extend_batch(g, index, batch);
		for (unsigned i = 0; i < n; i++) {
			netfs_trace_folio(batch[i], netfs_gather_trace(g, false));
			folio_clear_dirty_for_io(batch[i]);
			netfs_folio_start_writeback(batch[i], g->caching);
			index = folio_next_index(batch[i]);
			folio_unlock(batch[i]);
		}
		sim_point(w, SITE_WRITEBACK_RESCHED);
	} while (n && !g->stop);
}

/* ---- One request ---- */

/* Put the locked dirty folio under writeback and see how far the request may go: 5.4 steps 2-5. */
static void netfs_gather(struct gather *g, struct folio *folio, uint64_t end, int64_t nr_to_write)
{
	struct netfs_folio *finfo = netfs_folio_info(folio);
	pgoff_t next = folio_next_index(folio);
	bool extend = inode_client(g->mapping->host)->model->design.writeback_runs;

	folio_clear_dirty_for_io(folio);
	netfs_folio_start_writeback(folio, g->caching);
	netfs_trace_folio(folio, netfs_gather_trace(g, true));

	g->start = folio_pos(folio);
	g->upper_len = g->len = folio_size(folio);
	g->count = nr_to_write - (int64_t)folio_nr_pages(folio);
	if (finfo) {
		extend &= finfo->dirty_offset + finfo->dirty_len == g->len;
		g->start += finfo->dirty_offset;
		g->len = finfo->dirty_len;
	}
	if (g->start < g->i_size && extend) {
		g->max = sim_min(NETFS_WRITEBACK_MAX, g->i_size - g->start);
		if (end - g->start < UINT64_MAX)
			g->max = sim_min(g->max, end - g->start + 1);
		if (g->len < g->max && g->count > 0)
			netfs_extend_writeback(g, next);
	}
	/*
	 * Bytes may have been appended to a later folio of the run before it was taken. A
	 * truncation waits for the folios that are taken: they must not be left out of the request.
	 */
	if (!bug(folio_client(folio), BUG_WRITEBACK_STALE_SIZE))
		g->i_size = sim_max(g->i_size, g->mapping->host->i_size);
	if (g->start < g->i_size)
		g->len = sim_min(g->len, g->i_size - g->start);
}

/*
 * Begin the request, and wait for it. What lies wholly beyond the end of the file need not be
 * written, and without a cache nothing can be copied.
 */
static void netfs_write_gathered(struct netfs_io_request *wreq, const struct gather *g,
				 struct writeback_control *wbc)
{
	enum netfs_write_trace what = g->copy ? netfs_write_trace_copy_to_cache
					      : netfs_write_trace_writeback;
	int ret;

	if (g->start >= g->i_size || (g->copy && !g->caching)) {
		netfs_for_each_folio(wreq, netfs_folio_written_back);
		return;
	}
	if (!g->copy)
		wreq->flags |= NETFS_RREQ_UPLOAD_TO_SERVER;
	ret = netfs_begin_write(wreq, true, what);
	if (ret == 0 || ret == -EIOCBQUEUED)
		wbc->nr_to_write -= (int64_t)(g->len / PAGE_SIZE);
}

/*
 * Write from the locked dirty folio on, to end at most; *index becomes the page behind the request.
 * 1, or negative errno (unlocked, dirty).
 */
static int netfs_write_back_from_locked_folio(struct address_space *mapping,
					      struct writeback_control *wbc,
					      struct netfs_group *group, struct folio *folio,
					      pgoff_t *index, uint64_t end)
{
	struct gather g = {.mapping = mapping,
			   .group = group,
			   .copy = netfs_folio_to_copy(folio),
			   .i_size = mapping->host->i_size};
	struct netfs_io_request *wreq;
	int ret;

	wreq = netfs_alloc_request(mapping, NULL, folio_pos(folio), folio_size(folio),
				   g.copy ? NETFS_COPY_TO_CACHE : NETFS_WRITEBACK, &ret);
	if (!wreq) {
		folio_unlock(folio);
		return ret;
	}
	*index = folio->index;
	g.caching = fscache_cookie_enabled(netfs_inode(mapping->host)->cache);
	netfs_gather(&g, folio, end, wbc->nr_to_write);
	*index += g.upper_len >> PAGE_SHIFT;
	folio_unlock(folio);
	wreq->group = group;
	wreq->start = g.start;
	wreq->len = g.len;
	wreq->upper_len = g.upper_len;
	wreq->cleanup = netfs_cleanup_buffered_write;
	iov_iter_init(&wreq->iter, ITER_XARRAY, &mapping->data, g.start, g.upper_len);
	netfs_write_gathered(wreq, &g, wbc);
	netfs_put_request(wreq, false, netfs_rreq_trace_put_return);
	return 1;
}

/* ---- Passes ---- */

/*
 * A busy folio: SYNC_ALL waits for it. False: look at the next one (the pass ends when it has
 * skipped too many).
 */
static bool netfs_wait_for_busy(struct folio *folio, const struct writeback_control *wbc)
{
	folio_unlock(folio);
	if (wbc->sync_mode == WB_SYNC_NONE)
		return false;
	folio_wait_writeback(folio);
	folio_wait_fscache(folio);
	return true;
}

/*
 * Find one folio from page *index on and write from it: reference 5.3. *index goes on behind what
 * was looked at, so that folios dirtied again are left to the next pass; *first becomes the page
 * that the request begins with. 0: nothing more to do.
 */
static int netfs_writepages_begin(struct address_space *mapping, struct writeback_control *wbc,
				  struct netfs_group *group, pgoff_t *index, uint64_t end,
				  pgoff_t *first)
{
	struct client *c = inode_client(mapping->host);
	pgoff_t last = end >> PAGE_SHIFT;
	struct folio *folio;
	int skips = 0, ret;

	while ((folio = filemap_next_marked(mapping, *index, last, PAGE_MARK_DIRTY))) {
		*index = folio_next_index(folio);
		if (netfs_folio_group(folio) != group)
			continue;
		folio_get(folio);
	again:
		if (wbc->sync_mode != WB_SYNC_NONE) {
			if (folio_lock_killable(folio) < 0) {
				folio_put(folio);
				return -EINTR;
			}
		} else if (!folio_trylock(folio)) {
			folio_put(folio);
			continue;
		}
		if (folio->mapping != mapping || !folio_test_dirty(folio)) {
			folio_unlock(folio);
			folio_put(folio);
			continue;
		}
		if (folio_test_writeback(folio) || folio_test_fscache(folio)) {
			if (netfs_wait_for_busy(folio, wbc))
				goto again;
			folio_put(folio);
			if (++skips >= NETFS_MAX_SKIPS)
				return 0;
			continue;
		}
		*first = folio->index;
		ret = netfs_write_back_from_locked_folio(mapping, wbc, group, folio, index, end);
		if (!bug(c, BUG_WRITEPAGES_FOLIO_LEAK))
			folio_put(folio);
		return ret;
	}
	return 0;
}

/*
 * One pass over [start, end]; *next becomes the first page of the last request, else start's. (A
 * pass that goes on there finds that request's pages clean.)
 */
static int netfs_writepages_region(struct address_space *mapping, struct writeback_control *wbc,
				   struct netfs_group *group, uint64_t start, uint64_t end,
				   pgoff_t *next)
{
	pgoff_t index = start >> PAGE_SHIFT;
	int ret;

	*next = index;
	do {
		ret = netfs_writepages_begin(mapping, wbc, group, &index, end, next);
		sim_point(inode_client(mapping->host)->w, SITE_WRITEBACK_RESCHED);
	} while (ret > 0 && wbc->nr_to_write > 0);
	return ret;
}

/* From where the last cyclic pass stopped, then from the start. */
static int netfs_writepages_cyclic(struct address_space *mapping, struct writeback_control *wbc,
				   struct netfs_group *group)
{
	uint64_t start = (uint64_t)mapping->writeback_index << PAGE_SHIFT;
	pgoff_t next;
	int ret;

	ret = netfs_writepages_region(mapping, wbc, group, start, LLONG_MAX_OFF, &next);
	if (ret < 0)
		return ret;
	if (wbc->nr_to_write > 0) {
		mapping->writeback_index = 0;
		ret = netfs_writepages_region(mapping, wbc, group, 0, start, &next);
		if (ret < 0)
			return ret;
	}
	mapping->writeback_index = next;
	return 0;
}

int netfs_writepages(struct address_space *mapping, struct writeback_control *wbc)
{
	return netfs_writepages_group(mapping, wbc, NULL);
}

int netfs_writepages_group(struct address_space *mapping, struct writeback_control *wbc,
			   struct netfs_group *group)
{
	bool whole = wbc->range_start == 0 && wbc->range_end == LLONG_MAX_OFF;
	pgoff_t next;
	int ret;

	if (wbc->range_cyclic && mapping->writeback_index)
		return netfs_writepages_cyclic(mapping, wbc, group);
	if (wbc->range_cyclic || whole) {
		ret = netfs_writepages_region(mapping, wbc, group, 0, LLONG_MAX_OFF, &next);
		if (ret >= 0 && wbc->nr_to_write > 0)
			mapping->writeback_index = next;
	} else {
		ret = netfs_writepages_region(mapping, wbc, group, wbc->range_start, wbc->range_end,
					      &next);
	}
	return ret < 0 ? ret : 0;
}

/* ---- Laundering ---- */

static void netfs_cleanup_launder_folio(struct netfs_io_request *wreq)
{
	if (wreq->error)
		mapping_set_error(wreq->mapping, wreq->error);
}

/* Detach what the folio's private stands for; reference 5.8. */
static void netfs_launder_detach(struct folio *folio)
{
	struct netfs_folio *finfo = netfs_folio_info(folio);
	struct netfs_group *group = netfs_folio_group(folio);

	if (!folio->private)
		return;
	folio_detach_private(folio);
	netfs_group_drop_folio(group);
	if (finfo)
		netfs_free_folio_info(folio_client(folio), finfo);
}

int netfs_launder_folio(struct folio *folio)
{
	struct address_space *mapping = folio->mapping;
	struct netfs_folio *finfo = netfs_folio_info(folio);
	uint64_t start = folio_pos(folio), len = folio_size(folio), i_size = mapping->host->i_size;
	bool copy = netfs_folio_to_copy(folio);
	struct netfs_io_request *wreq;
	int ret = 0;

	if (finfo) {
		start += finfo->dirty_offset;
		len = finfo->dirty_len;
	}
	if (start < i_size) {
		len = sim_min(len, i_size - start);
		wreq = netfs_alloc_request(mapping, NULL, start, len,
					   copy ? NETFS_COPY_TO_CACHE : NETFS_LAUNDER_WRITE, &ret);
		if (wreq && folio_clear_dirty_for_io(folio)) {
			netfs_trace_folio(folio, netfs_folio_trace_launder);
			iov_iter_init(&wreq->iter, ITER_BVEC, &mapping->data, start, len);
			if (!copy)
				wreq->flags |= NETFS_RREQ_UPLOAD_TO_SERVER;
			wreq->group = netfs_folio_group(folio);
			wreq->cleanup = netfs_cleanup_launder_folio;
			ret = netfs_begin_write(wreq, true, netfs_write_trace_launder);
		}
		if (wreq)
			netfs_put_request(wreq, false, netfs_rreq_trace_put_return);
		/* K23: the released kernel forgets what it could not write. */
		if (netfs_disposition(ret) == DISPOSE_REDIRTY &&
		    !bug(folio_client(folio), BUG_LAUNDER_FORGETS_FAILURE)) {
			filemap_dirty_folio(mapping, folio);
			folio_wait_fscache(folio);
			return ret;
		}
	}
	netfs_launder_detach(folio);
	folio_wait_fscache(folio);
	return ret;
}
