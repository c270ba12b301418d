/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The checker: rules that hold at every step of a run, an oracle of every byte, and what is left
 *when nothing moves any more. It watches the model through model.h's hooks and never changes it.
 *
 * Mirrors: no kernel file; reference 12.
 *
 * How to use it
 * -------------
 *	c = check_new(model, CHECK_STOP);	after model_new(), before anything happens
 *	end = sim_world_run(w);			SIM_END_VIOLATION: a rule was broken
 *	check_finish(c, end);			hang, what is left over, what the server has
 *	for (i = 0; i < check_nr_stored(c); i++)
 *		check_print(c, check_violation(c, i), &buf);
 */
#ifndef MODEL_CHECK_CHECK_H
#define MODEL_CHECK_CHECK_H

#include "model/model.h"
#include "sim/core/world.h"

struct sim_buf;

/* The rules: CHECK_FOLIO_STATE, ... See rules.def. */
enum check_rule {
#define RULE(id, ...) CHECK_##id,
#include "model/check/rules.def"
#undef RULE
	NR_CHECK_RULES
};

struct check_rule_row {
	const char *id;      /* "I1", "hang": as expectations write it */
	const char *name;    /* "folio-state" */
	const char *section; /* of reference/netfs-6.8.md: where the state or step is described */
	const char *text;    /* what must hold */
};

extern const struct check_rule_row check_rules[NR_CHECK_RULES];

/* The rule with this id or name, NR_CHECK_RULES if there is none. */
enum check_rule check_rule_find(const char *id);
/* Append netfs-sim-rules(7) in scdoc form. */
void check_rules_man(struct sim_buf *out);

enum check_mode {
	CHECK_STOP, /* the first violation ends the run (SIM_END_VIOLATION) when its step is over */
	CHECK_REPORT, /* violations are kept and the run goes on */
	CHECK_FULL, /* as CHECK_STOP, and every rule is looked at for everything after each step */
};

/* What a violation is about. */
enum check_object { CHECK_OBJ_NONE, CHECK_OBJ_FOLIO, CHECK_OBJ_REQUEST, CHECK_OBJ_FILE };

/* A broken rule. Texts live as long as the world. */
struct violation {
	enum check_rule rule;
	uint64_t step, time_ns;
	const char *task; /* comm of who ran; "" in an event or at the end */
	enum check_object object;
	uint32_t client;
	uint64_t ino;     /* FOLIO, FILE */
	uint64_t id;      /* FOLIO: page index; REQUEST: R=; FILE: offset of the byte, or 0 */
	const char *text; /* one line: which object, what is wrong, which write and which byte */
	const char
		*history; /* last records about the object, a line each, oldest first; may be "" */
};

/* At most so many violations are stored; all are counted. */
#define CHECK_MAX_STORED 100

/*
 * A checker for a model, in the arena of its world: sets model->hooks, model->check and the world's
 * on_step (one that was set before is called first). A caller that wants on_step for itself later
 * calls check_step() from it.
 */
struct check *check_new(struct model *m, enum check_mode mode);
/* The rules that wait for the end of a step. */
void check_step(struct sim_world *w);

/*
 * The run is over (it ended so, or the caller stops it): if it is quiescent, all that must be true
 * when nothing moves (I10, I22); a hang is a violation. Once.
 */
void check_finish(struct check *c, enum sim_end end);

/* How many violations there were; how many are stored; the i-th of those. */
uint64_t check_nr_violations(const struct check *c);
size_t check_nr_stored(const struct check *c);
const struct violation *check_violation(const struct check *c, size_t i);
/* How often a rule was broken. */
uint64_t check_rule_count(const struct check *c, enum check_rule rule);

/*
 * Append a violation for people:
 *	I3 written-back: folio f 0x0: byte 0x3e: ...
 *	  step 212 at 1500us in kworker/u8:1
 *	  rule: When writeback of a folio ends, ...
 *	  history lines
 */
void check_print(const struct check *c, const struct violation *v, struct sim_buf *out);

#endif
