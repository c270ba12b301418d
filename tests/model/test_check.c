/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every rule of the checker can be broken: objects and bytes are changed behind the model's back,
 * or its hooks are told what did not happen, and exactly the rule that is meant must be reported.
 * The same work without the change breaks none.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "sim/base/math.h"
#include "tests/model/check_spoil.h"

/* ---- folios ---- */

static void plant_dirty_unknown(struct spoil *s)
{
	uint32_t flags = s->folio->flags;

	s->folio->flags = (flags & ~(1u << PG_uptodate)) | 1u << PG_dirty;
	folio_event(s);
	s->folio->flags = flags;
}

static void plant_record_outside(struct spoil *s)
{
	struct netfs_folio *finfo = stream(s);

	finfo->dirty_len += PAGE_SIZE;
	folio_event(s);
	finfo->dirty_len -= PAGE_SIZE;
}

static void plant_writeback_unlocked(struct spoil *s)
{
	MODEL_HOOK(s->f.m, start_writeback, s->folio);
}

static void plant_writeback_ends_alone(struct spoil *s)
{
	MODEL_HOOK(s->f.m, end_writeback, s->folio, 0);
}

static void plant_fscache_twice(struct spoil *s)
{
	MODEL_HOOK(s->f.m, fscache, s->folio, true);
	MODEL_HOOK(s->f.m, fscache, s->folio, true);
}

static void writeback_events(struct spoil *s)
{
	folio_lock(s->folio);
	MODEL_HOOK(s->f.m, start_writeback, s->folio);
	MODEL_HOOK(s->f.m, end_writeback, s->folio, 0);
	folio_unlock(s->folio);
	step(s);
}

static void plant_not_stored(struct spoil *s)
{
	struct content_val val = content_get(server_data(s), PAGE_SIZE + 7);

	spoil_byte(s, server_data(s), PAGE_SIZE + 7);
	writeback_events(s);
	content_set(server_data(s), PAGE_SIZE + 7, 1, val);
}

static void plant_record_changes(struct spoil *s)
{
	struct netfs_folio *finfo = stream(s);

	folio_lock(s->folio);
	s->folio->flags |= 1u << PG_writeback;
	s->folio->flags &= ~(1u << PG_dirty);
	MODEL_HOOK(s->f.m, start_writeback, s->folio);
	finfo->dirty_len++;
	folio_event(s);
	finfo->dirty_len--;
	MODEL_HOOK(s->f.m, end_writeback, s->folio, 0);
	s->folio->flags &= ~(1u << PG_writeback);
	s->folio->flags |= 1u << PG_dirty;
	folio_unlock(s->folio);
}

static void plant_unlocked_twice(struct spoil *s)
{
	MODEL_HOOK(s->f.m, folio_unlock, s->folio, false);
}

static void plant_too_few_refs(struct spoil *s)
{
	s->folio->refcount--;
	folio_event(s);
	s->folio->refcount++;
}

static void uptodate_again(struct spoil *s)
{
	s->folio->flags &= ~(1u << PG_uptodate);
	folio_event(s);
	s->folio->flags |= 1u << PG_uptodate;
	folio_event(s);
}

static void plant_wrong_content(struct spoil *s)
{
	struct content_val val = content_get(&s->inode->i_data.data, PAGE_SIZE + 9);

	spoil_byte(s, &s->inode->i_data.data, PAGE_SIZE + 9);
	uptodate_again(s);
	content_set(&s->inode->i_data.data, PAGE_SIZE + 9, 1, val);
}

/* ---- data ---- */

static void plant_sync_lies(struct spoil *s)
{
	dirty_page(s);
	MODEL_HOOK(s->f.m, fsync_start, s->file, 0, LLONG_MAX_OFF);
	MODEL_HOOK(s->f.m, fsync_done, s->file, 0, LLONG_MAX_OFF, 0);
}

static void plant_server_loses(struct spoil *s)
{
	dirty_page(s);
	sys_fsync(s->file, false);
	spoil_byte(s, server_data(s), 5);
}

static void plant_wrong_size(struct spoil *s)
{
	s->inode->remote->size++;
}

