/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Random work under the checker: the model without bugs breaks no rule; with a bug it breaks the
 * rule that is meant; looking only at what a step touched comes to the same verdict as looking at
 * everything; and watching changes nothing.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "sim/base/math.h"
#include "tests/model/check_random.h"

static const struct random_work designs[] = {
	{.tasks = 1, .ops = 60, .cache = CACHE_LOOSE},
	{.tasks = 2, .ops = 40, .cache = CACHE_LOOSE},
	{.tasks = 3, .ops = 30, .cache = CACHE_LOOSE, .page_cost_ns = 2000},
	{.tasks = 3, .ops = 30, .cache = CACHE_LOOSE, .preempt = true},
	{.tasks = 3, .ops = 30, .cache = CACHE_MMAP, .preempt = true},
	{.tasks = 2, .ops = 40, .cache = CACHE_NONE},
	{.tasks = 3, .ops = 30, .cache = CACHE_LOOSE, .direct = true, .preempt = true},
	{.tasks = 2, .ops = 40, .cache = CACHE_LOOSE, .foreign = true},
	{.tasks = 1, .ops = 40, .cache = CACHE_LOOSE, .faults = true},
	{.tasks = 3, .ops = 30, .cache = CACHE_FSCACHE, .direct = true, .preempt = true},
	{.tasks = 3,
	 .ops = 30,
	 .cache = CACHE_FSCACHE,
	 .cache_copy = CACHE_COPY_WRITEBACK,
	 .direct = true,
	 .preempt = true},
	{.tasks = 1,
	 .ops = 40,
	 .cache = CACHE_FSCACHE,
	 .cache_copy = CACHE_COPY_WRITEBACK,
	 .faults = true},
	{.tasks = 3,
	 .ops = 30,
	 .fs = FS_AFS,
	 .cache = CACHE_FSCACHE,
	 .cache_copy = CACHE_COPY_WRITEBACK,
	 .preempt = true},
	{.tasks = 2,
	 .ops = 40,
	 .fs = FS_AFS,
	 .cache = CACHE_FSCACHE,
	 .cache_copy = CACHE_COPY_WRITEBACK,
	 .foreign = true},
	{.tasks = 2, .ops = 40, .fs = FS_AFS},
	{.tasks = 3, .ops = 30, .fs = FS_AFS, .preempt = true},
	{.tasks = 2, .ops = 40, .fs = FS_AFS, .faults = true},
	{.tasks = 2, .ops = 40, .fs = FS_CIFS},
	{.tasks = 3, .ops = 30, .fs = FS_CIFS, .preempt = true},
	{.tasks = 2, .ops = 40, .fs = FS_CIFS, .faults = true},
	{.tasks = 3, .ops = 30, .fs = FS_CIFS, .direct = true, .preempt = true},
};

#define SEEDS 12

static void test_silent(void **state)
{
	for (unsigned i = 0; i < SIM_ARRAY_SIZE(designs); i++) {
		struct random_work work = designs[i];
		struct random_outcome out;

		for (work.seed = 1; work.seed <= SEEDS; work.seed++) {
			random_work_run(&work, &out);
			if (out.violations)
				fail_msg("design %u seed %llu: %s %s", i,
					 (unsigned long long)work.seed, check_rules[out.rule].id,
					 out.text);
			assert_int_equal(out.end, out.end == SIM_END_NONE && work.faults
							  ? SIM_END_NONE
							  : SIM_END_QUIESCENT);
		}
	}
}

/* Watching more changes neither the run nor the verdict. */
static void compare_full(struct random_work work, const char *what)
{
	struct random_outcome touched, again, full;

	work.mode = CHECK_STOP;
	random_work_run(&work, &touched);
	random_work_run(&work, &again);
	work.mode = CHECK_FULL;
	random_work_run(&work, &full);
	if (touched.rule != full.rule || touched.step != full.step ||
	    strcmp(touched.text, full.text) != 0)
		fail_msg("%s seed %llu: touched \"%s\" in step %llu, full \"%s\" in step %llu",
			 what, (unsigned long long)work.seed, touched.text,
			 (unsigned long long)touched.step, full.text,
			 (unsigned long long)full.step);
	assert_true(sim_fingerprint_equal(touched.fingerprint, again.fingerprint));
	if (!touched.violations)
		assert_true(sim_fingerprint_equal(touched.fingerprint, full.fingerprint));
}

