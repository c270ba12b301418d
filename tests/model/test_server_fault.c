/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Faults: which messages a rule hits, what each action does, and the hang it may lead to. */
#include "tests/model/server_world.h"

#include "sim/base/text.h"

#define ON(op) (1u << (op))

static void use_faults(struct sw *sw, struct fault *faults, uint32_t nr)
{
	sw->faults = faults;
	sw->nr_faults = nr;
	sw_start(sw);
}

/* ---- actions ---- */

/* The answer is an error, after the usual time, and nothing was done. */
static void test_error(void **state)
{
	struct fault fault = {.on = ON(RPC_WRITE),
			      .client = UINT32_MAX,
			      .nth = 2,
			      .count = 1,
			      .action = FAULT_ERROR,
			      .error = -EIO};
	struct sw *sw = *state;
	struct server_file *f;
	struct sw_msg m;

	sw->link.latency = sw_constant(100);
	sw->config.service[RPC_WRITE] = sw_constant(50);
	sw->config.disk_write = 1000000000;
	use_faults(sw, &fault, 1);
	f = sw_file(sw, "f", 0, SRV_FILL_HOLE);
	assert_int_equal(sw_once(sw, &m, RPC_WRITE, f, 0, 10), 0);
	assert_int_equal(m.done_ns, 260);
	assert_int_equal(sw_once(sw, &m, RPC_WRITE, f, 10, 10), -EIO);
	assert_int_equal(m.done_ns, 260 + 250); /* no data went to the disk */
	assert_int_equal(m.rpc.transferred, 0);
	assert_int_equal(m.rpc.size, 0);
	assert_int_equal(m.iter.count, 10);
	assert_int_equal(f->size, 10);
	assert_int_equal(sw_once(sw, &m, RPC_WRITE, f, 10, 10), 0);
	assert_int_equal(f->size, 20);
	assert_int_equal(fault.seen, 3);
	assert_int_equal(fault.fired, 1);
}

/* Reads and writes transfer less, and say so. */
static void test_short(void **state)
{
	struct fault fault = {.on = ON(RPC_READ) | ON(RPC_WRITE) | ON(RPC_FSYNC),
			      .client = UINT32_MAX,
			      .nth = 1,
			      .action = FAULT_SHORT,
			      .bytes = 7};
	struct sw *sw = *state;
	struct server_file *f;
	struct sw_msg m;

	use_faults(sw, &fault, 1);
	f = sw_file(sw, "f", 100, SRV_FILL_DATA);
	assert_int_equal(sw_once(sw, &m, RPC_READ, f, 0, 50), 0);
	assert_int_equal(m.rpc.transferred, 7);
	assert_int_equal(m.iter.count, 43);
	assert_int_equal(content_get(&sw->mem, 6).kind, CONTENT_SOURCE);
	assert_int_equal(content_get(&sw->mem, 7).kind, CONTENT_HOLE);
	assert_int_equal(sw_once(sw, &m, RPC_READ, f, 97, 50), 0);
	assert_int_equal(m.rpc.transferred, 3);
	sw_msg(sw, &m, 0, RPC_WRITE, f, 100, 50)->file_size = 1000;
	m.rpc.done = sw_done;
	server_send(&m.rpc);
	sw_run(sw);
	assert_int_equal(m.rpc.error, 0);
	assert_int_equal(m.rpc.transferred, 7);
	assert_int_equal(m.iter.count, 43);
	assert_int_equal(f->size, 107); /* the size belongs to the whole message */
	assert_int_equal(sw_once(sw, &m, RPC_FSYNC, f, 0, 0), 0);
	fault.bytes = 0;
	assert_int_equal(sw_once(sw, &m, RPC_WRITE, f, 0, 50), 0);
	assert_int_equal(m.rpc.transferred, 0);
	assert_int_equal(fault.fired, 5);
}

