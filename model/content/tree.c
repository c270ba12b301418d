/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The B+tree of cuts: search with a hint, insertion, removal of ranges. */
/* Mirrors: nothing (6.8). */
#include "model/content/tree.h"

#include <assert.h>
#include <string.h>

#include "sim/base/math.h"

/* Neighbours are united when they fill no more than this, so that they need not split again at
 * once. */
#define LEAF_UNITE (CONTENT_FANOUT * 3 / 4)

#define LEAF_BYTES(cuts) (sizeof(struct content_leaf) + (cuts) * sizeof(struct content_cut))
#define TREE_BYTES       (sizeof(struct content_tree) + LEAF_BYTES(CONTENT_SMALL))

void content_tree_setup(struct content_space *space)
{
	sim_pool_init(&space->trees, space->arena, TREE_BYTES);
	sim_pool_init(&space->leaves, space->arena, LEAF_BYTES(CONTENT_FANOUT));
	sim_pool_init(&space->inners, space->arena, sizeof(struct content_inner));
}

/* The leaf that every tree begins with. */
static struct content_leaf *small_leaf(struct content_tree *tree)
{
	return (struct content_leaf *)(tree + 1);
}

struct content_tree *content_tree_new(struct content_space *space)
{
	struct content_tree *tree = sim_pool_get(&space->trees);
	struct content_leaf *leaf = small_leaf(tree);

	leaf->node.cap = CONTENT_SMALL;
	leaf->node.nr = 1;
	leaf->cut[0].val = content_hole();
	tree->root = &leaf->node;
	tree->hint.leaf = leaf;
	content_tree_forget_late(tree);
	return tree;
}

static struct content_leaf *leaf_new(struct content_space *space)
{
	struct content_leaf *leaf = sim_pool_get(&space->leaves);

	leaf->node.cap = CONTENT_FANOUT;
	return leaf;
}

static struct content_inner *inner_new(struct content_space *space, unsigned level)
{
	struct content_inner *in = sim_pool_get(&space->inners);

	in->node.cap = CONTENT_FANOUT;
	in->node.level = (uint16_t)level;
	return in;
}

/* Give a node's memory back; it is linked nowhere any more. The small leaf goes with its tree. */
static void node_put(struct content_space *space, struct content_tree *tree,
		     struct content_node *node)
{
	if (node->level)
		sim_pool_put(&space->inners, node);
	else if (node != &small_leaf(tree)->node)
		sim_pool_put(&space->leaves, node);
}

static void subtree_put(struct content_space *space, struct content_tree *tree,
			struct content_node *node)
{
	if (node->level) {
		struct content_inner *in = (struct content_inner *)node;

		for (unsigned i = 0; i < node->nr; i++)
			subtree_put(space, tree, in->child[i]);
	}
	node_put(space, tree, node);
}

void content_tree_free(struct content_space *space, struct content_tree *tree)
{
	if (tree->root != &small_leaf(tree)->node)
		subtree_put(space, tree, tree->root);
	sim_pool_put(&space->trees, tree);
}

static size_t subtree_memory(const struct content_node *node)
{
	const struct content_inner *in = (const struct content_inner *)node;
	size_t bytes = sizeof(*in);

	if (!node->level)
		return node->cap == CONTENT_SMALL ? 0 : LEAF_BYTES(CONTENT_FANOUT);
	for (unsigned i = 0; i < node->nr; i++)
		bytes += subtree_memory(in->child[i]);
	return bytes;
}

size_t content_tree_memory(const struct content_tree *tree)
{
	return TREE_BYTES + subtree_memory(tree->root);
}

/* The last cut of the leaf that starts at off or before; the first must. */
static unsigned leaf_search(const struct content_leaf *leaf, uint64_t off)
{
	unsigned at = 0, n = leaf->node.nr;

	while (n > 1) {
		unsigned half = n / 2;

		at += leaf->cut[at + half].start <= off ? half : 0;
		n -= half;
	}
	return at;
}

static struct content_node *inner_search(const struct content_inner *in, uint64_t off)
{
	unsigned at = 0, n = in->node.nr;

	while (n > 1) {
		unsigned half = n / 2;

		at += in->key[at + half] <= off ? half : 0;
		n -= half;
	}
	return in->child[at];
}

