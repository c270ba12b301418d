/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The operations that a task can be told to do: one table of fields for each. */
/* Mirrors: no kernel file. */
#include "model/scenario/schema_impl.h"

#include "sim/base/arena.h"
#include "sim/base/math.h"

#define F(member, ...)       SIM_CONF_FIELD(struct scn_op, member, __VA_ARGS__)
#define AS(member, key, ...) SIM_CONF_FIELD_AS(struct scn_op, member, key, __VA_ARGS__)
#define REQ                  .flags = SIM_CONF_REQUIRED

/* Fields that every operation has. */
#define COMMON                                                                      \
	F(label, &sim_conf_name, .flags = SIM_CONF_SHARED,                          \
	  .doc = "Name by which holds, waits and expectations refer to it."),       \
		F(ret, &scn_ret_type, .flags = SIM_CONF_SHARED | SIM_CONF_OPTIONAL, \
		  .doc = "What it must return."),                                   \
		F(line, &sim_conf_uint, .flags = SIM_CONF_SHARED,                   \
		  .doc = "Line of the recording it was made from."),                \
		F(text, &sim_conf_string, .flags = SIM_CONF_SHARED,                 \
		  .doc = "The operation as the recording has it."),                 \
	{                                                                           \
		0                                                                   \
	}

#define FD                                          \
	F(fd, &sim_conf_name, REQ, .example = "fd", \
	  .doc = "An open file, by the name given at open.")
#define FILE_ \
	F(file, &sim_conf_name, REQ, .example = "f", .doc = "A file, by its name on the server.")
#define AT                                      \
	F(at, &sim_conf_size, .max = INT64_MAX, \
	  .doc = "Offset in the file; absent: at the file position.")
#define AT0    F(at, &sim_conf_size, .max = INT64_MAX, .doc = "Offset in the file.")
#define MAP    F(map, &sim_conf_name, REQ, .example = "m", .doc = "A map, by its name.")
#define MAP_AT F(at, &sim_conf_size, .max = INT64_MAX, .doc = "Offset in the map.")
#define LEN    F(len, &sim_conf_size, REQ, .example = "4KiB", .max = 1ull << 50, .doc = "Bytes.")
#define LEN0   F(len, &sim_conf_size, .max = 1ull << 50, .doc = "Bytes; 0: to the end of file.")
#define SIZE                                                                       \
	AS(len, "size", &sim_conf_size, REQ, .example = "64KiB", .max = INT64_MAX, \
	   .doc = "New size of the file.")
#define MISALIGN                                 \
	F(misalign, &sim_conf_uint, .max = 4095, \
	  .doc = "Offset of the buffer in its page of memory.")

/* aio_wait gives up after that when it does not say: the default of its timeout. */
#define AIO_TIMEOUT_NS (20 * SIM_NS_PER_S)

/* ---- scalar forms: "fsync: fd", "sleep: 5ms", "unlink: f" ---- */

static bool is_name(const char *s)
{
	if (!*s)
		return false;
	for (; *s; s++) {
		if (!(*s >= 'a' && *s <= 'z') && !(*s >= 'A' && *s <= 'Z') &&
		    !(*s >= '0' && *s <= '9') && *s != '_' && *s != '-' && *s != '.')
			return false;
	}
	return true;
}

static int name_scalar(struct sim_arena *arena, const char *text, const char **to, const char **why)
{
	if (!is_name(text)) {
		*why = "it is not a name; use letters, digits, _ and -";
		return -1;
	}
	*to = sim_strdup(arena, text);
	return 0;
}

static int fd_scalar(struct sim_arena *arena, const char *text, void *out, const char **why)
{
	return name_scalar(arena, text, &((struct scn_op *)out)->fd, why);
}

static int file_scalar(struct sim_arena *arena, const char *text, void *out, const char **why)
{
	return name_scalar(arena, text, &((struct scn_op *)out)->file, why);
}

