/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tree as YAML text that reads back as the same tree. */
#include "sim/conf/tree.h"

#include <string.h>

#define FLOW_WIDTH 96 /* longer lists and maps in brackets are spread over lines */

static bool is_alnum(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* True if the text is itself when written without quotes, wherever it stands. */
static bool plain_safe(const char *s)
{
	if (!is_alnum(*s) && (!*s || !strchr("_./", *s)))
		return false;
	for (; *s; s++) {
		if (*s == ' ' && (s[1] == '#' || s[1] == ' ' || !s[1]))
			return false;
		if (!is_alnum(*s) && !strchr("_./+-%@=<>()*;^$ ", *s))
			return false;
	}
	return true;
}

/* Code point of a well-formed character; *len is its length. */
static uint32_t decode(const char *s, size_t *len)
{
	const unsigned char *p = (const unsigned char *)s;

	*len = *p < 0x80 ? 1 : *p < 0xe0 ? 2 : *p < 0xf0 ? 3 : 4;
	if (*len == 1)
		return *p;
	if (*len == 2)
		return (p[0] & 0x1fu) << 6 | (p[1] & 0x3fu);
	if (*len == 3)
		return (p[0] & 0x0fu) << 12 | (p[1] & 0x3fu) << 6 | (p[2] & 0x3fu);
	return (p[0] & 0x07u) << 18 | (p[1] & 0x3fu) << 12 | (p[2] & 0x3fu) << 6 | (p[3] & 0x3fu);
}

static void put_quoted(struct sim_buf *b, const char *s)
{
	size_t n;

	sim_buf_putc(b, '"');
	for (; *s; s += n) {
		uint32_t c = decode(s, &n);

		if (c == '"' || c == '\\')
			sim_buf_printf(b, "\\%c", (int)c);
		else if (c == '\n')
			sim_buf_puts(b, "\\n");
		else if (c == '\t')
			sim_buf_puts(b, "\\t");
		else if (c < 0x20 || (c >= 0x7f && c <= 0xa0))
			sim_buf_printf(b, "\\x%02x", (unsigned)c);
		else if (c == 0x2028 || c == 0x2029 || c >= 0xfeff)
			sim_buf_printf(b, c > 0xffff ? "\\U%08x" : "\\u%04x", (unsigned)c);
		else
			sim_buf_add(b, s, n);
	}
	sim_buf_putc(b, '"');
}

static void put_scalar(struct sim_buf *b, const struct conf_node *node)
{
	if (!node->quoted && !*node->text)
		sim_buf_putc(b, '~'); /* no value: nothing at all would vanish from a list */
	else if (!node->quoted && (plain_safe(node->text) || !strcmp(node->text, "~")))
		sim_buf_puts(b, node->text);
	else
		put_quoted(b, node->text);
}

static void put_flow(struct sim_buf *b, const struct conf_node *node)
{
	if (node->kind == CONF_SCALAR) {
		put_scalar(b, node);
		return;
	}
	sim_buf_putc(b, node->kind == CONF_LIST ? '[' : '{');
	for (const struct conf_node *c = node->first; c; c = c->next) {
		if (c != node->first)
			sim_buf_puts(b, ", ");
		if (node->kind == CONF_MAP) {
			put_scalar(b, c->key);
			sim_buf_puts(b, ": ");
		}
		put_flow(b, c);
	}
	sim_buf_putc(b, node->kind == CONF_LIST ? ']' : '}');
}

/* Append the node in one line if it is short and was written so; false if it was not appended. */
static bool put_short(struct sim_buf *b, const struct conf_node *node, unsigned indent)
{
	size_t start = b->len;

	if (node->kind != CONF_SCALAR && node->n && !node->flow)
		return false;
	put_flow(b, node);
	if (node->kind == CONF_SCALAR || !node->n || b->len - start + indent <= FLOW_WIDTH)
		return true;
	b->len = start;
	return false;
}

/* The children of a list or map, one a line; the first begins where the text ends now. */
static void put_block(struct sim_buf *b, const struct conf_node *node, unsigned indent)
{
	for (const struct conf_node *c = node->first; c; c = c->next) {
		if (c != node->first)
			sim_buf_printf(b, "\n%*s", (int)indent, "");
		if (node->kind == CONF_LIST) {
			sim_buf_puts(b, "- ");
			if (!put_short(b, c, indent + 2))
				put_block(b, c, indent + 2);
			continue;
		}
		put_scalar(b, c->key);
		sim_buf_puts(b, ": ");
		if (put_short(b, c, indent + 2))
			continue;
		b->len--; /* no space at the end of the line */
		sim_buf_printf(b, "\n%*s", (int)indent + 2, "");
		put_block(b, c, indent + 2);
	}
}

void sim_conf_dump(const struct sim_conf_doc *doc, struct sim_buf *out)
{
	if (doc->root->n)
		put_block(out, doc->root, 0);
	else
		sim_buf_puts(out, "{}");
	sim_buf_putc(out, '\n');
}
