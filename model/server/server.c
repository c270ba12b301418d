/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Setting up the server, and the names of what it does.
 *
 * Mirrors: no kernel file.
 */
#include "model/server/private.h"

#define FIRST_INO 2u /* 1 is the root */

void server_init(struct model *m, const struct server_config *config,
		 const struct link_config *links, unsigned nr_clients, struct fault *faults,
		 uint32_t nr_faults)
{
	struct sim_arena *arena = m->w->arena;
	struct server *s = sim_alloc(arena, sizeof(*s));
	struct server_private *p = sim_alloc(arena, sizeof(*p));

	m->server = s;
	s->model = m;
	s->config = *config;
	s->priv = p;
	s->next_ino = FIRST_INO;
	s->faults = faults;
	s->nr_faults = nr_faults;
	sim_list_init(&s->files);
	sim_list_init(&s->waiting);
	sim_list_init(&s->breaking);
	sim_list_init(&s->flushing);
	s->links = sim_alloc_array(arena, nr_clients, sizeof(*s->links));
	for (unsigned i = 0; i < nr_clients; i++) {
		s->links[i].latency = links[i].latency;
		server_pipe_init(&s->links[i].up, links[i].bandwidth_up);
		server_pipe_init(&s->links[i].down, links[i].bandwidth_down);
		sim_list_init(&s->links[i].flight);
	}
	for (uint32_t i = 0; i < nr_faults; i++) {
		faults[i].ordinal = i;
		faults[i].seen = faults[i].fired = 0;
	}
	p->nr_clients = nr_clients;
	sim_pool_init(&p->files, arena, sizeof(struct server_file));
	server_calls_init(s);
	server_watches_init(s);
	server_leases_init(s);
	server_objects_init(s);
	server_snaps_init(s);
	server_opens_init(s);
	sim_names_init(&s->priv->names, s->model->w->arena);
	server_pipe_init(&p->disk_read, config->disk_read);
	server_pipe_init(&p->disk_write, config->disk_write);
	p->site_up = sim_site("server.latency.up");
	p->site_service = sim_site("server.service");
	p->site_down = sim_site("server.latency.down");
	p->site_fault = sim_site("server.fault");
	p->site_note = sim_site("server.latency.note");
}

_Static_assert((int)SIM_RPC_LOOKUP == RPC_LOOKUP && (int)SIM_RPC_UNLINK == RPC_UNLINK,
	       "traces name messages in the order of enum rpc_op");

const char *rpc_op_name(enum rpc_op op)
{
	static const char *const name[NR_RPC_OPS] = {
		[RPC_LOOKUP] = "lookup",       [RPC_CREATE] = "create",
		[RPC_OPEN] = "open",           [RPC_CLOSE] = "close",
		[RPC_GETATTR] = "getattr",     [RPC_SETATTR] = "setattr",
		[RPC_READ] = "read",           [RPC_WRITE] = "write",
		[RPC_FSYNC] = "fsync",         [RPC_UNLINK] = "unlink",
		[RPC_LEASE] = "lease",         [RPC_MKSNAP] = "mksnap",
		[RPC_FLUSHSNAP] = "flushsnap", [RPC_LOCK] = "lock",
		[RPC_FALLOCATE] = "fallocate", [RPC_FLUSH] = "flush",
	};

	return name[op];
}

const char *rpc_file_name(const struct rpc *rpc)
{
	return rpc->name ? rpc->name : rpc->file->name;
}
