/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Buffered, atomic output of traces. */
#include "traces/format/output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/base/arena.h"

#define TMP_ATTEMPTS  100
#define NEW_FILE_MODE 0666 /* the umask applies */

struct trace_output {
	struct sim_buf buf;
	struct sim_err err; /* the first error of writing */
	char *path;         /* as given, for messages; NULL: memory */
	char *target;       /* file to replace; NULL: written in place */
	struct sim_buf tmp; /* name of the temporary file, if there is a target */
	int fd;             /* -1: memory */
	bool close_fd;
};

static int refuse_errno(struct sim_err *err, const char *path, const char *verb)
{
	return sim_err_set(err, "%s: cannot %s: %s", path, verb, strerror(errno));
}

/* Create the temporary file beside out->target, with the mode of the old file if there is one. */
static int create_beside(struct trace_output *out, const struct stat *old, struct sim_err *err)
{
	for (int i = 0; i < TMP_ATTEMPTS; i++) {
		sim_buf_clear(&out->tmp);
		sim_buf_printf(&out->tmp, "%s.%ld-%d.tmp", out->target, (long)getpid(), i);
		out->fd =
			open(out->tmp.data, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, NEW_FILE_MODE);
		if (out->fd >= 0 || errno != EEXIST)
			break;
	}
	if (out->fd < 0)
		return refuse_errno(err, out->path, "create");
	out->close_fd = true;
	if (old && fchmod(out->fd, old->st_mode & 07777)) {
		unlink(out->tmp.data);
		return refuse_errno(err, out->path, "create");
	}
	return 0;
}

/* The existing regular file at out->path is to be replaced; a symbolic link to it stays one. */
static int open_existing(struct trace_output *out, const struct stat *old, struct sim_err *err)
{
	char *real;

	if (access(out->path, W_OK))
		return refuse_errno(err, out->path, "write");
	real = realpath(out->path, NULL);
	if (!real)
		return refuse_errno(err, out->path, "write");
	out->target = sim_xstrdup(real);
	free(real);
	return create_beside(out, old, err);
}

static int open_path(struct trace_output *out, struct sim_err *err)
{
	struct stat st;

	if (!strcmp(out->path, "-")) {
		out->fd = STDOUT_FILENO;
		return 0;
	}
	if (stat(out->path, &st)) {
		if (errno != ENOENT || !*out->path)
			return refuse_errno(err, out->path, "create");
		out->target = sim_xstrdup(out->path);
		return create_beside(out, NULL, err);
	}
	if (S_ISREG(st.st_mode))
		return open_existing(out, &st, err);
	out->fd = open(out->path, O_WRONLY | O_CLOEXEC);
	if (out->fd < 0)
		return refuse_errno(err, out->path, "open for writing");
	out->close_fd = true;
	return 0;
}

static void release(struct trace_output *out)
{
	if (out->close_fd)
		close(out->fd);
	sim_buf_free(&out->buf);
	sim_buf_free(&out->tmp);
	sim_xfree(out->target);
	sim_xfree(out->path);
	sim_xfree(out);
}

struct trace_output *trace_output_open(const char *path, struct sim_err *err)
{
	struct trace_output *out = sim_xcalloc(1, sizeof(*out));

	out->fd = -1;
	out->path = sim_xstrdup(path);
	if (open_path(out, err)) {
		release(out);
		return NULL;
	}
	return out;
}

struct trace_output *trace_output_memory(void)
{
	struct trace_output *out = sim_xcalloc(1, sizeof(*out));

	out->fd = -1;
	return out;
}

struct sim_buf *trace_output_buf(struct trace_output *out)
{
	return &out->buf;
}

/* Write the whole buffer, unless something failed before. */
static void flush(struct trace_output *out)
{
	const char *p = out->buf.data;
	size_t len = out->buf.len;

	while (len && !out->err.set) {
		ssize_t n = write(out->fd, p, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			refuse_errno(&out->err, out->path, "write");
			break;
		}
		p += n;
		len -= (size_t)n;
	}
	sim_buf_clear(&out->buf);
}

void trace_output_push(struct trace_output *out)
{
	if (out->path && out->buf.len >= TRACE_OUTPUT_BUFFER)
		flush(out);
}

bool trace_output_failed(const struct trace_output *out)
{
	return out->err.set;
}

/* Close the descriptor: file systems may report a full disk only now. */
static void finish_fd(struct trace_output *out)
{
	if (out->close_fd && close(out->fd) && !out->err.set)
		refuse_errno(&out->err, out->path, "write");
	out->close_fd = false;
}

int trace_output_close(struct trace_output *out, bool keep, struct sim_err *err)
{
	int ret = 0;

	if (out->path) {
		if (keep)
			flush(out);
		finish_fd(out);
		if (out->target && keep && !out->err.set && rename(out->tmp.data, out->target))
			refuse_errno(&out->err, out->path, "put into place");
		if (out->target && (!keep || out->err.set))
			unlink(out->tmp.data);
		if (keep && out->err.set)
			ret = sim_err_set(err, "%s", out->err.text);
	}
	release(out);
	return ret;
}
