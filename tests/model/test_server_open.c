/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Handles of the server: byte-range locks that are mandatory, leases and their breaks, and what is
 * left of both when a connection breaks.
 */
#include "tests/model/server_world.h"

#define LATENCY (100 * US)

struct told {
	unsigned nr;
	uint32_t left;
};

static void on_break(void *holder, uint32_t left)
{
	struct told *told = holder;

	told->nr++;
	told->left = left;
}

static void start(struct sw *sw)
{
	sw->link.latency = sw_constant(LATENCY);
	sw_start(sw);
	sw_touch(sw, 0, 1 << 16);
}

/* Send a message by a handle; it may not be answered yet when this returns. */
static void send(struct sw *sw, struct sw_msg *m, unsigned client, enum rpc_op op,
		 struct server_open *open, struct server_file *f, uint32_t flags, uint64_t at,
		 uint64_t len)
{
	sw_msg(sw, m, client, op, f, at, len)->done = sw_done;
	m->rpc.open = open;
	m->rpc.flags = flags;
	m->rpc.lease_bits = op == RPC_OPEN ? LEASE_READ | LEASE_WRITE : 0;
	server_send(&m->rpc);
	sw_run(sw);
}

static int by_handle(struct sw *sw, struct server_open *open, enum rpc_op op, uint32_t flags,
		     uint64_t at, uint64_t len)
{
	struct sw_msg m;

	send(sw, &m, open->client->id, op, open, open->file, flags, at, len);
	assert_true(m.done_ns > 0);
	return m.rpc.error;
}

/* Open it; returns the lease. */
static uint32_t open_file(struct sw *sw, struct server_open *open, unsigned client,
			  struct server_file *f, struct told *told)
{
	struct sw_msg m;

	*open = (struct server_open){.lease_break = on_break, .holder = told};
	send(sw, &m, client, RPC_OPEN, open, f, 0, 0, 0);
	assert_true(m.done_ns > 0);
	assert_int_equal(m.rpc.error, 0);
	return m.rpc.lease_bits;
}

/* Two clients without leases. */
static void open_two(struct sw *sw, struct server_open *a, struct server_open *b)
{
	static struct told nobody;
	struct server_file *f;

	start(sw);
	f = sw_file(sw, "f", 1000, SRV_FILL_DATA);
	sw->s->config.silent = true;
	open_file(sw, a, 0, f, &nobody);
	open_file(sw, b, 1, f, &nobody);
}

static void test_locks_are_mandatory(void **state)
{
	struct sw *sw = *state;
	struct server_open a, b;

	open_two(sw, &a, &b);
	assert_int_equal(by_handle(sw, &a, RPC_LOCK, 0, 100, 200), 0);
	assert_int_equal(by_handle(sw, &b, RPC_WRITE, 0, 0, 100), 0);
	assert_int_equal(by_handle(sw, &b, RPC_WRITE, 0, 99, 2), -EACCES);
	assert_int_equal(by_handle(sw, &b, RPC_WRITE, 0, 299, 1), -EACCES);
	assert_int_equal(by_handle(sw, &b, RPC_READ, 0, 250, 100), -EACCES);
	assert_int_equal(by_handle(sw, &b, RPC_WRITE, 0, 300, 100), 0);
	assert_int_equal(by_handle(sw, &b, RPC_LOCK, RPC_SHARED, 150, 1), -EACCES);
	assert_int_equal(by_handle(sw, &a, RPC_WRITE, 0, 100, 200), 0);
	assert_int_equal(by_handle(sw, &a, RPC_LOCK, RPC_UNLOCK, 100, 100), -EIO);
	assert_int_equal(by_handle(sw, &a, RPC_LOCK, RPC_UNLOCK, 100, 200), 0);
	assert_int_equal(by_handle(sw, &b, RPC_WRITE, 0, 99, 2), 0);
}

