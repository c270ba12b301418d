/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The policy replay: the picks of a recording, with a guard that says where the run left it. */
#include "sim/choice/choice.h"

#include "sim/choice/priv.h"

void sim_choices_diverge(struct sim_choices *c, const char *why)
{
	if (c->diverged)
		return;
	c->diverged = true;
	c->divergence.ordinal = c->made;
	c->divergence.why = why;
}

/* The next record if it is about this number of choices, else NULL. */
static const struct sim_choice_record *record_at(const struct sim_choices *c, uint64_t ordinal)
{
	const struct sim_choice_record *r = &c->config.recording[c->next];

	return c->next < c->config.nr_recording && r->ordinal == ordinal ? r : NULL;
}

static bool same_choice(const struct sim_choice *a, const struct sim_choice *b)
{
	return a->site == b->site && a->task == b->task && a->op == b->op && a->obj == b->obj &&
	       a->sub == b->sub && a->n == b->n;
}

/* All choices before this one have the recorded hash, or the run has diverged. */
static bool agrees(struct sim_choices *c, const struct sim_choice_record *r)
{
	if (r->hash != c->hash) {
		sim_choices_diverge(c, "an earlier choice had another name or other alternatives");
		return false;
	}
	c->divergence.agreed = c->made;
	return true;
}

static unsigned pick_recorded(struct sim_choices *c, const struct sim_choice *ch,
			      uint32_t occurrence)
{
	const struct sim_choice_record *r = record_at(c, c->made);

	if (c->diverged || !r)
		return 0;
	if (r->mark == SIM_CHOICE_END) {
		if (agrees(c, r))
			sim_choices_diverge(c, "the recorded run made no further choice");
		return 0;
	}
	if (!agrees(c, r))
		return 0;
	if (!same_choice(&r->choice, ch) || r->pick >= ch->n) {
		sim_choices_diverge(c, "the recording has another choice here");
		return 0;
	}
	c->next++;
	return r->pick;
}

const struct sim_policy sim_policy_replay = {.name = "replay", .pick = pick_recorded};

void sim_replay_verify(struct sim_choices *c, bool end)
{
	const struct sim_choice_record *r;

	if (c->policy != &sim_policy_replay || c->diverged)
		return;
	r = record_at(c, c->made);
	if (r && r->mark == SIM_CHOICE_CHECK) {
		if (!agrees(c, r))
			return;
		c->next++;
		r = record_at(c, c->made);
	}
	if (end && r && r->mark == SIM_CHOICE_END)
		agrees(c, r);
	else if (end && c->next < c->config.nr_recording)
		sim_choices_diverge(c, "the recorded run made further choices");
}
