/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Records of a run: fingerprints, partials, flight recorder, sinks, filters, window, text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <xxhash.h>

#include "sim/base/arena.h"
#include "sim/base/math.h"
#include "sim/trace/text.h"
#include "sim/trace/trace.h"

static const struct sim_trace_tag color_tag[] = {
	{"COLOR_RED", {"red ", "red ", "rot"}},
	{"COLOR_BLUE", {NULL, "blue", "blue"}},
};
static const struct sim_trace_tags colors = {"color", color_tag, SIM_ARRAY_SIZE(color_tag)};

static const struct sim_trace_field all_fields[] = {
	{"a", SIM_TRACE_U8},  {"b", SIM_TRACE_U16},          {"c", SIM_TRACE_U32},
	{"d", SIM_TRACE_U64}, {"e", SIM_TRACE_S16},          {"f", SIM_TRACE_S32},
	{"g", SIM_TRACE_S64}, {"h", SIM_TRACE_TAG, &colors}, {"i", SIM_TRACE_TAG16, &colors},
	{"s", SIM_TRACE_STR},
};
static const struct sim_trace_field two_fields[] = {{"at", SIM_TRACE_U64}, {"nr", SIM_TRACE_U32}};
static const struct sim_trace_field text_fields[] = {{"rule", SIM_TRACE_STR},
						     {"text", SIM_TRACE_STR}};

#define ALL                                                                                  \
	{                                                                                    \
		"all", "all", "x", 7, 0,                                                     \
			"{a:u} {b:x} {c:08x} {d:x} {e:d} {f:u} {g:d} {h} {i} [{s}]", "", 10, \
			all_fields                                                           \
	}
#define TWO                                                                                    \
	{                                                                                      \
		"two", "two", "x", 7, 0, "{at:05x}-{at+nr-1:05x} {at+nr:x}", "", 2, two_fields \
	}
#define SEEN                                                                               \
	{                                                                                  \
		"y_seen", "y:seen", "y", 7, SIM_TRACE_OBSERVE, "{nr:u}", "", 2, two_fields \
	}
#define TEXTS                                                                     \
	{                                                                         \
		"texts", "texts", "y", 7, 0, "{rule}: {text}", "", 2, text_fields \
	}

enum { EV_ALL, EV_TWO, EV_SEEN, EV_TEXTS, NR_EV };
static const struct sim_trace_event table[NR_EV] = {ALL, TWO, SEEN, TEXTS};
/* The same events elsewhere, and one more. */
enum { MORE_TWO = 1, MORE_ALL = 3, NR_MORE = 4 };
static const struct sim_trace_event more[NR_MORE] = {TEXTS, TWO, SEEN, ALL};

static void emit_all(struct sim_trace *t, unsigned ev, const char *text)
{
	const union sim_trace_value v[] = {
		{.u = 200}, {.u = 0xbeef}, {.u = 0x12345678}, {.u = 0x123456789abcdef0},
		{.s = -2},  {.s = -3},     {.s = INT64_MIN},  {.u = 1},
		{.u = 0},   {.str = text},
	};

	sim_trace_now(t, 0x1122334455667788);
	sim_trace_who(t, 1042, 513, "kworker/u8:2");
	sim_trace_emit(t, ev, v);
}

static void emit_two(struct sim_trace *t, unsigned ev, uint64_t at, uint32_t nr)
{
	const union sim_trace_value v[] = {{.u = at}, {.u = nr}};

	sim_trace_now(t, at);
	sim_trace_who(t, nr, 1, "wl");
	sim_trace_emit(t, ev, v);
}

static void emit_texts(struct sim_trace *t, const char *rule, const char *text)
{
	const union sim_trace_value v[] = {{.str = rule}, {.str = text}};

	sim_trace_emit(t, EV_TEXTS, v);
}

static struct sim_trace *new_trace(void)
{
	return sim_trace_new(table, NR_EV);
}

static void assert_fingerprint(struct sim_trace *t, const char *want)
{
	char buf[SIM_FINGERPRINT_TEXT];

	assert_string_equal(sim_fingerprint_text(sim_trace_fingerprint(t), buf), want);
}

