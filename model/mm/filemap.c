/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The page cache: looking folios up, allocating, adding, removing them.
 *
 * Mirrors: mm/filemap.c (6.8).
 */
#include "model/mm/internal.h"

/* ---- look-up ---- */

struct folio *filemap_lookup(struct address_space *mapping, pgoff_t index)
{
	return page_tree_load(mapping, index);
}

struct folio *filemap_next(struct address_space *mapping, pgoff_t index, pgoff_t last)
{
	return page_tree_find(mapping, index, last, -1);
}

struct folio *filemap_next_marked(struct address_space *mapping, pgoff_t index, pgoff_t last,
				  enum page_mark mark)
{
	return page_tree_find(mapping, index, last, (int)mark);
}

pgoff_t page_cache_next_miss(struct address_space *mapping, pgoff_t index, uint64_t max)
{
	pgoff_t end = sim_add_sat(index, max);

	while (index < end) {
		struct folio *f = page_tree_load(mapping, index);

		if (!f)
			return index;
		index = folio_next_index(f);
	}
	return UINT64_MAX;
}

pgoff_t page_cache_prev_miss(struct address_space *mapping, pgoff_t index, uint64_t max)
{
	while (max) {
		struct folio *f = page_tree_load(mapping, index);

		if (!f)
			return index;
		if (!f->index)
			return UINT64_MAX;
		max -= sim_min(max, index - f->index + 1);
		index = f->index - 1;
	}
	return UINT64_MAX;
}

struct folio *filemap_get_folio(struct address_space *mapping, pgoff_t index)
{
	struct folio *f = page_tree_load(mapping, index);

	if (f)
		folio_get(f);
	return f;
}

struct folio *filemap_lock_folio(struct address_space *mapping, pgoff_t index)
{
	struct folio *f;

	while ((f = filemap_get_folio(mapping, index))) {
		folio_lock(f);
		/* It may have been truncated, or split, while we slept. */
		if (f->mapping == mapping && index - f->index < folio_nr_pages(f))
			return f;
		folio_unlock(f);
		folio_put(f);
	}
	return NULL;
}

unsigned filemap_get_folios(struct address_space *mapping, pgoff_t *index, pgoff_t last, int mark,
			    struct folio_batch *fbatch)
{
	struct folio *f;

	fbatch->nr = 0;
	while (fbatch->nr < PAGEVEC_SIZE && *index <= last &&
	       (f = page_tree_find(mapping, *index, last, mark))) {
		folio_get(f);
		fbatch->folios[fbatch->nr++] = f;
		*index = folio_next_index(f);
	}
	return fbatch->nr;
}

/* ---- allocation ---- */

struct folio *filemap_alloc_folio_effort(struct client *c, unsigned order, enum alloc_effort effort)
{
	struct mm *mm = &c->mm;
	uint64_t nr = 1ull << order;
	struct folio *f;

	if (order > mm->config.max_folio_order)
		return NULL;
	sim_cpu(c->w, c->model->costs.folio_ns);
	if (!mm_alloc_pages(mm, nr, effort))
		return NULL;
	f = sim_pool_get(&mm->folios);
	f->mm = mm;
	f->order = order;
	f->refcount = 1;
	sim_list_init(&f->lru);
	folio_set(f, PG_locked);
	f->locker = c->w->current;
	return f;
}

struct folio *filemap_alloc_folio(struct client *c, unsigned order)
{
	return filemap_alloc_folio_effort(c, order, order ? ALLOC_NORETRY : ALLOC_WAIT);
}

int filemap_add_folio(struct address_space *mapping, struct folio *f, pgoff_t index)
{
	struct mm *mm = f->mm;

	assert(folio_test_locked(f) && !f->mapping);
	f->index = index;
	if (page_tree_insert(mapping, f))
		return -EEXIST;
	folio_get(f);
	f->mapping = mapping;
	mapping->nrpages += folio_nr_pages(f);
	mm->nr_cached += folio_nr_pages(f);
	content_set(&mapping->data, folio_pos(f), folio_size(f),
		    content_junk(mm_model(mm)->content));
	folio_add_lru(f);
	MODEL_HOOK(mm_model(mm), folio_added, f);
	trace_mm_filemap_add_to_page_cache(mm_world(mm)->trace, mapping->host->i_sb->s_dev,
					   mapping->host->i_ino, 0, folio_pos(f), f->order);
	mm->peak_cached = sim_max(mm->peak_cached, mm->nr_cached);
	mm_gauge(mm);
	folio_point(f, SITE_FILEMAP_ADD);
	return 0;
}

