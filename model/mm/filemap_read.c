/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading through the page cache: read(2) and page faults.
 *
 * Mirrors: mm/filemap.c (6.8): filemap_read(), filemap_fault() and what they call.
 */
#include "model/mm/internal.h"

/* Faults that may miss the page cache more often than hit it before read-around stops. */
#define MMAP_LOTSAMISS 100

static void invalidate_lock_shared(struct address_space *mapping)
{
	sim_down_read(mm_world(mapping_mm(mapping)), &mapping->invalidate_lock, SIM_WAIT_PLAIN,
		      SITE_INVALIDATE_LOCK);
}

static void invalidate_unlock_shared(struct address_space *mapping)
{
	sim_up_read(mm_world(mapping_mm(mapping)), &mapping->invalidate_lock);
}

/* The folio is locked; ->read_folio unlocks it. 0: it is uptodate. */
static int filemap_read_folio(struct file *file, struct address_space *mapping, struct folio *f)
{
	int err = mapping->a_ops->read_folio(file, f);

	if (err)
		return err;
	err = folio_wait_locked_killable(f);
	if (err)
		return err;
	if (folio_test_uptodate(f))
		return 0;
	file->f_ra.ra_pages /= 4; /* shrink_readahead_size_eio() */
	return -EIO;
}

/*
 * Folios from index to last that follow each other; the batch ends after the first that is not
 * uptodate or that has the readahead mark.
 */
static void filemap_get_read_batch(struct address_space *mapping, pgoff_t index, pgoff_t last,
				   struct folio_batch *fbatch)
{
	fbatch->nr = 0;
	while (index <= last) {
		struct folio *f = filemap_get_folio(mapping, index);

		if (!f)
			return;
		fbatch->folios[fbatch->nr++] = f;
		if (fbatch->nr == PAGEVEC_SIZE || !folio_test_uptodate(f) ||
		    folio_test(f, PG_readahead))
			return;
		index = folio_next_index(f);
	}
}

/* Nothing is at index even after readahead: read one page. */
static int filemap_create_folio(struct file *file, struct address_space *mapping, pgoff_t index,
				struct folio_batch *fbatch)
{
	struct folio *f = filemap_alloc_folio(inode_client(mapping->host), 0);
	int err;

	if (!f)
		return -ENOMEM;
	invalidate_lock_shared(mapping);
	err = filemap_add_folio(mapping, f, index);
	if (err == -EEXIST)
		err = AOP_TRUNCATED_PAGE;
	if (!err)
		err = filemap_read_folio(file, mapping, f);
	invalidate_unlock_shared(mapping);
	if (err) {
		folio_put(f);
		return err;
	}
	fbatch->folios[fbatch->nr++] = f;
	return 0;
}

/*
 * The folio is not uptodate: wait for its read, or read it. With AOP_TRUNCATED_PAGE the reference
 * is gone, and the caller looks up again.
 */
static int filemap_update_page(struct file *file, struct address_space *mapping, struct folio *f)
{
	int err;

	invalidate_lock_shared(mapping);
	if (!folio_trylock(f)) {
		invalidate_unlock_shared(mapping);
		/* Here one waits for readahead. Whoever is killed finds out when he retries. */
		folio_put_wait_locked(f);
		return AOP_TRUNCATED_PAGE;
	}
	if (!f->mapping) {
		folio_unlock(f);
		err = AOP_TRUNCATED_PAGE;
	} else if (folio_test_uptodate(f)) {
		folio_unlock(f);
		err = 0;
	} else {
		err = filemap_read_folio(file, mapping, f);
	}
	invalidate_unlock_shared(mapping);
	if (err == AOP_TRUNCATED_PAGE)
		folio_put(f);
	return err;
}

/* The mark and the state of the last folio of a batch: 0, or why the batch must do without it. */
static int filemap_check_last(struct file *file, struct address_space *mapping, struct folio *f,
			      pgoff_t last_index)
{
	if (folio_test(f, PG_readahead)) {
		struct readahead_control ractl = {
			.file = file,
			.mapping = mapping,
			.ra = &file->f_ra,
			._index = f->index,
		};

		page_cache_async_ra(&ractl, f, last_index - f->index);
	}
	return folio_test_uptodate(f) ? 0 : filemap_update_page(file, mapping, f);
}

