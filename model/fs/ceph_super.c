/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Mounting Ceph.
 *
 * Mirrors: fs/ceph/super.c (6.8).
 */
#include "model/fs/ceph.h"

#define MIB (1ull << 20)

void ceph_defaults(struct mount_config *config)
{
	config->rsize = config->wsize = 64 * MIB;
	config->stripe_unit = 4 * MIB;
	config->ra_pages = 8 * MIB >> PAGE_SHIFT;
	cache_config_defaults(&config->fscache);
}

void ceph_mount(struct client *c, const struct mount_config *config)
{
	struct sim_arena *arena = c->w->arena;
	struct super_block *sb = alloc_super(c);
	struct ceph_mount *mount = sim_alloc(arena, sizeof(*mount));

	sb->noatime = true;
	sb->s_time_gran = 1;
	mount->client = c;
	mount->config = *config;
	mount->snap_seq = c->model->server->snap_seq;
	mount->aops = *netfs_lib(c)->aops;
	mount->aops.writepages = ceph_writepages;
	if (config->cache == CACHE_FSCACHE)
		mount->fscache =
			fscache_acquire_volume(fscache_cache_new(c, &config->fscache), "ceph");
	sim_pool_init(&mount->inodes, arena, sizeof(struct ceph_inode));
	sim_pool_init(&mount->contexts, arena, sizeof(struct ceph_snap_context));
	sim_pool_init(&mount->requests, arena, sizeof(struct ceph_osd_request));
	sim_pool_init(&mount->flushes, arena, sizeof(struct ceph_snap_flush));
	/* The messenger connects again and sends again what was not acknowledged. */
	server_set_datagrams(c, true);
	sb->s_op = &ceph_super_ops;
	sb->i_op = &ceph_inode_operations;
	sb->f_op = &ceph_file_operations;
	sb->s_fs_info = mount;
	sb->ra_pages = config->no_readahead ? 0 : config->ra_pages;
	sb->io_pages = sb->ra_pages;
	server_watch_snaps(c->model->server, c, ceph_handle_snap, mount);
}
