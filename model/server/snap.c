/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Snapshots: what each file held when they were taken, kept when it is first changed after that.
 *
 * Mirrors: no kernel file; the OSDs and the MDS behind fs/ceph/snap.c. A Ceph server clones
 * objects, this one files.
 *
 * A snapshot has a sequence number. A writer says which snapshots it knows. If the file has not
 * been changed since one of those was taken, its contents are cloned first: the clone with sequence
 * number n is what snapshots up to n, and after the clone before, show. Data that are older than a
 * snapshot, from a client that wrote them before it was taken, must come before anything newer:
 * then they land in what the snapshot shows. Else they are missing there.
 */
#include <errno.h>
#include <string.h>

#include "model/server/private.h"

struct server_clone {
	struct sim_list entry; /* server_file.clones */
	uint32_t seq;
	uint64_t size;
	struct content_map data;
};

/* A client that is told of snapshots. */
struct snap_watch {
	struct sim_list entry;
	struct server *server;
	struct client *client;
	void (*fn)(void *watcher, uint32_t seq);
	void *watcher;
};

struct snap_note {
	struct sim_event ev;
	const struct snap_watch *watch;
	uint32_t seq;
};

void server_snaps_init(struct server *s)
{
	s->snap_seq = 1;
	sim_list_init(&s->snaps);
	sim_list_init(&s->priv->snap_watches);
	sim_pool_init(&s->priv->clones, s->model->w->arena, sizeof(struct server_clone));
}

void server_watch_snaps(struct server *s, struct client *c, void (*fn)(void *watcher, uint32_t seq),
			void *watcher)
{
	struct snap_watch *watch = sim_alloc(s->model->w->arena, sizeof(*watch));

	*watch = (struct snap_watch){.server = s, .client = c, .fn = fn, .watcher = watcher};
	sim_list_add_tail(&watch->entry, &s->priv->snap_watches);
}

static void note_arrives(struct sim_world *w, struct sim_event *ev)
{
	const struct snap_note *note = sim_container_of(ev, struct snap_note, ev);

	note->watch->fn(note->watch->watcher, note->seq);
}

static const struct server_snap *find_snap(const struct server *s, const char *name, size_t len)
{
	sim_list_for_each (snap, &s->snaps, struct server_snap, entry)
		if (!strncmp(snap->name, name, len) && !snap->name[len])
			return snap;
	return NULL;
}

int server_snapshot(struct server *s, const char *name)
{
	struct sim_arena *arena = s->model->w->arena;
	struct server_snap *snap;

	if (find_snap(s, name, strlen(name)))
		return -EEXIST;
	snap = sim_alloc(arena, sizeof(*snap));
	snap->name = sim_strdup(arena, name);
	snap->seq = ++s->snap_seq;
	sim_list_add_tail(&snap->entry, &s->snaps);
	sim_list_for_each (watch, &s->priv->snap_watches, struct snap_watch, entry) {
		struct snap_note *note = sim_alloc(arena, sizeof(*note));

		note->watch = watch;
		note->seq = snap->seq;
		note->ev.fn = note_arrives;
		note->ev.site = SITE_SERVER_NOTE;
		note->ev.loose = true;
		sim_event_at(s->model->w, &note->ev, server_note_arrival(s, watch->client->id));
	}
	return 0;
}

void server_file_keep(struct server_file *f, uint32_t seq)
{
	struct server_clone *clone;

	if (f->snap_seq >= seq)
		return;
	clone = sim_pool_get(&f->server->priv->clones);
	clone->seq = seq;
	clone->size = f->size;
	content_map_init(&clone->data, f->server->model->content);
	content_copy(&clone->data, 0, &f->data, 0, f->size);
	sim_list_add_tail(&clone->entry, &f->clones);
	f->snap_seq = seq;
}

void server_clones_free(struct server_file *f)
{
	sim_list_for_each_safe (clone, &f->clones, struct server_clone, entry) {
		sim_list_del(&clone->entry);
		content_map_fini(&clone->data);
		sim_pool_put(&f->server->priv->clones, clone);
	}
}

bool server_snap_view(const struct server_file *f, uint32_t seq, struct server_view *view)
{
	if (seq <= f->birth_seq)
		return false;
	*view = (struct server_view){&f->data, f->size};
	sim_list_for_each (clone, &f->clones, struct server_clone, entry) {
		if (clone->seq >= seq) {
			*view = (struct server_view){&clone->data, clone->size};
			break;
		}
	}
	return true;
}

bool server_view(struct server *s, const char *path, struct server_view *view)
{
	static const char dir[] = SERVER_SNAP_DIR;
	const struct server_snap *snap;
	const struct server_file *f;
	const char *slash;

	if (strncmp(path, dir, sizeof(dir) - 1) != 0) {
		f = server_find(s, path);
		if (f)
			*view = (struct server_view){&f->data, f->size};
		return f;
	}
	path += sizeof(dir) - 1;
	slash = strchr(path, '/');
	snap = slash ? find_snap(s, path, (size_t)(slash - path)) : NULL;
	f = snap ? server_find(s, slash + 1) : NULL;
	return f && server_snap_view(f, snap->seq, view);
}
