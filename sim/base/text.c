/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Growing byte buffers and the error text of the tool. */
#include "sim/base/text.h"

#include <stdio.h>
#include <string.h>

#include "sim/base/arena.h"

#define BUF_FIRST 256

void sim_buf_free(struct sim_buf *b)
{
	sim_xfree(b->data);
	memset(b, 0, sizeof(*b));
}

void sim_buf_clear(struct sim_buf *b)
{
	b->len = 0;
	if (b->data)
		b->data[0] = '\0';
}

char *sim_buf_room(struct sim_buf *b, size_t n)
{
	size_t need, cap = b->cap ? b->cap : BUF_FIRST;

	if (__builtin_add_overflow(b->len, n, &need) || need > SIZE_MAX / 4)
		need = SIZE_MAX / 4; /* more than malloc gives: ends the program */
	need++;
	if (need > b->cap) {
		while (cap < need)
			cap *= 2;
		b->data = sim_xrealloc(b->data, cap, 1);
		b->cap = cap;
		b->data[b->len] = '\0';
	}
	return b->data + b->len;
}

void sim_buf_add(struct sim_buf *b, const void *p, size_t n)
{
	char *at = sim_buf_room(b, n);

	if (n)
		memcpy(at, p, n);
	b->len += n;
	b->data[b->len] = '\0';
}

void sim_buf_puts(struct sim_buf *b, const char *s)
{
	sim_buf_add(b, s, strlen(s));
}

void sim_buf_putc(struct sim_buf *b, char c)
{
	sim_buf_add(b, &c, 1);
}

void sim_buf_printf(struct sim_buf *b, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	sim_buf_vprintf(b, fmt, ap);
	va_end(ap);
}

void sim_buf_vprintf(struct sim_buf *b, const char *fmt, va_list ap)
{
	va_list again;
	char *at = sim_buf_room(b, 128);
	int n;

	va_copy(again, ap);
	n = vsnprintf(at, b->cap - b->len, fmt, ap);
	if (n >= 0 && (size_t)n >= b->cap - b->len) {
		at = sim_buf_room(b, (size_t)n);
		n = vsnprintf(at, b->cap - b->len, fmt, again);
	}
	va_end(again);
	if (n > 0)
		b->len += (size_t)n;
	b->data[b->len] = '\0';
}

void sim_buf_dec(struct sim_buf *b, uint64_t v)
{
	char digits[20];
	size_t i = sizeof(digits);

	do {
		digits[--i] = (char)('0' + v % 10);
		v /= 10;
	} while (v);
	sim_buf_add(b, digits + i, sizeof(digits) - i);
}

void sim_buf_hex(struct sim_buf *b, uint64_t v, unsigned width)
{
	char digits[16];
	size_t i = sizeof(digits);

	do {
		digits[--i] = "0123456789abcdef"[v & 15];
		v >>= 4;
	} while (v);
	for (size_t n = sizeof(digits) - i; n < width; n++)
		sim_buf_putc(b, '0');
	sim_buf_add(b, digits + i, sizeof(digits) - i);
}

int sim_err_set(struct sim_err *e, const char *fmt, ...)
{
	va_list ap;

	if (e->set)
		return -1;
	va_start(ap, fmt);
	vsnprintf(e->text, sizeof(e->text), fmt, ap);
	va_end(ap);
	e->set = true;
	return -1;
}