void filemap_remove_folio(struct folio *f)
{
	struct address_space *mapping = f->mapping;
	struct mm *mm = f->mm;

	assert(mapping && folio_test_locked(f) && !folio_test_writeback(f));
	trace_mm_filemap_delete_from_page_cache(mm_world(mm)->trace, mapping->host->i_sb->s_dev,
						mapping->host->i_ino, 0, folio_pos(f), f->order);
	MODEL_HOOK(mm_model(mm), folio_removed, f);
	if (folio_test_dirty(f)) /* its data are lost: the callers have seen to that */
		folio_account_cleaned(f);
	if (page_tree_erase(mapping, f) & PAGE_MARK(PAGE_MARK_DIRTY))
		mapping->nr_dirty -= folio_nr_pages(f);
	mapping->nrpages -= folio_nr_pages(f);
	mm->nr_cached -= folio_nr_pages(f);
	content_erase(&mapping->data, folio_pos(f), folio_size(f));
	folio_unmap(f);
	f->mapping = NULL;
	mm_gauge(mm);
	folio_point(f, SITE_FILEMAP_REMOVE);
	folio_put(f);
}

/* The order that a write of len bytes from pos would like: fgf_set_order(). */
static unsigned write_order(const struct address_space *mapping, uint64_t pos, uint64_t len)
{
	uint64_t bytes = pos % PAGE_SIZE + len;
	pgoff_t index = pos >> PAGE_SHIFT;
	unsigned order;

	if (!(mapping->flags & AS_LARGE_FOLIO_SUPPORT) || bytes < PAGE_SIZE)
		return 0;
	order = sim_ilog2(bytes) - PAGE_SHIFT;
	order = sim_min(order, mapping_mm(mapping)->config.max_folio_order);
	if (index & ((1ull << order) - 1))
		order = (unsigned)__builtin_ctzll(index);
	return order;
}

/* Allocate and add a folio of at most this order at index. NULL: *err, -EEXIST: look up again. */
static struct folio *filemap_create(struct address_space *mapping, pgoff_t index, unsigned order,
				    int *err)
{
	struct client *c = inode_client(mapping->host);

	for (;;) {
		struct folio *f;

		if (order == 1)
			order = 0; /* 6.8 has no file folios of two pages */
		f = filemap_alloc_folio(c, order);
		*err = -ENOMEM;
		if (f) {
			*err = filemap_add_folio(mapping, f, index);
			if (!*err)
				return f;
			folio_put(f);
		}
		if (!order--)
			return NULL;
	}
}

struct folio *filemap_get_folio_write(struct address_space *mapping, uint64_t pos, uint64_t len,
				      int *err)
{
	pgoff_t index = pos >> PAGE_SHIFT;
	struct folio *f;

	for (;;) {
		f = filemap_lock_folio(mapping, index);
		if (f) {
			if (mapping->flags & AS_STABLE_WRITES)
				folio_wait_writeback(f);
			return f;
		}
		f = filemap_create(mapping, index, write_order(mapping, pos, len), err);
		if (f)
			return f;
		if (*err != -EEXIST)
			return NULL;
	}
}

void inode_init_once(struct inode *inode, struct super_block *sb)
{
	struct address_space *mapping = &inode->i_data;

	inode->i_sb = sb;
	sim_rwsem_init(&inode->i_rwsem, "i_rwsem", inode);
	sim_list_init(&inode->i_io_list);
	sim_list_init(&inode->i_sb_list);
	mapping->host = inode;
	content_map_init(&mapping->data, sb->client->model->content);
	sim_rwsem_init(&mapping->invalidate_lock, "invalidate_lock", inode);
	sim_list_init(&mapping->i_mmap);
}
