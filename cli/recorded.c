/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a trace file written by run_trace says of its run. */
#include "cli/recorded.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli/run_trace.h"
#include "model/events/sites.h"
#include "sim/base/arena.h"
#include "traces/format/ftrace_read.h"
#include "traces/format/scan.h"

#define MARK "# " RUN_TRACE_MARK

struct reader {
	struct recorded *r;
	const char *name;
	uint32_t line;
	bool head, has_fingerprint;
	struct sim_err *err;
};

static int wrong(struct reader *rd, const char *what)
{
	return sim_err_set(rd->err, "%s:%u: %s", rd->name, rd->line, what);
}

static bool scan_number(const char **p, const char *before, uint64_t *v)
{
	return scan_lit(p, before) && scan_dec(p, v);
}

static bool scan_hash(const char **p, uint64_t *hash)
{
	struct scan_span digits;

	return scan_lit(p, " hash=") && scan_hex(p, &digits, hash);
}

/* "#12 ready task=3 op=4 obj=0 sub=0 occ=0 1/2 hash=0123456789abcdef" */
static bool parse_pick(const char *p, struct sim_choice_record *c)
{
	uint64_t task, op, obj, sub, occ, pick, n;
	struct scan_span site;
	char name[64];
	int number;

	if (!scan_number(&p, "#", &c->ordinal) || !scan_blanks(&p) || !scan_solid(&p, &site) ||
	    !scan_number(&p, " task=", &task) || !scan_number(&p, " op=", &op) ||
	    !scan_number(&p, " obj=", &obj) || !scan_number(&p, " sub=", &sub) ||
	    !scan_number(&p, " occ=", &occ) || !scan_number(&p, " ", &pick) ||
	    !scan_number(&p, "/", &n) || !scan_hash(&p, &c->hash))
		return false;
	snprintf(name, sizeof(name), "%.*s", (int)site.len, site.p);
	number = model_site_find(name);
	if (number < 0)
		return false;
	c->mark = SIM_CHOICE_PICK;
	c->choice.site = (uint16_t)number;
	c->choice.task = (uint32_t)task;
	c->choice.op = (uint32_t)op;
	c->choice.obj = (uint32_t)obj;
	c->choice.sub = sub;
	c->choice.n = (uint32_t)n;
	c->occurrence = (uint32_t)occ;
	c->pick = (uint32_t)pick;
	return true;
}

/* "#1024 check hash=0123456789abcdef" */
static bool parse_mark(const char *p, struct sim_choice_record *c)
{
	struct scan_span mark;

	if (!scan_number(&p, "#", &c->ordinal) || !scan_blanks(&p) || !scan_solid(&p, &mark) ||
	    !scan_hash(&p, &c->hash))
		return false;
	c->mark = scan_span_is(mark, "end") ? SIM_CHOICE_END : SIM_CHOICE_CHECK;
	return true;
}

static int add_choice(struct reader *rd, const char *event, const char *text)
{
	struct sim_choice_record c = {0};
	struct recorded *r = rd->r;

	if (!strcmp(event, "sim:choice") ? !parse_pick(text, &c) : !parse_mark(text, &c))
		return wrong(rd, "this choice cannot be read; was it written by another version?");
	if (!(r->nr_choices & (r->nr_choices - 1)))
		r->choices = sim_xrealloc(r->choices, r->nr_choices ? 2 * r->nr_choices : 1,
					  sizeof(*r->choices));
	r->choices[r->nr_choices++] = c;
	return 0;
}

static int add_partial(struct reader *rd, const char *text)
{
	struct recorded *r = rd->r;
	struct sim_fingerprint f;
	uint64_t after;

	if (!scan_dec(&text, &after) || !scan_lit(&text, " ") || sim_fingerprint_parse(text, &f))
		return wrong(rd, "no fingerprint");
	r->partials = sim_xrealloc(r->partials, r->nr_partials + 1, sizeof(*r->partials));
	r->partials[r->nr_partials++] = f;
	return 0;
}

static int parse_head_line(struct reader *rd, const char *p)
{
	struct recorded *r = rd->r;
	uint64_t format;

	if (scan_number(&p, "trace ", &format)) {
		if (format != RUN_TRACE_FORMAT)
			return wrong(rd, "a format of traces that this version does not know");
		rd->head = true;
	} else if (scan_lit(&p, "version ")) {
		sim_xfree(r->version);
		r->version = sim_xstrdup(p);
	} else if (scan_lit(&p, "events ")) {
		sim_xfree(r->events);
		r->events = sim_xstrdup(p);
	}
	return 0;
}

