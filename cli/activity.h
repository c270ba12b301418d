/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a trace shows: requests, subrequests, messages and calls as spans of time, and memory. */
#ifndef CLI_ACTIVITY_H
#define CLI_ACTIVITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/base/arena.h"
#include "sim/base/text.h"
#include "traces/format/ftrace_read.h"

enum span_type {
	SPAN_REQUEST,    /* kind: its origin, "RA", "WB" */
	SPAN_SUBREQUEST, /* kind: its source, "DOWN", "UPLD" */
	SPAN_MESSAGE,    /* kind: "P9_TREAD", or "read" where sim:rpc records tell the bytes */
	SPAN_CALL,       /* kind: "write"; from sim:syscall records, else from the OP markers */
	SPAN_TYPES
};

struct span {
	const char *kind;
	uint64_t begin_ns, end_ns;
	bool ended;      /* false: it goes on when the trace ends, and end_ns is that */
	uint64_t start;  /* requests, subrequests: file position */
	uint64_t bytes;  /* moved; of a request: asked for */
	uint32_t number; /* requests and subrequests: of the request as printed */
	uint32_t client; /* requests and subrequests: who counts so; 0 if the trace does not say */
	uint32_t parent; /* subrequests: index of the request, or UINT32_MAX */
	int64_t error;   /* negative errno, 0 none */
};

struct span_list {
	struct span *at;
	size_t nr;
};

/* Bytes of page cache from now on, in all clients. */
struct memory_sample {
	uint64_t time_ns;
	uint64_t dirty, writeback;
};

struct event_count {
	const char *name;
	uint64_t count;
};

struct activity {
	struct event_count *events; /* in alphabetical order */
	size_t nr_events;
	struct span_list spans[SPAN_TYPES];
	struct memory_sample *memory;
	size_t nr_memory;
	uint64_t begin_ns, end_ns; /* first and last event */
	uint32_t nr_clients;       /* that the trace tells apart; at least 1 */
	uint64_t page_size;        /* of the scenario that the trace names, else 4096 */
	const char *purpose;       /* of that scenario; NULL: the trace names none */
	struct sim_arena *arena;   /* owns all of it */
};

extern const char *const span_type_names[SPAN_TYPES]; /* "requests" ... */

/*
 * Read the trace at path ("-": standard input). Events that the trace lacks give empty lists.
 * Returns 0, or -1 with *err and *a empty. Release with activity_free().
 */
int activity_read(const char *path, struct activity *a, struct sim_err *err);
/* The same from memory; name stands for the path. */
int activity_read_text(const char *name, const char *text, size_t len, struct activity *a,
		       struct sim_err *err);
void activity_free(struct activity *a);

/* Whether bytes of such a span go to the file (true) or come from it (false), by its kind. */
bool span_writes(const struct span *s);
/* Whether such a span moves file contents at all. */
bool span_moves(const struct span *s);

#endif
