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
	{"trace", cmd_trace, "print, summarise, compare and import traces"},
	{"scenario", cmd_scenario, "make, check and list scenario files"},
	{"bugs", cmd_bugs, "list the upstream bugs that the model can have"},
	{"designs", cmd_designs, "list the designs that can be simulated"},
	{"events", cmd_events, "list the trace events"},
	{"rules", cmd_rules, "list the rules that the checker knows"},
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

static int unknown(const struct cli_command_row *table, const char *prefix, const char *name)
{
	const char *names[32];
	const char *near;
	size_t n = 0;

	while (table[n].name && n < 32) {
		names[n] = table[n].name;
		n++;
	}
	near = sim_suggest(name, names, n);
	if (near)
		return cli_fail(CLI_USAGE, "%s: no such command; did you mean '%s'?", name, near);
	return cli_fail(CLI_USAGE, "%s: no such command; '%s --help' lists them", name, prefix);
}

int cli_dispatch(const struct cli_command_row *table, const char *prefix, int argc, char **argv)
{
	struct sim_buf out = {0};

	if (argc < 2) {
		usage(&out, table, prefix);
		fputs(out.data, stderr);
		sim_buf_free(&out);
		return CLI_USAGE;
	}
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-?") || !strcmp(argv[1], "-h")) {
		usage(&out, table, prefix);
		return cli_print(&out, CLI_MET);
	}
	for (const struct cli_command_row *c = table; c->name; c++) {
		if (!strcmp(c->name, argv[1])) {
			struct sim_buf name = {0};
			int ret;

			sim_buf_printf(&name, "%s %s", prefix, c->name);
			argv[1] = name.data;
			ret = c->run(argc - 1, argv + 1);
			sim_buf_free(&name);
			return ret;
		}
	}
	return unknown(table, prefix, argv[1]);
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
	return cli_dispatch(commands, CLI_NAME, argc, argv);
}
