/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Overrides from the command line: path=value on the tree, before anything has a type. */
#include "sim/conf/tree.h"

#include <string.h>

#include "sim/base/arena.h"

#define OVERRIDE_MAX (64u << 10) /* bytes */

/* One override on its way. Places are columns of the argument, in line 1 of its source. */
struct override {
	struct sim_conf_doc *doc;
	struct sim_err *err;
	uint16_t source;
	const char *arg, *end; /* path: arg..end */
	struct conf_node *value;
};

/* Characters between two places of the argument. */
static uint32_t count_chars(const char *from, const char *to)
{
	uint32_t n = 0;

	for (; from < to; from += conf_char_len(from, to))
		n++;
	return n;
}

static struct conf_place place_at(const struct override *o, const char *p, size_t len)
{
	return (struct conf_place){o->source, 1, count_chars(o->arg, p) + 1,
				   count_chars(p, p + len)};
}

/* A key of the path as a node of its own. */
static struct conf_node *key_node(struct override *o, const char *p, size_t len)
{
	struct conf_node *key = conf_new_node(o->doc, CONF_SCALAR, place_at(o, p, len), o->err);
	char *text = sim_alloc(o->doc->arena, len + 1);

	if (!key)
		return NULL;
	if (*p == '"') {
		p++;
		len -= 2;
	}
	memcpy(text, p, len);
	key->text = text;
	return key;
}

/* Length of the path's next component at p: up to a dot, or a text in double quotes. */
static size_t component_len(const struct override *o, const char *p)
{
	const char *q = p;

	if (*p == '"') {
		const char *close = memchr(p + 1, '"', (size_t)(o->end - p - 1));

		return close ? (size_t)(close + 1 - p) : 0;
	}
	while (q < o->end && *q != '.')
		q++;
	return (size_t)(q - p);
}

/* The child whose key, dots included, is the longest that begins the path at p. */
static struct conf_node *longest_key(const struct override *o, struct conf_node *map, const char *p,
				     size_t *len)
{
	struct conf_node *best = NULL;

	*len = component_len(o, p);
	for (struct conf_node *c = map->first; c; c = c->next) {
		size_t n = strlen(c->key->text);
		bool quoted = *p == '"' && n == *len - 2 && !memcmp(c->key->text, p + 1, n);
		bool plain = n <= (size_t)(o->end - p) && !memcmp(c->key->text, p, n) &&
			     (p + n == o->end || p[n] == '.');

		if (quoted)
			return c;
		if (plain && (!best || n > strlen(best->key->text)))
			best = c;
	}
	if (best)
		*len = strlen(best->key->text);
	return best;
}

/* Put the value in the place of node, or of nothing yet. */
static void put_value(struct override *o, struct conf_node *old, struct conf_node *map,
		      struct conf_node *key)
{
	struct conf_node *next = old ? old->next : NULL;

	o->value->key = key;
	if (!old) {
		conf_append(map, o->value);
		return;
	}
	*old = *o->value;
	old->next = next;
}

/* One step into a map; a missing map on the way is made. *p moves past the component. */
static int step_map(struct override *o, struct conf_node **at, const char **p)
{
	struct conf_node *map = *at, *child, *key;
	size_t len;

	child = longest_key(o, map, *p, &len);
	if (!len || (**p == '"' && len < 3))
		return conf_error_place(
			o->doc, place_at(o, *p, 1), "path", o->err,
			"has an empty or unclosed part; write names and numbers with dots between");
	key = key_node(o, *p, len);
	if (!key)
		return -1;
	*p += len;
	if (*p == o->end) {
		put_value(o, child, map, key);
		return 0;
	}
	if (!child) {
		child = conf_new_node(o->doc, CONF_MAP, place_at(o, *p - len, len), o->err);
		if (!child)
			return -1;
		child->key = key;
		conf_append(map, child);
	}
	*at = child;
	return 0;
}

/* One step into a list, by the number of an item that is there. */
static int step_list(struct override *o, struct conf_node **at, const char **p)
{
	struct conf_node *child = (*at)->first;
	size_t len = component_len(o, *p);
	char text[24] = "";
	const char *why;
	uint64_t index;

	if (len < sizeof(text))
		memcpy(text, *p, len);
	if (sim_parse_uint(text, &index, &why) || index >= (*at)->n) {
		struct sim_buf what = {0};

		sim_buf_add(&what, *p, len);
		conf_error_place(o->doc, place_at(o, *p, len), what.data, o->err,
				 "is no item of this list; it has %u, numbered from 0", (*at)->n);
		sim_buf_free(&what);
		return -1;
	}
	while (index--)
		child = child->next;
	*p += len;
	if (*p == o->end)
		put_value(o, child, NULL, NULL);
	*at = child;
	return 0;
}

static int walk(struct override *o)
{
	struct conf_node *at = o->doc->root;
	const char *p = o->arg;

	for (unsigned depth = 0;; depth++) {
		int ret;

		if (depth == SIM_CONF_MAX_DEPTH)
			return conf_error_place(o->doc, place_at(o, p, 1), "path", o->err,
						"is too deep; at most 64 levels are allowed");
		if (at->kind == CONF_SCALAR)
			return conf_error_place(o->doc, place_at(o, p, (size_t)(o->end - p)),
						"path", o->err,
						"goes below '%.40s', which is a single value",
						at->text);
		ret = at->kind == CONF_MAP ? step_map(o, &at, &p) : step_list(o, &at, &p);
		if (ret || p == o->end)
			return ret;
		if (*p != '.')
			return conf_error_place(
				o->doc, place_at(o, p, 1), "path", o->err,
				"has text after a quote; write names and numbers with dots between");
		p++;
	}
}

/* The '=' that ends the path: the first one outside quotes. */
static const char *path_end(const char *arg)
{
	bool quoted = false;

	for (; *arg; arg++) {
		quoted ^= *arg == '"';
		if (*arg == '=' && !quoted)
			return arg;
	}
	return NULL;
}

int conf_override(struct sim_conf_doc *doc, const char *arg, const char *origin,
		  struct sim_err *err)
{
	struct override o = {.doc = doc, .err = err};
	size_t len = strlen(arg);
	struct conf_place all;

	o.source = conf_add_source(doc, origin ? origin : "-p", sim_xstrdup(arg), len);
	doc->sources[o.source].is_origin = origin;
	o.arg = doc->sources[o.source].text;
	o.end = path_end(o.arg);
	all = place_at(&o, o.arg, len);
	if (len > OVERRIDE_MAX)
		return conf_error_place(doc, all, arg, err,
					"is too long; at most %u bytes are allowed", OVERRIDE_MAX);
	if (!o.end || o.end == o.arg)
		return conf_error_place(doc, all, arg, err,
					"is no override; write path=value, as server.slots=4");
	doc->sources[o.source].skip = (uint32_t)(o.end + 1 - o.arg);
	if (conf_read(doc, o.source, &o.value, err))
		return -1;
	if (!o.value)
		return conf_error_place(doc, all, arg, err,
					"has no value; write path=value, as server.slots=4");
	return walk(&o);
}
