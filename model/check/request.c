/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rules about requests and subrequests: I9, I19-I21, I23-I25.
 *
 * Mirrors: no kernel file; reference 1.2-1.7, 3.6, 12.
 */
#include "model/check/private.h"
#include "sim/base/math.h"

/* netfs_io_subrequest.check: how far it has come. */
enum sreq_stage { SREQ_BORN, SREQ_PREPARED, SREQ_SUBMITTED, SREQ_TERMINATED };

static enum sreq_stage stage(const struct netfs_io_subrequest *sreq)
{
	return (enum sreq_stage)(uintptr_t)sreq->check;
}

static void set_stage(struct netfs_io_subrequest *sreq, enum sreq_stage s)
{
	sreq->check = (void *)(uintptr_t)s;
}

static bool is_read(const struct netfs_io_request *rreq)
{
	return rreq->origin == NETFS_READAHEAD || rreq->origin == NETFS_READPAGE ||
	       rreq->origin == NETFS_READ_FOR_WRITE || rreq->origin == NETFS_DIO_READ;
}

static bool writes_pagecache(const struct netfs_io_request *rreq)
{
	return rreq->origin == NETFS_WRITEBACK || rreq->origin == NETFS_WRITETHROUGH ||
	       rreq->origin == NETFS_LAUNDER_WRITE || rreq->origin == NETFS_COPY_TO_CACHE;
}

/* ---- what other rules ask ---- */

static bool covers(const struct netfs_io_request *rreq, const struct folio *f)
{
	return ranges_overlap(rreq->start, rreq->start + rreq->len, folio_pos(f),
			      folio_pos(f) + folio_size(f));
}

bool check_write_failed(const struct check_inode *ci, const struct folio *f)
{
	sim_list_for_each (cr, &ci->requests, struct check_request, entry)
		if (cr->rreq->error && writes_pagecache(cr->rreq) && covers(cr->rreq, f))
			return true;
	return false;
}

bool check_completing(const struct check_inode *ci, const struct folio *f)
{
	sim_list_for_each (cr, &ci->requests, struct check_request, entry)
		if (cr->in_assess && writes_pagecache(cr->rreq) && covers(cr->rreq, f))
			return true;
	return false;
}

/* ---- I19: at the end of a step ---- */

void check_rreq(struct check *c, struct netfs_io_request *rreq)
{
	if (rreq->check)
		check_queue_request(c, rreq->check);
}

void check_request(struct check *c, struct check_request *cr)
{
	const struct netfs_io_request *rreq = cr->rreq;

	if (rreq->nr_outstanding < 0 || (uint32_t)rreq->nr_outstanding < cr->in_flight)
		check_fail_request(c, CHECK_OUTSTANDING, rreq,
				   "nr_outstanding is %d with %u subrequests in flight",
				   rreq->nr_outstanding, cr->in_flight);
}

/* ---- a request's life ---- */

void check_rreq_new(struct check *c, struct netfs_io_request *rreq)
{
	struct check_request *cr = sim_pool_get(&c->request_pool);

	cr->rreq = rreq;
	cr->ci = check_inode_of(c, rreq->inode);
	sim_list_init(&cr->assessing);
	sim_list_add_tail(&cr->entry, &cr->ci->requests);
	rreq->check = cr;
	if (!(rreq->flags & NETFS_RREQ_IN_PROGRESS))
		check_fail_request(c, CHECK_REQUEST_LIFE, rreq, "made without IN_PROGRESS");
}

static void check_assess_begins(struct check *c, struct check_request *cr)
{
	struct netfs_io_request *rreq = cr->rreq;

	if (cr->in_assess)
		check_fail_request(c, CHECK_OUTSTANDING, rreq, "assessed by two at a time");
	if (rreq->nr_outstanding || cr->in_flight)
		check_fail_request(c, CHECK_OUTSTANDING, rreq,
				   "assessed with %d outstanding and %u subrequests in flight",
				   rreq->nr_outstanding, cr->in_flight);
	if (cr->woken)
		check_fail_request(c, CHECK_REQUEST_ORDER, rreq, "assessed after it was woken");
	cr->in_assess = cr->assessed = true;
	cr->assessor = c->w->current;
	sim_list_add_tail(&cr->assessing, &c->assessing);
}

