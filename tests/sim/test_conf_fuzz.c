/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of sim/conf: documents with bytes changed at random are read or refused, never worse. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "sim/base/math.h"
#include "tests/sim/conf_sample.h"

#define ROUNDS 2000

static const char seed_text[] =
	"# comment\n"
	"format: 1\n"
	"purpose: 'one \xc3\xa9 each'\n"
	"server: &srv {latency: {law: uniform, min: 1ms, max: 3ms}, bandwidth: 2GiB/s, drop: 1/100}\n"
	"memory: {page: 64KiB, total: 1MiB}\n"
	"flags: [wronly, trunc]\n"
	"files: {a/b.txt: 4096, \"c\\td\": 1TiB}\n"
	"tags:\n"
	"  - |\n"
	"    block\n"
	"  - >-\n"
	"    folded\n"
	"think: {law: table, values: [1us, 2us, 3us], at: [0, 1/2, 1]}\n"
	"tasks:\n"
	"  w:\n"
	"    - write: {fd: fd, at: 0x1100, len: 512..4KiB, label: w1}\n"
	"    - sync: &s {label: s}\n"
	"    - sync: *s\n"
	"    - repeat: {times: 10, do: [sync, {repeat: {times: 2, do: [drop_caches]}}]}\n";

/* Bytes that mean something to YAML, to make changes that matter. */
static const char marks[] = "{}[],:-?&*#|>'\"%@`!<=~ \n\t\r0x\\/.\x80\xc3\xff";

/* One random change: a byte set, some removed, or a piece copied elsewhere. */
static size_t mutate(char *text, size_t len, size_t room, struct sim_draw_key *k)
{
	uint64_t at = sim_uniform_draw(k, 0, len - 1);
	uint64_t n, from;

	k->attempt++;
	switch (sim_uniform_draw(k, 0, 4)) {
	case 0:
		text[at] = (char)sim_draw_nth(k, 1);
		return len;
	case 1:
	case 2:
		text[at] = marks[sim_draw_nth(k, 1) % (sizeof(marks) - 1)];
		return len;
	case 3:
		n = sim_min(sim_draw_nth(k, 1) % 8 + 1, len - at);
		memmove(text + at, text + at + n, len - at - n);
		return sim_max(len - n, 1);
	default:
		n = sim_min(sim_draw_nth(k, 1) % 40 + 1, room - len);
		from = sim_draw_nth(k, 2) % len;
		n = sim_min(n, len - from);
		memmove(text + at + n, text + at, len - at);
		memmove(text + at, text + (from < at ? from : from + n), n);
		return len + n;
	}
}

/* Load, type, dump and load again; every refusal has a text. */
static bool try(const char *text, size_t len)
{
	struct sim_err err = {0};
	struct sim_conf_doc *doc = sim_conf_load_text("fuzz", text, len, NULL, &err), *again;
	struct sim_buf b = {0}, c = {0};
	bool parsed;

	if (!doc) {
		assert_true(err.set && err.text[0]);
		return false;
	}
	parsed = sim_conf_parse(doc, &sample_type, &err);
	assert_true(parsed || (err.set && err.text[0]));
	sim_conf_dump(doc, &b);
	again = sim_conf_load_text("dump", b.data, b.len, NULL, &err);
	if (parsed && !again)
		fail_msg("%s\n%s", err.text, b.data);
	if (again) {
		sim_conf_dump(again, &c);
		assert_string_equal(b.data, c.data);
	}
	sim_buf_free(&b);
	sim_buf_free(&c);
	sim_conf_free(again);
	sim_conf_free(doc);
	return parsed;
}

static void test_mutations(void **state)
{
	struct sim_draw_key k = {.seed = 2024, .site = sim_site("fuzz")};
	unsigned accepted = 0;

	assert_true(try(seed_text, sizeof(seed_text) - 1));
	for (k.op = 0; k.op < ROUNDS; k.op++) {
		char text[2 * sizeof(seed_text)];
		size_t len = sizeof(seed_text) - 1;

		memcpy(text, seed_text, len);
		k.attempt = 0;
		for (uint64_t n = sim_uniform_draw(&k, 1, 3); n; n--) {
			k.attempt += 10;
			len = mutate(text, len, sizeof(text), &k);
		}
		accepted += try(text, len);
	}
	print_message("%u of %u changed documents were accepted\n", accepted, ROUNDS);
	assert_in_range(accepted, ROUNDS / 100, ROUNDS / 2);
}

/* Every beginning of the document, and every document with one byte missing. */
static void test_cut(void **state)
{
	char text[sizeof(seed_text)];

	for (size_t i = 0; i < sizeof(seed_text) - 1; i++) {
		try(seed_text, i);
		memcpy(text, seed_text, i);
		memcpy(text + i, seed_text + i + 1, sizeof(seed_text) - i - 1);
		try(text, sizeof(seed_text) - 2);
	}
}

static void test_overrides(void **state)
{
	struct sim_draw_key k = {.seed = 7};
	static const char base[] = "tasks.w.0.write.\"len\"=[{a: 'b'}, 5]";

	for (k.op = 0; k.op < ROUNDS; k.op++) {
		char text[2 * sizeof(base)];
		const char *arg = text;
		struct sim_conf_opts opts = {&arg, 1};
		struct sim_err err = {0};
		struct sim_conf_doc *doc;
		size_t len = sizeof(base) - 1;

		memcpy(text, base, len);
		k.attempt = 0;
		len = mutate(text, len, sizeof(text) - 1, &k);
		text[len] = '\0';
		doc = sim_conf_load_text("f", seed_text, sizeof(seed_text) - 1, &opts, &err);
		if (doc)
			sim_conf_parse(doc, &sample_type, &err);
		else
			assert_true(err.set);
		sim_conf_free(doc);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_mutations),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_overrides),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
