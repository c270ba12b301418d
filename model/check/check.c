/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The checker as a whole: its hooks, its queues of what a step touched, and the end of a step.
 *
 * Mirrors: no kernel file; reference 12.
 */
#include "model/check/private.h"

/* ---- what is known of an inode ---- */

struct check_inode *check_inode_new(struct check *c, struct inode *inode)
{
	struct check_inode *ci = sim_pool_get(&c->inode_pool);

	ci->inode = inode;
	sim_list_add_tail(&ci->entry, &c->inodes);
	sim_list_init(&ci->writes);
	sim_list_init(&ci->observers);
	sim_list_init(&ci->past);
	sim_list_init(&ci->requests);
	sim_list_init(&ci->streams);
	sim_list_init(&ci->truncations);
	sim_list_init(&ci->frozen);
	ci->trunc_to = NO_OFFSET;
	ci->dirty_lo = NO_OFFSET;
	inode->check = ci;
	if (inode->remote) {
		ci->next_remote = inode->remote->check;
		inode->remote->check = ci;
		ci->foreign_size = inode->remote->size != inode->i_size;
	}
	shadow_init(c, ci);
	return ci;
}

static void forget_runs(struct check_runs *runs, const struct check_inode *ci)
{
	for (uint32_t i = 0; i < runs->nr; i++)
		if (runs->run[i].ci == ci)
			runs->run[i].ci = NULL;
}

void check_inode_drop(struct check *c, struct check_inode *ci)
{
	struct server_file *remote = ci->inode->remote;

	if (remote) {
		struct check_inode **at = (struct check_inode **)&remote->check;

		while (*at != ci)
			at = &(*at)->next_remote;
		*at = ci->next_remote;
	}
	shadow_fini(c, ci);
	check_frozen_drop(c, ci);
	while (!sim_list_empty(&ci->streams)) {
		struct stream_record *r = sim_list_first(&ci->streams, struct stream_record, entry);

		sim_list_del(&r->entry);
		sim_pool_put(&c->stream_pool, r);
	}
	sim_list_for_each_safe (cr, &ci->requests, struct check_request, entry) {
		sim_list_del(&cr->entry);
		cr->ci = NULL;
	}
	forget_runs(&c->filled, ci);
	forget_runs(&c->stored, ci);
	forget_runs(&c->cached, ci);
	forget_runs(&c->copied, ci);
	sim_list_del(&ci->entry);
	ci->inode->check = NULL;
	sim_pool_put(&c->inode_pool, ci);
}

static void on_inode(struct check *c, struct inode *inode)
{
	check_inode_of(c, inode);
}

static void on_inode_evicted(struct check *c, struct inode *inode)
{
	struct check_inode *ci = inode->check;

	if (!ci)
		return;
	if (inode->i_nlink)
		check_settled_file(c, ci);
	check_inode_drop(c, ci);
}

/* ---- queues ---- */

void check_runs_push(struct check *c, struct check_runs *runs, struct check_inode *ci,
		     uint64_t start, uint64_t end)
{
	if (runs->nr == runs->cap) {
		uint32_t cap = runs->cap ? runs->cap * 2 : 64;

		runs->run = sim_realloc_array(c->w->arena, runs->run, runs->cap, cap,
					      sizeof(*runs->run));
		runs->cap = cap;
	}
	runs->run[runs->nr++] = (struct check_run){ci, start, end};
}

static __attribute__((noinline)) void more_folios(struct check *c)
{
	uint32_t cap = c->cap_folios ? c->cap_folios * 2 : 64;

	c->folios = sim_realloc_array(c->w->arena, c->folios, c->cap_folios, cap,
				      sizeof(struct folio *));
	c->cap_folios = cap;
}

void check_touch_folio(struct check *c, struct folio *f)
{
	if (f->touched & FOLIO_TOUCHED)
		return;
	if (c->nr_folios == c->cap_folios)
		more_folios(c);
	c->folios[c->nr_folios++] = f;
	f->touched |= c->nr_folios;
}

void check_queue_request(struct check *c, struct check_request *cr)
{
	if (cr->slot)
		return;
	if (c->nr_requests == c->cap_requests) {
		uint32_t cap = c->cap_requests ? c->cap_requests * 2 : 64;

		c->requests = sim_realloc_array(c->w->arena, c->requests, c->cap_requests, cap,
						sizeof(struct check_request *));
		c->cap_requests = cap;
	}
	c->requests[c->nr_requests++] = cr;
	cr->slot = c->nr_requests;
}

/* ---- the end of a step ---- */

void check_runs(struct check *c, struct check_runs *runs,
		void (*fn)(struct check *c, const struct check_run *run))
{
	for (uint32_t i = 0; i < runs->nr; i++)
		if (runs->run[i].ci)
			fn(c, &runs->run[i]);
	runs->nr = 0;
}

