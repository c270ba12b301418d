/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From the fields of a scenario to the model of its world: design, server, clients, files. */
/* Mirrors: no kernel file. */
#include "model/scenario/run_impl.h"

#define P9_IOHDRSZ 24 /* bytes of a 9P message besides its data */

static void build_design(const struct scenario *scn, struct design *d)
{
	const struct scn_design *from = &scn->design;

	*d = (struct design){
		.generation = from->generation,
		.zero_point = from->zero_point,
		.perform_write = from->perform_write,
		.writeback_runs = from->writeback_runs,
		.write_streaming = from->write_streaming,
		.large_folios = from->large_folios,
		.write_through = from->write_through,
		.variable_wsize = from->variable_wsize,
		.teardown = from->teardown,
		.cache_copy = from->cache_copy,
		.unbuffered = from->unbuffered,
		.class_locking = from->class_locking,
		.direct_io = from->direct_io,
		.write_grouping = from->write_grouping,
		.bounce_buffer = from->bounce_buffer,
		.crypto_block = (uint32_t)from->crypto.block,
		.crypto_assert_version = from->crypto.assert_version,
	};
	for (size_t i = 0; i < from->bugs.n; i++) {
		enum bug_id id = *sim_conf_item(&from->bugs, enum bug_id, i);

		if (id == NR_BUGS)
			bug_set_add_released(&d->bugs, from->generation);
		else
			bug_set_add(&d->bugs, id);
	}
}

static void build_faults(struct run_state *rs)
{
	const struct sim_conf_list *list = &rs->scn->faults;

	rs->faults = sim_alloc_array(rs->arena, list->n + 1, sizeof(*rs->faults));
	for (size_t i = 0; i < list->n; i++) {
		const struct scn_fault *f = sim_conf_item(list, struct scn_fault, i);
		const struct scn_fault_do *d = &f->action;

		rs->faults[i] = (struct fault){
			.label = f->label,
			.on = (uint32_t)f->on,
			.file_name = f->file,
			.client = f->has_client ? (uint32_t)f->client : UINT32_MAX,
			.nth = f->nth,
			.count = f->count,
			.num = f->probability.num,
			.den = f->probability.den,
			.range_start = f->len ? f->at : 0,
			.range_end = f->len ? f->at + f->len : 0,
			.action = d->drop             ? FAULT_DROP
				  : d->has_disconnect ? FAULT_DISCONNECT
				  : d->has_short      ? FAULT_SHORT
				  : d->error          ? FAULT_ERROR
						      : FAULT_DELAY,
			.error = -d->error,
			.bytes = d->bytes,
			.delay_ns = d->delay_ns + d->after_ns + d->disconnect_ns,
			.timeout_ns = d->timeout_ns,
			.ordinal = (uint32_t)i,
		};
	}
}

static void build_server(struct run_state *rs)
{
	const struct scenario *scn = rs->scn;
	const struct scn_server *s = &scn->server;
	struct server_config config = {
		.slots = (uint32_t)s->slots,
		.disk_read = s->disk_read,
		.disk_write = s->disk_write,
		.rsize_max = s->rsize,
		.wsize_max = s->wsize,
		.capacity = s->capacity,
		.message_overhead = s->message_overhead,
		.silent = !s->notify,
		.locked_writes_only = s->locked_writes_only,
		.break_timeout_ns = s->break_timeout,
	};
	struct link_config *links =
		sim_alloc_array(rs->arena, scn->clients, sizeof(struct link_config));

	for (unsigned op = 0; op < NR_RPC_OPS; op++)
		config.service[op] = s->service.op[op];
	for (uint64_t i = 0; i < scn->clients; i++)
		links[i] = (struct link_config){
			.latency = s->latency,
			.bandwidth_up = s->bandwidth_up,
			.bandwidth_down = s->bandwidth_down,
		};
	build_faults(rs);
	server_init(rs->model, &config, links, (unsigned)scn->clients, rs->faults,
		    (uint32_t)scn->faults.n);
}

void run_build_files(struct run_state *rs)
{
	static const enum srv_fill fills[] = {
		[ON_SERVER_DATA] = SRV_FILL_DATA,
		[ON_SERVER_ZERO] = SRV_FILL_ZERO,
		[ON_SERVER_HOLE] = SRV_FILL_HOLE,
	};
	const struct sim_conf_map *files = &rs->scn->files;

	for (size_t i = 0; i < files->n; i++) {
		const struct scn_file *f = sim_conf_item(files, struct scn_file, i);
		int err = 0;

		if (f->on_server == ON_SERVER_ABSENT)
			continue;
		srv_create(rs->model->server, files->keys[i], f->size, fills[f->on_server], &err);
		if (err)
			run_fail(rs, "file %s does not fit on the server", files->keys[i]);
	}
}

