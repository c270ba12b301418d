/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * AFS's open files and its mount.
 *
 * Mirrors: fs/afs/file.c, fs/afs/write.c, fs/afs/super.c (6.8). Reference 5.2, 9.2.
 */
#include "model/fs/afs.h"

static int afs_open(struct inode *inode, struct file *file)
{
	int err = afs_validate(inode);

	if (!err && netfs_inode(inode)->cache)
		fscache_use_cookie(netfs_inode(inode)->cache, file->f_mode & FMODE_WRITE);
	return err;
}

static int afs_release(struct inode *inode, struct file *file)
{
	struct fscache_cookie *cookie = netfs_inode(inode)->cache;

	if (cookie && file->f_mode & FMODE_WRITE)
		fscache_unuse_cookie(cookie, &AFS_FS_I(inode)->data_version, &inode->i_size);
	else if (cookie)
		fscache_unuse_cookie(cookie, NULL, NULL);
	return 0;
}

static int64_t afs_file_read_iter(struct kiocb *iocb, struct iov_iter *to)
{
	struct inode *inode = iocb->ki_filp->f_inode;
	int err = afs_validate(inode);

	if (err < 0)
		return err;
	return netfs_lib(inode_client(inode))->file_read_iter(iocb, to);
}

static int64_t afs_file_write_iter(struct kiocb *iocb, struct iov_iter *from)
{
	struct inode *inode = iocb->ki_filp->f_inode;
	int err = afs_validate(inode);

	if (err < 0)
		return err;
	return netfs_lib(inode_client(inode))->file_write_iter(iocb, from);
}

static int afs_fsync(struct file *file, uint64_t start, uint64_t end, bool datasync)
{
	int err = afs_validate(file->f_inode);

	return err ? err : file_write_and_wait_range(file, start, end);
}

/* close(2) writes everything back, so that errors can still be told. */
static int afs_flush(struct file *file)
{
	if (!(file->f_mode & FMODE_WRITE))
		return 0;
	return afs_fsync(file, 0, LLONG_MAX_OFF, false);
}

static int afs_page_mkwrite(struct file *file, struct folio *folio)
{
	int err = afs_validate(file->f_inode);

	if (err)
		return err;
	return netfs_lib(inode_client(file->f_inode))->page_mkwrite(file, folio);
}

const struct file_operations afs_file_operations = {
	.open = afs_open,
	.release = afs_release,
	.flush = afs_flush,
	.read_iter = afs_file_read_iter,
	.write_iter = afs_file_write_iter,
	.fsync = afs_fsync,
	.page_mkwrite = afs_page_mkwrite,
};

void afs_mount(struct client *c, const struct mount_config *config)
{
	struct sim_arena *arena = c->w->arena;
	struct super_block *sb = alloc_super(c);
	struct afs_mount *mount = sim_alloc(arena, sizeof(*mount));

	sb->noatime = true;
	mount->client = c;
	mount->config = *config;
	mount->aops = *netfs_lib(c)->aops;
	mount->aops.writepages = afs_writepages;
	sim_pool_init(&mount->vnodes, arena, sizeof(struct afs_vnode));
	if (config->cache == CACHE_FSCACHE)
		mount->fscache =
			fscache_acquire_volume(fscache_cache_new(c, &config->fscache), "afs");
	/* RxRPC sends again what got lost. */
	server_set_datagrams(c, true);
	sb->s_op = &afs_super_ops;
	sb->i_op = &afs_file_inode_operations;
	sb->f_op = &afs_file_operations;
	sb->s_fs_info = mount;
	sb->ra_pages = config->no_readahead ? 0 : config->ra_pages ? config->ra_pages : 32;
	sb->io_pages = sb->ra_pages;
}
