/* SPDX-License-Identifier: GPL-2.0-or-later */
/* JSON, tables, UTF-8, lists of overrides, figures for people. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "cli/cli.h"
#include "cli/figures.h"
#include "cli/json.h"
#include "cli/table.h"
#include "cli/utf8.h"

static void utf8_lengths(void **state)
{
	static const struct {
		const char *text;
		size_t len;
	} cases[] = {
		{"a", 1},
		{"\x7f", 1},
		{"\x80", 0},
		{"\xc2\x80", 2},
		{"\xc1\xbf", 0},
		{"\xc3", 0},
		{"\xe0\xa0\x80", 3},
		{"\xe0\x9f\xbf", 0},
		{"\xed\x9f\xbf", 3},
		{"\xed\xa0\x80", 0},
		{"\xef\xbf\xbf", 3},
		{"\xe2\x82", 0},
		{"\xf0\x90\x80\x80", 4},
		{"\xf0\x8f\xbf\xbf", 0},
		{"\xf4\x8f\xbf\xbf", 4},
		{"\xf4\x90\x80\x80", 0},
		{"\xf5\x80\x80\x80", 0},
		{"\xff", 0},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(utf8_len(cases[i].text), cases[i].len);
}

static void utf8_cleaned(void **state)
{
	char text[] = "a\tb\n\x1b[2J\xc3\xa9\xff\x7f";

	utf8_clean(text);
	assert_string_equal(text, "a\tb\n?[2J\xc3\xa9??");
}

static void json_document(void **state)
{
	struct sim_buf out = {0};
	struct json j = {.out = &out};

	json_open(&j, NULL, '{');
	json_text(&j, "t", "a\"\\\n\x01\xc3\xa9\xff");
	json_text(&j, "n", NULL);
	json_open(&j, "empty", '[');
	json_close(&j, ']');
	json_open(&j, "list", '[');
	json_uint(&j, NULL, UINT64_MAX);
	json_int(&j, NULL, INT64_MIN);
	json_bool(&j, NULL, true);
	json_raw(&j, NULL, "{}\n");
	json_close(&j, ']');
	json_close(&j, '}');
	assert_string_equal(out.data, "{\n \"t\": \"a\\\"\\\\\\n\\u0001\xc3\xa9\xef\xbf\xbd\",\n"
				      " \"n\": null,\n \"empty\": [],\n \"list\": [\n"
				      "  18446744073709551615,\n  -9223372036854775808,\n  true,\n"
				      "  {}\n ]\n}\n");
	sim_buf_free(&out);
}

static const struct table_column columns[] = {
	{"name", "NAME"}, {"n", "N", true}, {"more", NULL}, {"text", "TEXT"}, {NULL}};

static struct table two_rows(const char *long_text)
{
	struct table t = {.columns = columns};

	table_text(&t, "a\xc3\xa9");
	table_number(&t, 7);
	table_text(&t, NULL);
	table_text(&t, "x");
	table_text(&t, "longer");
	table_number(&t, 1234);
	table_text(&t, "m");
	table_text(&t, long_text);
	return t;
}

static void table_as_text(void **state)
{
	struct table t = two_rows("one two three four five six seven");
	struct sim_buf out = {0};

	table_print(&t, 40, &out);
	assert_string_equal(out.data, "NAME       N  TEXT\n"
				      "a\xc3\xa9         7  x\n"
				      "longer  1234  one two three four five\n"
				      "              six seven\n");
	sim_buf_free(&out);
	table_free(&t);

	t = two_rows("awordthatislongerthantheroomthereisforit");
	table_print(&t, 10, &out);
	assert_non_null(strstr(out.data, "  awordthatislongerthantheroomthereisforit\n"));
	sim_buf_free(&out);
	table_free(&t);
}

static void table_as_json(void **state)
{
	struct table t = two_rows("y");
	struct sim_buf out = {0};
	struct json j = {.out = &out};

	table_json(&t, &j, NULL);
	assert_string_equal(out.data, "[\n {\n  \"name\": \"a\xc3\xa9\",\n  \"n\": 7,\n"
				      "  \"more\": null,\n  \"text\": \"x\"\n },\n"
				      " {\n  \"name\": \"longer\",\n  \"n\": 1234,\n"
				      "  \"more\": \"m\",\n  \"text\": \"y\"\n }\n]\n");
	sim_buf_free(&out);
	table_free(&t);
}

static void lists_of_overrides(void **state)
{
	static const struct {
		const char *list;
		size_t nr;
		const char *last;
	} cases[] = {
		{"", 0, NULL},
		{"a=1", 1, "a=1"},
		{"a=1,b.c=2", 2, "b.c=2"},
		{"a=[1,2],b={x: 1, y: [2, 3]}", 2, "b={x: 1, y: [2, 3]}"},
		{"a=\"1,2\",b='[',c=3", 3, "c=3"},
		{"a=1,", 1, "a=1"},
		{"a=],b=1", 2, "b=1"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct cli_overrides o = {0};

		cli_override_add_list(&o, cases[i].list);
		assert_int_equal(o.nr, cases[i].nr);
		if (o.nr)
			assert_string_equal(o.items[o.nr - 1], cases[i].last);
		cli_override_free(&o);
	}
}

static void figures_for_people(void **state)
{
	static const struct {
		enum figure_unit unit;
		uint64_t value;
		const char *text;
	} cases[] = {
		{FIGURE_COUNT, 0, "0"},
		{FIGURE_COUNT, 123456789, "123456789"},
		{FIGURE_BYTES, 0, "0B"},
		{FIGURE_BYTES, 1023, "1023B"},
		{FIGURE_BYTES, 65536, "64KiB"},
		{FIGURE_BYTES, 1536, "1.500KiB"},
		{FIGURE_BYTES, (10ull << 20) + 1, "10MiB"},
		{FIGURE_BYTES, UINT64_MAX, "16777215TiB"},
		{FIGURE_NS, 999, "999ns"},
		{FIGURE_NS, 1397123, "1.397ms"},
		{FIGURE_NS, 12345678901, "12.34s"},
		{FIGURE_NS, 123456789012, "123.4s"},
	};
	char buf[32];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_string_equal(figure_text(buf, cases[i].unit, cases[i].value), cases[i].text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(utf8_lengths),       cmocka_unit_test(utf8_cleaned),
		cmocka_unit_test(json_document),      cmocka_unit_test(table_as_text),
		cmocka_unit_test(table_as_json),      cmocka_unit_test(lists_of_overrides),
		cmocka_unit_test(figures_for_people),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
