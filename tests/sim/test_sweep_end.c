/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A scenario is ended after every step of it and in the middle of every record; nothing leaks. */
#include "tests/sim/sweep.h"

#include "sim/base/list.h"

#define ENDINGS 150 /* of each scenario; longer ones are ended at as many places, evenly spread */

static uint64_t stride_for(uint64_t n)
{
	return sweep_all() || n <= ENDINGS ? 1 : n / ENDINGS;
}

static void check_ended(struct scenario_run *run, const char *path, uint64_t at)
{
	const struct scenario_report *r = scenario_run_report(run);
	struct sim_buf text = {0};

	if (r->verdict != SCENARIO_INCOMPLETE || r->end == SIM_END_QUIESCENT)
		fail_msg("%s ended at %lu: verdict %d, end %d", path, (unsigned long)at,
			 (int)r->verdict, (int)r->end);
	assert_int_equal(scenario_report_exit(r), 1);
	if (r->nr_violations)
		fail_msg("%s ended at %lu: %s", path, (unsigned long)at, r->violations[0].text);
	scenario_report_text(r, &text);
	scenario_report_json(r, &text);
	assert_true(text.len > 0);
	sim_buf_free(&text);
}

static void end_after_steps(const char *path)
{
	static const struct scenario_run_opts opts = {.results = true};
	struct scenario *scn = sweep_load(path);
	struct sweep_result whole;

	sweep_whole(scn, &opts, &whole);
	assert_int_equal(whole.verdict, SCENARIO_MET);
	for (uint64_t n = 0; n < whole.steps; n += stride_for(whole.steps)) {
		struct scenario_run *run = sweep_run(scn, &opts);

		assert_int_equal(scenario_run_steps(run, n), SIM_END_NONE);
		assert_int_equal(run->w->steps, n);
		check_ended(run, path, n);
		scenario_run_free(run);
	}
	scenario_free(scn);
}

/* Ends the world while whoever emits record number `at` stands in the middle of its work. */
struct ender {
	struct sim_trace_sink sink;
	struct sim_world *w;
	uint64_t seen, at;
};

static void on_record(struct sim_trace_sink *sink, const struct sim_trace_record *rec)
{
	struct ender *e = sim_container_of(sink, struct ender, sink);

	if (e->seen++ == e->at)
		sim_world_end(e->w, SIM_END_STOPPED);
}

/* Returns false if the run has no such record. */
static bool end_at_record(const struct scenario *scn, const char *path, uint64_t at)
{
	struct scenario_run *run = sweep_run(scn, NULL);
	struct ender e = {.sink = {.record = on_record}, .w = run->w, .at = at};
	bool ended;

	sim_trace_add_sink(run->trace, &e.sink);
	scenario_run_go(run);
	ended = e.seen > at;
	if (ended)
		check_ended(run, path, at);
	sim_trace_remove_sink(run->trace, &e.sink);
	scenario_run_free(run);
	return ended;
}

static void end_at_records(const char *path)
{
	struct scenario *scn = sweep_load(path);
	struct sweep_result whole;
	uint64_t at = 0;

	sweep_whole(scn, NULL, &whole);
	while (end_at_record(scn, path, at))
		at += stride_for(whole.records);
	assert_true(at >= whole.records / 2);
	scenario_free(scn);
}

static void test_every_step(void **state)
{
	glob_t g;

	sweep_glob(SCENARIOS "/tutorial/*.yaml", &g);
	for (size_t i = 0; i < g.gl_pathc; i++)
		end_after_steps(g.gl_pathv[i]);
	globfree(&g);
}

static void test_every_record(void **state)
{
	glob_t g;

	sweep_glob(SCENARIOS "/tutorial/*.yaml", &g);
	for (size_t i = 0; i < g.gl_pathc; i++)
		end_at_records(g.gl_pathv[i]);
	globfree(&g);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_step),
		cmocka_unit_test(test_every_record),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
