/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of sim/choice share: the state of one run's choices. */
#ifndef SIM_CHOICE_PRIV_H
#define SIM_CHOICE_PRIV_H

#include "sim/choice/choice.h"

/* How often each name came: open addressing by the name's hash; a free slot has count 0. */
struct sim_occurrence {
	uint64_t name; /* hash: two names with the same one share a count */
	uint32_t task, op;
	uint32_t count;
};

struct sim_occurrences {
	struct sim_occurrence *at;
	size_t size, used; /* size is a power of two, or 0 */
	uint32_t *latest;  /* by task: the operation it was last seen in */
	size_t nr_latest;
};

/* How often ch was counted before; counts it. */
uint32_t sim_occurrences_count(struct sim_occurrences *o, const struct sim_choice *ch);
void sim_occurrences_free(struct sim_occurrences *o);

struct sim_choices {
	const struct sim_policy *policy;
	struct sim_choices_config config;
	bool names;    /* occurrences are counted */
	uint64_t made; /* choices so far: the ordinal of the next */
	uint64_t hash; /* over all of them */
	struct sim_occurrences occurrences;

	/* replay */
	size_t next; /* index of the next record of the recording */
	bool diverged;
	struct sim_divergence divergence;

	/* script */
	bool *used; /* by override */
};

/* For policies: the run is not the recorded one. */
void sim_choices_diverge(struct sim_choices *c, const char *why);
/* replay: compare what follows the choices so far; checks only, or with END the end of the run. */
void sim_replay_verify(struct sim_choices *c, bool end);

#endif
