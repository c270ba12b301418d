/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The types that the tables of a scenario are made of; private to model/scenario. */
/* Mirrors: no kernel file. */
#ifndef MODEL_SCENARIO_SCHEMA_IMPL_H
#define MODEL_SCENARIO_SCHEMA_IMPL_H

#include "model/scenario/schema.h"

/* Scalars of our own. */
extern const struct sim_conf_type scn_ret_type;   /* struct scn_ret */
extern const struct sim_conf_type scn_errno_type; /* int, positive */
extern const struct sim_conf_type scn_sysctl_type, scn_signal_type;

/* struct scn_range: one value, or {min:, max:}. */
extern const struct sim_conf_type scn_count_range, scn_size_range, scn_time_range, scn_rate_range;

/* A list of operations: the heart of a task. */
extern const struct sim_conf_type scn_ops_type;

extern const struct sim_conf_type scn_design_type; /* struct scn_design */
extern const struct sim_conf_type scn_task_type, scn_hold_type, scn_fault_type, scn_expect_type;

/* Kinds of messages, as keys: value is enum rpc_op. */
extern const struct sim_conf_type scn_rpc_type;

/* Field of a struct that may be left out and is zero then. */
#define OPT .flags = SIM_CONF_OPTIONAL

#endif
