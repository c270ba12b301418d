/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Documents made of several files: extends, include, and the rules of merging. */
#include "sim/conf/tree.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "sim/base/arena.h"

/* Files that are being read, innermost first: a file among them again is a cycle. */
struct open_file {
	const struct open_file *outer;
	dev_t dev;
	ino_t ino;
	unsigned depth;
};

static int compose(struct sim_conf_doc *doc, uint16_t source, const struct open_file *open,
		   struct conf_node **root, struct sim_err *err);

/* --- Merging --- */

/* Make old hold what new holds, in old's place among its siblings. */
static void replace_node(struct conf_node *old, const struct conf_node *new)
{
	struct conf_node *next = old->next;

	*old = *new;
	old->next = next;
}

struct conf_node *conf_merge(struct conf_node *base, struct conf_node *overlay)
{
	struct conf_node **sorted = conf_sorted(base);
	uint32_t n = base->n;

	for (struct conf_node *c = overlay->first, *next; c; c = next) {
		struct conf_node *old = conf_sorted_find(sorted, n, c->key->text);

		next = c->next;
		c->next = NULL;
		if (!old) {
			conf_append(base, c);
		} else if (old->kind == CONF_MAP && c->kind == CONF_MAP && !conf_find(c, "law")) {
			conf_merge(old, c);
			old->source = c->source;
			old->line = c->line;
			old->column = c->column;
			old->key = c->key;
		} else {
			replace_node(old, c);
		}
	}
	sim_xfree(sorted);
	return base;
}

/* --- Reading --- */

/* The path of a file named in another: beside it, unless absolute. */
static char *path_beside(const char *from, const char *name)
{
	const char *slash = strrchr(from, '/');
	struct sim_buf b = {0};

	if (slash && name[0] != '/')
		sim_buf_add(&b, from, (size_t)(slash - from) + 1);
	sim_buf_puts(&b, name);
	return b.data;
}

/* Only regular files: a pipe would block, a device would never end. */
static int check_file(const struct sim_conf_doc *doc, const struct conf_node *node,
		      const char *path, const struct open_file *open, struct open_file *file,
		      struct sim_err *err)
{
	struct stat st;

	if (open->depth == SIM_CONF_MAX_NESTING)
		return conf_error(doc, node, err,
				  "files are nested too deeply; at most %u are allowed",
				  SIM_CONF_MAX_NESTING);
	if (stat(path, &st))
		return conf_error(doc, node, err,
				  "the file cannot be read: %s; give a path relative to this file",
				  strerror(errno));
	if (!S_ISREG(st.st_mode))
		return conf_error(doc, node, err,
				  "is not a regular file; give the path of a YAML file");
	for (const struct open_file *f = open; f; f = f->outer) {
		if (f->dev == st.st_dev && f->ino == st.st_ino)
			return conf_error(
				doc, node, err,
				"the file includes itself; extends and include must not form a cycle");
	}
	*file = (struct open_file){open, st.st_dev, st.st_ino, open->depth + 1};
	return 0;
}

/* Read the file that a node names and merge it over *base (NULL: nothing yet). */
static int add_file(struct sim_conf_doc *doc, const struct conf_node *node,
		    const struct open_file *open, struct conf_node **base, struct sim_err *err)
{
	struct conf_node *root;
	struct open_file file;
	struct sim_err why = {0};
	char *path, *text;
	size_t len;
	int ret;

	if (node->kind != CONF_SCALAR || !*node->text)
		return conf_error(doc, node, err,
				  "is not a file name; the path of a file is expected");
	if (doc->n_sources >= SIM_CONF_MAX_FILES)
		return conf_error(doc, node, err, "too many files; at most %u are allowed",
				  SIM_CONF_MAX_FILES);
	path = path_beside(doc->sources[node->source].name, node->text);
	ret = check_file(doc, node, path, open, &file, err);
	if (!ret && sim_read_file(path, SIM_CONF_MAX_FILE, &text, &len, &why))
		ret = conf_error(doc, node, err, "%s; give the path of a YAML file", why.text);
	if (!ret)
		ret = compose(doc, conf_add_source(doc, path, text, len), &file, &root, err);
	sim_xfree(path);
	if (!ret)
		*base = *base ? conf_merge(*base, root) : root;
	return ret;
}

static int compose(struct sim_conf_doc *doc, uint16_t source, const struct open_file *open,
		   struct conf_node **root, struct sim_err *err)
{
	struct conf_node *own, *extends, *include, *base = NULL;
	struct conf_place start = {source, 1, 1, 1};

	if (conf_read(doc, source, &own, err))
		return -1;
	if (!own)
		return conf_error_place(doc, start, "file", err,
					"is empty; a map of fields is expected");
	if (own->kind != CONF_MAP)
		return conf_error(doc, own, err,
				  "the file is not a map; a map of fields is expected");
	extends = conf_take(own, "extends");
	include = conf_take(own, "include");
	if (extends && add_file(doc, extends, open, &base, err))
		return -1;
	if (include && include->kind == CONF_LIST) {
		for (struct conf_node *c = include->first; c; c = c->next) {
			if (add_file(doc, c, open, &base, err))
				return -1;
		}
	} else if (include && add_file(doc, include, open, &base, err)) {
		return -1;
	}
	*root = base ? conf_merge(base, own) : own;
	return 0;
}

int conf_compose(struct sim_conf_doc *doc, uint16_t source, struct conf_node **root,
		 struct sim_err *err)
{
	struct open_file top = {0};
	struct stat st;

	if (!stat(doc->sources[source].name, &st)) {
		top.dev = st.st_dev;
		top.ino = st.st_ino;
	}
	return compose(doc, source, &top, root, err);
}
