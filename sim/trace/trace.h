/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Records of one run: their fingerprint, the last ones of them, and the sinks they are sent to. */
#ifndef SIM_TRACE_TRACE_H
#define SIM_TRACE_TRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/trace/event.h"

/*
 * Every record is packed into a canonical form, field by field and little-endian as the event table
 * says: u16 length of all, u32 hash of the event's key, u64 time_ns, u32 pid, u16 cpu, u8 length of
 * comm, comm, then the fields. The fingerprint is XXH3-128 over these forms one after the other.
 * Neither the position of an event in the table nor any output option goes into it. The forms lie
 * in a ring of 4 KiB chunks, which is hashed chunk by chunk and at the same time is the flight
 * recorder. Events marked SIM_TRACE_OBSERVE go to sinks only.
 */

#define SIM_TRACE_COMM_MAX 15   /* as TASK_COMM_LEN - 1: longer names are cut */
#define SIM_TRACE_PARTIAL  1000 /* records between two partial fingerprints */
#define SIM_TRACE_SINKS    8    /* sinks of one trace */

/* Who and when, read at each record: sim_trace_now(), sim_trace_who(). */
struct sim_trace_ctx {
	uint64_t time_ns;
	uint32_t pid;
	uint16_t cpu;
	const char *comm; /* never NULL; the text of one task never changes */
};

struct sim_trace_priv;

/* Where the next canonical form goes; written by sim/trace/emit.h. */
struct sim_trace_pack {
	uint8_t *pos;        /* here */
	uint8_t *end;        /* up to here; pos, where something has to be done first */
	unsigned head;       /* bytes of a whole head */
	uint32_t to_partial; /* records until the next partial fingerprint */
	uint8_t who[24];     /* heads from pid on: pid, cpu, comm */
	uint32_t *id;        /* hash of the key, per event */
};

struct sim_trace {
	struct sim_trace_ctx ctx; /* first member */
	struct sim_trace_pack pack;

	/* Read by everyone, written by sim/trace only. */
	const struct sim_trace_event *events;
	unsigned nr_events;
	uint64_t nr_records; /* that went into the fingerprint */
	uint8_t *sinks_of;   /* per event: bit n, sink n is to have it now */
	struct sim_trace_priv *priv;
};

/* A record as sinks and readers of the ring see it. Nothing in it outlives the call. */
struct sim_trace_record {
	const struct sim_trace_event *event;
	const struct sim_trace_ctx *ctx;
	const union sim_trace_value *value; /* event->nr_fields of them */
};

/* Somewhere records go. The owner embeds it in its own struct. */
struct sim_trace_sink {
	void (*record)(struct sim_trace_sink *sink, const struct sim_trace_record *rec);
	bool windowed; /* gets nothing while the window is shut */
};

/* XXH3-128; printed as 32 hexadecimal digits, high half first. */
struct sim_fingerprint {
	uint64_t high, low;
};

/*
 * A trace without records, its window open. The table must outlive it, keys must be unique and the
 * descriptions valid (checked, abort). Tools memory: it belongs to the caller of the world and is
 * freed after it. Not to be shared between threads.
 */
struct sim_trace *sim_trace_new(const struct sim_trace_event *events, unsigned nr);
void sim_trace_free(struct sim_trace *t);

/* The clock of the records to come. */
static inline void sim_trace_now(struct sim_trace *t, uint64_t time_ns)
{
	t->ctx.time_ns = time_ns;
}
/* Who emits the records to come. comm is kept, not copied, until somebody else does. */
static inline void sim_trace_who(struct sim_trace *t, uint32_t pid, uint16_t cpu, const char *comm)
{
	t->ctx.pid = pid;
	t->ctx.cpu = cpu;
	t->ctx.comm = comm;
	t->pack.end = t->pack.pos;
}

/* Record event number ev with its values, in the order of its fields. */
void sim_trace_emit(struct sim_trace *t, unsigned ev, const union sim_trace_value *value);

/*
 * Whether a record of this event would be seen by anyone. It saves the making of texts for
 * SIM_TRACE_OBSERVE events; other events are always seen (by the fingerprint).
 */
static inline bool sim_trace_wants(const struct sim_trace *t, unsigned ev)
{
	return t && (!(t->events[ev].flags & SIM_TRACE_OBSERVE) || t->sinks_of[ev]);
}

/*
 * Add a sink that gets every event. At most SIM_TRACE_SINKS (abort). It must be removed before it
 * goes; a removed one gets nothing more.
 */
void sim_trace_add_sink(struct sim_trace *t, struct sim_trace_sink *sink);
void sim_trace_remove_sink(struct sim_trace *t, struct sim_trace_sink *sink);

/*
 * Turn the events that match on or off for this sink. pattern: "system:name", either may be "*";
 * a word without colon is a system. Returns how many events match.
 */
unsigned sim_trace_filter(struct sim_trace *t, struct sim_trace_sink *sink, const char *pattern,
			  bool on);

/* Open or shut the window of the windowed sinks. Fingerprint and ring are not concerned. */
void sim_trace_window(struct sim_trace *t, bool on);

/* The fingerprint of all records so far. */
struct sim_fingerprint sim_trace_fingerprint(struct sim_trace *t);

/*
 * The fingerprints after 1000, 2000, ... records: two runs differ first within the thousand whose
 * entry differs first. *nr entries; valid until the next record.
 */
const struct sim_fingerprint *sim_trace_partials(const struct sim_trace *t, size_t *nr);

static inline bool sim_fingerprint_equal(struct sim_fingerprint a, struct sim_fingerprint b)
{
	return a.high == b.high && a.low == b.low;
}

#define SIM_FINGERPRINT_TEXT 33
/* Write the 32 digits and a NUL; returns buf. */
const char *sim_fingerprint_text(struct sim_fingerprint f, char buf[SIM_FINGERPRINT_TEXT]);
/* Read exactly 32 digits. Returns 0, or -1 if that is not what s is. */
int sim_fingerprint_parse(const char *s, struct sim_fingerprint *f);

/*
 * The flight recorder: call fn for at most max of the last records, oldest first. About 2000
 * records are kept (128 KiB). Texts are cut to SIM_TRACE_STR_MAX. fn must not emit records.
 */
void sim_trace_recent(struct sim_trace *t, size_t max,
		      void (*fn)(void *arg, const struct sim_trace_record *rec), void *arg);

#endif