static void build_cache(const struct scn_cache *from, struct cache_config *config)
{
	*config = (struct cache_config){
		.block = (uint32_t)from->block,
		.issue = from->issue,
		.read_latency = from->read_latency,
		.write_latency = from->write_latency,
		.allocate = from->allocate,
		.bandwidth = from->bandwidth,
		.lookup_ns = from->lookup_ns,
		.create_ns = from->create_ns,
		.lru_timeout_ns = from->lru_timeout_ns,
		.capacity = from->size,
		.cull = from->cull,
	};
}

static void mount_client(const struct scenario *scn, struct client *c)
{
	const struct scn_mount *m = scn_mount(scn, c->id);
	struct mount_config config = {.fs = m->fs};

	mount_config_defaults(&config);
	if (m->msize)
		config.msize = m->msize;
	if (m->iounit)
		config.iounit = m->iounit;
	if (m->has_cache)
		config.cache = m->cache;
	build_cache(&scn->cache, &config.fscache);
	if (m->fs == FS_9P) {
		if (m->rsize || m->wsize)
			config.msize = (m->rsize ? m->rsize : m->wsize) + P9_IOHDRSZ;
	} else {
		config.rsize = m->rsize ? m->rsize : config.rsize;
		config.wsize = m->wsize ? m->wsize : config.wsize;
		config.credits = (uint32_t)m->credits;
		config.closetimeo_ns = m->closetimeo_ns;
		config.max_segments = (uint32_t)m->max_segments;
	}
	if (m->stripe_unit)
		config.stripe_unit = m->stripe_unit;
	if (m->has_readahead) {
		config.ra_pages = (uint32_t)(m->readahead / PAGE_SIZE);
		config.no_readahead = !m->readahead;
	}
	config.sync = m->sync;
	config.fsc = m->fsc;
	if (m->has_large_folios)
		config.large_folios = m->large_folios;
	config.large_folios = config.large_folios && scn->design.large_folios;
	mount_fs(c, &config);
}

static void build_clients(struct run_state *rs)
{
	const struct scn_memory *m = &rs->scn->memory;
	struct mm_config mm = {
		.total_bytes = m->total,
		.dirty_background_ratio = (uint32_t)m->dirty_background_ratio,
		.dirty_ratio = (uint32_t)m->dirty_ratio,
		.dirty_background_bytes = m->dirty_background_bytes,
		.dirty_bytes = m->dirty_bytes,
		.dirty_writeback_interval_ns = m->writeback_interval_ns,
		.dirty_expire_interval_ns = m->expire_interval_ns,
		.max_folio_order = (uint32_t)m->max_folio_order,
		.min_free_bytes = m->min_free,
		.copy_bandwidth = m->copy_bandwidth,
	};
	struct model *model = rs->model;
	unsigned n = (unsigned)rs->scn->clients;

	model->clients = sim_alloc_array(rs->arena, n, sizeof(*model->clients));
	rs->clients = sim_alloc_array(rs->arena, n, sizeof(*rs->clients));
	for (model->nr_clients = 0; model->nr_clients < n; model->nr_clients++) {
		struct client *c = client_new(model, model->nr_clients, &mm);

		model->clients[model->nr_clients] = c;
		mount_client(rs->scn, c);
		rs->clients[model->nr_clients].client = c;
		sim_list_init(&rs->clients[model->nr_clients].open);
		sim_list_init(&rs->clients[model->nr_clients].maps);
	}
}

void run_build_model(struct run_state *rs)
{
	const struct scn_costs *from = &rs->scn->costs;
	struct costs costs = {
		.syscall_ns = from->syscall_ns,
		.copy_page_ns = from->copy_page_ns,
		.folio_ns = from->folio_ns,
		.request_ns = from->request_ns,
		.subrequest_ns = from->subrequest_ns,
		.rpc_ns = from->rpc_ns,
		.crypt_page_ns = from->crypt_page_ns,
	};
	struct design design;

	build_design(rs->scn, &design);
	rs->model = model_new(rs->w, &design, &costs);
	rs->model->scenario = rs;
	rs->model->nr_cpus = (unsigned)rs->scn->cpus;
	build_server(rs);
	build_clients(rs);
}
