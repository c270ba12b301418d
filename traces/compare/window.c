/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Cutting a trace to its CASE window and finding the inode that it is about. */
#include "traces/compare/window.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/math.h"
#include "sim/base/text.h"
#include "traces/compare/fields.h"

static const char *const kind_names[] = {
	[WINDOW_READ] = "netfs_read",         [WINDOW_WRITE] = "netfs_write",
	[WINDOW_FOLIO] = "netfs_folio",       [WINDOW_WRITE_ITER] = "netfs_write_iter",
	[WINDOW_RREQ] = "netfs_rreq",         [WINDOW_SREQ] = "netfs_sreq",
	[WINDOW_RREQ_REF] = "netfs_rreq_ref",
};

static enum window_kind kind_of(const char *event)
{
	int k = WINDOW_READ;

	while (k < WINDOW_OTHER && strcmp(event, kind_names[k]))
		k++;
	return (enum window_kind)k;
}

/* What happens to a page of a file as a whole, by events that are not of netfslib. */
static const char *const page_events[] = {
	"mm_filemap_add_to_page_cache",
	"mm_filemap_delete_from_page_cache",
	"writeback_dirty_folio",
	"folio_wait_writeback",
};

static bool is_page_event(const char *event)
{
	for (size_t i = 0; i < SIM_ARRAY_SIZE(page_events); i++)
		if (!strcmp(event, page_events[i]))
			return true;
	return false;
}

void cmp_note(struct cmp_space *sp, struct cmp_trace *t, const char *text)
{
	if (t->nr_notes == t->cap_notes) {
		uint32_t cap = t->cap_notes ? t->cap_notes * 2 : 8;

		t->notes = sim_realloc_array(sp->arena, t->notes, t->cap_notes, cap,
					     sizeof(*t->notes));
		t->cap_notes = cap;
	}
	t->notes[t->nr_notes++] = text;
}

/* ---- markers */

/* What the markers have said so far. */
struct marks {
	const char *op;
	struct strtab tids; /* threads other than 0 that started an operation */
};

/* "OP 4 t0 START read fd=0" */
static void operation_mark(struct cmp_space *sp, const char *p, struct marks *m)
{
	struct scan_span tid;
	const char *nr = p;
	size_t nr_len;
	uint64_t unused;

	if (!scan_dec(&p, &unused))
		return;
	nr_len = (size_t)(p - nr);
	if (!scan_lit(&p, " t"))
		return;
	tid.p = p;
	if (!scan_dec(&p, &unused))
		return;
	tid.len = (size_t)(p - tid.p);
	if (!scan_lit(&p, " START "))
		return;
	m->op = cmp_printf(sp->arena, "OP %.*s %s", (int)nr_len, nr, p);
	if (!scan_span_is(tid, "0"))
		strtab_add(&m->tids, tid.p, tid.len);
}

static void marker(struct cmp_space *sp, const char *text, struct window *w, struct marks *m)
{
	struct scan_span name;

	if (scan_lit(&text, "OP ")) {
		operation_mark(sp, text, m);
		return;
	}
	if (!scan_lit(&text, "CASE ") || !scan_solid(&text, &name))
		return;
	if (scan_span_is(name, "END")) {
		w->ended = true;
		return;
	}
	/* A new case: what came before belongs to another. */
	w->begun = true;
	w->ended = false;
	w->nr = 0;
	strtab_init(&m->tids, sp->arena);
}

/* ---- rows */

static void add_row(struct cmp_space *sp, struct window *w, struct window_row row)
{
	if (w->nr == w->cap) {
		uint32_t cap = w->cap ? w->cap * 2 : 256;

		w->rows = sim_realloc_array(sp->arena, w->rows, w->cap, cap, sizeof(*w->rows));
		w->cap = cap;
	}
	w->rows[w->nr++] = row;
}

static void cut(struct cmp_space *sp, const struct ftrace_file *file, struct window *w)
{
	struct marks m = {.op = ""};

	strtab_init(&m.tids, sp->arena);
	for (size_t i = 0; i < file->nr; i++) {
		const struct ftrace_record *rec = &file->recs[i];
		const char *event = rec->event;

		if (!strcmp(event, "tracing_mark_write")) {
			marker(sp, rec->text, w, &m);
			continue;
		}
		w->has_pages |= is_page_event(event) || !strncmp(event, "writeback_", 10);
		if (w->ended)
			continue;
		if (is_page_event(event)) {
			add_row(sp, w, (struct window_row){rec, event, WINDOW_PAGE, m.op});
			continue;
		}
		scan_lit(&event, "netfs:");
		/* A probe may be called netfs_*, but its text starts with the address. */
		if (!strncmp(event, "netfs_", 6) && *rec->text != '<' && *rec->text != '(')
			add_row(sp, w, (struct window_row){rec, event, kind_of(event), m.op});
	}
	w->parallel = m.tids.nr > 1;
}

