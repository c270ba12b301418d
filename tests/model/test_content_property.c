/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Content maps against plain arrays of names, over random operations. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "model/content/tree.h"
#include "sim/base/math.h"

#define MAPS    2
#define WINDOW  6000 /* bytes that the arrays know; enough cuts for three levels */
#define SOURCES 3

/* The same contents twice: as maps, and as arrays of the bytes [base, base + WINDOW). */
struct fixture {
	struct sim_arena *arena;
	struct content_space *space;
	struct content_map map[MAPS];
	struct content_val ref[MAPS][WINDOW];
	uint64_t base;
	uint64_t draws;  /* state of the generator */
	unsigned window; /* bytes in use: a small one has many collisions */
	unsigned piece;  /* longest operation */
};

/* splitmix64, so that a seed means the same everywhere. */
static uint64_t draw(struct fixture *f, uint64_t n)
{
	uint64_t z = f->draws += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return (z ^ z >> 31) % n;
}

static void start(struct fixture *f, uint64_t seed, uint64_t base, unsigned window, unsigned piece)
{
	memset(f, 0, sizeof(*f));
	f->arena = sim_arena_new(0, NULL, NULL);
	f->space = content_space_new(f->arena);
	f->draws = seed;
	f->base = base;
	f->window = window;
	f->piece = piece;
	for (unsigned m = 0; m < MAPS; m++)
		content_map_init(&f->map[m], f->space);
}

static void stop(struct fixture *f)
{
	size_t before = f->space->leaves.live + f->space->inners.live + f->space->trees.live;

	for (unsigned m = 0; m < MAPS; m++)
		content_map_fini(&f->map[m]);
	assert_true(before >= MAPS);
	assert_int_equal(f->space->leaves.live, 0);
	assert_int_equal(f->space->inners.live, 0);
	assert_int_equal(f->space->trees.live, 0);
	sim_arena_free(f->arena);
}

/* Invariants 3 and 4 of tree.h below node; returns the start of its first cut. */
static uint64_t check_node(const struct content_tree *tree, const struct content_node *node,
			   const struct content_leaf **leaf)
{
	const struct content_inner *in = (const struct content_inner *)node;

	assert_true(node->nr >= 1 && node->nr <= node->cap);
	if (!node->level) {
		assert_ptr_equal(node, *leaf);
		*leaf = (*leaf)->next;
		return ((const struct content_leaf *)node)->cut[0].start;
	}
	assert_true(node != tree->root || node->nr >= 2);
	for (unsigned i = 0; i < node->nr; i++) {
		assert_ptr_equal(in->child[i]->parent, in);
		assert_int_equal(in->child[i]->level, node->level - 1);
		assert_int_equal(check_node(tree, in->child[i], leaf), in->key[i]);
	}
	return in->key[0];
}

/* Invariants 1 and 2 of tree.h, and 5: the hint exists. */
static void check_cuts(const struct content_tree *tree, const struct content_leaf *leaf)
{
	const struct content_leaf *before = NULL;
	const struct content_cut *prev = NULL;
	bool hint = false;

	assert_int_equal(leaf->cut[0].start, 0);
	for (; leaf; before = leaf, leaf = leaf->next) {
		assert_ptr_equal(leaf->prev, before);
		hint |= tree->hint.leaf == leaf && tree->hint.at < leaf->node.nr;
		for (unsigned i = 0; i < leaf->node.nr; i++) {
			const struct content_cut *cut = &leaf->cut[i];

			assert_true(cut->start < CONTENT_END);
			if (prev) {
				uint64_t n = cut->start - prev->start;

				assert_true(prev->start < cut->start);
				assert_false(
					content_val_equal(content_val_at(prev->val, n), cut->val));
			}
			prev = cut;
		}
	}
	assert_true(hint);
}

static void check_tree(const struct content_map *map)
{
	const struct content_tree *tree = map->tree;
	const struct content_node *node;
	const struct content_leaf *first;

	if (!tree)
		return;
	assert_null(tree->root->parent);
	for (node = tree->root; node->level;)
		node = ((const struct content_inner *)node)->child[0];
	first = (const struct content_leaf *)node;
	check_cuts(tree, first);
	check_node(tree, tree->root, &first);
	assert_null(first);
}

