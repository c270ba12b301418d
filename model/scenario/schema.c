/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of a whole scenario file: mount, server, memory, files, tasks, limits. */
/* Mirrors: no kernel file. */
#include "model/scenario/schema_impl.h"

#define REQ .flags = SIM_CONF_REQUIRED

/* ---- mount ---- */

static const struct sim_conf_name fs_names[] = {
	{"9p", FS_9P, "9P2000.L"},
	{"afs", FS_AFS, "kAFS"},
	{"cifs", FS_CIFS, "SMB 3"},
	{"ceph", FS_CEPH, "Ceph"},
	{"nfs", NR_FS_KINDS, "NFS", .refused = "NFS is left out (docs/FIDELITY.md)"},
	{"erofs", NR_FS_KINDS, "erofs over fscache",
	 .refused = "erofs on demand is left out (docs/FIDELITY.md)"},
	{0},
};
static const struct sim_conf_type fs_type =
	SIM_CONF_ENUM_TYPE("filesystem", fs_names, .doc = "A network filesystem.");

static const struct sim_conf_name cache_names[] = {
	{"none", CACHE_NONE, "no page cache for reads and writes"},
	{"readahead", CACHE_READAHEAD, "cached reads"},
	{"mmap", CACHE_MMAP, "as readahead, and mappings can be written to"},
	{"loose", CACHE_LOOSE, "cached reads and writes"},
	{"fscache", CACHE_FSCACHE, "with a local cache; 9P: as loose besides"},
	{"strict", CACHE_STRICT, "as long as the server promises to tell of changes by others"},
	{0},
};
static const struct sim_conf_type cache_type =
	SIM_CONF_ENUM_TYPE("cache mode", cache_names, .doc = "cache= of a mount.");

/* A mode that the filesystem does not have, in words that name those it has. */
static int refuse_cache(struct sim_conf_doc *doc, const struct scn_mount *m, struct sim_err *err)
{
	struct sim_buf modes = {0};

	for (unsigned i = 0; i < NR_CACHE_MODES; i++) {
		if (mount_has_cache_mode(m->fs, cache_names[i].value))
			sim_buf_printf(&modes, "%s%s", modes.len ? ", " : "", cache_names[i].name);
	}
	sim_conf_error_at(doc, &m->cache, err, "this filesystem does not have the mode; it has %s",
			  modes.data);
	sim_buf_free(&modes);
	return -1;
}

static int check_mount(struct sim_conf_doc *doc, void *obj, struct sim_err *err)
{
	struct scn_mount *m = obj;

	m->has_readahead = sim_conf_given(doc, &m->readahead);
	m->has_large_folios = sim_conf_given(doc, &m->large_folios);
	if (m->fs != FS_CIFS && sim_conf_given(doc, &m->credits))
		return sim_conf_error_at(doc, &m->credits, err,
					 "only CIFS has credits; leave it out");
	if (m->fs != FS_CIFS && sim_conf_given(doc, &m->closetimeo_ns))
		return sim_conf_error_at(doc, &m->closetimeo_ns, err,
					 "only CIFS keeps closed files; leave it out");
	if (m->fs != FS_CIFS && m->max_segments)
		return sim_conf_error_at(doc, &m->max_segments, err,
					 "only CIFS has such a limit; leave it out");
	if (m->fs != FS_CIFS && m->fsc)
		return sim_conf_error_at(doc, &m->fsc, err,
					 "only CIFS has it; 9P, AFS and Ceph have cache: fscache");
	if (m->readahead % 4096)
		return sim_conf_error_at(doc, &m->readahead, err,
					 "it is not a whole number of pages; a multiple of 4KiB");
	if (m->stripe_unit && m->fs != FS_CEPH)
		return sim_conf_error_at(doc, &m->stripe_unit, err,
					 "only ceph puts files into objects; leave it out");
	if (m->stripe_unit % 65536)
		return sim_conf_error_at(doc, &m->stripe_unit, err,
					 "objects are stored in pieces; a multiple of 64KiB");
	if (m->fs == FS_9P && m->rsize && m->wsize && m->rsize != m->wsize)
		return sim_conf_error_at(doc, &m->wsize, err,
					 "9P has one limit for reads and writes; give one of rsize "
					 "and wsize, or msize");
	if (m->fs == FS_9P && (m->rsize || m->wsize) && (m->msize || m->iounit))
		return sim_conf_error_at(doc, m->rsize ? &m->rsize : &m->wsize, err,
					 "msize and iounit say it already; leave one out");
	if (m->fs != FS_9P && (sim_conf_given(doc, &m->msize) || sim_conf_given(doc, &m->iounit)))
		return sim_conf_error_at(doc, m->msize ? &m->msize : &m->iounit, err,
					 "only 9P has msize and iounit; rsize and wsize limit the "
					 "messages of others");
	m->has_cache = sim_conf_given(doc, &m->cache);
	if (m->has_cache && !mount_has_cache_mode(m->fs, m->cache))
		return refuse_cache(doc, m, err);
	return 0;
}

