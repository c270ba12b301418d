/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How long bytes take at a rate, exactly, over any number of pieces. */
#ifndef SIM_RAND_RATE_H
#define SIM_RAND_RATE_H

#include <stdint.h>

/* One stream of bytes: a link direction, a disk. Set bytes_per_s (0: infinitely fast), zero the
 * rest. */
struct sim_rate {
	uint64_t bytes_per_s;
	uint64_t paid; /* time already charged beyond what was needed, in 1/bytes_per_s ns; below 1
			  ns */
};

/*
 * Nanoseconds that the next bytes of the stream take. The sum over all pieces so far is always
 * ceil(all bytes * 10^9 / bytes_per_s), however the stream is cut. Saturates at UINT64_MAX.
 */
uint64_t sim_rate_ns(struct sim_rate *r, uint64_t bytes);

#endif
