/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Counter-based draws: Philox4x64-10 over the name of the draw. */
#include "sim/rand/rand.h"

#include <assert.h>

#include "sim/rand/philox.h"

#define PHILOX_ROUNDS 10
#define FNV_BASIS     2166136261u
#define FNV_PRIME     16777619u

uint32_t sim_site(const char *name)
{
	uint32_t h = FNV_BASIS;

	for (; *name; name++)
		h = (h ^ (unsigned char)*name) * FNV_PRIME;
	return h;
}

/* Multipliers and key increments are those of Salmon et al., "Parallel random numbers" (2011). */
void sim_philox(uint64_t out[4], const uint64_t counter[4], const uint64_t key[2])
{
	uint64_t c0 = counter[0], c1 = counter[1], c2 = counter[2], c3 = counter[3];
	uint64_t k0 = key[0], k1 = key[1];

	for (int round = 0; round < PHILOX_ROUNDS; round++) {
		unsigned __int128 a = (unsigned __int128)c0 * 0xd2e7470ee14c6c93ull;
		unsigned __int128 b = (unsigned __int128)c2 * 0xca5a826395121157ull;

		c0 = (uint64_t)(b >> 64) ^ c1 ^ k0;
		c1 = (uint64_t)b;
		c2 = (uint64_t)(a >> 64) ^ c3 ^ k1;
		c3 = (uint64_t)a;
		k0 += 0x9e3779b97f4a7c15ull;
		k1 += 0xbb67ae8584caa73bull;
	}
	out[0] = c0;
	out[1] = c1;
	out[2] = c2;
	out[3] = c3;
}

void sim_draw_block(const struct sim_draw_key *k, uint32_t n, uint64_t out[4])
{
	uint64_t key[2] = {k->seed, 0};
	uint64_t counter[4] = {
		k->site | (uint64_t)k->client << 32,
		k->task | (uint64_t)k->op << 32,
		k->attempt | (uint64_t)n << 32,
		0,
	};

	sim_philox(out, counter, key);
}

uint64_t sim_draw_nth(const struct sim_draw_key *k, uint32_t n)
{
	uint64_t out[4];

	sim_draw_block(k, n, out);
	return out[0];
}

uint64_t sim_draw(const struct sim_draw_key *k)
{
	return sim_draw_nth(k, 0);
}

bool sim_below(uint64_t u, uint64_t n, uint64_t *v)
{
	unsigned __int128 product = (unsigned __int128)u * n;

	*v = (uint64_t)(product >> 64);
	return (uint64_t)product >= -n % n;
}

uint64_t sim_uniform_draw(const struct sim_draw_key *k, uint64_t lo, uint64_t hi)
{
	uint64_t n = hi - lo + 1, v;

	assert(lo <= hi);
	if (!n)
		return sim_draw(k);
	for (uint32_t i = 0; !sim_below(sim_draw_nth(k, i), n, &v); i++)
		;
	return lo + v;
}

bool sim_ratio_draw(uint64_t num, uint64_t den, const struct sim_draw_key *k)
{
	assert(num <= den && den > 0);
	return sim_uniform_draw(k, 0, den - 1) < num;
}
