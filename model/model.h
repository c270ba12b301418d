/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the folders of the model share: the model of a world, its clients, its design, its hooks. */
#ifndef MODEL_MODEL_H
#define MODEL_MODEL_H

#include "model/bugs/bugs.h"
#include "model/events/events.h"
#include "model/events/sites.h"
#include "model/mm/mm.h"
#include "model/vfs/fs.h"

struct check;
struct netfs_io_request;
struct netfs_io_subrequest;
struct rpc;
struct run_state;
struct server;

enum generation { GEN_6_1, GEN_6_8, GEN_6_12, NR_GENERATIONS };

/* The design under test. Every field is a choice of design; bugs are rows of model/bugs. */
/* What becomes of dirty folios that must leave the page cache: note 5 of the cover letter. */
enum teardown {
	TEARDOWN_LAUNDER, /* each is written by itself, as it goes: launder_folio */
	TEARDOWN_FLUSH,   /* the range is written back first */
};

/* How folios are marked that the local cache is to get: the cover letter's deferred patch. */
enum cache_copy {
	CACHE_COPY_FSCACHE,   /* PG_fscache, from the end of the read or from writeback's begin */
	CACHE_COPY_WRITEBACK, /* dirty until writeback copies them, under PG_writeback alone */
};

struct design {
	enum generation generation;
	struct bug_set bugs;
	bool zero_point; /* skip reads that can only give zeros (cover letter feature 10) [true] */
	bool perform_write; /* a loop of the library's own, no write_begin and write_end (5) [true] */
	bool writeback_runs;  /* a request for a run of dirty folios; false: for each (9P note 2) */
	bool write_streaming; /* hold partial writes in folios that are not uptodate (8) [true] */
	bool large_folios;    /* where the filesystem allows them [true] */
	bool class_locking;   /* buffered and direct I/O of a file exclude each other (1) [true] */
	bool direct_io;       /* files may be opened with O_DIRECT (3) [true] */
	bool write_through;   /* O_SYNC and the like write while they copy (6, 7); false: after */
	bool variable_wsize;  /* ask the filesystem what an upload may carry now (note 6) */
	bool unbuffered;      /* I/O that goes round the page cache (2); false: only O_DIRECT's */
	enum teardown teardown;
	enum cache_copy cache_copy;
	uint32_t crypto_block;      /* Ceph: contents are encrypted in blocks of so many bytes; 0 */
	bool crypto_assert_version; /* read-modify-writes are made again when others wrote [true] */
	bool bounce_buffer;  /* encrypt in a buffer of the request, not in the source (4) [true] */
	bool write_grouping; /* folios remember which snapshots they are older than (9) [true] */
};

/* CPU costs in ns; all default to 0. */
struct costs {
	uint64_t syscall_ns;
	uint64_t copy_page_ns; /* copying one page between a task and the page cache */
	uint64_t folio_ns;     /* allocating and inserting a folio */
	uint64_t request_ns;   /* setting up a netfs request */
	uint64_t subrequest_ns;
	uint64_t rpc_ns;        /* marshalling a message */
	uint64_t crypt_page_ns; /* encrypting or decrypting one page */
};

/* Why the zero point of a file moves. */
enum zero_point_move {
	ZERO_POINT_RESIZE,
	ZERO_POINT_REMOTE_CHANGE,
	ZERO_POINT_DIRECT_WRITE,
	ZERO_POINT_RELEASE_FOLIO,
	ZERO_POINT_CLEAR_S, /* a streaming write was written back */
	ZERO_POINT_INSERT_RANGE,
};

/*
 * Observers of the model: the checker. Any may be NULL. They never change the model.
 */
struct model_hooks {
	/*
	 * The state of the object changed in this step. For a folio, other than by a folio event,
	 * and unless its FOLIO_TOUCHED says that this is known.
	 */
	void (*folio)(struct check *c, struct folio *f);
	void (*rreq)(struct check *c, struct netfs_io_request *rreq);
	void (*inode)(struct check *c, struct inode *inode);

	/* Folio events. */
	void (*folio_added)(struct check *c, struct folio *f);
	/* Just before the folio leaves the page cache; why says who does it. */
	void (*folio_removed)(struct check *c, struct folio *f);
	void (*folio_freed)(struct check *c, struct folio *f);
	/* was_locked false: an unlock of an unlocked folio (K4). */
	void (*folio_unlock)(struct check *c, struct folio *f, bool was_locked);
	void (*start_writeback)(struct check *c, struct folio *f);
	void (*end_writeback)(struct check *c, struct folio *f, int error);
	void (*fscache)(struct check *c, struct folio *f, bool set);
	/* What the local cache has of the inode can be read from now on. */
	void (*cache_active)(struct check *c, struct inode *inode);

