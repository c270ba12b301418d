/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names by patterns. */
#include "cli/patterns.h"

#include <fnmatch.h>

#include "sim/base/arena.h"

void patterns_add(struct patterns *p, const char *pattern)
{
	p->at = sim_xrealloc(p->at, p->nr + 1, sizeof(*p->at));
	p->at[p->nr++] = pattern;
}

bool patterns_match(const struct patterns *p, const char *name)
{
	bool wanted = false, has_wanted = false;

	for (size_t i = 0; i < p->nr; i++) {
		bool no = p->at[i][0] == '!';
		bool fits = !fnmatch(p->at[i] + no, name, 0);

		if (no && fits)
			return false;
		wanted |= !no && fits;
		has_wanted |= !no;
	}
	return wanted || !has_wanted;
}

void patterns_free(struct patterns *p)
{
	sim_xfree(p->at);
	*p = (struct patterns){0};
}