static int map_scalar(struct sim_arena *arena, const char *text, void *out, const char **why)
{
	return name_scalar(arena, text, &((struct scn_op *)out)->map, why);
}

static int aio_scalar(struct sim_arena *arena, const char *text, void *out, const char **why)
{
	struct scn_op *op = out;

	op->time_ns = AIO_TIMEOUT_NS;
	return name_scalar(arena, text, &op->aio, why);
}

static int target_scalar(struct sim_arena *arena, const char *text, void *out, const char **why)
{
	return name_scalar(arena, text, &((struct scn_op *)out)->target, why);
}

static int snap_scalar(struct sim_arena *arena, const char *text, void *out, const char **why)
{
	return name_scalar(arena, text, &((struct scn_op *)out)->name, why);
}

static int time_scalar(struct sim_arena *arena, const char *text, void *out, const char **why)
{
	return sim_parse_time(text, &((struct scn_op *)out)->time_ns, why);
}

#define NAME_PATTERN "^[A-Za-z0-9_.-]+$"

/* ---- open, close, read, write ---- */

static const struct sim_conf_name open_flag_names[] = {
	{"rdonly", O_RDONLY_, "read only"},
	{"wronly", O_WRONLY_, "write only"},
	{"rdwr", O_RDWR_, "read and write"},
	{"creat", O_CREAT_, "create it if it does not exist"},
	{"excl", O_EXCL_, "with creat: fail if it exists"},
	{"trunc", O_TRUNC_, "make it empty"},
	{"append", O_APPEND_, "write at the end of file"},
	{"nonblock", O_NONBLOCK_, "no effect on files"},
	{"direct", O_DIRECT_, "bypass the page cache"},
	{"dsync", O_DSYNC_, "each write waits for its data"},
	{"sync", O_SYNC_, "each write waits for data and metadata"},
	{0},
};
static const struct sim_conf_type open_flags_type =
	SIM_CONF_FLAGS_TYPE("open flags", open_flag_names,
			    .doc = "How a file is opened: rdonly, wronly or rdwr, and what else.");

static int check_open(struct sim_conf_doc *doc, void *obj, struct sim_err *err)
{
	struct scn_op *op = obj;

	if ((op->flags & O_ACCMODE_) == O_ACCMODE_)
		return sim_conf_error_at(
			doc, &op->flags, err,
			"wronly and rdwr exclude each other; give one of rdonly, wronly, rdwr");
	if (op->flags & O_EXCL_ && !(op->flags & O_CREAT_))
		return sim_conf_error_at(doc, &op->flags, err,
					 "excl without creat means nothing; add creat");
	return 0;
}

static int check_io(struct sim_conf_doc *doc, void *obj, struct sim_err *err)
{
	struct scn_op *op = obj;

	op->has_at = sim_conf_given(doc, &op->at);
	if (op->at > INT64_MAX - op->len)
		return sim_conf_error_at(
			doc, &op->len, err,
			"the end of the range is beyond the largest file size; at + len must be below 8 EiB");
	if (op->flags && !op->has_at)
		return sim_conf_error_at(doc, &op->flags, err, "rwf needs an offset; add at");
	return 0;
}

static const struct sim_conf_name rwf_names[] = {
	{"dsync", RWF_DSYNC_, "as O_DSYNC, for this call"},
	{"sync", RWF_SYNC_, "as O_SYNC, for this call"},
	{"nowait", RWF_NOWAIT_, "fail with EAGAIN instead of waiting"},
	{"append", RWF_APPEND_, "at the end of file"},
	{0},
};
static const struct sim_conf_type rwf_type =
	SIM_CONF_FLAGS_TYPE("rwf flags", rwf_names, .doc = "Flags of pwritev2(2).");

