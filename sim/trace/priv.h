/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of sim/trace share: the chunks of canonical forms and their hash. */
#ifndef SIM_TRACE_PRIV_H
#define SIM_TRACE_PRIV_H

#define XXH_STATIC_LINKING_ONLY /* for the size of the state */
#include <xxhash.h>

#include "sim/trace/trace.h"

#define TRACE_CHUNK  4096u /* bytes of a chunk */
#define TRACE_CHUNKS 32u   /* chunks of the ring */
#define TRACE_SLACK  8u    /* packing may write so many bytes too far */

/* Layout of the head of a canonical form. */
#define TRACE_AT_LEN  0u
#define TRACE_AT_ID   2u
#define TRACE_AT_TIME 6u
#define TRACE_AT_PID  14u
#define TRACE_AT_CPU  18u
#define TRACE_AT_COMM 20u /* u8 length, then the characters */
#define TRACE_HEAD    (TRACE_AT_COMM + 1)
#define TRACE_WHO     24u /* bytes from pid to the end of the longest comm, rounded up */

/* How to pack one event. */
struct trace_shape {
	uint32_t id;                         /* hash of the key */
	uint32_t most;                       /* bytes that it may take, slack included */
	uint8_t nr;                          /* fields */
	bool special;                        /* some field is a text, or it is not packed */
	bool observe;                        /* not packed */
	uint8_t width[SIM_TRACE_MAX_FIELDS]; /* bytes; 0: a text */
};

struct sim_trace_priv {
	struct trace_shape *shape; /* per event */

	/* The ring. All chunks but the current one are hashed. */
	uint8_t *ring;
	uint8_t *pos;    /* where the next form goes */
	uint8_t *end;    /* of the current chunk */
	uint8_t *hashed; /* in the current chunk: up to here */
	unsigned chunk;  /* the current one */
	uint64_t before; /* records before it */
	/* Of the chunks: bytes in use, records. Of the current one by trace_pack_note() only. */
	uint32_t used[TRACE_CHUNKS], count[TRACE_CHUNKS];

	/* Heads from pid on, as last packed, and the length of a whole one. */
	const char *comm;
	uint32_t pid;
	uint16_t cpu;
	unsigned head;
	uint8_t who[TRACE_WHO];

	XXH3_state_t *hash;
	void *hash_mem;
	uint32_t to_partial; /* records until the next partial fingerprint */
	struct sim_fingerprint *partial;
	size_t nr_partials, cap_partials;

	struct sim_trace_sink *sink[SIM_TRACE_SINKS];
	bool window;
};

/* Start the packing of a table, its ring and its hash. */
void trace_pack_init(struct sim_trace *t);
void trace_pack_exit(struct sim_trace *t);
/* Bring used and count of the current chunk up to date. */
void trace_pack_note(struct sim_trace *t);
/* Send a record to the sinks that want it. */
void trace_send(struct sim_trace *t, unsigned ev, const union sim_trace_value *value);

static inline uint64_t trace_get_le(const uint8_t *p, unsigned bytes)
{
	uint64_t v = 0;

	for (unsigned i = bytes; i--;)
		v = v << 8 | p[i];
	return v;
}

/* Writes 8 bytes, the lowest first; the caller advances by as many as it means. */
static inline void trace_put_le(uint8_t *p, uint64_t v)
{
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	v = __builtin_bswap64(v);
#endif
	__builtin_memcpy(p, &v, sizeof(v));
}

#endif
