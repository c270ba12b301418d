/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The comparison of two traces: reads, assembles, pairs, and adds up the levels. */
#include "traces/compare/compare.h"

#include <stdlib.h>
#include <string.h>

#include "traces/compare/memory.h"
#include "traces/compare/results.h"
#include "traces/compare/score.h"

const struct compare_options compare_robust = {.order = COMPARE_ORDER_CONTEXT, .no_timing = true};

/* ---- notes */

static void add_note(struct compare_result *res, const char *text)
{
	uint32_t n = res->nr_notes++;

	res->notes = sim_realloc_array(res->arena, res->notes, n, n + 1, sizeof(*res->notes));
	res->notes[n] = text;
}

static void add_trace_notes(struct compare_result *res, const char *side, const struct cmp_trace *t,
			    const struct cmp_trace *other)
{
	if (!t->has_case && other->has_case)
		add_note(res, cmp_printf(res->arena, "%s: no CASE marker: the whole file is taken",
					 side));
	for (uint32_t i = 0; i < t->nr_notes; i++)
		add_note(res, cmp_printf(res->arena, "%s: %s", side, t->notes[i]));
}

static int by_text(const void *x, const void *y)
{
	return strcmp(*(const char *const *)x, *(const char *const *)y);
}

/* ---- lengths that one side does not know */

static void mark_unknown(const struct cmp_trace *t, bool *unknown)
{
	for (uint32_t i = 0; i < t->nr_reqs; i++)
		if (!t->reqs[i]->has_len)
			unknown[t->reqs[i]->origin] = true;
}

/* Forget the lengths of requests of unknown origins; marks those that had one in had. */
static void forget_lengths(struct cmp_trace *t, const bool *unknown, bool *had)
{
	for (uint32_t i = 0; i < t->nr_reqs; i++) {
		struct cmp_request *r = t->reqs[i];

		if (!unknown[r->origin] || !r->has_len)
			continue;
		r->has_len = false;
		had[r->origin] = true;
	}
}

/* A length that some request of an origin lacks is compared in none of that origin. */
static void level_lengths(struct score *c)
{
	uint32_t nr = c->sp->toks.nr + 1, first = c->res->nr_notes;
	bool *unknown = sim_xcalloc(nr, sizeof(*unknown)), *had = sim_xcalloc(nr, sizeof(*had));

	mark_unknown(c->k, unknown);
	mark_unknown(c->s, unknown);
	forget_lengths(c->k, unknown, had);
	forget_lengths(c->s, unknown, had);
	for (uint32_t o = 0; o < nr; o++)
		if (had[o])
			add_note(c->res, cmp_printf(c->sp->arena,
						    "length of %s requests ignored: one side does "
						    "not know it",
						    o ? c->sp->toks.text[o - 1] : "None"));
	/* Equal texts cannot be told apart. */
	if (c->res->nr_notes > first)
		qsort(c->res->notes + first, c->res->nr_notes - first, sizeof(*c->res->notes),
		      by_text);
	sim_xfree(unknown);
	sim_xfree(had);
}

/* ---- levels */

static void add_levels(struct score *c)
{
	struct compare_result *res = c->res;

	for (int part = 0; part < COMPARE_LEVEL_PARTS; part++) {
		int level = part <= COMPARE_SUBREQUESTS ? 1 : part == COMPARE_FOLIO_EVENTS ? 2 : 3;

		for (; level <= COMPARE_LEVELS; level++)
			count_add(&res->level[level], res->part[part].got, res->part[part].of);
	}
	res->level[COMPARE_PAGES] = res->part[COMPARE_PAGE_EVENTS];
	/* A level includes the ones below it. */
	for (unsigned level = 2; level <= COMPARE_LEVELS; level++)
		if (res->level[level - 1].got != res->level[level - 1].of)
			diff_begin(c, level, level == 2 ? "as at level 1" : "as at level 2");
}

static void add_closing_notes(struct score *c)
{
	if (c->res->parallel)
		add_note(c->res,
			 "parallel case: order between tasks is not deterministic; requests, "
			 "subrequests, folio events and write_iter lines are compared as "
			 "multisets");
	if (!c->k->nr_reqs)
		add_note(c->res, cmp_printf(c->sp->arena, "%s has no netfs request in the window",
					    c->side[KERNEL].trace));
	if (!c->k->folios.nr)
		add_note(c->res,
			 cmp_printf(c->sp->arena, "%s has no netfs_folio events (6.1 has none)",
				    c->side[KERNEL].trace));
}

