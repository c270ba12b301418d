/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Check of the tables themselves, for unit tests. */
#include "sim/conf/tree.h"

#include <string.h>

#include "sim/base/arena.h"

static int bad(struct sim_err *err, const struct sim_conf_type *type, const char *name,
	       const char *text)
{
	return sim_err_set(err, "type '%s', '%s': %s", type->name, name, text);
}

/* Parse text as a document of a struct that has this one field only. */
static int check_text(const struct sim_conf_type *type, const struct sim_conf_field *f,
		      const char *text, const char *what, struct sim_err *err)
{
	struct sim_conf_field only[2] = {*f, {0}};
	struct sim_conf_type lone = {
		.kind = SIM_CONF_STRUCT, .name = type->name, .size = type->size, .fields = only};
	struct sim_buf yaml = {0};
	struct sim_conf_doc *doc;
	struct sim_err why = {0};

	only[0].flags = 0;
	only[0].def = NULL;
	sim_buf_printf(&yaml, "%s: %s\n", f->name, text);
	doc = sim_conf_load_text(what, yaml.data, yaml.len, NULL, &why);
	if (doc)
		sim_conf_parse(doc, &lone, &why);
	sim_conf_free(doc);
	sim_buf_free(&yaml);
	return why.set ? sim_err_set(err, "type '%s', %s", type->name, why.text) : 0;
}

/* The type of what lists and maps hold in the end; NULL if a table forgot it. */
static const struct sim_conf_type *innermost(const struct sim_conf_type *type)
{
	while (type && (type->kind == SIM_CONF_LIST || type->kind == SIM_CONF_MAP))
		type = type->elem;
	return type;
}

static int check_field(const struct sim_conf_type *type, const struct sim_conf_field *f,
		       struct sim_err *err)
{
	if (!f->doc || !*f->doc)
		return bad(err, type, f->name, "has no doc sentence");
	if (!innermost(f->type))
		return bad(err, type, f->name, "has no type");
	if (f->size != conf_type_size(f->type))
		return bad(err, type, f->name, "the C member has not the size of the type");
	if (f->offset + f->size > type->size)
		return bad(err, type, f->name, "the C member lies outside the struct");
	if (f->flags & SIM_CONF_REQUIRED && !f->example)
		return bad(err, type, f->name, "is required and has no example");
	if (f->flags & SIM_CONF_REQUIRED && f->def)
		return bad(err, type, f->name, "is required and has a default");
	for (const struct sim_conf_field *g = type->fields; g != f; g++) {
		if (!strcmp(f->name, g->name))
			return bad(err, type, f->name, "is there twice");
	}
	if (f->refused)
		return 0;
	if (f->def && check_text(type, f, f->def, "default", err))
		return -1;
	return f->example ? check_text(type, f, f->example, "example", err) : 0;
}

static int check_fields(const struct sim_conf_type *type, struct sim_err *err)
{
	for (const struct sim_conf_field *f = type->fields; f && f->name; f++) {
		if (f - type->fields >= CONF_FIELDS_MAX)
			return bad(err, type, f->name, "is one field too many");
		if (check_field(type, f, err))
			return -1;
	}
	return 0;
}

static int check_variants(const struct sim_conf_type *type, struct sim_err *err)
{
	for (const struct sim_conf_variant *v = type->variants; v && v->name; v++) {
		if (v - type->variants >= CONF_NAMES_MAX)
			return bad(err, type, v->name, "is one variant too many");
		if (!v->refused && (!v->doc || !*v->doc))
			return bad(err, type, v->name, "has no doc sentence");
		for (const struct sim_conf_variant *w = type->variants; w != v; w++) {
			if (!strcmp(v->name, w->name))
				return bad(err, type, v->name, "is there twice");
		}
		if (type->kind != SIM_CONF_TAGGED)
			continue;
		if (!v->type || v->type->kind != SIM_CONF_STRUCT || v->type->size != type->size)
			return bad(err, type, v->name, "is no struct of the size of its type");
		if (check_fields(v->type, err))
			return -1;
	}
	return 0;
}

static int check_names(const struct sim_conf_type *type, struct sim_err *err)
{
	for (const struct sim_conf_name *n = type->names; n && n->name; n++) {
		if (n - type->names >= CONF_NAMES_MAX)
			return bad(err, type, n->name, "is one name too many");
		if (!n->refused && (!n->doc || !*n->doc))
			return bad(err, type, n->name, "has no doc sentence");
		for (const struct sim_conf_name *m = type->names; m != n; m++) {
			if (!strcmp(n->name, m->name))
				return bad(err, type, n->name, "is there twice");
		}
	}
	return 0;
}

static int check_type(const struct sim_conf_type *type, struct sim_err *err)
{
	if (!type->doc || !*type->doc)
		return bad(err, type, "", "has no doc sentence");
	if (type->kind == SIM_CONF_STRUCT && !type->fields && !type->scalar)
		return bad(err, type, "", "has neither fields nor a scalar form");
	if (type->scalar && !type->scalar_form)
		return bad(err, type, "", "has a scalar hook and no text of its form");
	if ((type->kind == SIM_CONF_ENUM || type->kind == SIM_CONF_FLAGS) && !type->names)
		return bad(err, type, "", "has no names");
	if ((type->kind == SIM_CONF_TAGGED || type->kind == SIM_CONF_ONEOF) && !type->variants)
		return bad(err, type, "", "has no variants");
	if (check_fields(type, err) || check_variants(type, err))
		return -1;
	return check_names(type, err);
}

int sim_conf_selftest(const struct sim_conf_type *root, struct sim_err *err)
{
	struct conf_types t = {0};
	int ret = 0;

	conf_collect(&t, root);
	for (size_t i = 0; !ret && i < t.n; i++) {
		ret = check_type(t.types[i], err);
		for (size_t k = 0; !ret && k < i; k++) {
			if (!strcmp(t.types[i]->name, t.types[k]->name))
				ret = bad(err, t.types[i], "", "another type has the same name");
		}
	}
	sim_xfree(t.types);
	return ret;
}
