/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Watches: who is told that somebody else changed a file.
 *
 * Mirrors: no kernel file; the callback promises behind fs/afs/callback.c.
 */
#include "model/server/private.h"

struct server_watch {
	struct sim_list entry; /* in server_file.watches, in order of creation */
	struct client *client;
	void (*fn)(void *watcher);
	void *watcher;
};

void server_watches_init(struct server *s)
{
	sim_pool_init(&s->priv->watches, s->model->w->arena, sizeof(struct server_watch));
}

void server_watch(struct server_file *f, struct client *c, void (*fn)(void *watcher), void *watcher)
{
	struct server_watch *watch = sim_pool_get(&f->server->priv->watches);

	watch->client = c;
	watch->fn = fn;
	watch->watcher = watcher;
	sim_list_add_tail(&watch->entry, &f->watches);
}

void server_unwatch(struct server_file *f, const void *watcher)
{
	sim_list_for_each (watch, &f->watches, struct server_watch, entry) {
		if (watch->watcher == watcher) {
			sim_list_del(&watch->entry);
			sim_pool_put(&f->server->priv->watches, watch);
			return;
		}
	}
}

void server_changed(struct server_file *f, const struct client *by)
{
	if (f->server->config.silent)
		return;
	if (!by)
		server_break_all(f);
	sim_list_for_each_safe (watch, &f->watches, struct server_watch, entry) {
		if (watch->client != by)
			watch->fn(watch->watcher);
	}
}