/* The message holds its slot longer; what it does, it does at the end. */
static void test_delay(void **state)
{
	struct fault fault = {.on = ON(RPC_WRITE),
			      .client = UINT32_MAX,
			      .nth = 1,
			      .count = 1,
			      .action = FAULT_DELAY,
			      .delay_ns = 1000};
	struct sw *sw = *state;
	struct server_file *f;
	struct sw_msg m, second;

	sw->config.slots = 2;
	sw->config.service[RPC_WRITE] = sw_constant(10);
	use_faults(sw, &fault, 1);
	f = sw_file(sw, "f", 0, SRV_FILL_HOLE);
	sw_send(sw, &m, 0, RPC_WRITE, f, 0, 10);
	sw_send(sw, &second, 0, RPC_WRITE, f, 20, 10);
	sw_run(sw);
	assert_int_equal(second.done_ns, 10);
	assert_int_equal(second.rpc.size, 30);
	assert_int_equal(second.rpc.version, 1);
	assert_int_equal(m.done_ns, 1010);
	assert_int_equal(m.rpc.version, 2);
	assert_int_equal(m.rpc.transferred, 10);
}

/* Any action may be late as well. */
static void test_late_error(void **state)
{
	struct fault fault = {.on = ON(RPC_FSYNC),
			      .client = UINT32_MAX,
			      .nth = 1,
			      .action = FAULT_ERROR,
			      .error = -ENOSPC,
			      .delay_ns = 3 * MS};
	struct sw *sw = *state;
	struct sw_msg m;

	use_faults(sw, &fault, 1);
	assert_int_equal(sw_once(sw, &m, RPC_FSYNC, sw_file(sw, "f", 0, SRV_FILL_HOLE), 0, 0),
			 -ENOSPC);
	assert_int_equal(m.done_ns, 3 * MS);
}

/* A dropped message does nothing, takes no slot, and times out on the client. */
static void test_drop_timeout(void **state)
{
	struct fault fault = {.on = ON(RPC_WRITE),
			      .client = UINT32_MAX,
			      .nth = 1,
			      .count = 1,
			      .action = FAULT_DROP,
			      .timeout_ns = 5000,
			      .delay_ns = 7};
	struct sw *sw = *state;
	struct server_file *f;
	struct sw_msg m, next;

	sw->config.slots = 1;
	sw->link.latency = sw_constant(100);
	use_faults(sw, &fault, 1);
	f = sw_file(sw, "f", 0, SRV_FILL_HOLE);
	server_file_get(f);
	sw_send(sw, &m, 0, RPC_WRITE, f, 0, 10);
	sw_send(sw, &next, 0, RPC_WRITE, f, 0, 5);
	sw_run(sw);
	assert_int_equal(next.done_ns, 200);
	assert_int_equal(m.done_ns, 5007);
	assert_int_equal(m.rpc.error, -ETIMEDOUT);
	assert_int_equal(m.iter.count, 10);
	assert_int_equal(f->size, 5);
	assert_int_equal(f->refs, 1);
}

/* The time-out counts from the sending: it may be over when the message would have arrived. */
static void test_drop_timeout_early(void **state)
{
	struct fault fault = {.on = ON(RPC_FSYNC),
			      .client = UINT32_MAX,
			      .nth = 1,
			      .action = FAULT_DROP,
			      .timeout_ns = 50};
	struct sw *sw = *state;
	struct sw_msg m;

	sw->link.latency = sw_constant(100);
	use_faults(sw, &fault, 1);
	assert_int_equal(sw_once(sw, &m, RPC_FSYNC, sw_file(sw, "f", 0, SRV_FILL_HOLE), 0, 0),
			 -ETIMEDOUT);
	assert_int_equal(m.done_ns, 100);
}

static void call_once(void *arg)
{
	server_call(&((struct sw_msg *)arg)->rpc);
}

