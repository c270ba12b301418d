/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Unbuffered and direct reads and writes: straight between the caller's pages and the server.
 *
 * Mirrors: fs/netfs/direct_read.c, fs/netfs/direct_write.c (6.8). Reference 6.2-6.4.
 */
#include "model/netfs/v6_8/internal.h"

/* Describe the caller's pages for a request and take them from its iterator. */
static void netfs_extract_user_iter(struct iov_iter *from, uint64_t len, struct iov_iter *to)
{
	*to = *from;
	to->kind = ITER_BVEC;
	iov_iter_truncate(to, len);
	iov_iter_advance(from, len);
}

static int64_t netfs_unbuffered_read_iter_locked(struct kiocb *iocb, struct iov_iter *iter)
{
	struct address_space *mapping = &iocb->ki_filp->f_inode->i_data;
	uint64_t orig = iter->count;
	struct netfs_io_request *rreq;
	bool async = !is_sync_kiocb(iocb);
	int64_t ret;
	int err;

	err = filemap_write_and_wait_range(mapping, iocb->ki_pos, iocb->ki_pos + orig - 1);
	if (err < 0)
		return err;
	file_accessed(iocb->ki_filp);
	rreq = netfs_alloc_request(mapping, iocb->ki_filp, iocb->ki_pos, orig, NETFS_DIO_READ,
				   &err);
	if (!rreq)
		return err;
	rreq->client->stats.dio_read++;
	trace_netfs_read(rreq_trace(rreq), rreq->debug_id, 0, rreq->start, rreq->len,
			 netfs_read_trace_dio_read, (uint32_t)rreq->inode->i_ino);
	netfs_extract_user_iter(iter, orig, &rreq->iter);
	if (async)
		rreq->iocb = iocb;

	err = netfs_begin_read(rreq, !async);
	if (err == -EIOCBQUEUED) {
		ret = err;
	} else if (err < 0) {
		ret = err;
	} else {
		ret = (int64_t)rreq->transferred;
		iocb->ki_pos += rreq->transferred;
	}
	if (ret != -EIOCBQUEUED)
		iov_iter_revert(iter, orig - (ret > 0 ? (uint64_t)ret : 0));
	netfs_put_request(rreq, false, netfs_rreq_trace_put_return);
	return ret;
}

int64_t netfs_unbuffered_read_iter(struct kiocb *iocb, struct iov_iter *iter)
{
	struct inode *inode = iocb->ki_filp->f_inode;
	int64_t ret;

	if (!iter->count)
		return 0;
	if (iocb->ki_flags & IOCB_DIRECT && netfs_inode(inode)->crypto_block &&
	    (iocb->ki_pos | iter->count) & (netfs_inode(inode)->crypto_block - 1))
		return -EINVAL;
	ret = netfs_start_io_direct(inode);
	if (ret < 0)
		return ret;
	ret = netfs_unbuffered_read_iter_locked(iocb, iter);
	netfs_end_io_direct(inode);
	return ret;
}

/* The size grows in the completion: by the length asked for, also of a short write. */
static void netfs_cleanup_dio_write(struct netfs_io_request *wreq)
{
	struct inode *inode = wreq->inode;
	uint64_t end = wreq->start + wreq->transferred;

	if (bug(wreq->client, BUG_SHORT_DIO_WRITE_SIZE))
		end = wreq->start + wreq->len;
	if (wreq->error || inode->i_size >= end)
		return;
	pagecache_isize_extended(inode, inode->i_size, wreq->start);
	if (wreq->netfs_ops->update_i_size)
		wreq->netfs_ops->update_i_size(inode, end);
	else
		netfs_set_i_size(inode, end);
}

/* One request for len bytes. async: the caller hears of its end by the kiocb. */
static int64_t netfs_unbuffered_write(struct kiocb *iocb, struct iov_iter *iter, uint64_t len,
				      bool async)
{
	struct file *file = iocb->ki_filp;
	bool direct = iocb->ki_flags & IOCB_DIRECT;
	struct netfs_io_request *wreq;
	int64_t ret;
	int err;

	wreq = netfs_alloc_request(&file->f_inode->i_data, file, iocb->ki_pos, len,
				   direct ? NETFS_DIO_WRITE : NETFS_UNBUFFERED_WRITE, &err);
	if (!wreq)
		return err;
	wreq->client->stats.dio_write++;
	netfs_extract_user_iter(iter, len, &wreq->iter);
	wreq->flags |= NETFS_RREQ_UPLOAD_TO_SERVER;
	wreq->cleanup = netfs_cleanup_dio_write;
	if (async)
		wreq->iocb = iocb;
	err = netfs_read_modify_write(wreq);
	if (err < 0) {
		netfs_put_request(wreq, false, netfs_rreq_trace_put_return);
		return err;
	}
	err = netfs_begin_write(wreq, !async,
				direct ? netfs_write_trace_dio_write
				       : netfs_write_trace_unbuffered_write);
	if (async) {
		ret = -EIOCBQUEUED;
	} else {
		netfs_trace_rreq(wreq, netfs_rreq_trace_wait_ip);
		netfs_wait_in_progress(wreq);
		ret = err ? err : (int64_t)wreq->transferred;
		if (ret > 0) {
			iocb->ki_pos += (uint64_t)ret;
			MODEL_HOOK(wreq->client->model, write_stored, file, iocb);
		}
	}
	netfs_put_request(wreq, false, netfs_rreq_trace_put_return);
	return ret;
}

