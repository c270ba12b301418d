/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reclaim: freeing clean folios when few pages are free, by kswapd or by who needs them.
 *
 * Mirrors: mm/vmscan.c (6.8), the file lists of one node.
 *
 * A round makes passes that look at ever more of the two lists, until enough is freed. The inactive
 * list is looked at from its old end: a clean folio that nobody uses goes, once ->release_folio
 * agrees; one that is dirty or in writeback gets PG_reclaim and is put out of the way, among the
 * active ones; when it has been written it is the first to go. Reclaim writes nothing itself
 * (network filesystems have no ->writepage): it wakes the flusher. The active list gives its
 * oldest to the inactive one while that is short.
 */
#include "model/mm/internal.h"

/* Pages that are looked at between two looks at what was freed. */
#define SWAP_CLUSTER_MAX 32u
/* The first pass looks at one page in 2^12, each next one at twice as many. */
#define DEF_PRIORITY 12
/* Rounds without a page freed, after which an allocation fails and kswapd gives up. */
#define MAX_RECLAIM_RETRIES 16
/* Longest single wait for writeback. */
#define RECLAIM_TIMEOUT_NS (100 * SIM_NS_PER_MS)

/* What one pass is to do, and what it met. In pages. */
struct scan_control {
	struct mm *mm;
	uint64_t nr_to_reclaim, nr_reclaimed;
	unsigned priority;
	bool kswapd;           /* it is kswapd, who does not wait */
	bool force_deactivate; /* the active ones are not spared */
	bool skipped_deactivate;
};

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
static uint64_t shrink_locked_folio(const struct scan_control *sc, struct folio *f)
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
	if (!filemap_release_folio(f, sc->kswapd ? GFP_KSWAPD_ : GFP_KERNEL_)) {
		activate_folio(f);
		return 0;
	}
	freed = f->mapping ? remove_mapping(f->mapping, f) : 0;
	f->mm->nr_reclaimed += freed;
	f->mm->nr_kswapd += sc->kswapd ? freed : 0;
	if (!freed)
		keep_folio(f);
	return freed;
}

/* Look at about nr pages from the old end of the inactive list. */
static void shrink_inactive_list(struct scan_control *sc, uint64_t nr)
{
	struct sim_list *lru = &sc->mm->lru[LRU_INACTIVE_FILE];
	uint64_t scanned = 0, unqueued_dirty = 0;

	while (scanned < nr && !sim_list_empty(lru)) {
		struct folio *f = sim_list_last(lru, struct folio, lru);

		scanned += folio_nr_pages(f);
		folio_get(f);
		if (folio_trylock(f)) {
			if (folio_test_dirty(f) && !folio_test_writeback(f))
				unqueued_dirty += folio_nr_pages(f);
			sc->nr_reclaimed += shrink_locked_folio(sc, f);
			folio_unlock(f);
		} else {
			keep_folio(f);
		}
		folio_put(f);
	}
	/* Dirty folios come to the end of the list before the flusher comes to them. */
	if (unqueued_dirty && unqueued_dirty == scanned)
		wakeup_flusher_threads(sc->mm);
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

/* How much of a list this pass looks at. */
static uint64_t scan_count(const struct scan_control *sc, enum lru_list lru)
{
	uint64_t size = sc->mm->nr_lru[lru], scan = size >> sc->priority;

	return scan ? scan : sim_min(size, SWAP_CLUSTER_MAX);
}

/* One pass over both lists, in turns. */
static void shrink_lruvec(struct scan_control *sc)
{
	uint64_t inactive = scan_count(sc, LRU_INACTIVE_FILE);
	uint64_t active = scan_count(sc, LRU_ACTIVE_FILE);

	while ((inactive || active) && sc->nr_reclaimed < sc->nr_to_reclaim) {
		uint64_t batch = sim_min(active, SWAP_CLUSTER_MAX);

		active -= batch;
		if (batch && (sc->force_deactivate || inactive_is_low(sc->mm)))
			shrink_active_list(sc->mm, batch);
		else if (batch)
			sc->skipped_deactivate = true;
		batch = sim_min(inactive, SWAP_CLUSTER_MAX);
		inactive -= batch;
		shrink_inactive_list(sc, batch);
	}
}

/* A round: passes of falling priority; pages freed. */
static uint64_t do_try_to_free_pages(struct mm *mm, uint64_t nr, bool kswapd)
{
	struct scan_control sc = {.mm = mm, .nr_to_reclaim = nr, .kswapd = kswapd};

	for (;;) {
		for (sc.priority = DEF_PRIORITY; sc.nr_reclaimed < nr; sc.priority--) {
			shrink_lruvec(&sc);
			if (!sc.priority)
				break;
		}
		if (sc.nr_reclaimed || sc.force_deactivate || !sc.skipped_deactivate)
			return sc.nr_reclaimed;
		sc.force_deactivate = true;
	}
}

/* ---- direct reclaim ---- */

/* Wait until some writeback ends, not for ever. False: there is none, and none can be started. */
static bool reclaim_throttle(struct mm *mm)
{
	struct sim_world *w = mm_world(mm);

	if (!w->current || (!mm->nr_dirty && !mm->nr_writeback))
		return false;
	wakeup_flusher_threads(mm);
	sim_wait_poll(w, &mm->reclaim_wait, SIM_WAIT_PLAIN, SITE_RECLAIM, &memory_wait_class, mm,
		      RECLAIM_TIMEOUT_NS);
	return true;
}

uint64_t try_to_free_pages(struct mm *mm, uint64_t nr, enum alloc_effort effort)
{
	uint64_t freed = 0, target = nr + mm->wmark[WMARK_MIN];
	unsigned retries = 0;

	for (;;) {
		uint64_t got = 0;

		if (mm->free_pages < target)
			got = do_try_to_free_pages(
				mm, sim_max(target - mm->free_pages, SWAP_CLUSTER_MAX), false);
		freed += got;
		if (got)
			mm->kswapd_failures = retries = 0;
		if (mm->free_pages >= target || effort == ALLOC_NORETRY)
			return freed;
		if (!got && (retries++ == MAX_RECLAIM_RETRIES || !reclaim_throttle(mm)))
			return freed;
	}
}

/* ---- kswapd ---- */

static void balance_pgdat(struct mm *mm)
{
	while (mm->free_pages < mm->wmark[WMARK_HIGH]) {
		uint64_t nr = mm->wmark[WMARK_HIGH] - mm->free_pages;

		if (!do_try_to_free_pages(mm, sim_max(nr, SWAP_CLUSTER_MAX), true)) {
			mm->kswapd_failures++;
			return;
		}
		mm->kswapd_failures = 0;
		sim_point(mm_world(mm), SITE_KSWAPD_RUN);
	}
}

static void kswapd(void *arg)
{
	struct mm *mm = arg;
	struct sim_world *w = mm_world(mm);

	for (;;) {
		while (!mm->kswapd_woken)
			sim_wait(w, &mm->kswapd_wait, SIM_WAIT_IDLE, SITE_KSWAPD_IDLE, NULL, NULL);
		mm->kswapd_woken = false;
		sim_point(w, SITE_KSWAPD_RUN);
		balance_pgdat(mm);
	}
}

void wakeup_kswapd(struct mm *mm)
{
	if (mm->kswapd_woken || mm->kswapd_failures >= MAX_RECLAIM_RETRIES)
		return;
	mm->kswapd_woken = true;
	if (!mm->kswapd)
		mm->kswapd = client_spawn(mm->client, "kswapd0", kswapd, mm);
	else
		sim_wake(mm_world(mm), &mm->kswapd_wait, 1);
}
