/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pairing of requests by likeness, in order or as sets. */
#include "traces/compare/pair.h"

#include <stdlib.h>
#include <string.h>

#include "sim/base/math.h"

/* More candidates than this are not weighed one against the other. */
#define CANDIDATES_MAX 90000u

static void add_pair(struct cmp_space *sp, struct cmp_pairs *out, const struct cmp_request *k,
		     const struct cmp_request *s)
{
	if (out->nr == out->cap) {
		uint32_t cap = out->cap ? out->cap * 2 : 64;

		out->v = sim_realloc_array(sp->arena, out->v, out->cap, cap, sizeof(*out->v));
		out->cap = cap;
	}
	out->v[out->nr++] = (struct cmp_pair){k, s};
}

static bool same_number(bool has_a, uint64_t a, bool has_b, uint64_t b)
{
	return has_a == has_b && (!has_a || a == b);
}

/*
 * 0 for unlike origins, else 1 to 8: two for an equal start, two for an equal length, up to three
 * for equal subrequests. Sums of these are compared, so that the rounding of IEEE double is part of
 * the definition of the comparison: the folder is compiled with contraction off.
 */
static double likeness(struct cmp_space *sp, const struct cmp_request *a,
		       const struct cmp_request *b)
{
	uint32_t nr = a->nr_subs + b->nr_subs;
	double part = 1;

	if (a->origin != b->origin)
		return 0;
	if (nr)
		part = (double)(2ull * align_common(sp->align, a->sub_keys, b->sub_keys)) / nr;
	return 1 + 2 * same_number(a->has_start, a->start, b->has_start, b->start) +
	       2 * same_number(a->has_len, a->len, b->has_len, b->len) + 3 * part;
}

/* ---- ordered */

/* A run of requests. */
struct run {
	struct cmp_request *const *v;
	uint32_t nr;
};

static void pair_one_sided(struct cmp_space *sp, struct run k, uint32_t i, struct run s, uint32_t j,
			   struct cmp_pairs *out)
{
	for (; i < k.nr; i++)
		add_pair(sp, out, k.v[i], NULL);
	for (; j < s.nr; j++)
		add_pair(sp, out, NULL, s.v[j]);
}

/* The tables of a Needleman-Wunsch pairing; best has a row and a column more than like. */
struct weights {
	double *like, *best;
	size_t n, m;
};

static double *best_at(const struct weights *w, size_t i, size_t j)
{
	return &w->best[i * (w->m + 1) + j];
}

/* Fill w->best: the largest sum of likenesses from (i, j) to the ends. */
static void weigh(struct cmp_space *sp, struct run k, struct run s, struct weights *w)
{
	for (size_t i = 0; i < w->n; i++)
		for (size_t j = 0; j < w->m; j++)
			w->like[i * w->m + j] = likeness(sp, k.v[i], s.v[j]);
	for (size_t i = w->n; i-- > 0;) {
		for (size_t j = w->m; j-- > 0;) {
			double like = w->like[i * w->m + j];
			double v = sim_max(*best_at(w, i + 1, j), *best_at(w, i, j + 1));

			if (like > 0)
				v = sim_max(v, *best_at(w, i + 1, j + 1) + like);
			*best_at(w, i, j) = v;
		}
	}
}

static void walk(struct cmp_space *sp, struct run k, struct run s, const struct weights *w,
		 struct cmp_pairs *out)
{
	uint32_t i = 0, j = 0;

	while (i < w->n && j < w->m) {
		double like = w->like[i * w->m + j], here = *best_at(w, i, j);

		if (like > 0 && here == *best_at(w, i + 1, j + 1) + like)
			add_pair(sp, out, k.v[i++], s.v[j++]);
		else if (here == *best_at(w, i + 1, j))
			add_pair(sp, out, k.v[i++], NULL);
		else
			add_pair(sp, out, NULL, s.v[j++]);
	}
	pair_one_sided(sp, k, i, s, j, out);
}

