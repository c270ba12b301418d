/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The page cache recounted: every counter, mark and reference against the folios themselves.
 *
 * Mirrors: nothing (6.8); it is what VM_BUG_ON_FOLIO() and friends would say, all at once.
 */
#include "model/mm/internal.h"

struct recount {
	uint64_t cached, dirty, writeback, tagged_dirty;
};

static const char *recount_folio(struct address_space *mapping, struct folio *f, struct recount *r)
{
	bool tagged = page_tree_get_mark(mapping, f, PAGE_MARK_DIRTY);
	uint64_t nr = folio_nr_pages(f);

	if (f->mapping != mapping)
		return "mapping: a folio of another mapping in the index";
	if (folio_test_writeback(f) != page_tree_get_mark(mapping, f, PAGE_MARK_WRITEBACK))
		return "mapping: a folio in writeback without its mark, or the reverse";
	if (folio_test_dirty(f) && !tagged)
		return "mapping: a dirty folio without its mark";
	if (!folio_test(f, PG_lru))
		return "mapping: a folio on no LRU list";
	r->cached += nr;
	r->tagged_dirty += tagged ? nr : 0;
	r->dirty += folio_test_dirty(f) ? nr : 0;
	r->writeback += folio_test_writeback(f) ? nr : 0;
	return assert_folio_state(f);
}

static const char *recount_mapping(struct address_space *mapping, struct recount *total)
{
	const char *broken = page_tree_check(mapping);
	struct recount r = {0};
	pgoff_t index = 0;
	struct folio *f;

	while (!broken && (f = page_tree_find(mapping, index, PAGE_INDEX_MAX, -1))) {
		index = folio_next_index(f);
		broken = recount_folio(mapping, f, &r);
	}
	if (broken)
		return broken;
	if (r.cached != mapping->nrpages)
		return "mapping: nrpages is wrong";
	if (r.tagged_dirty != mapping->nr_dirty)
		return "mapping: nr_dirty is wrong";
	if (r.writeback != mapping->nr_writeback)
		return "mapping: nr_writeback is wrong";
	if (r.dirty && !(mapping->host->i_state & (I_DIRTY_PAGES | I_SYNC)))
		return "mapping: dirty folios of an inode that is not dirty";
	total->cached += r.cached;
	total->dirty += r.dirty;
	total->writeback += r.writeback;
	return NULL;
}

const char *assert_mapping_state(struct address_space *mapping)
{
	struct recount total = {0};

	return recount_mapping(mapping, &total);
}

/* Pages of an LRU list; UINT64_MAX: a folio does not belong there. */
static uint64_t recount_lru(const struct mm *mm, enum lru_list lru)
{
	uint64_t pages = 0;

	sim_list_for_each (f, &mm->lru[lru], struct folio, lru) {
		if (!folio_test(f, PG_lru) || folio_test(f, PG_active) != (lru == LRU_ACTIVE_FILE))
			return UINT64_MAX;
		pages += folio_nr_pages(f);
	}
	return pages;
}

const char *assert_mm_state(struct mm *mm)
{
	struct super_block *sb = mm->client->sb;
	struct recount total = {0};

	sim_list_for_each (inode, &sb->s_inodes, struct inode, i_sb_list) {
		const char *broken = recount_mapping(&inode->i_data, &total);

		if (broken)
			return broken;
		if ((inode->i_state & I_DIRTY_ALL) && sim_list_empty(&inode->i_io_list) &&
		    !(inode->i_state & (I_FREEING | I_SYNC)))
			return "mm: a dirty inode on no list of the flusher";
	}
	if (total.cached != mm->nr_cached)
		return "mm: nr_cached is wrong";
	if (total.dirty != mm->nr_dirty)
		return "mm: nr_dirty is wrong";
	if (total.writeback != mm->nr_writeback)
		return "mm: nr_writeback is wrong";
	for (unsigned lru = 0; lru < NR_LRU; lru++) {
		if (recount_lru(mm, lru) != mm->nr_lru[lru])
			return "mm: an LRU list and its counter differ";
	}
	if (mm->nr_cached + mm->nr_anon > mm->total_pages - mm->free_pages)
		return "mm: more is in use than was allocated";
	return NULL;
}
