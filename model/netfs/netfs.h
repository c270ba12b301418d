/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The netfs library as the rest of the model sees it: the inode context, requests, subrequests and
 * the operations of a network filesystem. The generations of the library stand behind netfs_lib.
 *
 * Mirrors: include/linux/netfs.h (6.8).
 */
#ifndef MODEL_NETFS_NETFS_H
#define MODEL_NETFS_NETFS_H

#include "model/cache/fscache.h"
#include "model/model.h"

struct netfs_io_request;
struct netfs_io_subrequest;
struct netfs_inode;

/* netfs_inode.flags: bit numbers as in the kernel. */
enum netfs_ictx_flags {
	NETFS_ICTX_ODIRECT = 1 << 0,
	NETFS_ICTX_UNBUFFERED = 1 << 1,
	NETFS_ICTX_WRITETHROUGH = 1 << 2,
	NETFS_ICTX_NO_WRITE_STREAMING = 1 << 3,
};

/* What a network filesystem provides: reference 9.1. */
struct netfs_request_ops {
	int (*init_request)(struct netfs_io_request *rreq, struct file *file);
	void (*free_request)(struct netfs_io_request *rreq);
	void (*free_subrequest)(struct netfs_io_subrequest *sreq);
	void (*expand_readahead)(struct netfs_io_request *rreq);
	bool (*clamp_length)(struct netfs_io_subrequest *sreq);
	void (*issue_read)(struct netfs_io_subrequest *sreq);
	bool (*is_still_valid)(struct netfs_io_request *rreq);
	void (*done)(struct netfs_io_request *rreq);
	void (*update_i_size)(struct inode *inode, uint64_t size);
	void (*create_write_requests)(struct netfs_io_request *wreq, uint64_t start, uint64_t len);
	/*
	 * The group that what is written to the page cache now belongs to, with a reference; NULL:
	 * none. Called under the lock that keeps other writers out. In the kernel the callers of
	 * netfs_perform_write() and netfs_page_mkwrite() hand it in.
	 */
	struct netfs_group *(*get_write_group)(struct inode *inode);
	/* How much one upload may carry now; NULL: wreq->wsize. Cover letter, general note 6. */
	uint64_t (*current_wsize)(const struct netfs_io_request *wreq);
	/*
	 * So many bytes from pos on have one version: an unbuffered write of encrypted blocks that
	 * reads some first is cut there, and made again when one of its messages fails with
	 * -ERANGE. Needed by those who encrypt.
	 */
	uint64_t (*rmw_len)(const struct inode *inode, uint64_t pos);
	/* A write to the cache failed: what is cached is wrong now. */
	void (*invalidate_cache)(struct netfs_io_request *wreq);
};

/* An inode of a network filesystem; the VFS inode is its first member. */
struct netfs_inode {
	struct inode inode;
	const struct netfs_request_ops *ops;
	struct fscache_cookie *cache; /* NULL: none */
	uint64_t remote_i_size;
	uint64_t zero_point;       /* UINT64_MAX: not used (LLONG_MAX in the kernel) */
	uint32_t flags;            /* enum netfs_ictx_flags */
	uint32_t crypto_block;     /* bytes; contents are encrypted in such blocks; 0: not */
	struct sim_rwsem rmw_lock; /* held alone by unbuffered writes of part of a block */
	struct sim_list groups;    /* struct netfs_group.entry: of its folios, oldest first */
	void *fs_private;          /* the filesystem's own */
};

static inline struct netfs_inode *netfs_inode(struct inode *inode)
{
	return (struct netfs_inode *)inode;
}

/*
 * A set of folios of an inode to be written together, before any folio of a newer group: reference
 * 4.4. Each folio of it, dirty or under writeback, holds a reference.
 */
struct netfs_group {
	struct sim_list entry; /* netfs_inode.groups */
	uint32_t ref;
	uint32_t nr_folios; /* references of folios */
	uint32_t ordinal;   /* older groups have lower ones */
	void (*free)(struct netfs_group *group);
};

/* Make it the newest group of the inode, with one reference. Its ordinal and free are set. */
void netfs_init_group(struct netfs_inode *ctx, struct netfs_group *group);
struct netfs_group *netfs_get_group(struct netfs_group *group);
/* The last reference takes it off the inode and frees it. NULL is ignored. */
void netfs_put_group(struct netfs_group *group);
/* The oldest group that has folios; NULL: none has. */
struct netfs_group *netfs_oldest_group(const struct netfs_inode *ctx);