static void plant_file_cut(struct spoil *s)
{
	uint64_t size = s->inode->i_size;

	s->inode->i_size = 0x9000;
	MODEL_HOOK(s->f.m, fsync_start, s->file, 0, LLONG_MAX_OFF);
	MODEL_HOOK(s->f.m, fsync_done, s->file, 0, LLONG_MAX_OFF, 0);
	s->inode->i_size = size;
}

static void read_event(struct spoil *s, uint64_t pos, int64_t len, const struct content_map *map)
{
	MODEL_HOOK(s->f.m, read_start, s->file, map, pos, (uint64_t)len, false);
	MODEL_HOOK(s->f.m, read_end, s->file, map, pos, len, map, pos);
}

static void plant_wrong_read(struct spoil *s)
{
	struct content_map buf;

	content_map_init(&buf, s->f.m->content);
	content_copy(&buf, 0, server_data(s), 0, FILE_SIZE);
	spoil_byte(s, &buf, 0x123);
	read_event(s, 0, FILE_SIZE, &buf);
	content_map_fini(&buf);
}

static void plant_read_beyond_end(struct spoil *s)
{
	read_event(s, 0xa000 - 0x10, 0x20, server_data(s));
}

static void plant_hole_not_zero(struct spoil *s)
{
	struct content_map buf;

	sys_ftruncate(s->file, 0xc000);
	content_map_init(&buf, s->f.m->content);
	spoil_byte(s, &buf, 0xb000);
	read_event(s, 0xa000, 0x2000, &buf);
	content_map_fini(&buf);
}

/* ---- the zero point ---- */

static void plant_data_above_zero_point(struct spoil *s)
{
	struct inode *inode = s->inode;

	s->inode->remote->size = 0xb000;
	content_set(server_data(s), 0xa000, 0x1000, content_junk(s->f.m->content));
	inode->i_size = 0xb000;
	MODEL_HOOK(s->f.m, i_size, inode, 0xa000, 0xb000);
	content_truncate(server_data(s), 0xa000);
	inode->i_size = inode->remote->size = 0xa000;
}

static void plant_zero_point_falls(struct spoil *s)
{
	MODEL_HOOK(s->f.m, zero_point, s->inode, 0xa000, 0x9000, ZERO_POINT_RELEASE_FOLIO);
}

/* ---- requests, made by hand ---- */

/* Unlock pages 0-3 as the request and end it in good order. */
static void finish_read(struct spoil *s, unsigned pages)
{
	struct address_space *mapping = &s->inode->i_data;

	s->rreq.nr_outstanding = 0;
	MODEL_HOOK(s->f.m, rreq_assess, &s->rreq, true);
	for (unsigned i = 0; i < pages; i++)
		MODEL_HOOK(s->f.m, folio_unlock, filemap_lookup(mapping, i), true);
	MODEL_HOOK(s->f.m, rreq_wake_ip, &s->rreq);
	s->rreq.flags &= ~(uint32_t)NETFS_RREQ_IN_PROGRESS;
	MODEL_HOOK(s->f.m, rreq_assess, &s->rreq, false);
	MODEL_HOOK(s->f.m, sreq_freed, &s->sreq);
	MODEL_HOOK(s->f.m, rreq_free, &s->rreq);
}

static void read_request(struct spoil *s)
{
	make_request(s, NETFS_READAHEAD, 0, FILE_SIZE);
	make_sreq(s, &s->sreq, NETFS_DOWNLOAD_FROM_SERVER, 0, FILE_SIZE);
	submit(s, &s->sreq);
}

static void plant_nothing(struct spoil *s)
{
	read_request(s);
	terminate(s, &s->sreq, FILE_SIZE);
	finish_read(s, 4);
	writeback_events(s);
	uptodate_again(s);
	dirty_page(s);
	sys_fsync(s->file, false);
	fx_pread(&s->f, s->file, 0, FILE_SIZE);
}

static void plant_read_over_dirty(struct spoil *s)
{
	dirty_page(s);
	read_request(s);
	sys_fsync(s->file, false);
	terminate(s, &s->sreq, FILE_SIZE);
	finish_read(s, 4);
}

