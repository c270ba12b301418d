/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What happens to the world of a scenario (holds, faults) and what must come out of it (expect). */
/* Mirrors: no kernel file. */
#include "model/scenario/schema_impl.h"

#include "model/content/content.h"
#include "model/scenario/conditions.h"
#include "sim/base/arena.h"

#define REQ .flags = SIM_CONF_REQUIRED

/* ---- messages ---- */

static const struct sim_conf_name rpc_names[] = {
	{"lookup", RPC_LOOKUP, "find a file by name"},
	{"create", RPC_CREATE, "create a file"},
	{"open", RPC_OPEN, "open it"},
	{"close", RPC_CLOSE, "close it"},
	{"getattr", RPC_GETATTR, "ask for the attributes"},
	{"setattr", RPC_SETATTR, "set the size"},
	{"read", RPC_READ, "read"},
	{"write", RPC_WRITE, "write"},
	{"fsync", RPC_FSYNC, "have it on stable storage"},
	{"unlink", RPC_UNLINK, "remove the name"},
	{"lease", RPC_LEASE, "give back a lease or caps"},
	{"mksnap", RPC_MKSNAP, "take a snapshot"},
	{"flushsnap", RPC_FLUSHSNAP, "data older than a snapshot are written"},
	{"lock", RPC_LOCK, "lock or unlock a byte range"},
	{"fallocate", RPC_FALLOCATE, "change a range"},
	{"flush", RPC_FLUSH, "9P: forget a message whose sender was killed"},
	{0},
};
const struct sim_conf_type scn_rpc_type =
	SIM_CONF_ENUM_TYPE("message", rpc_names, .doc = "A kind of message to the server.");

#define RPC_BIT(name_, op, doc_)                                      \
	{                                                             \
		.name = (name_), .value = 1ull << (op), .doc = (doc_) \
	}
static const struct sim_conf_name rpc_bits[] = {
	RPC_BIT("lookup", RPC_LOOKUP, "find a file by name"),
	RPC_BIT("create", RPC_CREATE, "create a file"),
	RPC_BIT("open", RPC_OPEN, "open it"),
	RPC_BIT("close", RPC_CLOSE, "close it"),
	RPC_BIT("getattr", RPC_GETATTR, "ask for the attributes"),
	RPC_BIT("setattr", RPC_SETATTR, "set the size"),
	RPC_BIT("read", RPC_READ, "read"),
	RPC_BIT("write", RPC_WRITE, "write"),
	RPC_BIT("fsync", RPC_FSYNC, "have it on stable storage"),
	RPC_BIT("unlink", RPC_UNLINK, "remove the name"),
	RPC_BIT("cache_lookup", FAULT_CACHE_LOOKUP, "the cache looks for an object"),
	RPC_BIT("cache_read", FAULT_CACHE_READ, "a read of the cache"),
	RPC_BIT("cache_write", FAULT_CACHE_WRITE, "a write to the cache"),
	RPC_BIT("cache_resize", FAULT_CACHE_RESIZE, "an object of the cache is cut short"),
	RPC_BIT("lease", RPC_LEASE, "give back a lease or caps"),
	RPC_BIT("mksnap", RPC_MKSNAP, "take a snapshot"),
	RPC_BIT("flushsnap", RPC_FLUSHSNAP, "data older than a snapshot are written"),
	RPC_BIT("lock", RPC_LOCK, "lock or unlock a byte range"),
	RPC_BIT("fallocate", RPC_FALLOCATE, "change a range"),
	{0},
};
static const struct sim_conf_type rpc_bits_type = SIM_CONF_FLAGS_TYPE(
	"messages", rpc_bits,
	.doc = "Kinds of messages to the server, or of work of the local cache.");

/* ---- hold ---- */

#define H(member, ...) SIM_CONF_FIELD(struct scn_hold, member, __VA_ARGS__)

static int check_hold(struct sim_conf_doc *doc, void *obj, struct sim_err *err)
{
	struct scn_hold *h = obj;

	if (!h->task == !h->thread)
		return sim_conf_error_at(doc, &h->task, err,
					 "a hold stops one task; give either task or thread");
	if (!h->until && !sim_conf_given(doc, &h->release_after_ns))
		return sim_conf_error_at(doc, &h->until, err,
					 "it would stop the task for ever; give until or "
					 "release_after");
	return 0;
}

