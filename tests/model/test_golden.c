/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The golden sequences of a 6.8 kernel, event by event: G1 readahead, G2 read_folio, G3 writeback,
 * G4 buffered writes. The recordings traces/kernel/6.8-9p/{seqread-4k,streamw-fsync-noread,
 * write4k-new-fsync,subpage-noncontig} show the same.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/model/fixture.h"

static int setup(void **state)
{
	static struct model_fixture f;

	model_fixture_init(&f);
	model_fixture_start(&f);
	*state = &f;
	return 0;
}

static int teardown(void **state)
{
	model_fixture_teardown(*state);
	return 0;
}

static void do_g1(struct model_fixture *f)
{
	struct file *file = fx_open(f, "f", O_RDONLY_);

	fx_forget(f);
	fx_equal(f, fx_pread(f, file, 0, 0x20000), 0x20000);
	fx_expect(f, "wl: netfs_rreq_ref: R=00000001 NEW         r=1\n"
		     "wl: netfs_read: R=00000001 READAHEAD c=00000000 ni=2 s=0 20000\n"
		     "wl: netfs_rreq_ref: R=00000001 GET OUTSTND r=2\n"
		     "wl: netfs_rreq_ref: R=00000001 GET SUBREQ  r=3\n"
		     "wl: netfs_sreq: R=00000001[0] DOWN PREP  f=00 s=0 0/20000 e=0\n"
		     "wl: netfs_sreq: R=00000001[0] DOWN PREP  f=00 s=0 0/20000 e=0\n"
		     "wl: netfs_sreq: R=00000001[0] DOWN SUBMT f=00 s=0 0/20000 e=0\n"
		     "wl: netfs_sreq: R=00000001[0] DOWN TERM  f=02 s=0 20000/20000 e=0\n"
		     "wl: netfs_sreq_ref: R=00000001[0] PUT TERM    r=1\n"
		     "wl: netfs_rreq: R=00000001 RA ASSESS  f=20\n"
		     "wl: netfs_rreq: R=00000001 RA UNLOCK  f=20\n"
		     "wl: netfs_rreq: R=00000001 RA WAKE-IP f=20\n"
		     "wl: netfs_rreq: R=00000001 RA DONE    f=00\n"
		     "wl: netfs_sreq_ref: R=00000001[0] PUT CLEAR   r=0\n"
		     "wl: netfs_sreq: R=00000001[0] DOWN FREE  f=02 s=0 20000/20000 e=0\n"
		     "wl: netfs_rreq_ref: R=00000001 PUT SUBREQ  r=2\n"
		     "wl: netfs_rreq_ref: R=00000001 PUT COMPLT  r=1\n"
		     "wl: netfs_rreq_ref: R=00000001 PUT RETURN  r=0\n"
		     "wl: netfs_rreq: R=00000001 RA FREE    f=00\n");
	sys_close(file);
}

static void test_g1_readahead(void **state)
{
	struct model_fixture *f = *state;
	int err;

	srv_create(f->m->server, "f", 0x20000, SRV_FILL_DATA, &err);
	model_fixture_run(f, "wl", do_g1);
}

