/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Violations: the table of rules, what is kept of each violation, and how it is told.
 *
 * Mirrors: no kernel file; reference 12.
 */
#include <stdarg.h>
#include <string.h>

#include "model/check/private.h"
#include "sim/base/math.h"
#include "sim/trace/text.h"

const struct check_rule_row check_rules[NR_CHECK_RULES] = {
#define RULE(id, rule_, name_, section_, text_) [CHECK_##id] = {rule_, name_, section_, text_},
#include "model/check/rules.def"
#undef RULE
};

enum check_rule check_rule_find(const char *id)
{
	unsigned i = 0;

	while (i < NR_CHECK_RULES && strcmp(check_rules[i].id, id) != 0 &&
	       strcmp(check_rules[i].name, id) != 0)
		i++;
	return (enum check_rule)i;
}

void check_rules_man(struct sim_buf *out)
{
	sim_buf_puts(out, "netfs-sim-rules(7)\n\n# NAME\n\nnetfs-sim-rules - what the checker of "
			  "netfs-sim looks for\n\n# DESCRIPTION\n\n"
			  "Every run is checked as it goes. A broken rule ends it, or is reported "
			  "(*check* in *netfs-sim-scenario*(5)). Expectations name a rule by its "
			  "number or its name.\n\n# RULES\n\n");
	for (unsigned i = 0; i < NR_CHECK_RULES; i++) {
		const struct check_rule_row *r = &check_rules[i];

		sim_buf_printf(out, "*%s* %s\n\t%s\n\n", r->id,
			       strcmp(r->id, r->name) ? r->name : "", r->text);
	}
	sim_buf_puts(out, "# SEE ALSO\n\n*netfs-sim*(1), *netfs-sim-scenario*(5)\n");
}

/* ---- the last records about an object ---- */

#define HISTORY_LINES 12
#define HISTORY_ROOM  2048
#define TEXT_ROOM     768

/* A violation as it is stored: its texts are with it. */
struct stored_violation {
	struct violation v;
	char task[SIM_COMM_LEN];
	char text[TEXT_ROOM];
	char history[HISTORY_ROOM];
};

struct history {
	const struct violation *v;
	const struct sim_trace_text *text; /* NULL: only count */
	struct sim_buf out;
	unsigned matching, skip;
};

/* Places of fields in the rows of events.def. */
enum { FOLIO_INO, FOLIO_INDEX, FOLIO_NR };
enum { RPC_START = 5, RPC_LEN = 6 };

static bool is_about_page(const struct sim_trace_record *rec, uint64_t ino, uint64_t page)
{
	const union sim_trace_value *v = rec->value;

	return rec->event - model_events == EVENT_netfs_folio && v[FOLIO_INO].u == ino &&
	       v[FOLIO_INDEX].u <= page && page - v[FOLIO_INDEX].u < v[FOLIO_NR].u;
}

/* Requests are the first field of all events that are about one. */
static bool is_about_request(const struct sim_trace_record *rec, uint64_t id)
{
	switch (rec->event - model_events) {
	case EVENT_netfs_read:
	case EVENT_netfs_rreq:
	case EVENT_netfs_sreq:
	case EVENT_netfs_failure:
	case EVENT_netfs_rreq_ref:
	case EVENT_netfs_sreq_ref:
	case EVENT_netfs_write:
		return rec->value[0].u == id;
	default:
		return false;
	}
}

static bool is_about_byte(const struct sim_trace_record *rec, uint64_t ino, uint64_t byte)
{
	const union sim_trace_value *v = rec->value;

	if (rec->event - model_events == EVENT_sim_rpc)
		return v[RPC_START].u <= byte && byte - v[RPC_START].u < v[RPC_LEN].u;
	return is_about_page(rec, ino, byte >> PAGE_SHIFT);
}

