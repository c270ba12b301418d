/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Events: their order against a naive reference, taking them back, the clock, limits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "sim/base/math.h"
#include "sim/core/world.h"

#define EVENTS 3000

/* The same events in an array: the next is found by looking at all of them. */
struct reference {
	struct {
		bool pending;
		uint64_t when_ns, seq;
	} at[EVENTS];
	uint64_t next_seq;
};

struct model {
	struct reference ref;
	struct sim_event ev[EVENTS];
	uint64_t state; /* of the random numbers */
	uint64_t fired, cancelled, posted, to_post;
	uint64_t ties; /* how often two events had the same time */
	uint64_t last_ns;
};

static uint64_t random_below(struct model *m, uint64_t n)
{
	m->state = m->state * 6364136223846793005ull + 1442695040888963407ull;
	return (m->state >> 33) % n;
}

static void post(struct sim_world *w, struct model *m, unsigned i, uint64_t when_ns)
{
	sim_event_at(w, &m->ev[i], when_ns);
	assert_true(sim_event_pending(&m->ev[i]));
	m->ref.at[i].pending = true;
	m->ref.at[i].when_ns = sim_max(when_ns, w->now_ns);
	m->ref.at[i].seq = m->ref.next_seq++;
	m->posted++;
}

static void cancel(struct sim_world *w, struct model *m, unsigned i)
{
	assert_int_equal(sim_event_cancel(w, &m->ev[i]), m->ref.at[i].pending);
	assert_false(sim_event_pending(&m->ev[i]));
	m->cancelled += m->ref.at[i].pending;
	m->ref.at[i].pending = false;
}

static unsigned earliest(const struct reference *ref)
{
	unsigned best = EVENTS;

	for (unsigned i = 0; i < EVENTS; i++) {
		if (!ref->at[i].pending)
			continue;
		if (best == EVENTS || ref->at[i].when_ns < ref->at[best].when_ns ||
		    (ref->at[i].when_ns == ref->at[best].when_ns &&
		     ref->at[i].seq < ref->at[best].seq))
			best = i;
	}
	return best;
}

/* Post up to three and take back up to two others, at times that collide often. */
static void stir(struct sim_world *w, struct model *m)
{
	for (uint64_t n = random_below(m, 4); n && m->to_post; n--) {
		unsigned i = (unsigned)random_below(m, EVENTS);
		uint64_t delay_ns = random_below(m, 3) ? random_below(m, 40) : 0;

		if (!m->ref.at[i].pending) {
			post(w, m, i, w->now_ns + delay_ns);
			m->to_post--;
		}
	}
	for (uint64_t n = random_below(m, 3); n; n--)
		cancel(w, m, (unsigned)random_below(m, EVENTS));
}

static void fired(struct sim_world *w, struct sim_event *ev)
{
	struct model *m = w->model;
	unsigned i = (unsigned)(ev - m->ev);

	assert_null(w->current);
	assert_false(sim_event_pending(ev));
	assert_int_equal(i, earliest(&m->ref));
	assert_int_equal(w->now_ns, m->ref.at[i].when_ns);
	m->ties += m->fired && m->last_ns == w->now_ns;
	m->last_ns = w->now_ns;
	m->ref.at[i].pending = false;
	m->fired++;
	stir(w, m);
}

static void events_fire_by_time_then_by_order_of_posting(void **unused)
{
	for (uint64_t seed = 1; seed <= 4; seed++) {
		struct sim_world *w = sim_world_new(&(struct sim_world_config){.seed = seed});
		struct model *m = sim_alloc(w->arena, sizeof(*m));

		w->model = m;
		m->state = seed;
		m->to_post = 5000;
		for (unsigned i = 0; i < EVENTS; i++)
			m->ev[i].fn = fired;
		/* A crowd at one instant makes the ring grow, and leave gaps in it. */
		for (unsigned i = 0; i < EVENTS; i += 2)
			post(w, m, i, i % 3 ? 0 : random_below(m, 1000));
		for (unsigned i = 0; i < EVENTS; i += 3)
			cancel(w, m, i);
		assert_int_equal(sim_world_run(w), SIM_END_QUIESCENT);
		assert_int_equal(m->fired + m->cancelled, m->posted);
		assert_int_equal(w->steps, m->fired);
		assert_true(m->fired > 3000 && m->cancelled > 1000 && m->ties > 1000);
		sim_world_free(w);
	}
}

