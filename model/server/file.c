/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The server's files: names, lives, contents and the blocks they take.
 *
 * Mirrors: no kernel file; the file system behind a 9P or AFS server.
 *
 * A file system gives out blocks of 4 KiB when bytes in them are first written. Here a block is
 * taken if any byte of it is not HOLE, so that used_blocks is the sum over all files of those.
 * Bytes at and beyond the size are HOLE.
 */
#include <assert.h>
#include <errno.h>

#include "model/server/private.h"
#include "sim/base/math.h"

/* ---- names ---- */

struct server_name *server_name_find(struct server *s, const char *name, bool create)
{
	struct sim_name *found = sim_names_find(&s->priv->names, name);
	struct sim_arena *arena = s->model->w->arena;
	struct server_name *n;

	if (found)
		return sim_container_of(found, struct server_name, name);
	if (!create)
		return NULL;
	n = sim_alloc(arena, sizeof(*n));
	n->name.name = sim_strdup(arena, name);
	sim_names_add(&s->priv->names, &n->name);
	return n;
}

struct server_file *server_find(struct server *s, const char *name)
{
	struct server_name *n = server_name_find(s, name, false);

	return n ? n->file : NULL;
}

/* ---- lives ---- */

struct server_file *server_file_new(struct server *s, struct server_name *name)
{
	struct server_file *f = sim_pool_get(&s->priv->files);

	assert(!name->file);
	f->server = s;
	f->name = name->name.name;
	f->ino = s->next_ino++;
	f->born_ns = s->model->w->now_ns;
	f->linked = true;
	content_map_init(&f->data, s->model->content);
	f->truncate_seq = 1;
	f->birth_seq = f->snap_seq = s->snap_seq;
	sim_list_init(&f->watches);
	sim_list_init(&f->leases);
	sim_list_init(&f->held);
	sim_list_init(&f->clones);
	sim_list_init(&f->objects);
	sim_list_init(&f->opens);
	sim_list_init(&f->oplocks);
	sim_list_add_tail(&f->entry, &s->files);
	name->file = f;
	return f;
}

/* Bytes at both ends of the range are in whole blocks: how many of them are nothing but HOLE. */
static uint64_t hole_blocks(const struct server_file *f, uint64_t start, uint64_t end)
{
	uint64_t n = 0;

	content_for_each (e, &f->data, start, end) {
		uint64_t from = sim_round_up(e.off, SERVER_BLOCK);
		uint64_t to = sim_round_down(e.off + e.len, SERVER_BLOCK);

		if (e.val.kind == CONTENT_HOLE && to > from)
			n += (to - from) / SERVER_BLOCK;
	}
	return n;
}

/* Blocks taken from the one of byte start on. */
static uint64_t taken_blocks(const struct server_file *f, uint64_t start)
{
	uint64_t end = sim_round_up(f->size, SERVER_BLOCK);

	start = sim_round_down(start, SERVER_BLOCK);
	return start < end ? (end - start) / SERVER_BLOCK - hole_blocks(f, start, end) : 0;
}

static void file_free(struct server_file *f)
{
	f->server->used_blocks -= taken_blocks(f, 0);
	content_map_fini(&f->data);
	server_clones_free(f);
	server_objects_free(f);
	sim_list_del(&f->entry);
	sim_pool_put(&f->server->priv->files, f);
}

void server_file_get(struct server_file *f)
{
	f->refs++;
}

void server_file_put(struct server_file *f)
{
	assert(f->refs);
	if (!--f->refs && !f->linked)
		file_free(f);
}

void server_file_unlink(struct server_name *name)
{
	struct server_file *f = name->file;

	name->file = NULL;
	f->linked = false;
	if (!f->refs)
		file_free(f);
}

/* ---- size and bytes ---- */

static void set_size(struct server_file *f, struct client *client, uint64_t size)
{
	uint64_t old = f->size;

	f->size = size;
	MODEL_HOOK(f->server->model, server_resized, client, f, old, size);
}

int server_file_resize(struct server_file *f, struct client *client, uint64_t size)
{
	uint64_t old = f->size;

	if (size > CONTENT_END)
		return -EFBIG;
	if (size == f->size)
		return 0;
	if (size < f->size) {
		uint64_t before = taken_blocks(f, size);

		content_truncate(&f->data, size);
		f->server->used_blocks -= before - taken_blocks(f, size);
	}
	f->version++;
	server_objects_changed(f, sim_min(old, size), sim_max(old, size));
	set_size(f, client, size);
	server_changed(f, client);
	return 0;
}

