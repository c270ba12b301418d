/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A recording of a real kernel against its simulation. */
#include "cli/recording.h"

#include <inttypes.h>
#include <string.h>

#include "cli/run_trace.h"
#include "cli/simulate.h"
#include "sim/base/arena.h"
#include "sim/base/math.h"
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

void recording_put_reseeds(struct sim_buf *out, const struct recording_draws *draws)
{
	sim_buf_putc(out, '[');
	for (size_t i = 0; i < draws->nr_reseeds; i++)
		sim_buf_printf(out, "%s{at: %" PRIu64 "ns, seed: %" PRIu64 "}", i ? ", " : "",
			       draws->reseed[i].at_ns, draws->reseed[i].seed);
	sim_buf_putc(out, ']');
}

static void add_scenario(struct sim_buf *yaml, const struct sim_buf *base,
			 const struct recording_draws *draws)
{
	sim_buf_add(yaml, base->data, base->len);
	if (draws->nr_reseeds) {
		sim_buf_puts(yaml, "reseed: ");
		recording_put_reseeds(yaml, draws);
	}
}

static int simulate(const char *dir, const struct sim_buf *base,
		    const struct recording_options *opts, const struct recording_draws *draws,
		    struct simulated *out, struct sim_err *err)
{
	struct scenario_run_opts run_opts = {
		.results = true,
		.seed_given = draws->seed != 0,
		.seed = draws->seed,
	};
	struct sim_buf yaml = {0};
	struct simulation s;
	int ret;

	add_scenario(&yaml, base, draws);
	ret = simulation_open_text(&s, dir, &yaml, opts->overrides, &run_opts, err);
	sim_buf_free(&yaml);
	if (ret)
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

int recording_simulate(const char *dir, const struct sim_buf *yaml,
		       const struct recording_options *opts, const struct recording_draws *draws,
		       struct recording_result *r, struct sim_err *err)
{
	struct simulated sim = {0};
	int ret;

	*r = (struct recording_result){.draws = *draws};
	ret = simulate(dir, yaml, opts, draws, &sim, err) ||
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

static int write_run(struct simulation *s, const char *path, struct sim_err *err)
{
	struct trace_output *out = trace_output_open(path, err);
	struct run_trace *rt;

	if (!out)
		return -1;
	rt = run_trace_new(s->run, out, "kernel");
	simulation_go(s, NULL);
	run_trace_finish(rt, s->report);
	run_trace_free(rt);
	return trace_output_close(out, true, err);
}

int recording_keep(const char *dir, const struct sim_buf *base,
		   const struct recording_options *opts, const struct recording_draws *draws,
		   const char *path, struct sim_err *err)
{
	struct cli_overrides overrides = {0};
	struct sim_buf yaml = {0};
	struct simulation s;
	int ret;

	cli_override_add_all(&overrides, opts->overrides);
	if (draws->seed)
		cli_override_add(&overrides, "seed=%" PRIu64, draws->seed);
	add_scenario(&yaml, base, draws);
	ret = simulation_open_text(&s, dir, &yaml, &overrides, NULL, err);
	if (!ret) {
		ret = write_run(&s, path, err);
		simulation_close(&s);
	}
	sim_buf_free(&yaml);
	cli_override_free(&overrides);
	return ret;
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

int recording_spare(const char *dir, const char *output, struct sim_err *err)
{
	static const char *const names[] = {"ops.txt", "meta.txt", "results.txt", "trace.txt"};
	int ret = 0;

	for (size_t i = 0; !ret && i < SIM_ARRAY_SIZE(names); i++) {
		struct sim_buf path = {0};

		ret = cli_spare(PATH_OF(path, dir, names[i]), &output, 1, err);
		sim_buf_free(&path);
	}
	return ret;
}