static void check_touched(struct check *c)
{
	for (uint32_t i = 0; i < c->nr_folios; i++) {
		struct folio *f = c->folios[i];

		if (f) {
			f->touched &= ~FOLIO_TOUCHED;
			check_folio(c, f);
		}
	}
	c->nr_folios = 0;
	for (uint32_t i = 0; i < c->nr_requests; i++) {
		struct check_request *cr = c->requests[i];

		if (cr) {
			cr->slot = 0;
			check_request(c, cr);
		}
	}
	c->nr_requests = 0;
	if (c->stored.nr)
		check_runs(c, &c->stored, check_stored);
	if (c->filled.nr)
		check_runs(c, &c->filled, check_filled);
	if (c->cached.nr)
		check_runs(c, &c->cached, check_cached);
	if (c->copied.nr)
		check_runs(c, &c->copied, check_copied);
}

void check_step(struct sim_world *w)
{
	struct check *c = world_model(w)->check;

	if (c->next_step)
		c->next_step(w);
	check_touched(c);
	if (c->mode == CHECK_FULL)
		check_everything(c);
	if (c->nr_violations && c->mode != CHECK_REPORT && !c->finished)
		sim_world_end(w, SIM_END_VIOLATION);
}

/* ---- hooks ---- */

static void on_oops(struct check *c, const char *text)
{
	c->oopsed = true;
	check_fail_run(c, CHECK_OOPS, text, "");
}

/* I26 */
static void on_class_locked(struct check *c, struct inode *inode, bool direct)
{
	bool mode = netfs_inode(inode)->flags & NETFS_ICTX_ODIRECT;

	if (!c->m->design.class_locking)
		return;
	if (mode != direct)
		check_fail_file(c, CHECK_CLASS_LOCK, inode, 0, "%s I/O begins in %s mode",
				direct ? "direct" : "buffered", mode ? "direct" : "buffered");
	else if (!direct && inode->i_dio_count)
		check_fail_file(c, CHECK_CLASS_LOCK, inode, 0,
				"buffered I/O begins while %u direct I/Os are in flight",
				inode->i_dio_count);
}

static const struct model_hooks check_hooks = {
	.folio = check_touch_folio,
	.rreq = check_rreq,
	.inode = on_inode,
	.folio_added = check_folio_added,
	.folio_removed = check_folio_removed,
	.folio_freed = check_folio_freed,
	.folio_unlock = check_folio_unlock,
	.start_writeback = check_start_writeback,
	.end_writeback = check_end_writeback,
	.fscache = check_fscache,
	.cache_active = check_cache_active,
	.write_start = check_write_start,
	.write_placed = check_write_placed,
	.write_stored = check_write_stored,
	.store_dirtied = check_store_dirtied,
	.write_end = check_write_end,
	.read_start = check_read_start,
	.pages_dropped = check_pages_dropped,
	.read_end = check_read_end,
	.bytes_written = check_bytes_written,
	.server_fallocate = check_server_fallocate,
	.truncate = check_truncate,
	.i_size = check_i_size,
	.zero_point = check_zero_point,
	.fsync_start = check_fsync_start,
	.fsync_done = check_fsync_done,
	.inode_evicted = on_inode_evicted,
	.class_locked = on_class_locked,
	.oops = on_oops,
	.rreq_new = check_rreq_new,
	.rreq_wake_ip = check_rreq_wake_ip,
	.rreq_assess = check_rreq_assess,
	.rreq_free = check_rreq_free,
	.sreq_prepared = check_sreq_prepared,
	.sreq_submitted = check_sreq_submitted,
	.sreq_terminated = check_sreq_terminated,
	.sreq_freed = check_sreq_freed,
	.encrypt = check_encrypt,
	.snap_taken = check_snap_taken,
	.snap_flushed = check_snap_flushed,
	.server_wrote = check_server_wrote,
	.server_resized = check_server_resized,
};

struct check *check_new(struct model *m, enum check_mode mode)
{
	struct sim_arena *arena = m->w->arena;
	struct check *c = sim_alloc(arena, sizeof(*c));

	c->m = m;
	c->w = m->w;
	c->mode = mode;
	sim_pool_init(&c->inode_pool, arena, sizeof(struct check_inode));
	sim_pool_init(&c->write_pool, arena, sizeof(struct live_write));
	sim_pool_init(&c->observer_pool, arena, sizeof(struct observer));
	sim_pool_init(&c->past_pool, arena, sizeof(struct past_value));
	sim_pool_init(&c->request_pool, arena, sizeof(struct check_request));
	sim_pool_init(&c->stream_pool, arena, sizeof(struct stream_record));
	sim_pool_init(&c->truncation_pool, arena, sizeof(struct truncation));
	sim_pool_init(&c->frozen_pool, arena, sizeof(struct frozen_file));
	sim_list_init(&c->inodes);
	sim_list_init(&c->assessing);
	c->next_step = m->w->on_step;
	m->w->on_step = check_step;
	m->hooks = check_hooks;
	m->check = c;
	return c;
}

/* ---- the end of the run ---- */

static void report_hang(struct check *c)
{
	struct sim_buf report = {0};

	sim_hang_report(c->w, &report);
	check_fail_run(c, CHECK_HANG, "tasks wait for what nobody will do",
		       report.data ? report.data : "");
	sim_buf_free(&report);
}

void check_finish(struct check *c, enum sim_end end)
{
	if (c->finished)
		return;
	c->finished = true;
	check_touched(c);
	if (end == SIM_END_HANG)
		report_hang(c);
	else if (end == SIM_END_QUIESCENT && !c->oopsed)
		check_quiescent(c);
}
