/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What happens on the server behind the clients' backs: the srv_* operations of scenarios and
 * recordings.
 *
 * Mirrors: no kernel file; kernel-traces/OPS.md section 5.
 */
#include <errno.h>
#include <string.h>

#include "model/server/private.h"
#include "sim/base/math.h"

/* "srv_write f" as the name of a source; *src is its number + 1, made at the first call. */
static uint32_t source_of(struct server *s, uint32_t *src, const char *what, const char *name,
			  enum content_law law, unsigned char byte)
{
	if (!*src) {
		char *text = sim_alloc(s->model->w->arena, strlen(what) + strlen(name) + 2);

		stpcpy(stpcpy(stpcpy(text, what), " "), name);
		*src = content_source_new(s->model->content, text, law, byte) + 1;
	}
	return *src - 1;
}

/* Put val into [pos, pos + len), for which there is room. */
static void put_bytes(struct server_file *f, uint64_t pos, uint64_t len, struct content_val val)
{
	server_file_keep(f, f->server->snap_seq);
	server_file_take(f, pos, len);
	content_set(&f->data, pos, len, val);
	server_file_wrote(f, NULL, pos, len, 0);
}

static struct content_val fill_val(struct server *s, const char *name, enum srv_fill fill)
{
	uint32_t src = 0; /* each creation is a source of its own */

	if (fill != SRV_FILL_DATA)
		return content_zero();
	return content_source_at(source_of(s, &src, "srv_create", name, CONTENT_LAW_PAGES, 0), 0);
}

struct server_file *srv_create(struct server *s, const char *name, uint64_t size,
			       enum srv_fill fill, int *err)
{
	struct server_name *n = server_name_find(s, name, true);
	struct server_file *f = n->file ? n->file : server_file_new(s, n);

	server_file_keep(f, s->snap_seq);
	server_file_resize(f, NULL, 0);
	*err = size > CONTENT_END ? -EFBIG : 0;
	if (!*err && fill != SRV_FILL_HOLE && server_file_room(f, 0, size) < size)
		*err = -ENOSPC;
	if (*err)
		return NULL;
	if (fill == SRV_FILL_HOLE)
		server_file_resize(f, NULL, size);
	else if (size)
		put_bytes(f, 0, size, fill_val(s, name, fill));
	return f;
}

/* Write len bytes of a source with operations; as many as there is room for. */
static int64_t append_ops(struct server_file *f, uint32_t src, uint64_t off, uint64_t len)
{
	uint64_t room;

	if (off > CONTENT_END || len > CONTENT_END - off)
		return -EFBIG;
	room = server_file_room(f, off, len);
	if (!room)
		return len ? -ENOSPC : 0;
	put_bytes(f, off, room, content_source_append(f->server->model->content, src, room, 0, 0));
	return (int64_t)room;
}

int64_t srv_write(struct server *s, const char *name, uint64_t off, uint64_t len)
{
	struct server_name *n = server_name_find(s, name, false);

	if (!n || !n->file)
		return -ENOENT;
	return append_ops(n->file,
			  source_of(s, &n->write_src, "srv_write", name, CONTENT_LAW_CONST, '#'),
			  off, len);
}

int srv_truncate(struct server *s, const char *name, uint64_t size)
{
	struct server_file *f = server_find(s, name);

	if (!f)
		return -ENOENT;
	server_file_keep(f, s->snap_seq);
	return server_file_resize(f, NULL, size);
}

int64_t srv_fillfs(struct server *s, const char *name)
{
	struct server_name *n;
	struct server_file *f;
	uint64_t left;
	int64_t ret;

	if (!s->config.capacity)
		return -EINVAL;
	n = server_name_find(s, name, true);
	f = n->file ? n->file : server_file_new(s, n);
	left = sim_round_up(f->size, SERVER_BLOCK) - f->size +
	       (s->config.capacity / SERVER_BLOCK - s->used_blocks) * SERVER_BLOCK;
	ret = append_ops(f, source_of(s, &n->fill_src, "srv_fillfs", name, CONTENT_LAW_CONST, 'z'),
			 f->size, left);
	return ret == -ENOSPC ? 0 : ret;
}

int srv_rm(struct server *s, const char *name)
{
	struct server_name *n = server_name_find(s, name, false);

	if (!n || !n->file)
		return -ENOENT;
	server_file_unlink(n);
	return 0;
}
