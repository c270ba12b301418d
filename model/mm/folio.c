/* SPDX-License-Identifier: GPL-2.0-or-later */
/* clang-format off */
/*
 * The folio: its flags, its lock, its references and the waits for them.
 *
 * Mirrors: mm/filemap.c, include/linux/page-flags.h, mm/page-writeback.c (6.8).
 *
 * THE STATE MACHINE OF A FOLIO (reference 2)
 *
 * Letters: L locked, U uptodate, D dirty, W writeback, F being written to the cache (PG_private_2),
 * P what private holds: nothing (P0), a group (PG), a streaming record (PS), or the mark of a copy to
 * the cache that is due (PC: dirty for nothing else).
 *
 * Invariants, at every step:
 *
 *  (1) D implies U or PS: what will be uploaded is known.
 *  (2) U excludes PS. PS implies D, W or L.
 *  (3) PC implies U, and either D or W. design.cache_copy decides which of F and PC there is: with
 *      fscache never PC, with writeback never F.
 *  (4) P other than P0 holds one reference, F one, the page cache one. W holds none: truncation
 *      waits for it.
 *  (5) A folio outside the page cache (mapping NULL) is not D and not W.
 *  (6) The index's writeback mark is on exactly while W is. Its dirty mark is on while D is, and
 *      from the clearing of D for I/O until W is set.
 *  (7) L has at most one owner. locker names it; NULL while L is set means a request in flight.
 *  (8) W and F are set by whoever holds L; they are cleared without L.
 *  (9) nr_dirty, nr_writeback and nr_cached of struct mm count the pages of folios with D, with W,
 *      and with a mapping.
 *
 *           add              read done              written into
 *   ABSENT -----> L,EMPTY ----------------> CLEAN ------------------> DIRTY
 *                 |  |  |                     ^                       ^ ^ |
 *     read failed |  |  | written whole       |                       | | | picked
 *                 v  |  +---------------------|-----------------------+ | |
 *              EMPTY | written in part        | upload done             | |
 *                 ^  v                        |                         | |
 *                 |  STREAM ---- gaps filled by a read -----------------+ |
 *     upload done |  | ^                      |                           |
 *                 |  | | upload failed        |                           |
 *                 |  v | picked (down)        |                           v
 *                 +- WB_STREAM                +-------------------------- WB
 *
 *   WB ---- written into ----> WB_REDIRTY ---- upload done ----> DIRTY
 *   WB, WB_REDIRTY ---- upload failed, to be tried again ------> DIRTY
 *   any state without W ---- release, truncate ----------------> ABSENT
 *   any state with W ---- upload failed for good: kill --------> ABSENT
 *
 * CLEAN_COPY and DIRTY_COPY are CLEAN and DIRTY with F: the copy to the cache after a download. WB
 * states may have F too: the same data go to the cache and to the server. Where writeback makes the
 * copies, W alone says that either is going on, and in place of CLEAN_COPY there are two states:
 *
 *           read done                   picked               copied
 *   L,EMPTY ----------------> TO_COPY -----------> WB_COPY -----------> CLEAN
 *                              |  |                                       ^
 *                 written into |  | given up                              |
 *                              v  +---------------------------------------+
 *                            DIRTY
 *
 *   from                to             [function, in model/netfs or in this folder]
 *   ------------------  -------------  -----------------------------------------------------
 *   ABSENT              L,EMPTY        [filemap_add_folio]                                T1
 *   L,EMPTY             CLEAN          [netfs_rreq_unlock_folios: folio_mark_uptodate]    T2
 *   L,EMPTY             CLEAN_COPY     [the same, after folio_start_fscache]              T3
 *   L,EMPTY             EMPTY          [the same, after a failed read]                    T4
 *   CLEAN_COPY          CLEAN          [netfs_rreq_unmark_after_write: folio_end_fscache] T5
 *   DIRTY_COPY          DIRTY          [the same]                                         T5
 *   STREAM              DIRTY          [netfs_read_folio, netfs_rreq_unlock_folios]       T6 T7
 *   CLEAN, WB, *_COPY   + D            [netfs_perform_write: folio_mark_dirty]            T8
 *   L,EMPTY             DIRTY          [netfs_perform_write]                              T9-T11
 *   L,EMPTY             STREAM         [netfs_perform_write: folio_attach_private]        T12
 *   L,EMPTY, STREAM     STREAM, DIRTY  [netfs_perform_write]                              T13-T15
 *   DIRTY               WB             [folio_clear_dirty_for_io, folio_start_writeback]  T18 T19
 *   STREAM              WB_STREAM      [the same]                                         T18 T19
 *   WB, WB_REDIRTY      CLEAN, DIRTY   [netfs_pages_written_back: folio_end_writeback]    T20
 *   WB_STREAM           EMPTY          [the same, with folio_detach_private]              T21
 *   WB(PG)              CLEAN          [the same, group detached under L]                 T22
 *   WB_REDIRTY(PG)      DIRTY(PG)      [the same]                                         T23
 *   WB*                 + D            [netfs_redirty_pages: filemap_dirty_folio]         T24
 *   WB*                 ABSENT         [netfs_kill_pages: filemap_remove_folio]           T25
 *   any                 WB + F         [netfs_perform_write, write-through]               T26
 *   CLEAN, DIRTY        DIRTY          [netfs_page_mkwrite]                               T27
 *   any but W           ABSENT         [truncate_inode_pages_range]                       T28
 *   any but W           the same       [truncate_inode_pages_range, a part of it]         T29
 *   DIRTY, STREAM       ABSENT         [invalidate_inode_pages2_range, ->launder_folio]   T30
 *   CLEAN, EMPTY        ABSENT         [remove_mapping, invalidate_inode_pages2_range]    T31
 *   L,EMPTY             TO_COPY        [netfs_rreq_unlock_folios: netfs_mark_copy]        for T3
 *   TO_COPY             WB_COPY        [as T18, T19; no upload]
 *   WB_COPY             CLEAN          [as T20: folio_detach_private]
 *   TO_COPY             DIRTY          [netfs_perform_write, netfs_page_mkwrite]          for T8
 *   TO_COPY             CLEAN          [netfs_cancel_copy]
 *
 * ABSENT. Not in the page cache: mapping is NULL. Somebody may still hold a reference; he re-tests
 * mapping once he has L. index and the bytes of a reference are of the past.
 *
 * EMPTY. In the page cache, without L, not U: a read failed, or a streaming write was written back
 * and its record is gone. A reader asks ->read_folio for it; a writer may make anything of it.
 *
 * CLEAN. U: every byte is what the file has. It may go at any time, by reclaim or invalidation,
 * unless somebody holds a reference. CLEAN_COPY: F keeps it, since the copy reads it.
 *
 * DIRTY. U and D: the whole folio will be uploaded. Only writing out, truncation and laundering
 * clear D. DIRTY_COPY: writing out waits for F, or passes it over.
 *
 * STREAM. D and PS, not U: only the record's bytes are valid. A read fills the gaps first; a write
 * that does not continue the record flushes it.
 *
 * WB, WB_STREAM. W: an upload reads the bytes. Nobody waits for W before writing into it, unless
 * the mapping wants stable pages; truncation, invalidation and SYNC_ALL writing out do wait.
 * WB_REDIRTY: it was written into meanwhile and stays D when W ends.
 *
 * TO_COPY. As DIRTY to everybody who asks for D: reclaim, drop_caches and the flusher. But the server
 * has all of it, so that nothing is uploaded, and it may be given up: when others have changed the
 * file, when it is written through, when there is no cache any more. Whoever modifies it makes it
 * DIRTY first. WB_COPY: the cache reads the bytes. What private says is writeback's until it ends, so
 * that writers wait.
 *
 * Combinations that never occur in a right kernel: (1), (2) broken, D with W and PS (K2a), W set
 * twice. assert_folio_state() says (1)-(5) and (7) in code, assert_mapping_state() the rest.
 */
