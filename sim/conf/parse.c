/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From the tree to C structs, as the tables of types say. */
#include "sim/conf/tree.h"

#include <assert.h>
#include <string.h>

#include "sim/base/arena.h"
#include "sim/base/math.h"

static int parse_struct(struct sim_conf_doc *doc, const struct conf_node *node,
			const struct sim_conf_type *type, void *out, struct sim_err *err);
static int parse_default(struct sim_conf_doc *doc, const struct conf_node *at,
			 const struct sim_conf_field *field, void *out, struct sim_err *err);

bool conf_may_be_empty(const struct sim_conf_type *type)
{
	if (type->kind == SIM_CONF_LIST || type->kind == SIM_CONF_MAP ||
	    type->kind == SIM_CONF_FLAGS)
		return !type->min;
	if (type->kind != SIM_CONF_STRUCT || !type->fields)
		return false;
	for (const struct sim_conf_field *f = type->fields; f->name; f++) {
		if (f->flags & SIM_CONF_REQUIRED)
			return false;
	}
	return true;
}

/* An error that lists what is allowed; names are collected by the caller. */
static int unknown(struct sim_conf_doc *doc, const struct conf_node *node, const char *what,
		   const char *const *names, size_t n, struct sim_err *err)
{
	struct sim_buf hint = {0};

	sim_conf_hint(&hint, node->text, names, n);
	conf_error(doc, node, err, "%s%s", what, hint.data);
	sim_buf_free(&hint);
	return -1;
}

/* --- Lists, maps, flags --- */

static int expect_kind(struct sim_conf_doc *doc, const struct conf_node *node,
		       enum conf_node_kind kind, const struct sim_conf_type *type,
		       struct sim_err *err)
{
	static const char *const names[] = {"a single value", "a list", "a map"};

	if (node->kind == kind)
		return 0;
	if (conf_refuse_null(doc, node, conf_expected(type), err))
		return -1;
	return conf_error(doc, node, err, "is %s; %s is expected", names[node->kind],
			  conf_expected(type));
}

static int check_count(struct sim_conf_doc *doc, const struct conf_node *node, uint64_t min,
		       uint64_t max, struct sim_err *err)
{
	if (node->n < min)
		return conf_error(doc, node, err, "has %u entries; at least %llu are needed",
				  node->n, (unsigned long long)min);
	if (max && node->n > max)
		return conf_error(doc, node, err, "has %u entries; at most %llu are allowed",
				  node->n, (unsigned long long)max);
	return 0;
}

static int parse_list(struct sim_conf_doc *doc, const struct conf_node *node,
		      const struct sim_conf_type *type, uint64_t min, uint64_t max,
		      struct sim_conf_list *out, struct sim_err *err)
{
	size_t size = conf_type_size(type->elem);
	char *item;

	if (expect_kind(doc, node, CONF_LIST, type, err) || check_count(doc, node, min, max, err))
		return -1;
	out->n = node->n;
	out->items = item = node->n ? sim_alloc_array(doc->arena, node->n, size) : NULL;
	for (const struct conf_node *c = node->first; c; c = c->next, item += size) {
		if (conf_parse_value(doc, c, type->elem, 0, 0, item, err))
			return -1;
	}
	return 0;
}

static int parse_key(struct sim_conf_doc *doc, const struct conf_node *key,
		     const struct sim_conf_type *type, struct sim_err *err)
{
	union {
		const char *text;
		uint64_t number;
		struct sim_conf_ratio ratio;
	} unused;

	type = type ? type : &sim_conf_name;
	return conf_parse_scalar(doc, key, type, type->min, type->max, &unused, err);
}

static int parse_map(struct sim_conf_doc *doc, const struct conf_node *node,
		     const struct sim_conf_type *type, uint64_t min, uint64_t max,
		     struct sim_conf_map *out, struct sim_err *err)
{
	size_t size = conf_type_size(type->elem), i = 0;
	char *item;

