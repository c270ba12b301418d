/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * AFS vnodes: names, status, callback promises, sizes.
 *
 * Mirrors: fs/afs/inode.c, fs/afs/validation.c, fs/afs/dir.c (6.8). Reference 7.2, 7.3, 9.2.
 */
#include "model/fs/afs.h"
#include "sim/base/math.h"

/* The server tells us that somebody else changed the file. */
static void afs_break_callback(void *watcher)
{
	struct afs_vnode *vnode = watcher;

	vnode->cb_promised = false;
	vnode->cb_break++;
}

void afs_invalidate_cache(struct inode *inode)
{
	fscache_invalidate(netfs_inode(inode)->cache, &AFS_FS_I(inode)->data_version, inode->i_size,
			   0);
}

/*
 * The server's file has changed: drop what is clean. The released kernel passes over folios that
 * are being copied to the local cache, and goes on reading their old bytes. Where writeback makes
 * the copies, since 6.10, the kernel writes all back first, with validate_lock held.
 */
static void afs_zap_data(struct inode *inode)
{
	struct client *c = inode_client(inode);

	afs_invalidate_cache(inode);
	if (bug(c, BUG_AFS_ZAP_FLUSHES))
		filemap_fdatawrite(&inode->i_data);
	if (!bug(c, BUG_AFS_ZAP_SKIPS_COPIES))
		netfs_lib(c)->give_up_copies(&inode->i_data);
	invalidate_mapping_pages(&inode->i_data, 0, UINT64_MAX);
	MODEL_HOOK(inode_client(inode)->model, pages_dropped, inode);
}

/* Take over the status of an answer: sizes and data version. ours: it made the version. */
static void afs_apply_status(struct inode *inode, const struct rpc *rpc, bool ours)
{
	uint64_t size = rpc->size, version = rpc->version;
	struct netfs_inode *ctx = netfs_inode(inode);
	struct afs_vnode *vnode = AFS_FS_I(inode);
	bool expected = version == vnode->data_version + (ours ? 1 : 0);

	if (version == vnode->data_version && !ours)
		return;
	vnode->data_version = version;
	ctx->remote_i_size = size;
	if (ours && expected) {
		if (size > inode->i_size) {
			pagecache_isize_extended(inode, inode->i_size,
						 rpc->op == RPC_WRITE ? rpc->start : size);
			netfs_set_i_size(inode, size);
		}
		return;
	}
	/* Changed behind our back. */
	if (ctx->zero_point != UINT64_MAX)
		netfs_set_zero_point(ctx, size, ZERO_POINT_REMOTE_CHANGE);
	/* What was written here beyond the end of theirs is not given up: the kernel would. */
	if (size > inode->i_size || (size < inode->i_size && !netfs_has_unwritten(&inode->i_data)))
		netfs_take_i_size(inode, size);
	vnode->cb_promised = false;
	vnode->zap_data = true;
}

int afs_call(struct afs_vnode *vnode, struct rpc *rpc, bool ours)
{
	struct sim_world *w = inode_client(vnode->inode)->w;
	int err;

	/* Nothing interrupts a store (AFS_OPERATION_UNINTR), nor any call that has been sent. */
	if (sim_mutex_lock(w, &vnode->io_lock,
			   rpc->op == RPC_WRITE ? SIM_WAIT_PLAIN : SIM_WAIT_INTERRUPTIBLE,
			   SITE_AFS_IO_LOCK))
		return -ERESTARTSYS;
	err = server_call(rpc);
	if (!err)
		afs_apply_status(vnode->inode, rpc, ours);
	sim_mutex_unlock(w, &vnode->io_lock);
	return err;
}

static int afs_fetch_status(struct inode *inode)
{
	struct afs_vnode *vnode = AFS_FS_I(inode);
	struct rpc rpc = {.op = RPC_GETATTR, .client = inode_client(inode), .file = inode->remote};
	uint32_t cb_break = vnode->cb_break;
	int err = afs_call(vnode, &rpc, false);

	if (err < 0)
		return err;
	vnode->cb_promised = vnode->cb_break == cb_break;
	return 0;
}

int afs_validate(struct inode *inode)
{
	struct afs_vnode *vnode = AFS_FS_I(inode);
	struct sim_world *w = inode_client(inode)->w;
	int err = 0;

	if (vnode->cb_promised && !vnode->zap_data)
		return 0;
	err = sim_down_write(w, &vnode->validate_lock, SIM_WAIT_KILLABLE, SITE_VALIDATE_LOCK);
	if (err)
		return err;
	if (!vnode->cb_promised)
		err = afs_fetch_status(inode);
	/* Any reply may have told of the version: AFS_VNODE_ZAP_DATA. */
	if (!err && vnode->zap_data) {
		vnode->zap_data = false;
		afs_zap_data(inode);
	}
	sim_up_write(w, &vnode->validate_lock);
	return err;
}

static struct inode *afs_iget(struct super_block *sb, const struct rpc *rpc)
{
	struct afs_mount *mount = sb->s_fs_info;
	struct netfs_inode *ctx = inode_new(sb, rpc->result, rpc->result->name);
	struct afs_vnode *vnode = sim_pool_get(&mount->vnodes);