static const struct sim_conf_field hold_fields[] = {
	H(task, &sim_conf_string, .doc = "The task that is stopped."),
	H(thread, &sim_conf_string,
	  .doc = "Or the first kernel thread whose name begins so, as kworker."),
	H(at, &sim_conf_string, REQ, .example = "netfs_read_folio.locked",
	  .doc = "The point at which it is stopped: a site, see netfs-sim-events(7)."),
	H(nth, &sim_conf_uint, .def = "1", .min = 1, .max = UINT32_MAX,
	  .doc = "The how manieth time that it comes there."),
	H(until, &sim_conf_string,
	  .doc = "TASK.LABEL.done, TASK.LABEL.start, TASK.end or TASK@SITE: it goes on then."),
	SIM_CONF_FIELD_AS(struct scn_hold, release_after_ns, "release_after", &sim_conf_time,
			  .doc = "It goes on after this time at the latest."),
	{0},
};
const struct sim_conf_type scn_hold_type =
	SIM_CONF_STRUCT_TYPE("hold", struct scn_hold, hold_fields, .check = check_hold,
			     .doc = "Stop a task at a point until something else happened.");

/* ---- faults ---- */

#define D(member, key, ...) SIM_CONF_FIELD_AS(struct scn_fault_do, member, key, __VA_ARGS__)

static int check_fault_do(struct sim_conf_doc *doc, void *obj, struct sim_err *err)
{
	struct scn_fault_do *d = obj;
	int kinds;

	d->has_short = sim_conf_given(doc, &d->bytes);
	d->has_disconnect = sim_conf_given(doc, &d->disconnect_ns);
	kinds = !!d->error + d->has_short + d->drop + !!d->delay_ns + d->has_disconnect;
	if (kinds != 1)
		return sim_conf_error_at(doc, &d->error, err,
					 "a fault does one thing; give one of error, short, delay, "
					 "drop and disconnect");
	if (d->timeout_ns && !d->drop)
		return sim_conf_error_at(doc, &d->timeout_ns, err,
					 "nothing can time out here; it goes with drop");
	if (d->after_ns && d->drop)
		return sim_conf_error_at(doc, &d->after_ns, err,
					 "a dropped message has no answer to delay; leave it out");
	return 0;
}

static const struct sim_conf_field fault_do_fields[] = {
	D(error, "error", &scn_errno_type, .doc = "Answer with this error and do nothing."),
	D(bytes, "short", &sim_conf_size, .doc = "Transfer only so many bytes."),
	D(delay_ns, "delay", &sim_conf_time, .doc = "Serve it, and answer so much later."),
	D(drop, "drop", &sim_conf_bool, .doc = "Never answer."),
	D(disconnect_ns, "disconnect", &sim_conf_time,
	  .doc = "Break the connection of the client; it can be made again after this time."),
	D(after_ns, "after", &sim_conf_time, .doc = "With error or short: answer so much later."),
	D(timeout_ns, "timeout", &sim_conf_time,
	  .doc = "With drop: the client gives up after this time with ETIMEDOUT; 0: never."),
	{0},
};
static const struct sim_conf_type fault_do_type = SIM_CONF_STRUCT_TYPE(
	"fault action", struct scn_fault_do, fault_do_fields, .check = check_fault_do,
	.doc = "What a fault does to a message, or to work of the local cache.");

/* Bits of messages, and of what can be cut short. */
#define MESSAGE_BITS ((1ull << NR_RPC_OPS) - 1)
#define SHORT_BITS   (MESSAGE_BITS | 1ull << FAULT_CACHE_READ)

static int check_fault(struct sim_conf_doc *doc, void *obj, struct sim_err *err)
{
	struct scn_fault *f = obj;

	if (f->action.drop && f->on & ~MESSAGE_BITS)
		return sim_conf_error_at(doc, &f->action.drop, err,
					 "a disk always answers; of cache_* give error or delay");
	if (f->action.has_short && f->on & ~SHORT_BITS)
		return sim_conf_error_at(doc, &f->action.bytes, err,
					 "of the work of a cache only cache_read can be short");
	f->has_client = sim_conf_given(doc, &f->client);
	if (!f->on)
		return sim_conf_error_at(doc, &f->on, err,
					 "it would never strike; name the messages it strikes");
	if (!f->nth == !f->probability.num)
		return sim_conf_error_at(doc, &f->nth, err,
					 "when it strikes is not clear; give either nth or "
					 "probability");
	if (f->at > INT64_MAX - f->len)
		return sim_conf_error_at(doc, &f->len, err,
					 "its end is beyond the largest file size; at + len must "
					 "be below 8 EiB");
	return 0;
}

