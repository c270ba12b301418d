/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Locale-free character classes and a cursor over one line, for the readers of text formats. */
#ifndef TRACES_FORMAT_SCAN_H
#define TRACES_FORMAT_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* A blank: space, tab to carriage return, and the ASCII separators 0x1c-0x1f (Unicode's idea of
 * blank). */
static inline bool scan_is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r') || (c >= 0x1c && c <= 0x1f);
}

static inline bool scan_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Lower-case hexadecimal only: the kernel prints no other. */
static inline bool scan_is_hex(char c)
{
	return scan_is_digit(c) || (c >= 'a' && c <= 'f');
}

/* A letter of a name: ASCII alphanumeric or underscore. */
static inline bool scan_is_word(char c)
{
	return scan_is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

/* A run of characters inside a text that someone else owns. */
struct scan_span {
	const char *p;
	size_t len;
};

static inline bool scan_span_is(struct scan_span s, const char *lit)
{
	return s.len == strlen(lit) && !memcmp(s.p, lit, s.len);
}

/* Step over the literal lit if the cursor stands on it. */
static inline bool scan_lit(const char **p, const char *lit)
{
	size_t n = strlen(lit);

	if (strncmp(*p, lit, n))
		return false;
	*p += n;
	return true;
}

/* Step over blanks; how many there were. */
static inline size_t scan_blanks(const char **p)
{
	const char *s = *p;

	while (scan_is_blank(**p))
		(*p)++;
	return (size_t)(*p - s);
}

/* Take a run of non-blanks; false if there is none. */
static inline bool scan_solid(const char **p, struct scan_span *out)
{
	out->p = *p;
	while (**p && !scan_is_blank(**p))
		(*p)++;
	out->len = (size_t)(*p - out->p);
	return out->len > 0;
}

/* Take a run of hexadecimal digits, as text and as its value modulo 2^64; false if there is none. */
static inline bool scan_hex(const char **p, struct scan_span *out, uint64_t *v)
{
	uint64_t x = 0;

	out->p = *p;
	for (; scan_is_hex(**p); (*p)++)
		x = x << 4 | (uint64_t)(scan_is_digit(**p) ? **p - '0' : **p - 'a' + 10);
	out->len = (size_t)(*p - out->p);
	if (v)
		*v = x;
	return out->len > 0;
}

/* Take a run of decimal digits, saturated to UINT64_MAX; false if there is none. */
static inline bool scan_dec(const char **p, uint64_t *v)
{
	const char *s = *p;
	uint64_t x = 0;

	for (; scan_is_digit(**p); (*p)++)
		if (__builtin_mul_overflow(x, 10, &x) ||
		    __builtin_add_overflow(x, (uint64_t)(**p - '0'), &x))
			x = UINT64_MAX;
	*v = x;
	return *p > s;
}

#endif
