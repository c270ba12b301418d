/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the files of the checker share: what it remembers of inodes, requests and folios.
 *
 * Mirrors: no kernel file.
 *
 * WHEN A RULE RUNS. A rule about an event runs in its hook. A rule about a state runs at the end of
 * the step, for what the step touched: folios and requests queue themselves, ranges of bytes are
 * gathered into runs that are compared as a whole. Under CHECK_FULL all of them run for everything.
 *
 * WHAT A FILE SHOULD HOLD. Each inode of a client has an image of its file as its calls made it
 * ("expected"). A call of write is live from its begin to its end; what it has copied so far is in
 * "expected", what it may have copied besides is legal too. While somebody reads or syncs the file,
 * values that are overwritten are kept ("past"), since a read may return them. "also" has values
 * that others put on the server, and marks with junk the bytes about which nothing can be said: two
 * changes by others, or a failed write that was reported. When the rule of coherence of the mount
 * says that the client must see what others did, coherence.c moves it to "expected".
 */
#ifndef MODEL_CHECK_PRIVATE_H
#define MODEL_CHECK_PRIVATE_H

#include "model/check/check.h"
#include "model/netfs/netfs.h"
#include "model/server/server.h"
#include "sim/base/math.h"

/* folio.touched: in FOLIO_TOUCHED its place in check.folios + 1, and what was seen of it. */
#define SEEN_COPY        (1u << 27) /* in writeback, for the cache alone */
#define SEEN_OVERWRITTEN (1u << 28) /* bytes under upload changed, and it is not dirty yet */
#define SEEN_FSCACHE     (1u << 29)
#define SEEN_WRITEBACK   (1u << 30)
#define SEEN_UPTODATE    (1u << 31) /* its contents were queued for comparing */

#define NO_OFFSET UINT64_MAX

/* Bytes of a file, to be compared at the end of the step. */
struct check_run {
	struct check_inode *ci;
	uint64_t start, end;
};

struct check_runs {
	struct check_run *run;
	uint32_t nr, cap;
};

/* A write on its way. */
struct live_write {
	struct sim_list entry; /* check_inode.writes, oldest first */
	const void *io;        /* which one */
	uint64_t pos, len;
	const struct content_map *buf; /* the caller's bytes: [buf_off, buf_off + len) */
	uint64_t buf_off;
	uint64_t copied;           /* bytes that are in the page cache */
	uint64_t applied;          /* of those, in check_inode.expected */
	struct content_map landed; /* a direct write: not HOLE where it has taken effect */
	bool reached_server;       /* a direct write: bytes came to the server during the call */
	/* From then on: what the page cache read before they came is legal until the write ends. */
	struct observer *overtaken;
	bool stored; /* the call promised that the server has them */
	bool alone;  /* no other write ended since it began */
	bool mapped; /* a store through a map */
	/* Of such: the folios that it made dirty, which may be gone by now; empty: lo > hi. */
	uint64_t dirtied_lo, dirtied_hi;
	/* Where stores through maps raced with writes that go round the page cache; empty: lo >=
	 * hi. */
	uint64_t race_lo, race_hi;
};

/* A read or fsync on its way. */
struct observer {
	struct sim_list entry; /* check_inode.observers, oldest first */
	const void *io;        /* which one; an fsync is named by its task */
	uint64_t order;
	uint64_t max_size; /* the file was never longer since it began */
	bool sync;
	bool up_to_date; /* it must see what others did before it began */
	bool mapped;     /* a read: a load through a map */
};

/* Bytes that were overwritten, or (written) a write call that ended, while somebody observed. */
struct past_value {
	struct sim_list entry; /* check_inode.past, oldest first */
	uint64_t order;
	uint64_t pos, len;
	struct content_map old; /* its byte 0 is byte pos of the file */
	bool written;
};

/* A truncation of this client that the server, or the page cache, has begun. */
struct truncation {
	struct sim_list entry; /* check_inode.truncations */
	uint64_t size;
};