/* Without a time-out the world hangs, and the report names the message and the rule. */
static void test_drop_hang(void **state)
{
	struct fault fault = {.label = "lost upload",
			      .on = ON(RPC_WRITE),
			      .client = UINT32_MAX,
			      .nth = 1,
			      .action = FAULT_DROP};
	struct sw *sw = *state;
	struct sim_buf report = {0};
	struct sw_msg m;

	sw->world.site_name = model_site_name;
	use_faults(sw, &fault, 1);
	sw_msg(sw, &m, 2, RPC_WRITE, sw_file(sw, "f", 0, SRV_FILL_HOLE), 0x1000, 0x200);
	m.rpc.rreq = 0x1f;
	m.rpc.index = 3;
	sim_spawn(sw->w, "writer", call_once, &m);
	assert_int_equal(sim_world_run(sw->w), SIM_END_HANG);
	sim_hang_report(sw->w, &report);
	assert_non_null(strstr(report.data, "writer"));
	assert_non_null(strstr(report.data, "server_wait_reply"));
	assert_non_null(strstr(report.data,
			       "message 1 of client 2: write of f [0x1000, 0x1200) for "
			       "R=0000001f[3], dropped by a fault without time-out (lost upload)"));
	sim_buf_free(&report);
}

/* ---- which messages ---- */

/* Send n messages; bit i of the result says that message i failed. */
static uint32_t failures(struct sw *sw, unsigned n, enum rpc_op op, struct server_file *f)
{
	uint32_t failed = 0;

	for (unsigned i = 0; i < n; i++) {
		struct sw_msg m;

		failed |= (uint32_t)(sw_once(sw, &m, op, f, 0, 10) != 0) << i;
	}
	return failed;
}

static struct fault eio(uint32_t on)
{
	return (struct fault){
		.on = on, .client = UINT32_MAX, .nth = 1, .action = FAULT_ERROR, .error = -EIO};
}

/* nth and count: that one, so many in a row, all from there on. */
static void test_nth(void **state)
{
	struct fault faults[3] = {eio(ON(RPC_GETATTR)), eio(ON(RPC_READ)), eio(ON(RPC_FSYNC))};
	struct sw *sw = *state;
	struct server_file *f;

	faults[0].nth = 3;
	faults[0].count = 1;
	faults[1].nth = 2;
	faults[1].count = 4;
	faults[2].nth = 5;
	use_faults(sw, faults, 3);
	f = sw_file(sw, "f", 0, SRV_FILL_HOLE);
	assert_int_equal(failures(sw, 8, RPC_GETATTR, f), 1 << 2);
	assert_int_equal(failures(sw, 8, RPC_READ, f), 0xf << 1);
	assert_int_equal(failures(sw, 8, RPC_FSYNC, f), 0xf << 4);
	assert_int_equal(failures(sw, 8, RPC_CLOSE, f), 0);
	assert_int_equal(faults[0].seen, 8);
	assert_int_equal(faults[1].fired, 4);
	assert_int_equal(faults[2].ordinal, 2);
}

/* File by name or by reference, client. */
static void test_whose(void **state)
{
	struct fault faults[3] = {eio(ON(RPC_READ) | ON(RPC_LOOKUP)), eio(ON(RPC_FSYNC)),
				  eio(ON(RPC_CLOSE))};
	struct sw *sw = *state;
	struct server_file *f, *g;
	struct sw_msg m;

	faults[0].file_name = "g";
	faults[2].client = 1;
	use_faults(sw, faults, 3);
	f = sw_file(sw, "f", 0, SRV_FILL_HOLE);
	g = sw_file(sw, "g", 0, SRV_FILL_HOLE);
	faults[1].file = f;
	assert_int_equal(failures(sw, 2, RPC_READ, f), 0);
	assert_int_equal(failures(sw, 2, RPC_READ, g), 3);
	sw_msg(sw, &m, 0, RPC_LOOKUP, NULL, 0, 0)->name = "g";
	m.rpc.done = sw_done;
	server_send(&m.rpc);
	sw_run(sw);
	assert_int_equal(m.rpc.error, -EIO);
	assert_null(m.rpc.result);
	assert_int_equal(failures(sw, 2, RPC_FSYNC, f), 3);
	assert_int_equal(failures(sw, 2, RPC_FSYNC, g), 0);
	assert_int_equal(failures(sw, 2, RPC_CLOSE, f), 0);
	sw_send(sw, &m, 1, RPC_CLOSE, f, 0, 0);
	sw_run(sw);
	assert_int_equal(m.rpc.error, -EIO);
}

