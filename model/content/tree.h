/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The B+tree behind a content_map; private to this folder. */
/* Mirrors: nothing (6.8). */
#ifndef MODEL_CONTENT_TREE_H
#define MODEL_CONTENT_TREE_H

#include "model/content/space.h"

/*
 * A map is a step function over [0, CONTENT_END): a sorted list of cuts. Each cut says which name
 * begins at its start; the name goes on until the start of the next cut. Invariants, which a test
 * checks after each operation:
 *
 *  1. The first cut starts at 0, starts rise strictly, all are below CONTENT_END.
 *  2. No cut is without need: the name it begins is not the one that the cut before would have
 * reached there. Holes are cuts as well, so the list of cuts is unique for given bytes.
 *  3. key[i] of an inner node is the start of the first cut below child[i].
 *  4. No node is empty; an inner root has at least two children.
 *  5. Between operations hint names a cut that exists.
 *
 * Streams are set piece by piece, and a new folio is junk first and then the piece; what is dropped
 * behind a stream goes piece by piece too. So what is set is not put into the tree at once but is
 * late: an extent, and maybe one right behind it that does not continue it. What continues the last
 * one makes it longer, what is set in the same place takes its place. What is erased is late as
 * well, apart from these. Before anything else is set or erased, and before some of these bytes are
 * looked at, all that is late is put into the tree [content_catch_up()].
 *
 * A tree begins as one small leaf in the tree's own memory, since most objects are buffers of a
 * piece or two; it grows to leaves of CONTENT_FANOUT from a pool.
 */
#define CONTENT_FANOUT 64
#define CONTENT_SMALL  5

struct content_cut {
	uint64_t start;
	struct content_val val;
};

/* What leaves and inner nodes begin with. */
struct content_node {
	struct content_inner *parent;
	uint16_t nr;    /* cuts or children in use */
	uint16_t cap;   /* room for them */
	uint16_t level; /* 0: leaf */
};

struct content_leaf {
	struct content_node node;
	struct content_leaf *prev, *next; /* in order of start */
	struct content_cut cut[];
};

struct content_inner {
	struct content_node node;
	uint64_t key[CONTENT_FANOUT];
	struct content_node *child[CONTENT_FANOUT];
};

/* A place among the cuts. leaf == NULL: behind the last one. */
struct content_pos {
	struct content_leaf *leaf;
	unsigned at;
};

struct content_tree {
	struct content_node *root;
	struct content_pos hint;    /* the cut that was looked at last */
	struct content_ext late[2]; /* newer than the tree; len 0: none, the first at CONTENT_END */
	uint64_t gone, gone_len;    /* the same: erased */
};

/* Nothing is late. */
static inline void content_tree_forget_late(struct content_tree *tree)
{
	tree->late[0].off = tree->gone = CONTENT_END;
	tree->late[0].len = tree->late[1].len = tree->gone_len = 0;
}

/* Make the pools of a space ready for trees. */
void content_tree_setup(struct content_space *space);

/* A tree with one cut: everything HOLE. */
struct content_tree *content_tree_new(struct content_space *space);
void content_tree_free(struct content_space *space, struct content_tree *tree);

/* Bytes of memory that the tree takes. O(leaves). */
size_t content_tree_memory(const struct content_tree *tree);

/* content_tree_find() where the hint does not cover off. */
struct content_pos content_tree_seek(struct content_tree *tree, uint64_t off);

/* Give the existing cut at pos a new start and name; the caller keeps the order. */
void content_tree_change(struct content_pos pos, struct content_cut cut);

/* Put a cut behind the one at pos; returns its place. Older places are invalid then. */
struct content_pos content_tree_insert(struct content_space *space, struct content_tree *tree,
				       struct content_pos pos, struct content_cut cut);

/*
 * Remove the cuts behind pos that start at last or before. pos stays valid, other places do not.
 */
void content_tree_remove(struct content_space *space, struct content_tree *tree,
			 struct content_pos pos, uint64_t last);

/* Cuts of the leaf were removed: it takes in those of the next one if both leave room then. */
void content_leaf_unite(struct content_space *space, struct content_tree *tree,
			struct content_leaf *leaf);

static inline struct content_cut *content_pos_cut(struct content_pos pos)
{
	return &pos.leaf->cut[pos.at];
}

static inline struct content_pos content_pos_next(struct content_pos pos)
{
	if (pos.at + 1u < pos.leaf->node.nr)
		return (struct content_pos){pos.leaf, pos.at + 1};
	return (struct content_pos){pos.leaf->next, 0};
}

/* pos must not be the first cut. */
static inline struct content_pos content_pos_prev(struct content_pos pos)
{
	if (pos.at)
		return (struct content_pos){pos.leaf, pos.at - 1};
	return (struct content_pos){pos.leaf->prev, pos.leaf->prev->node.nr - 1u};
}

/* Where the cut at pos ends. */
static inline uint64_t content_pos_end(struct content_pos pos)
{
	struct content_pos next = content_pos_next(pos);

	return next.leaf ? content_pos_cut(next)->start : CONTENT_END;
}

/* The cut that covers byte off < CONTENT_END; becomes the hint. */
static inline struct content_pos content_tree_find(struct content_tree *tree, uint64_t off)
{
	struct content_pos pos = tree->hint;

	if (content_pos_cut(pos)->start <= off && off < content_pos_end(pos))
		return pos;
	return content_tree_seek(tree, off);
}

#endif
