/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rules about bytes: what reads return (I11, I13), what the server must have (I10), what may be
 * uploaded (I12).
 *
 * Mirrors: no kernel file; reference 12.
 */
#include "model/check/private.h"
#include "sim/base/math.h"

/* ---- I11, I13: what a read returns ---- */

void check_read_start(struct check *c, struct file *file, const void *io, uint64_t pos,
		      uint64_t len, bool mapped)
{
	struct check_inode *ci = check_inode_of(c, file->f_inode);
	bool up_to_date = coherence_read(c, ci, file, mapped);
	struct observer *o = shadow_observe(c, ci, io, false);

	o->up_to_date = up_to_date;
	o->mapped = mapped;
}

/* A byte that nobody wrote is a matter of holes, any other one of reads. */
static void wrong_byte_read(struct check *c, struct check_inode *ci, uint64_t byte,
			    struct content_val got)
{
	struct content_val expected = content_get(&ci->expected, byte);

	check_fail_byte(c, expected.kind == CONTENT_HOLE ? CHECK_HOLE_READS_ZERO : CHECK_READ_VALUE,
			ci->inode, byte, "read", got, expected);
}

/*
 * Whether a read has what it may have. Loads through a map are not kept from direct writes, which
 * drop the pages again when they end: until then the old bytes are legal.
 */
static bool read_is_legal(struct check *c, struct check_inode *ci, const struct observer *o,
			  const struct content_map *buf, uint64_t off, uint64_t pos, uint64_t len,
			  uint64_t *bad)
{
	uint64_t end = pos + len;

	while (!shadow_readable(c, ci, o, !o->up_to_date, buf, off, pos, end - pos, bad)) {
		uint64_t n = o->mapped ? shadow_live(ci, true, *bad, end - *bad) : 0;

		if (!n)
			return false;
		off += *bad + n - pos;
		pos = *bad + n;
		if (pos >= end)
			break;
	}
	return true;
}

void check_read_end(struct check *c, struct file *file, const void *io, uint64_t pos, int64_t done,
		    const struct content_map *buf, uint64_t buf_off)
{
	struct check_inode *ci = check_inode_of(c, file->f_inode);
	struct observer *o = shadow_observer(ci, io, false);
	uint64_t bad;

	if (!o)
		return;
	if (done > 0) {
		uint64_t len = (uint64_t)done;

		if (pos + len > o->max_size)
			check_fail_file(c, CHECK_READ_VALUE, file->f_inode, o->max_size,
					"a read of [0x%llx, +0x%llx) goes beyond the end 0x%llx",
					(unsigned long long)pos, (unsigned long long)len,
					(unsigned long long)o->max_size);
		else if (!read_is_legal(c, ci, o, buf, buf_off, pos, len, &bad))
			wrong_byte_read(c, ci, bad, content_get(buf, buf_off + (bad - pos)));
	}
	shadow_observer_drop(c, ci, o);
}

/* ---- I10: what the server has ---- */

static bool check_durable(struct check *c, struct check_inode *ci, uint64_t since, uint64_t start,
			  uint64_t end)
{
	const struct server_file *remote = ci->inode->remote;
	uint64_t bad;

	end = sim_min(end, ci->inode->i_size);
	if (start >= end || shadow_durable(c, ci, since, start, end - start, &bad))
		return true;
	check_fail_byte(c, CHECK_DURABLE, ci->inode, bad, "server", content_get(&remote->data, bad),
			content_get(&ci->expected, bad));
	return false;
}

/* The end of the file is not before what was written: nobody would ever upload that. */
static void check_not_cut(struct check *c, const struct check_inode *ci)
{
	uint64_t end = ci->inode->i_size;
	struct content_ext e;

	if (ci->foreign_size || ci->mmapped || ci->trunc_to != NO_OFFSET ||
	    !sim_list_empty(&ci->writes))
		return;
	if (content_next(&ci->expected, end, CONTENT_END, &e) &&
	    (e.val.kind != CONTENT_HOLE ||
	     content_next(&ci->expected, end + e.len, CONTENT_END, &e)))
		check_fail_file(c, CHECK_DURABLE, ci->inode, end,
				"the file ends at 0x%llx, before bytes that were written",
				(unsigned long long)end);
}

