/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Choices: the policies, occurrences, overrides by name, recordings and where a replay leaves them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "sim/base/math.h"
#include "tests/sim/recording.h"

static const struct sim_choice choice_a = {
	.site = 20, .task = 1, .op = 2, .obj = 3, .sub = 4, .n = 5};

static struct sim_choices *new_random(uint64_t seed, struct recording *rec)
{
	return sim_choices_new(&(struct sim_choices_config){
		.policy = &sim_policy_random,
		.seed = seed,
		.record = rec ? recording_add : NULL,
		.record_arg = rec,
	});
}

/* The i-th choice of a program that has nothing to do with its answers. */
static struct sim_choice nth_choice(uint64_t i)
{
	return (struct sim_choice){
		.site = (uint16_t)(20 + i % 3),
		.task = 1 + (uint32_t)(i % 7),
		.op = (uint32_t)(i / 100),
		.obj = (uint32_t)(i % 2),
		.sub = i % 5,
		.n = 2 + (uint32_t)(i % 4),
	};
}

static void ask(struct sim_choices *c, uint64_t from, uint64_t to, unsigned *picks)
{
	for (uint64_t i = from; i < to; i++) {
		struct sim_choice ch = nth_choice(i);
		unsigned pick = sim_choices_pick(c, &ch);

		assert_true(pick < ch.n || sim_choices_divergence(c));
		if (picks)
			picks[i] = pick;
	}
}

/* ---- Policies ---- */

static void fifo_takes_the_first(void **unused)
{
	struct recording rec = {NULL};
	struct sim_choices *c = sim_choices_new(
		&(struct sim_choices_config){.record = recording_add, .record_arg = &rec});

	for (int i = 0; i < 100; i++)
		assert_int_equal(sim_choices_pick(c, &choice_a), 0);
	assert_int_equal(sim_choices_made(c), 100);
	assert_int_equal(rec.nr, 0);
	assert_false(sim_choices_preempts(c) || sim_choices_frees_loose(c));
	sim_choices_finish(c);
	assert_int_equal(rec.nr, 1);
	assert_int_equal(rec.at[0].mark, SIM_CHOICE_END);
	assert_int_equal(rec.at[0].ordinal, 100);
	sim_choices_free(c);
	recording_free(&rec);
	sim_choices_free(NULL);
}

static void random_gives_each_alternative_its_share(void **unused)
{
	struct sim_choices *c = new_random(1, NULL);
	unsigned count[5] = {0};

	for (int i = 0; i < 50000; i++)
		count[sim_choices_pick(c, &choice_a)]++;
	/* 10 000 expected with a standard deviation of 89: 5 of them. */
	for (int k = 0; k < 5; k++)
		assert_in_range(count[k], 9550, 10450);
	sim_choices_free(c);
}

static void random_depends_on_seed_and_name_only(void **unused)
{
	struct sim_choices *a = new_random(7, NULL), *b = new_random(7, NULL);
	struct sim_choices *other = new_random(8, NULL);
	unsigned same = 0, differs = 0;
	struct sim_choice ch = choice_a, elsewhere = choice_a;

	elsewhere.task = 99;
	for (int i = 0; i < 1000; i++) {
		unsigned pick = sim_choices_pick(a, &ch);

		/* Choices of another task in between move nothing. */
		sim_choices_pick(b, &elsewhere);
		same += pick == sim_choices_pick(b, &ch);
		differs += pick != sim_choices_pick(other, &ch);
	}
	assert_int_equal(same, 1000);
	assert_in_range(differs, 700, 900); /* 4 in 5 */
	sim_choices_free(a);
	sim_choices_free(b);
	sim_choices_free(other);
}

static void each_part_of_the_name_counts(void **unused)
{
	struct sim_choice ch[6] = {choice_a, choice_a, choice_a, choice_a, choice_a, choice_a};
	uint64_t hash[6];

	ch[1].site++;
	ch[2].task++;
	ch[3].op++;
	ch[4].obj++;
	ch[5].sub++;
	for (int i = 0; i < 6; i++) {
		hash[i] = sim_choice_name_hash(&ch[i]);
		for (int k = 0; k < i; k++)
			assert_true(hash[i] != hash[k]);
	}
	ch[0].n++;
	assert_true(sim_choice_name_hash(&ch[0]) == hash[0]);
}

