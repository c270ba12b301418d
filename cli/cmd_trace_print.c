/* SPDX-License-Identifier: GPL-2.0-or-later */
/* netfs-sim trace print: the lines of a trace that match, as they are. */
#include <stdlib.h>
#include <string.h>

#include "cli/cmd_trace.h"
#include "cli/json.h"
#include "cli/patterns.h"
#include "sim/base/arena.h"
#include "traces/format/ftrace_read.h"
#include "traces/format/output.h"
#include "traces/format/scan.h"

struct print_args {
	const char *path;
	struct patterns event, task;
	bool has_request;
	uint64_t request;
	uint64_t from_ns, to_ns; /* after the first event */
	uint64_t head;
	bool json;
};

static const struct argp_option options[] = {
	{"event", 'e', "PATTERN", 0,
	 "Only events whose name matches, such as 'netfs_*'; '!mm_*': all others (may "
	 "be repeated)"},
	{"task", 't', "PATTERN", 0,
	 "Only tasks whose name matches, such as 'kworker*' (may be repeated)"},
	{"request", 'R', "HEX", 0, "Only lines of this request, as in R=0000001a"},
	{"from", 'f', "TIME", 0, "Only from TIME after the first event on (10ms)"},
	{"to", 'u', "TIME", 0, "Only up to TIME after the first event"},
	{"head", 'n', "N", 0, "At most the first N lines that match"},
	{"json", CLI_OPT_JSON, NULL, 0, "Print an array of objects"},
	{0},
};

static void parse_request(struct argp_state *state, const char *arg, struct print_args *a)
{
	const char *p = arg;
	struct scan_span digits;

	scan_lit(&p, "R=");
	a->has_request = true;
	if (!scan_hex(&p, &digits, &a->request) || *p)
		argp_error(state, "--request: '%s' is no number in small hexadecimal digits", arg);
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct print_args *a = state->input;

	switch (key) {
	case 'e':
		patterns_add(&a->event, arg);
		return 0;
	case 't':
		patterns_add(&a->task, arg);
		return 0;
	case 'R':
		parse_request(state, arg, a);
		return 0;
	case 'f':
		a->from_ns = cli_time(state, "--from", arg);
		return 0;
	case 'u':
		a->to_ns = cli_time(state, "--to", arg);
		return 0;
	case 'n':
		a->head = cli_number(state, "--head", arg, 0, UINT64_MAX);
		return 0;
	case CLI_OPT_JSON:
		a->json = true;
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
	"Print the lines of an ftrace text that are events and match all that is asked for."};

/* Whether the text begins with this request's number. */
static bool of_request(const char *text, uint64_t number)
{
	struct scan_span digits;
	uint64_t v;

	return scan_lit(&text, "R=") && scan_hex(&text, &digits, &v) && v == number;
}

static bool matches(const struct print_args *a, const struct ftrace_record *rec, uint64_t origin_ns)
{
	uint64_t at = rec->time_ns - origin_ns;

	if (at < a->from_ns || at > a->to_ns)
		return false;
	return patterns_match(&a->event, rec->event) && patterns_match(&a->task, rec->comm) &&
	       (!a->has_request || of_request(rec->text, a->request));
}

static void put_json(struct json *j, const struct ftrace_record *rec)
{
	json_open(j, NULL, '{');
	json_uint(j, "time_ns", rec->time_ns);
	json_text(j, "task", rec->comm);
	json_uint(j, "pid", rec->pid);
	json_uint(j, "cpu", rec->cpu);
	json_text(j, "event", rec->event);
	json_text(j, "text", rec->text);
	json_close(j, '}');
}

struct printer {
	const struct print_args *args;
	struct trace_output *out;
	struct json json;
	struct sim_buf line; /* a copy that the parser may write to */
	uint64_t origin_ns;
	bool has_origin,
		has_other; /* an event was seen; a line that is neither event nor comment */
	uint64_t printed;
};

static void print_line(struct printer *p, const char *text, size_t len)
{
	struct ftrace_record rec;

	sim_buf_clear(&p->line);
	sim_buf_add(&p->line, text, len);
	sim_buf_putc(&p->line, '\0');
	if (!ftrace_parse_line(p->line.data, &rec)) {
		p->has_other |= len && *text != '#';
		return;
	}
	if (!p->has_origin)
		p->origin_ns = rec.time_ns;
	p->has_origin = true;
	if (!matches(p->args, &rec, p->origin_ns))
		return;
	p->printed++;
	if (p->args->json) {
		put_json(&p->json, &rec);
	} else {
		sim_buf_add(trace_output_buf(p->out), text, len);
		sim_buf_putc(trace_output_buf(p->out), '\n');
	}
	trace_output_push(p->out);
}

static void print_all(struct printer *p, const char *text, const char *end)
{
	while (text < end && p->printed < p->args->head && !trace_output_failed(p->out)) {
		size_t len = 0;

		while (text + len < end && text[len] != '\r' && text[len] != '\n')
			len++;
		print_line(p, text, len);
		text += len + 1;
	}
}

static int print(const struct print_args *a)
{
	struct sim_err err = {0};
	struct printer p = {.args = a};
	char *text;
	size_t len;

	if (sim_read_file(a->path, FTRACE_FILE_MAX, &text, &len, &err))
		return cli_fail(CLI_USAGE, "%s", err.text);
	p.out = trace_output_open("-", &err);
	if (p.out) {
		p.json.out = trace_output_buf(p.out);
		if (a->json)
			json_open(&p.json, NULL, '[');
		print_all(&p, text, text + len);
		if (a->json)
			json_close(&p.json, ']');
		ftrace_require(a->path, p.has_origin, p.has_other, &err);
		trace_output_close(p.out, !err.set, &err);
	}
	sim_buf_free(&p.line);
	sim_xfree(text);
	return err.set ? cli_fail(CLI_USAGE, "%s", err.text) : CLI_MET;
}

int cmd_trace_print(int argc, char **argv)
{
	struct print_args a = {.to_ns = UINT64_MAX, .head = UINT64_MAX};
	int code;

	cli_parse(&argp, argc, argv, &a);
	code = print(&a);
	patterns_free(&a.event);
	patterns_free(&a.task);
	return code;
}
