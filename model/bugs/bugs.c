/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The rows of the bug list and their look-up. */
/* Mirrors: no kernel file. */
#include "model/bugs/bugs.h"

#include <string.h>

#define G61  (1u << 0)
#define G68  (1u << 1)
#define G612 (1u << 2)

const struct bug_row bug_rows[NR_BUGS] = {
#define BUG(id, slug_, subject_, commit_, quirk_, generations_, class_, text_) \
	[BUG_##id] = {slug_, subject_, commit_, quirk_, generations_, class_, text_},
#include "model/bugs/bugs.def"
#undef BUG
};

enum bug_id bug_find(const char *slug)
{
	unsigned id = 0;

	while (id < NR_BUGS && strcmp(bug_rows[id].slug, slug) != 0)
		id++;
	return (enum bug_id)id;
}

void bug_set_add_released(struct bug_set *s, unsigned generation)
{
	for (unsigned id = 0; id < NR_BUGS; id++)
		if (bug_rows[id].generations & 1u << generation)
			bug_set_add(s, (enum bug_id)id);
}
