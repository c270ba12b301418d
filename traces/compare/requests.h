/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A trace as the comparison sees it: requests, folio events and write calls of one inode. */
#ifndef TRACES_COMPARE_REQUESTS_H
#define TRACES_COMPARE_REQUESTS_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/base/arena.h"
#include "traces/compare/align.h"
#include "traces/compare/strtab.h"
#include "traces/format/ftrace_read.h"

/* What both traces of a comparison share. */
struct cmp_space {
	struct sim_arena *arena;
	struct strtab toks; /* every text that is compared */
	struct align *align;
};

/* Who emitted a line of a request. The last two are told by the line itself, at comparison. */
enum cmp_context {
	CMP_ISSUER,  /* the task that emitted the request's first line */
	CMP_OTHER,   /* another task */
	CMP_WORKER,  /* kworker* */
	CMP_RECEIVE, /* cifsd* */
	CMP_PUT,     /* end of a subrequest */
	CMP_FREE,    /* end of the request */
	CMP_CONTEXTS
};

/* One netfs_* line of a request. */
struct cmp_line {
	uint32_t tok;
	uint32_t line;
	uint8_t context; /* enum cmp_context */
	uint8_t class;   /* set of enum token_class */
};

/* A subrequest: what its last TERM, or else its last line, said. */
struct cmp_sub {
	uint32_t source; /* token */
	uint64_t start, done, len;
	int64_t err;
	bool term;
};

struct cmp_request {
	uint32_t nr;     /* 1 for the first that is compared */
	uint32_t line;   /* of its first line */
	const char *op;  /* "OP 4 read ...", or "" */
	uint32_t origin; /* token + 1; 0: not known */
	bool has_start, has_len, has_ino;
	uint64_t start, len, ino;
	bool known;         /* its creation lies inside the window */
	bool freed;         /* so does its end */
	uint32_t first_pid; /* the issuer */
	struct cmp_line *lines;
	uint32_t nr_lines, cap_lines;
	struct cmp_sub **subs;
	uint32_t nr_subs, cap_subs;
	/* Filled by requests_make_keys(). */
	uint32_t header;            /* token: origin, start, length */
	struct seq sub_keys;        /* tokens, in order of creation */
	struct seq sub_keys_sorted; /* tokens, ascending */
	uint32_t key, key_sorted;   /* token: header and subrequests, in order or as a set */
};

/* An item of a list that is compared for itself: a folio event, a write call. */
struct cmp_event {
	uint32_t tok;
	uint32_t line;
	const char *op;
};

struct cmp_events {
	struct cmp_event *v;
	uint32_t nr, cap;
};

struct cmp_folio {
	uint64_t first, last; /* pages */
	struct cmp_events events;
};

/* Folios, or single pages, in order of first appearance. */
struct cmp_folios {
	struct cmp_folio *v;
	uint32_t nr, cap;
	struct strtab names; /* ordinal = position in v */
};

struct cmp_trace {
	struct cmp_request **reqs; /* known ones of the inode, in order of creation */
	uint32_t nr_reqs, cap_reqs;
	struct cmp_folios folios; /* netfs_folio, by range */
	struct cmp_folios pages;  /* events of the page cache, by the folio's first page */
	bool has_pages;           /* the page cache was traced */
	struct cmp_events writes; /* netfs_write_iter */
	bool parallel;            /* OP markers name two threads or more */
	bool has_case;            /* a CASE marker says where it begins */
	const char **notes;
	uint32_t nr_notes, cap_notes;
};

/*
 * Assemble what lies between the CASE markers of file. want_ino (NULL: the busiest inode) tells
 * which inode's lines are taken; its low 32 bits count. values: tokens keep offsets and lengths. *t
 * and what it points to are the arena's; file may be released afterwards.
 */
void requests_assemble(struct cmp_space *sp, const struct ftrace_file *file,
		       const uint64_t *want_ino, bool values, struct cmp_trace *t);

/* Fill the keys of all requests, once start and len are final. */
void requests_make_keys(struct cmp_space *sp, struct cmp_trace *t);

/* "request #2 RA s=0 l=1000 [DOWN s=0 1000/1000 e=0]"; the result is the arena's. */
const char *request_show(struct cmp_space *sp, const struct cmp_request *r);

/* The folio with these pages, or NULL. */
const struct cmp_folio *requests_folio(const struct cmp_folios *folios, uint64_t first,
				       uint64_t last);

/* printf into the arena. */
const char *cmp_printf(struct sim_arena *arena, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

#endif
