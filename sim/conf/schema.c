/* SPDX-License-Identifier: GPL-2.0-or-later */
/* JSON Schema (draft-07) from the tables. */
#include "sim/conf/tree.h"

#include <string.h>

#include "sim/base/arena.h"

#define NUMBER_PATTERN "(0x[0-9a-fA-F]+|[0-9]+)"

/* A JSON text in the making. Values of an object have a key, those of an array NULL. */
struct json {
	struct sim_buf *out;
	unsigned depth;
	bool more; /* the innermost object or array has a value already */
};

static void put_value(struct json *j, const struct sim_conf_type *type, uint64_t min, uint64_t max);

static void put_string(struct sim_buf *b, const char *s)
{
	sim_buf_putc(b, '"');
	for (; *s; s++) {
		if (*s == '"' || *s == '\\')
			sim_buf_printf(b, "\\%c", *s);
		else if ((unsigned char)*s < 0x20)
			sim_buf_printf(b, "\\u%04x", (unsigned)*s);
		else
			sim_buf_putc(b, *s);
	}
	sim_buf_putc(b, '"');
}

static void begin(struct json *j, const char *key)
{
	if (j->depth)
		sim_buf_printf(j->out, "%s\n%*s", j->more ? "," : "", (int)j->depth * 2, "");
	j->more = true;
	if (key) {
		put_string(j->out, key);
		sim_buf_puts(j->out, ": ");
	}
}

static void open_with(struct json *j, const char *key, char bracket)
{
	begin(j, key);
	sim_buf_putc(j->out, bracket);
	j->depth++;
	j->more = false;
}

static void close_with(struct json *j, char bracket)
{
	j->depth--;
	if (j->more)
		sim_buf_printf(j->out, "\n%*s", (int)j->depth * 2, "");
	sim_buf_putc(j->out, bracket);
	j->more = true;
}

static void string(struct json *j, const char *key, const char *value)
{
	begin(j, key);
	put_string(j->out, value);
}

static void raw(struct json *j, const char *key, const char *value)
{
	begin(j, key);
	sim_buf_puts(j->out, value);
}

static void number(struct json *j, const char *key, uint64_t value)
{
	begin(j, key);
	sim_buf_dec(j->out, value);
}

/* --- Scalars: as they are written, and as YAML readers that guess types see them --- */

/* Integers, and texts of a pattern. */
static void number_or(struct json *j, uint64_t min, uint64_t max, const char *pattern)
{
	open_with(j, "anyOf", '[');
	open_with(j, NULL, '{');
	string(j, "type", "integer");
	number(j, "minimum", min);
	number(j, "maximum", max ? max : UINT64_MAX);
	close_with(j, '}');
	open_with(j, NULL, '{');
	string(j, "type", "string");
	string(j, "pattern", pattern);
	close_with(j, '}');
	close_with(j, ']');
}

static void any_text(struct json *j)
{
	raw(j, "type", "[\"string\", \"number\", \"boolean\"]");
}

static void put_scalar(struct json *j, const struct sim_conf_type *type, uint64_t min, uint64_t max)
{
	switch (type->kind) {
	case SIM_CONF_STRING:
		any_text(j);
		if (min)
			number(j, "minLength", min);
		number(j, "maxLength", max ? max : 4096);
		break;
	case SIM_CONF_NAME:
		any_text(j);
		string(j, "pattern", "^[A-Za-z0-9_-]+$");
		number(j, "maxLength", max ? max : 64);
		break;
	case SIM_CONF_UINT:
		number_or(j, min, max, "^" NUMBER_PATTERN "$");
		break;
	case SIM_CONF_SIZE:
		number_or(j, min, max, "^" NUMBER_PATTERN "(B|KiB|MiB|GiB|TiB)?$");
		break;
	case SIM_CONF_TIME:
		raw(j, "anyOf",
		    "[{\"const\": 0}, {\"type\": \"string\", \"pattern\": "
		    "\"^([0-9]+(ns|us|ms|s|min)|0+)$\"}]");
		break;
	case SIM_CONF_RATE:
		string(j, "type", "string");
		string(j, "pattern", "^" NUMBER_PATTERN "(B|KiB|MiB|GiB|TiB)?/s$");
		break;
	case SIM_CONF_RATIO:
		number_or(j, 0, 1, "^[0-9]+(/[0-9]+)?$");
		break;
	case SIM_CONF_FRACTION:
		raw(j, "anyOf",
		    "[{\"type\": \"number\", \"minimum\": 0}, {\"type\": \"string\", "
		    "\"pattern\": \"^[0-9]+([/.][0-9]+)?$\"}]");
		break;
	default: /* SIM_CONF_BOOL */
		raw(j, "enum", "[true, false, \"true\", \"false\"]");
	}
}

