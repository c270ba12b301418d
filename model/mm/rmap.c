/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Page tables: which pages of which mapping a task may read or write without a fault.
 *
 * Mirrors: mm/rmap.c, mm/memory.c (6.8).
 *
 * The page table of an area is a content map by file offset: HOLE, not present; ZERO, present and
 * read-only; a byte of source 0, writable. Neighbouring entries of one kind are one extent.
 *
 * Invariants: a writable entry's folio is in the page cache and dirty; clearing its dirtiness for
 * writing it out takes the permission away, so that the next store faults (page_mkwrite).
 */
#include "model/mm/internal.h"

static bool vma_overlaps(const struct vm_area *vma, uint64_t pos, uint64_t len)
{
	return pos < vma->pos + vma->len && vma->pos < pos + len;
}

enum pte_state vma_pte(const struct vm_area *vma, pgoff_t index)
{
	switch (content_get(&vma->ptes, index << PAGE_SHIFT).kind) {
	case CONTENT_HOLE:
		return PTE_NONE;
	case CONTENT_ZERO:
		return PTE_READ;
	default:
		return PTE_WRITE;
	}
}

void vma_set_pte(struct vm_area *vma, pgoff_t index, enum pte_state state)
{
	uint64_t pos = index << PAGE_SHIFT;

	if (state == PTE_NONE)
		content_erase(&vma->ptes, pos, PAGE_SIZE);
	else if (state == PTE_READ)
		content_set_zero(&vma->ptes, pos, PAGE_SIZE);
	else
		content_set(&vma->ptes, pos, PAGE_SIZE, content_source_at(0, pos));
}

bool folio_mapped(const struct folio *f)
{
	if (!f->mapping)
		return false;
	sim_list_for_each (vma, &f->mapping->i_mmap, struct vm_area, shared) {
		content_for_each (e, &vma->ptes, folio_pos(f), folio_pos(f) + folio_size(f)) {
			if (e.val.kind != CONTENT_HOLE)
				return true;
		}
	}
	return false;
}

bool folio_write_protect(struct folio *f)
{
	uint64_t pos = folio_pos(f), len = folio_size(f);
	bool was_writable = false;

	sim_list_for_each (vma, &f->mapping->i_mmap, struct vm_area, shared) {
		if (!vma_overlaps(vma, pos, len))
			continue;
		for (pgoff_t i = f->index; i < folio_next_index(f); i++) {
			if (vma_pte(vma, i) != PTE_WRITE)
				continue;
			vma_set_pte(vma, i, PTE_READ);
			was_writable = true;
		}
	}
	return was_writable;
}

void folio_clear_ptes(struct folio *f)
{
	sim_list_for_each (vma, &f->mapping->i_mmap, struct vm_area, shared)
		content_erase(&vma->ptes, folio_pos(f), folio_size(f));
}

void unmap_mapping_range(struct address_space *mapping, pgoff_t start, pgoff_t last)
{
	struct folio *f;

	if (!mapping_mapped(mapping))
		return;
	while (start <= last && (f = page_tree_find(mapping, start, last, -1))) {
		start = folio_next_index(f);
		/* What was stored through the page tables makes the folio dirty at last. */
		if (folio_mkclean(f))
			folio_mark_dirty(f);
		folio_unmap(f);
	}
}

/* Pages round a fault that are mapped with it if they are cached: fault_around_bytes. */
#define FAULT_AROUND_PAGES 16

void filemap_map_pages(struct vm_area *vma, pgoff_t index)
{
	struct address_space *mapping = &vma->file->f_inode->i_data;
	pgoff_t first = index - index % FAULT_AROUND_PAGES;
	pgoff_t last = first + FAULT_AROUND_PAGES - 1;
	pgoff_t vma_first = vma->pos >> PAGE_SHIFT;
	pgoff_t vma_last = (vma->pos + vma->len - 1) >> PAGE_SHIFT;
	pgoff_t end = (mapping->host->i_size + PAGE_SIZE - 1) >> PAGE_SHIFT;

	first = sim_max(first, vma_first);
	last = sim_min(last, vma_last);
	for (pgoff_t i = first; i <= last && i < end; i++) {
		struct folio *f = page_tree_load(mapping, i);

		if (f && folio_test_uptodate(f) && !folio_test_locked(f) &&
		    !folio_test(f, PG_readahead) && vma_pte(vma, i) == PTE_NONE)
			vma_set_pte(vma, i, PTE_READ);
	}
}