/* A range is half open; messages that touch no bytes are outside of every range. */
static void test_range(void **state)
{
	struct fault fault = eio(ON(RPC_READ) | ON(RPC_SETATTR) | ON(RPC_FSYNC));
	struct sw *sw = *state;
	struct server_file *f;
	struct sw_msg m;

	fault.range_start = 100;
	fault.range_end = 200;
	use_faults(sw, &fault, 1);
	f = sw_file(sw, "f", 1000, SRV_FILL_DATA);
	assert_int_equal(sw_once(sw, &m, RPC_READ, f, 0, 100), 0);
	assert_int_equal(sw_once(sw, &m, RPC_READ, f, 0, 101), -EIO);
	assert_int_equal(sw_once(sw, &m, RPC_READ, f, 199, 100), -EIO);
	assert_int_equal(sw_once(sw, &m, RPC_READ, f, 200, 100), 0);
	assert_int_equal(sw_once(sw, &m, RPC_READ, f, 150, 0), 0);
	assert_int_equal(sw_once(sw, &m, RPC_FSYNC, f, 0, 0), 0);
	assert_int_equal(sw_once(sw, &m, RPC_SETATTR, f, 200, 0), 0);
	assert_int_equal(sw_once(sw, &m, RPC_SETATTR, f, 100, 0), -EIO);
	assert_int_equal(fault.seen, 3);
}

/* The first rule that would strike does; the others count all the same. */
static void test_first_wins(void **state)
{
	struct fault faults[2] = {eio(ON(RPC_FSYNC)), eio(ON(RPC_FSYNC))};
	struct sw *sw = *state;
	struct server_file *f;
	struct sw_msg m;

	faults[0].nth = faults[0].count = 1;
	faults[1].nth = 1;
	faults[1].count = 2;
	faults[1].error = -ENOSPC;
	use_faults(sw, faults, 2);
	f = sw_file(sw, "f", 0, SRV_FILL_HOLE);
	assert_int_equal(sw_once(sw, &m, RPC_FSYNC, f, 0, 0), -EIO);
	assert_int_equal(sw_once(sw, &m, RPC_FSYNC, f, 0, 0), -ENOSPC);
	assert_int_equal(sw_once(sw, &m, RPC_FSYNC, f, 0, 0), 0);
	assert_int_equal(faults[0].seen, 3);
	assert_int_equal(faults[0].fired, 1);
	assert_int_equal(faults[1].seen, 3);
	assert_int_equal(faults[1].fired, 1);
}

/* Probabilities: the extremes are exact, others hit about as often, rules draw independently. */
static void test_probability(void **state)
{
	struct fault faults[4] = {eio(ON(RPC_FSYNC)), eio(ON(RPC_CLOSE)), eio(ON(RPC_GETATTR)),
				  eio(ON(RPC_OPEN))};
	static const uint64_t num[4] = {0, 1, 1, 1}, den[4] = {1, 1, 4, 4};
	struct sw *sw = *state;
	struct server_file *f;
	unsigned differ = 0;

	for (unsigned i = 0; i < 4; i++) {
		faults[i].nth = 0;
		faults[i].num = num[i];
		faults[i].den = den[i];
	}
	sw->world.seed = 4;
	use_faults(sw, faults, 4);
	f = sw_file(sw, "f", 0, SRV_FILL_HOLE);
	for (unsigned i = 0; i < 64; i++) {
		assert_int_equal(failures(sw, 16, RPC_FSYNC, f), 0);
		assert_int_equal(failures(sw, 16, RPC_CLOSE, f), 0xffff);
		differ += failures(sw, 16, RPC_GETATTR, f) != failures(sw, 16, RPC_OPEN, f);
	}
	assert_in_range(faults[2].fired, 200, 312);
	assert_in_range(faults[3].fired, 200, 312);
	assert_true(differ > 50);
}

