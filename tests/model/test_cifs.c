/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CIFS: credits and what they make of requests, leases and how I/O goes, connecting again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "model/fs/cifs.h"
#include "sim/base/math.h"
#include "tests/model/fixture.h"

#define KB 1024ull
#define MB (1024 * KB)

static void start(struct model_fixture *f, uint32_t credits)
{
	int err;

	model_fixture_init(f);
	f->mount = (struct mount_config){.fs = FS_CIFS};
	mount_config_defaults(&f->mount);
	f->mount.credits = credits;
	f->link.bandwidth_up = f->link.bandwidth_down = 1 << 30;
	model_fixture_start(f);
	srv_create(f->m->server, "f", MB, SRV_FILL_DATA, &err);
	assert_int_equal(err, 0);
}

static struct TCP_Server_Info *server_of(struct model_fixture *f)
{
	struct cifs_sb_info *cifs_sb = f->c->sb->s_fs_info;

	return &cifs_sb->server;
}

/* ---- credits ---- */

static void take_credits(struct model_fixture *f)
{
	struct TCP_Server_Info *server = server_of(f);
	uint32_t credits;

	/* Eight are held back. */
	fx_equal(f, (int64_t)cifs_mtu_now(server, 4 * MB), 4 * 64 * KB);
	fx_equal(f, (int64_t)wait_mtu_credits(server, 4 * MB, &credits), 4 * 64 * KB);
	fx_equal(f, credits, 4);
	fx_equal(f, server->credits, 8);
	/* From those one at a time, which is taken when the message is sent. */
	fx_equal(f, (int64_t)wait_mtu_credits(server, 4 * MB, &credits), 64 * KB);
	fx_equal(f, credits, 0);
	fx_equal(f, server->credits, 8);
	add_credits(server, 4);
	/* No more than is asked for. */
	fx_equal(f, (int64_t)wait_mtu_credits(server, 70000, &credits), 70000);
	fx_equal(f, credits, 2);
	add_credits(server, 2);
}

static void test_credits(void **state)
{
	struct model_fixture f;

	start(&f, 12);
	model_fixture_run(&f, "t", take_credits);
	assert_int_equal(server_of(&f)->credits, 12);
	model_fixture_teardown(&f);
}

static void read_and_write(struct model_fixture *f)
{
	struct file *file = fx_open(f, "f", O_RDWR_);

	fx_equal(f, fx_pread(f, file, 0, MB), MB);
	fx_equal(f, fx_pwrite(f, file, 0, MB), MB);
	fx_equal(f, sys_fsync(file, false), 0);
	fx_equal(f, sys_close(file), 0);
}

/* Whatever happens, all of them come back; fewer credits make more messages. */
static void test_credits_come_back(void **state)
{
	static const struct {
		uint32_t credits;
		uint64_t writes;
	} rows[] = {{1, 16}, {8, 16}, {12, 13}, {24, 1}, {512, 1}};

	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct model_fixture f;

		start(&f, rows[i].credits);
		model_fixture_run(&f, "t", read_and_write);
		assert_int_equal(server_of(&f)->credits, rows[i].credits);
		assert_int_equal(server_of(&f)->in_flight, 0);
		assert_int_equal(f.m->server->nr_rpcs[RPC_WRITE], rows[i].writes);
		assert_int_equal(f.m->server->bytes_written, MB);
		model_fixture_teardown(&f);
	}
}

/* ---- leases ---- */

static uint32_t io_flags(const struct file *file)
{
	return netfs_inode(file->f_inode)->flags &
	       (NETFS_ICTX_UNBUFFERED | NETFS_ICTX_WRITETHROUGH);
}

static void lose_the_lease(struct model_fixture *f)
{
	struct file *file = fx_open(f, "f", O_RDWR_);
	struct cifsInodeInfo *cinode = CIFS_I(file->f_inode);
	const struct netfs_inode *ctx = netfs_inode(file->f_inode);

	fx_equal(f, cinode->oplock, LEASE_READ | LEASE_WRITE);
	fx_equal(f, io_flags(file), 0);
	fx_equal(f, (int64_t)ctx->zero_point, MB);
	fx_equal(f, fx_pread(f, file, 0, 8 * KB), 8 * KB);
	fx_equal(f, file->f_inode->i_data.nrpages > 0, 1);

	cifs_set_oplock_level(file->f_inode, LEASE_READ);
	fx_equal(f, io_flags(file), NETFS_ICTX_WRITETHROUGH);
	cifs_set_oplock_level(file->f_inode, LEASE_READ | LEASE_WRITE);
	fx_equal(f, io_flags(file), 0);

	/* A dirty page is written before the lease is given up. */
	fx_equal(f, fx_pwrite(f, file, 64 * KB, 4 * KB), 4 * KB);
	fx_equal(f, srv_write(f->m->server, "f", 0, 100), 100);
	sim_sleep(f->w, 5 * SIM_NS_PER_MS);
	fx_equal(f, cinode->oplock, 0);
	fx_equal(f, io_flags(file), NETFS_ICTX_UNBUFFERED);
	fx_equal(f, (int64_t)f->m->server->bytes_written, 4 * KB);
	fx_equal(f, (int64_t)file->f_inode->i_data.nrpages, 0);
	fx_equal(f, (int64_t)ctx->zero_point, LLONG_MAX_OFF);
	fx_equal(f, (int64_t)f->m->server->nr_rpcs[RPC_LEASE], 1);
	fx_equal(f, sys_close(file), 0);

	/* Nobody else has it open: it is granted again. */
	file = fx_open(f, "f", O_RDONLY_);
	fx_equal(f, CIFS_I(file->f_inode)->oplock, LEASE_READ | LEASE_WRITE);
	fx_equal(f, (int64_t)ctx->zero_point, MB);
	fx_equal(f, sys_close(file), 0);
}

static void test_leases(void **state)
{
	struct model_fixture f;

	start(&f, 512);
	model_fixture_run(&f, "t", lose_the_lease);
	model_fixture_teardown(&f);
}

/* ---- connecting again ---- */

static void test_reconnect(void **state)
{
	struct fault faults[] = {{.on = 1u << RPC_READ | 1u << RPC_WRITE,
				  .client = UINT32_MAX,
				  .nth = 3,
				  .count = 2,
				  .action = FAULT_DISCONNECT,
				  .delay_ns = 2 * SIM_NS_PER_MS}};
	struct model_fixture f;
	int err;

	model_fixture_init(&f);
	f.mount = (struct mount_config){.fs = FS_CIFS};
	mount_config_defaults(&f.mount);
	f.mount.rsize = f.mount.wsize = 128 * KB;
	f.faults = faults;
	f.nr_faults = 1;
	model_fixture_start(&f);
	srv_create(f.m->server, "f", MB, SRV_FILL_DATA, &err);
	model_fixture_run(&f, "t", read_and_write);
	assert_int_equal(faults[0].fired, 2);
	assert_int_equal(server_nr_disconnects(f.c), 2);
	assert_int_equal(server_of(&f)->credits, 512);
	assert_true(f.m->server->nr_rpcs[RPC_OPEN] > 1);
	assert_true(f.m->server->bytes_written >= MB);
	model_fixture_teardown(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_credits),
		cmocka_unit_test(test_credits_come_back),
		cmocka_unit_test(test_leases),
		cmocka_unit_test(test_reconnect),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
