/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Runs beside each other in one process, and under the full check, come to the same. */
#include "tests/sim/sweep.h"

#define STEPS_BESIDE 50000u /* longer scenarios are left out */
#define STEPS_FULL   5000u  /* likewise: a full check costs the more, the more is cached */

static void assert_same(const char *path, const struct sweep_result *a,
			const struct sweep_result *b)
{
	if (!sim_fingerprint_equal(a->fingerprint, b->fingerprint) || a->records != b->records ||
	    a->steps != b->steps || a->verdict != b->verdict || a->end != b->end)
		fail_msg("%s: %lu steps, %lu records, verdict %d alone; %lu, %lu, %d beside", path,
			 (unsigned long)a->steps, (unsigned long)a->records, (int)a->verdict,
			 (unsigned long)b->steps, (unsigned long)b->records, (int)b->verdict);
}

/* Two runs of one scenario and one of another go on in turns, at different speeds. */
static void beside(const char *path, const struct scenario *scn, const struct sweep_result *alone,
		   const struct scenario *other)
{
	struct scenario_run *run[3] = {sweep_run(scn, NULL), sweep_run(other, NULL), NULL};
	struct sweep_result res;
	bool more = true;

	scenario_run_steps(run[0], 7);
	run[2] = sweep_run(scn, NULL);
	for (uint64_t turn = 1; more; turn++) {
		more = !scenario_run_steps(run[0], turn % 5);
		more |= !scenario_run_steps(run[2], turn % 3 + 1);
		if (run[1] && scenario_run_steps(run[1], 2)) {
			scenario_run_free(run[1]);
			run[1] = NULL;
		}
	}
	for (int i = 0; i < 3; i += 2) {
		sweep_result(run[i], &res);
		assert_same(path, alone, &res);
	}
	for (int i = 0; i < 3; i++)
		scenario_run_free(run[i]);
}

static void test_beside(void **state)
{
	struct scenario *other = sweep_load(SCENARIOS "/tutorial/4-hold.yaml");
	unsigned tried = 0;
	glob_t g;

	sweep_glob(SCENARIOS "/*/*.yaml", &g);
	for (size_t i = 0; i < g.gl_pathc; i++) {
		struct scenario *scn = sweep_load(g.gl_pathv[i]);
		struct sweep_result alone;

		sweep_whole(scn, NULL, &alone);
		if (sweep_all() || alone.steps <= STEPS_BESIDE) {
			beside(g.gl_pathv[i], scn, &alone, other);
			tried++;
		}
		scenario_free(scn);
	}
	print_message("%u scenarios\n", tried);
	assert_true(tried > 0);
	scenario_free(other);
	globfree(&g);
}

/* The checker looks at what a step touched; looking at everything must find neither more nor less. */
static void test_full_check(void **state)
{
	static const enum scn_check full = SCN_CHECK_FULL;
	static const struct scenario_run_opts opts = {.check = &full};
	unsigned tried = 0, violated = 0;
	glob_t g;

	sweep_glob(SCENARIOS "/*/*.yaml", &g);
	for (size_t i = 0; i < g.gl_pathc; i++) {
		struct scenario *scn = sweep_load(g.gl_pathv[i]);
		struct sweep_result normal, all;

		sweep_whole(scn, NULL, &normal);
		if (scn->check != SCN_CHECK_STOP || (!sweep_all() && normal.steps > STEPS_FULL)) {
			scenario_free(scn);
			continue;
		}
		sweep_whole(scn, &opts, &all);
		assert_same(g.gl_pathv[i], &normal, &all);
		assert_int_equal(normal.nr_failures, all.nr_failures);
		assert_string_equal(normal.rules, all.rules);
		violated += all.nr_violations != 0;
		tried++;
		scenario_free(scn);
	}
	print_message("%u scenarios, in %u of them a rule is broken\n", tried, violated);
	assert_true(tried > 0);
	globfree(&g);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_beside),
		cmocka_unit_test(test_full_check),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