static void plant_upload_overlap(struct spoil *s)
{
	struct netfs_io_request other;

	make_request(s, NETFS_WRITEBACK, 0, PAGE_SIZE);
	make_sreq(s, &s->sreq, NETFS_UPLOAD_TO_SERVER, 0, PAGE_SIZE);
	other = s->rreq;
	other.debug_id = 100;
	other.check = NULL;
	MODEL_HOOK(s->f.m, rreq_new, &other);
	s->second = (struct netfs_io_subrequest){
		.rreq = &other, .source = NETFS_UPLOAD_TO_SERVER, .start = 0xfff, .len = 1};
	MODEL_HOOK(s->f.m, sreq_prepared, &s->second);
}

static void plant_upload_beyond_end(struct spoil *s)
{
	make_request(s, NETFS_WRITEBACK, 0x9000, 0x2000);
	filemap_lookup(&s->inode->i_data, 9);
	fx_pread(&s->f, s->file, 0x9000, 0x1000);
	make_sreq(s, &s->sreq, NETFS_UPLOAD_TO_SERVER, 0x9000, 0x1001);
}

static void plant_upload_beside_record(struct spoil *s)
{
	stream(s);
	make_request(s, NETFS_WRITEBACK, 0x9000, 0x1000);
	make_sreq(s, &s->sreq, NETFS_UPLOAD_TO_SERVER, 0x9100, 0x201);
}

static void plant_zero_read(struct spoil *s)
{
	make_request(s, NETFS_READAHEAD, 0, FILE_SIZE);
	make_sreq(s, &s->sreq, NETFS_FILL_WITH_ZEROES, 0, FILE_SIZE);
}

static void plant_outstanding_too_low(struct spoil *s)
{
	read_request(s);
	s->rreq.nr_outstanding = 0;
	step(s);
}

static void plant_assessed_early(struct spoil *s)
{
	read_request(s);
	MODEL_HOOK(s->f.m, rreq_assess, &s->rreq, true);
}

static void plant_gap_in_slices(struct spoil *s)
{
	read_request(s);
	make_sreq(s, &s->second, NETFS_DOWNLOAD_FROM_SERVER, FILE_SIZE + 1, 1);
}

static void plant_slice_too_long(struct spoil *s)
{
	make_request(s, NETFS_READAHEAD, 0, FILE_SIZE)->rsize = 0x1000;
	make_sreq(s, &s->sreq, NETFS_DOWNLOAD_FROM_SERVER, 0, 0x1001);
}

static void plant_too_many_segments(struct spoil *s)
{
	make_request(s, NETFS_READAHEAD, 0, FILE_SIZE);
	make_sreq(s, &s->sreq, NETFS_DOWNLOAD_FROM_SERVER, 0, FILE_SIZE);
	s->sreq.max_nr_segs = 3;
	iov_iter_init(&s->sreq.io_iter, ITER_XARRAY, &s->inode->i_data.data, 0, FILE_SIZE);
	submit(s, &s->sreq);
}

static void plant_transferred_too_much(struct spoil *s)
{
	read_request(s);
	terminate(s, &s->sreq, FILE_SIZE + 1);
}

static void plant_folio_kept(struct spoil *s)
{
	folio_get(s->folio);
}

static void plant_folio_left_locked(struct spoil *s)
{
	folio_lock(s->folio);
}

static void plant_request_left(struct spoil *s)
{
	read_request(s);
	sim_list_add_tail(&s->rreq.proc_link, &s->f.c->io_requests);
}

static void plant_woken_twice(struct spoil *s)
{
	read_request(s);
	terminate(s, &s->sreq, FILE_SIZE);
	s->rreq.nr_outstanding = 0;
	MODEL_HOOK(s->f.m, rreq_assess, &s->rreq, true);
	for (unsigned i = 0; i < 4; i++)
		MODEL_HOOK(s->f.m, folio_unlock, filemap_lookup(&s->inode->i_data, i), true);
	MODEL_HOOK(s->f.m, rreq_wake_ip, &s->rreq);
	MODEL_HOOK(s->f.m, rreq_wake_ip, &s->rreq);
}

static void plant_write_ends_alone(struct spoil *s)
{
	MODEL_HOOK(s->f.m, write_end, s->file, s, 0, 1);
}

static void plant_page_not_unlocked(struct spoil *s)
{
	read_request(s);
	terminate(s, &s->sreq, FILE_SIZE);
	finish_read(s, 3);
}

