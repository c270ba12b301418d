/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Readahead: the window of each open file, and the folios that it brings in.
 *
 * Mirrors: mm/readahead.c (6.8); reference C.1.
 *
 * A window is [start, start + size). Its last async_size pages are to be there early: the folio at
 * start + size - async_size has the mark PG_readahead, and a read that meets it issues the next
 * window. Sizes double (first quadruple) up to ra_pages.
 */
#include "model/mm/internal.h"

/* force_page_cache_ra() reads in pieces of so many pages: 2 MiB. */
#define FORCE_CHUNK ((2u << 20) >> PAGE_SHIFT)

void file_ra_state_init(struct file_ra_state *ra, struct address_space *mapping)
{
	*ra = (struct file_ra_state){
		.ra_pages = mapping->host->i_sb->ra_pages,
		.prev_pos = UINT64_MAX,
	};
}

struct folio *readahead_folio(struct readahead_control *ractl)
{
	struct folio *f;

	assert(ractl->_batch_count <= ractl->_nr_pages);
	ractl->_nr_pages -= ractl->_batch_count;
	ractl->_index += ractl->_batch_count;
	ractl->_batch_count = 0;
	if (!ractl->_nr_pages)
		return NULL;
	f = page_tree_load(ractl->mapping, ractl->_index);
	ractl->_batch_count = (uint32_t)folio_nr_pages(f);
	folio_put(f);
	return f;
}

/* Remove what ->readahead did not take. */
static void drop_rest(struct readahead_control *ractl)
{
	struct file_ra_state *ra = ractl->ra;
	struct folio *f;

	while ((f = readahead_folio(ractl))) {
		uint32_t nr = (uint32_t)folio_nr_pages(f);

		folio_get(f);
		ra->size -= nr;
		if (ra->async_size >= nr) {
			ra->async_size -= nr;
			filemap_remove_folio(f);
		}
		folio_unlock(f);
		folio_put(f);
	}
}

/* Hand the folios collected so far to the filesystem: one request. */
static void read_pages(struct readahead_control *ractl)
{
	if (!ractl->_nr_pages)
		return;
	ractl->mapping->a_ops->readahead(ractl);
	drop_rest(ractl);
}

static void invalidate_lock_shared(struct readahead_control *ractl)
{
	sim_down_read(mm_world(mapping_mm(ractl->mapping)), &ractl->mapping->invalidate_lock,
		      SIM_WAIT_PLAIN, SITE_INVALIDATE_LOCK);
}

static void invalidate_unlock_shared(struct readahead_control *ractl)
{
	sim_up_read(mm_world(mapping_mm(ractl->mapping)), &ractl->mapping->invalidate_lock);
}

/* Add a folio at the end of the batch: 0, -ENOMEM, -EEXIST. marked: with PG_readahead. */
static int ra_alloc_folio(struct readahead_control *ractl, pgoff_t index, unsigned order,
			  bool marked)
{
	struct client *c = inode_client(ractl->mapping->host);
	struct folio *f = filemap_alloc_folio_effort(c, order, ALLOC_NORETRY);
	int err;

	if (!f)
		return -ENOMEM;
	if (marked)
		folio_set(f, PG_readahead);
	err = filemap_add_folio(ractl->mapping, f, index);
	if (err) {
		folio_put(f);
		return err;
	}
	ractl->_nr_pages += 1u << order;
	return 0;
}

/* ---- single pages ---- */

/*
 * Read nr_to_read pages from ractl->_index that are not cached, the page lookahead_size before the
 * end with the mark. Each cached page ends a batch.
 */
static void page_cache_ra_unbounded(struct readahead_control *ractl, uint64_t nr_to_read,
				    uint64_t lookahead_size)
{
	pgoff_t index = ractl->_index;
	uint64_t i = 0;

	invalidate_lock_shared(ractl);
	while (i < nr_to_read) {
		int err = -EEXIST;

		if (!page_tree_load(ractl->mapping, index + i))
			err = ra_alloc_folio(ractl, index + i, 0, i == nr_to_read - lookahead_size);
		if (err == -ENOMEM)
			break;
		if (err) {
			read_pages(ractl);
			ractl->_index++;
			i = ractl->_index - index;
		} else {
			i++;
		}
	}
	read_pages(ractl);
	invalidate_unlock_shared(ractl);
}

void do_page_cache_ra(struct readahead_control *ractl, uint64_t nr_to_read, uint64_t lookahead_size)
{
	uint64_t i_size = ractl->mapping->host->i_size;
	pgoff_t end_index;

	if (!i_size)
		return;
	end_index = (i_size - 1) >> PAGE_SHIFT;
	if (ractl->_index > end_index)
		return;
	nr_to_read = sim_min(nr_to_read, end_index - ractl->_index + 1);
	page_cache_ra_unbounded(ractl, nr_to_read, lookahead_size);
}

