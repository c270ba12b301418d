/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reads and writes of objects, what of a read can come from an object, and the disk of a cache.
 *
 * Mirrors: fs/cachefiles/io.c (6.8). Reference 8.4, 8.5; recorded C13.
 *
 * I/O is direct and asynchronous, and issuing it takes time. A read ends in the disk's interrupt. A
 * write ends on a worker, or, when it makes the backing file longer, in the task that issued it and
 * has waited for it; a write that is over before its issuer has looked for it ends there too.
 */
#include "model/cache/internal.h"

#include "model/netfs/netfs.h"
#include "sim/rand/rate.h"

/* One read or write of the disk: cachefiles_kiocb. */
struct cachefiles_ioreq {
	struct fscache_cookie *cookie;
	struct cachefiles_file *file;
	uint64_t start, len;
	uint64_t skipped; /* read: bytes that were zeroed without reading */
	struct iov_iter iter;
	uint32_t inval_counter;
	int64_t ret;
	bool was_async;
	netfs_io_terminated_t term_func;
	void *term_func_priv;
	const struct fault *fault;
	struct sim_event ev;
	struct work_struct work;
};

struct fscache_cache *fscache_cache_new(struct client *c, const struct cache_config *config)
{
	struct sim_arena *arena = c->w->arena;
	struct fscache_cache *cache = sim_alloc(arena, sizeof(*cache));

	cache->client = c;
	cache->config = *config;
	cache->live = true;
	cache->next_ino = 0x10101;
	sim_list_init(&cache->lru);
	sim_pool_init(&cache->cookies, arena, sizeof(struct fscache_cookie));
	sim_pool_init(&cache->objects, arena, sizeof(struct cachefiles_object));
	sim_pool_init(&cache->files, arena, sizeof(struct cachefiles_file));
	sim_pool_init(&cache->ioreqs, arena, sizeof(struct cachefiles_ioreq));
	return cache;
}

/* ---- The disk ---- */

/* Give the disk work of so many bytes; returns when it will be done. */
static uint64_t cachefiles_disk(struct fscache_cache *cache, uint64_t bytes, uint64_t latency_ns)
{
	struct sim_rate rate = {cache->config.bandwidth, cache->disk_paid};
	uint64_t from = sim_max(cache->client->w->now_ns, cache->disk_busy_ns);

	cache->disk_busy_ns = from + sim_rate_ns(&rate, bytes);
	cache->disk_paid = rate.paid;
	return sim_add_sat(cache->disk_busy_ns, latency_ns);
}

void cachefiles_wait_ns(struct fscache_cache *cache, uint64_t ns)
{
	if (ns)
		sim_sleep_plain(cache->client->w, ns, SITE_CACHEFILES_IO);
}

void cachefiles_io_error(struct fscache_cache *cache)
{
	cache->live = false;
}

/* The name of the next draw, but for its site. A task hands work to the disk, never an event. */
static struct sim_draw_key cachefiles_draw_key(struct fscache_cache *cache)
{
	const struct sim_world *w = cache->client->w;

	return (struct sim_draw_key){
		.seed = w->seed,
		.client = cache->client->id,
		.task = w->current->id,
		.op = w->current->op,
		.attempt = ++cache->nr_works,
	};
}

uint64_t cachefiles_draw_ns(struct fscache_cache *cache, const struct sim_law *law,
			    const char *site)
{
	struct sim_draw_key key = cachefiles_draw_key(cache);

	key.site = sim_site(site);
	return sim_law_draw(law, &key);
}

const struct fault *cachefiles_fault(struct fscache_cookie *cookie, enum fault_target what,
				     uint64_t start, uint64_t len)
{
	struct client *c = cookie->volume->cache->client;

	return server_match_fault(c->model->server,
				  &(struct fault_subject){
					  .target = what,
					  .client = c,
					  .file_name = cookie->inode ? cookie->inode->name : "",
					  .start = start,
					  .len = len,
					  .key = cachefiles_draw_key(cookie->volume->cache),
				  });
}

static struct cachefiles_ioreq *cachefiles_alloc_ioreq(struct netfs_cache_resources *cres,
						       uint64_t start, const struct iov_iter *iter,
						       netfs_io_terminated_t term, void *priv)
{
	struct cachefiles_ioreq *ki = sim_pool_get(&cres->cookie->volume->cache->ioreqs);

	ki->cookie = cres->cookie;
	ki->file = cachefiles_get_file(cres->file);
	ki->start = start;
	ki->len = iter->count;
	ki->iter = *iter;
	ki->inval_counter = cres->inval_counter;
	ki->was_async = true;
	ki->term_func = term;
	ki->term_func_priv = priv;
	ki->ev.site = SITE_CACHEFILES_DONE;
	ki->ev.loose = true;
	return ki;
}

