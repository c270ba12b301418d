/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How often each choice name came before. */
#include <string.h>

#include "sim/base/arena.h"
#include "sim/choice/priv.h"

#define TABLE_FIRST 1024u
#define TASKS_FIRST 64u

/* The operation ordinal of a task never falls: names of its earlier operations are over. */
static void note_operation(struct sim_occurrences *o, const struct sim_choice *ch)
{
	if (ch->task >= o->nr_latest) {
		size_t nr = o->nr_latest ? o->nr_latest : TASKS_FIRST;

		while (nr <= ch->task)
			nr *= 2;
		o->latest = sim_xrealloc(o->latest, nr, sizeof(*o->latest));
		memset(o->latest + o->nr_latest, 0, (nr - o->nr_latest) * sizeof(*o->latest));
		o->nr_latest = nr;
	}
	o->latest[ch->task] = ch->op;
}

static struct sim_occurrence *find(const struct sim_occurrences *o, uint64_t name)
{
	size_t i = name & (o->size - 1);

	while (o->at[i].count && o->at[i].name != name)
		i = (i + 1) & (o->size - 1);
	return &o->at[i];
}

/* Drop the names that are over; double the table if the others still fill a quarter of it. */
static void rebuild(struct sim_occurrences *o)
{
	struct sim_occurrences fresh = *o;
	size_t alive = 0;

	for (size_t i = 0; i < o->size; i++)
		alive += o->at[i].count && o->at[i].op == o->latest[o->at[i].task];
	if (!o->size)
		fresh.size = TABLE_FIRST;
	else if (alive > o->size / 4)
		fresh.size = 2 * o->size;
	fresh.at = sim_xcalloc(fresh.size, sizeof(*fresh.at));
	fresh.used = alive;
	for (size_t i = 0; i < o->size; i++)
		if (o->at[i].count && o->at[i].op == o->latest[o->at[i].task])
			*find(&fresh, o->at[i].name) = o->at[i];
	sim_xfree(o->at);
	*o = fresh;
}

uint32_t sim_occurrences_count(struct sim_occurrences *o, const struct sim_choice *ch)
{
	uint64_t name = sim_choice_name_hash(ch);
	struct sim_occurrence *it;

	note_operation(o, ch);
	if (o->used >= o->size / 2)
		rebuild(o);
	it = find(o, name);
	if (!it->count) {
		it->name = name;
		it->task = ch->task;
		it->op = ch->op;
		o->used++;
	}
	return it->count++;
}

void sim_occurrences_free(struct sim_occurrences *o)
{
	sim_xfree(o->at);
	sim_xfree(o->latest);
}
