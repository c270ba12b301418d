/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Contents as text: the byte a recording would show, runs of bytes, names for people. */
/* Mirrors: nothing (6.8); the forms are those of the recordings' results.txt. */
#include <assert.h>
#include <string.h>

#include "model/content/space.h"
#include "sim/base/math.h"
#include "sim/base/text.h"

#define RENDER_PAGE 4096 /* of srv_create, whatever the page size of a scenario */

/* A byte of a source and how far it is known to repeat. */
static uint64_t render_source(const struct content_space *space, struct content_val val,
			      unsigned char *byte)
{
	const struct content_src *src = &space->src[val.src];
	struct content_op op;

	assert(val.src < space->nr_srcs);
	switch (src->law) {
	case CONTENT_LAW_PAGES:
		*byte = (unsigned char)('a' + val.off / RENDER_PAGE % 26);
		return RENDER_PAGE - val.off % RENDER_PAGE;
	case CONTENT_LAW_CONST:
		*byte = src->byte;
		return UINT64_MAX;
	default:
		if (!content_source_op(space, val.src, val.off, &op))
			assert(!"a byte that its source never made");
		*byte = op.letter;
		return op.off + op.len - val.off;
	}
}

uint64_t content_render_run(const struct content_space *space, struct content_val val, uint64_t len,
			    unsigned char *byte)
{
	switch (val.kind) {
	case CONTENT_JUNK:
		*byte = CONTENT_RENDER_JUNK;
		return len;
	case CONTENT_SOURCE:
		return sim_min(len, render_source(space, val, byte));
	case CONTENT_DERIVED:
		*byte = CONTENT_RENDER_DERIVED;
		return len;
	default:
		*byte = 0;
		return len;
	}
}

unsigned char content_render(const struct content_space *space, struct content_val val)
{
	unsigned char byte;

	content_render_run(space, val, 1, &byte);
	return byte;
}

/* The run that is being collected, and those printed already. */
struct run_printer {
	struct sim_buf *buf;
	uint64_t count;
	unsigned printed, max;
	unsigned char byte;
};

static bool is_printed(int byte)
{
	return byte >= ' ' && byte < 0x7f;
}

static void print_run(struct run_printer *p)
{
	if (p->printed++)
		sim_buf_putc(p->buf, ',');
	if (is_printed(p->byte))
		sim_buf_putc(p->buf, (char)p->byte);
	else
		sim_buf_printf(p->buf, "\\x%02x", p->byte);
	sim_buf_putc(p->buf, '*');
	sim_buf_dec(p->buf, p->count);
}

/* Count n bytes more; false when they would begin a run too many. */
static bool add_run(struct run_printer *p, unsigned char byte, uint64_t n)
{
	if (p->count && p->byte == byte) {
		p->count += n;
		return true;
	}
	if (p->count)
		print_run(p);
	p->byte = byte;
	p->count = n;
	return p->printed < p->max;
}

void content_print_runs(struct sim_buf *buf, const struct content_map *map, uint64_t off,
			uint64_t len, unsigned max_runs)
{
	struct run_printer p = {.buf = buf, .max = max_runs};

	content_for_each (e, map, off, off + len) {
		for (uint64_t done = 0, n; done < e.len; done += n) {
			unsigned char byte;

			n = content_render_run(map->space, content_val_at(e.val, done),
					       e.len - done, &byte);
			if (!add_run(&p, byte, n)) {
				sim_buf_puts(buf, "...");
				return;
			}
		}
	}
	if (p.count)
		print_run(&p);
}

/* ---- the way back ---- */

static int hex_digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* A byte as print_run() has it, -1 if it is none; *p goes behind it. */
static int parse_byte(const char **p)
{
	const char *s = *p;

	if (s[0] == '\\' && s[1] == 'x') {
		int high = hex_digit(s[2]), low = high < 0 ? -1 : hex_digit(s[3]);
		int byte = high * 16 + low;

		*p += 4;
		return low < 0 || is_printed(byte) ? -1 : byte;
	}
	*p += 1;
	return is_printed((unsigned char)*s) ? *s : -1;
}

bool content_runs_valid(const char *text, const char **why)
{
	const char *p = text;

	for (int last = -1; *p || p != text; p++) {
		int byte = parse_byte(&p);
		size_t digits;

		*why = "a run has no byte; write BYTE*COUNT, such as a*4096, with \\x00 for what is "
		       "no printable character";
		if (byte < 0)
			return false;
		*why = "a run has no count; write BYTE*COUNT, such as a*4096";
		if (*p++ != '*')
			return false;
		digits = strspn(p, "0123456789");
		*why = "this count of bytes is never printed; write it in decimal, without a unit";
		if (!digits || *p == '0' || digits > 19 || (p[digits] && p[digits] != ','))
			return false;
		*why = "two runs of the same byte are one; write their sum";
		if (byte == last)
			return false;
		last = byte;
		p += digits;
		if (!*p)
			break;
	}
	return true;
}

/* ---- names for people ---- */

static void describe_source(struct sim_buf *buf, const struct content_space *space,
			    struct content_val val)
{
	const char *name = content_source_name(space, val.src);
	struct content_op op;

	if (content_source_op(space, val.src, val.off, &op))
		sim_buf_printf(buf, "write %u of %s, byte %llu", op.ordinal, name,
			       (unsigned long long)(val.off - op.off));
	else
		sim_buf_printf(buf, "byte %llu of %s", (unsigned long long)val.off, name);
}

static void describe_row(struct sim_buf *buf, const struct content_space *space,
			 struct content_val val)
{
	const struct content_row *row = &space->rows.row[val.src];

	sim_buf_printf(buf, "derived block %llu (kind %u, key %llu), byte %llu",
		       (unsigned long long)row->block, row->kind, (unsigned long long)row->key,
		       (unsigned long long)val.off);
}

void content_describe(struct sim_buf *buf, const struct content_space *space,
		      struct content_val val)
{
	switch (val.kind) {
	case CONTENT_ZERO:
		sim_buf_puts(buf, "zero");
		break;
	case CONTENT_JUNK:
		sim_buf_printf(buf, "uninitialised memory %u, byte %llu", val.src,
			       (unsigned long long)val.off);
		break;
	case CONTENT_SOURCE:
		describe_source(buf, space, val);
		break;
	case CONTENT_DERIVED:
		describe_row(buf, space, val);
		break;
	default:
		sim_buf_puts(buf, "never written");
	}
}
