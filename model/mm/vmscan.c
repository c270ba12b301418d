/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reclaim: freeing clean folios when an allocation finds no free page.
 *
 * Mirrors: mm/vmscan.c (6.8), direct reclaim of the file lists.
 */
#include "model/mm/internal.h"

/* Pages that are looked at between two looks at what was freed. */
#define SWAP_CLUSTER_MAX 32
/* Waits without a page freed, after which an allocation fails. */
#define MAX_RECLAIM_RETRIES 16
/* Longest single wait for writeback: reclaim_throttle(). */
#define RECLAIM_TIMEOUT_NS (100 * SIM_NS_PER_MS)

uint64_t remove_mapping(struct address_space *mapping, struct folio *f)
{
	uint64_t nr = folio_nr_pages(f);

	if (f->refcount != 2 || folio_test_dirty(f)) /* the page cache's and the caller's */
		return 0;
	assert(f->mapping == mapping);
	filemap_remove_folio(f);
	return nr;
}

/* Not this time: among the active ones it is out of the way. */
static void activate_folio(struct folio *f)
{
	folio_del_lru(f);
	folio_set(f, PG_active);
	folio_add_lru(f);
}

/* To the front of its list. */
static void keep_folio(struct folio *f)
{
	if (!folio_test(f, PG_lru))
		return;
	folio_del_lru(f);
	folio_add_lru(f);
}

/* A locked folio of the inactive list: pages freed when the last reference goes. */
static uint64_t shrink_locked_folio(struct folio *f)
{
	uint64_t freed;

	if (folio_test_writeback(f) || folio_test_dirty(f)) {
		folio_set(f, PG_readahead); /* as PG_reclaim: first to go once it is written */
		activate_folio(f);
		return 0;
	}
	folio_clear(f, PG_referenced);
	if (!f->mapping) {
		keep_folio(f);
		return 0;
	}
	folio_unmap(f);
	if (!filemap_release_folio(f, GFP_KERNEL_)) {
		activate_folio(f);
		return 0;
	}
	freed = f->mapping ? remove_mapping(f->mapping, f) : 0;
	f->mm->nr_reclaimed += freed;
	if (!freed)
		keep_folio(f);
	return freed;
}

/* Look at about nr pages from the old end of the inactive list; pages freed. */
static uint64_t shrink_inactive_list(struct mm *mm, uint64_t nr)
{
	struct sim_list *lru = &mm->lru[LRU_INACTIVE_FILE];
	uint64_t freed = 0, scanned = 0;

	while (scanned < nr && !sim_list_empty(lru)) {
		struct folio *f = sim_list_last(lru, struct folio, lru);

		scanned += folio_nr_pages(f);
		folio_get(f);
		if (folio_trylock(f)) {
			freed += shrink_locked_folio(f);
			folio_unlock(f);
		} else {
			keep_folio(f);
		}
		folio_put(f);
	}
	return freed;
}

/* Move about nr pages from the old end of the active list to the inactive one. */
static void shrink_active_list(struct mm *mm, uint64_t nr)
{
	struct sim_list *lru = &mm->lru[LRU_ACTIVE_FILE];

	for (uint64_t moved = 0; moved < nr && !sim_list_empty(lru);) {
		struct folio *f = sim_list_last(lru, struct folio, lru);

		moved += folio_nr_pages(f);
		folio_del_lru(f);
		folio_clear(f, PG_active);
		folio_set(f, PG_workingset);
		folio_add_lru(f);
	}
}

/* sqrt(10 * size in GiB), at least 1. */
static uint64_t inactive_ratio(uint64_t pages)
{
	uint64_t gib = pages >> (30 - PAGE_SHIFT), ratio = 1;

	while ((ratio + 1) * (ratio + 1) <= 10 * gib)
		ratio++;
	return ratio;
}

static bool inactive_is_low(const struct mm *mm)
{
	uint64_t inactive = mm->nr_lru[LRU_INACTIVE_FILE], active = mm->nr_lru[LRU_ACTIVE_FILE];

	return inactive * inactive_ratio(inactive + active) < active;
}

/* One pass over both lists, until nr pages are freed. force: the active ones are not spared. */
static uint64_t shrink_lists(struct mm *mm, uint64_t nr, bool force)
{
	/* Each page once. */
	uint64_t to_scan = mm->nr_lru[LRU_INACTIVE_FILE] + mm->nr_lru[LRU_ACTIVE_FILE];
	uint64_t freed = 0;

	if (force)
		shrink_active_list(mm, mm->nr_lru[LRU_ACTIVE_FILE]);
	while (freed < nr && to_scan) {
		uint64_t batch = sim_min(to_scan, SWAP_CLUSTER_MAX);

		if (inactive_is_low(mm))
			shrink_active_list(mm, batch);
		if (!mm->nr_lru[LRU_INACTIVE_FILE])
			break;
		freed += shrink_inactive_list(mm, batch);
		to_scan -= batch;
	}
	return freed;
}

/* Wait until some writeback ends, not for ever. False: there is none, and none can be started. */
static bool wait_for_writeback(struct mm *mm)
{
	struct sim_world *w = mm_world(mm);

	if (!w->current || (!mm->nr_dirty && !mm->nr_writeback))
		return false;
	wakeup_flusher_threads(mm);
	sim_wait_timeout(w, &mm->reclaim_wait, SIM_WAIT_PLAIN, SITE_RECLAIM, NULL, NULL,
			 RECLAIM_TIMEOUT_NS);
	return true;
}

uint64_t try_to_free_pages(struct mm *mm, uint64_t nr, enum alloc_effort effort)
{
	uint64_t freed = 0, target = mm->free_pages + nr;
	unsigned retries = 0;

	for (;;) {
		uint64_t got = shrink_lists(mm, target - mm->free_pages, false);

		if (mm->free_pages < target)
			got += shrink_lists(mm, target - mm->free_pages, true);
		freed += got;
		if (mm->free_pages >= target)
			return freed;
		if (got)
			retries = 0;
		if (effort == ALLOC_NORETRY || retries++ == MAX_RECLAIM_RETRIES)
			return freed;
		if (!wait_for_writeback(mm))
			return freed;
	}
}