/* clang-format on */
#include "model/mm/internal.h"

#include "sim/base/text.h"

static void describe_folio(const void *obj, struct sim_buf *out)
{
	const struct folio *f = obj;

	sim_buf_printf(out, "folio %s page %#llx order %u",
		       f->mapping && f->mapping->host->name ? f->mapping->host->name : "(none)",
		       (unsigned long long)f->index, (unsigned)f->order);
}

static struct sim_task *folio_owner(const void *obj)
{
	return ((const struct folio *)obj)->locker;
}

const struct sim_wait_class folio_wait_class = {
	.name = "folio",
	.describe = describe_folio,
	.owner = folio_owner,
};

static const char *assert_copy_state(const struct folio *f)
{
	if (!folio_test_uptodate(f))
		return "folio: to be copied to the cache, with contents that nobody knows";
	if (folio_test_dirty(f) == folio_test_writeback(f))
		return "folio: marked for a copy to the cache that will not be made, or once more";
	return NULL;
}

static const char *assert_record_state(const struct folio *f)
{
	if (folio_test_uptodate(f))
		return "folio: uptodate and streaming";
	if (!folio_test_dirty(f) && !folio_test_writeback(f))
		return "folio: a streaming record that will not be written";
	if (folio_test_dirty(f) && folio_test_writeback(f))
		return "folio: a streaming record changed during its writeback";
	return NULL;
}

