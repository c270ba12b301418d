/* SPDX-License-Identifier: GPL-2.0-or-later */
/* netfs-sim: the table of subcommands, and the way to them. */
#include "cli/cli.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct cli_command_row commands[] = {
	{"run", cmd_run, "run a scenario once: summary, trace, statistics"},
	{"check", cmd_check, "run all scenarios of a folder against their expectations"},
	{"replay", cmd_replay, "run again what a trace recorded, and compare"},
	{"compare", cmd_compare, "run one scenario with two sets of overrides, side by side"},
	{"sweep", cmd_sweep, "run one scenario over a grid of overrides, as a table"},
	{"plot", cmd_plot, "draw pictures of traces and sweeps with gnuplot"},
	{"trace", NULL, "print, summarise, compare and import traces", trace_commands},
	{"scenario", NULL, "make, check and list scenario files", scenario_commands},
	{"bugs", cmd_bugs, "list the upstream bugs that the model can have"},
	{"designs", cmd_designs, "list the designs that can be simulated"},
	{"events", NULL, "list the trace events", events_commands},
	{"rules", NULL, "list the rules that the checker knows", rules_commands},
	{"version", cmd_version, "print the version"},
	{NULL},
};

/* A failed check of the program itself; async-signal-safe. */
static void on_abort(int sig)
{
	static const char text[] = CLI_NAME
		": internal error; please report it with the command and its input\n";
	ssize_t ignored = write(STDERR_FILENO, text, sizeof(text) - 1);

	(void)ignored;
	(void)sig;
	_exit(CLI_INTERNAL);
}

static void usage(struct sim_buf *out, const struct cli_command_row *table, const char *prefix)
{
	sim_buf_printf(out, "Usage: %s COMMAND [OPTION...] [ARGUMENT...]\n\nCommands:\n", prefix);
	for (; table->name; table++)
		sim_buf_printf(out, "  %-10s %s\n", table->name, table->help);
	sim_buf_printf(out, "\n'%s COMMAND --help' tells more of each; the manual is %s(1).\n",
		       prefix, CLI_NAME);
}

static const struct cli_command_row *row_of(const struct cli_command_row *table, const char *name)
{
	for (; table->name; table++)
		if (!strcmp(table->name, name))
			return table;
	return NULL;
}

/* "'events man' or 'rules man'" for man: commands that lack the word before them. */
static void add_inner(struct sim_buf *out, const struct cli_command_row *table, const char *name)
{
	for (; table->name; table++)
		if (table->rows && row_of(table->rows, name))
			sim_buf_printf(out, "%s'%s %s'", out->len ? " or " : "", table->name, name);
}

static int unknown(const struct cli_command_row *table, const char *prefix, const char *name)
{
	const char *group = prefix + strlen(CLI_NAME); /* " trace", or nothing */
	const char *sep = *group ? " " : "";
	struct sim_buf inner = {0};
	const char *names[32];
	const char *near;
	size_t n = 0;

	while (table[n].name && n < 32) {
		names[n] = table[n].name;
		n++;
	}
	add_inner(&inner, table, name);
	if (inner.len) {
		cli_fail(CLI_USAGE, "%s: no such command; did you mean %s?", name, inner.data);
		sim_buf_free(&inner);
		return CLI_USAGE;
	}
	group += *group == ' ';
	near = sim_suggest(name, names, n);
	if (near)
		return cli_fail(CLI_USAGE, "%s%s%s: no such command; did you mean '%s%s%s'?", group,
				sep, name, group, sep, near);
	return cli_fail(CLI_USAGE, "%s%s%s: no such command; '%s --help' lists them", group, sep,
			name, prefix);
}

static int dispatch(const struct cli_command_row *table, const char *prefix, int argc, char **argv);

/* The command of a row; argv[0] is its name. */
static int run(const struct cli_command_row *row, const char *prefix, int argc, char **argv)
{
	struct sim_buf name = {0};
	int ret;

	sim_buf_printf(&name, "%s %s", prefix, row->name);
	argv[0] = name.data;
	ret = row->rows ? dispatch(row->rows, name.data, argc, argv) : row->run(argc, argv);
	sim_buf_free(&name);
	return ret;
}

/* Run the command of the table that argv[1] names; prefix is what stands before it. */
static int dispatch(const struct cli_command_row *table, const char *prefix, int argc, char **argv)
{
	const char *name = argc < 2 ? "" : argv[1];
	const struct cli_command_row *row = row_of(table, name);
	bool help = !strcmp(name, "--help") || !strcmp(name, "-?") || !strcmp(name, "-h");
	struct sim_buf out = {0};

	if (row)
		return run(row, prefix, argc - 1, argv + 1);
	if (!help && (!*name || *name == '-') && !strcmp(table->name, "list"))
		return run(table, prefix, argc, argv);
	if (*name && !help)
		return unknown(table, prefix, name);
	usage(&out, table, prefix);
	if (help)
		return cli_print(&out, CLI_MET);
	fputs(out.data, stderr);
	sim_buf_free(&out);
	return CLI_USAGE;
}

/* Help goes through stdio: what could not be written is an error, too. */
static void close_stdout(void)
{
	if (!fflush(stdout) && !ferror(stdout))
		return;
	fprintf(stderr, CLI_NAME ": standard output: cannot write: %s\n", strerror(errno));
	_exit(CLI_USAGE);
}

int main(int argc, char **argv)
{
	struct sigaction abort_action = {.sa_handler = on_abort};

	atexit(close_stdout);

	sigaction(SIGABRT, &abort_action, NULL);
	signal(SIGXFSZ, SIG_IGN); /* a file that grows too large is an error of write() */
	argp_err_exit_status = CLI_USAGE;
	if (argc >= 2 && (!strcmp(argv[1], "--version") || !strcmp(argv[1], "-V")))
		return cmd_version(1, (char *[]){(char[]){CLI_NAME}, NULL});
	return dispatch(commands, CLI_NAME, argc, argv);
}