/* The canonical form must never change: these values are for ever. */
static void test_fingerprint_vectors(void **state)
{
	struct sim_trace *t = new_trace();

	assert_fingerprint(t, "99aa06d3014798d86001c324468d497f"); /* XXH3-128 of nothing */
	emit_all(t, EV_ALL, "some text");
	assert_fingerprint(t, "fadd247f918b90b529868b0e1045a971");
	emit_two(t, EV_TWO, 0x1000, 4);
	emit_texts(t, "I7", "");
	assert_fingerprint(t, "7ce77818ba190984e398c460ea4a8559");
	for (uint32_t i = 0; i < 2500; i++)
		emit_two(t, EV_TWO, (uint64_t)i << 12, i);
	assert_fingerprint(t, "9138bc4e3e2c6a7bf733c68c34124383");
	assert_int_equal(t->nr_records, 2503);
	sim_trace_free(t);
}

/* The form of a record, spelled out, hashed by the library itself: see trace.h. */
static void test_canonical_form(void **state)
{
	static const uint8_t form[] = {
		35,   0,                                              /* length */
		0xf4, 0xe2, 0xd7, 0x95,                               /* XXH32("two") */
		0x00, 0x10, 0,    0,    0, 0, 0, 0, 4, 0, 0, 0, 1, 0, /* time, pid, cpu */
		2,    'w',  'l',                                      /* comm */
		0x00, 0x10, 0,    0,    0, 0, 0, 0, 4, 0, 0, 0,       /* at, nr */
	};
	struct sim_trace *t = new_trace();
	XXH128_hash_t h = XXH3_128bits(form, sizeof(form));
	struct sim_fingerprint f;

	emit_two(t, EV_TWO, 0x1000, 4);
	f = sim_trace_fingerprint(t);
	assert_true(f.high == h.high64 && f.low == h.low64);
	sim_trace_free(t);
}

struct counter {
	struct sim_trace_sink sink;
	unsigned nr;
	char last[64];
};

static void sink_count(struct sim_trace_sink *sink, const struct sim_trace_record *rec)
{
	struct counter *c = (struct counter *)sink;

	c->nr++;
	strcpy(c->last, rec->event->key);
}

/* Neither the table's order, nor sinks, nor looking, nor observation changes a fingerprint. */
static void test_fingerprint_is_independent(void **state)
{
	struct sim_trace *a = new_trace(), *b = sim_trace_new(more, NR_MORE);
	struct counter c = {.sink = {.record = sink_count}};

	sim_trace_add_sink(b, &c.sink);
	for (uint32_t i = 0; i < 3000; i++) {
		emit_two(a, EV_TWO, i, 1);
		emit_two(b, MORE_TWO, i, 1);
		emit_two(b, EV_SEEN, i, 7);
		if (i % 100 == 0) {
			emit_all(a, EV_ALL, "x");
			emit_all(b, MORE_ALL, "x");
			(void)sim_trace_fingerprint(b);
			sim_trace_window(b, i % 200 == 0);
		}
	}
	assert_true(sim_fingerprint_equal(sim_trace_fingerprint(a), sim_trace_fingerprint(b)));
	assert_int_equal(a->nr_records, b->nr_records);
	assert_int_equal(c.nr, 6030);
	sim_trace_free(a);
	sim_trace_free(b);
}

/* Every single thing that is said to count counts. */
static void test_fingerprint_sees(void **state)
{
	struct sim_fingerprint f[7];

	for (unsigned i = 0; i < SIM_ARRAY_SIZE(f); i++) {
		struct sim_trace *t = new_trace();
		const union sim_trace_value v[] = {{.u = i == 1}, {.u = i == 2}};

		sim_trace_now(t, i == 3);
		sim_trace_who(t, i == 4, i == 5, i == 6 ? "b" : "a");
		sim_trace_emit(t, EV_TWO, v);
		f[i] = sim_trace_fingerprint(t);
		for (unsigned j = 0; j < i; j++)
			assert_false(sim_fingerprint_equal(f[i], f[j]));
		sim_trace_free(t);
	}
}

