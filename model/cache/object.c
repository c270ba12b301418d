/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Objects: the sparse files of the cache, how they are found, made, replaced, resized and kept.
 *
 * Mirrors: fs/cachefiles/interface.c, fs/cachefiles/namei.c, fs/cachefiles/xattr.c (6.8). Reference
 * 8.1, 8.6.
 *
 * A new object's file has no name until the object is withdrawn, so that nobody finds half of it;
 * then its xattr says what it holds: the size and the version of the server's file. An object whose
 * xattr differs from the cookie is not used.
 */
#include "model/cache/internal.h"

/* ---- Files ---- */

struct cachefiles_file *cachefiles_get_file(struct cachefiles_file *file)
{
	file->refs++;
	return file;
}

void cachefiles_put_file(struct fscache_cache *cache, struct cachefiles_file *file)
{
	if (--file->refs)
		return;
	cache->used -= cachefiles_allocated(file, 0, file->size);
	content_map_fini(&file->data);
	sim_pool_put(&cache->files, file);
}

uint64_t cachefiles_allocated(const struct cachefiles_file *file, uint64_t start, uint64_t len)
{
	uint64_t bytes = 0;

	content_for_each (e, &file->data, start, start + len)
		if (e.val.kind != CONTENT_HOLE)
			bytes += e.len;
	return bytes;
}

/* A file without a name, as long as the object: cachefiles_create_tmpfile. */
static struct cachefiles_file *cachefiles_create_tmpfile(struct fscache_cookie *cookie)
{
	struct fscache_cache *cache = cookie->volume->cache;
	struct cachefiles_file *file = sim_pool_get(&cache->files);

	sim_list_init(&file->entry);
	content_map_init(&file->data, cache->client->model->content);
	file->key = cookie->key;
	file->size = sim_round_up(cookie->object_size, PAGE_SIZE);
	file->ino = cache->next_ino++;
	file->refs = 1;
	if (file->size)
		trace_cachefiles_trunc(cache->client->w->trace, cookie->cache_priv->debug_id,
				       (uint32_t)file->ino, cachefiles_trunc_expand_tmpfile, 0,
				       file->size);
	return file;
}

/* The file loses its name: nobody will find it any more. */
static void cachefiles_unlink(struct fscache_cache *cache, struct cachefiles_file *file)
{
	sim_list_del(&file->entry);
	cachefiles_put_file(cache, file);
}

/* ---- Objects ---- */

/* The file of the key that agrees with the cookie; one that does not is deleted. */
static struct cachefiles_file *cachefiles_look_up(struct fscache_cookie *cookie)
{
	struct fscache_volume *volume = cookie->volume;

	sim_list_for_each (file, &volume->files, struct cachefiles_file, entry) {
		if (file->key != cookie->key)
			continue;
		if (file->aux == cookie->aux && file->object_size == cookie->object_size)
			return cachefiles_get_file(file);
		cachefiles_unlink(volume->cache, file);
		break;
	}
	return NULL;
}

/* Throw away the object that was not used for longest. False: all are in use. */
static bool cachefiles_cull(struct fscache_volume *volume)
{
	struct cachefiles_file *victim = NULL;

	sim_list_for_each (file, &volume->files, struct cachefiles_file, entry)
		if (file->refs == 1)
			victim = file;
	if (!victim)
		return false;
	cachefiles_unlink(volume->cache, victim);
	volume->cache->nr_culled++;
	return true;
}

/* In the kernel a daemon culls, ahead of need: cachefilesd. */
bool cachefiles_has_space(struct fscache_volume *volume, uint64_t bytes)
{
	const struct fscache_cache *cache = volume->cache;

	if (!cache->config.capacity)
		return true;
	while (cache->used + bytes > cache->config.capacity)
		if (!cache->config.cull || !cachefiles_cull(volume))
			return false;
	return true;
}

/* The directory of the volume: fscache_create_volume. */
static void fscache_create_volume(struct fscache_volume *volume)
{
	struct sim_world *w = volume->cache->client->w;

	while (volume->state == FSCACHE_VOLUME_CREATING)
		sim_wait(w, &volume->waitq, SIM_WAIT_PLAIN, SITE_FSCACHE_VOLUME, NULL, NULL);
	if (volume->state == FSCACHE_VOLUME_PRESENT)
		return;
	volume->state = FSCACHE_VOLUME_CREATING;
	cachefiles_wait_ns(volume->cache, volume->cache->config.create_ns);
	volume->state = FSCACHE_VOLUME_PRESENT;
	sim_wake(w, &volume->waitq, SIM_WAKE_ALL);
}

