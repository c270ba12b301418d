/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the files of the 6.8 library share.
 *
 * Mirrors: fs/netfs/internal.h (6.8).
 */
#ifndef MODEL_NETFS_V6_8_INTERNAL_H
#define MODEL_NETFS_V6_8_INTERNAL_H

#include <errno.h>

#include "model/netfs/netfs.h"
#include "sim/base/math.h"

#define ERESTARTSYS 512

/* objects.c */

/*
 * A request for [start, start + len) with one reference, or NULL and *err when the filesystem's
 * init_request refuses. file may be NULL. netfs_alloc_request.
 */
struct netfs_io_request *netfs_alloc_request(struct address_space *mapping, struct file *file,
					     uint64_t start, uint64_t len,
					     enum netfs_io_origin origin, int *err);
void netfs_get_request(struct netfs_io_request *rreq, enum netfs_rreq_ref_trace what);
/* was_async: the caller cannot sleep, so the last put frees on a worker. */
void netfs_put_request(struct netfs_io_request *rreq, bool was_async,
		       enum netfs_rreq_ref_trace what);
/* A subrequest with two references; takes a reference of the request. */
struct netfs_io_subrequest *netfs_alloc_subrequest(struct netfs_io_request *rreq);
void netfs_get_subrequest(struct netfs_io_subrequest *sreq, enum netfs_sreq_ref_trace what);
void netfs_put_subrequest(struct netfs_io_subrequest *sreq, bool was_async,
			  enum netfs_sreq_ref_trace what);
/* Drop the list's references of all subrequests. */
void netfs_clear_subrequests(struct netfs_io_request *rreq, bool was_async);
void netfs_trace_rreq(struct netfs_io_request *rreq, enum netfs_rreq_trace what);
void netfs_trace_sreq(struct netfs_io_subrequest *sreq, enum netfs_sreq_trace what);
/* sreq may be NULL: the request itself failed. */
void netfs_trace_failure(struct netfs_io_request *rreq, struct netfs_io_subrequest *sreq, int error,
			 enum netfs_failure what);
static inline void netfs_trace_folio(struct folio *folio, enum netfs_folio_trace why)
{
	struct inode *inode = folio->mapping->host;

	trace_netfs_folio(inode_client(inode)->w->trace, inode->i_ino, folio->index,
			  (uint32_t)folio_nr_pages(folio), why);
}
/* Wait until the request is no longer in progress (Y8). */
void netfs_wait_in_progress(struct netfs_io_request *rreq);
/* Sleep until only the issuer's own count of nr_outstanding is left (Y7). */
void netfs_wait_outstanding(struct netfs_io_request *rreq);
/* Clear IN_PROGRESS and wake who waits, after emitting WAKE-IP. */
void netfs_wake_in_progress(struct netfs_io_request *rreq);
/* Let the cache take part in a read, if it can. May wait. */
void netfs_begin_cache_operation(struct netfs_io_request *rreq);

/* io.c */
int netfs_begin_read(struct netfs_io_request *rreq, bool sync);
void netfs_subreq_terminated(struct netfs_io_subrequest *sreq, int64_t n, bool was_async);
/* A read is done with: DONE, its subrequests go, its reference of the I/O goes. */
void netfs_rreq_completed(struct netfs_io_request *rreq, bool was_async);

/* bounce.c: the buffer for whole encrypted blocks; without encryption these do nothing */

/* Block size of the file's encryption, 0: none. */
uint64_t netfs_crypto_block(const struct netfs_io_request *rreq);
/* Set io_start, io_len and io_iter of a read. */
void netfs_set_up_read_buffer(struct netfs_io_request *rreq);
/* So many bytes came into the buffer: decrypt them, hand them over. */
void netfs_decrypt_read(struct netfs_io_request *rreq, uint64_t got);
/* What the request itself has of so many bytes that were moved from io_start on. */
uint64_t netfs_less_padding(const struct netfs_io_request *rreq, uint64_t moved);
/* Set io_start, io_len and io_iter of a write of [start, start + len); the source stays as it is.
 */
void netfs_encrypt(struct netfs_io_request *wreq, uint64_t start, uint64_t len);
/* Whether an unbuffered write of the range changes blocks in part. */
bool netfs_must_read_first(const struct inode *inode, uint64_t start, uint64_t len);
/* An unbuffered write: bring the blocks that it changes in part into the buffer. */
int netfs_read_modify_write(struct netfs_io_request *wreq);
/* 0, -EINVAL for a direct write of part of a block, or -EINTR. */
int netfs_start_block_write(const struct kiocb *iocb, uint64_t len, bool *exclusive);
void netfs_end_block_write(struct inode *inode, bool exclusive);

/* copy_to_cache.c */

/* Copies of what was read are left to writeback, and PG_private_2 is not used. */
static inline bool netfs_defers_copies(const struct client *c)
{
	return c->model->design.cache_copy == CACHE_COPY_WRITEBACK;
}
/* The locked folio has been read, in part from the server: the cache is to get it now, or later. */
void netfs_start_copy(struct folio *folio);
void netfs_mark_copy(struct folio *folio);
/*
 * The locked folio is about to be modified: if it is marked, it is not any more. Waits while it is
 * being copied. It stays dirty, all of it, but for a write-through, whose pages the cache gets.
 */