static void test_full_is_silent_too(void **state)
{
	for (unsigned i = 0; i < SIM_ARRAY_SIZE(designs); i++) {
		struct random_work work = designs[i];

		for (work.seed = 1; work.seed <= SEEDS / 3; work.seed++)
			compare_full(work, "no bug");
	}
}

/* Bugs that random work meets within some seeds, and what they break first. */
static const struct {
	const char *bug;
	enum check_rule rule;
	struct random_work work;
} bugs[] = {
	{"stream-folio-whole-overwrite", CHECK_FOLIO_STATE, {.tasks = 2, .ops = 40}},
	{"stream-append-during-writeback",
	 CHECK_STABLE_WRITEBACK,
	 {.tasks = 3, .ops = 40, .cache = CACHE_MMAP, .preempt = true}},
	{"read-folio-during-writeback", CHECK_READ_OVER_DIRTY, {.tasks = 2, .ops = 40}},
	{"prefetch-conflict-double-unlock",
	 CHECK_FOLIO_LOCK,
	 {.tasks = 2, .ops = 60, .faults = true}},
	{"short-upload-ignored", CHECK_WRITTEN_BACK, {.tasks = 2, .ops = 40, .faults = true}},
	{"writepages-folio-leak", CHECK_ALL_RELEASED, {.tasks = 1, .ops = 40}},
	{"stream-clear-keeps-zero-point", CHECK_ZERO_POINT_COVERS, {.tasks = 1, .ops = 40}},
	{"append-fid", CHECK_WRITTEN_BACK, {.tasks = 1, .ops = 40}},
	{"setattr-overtakes-upload", CHECK_ZERO_POINT_COVERS, {.tasks = 2, .ops = 40}},
	{"afs-local-shrink-forgotten", CHECK_DURABLE, {.tasks = 1, .ops = 60, .fs = FS_AFS}},
	{"stat-clobbers-size",
	 CHECK_UPTODATE_CONTENT,
	 {
		 .tasks = 2,
		 .ops = 40,
		 .cache = CACHE_MMAP,
	 }},
	{"writeback-stale-size",
	 CHECK_WRITTEN_BACK,
	 {.tasks = 3, .ops = 40, .cache = CACHE_MMAP, .preempt = true}},
	{"unbuffered-keeps-pages",
	 CHECK_UPTODATE_CONTENT,
	 {.tasks = 3, .ops = 40, .cache = CACHE_LOOSE, .direct = true, .preempt = true}},
};

static void test_bugs(void **state)
{
	for (unsigned i = 0; i < SIM_ARRAY_SIZE(bugs); i++) {
		struct random_work work = bugs[i].work;
		struct random_outcome out = {.rule = NR_CHECK_RULES};

		work.bug = bugs[i].bug;
		if (work.fs == FS_9P && work.cache == CACHE_NONE)
			work.cache = CACHE_LOOSE;
		assert_int_not_equal(bug_find(work.bug), NR_BUGS);
		for (work.seed = 1; work.seed <= 1200 && out.rule != bugs[i].rule; work.seed++)
			random_work_run(&work, &out);
		if (out.rule != bugs[i].rule)
			fail_msg("%s never broke %s", work.bug, check_rules[bugs[i].rule].id);
		work.seed--;
		compare_full(work, work.bug);
	}
}

/* One run for people: test_check_random SEED DESIGN [BUG]. */
static int show(int argc, char **argv)
{
	unsigned long design = strtoul(argv[2], NULL, 0);
	struct random_work work = designs[design % SIM_ARRAY_SIZE(designs)];
	struct random_outcome out;

	work.seed = strtoull(argv[1], NULL, 0);
	work.bug = argc > 3 ? argv[3] : NULL;
	work.verbose = stdout;
	random_work_run(&work, &out);
	return out.violations != 0;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_silent),
		cmocka_unit_test(test_full_is_silent_too),
		cmocka_unit_test(test_bugs),
	};

	if (argc > 2)
		return show(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
