/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ceph: snapshot contexts are written in order, and the checker sees when they are not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "model/check/check.h"
#include "model/fs/ceph.h"
#include "tests/model/fixture.h"

#define PAGES(n) ((n)*PAGE_SIZE)

struct ceph_fixture {
	struct model_fixture f;
	struct check *c;
	struct file *file;
	struct inode *inode;
};

static struct ceph_fixture *of(struct model_fixture *f)
{
	return sim_container_of(f, struct ceph_fixture, f);
}

static void start(struct ceph_fixture *cf)
{
	int err;

	*cf = (struct ceph_fixture){0};
	model_fixture_init(&cf->f);
	cf->f.mount = (struct mount_config){.fs = FS_CEPH};
	mount_config_defaults(&cf->f.mount);
	model_fixture_start(&cf->f);
	cf->c = check_new(cf->f.m, CHECK_REPORT);
	srv_create(cf->f.m->server, "f", PAGES(8), SRV_FILL_DATA, &err);
}

static void end(struct ceph_fixture *cf)
{
	check_finish(cf->c, SIM_END_QUIESCENT);
}

/* Page 0 is older than the snapshot, page 1 newer; both are dirty. */
static void dirty_both_sides(struct model_fixture *f)
{
	struct ceph_fixture *cf = of(f);

	cf->file = fx_open(f, "f", O_RDWR_);
	cf->inode = cf->file->f_inode;
	fx_equal(f, fx_pwrite(f, cf->file, 0, PAGE_SIZE), PAGE_SIZE);
	fx_equal(f, sys_mksnap(f->c, "s"), 0);
	fx_equal(f, sys_mksnap(f->c, "s"), -EEXIST);
	fx_equal(f, fx_pwrite(f, cf->file, PAGE_SIZE, PAGE_SIZE), PAGE_SIZE);
	fx_equal(f, netfs_oldest_group(netfs_inode(cf->inode))->ordinal, 1);
	fx_equal(f, ceph_inode(cf->inode)->head->group.ordinal, 2);
}

static void close_it(struct model_fixture *f)
{
	fx_equal(f, sys_fsync(of(f)->file, false), 0);
	fx_equal(f, netfs_oldest_group(netfs_inode(of(f)->inode)) == NULL, true);
	fx_equal(f, sys_close(of(f)->file), 0);
}

static void write_in_order(struct model_fixture *f)
{
	dirty_both_sides(f);
	close_it(f);
}

static bool page_is(const struct content_map *map, uint64_t page, const struct server_view *other)
{
	return content_equal_range(map, PAGES(page), other->data, PAGES(page), PAGE_SIZE,
				   CONTENT_SAME, NULL);
}

static void test_in_order(void **state)
{
	struct ceph_fixture cf;
	struct server_view now, then;

	start(&cf);
	model_fixture_run(&cf.f, "t", write_in_order);
	end(&cf);
	assert_int_equal(check_nr_violations(cf.c), 0);
	assert_true(server_view(cf.f.m->server, "f", &now));
	assert_true(server_view(cf.f.m->server, ".snap/s/f", &then));
	assert_false(server_view(cf.f.m->server, ".snap/t/f", &then));
	assert_false(server_view(cf.f.m->server, ".snap/s", &then));
	assert_true(page_is(then.data, 0, &now));
	assert_false(page_is(then.data, 1, &now));
	assert_int_equal(cf.f.m->server->nr_rpcs[RPC_FLUSHSNAP], 1);
	model_fixture_teardown(&cf.f);
}

/* A writeback that asks for one page of the newer context writes the whole older one first. */
static void write_a_range(struct model_fixture *f)
{
	struct ceph_fixture *cf = of(f);

	dirty_both_sides(f);
	fx_equal(f, filemap_fdatawrite_range(&cf->inode->i_data, PAGE_SIZE, PAGES(2) - 1), 0);
	fx_equal(f, cf->inode->i_data.nr_dirty, 0);
	close_it(f);
}

static void test_range(void **state)
{
	struct ceph_fixture cf;

	start(&cf);
	model_fixture_run(&cf.f, "t", write_a_range);
	end(&cf);
	assert_int_equal(check_nr_violations(cf.c), 0);
	model_fixture_teardown(&cf.f);
}

/* The newer context first: what is older misses the snapshot. */
static void write_newer_first(struct model_fixture *f)
{
	struct ceph_fixture *cf = of(f);
	struct writeback_control wbc = {
		.nr_to_write = INT64_MAX, .range_end = LLONG_MAX_OFF, .sync_mode = WB_SYNC_ALL};

	dirty_both_sides(f);
	netfs_lib_6_8.writepages_group(&cf->inode->i_data, &wbc,
				       &ceph_inode(cf->inode)->head->group);
	close_it(f);
}

static void test_newer_first(void **state)
{
	struct ceph_fixture cf;

	start(&cf);
	model_fixture_run(&cf.f, "t", write_newer_first);
	end(&cf);
	assert_int_equal(check_violation(cf.c, 0)->rule, CHECK_GROUP_ORDER);
	assert_int_equal(check_rule_count(cf.c, CHECK_GROUP_ORDER), 1);
	assert_int_equal(check_rule_count(cf.c, CHECK_SNAPSHOT), 1);
	model_fixture_teardown(&cf.f);
}

/* Somebody else makes the server keep what the file held before the older data came. */
static void others_change_it(struct model_fixture *f)
{
	dirty_both_sides(f);
	srv_write(f->m->server, "f", PAGES(7), PAGE_SIZE);
	close_it(f);
}

static void test_snapshot_lacks_data(void **state)
{
	struct ceph_fixture cf;

	start(&cf);
	model_fixture_run(&cf.f, "t", others_change_it);
	end(&cf);
	assert_int_equal(check_violation(cf.c, 0)->rule, CHECK_SNAPSHOT);
	model_fixture_teardown(&cf.f);
}

/* ---- encryption ---- */

static void write_part_of_a_block(struct model_fixture *f)
{
	struct ceph_fixture *cf = of(f);

	cf->file = fx_open(f, "f", O_RDWR_);
	cf->inode = cf->file->f_inode;
	fx_equal(f, fx_pwrite(f, cf->file, 100, 2000), 2000);
	close_it(f);
}

static void encrypt(bool bounce_buffer, unsigned times_in_place)
{
	struct ceph_fixture cf;
	int err;

	cf = (struct ceph_fixture){0};
	model_fixture_init(&cf.f);
	cf.f.mount = (struct mount_config){.fs = FS_CEPH};
	mount_config_defaults(&cf.f.mount);
	cf.f.design.crypto_block = 1024;
	cf.f.design.bounce_buffer = bounce_buffer;
	model_fixture_start(&cf.f);
	cf.c = check_new(cf.f.m, CHECK_REPORT);
	srv_create(cf.f.m->server, "f", PAGES(8), SRV_FILL_DATA, &err);
	model_fixture_run(&cf.f, "t", write_part_of_a_block);
	end(&cf);
	assert_int_equal(check_rule_count(cf.c, CHECK_SOURCE_KEPT), times_in_place);
	assert_int_equal(check_nr_violations(cf.c) > 0, times_in_place > 0);
	model_fixture_teardown(&cf.f);
}

static void test_bounce_buffer(void **state)
{
	encrypt(true, 0);
}

static void test_in_place(void **state)
{
	encrypt(false, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_in_order),      cmocka_unit_test(test_range),
		cmocka_unit_test(test_newer_first),   cmocka_unit_test(test_snapshot_lacks_data),
		cmocka_unit_test(test_bounce_buffer), cmocka_unit_test(test_in_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