void check_rreq_assess(struct check *c, struct netfs_io_request *rreq, bool enter)
{
	struct check_request *cr = rreq->check;

	if (!cr)
		return;
	if (enter) {
		check_assess_begins(c, cr);
	} else {
		cr->in_assess = false;
		sim_list_del(&cr->assessing);
	}
}

void check_unlocked_by_read(struct check *c, const struct folio *f)
{
	sim_list_for_each (cr, &c->assessing, struct check_request, assessing) {
		const struct netfs_io_request *rreq = cr->rreq;

		if (cr->assessor == c->w->current && is_read(rreq) && rreq->mapping == f->mapping &&
		    covers(rreq, f))
			cr->unlocked_pages += folio_nr_pages(f);
	}
}

/* I24: pages that the read had to unlock. */
static uint64_t pages_to_unlock(const struct netfs_io_request *rreq)
{
	struct folio *kept;
	uint64_t pages = rreq->len >> PAGE_SHIFT;

	if (rreq->origin == NETFS_DIO_READ || rreq->flags & NETFS_RREQ_DONT_UNLOCK_FOLIOS)
		return 0;
	if (rreq->flags & NETFS_RREQ_NO_UNLOCK_FOLIO) {
		kept = filemap_lookup(rreq->mapping, rreq->no_unlock_folio);
		pages -= kept ? folio_nr_pages(kept) : 0;
	}
	return pages;
}

/* Nothing may be said about what a write could not bring to the server and did not keep dirty. */
static void give_up_failed_write(struct check_inode *ci, const struct netfs_io_request *wreq)
{
	uint64_t pos = wreq->start, end = wreq->start + wreq->len;

	while (pos < end) {
		struct folio *f = filemap_lookup(wreq->mapping, pos >> PAGE_SHIFT);
		uint64_t page = sim_round_down(pos, PAGE_SIZE);
		uint64_t from = f ? folio_pos(f) : page;
		uint64_t to = from + (f ? folio_size(f) : PAGE_SIZE);

		if (!f || !folio_test_dirty(f))
			shadow_unknown(ci, from, to - from);
		pos = to;
	}
}

void check_rreq_wake_ip(struct check *c, struct netfs_io_request *rreq)
{
	struct check_request *cr = rreq->check;

	if (!cr)
		return;
	if (cr->woken || !(rreq->flags & NETFS_RREQ_IN_PROGRESS))
		check_fail_request(c, CHECK_REQUEST_LIFE, rreq, "leaves IN_PROGRESS twice");
	if (!cr->assessed)
		check_fail_request(c, CHECK_REQUEST_ORDER, rreq, "woken before it was assessed");
	cr->woken = true;
	if (is_read(rreq) && cr->unlocked_pages != pages_to_unlock(rreq))
		check_fail_request(c, CHECK_READ_UNLOCKS, rreq,
				   "unlocked %llu pages and had to unlock %llu",
				   (unsigned long long)cr->unlocked_pages,
				   (unsigned long long)pages_to_unlock(rreq));
	if (rreq->error && cr->ci && writes_pagecache(rreq))
		give_up_failed_write(cr->ci, rreq);
}

/* A read that submitted nothing was never assessed: are its folios still locked? */
static void check_unsubmitted(struct check *c, const struct netfs_io_request *rreq)
{
	pgoff_t index = rreq->start >> PAGE_SHIFT;
	pgoff_t last = (rreq->start + rreq->len - 1) >> PAGE_SHIFT;
	struct folio *f;

	if (!pages_to_unlock(rreq))
		return;
	while (index <= last && (f = filemap_next(rreq->mapping, index, last))) {
		if (folio_test_locked(f) && f->locker == c->w->current)
			check_fail_request(c, CHECK_READ_UNLOCKS, rreq,
					   "ends and leaves page 0x%llx locked",
					   (unsigned long long)f->index);
		index = folio_next_index(f);
	}
}

