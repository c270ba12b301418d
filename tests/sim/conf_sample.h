/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A small scenario language for the tests of sim/conf: one of every kind of type. */
#ifndef TESTS_CONF_SAMPLE_H
#define TESTS_CONF_SAMPLE_H

#include <string.h>

#include "sim/base/arena.h"
#include "sim/conf/conf.h"

enum sample_fs { SAMPLE_9P = 9, SAMPLE_AFS = 1 };
enum sample_op { OP_WRITE, OP_SLEEP, OP_SYNC, OP_DROP, OP_REPEAT };

struct sample_range {
	uint64_t lo, hi;
};

struct sample_write {
	const char *fd, *label;
	uint64_t at;
	struct sample_range len;
};

struct sample_sync {
	const char *label;
};

struct sample_repeat {
	uint64_t times;
	struct sim_conf_list ops;
};

enum sample_place { PLACE_AT, PLACE_END, PLACE_RANDOM, PLACE_TAGS };

struct sample_disk {
	uint64_t rate;
};

struct sample_server {
	struct sample_disk disk;
	struct sim_law latency;
	uint64_t bandwidth, slots;
	struct sim_conf_ratio drop;
};

struct sample_memory {
	uint64_t page, total;
};

struct sample_group {
	uint64_t client;
	struct sim_conf_list ops;
};

struct sample_checks {
	uint64_t rpcs;
};

struct sample {
	uint64_t format;
	const char *purpose;
	int fs;
	bool verbose;
	struct sample_server server;
	struct sample_memory memory;
	struct sample_checks checks;
	uint64_t flags;
	struct sim_conf_map tasks; /* of struct sim_conf_list of struct sim_conf_oneof */
	struct sim_conf_map files; /* of uint64_t */
	struct sim_conf_list tags; /* of const char * */
	struct sim_conf_ratio skew;
	struct sim_law think;
	struct sample_group group;
	struct sim_conf_oneof place; /* PLACE_AT: uint64_t * */
	uint64_t old;
};

extern const struct sim_conf_type sample_op_type;

static inline int sample_range_scalar(struct sim_arena *arena, const char *text, void *out,
				      const char **why)
{
	struct sample_range *r = out;
	char *copy = sim_strdup(arena, text);
	char *dots = strstr(copy, "..");

	if (dots)
		*dots = '\0';
	if (sim_parse_size(copy, &r->lo, why) ||
	    sim_parse_size(dots ? dots + 2 : copy, &r->hi, why))
		return -1;
	if (r->lo <= r->hi)
		return 0;
	*why = "the range is empty; write lo..hi with lo at most hi";
	return -1;
}

static inline int sample_memory_check(struct sim_conf_doc *doc, void *obj, struct sim_err *err)
{
	const struct sample_memory *m = obj;

	if (m->total % m->page)
		return sim_conf_error_at(doc, &m->total, err, "is no multiple of page; %s",
					 "a whole number of pages is allowed");
	return 0;
}

static const struct sim_conf_field sample_range_fields[] = {
	SIM_CONF_FIELD(struct sample_range, lo, &sim_conf_size, .def = "1", .doc = "Least."),
	SIM_CONF_FIELD(struct sample_range, hi, &sim_conf_size, .flags = SIM_CONF_REQUIRED,
		       .example = "4KiB", .doc = "Largest."),
	{0},
};
static const struct sim_conf_type sample_range_type = SIM_CONF_STRUCT_TYPE(
	"range", struct sample_range, sample_range_fields, .doc = "A range of sizes.",
	.scalar = sample_range_scalar, .scalar_form = "a size, or a range as 512..4KiB",
	.pattern = "^[0-9a-zA-Z]+(\\.\\.[0-9a-zA-Z]+)?$");

static const struct sim_conf_field sample_write_fields[] = {
	SIM_CONF_FIELD(struct sample_write, fd, &sim_conf_name, .flags = SIM_CONF_REQUIRED,
		       .example = "fd", .doc = "Which file."),
	SIM_CONF_FIELD(struct sample_write, label, &sim_conf_name, .doc = "A name for it."),
	SIM_CONF_FIELD(struct sample_write, at, &sim_conf_size, .def = "0", .doc = "Where."),
	SIM_CONF_FIELD(struct sample_write, len, &sample_range_type, .def = "{hi: 4KiB}",
		       .doc = "How much."),
	{0},
};
static const struct sim_conf_type sample_write_type =
	SIM_CONF_STRUCT_TYPE("write", struct sample_write, sample_write_fields, .doc = "Write.");

