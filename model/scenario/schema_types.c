/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Scalars and ranges that only scenarios have: results of calls, errnos, figures with bounds. */
/* Mirrors: no kernel file; errno values are include/uapi/asm-generic/errno*.h (6.8). */
#include "model/scenario/schema_impl.h"

#include <string.h>

#include "model/scenario/conditions.h"
#include "sim/base/math.h"

/* ---- errno ---- */

/* Values are those of the model, which are x86-64's, whatever this program runs on. */
static const struct sim_conf_name errnos[] = {
	{"EPERM", 1, "operation not permitted"},
	{"ENOENT", 2, "no such file"},
	{"ESRCH", 3, "no such task any more"},
	{"EINTR", 4, "interrupted"},
	{"EIO", 5, "input/output error"},
	{"EBADF", 9, "not open, or not open for this"},
	{"EAGAIN", 11, "try again"},
	{"ENOMEM", 12, "out of memory"},
	{"EACCES", 13, "permission denied"},
	{"EFAULT", 14, "bad address"},
	{"EBUSY", 16, "busy"},
	{"EEXIST", 17, "the file exists"},
	{"EINVAL", 22, "invalid argument"},
	{"EFBIG", 27, "file too large"},
	{"ENOSPC", 28, "no space left on the server"},
	{"ESPIPE", 29, "illegal seek"},
	{"EROFS", 30, "read-only file system"},
	{"ENXIO", 6, "no such address: SEEK_DATA or SEEK_HOLE past the end"},
	{"ENODATA", 61, "no data"},
	{"EREMOTEIO", 121, "remote input/output error"},
	{"EPROTO", 71, "protocol error"},
	{"EOVERFLOW", 75, "value too large"},
	{"EOPNOTSUPP", 95, "not supported"},
	{"ENOBUFS", 105, "no buffer space"},
	{"ECONNRESET", 104, "connection reset"},
	{"ECONNABORTED", 103, "connection aborted"},
	{"ETIMEDOUT", 110, "timed out"},
	{"EHOSTUNREACH", 113, "no route to the server"},
	{"ESTALE", 116, "stale file handle"},
	{"EDQUOT", 122, "quota exceeded"},
	{"ECANCELED", 125, "cancelled"},
	{0},
};

const struct sim_conf_type scn_errno_type =
	SIM_CONF_ENUM_TYPE("errno", errnos, .doc = "An error number by name.");

const char *scn_errno_name(int err)
{
	for (const struct sim_conf_name *e = errnos; e->name; e++) {
		if ((int)e->value == err)
			return e->name;
	}
	return NULL;
}

/* ---- what a call returns ---- */

static int ret_scalar(struct sim_arena *arena, const char *text, void *out, const char **why)
{
	struct scn_ret *ret = out;
	uint64_t v;

	ret->given = true;
	for (const struct sim_conf_name *e = errnos; e->name; e++) {
		if (!strcmp(e->name, text)) {
			ret->value = -(int64_t)e->value;
			return 0;
		}
	}
	if (!sim_parse_size(text, &v, why) && v <= INT64_MAX) {
		ret->value = (int64_t)v;
		return 0;
	}
	*why = "it is not a result of a call; write a count of bytes as 4096 or 4KiB, or an errno "
	       "as ENOSPC";
	return -1;
}

const struct sim_conf_type scn_ret_type = {
	.kind = SIM_CONF_STRUCT,
	.name = "result",
	.doc = "What a call returns: a count, or an errno by name.",
	.size = sizeof(struct scn_ret),
	.scalar = ret_scalar,
	.pattern = "^(E[A-Z0-9]+|[0-9]+([KMGT]iB|B)?|0x[0-9A-Fa-f]+)$",
	.scalar_form = "a number as 4096 or 4KiB, or an errno as ENOSPC",
};

/* ---- ranges ---- */

static int set_range(struct scn_range *r, uint64_t v)
{
	*r = (struct scn_range){.given = true, .min = v, .max = v};
	return 0;
}