/* Pair two unlike runs. */
static void pair_run(struct cmp_space *sp, struct run k, struct run s, struct cmp_pairs *out)
{
	struct weights w = {.n = k.nr, .m = s.nr};
	uint32_t i = 0;

	if (!k.nr || !s.nr) {
		pair_one_sided(sp, k, 0, s, 0, out);
		return;
	}
	if ((uint64_t)k.nr * s.nr > CANDIDATES_MAX) {
		for (; i < k.nr && i < s.nr; i++)
			add_pair(sp, out, k.v[i], s.v[i]);
		pair_one_sided(sp, k, i, s, i, out);
		return;
	}
	w.like = sim_xcalloc(w.n * w.m, sizeof(double));
	w.best = sim_xcalloc((w.n + 1) * (w.m + 1), sizeof(double));
	weigh(sp, k, s, &w);
	walk(sp, k, s, &w, out);
	sim_xfree(w.like);
	sim_xfree(w.best);
}

static struct seq keys_of(struct cmp_space *sp, const struct cmp_trace *t)
{
	struct seq s = {.v = sim_alloc_array(sp->arena, t->nr_reqs + 1u, sizeof(*s.v)),
			.nr = t->nr_reqs};

	for (uint32_t i = 0; i < t->nr_reqs; i++)
		s.v[i] = t->reqs[i]->key;
	return s;
}

void pair_ordered(struct cmp_space *sp, const struct cmp_trace *k, const struct cmp_trace *s,
		  struct cmp_pairs *out)
{
	struct seq kk = keys_of(sp, k), sk = keys_of(sp, s);
	uint32_t i = 0, j = 0, nr;
	struct align_block *b;

	*out = (struct cmp_pairs){0};
	if (!seq_equal(kk, sk) && (uint64_t)k->nr_reqs * s->nr_reqs <= CANDIDATES_MAX) {
		pair_run(sp, (struct run){k->reqs, k->nr_reqs}, (struct run){s->reqs, s->nr_reqs},
			 out);
		return;
	}
	nr = align_blocks(sp->align, kk, sk, &b);
	/* likeness() aligns too: keep these blocks. */
	b = nr ? memcpy(sim_alloc_array(sp->arena, nr, sizeof(*b)), b, nr * sizeof(*b)) : b;
	for (; nr > 0; nr--, b++) {
		pair_run(sp, (struct run){k->reqs + i, b->a - i},
			 (struct run){s->reqs + j, b->b - j}, out);
		for (uint32_t n = 0; n < b->nr; n++)
			add_pair(sp, out, k->reqs[b->a + n], s->reqs[b->b + n]);
		i = b->a + b->nr;
		j = b->b + b->nr;
	}
	pair_run(sp, (struct run){k->reqs + i, k->nr_reqs - i},
		 (struct run){s->reqs + j, s->nr_reqs - j}, out);
}

/* ---- unordered */

/* A possible pair. */
struct candidate {
	double like;
	uint32_t k, s; /* positions in the traces */
};

static int by_likeness(const void *x, const void *y)
{
	const struct candidate *a = x, *b = y;

	if (a->like != b->like)
		return a->like > b->like ? -1 : 1;
	if (a->k != b->k)
		return a->k < b->k ? -1 : 1;
	return (a->s > b->s) - (a->s < b->s);
}

/* Which requests have a partner. */
struct taken {
	bool *k, *s;
};

/* Pair each request of the kernel with the first equal one of the simulator. */
static void take_equal(struct cmp_space *sp, const struct cmp_trace *k, const struct cmp_trace *s,
		       struct taken *t, struct cmp_pairs *out)
{
	uint32_t nr = sp->toks.nr, *first = sim_xcalloc(nr, sizeof(*first));
	uint32_t *next = sim_xcalloc(s->nr_reqs, sizeof(*next));

