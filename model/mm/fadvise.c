/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * posix_fadvise(2): what a task says about its future reads.
 *
 * Mirrors: mm/fadvise.c (6.8).
 */
#include "model/mm/internal.h"

static void fadvise_willneed(struct file *file, uint64_t offset, uint64_t end)
{
	struct address_space *mapping = &file->f_inode->i_data;
	pgoff_t first = offset >> PAGE_SHIFT;
	struct readahead_control ractl = {
		.file = file, .mapping = mapping, .ra = &file->f_ra, ._index = first};

	force_page_cache_ra(&ractl, (end >> PAGE_SHIFT) - first + 1);
}

/* Partial pages at both ends stay, but for the one at the end of the file. */
static void fadvise_dontneed(struct file *file, uint64_t offset, uint64_t end)
{
	struct inode *inode = file->f_inode;
	pgoff_t first = (offset + PAGE_SIZE - 1) >> PAGE_SHIFT, last = end >> PAGE_SHIFT;
	uint64_t failed = 0;

	filemap_flush_range(&inode->i_data, offset, end);
	if ((end + 1) % PAGE_SIZE && end + 1 != inode->i_size) {
		if (!last)
			return;
		last--;
	}
	if (last < first)
		return;
	mapping_try_invalidate(&inode->i_data, first, last, &failed);
	if (failed) /* the kernel drains the batches of other CPUs before it tries again */
		invalidate_mapping_pages(&inode->i_data, first, last);
}

int vfs_fadvise(struct file *file, uint64_t offset, uint64_t len, enum fadvise_advice advice)
{
	uint32_t ra_pages = file->f_inode->i_sb->ra_pages;
	uint64_t end = LLONG_MAX_OFF;

	if (len && len <= LLONG_MAX_OFF - offset)
		end = offset + len - 1;
	switch (advice) {
	case FADV_NORMAL:
		file->f_ra.ra_pages = ra_pages;
		file->f_mode &= ~(uint32_t)FMODE_RANDOM;
		break;
	case FADV_RANDOM:
		file->f_mode |= FMODE_RANDOM;
		break;
	case FADV_SEQUENTIAL:
		file->f_ra.ra_pages = ra_pages * 2;
		file->f_mode &= ~(uint32_t)FMODE_RANDOM;
		break;
	case FADV_WILLNEED:
		fadvise_willneed(file, offset, end);
		break;
	case FADV_DONTNEED:
		fadvise_dontneed(file, offset, end);
		break;
	case FADV_NOREUSE: /* reclaim ignores the marks of its reads; not modelled */
		break;
	}
	return 0;
}
