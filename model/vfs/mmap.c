/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Shared mappings: faults, stores through page tables, msync.
 *
 * Mirrors: mm/memory.c do_read_fault, do_shared_fault, do_wp_page; mm/mmap.c; mm/msync.c (6.8).
 * Reference 7.6.
 */
#include <errno.h>

#include "model/netfs/netfs.h"
#include "model/vfs/internal.h"
#include "sim/base/math.h"

struct vm_area *sys_mmap(struct file *file, uint64_t pos, uint64_t len, bool write, int *err)
{
	struct inode *inode = file->f_inode;
	struct client *c = inode_client(inode);
	const struct file_operations *f_op = inode->i_sb->f_op;
	struct vm_area *vma;

	syscall_enter(c);
	*err = -EINVAL;
	if (!len || pos % PAGE_SIZE || pos > LLONG_MAX_OFF - len)
		return NULL;
	*err = -EACCES;
	if (!(file->f_mode & FMODE_READ) || (write && !(file->f_mode & FMODE_WRITE)))
		return NULL;
	*err = f_op->mmap ? f_op->mmap(file, write) : 0;
	if (*err < 0)
		return NULL;
	file_accessed(file);
	vma = sim_pool_get(&c->vmas);
	vma->file = file;
	file->f_count++;
	vma->pos = pos;
	vma->len = sim_round_up(len, PAGE_SIZE);
	vma->write = write;
	content_map_init(&vma->ptes, c->model->content);
	sim_list_add_tail(&vma->shared, &inode->i_data.i_mmap);
	return vma;
}

int sys_munmap(struct vm_area *vma)
{
	struct file *file = vma->file;
	struct client *c = inode_client(file->f_inode);
	const struct file_operations *f_op = file->f_inode->i_sb->f_op;

	syscall_enter(c);
	sim_list_del(&vma->shared);
	if (f_op->munmap)
		f_op->munmap(file, vma->pos, vma->len, vma->write);
	content_map_fini(&vma->ptes);
	sim_pool_put(&c->vmas, vma);
	fput(file);
	return 0;
}

/* A read fault: map what is cached round it, else read the page. */
static int do_read_fault(struct vm_area *vma, pgoff_t index)
{
	struct folio *f;
	int err;

	filemap_map_pages(vma, index);
	if (vma_pte(vma, index) != PTE_NONE)
		return 0;
	f = filemap_fault(vma->file, index, &err);
	if (!f)
		return err;
	vma_set_pte(vma, index, PTE_READ);
	folio_unlock(f);
	folio_put(f);
	return 0;
}

/*
 * Make the page of the folio writable: the filesystem is asked, and returns it locked. -EAGAIN: the
 * folio is gone, fault again. The folio's reference is the caller's.
 */
static int do_page_mkwrite(struct vm_area *vma, struct folio *f, pgoff_t index)
{
	struct address_space *mapping = &vma->file->f_inode->i_data;
	int err = vma->file->f_inode->i_sb->f_op->page_mkwrite(vma->file, f);

	if (err < 0)
		return err;
	if (f->mapping != mapping) {
		folio_unlock(f);
		return -EAGAIN;
	}
	vma_set_pte(vma, index, PTE_WRITE);
	folio_mark_dirty(f);
	MODEL_HOOK(inode_client(mapping->host)->model, store_dirtied, f);
	folio_unlock(f);
	return 0;
}

/* A store to a page that may not be written: do_shared_fault or wp_page_shared. */
static int do_write_fault(struct vm_area *vma, pgoff_t index)
{
	struct address_space *mapping = &vma->file->f_inode->i_data;
	struct folio *f;
	int err;

	if (vma_pte(vma, index) == PTE_NONE) {
		f = filemap_fault(vma->file, index, &err);
		if (!f)
			return err;
		folio_unlock(f);
	} else {
		f = filemap_lookup(mapping, index);
		folio_get(f);
	}
	sim_point(inode_client(mapping->host)->w, SITE_PAGE_MKWRITE);
	err = do_page_mkwrite(vma, f, index);
	folio_put(f);
	if (err == -EAGAIN)
		return 0;
	if (!err)
		balance_dirty_pages_ratelimited(mapping);
	return err;
}

