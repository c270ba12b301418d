/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A commented document to start from, made of the tables. */
#include "sim/conf/tree.h"

#include <string.h>

static bool is_plain_struct(const struct sim_conf_type *type)
{
	return type->kind == SIM_CONF_STRUCT && type->fields && !type->scalar;
}

/* The value to show: example, default, or what is expected. */
static void put_value(struct sim_buf *b, const struct sim_conf_field *f)
{
	if (f->example || f->def)
		sim_buf_puts(b, f->example ? f->example : f->def);
	else
		sim_buf_printf(b, "(%s)", conf_expected(f->type));
}

/* The fields of a struct below its name, all as comments. */
static void put_nested(struct sim_buf *b, const struct sim_conf_type *type, unsigned indent)
{
	for (const struct sim_conf_field *f = type->fields; f->name; f++) {
		if (f->refused)
			continue;
		sim_buf_printf(b, "# %*s%s:", (int)indent, "", f->name);
		if (!f->example && !f->def && is_plain_struct(f->type) && indent < 8) {
			sim_buf_printf(b, "  # %s\n", f->doc ? f->doc : "");
			put_nested(b, f->type, indent + 2);
			continue;
		}
		sim_buf_putc(b, ' ');
		put_value(b, f);
		sim_buf_printf(b, "  # %s\n", f->doc ? f->doc : "");
	}
}

void sim_conf_template(const struct sim_conf_type *root, struct sim_buf *out)
{
	for (const struct sim_conf_field *f = root->fields; f->name; f++) {
		if (f->refused)
			continue;
		sim_buf_printf(out, "# %s\n", f->doc ? f->doc : "");
		if (!f->example)
			sim_buf_puts(out, "# ");
		sim_buf_printf(out, "%s:", f->name);
		if (!f->example && !f->def && is_plain_struct(f->type)) {
			sim_buf_putc(out, '\n');
			put_nested(out, f->type, 2);
		} else {
			sim_buf_puts(out, f->example && *f->example == '\n' ? "" : " ");
			put_value(out, f);
			sim_buf_putc(out, '\n');
		}
		sim_buf_putc(out, '\n');
	}
}
