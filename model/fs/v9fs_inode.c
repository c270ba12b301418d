/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * 9P's names, attributes and sizes.
 *
 * Mirrors: fs/9p/vfs_inode.c, fs/9p/vfs_inode_dotl.c, fs/9p/vfs_super.c (6.8). Reference 7.3,
 * recorded C4, K29.
 */
#include "model/fs/9p.h"

#include <string.h>

static struct inode *v9fs_iget(struct super_block *sb, const struct rpc *rpc)
{
	struct server_file *remote = rpc->result;
	struct v9fs_session *v9ses = sb->s_fs_info;
	struct netfs_inode *ctx = inode_new(sb, remote, remote->name);
	struct v9fs_inode *v9inode = sim_pool_get(&v9ses->inodes);

	sim_list_init(&v9inode->fids);
	ctx->fs_private = v9inode;
	if (v9ses->config.large_folios && sb->client->model->design.large_folios)
		ctx->inode.i_data.flags |= AS_LARGE_FOLIO_SUPPORT;
	netfs_inode_init(ctx, &v9fs_req_ops, true);
	v9inode->qid_version = remote->version;
	if (v9ses->fscache)
		ctx->cache = fscache_acquire_cookie(v9ses->fscache, ctx->inode.i_ino,
						    v9inode->qid_version, ctx->inode.i_size);
	if (ctx->cache)
		ctx->cache->inode = &ctx->inode;
	MODEL_HOOK(sb->client->model, inode, &ctx->inode);
	return &ctx->inode;
}

static int v9fs_walk(struct super_block *sb, struct rpc *rpc)
{
	(void)sb;
	return p9_client_rpc(rpc);
}

/* A walk tells no attributes. */
static int v9fs_getattr(struct super_block *sb, struct rpc *rpc)
{
	struct rpc getattr = {.op = RPC_GETATTR, .client = sb->client, .file = rpc->result};

	return p9_client_rpc(&getattr);
}

/* Attributes of a cached inode: only a cache that is not loose asks the server again. */
static int v9fs_refresh_inode(struct inode *inode)
{
	struct v9fs_session *v9ses = v9fs_inode2v9ses(inode);
	struct rpc rpc = {.op = RPC_GETATTR, .client = v9ses->client, .file = inode->remote};
	uint64_t old_size = inode->i_size, nr_uploads;
	int err;

	if (v9ses->cache & (V9FS_CACHE_META | V9FS_CACHE_LOOSE))
		return 0;
	if (v9ses->cache & V9FS_CACHE_WRITEBACK)
		filemap_fdatawrite(&inode->i_data);
	nr_uploads = V9FS_I(inode)->nr_uploads;
	err = p9_client_rpc(&rpc);
	if (err < 0)
		return err;
	V9FS_I(inode)->qid_version = rpc.version;
	/* Nothing stops writers meanwhile: the server may not have had what they added. */
	if (!bug(v9ses->client, BUG_STAT_CLOBBERS_SIZE) &&
	    (inode->i_size != old_size || inode->i_data.nr_dirty || inode->i_data.nr_writeback ||
	     V9FS_I(inode)->nr_uploads != nr_uploads))
		return 0;
	netfs_take_i_size(inode, rpc.size);
	/* K29: what somebody else has added is there to be read. */
	if (rpc.size > old_size && !bug(v9ses->client, BUG_GROWN_FILE_ZERO_POINT))
		netfs_grown_by_others(netfs_inode(inode), rpc.size);
	return 0;
}

/* A name that is known has its dentry in use: nothing revalidates that. */
static int v9fs_vfs_lookup(struct super_block *sb, const char *name, bool create, bool excl,
			   struct inode **inodep)
{
	static const struct fs_names names = {
		.call = v9fs_walk, .getattr = v9fs_getattr, .iget = v9fs_iget};

	return fs_lookup(&names, sb, name, create, excl, inodep);
}

static int v9fs_vfs_setattr_dotl(struct inode *inode, struct iattr *attr)
{
	struct rpc rpc = {.op = RPC_SETATTR,
			  .client = inode_client(inode),
			  .file = inode->remote,
			  .start = attr->ia_size};
	uint64_t old_size = inode->i_size;
	bool cut = false;
	int err;

	if (!bug(inode_client(inode), BUG_TRUNCATE_DURING_DIO))
		inode_dio_wait(inode);
	/*
	 * The released client does not wait: its message may overtake an upload (recorded C4). Nor
	 * does it keep maps from making pages dirty again, which the flusher uploads behind the
	 * message: they are cut off before it is sent.
	 */
	filemap_fdatawrite(&inode->i_data);
	if (!bug(inode_client(inode), BUG_SETATTR_OVERTAKES_UPLOAD)) {
		filemap_fdatawait_range_keep_errors(&inode->i_data, 0, LLONG_MAX_OFF);
		cut = attr->ia_size < inode->i_size;
		if (cut)
			truncate_setsize(inode, attr->ia_size);
	}
	err = p9_client_rpc(&rpc);
	if (err < 0) {
		if (cut)
			netfs_set_i_size(inode, old_size);
		return err;
	}
	/* A stat may have brought the new size first, but not dropped the pages. */
	if (attr->ia_size != inode->i_size || !bug(inode_client(inode), BUG_STAT_CLOBBERS_SIZE)) {
		truncate_setsize(inode, attr->ia_size);
		netfs_resize_file(netfs_inode(inode), attr->ia_size, true);
		fscache_resize_cookie(netfs_inode(inode)->cache, attr->ia_size);
	}
	inode_set_mtime_to_now(inode);
	__mark_inode_dirty(inode, I_DIRTY_ALL); /* its times; no pages, though it says so */
	return 0;
}

static int v9fs_vfs_getattr_dotl(struct inode *inode)
{
	return v9fs_refresh_inode(inode);
}

static int v9fs_vfs_unlink(struct super_block *sb, struct inode *inode)
{
	struct rpc rpc = {
		.op = RPC_UNLINK, .client = sb->client, .file = inode->remote, .name = inode->name};
	int err = p9_client_rpc(&rpc);

	if (!err)
		inode_unlinked(inode);
	return err;
}

/* Without a cache of names and attributes neither dentry nor inode outlive the last user. */
static bool v9fs_drop_inode(struct inode *inode)
{
	return !(v9fs_inode2v9ses(inode)->cache & (V9FS_CACHE_META | V9FS_CACHE_LOOSE));
}

static void v9fs_evict_inode(struct inode *inode)
{
	struct v9fs_session *v9ses = v9fs_inode2v9ses(inode);

	truncate_inode_pages_final(&inode->i_data);
	netfs_clear_inode_writeback(inode);
	if (netfs_inode(inode)->cache)
		fscache_relinquish_cookie(netfs_inode(inode)->cache);
	netfs_inode(inode)->cache = NULL;
	sim_pool_put(&v9ses->inodes, V9FS_I(inode));
}

static int v9fs_write_inode(struct inode *inode, struct writeback_control *wbc)
{
	return netfs_unpin_writeback(inode, wbc);
}

const struct inode_operations v9fs_inode_operations = {
	.setattr = v9fs_vfs_setattr_dotl,
	.getattr = v9fs_vfs_getattr_dotl,
};

const struct super_operations v9fs_super_ops = {
	.lookup = v9fs_vfs_lookup,
	.unlink = v9fs_vfs_unlink,
	.drop_inode = v9fs_drop_inode,
	.evict_inode = v9fs_evict_inode,
	.write_inode = v9fs_write_inode,
};
