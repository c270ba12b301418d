/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fids: the server's open files behind the client's.
 *
 * Mirrors: fs/9p/fid.c, fs/9p/fid.h (6.8).
 */
#include "model/fs/9p.h"

/* Which I/O through this fid goes round the page cache: v9fs_fid_add_modes. */
static uint32_t v9fs_fid_modes(const struct v9fs_session *v9ses, uint32_t f_flags)
{
	if (f_flags & O_DIRECT_)
		return P9L_DIRECT;
	if (!v9ses->client->model->design.unbuffered)
		return 0;
	if (!v9ses->cache)
		return P9L_DIRECT;
	if (!(v9ses->cache & V9FS_CACHE_WRITEBACK) || f_flags & O_DSYNC_ || v9ses->config.sync)
		return P9L_NOWRITECACHE;
	return 0;
}

struct p9_fid *v9fs_fid_open(struct inode *inode, uint32_t f_flags)
{
	struct v9fs_session *v9ses = v9fs_inode2v9ses(inode);
	struct p9_fid *fid = sim_pool_get(&v9ses->fids);
	unsigned accmode = f_flags & O_ACCMODE_;

	fid->inode = inode;
	fid->refs = 1;
	fid->mode = v9fs_fid_modes(v9ses, f_flags);
	fid->readable = accmode != O_WRONLY_;
	fid->writable = accmode != O_RDONLY_;
	/* Pages must be read for partial writes, so that a writer's fid can always read. */
	if (fid->writable && v9ses->cache & V9FS_CACHE_WRITEBACK)
		fid->readable = true;
	/* The released client passes O_APPEND on even when it caches writes (recorded C11). */
	fid->append = f_flags & O_APPEND_ && (!(v9ses->cache & V9FS_CACHE_WRITEBACK) ||
					      bug(inode_client(inode), BUG_APPEND_FID));
	sim_list_add(&fid->ilist, &V9FS_I(inode)->fids);
	return fid;
}

void p9_fid_get(struct p9_fid *fid)
{
	fid->refs++;
}

/* The last put closes the server's file. A clunk that was interrupted is sent once more. */
void p9_fid_put(struct p9_fid *fid)
{
	struct rpc rpc = {.op = RPC_CLOSE}, again;

	if (--fid->refs)
		return;
	rpc.client = inode_client(fid->inode);
	rpc.file = fid->inode->remote;
	again = rpc;
	if (p9_client_rpc(&again) == -ERESTARTSYS)
		p9_client_rpc(&rpc);
	sim_pool_put(&v9fs_inode2v9ses(fid->inode)->fids, fid);
}

struct p9_fid *v9fs_fid_find_inode(struct inode *inode, bool want_writeable)
{
	sim_list_for_each (fid, &V9FS_I(inode)->fids, struct p9_fid, ilist) {
		if (want_writeable && !fid->writable)
			continue;
		p9_fid_get(fid);
		return fid;
	}
	return NULL;
}