void check_fsync_start(struct check *c, struct file *file, uint64_t start, uint64_t end)
{
	shadow_observe(c, check_inode_of(c, file->f_inode), c->w->current, true);
}

void check_fsync_done(struct check *c, struct file *file, uint64_t start, uint64_t end, int ret)
{
	struct check_inode *ci = check_inode_of(c, file->f_inode);
	struct observer *o = shadow_observer(ci, c->w->current, true);
	bool all;

	if (!o)
		return;
	if (ret == 0 && check_has_remote(ci)) {
		check_not_cut(c, ci);
		/* Only what was written since the last time can be amiss. */
		all = start <= ci->dirty_lo && end >= ci->dirty_hi - (ci->dirty_hi > 0);
		start = sim_max(start, ci->dirty_lo);
		end = sim_min(sim_add_sat(end, 1), ci->dirty_hi);
		if (check_durable(c, ci, o->order, start, end) && all &&
		    sim_list_empty(&ci->writes) && sim_list_empty(&ci->past)) {
			ci->dirty_lo = NO_OFFSET;
			ci->dirty_hi = 0;
		}
	}
	shadow_observer_drop(c, ci, o);
}

void check_promised(struct check *c, struct check_inode *ci, uint64_t pos, uint64_t len, bool alone)
{
	if (alone && check_has_remote(ci))
		check_durable(c, ci, UINT64_MAX, pos, pos + len);
}

uint64_t check_unwritten(const struct check_inode *ci, uint64_t pos)
{
	struct folio *f = filemap_lookup(&ci->inode->i_data, pos >> PAGE_SHIFT);

	if (!f || !(folio_test_dirty(f) || folio_test_writeback(f)))
		return 0;
	return folio_pos(f) + folio_size(f) - pos;
}

static void check_settled_size(struct check *c, const struct check_inode *ci)
{
	const struct inode *inode = ci->inode;
	struct content_ext e;

	if (ci->foreign_size || inode->remote->size == inode->i_size || inode->i_data.nr_dirty)
		return;
	/* What a failed write was to add is not there. */
	if (inode->i_size && content_next(&ci->also, inode->i_size - 1, inode->i_size, &e) &&
	    e.val.kind == CONTENT_JUNK)
		return;
	check_fail_file(c, CHECK_DURABLE, inode, inode->i_size,
			"the file is 0x%llx bytes long here and 0x%llx on the server",
			(unsigned long long)inode->i_size, (unsigned long long)inode->remote->size);
}

void check_settled_file(struct check *c, struct check_inode *ci)
{
	const struct inode *inode = ci->inode;
	uint64_t pos = 0, bad, n;

	if (!inode->remote)
		return;
	while (pos < inode->i_size &&
	       !shadow_durable(c, ci, UINT64_MAX, pos, inode->i_size - pos, &bad)) {
		n = check_unwritten(ci, bad);
		if (!n) {
			check_fail_byte(c, CHECK_DURABLE, inode, bad, "server",
					content_get(&inode->remote->data, bad),
					content_get(&ci->expected, bad));
			return;
		}
		pos = bad + n;
	}
	check_not_cut(c, ci);
	check_settled_size(c, ci);
}

/* ---- I12: what is uploaded ---- */

/* The first and the last folio of an upload of the page cache must be valid where it takes them. */
static void check_upload_folio(struct check *c, const struct netfs_io_subrequest *sreq,
			       uint64_t pos)
{
	struct folio *f = filemap_lookup(sreq->rreq->mapping, pos >> PAGE_SHIFT);
	uint64_t start = sreq->start, end = sreq->start + sreq->len;
	const struct netfs_folio *finfo;

	if (!f) {
		check_fail_request(c, CHECK_UPLOAD_RANGE, sreq->rreq,
				   "uploads page 0x%llx, which is not cached",
				   (unsigned long long)(pos >> PAGE_SHIFT));
		return;
	}
	if (folio_test_uptodate(f))
		return;
	start = sim_max(start, folio_pos(f));
	end = sim_min(end, folio_pos(f) + folio_size(f));
	finfo = netfs_folio_info(f);
	if (!finfo)
		check_fail_folio(c, CHECK_UPLOAD_RANGE, f,
				 "uploaded by R=%08x, but nobody knows its contents",
				 sreq->rreq->debug_id);
	else if (start < folio_pos(f) + finfo->dirty_offset ||
		 end > folio_pos(f) + finfo->dirty_offset + finfo->dirty_len)
		check_fail_folio(c, CHECK_UPLOAD_RANGE, f,
				 "R=%08x uploads [0x%llx, 0x%llx), the record is [0x%llx, +0x%llx)",
				 sreq->rreq->debug_id, (unsigned long long)(start - folio_pos(f)),
				 (unsigned long long)(end - folio_pos(f)),
				 (unsigned long long)finfo->dirty_offset,
				 (unsigned long long)finfo->dirty_len);
}