/* ---- the inode */

/* Whether a line names an inode; its number in *ino. */
static bool row_ino(const struct window_row *row, uint64_t *ino)
{
	const char *text = row->rec->text;
	struct netfs_write_iter_fields iter = {0};
	struct netfs_write_fields write = {0};
	struct netfs_folio_fields folio = {0};
	struct netfs_read_fields read = {0};
	bool named;

	switch (row->kind) {
	case WINDOW_READ:
		named = fields_netfs_read(text, &read);
		*ino = read.ino;
		return named;
	case WINDOW_WRITE:
		named = fields_netfs_write(text, &write) && write.has_ino;
		*ino = write.ino;
		return named;
	case WINDOW_FOLIO:
		named = fields_netfs_folio(text, &folio);
		*ino = folio.ino;
		return named;
	case WINDOW_WRITE_ITER:
		named = fields_netfs_write_iter(text, &iter) && iter.has_ino;
		*ino = iter.ino;
		return named;
	default:
		return false;
	}
}

struct ino_count {
	uint32_t ino;
	uint32_t lines;
};

static int by_ino(const void *x, const void *y)
{
	uint32_t a = ((const struct ino_count *)x)->ino, b = ((const struct ino_count *)y)->ino;

	return (a > b) - (a < b);
}

/* How many lines name each inode, in order of first appearance. */
static uint32_t count_inodes(struct cmp_space *sp, const struct window *w,
			     struct ino_count **counts)
{
	struct ino_count *c = NULL;
	struct strtab names;
	uint32_t cap = 0;
	uint64_t ino = 0;

	strtab_init(&names, sp->arena);
	for (uint32_t i = 0; i < w->nr; i++) {
		char name[16];
		uint32_t known = names.nr, o;

		if (!row_ino(&w->rows[i], &ino))
			continue;
		snprintf(name, sizeof(name), "%x", (uint32_t)ino);
		o = strtab_adds(&names, name);
		if (o == cap) {
			c = sim_realloc_array(sp->arena, c, cap, cap * 2 + 4, sizeof(*c));
			cap = cap * 2 + 4;
		}
		if (o == known)
			c[o].ino = (uint32_t)ino;
		c[o].lines++;
	}
	*counts = c;
	return names.nr;
}

static void note_others(struct cmp_space *sp, const struct window *w, struct ino_count *c,
			uint32_t nr, struct cmp_trace *t)
{
	struct sim_buf names = {0};
	uint64_t lines = 0;

	/* A total order: no inode stands twice. */
	if (nr)
		qsort(c, nr, sizeof(*c), by_ino);
	for (uint32_t i = 0; i < nr; i++) {
		if (c[i].ino == w->ino)
			continue;
		lines += c[i].lines;
		sim_buf_printf(&names, "%s%x", names.len ? ", " : "", c[i].ino);
	}
	if (lines)
		cmp_note(sp, t,
			 cmp_printf(sp->arena, "dropped %llu lines of other inodes (%s)",
				    (unsigned long long)lines, names.data));
	sim_buf_free(&names);
}

static void choose_ino(struct cmp_space *sp, const uint64_t *want_ino, struct window *w,
		       struct cmp_trace *t)
{
	struct ino_count *c;
	uint32_t nr = count_inodes(sp, w, &c), best = 0;
	bool occurs = false;

	for (uint32_t i = 0; i < nr; i++) {
		if (c[i].lines > c[best].lines)
			best = i;
		occurs |= want_ino && c[i].ino == (uint32_t)*want_ino;
	}
	w->has_ino = want_ino || nr;
	if (w->has_ino)
		w->ino = want_ino ? (uint32_t)*want_ino : c[best].ino;
	if (want_ino && nr && !occurs)
		cmp_note(sp, t,
			 cmp_printf(sp->arena, "inode %x of the results file does not occur",
				    w->ino));
	note_others(sp, w, c, nr, t);
}

void window_find(struct cmp_space *sp, const struct ftrace_file *file, const uint64_t *want_ino,
		 struct window *w, struct cmp_trace *t)
{
	memset(w, 0, sizeof(*w));
	cut(sp, file, w);
	t->has_case = w->begun;
	if (w->begun && !w->ended)
		cmp_note(sp, t, "no CASE END marker: taken to the end of the file");
	choose_ino(sp, want_ino, w, t);
}

bool window_mine(const struct window *w, bool has_ino, uint64_t ino)
{
	return !has_ino || !w->has_ino || (uint32_t)ino == w->ino;
}