	if (expect_kind(doc, node, CONF_MAP, type, err) || check_count(doc, node, min, max, err))
		return -1;
	out->n = node->n;
	if (!node->n)
		return 0;
	out->keys = sim_alloc_array(doc->arena, node->n, sizeof(*out->keys));
	out->items = item = sim_alloc_array(doc->arena, node->n, size);
	for (const struct conf_node *c = node->first; c; c = c->next, item += size, i++) {
		if (parse_key(doc, c->key, type->key, err))
			return -1;
		out->keys[i] = c->key->text;
		conf_mark(doc, &out->keys[i], sizeof(out->keys[i]), c->key, true);
		if (conf_parse_value(doc, c, type->elem, 0, 0, item, err))
			return -1;
	}
	return 0;
}

static int parse_flags(struct sim_conf_doc *doc, const struct conf_node *node,
		       const struct sim_conf_type *type, uint64_t *out, struct sim_err *err)
{
	if (node->kind == CONF_SCALAR)
		return conf_parse_scalar(doc, node, type, 0, 0, out, err);
	if (expect_kind(doc, node, CONF_LIST, type, err))
		return -1;
	for (const struct conf_node *c = node->first; c; c = c->next) {
		uint64_t bit;

		if (conf_parse_scalar(doc, c, type, 0, 0, &bit, err))
			return -1;
		for (const struct conf_node *d = node->first; d != c; d = d->next) {
			if (!strcmp(d->text, c->text))
				return conf_error(doc, c, err,
						  "is given twice; each name is allowed once");
		}
		*out |= bit;
	}
	return 0;
}

/* --- Structs --- */

static int unknown_field(struct sim_conf_doc *doc, const struct conf_node *key,
			 const struct sim_conf_type *type, const char *tag, struct sim_err *err)
{
	const char *names[CONF_FIELDS_MAX + 1];
	struct sim_buf what = {0};
	size_t n = 0;

	if (tag)
		names[n++] = tag;
	for (const struct sim_conf_field *f = type->fields; f->name; f++) {
		if (!f->refused)
			names[n++] = f->name;
	}
	sim_buf_printf(&what, "unknown field of %s", type->name);
	unknown(doc, key, what.data, names, n, err);
	sim_buf_free(&what);
	return -1;
}

/* Fields that the map leaves out: required, by default text, by the defaults of a struct, or zero. */
static int default_field(struct sim_conf_doc *doc, const struct conf_node *node,
			 const struct sim_conf_type *type, const struct sim_conf_field *f, void *at,
			 struct sim_err *err)
{
	const struct conf_node *outer = doc->default_at;
	struct conf_node empty = *node;
	int ret;

	if (f->flags & SIM_CONF_REQUIRED)
		return conf_error(doc, node, err, "%s lacks the field '%s'; write it, as '%s: %s'",
				  type->name, f->name, f->name, f->example ? f->example : "...");
	if (f->def)
		return parse_default(doc, node, f, at, err);
	conf_mark(doc, at, f->size, node, false);
	if (f->type->kind == SIM_CONF_FRACTION || f->type->kind == SIM_CONF_RATIO)
		((struct sim_conf_ratio *)at)->den = 1;
	if (f->type->kind != SIM_CONF_STRUCT || !f->type->fields || f->flags & SIM_CONF_OPTIONAL)
		return 0;
	empty.kind = CONF_MAP; /* the fields of a struct that is not there, as if it were {} */
	empty.first = NULL;
	doc->default_at = outer ? outer : node;
	ret = parse_struct(doc, &empty, f->type, at, err);
	doc->default_at = outer;
	return ret;
}

static int parse_given(struct sim_conf_doc *doc, const struct conf_node *c,
		       const struct sim_conf_type *type, const char *tag, bool *seen, char *out,
		       struct sim_err *err)
{
	for (const struct sim_conf_field *f = type->fields; f->name; f++) {
		if (strcmp(f->name, c->key->text))
			continue;
		if (f->refused)
			return conf_error(doc, c->key, err, "this field of %s is not accepted; %s",
					  type->name, f->refused);
		seen[f - type->fields] = true;
		return conf_parse_value(doc, c, f->type, f->min, f->max, out + f->offset, err);
	}
	return unknown_field(doc, c->key, type, tag, err);
}

