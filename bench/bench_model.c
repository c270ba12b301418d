/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Benchmark of the whole model, checker on: what an event costs, and a record of it.
 *
 *	bench_model [--tiny] [WORKLOAD]      all workloads, or one of them, timed
 *	bench_model WORKLOAD CALLS           one run of so many calls, in silence: for icount.sh
 *	bench_model --counts WORKLOAD CALLS  its steps, records and kernel records
 */
#include <stdlib.h>
#include <string.h>

#include "bench/bench.h"
#include "bench/plain_model.h"
#include "bench/workloads.h"
#include "model/model.h"
#include "model/scenario/scenario.h"
#include "sim/base/math.h"
#include "traces/format/ftrace_write.h"

/* What a run did. It does the same each time. */
struct counts {
	uint64_t steps;
	uint64_t records; /* that went into the fingerprint */
	uint64_t kernel;  /* of those, that a kernel would emit */
	uint64_t cached;  /* folios at most, of all clients */
	uint64_t bytes;   /* read and written */
	size_t memory;    /* of the tool, at most */
};

struct counter {
	struct sim_trace_sink sink;
	uint64_t kernel;
};

static void count_record(struct sim_trace_sink *sink, const struct sim_trace_record *rec)
{
	sim_container_of(sink, struct counter, sink)->kernel++;
}

static void die(const char *text)
{
	fprintf(stderr, "%s\n", text);
	exit(2);
}

static struct scenario *load(const struct workload *wl, uint64_t count)
{
	struct sim_buf yaml = {0};
	struct sim_err err = {0};
	struct scenario *scn;

	wl->yaml(&yaml, count);
	scn = scenario_load_text(wl->name, yaml.data, yaml.len, NULL, &err);
	if (!scn)
		die(err.text);
	sim_buf_free(&yaml);
	return scn;
}

static struct scenario_run *start(const struct scenario *scn)
{
	struct sim_err err = {0};
	struct scenario_run *run = scenario_run_new(scn, NULL, &err);

	if (!run)
		die(err.text);
	return run;
}

static void finish(struct scenario_run *run)
{
	if (scenario_run_go(run) != SIM_END_QUIESCENT ||
	    scenario_run_report(run)->verdict != SCENARIO_MET)
		die("the run failed");
}

static struct counts count(const struct scenario *scn)
{
	struct scenario_run *run = start(scn);
	struct counter counter = {.sink.record = count_record};
	struct counts counts;

	sim_trace_add_sink(run->trace, &counter.sink);
	sim_trace_filter(run->trace, &counter.sink, "sim", false);
	finish(run);
	counts = (struct counts){
		.steps = run->w->steps,
		.records = run->trace->nr_records,
		.kernel = counter.kernel,
		.bytes = scenario_run_report(run)->bytes_read +
			 scenario_run_report(run)->bytes_written,
		.memory = sim_world_memory_peak(run->w),
	};
	for (unsigned i = 0; i < run->model->nr_clients; i++)
		counts.cached += run->model->clients[i]->mm.folios.peak;
	sim_trace_remove_sink(run->trace, &counter.sink);
	scenario_run_free(run);
	return counts;
}

/* Nanoseconds of a run. text: its trace goes to /dev/null as ftrace text. */
static double timed(const struct scenario *scn, bool text)
{
	struct scenario_run *run = start(scn);
	struct ftrace_options opts = {.version = EVENTS_6_8};
	struct sim_err err = {0};
	struct trace_output *out = trace_output_open("/dev/null", &err);
	struct ftrace_writer *w = NULL;
	uint64_t start_ns;

	if (!out)
		die(err.text);
	if (text) {
		w = ftrace_writer_new(run->trace, out, &opts);
		sim_trace_filter(run->trace, ftrace_writer_sink(w), "sim", false);
	}
	start_ns = bench_now_ns();
	finish(run);
	start_ns = bench_now_ns() - start_ns;
	if (text)
		ftrace_writer_free(w);
	trace_output_close(out, true, &err);
	scenario_run_free(run);
	return (double)start_ns;
}

static double timed_plain(const struct workload *wl, const struct counts *n)
{
	struct plain_work work = {
		.events = n->steps,
		.records = n->records,
		.touches = n->bytes / wl->touch,
		.cached = wl->cached,
		.pages = sim_min(n->bytes / wl->touch, 16 * wl->cached),
		.in_order = wl->in_order,
		.pending = 64,
	};
	uint64_t start_ns = bench_now_ns();

	if (plain_model(&work) == 1)
		puts("");
	return (double)(bench_now_ns() - start_ns);
}

static void figure(const char *name, uint64_t n, double ns, double plain_ns, const char *limit)
{
	char text[64];

	snprintf(text, sizeof(text), "  %s (%llu)", name, (unsigned long long)n);
	bench_ns(text, ns / (double)n, plain_ns / (double)n, limit);
}

static void bench(const struct bench *b, const struct workload *wl)
{
	struct scenario *scn = load(wl, bench_size(b, wl->count));
	struct counts n = count(scn);
	double ns = 1e18, plain_ns = 1e18, text_ns = 1e18;

	for (unsigned round = 0; round < b->rounds; round++) {
		ns = bench_least(ns, timed(scn, false));
		plain_ns = bench_least(plain_ns, timed_plain(wl, &n));
		text_ns = bench_least(text_ns, timed(scn, true));
	}
	printf("%s\n", wl->what);
	bench_header(wl->name);
	figure("event", n.steps + n.records, ns, plain_ns, *wl->limit ? "-" : "500 ns");
	figure("step", n.steps, ns, plain_ns, "-");
	figure("kernel record", n.kernel, ns, plain_ns, *wl->limit ? "-" : "150 ns");
	figure("ftrace line, beside the run", n.kernel, sim_max(text_ns - ns, 1), 0, "1000 ns");
	bench_bytes("  bytes/folio, at most", (double)n.memory / (double)n.cached, 0, "-");
	printf("  the run: %.2f s, %.1f MiB%s\n", ns / 1e9, (double)n.memory / (1 << 20),
	       wl->limit);
	scenario_free(scn);
}

/* One run and its counts, in a form for scripts. */
static void run_once(const struct workload *wl, uint64_t calls, bool counted)
{
	struct scenario *scn = load(wl, calls);

	if (counted) {
		struct counts n = count(scn);

		printf("%llu %llu %llu\n", (unsigned long long)n.steps,
		       (unsigned long long)n.records, (unsigned long long)n.kernel);
	} else {
		struct scenario_run *run = start(scn);

		finish(run);
		scenario_run_free(run);
	}
	scenario_free(scn);
}

int main(int argc, char **argv)
{
	struct bench b = bench_start(&argc, &argv);
	bool counted = argc == 4 && !strcmp(argv[1], "--counts");
	const struct workload *wl = argc > 2 ? workload_find(argv[argc - 2]) : NULL;

	if (argc == 1) {
		for (unsigned i = 0; i < NR_WORKLOADS; i++)
			bench(&b, &workloads[i]);
	} else if (argc == 2 && (wl = workload_find(argv[1]))) {
		bench(&b, wl);
	} else if (wl && (argc == 3 || counted)) {
		run_once(wl, strtoull(argv[argc - 1], NULL, 10), counted);
	} else {
		fprintf(stderr,
			"usage: bench_model [[--tiny] [WORKLOAD] | [--counts] WORKLOAD CALLS]\n");
		return 2;
	}
	return 0;
}
