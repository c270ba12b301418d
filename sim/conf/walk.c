/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Walking over the tables: which types are reachable from a root. */
#include "sim/conf/tree.h"

#include "sim/base/arena.h"

static void collect(struct conf_types *t, const struct sim_conf_type *type);

static bool add(struct conf_types *t, const struct sim_conf_type *type)
{
	for (size_t i = 0; i < t->n; i++) {
		if (t->types[i] == type)
			return false;
	}
	if (t->n == t->capacity) {
		t->capacity = t->capacity ? t->capacity * 2 : 32;
		t->types = sim_xrealloc(t->types, t->capacity, sizeof(t->types[0]));
	}
	t->types[t->n++] = type;
	return true;
}

static void collect_fields(struct conf_types *t, const struct sim_conf_type *type)
{
	for (const struct sim_conf_field *f = type->fields; f && f->name; f++) {
		if (!f->refused)
			collect(t, f->type);
	}
}

/* The structs of TAGGED variants are parts of it, not types of their own. */
static void collect(struct conf_types *t, const struct sim_conf_type *type)
{
	if (!type)
		return; /* sim_conf_selftest() complains */
	if (type->kind == SIM_CONF_LIST || type->kind == SIM_CONF_MAP) {
		collect(t, type->elem);
		if (type->key)
			collect(t, type->key);
		return;
	}
	if (!conf_has_name(type) || !add(t, type))
		return;
	collect_fields(t, type);
	for (const struct sim_conf_variant *v = type->variants; v && v->name; v++) {
		if (v->refused || !v->type)
			continue;
		if (type->kind == SIM_CONF_TAGGED)
			collect_fields(t, v->type);
		else
			collect(t, v->type);
	}
}

bool conf_has_name(const struct sim_conf_type *type)
{
	return type->kind == SIM_CONF_STRUCT || type->kind == SIM_CONF_TAGGED ||
	       type->kind == SIM_CONF_ONEOF || type->kind == SIM_CONF_ENUM ||
	       type->kind == SIM_CONF_FLAGS;
}

void conf_collect(struct conf_types *t, const struct sim_conf_type *root)
{
	collect(t, root);
}