/* Tell the issuer. The request, and with it the cookie, may be gone after. */
static void cachefiles_complete(struct cachefiles_ioreq *ki)
{
	struct fscache_cache *cache = ki->cookie->volume->cache;

	ki->term_func(ki->term_func_priv, ki->ret, ki->was_async);
	cachefiles_put_file(cache, ki->file);
	sim_pool_put(&cache->ioreqs, ki);
}

/* ---- Reading ---- */

/* lseek(SEEK_DATA): the first data from pos on, UINT64_MAX: none (ENXIO). */
static uint64_t cachefiles_seek_data(const struct cachefiles_file *file, uint64_t pos)
{
	if (pos < file->size)
		content_for_each (e, &file->data, pos, file->size)
			if (e.val.kind != CONTENT_HOLE)
				return e.off;
	return UINT64_MAX;
}

/* lseek(SEEK_HOLE): the first hole from pos on, which is data; the end of the file is one. */
static uint64_t cachefiles_seek_hole(const struct cachefiles_file *file, uint64_t pos)
{
	content_for_each (e, &file->data, pos, file->size)
		if (e.val.kind == CONTENT_HOLE)
			return e.off;
	return file->size;
}

/* The part of 8.4 that looks into the file. */
static enum netfs_io_source cachefiles_look_for_data(struct netfs_io_subrequest *sreq,
						     const struct cachefiles_file *file,
						     uint64_t block, uint64_t i_size,
						     enum cachefiles_prepare_read_trace *why)
{
	uint64_t start = sreq->start, end = start + sreq->len, off, to;

	off = cachefiles_seek_data(file, start);
	if (off == UINT64_MAX) {
		*why = cachefiles_trace_read_seek_nxio;
		return NETFS_DOWNLOAD_FROM_SERVER;
	}
	if (off >= end) {
		*why = cachefiles_trace_read_found_hole;
		return NETFS_DOWNLOAD_FROM_SERVER;
	}
	if (off > start) {
		sreq->len = sim_round_up(off, block) - start;
		*why = cachefiles_trace_read_found_part;
		return NETFS_DOWNLOAD_FROM_SERVER;
	}
	to = cachefiles_seek_hole(file, start);
	if (to < end) {
		to = end >= i_size ? sim_round_up(to, block) : sim_round_down(to, block);
		sreq->len = to - start;
	}
	*why = cachefiles_trace_read_have_data;
	return NETFS_READ_FROM_CACHE;
}

enum netfs_io_source cachefiles_prepare_read(struct netfs_io_subrequest *sreq, uint64_t i_size)
{
	struct netfs_io_request *rreq = sreq->rreq;
	struct netfs_cache_resources *cres = &rreq->cache_resources;
	struct fscache_cookie *cookie = cres->cookie;
	enum netfs_io_source source = NETFS_DOWNLOAD_FROM_SERVER;
	enum cachefiles_prepare_read_trace why;
	uint32_t object = 0, ino = 0;

	if (sreq->start >= i_size) {
		source = NETFS_FILL_WITH_ZEROES;
		why = cachefiles_trace_read_after_eof;
	} else if (cookie->flags & FSCACHE_COOKIE_NO_DATA_TO_READ) {
		sreq->flags |= NETFS_SREQ_COPY_TO_CACHE;
		why = cachefiles_trace_read_no_data;
	} else if (!fscache_wait_for_operation(cres, FSCACHE_WANT_READ)) {
		why = cachefiles_trace_read_no_file;
	} else {
		object = cookie->cache_priv->debug_id;
		source = cachefiles_look_for_data(
			sreq, cres->file, cookie->volume->cache->config.block, i_size, &why);
		if (source == NETFS_DOWNLOAD_FROM_SERVER)
			sreq->flags |= NETFS_SREQ_COPY_TO_CACHE;
	}
	if (cres->file)
		ino = (uint32_t)cres->file->ino;
	trace_cachefiles_prep_read(rreq_trace(rreq), object, source, why, sreq->flags, sreq->start,
				   sreq->len, (uint32_t)rreq->inode->i_ino, ino);
	return source;
}

/* The disk has read: the bytes go to the reader unless the object was invalidated meanwhile. */
static void cachefiles_read_complete(struct sim_world *w, struct sim_event *ev)
{
	struct cachefiles_ioreq *ki = sim_container_of(ev, struct cachefiles_ioreq, ev);
	uint64_t left = ki->start < ki->file->size ? ki->file->size - ki->start : 0;

	if (ki->ret == 0) {
		uint64_t n = sim_min(ki->len, left);

		if (ki->fault && ki->fault->action == FAULT_SHORT)
			n = sim_min(n, ki->fault->bytes);
		copy_to_iter(&ki->iter, &ki->file->data, ki->start, n);
		ki->ret = (int64_t)(ki->skipped + n);
	}
	if (ki->ret >= 0 && ki->cookie->inval_counter != ki->inval_counter)
		ki->ret = -ESTALE;
	cachefiles_complete(ki);
}