#define X(member, ...) SIM_CONF_FIELD(struct scn_fault, member, __VA_ARGS__)
static const struct sim_conf_field fault_fields[] = {
	X(label, &sim_conf_name, .doc = "Its name in messages."),
	X(on, &rpc_bits_type, REQ, .example = "[write]", .doc = "What it strikes."),
	X(file, &sim_conf_name, .doc = "Only those that concern this file."),
	X(client, &sim_conf_uint, .max = SCN_CLIENTS_MAX - 1, .doc = "Only those of this client."),
	X(nth, &sim_conf_uint, .doc = "It strikes the nth matching message."),
	X(count, &sim_conf_uint, .def = "1",
	  .doc = "With nth: so many in a row; 0: all from there on."),
	X(probability, &sim_conf_ratio, .def = "0", .doc = "Or each one with this probability."),
	X(at, &sim_conf_size, .doc = "Only reads and writes that touch the range from here."),
	X(len, &sim_conf_size, .doc = "Length of that range; 0: any."),
	SIM_CONF_FIELD_AS(struct scn_fault, action, "do", &fault_do_type, REQ,
			  .example = "{error: EIO}", .doc = "What it does."),
	{0},
};
const struct sim_conf_type scn_fault_type = SIM_CONF_STRUCT_TYPE(
	"fault", struct scn_fault, fault_fields, .check = check_fault,
	.doc = "Something that goes wrong at the server, on the way or in the cache.");

/* ---- expect ---- */

static const struct sim_conf_type condition_list =
	SIM_CONF_LIST_OF(&scn_condition_type, .doc = "Conditions by name.");
static const struct sim_conf_type result_map = SIM_CONF_MAP_OF(
	&scn_ret_type, .key = &sim_conf_string, .doc = "TASK.LABEL: what that operation returned.");

static int runs_scalar(struct sim_arena *arena, const char *text, void *out, const char **why)
{
	if (!content_runs_valid(text, why))
		return -1;
	*(const char **)out = sim_strdup(arena, text);
	return 0;
}

static const struct sim_conf_type runs_type = {
	.kind = SIM_CONF_STRUCT,
	.name = "bytes as runs",
	.doc = "Bytes as runs, each a byte and how often it is there.",
	.size = sizeof(const char *),
	.scalar = runs_scalar,
	.pattern = "^(([ -~]|\\\\x[0-9a-f]{2})\\*[1-9][0-9]*(,|$))*$",
	.scalar_form = "runs such as a*4096,A*512",
};
static const struct sim_conf_type data_map = SIM_CONF_MAP_OF(
	&runs_type, .key = &sim_conf_string, .doc = "TASK.LABEL: what that operation read.");
static const struct sim_conf_type rpc_map = SIM_CONF_MAP_OF(
	&scn_count_range, .key = &scn_rpc_type, .doc = "Kinds of messages: how many were sent.");
static const struct sim_conf_type rate_map =
	SIM_CONF_MAP_OF(&scn_rate_range, .doc = "Tasks, or total: bytes read and written per "
						"second.");

#define P(member, text) \
	SIM_CONF_FIELD(struct scn_percentiles, member, &scn_time_range, OPT, .doc = text)
static const struct sim_conf_field percentile_fields[] = {
	P(p50, "The median."),
	P(p90, "90 of 100 are at most this."),
	P(p99, "99 of 100 are at most this."),
	P(p999, "999 of 1000 are at most this."),
	P(max, "The longest."),
	{0},
};
static const struct sim_conf_type percentiles_type =
	SIM_CONF_STRUCT_TYPE("percentiles", struct scn_percentiles, percentile_fields,
			     .doc = "How long calls took, as upper ends of histogram buckets.");
static const struct sim_conf_type latency_map =
	SIM_CONF_MAP_OF(&percentiles_type, .doc = "Operations by kind, as read or fsync.");

#define S(member, ...) SIM_CONF_FIELD(struct scn_server_file, member, __VA_ARGS__)
static const struct sim_conf_field server_file_fields[] = {
	S(size, &scn_size_range, OPT, .doc = "Its size."),
	S(data, &runs_type, .doc = "Its bytes as runs: a*4096,A*512."),
	S(absent, &sim_conf_bool, .doc = "It does not exist."),
	{0},
};
static const struct sim_conf_type server_file_type =
	SIM_CONF_STRUCT_TYPE("file at the end", struct scn_server_file, server_file_fields,
			     .doc = "A file on the server when the run has ended.");
