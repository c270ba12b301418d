/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Choices in a world: the ready ring, loose events, preemption points, draws. */
#include "tests/sim/core_story.h"

#include "sim/choice/choice.h"

/* A policy of tests: it takes what the array says, then 0. */
static const unsigned *plan;
static unsigned asked_n[100];
static struct sim_choice asked[100];
static unsigned nr_asked;

static unsigned pick_planned(struct sim_choices *c, const struct sim_choice *ch,
			     uint32_t occurrence)
{
	unsigned pick = plan && *plan != ~0u ? *plan++ : 0;

	asked[nr_asked] = *ch;
	asked_n[nr_asked++] = ch->n;
	return pick < ch->n ? pick : ch->n - 1;
}

static const struct sim_policy planned = {.name = "planned", .pick = pick_planned};
static const struct sim_policy planned_loose = {
	.name = "planned loose", .frees_loose = true, .pick = pick_planned};
static const struct sim_policy planned_preempting = {
	.name = "planned preempting", .preempts = true, .pick = pick_planned};

static struct sim_choices *begin(struct story *s, const struct sim_policy *policy,
				 const unsigned *picks)
{
	struct sim_choices *c = sim_choices_new(&(struct sim_choices_config){.policy = policy});

	plan = picks;
	nr_asked = 0;
	story_begin(s, &(struct sim_world_config){.choices = c});
	return c;
}

static void run_once(void *arg)
{
	say(arg, "runs");
}

static void a_pick_from_the_middle_leaves_the_others_in_order(void **unused)
{
	struct story s;
	struct sim_choices *c = begin(&s, &planned, (const unsigned[]){2, 3, 1, ~0u});

	for (const char *name = "a\0b\0c\0d\0e\0f\0"; *name; name += 2)
		sim_spawn(s.w, name, run_once, &s);
	story_end(&s, SIM_END_QUIESCENT, "0c runs, 0e runs, 0b runs, 0a runs, 0d runs, 0f runs, ");
	/* Six entries are five choices: the last one is none. */
	assert_int_equal(nr_asked, 5);
	for (unsigned i = 0; i < 5; i++) {
		assert_int_equal(asked_n[i], 6 - i);
		assert_int_equal(asked[i].site, SIM_SITE_READY);
	}
	assert_int_equal(asked[0].task, 1); /* named after the oldest */
	assert_int_equal(asked[4].task, 4);
	sim_choices_free(c);
}

struct note {
	struct sim_event ev;
	const char *name;
};

static void tell(struct sim_world *w, struct sim_event *ev)
{
	say(w->model, sim_container_of(ev, struct note, ev)->name);
}

static void cancelled_events_are_no_alternatives(void **unused)
{
	struct note a = {{.fn = tell}, "a"}, b = {{.fn = tell}, "b"}, d = {{.fn = tell}, "d"};
	struct note e = {{.fn = tell, .site = 77}, "c"};
	struct story s;
	struct sim_choices *c = begin(&s, &planned, (const unsigned[]){1, ~0u});

	sim_event_at(s.w, &a.ev, 0);
	sim_event_at(s.w, &b.ev, 0);
	sim_event_at(s.w, &e.ev, 0);
	sim_event_at(s.w, &d.ev, 0);
	assert_true(sim_event_cancel(s.w, &a.ev));
	assert_true(sim_event_cancel(s.w, &b.ev));
	story_end(&s, SIM_END_QUIESCENT, "0- d, 0- c, ");
	assert_int_equal(nr_asked, 1);
	assert_int_equal(asked_n[0], 2);
	assert_int_equal(asked[0].task, 0);
	assert_int_equal(asked[0].obj, 77); /* an event is named by its site */
	sim_choices_free(c);
}

static void gaps_between_alternatives_are_closed(void **unused)
{
	struct note note[6];
	struct story s;
	struct sim_choices *c = begin(&s, &planned, (const unsigned[]){2, 1, ~0u});

	for (unsigned i = 0; i < 6; i++) {
		note[i] = (struct note){{.fn = tell}, &"a\0b\0c\0d\0e\0f"[2 * i]};
		sim_event_at(s.w, &note[i].ev, 0);
	}
	sim_event_cancel(s.w, &note[1].ev);
	sim_event_cancel(s.w, &note[3].ev);
	/* The third of a, c, e, f; then the second of a, c, f. */
	story_end(&s, SIM_END_QUIESCENT, "0- e, 0- c, 0- a, 0- f, ");
	assert_int_equal(asked_n[0], 4);
	assert_int_equal(asked_n[1], 3);
	sim_choices_free(c);
}

static void sleep_10(void *arg)
{
	struct story *s = arg;

	sim_sleep(s->w, 10);
	say(s, "slept");
}

/* Two due loose events and a timer: the events may be passed over by the clock. */
static void run_loose(const struct sim_policy *policy, const unsigned *picks, const char *expected,
		      unsigned choices)
{
	struct note a = {{.fn = tell, .loose = true}, "a"}, b = {{.fn = tell, .loose = true}, "b"};
	struct story s;
	struct sim_choices *c = begin(&s, policy, picks);

	sim_event_at(s.w, &a.ev, 3);
	sim_event_at(s.w, &b.ev, 3);
	sim_spawn(s.w, "t", sleep_10, &s);
	story_end(&s, SIM_END_QUIESCENT, expected);
	assert_int_equal(nr_asked, choices);
	sim_choices_free(c);
}