static struct content_pos tree_search(const struct content_tree *tree, uint64_t off)
{
	struct content_node *node = tree->root;
	struct content_leaf *leaf;

	while (node->level)
		node = inner_search((struct content_inner *)node, off);
	leaf = (struct content_leaf *)node;
	return (struct content_pos){leaf, leaf_search(leaf, off)};
}

struct content_pos content_tree_seek(struct content_tree *tree, uint64_t off)
{
	struct content_pos next = content_pos_next(tree->hint);

	if (next.leaf && content_pos_cut(next)->start <= off && off < content_pos_end(next))
		tree->hint = next;
	else
		tree->hint = tree_search(tree, off);
	return tree->hint;
}

/* Place of a child among its parent's; from the end, where files grow. */
static unsigned child_at(const struct content_node *node)
{
	const struct content_inner *in = node->parent;
	unsigned at = in->node.nr - 1u;

	while (in->child[at] != node)
		at--;
	return at;
}

/* The first cut below node starts at key now: tell the keys above. */
static void key_changed(struct content_node *node, uint64_t key)
{
	while (node->parent) {
		unsigned at = child_at(node);

		node->parent->key[at] = key;
		if (at)
			return;
		node = &node->parent->node;
	}
}

void content_tree_change(struct content_pos pos, struct content_cut cut)
{
	*content_pos_cut(pos) = cut;
	if (!pos.at)
		key_changed(&pos.leaf->node, cut.start);
}

/* Children [from, nr) of in move to the empty inner node to. */
static void inner_move(struct content_inner *to, struct content_inner *in, unsigned from)
{
	unsigned n = in->node.nr - from;

	memcpy(to->key, in->key + from, n * sizeof(to->key[0]));
	memcpy(to->child, in->child + from, n * sizeof(to->child[0]));
	for (unsigned i = 0; i < n; i++)
		to->child[i]->parent = to;
	to->node.nr = (uint16_t)n;
	in->node.nr = (uint16_t)from;
}

static void child_put(struct content_inner *in, unsigned at, struct content_node *node,
		      uint64_t key)
{
	unsigned n = in->node.nr - at;

	memmove(in->key + at + 1, in->key + at, n * sizeof(in->key[0]));
	memmove(in->child + at + 1, in->child + at, n * sizeof(in->child[0]));
	in->key[at] = key;
	in->child[at] = node;
	in->node.nr++;
	node->parent = in;
}

/* A root above the old one, whose first cut starts at 0 as that of every tree. */
static void root_grow(struct content_space *space, struct content_tree *tree)
{
	struct content_inner *root = inner_new(space, tree->root->level + 1u);

	child_put(root, 0, tree->root, 0);
	tree->root = &root->node;
}

/*
 * Hang node, whose first cut starts at key, right behind node left of the same level. A full parent
 * is split in the middle, but at its end if that is where the child goes: a tree that is filled in
 * order stays full.
 */
static void child_add(struct content_space *space, struct content_tree *tree,
		      struct content_node *left, struct content_node *node, uint64_t key)
{
	struct content_inner *in, *right;
	unsigned at, keep;

	if (!left->parent)
		root_grow(space, tree);
	in = left->parent;
	at = child_at(left) + 1;
	if (in->node.nr < CONTENT_FANOUT) {
		child_put(in, at, node, key);
		return;
	}
	keep = at == CONTENT_FANOUT ? CONTENT_FANOUT : CONTENT_FANOUT / 2;
	right = inner_new(space, in->node.level);
	inner_move(right, in, keep);
	if (at >= keep)
		child_put(right, at - keep, node, key);
	else
		child_put(in, at, node, key);
	child_add(space, tree, &in->node, &right->node, right->key[0]);
}

/* Take a node out of the tree, with the parents that it leaves empty. The root is never the last. */
static void child_remove(struct content_space *space, struct content_tree *tree,
			 struct content_node *node)
{
	struct content_inner *in = node->parent;
	unsigned at = child_at(node), n = in->node.nr - at - 1u;

