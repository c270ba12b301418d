/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The netfs_* lines between a trace's CASE markers, those of the page cache, and the inode they are
 * about.
 */
#ifndef TRACES_COMPARE_WINDOW_H
#define TRACES_COMPARE_WINDOW_H

#include "traces/compare/requests.h"

enum window_kind {
	WINDOW_READ,
	WINDOW_WRITE,
	WINDOW_FOLIO,
	WINDOW_WRITE_ITER,
	WINDOW_RREQ,
	WINDOW_SREQ,
	WINDOW_RREQ_REF,
	WINDOW_OTHER, /* another netfs_* line */
	WINDOW_PAGE   /* page_events[] */
};

struct window_row {
	const struct ftrace_record *rec;
	const char *event; /* without "netfs:" */
	enum window_kind kind;
	const char *op; /* the operation last started, "OP 4 read ...", or "" */
};

struct window {
	struct window_row *rows;
	uint32_t nr, cap;
	bool begun, ended; /* the markers were there */
	bool parallel;
	bool has_pages; /* the page cache was traced */
	bool has_ino;
	uint32_t ino; /* low 32 bits; lines of others are dropped */
};

/* Find the window of file; adds notes to t. The rows are the arena's, their records the file's. */
void window_find(struct cmp_space *sp, const struct ftrace_file *file, const uint64_t *want_ino,
		 struct window *w, struct cmp_trace *t);

/* Whether a line about inode ino, if it has one, belongs to the window. */
bool window_mine(const struct window *w, bool has_ino, uint64_t ino);

/* Append a note to t; the text is the arena's. */
void cmp_note(struct cmp_space *sp, struct cmp_trace *t, const char *text);

#endif
