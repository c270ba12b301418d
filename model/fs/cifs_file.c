/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * CIFS's open files: handles, reading and writing under a lease, locks.
 *
 * Mirrors: fs/smb/client/file.c (6.8). Reference 9.2.
 */
#include "model/fs/cifs.h"
#include "model/fs/fallocate.h"
#include "sim/base/math.h"

/* ---- handles ---- */

static uint32_t wanted_lease(const struct cifs_sb_info *cifs_sb)
{
	return cifs_sb->config.cache == CACHE_NONE ? 0 : LEASE_READ | LEASE_WRITE;
}

/* Open the file on the server and take the lease that it grants. */
static int cifs_nt_open(struct cifsFileInfo *cfile)
{
	struct inode *inode = cfile->inode;
	struct cifs_sb_info *cifs_sb = CIFS_SB(inode);
	struct rpc rpc = {
		.op = RPC_OPEN,
		.client = cifs_sb->client,
		.file = inode->remote,
		.open = &cfile->fid,
		.lease_bits = wanted_lease(cifs_sb),
	};
	uint32_t lease;
	int err;

	cfile->fid = (struct server_open){.lease_break = cifs_queue_oplock_break, .holder = inode};
	err = cifs_send_recv(cifs_sb, &rpc);
	if (err < 0)
		return err;
	cifs_fattr_to_inode(inode, rpc.size, rpc.version);
	/* The connection may be gone again before we run. */
	cfile->invalidHandle = !cfile->fid.live;
	/* A break that came after the grant, and was acted on before us, is the younger one. */
	lease = rpc.lease_bits;
	if (cfile->invalidHandle)
		lease = 0;
	else if (!server_is_telling(inode->remote, cifs_sb->client))
		lease &= server_oplock_left(inode->remote, cifs_sb->client);
	if (!CIFS_I(inode)->pending_oplock_break)
		cifs_set_oplock_level(inode, lease);
	return 0;
}

static void cifs_relock_file(struct cifsFileInfo *cfile)
{
	sim_list_for_each (lock, &cfile->llist, struct cifsLockInfo, llist) {
		struct rpc rpc = {
			.op = RPC_LOCK,
			.client = inode_client(cfile->inode),
			.file = cfile->inode->remote,
			.open = &cfile->fid,
			.start = lock->offset,
			.len = lock->length,
			.flags = lock->shared ? RPC_SHARED : 0,
		};

		/* Somebody else may have it by now: the kernel does not tell either. */
		cifs_send_recv(CIFS_SB(cfile->inode), &rpc);
	}
}

int cifs_reopen_file(struct cifsFileInfo *cfile)
{
	struct client *c = inode_client(cfile->inode);
	int err = 0;

	if (!cfile->invalidHandle)
		return 0;
	sim_mutex_lock(c->w, &cfile->fh_mutex, SIM_WAIT_PLAIN, SITE_CIFS_RECONNECT);
	while (!err && cfile->invalidHandle) {
		cifs_reconnect(&CIFS_SB(cfile->inode)->server);
		err = cifs_nt_open(cfile);
		if (!err)
			cifs_relock_file(cfile);
	}
	if (err)
		cfile->invalidHandle = true;
	sim_mutex_unlock(c->w, &cfile->fh_mutex);
	return err;
}

int cifs_call_handle(struct cifsFileInfo *cfile, struct rpc *rpc)
{
	int err;

	rpc->client = inode_client(cfile->inode);
	rpc->file = cfile->inode->remote;
	rpc->open = &cfile->fid;
	do {
		err = cifs_reopen_file(cfile);
		if (!err)
			err = cifs_send_recv(CIFS_SB(cfile->inode), rpc);
	} while (err == -ECONNRESET);
	return err;
}

struct cifsFileInfo *find_cifs_file(struct inode *inode, bool writable)
{
	sim_list_for_each (cfile, &CIFS_I(inode)->openFileList, struct cifsFileInfo, flist) {
		if (writable && (cfile->f_flags & O_ACCMODE_) == O_RDONLY_)
			continue;
		cfile->refs++;
		return cfile;
	}
	return NULL;
}