const char *assert_private_state(const struct folio *f)
{
	uintptr_t private = (uintptr_t)f->private;

	if (private & FOLIO_PRIVATE_RECORD)
		return assert_record_state(f);
	return private == FOLIO_PRIVATE_COPY ? assert_copy_state(f) : NULL;
}

/* ---- waits ---- */

static int folio_wait_bit(struct folio *f, enum folio_flags bit, enum sim_wait_mode mode,
			  uint16_t site)
{
	int err = sim_wait_bit(mm_world(f->mm), &f->waiters, bit, false, mode, site,
			       &folio_wait_class, f);

	return err ? -EINTR : 0;
}

/* The kernel has an event for this bit alone, each time that somebody is to sleep. */
static void trace_wait_writeback(const struct folio *f)
{
	const struct inode *inode = f->mapping->host;

	trace_folio_wait_writeback(mm_world(f->mm)->trace, inode->i_sb->s_type, inode->i_sb->s_dev,
				   inode->i_ino, f->index);
}

/* Until the bit is seen clear. */
static inline int folio_wait_bit_clear(struct folio *f, enum folio_flags bit,
				       enum sim_wait_mode mode, uint16_t site)
{
	folio_point(f, site);
	while (folio_test(f, bit)) {
		int err;

		if (bit == PG_writeback)
			trace_wait_writeback(f);
		err = folio_wait_bit(f, bit, mode, site);
		if (err)
			return err;
	}
	return 0;
}

static void folio_wake_bit(struct folio *f, enum folio_flags bit)
{
	if (!sim_waitq_empty(&f->waiters))
		sim_wake_bit(mm_world(f->mm), &f->waiters, bit);
}

/* ---- PG_locked ---- */

bool folio_trylock(struct folio *f)
{
	if (folio_test_locked(f))
		return false;
	folio_set(f, PG_locked);
	f->locker = mm_world(f->mm)->current;
	return true;
}

static int folio_lock_mode(struct folio *f, enum sim_wait_mode mode)
{
	folio_point(f, SITE_FOLIO_LOCK);
	while (!folio_trylock(f)) {
		if (sim_wait_bit(mm_world(f->mm), &f->waiters, PG_locked, true, mode,
				 SITE_FOLIO_LOCK, &folio_wait_class, f))
			return -EINTR;
	}
	return 0;
}

void folio_lock(struct folio *f)
{
	folio_lock_mode(f, SIM_WAIT_PLAIN);
}

int folio_lock_killable(struct folio *f)
{
	return folio_lock_mode(f, SIM_WAIT_KILLABLE);
}

void folio_unlock(struct folio *f)
{
	bool was_locked = folio_test_locked(f);
	struct mm *mm = f->mm;

	/* 6.8 flips the bit: an unlock too many locks the folio for good (recorded C1). */
	f->flags ^= 1u << PG_locked;
	f->locker = NULL;
	MODEL_HOOK(mm_model(mm), folio_unlock, f, was_locked);
	folio_wake_bit(f, PG_locked);
	sim_point(mm_world(mm), SITE_FOLIO_UNLOCK); /* the folio may be gone behind it */
}

int folio_wait_locked_killable(struct folio *f)
{
	folio_point(f, SITE_FOLIO_WAIT_LOCKED);
	if (!folio_test_locked(f))
		return 0;
	return folio_wait_bit(f, PG_locked, SIM_WAIT_KILLABLE, SITE_FOLIO_WAIT_LOCKED);
}

