/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Assembly of requests, folio events and write calls from the lines of a trace. */
#include "traces/compare/requests.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "sim/base/math.h"
#include "sim/base/text.h"
#include "traces/compare/fields.h"
#include "traces/compare/token.h"
#include "traces/compare/window.h"

/* The two letters netfs_rreq has for the origin that netfs_read or netfs_write names in full. */
static const char *const origins[][2] = {
	{"READAHEAD", "RA"}, {"READPAGE", "RP"},  {"READ-GAPS", "RG"}, {"READ-SNGL", "RS"},
	{"PREFETCHW", "RW"}, {"WRITEBEGN", "RW"}, {"DIO-READ", "DR"},  {"UNB-READ", "UR"},
	{"WRITEBACK", "WB"}, {"WB-SINGLE", "W1"}, {"WRITETHRU", "WT"}, {"UNB-WRITE", "UW"},
	{"DIO-WRITE", "DW"}, {"LAUNDER", "LW"},   {"COPY2CACH", "2C"},
};

/* The assembly under way. */
struct assembly {
	struct cmp_space *sp;
	struct cmp_trace *t;
	const struct window *w;
	bool values;
	struct strtab ids;          /* request numbers as printed */
	struct cmp_request **by_id; /* the latest request with the number */
	uint32_t cap_by_id;
	struct strtab sub_names; /* request and index */
	struct cmp_sub **by_sub_name;
	uint32_t cap_by_sub_name;
	uint32_t bad; /* netfs lines not understood */
	struct sim_buf buf;
};

const char *cmp_printf(struct sim_arena *arena, const char *fmt, ...)
{
	struct sim_buf b = {0};
	va_list ap;
	char *s;

	va_start(ap, fmt);
	sim_buf_vprintf(&b, fmt, ap);
	va_end(ap);
	s = sim_strdup(arena, b.data ? b.data : "");
	sim_buf_free(&b);
	return s;
}

static void add_event(struct sim_arena *arena, struct cmp_events *e, struct cmp_event item)
{
	if (e->nr == e->cap) {
		uint32_t cap = e->cap ? e->cap * 2 : 8;

		e->v = sim_realloc_array(arena, e->v, e->cap, cap, sizeof(*e->v));
		e->cap = cap;
	}
	e->v[e->nr++] = item;
}

/* ---- folio events and write calls */

#define FOLIO_NAME_MAX 40

static void folio_name(char name[FOLIO_NAME_MAX], uint64_t first, uint64_t last)
{
	snprintf(name, FOLIO_NAME_MAX, "%" PRIx64 "-%" PRIx64, first, last);
}

const struct cmp_folio *requests_folio(const struct cmp_folios *folios, uint64_t first,
				       uint64_t last)
{
	char name[FOLIO_NAME_MAX];
	uint32_t o;

	folio_name(name, first, last);
	return strtab_find(&folios->names, name, strlen(name), &o) ? &folios->v[o] : NULL;
}

static struct cmp_folio *get_folio(struct sim_arena *arena, struct cmp_folios *folios,
				   uint64_t first, uint64_t last)
{
	char name[FOLIO_NAME_MAX];
	uint32_t o;

	folio_name(name, first, last);
	o = strtab_adds(&folios->names, name);
	if (o == folios->nr) {
		if (folios->nr == folios->cap) {
			uint32_t cap = folios->cap ? folios->cap * 2 : 64;

			folios->v = sim_realloc_array(arena, folios->v, folios->cap, cap,
						      sizeof(*folios->v));
			folios->cap = cap;
		}
		folios->v[folios->nr++] = (struct cmp_folio){.first = first, .last = last};
	}
	return &folios->v[o];
}

