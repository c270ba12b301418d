/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the two files that read activity share. */
#ifndef CLI_ACTIVITY_IMPL_H
#define CLI_ACTIVITY_IMPL_H

#include "cli/activity.h"
#include "traces/compare/strtab.h"
#include "traces/format/scan.h"

struct client_pages {
	uint64_t dirty, writeback;
};

/* Messages with one key. */
struct message_queue {
	uint32_t begun, ended;
};

struct activity_reader {
	struct activity *a;
	uint64_t now_ns;
	uint32_t client;     /* of the line at hand */
	bool is_interrupt;   /* it is of no task: of which client is not known */
	uint32_t *client_of; /* by process number */
	size_t nr_pids;
	bool has_rpc, has_syscall, has_memory;
	struct strtab keys;  /* of spans: their type and what tells them apart */
	struct strtab names; /* kinds */
	size_t *open;        /* per key: index + 1 of the span that is open; 0 none */
	size_t nr_open;
	struct strtab messages;
	struct message_queue *queues; /* by the ordinal in messages */
	size_t nr_queues;
	uint64_t dirty_pages, writeback_pages;
	struct client_pages *clients; /* by their name's ordinal */
	size_t nr_clients;
	/* Without sim:memory: what the last folio event said, by the folio's ordinal. */
	struct strtab folios;
	uint8_t *folio_state;
	size_t nr_folios;
};

/* Take one line into account. */
void activity_event(struct activity_reader *r, const struct ftrace_record *rec);

/* Begin a span. A new one with the key of an open one takes its place. Valid until the next. */
struct span *activity_open(struct activity_reader *r, enum span_type type, const char *key,
			   const char *kind);
/* The open span with this key, or NULL. */
struct span *activity_find(struct activity_reader *r, enum span_type type, const char *key);
void activity_close(struct activity_reader *r, struct span *s, const char *key);

/* Bytes that are dirty and under writeback from now on. */
void activity_sample(struct activity_reader *r, uint64_t dirty, uint64_t writeback);

/* A copy of s that lives as long as the activity. */
const char *activity_name(struct activity_reader *r, struct scan_span s);

#endif
