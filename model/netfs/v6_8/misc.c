/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Address space operations that are neither reads nor writes: dirtying, invalidation, release, and
 * the streaming record of a folio.
 *
 * Mirrors: fs/netfs/misc.c (6.8). Reference 5.1, 7.4, 7.5.
 */
#include "model/netfs/v6_8/internal.h"

struct netfs_folio *netfs_alloc_folio_info(struct client *c)
{
	return sim_pool_get(&c->finfos);
}

void netfs_free_folio_info(struct client *c, struct netfs_folio *finfo)
{
	sim_pool_put(&c->finfos, finfo);
}

void netfs_group_add_folio(struct netfs_group *group)
{
	if (group) {
		group->nr_folios++;
		netfs_get_group(group);
	}
}

void netfs_group_drop_folio(struct netfs_group *group)
{
	if (group) {
		group->nr_folios--;
		netfs_put_group(group);
	}
}

void netfs_drop_folio_info(struct folio *folio, struct netfs_folio *finfo)
{
	if (finfo->netfs_group)
		folio_change_private(folio, finfo->netfs_group);
	else
		folio_detach_private(folio);
	netfs_free_folio_info(folio_client(folio), finfo);
}

bool netfs_dirty_folio(struct address_space *mapping, struct folio *folio)
{
	struct inode *inode = mapping->host;
	struct fscache_cookie *cookie = netfs_inode(inode)->cache;

	if (!filemap_dirty_folio(mapping, folio))
		return false;
	/* The cookie stays in use until everything is written back. */
	if (cookie && !(inode->i_state & I_PINNING_NETFS_WB)) {
		inode->i_state |= I_PINNING_NETFS_WB;
		fscache_use_cookie(cookie, true);
	}
	return true;
}

/* Everything that private stands for is gone: the folio is not valid any more. */
static void netfs_erase_private(struct folio *folio, struct netfs_folio *finfo)
{
	struct netfs_group *group = netfs_folio_group(folio);
	struct client *c = folio_client(folio);

	folio_detach_private(folio);
	folio_clear_uptodate(folio);
	netfs_group_drop_folio(group);
	if (finfo)
		netfs_free_folio_info(c, finfo);
}

/*
 * [offset, iend) of the folio is dropped; the record overlaps it. Reference 7.4. K3: the released
 * kernel keeps what is dropped, and drops what is to stay.
 */
static void netfs_trim_folio_info(struct folio *folio, struct netfs_folio *finfo, uint64_t offset,
				  uint64_t iend)
{
	uint64_t fstart = finfo->dirty_offset, fend = fstart + finfo->dirty_len;
	bool front = offset <= fstart, tail = iend >= fend;

	if (bug(folio_client(folio), BUG_INVAL_TRIM_CASES_SWAPPED)) {
		if (front) {
			finfo->dirty_len = iend - fstart;
		} else if (tail) {
			finfo->dirty_offset = offset;
			finfo->dirty_len = fend - offset;
		}
		return;
	}
	if (front) {
		finfo->dirty_offset = iend;
		finfo->dirty_len = fend - iend;
	} else if (tail) {
		finfo->dirty_len = offset - fstart;
	}
	/* A hole strictly inside: the record stays, its bytes there are zero already. */
}

void netfs_invalidate_folio(struct folio *folio, uint64_t offset, uint64_t length)
{
	uint64_t flen = folio_size(folio), iend = offset + length;
	struct netfs_folio *finfo;

	folio_wait_fscache(folio);
	if (!folio_test_private(folio))
		return;
	finfo = netfs_folio_info(folio);
	if (offset == 0 && length >= flen) {
		netfs_erase_private(folio, finfo);
		return;
	}
	if (!finfo)
		return;
	if (iend <= finfo->dirty_offset || offset >= finfo->dirty_offset + finfo->dirty_len)
		return;
	if (offset <= finfo->dirty_offset && iend >= finfo->dirty_offset + finfo->dirty_len) {
		netfs_erase_private(folio, finfo);
		/* Nothing in the folio is valid any more, so there is nothing to write. */
		folio_cancel_dirty(folio);
		return;
	}
	netfs_trim_folio_info(folio, finfo, offset, iend);
	MODEL_HOOK(folio_client(folio)->model, folio, folio);
}

bool netfs_release_folio(struct folio *folio, unsigned gfp)
{
	struct netfs_inode *ctx = netfs_inode(folio->mapping->host);
	uint64_t end = folio_pos(folio) + folio_size(folio);

	if (ctx->zero_point != UINT64_MAX && end > ctx->zero_point)
		netfs_set_zero_point(ctx, end, ZERO_POINT_RELEASE_FOLIO);
	if (folio_test_private(folio))
		return false;
	if (folio_test_fscache(folio)) {
		if (gfp & GFP_KSWAPD_)
			return false;
		folio_wait_fscache(folio);
	}
	fscache_note_page_release(ctx->cache);
	return true;
}
