/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of sim/trace share: the chunks of canonical forms and their hash. */
#ifndef SIM_TRACE_PRIV_H
#define SIM_TRACE_PRIV_H

#define XXH_STATIC_LINKING_ONLY /* for the size of the state */
#include <xxhash.h>
#if HAVE_XXH_DISPATCH
#include <xxh_x86dispatch.h> /* the same hash, with what instructions the processor has */
#endif

#include "sim/trace/emit.h"

#define TRACE_CHUNK  16384u /* bytes of a chunk: what is hashed at a time */
#define TRACE_CHUNKS 8u     /* chunks of the ring */
#define TRACE_RECORD 4096u  /* bytes of a form, at most */

/* How to pack one event. */
struct trace_shape {
	uint32_t most;                       /* bytes that it may take, slack included */
	uint8_t nr;                          /* fields */
	bool observe;                        /* not packed */
	uint8_t width[SIM_TRACE_MAX_FIELDS]; /* bytes; 0: a text */
};

struct sim_trace_priv {
	struct trace_shape *shape; /* per event */
	uint8_t *wanted_by;        /* per event: bit n, sink n wants it while it listens */

	/* The ring. All chunks but the current one are hashed. */
	uint8_t *ring;
	uint8_t *end;    /* of the current chunk */
	uint8_t *hashed; /* in the current chunk: up to here */
	unsigned chunk;  /* the current one */
	uint64_t before; /* records before it */
	/* Of the chunks: bytes in use, records. Of the current one by trace_pack_note() only. */
	uint32_t used[TRACE_CHUNKS], count[TRACE_CHUNKS];

	XXH3_state_t *hash;
	void *hash_mem;
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

static inline uint64_t trace_get_le(const uint8_t *p, unsigned bytes)
{
	uint64_t v = 0;

	for (unsigned i = bytes; i--;)
		v = v << 8 | p[i];
	return v;
}

#endif