int folio_put_wait_locked(struct folio *f)
{
	int err;

	/*
	 * The kernel sleeps without the reference, so that reclaim can have the folio. Here the
	 * wait queue is in the folio: the lock's holder keeps that alive, but not for a woken
	 * waiter, who must not look at it again.
	 */
	if (!folio_test_locked(f)) {
		folio_put(f);
		return 0;
	}
	folio_put(f);
	err = folio_wait_bit(f, PG_locked, SIM_WAIT_KILLABLE, SITE_FOLIO_WAIT_LOCKED);
	return err;
}

/* ---- references ---- */

void folio_free(struct folio *f)
{
	struct mm *mm = f->mm;

	assert(!f->mapping && sim_waitq_empty(&f->waiters));
	assert(!(f->flags & (1u << PG_dirty | 1u << PG_writeback | 1u << PG_private)));
	MODEL_HOOK(mm_model(mm), folio_freed, f);
	folio_del_lru(f);
	mm_free_pages(mm, folio_nr_pages(f));
	sim_pool_put(&mm->folios, f);
}

void folio_batch_release(struct folio_batch *fbatch)
{
	for (unsigned i = 0; i < fbatch->nr; i++)
		folio_put(fbatch->folios[i]);
	fbatch->nr = 0;
}

/* ---- contents ---- */

void folio_mark_uptodate(struct folio *f)
{
	folio_set(f, PG_uptodate);
	folio_changed(f);
	folio_point(f, SITE_FOLIO_UPTODATE);
}

void folio_clear_uptodate(struct folio *f)
{
	folio_clear(f, PG_uptodate);
	folio_changed(f);
}

/* ---- private data ---- */

void folio_attach_private(struct folio *f, void *data)
{
	assert(data && !folio_test_private(f));
	folio_get(f);
	f->private = data;
	folio_set(f, PG_private);
	folio_changed(f);
}

void *folio_change_private(struct folio *f, void *data)
{
	void *old = f->private;

	assert(data && folio_test_private(f));
	f->private = data;
	folio_changed(f);
	return old;
}

void *folio_detach_private(struct folio *f)
{
	void *old = f->private;

	if (!folio_test_private(f))
		return NULL;
	folio_clear(f, PG_private);
	f->private = NULL;
	folio_changed(f);
	folio_put(f);
	return old;
}

/* ---- PG_private_2 ---- */

void folio_start_fscache(struct folio *f)
{
	assert(!folio_test_fscache(f));
	folio_get(f);
	folio_set(f, PG_private_2);
	MODEL_HOOK(mm_model(f->mm), fscache, f, true);
}

void folio_end_fscache(struct folio *f)
{
	struct mm *mm = f->mm;

	assert(folio_test_fscache(f));
	folio_clear(f, PG_private_2);
	MODEL_HOOK(mm_model(mm), fscache, f, false);
	folio_wake_bit(f, PG_private_2);
	folio_put(f);
	sim_point(mm_world(mm), SITE_FOLIO_FSCACHE);
}

void folio_wait_fscache(struct folio *f)
{
	folio_wait_bit_clear(f, PG_private_2, SIM_WAIT_PLAIN, SITE_FOLIO_FSCACHE);
}

int folio_wait_fscache_killable(struct folio *f)
{
	return folio_wait_bit_clear(f, PG_private_2, SIM_WAIT_KILLABLE, SITE_FOLIO_FSCACHE);
}

/* ---- PG_writeback ---- */

void folio_start_writeback(struct folio *f)
{
	struct address_space *mapping = f->mapping;
	page_marks done = PAGE_MARK(PAGE_MARK_TOWRITE), had;
	uint64_t nr = folio_nr_pages(f);
	struct mm *mm = f->mm;

	assert(mapping && folio_test_locked(f) && !folio_test_writeback(f));
	folio_set(f, PG_writeback);
	if (!folio_test_dirty(f))
		done |= PAGE_MARK(PAGE_MARK_DIRTY);
	had = page_tree_mark(mapping, f, done, PAGE_MARK(PAGE_MARK_WRITEBACK));
	if (had & done & PAGE_MARK(PAGE_MARK_DIRTY))
		mapping->nr_dirty -= nr;
	mapping->nr_writeback += nr;
	mm->nr_writeback += nr;
	mod_node_page_state(mm, &mm->writeback_stat, (int64_t)nr);
	MODEL_HOOK(mm_model(mm), start_writeback, f);
	mm->peak_writeback = sim_max(mm->peak_writeback, mm->nr_writeback);
	mm_gauge_dirty(mm);
	folio_point(f, SITE_FOLIO_START_WRITEBACK);
}