static void folio_row(struct assembly *a, const struct window_row *row)
{
	struct netfs_folio_fields f;
	struct cmp_event e = {.line = row->rec->line, .op = row->op};

	if (!fields_netfs_folio(row->rec->text, &f)) {
		a->bad++;
		return;
	}
	if (!window_mine(a->w, true, f.ino))
		return;
	e.tok = strtab_add(&a->sp->toks, f.what.p, f.what.len);
	add_event(a->sp->arena, &get_folio(a->sp->arena, &a->t->folios, f.first, f.last)->events,
		  e);
}

static void page_row(struct assembly *a, const struct window_row *row)
{
	struct page_fields f;
	struct cmp_event e = {.line = row->rec->line, .op = row->op};

	if (!fields_page(row->rec->text, &f) || !window_mine(a->w, true, f.ino))
		return;
	e.tok = strtab_adds(&a->sp->toks, row->event);
	add_event(a->sp->arena, &get_folio(a->sp->arena, &a->t->pages, f.index, f.index)->events,
		  e);
}

static void write_iter_row(struct assembly *a, const struct window_row *row)
{
	struct netfs_write_iter_fields f;
	struct cmp_event e = {.line = row->rec->line, .op = row->op};

	if (!fields_netfs_write_iter(row->rec->text, &f)) {
		a->bad++;
		return;
	}
	if (!window_mine(a->w, f.has_ino, f.ino))
		return;
	sim_buf_clear(&a->buf);
	sim_buf_printf(&a->buf, "netfs_write_iter %.*s s=%.*s l=%.*s f=%.*s", (int)f.what.len,
		       f.what.p, (int)f.start.len, f.start.p, (int)f.len.len, f.len.p,
		       (int)f.flags.len, f.flags.p);
	e.tok = strtab_adds(&a->sp->toks, a->buf.data);
	add_event(a->sp->arena, &a->t->writes, e);
}

/* ---- requests */

/* Step over "R=00000321" and any letters that follow. */
static const char *after_request(const char *text)
{
	struct scan_span id;

	fields_request(&text, &id);
	while (scan_is_word(*text))
		text++;
	return text;
}

/* Its first line is one that only a young request has. */
static bool looks_young(const char *text)
{
	const char *p = after_request(text);
	struct scan_span source;

	if (scan_lit(&p, " GET HOLD") || scan_lit(&p, " GET SUBREQ"))
		return !scan_is_word(*p);
	return (scan_lit(&p, "[0] ") || scan_lit(&p, "[1] ")) && scan_solid(&p, &source) &&
	       (scan_lit(&p, " ADD") || scan_lit(&p, " PREP")) && !scan_is_word(*p);
}

/* "R=00000321 NEW ": the number begins a new request. */
static bool says_new(const char *text)
{
	const char *p = after_request(text);

	return scan_lit(&p, " NEW ");
}

static void add_request(struct assembly *a, struct cmp_request *r)
{
	struct cmp_trace *t = a->t;

	if (t->nr_reqs == t->cap_reqs) {
		uint32_t cap = t->cap_reqs ? t->cap_reqs * 2 : 64;

		t->reqs = sim_realloc_array(a->sp->arena, t->reqs, t->cap_reqs, cap,
					    sizeof(*t->reqs));
		t->cap_reqs = cap;
	}
	t->reqs[t->nr_reqs++] = r;
}

/* The request a line is about: the latest with its number, or a new one. */
static struct cmp_request *get_request(struct assembly *a, const struct window_row *row,
				       struct scan_span id)
{
	uint32_t o = strtab_add(&a->ids, id.p, id.len);
	struct cmp_request *r;

	if (o >= a->cap_by_id) {
		uint32_t cap = a->cap_by_id ? a->cap_by_id * 2 : 64;

		a->by_id = sim_realloc_array(a->sp->arena, a->by_id, a->cap_by_id, cap,
					     sizeof(struct cmp_request *));
		a->cap_by_id = cap;
	}
	r = a->by_id[o];
	if (r && !(r->freed && says_new(row->rec->text)))
		return r;
	r = a->by_id[o] = sim_alloc(a->sp->arena, sizeof(*r));
	r->line = row->rec->line;
	r->op = row->op;
	r->first_pid = row->rec->pid;
	r->known = looks_young(row->rec->text);
	add_request(a, r);
	return r;
}

