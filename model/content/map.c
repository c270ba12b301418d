/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Content maps: setting, copying and shifting ranges of names, and walking over them. */
/* Mirrors: nothing (6.8). */
#include <assert.h>

#include "model/content/tree.h"
#include "sim/base/math.h"

void content_map_init(struct content_map *map, struct content_space *space)
{
	map->space = space;
	map->tree = NULL;
}

void content_map_fini(struct content_map *map)
{
	if (map->tree)
		content_tree_free(map->space, map->tree);
	map->tree = NULL;
}

void content_clear(struct content_map *map)
{
	content_map_fini(map);
}

/* The name of byte off, which is in the extent of cut. */
static inline struct content_val cut_val_at(const struct content_cut *cut, uint64_t off)
{
	return content_val_at(cut->val, off - cut->start);
}

/* The last cut that starts at off or before, searched from pos on. */
static const struct content_cut *last_cut(struct content_pos pos, uint64_t off)
{
	const struct content_cut *cut;

	do {
		cut = content_pos_cut(pos);
		pos = content_pos_next(pos);
	} while (pos.leaf && content_pos_cut(pos)->start <= off);
	return cut;
}

/*
 * The cuts in [off, off + len] give way to at most two: one where val begins, unless the extent
 * before continues into it, and one where the old contents go on, unless they continue val. at is
 * the cut that covers off.
 */
static unsigned new_cuts(struct content_pos at, uint64_t off, uint64_t len, struct content_val val,
			 struct content_cut cut[2])
{
	const struct content_cut *before = content_pos_cut(at), *last;
	uint64_t end = off + len;
	unsigned n = 0;

	if (before->start == off && off)
		before = content_pos_cut(content_pos_prev(at));
	if (before->start == off || !content_val_equal(cut_val_at(before, off), val))
		cut[n++] = (struct content_cut){off, val};
	if (end < CONTENT_END) {
		struct content_val rest;

		last = last_cut(at, end);
		rest = cut_val_at(last, end);
		if (!content_val_equal(content_val_at(val, len), rest))
			cut[n++] = (struct content_cut){end, rest};
	}
	return n;
}

/*
 * What most calls are: [off, end) lies within the extent at pos, and what follows does not continue
 * val. False if it is not so, or if the extent before is in another leaf.
 */
static bool set_within(struct content_map *map, struct content_pos pos, uint64_t off, uint64_t end,
		       struct content_val val)
{
	struct content_cut *cut = content_pos_cut(pos);
	uint64_t stop = content_pos_end(pos);
	bool begins = cut->start == off;
	struct content_val rest;

	if (end > stop || (begins && !pos.at))
		return false;
	if (end < stop)
		rest = cut_val_at(cut, end);
	else if (stop < CONTENT_END)
		rest = content_pos_cut(content_pos_next(pos))->val;
	else
		return false;
	if (content_val_equal(content_val_at(val, end - off), rest))
		return false;

	if (content_val_equal(cut_val_at(begins ? cut - 1 : cut, off), val)) {
		if (!begins)
			return true; /* it is all there already */
		/* The extent before goes on to end: a stream that is continued. */
		if (end < stop) {
			*cut = (struct content_cut){end, rest};
			return true;
		}
		pos.at--;
		content_tree_remove(map->space, map->tree, pos, off);
	} else {
		if (begins)
			cut->val = val;
		else
			pos = content_tree_insert(map->space, map->tree, pos,
						  (struct content_cut){off, val});
		if (end < stop)
			pos = content_tree_insert(map->space, map->tree, pos,
						  (struct content_cut){end, rest});
	}
	map->tree->hint = pos;
	return true;
}