/* Zero up to the next data. Returns how many bytes: all of them if there is none. */
static uint64_t cachefiles_clear_hole(const struct cachefiles_file *file, uint64_t start,
				      struct iov_iter *iter)
{
	uint64_t off = cachefiles_seek_data(file, start);
	uint64_t skipped = off - start < iter->count ? off - start : iter->count;

	iov_iter_zero(iter, skipped);
	return skipped;
}

void cachefiles_read(struct netfs_cache_resources *cres, uint64_t start, struct iov_iter *iter,
		     enum netfs_read_from_hole read_hole, netfs_io_terminated_t term, void *priv)
{
	struct fscache_cache *cache = cres->cookie->volume->cache;
	struct sim_world *w = cache->client->w;
	struct cachefiles_ioreq *ki;
	uint64_t skipped = 0;

	if (!fscache_wait_for_operation(cres, FSCACHE_WANT_READ)) {
		term(priv, -ENOBUFS, false);
		return;
	}
	if (read_hole == NETFS_READ_HOLE_CLEAR) {
		skipped = cachefiles_clear_hole(cres->file, start, iter);
		if (!iter->count) {
			term(priv, (int64_t)skipped, false);
			return;
		}
	}
	ki = cachefiles_alloc_ioreq(cres, start + skipped, iter, term, priv);
	ki->skipped = skipped;
	cache->client->cache_work.reads++;
	cache->client->cache_work.bytes_read += ki->len;
	trace_cachefiles_read(w->trace, cres->cookie->cache_priv->debug_id, (uint32_t)ki->file->ino,
			      ki->start, ki->len);
	ki->fault = cachefiles_fault(ki->cookie, FAULT_CACHE_READ, ki->start, ki->len);
	ki->ret = cachefiles_fault_error(ki->fault);
	ki->ev.fn = cachefiles_read_complete;
	sim_event_at(w, &ki->ev,
		     cachefiles_disk(cache, ki->len,
				     cachefiles_draw_ns(cache, &cache->config.read_latency,
							"cache.read")) +
			     cachefiles_fault_delay(ki->fault));
	sim_cpu(w, cachefiles_draw_ns(cache, &cache->config.issue, "cache.issue"));
}

/* ---- Writing ---- */

/* Of a write that cannot be done, what the cache has of its range would be out of date. */
static void cachefiles_forget(struct fscache_cookie *cookie, struct cachefiles_file *file,
			      uint64_t start, uint64_t len)
{
	struct fscache_cache *cache = cookie->volume->cache;
	uint64_t from = sim_round_down(start, PAGE_SIZE), to = sim_round_up(start + len, PAGE_SIZE);

	if (bug(cache->client, BUG_CACHE_FULL_KEEPS_OLD))
		return;
	cache->used -= cachefiles_allocated(file, from, to - from);
	content_erase(&file->data, from, to - from);
}

/* Whether the disk will take the write: -ENOBUFS, or 0. */
static int cachefiles_check_write(struct netfs_cache_resources *cres, uint64_t start, uint64_t len,
				  uint64_t upper_len)
{
	int err;

	if (start % PAGE_SIZE || len > upper_len)
		return -ENOBUFS;
	if (!cachefiles_has_space(cres->cookie->volume, sim_round_up(len, PAGE_SIZE)))
		return -ENOBUFS;
	cres->fault = cachefiles_fault(cres->cookie, FAULT_CACHE_WRITE, start, len);
	err = cachefiles_fault_error(cres->fault);
	return err == -ENOBUFS || err == -ENOSPC ? -ENOBUFS : 0;
}

int cachefiles_prepare_write(struct netfs_cache_resources *cres, uint64_t *start, uint64_t *len,
			     uint64_t upper_len)
{
	if (!fscache_wait_for_operation(cres, FSCACHE_WANT_WRITE))
		return -ENOBUFS;
	if (cachefiles_check_write(cres, *start, *len, upper_len) < 0) {
		cachefiles_forget(cres->cookie, cres->file, *start, *len);
		return -ENOBUFS;
	}
	*len = sim_round_up(*len, PAGE_SIZE);
	return 0;
}

