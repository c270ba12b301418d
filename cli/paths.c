/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Finding files in folders, in an order that does not depend on the file system. */
#include "cli/paths.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "sim/base/arena.h"

#define MAX_DEPTH 32u

/* What is looked for: files that end in .yaml, or folders with a file of this name. */
struct search {
	struct paths *found;
	const char *name; /* NULL: .yaml files */
	struct sim_err *err;
};

static void add(struct paths *p, const char *path)
{
	p->at = sim_xrealloc(p->at, p->nr + 1, sizeof(*p->at));
	p->at[p->nr++] = sim_xstrdup(path);
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
		add(s->found, path);
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
		add(s->found, folder);
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

int paths_add_scenarios(struct paths *p, const char *path, struct sim_err *err)
{
	struct search s = {.found = p, .err = err};
	struct stat st;

	if (!stat(path, &st) && S_ISDIR(st.st_mode))
		return walk(&s, path, 0);
	add(p, path);
	return 0;
}

int paths_add_folders(struct paths *p, const char *path, const char *name, struct sim_err *err)
{
	struct search s = {.found = p, .name = name, .err = err};

	return walk(&s, path, 0);
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