static void do_g2(struct model_fixture *f)
{
	struct file *file = fx_open(f, "f", O_WRONLY_), *reader;

	fx_pwrite(f, file, 0x1100, 0x200);
	fx_equal(f, sys_fsync(file, false), 0);
	reader = fx_open(f, "f", O_RDONLY_);
	fx_forget(f);
	fx_equal(f, fx_pread(f, reader, 0x1000, 0x1000), 0x1000);
	fx_expect(f, "wl: netfs_rreq_ref: R=00000002 NEW         r=1\n"
		     "wl: netfs_read: R=00000002 READPAGE  c=00000000 ni=2 s=1000 1000\n"
		     "wl: netfs_rreq_ref: R=00000002 GET OUTSTND r=2\n"
		     "wl: netfs_rreq_ref: R=00000002 GET SUBREQ  r=3\n"
		     "wl: netfs_sreq: R=00000002[0] DOWN PREP  f=00 s=1000 0/1000 e=0\n"
		     "wl: netfs_sreq: R=00000002[0] DOWN PREP  f=00 s=1000 0/1000 e=0\n"
		     "wl: netfs_sreq: R=00000002[0] DOWN SUBMT f=00 s=1000 0/1000 e=0\n"
		     "wl: netfs_sreq: R=00000002[0] DOWN TERM  f=02 s=1000 1000/1000 e=0\n"
		     "wl: netfs_sreq_ref: R=00000002[0] PUT TERM    r=1\n"
		     "wl: netfs_rreq: R=00000002 RP ASSESS  f=20\n"
		     "wl: netfs_rreq: R=00000002 RP UNLOCK  f=20\n"
		     "wl: netfs_rreq: R=00000002 RP WAKE-IP f=20\n"
		     "wl: netfs_rreq: R=00000002 RP DONE    f=00\n"
		     "wl: netfs_sreq_ref: R=00000002[0] PUT CLEAR   r=0\n"
		     "wl: netfs_sreq: R=00000002[0] DOWN FREE  f=02 s=1000 1000/1000 e=0\n"
		     "wl: netfs_rreq_ref: R=00000002 PUT SUBREQ  r=2\n"
		     "wl: netfs_rreq_ref: R=00000002 PUT COMPLT  r=1\n"
		     "wl: netfs_rreq: R=00000002 RP WAIT-IP f=00\n"
		     "wl: netfs_rreq_ref: R=00000002 PUT RETURN  r=0\n"
		     "wl: netfs_rreq: R=00000002 RP FREE    f=00\n");
	sys_close(reader);
	sys_close(file);
}

static void test_g2_read_folio(void **state)
{
	struct model_fixture *f = *state;
	int err;

	srv_create(f->m->server, "f", 0x10000, SRV_FILL_DATA, &err);
	model_fixture_run(f, "wl", do_g2);
}

static void do_g3(struct model_fixture *f)
{
	struct file *file = fx_open(f, "f", O_RDWR_ | O_CREAT_ | O_TRUNC_);

	fx_pwrite(f, file, 0, 0x4000);
	fx_forget(f);
	fx_equal(f, sys_fsync(file, false), 0);
	fx_expect(f, "wl: netfs_rreq_ref: R=00000001 NEW         r=1\n"
		     "wl: netfs_folio: i=00002 ix=00000-00000 store\n"
		     "wl: netfs_folio: i=00002 ix=00001-00001 store+\n"
		     "wl: netfs_folio: i=00002 ix=00002-00002 store+\n"
		     "wl: netfs_folio: i=00002 ix=00003-00003 store+\n"
		     "wl: netfs_write: R=00000001 WRITEBACK c=00000000 by=0-3fff\n"
		     "wl: netfs_rreq_ref: R=00000001 GET OUTSTND r=2\n"
		     "wl: netfs_rreq_ref: R=00000001 GET SUBREQ  r=3\n"
		     "wl: netfs_sreq_ref: R=00000001[0] NEW         r=2\n"
		     "wl: netfs_sreq: R=00000001[0] UPLD PREP  f=00 s=0 0/4000 e=0\n"
		     "kworker/u2:1: netfs_sreq: R=00000001[0] UPLD SUBMT f=00 s=0 0/4000 e=0\n"
		     "kworker/u2:1: netfs_sreq: R=00000001[0] UPLD TERM  f=00 s=0 4000/4000 e=0\n"
		     "kworker/u2:1: netfs_rreq: R=00000001 WB WR-DONE f=120\n"
		     "kworker/u2:1: netfs_folio: i=00002 ix=00000-00000 clear\n"
		     "kworker/u2:1: netfs_folio: i=00002 ix=00001-00001 clear\n"
		     "kworker/u2:1: netfs_folio: i=00002 ix=00002-00002 clear\n"
		     "kworker/u2:1: netfs_folio: i=00002 ix=00003-00003 clear\n"
		     "kworker/u2:1: netfs_rreq: R=00000001 WB WAKE-IP f=120\n"
		     "kworker/u2:1: netfs_sreq_ref: R=00000001[0] PUT CLEAR   r=1\n"
		     "kworker/u2:1: netfs_rreq_ref: R=00000001 PUT COMPLT  r=2\n"
		     "kworker/u2:1: netfs_sreq_ref: R=00000001[0] PUT TERM    r=0\n"
		     "kworker/u2:1: netfs_sreq: R=00000001[0] UPLD FREE  f=00 s=0 4000/4000 e=0\n"
		     "kworker/u2:1: netfs_rreq_ref: R=00000001 PUT SUBREQ  r=1\n"
		     "wl: netfs_rreq_ref: R=00000001 PUT RETURN  r=0\n"
		     "wl: netfs_rreq: R=00000001 WB FREE    f=100\n");
	sys_close(file);
}