/* Read the children of a map into the fields of a STRUCT; skip: a key that is read elsewhere. */
static int parse_fields(struct sim_conf_doc *doc, const struct conf_node *node,
			const struct sim_conf_type *type, const char *skip, void *out,
			struct sim_err *err)
{
	bool seen[CONF_FIELDS_MAX] = {false};

	for (const struct conf_node *c = node->first; c; c = c->next) {
		if (skip && !strcmp(c->key->text, skip))
			continue;
		if (parse_given(doc, c, type, skip, seen, out, err))
			return -1;
	}
	for (const struct sim_conf_field *f = type->fields; f->name; f++) {
		if (seen[f - type->fields] || f->refused)
			continue;
		if (default_field(doc, node, type, f, (char *)out + f->offset, err))
			return -1;
	}
	return type->check ? type->check(doc, out, err) : 0;
}

/* The variant of a name; an error with a hint if there is none. */
static const struct sim_conf_variant *find_variant(struct sim_conf_doc *doc,
						   const struct conf_node *name,
						   const struct sim_conf_type *type,
						   struct sim_err *err)
{
	const char *names[CONF_NAMES_MAX];
	struct sim_buf what = {0};
	size_t n = 0;

	for (const struct sim_conf_variant *v = type->variants; v->name; v++) {
		if (!strcmp(v->name, name->text)) {
			if (!v->refused)
				return v;
			conf_error(doc, name, err, "this %s is not accepted; %s", type->name,
				   v->refused);
			return NULL;
		}
		if (!v->refused && n < SIM_ARRAY_SIZE(names))
			names[n++] = v->name;
	}
	sim_buf_printf(&what, "unknown %s", type->name);
	unknown(doc, name, what.data, names, n, err);
	sim_buf_free(&what);
	return NULL;
}

static int parse_tagged(struct sim_conf_doc *doc, const struct conf_node *node,
			const struct sim_conf_type *type, void *out, struct sim_err *err)
{
	const struct conf_node *tag = conf_find(node, type->tag);
	const struct sim_conf_variant *v;
	int value;

	if (!tag)
		return conf_error(doc, node, err, "%s lacks the field '%s'; write it, as '%s: %s'",
				  type->name, type->tag, type->tag, type->variants->name);
	if (tag->kind != CONF_SCALAR)
		return conf_error(doc, tag, err, "is a list or map; the name of a %s is expected",
				  type->name);
	v = find_variant(doc, tag, type, err);
	if (!v)
		return -1;
	value = (int)v->value;
	memcpy((char *)out + type->tag_offset, &value, sizeof(value));
	if (parse_fields(doc, node, v->type, type->tag, out, err))
		return -1;
	return type->check ? type->check(doc, out, err) : 0;
}

/* A bare scalar, read by the type's own hook. */
static int parse_hook(struct sim_conf_doc *doc, const struct conf_node *node,
		      const struct sim_conf_type *type, void *out, struct sim_err *err)
{
	const char *why = "it cannot be read";

	if (conf_refuse_null(doc, node, conf_expected(type), err))
		return -1;
	return type->scalar(doc->arena, node->text, out, &why)
		       ? conf_error(doc, node, err, "%s", why)
		       : 0;
}

static bool is_zero(const char *p, size_t size)
{
	while (size && !*p) {
		p++;
		size--;
	}
	return !size;
}

/* A struct written as a scalar: the fields that it filled in stand where it stands. */
static int parse_scalar_form(struct sim_conf_doc *doc, const struct conf_node *node,
			     const struct sim_conf_type *type, void *out, struct sim_err *err)
{
	if (parse_hook(doc, node, type, out, err))
		return -1;
	if (type->kind != SIM_CONF_STRUCT || !type->fields || type->convert)
		return 0;
	for (const struct sim_conf_field *f = type->fields; f->name; f++) {
		const char *p = (const char *)out + f->offset;

		if (!is_zero(p, f->size))
			conf_mark(doc, p, f->size, node, true);
	}
	return 0;
}