/* A ring of 64 entries (its first size), 40 of them taken back, takes 40 new ones in its place. */
static void a_full_ring_with_gaps_keeps_its_order(void **unused)
{
	struct sim_world *w = sim_world_new(&(struct sim_world_config){.seed = 1});
	struct model *m = sim_alloc(w->arena, sizeof(*m));
	size_t before;

	w->model = m;
	for (unsigned i = 0; i < EVENTS; i++)
		m->ev[i].fn = fired;
	for (unsigned i = 0; i < 64; i++)
		post(w, m, i, 0);
	before = sim_world_memory(w);
	for (unsigned i = 0; i < 60; i += 3) {
		cancel(w, m, i);
		cancel(w, m, i + 1);
	}
	for (unsigned i = 100; i < 140; i++)
		post(w, m, i, 0);
	assert_int_equal(sim_world_memory(w), before);
	/* It grows while its oldest entry is not at its front. */
	sim_world_run_steps(w, 5);
	for (unsigned i = 140; i < 300; i++)
		post(w, m, i, 0);
	assert_int_equal(sim_world_run(w), SIM_END_QUIESCENT);
	assert_int_equal(m->fired + m->cancelled, m->posted);
	sim_world_free(w);
}

static void ignore(struct sim_world *w, struct sim_event *ev)
{
}

static void times_beyond_the_end_of_time_saturate(void **unused)
{
	struct sim_world *w = sim_world_new(&(struct sim_world_config){.seed = 1});
	struct sim_event late = {.fn = ignore}, later = {.fn = ignore};

	sim_event_at(w, &late, 100);
	sim_world_run(w);
	sim_event_after(w, &later, UINT64_MAX);
	assert_int_equal(sim_world_run(w), SIM_END_QUIESCENT);
	assert_true(w->now_ns == UINT64_MAX);
	sim_world_free(w);
}

static void a_past_time_means_now(void **unused)
{
	struct sim_world *w = sim_world_new(&(struct sim_world_config){.seed = 1});
	struct sim_event a = {.fn = ignore}, b = {.fn = ignore};

	sim_event_at(w, &a, 50);
	sim_world_run(w);
	sim_event_at(w, &b, 10);
	assert_int_equal(sim_world_run(w), SIM_END_QUIESCENT);
	assert_int_equal(w->now_ns, 50);
	sim_world_free(w);
}

static void repost(struct sim_world *w, struct sim_event *ev)
{
	sim_event_after(w, ev, 10);
}

static void the_limit_of_steps_ends_the_run(void **unused)
{
	struct sim_world *w = sim_world_new(&(struct sim_world_config){.max_steps = 7});
	struct sim_event ev = {.fn = repost};

	sim_event_at(w, &ev, 1);
	assert_int_equal(sim_world_run_steps(w, 3), SIM_END_NONE);
	assert_int_equal(w->steps, 3);
	assert_int_equal(sim_world_run(w), SIM_END_STEPS);
	assert_int_equal(w->steps, 7);
	assert_int_equal(sim_world_run(w), SIM_END_STEPS);
	assert_int_equal(w->steps, 7);
	sim_world_free(w);
}

static void a_run_that_needs_all_its_steps_is_quiescent(void **unused)
{
	struct sim_world *w = sim_world_new(&(struct sim_world_config){.max_steps = 2});
	struct sim_event a = {.fn = ignore}, b = {.fn = ignore};

	sim_event_at(w, &a, 1);
	sim_event_at(w, &b, 2);
	assert_int_equal(sim_world_run(w), SIM_END_QUIESCENT);
	assert_int_equal(w->steps, 2);
	sim_world_free(w);
}