static void test_g3_writeback(void **state)
{
	model_fixture_run(*state, "wl", do_g3);
}

/* How folios are modified that nobody has to read or write first. */
static void do_g4_modes(struct model_fixture *f, struct file *file)
{
	fx_forget(f);
	fx_pwrite(f, file, 0x1100, 0x100);
	fx_pwrite(f, file, 0x1200, 0x100);
	fx_pwrite(f, file, 0x2000, 0x1000);
	fx_pwrite(f, file, 0x2800, 0x10);
	fx_pwrite(f, file, 0x10000, 0x10);
	fx_expect(f, "wl: netfs_write_iter: WRITE-ITER s=1100 l=100 f=0\n"
		     "wl: netfs_folio: i=00002 ix=00001-00001 mod-streamw\n"
		     "wl: netfs_write_iter: WRITE-ITER s=1200 l=100 f=0\n"
		     "wl: netfs_folio: i=00002 ix=00001-00001 mod-streamw+\n"
		     "wl: netfs_write_iter: WRITE-ITER s=2000 l=1000 f=0\n"
		     "wl: netfs_folio: i=00002 ix=00002-00002 mod-whole-f\n"
		     "wl: netfs_write_iter: WRITE-ITER s=2800 l=10 f=0\n"
		     "wl: netfs_folio: i=00002 ix=00002-00002 mod-uptodate\n"
		     "wl: netfs_write_iter: WRITE-ITER s=10000 l=10 f=0\n"
		     "wl: netfs_folio: i=00002 ix=00010-00010 mod-n-clear\n");
}

/* Not next to the record of the folio: that is written back first. */
static void do_g4_conflict(struct model_fixture *f, struct file *file)
{
	fx_forget(f);
	fx_pwrite(f, file, 0x1800, 0x100);
	fx_expect(f, "wl: netfs_write_iter: WRITE-ITER s=1800 l=100 f=0\n"
		     "wl: netfs_folio: i=00002 ix=00001-00001 flush\n"
		     "wl: netfs_rreq_ref: R=00000001 NEW         r=1\n"
		     "wl: netfs_folio: i=00002 ix=00001-00001 store\n"
		     "wl: netfs_write: R=00000001 WRITEBACK c=00000000 by=1100-12ff\n"
		     "wl: netfs_rreq_ref: R=00000001 GET OUTSTND r=2\n"
		     "wl: netfs_rreq_ref: R=00000001 GET SUBREQ  r=3\n"
		     "wl: netfs_sreq_ref: R=00000001[0] NEW         r=2\n"
		     "wl: netfs_sreq: R=00000001[0] UPLD PREP  f=00 s=1100 0/200 e=0\n"
		     "kworker/u2:1: netfs_sreq: R=00000001[0] UPLD SUBMT f=00 s=1100 0/200 e=0\n"
		     "kworker/u2:1: netfs_sreq: R=00000001[0] UPLD TERM  f=00 s=1100 200/200 e=0\n"
		     "kworker/u2:1: netfs_rreq: R=00000001 WB WR-DONE f=120\n"
		     "kworker/u2:1: netfs_folio: i=00002 ix=00001-00001 clear-s\n"
		     "kworker/u2:1: netfs_rreq: R=00000001 WB WAKE-IP f=120\n"
		     "kworker/u2:1: netfs_sreq_ref: R=00000001[0] PUT CLEAR   r=1\n"
		     "kworker/u2:1: netfs_rreq_ref: R=00000001 PUT COMPLT  r=2\n"
		     "kworker/u2:1: netfs_sreq_ref: R=00000001[0] PUT TERM    r=0\n"
		     "kworker/u2:1: netfs_sreq: R=00000001[0] UPLD FREE  f=00 s=1100 200/200 e=0\n"
		     "kworker/u2:1: netfs_rreq_ref: R=00000001 PUT SUBREQ  r=1\n"
		     "wl: netfs_rreq_ref: R=00000001 PUT RETURN  r=0\n"
		     "wl: netfs_rreq: R=00000001 WB FREE    f=100\n"
		     "wl: netfs_folio: i=00002 ix=00001-00001 mod-streamw\n");
}

