/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The way of a message: times to the nanosecond, order, slots, storage, draws, memory in flight. */
#include "tests/model/server_world.h"

#include "sim/choice/choice.h"

/* ---- links ---- */

static void call_once(void *arg)
{
	struct sw_msg *m = arg;
	struct sim_world *w = m->sw->w;

	server_call(&m->rpc);
	m->done_ns = w->now_ns;
}

/* A call takes both ways, and returns what the message says. */
static void test_call(void **state)
{
	struct sw *sw = *state;
	struct sw_msg m, missing;

	sw->link.latency = sw_constant(300 * US);
	sw_start(sw);
	sw_msg(sw, &m, 0, RPC_GETATTR, sw_file(sw, "f", 5000, SRV_FILL_DATA), 0, 0);
	sim_spawn(sw->w, "t", call_once, &m);
	sw_msg(sw, &missing, 1, RPC_LOOKUP, NULL, 0, 0);
	missing.rpc.name = "g";
	sim_spawn(sw->w, "t", call_once, &missing);
	sw_run(sw);
	assert_int_equal(m.done_ns, 600 * US);
	assert_int_equal(m.rpc.error, 0);
	assert_int_equal(m.rpc.size, 5000);
	assert_int_equal(missing.done_ns, 600 * US);
	assert_int_equal(missing.rpc.error, -ENOENT);
	assert_int_equal(sw->s->nr_rpcs[RPC_GETATTR], 1);
	assert_int_equal(sw->s->nr_rpcs[RPC_LOOKUP], 1);
}

/* With all parameters 0 a call takes no time, but does happen. */
static void test_no_time(void **state)
{
	struct sw *sw = *state;
	struct sw_msg m;

	sw_start(sw);
	assert_int_equal(sw_once(sw, &m, RPC_READ, sw_file(sw, "f", 10, SRV_FILL_DATA), 0, 10), 0);
	assert_int_equal(m.rpc.transferred, 10);
	assert_int_equal(sw->w->now_ns, 0);
}

/* Bytes of overhead and of data count, each in its direction. */
static void test_bandwidth(void **state)
{
	struct sw *sw = *state;
	struct server_file *f;
	struct sw_msg m;

	sw->link = (struct link_config){
		.latency = sw_constant(7), .bandwidth_up = 1000000, .bandwidth_down = 500000};
	sw->config.message_overhead = 100;
	sw_start(sw);
	f = sw_file(sw, "f", 10000, SRV_FILL_DATA);
	sw_send(sw, &m, 0, RPC_WRITE, f, 0, 4000);
	assert_int_equal(sw_run(sw), 4100 * US + 7 + 100 * 2 * US + 7);
	sw_send(sw, &m, 0, RPC_READ, f, 0, 4000);
	assert_int_equal(sw_run(sw), 100 * US + 7 + 4100 * 2 * US + 7);
	/* Only the bytes that exist travel. */
	sw_send(sw, &m, 0, RPC_READ, f, 9000, 4000);
	assert_int_equal(sw_run(sw), 100 * US + 7 + 1100 * 2 * US + 7);
	assert_int_equal(m.rpc.transferred, 1000);
}

/* A third of a nanosecond is not lost: three messages of one byte at 3 bytes/s take one second. */
static void test_bandwidth_remainder(void **state)
{
	struct sw *sw = *state;
	struct sw_msg m[3];

	sw->link.bandwidth_up = 3;
	sw->config.message_overhead = 1;
	sw_start(sw);
	for (unsigned i = 0; i < 3; i++)
		sw_send(sw, &m[i], 0, RPC_FSYNC, sw_file(sw, "f", 0, SRV_FILL_HOLE), 0, 0);
	sw_run(sw);
	assert_int_equal(m[0].done_ns, 333333334);
	assert_int_equal(m[1].done_ns, 666666667);
	assert_int_equal(m[2].done_ns, 1000000000);
}

