/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writes into the page cache: how each folio is modified, streaming writes, write-through's first
 * half, shared writable faults.
 *
 * Mirrors: fs/netfs/buffered_write.c, first half (6.8). Reference 4, 5.9, 7.6.
 */
#include "model/netfs/v6_8/internal.h"

/* The first seven have the numbers of the folio trace that says the same. */
enum netfs_how_to_modify {
	NETFS_FOLIO_IS_UPTODATE,
	NETFS_JUST_PREFETCH,
	NETFS_WHOLE_FOLIO_MODIFY,
	NETFS_MODIFY_AND_CLEAR,
	NETFS_STREAMING_WRITE,
	NETFS_STREAMING_WRITE_CONT,
	NETFS_FLUSH_CONTENT,
};

/* A write call on its way through the folios. */
struct write_ctx {
	struct kiocb *iocb;
	struct iov_iter *iter;
	struct file *file;
	struct inode *inode;
	struct netfs_inode *ctx;
	struct client *client;
	struct address_space *mapping;
	struct netfs_group *group;
	struct netfs_io_request *wreq; /* write-through only */
	uint64_t pos;
	int64_t written;
	struct folio *through; /* the last one that joined wreq; only to compare with */
	bool maybe_trouble;
	/* The piece at hand. */
	struct folio *folio;
	uint64_t flen, offset, part;
};

void netfs_set_group(struct folio *folio, struct netfs_group *group)
{
	if (group && !folio->private) {
		netfs_group_add_folio(group);
		folio_attach_private(folio, group);
	}
}

bool netfs_group_conflict(struct folio *folio, const struct netfs_group *group)
{
	struct netfs_group *theirs = netfs_folio_group(folio);

	return theirs && theirs != group;
}

/* Whether partial writes must read the folio first. */
static bool netfs_no_write_streaming(struct write_ctx *wc)
{
	if (wc->file->f_mode & FMODE_READ || wc->ctx->flags & NETFS_ICTX_NO_WRITE_STREAMING ||
	    !wc->client->model->design.write_streaming)
		return true;
	/* The cache wants whole pages, also when it is out of service for a while. */
	if (fscache_cookie_enabled(wc->ctx->cache)) {
		wc->ctx->flags |= NETFS_ICTX_NO_WRITE_STREAMING;
		return true;
	}
	return false;
}

/* Reference 4.3, in the order of its tests. */
static enum netfs_how_to_modify netfs_how_to_modify(struct write_ctx *wc)
{
	struct netfs_folio *finfo = netfs_folio_info(wc->folio);

	if (netfs_group_conflict(wc->folio, wc->group))
		return NETFS_FLUSH_CONTENT;
	if (folio_test_uptodate(wc->folio))
		return NETFS_FOLIO_IS_UPTODATE;
	if (folio_pos(wc->folio) >= wc->ctx->zero_point)
		return NETFS_MODIFY_AND_CLEAR;
	if (!wc->maybe_trouble && wc->offset == 0 && wc->part >= wc->flen)
		return NETFS_WHOLE_FOLIO_MODIFY;
	if (netfs_no_write_streaming(wc)) {
		if (finfo) {
			wc->client->stats.wstream_conflict++;
			return NETFS_FLUSH_CONTENT;
		}
		return NETFS_JUST_PREFETCH;
	}
	if (!finfo)
		return NETFS_STREAMING_WRITE;
	if (wc->offset == finfo->dirty_offset + finfo->dirty_len)
		return NETFS_STREAMING_WRITE_CONT;
	return NETFS_FLUSH_CONTENT;
}

/* Zero bytes [from, to) of the folio. */
static void netfs_zero_folio(struct write_ctx *wc, uint64_t from, uint64_t to)
{
	if (from < to)
		content_set_zero(&wc->mapping->data, folio_pos(wc->folio) + from, to - from);
}

/* K1: the folio becomes uptodate, so a record of a streaming write in it means nothing any more. */
static void netfs_streaming_record_obsolete(struct write_ctx *wc)
{
	struct netfs_folio *finfo = netfs_folio_info(wc->folio);

	if (finfo && !bug(wc->client, BUG_STREAM_FOLIO_WHOLE_OVERWRITE))
		netfs_drop_folio_info(wc->folio, finfo);
}

