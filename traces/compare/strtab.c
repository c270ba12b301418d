/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Strings to ordinals by open addressing; the hash decides where a string lies, never its ordinal. */
#include "traces/compare/strtab.h"

#include <string.h>

#define SLOTS_MIN 64u

static uint64_t hash_of(const char *s, size_t len)
{
	uint64_t h = 0xcbf29ce484222325ull; /* FNV-1a */

	for (size_t i = 0; i < len; i++)
		h = (h ^ (unsigned char)s[i]) * 0x100000001b3ull;
	return h ^ h >> 32;
}

void strtab_init(struct strtab *t, struct sim_arena *a)
{
	memset(t, 0, sizeof(*t));
	t->arena = a;
}

/* The slot that holds the string, or the free one where it belongs. */
static uint32_t slot_of(const struct strtab *t, const char *s, size_t len, uint64_t h)
{
	uint32_t i = (uint32_t)h & (t->nr_slots - 1);

	for (; t->slot[i]; i = (i + 1) & (t->nr_slots - 1)) {
		uint32_t o = t->slot[i] - 1;

		if (t->hash[o] == h && !strncmp(t->text[o], s, len) && !t->text[o][len])
			break;
	}
	return i;
}

static void grow_slots(struct strtab *t)
{
	t->nr_slots = t->nr_slots ? t->nr_slots * 2 : SLOTS_MIN;
	t->slot = sim_alloc_array(t->arena, t->nr_slots, sizeof(*t->slot));
	for (uint32_t o = 0; o < t->nr; o++) {
		uint32_t i = (uint32_t)t->hash[o] & (t->nr_slots - 1);

		while (t->slot[i])
			i = (i + 1) & (t->nr_slots - 1);
		t->slot[i] = o + 1;
	}
}

static void grow_texts(struct strtab *t)
{
	uint32_t cap = t->cap ? t->cap * 2 : SLOTS_MIN;

	t->text = sim_realloc_array(t->arena, t->text, t->cap, cap, sizeof(*t->text));
	t->hash = sim_realloc_array(t->arena, t->hash, t->cap, cap, sizeof(*t->hash));
	t->cap = cap;
}

uint32_t strtab_add(struct strtab *t, const char *s, size_t len)
{
	uint64_t h = hash_of(s, len);
	uint32_t i;
	char *copy;

	if (t->nr_slots <= t->nr * 2)
		grow_slots(t);
	i = slot_of(t, s, len, h);
	if (t->slot[i])
		return t->slot[i] - 1;
	if (t->nr == t->cap)
		grow_texts(t);
	copy = sim_alloc(t->arena, len + 1);
	memcpy(copy, s, len);
	t->text[t->nr] = copy;
	t->hash[t->nr] = h;
	t->slot[i] = ++t->nr;
	return t->nr - 1;
}

uint32_t strtab_adds(struct strtab *t, const char *s)
{
	return strtab_add(t, s, strlen(s));
}

bool strtab_find(const struct strtab *t, const char *s, size_t len, uint32_t *ordinal)
{
	uint32_t i;

	if (!t->nr)
		return false;
	i = slot_of(t, s, len, hash_of(s, len));
	*ordinal = t->slot[i] - 1;
	return t->slot[i] != 0;
}
