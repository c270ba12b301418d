/* SPDX-License-Identifier: GPL-2.0-or-later */
/* netfs-sim rules: the rules of the checker, as a list and as the manual page. */
#include "cli/list.h"
#include "model/check/check.h"

static const struct table_column columns[] = {
	{"id", "RULE"},
	{"name", "NAME"},
	{"text", "WHAT MUST HOLD"},
	{NULL},
};

static void fill(struct table *t)
{
	for (unsigned i = 0; i < NR_CHECK_RULES; i++) {
		table_text(t, check_rules[i].id);
		table_text(t, check_rules[i].name);
		table_text(t, check_rules[i].text);
	}
}

static const char doc[] = "List the rules that the checker holds every run against.";

static int list(int argc, char **argv)
{
	return cli_list(argc, argv, doc, columns, fill);
}

static int man(int argc, char **argv)
{
	static const struct argp argp = {.doc = "Print netfs-sim-rules(7) in the form of scdoc."};
	struct sim_buf out = {0};

	cli_parse(&argp, argc, argv, NULL);
	check_rules_man(&out);
	return cli_print(&out, CLI_MET);
}

const struct cli_command_row rules_commands[] = {
	{"list", list, "list the rules of the checker"},
	{"man", man, "print the manual page of the rules (scdoc)"},
	{NULL},
};
