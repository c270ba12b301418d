/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Typed YAML: tables that describe C structs give the reader, the defaults, the schema and the
 * manual. */
#ifndef SIM_CONF_CONF_H
#define SIM_CONF_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/base/text.h"
#include "sim/rand/rand.h"

/*
 * How to use it
 * -------------
 * Describe a struct by a table of fields, the struct's type by a struct sim_conf_type, then
 *
 *	doc = sim_conf_load(path, &opts, &err);		text -> tree: syntax, extends, include, -p
 *	scn = sim_conf_parse(doc, &scenario_type, &err);	tree -> structs: types, ranges,
 *defaults sim_conf_error_at(doc, &op->fd, &err, "no file is open as fd here; open it first");
 *	sim_conf_free(doc);				everything that was parsed goes with it
 *
 * Example of a table:
 *
 *	struct server { struct sim_law latency; uint64_t slots; };
 *
 *	static const struct sim_conf_field server_fields[] = {
 *		SIM_CONF_FIELD(struct server, latency, &sim_conf_time_law, .def = "0",
 *			       .doc = "Time from receiving a request to sending the reply."),
 *		SIM_CONF_FIELD(struct server, slots, &sim_conf_uint, .def = "16", .min = 1, .max =
 *4096, .doc = "Requests that are served at the same time."), {0},
 *	};
 *	const struct sim_conf_type server_type = SIM_CONF_STRUCT_TYPE(
 *		"server", struct server, server_fields, .doc = "The modelled server.");
 *
 * Every error is one text: "file:line:column: offending text: what is wrong; what is allowed", then
 * the offending line with a caret below. Nothing is ever guessed: all scalars are text that the
 *type of the field reads; null, on/off and the like have no meaning.
 */

struct sim_arena;
struct sim_conf_doc;
struct sim_conf_type;

/* What the tables can describe, and what lies in the C struct for it. */
enum sim_conf_kind {
	SIM_CONF_STRING,   /* const char *: any text; min..max bytes, max 0: 4096 */
	SIM_CONF_NAME,     /* const char *: letters, digits, _ and -; max 0: 64 bytes */
	SIM_CONF_UINT,     /* uint64_t */
	SIM_CONF_SIZE,     /* uint64_t bytes: 4096, 0x1000, 64KiB */
	SIM_CONF_TIME,     /* uint64_t ns: 0, 200us, 3ms */
	SIM_CONF_RATE,     /* uint64_t bytes per second: 1GiB/s */
	SIM_CONF_RATIO,    /* struct sim_conf_ratio, 0..1: 1/100 */
	SIM_CONF_FRACTION, /* struct sim_conf_ratio, any n/m or decimal: 3/2, 0.99, 2 */
	SIM_CONF_BOOL,     /* bool: true or false, nothing else */
	SIM_CONF_ENUM,     /* an enum or int: the value of one of names[] */
	SIM_CONF_FLAGS,    /* uint64_t: the values of one of names[], or of a list, or-ed */
	SIM_CONF_STRUCT,   /* a struct, described by fields[] */
	SIM_CONF_TAGGED, /* a struct; the key named by tag selects one of variants[], whose type is
			  * a STRUCT of the same C struct: {law: uniform, min: 1, max: 2} */
	SIM_CONF_ONEOF, /* struct sim_conf_oneof: a map with one key, or a bare scalar, that selects
			 * one of variants[]: {write: {fd: f}}, {sleep: 5ms}, drop_caches */
	SIM_CONF_LIST,  /* struct sim_conf_list of elem; min..max elements */
	SIM_CONF_MAP,   /* struct sim_conf_map from names to elem, in the order of the file */
};

struct sim_conf_ratio {
	uint64_t num, den;
};

struct sim_conf_list {
	void *items; /* array of n elements of the element type's C type; NULL if n is 0 */
	size_t n;
};

struct sim_conf_map {
	const char **keys; /* array of n names; &keys[i] is also a handle for errors */
	void *items;       /* array of n elements */
	size_t n;
};

