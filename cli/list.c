/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Commands that do nothing but print one table. */
#include "cli/list.h"

#include <string.h>

struct list_args {
	bool json;
	unsigned nr;
};

static const struct argp_option options[] = {
	{"json", CLI_OPT_JSON, NULL, 0, "Print JSON"},
	{0},
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct list_args *a = state->input;

	switch (key) {
	case CLI_OPT_JSON:
		a->json = true;
		return 0;
	case ARGP_KEY_ARG:
		if (a->nr++ || strcmp(arg, "list"))
			argp_error(state, "'%s' is not expected; allowed: list", arg);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

int cli_print_table(struct table *t, bool json)
{
	struct sim_buf out = {0};

	if (json)
		table_json(t, &(struct json){.out = &out}, NULL);
	else
		table_print(t, cli_width(), &out);
	table_free(t);
	return cli_print(&out, CLI_MET);
}

int cli_list(int argc, char **argv, const char *doc, const struct table_column *columns,
	     void (*fill)(struct table *t))
{
	struct argp argp = {options, parse, "[list]", doc};
	struct table t = {.columns = columns};
	struct list_args a = {0};

	cli_parse(&argp, argc, argv, &a);
	fill(&t);
	return cli_print_table(&t, a.json);
}
