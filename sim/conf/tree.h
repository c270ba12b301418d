/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside of sim/conf: the document, its sources and its tree of nodes. */
#ifndef SIM_CONF_TREE_H
#define SIM_CONF_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/conf/conf.h"

enum conf_node_kind { CONF_SCALAR, CONF_LIST, CONF_MAP };

/* One scalar, list or map. The children of a map have keys, which are scalars. */
struct conf_node {
	enum conf_node_kind kind;
	bool quoted; /* scalar in quotes, or a block scalar */
	bool flow;   /* list or map in brackets */
	uint16_t source;
	uint32_t line, column; /* from 1 */
	uint32_t width;        /* characters, for the caret */
	uint32_t n;            /* children */
	const char *text;      /* scalar */
	struct conf_node *key;
	struct conf_node *first, *last, *next;
};

/* A text that nodes came from. */
struct conf_source {
	const char *name;
	char *text; /* owned (sim_xfree), NUL-terminated */
	size_t len;
	bool is_origin; /* name is a position already */
	uint32_t skip; /* bytes before the YAML begins: a byte order mark, the path of an override */
};

/* Where a parsed value came from; see marks.c. */
struct conf_marks {
	struct conf_mark_entry *entries; /* in order of registration */
	uint32_t n, capacity;
	uint32_t *slots; /* hash of addresses to entries, from 1; 0: empty */
	uint32_t n_slots;
};

struct conf_default {
	const char *text; /* identity: the field's string */
	struct conf_node *node;
};

struct sim_conf_doc {
	struct sim_arena *arena;
	struct conf_source *sources;
	uint32_t n_sources, max_sources;
	uint32_t nodes;   /* made so far, against SIM_CONF_MAX_NODES */
	uint32_t aliases; /* seen so far */
	uint32_t anchors;
	struct conf_node *root;
	struct conf_marks marks;
	const struct conf_node *default_at; /* while a default is read: the map that lacks it */
	struct conf_default *defaults;      /* trees of defaults that are lists or maps */
	uint32_t n_defaults, max_defaults;
};

/* --- error.c --- */

/* Set *err to a complete message at a node (or a key); returns -1. */
int conf_error(const struct sim_conf_doc *doc, const struct conf_node *node, struct sim_err *err,
	       const char *fmt, ...) __attribute__((format(printf, 4, 5)));
int conf_verror(const struct sim_conf_doc *doc, const struct conf_node *node, struct sim_err *err,
		const char *fmt, va_list ap);

/* The same at a place of a source; what is the offending text. */
struct conf_place {
	uint32_t source, line, column, width;
};
int conf_error_place(const struct sim_conf_doc *doc, struct conf_place at, const char *what,
		     struct sim_err *err, const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));

/* Start of line n (from 1) of a source and its length in bytes, by YAML's idea of line breaks. */
const char *conf_source_line(const struct conf_source *s, uint32_t n, size_t *len);

/* Bytes of the character at p (at least 1, never beyond end). */
size_t conf_char_len(const char *p, const char *end);

/* Bytes of the line break at p, 0 if there is none: LF, CR, CR LF, NEL, LS, PS. */
size_t conf_break_len(const char *p, const char *end);

/* --- tree.c --- */

/* Add a source and take over its text; returns its number. */
uint16_t conf_add_source(struct sim_conf_doc *doc, const char *name, char *text, size_t len);

/* A new node; NULL with an error at place when the document has too many. */
struct conf_node *conf_new_node(struct sim_conf_doc *doc, enum conf_node_kind kind,
				struct conf_place at, struct sim_err *err);

/* Make child, which belongs to nobody, the last one of parent. */
void conf_append(struct conf_node *parent, struct conf_node *child);

/* The child of a map with this key, or NULL. */
struct conf_node *conf_find(const struct conf_node *map, const char *key);

/* Take the child with this key out of a map; NULL if there is none. */
struct conf_node *conf_take(struct conf_node *map, const char *key);

/* The children of a map in the order of their keys; sim_xfree() the array. */
struct conf_node **conf_sorted(const struct conf_node *map);

/* Find a key in what conf_sorted() gave for a map of n children. */
struct conf_node *conf_sorted_find(struct conf_node **sorted, uint32_t n, const char *key);

/* --- read.c --- */

/*
 * Read the YAML of a source into a tree: checks encoding, syntax, limits, duplicate keys; expands
 * aliases. *root is NULL for an empty text. Returns 0, or -1 with *err.
 */
int conf_read(struct sim_conf_doc *doc, uint16_t source, struct conf_node **root,
	      struct sim_err *err);

/* --- compose.c --- */

/* Merge what overlay says over base; both are maps, base is changed and returned. */
struct conf_node *conf_merge(struct conf_node *base, struct conf_node *overlay);

/* Read a source with all that it extends and includes into *root, a map. */
int conf_compose(struct sim_conf_doc *doc, uint16_t source, struct conf_node **root,
		 struct sim_err *err);

/* --- override.c --- */

/* Apply one "path=value" to the tree of the document. */
int conf_override(struct sim_conf_doc *doc, const char *arg, const char *origin,
		  struct sim_err *err);

/* --- marks.c --- */

/* Note that the value of size bytes at p came from node; given: it is written there. */
void conf_mark(struct sim_conf_doc *doc, const void *p, size_t size, const struct conf_node *node,
	       bool given);

/* --- scalar.c --- */

#define CONF_FIELDS_MAX 128 /* of one struct */
#define CONF_NAMES_MAX  256 /* of one enum, or variants; sim_conf_selftest() checks both */

/* Bytes of a type in the C struct. */
size_t conf_type_size(const struct sim_conf_type *type);

/* True for the kinds that are read from one scalar. */
bool conf_is_scalar(enum sim_conf_kind kind);

/* What a type is called in messages: "a size", "a map of fields". */
const char *conf_expected(const struct sim_conf_type *type);

/* Read a scalar node of a scalar type within min..max into *out. */
int conf_parse_scalar(struct sim_conf_doc *doc, const struct conf_node *node,
		      const struct sim_conf_type *type, uint64_t min, uint64_t max, void *out,
		      struct sim_err *err);

/* Text of a number in the unit of the type, e.g. 64KiB. */
const char *conf_format(const struct sim_conf_type *type, uint64_t v, char buf[48]);

/* Refuse plain null, ~ and nothing at all; expected is for the message. */
int conf_refuse_null(const struct sim_conf_doc *doc, const struct conf_node *node,
		     const char *expected, struct sim_err *err);

/* --- parse.c --- */

/* Read a node as a type into *out; min, max replace those of the type if max is not 0. */
int conf_parse_value(struct sim_conf_doc *doc, const struct conf_node *node,
		     const struct sim_conf_type *type, uint64_t min, uint64_t max, void *out,
		     struct sim_err *err);

/* True if {} is a value of this type. */
bool conf_may_be_empty(const struct sim_conf_type *type);

/* --- walk.c --- */

/* Types reachable from a root that have a name of their own, each once, root first. */
struct conf_types {
	const struct sim_conf_type **types;
	size_t n, capacity;
};
void conf_collect(struct conf_types *t, const struct sim_conf_type *root);

/* True for types that are described once, under their name; the others are described in place. */
bool conf_has_name(const struct sim_conf_type *type);

#endif
