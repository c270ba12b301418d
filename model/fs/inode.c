/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The inode cache of a mount.
 *
 * Mirrors: fs/inode.c, fs/file_table.c (6.8).
 */
#include "model/vfs/inode.h"

#include <assert.h>

#include "model/server/server.h"
#include "sim/base/math.h"

struct netfs_inode *inode_new(struct super_block *sb, struct server_file *remote, const char *name)
{
	struct client *c = sb->client;
	struct netfs_inode *ctx = sim_pool_get(&c->inodes);
	struct inode *inode = &ctx->inode;

	inode_init_once(inode, sb);
	inode->i_data.a_ops = netfs_lib(c)->aops;
	inode->remote = remote;
	server_file_get(remote);
	inode->i_ino = remote->ino;
	inode->name = name;
	inode->ordinal = ++c->model->nr_inodes;
	inode->i_size = remote->size;
	/* The server's clock is finer than what the client's is cut down to. */
	inode->i_atime = inode->i_mtime = remote->born_ns + 1;
	inode->i_nlink = 1;
	inode->i_count = 1;
	sim_list_add_tail(&inode->i_sb_list, &sb->s_inodes);
	inode->i_hash.name = name;
	sim_names_add(&sb->s_names, &inode->i_hash);
	return ctx;
}

struct inode *inode_lookup(struct super_block *sb, const char *name)
{
	struct sim_name *found = sim_names_find(&sb->s_names, name);
	struct inode *inode;

	if (!found)
		return NULL;
	inode = sim_container_of(found, struct inode, i_hash);
	inode_get(inode);
	return inode;
}

void inode_unlinked(struct inode *inode)
{
	inode->i_nlink = 0;
	sim_names_del(&inode->i_sb->s_names, &inode->i_hash);
}

void inode_get(struct inode *inode)
{
	inode->i_count++;
}

/* Page cache and remote file go; nobody can find the inode any more. */
static void evict(struct inode *inode)
{
	struct client *c = inode_client(inode);

	inode->i_state |= I_FREEING;
	sim_names_del(&inode->i_sb->s_names, &inode->i_hash);
	/* Waits for the flusher and for passes over all inodes. */
	inode_io_list_del(inode);
	inode->i_sb->s_op->evict_inode(inode);
	MODEL_HOOK(c->model, inode_evicted, inode);
	content_map_fini(&inode->i_data.data);
	sim_list_del(&inode->i_sb_list);
	server_file_put(inode->remote);
	sim_pool_put(&c->inodes, netfs_inode(inode));
}

void inode_put(struct inode *inode)
{
	const struct super_operations *s_op = inode->i_sb->s_op;

	assert(inode->i_count);
	if (--inode->i_count == 0 &&
	    (inode->i_nlink == 0 || (s_op->drop_inode && s_op->drop_inode(inode))))
		evict(inode);
}

struct super_block *alloc_super(struct client *c)
{
	struct super_block *sb = sim_alloc(c->w->arena, sizeof(*sb));

	sb->client = c;
	sb->s_dev = c->id + 1;
	sb->s_time_gran = SIM_NS_PER_S;
	sim_list_init(&sb->s_inodes);
	sim_names_init(&sb->s_names, c->w->arena);
	c->sb = sb;
	return sb;
}

void evict_unused_inodes(struct super_block *sb)
{
	sim_list_for_each_safe (inode, &sb->s_inodes, struct inode, i_sb_list) {
		if (inode->i_count == 0 && !inode->i_data.nrpages &&
		    !(inode->i_state & (I_DIRTY_ALL | I_SYNC | I_FREEING)))
			evict(inode);
	}
}

static uint32_t iocb_flags(uint32_t f_flags)
{
	return (f_flags & O_APPEND_ ? IOCB_APPEND : 0) | (f_flags & O_DIRECT_ ? IOCB_DIRECT : 0) |
	       (f_flags & O_DSYNC_ ? IOCB_DSYNC : 0) |
	       ((f_flags & O_SYNC_) == O_SYNC_ ? IOCB_SYNC : 0);
}

struct file *file_new(struct inode *inode, uint32_t flags)
{
	struct file *file = sim_pool_get(&inode_client(inode)->files);
	static const uint8_t modes[O_ACCMODE_ + 1] = {[O_RDONLY_] = FMODE_READ,
						      [O_WRONLY_] = FMODE_WRITE,
						      [O_RDWR_] = FMODE_READ | FMODE_WRITE};

	file->f_inode = inode;
	file->f_flags = flags;
	file->f_iocb_flags = iocb_flags(flags);
	file->f_mode = modes[flags & O_ACCMODE_];
	file->f_count = 1;
	file->f_wb_err = errseq_sample(&inode->i_data.wb_err);
	file->f_sb_err = errseq_sample(&inode->i_sb->s_wb_err);
	file_ra_state_init(&file->f_ra, &inode->i_data);
	return file;
}

void file_free(struct file *file)
{
	struct inode *inode = file->f_inode;

	sim_pool_put(&inode_client(inode)->files, file);
	inode_put(inode);
}
