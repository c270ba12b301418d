/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Finding files in folders, in an order that does not depend on the file system. */
#include "cli/paths.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/base/arena.h"

#define MAX_DEPTH 32u

/* What is looked for: files that end in .yaml, or folders with a file of this name. */
struct search {
	struct paths *found;
	const char *name; /* NULL: .yaml files */
	struct sim_err *err;
};

void paths_add(struct paths *p, const char *path)
{
	p->at = sim_xrealloc(p->at, p->nr + 1, sizeof(*p->at));
	p->at[p->nr++] = path_normal(path);
}

bool paths_have(const struct paths *p, const char *path)
{
	for (size_t i = 0; i < p->nr; i++)
		if (!strcmp(p->at[i], path))
			return true;
	return false;
}

bool paths_cover(const struct paths *p, const char *path)
{
	for (size_t i = 0; i < p->nr; i++)
		if (path_is_under(path, p->at[i]))
			return true;
	return false;
}

static char *join(const char *folder, const char *name)
{
	struct sim_buf b = {0};
	size_t len = strlen(folder);

	while (len > 1 && folder[len - 1] == '/')
		len--;
	sim_buf_printf(&b, "%.*s/%s", (int)len, folder, name);
	return b.data;
}

static bool ends_in_yaml(const char *name)
{
	size_t len = strlen(name);

	return len > 5 && !strcmp(name + len - 5, ".yaml");
}

/* Entries that may matter, in strcmp() order. */
static int wanted(const struct dirent *d)
{
	return d->d_name[0] != '.' && d->d_name[0] != '_';
}

static int by_bytes(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int walk(const struct search *s, const char *folder, unsigned depth);

static int visit(const struct search *s, const char *path, const char *name, unsigned depth)
{
	struct stat st;

	if (stat(path, &st))
		return sim_err_set(s->err, "%s: cannot open: %s", path, strerror(errno));
	if (S_ISDIR(st.st_mode))
		return walk(s, path, depth + 1);
	if (!s->name && ends_in_yaml(name))
		paths_add(s->found, path);
	return 0;
}

static bool has_file(const char *folder, const char *name)
{
	char *path = join(folder, name);
	struct stat st;
	bool ret = !stat(path, &st) && S_ISREG(st.st_mode);

	sim_xfree(path);
	return ret;
}

static int walk(const struct search *s, const char *folder, unsigned depth)
{
	struct dirent **entries;
	int n, ret = 0;

	if (depth > MAX_DEPTH)
		return sim_err_set(s->err, "%s: folders are nested too deeply", folder);
	if (s->name && has_file(folder, s->name)) {
		paths_add(s->found, folder);
		return 0;
	}
	n = scandir(folder, &entries, wanted, by_bytes);
	if (n < 0)
		return sim_err_set(s->err, "%s: cannot open: %s", folder, strerror(errno));
	for (int i = 0; i < n; i++) {
		if (!ret) {
			char *path = join(folder, entries[i]->d_name);

			ret = visit(s, path, entries[i]->d_name, depth);
			sim_xfree(path);
		}
		free(entries[i]);
	}
	free(entries);
	return ret;
}

/* The search that begins at a folder; none is what to say if nothing is found. */
static int search(const struct search *s, const char *folder, const char *none)
{
	size_t before = s->found->nr;
	int ret = walk(s, folder, 0);

	return !ret && s->found->nr == before ? sim_err_set(s->err, "%s: %s", folder, none) : ret;
}

int paths_add_scenarios(struct paths *p, const char *path, struct sim_err *err)
{
	struct search s = {.found = p, .err = err};

	if (path_is_folder(path))
		return search(&s, path, "no scenario (*.yaml) in it");
	paths_add(p, path);
	return 0;
}

int paths_add_recordings(struct paths *p, const char *path, struct sim_err *err)
{
	struct search s = {.found = p, .name = "ops.txt", .err = err};

	return search(&s, path, "no recording (folder with ops.txt) in it");
}

void paths_free(struct paths *p)
{
	for (size_t i = 0; i < p->nr; i++)
		sim_xfree(p->at[i]);
	sim_xfree(p->at);
	*p = (struct paths){0};
}

bool path_exists(const char *path)
{
	struct stat st;

	return !lstat(path, &st);
}

bool path_is_folder(const char *path)
{
	struct stat st;

	return !stat(path, &st) && S_ISDIR(st.st_mode);
}

/* Where the last part of a path begins. */
static size_t last_part(const struct sim_buf *b)
{
	size_t i = b->len;

	while (i && b->data[i - 1] != '/')
		i--;
	return i;
}

/* Take the last part away, if ".." after it leads back to where it is. */
static bool go_up(struct sim_buf *b)
{
	size_t part = b->len ? last_part(b) : 0;
	struct stat st;

	if (part == b->len || !strcmp(b->data + part, "..") || lstat(b->data, &st) ||
	    !S_ISDIR(st.st_mode))
		return false;
	b->len = part > 1 ? part - 1 : part;
	b->data[b->len] = '\0';
	return true;
}

static void go_down(struct sim_buf *b, const char *part, size_t len)
{
	if (b->len && b->data[b->len - 1] != '/')
		sim_buf_putc(b, '/');
	sim_buf_add(b, part, len);
}

char *path_normal(const char *path)
{
	char *here = getcwd(NULL, 0);
	struct sim_buf b = {0};

	if (*path == '/')
		sim_buf_putc(&b, '/');
	while (*path) {
		size_t len = strcspn(path, "/");

		if (len && strncmp(path, ".", len) && (strncmp(path, "..", len) || !go_up(&b)))
			go_down(&b, path, len);
		path += len + (path[len] == '/');
	}
	if (here && b.len && path_is_under(b.data, here)) {
		char *rest = sim_xstrdup(b.data + strlen(here) + (here[1] != '\0'));

		sim_buf_free(&b);
		free(here);
		return rest;
	}
	if (!b.len || (here && !strcmp(b.data, here))) {
		sim_buf_clear(&b);
		sim_buf_putc(&b, '.');
	}
	free(here);
	return b.data;
}

bool path_is_under(const char *path, const char *folder)
{
	size_t len = strlen(folder);

	if (!strcmp(folder, "."))
		return *path != '/' && strcmp(path, "..") && strncmp(path, "../", 3);
	return !strncmp(path, folder, len) && path[len] &&
	       (path[len] == '/' || folder[len - 1] == '/');
}

char *path_base(const char *path)
{
	struct sim_buf b = {0};
	size_t end = strlen(path), begin;

	while (end > 1 && path[end - 1] == '/')
		end--;
	for (begin = end; begin && path[begin - 1] != '/'; begin--)
		;
	sim_buf_add(&b, path + begin, end - begin);
	return b.data ? b.data : sim_xstrdup("");
}
