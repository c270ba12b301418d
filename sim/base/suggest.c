/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The name that was probably meant: nearest by edit distance. */
#include "sim/base/text.h"

#include <string.h>

#include "sim/base/math.h"

#define SUGGEST_MAX 48 /* longer texts get no suggestion */

static unsigned char fold(char c)
{
	if (c >= 'A' && c <= 'Z')
		return (unsigned char)(c - 'A' + 'a');
	return c == '-' ? '_' : (unsigned char)c;
}

/* Insertions, deletions, substitutions and swaps of neighbours between a and b, case apart. */
static unsigned edit_distance(const char *a, size_t na, const char *b, size_t nb)
{
	unsigned rows[3][SUGGEST_MAX + 1];
	unsigned *prev2 = rows[0], *prev = rows[1], *row = rows[2];

	for (size_t j = 0; j <= nb; j++)
		prev[j] = (unsigned)j;
	for (size_t i = 1; i <= na; i++) {
		unsigned *spare = prev2;

		row[0] = (unsigned)i;
		for (size_t j = 1; j <= nb; j++) {
			unsigned cost = fold(a[i - 1]) != fold(b[j - 1]);

			row[j] = sim_min(sim_min(prev[j], row[j - 1]) + 1, prev[j - 1] + cost);
			if (i > 1 && j > 1 && fold(a[i - 1]) == fold(b[j - 2]) &&
			    fold(a[i - 2]) == fold(b[j - 1]))
				row[j] = sim_min(row[j], prev2[j - 2] + 1);
		}
		prev2 = prev;
		prev = row;
		row = spare;
	}
	return prev[nb];
}

const char *sim_suggest(const char *s, const char *const *names, size_t n)
{
	size_t len = strlen(s);
	unsigned best = (unsigned)(len + 1) / 3 + 1;
	const char *found = NULL;

	if (!len || len > SUGGEST_MAX)
		return NULL;
	for (size_t i = 0; i < n; i++) {
		size_t name_len = strlen(names[i]);
		unsigned d;

		if (!name_len || name_len > SUGGEST_MAX)
			continue;
		d = edit_distance(s, len, names[i], name_len);
		if (len >= 3 && name_len >= 3 && !strncmp(s, names[i], sim_min(len, name_len)))
			d = sim_min(d, 2); /* length for len, lat for latency */
		if (d < best && d < sim_max(len, name_len)) {
			best = d;
			found = names[i];
		}
	}
	return found;
}
