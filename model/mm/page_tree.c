/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The index of a mapping: from page indexes to folios, in order, with marks.
 *
 * Mirrors: lib/xarray.c, include/linux/xarray.h (6.8).
 *
 * A radix tree of nodes with 16 slots. A node of shift s covers 16 << s pages, one slot 1 << s. A
 * slot holds a child node of shift s - 4 or a folio; a folio of order k stands in the nodes of
 * shift 4 * (k / 4), in 2^(k mod 4) neighbouring slots, so that the largest take 8 slots and most
 * take 1. 16 and not 64 slots, because a run of 16 single pages then costs 10 to 20 bytes of index
 * a page, and a lone page 160 bytes for each level of its own.
 *
 * A node with nothing in it does not exist. A node has four sets of slots, 16 bits each in one
 * word: those that hold something, and those with each of the marks. The bit of a slot with a child
 * is on in a set while the child's own set is not empty.
 *
 * mapping->hint is the node in which the last look-up ended. A look-up starts there and climbs
 * until the index is covered: neighbours cost O(1), anything else at most two times the height.
 * mapping->erased is the same for taking folios out, as reclaim goes through a file while it is
 * written elsewhere.
 */
#include "model/mm/internal.h"

#define TREE_BITS  4u
#define TREE_SLOTS (1u << TREE_BITS)
#define TREE_ALL   0xffffu

/* The lowest bit of a set in the word; times bits of slots, these slots in the set. */
#define SET_PRESENT 1ull
#define SETS_ALL    0x0001000100010001ull
/* And the highest. */
#define SETS_HIGH (SETS_ALL << 15)

struct page_tree_node {
	struct page_tree_node *parent;
	pgoff_t base; /* first page that it covers */
	uint64_t sets;
	uint8_t shift;
	uint8_t offset;          /* its slot in parent */
	void *slots[TREE_SLOTS]; /* lowest bit set: a child node; else a folio */
};

size_t page_tree_node_size(void)
{
	return sizeof(struct page_tree_node);
}

static bool entry_is_node(const void *entry)
{
	return (uintptr_t)entry & 1;
}

static struct page_tree_node *entry_to_node(void *entry)
{
	return (struct page_tree_node *)((char *)entry - 1);
}

static bool node_covers(const struct page_tree_node *node, pgoff_t index)
{
	return (index - node->base) >> node->shift < TREE_SLOTS;
}

static unsigned node_slot(const struct page_tree_node *node, pgoff_t index)
{
	return (unsigned)((index - node->base) >> node->shift);
}

/* The set of a mark; -1: of what is there. */
static unsigned node_set(const struct page_tree_node *node, int mark)
{
	return node->sets >> 16 * (mark + 1) & TREE_ALL;
}

static unsigned node_present(const struct page_tree_node *node)
{
	return node_set(node, -1);
}

/* Those of the sets that are not empty, by their highest bits. */
static uint64_t sets_in_use(uint64_t sets)
{
	return (((sets & ~SETS_HIGH) + ~SETS_HIGH) | sets) & SETS_HIGH;
}

/* The lowest node that covers index, from node on upwards; NULL: none does. */
static struct page_tree_node *tree_start(struct page_tree_node *node, pgoff_t index)
{
	while (node && !node_covers(node, index))
		node = node->parent;
	return node;
}

struct folio *page_tree_load(struct address_space *mapping, pgoff_t index)
{
	struct page_tree_node *node = tree_start(mapping->hint, index);
	void *entry;

	if (!node)
		return NULL;
	while (entry_is_node(entry = node->slots[node_slot(node, index)]))
		node = entry_to_node(entry);
	mapping->hint = node;
	return entry;
}

struct folio *page_tree_find(struct address_space *mapping, pgoff_t index, pgoff_t last, int mark)
{
	struct page_tree_node *node = tree_start(mapping->hint, index);
	unsigned slot = node ? node_slot(node, index) : 0;

	while (node) {
		unsigned set = node_set(node, mark) & TREE_ALL << slot;

		if (!set) {
			slot = node->offset + 1u;
			node = node->parent;
			continue;
		}
		slot = (unsigned)__builtin_ctz(set);
		index = sim_max(index, node->base + ((pgoff_t)slot << node->shift));
		if (index > last)
			return NULL;
		mapping->hint = node;
		if (!entry_is_node(node->slots[slot]))
			return node->slots[slot];
		node = entry_to_node(node->slots[slot]);
		slot = node_slot(node, index);
	}
	return NULL;
}

