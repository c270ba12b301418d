/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The document: loading it whole, and letting it go. */
#include "sim/conf/tree.h"

#include <string.h>

#include "sim/base/arena.h"

#define OVERRIDES_MAX 1000

/* Compose the tree from the source and apply the overrides; frees doc on error. */
static struct sim_conf_doc *load(struct sim_conf_doc *doc, uint16_t source,
				 const struct sim_conf_opts *opts, struct sim_err *err)
{
	int ret = conf_compose(doc, source, &doc->root, err);

	if (!ret && opts && opts->n_overrides > OVERRIDES_MAX)
		ret = sim_err_set(err, "too many overrides; at most %d are allowed", OVERRIDES_MAX);
	for (size_t i = 0; !ret && opts && i < opts->n_overrides; i++)
		ret = conf_override(doc, opts->overrides[i],
				    opts->origins ? opts->origins[i] : NULL, err);
	if (!ret)
		return doc;
	sim_conf_free(doc);
	return NULL;
}

static struct sim_conf_doc *new_doc(void)
{
	struct sim_arena *arena = sim_arena_new(0, sim_xoom, NULL);
	struct sim_conf_doc *doc;

	if (!arena)
		sim_xoom(NULL);
	doc = sim_alloc(arena, sizeof(*doc));
	doc->arena = arena;
	return doc;
}

struct sim_conf_doc *sim_conf_load(const char *path, const struct sim_conf_opts *opts,
				   struct sim_err *err)
{
	struct sim_conf_doc *doc;
	char *text;
	size_t len;

	if (sim_read_file(path, SIM_CONF_MAX_FILE, &text, &len, err))
		return NULL;
	doc = new_doc();
	return load(doc, conf_add_source(doc, path, text, len), opts, err);
}

struct sim_conf_doc *sim_conf_load_text(const char *name, const char *text, size_t len,
					const struct sim_conf_opts *opts, struct sim_err *err)
{
	struct sim_conf_doc *doc;
	char *copy;

	if (len > SIM_CONF_MAX_FILE) {
		sim_err_set(err, "%s: is too large; at most %u bytes are read", name,
			    SIM_CONF_MAX_FILE);
		return NULL;
	}
	doc = new_doc();
	copy = sim_xmalloc(len + 1);
	if (len)
		memcpy(copy, text, len);
	copy[len] = '\0';
	return load(doc, conf_add_source(doc, name, copy, len), opts, err);
}

void sim_conf_free(struct sim_conf_doc *doc)
{
	if (!doc)
		return;
	for (uint32_t i = 0; i < doc->n_sources; i++)
		sim_xfree(doc->sources[i].text);
	sim_arena_free(doc->arena);
}

struct sim_arena *sim_conf_arena(struct sim_conf_doc *doc)
{
	return doc->arena;
}

const char *sim_conf_source(const struct sim_conf_doc *doc, uint32_t i)
{
	return i < doc->n_sources ? doc->sources[i].name : NULL;
}