/* Messages are on their way one behind the other: bandwidth adds up, latency does not. */
static void test_pipelining(void **state)
{
	struct sw *sw = *state;
	struct server_file *f;
	struct sw_msg m[4], other;

	sw->link = (struct link_config){.latency = sw_constant(10 * MS), .bandwidth_up = 1000000};
	sw_start(sw);
	f = sw_file(sw, "f", 0, SRV_FILL_HOLE);
	for (unsigned i = 0; i < 4; i++)
		sw_send(sw, &m[i], 0, RPC_WRITE, f, i * 1000ull, 1000);
	sw_send(sw, &other, 1, RPC_WRITE, f, 50000, 1000);
	sw_run(sw);
	for (unsigned i = 0; i < 4; i++)
		assert_int_equal(m[i].done_ns, (i + 1) * MS + 20 * MS);
	assert_int_equal(other.done_ns, 21 * MS); /* its own link */
	assert_int_equal(f->size, 51000);
}

struct order {
	unsigned writes, first_wrong;
};

static void note_order(struct check *c, struct client *client, struct server_file *f, uint64_t pos,
		       uint64_t len)
{
	struct order *o = (struct order *)c;

	if (pos != o->writes++ * 10ull && !o->first_wrong)
		o->first_wrong = o->writes;
}

/* Latencies that vary do not let a message overtake another, there or back. */
static void test_order(void **state)
{
	static const struct model_hooks hooks = {.server_wrote = note_order};
	struct sw *sw = *state;
	struct sw_msg m[200];
	struct order o = {0};
	struct server_file *f;
	unsigned answered = 0, apart = 0;

	sw->link.latency = sw_uniform(1, 1000 * US);
	sw_start(sw);
	f = sw_file(sw, "f", 0, SRV_FILL_HOLE);
	sw->model.hooks = hooks;
	sw->model.check = (struct check *)&o;
	for (unsigned i = 0; i < 200; i++) {
		sw_send(sw, &m[i], 0, RPC_WRITE, f, i * 10ull, 10);
		m[i].answered = &answered;
	}
	sw_run(sw);
	assert_int_equal(o.writes, 200);
	assert_int_equal(o.first_wrong, 0);
	for (unsigned i = 0; i < 200; i++) {
		assert_int_equal(m[i].order, i + 1);
		apart += i && m[i].done_ns != m[i - 1].done_ns;
	}
	assert_true(apart > 3); /* they are not one bunch */
}

/* ---- slots, service, storage ---- */

/* Two at a time; the others wait in the order in which they came. */
static void test_slots(void **state)
{
	struct sw *sw = *state;
	struct sw_msg m[5];

	sw->config.slots = 2;
	sw->config.service[RPC_FSYNC] = sw_constant(10 * US);
	sw->config.service[RPC_GETATTR] = sw_constant(30 * US);
	sw_start(sw);
	for (unsigned i = 0; i < 5; i++)
		sw_send(sw, &m[i], i % 3, i ? RPC_FSYNC : RPC_GETATTR,
			sw_file(sw, "f", 0, SRV_FILL_HOLE), 0, 0);
	assert_int_equal(sim_world_run_steps(sw->w, 6), SIM_END_NONE);
	assert_int_equal(sw->s->busy, 2);
	assert_false(sim_list_empty(&sw->s->waiting));
	sw_run(sw);
	assert_int_equal(m[0].done_ns, 30 * US);
	assert_int_equal(m[1].done_ns, 10 * US);
	assert_int_equal(m[2].done_ns, 20 * US);
	assert_int_equal(m[3].done_ns, 30 * US);
	assert_int_equal(m[4].done_ns, 40 * US);
	assert_int_equal(sw->s->busy, 0);
}

