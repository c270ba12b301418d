/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Byte provenance: contents are extents that name where each byte came from, never real bytes. */
/* Mirrors: nothing (6.8); it stands for the bytes in folios, user buffers, cache and server. */
#ifndef MODEL_CONTENT_CONTENT_H
#define MODEL_CONTENT_CONTENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sim_arena;
struct sim_buf;

/* Objects have bytes 0 .. CONTENT_END - 1; a range may end at CONTENT_END. */
#define CONTENT_END (UINT64_C(1) << 63)

/* The bytes that recordings would show for what no recording can name. */
#define CONTENT_RENDER_JUNK    0x7f
#define CONTENT_RENDER_DERIVED '~'

/* Where a byte came from, and what content_val.src and .off mean then. */
enum content_kind {
	CONTENT_HOLE,    /* never written; reads as 0; src = off = 0 */
	CONTENT_ZERO,    /* a zero byte that somebody put there; src = off = 0 */
	CONTENT_JUNK,    /* uninitialised memory: src = allocation, off = byte in it */
	CONTENT_SOURCE,  /* src = source, off = byte in the order in which the source made them */
	CONTENT_DERIVED, /* src = row of the table of derived blocks, off = byte in the block */
};

/*
 * The name of one byte. In an extent the byte n places further has the name content_val_at(v, n).
 */
struct content_val {
	uint64_t off;
	uint32_t src;
	uint32_t kind; /* enum content_kind */
};

static inline struct content_val content_hole(void)
{
	return (struct content_val){.kind = CONTENT_HOLE};
}

static inline struct content_val content_zero(void)
{
	return (struct content_val){.kind = CONTENT_ZERO};
}

/* The name of the byte n places after a byte named v, in the same extent. */
static inline struct content_val content_val_at(struct content_val v, uint64_t n)
{
	if (v.kind >= CONTENT_JUNK)
		v.off += n;
	return v;
}

/* Whether both name the same byte. HOLE and ZERO differ. */
static inline bool content_val_equal(struct content_val a, struct content_val b)
{
	return a.off == b.off && a.src == b.src && a.kind == b.kind;
}

/* ---- The owner of all names of one world ---- */

struct content_space;

/*
 * The owner of sources, junk numbers, derived rows and the memory of all maps of one world. It
 * lives in the arena and goes with it; there is nothing to free.
 */
struct content_space *content_space_new(struct sim_arena *arena);

/* How a byte of a source looks in a recording (OPS.md "What is written"). */
enum content_law {
	CONTENT_LAW_OPS,   /* by operation: the letter given to content_source_append() */
	CONTENT_LAW_PAGES, /* 'a' + (offset in source / 4096) mod 26: srv_create fill=data */
	CONTENT_LAW_CONST, /* always the same byte: '#' of srv_write, 'z' of srv_fillfs */
};

/*
 * A new source; returns its number (0, 1, ... in order of creation). The name is copied and appears
 * after "of" in descriptions, e.g. "task writer". byte is the byte of CONTENT_LAW_CONST, else
 * unused. One source per (task, file) for writes; with CONTENT_LAW_PAGES the offset in the source
 * is the offset in the file.
 */
uint32_t content_source_new(struct content_space *space, const char *name, enum content_law law,
			    unsigned char byte);

/*
 * One operation makes len new bytes (len 0 makes none and is not an operation): returns the name of
 * the first. tag is the caller's own number of the operation, letter 0..25 the place of its letter
 * after 'A' (used by CONTENT_LAW_OPS). Consecutive operations of equal length whose tags and
 * letters step evenly take no memory. At most 2^64 bytes and 2^32 operations a source.
 */
struct content_val content_source_append(struct content_space *space, uint32_t src, uint64_t len,
					 uint32_t tag, unsigned letter);

/* The byte at offset off of a source, for sources without operations (PAGES, CONST). */
static inline struct content_val content_source_at(uint32_t src, uint64_t off)
{
	return (struct content_val){.off = off, .src = src, .kind = CONTENT_SOURCE};
}

/* One operation of a source. */
struct content_op {
	uint64_t off, len;    /* its bytes in the source */
	uint32_t ordinal;     /* 1 = the first operation of this source */
	uint32_t tag;         /* as given */
	unsigned char letter; /* 'A' .. 'Z' */
};