#define M(member, ...) SIM_CONF_FIELD(struct scn_mount, member, __VA_ARGS__)
#define LEFT_OUT(key, why)                                                                     \
	SIM_CONF_FIELD_AS(struct scn_mount, left_out, key, &sim_conf_bool, .doc = "Left out.", \
			  .refused = why)
static const struct sim_conf_field mount_fields[] = {
	M(fs, &fs_type, .def = "9p", .doc = "The filesystem."),
	M(cache, &cache_type, OPT,
	  .doc = "What is cached, and how long; absent: 9P loose, the others strict."),
	M(msize, &sim_conf_size, .min = 4096, .max = 1 << 24,
	  .doc = "9P: bytes of a message; absent: 131096."),
	M(iounit, &sim_conf_size, .max = 1 << 24,
	  .doc = "9P: most bytes of data in a message; absent: msize less 24."),
	M(rsize, &sim_conf_size, .min = 4096, .max = 1 << 26,
	  .doc = "Most bytes of a read; absent: AFS 256KiB, CIFS 4MiB, Ceph 64MiB. 9P: of reads "
		 "and writes, instead of msize."),
	M(wsize, &sim_conf_size, .min = 4096, .max = 1 << 26,
	  .doc = "Most bytes of a write, on AFS of write-through alone; absent: AFS 256KiB, CIFS "
		 "4MiB, Ceph 64MiB. 9P: of reads and writes, instead of msize."),
	M(stripe_unit, &sim_conf_size, .min = 65536, .max = 1 << 26,
	  .doc = "Ceph: bytes of a file in one object, a multiple of 64KiB; absent: 4MiB."),
	M(credits, &sim_conf_uint, .def = "512", .min = 1, .max = 65536,
	  .doc = "CIFS: what the server lets the client have in flight; 64KiB of data for each."),
	SIM_CONF_FIELD_AS(
		struct scn_mount, closetimeo_ns, "closetimeo", &sim_conf_time, .def = "1s",
		.doc = "CIFS: a file that was closed under a lease to write stays open on "
		       "the server so long, and who opens it again needs no message; 0: "
		       "it does not."),
	M(max_segments, &sim_conf_uint, .max = 65536,
	  .doc = "CIFS: most segments of memory in a read or write, as SMB Direct has a limit: "
		 "folios of the page cache, of direct I/O pages; 0: no limit."),
	M(readahead, &sim_conf_size, .max = 1 << 28,
	  .doc = "Readahead window; absent: as the filesystem has it."),
	M(fsc, &sim_conf_bool,
	  .doc = "CIFS: -o fsc: with a local cache, whatever cache is; 9P, AFS and Ceph: "
		 "cache: fscache."),
	M(sync, &sim_conf_bool, .doc = "-o sync: every write waits."),
	M(large_folios, &sim_conf_bool,
	  .doc = "Large folios in the page cache; absent: AFS true, 9P false."),
	LEFT_OUT("rdma", "RDMA is left out (docs/FIDELITY.md), but for max_segments"),
	{0},
};
static const struct sim_conf_type mount_type =
	SIM_CONF_STRUCT_TYPE("mount", struct scn_mount, mount_fields, .check = check_mount,
			     .doc = "How the clients have mounted the server.");

/* ---- server ---- */

#define LAW(msg, key)                                                                       \
	SIM_CONF_FIELD_AS(struct scn_service, op[msg], key, &sim_conf_time_law, .def = "0", \
			  .doc = "Time to serve a message of kind " key ", without its data.")
