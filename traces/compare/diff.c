/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The words for a difference: the full text, and rows of two columns. */
#include "traces/compare/score.h"

#include <stdlib.h>
#include <string.h>

#include "sim/base/math.h"

#define NEIGHBOURS 2 /* requests shown before and after */

void diff_seen(struct score *c, uint32_t kernel_line, uint32_t sim_line)
{
	c->res->kernel_line = sim_min(c->res->kernel_line, kernel_line);
	c->res->sim_line = sim_min(c->res->sim_line, sim_line);
}

struct compare_diff *diff_begin(struct score *c, unsigned level, const char *text)
{
	struct compare_diff *d;
	size_t title = strcspn(text, "\n");

	if (c->res->first[level])
		return NULL;
	d = c->res->first[level] = sim_alloc(c->sp->arena, sizeof(*d));
	d->text = sim_strdup(c->sp->arena, text);
	d->title = cmp_printf(c->sp->arena, "%.*s", (int)title, text);
	return d;
}

void diff_row(struct score *c, struct compare_diff *d, const char *kernel, const char *sim)
{
	uint32_t n = d->nr_rows++;

	d->rows = sim_realloc_array(c->sp->arena, d->rows, n, n + 1, sizeof(*d->rows));
	d->rows[n].kernel = kernel;
	d->rows[n].sim = sim;
	d->rows[n].differs = !kernel || !sim || strcmp(kernel, sim);
}

const char *diff_at(struct score *c, const char *op, uint32_t line)
{
	return cmp_printf(c->sp->arena, "(line %u%s%s)", line, *op ? ", during " : "", op);
}

const char *diff_side(struct score *c, unsigned side, const char *after)
{
	const char *name = c->side[side].brief;
	size_t width = sim_max(strlen(c->side[KERNEL].brief), strlen(c->side[SIM].brief));

	return cmp_printf(c->sp->arena, "\n    %s%s%*s ", name, after, (int)(width - strlen(name)),
			  "");
}

/* ---- what only one of two lists has */

static int by_text(const void *x, const void *y)
{
	return strcmp(*(const char *const *)x, *(const char *const *)y);
}

/* Append what a has more often than b, in the order of the texts. */
static void add_surplus(struct score *c, struct seq a, struct seq b, struct sim_buf *buf)
{
	const char **left = sim_xcalloc(a.nr, sizeof(*left));
	uint32_t nr = 0, j = 0, n;
	size_t before = buf->len;

	a = seq_sorted(c->sp->arena, a);
	b = seq_sorted(c->sp->arena, b);
	for (uint32_t i = 0; i < a.nr; i++) {
		while (j < b.nr && b.v[j] < a.v[i])
			j++;
		if (j < b.nr && b.v[j] == a.v[i])
			j++;
		else
			left[nr++] = c->sp->toks.text[a.v[i]];
	}
	/* Equal texts cannot be told apart. */
	qsort(left, nr, sizeof(*left), by_text);
	for (uint32_t i = 0; i < nr; i += n) {
		for (n = 1; i + n < nr && !strcmp(left[i], left[i + n]); n++)
			;
		sim_buf_printf(buf, "%s%s", buf->len > before ? ", " : "", left[i]);
		if (n > 1)
			sim_buf_printf(buf, " x%u", n);
	}
	if (!nr)
		sim_buf_putc(buf, '-');
	sim_xfree(left);
}

const char *diff_only(struct score *c, struct seq a, struct seq b)
{
	struct sim_buf buf = {0};
	const char *s;

	sim_buf_printf(&buf, "only in %s: ", c->side[KERNEL].the);
	add_surplus(c, a, b, &buf);
	sim_buf_printf(&buf, "; only in %s: ", c->side[SIM].the);
	add_surplus(c, b, a, &buf);
	s = sim_strdup(c->sp->arena, buf.data);
	sim_buf_free(&buf);
	return s;
}

/* ---- requests */

static const char *header_of(struct score *c, const struct cmp_request *r)
{
	if (!r)
		return NULL;
	return cmp_printf(c->sp->arena, "request %s (line %u)", c->sp->toks.text[r->header],
			  r->line);
}

void diff_neighbours(struct score *c, struct compare_diff *d, uint32_t p)
{
	uint32_t first = p > NEIGHBOURS ? p - NEIGHBOURS : 0;

	for (uint32_t i = first; i < c->pairs.nr && i <= p + NEIGHBOURS; i++) {
		const struct cmp_pair *pair = &c->pairs.v[i];

		diff_row(c, d, header_of(c, pair->kernel), header_of(c, pair->sim));
		if (pair->kernel && pair->sim) /* the line numbers always differ */
			d->rows[d->nr_rows - 1].differs = pair->kernel->key != pair->sim->key;
	}
}

/* The kernel's line of a pair, of the next that it has if the simulator is alone. */
static uint32_t next_line(struct score *c, uint32_t p)
{
	while (p < c->pairs.nr && !c->pairs.v[p].kernel)
		p++;
	return p < c->pairs.nr ? c->pairs.v[p].kernel->line : UINT32_MAX;
}

void diff_one_sided(struct score *c, unsigned level, uint32_t p)
{
	const struct cmp_pair *pair = &c->pairs.v[p];
	const struct cmp_request *r = pair->kernel ? pair->kernel : pair->sim;
	struct compare_diff *d;

	diff_seen(c, next_line(c, p), pair->sim ? r->line : UINT32_MAX);
	if (c->res->first[level])
		return;
	d = diff_begin(c, level,
		       cmp_printf(c->sp->arena, "%s only in %s %s", request_show(c->sp, r),
				  c->side[pair->kernel ? KERNEL : SIM].the,
				  diff_at(c, r->op, r->line)));
	diff_neighbours(c, d, p);
}
