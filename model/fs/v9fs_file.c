/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * 9P's open files.
 *
 * Mirrors: fs/9p/vfs_file.c, fs/9p/vfs_dir.c v9fs_dir_release (6.8).
 */
#include "model/fs/9p.h"

static int v9fs_file_open(struct inode *inode, struct file *file)
{
	struct rpc rpc = {
		.op = RPC_OPEN,
		.client = inode_client(inode),
		.file = inode->remote,
		.flags = file->f_flags & O_TRUNC_ ? RPC_TRUNC : 0,
	};
	int err = p9_client_rpc(&rpc);

	if (err < 0)
		return err;
	file->private_data = v9fs_fid_open(inode, file->f_flags);
	if (netfs_inode(inode)->cache)
		fscache_use_cookie(netfs_inode(inode)->cache, file->f_mode & FMODE_WRITE);
	return 0;
}

/* Dirty data go to the server before its file is closed: nobody could write them later. */
static int v9fs_dir_release(struct inode *inode, struct file *file)
{
	struct p9_fid *fid = file->private_data;
	struct fscache_cookie *cookie = netfs_inode(inode)->cache;
	int ret = 0;

	if (file->f_mode & FMODE_WRITE)
		ret = filemap_fdatawrite(&inode->i_data);
	sim_list_del(&fid->ilist);
	p9_fid_put(fid);
	if (cookie && file->f_mode & FMODE_WRITE)
		fscache_unuse_cookie(cookie, &V9FS_I(inode)->qid_version, &inode->i_size);
	else if (cookie)
		fscache_unuse_cookie(cookie, NULL, NULL);
	return ret;
}

static int64_t v9fs_file_read_iter(struct kiocb *iocb, struct iov_iter *to)
{
	const struct netfs_lib *lib = netfs_lib(inode_client(iocb->ki_filp->f_inode));
	struct p9_fid *fid = iocb->ki_filp->private_data;

	if (fid->mode & P9L_DIRECT)
		return lib->unbuffered_read_iter(iocb, to);
	return lib->file_read_iter(iocb, to);
}

static int64_t v9fs_file_write_iter(struct kiocb *iocb, struct iov_iter *from)
{
	const struct netfs_lib *lib = netfs_lib(inode_client(iocb->ki_filp->f_inode));
	struct p9_fid *fid = iocb->ki_filp->private_data;

	if (fid->mode & (P9L_DIRECT | P9L_NOWRITECACHE))
		return lib->unbuffered_write_iter(iocb, from);
	return lib->file_write_iter(iocb, from);
}

static int v9fs_file_fsync_dotl(struct file *file, uint64_t start, uint64_t end, bool datasync)
{
	struct inode *inode = file->f_inode;
	struct client *c = inode_client(inode);
	struct rpc rpc = {.op = RPC_FSYNC, .client = c, .file = inode->remote};
	int ret;

	ret = file_write_and_wait_range(file, start, end);
	if (ret)
		return ret;
	sim_down_write(c->w, &inode->i_rwsem, SIM_WAIT_PLAIN, SITE_I_RWSEM);
	ret = p9_client_rpc(&rpc);
	sim_up_write(c->w, &inode->i_rwsem);
	return ret;
}

static int v9fs_page_mkwrite(struct file *file, struct folio *folio)
{
	return netfs_lib(inode_client(file->f_inode))->page_mkwrite(file, folio);
}

/* A shared writable mapping needs a cache that writes back. */
static int v9fs_file_mmap(struct file *file, bool write)
{
	if (write && !(v9fs_inode2v9ses(file->f_inode)->cache & V9FS_CACHE_WRITEBACK))
		return -EINVAL;
	return 0;
}

/* What was stored through the mapping goes out: v9fs_mmap_vm_close. */
static void v9fs_vm_close(struct file *file, uint64_t pos, uint64_t len, bool write)
{
	filemap_fdatawrite_range(&file->f_inode->i_data, pos, pos + len - 1);
}

const struct file_operations v9fs_file_operations = {
	.open = v9fs_file_open,
	.release = v9fs_dir_release,
	.read_iter = v9fs_file_read_iter,
	.write_iter = v9fs_file_write_iter,
	.fsync = v9fs_file_fsync_dotl,
	.mmap = v9fs_file_mmap,
	.munmap = v9fs_vm_close,
	.page_mkwrite = v9fs_page_mkwrite,
};
