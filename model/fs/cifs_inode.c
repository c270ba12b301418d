/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * CIFS inodes: names, attributes, sizes, leases and their breaks; the mount.
 *
 * Mirrors: fs/smb/client/inode.c, fs/smb/client/fscache.c, fs/smb/client/file.c cifs_oplock_break,
 * fs/smb/client/cifsglob.h cifs_get_writer, fs/smb/client/cifsfs.c (6.8 with the branch of the
 * cover letter). Reference 7, 9.2.
 */
#include "model/fs/cifs.h"
#include "sim/base/math.h"

/* ---- what is known of the file ---- */

static bool is_idle(const struct inode *inode)
{
	sim_list_for_each (rreq, &inode_client(inode)->io_requests, struct netfs_io_request,
			   proc_link) {
		if (rreq->inode == inode)
			return false;
	}
	return true;
}

/*
 * Nothing above the size is on the server: known only under a lease, and while no upload of our own
 * is on its way that would put something there.
 */
static void cifs_reset_zero_point(struct inode *inode, bool known)
{
	struct netfs_inode *ctx = netfs_inode(inode);

	if (ctx->zero_point == UINT64_MAX)
		return;
	netfs_set_zero_point(ctx, known && is_idle(inode) ? ctx->remote_i_size : LLONG_MAX_OFF,
			     ZERO_POINT_REMOTE_CHANGE);
}

static bool is_loose(const struct inode *inode)
{
	return CIFS_SB(inode)->config.cache == CACHE_LOOSE;
}

void cifs_set_oplock_level(struct inode *inode, uint32_t oplock)
{
	struct netfs_inode *ctx = netfs_inode(inode);
	struct cifsInodeInfo *cinode = CIFS_I(inode);
	uint32_t old = cinode->oplock, flags = 0;

	cinode->oplock = oplock;
	if (is_loose(inode))
		return;
	if (!(oplock & LEASE_READ))
		flags = inode_client(inode)->model->design.unbuffered ? NETFS_ICTX_UNBUFFERED
								      : NETFS_ICTX_WRITETHROUGH;
	else if (!(oplock & LEASE_WRITE))
		flags = NETFS_ICTX_WRITETHROUGH;
	ctx->flags &= ~(uint32_t)(NETFS_ICTX_UNBUFFERED | NETFS_ICTX_WRITETHROUGH);
	ctx->flags |= flags;
	if ((old ^ oplock) & LEASE_READ)
		cifs_reset_zero_point(inode, oplock & LEASE_READ);
	MODEL_HOOK(inode_client(inode)->model, inode, inode);
}

void cifs_invalidate_cache(struct inode *inode, unsigned flags)
{
	fscache_invalidate(netfs_inode(inode)->cache, &CIFS_I(inode)->version, inode->i_size,
			   flags);
}

/* Under a lease only we can have changed it. */
static bool is_changed(const struct cifsInodeInfo *cinode, uint64_t version)
{
	return version >= cinode->newest && !cinode->oplock && version != cinode->version;
}

void cifs_fattr_to_inode(struct inode *inode, uint64_t size, uint64_t version)
{
	struct netfs_inode *ctx = netfs_inode(inode);
	struct cifsInodeInfo *cinode = CIFS_I(inode);

	/* Nobody may think that the pages are good again while they are still there. */
	if (is_changed(cinode, version))
		netfs_lib(inode_client(inode))->give_up_copies(&inode->i_data);
	if (version < cinode->newest)
		return;
	cinode->newest = version;
	ctx->remote_i_size = size;
	if (!is_changed(cinode, version)) {
		cinode->version = version;
		return;
	}
	cinode->version = version;
	cifs_invalidate_cache(inode, 0);
	if (is_loose(inode))
		cifs_reset_zero_point(inode, true);
	invalidate_mapping_pages(&inode->i_data, 0, UINT64_MAX);
	MODEL_HOOK(inode_client(inode)->model, pages_dropped, inode);
	if (size > inode->i_size || (size < inode->i_size && !netfs_has_unwritten(&inode->i_data) &&
				     !inode->i_data.nr_writeback))
		netfs_take_i_size(inode, size);
	fscache_update_cookie(ctx->cache, NULL, &inode->i_size);
}

