/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The subcommands of netfs-sim trace. */
#ifndef CLI_CMD_TRACE_H
#define CLI_CMD_TRACE_H

#include "cli/cli.h"

cli_command cmd_trace_print, cmd_trace_stat, cmd_trace_diff, cmd_trace_import, cmd_trace_check;

#endif