/* Attach the record of a streaming write, or none if it covers the folio. */
static enum netfs_folio_trace netfs_streaming_write_begins(struct write_ctx *wc, uint64_t copied)
{
	struct netfs_folio *finfo;

	if (wc->offset == 0 && copied == wc->flen) {
		folio_mark_uptodate(wc->folio);
		netfs_set_group(wc->folio, wc->group);
		return netfs_streaming_filled_page;
	}
	finfo = netfs_alloc_folio_info(wc->client);
	finfo->netfs_group = wc->group;
	netfs_group_add_folio(wc->group);
	finfo->dirty_offset = wc->offset;
	finfo->dirty_len = copied;
	folio_attach_private(wc->folio, (void *)((uintptr_t)finfo | NETFS_FOLIO_INFO));
	return netfs_streaming_write;
}

static enum netfs_folio_trace netfs_streaming_write_grows(struct write_ctx *wc, uint64_t copied)
{
	struct netfs_folio *finfo = netfs_folio_info(wc->folio);

	finfo->dirty_len += copied;
	if (finfo->dirty_offset == 0 && finfo->dirty_len == wc->flen) {
		netfs_drop_folio_info(wc->folio, finfo);
		folio_mark_uptodate(wc->folio);
		return netfs_streaming_cont_filled_page;
	}
	MODEL_HOOK(wc->client->model, folio, wc->folio);
	return netfs_streaming_write_cont;
}

/* After the copy: reference 4.2 step 7. Returns what to trace. */
static enum netfs_folio_trace netfs_modified(struct write_ctx *wc, enum netfs_how_to_modify how,
					     uint64_t copied)
{
	switch (how) {
	case NETFS_MODIFY_AND_CLEAR:
		netfs_zero_folio(wc, wc->offset + copied, wc->flen);
		netfs_streaming_record_obsolete(wc);
		netfs_set_group(wc->folio, wc->group);
		folio_mark_uptodate(wc->folio);
		break;
	case NETFS_WHOLE_FOLIO_MODIFY:
		netfs_streaming_record_obsolete(wc);
		netfs_set_group(wc->folio, wc->group);
		folio_mark_uptodate(wc->folio);
		break;
	case NETFS_STREAMING_WRITE:
		return netfs_streaming_write_begins(wc, copied);
	case NETFS_STREAMING_WRITE_CONT:
		return netfs_streaming_write_grows(wc, copied);
	default:
		netfs_set_group(wc->folio, wc->group);
		break;
	}
	return (enum netfs_folio_trace)how;
}

/*
 * The piece joins the write-through request instead of becoming dirty: reference 5.9. A folio can
 * be dirty already, by a store through a map or, at the end of file, where nothing was flushed
 * before. The released kernel takes all of it for written then; it has to stay dirty, since only
 * the piece is.
 */
static int netfs_write_through_piece(struct write_ctx *wc, uint64_t copied)
{
	struct netfs_io_request *wreq = wc->wreq;
	struct folio *folio = wc->folio;

	if (bug(wc->client, BUG_WRITETHROUGH_DROPS_DIRTY) && folio_test_dirty(folio))
		folio_clear_dirty_for_io(folio);
	/*
	 * Several pieces of a write join with one writeback of their folio. The released kernel
	 * joins with anybody's, and ends it a second time.
	 */
	if (wc->through != folio && !bug(wc->client, BUG_WRITETHROUGH_SHARES_WRITEBACK))
		folio_wait_writeback(folio);
	wc->through = folio;
	if (!folio_test_writeback(folio)) {
		folio_wait_fscache(folio);
		netfs_folio_start_writeback(folio, true);
		netfs_trace_folio(folio, wreq->iter.count == 0 ? netfs_folio_trace_wthru
							       : netfs_folio_trace_wthru_plus);
	}
	return netfs_advance_writethrough(wreq, copied, wc->offset + copied == wc->flen);
}

void netfs_update_i_size(struct inode *inode, uint64_t pos, uint64_t end)
{
	struct netfs_inode *ctx = netfs_inode(inode);

	if (end <= inode->i_size)
		return;
	pagecache_isize_extended(inode, inode->i_size, pos);
	if (ctx->ops->update_i_size)
		ctx->ops->update_i_size(inode, end);
	else
		netfs_set_i_size(inode, end);
	fscache_update_cookie(ctx->cache, NULL, &end);
}