static enum cmp_context context_of(const struct ftrace_record *rec, uint32_t first_pid)
{
	if (!strncmp(rec->comm, "kworker", 7))
		return CMP_WORKER;
	if (!strncmp(rec->comm, "cifsd", 5))
		return CMP_RECEIVE;
	return rec->pid == first_pid ? CMP_ISSUER : CMP_OTHER;
}

static void add_line(struct assembly *a, struct cmp_request *r, const struct window_row *row)
{
	struct cmp_line *l;

	if (r->nr_lines == r->cap_lines) {
		uint32_t cap = r->cap_lines ? r->cap_lines * 2 : 16;

		r->lines = sim_realloc_array(a->sp->arena, r->lines, r->cap_lines, cap,
					     sizeof(*r->lines));
		r->cap_lines = cap;
	}
	token_of_line(&a->buf, row->event, row->rec->text, a->values);
	l = &r->lines[r->nr_lines++];
	l->tok = strtab_adds(&a->sp->toks, a->buf.data);
	l->line = row->rec->line;
	l->context = (uint8_t)context_of(row->rec, r->first_pid);
	l->class = (uint8_t)token_classify(a->buf.data);
}

/* The token of an origin's two letters, from its full name if that is known. */
static uint32_t origin_token(struct assembly *a, struct scan_span name)
{
	for (size_t i = 0; i < SIM_ARRAY_SIZE(origins); i++)
		if (scan_span_is(name, origins[i][0]))
			return strtab_adds(&a->sp->toks, origins[i][1]) + 1;
	return strtab_add(&a->sp->toks, name.p, name.len) + 1;
}

static bool read_row(struct assembly *a, struct cmp_request *r, const char *text)
{
	struct netfs_read_fields f;

	if (!fields_netfs_read(text, &f))
		return false;
	r->known = r->has_ino = true;
	r->ino = f.ino;
	if (scan_span_is(f.what, "EXPANDED"))
		return true;
	if (!r->origin)
		r->origin = origin_token(a, f.what);
	r->has_start = r->has_len = true;
	r->start = f.start;
	r->len = f.len;
	return true;
}

static bool write_row(struct assembly *a, struct cmp_request *r, const char *text)
{
	struct netfs_write_fields f;

	if (!fields_netfs_write(text, &f))
		return false;
	r->known = true;
	r->has_ino = f.has_ino;
	r->ino = f.ino;
	if (!r->origin)
		r->origin = origin_token(a, f.what);
	r->has_start = true;
	r->start = f.first;
	r->len = f.last - f.first + 1;
	r->has_len = r->len != 0; /* 6.12's WRITEBACK does not know it yet */
	return true;
}

static bool rreq_row(struct assembly *a, struct cmp_request *r, const char *text)
{
	struct netfs_rreq_fields f;

	if (!fields_netfs_rreq(text, &f))
		return false;
	r->origin = strtab_add(&a->sp->toks, f.origin.p, f.origin.len) + 1;
	r->freed |= scan_span_is(f.what, "FREE");
	return true;
}

/* ---- subrequests */

static struct cmp_sub *get_sub(struct assembly *a, struct cmp_request *r, struct scan_span index)
{
	uint32_t known = a->sub_names.nr, o;

