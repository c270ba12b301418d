/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CIFS: credits and what they make of requests, leases and how I/O goes, connecting again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
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
	fx_equal(f, (int64_t)wait_mtu_credits(server, 4 * MB, SIM_WAIT_PLAIN, &credits),
		 4 * 64 * KB);
	fx_equal(f, credits, 4);
	fx_equal(f, server->credits, 8);
	/* From those one at a time, which is taken when the message is sent. */
	fx_equal(f, (int64_t)wait_mtu_credits(server, 4 * MB, SIM_WAIT_PLAIN, &credits), 64 * KB);
	fx_equal(f, credits, 0);
	fx_equal(f, server->credits, 8);
	add_credits(server, 4);
	/* No more than is asked for. */
	fx_equal(f, (int64_t)wait_mtu_credits(server, 70000, SIM_WAIT_PLAIN, &credits), 70000);
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

/* ---- segments ---- */

/* Folios of 1, 4 and 8 pages at page 3. */
static void add_folios(struct model_fixture *f, struct address_space *mapping)
{
	static const struct {
		pgoff_t index;
		unsigned order;
	} folios[] = {{3, 0}, {4, 2}, {8, 3}};

	for (unsigned i = 0; i < SIM_ARRAY_SIZE(folios); i++) {
		struct folio *folio = filemap_alloc_folio(f->c, folios[i].order);

		fx_equal(f, filemap_add_folio(mapping, folio, folios[i].index), 0);
		folio_unlock(folio);
		folio_put(folio);
	}
}

/* Offset from page 3, most bytes, most segments: how many bytes; with K31. */
static const struct {
	uint64_t offset, max_size;
	uint32_t max_segs;
	uint64_t want, k31;
} limits[] = {
	{0, 52 * KB, 1, 4 * KB, 4 * KB},       {0, 52 * KB, 2, 20 * KB, 8 * KB},
	{0, 52 * KB, 3, 52 * KB, 28 * KB},     {0, 52 * KB, 9, 52 * KB, 52 * KB},
	{0, 10 * KB, 2, 10 * KB, 8 * KB},      {0, 10 * KB, 3, 10 * KB, 10 * KB},
	{4 * KB, 52 * KB, 1, 16 * KB, 4 * KB}, {8 * KB, 52 * KB, 1, 12 * KB, 4 * KB},
	{8 * KB, 52 * KB, 2, 44 * KB, 8 * KB}, {100, 52 * KB, 1, 4 * KB - 100, 4 * KB},
	{48 * KB, 52 * KB, 1, 4 * KB, 4 * KB},
};

static int64_t limit_of_row(const struct netfs_io_request *rreq, const struct iov_iter *iter,
			    unsigned i)
{
	return (int64_t)netfs_limit_iter(rreq, iter, limits[i].offset, limits[i].max_size,
					 limits[i].max_segs);
}

static void limit_folios(struct model_fixture *f)
{
	struct file *file = fx_open(f, "f", O_RDWR_);
	struct address_space *mapping = &file->f_inode->i_data;
	struct netfs_io_request rreq = {.client = f->c, .mapping = mapping};
	struct iov_iter iter;

	add_folios(f, mapping);
	iov_iter_init(&iter, ITER_XARRAY, &mapping->data, 0, 64 * KB);
	iov_iter_advance(&iter, 12 * KB);
	for (unsigned i = 0; i < SIM_ARRAY_SIZE(limits); i++)
		fx_equal(f, limit_of_row(&rreq, &iter, i), (int64_t)limits[i].want);
	bug_set_add(&f->m->design.bugs, BUG_LIMIT_ITER_STALE_POSITION);
	for (unsigned i = 0; i < SIM_ARRAY_SIZE(limits); i++)
		fx_equal(f, limit_of_row(&rreq, &iter, i), (int64_t)limits[i].k31);
	fx_equal(f, sys_close(file), 0);
}

/* Memory of a task that begins 100 bytes before the end of a page; the gaps round a streaming
 * write. */
