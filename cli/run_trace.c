/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The trace file of a run: ftrace text with what is needed to run it again. */
#include "cli/run_trace.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/patterns.h"
#include "sim/base/arena.h"
#include "sim/base/list.h"
#include "sim/core/task.h"
#include "sim/trace/text.h"
#include "traces/format/ftrace_write.h"

struct run_trace {
	struct scenario_run *run;
	struct ftrace_writer *writer;
	struct sim_trace_text *text;
	/* Both get the choices; shut comes second and acts if the window kept the first from it. */
	struct sim_trace_sink open, shut;
	bool seen;
	/* Of several clients: who runs the tasks that are in the file. */
	struct sim_trace_sink tasks;
	uint32_t *client_of; /* by process number: client + 1, 0 unknown */
	uint32_t nr_pids;
};

static void choice_in_window(struct sim_trace_sink *sink, const struct sim_trace_record *rec)
{
	sim_container_of(sink, struct run_trace, open)->seen = true;
}

static void choice_outside(struct sim_trace_sink *sink, const struct sim_trace_record *rec)
{
	struct run_trace *rt = sim_container_of(sink, struct run_trace, shut);
	struct sim_buf b = {0};

	if (!rt->seen) {
		sim_buf_printf(&b, RUN_TRACE_MARK "%s: ", rec->event->name);
		sim_trace_text_add(rt->text, rec, &b);
		ftrace_writer_comment(rt->writer, b.data);
		sim_buf_free(&b);
	}
	rt->seen = false;
}

static void note_task(struct sim_trace_sink *sink, const struct sim_trace_record *rec)
{
	struct run_trace *rt = sim_container_of(sink, struct run_trace, tasks);
	const struct sim_task *task = rt->run->w->current;
	uint32_t pid = rec->ctx->pid, nr = rt->nr_pids;

	if (!task || !pid)
		return;
	if (pid >= nr) {
		rt->nr_pids = 2 * pid;
		rt->client_of = sim_xrealloc(rt->client_of, rt->nr_pids, sizeof(*rt->client_of));
		memset(rt->client_of + nr, 0, (rt->nr_pids - nr) * sizeof(*rt->client_of));
	}
	rt->client_of[pid] = task->client + 1;
}

/* "client 1 1006 1008" */
static void add_tasks(const struct run_trace *rt, struct sim_buf *out)
{
	for (uint32_t client = 0; client < rt->run->model->nr_clients && rt->nr_pids; client++) {
		sim_buf_printf(out, RUN_TRACE_MARK "client %u", client);
		for (uint32_t pid = 0; pid < rt->nr_pids; pid++)
			if (rt->client_of[pid] == client + 1)
				sim_buf_printf(out, " %u", pid);
		sim_buf_putc(out, '\n');
	}
}

void run_trace_choices(struct sim_trace *t, struct sim_trace_sink *sink, bool on)
{
	unsigned nr = sim_trace_filter(t, sink, "sim:choice", on) +
		      sim_trace_filter(t, sink, "sim:choice_check", on);

	assert(nr == 2);
}

/* Keep of a sink's events those whose names match. */
static void filter_names(struct sim_trace *t, struct sim_trace_sink *sink, const struct patterns *p)
{
	for (unsigned i = 0; i < t->nr_events; i++) {
		const struct sim_trace_event *ev = &t->events[i];
		const char *colon = strchr(ev->name, ':');
		struct sim_buf one = {0};

		if (patterns_match(p, ev->name))
			continue;
		sim_buf_printf(&one, "%s:%s", ev->system, colon ? colon + 1 : ev->name);
		sim_trace_filter(t, sink, one.data, false);
		sim_buf_free(&one);
	}
}

void run_trace_filter(struct sim_trace *t, struct sim_trace_sink *sink, const char *events)
{
	char *words = sim_xstrdup(events), *save = NULL;
	const char *base = strtok_r(words, " ", &save);
	struct patterns p = {0};

	if (!base || strcmp(base, "all") != 0)
		sim_trace_filter(t, sink, "sim", false);
	for (char *word = strtok_r(NULL, " ", &save); word; word = strtok_r(NULL, " ", &save))
		patterns_add(&p, word);
	filter_names(t, sink, &p);
	run_trace_choices(t, sink, true);
	patterns_free(&p);
	sim_xfree(words);
}

