/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rules about folios: their state (I1, I2, I4, I7, I8), what writeback leaves (I3), what reads fill
 * (I5), what uptodate means (I6).
 *
 * Mirrors: no kernel file; reference 2, 12.
 */
#include "model/check/private.h"
#include "sim/base/math.h"

/* ---- I1, I4, I8: the state at the end of a step ---- */

static struct stream_record *stream_record(const struct check_inode *ci, const struct folio *f)
{
	sim_list_for_each (r, &ci->streams, struct stream_record, entry)
		if (r->folio == f)
			return r;
	return NULL;
}

/* The record of a folio in writeback is what it was, or its completion has just taken it away. */
static bool stream_is_stable(const struct check_inode *ci, const struct folio *f)
{
	const struct netfs_folio *finfo = netfs_folio_info(f);
	const struct stream_record *r = stream_record(ci, f);

	if (!r)
		return !finfo;
	if (!finfo)
		return check_completing(ci, f);
	return finfo == r->finfo && finfo->dirty_offset == r->offset && finfo->dirty_len == r->len;
}

/* assert_folio_state() is not content: which rule is it, and is it excused? */
static void check_folio_broken(struct check *c, const struct check_inode *ci, const struct folio *f,
			       const char *why)
{
	bool streaming = folio_is_streaming(f);

	if (folio_test_private(f) != (f->private != NULL) ||
	    f->refcount < (f->mapping ? 1u : 0u) + folio_test_private(f) + folio_test_fscache(f)) {
		check_fail_folio(c, CHECK_FOLIO_REFS, f, "%s", why);
		return;
	}
	/* A folio that is thrown away after a failed write is half-way. */
	if (ci && !folio_test_uptodate(f) && check_write_failed(ci, f))
		return;
	/* A failed upload makes the folio dirty before its writeback ends. */
	if (ci && streaming && folio_test_dirty(f) && folio_test_writeback(f) &&
	    stream_is_stable(ci, f) && check_completing(ci, f))
		return;
	check_fail_folio(c,
			 streaming && folio_test_dirty(f) && folio_test_writeback(f)
				 ? CHECK_STABLE_WRITEBACK
				 : CHECK_FOLIO_STATE,
			 f, "%s", why);
}

static void check_record_bounds(struct check *c, const struct folio *f)
{
	const struct netfs_folio *finfo = netfs_folio_info(f);

	if (!finfo->dirty_len || finfo->dirty_offset + finfo->dirty_len > folio_size(f))
		check_fail_folio(c, CHECK_FOLIO_STATE, f,
				 "a record of [0x%llx, +0x%llx) in a folio of 0x%llx bytes",
				 (unsigned long long)finfo->dirty_offset,
				 (unsigned long long)finfo->dirty_len,
				 (unsigned long long)folio_size(f));
}

static void check_overwritten_folio(struct check *c, struct folio *f)
{
	if (folio_test_dirty(f) || !folio_test_writeback(f))
		f->touched &= ~SEEN_OVERWRITTEN;
	else if (!folio_test_locked(f))
		check_fail_folio(c, CHECK_STABLE_WRITEBACK, f,
				 "bytes were changed during their upload and nobody will upload "
				 "them again");
}

/* What few folios are: streaming, or overwritten during their upload. */
static void check_upload(struct check *c, struct check_inode *ci, struct folio *f)
{
	if (folio_is_streaming(f) && !folio_test_locked(f))
		check_record_bounds(c, f);
	if (folio_test_writeback(f) && !sim_list_empty(&ci->streams) && !stream_is_stable(ci, f))
		check_fail_folio(c, CHECK_STABLE_WRITEBACK, f,
				 "the streaming record changed during its writeback");
	if (f->touched & SEEN_OVERWRITTEN)
		check_overwritten_folio(c, f);
}

void check_folio(struct check *c, struct folio *f)
{
	const uint32_t valid = 1u << PG_uptodate | 1u << PG_dirty | 1u << PG_writeback;
	struct check_inode *ci = f->mapping ? check_inode_of(c, f->mapping->host) : NULL;
	const char *why = assert_folio_state(f);

	if (why)
		check_folio_broken(c, ci, f, why);
	if (!ci)
		return;
	if (f->private || f->touched & SEEN_OVERWRITTEN || !sim_list_empty(&ci->streams))
		check_upload(c, ci, f);
	if (!folio_test_uptodate(f)) {
		f->touched &= ~SEEN_UPTODATE;
	} else if (!(f->touched & SEEN_UPTODATE)) {
		f->touched |= SEEN_UPTODATE;
		check_runs_add(c, &c->filled, ci, folio_pos(f), folio_pos(f) + folio_size(f));
	}
	if (!(f->flags & valid) && !folio_is_streaming(f) && !check_write_failed(ci, f))
		check_unheld(c, ci, folio_pos(f), folio_pos(f) + folio_size(f));
}

