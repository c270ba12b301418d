/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Each operation of an ops.txt as an operation of a scenario: one row of a table. */
#include "traces/import/ops.h"

#include <string.h>

#include "sim/base/math.h"

/* What is being written. */
struct put {
	const struct ops_file *f;
	const struct ops_line *l;
	const char *case_name;
	struct sim_buf *out;
	struct sim_err *err;
	bool first; /* no field of this map was written yet */
};

/* ---- fields ---- */

static void field(struct put *p, const char *key, const char *value)
{
	sim_buf_printf(p->out, "%s%s: %s", p->first ? "" : ", ", key, value);
	p->first = false;
}

static void number_field(struct put *p, const char *key, uint64_t v, const char *unit)
{
	sim_buf_printf(p->out, "%s%s: %llu%s", p->first ? "" : ", ", key, (unsigned long long)v,
		       unit);
	p->first = false;
}

/* A name made of a letter and the number of a slot: fd0, m1. */
static int slot_field(struct put *p, const char *field_name, const char *key, const char *prefix)
{
	uint64_t v;

	if (ops_number(p->f, p->l, key, 0, &v, p->err))
		return -1;
	sim_buf_printf(p->out, "%s%s: %s%llu", p->first ? "" : ", ", field_name, prefix,
		       (unsigned long long)v);
	p->first = false;
	return 0;
}

static int copy_number(struct put *p, const char *field_name, const char *key)
{
	uint64_t v;

	if (ops_number(p->f, p->l, key, 0, &v, p->err))
		return -1;
	number_field(p, field_name, v, "");
	return 0;
}

static int optional_number(struct put *p, const char *field_name, const char *key)
{
	return ops_value(p->l, key) ? copy_number(p, field_name, key) : 0;
}

/* A double-quoted scalar. */
static void text_field(struct put *p, const char *key, const char *text)
{
	sim_buf_printf(p->out, "%s%s: \"", p->first ? "" : ", ", key);
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			sim_buf_putc(p->out, '\\');
		sim_buf_putc(p->out, *text);
	}
	sim_buf_putc(p->out, '"');
	p->first = false;
}

/* ---- words that are spelt differently ---- */

struct word {
	const char *theirs, *ours;
};

static const struct word open_words[] = {
	{"ro", "rdonly"},   {"wo", "wronly"},
	{"rw", "rdwr"},     {"creat", "creat"},
	{"trunc", "trunc"}, {"append", "append"},
	{"sync", "sync"},   {"direct", "direct"},
	{"dsync", "dsync"}, {0},
};
static const struct word rwf_words[] = {
	{"sync", "sync"}, {"dsync", "dsync"}, {"append", "append"}, {0}};
static const struct word advice_words[] = {
	{"random", "random"},
	{"willneed", "willneed"},
	{"dontneed", "dontneed"},
	{"sequential", "sequential"},
	{0},
};
static const struct word whence_words[] = {
	{"data", "data"}, {"hole", "hole"}, {"set", "set"}, {"end", "end"}, {0}};
static const struct word fill_words[] = {{"data", "data"}, {"zero", "zero"}, {"hole", "hole"}, {0}};
static const struct word prot_words[] = {{"r", "read"}, {"rw", "write"}, {0}};
static const struct word msync_words[] = {{"sync", "sync"}, {"async", "async"}, {0}};
static const struct word falloc_words[] = {
	{"keep", "keep"},         {"zero", "zero"},     {"punch", "punch"},
	{"collapse", "collapse"}, {"insert", "insert"}, {0},
};

static const char *find_word(const struct word *words, const char *s, size_t len)
{
	for (; words->theirs; words++) {
		if (strlen(words->theirs) == len && !memcmp(words->theirs, s, len))
			return words->ours;
	}
	return NULL;
}

static int word_field(struct put *p, const char *field_name, const char *key,
		      const struct word *words)
{
	const char *value = ops_value(p->l, key), *ours;

	if (!value)
		return 0;
	ours = find_word(words, value, strlen(value));
	if (!ours)
		return ops_error(p->f, p->l, p->err, "%s=%s: this value is not known", key, value);
	field(p, field_name, ours);
	return 0;
}

/* A comma list. */
static int words_field(struct put *p, const char *field_name, const char *key,
		       const struct word *words)
{
	const char *s = ops_value(p->l, key);
	bool any = false;

	if (!s)
		return 0;
	sim_buf_printf(p->out, "%s%s: [", p->first ? "" : ", ", field_name);
	p->first = false;
	for (;;) {
		size_t len = strcspn(s, ",");
		const char *ours = find_word(words, s, len);

		if (!ours)
			return ops_error(p->f, p->l, p->err, "%s: '%.*s' is not known", key,
					 (int)len, s);
		sim_buf_printf(p->out, "%s%s", any ? ", " : "", ours);
		any = true;
		if (!s[len])
			break;
		s += len + 1;
	}
	sim_buf_putc(p->out, ']');
	return 0;
}

