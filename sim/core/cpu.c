/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CPUs: a task that computes occupies one, and the others wait in order of arrival. */
#include <assert.h>

#include "sim/core/core.h"

void sim_cpus_init(struct sim_cpus *cpus, unsigned nr)
{
	assert(nr >= 1 && nr <= SIM_CPUS_MOST);
	for (unsigned cpu = 0; cpu < nr; cpu++)
		cpus->free[cpu / 64] |= 1ull << cpu % 64;
}

/* The preferred CPU if it is free, otherwise the least free one; -1 if none is. */
static int find_free(const struct sim_cpus *cpus, unsigned preferred)
{
	if (cpus->free[preferred / 64] & 1ull << preferred % 64)
		return (int)preferred;
	for (unsigned word = 0; word < SIM_CPUS_MOST / 64; word++)
		if (cpus->free[word])
			return (int)(word * 64 + (unsigned)__builtin_ctzll(cpus->free[word]));
	return -1;
}

static void occupy(struct sim_world *w)
{
	static const struct sim_wait_class cpu_class = {.name = "a CPU"};
	struct sim_cpus *cpus = &w->core->cpus;
	struct sim_task *t = w->current;
	struct sim_waiter me = {NULL};
	int cpu = find_free(cpus, t->cpu);

	if (cpu < 0) {
		/* Whoever leaves a CPU writes its number into our task. */
		sim_waiter_wait(w, &cpus->q, &me, SIM_WAIT_PLAIN, SIM_SITE_CPU, &cpu_class, NULL);
	} else {
		cpus->free[cpu / 64] &= ~(1ull << cpu % 64);
		t->cpu = (uint16_t)cpu;
	}
}

static void leave(struct sim_world *w)
{
	struct sim_cpus *cpus = &w->core->cpus;
	unsigned cpu = w->current->cpu;
	struct sim_waiter *next = sim_waitq_oldest(&cpus->q);

	if (next) {
		next->task->cpu = (uint16_t)cpu;
		sim_waitq_wake_oldest(&cpus->q);
	} else {
		cpus->free[cpu / 64] |= 1ull << cpu % 64;
	}
}

void sim_cpu_busy(struct sim_world *w, uint64_t ns)
{
	struct sim_waitq nobody = {NULL};

	occupy(w);
	sim_wait_timeout(w, &nobody, SIM_WAIT_PLAIN, SIM_SITE_CPU, NULL, NULL, ns);
	leave(w);
}