bool cachefiles_lookup_cookie(struct fscache_cookie *cookie)
{
	struct fscache_volume *volume = cookie->volume;
	struct fscache_cache *cache = volume->cache;
	struct cachefiles_object *object = sim_pool_get(&cache->objects);
	const struct fault *fault;

	object->debug_id = ++cache->next_object_id;
	cookie->cache_priv = object;
	fscache_create_volume(volume);
	fault = cachefiles_fault(cookie, FAULT_CACHE_LOOKUP, 0, 0);
	cachefiles_wait_ns(cache, cache->config.lookup_ns + cachefiles_fault_delay(fault));
	if (cachefiles_fault_error(fault) == -EIO)
		cachefiles_io_error(cache);
	if (!cache->live || cachefiles_fault_error(fault))
		return false;
	object->file = cachefiles_look_up(cookie);
	if (object->file) {
		cookie->flags &= ~(uint32_t)FSCACHE_COOKIE_NO_DATA_TO_READ;
		return true;
	}
	if (!cachefiles_has_space(volume, cache->config.block))
		return false;
	fscache_cookie_lookup_negative(cookie);
	cachefiles_wait_ns(cache, cache->config.create_ns);
	object->file = cachefiles_create_tmpfile(cookie);
	object->tmpfile = true;
	return true;
}

void cachefiles_invalidate_cookie(struct fscache_cookie *cookie)
{
	struct fscache_cache *cache = cookie->volume->cache;
	struct cachefiles_object *object = cookie->cache_priv;
	struct cachefiles_file *old = object->file;

	cachefiles_wait_ns(cache, cache->config.create_ns);
	object->file = cachefiles_create_tmpfile(cookie);
	if (!object->tmpfile)
		cachefiles_unlink(cache, old);
	object->tmpfile = true;
	cachefiles_put_file(cache, old);
}

/* The file gets its name, and its attributes are those of the cookie: cachefiles_commit_object. */
static void cachefiles_commit_object(struct fscache_cookie *cookie)
{
	struct fscache_cache *cache = cookie->volume->cache;
	struct cachefiles_object *object = cookie->cache_priv;
	struct cachefiles_file *file = object->file;

	cachefiles_wait_ns(cache, cache->config.create_ns);
	file->aux = cookie->aux;
	file->object_size = cookie->object_size;
	if (object->tmpfile)
		cachefiles_get_file(file);
	else
		sim_list_del(&file->entry);
	sim_list_add(&file->entry, &cookie->volume->files);
	object->tmpfile = false;
}

void cachefiles_withdraw_cookie(struct fscache_cookie *cookie)
{
	struct fscache_cache *cache = cookie->volume->cache;
	struct cachefiles_object *object = cookie->cache_priv;

	if (object->file) {
		cachefiles_commit_object(cookie);
		cachefiles_put_file(cache, object->file);
	}
	cookie->cache_priv = NULL;
	sim_pool_put(&cache->objects, object);
}

const struct content_map *fscache_cookie_data(const struct fscache_cookie *cookie)
{
	const struct cachefiles_object *object = cookie->cache_priv;

	return object && object->file ? &object->file->data : NULL;
}

/* ---- Resizing ---- */

/*
 * Cut the file at a page and make zeros of what remains beyond the end: whole blocks of it are
 * given back. cachefiles_shorten_object.
 */
static void cachefiles_shorten_object(struct fscache_cookie *cookie, struct cachefiles_file *file,
				      uint64_t new_size)
{
	struct fscache_cache *cache = cookie->volume->cache;
	struct sim_trace *trace = cache->client->w->trace;
	uint64_t dio_size = sim_round_up(new_size, PAGE_SIZE);
	uint64_t block_end = sim_round_up(new_size, cache->config.block);
	uint32_t id = cookie->cache_priv->debug_id,
		 before = cachefiles_allocated(file, 0, file->size);

	trace_cachefiles_trunc(trace, id, (uint32_t)file->ino, cachefiles_trunc_shrink, file->size,
			       dio_size);
	content_truncate(&file->data, dio_size);
	file->size = dio_size;
	if (new_size < dio_size) {
		trace_cachefiles_trunc(trace, id, (uint32_t)file->ino, cachefiles_trunc_dio_adjust,
				       dio_size, new_size);
		if (content_get(&file->data, new_size).kind != CONTENT_HOLE)
			content_set_zero(&file->data, new_size, block_end - new_size);
		content_erase(&file->data, block_end, dio_size - block_end);
	}
	cache->used -= before - cachefiles_allocated(file, 0, file->size);
}

void cachefiles_resize_cookie(struct netfs_cache_resources *cres, uint64_t new_size)
{
	struct fscache_cookie *cookie = cres->cookie;
	struct fscache_cache *cache = cookie->volume->cache;
	const struct fault *fault = cachefiles_fault(cookie, FAULT_CACHE_RESIZE, new_size, 0);
	bool shrinks = new_size < cookie->object_size;

	/* A close may have told the cookie of the new size already. */
	if (!bug(cache->client, BUG_CLOSE_HIDES_TRUNCATE))
		shrinks |= new_size < cres->file->size;
	if (shrinks) {
		cachefiles_wait_ns(cache, cachefiles_draw_ns(cache, &cache->config.write_latency,
							     "cache.truncate") +
						  cachefiles_fault_delay(fault));
		if (cachefiles_fault_error(fault))
			cachefiles_io_error(cache);
		else
			cachefiles_shorten_object(cookie, cres->file, new_size);
	}
	/* Of growing nothing needs to be known but the size. */
	cookie->object_size = new_size;
}