int cifs_revalidate(struct inode *inode)
{
	struct rpc rpc = {.op = RPC_GETATTR, .client = inode_client(inode), .file = inode->remote};
	int err;

	if (CIFS_I(inode)->oplock & LEASE_READ)
		return 0;
	err = cifs_send_recv(CIFS_SB(inode), &rpc);
	if (!err)
		cifs_fattr_to_inode(inode, rpc.size, rpc.version);
	return err;
}

/* ---- breaks of the lease ---- */

void cifs_get_writer(struct inode *inode)
{
	struct cifsInodeInfo *cinode = CIFS_I(inode);

	while (cinode->pending_oplock_break)
		sim_wait(inode_client(inode)->w, &cinode->oplock_q, SIM_WAIT_PLAIN,
			 SITE_CIFS_OPLOCK, NULL, NULL);
	cinode->writers++;
}

void cifs_put_writer(struct inode *inode)
{
	struct cifsInodeInfo *cinode = CIFS_I(inode);

	if (!--cinode->writers)
		sim_wake(inode_client(inode)->w, &cinode->oplock_q, SIM_WAKE_ALL);
}

/* Give up what the break takes: data go to the server first, pages that nobody vouches for go. */
static void cifs_oplock_break(struct work_struct *work)
{
	struct cifsInodeInfo *cinode = sim_container_of(work, struct cifsInodeInfo, oplock_break);
	struct inode *inode = cinode->inode;
	struct client *c = inode_client(inode);
	struct rpc ack = {.op = RPC_LEASE, .client = c, .file = inode->remote};
	uint32_t old;

	while (cinode->writers)
		sim_wait(c->w, &cinode->oplock_q, SIM_WAIT_PLAIN, SITE_CIFS_OPLOCK, NULL, NULL);
	old = cinode->oplock;
	ack.lease_bits = old & cinode->break_to;
	cifs_set_oplock_level(inode, ack.lease_bits);
	server_oplock_told(inode->remote, c);
	if (old & LEASE_WRITE)
		filemap_fdatawrite(&inode->i_data);
	if (!(ack.lease_bits & LEASE_READ) && !is_loose(inode)) {
		filemap_fdatawait_range_keep_errors(&inode->i_data, 0, LLONG_MAX_OFF);
		netfs_lib(c)->give_up_copies(&inode->i_data);
		invalidate_mapping_pages(&inode->i_data, 0, UINT64_MAX);
		MODEL_HOOK(c->model, pages_dropped, inode);
	}
	if (old & LEASE_WRITE)
		filemap_fdatawait_range_keep_errors(&inode->i_data, 0, LLONG_MAX_OFF);
	/* With the lease the right goes to keep what nobody uses. */
	if (!(ack.lease_bits & LEASE_READ))
		cifs_close_deferred_file(inode);
	/* The last handle took the lease with it. */
	if (old & LEASE_WRITE && (cinode->opens || !sim_list_empty(&cinode->openFileList)))
		cifs_send_recv(CIFS_SB(inode), &ack);
	cinode->pending_oplock_break = work->pending;
	sim_wake(c->w, &cinode->oplock_q, SIM_WAKE_ALL);
	inode_put(inode);
}

void cifs_queue_oplock_break(void *holder, uint32_t left)
{
	struct inode *inode = holder;
	struct cifsInodeInfo *cinode = CIFS_I(inode);

	cinode->break_to = left;
	cinode->pending_oplock_break = true;
	if (queue_work(&inode_client(inode)->unbound_wq, &cinode->oplock_break))
		inode_get(inode);
}