void folio_end_writeback(struct folio *f)
{
	struct address_space *mapping = f->mapping;
	uint64_t nr = folio_nr_pages(f);
	struct mm *mm = f->mm;

	assert(mapping && folio_test_writeback(f));
	if (folio_test(f, PG_readahead)) { /* as PG_reclaim */
		folio_clear(f, PG_readahead);
		folio_rotate_reclaimable(f);
	}
	folio_get(f);
	folio_clear(f, PG_writeback);
	page_tree_clear_mark(mapping, f, PAGE_MARK_WRITEBACK);
	mapping->nr_writeback -= nr;
	mm->nr_writeback -= nr;
	mod_node_page_state(mm, &mm->writeback_stat, -(int64_t)nr);
	mm_count_written(mm, nr);
	MODEL_HOOK(mm_model(mm), end_writeback, f, 0); /* errors: see mapping_error */
	folio_wake_bit(f, PG_writeback);
	mm_gauge(mm);
	folio_put(f);
	sim_point(mm_world(mm), SITE_FOLIO_END_WRITEBACK);
}

void folio_wait_writeback(struct folio *f)
{
	folio_wait_bit_clear(f, PG_writeback, SIM_WAIT_PLAIN, SITE_FOLIO_WRITEBACK);
}

int folio_wait_writeback_killable(struct folio *f)
{
	return folio_wait_bit_clear(f, PG_writeback, SIM_WAIT_KILLABLE, SITE_FOLIO_WRITEBACK);
}

/* ---- PG_dirty ---- */

bool folio_mark_dirty(struct folio *f)
{
	struct address_space *mapping = f->mapping;

	if (!mapping) {
		/* Truncated under the caller: the data are lost, as they should be. */
		return false;
	}
	folio_clear(f, PG_readahead); /* it may be meant as PG_reclaim */
	return mapping->a_ops->dirty_folio(mapping, f);
}

bool filemap_dirty_folio(struct address_space *mapping, struct folio *f)
{
	if (folio_test_dirty(f))
		return false;
	folio_set(f, PG_dirty);
	if (f->mapping) {
		uint64_t nr = folio_nr_pages(f);

		assert(f->mapping == mapping);
		if (!page_tree_set_mark(mapping, f, PAGE_MARK_DIRTY))
			mapping->nr_dirty += nr;
		f->mm->nr_dirty += nr;
		mod_node_page_state(f->mm, &f->mm->dirty_stat, (int64_t)nr);
		mm_count_dirtied(f->mm, nr);
		trace_writeback_dirty_folio(mm_world(f->mm)->trace, mapping->host->i_sb->s_type,
					    mapping->host->i_sb->s_dev, mapping->host->i_ino,
					    f->index);
	}
	folio_changed(f);
	mm_gauge_dirty(f->mm);
	folio_point(f, SITE_FOLIO_DIRTY);
	__mark_inode_dirty(mapping->host, I_DIRTY_PAGES);
	return true;
}

void folio_account_cleaned(struct folio *f)
{
	uint64_t nr = folio_nr_pages(f);
	struct mm *mm = f->mm;

	folio_clear(f, PG_dirty);
	mm->nr_dirty -= nr;
	mod_node_page_state(mm, &mm->dirty_stat, -(int64_t)nr);
	folio_changed(f); /* mm_gauge() when writeback begins, or the folio goes */
}

bool folio_clear_dirty_for_io(struct folio *f)
{
	assert(folio_test_locked(f));
	if (folio_mkclean(f))
		folio_mark_dirty(f);
	if (!folio_test_dirty(f))
		return false;
	folio_account_cleaned(f);
	return true;
}

/*
 * The kernel leaves the mark to whoever removes the folio. A folio that stays, since only what was
 * dirty in it is gone, would keep its inode on the flusher's list for ever.
 */
void folio_cancel_dirty(struct folio *f)
{
	struct address_space *mapping = f->mapping;

	if (!folio_test_dirty(f))
		return;
	if (mapping && page_tree_clear_mark(mapping, f, PAGE_MARK_DIRTY))
		mapping->nr_dirty -= folio_nr_pages(f);
	folio_account_cleaned(f);
}
