/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Benchmark of the event core: events, tasks, and what a pending one of each costs.
 *
 *	bench_core [--tiny]
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bench/bench.h"
#include "bench/plain.h"
#include "sim/base/math.h"
#include "sim/choice/choice.h"
#include "sim/core/fiber.h"
#include "sim/core/wait.h"

#define QUANTILES   4096
#define HASH_FACTOR 0x100000001b3ull

/* Quantiles of the exponential law with mean 1 << 20. */
static uint64_t exponential[QUANTILES];

static void make_quantiles(void)
{
	for (unsigned i = 0; i < QUANTILES; i++)
		exponential[i] = (uint64_t)(-log((i + 0.5) / QUANTILES) * (1 << 20));
}

static uint64_t exp_draw(uint64_t bits, uint64_t mean_ns)
{
	return (exponential[bits % QUANTILES] * mean_ns + (bits >> 44)) >> 20;
}

/* How long until the next event: hold model or kernel-like mix. */
struct law {
	const char *name;
	bool mix;
	uint32_t pending;
	uint64_t events;
};

static uint64_t delay(const struct law *law, uint64_t *state)
{
	uint64_t bits = bench_random(state);
	unsigned kind;

	if (!law->mix)
		return exp_draw(bits, 1000000);
	kind = (unsigned)(bits >> 32) % 100;
	if (kind < 60)
		return 0;
	return exp_draw(bits, kind < 95 ? 300 : 1000000);
}

static uint64_t note(uint64_t hash, uint64_t now_ns, uint64_t id)
{
	return (hash ^ now_ns ^ id << 40) * HASH_FACTOR;
}

/* ---- The core ---- */

struct hold {
	const struct law *law;
	uint64_t state, hash;
	struct hold_event {
		struct sim_event ev;
		uint32_t id;
	} * events;
};

static void hold_fired(struct sim_world *w, struct sim_event *ev)
{
	struct hold *hold = w->model;
	struct hold_event *it = sim_container_of(ev, struct hold_event, ev);

	hold->hash = note(hold->hash, w->now_ns, it->id);
	sim_event_after(w, ev, delay(hold->law, &hold->state));
}

static double core_hold(const struct law *law, uint64_t *hash)
{
	struct sim_world *w = sim_world_new(&(struct sim_world_config){.seed = 1});
	struct hold hold = {.law = law, .state = 1};
	uint64_t start;

	w->model = &hold;
	hold.events = calloc(law->pending, sizeof(*hold.events));
	for (uint32_t i = 0; i < law->pending; i++) {
		hold.events[i].id = i;
		hold.events[i].ev.fn = hold_fired;
		sim_event_at(w, &hold.events[i].ev, 1 + exp_draw(bench_random(&hold.state), 1000));
	}
	sim_world_run_steps(w, law->events / 10);
	start = bench_now_ns();
	sim_world_run_steps(w, law->events);
	start = bench_now_ns() - start;
	*hash = hold.hash;
	sim_world_free(w);
	free(hold.events);
	return (double)start / (double)law->events;
}

/* ---- The baseline ---- */

struct plain {
	const struct law *law;
	struct plain_heap heap;
	struct plain_ring ring;
	uint64_t now_ns, seq, state, hash;
};

static void plain_fired(struct plain *p, struct plain_object *obj)
{
	uint64_t after_ns;

	p->hash = note(p->hash, p->now_ns, obj->id);
	after_ns = delay(p->law, &p->state);
	if (after_ns)
		plain_push(&p->heap, (struct plain_event){.when_ns = p->now_ns + after_ns,
							  .seq = p->seq++,
							  .obj = obj});
	else
		plain_put(&p->ring, obj);
}

static void plain_run(struct plain *p, uint64_t events)
{
	while (events--) {
		struct plain_object *obj;

		if (p->ring.head != p->ring.tail) {
			obj = plain_take(&p->ring);
		} else {
			struct plain_event e = plain_pop(&p->heap);

			obj = e.obj;
			p->now_ns = e.when_ns;
			/* What is due too goes before what it posts for now. */
			while (p->heap.n && p->heap.at[0].when_ns == p->now_ns)
				plain_put(&p->ring, plain_pop(&p->heap).obj);
		}
		obj->fn(p, obj);
	}
}

