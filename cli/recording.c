/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A recording of a real kernel against its simulation. */
#include "cli/recording.h"

#include <inttypes.h>
#include <string.h>

#include "cli/simulate.h"
#include "sim/base/arena.h"
#include "traces/format/ftrace_write.h"
#include "traces/import/import.h"

#define PATH_OF(buf, dir, name) (sim_buf_printf(&(buf), "%s/%s", (dir), (name)), (buf).data)

/* What the simulation leaves. */
struct simulated {
	struct sim_buf trace, results, violations;
	enum sim_end end;
};

static void keep_violations(const struct scenario_report *report, struct sim_buf *out)
{
	for (size_t i = 0; i < report->nr_violations; i++)
		sim_buf_printf(out, "%s at step %" PRIu64 ": %s\n", report->violations[i].rule,
			       report->violations[i].step, report->violations[i].text);
	if (report->hang)
		sim_buf_printf(out, "%s\n", report->hang);
}

static void copy(struct sim_buf *to, const struct sim_buf *from)
{
	sim_buf_add(to, from->data ? from->data : "", from->len);
	sim_buf_putc(to, '\0');
	to->len--;
}

/* Run with the kernel's events going to memory. */
static void run_traced(struct simulation *s, struct simulated *out)
{
	struct trace_output *memory = trace_output_memory();
	struct ftrace_options opts = {.version = s->scn->design.generation, .windowed = true};
	struct ftrace_writer *w = ftrace_writer_new(s->run->trace, memory, &opts);
	struct sim_err ignored = {0};

	sim_trace_filter(s->run->trace, ftrace_writer_sink(w), "sim", false);
	simulation_go(s, NULL);
	ftrace_writer_free(w);
	copy(&out->trace, trace_output_buf(memory));
	copy(&out->results, scenario_run_results(s->run));
	trace_output_close(memory, true, &ignored);
	keep_violations(s->report, &out->violations);
	out->end = s->report->end;
}

static int simulate(const char *dir, const struct sim_buf *yaml,
		    const struct recording_options *opts, uint64_t seed, struct simulated *out,
		    struct sim_err *err)
{
	struct scenario_run_opts run_opts = {
		.results = true,
		.seed_given = seed != 0,
		.seed = seed,
	};
	struct simulation s;

	if (simulation_open_text(&s, dir, yaml, opts->overrides, &run_opts, err))
		return -1;
	run_traced(&s, out);
	simulation_close(&s);
	return 0;
}

static int compare_trace(const char *dir, const struct recording_options *opts,
			 const struct simulated *sim, struct compare_result *res,
			 struct sim_err *err)
{
	struct compare_options co = opts->strict ? (struct compare_options){0} : compare_robust;
	struct sim_buf trace = {0}, results = {0};
	struct compare_input kernel = {.name = PATH_OF(trace, dir, "trace.txt")};
	struct compare_input ours = {"the simulation", sim->trace.data, sim->trace.len};
	int ret;

	co.values = opts->values;
	ret = compare_inputs(&kernel, &ours, PATH_OF(results, dir, "results.txt"), &co, res, err);
	sim_buf_free(&trace);
	sim_buf_free(&results);
	return ret;
}

static int compare_results(const char *dir, const struct simulated *sim, struct results_diff *d,
			   struct sim_err *err)
{
	struct results kernel = {0}, ours = {0};
	struct sim_buf path = {0};
	int ret;

	ret = results_read(PATH_OF(path, dir, "results.txt"), &kernel, err) ||
	      results_read_text("the simulation", sim->results.data, sim->results.len, &ours, err);
	if (!ret)
		results_compare(&kernel, &ours, d);
	results_free(&kernel);
	results_free(&ours);
	sim_buf_free(&path);
	return ret ? -1 : 0;
}

/* One seed. */
static int check(const char *dir, const struct sim_buf *yaml, const struct recording_options *opts,
		 uint64_t seed, struct recording_result *r, struct sim_err *err)
{
	struct simulated sim = {0};
	int ret;

	*r = (struct recording_result){.seed = seed};
	ret = simulate(dir, yaml, opts, seed, &sim, err) ||
	      compare_trace(dir, opts, &sim, &r->trace, err) ||
	      compare_results(dir, &sim, &r->results, err);
	r->simulated = sim.trace;
	r->violations = sim.violations;
	r->end = sim.end;
	sim_buf_free(&sim.results);
	if (ret)
		recording_result_free(r);
	return ret ? -1 : 0;
}

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

static bool is_nearer(const struct recording_result *a, const struct recording_result *b)
{
	const struct compare_count *x = &a->trace.level[COMPARE_LEVELS];
	const struct compare_count *y = &b->trace.level[COMPARE_LEVELS];

	if (rank(a) != rank(b))
		return rank(a) > rank(b);
	return x->of - x->got < y->of - y->got;
}

static bool gives_seed(const struct cli_overrides *o)
{
	for (size_t i = 0; i < o->nr; i++) {
		if (!strncmp(o->items[i], "seed=", 5))
			return true;
	}
	return false;
}

int recording_check(const char *dir, const struct recording_options *opts,
		    struct recording_result *r, struct sim_err *err)
{
	struct sim_buf yaml = {0}, drawn = {0};
	enum import_times first = gives_seed(opts->overrides) ? IMPORT_DRAWN : IMPORT_MEDIAN;
	int ret = import_kernel(dir, first, &yaml, err) ||
		  import_kernel(dir, IMPORT_DRAWN, &drawn, err) ||
		  check(dir, &yaml, opts, 0, r, err);

	for (uint64_t seed = 1; !ret && seed < opts->seeds && !recording_matches(r); seed++) {
		struct recording_result other;

		ret = check(dir, &drawn, opts, seed, &other, err);
		if (ret) {
			recording_result_free(r);
		} else if (is_nearer(&other, r)) {
			recording_result_free(r);
			*r = other;
		} else {
			recording_result_free(&other);
		}
	}
	sim_buf_free(&yaml);
	sim_buf_free(&drawn);
	return ret ? -1 : 0;
}

void recording_result_free(struct recording_result *r)
{
	compare_result_free(&r->trace);
	results_diff_free(&r->results);
	sim_buf_free(&r->simulated);
	sim_buf_free(&r->violations);
	*r = (struct recording_result){0};
}

bool recording_matches(const struct recording_result *r)
{
	const struct results_diff *d = &r->results;

	return compare_matches(&r->trace, COMPARE_LEVELS) && d->calls.got == d->calls.of &&
	       d->dumps.got == d->dumps.of;
}
