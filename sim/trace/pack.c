/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The canonical form of records: packing into a ring of chunks, hashing, partial fingerprints. */
#include "sim/trace/priv.h"

#include <assert.h>
#include <string.h>

#include "sim/base/arena.h"

#define HASH_ALIGN     64u /* of XXH3_state_t */
#define PARTIALS_FIRST 64u

static const uint8_t type_width[SIM_TRACE_NR_TYPES] = {
	[SIM_TRACE_U8] = 1,    [SIM_TRACE_U16] = 2,   [SIM_TRACE_U32] = 4, [SIM_TRACE_U64] = 8,
	[SIM_TRACE_S16] = 2,   [SIM_TRACE_S32] = 4,   [SIM_TRACE_S64] = 8, [SIM_TRACE_TAG] = 1,
	[SIM_TRACE_TAG16] = 2, [SIM_TRACE_FLAGS] = 4,
};

static void shape_init(struct trace_shape *s, const struct sim_trace_event *ev)
{
	assert(ev->nr_fields <= SIM_TRACE_MAX_FIELDS);
	s->nr = (uint8_t)ev->nr_fields;
	s->observe = ev->flags & SIM_TRACE_OBSERVE;
	s->most = TRACE_MOST(0);
	for (unsigned i = 0; i < s->nr; i++) {
		const struct sim_trace_field *f = &ev->field[i];

		assert(f->type < SIM_TRACE_NR_TYPES);
		assert(f->type != SIM_TRACE_TAG || f->tags->nr <= 256);
		assert(f->type != SIM_TRACE_TAG16 || f->tags->nr <= 65536);
		assert(f->type != SIM_TRACE_FLAGS || f->tags->nr <= 32);
		s->width[i] = type_width[f->type];
		s->most += s->width[i] ? s->width[i] : TRACE_TEXT;
	}
	assert(s->most <= TRACE_RECORD);
}

void trace_pack_init(struct sim_trace *t)
{
	struct sim_trace_priv *p = t->priv;

	p->shape = sim_xcalloc(t->nr_events, sizeof(*p->shape));
	t->pack.id = sim_xcalloc(t->nr_events, sizeof(*t->pack.id));
	for (unsigned i = 0; i < t->nr_events; i++) {
		const char *key = t->events[i].key;

		shape_init(&p->shape[i], &t->events[i]);
		t->pack.id[i] = XXH32(key, strlen(key), 0);
		for (unsigned j = 0; j < i; j++)
			assert(t->pack.id[j] != t->pack.id[i]);
	}
	p->ring = sim_xmalloc(TRACE_CHUNKS * TRACE_CHUNK);
	t->pack.pos = t->pack.end = p->hashed = p->ring;
	p->end = p->ring + TRACE_CHUNK;
	p->hash_mem = sim_xmalloc(sizeof(*p->hash) + HASH_ALIGN);
	p->hash =
		(void *)(((uintptr_t)p->hash_mem + HASH_ALIGN - 1) & ~(uintptr_t)(HASH_ALIGN - 1));
	XXH3_INITSTATE(p->hash);
	XXH3_128bits_reset(p->hash);
	t->pack.to_partial = SIM_TRACE_PARTIAL;
}

void trace_pack_exit(struct sim_trace *t)
{
	sim_xfree(t->priv->partial);
	sim_xfree(t->priv->hash_mem);
	sim_xfree(t->priv->ring);
	sim_xfree(t->pack.id);
	sim_xfree(t->priv->shape);
}

/* Hash what is in the current chunk and not hashed yet. */
static void hash_up(struct sim_trace *t)
{
	struct sim_trace_priv *p = t->priv;

	XXH3_128bits_update(p->hash, p->hashed, (size_t)(t->pack.pos - p->hashed));
	p->hashed = t->pack.pos;
}

void trace_pack_note(struct sim_trace *t)
{
	struct sim_trace_priv *p = t->priv;

	p->used[p->chunk] = (uint32_t)(t->pack.pos - p->ring) - p->chunk * TRACE_CHUNK;
	p->count[p->chunk] = (uint32_t)(t->nr_records - p->before);
}

static void next_chunk(struct sim_trace *t)
{
	struct sim_trace_priv *p = t->priv;

	hash_up(t);
	trace_pack_note(t);
	p->before = t->nr_records;
	p->chunk = (p->chunk + 1) % TRACE_CHUNKS;
	t->pack.pos = p->hashed = p->ring + p->chunk * TRACE_CHUNK;
	p->end = t->pack.pos + TRACE_CHUNK;
}

static struct sim_fingerprint digest(struct sim_trace *t)
{
	XXH128_hash_t h;

	hash_up(t);
	h = XXH3_128bits_digest(t->priv->hash);
	return (struct sim_fingerprint){.high = h.high64, .low = h.low64};
}

void trace_partial(struct sim_trace *t)
{
	struct sim_trace_priv *p = t->priv;

	if (p->nr_partials == p->cap_partials) {
		p->cap_partials = p->cap_partials ? 2 * p->cap_partials : PARTIALS_FIRST;
		p->partial = sim_xrealloc(p->partial, p->cap_partials, sizeof(*p->partial));
	}
	p->partial[p->nr_partials++] = digest(t);
	t->pack.to_partial = SIM_TRACE_PARTIAL;
}

/* The part of the head that says who. It stays the same from record to record. */
static void pack_who(struct sim_trace_pack *p, const struct sim_trace_ctx *ctx)
{
	size_t n = strnlen(ctx->comm, SIM_TRACE_COMM_MAX);
	uint8_t *at = p->who;

	trace_put_le(at, ctx->pid | (uint64_t)ctx->cpu << 32);
	at[TRACE_AT_COMM - TRACE_AT_PID] = (uint8_t)n;
	memcpy(at + TRACE_HEAD - TRACE_AT_PID, ctx->comm, n);
	p->head = (unsigned)(TRACE_HEAD + n);
}

void trace_make_room(struct sim_trace *t, size_t most)
{
	if (t->pack.end == t->pack.pos)
		pack_who(&t->pack, &t->ctx);
	if ((size_t)(t->priv->end - t->pack.pos) < most)
		next_chunk(t);
	t->pack.end = t->priv->end;
}

uint8_t *trace_put_text(uint8_t *at, const char *s)
{
	uint8_t *text = at + 2, *end = text, *last = text + SIM_TRACE_STR_MAX;
	size_t len;

	/* Most are names of a few letters. */
	while (*s && end < last)
		*end++ = (uint8_t)*s++;
	len = (size_t)(end - text) + (*s ? strlen(s) : 0);
	len = len < UINT16_MAX ? len : UINT16_MAX;
	trace_put_le16(at, (uint16_t)len);
	return end;
}

void sim_trace_emit(struct sim_trace *t, unsigned ev, const union sim_trace_value *value)
{
	const struct trace_shape *s = &t->priv->shape[ev];

	if (!s->observe) {
		uint8_t *at = sim_trace_begin(t, ev, s->most);

		for (unsigned i = 0; i < s->nr; i++)
			at = s->width[i] ? sim_trace_put(at, value[i].u, s->width[i])
					 : trace_put_text(at, value[i].str);
		sim_trace_end(t, at);
	}
	if (sim_trace_sinks(t, ev))
		trace_send(t, ev, value);
}

struct sim_fingerprint sim_trace_fingerprint(struct sim_trace *t)
{
	return digest(t);
}

const struct sim_fingerprint *sim_trace_partials(const struct sim_trace *t, size_t *nr)
{
	*nr = t->priv->nr_partials;
	return t->priv->partial;
}
