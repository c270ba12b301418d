/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The figures of a run, collected from where they were counted. */
/* Mirrors: no kernel file. */
#include "model/scenario/run_impl.h"

#include <string.h>

#include "model/check/check.h"
#include "model/netfs/netfs.h"
#include "sim/base/math.h"
#include "sim/core/task.h"

static void collect_latency(const struct sim_hist *h, struct report_latency *l)
{
	if (!h->count)
		return;
	l->count = h->count;
	l->min = h->min;
	l->max = h->max;
	l->mean = sim_hist_mean(h);
	l->p50 = sim_hist_percentile(h, 1, 2);
	l->p90 = sim_hist_percentile(h, 9, 10);
	l->p99 = sim_hist_percentile(h, 99, 100);
	l->p999 = sim_hist_percentile(h, 999, 1000);
}

static void collect_ops(struct run_state *rs, struct scenario_report *r)
{
	r->nr_ops = r->failed_ops = 0;
	for (unsigned k = 0; k < NR_OPS; k++) {
		const struct run_op_stats *s = &rs->ops[k];

		r->ops[k] = (struct report_op){
			.kind = (enum scn_op_kind)k,
			.count = s->count,
			.failed = s->failed,
			.bytes = s->bytes,
			.killed = s->killed,
			.errnos = s->errnos,
		};
		collect_latency(&s->latency, &r->ops[k].latency);
		r->nr_ops += s->count;
		r->failed_ops += s->failed;
	}
	r->bytes_read = rs->bytes_read;
	r->bytes_written = rs->bytes_written;
}

static void collect_tasks(struct run_state *rs, struct scenario_report *r)
{
	const struct scn_names *n = rs->scn->names;

	if (!r->tasks)
		r->tasks = sim_alloc_array(rs->arena, n->nr_progs + 1, sizeof(*r->tasks));
	r->nr_tasks = n->nr_progs;
	for (uint32_t i = 0; i < n->nr_progs; i++) {
		const struct run_task *t = &rs->tasks[i];

		r->tasks[i] = (struct report_task){
			.name = n->progs[i].name,
			.ops = t->ops,
			.bytes = t->bytes,
			.start_ns = t->start_ns,
			.end_ns = t->end_ns,
		};
	}
	r->nr_live = rs->live;
	r->tasks_ns = rs->live ? rs->w->now_ns : rs->tasks_ns;
}

static void collect_server(struct run_state *rs, struct scenario_report *r)
{
	const struct server *s = rs->model->server;

	for (unsigned op = 0; op < NR_RPC_OPS; op++)
		r->rpcs[op] = (struct report_rpc){(enum rpc_op)op, s->nr_rpcs[op]};
	r->server_bytes_read = s->bytes_read;
	r->server_bytes_written = s->bytes_written;
}

static void add_stats(struct netfs_stats *sum, const struct netfs_stats *s)
{
	sum->dio_read += s->dio_read;
	sum->dio_write += s->dio_write;
	sum->readahead += s->readahead;
	sum->readpage += s->readpage;
	sum->write_begin += s->write_begin;
	sum->write_zskip += s->write_zskip;
	sum->zero += s->zero;
	sum->short_read += s->short_read;
	sum->write_skip += s->write_skip;
	sum->download += s->download;
	sum->download_done += s->download_done;
	sum->download_failed += s->download_failed;
	sum->download_instead += s->download_instead;
	sum->upload += s->upload;
	sum->upload_done += s->upload_done;
	sum->upload_failed += s->upload_failed;
	sum->rreq += s->rreq;
	sum->sreq += s->sreq;
	sum->wstream_conflict += s->wstream_conflict;
}

static void add_cache_work(struct cache_work *sum, const struct cache_work *work)
{
	sum->reads += work->reads;
	sum->writes += work->writes;
	sum->bytes_read += work->bytes_read;
	sum->bytes_written += work->bytes_written;
}

static uint64_t nr_requests(const struct client *c)
{
	uint64_t n = 0;

	for (const struct sim_list *l = c->io_requests.next; l != &c->io_requests; l = l->next)
		n++;
	return n;
}

