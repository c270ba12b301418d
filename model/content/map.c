/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Content maps: setting, copying and shifting ranges of names, and walking over them. */
/* Mirrors: nothing (6.8). */
#include <assert.h>
#include <string.h>

#include "model/content/tree.h"
#include "sim/base/math.h"

void content_map_init(struct content_map *map, struct content_space *space)
{
	map->space = space;
	map->tree = NULL;
}

void content_map_init_filled(struct content_map *map, struct content_space *space, uint64_t len,
			     struct content_val val)
{
	assert(len && len <= CONTENT_END);
	map->space = space;
	map->tree = content_tree_new(space);
	map->tree->late[0] = (struct content_ext){0, len, val};
}

void content_clear(struct content_map *map)
{
	if (map->tree)
		content_tree_free(map->space, map->tree);
	map->tree = NULL;
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
 * What most calls are: the cuts that give way, and the extent before them, are in one leaf, and it
 * has room. False, and nothing has changed, if it is not so. pos is the cut that covers off.
 */
static bool set_in_leaf(struct content_map *map, struct content_pos pos, uint64_t off, uint64_t len,
			struct content_val val)
{
	struct content_leaf *leaf = pos.leaf;
	struct content_cut *from = content_pos_cut(pos), *to, *stop = leaf->cut + leaf->node.nr;
	struct content_val rest = val;
	uint64_t end = off + len;
	bool begins, ends = false;
	int more;

	if (from->start < off)
		from++;
	else if (from == leaf->cut && off)
		return false; /* what is before is in another leaf */
	begins = from == leaf->cut || !content_val_equal(cut_val_at(from - 1, off), val);
	for (to = from; to < stop && to->start <= end;)
		to++;
	if (to == stop && leaf->next && leaf->next->cut[0].start <= end)
		return false;
	if (end < CONTENT_END) {
		rest = cut_val_at(to - 1, end);
		ends = !content_val_equal(content_val_at(val, len), rest);
	}

	/* Cuts [from, to) give way to at most two. */
	more = (int)begins + (int)ends - (int)(to - from);
	if (leaf->node.nr + more > leaf->node.cap)
		return false;
	if (more && to < stop)
		memmove(to + more, to, (size_t)((char *)stop - (char *)to));
	if (begins)
		*from++ = (struct content_cut){off, val};
	if (ends)
		*from = (struct content_cut){end, rest};
	leaf->node.nr = (uint16_t)(leaf->node.nr + more);
	map->tree->hint = (struct content_pos){leaf, (unsigned)(from - leaf->cut) - 1};
	if (more < 0 && leaf->next)
		content_leaf_unite(map->space, map->tree, leaf);
	return true;
}

/* The same wherever the cuts are. */
static __attribute__((noinline)) void set_anywhere(struct content_map *map, struct content_pos pos,
						   uint64_t off, uint64_t len,
						   struct content_val val)
{
	struct content_pos next = pos;
	struct content_cut cut[2];
	unsigned i = 0, n = new_cuts(pos, off, len, val, cut);

	/* Old cuts in the range are reused, then what is left over is added or removed behind pos. */
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

static void set_now(struct content_map *map, const struct content_ext *e)
{
	struct content_pos pos = content_tree_find(map->tree, e->off);

	if (!set_in_leaf(map, pos, e->off, e->len, e->val))
		set_anywhere(map, pos, e->off, e->len, e->val);
}

/* Put what is late into the tree. */
static __attribute__((noinline)) void content_catch_up(const struct content_map *map)
{
	struct content_map m = *map;
	struct content_tree *tree = m.tree;
	struct content_ext late[] = {
		tree->late[0], tree->late[1], {tree->gone, tree->gone_len, content_hole()}};

	content_tree_forget_late(tree);
	for (unsigned i = 0; i < SIM_ARRAY_SIZE(late); i++)
		if (late[i].len)
			set_now(&m, &late[i]);
}

static bool ext_continues(const struct content_ext *e, struct content_val val)
{
	return content_val_equal(content_val_at(e->val, e->len), val);
}

/* What is late gives way to another extent. */
static __attribute__((noinline)) void set_elsewhere(struct content_map *map, uint64_t off,
						    uint64_t len, struct content_val val)
{
	if (!map->tree)
		map->tree = content_tree_new(map->space);
	else
		content_catch_up(map);
	map->tree->late[0] = (struct content_ext){off, len, val};
}

/* Whether two ranges have bytes in common. */
static inline bool overlap(uint64_t a, uint64_t a_len, uint64_t b, uint64_t b_len)
{
	return a - b < b_len || b - a < a_len;
}

/* Whether some of these bytes are late. */
static inline bool is_late(const struct content_tree *tree, uint64_t off, uint64_t len)
{
	const struct content_ext *late = tree->late;

	return overlap(off, len, late[0].off, late[0].len + late[1].len);
}

static inline bool is_gone(const struct content_tree *tree, uint64_t off, uint64_t len)
{
	return overlap(off, len, tree->gone, tree->gone_len);
}

void content_set(struct content_map *map, uint64_t off, uint64_t len, struct content_val val)
{
	struct content_ext *late, *last;

	assert(off <= CONTENT_END && len <= CONTENT_END - off);
	if (!len)
		return;
	if (__builtin_expect(val.kind < CONTENT_JUNK, 0))
		val.off = val.src = 0;
	if (!map->tree || !map->tree->late[0].len || is_gone(map->tree, off, len)) {
		set_elsewhere(map, off, len, val);
		return;
	}
	late = map->tree->late;
	last = late[1].len ? &late[1] : &late[0];
	if (off == last->off + last->len) {
		if (ext_continues(last, val))
			last->len += len;
		else if (last == &late[0])
			late[1] = (struct content_ext){off, len, val};
		else
			set_elsewhere(map, off, len, val);
	} else if (off == last->off && len == last->len) {
		last->val = val;
		if (last == &late[1] && ext_continues(&late[0], val)) {
			late[0].len += len;
			late[1].len = 0;
		}
	} else {
		set_elsewhere(map, off, len, val);
	}
}

void content_erase_tree(struct content_map *map, uint64_t off, uint64_t len)
{
	struct content_tree *tree = map->tree;

	assert(off <= CONTENT_END && len <= CONTENT_END - off);
	if (!len)
		return;
	if ((tree->gone_len && off != tree->gone + tree->gone_len) || is_late(tree, off, len))
		content_catch_up(map);
	if (!tree->gone_len)
		tree->gone = off;
	tree->gone_len += len;
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
static inline void copy_up(struct content_map *dst, uint64_t doff, const struct content_map *src,
			   uint64_t soff, uint64_t len)
{
	struct content_ext e;

	for (uint64_t done = 0; done < len; done += e.len) {
		content_at(src, soff + done, soff + len, &e);
		content_set(dst, doff + done, e.len, e.val);
	}
}

void content_copy(struct content_map *dst, uint64_t doff, const struct content_map *src,
		  uint64_t soff, uint64_t len)
{
	struct content_map tmp;

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
	struct content_ext e;

	content_at(map, off, off + 1, &e);
	return e.val;
}

void content_at(const struct content_map *map, uint64_t pos, uint64_t end, struct content_ext *e)
{
	struct content_tree *tree = map->tree;
	const struct content_ext *late;
	struct content_pos at;

	assert(pos < end && end <= CONTENT_END);
	e->off = pos;
	e->len = end - pos;
	if (!tree) {
		e->val = content_hole();
		return;
	}
	late = tree->late;
	if (pos >= late->off && end - late->off <= late->len) {
		e->val = content_val_at(late->val, pos - late->off);
		return;
	}
	if (is_late(tree, pos, end - pos) || is_gone(tree, pos, end - pos))
		content_catch_up(map);
	at = content_tree_find(tree, pos);
	e->val = cut_val_at(content_pos_cut(at), pos);
	e->len = sim_min(end, content_pos_end(at)) - pos;
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
	if (!map->tree)
		return 0;
	content_catch_up(map);
	return content_tree_memory(map->tree);
}