static double plain_hold(const struct law *law, uint64_t *hash)
{
	struct plain *p = calloc(1, sizeof(*p));
	struct plain_object *objects = calloc(law->pending, sizeof(*objects));
	uint64_t start;

	p->law = law;
	p->state = 1;
	p->heap.at = calloc(law->pending + 1, sizeof(*p->heap.at));
	for (uint32_t i = 0; i < law->pending; i++) {
		uint64_t when_ns = 1 + exp_draw(bench_random(&p->state), 1000);

		objects[i] = (struct plain_object){.fn = plain_fired, .id = i};
		plain_push(&p->heap, (struct plain_event){.when_ns = when_ns,
							  .seq = p->seq++,
							  .obj = &objects[i]});
	}
	plain_run(p, law->events / 10);
	start = bench_now_ns();
	plain_run(p, law->events);
	start = bench_now_ns() - start;
	*hash = p->hash;
	free(p->heap.at);
	free(objects);
	free(p);
	return (double)start / (double)law->events;
}

static bool bench_events(const struct bench *b, const struct law *law)
{
	double core = 1e9, plain = 1e9;
	uint64_t core_hash, plain_hash;

	for (unsigned round = 0; round < b->rounds; round++) {
		core = fmin(core, core_hold(law, &core_hash));
		plain = fmin(plain, plain_hold(law, &plain_hash));
		if (core_hash != plain_hash) {
			printf("%s: the order differs from the baseline's\n", law->name);
			return false;
		}
	}
	bench_ns(law->name, core, plain, "1.30x");
	return true;
}

/* ---- Tasks ---- */

#define TASKS  100
#define WAITS  4000000
#define PARKED 10000

struct relay {
	struct sim_world *w;
	struct sim_waitq q[TASKS];
	uint32_t next;
	uint64_t left;
};

/* Each task wakes the next one and waits to be woken by the one before. */
static void relay_task(void *arg)
{
	struct relay *r = arg;
	uint32_t me = r->next++;

	while (r->left) {
		r->left--;
		sim_wake(r->w, &r->q[(me + 1) % TASKS], 1);
		sim_wait(r->w, &r->q[me], SIM_WAIT_PLAIN, SIM_SITE_MODEL, NULL, NULL);
	}
}

static double core_waits(uint64_t waits)
{
	struct relay r = {.w = sim_world_new(&(struct sim_world_config){.seed = 1}), .left = waits};
	uint64_t start;

	for (uint32_t i = 0; i < TASKS; i++)
		sim_spawn(r.w, "relay", relay_task, &r);
	sim_world_run_steps(r.w, TASKS);
	start = bench_now_ns();
	sim_world_run(r.w);
	start = bench_now_ns() - start;
	sim_world_free(r.w);
	return (double)start / (double)waits;
}

/*
 * The baseline is the switch alone, there and back, as sim/core has it: inlined. A switch behind a
 * call that returns on another stack costs three times as much (docs/DECISIONS.md).
 */
static void *bare_main, *bare_sp[TASKS];
static uint32_t bare_now;

static void bare_task(void *arg)
{
	for (;;)
		sim_switch(&bare_sp[bare_now], bare_main, NULL);
}

static double bare_switches(uint64_t waits)
{
	struct sim_arena *a = sim_arena_new(0, NULL, NULL);
	struct sim_stacks stacks;
	uint64_t start;

	sim_stacks_init(&stacks, a, 64 << 10);
	for (uint32_t i = 0; i < TASKS; i++) {
		struct sim_fiber f;

		sim_fiber_init(&f, sim_stack_get(&stacks), stacks.size, bare_task);
		bare_sp[i] = f.sp;
	}
	start = bench_now_ns();
	for (uint64_t k = 0; k < waits; k++) {
		sim_switch(&bare_main, bare_sp[bare_now], NULL);
		bare_now = bare_now == TASKS - 1 ? 0 : bare_now + 1;
	}
	start = bench_now_ns() - start;
	sim_stacks_drop(&stacks);
	sim_arena_free(a);
	return (double)start / (double)waits;
}

static void bench_tasks(const struct bench *b)
{
	uint64_t waits = bench_size(b, WAITS);
	double core = 1e9, bare = 1e9;

	for (unsigned round = 0; round < b->rounds; round++) {
		core = fmin(core, core_waits(waits));
		bare = fmin(bare, bare_switches(waits));
	}
	bench_ns("task block + resume, 100 tasks", core, bare, "4.00x");
}

/* ---- Choices ---- */

#define CHOICES 4000000

static double choose_often(const struct sim_policy *policy, uint64_t choices)
{
	struct sim_choices *c =
		policy ? sim_choices_new(&(struct sim_choices_config){.policy = policy}) : NULL;
	struct sim_world *w = sim_world_new(&(struct sim_world_config){.choices = c});
	uint64_t start = bench_now_ns();

	for (uint32_t i = 0; i < choices; i++)
		sim_choose(w, SIM_SITE_MODEL, i % 64, i % 1024, 2);
	start = bench_now_ns() - start;
	sim_world_free(w);
	sim_choices_free(c);
	return (double)start / (double)choices;
}

