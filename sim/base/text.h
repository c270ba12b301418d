/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text of the tool: growing buffers, error messages, units in and out. */
#ifndef SIM_BASE_TEXT_H
#define SIM_BASE_TEXT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A growing byte buffer outside any world. A zeroed struct is an empty buffer. */
struct sim_buf {
	char *data; /* always NUL-terminated once anything was added; NULL before */
	size_t len, cap;
};

void sim_buf_free(struct sim_buf *b);
void sim_buf_clear(struct sim_buf *b);
/* Make room for n more bytes and return the place where they go; advance with b->len += n. */
char *sim_buf_room(struct sim_buf *b, size_t n);
void sim_buf_add(struct sim_buf *b, const void *p, size_t n);
void sim_buf_puts(struct sim_buf *b, const char *s);
void sim_buf_putc(struct sim_buf *b, char c);
void sim_buf_printf(struct sim_buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void sim_buf_vprintf(struct sim_buf *b, const char *fmt, va_list ap);
/* Fast integer text, no locale: as %llu, %0*llx (width 0: no padding). */
void sim_buf_dec(struct sim_buf *b, uint64_t v);
void sim_buf_hex(struct sim_buf *b, uint64_t v, unsigned width);

/* One error of the tool: the first one set stays. Zeroed struct = no error. */
struct sim_err {
	bool set;
	char text[1024]; /* complete message, without newline */
};

/* Record an error (kept if one is already set). Returns -1, so that callers can return it. */
int sim_err_set(struct sim_err *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/*
 * Units. Sizes are decimal or 0x hexadecimal integers with an optional IEC suffix KiB, MiB, GiB, TiB
 * or B. Times need one of ns, us, ms, s, min (0 alone is allowed). Rates are a size followed by /s.
 * Ratios are n/m with 0 <= n <= m, m > 0, or 0 or 1.
 * All return 0, or -1 with a static text in *why that says what is allowed.
 */
int sim_parse_size(const char *s, uint64_t *bytes, const char **why);
int sim_parse_time(const char *s, uint64_t *ns, const char **why);
int sim_parse_rate(const char *s, uint64_t *bytes_per_s, const char **why);
int sim_parse_uint(const char *s, uint64_t *v, const char **why);
int sim_parse_ratio(const char *s, uint64_t *num, uint64_t *den, const char **why);

/* The shortest exact text of a value with unit, e.g. 64KiB, 1500us, 1GiB/s; buf has 32 bytes. */
const char *sim_format_size(char buf[32], uint64_t bytes);
const char *sim_format_time(char buf[32], uint64_t ns);

/* The candidate nearest to s by edit distance, or NULL if none is near; n names. */
const char *sim_suggest(const char *s, const char *const *names, size_t n);

/*
 * Whole files. read: at most limit bytes, NUL-terminated in *out (sim_xfree); error text with the
 * reason otherwise. write: to a temporary file beside path, fsync, rename; the old file stays whole
 * on any failure. Path "-" is standard input or output.
 */
int sim_read_file(const char *path, size_t limit, char **out, size_t *len, struct sim_err *err);
int sim_write_file(const char *path, const void *data, size_t len, struct sim_err *err);

#endif