static const struct sim_conf_type server_map =
	SIM_CONF_MAP_OF(&server_file_type, .key = &sim_conf_string,
			.doc = "Files by name; .snap/NAME/f: f in a snapshot.");

#define BYTES(member, text) \
	SIM_CONF_FIELD(struct scn_end_state, member, &scn_size_range, OPT, .doc = text)
static const struct sim_conf_field end_fields[] = {
	BYTES(cached, "Bytes in the page cache."),
	BYTES(dirty, "Bytes in dirty folios."),
	BYTES(writeback, "Bytes in folios under writeback."),
	SIM_CONF_FIELD(struct scn_end_state, requests, &scn_count_range, OPT,
		       .doc = "Requests that still exist."),
	{0},
};
static const struct sim_conf_type end_type =
	SIM_CONF_STRUCT_TYPE("end state", struct scn_end_state, end_fields,
			     .doc = "What is left of all clients when the run has ended.");

#define R(T, member, text) SIM_CONF_FIELD(struct T, member, &scn_size_range, OPT, .doc = text)
static const struct sim_conf_field bytes_fields[] = {
	R(scn_bytes, read, "Bytes that messages read from the server."),
	R(scn_bytes, written, "Bytes that messages wrote to the server."),
	{0},
};
static const struct sim_conf_type bytes_type = SIM_CONF_STRUCT_TYPE(
	"bytes", struct scn_bytes, bytes_fields, .doc = "Bytes moved by messages.");

static const struct sim_conf_field cache_fields[] = {
	SIM_CONF_FIELD(struct scn_cache_work, reads, &scn_count_range, OPT,
		       .doc = "How often a local cache was read."),
	SIM_CONF_FIELD(struct scn_cache_work, writes, &scn_count_range, OPT,
		       .doc = "How often one was written to."),
	R(scn_cache_work, read, "Bytes read from local caches."),
	R(scn_cache_work, written, "Bytes written to local caches, whole pages."),
	{0},
};
static const struct sim_conf_type cache_type = SIM_CONF_STRUCT_TYPE(
	"cache work", struct scn_cache_work, cache_fields, .doc = "Work of the local caches.");

static const struct sim_conf_field peak_fields[] = {
	R(scn_peak, cached, "Bytes in the page cache of a client."),
	R(scn_peak, dirty, "Bytes dirty or under writeback at a client."),
	{0},
};
static const struct sim_conf_type peak_type =
	SIM_CONF_STRUCT_TYPE("peak", struct scn_peak, peak_fields,
			     .doc = "The most there ever was, of the worst client.");

#define E(member, ...) SIM_CONF_FIELD(struct scn_expect, member, __VA_ARGS__)
static const struct sim_conf_field expect_fields[] = {
	E(always, &condition_list, .doc = "Hold for the whole run."),
	E(sometimes, &condition_list, .doc = "Are seen at least once."),
	E(never, &condition_list, .doc = "Are never seen."),
	E(results, &result_map, .doc = "What labelled operations returned."),
	E(data, &data_map, .doc = "What labelled reads read, as runs: a*4096,A*512."),
	E(rpcs, &rpc_map, .doc = "How many messages of a kind were sent."),
	E(bytes, &bytes_type, OPT, .doc = "Bytes moved by messages."),
	E(cache, &cache_type, OPT, .doc = "Work of the local caches."),
	E(throughput, &rate_map, .doc = "Bytes per second that tasks read and wrote."),
	E(latency, &latency_map, .doc = "How long operations of a kind took."),
	E(violations, &sim_conf_name_list,
	  .doc = "Rules of the checker that must be broken, and no others."),
	E(hang, &sim_conf_bool, .doc = "The run must end in a hang."),
	E(duration, &scn_time_range, OPT, .doc = "Simulated time until the last task ended."),
	E(peak, &peak_type, OPT, .doc = "Most memory used."),
	E(server, &server_map, .doc = "What the server has in the end."),
	E(end, &end_type, OPT, .doc = "What is left when the run has ended."),
	{0},
};
const struct sim_conf_type scn_expect_type = SIM_CONF_STRUCT_TYPE(
	"expect", struct scn_expect, expect_fields, .doc = "What must come out of the run.");
