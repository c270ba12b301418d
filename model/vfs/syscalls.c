/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * System calls on open files and names.
 *
 * Mirrors: fs/{open,read_write,sync,stat,namei}.c, fs/drop_caches.c (6.8).
 */
#include "model/vfs/internal.h"

#include <errno.h>

#include "model/netfs/netfs.h"
#include "model/vfs/inode.h"
#include "sim/base/math.h"

/* ---- open, close ---- */

static int do_truncate(struct inode *inode, uint64_t size, struct file *file, bool open_trunc)
{
	struct sim_world *w = inode_client(inode)->w;
	struct iattr attr = {.ia_size = size, .ia_file = file, .open_trunc = open_trunc};
	uint64_t old = inode->i_size;
	int err;

	sim_down_write(w, &inode->i_rwsem, SIM_WAIT_PLAIN, SITE_I_RWSEM);
	err = inode->i_sb->i_op->setattr(inode, &attr);
	if (!err)
		MODEL_HOOK(inode_client(inode)->model, truncate, inode, old, size);
	sim_up_write(w, &inode->i_rwsem);
	return err;
}

struct file *sys_open(struct client *c, const char *name, uint32_t flags, int *err)
{
	struct super_block *sb = c->sb;
	struct inode *inode = NULL;
	struct file *file;
	bool created;

	syscall_enter(c);
	*err = sb->s_op->lookup(sb, name, flags & O_CREAT_, flags & O_EXCL_, &inode);
	created = *err > 0;
	if (*err < 0) {
		if (inode)
			inode_put(inode);
		return NULL;
	}
	file = file_new(inode, flags);
	*err = sb->f_op->open(inode, file);
	if (*err < 0) {
		file_free(file);
		return NULL;
	}
	if (flags & O_DIRECT_ && !c->model->design.direct_io)
		*err = -EINVAL;
	if (!*err && flags & O_TRUNC_ && !created)
		*err = do_truncate(inode, 0, file, true);
	file->f_flags &= ~(uint32_t)(O_CREAT_ | O_EXCL_ | O_TRUNC_);
	if (*err < 0) {
		sys_close(file);
		return NULL;
	}
	MODEL_HOOK(c->model, file_open, file);
	return file;
}

void fput(struct file *file)
{
	const struct file_operations *f_op = file->f_inode->i_sb->f_op;

	if (--file->f_count)
		return;
	if (f_op->release)
		f_op->release(file->f_inode, file);
	file_free(file);
}

int sys_close(struct file *file)
{
	const struct file_operations *f_op = file->f_inode->i_sb->f_op;
	int err = 0;

	syscall_enter(inode_client(file->f_inode));
	if (f_op->flush)
		err = f_op->flush(file);
	MODEL_HOOK(inode_client(file->f_inode)->model, file_close, file);
	fput(file);
	return err;
}

/* ---- read, write ---- */

static int kiocb_set_rw_flags(struct kiocb *iocb, uint32_t rwf)
{
	if (rwf & RWF_DSYNC_)
		iocb->ki_flags |= IOCB_DSYNC;
	if (rwf & RWF_SYNC_)
		iocb->ki_flags |= IOCB_DSYNC | IOCB_SYNC;
	if (rwf & RWF_NOWAIT_)
		iocb->ki_flags |= IOCB_NOWAIT;
	if (rwf & RWF_APPEND_)
		iocb->ki_flags |= IOCB_APPEND;
	if (rwf & RWF_HIPRI_)
		iocb->ki_flags |= IOCB_HIPRI;
	return rwf & RWF_NOWAIT_ && !(iocb->ki_filp->f_mode & FMODE_NOWAIT) ? -EOPNOTSUPP : 0;
}

int init_kiocb(struct kiocb *iocb, struct file *file, uint64_t pos, uint32_t rwf)
{
	*iocb = (struct kiocb){.ki_filp = file, .ki_pos = pos, .ki_flags = file->f_iocb_flags};
	return rwf ? kiocb_set_rw_flags(iocb, rwf) : 0;
}

/* No call moves more: MAX_RW_COUNT of include/linux/fs.h, whole pages below 2 GiB. */
#define MAX_RW_COUNT (0x7fffffffu & ~(PAGE_SIZE - 1))

void init_user_iter(struct iov_iter *iter, struct content_map *buf, uint64_t off, uint64_t len,
		    uint32_t misalign)
{
	iov_iter_init(iter, ITER_UBUF, buf, off, sim_min(len, MAX_RW_COUNT));
	iter->page_misalign = misalign % (uint32_t)PAGE_SIZE;
}

int64_t iocb_read(struct kiocb *iocb, struct iov_iter *iter, struct content_map *buf,
		  uint64_t buf_off)
{
	struct file *file = iocb->ki_filp;
	struct model *m = inode_client(file->f_inode)->model;
	uint64_t pos = iocb->ki_pos;
	int64_t ret;

	if (!(file->f_mode & FMODE_READ))
		return -EBADF;
	MODEL_HOOK(m, read_start, file, iocb, pos, iter->count, false);
	ret = file->f_inode->i_sb->f_op->read_iter(iocb, iter);
	if (ret != -EIOCBQUEUED)
		MODEL_HOOK(m, read_end, file, iocb, pos, ret, buf, buf_off);
	return ret;
}