static void history_record(void *arg, const struct sim_trace_record *rec)
{
	struct history *h = arg;
	const struct violation *v = h->v;
	bool matches = false;

	if (v->object == CHECK_OBJ_FOLIO)
		matches = is_about_page(rec, v->ino, v->id);
	else if (v->object == CHECK_OBJ_REQUEST)
		matches = is_about_request(rec, v->id);
	else if (v->object == CHECK_OBJ_FILE)
		matches = is_about_byte(rec, v->ino, v->id);
	if (!matches)
		return;
	if (!h->text) {
		h->matching++;
		return;
	}
	if (h->skip) {
		h->skip--;
		return;
	}
	sim_buf_printf(&h->out, "%s-%u at %llu: %s: ", rec->ctx->comm, rec->ctx->pid,
		       (unsigned long long)rec->ctx->time_ns, rec->event->name);
	sim_trace_text_add(h->text, rec, &h->out);
	sim_buf_putc(&h->out, '\n');
}

static void add_history(struct check *c, struct stored_violation *s)
{
	struct sim_trace *t = c->w->trace;
	struct history h = {.v = &s->v};
	struct sim_trace_text *text;

	if (!t || s->v.object == CHECK_OBJ_NONE)
		return;
	sim_trace_recent(t, SIZE_MAX, history_record, &h);
	if (h.matching > HISTORY_LINES)
		h.skip = h.matching - HISTORY_LINES;
	text = sim_trace_text_new(model_events, NR_EVENTS, c->m->design.generation);
	h.text = text;
	sim_trace_recent(t, SIZE_MAX, history_record, &h);
	if (h.out.data)
		strncpy(s->history, h.out.data, sizeof(s->history) - 1);
	sim_buf_free(&h.out);
	sim_trace_text_free(text);
}

/* ---- keeping a violation ---- */

/* A state stays broken as long as nobody repairs it: it is told once. */
static bool already_told(const struct check *c, const struct violation *v)
{
	for (uint32_t i = 0; i < c->nr_stored; i++) {
		const struct violation *o = c->violation[i];

		if (o->rule == v->rule && o->object == v->object && o->client == v->client &&
		    o->ino == v->ino && o->id == v->id && v->object != CHECK_OBJ_NONE)
			return true;
	}
	return false;
}

static void record(struct check *c, const struct violation *v, const char *text,
		   const char *history)
{
	struct stored_violation *s;

	if (already_told(c, v))
		return;
	c->nr_violations++;
	c->rule_count[v->rule]++;
	trace_sim_violation(c->w->trace, check_rules[v->rule].id, text);
	if (c->nr_stored == CHECK_MAX_STORED)
		return;
	s = sim_alloc(c->w->arena, sizeof(*s));
	s->v = *v;
	s->v.step = c->w->steps;
	s->v.time_ns = c->w->now_ns;
	if (c->w->current)
		memcpy(s->task, c->w->current->comm, sizeof(s->task));
	strncpy(s->text, text, sizeof(s->text) - 1);
	if (history)
		strncpy(s->history, history, sizeof(s->history) - 1);
	else
		add_history(c, s);
	s->v.task = s->task;
	s->v.text = s->text;
	s->v.history = s->history;
	c->violation[c->nr_stored++] = &s->v;
}

static void record_buf(struct check *c, const struct violation *v, struct sim_buf *buf)
{
	char text[TEXT_ROOM];

	/* The buffer is the tool's memory: it must be gone before the arena may run out. */
	text[0] = '\0';
	strncat(text, buf->data ? buf->data : "", sizeof(text) - 1);
	sim_buf_free(buf);
	record(c, v, text, NULL);
}

static const char *inode_label(const struct inode *inode)
{
	return inode->name ? inode->name : "?";
}

void check_fail_folio(struct check *c, enum check_rule rule, const struct folio *f, const char *fmt,
		      ...)
{
	const struct inode *inode = f->mapping ? f->mapping->host : NULL;
	struct violation v = {.rule = rule,
			      .object = CHECK_OBJ_FOLIO,
			      .client = f->mm->client->id,
			      .ino = inode ? inode->i_ino : 0,
			      .id = f->index};
	struct sim_buf buf = {0};
	va_list ap;

	sim_buf_printf(&buf, "%s pages 0x%llx-0x%llx: ", inode ? inode_label(inode) : "no file",
		       (unsigned long long)f->index, (unsigned long long)folio_next_index(f) - 1);
	va_start(ap, fmt);
	sim_buf_vprintf(&buf, fmt, ap);
	va_end(ap);
	record_buf(c, &v, &buf);
}