/* A reader's descriptor never streams: the folio is read first. */
static void do_g4_prefetch(struct model_fixture *f)
{
	struct file *both = fx_open(f, "f", O_RDWR_);

	fx_forget(f);
	fx_pwrite(f, both, 0x5100, 0x100);
	fx_expect(f, "wl: netfs_write_iter: WRITE-ITER s=5100 l=100 f=0\n"
		     "wl: netfs_rreq_ref: R=00000002 NEW         r=1\n"
		     "wl: netfs_read: R=00000002 PREFETCHW c=00000000 ni=2 s=5000 1000\n"
		     "wl: netfs_rreq_ref: R=00000002 GET OUTSTND r=2\n"
		     "wl: netfs_rreq_ref: R=00000002 GET SUBREQ  r=3\n"
		     "wl: netfs_sreq: R=00000002[0] DOWN PREP  f=00 s=5000 0/1000 e=0\n"
		     "wl: netfs_sreq: R=00000002[0] DOWN PREP  f=00 s=5000 0/1000 e=0\n"
		     "wl: netfs_sreq: R=00000002[0] DOWN SUBMT f=00 s=5000 0/1000 e=0\n"
		     "wl: netfs_sreq: R=00000002[0] DOWN TERM  f=02 s=5000 1000/1000 e=0\n"
		     "wl: netfs_sreq_ref: R=00000002[0] PUT TERM    r=1\n"
		     "wl: netfs_rreq: R=00000002 RW ASSESS  f=24\n"
		     "wl: netfs_rreq: R=00000002 RW UNLOCK  f=24\n"
		     "wl: netfs_rreq: R=00000002 RW WAKE-IP f=24\n"
		     "wl: netfs_rreq: R=00000002 RW DONE    f=04\n"
		     "wl: netfs_sreq_ref: R=00000002[0] PUT CLEAR   r=0\n"
		     "wl: netfs_sreq: R=00000002[0] DOWN FREE  f=02 s=5000 1000/1000 e=0\n"
		     "wl: netfs_rreq_ref: R=00000002 PUT SUBREQ  r=2\n"
		     "wl: netfs_rreq_ref: R=00000002 PUT COMPLT  r=1\n"
		     "wl: netfs_rreq: R=00000002 RW WAIT-IP f=04\n"
		     "wl: netfs_rreq_ref: R=00000002 PUT RETURN  r=0\n"
		     "wl: netfs_rreq: R=00000002 RW FREE    f=04\n"
		     "wl: netfs_folio: i=00002 ix=00005-00005 mod-prefetch\n");
	sys_close(both);
}

static void do_g4(struct model_fixture *f)
{
	struct file *file = fx_open(f, "f", O_WRONLY_);

	do_g4_modes(f, file);
	do_g4_conflict(f, file);
	do_g4_prefetch(f);
	sys_close(file);
}

static void test_g4_buffered_write(void **state)
{
	struct model_fixture *f = *state;
	int err;

	srv_create(f->m->server, "f", 0x10000, SRV_FILL_DATA, &err);
	model_fixture_run(f, "wl", do_g4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_g1_readahead, setup, teardown),
		cmocka_unit_test_setup_teardown(test_g2_read_folio, setup, teardown),
		cmocka_unit_test_setup_teardown(test_g3_writeback, setup, teardown),
		cmocka_unit_test_setup_teardown(test_g4_buffered_write, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