/* Get folios for a read of count bytes at pos. 0: at least one, all uptodate. */
static int filemap_get_pages(struct file *file, uint64_t pos, uint64_t count,
			     struct folio_batch *fbatch)
{
	struct address_space *mapping = &file->f_inode->i_data;
	struct sim_world *w = mm_world(mapping_mm(mapping));
	pgoff_t index = pos >> PAGE_SHIFT;
	pgoff_t last_index = (pos + count + PAGE_SIZE - 1) >> PAGE_SHIFT;
	int err;

	for (;;) {
		if (w->current->fatal)
			return -EINTR;
		filemap_get_read_batch(mapping, index, last_index - 1, fbatch);
		if (!fbatch->nr) {
			struct readahead_control ractl = {
				.file = file,
				.mapping = mapping,
				.ra = &file->f_ra,
				._index = index,
			};

			page_cache_sync_ra(&ractl, last_index - index);
			filemap_get_read_batch(mapping, index, last_index - 1, fbatch);
		}
		if (!fbatch->nr) {
			err = filemap_create_folio(file, mapping, index, fbatch);
		} else {
			struct folio *last = fbatch->folios[fbatch->nr - 1];

			err = filemap_check_last(file, mapping, last, last_index);
			if (!err)
				return 0;
			if (err < 0)
				folio_put(last);
			if (--fbatch->nr)
				return 0;
		}
		if (err != AOP_TRUNCATED_PAGE)
			return err;
	}
}

static bool pos_same_folio(uint64_t pos1, uint64_t pos2, const struct folio *f)
{
	unsigned shift = PAGE_SHIFT + f->order;

	return pos1 >> shift == pos2 >> shift;
}

/* Copy a batch out, from *pos to end at most. */
static void copy_batch(struct address_space *mapping, const struct folio_batch *fbatch,
		       uint64_t *pos, uint64_t end, struct iov_iter *iter)
{
	struct client *c = inode_client(mapping->host);
	uint64_t start = *pos;

	for (unsigned i = 0; i < fbatch->nr; i++) {
		struct folio *f = fbatch->folios[i];
		uint64_t bytes;

		/*
		 * A folio that left the page cache while we waited for a later one: the kernel
		 * copies its old bytes. Contents of the model are those of the page cache, so
		 * that it is looked up again instead.
		 */
		if (!f->mapping || end < folio_pos(f))
			break;
		if (i)
			folio_mark_accessed(f);
		bytes = sim_min(end, folio_pos(f) + folio_size(f)) - *pos;
		copy_to_iter(iter, &mapping->data, *pos, bytes);
		*pos += bytes;
	}
	mm_copy_cost(c, *pos - start);
}

int64_t filemap_read(struct kiocb *iocb, struct iov_iter *iter, int64_t already_read)
{
	struct file *file = iocb->ki_filp;
	struct inode *inode = file->f_inode;
	uint64_t last_pos = file->f_ra.prev_pos;
	struct folio_batch fbatch;
	uint64_t i_size;
	int err = 0;

	if (iocb->ki_pos >= LLONG_MAX_OFF || !iter->count)
		return 0;
	iov_iter_truncate(iter, LLONG_MAX_OFF - iocb->ki_pos);
	do {
		uint64_t start = iocb->ki_pos;

		sim_point(mm_world(mapping_mm(&inode->i_data)), SITE_FILEMAP_RESCHED);
		if (iocb->ki_pos >= inode->i_size)
			break;
		fbatch.nr = 0;
		err = filemap_get_pages(file, iocb->ki_pos, iter->count, &fbatch);
		if (err < 0)
			break;
		/* Only now: pages beyond the end that others see must not be copied. */
		i_size = inode->i_size;
		if (iocb->ki_pos < i_size) {
			if (!pos_same_folio(iocb->ki_pos, last_pos - 1, fbatch.folios[0]))
				folio_mark_accessed(fbatch.folios[0]);
			copy_batch(&inode->i_data, &fbatch, &iocb->ki_pos,
				   sim_min(i_size, iocb->ki_pos + iter->count), iter);
			already_read += (int64_t)(iocb->ki_pos - start);
			last_pos = iocb->ki_pos;
		}
		folio_batch_release(&fbatch);
	} while (iter->count && iocb->ki_pos < i_size);
	file_accessed(file);
	file->f_ra.prev_pos = last_pos;
	return already_read ? already_read : err;
}

