/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Alignment of token sequences, with the blocks of Python's difflib. */
#include "traces/compare/align.h"

#include <stdlib.h>
#include <string.h>

#include "sim/base/math.h"

#define NONE UINT32_MAX

/* A range still to be searched, or (is_block) a block whose turn in the output has come. */
struct todo {
	uint32_t alo, ahi, blo, bhi;
	bool is_block;
};

struct align {
	struct sim_arena *arena;
	/* Where b has a token: the first place by token, then the next place by place. */
	uint32_t *head, *next;
	uint32_t nr_head, nr_b;
	/* Lengths of the matches that end at (row, j), for this row and the one before. */
	uint32_t *len[2];
	uint64_t *row[2];
	uint64_t now; /* number of the row; never reused, so that nothing needs clearing */
	struct todo *todo;
	uint32_t nr_todo, cap_todo;
	struct align_block *blocks;
	uint32_t nr_blocks, cap_blocks;
};

struct align *align_new(struct sim_arena *arena)
{
	struct align *al = sim_alloc(arena, sizeof(*al));

	al->arena = arena;
	return al;
}

bool seq_equal(struct seq a, struct seq b)
{
	return a.nr == b.nr && (!a.nr || !memcmp(a.v, b.v, a.nr * sizeof(*a.v)));
}

static int by_token(const void *x, const void *y)
{
	uint32_t a = *(const uint32_t *)x, b = *(const uint32_t *)y;

	return (a > b) - (a < b);
}

struct seq seq_sorted(struct sim_arena *arena, struct seq a)
{
	struct seq s = {.v = sim_alloc_array(arena, a.nr + 1u, sizeof(*s.v)), .nr = a.nr};

	if (a.nr) {
		memcpy(s.v, a.v, a.nr * sizeof(*a.v));
		/* Equal tokens are the same number: any order of them is one order. */
		qsort(s.v, s.nr, sizeof(*s.v), by_token);
	}
	return s;
}

uint32_t seq_first_diff(struct seq a, struct seq b)
{
	uint32_t i = 0;

	while (i < a.nr && i < b.nr && a.v[i] == b.v[i])
		i++;
	return i;
}

/* ---- the places of b's tokens */

static void grow_heads(struct align *al, uint32_t token)
{
	uint32_t n = sim_max(token + 1, al->nr_head * 2);

	al->head = sim_realloc_array(al->arena, al->head, al->nr_head, n, sizeof(*al->head));
	for (; al->nr_head < n; al->nr_head++)
		al->head[al->nr_head] = NONE;
}

static void grow_places(struct align *al, uint32_t nr)
{
	uint32_t n = sim_max(nr, al->nr_b * 2), old = al->nr_b;

	al->next = sim_realloc_array(al->arena, al->next, old, n, sizeof(*al->next));
	for (int i = 0; i < 2; i++) {
		al->len[i] = sim_realloc_array(al->arena, al->len[i], old, n, sizeof(*al->len[i]));
		al->row[i] = sim_realloc_array(al->arena, al->row[i], old, n, sizeof(*al->row[i]));
	}
	al->nr_b = n;
}

static void index_b(struct align *al, struct seq b)
{
	if (b.nr > al->nr_b)
		grow_places(al, b.nr);
	for (uint32_t j = b.nr; j-- > 0;) {
		if (b.v[j] >= al->nr_head)
			grow_heads(al, b.v[j]);
		al->next[j] = al->head[b.v[j]];
		al->head[b.v[j]] = j;
	}
}

static void forget_b(struct align *al, struct seq b)
{
	for (uint32_t j = 0; j < b.nr; j++)
		al->head[b.v[j]] = NONE;
}

/* ---- the blocks */

static struct align_block longest(struct align *al, struct seq a, const struct todo *t)
{
	struct align_block best = {t->alo, t->blo, 0};

	al->now += 2; /* no row before the first */
	for (uint32_t i = t->alo; i < t->ahi; i++, al->now++) {
		uint32_t *len = al->len[al->now & 1], *len_before = al->len[~al->now & 1];
		uint64_t *row = al->row[al->now & 1], *row_before = al->row[~al->now & 1];
		uint32_t j = a.v[i] < al->nr_head ? al->head[a.v[i]] : NONE;

		for (; j != NONE && j < t->bhi; j = al->next[j]) {
			uint32_t k = 1;

			if (j < t->blo)
				continue;
			if (j > 0 && row_before[j - 1] == al->now - 1)
				k += len_before[j - 1];
			len[j] = k;
			row[j] = al->now;
			if (k > best.nr)
				best = (struct align_block){i - k + 1, j - k + 1, k};
		}
	}
	return best;
}

static void push(struct align *al, struct todo t)
{
	if (al->nr_todo == al->cap_todo) {
		uint32_t cap = al->cap_todo ? al->cap_todo * 2 : 64;

		al->todo = sim_realloc_array(al->arena, al->todo, al->cap_todo, cap,
					     sizeof(*al->todo));
		al->cap_todo = cap;
	}
	al->todo[al->nr_todo++] = t;
}

static void emit(struct align *al, struct align_block b)
{
	if (al->nr_blocks == al->cap_blocks) {
		uint32_t cap = al->cap_blocks ? al->cap_blocks * 2 : 64;

		al->blocks = sim_realloc_array(al->arena, al->blocks, al->cap_blocks, cap,
					       sizeof(*al->blocks));
		al->cap_blocks = cap;
	}
	al->blocks[al->nr_blocks++] = b;
}

uint32_t align_blocks(struct align *al, struct seq a, struct seq b, struct align_block **blocks)
{
	al->nr_blocks = 0;
	index_b(al, b);
	push(al, (struct todo){0, a.nr, 0, b.nr, false});
	while (al->nr_todo) {
		struct todo t = al->todo[--al->nr_todo];
		struct align_block m;

		if (t.is_block) {
			emit(al, (struct align_block){t.alo, t.blo, t.ahi - t.alo});
			continue;
		}
		if (t.alo == t.ahi || t.blo == t.bhi)
			continue;
		m = longest(al, a, &t);
		if (!m.nr)
			continue;
		/* Last in, first out: what lies to the left comes first. */
		push(al, (struct todo){m.a + m.nr, t.ahi, m.b + m.nr, t.bhi, false});
		push(al, (struct todo){m.a, m.a + m.nr, m.b, m.b + m.nr, true});
		push(al, (struct todo){t.alo, m.a, t.blo, m.b, false});
	}
	forget_b(al, b);
	*blocks = al->blocks;
	return al->nr_blocks;
}

uint32_t align_common(struct align *al, struct seq a, struct seq b)
{
	struct align_block *m;
	uint32_t sum = 0;

	if (seq_equal(a, b))
		return a.nr;
	for (uint32_t n = align_blocks(al, a, b, &m); n > 0; n--, m++)
		sum += m->nr;
	return sum;
}

uint32_t align_common_unordered(struct align *al, struct seq a, struct seq b)
{
	struct seq x = seq_sorted(al->arena, a), y = seq_sorted(al->arena, b);
	uint32_t i = 0, j = 0, n = 0;

	while (i < x.nr && j < y.nr) {
		n += x.v[i] == y.v[j];
		if (x.v[i] < y.v[j])
			i++;
		else if (x.v[i] > y.v[j])
			j++;
		else
			i++, j++;
	}
	return n;
}
