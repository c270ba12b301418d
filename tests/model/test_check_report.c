/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the checker tells of a violation, how often, and what a violation does to the run.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "model/check/check.h"
#include "sim/base/math.h"
#include "tests/model/fixture.h"

#define FILE_SIZE 0x4000u

struct breach {
	struct model_fixture f;
	struct check *c;
	struct file *file;
};

/* Unlocks a folio that is not locked, twice, then reads a byte that nobody wrote. */
static void breach_task(void *arg)
{
	struct breach *b = arg;
	struct content_map buf;
	struct folio *folio;

	b->file = fx_open(&b->f, "f", O_RDWR_);
	fx_pread(&b->f, b->file, 0, FILE_SIZE);
	folio = filemap_lookup(&b->file->f_inode->i_data, 1);
	MODEL_HOOK(b->f.m, folio_unlock, folio, false);
	MODEL_HOOK(b->f.m, folio_unlock, folio, false);

	content_map_init(&buf, b->f.m->content);
	content_copy(&buf, 0, &b->file->f_inode->remote->data, 0, FILE_SIZE);
	content_set(&buf, 0x123, 1, content_junk(b->f.m->content));
	MODEL_HOOK(b->f.m, read_start, b->file, &buf, 0, FILE_SIZE, false);
	MODEL_HOOK(b->f.m, read_end, b->file, &buf, 0, FILE_SIZE, &buf, 0);
	content_map_fini(&buf);
}

static enum sim_end run(struct breach *b, enum check_mode mode)
{
	int err;

	model_fixture_init(&b->f);
	model_fixture_start(&b->f);
	b->c = check_new(b->f.m, mode);
	srv_create(b->f.m->server, "f", 0xa000, SRV_FILL_DATA, &err);
	client_spawn(b->f.c, "spoiler", breach_task, b);
	return sim_world_run(b->f.w);
}

static void test_telling(void **state)
{
	struct sim_buf text = {0};
	struct breach b = {0};

	run(&b, CHECK_REPORT);
	/* The same state is told once. */
	assert_int_equal(check_nr_violations(b.c), 2);
	assert_int_equal(check_rule_count(b.c, CHECK_FOLIO_LOCK), 1);
	assert_int_equal(check_violation(b.c, 0)->id, 1);
	assert_string_equal(check_violation(b.c, 0)->task, "spoiler");
	assert_string_equal(check_violation(b.c, 0)->text,
			    "f pages 0x1-0x1: unlocked, but it was not locked");
	assert_int_equal(check_violation(b.c, 1)->id, 0x123);
	assert_null(check_violation(b.c, 2));
	check_print(b.c, check_violation(b.c, 1), &text);
	assert_non_null(strstr(text.data, "I11 read-value: f: byte 0x123: the read has "
					  "<uninitialised memory"));
	assert_non_null(strstr(text.data, "instead of <byte 291 of srv_create f>"));
	assert_non_null(strstr(text.data, "  rule: A read returns"));
	assert_non_null(strstr(text.data, "sim:rpc: done read"));
	sim_buf_free(&text);
	model_fixture_teardown(&b.f);
}

static void test_stop(void **state)
{
	struct breach b = {0};

	assert_int_equal(run(&b, CHECK_STOP), SIM_END_VIOLATION);
	assert_int_equal(check_violation(b.c, 0)->step, b.f.w->steps);
	model_fixture_teardown(&b.f);
}

static void test_many(void **state)
{
	struct breach b = {0};
	uint64_t before;

	run(&b, CHECK_REPORT);
	before = check_nr_violations(b.c);
	for (unsigned i = 0; i < CHECK_MAX_STORED + 20; i++)
		MODEL_HOOK(b.f.m, zero_point, b.file->f_inode, 0xa000, 0x1000 + i,
			   ZERO_POINT_RELEASE_FOLIO);
	assert_int_equal(check_nr_violations(b.c), before + CHECK_MAX_STORED + 20);
	assert_int_equal(check_nr_stored(b.c), CHECK_MAX_STORED);
	model_fixture_teardown(&b.f);
}

static void test_rules_table(void **state)
{
	struct sim_buf man = {0};

	assert_int_equal(check_rule_find("I10"), CHECK_DURABLE);
	assert_int_equal(check_rule_find("durable"), CHECK_DURABLE);
	assert_int_equal(check_rule_find("I14"), NR_CHECK_RULES);
	check_rules_man(&man);
	for (unsigned i = 0; i < NR_CHECK_RULES; i++) {
		assert_int_equal(check_rule_find(check_rules[i].id), i);
		assert_int_equal(check_rule_find(check_rules[i].name), i);
		assert_non_null(strstr(man.data, check_rules[i].text));
	}
	sim_buf_free(&man);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_telling),
		cmocka_unit_test(test_stop),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_rules_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