	sim_buf_clear(&a->buf);
	sim_buf_printf(&a->buf, "%u[%.*s", r->line, (int)index.len, index.p);
	o = strtab_adds(&a->sub_names, a->buf.data);
	if (o != known)
		return a->by_sub_name[o];
	if (o == a->cap_by_sub_name) {
		a->by_sub_name = sim_realloc_array(a->sp->arena, a->by_sub_name, o, o * 2 + 64,
						   sizeof(struct cmp_sub *));
		a->cap_by_sub_name = o * 2 + 64;
	}
	a->by_sub_name[o] = sim_alloc(a->sp->arena, sizeof(struct cmp_sub));
	a->by_sub_name[o]->source = strtab_adds(&a->sp->toks, "----");
	if (r->nr_subs == r->cap_subs) {
		uint32_t cap = r->cap_subs ? r->cap_subs * 2 : 4;

		r->subs = sim_realloc_array(a->sp->arena, r->subs, r->cap_subs, cap,
					    sizeof(struct cmp_sub *));
		r->cap_subs = cap;
	}
	return r->subs[r->nr_subs++] = a->by_sub_name[o];
}

static bool sreq_row(struct assembly *a, struct cmp_request *r, const char *text)
{
	struct netfs_sreq_fields f;
	struct cmp_sub *s;

	if (!fields_netfs_sreq(text, &f))
		return false;
	s = get_sub(a, r, f.index);
	if (!scan_span_is(f.source, "----"))
		s->source = strtab_add(&a->sp->toks, f.source.p, f.source.len);
	if (scan_span_is(f.what, "TERM"))
		s->term = true;
	else if (s->term)
		return true;
	s->start = f.start;
	s->done = f.transferred;
	s->len = f.len;
	s->err = f.error;
	return true;
}

/* ---- all rows */

/* A line about a request. */
static void request_row(struct assembly *a, const struct window_row *row)
{
	const char *text = row->rec->text, *p = text;
	struct cmp_request *r;
	struct scan_span id;
	bool good = true;

	if (!fields_request(&p, &id)) {
		a->bad++;
		return;
	}
	r = get_request(a, row, id);
	add_line(a, r, row);
	if (row->kind == WINDOW_RREQ_REF)
		r->known |= strstr(text, " NEW ") ||
			    (strlen(text) >= 4 && !strcmp(text + strlen(text) - 4, " NEW"));
	else if (row->kind == WINDOW_READ)
		good = read_row(a, r, text);
	else if (row->kind == WINDOW_WRITE)
		good = write_row(a, r, text);
	else if (row->kind == WINDOW_RREQ)
		good = rreq_row(a, r, text);
	else if (row->kind == WINDOW_SREQ)
		good = sreq_row(a, r, text);
	a->bad += !good;
}

/* Keep the known requests of the inode, number them, and say what was dropped. */
static void select_requests(struct assembly *a)
{
	struct cmp_trace *t = a->t;
	uint32_t kept = 0, old = 0, unfinished = 0;

	for (uint32_t i = 0; i < t->nr_reqs; i++) {
		struct cmp_request *r = t->reqs[i];

		old += !r->known;
		if (!r->known || !window_mine(a->w, r->has_ino, r->ino))
			continue;
		t->reqs[kept++] = r;
		r->nr = kept;
		unfinished += !r->freed;
	}
	t->nr_reqs = kept;
	if (a->bad)
		cmp_note(a->sp, t,
			 cmp_printf(a->sp->arena, "%u netfs lines not understood", a->bad));
	if (old)
		cmp_note(a->sp, t,
			 cmp_printf(a->sp->arena,
				    "dropped %u requests made before the window (none of the first "
				    "lines of a request)",
				    old));
	if (unfinished)
		cmp_note(a->sp, t,
			 cmp_printf(a->sp->arena,
				    "%u requests not yet freed at the end of the window",
				    unfinished));
}

