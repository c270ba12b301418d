/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whole files: bounded reading, and writing that replaces the old file only by a complete new one. */
#include "sim/base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/base/arena.h"

#define READ_STEP     (64u << 10)
#define TMP_ATTEMPTS  100
#define NEW_FILE_MODE 0666 /* the umask applies */

static int refuse_errno(struct sim_err *err, const char *path, const char *verb)
{
	return sim_err_set(err, "%s: cannot %s: %s", path, verb, strerror(errno));
}

/* Read fd to its end into b, at most limit bytes. */
static int read_all(int fd, const char *path, size_t limit, struct sim_buf *b, struct sim_err *err)
{
	for (;;) {
		char *at = sim_buf_room(b, READ_STEP);
		ssize_t n = read(fd, at, READ_STEP);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return refuse_errno(err, path, "read");
		if (n == 0)
			break;
		b->len += (size_t)n;
		if (b->len > limit)
			return sim_err_set(err, "%s: is too large; at most %zu bytes are read",
					   path, limit);
	}
	b->data[b->len] = '\0';
	return 0;
}

int sim_read_file(const char *path, size_t limit, char **out, size_t *len, struct sim_err *err)
{
	bool use_stdin = !strcmp(path, "-");
	int fd = use_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	struct sim_buf b = {0};
	int ret;

	if (fd < 0)
		return refuse_errno(err, path, "open");
	ret = read_all(fd, path, limit, &b, err);
	if (!use_stdin)
		close(fd);
	if (ret) {
		sim_buf_free(&b);
		return ret;
	}
	*out = b.data;
	*len = b.len;
	return 0;
}

/* Write all of it; returns -1 with errno. */
static int write_all(int fd, const char *p, size_t len)
{
	while (len) {
		ssize_t n = write(fd, p, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

/* Devices, pipes and standard output cannot be replaced: write straight into them. */
static int write_in_place(const char *path, const void *data, size_t len, struct sim_err *err)
{
	bool use_stdout = !strcmp(path, "-");
	int fd = use_stdout ? STDOUT_FILENO : open(path, O_WRONLY | O_CLOEXEC);
	int ret = 0;

	if (fd < 0)
		return refuse_errno(err, path, "open for writing");
	if (write_all(fd, data, len))
		ret = refuse_errno(err, path, "write");
	if (!use_stdout && close(fd) && !ret)
		ret = refuse_errno(err, path, "write");
	return ret;
}

/* Open a new file beside path; its name is put into tmp. Returns the descriptor or -1 with errno. */
static int open_temporary(const char *path, struct sim_buf *tmp)
{
	for (int i = 0; i < TMP_ATTEMPTS; i++) {
		int fd;

		sim_buf_clear(tmp);
		sim_buf_printf(tmp, "%s.%ld-%d.tmp", path, (long)getpid(), i);
		fd = open(tmp->data, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, NEW_FILE_MODE);
		if (fd >= 0 || errno != EEXIST)
			return fd;
	}
	return -1;
}

/* Write, sync and rename over path. old: the file that is there now, or NULL. */
static int replace_file(const char *path, const struct stat *old, const void *data, size_t len,
			struct sim_err *err)
{
	struct sim_buf tmp = {0};
	int fd = open_temporary(path, &tmp);
	bool bad;

	if (fd < 0) {
		refuse_errno(err, path, "create");
		sim_buf_free(&tmp);
		return -1;
	}
	bad = (old && fchmod(fd, old->st_mode & 07777)) || write_all(fd, data, len) || fsync(fd);
	if (bad)
		refuse_errno(err, path, "write");
	if (close(fd) && !bad) {
		bad = true;
		refuse_errno(err, path, "write");
	}
	if (!bad && rename(tmp.data, path)) {
		bad = true;
		refuse_errno(err, path, "replace");
	}
	if (bad)
		unlink(tmp.data);
	sim_buf_free(&tmp);
	return bad ? -1 : 0;
}

int sim_write_file(const char *path, const void *data, size_t len, struct sim_err *err)
{
	struct stat st;
	char *target;
	int ret;

	if (!strcmp(path, "-"))
		return write_in_place(path, data, len, err);
	if (stat(path, &st))
		return replace_file(path, NULL, data, len, err);
	if (S_ISDIR(st.st_mode)) {
		errno = EISDIR;
		return refuse_errno(err, path, "write");
	}
	if (!S_ISREG(st.st_mode))
		return write_in_place(path, data, len, err);
	if (access(path, W_OK))
		return refuse_errno(err, path, "write");
	target = realpath(path, NULL); /* a symbolic link stays one: its target is replaced */
	if (!target)
		return refuse_errno(err, path, "write");
	ret = replace_file(target, &st, data, len, err);
	free(target);
	return ret;
}