void netfs_stop_copy(struct folio *folio, bool through);
void netfs_give_up_copies(struct address_space *mapping);

/* Store in the cache, on a worker, what the read has downloaded; then complete the request. */
void netfs_rreq_write_to_cache(struct netfs_io_request *rreq);

/* buffered_read.c */
void netfs_readahead(struct readahead_control *ractl);
int netfs_read_folio(struct file *file, struct folio *folio);
int netfs_prefetch_for_write(struct file *file, struct folio *folio);
/*
 * Fill the locked folio for a write of [pos, pos + len). 0: it has been read, 1: it need not be, or
 * negative errno.
 */
int netfs_fill_for_write(struct file *file, struct folio *folio, uint64_t pos, uint64_t len);
void netfs_rreq_unlock_folios(struct netfs_io_request *rreq);
int64_t netfs_file_read_iter(struct kiocb *iocb, struct iov_iter *iter);
int64_t netfs_buffered_read_iter(struct kiocb *iocb, struct iov_iter *iter);

/* buffered_write.c */
int64_t netfs_perform_write(struct kiocb *iocb, struct iov_iter *iter, struct netfs_group *group);
/* The folio joins the group if it has none, and group is not NULL. */
void netfs_set_group(struct folio *folio, struct netfs_group *group);
/*
 * Whether the folio must be written back before it can join the group. K22: one of no group can
 * join; the released kernel would flush it for ever.
 */
bool netfs_group_conflict(struct folio *folio, const struct netfs_group *group);
/* The group of what is written now, with a reference; NULL: the filesystem has none. */
struct netfs_group *netfs_write_group(struct inode *inode);
/* [pos, end) has been written. */
void netfs_update_i_size(struct inode *inode, uint64_t pos, uint64_t end);

int64_t netfs_file_write_iter(struct kiocb *iocb, struct iov_iter *from);
int netfs_page_mkwrite(struct file *file, struct folio *folio);

/*
 * write_begin.c, for address_space_operations: netfs_write_begin; v9fs_write_end and afs_write_end
 * as of 6.7. *fsdata: the group of what is written, with a reference.
 */
int netfs_write_begin(struct file *file, uint64_t pos, uint64_t len, struct folio **foliop,
		      void **fsdata);
void netfs_write_end(struct file *file, uint64_t pos, uint64_t len, struct folio *folio,
		     void *fsdata);

/* writeback.c */
int netfs_writepages(struct address_space *mapping, struct writeback_control *wbc);
int netfs_writepages_group(struct address_space *mapping, struct writeback_control *wbc,
			   struct netfs_group *group);
int netfs_launder_folio(struct folio *folio);
/* Put the locked folio under writeback, until the server and (caching) the cache have it. */
void netfs_folio_start_writeback(struct folio *folio, bool caching);
void netfs_cleanup_buffered_write(struct netfs_io_request *wreq);

/* output.c */
int netfs_begin_write(struct netfs_io_request *wreq, bool may_wait, enum netfs_write_trace what);
void netfs_write_subrequest_terminated(struct netfs_io_subrequest *sreq, int64_t n, bool was_async);
struct netfs_io_request *netfs_begin_writethrough(struct kiocb *iocb, uint64_t len,
						  struct netfs_group *group, int *err);
/* The request has copied more bytes; to_page_end: the piece reached the end of its folio. */
int netfs_advance_writethrough(struct netfs_io_request *wreq, uint64_t copied, bool to_page_end);
int netfs_end_writethrough(struct netfs_io_request *wreq, struct kiocb *iocb, uint64_t written);

/* misc.c */
bool netfs_dirty_folio(struct address_space *mapping, struct folio *folio);
void netfs_invalidate_folio(struct folio *folio, uint64_t offset, uint64_t length);
bool netfs_release_folio(struct folio *folio, unsigned gfp);
struct netfs_folio *netfs_alloc_folio_info(struct client *c);
void netfs_free_folio_info(struct client *c, struct netfs_folio *finfo);
/* A folio joins the group, or leaves it. NULL is ignored. */
void netfs_group_add_folio(struct netfs_group *group);
void netfs_group_drop_folio(struct netfs_group *group);
/* Replace what the folio's private says by the group alone, or nothing; frees the record. */
void netfs_drop_folio_info(struct folio *folio, struct netfs_folio *finfo);

/* locking.c: 0 or -ERESTARTSYS */
int netfs_start_io_read(struct inode *inode);
void netfs_end_io_read(struct inode *inode);
int netfs_start_io_write(struct inode *inode);
void netfs_end_io_write(struct inode *inode);
int netfs_start_io_direct(struct inode *inode);
void netfs_end_io_direct(struct inode *inode);
/* For direct writes that begin at the end of file: alone, with nothing in flight. */
int netfs_start_io_append(struct inode *inode);
void netfs_end_io_append(struct inode *inode);

/* direct_read.c, direct_write.c */
int64_t netfs_unbuffered_read_iter(struct kiocb *iocb, struct iov_iter *iter);
int64_t netfs_unbuffered_write_iter(struct kiocb *iocb, struct iov_iter *from);

#endif
