/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The LRU lists of a client: newest at the front, reclaim looks at the end of the inactive one.
 *
 * Mirrors: mm/swap.c (6.8), without its batches per CPU.
 */
#include "model/mm/internal.h"

static enum lru_list folio_lru_list(const struct folio *f)
{
	return folio_test(f, PG_active) ? LRU_ACTIVE_FILE : LRU_INACTIVE_FILE;
}

static void lru_add(struct folio *f, bool tail)
{
	struct mm *mm = f->mm;
	enum lru_list lru = folio_lru_list(f);

	folio_set(f, PG_lru);
	if (tail)
		sim_list_add_tail(&f->lru, &mm->lru[lru]);
	else
		sim_list_add(&f->lru, &mm->lru[lru]);
	mm->nr_lru[lru] += folio_nr_pages(f);
}

void folio_add_lru(struct folio *f)
{
	lru_add(f, false);
}

void lru_add_page_tail(struct folio *head, struct folio *tail)
{
	sim_list_init(&tail->lru);
	if (!folio_test(head, PG_lru))
		return;
	folio_set(tail, PG_lru);
	sim_list_add_tail(&tail->lru, &head->lru); /* its pages are counted already */
}

void folio_del_lru(struct folio *f)
{
	if (!folio_test(f, PG_lru))
		return;
	folio_clear(f, PG_lru);
	sim_list_del(&f->lru);
	f->mm->nr_lru[folio_lru_list(f)] -= folio_nr_pages(f);
}

void folio_mark_accessed(struct folio *f)
{
	if (!folio_test(f, PG_referenced)) {
		folio_set(f, PG_referenced);
		return;
	}
	if (folio_test(f, PG_active) || !folio_test(f, PG_lru))
		return;
	folio_del_lru(f);
	folio_set(f, PG_active);
	lru_add(f, false);
	folio_clear(f, PG_referenced);
}

void folio_rotate_reclaimable(struct folio *f)
{
	if (folio_test_locked(f) || folio_test_dirty(f) || !folio_test(f, PG_lru))
		return;
	folio_del_lru(f);
	folio_clear(f, PG_active);
	lru_add(f, true);
}

void deactivate_file_folio(struct folio *f)
{
	if (!folio_test(f, PG_lru) || folio_mapped(f))
		return;
	folio_del_lru(f);
	folio_clear(f, PG_active);
	folio_clear(f, PG_referenced);
	if (folio_test_writeback(f) || folio_test_dirty(f)) {
		lru_add(f, false);
		folio_set(f, PG_readahead); /* as PG_reclaim: goes to the end when written */
	} else {
		lru_add(f, true);
	}
}
