/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The search for times with which a simulation goes as a recording did.
 *
 * The order of racing tasks is one sample in the recording, and one in a simulation with drawn
 * times. A recording with several races is hardly ever met by one seed: the odds of each race
 * multiply. But draws are named, not taken from a stream, so that a part of a run can be drawn anew
 * while what comes before stays as it is. So first a share of the tries goes to seeds; then the
 * nearest is changed, a random stretch of it at a time, and each change that does not lead away is
 * kept. A wrong model is helped little by that: times are all that changes, and each is one that
 * its law can give.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/recording.h"
#include "sim/base/arena.h"
#include "sim/base/math.h"
#include "sim/rand/rand.h"
#include "traces/format/ftrace_read.h"
#include "traces/import/import.h"

/*
 * Tries are made in rounds of three kinds in turn. The first tries of a round are seeds, but where
 * it begins with the nearest of all so far.
 */
enum round { ROUND_PROGRESS, ROUND_PART, ROUND_NEAREST, ROUND_KINDS };
#define ROUND       250
#define ROUND_SEEDS 50

/* A search: the recorded trace, and the random numbers of the current try. */
struct search {
	const char *kernel;
	uint64_t try, nr;
};

/* ---- how near a simulation comes ---- */

/* What matches, by weight: the server's bytes and the calls, then level after level. */
static unsigned rank(const struct recording_result *r)
{
	const struct results_diff *d = &r->results;
	unsigned sum = 0;

	sum = 2 * sum + (d->dumps.got == d->dumps.of);
	sum = 2 * sum + (d->calls.got == d->calls.of);
	for (unsigned level = 1; level <= COMPARE_LEVELS; level++)
		sum = 2 * sum + compare_matches(&r->trace, level);
	return sum;
}

/* Items that differ. */
static uint64_t distance(const struct recording_result *r)
{
	const struct compare_count *lines = &r->trace.level[COMPARE_LEVELS];
	const struct results_diff *d = &r->results;

	return lines->of - lines->got + d->calls.of - d->calls.got + d->dumps.of - d->dumps.got;
}

/* To be shown: what matches as a whole counts most. */
static bool is_nearer(unsigned rank_a, uint64_t distance_a, unsigned rank_b, uint64_t distance_b)
{
	return rank_a != rank_b ? rank_a > rank_b : distance_a < distance_b;
}

/* The number of the line where an operation ends, or UINT32_MAX. */
static uint32_t line_of_end(const char *text, const struct results_count *c)
{
	char mark[64];
	uint32_t line = 1, nth = c->nth;

	snprintf(mark, sizeof(mark), "OP %u t%u END ", c->line, c->tid);
	for (const char *p = text, *hit = strstr(text, mark); hit; hit = strstr(hit + 1, mark)) {
		for (; p < hit; p++)
			line += *p == '\n';
		if (!nth--)
			return line;
	}
	return UINT32_MAX;
}

/* The lines up to which both go alike. */
static void find_progress(const struct search *s, struct recording_result *r)
{
	const struct results_count *c = &r->results.calls;

	if (c->got == c->of)
		return;
	r->trace.kernel_line = sim_min(r->trace.kernel_line, line_of_end(s->kernel, c));
	r->trace.sim_line = sim_min(r->trace.sim_line, line_of_end(r->simulated.data, c));
}

/* To go on from: how far it goes as recorded, or how little differs in all. */
static bool is_no_worse(const struct recording_result *a, const struct recording_result *b,
			bool by_progress)
{
	if (by_progress && a->trace.kernel_line != b->trace.kernel_line)
		return a->trace.kernel_line > b->trace.kernel_line;
	return distance(a) <= distance(b);
}

/* ---- changing a part of the draws ---- */

/* 0..n-1, in the order of the calls; the same for every recording. */
static uint64_t pick(struct search *s, uint64_t n)
{
	struct sim_draw_key key = {.seed = s->try, .op = (uint32_t)s->nr++};

	return sim_uniform_draw(&key, 0, n - 1);
}

/* The time of a line of the trace, or 0: "wl-12 [000] .....     0.022810: event: ...". */
static uint64_t time_of(const char *line)
{
	const char *p = strchr(line, ']');
	char *end;
	uint64_t s;

	if (!p || *line == '#')
		return 0;
	p += 1 + strspn(p + 1, " .");
	s = strtoull(p, &end, 10);
	return *end == '.' ? s * SIM_NS_PER_S + strtoull(end + 1, NULL, 10) * SIM_NS_PER_US : 0;
}

