/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What must be true when nothing moves any more (I10, I22), and the evaluation of every rule about
 * a state for everything there is.
 *
 * Mirrors: no kernel file; reference 12.
 */
#include "model/check/private.h"
#include "sim/base/math.h"

#define ALL_PAGES (CONTENT_END >> PAGE_SHIFT)

/* ---- I22 ---- */

static void check_folio_at_rest(struct check *c, const struct folio *f)
{
	uint32_t refs = 1u + folio_test_private(f) + folio_test_fscache(f);

	if (folio_test_locked(f) || folio_test_writeback(f) || folio_test_fscache(f))
		check_fail_folio(c, CHECK_ALL_RELEASED, f, "left %s",
				 folio_test_locked(f)      ? "locked"
				 : folio_test_writeback(f) ? "in writeback"
							   : "with PG_private_2");
	else if (f->refcount != refs)
		check_fail_folio(c, CHECK_ALL_RELEASED, f, "left with %u references instead of %u",
				 f->refcount, refs);
}

static void check_inode_at_rest(struct check *c, struct check_inode *ci)
{
	struct address_space *mapping = &ci->inode->i_data;
	const char *why = assert_mapping_state(mapping);
	pgoff_t index = 0;
	struct folio *f;

	if (why)
		check_fail_file(c, CHECK_FOLIO_STATE, ci->inode, 0, "%s", why);
	if (ci->inode->i_dio_count)
		check_fail_file(c, CHECK_ALL_RELEASED, ci->inode, 0, "%u direct I/Os left",
				ci->inode->i_dio_count);
	while ((f = filemap_next(mapping, index, ALL_PAGES))) {
		check_folio_at_rest(c, f);
		index = folio_next_index(f);
	}
	check_cookie_at_rest(c, ci);
	if (ci->inode->i_nlink)
		check_settled_file(c, ci);
	check_snaps_settled(c, ci);
}

void check_quiescent(struct check *c)
{
	for (unsigned i = 0; i < c->m->nr_clients; i++)
		sim_list_for_each (rreq, &c->m->clients[i]->io_requests, struct netfs_io_request,
				   proc_link)
			check_fail_request(c, CHECK_ALL_RELEASED, rreq,
					   "left with %d references and %d outstanding", rreq->ref,
					   rreq->nr_outstanding);
	sim_list_for_each (ci, &c->inodes, struct check_inode, entry)
		check_inode_at_rest(c, ci);
}

/* ---- CHECK_FULL ---- */

/* Runs of uptodate folios, and every folio's state. */
static void check_all_folios(struct check *c, struct check_inode *ci)
{
	pgoff_t index = 0;
	struct folio *f;

	while ((f = filemap_next(&ci->inode->i_data, index, ALL_PAGES))) {
		check_folio(c, f);
		if (folio_test_uptodate(f))
			check_runs_add(c, &c->filled, ci, folio_pos(f),
				       folio_pos(f) + folio_size(f));
		index = folio_next_index(f);
	}
	check_runs(c, &c->filled, check_filled);
}

void check_everything(struct check *c)
{
	sim_list_for_each (ci, &c->inodes, struct check_inode, entry) {
		check_all_folios(c, ci);
		check_cached(c, &(struct check_run){ci, 0, ci->inode->i_size});
		check_unheld(c, ci, 0, ci->inode->i_size);
		sim_list_for_each (cr, &ci->requests, struct check_request, entry)
			check_request(c, cr);
	}
}