/* What a map has stored behind the end of file in its last page is no part of the file. */
static void cachefiles_clear_beyond_eof(struct cachefiles_ioreq *ki)
{
	const struct inode *inode = ki->cookie->inode;
	uint64_t end = ki->start + ki->len;

	if (inode && inode->i_size > ki->start && inode->i_size < end &&
	    !bug(ki->cookie->volume->cache->client, BUG_EOF_STORE_EXPOSED))
		content_set_zero(&ki->file->data, inode->i_size, end - inode->i_size);
}

/* The disk has the bytes. What the writer had as a hole is data now. */
static void cachefiles_store(struct cachefiles_ioreq *ki)
{
	struct fscache_cache *cache = ki->cookie->volume->cache;
	struct content_map *data = &ki->file->data;

	if (ki->ret)
		return;
	cache->used += ki->len - cachefiles_allocated(ki->file, ki->start, ki->len);
	copy_from_iter(&ki->iter, data, ki->start, ki->len);
	cachefiles_clear_beyond_eof(ki);
	content_for_each (e, data, ki->start, ki->start + ki->len)
		if (e.val.kind == CONTENT_HOLE)
			content_set_zero(data, e.off, e.len);
	ki->ret = (int64_t)ki->len;
	ki->cookie->flags |= FSCACHE_COOKIE_HAVE_DATA;
}

static void cachefiles_write_work(struct work_struct *work)
{
	cachefiles_complete(sim_container_of(work, struct cachefiles_ioreq, work));
}

static void cachefiles_write_complete(struct sim_world *w, struct sim_event *ev)
{
	struct cachefiles_ioreq *ki = sim_container_of(ev, struct cachefiles_ioreq, ev);

	cachefiles_store(ki);
	ki->work.fn = cachefiles_write_work;
	queue_work(&ki->cookie->volume->cache->client->unbound_wq, &ki->work);
}

/* Blocks are found for what the file has not: the issuer waits for the journal. */
static void cachefiles_allocate(struct cachefiles_ioreq *ki)
{
	struct fscache_cache *cache = ki->cookie->volume->cache;

	if (cachefiles_allocated(ki->file, ki->start, ki->len) < ki->len)
		cachefiles_wait_ns(cache, cachefiles_draw_ns(cache, &cache->config.allocate,
							     "cache.allocate"));
}

/* Whether the issuer, who is done with issuing at issued_ns, sees the end of the write itself. */
static bool cachefiles_write_ends_inline(struct cachefiles_ioreq *ki, uint64_t issued_ns,
					 uint64_t end_ns)
{
	uint64_t end = ki->start + ki->len;
	bool other;

	if (end > ki->file->size) {
		ki->file->size = end;
		return true;
	}
	other = sim_choose(ki->cookie->volume->cache->client->w, SITE_CACHEFILES_ASYNC,
			   ki->cookie->debug_id, ki->start >> PAGE_SHIFT, 2);
	return (end_ns <= issued_ns) != other;
}

void cachefiles_write(struct netfs_cache_resources *cres, uint64_t start, struct iov_iter *iter,
		      netfs_io_terminated_t term, void *priv)
{
	struct fscache_cache *cache = cres->cookie->volume->cache;
	struct sim_world *w = cache->client->w;
	struct cachefiles_ioreq *ki;
	uint64_t issue_ns, end_ns;
	bool is_inline;

	if (!fscache_wait_for_operation(cres, FSCACHE_WANT_WRITE)) {
		term(priv, -ENOBUFS, false);
		return;
	}
	ki = cachefiles_alloc_ioreq(cres, start, iter, term, priv);
	cache->client->cache_work.writes++;
	cache->client->cache_work.bytes_written += ki->len;
	trace_cachefiles_write(w->trace, cres->cookie->cache_priv->debug_id,
			       (uint32_t)ki->file->ino, start, ki->len);
	ki->fault = cres->fault;
	cres->fault = NULL;
	ki->ret = cachefiles_fault_error(ki->fault);
	cachefiles_allocate(ki);
	issue_ns = cachefiles_draw_ns(cache, &cache->config.issue, "cache.issue");
	end_ns = cachefiles_disk(cache, ki->len,
				 cachefiles_draw_ns(cache, &cache->config.write_latency,
						    "cache.write")) +
		 cachefiles_fault_delay(ki->fault);
	is_inline = cachefiles_write_ends_inline(ki, w->now_ns + issue_ns, end_ns);
	if (!is_inline) {
		ki->ev.fn = cachefiles_write_complete;
		sim_event_at(w, &ki->ev, end_ns);
	}
	sim_cpu(w, issue_ns);
	if (is_inline) {
		ki->was_async = false;
		cachefiles_wait_ns(cache, end_ns > w->now_ns ? end_ns - w->now_ns : 0);
		cachefiles_store(ki);
		cachefiles_complete(ki);
	}
}