/* The position is only known under the lock when the file is open for append. */
int64_t iocb_write(struct kiocb *iocb, struct iov_iter *iter)
{
	struct file *file = iocb->ki_filp;
	struct model *m = inode_client(file->f_inode)->model;
	uint64_t pos = iocb->ki_pos;
	int64_t ret;

	if (!(file->f_mode & FMODE_WRITE))
		return -EBADF;
	if (pos > LLONG_MAX_OFF - iter->count)
		return -EFBIG;
	MODEL_HOOK(m, write_start, file, iocb, pos, iter->count, iter, false);
	ret = file->f_inode->i_sb->f_op->write_iter(iocb, iter);
	if (ret != -EIOCBQUEUED)
		MODEL_HOOK(m, write_end, file, iocb, ret > 0 ? iocb->ki_pos - (uint64_t)ret : pos,
			   ret);
	return ret;
}

int64_t sys_pread(struct file *file, struct content_map *buf, uint64_t buf_off, uint64_t len,
		  uint64_t pos, uint32_t rwf, uint32_t misalign)
{
	struct iov_iter iter;
	struct kiocb iocb;
	int err;

	syscall_enter(inode_client(file->f_inode));
	err = init_kiocb(&iocb, file, pos, rwf);
	if (err < 0)
		return err;
	iocb.ki_flags &= ~(uint32_t)IOCB_APPEND;
	init_user_iter(&iter, buf, buf_off, len, misalign);
	return iocb_read(&iocb, &iter, buf, buf_off);
}

int64_t sys_read(struct file *file, struct content_map *buf, uint64_t buf_off, uint64_t len)
{
	int64_t ret = sys_pread(file, buf, buf_off, len, file->f_pos, 0, 0);

	if (ret > 0)
		file->f_pos += (uint64_t)ret;
	return ret;
}

int64_t sys_pwrite(struct file *file, struct content_map *buf, uint64_t buf_off, uint64_t len,
		   uint64_t pos, uint32_t rwf, uint32_t misalign)
{
	struct iov_iter iter;
	struct kiocb iocb;
	int err;

	syscall_enter(inode_client(file->f_inode));
	err = init_kiocb(&iocb, file, pos, rwf);
	if (err < 0)
		return err;
	init_user_iter(&iter, buf, buf_off, len, misalign);
	return iocb_write(&iocb, &iter);
}

int64_t sys_write(struct file *file, struct content_map *buf, uint64_t buf_off, uint64_t len)
{
	struct iov_iter iter;
	struct kiocb iocb;
	int64_t ret;

	syscall_enter(inode_client(file->f_inode));
	init_kiocb(&iocb, file, file->f_pos, 0);
	init_user_iter(&iter, buf, buf_off, len, 0);
	ret = iocb_write(&iocb, &iter);
	if (ret > 0)
		file->f_pos = iocb.ki_pos;
	return ret;
}

int64_t sys_lseek(struct file *file, int64_t off, enum lseek_whence whence)
{
	uint64_t size = file->f_inode->i_size;
	int64_t pos = off;

	syscall_enter(inode_client(file->f_inode));
	switch (whence) {
	case SEEK_CUR_:
		pos += (int64_t)file->f_pos;
		break;
	case SEEK_END_:
		pos += (int64_t)size;
		break;
	case SEEK_DATA_:
	case SEEK_HOLE_:
		/* A filesystem that asks nobody: all data up to the end, a hole there. */
		if (off < 0 || (uint64_t)off >= size)
			return -ENXIO;
		pos = whence == SEEK_DATA_ ? off : (int64_t)size;
		break;
	case SEEK_SET_:
		break;
	}
	if (pos < 0)
		return -EINVAL;
	file->f_pos = (uint64_t)pos;
	return pos;
}

/* ---- syncing ---- */

int sys_fsync(struct file *file, bool datasync)
{
	struct inode *inode = file->f_inode;
	struct client *c = inode_client(inode);
	int ret;

	syscall_enter(c);
	MODEL_HOOK(c->model, fsync_start, file, 0, LLONG_MAX_OFF);
	ret = inode->i_sb->f_op->fsync(file, 0, LLONG_MAX_OFF, datasync);
	MODEL_HOOK(c->model, fsync_done, file, 0, LLONG_MAX_OFF, ret);
	return ret;
}

int sys_sync(struct client *c)
{
	syscall_enter(c);
	ksys_sync(c);
	return 0;
}

int sys_syncfs(struct file *file)
{
	struct super_block *sb = file->f_inode->i_sb;
	int ret, err;

	syscall_enter(sb->client);
	ret = sync_filesystem(sb);
	err = errseq_check_and_advance(&sb->s_wb_err, &file->f_sb_err);
	return ret ? ret : err;
}

