/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Snapshot contexts: which snapshots a dirty folio is older than.
 *
 * Mirrors: fs/ceph/snap.c (6.8). Reference 4.4, 9.2.
 *
 * What is written belongs to the newest context, the head. When the client learns of a snapshot,
 * the head is closed: what is written next begins a new one. A closed context lives until all its
 * folios are written; then the MDS is told.
 */
#include "model/fs/ceph.h"

static void ceph_snap_flushed(struct work_struct *work)
{
	struct ceph_snap_flush *flush = sim_container_of(work, struct ceph_snap_flush, work);
	struct inode *inode = flush->inode;

	MODEL_HOOK(inode_client(inode)->model, snap_flushed, inode, flush->ordinal);
	sim_pool_put(&ceph_mount_of(inode)->flushes, flush);
	inode_put(inode);
}

static void ceph_snap_flush_reply(struct rpc *rpc)
{
	struct ceph_snap_flush *flush = sim_container_of(rpc, struct ceph_snap_flush, rpc);

	flush->work.fn = ceph_snap_flushed;
	queue_work(&rpc->client->unbound_wq, &flush->work);
}

static void ceph_send_snap_flush(const struct ceph_snap_context *snapc)
{
	struct inode *inode = snapc->inode;
	struct ceph_snap_flush *flush = sim_pool_get(&ceph_mount_of(inode)->flushes);

	inode_get(inode);
	flush->inode = inode;
	flush->ordinal = snapc->group.ordinal;
	flush->rpc = (struct rpc){
		.op = RPC_FLUSHSNAP,
		.client = inode_client(inode),
		.file = inode->remote,
		.snap_seq = flush->ordinal,
		.done = ceph_snap_flush_reply,
	};
	server_send(&flush->rpc);
}

/* The last folio of a closed context is written. */
static void ceph_free_context(struct netfs_group *group)
{
	struct ceph_snap_context *snapc = sim_container_of(group, struct ceph_snap_context, group);
	struct ceph_mount *mount = ceph_mount_of(snapc->inode);

	if (snapc->used && !(snapc->inode->i_state & I_FREEING))
		ceph_send_snap_flush(snapc);
	sim_pool_put(&mount->contexts, snapc);
}

struct netfs_group *ceph_get_write_group(struct inode *inode)
{
	struct ceph_mount *mount = ceph_mount_of(inode);
	struct ceph_inode *ci = ceph_inode(inode);

	if (!mount->client->model->design.write_grouping)
		return NULL;
	if (!ci->head) {
		ci->head = sim_pool_get(&mount->contexts);
		ci->head->inode = inode;
		ci->head->group.ordinal = mount->snap_seq;
		ci->head->group.free = ceph_free_context;
		netfs_init_group(netfs_inode(inode), &ci->head->group);
	}
	ci->head->used = true;
	return netfs_get_group(&ci->head->group);
}

void ceph_drop_context(struct ceph_inode *ci)
{
	struct ceph_snap_context *head = ci->head;

	ci->head = NULL;
	if (head)
		netfs_put_group(&head->group);
}

int ceph_flush_snaps(struct inode *inode)
{
	const struct netfs_group *oldest = netfs_oldest_group(netfs_inode(inode));
	const struct ceph_inode *ci = ceph_inode(inode);

	if (!oldest || (ci->head && oldest == &ci->head->group))
		return 0;
	return filemap_write_and_wait_range(&inode->i_data, 0, LLONG_MAX_OFF);
}

void ceph_handle_snap(void *arg, uint32_t seq)
{
	struct ceph_mount *mount = arg;
	struct super_block *sb = mount->client->sb;

	mount->snap_seq = seq;
	sim_list_for_each (inode, &sb->s_inodes, struct inode, i_sb_list) {
		if (inode->i_state & I_FREEING)
			continue;
		if (ceph_inode(inode)->issued)
			MODEL_HOOK(mount->client->model, snap_taken, inode, seq);
		ceph_drop_context(ceph_inode(inode));
	}
}

int ceph_mksnap(struct super_block *sb, const char *name)
{
	struct rpc rpc = {.op = RPC_MKSNAP, .client = sb->client, .name = name};

	return server_call(&rpc);
}