static int count_scalar(struct sim_arena *arena, const char *text, void *out, const char **why)
{
	uint64_t v;

	return sim_parse_uint(text, &v, why) ? -1 : set_range(out, v);
}

static int size_scalar(struct sim_arena *arena, const char *text, void *out, const char **why)
{
	uint64_t v;

	return sim_parse_size(text, &v, why) ? -1 : set_range(out, v);
}

static int time_scalar(struct sim_arena *arena, const char *text, void *out, const char **why)
{
	uint64_t v;

	return sim_parse_time(text, &v, why) ? -1 : set_range(out, v);
}

static int rate_scalar(struct sim_arena *arena, const char *text, void *out, const char **why)
{
	uint64_t v;

	return sim_parse_rate(text, &v, why) ? -1 : set_range(out, v);
}

static int check_range(struct sim_conf_doc *doc, void *obj, struct sim_err *err)
{
	struct scn_range *r = obj;

	r->given = true;
	if (!sim_conf_given(doc, &r->max))
		r->max = UINT64_MAX;
	if (r->min > r->max)
		return sim_conf_error_at(doc, &r->max, err,
					 "it is less than min; max must be at least min");
	return 0;
}

#define RANGE_TYPE(var, unit, type_name, form)                                            \
	static const struct sim_conf_field var##_fields[] = {                             \
		SIM_CONF_FIELD(struct scn_range, min, &sim_conf_##unit,                   \
			       .doc = "The least that is allowed."),                      \
		SIM_CONF_FIELD(struct scn_range, max, &sim_conf_##unit,                   \
			       .doc = "The most that is allowed; no bound if absent."),   \
		{0},                                                                      \
	};                                                                                \
	const struct sim_conf_type var = SIM_CONF_STRUCT_TYPE(                            \
		type_name, struct scn_range, var##_fields, .scalar = unit##_range_scalar, \
		.check = check_range, .scalar_form = form,                                \
		.doc = "Exactly one value, or {min:, max:} with both included.")

#define uint_range_scalar count_scalar
#define size_range_scalar size_scalar
#define time_range_scalar time_scalar
#define rate_range_scalar rate_scalar
RANGE_TYPE(scn_count_range, uint, "count range", "a number");
RANGE_TYPE(scn_size_range, size, "size range", "a size as 64KiB");
RANGE_TYPE(scn_time_range, time, "time range", "a time as 3ms");
RANGE_TYPE(scn_rate_range, rate, "rate range", "a rate as 100MiB/s");

/* ---- of operations ---- */

static const struct sim_conf_name sysctl_names[] = {
	{"vm/dirty_ratio", SYSCTL_DIRTY_RATIO, "percent of available memory"},
	{"vm/dirty_background_ratio", SYSCTL_DIRTY_BACKGROUND_RATIO, "percent of available memory"},
	{"vm/dirty_bytes", SYSCTL_DIRTY_BYTES, "bytes"},
	{"vm/dirty_background_bytes", SYSCTL_DIRTY_BACKGROUND_BYTES, "bytes"},
	{"vm/dirty_writeback_centisecs", SYSCTL_DIRTY_WRITEBACK_CENTISECS, "10 ms"},
	{"vm/dirty_expire_centisecs", SYSCTL_DIRTY_EXPIRE_CENTISECS, "10 ms"},
	{0},
};
const struct sim_conf_type scn_sysctl_type =
	SIM_CONF_ENUM_TYPE("sysctl key", sysctl_names, .doc = "A file under /proc/sys.");

static const struct sim_conf_name signal_names[] = {
	{"interrupt", SIGNAL_INTERRUPT,
	 "caught, as SIGUSR1: ends what may be interrupted, which fails with EINTR or is cut short"},
	{"restart", SIGNAL_RESTART,
	 "caught, with SA_RESTART: a call that it ended with nothing done is made again"},
	{"kill", SIGNAL_KILL, "SIGKILL: the task does no more of its operations and exits"},
	{0},
};
const struct sim_conf_type scn_signal_type =
	SIM_CONF_ENUM_TYPE("kind of signal", signal_names, .doc = "What a signal does to a task.");