/*
 * The same for blocks that are changed in part: piece by piece, each of which is read and written
 * again while somebody else changes it between the two.
 */
static int64_t netfs_rmw_write(struct kiocb *iocb, struct iov_iter *iter)
{
	const struct inode *inode = iocb->ki_filp->f_inode;
	const struct netfs_request_ops *ops = netfs_inode(iocb->ki_filp->f_inode)->ops;
	uint64_t done = 0, len;
	int64_t ret = 0;

	do {
		struct iov_iter saved = *iter;

		len = sim_min(iter->count, ops->rmw_len(inode, iocb->ki_pos));
		ret = netfs_unbuffered_write(iocb, iter, len, false);
		if (ret == -ERANGE)
			*iter = saved;
		else if (ret > 0)
			done += (uint64_t)ret;
	} while (ret == -ERANGE || (ret == (int64_t)len && iter->count));
	return done ? (int64_t)done : ret;
}

static int64_t netfs_unbuffered_write_iter_locked(struct kiocb *iocb, struct iov_iter *iter)
{
	if (netfs_must_read_first(iocb->ki_filp->f_inode, iocb->ki_pos, iter->count))
		return netfs_rmw_write(iocb, iter);
	return netfs_unbuffered_write(iocb, iter, iter->count, !is_sync_kiocb(iocb));
}

/* Called with the lock of direct I/O held. */
static int64_t netfs_invalidate_and_write(struct kiocb *iocb, struct iov_iter *from)
{
	struct file *file = iocb->ki_filp;
	struct inode *inode = file->f_inode;
	struct netfs_inode *ictx = netfs_inode(inode);
	struct client *c = inode_client(inode);
	bool exclusive;
	uint64_t end;
	int64_t ret;

	if (iocb->ki_flags & IOCB_APPEND)
		iocb->ki_pos = inode->i_size;
	MODEL_HOOK(c->model, write_placed, file, iocb, iocb->ki_pos);
	ret = netfs_start_block_write(iocb, from->count, &exclusive);
	if (ret < 0)
		return ret;
	file_update_time(file);
	end = iocb->ki_pos + from->count;

	ret = filemap_write_and_wait_range(&inode->i_data, iocb->ki_pos, end - 1);
	if (ret == 0 && inode->i_data.nrpages)
		ret = invalidate_inode_pages2_range(&inode->i_data, iocb->ki_pos >> PAGE_SHIFT,
						    (end - 1) >> PAGE_SHIFT);
	if (ret == 0) {
		if (ictx->zero_point != UINT64_MAX && end > ictx->zero_point)
			netfs_set_zero_point(ictx, end, ZERO_POINT_DIRECT_WRITE);
		fscache_invalidate(ictx->cache, NULL, inode->i_size, FSCACHE_INVAL_DIO_WRITE);
		ret = netfs_unbuffered_write_iter_locked(iocb, from);
	}
	netfs_end_block_write(inode, exclusive);
	return ret;
}

int64_t netfs_unbuffered_write_iter(struct kiocb *iocb, struct iov_iter *from)
{
	struct inode *inode = iocb->ki_filp->f_inode;
	struct client *c = inode_client(inode);
	bool alone = iocb->ki_flags & IOCB_APPEND && !bug(c, BUG_APPEND_SHARES_OFFSET);
	int64_t ret;

	if (!from->count)
		return 0;
	trace_netfs_write_iter(c->w->trace, iocb->ki_pos, from->count, iocb->ki_flags);
	ret = alone ? netfs_start_io_append(inode) : netfs_start_io_direct(inode);
	if (ret < 0)
		return ret;
	ret = netfs_invalidate_and_write(iocb, from);
	if (alone)
		netfs_end_io_append(inode);
	else
		netfs_end_io_direct(inode);
	return ret;
}