static void preemption_is_as_rare_as_asked(void **unused)
{
	struct sim_choices *c = sim_choices_new(&(struct sim_choices_config){
		.policy = &sim_policy_random, .seed = 3, .preempt_once = 10});
	struct sim_choice point = {.site = 30, .task = 1, .n = 2, .preempt = true};
	unsigned count = 0;

	assert_true(sim_choices_preempts(c));
	for (int i = 0; i < 10000; i++)
		count += sim_choices_pick(c, &point);
	assert_in_range(count, 850, 1150); /* 1000, 5 standard deviations of 30 */
	sim_choices_free(c);
}

/* ---- Names and overrides ---- */

static void occurrences_are_counted_by_name(void **unused)
{
	struct recording rec = {NULL};
	struct sim_choices *c = new_random(5, &rec);

	/*
	 * Each operation makes 2000 choices of different names twice: enough for the table to grow
	 * and to drop the names of operations that are over.
	 */
	for (uint32_t i = 0; i < 40 * 4000; i++) {
		struct sim_choice ch = {.site = 20,
					.task = 1 + i % 8,
					.op = i / 4000,
					.sub = i % 2000,
					.n = 1u << 31};

		rec.nr = 0;
		if (sim_choices_pick(c, &ch)) {
			assert_int_equal(rec.at[0].ordinal, i);
			assert_int_equal(rec.at[0].occurrence, i / 2000 % 2);
		}
	}
	sim_choices_free(c);
	recording_free(&rec);
}

static void overrides_apply_by_name_and_by_ordinal(void **unused)
{
	struct sim_override overrides[] = {
		{.by_name = true, .choice = choice_a, .occurrence = 1, .pick = 3},
		{.ordinal = 5, .pick = 2},
		{.ordinal = 6, .pick = 5},    /* too large: not taken */
		{.ordinal = 1000, .pick = 1}, /* never reached */
	};
	struct sim_choices *c = sim_choices_new(&(struct sim_choices_config){
		.policy = &sim_policy_script, .overrides = overrides, .nr_overrides = 4});
	static const unsigned expected[] = {0, 0, 3, 0, 0, 2, 0, 0};
	struct sim_choice other = choice_a;
	size_t cursor = 0;

	other.sub++;
	for (unsigned i = 0; i < 8; i++)
		assert_int_equal(sim_choices_pick(c, i % 2 ? &other : &choice_a), expected[i]);
	assert_ptr_equal(sim_choices_unused(c, &cursor), &overrides[2]);
	assert_ptr_equal(sim_choices_unused(c, &cursor), &overrides[3]);
	assert_null(sim_choices_unused(c, &cursor));
	sim_choices_free(c);
}

/* ---- Recording and replay ---- */

#define LENGTH 5000

static struct sim_choices *new_replay(const struct recording *rec, size_t nr)
{
	return sim_choices_new(&(struct sim_choices_config){
		.policy = &sim_policy_replay, .recording = rec->at, .nr_recording = nr});
}

static void record_run(struct recording *rec, uint64_t *hash, unsigned *picks)
{
	struct sim_choices *c = new_random(11, rec);

	ask(c, 0, LENGTH, picks);
	sim_choices_finish(c);
	*hash = sim_choices_hash(c);
	sim_choices_free(c);
}

static void a_replay_repeats_the_run(void **unused)
{
	unsigned recorded[LENGTH], replayed[LENGTH];
	struct recording rec = {NULL};
	struct sim_choices *c;
	uint64_t hash;

	record_run(&rec, &hash, recorded);
	c = new_replay(&rec, rec.nr);
	ask(c, 0, LENGTH, replayed);
	sim_choices_finish(c);
	assert_null(sim_choices_divergence(c));
	assert_true(sim_choices_hash(c) == hash);
	assert_memory_equal(recorded, replayed, sizeof(recorded));
	sim_choices_free(c);
	recording_free(&rec);
}

/* A recording of fifo has its checks only: a run is still compared with it. */
static void defaults_are_compared_by_hash(void **unused)
{
	struct recording rec = {NULL};
	struct sim_choices *c = sim_choices_new(
		&(struct sim_choices_config){.record = recording_add, .record_arg = &rec});
	const struct sim_divergence *d;

	ask(c, 0, LENGTH, NULL);
	sim_choices_finish(c);
	sim_choices_free(c);
	assert_int_equal(rec.nr, LENGTH / SIM_CHOICE_CHECK_EVERY + 1);

	c = new_replay(&rec, rec.nr);
	ask(c, 0, 2000, NULL);
	ask(c, 3000, 3500, NULL); /* other names from choice 2000 on */
	d = sim_choices_divergence(c);
	assert_non_null(d);
	assert_int_equal(d->agreed, SIM_CHOICE_CHECK_EVERY);
	assert_int_equal(d->ordinal, 2 * SIM_CHOICE_CHECK_EVERY);
	sim_choices_free(c);
	recording_free(&rec);
}

