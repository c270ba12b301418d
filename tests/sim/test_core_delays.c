/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tasks that are late: drawn times of wake-ups and of the ways to points; those that are lost. */
#include "tests/sim/core_story.h"

#include "sim/rand/rand.h"

/* Waking takes its time: a new task, a sleeper and a woken one; computing is no sleep. */
static void wake_and_compute(void *arg)
{
	struct story *s = arg;

	say(s, "runs");
	sim_cpu(s->w, 5);
	say(s, "computed");
	sim_wake(s->w, &s->q, 1);
	sim_sleep(s->w, 30);
	say(s, "slept");
}

static void wait_in_queue(void *arg)
{
	struct story *s = arg;

	say_result(s, "wait", sim_wait(s->w, &s->q, SIM_WAIT_PLAIN, SITE, NULL, NULL));
}

static void waking_takes_its_time(void **unused)
{
	struct sim_law law = {.kind = SIM_LAW_CONSTANT, .value = 100};
	struct story s;

	story_begin(&s, &(struct sim_world_config){.wakeup = &law});
	sim_spawn(s.w, "a", wait_in_queue, &s);
	sim_spawn(s.w, "b", wake_and_compute, &s);
	story_end(&s, SIM_END_QUIESCENT, "100b runs, 105b computed, 205a wait=ok, 235b slept, ");
}

static void pass_points(void *arg)
{
	struct story *s = arg;

	for (int i = 0; i < 2; i++) {
		sim_point(s->w, SITE);
		say(s, "is there");
	}
}

static void the_way_to_a_point_takes_its_time(void **unused)
{
	struct sim_law law = {.kind = SIM_LAW_CONSTANT, .value = 7};
	struct story s;

	story_begin(&s, &(struct sim_world_config){.step = &law});
	sim_spawn(s.w, "a", pass_points, &s);
	sim_spawn(s.w, "b", pass_points, &s); /* one CPU: in turns */
	story_end(&s, SIM_END_QUIESCENT, "7a is there, 14b is there, 21a is there, 28b is there, ");
}

static void get_lost(void *arg)
{
	struct story *s = arg;

	sim_task_lost(s->w);
	sim_wait(s->w, &s->q, SIM_WAIT_PLAIN, SITE, NULL, NULL);
}

static void join_other(void *arg)
{
	struct story *s = arg;

	sim_join(s->w, s->other);
	say(s, "joined");
}

/* It still waits, so that the world hangs, but nobody waits for it. */
static void a_lost_task_is_joined(void **unused)
{
	struct story s;

	story_begin(&s, NULL);
	s.other = sim_spawn(s.w, "a", get_lost, &s);
	sim_spawn(s.w, "b", join_other, &s);
	story_end(&s, SIM_END_HANG, "0b joined, ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(waking_takes_its_time),
		cmocka_unit_test(the_way_to_a_point_takes_its_time),
		cmocka_unit_test(a_lost_task_is_joined),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