/* Every byte of a map, by iteration over extents that must be maximal and adjacent. */
static void check_map(struct fixture *f, unsigned m)
{
	uint64_t pos = f->base, extents = 0;
	struct content_val after = {.kind = 255};

	check_tree(&f->map[m]);
	content_for_each (e, &f->map[m], f->base, f->base + f->window) {
		assert_int_equal(e.off, pos);
		assert_true(e.len > 0);
		assert_false(content_val_equal(after, e.val));
		for (uint64_t i = 0; i < e.len; i++)
			assert_true(content_val_equal(content_val_at(e.val, i),
						      f->ref[m][e.off - f->base + i]));
		extents += e.val.kind != CONTENT_HOLE;
		after = content_val_at(e.val, e.len);
		pos = e.off + e.len;
	}
	assert_int_equal(pos, f->base + f->window);
	assert_int_equal(content_extents(&f->map[m]), extents);
}

/* A name to set at place at: often one that continues or repeats what is near. */
static struct content_val draw_val(struct fixture *f, unsigned m, unsigned at)
{
	struct content_val v = content_source_at((uint32_t)draw(f, SOURCES), 0);

	switch (draw(f, 8)) {
	case 0:
		return content_hole();
	case 1:
		return content_zero();
	case 2:
		return content_junk(f->space);
	case 3:
		v.kind = CONTENT_DERIVED;
		v.off = draw(f, 3);
		return v;
	case 4:
		return at ? content_val_at(f->ref[m][at - 1], 1) : v;
	case 5:
		return f->ref[m][at];
	default:
		v.off = at + 10000 * draw(f, 2);
		return v;
	}
}

static void do_set(struct fixture *f, unsigned m, unsigned at, unsigned len)
{
	struct content_val v = draw_val(f, m, at);

	content_set(&f->map[m], f->base + at, len, v);
	for (unsigned i = 0; i < len; i++)
		f->ref[m][at + i] = content_val_at(v, i);
}

static void do_copy(struct fixture *f, unsigned m, unsigned at, unsigned len)
{
	unsigned from = (unsigned)draw(f, MAPS);
	unsigned soff = (unsigned)draw(f, f->window - len + 1);

	content_copy(&f->map[m], f->base + at, &f->map[from], f->base + soff, len);
	memmove(f->ref[m] + at, f->ref[from] + soff, len * sizeof(f->ref[0][0]));
}

static void ref_fill(struct fixture *f, unsigned m, unsigned at, unsigned len, struct content_val v)
{
	for (unsigned i = 0; i < len; i++)
		f->ref[m][at + i] = content_val_at(v, i);
}

static void do_shift(struct fixture *f, unsigned m, unsigned at, unsigned len)
{
	struct content_val *ref = f->ref[m];
	unsigned rest = f->window - at - len;

	if (draw(f, 2)) {
		content_collapse(&f->map[m], f->base + at, len);
		memmove(ref + at, ref + at + len, rest * sizeof(*ref));
		ref_fill(f, m, at + rest, len, content_hole());
	} else {
		content_insert(&f->map[m], f->base + at, len);
		content_truncate(&f->map[m], f->base + f->window);
		memmove(ref + at + len, ref + at, rest * sizeof(*ref));
		ref_fill(f, m, at, len, content_hole());
	}
}

static void do_remove(struct fixture *f, unsigned m, unsigned at, unsigned len)
{
	switch (draw(f, 12)) {
	case 0:
		content_truncate(&f->map[m], f->base + at);
		len = f->window - at;
		break;
	case 1:
		if (draw(f, 6))
			return;
		content_clear(&f->map[m]);
		at = 0;
		len = f->window;
		break;
	case 2:
		content_set_zero(&f->map[m], f->base + at, len);
		ref_fill(f, m, at, len, content_zero());
		return;
	default:
		content_erase(&f->map[m], f->base + at, len);
	}
	ref_fill(f, m, at, len, content_hole());
}

static bool ref_equal(struct content_val a, struct content_val b, enum content_mode mode)
{
	if (mode == CONTENT_SAME && a.kind <= CONTENT_ZERO && b.kind <= CONTENT_ZERO)
		return true;
	return content_val_equal(a, b);
}

