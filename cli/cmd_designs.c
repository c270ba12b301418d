/* SPDX-License-Identifier: GPL-2.0-or-later */
/* netfs-sim designs list: the generations of the netfs library that can be simulated. */
#include <string.h>

#include "cli/generations.h"
#include "cli/list.h"
#include "model/bugs/bugs.h"
#include "model/scenario/schema.h"

const struct cli_generation cli_generations[CLI_GENERATIONS] = {
	{"6.1", "6.1.176", "before netfslib took over high-level I/O"},
	{"6.8", "6.8.0", "high-level I/O delegated to netfslib: the base design"},
	{"6.12", "6.12.117", "the stream engine"},
};

static const struct table_column columns[] = {
	{"generation", "GENERATION"}, {"release", "KERNEL"}, {"available", "AVAILABLE"},
	{"bugs", "BUGS", true},       {"text", "DESIGN"},    {NULL},
};

static const struct sim_conf_type *field_type(const struct sim_conf_type *type, const char *name)
{
	for (const struct sim_conf_field *f = type->fields; f->name; f++)
		if (!strcmp(f->name, name))
			return f->type;
	return NULL;
}

/* Whether scenarios may choose it: what their schema says. */
static bool available(const char *generation)
{
	const struct sim_conf_type *design = field_type(&scenario_type, "design");
	const struct sim_conf_type *type = design ? field_type(design, "generation") : NULL;

	for (const struct sim_conf_name *n = type ? type->names : NULL; n && n->name; n++)
		if (!strcmp(n->name, generation))
			return !n->refused;
	return false;
}

static unsigned released_bugs(unsigned generation)
{
	unsigned n = 0;

	for (unsigned i = 0; i < NR_BUGS; i++)
		n += bug_rows[i].generations >> generation & 1;
	return n;
}

static void fill(struct table *t)
{
	for (unsigned i = 0; i < CLI_GENERATIONS; i++) {
		table_text(t, cli_generations[i].name);
		table_text(t, cli_generations[i].release);
		table_text(t, available(cli_generations[i].name) ? "yes" : "no");
		table_number(t, released_bugs(i));
		table_text(t, cli_generations[i].text);
	}
}

int cmd_designs(int argc, char **argv)
{
	return cli_list(argc, argv,
			"List the generations that design.generation of a scenario can name, with "
			"the number of known bugs each was released with.",
			columns, fill);
}