/* The storage is one: data of several slots go through it one after the other, each way alone. */
static void test_storage(void **state)
{
	struct sw *sw = *state;
	struct server_file *f;
	struct sw_msg m[4];

	sw->config.disk_write = 1000000;
	sw->config.disk_read = 2000000;
	sw->config.service[RPC_WRITE] = sw_constant(5);
	sw->config.service[RPC_READ] = sw_constant(3);
	sw_start(sw);
	f = sw_file(sw, "f", 100000, SRV_FILL_DATA);
	sw_send(sw, &m[0], 0, RPC_WRITE, f, 0, 1000);
	sw_send(sw, &m[1], 1, RPC_WRITE, f, 0, 1000);
	sw_send(sw, &m[2], 0, RPC_READ, f, 0, 1000);
	sw_send(sw, &m[3], 1, RPC_READ, f, 99000, 4000);
	sw_run(sw);
	assert_int_equal(m[0].done_ns, MS + 5);
	assert_int_equal(m[1].done_ns, 2 * MS + 5);
	assert_int_equal(m[2].done_ns, MS / 2 + 3);
	assert_int_equal(m[3].done_ns, MS + 3); /* 1000 bytes there are */
}

/* ---- draws ---- */

struct caller {
	struct sw *sw;
	unsigned client;
	struct server_file *file;
	uint64_t took_ns[8];
};

static void call_often(void *arg)
{
	struct caller *c = arg;
	struct sim_world *w = c->sw->w;

	for (unsigned i = 0; i < 8; i++) {
		uint64_t from_ns = w->now_ns;
		struct sw_msg m;

		w->current->op = 1 + i / 2;
		server_call(sw_msg(c->sw, &m, c->client, RPC_FSYNC, c->file, 0, 0));
		c->took_ns[i] = w->now_ns - from_ns;
	}
}

/* What a task's messages draw depends on nothing but the task; each message draws anew. */
static void test_draws(void **state)
{
	struct sw *sw = *state;
	struct sw *more = sim_xcalloc(1, sizeof(*more));
	struct caller alone = {.sw = sw}, first = {.sw = more}, second = {.sw = more, .client = 1};
	struct sw_msg m;

	sw->link.latency = sw_uniform(1000, 1000000);
	sw->config.service[RPC_FSYNC] = sw_uniform(1000, 1000000);
	more->link = sw->link;
	more->config = sw->config;
	sw_start(sw);
	sw_start(more);
	alone.file = sw_file(sw, "f", 0, SRV_FILL_HOLE);
	first.file = second.file = sw_file(more, "f", 0, SRV_FILL_HOLE);
	sim_spawn(sw->w, "t", call_often, &alone);
	sim_spawn(more->w, "t", call_often, &first);
	sim_spawn(more->w, "u", call_often, &second);
	sw_send(more, &m, 2, RPC_FSYNC, first.file, 0, 0);
	sw_run(sw);
	sw_run(more);
	assert_memory_equal(alone.took_ns, first.took_ns, sizeof(alone.took_ns));
	for (unsigned i = 0; i < 8; i++) {
		assert_int_not_equal(first.took_ns[i], second.took_ns[i]);
		for (unsigned k = 0; k < i; k++)
			assert_int_not_equal(first.took_ns[i], first.took_ns[k]);
	}
	sim_world_free(more->w);
	sim_xfree(more);
}

static void call_in_two_ops(void *arg)
{
	struct caller *c = arg;
	struct sim_world *w = c->sw->w;

	for (unsigned i = 0; i < 8; i++) {
		uint64_t from_ns = w->now_ns;
		struct sw_msg m;

		/* The first operation of client 0 sends four messages, of client 1 two. */
		w->current->op = i < (c->client ? 2 : 4) ? 1 : 2;
		server_call(sw_msg(c->sw, &m, 0, RPC_FSYNC, c->file, 0, 0));
		c->took_ns[i] = w->now_ns - from_ns;
	}
}

