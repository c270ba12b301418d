/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The manual's list of types and fields, in scdoc, from the tables. */
#include "sim/conf/tree.h"

#include <string.h>

#include "sim/base/arena.h"

/* Text with scdoc's own characters escaped, those included that have a meaning at its beginning. */
static void put_text(struct sim_buf *b, const char *s)
{
	for (const char *first = s; *s; s++) {
		if (strchr("*_\\[]<>", *s) || (s == first && strchr("-.#|;", *s)))
			sim_buf_putc(b, '\\');
		sim_buf_putc(b, *s);
	}
}

/* What a value of the type is called: "list of operation". */
static void put_type(struct sim_buf *b, const struct sim_conf_type *type)
{
	if (type->kind == SIM_CONF_LIST) {
		sim_buf_puts(b, "list of ");
		put_type(b, type->elem);
	} else if (type->kind == SIM_CONF_MAP) {
		sim_buf_puts(b, "map of ");
		sim_buf_puts(b, type->key ? type->key->name : "name");
		sim_buf_puts(b, " to ");
		put_type(b, type->elem);
	} else {
		sim_buf_puts(b, type->kind == SIM_CONF_FLAGS ? "list of " : "");
		sim_buf_puts(b, type->name);
	}
}

static void put_range(struct sim_buf *b, const struct sim_conf_field *f)
{
	uint64_t min = f->max ? f->min : f->type->min, max = f->max ? f->max : f->type->max;
	enum sim_conf_kind k = f->type->kind;
	char lo[48], hi[48];

	if (!max)
		return;
	sim_buf_printf(b, ", %s to %s", conf_format(f->type, min, lo),
		       conf_format(f->type, max, hi));
	if (k == SIM_CONF_STRING || k == SIM_CONF_NAME)
		sim_buf_puts(b, " bytes");
	else if (k == SIM_CONF_LIST || k == SIM_CONF_MAP)
		sim_buf_puts(b, " entries");
}

/* "*name* _type_, default x" and the sentence below it. */
static void put_field(struct sim_buf *b, const struct sim_conf_field *f)
{
	sim_buf_putc(b, '*');
	put_text(b, f->name);
	sim_buf_puts(b, "* _");
	put_type(b, f->type);
	sim_buf_putc(b, '_');
	put_range(b, f);
	if (f->flags & SIM_CONF_REQUIRED) {
		sim_buf_puts(b, ", required");
	} else if (f->def) {
		sim_buf_puts(b, ", default ");
		put_text(b, f->def);
	}
	sim_buf_puts(b, "\n\t");
	put_text(b, f->doc ? f->doc : "");
	if (f->example && *f->example != '\n') {
		sim_buf_puts(b, " Example: ");
		put_text(b, f->example);
	}
	sim_buf_puts(b, "\n\n");
}

/* Of all fields that are shared by variants, or of the others. */
static void put_fields(struct sim_buf *b, const struct sim_conf_type *type, unsigned shared)
{
	for (const struct sim_conf_field *f = type->fields; f && f->name; f++) {
		if (!f->refused && (f->flags & SIM_CONF_SHARED) == shared)
			put_field(b, f);
	}
}

/* What all variants have: the first that has fields tells. */
static void put_shared(struct sim_buf *b, const struct sim_conf_type *type)
{
	const struct sim_conf_variant *v = type->variants;
	struct sim_buf fields = {0};

	while (v->name && !v->type)
		v++;
	if (v->name)
		put_fields(&fields, v->type, SIM_CONF_SHARED);
	if (fields.len)
		sim_buf_printf(b, "Each of them has these fields, besides its own:\n\n%s",
			       fields.data);
	sim_buf_free(&fields);
}

static void put_row(struct sim_buf *b, const char *name, const struct sim_conf_type *type,
		    const char *doc)
{
	sim_buf_putc(b, '*');
	put_text(b, name);
	sim_buf_putc(b, '*');
	if (type) {
		sim_buf_puts(b, " _");
		put_type(b, type);
		sim_buf_putc(b, '_');
	}
	sim_buf_puts(b, "\n\t");
	put_text(b, doc ? doc : "");
	sim_buf_puts(b, "\n\n");
}

static void put_variants(struct sim_buf *b, const struct sim_conf_type *type)
{
	for (const struct sim_conf_variant *v = type->variants; v && v->name; v++) {
		struct sim_buf name = {0};

		if (v->refused)
			continue;
		if (type->kind == SIM_CONF_ONEOF) {
			put_row(b, v->name, v->type, v->doc);
			continue;
		}
		sim_buf_printf(&name, "%s: %s", type->tag, v->name);
		put_row(b, name.data, NULL, v->doc);
		put_fields(b, v->type, 0);
		sim_buf_free(&name);
	}
}

static void put_section(struct sim_buf *b, const struct sim_conf_type *type)
{
	sim_buf_puts(b, "## ");
	put_text(b, type->name);
	sim_buf_puts(b, "\n\n");
	put_text(b, type->doc ? type->doc : "");
	if (type->scalar_form) {
		sim_buf_puts(b, " Written as ");
		put_text(b, type->scalar_form);
		sim_buf_puts(b, type->fields ? ", or a map of fields." : ".");
	}
	sim_buf_puts(b, "\n\n");
	put_fields(b, type, 0);
	put_variants(b, type);
	if (type->kind == SIM_CONF_ONEOF)
		put_shared(b, type);
	for (const struct sim_conf_name *n = type->names; n && n->name; n++) {
		if (!n->refused)
			put_row(b, n->name, NULL, n->doc);
	}
}

void sim_conf_man(const struct sim_conf_type *root, struct sim_buf *out)
{
	struct conf_types t = {0};

	conf_collect(&t, root);
	for (size_t i = 0; i < t.n; i++)
		put_section(out, t.types[i]);
	sim_xfree(t.types);
}
