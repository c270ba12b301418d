/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ending a world at any instant: after every step, from within a task, and when memory runs out. */
#include "tests/sim/core_story.h"

#include <string.h>

#define WORKERS 6
#define ROUNDS  4

/* A model with something of everything, all of it in the arena. */
struct busy {
	struct sim_world *w;
	struct sim_rwsem sem;
	struct sim_mutex mutex;
	struct sim_waitq q;
	struct sim_event ticker;
	struct sim_pool pool;
	uint64_t calls;  /* made so far */
	uint64_t end_at; /* the call at which the world is ended; 0: never */
};

static void call(struct busy *b)
{
	if (++b->calls == b->end_at)
		sim_world_end(b->w, SIM_END_STOPPED);
}

static int nested(struct busy *b, int depth)
{
	volatile char local[200];

	local[0] = (char)depth;
	call(b);
	if (depth)
		return nested(b, depth - 1) + local[0];
	sim_wait_timeout(b->w, &b->q, SIM_WAIT_PLAIN, SITE, NULL, NULL, 15);
	return local[0];
}

static void child(void *arg)
{
	struct busy *b = arg;

	sim_cpu(b->w, 3);
	call(b);
}

static void worker(void *arg)
{
	struct busy *b = arg;

	for (int round = 0; round < ROUNDS; round++) {
		void *obj = sim_pool_get(&b->pool);

		memset(obj, 1, b->pool.size);
		sim_down_read(b->w, &b->sem, SIM_WAIT_KILLABLE, SITE);
		call(b);
		sim_sleep(b->w, 7);
		sim_up_read(b->w, &b->sem);
		nested(b, 5);
		sim_down_write(b->w, &b->sem, SIM_WAIT_PLAIN, SITE);
		sim_mutex_lock(b->w, &b->mutex, SIM_WAIT_PLAIN, SITE);
		sim_yield(b->w);
		call(b);
		sim_mutex_unlock(b->w, &b->mutex);
		sim_up_write(b->w, &b->sem);
		sim_join(b->w, sim_spawn(b->w, "child", child, b));
		sim_pool_put(&b->pool, obj);
	}
}

static void tick(struct sim_world *w, struct sim_event *ev)
{
	struct busy *b = w->model;

	call(b);
	sim_alloc(w->arena, 100);
	sim_wake(w, &b->q, 1);
	if (w->now_ns < 300)
		sim_event_after(w, ev, 9);
}

static struct busy *busy_world(const struct sim_world_config *config)
{
	struct sim_world *w = sim_world_new(config);
	struct busy *b = sim_alloc(w->arena, sizeof(*b));

	b->w = w;
	w->model = b;
	sim_rwsem_init(&b->sem, "sem", NULL);
	sim_mutex_init(&b->mutex, "mutex");
	sim_pool_init(&b->pool, w->arena, 40);
	b->ticker.fn = tick;
	sim_event_at(w, &b->ticker, 1);
	for (int i = 0; i < WORKERS; i++)
		sim_spawn(w, "worker", worker, b);
	return b;
}

static const struct sim_world_config two_cpus = {.nr_cpus = 2, .stack_size = 32768};

static void a_world_can_be_dropped_after_any_step(void **unused)
{
	uint64_t total;
	struct busy *b = busy_world(&two_cpus);

	assert_int_equal(sim_world_run(b->w), SIM_END_QUIESCENT);
	total = b->w->steps;
	assert_true(total > 200);
	sim_world_free(b->w);
	for (uint64_t n = 0; n < total; n++) {
		b = busy_world(&two_cpus);
		assert_int_equal(sim_world_run_steps(b->w, n), SIM_END_NONE);
		assert_int_equal(b->w->steps, n);
		sim_world_free(b->w);
	}
}

static void a_world_can_be_ended_from_within_at_any_call(void **unused)
{
	uint64_t total;
	struct busy *b = busy_world(&two_cpus);

	sim_world_run(b->w);
	total = b->calls;
	assert_true(total > 200);
	sim_world_free(b->w);
	for (uint64_t n = 1; n <= total; n++) {
		b = busy_world(&two_cpus);
		b->end_at = n;
		assert_int_equal(sim_world_run(b->w), SIM_END_STOPPED);
		assert_int_equal(b->calls, n);
		assert_null(b->w->current);
		/* It stays ended. */
		assert_int_equal(sim_world_run(b->w), SIM_END_STOPPED);
		assert_int_equal(b->calls, n);
		sim_world_free(b->w);
	}
}

