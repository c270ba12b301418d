/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writing of JSON. */
#include "cli/json.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include "cli/utf8.h"

void json_quote(struct sim_buf *out, const char *s)
{
	sim_buf_putc(out, '"');
	while (*s) {
		size_t n = utf8_len(s);

		if (*s == '"' || *s == '\\')
			sim_buf_printf(out, "\\%c", *s);
		else if (*s == '\n')
			sim_buf_puts(out, "\\n");
		else if ((unsigned char)*s < 0x20 || *s == 0x7f)
			sim_buf_printf(out, "\\u%04x", (unsigned)*s);
		else if (n)
			sim_buf_add(out, s, n);
		else
			sim_buf_puts(out, "\xef\xbf\xbd");
		s += n ? n : 1;
	}
	sim_buf_putc(out, '"');
}

/* What stands before a value: comma, line, indentation, key. */
static void begin(struct json *j, const char *key)
{
	if (j->depth) {
		sim_buf_puts(j->out, j->filled[j->depth] ? ",\n" : "\n");
		j->filled[j->depth] = true;
		for (unsigned i = 0; i < j->depth; i++)
			sim_buf_putc(j->out, ' ');
	}
	if (key) {
		json_quote(j->out, key);
		sim_buf_puts(j->out, ": ");
	}
}

void json_text(struct json *j, const char *key, const char *text)
{
	begin(j, key);
	if (text)
		json_quote(j->out, text);
	else
		sim_buf_puts(j->out, "null");
}

void json_uint(struct json *j, const char *key, uint64_t v)
{
	begin(j, key);
	sim_buf_dec(j->out, v);
}

void json_int(struct json *j, const char *key, int64_t v)
{
	begin(j, key);
	sim_buf_printf(j->out, "%" PRId64, v);
}

void json_bool(struct json *j, const char *key, bool v)
{
	begin(j, key);
	sim_buf_puts(j->out, v ? "true" : "false");
}

void json_raw(struct json *j, const char *key, const char *text)
{
	size_t len = strlen(text);

	while (len && text[len - 1] == '\n')
		len--;
	begin(j, key);
	sim_buf_add(j->out, text, len);
}

void json_open(struct json *j, const char *key, char open)
{
	begin(j, key);
	sim_buf_putc(j->out, open);
	j->depth++;
	assert(j->depth < JSON_MAX_DEPTH);
	j->filled[j->depth] = false;
}

void json_close(struct json *j, char close)
{
	bool filled = j->filled[j->depth--];

	if (filled) {
		sim_buf_putc(j->out, '\n');
		for (unsigned i = 0; i < j->depth; i++)
			sim_buf_putc(j->out, ' ');
	}
	sim_buf_putc(j->out, close);
	if (!j->depth)
		sim_buf_putc(j->out, '\n');
}
