/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writing of JSON: objects, arrays, texts and integers, indented by one blank per level. */
#ifndef CLI_JSON_H
#define CLI_JSON_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/base/text.h"

#define JSON_MAX_DEPTH 16

/* A zeroed struct with out set is a document without anything. */
struct json {
	struct sim_buf *out;
	unsigned depth;
	bool filled[JSON_MAX_DEPTH]; /* something is in this level already */
};

/* Values. key: in an object; NULL in an array and at the top. A text of NULL is null. */
void json_text(struct json *j, const char *key, const char *text);
void json_uint(struct json *j, const char *key, uint64_t v);
void json_int(struct json *j, const char *key, int64_t v);
void json_bool(struct json *j, const char *key, bool v);
/* JSON text of somebody else, as it is. */
void json_raw(struct json *j, const char *key, const char *text);

/* open: '{' or '['. */
void json_open(struct json *j, const char *key, char open);
/* close: '}' or ']'. At the end of the document a newline follows. */
void json_close(struct json *j, char close);

/* Append s in double quotes; bytes that are not UTF-8 become U+FFFD. */
void json_quote(struct sim_buf *out, const char *s);

#endif
