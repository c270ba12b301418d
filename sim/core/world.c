/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The world: its creation and end, and the loop of steps that world.h specifies. */
#include "sim/core/world.h"

#include <assert.h>
#include <stdlib.h>

#include "sim/base/math.h"
#include "sim/choice/choice.h"
#include "sim/core/core.h"
#include "sim/rand/rand.h"
#include "sim/trace/trace.h"

#define STACK_SIZE_DEFAULT (64u << 10)

/*
 * The tool's memory is exhausted. A task is left for good; in an event's function or while the
 * world is built, the guard takes over. Nobody stands guard outside sim_world_run(), _build(): the
 * program ends.
 */
static void out_of_memory(void *arg)
{
	struct sim_world *w = arg;

	if (w->end == SIM_END_NONE)
		w->end = SIM_END_MEMORY;
	if (w->current)
		sim_task_abandon(w);
	if (w->core->guarded)
		_longjmp(w->core->escape, 1);
	sim_xoom(NULL);
}

/* Call body(w, arg); come back early when memory runs out. */
static void guard(struct sim_world *w, void (*body)(struct sim_world *w, void *arg), void *arg)
{
	struct sim_core *c = w->core;

	assert(!c->guarded && !w->current);
	c->guarded = true;
	if (!_setjmp(c->escape))
		body(w, arg);
	c->guarded = false;
}

static void no_world(void *arg)
{
	_longjmp(*(jmp_buf *)arg, 1);
}

/* The seed of now_ns. */
static void take_seeds(struct sim_world *w)
{
	struct sim_core *c = w->core;

	for (; c->nr_reseeds && c->reseed->at_ns <= w->now_ns; c->reseed++, c->nr_reseeds--)
		w->seed = c->reseed->seed;
}

static void init(struct sim_world *w, const struct sim_world_config *config)
{
	struct sim_core *c = w->core;

	w->seed = config->seed;
	c->reseed = config->reseed;
	c->nr_reseeds = config->nr_reseeds;
	take_seeds(w);
	w->trace = config->trace;
	w->choices = config->choices;
	c->frees_loose = w->choices && sim_choices_frees_loose(w->choices);
	c->max_steps = config->max_steps ? config->max_steps : UINT64_MAX;
	c->max_time_ns = config->max_time_ns ? config->max_time_ns : UINT64_MAX;
	c->site_name = config->site_name;
	c->wakeup = config->wakeup;
	c->site_wakeup = sim_site("core.wakeup");
	c->step = config->step;
	c->site_step = sim_site("core.step");
	sim_world_set_point_hook(w, NULL);
	sim_ready_init(&c->ready, w->arena);
	sim_list_init(&c->tasks);
	sim_stacks_init(&c->stacks, w->arena,
			config->stack_size ? config->stack_size : STACK_SIZE_DEFAULT);
	sim_cpus_init(&c->cpus, config->nr_cpus ? config->nr_cpus : 1);
	sim_trace_idle(w);
	sim_trace_clock(w);
}

struct sim_world *sim_world_new(const struct sim_world_config *config)
{
	jmp_buf fail;
	struct sim_arena *a = sim_arena_new(config->max_memory, no_world, &fail);
	struct sim_world *w;

	if (!a)
		return NULL;
	if (_setjmp(fail)) {
		sim_arena_free(a);
		return NULL;
	}
	w = sim_alloc(a, sizeof(*w));
	w->core = sim_alloc(a, sizeof(*w->core));
	w->arena = a;
	init(w, config);
	sim_arena_set_oom(a, out_of_memory, w);
	return w;
}

void sim_world_free(struct sim_world *w)
{
	if (!w)
		return;
	assert(!w->core->guarded);
	sim_trace_idle(w); /* its task is about to go */
	sim_stacks_drop(&w->core->stacks);
	sim_arena_free(w->arena);
}

/*
 * Step 3: the clock goes to the time of the earliest event, and all of that time become due. One
 * that is alone then is returned in place of going through the ring: there is no choice.
 */
static struct sim_event *advance(struct sim_world *w)
{
	struct sim_core *c = w->core;
	struct sim_heap *h = &c->heap;
	uint64_t when_ns = h->at[0].when_ns;
	struct sim_event *ev;

	w->now_ns = sim_min(when_ns, c->max_time_ns);
	if (c->nr_reseeds)
		take_seeds(w);
	sim_trace_clock(w);
	if (when_ns > c->max_time_ns) {
		w->end = SIM_END_TIME;
		return NULL;
	}
	for (;;) {
		bool more;

		ev = h->at[0].ev;
		sim_heap_pop(h);
		more = h->n && h->at[0].when_ns == when_ns;
		if (!more && !c->frees_loose && !sim_ready_live(&c->ready))
			return ev;
		sim_ready_push_event(&c->ready, w->arena, ev);
		if (!more)
			return NULL;
	}
}

/*
 * Step 2, the choice: the entry that the policy picks comes to the head of the ring. False if the
 * clock went on instead, or the run is over.
 */
static __attribute__((noinline)) bool choose(struct sim_world *w)
{
	struct sim_core *c = w->core;
	uint32_t live = sim_ready_live(&c->ready);
	bool may_advance = c->frees_loose && c->heap.n && sim_ready_all_loose(&c->ready);
	uint32_t k = 0;

	if (live + may_advance > 1)
		k = sim_choose_ready(w, live + may_advance);
	if (w->end != SIM_END_NONE)
		return false;
	if (k == live)
		advance(w);
	else if (k)
		sim_ready_bring_forward(&c->ready, k);
	return k != live;
}