/* A message more in one operation moves no draw of the next one. */
static void test_draws_of_operations(void **state)
{
	struct sw *sw = *state;
	struct sw *more = sim_xcalloc(1, sizeof(*more));
	struct caller four = {.sw = sw}, two = {.sw = more, .client = 1};

	sw->link.latency = sw_uniform(1000, 1000000);
	more->link = sw->link;
	sw_start(sw);
	sw_start(more);
	four.file = sw_file(sw, "f", 0, SRV_FILL_HOLE);
	two.file = sw_file(more, "f", 0, SRV_FILL_HOLE);
	sim_spawn(sw->w, "t", call_in_two_ops, &four);
	sim_spawn(more->w, "t", call_in_two_ops, &two);
	sw_run(sw);
	sw_run(more);
	assert_memory_equal(four.took_ns, two.took_ns, 2 * sizeof(uint64_t));
	assert_int_not_equal(four.took_ns[2], two.took_ns[2]);
	assert_memory_equal(four.took_ns + 4, two.took_ns + 2, 4 * sizeof(uint64_t));
	sim_world_free(more->w);
	sim_xfree(more);
}

/* Tasks of one client draw apart, clients too, also where no task sends. */
static void test_draws_of_others(void **state)
{
	struct sw *sw = *state;
	struct caller a = {.sw = sw}, b = {.sw = sw};
	struct sw_msg x, y;

	sw->config.service[RPC_FSYNC] = sw_uniform(1000, 1000000);
	sw_start(sw);
	a.file = b.file = sw_file(sw, "f", 0, SRV_FILL_HOLE);
	sim_spawn(sw->w, "a", call_often, &a);
	sim_spawn(sw->w, "b", call_often, &b);
	sw_send(sw, &x, 1, RPC_FSYNC, a.file, 0, 0);
	sw_send(sw, &y, 2, RPC_FSYNC, a.file, 0, 0);
	sw_run(sw);
	for (unsigned i = 0; i < 8; i++)
		assert_int_not_equal(a.took_ns[i], b.took_ns[i]);
	assert_int_not_equal(x.done_ns, y.done_ns);
}

/* ---- memory in flight ---- */

struct change {
	struct sim_event ev;
	struct sw *sw;
	struct content_map *map;
	uint64_t off;
};

static void change_bytes(struct sim_world *w, struct sim_event *ev)
{
	struct change *c = sim_container_of(ev, struct change, ev);

	content_set(c->map, c->off, 10, content_junk(c->sw->model.content));
}

/*
 * The server takes the bytes of a WRITE when it executes it: what the sender changes before goes
 * out, what it changes afterwards does not.
 */
static void test_write_in_flight(void **state)
{
	struct sw *sw = *state;
	struct change before = {.ev.fn = change_bytes, .sw = sw, .map = &sw->mem, .off = 10};
	struct change after = {.ev.fn = change_bytes, .sw = sw, .map = &sw->mem, .off = 20};
	struct server_file *f;
	struct sw_msg m;

	sw->link.latency = sw_constant(100);
	sw->config.service[RPC_WRITE] = sw_constant(100);
	sw_start(sw);
	f = sw_file(sw, "f", 0, SRV_FILL_HOLE);
	sw_touch(sw, 0, 100);
	sw_send(sw, &m, 0, RPC_WRITE, f, 0, 100);
	sim_event_at(sw->w, &before.ev, 199);
	sim_event_at(sw->w, &after.ev, 201);
	sw_run(sw);
	assert_int_equal(m.rpc.transferred, 100);
	assert_int_equal(m.iter.count, 0);
	assert_true(content_equal_range(&f->data, 0, &sw->mem, 0, 20, CONTENT_EXACT, NULL));
	assert_false(content_equal_range(&f->data, 20, &sw->mem, 20, 1, CONTENT_EXACT, NULL));
	assert_true(content_equal_range(&f->data, 30, &sw->mem, 30, 70, CONTENT_EXACT, NULL));
}