	node_put(space, tree, node);
	if (in->node.nr == 1) {
		child_remove(space, tree, &in->node);
		return;
	}
	memmove(in->key + at, in->key + at + 1, n * sizeof(in->key[0]));
	memmove(in->child + at, in->child + at + 1, n * sizeof(in->child[0]));
	in->node.nr--;
	if (!at)
		key_changed(&in->node, in->key[0]);
	while (tree->root->level && tree->root->nr == 1) {
		struct content_inner *root = (struct content_inner *)tree->root;

		tree->root = root->child[0];
		tree->root->parent = NULL;
		node_put(space, tree, &root->node);
	}
}

static void leaf_link(struct content_leaf *leaf, struct content_leaf *left)
{
	leaf->prev = left;
	leaf->next = left->next;
	if (left->next)
		left->next->prev = leaf;
	left->next = leaf;
}

static void leaf_remove(struct content_space *space, struct content_tree *tree,
			struct content_leaf *leaf)
{
	leaf->prev->next = leaf->next;
	if (leaf->next)
		leaf->next->prev = leaf->prev;
	child_remove(space, tree, &leaf->node);
}

static void cuts_move(struct content_leaf *to, struct content_leaf *from, unsigned at)
{
	unsigned n = from->node.nr - at;

	memcpy(to->cut + to->node.nr, from->cut + at, n * sizeof(to->cut[0]));
	to->node.nr = (uint16_t)(to->node.nr + n);
	from->node.nr = (uint16_t)at;
}

/* The small leaf is full: it is the only one, a large leaf takes its place. */
static struct content_leaf *leaf_enlarge(struct content_space *space, struct content_tree *tree)
{
	struct content_leaf *leaf = leaf_new(space);

	cuts_move(leaf, small_leaf(tree), 0);
	tree->root = &leaf->node;
	return leaf;
}

static void cut_put(struct content_leaf *leaf, unsigned at, struct content_cut cut)
{
	memmove(leaf->cut + at + 1, leaf->cut + at, (leaf->node.nr - at) * sizeof(cut));
	leaf->cut[at] = cut;
	leaf->node.nr++;
}

struct content_pos content_tree_insert(struct content_space *space, struct content_tree *tree,
				       struct content_pos pos, struct content_cut cut)
{
	struct content_leaf *leaf = pos.leaf, *right;
	unsigned at = pos.at + 1, keep;

	if (leaf->node.nr == CONTENT_SMALL && leaf == small_leaf(tree))
		leaf = leaf_enlarge(space, tree);
	if (leaf->node.nr < leaf->node.cap) {
		cut_put(leaf, at, cut);
		return (struct content_pos){leaf, at};
	}
	/* Full: split as in child_add(). */
	keep = at == CONTENT_FANOUT ? CONTENT_FANOUT : CONTENT_FANOUT / 2;
	right = leaf_new(space);
	leaf_link(right, leaf);
	cuts_move(right, leaf, keep);
	pos = at >= keep ? (struct content_pos){right, at - keep} : (struct content_pos){leaf, at};
	cut_put(pos.leaf, pos.at, cut);
	child_add(space, tree, &leaf->node, &right->node, right->cut[0].start);
	return pos;
}

void content_leaf_unite(struct content_space *space, struct content_tree *tree,
			struct content_leaf *leaf)
{
	struct content_leaf *next = leaf->next;

	if (!next || leaf->node.nr + next->node.nr > LEAF_UNITE)
		return;
	cuts_move(leaf, next, 0);
	leaf_remove(space, tree, next);
}

void content_tree_remove(struct content_space *space, struct content_tree *tree,
			 struct content_pos pos, uint64_t last)
{
	struct content_leaf *leaf = pos.leaf, *next;
	unsigned from = pos.at + 1, to;

	for (; leaf; leaf = next, from = 0) {
		next = leaf->next;
		to = from;
		while (to < leaf->node.nr && leaf->cut[to].start <= last)
			to++;
		if (from == 0 && to == leaf->node.nr) {
			leaf_remove(space, tree, leaf);
			continue;
		}
		if (to == from && from < leaf->node.nr)
			break;
		memmove(leaf->cut + from, leaf->cut + to,
			(leaf->node.nr - to) * sizeof(leaf->cut[0]));
		leaf->node.nr = (uint16_t)(leaf->node.nr - (to - from));
		if (from == 0)
			key_changed(&leaf->node, leaf->cut[0].start);
	}
	content_leaf_unite(space, tree, pos.leaf);
	if (pos.leaf->next)
		content_leaf_unite(space, tree, pos.leaf->next);
}