/* ---- changing ---- */

static void node_change(struct page_tree_node *node, uint64_t clear, uint64_t set);

/* Some sets of the node are empty now, or not any more: by their highest bits. */
static __attribute__((noinline)) void node_tell(struct page_tree_node *node, uint64_t emptied,
						uint64_t filled)
{
	if (node->parent)
		node_change(node->parent, emptied >> 15 << node->offset,
			    filled >> 15 << node->offset);
}

/* Clear, then set bits of the node's sets, and in the nodes above what follows from it. */
static inline void node_change(struct page_tree_node *node, uint64_t clear, uint64_t set)
{
	uint64_t was = sets_in_use(node->sets), is;

	node->sets = (node->sets & ~clear) | set;
	is = sets_in_use(node->sets);
	if (was != is)
		node_tell(node, was & ~is, is & ~was);
}

/* The shift of the nodes in which a folio of this order stands. */
static unsigned order_shift(unsigned order)
{
	return order - order % TREE_BITS;
}

static struct page_tree_node *node_new(struct address_space *mapping, unsigned shift,
				       struct page_tree_node *parent, unsigned offset)
{
	struct page_tree_node *node = sim_pool_get(&mapping_mm(mapping)->nodes);

	node->shift = (uint8_t)shift;
	node->parent = parent;
	node->offset = (uint8_t)offset;
	if (parent) {
		node->base = parent->base + ((pgoff_t)offset << parent->shift);
		parent->slots[offset] = (char *)node + 1;
	}
	return node;
}

/* Make the tree high enough to hold order at index. */
static void tree_grow(struct address_space *mapping, pgoff_t index, unsigned order)
{
	if (!mapping->root)
		mapping->root = node_new(mapping, order_shift(order), NULL, 0);
	while (mapping->root->shift < order_shift(order) || !node_covers(mapping->root, index)) {
		struct page_tree_node *old = mapping->root;
		struct page_tree_node *root = node_new(mapping, old->shift + TREE_BITS, NULL, 0);

		mapping->root = root;
		if (!node_present(old)) { /* just made: a leaf that nothing needs */
			sim_pool_put(&mapping_mm(mapping)->nodes, old);
			continue;
		}
		root->slots[0] = (char *)old + 1;
		root->sets = sets_in_use(old->sets) >> 15;
		old->parent = root;
	}
}

/* As many bits as a folio takes slots in its node: 1, 2, 4, 8. */
static unsigned folio_bits(const struct folio *f)
{
	static const uint8_t bits[TREE_BITS] = {0x1, 0x3, 0xf, 0xff};

	return bits[f->order % TREE_BITS];
}

static void fill_slots(struct page_tree_node *node, unsigned bits, void *entry)
{
	for (; bits; bits &= bits - 1)
		node->slots[__builtin_ctz(bits)] = entry;
}

/*
 * A node for the folio, from node on (NULL: none that is known covers its index). NULL: something
 * is there.
 */
static __attribute__((noinline)) struct page_tree_node *
tree_make_node(struct address_space *mapping, const struct folio *f, struct page_tree_node *node)
{
	unsigned shift = order_shift(f->order);

	if (!node || node->shift < shift) {
		if (page_tree_find(mapping, f->index, folio_next_index(f) - 1, -1))
			return NULL;
		tree_grow(mapping, f->index, f->order);
		node = mapping->root;
	}
	while (node->shift > shift) {
		unsigned slot = node_slot(node, f->index);
		void *entry = node->slots[slot];

		if (entry && !entry_is_node(entry))
			return NULL;
		node = entry ? entry_to_node(entry)
			     : node_new(mapping, node->shift - TREE_BITS, node, slot);
	}
	return node;
}

int page_tree_insert(struct address_space *mapping, struct folio *f)
{
	struct page_tree_node *node = tree_start(mapping->hint, f->index);
	unsigned bits;

	assert(folio_is_aligned(f) && f->index < PAGE_INDEX_MAX);
	if (!node || node->shift != order_shift(f->order))
		node = tree_make_node(mapping, f, node);
	if (!node)
		return -EEXIST;
	bits = folio_bits(f) << node_slot(node, f->index);
	if (node_present(node) & bits)
		return -EEXIST;
	node_change(node, 0, SET_PRESENT * bits);
	fill_slots(node, bits, f);
	mapping->hint = node;
	return 0;
}