static const struct sim_conf_field open_fields[] = {
	FILE_,
	F(as, &sim_conf_name, .example = "fd",
	  .doc = "Name of the open file; absent: nothing refers to it."),
	F(flags, &open_flags_type, .def = "[rdonly]", .doc = "How it is opened."),
	COMMON,
};
static const struct sim_conf_field fd_fields[] = {FD, COMMON};
static const struct sim_conf_field read_fields[] = {FD, AT, LEN, MISALIGN, COMMON};
static const struct sim_conf_field write_fields[] = {
	FD,
	AT,
	LEN,
	MISALIGN,
	AS(flags, "rwf", &rwf_type, .doc = "Flags of this call: makes it pwritev2(2)."),
	COMMON,
};
static const struct sim_conf_field range_fields[] = {
	FD,
	AT0,
	LEN0,
	COMMON,
};

/* ---- asynchronous reads and writes ---- */

#define AIO                                         \
	F(aio, &sim_conf_name, REQ, .example = "a", \
	  .doc = "Context, by any name: made by the first that names it.")

static const struct sim_conf_field aio_io_fields[] = {
	AIO,    FD,       AT0,
	LEN,    MISALIGN, AS(flags, "rwf", &rwf_type, .doc = "Flags of this read or write."),
	COMMON,
};
static const struct sim_conf_field aio_wait_fields[] = {
	AIO,
	AS(time_ns, "timeout", &sim_conf_time, .def = "20s", .doc = "Return 0 after that."),
	F(res, &scn_ret_type, OPT, .doc = "What the read or write must come to."),
	COMMON,
};

/* ---- mappings ---- */

static int check_range(struct sim_conf_doc *doc, void *obj, struct sim_err *err)
{
	struct scn_op *op = obj;

	if (op->at > INT64_MAX - op->len)
		return sim_conf_error_at(
			doc, &op->len, err,
			"the end of the range is beyond the largest file size; at + len must be below 8 EiB");
	return 0;
}

static const struct sim_conf_name prot_names[] = {
	{"read", SCN_PROT_READ, "PROT_READ: loads only"},
	{"write", SCN_PROT_WRITE, "PROT_READ | PROT_WRITE: loads and stores"},
	{0},
};
static const struct sim_conf_type prot_type =
	SIM_CONF_ENUM_TYPE("protection", prot_names, .doc = "What a map allows.");

static const struct sim_conf_name msync_names[] = {
	{"sync", MS_SYNC_, "write the range and wait"},
	{"async", MS_ASYNC_, "nothing: the flusher does it"},
	{0},
};
static const struct sim_conf_type msync_type =
	SIM_CONF_ENUM_TYPE("msync flags", msync_names, .doc = "Flags of msync(2).");

static const struct sim_conf_field mmap_fields[] = {
	F(map, &sim_conf_name, REQ, .example = "m", .doc = "Name of the map."),
	FD,
	F(at, &sim_conf_size, .max = INT64_MAX, .doc = "Offset in the file, of a whole page."),
	LEN,
	F(prot, &prot_type, .def = "read", .doc = "What the map allows."),
	COMMON,
};
static const struct sim_conf_field map_fields[] = {MAP, COMMON};
static const struct sim_conf_field map_range_fields[] = {MAP, MAP_AT, LEN, COMMON};
static const struct sim_conf_field msync_fields[] = {
	MAP,    MAP_AT,
	LEN,    AS(msync, "flags", &msync_type, .def = "sync", .doc = "Whether to wait."),
	COMMON,
};

/* ---- attributes and positions ---- */

static int check_stat(struct sim_conf_doc *doc, void *obj, struct sim_err *err)
{
	struct scn_op *op = obj;

	if (!op->fd == !op->file)
		return sim_conf_error_at(
			doc, &op->fd, err,
			"stat takes a file or an open file; give either file or fd");
	return 0;
}

static const struct sim_conf_name whence_names[] = {
	{"set", SEEK_SET_, "from the start"},       {"cur", SEEK_CUR_, "from the file position"},
	{"end", SEEK_END_, "from the end of file"}, {"data", SEEK_DATA_, "the next data"},
	{"hole", SEEK_HOLE_, "the next hole"},      {0},
};
static const struct sim_conf_type whence_type = SIM_CONF_ENUM_TYPE(
	"whence", whence_names, .doc = "What an offset of lseek(2) counts from.");