void check_folio_added(struct check *c, struct folio *f)
{
	check_inode_of(c, f->mapping->host);
	check_touch_folio(c, f);
}

void check_folio_removed(struct check *c, struct folio *f)
{
	struct check_inode *ci = check_inode_of(c, f->mapping->host);

	f->touched &= ~SEEN_UPTODATE;
	check_touch_folio(c, f);
	if (check_write_failed(ci, f))
		shadow_unknown(ci, folio_pos(f), folio_size(f));
	else
		check_unheld(c, ci, folio_pos(f), folio_pos(f) + folio_size(f));
	check_cache_changed(c, ci, folio_pos(f), folio_pos(f) + folio_size(f));
}

void check_folio_freed(struct check *c, struct folio *f)
{
	uint32_t slot = f->touched & FOLIO_TOUCHED;

	if (slot)
		c->folios[slot - 1] = NULL;
	f->touched = 0;
}

/* ---- I2: flags that are set and cleared in turn ---- */

void check_fscache(struct check *c, struct folio *f, bool set)
{
	bool was = f->touched & SEEN_FSCACHE;

	if (set && c->m->design.cache_copy != CACHE_COPY_FSCACHE)
		check_fail_folio(c, CHECK_COPY_ONLY, f, "PG_private_2 is set");
	if (was == set)
		check_fail_folio(c, CHECK_FLAG_PAIRS, f, "PG_private_2 is %s twice",
				 set ? "set" : "cleared");
	f->touched = set ? f->touched | SEEN_FSCACHE : f->touched & ~SEEN_FSCACHE;
	check_touch_folio(c, f);
	if (!set && f->mapping)
		check_cache_changed(c, check_inode_of(c, f->mapping->host), folio_pos(f),
				    folio_pos(f) + folio_size(f));
}

void check_start_writeback(struct check *c, struct folio *f)
{
	struct check_inode *ci = check_inode_of(c, f->mapping->host);
	const struct netfs_folio *finfo = netfs_folio_info(f);
	struct stream_record *r;

	if (f->touched & SEEN_WRITEBACK)
		check_fail_folio(c, CHECK_FLAG_PAIRS, f, "writeback begins twice");
	if (!folio_test_locked(f))
		check_fail_folio(c, CHECK_FLAG_PAIRS, f, "writeback begins without the lock");
	f->touched |= SEEN_WRITEBACK | (netfs_folio_to_copy(f) ? SEEN_COPY : 0);
	check_touch_folio(c, f);
	if (!finfo)
		return;
	r = sim_pool_get(&c->stream_pool);
	*r = (struct stream_record){
		.folio = f, .finfo = finfo, .offset = finfo->dirty_offset, .len = finfo->dirty_len};
	sim_list_add_tail(&r->entry, &ci->streams);
}

void check_end_writeback(struct check *c, struct folio *f, int error)
{
	struct check_inode *ci = check_inode_of(c, f->mapping->host);
	uint64_t start = folio_pos(f), end = start + folio_size(f);
	struct check_runs *runs = f->touched & SEEN_COPY ? &c->copied : &c->stored;
	struct stream_record *r;

	check_touch_folio(c, f);
	if (!(f->touched & SEEN_WRITEBACK)) {
		check_fail_folio(c, CHECK_FLAG_PAIRS, f,
				 "writeback ends, but the folio is not in writeback");
		return;
	}
	f->touched &= ~(SEEN_WRITEBACK | SEEN_OVERWRITTEN | SEEN_COPY);
	check_cache_changed(c, ci, start, end);
	r = sim_list_empty(&ci->streams) ? NULL : stream_record(ci, f);
	if (r) {
		/* With the folio uptodate by now the record was not all that was dirty: K1. */
		if (!folio_test_uptodate(f)) {
			start += r->offset;
			end = start + r->len;
		}
		sim_list_del(&r->entry);
		sim_pool_put(&c->stream_pool, r);
	}
	/* A write that failed for good: the folio is thrown away, the mapping bears the error. */
	if (!folio_test_dirty(f) && check_write_failed(ci, f))
		shadow_unknown(ci, folio_pos(f), folio_size(f));
	else
		check_runs_add(c, runs, ci, start, end);
}

/* ---- I3: what was written back is on the server ---- */

/* Bytes from pos on of which nothing can be asked, though server and page cache differ. */
static uint64_t need_not_be_stored(const struct check_inode *ci, uint64_t pos, uint64_t end)
{
	struct folio *f = filemap_lookup(&ci->inode->i_data, pos >> PAGE_SHIFT);
	uint64_t n;

	if (!f)
		return PAGE_SIZE - pos % PAGE_SIZE;
	if (folio_test_dirty(f) || folio_test_writeback(f) || check_write_failed(ci, f) ||
	    (folio_test_locked(f) && !folio_test_uptodate(f)))
		return folio_pos(f) + folio_size(f) - pos;
	if (pos >= ci->trunc_to)
		return end - pos;
	n = shadow_live(ci, false, pos, end - pos);
	return n ? n : shadow_also(ci, &ci->inode->remote->data, pos, pos, end - pos);
}