static const struct sim_conf_field service_fields[] = {
	LAW(RPC_LOOKUP, "lookup"),       LAW(RPC_CREATE, "create"),
	LAW(RPC_OPEN, "open"),           LAW(RPC_CLOSE, "close"),
	LAW(RPC_GETATTR, "getattr"),     LAW(RPC_SETATTR, "setattr"),
	LAW(RPC_READ, "read"),           LAW(RPC_WRITE, "write"),
	LAW(RPC_FSYNC, "fsync"),         LAW(RPC_UNLINK, "unlink"),
	LAW(RPC_LEASE, "lease"),         LAW(RPC_MKSNAP, "mksnap"),
	LAW(RPC_FLUSHSNAP, "flushsnap"), LAW(RPC_LOCK, "lock"),
	LAW(RPC_FALLOCATE, "fallocate"), {0},
};
static const struct sim_conf_type service_type =
	SIM_CONF_STRUCT_TYPE("service", struct scn_service, service_fields,
			     .doc = "Service times of the server by kind of message.");

static int check_server(struct sim_conf_doc *doc, void *obj, struct sim_err *err)
{
	struct scn_server *s = obj;

	if (!s->bandwidth)
		return 0;
	if (s->bandwidth_up || s->bandwidth_down)
		return sim_conf_error_at(
			doc, &s->bandwidth, err,
			"it is given for each direction as well; give bandwidth, or "
			"bandwidth_up and bandwidth_down");
	s->bandwidth_up = s->bandwidth_down = s->bandwidth;
	return 0;
}

#define S(member, ...) SIM_CONF_FIELD(struct scn_server, member, __VA_ARGS__)
static const struct sim_conf_field server_fields[] = {
	S(latency, &sim_conf_time_law, .def = "100us", .doc = "Time on the way, each way."),
	S(bandwidth, &sim_conf_rate,
	  .doc = "Of the link of a client, each way; absent: unlimited."),
	S(bandwidth_up, &sim_conf_rate, .doc = "From client to server; absent: unlimited."),
	S(bandwidth_down, &sim_conf_rate, .doc = "From server to client; absent: unlimited."),
	S(slots, &sim_conf_uint, .def = "16", .max = 65536,
	  .doc = "Messages served at the same time; 0: unlimited."),
	S(service, &service_type, .doc = "Service times."),
	S(disk_read, &sim_conf_rate, .doc = "Of the server's storage; absent: unlimited."),
	S(disk_write, &sim_conf_rate, .doc = "Of the server's storage; absent: unlimited."),
	S(rsize, &sim_conf_size, .doc = "Larger reads fail with EINVAL; 0: no limit."),
	S(wsize, &sim_conf_size, .doc = "Larger writes fail with EINVAL; 0: no limit."),
	S(capacity, &sim_conf_size, .doc = "Bytes that its storage holds; 0: no limit."),
	S(notify, &sim_conf_bool, .def = "true",
	  .doc = "Tell clients of changes by others, as promised; false: a server that forgets."),
	S(break_timeout, &sim_conf_time, .def = "35s",
	  .doc = "CIFS: a lease whose break is not answered for so long ends; 0: never."),
	S(locked_writes_only, &sim_conf_bool,
	  .doc = "CIFS: refuse writes outside of what the file handle has locked, with EACCES."),
	S(message_overhead, &sim_conf_size, .max = 65536,
	  .doc = "Bytes of a message besides its data."),
	{0},
};
static const struct sim_conf_type server_type =
	SIM_CONF_STRUCT_TYPE("server", struct scn_server, server_fields, .check = check_server,
			     .doc = "The modelled server and the links to it.");

/* ---- memory, costs, files ---- */

static int check_memory(struct sim_conf_doc *doc, void *obj, struct sim_err *err)
{
	struct scn_memory *m = obj;

	if (m->page != 4096)
		return sim_conf_error_at(doc, &m->page, err,
					 "pages have one size here; it must be 4KiB");
	if (m->min_free > m->total / 4)
		return sim_conf_error_at(doc, &m->min_free, err,
					 "too little would be left; it must be at most a quarter "
					 "of total");
	return 0;
}