/* ---- operations ---- */

static int put_nothing(struct put *p)
{
	return 0;
}

static int put_fd(struct put *p)
{
	return slot_field(p, "fd", "fd", "fd");
}

static int put_file(struct put *p)
{
	field(p, "file", ops_value(p->l, "name"));
	return 0;
}

/* An open file that no line uses has no name in the scenario. */
static bool is_used(const struct put *p)
{
	const char *fd = ops_value(p->l, "fd");

	for (size_t i = 0; i < p->f->n; i++) {
		const char *other = ops_value(&p->f->lines[i], "fd");

		if (strcmp(p->f->lines[i].op, "open") != 0 && other && !strcmp(other, fd))
			return true;
	}
	return false;
}

static int put_open(struct put *p)
{
	put_file(p);
	if (is_used(p) && slot_field(p, "as", "fd", "fd"))
		return -1;
	return words_field(p, "flags", "flags", open_words);
}

static int put_io(struct put *p)
{
	if (put_fd(p) || copy_number(p, "at", "off") || copy_number(p, "len", "len") ||
	    optional_number(p, "misalign", "misalign"))
		return -1;
	return words_field(p, "rwf", "rwf", rwf_words);
}

static int put_writeseq(struct put *p)
{
	return put_fd(p) || copy_number(p, "len", "len") ? -1 : 0;
}

static int put_range(struct put *p)
{
	return put_fd(p) || copy_number(p, "at", "off") || copy_number(p, "len", "len") ? -1 : 0;
}

static int put_truncate(struct put *p)
{
	return put_fd(p) || copy_number(p, "size", "size") ? -1 : 0;
}

static int put_fallocate(struct put *p)
{
	return put_range(p) || word_field(p, "mode", "mode", falloc_words) ? -1 : 0;
}

static int put_fadvise(struct put *p)
{
	if (put_fd(p) || word_field(p, "advice", "adv", advice_words))
		return -1;
	return optional_number(p, "at", "off") || optional_number(p, "len", "len") ? -1 : 0;
}

static int put_lseek(struct put *p)
{
	return put_fd(p) || copy_number(p, "at", "off") ||
			       word_field(p, "whence", "whence", whence_words)
		       ? -1
		       : 0;
}

static int put_stat(struct put *p)
{
	if (ops_value(p->l, "name"))
		return put_file(p);
	return put_fd(p);
}

static int put_sleep(struct put *p)
{
	uint64_t ms;

	if (ops_number(p->f, p->l, "ms", 0, &ms, p->err))
		return -1;
	number_field(p, "time", ms, "ms");
	return 0;
}

static int put_sysctl(struct put *p)
{
	field(p, "key", ops_value(p->l, "key"));
	return copy_number(p, "value", "val");
}

static int put_map(struct put *p)
{
	return slot_field(p, "map", "m", "m");
}

static int put_mmap(struct put *p)
{
	return put_map(p) || put_range(p) || word_field(p, "prot", "prot", prot_words) ? -1 : 0;
}

static int put_map_range(struct put *p)
{
	if (put_map(p) || copy_number(p, "at", "off") || copy_number(p, "len", "len"))
		return -1;
	return word_field(p, "flags", "flags", msync_words);
}

static int put_aio(struct put *p)
{
	return slot_field(p, "aio", "a", "a");
}

static int put_aio_io(struct put *p)
{
	return put_aio(p) || put_io(p) ? -1 : 0;
}

static int put_trace_on(struct put *p)
{
	put_file(p);
	text_field(p, "name", p->case_name);
	return 0;
}

static int put_srv_create(struct put *p)
{
	put_file(p);
	return copy_number(p, "size", "size") || word_field(p, "fill", "fill", fill_words) ? -1 : 0;
}

static int put_srv_write(struct put *p)
{
	put_file(p);
	return copy_number(p, "at", "off") || copy_number(p, "len", "len") ? -1 : 0;
}

static int put_srv_truncate(struct put *p)
{
	put_file(p);
	return copy_number(p, "size", "size");
}