static uint32_t max_forced(const struct readahead_control *ractl)
{
	return sim_max(ractl->mapping->host->i_sb->io_pages, ractl->ra->ra_pages);
}

void force_page_cache_ra(struct readahead_control *ractl, uint64_t nr_to_read)
{
	pgoff_t index = ractl->_index;

	nr_to_read = sim_min(nr_to_read, max_forced(ractl));
	while (nr_to_read) {
		uint64_t chunk = sim_min(nr_to_read, FORCE_CHUNK);

		ractl->_index = index;
		do_page_cache_ra(ractl, chunk, 0);
		index += chunk;
		nr_to_read -= chunk;
	}
}

/* ---- large folios ---- */

/* The order of the folio at index in a window that ends with page limit. */
static unsigned ra_order(pgoff_t index, pgoff_t limit, unsigned order)
{
	if (index & ((1ull << order) - 1)) {
		order = (unsigned)__builtin_ctzll(index);
		if (order == 1)
			order = 0;
	}
	while (index + (1ull << order) - 1 > limit) {
		if (--order == 1)
			order = 0;
	}
	return order;
}

/* Issue the window in large folios. 0, or why single pages have to do the rest. */
static int ra_large(struct readahead_control *ractl, unsigned order)
{
	struct file_ra_state *ra = ractl->ra;
	pgoff_t index = ractl->_index;
	pgoff_t mark = index + ra->size - ra->async_size;
	pgoff_t limit = (ractl->mapping->host->i_size - 1) >> PAGE_SHIFT;
	int err = 0;

	limit = sim_min(limit, index + ra->size - 1);
	invalidate_lock_shared(ractl);
	while (index <= limit) {
		unsigned o = ra_order(index, limit, order);

		err = ra_alloc_folio(ractl, index, o, index == sim_round_down(mark, 1ull << o));
		if (err)
			break;
		index += 1ull << o;
	}
	if (index > limit) {
		ra->size += (uint32_t)(index - limit - 1);
		ra->async_size += (uint32_t)(index - limit - 1);
	}
	read_pages(ractl);
	invalidate_unlock_shared(ractl);
	return err;
}

void page_cache_ra_order(struct readahead_control *ractl, unsigned new_order)
{
	struct address_space *mapping = ractl->mapping;
	struct file_ra_state *ra = ractl->ra;
	unsigned max = mapping_mm(mapping)->config.max_folio_order;

	if ((mapping->flags & AS_LARGE_FOLIO_SUPPORT) && ra->size >= 4 && mapping->host->i_size) {
		if (new_order < max) {
			new_order = sim_min(new_order + 2, max);
			new_order = sim_min(new_order, sim_ilog2(ra->size));
		}
		if (!ra_large(ractl, new_order))
			return;
	}
	do_page_cache_ra(ractl, ra->size, ra->async_size);
}

/* ---- windows ---- */

/* The first window for a read of req pages. */
static uint32_t get_init_ra_size(uint64_t req, uint32_t max)
{
	uint64_t size = sim_pow2_at_least(req);

	if (size <= max / 32)
		return (uint32_t)(size * 4);
	if (size <= max / 4)
		return (uint32_t)(size * 2);
	return max;
}

/* The window after one of cur pages. */
static uint32_t get_next_ra_size(uint32_t cur, uint32_t max)
{
	if (cur < max / 16)
		return 4 * cur;
	if (cur <= max / 2)
		return 2 * cur;
	return max;
}

/* Issue the window; index is where the read is. */
static void ra_submit(struct readahead_control *ractl, pgoff_t index, uint32_t max, unsigned order)
{
	struct file_ra_state *ra = ractl->ra;

	/* The read would meet the mark at once: take the next window in. */
	if (index == ra->start && ra->size == ra->async_size) {
		uint32_t add = get_next_ra_size(ra->size, max);

		if (ra->size + add <= max) {
			ra->async_size = add;
			ra->size += add;
		} else {
			ra->size = max;
			ra->async_size = max / 2;
		}
	}
	ractl->_index = ra->start;
	page_cache_ra_order(ractl, order);
}

static void initial_readahead(struct readahead_control *ractl, uint64_t req, uint32_t max,
			      unsigned order)
{
	struct file_ra_state *ra = ractl->ra;
	pgoff_t index = ractl->_index;

	ra->start = index;
	ra->size = get_init_ra_size(req, max);
	ra->async_size = ra->size > req ? ra->size - (uint32_t)req : ra->size;
	ra_submit(ractl, index, max, order);
}