static void free_file_info(struct cifsFileInfo *cfile)
{
	struct cifs_sb_info *cifs_sb = CIFS_SB(cfile->inode);

	while (!sim_list_empty(&cfile->llist)) {
		struct cifsLockInfo *lock =
			sim_list_first(&cfile->llist, struct cifsLockInfo, llist);

		sim_list_del(&lock->llist);
		sim_pool_put(&cifs_sb->locks, lock);
	}
	sim_pool_put(&cifs_sb->files, cfile);
}

/* Handles that went with a connection hold no lease. */
static bool has_live_handle(struct inode *inode)
{
	sim_list_for_each (cfile, &CIFS_I(inode)->openFileList, struct cifsFileInfo, flist)
		if (!cfile->invalidHandle)
			return true;
	return false;
}

/* The last put closes the handle, and gives up the lease if it is the client's last one. */
void cifsFileInfo_put(struct cifsFileInfo *cfile)
{
	struct inode *inode = cfile->inode;
	struct rpc rpc = {.op = RPC_CLOSE, .client = inode_client(inode), .file = inode->remote};

	if (--cfile->refs)
		return;
	sim_list_del(&cfile->flist);
	rpc.open = &cfile->fid;
	if (!cfile->invalidHandle)
		cifs_send_recv(CIFS_SB(inode), &rpc);
	free_file_info(cfile);
	if (!has_live_handle(inode))
		cifs_set_oplock_level(inode, 0);
}

/*
 * The local cache takes part from now on, but not while somebody may write directly. The released
 * kernel turns it off for who reads directly, or appends.
 */
static void cifs_use_cookie(struct inode *inode, const struct file *file)
{
	struct fscache_cookie *cookie = netfs_inode(inode)->cache;
	bool writes = file->f_mode & FMODE_WRITE;

	if (!cookie)
		return;
	fscache_use_cookie(cookie, writes);
	if (bug(inode_client(inode), BUG_CIFS_DIRECT_OPEN_INVERTED))
		writes = !writes || file->f_flags & O_APPEND_;
	if (file->f_flags & O_DIRECT_ && writes)
		cifs_invalidate_cache(inode, FSCACHE_INVAL_DIO_WRITE);
}

static void cifs_fscache_unuse_inode_cookie(struct inode *inode, bool update)
{
	struct fscache_cookie *cookie = netfs_inode(inode)->cache;

	if (cookie && update)
		fscache_unuse_cookie(cookie, &CIFS_I(inode)->version, &inode->i_size);
	else if (cookie)
		fscache_unuse_cookie(cookie, NULL, NULL);
}

/* ---- handles of closed files ---- */

static void smb2_deferred_work_close(struct work_struct *work)
{
	struct cifsFileInfo *cfile = sim_container_of(work, struct cifsFileInfo, close_work);
	struct inode *inode = cfile->inode;

	cifsFileInfo_put(cfile);
	inode_put(inode);
}

static void deferred_close_timer(struct sim_world *w, struct sim_event *ev)
{
	struct cifsFileInfo *cfile = sim_container_of(ev, struct cifsFileInfo, deferred);

	queue_work(&inode_client(cfile->inode)->unbound_wq, &cfile->close_work);
}

void cifs_close_deferred_file(struct inode *inode)
{
	struct sim_world *w = inode_client(inode)->w;
	struct cifsFileInfo *found;

	do {
		found = NULL;
		sim_list_for_each (cfile, &CIFS_I(inode)->openFileList, struct cifsFileInfo, flist)
			if (!found && sim_event_cancel(w, &cfile->deferred))
				found = cfile;
		if (found)
			smb2_deferred_work_close(&found->close_work);
	} while (found);
}

/* The lease lets nobody else change the file without our knowing. */
static bool cifs_may_defer_close(const struct cifsFileInfo *cfile)
{
	const struct cifsInodeInfo *cinode = CIFS_I(cfile->inode);

	return CIFS_SB(cfile->inode)->config.closetimeo_ns && !cinode->close_on_lock &&
	       cinode->oplock == (LEASE_READ | LEASE_WRITE) && !cfile->invalidHandle;
}