static void test_partials(void **state)
{
	struct sim_trace *a = new_trace(), *b = new_trace();
	const struct sim_fingerprint *pa, *pb;
	size_t na, nb;

	pa = sim_trace_partials(a, &na);
	assert_int_equal(na, 0);
	for (uint32_t i = 0; i < 200999; i++) {
		emit_two(a, EV_TWO, i, 1);
		emit_two(b, EV_TWO, i, i == 2500 ? 2 : 1);
		if (i == 1999)
			assert_true(sim_fingerprint_equal(sim_trace_fingerprint(a),
							  sim_trace_partials(b, &nb)[1]));
	}
	pa = sim_trace_partials(a, &na);
	pb = sim_trace_partials(b, &nb);
	assert_int_equal(na, 200);
	assert_int_equal(nb, 200);
	for (size_t i = 0; i < na; i++)
		assert_int_equal(sim_fingerprint_equal(pa[i], pb[i]), i < 2);
	sim_trace_free(a);
	sim_trace_free(b);
}

static void test_fingerprint_text(void **state)
{
	struct sim_fingerprint f = {.high = 0x0123456789abcdef, .low = 0xf}, g = {0};
	char buf[SIM_FINGERPRINT_TEXT];

	assert_string_equal(sim_fingerprint_text(f, buf), "0123456789abcdef000000000000000f");
	assert_int_equal(sim_fingerprint_parse(buf, &g), 0);
	assert_true(sim_fingerprint_equal(f, g));
	assert_int_equal(sim_fingerprint_parse("", &g), -1);
	assert_int_equal(sim_fingerprint_parse("0123456789abcdef000000000000000", &g), -1);
	assert_int_equal(sim_fingerprint_parse("0123456789abcdef000000000000000f0", &g), -1);
	assert_int_equal(sim_fingerprint_parse("0123456789abcdef00000000000000 f", &g), -1);
	assert_int_equal(sim_fingerprint_parse("0123456789ABCDEF000000000000000f", &g), -1);
	assert_true(sim_fingerprint_equal(f, g));
}

struct seen {
	unsigned nr;
	uint64_t first, next;
	struct sim_trace_text *text;
	struct sim_buf out;
};

static void see_two(void *arg, const struct sim_trace_record *rec)
{
	struct seen *s = arg;
	uint64_t at = rec->value[0].u;

	assert_ptr_equal(rec->event, &table[EV_TWO]);
	assert_int_equal(rec->ctx->time_ns, at);
	assert_int_equal(rec->ctx->pid, rec->value[1].u);
	assert_int_equal(rec->ctx->cpu, 1);
	assert_string_equal(rec->ctx->comm, "wl");
	if (s->nr++ == 0)
		s->first = at;
	else
		assert_int_equal(at, s->next);
	s->next = at + 1;
}

static void test_recent(void **state)
{
	struct sim_trace *t = new_trace();
	struct seen s = {0};

	sim_trace_recent(t, 10, see_two, &s);
	assert_int_equal(s.nr, 0);
	for (uint32_t i = 0; i < 5; i++)
		emit_two(t, EV_TWO, i, i);
	sim_trace_recent(t, 0, see_two, &s);
	assert_int_equal(s.nr, 0);
	sim_trace_recent(t, 3, see_two, &s);
	assert_true(s.nr == 3 && s.first == 2 && s.next == 5);
	for (uint32_t i = 5; i < 100003; i++) {
		emit_two(t, EV_TWO, i, i);
		emit_two(t, EV_SEEN, i, i);
	}
	s.nr = 0;
	sim_trace_recent(t, 1500, see_two, &s);
	assert_true(s.nr == 1500 && s.first == 98503 && s.next == 100003);
	s.nr = 0;
	sim_trace_recent(t, SIZE_MAX, see_two, &s);
	assert_true(s.nr >= 2000 && s.nr < 5000 && s.next == 100003);
	sim_trace_free(t);
}

static void see_text(void *arg, const struct sim_trace_record *rec)
{
	struct seen *s = arg;

	s->nr++;
	sim_trace_text_add(s->text, rec, &s->out);
	sim_buf_putc(&s->out, '\n');
}