/* ---- names ---- */

static struct inode *cifs_iget(struct super_block *sb, const struct rpc *rpc)
{
	struct cifs_sb_info *cifs_sb = sb->s_fs_info;
	struct netfs_inode *ctx = inode_new(sb, rpc->result, rpc->result->name);
	struct cifsInodeInfo *cinode = sim_pool_get(&cifs_sb->inodes);

	cinode->inode = &ctx->inode;
	cinode->version = cinode->newest = rpc->version;
	cinode->oplock_break.fn = cifs_oplock_break;
	sim_list_init(&cinode->openFileList);
	sim_rwsem_init(&cinode->size_sem, "size_sem", &ctx->inode);
	ctx->inode.i_data.a_ops = &cifs_sb->aops;
	ctx->fs_private = cinode;
	ctx->inode.i_size = rpc->size;
	if (cifs_sb->config.large_folios && sb->client->model->design.large_folios)
		ctx->inode.i_data.flags |= AS_LARGE_FOLIO_SUPPORT;
	netfs_inode_init(ctx, &cifs_req_ops, true);
	if (cifs_sb->fscache) {
		ctx->cache = fscache_acquire_cookie(cifs_sb->fscache, ctx->inode.i_ino,
						    cinode->version, ctx->inode.i_size);
		ctx->cache->inode = &ctx->inode;
	}
	MODEL_HOOK(sb->client->model, inode, &ctx->inode);
	if (!is_loose(&ctx->inode))
		cifs_reset_zero_point(&ctx->inode, false);
	cifs_set_oplock_level(&ctx->inode, 0);
	return &ctx->inode;
}

static int cifs_call_name(struct super_block *sb, struct rpc *rpc)
{
	return cifs_send_recv(sb->s_fs_info, rpc);
}

static int cifs_lookup(struct super_block *sb, const char *name, bool create, bool excl,
		       struct inode **inodep)
{
	static const struct fs_names names = {
		.revalidate = cifs_revalidate, .call = cifs_call_name, .iget = cifs_iget};

	return fs_lookup(&names, sb, name, create, excl, inodep);
}

/* ---- sizes ---- */

/* An upload that came after it would bring back what is cut off: none is on its way. */
static int cifs_set_file_size(struct inode *inode, const struct iattr *attr)
{
	struct cifsInodeInfo *cinode = CIFS_I(inode);
	struct rpc rpc = {.op = RPC_SETATTR, .start = attr->ia_size};
	int err;

	filemap_fdatawait_range_keep_errors(&inode->i_data, 0, LLONG_MAX_OFF);
	err = cifs_call_handle(attr->ia_file->private_data, &rpc);
	if (err < 0)
		return err;
	if (rpc.version == cinode->version + 1 || cinode->oplock)
		cinode->version = rpc.version;
	cinode->newest = sim_max(cinode->newest, rpc.version);
	truncate_setsize(inode, attr->ia_size);
	netfs_resize_file(netfs_inode(inode), attr->ia_size, true);
	fscache_resize_cookie(netfs_inode(inode)->cache, attr->ia_size);
	return 0;
}

/* As afs_writepages() does. */
static int cifs_writepages(struct address_space *mapping, struct writeback_control *wbc)
{
	struct client *c = inode_client(mapping->host);
	struct cifsInodeInfo *cinode = CIFS_I(mapping->host);
	int ret;

	if (wbc->sync_mode == WB_SYNC_ALL)
		sim_down_read(c->w, &cinode->size_sem, SIM_WAIT_PLAIN, SITE_CIFS_SIZE);
	else if (!sim_down_read_trylock(c->w, &cinode->size_sem))
		return 0;
	ret = netfs_lib(c)->aops->writepages(mapping, wbc);
	sim_up_read(c->w, &cinode->size_sem);
	return ret;
}

