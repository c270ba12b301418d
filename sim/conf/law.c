/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The laws as a type of the tables, for times, sizes and plain numbers. */
#include "sim/conf/conf.h"

#include "sim/base/arena.h"

/* What the fields fill; law_convert() makes a struct sim_law of it. */
struct conf_law {
	enum sim_law_kind kind;
	uint64_t value, min, max, items;
	struct sim_conf_ratio shape;
	struct sim_conf_list quantiles; /* uint64_t */
	struct sim_conf_list at;        /* struct sim_conf_ratio */
};

static int law_convert(struct sim_conf_doc *doc, void *parsed, void *out, struct sim_err *err)
{
	const struct conf_law *c = parsed;
	struct sim_law *law = out;
	const char *why;

	if (c->kind == SIM_LAW_TABLE && c->at.n && c->at.n != c->quantiles.n)
		return sim_conf_error_at(doc, &c->at, err,
					 "has %zu positions for %zu values; one for each is needed",
					 c->at.n, c->quantiles.n);
	law->kind = c->kind;
	law->value = c->value;
	law->min = c->min;
	law->max = c->max;
	law->items = c->items;
	law->shape_num = c->shape.num;
	law->shape_den = c->shape.den;
	law->points = (uint32_t)c->quantiles.n;
	law->quantile = c->quantiles.items;
	law->at = c->at.items; /* a ratio is two numbers: num, den */
	if (!sim_law_init(law, sim_conf_arena(doc), &why))
		return 0;
	return sim_conf_error_at(doc, c, err, "%s", why);
}

_Static_assert(sizeof(struct sim_conf_ratio) == 2 * sizeof(uint64_t),
	       "positions of struct sim_law");

static const struct sim_conf_type position_list = SIM_CONF_LIST_OF(&sim_conf_ratio);

/* clang-format off */
#define SHAPE(key, text, like) \
	SIM_CONF_FIELD_AS(struct conf_law, shape, key, &sim_conf_fraction, .doc = text, \
			  .flags = SIM_CONF_REQUIRED, .example = like)
#define NUMBER(member, key, type, text, like) \
	SIM_CONF_FIELD_AS(struct conf_law, member, key, type, .doc = text, \
			  .flags = SIM_CONF_REQUIRED, .example = like)
#define CUT(type) \
	SIM_CONF_FIELD(struct conf_law, max, type, \
		       .doc = "Larger values are cut to this one; without it nothing is cut.")
#define LAW(unit, law, ...) \
	static const struct sim_conf_field unit##_##law##_fields[] = { __VA_ARGS__, {0} }; \
	static const struct sim_conf_type unit##_##law##_type = SIM_CONF_STRUCT_TYPE( \
		#unit " law " #law, struct conf_law, unit##_##law##_fields)
#define VARIANT(unit, law, kind, text) { #law, SIM_LAW_##kind, &unit##_##law##_type, text }

/* One set of tables for each unit; low and high are examples of its values. */
#define LAW_TABLES(unit, type, low, high) \
	static const struct sim_conf_type unit##_list = \
		SIM_CONF_LIST_OF(type, .min = 2, .max = 4096); \
	LAW(unit, constant, \
		NUMBER(value, "value", type, "The value.", low)); \
	LAW(unit, uniform, \
		NUMBER(min, "min", type, "The least value.", low), \
		NUMBER(max, "max", type, "The largest value.", high)); \
	LAW(unit, exponential, \
		NUMBER(value, "mean", type, "The mean.", low), \
		CUT(type)); \
	LAW(unit, lognormal, \
		NUMBER(value, "median", type, "Half of the values lie below.", low), \
		SHAPE("sigma", "Standard deviation of the logarithm: 0 to 8.", "1/2"), \
		CUT(type)); \
	LAW(unit, pareto, \
		NUMBER(value, "least", type, "The least value.", low), \
		SHAPE("alpha", "Tail: P(X > x) = (least / x)^alpha, 1/100 to 100.", "3/2"), \
		CUT(type)); \
	LAW(unit, zipf, \
		NUMBER(items, "items", &sim_conf_uint, "Ranks are 0 to items - 1.", "1000"), \
		SHAPE("theta", "Rank r has a weight of (r + 1)^-theta: 0 to 8.", "0.99")); \
	LAW(unit, table, \
		NUMBER(quantiles, "values", &unit##_list, \
		       "Values at given shares of all draws, in rising order.", \
		       "[" low ", " high "]"), \
		SIM_CONF_FIELD(struct conf_law, at, &position_list, \
			       .doc = "The shares, 0 to 1, 1/2 for the median; even if left out.")); \
	static const struct sim_conf_variant unit##_laws[] = { \
		VARIANT(unit, constant, CONSTANT, "Always the same."), \
		VARIANT(unit, uniform, UNIFORM, "Every value from min to max alike."), \
		VARIANT(unit, exponential, EXPONENTIAL, "Times between independent events."), \
		VARIANT(unit, lognormal, LOGNORMAL, "Most near the median, some much larger."), \
		VARIANT(unit, pareto, PARETO, "A heavy tail."), \
		VARIANT(unit, zipf, ZIPF, "Ranks, the first the most frequent."), \
		VARIANT(unit, table, TABLE, "Measured quantiles, straight lines between."), \
		{0}, \
	}; \
	static int unit##_scalar(struct sim_arena *arena, const char *text, void *out, \
				 const char **why) \
	{ \
		return sim_parse_##unit(text, &((struct sim_law *)out)->value, why); \
	} \
	const struct sim_conf_type sim_conf_##unit##_law = { \
		.kind = SIM_CONF_TAGGED, \
		.name = #unit " law", \
		.doc = "How a " #unit " is drawn: a constant, or a law with its figures.", \
		.size = sizeof(struct conf_law), \
		.out_size = sizeof(struct sim_law), \
		.convert = law_convert, \
		.variants = unit##_laws, \
		.tag = "law", \
		.tag_offset = offsetof(struct conf_law, kind), \
		.scalar = unit##_scalar, \
		.scalar_type = type, \
		.scalar_form = "a constant " #unit " or a map with 'law'", \
	}
/* clang-format on */

LAW_TABLES(time, &sim_conf_time, "1ms", "2ms");
LAW_TABLES(size, &sim_conf_size, "4KiB", "64KiB");
LAW_TABLES(uint, &sim_conf_uint, "1", "10");