/* Two rules of even odds for the same messages: the second has its turn when the first misses. */
static void test_probability_of_rules(void **state)
{
	struct fault faults[2] = {eio(ON(RPC_FSYNC)), eio(ON(RPC_FSYNC))};
	struct sw *sw = *state;

	for (unsigned i = 0; i < 2; i++) {
		faults[i].nth = 0;
		faults[i].num = 1;
		faults[i].den = 2;
	}
	use_faults(sw, faults, 2);
	for (unsigned i = 0; i < 32; i++)
		failures(sw, 16, RPC_FSYNC, sw_file(sw, "f", 0, SRV_FILL_HOLE));
	assert_in_range(faults[0].fired, 200, 312);
	assert_in_range(faults[1].fired, 80, 176);
}

/* ---- traces ---- */

struct strikes {
	struct sim_trace_sink sink;
	unsigned nr;
	uint64_t rule, action, op, len;
	int64_t error;
};

static void note_strike(struct sim_trace_sink *sink, const struct sim_trace_record *rec)
{
	struct strikes *s = sim_container_of(sink, struct strikes, sink);

	if (rec->event != &model_events[EVENT_sim_fault])
		return;
	s->nr++;
	s->rule = rec->value[0].u;
	s->action = rec->value[1].u;
	s->op = rec->value[2].u;
	s->len = rec->value[6].u;
	s->error = rec->value[7].s;
}

static void test_trace(void **state)
{
	struct fault faults[2] = {eio(ON(RPC_READ)), eio(ON(RPC_UNLINK))};
	struct sw *sw = *state;
	struct strikes st = {.sink.record = note_strike};
	struct server_file *f;
	struct sw_msg m;

	faults[1].action = FAULT_DELAY;
	sw->world.trace = sim_trace_new(model_events, NR_EVENTS);
	sim_trace_add_sink(sw->world.trace, &st.sink);
	use_faults(sw, faults, 2);
	f = sw_file(sw, "f", 0, SRV_FILL_HOLE);
	sw_once(sw, &m, RPC_READ, f, 0, 77);
	assert_int_equal(st.nr, 1);
	assert_int_equal(st.rule, 0);
	assert_int_equal(st.action, SIM_FAULT_ERROR);
	assert_int_equal(st.op, SIM_RPC_READ);
	assert_int_equal(st.len, 77);
	assert_int_equal(st.error, -EIO);
	sw_once(sw, &m, RPC_UNLINK, f, 0, 0);
	assert_int_equal(st.nr, 2);
	assert_int_equal(st.rule, 1);
	assert_int_equal(st.action, SIM_FAULT_DELAY);
	assert_int_equal(st.op, SIM_RPC_UNLINK);
	assert_int_equal(st.error, 0);
	assert_int_equal(m.rpc.error, 0);
	sim_world_free(sw->w);
	sim_trace_free(sw->world.trace);
	sw->w = NULL;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SW_TEST(test_error),
		SW_TEST(test_short),
		SW_TEST(test_delay),
		SW_TEST(test_late_error),
		SW_TEST(test_drop_timeout),
		SW_TEST(test_drop_timeout_early),
		SW_TEST(test_drop_hang),
		SW_TEST(test_nth),
		SW_TEST(test_whose),
		SW_TEST(test_range),
		SW_TEST(test_first_wins),
		SW_TEST(test_probability),
		SW_TEST(test_probability_of_rules),
		SW_TEST(test_trace),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