#define MEM(member, ...) SIM_CONF_FIELD(struct scn_memory, member, __VA_ARGS__)
static const struct sim_conf_field memory_fields[] = {
	MEM(page, &sim_conf_size, .def = "4KiB", .doc = "Bytes of a page: 4KiB."),
	MEM(total, &sim_conf_size, .def = "1GiB", .min = 1 << 20, .max = 1ull << 50,
	    .doc = "Memory of a client, that the page cache and its tasks share."),
	MEM(min_free, &sim_conf_size, .max = 1ull << 50,
	    .doc = "Below this an allocation has to free pages itself; kswapd frees before: "
		   "min_free_kbytes; absent: by total, as Linux."),
	MEM(copy_bandwidth, &sim_conf_rate,
	    .doc = "Copying between a task and the page cache, by one CPU; absent: it takes no "
		   "time."),
	MEM(dirty_ratio, &sim_conf_uint, .def = "20", .min = 1, .max = 100,
	    .doc = "Percent of available memory at which writers wait."),
	MEM(dirty_background_ratio, &sim_conf_uint, .def = "10", .min = 1, .max = 100,
	    .doc = "Percent of available memory at which the flusher begins."),
	MEM(dirty_bytes, &sim_conf_size, .doc = "Instead of dirty_ratio, if not 0."),
	MEM(dirty_background_bytes, &sim_conf_size,
	    .doc = "Instead of dirty_background_ratio, if not 0."),
	SIM_CONF_FIELD_AS(struct scn_memory, writeback_interval_ns, "writeback_interval",
			  &sim_conf_time, .def = "5s",
			  .doc = "The flusher wakes so often: dirty_writeback_centisecs."),
	SIM_CONF_FIELD_AS(struct scn_memory, expire_interval_ns, "expire_interval", &sim_conf_time,
			  .def = "30s",
			  .doc = "It writes what is dirty for so long: dirty_expire_centisecs."),
	MEM(max_folio_order, &sim_conf_uint, .def = "9", .min = 1, .max = 9,
	    .doc = "Largest folio: 2 to this pages."),
	{0},
};
static const struct sim_conf_type memory_type =
	SIM_CONF_STRUCT_TYPE("memory", struct scn_memory, memory_fields, .check = check_memory,
			     .doc = "Memory of each client.");

#define COST(member, key, text) \
	SIM_CONF_FIELD_AS(struct scn_costs, member, key, &sim_conf_time, .doc = text)
static const struct sim_conf_field cost_fields[] = {
	COST(syscall_ns, "syscall", "Entering and leaving a system call."),
	COST(copy_page_ns, "copy_page", "Copying a page between a task and the page cache."),
	COST(folio_ns, "folio", "Allocating a folio and putting it into the page cache."),
	COST(request_ns, "request", "Setting up a request."),
	COST(subrequest_ns, "subrequest", "Setting up a subrequest."),
	COST(rpc_ns, "rpc", "Marshalling a message."),
	COST(crypt_page_ns, "crypt_page", "Encrypting or decrypting one page."),
	SIM_CONF_FIELD(struct scn_costs, user, &sim_conf_time_law,
		       .doc = "A task's own time before each operation."),
	SIM_CONF_FIELD(struct scn_costs, step, &sim_conf_time_law,
		       .doc = "On the way to each point where tasks may be held or interleaved."),
	SIM_CONF_FIELD(struct scn_costs, wakeup, &sim_conf_time_law,
		       .doc = "From the waking or the start of a task until it can run."),
	{0},
};
static const struct sim_conf_type costs_type = SIM_CONF_STRUCT_TYPE(
	"costs", struct scn_costs, cost_fields, .doc = "CPU time of the clients' work.");

/* ---- the local cache ---- */

static int check_cache(struct sim_conf_doc *doc, void *obj, struct sim_err *err)
{
	struct scn_cache *c = obj;

	if (c->block & (c->block - 1))
		return sim_conf_error_at(doc, &c->block, err,
					 "blocks are powers of 2; 512, 1KiB, 2KiB or 4KiB");
	return 0;
}

#define CA(member, ...) SIM_CONF_FIELD(struct scn_cache, member, __VA_ARGS__)
#define CL(member, def_, ...) \
	SIM_CONF_FIELD(struct scn_cache, member, &sim_conf_time_law, .def = def_, __VA_ARGS__)
#define CT(member, key, ...) \
	SIM_CONF_FIELD_AS(struct scn_cache, member, key, &sim_conf_time, __VA_ARGS__)