static void netfs_release_piece(struct write_ctx *wc)
{
	folio_unlock(wc->folio);
	folio_put(wc->folio);
}

/* Write back what conflicts and wait: reference 4.2 step 5. 0: try the piece again. */
static int netfs_flush_conflict(struct write_ctx *wc)
{
	struct folio *folio = wc->folio;
	uint64_t fpos = folio_pos(folio);
	int ret;

	netfs_trace_folio(folio, netfs_flush_content);
	folio_unlock(folio);
	folio_put(folio);
	ret = filemap_write_and_wait_range(wc->mapping, fpos, fpos + wc->flen - 1);
	if (ret < 0 && bug(wc->client, BUG_PREFETCH_CONFLICT_DOUBLE_UNLOCK)) {
		/* K4: its reference was leaked by K13, so only the lock goes wrong. */
		folio_unlock(folio);
		folio_put(folio);
	}
	return ret;
}

/* Get the folio at the position, locked, and find the piece of it to write. */
static int netfs_grab_piece(struct write_ctx *wc)
{
	uint64_t max_chunk = PAGE_SIZE << wc->client->mm.config.max_folio_order;
	unsigned bdp = 0;
	int ret;

	if (bug(wc->client, BUG_THROTTLE_SHORT_WRITE))
		bdp = wc->iocb->ki_flags & IOCB_SYNC ? 0 : BDP_ASYNC;
	else if (wc->iocb->ki_flags & IOCB_NOWAIT)
		bdp = BDP_ASYNC;
	ret = balance_dirty_pages_ratelimited_flags(wc->mapping, bdp);
	if (ret < 0)
		return ret;

	wc->part = sim_min(max_chunk - wc->pos % max_chunk, wc->iter->count);
	wc->folio = filemap_get_folio_write(wc->mapping, wc->pos, wc->part, &ret);
	if (!wc->folio)
		return ret;
	wc->flen = folio_size(wc->folio);
	wc->offset = wc->pos - folio_pos(wc->folio);
	wc->part = sim_min(wc->flen - wc->offset, wc->part);
	if (wc->client->w->current->signal) {
		netfs_release_piece(wc);
		return wc->written ? -EINTR : -ERESTARTSYS;
	}
	sim_point(wc->client->w, SITE_PERFORM_WRITE_LOCKED);
	return 0;
}

/* K2: a record under writeback is not extended. True: the folio was released, try again. */
static bool netfs_avoid_streaming_writeback(struct write_ctx *wc)
{
	if (!netfs_folio_info(wc->folio) || !folio_test_writeback(wc->folio) ||
	    bug(wc->client, BUG_STREAM_APPEND_DURING_WRITEBACK))
		return false;
	folio_unlock(wc->folio);
	folio_wait_writeback(wc->folio);
	folio_put(wc->folio);
	return true;
}

/* Copy the piece, which is prepared, and account it. The folio is unlocked and put. */
static int netfs_copy_piece(struct write_ctx *wc, enum netfs_how_to_modify how)
{
	uint64_t copied = wc->part;
	enum netfs_folio_trace why;
	int ret = 0;

	netfs_stop_copy(wc->folio, wc->wreq);
	if (how == NETFS_MODIFY_AND_CLEAR)
		netfs_zero_folio(wc, 0, wc->offset);
	mm_copy_cost(wc->client, copied);
	copy_from_iter(wc->iter, &wc->mapping->data, wc->pos, copied);
	why = netfs_modified(wc, how, copied);
	netfs_trace_folio(wc->folio, why);

	MODEL_HOOK(wc->client->model, bytes_written, wc->inode, wc->iocb, wc->pos, copied);
	wc->pos += copied;
	netfs_update_i_size(wc->inode, wc->pos - copied, wc->pos);
	wc->written += (int64_t)copied;
	sim_point(wc->client->w, SITE_PERFORM_WRITE_COPIED);
	if (!wc->wreq) {
		folio_mark_dirty(wc->folio);
		/* The end of a writeback may have taken its group meanwhile. */
		netfs_set_group(wc->folio, wc->group);
	} else {
		ret = netfs_write_through_piece(wc, copied);
	}
	netfs_release_piece(wc);
	return ret;
}

