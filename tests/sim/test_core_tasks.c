/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tasks: spawning, yielding, sleeping, joining, CPUs, signals, stacks, and many of them. */
#include "tests/sim/core_story.h"

#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sim/base/asan.h"
#include "sim/base/math.h"
#include "sim/core/stack.h"
#include "sim/trace/trace.h"

static void yield_thrice(void *arg)
{
	struct story *s = arg;

	for (int i = 0; i < 3; i++) {
		say(s, "runs");
		sim_yield(s->w);
	}
}

static void yielding_tasks_take_turns(void **unused)
{
	struct story s;

	story_begin(&s, NULL);
	sim_spawn(s.w, "a", yield_thrice, &s);
	sim_spawn(s.w, "b", yield_thrice, &s);
	story_end(&s, SIM_END_QUIESCENT, "0a runs, 0b runs, 0a runs, 0b runs, 0a runs, 0b runs, ");
}

static void sleep_twice(void *arg)
{
	struct story *s = arg;

	say_result(s, "sleep", sim_sleep(s->w, 30));
	say_result(s, "sleep", sim_sleep(s->w, 0));
}

static void wait_for_other(void *arg)
{
	struct story *s = arg;

	sim_join(s->w, s->other);
	say(s, "joined");
	sim_join(s->w, s->other); /* at once */
	say(s, "joined");
}

static void joining_waits_for_the_end(void **unused)
{
	struct story s;

	story_begin(&s, NULL);
	s.other = sim_spawn(s.w, "a", sleep_twice, &s);
	sim_spawn(s.w, "b", wait_for_other, &s);
	sim_spawn(s.w, "c", wait_for_other, &s);
	story_end(&s, SIM_END_QUIESCENT,
		  "30a sleep=ok, 30a sleep=ok, 30b joined, 30b joined, 30c joined, 30c joined, ");
}

static void spawn_child(void *arg)
{
	struct story *s = arg;

	s->other = sim_spawn(s->w, "child", sleep_twice, s);
	say(s, "spawned");
	sim_join(s->w, s->other);
	say(s, "joined");
}

static void a_task_can_spawn_another(void **unused)
{
	struct story s;

	story_begin(&s, NULL);
	sim_spawn(s.w, "parent", spawn_child, &s);
	story_end(&s, SIM_END_QUIESCENT,
		  "0parent spawned, 30child sleep=ok, 30child sleep=ok, 30parent joined, ");
}

static void identity_is_as_documented(void **unused)
{
	struct story s;
	struct sim_task *t;
	unsigned n = 0;

	story_begin(&s, NULL);
	t = sim_spawn(s.w, "a name of more than 15", sleep_twice, &s);
	assert_string_equal(t->comm, "a name of more ");
	assert_int_equal(t->id, 1);
	assert_int_equal(t->pid, 1001);
	assert_int_equal(t->state, SIM_TASK_READY);
	sim_spawn(s.w, "b", sleep_twice, &s);
	sim_world_run(s.w);
	assert_int_equal(t->state, SIM_TASK_DEAD);
	sim_list_for_each (it, sim_tasks(s.w), struct sim_task, all)
		assert_int_equal(it->id, ++n);
	assert_int_equal(n, 2);
	sim_buf_free(&s.text);
	sim_world_free(s.w);
}

/* ---- CPUs ---- */

static void compute(void *arg)
{
	struct story *s = arg;
	char text[32];

	sim_cpu(s->w, 100);
	snprintf(text, sizeof(text), "done on %u", s->w->current->cpu);
	say(s, text);
	sim_cpu(s->w, 10);
	snprintf(text, sizeof(text), "again on %u", s->w->current->cpu);
	say(s, text);
}

static void tasks_wait_for_a_cpu_in_order_of_arrival(void **unused)
{
	struct story s;

	story_begin(&s, &(struct sim_world_config){.nr_cpus = 2});
	sim_spawn(s.w, "a", compute, &s);
	sim_spawn(s.w, "b", compute, &s);
	sim_spawn(s.w, "c", compute, &s);
	/* a leaves CPU 0 to c and, like b, queues up again; b finds CPU 1 free, as c had come
	 * first. */
	story_end(&s, SIM_END_QUIESCENT,
		  "100a done on 0, 100b done on 1, 110a again on 1, 120b again on 1, "
		  "200c done on 0, 210c again on 0, ");
}

static void compute_for_nothing(void *arg)
{
	struct story *s = arg;

	sim_cpu(s->w, 0);
	say(s, "did nothing");
}

static void no_time_needs_no_cpu(void **unused)
{
	struct story s;

	story_begin(&s, NULL);
	sim_spawn(s.w, "a", compute, &s);
	sim_spawn(s.w, "b", compute_for_nothing, &s);
	story_end(&s, SIM_END_QUIESCENT, "0b did nothing, 100a done on 0, 110a again on 0, ");
}