static void limit_memory(struct model_fixture *f)
{
	struct netfs_io_request rreq = {.client = f->c, .origin = NETFS_DIO_READ};
	struct iov_iter iter = {.kind = ITER_BVEC, .page_misalign = 4 * KB - 100};
	struct content_map map;

	content_map_init(&map, f->m->content);
	iov_iter_add_seg(&iter, &map, 0, 32 * KB);
	fx_equal(f, (int64_t)netfs_limit_iter(&rreq, &iter, 0, MB, 1), 100);
	fx_equal(f, (int64_t)netfs_limit_iter(&rreq, &iter, 0, MB, 3), 8 * KB + 100);
	fx_equal(f, (int64_t)netfs_limit_iter(&rreq, &iter, 0, 8 * KB, 3), 8 * KB);
	fx_equal(f, (int64_t)netfs_limit_iter(&rreq, &iter, 100, MB, 2), 8 * KB);
	fx_equal(f, (int64_t)netfs_limit_iter(&rreq, &iter, 31 * KB, MB, 9), 1 * KB);

	rreq.origin = NETFS_READPAGE;
	iov_iter_init(&iter, ITER_BVEC, &map, 0, 6 * KB);
	iov_iter_add_seg(&iter, NULL, 0, 5 * KB);
	iov_iter_add_seg(&iter, &map, 11 * KB, 5 * KB);
	fx_equal(f, (int64_t)netfs_limit_iter(&rreq, &iter, 0, MB, 1), 6 * KB);
	fx_equal(f, (int64_t)netfs_limit_iter(&rreq, &iter, 0, MB, 2), 10 * KB);
	fx_equal(f, (int64_t)netfs_limit_iter(&rreq, &iter, 0, MB, 3), 11 * KB);
	fx_equal(f, (int64_t)netfs_limit_iter(&rreq, &iter, 0, MB, 4), 16 * KB);
	fx_equal(f, (int64_t)netfs_limit_iter(&rreq, &iter, 7 * KB, MB, 1), 3 * KB);
}

static void test_segments(void **state)
{
	struct model_fixture f;

	start(&f, 512);
	model_fixture_run(&f, "t", limit_memory);
	model_fixture_run(&f, "t", limit_folios);
	model_fixture_teardown(&f);
}

