/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Levels 1 and 2: requests with their subrequests, and folio events; events of the page cache. */
#include "traces/compare/score.h"

#include <inttypes.h>

#include "sim/base/math.h"

#define NEIGHBOURS 2 /* items shown before and after a difference */

uint32_t score_common(const struct score *c, struct seq a, struct seq b)
{
	return c->res->parallel ? align_common_unordered(c->sp->align, a, b)
				: align_common(c->sp->align, a, b);
}

bool score_equal(const struct score *c, struct seq a, struct seq b)
{
	if (c->res->parallel)
		return seq_equal(seq_sorted(c->sp->arena, a), seq_sorted(c->sp->arena, b));
	return seq_equal(a, b);
}

static const char *tok_or_none(struct score *c, struct seq s, uint32_t i)
{
	return i < s.nr ? c->sp->toks.text[s.v[i]] : "(none)";
}

/* ---- level 1 */

static void diff_headers(struct score *c, uint32_t p)
{
	const struct cmp_request *a = c->pairs.v[p].kernel, *b = c->pairs.v[p].sim;
	struct compare_diff *d;

	d = diff_begin(c, 1,
		       cmp_printf(c->sp->arena, "request #%u %s%s%s%s%s", a->nr,
				  diff_at(c, a->op, a->line), diff_side(c, KERNEL, ""),
				  request_show(c->sp, a), diff_side(c, SIM, ""),
				  request_show(c->sp, b)));
	diff_neighbours(c, d, p);
}

static void diff_subs(struct score *c, uint32_t p)
{
	const struct cmp_request *a = c->pairs.v[p].kernel, *b = c->pairs.v[p].sim;
	struct seq sa = a->sub_keys, sb = b->sub_keys;
	uint32_t i = seq_first_diff(sa, sb), n = i > NEIGHBOURS ? i - NEIGHBOURS : 0;
	const char *what;
	struct compare_diff *d;

	if (c->res->parallel)
		what = cmp_printf(c->sp->arena, "s, %s", diff_only(c, sa, sb));
	else
		what = cmp_printf(c->sp->arena, " %u of %u%s%s%s%s", i + 1, sa.nr,
				  diff_side(c, KERNEL, ""), tok_or_none(c, sa, i),
				  diff_side(c, SIM, ""), tok_or_none(c, sb, i));
	d = diff_begin(c, 1,
		       cmp_printf(c->sp->arena, "request #%u %s %s: subrequest%s", a->nr,
				  c->sp->toks.text[a->header], diff_at(c, a->op, a->line), what));
	for (; n <= i + NEIGHBOURS && (n < sa.nr || n < sb.nr); n++)
		diff_row(c, d, n < sa.nr ? c->sp->toks.text[sa.v[n]] : NULL,
			 n < sb.nr ? c->sp->toks.text[sb.v[n]] : NULL);
}

void score_requests(struct score *c)
{
	struct compare_count *head = &c->res->part[COMPARE_REQUESTS];
	struct compare_count *subs = &c->res->part[COMPARE_SUBREQUESTS];

	for (uint32_t p = 0; p < c->pairs.nr; p++) {
		const struct cmp_request *a = c->pairs.v[p].kernel, *b = c->pairs.v[p].sim;

		if (!a || !b) {
			count_add(head, 0, 1);
			count_add(subs, 0, a ? a->nr_subs : b->nr_subs);
			diff_one_sided(c, 1, p);
			continue;
		}
		count_add(head, a->header == b->header, 1);
		count_add(subs, score_common(c, a->sub_keys, b->sub_keys),
			  sim_max(a->nr_subs, b->nr_subs));
		if (a->header != b->header)
			diff_seen(c, a->line, b->line);
		if (c->res->first[1])
			continue;
		if (a->header != b->header)
			diff_headers(c, p);
		else if (!score_equal(c, a->sub_keys, b->sub_keys))
			diff_subs(c, p);
	}
}

/* ---- level 2 */

static struct seq seq_of_events(struct score *c, const struct cmp_events *e)
{
	struct seq s = {.v = sim_alloc_array(c->sp->arena, e->nr + 1u, sizeof(*s.v)), .nr = e->nr};

	for (uint32_t i = 0; i < e->nr; i++)
		s.v[i] = e->v[i].tok;
	return s;
}

/* A folio range whose events differ, and where in the kernel's trace that shows. */
struct folio_diff {
	uint64_t line; /* UINT64_MAX: the kernel has no event of it */
	uint64_t first, last;
	const struct cmp_events *k, *s;
	uint32_t i; /* the first event that differs */
};

static bool earlier(const struct folio_diff *a, const struct folio_diff *b)
{
	if (a->line != b->line)
		return a->line < b->line;
	return a->first != b->first ? a->first < b->first : a->last < b->last;
}

/* The folio ranges that differ. */
struct folio_diffs {
	uint32_t nr;
	struct folio_diff min;
};

static uint32_t line_of_event(const struct cmp_events *e, uint32_t i)
{
	return i < e->nr ? e->v[i].line : UINT32_MAX;
}

static void compare_range(struct score *c, enum compare_part part, uint64_t first, uint64_t last,
			  const struct cmp_folio *k, const struct cmp_folio *s,
			  struct folio_diffs *diffs)
{
	static const struct cmp_events none;
	struct folio_diff d = {.line = UINT64_MAX, .first = first, .last = last};
	struct seq ks, ss;

