/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Scalars: from text to typed values. */
#include "sim/conf/tree.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "sim/base/arena.h"
#include "sim/base/math.h"

#define STRING_MAX   4096
#define NAME_MAX_LEN 64
#define FRACTION_MAX 9 /* digits after the point */

const struct sim_conf_type sim_conf_string = {.kind = SIM_CONF_STRING, .name = "text"};
const struct sim_conf_type sim_conf_name = {.kind = SIM_CONF_NAME, .name = "name"};
const struct sim_conf_type sim_conf_uint = {.kind = SIM_CONF_UINT, .name = "number"};
const struct sim_conf_type sim_conf_size = {.kind = SIM_CONF_SIZE, .name = "size"};
const struct sim_conf_type sim_conf_time = {.kind = SIM_CONF_TIME, .name = "time"};
const struct sim_conf_type sim_conf_rate = {.kind = SIM_CONF_RATE, .name = "rate"};
const struct sim_conf_type sim_conf_ratio = {.kind = SIM_CONF_RATIO, .name = "ratio"};
const struct sim_conf_type sim_conf_fraction = {.kind = SIM_CONF_FRACTION, .name = "fraction"};
const struct sim_conf_type sim_conf_bool = {.kind = SIM_CONF_BOOL, .name = "bool"};
const struct sim_conf_type sim_conf_name_list = SIM_CONF_LIST_OF(&sim_conf_name);
const struct sim_conf_type sim_conf_string_list = SIM_CONF_LIST_OF(&sim_conf_string);

static const struct {
	size_t size;
	const char *expected;
} kinds[] = {
	[SIM_CONF_STRING] = {sizeof(const char *), "text"},
	[SIM_CONF_NAME] = {sizeof(const char *), "a name"},
	[SIM_CONF_UINT] = {sizeof(uint64_t), "a number"},
	[SIM_CONF_SIZE] = {sizeof(uint64_t), "a size"},
	[SIM_CONF_TIME] = {sizeof(uint64_t), "a time"},
	[SIM_CONF_RATE] = {sizeof(uint64_t), "a rate"},
	[SIM_CONF_RATIO] = {sizeof(struct sim_conf_ratio), "a ratio"},
	[SIM_CONF_FRACTION] = {sizeof(struct sim_conf_ratio), "a fraction"},
	[SIM_CONF_BOOL] = {sizeof(bool), "true or false"},
	[SIM_CONF_ENUM] = {sizeof(int), "one of a few names"},
	[SIM_CONF_FLAGS] = {sizeof(uint64_t), "a name or a list of names"},
	[SIM_CONF_STRUCT] = {0, "a map of fields"},
	[SIM_CONF_TAGGED] = {0, "a map of fields"},
	[SIM_CONF_ONEOF] = {sizeof(struct sim_conf_oneof), "a name or a map with one key"},
	[SIM_CONF_LIST] = {sizeof(struct sim_conf_list), "a list"},
	[SIM_CONF_MAP] = {sizeof(struct sim_conf_map), "a map of names"},
};

size_t conf_type_size(const struct sim_conf_type *type)
{
	if (type->convert)
		return type->out_size;
	return kinds[type->kind].size ? kinds[type->kind].size : type->size;
}

bool conf_is_scalar(enum sim_conf_kind kind)
{
	return kind <= SIM_CONF_ENUM;
}

const char *conf_expected(const struct sim_conf_type *type)
{
	if (type->scalar_form)
		return type->scalar_form;
	return kinds[type->kind].expected;
}

const char *conf_format(const struct sim_conf_type *type, uint64_t v, char buf[48])
{
	char unit[32];

	if (type->kind == SIM_CONF_SIZE)
		snprintf(buf, 48, "%s", sim_format_size(unit, v));
	else if (type->kind == SIM_CONF_TIME)
		snprintf(buf, 48, "%s", sim_format_time(unit, v));
	else if (type->kind == SIM_CONF_RATE)
		snprintf(buf, 48, "%s/s", sim_format_size(unit, v));
	else
		snprintf(buf, 48, "%llu", (unsigned long long)v);
	return buf;
}

