/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The text of a comparison: scores, parts, notes, and the first differences side by side. */
#include "traces/compare/compare.h"

#include <inttypes.h>

#include "traces/compare/columns.h"

const char *const compare_part_names[COMPARE_PARTS] = {
	[COMPARE_REQUESTS] = "requests",
	[COMPARE_SUBREQUESTS] = "subrequests",
	[COMPARE_FOLIO_EVENTS] = "folio events",
	[COMPARE_REQUEST_LINES] = "request lines",
	[COMPARE_WRITE_ITER_LINES] = "write_iter lines",
	[COMPARE_PAGE_EVENTS] = "page cache events",
};

const char *const compare_lines_by_names[COMPARE_LINES_BY] = {
	[COMPARE_BY_CONTEXT] = "order within each context only",
	[COMPARE_BY_NO_TIMING] = "without collector-timing lines",
	[COMPARE_BY_ROBUST] = "both (robust)",
	[COMPARE_BY_NO_FLAGS] = "without flags",
};

static void print_counts(struct sim_buf *b, const char *const *names,
			 const struct compare_count *counts, int nr)
{
	for (int i = 0; i < nr; i++)
		sim_buf_printf(b, "%s%s %" PRIu64 "/%" PRIu64, i ? ", " : "", names[i],
			       counts[i].got, counts[i].of);
	sim_buf_putc(b, '\n');
}

void compare_print_scores(struct sim_buf *b, const struct compare_result *res)
{
	static const char *const names[] = {"L1", "L2", "L3"};
	const struct compare_count *pages = &res->level[COMPARE_PAGES];

	for (int i = 0; i < COMPARE_LEVELS; i++)
		sim_buf_printf(b, "%s%s %" PRIu64 "/%" PRIu64, i ? " " : "", names[i],
			       res->level[i + 1].got, res->level[i + 1].of);
	if (pages->of)
		sim_buf_printf(b, " pages %" PRIu64 "/%" PRIu64, pages->got, pages->of);
	sim_buf_putc(b, '\n');
}

void compare_print_summary(struct sim_buf *b, const struct compare_result *res)
{
	const struct compare_count *lines = &res->part[COMPARE_REQUEST_LINES];

	compare_print_scores(b, res);
	sim_buf_puts(b, "  of these: ");
	print_counts(b, compare_part_names, res->part, COMPARE_LEVEL_PARTS);
	if (lines->got != lines->of) {
		sim_buf_puts(b, "  request lines: ");
		print_counts(b, compare_lines_by_names, res->lines_by, COMPARE_LINES_BY);
	}
	for (uint32_t i = 0; i < res->nr_notes; i++)
		sim_buf_printf(b, "note: %s\n", res->notes[i]);
}

void compare_print_first(struct sim_buf *b, const struct compare_result *res, unsigned level,
			 unsigned width)
{
	const struct compare_diff *d = res->first[level];

	if (!d)
		return;
	if (level == COMPARE_PAGES)
		sim_buf_printf(b, "first difference in the page cache: %s\n", d->title);
	else
		sim_buf_printf(b, "first difference at level %u: %s\n", level, d->title);
	if (d->nr_rows)
		columns_row(b, res->names[0], res->names[1], false, width);
	for (uint32_t i = 0; i < d->nr_rows; i++)
		columns_row(b, d->rows[i].kernel, d->rows[i].sim, d->rows[i].differs, width);
}

void compare_print(struct sim_buf *b, const struct compare_result *res, unsigned level,
		   unsigned width)
{
	compare_print_summary(b, res);
	for (unsigned n = 1; n <= level && n <= COMPARE_LEVELS; n++)
		compare_print_first(b, res, n, width);
	compare_print_first(b, res, COMPARE_PAGES, width);
}
