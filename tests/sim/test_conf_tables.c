/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of sim/conf: the check of the tables, and the manual and template made from them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "sim/base/math.h"
#include "tests/sim/conf_sample.h"

static void test_selftest_passes(void **state)
{
	struct sim_err err = {0};

	if (sim_conf_selftest(&sample_type, &err))
		fail_msg("%s", err.text);
}

struct wrong {
	uint64_t n, m;
	const char *s;
};

/* Expect the check of a struct with these fields to fail with this text. */
static void expect_wrong(const struct sim_conf_field *fields, const char *text)
{
	const struct sim_conf_type type =
		SIM_CONF_STRUCT_TYPE("wrong", struct wrong, fields, .doc = "A struct.");
	struct sim_err err = {0};

	assert_int_equal(sim_conf_selftest(&type, &err), -1);
	err.text[strcspn(err.text, "\n")] = '\0';
	assert_string_equal(err.text, text);
}

#define N(...) SIM_CONF_FIELD(struct wrong, n, &sim_conf_uint, __VA_ARGS__)

static void test_selftest_fields(void **state)
{
	const struct sim_conf_field no_doc[] = {N(.def = "1"), {0}};
	const struct sim_conf_field no_type[] = {SIM_CONF_FIELD(struct wrong, n, NULL, .doc = "X."),
						 {0}};
	const struct sim_conf_type of_nothing = SIM_CONF_LIST_OF(NULL);
	const struct sim_conf_field no_elem[] = {
		SIM_CONF_FIELD(struct wrong, n, &of_nothing, .doc = "X."), {0}};
	const struct sim_conf_field size[] = {
		SIM_CONF_FIELD(struct wrong, n, &sim_conf_bool, .doc = "X."), {0}};
	const struct sim_conf_field outside[] = {{.name = "n",
						  .type = &sim_conf_uint,
						  .offset = sizeof(struct wrong),
						  .size = 8,
						  .doc = "X."},
						 {0}};
	const struct sim_conf_field no_example[] = {N(.flags = SIM_CONF_REQUIRED, .doc = "X."),
						    {0}};
	const struct sim_conf_field both[] = {
		N(.flags = SIM_CONF_REQUIRED, .doc = "X.", .example = "1", .def = "1"), {0}};
	const struct sim_conf_field twice[] = {N(.doc = "X."), N(.doc = "Y."), {0}};
	const struct sim_conf_field bad_default[] = {N(.doc = "X.", .def = "1KiB"), {0}};
	const struct sim_conf_field out_of_range[] = {
		N(.doc = "X.", .def = "9", .min = 1, .max = 4), {0}};
	const struct sim_conf_field bad_example[] = {N(.doc = "X.", .example = "[1]"), {0}};

	expect_wrong(no_doc, "type 'wrong', 'n': has no doc sentence");
	expect_wrong(no_type, "type 'wrong', 'n': has no type");
	expect_wrong(no_elem, "type 'wrong', 'n': has no type");
	expect_wrong(size, "type 'wrong', 'n': the C member has not the size of the type");
	expect_wrong(outside, "type 'wrong', 'n': the C member lies outside the struct");
	expect_wrong(no_example, "type 'wrong', 'n': is required and has no example");
	expect_wrong(both, "type 'wrong', 'n': is required and has a default");
	expect_wrong(twice, "type 'wrong', 'n': is there twice");
	expect_wrong(
		bad_default,
		"type 'wrong', default:1:4: 1KiB: it is not a whole number; write a decimal or "
		"0x integer of 0 or more");
	expect_wrong(out_of_range,
		     "type 'wrong', default:1:4: 9: is out of range; 1 to 4 is allowed");
	expect_wrong(bad_example, "type 'wrong', example:1:1: n: is a list; a number is expected");
}

/* The same for a type that stands in one field. */
static void expect_wrong_type(const struct sim_conf_type *type, size_t size, const char *text)
{
	const struct sim_conf_field fields[] = {
		{.name = "n", .type = type, .size = size, .doc = "X."}, {0}};

	expect_wrong(fields, text);
}

