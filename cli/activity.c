/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Spans of time from the lines of a trace. */
#include "cli/activity.h"

#include <stdlib.h>
#include <string.h>

#include "cli/activity_impl.h"
#include "cli/recorded.h"
#include "model/scenario/scenario.h"
#include "model/scenario/schema.h"

const char *const span_type_names[SPAN_TYPES] = {"requests", "subrequests", "messages", "calls"};

static bool one_of(const char *s, const char *const *names)
{
	for (; *names; names++)
		if (!strcmp(s, *names))
			return true;
	return false;
}

bool span_writes(const struct span *s)
{
	static const char *const writing[] = {"UPLD", "WRIT",     "P9_TWRITE", "write",
					      "WB",   "WT",       "LW",        "UW",
					      "DW",   "writeseq", "pwritev2",  NULL};

	return one_of(s->kind, writing);
}

bool span_moves(const struct span *s)
{
	static const char *const reading[] = {"DOWN", "READ", "P9_TREAD", "read", "RA",
					      "RP",   "RW",   "RG",       "DR",   NULL};

	return span_writes(s) || one_of(s->kind, reading);
}

/* ---- building, for the readers of single events ---- */

/* Make room for one more element; arrays double at powers of two. */
static void *grow(struct sim_arena *arena, void *at, size_t nr, size_t size)
{
	if (nr & (nr - 1) || nr == 1)
		return nr == 1 ? sim_realloc_array(arena, at, 1, 2, size) : at;
	return sim_realloc_array(arena, at, nr, nr ? 2 * nr : 1, size);
}

struct span *activity_open(struct activity_reader *r, enum span_type type, const char *key,
			   const char *kind)
{
	struct span_list *list = &r->a->spans[type];
	uint32_t name;
	struct span *s;

	list->at = grow(r->a->arena, list->at, list->nr, sizeof(*list->at));
	s = &list->at[list->nr++];
	*s = (struct span){
		.kind = kind, .begin_ns = r->now_ns, .end_ns = r->now_ns, .parent = UINT32_MAX};
	name = strtab_adds(&r->keys, key);
	if (name >= r->nr_open) {
		size_t n = r->nr_open ? 2 * r->nr_open : 64;

		r->open = sim_realloc_array(r->a->arena, r->open, r->nr_open, n, sizeof(*r->open));
		r->nr_open = n;
	}
	/* One with the same key that never ended: it ended where it was last seen. */
	if (r->open[name])
		list->at[r->open[name] - 1].ended = true;
	r->open[name] = list->nr; /* index + 1 */
	return s;
}

struct span *activity_find(struct activity_reader *r, enum span_type type, const char *key)
{
	uint32_t name;

	if (!strtab_find(&r->keys, key, strlen(key), &name) || name >= r->nr_open || !r->open[name])
		return NULL;
	return &r->a->spans[type].at[r->open[name] - 1];
}

void activity_close(struct activity_reader *r, struct span *s, const char *key)
{
	uint32_t name;

	s->end_ns = r->now_ns;
	s->ended = true;
	if (strtab_find(&r->keys, key, strlen(key), &name))
		r->open[name] = 0;
}

void activity_sample(struct activity_reader *r, uint64_t dirty, uint64_t writeback)
{
	struct activity *a = r->a;

	a->memory = grow(a->arena, a->memory, a->nr_memory, sizeof(*a->memory));
	a->memory[a->nr_memory++] = (struct memory_sample){r->now_ns, dirty, writeback};
}

const char *activity_name(struct activity_reader *r, struct scan_span s)
{
	uint32_t n = strtab_add(&r->names, s.p, s.len);

	return r->names.text[n];
}

/* ---- the whole trace ---- */

/* More than this is no list of tasks that a run wrote. */
#define RECORDED_PID_MAX    (1u << 22)
#define RECORDED_CLIENT_MAX (SCN_CLIENTS_MAX - 1u)

/* Which events tell of messages, calls and memory: the simulator's own, if there are any. */
static void survey(struct activity_reader *r, const struct ftrace_file *f)
{
	for (size_t i = 0; i < f->nr; i++) {
		r->has_rpc |= !strcmp(f->recs[i].event, "sim:rpc");
		r->has_syscall |= !strcmp(f->recs[i].event, "sim:syscall");
		r->has_memory |= !strcmp(f->recs[i].event, "sim:memory");
	}
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct event_count *)a)->name, ((const struct event_count *)b)->name);
}

