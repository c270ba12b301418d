/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of sim/conf: values of every type, defaults, positions, and the document as text again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "sim/base/math.h"
#include "tests/sim/conf_sample.h"

static struct sim_conf_doc *load(const char *text)
{
	struct sim_err err = {0};
	struct sim_conf_doc *doc = sim_conf_load_text("dir/f.yaml", text, strlen(text), NULL, &err);

	if (!doc)
		fail_msg("%s", err.text);
	return doc;
}

static struct sample *parse(struct sim_conf_doc *doc)
{
	struct sim_err err = {0};
	struct sample *s = sim_conf_parse(doc, &sample_type, &err);

	if (!s)
		fail_msg("%s", err.text);
	return s;
}

static const char full[] =
	"format: 0x1\n"
	"purpose: 'one of each'\n"
	"fs: 6.8\n"
	"verbose: false\n"
	"server: {latency: {law: uniform, min: 1ms, max: 3ms}, bandwidth: 2GiB/s, slots: 4, drop: 1/100}\n"
	"memory: {page: 64KiB, total: 1MiB}\n"
	"checks: {rpcs: 12}\n"
	"flags: [wronly, trunc]\n"
	"files: {a/b.txt: 4096, 'c d': 1TiB}\n"
	"tags: [x, 'y: z']\n"
	"skew: 0.125\n"
	"think: {law: lognormal, median: 5us, sigma: 3/2, max: 1s}\n"
	"tasks:\n"
	"  writer-1:\n"
	"    - write: {fd: fd, at: 0x1100, len: 512..4KiB, label: w1}\n"
	"    - write: {fd: g, len: {hi: 9}}\n"
	"    - write: {fd: h}\n"
	"    - sleep: 5ms\n"
	"    - sync\n"
	"    - sync: {label: s}\n"
	"    - drop_caches\n"
	"    - drop_caches: {}\n"
	"    - repeat: {times: 10, do: [sync, {repeat: {times: 2, do: []}}]}\n"
	"  idle: []\n";

static void test_scalars(void **state)
{
	struct sim_conf_doc *doc = load(full);
	struct sample *s = parse(doc);

	assert_int_equal(s->format, 1);
	assert_string_equal(s->purpose, "one of each");
	assert_int_equal(s->fs, 68);
	assert_false(s->verbose);
	assert_int_equal(s->server.latency.kind, SIM_LAW_UNIFORM);
	assert_int_equal(s->server.latency.min, 1000000);
	assert_int_equal(s->server.latency.max, 3000000);
	assert_int_equal(s->server.bandwidth, 2ull << 30);
	assert_int_equal(s->server.slots, 4);
	assert_int_equal(s->server.drop.num, 1);
	assert_int_equal(s->server.drop.den, 100);
	assert_int_equal(s->memory.page, 65536);
	assert_int_equal(s->checks.rpcs, 12);
	assert_int_equal(s->flags, 6);
	assert_int_equal(s->skew.num, 125);
	assert_int_equal(s->skew.den, 1000);
	assert_int_equal(s->think.kind, SIM_LAW_LOGNORMAL);
	assert_int_equal(s->think.value, 5000);
	assert_int_equal(s->think.shape_num, 3);
	assert_int_equal(s->think.shape_den, 2);
	assert_int_equal(s->think.max, 1000000000);
	assert_int_equal(s->files.n, 2);
	assert_string_equal(s->files.keys[0], "a/b.txt");
	assert_int_equal(*sim_conf_item(&s->files, uint64_t, 0), 4096);
	assert_string_equal(s->files.keys[1], "c d");
	assert_int_equal(*sim_conf_item(&s->files, uint64_t, 1), 1ull << 40);
	assert_int_equal(s->tags.n, 2);
	assert_string_equal(*sim_conf_item(&s->tags, const char *, 1), "y: z");
	sim_conf_free(doc);
}