/* A streaming write: only [dirty_offset, +dirty_len) of the folio is valid. */
struct netfs_folio {
	struct netfs_group *netfs_group;
	uint64_t dirty_offset;
	uint64_t dirty_len;
};

#define NETFS_FOLIO_INFO FOLIO_PRIVATE_RECORD /* private points to a struct netfs_folio */
/* private of a folio that is dirty only since the cache is to get it: the server has its bytes. */
#define NETFS_FOLIO_COPY_TO_CACHE ((void *)FOLIO_PRIVATE_COPY)

static inline bool netfs_is_folio_info(const void *priv)
{
	return (uintptr_t)priv & NETFS_FOLIO_INFO;
}
static inline bool netfs_folio_to_copy(const struct folio *f)
{
	return f->private == NETFS_FOLIO_COPY_TO_CACHE;
}
static inline struct netfs_folio *netfs_folio_info(const struct folio *f)
{
	if (netfs_is_folio_info(f->private))
		return (struct netfs_folio *)((uintptr_t)f->private & ~NETFS_FOLIO_INFO);
	return NULL;
}
static inline struct netfs_group *netfs_folio_group(const struct folio *f)
{
	struct netfs_folio *finfo = netfs_folio_info(f);

	if (finfo)
		return finfo->netfs_group;
	return netfs_folio_to_copy(f) ? NULL : f->private;
}

/* One read or write of the library. Documented in model/netfs/v6_8/objects.c. */
struct netfs_io_request {
	struct work_struct work;
	struct client *client;
	struct inode *inode;
	struct address_space *mapping;
	struct kiocb *iocb;          /* asynchronous caller; NULL: synchronous or none */
	struct file *file;           /* NULL for writeback and launder */
	struct sim_list proc_link;   /* in client.io_requests */
	struct sim_list subrequests; /* struct netfs_io_subrequest.rreq_link */
	struct iov_iter iter;        /* the caller's buffer */
	struct iov_iter io_iter;     /* the buffer that I/O uses */
	const struct netfs_request_ops *netfs_ops;
	void (*cleanup)(struct netfs_io_request *wreq);
	void *netfs_priv;      /* the filesystem's own */
	uint64_t rsize, wsize; /* largest subrequest; 0: no limit */
	uint64_t submitted;
	uint64_t len, upper_len;
	uint64_t transferred;
	uint64_t i_size; /* as sampled at allocation */
	uint64_t start;
	pgoff_t no_unlock_folio;
	struct sim_waitq waitq; /* Y7: nr_outstanding reaching 1; Y8: IN_PROGRESS cleared */
	uint32_t debug_id;
	uint32_t subreq_counter;
	int32_t nr_outstanding;
	int32_t nr_copy_ops; /* the same of the copy to the cache after a read */
	uint32_t flags;      /* enum netfs_rreq_flags */
	int32_t ref;
	int error;
	enum netfs_io_origin origin;
	struct netfs_cache_resources cache_resources;
	/* I/O that must be wider than [start, start + len): through a buffer of its own. */
	uint64_t io_start, io_len;
	struct content_map bounce; /* by file offset */
	bool bounced;
	uint64_t version;   /* of what was read; writes: it must be so still; 0: any */
	uint64_t plain_end; /* encrypted writes: where the file ends, within the last block */
	struct netfs_group *group; /* writes of the page cache: what the folios belong to */
	void *check;               /* private to model/check */
};

/* One piece of a request. */
struct netfs_io_subrequest {
	struct work_struct work;
	struct netfs_io_request *rreq;
	struct sim_list rreq_link;
	struct iov_iter io_iter;
	uint64_t start, len, transferred;
	int32_t ref;
	int error;
	uint16_t debug_index;
	uint16_t flags;       /* enum netfs_sreq_flags */
	uint32_t max_nr_segs; /* 0: no limit */
	void *netfs_priv;     /* the filesystem's own */
	enum netfs_io_source source;
	void *check; /* private to model/check */
};

/* ---- what a generation of the library is ---- */

/*
 * The entry points of one generation. A filesystem calls these through the inode's client, so that
 * another generation can stand behind the same filesystem.
 */
