/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The reader of results.txt. */
#include "traces/compare/results.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "traces/compare/memory.h"
#include "traces/compare/strtab.h"
#include "traces/format/scan.h"

/* The reading under way. */
struct reading {
	const char *name;
	struct results *r;
	uint32_t cap;
	struct strtab places; /* line and thread */
	uint32_t *seen;       /* rows of each place */
	uint32_t cap_seen;
	uint32_t line; /* of the text */
	struct sim_err *err;
};

/* "# ino of f = 0x15c01fb" */
static bool take_ino(const char *p, uint64_t *ino)
{
	struct scan_span name, digits;

	return scan_lit(&p, "# ino of ") && scan_solid(&p, &name) && scan_lit(&p, " = 0x") &&
	       scan_hex(&p, &digits, ino);
}

/* Where the field with this name stands in a row, or NULL. */
static const char **field_slot(struct result_row *row, struct scan_span name)
{
	static const char *const names[] = {"ret", "data", "fill", "size", "blocks", "res", NULL};
	const char **slots[] = {&row->ret,  &row->data,   &row->fill,
				&row->size, &row->blocks, &row->res};

	for (int i = 0; names[i]; i++)
		if (scan_span_is(name, names[i]))
			return slots[i];
	return NULL;
}

/* The field whose "name=" starts at p, with *value set behind the '=', or NULL. */
static const char **field_start(struct result_row *row, char *p, char **value)
{
	char *equals = p + strcspn(p, "= ");

	if (*equals != '=')
		return NULL;
	*value = equals + 1;
	return field_slot(row, (struct scan_span){p, (size_t)(equals - p)});
}

/* Cut "ret=0 data=a*4" into fields. A blank ends a value only in front of another field. */
static bool take_fields(struct result_row *row, char *p)
{
	char *value, *blank;
	const char **slot = field_start(row, p, &value);

	if (!slot)
		return false;
	*slot = value;
	for (blank = value; (blank = strchr(blank, ' ')); blank++) {
		slot = field_start(row, blank + 1, &value);
		if (!slot)
			continue;
		*blank = '\0';
		*slot = value;
	}
	return true;
}

/* How many rows of the same line and thread came before. */
static uint32_t count_place(struct reading *rd, uint32_t line, uint32_t tid)
{
	char name[32];
	uint32_t o;

	snprintf(name, sizeof(name), "%u t%u", line, tid);
	o = strtab_adds(&rd->places, name);
	if (o >= rd->cap_seen) {
		rd->seen = sim_realloc_array(rd->r->arena, rd->seen, rd->cap_seen, o * 2 + 64,
					     sizeof(*rd->seen));
		rd->cap_seen = o * 2 + 64;
	}
	return rd->seen[o]++;
}

/* "8 t0 read fd=0 => ret=0"; the text is cut up. */
static bool take_row(struct reading *rd, char *text, struct result_row *row)
{
	char *arrow = strstr(text, " => ");
	const char *p = text;
	uint64_t line, tid;

	if (!arrow)
		return false;
	*row = (struct result_row){.text = sim_strdup(rd->r->arena, arrow + 4)};
	if (!scan_dec(&p, &line) || line > UINT32_MAX || !scan_lit(&p, " t") ||
	    !scan_dec(&p, &tid) || tid > UINT32_MAX || !scan_lit(&p, " ") || p > arrow)
		return false;
	*arrow = '\0';
	row->op = p;
	row->line = (uint32_t)line;
	row->tid = (uint32_t)tid;
	row->nth = count_place(rd, row->line, row->tid);
	return take_fields(row, arrow + 4);
}

static int take_line(struct reading *rd, char *text)
{
	struct results *r = rd->r;
	struct result_row row;

	if (!*text)
		return 0;
	if (*text == '#') {
		if (!r->has_ino)
			r->has_ino = take_ino(text, &r->ino);
		return 0;
	}
	if (!take_row(rd, text, &row))
		return sim_err_set(rd->err,
				   "%s:%u: not a result (\"<line> t<thread> <operation> => "
				   "ret=...\")",
				   rd->name, rd->line);
	if (r->nr == rd->cap) {
		uint32_t cap = rd->cap ? rd->cap * 2 : 64;

		r->rows = sim_realloc_array(r->arena, r->rows, rd->cap, cap, sizeof(*r->rows));
		rd->cap = cap;
	}
	r->rows[r->nr++] = row;
	return 0;
}

int results_read_text(const char *name, const char *text, size_t len, struct results *r,
		      struct sim_err *err)
{
	struct reading rd = {.name = name, .r = r, .err = err};
	char *copy, *p, *end, *eol;

	memset(r, 0, sizeof(*r));
	if (len > RESULTS_FILE_MAX)
		return sim_err_set(err, "%s: longer than %zu bytes", name, RESULTS_FILE_MAX);
	r->arena = compare_arena_new();
	strtab_init(&rd.places, r->arena);
	copy = sim_alloc(r->arena, len + 1);
	if (len)
		memcpy(copy, text, len);
	for (p = copy, end = copy + len; p < end; p = eol + 1) {
		eol = memchr(p, '\n', (size_t)(end - p));
		eol = eol ? eol : end;
		*eol = '\0';
		if (eol > p && eol[-1] == '\r')
			eol[-1] = '\0';
		rd.line++;
		if (take_line(&rd, p)) {
			results_free(r);
			return -1;
		}
	}
	return 0;
}

int results_read(const char *path, struct results *r, struct sim_err *err)
{
	char *text;
	size_t len;
	int ret;

	memset(r, 0, sizeof(*r));
	if (sim_read_file(path, RESULTS_FILE_MAX, &text, &len, err))
		return -1;
	ret = results_read_text(path, text, len, r, err);
	sim_xfree(text);
	return ret;
}

void results_free(struct results *r)
{
	sim_arena_free(r->arena);
	memset(r, 0, sizeof(*r));
}

bool results_ino(const char *path, uint64_t *ino)
{
	struct sim_err unused = {0};
	char *text, *p;
	bool found = false;
	size_t len;

	if (sim_read_file(path, RESULTS_FILE_MAX, &text, &len, &unused))
		return false;
	for (p = text; p && !found; p = strchr(p, '\n')) {
		p += *p == '\n';
		found = take_ino(p, ino);
	}
	sim_xfree(text);
	return found;
}