int sys_sync_file_range(struct file *file, uint64_t off, uint64_t len)
{
	struct address_space *mapping = &file->f_inode->i_data;
	uint64_t end = len ? off + len - 1 : LLONG_MAX_OFF;
	int ret;

	syscall_enter(inode_client(file->f_inode));
	ret = file_fdatawait_range(file, off, end);
	if (ret == 0)
		ret = filemap_fdatawrite_range(mapping, off, end);
	if (ret == 0)
		ret = file_fdatawait_range(file, off, end);
	return ret;
}

/* ---- attributes and names ---- */

int sys_ftruncate(struct file *file, uint64_t size)
{
	syscall_enter(inode_client(file->f_inode));
	if (!(file->f_mode & FMODE_WRITE))
		return -EINVAL;
	if (size > LLONG_MAX_OFF)
		return -EFBIG;
	return do_truncate(file->f_inode, size, file, false);
}

/* Sets of modes that contradict themselves: vfs_fallocate, fs/open.c. */
static int fallocate_check_mode(uint32_t mode)
{
	const uint32_t both = FALLOC_FL_PUNCH_HOLE | FALLOC_FL_ZERO_RANGE;

	if ((mode & both) == both)
		return -EOPNOTSUPP;
	if (mode & FALLOC_FL_PUNCH_HOLE && !(mode & FALLOC_FL_KEEP_SIZE))
		return -EOPNOTSUPP;
	if (mode & FALLOC_FL_COLLAPSE_RANGE && mode != FALLOC_FL_COLLAPSE_RANGE)
		return -EINVAL;
	if (mode & FALLOC_FL_INSERT_RANGE && mode != FALLOC_FL_INSERT_RANGE)
		return -EINVAL;
	return 0;
}

int sys_fallocate(struct file *file, uint32_t mode, uint64_t off, uint64_t len)
{
	const struct file_operations *f_op = file->f_inode->i_sb->f_op;
	int err;

	syscall_enter(inode_client(file->f_inode));
	if (!len)
		return -EINVAL;
	err = fallocate_check_mode(mode);
	if (err < 0)
		return err;
	if (!(file->f_mode & FMODE_WRITE))
		return -EBADF;
	if (off > LLONG_MAX_OFF || len > LLONG_MAX_OFF - off)
		return -EFBIG;
	return f_op->fallocate ? f_op->fallocate(file, mode, off, len) : -EOPNOTSUPP;
}

int sys_stat(struct client *c, const char *name, uint64_t *size)
{
	struct inode *inode = NULL;
	int err;

	syscall_enter(c);
	err = c->sb->s_op->lookup(c->sb, name, false, false, &inode);
	if (!err)
		err = c->sb->i_op->getattr(inode);
	if (!err)
		*size = inode->i_size;
	if (inode)
		inode_put(inode);
	return err;
}

int sys_fstat(struct file *file, uint64_t *size)
{
	struct inode *inode = file->f_inode;
	int err;

	syscall_enter(inode_client(inode));
	err = inode->i_sb->i_op->getattr(inode);
	if (!err)
		*size = inode->i_size;
	return err;
}

int sys_unlink(struct client *c, const char *name)
{
	struct inode *inode = NULL;
	int err;

	syscall_enter(c);
	err = c->sb->s_op->lookup(c->sb, name, false, false, &inode);
	if (!err) {
		sim_down_write(c->w, &inode->i_rwsem, SIM_WAIT_PLAIN, SITE_I_RWSEM);
		err = c->sb->s_op->unlink(c->sb, inode);
		sim_up_write(c->w, &inode->i_rwsem);
	}
	if (inode)
		inode_put(inode);
	return err;
}

int sys_mksnap(struct client *c, const char *name)
{
	syscall_enter(c);
	return c->sb->s_op->mksnap ? c->sb->s_op->mksnap(c->sb, name) : -EOPNOTSUPP;
}

int sys_lock(struct file *file, uint64_t off, uint64_t len, enum lock_type type)
{
	const struct file_operations *f_op = file->f_inode->i_sb->f_op;

	syscall_enter(inode_client(file->f_inode));
	return f_op->lock ? f_op->lock(file, off, len ? len : LLONG_MAX_OFF - off, type)
			  : -EOPNOTSUPP;
}

int sys_fadvise(struct file *file, uint64_t off, uint64_t len, enum fadvise_advice advice)
{
	syscall_enter(inode_client(file->f_inode));
	return vfs_fadvise(file, off, len, advice);
}

int sys_drop_caches(struct client *c)
{
	syscall_enter(c);
	drop_pagecache(c);
	evict_unused_inodes(c->sb);
	return 0;
}

struct inode *client_find_inode(struct client *c, const char *name)
{
	struct inode *inode = inode_lookup(c->sb, name);

	if (inode)
		inode->i_count--;
	return inode;
}