static void test_operations(void **state)
{
	static const uint32_t kinds[] = {OP_WRITE, OP_WRITE, OP_WRITE, OP_SLEEP, OP_SYNC,
					 OP_SYNC,  OP_DROP,  OP_DROP,  OP_REPEAT};
	struct sim_conf_doc *doc = load(full);
	struct sample *s = parse(doc);
	const struct sim_conf_list *ops = sim_conf_item(&s->tasks, struct sim_conf_list, 0);
	const struct sim_conf_oneof *op = ops->items;
	const struct sample_repeat *again;

	assert_int_equal(s->tasks.n, 2);
	assert_string_equal(s->tasks.keys[0], "writer-1");
	assert_int_equal(sim_conf_item(&s->tasks, struct sim_conf_list, 1)->n, 0);
	assert_int_equal(ops->n, SIM_ARRAY_SIZE(kinds));
	for (size_t i = 0; i < ops->n; i++)
		assert_int_equal(op[i].which, kinds[i]);
	assert_string_equal(((struct sample_write *)op[0].value)->fd, "fd");
	assert_int_equal(((struct sample_write *)op[0].value)->at, 0x1100);
	assert_int_equal(((struct sample_write *)op[0].value)->len.lo, 512);
	assert_int_equal(((struct sample_write *)op[0].value)->len.hi, 4096);
	assert_int_equal(((struct sample_write *)op[1].value)->len.lo, 1);
	assert_int_equal(((struct sample_write *)op[1].value)->len.hi, 9);
	assert_null(((struct sample_write *)op[1].value)->label);
	assert_int_equal(((struct sample_write *)op[2].value)->len.hi, 4096);
	assert_int_equal(*(uint64_t *)op[3].value, 5000000);
	assert_null(((struct sample_sync *)op[4].value)->label);
	assert_string_equal(((struct sample_sync *)op[5].value)->label, "s");
	assert_null(op[6].value);
	again = op[8].value;
	assert_int_equal(again->times, 10);
	assert_int_equal(sim_conf_item(&again->ops, struct sim_conf_oneof, 0)->which, OP_SYNC);
	assert_int_equal(sim_conf_item(&again->ops, struct sim_conf_oneof, 1)->which, OP_REPEAT);
	sim_conf_free(doc);
}

static void test_defaults(void **state)
{
	struct sim_conf_doc *doc = load("format: 1\n");
	struct sample *s = parse(doc);

	assert_null(s->purpose);
	assert_int_equal(s->fs, SAMPLE_9P);
	assert_true(s->verbose);
	assert_int_equal(s->server.latency.kind, SIM_LAW_CONSTANT);
	assert_int_equal(s->server.latency.value, 200000);
	assert_int_equal(s->server.slots, 16);
	assert_int_equal(s->server.drop.den, 1);
	assert_int_equal(s->memory.page, 4096);
	assert_int_equal(s->checks.rpcs, 0);
	assert_int_equal(s->flags, 1);
	assert_int_equal(s->tasks.n, 0);
	assert_int_equal(s->tags.n, 0);
	assert_int_equal(s->skew.num, 0);
	assert_int_equal(s->skew.den, 1);
	assert_int_equal(s->group.client, 3);
	assert_int_equal(s->group.ops.n, 0);
	assert_false(sim_conf_given(doc, &s->checks));
	assert_false(sim_conf_given(doc, &s->server));
	assert_false(sim_conf_given(doc, &s->server.latency));
	assert_false(sim_conf_given(doc, &s->flags));
	assert_true(sim_conf_given(doc, &s->format));
	assert_true(sim_conf_given(doc, s));
	sim_conf_free(doc);
}

/* A variant by name, by key, or by the type's own scalar form. */
static void test_places(void **state)
{
	static const struct {
		const char *text;
		uint32_t which;
		uint64_t value;
	} cases[] = {
		{"{format: 1}", PLACE_AT, 4096},
		{"{format: 1, place: 0x10}", PLACE_AT, 16},
		{"{format: 1, place: end}", PLACE_END, 0},
		{"{format: 1, place: {end: {}}}", PLACE_END, 0},
		{"{format: 1, place: {random: 1MiB}}", PLACE_RANDOM, 1 << 20},
		{"{format: 1, place: tags}", PLACE_TAGS, 0},
	};

	for (size_t i = 0; i < SIM_ARRAY_SIZE(cases); i++) {
		struct sim_conf_doc *doc = load(cases[i].text);
		struct sample *s = parse(doc);

		assert_int_equal(s->place.which, cases[i].which);
		assert_int_equal(sim_conf_given(doc, &s->place), i != 0);
		if (s->place.which == PLACE_END)
			assert_null(s->place.value);
		else
			assert_int_equal(*(uint64_t *)s->place.value, cases[i].value);
		sim_conf_free(doc);
	}
}

