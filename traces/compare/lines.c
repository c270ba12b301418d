/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Level 3: the netfs_* lines of each request. */
#include "traces/compare/score.h"

#include "sim/base/math.h"
#include "traces/compare/token.h"

#define NEIGHBOURS 2 /* lines shown before and after a difference */

static const char *const context_names[CMP_CONTEXTS] = {
	[CMP_ISSUER] = "issuer",   [CMP_OTHER] = "other", [CMP_WORKER] = "worker",
	[CMP_RECEIVE] = "receive", [CMP_PUT] = "put",     [CMP_FREE] = "free",
};

/* Lines of a request in their order. */
struct lines {
	struct cmp_line *v;
	uint32_t nr;
};

/* The lines of one side by context, and the contexts in order of first appearance. */
struct by_context {
	struct lines of[CMP_CONTEXTS];
	enum cmp_context order[CMP_CONTEXTS];
	unsigned nr;
};

/* The lines, without those of timing if no_timing is set. */
static struct lines keep(struct score *c, struct lines all, bool no_timing)
{
	struct lines l = {.v = sim_alloc_array(c->sp->arena, all.nr + 1u, sizeof(*l.v))};

	for (uint32_t i = 0; i < all.nr; i++)
		if (!no_timing || !(all.v[i].class & TOKEN_TIMING))
			l.v[l.nr++] = all.v[i];
	return l;
}

static struct lines lines_of(const struct cmp_request *r)
{
	return (struct lines){r->lines, r->nr_lines};
}

static struct seq tokens_of(struct score *c, struct lines l)
{
	struct seq s = {.v = sim_alloc_array(c->sp->arena, l.nr + 1u, sizeof(*s.v)), .nr = l.nr};

	for (uint32_t i = 0; i < l.nr; i++)
		s.v[i] = l.v[i].tok;
	return s;
}

/* The tokens of the lines without their flags. */
static struct seq flagless_of(struct score *c, struct lines l)
{
	struct seq s = tokens_of(c, l);
	struct sim_buf b = {0};

	for (uint32_t i = 0; i < s.nr; i++) {
		token_without_flags(&b, c->sp->toks.text[s.v[i]]);
		s.v[i] = strtab_adds(&c->sp->toks, b.data);
	}
	sim_buf_free(&b);
	return s;
}

/*
 * Split lines by who emitted them. Whoever drops the last reference emits the ends of requests and
 * subrequests, which is a race: these are contexts of their own.
 */
static void split(struct score *c, struct lines l, struct by_context *d)
{
	bool freeing = false;

	*d = (struct by_context){0};
	for (uint32_t i = 0; i < l.nr; i++) {
		enum cmp_context x = (enum cmp_context)l.v[i].context;
		struct lines *to;

		freeing |= (l.v[i].class & TOKEN_REQUEST_FREE) != 0;
		if (freeing)
			x = CMP_FREE;
		else if (l.v[i].class & TOKEN_SUBREQUEST_PUT)
			x = CMP_PUT;
		to = &d->of[x];
		if (!to->v) {
			to->v = sim_alloc_array(c->sp->arena, l.nr, sizeof(*to->v));
			d->order[d->nr++] = x;
		}
		to->v[to->nr++] = l.v[i];
	}
}

static uint32_t common_in_context(struct score *c, const struct by_context *a,
				  const struct by_context *b)
{
	uint32_t sum = 0;

	for (unsigned x = 0; x < CMP_CONTEXTS; x++)
		sum += align_common(c->sp->align, tokens_of(c, a->of[x]), tokens_of(c, b->of[x]));
	return sum;
}

/* ---- the first difference */

static const char *numbered(struct score *c, struct lines l, uint32_t i)
{
	if (i >= l.nr)
		return NULL;
	return cmp_printf(c->sp->arena, "%u: %s", l.v[i].line, c->sp->toks.text[l.v[i].tok]);
}

/* The lines of one side around number at, one below the other. */
static void add_window(struct score *c, unsigned side, struct lines l, uint32_t at,
		       struct sim_buf *b)
{
	uint32_t n = at > NEIGHBOURS ? at - NEIGHBOURS : 0;

	for (; n < l.nr && n <= at + NEIGHBOURS; n++)
		sim_buf_printf(b, "%s%s %s", diff_side(c, side, ""), n == at ? ">" : " ",
			       c->sp->toks.text[l.v[n].tok]);
	if (at >= l.nr)
		sim_buf_printf(b, "%s> (end)", diff_side(c, side, ""));
}

static void diff_lines(struct score *c, const struct cmp_request *r, const char *who,
		       struct lines k, struct lines s)
{
	uint32_t i = seq_first_diff(tokens_of(c, k), tokens_of(c, s));
	uint32_t n = i > NEIGHBOURS ? i - NEIGHBOURS : 0;
	struct sim_buf b = {0};
	struct compare_diff *d;

	sim_buf_printf(&b, "request #%u %s %s%s%s: line %u of %u", r->nr,
		       c->sp->toks.text[r->header], diff_at(c, r->op, r->line),
		       who ? ", context " : "", who ? who : "", i + 1, k.nr);
	add_window(c, KERNEL, k, i, &b);
	add_window(c, SIM, s, i, &b);
	d = diff_begin(c, 3, b.data);
	sim_buf_free(&b);
	for (; n <= i + NEIGHBOURS && (n < k.nr || n < s.nr); n++) {
		diff_row(c, d, numbered(c, k, n), numbered(c, s, n));
		if (n < k.nr && n < s.nr) /* the line numbers always differ */
			d->rows[d->nr_rows - 1].differs = k.v[n].tok != s.v[n].tok;
	}
}