int conf_refuse_null(const struct sim_conf_doc *doc, const struct conf_node *node,
		     const char *expected, struct sim_err *err)
{
	static const char *const nulls[] = {"~", "null", "Null", "NULL"};

	if (node->kind != CONF_SCALAR || node->quoted)
		return 0;
	if (!*node->text)
		return conf_error(doc, node, err, "has no value; %s is expected", expected);
	for (size_t i = 0; i < SIM_ARRAY_SIZE(nulls); i++) {
		if (!strcmp(node->text, nulls[i]))
			return conf_error(doc, node, err, "null has no meaning; %s is expected",
					  expected);
	}
	return 0;
}

static int check_range(const struct sim_conf_doc *doc, const struct conf_node *node,
		       const struct sim_conf_type *type, uint64_t v, uint64_t min, uint64_t max,
		       struct sim_err *err)
{
	char lo[48], hi[48];

	if (v >= min && v <= max)
		return 0;
	if (max == UINT64_MAX)
		return conf_error(doc, node, err, "is below the least; %s and more is allowed",
				  conf_format(type, min, lo));
	return conf_error(doc, node, err, "is out of range; %s to %s is allowed",
			  conf_format(type, min, lo), conf_format(type, max, hi));
}

/* UINT, SIZE, TIME, RATE. */
static int parse_number(struct sim_conf_doc *doc, const struct conf_node *node,
			const struct sim_conf_type *type, uint64_t min, uint64_t max, uint64_t *v,
			struct sim_err *err)
{
	const char *why;
	int ret;

	if (type->kind == SIM_CONF_UINT)
		ret = sim_parse_uint(node->text, v, &why);
	else if (type->kind == SIM_CONF_SIZE)
		ret = sim_parse_size(node->text, v, &why);
	else if (type->kind == SIM_CONF_TIME)
		ret = sim_parse_time(node->text, v, &why);
	else
		ret = sim_parse_rate(node->text, v, &why);
	if (ret)
		return conf_error(doc, node, err, "%s", why);
	return check_range(doc, node, type, *v, min, max ? max : UINT64_MAX, err);
}

/* "12.050" as 12050/1000; false if it is no decimal. */
static bool parse_decimal(const char *s, struct sim_conf_ratio *r)
{
	const char *point = strchr(s, '.');
	size_t digits = point ? strlen(point + 1) : 0;
	char text[32];
	const char *why;

	if (!point || point == s || !digits || digits > FRACTION_MAX || strlen(s) >= sizeof(text))
		return false;
	for (const char *p = s; *p; p++) {
		if ((*p < '0' || *p > '9') && p != point)
			return false;
	}
	memcpy(text, s, (size_t)(point - s));
	strcpy(text + (point - s), point + 1);
	r->den = 1;
	while (digits--)
		r->den *= 10;
	return !sim_parse_uint(text, &r->num, &why);
}

/* n/m without the bound of a ratio. */
static bool parse_quotient(const char *s, struct sim_conf_ratio *r)
{
	const char *slash = strchr(s, '/');
	char num[24] = "";
	const char *why;

	r->den = 1;
	if (!slash)
		return !strchr(s, 'x') && !sim_parse_uint(s, &r->num, &why);
	if ((size_t)(slash - s) >= sizeof(num) || strchr(s, 'x'))
		return false;
	memcpy(num, s, (size_t)(slash - s));
	return !sim_parse_uint(num, &r->num, &why) && !sim_parse_uint(slash + 1, &r->den, &why) &&
	       r->den;
}

static int parse_ratio(struct sim_conf_doc *doc, const struct conf_node *node,
		       const struct sim_conf_type *type, struct sim_conf_ratio *r,
		       struct sim_err *err)
{
	const char *why;

	if (type->kind == SIM_CONF_RATIO)
		return sim_parse_ratio(node->text, &r->num, &r->den, &why)
			       ? conf_error(doc, node, err, "%s", why)
			       : 0;
	if (parse_decimal(node->text, r) || parse_quotient(node->text, r))
		return 0;
	return conf_error(
		doc, node, err,
		"it is not a fraction; write n/m as 3/2, a whole number, or a decimal with at "
		"most 9 places as 0.99");
}

