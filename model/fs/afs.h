/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the files of AFS share: vnodes and their validity.
 *
 * Mirrors: fs/afs/internal.h (6.8).
 */
#ifndef MODEL_FS_AFS_H
#define MODEL_FS_AFS_H

#include <errno.h>

#include "model/fs/lookup.h"
#include "model/fs/mount.h"
#include "model/netfs/netfs.h"
#include "model/server/server.h"
#include "model/vfs/inode.h"

struct afs_mount {
	struct client *client;
	struct mount_config config;
	struct fscache_volume *fscache; /* NULL: no local cache */
	struct sim_pool vnodes;
	struct address_space_operations aops; /* the library's, with our writepages */
};

/*
 * What AFS keeps for an inode: netfs_inode.fs_private.
 *
 * VALIDITY: a vnode is PROMISED from a status reply until the server breaks the callback because
 * somebody else changed the file; then its status is unknown until it is fetched again.
 *   UNKNOWN -> PROMISED [afs_fetch_status]    PROMISED -> UNKNOWN [afs_break_callback]
 */
struct afs_vnode {
	struct inode *inode;
	bool cb_promised;
	bool zap_data;     /* somebody else made a version: the pages must go */
	uint32_t cb_break; /* counts breaks: a reply that one overtook promises nothing */
	uint64_t data_version;
	struct sim_mutex io_lock; /* one operation on a vnode at a time: afs_get_io_locks */
	struct sim_rwsem validate_lock;
};

static inline struct afs_vnode *AFS_FS_I(struct inode *inode)
{
	return netfs_inode(inode)->fs_private;
}

/* afs_inode.c */
extern const struct inode_operations afs_file_inode_operations;
extern const struct super_operations afs_super_ops;
/*
 * Make a call about a vnode, after those before it, and take over the status that it returns. ours:
 * it makes a new data version. 0 or negative errno.
 */
int afs_call(struct afs_vnode *vnode, struct rpc *rpc, bool ours);
/* Make sure the status is known; data that are out of date are dropped. 0 or negative errno. */
int afs_validate(struct inode *inode);

/* What the local cache has of the file is wrong. */
void afs_invalidate_cache(struct inode *inode);

/* afs_file.c */
extern const struct file_operations afs_file_operations;
/* afs_netfs.c */
int afs_writepages(struct address_space *mapping, struct writeback_control *wbc);
extern const struct netfs_request_ops afs_req_ops;
/* afs_super.c */
void afs_mount(struct client *c, const struct mount_config *config);

#endif
