/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Finding things by name: a hash table whose nodes live in the things. It has no order. */
#ifndef SIM_BASE_NAMES_H
#define SIM_BASE_NAMES_H

#include <stdint.h>

struct sim_arena;

/* A thing with a name. The text belongs to the caller and must outlive the node's stay. */
struct sim_name {
	const char *name;
	struct sim_name *next; /* in the same bucket */
};

struct sim_names {
	struct sim_arena *arena;
	struct sim_name **bucket;
	uint32_t nr_buckets, nr;
};

/* An empty table; its buckets are in the arena, a power of two that grows with the names. */
void sim_names_init(struct sim_names *t, struct sim_arena *arena);
/* Add a node whose name is set; the name must not be there yet. */
void sim_names_add(struct sim_names *t, struct sim_name *n);
/* Take a node out. One that is not there is left alone. */
void sim_names_del(struct sim_names *t, struct sim_name *n);
/* The node of that name, or NULL. */
struct sim_name *sim_names_find(const struct sim_names *t, const char *name);

#endif
