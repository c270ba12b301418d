/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A small world with a server for tests: clients that are nothing but an end of a link. */
#ifndef TESTS_MODEL_SERVER_WORLD_H
#define TESTS_MODEL_SERVER_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <string.h>

#include "model/server/server.h"
#include "sim/base/math.h"

#define SW_CLIENTS 3
#define US         SIM_NS_PER_US
#define MS         SIM_NS_PER_MS

struct sw {
	/* Set these before sw_start(). */
	struct sim_world_config world;
	struct server_config config;
	struct link_config link; /* of every client */
	struct fault *faults;
	uint32_t nr_faults;

	struct sim_world *w;
	struct model model;
	struct server *s;
	struct client client[SW_CLIENTS];
	struct content_map mem; /* memory of all tasks */
	uint64_t extra_clients; /* links without a client */
};

static inline struct sim_law sw_constant(uint64_t value)
{
	return (struct sim_law){.kind = SIM_LAW_CONSTANT, .value = value};
}

static inline struct sim_law sw_uniform(uint64_t min, uint64_t max)
{
	return (struct sim_law){.kind = SIM_LAW_UNIFORM, .min = min, .max = max};
}

static inline void sw_start(struct sw *sw)
{
	unsigned nr = SW_CLIENTS + (unsigned)sw->extra_clients;
	struct link_config *links = sim_xcalloc(nr, sizeof(*links));

	sw->w = sim_world_new(&sw->world);
	sw->w->model = &sw->model;
	sw->model.w = sw->w;
	sw->model.content = content_space_new(sw->w->arena);
	content_map_init(&sw->mem, sw->model.content);
	for (unsigned i = 0; i < SW_CLIENTS; i++) {
		sw->client[i].model = &sw->model;
		sw->client[i].w = sw->w;
		sw->client[i].id = i;
	}
	for (unsigned i = 0; i < nr; i++)
		links[i] = sw->link;
	server_init(&sw->model, &sw->config, links, nr, sw->faults, sw->nr_faults);
	sim_xfree(links);
	sw->s = sw->model.server;
}

static inline struct server_file *sw_file(struct sw *sw, const char *name, uint64_t size,
					  enum srv_fill fill)
{
	int err;
	struct server_file *f = srv_create(sw->s, name, size, fill, &err);

	assert_non_null(f);
	assert_int_equal(err, 0);
	return f;
}

/* A message that is ready to be sent. Data are at off in the memory of all tasks. */
struct sw_msg {
	struct rpc rpc;
	struct iov_iter iter;
	uint64_t done_ns;
	unsigned order; /* 1, 2, ... as they were answered */
	unsigned *answered;
	struct sw *sw;
};

static inline void sw_done(struct rpc *rpc)
{
	struct sw_msg *m = rpc->private;

	assert_null(m->sw->w->current);
	assert_int_equal(m->done_ns, 0);
	m->done_ns = m->sw->w->now_ns;
	if (m->answered)
		m->order = ++*m->answered;
}

static inline struct rpc *sw_msg(struct sw *sw, struct sw_msg *m, unsigned client, enum rpc_op op,
				 struct server_file *f, uint64_t start, uint64_t len)
{
	*m = (struct sw_msg){.sw = sw};
	iov_iter_init(&m->iter, ITER_UBUF, &sw->mem, start, len);
	m->rpc = (struct rpc){.op = op,
			      .client = &sw->client[client],
			      .file = f,
			      .start = start,
			      .len = len,
			      .iter = &m->iter,
			      .private = m};
	return &m->rpc;
}

/* Send it without a task and without waiting. */
static inline void sw_send(struct sw *sw, struct sw_msg *m, unsigned client, enum rpc_op op,
			   struct server_file *f, uint64_t start, uint64_t len)
{
	sw_msg(sw, m, client, op, f, start, len)->done = sw_done;
	server_send(&m->rpc);
}

/* Run until nothing is left to do; returns the time that passed. */
static inline uint64_t sw_run(struct sw *sw)
{
	uint64_t from_ns = sw->w->now_ns;

	assert_int_equal(sim_world_run(sw->w), SIM_END_QUIESCENT);
	sw->w->end = SIM_END_NONE;
	return sw->w->now_ns - from_ns;
}

/* Send one message, run the world dry; the error is returned, m is as it came back. */
static inline int sw_once(struct sw *sw, struct sw_msg *m, enum rpc_op op, struct server_file *f,
			  uint64_t start, uint64_t len)
{
	sw_send(sw, m, 0, op, f, start, len);
	sw_run(sw);
	assert_true(m->rpc.done != NULL);
	return m->rpc.error;
}

/* Name len bytes of memory anew, as a task that writes to it does. */
static inline void sw_touch(struct sw *sw, uint64_t off, uint64_t len)
{
	content_set(&sw->mem, off, len, content_junk(sw->model.content));
}

static inline int sw_setup(void **state)
{
	*state = sim_xcalloc(1, sizeof(struct sw));
	return 0;
}

static inline int sw_teardown(void **state)
{
	struct sw *sw = *state;

	sim_world_free(sw->w);
	sim_xfree(sw);
	return 0;
}

#define SW_TEST(fn) cmocka_unit_test_setup_teardown(fn, sw_setup, sw_teardown)

#endif