static void collect_clients(struct run_state *rs, struct scenario_report *r)
{
	r->netfs = (struct netfs_stats){0};
	r->cache = (struct cache_work){0};
	r->end_cached = r->end_dirty = r->end_writeback = r->end_requests = 0;
	r->nr_requests = r->nr_subrequests = 0;
	for (unsigned i = 0; i < rs->model->nr_clients; i++) {
		const struct client *c = rs->model->clients[i];
		const struct mm *mm = &c->mm;

		add_stats(&r->netfs, &c->stats);
		add_cache_work(&r->cache, &c->cache_work);
		r->peak_cached = sim_max(r->peak_cached, mm->peak_cached * PAGE_SIZE);
		r->peak_dirty = sim_max(r->peak_dirty, mm->peak_dirty * PAGE_SIZE);
		r->peak_writeback = sim_max(r->peak_writeback, mm->peak_writeback * PAGE_SIZE);
		r->end_cached += mm->nr_cached * PAGE_SIZE;
		r->end_dirty += mm->nr_dirty * PAGE_SIZE;
		r->end_writeback += mm->nr_writeback * PAGE_SIZE;
		r->end_requests += nr_requests(c);
		r->nr_requests += c->stats.rreq_done;
		r->nr_subrequests += c->stats.sreq_done;
		rs->seen[COND_DIRTY_OVER_LIMIT] += mm->nr_over_limit;
		rs->seen[COND_WRITER_THROTTLED] += mm->nr_throttled;
		rs->seen[COND_RECLAIM_RAN] += mm->nr_reclaimed;
		rs->seen[COND_KSWAPD_RAN] += mm->nr_kswapd;
		rs->seen[COND_DIRECT_RECLAIM] += mm->nr_reclaimed - mm->nr_kswapd;
	}
}

static void collect_conditions(struct run_state *rs, struct scenario_report *r)
{
	rs->seen[COND_DIRTY_OVER_LIMIT] = rs->seen[COND_WRITER_THROTTLED] = 0;
	rs->seen[COND_RECLAIM_RAN] = rs->seen[COND_KSWAPD_RAN] = 0;
	rs->seen[COND_DIRECT_RECLAIM] = 0;
	collect_clients(rs, r);
	rs->seen[COND_NO_VIOLATION] = rs->run->check && !check_nr_violations(rs->run->check);
	rs->seen[COND_NO_HANG] = rs->w->end != SIM_END_HANG;
	rs->seen[COND_NO_ERROR] = !r->failed_ops;
	rs->seen[COND_NO_SHORT_CALL] = !rs->nr_short_calls;
	r->conditions = rs->seen;
}

static void collect_violations(struct run_state *rs, struct scenario_report *r)
{
	const struct check *c = rs->run->check;
	size_t n = c ? check_nr_stored(c) : 0;

	r->violations = sim_alloc_array(rs->arena, n + 1, sizeof(*r->violations));
	r->nr_violations = n;
	for (size_t i = 0; i < n; i++) {
		const struct violation *v = check_violation(c, i);

		r->violations[i] = (struct report_violation){
			.rule = check_rules[v->rule].id,
			.text = v->text,
			.step = v->step,
			.time_ns = v->time_ns,
		};
	}
}

/* Files named in the text; more are counted. */
#define LEFT_NAMED 4u

/* What is dirty, and why it was not written when somebody tried last. */
static void add_left_dirty(const struct client *c, unsigned *nr, struct sim_buf *out)
{
	sim_list_for_each (inode, &c->sb->s_inodes, struct inode, i_sb_list) {
		int err = inode->i_data.wb_err.err;
		const char *name = err ? scn_errno_name(-err) : NULL;
		char size[32];

		if (!inode->i_data.nr_dirty || ++*nr > LEFT_NAMED)
			continue;
		sim_format_size(size, inode->i_data.nr_dirty * PAGE_SIZE);
		sim_buf_printf(out, "%s%s %s", *nr > 1 ? ", " : "", inode->name, size);
		if (name)
			sim_buf_printf(out, " (%s)", name);
	}
}

static const char *left_dirty(struct run_state *rs)
{
	struct sim_buf text = {0};
	const char *ret;
	unsigned nr = 0;

	for (unsigned i = 0; i < rs->model->nr_clients; i++)
		add_left_dirty(rs->model->clients[i], &nr, &text);
	if (nr > LEFT_NAMED)
		sim_buf_printf(&text, ", and %u more", nr - LEFT_NAMED);
	ret = sim_strdup(rs->arena, text.data ? text.data : "");
	sim_buf_free(&text);
	return ret;
}