static const struct sim_conf_name advice_names[] = {
	{"normal", FADV_NORMAL, "the usual readahead"},
	{"random", FADV_RANDOM, "no readahead"},
	{"sequential", FADV_SEQUENTIAL, "a doubled readahead window"},
	{"willneed", FADV_WILLNEED, "read the range now"},
	{"dontneed", FADV_DONTNEED, "start writeback of the range and drop what is clean"},
	{"noreuse", FADV_NOREUSE, "no effect here"},
	{0},
};
static const struct sim_conf_type advice_type =
	SIM_CONF_ENUM_TYPE("advice", advice_names, .doc = "Advice of posix_fadvise(2).");

static const struct sim_conf_name fallocate_names[] = {
	{"allocate", FALLOC_ALLOCATE, "space for the range; the file grows to its end"},
	{"keep", FALLOC_FL_KEEP_SIZE, "space, and the size stays"},
	{"punch", FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, "a hole; the size stays"},
	{"zero", FALLOC_FL_ZERO_RANGE, "zeros; the file grows to the end of the range"},
	{"collapse", FALLOC_FL_COLLAPSE_RANGE, "cut the range out of the file"},
	{"insert", FALLOC_FL_INSERT_RANGE, "put a hole in; what follows moves up"},
	{0},
};
static const struct sim_conf_type fallocate_type =
	SIM_CONF_ENUM_TYPE("fallocate mode", fallocate_names,
			   .doc = "What fallocate(2) does with a range; EOPNOTSUPP where the "
				  "filesystem cannot do it.");

static const struct sim_conf_field fallocate_fields[] = {
	FD,     AT0,
	LEN,    F(mode, &fallocate_type, .def = "allocate", .doc = "What is done with the range."),
	COMMON,
};
static const struct sim_conf_field truncate_fields[] = {FD, SIZE, COMMON};
static const struct sim_conf_field stat_fields[] = {
	F(file, &sim_conf_name, .doc = "The file, by name."),
	F(fd, &sim_conf_name, .doc = "Or an open file."),
	COMMON,
};
static const struct sim_conf_field lseek_fields[] = {
	FD,
	AT0,
	F(whence, &whence_type, .def = "set", .doc = "What the offset counts from."),
	COMMON,
};
static const struct sim_conf_field file_fields[] = {FILE_, COMMON};
static const struct sim_conf_field fadvise_fields[] = {
	FD,     F(advice, &advice_type, REQ, .example = "willneed", .doc = "What is advised."),
	AT0,    LEN0,
	COMMON,
};

static const struct sim_conf_field lock_fields[] = {
	FD, AT0, LEN0, F(shared, &sim_conf_bool, .doc = "Others may lock it shared too."), COMMON};

/* ---- the machine, time, order ---- */

static const struct sim_conf_field amount_fields[] = {LEN, COMMON};
static const struct sim_conf_field bare_fields[] = {COMMON};
static const struct sim_conf_field sleep_fields[] = {
	AS(time_ns, "time", &sim_conf_time, REQ, .example = "5ms", .doc = "How long."),
	COMMON,
};
static const struct sim_conf_field sysctl_fields[] = {
	F(key, &scn_sysctl_type, REQ, .example = "vm/dirty_bytes", .doc = "Which."),
	F(value, &sim_conf_uint, REQ, .example = "1048576", .max = 1ull << 50,
	  .doc = "What is written to it."),
	COMMON,
};
static const struct sim_conf_field barrier_fields[] = {
	AS(target, "name", &sim_conf_name, REQ, .example = "start",
	   .doc = "Tasks that name the same barrier meet there."),
	COMMON,
};
static const struct sim_conf_field wait_fields[] = {
	AS(target, "for", &sim_conf_string, REQ, .example = "writer.w1",
	   .doc = "TASK.LABEL: that operation is done; TASK: it ended."),
	COMMON,
};

