/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writing page by page through the filesystem's write_begin and write_end: what a library with a
 * loop of its own over the folios replaces.
 *
 * Mirrors: mm/filemap.c generic_perform_write() (6.8).
 */
#include <errno.h>

#include "model/mm/internal.h"

/* Write the bytes of the iterator that go into one page. Bytes written or negative errno. */
static int64_t write_one_page(struct kiocb *iocb, struct iov_iter *i, uint64_t pos)
{
	struct file *file = iocb->ki_filp;
	struct inode *inode = file->f_inode;
	struct address_space *mapping = &inode->i_data;
	struct client *c = inode_client(inode);
	uint64_t bytes = sim_min(PAGE_SIZE - pos % PAGE_SIZE, i->count);
	struct folio *folio;
	void *fsdata;
	int ret;

	if (c->w->current->fatal)
		return -EINTR;
	ret = mapping->a_ops->write_begin(file, pos, bytes, &folio, &fsdata);
	if (ret < 0)
		return ret;
	sim_point(c->w, SITE_GENERIC_PERFORM_WRITE_LOCKED);
	mm_copy_cost(c, bytes);
	copy_from_iter(i, &mapping->data, pos, bytes);
	MODEL_HOOK(c->model, bytes_written, inode, iocb, pos, bytes);
	mapping->a_ops->write_end(file, pos, bytes, folio, fsdata);
	return (int64_t)bytes;
}

int64_t generic_perform_write(struct kiocb *iocb, struct iov_iter *i)
{
	struct address_space *mapping = &iocb->ki_filp->f_inode->i_data;
	struct sim_world *w = inode_client(mapping->host)->w;
	uint64_t pos = iocb->ki_pos;
	int64_t ret = 0, written;

	while (i->count && ret >= 0) {
		ret = write_one_page(iocb, i, pos);
		if (ret < 0)
			break;
		pos += (uint64_t)ret;
		sim_point(w, SITE_GENERIC_PERFORM_WRITE_RESCHED);
		balance_dirty_pages_ratelimited(mapping);
	}
	written = (int64_t)(pos - iocb->ki_pos);
	iocb->ki_pos = pos;
	return written ? written : ret;
}
