/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Versions of objects: whoever has read part of a file can write it back on the condition that
 * nobody has changed the object meanwhile.
 *
 * Mirrors: no kernel file; the far end of CEPH_OSD_OP_ASSERT_VER in fs/ceph/file.c ceph_sync_write.
 *
 * An object is known from the first message that asks for its version; before, nobody relies on it.
 */
#include "model/server/private.h"
#include "sim/base/math.h"

struct server_object {
	struct sim_list entry; /* server_file.objects, in order of creation */
	uint64_t start, len;
	uint64_t version; /* never 0; grows with each change of the object */
};

void server_objects_init(struct server *s)
{
	sim_pool_init(&s->priv->objects, s->model->w->arena, sizeof(struct server_object));
}

void server_objects_free(struct server_file *f)
{
	sim_list_for_each_safe (o, &f->objects, struct server_object, entry) {
		sim_list_del(&o->entry);
		sim_pool_put(&f->server->priv->objects, o);
	}
}

uint64_t server_object_version(struct server_file *f, uint64_t pos, uint64_t size)
{
	uint64_t start = pos - pos % size;
	struct server_object *new;

	sim_list_for_each (o, &f->objects, struct server_object, entry)
		if (o->start == start && o->len == size)
			return o->version;
	new = sim_pool_get(&f->server->priv->objects);
	new->start = start;
	new->len = size;
	new->version = f->version + 1;
	sim_list_add_tail(&new->entry, &f->objects);
	return new->version;
}

void server_objects_changed(struct server_file *f, uint64_t start, uint64_t end)
{
	sim_list_for_each (o, &f->objects, struct server_object, entry)
		if (start < o->start + o->len && end > o->start)
			o->version = f->version + 1;
}