/* The time of the line that holds the byte p, of those before it if that has none. */
static uint64_t time_at(const char *text, const char *p)
{
	uint64_t at_ns = 0;

	while (!at_ns && p > text) {
		for (p--; p > text && p[-1] != '\n'; p--)
			;
		at_ns = time_of(p);
	}
	return at_ns;
}

/* Where line number nr (from 1) ends, or the text if that is later. */
static const char *end_of_line(const struct sim_buf *text, uint32_t nr)
{
	const char *p = text->data;

	for (uint32_t i = 0; i < nr && p; i++)
		p = strchr(p, '\n') ? strchr(p, '\n') + 1 : NULL;
	return p ? p : text->data + text->len;
}

static uint64_t seed_at(const struct recording_draws *d, uint64_t at_ns)
{
	uint64_t seed = d->seed;

	for (size_t i = 0; i < d->nr_reseeds && d->reseed[i].at_ns <= at_ns; i++)
		seed = d->reseed[i].seed;
	return seed;
}

/* Draw what comes at first_ns and before end_ns by another seed; false: that is too many changes. */
static bool redraw(struct recording_draws *d, uint64_t first_ns, uint64_t end_ns, uint64_t seed)
{
	uint64_t after = seed_at(d, end_ns);
	size_t i = 0, n = 0;
	struct sim_reseed kept[RECORDING_MAX_RESEEDS + 2];

	for (; i < d->nr_reseeds && d->reseed[i].at_ns < first_ns; i++)
		kept[n++] = d->reseed[i];
	kept[n++] = (struct sim_reseed){first_ns, seed};
	if (end_ns != UINT64_MAX)
		kept[n++] = (struct sim_reseed){end_ns, after};
	for (; i < d->nr_reseeds; i++) {
		if (d->reseed[i].at_ns > end_ns)
			kept[n++] = d->reseed[i];
	}
	if (n > RECORDING_MAX_RESEEDS)
		return false;
	memcpy(d->reseed, kept, n * sizeof(*kept));
	d->nr_reseeds = n;
	return true;
}

#define NEAR_BYTES 4096 /* some forty lines */

/*
 * All from a time before the first difference on: mostly shortly before it. What a call returns may
 * have been decided long before.
 */
static bool redraw_rest(struct search *s, const struct recording_result *best,
			struct recording_draws *d)
{
	const struct sim_buf *text = &best->simulated;
	const char *p = end_of_line(text, best->trace.sim_line);
	uint64_t far = (uint64_t)(p - text->data), near = sim_min(far, NEAR_BYTES);
	uint64_t back = pick(s, (pick(s, 3) ? near : far) + 1);

	return redraw(d, time_at(text->data, p - back), UINT64_MAX, s->try);
}

/* From any line of the trace on: up to another, or to the end. */
static bool redraw_part(struct search *s, const struct recording_result *best,
			struct recording_draws *d)
{
	const struct sim_buf *text = &best->simulated;
	uint64_t a = time_at(text->data, text->data + pick(s, text->len + 1)), b = UINT64_MAX;

	if (pick(s, 2))
		b = time_at(text->data, text->data + pick(s, text->len + 1));
	return a != b && redraw(d, sim_min(a, b), sim_max(a, b), s->try);
}

/* ---- all ---- */

static bool gives_seed(const struct cli_overrides *o)
{
	for (size_t i = 0; i < o->nr; i++) {
		if (!strncmp(o->items[i], "seed=", 5))
			return true;
	}
	return false;
}

/* The nearest so far: enough to simulate it again. */
struct nearest {
	struct recording_draws draws;
	unsigned rank;
	uint64_t distance;
};

static void note_nearest(struct nearest *n, const struct recording_result *r)
{
	if (!is_nearer(rank(r), distance(r), n->rank, n->distance))
		return;
	*n = (struct nearest){r->draws, rank(r), distance(r)};
}

static bool begins_round(const struct search *s)
{
	return (s->try - 1) % ROUND == 0;
}

static enum round round_of(const struct search *s)
{
	return (enum round)((s->try - 1) / ROUND % ROUND_KINDS);
}