/* Everybody may read what is locked shared, nobody may write to it. */
static void test_shared_locks(void **state)
{
	struct sw *sw = *state;
	struct server_open a, b;

	open_two(sw, &a, &b);
	assert_int_equal(by_handle(sw, &a, RPC_LOCK, RPC_SHARED, 0, 10), 0);
	assert_int_equal(by_handle(sw, &b, RPC_LOCK, RPC_SHARED, 5, 10), 0);
	assert_int_equal(by_handle(sw, &b, RPC_READ, 0, 0, 10), 0);
	assert_int_equal(by_handle(sw, &b, RPC_WRITE, 0, 0, 1), -EACCES);
	assert_int_equal(by_handle(sw, &a, RPC_WRITE, 0, 0, 1), -EACCES);
	assert_int_equal(by_handle(sw, &b, RPC_LOCK, 0, 0, 1), -EACCES);
	assert_int_equal(by_handle(sw, &a, RPC_CLOSE, 0, 0, 0), 0);
	assert_int_equal(by_handle(sw, &b, RPC_LOCK, 0, 0, 5), 0);
}

static void test_only_locked_writes(void **state)
{
	struct sw *sw = *state;
	struct server_open a, b;

	sw->config.locked_writes_only = true;
	open_two(sw, &a, &b);
	assert_int_equal(by_handle(sw, &a, RPC_WRITE, 0, 0, 10), -EACCES);
	assert_int_equal(by_handle(sw, &a, RPC_LOCK, 0, 0, 10), 0);
	assert_int_equal(by_handle(sw, &a, RPC_LOCK, 0, 10, 10), 0);
	assert_int_equal(by_handle(sw, &a, RPC_WRITE, 0, 5, 15), 0);
	assert_int_equal(by_handle(sw, &a, RPC_WRITE, 0, 5, 16), -EACCES);
}

/* A lease to write is waited for, one to read is not. */
static void test_breaks(void **state)
{
	struct sw *sw = *state;
	struct told told[2] = {{0}};
	struct server_open a, b = {.lease_break = on_break, .holder = &told[1]};
	struct server_file *f;
	struct sw_msg m, ack;

	start(sw);
	f = sw_file(sw, "f", 1000, SRV_FILL_DATA);
	assert_int_equal(open_file(sw, &a, 0, f, &told[0]), LEASE_READ | LEASE_WRITE);
	send(sw, &m, 1, RPC_OPEN, &b, f, 0, 0, 0);
	assert_int_equal(m.done_ns, 0);
	assert_int_equal(told[0].nr, 1);
	assert_int_equal(told[0].left, LEASE_READ);
	assert_true(server_is_telling(f, &sw->client[0]));
	server_oplock_told(f, &sw->client[0]);
	assert_false(server_is_telling(f, &sw->client[0]));
	/* What its holder writes back goes through. */
	assert_int_equal(by_handle(sw, &a, RPC_WRITE, 0, 0, 10), 0);
	assert_int_equal(m.done_ns, 0);
	send(sw, &ack, 0, RPC_LEASE, NULL, f, 0, 0, 0);
	assert_true(m.done_ns > 0);
	assert_int_equal(m.rpc.lease_bits, LEASE_READ);

	assert_int_equal(by_handle(sw, &b, RPC_WRITE, 0, 0, 10), 0);
	assert_int_equal(told[0].nr, 2);
	assert_int_equal(told[0].left, 0);
	assert_int_equal(told[1].nr, 0);
	assert_int_equal(server_oplock_left(f, &sw->client[0]), 0);
	assert_int_equal(server_oplock_left(f, &sw->client[1]), LEASE_READ);
	by_handle(sw, &b, RPC_CLOSE, 0, 0, 0);
	assert_int_equal(server_oplock_left(f, &sw->client[1]), 0);
}

static void test_break_times_out(void **state)
{
	struct sw *sw = *state;
	struct told told[2] = {{0}};
	struct server_open a, b = {.lease_break = on_break, .holder = &told[1]};
	struct server_file *f;
	struct sw_msg m;

	sw->config.break_timeout_ns = 35 * MS;
	start(sw);
	f = sw_file(sw, "f", 1000, SRV_FILL_DATA);
	open_file(sw, &a, 0, f, &told[0]);
	send(sw, &m, 1, RPC_OPEN, &b, f, 0, 0, 0);
	assert_int_equal(m.done_ns, 2 * LATENCY + LATENCY + 35 * MS + LATENCY);
	assert_int_equal(m.rpc.lease_bits, LEASE_READ);
}

/* ---- connections that break ---- */

