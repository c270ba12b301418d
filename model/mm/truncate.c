/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Dropping folios from the page cache: truncation, invalidation, splitting, drop_caches.
 *
 * Mirrors: mm/truncate.c, mm/huge_memory.c, fs/drop_caches.c (6.8).
 */
#include "model/mm/internal.h"

/*
 * Collect folios that lie wholly in [*start, end], locked and referenced, passing over those that
 * are locked or in writeback; *start moves behind the last.
 */
static unsigned find_lock_entries(struct address_space *mapping, pgoff_t *start, pgoff_t end,
				  struct folio_batch *fbatch)
{
	pgoff_t index = *start;
	struct folio *f;

	fbatch->nr = 0;
	while (fbatch->nr < PAGEVEC_SIZE && index <= end &&
	       (f = page_tree_find(mapping, index, end, -1))) {
		index = folio_next_index(f);
		if (f->index < *start || index - 1 > end)
			continue;
		if (folio_test_writeback(f) || !folio_trylock(f))
			continue;
		folio_get(f);
		fbatch->folios[fbatch->nr++] = f;
	}
	if (fbatch->nr)
		*start = folio_next_index(fbatch->folios[fbatch->nr - 1]);
	return fbatch->nr;
}

static void resched(const struct address_space *mapping)
{
	sim_point(mm_world(mapping_mm(mapping)), SITE_FILEMAP_RESCHED);
}

/* ---- splitting ---- */

/* Make the page at index, that was part of head, a folio of its own: locked, for the page cache. */
static void split_tail(struct folio *head, pgoff_t index, bool marked_dirty, bool marked_towrite)
{
	const uint32_t inherited = 1u << PG_referenced | 1u << PG_uptodate | 1u << PG_dirty |
				   1u << PG_active | 1u << PG_workingset | 1u << PG_locked;
	struct folio *f = head;

	if (index != head->index) {
		f = sim_pool_get(&head->mm->folios);
		f->mm = head->mm;
		f->mapping = head->mapping;
		f->index = index;
		f->refcount = 1;
		f->flags = head->flags & inherited;
		f->locker = head->locker;
		lru_add_page_tail(head, f);
	}
	page_tree_insert(head->mapping, f);
	if (marked_dirty)
		page_tree_set_mark(head->mapping, f, PAGE_MARK_DIRTY);
	if (marked_towrite)
		page_tree_set_mark(head->mapping, f, PAGE_MARK_TOWRITE);
}

/* Put nr single pages in the place of the folio. Counters stay as they are. */
static void split_in_place(struct folio *head, uint64_t nr)
{
	struct address_space *mapping = head->mapping;
	bool marked_dirty = page_tree_get_mark(mapping, head, PAGE_MARK_DIRTY);
	bool marked_towrite = page_tree_get_mark(mapping, head, PAGE_MARK_TOWRITE);

	page_tree_erase(mapping, head);
	head->order = 0;
	for (uint64_t i = nr; i--;)
		split_tail(head, head->index + i, marked_dirty, marked_towrite);
}

int split_folio(struct folio *f)
{
	struct address_space *mapping = f->mapping;
	struct model *model = f->mm->client->model;
	uint64_t nr = folio_nr_pages(f);
	pgoff_t end;

	if (folio_test_writeback(f) || !mapping)
		return -EBUSY;
	if (!filemap_release_folio(f, GFP_KERNEL_))
		return -EBUSY;
	if (f->refcount != 2) /* the page cache's, the caller's, and somebody else's */
		return -EAGAIN;
	end = (mapping->host->i_size + PAGE_SIZE - 1) >> PAGE_SHIFT;
	folio_unmap(f);
	split_in_place(f, nr);
	folio_changed(f);
	for (uint64_t i = nr; --i;) {
		struct folio *tail = page_tree_load(mapping, f->index + i);

		folio_get(tail);
		MODEL_HOOK(model, folio_added, tail);
		if (tail->index >= end) {
			folio_cancel_dirty(tail);
			filemap_remove_folio(tail);
		}
		folio_unlock(tail);
		folio_put(tail);
	}
	return 0;
}

/* ---- truncation ---- */

static void folio_invalidate(struct folio *f, uint64_t offset, uint64_t length)
{
	if (f->mapping->a_ops->invalidate_folio)
		f->mapping->a_ops->invalidate_folio(f, offset, length);
}

/* Nobody will want the folio's data: private data and dirtiness go, then the folio. */
static void truncate_inode_folio(struct address_space *mapping, struct folio *f)
{
	if (f->mapping != mapping)
		return;
	folio_unmap(f);
	if (folio_has_private(f))
		folio_invalidate(f, 0, folio_size(f));
	folio_cancel_dirty(f);
	filemap_remove_folio(f);
}

void generic_error_remove_folio(struct address_space *mapping, struct folio *folio)
{
	folio_lock(folio);
	truncate_inode_folio(mapping, folio);
	folio_unlock(folio);
}

/*
 * The bytes of a locked folio from start to end (inclusive) go. False: the folio could not be split
 * and has to stay whole, since other bytes in it are dirty.
 */