/* What is tried at a place in a round: a seed, the nearest, or a change of the base. */
static struct recording_draws next_draws(struct search *s, const struct nearest *n,
					 const struct recording_result *base)
{
	enum round round = round_of(s);
	struct recording_draws d = base->draws;

	if (round == ROUND_NEAREST && begins_round(s) && n->draws.seed) /* not the medians */
		return n->draws;
	if (round == ROUND_NEAREST || (s->try - 1) % ROUND >= ROUND_SEEDS) {
		if (round == ROUND_PROGRESS ? redraw_rest(s, base, &d) : redraw_part(s, base, &d))
			return d;
	}
	return (struct recording_draws){.seed = s->try};
}

/*
 * Try after try, until one matches. *base: of the first, a seed; in the end the one that matches,
 * or some other. *n: of a simulation before that.
 */
static int search_draws(const char *dir, const struct sim_buf *yaml,
			const struct recording_options *opts, struct search *s, struct nearest *n,
			struct recording_result *base, struct sim_err *err)
{
	note_nearest(n, base);
	find_progress(s, base);
	for (s->try = 2; s->try < opts->tries && !recording_matches(base); s->try++) {
		struct recording_draws draws = next_draws(s, n, base);
		struct recording_result other;

		if (recording_simulate(dir, yaml, opts, &draws, &other, err))
			return -1;
		note_nearest(n, &other);
		find_progress(s, &other);
		if (begins_round(s) || is_no_worse(&other, base, round_of(s) == ROUND_PROGRESS)) {
			recording_result_free(base);
			*base = other;
		} else {
			recording_result_free(&other);
		}
	}
	return 0;
}

static int read_kernel(const char *dir, char **text, struct sim_err *err)
{
	struct sim_buf path = {0};
	size_t len;
	int ret;

	sim_buf_printf(&path, "%s/trace.txt", dir);
	ret = sim_read_file(path.data, FTRACE_FILE_MAX, text, &len, err);
	sim_buf_free(&path);
	return ret;
}

/* *r, of medians, becomes that of the draws that come nearest, if they come nearer. */
static int check_drawn(const char *dir, const struct recording_options *opts,
		       struct recording_result *r, struct sim_err *err)
{
	struct nearest n = {r->draws, rank(r), distance(r)};
	struct recording_draws draws = {.seed = 1};
	struct recording_result found = {0};
	struct sim_buf yaml = {0};
	char *kernel = NULL;
	int ret = read_kernel(dir, &kernel, err) || import_kernel(dir, IMPORT_DRAWN, &yaml, err) ||
		  recording_simulate(dir, &yaml, opts, &draws, &found, err) ||
		  search_draws(dir, &yaml, opts, &(struct search){kernel}, &n, &found, err);

	recording_result_free(&found);
	if (!ret && n.draws.seed) {
		recording_result_free(r);
		ret = recording_simulate(dir, &yaml, opts, &n.draws, r, err);
	}
	sim_buf_free(&yaml);
	sim_xfree(kernel);
	return ret ? -1 : 0;
}

static int keep(const char *dir, const struct recording_options *opts,
		const struct recording_result *r, struct sim_err *err)
{
	bool drawn = r->draws.seed || gives_seed(opts->overrides);
	struct sim_buf yaml = {0};
	int ret = import_kernel(dir, drawn ? IMPORT_DRAWN : IMPORT_MEDIAN, &yaml, err) ||
		  recording_keep(dir, &yaml, opts, &r->draws, opts->keep, err);

	sim_buf_free(&yaml);
	return ret ? -1 : 0;
}

int recording_check(const char *dir, const struct recording_options *opts,
		    struct recording_result *r, struct sim_err *err)
{
	enum import_times first = gives_seed(opts->overrides) ? IMPORT_DRAWN : IMPORT_MEDIAN;
	struct sim_buf yaml = {0};
	int ret = import_kernel(dir, first, &yaml, err) ||
		  recording_simulate(dir, &yaml, opts, &(struct recording_draws){0}, r, err);

	sim_buf_free(&yaml);
	if (ret)
		return -1;
	if ((opts->tries > 1 && !recording_matches(r) && check_drawn(dir, opts, r, err)) ||
	    (opts->keep && keep(dir, opts, r, err))) {
		recording_result_free(r);
		return -1;
	}
	return 0;
}