/* Where a folio stands: the first of its slots, and all of them. */
struct folio_place {
	struct page_tree_node *node;
	unsigned slot, bits;
};

/* f is in the index. *hint is in its node from now on. */
static inline struct folio_place folio_find(struct page_tree_node **hint, const struct folio *f)
{
	struct page_tree_node *node = *hint;
	unsigned slot;

	while (!node_covers(node, f->index))
		node = node->parent;
	while (slot = node_slot(node, f->index), node->slots[slot] != f) {
		assert(entry_is_node(node->slots[slot]));
		node = entry_to_node(node->slots[slot]);
	}
	*hint = node;
	return (struct folio_place){node, slot, folio_bits(f) << slot};
}

page_marks page_tree_mark(struct address_space *mapping, const struct folio *f, page_marks clear,
			  page_marks set)
{
	struct folio_place at = folio_find(&mapping->hint, f);
	page_marks had = at.node->sets >> at.slot & SETS_ALL;

	node_change(at.node, clear * at.bits, set * at.bits);
	return had;
}

page_marks page_tree_erase(struct address_space *mapping, struct folio *f)
{
	struct page_tree_node *node;
	struct folio_place at;
	page_marks had;

	if (!mapping->erased)
		mapping->erased = mapping->hint;
	at = folio_find(&mapping->erased, f);
	had = at.node->sets >> at.slot & SETS_ALL;
	node_change(at.node, SETS_ALL * at.bits, 0);
	fill_slots(at.node, at.bits, NULL);
	for (node = at.node; node && !node_present(node); node = mapping->erased) {
		struct page_tree_node *parent = node->parent;

		if (parent)
			parent->slots[node->offset] = NULL;
		else
			mapping->root = NULL;
		if (mapping->hint == node)
			mapping->hint = parent;
		mapping->erased = parent;
		sim_pool_put(&mapping_mm(mapping)->nodes, node);
	}
	return had;
}

/* ---- checking ---- */

static const char *slot_check(const struct page_tree_node *node, unsigned slot)
{
	const void *entry = node->slots[slot];
	pgoff_t first = node->base + ((pgoff_t)slot << node->shift);

	if ((node_present(node) >> slot & 1) != (entry != NULL))
		return "index: a slot and its present bit differ";
	if (!entry && node->sets >> slot & SETS_ALL)
		return "index: an empty slot has a mark";
	if (entry && !entry_is_node(entry)) {
		const struct folio *f = entry;

		if (order_shift(f->order) != node->shift)
			return "index: a folio stands at the wrong level";
		if (first < f->index || first >= folio_next_index(f))
			return "index: a folio stands in a wrong slot";
	}
	return NULL;
}

static const char *node_check(const struct page_tree_node *node)
{
	if (!node_present(node))
		return "index: an empty node";
	for (unsigned slot = 0; slot < TREE_SLOTS; slot++) {
		const char *broken = slot_check(node, slot);
		struct page_tree_node *child;

		if (broken)
			return broken;
		if (!node->slots[slot] || !entry_is_node(node->slots[slot]))
			continue;
		child = entry_to_node(node->slots[slot]);
		if (child->parent != node || child->offset != slot ||
		    child->shift + TREE_BITS != node->shift ||
		    child->base != node->base + ((pgoff_t)slot << node->shift))
			return "index: a child does not fit its parent";
		if ((node->sets >> slot & SETS_ALL) != sets_in_use(child->sets) >> 15)
			return "index: the mark of a node differs from those below";
		broken = node_check(child); /* at most 13 levels */
		if (broken)
			return broken;
	}
	return NULL;
}

const char *page_tree_check(const struct address_space *mapping)
{
	if (!mapping->root)
		return mapping->hint || mapping->erased ? "index: a hint into an empty tree" : NULL;
	if (!mapping->hint)
		return "index: a tree without a hint";
	if (mapping->root->parent || mapping->root->base)
		return "index: the root is not at the top";
	return node_check(mapping->root);
}
