/* SPDX-License-Identifier: GPL-2.0-or-later */
/* netfs-sim events: the table of trace events, as a list and as the manual page. */
#include <string.h>

#include "cli/generations.h"
#include "cli/list.h"
#include "model/events/events.h"

static const struct table_column columns[] = {
	{"name", "EVENT"},
	{"system", "SYSTEM"},
	{"versions", "KERNELS"},
	{"observation", NULL},
	{"doc", "WHAT HAPPENED"},
	{"layout", NULL},
	{NULL},
};

static void fill(struct table *t)
{
	for (unsigned i = 0; i < NR_EVENTS; i++) {
		const struct sim_trace_event *ev = &model_events[i];
		struct sim_buf kernels = {0};

		for (unsigned v = 0; v < CLI_GENERATIONS; v++)
			if (ev->versions >> v & 1)
				sim_buf_printf(&kernels, "%s%s", kernels.len ? "," : "",
					       cli_generations[v].name);
		table_text(t, ev->name);
		table_text(t, ev->system);
		table_text(t, kernels.data);
		table_text(t, ev->flags & SIM_TRACE_OBSERVE ? "yes" : "no");
		table_text(t, ev->doc);
		table_text(t, ev->layout);
		sim_buf_free(&kernels);
	}
}

static const char doc[] = "List the trace events; netfs-sim-events(7) describes them in full.";

static int list(int argc, char **argv)
{
	return cli_list(argc, argv, doc, columns, fill);
}

static int man(int argc, char **argv)
{
	static const struct argp argp = {.doc = "Print netfs-sim-events(7) in the form of scdoc."};
	struct sim_buf out = {0};

	cli_parse(&argp, argc, argv, NULL);
	events_man(&out);
	return cli_print(&out, CLI_MET);
}

const struct cli_command_row events_commands[] = {
	{"list", list, "list the trace events"},
	{"man", man, "print the manual page of the events (scdoc)"},
	{NULL},
};
