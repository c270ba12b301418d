/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names by patterns of the shell: *, ? and []. */
#ifndef CLI_PATTERNS_H
#define CLI_PATTERNS_H

#include <stdbool.h>
#include <stddef.h>

/* Any of them will do, but for those after '!'; without any everything does. */
struct patterns {
	const char **at; /* the texts stay the caller's */
	size_t nr;
};

void patterns_add(struct patterns *p, const char *pattern);
bool patterns_match(const struct patterns *p, const char *name);
/* Free the list, not the texts. */
void patterns_free(struct patterns *p);

#endif
