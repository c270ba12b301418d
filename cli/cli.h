/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the subcommands of netfs-sim share: exit codes, options, messages, standard output. */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include <argp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/base/text.h"

struct sim_conf_doc; /* sim/conf/conf.h */

#define CLI_NAME "netfs-sim"

/* Exit codes: an interface that scripts rely on. netfs-sim(1) lists them. */
enum cli_exit {
	CLI_MET = 0,      /* expectations met; done */
	CLI_VIOLATED = 1, /* expectations violated, a regression, a difference */
	CLI_USAGE = 2,    /* wrong usage, a wrong scenario, unreadable input, unwritable output */
	CLI_NONDETERMINISM = 3,
	CLI_LIMIT = 4, /* a limit of events, time or memory was hit */
	CLI_INTERNAL = 5,
	CLI_SKIPPED = 77, /* something that is needed is not installed */
};

/* A subcommand; argv[0] is its full name for messages. Returns the exit code. */
typedef int cli_command(int argc, char **argv);

cli_command cmd_bugs, cmd_check, cmd_compare, cmd_designs, cmd_plot, cmd_replay, cmd_run, cmd_sweep,
	cmd_version;

/*
 * One row of a table of commands; a table ends with a row whose name is NULL. A table that begins
 * with "list" lists if no command is given.
 */
struct cli_command_row {
	const char *name;
	cli_command *run;
	const char *help;                   /* one line */
	const struct cli_command_row *rows; /* the commands under this one; run is NULL */
};

extern const struct cli_command_row events_commands[], rules_commands[], scenario_commands[],
	trace_commands[];

/* ---- Options ---- */

/* Keys of options that are the same everywhere; those of one command begin at 0x100. */
enum { CLI_OPT_JSON = 0x200 };

/* Parse all arguments; wrong usage ends the program with CLI_USAGE, --help with CLI_MET. */
void cli_parse(const struct argp *argp, int argc, char **argv, void *args);

/* The options -p PATH=VALUE, --seed and --policy, as overrides of a scenario. */
struct cli_overrides {
	const char **items;   /* in order of the command line; owned, as are the texts */
	const char **origins; /* where each stands, for messages; NULL: -p; owned likewise */
	size_t nr;
	const char *origin; /* of what is added from here on; the caller's */
};
extern const struct argp cli_override_argp; /* its input is a struct cli_overrides */

void cli_override_add(struct cli_overrides *o, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void cli_override_add_all(struct cli_overrides *o, const struct cli_overrides *more);
/* Add "a=1,b=2" piece by piece. A comma within brackets, braces or quotes does not separate. */
void cli_override_add_list(struct cli_overrides *o, const char *list);
void cli_override_free(struct cli_overrides *o);
/* As the reader of scenarios wants them; valid until o changes. */
struct sim_conf_opts cli_override_opts(const struct cli_overrides *o);

/* The number an option was given, min..max, or the end of the program. */
uint64_t cli_number(struct argp_state *state, const char *option, const char *text, uint64_t min,
		    uint64_t max);
/* The time an option was given, in ns. */
uint64_t cli_time(struct argp_state *state, const char *option, const char *text);
/* The index of text in names (ended by NULL), or the end of the program. */
int cli_choice(struct argp_state *state, const char *option, const char *text,
	       const char *const *names);

/* End the program if two of the n files are one; NULL stands for none, "-" for standard output. */
void cli_distinct(struct argp_state *state, const char *const *files, size_t n);
/*
 * An output never goes over a file that is read. 0, or -1 and *err if one of the n outputs is the
 * input, under whatever name. NULL stands for none, "-" for a stream.
 */
int cli_spare(const char *input, const char *const *outputs, size_t n, struct sim_err *err);
/* The same for all files of a document: what it extends and includes, too. */
int cli_spare_sources(const struct sim_conf_doc *doc, const char *const *outputs, size_t n,
		      struct sim_err *err);

/* ---- Messages and output ---- */

/* Print "netfs-sim: TEXT" to standard error and return code. */
int cli_fail(int code, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/*
 * Write b to the file called path ("-": standard output) whole or not at all, and free b. Returns
 * code, or CLI_USAGE with a message if it cannot be written.
 */
int cli_write(const char *path, struct sim_buf *b, int code);
/* The same to standard output. */
int cli_print(struct sim_buf *b, int code);

/* Columns of standard output: $COLUMNS, the terminal's, or 100 where there is none. */
unsigned cli_width(void);

#endif