	vnode->inode = &ctx->inode;
	vnode->cb_promised = true;
	vnode->data_version = rpc->version;
	sim_mutex_init(&vnode->io_lock, "io_lock");
	sim_rwsem_init(&vnode->validate_lock, "validate_lock", &ctx->inode);
	ctx->fs_private = vnode;
	ctx->inode.i_size = rpc->size;
	ctx->inode.i_data.a_ops = &mount->aops;
	if (mount->config.large_folios && sb->client->model->design.large_folios)
		ctx->inode.i_data.flags |= AS_LARGE_FOLIO_SUPPORT;
	netfs_inode_init(ctx, &afs_req_ops, true);
	server_watch(rpc->result, sb->client, afs_break_callback, vnode);
	if (mount->fscache) {
		ctx->cache = fscache_acquire_cookie(mount->fscache, ctx->inode.i_ino,
						    vnode->data_version, ctx->inode.i_size);
		ctx->cache->inode = &ctx->inode;
	}
	MODEL_HOOK(sb->client->model, inode, &ctx->inode);
	return &ctx->inode;
}

static int afs_lookup(struct super_block *sb, const char *name, bool create, bool excl,
		      struct inode **inodep)
{
	static const struct fs_names names = {.revalidate = afs_validate, .iget = afs_iget};

	return fs_lookup(&names, sb, name, create, excl, inodep);
}

/* A shrink that only drops what the server never had: reference 7.3, step 3. */
static bool afs_setattr_is_local(const struct inode *inode, const struct iattr *attr)
{
	return attr->ia_size < inode->i_size &&
	       attr->ia_size > netfs_inode((struct inode *)(uintptr_t)inode)->remote_i_size;
}

static int afs_setattr_locked(struct inode *inode, struct iattr *attr)
{
	struct rpc rpc = {.op = RPC_SETATTR,
			  .client = inode_client(inode),
			  .file = inode->remote,
			  .start = attr->ia_size};
	int err;

	filemap_fdatawait_range_keep_errors(&inode->i_data, sim_min(attr->ia_size, inode->i_size),
					    UINT64_MAX >> 1);
	/* The server never hears of a size that was not written: the released kernel forgets it. */
	if (bug(inode_client(inode), BUG_AFS_LOCAL_SHRINK_FORGOTTEN) &&
	    afs_setattr_is_local(inode, attr)) {
		truncate_setsize(inode, attr->ia_size);
		netfs_resize_file(netfs_inode(inode), attr->ia_size, false);
		fscache_resize_cookie(netfs_inode(inode)->cache, attr->ia_size);
		return 0;
	}
	err = afs_call(AFS_FS_I(inode), &rpc, true);
	if (err < 0)
		return err;
	truncate_setsize(inode, attr->ia_size);
	netfs_resize_file(netfs_inode(inode), attr->ia_size, true);
	fscache_resize_cookie(netfs_inode(inode)->cache, attr->ia_size);
	return 0;
}

static int afs_setattr(struct inode *inode, struct iattr *attr)
{
	struct fscache_cookie *cookie = netfs_inode(inode)->cache;
	struct afs_vnode *vnode = AFS_FS_I(inode);
	struct sim_world *w = inode_client(inode)->w;
	int err;

	if (!bug(inode_client(inode), BUG_TRUNCATE_DURING_DIO))
		inode_dio_wait(inode);
	if (attr->ia_size == inode->i_size && !attr->open_trunc)
		return 0;
	if (cookie)
		fscache_use_cookie(cookie, true);
	sim_down_write(w, &vnode->validate_lock, SIM_WAIT_PLAIN, SITE_VALIDATE_LOCK);
	err = afs_setattr_locked(inode, attr);
	sim_up_write(w, &vnode->validate_lock);
	if (cookie)
		fscache_unuse_cookie(cookie, &vnode->data_version, &inode->i_size);
	return err;
}

static int afs_unlink(struct super_block *sb, struct inode *inode)
{
	struct rpc rpc = {
		.op = RPC_UNLINK, .client = sb->client, .file = inode->remote, .name = inode->name};
	int err = server_call(&rpc);

	if (!err)
		inode_unlinked(inode);
	return err;
}

static void afs_evict_inode(struct inode *inode)
{
	struct afs_mount *mount = inode->i_sb->s_fs_info;
	struct afs_vnode *vnode = AFS_FS_I(inode);

	truncate_inode_pages_final(&inode->i_data);
	netfs_clear_inode_writeback(inode);
	if (netfs_inode(inode)->cache)
		fscache_relinquish_cookie(netfs_inode(inode)->cache);
	netfs_inode(inode)->cache = NULL;
	server_unwatch(inode->remote, vnode);
	sim_pool_put(&mount->vnodes, vnode);
}

static int afs_write_inode(struct inode *inode, struct writeback_control *wbc)
{
	return netfs_unpin_writeback(inode, wbc);
}

const struct inode_operations afs_file_inode_operations = {
	.setattr = afs_setattr,
	.getattr = afs_validate,
};

const struct super_operations afs_super_ops = {
	.lookup = afs_lookup,
	.unlink = afs_unlink,
	.evict_inode = afs_evict_inode,
	.write_inode = afs_write_inode,
};