/* Text that YAML readers take for a number: digits, at most one point. */
static bool looks_numeric(const char *s)
{
	unsigned points = 0;

	if (*s < '0' || *s > '9')
		return false;
	for (; *s; s++) {
		if (*s == '.' && s[1])
			points++;
		else if (*s < '0' || *s > '9')
			return false;
	}
	return points <= 1;
}

/* A name, and what YAML readers may make of it. */
static void put_name(struct json *j, const char *name)
{
	static const char *const yes[] = {"true", "on", "yes"}, *const no[] = {"false", "off",
									       "no"};

	string(j, NULL, name);
	if (looks_numeric(name))
		raw(j, NULL, name);
	for (size_t i = 0; i < 3; i++) {
		if (!strcmp(name, yes[i]))
			raw(j, NULL, "true");
		if (!strcmp(name, no[i]))
			raw(j, NULL, "false");
	}
}

static void put_names(struct json *j, const struct sim_conf_type *type)
{
	open_with(j, "enum", '[');
	for (const struct sim_conf_name *n = type->names; n->name; n++) {
		if (!n->refused)
			put_name(j, n->name);
	}
	close_with(j, ']');
}

/* --- References --- */

static void type_id(const struct sim_conf_type *type, struct sim_buf *b)
{
	for (const char *p = type->name; *p; p++)
		sim_buf_putc(b, *p == ' ' ? '_' : *p);
}

static void reference(struct json *j, const struct sim_conf_type *type)
{
	struct sim_buf b = {0};

	sim_buf_puts(&b, "#/definitions/");
	type_id(type, &b);
	string(j, "$ref", b.data);
	sim_buf_free(&b);
}

static void item(struct json *j, const char *key, const struct sim_conf_type *type)
{
	open_with(j, key, '{');
	if (conf_has_name(type))
		reference(j, type);
	else
		put_value(j, type, type->min, type->max);
	close_with(j, '}');
}

/* --- Structs and the like --- */

static void put_field(struct json *j, const struct sim_conf_field *f)
{
	bool own_range = f->max != 0;

	open_with(j, f->name, '{');
	if (f->doc)
		string(j, "description", f->doc);
	if (f->def && strchr("{[", f->def[0]) == NULL) {
		if (looks_numeric(f->def) || f->type->kind == SIM_CONF_BOOL)
			raw(j, "default", f->def);
		else
			string(j, "default", f->def);
	}
	if (conf_has_name(f->type)) {
		open_with(j, "allOf", '[');
		item(j, NULL, f->type);
		close_with(j, ']');
	} else {
		put_value(j, f->type, own_range ? f->min : f->type->min,
			  own_range ? f->max : f->type->max);
	}
	close_with(j, '}');
}

static void put_required(struct json *j, const struct sim_conf_type *type, const char *tag)
{
	open_with(j, "required", '[');
	if (tag)
		string(j, NULL, tag);
	for (const struct sim_conf_field *f = type->fields; f->name; f++) {
		if (f->flags & SIM_CONF_REQUIRED)
			string(j, NULL, f->name);
	}
	close_with(j, ']');
}