static const struct sim_conf_field cache_fields[] = {
	CA(size, &sim_conf_size, .doc = "Bytes of data that it holds; 0: no limit."),
	CA(cull, &sim_conf_bool, .def = "true",
	   .doc = "When it is full, objects of files that are not open make room."),
	CA(block, &sim_conf_size, .def = "1KiB", .min = 512, .max = 4096,
	   .doc = "Of the filesystem that it lies on: a power of 2."),
	CL(issue, "0",
	   .doc = "CPU time to hand a read or write to its disk; a write that is done before ends "
		  "in its issuer, not on a worker."),
	CL(read_latency, "100us", .doc = "Of each read of its disk."),
	CL(write_latency, "100us", .doc = "Of each write and truncation of its disk."),
	CL(allocate, "0",
	   .doc = "The issuer of a write that fills a hole waits so long for blocks."),
	CA(bandwidth, &sim_conf_rate, .def = "500MiB/s", .doc = "Of its disk; 0: unlimited."),
	CT(lookup_ns, "lookup", .doc = "Finding out whether there is an object."),
	CT(create_ns, "create", .doc = "Making an object, or giving it its name."),
	CT(lru_timeout_ns, "lru_timeout", .def = "10s",
	   .doc = "A file that is closed for so long gives its object back."),
	{0},
};
static const struct sim_conf_type cache_section_type =
	SIM_CONF_STRUCT_TYPE("cache", struct scn_cache, cache_fields, .check = check_cache,
			     .doc = "The local cache of each client, and its disk: for a mount "
				    "with cache=fscache, or fsc.");

static const struct sim_conf_name on_server_names[] = {
	{"data", ON_SERVER_DATA, "letters: 'a' in the first page, 'b' in the second ..."},
	{"zero", ON_SERVER_ZERO, "zero bytes that take space"},
	{"hole", ON_SERVER_HOLE, "nothing was ever written"},
	{"absent", ON_SERVER_ABSENT, "it does not exist yet"},
	{0},
};
static const struct sim_conf_type on_server_type = SIM_CONF_ENUM_TYPE(
	"contents", on_server_names, .doc = "What the server has of a file at the start.");

static int check_file(struct sim_conf_doc *doc, void *obj, struct sim_err *err)
{
	struct scn_file *f = obj;

	if (f->on_server == ON_SERVER_ABSENT && f->size)
		return sim_conf_error_at(doc, &f->size, err,
					 "a file that does not exist has no size; leave it out");
	return 0;
}

#define FIL(member, ...) SIM_CONF_FIELD(struct scn_file, member, __VA_ARGS__)
static const struct sim_conf_field file_fields[] = {
	FIL(size, &sim_conf_size, .max = INT64_MAX, .doc = "Its size."),
	FIL(on_server, &on_server_type, .def = "data", .doc = "Its contents at the start."),
	{0},
};
static const struct sim_conf_type file_type =
	SIM_CONF_STRUCT_TYPE("file", struct scn_file, file_fields, .check = check_file,
			     .doc = "A file as the server has it at the start.");

/* ---- limits, schedule ---- */

static const struct sim_conf_name check_names[] = {
	{"stop", SCN_CHECK_STOP, "stop at the first violation"},
	{"report", SCN_CHECK_REPORT, "note violations and run on: against kernel recordings"},
	{"full", SCN_CHECK_FULL, "as stop, with every rule on everything at every step"},
	{0},
};
static const struct sim_conf_type check_type =
	SIM_CONF_ENUM_TYPE("check", check_names, .doc = "What the checker does.");

#define L(member, key, ...) SIM_CONF_FIELD_AS(struct scn_limits, member, key, __VA_ARGS__)
static const struct sim_conf_field limit_fields[] = {
	L(events, "events", &sim_conf_uint, .def = "1000000000", .min = 1, .max = UINT64_MAX,
	  .doc = "Steps of the run, and operations of its tasks."),
	L(time_ns, "time", &sim_conf_time, .def = "1440min", .min = 1, .max = UINT64_MAX,
	  .doc = "Simulated time."),
	L(drain_ns, "drain", &sim_conf_time, .def = "10min", .min = 1, .max = UINT64_MAX,
	  .doc = "Simulated time for what goes on after the last task, such as writeback that fails "
		 "and is tried again: then a limit has ended the run, unless expect.end.dirty says "
		 "what is dirty; the run hangs when no task has run for so long, nor sleeps."),
	L(memory, "memory", &sim_conf_size, .def = "2GiB", .min = 1 << 20, .max = 1ull << 50,
	  .doc = "Memory of the simulator itself."),
	{0},
};
static const struct sim_conf_type limits_type = SIM_CONF_STRUCT_TYPE(
	"limits", struct scn_limits, limit_fields, .doc = "What a run may use at most.");