static int parse_comment(struct reader *rd, const char *p)
{
	struct recorded *r = rd->r;

	if (scan_lit(&p, "sim:choice: "))
		return add_choice(rd, "sim:choice", p);
	if (scan_lit(&p, "sim:choice_check: "))
		return add_choice(rd, "sim:choice_check", p);
	if (scan_lit(&p, "after "))
		return add_partial(rd, p);
	if (scan_lit(&p, "end ")) {
		sim_xfree(r->end);
		r->end = sim_xstrdup(p);
	} else if (scan_lit(&p, "steps ")) {
		scan_dec(&p, &r->steps);
	} else if (scan_lit(&p, "records ")) {
		scan_dec(&p, &r->records);
	} else if (scan_lit(&p, "fingerprint ")) {
		if (sim_fingerprint_parse(p, &r->fingerprint))
			return wrong(rd, "no fingerprint");
		rd->has_fingerprint = true;
	} else if (scan_lit(&p, " ")) {
		sim_buf_printf(&r->yaml, "%s\n", p);
	} else {
		return parse_head_line(rd, p);
	}
	return 0;
}

/* One line, without its end; it is written to. */
static int parse_line(struct reader *rd, char *line)
{
	struct ftrace_record rec;
	const char *p = line;

	if (scan_lit(&p, MARK))
		return parse_comment(rd, p);
	if (*line == '#' || !strstr(line, ": sim:choice") || !ftrace_parse_line(line, &rec))
		return 0;
	if (!strcmp(rec.event, "sim:choice") || !strcmp(rec.event, "sim:choice_check"))
		return add_choice(rd, rec.event, rec.text);
	return 0;
}

static int parse_all(struct reader *rd, const char *text)
{
	struct sim_buf line = {0};
	int ret = 0;

	while (*text && !ret) {
		size_t len = strcspn(text, "\n");

		rd->line++;
		sim_buf_clear(&line);
		sim_buf_add(&line, text, len);
		sim_buf_putc(&line, '\0');
		ret = parse_line(rd, line.data);
		text += len + (text[len] == '\n');
	}
	sim_buf_free(&line);
	return ret;
}

int recorded_read(const char *name, const char *text, struct recorded *r, struct sim_err *err)
{
	struct reader rd = {.r = r, .name = name, .err = err};
	int ret;

	*r = (struct recorded){.events = sim_xstrdup("kernel")};
	ret = parse_all(&rd, text);
	if (!ret && (!rd.head || !r->yaml.len))
		ret = sim_err_set(err,
				  "%s: no trace that this program wrote: it lacks the '%s' lines",
				  name, MARK);
	if (!ret && (!rd.has_fingerprint || !r->end))
		ret = sim_err_set(err, "%s: the trace is cut: it lacks its fingerprint at the end",
				  name);
	if (ret)
		recorded_free(r);
	return ret;
}

void recorded_free(struct recorded *r)
{
	sim_xfree(r->version);
	sim_xfree(r->events);
	sim_xfree(r->end);
	sim_xfree(r->choices);
	sim_xfree(r->partials);
	sim_buf_free(&r->yaml);
	*r = (struct recorded){0};
}

void recorded_scenario(const char *text, struct sim_buf *yaml)
{
	static const char mark[] = MARK " ";

	while (*text) {
		size_t len = strcspn(text, "\n");

		if (!strncmp(text, mark, sizeof(mark) - 1)) {
			sim_buf_add(yaml, text + sizeof(mark) - 1, len - (sizeof(mark) - 1));
			sim_buf_putc(yaml, '\n');
		}
		text += len + (text[len] == '\n');
	}
}

void recorded_tasks(const char *text, void (*fn)(void *arg, uint32_t pid, uint32_t client),
		    void *arg)
{
	for (; *text; text += strcspn(text, "\n"), text += *text == '\n') {
		const char *p = text;
		uint64_t client, pid;

		if (!scan_number(&p, MARK "client ", &client))
			continue;
		while (scan_number(&p, " ", &pid))
			fn(arg, (uint32_t)pid, (uint32_t)client);
	}
}
