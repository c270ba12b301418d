/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Messages with a position, the offending line and a caret. */
#include "sim/conf/tree.h"

#include <stdio.h>
#include <string.h>

#include "sim/base/math.h"

#define WHAT_MAX    48 /* characters of the offending text */
#define WINDOW      90 /* characters of a long line that are shown */
#define HINT_MAX    240
#define MESSAGE_MAX 500

size_t conf_char_len(const char *p, const char *end)
{
	unsigned char c = (unsigned char)*p;
	size_t n = c < 0xc0 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;

	return sim_min(n, (size_t)(end - p));
}

size_t conf_break_len(const char *p, const char *end)
{
	if (*p == '\n')
		return 1;
	if (*p == '\r')
		return p + 1 < end && p[1] == '\n' ? 2 : 1;
	if (end - p >= 2 && !memcmp(p, "\xc2\x85", 2))
		return 2;
	if (end - p >= 3 && (!memcmp(p, "\xe2\x80\xa8", 3) || !memcmp(p, "\xe2\x80\xa9", 3)))
		return 3;
	return 0;
}

const char *conf_source_line(const struct conf_source *s, uint32_t n, size_t *len)
{
	const char *end = s->text + s->len;
	const char *p = s->text;

	if (s->len >= 3 && !memcmp(p, "\xef\xbb\xbf", 3))
		p += 3;
	for (uint32_t line = 1; line < n && p < end;) {
		size_t b = conf_break_len(p, end);

		line += b > 0;
		p += b ? b : 1;
	}
	for (*len = 0; p + *len < end && !conf_break_len(p + *len, end);)
		(*len)++;
	return p;
}

/* Append at most max characters of a text, fit for a message: no control characters. */
static void add_clean(struct sim_buf *b, const char *p, const char *end, unsigned max)
{
	for (unsigned i = 0; p < end; i++) {
		size_t n = conf_char_len(p, end);

		if (i == max) {
			sim_buf_puts(b, "...");
			return;
		}
		if ((unsigned char)*p >= 0x20 && *p != 0x7f)
			sim_buf_add(b, p, n);
		else if (*p == '\n')
			sim_buf_puts(b, "\\n");
		else if (*p == '\t')
			sim_buf_putc(b, ' ');
		else
			sim_buf_printf(b, "\\x%02x", (unsigned char)*p);
		p += n;
	}
}

/* Append "\n LINE | text\n      | ^~~" for a place. */
static void add_snippet(const struct sim_conf_doc *doc, struct conf_place at, struct sim_buf *b)
{
	size_t len;
	const char *p = conf_source_line(&doc->sources[at.source], at.line, &len);
	const char *end = p + len;
	uint32_t skip = at.column > WINDOW - 20 ? at.column - WINDOW / 2 : 0;
	uint32_t caret = at.column - 1 - skip, width;

	for (uint32_t i = 0; i < skip && p < end; i++)
		p += conf_char_len(p, end);
	sim_buf_printf(b, "\n%5u | %s", at.line, skip ? "..." : "");
	add_clean(b, p, end, WINDOW);
	sim_buf_printf(b, "\n      | %*s^", (int)(caret + (skip ? 3 : 0)), "");
	width = sim_min(at.width, WINDOW - sim_min(caret, WINDOW));
	for (uint32_t i = 1; i < width; i++)
		sim_buf_putc(b, '~');
}

/* Compose the whole text; the message is cut before the snippet is. */
static int set_error(const struct sim_conf_doc *doc, struct conf_place at, const char *what,
		     struct sim_err *err, const char *fmt, va_list ap)
{
	struct sim_buf b = {0};

	if (err->set)
		return -1;
	sim_buf_printf(&b, "%.200s:", doc->sources[at.source].name);
	if (!doc->sources[at.source].is_origin)
		sim_buf_printf(&b, "%u:%u:", at.line, at.column);
	sim_buf_putc(&b, ' ');
	add_clean(&b, what, what + strlen(what), WHAT_MAX);
	sim_buf_puts(&b, *what ? ": " : "'': ");
	sim_buf_vprintf(&b, fmt, ap);
	if (b.len > MESSAGE_MAX) {
		b.len = MESSAGE_MAX;
		while ((b.data[b.len] & 0xc0) == 0x80) /* not within a character */
			b.len--;
		sim_buf_puts(&b, "...");
	}
	add_snippet(doc, at, &b);
	sim_err_set(err, "%s", b.data);
	sim_buf_free(&b);
	return -1;
}

int conf_error_place(const struct sim_conf_doc *doc, struct conf_place at, const char *what,
		     struct sim_err *err, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	set_error(doc, at, what, err, fmt, ap);
	va_end(ap);
	return -1;
}

int conf_verror(const struct sim_conf_doc *doc, const struct conf_node *node, struct sim_err *err,
		const char *fmt, va_list ap)
{
	struct conf_place at = {node->source, node->line, node->column, node->width};
	const char *what = node->kind == CONF_LIST ? "list" : "map";

	if (node->kind == CONF_SCALAR)
		what = node->text;
	if (node->key && (node->kind != CONF_SCALAR || !*node->text)) {
		what = node->key->text;
		at = (struct conf_place){node->key->source, node->key->line, node->key->column,
					 node->key->width};
	}
	return set_error(doc, at, what, err, fmt, ap);
}

int conf_error(const struct sim_conf_doc *doc, const struct conf_node *node, struct sim_err *err,
	       const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	conf_verror(doc, node, err, fmt, ap);
	va_end(ap);
	return -1;
}

void sim_conf_hint(struct sim_buf *out, const char *s, const char *const *names, size_t n)
{
	const char *near = sim_suggest(s, names, n);
	size_t start = out->len;

	if (near) {
		sim_buf_printf(out, "; did you mean '%s'?", near);
		return;
	}
	sim_buf_puts(out, n ? "; allowed: " : "; there is none");
	for (size_t i = 0; i < n; i++) {
		if (out->len - start > HINT_MAX) {
			sim_buf_puts(out, ", ...");
			return;
		}
		sim_buf_printf(out, "%s%s", i ? ", " : "", names[i]);
	}
}