	/*
	 * Bytes. pos, len: of the file. io: names the read or write, from its start to its end, as
	 * its kiocb does; an asynchronous one ends in another task.
	 */
	void (*write_start)(struct check *c, struct file *file, const void *io, uint64_t pos,
			    uint64_t len, const struct iov_iter *from, bool mapped);
	/* The position of a write in append mode is known: its lock is held. */
	void (*write_placed)(struct check *c, struct file *file, const void *io, uint64_t pos);
	/* The write will tell its caller that the server has the bytes: direct, synchronous. */
	void (*write_stored)(struct check *c, struct file *file, const void *io);
	/* A store through a map has made the folio dirty; its bytes are not in it yet. */
	void (*store_dirtied)(struct check *c, struct folio *f);
	/* done: bytes that the call reported, or negative errno. */
	void (*write_end)(struct check *c, struct file *file, const void *io, uint64_t pos,
			  int64_t done);
	/* mapped: a load from a mapping, which no filesystem looks after. */
	void (*read_start)(struct check *c, struct file *file, const void *io, uint64_t pos,
			   uint64_t len, bool mapped);
	void (*read_end)(struct check *c, struct file *file, const void *io, uint64_t pos,
			 int64_t done, const struct content_map *buf, uint64_t buf_off);
	/* The caller's bytes [pos, pos+len) are in the page cache (or on the server, direct I/O). */
	void (*bytes_written)(struct check *c, struct inode *inode, const void *io, uint64_t pos,
			      uint64_t len);
	void (*truncate)(struct check *c, struct inode *inode, uint64_t old_size,
			 uint64_t new_size);
	void (*i_size)(struct check *c, struct inode *inode, uint64_t old_size, uint64_t new_size);
	void (*zero_point)(struct check *c, struct inode *inode, uint64_t old_zp, uint64_t new_zp,
			   enum zero_point_move why);
	void (*file_open)(struct check *c, struct file *file);
	void (*file_close)(struct check *c, struct file *file);
	void (*fsync_start)(struct check *c, struct file *file, uint64_t start, uint64_t end);
	void (*fsync_done)(struct check *c, struct file *file, uint64_t start, uint64_t end,
			   int ret);
	/* [off, off + len) of the source is about to be encrypted (begin), or it has been. */
	void (*encrypt)(struct check *c, struct netfs_io_request *wreq,
			const struct content_map *source, uint64_t off, uint64_t len, bool begin);
	/*
	 * The client has learned of snapshot seq: what the file held until now is in it, what is
	 * written from now on is not. Then: all that it held is on the server, for the snapshots
	 * after its group of this ordinal.
	 */
	void (*snap_taken)(struct check *c, struct inode *inode, uint32_t seq);
	void (*snap_flushed)(struct check *c, struct inode *inode, uint32_t ordinal);
	void (*mapping_error)(struct check *c, struct address_space *mapping, int error);
	void (*inode_evicted)(struct check *c, struct inode *inode);
	/* A call has the lock of its class of I/O: direct or buffered. */
	void (*class_locked)(struct check *c, struct inode *inode, bool direct);
	void (*oops)(struct check *c, const char *text);

	/* The client dropped what it could of its pages: others have changed the file. */
	void (*pages_dropped)(struct check *c, struct inode *inode);

	/* Requests. */
	void (*rreq_new)(struct check *c, struct netfs_io_request *rreq);
	void (*rreq_wake_ip)(struct check *c, struct netfs_io_request *rreq);
	void (*rreq_assess)(struct check *c, struct netfs_io_request *rreq, bool enter);
	void (*rreq_free)(struct check *c, struct netfs_io_request *rreq);
	void (*sreq_prepared)(struct check *c, struct netfs_io_subrequest *sreq);
	void (*sreq_submitted)(struct check *c, struct netfs_io_subrequest *sreq);
	void (*sreq_terminated)(struct check *c, struct netfs_io_subrequest *sreq);
	void (*sreq_freed)(struct check *c, struct netfs_io_subrequest *sreq);

	/* The server. client NULL: behind the clients' backs. */
	void (*server_wrote)(struct check *c, struct client *client, struct server_file *f,
			     uint64_t pos, uint64_t len);
	/* A range was changed by fallocate(2); of the client none of it is in the page cache. */
	void (*server_fallocate)(struct check *c, struct client *client, struct server_file *f,
				 uint32_t mode, uint64_t pos, uint64_t len);
	void (*server_resized)(struct check *c, struct client *client, struct server_file *f,
			       uint64_t old_size, uint64_t new_size);
};

