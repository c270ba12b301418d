/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Making, counting, hashing and recording choices. */
#include "sim/choice/choice.h"

#include <assert.h>

#include "sim/base/arena.h"
#include "sim/choice/priv.h"

struct sim_choices *sim_choices_new(const struct sim_choices_config *config)
{
	struct sim_choices *c = sim_xcalloc(1, sizeof(*c));

	c->config = *config;
	c->policy = config->policy ? config->policy : &sim_policy_fifo;
	c->config.frees_loose |= c->policy->frees_loose;
	c->config.preempts |= c->policy->preempts || config->preempt_once;
	c->names = c->policy->names;
	if (config->nr_overrides)
		c->used = sim_xcalloc(config->nr_overrides, sizeof(*c->used));
	return c;
}

void sim_choices_free(struct sim_choices *c)
{
	if (!c)
		return;
	sim_occurrences_free(&c->occurrences);
	sim_xfree(c->used);
	sim_xfree(c);
}

/* Fold 128 bits of a product: every bit of a and b reaches every bit of the result. */
static inline uint64_t mix(uint64_t a, uint64_t b)
{
	unsigned __int128 p = (unsigned __int128)a * b;

	return (uint64_t)p ^ (uint64_t)(p >> 64);
}

#define HASH_1 0x9e3779b97f4a7c15ull
#define HASH_2 0xd6e8feb86659fd93ull
#define HASH_3 0xa0761d6478bd642full
#define HASH_4 0xe7037ed1a0b428dbull

static inline uint64_t who_and_what(const struct sim_choice *ch)
{
	uint64_t who = (uint64_t)ch->task << 32 | ch->op;
	uint64_t what = (uint64_t)ch->site << 32 | ch->obj;

	return mix(who ^ HASH_1, what ^ HASH_2);
}

uint64_t sim_choice_name_hash(const struct sim_choice *ch)
{
	return mix(who_and_what(ch) ^ HASH_4, ch->sub ^ HASH_3);
}

/* The hash so far and one more choice. Only the last two operations wait for the one before. */
static inline uint64_t hash_on(uint64_t hash, const struct sim_choice *ch, unsigned pick)
{
	uint64_t taken = (uint64_t)ch->n << 32 | pick;

	return (hash ^ who_and_what(ch)) * HASH_1 + mix(ch->sub ^ HASH_3, taken ^ HASH_4);
}

static void record(struct sim_choices *c, enum sim_choice_mark mark, const struct sim_choice *ch,
		   uint32_t occurrence, uint32_t pick)
{
	struct sim_choice_record r = {.mark = mark, .ordinal = c->made, .hash = c->hash};

	if (!c->config.record)
		return;
	if (ch) {
		r.choice = *ch;
		r.occurrence = occurrence;
		r.pick = pick;
	}
	c->config.record(c->config.record_arg, &r);
}

/* What only some policies and recordings need: apart, so that fifo is quick. */
static __attribute__((noinline)) unsigned ask_policy(struct sim_choices *c,
						     const struct sim_choice *ch)
{
	uint32_t occurrence = c->names ? sim_occurrences_count(&c->occurrences, ch) : 0;
	unsigned pick = c->policy->pick(c, ch, occurrence);

	assert(pick < ch->n);
	if (pick)
		record(c, SIM_CHOICE_PICK, ch, occurrence, pick);
	return pick;
}

static __attribute__((noinline)) void check_point(struct sim_choices *c)
{
	record(c, SIM_CHOICE_CHECK, NULL, 0, 0);
	sim_replay_verify(c, false);
}

unsigned sim_choices_pick(struct sim_choices *c, const struct sim_choice *ch)
{
	unsigned pick = c->policy->pick ? ask_policy(c, ch) : 0;

	assert(ch->n > 1);
	c->hash = hash_on(c->hash, ch, pick);
	if (++c->made % SIM_CHOICE_CHECK_EVERY == 0)
		check_point(c);
	return c->diverged ? ch->n : pick;
}

void sim_choices_finish(struct sim_choices *c)
{
	record(c, SIM_CHOICE_END, NULL, 0, 0);
	sim_replay_verify(c, true);
}

bool sim_choices_frees_loose(const struct sim_choices *c)
{
	return c->config.frees_loose;
}

bool sim_choices_preempts(const struct sim_choices *c)
{
	return c->config.preempts;
}

uint64_t sim_choices_made(const struct sim_choices *c)
{
	return c->made;
}

uint64_t sim_choices_hash(const struct sim_choices *c)
{
	return c->hash;
}

const struct sim_divergence *sim_choices_divergence(const struct sim_choices *c)
{
	return c->diverged ? &c->divergence : NULL;
}
