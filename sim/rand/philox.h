/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside of sim/rand: the generator behind the draws. */
#ifndef SIM_RAND_PHILOX_H
#define SIM_RAND_PHILOX_H

#include <stdbool.h>
#include <stdint.h>

struct sim_draw_key;

/* Philox4x64 with 10 rounds: 256 bits from a counter and a key. */
void sim_philox(uint64_t out[4], const uint64_t counter[4], const uint64_t key[2]);

/* The n-th block of four values of a key; its first is sim_draw_nth(k, n). */
void sim_draw_block(const struct sim_draw_key *k, uint32_t n, uint64_t out[4]);

/* Map 64 uniform bits u to 0..n-1, n > 0; false: u is one of the few that would bias, draw again. */
bool sim_below(uint64_t u, uint64_t n, uint64_t *v);

#endif
