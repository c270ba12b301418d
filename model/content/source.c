/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The names of one world: sources with their operations, and uninitialised memory. */
/* Mirrors: nothing (6.8). */
#include <assert.h>

#include "model/content/tree.h"

#define LETTERS 26

struct content_space *content_space_new(struct sim_arena *arena)
{
	struct content_space *space = sim_alloc(arena, sizeof(*space));

	space->arena = arena;
	content_tree_setup(space);
	return space;
}

uint32_t content_source_new(struct content_space *space, const char *name, enum content_law law,
			    unsigned char byte)
{
	struct content_src *src;

	assert(space->nr_srcs < UINT32_MAX / 2);
	content_grow(space, space->src, space->nr_srcs, space->cap_srcs);
	src = &space->src[space->nr_srcs];
	src->name = sim_strdup(space->arena, name);
	src->law = (uint8_t)law;
	src->byte = byte;
	return space->nr_srcs++;
}

static struct content_src *source(const struct content_space *space, uint32_t src)
{
	assert(src < space->nr_srcs);
	return &space->src[src];
}

const char *content_source_name(const struct content_space *space, uint32_t src)
{
	return source(space, src)->name;
}

/* The n-th operation (from 0) of a run. */
static struct content_op run_op(const struct content_run *run, uint64_t n)
{
	return (struct content_op){
		.off = run->off + n * run->len,
		.len = run->len,
		.ordinal = (uint32_t)(run->first + n),
		.tag = (uint32_t)(run->tag + n * run->tag_step),
		.letter = (unsigned char)('A' +
					  (run->letter + n % LETTERS * run->letter_step) % LETTERS),
	};
}

/* Make an operation the next one of the last run, if it continues it. */
static bool run_extend(struct content_src *src, uint64_t len, uint32_t tag, unsigned letter)
{
	struct content_run *run;

	if (!src->nr_runs)
		return false;
	run = &src->run[src->nr_runs - 1];
	if (run->len != len)
		return false;
	if (src->nr_ops == run->first) {
		run->tag_step = tag - run->tag;
		run->letter_step = (uint8_t)((letter + LETTERS - run->letter) % LETTERS);
	} else if (tag != src->next_tag || letter != src->next_letter) {
		return false;
	}
	src->next_tag = tag + run->tag_step;
	letter += run->letter_step;
	src->next_letter = (uint8_t)(letter < LETTERS ? letter : letter - LETTERS);
	return true;
}

struct content_val content_source_append(struct content_space *space, uint32_t nr, uint64_t len,
					 uint32_t tag, unsigned letter)
{
	struct content_src *src = source(space, nr);
	struct content_val val = content_source_at(nr, src->size);

	assert(letter < LETTERS && src->nr_ops < UINT32_MAX && src->size + len >= len);
	if (!len)
		return val;
	if (!run_extend(src, len, tag, letter)) {
		content_grow(space, src->run, src->nr_runs, src->cap_runs);
		src->run[src->nr_runs++] = (struct content_run){
			.off = src->size,
			.len = len,
			.first = src->nr_ops + 1,
			.tag = tag,
			.letter = (uint8_t)letter,
		};
	}
	src->nr_ops++;
	src->size += len;
	return val;
}

/* The run that holds byte off < size. */
static const struct content_run *run_find(struct content_src *src, uint64_t off)
{
	uint32_t at = src->hint, n = src->nr_runs;

	if (src->run[at].off > off || (at + 1 < n && src->run[at + 1].off <= off)) {
		for (at = 0; n > 1;) {
			uint32_t half = n / 2;

			at += src->run[at + half].off <= off ? half : 0;
			n -= half;
		}
		src->hint = at;
	}
	return &src->run[at];
}

bool content_source_op(const struct content_space *space, uint32_t nr, uint64_t off,
		       struct content_op *op)
{
	struct content_src *src = source(space, nr);
	const struct content_run *run;

	if (off >= src->size)
		return false;
	run = run_find(src, off);
	*op = run_op(run, (off - run->off) / run->len);
	return true;
}

struct content_val content_junk(struct content_space *space)
{
	return (struct content_val){.src = space->next_junk++, .kind = CONTENT_JUNK};
}