void check_rreq_free(struct check *c, struct netfs_io_request *rreq)
{
	struct check_request *cr = rreq->check;

	if (!cr)
		return;
	if (cr->live_sreqs)
		check_fail_request(c, CHECK_REQUEST_ORDER, rreq,
				   "freed before %u of its subrequests", cr->live_sreqs);
	if (cr->submitted && !cr->woken)
		check_fail_request(c, CHECK_REQUEST_LIFE, rreq, "freed while IN_PROGRESS");
	if (!cr->submitted && is_read(rreq) && rreq->len)
		check_unsubmitted(c, rreq);
	if (cr->slot)
		c->requests[cr->slot - 1] = NULL;
	sim_list_del(&cr->assessing);
	if (cr->ci)
		sim_list_del(&cr->entry);
	rreq->check = NULL;
	sim_pool_put(&c->request_pool, cr);
}

/* ---- subrequests ---- */

/* I9: every byte of the page cache is in one upload at most. */
static void check_upload_overlap(struct check *c, struct check_request *cr,
				 const struct netfs_io_subrequest *sreq)
{
	uint64_t start = sreq->start, end = start + sreq->len;

	sim_list_for_each (o, &cr->ci->requests, struct check_request, entry)
		if (o != cr && !o->assessed && writes_pagecache(o->rreq) &&
		    ranges_overlap(o->up_start, o->up_end, start, end))
			check_fail_request(c, CHECK_UPLOAD_OVERLAP, cr->rreq,
					   "uploads [0x%llx, 0x%llx) while R=%08x is at it",
					   (unsigned long long)start, (unsigned long long)end,
					   o->rreq->debug_id);
	cr->up_start = cr->up_start == cr->up_end ? start : sim_min(cr->up_start, start);
	cr->up_end = sim_max(cr->up_end, end);
}

/* I20: slices follow each other. */
static void check_slice_follows(struct check *c, struct check_request *cr,
				const struct netfs_io_subrequest *sreq)
{
	/* The filesystem may have widened the request since it was made. */
	if (cr->prepared == 1)
		cr->next = cr->rreq->io_start;
	if (sreq->start != cr->next)
		check_fail_request(c, CHECK_SLICES, cr->rreq, "[%u] begins at 0x%llx, not 0x%llx",
				   sreq->debug_index, (unsigned long long)sreq->start,
				   (unsigned long long)cr->next);
	cr->next = sreq->start + sreq->len;
}

/* I21, first part. */
static void check_download_limits(struct check *c, const struct netfs_io_subrequest *sreq)
{
	const struct netfs_io_request *rreq = sreq->rreq;
	uint64_t end = sreq->start + sreq->len;
	uint64_t zp = rreq->origin == NETFS_DIO_READ ? UINT64_MAX
						     : netfs_inode(rreq->inode)->zero_point;
	uint64_t block = sim_max(netfs_inode(rreq->inode)->crypto_block, 1u);

	if (sreq->source != NETFS_DOWNLOAD_FROM_SERVER)
		return;
	if ((rreq->rsize && sreq->len > rreq->rsize) || end > sim_round_up(rreq->i_size, block) ||
	    end > zp)
		check_fail_request(c, CHECK_SREQ_LIMITS, rreq,
				   "[%u] downloads [0x%llx, 0x%llx): rsize 0x%llx, size 0x%llx, "
				   "zero point 0x%llx",
				   sreq->debug_index, (unsigned long long)sreq->start,
				   (unsigned long long)end, (unsigned long long)rreq->rsize,
				   (unsigned long long)rreq->i_size, (unsigned long long)zp);
}

