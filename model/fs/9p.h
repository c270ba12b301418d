/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the files of 9P share: the session, fids, the client's calls.
 *
 * Mirrors: fs/9p/v9fs.h, fs/9p/fid.h, include/net/9p/client.h (6.8).
 */
#ifndef MODEL_FS_9P_H
#define MODEL_FS_9P_H

#include <errno.h>

#include "model/fs/lookup.h"
#include "model/fs/mount.h"
#include "model/netfs/netfs.h"
#include "model/server/server.h"
#include "model/vfs/inode.h"

/* Bits of the cache= modes. */
enum p9_cache_bits {
	V9FS_CACHE_FILE = 1 << 0, /* keep data that were read */
	V9FS_CACHE_META = 1 << 1, /* trust attributes */
	V9FS_CACHE_WRITEBACK = 1 << 2,
	V9FS_CACHE_LOOSE = 1 << 3, /* never look whether the server's file changed */
	V9FS_CACHE_FSCACHE = 1 << 4,
};

enum p9_fid_mode {
	P9L_DIRECT = 1 << 0,       /* neither reads nor writes use the page cache */
	P9L_NOWRITECACHE = 1 << 1, /* writes do not */
};

/* An open file on the server. */
struct p9_fid {
	struct inode *inode;
	uint32_t mode; /* enum p9_fid_mode */
	bool readable, writable;
	bool append; /* the server's descriptor was opened for append */
	uint32_t refs;
	struct sim_list ilist; /* on v9fs_inode.fids, newest first */
};

/* One mount: super_block.s_fs_info. */
struct v9fs_session {
	struct client *client;
	struct mount_config config;
	uint32_t cache;                 /* enum p9_cache_bits */
	struct fscache_volume *fscache; /* NULL: no local cache */
	bool disconnected;              /* a call has found the connection lost: for good */
	struct sim_pool fids, inodes;
};

/* What 9P keeps for an inode: netfs_inode.fs_private. */
struct v9fs_inode {
	struct sim_list fids;
	uint64_t qid_version; /* the server's, when its attributes were last fetched */
	uint64_t nr_uploads;  /* that have ended: what was asked for before is not news */
};

static inline struct v9fs_session *v9fs_inode2v9ses(const struct inode *inode)
{
	return inode->i_sb->s_fs_info;
}
static inline struct v9fs_inode *V9FS_I(struct inode *inode)
{
	return netfs_inode(inode)->fs_private;
}

/* p9.c: 0 or negative errno. */
int p9_client_rpc(struct rpc *rpc);
/* Bytes of data in one message. */
uint64_t p9_payload(const struct v9fs_session *v9ses);
/* As many messages as it takes; stops at the end of the file or an error, which is in *err. */
uint64_t p9_client_read(struct p9_fid *fid, uint64_t offset, struct iov_iter *to, uint32_t rreq,
			uint16_t index, int *err);
uint64_t p9_client_write(struct p9_fid *fid, uint64_t offset, struct iov_iter *from, uint32_t rreq,
			 uint16_t index, int *err);

/* v9fs_fid.c */
struct p9_fid *v9fs_fid_open(struct inode *inode, uint32_t f_flags);
void p9_fid_get(struct p9_fid *fid);
void p9_fid_put(struct p9_fid *fid);
/* Any fid of the inode that can do it, newest first, with a reference; NULL if there is none. */
struct p9_fid *v9fs_fid_find_inode(struct inode *inode, bool want_writeable);

/* v9fs_addr.c */
extern const struct netfs_request_ops v9fs_req_ops;
/* v9fs_file.c */
extern const struct file_operations v9fs_file_operations;
/* v9fs_inode.c */
extern const struct inode_operations v9fs_inode_operations;
extern const struct super_operations v9fs_super_ops;

/* v9fs_super.c */
void v9fs_mount(struct client *c, const struct mount_config *config);

#endif
