/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Cookies: what stands for a file of a network filesystem in the cache, and the state machine that
 * brings its object in and puts it back.
 *
 * Mirrors: fs/fscache/cookie.c, fs/fscache/volume.c (6.8). Reference 8.1, 8.6.
 *
 * COOKIE STATES
 *
 * Invariants:
 *  (1) cache_priv is set in LOOKING_UP (once the worker has begun), CREATING, ACTIVE, INVALIDATING
 *      and FAILED, and in the two states that put the object back; never in QUIESCENT, DROPPED.
 *  (2) IS_CACHING is set exactly in LOOKING_UP, CREATING, ACTIVE and INVALIDATING. It is the gate:
 *      without it no operation begins.
 *  (3) A cookie is on the cache's LRU list only if it is ACTIVE and n_active is 0.
 *  (4) One worker at a time runs the machine of a cookie; requests to it are the DO_* flags.
 *  (5) DISABLED is cleared when n_active reaches 0, never before.
 *
 *                 first use                     found
 *      QUIESCENT -----------> LOOKING_UP ------------------------> ACTIVE <----------+
 *          ^                    |   | not found                   ^ |  |            |
 *          |             failed |   +--------> CREATING ----------+ |  | invalidate |
 *          |                    v              |          made      |  v            |
 *          |                  FAILED <---------+ failed             | INVALIDATING -+
 *          |                    |                                   |  a new file is in place
 *          |  unused for 10 s   |                                   |
 *          +---- LRU_DISCARDING-|-----------------------------------+
 *                               v                                   |
 *                         RELINQUISHING <---------------------------+ the inode goes
 *                               |
 *                               v
 *                            DROPPED  (from QUIESCENT at once)
 *
 *   QUIESCENT      -> LOOKING_UP     [fscache_use_cookie]
 *   LOOKING_UP     -> CREATING       [fscache_cookie_lookup_negative]
 *   LOOKING_UP, CREATING -> ACTIVE | INVALIDATING | FAILED   [fscache_perform_lookup]
 *   ACTIVE         -> INVALIDATING   [fscache_invalidate]
 *   INVALIDATING   -> ACTIVE         [fscache_perform_invalidation]
 *   ACTIVE         -> LRU_DISCARDING [fscache_cookie_leave]
 *   ACTIVE, FAILED -> RELINQUISHING  [fscache_cookie_leave]
 *   LRU_DISCARDING -> QUIESCENT, RELINQUISHING -> DROPPED [fscache_cookie_put_back]
 *
 *  QUIESCENT: nobody uses it; there is no object. I/O goes to the server alone (-ENOBUFS).
 *  LOOKING_UP: the worker looks for the object. Who begins I/O waits.
 *  CREATING: there was none, so there is nothing to read (NO_DATA_TO_READ) and I/O may begin before
 *      the file is there; who needs the file waits.
 *  ACTIVE: the object has its file.
 *  INVALIDATING: the worker puts an empty file in place. Who begins I/O waits; reads in flight end
 *      with -ESTALE.
 *  FAILED: there is no object and will be none; it stays so until the cookie is relinquished.
 *  LRU_DISCARDING, RELINQUISHING: the file gets its name and its attributes.
 *  DROPPED: the cookie is about to be freed.
 *
 *  A whole cache is never withdrawn here (the kernel's WITHDRAWING). When the filesystem below it
 *  fails it is no longer live: nothing begins any more, and the cookies stay what they are.
 */
#include "model/cache/internal.h"

static const char *const state_names[NR_FSCACHE_COOKIE_STATES] = {
	"QUIESCENT", "LOOKING_UP",     "CREATING",      "ACTIVE",  "INVALIDATING",
	"FAILED",    "LRU_DISCARDING", "RELINQUISHING", "DROPPED",
};

static void cookie_describe(const void *obj, struct sim_buf *out)
{
	const struct fscache_cookie *cookie = obj;

	sim_buf_printf(out, "cookie c=%08x, %s, %d active, %d accesses", cookie->debug_id,
		       state_names[cookie->state], cookie->n_active, cookie->n_accesses);
}

static const struct sim_wait_class cookie_wait_class = {.name = "fscache cookie",
							.describe = cookie_describe};

const char *fscache_cookie_state_name(enum fscache_cookie_state state)
{
	return state_names[state];
}

static struct sim_world *cookie_world(const struct fscache_cookie *cookie)
{
	return cookie->volume->cache->client->w;
}

/* States in which the gate is open. */
static bool state_is_caching(enum fscache_cookie_state state)
{
	return state >= FSCACHE_COOKIE_STATE_LOOKING_UP &&
	       state <= FSCACHE_COOKIE_STATE_INVALIDATING;
}

void assert_fscache_cookie_state(const struct fscache_cookie *cookie)
{
	bool caching = cookie->flags & FSCACHE_COOKIE_IS_CACHING;
	bool has_object = cookie->cache_priv;

	assert(caching == state_is_caching(cookie->state));
	assert(cookie->n_active >= 0 && cookie->n_accesses >= 0);
	if (cookie->state == FSCACHE_COOKIE_STATE_QUIESCENT ||
	    cookie->state == FSCACHE_COOKIE_STATE_DROPPED)
		assert(!has_object);
	else if (cookie->state != FSCACHE_COOKIE_STATE_LOOKING_UP)
		assert(has_object);
	if (!sim_list_empty(&cookie->lru))
		assert(cookie->state == FSCACHE_COOKIE_STATE_ACTIVE && !cookie->n_active);
	assert(!(cookie->flags & FSCACHE_COOKIE_DISABLED) || cookie->n_active);
}

static void fscache_set_cookie_state(struct fscache_cookie *cookie, enum fscache_cookie_state state)
{
	cookie->state = state;
	if (state_is_caching(state))
		cookie->flags |= FSCACHE_COOKIE_IS_CACHING;
	else
		cookie->flags &= ~(uint32_t)FSCACHE_COOKIE_IS_CACHING;
	if (state == FSCACHE_COOKIE_STATE_ACTIVE && cookie->inode)
		MODEL_HOOK(cookie->volume->cache->client->model, cache_active, cookie->inode);
	sim_wake(cookie_world(cookie), &cookie->waitq, SIM_WAKE_ALL);
}

/* Wait for the next change of the cookie. */
static void wait_for_cookie(struct fscache_cookie *cookie)
{
	sim_wait(cookie_world(cookie), &cookie->waitq, SIM_WAIT_PLAIN, SITE_FSCACHE_COOKIE,
		 &cookie_wait_class, cookie);
}

/* ---- The LRU of unused cookies ---- */

static void fscache_set_lru_timer(struct fscache_cache *cache)
{
	struct sim_world *w = cache->client->w;
	struct fscache_cookie *first;

	if (sim_list_empty(&cache->lru) || sim_event_pending(&cache->lru_timer))
		return;
	first = sim_list_first(&cache->lru, struct fscache_cookie, lru);
	sim_event_at(w, &cache->lru_timer, first->unused_at_ns + cache->config.lru_timeout_ns);
}

/* Nobody uses the cookie any more. */
static void fscache_lru_add(struct fscache_cookie *cookie)
{
	struct fscache_cache *cache = cookie->volume->cache;

	if (cookie->state != FSCACHE_COOKIE_STATE_ACTIVE || !sim_list_empty(&cookie->lru) ||
	    cookie->n_active || cookie->flags & FSCACHE_COOKIE_DO_RELINQUISH)
		return;
	cookie->unused_at_ns = cache->client->w->now_ns;
	sim_list_add_tail(&cookie->lru, &cache->lru);
	fscache_set_lru_timer(cache);
}

static void fscache_lru_remove(struct fscache_cookie *cookie)
{
	sim_list_del(&cookie->lru);
	cookie->flags &= ~(uint32_t)FSCACHE_COOKIE_DO_LRU_DISCARD;
}

/* ---- The state machine ---- */

void fscache_cookie_lookup_negative(struct fscache_cookie *cookie)
{
	cookie->flags |= FSCACHE_COOKIE_NO_DATA_TO_READ;
	fscache_set_cookie_state(cookie, FSCACHE_COOKIE_STATE_CREATING);
}

static void fscache_perform_lookup(struct fscache_cookie *cookie)
{
	if (!cachefiles_lookup_cookie(cookie)) {
		fscache_set_cookie_state(cookie, FSCACHE_COOKIE_STATE_FAILED);
		return;
	}
	if (cookie->flags & FSCACHE_COOKIE_DO_INVALIDATE) {
		cookie->flags &= ~(uint32_t)FSCACHE_COOKIE_DO_INVALIDATE;
		fscache_set_cookie_state(cookie, FSCACHE_COOKIE_STATE_INVALIDATING);
	} else {
		fscache_set_cookie_state(cookie, FSCACHE_COOKIE_STATE_ACTIVE);
	}
}

static void fscache_perform_invalidation(struct fscache_cookie *cookie)
{
	cachefiles_invalidate_cookie(cookie);
	fscache_set_cookie_state(cookie, FSCACHE_COOKIE_STATE_ACTIVE);
}

/* The object goes; the next user looks it up again. */
static void fscache_cookie_put_back(struct fscache_cookie *cookie)
{
	bool drop = cookie->state == FSCACHE_COOKIE_STATE_RELINQUISHING;

	if (cookie->cache_priv)
		cachefiles_withdraw_cookie(cookie);
	cookie->flags &= ~(uint32_t)(FSCACHE_COOKIE_DO_LRU_DISCARD | FSCACHE_COOKIE_HAVE_DATA |
				     FSCACHE_COOKIE_LOCAL_WRITE);
	cookie->flags |= FSCACHE_COOKIE_NO_DATA_TO_READ;
	fscache_set_cookie_state(cookie, drop ? FSCACHE_COOKIE_STATE_DROPPED
					      : FSCACHE_COOKIE_STATE_QUIESCENT);
}

/* ACTIVE or FAILED: do what was asked for. False: nothing is left to do for now. */
static bool fscache_cookie_leave(struct fscache_cookie *cookie)
{
	if (cookie->state == FSCACHE_COOKIE_STATE_ACTIVE &&
	    cookie->flags & FSCACHE_COOKIE_DO_LRU_DISCARD) {
		fscache_set_cookie_state(cookie, FSCACHE_COOKIE_STATE_LRU_DISCARDING);
		return true;
	}
	if (cookie->n_accesses)
		return false;
	if (cookie->flags & FSCACHE_COOKIE_DO_RELINQUISH) {
		fscache_set_cookie_state(cookie, FSCACHE_COOKIE_STATE_RELINQUISHING);
		return true;
	}
	return false;
}

/* One transition. False: the machine rests. */
static bool fscache_cookie_step(struct fscache_cookie *cookie)
{
	switch (cookie->state) {
	case FSCACHE_COOKIE_STATE_LOOKING_UP:
		fscache_perform_lookup(cookie);
		return true;
	case FSCACHE_COOKIE_STATE_INVALIDATING:
		fscache_perform_invalidation(cookie);
		return true;
	case FSCACHE_COOKIE_STATE_ACTIVE:
	case FSCACHE_COOKIE_STATE_FAILED:
		return fscache_cookie_leave(cookie);
	case FSCACHE_COOKIE_STATE_LRU_DISCARDING:
	case FSCACHE_COOKIE_STATE_RELINQUISHING:
		fscache_cookie_put_back(cookie);
		return true;
	case FSCACHE_COOKIE_STATE_QUIESCENT:
		if (!(cookie->flags & FSCACHE_COOKIE_DO_RELINQUISH) || cookie->n_accesses)
			return false;
		fscache_set_cookie_state(cookie, FSCACHE_COOKIE_STATE_DROPPED);
		return false;
	default:
		return false;
	}
}

static void fscache_cookie_worker(struct work_struct *work)
{
	struct fscache_cookie *cookie = sim_container_of(work, struct fscache_cookie, work);

	if (cookie->working)
		return;
	cookie->working = true;
	do {
		cookie->requeue = false;
		while (fscache_cookie_step(cookie))
			assert_fscache_cookie_state(cookie);
	} while (cookie->requeue);
	cookie->working = false;
	fscache_lru_add(cookie);
	if (cookie->state == FSCACHE_COOKIE_STATE_DROPPED)
		sim_wake(cookie_world(cookie), &cookie->waitq, SIM_WAKE_ALL);
}

static void fscache_queue_cookie(struct fscache_cookie *cookie)
{
	cookie->requeue = true;
	if (!cookie->working)
		queue_work(&cookie->volume->cache->client->unbound_wq, &cookie->work);
}

/* Discard the objects of cookies that were unused long enough. */
static void fscache_cookie_lru_timed_out(struct sim_world *w, struct sim_event *ev)
{
	struct fscache_cache *cache = sim_container_of(ev, struct fscache_cache, lru_timer);

	while (!sim_list_empty(&cache->lru)) {
		struct fscache_cookie *cookie =
			sim_list_first(&cache->lru, struct fscache_cookie, lru);

		if (cookie->unused_at_ns + cache->config.lru_timeout_ns > w->now_ns)
			break;
		sim_list_del(&cookie->lru);
		cookie->flags |= FSCACHE_COOKIE_DO_LRU_DISCARD;
		fscache_queue_cookie(cookie);
	}
	fscache_set_lru_timer(cache);
}

/* ---- Caches, volumes, cookies ---- */

void cache_config_defaults(struct cache_config *config)
{
	*config = (struct cache_config){
		.block = 1024,
		.read_latency = {.value = 100000},
		.write_latency = {.value = 100000},
		.bandwidth = 500000000,
		.lru_timeout_ns = 10000000000,
		.cull = true,
	};
}

struct fscache_volume *fscache_acquire_volume(struct fscache_cache *cache, const char *key)
{
	struct fscache_volume *volume = sim_alloc(cache->client->w->arena, sizeof(*volume));

	volume->cache = cache;
	volume->key = key;
	sim_list_init(&volume->files);
	/* The first volume sets up what belongs to cookies. */
	cache->lru_timer.fn = fscache_cookie_lru_timed_out;
	cache->lru_timer.site = SITE_FSCACHE_LRU;
	return volume;
}

struct fscache_cookie *fscache_acquire_cookie(struct fscache_volume *volume, uint64_t key,
					      uint64_t aux, uint64_t object_size)
{
	struct fscache_cookie *cookie = sim_pool_get(&volume->cache->cookies);

	cookie->volume = volume;
	cookie->key = key;
	cookie->aux = aux;
	cookie->object_size = object_size;
	cookie->debug_id = ++volume->cache->next_cookie_id;
	cookie->work.fn = fscache_cookie_worker;
	sim_list_init(&cookie->lru);
	if (!object_size)
		cookie->flags |= FSCACHE_COOKIE_NO_DATA_TO_READ;
	return cookie;
}

void fscache_use_cookie(struct fscache_cookie *cookie, bool will_modify)
{
	cookie->n_active++;
	if (cookie->n_active == 1)
		fscache_lru_remove(cookie);
	while (cookie->state == FSCACHE_COOKIE_STATE_LRU_DISCARDING)
		wait_for_cookie(cookie);
	if (will_modify)
		cookie->flags |= FSCACHE_COOKIE_LOCAL_WRITE;
	if (cookie->state != FSCACHE_COOKIE_STATE_QUIESCENT || !cookie->volume->cache->live)
		return;
	fscache_set_cookie_state(cookie, FSCACHE_COOKIE_STATE_LOOKING_UP);
	fscache_queue_cookie(cookie);
	/* The worker starts on another CPU. */
	sim_yield(cookie_world(cookie));
}

void fscache_update_cookie(struct fscache_cookie *cookie, const uint64_t *aux, const uint64_t *size)
{
	if (!cookie)
		return;
	if (aux)
		cookie->aux = *aux;
	if (size)
		cookie->object_size = *size;
}

void fscache_unuse_cookie(struct fscache_cookie *cookie, const uint64_t *aux, const uint64_t *size)
{
	fscache_update_cookie(cookie, aux, size);
	assert(cookie->n_active > 0);
	if (--cookie->n_active)
		return;
	cookie->flags &= ~(uint32_t)FSCACHE_COOKIE_DISABLED;
	fscache_lru_add(cookie);
}

/*
 * The kernel does not wait: requests outlive the cookie's inode there and hold a reference. Here
 * the inode's memory is used again.
 */
void fscache_relinquish_cookie(struct fscache_cookie *cookie)
{
	struct fscache_cache *cache = cookie->volume->cache;

	fscache_lru_remove(cookie);
	cookie->flags |= FSCACHE_COOKIE_DO_RELINQUISH;
	fscache_queue_cookie(cookie);
	while (cookie->state != FSCACHE_COOKIE_STATE_DROPPED || cookie->working ||
	       cookie->work.pending)
		wait_for_cookie(cookie);
	sim_pool_put(&cache->cookies, cookie);
}

void fscache_invalidate(struct fscache_cookie *cookie, const uint64_t *aux, uint64_t size,
			unsigned flags)
{
	if (!cookie)
		return;
	if (flags & FSCACHE_INVAL_DIO_WRITE) {
		if (cookie->flags & FSCACHE_COOKIE_DISABLED)
			return;
		assert(cookie->n_active);
		cookie->flags |= FSCACHE_COOKIE_DISABLED;
	}
	trace_fscache_invalidate(cookie_world(cookie)->trace, cookie->debug_id, size);
	cookie->flags |= FSCACHE_COOKIE_NO_DATA_TO_READ;
	fscache_update_cookie(cookie, aux, &size);
	cookie->inval_counter++;
	switch (cookie->state) {
	case FSCACHE_COOKIE_STATE_LOOKING_UP:
		cookie->flags |= FSCACHE_COOKIE_DO_INVALIDATE;
		break;
	case FSCACHE_COOKIE_STATE_ACTIVE:
		sim_list_del(&cookie->lru);
		fscache_set_cookie_state(cookie, FSCACHE_COOKIE_STATE_INVALIDATING);
		fscache_queue_cookie(cookie);
		break;
	default:
		break; /* nothing is there, or it is being replaced */
	}
}

void fscache_resize_cookie(struct fscache_cookie *cookie, uint64_t new_size)
{
	struct netfs_cache_resources cres = {0};

	if (!cookie || cookie->flags & FSCACHE_COOKIE_DISABLED)
		return;
	trace_fscache_resize(cookie_world(cookie)->trace, cookie->debug_id, cookie->object_size,
			     new_size);
	if (fscache_begin_operation(&cres, cookie, FSCACHE_WANT_WRITE) == 0)
		cachefiles_resize_cookie(&cres, new_size);
	fscache_end_operation(&cres);
}

void fscache_note_page_release(struct fscache_cookie *cookie)
{
	if (cookie && cookie->flags & FSCACHE_COOKIE_HAVE_DATA)
		cookie->flags &= ~(uint32_t)FSCACHE_COOKIE_NO_DATA_TO_READ;
}

/* ---- Operations ---- */

/*
 * The released kernel looks for the object, which the worker allocates a little after the file was
 * opened: what is written before is not stored in the cache, where an older version may be found.
 */
bool fscache_cookie_enabled(const struct fscache_cookie *cookie)
{
	if (!cookie || cookie->flags & FSCACHE_COOKIE_DISABLED)
		return false;
	if (bug(cookie->volume->cache->client, BUG_CACHE_ENABLED_LATE))
		return cookie->cache_priv;
	return cookie->flags & FSCACHE_COOKIE_IS_CACHING;
}

static bool fscache_begin_cookie_access(struct fscache_cookie *cookie)
{
	if (!(cookie->flags & FSCACHE_COOKIE_IS_CACHING) || !cookie->volume->cache->live)
		return false;
	cookie->n_accesses++;
	return true;
}

static void fscache_end_cookie_access(struct fscache_cookie *cookie)
{
	assert(cookie->n_accesses > 0);
	if (--cookie->n_accesses == 0 && cookie->flags & FSCACHE_COOKIE_DO_RELINQUISH)
		fscache_queue_cookie(cookie);
}

/* The object can be used for it: take its file, if there is one. cachefiles_begin_operation. */
static bool cachefiles_begin_operation(struct netfs_cache_resources *cres,
				       struct fscache_cookie *cookie, enum fscache_want_state want)
{
	struct cachefiles_object *object = cookie->cache_priv;

	if (!cres->file && object->file)
		cres->file = cachefiles_get_file(object->file);
	return cres->file || want == FSCACHE_WANT_PARAMS;
}

/* Wait until the cookie is in a state in which it is decided what becomes of the operation. */
static bool fscache_wait_until_ready(struct fscache_cookie *cookie, enum fscache_want_state want)
{
	for (;;) {
		switch (cookie->state) {
		case FSCACHE_COOKIE_STATE_ACTIVE:
			return true;
		case FSCACHE_COOKIE_STATE_CREATING:
			if (want == FSCACHE_WANT_PARAMS)
				return true;
			break;
		case FSCACHE_COOKIE_STATE_LOOKING_UP:
		case FSCACHE_COOKIE_STATE_INVALIDATING:
		case FSCACHE_COOKIE_STATE_LRU_DISCARDING:
			break;
		default:
			return false;
		}
		wait_for_cookie(cookie);
	}
}

int fscache_begin_operation(struct netfs_cache_resources *cres, struct fscache_cookie *cookie,
			    enum fscache_want_state want)
{
	if (!cookie || cookie->flags & FSCACHE_COOKIE_DISABLED)
		return -ENOBUFS;
	cres->debug_id = cookie->debug_id;
	cres->inval_counter = cookie->inval_counter;
	if (!fscache_begin_cookie_access(cookie))
		return -ENOBUFS;
	if (!fscache_wait_until_ready(cookie, want) ||
	    !cachefiles_begin_operation(cres, cookie, want)) {
		fscache_end_cookie_access(cookie);
		return -ENOBUFS;
	}
	cres->cookie = cookie;
	return 0;
}

bool fscache_wait_for_operation(struct netfs_cache_resources *cres, enum fscache_want_state want)
{
	struct fscache_cookie *cookie = cres->cookie;

	if (!cookie->volume->cache->live)
		return false;
	return cres->file || (fscache_wait_until_ready(cookie, want) &&
			      cachefiles_begin_operation(cres, cookie, want));
}

void fscache_end_operation(struct netfs_cache_resources *cres)
{
	struct fscache_cookie *cookie = cres->cookie;

	if (!cookie)
		return;
	if (cres->file)
		cachefiles_put_file(cookie->volume->cache, cres->file);
	cres->file = NULL;
	cres->cookie = NULL;
	fscache_end_cookie_access(cookie);
}
