/* SPDX-License-Identifier: GPL-2.0-or-later */
/* netfs-sim trace stat: what happened in a trace, in numbers. */
#include <stdlib.h>
#include <string.h>

#include "cli/activity.h"
#include "cli/cmd_trace.h"
#include "cli/figures.h"
#include "cli/list.h"

struct stat_args {
	const char *path;
	bool json, hist;
};

static const struct argp_option options[] = {
	{"json", CLI_OPT_JSON, NULL, 0, "Print JSON"},
	{"hist", 'H', NULL, 0, "Histograms of durations, too"},
	{0},
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct stat_args *a = state->input;

	switch (key) {
	case CLI_OPT_JSON:
		a->json = true;
		return 0;
	case 'H':
		a->hist = true;
		return 0;
	case ARGP_KEY_ARG:
		if (a->path)
			argp_error(state, "'%s': one trace at a time", arg);
		a->path = arg;
		return 0;
	case ARGP_KEY_NO_ARGS:
		argp_error(state, "which trace? ('-' is standard input)");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	options, parse, "TRACE",
	"Count the events of an ftrace text, and the requests, subrequests, messages and system "
	"calls that they tell of, with the time each took."};

/* ---- one kind of span ---- */

struct kind {
	const char *name;
	uint64_t count, failed, bytes, total_ns, max_ns;
};

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct kind *)a)->name, ((const struct kind *)b)->name);
}

/* The row of a name, made if it is new; there are few names. */
static struct kind *kind_of(struct kind **kinds, size_t *nr, const char *name)
{
	for (size_t i = 0; i < *nr; i++)
		if (!strcmp((*kinds)[i].name, name))
			return &(*kinds)[i];
	*kinds = sim_xrealloc(*kinds, *nr + 1, sizeof(**kinds));
	(*kinds)[*nr] = (struct kind){.name = name};
	return &(*kinds)[(*nr)++];
}

static struct kind *sum_up(const struct span_list *spans, size_t *nr)
{
	struct kind *kinds = NULL;

	*nr = 0;
	for (size_t i = 0; i < spans->nr; i++) {
		const struct span *s = &spans->at[i];
		struct kind *k = kind_of(&kinds, nr, s->kind);
		uint64_t ns = s->end_ns - s->begin_ns;

		k->count++;
		k->failed += s->error < 0;
		k->bytes += s->bytes;
		k->total_ns += ns;
		k->max_ns = ns > k->max_ns ? ns : k->max_ns;
	}
	/* Total order: no two names are the same. */
	if (*nr)
		qsort(kinds, *nr, sizeof(*kinds), by_name);
	return kinds;
}

static const struct table_column span_columns[] = {
	{"kind", "KIND"},
	{"count", "COUNT", true},
	{"failed", "FAILED", true},
	{"bytes", "BYTES", true},
	{"mean_ns", "MEAN ns", true},
	{"max_ns", "MAX ns", true},
	{NULL},
};

static void fill_spans(struct table *t, const struct span_list *spans)
{
	struct kind *kinds;
	size_t nr;

	kinds = sum_up(spans, &nr);
	for (size_t i = 0; i < nr; i++) {
		table_text(t, kinds[i].name);
		table_number(t, kinds[i].count);
		table_number(t, kinds[i].failed);
		table_number(t, kinds[i].bytes);
		table_number(t, kinds[i].total_ns / kinds[i].count);
		table_number(t, kinds[i].max_ns);
	}
	sim_xfree(kinds);
}

/* ---- events ---- */

static const struct table_column event_columns[] = {
	{"event", "EVENT"}, {"count", "COUNT", true}, {NULL}};

static void fill_events(struct table *t, const struct activity *a)
{
	for (size_t i = 0; i < a->nr_events; i++) {
		table_text(t, a->events[i].name);
		table_number(t, a->events[i].count);
	}
}

/* ---- histograms in the manner of bpftrace ---- */

#define HIST_BARS 40

/* Powers of two of a microsecond: the resolution of the text. */
static unsigned bucket_of(uint64_t ns)
{
	uint64_t us = ns / 1000;

	return us ? 64 - (unsigned)__builtin_clzll(us) : 0;
}

