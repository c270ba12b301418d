/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The text of records: layouts are compiled once into steps, which are run for each record. */
#include "sim/trace/text.h"

#include <assert.h>
#include <string.h>

#include "sim/base/arena.h"

#define MAX_STEPS  32
#define MAX_NUMBER 24 /* characters that a number or an unknown tag takes at most */

enum step_kind {
	STEP_LITERAL,
	STEP_TEXT,
	STEP_TAG,
	STEP_FLAGS,
	STEP_HEX,
	STEP_UNSIGNED,
	STEP_SIGNED,
};

/* One piece of a layout. */
struct step {
	enum step_kind kind;
	uint8_t field;
	uint8_t width; /* STEP_HEX: least number of digits */
	bool narrow;   /* only the lower 32 bits count: a signed field */
	bool sum;      /* add the field plus and the constant add */
	uint8_t plus;
	int8_t add;
	const char *literal; /* not terminated */
	size_t len;
	const struct sim_trace_tags *tags;
};

struct layout {
	unsigned nr;
	size_t most; /* characters without the texts of STEP_TEXT */
	struct step *step;
};

struct sim_trace_text {
	const struct sim_trace_event *events;
	unsigned nr;
	unsigned version;
	struct layout *layout; /* per event */
};

static unsigned field_named(const struct sim_trace_event *ev, const char *name, size_t len)
{
	unsigned i = 0;

	while (i < ev->nr_fields &&
	       (strlen(ev->field[i].name) != len || memcmp(ev->field[i].name, name, len) != 0))
		i++;
	assert(i < ev->nr_fields); /* the layout names a field that the event does not have */
	return i;
}

/* Read the part of {a+b-1:08x} behind the colon. */
static void parse_conversion(struct step *st, const char *s, bool is_signed)
{
	if (*s == '0')
		s++;
	while (*s >= '0' && *s <= '9')
		st->width = (uint8_t)(st->width * 10 + (*s++ - '0'));
	assert(*s == 'x' || *s == 'u' || *s == 'd');
	assert(s[1] == '}' && st->width <= 16 && (*s == 'x' || !st->width));
	st->kind = *s == 'x' ? STEP_HEX : *s == 'u' ? STEP_UNSIGNED : STEP_SIGNED;
	st->narrow = is_signed && *s != 'd';
}

/* Read one {field...} that begins at s. Returns what follows it. */
static const char *parse_field(const struct sim_trace_event *ev, const char *s, struct step *st)
{
	const char *end = strchr(s, '}');
	size_t len = strcspn(++s, "+:}");
	enum sim_trace_type type;

	assert(end);
	st->field = (uint8_t)field_named(ev, s, len);
	type = ev->field[st->field].type;
	st->tags = ev->field[st->field].tags;
	s += len;
	if (*s == '+') {
		len = strcspn(++s, "-:}");
		st->sum = true;
		st->plus = (uint8_t)field_named(ev, s, len);
		s += len;
		if (*s == '-') {
			assert(s[1] == '1');
			st->add = -1;
			s += 2;
		}
	}
	if (*s == ':') {
		assert(type < SIM_TRACE_TAG);
		parse_conversion(st, s + 1, type >= SIM_TRACE_S16 && type <= SIM_TRACE_S32);
	} else {
		assert(*s == '}' && !st->sum && type >= SIM_TRACE_TAG);
		st->kind = type == SIM_TRACE_STR     ? STEP_TEXT
			   : type == SIM_TRACE_FLAGS ? STEP_FLAGS
						     : STEP_TAG;
	}
	return end + 1;
}

static size_t longest_tag(const struct sim_trace_tags *tags, unsigned version)
{
	size_t most = MAX_NUMBER;

	for (unsigned i = 0; i < tags->nr; i++) {
		const char *text = tags->tag[i].text[version];

		if (text && strlen(text) > most)
			most = strlen(text);
	}
	return most;
}

static size_t all_flags(const struct sim_trace_tags *tags, unsigned version)
{
	size_t most = MAX_NUMBER;

	for (unsigned i = 0; i < tags->nr; i++)
		if (tags->tag[i].text[version])
			most += strlen(tags->tag[i].text[version]) + 1;
	return most;
}

static size_t step_most(const struct step *st, unsigned version)
{
	if (st->kind == STEP_LITERAL)
		return st->len;
	if (st->kind == STEP_TAG)
		return longest_tag(st->tags, version);
	if (st->kind == STEP_FLAGS)
		return all_flags(st->tags, version);
	return st->kind == STEP_TEXT ? 0 : MAX_NUMBER;
}

