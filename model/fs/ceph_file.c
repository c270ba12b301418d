/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Ceph's open files: through the page cache with caps, straight to the objects without.
 *
 * Mirrors: fs/ceph/file.c (6.8). Reference 9.2.
 */
#include "model/fs/ceph.h"
#include "model/fs/fallocate.h"

static uint32_t ceph_open_flags(const struct file *file)
{
	return file->f_mode & FMODE_WRITE ? RPC_WRITER : 0;
}

/* The answer waits until other clients have given back what this open takes from them. */
static int ceph_open(struct inode *inode, struct file *file)
{
	struct ceph_inode *ci = ceph_inode(inode);
	struct rpc rpc = {.op = RPC_OPEN, .flags = ceph_open_flags(file), .lease = ci->lease};
	int err = ceph_mds_call(inode, &rpc);

	if (!err)
		ceph_fscache_use_cookie(inode, file->f_mode & FMODE_WRITE);
	return err;
}

static int ceph_release(struct inode *inode, struct file *file)
{
	struct rpc rpc = {
		.op = RPC_CLOSE, .flags = ceph_open_flags(file), .lease = ceph_inode(inode)->lease};

	ceph_fscache_unuse_cookie(inode, file->f_mode & FMODE_WRITE);
	return ceph_mds_call(inode, &rpc);
}

static int64_t ceph_read_iter(struct kiocb *iocb, struct iov_iter *to)
{
	struct inode *inode = iocb->ki_filp->f_inode;
	const struct netfs_lib *lib = netfs_lib(inode_client(inode));
	struct ceph_inode *ci = ceph_inode(inode);
	int64_t ret;

	if (!ceph_get_caps(ci, LEASE_READ)) {
		ret = ceph_getattr(inode);
		return ret < 0 ? ret : lib->unbuffered_read_iter(iocb, to);
	}
	ret = lib->file_read_iter(iocb, to);
	ceph_put_caps(ci);
	return ret;
}

static int64_t ceph_write_iter(struct kiocb *iocb, struct iov_iter *from)
{
	struct inode *inode = iocb->ki_filp->f_inode;
	const struct netfs_lib *lib = netfs_lib(inode_client(inode));
	struct ceph_inode *ci = ceph_inode(inode);
	int64_t ret = 0;

	/* What goes to the server at once is newer than what waits for older snapshots. */
	if (iocb->ki_flags & (IOCB_DIRECT | IOCB_DSYNC))
		ret = ceph_flush_snaps(inode);
	if (ret < 0)
		return ret;
	ci->dirty_caps = true;
	if (!ceph_get_caps(ci, LEASE_WRITE)) {
		if (iocb->ki_flags & IOCB_APPEND)
			ret = ceph_getattr(inode);
		return ret < 0 ? ret : lib->unbuffered_write_iter(iocb, from);
	}
	ret = lib->file_write_iter(iocb, from);
	ceph_put_caps(ci);
	return ret;
}

static int ceph_fsync(struct file *file, uint64_t start, uint64_t end, bool datasync)
{
	struct inode *inode = file->f_inode;
	struct rpc rpc = {.op = RPC_FSYNC};
	int err = file_write_and_wait_range(file, start, end);

	if (err || datasync || !ceph_inode(inode)->dirty_caps)
		return err;
	ceph_inode(inode)->dirty_caps = false;
	return ceph_mds_call(inode, &rpc);
}

static int ceph_page_mkwrite(struct file *file, struct folio *folio)
{
	struct client *c = inode_client(file->f_inode);
	struct ceph_inode *ci = ceph_inode(file->f_inode);
	int err;

	sim_down_read(c->w, &ci->fw, SIM_WAIT_PLAIN, SITE_CEPH_CAPS);
	ci->dirty_caps = true;
	err = netfs_lib(c)->page_mkwrite(file, folio);
	sim_up_read(c->w, &ci->fw);
	return err;
}

static int ceph_fallocate_call(struct file *file, struct rpc *rpc)
{
	ceph_fscache_invalidate(file->f_inode);
	return ceph_mds_call(file->f_inode, rpc);
}

/* Holes are all that its objects can have. */
static int ceph_fallocate(struct file *file, uint32_t mode, uint64_t off, uint64_t len)
{
	if (mode != (FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE))
		return -EOPNOTSUPP;
	return fs_fallocate(file, mode, off, len, ceph_fallocate_call);
}

const struct file_operations ceph_file_operations = {
	.fallocate = ceph_fallocate,
	.open = ceph_open,
	.release = ceph_release,
	.read_iter = ceph_read_iter,
	.write_iter = ceph_write_iter,
	.fsync = ceph_fsync,
	.page_mkwrite = ceph_page_mkwrite,
};