static void put_bucket(struct sim_buf *out, unsigned b, uint64_t count, uint64_t most)
{
	char from[32], to[32];
	struct sim_buf range = {0};

	figure_text(from, FIGURE_NS, b ? 1000ull << (b - 1) : 0);
	figure_text(to, FIGURE_NS, b < 50 ? 1000ull << b : UINT64_MAX);
	sim_buf_printf(&range, "[%s, %s)", from, to);
	sim_buf_printf(out, "  %-20s %8llu |", range.data, (unsigned long long)count);
	for (unsigned i = 0; i < HIST_BARS; i++)
		sim_buf_putc(out, i < count * HIST_BARS / most ? '@' : ' ');
	sim_buf_puts(out, "|\n");
	sim_buf_free(&range);
}

static void put_hist(struct sim_buf *out, const struct span_list *spans, const char *kind)
{
	uint64_t buckets[65] = {0}, most = 0;
	unsigned first = 65, last = 0;

	for (size_t i = 0; i < spans->nr; i++) {
		unsigned b = bucket_of(spans->at[i].end_ns - spans->at[i].begin_ns);

		if (strcmp(spans->at[i].kind, kind))
			continue;
		most = ++buckets[b] > most ? buckets[b] : most;
		first = b < first ? b : first;
		last = b > last ? b : last;
	}
	for (unsigned b = first; b <= last; b++)
		put_bucket(out, b, buckets[b], most);
}

static void put_hists(struct sim_buf *out, const struct span_list *spans, const char *type)
{
	struct kind *kinds;
	size_t nr;

	kinds = sum_up(spans, &nr);
	for (size_t i = 0; i < nr; i++) {
		sim_buf_printf(out, "\n%s %s: time taken\n", type, kinds[i].name);
		put_hist(out, spans, kinds[i].name);
	}
	sim_xfree(kinds);
}

/* ---- all ---- */

static void put_text(const struct stat_args *args, const struct activity *a, struct sim_buf *out)
{
	struct table t = {.columns = event_columns};
	uint64_t us = (a->end_ns - a->begin_ns) / 1000;
	uint64_t nr = 0;

	for (size_t i = 0; i < a->nr_events; i++)
		nr += a->events[i].count;
	sim_buf_printf(out, "%s: %llu events in %llu.%06llu s\n", args->path,
		       (unsigned long long)nr, (unsigned long long)(us / 1000000),
		       (unsigned long long)(us % 1000000));
	if (a->purpose)
		sim_buf_printf(out, "scenario: %s\n", a->purpose);
	sim_buf_putc(out, '\n');
	fill_events(&t, a);
	table_print(&t, cli_width(), out);
	table_free(&t);
	t.columns = span_columns;
	for (unsigned type = 0; type < SPAN_TYPES; type++) {
		if (!a->spans[type].nr)
			continue;
		sim_buf_printf(out, "\n%s\n", span_type_names[type]);
		fill_spans(&t, &a->spans[type]);
		table_print(&t, cli_width(), out);
		table_free(&t);
	}
	for (unsigned type = 0; args->hist && type < SPAN_TYPES; type++)
		put_hists(out, &a->spans[type], span_type_names[type]);
}

static void put_json(const struct stat_args *args, const struct activity *a, struct sim_buf *out)
{
	struct table t = {.columns = event_columns};
	struct json j = {.out = out};

	json_open(&j, NULL, '{');
	json_text(&j, "trace", args->path);
	json_text(&j, "purpose", a->purpose);
	json_uint(&j, "begin_ns", a->begin_ns);
	json_uint(&j, "end_ns", a->end_ns);
	fill_events(&t, a);
	table_json(&t, &j, "events");
	table_free(&t);
	t.columns = span_columns;
	for (unsigned type = 0; type < SPAN_TYPES; type++) {
		fill_spans(&t, &a->spans[type]);
		table_json(&t, &j, span_type_names[type]);
		table_free(&t);
	}
	json_close(&j, '}');
}

int cmd_trace_stat(int argc, char **argv)
{
	struct stat_args args = {0};
	struct sim_buf out = {0};
	struct sim_err err = {0};
	struct activity a;

	cli_parse(&argp, argc, argv, &args);
	if (activity_read(args.path, &a, &err))
		return cli_fail(CLI_USAGE, "%s", err.text);
	if (args.json)
		put_json(&args, &a, &out);
	else
		put_text(&args, &a, &out);
	activity_free(&a);
	return cli_print(&out, CLI_MET);
}