static const struct sim_conf_name policy_names[] = {
	{"fifo", SCN_POLICY_FIFO, "first come, first served; nothing is preempted"},
	{"random", SCN_POLICY_RANDOM, "any runnable task, with even odds"},
	{0},
};
static const struct sim_conf_type policy_type =
	SIM_CONF_ENUM_TYPE("policy", policy_names, .doc = "How choices are made.");

#define C(member, ...) SIM_CONF_FIELD(struct scn_schedule, member, __VA_ARGS__)
static const struct sim_conf_field schedule_fields[] = {
	C(policy, &policy_type, .def = "fifo", .doc = "How choices are made."),
	C(seed, &sim_conf_uint, .doc = "Of the random policy; 0: as the scenario's."),
	C(preempt_once, &sim_conf_uint, .max = UINT32_MAX,
	  .doc = "Random: preempt at one point in this many; 0: never."),
	{0},
};
static const struct sim_conf_type schedule_type = SIM_CONF_STRUCT_TYPE(
	"schedule", struct scn_schedule, schedule_fields, .doc = "Which interleaving is run.");

/* ---- the file ---- */

static const struct sim_conf_type file_map =
	SIM_CONF_MAP_OF(&file_type, .min = 0, .max = 100000, .doc = "Files on the server by name.");
static const struct sim_conf_type task_map =
	SIM_CONF_MAP_OF(&scn_task_type, .max = 100000, .doc = "Tasks by name.");
static const struct sim_conf_type hold_list =
	SIM_CONF_LIST_OF(&scn_hold_type, .max = 1024, .doc = "Holds.");
static const struct sim_conf_type fault_list = SIM_CONF_LIST_OF(
	&scn_fault_type, .max = 1024, .doc = "Faults, the first that matches strikes.");

static const struct sim_conf_type proc_list =
	SIM_CONF_LIST_OF(&sim_conf_string, .max = 1024, .doc = "Operations as TASK.LABEL.");

static const struct sim_conf_field reseed_fields[] = {
	SIM_CONF_FIELD_AS(struct sim_reseed, at_ns, "at", &sim_conf_time,
			  .flags = SIM_CONF_REQUIRED, .doc = "From when on.", .example = "1ms"),
	SIM_CONF_FIELD(struct sim_reseed, seed, &sim_conf_uint, .flags = SIM_CONF_REQUIRED,
		       .doc = "The seed of what is drawn from then on.", .example = "2"),
	{0},
};
static const struct sim_conf_type reseed_type = SIM_CONF_STRUCT_TYPE(
	"reseed", struct sim_reseed, reseed_fields, .doc = "A seed that takes over.");
static const struct sim_conf_type reseed_list =
	SIM_CONF_LIST_OF(&reseed_type, .max = 1024, .doc = "Seeds in the order of their times.");

static int check_reseeds(struct sim_conf_doc *doc, const struct scenario *scn, struct sim_err *err)
{
	for (size_t i = 1; i < scn->reseed.n; i++) {
		const struct sim_reseed *r = sim_conf_item(&scn->reseed, struct sim_reseed, i);

		if (r[0].at_ns <= r[-1].at_ns)
			return sim_conf_error_at(doc, &r->at_ns, err,
						 "it must be later than the one before");
	}
	return 0;
}

static const struct sim_conf_type mount_list =
	SIM_CONF_LIST_OF(&mount_type, .max = 4096, .doc = "One mount for each client.");

static int check_mounts(struct sim_conf_doc *doc, const struct scenario *scn, struct sim_err *err)
{
	if (!scn->mounts.n)
		return 0;
	if (scn->mounts.n != scn->clients)
		return sim_conf_error_at(doc, &scn->mounts, err,
					 "it must have one mount for each of the %llu clients",
					 (unsigned long long)scn->clients);
	if (sim_conf_given(doc, &scn->mount))
		return sim_conf_error_at(doc, &scn->mount, err,
					 "mounts says it for each client; leave one out");
	for (size_t i = 1; i < scn->mounts.n; i++) {
		const struct scn_mount *m = sim_conf_item(&scn->mounts, struct scn_mount, i);

		if (m->fs != scn_mount(scn, 0)->fs)
			return sim_conf_error_at(doc, &m->fs, err,
						 "the server speaks one protocol; all mounts must "
						 "have the same fs");
	}
	return 0;
}

