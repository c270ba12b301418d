/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writing a mapping out, waiting for it, and the errors that come of it.
 *
 * Mirrors: mm/filemap.c, lib/errseq.c (6.8).
 */
#include "model/mm/internal.h"

/* ---- errseq ---- */

static bool errseq_equal(const struct errseq *a, const struct errseq *b)
{
	return a->err == b->err && a->seq == b->seq && a->seen == b->seen;
}

static void errseq_set(struct errseq *e, int err)
{
	if (e->seen)
		e->seq++;
	e->seen = false;
	e->err = err;
}

/* An error that nobody has seen yet is sampled as none, so that whoever samples will report it. */
struct errseq errseq_sample(const struct errseq *e)
{
	return e->seen ? *e : (struct errseq){0};
}

/* The error recorded since *since, which moves up to now; 0: none. */
int errseq_check_and_advance(struct errseq *e, struct errseq *since)
{
	if (errseq_equal(e, since))
		return 0;
	e->seen = true;
	*since = *e;
	return e->err;
}

int file_check_and_advance_wb_err(struct file *file)
{
	struct address_space *mapping = &file->f_inode->i_data;
	int err = errseq_check_and_advance(&mapping->wb_err, &file->f_wb_err);

	mapping->flags &= ~(uint32_t)(AS_EIO | AS_ENOSPC);
	return err;
}

void mapping_set_error(struct address_space *mapping, int error)
{
	if (!error)
		return;
	errseq_set(&mapping->wb_err, error);
	errseq_set(&mapping->host->i_sb->s_wb_err, error);
	mapping->flags |= error == -ENOSPC ? AS_ENOSPC : AS_EIO;
	MODEL_HOOK(inode_client(mapping->host)->model, mapping_error, mapping, error);
}

/* Report and clear the flags: for callers that do not have a file. */
static int filemap_check_errors(struct address_space *mapping)
{
	int err = 0;

	if (mapping->flags & AS_ENOSPC)
		err = -ENOSPC;
	if (mapping->flags & AS_EIO)
		err = -EIO;
	mapping->flags &= ~(uint32_t)(AS_EIO | AS_ENOSPC);
	return err;
}

/* ---- writing ---- */

static int fdatawrite_range(struct address_space *mapping, uint64_t start, uint64_t end,
			    enum writeback_sync_modes sync_mode)
{
	struct writeback_control wbc = {
		.sync_mode = sync_mode,
		.nr_to_write = INT64_MAX,
		.range_start = start,
		.range_end = end,
	};

	if (!mapping->nr_dirty) /* the dirty mark, not PG_dirty */
		return 0;
	return do_writepages(mapping, &wbc);
}

int filemap_fdatawrite_range(struct address_space *mapping, uint64_t start, uint64_t end)
{
	return fdatawrite_range(mapping, start, end, WB_SYNC_ALL);
}

int filemap_fdatawrite(struct address_space *mapping)
{
	return fdatawrite_range(mapping, 0, LLONG_MAX_OFF, WB_SYNC_ALL);
}

int filemap_flush(struct address_space *mapping)
{
	return fdatawrite_range(mapping, 0, LLONG_MAX_OFF, WB_SYNC_NONE);
}

int filemap_flush_range(struct address_space *mapping, uint64_t start, uint64_t end)
{
	return fdatawrite_range(mapping, start, end, WB_SYNC_NONE);
}

/* ---- waiting ---- */

void filemap_fdatawait_range_keep_errors(struct address_space *mapping, uint64_t start,
					 uint64_t end)
{
	pgoff_t index = start >> PAGE_SHIFT;
	struct folio_batch fbatch;

	while (filemap_get_folios(mapping, &index, end >> PAGE_SHIFT, PAGE_MARK_WRITEBACK,
				  &fbatch)) {
		for (unsigned i = 0; i < fbatch.nr; i++)
			folio_wait_writeback(fbatch.folios[i]);
		folio_batch_release(&fbatch);
		sim_point(mm_world(mapping_mm(mapping)), SITE_FILEMAP_RESCHED);
	}
}

int file_fdatawait_range(struct file *file, uint64_t start, uint64_t end)
{
	filemap_fdatawait_range_keep_errors(&file->f_inode->i_data, start, end);
	return file_check_and_advance_wb_err(file);
}

int filemap_fdatawait_range(struct address_space *mapping, uint64_t start, uint64_t end)
{
	filemap_fdatawait_range_keep_errors(mapping, start, end);
	return filemap_check_errors(mapping);
}

/* ---- both ---- */

/* -EIO of writepages itself may mean the worst: then nothing is waited for. */
static int write_and_wait(struct address_space *mapping, uint64_t start, uint64_t end)
{
	int err = 0;

	if (mapping->nrpages) {
		err = fdatawrite_range(mapping, start, end, WB_SYNC_ALL);
		if (err != -EIO)
			filemap_fdatawait_range_keep_errors(mapping, start, end);
	}
	return err;
}

int filemap_write_and_wait_range(struct address_space *mapping, uint64_t start, uint64_t end)
{
	int err, err2;

	if (end < start)
		return 0;
	err = write_and_wait(mapping, start, end);
	err2 = filemap_check_errors(mapping);
	return err ? err : err2;
}

int file_write_and_wait_range(struct file *file, uint64_t start, uint64_t end)
{
	int err, err2;

	if (end < start)
		return 0;
	err = write_and_wait(&file->f_inode->i_data, start, end);
	err2 = file_check_and_advance_wb_err(file);
	return err ? err : err2;
}

bool filemap_range_needs_writeback(struct address_space *mapping, uint64_t start, uint64_t end)
{
	pgoff_t last = end >> PAGE_SHIFT;

	if (!mapping->nrpages || end < start)
		return false;
	if (!mapping->nr_dirty && !mapping->nr_writeback)
		return false;
	for (pgoff_t index = start >> PAGE_SHIFT; index <= last;) {
		struct folio *f = page_tree_find(mapping, index, last, -1);

		if (!f)
			return false;
		if (folio_test_dirty(f) || folio_test_locked(f) || folio_test_writeback(f))
			return true;
		index = folio_next_index(f);
	}
	return false;
}