/* Write one piece: at most one folio. 0 or negative errno; nothing may have been written at 0. */
static int netfs_write_piece(struct write_ctx *wc)
{
	enum netfs_how_to_modify how;
	int ret = netfs_grab_piece(wc);

	if (ret < 0)
		return ret;
	if (netfs_avoid_streaming_writeback(wc))
		return 0;
	/* K21: the copy to the cache may take some of this write, which is stored again then. */
	if (!bug(wc->client, BUG_WRITE_DURING_CACHE_COPY))
		folio_wait_fscache(wc->folio);
	how = netfs_how_to_modify(wc);
	switch (how) {
	case NETFS_FLUSH_CONTENT:
		return netfs_flush_conflict(wc);
	case NETFS_JUST_PREFETCH:
		ret = netfs_prefetch_for_write(wc->file, wc->folio);
		if (ret < 0) {
			netfs_release_piece(wc);
			return ret;
		}
		break;
	case NETFS_STREAMING_WRITE:
		if (wc->folio->private) {
			netfs_release_piece(wc);
			return -EIO;
		}
		break;
	default:
		break;
	}
	return netfs_copy_piece(wc, how);
}

static bool netfs_wants_writethrough(const struct write_ctx *wc)
{
	return wc->client->model->design.write_through &&
	       (wc->ctx->flags & NETFS_ICTX_WRITETHROUGH ||
		wc->iocb->ki_flags & (IOCB_DSYNC | IOCB_SYNC));
}

/* Old contents of the range must be on the server before parts of it are written through. */
static int netfs_setup_writethrough(struct write_ctx *wc)
{
	int ret = 0;

	if (wc->pos < wc->inode->i_size) {
		ret = filemap_write_and_wait_range(wc->mapping, wc->pos, wc->pos + wc->iter->count);
		if (ret < 0)
			return ret;
	}
	wc->wreq = netfs_begin_writethrough(wc->iocb, wc->iter->count, wc->group, &ret);
	if (!wc->wreq)
		return ret;
	if (!is_sync_kiocb(wc->iocb))
		wc->wreq->iocb = wc->iocb;
	return 0;
}

int64_t netfs_perform_write(struct kiocb *iocb, struct iov_iter *iter, struct netfs_group *group)
{
	struct file *file = iocb->ki_filp;
	struct inode *inode = file->f_inode;
	struct write_ctx wc = {
		.iocb = iocb,
		.iter = iter,
		.file = file,
		.inode = inode,
		.ctx = netfs_inode(inode),
		.client = inode_client(inode),
		.mapping = &inode->i_data,
		.group = group,
		.pos = iocb->ki_pos,
	};
	int ret = 0, ret2;

	if (netfs_wants_writethrough(&wc)) {
		ret = netfs_setup_writethrough(&wc);
		if (ret < 0)
			return ret;
	}
	while (iter->count && ret == 0) {
		ret = netfs_write_piece(&wc);
		sim_point(wc.client->w, SITE_PERFORM_WRITE_RESCHED);
	}
	if (wc.wreq) {
		ret2 = netfs_end_writethrough(wc.wreq, iocb, (uint64_t)wc.written);
		/* K9: the released kernel tells of the copy, not of the upload. */
		if (ret2 == -EIOCBQUEUED ||
		    (ret2 < 0 && !bug(wc.client, BUG_WRITETHROUGH_ERROR_DEFERRED)))
			return ret2;
		/* The released kernel forgets why it stopped. */
		if (ret == 0 || bug(wc.client, BUG_WRITETHROUGH_SHORT_COPY))
			ret = ret2;
	}
	iocb->ki_pos += (uint64_t)wc.written;
	return wc.written ? wc.written : ret;
}

static int64_t netfs_buffered_write_iter_locked(struct kiocb *iocb, struct iov_iter *from,
						struct netfs_group *group)
{
	struct client *c = inode_client(iocb->ki_filp->f_inode);

	trace_netfs_write_iter(c->w->trace, iocb->ki_pos, from->count, iocb->ki_flags);
	file_update_time(iocb->ki_filp);
	if (!c->model->design.perform_write)
		return generic_perform_write(iocb, from);
	return netfs_perform_write(iocb, from, group);
}

struct netfs_group *netfs_write_group(struct inode *inode)
{
	const struct netfs_request_ops *ops = netfs_inode(inode)->ops;

	return ops->get_write_group ? ops->get_write_group(inode) : NULL;
}

