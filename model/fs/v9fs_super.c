/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Mounting 9P.
 *
 * Mirrors: fs/9p/vfs_super.c, fs/9p/v9fs.c (6.8).
 */
#include "model/fs/9p.h"
#include "sim/base/math.h"

static const uint32_t cache_bits[] = {
	[CACHE_NONE] = 0,
	[CACHE_READAHEAD] = V9FS_CACHE_FILE,
	[CACHE_MMAP] = V9FS_CACHE_FILE | V9FS_CACHE_WRITEBACK,
	[CACHE_LOOSE] = V9FS_CACHE_FILE | V9FS_CACHE_META | V9FS_CACHE_WRITEBACK | V9FS_CACHE_LOOSE,
	[CACHE_FSCACHE] = V9FS_CACHE_FILE | V9FS_CACHE_META | V9FS_CACHE_WRITEBACK |
			  V9FS_CACHE_LOOSE | V9FS_CACHE_FSCACHE,
};

void v9fs_mount(struct client *c, const struct mount_config *config)
{
	struct sim_arena *arena = c->w->arena;
	struct super_block *sb = alloc_super(c);
	struct v9fs_session *v9ses = sim_alloc(arena, sizeof(*v9ses));

	v9ses->client = c;
	v9ses->config = *config;
	v9ses->cache = cache_bits[config->cache];
	sim_pool_init(&v9ses->fids, arena, sizeof(struct p9_fid));
	sim_pool_init(&v9ses->inodes, arena, sizeof(struct v9fs_inode));

	if (v9ses->cache & V9FS_CACHE_FSCACHE)
		v9ses->fscache =
			fscache_acquire_volume(fscache_cache_new(c, &config->fscache), "9p");

	sb->s_op = &v9fs_super_ops;
	sb->i_op = &v9fs_inode_operations;
	sb->f_op = &v9fs_file_operations;
	sb->s_fs_info = v9ses;
	sb->sync_mount = config->sync;
	/* As much as one message brings; nothing is read ahead that is not kept. */
	sb->ra_pages = v9ses->cache ? (uint32_t)((config->msize - 24) >> PAGE_SHIFT) : 0;
	if (config->ra_pages)
		sb->ra_pages = config->ra_pages;
	if (config->no_readahead)
		sb->ra_pages = 0;
	sb->io_pages = sb->ra_pages;
}