static void add_choice_sink(struct sim_trace *t, struct sim_trace_sink *sink,
			    void (*fn)(struct sim_trace_sink *, const struct sim_trace_record *),
			    bool windowed)
{
	sink->record = fn;
	sink->windowed = windowed;
	sim_trace_add_sink(t, sink);
	sim_trace_filter(t, sink, "*:*", false);
	run_trace_choices(t, sink, true);
}

/* The scenario line by line, behind a blank, so that it is told from the other lines. */
static void add_scenario(struct sim_buf *head, const struct scenario *scn)
{
	struct sim_buf yaml = {0};
	const char *p;

	scenario_dump(scn, &yaml);
	for (p = yaml.data; p && *p;) {
		size_t len = strcspn(p, "\n");

		sim_buf_puts(head, RUN_TRACE_MARK " ");
		sim_buf_add(head, p, len);
		sim_buf_putc(head, '\n');
		p += len + (p[len] == '\n');
	}
	sim_buf_free(&yaml);
}

struct run_trace *run_trace_new(struct scenario_run *run, struct trace_output *out,
				const char *events)
{
	unsigned version = run->scn->design.generation;
	struct run_trace *rt = sim_xcalloc(1, sizeof(*rt));
	struct sim_buf head = {0};

	sim_buf_printf(&head, RUN_TRACE_MARK "trace %d\n", RUN_TRACE_FORMAT);
	sim_buf_puts(&head, RUN_TRACE_MARK "version " CLI_VERSION "\n");
	sim_buf_printf(&head, RUN_TRACE_MARK "events %s\n", events);
	add_scenario(&head, run->scn);

	rt->run = run;
	rt->text = sim_trace_text_new(run->trace->events, run->trace->nr_events, version);
	rt->writer = ftrace_writer_new(run->trace, out,
				       &(struct ftrace_options){.version = version,
								.windowed = true,
								.comment = head.data});
	run_trace_filter(run->trace, ftrace_writer_sink(rt->writer), events);
	add_choice_sink(run->trace, &rt->open, choice_in_window, true);
	add_choice_sink(run->trace, &rt->shut, choice_outside, false);
	if (run->model->nr_clients > 1) {
		rt->tasks = (struct sim_trace_sink){.record = note_task, .windowed = true};
		sim_trace_add_sink(run->trace, &rt->tasks);
		run_trace_filter(run->trace, &rt->tasks, events);
	}
	sim_buf_free(&head);
	return rt;
}

void run_trace_finish(struct run_trace *rt, const struct scenario_report *report)
{
	const char *end = report->verdict == SCENARIO_INCOMPLETE ? "incomplete"
								 : sim_end_name(report->end);
	const struct sim_fingerprint *partial;
	char hex[SIM_FINGERPRINT_TEXT];
	struct sim_buf tail = {0};
	size_t nr;

	partial = sim_trace_partials(rt->run->trace, &nr);
	for (size_t i = 0; i < nr; i++)
		sim_buf_printf(&tail, RUN_TRACE_MARK "after %zu %s\n", (i + 1) * SIM_TRACE_PARTIAL,
			       sim_fingerprint_text(partial[i], hex));
	add_tasks(rt, &tail);
	sim_buf_printf(&tail, RUN_TRACE_MARK "end %s\n", end);
	sim_buf_printf(&tail, RUN_TRACE_MARK "steps %" PRIu64 "\n", report->steps);
	sim_buf_printf(&tail, RUN_TRACE_MARK "records %" PRIu64 "\n", report->records);
	sim_buf_printf(&tail, RUN_TRACE_MARK "fingerprint %s\n",
		       sim_fingerprint_text(report->fingerprint, hex));
	ftrace_writer_comment(rt->writer, tail.data);
	sim_buf_free(&tail);
}

void run_trace_free(struct run_trace *rt)
{
	if (!rt)
		return;
	if (rt->tasks.record)
		sim_trace_remove_sink(rt->run->trace, &rt->tasks);
	sim_xfree(rt->client_of);
	sim_trace_remove_sink(rt->run->trace, &rt->shut);
	sim_trace_remove_sink(rt->run->trace, &rt->open);
	ftrace_writer_free(rt->writer);
	sim_trace_text_free(rt->text);
	sim_xfree(rt);
}