static void test_selftest_types(void **state)
{
	static const struct sim_conf_name no_doc[] = {{"a", 1}, {0}};
	static const struct sim_conf_name twice[] = {{"a", 1, "A."}, {"a", 2, "B."}, {0}};
	static const struct sim_conf_variant same[] = {
		{"a", 1, NULL, "A."}, {"a", 2, NULL, "B."}, {0}};
	static const struct sim_conf_variant silent[] = {{"a", 1, NULL}, {0}};
	static const struct sim_conf_variant loose[] = {{"a", 1, &sim_conf_uint, "A."}, {0}};
	const struct sim_conf_type types[] = {
		SIM_CONF_ENUM_TYPE("t", no_doc, .doc = "X."),
		SIM_CONF_ENUM_TYPE("t", twice, .doc = "X."),
		SIM_CONF_ENUM_TYPE("t", twice),
		SIM_CONF_ENUM_TYPE("t", NULL, .doc = "X."),
		SIM_CONF_ONEOF_TYPE("t", same, .doc = "X."),
		SIM_CONF_ONEOF_TYPE("t", silent, .doc = "X."),
		SIM_CONF_ONEOF_TYPE("t", NULL, .doc = "X."),
		{.kind = SIM_CONF_TAGGED,
		 .name = "t",
		 .doc = "X.",
		 .size = 8,
		 .variants = loose,
		 .tag = "k"},
		{.kind = SIM_CONF_STRUCT, .name = "t", .doc = "X.", .size = 8},
		{.kind = SIM_CONF_STRUCT,
		 .name = "t",
		 .doc = "X.",
		 .size = 16,
		 .scalar = sample_range_scalar},
		SIM_CONF_STRUCT_TYPE("wrong", struct sample_sync, sample_sync_fields, .doc = "X."),
	};
	static const char *const texts[] = {
		"type 't', 'a': has no doc sentence",
		"type 't', 'a': is there twice",
		"type 't', '': has no doc sentence",
		"type 't', '': has no names",
		"type 't', 'a': is there twice",
		"type 't', 'a': has no doc sentence",
		"type 't', '': has no variants",
		"type 't', 'a': is no struct of the size of its type",
		"type 't', '': has neither fields nor a scalar form",
		"type 't', '': has a scalar hook and no text of its form",
		"type 'wrong', '': another type has the same name",
	};
	static const size_t sizes[] = {4, 4, 4, 4, 16, 16, 16, 8, 8, 16, 8};

	for (size_t i = 0; i < SIM_ARRAY_SIZE(types); i++)
		expect_wrong_type(&types[i], sizes[i], texts[i]);
}

/* The template is a document that needs no change. */
static void test_template(void **state)
{
	struct sim_buf b = {0};
	struct sim_err err = {0};
	struct sim_conf_doc *doc;

	sim_conf_template(&sample_type, &b);
	assert_non_null(strstr(b.data, "# Version of the format.\nformat: 1\n"));
	assert_non_null(strstr(
		b.data,
		"# The server.\n# server:\n#   disk:  # What it stores on.\n#     rate: 100MiB/s  # Speed.\n#   latency: 200us  # Time to answer.\n"));
	assert_non_null(strstr(b.data, "# skew: (a fraction)\n"));
	assert_null(strstr(b.data, "old"));
	doc = sim_conf_load_text("template", b.data, b.len, NULL, &err);
	assert_non_null(doc);
	assert_non_null(sim_conf_parse(doc, &sample_type, &err));
	sim_conf_free(doc);
	sim_buf_free(&b);
}

static void test_man(void **state)
{
	struct sim_buf b = {0};

	sim_conf_man(&sample_type, &b);
	assert_non_null(strstr(
		b.data, "## scenario\n\nA small scenario.\n\n*format* _number_, 1 to 1, required\n"
			"\tVersion of the format. Example: 1\n\n"));
	assert_non_null(strstr(
		b.data,
		"*flags* _list of open flag_, default \\[rdonly\\]\n\tHow files are opened.\n"));
	assert_non_null(
		strstr(b.data, "*tasks* _map of name to list of operation_, 0 to 3 entries\n"));
	assert_non_null(strstr(b.data, "*page* _size_, 4KiB to 64KiB, default 4KiB\n"));
	assert_non_null(strstr(b.data, "*drop\\_caches*\n\tForget clean pages.\n"));
	assert_non_null(
		strstr(b.data, "*law: pareto*\n\tA heavy tail.\n\n*least* _time_, required\n"));
	assert_non_null(strstr(
		b.data,
		"## range\n\nA range of sizes. Written as a size, or a range as 512..4KiB, or a "
		"map of fields.\n"));
	assert_null(strstr(b.data, "chmod"));
	assert_null(strstr(b.data, "nfs"));
	sim_buf_free(&b);
}

/* scdoc accepts it. Skipped where there is no scdoc. */
static void test_scdoc(void **state)
{
	struct sim_buf b = {0};
	FILE *out;

	if (system("command -v scdoc >/dev/null 2>&1"))
		skip();
	sim_buf_puts(&b, "sample(5)\n\n# FIELDS\n\n");
	sim_conf_man(&sample_type, &b);
	out = popen("scdoc >/dev/null", "w");
	assert_non_null(out);
	assert_int_equal(fwrite(b.data, 1, b.len, out), b.len);
	assert_int_equal(pclose(out), 0);
	sim_buf_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_selftest_passes),
		cmocka_unit_test(test_selftest_fields),
		cmocka_unit_test(test_selftest_types),
		cmocka_unit_test(test_template),
		cmocka_unit_test(test_man),
		cmocka_unit_test(test_scdoc),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