static void stepping_is_running(void **unused)
{
	struct busy *a = busy_world(&two_cpus), *b = busy_world(&two_cpus);

	sim_world_run(a->w);
	while (sim_world_run_steps(b->w, 1) == SIM_END_NONE)
		;
	assert_int_equal(b->w->end, SIM_END_QUIESCENT);
	assert_int_equal(a->w->steps, b->w->steps);
	assert_int_equal(a->w->now_ns, b->w->now_ns);
	assert_int_equal(a->calls, b->calls);
	sim_world_free(a->w);
	sim_world_free(b->w);
}

/* ---- Memory ---- */

#define LIMIT (4u << 20)

static void devour(void *arg)
{
	struct sim_world *w = arg;

	for (;;) {
		sim_alloc(w->arena, 10000);
		sim_yield(w);
	}
}

static void devour_as_event(struct sim_world *w, struct sim_event *ev)
{
	for (;;)
		sim_alloc(w->arena, 100000);
}

static void devour_by_tasks(void *arg)
{
	struct sim_world *w = arg;

	for (;;)
		sim_spawn(w, "more", devour_by_tasks, w);
}

static void devour_by_events(struct sim_world *w, void *arg)
{
	for (;;) {
		struct sim_event *ev = sim_alloc(w->arena, sizeof(*ev));

		ev->fn = devour_as_event;
		sim_event_at(w, ev, 1);
	}
}

static void check_exhausted(struct sim_world *w)
{
	assert_int_equal(w->end, SIM_END_MEMORY);
	assert_null(w->current);
	assert_true(sim_world_memory_peak(w) <= LIMIT);
	assert_true(sim_arena_used(w->arena) > LIMIT / 2);
	assert_int_equal(sim_world_run(w), SIM_END_MEMORY);
	sim_world_free(w);
}

static void exhaustion_in_a_task_ends_the_run(void **unused)
{
	struct sim_world *w = sim_world_new(&(struct sim_world_config){.max_memory = LIMIT});

	sim_spawn(w, "a", devour, w);
	sim_spawn(w, "b", devour, w);
	assert_int_equal(sim_world_run(w), SIM_END_MEMORY);
	check_exhausted(w);
}

static void exhaustion_in_an_event_ends_the_run(void **unused)
{
	struct sim_world *w = sim_world_new(&(struct sim_world_config){.max_memory = LIMIT});
	struct sim_event ev = {.fn = devour_as_event};

	sim_event_at(w, &ev, 1);
	assert_int_equal(sim_world_run(w), SIM_END_MEMORY);
	check_exhausted(w);
}

static void stacks_count(void **unused)
{
	struct sim_world *w = sim_world_new(&(struct sim_world_config){.max_memory = LIMIT});

	sim_spawn(w, "a", devour_by_tasks, w);
	assert_int_equal(sim_world_run(w), SIM_END_MEMORY);
	check_exhausted(w);
}

static void exhaustion_while_building_is_told(void **unused)
{
	struct sim_world *w = sim_world_new(&(struct sim_world_config){.max_memory = LIMIT});

	assert_int_equal(sim_world_build(w, devour_by_events, NULL), SIM_END_MEMORY);
	check_exhausted(w);
}

static void build_nothing(struct sim_world *w, void *arg)
{
	*(bool *)arg = true;
}

static void building_within_the_limit_goes_well(void **unused)
{
	struct sim_world *w = sim_world_new(&(struct sim_world_config){.max_memory = LIMIT});
	bool built = false;

	assert_int_equal(sim_world_build(w, build_nothing, &built), SIM_END_NONE);
	assert_true(built);
	assert_int_equal(sim_world_run(w), SIM_END_QUIESCENT);
	sim_world_free(w);
	sim_world_free(NULL);
}

static void too_small_a_limit_makes_no_world(void **unused)
{
	for (size_t limit = 1; limit < 8192; limit += 61) {
		struct sim_world *w =
			sim_world_new(&(struct sim_world_config){.max_memory = limit});

		if (w)
			assert_int_equal(sim_world_run(w), SIM_END_QUIESCENT);
		sim_world_free(w);
	}
	assert_null(sim_world_new(&(struct sim_world_config){.max_memory = 200}));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_world_can_be_dropped_after_any_step),
		cmocka_unit_test(a_world_can_be_ended_from_within_at_any_call),
		cmocka_unit_test(stepping_is_running),
		cmocka_unit_test(exhaustion_in_a_task_ends_the_run),
		cmocka_unit_test(exhaustion_in_an_event_ends_the_run),
		cmocka_unit_test(stacks_count),
		cmocka_unit_test(exhaustion_while_building_is_told),
		cmocka_unit_test(building_within_the_limit_goes_well),
		cmocka_unit_test(too_small_a_limit_makes_no_world),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
