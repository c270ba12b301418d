/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Arenas of the comparison. */
#include "traces/compare/memory.h"

static void out_of_memory(void *unused)
{
	sim_xmalloc(SIZE_MAX);
}

struct sim_arena *compare_arena_new(void)
{
	struct sim_arena *a = sim_arena_new(0, out_of_memory, NULL);

	if (!a)
		out_of_memory(NULL);
	return a;
}