/* Keys of a row: those in front of the bar are required. loop and step go with every row. */
static const struct row {
	const char *op, *ours, *keys;
	int (*put)(struct put *p);
} rows[] = {
	{"open", "open", "fd name flags|", put_open},
	{"close", "close", "fd|", put_fd},
	{"read", "read", "fd|off len misalign", put_io},
	{"write", "write", "fd|off len misalign", put_io},
	{"writeseq", "write", "fd|len", put_writeseq},
	{"pwritev2", "write", "fd|off len rwf", put_io},
	{"aioread", "aio_read", "a fd|off len rwf", put_aio_io},
	{"aiowrite", "aio_write", "a fd|off len rwf", put_aio_io},
	{"aiowait", "aio_wait", "a|", put_aio},
	{"fsync", "fsync", "fd|", put_fd},
	{"fdatasync", "fdatasync", "fd|", put_fd},
	{"syncfs", "syncfs", "fd|", put_fd},
	{"sync", "sync", "|", put_nothing},
	{"sfr", "sync_file_range", "fd|off len", put_range},
	{"truncate", "truncate", "fd|size", put_truncate},
	{"fallocate", "fallocate", "fd|off len mode", put_fallocate},
	{"fadvise", "fadvise", "fd adv|off len", put_fadvise},
	{"mmap", "mmap", "m fd prot|off len", put_mmap},
	{"munmap", "munmap", "m|", put_map},
	{"mread", "mread", "m|off len", put_map_range},
	{"mwrite", "mwrite", "m|off len", put_map_range},
	{"msync", "msync", "m flags|off len", put_map_range},
	{"stat", "stat", "|name fd", put_stat},
	{"lseek", "lseek", "fd whence|off", put_lseek},
	{"unlink", "unlink", "name|", put_file},
	{"drop_caches", "drop_caches", "|", put_nothing},
	{"sleep", "sleep", "ms|", put_sleep},
	{"sysctl", "sysctl", "key val|", put_sysctl},
	{"trace_on", "trace_on", "name|", put_trace_on},
	{"trace_off", "trace_off", "|", put_nothing},
	{"srv_create", "srv_create", "name|size fill", put_srv_create},
	{"srv_write", "srv_write", "name|off len", put_srv_write},
	{"srv_truncate", "srv_truncate", "name|size", put_srv_truncate},
	{"srv_fillfs", "srv_fillfs", "name|", put_file},
	{"srv_rm", "srv_rm", "name|", put_file},
	{"srv_dump", "srv_dump", "name|", put_file},
};

/* Whether a key is among the words of a list. */
static bool lists(const char *words, const char *key)
{
	size_t n = strlen(key);

	for (const char *s = words; *s;) {
		size_t len = strcspn(s, " |");

		if (len == n && !memcmp(s, key, n))
			return true;
		s += len + !!s[len];
	}
	return false;
}

static int check_keys(const struct put *p, const struct row *row)
{
	for (unsigned i = 0; i < p->l->nr_keys; i++) {
		const char *key = p->l->keys[i].name;

		if (!lists(row->keys, key) && strcmp(key, "loop") != 0 &&
		    strcmp(key, "step") != 0 && strcmp(key, "off") != 0)
			return ops_error(p->f, p->l, p->err, "%s: %s has no key '%s'", p->l->op,
					 p->l->op, key);
	}
	for (const char *s = row->keys; *s != '|';) {
		size_t len = strcspn(s, " |");
		char key[16];

		memcpy(key, s, len);
		key[len] = '\0';
		if (!ops_value(p->l, key))
			return ops_error(p->f, p->l, p->err, "%s: the key '%s' is missing",
					 p->l->op, key);
		s += len + (s[len] == ' ');
	}
	return 0;
}

static const struct row *find_row(const char *op)
{
	for (size_t i = 0; i < SIM_ARRAY_SIZE(rows); i++) {
		if (!strcmp(rows[i].op, op))
			return &rows[i];
	}
	return NULL;
}

static int unknown_op(const struct ops_file *f, const struct ops_line *l, struct sim_err *err)
{
	const char *names[SIM_ARRAY_SIZE(rows)], *near;

	for (size_t i = 0; i < SIM_ARRAY_SIZE(rows); i++)
		names[i] = rows[i].op;
	near = sim_suggest(l->op, names, SIM_ARRAY_SIZE(rows));
	return ops_error(f, l, err, "%s: the operation is not known%s%s%s", l->op,
			 near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
}

/* A loop is a repeat of one operation. */
static int begin_loop(struct put *p)
{
	uint64_t times, step;

	if (ops_number(p->f, p->l, "loop", 0, &times, p->err) ||
	    ops_number(p->f, p->l, "step", 0, &step, p->err))
		return -1;
	sim_buf_printf(p->out, "repeat: {times: %llu, step: %llu, do: [", (unsigned long long)times,
		       (unsigned long long)step);
	return 0;
}

int ops_put(const struct ops_file *f, const struct ops_line *l, const char *case_name,
	    unsigned indent, struct sim_buf *out, struct sim_err *err)
{
	struct put p = {f, l, case_name, out, err, true};
	const struct row *row = find_row(l->op);
	bool loop = ops_value(l, "loop");

	if (!row)
		return unknown_op(f, l, err);
	if (check_keys(&p, row))
		return -1;
	sim_buf_printf(out, "%*s- ", (int)indent, "");
	if (loop && begin_loop(&p))
		return -1;
	sim_buf_printf(out, "%s: {", row->ours);
	if (row->put(&p))
		return -1;
	number_field(&p, "line", l->nr, "");
	text_field(&p, "text", l->text);
	sim_buf_puts(out, loop ? "}]}\n" : "}\n");
	return 0;
}
