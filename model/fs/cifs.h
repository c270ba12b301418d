/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the files of CIFS share: the connection with its credits, open files, inodes and leases.
 *
 * Mirrors: fs/smb/client/cifsglob.h (6.8).
 */
#ifndef MODEL_FS_CIFS_H
#define MODEL_FS_CIFS_H

#include <errno.h>

#include "model/fs/lookup.h"
#include "model/fs/mount.h"
#include "model/netfs/netfs.h"
#include "model/server/server.h"
#include "model/vfs/inode.h"

#define SMB2_MAX_BUFFER_SIZE 65536ull /* bytes that one credit is good for */

/*
 * The connection of a mount. CREDITS: each message takes some of them and brings them back with its
 * reply; a task that finds none waits on request_q. A connection that broke is made again by the
 * first task that needs it, when the messages in flight have come back with -ECONNRESET.
 */
struct TCP_Server_Info {
	struct client *client;
	uint32_t credits, in_flight;
	struct sim_waitq request_q;
	struct sim_list received; /* struct cifs_io_subrequest.entry: answered, not yet seen */
	struct sim_waitq cifsd_q;
	uint32_t nr_disconnects; /* of which it has recovered */
	struct sim_mutex reconnect_mutex;
};

struct cifs_sb_info {
	struct client *client;
	struct mount_config config;
	struct TCP_Server_Info server;
	struct fscache_volume *fscache; /* NULL: mounted without fsc */
	struct sim_pool inodes, files, locks, ios;
	struct address_space_operations aops; /* the library's, with our writepages */
};

/*
 * What CIFS keeps for an inode: netfs_inode.fs_private.
 *
 * LEASE (oplock: enum lease_bits) and what I/O does, by flags of the inode:
 *   RW    buffered: the page cache is written back later
 *   R     pages are kept, writes go through them to the server: NETFS_ICTX_WRITETHROUGH
 *   NONE  neither: NETFS_ICTX_UNBUFFERED
 *   NONE -> RW, R [cifs_set_oplock_level, by an open]
 *   RW -> R, NONE; R -> NONE [cifs_oplock_break]     any -> NONE [cifs_disconnected]
 */
struct cifsInodeInfo {
	struct inode *inode;
	struct sim_list openFileList; /* struct cifsFileInfo.flist, newest first */
	uint32_t oplock;
	uint32_t break_to; /* what a break that is pending leaves */
	bool pending_oplock_break;
	uint32_t writers; /* calls of write that rely on the lease */
	struct sim_waitq oplock_q;
	struct work_struct oplock_break;
	struct sim_rwsem size_sem; /* no writeback begins while the server's size is set */
	uint64_t version;          /* of the file, when the pages were last known to be good */
	uint32_t opens;            /* messages of open on their way */
	bool close_on_lock;        /* a lock was taken: handles are closed at once */
	uint64_t newest;           /* that any reply told of: an older one says nothing any more */
};

/* A byte-range lock that the server has granted; asked for again after a reconnect. */
struct cifsLockInfo {
	struct sim_list llist; /* cifsFileInfo.llist */
	uint64_t offset, length;
	bool shared;
};

/*
 * An open file: file.private_data. When it is closed under a lease to write, the handle stays for a
 * while, with a reference of the inode, until the timer ends it, or a break that takes the lease,
 * or an open of the same flags takes it over: deferred is pending that long.
 */
struct cifsFileInfo {
	struct inode *inode;
	struct sim_list flist;
	struct sim_list llist;
	struct server_open fid;
	struct sim_mutex fh_mutex;
	uint32_t f_flags, refs;
	bool invalidHandle; /* lost with the connection */
	struct sim_event deferred;
	struct work_struct close_work;
};

/* One asynchronous message of a subrequest: netfs_io_subrequest.netfs_priv. */
struct cifs_io_subrequest {
	struct rpc rpc;
	struct netfs_io_subrequest *sreq;
	struct sim_list entry; /* TCP_Server_Info.received */
	uint32_t credits;      /* that it holds */
};

static inline struct cifs_sb_info *CIFS_SB(const struct inode *inode)
{
	return inode->i_sb->s_fs_info;
}
static inline struct cifsInodeInfo *CIFS_I(struct inode *inode)
{
	return netfs_inode(inode)->fs_private;
}

/* cifs_transport.c */
void cifs_server_init(struct cifs_sb_info *cifs_sb);
/*
 * Wait for credits for a message of up to size bytes. Returns how many bytes it may have; *credits
 * is what it took, 0 if one is still to be taken when it is sent. 0: a signal that the mode admits
 * ended the wait.
 */
uint64_t wait_mtu_credits(struct TCP_Server_Info *server, uint64_t size, enum sim_wait_mode mode,
			  uint32_t *credits);
/* How many bytes wait_mtu_credits() would give now. */
uint64_t cifs_mtu_now(const struct TCP_Server_Info *server, uint64_t size);
void add_credits(struct TCP_Server_Info *server, uint32_t credits);
/* Send a message and wait; once more after a reconnect. 0 or negative errno. */
int cifs_send_recv(struct cifs_sb_info *cifs_sb, struct rpc *rpc);
/* Send the next message of the subrequest, which is set up in io->rpc. May sleep. */
void cifs_call_async(struct cifs_sb_info *cifs_sb, struct cifs_io_subrequest *io);
/* Connect again if the connection broke. */
void cifs_reconnect(struct TCP_Server_Info *server);

/* cifs_file.c */
extern const struct file_operations cifs_file_ops;
void cifsFileInfo_put(struct cifsFileInfo *cfile);
/* Close the handles of the inode that nobody has open any more. */
void cifs_close_deferred_file(struct inode *inode);
/* An open file of the inode that can do it, with a reference; NULL: none. */
struct cifsFileInfo *find_cifs_file(struct inode *inode, bool writable);
/* Make the handle good again after the connection broke. 0 or negative errno. */
int cifs_reopen_file(struct cifsFileInfo *cfile);
/* Send a message about the file by its handle. 0 or negative errno. */
int cifs_call_handle(struct cifsFileInfo *cfile, struct rpc *rpc);

/* cifs_inode.c */
extern const struct inode_operations cifs_file_inode_ops;
extern const struct super_operations cifs_super_ops;
/* Take over what the server says of the file; data that are out of date are dropped. */
void cifs_fattr_to_inode(struct inode *inode, uint64_t size, uint64_t version);
/* Make sure that attributes and pages are as the server has them. 0 or negative errno. */
int cifs_revalidate(struct inode *inode);
void cifs_set_oplock_level(struct inode *inode, uint32_t oplock);
/* What the local cache has of the file is wrong. flags: enum fscache_inval_flags. */
void cifs_invalidate_cache(struct inode *inode, unsigned flags);
/* The server breaks the lease to what is left: called when the message arrives. */
void cifs_queue_oplock_break(void *inode, uint32_t left);
/* A call of write relies on the lease until cifs_put_writer(). */
void cifs_get_writer(struct inode *inode);
void cifs_put_writer(struct inode *inode);

/* cifs_netfs.c */
extern const struct netfs_request_ops cifs_req_ops;
/* The answer of a subrequest has come: cifsd hands it to a worker. */
void cifs_received(struct cifs_io_subrequest *io);

/* Mount: sets client->sb, and starts cifsd. */
void cifs_mount(struct client *c, const struct mount_config *config);

#endif