static void all_1024_cpus_are_used(void **unused)
{
	struct story s;
	unsigned n = 0;

	story_begin(&s, &(struct sim_world_config){.nr_cpus = 1024});
	for (int i = 0; i < 1025; i++)
		sim_spawn(s.w, "t", compute, &s);
	sim_world_run_steps(s.w, 1025);
	sim_list_for_each (t, sim_tasks(s.w), struct sim_task, all) {
		assert_int_equal(t->cpu, n < 1024 ? n : 0);
		n++;
	}
	assert_int_equal(sim_world_run(s.w), SIM_END_QUIESCENT);
	sim_buf_free(&s.text);
	sim_world_free(s.w);
}

/* ---- Signals ---- */

static void wait_plain(void *arg)
{
	struct story *s = arg;

	say_result(s, "plain", sim_wait(s->w, &s->q, SIM_WAIT_PLAIN, SITE, NULL, NULL));
}

static void wait_killable(void *arg)
{
	struct story *s = arg;

	say_result(s, "killable", sim_wait(s->w, &s->q, SIM_WAIT_KILLABLE, SITE, NULL, NULL));
}

static void wait_interruptible(void *arg)
{
	struct story *s = arg;

	say_result(s, "interruptible",
		   sim_wait(s->w, &s->q, SIM_WAIT_INTERRUPTIBLE, SITE, NULL, NULL));
}

static void signal_all(struct story *s, bool fatal)
{
	sim_list_for_each (t, sim_tasks(s->w), struct sim_task, all)
		if (t->state == SIM_TASK_BLOCKED)
			sim_signal(s->w, t, fatal);
}

static void signals_end_the_waits_that_admit_them(void **unused)
{
	struct story s;

	story_begin(&s, NULL);
	sim_spawn(s.w, "p", wait_plain, &s);
	sim_spawn(s.w, "k", wait_killable, &s);
	sim_spawn(s.w, "i", wait_interruptible, &s);
	assert_int_equal(sim_world_run(s.w), SIM_END_HANG);
	signal_all(&s, false);
	assert_int_equal(sim_world_run(s.w), SIM_END_HANG);
	assert_string_equal(s.text.data, "0i interruptible=restart, ");
	signal_all(&s, true);
	assert_int_equal(sim_world_run(s.w), SIM_END_HANG);
	assert_string_equal(s.text.data, "0i interruptible=restart, 0k killable=restart, ");
	assert_int_equal(sim_wake(s.w, &s.q, SIM_WAKE_ALL), 1);
	story_end(&s, SIM_END_QUIESCENT,
		  "0i interruptible=restart, 0k killable=restart, 0p plain=ok, ");
}

static void a_pending_signal_ends_a_wait_before_it_begins(void **unused)
{
	struct story s;

	story_begin(&s, NULL);
	sim_signal(s.w, sim_spawn(s.w, "i", wait_interruptible, &s), false);
	sim_signal(s.w, sim_spawn(s.w, "k", wait_killable, &s), true);
	sim_signal(s.w, sim_spawn(s.w, "z", sleep_twice, &s), false);
	story_end(&s, SIM_END_QUIESCENT,
		  "0i interruptible=restart, 0k killable=restart, 0z sleep=restart, "
		  "0z sleep=restart, ");
}

static void signal_and_wake(struct sim_world *w, struct sim_event *ev)
{
	struct story *s = w->model;

	sim_signal(w, s->other, true);
	sim_wake(w, &s->q, 1);
}

/* A wake-up that was given to a task is not lost to a signal that came at the same moment. */
static void a_wake_up_counts_although_a_signal_came_first(void **unused)
{
	struct sim_event ev = {.fn = signal_and_wake};
	struct story s;

	story_begin(&s, NULL);
	s.other = sim_spawn(s.w, "a", wait_killable, &s);
	sim_spawn(s.w, "b", wait_plain, &s);
	sim_event_at(s.w, &ev, 5);
	story_end(&s, SIM_END_HANG, "5a killable=ok, ");
}

static void interrupt(struct sim_world *w, struct sim_event *ev)
{
	struct story *s = w->model;

	sim_signal(w, s->other, false);
}

static void a_signal_ends_a_sleep(void **unused)
{
	struct sim_event ev = {.fn = interrupt};
	struct story s;

	story_begin(&s, NULL);
	s.other = sim_spawn(s.w, "a", sleep_twice, &s);
	sim_event_at(s.w, &ev, 5);
	/* The timer of the first sleep is gone: nothing happens at 30. */
	story_end(&s, SIM_END_QUIESCENT, "5a sleep=restart, 5a sleep=restart, ");
}

/* ---- Stacks ---- */

#define DEEP 20000

