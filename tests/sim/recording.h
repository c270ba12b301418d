/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A recording of choices kept in memory. */
#ifndef TESTS_SIM_RECORDING_H
#define TESTS_SIM_RECORDING_H

#include "sim/base/arena.h"
#include "sim/choice/choice.h"

struct recording {
	struct sim_choice_record *at;
	size_t nr;
};

/* sim_choices_config.record, with the recording as its argument. */
static inline void recording_add(void *arg, const struct sim_choice_record *r)
{
	struct recording *rec = arg;

	rec->at = sim_xrealloc(rec->at, rec->nr + 1, sizeof(*rec->at));
	rec->at[rec->nr++] = *r;
}

static inline void recording_free(struct recording *rec)
{
	sim_xfree(rec->at);
	*rec = (struct recording){NULL};
}

#endif
