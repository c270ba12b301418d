/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Prints all that a comparison finds, for the pairs of traces named on standard input: lines
 * "<options> TAB <kernel> TAB <simulated> [TAB <results.txt>]", where options is a set of the
 * letters c (order within contexts), t (no timing lines), v (values), p (parallel), or "-".
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "sim/base/arena.h"
#include "traces/compare/compare.h"

static void print_counts(const char *what, const char *const *names,
			 const struct compare_count *counts, int nr)
{
	for (int i = 0; i < nr; i++)
		printf("%s %s %" PRIu64 "/%" PRIu64 "\n", what, names[i], counts[i].got,
		       counts[i].of);
}

static void print_result(const struct compare_result *res)
{
	printf("parallel %d\n", res->parallel);
	for (int n = 1; n <= COMPARE_LEVELS; n++)
		printf("L%d %" PRIu64 "/%" PRIu64 " match %d\n", n, res->level[n].got,
		       res->level[n].of, compare_matches(res, (unsigned)n));
	print_counts("part", compare_part_names, res->part, COMPARE_LEVEL_PARTS);
	print_counts("lines", compare_lines_by_names, res->lines_by, COMPARE_LINES_BY);
	for (uint32_t i = 0; i < res->nr_notes; i++)
		printf("note: %s\n", res->notes[i]);
	for (int n = 1; n <= COMPARE_LEVELS; n++)
		if (res->first[n])
			printf("first %d: %s\n", n, res->first[n]->text);
}

static int compare_pair(char *line)
{
	struct compare_result res;
	struct sim_err err = {0};
	char *options = strtok(line, "\t"), *kernel = strtok(NULL, "\t");
	char *sim = strtok(NULL, "\t"), *results = strtok(NULL, "\t");
	struct compare_options opt = {0};

	if (!sim) {
		fprintf(stderr, "compare_scores: not a pair\n");
		return 2;
	}
	opt.order = strchr(options, 'c') ? COMPARE_ORDER_CONTEXT : COMPARE_ORDER_FULL;
	opt.no_timing = strchr(options, 't');
	opt.values = strchr(options, 'v');
	opt.parallel = strchr(options, 'p');
	printf("=== %s %s %s\n", options, kernel, sim);
	if (compare_traces(kernel, sim, results, &opt, &res, &err)) {
		printf("error: %s\n", err.text);
		return 0;
	}
	print_result(&res);
	compare_result_free(&res);
	return 0;
}

int main(void)
{
	char *line = NULL;
	size_t cap = 0;
	int ret = 0;

	while (!ret && getline(&line, &cap, stdin) > 0) {
		line[strcspn(line, "\n")] = '\0';
		ret = compare_pair(line);
	}
	sim_xfree(line);
	return ret;
}