/* The bytes of one page that are within the file: none is a SIGBUS. */
static uint64_t piece_len(const struct vm_area *vma, uint64_t pos, uint64_t len)
{
	uint64_t end = sim_round_up(vma->file->f_inode->i_size, PAGE_SIZE);

	if (pos >= end)
		return 0;
	return sim_min(len, PAGE_SIZE - pos % PAGE_SIZE);
}

/* Of a piece, what lies before the end of the file: the rest of its page is nobody's. */
static int64_t mapped_bytes(const struct vm_area *vma, uint64_t pos, uint64_t len)
{
	uint64_t i_size = vma->file->f_inode->i_size;

	return pos < i_size ? (int64_t)sim_min(len, i_size - pos) : 0;
}

static int mread_piece(struct vm_area *vma, struct content_map *buf, uint64_t buf_off, uint64_t pos,
		       uint64_t len)
{
	pgoff_t index = pos >> PAGE_SHIFT;

	while (vma_pte(vma, index) == PTE_NONE) {
		int err = do_read_fault(vma, index);

		if (err < 0)
			return err;
	}
	content_copy(buf, buf_off, &vma->file->f_inode->i_data.data, pos, len);
	return 0;
}

int sys_mread(struct vm_area *vma, struct content_map *buf, uint64_t buf_off, uint64_t off,
	      uint64_t len)
{
	struct model *m = inode_client(vma->file->f_inode)->model;
	uint64_t pos = vma->pos + off, end = pos + len, n;
	int err = 0;

	for (; pos < end && !err; pos += n, buf_off += n) {
		n = piece_len(vma, pos, end - pos);
		if (!n)
			return -EFAULT;
		MODEL_HOOK(m, read_start, vma->file, buf, pos, n, true);
		err = mread_piece(vma, buf, buf_off, pos, n);
		MODEL_HOOK(m, read_end, vma->file, buf, pos, err ? err : mapped_bytes(vma, pos, n),
			   buf, buf_off);
	}
	return err;
}

static int mwrite_piece(struct vm_area *vma, struct iov_iter *from, uint64_t pos, uint64_t len)
{
	struct inode *inode = vma->file->f_inode;
	pgoff_t index = pos >> PAGE_SHIFT;

	while (vma_pte(vma, index) != PTE_WRITE) {
		int err = do_write_fault(vma, index);

		if (err < 0)
			return err;
	}
	copy_from_iter(from, &inode->i_data.data, pos, len);
	MODEL_HOOK(inode_client(inode)->model, bytes_written, inode, from, pos,
		   (uint64_t)mapped_bytes(vma, pos, len));
	return 0;
}

int sys_mwrite(struct vm_area *vma, struct content_map *buf, uint64_t buf_off, uint64_t off,
	       uint64_t len)
{
	struct model *m = inode_client(vma->file->f_inode)->model;
	uint64_t pos = vma->pos + off, end = pos + len, n;
	struct iov_iter from;
	int err = 0;

	if (!vma->write)
		return -EFAULT;
	iov_iter_init(&from, ITER_UBUF, buf, buf_off, len);
	for (; pos < end && !err; pos += n) {
		n = piece_len(vma, pos, end - pos);
		if (!n)
			return -EFAULT;
		MODEL_HOOK(m, write_start, vma->file, &from, pos, n, &from, true);
		err = mwrite_piece(vma, &from, pos, n);
		MODEL_HOOK(m, write_end, vma->file, &from, pos,
			   err ? err : mapped_bytes(vma, pos, n));
	}
	return err;
}

int sys_msync(struct vm_area *vma, uint64_t off, uint64_t len, enum msync_flags flags)
{
	struct file *file = vma->file;
	struct client *c = inode_client(file->f_inode);
	uint64_t pos, end;
	bool beyond;
	int ret;

	syscall_enter(c);
	if (off % PAGE_SIZE)
		return -EINVAL;
	len = sim_round_up(len, PAGE_SIZE);
	beyond = off > vma->len || len > vma->len - off;
	ret = beyond ? -ENOMEM : 0;
	if (flags == MS_ASYNC_ || !len || off >= vma->len)
		return ret;
	pos = vma->pos + off;
	end = pos + sim_min(len, vma->len - off) - 1;
	MODEL_HOOK(c->model, fsync_start, file, pos, end);
	ret = file->f_inode->i_sb->f_op->fsync(file, pos, end, true);
	MODEL_HOOK(c->model, fsync_done, file, pos, end, ret);
	if (!ret && beyond)
		ret = -ENOMEM;
	return ret;
}