/*
 * The operation that made byte off of a source. Returns false, and leaves *op alone, if no
 * operation did (the byte is beyond the last one, or the source has none). O(1) for neighbours of
 * the last answer, else O(log runs).
 */
bool content_source_op(const struct content_space *space, uint32_t src, uint64_t off,
		       struct content_op *op);

/* The name given to content_source_new(). */
const char *content_source_name(const struct content_space *space, uint32_t src);

/*
 * A new allocation of memory that nobody has initialised: the name of its first byte. Numbers wrap
 * after 2^32 allocations.
 */
struct content_val content_junk(struct content_space *space);

/* ---- Rendering ---- */

/* The byte that a recording would show: HOLE and ZERO 0, see also CONTENT_RENDER_*. */
unsigned char content_render(const struct content_space *space, struct content_val val);

/*
 * The same for a piece of an extent: *byte is the byte of val, and the return value (1..len) says
 * how many bytes from val on are known to be the same. Neighbouring answers may be equal bytes. len
 * >= 1.
 */
uint64_t content_render_run(const struct content_space *space, struct content_val val, uint64_t len,
			    unsigned char *byte);

/* ---- The bytes of one object ---- */

/*
 * The bytes of a file on the server, a page cache, a mapping, a buffer: 16 bytes and no allocation
 * until something is set. May be moved by struct assignment (the old place is dead then).
 */
struct content_map {
	struct content_space *space;
	struct content_tree *tree; /* NULL: everything is HOLE */
};

/* An extent, as iteration returns it: byte off + i is named content_val_at(val, i). */
struct content_ext {
	uint64_t off, len;
	struct content_val val;
};

/* An object of which nothing was ever written. */
void content_map_init(struct content_map *map, struct content_space *space);

/* An object whose bytes [0, len) have the names val, content_val_at(val, 1), ... */
void content_map_init_filled(struct content_map *map, struct content_space *space, uint64_t len,
			     struct content_val val);

/* Make everything HOLE. No memory is used then. */
void content_clear(struct content_map *map);

/* Give the memory back. The map is empty then and may be used again. */
static inline void content_map_fini(struct content_map *map)
{
	if (map->tree)
		content_clear(map);
}

/*
 * Bytes [off, off + len) get the names val, content_val_at(val, 1), ... off + len <= CONTENT_END.
 * Extents that continue each other become one. O(1) next to the last access, else O(log extents),
 * plus the extents replaced.
 */
void content_set(struct content_map *map, uint64_t off, uint64_t len, struct content_val val);

/* Bytes [off, off + len) are as if never written. */
void content_erase_tree(struct content_map *map, uint64_t off, uint64_t len);
static inline void content_erase(struct content_map *map, uint64_t off, uint64_t len)
{
	if (map->tree)
		content_erase_tree(map, off, len);
}

/* Bytes [off, off + len) are zeros that somebody put there. */
void content_set_zero(struct content_map *map, uint64_t off, uint64_t len);

/*
 * Bytes [doff, doff + len) of dst become those of [soff, soff + len) of src, holes too. dst may be
 * src and the ranges may overlap: the bytes are those of before, as with memmove().
 */
void content_copy(struct content_map *dst, uint64_t doff, const struct content_map *src,
		  uint64_t soff, uint64_t len);

/* Bytes from size on are as if never written. */
void content_truncate(struct content_map *map, uint64_t size);

/* Take [off, off + len) out: what follows moves down by len. */
void content_collapse(struct content_map *map, uint64_t off, uint64_t len);

/* Put len HOLE bytes in at off: what follows moves up by len; what passes CONTENT_END is lost. */
void content_insert(struct content_map *map, uint64_t off, uint64_t len);

/* The name of the byte at off < CONTENT_END. */
struct content_val content_get(const struct content_map *map, uint64_t off);

/*
 * The extent that starts at pos, as long as the names continue but not beyond end: *e has off =
 * pos. Holes are extents too. pos < end <= CONTENT_END.
 */
void content_at(const struct content_map *map, uint64_t pos, uint64_t end, struct content_ext *e);