struct sim_conf_oneof {
	uint32_t which; /* value of the chosen variant */
	void *value;    /* its C type; NULL for a variant without type */
};

/* Element i of a list or map of TYPE. */
#define sim_conf_item(l, type, i) (&((type *)(l)->items)[i])

/*
 * Flags of a field. REQUIRED: its absence is an error. OPTIONAL: a struct that stays zeroed when
 * absent (without it, its fields get their defaults); ask sim_conf_given(). SHARED: all variants of
 * a ONEOF have it, and the manual tells of it there, once.
 */
#define SIM_CONF_REQUIRED 1u
#define SIM_CONF_OPTIONAL 2u
#define SIM_CONF_SHARED   4u

/* One field of a struct. A table ends with a row whose name is NULL. */
struct sim_conf_field {
	const char *name; /* key in the file */
	const struct sim_conf_type *type;
	size_t offset, size; /* place in the C struct */
	unsigned flags;
	const char *def;     /* default as YAML text; NULL: zero, empty, defaults inside */
	uint64_t min, max;   /* range, replaces that of the type if max is not 0 */
	const char *doc;     /* one sentence for schema and manual */
	const char *example; /* YAML text for the template, there a whole block if it begins with a
			      * new line; needed if REQUIRED */
	const char *refused; /* not accepted, for this reason: known but left out */
};

/* clang-format off */
#define SIM_CONF_FIELD(T, member, ...) SIM_CONF_FIELD_AS(T, member, #member, __VA_ARGS__)
/* The same where the key is no C name, or not the member's. */
#define SIM_CONF_FIELD_AS(T, member, key, typep, ...) { \
		.name = (key), \
		.type = (typep), \
		.offset = offsetof(T, member), \
		.size = sizeof(((T *)0)->member), \
		__VA_ARGS__ \
	}
/* clang-format on */

/* One name of an ENUM or FLAGS type. A table ends with a row whose name is NULL. */
struct sim_conf_name {
	const char *name;
	uint64_t value; /* int for ENUM, a bit mask for FLAGS */
	const char *doc;
	const char *refused; /* as in a field */
};

/* One variant of a ONEOF or TAGGED type. A table ends with a row whose name is NULL. */
struct sim_conf_variant {
	const char *name;
	uint32_t value;
	const struct sim_conf_type *type; /* NULL: no value. A STRUCT without required fields may
					   * also be written bare, as "sync" for "sync: {}" */
	const char *doc;
	const char *refused; /* as in a field */
};

struct sim_conf_type {
	enum sim_conf_kind kind;
	const char *name;  /* in messages, schema and manual: "operation", "size" */
	const char *doc;   /* one sentence */
	size_t size;       /* STRUCT and TAGGED: sizeof the C struct */
	uint64_t min, max; /* range of values, bytes or elements; max 0: no bound */
	const struct sim_conf_field *fields;     /* STRUCT */
	const struct sim_conf_name *names;       /* ENUM, FLAGS */
	const struct sim_conf_variant *variants; /* TAGGED, ONEOF */
	const struct sim_conf_type *elem;        /* LIST, MAP */
	const struct sim_conf_type *key; /* MAP: NAME (if NULL), STRING or ENUM; keys stay text */
	const char *tag;                 /* TAGGED: the selecting key */
	size_t tag_offset;               /* TAGGED: where the variant's value goes (an enum) */

	/*
	 * STRUCT, TAGGED, ONEOF: how a bare scalar is read into *out (for ONEOF: if it names no
	 * variant). A type with this and without fields is a scalar of your own. Return 0, or -1
	 * with *why "what is wrong; what is allowed", static or from the arena.
	 */
	int (*scalar)(struct sim_arena *arena, const char *text, void *out, const char **why);
	const char *pattern; /* regular expression (ECMA) of such scalars, for the schema */
	const struct sim_conf_type *scalar_type; /* instead of pattern: they look like this type */
	const char *scalar_form; /* for the manual and the template: "a range such as 512..4KiB" */

