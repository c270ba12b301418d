/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How long bytes take at a rate, exactly. */
#include "sim/rand/rate.h"

#include "sim/base/math.h"

uint64_t sim_rate_ns(struct sim_rate *r, uint64_t bytes)
{
	unsigned __int128 need = (unsigned __int128)bytes * SIM_NS_PER_S;
	unsigned __int128 ns;

	if (!r->bytes_per_s)
		return 0;
	if (need <= r->paid) {
		r->paid -= (uint64_t)need;
		return 0;
	}
	need -= r->paid;
	ns = (need + r->bytes_per_s - 1) / r->bytes_per_s;
	r->paid = (uint64_t)(ns * r->bytes_per_s - need);
	return ns > UINT64_MAX ? UINT64_MAX : (uint64_t)ns;
}
