/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Ceph's local cache: one cookie for each file.
 *
 * Mirrors: fs/ceph/cache.c (6.8).
 */
#include "model/fs/ceph.h"

void ceph_fscache_register_inode_cookie(struct inode *inode)
{
	struct netfs_inode *ctx = netfs_inode(inode);
	struct ceph_mount *mount = ceph_mount_of(inode);

	/* What is encrypted must not lie there in the clear. */
	if (!mount->fscache || ctx->crypto_block)
		return;
	ctx->cache = fscache_acquire_cookie(mount->fscache, inode->i_ino,
					    ceph_inode(inode)->version, inode->i_size);
	ctx->cache->inode = inode;
	inode->i_data.flags |= AS_RELEASE_ALWAYS;
}

void ceph_fscache_unregister_inode_cookie(struct inode *inode)
{
	if (netfs_inode(inode)->cache)
		fscache_relinquish_cookie(netfs_inode(inode)->cache);
	netfs_inode(inode)->cache = NULL;
}

void ceph_fscache_use_cookie(struct inode *inode, bool will_modify)
{
	if (netfs_inode(inode)->cache)
		fscache_use_cookie(netfs_inode(inode)->cache, will_modify);
}

void ceph_fscache_unuse_cookie(struct inode *inode, bool update)
{
	struct fscache_cookie *cookie = netfs_inode(inode)->cache;

	if (cookie && update)
		fscache_unuse_cookie(cookie, &ceph_inode(inode)->version, &inode->i_size);
	else if (cookie)
		fscache_unuse_cookie(cookie, NULL, NULL);
}

void ceph_fscache_invalidate(struct inode *inode)
{
	fscache_invalidate(netfs_inode(inode)->cache, &ceph_inode(inode)->version, inode->i_size,
			   0);
}

void ceph_fscache_resize(struct inode *inode, uint64_t to)
{
	ceph_fscache_use_cookie(inode, true);
	fscache_resize_cookie(netfs_inode(inode)->cache, to);
	ceph_fscache_unuse_cookie(inode, false);
}
