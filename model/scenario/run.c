/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A run from its scenario to its end: world, trace, choices, checker, tasks. */
/* Mirrors: no kernel file. */
#include "model/scenario/run_impl.h"

#include "model/check/check.h"
#include "model/events/sites.h"
#include "model/netfs/netfs.h"
#include "model/scenario/estimate.h"
#include "sim/base/math.h"

/* ---- choices ---- */

struct recorder {
	struct scenario_run *run;
	void (*next)(void *arg, const struct sim_choice_record *r); /* the caller's own */
	void *next_arg;
};

/* A trace holds the choices of its run, so that it can be run again. */
static void record_choice(void *arg, const struct sim_choice_record *r)
{
	struct recorder *rec = arg;
	struct sim_trace *t = rec->run->trace;

	if (r->mark == SIM_CHOICE_PICK)
		trace_sim_choice(t, r->ordinal, r->choice.site, r->choice.task, r->choice.op,
				 r->choice.obj, r->choice.sub, r->occurrence, r->choice.n, r->pick,
				 r->hash);
	else
		trace_sim_choice_check(t, r->ordinal,
				       r->mark == SIM_CHOICE_END ? SIM_CHOICE_MARK_END
								 : SIM_CHOICE_MARK_CHECK,
				       r->hash);
	if (rec->next)
		rec->next(rec->next_arg, r);
}

static struct sim_choices *new_choices(struct scenario_run *run, struct recorder *rec,
				       const struct scenario_run_opts *opts)
{
	const struct scn_schedule *s = &run->scn->schedule;
	struct sim_choices_config config = {
		.policy = s->policy == SCN_POLICY_RANDOM ? &sim_policy_random : &sim_policy_fifo,
		.seed = s->seed ? s->seed : run->scn->seed,
		.preempt_once = (uint32_t)s->preempt_once,
	};

	if (opts->choices)
		config = *opts->choices;
	*rec = (struct recorder){run, config.record, config.record_arg};
	config.record = record_choice;
	config.record_arg = rec;
	return sim_choices_new(&config);
}

/* ---- the end ---- */

/*
 * The kernel's hung task detector: none of the tasks that are left has run for so long, and none
 * sleeps because it wants to. Background work that is tried again and again keeps the world going.
 */
static bool all_hang(const struct run_state *rs)
{
	for (uint32_t i = 0; i < rs->scn->names->nr_progs; i++) {
		const struct run_task *t = &rs->tasks[i];

		if (!t->task || t->ended)
			continue;
		if (t->task->state != SIM_TASK_BLOCKED || t->task->wait_site == SIM_SITE_SLEEP ||
		    rs->w->now_ns - t->task->ran_ns < rs->scn->limits.drain_ns)
			return false;
	}
	return true;
}

/* Background work after the last task may never end: it is cut off. */
static void on_step(struct sim_world *w)
{
	struct run_state *rs = world_model(w)->scenario;
	uint64_t since_ns = rs->live ? rs->looked_ns : rs->tasks_ns;

	if (w->now_ns - since_ns < rs->scn->limits.drain_ns)
		return;
	rs->looked_ns = w->now_ns;
	if (!rs->live) {
		rs->drained = true;
		sim_world_end(w, SIM_END_STOPPED);
	} else if (all_hang(rs)) {
		rs->hangs = true;
		sim_world_end(w, SIM_END_HANG);
	}
}

/* ---- the state of a run ---- */

/* What must live as long as the run, outside the arena of its world. */
struct run_block {
	struct scenario_run run;
	struct run_state state;
	struct recorder recorder;
	struct scenario_report report;
};

static void on_record(struct sim_trace_sink *sink, const struct sim_trace_record *rec)
{
	struct run_state *rs = sim_container_of(sink, struct run_state, sink);

	scn_conditions_record(rs->seen, rec);
}

static void init_state(struct run_state *rs, bool conditions)
{
	const struct scn_names *n = rs->scn->names;
	const struct scn_expect *e = &rs->scn->expect;

	rs->arena = rs->w->arena;
	rs->slots = sim_alloc_array(rs->arena, n->nr_handles + 1, sizeof(*rs->slots));
	sim_pool_init(&rs->opens, rs->arena, sizeof(struct run_open));
	sim_pool_init(&rs->maps, rs->arena, sizeof(struct run_map));
	rs->labels = sim_alloc_array(rs->arena, n->nr_labels + 1, sizeof(*rs->labels));
	rs->barriers = sim_alloc_array(rs->arena, n->nr_barriers + 1, sizeof(*rs->barriers));
	rs->tasks = sim_alloc_array(rs->arena, n->nr_progs + 1, sizeof(*rs->tasks));
	for (size_t i = 0; i < e->data.n; i++)
		rs->labels[scn_find_label(n, e->data.keys[i])].want_data = true;
	if (conditions || e->sometimes.n || e->never.n) {
		rs->sink.record = on_record;
		sim_trace_add_sink(rs->run->trace, &rs->sink);
		scn_conditions_subscribe(rs->run->trace, &rs->sink);
	}
	for (size_t i = 0; i < rs->scn->proc.n; i++) {
		const char *name = *sim_conf_item(&rs->scn->proc, const char *, i);

		rs->labels[scn_find_label(n, name)].want_proc = name;
	}
}