static struct fault getattr_breaks(uint64_t down_ns)
{
	return (struct fault){.on = 1u << RPC_GETATTR,
			      .client = UINT32_MAX,
			      .nth = 1,
			      .count = 1,
			      .action = FAULT_DISCONNECT,
			      .delay_ns = down_ns};
}

/* A write is being served, a read waits for its slot, a getattr breaks the connection. */
static void break_connection(struct sw *sw, struct fault *fault, struct server_file **f,
			     struct sw_msg *write, struct sw_msg *read, struct sw_msg *getattr,
			     bool datagrams)
{
	*fault = getattr_breaks(10 * MS);
	sw->faults = fault;
	sw->nr_faults = 1;
	sw->config.slots = 1;
	sw->config.service[RPC_WRITE] = sw_constant(MS);
	start(sw);
	*f = sw_file(sw, "f", 1000, SRV_FILL_DATA);
	server_set_datagrams(&sw->client[0], datagrams);
	sw_send(sw, write, 0, RPC_WRITE, *f, 0, 10);
	sw_send(sw, read, 0, RPC_READ, *f, 0, 10);
	sw_send(sw, getattr, 0, RPC_GETATTR, *f, 0, 0);
	sw_run(sw);
}

static void test_tcp_connection_breaks(void **state)
{
	struct sw *sw = *state;
	struct sw_msg write, read, getattr;
	struct server_file *f;
	struct fault fault;

	break_connection(sw, &fault, &f, &write, &read, &getattr, false);
	assert_int_equal(write.rpc.error, -ECONNRESET);
	assert_int_equal(read.rpc.error, -ECONNRESET);
	assert_int_equal(getattr.rpc.error, -ECONNRESET);
	assert_int_equal(getattr.done_ns, LATENCY);
	/* It was done all the same. */
	assert_int_equal(sw->s->bytes_written, 10);
	assert_int_equal(sw->s->bytes_read, 0);
	assert_int_equal(sw->s->busy, 0);
	assert_int_equal(server_nr_disconnects(&sw->client[0]), 1);
	assert_int_equal(server_nr_disconnects(&sw->client[1]), 0);
	/* The link is down. */
	assert_int_equal(sw_once(sw, &read, RPC_READ, f, 0, 10), -ECONNRESET);
}

static void test_datagrams_are_sent_again(void **state)
{
	struct sw *sw = *state;
	struct sw_msg write, read, getattr;
	struct server_file *f;
	struct fault fault;

	break_connection(sw, &fault, &f, &write, &read, &getattr, true);
	assert_int_equal(write.rpc.error, 0);
	assert_int_equal(read.rpc.error, 0);
	assert_int_equal(getattr.rpc.error, 0);
	assert_true(write.done_ns > 10 * MS && read.done_ns > 10 * MS);
	assert_int_equal(sw->s->bytes_written, 10);
}

static void test_handles_go_with_the_connection(void **state)
{
	struct fault fault = getattr_breaks(MS);
	struct sw *sw = *state;
	struct told told[2] = {{0}};
	struct server_open a, b;
	struct server_file *f;
	struct sw_msg m;

	sw->faults = &fault;
	sw->nr_faults = 1;
	start(sw);
	f = sw_file(sw, "f", 1000, SRV_FILL_DATA);
	open_file(sw, &a, 0, f, &told[0]);
	assert_int_equal(by_handle(sw, &a, RPC_LOCK, 0, 0, 1000), 0);
	assert_int_equal(sw_once(sw, &m, RPC_GETATTR, f, 0, 0), -ECONNRESET);
	assert_false(a.live);
	/* Nobody is asked for the lease. */
	assert_int_equal(open_file(sw, &b, 1, f, &told[1]), LEASE_READ | LEASE_WRITE);
	assert_int_equal(told[0].nr, 0);
	assert_int_equal(by_handle(sw, &b, RPC_LOCK, 0, 0, 1000), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SW_TEST(test_locks_are_mandatory),
		SW_TEST(test_shared_locks),
		SW_TEST(test_only_locked_writes),
		SW_TEST(test_breaks),
		SW_TEST(test_break_times_out),
		SW_TEST(test_tcp_connection_breaks),
		SW_TEST(test_datagrams_are_sent_again),
		SW_TEST(test_handles_go_with_the_connection),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
