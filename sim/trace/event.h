/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a table of trace events says of each: name, typed fields, tags, print layout. */
#ifndef SIM_TRACE_EVENT_H
#define SIM_TRACE_EVENT_H

#include <stdint.h>

/* Places on the version axis of names and tags; what each means is the table owner's business. */
#define SIM_TRACE_VERSIONS 3

#define SIM_TRACE_MAX_FIELDS 10

/* What a field holds. The number of bytes is that of its canonical form, little-endian. */
enum sim_trace_type {
	SIM_TRACE_U8,
	SIM_TRACE_U16,
	SIM_TRACE_U32,
	SIM_TRACE_U64,
	SIM_TRACE_S16,
	SIM_TRACE_S32,
	SIM_TRACE_S64,
	SIM_TRACE_TAG,   /* one byte: position in the field's tag table */
	SIM_TRACE_TAG16, /* the same in two bytes */
	SIM_TRACE_FLAGS, /* four bytes: bit n is named by tag n of the field's table */
	SIM_TRACE_STR,   /* u16 length of the text, then at most SIM_TRACE_STR_MAX bytes of it */
	SIM_TRACE_NR_TYPES,
};

/* Bytes of a text that the canonical form keeps; sinks get the whole text. */
#define SIM_TRACE_STR_MAX 1500

/*
 * One value of an enum that is traced. The position in the table is the value and part of the
 * fingerprint: new tags go to the end.
 */
struct sim_trace_tag {
	const char *name;                     /* the enumerator */
	const char *text[SIM_TRACE_VERSIONS]; /* as printed; NULL: this version does not have it */
};

struct sim_trace_tags {
	const char *name; /* the enum */
	const struct sim_trace_tag *tag;
	unsigned nr; /* at most 256; 65536 for SIM_TRACE_TAG16 */
};

struct sim_trace_field {
	const char *name;
	enum sim_trace_type type;
	const struct sim_trace_tags *tags; /* of a TAG, TAG16 or FLAGS */
};

/* Flags of an event. */
#define SIM_TRACE_OBSERVE 1u /* depends on how the run is watched: not in fingerprint and ring */

/*
 * One event. The layout is the text with fields in braces:
 *	{f}         a tag or a text as it is; flags: names, the rest in hexadecimal, joined by |
 *	{f:x}       hexadecimal; {f:08x} at least 8 digits, padded with 0. Signed fields: 32 bits
 *	{f:u} {f:d} decimal, unsigned and signed; unsigned of a signed field: 32 bits
 *	{f+g-1:x}   the last unit of g units from f on, modulo 2^64; also {f+g:x}
 */
struct sim_trace_event {
	const char *key;    /* unique in the table; part of the fingerprint */
	const char *name;   /* as printed; versions of one event share it */
	const char *system; /* "netfs", "9p", "sim" ... */
	uint32_t versions;  /* bit n: version n of the axis has it */
	uint32_t flags;     /* SIM_TRACE_OBSERVE */
	const char *layout;
	const char *doc; /* one sentence */
	unsigned nr_fields;
	const struct sim_trace_field *field;
};

/* The value of one field as handed to sim_trace_emit(). */
union sim_trace_value {
	uint64_t u;
	int64_t s;
	const char *str; /* must live until the emit function returns; not NULL */
};

#endif