	/*
	 * STRUCT: the field that a bare list is read into: "[a, b]" stands for "{name: [a, b]}".
	 * NULL: a list in its place is an error.
	 */
	const char *bare_list;

	/*
	 * STRUCT, TAGGED: called when all fields are read, for rules between fields. Return 0, or
	 * -1 after sim_conf_error_at(doc, &obj->field, err, ...).
	 */
	int (*check)(struct sim_conf_doc *doc, void *obj, struct sim_err *err);

	/*
	 * STRUCT, TAGGED: if set, the fields fill a struct of their own (size bytes), and this
	 * makes from it what lies in the C struct (out_size bytes), which may look quite different.
	 * The scalar hook writes the latter. Errors as in check.
	 */
	int (*convert)(struct sim_conf_doc *doc, void *parsed, void *out, struct sim_err *err);
	size_t out_size;
};

/* clang-format off */
#define SIM_CONF_STRUCT_TYPE(type_name, T, table, ...) { \
		.kind = SIM_CONF_STRUCT, .name = (type_name), .size = sizeof(T), \
		.fields = (table), __VA_ARGS__ \
	}
#define SIM_CONF_ONEOF_TYPE(type_name, table, ...) \
	{ .kind = SIM_CONF_ONEOF, .name = (type_name), .variants = (table), __VA_ARGS__ }
#define SIM_CONF_ENUM_TYPE(type_name, table, ...) \
	{ .kind = SIM_CONF_ENUM, .name = (type_name), .names = (table), __VA_ARGS__ }
#define SIM_CONF_FLAGS_TYPE(type_name, table, ...) \
	{ .kind = SIM_CONF_FLAGS, .name = (type_name), .names = (table), __VA_ARGS__ }
#define SIM_CONF_LIST_OF(elem_type, ...) \
	{ .kind = SIM_CONF_LIST, .name = "list", .elem = (elem_type), __VA_ARGS__ }
#define SIM_CONF_MAP_OF(elem_type, ...) \
	{ .kind = SIM_CONF_MAP, .name = "map", .elem = (elem_type), __VA_ARGS__ }
/* clang-format on */

/* Ready-made types. */
extern const struct sim_conf_type sim_conf_string, sim_conf_name, sim_conf_uint, sim_conf_size,
	sim_conf_time, sim_conf_rate, sim_conf_ratio, sim_conf_fraction, sim_conf_bool,
	sim_conf_name_list, sim_conf_string_list;

/* struct sim_law, initialised: a bare constant, or {law: uniform, min: 1ms, max: 3ms} and so on. */
extern const struct sim_conf_type sim_conf_time_law, sim_conf_size_law, sim_conf_uint_law;

/* Limits on hostile input. */
#define SIM_CONF_MAX_FILE    (16u << 20) /* bytes of one file */
#define SIM_CONF_MAX_FILES   64u         /* files read, by extends and include */
#define SIM_CONF_MAX_NESTING 8u          /* extends and include within each other */
#define SIM_CONF_MAX_DEPTH   64u         /* lists and maps within each other */
#define SIM_CONF_MAX_NODES   1000000u    /* scalars, lists and maps, copies by alias included */
#define SIM_CONF_MAX_ALIASES 1000u       /* aliases, and anchors */

struct sim_conf_opts {
	const char *const *overrides; /* "server.slots=4", "tasks.writer.0.write.len=1MiB" */
	size_t n_overrides;
	/*
	 * What stands for each of them in messages in place of file, line and column, such as
	 * "plan.yaml:5:40"; NULL: "-p" with the column of the override.
	 */
	const char *const *origins;
};

/*
 * Read a file ("-": standard input) with all that it extends and includes, and apply the overrides
 * in order. In a file's top map, `extends: FILE` and `include: FILE or [FILES]` (relative to the
 * file) are merged first, in this order, then the rest of the map: maps merge by key (but a map
 * that gives `law` replaces the whole), everything else is replaced. An override's value is YAML;
 * it replaces what is at the path, or adds it to a map. A key with dots is found as it stands, or
 * is written in double quotes. opts may be NULL. Returns NULL with the text in *err.
 */