void check_fail_request(struct check *c, enum check_rule rule, const struct netfs_io_request *rreq,
			const char *fmt, ...)
{
	struct violation v = {.rule = rule,
			      .object = CHECK_OBJ_REQUEST,
			      .client = rreq->client->id,
			      .id = rreq->debug_id};
	struct sim_buf buf = {0};
	va_list ap;

	sim_buf_printf(&buf, "request R=%08x of %s [0x%llx, +0x%llx): ", rreq->debug_id,
		       inode_label(rreq->inode), (unsigned long long)rreq->start,
		       (unsigned long long)rreq->len);
	va_start(ap, fmt);
	sim_buf_vprintf(&buf, fmt, ap);
	va_end(ap);
	record_buf(c, &v, &buf);
}

void check_fail_file(struct check *c, enum check_rule rule, const struct inode *inode,
		     uint64_t byte, const char *fmt, ...)
{
	struct violation v = {.rule = rule,
			      .object = CHECK_OBJ_FILE,
			      .client = inode_client(inode)->id,
			      .ino = inode->i_ino,
			      .id = byte};
	struct sim_buf buf = {0};
	va_list ap;

	sim_buf_printf(&buf, "%s: ", inode_label(inode));
	va_start(ap, fmt);
	sim_buf_vprintf(&buf, fmt, ap);
	va_end(ap);
	record_buf(c, &v, &buf);
}

void check_fail_byte(struct check *c, enum check_rule rule, const struct inode *inode,
		     uint64_t byte, const char *where, struct content_val got,
		     struct content_val expected)
{
	struct violation v = {.rule = rule,
			      .object = CHECK_OBJ_FILE,
			      .client = inode_client(inode)->id,
			      .ino = inode->i_ino,
			      .id = byte};
	struct sim_buf buf = {0};

	sim_buf_printf(&buf, "%s: byte 0x%llx: the %s has <", inode_label(inode),
		       (unsigned long long)byte, where);
	content_describe(&buf, c->m->content, got);
	sim_buf_puts(&buf, "> instead of <");
	content_describe(&buf, c->m->content, expected);
	sim_buf_putc(&buf, '>');
	record_buf(c, &v, &buf);
}

void check_fail_run(struct check *c, enum check_rule rule, const char *text, const char *history)
{
	struct violation v = {.rule = rule};

	record(c, &v, text, history);
}

/* ---- telling ---- */

uint64_t check_nr_violations(const struct check *c)
{
	return c->nr_violations;
}

size_t check_nr_stored(const struct check *c)
{
	return c->nr_stored;
}

const struct violation *check_violation(const struct check *c, size_t i)
{
	return i < c->nr_stored ? c->violation[i] : NULL;
}

uint64_t check_rule_count(const struct check *c, enum check_rule rule)
{
	return c->rule_count[rule];
}

static void print_indented(struct sim_buf *out, const char *lines)
{
	while (*lines) {
		size_t len = strcspn(lines, "\n");

		sim_buf_puts(out, "    ");
		sim_buf_add(out, lines, len);
		sim_buf_putc(out, '\n');
		lines += len + (lines[len] == '\n');
	}
}

void check_print(const struct check *c, const struct violation *v, struct sim_buf *out)
{
	const struct check_rule_row *r = &check_rules[v->rule];
	char time[32];

	sim_buf_printf(out, "%s %s: %s\n", r->id, strcmp(r->id, r->name) ? r->name : "run",
		       v->text);
	sim_buf_printf(out, "  step %llu at %s%s%s\n", (unsigned long long)v->step,
		       sim_format_time(time, v->time_ns), *v->task ? " in " : "", v->task);
	if (c->m->nr_clients > 1 && v->object != CHECK_OBJ_NONE)
		sim_buf_printf(out, "  client %u\n", v->client);
	sim_buf_printf(out, "  rule: %s\n", r->text);
	print_indented(out, v->history);
}