	d.k = k ? &k->events : &none;
	d.s = s ? &s->events : &none;
	ks = seq_of_events(c, d.k);
	ss = seq_of_events(c, d.s);
	count_add(&c->res->part[part], score_common(c, ks, ss), sim_max(ks.nr, ss.nr));
	if (score_equal(c, ks, ss))
		return;
	d.i = seq_first_diff(ks, ss);
	if (ks.nr)
		d.line = d.k->v[d.i < ks.nr ? d.i : ks.nr - 1].line;
	if (part == COMPARE_FOLIO_EVENTS)
		diff_seen(c, ks.nr ? (uint32_t)d.line : UINT32_MAX, line_of_event(d.s, d.i));
	if (!diffs->nr || earlier(&d, &diffs->min))
		diffs->min = d;
	diffs->nr++;
}

/* All events of a range that a side has, in one line. */
static void add_all(struct score *c, unsigned side, const struct cmp_events *e, struct sim_buf *b)
{
	sim_buf_puts(b, diff_side(c, side, ":"));
	for (uint32_t i = 0; i < e->nr; i++)
		sim_buf_printf(b, "%s%s", i ? " " : "", c->sp->toks.text[e->v[i].tok]);
	if (!e->nr)
		sim_buf_putc(b, '-');
}

static const char *event_text(struct score *c, const struct cmp_events *e, uint32_t i)
{
	return i < e->nr ? c->sp->toks.text[e->v[i].tok] : NULL;
}

static void diff_folio(struct score *c, unsigned level, const struct folio_diffs *diffs)
{
	const struct folio_diff *m = &diffs->min;
	const char *k = event_text(c, m->k, m->i), *s = event_text(c, m->s, m->i);
	uint32_t n = m->i > NEIGHBOURS ? m->i - NEIGHBOURS : 0;
	struct sim_buf b = {0};
	struct compare_diff *d;

	sim_buf_printf(&b, "folio ix=%" PRIx64 "-%" PRIx64 ", event %u: %s %s", m->first, m->last,
		       m->i + 1, c->side[KERNEL].brief, k ? k : "(none)");
	if (k)
		sim_buf_printf(&b, " %s", diff_at(c, m->k->v[m->i].op, m->k->v[m->i].line));
	sim_buf_printf(&b, ", %s %s", c->side[SIM].brief, s ? s : "(none)");
	add_all(c, KERNEL, m->k, &b);
	add_all(c, SIM, m->s, &b);
	sim_buf_printf(&b, "\n    (%u folio ranges differ)", diffs->nr);
	d = diff_begin(c, level, b.data);
	sim_buf_free(&b);
	for (; n <= m->i + NEIGHBOURS && (n < m->k->nr || n < m->s->nr); n++)
		diff_row(c, d, event_text(c, m->k, n), event_text(c, m->s, n));
}

static void score_ranges(struct score *c, enum compare_part part, unsigned level,
			 const struct cmp_folios *k, const struct cmp_folios *s)
{
	struct folio_diffs diffs = {0};

	for (uint32_t i = 0; i < k->nr; i++) {
		const struct cmp_folio *f = &k->v[i];

		compare_range(c, part, f->first, f->last, f, requests_folio(s, f->first, f->last),
			      &diffs);
	}
	for (uint32_t i = 0; i < s->nr; i++) {
		const struct cmp_folio *f = &s->v[i];

		if (!requests_folio(k, f->first, f->last))
			compare_range(c, part, f->first, f->last, NULL, f, &diffs);
	}
	if (diffs.nr)
		diff_folio(c, level, &diffs);
}

void score_folios(struct score *c)
{
	score_ranges(c, COMPARE_FOLIO_EVENTS, 2, &c->k->folios, &c->s->folios);
}

void score_pages(struct score *c)
{
	if (!c->k->has_pages || !c->s->has_pages) /* nothing is known */
		return;
	score_ranges(c, COMPARE_PAGE_EVENTS, COMPARE_PAGES, &c->k->pages, &c->s->pages);
}

/* ---- level 3: the write calls */

void score_writes(struct score *c)
{
	struct seq k = seq_of_events(c, &c->k->writes), s = seq_of_events(c, &c->s->writes);
	uint32_t i = seq_first_diff(k, s), n = i > NEIGHBOURS ? i - NEIGHBOURS : 0;
	struct compare_diff *d;
	const char *text;

	count_add(&c->res->part[COMPARE_WRITE_ITER_LINES], score_common(c, k, s),
		  sim_max(k.nr, s.nr));
	if (score_equal(c, k, s))
		return;
	diff_seen(c, line_of_event(&c->k->writes, i), line_of_event(&c->s->writes, i));
	if (c->res->first[3])
		return;
	if (c->res->parallel)
		text = cmp_printf(c->sp->arena, "write calls: %s", diff_only(c, k, s));
	else
		text = cmp_printf(c->sp->arena, "write call %u: %s %s, %s %s", i + 1,
				  c->side[KERNEL].brief, tok_or_none(c, k, i), c->side[SIM].brief,
				  tok_or_none(c, s, i));
	d = diff_begin(c, 3, text);
	for (; n <= i + NEIGHBOURS && (n < k.nr || n < s.nr); n++)
		diff_row(c, d, event_text(c, &c->k->writes, n), event_text(c, &c->s->writes, n));
}