static bool truncate_inode_partial_folio(struct folio *f, uint64_t start, uint64_t end)
{
	uint64_t pos = folio_pos(f), size = folio_size(f);
	uint64_t offset = pos < start ? start - pos : 0;
	uint64_t length = pos + size <= end ? size - offset : end + 1 - pos - offset;

	folio_wait_writeback(f);
	if (length == size) {
		truncate_inode_folio(f->mapping, f);
		return true;
	}
	content_set_zero(&f->mapping->data, pos + offset, length);
	if (folio_has_private(f))
		folio_invalidate(f, offset, length);
	if (!f->order)
		return true;
	if (!split_folio(f))
		return true;
	if (folio_test_dirty(f))
		return false;
	truncate_inode_folio(f->mapping, f);
	return true;
}

/* Pass 1: what lies wholly in [start, end] and can be had without waiting. */
static void truncate_easy(struct address_space *mapping, pgoff_t start, pgoff_t end)
{
	struct folio_batch fbatch;

	while (start <= end && find_lock_entries(mapping, &start, end, &fbatch)) {
		for (unsigned i = 0; i < fbatch.nr; i++)
			truncate_inode_folio(mapping, fbatch.folios[i]);
		for (unsigned i = 0; i < fbatch.nr; i++)
			folio_unlock(fbatch.folios[i]);
		folio_batch_release(&fbatch);
		resched(mapping);
	}
}

/* Pass 2: the rest of [start, end), waiting for locks and writeback, until nothing is left. */
static void truncate_rest(struct address_space *mapping, pgoff_t start, pgoff_t end)
{
	struct folio_batch fbatch;
	pgoff_t index = start;

	while (index < end) {
		resched(mapping);
		if (!filemap_get_folios(mapping, &index, end - 1, -1, &fbatch)) {
			if (index == start)
				return;
			index = start;
			continue;
		}
		for (unsigned i = 0; i < fbatch.nr; i++) {
			struct folio *f = fbatch.folios[i];

			folio_lock(f);
			folio_wait_writeback(f);
			truncate_inode_folio(mapping, f);
			folio_unlock(f);
		}
		folio_batch_release(&fbatch);
	}
}

void truncate_inode_pages_range(struct address_space *mapping, uint64_t lstart, uint64_t lend)
{
	pgoff_t start = (lstart + PAGE_SIZE - 1) >> PAGE_SHIFT;
	pgoff_t end = lend >= LLONG_MAX_OFF ? PAGE_INDEX_MAX : (lend + 1) >> PAGE_SHIFT;
	bool same_folio = lstart >> PAGE_SHIFT == lend >> PAGE_SHIFT;
	struct folio *f;

	if (!mapping->nrpages)
		return;
	if (start < end)
		truncate_easy(mapping, start, end - 1);
	f = filemap_lock_folio(mapping, lstart >> PAGE_SHIFT);
	if (f) {
		pgoff_t first = f->index, next = folio_next_index(f);

		same_folio = lend < folio_pos(f) + folio_size(f);
		if (!truncate_inode_partial_folio(f, lstart, lend)) {
			start = next;
			if (same_folio)
				end = first;
		}
		folio_unlock(f);
		folio_put(f);
	}
	if (!same_folio) {
		f = filemap_lock_folio(mapping, lend >> PAGE_SHIFT);
		if (f) {
			if (!truncate_inode_partial_folio(f, lstart, lend))
				end = f->index;
			folio_unlock(f);
			folio_put(f);
		}
	}
	truncate_rest(mapping, start, end);
}

void truncate_inode_pages_final(struct address_space *mapping)
{
	truncate_inode_pages_range(mapping, 0, UINT64_MAX);
}

void truncate_pagecache(struct inode *inode, uint64_t new_size)
{
	pgoff_t hole = (new_size + PAGE_SIZE - 1) >> PAGE_SHIFT;

	unmap_mapping_range(&inode->i_data, hole, PAGE_INDEX_MAX);
	truncate_inode_pages_range(&inode->i_data, new_size, UINT64_MAX);
	unmap_mapping_range(&inode->i_data, hole, PAGE_INDEX_MAX);
}

void pagecache_isize_extended(struct inode *inode, uint64_t from, uint64_t to)
{
	struct folio *f;

	if (from >= to || from % PAGE_SIZE == 0 || bug(inode_client(inode), BUG_EOF_STORE_EXPOSED))
		return;
	f = filemap_lookup(&inode->i_data, from >> PAGE_SHIFT);
	if (!f || !folio_test_uptodate(f))
		return;
	to = sim_min(to, sim_round_up(from, PAGE_SIZE));
	content_set_zero(&inode->i_data.data, from, to - from);
}

void truncate_setsize(struct inode *inode, uint64_t new_size)
{
	struct model *model = inode_client(inode)->model;
	uint64_t old_size = inode->i_size;

	MODEL_HOOK(model, truncate, inode, old_size, new_size);
	inode->i_size = new_size;
	pagecache_isize_extended(inode, old_size, new_size);
	MODEL_HOOK(model, i_size, inode, old_size, new_size);
	MODEL_HOOK(model, inode, inode);
	truncate_pagecache(inode, new_size);
}