void content_set(struct content_map *map, uint64_t off, uint64_t len, struct content_val val)
{
	struct content_pos pos, next;
	struct content_cut cut[2];
	unsigned i = 0, n;

	assert(off <= CONTENT_END && len <= CONTENT_END - off);
	if (!len)
		return;
	if (!map->tree)
		map->tree = content_tree_new(map->space);
	if (val.kind < CONTENT_JUNK)
		val.off = val.src = 0;
	pos = content_tree_find(map->tree, off);
	if (set_within(map, pos, off, off + len, val))
		return;
	n = new_cuts(pos, off, len, val, cut);

	/* Old cuts in the range are reused, then what is left over is added or removed behind pos. */
	next = pos;
	if (content_pos_cut(pos)->start < off)
		next = content_pos_next(pos);
	else if (off)
		pos = content_pos_prev(pos);
	while (i < n && next.leaf && content_pos_cut(next)->start <= off + len) {
		content_tree_change(next, cut[i++]);
		pos = next;
		next = content_pos_next(next);
	}
	if (i == n && next.leaf && content_pos_cut(next)->start <= off + len)
		content_tree_remove(map->space, map->tree, pos, off + len);
	while (i < n)
		pos = content_tree_insert(map->space, map->tree, pos, cut[i++]);
	map->tree->hint = pos;
}

void content_erase(struct content_map *map, uint64_t off, uint64_t len)
{
	if (map->tree)
		content_set(map, off, len, content_hole());
}

void content_set_zero(struct content_map *map, uint64_t off, uint64_t len)
{
	content_set(map, off, len, content_zero());
}

void content_truncate(struct content_map *map, uint64_t size)
{
	assert(size <= CONTENT_END);
	content_erase(map, size, CONTENT_END - size);
}

/* Extent by extent, upwards; right for one map if the bytes move down or the ranges are apart. */
static void copy_up(struct content_map *dst, uint64_t doff, const struct content_map *src,
		    uint64_t soff, uint64_t len)
{
	content_for_each (e, src, soff, soff + len)
		content_set(dst, doff + (e.off - soff), e.len, e.val);
}

void content_copy(struct content_map *dst, uint64_t doff, const struct content_map *src,
		  uint64_t soff, uint64_t len)
{
	struct content_map tmp;

	assert(doff <= CONTENT_END && len <= CONTENT_END - doff);
	assert(soff <= CONTENT_END && len <= CONTENT_END - soff);
	if (dst != src || doff < soff || doff >= soff + len) {
		copy_up(dst, doff, src, soff, len);
		return;
	}
	content_map_init(&tmp, dst->space);
	copy_up(&tmp, doff, src, soff, len);
	copy_up(dst, doff, &tmp, doff, len);
	content_map_fini(&tmp);
}

void content_collapse(struct content_map *map, uint64_t off, uint64_t len)
{
	assert(off <= CONTENT_END && len <= CONTENT_END - off);
	content_copy(map, off, map, off + len, CONTENT_END - off - len);
	content_truncate(map, CONTENT_END - len);
}

void content_insert(struct content_map *map, uint64_t off, uint64_t len)
{
	assert(off <= CONTENT_END && len <= CONTENT_END - off);
	content_copy(map, off + len, map, off, CONTENT_END - off - len);
	content_erase(map, off, len);
}

struct content_val content_get(const struct content_map *map, uint64_t off)
{
	assert(off < CONTENT_END);
	if (!map->tree)
		return content_hole();
	return cut_val_at(content_pos_cut(content_tree_find(map->tree, off)), off);
}

void content_at(const struct content_map *map, uint64_t pos, uint64_t end, struct content_ext *e)
{
	assert(pos < end && end <= CONTENT_END);
	if (map->tree) {
		struct content_pos at = content_tree_find(map->tree, pos);
		uint64_t stop = content_pos_end(at);

		e->val = cut_val_at(content_pos_cut(at), pos);
		e->len = sim_min(end, stop) - pos;
	} else {
		e->val = content_hole();
		e->len = end - pos;
	}
	e->off = pos;
}

uint64_t content_extents(const struct content_map *map)
{
	uint64_t n = 0;

	content_for_each (e, map, 0, CONTENT_END)
		n += e.val.kind != CONTENT_HOLE;
	return n;
}

size_t content_memory(const struct content_map *map)
{
	return map->tree ? map->tree->memory : 0;
}