/* A bare list, read as the map {bare_list: list}. */
static const struct conf_node *map_of_list(struct sim_conf_doc *doc, const struct conf_node *node,
					   const char *name)
{
	struct conf_node *map = sim_alloc(doc->arena, 3 * sizeof(*map));
	struct conf_node *list = map + 1, *key = map + 2;

	*map = *list = *key = *node;
	key->kind = CONF_SCALAR;
	key->text = name;
	list->key = key;
	list->next = NULL;
	map->kind = CONF_MAP;
	map->n = 1;
	map->first = map->last = list;
	return map;
}

/* STRUCT and TAGGED. */
static int parse_struct(struct sim_conf_doc *doc, const struct conf_node *node,
			const struct sim_conf_type *type, void *out, struct sim_err *err)
{
	void *into = out;
	int ret;

	if (type->scalar && (node->kind == CONF_SCALAR || (!type->fields && !type->variants)))
		return node->kind == CONF_SCALAR
			       ? parse_scalar_form(doc, node, type, out, err)
			       : conf_error(doc, node, err, "is a list or map; %s is expected",
					    conf_expected(type));
	if (node->kind == CONF_LIST && type->bare_list)
		node = map_of_list(doc, node, type->bare_list);
	if (expect_kind(doc, node, CONF_MAP, type, err))
		return -1;
	if (type->convert)
		into = sim_alloc(doc->arena, type->size);
	if (type->kind == SIM_CONF_TAGGED)
		ret = parse_tagged(doc, node, type, into, err);
	else
		ret = parse_fields(doc, node, type, NULL, into, err);
	if (ret || !type->convert)
		return ret;
	conf_mark(doc, into, type->size, node, true);
	return type->convert(doc, into, out, err);
}

/* --- One of several --- */

/* A bare name: a variant without type, or one that may be empty. */
static int parse_bare(struct sim_conf_doc *doc, const struct conf_node *node,
		      const struct sim_conf_variant *v, void *value, struct sim_err *err)
{
	struct conf_node *as_if;

	if (!v->type)
		return 0;
	if (!conf_may_be_empty(v->type))
		return conf_error(doc, node, err, "needs a value; write '%s: ...' with %s", v->name,
				  conf_expected(v->type));
	as_if = sim_alloc(doc->arena, sizeof(*as_if));
	*as_if = *node;
	as_if->kind = v->type->kind == SIM_CONF_LIST || v->type->kind == SIM_CONF_FLAGS ? CONF_LIST
											: CONF_MAP;
	as_if->key = (struct conf_node *)(uintptr_t)node;
	as_if->next = NULL;
	return conf_parse_value(doc, as_if, v->type, 0, 0, value, err);
}

static bool names_variant(const struct sim_conf_type *type, const char *name)
{
	for (const struct sim_conf_variant *v = type->variants; v->name; v++) {
		if (!strcmp(v->name, name))
			return true;
	}
	return false;
}

static int parse_oneof(struct sim_conf_doc *doc, const struct conf_node *node,
		       const struct sim_conf_type *type, struct sim_conf_oneof *out,
		       struct sim_err *err)
{
	const struct conf_node *name = node->kind == CONF_MAP && node->n ? node->first->key : node;
	const struct sim_conf_variant *v;