/* The streaming record of a folio when its writeback began. */
struct stream_record {
	struct sim_list entry; /* check_inode.streams */
	const struct folio *folio;
	const struct netfs_folio *finfo;
	uint64_t offset, len;
};

/* What a file held when a snapshot was taken. */
struct frozen_file {
	struct sim_list entry; /* check_inode.frozen, oldest first */
	uint32_t seq;
	uint64_t size;
	struct content_map data; /* junk: nothing can be said */
};

/* inode->check */
struct check_inode {
	struct inode *inode;
	struct check_inode *next_remote; /* the same file in other clients: server_file.check */
	struct sim_list entry;           /* check.inodes, in order of first sight */
	struct content_map expected, also;
	struct content_map foreign, stale; /* coherence.c */
	struct sim_list writes, observers, past, requests, streams;
	struct sim_list frozen;
	struct sim_list truncations; /* on their way */
	uint64_t trunc_to;           /* the lowest of them; NO_OFFSET */
	uint64_t dirty_lo, dirty_hi; /* written since a sync was last verified */
	bool foreign_size;           /* others changed the size on the server */
	bool mmapped; /* stores through mappings happened: bytes beyond the end too */
};

/* netfs_io_request.check */
struct check_request {
	struct netfs_io_request *rreq;
	struct check_inode *ci;
	struct sim_list entry;     /* check_inode.requests */
	struct sim_list assessing; /* check.assessing */
	struct sim_task *assessor;
	uint32_t slot; /* place in check.requests + 1 while queued */
	uint32_t live_sreqs, in_flight;
	uint32_t prepared, submitted;
	uint64_t next;             /* reads: where the next slice begins */
	uint64_t up_start, up_end; /* writes: what was given to the server */
	uint64_t unlocked_pages;
	bool in_assess, assessed, woken;
};

struct check {
	struct model *m;
	struct sim_world *w;
	enum check_mode mode;
	void (*next_step)(struct sim_world *w);
	struct sim_pool inode_pool, write_pool, observer_pool, past_pool, request_pool, stream_pool,
		truncation_pool, frozen_pool;
	struct sim_list inodes;
	struct sim_list assessing;
	struct folio **folios;
	uint32_t nr_folios, cap_folios;
	struct check_request **requests;
	uint32_t nr_requests, cap_requests;
	struct check_runs filled;  /* I6 */
	struct check_runs stored;  /* I3 */
	struct check_runs cached;  /* I15 */
	struct check_runs copied;  /* I35 */
	uint64_t order;            /* of observers and overwritten values */
	struct content_map source; /* I34: as it was before the encryption at hand */
	bool oopsed, finished;

	uint64_t nr_violations;
	uint64_t rule_count[NR_CHECK_RULES];
	struct violation *violation[CHECK_MAX_STORED];
	uint32_t nr_stored;
};

/* ---- check.c ---- */

struct check_inode *check_inode_new(struct check *c, struct inode *inode);
static inline struct check_inode *check_inode_of(struct check *c, struct inode *inode)
{
	return inode->check ? inode->check : check_inode_new(c, inode);
}
void check_inode_drop(struct check *c, struct check_inode *ci);
void check_runs_push(struct check *c, struct check_runs *runs, struct check_inode *ci,
		     uint64_t start, uint64_t end);
/* Add [start, end) to the runs; extends the last one if it continues it. */
static inline void check_runs_add(struct check *c, struct check_runs *runs, struct check_inode *ci,
				  uint64_t start, uint64_t end)
{
	struct check_run *last = runs->run + runs->nr;

	if (runs->nr && last[-1].ci == ci && start <= last[-1].end && end >= last[-1].start) {
		last[-1].start = sim_min(last[-1].start, start);
		last[-1].end = sim_max(last[-1].end, end);
	} else {
		check_runs_push(c, runs, ci, start, end);
	}
}
/* Look at all of them and empty the list. */
void check_runs(struct check *c, struct check_runs *runs,
		void (*fn)(struct check *c, const struct check_run *run));
/* It changes in this step: it is looked at when the step ends. */
void check_touch_folio(struct check *c, struct folio *f);
void check_queue_request(struct check *c, struct check_request *cr);