static void the_limit_of_time_includes_its_last_instant(void **unused)
{
	struct sim_world *w = sim_world_new(&(struct sim_world_config){.max_time_ns = 25});
	struct sim_event ev = {.fn = repost}, last = {.fn = ignore};

	sim_event_at(w, &ev, 5); /* 5, 15, 25 */
	assert_int_equal(sim_world_run(w), SIM_END_TIME);
	assert_int_equal(w->steps, 3);
	assert_int_equal(w->now_ns, 25);
	sim_world_free(w);

	w = sim_world_new(&(struct sim_world_config){.max_time_ns = 25});
	sim_event_at(w, &last, 26);
	assert_int_equal(sim_world_run(w), SIM_END_TIME);
	assert_int_equal(w->steps, 0);
	assert_int_equal(w->now_ns, 25);
	sim_world_free(w);
}

static void stop(struct sim_world *w, struct sim_event *ev)
{
	sim_world_end(w, SIM_END_VIOLATION);
	sim_world_end(w, SIM_END_STOPPED); /* the first reason stays */
	w->model = ev;                     /* an event's function goes on to its end */
}

static void an_event_can_end_the_run(void **unused)
{
	struct sim_world *w = sim_world_new(&(struct sim_world_config){.seed = 1});
	struct sim_event a = {.fn = stop}, b = {.fn = ignore};

	sim_event_at(w, &a, 5);
	sim_event_at(w, &b, 5);
	assert_int_equal(sim_world_run(w), SIM_END_VIOLATION);
	assert_ptr_equal(w->model, &a);
	assert_true(sim_event_pending(&b));
	assert_int_equal(w->steps, 1);
	assert_string_equal(sim_end_name(w->end), "violation");
	sim_world_free(w);
}

static void count_step(struct sim_world *w)
{
	uint64_t *count = w->model;

	assert_int_equal(++*count, w->steps);
}

static void on_step_comes_after_each_step(void **unused)
{
	struct sim_world *w = sim_world_new(&(struct sim_world_config){.max_steps = 20});
	struct sim_event ev = {.fn = repost};
	uint64_t count = 0;

	w->model = &count;
	w->on_step = count_step;
	sim_event_at(w, &ev, 0);
	sim_world_run(w);
	assert_int_equal(count, 20);
	sim_world_free(w);
}

#define DRAWS 10

/* What is drawn in each of the first ns. */
struct drawer {
	struct sim_event ev;
	uint64_t drawn[DRAWS];
};

static void draw(struct sim_world *w, struct sim_event *ev)
{
	struct drawer *d = sim_container_of(ev, struct drawer, ev);

	d->drawn[w->now_ns] = sim_world_draw(w, 1, 0);
	if (w->now_ns + 1 < DRAWS)
		sim_event_after(w, ev, 1);
}

static void draw_all(const struct sim_world_config *config, struct drawer *d)
{
	struct sim_world *w = sim_world_new(config);

	memset(d, 0, sizeof(*d));
	d->ev.fn = draw;
	sim_event_at(w, &d->ev, 0);
	assert_int_equal(sim_world_run(w), SIM_END_QUIESCENT);
	sim_world_free(w);
}

static void other_seeds_take_over(void **state)
{
	static const struct sim_reseed reseed[] = {{4, 2}, {7, 1}};
	struct drawer one, two, mixed;

	draw_all(&(struct sim_world_config){.seed = 1}, &one);
	draw_all(&(struct sim_world_config){.seed = 2}, &two);
	draw_all(&(struct sim_world_config){.seed = 1, .reseed = reseed, .nr_reseeds = 2}, &mixed);
	assert_true(one.drawn[0] != two.drawn[0]);
	for (unsigned i = 0; i < DRAWS; i++)
		assert_true(mixed.drawn[i] == (i < 4 || i >= 7 ? one.drawn[i] : two.drawn[i]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(events_fire_by_time_then_by_order_of_posting),
		cmocka_unit_test(a_full_ring_with_gaps_keeps_its_order),
		cmocka_unit_test(times_beyond_the_end_of_time_saturate),
		cmocka_unit_test(a_past_time_means_now),
		cmocka_unit_test(the_limit_of_steps_ends_the_run),
		cmocka_unit_test(a_run_that_needs_all_its_steps_is_quiescent),
		cmocka_unit_test(the_limit_of_time_includes_its_last_instant),
		cmocka_unit_test(an_event_can_end_the_run),
		cmocka_unit_test(on_step_comes_after_each_step),
		cmocka_unit_test(other_seeds_take_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