/*
 * The mark was met without a window that explains it: go on behind what is cached. When everything
 * in reach is cached, 6.8 takes the last page that it looked at for the gap.
 */
static void marked_readahead(struct readahead_control *ractl, uint64_t req, uint32_t max,
			     unsigned order)
{
	struct file_ra_state *ra = ractl->ra;
	pgoff_t index = ractl->_index;
	pgoff_t start = page_cache_next_miss(ractl->mapping, index + 1, max);

	if (start == UINT64_MAX)
		start = index + max;
	ra->start = start;
	ra->size = get_next_ra_size((uint32_t)(start - index + req), max);
	ra->async_size = ra->size;
	ra_submit(ractl, index, max, order);
}

/* Cached pages before index, at most max; 6.8 counts one too few when all of max are there. */
static uint64_t count_history_pages(struct address_space *mapping, pgoff_t index, uint32_t max)
{
	pgoff_t head = page_cache_prev_miss(mapping, index - 1, max);

	if (head != UINT64_MAX)
		return index - 1 - head;
	return index < max ? index : max - 1;
}

/* Reads that are too far apart for the window may still be a stream: look at what is cached. */
static bool try_context_readahead(struct readahead_control *ractl, uint64_t req, uint32_t max)
{
	struct file_ra_state *ra = ractl->ra;
	pgoff_t index = ractl->_index;
	uint64_t size = count_history_pages(ractl->mapping, index, max);

	if (size <= req)
		return false; /* it may be a random read */
	if (size >= index)
		size *= 2; /* from the beginning of the file */
	ra->start = index;
	ra->size = (uint32_t)sim_min(size + req, max);
	ra->async_size = 1;
	return true;
}

/* f: the marked folio, NULL: the page is missing. */
static void ondemand_readahead(struct readahead_control *ractl, const struct folio *f, uint64_t req)
{
	struct file_ra_state *ra = ractl->ra;
	uint32_t max = ra->ra_pages, io_pages = ractl->mapping->host->i_sb->io_pages;
	pgoff_t index = ractl->_index;
	unsigned order = f ? f->order : 0;

	if (req > max && io_pages > max)
		max = (uint32_t)sim_min(req, io_pages);
	if (!index) {
		initial_readahead(ractl, req, max, order);
		return;
	}
	if (index == sim_round_down(ra->start + ra->size - ra->async_size, 1ull << order) ||
	    index == ra->start + ra->size) {
		ra->start += ra->size;
		ra->size = get_next_ra_size(ra->size, max);
		ra->async_size = ra->size;
		ra_submit(ractl, index, max, order);
	} else if (f) {
		marked_readahead(ractl, req, max, order);
	} else if (req > max || index - (ra->prev_pos >> PAGE_SHIFT) <= 1) {
		initial_readahead(ractl, req, max, order);
	} else if (try_context_readahead(ractl, req, max)) {
		ra_submit(ractl, index, max, order);
	} else {
		do_page_cache_ra(ractl, req, 0); /* random: as it is, without a window */
	}
}

void page_cache_sync_ra(struct readahead_control *ractl, uint64_t req_count)
{
	if (!ractl->ra->ra_pages)
		force_page_cache_ra(ractl, 1);
	else if (ractl->file->f_mode & FMODE_RANDOM)
		force_page_cache_ra(ractl, req_count);
	else
		ondemand_readahead(ractl, NULL, req_count);
}

void page_cache_async_ra(struct readahead_control *ractl, struct folio *folio, uint64_t req_count)
{
	if (!ractl->ra->ra_pages || folio_test_writeback(folio))
		return;
	folio_clear(folio, PG_readahead);
	ondemand_readahead(ractl, folio, req_count);
}

/* ---- expansion by the filesystem ---- */

/* Add a page at index to the batch, unless it is there or there is no memory. */
static bool expand_by(struct readahead_control *ractl, pgoff_t index)
{
	return !page_tree_load(ractl->mapping, index) && !ra_alloc_folio(ractl, index, 0, false);
}

void readahead_expand(struct readahead_control *ractl, uint64_t new_start, uint64_t new_len)
{
	pgoff_t first = new_start >> PAGE_SHIFT;
	pgoff_t end;

	while (ractl->_index > first) {
		if (!expand_by(ractl, ractl->_index - 1))
			return;
		ractl->_index--;
	}
	end = (new_start + new_len + PAGE_SIZE - 1) >> PAGE_SHIFT;
	while (ractl->_index + ractl->_nr_pages < end) {
		if (!expand_by(ractl, ractl->_index + ractl->_nr_pages))
			return;
		if (ractl->ra) {
			ractl->ra->size++;
			ractl->ra->async_size++;
		}
	}
}