static inline bool folio_is_streaming(const struct folio *f)
{
	return netfs_is_folio_info(f->private);
}
static inline bool ranges_overlap(uint64_t a, uint64_t a_end, uint64_t b, uint64_t b_end)
{
	return a < b_end && b < a_end;
}
/* Whether the file exists on a server, and is not being forgotten. */
static inline bool check_has_remote(const struct check_inode *ci)
{
	return ci->inode->remote && !(ci->inode->i_state & I_FREEING);
}

/* ---- report.c ---- */

void check_fail_folio(struct check *c, enum check_rule rule, const struct folio *f, const char *fmt,
		      ...) __attribute__((format(printf, 4, 5)));
void check_fail_request(struct check *c, enum check_rule rule, const struct netfs_io_request *rreq,
			const char *fmt, ...) __attribute__((format(printf, 4, 5)));
void check_fail_file(struct check *c, enum check_rule rule, const struct inode *inode,
		     uint64_t byte, const char *fmt, ...) __attribute__((format(printf, 5, 6)));
void check_fail_run(struct check *c, enum check_rule rule, const char *text, const char *history);
/* A byte of a file has the wrong value: names both. where: "page cache", "server", "read". */
void check_fail_byte(struct check *c, enum check_rule rule, const struct inode *inode,
		     uint64_t byte, const char *where, struct content_val got,
		     struct content_val expected);

/* ---- shadow.c: what a file should hold ---- */

void shadow_init(struct check *c, struct check_inode *ci);
void shadow_fini(struct check *c, struct check_inode *ci);
/* What live writes have copied so far goes into expected. */
void shadow_settle(struct check *c, struct check_inode *ci);
/*
 * Whether bytes [off, off + len) of map are legal values of bytes [pos, pos + len) of the file, for
 * somebody who looks since the given order (UINT64_MAX: now only). If not, *bad is the first byte
 * of the file that is wrong.
 */
bool shadow_legal(struct check *c, struct check_inode *ci, uint64_t since,
		  const struct content_map *map, uint64_t off, uint64_t pos, uint64_t len,
		  uint64_t *bad);
/* The same for a read that may also find (stale) what the page cache has kept. */
bool shadow_readable(struct check *c, struct check_inode *ci, const struct observer *o, bool stale,
		     const struct content_map *map, uint64_t off, uint64_t pos, uint64_t len,
		     uint64_t *bad);
/* Bytes [pos, pos + len) are about to change: whoever observes may have seen the old ones. */
void shadow_keep_old(struct check *c, struct check_inode *ci, uint64_t pos, uint64_t len);
/* The same, for the server's bytes after a sync that began at the given order. */
bool shadow_durable(struct check *c, struct check_inode *ci, uint64_t since, uint64_t pos,
		    uint64_t len, uint64_t *bad);
/* How many bytes from pos on, at most len, a live (direct) write covers; 0: not pos itself. */
uint64_t shadow_live(const struct check_inode *ci, bool direct, uint64_t pos, uint64_t len);
/* How many bytes from pos on may also have the values that map has at off, because of others. */
uint64_t shadow_also(const struct check_inode *ci, const struct content_map *map, uint64_t off,
		     uint64_t pos, uint64_t len);
/* Nothing can be said about these bytes any more. */
void shadow_unknown(struct check_inode *ci, uint64_t pos, uint64_t len);
/* The file is about to be cut to size, by a call or by others. */
void shadow_truncation_begins(struct check *c, struct check_inode *ci, uint64_t size);
struct observer *shadow_observe(struct check *c, struct check_inode *ci, const void *io, bool sync);
/* The oldest observer of this name and kind, NULL if none. */
struct observer *shadow_observer(struct check_inode *ci, const void *io, bool sync);
void shadow_observer_drop(struct check *c, struct check_inode *ci, struct observer *o);

void check_write_start(struct check *c, struct file *file, const void *io, uint64_t pos,
		       uint64_t len, const struct iov_iter *from, bool mapped);
