/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The local cache as the netfs library and the network filesystems see it: cookies, the operations
 * on what they stand for, and the cache of one client with its disk.
 *
 * Mirrors: include/linux/fscache.h, include/linux/fscache-cache.h (6.8). Reference 8.
 */
#ifndef MODEL_CACHE_FSCACHE_H
#define MODEL_CACHE_FSCACHE_H

#include "model/model.h"
#include "sim/rand/rand.h"

struct cachefiles_file;
struct cachefiles_object;
struct fault;
struct netfs_io_subrequest;

/* ---- The cache of one client ---- */

/* What a mount says of the cache; [..] is what cache_config_defaults() fills in. */
struct cache_config {
	uint32_t block;              /* of the backing filesystem: a power of 2, 512..4096 [1024] */
	struct sim_law issue;        /* ns of CPU to hand a read or write to the disk [0] */
	struct sim_law read_latency; /* ns of each read of the disk [100 us] */
	struct sim_law write_latency; /* ns of each write and truncation [100 us] */
	struct sim_law allocate;      /* ns that the issuer of a write waits for blocks [0] */
	uint64_t bandwidth;           /* of the disk, bytes/s; 0: unlimited [500 MB/s] */
	uint64_t lookup_ns;           /* finding an object [0, as costs of a CPU are] */
	uint64_t create_ns;           /* making or committing an object or a volume [0] */
	uint64_t lru_timeout_ns;      /* a cookie unused for so long loses its object [10 s] */
	uint64_t capacity;            /* bytes of data the disk holds; 0: no limit [0] */
	bool cull;                    /* unused objects make room for new data [true] */
};

/* Fill in what [..] says; the rest becomes 0. */
void cache_config_defaults(struct cache_config *config);

/* The cache of one client and its disk. */
struct fscache_cache {
	struct client *client;
	struct cache_config config;
	bool live; /* false after an I/O error: the cache takes no further part */
	uint64_t used;
	uint64_t nr_culled; /* objects thrown away to make room */
	uint32_t nr_works;  /* handed to the disk so far: names draws */
	uint32_t next_cookie_id, next_object_id;
	uint64_t next_ino;
	struct sim_list lru; /* struct fscache_cookie.lru, unused longest first */
	struct sim_event lru_timer;
	uint64_t disk_busy_ns; /* the disk has work until then */
	uint64_t disk_paid;    /* struct sim_rate.paid */
	struct sim_pool cookies, objects, files, ioreqs;
};

/* A cache in the client's arena. The config is copied. */
struct fscache_cache *fscache_cache_new(struct client *c, const struct cache_config *config);

/* ---- Volumes and cookies ---- */

/* Whether the directory of a volume exists: the first look-up makes it, others wait. */
enum fscache_volume_state {
	FSCACHE_VOLUME_NOT_PRESENT,
	FSCACHE_VOLUME_CREATING,
	FSCACHE_VOLUME_PRESENT
};

/* All objects of one mount: fscache_volume. */
struct fscache_volume {
	struct fscache_cache *cache;
	const char *key;
	enum fscache_volume_state state;
	struct sim_waitq waitq;
	struct sim_list files; /* struct cachefiles_file.entry: named; used last first */
};

/* A volume without files, in the client's arena. The key is not copied. fscache_acquire_volume. */
struct fscache_volume *fscache_acquire_volume(struct fscache_cache *cache, const char *key);

/* Documented in model/cache/cookie.c. */
enum fscache_cookie_state {
	FSCACHE_COOKIE_STATE_QUIESCENT,
	FSCACHE_COOKIE_STATE_LOOKING_UP,
	FSCACHE_COOKIE_STATE_CREATING,
	FSCACHE_COOKIE_STATE_ACTIVE,
	FSCACHE_COOKIE_STATE_INVALIDATING,
	FSCACHE_COOKIE_STATE_FAILED,
	FSCACHE_COOKIE_STATE_LRU_DISCARDING,
	FSCACHE_COOKIE_STATE_RELINQUISHING,
	FSCACHE_COOKIE_STATE_DROPPED,
	NR_FSCACHE_COOKIE_STATES
};

enum fscache_cookie_flags {
	FSCACHE_COOKIE_IS_CACHING = 1 << 0,      /* operations may begin */
	FSCACHE_COOKIE_NO_DATA_TO_READ = 1 << 1, /* nothing in the object is worth a look */
	FSCACHE_COOKIE_HAVE_DATA = 1 << 2,       /* something was written to the object */
	FSCACHE_COOKIE_DISABLED = 1 << 3,        /* by a direct write, until the last close */
	FSCACHE_COOKIE_LOCAL_WRITE = 1 << 4,     /* opened for writing here */
	FSCACHE_COOKIE_DO_INVALIDATE = 1 << 5,   /* asked of the state machine */
	FSCACHE_COOKIE_DO_LRU_DISCARD = 1 << 6,
	FSCACHE_COOKIE_DO_RELINQUISH = 1 << 7,
};

/* What stands for a file of the network filesystem in the cache. */
struct fscache_cookie {
	struct fscache_volume *volume;
	uint64_t key;        /* names the object in its volume: the inode number */
	struct inode *inode; /* whose cookie it is, for fault rules and observers; NULL: nobody's */
	uint64_t aux;        /* the server's version of the data, for the coherency check */
	uint64_t object_size;
	uint32_t debug_id;
	enum fscache_cookie_state state;
	uint32_t flags;                       /* enum fscache_cookie_flags */
	int32_t n_active;                     /* open files, and one for a pinned dirty inode */
	int32_t n_accesses;                   /* operations in progress */
	uint32_t inval_counter;               /* invalidations so far */
	struct cachefiles_object *cache_priv; /* while the object is looked up or in use */
	uint64_t unused_at_ns;
	struct sim_list lru; /* on fscache_cache.lru while active and unused */
	struct work_struct work;
	bool requeue;           /* the state machine is to look again */
	bool working;           /* it is at it */
	struct sim_waitq waitq; /* for a change of state, or n_accesses becoming 0 */
};