/* The same if pos < end; else returns false and leaves *e alone. The map may change between calls. */
static inline bool content_next(const struct content_map *map, uint64_t pos, uint64_t end,
				struct content_ext *e)
{
	if (pos >= end)
		return false;
	content_at(map, pos, end, e);
	return true;
}

/* Walk struct content_ext e over [from, to): maximal extents, clipped, holes included. */
#define content_for_each(e, map, from, to) \
	for (struct content_ext e = {.off = (from)}; content_next((map), e.off + e.len, (to), &e);)

/* Number of extents that are not HOLE. O(extents). */
uint64_t content_extents(const struct content_map *map);

/* Bytes of memory that the map takes now, without the struct itself. */
size_t content_memory(const struct content_map *map);

/* ---- Comparing ---- */

enum content_mode {
	CONTENT_EXACT, /* the same names */
	CONTENT_SAME,  /* the same names, but HOLE is as good as ZERO */
};

/*
 * Whether len bytes of a at aoff have the same names as those of b at boff. If not, *first_diff
 * (may be NULL) is the distance of the first byte that differs. O(extents in the range).
 */
bool content_equal_range(const struct content_map *a, uint64_t aoff, const struct content_map *b,
			 uint64_t boff, uint64_t len, enum content_mode mode, uint64_t *first_diff);

/* The same for the bytes that a recording would show; O(extents and operations in the range). */
bool content_same_bytes(const struct content_map *a, uint64_t aoff, const struct content_map *b,
			uint64_t boff, uint64_t len, uint64_t *first_diff);

/* ---- Derived blocks (encryption, compression) ---- */

/*
 * The result of a reversible transformation of the block [off, off + len) of map: returns the name
 * of its first byte; content_set() it for len bytes where the result goes. kind (which
 * transformation), block (the place it is bound to, e.g. a block number) and key are the caller's.
 * The same input gives the same name. len >= 1.
 */
struct content_val content_derive(struct content_space *space, uint32_t kind, uint64_t block,
				  uint64_t key, const struct content_map *map, uint64_t off,
				  uint64_t len);

/*
 * The inverse: [off, off + len) of map is transformed back into [out_off, out_off + len) of out.
 * Gives the bytes that went into content_derive() and returns true if the range is exactly one
 * whole derived block, in order, with the same kind, block and key; otherwise out gets fresh junk
 * and false is returned. out may be map.
 */
bool content_underive(struct content_space *space, uint32_t kind, uint64_t block, uint64_t key,
		      const struct content_map *map, uint64_t off, uint64_t len,
		      struct content_map *out, uint64_t out_off);

/*
 * Encrypt or decrypt, in place, the blocks of [off, off + len) of map, which are at pos of their
 * object; len and pos are multiples of block. Blocks that nobody has written stay so, and so do
 * zeros when they are decrypted: they stand for such blocks. What else is no whole encrypted block
 * at its own place decrypts to junk.
 */
void content_encrypt(struct content_map *map, uint64_t off, uint64_t len, uint64_t pos,
		     uint64_t block, uint64_t key);
void content_decrypt(struct content_map *map, uint64_t off, uint64_t len, uint64_t pos,
		     uint64_t block, uint64_t key);

/* ---- Text ---- */

/* Most runs that results.txt shows. */
#define CONTENT_MAX_RUNS 24

/*
 * Append the form of results.txt: "b*256,A*512,b*3328"; printable bytes as themselves, others as
 * \xNN; "..." in place of what follows max_runs runs. Nothing for len 0.
 */
void content_print_runs(struct sim_buf *buf, const struct content_map *map, uint64_t off,
			uint64_t len, unsigned max_runs);

/*
 * Whether content_print_runs() could have printed this, without a limit of runs; "" is what it
 * prints of nothing. Otherwise *why says what is wrong; what is allowed (static).
 */
bool content_runs_valid(const char *text, const char **why);

/*
 * Append the name of a byte for people: "write 3 of task writer, byte 17" (writes count from 1,
 * bytes from 0), "byte 17 of srv_create f", "uninitialised memory 5, byte 17", "never written",
 * "zero".
 */
void content_describe(struct sim_buf *buf, const struct content_space *space,
		      struct content_val val);

#endif
