/* SPDX-License-Identifier: GPL-2.0-or-later */
/* netfs-sim trace: what can be done with traces, ours and the kernel's. */
#include "cli/cmd_trace.h"

const struct cli_command_row trace_commands[] = {
	{"print", cmd_trace_print, "print the events that match"},
	{"stat", cmd_trace_stat, "count events, requests, messages and calls"},
	{"diff", cmd_trace_diff, "compare two traces event by event"},
	{"check", cmd_trace_check, "simulate recordings of real kernels and compare"},
	{"import", cmd_trace_import, "make a scenario of a recording"},
	{NULL},
};
