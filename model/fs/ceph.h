/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the files of Ceph share: inodes with their caps and snapshot contexts.
 *
 * Mirrors: fs/ceph/super.h (6.8).
 */
#ifndef MODEL_FS_CEPH_H
#define MODEL_FS_CEPH_H

#include <errno.h>

#include "model/fs/lookup.h"
#include "model/fs/mount.h"
#include "model/netfs/netfs.h"
#include "model/server/server.h"
#include "model/vfs/inode.h"

/* One mount: super_block.s_fs_info. */
struct ceph_mount {
	struct client *client;
	struct mount_config config;
	uint32_t snap_seq;              /* the newest snapshot that this client knows */
	struct fscache_volume *fscache; /* NULL: mounted without fsc */
	struct sim_pool inodes, contexts, requests, flushes;
	struct address_space_operations aops; /* the library's, with our writepages */
};

/* What was written to an inode between two snapshots: ceph_snap_context and ceph_cap_snap. */
struct ceph_snap_context {
	struct netfs_group group; /* its ordinal is the newest snapshot that the writer knew */
	struct inode *inode;
	bool used; /* something was written with it */
};

/*
 * What Ceph keeps for an inode: netfs_inode.fs_private.
 *
 * CAPS: issued is what the MDS lets the client do on its own: LEASE_READ is Fc, LEASE_WRITE is Fb.
 * With Fc reads, with Fb writes go through the page cache; without they are synchronous.
 *   none -> issued   [ceph_open, ceph_told]     the answer to an open, or a message
 *   issued -> none   [ceph_told]                new calls do without from now on
 *   ... -> returned  [ceph_give_back_caps]      calls that use them have ended, dirty data are
 *                                               written (Fb), pages are dropped (Fc)
 * Fw, to change bytes, is the client's but while the MDS truncates: what was stored through a map
 * after the truncation of the objects and before that of the pages would come back with them.
 */
struct ceph_inode {
	struct inode *inode;
	struct server_lease *lease;
	uint32_t issued; /* enum lease_bits */
	uint32_t users;  /* calls that go through the page cache: ceph_get_caps */
	struct sim_waitq users_wait;
	struct sim_rwsem fw;     /* Fw: read by stores through a map, written by a truncation */
	struct work_struct work; /* gives back caps */
	struct ceph_snap_context *head; /* of what is written now; NULL: nothing yet */
	uint64_t version;               /* the newest that a reply told of */
	uint32_t truncate_seq; /* the same: tells the OSDs which writes are older than a truncation */
	bool dirty_caps;       /* size and times are newer than the MDS's */
};

/* A read or write of an object on its way. */
struct ceph_osd_request {
	struct rpc rpc;
	struct work_struct work;
	struct netfs_io_subrequest *sreq;
};

/* The message that tells the MDS that a context is written. */
struct ceph_snap_flush {
	struct rpc rpc;
	struct work_struct work;
	struct inode *inode;
	uint32_t ordinal;
};

static inline struct ceph_inode *ceph_inode(struct inode *inode)
{
	return netfs_inode(inode)->fs_private;
}
static inline struct ceph_mount *ceph_mount_of(const struct inode *inode)
{
	return inode->i_sb->s_fs_info;
}

/*
 * ceph_cache.c: the local cache. A file has a cookie from its inode's birth; nothing is done
 * without.
 */
void ceph_fscache_register_inode_cookie(struct inode *inode);
void ceph_fscache_unregister_inode_cookie(struct inode *inode);
void ceph_fscache_use_cookie(struct inode *inode, bool will_modify);
/* update: version and size are as the client knows them now. */
void ceph_fscache_unuse_cookie(struct inode *inode, bool update);
/* What is cached is wrong. */
void ceph_fscache_invalidate(struct inode *inode);
/* The file is cut, or is longer. May wait for the object. */
void ceph_fscache_resize(struct inode *inode, uint64_t to);

/* ceph_addr.c */
extern const struct netfs_request_ops ceph_netfs_ops;
int ceph_writepages(struct address_space *mapping, struct writeback_control *wbc);

/* ceph_caps.c */

/* A call is about to use the page cache if it may. True: it may; ceph_put_caps() when it has. */
bool ceph_get_caps(struct ceph_inode *ci, uint32_t need);
void ceph_put_caps(struct ceph_inode *ci);
/* The MDS says what the client has from now on: an event's function. */
void ceph_told(void *holder, uint32_t bits, bool asked);
/* A call to the MDS about the inode; takes over the attributes of the reply. */
int ceph_mds_call(struct inode *inode, struct rpc *rpc);
/* Size as the server has it, unless the client itself knows better. */
int ceph_getattr(struct inode *inode);

/* ceph_snap.c */
struct netfs_group *ceph_get_write_group(struct inode *inode);
/* What is older than the newest snapshot is written: 0 or negative errno. */
int ceph_flush_snaps(struct inode *inode);
/* The MDS tells of a snapshot: an event's function. */
void ceph_handle_snap(void *mount, uint32_t seq);
int ceph_mksnap(struct super_block *sb, const char *name);
/* The inode goes. */
void ceph_drop_context(struct ceph_inode *ci);

/* ceph_file.c */
extern const struct file_operations ceph_file_operations;
/* ceph_inode.c */
extern const struct inode_operations ceph_inode_operations;
extern const struct super_operations ceph_super_ops;
/* ceph_super.c */
void ceph_defaults(struct mount_config *config);
void ceph_mount(struct client *c, const struct mount_config *config);

#endif