	if (node->kind == CONF_SCALAR && type->scalar && !names_variant(type, node->text))
		return parse_hook(doc, node, type, out, err);
	if (conf_refuse_null(doc, node, conf_expected(type), err))
		return -1;
	if (node->kind == CONF_LIST)
		return conf_error(doc, node, err, "is a list; %s is expected", conf_expected(type));
	if (node->kind == CONF_MAP && node->n != 1)
		return conf_error(
			doc, node->n ? node->first->next->key : node, err,
			"the map has %u keys; exactly one, the name of the %s, is expected",
			node->n, type->name);
	v = find_variant(doc, name, type, err);
	if (!v)
		return -1;
	out->which = v->value;
	out->value = v->type ? sim_alloc(doc->arena, conf_type_size(v->type)) : NULL;
	conf_mark(doc, out, sizeof(*out), name, true);
	if (node->kind == CONF_SCALAR)
		return parse_bare(doc, node, v, out->value, err);
	if (v->type)
		return conf_parse_value(doc, node->first, v->type, 0, 0, out->value, err);
	if (node->first->kind == CONF_MAP && !node->first->n)
		return 0;
	return conf_error(doc, node->first, err, "takes no value; write '%s' alone", v->name);
}

/* --- Any value --- */

int conf_parse_value(struct sim_conf_doc *doc, const struct conf_node *node,
		     const struct sim_conf_type *type, uint64_t min, uint64_t max, void *out,
		     struct sim_err *err)
{
	int ret;

	if (!max) {
		min = type->min;
		max = type->max;
	}
	switch (type->kind) {
	case SIM_CONF_STRUCT:
	case SIM_CONF_TAGGED:
		ret = parse_struct(doc, node, type, out, err);
		break;
	case SIM_CONF_ONEOF:
		ret = parse_oneof(doc, node, type, out, err);
		break;
	case SIM_CONF_LIST:
		ret = parse_list(doc, node, type, min, max, out, err);
		break;
	case SIM_CONF_MAP:
		ret = parse_map(doc, node, type, min, max, out, err);
		break;
	case SIM_CONF_FLAGS:
		ret = parse_flags(doc, node, type, out, err);
		break;
	default:
		ret = conf_parse_scalar(doc, node, type, min, max, out, err);
	}
	if (!ret)
		conf_mark(doc, out, conf_type_size(type), node, true);
	return ret;
}

/* --- Defaults --- */

/* The tree of a default that is a list or map; it is read once. */
static const struct conf_node *default_tree(struct sim_conf_doc *doc, const char *text,
					    struct sim_err *err)
{
	struct conf_node *root;
	uint16_t source;

	for (uint32_t i = 0; i < doc->n_defaults; i++) {
		if (doc->defaults[i].text == text)
			return doc->defaults[i].node;
	}
	source = conf_add_source(doc, "default", sim_xstrdup(text), strlen(text));
	if (conf_read(doc, source, &root, err))
		return NULL;
	if (doc->n_defaults == doc->max_defaults) {
		uint32_t want = doc->max_defaults ? doc->max_defaults * 2 : 16;

		doc->defaults = sim_realloc_array(doc->arena, doc->defaults, doc->max_defaults,
						  want, sizeof(*doc->defaults));
		doc->max_defaults = want;
	}
	doc->defaults[doc->n_defaults++] = (struct conf_default){text, root};
	return root;
}

/* Read a field's default; marks of all that is in it point to the map that lacks the field. */
static int parse_default(struct sim_conf_doc *doc, const struct conf_node *at,
			 const struct sim_conf_field *field, void *out, struct sim_err *err)
{
	const struct conf_node *outer = doc->default_at, *node;
	struct conf_node scalar = {.kind = CONF_SCALAR, .text = field->def, .quoted = true};
	int ret = -1;

	scalar.source = at->source;
	scalar.line = at->line;
	scalar.column = at->column;
	doc->default_at = outer ? outer : at;
	node = strchr("{[", field->def[0]) ? default_tree(doc, field->def, err) : &scalar;
	if (node)
		ret = conf_parse_value(doc, node, field->type, field->min, field->max, out, err);
	doc->default_at = outer;
	return ret;
}

void *sim_conf_parse(struct sim_conf_doc *doc, const struct sim_conf_type *root,
		     struct sim_err *err)
{
	void *out = sim_alloc(doc->arena, conf_type_size(root));

	return conf_parse_value(doc, doc->root, root, 0, 0, out, err) ? NULL : out;
}