static bool has_required(const struct sim_conf_type *type)
{
	for (const struct sim_conf_field *f = type->fields; f->name; f++) {
		if (f->flags & SIM_CONF_REQUIRED)
			return true;
	}
	return false;
}

/* The properties of a map of fields; tag_value: of the variant of a TAGGED type, or NULL. */
static void put_properties(struct json *j, const struct sim_conf_type *type, const char *tag,
			   const char *tag_value, bool root)
{
	string(j, "type", "object");
	raw(j, "additionalProperties", "false");
	open_with(j, "properties", '{');
	if (root) {
		raw(j, "extends",
		    "{\"type\": \"string\", \"description\": "
		    "\"File whose fields are taken where this one gives none.\"}");
		raw(j, "include",
		    "{\"type\": [\"string\", \"array\"], \"items\": {\"type\": \"string\"}, "
		    "\"description\": \"Files merged below this one, in order.\"}");
	}
	if (tag) {
		open_with(j, tag, '{');
		open_with(j, "enum", '[');
		put_name(j, tag_value);
		close_with(j, ']');
		close_with(j, '}');
	}
	for (const struct sim_conf_field *f = type->fields; f->name; f++) {
		if (!f->refused)
			put_field(j, f);
	}
	close_with(j, '}');
	if (!root && (tag || has_required(type)))
		put_required(j, type, tag);
}

/* A file that extends another may leave to it what is required. */
static void put_root_required(struct json *j, const struct sim_conf_type *type)
{
	open_with(j, "anyOf", '[');
	open_with(j, NULL, '{');
	put_required(j, type, NULL);
	close_with(j, '}');
	raw(j, NULL, "{\"required\": [\"extends\"]}");
	raw(j, NULL, "{\"required\": [\"include\"]}");
	close_with(j, ']');
}

static void put_scalar_form(struct json *j, const struct sim_conf_type *type)
{
	open_with(j, NULL, '{');
	if (type->scalar_type) {
		put_value(j, type->scalar_type, type->scalar_type->min, type->scalar_type->max);
	} else {
		any_text(j);
		if (type->pattern)
			string(j, "pattern", type->pattern);
	}
	close_with(j, '}');
}

static void put_struct(struct json *j, const struct sim_conf_type *type)
{
	if (!type->scalar && !type->bare_list) {
		put_properties(j, type, NULL, NULL, false);
		return;
	}
	open_with(j, "anyOf", '[');
	if (type->scalar)
		put_scalar_form(j, type);
	for (const struct sim_conf_field *f = type->fields; type->bare_list && f->name; f++) {
		if (!strcmp(f->name, type->bare_list))
			item(j, NULL, f->type);
	}
	if (type->fields) {
		open_with(j, NULL, '{');
		put_properties(j, type, NULL, NULL, false);
		close_with(j, '}');
	}
	close_with(j, ']');
}

static void put_tagged(struct json *j, const struct sim_conf_type *type)
{
	open_with(j, "anyOf", '[');
	if (type->scalar)
		put_scalar_form(j, type);
	for (const struct sim_conf_variant *v = type->variants; v->name; v++) {
		if (v->refused)
			continue;
		open_with(j, NULL, '{');
		if (v->doc)
			string(j, "description", v->doc);
		put_properties(j, v->type, type->tag, v->name, false);
		close_with(j, '}');
	}
	close_with(j, ']');
}

/* Variants that may be written as a bare name. */
static void put_bare(struct json *j, const struct sim_conf_type *type)
{
	unsigned n = 0;

	for (const struct sim_conf_variant *v = type->variants; v->name; v++)
		n += !v->refused && (!v->type || conf_may_be_empty(v->type));
	if (!n)
		return;
	open_with(j, NULL, '{');
	open_with(j, "enum", '[');
	for (const struct sim_conf_variant *v = type->variants; v->name; v++) {
		if (!v->refused && (!v->type || conf_may_be_empty(v->type)))
			put_name(j, v->name);
	}
	close_with(j, ']');
	close_with(j, '}');
}