/*
 * A cookie for the file key of a volume, not yet in use. aux, object_size: what the server has now;
 * an object that says otherwise is thrown away when it is looked up. fscache_acquire_cookie.
 */
struct fscache_cookie *fscache_acquire_cookie(struct fscache_volume *volume, uint64_t key,
					      uint64_t aux, uint64_t object_size);
/* A file is opened, or its inode becomes dirty: look the object up. May wait (LRU discard). */
void fscache_use_cookie(struct fscache_cookie *cookie, bool will_modify);
/* The opposite. aux and size may be NULL: unchanged. */
void fscache_unuse_cookie(struct fscache_cookie *cookie, const uint64_t *aux, const uint64_t *size);
void fscache_update_cookie(struct fscache_cookie *cookie, const uint64_t *aux,
			   const uint64_t *size);
/* The inode goes: wait for what is in progress, put the object back, free the cookie. */
void fscache_relinquish_cookie(struct fscache_cookie *cookie);

enum fscache_inval_flags { FSCACHE_INVAL_DIO_WRITE = 1 << 0 };

/* What is cached is wrong: start with an empty object. Does not wait. NULL cookie: nothing. */
void fscache_invalidate(struct fscache_cookie *cookie, const uint64_t *aux, uint64_t size,
			unsigned flags);
/* The file has a new size. Waits for the object. NULL cookie: nothing. */
void fscache_resize_cookie(struct fscache_cookie *cookie, uint64_t new_size);
/* A page left the page cache, so that a read may find its data in the cache. NULL: nothing. */
void fscache_note_page_release(struct fscache_cookie *cookie);

/* True if I/O is to use the cookie, NULL: none. netfs_is_cache_enabled. */
bool fscache_cookie_enabled(const struct fscache_cookie *cookie);
static inline uint32_t fscache_cookie_debug_id(const struct fscache_cookie *cookie)
{
	return cookie ? cookie->debug_id : 0;
}

/* ---- Operations ---- */

/* What an I/O operation holds of the cache, from begin to end. */
struct netfs_cache_resources {
	struct fscache_cookie *cookie; /* NULL: the cache takes no part */
	struct cachefiles_file *file;  /* NULL: not yet there; holds a reference */
	uint32_t debug_id;             /* of the cookie; also when beginning failed at the gate */
	uint32_t inval_counter;        /* as it was at the beginning */
	const struct fault *fault;     /* what will strike the write that is prepared; NULL: none */
};

/* What an operation needs of the object before it can go on. */
enum fscache_want_state { FSCACHE_WANT_PARAMS, FSCACHE_WANT_WRITE, FSCACHE_WANT_READ };

/*
 * Begin an operation: 0, or -ENOBUFS when the cache takes no part. It may wait for a look-up, an
 * invalidation or a discard. fscache_begin_read_operation, fscache_begin_write_operation.
 */
int fscache_begin_operation(struct netfs_cache_resources *cres, struct fscache_cookie *cookie,
			    enum fscache_want_state want);
/* Wait until the object can be read or written and take its file; false: it never will. */
bool fscache_wait_for_operation(struct netfs_cache_resources *cres, enum fscache_want_state want);
/* End it; nothing happens when none was begun. */
void fscache_end_operation(struct netfs_cache_resources *cres);

/*
 * Where a slice of a read comes from; may shorten sreq->len and set COPY_TO_CACHE: reference 8.4.
 * The request's operation has begun.
 */
enum netfs_io_source cachefiles_prepare_read(struct netfs_io_subrequest *sreq, uint64_t i_size);

enum netfs_read_from_hole {
	NETFS_READ_HOLE_IGNORE, /* holes read as zeros */
	NETFS_READ_HOLE_CLEAR,  /* zero up to the next data without reading */
};

/* The end of a read or write: bytes, or negative errno. was_async: the caller may not sleep. */
typedef void (*netfs_io_terminated_t)(void *priv, int64_t ret, bool was_async);

/*
 * Read from the object into iter. term is called once: here when there is nothing to read or
 * -ENOBUFS, else in an event's function. -ESTALE: invalidated meanwhile; -EIO: the disk failed.
 */
void cachefiles_read(struct netfs_cache_resources *cres, uint64_t start, struct iov_iter *iter,
		     enum netfs_read_from_hole read_hole, netfs_io_terminated_t term, void *priv);
/*
 * Round a write for the cache to pages and see if it can be done: 0, or -ENOBUFS (misaligned,
 * longer than upper_len, no space, no object); what the cache has of the range is gone then. A
 * cachefiles_write() of that range follows.
 */
int cachefiles_prepare_write(struct netfs_cache_resources *cres, uint64_t *start, uint64_t *len,
			     uint64_t upper_len);
/*
 * Write iter to the object. term is called once: here (was_async false) when the write extended the
 * backing file or was over at once, else on a worker.
 */
void cachefiles_write(struct netfs_cache_resources *cres, uint64_t start, struct iov_iter *iter,
		      netfs_io_terminated_t term, void *priv);

/* ---- For checks and tests ---- */

/* Aborts if the cookie is in a state that cannot be. */
void assert_fscache_cookie_state(const struct fscache_cookie *cookie);
const char *fscache_cookie_state_name(enum fscache_cookie_state state);
/* The bytes that are cached for the cookie: HOLE where none are. NULL without an object. */
const struct content_map *fscache_cookie_data(const struct fscache_cookie *cookie);

#endif
