/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Looking a name up and creating a file: what the network filesystems have in common. */
#ifndef MODEL_FS_LOOKUP_H
#define MODEL_FS_LOOKUP_H

#include "model/vfs/fs.h"

struct rpc;

/* What a filesystem adds. */
struct fs_names {
	/* Is what we know of the inode still true? 0 or negative errno. NULL: nobody asks. */
	int (*revalidate)(struct inode *inode);
	/* Send a message about a name and wait. 0 or negative errno. NULL: server_call(). */
	int (*call)(struct super_block *sb, struct rpc *rpc);
	/* Ask for the attributes of rpc->result. NULL: they came with the name. */
	int (*getattr)(struct super_block *sb, struct rpc *rpc);
	/* The inode of rpc->result, counted. */
	struct inode *(*iget)(struct super_block *sb, const struct rpc *rpc);
};

/*
 * For super_operations.lookup: the inode that the client has, or else what the server says.
 * fs/namei.c lookup_open() with the filesystem's ->lookup and ->create (6.8).
 */
int fs_lookup(const struct fs_names *names, struct super_block *sb, const char *name, bool create,
	      bool excl, struct inode **inodep);

#endif