static void put_oneof(struct json *j, const struct sim_conf_type *type)
{
	open_with(j, "anyOf", '[');
	if (type->scalar)
		put_scalar_form(j, type);
	put_bare(j, type);
	open_with(j, NULL, '{');
	string(j, "type", "object");
	number(j, "minProperties", 1);
	number(j, "maxProperties", 1);
	raw(j, "additionalProperties", "false");
	open_with(j, "properties", '{');
	for (const struct sim_conf_variant *v = type->variants; v->name; v++) {
		if (v->refused)
			continue;
		open_with(j, v->name, '{');
		if (v->doc)
			string(j, "description", v->doc);
		if (v->type) {
			open_with(j, "allOf", '[');
			item(j, NULL, v->type);
			close_with(j, ']');
		} else {
			raw(j, "type", "\"object\", \"maxProperties\": 0");
		}
		close_with(j, '}');
	}
	close_with(j, '}');
	close_with(j, '}');
	close_with(j, ']');
}

static void put_list(struct json *j, const struct sim_conf_type *type, uint64_t min, uint64_t max)
{
	string(j, "type", "array");
	if (min)
		number(j, "minItems", min);
	if (max)
		number(j, "maxItems", max);
	item(j, "items", type->elem);
}

static void put_map(struct json *j, const struct sim_conf_type *type, uint64_t min, uint64_t max)
{
	string(j, "type", "object");
	if (min)
		number(j, "minProperties", min);
	if (max)
		number(j, "maxProperties", max);
	item(j, "propertyNames", type->key ? type->key : &sim_conf_name);
	item(j, "additionalProperties", type->elem);
}

/* One name, or a list of names. */
static void put_flags(struct json *j, const struct sim_conf_type *type)
{
	open_with(j, "anyOf", '[');
	open_with(j, NULL, '{');
	put_names(j, type);
	close_with(j, '}');
	open_with(j, NULL, '{');
	string(j, "type", "array");
	raw(j, "uniqueItems", "true");
	open_with(j, "items", '{');
	put_names(j, type);
	close_with(j, '}');
	close_with(j, '}');
	close_with(j, ']');
}

/* The members of the schema object of a type, which is open. */
static void put_value(struct json *j, const struct sim_conf_type *type, uint64_t min, uint64_t max)
{
	switch (type->kind) {
	case SIM_CONF_STRUCT:
		put_struct(j, type);
		break;
	case SIM_CONF_TAGGED:
		put_tagged(j, type);
		break;
	case SIM_CONF_ONEOF:
		put_oneof(j, type);
		break;
	case SIM_CONF_LIST:
		put_list(j, type, min, max);
		break;
	case SIM_CONF_MAP:
		put_map(j, type, min, max);
		break;
	case SIM_CONF_ENUM:
		put_names(j, type);
		break;
	case SIM_CONF_FLAGS:
		put_flags(j, type);
		break;
	default:
		put_scalar(j, type, min, max);
	}
}

void sim_conf_schema(const struct sim_conf_type *root, const char *title, struct sim_buf *out)
{
	struct json j = {.out = out};
	struct conf_types t = {0};

	conf_collect(&t, root);
	open_with(&j, NULL, '{');
	string(&j, "$schema", "http://json-schema.org/draft-07/schema#");
	string(&j, "title", title);
	put_properties(&j, root, NULL, NULL, true);
	put_root_required(&j, root);
	open_with(&j, "definitions", '{');
	for (size_t i = 1; i < t.n; i++) {
		struct sim_buf id = {0};

		type_id(t.types[i], &id);
		open_with(&j, id.data, '{');
		if (t.types[i]->doc)
			string(&j, "description", t.types[i]->doc);
		put_value(&j, t.types[i], t.types[i]->min, t.types[i]->max);
		close_with(&j, '}');
		sim_buf_free(&id);
	}
	close_with(&j, '}');
	close_with(&j, '}');
	sim_buf_putc(out, '\n');
	sim_xfree(t.types);
}
