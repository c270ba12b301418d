/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reader of ops.txt: lines into words and keys. */
#include "traces/import/ops.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/arena.h"

#define OPS_MAX_FILE (4u << 20)

int ops_error(const struct ops_file *f, const struct ops_line *l, struct sim_err *err,
	      const char *fmt, ...)
{
	struct sim_buf text = {0};
	va_list ap;

	va_start(ap, fmt);
	sim_buf_vprintf(&text, fmt, ap);
	va_end(ap);
	sim_err_set(err, "%s:%u: %s", f->path, l->nr, text.data);
	sim_buf_free(&text);
	return -1;
}

const char *ops_value(const struct ops_line *l, const char *key)
{
	for (unsigned i = 0; i < l->nr_keys; i++) {
		if (!strcmp(l->keys[i].name, key))
			return l->keys[i].value;
	}
	return NULL;
}

static int parse_number(const char *s, uint64_t *v)
{
	char digits[32];
	size_t n = strlen(s);
	uint64_t factor = 1;
	const char *why;

	if (n && (s[n - 1] == 'K' || s[n - 1] == 'M'))
		factor = s[--n] == 'K' ? 1024 : 1048576;
	if (!n || n >= sizeof(digits))
		return -1;
	memcpy(digits, s, n);
	digits[n] = '\0';
	if (sim_parse_uint(digits, v, &why))
		return -1;
	return __builtin_mul_overflow(*v, factor, v) ? -1 : 0;
}

int ops_number(const struct ops_file *f, const struct ops_line *l, const char *key, uint64_t def,
	       uint64_t *v, struct sim_err *err)
{
	const char *value = ops_value(l, key);

	*v = def;
	if (value && parse_number(value, v))
		return ops_error(f, l, err,
				 "%s=%s: it is not a number; write a decimal or 0x number, with K "
				 "or M",
				 key, value);
	return 0;
}

/* ---- cutting ---- */

static bool left_out_of_loops(const char *key)
{
	return !strcmp(key, "loop") || !strcmp(key, "step") || !strcmp(key, "off");
}

/* What the driver wrote into markers and results; a loop appends its own off. */
static char *text_of(const struct ops_line *l)
{
	struct sim_buf text = {0};
	char *copy;

	sim_buf_puts(&text, l->op);
	for (unsigned i = 0; i < l->nr_keys; i++) {
		const struct ops_key *k = &l->keys[i];

		if (!ops_value(l, "loop") || !left_out_of_loops(k->name))
			sim_buf_printf(&text, " %s=%s", k->name, k->value);
	}
	copy = sim_xstrdup(text.data);
	sim_buf_free(&text);
	return copy;
}

static int cut_key(struct ops_file *f, struct ops_line *l, char *word, struct sim_err *err)
{
	char *eq = strchr(word, '=');

	if (!eq || eq == word)
		return ops_error(f, l, err, "'%s': KEY=VALUE is expected", word);
	*eq = '\0';
	if (ops_value(l, word))
		return ops_error(f, l, err, "%s: the key occurs twice", word);
	if (l->nr_keys == OPS_MAX_KEYS)
		return ops_error(f, l, err, "too many keys; at most %d", OPS_MAX_KEYS);
	l->keys[l->nr_keys++] = (struct ops_key){word, eq + 1};
	return 0;
}

static int cut_tid(struct ops_file *f, struct ops_line *l, const char *word, struct sim_err *err)
{
	char *end;
	unsigned long tid = strtoul(word + 1, &end, 10);

	if (*end || tid < 1 || tid > OPS_MAX_TID)
		return ops_error(f, l, err, "'%s': a thread is @1 to @%d", word, OPS_MAX_TID);
	l->tid = (unsigned)tid;
	return 0;
}

static int cut_line(struct ops_file *f, struct ops_line *l, char *line, struct sim_err *err)
{
	char *save, *word = strtok_r(line, " \t\r", &save);

	if (word && word[0] == '@') {
		if (cut_tid(f, l, word, err))
			return -1;
		word = strtok_r(NULL, " \t\r", &save);
	}
	if (!word)
		return ops_error(f, l, err, "the operation is missing");
	l->op = word;
	while ((word = strtok_r(NULL, " \t\r", &save))) {
		if (cut_key(f, l, word, err))
			return -1;
	}
	l->text = text_of(l);
	return 0;
}

static struct ops_line *new_line(struct ops_file *f, unsigned nr)
{
	if (f->n == f->cap) {
		f->cap = f->cap ? 2 * f->cap : 64;
		f->lines = sim_xrealloc(f->lines, f->cap, sizeof(*f->lines));
	}
	f->lines[f->n] = (struct ops_line){.nr = nr};
	return &f->lines[f->n++];
}

int ops_read(const char *path, struct ops_file *f, struct sim_err *err)
{
	unsigned nr = 1;
	size_t len;

	*f = (struct ops_file){.path = path};
	if (sim_read_file(path, OPS_MAX_FILE, &f->data, &len, err))
		return -1;
	for (char *line = f->data, *next; line; line = next, nr++) {
		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		if (!line[strspn(line, " \t\r")] || line[0] == '#')
			continue;
		if (cut_line(f, new_line(f, nr), line, err))
			return -1;
	}
	return 0;
}

void ops_free(struct ops_file *f)
{
	for (size_t i = 0; i < f->n; i++)
		sim_xfree(f->lines[i].text);
	sim_xfree(f->lines);
	sim_xfree(f->data);
}