/* ---- faults ---- */

/* A fault misses the page cache: read around it, unless that has helped too rarely. */
static void do_sync_mmap_readahead(struct readahead_control *ractl)
{
	struct file_ra_state *ra = ractl->ra;
	pgoff_t index = ractl->_index;

	if (!ra->ra_pages)
		return;
	if (ra->mmap_miss < MMAP_LOTSAMISS * 10)
		ra->mmap_miss++;
	if (ra->mmap_miss > MMAP_LOTSAMISS)
		return;
	ra->start = index > ra->ra_pages / 2 ? index - ra->ra_pages / 2 : 0;
	ra->size = ra->ra_pages;
	ra->async_size = ra->ra_pages / 4;
	ractl->_index = ra->start;
	page_cache_ra_order(ractl, 0);
}

static void do_async_mmap_readahead(struct readahead_control *ractl, struct folio *f)
{
	struct file_ra_state *ra = ractl->ra;

	if (!ra->ra_pages)
		return;
	if (ra->mmap_miss)
		ra->mmap_miss--;
	if (folio_test(f, PG_readahead))
		page_cache_async_ra(ractl, f, ra->ra_pages);
}

/* Find or create the folio at index: unlocked, referenced. NULL: no memory. */
static struct folio *fault_get_folio(struct address_space *mapping, pgoff_t index)
{
	struct folio *f;

	while (!(f = filemap_get_folio(mapping, index))) {
		f = filemap_alloc_folio(inode_client(mapping->host), 0);
		if (!f)
			return NULL;
		if (!filemap_add_folio(mapping, f, index)) {
			folio_unlock(f);
			return f;
		}
		folio_put(f);
	}
	return f;
}

/*
 * The folio at index, locked, uptodate and referenced, with the invalidate_lock held. NULL and
 * *err; 0 in *err: try again.
 */
static struct folio *fault_read_folio(struct file *file, pgoff_t index, int *err)
{
	struct address_space *mapping = &file->f_inode->i_data;
	struct folio *f = fault_get_folio(mapping, index);

	*err = 0;
	if (!f) {
		*err = -ENOMEM;
		return NULL;
	}
	if (folio_lock_killable(f)) {
		*err = -EINTR;
	} else if (f->mapping != mapping || index - f->index >= folio_nr_pages(f)) {
		folio_unlock(f);
	} else if (folio_test_uptodate(f)) {
		return f;
	} else {
		*err = filemap_read_folio(file, mapping, f);
		if (*err == AOP_TRUNCATED_PAGE)
			*err = 0;
		else if (*err && *err != -EINTR)
			*err = -EFAULT; /* SIGBUS */
	}
	folio_put(f);
	return NULL;
}

struct folio *filemap_fault(struct file *file, pgoff_t index, int *err)
{
	struct inode *inode = file->f_inode;
	struct address_space *mapping = &inode->i_data;
	struct readahead_control ractl = {
		.file = file, .mapping = mapping, .ra = &file->f_ra, ._index = index};
	struct folio *f;

	*err = -EFAULT;
	if (index >= (inode->i_size + PAGE_SIZE - 1) >> PAGE_SHIFT)
		return NULL;
	f = filemap_get_folio(mapping, index);
	if (f) {
		do_async_mmap_readahead(&ractl, f);
		folio_put(f);
	} else {
		do_sync_mmap_readahead(&ractl);
	}
	invalidate_lock_shared(mapping);
	do {
		f = fault_read_folio(file, index, err);
	} while (!f && !*err);
	invalidate_unlock_shared(mapping);
	if (f && index >= (inode->i_size + PAGE_SIZE - 1) >> PAGE_SHIFT) {
		folio_unlock(f);
		folio_put(f);
		*err = -EFAULT;
		return NULL;
	}
	return f;
}