static void use_stack(void *arg)
{
	volatile char deep[DEEP];

	for (size_t i = 0; i < sizeof(deep); i++)
		deep[i] = 1;
	sim_yield(((struct story *)arg)->w);
	assert_int_equal(deep[0] + deep[sizeof(deep) - 1], 2);
}

static void the_stack_peak_is_measured(void **unused)
{
	struct story s;

	story_begin(&s, NULL);
	sim_spawn(s.w, "shallow", yield_thrice, &s);
	sim_world_run(s.w);
	assert_true(sim_stack_peak(s.w) < DEEP);
	sim_spawn(s.w, "deep", use_stack, &s);
	sim_world_run(s.w);
	assert_true(sim_stack_peak(s.w) >= DEEP);
	assert_true(sim_stack_peak(s.w) < DEEP + 8192);
	sim_buf_free(&s.text);
	sim_world_free(s.w);
}

static int recurse(volatile char *above, int depth)
{
	volatile char frame[512];

	frame[0] = (char)(depth + above[0]);
	return depth ? recurse(frame, depth - 1) + frame[0] : frame[0];
}

static void overflow(void *arg)
{
	volatile char top[1] = {0};

	recurse(top, *(int *)arg);
}

/* In a child, because the guard page kills it. */
static void an_overflow_meets_the_guard_page(void **unused)
{
	static int depth = 16384 / 512 + 16;
	int status;
	pid_t child = fork();

	assert_true(child >= 0);
	if (!child) {
		struct sim_world *w =
			sim_world_new(&(struct sim_world_config){.stack_size = 16384});

		close(STDERR_FILENO);
		sim_spawn(w, "deep", overflow, &depth);
		sim_world_run(w);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_false(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

#define MANY 10000

static void park(void *arg)
{
	struct story *s = arg;

	sim_wait(s->w, &s->q, SIM_WAIT_IDLE, SITE, NULL, NULL);
	s->done.done++;
}

static void ten_thousand_tasks_cost_what_they_touch(void **unused)
{
	struct story s;
	size_t before;

	story_begin(&s, NULL);
	before = sim_world_memory(s.w);
	for (int i = 0; i < MANY; i++)
		sim_spawn(s.w, "parked", park, &s);
	assert_int_equal(sim_world_run(s.w), SIM_END_QUIESCENT);
	if (!SIM_ASAN)
		assert_true(sim_world_memory(s.w) - before <
			    (size_t)MANY * (size_t)(getpagesize() + 1024));
	assert_true(sim_world_memory_peak(s.w) >= sim_world_memory(s.w));
	assert_int_equal(sim_wake(s.w, &s.q, SIM_WAKE_ALL), MANY);
	assert_int_equal(sim_world_run(s.w), SIM_END_QUIESCENT);
	assert_int_equal(s.done.done, MANY);
	sim_world_free(s.w);
}

static void spawn_in_turn(void *arg)
{
	struct story *s = arg;

	for (int i = 0; i < 1000; i++)
		sim_join(s->w, sim_spawn(s->w, "short", yield_thrice, s));
}

static void stacks_of_dead_tasks_are_used_again(void **unused)
{
	struct story s;

	story_begin(&s, NULL);
	sim_spawn(s.w, "long", spawn_in_turn, &s);
	assert_int_equal(sim_world_run(s.w), SIM_END_QUIESCENT);
	/* Two stacks, and a thousand small task structs. */
	assert_true(sim_world_memory(s.w) < (1 << 20));
	sim_buf_free(&s.text);
	sim_world_free(s.w);
}

/* Beyond the guarded ones stacks lie side by side: none reaches into another. */
static void stacks_that_share_a_guard_are_apart(void **unused)
{
	enum { NR = 3 * SIM_STACKS_SHARING + 2 };
	struct sim_arena *a = sim_arena_new(0, NULL, NULL);
	struct sim_stack *stack[NR];
	struct sim_stacks s;

	sim_stacks_init(&s, a, 8192);
	s.guarded = 2;
	for (unsigned i = 0; i < NR; i++) {
		stack[i] = sim_stack_get(&s);
		assert_int_equal(stack[i]->mapped != 0, i < 2 || (i - 1) % SIM_STACKS_SHARING == 0);
		memset(stack[i]->base, (int)i + 1, s.size);
	}
	for (unsigned i = 0; i < NR; i++)
		for (size_t at = 0; at < s.size; at++)
			assert_int_equal((uint8_t)stack[i]->base[at], (uint8_t)(i + 1));
	assert_int_equal(sim_stacks_touched(&s), NR * s.size);
	assert_true(sim_arena_used(a) >= NR * s.charge);
	sim_stacks_drop(&s);
	sim_arena_free(a);
}

/* ---- Several worlds, and what records are told ---- */

static void tick(void *arg)
{
	struct story *s = arg;

	while (s->w->now_ns < 50) {
		say(s, "ticks");
		sim_sleep(s->w, 10);
	}
}

static void worlds_in_one_process_do_not_meet(void **unused)
{
	static const char expected[] = "0t ticks, 10t ticks, 20t ticks, 30t ticks, 40t ticks, ";
	struct story s[3];

	for (int i = 0; i < 3; i++) {
		story_begin(&s[i], NULL);
		sim_spawn(s[i].w, "t", tick, &s[i]);
	}
	for (int step = 0; step < 30; step++)
		for (int i = 0; i < 3; i++)
			sim_world_run_steps(s[i].w, 1 + (uint64_t)i);
	for (int i = 0; i < 3; i++)
		story_end(&s[i], SIM_END_QUIESCENT, expected);
}

static void run_inner_world(void *arg)
{
	struct story *outer = arg, inner;

	story_begin(&inner, NULL);
	sim_spawn(inner.w, "t", tick, &inner);
	sim_world_run_steps(inner.w, 3);
	sim_yield(outer->w);
	story_end(&inner, SIM_END_QUIESCENT,
		  "0t ticks, 10t ticks, 20t ticks, 30t ticks, 40t ticks, ");
	say(outer, "inner world done");
}

static void a_task_can_run_another_world(void **unused)
{
	struct story s;

	story_begin(&s, NULL);
	sim_spawn(s.w, "outer", run_inner_world, &s);
	sim_spawn(s.w, "t", yield_thrice, &s);
	story_end(&s, SIM_END_QUIESCENT, "0t runs, 0outer inner world done, 0t runs, 0t runs, ");
}

struct seen {
	struct sim_trace trace;
	struct sim_event ev;
	bool event_seen;
};

static void look(struct sim_world *w, struct sim_event *ev)
{
	struct seen *seen = w->model;

	assert_int_equal(seen->trace.ctx.time_ns, 7);
	assert_int_equal(seen->trace.ctx.pid, 0);
	assert_string_equal(seen->trace.ctx.comm, "<idle>");
	seen->event_seen = true;
}

static void look_as_task(void *arg)
{
	struct sim_world *w = arg;
	struct seen *seen = w->model;

	assert_int_equal(seen->trace.ctx.time_ns, 0);
	assert_int_equal(seen->trace.ctx.pid, 1002);
	assert_string_equal(seen->trace.ctx.comm, "watcher");
	sim_event_at(w, &seen->ev, 7);
	sim_cpu(w, 7);
	assert_int_equal(seen->trace.ctx.time_ns, 7);
	assert_int_equal(seen->trace.ctx.cpu, 1);
	assert_string_equal(seen->trace.ctx.comm, "watcher");
}

static void occupy_cpu_0(void *arg)
{
	sim_cpu(arg, 20);
}

static void records_are_told_who_and_when(void **unused)
{
	struct seen seen = {.ev = {.fn = look}};
	struct sim_world *w =
		sim_world_new(&(struct sim_world_config){.nr_cpus = 2, .trace = &seen.trace});

	w->model = &seen;
	sim_spawn(w, "first", occupy_cpu_0, w);
	sim_spawn(w, "watcher", look_as_task, w);
	assert_int_equal(sim_world_run(w), SIM_END_QUIESCENT);
	assert_true(seen.event_seen);
	sim_world_free(w);
	assert_string_equal(seen.trace.ctx.comm, "<idle>");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(yielding_tasks_take_turns),
		cmocka_unit_test(joining_waits_for_the_end),
		cmocka_unit_test(a_task_can_spawn_another),
		cmocka_unit_test(identity_is_as_documented),
		cmocka_unit_test(tasks_wait_for_a_cpu_in_order_of_arrival),
		cmocka_unit_test(no_time_needs_no_cpu),
		cmocka_unit_test(all_1024_cpus_are_used),
		cmocka_unit_test(signals_end_the_waits_that_admit_them),
		cmocka_unit_test(a_pending_signal_ends_a_wait_before_it_begins),
		cmocka_unit_test(a_wake_up_counts_although_a_signal_came_first),
		cmocka_unit_test(a_signal_ends_a_sleep),
		cmocka_unit_test(the_stack_peak_is_measured),
		cmocka_unit_test(an_overflow_meets_the_guard_page),
		cmocka_unit_test(ten_thousand_tasks_cost_what_they_touch),
		cmocka_unit_test(stacks_of_dead_tasks_are_used_again),
		cmocka_unit_test(stacks_that_share_a_guard_are_apart),
		cmocka_unit_test(worlds_in_one_process_do_not_meet),
		cmocka_unit_test(a_task_can_run_another_world),
		cmocka_unit_test(records_are_told_who_and_when),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
