/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Options that several subcommands have, and the reading of their values. */
#include "cli/cli.h"

#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>

#include "sim/base/arena.h"
#include "sim/conf/conf.h"

void cli_parse(const struct argp *argp, int argc, char **argv, void *args)
{
	argp_parse(argp, argc, argv, 0, NULL, args);
}

uint64_t cli_number(struct argp_state *state, const char *option, const char *text, uint64_t min,
		    uint64_t max)
{
	const char *why = NULL;
	uint64_t v = 0;

	if (sim_parse_uint(text, &v, &why))
		argp_error(state, "%s: '%s': %s", option, text, why);
	else if (v < min || v > max)
		argp_error(state, "%s: %s is out of range; allowed: %llu to %llu", option, text,
			   (unsigned long long)min, (unsigned long long)max);
	return v;
}

uint64_t cli_time(struct argp_state *state, const char *option, const char *text)
{
	const char *why = NULL;
	uint64_t ns = 0;

	if (sim_parse_time(text, &ns, &why))
		argp_error(state, "%s: '%s': %s", option, text, why);
	return ns;
}

int cli_choice(struct argp_state *state, const char *option, const char *text,
	       const char *const *names)
{
	struct sim_buf all = {0};

	for (int i = 0; names[i]; i++)
		if (!strcmp(names[i], text))
			return i;
	for (int i = 0; names[i]; i++)
		sim_buf_printf(&all, "%s%s", i ? ", " : "", names[i]);
	argp_error(state, "%s: '%s' is not known; allowed: %s", option, text, all.data);
	sim_buf_free(&all);
	return 0;
}

/* ---- overrides ---- */

static void add(struct cli_overrides *o, const char *text)
{
	o->items = sim_xrealloc(o->items, o->nr + 1, sizeof(*o->items));
	o->origins = sim_xrealloc(o->origins, o->nr + 1, sizeof(*o->origins));
	o->origins[o->nr] = o->origin ? sim_xstrdup(o->origin) : NULL;
	o->items[o->nr++] = text;
}

void cli_override_add(struct cli_overrides *o, const char *fmt, ...)
{
	struct sim_buf b = {0};
	va_list ap;

	va_start(ap, fmt);
	sim_buf_vprintf(&b, fmt, ap);
	va_end(ap);
	add(o, b.data);
}

void cli_override_add_all(struct cli_overrides *o, const struct cli_overrides *more)
{
	for (size_t i = 0; i < more->nr; i++) {
		o->origin = more->origins[i];
		cli_override_add(o, "%s", more->items[i]);
	}
	o->origin = NULL;
}

/* The first comma of s outside of brackets, braces and quotes, or the end of s. */
static const char *piece_end(const char *s)
{
	unsigned depth = 0;
	char quote = 0;

	for (; *s; s++) {
		if (quote)
			quote = *s == quote ? 0 : quote;
		else if (*s == '"' || *s == '\'')
			quote = *s;
		else if (*s == '[' || *s == '{')
			depth++;
		else if ((*s == ']' || *s == '}') && depth)
			depth--;
		else if (*s == ',' && !depth)
			break;
	}
	return s;
}

void cli_override_add_list(struct cli_overrides *o, const char *list)
{
	while (*list) {
		const char *end = piece_end(list);

		cli_override_add(o, "%.*s", (int)(end - list), list);
		list = *end ? end + 1 : end;
	}
}

void cli_override_free(struct cli_overrides *o)
{
	for (size_t i = 0; i < o->nr; i++) {
		sim_xfree((char *)(uintptr_t)o->items[i]);
		sim_xfree((char *)(uintptr_t)o->origins[i]);
	}
	sim_xfree(o->items);
	sim_xfree(o->origins);
	*o = (struct cli_overrides){0};
}

struct sim_conf_opts cli_override_opts(const struct cli_overrides *o)
{
	return (struct sim_conf_opts){
		.overrides = o->items, .n_overrides = o->nr, .origins = o->origins};
}

enum { OPT_SEED = 0x100, OPT_POLICY };

static const struct argp_option override_options[] = {
	{NULL, 'p', "PATH=VALUE", 0, "Override a field of the scenario (may be repeated)", 1},
	{"seed", OPT_SEED, "N", 0, "Seed of all draws and of the random policy", 1},
	{"policy", OPT_POLICY, "fifo|random", 0, "Who makes the choices", 1},
	{0},
};

static error_t parse_override(int key, char *arg, struct argp_state *state)
{
	static const char *const policies[] = {"fifo", "random", NULL};
	struct cli_overrides *o = state->input;

	switch (key) {
	case 'p':
		if (!strchr(arg, '='))
			argp_error(state, "-p: '%s' has no '='; write PATH=VALUE", arg);
		cli_override_add(o, "%s", arg);
		return 0;
	case OPT_SEED: {
		unsigned long long seed = cli_number(state, "--seed", arg, 0, UINT64_MAX);

		o->origin = "--seed";
		cli_override_add(o, "seed=%llu", seed);
		cli_override_add(o, "schedule.seed=%llu", seed);
		o->origin = NULL;
		return 0;
	}
	case OPT_POLICY:
		cli_choice(state, "--policy", arg, policies);
		o->origin = "--policy";
		cli_override_add(o, "schedule.policy=%s", arg);
		o->origin = NULL;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

const struct argp cli_override_argp = {.options = override_options, .parser = parse_override};

/* Whether two names stand for one file, which need not exist: a name in one and the same folder. */
static bool is_same_file(const char *a, const char *b)
{
	const char *slash[2] = {strrchr(a, '/'), strrchr(b, '/')};
	const char *paths[2] = {a, b};
	struct stat st[2];

	if (!strcmp(a, b))
		return true;
	if (!strcmp(a, "-") || !strcmp(b, "-"))
		return false;
	if (!stat(a, &st[0]) && !stat(b, &st[1]))
		return S_ISREG(st[0].st_mode) && st[0].st_dev == st[1].st_dev &&
		       st[0].st_ino == st[1].st_ino;
	if (strcmp(slash[0] ? slash[0] + 1 : a, slash[1] ? slash[1] + 1 : b))
		return false;
	for (unsigned i = 0; i < 2; i++) {
		struct sim_buf folder = {0};
		int ret;

		sim_buf_add(&folder, paths[i], slash[i] ? (size_t)(slash[i] - paths[i]) + 1 : 0);
		sim_buf_puts(&folder, ".");
		ret = stat(folder.data, &st[i]);
		sim_buf_free(&folder);
		if (ret)
			return false;
	}
	return st[0].st_dev == st[1].st_dev && st[0].st_ino == st[1].st_ino;
}

int cli_spare(const char *input, const char *const *outputs, size_t n, struct sim_err *err)
{
	for (size_t i = 0; i < n; i++) {
		if (outputs[i] && strcmp(input, "-") && is_same_file(outputs[i], input))
			return sim_err_set(err, "%s: it is read; give the output a name of its own",
					   outputs[i]);
	}
	return 0;
}

int cli_spare_sources(const struct sim_conf_doc *doc, const char *const *outputs, size_t n,
		      struct sim_err *err)
{
	const char *source;
	int ret = 0;

	for (uint32_t i = 0; !ret && (source = sim_conf_source(doc, i)); i++)
		ret = cli_spare(source, outputs, n, err);
	return ret;
}

void cli_distinct(struct argp_state *state, const char *const *files, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		for (size_t j = 0; files[i] && j < i; j++) {
			if (files[j] && is_same_file(files[i], files[j]))
				argp_error(state, "'%s': two outputs cannot go to one file",
					   files[i]);
		}
	}
}