static void plant_submitted_nothing(struct spoil *s)
{
	folio_lock(s->folio);
	make_request(s, NETFS_READPAGE, PAGE_SIZE, PAGE_SIZE);
	MODEL_HOOK(s->f.m, rreq_free, &s->rreq);
	folio_unlock(s->folio);
}

static void plant_answer_before_issue(struct spoil *s)
{
	make_request(s, NETFS_READAHEAD, 0, FILE_SIZE);
	make_sreq(s, &s->sreq, NETFS_DOWNLOAD_FROM_SERVER, 0, FILE_SIZE);
	terminate(s, &s->sreq, FILE_SIZE);
}

static void plant_freed_before_sreq(struct spoil *s)
{
	read_request(s);
	terminate(s, &s->sreq, FILE_SIZE);
	s->rreq.nr_outstanding = 0;
	MODEL_HOOK(s->f.m, rreq_assess, &s->rreq, true);
	for (unsigned i = 0; i < 4; i++)
		MODEL_HOOK(s->f.m, folio_unlock, filemap_lookup(&s->inode->i_data, i), true);
	MODEL_HOOK(s->f.m, rreq_wake_ip, &s->rreq);
	MODEL_HOOK(s->f.m, rreq_assess, &s->rreq, false);
	MODEL_HOOK(s->f.m, rreq_free, &s->rreq);
}

/* ---- memory ---- */

static void plant_not_throttled(struct spoil *s)
{
	struct model_task *task = s->f.w->current->data;
	struct mm *mm = &s->f.c->mm;

	fx_pwrite(&s->f, s->file, PAGE_SIZE, 2 * PAGE_SIZE);
	mm->config.dirty_bytes = mm->config.dirty_background_bytes = PAGE_SIZE;
	task->nr_dirtied = task->nr_dirtied_pause + (1u << mm->config.max_folio_order);
	MODEL_HOOK(s->f.m, bytes_written, s->inode, NULL, 0, 0); /* so much it may */
	assert_int_equal(check_nr_violations(s->c), 0);
	task->nr_dirtied++;
	MODEL_HOOK(s->f.m, bytes_written, s->inode, NULL, 0, 0);
	step(s);
}

/* ---- the run ---- */

static void plant_wait_for_ever(struct spoil *s)
{
	struct sim_waitq q = {0};

	sim_wait(s->f.w, &q, SIM_WAIT_PLAIN, SITE_FOLIO_LOCK, NULL, NULL);
}

/* A direct I/O is in flight; nothing says that the file is in direct mode. */
static void plant_buffered_beside_direct(struct spoil *s)
{
	inode_dio_begin(s->inode);
	fx_pread(&s->f, s->file, 0, PAGE_SIZE);
	inode_dio_end(s->inode);
}

static void plant_oops(struct spoil *s)
{
	model_oops(s->f.c, "planted");
}