/* The bytes of a READ are those of its execution, and appear when the reply arrives. */
static void test_read_in_flight(void **state)
{
	struct sw *sw = *state;
	struct change before, after;
	struct content_map want;
	struct server_file *f;
	struct sw_msg m;

	sw->link.latency = sw_constant(100);
	sw_start(sw);
	content_map_init(&want, sw->model.content);
	f = sw_file(sw, "f", 100, SRV_FILL_DATA);
	before = (struct change){.ev.fn = change_bytes, .sw = sw, .map = &f->data, .off = 10};
	after = (struct change){.ev.fn = change_bytes, .sw = sw, .map = &f->data, .off = 20};
	sim_event_at(sw->w, &before.ev, 99);
	sim_event_at(sw->w, &after.ev, 101);
	sw_touch(sw, 0, 100);
	sw_send(sw, &m, 0, RPC_READ, f, 0, 100);
	while (sw->w->now_ns < 101)
		sim_world_run_steps(sw->w, 1);
	content_copy(&want, 0, &f->data, 0, 100);
	content_set(&want, 20, 10, content_source_at(0, 20));
	assert_int_equal(content_get(&sw->mem, 0).kind, CONTENT_JUNK);
	assert_int_equal(m.iter.count, 100);
	sw_run(sw);
	assert_int_equal(m.iter.count, 0);
	assert_true(content_equal_range(&sw->mem, 0, &want, 0, 100, CONTENT_EXACT, NULL));
}

/* A file that is unlinked and forgotten while a message is on its way lives until the answer. */
static void test_file_in_flight(void **state)
{
	struct sw *sw = *state;
	struct server_file *f;
	struct sw_msg m;

	sw->link.latency = sw_constant(100);
	sw_start(sw);
	f = sw_file(sw, "f", 8192, SRV_FILL_DATA);
	sw_send(sw, &m, 0, RPC_READ, f, 0, 100);
	assert_int_equal(srv_rm(sw->s, "f"), 0);
	assert_int_equal(sw->s->used_blocks, 2);
	sw_run(sw);
	assert_int_equal(m.rpc.transferred, 100);
	assert_int_equal(sw->s->used_blocks, 0);
	assert_true(sim_list_empty(&sw->s->files));
}

/* ---- traces, size ---- */

struct stages {
	struct sim_trace_sink sink;
	unsigned nr[8];
	uint64_t at_ns[8], len[8];
};

static void note_stage(struct sim_trace_sink *sink, const struct sim_trace_record *rec)
{
	struct stages *s = sim_container_of(sink, struct stages, sink);

	if (rec->event == &model_events[EVENT_sim_rpc]) {
		unsigned stage = (unsigned)rec->value[1].u;

		s->nr[stage]++;
		s->at_ns[stage] = rec->ctx->time_ns;
		s->len[stage] = rec->value[6].u;
		assert_int_equal(rec->value[2].u, SIM_RPC_READ);
	}
}

/* Each stage leaves one record; the last two say how many bytes were read. */
static void test_trace(void **state)
{
	struct sw *sw = *state;
	struct stages st = {.sink.record = note_stage};
	static const uint64_t at[] = {0, 100, 100, 150, 250};
	struct sw_msg m;

	sw->world.trace = sim_trace_new(model_events, NR_EVENTS);
	sim_trace_add_sink(sw->world.trace, &st.sink);
	sw->link.latency = sw_constant(100);
	sw->config.service[RPC_READ] = sw_constant(50);
	sw_start(sw);
	sw_once(sw, &m, RPC_READ, sw_file(sw, "f", 70, SRV_FILL_DATA), 0, 100);
	for (unsigned i = SIM_RPC_QUEUED; i <= SIM_RPC_RECEIVED; i++) {
		assert_int_equal(st.nr[i], 1);
		assert_int_equal(st.at_ns[i], at[i]);
		assert_int_equal(st.len[i], i < SIM_RPC_DONE ? 100 : 70);
	}
	sim_world_free(sw->w);
	sim_trace_free(sw->world.trace);
	sw->w = NULL;
}