int64_t netfs_file_write_iter(struct kiocb *iocb, struct iov_iter *from)
{
	struct file *file = iocb->ki_filp;
	struct inode *inode = file->f_inode;
	struct netfs_group *group;
	uint64_t pos;
	int64_t ret;

	if (!from->count)
		return 0;
	if (iocb->ki_flags & IOCB_DIRECT || netfs_inode(inode)->flags & NETFS_ICTX_UNBUFFERED)
		return netfs_unbuffered_write_iter(iocb, from);
	ret = netfs_start_io_write(inode);
	if (ret)
		return ret;
	if (iocb->ki_flags & IOCB_APPEND) {
		iocb->ki_pos = inode->i_size;
		MODEL_HOOK(inode_client(inode)->model, write_placed, file, iocb, iocb->ki_pos);
	}
	pos = iocb->ki_pos;
	group = netfs_write_group(inode);
	ret = netfs_buffered_write_iter_locked(iocb, from, group);
	netfs_put_group(group);
	netfs_end_io_write(inode);
	if (ret > 0 && iocb->ki_flags & IOCB_DSYNC) {
		int err = file->f_inode->i_sb->f_op->fsync(file, pos, pos + (uint64_t)ret - 1,
							   !(iocb->ki_flags & IOCB_SYNC));

		if (err < 0)
			ret = err;
		else
			MODEL_HOOK(inode_client(inode)->model, write_stored, file, iocb);
	}
	return ret;
}

/* A folio of another group is written first: the fault is tried again then. */
static int netfs_mkwrite_conflict(struct folio *folio)
{
	uint64_t start = folio_pos(folio), end = start + folio_size(folio) - 1;
	struct address_space *mapping = folio->mapping;
	int ret;

	folio_unlock(folio);
	/* K17: the released kernel waits for a writeback that nobody has begun. */
	if (bug(inode_client(mapping->host), BUG_MKWRITE_NO_MAPPING_CHECK))
		ret = filemap_fdatawait_range(mapping, start, end);
	else
		ret = filemap_write_and_wait_range(mapping, start, end);
	return ret < 0 ? ret : -EAGAIN;
}

/* The folio is locked. Unlocks it if it fails. */
static int netfs_mkwrite_folio(struct file *file, struct folio *folio, struct netfs_group *group)
{
	struct client *c = inode_client(file->f_inode);
	bool released = bug(c, BUG_MKWRITE_NO_MAPPING_CHECK);

	if (!folio_test_uptodate(folio)) {
		if (!released)
			folio_unlock(folio);
		return -EFAULT;
	}
	if (released && !folio->mapping)
		model_oops(c, "netfs_page_mkwrite: NULL pointer: the folio has no mapping");
	if (netfs_folio_group(folio) && netfs_folio_group(folio) != group)
		return netfs_mkwrite_conflict(folio);
	netfs_trace_folio(folio, folio_test_dirty(folio) ? netfs_folio_trace_mkwrite_plus
							 : netfs_folio_trace_mkwrite);
	netfs_stop_copy(folio, false);
	netfs_set_group(folio, group);
	file_update_time(file);
	return 0;
}

/*
 * Lock the folio when its writeback is over and it is still the file's. -EAGAIN: not locked, fault
 * again.
 */
static int netfs_mkwrite_lock(struct client *c, struct folio *folio)
{
	int ret;

	/* K17: what happens to the folio between the two goes unseen. */
	if (bug(c, BUG_MKWRITE_NO_MAPPING_CHECK)) {
		ret = folio_wait_writeback_killable(folio);
		return ret < 0 ? ret : folio_lock_killable(folio);
	}
	ret = folio_lock_killable(folio);
	if (ret < 0)
		return ret;
	if (folio->mapping && !folio_test_writeback(folio))
		return 0;
	/* Not with the lock held: the end of a group's writeback takes it. */
	folio_unlock(folio);
	ret = folio_wait_writeback_killable(folio);
	return ret < 0 ? ret : -EAGAIN;
}

/* A store to a read-only page of a shared mapping: reference 7.6. */
int netfs_page_mkwrite(struct file *file, struct folio *folio)
{
	struct client *c = inode_client(file->f_inode);
	struct netfs_group *group;
	int ret = netfs_mkwrite_lock(c, folio);

	if (ret < 0)
		return ret;
	group = netfs_write_group(file->f_inode);
	ret = netfs_mkwrite_folio(file, folio, group);
	netfs_put_group(group);
	return ret;
}