static void another_choice_is_seen_where_it_is_made(void **unused)
{
	struct recording rec = {NULL};
	const struct sim_divergence *d;
	struct sim_choices *c;
	struct sim_choice ch;
	uint64_t hash, where;

	record_run(&rec, &hash, NULL);
	for (size_t i = 0; i < rec.nr && i < 200; i += 17) {
		if (rec.at[i].mark != SIM_CHOICE_PICK)
			continue;
		where = rec.at[i].ordinal;
		c = new_replay(&rec, rec.nr);
		ask(c, 0, where, NULL);
		assert_null(sim_choices_divergence(c));
		ch = nth_choice(where);
		ch.n++; /* the same name, but one more alternative */
		assert_int_equal(sim_choices_pick(c, &ch), ch.n);
		d = sim_choices_divergence(c);
		assert_non_null(d);
		assert_int_equal(d->ordinal, where);
		assert_int_equal(d->agreed, where);
		/* It stays so, and the first place counts. */
		assert_int_equal(sim_choices_pick(c, &choice_a), choice_a.n);
		assert_int_equal(d->ordinal, where);
		sim_choices_free(c);
	}
	recording_free(&rec);
}

static void a_shorter_or_longer_run_diverges(void **unused)
{
	struct recording rec = {NULL};
	const struct sim_divergence *d;
	struct sim_choices *c;
	uint64_t hash;

	record_run(&rec, &hash, NULL);

	c = new_replay(&rec, rec.nr);
	ask(c, 0, LENGTH - 1, NULL);
	sim_choices_finish(c);
	d = sim_choices_divergence(c);
	assert_non_null(d);
	assert_int_equal(d->ordinal, LENGTH - 1);
	sim_choices_free(c);

	c = new_replay(&rec, rec.nr);
	ask(c, 0, LENGTH, NULL);
	assert_null(sim_choices_divergence(c));
	ask(c, LENGTH, LENGTH + 1, NULL);
	d = sim_choices_divergence(c);
	assert_non_null(d);
	assert_int_equal(d->ordinal, LENGTH);
	assert_int_equal(d->agreed, LENGTH);
	sim_choices_free(c);
	recording_free(&rec);
}

/* A recording that was cut off is followed as far as it goes. */
static void a_torso_is_followed_to_its_end(void **unused)
{
	struct recording rec = {NULL};
	struct sim_choices *c;
	uint64_t hash;

	record_run(&rec, &hash, NULL);
	c = new_replay(&rec, rec.nr / 2);
	ask(c, 0, LENGTH, NULL);
	sim_choices_finish(c);
	assert_null(sim_choices_divergence(c));
	sim_choices_free(c);

	c = new_replay(&rec, 0);
	ask(c, 0, LENGTH, NULL);
	sim_choices_finish(c);
	assert_null(sim_choices_divergence(c));
	sim_choices_free(c);
	recording_free(&rec);
}

static void a_recorded_pick_out_of_range_is_no_pick(void **unused)
{
	struct sim_choice_record forged = {.mark = SIM_CHOICE_PICK, .choice = choice_a, .pick = 5};
	struct recording rec = {&forged, 1};
	struct sim_choices *c = new_replay(&rec, 1);

	assert_int_equal(sim_choices_pick(c, &choice_a), choice_a.n);
	assert_non_null(sim_choices_divergence(c));
	sim_choices_free(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fifo_takes_the_first),
		cmocka_unit_test(random_gives_each_alternative_its_share),
		cmocka_unit_test(random_depends_on_seed_and_name_only),
		cmocka_unit_test(each_part_of_the_name_counts),
		cmocka_unit_test(preemption_is_as_rare_as_asked),
		cmocka_unit_test(occurrences_are_counted_by_name),
		cmocka_unit_test(overrides_apply_by_name_and_by_ordinal),
		cmocka_unit_test(a_replay_repeats_the_run),
		cmocka_unit_test(defaults_are_compared_by_hash),
		cmocka_unit_test(another_choice_is_seen_where_it_is_made),
		cmocka_unit_test(a_shorter_or_longer_run_diverges),
		cmocka_unit_test(a_torso_is_followed_to_its_end),
		cmocka_unit_test(a_recorded_pick_out_of_range_is_no_pick),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