static const struct sim_conf_field signal_fields[] = {
	AS(target, "task", &sim_conf_name, REQ, .example = "writer", .doc = "Who gets it."),
	AS(signal, "kind", &scn_signal_type, REQ, .example = "interrupt", .doc = "What it does."),
	COMMON,
};

/* ---- behind the clients' backs ---- */

static const struct sim_conf_name fill_names[] = {
	{"data", SRV_FILL_DATA, "letters: 'a' in the first page, 'b' in the second ..."},
	{"zero", SRV_FILL_ZERO, "zero bytes that take space"},
	{"hole", SRV_FILL_HOLE, "nothing"},
	{0},
};
static const struct sim_conf_type fill_type =
	SIM_CONF_ENUM_TYPE("fill", fill_names, .doc = "What is put into a file on the server.");

static const struct sim_conf_field srv_create_fields[] = {
	FILE_,
	SIZE,
	F(fill, &fill_type, .def = "data", .doc = "Its contents."),
	COMMON,
};
static const struct sim_conf_field srv_write_fields[] = {FILE_, AT0, LEN, COMMON};
static const struct sim_conf_field srv_truncate_fields[] = {FILE_, SIZE, COMMON};

static const struct sim_conf_field snap_fields[] = {
	F(name, &sim_conf_name, REQ, .example = "s1", .doc = "Name of the snapshot."),
	COMMON,
};

/* ---- the trace window ---- */

static const struct sim_conf_field trace_on_fields[] = {
	FILE_,
	F(name, &sim_conf_string, .max = 64, .doc = "Name of the case, for the marker."),
	COMMON,
};

/* ---- groups and generators ---- */

#define GROUP_MAX 1000000000000ull

static int check_block(struct sim_conf_doc *doc, struct scn_op *op, struct sim_err *err)
{
	uint64_t end;

	if (__builtin_mul_overflow(op->times, sim_max(op->stride, op->len), &end) ||
	    end > INT64_MAX - op->at)
		if (!op->range)
			return sim_conf_error_at(
				doc, &op->times, err,
				"the last block is beyond the largest file size; lower count or give a range");
	if (op->range && op->range < op->len)
		return sim_conf_error_at(doc, &op->range, err,
					 "not one block fits in; range must be at least block");
	if (op->range > INT64_MAX - op->at)
		return sim_conf_error_at(
			doc, &op->range, err,
			"its end is beyond the largest file size; at + range must be below 8 EiB");
	return 0;
}

static int check_sequential(struct sim_conf_doc *doc, void *obj, struct sim_err *err)
{
	struct scn_op *op = obj;

	op->stride = op->stride ? op->stride : op->len;
	return check_block(doc, op, err);
}

static int check_zipf(struct sim_conf_doc *doc, void *obj, struct sim_err *err)
{
	struct scn_op *op = obj;
	const char *why;

	if (check_block(doc, op, err))
		return -1;
	op->rank = (struct sim_law){.kind = SIM_LAW_ZIPF,
				    .items = op->range / op->len,
				    .shape_num = op->theta.num,
				    .shape_den = op->theta.den};
	if (sim_law_init(&op->rank, sim_conf_arena(doc), &why))
		return sim_conf_error_at(doc, &op->theta, err, "%s", why);
	return 0;
}

static const struct sim_conf_name rw_names[] = {
	{"read", SCN_READ, "pread(2)"}, {"write", SCN_WRITE, "pwrite(2)"}, {0}};
static const struct sim_conf_type rw_type =
	SIM_CONF_ENUM_TYPE("direction", rw_names, .doc = "What a generator does.");