void check_write_placed(struct check *c, struct file *file, const void *io, uint64_t pos);
void check_store_dirtied(struct check *c, struct folio *f);
void check_write_stored(struct check *c, struct file *file, const void *io);
void check_write_end(struct check *c, struct file *file, const void *io, uint64_t pos,
		     int64_t done);
void check_bytes_written(struct check *c, struct inode *inode, const void *io, uint64_t pos,
			 uint64_t len);
void check_truncate(struct check *c, struct inode *inode, uint64_t old_size, uint64_t new_size);
void check_server_wrote(struct check *c, struct client *client, struct server_file *f, uint64_t pos,
			uint64_t len);
void check_server_resized(struct check *c, struct client *client, struct server_file *f,
			  uint64_t old_size, uint64_t new_size);

/* ---- coherence.c: what others did to the file ---- */

/* Somebody else changed these bytes on the server. */
void coherence_foreign(struct check_inode *ci, uint64_t pos, uint64_t len);
/* Nobody can say any more what the bytes are, others or not. */
static inline void coherence_forget(struct check_inode *ci, uint64_t pos, uint64_t len)
{
	content_erase(&ci->foreign, pos, len);
	content_erase(&ci->stale, pos, len);
}
/* How many bytes from pos on somebody else has changed since the client wrote them. */
uint64_t coherence_theirs(const struct check_inode *ci, uint64_t pos, uint64_t len);
/*
 * A read of the file begins: whether the rule of coherence says that it must see all that others
 * did so far. If so, that is what the file holds from now on.
 */
bool coherence_read(struct check *c, struct check_inode *ci, const struct file *file, bool mapped);

void check_pages_dropped(struct check *c, struct inode *inode);

/* ---- data.c: I10-I13 ---- */

void check_read_start(struct check *c, struct file *file, const void *io, uint64_t pos,
		      uint64_t len, bool mapped);
void check_read_end(struct check *c, struct file *file, const void *io, uint64_t pos, int64_t done,
		    const struct content_map *buf, uint64_t buf_off);
void check_fsync_start(struct check *c, struct file *file, uint64_t start, uint64_t end);
void check_fsync_done(struct check *c, struct file *file, uint64_t start, uint64_t end, int ret);
void check_upload_range(struct check *c, struct netfs_io_subrequest *sreq);
/* A direct or synchronous write has promised that the server has these bytes. */
void check_promised(struct check *c, struct check_inode *ci, uint64_t pos, uint64_t len,
		    bool alone);
void check_server_fallocate(struct check *c, struct client *client, struct server_file *f,
			    uint32_t mode, uint64_t pos, uint64_t len);
/* Bytes from pos on that wait to be written: to the end of their folio, or 0. */
uint64_t check_unwritten(const struct check_inode *ci, uint64_t pos);
/* Everything was written: the server has the whole file. */
void check_settled_file(struct check *c, struct check_inode *ci);

/* ---- cache.c: I15, I28, I35 ---- */

/* The cache has other bytes in [start, end) than before, or is all that has them now. */
void check_cached_changed(struct check *c, struct check_inode *ci, uint64_t start, uint64_t end);
static inline void check_cache_changed(struct check *c, struct check_inode *ci, uint64_t start,
				       uint64_t end)
{
	if (netfs_inode(ci->inode)->cache)
		check_cached_changed(c, ci, start, end);
}
void check_cache_active(struct check *c, struct inode *inode);
void check_cached(struct check *c, const struct check_run *run);
/* Folios that only the cache was to get have been copied. */
void check_copied(struct check *c, const struct check_run *run);
/* [start, end) is about to be uploaded. */
void check_not_copy_only(struct check *c, const struct netfs_io_request *wreq, uint64_t start,
			 uint64_t end);
/* Nothing moves any more: the inode's cookie, and all that is cached for it. */
void check_cookie_at_rest(struct check *c, struct check_inode *ci);

/* ---- folio.c: I1-I8 ---- */