/* I21, second part, for the page cache: each folio that it touches is a segment. */
static void check_segments(struct check *c, const struct netfs_io_subrequest *sreq)
{
	const struct netfs_io_request *rreq = sreq->rreq;
	uint64_t end = sreq->start + sreq->len;
	uint32_t segs = 0;

	if (!sreq->max_nr_segs || sreq->io_iter.kind != ITER_XARRAY)
		return;
	for (uint64_t pos = sreq->start; pos < end; segs++) {
		const struct folio *folio = filemap_lookup(rreq->mapping, pos >> PAGE_SHIFT);

		pos = folio ? folio_pos(folio) + folio_size(folio) : pos + PAGE_SIZE;
	}
	if (segs > sreq->max_nr_segs)
		check_fail_request(c, CHECK_SREQ_LIMITS, rreq, "[%u] has %u segments of at most %u",
				   sreq->debug_index, segs, sreq->max_nr_segs);
}

static void expect_stage(struct check *c, const struct netfs_io_subrequest *sreq, bool legal,
			 const char *what)
{
	if (!legal)
		check_fail_request(c, CHECK_REQUEST_ORDER, sreq->rreq, "[%u] %s out of turn",
				   sreq->debug_index, what);
}

void check_sreq_prepared(struct check *c, struct netfs_io_subrequest *sreq)
{
	struct check_request *cr = sreq->rreq->check;

	if (!cr)
		return;
	expect_stage(c, sreq, stage(sreq) == SREQ_BORN && !cr->assessed, "prepared");
	set_stage(sreq, SREQ_PREPARED);
	cr->prepared++;
	cr->live_sreqs++;
	if (is_read(sreq->rreq)) {
		check_slice_follows(c, cr, sreq);
		check_download_limits(c, sreq);
		check_zero_read(c, sreq);
		check_read_target(c, sreq);
		return;
	}
	cr->in_flight++;
	cr->submitted++;
	if (writes_pagecache(sreq->rreq) && cr->ci && sreq->source == NETFS_UPLOAD_TO_SERVER) {
		check_upload_overlap(c, cr, sreq);
		check_upload_range(c, sreq);
		check_group_order(c, sreq->rreq);
	}
}

void check_sreq_submitted(struct check *c, struct netfs_io_subrequest *sreq)
{
	struct check_request *cr = sreq->rreq->check;
	enum sreq_stage s = stage(sreq);

	if (!cr)
		return;
	expect_stage(c, sreq, s == SREQ_PREPARED || s == SREQ_TERMINATED, "issued");
	set_stage(sreq, SREQ_SUBMITTED);
	check_segments(c, sreq);
	/* Writes are outstanding from their making on, reads from their issue. */
	if (is_read(sreq->rreq) || s == SREQ_TERMINATED)
		cr->in_flight++;
	if (is_read(sreq->rreq) && s == SREQ_PREPARED) {
		cr->submitted++;
		if (cr->next != sreq->rreq->io_start + sreq->rreq->submitted)
			check_fail_request(c, CHECK_SLICES, sreq->rreq,
					   "submitted is 0x%llx, the slices end at 0x%llx",
					   (unsigned long long)sreq->rreq->submitted,
					   (unsigned long long)(cr->next - sreq->rreq->io_start));
	}
	check_queue_request(c, cr);
}

void check_sreq_terminated(struct check *c, struct netfs_io_subrequest *sreq)
{
	struct check_request *cr = sreq->rreq->check;

	if (!cr)
		return;
	expect_stage(c, sreq, stage(sreq) == SREQ_SUBMITTED, "ended");
	set_stage(sreq, SREQ_TERMINATED);
	if (cr->in_flight)
		cr->in_flight--;
	if (sreq->transferred > sreq->len)
		check_fail_request(c, CHECK_SREQ_LIMITS, sreq->rreq,
				   "[%u] transferred 0x%llx of 0x%llx bytes", sreq->debug_index,
				   (unsigned long long)sreq->transferred,
				   (unsigned long long)sreq->len);
	if (is_read(sreq->rreq) && !sreq->error)
		check_read_target(c, sreq);
	check_queue_request(c, cr);
}

void check_sreq_freed(struct check *c, struct netfs_io_subrequest *sreq)
{
	struct check_request *cr = sreq->rreq->check;

	if (!cr || stage(sreq) == SREQ_BORN)
		return;
	expect_stage(c, sreq, stage(sreq) == SREQ_TERMINATED, "freed");
	cr->live_sreqs--;
	sreq->check = NULL;
}
