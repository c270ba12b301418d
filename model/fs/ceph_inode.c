/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Ceph inodes, and its mount.
 *
 * Mirrors: fs/ceph/inode.c, fs/ceph/dir.c, fs/ceph/super.c (6.8). Reference 9.2.
 */
#include "model/fs/ceph.h"

static struct inode *ceph_iget(struct super_block *sb, const struct rpc *rpc)
{
	struct ceph_mount *mount = sb->s_fs_info;
	struct netfs_inode *ctx = inode_new(sb, rpc->result, rpc->result->name);
	struct ceph_inode *ci = sim_pool_get(&mount->inodes);

	ci->inode = &ctx->inode;
	sim_rwsem_init(&ci->fw, "Fw", &ctx->inode);
	ci->version = rpc->version;
	ci->truncate_seq = rpc->now_truncate_seq;
	ci->lease = server_lease_new(rpc->result, sb->client, ceph_told, ci);
	ctx->fs_private = ci;
	ctx->inode.i_size = rpc->size;
	ctx->inode.i_data.a_ops = &mount->aops;
	if (mount->config.large_folios && sb->client->model->design.large_folios)
		ctx->inode.i_data.flags |= AS_LARGE_FOLIO_SUPPORT;
	netfs_inode_init(ctx, &ceph_netfs_ops, false);
	ctx->crypto_block = sb->client->model->design.crypto_block;
	if (ctx->crypto_block)
		ctx->flags |= NETFS_ICTX_NO_WRITE_STREAMING;
	ceph_fscache_register_inode_cookie(&ctx->inode);
	MODEL_HOOK(sb->client->model, inode, &ctx->inode);
	return &ctx->inode;
}

static int ceph_call_name(struct super_block *sb, struct rpc *rpc)
{
	return server_call_or_leave(rpc, NULL, NULL);
}

static int ceph_lookup(struct super_block *sb, const char *name, bool create, bool excl,
		       struct inode **inodep)
{
	static const struct fs_names names = {.call = ceph_call_name, .iget = ceph_iget};

	return fs_lookup(&names, sb, name, create, excl, inodep);
}

/* The MDS cuts the file when nobody buffers writes any more, and until we know nobody writes. */
static int ceph_setattr_size(struct inode *inode, const struct iattr *attr)
{
	struct rpc rpc = {.op = RPC_SETATTR, .start = attr->ia_size};
	int err = filemap_write_and_wait_range(&inode->i_data, 0, LLONG_MAX_OFF);

	if (!err)
		err = ceph_mds_call(inode, &rpc);
	if (err < 0)
		return err;
	truncate_setsize(inode, attr->ia_size);
	netfs_resize_file(netfs_inode(inode), attr->ia_size, true);
	ceph_fscache_resize(inode, attr->ia_size);
	return 0;
}

static int ceph_setattr(struct inode *inode, struct iattr *attr)
{
	struct sim_rwsem *fw = &ceph_inode(inode)->fw;
	struct sim_world *w = inode_client(inode)->w;
	int err;

	/* Direct I/O in flight would bring back what is cut off. */
	inode_dio_wait(inode);
	sim_down_write(w, fw, SIM_WAIT_PLAIN, SITE_CEPH_CAPS);
	err = ceph_setattr_size(inode, attr);
	sim_up_write(w, fw);
	return err;
}

static int ceph_unlink(struct super_block *sb, struct inode *inode)
{
	struct rpc rpc = {.op = RPC_UNLINK, .name = inode->name};
	int err = ceph_mds_call(inode, &rpc);

	if (!err)
		inode_unlinked(inode);
	return err;
}

static void ceph_evict_inode(struct inode *inode)
{
	struct ceph_inode *ci = ceph_inode(inode);

	truncate_inode_pages_final(&inode->i_data);
	netfs_clear_inode_writeback(inode);
	ceph_fscache_unregister_inode_cookie(inode);
	ceph_drop_context(ci);
	server_lease_free(ci->lease);
	sim_pool_put(&ceph_mount_of(inode)->inodes, ci);
}

static int ceph_write_inode(struct inode *inode, struct writeback_control *wbc)
{
	return netfs_unpin_writeback(inode, wbc);
}

const struct inode_operations ceph_inode_operations = {
	.setattr = ceph_setattr,
	.getattr = ceph_getattr,
};

const struct super_operations ceph_super_ops = {
	.lookup = ceph_lookup,
	.unlink = ceph_unlink,
	.evict_inode = ceph_evict_inode,
	.write_inode = ceph_write_inode,
	.mksnap = ceph_mksnap,
};