static void name_sides(struct score *c)
{
	static const struct side roles[] = {{"kernel", "the kernel", "the kernel trace"},
					    {"sim", "the simulator", "the simulator's trace"}};
	static const char *const heads[] = {"kernel", "simulator"};

	for (unsigned i = 0; i < 2; i++) {
		const char *name = c->opt->names[i];

		c->side[i] = name ? (struct side){name, name, name} : roles[i];
		c->res->names[i] = name ? sim_strdup(c->res->arena, name) : heads[i];
	}
}

static void run(struct cmp_space *sp, struct cmp_trace *k, struct cmp_trace *s,
		const struct compare_options *opt, struct compare_result *res)
{
	struct score c = {.sp = sp, .opt = opt, .k = k, .s = s, .res = res};

	res->kernel_line = res->sim_line = UINT32_MAX;
	res->parallel = opt->parallel || k->parallel || s->parallel;
	name_sides(&c);
	add_trace_notes(res, c.side[KERNEL].brief, k, s);
	add_trace_notes(res, c.side[SIM].brief, s, k);
	level_lengths(&c);
	requests_make_keys(sp, k);
	requests_make_keys(sp, s);
	if (res->parallel)
		pair_unordered(sp, k, s, &c.pairs);
	else
		pair_ordered(sp, k, s, &c.pairs);
	score_requests(&c);
	score_folios(&c);
	score_lines(&c);
	score_writes(&c);
	score_pages(&c);
	add_levels(&c);
	add_closing_notes(&c);
}

/* ---- inputs */

static int read_input(const struct compare_input *in, struct ftrace_file *f, struct sim_err *err)
{
	int ret = in->text ? ftrace_read_text(in->name, in->text, in->len, f, err)
			   : ftrace_read_file(in->name, f, err);

	if (!ret && ftrace_require(in->name, f->nr, f->nr_other, err)) {
		ftrace_free(f);
		return -1;
	}
	return ret;
}

/* The inode of the results file at path, or of the one beside the trace. */
static bool find_ino(const char *trace, const char *path, uint64_t *ino)
{
	const char *slash = strrchr(trace, '/');
	struct sim_buf beside = {0};
	bool found;

	if (path)
		return results_ino(path, ino);
	if (slash)
		sim_buf_add(&beside, trace, (size_t)(slash + 1 - trace));
	sim_buf_puts(&beside, "results.txt");
	found = results_ino(beside.data, ino);
	sim_buf_free(&beside);
	return found;
}

int compare_inputs(const struct compare_input *kernel, const struct compare_input *sim,
		   const char *results, const struct compare_options *options,
		   struct compare_result *res, struct sim_err *err)
{
	const struct compare_options *opt = options ? options : &compare_robust;
	struct ftrace_file kf, sf;
	struct cmp_trace k, s;
	struct cmp_space sp;
	uint64_t ino;
	bool has_ino;

	memset(res, 0, sizeof(*res));
	if (read_input(kernel, &kf, err))
		return -1;
	if (read_input(sim, &sf, err)) {
		ftrace_free(&kf);
		return -1;
	}
	res->arena = compare_arena_new();
	sp.arena = res->arena;
	sp.align = align_new(sp.arena);
	strtab_init(&sp.toks, sp.arena);
	has_ino = find_ino(kernel->name, results, &ino);
	requests_assemble(&sp, &kf, has_ino ? &ino : NULL, opt->values, &k);
	requests_assemble(&sp, &sf, NULL, opt->values, &s);
	run(&sp, &k, &s, opt, res);
	ftrace_free(&kf);
	ftrace_free(&sf);
	return 0;
}

int compare_traces(const char *kernel_path, const char *sim_path, const char *results_path,
		   const struct compare_options *options, struct compare_result *res,
		   struct sim_err *err)
{
	const struct compare_input kernel = {.name = kernel_path}, sim = {.name = sim_path};

	return compare_inputs(&kernel, &sim, results_path, options, res, err);
}

void compare_result_free(struct compare_result *res)
{
	sim_arena_free(res->arena);
	memset(res, 0, sizeof(*res));
}

bool compare_matches(const struct compare_result *res, unsigned level)
{
	for (unsigned n = 1; n <= level && n <= COMPARE_LEVELS; n++)
		if (res->level[n].got != res->level[n].of)
			return false;
	return true;
}