#define GENERATOR                                                                    \
	AS(rw, "op", &rw_type, REQ, .example = "read", .doc = "read or write."), FD, \
		AS(times, "count", &sim_conf_uint, REQ, .example = "100", .min = 1,  \
		   .max = GROUP_MAX, .doc = "How many operations."),                 \
		AS(len, "block", &sim_conf_size, REQ, .example = "4KiB", .min = 1,   \
		   .max = 1ull << 40, .doc = "Bytes of each."),                      \
		F(at, &sim_conf_size, .max = INT64_MAX,                              \
		  .doc = "Where the first block, or the range, begins."),            \
		F(pause, &sim_conf_time_law, .def = "0", .doc = "Time between two operations.")
#define RANGE(...)                                            \
	F(range, &sim_conf_size, __VA_ARGS__.max = INT64_MAX, \
	  .doc = "Bytes that blocks are taken from.")

static const struct sim_conf_field sequential_fields[] = {
	GENERATOR,
	RANGE(),
	COMMON,
};
static const struct sim_conf_field strided_fields[] = {
	GENERATOR,
	RANGE(),
	F(stride, &sim_conf_size, REQ, .example = "1MiB", .min = 1, .max = 1ull << 50,
	  .doc = "From one block to the next."),
	COMMON,
};
static const struct sim_conf_field random_fields[] = {
	GENERATOR,
	RANGE(REQ, .example = "1MiB", ),
	COMMON,
};
static const struct sim_conf_field zipf_fields[] = {
	GENERATOR,
	RANGE(REQ, .example = "1MiB", ),
	F(theta, &sim_conf_fraction, .def = "99/100",
	  .doc = "How uneven: block r is taken about 1/(r+1)^theta as often."),
	COMMON,
};
static const struct sim_conf_field repeat_fields[] = {
	F(times, &sim_conf_uint, REQ, .example = "10", .min = 1, .max = GROUP_MAX,
	  .doc = "How often."),
	F(step, &sim_conf_size, .max = 1ull << 50,
	  .doc = "Added to every `at` inside for each time."),
	AS(body, "do", &scn_ops_type, REQ, .example = "[drop_caches]", .doc = "The operations."),
	COMMON,
};

static int check_mix(struct sim_conf_doc *doc, void *obj, struct sim_err *err)
{
	struct scn_op *op = obj;

	if (op->weights.n && op->weights.n != op->body.n)
		return sim_conf_error_at(doc, &op->weights, err,
					 "there must be as many weights as operations in `do`");
	op->total_weight = op->weights.n ? 0 : op->body.n;
	for (size_t i = 0; i < op->weights.n; i++)
		op->total_weight += *sim_conf_item(&op->weights, uint64_t, i);
	if (op->len > op->range)
		return sim_conf_error_at(doc, &op->range, err,
					 "not one block fits in; range must be at least block");
	for (size_t i = 0; i < op->body.n; i++) {
		if (scn_op_kind(&op->body, i) >= OP_REPEAT)
			return sim_conf_error_at(doc, &op->body, err,
						 "groups and generators cannot be mixed; give "
						 "single operations");
	}
	return 0;
}

static const struct sim_conf_type weight_type = {
	.kind = SIM_CONF_UINT, .name = "weight", .size = 8, .min = 1, .max = 1000000};
static const struct sim_conf_type weights_type = SIM_CONF_LIST_OF(&weight_type);
static const struct sim_conf_type align_type = {
	.kind = SIM_CONF_SIZE, .name = "alignment", .size = 8, .min = 1, .max = 1u << 30};
static const struct sim_conf_type aligns_type = SIM_CONF_LIST_OF(&align_type, .min = 1);
static const struct sim_conf_field mix_fields[] = {
	AS(times, "count", &sim_conf_uint, REQ, .example = "1000", .min = 1, .max = GROUP_MAX,
	   .doc = "How many operations."),
	AS(body, "do", &scn_ops_type, REQ, .example = "[{read: {fd: fd, len: 1}}, {fsync: fd}]",
	   .doc = "What is drawn from. `at` and `len` are drawn too; an `at` given here is added, a "
		  "`len` is not looked at."),
	F(weights, &weights_type, .doc = "How often each of them is drawn; absent: all alike."),
	F(range, &sim_conf_size, REQ, .example = "256KiB", .min = 1, .max = 1ull << 50,
	  .doc = "Operations begin in the first so many bytes; so do sizes of truncate."),
	AS(len, "block", &sim_conf_size, REQ, .example = "64KiB", .min = 1, .max = 1ull << 40,
	   .doc = "Bytes of the longest operation."),
	AS(aligns, "align", &aligns_type, .def = "[1, 512, 4KiB]",
	   .doc = "Each operation draws one of these; its offset and length are multiples of it."),
	F(pause, &sim_conf_time_law, .def = "0", .doc = "Time between two operations."),
	COMMON,
};

