/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rules about the local cache: what it holds of a file (I15), who keeps its cookie in use (I28),
 * and folios that are to be copied to it by writeback (I35).
 *
 * Mirrors: no kernel file; reference 8, 12.
 */
#include "model/check/private.h"
#include "sim/base/math.h"

/* What can be read from the cache for the inode; NULL: nothing for now. */
static const struct content_map *cached_data(const struct check_inode *ci)
{
	const struct fscache_cookie *cookie = netfs_inode(ci->inode)->cache;

	if (!cookie || cookie->state != FSCACHE_COOKIE_STATE_ACTIVE ||
	    cookie->flags & FSCACHE_COOKIE_DISABLED || !cookie->volume->cache->live)
		return NULL;
	return fscache_cookie_data(cookie);
}

/*
 * Bytes from pos on in a folio whose contents will be stored, or are on their way: 0 if none. What
 * a write has copied becomes dirty before it lets go of the folio.
 */
static uint64_t to_be_stored(const struct check_inode *ci, uint64_t pos)
{
	struct folio *f = filemap_lookup(&ci->inode->i_data, pos >> PAGE_SHIFT);

	if (!f || !(folio_test_dirty(f) || folio_test_writeback(f) || folio_test_fscache(f) ||
		    (folio_test_locked(f) && shadow_live(ci, false, pos, 1))))
		return 0;
	return folio_pos(f) + folio_size(f) - pos;
}

void check_cached(struct check *c, const struct check_run *run)
{
	struct check_inode *ci = run->ci;
	const struct content_map *data = cached_data(ci);
	uint64_t end = sim_min(run->end, ci->inode->i_size), bad, n;

	if (!data || run->start >= end)
		return;
	content_for_each (e, data, run->start, end) {
		uint64_t pos = e.off;

		if (e.val.kind == CONTENT_HOLE)
			continue;
		while (pos < e.off + e.len && !shadow_legal(c, ci, UINT64_MAX, data, pos, pos,
							    e.off + e.len - pos, &bad)) {
			n = to_be_stored(ci, bad);
			if (!n) {
				check_fail_byte(c, CHECK_CACHED_CONTENT, ci->inode, bad,
						"local cache", content_get(data, bad),
						content_get(&ci->expected, bad));
				return;
			}
			pos = bad + n;
		}
	}
}

void check_copied(struct check *c, const struct check_run *run)
{
	struct check_inode *ci = run->ci;
	uint64_t pos = run->start, end, bad, n;

	end = sim_min(sim_min(run->end, ci->inode->i_size), ci->trunc_to);
	if (!check_has_remote(ci))
		return;
	while (pos < end && !shadow_durable(c, ci, UINT64_MAX, pos, end - pos, &bad)) {
		n = check_unwritten(ci, bad);
		if (!n) {
			check_fail_byte(c, CHECK_COPY_ONLY, ci->inode, bad, "server",
					content_get(&ci->inode->remote->data, bad),
					content_get(&ci->expected, bad));
			return;
		}
		pos = bad + n;
	}
}

void check_not_copy_only(struct check *c, const struct netfs_io_request *wreq, uint64_t start,
			 uint64_t end)
{
	pgoff_t index = start >> PAGE_SHIFT, last = (end - 1) >> PAGE_SHIFT;
	struct folio *f;

	if (c->m->design.cache_copy == CACHE_COPY_FSCACHE)
		return;
	while ((f = filemap_next(wreq->mapping, index, last))) {
		if (netfs_folio_to_copy(f))
			check_fail_folio(c, CHECK_COPY_ONLY, f,
					 "uploaded by R=%08x, but only the cache is to get it",
					 wreq->debug_id);
		index = folio_next_index(f);
	}
}

void check_cached_changed(struct check *c, struct check_inode *ci, uint64_t start, uint64_t end)
{
	if (cached_data(ci))
		check_runs_add(c, &c->cached, ci, start, end);
}

void check_cache_active(struct check *c, struct inode *inode)
{
	check_cache_changed(c, check_inode_of(c, inode), 0, CONTENT_END);
}

void check_cookie_at_rest(struct check *c, struct check_inode *ci)
{
	const struct fscache_cookie *cookie = netfs_inode(ci->inode)->cache;
	bool pinned = ci->inode->i_state & I_PINNING_NETFS_WB;
	bool dirty = ci->inode->i_data.nr_dirty || ci->inode->i_data.nr_writeback;

	if (!cookie)
		return;
	if (cookie->n_accesses)
		check_fail_file(c, CHECK_ALL_RELEASED, ci->inode, 0, "%d cache operations left",
				cookie->n_accesses);
	if (pinned != dirty)
		check_fail_file(c, CHECK_COOKIE_PINNED, ci->inode, 0,
				"the file is %s and its cookie %s", dirty ? "dirty" : "clean",
				pinned ? "is kept in use for it" : "is not");
	check_cached(c, &(struct check_run){ci, 0, ci->inode->i_size});
}
