/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Finding things by name. */
#include "sim/base/names.h"

#include <string.h>

#include "sim/base/arena.h"

#define FIRST_BUCKETS 8u

/* FNV-1a. Its order reaches no result: names are only looked up. */
static uint32_t name_hash(const char *name)
{
	uint32_t h = 2166136261u;

	for (; *name; name++)
		h = (h ^ (unsigned char)*name) * 16777619u;
	return h;
}

static struct sim_name **bucket_of(const struct sim_names *t, const char *name)
{
	return &t->bucket[name_hash(name) & (t->nr_buckets - 1)];
}

static void put(struct sim_names *t, struct sim_name *n)
{
	struct sim_name **at = bucket_of(t, n->name);

	n->next = *at;
	*at = n;
}

static void resize(struct sim_names *t, uint32_t nr_buckets)
{
	struct sim_name **old = t->bucket;
	uint32_t nr_old = t->nr_buckets;

	t->nr_buckets = nr_buckets;
	t->bucket = sim_alloc_array(t->arena, nr_buckets, sizeof(struct sim_name *));
	for (uint32_t i = 0; i < nr_old; i++) {
		for (struct sim_name *n = old[i], *next; n; n = next) {
			next = n->next;
			put(t, n);
		}
	}
}

void sim_names_init(struct sim_names *t, struct sim_arena *arena)
{
	*t = (struct sim_names){.arena = arena};
	resize(t, FIRST_BUCKETS);
}

void sim_names_add(struct sim_names *t, struct sim_name *n)
{
	if (++t->nr > t->nr_buckets)
		resize(t, t->nr_buckets * 2);
	put(t, n);
}

void sim_names_del(struct sim_names *t, struct sim_name *n)
{
	for (struct sim_name **at = bucket_of(t, n->name); *at; at = &(*at)->next) {
		if (*at == n) {
			*at = n->next;
			t->nr--;
			return;
		}
	}
}

struct sim_name *sim_names_find(const struct sim_names *t, const char *name)
{
	struct sim_name *n = *bucket_of(t, name);

	while (n && strcmp(n->name, name))
		n = n->next;
	return n;
}