static const struct sim_conf_field sample_sync_fields[] = {
	SIM_CONF_FIELD(struct sample_sync, label, &sim_conf_name, .doc = "A name for it."),
	{0},
};
static const struct sim_conf_type sample_sync_type =
	SIM_CONF_STRUCT_TYPE("sync", struct sample_sync, sample_sync_fields, .doc = "Sync.");

static const struct sim_conf_type sample_op_list = SIM_CONF_LIST_OF(&sample_op_type);
static const struct sim_conf_field sample_repeat_fields[] = {
	SIM_CONF_FIELD(struct sample_repeat, times, &sim_conf_uint, .flags = SIM_CONF_REQUIRED,
		       .min = 1, .max = 1000, .example = "10", .doc = "How often."),
	SIM_CONF_FIELD_AS(struct sample_repeat, ops, "do", &sample_op_list,
			  .flags = SIM_CONF_REQUIRED, .example = "[sync]", .doc = "What."),
	{0},
};
static const struct sim_conf_type sample_repeat_type =
	SIM_CONF_STRUCT_TYPE("repeat", struct sample_repeat, sample_repeat_fields, .doc = "Again.");

static const struct sim_conf_field sample_group_fields[] = {
	SIM_CONF_FIELD(struct sample_group, client, &sim_conf_uint, .def = "3", .doc = "Where."),
	SIM_CONF_FIELD_AS(struct sample_group, ops, "do", &sample_op_list, .doc = "What."),
	{0},
};
static const struct sim_conf_type sample_group_type =
	SIM_CONF_STRUCT_TYPE("group", struct sample_group, sample_group_fields, .bare_list = "do",
			     .doc = "Some operations.");

static const struct sim_conf_variant sample_ops[] = {
	{"write", OP_WRITE, &sample_write_type, "Write to a file."},
	{"sleep", OP_SLEEP, &sim_conf_time, "Wait."},
	{"sync", OP_SYNC, &sample_sync_type, "Write everything back."},
	{"drop_caches", OP_DROP, NULL, "Forget clean pages."},
	{"repeat", OP_REPEAT, &sample_repeat_type, "Do operations again and again."},
	{"chmod", 0, NULL, "Change permissions.", "permissions are not modelled"},
	{0},
};
const struct sim_conf_type sample_op_type =
	SIM_CONF_ONEOF_TYPE("operation", sample_ops, .doc = "One thing that a task does.");

static const struct sim_conf_name sample_fs_names[] = {
	{"9p", SAMPLE_9P, "Plan 9."},
	{"afs", SAMPLE_AFS, "Andrew."},
	{"6.8", 68, "Looks like a number."},
	{"nfs", 0, "Sun.", "NFS is left out of this model"},
	{0},
};
static const struct sim_conf_type sample_fs_type =
	SIM_CONF_ENUM_TYPE("file system", sample_fs_names, .doc = "A network file system.");

static const struct sim_conf_name sample_flag_names[] = {
	{"rdonly", 1, "Read."},
	{"wronly", 2, "Write."},
	{"trunc", 4, "Empty it."},
	{0},
};
static const struct sim_conf_type sample_flags_type =
	SIM_CONF_FLAGS_TYPE("open flag", sample_flag_names, .doc = "How to open.");

static const struct sim_conf_field sample_disk_fields[] = {
	SIM_CONF_FIELD(struct sample_disk, rate, &sim_conf_rate, .def = "100MiB/s",
		       .doc = "Speed."),
	{0},
};
static const struct sim_conf_type sample_disk_type =
	SIM_CONF_STRUCT_TYPE("disk", struct sample_disk, sample_disk_fields, .doc = "A disk.");

static inline int sample_place_scalar(struct sim_arena *arena, const char *text, void *out,
				      const char **why)
{
	struct sim_conf_oneof *place = out;

	place->which = PLACE_AT;
	place->value = sim_alloc(arena, sizeof(uint64_t));
	return sim_parse_size(text, place->value, why);
}

static const struct sim_conf_variant sample_places[] = {
	{"end", PLACE_END, NULL, "Behind the last byte."},
	{"random", PLACE_RANDOM, &sim_conf_size, "Anywhere in so many bytes."},
	{"tags", PLACE_TAGS, &sim_conf_string_list, "Where these words are."},
	{0},
};
static const struct sim_conf_type sample_place_type = SIM_CONF_ONEOF_TYPE(
	"place", sample_places, .doc = "A place in a file.", .scalar = sample_place_scalar,
	.scalar_type = &sim_conf_size, .scalar_form = "a size");

