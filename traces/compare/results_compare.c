/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Comparison of what system calls returned, row by row. */
#include "traces/compare/results.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/math.h"
#include "traces/compare/columns.h"
#include "traces/compare/memory.h"
#include "traces/compare/strtab.h"

#define LETTERS 128 /* of ASCII */

/* The comparison under way. */
struct matching {
	const struct results *k, *s;
	struct strtab places;  /* of the simulator's rows; ordinal = position */
	char letters[LETTERS]; /* the simulator's letter for the kernel's; 0: not seen */
	struct results_diff *d;
};

static uint32_t add_place(struct strtab *t, const struct result_row *row)
{
	char name[48];

	snprintf(name, sizeof(name), "%u t%u %u", row->line, row->tid, row->nth);
	return strtab_adds(t, name);
}

/* The simulator's row for a row of the kernel, or NULL. */
static const struct result_row *partner(const struct matching *m, const struct result_row *k)
{
	char name[48];
	uint32_t o;

	snprintf(name, sizeof(name), "%u t%u %u", k->line, k->tid, k->nth);
	return strtab_find(&m->places, name, strlen(name), &o) ? &m->s->rows[o] : NULL;
}

static bool is_op(const struct result_row *row, const char *op)
{
	size_t n = strlen(op);

	return !strncmp(row->op, op, n) && (!row->op[n] || row->op[n] == ' ');
}

/* ---- letters */

/* A fill that is one letter. */
static char letter_of(const struct result_row *row)
{
	const char *f = row->fill;

	return f && f[0] > 0 && f[0] != '-' && !f[1] ? f[0] : '\0';
}

/* Note that the simulator has letter s where the kernel has k; false if that is not one to one. */
static bool map_letter(struct matching *m, char k, char s)
{
	if (m->letters[(unsigned char)k])
		return m->letters[(unsigned char)k] == s;
	if (memchr(m->letters, s, sizeof(m->letters)))
		return false;
	m->letters[(unsigned char)k] = s;
	return true;
}

/* Learn the letters from all fills. Sets d->relabelled if they differ and can be translated. */
static void learn_letters(struct matching *m)
{
	bool differ = false;

	for (uint32_t i = 0; i < m->k->nr; i++) {
		const struct result_row *s = partner(m, &m->k->rows[i]);
		char a = letter_of(&m->k->rows[i]), b = s ? letter_of(s) : '\0';

		if (!a || !b)
			continue;
		if (!map_letter(m, a, b))
			return;
		differ |= a != b && m->k->rows[i].tid;
	}
	m->d->relabelled = differ;
}

/* A run of equal bytes in a text of them: "x*4,\\x00*8,...". */
struct run {
	char byte[5]; /* as it is printed */
	uint64_t left;
	bool unknown; /* the text was cut here */
};

/* The run at *p, which may be the end, goes to *r, and *p behind it. */
static void next_run(const char **p, struct run *r)
{
	size_t n = (*p)[0] == '\\' && (*p)[1] == 'x' ? 4 : 1;
	char *end;

	*r = (struct run){.unknown = !strcmp(*p, "...")};
	if (r->unknown || strnlen(*p, n + 1) <= n)
		return;
	memcpy(r->byte, *p, n);
	r->left = strtoull(*p + n + 1, &end, 10);
	*p = end + (*end == ',');
}

/* Whether the simulator's byte can be what the kernel has: uninitialised memory can be anything. */
static bool same_byte(const struct matching *m, const struct run *k, const struct run *s)
{
	char letter = m->d->relabelled ? m->letters[(unsigned char)k->byte[0] % LETTERS] : '\0';

	if (!strcmp(s->byte, RESULTS_JUNK))
		return true;
	return k->byte[0] != '\\' && letter ? s->byte[0] == letter && !s->byte[1]
					    : !strcmp(k->byte, s->byte);
}