static const struct sim_conf_type groups_type = SIM_CONF_MAP_OF(
	&scn_ops_type, .min = 1, .max = 1024, .doc = "Tasks by name, each a list of operations.");
static const struct sim_conf_field parallel_fields[] = {
	AS(groups, "tasks", &groups_type, REQ, .example = "{t1: [sync], t2: [sync]}",
	   .doc = "Tasks that are released together; the parent waits for all of them."),
	COMMON,
};

/* ---- the table ---- */

#define BY_FD     .scalar = fd_scalar, .pattern = NAME_PATTERN, .scalar_form = "the open file"
#define BY_FILE   .scalar = file_scalar, .pattern = NAME_PATTERN, .scalar_form = "the file"
#define BY_MAP    .scalar = map_scalar, .pattern = NAME_PATTERN, .scalar_form = "the map"
#define BY_AIO    .scalar = aio_scalar, .pattern = NAME_PATTERN, .scalar_form = "the context"
#define BY_NAME   .scalar = snap_scalar, .pattern = NAME_PATTERN, .scalar_form = "its name"
#define BY_TARGET .scalar = target_scalar, .pattern = NAME_PATTERN, .scalar_form = "its name"
#define BY_TIME                                                           \
	.scalar = time_scalar, .pattern = "^(0|[0-9]+(ns|us|ms|s|min))$", \
	.scalar_form = "a time as 5ms"
#define NOT_BARE .scalar = NULL

#define OP(kind, key, doc_, table, ...)              \
	static const struct sim_conf_type key##_op = \
		SIM_CONF_STRUCT_TYPE(#key, struct scn_op, table, .doc = doc_, __VA_ARGS__);
#include "model/scenario/ops.def"
#undef OP

static const struct sim_conf_variant op_variants[NR_OPS + 1] = {
#define OP(kind, key, doc_, table, ...) [kind] = {#key, kind, &key##_op, doc_},
#include "model/scenario/ops.def"
#undef OP
};

static const struct sim_conf_type op_type =
	SIM_CONF_ONEOF_TYPE("operation", op_variants, .doc = "One thing that a task does.");
const struct sim_conf_type scn_ops_type =
	SIM_CONF_LIST_OF(&op_type, .min = 1, .doc = "Operations, one after the other.");

static const struct sim_conf_field task_fields[] = {
	SIM_CONF_FIELD(struct scn_task, client, &sim_conf_uint, .max = SCN_CLIENTS_MAX - 1,
		       .doc = "Which client it runs on, from 0."),
	SIM_CONF_FIELD(struct scn_task, comm, &sim_conf_name, .max = 15,
		       .doc = "Its name in traces; absent: the task's."),
	SIM_CONF_FIELD(struct scn_task, start_after, &sim_conf_string,
		       .doc = "TASK.LABEL or TASK: it starts when that is done; absent: at once."),
	SIM_CONF_FIELD_AS(struct scn_task, ops, "do", &scn_ops_type, REQ,
			  .example = "[drop_caches]", .doc = "What it does."),
	{0},
};
const struct sim_conf_type scn_task_type =
	SIM_CONF_STRUCT_TYPE("task", struct scn_task, task_fields, .bare_list = "do",
			     .doc = "A task: a list of operations, or a map that says more of it.");

const char *scn_op_name(enum scn_op_kind kind)
{
	return op_variants[kind].name;
}