static int parse_bool(struct sim_conf_doc *doc, const struct conf_node *node, bool *v,
		      struct sim_err *err)
{
	*v = !strcmp(node->text, "true");
	if (*v || !strcmp(node->text, "false"))
		return 0;
	return conf_error(doc, node, err, "it is neither true nor false; write true or false");
}

static int parse_string(struct sim_conf_doc *doc, const struct conf_node *node,
			const struct sim_conf_type *type, uint64_t min, uint64_t max,
			const char **out, struct sim_err *err)
{
	bool is_name = type->kind == SIM_CONF_NAME;
	size_t len = strlen(node->text);

	if (!max)
		max = is_name ? NAME_MAX_LEN : STRING_MAX;
	if (is_name && !min)
		min = 1;
	if (len < min)
		return conf_error(doc, node, err, "is too short; %llu bytes or more are allowed",
				  (unsigned long long)min);
	if (len > max)
		return conf_error(doc, node, err, "is too long; at most %llu bytes are allowed",
				  (unsigned long long)max);
	for (const char *p = node->text; is_name && *p; p++) {
		bool alnum = (*p >= '0' && *p <= '9') || (*p >= 'a' && *p <= 'z') ||
			     (*p >= 'A' && *p <= 'Z');

		if (!alnum && *p != '_' && *p != '-')
			return conf_error(
				doc, node, err,
				"it is not a name; letters, digits, '_' and '-' are allowed");
	}
	*out = node->text;
	return 0;
}

/* The row of a name; an error with a hint if there is none. */
static int parse_name_of(struct sim_conf_doc *doc, const struct conf_node *node,
			 const struct sim_conf_type *type, uint64_t *v, struct sim_err *err)
{
	const char *names[CONF_NAMES_MAX];
	struct sim_buf hint = {0};
	size_t n = 0;

	for (const struct sim_conf_name *row = type->names; row->name; row++) {
		if (strcmp(row->name, node->text)) {
			if (!row->refused && n < SIM_ARRAY_SIZE(names))
				names[n++] = row->name;
			continue;
		}
		if (row->refused)
			return conf_error(doc, node, err, "this %s is not accepted; %s", type->name,
					  row->refused);
		*v = row->value;
		return 0;
	}
	sim_conf_hint(&hint, node->text, names, n);
	conf_error(doc, node, err, "unknown %s%s", type->name, hint.data);
	sim_buf_free(&hint);
	return -1;
}

static int parse_enum(struct sim_conf_doc *doc, const struct conf_node *node,
		      const struct sim_conf_type *type, void *out, struct sim_err *err)
{
	uint64_t v;
	int value;

	if (parse_name_of(doc, node, type, &v, err))
		return -1;
	value = (int)v;
	memcpy(out, &value, sizeof(value));
	return 0;
}

/* Also used for the items of FLAGS: *out is then the mask of one name. */
int conf_parse_scalar(struct sim_conf_doc *doc, const struct conf_node *node,
		      const struct sim_conf_type *type, uint64_t min, uint64_t max, void *out,
		      struct sim_err *err)
{
	if (node->kind != CONF_SCALAR)
		return conf_error(doc, node, err, "is a %s; %s is expected",
				  node->kind == CONF_LIST ? "list" : "map", conf_expected(type));
	if (conf_refuse_null(doc, node, conf_expected(type), err))
		return -1;
	switch (type->kind) {
	case SIM_CONF_STRING:
	case SIM_CONF_NAME:
		return parse_string(doc, node, type, min, max, out, err);
	case SIM_CONF_UINT:
	case SIM_CONF_SIZE:
	case SIM_CONF_TIME:
	case SIM_CONF_RATE:
		return parse_number(doc, node, type, min, max, out, err);
	case SIM_CONF_RATIO:
	case SIM_CONF_FRACTION:
		return parse_ratio(doc, node, type, out, err);
	case SIM_CONF_BOOL:
		return parse_bool(doc, node, out, err);
	case SIM_CONF_ENUM:
		return parse_enum(doc, node, type, out, err);
	case SIM_CONF_FLAGS:
		return parse_name_of(doc, node, type, out, err);
	default:
		assert(!"a scalar type");
		return -1;
	}
}