/* Each read and write is limited, and says so. */
static void test_segments_make_messages(void **state)
{
	static const struct {
		uint32_t max_segments;
		uint64_t messages;
	} rows[] = {{0, 1}, {1, 256}, {3, 86}, {255, 2}, {256, 1}};

	for (unsigned i = 0; i < SIM_ARRAY_SIZE(rows); i++) {
		struct model_fixture f;

		model_fixture_init(&f);
		f.mount = (struct mount_config){.fs = FS_CIFS};
		mount_config_defaults(&f.mount);
		f.mount.max_segments = rows[i].max_segments;
		f.mount.ra_pages = 256;
		model_fixture_start(&f);
		srv_create(f.m->server, "f", MB, SRV_FILL_DATA, &(int){0});
		model_fixture_run(&f, "t", read_and_write);
		assert_int_equal(f.m->server->nr_rpcs[RPC_READ], rows[i].messages);
		assert_int_equal(f.m->server->nr_rpcs[RPC_WRITE], rows[i].messages);
		assert_int_equal(strstr(f.lines.text.data, "ZERO LIMIT") != NULL,
				 rows[i].messages > 1);
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

/* ---- the local cache ---- */

static struct fscache_cookie *cookie_of(const struct file *file)
{
	return netfs_inode(file->f_inode)->cache;
}

static uint64_t nr_reads(const struct model_fixture *f)
{
	return f->m->server->nr_rpcs[RPC_READ];
}

static void read_again(struct model_fixture *f, struct file *file)
{
	drop_pagecache(f->c);
	fx_equal(f, fx_pread(f, file, 0, 64 * KB), 64 * KB);
	sim_sleep(f->w, 5 * SIM_NS_PER_MS);
}

static void use_the_cache(struct model_fixture *f)
{
	struct file *file = fx_open(f, "f", O_RDONLY_), *other;
	struct fscache_cookie *cookie = cookie_of(file);
	uint64_t reads;

	/* Each open file uses it; one that writes tells the version when it is closed. */
	fx_equal(f, cookie->n_active, 1);
	fx_equal(f, !(cookie->flags & FSCACHE_COOKIE_LOCAL_WRITE), 1);
	other = fx_open(f, "f", O_RDWR_);
	fx_equal(f, cookie->n_active, 2);
	fx_equal(f, cookie->flags & FSCACHE_COOKIE_LOCAL_WRITE, FSCACHE_COOKIE_LOCAL_WRITE);
	fx_equal(f, fx_pwrite(f, other, 0, 4 * KB), 4 * KB);
	fx_equal(f, sys_close(other), 0);
	/* The inode, which was dirty, keeps it in use until the flusher has seen it. */
	fx_equal(f, cookie->n_active, 2);
	sim_sleep(f->w, 40000 * SIM_NS_PER_MS);
	fx_equal(f, cookie->n_active, 1);
	fx_equal(f, (int64_t)cookie->aux, (int64_t)CIFS_I(file->f_inode)->version);
	fx_equal(f, (int64_t)cookie->aux, (int64_t)file->f_inode->remote->version);

	read_again(f, file);
	reads = nr_reads(f);
	read_again(f, file);
	fx_equal(f, (int64_t)nr_reads(f), (int64_t)reads);

	/* Who may write directly keeps it out, who reads directly does not. */
	other = fx_open(f, "f", O_RDONLY_ | O_DIRECT_);
	fx_equal(f, fscache_cookie_enabled(cookie), true);
	fx_equal(f, sys_close(other), 0);
	other = fx_open(f, "f", O_RDWR_ | O_DIRECT_);
	fx_equal(f, fscache_cookie_enabled(cookie), false);
	fx_equal(f, sys_close(other), 0);
	fx_equal(f, fscache_cookie_enabled(cookie), false);
	fx_equal(f, sys_close(file), 0);
	fx_equal(f, cookie->n_active, 0);

	file = fx_open(f, "f", O_RDWR_);
	fx_equal(f, fscache_cookie_enabled(cookie), true);
	reads = nr_reads(f);
	read_again(f, file);
	fx_equal(f, nr_reads(f) > reads, true);
	fx_equal(f, sys_close(file), 0);
}

/* Another client has written while nobody had the file open here. */
static void lose_the_cache(struct model_fixture *f)
{
	struct file *file = fx_open(f, "f", O_RDONLY_);
	struct fscache_cookie *cookie = cookie_of(file);
	uint32_t invals = cookie->inval_counter;
	uint64_t reads = nr_reads(f);

	read_again(f, file);
	fx_equal(f, (int64_t)nr_reads(f), (int64_t)reads);
	fx_equal(f, sys_close(file), 0);
	sim_sleep(f->w, 1500 * SIM_NS_PER_MS);
	fx_equal(f, srv_write(f->m->server, "f", 0, 100), 100);
	fx_equal(f, (int64_t)cookie->inval_counter, (int64_t)invals);
	file = fx_open(f, "f", O_RDONLY_);
	fx_equal(f, (int64_t)cookie->inval_counter, (int64_t)invals + 1);
	fx_equal(f, (int64_t)cookie->aux, (int64_t)file->f_inode->remote->version);
	read_again(f, file);
	fx_equal(f, nr_reads(f) > reads, true);
	fx_equal(f, sys_close(file), 0);
}

static void test_local_cache(void **state)
{
	struct model_fixture f;

	model_fixture_init(&f);
	f.mount = (struct mount_config){.fs = FS_CIFS};
	mount_config_defaults(&f.mount);
	f.mount.fsc = true;
	model_fixture_start(&f);
	srv_create(f.m->server, "f", 64 * KB, SRV_FILL_DATA, &(int){0});
	model_fixture_run(&f, "t", use_the_cache);
	model_fixture_run(&f, "t", lose_the_cache);
	model_fixture_teardown(&f);
}

/* ---- deferred close ---- */

static void check_messages(struct model_fixture *f, uint64_t opens, uint64_t closes)
{
	fx_equal(f, (int64_t)f->m->server->nr_rpcs[RPC_OPEN], (int64_t)opens);
	fx_equal(f, (int64_t)f->m->server->nr_rpcs[RPC_CLOSE], (int64_t)closes);
}

static void open_and_close(struct model_fixture *f, uint32_t flags)
{
	fx_equal(f, sys_close(fx_open(f, "f", flags)), 0);
}

static void close_later(struct model_fixture *f)
{
	struct file *file;

	/* Taken over by who opens it in the same way and reads; the time begins anew. */
	open_and_close(f, O_RDWR_);
	check_messages(f, 1, 0);
	sim_sleep(f->w, 600 * SIM_NS_PER_MS);
	open_and_close(f, O_RDWR_);
	sim_sleep(f->w, 600 * SIM_NS_PER_MS);
	check_messages(f, 1, 0);
	open_and_close(f, O_RDONLY_);
	open_and_close(f, O_WRONLY_);
	open_and_close(f, O_WRONLY_);
	check_messages(f, 4, 0);
	sim_sleep(f->w, 1100 * SIM_NS_PER_MS);
	check_messages(f, 4, 4);

	/* The break of the lease ends it. */
	open_and_close(f, O_RDWR_);
	open_and_close(f, O_RDONLY_);
	check_messages(f, 6, 4);
	fx_equal(f, srv_write(f->m->server, "f", 0, 100), 100);
	sim_sleep(f->w, 5 * SIM_NS_PER_MS);
	check_messages(f, 6, 6);
	fx_equal(f, (int64_t)f->m->server->nr_rpcs[RPC_LEASE], 0);

	/* Not under less than a lease to write, and not with a handle that was lost. */
	file = fx_open(f, "f", O_RDWR_);
	cifs_set_oplock_level(file->f_inode, LEASE_READ);
	fx_equal(f, sys_close(file), 0);
	check_messages(f, 7, 7);

	/* Not once somebody has locked it. */
	file = fx_open(f, "f", O_RDWR_);
	fx_equal(f, sys_lock(file, 0, 100, LOCK_EXCLUSIVE), 0);
	fx_equal(f, sys_lock(file, 0, 100, LOCK_NONE), 0);
	fx_equal(f, sys_close(file), 0);
	check_messages(f, 8, 8);
	open_and_close(f, O_RDWR_);
	check_messages(f, 9, 9);
}

/* What is unlinked is closed before. */
static void unlink_closed(struct model_fixture *f)
{
	open_and_close(f, O_RDWR_);
	check_messages(f, 1, 0);
	fx_equal(f, sys_unlink(f->c, "f"), 0);
	check_messages(f, 1, 1);
	sim_sleep(f->w, 1100 * SIM_NS_PER_MS);
	check_messages(f, 1, 1);
}

static void test_deferred_close(void **state)
{
	struct model_fixture f;

	start(&f, 512);
	model_fixture_run(&f, "t", close_later);
	model_fixture_teardown(&f);
	start(&f, 512);
	model_fixture_run(&f, "t", unlink_closed);
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

/* A connection that breaks at the first message of a kind, for 2 ms. */
static void start_breaking(struct model_fixture *f, struct fault *fault, enum rpc_op op)
{
	*fault = (struct fault){.on = 1u << op,
				.client = UINT32_MAX,
				.nth = 1,
				.count = 1,
				.action = FAULT_DISCONNECT,
				.delay_ns = 2 * SIM_NS_PER_MS};
	model_fixture_init(f);
	f->mount = (struct mount_config){.fs = FS_CIFS};
	mount_config_defaults(&f->mount);
	f->mount.fsc = true;
	f->mount.closetimeo_ns = 0;
	f->faults = fault;
	f->nr_faults = 1;
	model_fixture_start(f);
	srv_create(f->m->server, "f", MB, SRV_FILL_DATA, &(int){0});
}

/* The handle of the idle file went with the connection; the other one holds the lease alone. */
static void close_the_live_handle(struct model_fixture *f)
{
	struct file *idle = fx_open(f, "f", O_RDWR_), *file = fx_open(f, "f", O_RDONLY_);
	struct cifsInodeInfo *cinode = CIFS_I(idle->f_inode);

	fx_equal(f, fx_pread(f, file, 0, 4 * KB), 4 * KB);
	fx_equal(f, cinode->oplock, LEASE_READ | LEASE_WRITE);
	fx_equal(f, sys_close(file), 0);
	/* The copy to the local cache has held it a little longer. */
	sim_sleep(f->w, 5 * SIM_NS_PER_MS);
	fx_equal(f, cinode->oplock, 0);
	fx_equal(f, fx_pread(f, idle, 0, 4 * KB), 4 * KB);
	fx_equal(f, cinode->oplock, LEASE_READ | LEASE_WRITE);
	fx_equal(f, sys_close(idle), 0);
}

static void change_it(void *arg)
{
	struct model_fixture *f = arg;

	sim_sleep(f->w, 2 * SIM_NS_PER_MS);
	fx_equal(f, srv_write(f->m->server, "f", 64 * KB, 100), 100);
}

/*
 * The worker of the upload finds that the file has changed when it opens it again. The folio that
 * it has to send is on its way to the local cache as well.
 */
static void upload_after_change(struct model_fixture *f)
{
	struct file *file = fx_open(f, "f", O_RDWR_);

	fx_equal(f, fx_pwrite(f, file, 0, 4 * KB), 4 * KB);
	client_spawn(f->c, "other", change_it, f);
	fx_equal(f, sys_fsync(file, false), 0);
	fx_equal(f, (int64_t)CIFS_I(file->f_inode)->version,
		 (int64_t)file->f_inode->remote->version);
	fx_equal(f, sys_close(file), 0);
}

static void test_lost_handles(void **state)
{
	struct model_fixture f;
	struct fault fault;

	start_breaking(&f, &fault, RPC_READ);
	model_fixture_run(&f, "t", close_the_live_handle);
	assert_int_equal(fault.fired, 1);
	model_fixture_teardown(&f);
	start_breaking(&f, &fault, RPC_WRITE);
	model_fixture_run(&f, "t", upload_after_change);
	assert_int_equal(fault.fired, 1);
	model_fixture_teardown(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_credits),
		cmocka_unit_test(test_credits_come_back),
		cmocka_unit_test(test_segments),
		cmocka_unit_test(test_segments_make_messages),
		cmocka_unit_test(test_leases),
		cmocka_unit_test(test_local_cache),
		cmocka_unit_test(test_deferred_close),
		cmocka_unit_test(test_reconnect),
		cmocka_unit_test(test_lost_handles),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