/* Holds that did not come to what they wait for: the interleaving is not the one that is meant. */
static void collect_notes(struct run_state *rs, struct scenario_report *r)
{
	r->notes = sim_alloc_array(rs->arena, rs->scn->hold.n + 1, sizeof(*r->notes));
	r->nr_notes = 0;
	for (size_t i = 0; i < rs->scn->hold.n; i++) {
		const struct scn_hold *h = rs->holds[i].hold;
		struct sim_buf text = {0};
		char after[32];

		if (!rs->holds[i].timed_out || !h->until)
			continue;
		sim_buf_printf(&text, "hold %zu (%s at %s): went on after %s; %s had not happened",
			       i + 1, h->task ? h->task : h->thread, h->at,
			       sim_format_time(after, h->release_after_ns), h->until);
		r->notes[r->nr_notes++] = sim_strdup(rs->arena, text.data);
		sim_buf_free(&text);
	}
}

static void collect_end(struct run_state *rs, struct scenario_report *r)
{
	const struct sim_divergence *d = sim_choices_divergence(rs->run->choices);
	struct sim_buf text = {0};

	if (rs->w->end == SIM_END_HANG) {
		sim_hang_report(rs->w, &text);
		r->hang = sim_strdup(rs->arena, text.data ? text.data : "");
		sim_buf_free(&text);
	}
	r->drained = rs->drained;
	r->drain_ns = rs->scn->limits.drain_ns;
	r->left_dirty = left_dirty(rs);
	if (d) {
		sim_buf_printf(&text, "at choice %llu: %s", (unsigned long long)d->ordinal, d->why);
		r->divergence = sim_strdup(rs->arena, text.data);
		sim_buf_free(&text);
	}
}

void report_collect(struct run_state *rs, struct scenario_report *r)
{
	r->end = rs->w->end;
	r->fingerprint = sim_trace_fingerprint(rs->run->trace);
	r->steps = rs->w->steps;
	r->records = rs->run->trace->nr_records;
	r->time_ns = rs->w->now_ns;
	r->seed = rs->seed;
	r->tool_memory_peak = sim_world_memory_peak(rs->w);
	r->nr_choices = sim_choices_made(rs->run->choices);
	if (!rs->built)
		return;
	collect_ops(rs, r);
	collect_tasks(rs, r);
	collect_server(rs, r);
	collect_conditions(rs, r);
	collect_violations(rs, r);
	collect_notes(rs, r);
	collect_end(rs, r);
}

/* ---- failures and verdict ---- */

void run_fail(struct run_state *rs, const char *fmt, ...)
{
	struct run_failure *f = sim_alloc(rs->arena, sizeof(*f));
	struct sim_buf text = {0};
	va_list ap;

	va_start(ap, fmt);
	sim_buf_vprintf(&text, fmt, ap);
	va_end(ap);
	f->text = sim_strdup(rs->arena, text.data);
	sim_buf_free(&text);
	sim_list_add_tail(&f->entry, &rs->failures);
	rs->nr_failures++;
}

static enum scenario_verdict verdict_of(const struct run_state *rs)
{
	switch (rs->w->end) {
	case SIM_END_NONE:
		return SCENARIO_INCOMPLETE;
	case SIM_END_STOPPED:
		if (!rs->drained)
			return SCENARIO_INCOMPLETE;
		break;
	case SIM_END_STEPS:
	case SIM_END_TIME:
	case SIM_END_MEMORY:
		return SCENARIO_LIMIT;
	case SIM_END_DIVERGED:
		return SCENARIO_DIVERGED;
	default:
		break;
	}
	if (sim_choices_divergence(rs->run->choices))
		return SCENARIO_DIVERGED;
	if (rs->nr_failures)
		return SCENARIO_VIOLATED;
	/* Unless the scenario says what is dirty in the end. */
	return rs->drained && !rs->scn->expect.end.dirty.given ? SCENARIO_LIMIT : SCENARIO_MET;
}

void report_conclude(struct run_state *rs, struct scenario_report *r)
{
	size_t n = 0;

	r->failures = sim_alloc_array(rs->arena, rs->nr_failures + 1, sizeof(*r->failures));
	r->nr_failures = rs->nr_failures;
	sim_list_for_each (f, &rs->failures, struct run_failure, entry)
		r->failures[n++] = f->text;
	r->verdict = verdict_of(rs);
}

int scenario_report_exit(const struct scenario_report *r)
{
	switch (r->verdict) {
	case SCENARIO_MET:
		return 0;
	case SCENARIO_DIVERGED:
		return 3;
	case SCENARIO_LIMIT:
		return 4;
	default:
		return 1;
	}
}