	/* Positions + 1 of the simulator's requests by key, ascending. */
	for (uint32_t j = s->nr_reqs; j-- > 0;) {
		next[j] = first[s->reqs[j]->key_sorted];
		first[s->reqs[j]->key_sorted] = j + 1;
	}
	for (uint32_t i = 0; i < k->nr_reqs; i++) {
		uint32_t *at = &first[k->reqs[i]->key_sorted];

		if (!*at)
			continue;
		t->k[i] = t->s[*at - 1] = true;
		add_pair(sp, out, k->reqs[i], s->reqs[*at - 1]);
		*at = next[*at - 1];
	}
	sim_xfree(first);
	sim_xfree(next);
}

static size_t list_candidates(struct cmp_space *sp, const struct cmp_trace *k,
			      const struct cmp_trace *s, const struct taken *t,
			      struct candidate **list)
{
	size_t nr = 0, cap = 0;

	*list = NULL;
	for (uint32_t i = 0; i < k->nr_reqs; i++) {
		for (uint32_t j = 0; !t->k[i] && j < s->nr_reqs; j++) {
			double like = t->s[j] ? 0 : likeness(sp, k->reqs[i], s->reqs[j]);

			if (like == 0)
				continue;
			if (nr == cap) {
				cap = cap ? cap * 2 : 64;
				*list = sim_xrealloc(*list, cap, sizeof(**list));
			}
			(*list)[nr++] = (struct candidate){like, i, j};
		}
	}
	return nr;
}

/* A pair, by the number of the kernel's request or else the simulator's, then by its place. */
struct numbered {
	uint32_t number, place;
	struct cmp_pair pair;
};

static int by_number(const void *x, const void *y)
{
	const struct numbered *a = x, *b = y;

	if (a->number != b->number)
		return a->number < b->number ? -1 : 1;
	return (a->place > b->place) - (a->place < b->place);
}

static void sort_by_number(struct cmp_pairs *out)
{
	struct numbered *v = sim_xcalloc(out->nr, sizeof(*v));

	for (uint32_t i = 0; i < out->nr; i++) {
		v[i].pair = out->v[i];
		v[i].number = v[i].pair.kernel ? v[i].pair.kernel->nr : v[i].pair.sim->nr;
		v[i].place = i;
	}
	/* A total order: by number, then by place. */
	qsort(v, out->nr, sizeof(*v), by_number);
	for (uint32_t i = 0; i < out->nr; i++)
		out->v[i] = v[i].pair;
	sim_xfree(v);
}

void pair_unordered(struct cmp_space *sp, const struct cmp_trace *k, const struct cmp_trace *s,
		    struct cmp_pairs *out)
{
	struct taken t = {sim_xcalloc(k->nr_reqs, sizeof(bool)),
			  sim_xcalloc(s->nr_reqs, sizeof(bool))};
	struct candidate *list;
	size_t nr;

	*out = (struct cmp_pairs){0};
	take_equal(sp, k, s, &t, out);
	nr = list_candidates(sp, k, s, &t, &list);
	/* A total order: by likeness, then by the numbers of both. */
	if (nr)
		qsort(list, nr, sizeof(*list), by_likeness);
	for (size_t c = 0; c < nr; c++) {
		if (t.k[list[c].k] || t.s[list[c].s])
			continue;
		t.k[list[c].k] = t.s[list[c].s] = true;
		add_pair(sp, out, k->reqs[list[c].k], s->reqs[list[c].s]);
	}
	for (uint32_t i = 0; i < k->nr_reqs; i++)
		if (!t.k[i])
			add_pair(sp, out, k->reqs[i], NULL);
	for (uint32_t j = 0; j < s->nr_reqs; j++)
		if (!t.s[j])
			add_pair(sp, out, NULL, s->reqs[j]);
	sort_by_number(out);
	sim_xfree(list);
	sim_xfree(t.k);
	sim_xfree(t.s);
}