static void loose_events_may_fire_late(void **unused)
{
	/* Not freed: they hold the clock. */
	run_loose(&planned, (const unsigned[]){1, ~0u}, "3- b, 3- a, 10t slept, ", 1);
	/* Freed, but taken at once. The second choice is: a, or let time pass. */
	run_loose(&planned_loose, (const unsigned[]){1, 0, ~0u}, "3- b, 3- a, 10t slept, ", 2);
	/* The clock goes on first; then the timer is due beside them, which ends the freedom. */
	run_loose(&planned_loose, (const unsigned[]){2, 2, 2, 1, ~0u}, "10t slept, 10- b, 10- a, ",
		  4);
	/* One early, one late. */
	run_loose(&planned_loose, (const unsigned[]){0, 1, ~0u}, "3- a, 10- b, 10t slept, ", 3);
}

static void three_points(void *arg)
{
	struct story *s = arg;

	for (unsigned i = 0; i < 3; i++) {
		sim_point(s->w, (uint16_t)(SITE + i));
		say(s, "passed");
	}
}

static void a_point_may_take_the_cpu_away(void **unused)
{
	struct story s;
	struct sim_choices *c = begin(&s, &planned_preempting, (const unsigned[]){0, 0, 1, ~0u});

	sim_spawn(s.w, "a", three_points, &s);
	sim_spawn(s.w, "b", three_points, &s);
	/* Choices: a or b first; a's first point; a's second point, where it is preempted. */
	story_end(&s, SIM_END_QUIESCENT,
		  "0a passed, 0b passed, 0b passed, 0b passed, 0a passed, 0a passed, ");
	assert_int_equal(asked[1].site, SITE);
	assert_true(asked[1].preempt);
	assert_false(asked[0].preempt);
	sim_choices_free(c);
}

static void hold_at_second(struct sim_world *w, uint16_t site)
{
	struct story *s = w->model;

	if (site == SITE + 1 && w->current->id == 1)
		sim_wait(w, &s->q, SIM_WAIT_PLAIN, site, NULL, NULL);
}

static void a_hook_can_hold_a_task_at_a_point(void **unused)
{
	struct story s;

	story_begin(&s, NULL);
	assert_false(s.w->points);
	sim_world_set_point_hook(s.w, hold_at_second);
	sim_spawn(s.w, "a", three_points, &s);
	sim_spawn(s.w, "b", three_points, &s);
	assert_int_equal(sim_world_run(s.w), SIM_END_HANG);
	assert_string_equal(s.text.data, "0a passed, 0b passed, 0b passed, 0b passed, ");
	sim_world_set_point_hook(s.w, NULL);
	assert_false(s.w->points);
	sim_wake(s.w, &s.q, 1);
	story_end(&s, SIM_END_QUIESCENT,
		  "0a passed, 0b passed, 0b passed, 0b passed, 0a passed, 0a passed, ");
}

static void choose_of_task(void *arg)
{
	struct story *s = arg;

	s->w->current->op = 7;
	assert_int_equal(sim_choose(s->w, SITE, 11, 12, 1), 0); /* no choice */
	assert_int_equal(sim_choose(s->w, SITE, 11, 12, 3), 2);
}

static void a_choice_bears_its_name(void **unused)
{
	struct story s;
	struct sim_choices *c = begin(&s, &planned, (const unsigned[]){2, ~0u});

	sim_spawn(s.w, "t", choose_of_task, &s);
	story_end(&s, SIM_END_QUIESCENT, "");
	assert_int_equal(nr_asked, 1);
	assert_int_equal(asked[0].site, SITE);
	assert_int_equal(asked[0].task, 1);
	assert_int_equal(asked[0].op, 7);
	assert_int_equal(asked[0].obj, 11);
	assert_int_equal(asked[0].sub, 12);
	assert_int_equal(asked[0].n, 3);
	sim_choices_free(c);
}

/* ---- Draws ---- */

struct draws {
	struct sim_world *w;
	uint64_t value[6]; /* three operations of two tasks */
	bool noise;        /* draws elsewhere, which must not matter */
};

static void draw_some(void *arg)
{
	struct draws *d = arg;
	struct sim_task *me = d->w->current;

	for (me->op = 0; me->op < 3; me->op++) {
		if (d->noise)
			sim_world_draw(d->w, 5, 1);
		d->value[3 * (me->id - 1) + me->op] = sim_world_draw(d->w, 4, 0);
		sim_yield(d->w);
	}
}

static struct draws drawn(uint64_t seed, bool noise)
{
	struct draws d = {.w = sim_world_new(&(struct sim_world_config){.seed = seed}),
			  .noise = noise};

	sim_spawn(d.w, "a", draw_some, &d);
	sim_spawn(d.w, "b", draw_some, &d);
	sim_world_run(d.w);
	sim_world_free(d.w);
	return d;
}

static void draws_go_by_name(void **unused)
{
	struct draws a = drawn(1, false), b = drawn(1, true), other = drawn(2, false);
	const uint64_t *v = a.value;

	assert_memory_equal(a.value, b.value, sizeof(a.value));
	for (unsigned i = 0; i < 6; i++) {
		assert_true(v[i] != other.value[i]);
		for (unsigned k = 0; k < i; k++)
			assert_true(v[i] != v[k]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_pick_from_the_middle_leaves_the_others_in_order),
		cmocka_unit_test(cancelled_events_are_no_alternatives),
		cmocka_unit_test(gaps_between_alternatives_are_closed),
		cmocka_unit_test(loose_events_may_fire_late),
		cmocka_unit_test(a_point_may_take_the_cpu_away),
		cmocka_unit_test(a_hook_can_hold_a_task_at_a_point),
		cmocka_unit_test(a_choice_bears_its_name),
		cmocka_unit_test(draws_go_by_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
