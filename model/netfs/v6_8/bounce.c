/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The bounce buffer: where contents are encrypted and decrypted, in whole blocks, so that what the
 * caller or the page cache has is never changed. It may be larger than the target.
 *
 * Mirrors: no kernel file; feature 4 of the cover letter, whose patches were deferred. The read
 * side follows what the series had of it before (reference 6.4), the conditions of a
 * read-modify-write are those of fs/ceph/file.c ceph_sync_write (6.8).
 */
#include "model/netfs/v6_8/internal.h"

uint64_t netfs_crypto_block(const struct netfs_io_request *rreq)
{
	return netfs_inode(rreq->inode)->crypto_block;
}

/* So many bytes went through the cipher. */
static void netfs_crypto_cost(const struct netfs_io_request *rreq, uint64_t len)
{
	sim_cpu(rreq->client->w,
		rreq->client->model->costs.crypt_page_ns * ((len + PAGE_SIZE - 1) >> PAGE_SHIFT));
}

/* I/O of the request is for [start, start + len), in whole blocks, through its bounce buffer. */
static void netfs_bounce(struct netfs_io_request *rreq, uint64_t start, uint64_t len)
{
	uint64_t block = netfs_crypto_block(rreq);

	rreq->io_start = sim_round_down(start, block);
	rreq->io_len = sim_round_up(start + len, block) - rreq->io_start;
	if (!rreq->bounced)
		content_map_init(&rreq->bounce, rreq->client->model->content);
	rreq->bounced = true;
	iov_iter_init(&rreq->io_iter, rreq->iter.kind == ITER_XARRAY ? ITER_XARRAY : ITER_BVEC,
		      &rreq->bounce, rreq->io_start, rreq->io_len);
}

void netfs_set_up_read_buffer(struct netfs_io_request *rreq)
{
	rreq->io_start = rreq->start;
	rreq->io_len = rreq->len;
	rreq->io_iter = rreq->iter;
	if (netfs_crypto_block(rreq))
		netfs_bounce(rreq, rreq->start, rreq->len);
}

void netfs_decrypt_read(struct netfs_io_request *rreq, uint64_t got)
{
	uint64_t len = rreq->origin == NETFS_DIO_READ ? rreq->transferred : rreq->len;

	if (!rreq->bounced || rreq->flags & NETFS_RREQ_FAILED)
		return;
	got = sim_round_down(got, netfs_crypto_block(rreq));
	content_decrypt(&rreq->bounce, rreq->io_start, got, rreq->io_start,
			netfs_crypto_block(rreq), rreq->inode->i_ino);
	netfs_crypto_cost(rreq, got);
	copy_to_iter(&rreq->iter, &rreq->bounce, rreq->start, len);
}

/* What the padding of the request leaves of so many bytes that were moved. */
uint64_t netfs_less_padding(const struct netfs_io_request *rreq, uint64_t moved)
{
	uint64_t front = rreq->start - rreq->io_start;

	if (!rreq->bounced)
		return moved;
	return moved > front ? sim_min(moved - front, rreq->len) : 0;
}

/* Where the file will end when the request is written. */
static uint64_t netfs_plain_end(const struct netfs_io_request *wreq)
{
	uint64_t end = wreq->inode->i_size;

	if (wreq->origin == NETFS_DIO_WRITE || wreq->origin == NETFS_UNBUFFERED_WRITE)
		end = sim_max(end, wreq->start + wreq->len);
	return end;
}