/* Every type comes back from the ring as it went in; texts are cut to what the form keeps. */
static void test_recent_types(void **state)
{
	struct sim_trace *t = new_trace();
	struct seen s = {.text = sim_trace_text_new(table, NR_EV, 1)};
	char *longest = sim_xmalloc(100001);

	memset(longest, 'x', 100000);
	longest[100000] = '\0';
	emit_all(t, EV_ALL, "");
	emit_all(t, EV_ALL, "text");
	sim_trace_recent(t, 2, see_text, &s);
	assert_string_equal(s.out.data, "200 beef 12345678 123456789abcdef0 -2 4294967293 "
					"-9223372036854775808 blue red  []\n"
					"200 beef 12345678 123456789abcdef0 -2 4294967293 "
					"-9223372036854775808 blue red  [text]\n");
	for (unsigned i = 0; i < 100; i++)
		emit_texts(t, longest, longest);
	s.nr = 0;
	sim_buf_clear(&s.out);
	sim_trace_recent(t, 3, see_text, &s);
	assert_int_equal(s.nr, 3);
	assert_int_equal(s.out.len, 3 * (2 * SIM_TRACE_STR_MAX + 3));
	sim_trace_text_free(s.text);
	sim_buf_free(&s.out);
	sim_xfree(longest);
	sim_trace_free(t);
}

static void test_comm_is_cut(void **state)
{
	struct sim_trace *a = new_trace(), *b = new_trace();
	const union sim_trace_value v[] = {{.u = 1}, {.u = 2}};

	sim_trace_who(a, 1, 0, "123456789012345");
	sim_trace_who(b, 1, 0, "1234567890123456");
	sim_trace_emit(a, EV_TWO, v);
	sim_trace_emit(b, EV_TWO, v);
	assert_true(sim_fingerprint_equal(sim_trace_fingerprint(a), sim_trace_fingerprint(b)));
	sim_trace_free(a);
	sim_trace_free(b);
}

static void emit_each(struct sim_trace *t)
{
	emit_all(t, EV_ALL, "");
	emit_two(t, EV_TWO, 1, 1);
	emit_two(t, EV_SEEN, 1, 1);
	emit_texts(t, "", "");
}

static void test_sinks(void **state)
{
	struct sim_trace *t = new_trace();
	struct counter c[SIM_TRACE_SINKS] = {0};

	assert_false(sim_trace_wants(NULL, EV_TWO));
	assert_true(sim_trace_wants(t, EV_TWO));
	assert_false(sim_trace_wants(t, EV_SEEN));
	for (unsigned i = 0; i < SIM_TRACE_SINKS; i++) {
		c[i].sink.record = sink_count;
		sim_trace_add_sink(t, &c[i].sink);
	}
	assert_true(sim_trace_wants(t, EV_SEEN));
	emit_each(t);
	sim_trace_remove_sink(t, &c[0].sink);
	sim_trace_remove_sink(t, &c[5].sink);
	emit_each(t);
	for (unsigned i = 0; i < SIM_TRACE_SINKS; i++)
		assert_int_equal(c[i].nr, i == 0 || i == 5 ? 4 : 8);
	sim_trace_add_sink(t, &c[5].sink);
	emit_two(t, EV_TWO, 1, 1);
	assert_int_equal(c[5].nr, 5);
	assert_int_equal(c[0].nr, 4);
	sim_trace_free(t);
}

static void test_filter(void **state)
{
	struct sim_trace *t = new_trace();
	struct counter c = {.sink = {.record = sink_count}};

	sim_trace_add_sink(t, &c.sink);
	assert_int_equal(sim_trace_filter(t, &c.sink, "y", false), 2);
	emit_each(t);
	assert_int_equal(c.nr, 2);
	assert_false(sim_trace_wants(t, EV_SEEN));
	assert_int_equal(sim_trace_filter(t, &c.sink, "y:seen", true), 1);
	assert_int_equal(sim_trace_filter(t, &c.sink, "x:*", false), 2);
	emit_each(t);
	assert_int_equal(c.nr, 3);
	assert_string_equal(c.last, "y_seen");
	assert_int_equal(sim_trace_filter(t, &c.sink, "*:two", true), 1);
	assert_int_equal(sim_trace_filter(t, &c.sink, "*", false), 4);
	assert_int_equal(sim_trace_filter(t, &c.sink, "x:seen", true), 0);
	assert_int_equal(sim_trace_filter(t, &c.sink, "y:y:seen", true), 0);
	assert_int_equal(sim_trace_filter(t, &c.sink, "", true), 0);
	emit_each(t);
	assert_int_equal(c.nr, 3);
	sim_trace_free(t);
}