static int check_scenario(struct sim_conf_doc *doc, void *obj, struct sim_err *err)
{
	struct scenario *scn = obj;

	if (scn->format != 1)
		return sim_conf_error_at(doc, &scn->format, err,
					 "this format is not known; it must be 1");
	if (!scn->tasks.n)
		return sim_conf_error_at(doc, &scn->tasks, err,
					 "nothing would be done; at least one task");
	if (scn->design.crypto.block && scn_mount(scn, 0)->fs != FS_CEPH)
		return sim_conf_error_at(doc, &scn->design.crypto.block, err,
					 "only ceph encrypts contents; set mount.fs to ceph");
	return check_reseeds(doc, scn, err) || check_mounts(doc, scn, err) ? -1 : 0;
}

#define F(member, ...) SIM_CONF_FIELD(struct scenario, member, __VA_ARGS__)
static const char example_tasks[] = "\n"
				    "  writer:\n"
				    "    - open: {file: f, as: fd, flags: [rdwr]}\n"
				    "    - write: {fd: fd, at: 0, len: 4KiB, label: w}\n"
				    "    - fsync: {fd: fd, ret: 0}\n"
				    "    - close: fd\n"
				    "  reader:\n"
				    "    - wait: writer.w\n"
				    "    - open: {file: f, as: fd2}\n"
				    "    - read: {fd: fd2, at: 0, len: 8KiB, ret: 8KiB}";
static const struct sim_conf_field scenario_fields[] = {
	F(format, &sim_conf_uint, REQ, .example = "1", .doc = "Version of this format: 1."),
	F(purpose, &sim_conf_string, REQ, .example = "What this shows, in one sentence.",
	  .doc = "What it shows, in one sentence."),
	F(origin, &sim_conf_string, .doc = "Where it comes from: a commit, a report, a recording."),
	F(tags, &sim_conf_name_list, .doc = "Words to find it by."),
	F(seed, &sim_conf_uint, .doc = "Of everything that is drawn."),
	F(reseed, &reseed_list,
	  .doc = "Seeds that take over later: a run goes as before up to a time, and then "
		 "another way."),
	F(design, &scn_design_type, .doc = "The design under test."),
	F(mount, &mount_type, .doc = "How the server is mounted."),
	F(server, &server_type, .doc = "The server."),
	F(memory, &memory_type, .doc = "Memory of a client."),
	F(costs, &costs_type, .doc = "CPU costs."),
	F(cache, &cache_section_type, .doc = "The local cache of a client."),
	F(cpus, &sim_conf_uint, .def = "2", .min = 1, .max = 1024, .doc = "CPUs of all clients."),
	F(clients, &sim_conf_uint, .def = "1", .min = 1, .max = SCN_CLIENTS_MAX,
	  .doc = "Client machines."),
	F(mounts, &mount_list, .doc = "How each client has mounted the server, instead of mount."),
	F(files, &file_map, .example = "{f: {size: 64KiB, on_server: data}}",
	  .doc = "Files on the server at the start."),
	F(tasks, &task_map, REQ, .example = example_tasks, .doc = "What is done."),
	F(hold, &hold_list, .doc = "Pinned interleavings."),
	F(faults, &fault_list, .doc = "What goes wrong."),
	F(expect, &scn_expect_type, .doc = "What must come out."),
	F(check, &check_type, .def = "stop", .doc = "What the checker does."),
	F(limits, &limits_type, .doc = "What a run may use."),
	F(schedule, &schedule_type, .doc = "Which interleaving is run."),
	F(proc, &proc_list,
	  .doc = "TASK.LABEL: when these are done, run --proc notes /proc/fs/netfs."),
	F(markers, &sim_conf_bool, .doc = "Write tracing_mark_write lines around every operation."),
	{0},
};
const struct sim_conf_type scenario_type = SIM_CONF_STRUCT_TYPE(
	"scenario", struct scenario, scenario_fields, .check = check_scenario,
	.doc = "A scenario: a world, what tasks do in it, what must come out.");
