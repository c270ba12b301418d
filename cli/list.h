/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Commands that do nothing but print one table: "NAME list [--json]". */
#ifndef CLI_LIST_H
#define CLI_LIST_H

#include "cli/cli.h"
#include "cli/table.h"

/*
 * Parse "list [--json]", call fill, print. doc: what --help says. columns: of the table that fill
 * adds rows to.
 */
int cli_list(int argc, char **argv, const char *doc, const struct table_column *columns,
	     void (*fill)(struct table *t));

/* Print t and free it. */
int cli_print_table(struct table *t, bool json);

#endif