static void test_window(void **state)
{
	struct sim_trace *t = new_trace();
	struct counter in = {.sink = {.record = sink_count, .windowed = true}};
	struct counter always = {.sink = {.record = sink_count}};
	struct counter late = {.sink = {.record = sink_count, .windowed = true}};

	sim_trace_add_sink(t, &in.sink);
	sim_trace_add_sink(t, &always.sink);
	emit_two(t, EV_TWO, 1, 1);
	sim_trace_window(t, false);
	emit_two(t, EV_TWO, 2, 1);
	sim_trace_add_sink(t, &late.sink);
	emit_two(t, EV_TWO, 3, 1);
	sim_trace_window(t, true);
	emit_two(t, EV_TWO, 4, 1);
	assert_int_equal(in.nr, 2);
	assert_int_equal(always.nr, 4);
	assert_int_equal(late.nr, 1);
	assert_int_equal(t->nr_records, 4);
	sim_trace_free(t);
}

static void text_of(unsigned version, unsigned ev, const union sim_trace_value *v, const char *want)
{
	struct sim_trace_text *text = sim_trace_text_new(table, NR_EV, version);
	struct sim_trace_ctx ctx = {.comm = ""};
	struct sim_trace_record rec = {.event = &table[ev], .ctx = &ctx, .value = v};
	struct sim_buf b = {0};

	sim_trace_text_add(text, &rec, &b);
	assert_string_equal(b.data, want);
	sim_buf_free(&b);
	sim_trace_text_free(text);
}

static void test_text(void **state)
{
	union sim_trace_value all[10] = {[9] = {.str = "a\nb\tc\x01"}};
	union sim_trace_value two[2] = {{.u = UINT64_MAX}, {.u = 2}};
	union sim_trace_value texts[2] = {{.str = "r"}, {.str = "\xc3\xa4"}};

	text_of(0, EV_ALL, all, "0 0 00000000 0 0 0 0 red  red  [a\\nb\\tc\\?]");
	all[0].u = UINT8_MAX;
	all[1].u = UINT16_MAX;
	all[2].u = UINT32_MAX;
	all[3].u = UINT64_MAX;
	all[4].s = INT16_MIN;
	all[5].s = INT32_MIN;
	all[6].s = INT64_MAX;
	all[7].u = 1;
	all[8].u = 77;
	all[9].str = "";
	text_of(0, EV_ALL, all,
		"255 ffff ffffffff ffffffffffffffff -32768 2147483648 9223372036854775807 0x1 0x4d "
		"[]");
	all[7].u = all[8].u = 0;
	text_of(2, EV_ALL, all,
		"255 ffff ffffffff ffffffffffffffff -32768 2147483648 9223372036854775807 rot rot "
		"[]");
	text_of(1, EV_TWO, two, "ffffffffffffffff-00000 1");
	two[0].u = 0;
	two[1].u = 0;
	text_of(1, EV_TWO, two, "00000-ffffffffffffffff 0");
	text_of(1, EV_TEXTS, texts, "r: \xc3\xa4");
}

static void test_free_nothing(void **state)
{
	sim_trace_free(NULL);
	sim_trace_text_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fingerprint_vectors),
		cmocka_unit_test(test_canonical_form),
		cmocka_unit_test(test_fingerprint_is_independent),
		cmocka_unit_test(test_fingerprint_sees),
		cmocka_unit_test(test_partials),
		cmocka_unit_test(test_fingerprint_text),
		cmocka_unit_test(test_recent),
		cmocka_unit_test(test_recent_types),
		cmocka_unit_test(test_comm_is_cut),
		cmocka_unit_test(test_sinks),
		cmocka_unit_test(test_filter),
		cmocka_unit_test(test_window),
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_free_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
