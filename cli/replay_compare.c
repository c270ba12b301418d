/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Holds a run against the lines of a recorded trace as it goes. */
#include "cli/replay_compare.h"

#include <string.h>

#include "cli/run_trace.h"
#include "sim/base/arena.h"
#include "sim/base/list.h"
#include "traces/format/ftrace_read.h"
#include "traces/format/ftrace_write.h"

static bool is_choice(const char *line, size_t len)
{
	struct sim_buf copy = {0};
	struct ftrace_record rec;
	bool ret = false;

	sim_buf_add(&copy, line, len);
	sim_buf_putc(&copy, '\0');
	if (strstr(copy.data, ": sim:choice") && ftrace_parse_line(copy.data, &rec))
		ret = !strncmp(rec.event, "sim:choice", strlen("sim:choice"));
	sim_buf_free(&copy);
	return ret;
}

/* The next line that is an event, but for choices: the replay itself checks those. */
static const char *next_line(struct replay_compare *c, size_t *len)
{
	while (*c->at) {
		const char *line = c->at;

		*len = strcspn(line, "\n");
		c->at += *len + (line[*len] == '\n');
		c->line++;
		if (*len && *line != '#' && !is_choice(line, *len))
			return line;
	}
	return NULL;
}

static char *copy_line(const char *line, size_t len)
{
	char *text = sim_xcalloc(len + 1, 1);

	memcpy(text, line, len);
	return text;
}

static void on_record(struct sim_trace_sink *sink, const struct sim_trace_record *rec)
{
	struct replay_compare *c = sim_container_of(sink, struct replay_compare, sink);
	struct sim_buf now = {0};
	const char *line;
	size_t len = 0;

	if (c->differs)
		return;
	ftrace_line(c->text, rec, &now);
	now.len--; /* the newline */
	line = next_line(c, &len);
	if (line && len == now.len && !memcmp(line, now.data, len)) {
		c->same++;
	} else {
		c->differs = true;
		c->recorded = line ? copy_line(line, len) : NULL;
		c->now = copy_line(now.data, now.len);
	}
	sim_buf_free(&now);
}

void replay_compare_begin(struct replay_compare *c, struct scenario_run *run, const char *events,
			  const char *recording)
{
	*c = (struct replay_compare){
		.sink = {.record = on_record, .windowed = true},
		.trace = run->trace,
		.text = sim_trace_text_new(run->trace->events, run->trace->nr_events,
					   run->scn->design.generation),
		.at = recording,
	};
	sim_trace_add_sink(run->trace, &c->sink);
	run_trace_filter(run->trace, &c->sink, events);
	run_trace_choices(run->trace, &c->sink, false);
}

void replay_compare_end(struct replay_compare *c)
{
	const char *line;
	size_t len;

	sim_trace_remove_sink(c->trace, &c->sink);
	if (c->differs)
		return;
	line = next_line(c, &len);
	if (!line)
		return;
	c->differs = true;
	c->recorded = copy_line(line, len);
}

void replay_compare_free(struct replay_compare *c)
{
	sim_trace_text_free(c->text);
	sim_xfree(c->recorded);
	sim_xfree(c->now);
}