struct sim_conf_doc *sim_conf_load(const char *path, const struct sim_conf_opts *opts,
				   struct sim_err *err);

/* The same from memory; name stands for the file in messages and gives the folder of includes. */
struct sim_conf_doc *sim_conf_load_text(const char *name, const char *text, size_t len,
					const struct sim_conf_opts *opts, struct sim_err *err);

/* Free the document and everything parsed from it. NULL is ignored. */
void sim_conf_free(struct sim_conf_doc *doc);

/*
 * Read the tree into a new zeroed C struct of the root type (STRUCT); it lives as long as doc.
 * Returns NULL with the text of the first error in *err. Call it once per document.
 */
void *sim_conf_parse(struct sim_conf_doc *doc, const struct sim_conf_type *root,
		     struct sim_err *err);

/* The memory of the document, for what is derived from it. */
struct sim_arena *sim_conf_arena(struct sim_conf_doc *doc);

/* The files that a document was read from, by number: its own, then what that names. NULL: no more.
 */
const char *sim_conf_source(const struct sim_conf_doc *doc, uint32_t i);

/* A position in a source. */
struct sim_conf_mark {
	const char *file; /* path as it was given or included; of an override "-p", its origin */
	uint32_t line, column; /* from 1; columns count characters */
};

/*
 * Where the value at p came from; p is the address of a parsed field, element, map key
 * (&map->keys[i]) or oneof. For a field that the file leaves out: the map that lacks it.
 */
#define sim_conf_mark(doc, p) sim_conf_mark_sized(doc, p, sizeof(*(p)))
struct sim_conf_mark sim_conf_mark_sized(const struct sim_conf_doc *doc, const void *p,
					 size_t size);

/* True if the file (or an override) gave the value at p, false if it is a default. */
#define sim_conf_given(doc, p) sim_conf_given_sized(doc, p, sizeof(*(p)))
bool sim_conf_given_sized(const struct sim_conf_doc *doc, const void *p, size_t size);

/*
 * Set *err to "file:line:column: offending text: MESSAGE" with line and caret, at the value p.
 * MESSAGE says what is wrong, a semicolon, what is allowed. Returns -1.
 */
#define sim_conf_error_at(doc, p, err, ...) \
	sim_conf_error_sized(doc, p, sizeof(*(p)), err, __VA_ARGS__)
int sim_conf_error_sized(const struct sim_conf_doc *doc, const void *p, size_t size,
			 struct sim_err *err, const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));

/*
 * "; did you mean 'X'?" for a name that is near s, else "; allowed: A, B, C", cut when long.
 * For errors of your own about names of files, tasks and labels. Appends to out.
 */
void sim_conf_hint(struct sim_buf *out, const char *s, const char *const *names, size_t n);

/* The effective document as YAML text: everything merged and overridden. Reading it gives the same.
 */
void sim_conf_dump(const struct sim_conf_doc *doc, struct sim_buf *out);

/* JSON Schema (draft-07) of a root type. title: of the schema. */
void sim_conf_schema(const struct sim_conf_type *root, const char *title, struct sim_buf *out);

/* The part of a manual page (scdoc) that lists all types and fields reachable from root. */
void sim_conf_man(const struct sim_conf_type *root, struct sim_buf *out);

/*
 * A commented file to start from: fields of the root with their examples, those without one as
 * comments with their defaults. It is a valid document of the root type.
 */
void sim_conf_template(const struct sim_conf_type *root, struct sim_buf *out);

/*
 * Check the tables themselves: sizes of members, defaults and examples that can be read, doc
 * sentences, unique names. For a unit test of each root type. Returns 0, or -1 with the text.
 */
int sim_conf_selftest(const struct sim_conf_type *root, struct sim_err *err);

#endif
