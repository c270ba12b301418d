/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A toy model: bank transfers with a planted race, which exploring finds and a replay repeats. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sim/base/math.h"
#include "sim/core/wait.h"
#include "tests/sim/recording.h"

#define ACCOUNTS  4
#define CLERKS    3
#define TRANSFERS 20
#define START     1000u

enum { SITE_READ = SIM_SITE_MODEL, SITE_WRITE, SITE_LOCK, SITE_PICK };

struct bank {
	struct sim_world *w;
	uint32_t balance[ACCOUNTS];
	struct sim_mutex mutex;
	bool locked;            /* the correct design */
	uint32_t extra_choices; /* a changed program: one more choice in this transfer of clerk 1 */
	uint64_t extra_at;      /* set: its ordinal */
};

static uint32_t total(const struct bank *b)
{
	uint32_t sum = 0;

	for (unsigned i = 0; i < ACCOUNTS; i++)
		sum += b->balance[i];
	return sum;
}

static void transfer(struct bank *b, unsigned from, unsigned to, uint32_t amount)
{
	uint32_t from_balance, to_balance;

	if (b->locked)
		sim_mutex_lock(b->w, &b->mutex, SIM_WAIT_PLAIN, SITE_LOCK);
	from_balance = b->balance[from];
	to_balance = b->balance[to];
	sim_point(b->w, SITE_READ);
	b->balance[from] = from_balance - amount;
	b->balance[to] = to_balance + amount;
	sim_point(b->w, SITE_WRITE);
	if (b->locked)
		sim_mutex_unlock(b->w, &b->mutex);
}

static void clerk(void *arg)
{
	struct bank *b = arg;
	struct sim_task *me = b->w->current;

	for (uint32_t i = 0; i < TRANSFERS; i++) {
		unsigned from = sim_choose(b->w, SITE_PICK, 0, 0, ACCOUNTS);

		me->op = i;
		if (b->extra_choices == i + 1 && me->id == 1) {
			b->extra_at = sim_choices_made(b->w->choices);
			sim_choose(b->w, SITE_PICK, 1, 0, 2);
		}
		transfer(b, from, (from + 1) % ACCOUNTS, i + 1);
		sim_sleep(b->w, 10);
	}
}

/* Run a bank; true if no money was made or lost. *end: why it ended. */
static bool run_bank(struct sim_choices *choices, struct bank *b, enum sim_end *end)
{
	bool good;

	b->w = sim_world_new(&(struct sim_world_config){.choices = choices});
	sim_mutex_init(&b->mutex, "ledger");
	for (unsigned i = 0; i < ACCOUNTS; i++)
		b->balance[i] = START;
	for (unsigned i = 0; i < CLERKS; i++)
		sim_spawn(b->w, "clerk", clerk, b);
	*end = sim_world_run(b->w);
	good = total(b) == ACCOUNTS * START;
	sim_world_free(b->w);
	return good;
}

static struct sim_choices *exploring(uint64_t seed, struct recording *rec)
{
	return sim_choices_new(&(struct sim_choices_config){
		.policy = &sim_policy_random,
		.seed = seed,
		.preempt_once = 8,
		.record = rec ? recording_add : NULL,
		.record_arg = rec,
	});
}

static bool run_seed(uint64_t seed, bool locked, struct recording *rec)
{
	struct sim_choices *c = exploring(seed, rec);
	struct bank b = {.locked = locked};
	enum sim_end end;
	bool good = run_bank(c, &b, &end);

	assert_int_equal(end, SIM_END_QUIESCENT);
	sim_choices_finish(c);
	sim_choices_free(c);
	return good;
}

/* The first seed that breaks the bank. */
static uint64_t find_seed(void)
{
	for (uint64_t seed = 1; seed <= 100; seed++)
		if (!run_seed(seed, false, NULL))
			return seed;
	fail_msg("no seed of 100 found the race");
	return 0;
}

static struct sim_choices *replaying(const struct recording *rec)
{
	return sim_choices_new(&(struct sim_choices_config){
		.policy = &sim_policy_replay,
		.preempts = true,
		.recording = rec->at,
		.nr_recording = rec->nr,
	});
}

