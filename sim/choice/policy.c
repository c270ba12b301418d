/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The policies fifo, random and script. A new policy is one more row here. */
#include "sim/choice/choice.h"

#include "sim/choice/priv.h"
#include "sim/rand/rand.h"

const struct sim_policy sim_policy_fifo = {.name = "fifo"};

/* Scale 64 uniform bits to 0..n-1; uneven by less than n / 2^64. */
static unsigned scale(uint64_t bits, uint64_t n)
{
	return (unsigned)((unsigned __int128)bits * n >> 64);
}

static unsigned pick_random(struct sim_choices *c, const struct sim_choice *ch, uint32_t occurrence)
{
	struct sim_draw_key key = {
		.seed = c->config.seed,
		.site = ch->site,
		.client = ch->obj,
		.task = ch->task,
		.op = ch->op,
		.attempt = (uint32_t)(ch->sub ^ ch->sub >> 32),
	};
	uint64_t bits = sim_draw_nth(&key, occurrence);

	if (ch->preempt)
		return c->config.preempt_once && scale(bits, c->config.preempt_once) == 0;
	return scale(bits, ch->n);
}

const struct sim_policy sim_policy_random = {
	.name = "random",
	.names = true,
	.pick = pick_random,
};

static bool same_name(const struct sim_choice *a, const struct sim_choice *b)
{
	return a->site == b->site && a->task == b->task && a->op == b->op && a->obj == b->obj &&
	       a->sub == b->sub;
}

static bool applies(const struct sim_choices *c, const struct sim_override *o,
		    const struct sim_choice *ch, uint32_t occurrence)
{
	if (!o->by_name)
		return o->ordinal == c->made;
	return o->occurrence == occurrence && same_name(&o->choice, ch);
}

static unsigned pick_scripted(struct sim_choices *c, const struct sim_choice *ch,
			      uint32_t occurrence)
{
	for (size_t i = 0; i < c->config.nr_overrides; i++) {
		const struct sim_override *o = &c->config.overrides[i];

		if (o->pick < ch->n && applies(c, o, ch, occurrence)) {
			c->used[i] = true;
			return o->pick;
		}
	}
	return 0;
}

const struct sim_policy sim_policy_script = {
	.name = "script",
	.names = true,
	.pick = pick_scripted,
};

const struct sim_override *sim_choices_unused(const struct sim_choices *c, size_t *cursor)
{
	while (*cursor < c->config.nr_overrides) {
		size_t i = (*cursor)++;

		if (!c->used[i])
			return &c->config.overrides[i];
	}
	return NULL;
}
