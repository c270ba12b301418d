/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Derived blocks: a table of rows that remember the extents a transformation started from. */
/* Mirrors: what fs/crypto and compression do to a block (6.8), without the bytes. */
#include <assert.h>
#include <string.h>

#include "model/content/space.h"

#define SLOTS_MIN 64

static uint64_t mix(uint64_t hash, uint64_t v)
{
	hash = (hash ^ v) * UINT64_C(0x9e3779b97f4a7c15);
	return hash ^ hash >> 29;
}

static uint64_t row_hash(const struct content_rows *rows, const struct content_row *row)
{
	uint64_t hash = mix(mix(mix(mix(0, row->kind), row->block), row->key), row->len);

	for (uint32_t i = 0; i < row->nr_exts; i++) {
		const struct content_ext *e = &rows->ext[row->first_ext + i];

		hash = mix(mix(mix(mix(hash, e->off), e->val.off), e->val.src), e->val.kind);
	}
	return hash;
}

static bool row_equal(const struct content_rows *rows, const struct content_row *a,
		      const struct content_row *b)
{
	if (a->hash != b->hash || a->kind != b->kind || a->block != b->block || a->key != b->key ||
	    a->len != b->len || a->nr_exts != b->nr_exts)
		return false;
	for (uint32_t i = 0; i < a->nr_exts; i++) {
		const struct content_ext *x = &rows->ext[a->first_ext + i];
		const struct content_ext *y = &rows->ext[b->first_ext + i];

		if (x->off != y->off || !content_val_equal(x->val, y->val))
			return false;
	}
	return true;
}

/* The slot of a row that equals row, or the free one where it belongs. */
static uint32_t *row_slot(const struct content_rows *rows, const struct content_row *row)
{
	size_t at = row->hash & (rows->nr_slots - 1);

	while (rows->slot[at] && !row_equal(rows, &rows->row[rows->slot[at] - 1], row))
		at = (at + 1) & (rows->nr_slots - 1);
	return &rows->slot[at];
}

/* Keep at least half of the slots free. */
static void slots_grow(struct content_space *space)
{
	struct content_rows *rows = &space->rows;
	size_t n = rows->nr_slots ? rows->nr_slots * 2 : SLOTS_MIN;

	if (rows->nr_rows + 1 <= rows->nr_slots / 2)
		return;
	rows->slot = sim_realloc_array(space->arena, rows->slot, rows->nr_slots, n,
				       sizeof(rows->slot[0]));
	memset(rows->slot, 0, rows->nr_slots * sizeof(rows->slot[0]));
	rows->nr_slots = n;
	for (size_t i = 0; i < rows->nr_rows; i++)
		*row_slot(rows, &rows->row[i]) = (uint32_t)i + 1;
}

struct content_val content_derive(struct content_space *space, uint32_t kind, uint64_t block,
				  uint64_t key, const struct content_map *map, uint64_t off,
				  uint64_t len)
{
	struct content_rows *rows = &space->rows;
	struct content_row row = {.kind = kind, .block = block, .key = key, .len = len};
	uint32_t *slot;

	assert(len && rows->nr_rows < UINT32_MAX - 1);
	row.first_ext = rows->nr_exts;
	content_for_each (e, map, off, off + len) {
		content_grow(space, rows->ext, rows->nr_exts, rows->cap_exts);
		rows->ext[rows->nr_exts] = e;
		rows->ext[rows->nr_exts++].off -= off;
		row.nr_exts++;
	}
	row.hash = row_hash(rows, &row);
	slots_grow(space);
	slot = row_slot(rows, &row);
	if (*slot) {
		rows->nr_exts = row.first_ext;
	} else {
		content_grow(space, rows->row, rows->nr_rows, rows->cap_rows);
		rows->row[rows->nr_rows++] = row;
		*slot = (uint32_t)rows->nr_rows;
	}
	return (struct content_val){.src = *slot - 1, .kind = CONTENT_DERIVED};
}

bool content_underive(struct content_space *space, uint32_t kind, uint64_t block, uint64_t key,
		      const struct content_map *map, uint64_t off, uint64_t len,
		      struct content_map *out, uint64_t out_off)
{
	const struct content_rows *rows = &space->rows;
	const struct content_row *row = NULL;
	struct content_ext e;

	if (content_next(map, off, off + len, &e) && e.len == len &&
	    e.val.kind == CONTENT_DERIVED && !e.val.off)
		row = &rows->row[e.val.src];
	if (!row || row->kind != kind || row->block != block || row->key != key ||
	    row->len != len) {
		content_set(out, out_off, len, content_junk(space));
		return false;
	}
	for (uint32_t i = 0; i < row->nr_exts; i++) {
		e = rows->ext[row->first_ext + i];
		content_set(out, out_off + e.off, e.len, e.val);
	}
	return true;
}