static struct sim_world *new_world(const struct scenario_run *run,
				   const struct scenario_run_opts *opts)
{
	const struct scenario *scn = run->scn;
	struct sim_world_config config = {
		.seed = opts->seed_given ? opts->seed : scn->seed,
		.reseed = scn->reseed.items,
		.nr_reseeds = scn->reseed.n,
		.nr_cpus = (unsigned)scn->cpus,
		.wakeup = sim_law_max(&scn->costs.wakeup) ? &scn->costs.wakeup : NULL,
		.step = sim_law_max(&scn->costs.step) ? &scn->costs.step : NULL,
		.max_steps = scn->limits.events,
		.max_time_ns = scn->limits.time_ns,
		.max_memory = scn->limits.memory,
		.stack_size = SCN_STACK_SIZE,
		.choices = run->choices,
		.trace = run->trace,
		.site_name = model_site_name,
	};

	return sim_world_new(&config);
}

static void new_checker(struct scenario_run *run, const struct scenario_run_opts *opts)
{
	static const enum check_mode modes[] = {
		[SCN_CHECK_STOP] = CHECK_STOP,
		[SCN_CHECK_REPORT] = CHECK_REPORT,
		[SCN_CHECK_FULL] = CHECK_FULL,
	};

	if (!opts->unchecked)
		run->check =
			check_new(run->model, modes[opts->check ? *opts->check : run->scn->check]);
}

/* What is built with the memory of the world, which may run out. */
struct builder {
	struct scenario_run *run;
	const struct scenario_run_opts *opts;
};

static void build(struct sim_world *w, void *arg)
{
	struct builder *b = arg;
	struct scenario_run *run = b->run;
	struct run_state *rs = run->state;

	init_state(rs, b->opts->conditions);
	run_build_model(rs);
	run->model = rs->model;
	w->on_step = on_step;
	sim_trace_window(run->trace, !run->scn->names->has_trace_window);
	new_checker(run, b->opts);
	run_build_files(rs);
	hold_init(rs);
	run_start_tasks(rs);
	rs->built = true;
}

struct scenario_run *scenario_run_new(const struct scenario *scn,
				      const struct scenario_run_opts *opts, struct sim_err *err)
{
	static const struct scenario_run_opts defaults = {0};
	struct run_block *block = sim_xcalloc(1, sizeof(*block));
	struct scenario_run *run = &block->run;
	struct run_state *rs = &block->state;

	opts = opts ? opts : &defaults;
	run->scn = scn;
	run->state = rs;
	run->trace = sim_trace_new(model_events, NR_EVENTS);
	run->choices = new_choices(run, &block->recorder, opts);
	run->w = new_world(run, opts);
	if (!run->w) {
		sim_err_set(err, "no memory for a world");
		scenario_run_free(run);
		return NULL;
	}
	*rs = (struct run_state){.run = run, .scn = scn, .w = run->w, .report = &block->report};
	rs->seed = run->w->seed;
	rs->keep_results = opts->results;
	rs->keep_proc = opts->proc;
	sim_list_init(&rs->failures);
	sim_world_build(run->w, build, &(struct builder){run, opts});
	return run;
}

enum sim_end scenario_run_go(struct scenario_run *run)
{
	return scenario_run_steps(run, UINT64_MAX);
}

enum sim_end scenario_run_steps(struct scenario_run *run, uint64_t n)
{
	/* The world would go on: it knows of something to do. */
	return run->state->hangs ? SIM_END_HANG : sim_world_run_steps(run->w, n);
}

uint64_t scenario_run_bytes(const struct scenario_run *run)
{
	return run->state->bytes_read + run->state->bytes_written;
}

const struct sim_buf *scenario_run_results(const struct scenario_run *run)
{
	return &run->state->results;
}

void run_note_proc(struct run_state *rs, const char *where)
{
	for (unsigned i = 0; i < rs->model->nr_clients; i++) {
		const struct client *c = rs->model->clients[i];
		uint64_t us = rs->w->now_ns / 1000;

		sim_buf_printf(&rs->proc, "# client %u, %s, %llu.%06llu: /proc/fs/netfs/stats\n", i,
			       where, (unsigned long long)(us / 1000000),
			       (unsigned long long)(us % 1000000));
		netfs_stats_show(c, &rs->proc);
		sim_buf_printf(&rs->proc, "# client %u, %s: /proc/fs/netfs/requests\n", i, where);
		netfs_requests_show(c, &rs->proc);
	}
}

const struct sim_buf *scenario_run_proc(struct scenario_run *run)
{
	if (run->state->keep_proc && run->state->built)
		run_note_proc(run->state, "end");
	run->state->keep_proc = false;
	return &run->state->proc;
}

const struct scenario_report *scenario_run_report(struct scenario_run *run)
{
	struct run_state *rs = run->state;
	enum sim_end end = run->w->end;

	if (rs->reported)
		return rs->report;
	rs->reported = end != SIM_END_NONE;
	if (end == SIM_END_MEMORY)
		sim_arena_lift_limit(run->w->arena);
	if (rs->reported && run->check)
		check_finish(run->check, end);
	if (end == SIM_END_QUIESCENT || end == SIM_END_HANG)
		sim_choices_finish(run->choices);
	report_collect(rs, rs->report);
	if (rs->reported && rs->built)
		expect_judge(rs, rs->report);
	report_conclude(rs, rs->report);
	return rs->report;
}

void scenario_run_free(struct scenario_run *run)
{
	if (!run)
		return;
	sim_buf_free(&run->state->results);
	sim_buf_free(&run->state->proc);
	sim_buf_free(&run->state->text);
	sim_buf_free(&run->state->data);
	sim_world_free(run->w);
	sim_choices_free(run->choices);
	if (run->state->sink.record)
		sim_trace_remove_sink(run->trace, &run->state->sink);
	sim_trace_free(run->trace);
	sim_xfree(sim_container_of(run, struct run_block, run));
}