static bool same_lines(struct score *c, struct lines a, struct lines b)
{
	return seq_equal(tokens_of(c, a), tokens_of(c, b));
}

/* Of line i; if there is none, of the last. */
static uint32_t line_at(struct lines l, uint32_t i)
{
	return l.nr ? l.v[sim_min(i, l.nr - 1)].line : UINT32_MAX;
}

/* Where the lines of two requests differ first: in any context, or in the order of all. */
static void lines_differ(struct score *c, struct lines k, struct lines s)
{
	uint32_t i = seq_first_diff(tokens_of(c, k), tokens_of(c, s));

	if (i < k.nr || i < s.nr)
		diff_seen(c, line_at(k, i), line_at(s, i));
}

static void contexts_differ(struct score *c, const struct by_context *k, const struct by_context *s)
{
	for (unsigned x = 0; x < CMP_CONTEXTS; x++)
		lines_differ(c, k->of[x], s->of[x]);
}

/* The first context, by the kernel's order of appearance, whose lines differ. */
static void diff_contexts(struct score *c, const struct cmp_request *r, const struct by_context *k,
			  const struct by_context *s)
{
	for (unsigned i = 0; i < k->nr + s->nr; i++) {
		enum cmp_context x = i < k->nr ? k->order[i] : s->order[i - k->nr];

		if (same_lines(c, k->of[x], s->of[x]))
			continue;
		diff_lines(c, r, context_names[x], k->of[x], s->of[x]);
		return;
	}
}

/* ---- scores */

/* A request that only one side has. */
static void score_alone(struct score *c, uint32_t p)
{
	const struct cmp_request *r = c->pairs.v[p].kernel ? c->pairs.v[p].kernel
							   : c->pairs.v[p].sim;
	uint32_t kept = keep(c, lines_of(r), c->opt->no_timing).nr;
	uint32_t quiet = keep(c, lines_of(r), true).nr;

	count_add(&c->res->part[COMPARE_REQUEST_LINES], 0, kept);
	count_add(&c->res->lines_by[COMPARE_BY_CONTEXT], 0, kept);
	count_add(&c->res->lines_by[COMPARE_BY_NO_FLAGS], 0, kept);
	count_add(&c->res->lines_by[COMPARE_BY_NO_TIMING], 0, quiet);
	count_add(&c->res->lines_by[COMPARE_BY_ROBUST], 0, quiet);
	diff_one_sided(c, 3, p);
}

/*
 * A request of the kernel that was cut off by the end of the window: what followed is unknown, so
 * the simulator's lines count only up to the last one that matches.
 */
static void cut_off(struct score *c, struct lines k, struct lines *s)
{
	struct align_block *b;
	uint32_t nr = align_blocks(c->sp->align, tokens_of(c, k), tokens_of(c, *s), &b);

	s->nr = nr ? b[nr - 1].b + b[nr - 1].nr : 0;
}

/* The two ways of counting that leave out the lines of timing. */
static void score_quiet(struct score *c, struct lines k, struct lines s)
{
	struct lines qk = keep(c, k, true), qs = keep(c, s, true);
	uint32_t of = sim_max(qk.nr, qs.nr);
	struct by_context dk, ds;

	split(c, qk, &dk);
	split(c, qs, &ds);
	count_add(&c->res->lines_by[COMPARE_BY_NO_TIMING],
		  align_common(c->sp->align, tokens_of(c, qk), tokens_of(c, qs)), of);
	count_add(&c->res->lines_by[COMPARE_BY_ROBUST], common_in_context(c, &dk, &ds), of);
}

static void score_pair(struct score *c, const struct cmp_request *a, const struct cmp_request *b)
{
	struct lines k = keep(c, lines_of(a), c->opt->no_timing);
	struct lines s = keep(c, lines_of(b), c->opt->no_timing);
	struct by_context dk, ds;
	uint32_t full, context, of;

	if (!a->freed && !same_lines(c, k, s))
		cut_off(c, k, &s);
	split(c, k, &dk);
	split(c, s, &ds);
	of = sim_max(k.nr, s.nr);
	full = align_common(c->sp->align, tokens_of(c, k), tokens_of(c, s));
	context = common_in_context(c, &dk, &ds);
	count_add(&c->res->lines_by[COMPARE_BY_CONTEXT], context, of);
	count_add(&c->res->part[COMPARE_REQUEST_LINES],
		  c->opt->order == COMPARE_ORDER_FULL ? full : sim_max(context, full), of);
	count_add(&c->res->lines_by[COMPARE_BY_NO_FLAGS],
		  align_common(c->sp->align, flagless_of(c, k), flagless_of(c, s)), of);
	score_quiet(c, k, s);
	if (same_lines(c, k, s))
		return;
	if (c->opt->order == COMPARE_ORDER_CONTEXT)
		contexts_differ(c, &dk, &ds);
	else
		lines_differ(c, k, s);
	if (c->res->first[3])
		return;
	if (c->opt->order == COMPARE_ORDER_CONTEXT)
		diff_contexts(c, a, &dk, &ds);
	else
		diff_lines(c, a, NULL, k, s);
}

void score_lines(struct score *c)
{
	for (uint32_t p = 0; p < c->pairs.nr; p++) {
		if (!c->pairs.v[p].kernel || !c->pairs.v[p].sim)
			score_alone(c, p);
		else
			score_pair(c, c->pairs.v[p].kernel, c->pairs.v[p].sim);
	}
}