void netfs_encrypt(struct netfs_io_request *wreq, uint64_t start, uint64_t len)
{
	struct model *model = wreq->client->model;
	const struct iov_seg *seg = &wreq->iter.seg[0];
	struct content_map *map = &wreq->bounce;
	struct iov_iter from = wreq->iter;
	uint64_t off = seg->off + wreq->iter.iov_offset;

	wreq->io_start = start;
	wreq->io_len = len;
	wreq->io_iter = wreq->iter;
	if (!netfs_crypto_block(wreq))
		return;
	MODEL_HOOK(model, encrypt, wreq, seg->map, off, len, true);
	netfs_bounce(wreq, start, len);
	wreq->plain_end = netfs_plain_end(wreq);
	if (from.kind == ITER_XARRAY || seg->map == &wreq->mapping->data) {
		/* Whole blocks of the page cache, which is valid there. */
		content_copy(map, wreq->io_start, seg->map, wreq->io_start, wreq->io_len);
	} else {
		copy_from_iter(&from, map, start, len);
	}
	if (wreq->io_start + wreq->io_len > wreq->plain_end)
		content_set_zero(map, wreq->plain_end,
				 wreq->io_start + wreq->io_len - wreq->plain_end);
	content_encrypt(map, wreq->io_start, wreq->io_len, wreq->io_start, netfs_crypto_block(wreq),
			wreq->inode->i_ino);
	netfs_crypto_cost(wreq, wreq->io_len);
	/* In place: who has the source open reads the ciphertext from now on. */
	if (!model->design.bounce_buffer)
		content_copy(seg->map, off, map, start, len);
	MODEL_HOOK(model, encrypt, wreq, seg->map, off, len, false);
}

/* ---- read-modify-write of unbuffered writes ---- */

static int netfs_read_block(struct netfs_io_request *wreq, uint64_t pos)
{
	uint64_t block = netfs_crypto_block(wreq);
	struct netfs_io_request *rreq;
	int err;

	rreq = netfs_alloc_request(wreq->mapping, wreq->file, pos, block, NETFS_DIO_READ, &err);
	if (!rreq)
		return err;
	/* Others may have made the file longer. */
	rreq->i_size = sim_max(rreq->i_size, pos + block);
	iov_iter_init(&rreq->iter, ITER_BVEC, &wreq->bounce, pos, block);
	err = netfs_begin_read(rreq, true);
	if (!wreq->version && wreq->client->model->design.crypto_assert_version)
		wreq->version = rreq->version;
	netfs_put_request(rreq, false, netfs_rreq_trace_put_return);
	return err < 0 ? err : 0;
}

bool netfs_must_read_first(const struct inode *inode, uint64_t start, uint64_t len)
{
	uint64_t block = netfs_inode((struct inode *)(uintptr_t)inode)->crypto_block;

	return block && (start | len) & (block - 1);
}

int netfs_read_modify_write(struct netfs_io_request *wreq)
{
	uint64_t block = netfs_crypto_block(wreq);
	uint64_t end = wreq->start + wreq->len, last;
	int ret = 0;

	if (!netfs_must_read_first(wreq->inode, wreq->start, wreq->len))
		return 0;
	netfs_bounce(wreq, wreq->start, wreq->len);
	last = wreq->io_start + wreq->io_len - block;
	if (wreq->start != wreq->io_start)
		ret = netfs_read_block(wreq, wreq->io_start);
	if (!ret && end != last + block &&
	    (last != wreq->io_start || wreq->start == wreq->io_start))
		ret = netfs_read_block(wreq, last);
	return ret;
}

/* Writes that read blocks first keep others away from them meanwhile. */
int netfs_start_block_write(const struct kiocb *iocb, uint64_t len, bool *exclusive)
{
	struct netfs_inode *ctx = netfs_inode(iocb->ki_filp->f_inode);
	struct sim_world *w = inode_client(&ctx->inode)->w;

	*exclusive = netfs_must_read_first(&ctx->inode, iocb->ki_pos, len);
	if (!ctx->crypto_block)
		return 0;
	if (*exclusive && iocb->ki_flags & IOCB_DIRECT)
		return -EINVAL;
	if (*exclusive)
		return sim_down_write(w, &ctx->rmw_lock, SIM_WAIT_KILLABLE, SITE_RMW_LOCK);
	return sim_down_read(w, &ctx->rmw_lock, SIM_WAIT_KILLABLE, SITE_RMW_LOCK);
}

void netfs_end_block_write(struct inode *inode, bool exclusive)
{
	struct netfs_inode *ctx = netfs_inode(inode);
	struct sim_world *w = inode_client(inode)->w;

	if (!ctx->crypto_block)
		return;
	if (exclusive)
		sim_up_write(w, &ctx->rmw_lock);
	else
		sim_up_read(w, &ctx->rmw_lock);
}
