/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where data come from or go to: segments of content maps with a position.
 *
 * Mirrors: lib/iov_iter.c (6.8).
 */
#include <assert.h>

#include "model/vfs/fs.h"
#include "sim/base/math.h"

void iov_iter_init(struct iov_iter *i, enum iter_kind kind, struct content_map *map, uint64_t off,
		   uint64_t len)
{
	i->kind = kind;
	i->nr_segs = i->page_misalign = 0;
	i->iov_offset = i->count = 0;
	iov_iter_add_seg(i, map, off, len);
}

void iov_iter_add_seg(struct iov_iter *i, struct content_map *map, uint64_t off, uint64_t len)
{
	if (!len)
		return;
	assert(i->nr_segs < ITER_MAX_SEGS);
	i->seg[i->nr_segs++] = (struct iov_seg){.map = map, .off = off, .len = len};
	i->count += len;
}

/* As the kernel's: moving beyond the end moves to the end. */
void iov_iter_advance(struct iov_iter *i, uint64_t len)
{
	len = sim_min(len, i->count);
	i->iov_offset += len;
	i->count -= len;
}

void iov_iter_revert(struct iov_iter *i, uint64_t len)
{
	assert(len <= i->iov_offset);
	i->iov_offset -= len;
	i->count += len;
}

/* What the position is in: at most len bytes of one segment. count must not be 0. */
static struct iov_seg iter_piece(const struct iov_iter *i, uint64_t len)
{
	uint64_t skip = i->iov_offset;
	const struct iov_seg *seg = i->seg;

	while (skip >= seg->len) {
		skip -= seg->len;
		seg++;
		assert(seg < i->seg + i->nr_segs);
	}
	return (struct iov_seg){
		.map = seg->map, .off = seg->off + skip, .len = sim_min(len, seg->len - skip)};
}

void copy_to_iter(struct iov_iter *i, const struct content_map *src, uint64_t off, uint64_t len)
{
	assert(len <= i->count);
	for (uint64_t done = 0; done < len;) {
		struct iov_seg piece = iter_piece(i, len - done);

		if (piece.map)
			content_copy(piece.map, piece.off, src, off + done, piece.len);
		iov_iter_advance(i, piece.len);
		done += piece.len;
	}
}

/* A sink has no bytes to give: it must not be copied from. */
void copy_from_iter(struct iov_iter *i, struct content_map *dst, uint64_t off, uint64_t len)
{
	assert(len <= i->count);
	for (uint64_t done = 0; done < len;) {
		struct iov_seg piece = iter_piece(i, len - done);

		assert(piece.map);
		content_copy(dst, off + done, piece.map, piece.off, piece.len);
		iov_iter_advance(i, piece.len);
		done += piece.len;
	}
}

void iov_iter_zero(struct iov_iter *i, uint64_t len)
{
	assert(len <= i->count);
	for (uint64_t done = 0; done < len;) {
		struct iov_seg piece = iter_piece(i, len - done);

		if (piece.map)
			content_set_zero(piece.map, piece.off, piece.len);
		iov_iter_advance(i, piece.len);
		done += piece.len;
	}
}

/*
 * Pinned pages are one segment each, so a message of zero-copy transport carries what is left of
 * the page at the position (reference recorded C7). The segments of a buffer follow each other in
 * memory. Other kinds are one segment.
 */
uint64_t iov_iter_single_seg_count(const struct iov_iter *i)
{
	uint64_t in_page = (i->page_misalign + i->iov_offset) & (PAGE_SIZE - 1);

	if (i->kind != ITER_BVEC)
		return i->count;
	return sim_min(i->count, PAGE_SIZE - in_page);
}