struct netfs_lib {
	const char *name;
	const struct address_space_operations *aops;
	int64_t (*file_read_iter)(struct kiocb *iocb, struct iov_iter *iter);
	int64_t (*file_write_iter)(struct kiocb *iocb, struct iov_iter *from);
	int64_t (*unbuffered_read_iter)(struct kiocb *iocb, struct iov_iter *iter);
	int64_t (*unbuffered_write_iter)(struct kiocb *iocb, struct iov_iter *from);
	int (*page_mkwrite)(struct file *file, struct folio *folio);
	/*
	 * What reads have brought is out of date: what is not in the cache yet does not get there.
	 * Waits for folios that are on their way, so that none is kept from being dropped by its
	 * copy. Those that are uploaded too stay anyway, and the caller may have to send them.
	 */
	void (*give_up_copies)(struct address_space *mapping);
	/* Write back folios of this group only; NULL: those of none. */
	int (*writepages_group)(struct address_space *mapping, struct writeback_control *wbc,
				struct netfs_group *group);
	/* For the filesystem's issue_read: it has read n bytes (or -errno) into io_iter. */
	void (*subreq_terminated)(struct netfs_io_subrequest *sreq, int64_t n, bool was_async);
	void (*write_subrequest_terminated)(struct netfs_io_subrequest *sreq, int64_t n,
					    bool was_async);
};

extern const struct netfs_lib netfs_lib_6_8;

/* The library of a client's generation, NULL if it has none. */
const struct netfs_lib *netfs_lib(const struct client *c);

/* ---- proc.c ---- */

/* Append /proc/fs/netfs/stats and /proc/fs/netfs/requests of the client as they are now. */
void netfs_stats_show(const struct client *c, struct sim_buf *out);
void netfs_requests_show(const struct client *c, struct sim_buf *out);

/* ---- for filesystems (all generations) ---- */

/*
 * Set up the context of an inode that is otherwise filled in (i_size, i_data). use_zero_point:
 * reads at or above remote_i_size need no download. netfs_inode_init.
 */
void netfs_inode_init(struct netfs_inode *ctx, const struct netfs_request_ops *ops,
		      bool use_zero_point);
/* netfs_resize_file: a local truncate; changed_on_server: the server has the new size too. */
void netfs_resize_file(struct netfs_inode *ctx, uint64_t new_size, bool changed_on_server);
/* The server says that others have made the file longer, to new_size: there is data to read. */
void netfs_grown_by_others(struct netfs_inode *ctx, uint64_t new_size);
/* Change the zero point and tell the observers why. */
void netfs_set_zero_point(struct netfs_inode *ctx, uint64_t zp, enum zero_point_move why);
void netfs_set_i_size(struct inode *inode, uint64_t size);
/* The size is what the server says: what maps have stored beyond the old end is not in the file. */
void netfs_take_i_size(struct inode *inode, uint64_t size);
/* Direct I/O begins and ends on the inode, maybe in different tasks: i_dio_count. */
void inode_dio_begin(struct inode *inode);
void inode_dio_end(struct inode *inode);
/* Wait until none is in flight; the caller holds i_rwsem so that none begins. */
void inode_dio_wait(struct inode *inode);
/* The same; -ERESTARTSYS when a signal ended the wait. */
int inode_dio_wait_interruptible(struct inode *inode);
/* Whether the server has yet to get something of the page cache. */
bool netfs_has_unwritten(struct address_space *mapping);
void netfs_clear_inode_writeback(struct inode *inode);
int netfs_unpin_writeback(struct inode *inode, struct writeback_control *wbc);

/* For create_write_requests: make an UPLD subrequest and queue it on the workers (reference 5.6). */
struct netfs_io_subrequest *netfs_create_write_request(struct netfs_io_request *wreq,
						       enum netfs_io_source dest, uint64_t start,
						       uint64_t len,
						       void (*worker)(struct work_struct *));
void netfs_queue_write_request(struct netfs_io_subrequest *sreq);
/*
 * Of the iterator's bytes from offset (at most iter->count) on, as many, at most max_size, as lie
 * in at most max_segs (1..) segments of memory: folios of the page cache, pages of a task.
 */
uint64_t netfs_limit_iter(const struct netfs_io_request *rreq, const struct iov_iter *iter,
			  uint64_t offset, uint64_t max_size, uint32_t max_segs);
/* For upload workers: emit SUBMT. */
void netfs_submit_write_trace(struct netfs_io_subrequest *sreq);

static inline struct sim_trace *rreq_trace(const struct netfs_io_request *rreq)
{
	return rreq->client->w->trace;
}

#endif