static void cifs_defer_close(struct cifsFileInfo *cfile)
{
	struct sim_world *w = inode_client(cfile->inode)->w;

	inode_get(cfile->inode);
	cfile->close_work.fn = smb2_deferred_work_close;
	cfile->deferred.fn = deferred_close_timer;
	cfile->deferred.site = SITE_CIFS_DEFERRED;
	sim_event_at(w, &cfile->deferred,
		     sim_add_sat(w->now_ns, CIFS_SB(cfile->inode)->config.closetimeo_ns));
}

/*
 * A handle that was closed and does for this open; NULL: none. The released kernel takes one that
 * somebody has open as well.
 */
static struct cifsFileInfo *cifs_get_deferred_file(struct inode *inode, const struct file *file)
{
	struct sim_world *w = inode_client(inode)->w;

	if ((file->f_flags & O_ACCMODE_) == O_WRONLY_ || !(CIFS_I(inode)->oplock & LEASE_READ))
		return NULL;
	sim_list_for_each (cfile, &CIFS_I(inode)->openFileList, struct cifsFileInfo, flist) {
		if (cfile->f_flags != file->f_flags || cfile->invalidHandle ||
		    !sim_event_cancel(w, &cfile->deferred))
			continue;
		inode_put(inode);
		return cfile;
	}
	return NULL;
}

/* ---- opening and closing ---- */

static struct cifsFileInfo *cifs_new_fileinfo(struct inode *inode, const struct file *file,
					      int *err)
{
	struct cifs_sb_info *cifs_sb = CIFS_SB(inode);
	struct cifsFileInfo *cfile = sim_pool_get(&cifs_sb->files);

	cfile->inode = inode;
	cfile->refs = 1;
	cfile->f_flags = file->f_flags;
	sim_list_init(&cfile->llist);
	sim_mutex_init(&cfile->fh_mutex, "fh_mutex");
	CIFS_I(inode)->opens++;
	*err = cifs_nt_open(cfile);
	CIFS_I(inode)->opens--;
	if (*err < 0) {
		free_file_info(cfile);
		return NULL;
	}
	sim_list_add(&cfile->flist, &CIFS_I(inode)->openFileList);
	return cfile;
}

static int cifs_open(struct inode *inode, struct file *file)
{
	struct cifsFileInfo *cfile = cifs_get_deferred_file(inode, file);
	int err = 0;

	if (!cfile)
		cfile = cifs_new_fileinfo(inode, file, &err);
	if (!cfile)
		return err;
	file->private_data = cfile;
	cifs_use_cookie(inode, file);
	return 0;
}

/* ---- reading and writing ---- */

static int64_t cifs_file_read_iter(struct kiocb *iocb, struct iov_iter *to)
{
	return netfs_lib(inode_client(iocb->ki_filp->f_inode))->file_read_iter(iocb, to);
}

/* The lease decides how, by the flags of the inode, and stays as it is until the write is made. */
static int64_t cifs_file_write_iter(struct kiocb *iocb, struct iov_iter *from)
{
	struct inode *inode = iocb->ki_filp->f_inode;
	int64_t ret;

	cifs_get_writer(inode);
	ret = netfs_lib(inode_client(inode))->file_write_iter(iocb, from);
	cifs_put_writer(inode);
	return ret;
}

static int cifs_strict_fsync(struct file *file, uint64_t start, uint64_t end, bool datasync)
{
	struct rpc rpc = {.op = RPC_FSYNC};
	int err = file_write_and_wait_range(file, start, end);

	return err ? err : cifs_call_handle(file->private_data, &rpc);
}

/* close(2) writes everything back, so that errors can still be told. */
static int cifs_flush(struct file *file)
{
	if (!(file->f_mode & FMODE_WRITE))
		return 0;
	return file_write_and_wait_range(file, 0, LLONG_MAX_OFF);
}

