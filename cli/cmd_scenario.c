/* SPDX-License-Identifier: GPL-2.0-or-later */
/* netfs-sim scenario: scenario files without running them. */
#include <string.h>

#include "cli/list.h"
#include "cli/paths.h"
#include "model/scenario/scenario.h"

/* ---- new ---- */

struct new_args {
	const char *path;
	bool force;
};

static const struct argp_option new_options[] = {
	{"force", 'f', NULL, 0, "Replace FILE if it exists"},
	{0},
};

static error_t parse_new(int key, char *arg, struct argp_state *state)
{
	struct new_args *a = state->input;

	switch (key) {
	case 'f':
		a->force = true;
		return 0;
	case ARGP_KEY_ARG:
		if (a->path)
			argp_error(state, "'%s': one file at a time", arg);
		a->path = arg;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static int scenario_new(int argc, char **argv)
{
	static const struct argp argp = {
		new_options, parse_new, "[FILE]",
		"Write a scenario to start from, with every field explained, to FILE or standard "
		"output."};
	struct new_args a = {0};
	struct sim_buf out = {0};
	const char *path;

	cli_parse(&argp, argc, argv, &a);
	path = a.path ? a.path : "-";
	if (strcmp(path, "-") && !a.force && path_exists(path))
		return cli_fail(CLI_USAGE, "%s: exists; --force replaces it", path);
	scenario_template(&out);
	return cli_write(path, &out, CLI_MET);
}

/* ---- lint, list ---- */

struct files_args {
	struct cli_overrides overrides;
	struct paths paths;
	bool lint; /* takes overrides, too */
	bool json;
};

static const struct argp_option list_options[] = {
	{"json", CLI_OPT_JSON, NULL, 0, "Print JSON"},
	{0},
};

static error_t parse_files(int key, char *arg, struct argp_state *state)
{
	struct files_args *a = state->input;
	struct sim_err err = {0};

	switch (key) {
	case ARGP_KEY_INIT:
		if (a->lint)
			state->child_inputs[0] = &a->overrides;
		return 0;
	case CLI_OPT_JSON:
		a->json = true;
		return 0;
	case ARGP_KEY_ARG:
		if (paths_add_scenarios(&a->paths, arg, &err))
			argp_failure(state, CLI_USAGE, 0, "%s", err.text);
		return 0;
	case ARGP_KEY_NO_ARGS:
		argp_error(state, "which scenarios? give files or folders");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static void free_files(struct files_args *a)
{
	paths_free(&a->paths);
	cli_override_free(&a->overrides);
}

static int scenario_lint(int argc, char **argv)
{
	static const struct argp_child children[] = {{&cli_override_argp, 0, "Overrides:", 2}, {0}};
	static const struct argp argp = {
		NULL, parse_files, "PATH...",
		"Check scenario files, and those under folders, without running them. Says nothing "
		"of those that are right.",
		children};
	struct files_args a = {.lint = true};
	int code = CLI_MET;

	cli_parse(&argp, argc, argv, &a);
	for (size_t i = 0; i < a.paths.nr; i++) {
		struct sim_conf_opts conf = cli_override_opts(&a.overrides);
		struct sim_err err = {0};
		struct scenario *scn = scenario_load(a.paths.at[i], &conf, &err);

		if (!scn)
			code = cli_fail(CLI_USAGE, "%s", err.text);
		scenario_free(scn);
	}
	free_files(&a);
	return code;
}

static const struct table_column columns[] = {
	{"path", "SCENARIO"}, {"purpose", "PURPOSE"}, {"tags", NULL}, {NULL}};

static void add_row(struct table *t, const char *path, const struct scenario *scn)
{
	struct sim_buf tags = {0};

	for (size_t i = 0; i < scn->tags.n; i++)
		sim_buf_printf(&tags, "%s%s", i ? "," : "",
			       *sim_conf_item(&scn->tags, const char *, i));
	table_text(t, path);
	table_text(t, scn->purpose);
	table_text(t, tags.data);
	sim_buf_free(&tags);
}

static int scenario_list(int argc, char **argv)
{
	static const struct argp argp = {list_options, parse_files, "PATH...",
					 "List the scenarios under folders with their purpose."};
	struct table t = {.columns = columns};
	struct files_args a = {0};
	int code = CLI_MET;

	cli_parse(&argp, argc, argv, &a);
	for (size_t i = 0; i < a.paths.nr; i++) {
		struct sim_err err = {0};
		struct scenario *scn = scenario_load(a.paths.at[i], NULL, &err);

		if (scn)
			add_row(&t, a.paths.at[i], scn);
		else
			code = cli_fail(CLI_USAGE, "%s", err.text);
		scenario_free(scn);
	}
	if (cli_print_table(&t, a.json))
		code = CLI_USAGE;
	free_files(&a);
	return code;
}

/* ---- what comes from the tables ---- */

static int print_generated(int argc, char **argv, const char *doc,
			   void (*generate)(struct sim_buf *out))
{
	struct argp argp = {.doc = doc};
	struct sim_buf out = {0};

	cli_parse(&argp, argc, argv, NULL);
	generate(&out);
	return cli_print(&out, CLI_MET);
}

static int scenario_print_schema(int argc, char **argv)
{
	return print_generated(argc, argv, "Print the JSON Schema (draft-07) of scenario files.",
			       scenario_schema);
}

static int scenario_print_man(int argc, char **argv)
{
	return print_generated(argc, argv,
			       "Print the list of fields of netfs-sim-scenario(5) in the form of "
			       "scdoc.",
			       scenario_man);
}

const struct cli_command_row scenario_commands[] = {
	{"new", scenario_new, "write a scenario to start from"},
	{"lint", scenario_lint, "check scenario files without running them"},
	{"list", scenario_list, "list scenarios with their purpose"},
	{"schema", scenario_print_schema, "print the JSON Schema of scenario files"},
	{"man", scenario_print_man, "print the fields of scenario files (scdoc)"},
	{NULL},
};