/* Whether two texts of runs agree, the kernel's letters translated if that was learnt. */
static bool same_data(const struct matching *m, const char *k, const char *s)
{
	struct run a = {0}, b = {0};
	bool junk = false;

	for (;;) {
		uint64_t n;

		if (!a.left)
			next_run(&k, &a);
		if (!b.left)
			next_run(&s, &b);
		if (junk && (a.unknown || b.unknown))
			return true;
		if (!a.left || !b.left)
			return a.left == b.left && a.unknown == b.unknown;
		junk |= !strcmp(b.byte, RESULTS_JUNK);
		if (!same_byte(m, &a, &b))
			return false;
		n = sim_min(a.left, b.left);
		a.left -= n;
		b.left -= n;
	}
}

/* ---- rows */

static bool same_text(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

/* The name of the first field that differs, or NULL. */
static const char *differing_field(const struct matching *m, const struct result_row *k,
				   const struct result_row *s)
{
	if (!s)
		return "row";
	if (!is_op(k, "srv_fillfs") && !same_text(k->ret, s->ret))
		return "ret";
	if (!same_text(k->res, s->res))
		return "res";
	if (!same_text(k->size, s->size))
		return "size";
	if (!k->tid && !same_text(k->fill, s->fill))
		return "fill";
	if (k->data && s->data ? !same_data(m, k->data, s->data) : k->data != s->data)
		return "data";
	return NULL;
}

static const char *row_text(struct results_diff *d, const struct result_row *row)
{
	struct sim_buf b = {0};
	const char *s;

	if (!row)
		return NULL;
	sim_buf_printf(&b, "%u t%u %s => %s", row->line, row->tid, row->op, row->text);
	s = sim_strdup(d->arena, b.data);
	sim_buf_free(&b);
	return s;
}

static void count_row(struct results_diff *d, const struct result_row *k,
		      const struct result_row *s, const char *field)
{
	struct results_count *c = is_op(k ? k : s, "srv_dump") ? &d->dumps : &d->calls;

	c->of++;
	c->only_kernel += !s;
	c->only_sim += !k;
	if (!field) {
		c->got++;
	} else if (!c->field) {
		c->field = field;
		c->line = k ? k->line : s->line;
		c->tid = k ? k->tid : s->tid;
		c->nth = k ? k->nth : s->nth;
		c->kernel = row_text(d, k);
		c->sim = row_text(d, s);
	}
}

void results_compare(const struct results *k, const struct results *s, struct results_diff *d)
{
	struct matching m = {.k = k, .s = s, .d = d};
	bool *used = sim_xcalloc(s->nr, sizeof(*used));

	memset(d, 0, sizeof(*d));
	d->arena = compare_arena_new();
	strtab_init(&m.places, d->arena);
	for (uint32_t i = 0; i < s->nr; i++)
		add_place(&m.places, &s->rows[i]);
	learn_letters(&m);
	for (uint32_t i = 0; i < k->nr; i++) {
		const struct result_row *sr = partner(&m, &k->rows[i]);

		d->parallel |= k->rows[i].tid != 0;
		if (sr)
			used[sr - s->rows] = true;
		count_row(d, &k->rows[i], sr, differing_field(&m, &k->rows[i], sr));
	}
	for (uint32_t i = 0; i < s->nr; i++) {
		d->parallel |= s->rows[i].tid != 0;
		if (!used[i])
			count_row(d, NULL, &s->rows[i], "row");
	}
	sim_xfree(used);
}

void results_diff_free(struct results_diff *d)
{
	sim_arena_free(d->arena);
	memset(d, 0, sizeof(*d));
}

/* ---- text */

static void print_first(struct sim_buf *b, const char *what, const struct results_count *c,
			unsigned width)
{
	if (!c->field)
		return;
	sim_buf_printf(b, "first difference in %s: %s\n", what, c->field);
	columns_row(b, "kernel", "simulator", false, width);
	columns_row(b, c->kernel, c->sim, true, width);
}

void results_print(struct sim_buf *b, const struct results_diff *d, unsigned width)
{
	sim_buf_printf(b, "calls %u/%u, server bytes %u/%u\n", d->calls.got, d->calls.of,
		       d->dumps.got, d->dumps.of);
	if (d->relabelled)
		sim_buf_puts(b, "note: letters written by parallel threads were translated\n");
	print_first(b, "calls", &d->calls, width);
	print_first(b, "server bytes", &d->dumps, width);
}