/* Observe: MODEL_HOOK(model, folio, f) calls hooks.folio(check, f) if there is one. */
#define MODEL_HOOK(m, name, ...)                                          \
	do {                                                              \
		struct model *hook_m_ = (m);                              \
		if (hook_m_->hooks.name)                                  \
			hook_m_->hooks.name(hook_m_->check, __VA_ARGS__); \
	} while (0)

/* The model of one world: world->model points here. */
struct model {
	struct sim_world *w;
	struct content_space *content;
	struct design design;
	struct costs costs;
	struct server *server;
	struct client **clients;
	unsigned nr_clients;
	struct check *check;
	struct run_state *scenario; /* private to model/scenario; NULL: none */
	unsigned nr_cpus;           /* of each client: those of the world */
	uint32_t nr_inodes;         /* ordinals given so far */
	struct model_hooks hooks;
};

/* Work items that run on kworkers, as on system_unbound_wq: any number at once. */
struct work_struct {
	void (*fn)(struct work_struct *work);
	struct sim_list entry;
	bool pending;
};

struct workqueue {
	struct client *client;
	struct sim_list queue; /* struct work_struct.entry */
	struct sim_list idle;  /* parked workers, last parked first */
	struct sim_pool workers;
	uint32_t nr_workers;
};

/* Counters of /proc/fs/netfs/stats. */
struct netfs_stats {
	uint64_t dio_read, dio_write, readahead, readpage, write_begin, write_zskip;
	uint64_t zero, short_read, write_skip;
	uint64_t download, download_done, download_failed, download_instead;
	uint64_t upload, upload_done, upload_failed;
	uint64_t rreq, sreq, wstream_conflict;
	uint64_t read, read_done, read_failed;    /* of the cache */
	uint64_t write, write_done, write_failed; /* to the cache */
	uint64_t rreq_done, sreq_done;            /* freed so far; not in the kernel's text */
};

/* What the disk of a client's local cache was asked to do. */
struct cache_work {
	uint64_t reads, writes;
	uint64_t bytes_read, bytes_written;
};

/* One client machine. */
struct client {
	struct model *model;
	struct sim_world *w;
	uint32_t id; /* 0, 1, ... */
	struct mm mm;
	struct workqueue unbound_wq;
	struct super_block *sb; /* its mount */
	unsigned nr_cpus;
	uint32_t nr_kworkers;  /* workers made so far: names the next one */
	uint32_t next_rreq_id; /* debug_id of the last request: a global of the kernel */
	struct netfs_stats stats;
	struct cache_work cache_work;
	struct sim_pool rreqs, sreqs, finfos, inodes, files, vmas;
	struct sim_list io_requests; /* all that exist: /proc/fs/netfs/requests */
};

/* What the model keeps for a task: sim_task.data. */
struct model_task {
	struct client *client;
	uint32_t nr_dirtied;           /* pages since the last look at the dirty limit */
	uint32_t nr_dirtied_pause;     /* look again after so many */
	uint64_t dirty_paused_when_ns; /* from when its pages count against its rate; 0: not yet */
	uint64_t nr_anon;              /* pages of its own */
	bool no_restart; /* a handler of the pending signals does not have calls restarted */
	bool exiting;    /* it dies: PF_EXITING */
};

static inline struct model *world_model(struct sim_world *w)
{
	return w->model;
}
static inline struct client *inode_client(const struct inode *inode)
{
	return inode->i_sb->client;
}
static inline enum coherence inode_coherence(const struct inode *inode)
{
	return inode->i_sb->coherence;
}
static inline struct client *folio_client(const struct folio *f)
{
	return f->mapping->host->i_sb->client;
}
static inline bool bug(const struct client *c, enum bug_id id)
{
	return bug_set_has(&c->model->design.bugs, id);
}

void workqueue_init(struct workqueue *wq, struct client *c);
/* Queue the item; false if it is pending already. An idle worker or a new one runs it. */
bool queue_work(struct workqueue *wq, struct work_struct *work);

/*
 * The kernel oopses here: observers are told, and the current task never comes back; what it holds
 * stays held.
 */
void model_oops(struct client *c, const char *text) __attribute__((noreturn));

/* The comm of the next worker of a client, "kworker/u<cpus*2>:<n>" or "kworker/<cpu>:<n>". */
struct sim_task *client_spawn(struct client *c, const char *comm, void (*fn)(void *), void *arg);

#endif