static void bench_choices(const struct bench *b)
{
	uint64_t n = bench_size(b, CHOICES);
	double none = 1e9, fifo = 1e9, random = 1e9;

	for (unsigned round = 0; round < b->rounds; round++) {
		none = fmin(none, choose_often(NULL, n));
		fifo = fmin(fifo, choose_often(&sim_policy_fifo, n));
		random = fmin(random, choose_often(&sim_policy_random, n));
	}
	bench_ns("choice, no policy", none, 0, "-");
	bench_ns("choice, fifo (counted and hashed)", fifo, 0, "-");
	bench_ns("choice, random", random, 0, "-");
}

/* ---- Worlds ---- */

#define WORLDS 2000

static void nothing(void *arg)
{
}

static void bench_worlds(const struct bench *b)
{
	uint64_t worlds = bench_size(b, WORLDS);
	double best = 1e9;

	for (unsigned round = 0; round < b->rounds; round++) {
		uint64_t start = bench_now_ns();

		for (uint64_t i = 0; i < worlds; i++) {
			struct sim_world *w = sim_world_new(&(struct sim_world_config){.seed = 1});

			for (unsigned k = 0; k < 8; k++)
				sim_spawn(w, "task", nothing, NULL);
			sim_world_run(w);
			sim_world_free(w);
		}
		best = fmin(best, (double)(bench_now_ns() - start) / (double)worlds);
	}
	bench_ns("a world of 8 tasks, from new to free", best, 0, "-");
}

/* ---- Memory ---- */

static void never(struct sim_world *w, struct sim_event *ev)
{
}

static void bench_event_bytes(const struct bench *b)
{
	uint32_t pending = (uint32_t)bench_size(b, 1 << 20);
	struct sim_world *w = sim_world_new(&(struct sim_world_config){.seed = 1});
	struct sim_event *ev = calloc(pending, sizeof(*ev));
	size_t before = sim_world_memory(w);

	for (uint32_t i = 0; i < pending; i++) {
		ev[i].fn = never;
		sim_event_at(w, &ev[i], i + 1);
	}
	bench_bytes("bytes/pending event, of the queue",
		    (double)(sim_world_memory(w) - before) / pending, sizeof(struct plain_event),
		    "24 B");
	sim_world_free(w);
	free(ev);
}

struct parking {
	struct sim_world *w;
	struct sim_waitq q;
};

static void park(void *arg)
{
	struct parking *p = arg;

	sim_wait(p->w, &p->q, SIM_WAIT_IDLE, SIM_SITE_MODEL, NULL, NULL);
}

static void bench_task_bytes(const struct bench *b)
{
	uint64_t parked = bench_size(b, PARKED);
	struct parking p = {.w = sim_world_new(&(struct sim_world_config){.seed = 1})};
	size_t before = sim_world_memory(p.w);

	for (uint32_t i = 0; i < parked; i++)
		sim_spawn(p.w, "parked", park, &p);
	sim_world_run(p.w);
	bench_bytes("bytes/parked task, resident",
		    (double)(sim_world_memory(p.w) - before) / (double)parked, 0, "-");
	bench_bytes("  of those, its stack used", (double)sim_stack_peak(p.w), 0, "-");
	sim_world_free(p.w);
}

int main(int argc, char **argv)
{
	static const struct law laws[] = {
		{"hold, 100 pending", false, 100, 4000000},
		{"hold, 10 000 pending", false, 10000, 4000000},
		{"hold, 1 000 000 pending", false, 1000000, 2000000},
		{"kernel-like mix, 64 pending", true, 64, 4000000},
	};
	struct bench b = bench_start(&argc, &argv);
	bool good = true;

	if (argc > 1) {
		fprintf(stderr, "usage: bench_core [--tiny]\n");
		return 2;
	}
	make_quantiles();
	bench_header("event core");
	for (size_t i = 0; i < SIM_ARRAY_SIZE(laws); i++) {
		struct law law = laws[i];

		law.pending = (uint32_t)sim_min(law.pending, bench_size(&b, law.pending) + 99);
		law.events = bench_size(&b, law.events);
		good &= bench_events(&b, &law);
	}
	bench_tasks(&b);
	bench_choices(&b);
	bench_worlds(&b);
	bench_event_bytes(&b);
	bench_task_bytes(&b);
	return good ? 0 : 1;
}