static int cifs_close(struct inode *inode, struct file *file)
{
	cifs_fscache_unuse_inode_cookie(inode, file->f_mode & FMODE_WRITE);
	if (cifs_may_defer_close(file->private_data))
		cifs_defer_close(file->private_data);
	else
		cifsFileInfo_put(file->private_data);
	return 0;
}

static int cifs_page_mkwrite(struct file *file, struct folio *folio)
{
	return netfs_lib(inode_client(file->f_inode))->page_mkwrite(file, folio);
}

/* Pages of a file without a lease may be out of date. */
static int cifs_file_strict_mmap(struct file *file, bool write)
{
	if (!(CIFS_I(file->f_inode)->oplock & LEASE_READ))
		invalidate_mapping_pages(&file->f_inode->i_data, 0, UINT64_MAX);
	return 0;
}

/* ---- locks ---- */

static void note_lock(struct cifsFileInfo *cfile, const struct rpc *rpc)
{
	struct cifsLockInfo *lock;

	if (rpc->flags & RPC_UNLOCK) {
		sim_list_for_each (l, &cfile->llist, struct cifsLockInfo, llist) {
			if (l->offset == rpc->start && l->length == rpc->len) {
				sim_list_del(&l->llist);
				sim_pool_put(&CIFS_SB(cfile->inode)->locks, l);
				return;
			}
		}
		return;
	}
	lock = sim_pool_get(&CIFS_SB(cfile->inode)->locks);
	lock->offset = rpc->start;
	lock->length = rpc->len;
	lock->shared = rpc->flags & RPC_SHARED;
	sim_list_add_tail(&lock->llist, &cfile->llist);
}

/* What was written before must be there before somebody else may have the lock. */
static int cifs_lock(struct file *file, uint64_t start, uint64_t len, enum lock_type type)
{
	struct rpc rpc = {.op = RPC_LOCK, .start = start, .len = len};
	int err;

	CIFS_I(file->f_inode)->close_on_lock = true;
	rpc.flags = type == LOCK_NONE ? RPC_UNLOCK : type == LOCK_SHARED ? RPC_SHARED : 0;
	if (type == LOCK_NONE) {
		filemap_fdatawrite_range(&file->f_inode->i_data, start, start + len - 1);
		filemap_fdatawait_range_keep_errors(&file->f_inode->i_data, start, start + len - 1);
	}
	err = cifs_call_handle(file->private_data, &rpc);
	if (!err)
		note_lock(file->private_data, &rpc);
	return err;
}

/* The range will not be what the local cache has of it: nobody reads until the server has done it. */
static void cifs_fallocate_forget(struct inode *inode, const struct rpc *rpc)
{
	bool changes = rpc->mode & ~(uint32_t)FALLOC_FL_KEEP_SIZE;

	if (changes && !bug(inode_client(inode), BUG_CIFS_FALLOCATE_KEEPS_CACHE))
		cifs_invalidate_cache(inode, 0);
}

static int cifs_fallocate_call(struct file *file, struct rpc *rpc)
{
	struct inode *inode = file->f_inode;
	struct cifsInodeInfo *cinode = CIFS_I(inode);
	int err;

	cifs_fallocate_forget(inode, rpc);
	err = cifs_call_handle(file->private_data, rpc);
	if (err < 0)
		return err;
	if (rpc->version == cinode->version + 1 || cinode->oplock)
		cinode->version = rpc->version;
	cinode->newest = sim_max(cinode->newest, rpc->version);
	fscache_resize_cookie(netfs_inode(inode)->cache, rpc->size);
	return 0;
}

static int cifs_fallocate(struct file *file, uint32_t mode, uint64_t off, uint64_t len)
{
	return fs_fallocate(file, mode, off, len, cifs_fallocate_call);
}

const struct file_operations cifs_file_ops = {
	.fallocate = cifs_fallocate,
	.open = cifs_open,
	.flush = cifs_flush,
	.release = cifs_close,
	.read_iter = cifs_file_read_iter,
	.write_iter = cifs_file_write_iter,
	.fsync = cifs_strict_fsync,
	.mmap = cifs_file_strict_mmap,
	.page_mkwrite = cifs_page_mkwrite,
	.lock = cifs_lock,
};
