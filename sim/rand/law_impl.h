/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside of sim/rand: the parts of the laws. */
#ifndef SIM_RAND_LAW_IMPL_H
#define SIM_RAND_LAW_IMPL_H

#include <stdint.h>

struct sim_arena;
struct sim_draw_key;
struct sim_law;

/* The value that a law drawn by one uniform number gives for u, before the cut at max. */
uint64_t sim_law_quantile(const struct sim_law *law, uint64_t u);

/* The zipf law: parameters, and a rank. */
int sim_zipf_init(struct sim_law *law, struct sim_arena *a, const char **why);
uint64_t sim_zipf_draw(const struct sim_law *law, const struct sim_draw_key *k);

#endif
