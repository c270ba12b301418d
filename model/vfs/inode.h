/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The inode cache of a mount: filesystems make inodes, the last user of an unlinked one evicts it.
 *
 * Mirrors: fs/inode.c (6.8).
 */
#ifndef MODEL_VFS_INODE_H
#define MODEL_VFS_INODE_H

#include "model/netfs/netfs.h"

/*
 * A new inode of a mount for the server's file, with one reference; i_size is the file's. Takes a
 * reference of the file. name must live as long as the world.
 */
struct netfs_inode *inode_new(struct super_block *sb, struct server_file *remote, const char *name);

/* The cached inode of that name, with a reference, or NULL. */
struct inode *inode_lookup(struct super_block *sb, const char *name);

/* Its name is gone: nobody finds it any more, its last user evicts it. */
void inode_unlinked(struct inode *inode);

void inode_get(struct inode *inode);
/* Drop a reference; the last one of an unlinked inode evicts it. */
void inode_put(struct inode *inode);

/* What a client mounts: an empty superblock, which becomes c->sb. fs/super.c (6.8) has the name. */
struct super_block *alloc_super(struct client *c);

/* Evict every inode of the mount that nobody uses, oldest first. */
void evict_unused_inodes(struct super_block *sb);

/* A file struct for an open of the inode (takes over the caller's inode reference). */
struct file *file_new(struct inode *inode, uint32_t flags);
void file_free(struct file *file);

#endif