/* A struct written as the list of one of its fields; flags as one name. */
static void test_short_forms(void **state)
{
	struct sim_conf_doc *doc = load("format: 1\nflags: trunc\ngroup: [sync, {sleep: 1s}]\n");
	struct sample *s = parse(doc);

	assert_int_equal(s->flags, 4);
	assert_int_equal(s->group.client, 3);
	assert_int_equal(s->group.ops.n, 2);
	assert_true(sim_conf_given(doc, &s->group));
	assert_false(sim_conf_given(doc, &s->group.client));
	assert_int_equal(sim_conf_mark(doc, &s->group.ops).line, 3);
	sim_conf_free(doc);
}

static const struct {
	const char *text;
	uint64_t num, den;
} fractions[] = {
	{"0", 0, 1},
	{"2", 2, 1},
	{"3/2", 3, 2},
	{"0.99", 99, 100},
	{"1.0", 10, 10},
	{"12.050", 12050, 1000},
	{"0.000000001", 1, 1000000000},
	{"18446744073709551615", UINT64_MAX, 1},
};

static void test_fractions(void **state)
{
	for (size_t i = 0; i < SIM_ARRAY_SIZE(fractions); i++) {
		struct sim_buf b = {0};
		struct sim_conf_doc *doc;
		struct sample *s;

		sim_buf_printf(&b, "{format: 1, skew: %s}", fractions[i].text);
		doc = load(b.data);
		s = parse(doc);
		assert_true(s->skew.num == fractions[i].num);
		assert_true(s->skew.den == fractions[i].den);
		sim_conf_free(doc);
		sim_buf_free(&b);
	}
}

static void test_bad_fractions(void **state)
{
	static const char *const bad[] = {"x",
					  "1/",
					  "/2",
					  "-1",
					  "1/2/3",
					  "0x1",
					  "0x1/2",
					  "1/0x2",
					  "1.",
					  ".5",
					  "1.2.3",
					  "1e3",
					  "1.0123456789",
					  "99999999999999999999",
					  "1 /2",
					  "''",
					  "99999999999999999999.5"};

	for (size_t i = 0; i < SIM_ARRAY_SIZE(bad); i++) {
		struct sim_err err = {0};
		struct sim_buf b = {0};
		struct sim_conf_doc *doc;

		sim_buf_printf(&b, "{format: 1, skew: %s}", bad[i]);
		doc = load(b.data);
		assert_null(sim_conf_parse(doc, &sample_type, &err));
		assert_non_null(strstr(err.text, "it is not a fraction; write n/m as 3/2"));
		sim_conf_free(doc);
		sim_buf_free(&b);
	}
}

/* Every law by name; its figures arrive where the draws want them. */
static void test_laws(void **state)
{
	struct sim_conf_doc *doc =
		load("format: 1\n"
		     "tasks: {a: []}\n"
		     "server: {latency: {law: table, values: [1ms, 2ms, 9ms], at: [0, 1/2, 1]}}\n"
		     "think: {law: zipf, items: 1000, theta: 0.99}\n");
	struct sample *s = parse(doc);
	struct sim_draw_key k = {.seed = 1};

	assert_int_equal(s->server.latency.points, 3);
	assert_int_equal(s->server.latency.quantile[2], 9000000);
	assert_int_equal(s->server.latency.at[3], 2);
	assert_in_range(sim_law_draw(&s->server.latency, &k), 1000000, 9000000);
	assert_int_equal(s->think.items, 1000);
	assert_in_range(sim_law_draw(&s->think, &k), 0, 999);
	sim_conf_free(doc);
	doc = load("{format: 1, think: {law: pareto, least: 1us, alpha: 2}, "
		   "server: {latency: {law: exponential, mean: 4us}}}");
	s = parse(doc);
	assert_int_equal(s->think.value, 1000);
	assert_int_equal(s->think.shape_num, 2);
	assert_true(sim_law_draw(&s->think, &k) >= 1000);
	assert_int_equal(s->server.latency.kind, SIM_LAW_EXPONENTIAL);
	sim_conf_free(doc);
	doc = load("{format: 1, think: {law: constant, value: 7s}}");
	s = parse(doc);
	assert_int_equal(sim_law_draw(&s->think, &k), 7000000000);
	sim_conf_free(doc);
}

