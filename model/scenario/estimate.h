/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How much memory a scenario can need, before it runs; private to model/scenario. */
/* Mirrors: no kernel file. */
#ifndef MODEL_SCENARIO_ESTIMATE_H
#define MODEL_SCENARIO_ESTIMATE_H

#include "model/scenario/schema.h"

/* Refuse the scenario if its estimate exceeds its limit. 0, or -1 with the position in *err. */
int scenario_check_memory(const struct scenario *scn, struct sim_err *err);

/* Bytes of a task's stack. */
#define SCN_STACK_SIZE (64u << 10)

#endif
