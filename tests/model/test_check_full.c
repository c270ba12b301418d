/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * check: full looks at everything. What is spoiled behind the model's back, so that no step touches
 * it, is seen under CHECK_FULL and only there: where the two agree, nothing had gone by untouched.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "model/check/check.h"
#include "sim/base/math.h"
#include "tests/model/fixture.h"

struct hidden {
	struct model_fixture f;
	struct check *c;
	struct inode *inode;
	const struct hidden_row *row;
};

struct hidden_row {
	const char *name;
	enum check_rule rule;
	void (*spoil)(struct hidden *h); /* spoil, take a step, mend */
};

static void step(struct hidden *h)
{
	check_step(h->f.w);
}

static void spoil_flags(struct hidden *h)
{
	struct folio *folio = filemap_lookup(&h->inode->i_data, 1);
	uint32_t flags = folio->flags;

	folio->flags = (flags & ~(1u << PG_uptodate)) | 1u << PG_dirty;
	step(h);
	folio->flags = flags;
}

static void spoil_byte(struct hidden *h)
{
	struct content_map *data = &h->inode->i_data.data;
	struct content_val val = content_get(data, PAGE_SIZE + 9);

	content_set(data, PAGE_SIZE + 9, 1, content_junk(h->f.m->content));
	step(h);
	content_set(data, PAGE_SIZE + 9, 1, val);
}

static void spoil_zero_point(struct hidden *h)
{
	struct netfs_inode *ctx = netfs_inode(h->inode);
	uint64_t zero_point = ctx->zero_point;

	ctx->zero_point = 0x8000;
	step(h);
	ctx->zero_point = zero_point;
}

static void spoil_request(struct hidden *h)
{
	struct netfs_io_request rreq = {
		.client = h->f.c,
		.inode = h->inode,
		.mapping = &h->inode->i_data,
		.origin = NETFS_READAHEAD,
		.len = PAGE_SIZE,
		.i_size = h->inode->i_size,
		.flags = NETFS_RREQ_IN_PROGRESS,
		.nr_outstanding = 1,
		.ref = 1,
	};

	MODEL_HOOK(h->f.m, rreq_new, &rreq);
	step(h);
	rreq.nr_outstanding = -1;
	step(h);
	rreq.nr_outstanding = 1;
	MODEL_HOOK(h->f.m, rreq_free, &rreq);
}

static struct hidden_row rows[] = {
	{"flags of a folio", CHECK_FOLIO_STATE, spoil_flags},
	{"a byte of a folio", CHECK_UPTODATE_CONTENT, spoil_byte},
	{"the zero point", CHECK_ZERO_POINT_COVERS, spoil_zero_point},
	{"the count of a request", CHECK_OUTSTANDING, spoil_request},
};

static void hidden_task(void *arg)
{
	struct hidden *h = arg;
	struct file *file = fx_open(&h->f, "f", O_RDWR_);

	h->inode = file->f_inode;
	fx_pread(&h->f, file, 0, 0x4000);
	step(h);
	assert_int_equal(check_nr_violations(h->c), 0);
	h->row->spoil(h);
}

static void run(struct hidden *h, enum check_mode mode)
{
	int err;

	model_fixture_init(&h->f);
	model_fixture_start(&h->f);
	h->f.m->nr_clients = 1;
	h->c = check_new(h->f.m, mode);
	srv_create(h->f.m->server, "f", 0xa000, SRV_FILL_DATA, &err);
	client_spawn(h->f.c, "spoiler", hidden_task, h);
	sim_world_run(h->f.w);
}

static void test_hidden(void **state)
{
	struct hidden touched = {.row = *state}, full = {.row = *state};

	run(&touched, CHECK_STOP);
	assert_int_equal(check_nr_violations(touched.c), 0);
	model_fixture_teardown(&touched.f);
	run(&full, CHECK_FULL);
	assert_int_not_equal(check_nr_violations(full.c), 0);
	assert_int_equal(check_violation(full.c, 0)->rule, full.row->rule);
	model_fixture_teardown(&full.f);
}

int main(void)
{
	struct CMUnitTest tests[SIM_ARRAY_SIZE(rows)];

	for (unsigned i = 0; i < SIM_ARRAY_SIZE(rows); i++)
		tests[i] = (struct CMUnitTest){
			.name = rows[i].name, .test_func = test_hidden, .initial_state = &rows[i]};
	return cmocka_run_group_tests_name("full", tests, NULL, NULL);
}