static int cifs_setattr(struct inode *inode, struct iattr *attr)
{
	struct cifsInodeInfo *cinode = CIFS_I(inode);
	int err;

	/* Direct I/O in flight would bring back what is cut off: K25. */
	if (!bug(inode_client(inode), BUG_TRUNCATE_DURING_DIO))
		inode_dio_wait(inode);
	if (attr->ia_size == inode->i_size && !attr->open_trunc && cinode->oplock)
		return 0;
	filemap_fdatawrite(&inode->i_data);
	sim_down_write(inode_client(inode)->w, &cinode->size_sem, SIM_WAIT_PLAIN, SITE_CIFS_SIZE);
	err = cifs_set_file_size(inode, attr);
	sim_up_write(inode_client(inode)->w, &cinode->size_sem);
	return err;
}

static int cifs_unlink(struct super_block *sb, struct inode *inode)
{
	struct rpc rpc = {
		.op = RPC_UNLINK, .client = sb->client, .file = inode->remote, .name = inode->name};
	int err;

	cifs_close_deferred_file(inode);
	err = cifs_send_recv(sb->s_fs_info, &rpc);

	if (!err)
		inode_unlinked(inode);
	return err;
}

static void cifs_evict_inode(struct inode *inode)
{
	struct cifs_sb_info *cifs_sb = CIFS_SB(inode);

	truncate_inode_pages_final(&inode->i_data);
	netfs_clear_inode_writeback(inode);
	if (netfs_inode(inode)->cache)
		fscache_relinquish_cookie(netfs_inode(inode)->cache);
	netfs_inode(inode)->cache = NULL;
	sim_pool_put(&cifs_sb->inodes, CIFS_I(inode));
}

static int cifs_write_inode(struct inode *inode, struct writeback_control *wbc)
{
	return netfs_unpin_writeback(inode, wbc);
}

const struct inode_operations cifs_file_inode_ops = {
	.setattr = cifs_setattr,
	.getattr = cifs_revalidate,
};

const struct super_operations cifs_super_ops = {
	.lookup = cifs_lookup,
	.unlink = cifs_unlink,
	.evict_inode = cifs_evict_inode,
	.write_inode = cifs_write_inode,
};

/* ---- the mount ---- */

void cifs_mount(struct client *c, const struct mount_config *config)
{
	struct sim_arena *arena = c->w->arena;
	struct super_block *sb = alloc_super(c);
	struct cifs_sb_info *cifs_sb = sim_alloc(arena, sizeof(*cifs_sb));

	sb->noatime = sb->nocmtime = true;
	cifs_sb->client = c;
	cifs_sb->config = *config;
	if (config->fsc)
		cifs_sb->fscache =
			fscache_acquire_volume(fscache_cache_new(c, &config->fscache), "cifs");
	sim_pool_init(&cifs_sb->inodes, arena, sizeof(struct cifsInodeInfo));
	sim_pool_init(&cifs_sb->files, arena, sizeof(struct cifsFileInfo));
	sim_pool_init(&cifs_sb->locks, arena, sizeof(struct cifsLockInfo));
	sim_pool_init(&cifs_sb->ios, arena, sizeof(struct cifs_io_subrequest));
	cifs_sb->aops = *netfs_lib(c)->aops;
	cifs_sb->aops.writepages = cifs_writepages;
	cifs_server_init(cifs_sb);
	sb->s_op = &cifs_super_ops;
	sb->i_op = &cifs_file_inode_ops;
	sb->f_op = &cifs_file_ops;
	sb->s_fs_info = cifs_sb;
	sb->sync_mount = config->sync;
	/* Two reads' worth. */
	sb->ra_pages = (uint32_t)(2 * config->rsize >> PAGE_SHIFT);
	if (config->ra_pages)
		sb->ra_pages = config->ra_pages;
	if (config->no_readahead)
		sb->ra_pages = 0;
	sb->io_pages = sb->ra_pages;
}