static void fifo_does_not_see_the_race(void **unused)
{
	struct bank b = {.locked = false};
	enum sim_end end;

	assert_true(run_bank(NULL, &b, &end));
	assert_int_equal(end, SIM_END_QUIESCENT);
}

static void exploring_finds_the_race(void **unused)
{
	uint64_t seed = find_seed();

	assert_false(run_seed(seed, false, NULL));
}

static void no_seed_breaks_the_locked_bank(void **unused)
{
	for (uint64_t seed = 1; seed <= 100; seed++)
		assert_true(run_seed(seed, true, NULL));
}

static void a_replay_breaks_it_again(void **unused)
{
	struct recording rec = {NULL};
	struct bank recorded, replayed;
	struct sim_choices *c;
	enum sim_end end;

	c = exploring(find_seed(), &rec);
	recorded = (struct bank){.locked = false};
	assert_false(run_bank(c, &recorded, &end));
	sim_choices_finish(c);
	sim_choices_free(c);

	c = replaying(&rec);
	replayed = (struct bank){.locked = false};
	assert_false(run_bank(c, &replayed, &end));
	assert_int_equal(end, SIM_END_QUIESCENT);
	sim_choices_finish(c);
	assert_null(sim_choices_divergence(c));
	assert_memory_equal(recorded.balance, replayed.balance, sizeof(recorded.balance));
	sim_choices_free(c);
	recording_free(&rec);
}

static void a_changed_program_diverges_where_it_was_changed(void **unused)
{
	struct recording rec = {NULL};
	struct bank b = {.extra_choices = 7};
	const struct sim_divergence *d;
	struct sim_choices *c;
	enum sim_end end;
	size_t i;

	assert_false(run_seed(find_seed(), false, &rec));
	c = replaying(&rec);
	run_bank(c, &b, &end);
	assert_int_equal(end, SIM_END_DIVERGED);
	d = sim_choices_divergence(c);
	assert_non_null(d);
	/* Seen at the first recorded pick that is not 0 from the extra choice on. */
	for (i = 0; rec.at[i].mark != SIM_CHOICE_PICK || rec.at[i].ordinal < b.extra_at; i++)
		;
	assert_int_equal(d->ordinal, rec.at[i].ordinal);
	assert_true(d->agreed <= b.extra_at);
	sim_choices_free(c);
	recording_free(&rec);
}

/* The same decisions as overrides, by name: what a shrinker works with. */
static void the_picks_by_name_break_it_too(void **unused)
{
	struct recording rec = {NULL};
	struct sim_override *overrides;
	struct bank b = {.locked = false};
	struct sim_choices *c;
	enum sim_end end;
	size_t nr = 0, cursor = 0;

	assert_false(run_seed(find_seed(), false, &rec));
	overrides = sim_xcalloc(rec.nr, sizeof(*overrides));
	for (size_t i = 0; i < rec.nr; i++)
		if (rec.at[i].mark == SIM_CHOICE_PICK)
			overrides[nr++] = (struct sim_override){.by_name = true,
								.choice = rec.at[i].choice,
								.occurrence = rec.at[i].occurrence,
								.pick = rec.at[i].pick};
	c = sim_choices_new(&(struct sim_choices_config){.policy = &sim_policy_script,
							 .preempts = true,
							 .overrides = overrides,
							 .nr_overrides = nr});
	assert_false(run_bank(c, &b, &end));
	assert_null(sim_choices_unused(c, &cursor));
	sim_choices_free(c);
	sim_xfree(overrides);
	recording_free(&rec);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fifo_does_not_see_the_race),
		cmocka_unit_test(exploring_finds_the_race),
		cmocka_unit_test(no_seed_breaks_the_locked_bank),
		cmocka_unit_test(a_replay_breaks_it_again),
		cmocka_unit_test(a_changed_program_diverges_where_it_was_changed),
		cmocka_unit_test(the_picks_by_name_break_it_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