static void check_equal(struct fixture *f)
{
	enum content_mode mode = draw(f, 2) ? CONTENT_SAME : CONTENT_EXACT;
	unsigned len = (unsigned)draw(f, f->window + 1), same = 0;
	unsigned a = (unsigned)draw(f, f->window - len + 1);
	unsigned b = draw(f, 2) ? a : (unsigned)draw(f, f->window - len + 1);
	unsigned other = (unsigned)draw(f, MAPS);
	uint64_t diff = 1234567;
	bool equal;

	while (same < len && ref_equal(f->ref[0][a + same], f->ref[other][b + same], mode))
		same++;
	equal = content_equal_range(&f->map[0], f->base + a, &f->map[other], f->base + b, len, mode,
				    &diff);
	assert_int_equal(equal, same == len);
	assert_int_equal(diff, equal ? 1234567 : same);
	assert_int_equal(content_equal_range(&f->map[0], f->base + a, &f->map[other], f->base + b,
					     len, mode, NULL),
			 equal);
}

static void step(struct fixture *f, unsigned shifts)
{
	unsigned m = (unsigned)draw(f, MAPS);
	unsigned len = (unsigned)draw(f, f->piece + 1);
	unsigned at = (unsigned)draw(f, f->window - len + 1), look;
	unsigned what = (unsigned)draw(f, 100);

	if (what < shifts)
		do_shift(f, m, at, len);
	else if (what < 60)
		do_set(f, m, at, len);
	else if (what < 80)
		do_copy(f, m, at, len);
	else if (what < 90)
		do_remove(f, m, at, len);
	for (unsigned i = 0; i < 3; i++) {
		look = i ? (unsigned)draw(f, f->window) : sim_min(at, f->window - 1);
		assert_true(content_val_equal(content_get(&f->map[m], f->base + look),
					      f->ref[m][look]));
	}
}

/* Windows at both ends of the range of offsets and in between. */
static uint64_t base_of(unsigned which, unsigned window)
{
	switch (which % 3) {
	case 0:
		return 0;
	case 1:
		return CONTENT_END - window;
	default:
		return UINT64_C(0x123456789ab);
	}
}

/* A small window, looked at completely after each step: few cuts, every kind of neighbourhood. */
static void test_small(void **state)
{
	static struct fixture f;

	for (unsigned seed = 0; seed < 300; seed++) {
		start(&f, seed, base_of(seed, 40), 40, 12);
		for (unsigned i = 0; i < 150; i++) {
			step(&f, 5);
			for (unsigned m = 0; m < MAPS; m++)
				check_map(&f, m);
			check_equal(&f);
		}
		stop(&f);
	}
}

/* Hundreds of cuts in a few leaves. */
static void test_medium(void **state)
{
	static struct fixture f;

	for (unsigned seed = 0; seed < 30; seed++) {
		start(&f, 1000 + seed, base_of(seed, 800), 800, 1 + seed);
		for (unsigned i = 0; i < 1500; i++) {
			step(&f, i % 100 ? 0 : 30);
			if (i % 4 == 0)
				check_map(&f, (i / 4) % MAPS);
			if (i % 16 == 0)
				check_equal(&f);
		}
		stop(&f);
	}
}

/* Three levels: thousands of cuts of a byte or two, then a range removed, again and again. */
static void test_large(void **state)
{
	static struct fixture f;
	unsigned levels = 0;

	for (unsigned seed = 0; seed < 6; seed++) {
		start(&f, 2000 + seed, base_of(seed, WINDOW), WINDOW, 2);
		for (unsigned i = 0; i < WINDOW; i++) {
			unsigned at = seed % 2 ? WINDOW - 1 - i : i;

			content_set(&f.map[0], f.base + at, 1, content_source_at(0, at * 2));
			f.ref[0][at] = content_source_at(0, at * 2);
		}
		levels = sim_max(levels, f.map[0].tree->root->level);
		check_map(&f, 0);
		for (unsigned i = 0; i < 60; i++) {
			unsigned len = (unsigned)draw(&f, 1 + WINDOW / (1 + draw(&f, 20)));
			unsigned at = (unsigned)draw(&f, WINDOW - len + 1);

			do_set(&f, 0, at, len);
			check_map(&f, 0);
			for (unsigned j = 0; j < 200; j++)
				step(&f, 0);
			check_map(&f, 0);
			check_map(&f, 1);
		}
		stop(&f);
	}
	assert_int_equal(levels, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_small),
		cmocka_unit_test(test_medium),
		cmocka_unit_test(test_large),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
