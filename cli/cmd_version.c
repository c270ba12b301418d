/* SPDX-License-Identifier: GPL-2.0-or-later */
/* netfs-sim version. */
#include "cli/cli.h"

int cmd_version(int argc, char **argv)
{
	static const struct argp argp = {.doc = "Print the version."};
	struct sim_buf out = {0};

	cli_parse(&argp, argc, argv, NULL);
	sim_buf_puts(&out, CLI_NAME " " CLI_VERSION "\n");
	return cli_print(&out, CLI_MET);
}