static struct spoil_row rows[] = {
	{"silent", NR_CHECK_RULES, plant_nothing, true},
	{"I1 dirty, contents unknown", CHECK_FOLIO_STATE, plant_dirty_unknown, false},
	{"I1 record beyond the folio", CHECK_FOLIO_STATE, plant_record_outside, false},
	{"I2 writeback without the lock", CHECK_FLAG_PAIRS, plant_writeback_unlocked, false},
	{"I2 writeback ends alone", CHECK_FLAG_PAIRS, plant_writeback_ends_alone, false},
	{"I2 PG_private_2 twice", CHECK_FLAG_PAIRS, plant_fscache_twice, false},
	{"I3 not stored", CHECK_WRITTEN_BACK, plant_not_stored, false},
	{"I4 record changes", CHECK_STABLE_WRITEBACK, plant_record_changes, false},
	{"I5 read over dirty", CHECK_READ_OVER_DIRTY, plant_read_over_dirty, false},
	{"I6 wrong content", CHECK_UPTODATE_CONTENT, plant_wrong_content, false},
	{"I7 unlocked twice", CHECK_FOLIO_LOCK, plant_unlocked_twice, false},
	{"I8 too few references", CHECK_FOLIO_REFS, plant_too_few_refs, false},
	{"I9 two uploads of a byte", CHECK_UPLOAD_OVERLAP, plant_upload_overlap, false},
	{"I10 fsync lies", CHECK_DURABLE, plant_sync_lies, false},
	{"I10 written bytes beyond the end", CHECK_DURABLE, plant_file_cut, false},
	{"I10 server loses a byte", CHECK_DURABLE, plant_server_loses, true},
	{"I10 wrong size", CHECK_DURABLE, plant_wrong_size, true},
	{"I11 wrong byte", CHECK_READ_VALUE, plant_wrong_read, false},
	{"I11 beyond the end", CHECK_READ_VALUE, plant_read_beyond_end, false},
	{"I12 upload beyond the end", CHECK_UPLOAD_RANGE, plant_upload_beyond_end, false},
	{"I12 upload beside the record", CHECK_UPLOAD_RANGE, plant_upload_beside_record, false},
	{"I13 hole", CHECK_HOLE_READS_ZERO, plant_hole_not_zero, false},
	{"I16 data above it", CHECK_ZERO_POINT_COVERS, plant_data_above_zero_point, false},
	{"I17 falls by a release", CHECK_ZERO_POINT_MOVES, plant_zero_point_falls, false},
	{"I18 zeros for data", CHECK_ZERO_READ, plant_zero_read, false},
	{"I19 count too low", CHECK_OUTSTANDING, plant_outstanding_too_low, false},
	{"I19 assessed early", CHECK_OUTSTANDING, plant_assessed_early, false},
	{"I20 gap", CHECK_SLICES, plant_gap_in_slices, false},
	{"I21 longer than rsize", CHECK_SREQ_LIMITS, plant_slice_too_long, false},
	{"I21 too many segments", CHECK_SREQ_LIMITS, plant_too_many_segments, false},
	{"I21 more than asked", CHECK_SREQ_LIMITS, plant_transferred_too_much, false},
	{"I22 folio kept", CHECK_ALL_RELEASED, plant_folio_kept, true},
	{"I22 folio left locked", CHECK_ALL_RELEASED, plant_folio_left_locked, true},
	{"I22 request left", CHECK_ALL_RELEASED, plant_request_left, true},
	{"I23 woken twice", CHECK_REQUEST_LIFE, plant_woken_twice, false},
	{"I23 write ends alone", CHECK_REQUEST_LIFE, plant_write_ends_alone, false},
	{"I24 page not unlocked", CHECK_READ_UNLOCKS, plant_page_not_unlocked, false},
	{"I24 nothing submitted", CHECK_READ_UNLOCKS, plant_submitted_nothing, false},
	{"I25 answered before issued", CHECK_REQUEST_ORDER, plant_answer_before_issue, false},
	{"I25 freed before its subrequest", CHECK_REQUEST_ORDER, plant_freed_before_sreq, false},
	{"I26 buffered beside direct", CHECK_CLASS_LOCK, plant_buffered_beside_direct, false},
	{"I29 not throttled", CHECK_THROTTLED, plant_not_throttled, false},
	{"hang", CHECK_HANG, plant_wait_for_ever, true},
	{"oops", CHECK_OOPS, plant_oops, false},
};

static void test_every_rule_has_a_row(void **state)
{
	for (unsigned rule = 0; rule < NR_CHECK_RULES; rule++) {
		/* test_ceph.c and test_check_cache.c break these. */
		bool broken = (rule >= CHECK_SOURCE_KEPT && rule <= CHECK_SNAPSHOT) ||
			      rule == CHECK_CACHED_CONTENT || rule == CHECK_COPY_ONLY ||
			      rule == CHECK_COOKIE_PINNED;

		for (unsigned i = 0; i < SIM_ARRAY_SIZE(rows); i++)
			broken |= rows[i].rule == rule;
		if (!broken)
			fail_msg("no row breaks %s", check_rules[rule].id);
	}
}

int main(void)
{
	struct CMUnitTest rules[SIM_ARRAY_SIZE(rows) + 1];

	for (unsigned i = 0; i < SIM_ARRAY_SIZE(rows); i++)
		rules[i] = (struct CMUnitTest){
			.name = rows[i].name, .test_func = spoil_test, .initial_state = &rows[i]};
	rules[SIM_ARRAY_SIZE(rows)] =
		(struct CMUnitTest)cmocka_unit_test(test_every_rule_has_a_row);
	return cmocka_run_group_tests_name("rules", rules, NULL, NULL);
}
