/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tree of nodes: making, linking and finding them. */
#include "sim/conf/tree.h"

#include <stdlib.h>
#include <string.h>

#include "sim/base/arena.h"

uint16_t conf_add_source(struct sim_conf_doc *doc, const char *name, char *text, size_t len)
{
	if (doc->n_sources == doc->max_sources) {
		uint32_t want = doc->max_sources ? doc->max_sources * 2 : 8;

		doc->sources = sim_realloc_array(doc->arena, doc->sources, doc->max_sources, want,
						 sizeof(*doc->sources));
		doc->max_sources = want;
	}
	doc->sources[doc->n_sources] = (struct conf_source){
		.name = sim_strdup(doc->arena, name), .text = text, .len = len};
	return (uint16_t)doc->n_sources++;
}

struct conf_node *conf_new_node(struct sim_conf_doc *doc, enum conf_node_kind kind,
				struct conf_place at, struct sim_err *err)
{
	struct conf_node *node;

	if (doc->nodes == SIM_CONF_MAX_NODES) {
		conf_error_place(doc, at, "document", err,
				 "has too many values, lists and maps; at most %u are allowed",
				 SIM_CONF_MAX_NODES);
		return NULL;
	}
	doc->nodes++;
	node = sim_alloc(doc->arena, sizeof(*node));
	node->kind = kind;
	node->source = (uint16_t)at.source;
	node->line = at.line;
	node->column = at.column;
	node->width = at.width;
	return node;
}

void conf_append(struct conf_node *parent, struct conf_node *child)
{
	if (parent->last)
		parent->last->next = child;
	else
		parent->first = child;
	parent->last = child;
	parent->n++;
}

struct conf_node *conf_find(const struct conf_node *map, const char *key)
{
	for (struct conf_node *c = map->first; c; c = c->next) {
		if (!strcmp(c->key->text, key))
			return c;
	}
	return NULL;
}

struct conf_node *conf_take(struct conf_node *map, const char *key)
{
	struct conf_node *before = NULL;

	for (struct conf_node *c = map->first; c; before = c, c = c->next) {
		if (strcmp(c->key->text, key))
			continue;
		if (before)
			before->next = c->next;
		else
			map->first = c->next;
		if (map->last == c)
			map->last = before;
		map->n--;
		c->next = NULL;
		return c;
	}
	return NULL;
}

/* By key, then by place in the file: a total order, so that the sort has one result. */
static int compare_nodes(const void *a, const void *b)
{
	const struct conf_node *x = *(struct conf_node *const *)a;
	const struct conf_node *y = *(struct conf_node *const *)b;
	int by_key = strcmp(x->key->text, y->key->text);

	if (by_key)
		return by_key;
	if (x->line != y->line)
		return x->line < y->line ? -1 : 1;
	return x->column < y->column ? -1 : x->column > y->column;
}

struct conf_node **conf_sorted(const struct conf_node *map)
{
	struct conf_node **sorted = sim_xcalloc(map->n, sizeof(struct conf_node *));
	uint32_t n = 0;

	for (struct conf_node *c = map->first; c; c = c->next)
		sorted[n++] = c;
	qsort(sorted, n, sizeof(struct conf_node *), compare_nodes);
	return sorted;
}

struct conf_node *conf_sorted_find(struct conf_node **sorted, uint32_t n, const char *key)
{
	uint32_t lo = 0;

	while (n) {
		uint32_t half = n / 2;
		int c = strcmp(sorted[lo + half]->key->text, key);

		if (!c)
			return sorted[lo + half];
		if (c < 0) {
			lo += half + 1;
			n -= half + 1;
		} else {
			n = half;
		}
	}
	return NULL;
}
