/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the files of the cache share: objects, backing files, the calls between cookies and objects.
 *
 * Mirrors: fs/cachefiles/internal.h, fs/fscache/internal.h (6.8).
 */
#ifndef MODEL_CACHE_INTERNAL_H
#define MODEL_CACHE_INTERNAL_H

#include <assert.h>
#include <errno.h>

#include "model/cache/fscache.h"
#include "model/server/server.h"
#include "sim/base/math.h"

/*
 * A sparse file of the backing filesystem. HOLE in data is what was never written (or is
 * unallocated); blocks are whole or absent.
 */
struct cachefiles_file {
	struct sim_list entry; /* in fscache_volume.files; not linked: temporary or deleted */
	struct content_map data;
	uint64_t size;
	uint64_t key, aux, object_size; /* the xattr of the object */
	uint64_t ino;
	int32_t refs; /* its name in the volume, the object, operations */
};

/* What a cookie has while it is in use: cachefiles_object. */
struct cachefiles_object {
	struct cachefiles_file *file; /* NULL: still being looked up or made */
	uint32_t debug_id;
	bool tmpfile; /* the file has no name yet */
};

/* object.c: called by the state machine, on its worker */

/*
 * Find or make the object's file; false: caching failed. The cookie passes through CREATING when
 * there is none.
 */
bool cachefiles_lookup_cookie(struct fscache_cookie *cookie);
/* Put an empty file in place of the object's. */
void cachefiles_invalidate_cookie(struct fscache_cookie *cookie);
/* Keep the file for the next look-up and let the object go. */
void cachefiles_withdraw_cookie(struct fscache_cookie *cookie);
/* The object's file shrinks or grows to new_size; an operation has begun. */
void cachefiles_resize_cookie(struct netfs_cache_resources *cres, uint64_t new_size);
struct cachefiles_file *cachefiles_get_file(struct cachefiles_file *file);
void cachefiles_put_file(struct fscache_cache *cache, struct cachefiles_file *file);
/* Bytes of data in [start, start + len). */
uint64_t cachefiles_allocated(const struct cachefiles_file *file, uint64_t start, uint64_t len);

/* cookie.c: called by the look-up */
void fscache_cookie_lookup_negative(struct fscache_cookie *cookie);

/* Whether so many more bytes fit into the cache, after culling what nobody uses. */
bool cachefiles_has_space(struct fscache_volume *volume, uint64_t bytes);

/* io.c */

/* The rule of the scenario that strikes this work of the disk, or NULL. */
const struct fault *cachefiles_fault(struct fscache_cookie *cookie, enum fault_target what,
				     uint64_t start, uint64_t len);
static inline int cachefiles_fault_error(const struct fault *f)
{
	return f && f->action == FAULT_ERROR ? f->error : 0;
}
static inline uint64_t cachefiles_fault_delay(const struct fault *f)
{
	return f ? f->delay_ns : 0;
}
/* A time by one of the cache's laws. The site names the draw. */
uint64_t cachefiles_draw_ns(struct fscache_cache *cache, const struct sim_law *law,
			    const char *site);
/* The backing filesystem is broken: the cache takes no further part. cachefiles_io_error. */
void cachefiles_io_error(struct fscache_cache *cache);
/* Wait so long for the disk. */
void cachefiles_wait_ns(struct fscache_cache *cache, uint64_t ns);

#endif