static void count_events(struct activity *a, const struct ftrace_file *f)
{
	struct strtab names;

	strtab_init(&names, a->arena);
	for (size_t i = 0; i < f->nr; i++) {
		uint32_t n = strtab_adds(&names, f->recs[i].event);

		if (n == a->nr_events) {
			a->events = grow(a->arena, a->events, a->nr_events, sizeof(*a->events));
			a->events[a->nr_events++] = (struct event_count){names.text[n], 0};
		}
		a->events[n].count++;
	}
	/* Total order: no two names are the same. */
	if (a->nr_events)
		qsort(a->events, a->nr_events, sizeof(*a->events), by_name);
}

static void close_all(struct activity *a)
{
	for (unsigned t = 0; t < SPAN_TYPES; t++)
		for (size_t i = 0; i < a->spans[t].nr; i++)
			if (!a->spans[t].at[i].ended)
				a->spans[t].at[i].end_ns = a->end_ns;
}

static void note_task(void *arg, uint32_t pid, uint32_t client)
{
	struct activity_reader *r = arg;
	size_t n = r->nr_pids;

	if (pid > RECORDED_PID_MAX || client > RECORDED_CLIENT_MAX)
		return;
	if (pid >= n) {
		r->nr_pids = 2 * (size_t)pid + 1;
		r->client_of = sim_realloc_array(r->a->arena, r->client_of, n, r->nr_pids,
						 sizeof(*r->client_of));
		memset(r->client_of + n, 0, (r->nr_pids - n) * sizeof(*r->client_of));
	}
	r->client_of[pid] = client;
	if (client >= r->a->nr_clients)
		r->a->nr_clients = client + 1;
}

static void read_events(struct activity *a, const char *text, const struct ftrace_file *f)
{
	struct activity_reader r = {.a = a};

	a->nr_clients = 1;
	recorded_tasks(text, note_task, &r);
	strtab_init(&r.keys, a->arena);
	strtab_init(&r.names, a->arena);
	strtab_init(&r.folios, a->arena);
	strtab_init(&r.messages, a->arena);
	survey(&r, f);
	count_events(a, f);
	if (f->nr)
		a->begin_ns = f->recs[0].time_ns;
	for (size_t i = 0; i < f->nr; i++) {
		r.now_ns = f->recs[i].time_ns;
		if (r.now_ns > a->end_ns)
			a->end_ns = r.now_ns;
		r.is_interrupt = !f->recs[i].pid;
		r.client = f->recs[i].pid < r.nr_pids ? r.client_of[f->recs[i].pid] : 0;
		activity_event(&r, &f->recs[i]);
	}
	close_all(a);
}

/* What the head of a trace of ours says of the scenario. */
static void read_head(struct activity *a, const char *path, const char *text)
{
	struct sim_buf yaml = {0};
	struct sim_err err = {0};
	struct scenario *scn = NULL;

	a->page_size = 4096;
	recorded_scenario(text, &yaml);
	if (yaml.len)
		scn = scenario_load_text(path, yaml.data, yaml.len, NULL, &err);
	if (scn) {
		a->page_size = scn->memory.page;
		a->purpose = scn->purpose ? sim_strdup(a->arena, scn->purpose) : NULL;
	}
	scenario_free(scn);
	sim_buf_free(&yaml);
}

int activity_read_text(const char *name, const char *text, size_t len, struct activity *a,
		       struct sim_err *err)
{
	struct ftrace_file f;

	*a = (struct activity){0};
	if (ftrace_read_text(name, text, len, &f, err))
		return -1;
	if (ftrace_require(name, f.nr, f.nr_other, err)) {
		ftrace_free(&f);
		return -1;
	}
	a->arena = sim_arena_new(0, sim_xoom, NULL);
	read_head(a, name, text);
	read_events(a, text, &f);
	ftrace_free(&f);
	return 0;
}

int activity_read(const char *path, struct activity *a, struct sim_err *err)
{
	char *text;
	size_t len;
	int ret;

	*a = (struct activity){0};
	if (sim_read_file(path, FTRACE_FILE_MAX, &text, &len, err))
		return -1;
	ret = activity_read_text(path, text, len, a, err);
	sim_xfree(text);
	return ret;
}

void activity_free(struct activity *a)
{
	sim_arena_free(a->arena);
	*a = (struct activity){0};
}
