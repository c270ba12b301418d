/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of the design under test. */
/* Mirrors: no kernel file. */
#include "model/scenario/schema_impl.h"

static const struct sim_conf_name generation_names[] = {
	{"6.1", GEN_6_1, "before netfslib took over writing", .refused = "it is not built yet"},
	{"6.8", GEN_6_8, "netfslib as it was released in 6.8"},
	{"6.12", GEN_6_12, "the stream engine", .refused = "it is not built yet"},
	{0},
};
static const struct sim_conf_type generation_type = SIM_CONF_ENUM_TYPE(
	"generation", generation_names, .doc = "The kernel release whose design is simulated.");

static const struct sim_conf_name bug_names[] = {
	{"as-released", NR_BUGS, "every bug that the release of this generation had"},
#define BUG(id, slug, subject, commit, quirk, generations, class, text) {slug, BUG_##id, text},
#include "model/bugs/bugs.def"
#undef BUG
	{0},
};
static const struct sim_conf_type bug_type =
	SIM_CONF_ENUM_TYPE("bug", bug_names, .doc = "A real upstream bug, off by default.");
static const struct sim_conf_type bug_list = SIM_CONF_LIST_OF(&bug_type, .doc = "Bugs by name.");

static const struct sim_conf_name teardown_names[] = {
	{"launder", TEARDOWN_LAUNDER, "each folio by itself, as it goes: launder_folio"},
	{"flush", TEARDOWN_FLUSH, "the range is written back first; launder_folio is not used"},
	{0},
};
static const struct sim_conf_type teardown_type =
	SIM_CONF_ENUM_TYPE("teardown", teardown_names,
			   .doc = "How dirty folios that must leave the page cache are written.");
static const struct sim_conf_name cache_copy_names[] = {
	{"fscache", CACHE_COPY_FSCACHE,
	 "PG_fscache, when a read has ended and beside PG_writeback: as 6.8"},
	{"writeback", CACHE_COPY_WRITEBACK,
	 "dirty, until writeback copies them to the cache alone: as 6.10"},
	{0},
};
static const struct sim_conf_type cache_copy_type =
	SIM_CONF_ENUM_TYPE("cache copy", cache_copy_names,
			   .doc = "How folios are marked that the local cache is to get.");

static int check_crypto(struct sim_conf_doc *doc, void *obj, struct sim_err *err)
{
	struct scn_crypto *crypto = obj;

	if (crypto->block & (crypto->block - 1))
		return sim_conf_error_at(doc, &crypto->block, err,
					 "it must divide a page; a power of two, 512 to 4KiB");
	return 0;
}

static const struct sim_conf_field crypto_fields[] = {
	SIM_CONF_FIELD(struct scn_crypto, block, &sim_conf_size, .def = "4KiB", .min = 512,
		       .max = 4096, .doc = "Bytes that are encrypted as a whole."),
	SIM_CONF_FIELD(struct scn_crypto, assert_version, &sim_conf_bool, .def = "true",
		       .doc = "An unbuffered write of part of a block is read and written again "
			      "when another client has changed the object between the two."),
	{0},
};
static const struct sim_conf_type crypto_type =
	SIM_CONF_STRUCT_TYPE("crypto", struct scn_crypto, crypto_fields, .check = check_crypto,
			     .doc = "Content encryption.");

#define G(member, ...) SIM_CONF_FIELD(struct scn_design, member, __VA_ARGS__)
static const struct sim_conf_field design_fields[] = {
	G(generation, &generation_type, .def = "6.8", .doc = "Which release."),
	G(bugs, &bug_list, .doc = "Upstream bugs that are there."),
	G(zero_point, &sim_conf_bool, .def = "true",
	  .doc = "Skip downloads that can only give zeros."),
	G(perform_write, &sim_conf_bool, .def = "true",
	  .doc = "Write by one loop of the library; false: page by page, by write_begin and "
		 "write_end, which reads what a page lacks and never streams or writes through."),
	G(writeback_runs, &sim_conf_bool, .def = "true",
	  .doc = "A writeback request takes the dirty folios behind its first along; false: a "
		 "request for each folio, as ->writepage has it."),
	G(write_streaming, &sim_conf_bool, .def = "true",
	  .doc = "Hold partial writes in folios without reading them first."),
	G(large_folios, &sim_conf_bool, .def = "true",
	  .doc = "Use large folios where the mount allows them."),
	G(class_locking, &sim_conf_bool, .def = "true",
	  .doc = "Buffered and direct I/O of a file exclude each other."),
	G(direct_io, &sim_conf_bool, .def = "true",
	  .doc = "Files may be opened with O_DIRECT; else EINVAL."),
	G(write_through, &sim_conf_bool, .def = "true",
	  .doc = "O_SYNC, RWF_SYNC and the like write to the server while they copy; false: they "
		 "write back afterwards."),
	G(variable_wsize, &sim_conf_bool, .def = "true",
	  .doc = "Write-through asks the filesystem what an upload may carry at the moment; false: "
		 "it gathers wsize."),
	G(unbuffered, &sim_conf_bool, .def = "true",
	  .doc = "Go round the page cache where the mount or the open file says so; false: only "
		 "with O_DIRECT."),
	G(teardown, &teardown_type, .def = "launder",
	  .doc = "How dirty folios that must leave the page cache are written."),
	G(cache_copy, &cache_copy_type, .def = "fscache",
	  .doc = "How folios are marked that the local cache is to get."),
	G(crypto, &crypto_type, .flags = SIM_CONF_OPTIONAL,
	  .doc = "Ceph: contents are encrypted; absent: they are not."),
	G(bounce_buffer, &sim_conf_bool, .def = "true",
	  .doc = "Encrypt in a buffer of the request; false: in the source itself."),
	G(write_grouping, &sim_conf_bool, .def = "true",
	  .doc = "Ceph: folios remember which snapshots they are older than."),
	{0},
};
const struct sim_conf_type scn_design_type = SIM_CONF_STRUCT_TYPE(
	"design", struct scn_design, design_fields, .doc = "The design under test.");