static inline void step_done(struct sim_world *w)
{
	if (w->on_step)
		w->on_step(w);
}

/* Nothing is ready. True if nothing ever will be, or only tasks that look in vain for a change. */
static bool is_stuck(const struct sim_core *c)
{
	if (c->heap.n > c->nr_polls)
		return false;
	return !c->heap.n || (c->nr_blocked > c->nr_polls && c->idle_polls >= SIM_POLLS_MOST);
}

/*
 * Run events, and let the clock go on, until it is a task's turn. NULL if the run is over or has
 * made its steps. (Apart from run_until() so that the registers of this loop survive the events.)
 */
static __attribute__((noinline)) struct sim_task *next_task(struct sim_world *w, uint64_t stop)
{
	struct sim_core *c = w->core;

	while (w->end == SIM_END_NONE) {
		uint32_t live = sim_ready_live(&c->ready);
		struct sim_event *ev;

		if (!live && is_stuck(c)) {
			w->end = c->nr_blocked ? SIM_END_HANG : SIM_END_QUIESCENT;
			break;
		}
		if (w->steps >= stop)
			break;
		if (live) {
			sim_ready_entry e;

			if (w->choices && (live > 1 || c->frees_loose) && !choose(w))
				continue;
			e = sim_ready_take(&c->ready);
			if (!(e & SIM_READY_EVENT)) {
				w->steps++;
				return (struct sim_task *)e;
			}
			ev = sim_ready_event(e);
		} else {
			c->idle_polls = c->heap.n > c->nr_polls ? 0 : c->idle_polls + 1;
			ev = advance(w);
			if (!ev)
				continue;
		}
		w->steps++;
		sim_trace_idle(w);
		ev->fn(w, ev);
		step_done(w);
	}
	return NULL;
}

/* Run t until it gives the CPU back. */
static inline void resume(struct sim_world *w, struct sim_task *t)
{
	struct sim_core *c = w->core;

	t->state = SIM_TASK_RUNNING;
	t->ran_ns = w->now_ns;
	w->current = t;
	sim_trace_task(w, t);
	sim_fiber_switch(&c->scheduler, &t->priv->fiber, t, false);
	w->current = NULL;
	if (t->state == SIM_TASK_DEAD) {
		sim_stack_put(&c->stacks, t->priv->stack);
		t->priv->stack = NULL;
	}
}

/* resume() is inlined, so that no call is open across the switch (see switch.h). */
static void run_until(struct sim_world *w, void *arg)
{
	uint64_t stop = *(const uint64_t *)arg;
	struct sim_task *t;

	while ((t = next_task(w, stop))) {
		resume(w, t);
		step_done(w);
	}
}

enum sim_end sim_world_run_steps(struct sim_world *w, uint64_t n)
{
	struct sim_core *c = w->core;
	uint64_t stop = sim_min(sim_add_sat(w->steps, n), c->max_steps);

	if (w->end == SIM_END_QUIESCENT || w->end == SIM_END_HANG)
		w->end = SIM_END_NONE;
	guard(w, run_until, &stop);
	if (w->end == SIM_END_NONE && w->steps >= c->max_steps)
		w->end = SIM_END_STEPS;
	return w->end;
}

enum sim_end sim_world_run(struct sim_world *w)
{
	return sim_world_run_steps(w, UINT64_MAX);
}

struct build {
	void (*fn)(struct sim_world *w, void *arg);
	void *arg;
};

static void build(struct sim_world *w, void *arg)
{
	struct build *b = arg;

	b->fn(w, b->arg);
}

enum sim_end sim_world_build(struct sim_world *w, void (*fn)(struct sim_world *w, void *arg),
			     void *arg)
{
	struct build b = {fn, arg};

	guard(w, build, &b);
	return w->end;
}

void sim_world_end(struct sim_world *w, enum sim_end why)
{
	assert(why != SIM_END_NONE);
	if (w->end == SIM_END_NONE)
		w->end = why;
	if (w->current)
		sim_task_abandon(w);
}

const char *sim_end_name(enum sim_end end)
{
	static const char *const names[] = {
		[SIM_END_NONE] = "running",        [SIM_END_QUIESCENT] = "quiescent",
		[SIM_END_HANG] = "hang",           [SIM_END_STOPPED] = "stopped",
		[SIM_END_VIOLATION] = "violation", [SIM_END_STEPS] = "step limit",
		[SIM_END_TIME] = "time limit",     [SIM_END_MEMORY] = "memory limit",
		[SIM_END_DIVERGED] = "diverged",
	};

	return names[end];
}

/* The arena counts stacks at a flat rate; what they cost is what was touched of them. */
static size_t with_stacks(const struct sim_world *w, size_t arena_bytes)
{
	const struct sim_stacks *s = &w->core->stacks;

	return arena_bytes - s->nr * s->charge + sim_stacks_touched(s);
}

size_t sim_world_memory(const struct sim_world *w)
{
	return with_stacks(w, sim_arena_used(w->arena));
}

size_t sim_world_memory_peak(const struct sim_world *w)
{
	return with_stacks(w, sim_arena_peak(w->arena));
}

size_t sim_stack_peak(const struct sim_world *w)
{
	return sim_stacks_peak(&w->core->stacks);
}