static const struct sim_conf_field sample_server_fields[] = {
	SIM_CONF_FIELD(struct sample_server, disk, &sample_disk_type, .doc = "What it stores on."),
	SIM_CONF_FIELD(struct sample_server, latency, &sim_conf_time_law, .def = "200us",
		       .doc = "Time to answer."),
	SIM_CONF_FIELD(struct sample_server, bandwidth, &sim_conf_rate, .def = "1GiB/s",
		       .doc = "Bytes a second."),
	SIM_CONF_FIELD(struct sample_server, slots, &sim_conf_uint, .def = "16", .min = 1,
		       .max = 4096, .doc = "Requests at the same time."),
	SIM_CONF_FIELD(struct sample_server, drop, &sim_conf_ratio, .def = "0",
		       .doc = "Share of requests that are lost."),
	{0},
};
static const struct sim_conf_type sample_server_type = SIM_CONF_STRUCT_TYPE(
	"server", struct sample_server, sample_server_fields, .doc = "Server.");

static const struct sim_conf_field sample_memory_fields[] = {
	SIM_CONF_FIELD(struct sample_memory, page, &sim_conf_size, .def = "4KiB", .min = 4096,
		       .max = 65536, .doc = "Page size."),
	SIM_CONF_FIELD(struct sample_memory, total, &sim_conf_size, .def = "1GiB", .doc = "All."),
	{0},
};
static const struct sim_conf_type sample_memory_type =
	SIM_CONF_STRUCT_TYPE("memory", struct sample_memory, sample_memory_fields, .doc = "Memory.",
			     .check = sample_memory_check);

static const struct sim_conf_field sample_checks_fields[] = {
	SIM_CONF_FIELD(struct sample_checks, rpcs, &sim_conf_uint, .flags = SIM_CONF_REQUIRED,
		       .example = "3", .doc = "Number of RPCs."),
	{0},
};
static const struct sim_conf_type sample_checks_type = SIM_CONF_STRUCT_TYPE(
	"checks", struct sample_checks, sample_checks_fields, .doc = "Checks.");

static const struct sim_conf_type sample_task_map = SIM_CONF_MAP_OF(&sample_op_list, .max = 3);
static const struct sim_conf_type sample_file_map =
	SIM_CONF_MAP_OF(&sim_conf_size, .key = &sim_conf_string);

static const struct sim_conf_field sample_fields[] = {
	SIM_CONF_FIELD(struct sample, format, &sim_conf_uint, .flags = SIM_CONF_REQUIRED, .min = 1,
		       .max = 1, .example = "1", .doc = "Version of the format."),
	SIM_CONF_FIELD(struct sample, purpose, &sim_conf_string, .max = 40, .doc = "What for."),
	SIM_CONF_FIELD(struct sample, fs, &sample_fs_type, .def = "9p", .doc = "Which one."),
	SIM_CONF_FIELD(struct sample, verbose, &sim_conf_bool, .def = "true", .doc = "Chatty."),
	SIM_CONF_FIELD(struct sample, server, &sample_server_type, .doc = "The server."),
	SIM_CONF_FIELD(struct sample, memory, &sample_memory_type, .doc = "The memory."),
	SIM_CONF_FIELD(struct sample, checks, &sample_checks_type, .flags = SIM_CONF_OPTIONAL,
		       .doc = "What must come out."),
	SIM_CONF_FIELD(struct sample, flags, &sample_flags_type, .def = "[rdonly]",
		       .doc = "How files are opened."),
	SIM_CONF_FIELD(struct sample, tasks, &sample_task_map, .doc = "Who does what."),
	SIM_CONF_FIELD(struct sample, files, &sample_file_map, .doc = "Sizes by path."),
	SIM_CONF_FIELD(struct sample, tags, &sim_conf_string_list, .min = 1, .max = 2,
		       .doc = "Words to find it by."),
	SIM_CONF_FIELD(struct sample, skew, &sim_conf_fraction, .doc = "How uneven."),
	SIM_CONF_FIELD(struct sample, think, &sim_conf_time_law, .doc = "Time between."),
	SIM_CONF_FIELD(struct sample, group, &sample_group_type, .doc = "More to do."),
	SIM_CONF_FIELD(struct sample, place, &sample_place_type, .def = "4KiB", .doc = "Where."),
	SIM_CONF_FIELD(struct sample, old, &sim_conf_uint, .doc = "Gone.",
		       .refused = "it went away in format 1"),
	{0},
};
static const struct sim_conf_type sample_type =
	SIM_CONF_STRUCT_TYPE("scenario", struct sample, sample_fields, .doc = "A small scenario.");

#endif
