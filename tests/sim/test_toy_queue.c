/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A toy model: queues whose mean times are known by theory, M/M/1 and M/M/2. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sim/core/task.h"
#include "sim/rand/rand.h"

#define CUSTOMERS  100000
#define SERVICE_NS 1000

/* The servers are the world's CPUs, a customer is a task that computes. */
struct shop {
	struct sim_world *w;
	struct sim_law between, service;
	uint64_t inside;     /* customers now */
	uint64_t inside_ns;  /* their number, integrated over time */
	uint64_t changed_ns; /* when it changed last */
	uint64_t stay_ns;    /* of all customers together */
	uint64_t service_ns;
	uint64_t served;
};

static uint64_t draw(const struct shop *s, const struct sim_law *law, const char *site, uint32_t op)
{
	struct sim_draw_key key = {.seed = s->w->seed, .site = sim_site(site), .op = op};

	return sim_law_draw(law, &key);
}

static void change(struct shop *s, int by)
{
	s->inside_ns += s->inside * (s->w->now_ns - s->changed_ns);
	s->changed_ns = s->w->now_ns;
	s->inside += (uint64_t)by;
}

static void customer(void *arg)
{
	struct shop *s = arg;
	uint64_t came_ns = s->w->now_ns;
	uint64_t service_ns = draw(s, &s->service, "service", s->w->current->id);

	change(s, 1);
	sim_cpu(s->w, service_ns);
	change(s, -1);
	s->service_ns += service_ns;
	s->stay_ns += s->w->now_ns - came_ns;
	s->served++;
}

static void door(void *arg)
{
	struct shop *s = arg;

	for (uint32_t i = 0; i < CUSTOMERS; i++) {
		sim_sleep(s->w, draw(s, &s->between, "between", i));
		sim_spawn(s->w, "customer", customer, s);
	}
}

static void exponential(struct sim_law *law, uint64_t mean_ns)
{
	const char *why;

	*law = (struct sim_law){.kind = SIM_LAW_EXPONENTIAL, .value = mean_ns};
	assert_int_equal(sim_law_init(law, NULL, &why), 0);
}

static void check_queue(unsigned servers, uint64_t between_ns, uint64_t mean_ns, uint64_t within_ns)
{
	struct shop s = {.w = sim_world_new(&(struct sim_world_config){
				 .seed = 1, .nr_cpus = servers, .stack_size = 16384})};
	uint64_t mean_stay_ns;

	exponential(&s.between, between_ns);
	exponential(&s.service, SERVICE_NS);
	sim_spawn(s.w, "door", door, &s);
	assert_int_equal(sim_world_run(s.w), SIM_END_QUIESCENT);
	assert_int_equal(s.served, CUSTOMERS);
	assert_int_equal(s.inside, 0);
	/* Little's law, which here is an identity. */
	assert_true(s.inside_ns == s.stay_ns);
	mean_stay_ns = s.stay_ns / CUSTOMERS;
	assert_in_range(mean_stay_ns, mean_ns - within_ns, mean_ns + within_ns);
	sim_world_free(s.w);
}

/*
 * One server with load 1/2: the mean stay is 1 / (1/1000 - 1/2000) = 2000 ns. By Daley's formula
 * the mean over n customers has a standard deviation of 1000 * sqrt(29 / n) = 17 ns here; allowed
 * are 5 of them.
 */
static void mm1_keeps_to_its_mean(void **unused)
{
	check_queue(1, 2000, 2000, 85);
}

/*
 * Two servers with load 1/2: 1000 / (1 - 1/4) = 1333 ns. Less waiting, and so less spread than with
 * one server; the same allowance in proportion.
 */
static void mm2_keeps_to_its_mean(void **unused)
{
	check_queue(2, 1000, 1333, 57);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mm1_keeps_to_its_mean),
		cmocka_unit_test(mm2_keeps_to_its_mean),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
