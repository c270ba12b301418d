/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where parsed values came from: a side table from address and size to node.
 *
 * A struct and its first field have one address; their sizes tell them apart. Where even those are
 * equal, or the size is not known, the innermost value is meant, which is registered first. The
 * table is only ever looked up, never walked, so that no address reaches a result.
 */
#include "sim/conf/tree.h"

#include <string.h>

#include "sim/base/arena.h"

struct conf_mark_entry {
	const void *p;
	const struct conf_node *node;
	uint32_t size;
	bool given;
};

static uint32_t slot_of(const struct conf_marks *m, const void *p)
{
	uint64_t h = (uint64_t)(uintptr_t)p * 0x9e3779b97f4a7c15ull;

	return (uint32_t)(h >> 32) & (m->n_slots - 1);
}

static void insert(struct conf_marks *m, uint32_t entry)
{
	uint32_t i = slot_of(m, m->entries[entry].p);

	while (m->slots[i])
		i = (i + 1) & (m->n_slots - 1);
	m->slots[i] = entry + 1;
}

static void grow(struct sim_conf_doc *doc)
{
	struct conf_marks *m = &doc->marks;
	uint32_t want = m->capacity ? m->capacity * 2 : 256;

	m->entries =
		sim_realloc_array(doc->arena, m->entries, m->capacity, want, sizeof(*m->entries));
	m->capacity = want;
	m->n_slots = want * 2;
	m->slots = sim_alloc_array(doc->arena, m->n_slots, sizeof(*m->slots));
	for (uint32_t i = 0; i < m->n; i++)
		insert(m, i);
}

void conf_mark(struct sim_conf_doc *doc, const void *p, size_t size, const struct conf_node *node,
	       bool given)
{
	struct conf_marks *m = &doc->marks;

	if (m->n == m->capacity)
		grow(doc);
	if (doc->default_at) {
		node = doc->default_at;
		given = false;
	}
	m->entries[m->n] = (struct conf_mark_entry){p, node, (uint32_t)size, given};
	insert(m, m->n++);
}

static const struct conf_mark_entry *find(const struct sim_conf_doc *doc, const void *p,
					  size_t size)
{
	const struct conf_marks *m = &doc->marks;
	const struct conf_mark_entry *inner = NULL;

	if (!m->n)
		return NULL;
	for (uint32_t i = slot_of(m, p); m->slots[i]; i = (i + 1) & (m->n_slots - 1)) {
		const struct conf_mark_entry *e = &m->entries[m->slots[i] - 1];

		if (e->p != p)
			continue;
		if (e->size == size)
			return e;
		if (!inner)
			inner = e;
	}
	return inner;
}

struct sim_conf_mark sim_conf_mark_sized(const struct sim_conf_doc *doc, const void *p, size_t size)
{
	const struct conf_mark_entry *e = find(doc, p, size);
	const struct conf_node *node = e ? e->node : doc->root;

	return (struct sim_conf_mark){doc->sources[node->source].name, node->line, node->column};
}

bool sim_conf_given_sized(const struct sim_conf_doc *doc, const void *p, size_t size)
{
	const struct conf_mark_entry *e = find(doc, p, size);

	return e && e->given;
}

int sim_conf_error_sized(const struct sim_conf_doc *doc, const void *p, size_t size,
			 struct sim_err *err, const char *fmt, ...)
{
	const struct conf_mark_entry *e = find(doc, p, size);
	va_list ap;

	va_start(ap, fmt);
	conf_verror(doc, e ? e->node : doc->root, err, fmt, ap);
	va_end(ap);
	return -1;
}