void requests_assemble(struct cmp_space *sp, const struct ftrace_file *file,
		       const uint64_t *want_ino, bool values, struct cmp_trace *t)
{
	struct window w;
	struct assembly a = {.sp = sp, .t = t, .w = &w, .values = values};

	memset(t, 0, sizeof(*t));
	strtab_init(&t->folios.names, sp->arena);
	strtab_init(&t->pages.names, sp->arena);
	strtab_init(&a.ids, sp->arena);
	strtab_init(&a.sub_names, sp->arena);
	window_find(sp, file, want_ino, &w, t);
	t->parallel = w.parallel;
	t->has_pages = w.has_pages;
	for (uint32_t i = 0; i < w.nr; i++) {
		if (w.rows[i].kind == WINDOW_FOLIO)
			folio_row(&a, &w.rows[i]);
		else if (w.rows[i].kind == WINDOW_PAGE)
			page_row(&a, &w.rows[i]);
		else if (w.rows[i].kind == WINDOW_WRITE_ITER)
			write_iter_row(&a, &w.rows[i]);
		else
			request_row(&a, &w.rows[i]);
	}
	select_requests(&a);
	sim_buf_free(&a.buf);
}

/* ---- keys */

static uint32_t sub_key(struct cmp_space *sp, const struct cmp_sub *s, struct sim_buf *b)
{
	sim_buf_clear(b);
	sim_buf_printf(b, "%s s=%" PRIx64 " %" PRIx64 "/%" PRIx64 " e=%" PRId64 "%s",
		       sp->toks.text[s->source], s->start, s->done, s->len, s->err,
		       s->term ? "" : " (no TERM)");
	return strtab_adds(&sp->toks, b->data);
}

static uint32_t whole_key(struct cmp_space *sp, uint32_t header, struct seq subs, struct sim_buf *b)
{
	sim_buf_clear(b);
	sim_buf_printf(b, "\n%u", header); /* no line of a trace holds a newline */
	for (uint32_t i = 0; i < subs.nr; i++)
		sim_buf_printf(b, " %u", subs.v[i]);
	return strtab_adds(&sp->toks, b->data);
}

static void make_header(struct cmp_space *sp, struct cmp_request *r, struct sim_buf *b)
{
	sim_buf_clear(b);
	sim_buf_printf(b, "%s s=", r->origin ? sp->toks.text[r->origin - 1] : "??");
	if (r->has_start)
		sim_buf_hex(b, r->start, 0);
	else
		sim_buf_putc(b, '?');
	sim_buf_puts(b, " l=");
	if (r->has_len)
		sim_buf_hex(b, r->len, 0);
	else
		sim_buf_putc(b, '?');
	r->header = strtab_adds(&sp->toks, b->data);
}

void requests_make_keys(struct cmp_space *sp, struct cmp_trace *t)
{
	struct sim_buf b = {0};

	for (uint32_t i = 0; i < t->nr_reqs; i++) {
		struct cmp_request *r = t->reqs[i];

		make_header(sp, r, &b);
		r->sub_keys.v = sim_alloc_array(sp->arena, r->nr_subs + 1u, sizeof(uint32_t));
		r->sub_keys.nr = r->nr_subs;
		for (uint32_t j = 0; j < r->nr_subs; j++)
			r->sub_keys.v[j] = sub_key(sp, r->subs[j], &b);
		r->sub_keys_sorted = seq_sorted(sp->arena, r->sub_keys);
		r->key = whole_key(sp, r->header, r->sub_keys, &b);
		r->key_sorted = whole_key(sp, r->header, r->sub_keys_sorted, &b);
	}
	sim_buf_free(&b);
}

const char *request_show(struct cmp_space *sp, const struct cmp_request *r)
{
	struct sim_buf b = {0};
	const char *s;

	sim_buf_printf(&b, "request #%u %s [", r->nr, sp->toks.text[r->header]);
	for (uint32_t i = 0; i < r->sub_keys.nr; i++)
		sim_buf_printf(&b, "%s%s", i ? ", " : "", sp->toks.text[r->sub_keys.v[i]]);
	sim_buf_puts(&b, "]");
	s = sim_strdup(sp->arena, b.data);
	sim_buf_free(&b);
	return s;
}