/* A client that never sends costs its link and nothing else. */
static void test_many_clients(void **state)
{
	struct sw *sw = *state;
	size_t before, after;
	struct sw_msg m;

	sw->link.latency = sw_constant(10);
	sw->extra_clients = 10000;
	sw_start(sw);
	before = sim_world_memory(sw->w);
	assert_in_range(before, 1, 10000 * 400);
	for (unsigned i = 0; i < 20000; i++) {
		if (!i)
			sw_file(sw, "f", 4096, SRV_FILL_DATA);
		assert_int_equal(sw_once(sw, &m, RPC_READ, server_find(sw->s, "f"), 0, 4096), 0);
		if (i == 1000)
			before = sim_world_memory(sw->w);
	}
	after = sim_world_memory(sw->w);
	assert_int_equal(before, after);
	assert_int_equal(sw->w->now_ns, 20000 * 20);
	assert_int_equal(sw->s->bytes_read, 20000 * 4096);
}

/* ---- any order, any end ---- */

static unsigned pick_last(struct sim_choices *c, const struct sim_choice *ch, uint32_t occurrence)
{
	return ch->n - 1;
}

static void send_mixture(struct sw *sw, struct sw_msg *m, unsigned nr)
{
	static const enum rpc_op op[] = {RPC_WRITE, RPC_READ, RPC_SETATTR, RPC_FSYNC};
	struct server_file *f = sw_file(sw, "f", 10000, SRV_FILL_DATA);

	server_file_get(f);
	for (unsigned i = 0; i < nr; i++)
		sw_send(sw, &m[i], i % 3, op[i % 4], f, i * 1000ull, 1000);
}

static void slow_server(struct sw *sw)
{
	sw->link.latency = sw_uniform(1000, 100000);
	sw->config.slots = 3;
	for (unsigned i = 0; i < NR_RPC_OPS; i++)
		sw->config.service[i] = sw_uniform(1000, 100000);
}

/* An explorer that lets services and replies be late has every message answered all the same. */
static void test_loose(void **state)
{
	static const struct sim_policy late = {
		.name = "late", .frees_loose = true, .pick = pick_last};
	static const struct sim_choices_config config = {.policy = &late, .frees_loose = true};
	struct sw *sw = *state;
	struct sw_msg m[40];
	unsigned answered = 0, moved = 0;

	sw->world.choices = sim_choices_new(&config);
	slow_server(sw);
	sw_start(sw);
	send_mixture(sw, m, 40);
	for (unsigned i = 0; i < 40; i++)
		m[i].answered = &answered;
	sw_run(sw);
	assert_int_equal(answered, 40);
	for (unsigned i = 0; i < 40; i++)
		moved += m[i].order != i + 1;
	assert_true(moved > 10);
	assert_int_equal(server_find(sw->s, "f")->refs, 1);
	sim_world_free(sw->w);
	sim_choices_free(sw->world.choices);
	sw->w = NULL;
}

/* A world may go at any instant: the server owns nothing outside of it. */
static void test_end_anywhere(void **state)
{
	struct sw_msg m[12];

	for (unsigned steps = 0; steps < 40; steps++) {
		struct sw sw = {0};

		slow_server(&sw);
		sw_start(&sw);
		send_mixture(&sw, m, 12);
		sim_world_run_steps(sw.w, steps);
		sim_world_free(sw.w);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SW_TEST(test_call),
		SW_TEST(test_no_time),
		SW_TEST(test_bandwidth),
		SW_TEST(test_bandwidth_remainder),
		SW_TEST(test_pipelining),
		SW_TEST(test_order),
		SW_TEST(test_slots),
		SW_TEST(test_storage),
		SW_TEST(test_draws),
		SW_TEST(test_draws_of_operations),
		SW_TEST(test_draws_of_others),
		SW_TEST(test_write_in_flight),
		SW_TEST(test_read_in_flight),
		SW_TEST(test_file_in_flight),
		SW_TEST(test_trace),
		SW_TEST(test_many_clients),
		SW_TEST(test_loose),
		SW_TEST(test_end_anywhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