/* ---- invalidation ---- */

bool filemap_release_folio(struct folio *f, unsigned gfp)
{
	assert(folio_test_locked(f));
	if (!folio_needs_release(f))
		return true;
	if (folio_test_writeback(f))
		return false;
	if (f->mapping && f->mapping->a_ops->release_folio)
		return f->mapping->a_ops->release_folio(f, gfp);
	return false;
}

/* Drop a locked folio if it is clean and nobody uses it: pages dropped. */
static uint64_t mapping_evict_folio(struct address_space *mapping, struct folio *f)
{
	if (folio_test_dirty(f) || folio_test_writeback(f))
		return 0;
	/* The page cache, the caller and private data have references; so have page tables. */
	if (f->refcount > 2u + folio_has_private(f) || folio_mapped(f))
		return 0;
	/* The kernel passes no allocation flags: the filesystem may not wait. */
	if (!filemap_release_folio(f, GFP_KSWAPD_))
		return 0;
	return remove_mapping(mapping, f);
}

uint64_t mapping_try_invalidate(struct address_space *mapping, pgoff_t start, pgoff_t end,
				uint64_t *nr_failed)
{
	struct folio_batch fbatch;
	uint64_t count = 0;

	while (start <= end && find_lock_entries(mapping, &start, end, &fbatch)) {
		for (unsigned i = 0; i < fbatch.nr; i++) {
			struct folio *f = fbatch.folios[i];
			uint64_t dropped = mapping_evict_folio(mapping, f);

			folio_unlock(f);
			if (!dropped) {
				deactivate_file_folio(f);
				(*nr_failed)++;
			}
			count += dropped;
		}
		folio_batch_release(&fbatch);
		resched(mapping);
	}
	return count;
}

uint64_t invalidate_mapping_pages(struct address_space *mapping, pgoff_t start, pgoff_t end)
{
	uint64_t failed = 0;

	return mapping_try_invalidate(mapping, start, end, &failed);
}

/* Drop a locked folio whoever has a reference. False: it is dirty or the filesystem keeps it. */
static bool invalidate_complete_folio2(struct address_space *mapping, struct folio *f)
{
	if (f->mapping != mapping)
		return false;
	if (!filemap_release_folio(f, GFP_KERNEL_))
		return false;
	if (folio_test_dirty(f))
		return false;
	filemap_remove_folio(f);
	return true;
}

static bool flushes(const struct address_space *mapping)
{
	return inode_client(mapping->host)->model->design.teardown == TEARDOWN_FLUSH;
}

static int folio_launder(struct address_space *mapping, struct folio *f)
{
	if (!folio_test_dirty(f) || !mapping->a_ops->launder_folio || flushes(mapping))
		return 0;
	return mapping->a_ops->launder_folio(f);
}

static int invalidate_one2(struct address_space *mapping, struct folio *f)
{
	int err = 0;

	folio_lock(f);
	if (f->mapping == mapping) {
		folio_wait_writeback(f);
		folio_unmap(f);
		err = folio_launder(mapping, f);
		if (!err && !invalidate_complete_folio2(mapping, f))
			err = -EBUSY;
	}
	folio_unlock(f);
	return err;
}

/* As filemap_invalidate_inode() of later kernels. What fails stays dirty, and in the page cache. */
static void flush_for_teardown(struct address_space *mapping, pgoff_t start, pgoff_t end)
{
	uint64_t last = end < LLONG_MAX_OFF >> PAGE_SHIFT ? ((end + 1) << PAGE_SHIFT) - 1
							  : LLONG_MAX_OFF;

	unmap_mapping_range(mapping, start, end);
	filemap_write_and_wait_range(mapping, start << PAGE_SHIFT, last);
}

int invalidate_inode_pages2_range(struct address_space *mapping, pgoff_t start, pgoff_t end)
{
	struct folio_batch fbatch;
	pgoff_t index = start;
	int ret = 0;

	if (flushes(mapping))
		flush_for_teardown(mapping, start, end);
	while (filemap_get_folios(mapping, &index, end, -1, &fbatch)) {
		for (unsigned i = 0; i < fbatch.nr; i++) {
			struct folio *f = fbatch.folios[i];
			int err;

			if (folio_mapped(f))
				unmap_mapping_range(mapping, f->index, end);
			err = invalidate_one2(mapping, f);
			if (err < 0)
				ret = err;
		}
		folio_batch_release(&fbatch);
		resched(mapping);
	}
	return ret;
}

/* ---- drop_caches ---- */

void drop_pagecache(struct client *c)
{
	uint32_t ordinal = 0;
	struct inode *inode;

	while ((inode = next_inode(c->sb, ordinal))) {
		ordinal = inode->ordinal;
		if (!inode->i_data.nrpages || (inode->i_state & I_FREEING))
			continue;
		inode_pin(inode);
		invalidate_mapping_pages(&inode->i_data, 0, PAGE_INDEX_MAX);
		inode_unpin(inode);
	}
}
