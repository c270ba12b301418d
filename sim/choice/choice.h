/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Choice points: one place where everything that could go either way is decided and recorded. */
#ifndef SIM_CHOICE_CHOICE_H
#define SIM_CHOICE_CHOICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sim_choices;
struct sim_buf;

/*
 * One choice as the world asks it. All fields but n, with the occurrence (how often the same name
 * came before), are its name. The name must not depend on what happens elsewhere in the run.
 */
struct sim_choice {
	uint64_t sub;  /* page or index in obj */
	uint32_t task; /* id of the current task; 0: none */
	uint32_t op;   /* ordinal of the operation the task is in: never falls within a task */
	uint32_t obj;  /* ordinal of an inode, a request; 0: none */
	uint32_t n;    /* number of alternatives, at least 2 */
	uint16_t site;
	bool preempt; /* not part of the name: alternative 1 takes the CPU away from the task */
};

enum sim_choice_mark {
	SIM_CHOICE_PICK,  /* an alternative other than 0 was taken */
	SIM_CHOICE_CHECK, /* every SIM_CHOICE_CHECK_EVERY choices: the hash so far */
	SIM_CHOICE_END,   /* the last record: the number of choices and the hash */
};

#define SIM_CHOICE_CHECK_EVERY 1024u

/* One line of a recording. What is not recorded was alternative 0. */
struct sim_choice_record {
	enum sim_choice_mark mark;
	uint64_t ordinal; /* PICK: of the choice, from 0; CHECK, END: number of choices so far */
	uint64_t hash;    /* over the names, n and picks of all choices before */
	/* PICK only. */
	struct sim_choice choice;
	uint32_t occurrence;
	uint32_t pick;
};

/* One decision laid down beforehand, for the policy `script`. */
struct sim_override {
	bool by_name;
	uint64_t ordinal;         /* by ordinal */
	struct sim_choice choice; /* by name: n and preempt are ignored */
	uint32_t occurrence;
	uint32_t pick; /* taken if it is less than n */
};

/* How choices are made. A policy is a row of constants and functions; see policy.c. */
struct sim_policy {
	const char *name;
	bool names;       /* pick() reads the occurrence: costs a look-up at each choice */
	bool frees_loose; /* due loose events do not hold the clock back */
	bool preempts;    /* sim_point() is a choice */
	/* Which alternative; NULL: always 0. */
	unsigned (*pick)(struct sim_choices *c, const struct sim_choice *ch, uint32_t occurrence);
};

extern const struct sim_policy sim_policy_fifo;   /* always 0 */
extern const struct sim_policy sim_policy_random; /* even odds, drawn from seed and name */
extern const struct sim_policy sim_policy_script; /* the overrides, otherwise 0 */
extern const struct sim_policy sim_policy_replay; /* a recording, checked all the way */

struct sim_choices_config {
	const struct sim_policy *policy; /* NULL: fifo */
	/* A script or replay sets these as the run it repeats had them; others use the policy's. */
	bool frees_loose, preempts;

	uint64_t seed;         /* random */
	uint32_t preempt_once; /* random: preempt at one point in this many; 0: never */

	const struct sim_override *overrides; /* script; must outlive the sim_choices */
	size_t nr_overrides;

	const struct sim_choice_record *recording; /* replay; must outlive the sim_choices */
	size_t nr_recording;

	/* Called for each record as the run goes; NULL: no recording. */
	void (*record)(void *arg, const struct sim_choice_record *r);
	void *record_arg;
};

/* Where a replay left its recording. */
struct sim_divergence {
	uint64_t agreed;  /* the first this many choices are known to be the same */
	uint64_t ordinal; /* of the choice at which it was seen */
	const char *why;
};

/* One run's choices. The config is copied. Free it after the world. */
struct sim_choices *sim_choices_new(const struct sim_choices_config *config);
void sim_choices_free(struct sim_choices *c);

/* Make a choice: 0..n-1; or n if a replay has left its recording, then or earlier. */
unsigned sim_choices_pick(struct sim_choices *c, const struct sim_choice *ch);

/*
 * The run is over: emit the END record; in a replay, check that the recording ends here too. Not to
 * be called for a run that a limit cut short.
 */
void sim_choices_finish(struct sim_choices *c);

/* What the policy does (loose events, preemption), and what was decided so far (how often, the hash
 * of all). */
bool sim_choices_frees_loose(const struct sim_choices *c);
bool sim_choices_preempts(const struct sim_choices *c);
uint64_t sim_choices_made(const struct sim_choices *c);
uint64_t sim_choices_hash(const struct sim_choices *c);

/* NULL as long as a replay follows its recording. */
const struct sim_divergence *sim_choices_divergence(const struct sim_choices *c);

/* Overrides of a script that were never reached, or had too large a pick, in order; NULL: none
 * left. */
const struct sim_override *sim_choices_unused(const struct sim_choices *c, size_t *cursor);

/* The same names give the same hash: for occurrence tables and for those who search. */
uint64_t sim_choice_name_hash(const struct sim_choice *ch);

#endif