uint64_t server_file_room(const struct server_file *f, uint64_t pos, uint64_t len)
{
	const struct server *s = f->server;
	uint64_t end = pos + len, left;

	if (!s->config.capacity || !len)
		return len;
	left = s->config.capacity / SERVER_BLOCK - s->used_blocks;
	content_for_each (e, &f->data, sim_round_down(pos, SERVER_BLOCK),
			  sim_round_up(end, SERVER_BLOCK)) {
		uint64_t from = sim_round_up(e.off, SERVER_BLOCK);
		uint64_t to = sim_round_down(e.off + e.len, SERVER_BLOCK);
		uint64_t need = e.val.kind == CONTENT_HOLE && to > from ? (to - from) / SERVER_BLOCK
									: 0;

		if (need > left) {
			from += left * SERVER_BLOCK;
			return from > pos ? from - pos : 0;
		}
		left -= need;
	}
	return len;
}

void server_file_take(struct server_file *f, uint64_t pos, uint64_t len)
{
	if (len)
		f->server->used_blocks += hole_blocks(f, sim_round_down(pos, SERVER_BLOCK),
						      sim_round_up(pos + len, SERVER_BLOCK));
}

void server_file_wrote(struct server_file *f, struct client *client, uint64_t pos, uint64_t len,
		       uint64_t min_size)
{
	uint64_t size = sim_max(f->size, min_size);

	/* A client that has read a hole and writes it back writes zeros. */
	content_for_each (e, &f->data, pos, pos + len) {
		if (e.val.kind == CONTENT_HOLE)
			content_set_zero(&f->data, e.off, e.len);
	}
	if (len)
		size = sim_max(size, pos + len);
	if (!len && size == f->size)
		return;
	f->version++;
	server_objects_changed(f, sim_min(pos, f->size), sim_max(pos + len, size));
	if (size != f->size)
		set_size(f, client, size);
	if (len)
		MODEL_HOOK(f->server->model, server_wrote, client, f, pos, len);
	server_changed(f, client);
}

/* ---- fallocate ---- */

static void zero_holes(struct server_file *f, uint64_t off, uint64_t len)
{
	content_for_each (e, &f->data, off, off + len) {
		if (e.val.kind == CONTENT_HOLE)
			content_set_zero(&f->data, e.off, e.len);
	}
}

static uint64_t change_range(struct server_file *f, uint32_t mode, uint64_t off, uint64_t len)
{
	if (mode & FALLOC_FL_COLLAPSE_RANGE) {
		content_collapse(&f->data, off, len);
		return f->size - len;
	}
	if (mode & FALLOC_FL_INSERT_RANGE) {
		content_insert(&f->data, off, len);
		return f->size + len;
	}
	if (mode & FALLOC_FL_KEEP_SIZE)
		len = off < f->size ? sim_min(len, f->size - off) : 0;
	if (mode & FALLOC_FL_PUNCH_HOLE)
		content_erase(&f->data, off, len);
	else if (mode & FALLOC_FL_ZERO_RANGE)
		content_set_zero(&f->data, off, len);
	else
		zero_holes(f, off, len);
	return len ? sim_max(f->size, off + len) : f->size;
}

int server_file_fallocate(struct server_file *f, struct client *client, uint32_t mode, uint64_t off,
			  uint64_t len)
{
	bool moves = mode & (FALLOC_FL_COLLAPSE_RANGE | FALLOC_FL_INSERT_RANGE);
	uint64_t before, size;

	if (off > CONTENT_END || len > CONTENT_END - off || (moves && len > CONTENT_END - f->size))
		return -EFBIG;
	if (mode & FALLOC_FL_COLLAPSE_RANGE && off + len >= f->size)
		return -EINVAL;
	if (!(mode & FALLOC_FL_PUNCH_HOLE) && !moves && server_file_room(f, off, len) < len)
		return -ENOSPC;
	before = taken_blocks(f, 0);
	size = change_range(f, mode, off, len);
	f->version++;
	server_objects_changed(f, off, moves ? UINT64_MAX : off + len);
	if (size != f->size)
		set_size(f, client, size);
	f->server->used_blocks += taken_blocks(f, 0) - before;
	MODEL_HOOK(f->server->model, server_fallocate, client, f, mode, off, len);
	server_changed(f, client);
	return 0;
}