void check_upload_range(struct check *c, struct netfs_io_subrequest *sreq)
{
	const struct netfs_io_request *wreq = sreq->rreq;
	uint64_t end = sreq->start + sreq->len;
	uint64_t i_size = sim_max(wreq->i_size, wreq->inode->i_size);
	uint64_t block = sim_max(netfs_inode(wreq->inode)->crypto_block, 1u);
	uint64_t up_to = sim_round_up(wreq->start + wreq->iter.count, block);

	/* Encrypted blocks go as a whole. */
	i_size = sim_round_up(i_size, block);
	if (wreq->origin != NETFS_WRITEBACK && wreq->origin != NETFS_WRITETHROUGH &&
	    wreq->origin != NETFS_LAUNDER_WRITE)
		return;
	if (end > i_size)
		check_fail_request(c, CHECK_UPLOAD_RANGE, wreq,
				   "uploads up to 0x%llx, beyond the end 0x%llx",
				   (unsigned long long)end, (unsigned long long)i_size);
	if (wreq->origin == NETFS_WRITETHROUGH &&
	    (sreq->start < sim_round_down(wreq->start, block) || end > up_to))
		check_fail_request(c, CHECK_UPLOAD_RANGE, wreq,
				   "write-through of 0x%llx bytes uploads [0x%llx, 0x%llx)",
				   (unsigned long long)wreq->iter.count,
				   (unsigned long long)sreq->start, (unsigned long long)end);
	check_not_copy_only(c, wreq, sreq->start, end);
	check_upload_folio(c, sreq, sreq->start);
	if ((end - 1) >> PAGE_SHIFT != sreq->start >> PAGE_SHIFT)
		check_upload_folio(c, sreq, end - 1);
}

/* ---- ranges that fallocate(2) changes ---- */

static void change_range(struct check *c, struct check_inode *ci, uint32_t mode, uint64_t pos,
			 uint64_t len)
{
	bool moves = mode & (FALLOC_FL_COLLAPSE_RANGE | FALLOC_FL_INSERT_RANGE);
	uint64_t end = moves ? ci->inode->i_size + len : pos + len;

	shadow_settle(c, ci);
	if (end > pos)
		shadow_keep_old(c, ci, pos, end - pos);
	check_cache_changed(c, ci, pos, end);
	if (mode & (FALLOC_FL_PUNCH_HOLE | FALLOC_FL_ZERO_RANGE)) {
		content_erase(&ci->expected, pos, len);
		content_erase(&ci->also, pos, len);
	} else if (mode & FALLOC_FL_COLLAPSE_RANGE) {
		content_collapse(&ci->expected, pos, len);
		content_collapse(&ci->also, pos, len);
	} else if (mode & FALLOC_FL_INSERT_RANGE) {
		content_insert(&ci->expected, pos, len);
		content_insert(&ci->also, pos, len);
	}
}

void check_server_fallocate(struct check *c, struct client *client, struct server_file *f,
			    uint32_t mode, uint64_t pos, uint64_t len)
{
	bool moves = mode & (FALLOC_FL_COLLAPSE_RANGE | FALLOC_FL_INSERT_RANGE);

	for (struct check_inode *ci = f->check; ci; ci = ci->next_remote) {
		if (inode_client(ci->inode) == client)
			change_range(c, ci, mode, pos, len);
		else
			coherence_foreign(ci, pos, moves ? f->size + len - pos : len);
	}
}