static void compile(struct layout *l, const struct sim_trace_event *ev, unsigned version)
{
	struct step steps[MAX_STEPS] = {0};
	const char *s = ev->layout;

	while (*s) {
		struct step *st = &steps[l->nr++];

		assert(l->nr <= MAX_STEPS);
		if (*s == '{') {
			s = parse_field(ev, s, st);
		} else {
			st->kind = STEP_LITERAL;
			st->literal = s;
			st->len = strcspn(s, "{");
			s += st->len;
		}
		l->most += step_most(st, version);
	}
	l->step = sim_xcalloc(l->nr, sizeof(*l->step));
	memcpy(l->step, steps, l->nr * sizeof(*l->step));
}

struct sim_trace_text *sim_trace_text_new(const struct sim_trace_event *events, unsigned nr,
					  unsigned version)
{
	struct sim_trace_text *text = sim_xcalloc(1, sizeof(*text));

	assert(version < SIM_TRACE_VERSIONS);
	text->events = events;
	text->nr = nr;
	text->version = version;
	text->layout = sim_xcalloc(nr, sizeof(*text->layout));
	for (unsigned i = 0; i < nr; i++)
		compile(&text->layout[i], &events[i], version);
	return text;
}

void sim_trace_text_free(struct sim_trace_text *text)
{
	if (!text)
		return;
	for (unsigned i = 0; i < text->nr; i++)
		sim_xfree(text->layout[i].step);
	sim_xfree(text->layout);
	sim_xfree(text);
}

static char *put_hex(char *p, uint64_t v, unsigned width)
{
	unsigned digits = v ? (67u - (unsigned)__builtin_clzll(v)) / 4 : 1;

	if (digits < width)
		digits = width;
	for (unsigned i = digits; i--; v >>= 4)
		p[i] = "0123456789abcdef"[v & 15];
	return p + digits;
}

static char *put_dec(char *p, uint64_t v)
{
	char digits[20];
	unsigned i = sizeof(digits);

	do {
		digits[--i] = (char)('0' + v % 10);
		v /= 10;
	} while (v);
	memcpy(p, digits + i, sizeof(digits) - i);
	return p + (sizeof(digits) - i);
}

static char *put_tag(char *p, const struct sim_trace_tags *tags, uint64_t v, unsigned version)
{
	const char *text = v < tags->nr ? tags->tag[v].text[version] : NULL;
	size_t len;

	if (!text) {
		memcpy(p, "0x", 2);
		return put_hex(p + 2, v, 0);
	}
	len = strlen(text);
	memcpy(p, text, len);
	return p + len;
}

/* As the kernel's __print_flags() with "|". */
static char *put_flags(char *p, const struct sim_trace_tags *tags, uint64_t v, unsigned version)
{
	char *start = p;

	for (unsigned i = 0; i < tags->nr; i++) {
		const char *text = tags->tag[i].text[version];

		if (!(v >> i & 1) || !text)
			continue;
		if (p > start)
			*p++ = '|';
		p = stpcpy(p, text);
		v &= ~(1ull << i);
	}
	if (!v)
		return p;
	if (p > start)
		*p++ = '|';
	memcpy(p, "0x", 2);
	return put_hex(p + 2, v, 0);
}

/* A text of the user or the model: what would end the line is escaped. */
static char *put_text(char *p, const char *s)
{
	for (; *s; s++) {
		if ((unsigned char)*s >= ' ') {
			*p++ = *s;
		} else {
			*p++ = '\\';
			*p++ = *s == '\n' ? 'n' : *s == '\t' ? 't' : '?';
		}
	}
	return p;
}

static char *put_step(char *p, const struct step *st, const union sim_trace_value *value,
		      unsigned version)
{
	uint64_t v = value[st->field].u;

	if (st->sum)
		v += value[st->plus].u + (uint64_t)(int64_t)st->add;
	if (st->narrow)
		v = (uint32_t)v;
	switch (st->kind) {
	case STEP_LITERAL:
		memcpy(p, st->literal, st->len);
		return p + st->len;
	case STEP_TEXT:
		return put_text(p, value[st->field].str);
	case STEP_TAG:
		return put_tag(p, st->tags, v, version);
	case STEP_FLAGS:
		return put_flags(p, st->tags, v, version);
	case STEP_HEX:
		return put_hex(p, v, st->width);
	case STEP_UNSIGNED:
		return put_dec(p, v);
	case STEP_SIGNED:
		if ((int64_t)v < 0)
			*p++ = '-';
		return put_dec(p, (int64_t)v < 0 ? -v : v);
	}
	return p;
}

void sim_trace_text_add(const struct sim_trace_text *text, const struct sim_trace_record *rec,
			struct sim_buf *out)
{
	const struct layout *l = &text->layout[rec->event - text->events];
	size_t most = l->most;
	char *start, *p;

	for (unsigned i = 0; i < rec->event->nr_fields; i++)
		if (rec->event->field[i].type == SIM_TRACE_STR)
			most += 2 * strlen(rec->value[i].str);
	start = p = sim_buf_room(out, most);
	for (unsigned i = 0; i < l->nr; i++)
		p = put_step(p, &l->step[i], rec->value, text->version);
	*p = '\0';
	out->len += (size_t)(p - start);
}
