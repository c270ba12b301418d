/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The netfs context of an inode: sizes, the zero point, direct I/O in flight.
 *
 * Mirrors: include/linux/netfs.h netfs_inode_init, netfs_resize_file; fs/netfs/misc.c; fs/inode.c
 * inode_dio_wait (6.8). Reference 1.1, 7.1.
 */
#include "model/netfs/netfs.h"
#include "model/mm/mm.h"
#include "sim/base/math.h"

const struct netfs_lib *netfs_lib(const struct client *c)
{
	return c->model->design.generation == GEN_6_8 ? &netfs_lib_6_8 : NULL;
}

void netfs_inode_init(struct netfs_inode *ctx, const struct netfs_request_ops *ops,
		      bool use_zero_point)
{
	ctx->ops = ops;
	ctx->remote_i_size = ctx->inode.i_size;
	ctx->flags = 0;
	ctx->crypto_block = 0;
	sim_rwsem_init(&ctx->rmw_lock, "rmw_lock", &ctx->inode);
	sim_list_init(&ctx->groups);
	ctx->zero_point = UINT64_MAX;
	if (use_zero_point && inode_client(&ctx->inode)->model->design.zero_point) {
		ctx->zero_point = ctx->remote_i_size;
		ctx->inode.i_data.flags |= AS_RELEASE_ALWAYS;
	}
}

void netfs_set_zero_point(struct netfs_inode *ctx, uint64_t zp, enum zero_point_move why)
{
	uint64_t old = ctx->zero_point;

	ctx->zero_point = zp;
	if (old != zp)
		MODEL_HOOK(inode_client(&ctx->inode)->model, zero_point, &ctx->inode, old, zp, why);
}

void netfs_resize_file(struct netfs_inode *ctx, uint64_t new_size, bool changed_on_server)
{
	if (changed_on_server)
		ctx->remote_i_size = new_size;
	if (ctx->zero_point != UINT64_MAX && new_size < ctx->zero_point)
		netfs_set_zero_point(ctx, new_size, ZERO_POINT_RESIZE);
}

void netfs_grown_by_others(struct netfs_inode *ctx, uint64_t new_size)
{
	ctx->remote_i_size = new_size;
	if (ctx->zero_point < new_size)
		netfs_set_zero_point(ctx, new_size, ZERO_POINT_REMOTE_CHANGE);
}

void netfs_set_i_size(struct inode *inode, uint64_t size)
{
	uint64_t old = inode->i_size;

	inode->i_size = size;
	if (old != size)
		MODEL_HOOK(inode_client(inode)->model, i_size, inode, old, size);
}

void netfs_take_i_size(struct inode *inode, uint64_t size)
{
	pagecache_isize_extended(inode, inode->i_size, size);
	netfs_set_i_size(inode, size);
}

/* ---- direct I/O in flight ---- */

static void dio_describe(const void *obj, struct sim_buf *out)
{
	const struct inode *inode = obj;

	sim_buf_printf(out, "%u direct I/Os in flight on inode %llx", inode->i_dio_count,
		       (unsigned long long)inode->i_ino);
}

static const struct sim_wait_class dio_wait_class = {.name = "i_dio_count",
						     .describe = dio_describe};

void inode_dio_begin(struct inode *inode)
{
	inode->i_dio_count++;
	MODEL_HOOK(inode_client(inode)->model, inode, inode);
}

void inode_dio_end(struct inode *inode)
{
	if (--inode->i_dio_count == 0)
		sim_wake(inode_client(inode)->w, &inode->i_dio_wait, SIM_WAKE_ALL);
	MODEL_HOOK(inode_client(inode)->model, inode, inode);
}

void inode_dio_wait(struct inode *inode)
{
	while (inode->i_dio_count)
		sim_wait(inode_client(inode)->w, &inode->i_dio_wait, SIM_WAIT_PLAIN, SITE_DIO_WAIT,
			 &dio_wait_class, inode);
}

int inode_dio_wait_interruptible(struct inode *inode)
{
	while (inode->i_dio_count) {
		int ret = sim_wait(inode_client(inode)->w, &inode->i_dio_wait,
				   SIM_WAIT_INTERRUPTIBLE, SITE_DIO_WAIT, &dio_wait_class, inode);

		if (ret < 0)
			return ret;
	}
	return 0;
}

bool netfs_has_unwritten(struct address_space *mapping)
{
	struct folio *folio;

	for (pgoff_t i = 0;
	     (folio = filemap_next_marked(mapping, i, UINT64_MAX, PAGE_MARK_DIRTY));) {
		if (!netfs_folio_to_copy(folio))
			return true;
		i = folio_next_index(folio);
	}
	return false;
}

int netfs_unpin_writeback(struct inode *inode, struct writeback_control *wbc)
{
	if (wbc->unpinned_netfs_wb)
		fscache_unuse_cookie(netfs_inode(inode)->cache, NULL, NULL);
	wbc->unpinned_netfs_wb = false;
	return 0;
}

void netfs_clear_inode_writeback(struct inode *inode)
{
	if (inode->i_state & I_PINNING_NETFS_WB)
		fscache_unuse_cookie(netfs_inode(inode)->cache, NULL, &inode->i_size);
	inode->i_state &= ~(uint32_t)I_PINNING_NETFS_WB;
}

/* ---- groups ---- */

void netfs_init_group(struct netfs_inode *ctx, struct netfs_group *group)
{
	group->ref = 1;
	sim_list_add_tail(&group->entry, &ctx->groups);
}

struct netfs_group *netfs_get_group(struct netfs_group *group)
{
	group->ref++;
	return group;
}

void netfs_put_group(struct netfs_group *group)
{
	if (!group || --group->ref)
		return;
	sim_list_del(&group->entry);
	group->free(group);
}

struct netfs_group *netfs_oldest_group(const struct netfs_inode *ctx)
{
	sim_list_for_each (group, &ctx->groups, struct netfs_group, entry)
		if (group->nr_folios)
			return group;
	return NULL;
}