void check_stored(struct check *c, const struct check_run *run)
{
	struct check_inode *ci = run->ci;
	const struct content_map *data = &ci->inode->i_data.data;
	uint64_t pos = run->start, end = sim_min(run->end, ci->inode->i_size);
	uint64_t diff, n;

	if (!check_has_remote(ci))
		return;
	while (pos < end && !content_equal_range(data, pos, &ci->inode->remote->data, pos,
						 end - pos, CONTENT_SAME, &diff)) {
		pos += diff;
		n = need_not_be_stored(ci, pos, end);
		if (!n) {
			check_fail_byte(c, CHECK_WRITTEN_BACK, ci->inode, pos, "server",
					content_get(&ci->inode->remote->data, pos),
					content_get(data, pos));
			return;
		}
		pos += n;
	}
}

/* ---- I4: bytes under upload change only in a folio that gets dirty again ---- */

void check_overwritten(struct check *c, struct check_inode *ci, uint64_t pos, uint64_t len)
{
	sim_list_for_each (cr, &ci->requests, struct check_request, entry) {
		struct folio *f;

		if (!ranges_overlap(cr->up_start, cr->up_end, pos, pos + len) || cr->assessed)
			continue;
		f = filemap_lookup(&ci->inode->i_data, pos >> PAGE_SHIFT);
		if (f && folio_test_writeback(f)) {
			f->touched |= SEEN_OVERWRITTEN;
			check_touch_folio(c, f);
		}
		return;
	}
}

/* ---- I5: reads do not fill what must be written ---- */

static bool has_sink(const struct iov_iter *iter)
{
	for (uint32_t i = 0; i < iter->nr_segs; i++)
		if (!iter->seg[i].map)
			return true;
	return false;
}

static bool may_be_filled(const struct netfs_io_request *rreq, const struct folio *f)
{
	if (folio_test_writeback(f))
		return false;
	return !folio_test_dirty(f) || (folio_is_streaming(f) && has_sink(&rreq->iter));
}

void check_read_target(struct check *c, struct netfs_io_subrequest *sreq)
{
	static const enum page_mark marks[] = {PAGE_MARK_DIRTY, PAGE_MARK_WRITEBACK};
	const struct netfs_io_request *rreq = sreq->rreq;
	pgoff_t first = sreq->start >> PAGE_SHIFT;
	pgoff_t last = (sreq->start + sreq->len - 1) >> PAGE_SHIFT;

	if (rreq->origin == NETFS_DIO_READ ||
	    !(rreq->mapping->nr_dirty | rreq->mapping->nr_writeback))
		return;
	for (unsigned i = 0; i < SIM_ARRAY_SIZE(marks); i++) {
		struct folio *f = filemap_next_marked(rreq->mapping, first, last, marks[i]);

		if (f && !may_be_filled(rreq, f)) {
			check_fail_folio(c, CHECK_READ_OVER_DIRTY, f,
					 "R=%08x[%u] reads into it while it is %s", rreq->debug_id,
					 sreq->debug_index,
					 folio_test_writeback(f) ? "in writeback" : "dirty");
			return;
		}
	}
}

/* ---- I6: uptodate ---- */

void check_filled(struct check *c, const struct check_run *run)
{
	struct check_inode *ci = run->ci;
	const struct content_map *data = &ci->inode->i_data.data;
	uint64_t pos = run->start, bad, n;

	while (pos < run->end &&
	       !shadow_legal(c, ci, UINT64_MAX, data, pos, pos, run->end - pos, &bad)) {
		struct folio *f = filemap_lookup(&ci->inode->i_data, bad >> PAGE_SHIFT);

		n = shadow_live(ci, true, bad, run->end - bad);
		if (n) {
			pos = bad + n;
			continue;
		}
		if (f && folio_test_uptodate(f) && !(bad >= ci->inode->i_size && ci->mmapped)) {
			check_fail_byte(c, CHECK_UPTODATE_CONTENT, ci->inode, bad, "page cache",
					content_get(data, bad), content_get(&ci->expected, bad));
			return;
		}
		pos = f ? folio_pos(f) + folio_size(f) : sim_round_down(bad, PAGE_SIZE) + PAGE_SIZE;
	}
}

/* ---- I7: the lock ---- */

void check_folio_unlock(struct check *c, struct folio *f, bool was_locked)
{
	check_touch_folio(c, f);
	if (!was_locked)
		check_fail_folio(c, CHECK_FOLIO_LOCK, f, "unlocked, but it was not locked");
	else if (!sim_list_empty(&c->assessing))
		check_unlocked_by_read(c, f);
}
