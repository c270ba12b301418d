/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a test needs to spoil files and folios, so that the checker finds it. */
#ifndef TESTS_MODEL_CHECK_SPOIL_H
#define TESTS_MODEL_CHECK_SPOIL_H

#include "model/check/check.h"
#include "tests/model/fixture.h"

#define FILE_SIZE 0x4000u

/* A file with clean pages 0-3, and what a test needs to spoil them. */
struct spoil {
	struct model_fixture f;
	struct check *c;
	struct file *file, *writer; /* O_RDWR, O_WRONLY */
	struct inode *inode;
	struct folio *folio; /* page 1 */
	void (*plant)(struct spoil *s);
	struct netfs_io_request rreq;
	struct netfs_io_subrequest sreq, second;
};

static inline struct content_map *server_data(struct spoil *s)
{
	return &s->inode->remote->data;
}

static inline void step(struct spoil *s)
{
	check_step(s->f.w);
}

static inline void folio_event(struct spoil *s)
{
	MODEL_HOOK(s->f.m, folio, s->folio);
	step(s);
}

/* Write page 1 so that it is dirty. */
static inline void dirty_page(struct spoil *s)
{
	fx_pwrite(&s->f, s->file, PAGE_SIZE, PAGE_SIZE);
}

/* Another value in a byte, told to nobody. */
static inline void spoil_byte(struct spoil *s, struct content_map *map, uint64_t pos)
{
	content_set(map, pos, 1, content_junk(s->f.m->content));
}

/* A streaming write into page 9, which the server has; s->folio is it. */
static inline struct netfs_folio *stream(struct spoil *s)
{
	fx_pwrite(&s->f, s->writer, 0x9100, 0x200);
	s->folio = filemap_lookup(&s->inode->i_data, 9);
	return netfs_folio_info(s->folio);
}

/* ---- requests that only the hooks hear of ---- */

static inline struct netfs_io_request *make_request(struct spoil *s, enum netfs_io_origin origin,
						    uint64_t start, uint64_t len)
{
	s->rreq = (struct netfs_io_request){.client = s->f.c,
					    .inode = s->inode,
					    .mapping = &s->inode->i_data,
					    .origin = origin,
					    .debug_id = 99,
					    .start = start,
					    .len = len,
					    .i_size = s->inode->i_size,
					    .flags = NETFS_RREQ_IN_PROGRESS,
					    .nr_outstanding = 1,
					    .ref = 1};
	MODEL_HOOK(s->f.m, rreq_new, &s->rreq);
	return &s->rreq;
}

static inline void make_sreq(struct spoil *s, struct netfs_io_subrequest *sreq,
			     enum netfs_io_source source, uint64_t start, uint64_t len)
{
	*sreq = (struct netfs_io_subrequest){
		.rreq = &s->rreq, .source = source, .start = start, .len = len};
	MODEL_HOOK(s->f.m, sreq_prepared, sreq);
}

static inline void submit(struct spoil *s, struct netfs_io_subrequest *sreq)
{
	s->rreq.nr_outstanding++;
	s->rreq.submitted += sreq->len;
	MODEL_HOOK(s->f.m, sreq_submitted, sreq);
}

static inline void terminate(struct spoil *s, struct netfs_io_subrequest *sreq,
			     uint64_t transferred)
{
	sreq->transferred = transferred;
	MODEL_HOOK(s->f.m, sreq_terminated, sreq);
	s->rreq.nr_outstanding--;
}

/* ---- a table of what breaks which rule ---- */

struct spoil_row {
	const char *name;
	enum check_rule rule; /* NR_CHECK_RULES: none is broken */
	void (*plant)(struct spoil *s);
	bool at_rest; /* seen only when nothing moves any more */
	bool cached;  /* with a local cache */
	enum cache_copy cache_copy;
};

static inline void spoil_task(void *arg)
{
	struct spoil *s = arg;

	s->file = fx_open(&s->f, "f", O_RDWR_);
	s->writer = fx_open(&s->f, "f", O_WRONLY_);
	s->inode = s->file->f_inode;
	fx_pread(&s->f, s->file, 0, FILE_SIZE);
	s->folio = filemap_lookup(&s->inode->i_data, 1);
	s->plant(s);
}

/* A test whose state is a row: that rule is broken first, or none. */
static inline void spoil_test(void **state)
{
	const struct spoil_row *row = *state;
	struct spoil s = {.plant = row->plant};
	uint64_t before;
	enum sim_end end;
	int err;

	model_fixture_init(&s.f);
	if (row->cached)
		s.f.mount.cache = CACHE_FSCACHE;
	s.f.design.cache_copy = row->cache_copy;
	model_fixture_start(&s.f);
	s.f.m->nr_clients = 1;
	s.c = check_new(s.f.m, CHECK_REPORT);
	srv_create(s.f.m->server, "f", 0xa000, SRV_FILL_DATA, &err);
	client_spawn(s.f.c, "spoiler", spoil_task, &s);
	end = sim_world_run(s.f.w);
	before = check_nr_violations(s.c);
	check_finish(s.c, end);
	if (row->rule == NR_CHECK_RULES) {
		assert_int_equal(check_nr_violations(s.c), 0);
	} else {
		assert_true(check_rule_count(s.c, row->rule) > 0);
		assert_true(check_nr_stored(s.c) > 0);
		assert_int_equal(check_violation(s.c, 0)->rule, row->rule);
		assert_int_equal(before == 0, row->at_rest);
	}
	model_fixture_teardown(&s.f);
}

#endif
