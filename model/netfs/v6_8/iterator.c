/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How much of a buffer one message can carry: by bytes and by segments of memory.
 *
 * Mirrors: fs/netfs/iterator.c netfs_limit_iter (6.8). Reference 3.6 step 3e.
 */
#include "model/netfs/v6_8/internal.h"

/* A page of a task is a segment, whatever lies beside it. */
static uint64_t netfs_limit_user_pages(const struct iov_iter *iter, uint64_t offset,
				       uint64_t max_size, uint32_t max_segs)
{
	uint64_t in_page = (iter->page_misalign + iter->iov_offset + offset) & (PAGE_SIZE - 1);

	return sim_min(max_size, max_segs * PAGE_SIZE - in_page);
}

/* A stretch of a folio is a segment, and so is each page that swallows what nobody wants. */
static uint64_t netfs_limit_bvec(const struct iov_iter *iter, uint64_t offset, uint64_t max_size,
				 uint32_t max_segs)
{
	uint64_t skip = iter->iov_offset + offset, span = 0;

	for (uint32_t i = 0; i < iter->nr_segs && span < max_size && max_segs; i++) {
		const struct iov_seg *seg = iter->seg + i;
		uint64_t at = sim_min(skip, seg->len);

		skip -= at;
		while (at < seg->len && span < max_size && max_segs) {
			uint64_t end = seg->map ? seg->len : sim_round_up(at + 1, PAGE_SIZE);

			end = sim_min(end, seg->len);
			span += end - at;
			at = end;
			max_segs--;
		}
	}
	return sim_min(span, max_size);
}

/*
 * A folio is a segment, however large. K31: the released kernel measures every folio from the first
 * position, as if that lay in it.
 */
static uint64_t netfs_limit_xarray(const struct netfs_io_request *rreq, const struct iov_iter *iter,
				   uint64_t offset, uint64_t max_size, uint32_t max_segs)
{
	bool stale = bug(rreq->client, BUG_LIMIT_ITER_STALE_POSITION);
	uint64_t first = iter->seg[0].off + iter->iov_offset;
	uint64_t pos = stale ? first : first + offset, span = 0;

	while (span < max_size && max_segs--) {
		const struct folio *folio = filemap_lookup(rreq->mapping, pos >> PAGE_SHIFT);
		uint64_t size = folio ? folio_size(folio) : PAGE_SIZE;

		span += size - ((stale ? first : pos) & (size - 1));
		pos = sim_round_down(pos, size) + size;
	}
	return sim_min(span, max_size);
}

uint64_t netfs_limit_iter(const struct netfs_io_request *rreq, const struct iov_iter *iter,
			  uint64_t offset, uint64_t max_size, uint32_t max_segs)
{
	max_size = sim_min(max_size, iter->count - offset);
	if (iter->kind == ITER_XARRAY)
		return netfs_limit_xarray(rreq, iter, offset, max_size, max_segs);
	if (rreq->origin == NETFS_DIO_READ || rreq->origin == NETFS_DIO_WRITE ||
	    rreq->origin == NETFS_UNBUFFERED_WRITE)
		return netfs_limit_user_pages(iter, offset, max_size, max_segs);
	return netfs_limit_bvec(iter, offset, max_size, max_segs);
}