static void expect_mark(struct sim_conf_mark m, uint32_t line, uint32_t column)
{
	assert_string_equal(m.file, "dir/f.yaml");
	assert_int_equal(m.line, line);
	assert_int_equal(m.column, column);
}

static void test_marks(void **state)
{
	struct sim_conf_doc *doc = load(full);
	struct sample *s = parse(doc);
	const struct sim_conf_list *ops = sim_conf_item(&s->tasks, struct sim_conf_list, 0);
	const struct sim_conf_oneof *op = ops->items;
	const struct sample_write *w = op[0].value;

	expect_mark(sim_conf_mark(doc, &s->fs), 3, 5);
	expect_mark(sim_conf_mark(doc, &s->server), 5, 9);
	expect_mark(sim_conf_mark(doc, &s->server.latency), 5, 19);
	expect_mark(sim_conf_mark(doc, &s->server.slots), 5, 81);
	expect_mark(sim_conf_mark(doc, &s->tasks), 14, 3);
	expect_mark(sim_conf_mark(doc, &s->tasks.keys[1]), 24, 3);
	expect_mark(sim_conf_mark(doc, &op[0]), 15, 7);
	expect_mark(sim_conf_mark(doc, &w->fd), 15, 19);
	expect_mark(sim_conf_mark(doc, &w->len), 15, 40);
	expect_mark(sim_conf_mark(doc, w), 15, 14);
	expect_mark(sim_conf_mark(doc, &op[4]), 19, 7);
	expect_mark(sim_conf_mark(doc, &((struct sample_write *)op[2].value)->at), 17, 14);
	expect_mark(sim_conf_mark(doc, sim_conf_item(&s->tags, const char *, 1)), 10, 11);
	expect_mark(sim_conf_mark(doc, &state), 1, 1); /* unknown: the document */
	assert_false(sim_conf_given(doc, &state));
	assert_true(sim_conf_given(doc, &w->len));
	assert_false(sim_conf_given(doc, &((struct sample_write *)op[2].value)->len));
	assert_false(sim_conf_given(doc, &((struct sample_write *)op[1].value)->len.lo));
	sim_conf_free(doc);
}

static void test_error_at(void **state)
{
	struct sim_conf_doc *doc = load(full);
	struct sample *s = parse(doc);
	const struct sim_conf_list *ops = sim_conf_item(&s->tasks, struct sim_conf_list, 0);
	const struct sample_write *w = sim_conf_item(ops, struct sim_conf_oneof, 0)->value;
	struct sim_err err = {0};

	assert_int_equal(
		sim_conf_error_at(doc, &w->fd, &err, "no file is open as %s; open it", w->fd), -1);
	assert_string_equal(err.text,
			    "dir/f.yaml:15:19: fd: no file is open as fd; open it\n"
			    "   15 |     - write: {fd: fd, at: 0x1100, len: 512..4KiB, label: w1}\n"
			    "      |                   ^~");
	memset(&err, 0, sizeof(err));
	sim_conf_error_at(doc, &s->tasks.keys[1], &err, "does nothing; %s", "give it operations");
	assert_string_equal(err.text, "dir/f.yaml:24:3: idle: does nothing; give it operations\n"
				      "   24 |   idle: []\n"
				      "      |   ^~~~");
	sim_conf_error_at(doc, s, &err, "a second error changes nothing");
	assert_non_null(strstr(err.text, "does nothing"));
	sim_conf_free(doc);
}

