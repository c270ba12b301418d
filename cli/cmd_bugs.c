/* SPDX-License-Identifier: GPL-2.0-or-later */
/* netfs-sim bugs list: the upstream bugs that a scenario can switch on. */
#include "cli/list.h"
#include "cli/generations.h"
#include "model/bugs/bugs.h"

static const struct table_column columns[] = {
	{"slug", "BUG"},          {"quirk", "K"},    {"generations", "IN"}, {"class", "CLASS"},
	{"text", "WHAT HAPPENS"}, {"subject", NULL}, {"commit", NULL},      {NULL},
};

static void add_generations(struct table *t, unsigned set)
{
	struct sim_buf b = {0};

	for (unsigned i = 0; i < CLI_GENERATIONS; i++)
		if (set >> i & 1)
			sim_buf_printf(&b, "%s%s", b.len ? "," : "", cli_generations[i].name);
	table_text(t, b.data);
	sim_buf_free(&b);
}

static void fill(struct table *t)
{
	for (unsigned i = 0; i < NR_BUGS; i++) {
		const struct bug_row *b = &bug_rows[i];

		table_text(t, b->slug);
		table_text(t, b->quirk);
		add_generations(t, b->generations);
		table_text(t, b->class);
		table_text(t, b->text);
		table_text(t, b->subject);
		table_text(t, b->commit);
	}
}

int cmd_bugs(int argc, char **argv)
{
	return cli_list(argc, argv,
			"List the upstream bugs that design.bugs of a scenario can switch on; "
			"'as-released' there means all that the generation was released with.",
			columns, fill);
}