void check_folio(struct check *c, struct folio *f);
void check_folio_added(struct check *c, struct folio *f);
void check_folio_removed(struct check *c, struct folio *f);
void check_folio_freed(struct check *c, struct folio *f);
void check_folio_unlock(struct check *c, struct folio *f, bool was_locked);
void check_start_writeback(struct check *c, struct folio *f);
void check_end_writeback(struct check *c, struct folio *f, int error);
void check_fscache(struct check *c, struct folio *f, bool set);
void check_overwritten(struct check *c, struct check_inode *ci, uint64_t pos, uint64_t len);
void check_read_target(struct check *c, struct netfs_io_subrequest *sreq);
void check_stored(struct check *c, const struct check_run *run);
void check_filled(struct check *c, const struct check_run *run);

/* ---- zero_point.c: I16-I18 ---- */

/*
 * [start, end) of the file may not be held in the page cache any more. The part above the zero
 * point and below the end is what matters.
 */
void check_unheld_above(struct check *c, struct check_inode *ci, uint64_t start, uint64_t end);
static inline void check_unheld(struct check *c, struct check_inode *ci, uint64_t start,
				uint64_t end)
{
	start = sim_max(start, netfs_inode(ci->inode)->zero_point);
	end = sim_min(end, ci->inode->i_size);
	if (start < end && check_has_remote(ci) && start < ci->inode->remote->size)
		check_unheld_above(c, ci, start, sim_min(end, ci->inode->remote->size));
}
void check_zero_point(struct check *c, struct inode *inode, uint64_t old_zp, uint64_t new_zp,
		      enum zero_point_move why);
void check_i_size(struct check *c, struct inode *inode, uint64_t old_size, uint64_t new_size);
void check_zero_read(struct check *c, struct netfs_io_subrequest *sreq);

/* ---- memory.c: I29 ---- */

/* The current task is writing to the inode. */
void check_throttled(struct check *c, const struct inode *inode);

/* ---- request.c: I9, I19-I21, I23-I25 ---- */

void check_request(struct check *c, struct check_request *cr);
void check_rreq(struct check *c, struct netfs_io_request *rreq);
void check_rreq_new(struct check *c, struct netfs_io_request *rreq);
void check_rreq_assess(struct check *c, struct netfs_io_request *rreq, bool enter);
void check_rreq_wake_ip(struct check *c, struct netfs_io_request *rreq);
void check_rreq_free(struct check *c, struct netfs_io_request *rreq);
void check_sreq_prepared(struct check *c, struct netfs_io_subrequest *sreq);
void check_sreq_submitted(struct check *c, struct netfs_io_subrequest *sreq);
void check_sreq_terminated(struct check *c, struct netfs_io_subrequest *sreq);
void check_sreq_freed(struct check *c, struct netfs_io_subrequest *sreq);
/* A folio was unlocked: some request that is being assessed may have done it. */
void check_unlocked_by_read(struct check *c, const struct folio *f);
/* Whether a buffered write that failed covers the folio: it is being thrown away. */
bool check_write_failed(const struct check_inode *ci, const struct folio *f);
/* Whether a write of the page cache that covers the folio is in its completion. */
bool check_completing(const struct check_inode *ci, const struct folio *f);

/* ---- snapshot.c: I32-I34 ---- */

void check_encrypt(struct check *c, struct netfs_io_request *wreq, const struct content_map *source,
		   uint64_t off, uint64_t len, bool begin);

void check_snap_taken(struct check *c, struct inode *inode, uint32_t seq);
void check_snap_flushed(struct check *c, struct inode *inode, uint32_t ordinal);
/* Everything was written: no snapshot is amiss. */
void check_snaps_settled(struct check *c, struct check_inode *ci);
void check_frozen_drop(struct check *c, struct check_inode *ci);
/* Something of the request's group is about to be uploaded. */
void check_group_order(struct check *c, const struct netfs_io_request *wreq);

/* ---- quiesce.c: I22, full evaluation ---- */

/* Nothing moves any more: what must be true then. */
void check_quiescent(struct check *c);

void check_everything(struct check *c);

#endif