static void test_hint(void **state)
{
	static const char *const names[] = {"alpha", "beta"};
	const char *many[100];
	struct sim_buf b = {0};

	sim_conf_hint(&b, "alhpa", names, 2);
	assert_string_equal(b.data, "; did you mean 'alpha'?");
	sim_buf_clear(&b);
	sim_conf_hint(&b, "zzzz", names, 2);
	assert_string_equal(b.data, "; allowed: alpha, beta");
	sim_buf_clear(&b);
	sim_conf_hint(&b, "zzzz", names, 0);
	assert_string_equal(b.data, "; there is none");
	sim_buf_clear(&b);
	for (size_t i = 0; i < 100; i++)
		many[i] = "quite_a_long_name";
	sim_conf_hint(&b, "zzzz", many, 100);
	assert_in_range(b.len, 240, 300);
	assert_string_equal(b.data + b.len - 5, ", ...");
	sim_buf_free(&b);
}

/* Aliases are copies: what is read through them equals what they name. */
static void test_aliases(void **state)
{
	struct sim_conf_doc *doc = load("format: &one 1\n"
					"server: &srv {slots: *one}\n"
					"tasks: {a: &ops [sync, {sleep: &t 5ms}], b: *ops}\n"
					"think: *t\n");
	struct sample *s = parse(doc);
	const struct sim_conf_list *lists = s->tasks.items;

	assert_int_equal(s->server.slots, 1);
	assert_int_equal(lists[1].n, 2);
	assert_ptr_not_equal(lists[0].items, lists[1].items);
	assert_int_equal(*(uint64_t *)((struct sim_conf_oneof *)lists[1].items)[1].value, 5000000);
	assert_int_equal(s->think.value, 5000000);
	sim_conf_free(doc);
}

/* What the dump says is read as the same tree: its dump is the same text. */
static void check_round_trip(const char *text, const char *expect)
{
	struct sim_conf_doc *doc = load(text), *again;
	struct sim_buf first = {0}, second = {0};

	sim_conf_dump(doc, &first);
	if (expect)
		assert_string_equal(first.data, expect);
	again = load(first.data);
	sim_conf_dump(again, &second);
	assert_string_equal(first.data, second.data);
	sim_conf_free(doc);
	sim_conf_free(again);
	sim_buf_free(&first);
	sim_buf_free(&second);
}

static void test_dump(void **state)
{
	struct sim_buf wide = {0};

	check_round_trip("{}", "{}\n");
	check_round_trip("a: 1\nb: [x, {c: d}]\nc: {}\nd: []\n",
			 "a: 1\nb: [x, {c: d}]\nc: {}\nd: []\n");
	check_round_trip("a:\n- b: 1\n  c:\n  - - x\n    - y\n  -\n    z: {q: ''}\n",
			 "a:\n  - b: 1\n    c:\n      - - x\n        - y\n      - z: {q: \"\"}\n");
	check_round_trip(
		"a: 'null'\nb: null\nc: ~\nd:\ne: \"\"\n'f g': |\n  two\n  lines\n",
		"a: \"null\"\nb: null\nc: ~\nd: ~\ne: \"\"\n\"f g\": \"two\\nlines\\n\"\n");
	check_round_trip(
		"a: '#no'\nb: 'x: y'\nc: \"\\t\\e\\x85\\u2028\\uFEFF\\U0001F427\\\"\\\\\"\nd: \xc3\xa9\n"
		"e: -x\nf: \"- y\"\ng: two  spaces\nh: a:b\ni: [a b, 'c,d', '}']\n\"#k\": '%'\n",
		NULL);
	check_round_trip("x: &a [1, 2]\ny: *a\n", "x: [1, 2]\ny: [1, 2]\n");
	check_round_trip(full, NULL);
	sim_buf_puts(&wide, "a: [");
	for (int i = 0; i < 100; i++)
		sim_buf_printf(&wide, "word%d, ", i);
	sim_buf_puts(&wide, "{b: {c: [d, e]}}]\n");
	check_round_trip(wide.data, NULL);
	sim_buf_free(&wide);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_scalars),       cmocka_unit_test(test_operations),
		cmocka_unit_test(test_defaults),      cmocka_unit_test(test_places),
		cmocka_unit_test(test_short_forms),   cmocka_unit_test(test_fractions),
		cmocka_unit_test(test_bad_fractions), cmocka_unit_test(test_laws),
		cmocka_unit_test(test_marks),         cmocka_unit_test(test_error_at),
		cmocka_unit_test(test_hint),          cmocka_unit_test(test_aliases),
		cmocka_unit_test(test_dump),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
