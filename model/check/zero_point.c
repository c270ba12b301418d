/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rules about the zero point: what it may hide (I16), how it moves (I17), who relies on it (I18).
 *
 * Mirrors: no kernel file; reference 7.1, 12.
 */
#include "model/check/private.h"
#include "sim/base/math.h"

/* ---- I16 ---- */

static bool folio_holds(const struct folio *f)
{
	const uint32_t valid = 1u << PG_uptodate | 1u << PG_dirty | 1u << PG_writeback;

	return f->flags & valid || folio_is_streaming(f);
}

/* The first byte of [start, end) that the page cache does not hold, or end. */
static uint64_t first_unheld(const struct check_inode *ci, uint64_t start, uint64_t end)
{
	while (start < end) {
		struct folio *f = filemap_lookup(&ci->inode->i_data, start >> PAGE_SHIFT);

		if (!f || !folio_holds(f))
			return start;
		start = folio_pos(f) + folio_size(f);
	}
	return end;
}

void check_unheld_above(struct check *c, struct check_inode *ci, uint64_t start, uint64_t end)
{
	const struct server_file *remote = ci->inode->remote;
	uint64_t pos, n;

	content_for_each (e, &remote->data, start, end) {
		if (e.val.kind <= CONTENT_ZERO)
			continue;
		pos = first_unheld(ci, e.off, e.off + e.len);
		while (pos < e.off + e.len &&
		       ((n = shadow_also(ci, &remote->data, pos, pos, e.off + e.len - pos)) ||
			(n = coherence_theirs(ci, pos, e.off + e.len - pos))))
			pos = first_unheld(ci, pos + n, e.off + e.len);
		if (pos >= e.off + e.len || pos >= ci->trunc_to)
			continue;
		check_fail_byte(c, CHECK_ZERO_POINT_COVERS, ci->inode, pos,
				"server, above the zero point and not cached here,",
				content_get(&remote->data, pos), content_zero());
		return;
	}
}

void check_i_size(struct check *c, struct inode *inode, uint64_t old_size, uint64_t new_size)
{
	struct check_inode *ci = check_inode_of(c, inode);

	sim_list_for_each (o, &ci->observers, struct observer, entry)
		o->max_size = sim_max(o->max_size, new_size);
	if (new_size <= old_size)
		return;
	check_unheld(c, ci, old_size, new_size);
	/* What was behind the end in its page is part of the file now. */
	if (old_size % PAGE_SIZE)
		check_runs_add(c, &c->filled, ci, old_size,
			       sim_min(new_size, sim_round_up(old_size, PAGE_SIZE)));
	check_cache_changed(c, ci, old_size, new_size);
}

/* ---- I17 ---- */

void check_zero_point(struct check *c, struct inode *inode, uint64_t old_zp, uint64_t new_zp,
		      enum zero_point_move why)
{
	static const struct {
		const char *text;
		bool may_fall, may_rise;
	} moves[] = {
		[ZERO_POINT_RESIZE] = {"resize", true, false},
		[ZERO_POINT_REMOTE_CHANGE] = {"remote change", true, true},
		[ZERO_POINT_DIRECT_WRITE] = {"direct write", false, true},
		[ZERO_POINT_RELEASE_FOLIO] = {"release_folio", false, true},
		[ZERO_POINT_CLEAR_S] = {"clear-s", false, true},
		[ZERO_POINT_INSERT_RANGE] = {"insert range", false, true},
	};

	if (!(new_zp < old_zp ? moves[why].may_fall : moves[why].may_rise))
		check_fail_file(c, CHECK_ZERO_POINT_MOVES, inode, new_zp,
				"the zero point %s from 0x%llx to 0x%llx by %s",
				new_zp < old_zp ? "falls" : "rises", (unsigned long long)old_zp,
				(unsigned long long)new_zp, moves[why].text);
	if (new_zp < old_zp)
		check_unheld(c, check_inode_of(c, inode), new_zp, old_zp);
}

/* ---- I18 ---- */

void check_zero_read(struct check *c, struct netfs_io_subrequest *sreq)
{
	const struct netfs_io_request *rreq = sreq->rreq;
	uint64_t zp = netfs_inode(rreq->inode)->zero_point;

	if (sreq->source == NETFS_FILL_WITH_ZEROES && sreq->start < zp &&
	    sreq->start < rreq->i_size)
		check_fail_request(c, CHECK_ZERO_READ, rreq,
				   "[%u] zeroes 0x%llx, below the zero point 0x%llx and the end "
				   "0x%llx",
				   sreq->debug_index, (unsigned long long)sreq->start,
				   (unsigned long long)zp, (unsigned long long)rreq->i_size);
}
