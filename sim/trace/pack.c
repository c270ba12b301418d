/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The canonical form of records: packing into a ring of chunks, hashing, partial fingerprints. */
#include "sim/trace/priv.h"

#include <assert.h>
#include <string.h>

#include "sim/base/arena.h"

#define HASH_ALIGN     64u /* of XXH3_state_t */
#define PARTIALS_FIRST 64u

static const uint8_t type_width[SIM_TRACE_NR_TYPES] = {
	[SIM_TRACE_U8] = 1,  [SIM_TRACE_U16] = 2, [SIM_TRACE_U32] = 4,
	[SIM_TRACE_U64] = 8, [SIM_TRACE_S16] = 2, [SIM_TRACE_S32] = 4,
	[SIM_TRACE_S64] = 8, [SIM_TRACE_TAG] = 1, [SIM_TRACE_TAG16] = 2,
};

static void shape_init(struct trace_shape *s, const struct sim_trace_event *ev)
{
	assert(ev->nr_fields <= SIM_TRACE_MAX_FIELDS);
	s->id = XXH32(ev->key, strlen(ev->key), 0);
	s->nr = (uint8_t)ev->nr_fields;
	s->observe = s->special = ev->flags & SIM_TRACE_OBSERVE;
	s->most = TRACE_HEAD + SIM_TRACE_COMM_MAX + TRACE_SLACK;
	for (unsigned i = 0; i < s->nr; i++) {
		const struct sim_trace_field *f = &ev->field[i];

		assert(f->type < SIM_TRACE_NR_TYPES);
		assert(f->type != SIM_TRACE_TAG || f->tags->nr <= 256);
		assert(f->type != SIM_TRACE_TAG16 || f->tags->nr <= 65536);
		s->width[i] = type_width[f->type];
		s->special |= f->type == SIM_TRACE_STR;
		s->most += f->type == SIM_TRACE_STR ? 2 + SIM_TRACE_STR_MAX : s->width[i];
	}
	assert(s->most <= TRACE_CHUNK);
}

void trace_pack_init(struct sim_trace *t)
{
	struct sim_trace_priv *p = t->priv;

	p->shape = sim_xcalloc(t->nr_events, sizeof(*p->shape));
	for (unsigned i = 0; i < t->nr_events; i++) {
		shape_init(&p->shape[i], &t->events[i]);
		for (unsigned j = 0; j < i; j++)
			assert(p->shape[j].id != p->shape[i].id);
	}
	p->ring = sim_xmalloc(TRACE_CHUNKS * TRACE_CHUNK);
	p->pos = p->hashed = p->ring;
	p->end = p->ring + TRACE_CHUNK;
	p->hash_mem = sim_xmalloc(sizeof(*p->hash) + HASH_ALIGN);
	p->hash =
		(void *)(((uintptr_t)p->hash_mem + HASH_ALIGN - 1) & ~(uintptr_t)(HASH_ALIGN - 1));
	XXH3_INITSTATE(p->hash);
	XXH3_128bits_reset(p->hash);
	p->to_partial = SIM_TRACE_PARTIAL;
}

void trace_pack_exit(struct sim_trace *t)
{
	sim_xfree(t->priv->partial);
	sim_xfree(t->priv->hash_mem);
	sim_xfree(t->priv->ring);
	sim_xfree(t->priv->shape);
}

/* Hash what is in the current chunk and not hashed yet. */
static void hash_up(struct sim_trace_priv *p)
{
	XXH3_128bits_update(p->hash, p->hashed, (size_t)(p->pos - p->hashed));
	p->hashed = p->pos;
}

void trace_pack_note(struct sim_trace *t)
{
	struct sim_trace_priv *p = t->priv;

	p->used[p->chunk] = (uint32_t)(p->pos - p->ring) - p->chunk * TRACE_CHUNK;
	p->count[p->chunk] = (uint32_t)(t->nr_records - p->before);
}

static void next_chunk(struct sim_trace *t)
{
	struct sim_trace_priv *p = t->priv;

	hash_up(p);
	trace_pack_note(t);
	p->before = t->nr_records;
	p->chunk = (p->chunk + 1) % TRACE_CHUNKS;
	p->pos = p->hashed = p->ring + p->chunk * TRACE_CHUNK;
	p->end = p->pos + TRACE_CHUNK;
}

static struct sim_fingerprint digest(struct sim_trace_priv *p)
{
	XXH128_hash_t h;

	hash_up(p);
	h = XXH3_128bits_digest(p->hash);
	return (struct sim_fingerprint){.high = h.high64, .low = h.low64};
}

static void add_partial(struct sim_trace_priv *p)
{
	if (p->nr_partials == p->cap_partials) {
		p->cap_partials = p->cap_partials ? 2 * p->cap_partials : PARTIALS_FIRST;
		p->partial = sim_xrealloc(p->partial, p->cap_partials, sizeof(*p->partial));
	}
	p->partial[p->nr_partials++] = digest(p);
	p->to_partial = SIM_TRACE_PARTIAL;
}

static uint8_t *put_text(uint8_t *at, const char *s)
{
	size_t len = strlen(s);
	size_t kept = len < SIM_TRACE_STR_MAX ? len : SIM_TRACE_STR_MAX;

	trace_put_le(at, len < UINT16_MAX ? len : UINT16_MAX);
	memcpy(at + 2, s, kept);
	return at + 2 + kept;
}

static uint8_t *put_fields(uint8_t *at, const struct trace_shape *s,
			   const union sim_trace_value *value)
{
	for (unsigned i = 0; i < s->nr; i++) {
		if (s->width[i]) {
			trace_put_le(at, value[i].u);
			at += s->width[i];
		} else {
			at = put_text(at, value[i].str);
		}
	}
	return at;
}

/* The part of the head that says who. It stays the same from record to record. */
static void set_who(struct sim_trace_priv *p, const struct sim_trace_ctx *ctx)
{
	size_t n = strnlen(ctx->comm, SIM_TRACE_COMM_MAX);
	uint8_t *at = p->who;

	p->pid = ctx->pid;
	p->cpu = ctx->cpu;
	p->comm = ctx->comm;
	trace_put_le(at, ctx->pid | (uint64_t)ctx->cpu << 32);
	at[TRACE_AT_COMM - TRACE_AT_PID] = (uint8_t)n;
	memcpy(at + TRACE_HEAD - TRACE_AT_PID, ctx->comm, n);
	p->head = (unsigned)(TRACE_HEAD + n);
}

static bool who_changed(const struct sim_trace_priv *p, const struct sim_trace_ctx *ctx)
{
	return ctx->comm != p->comm || ctx->pid != p->pid || ctx->cpu != p->cpu;
}

static inline uint8_t *put_head(const struct sim_trace_priv *p, const struct sim_trace_ctx *ctx,
				uint32_t id)
{
	uint8_t *at = p->pos;

	trace_put_le(at, (uint64_t)id << 16);
	trace_put_le(at + TRACE_AT_TIME, ctx->time_ns);
	memcpy(at + TRACE_AT_PID, p->who, TRACE_WHO);
	return at + p->head;
}

/* The record that begins at p->pos ends at at. */
static inline void pack_done(struct sim_trace *t, uint8_t *at)
{
	struct sim_trace_priv *p = t->priv;
	unsigned len = (unsigned)(at - p->pos);

	p->pos[TRACE_AT_LEN] = (uint8_t)len;
	p->pos[TRACE_AT_LEN + 1] = (uint8_t)(len >> 8);
	p->pos = at;
	t->nr_records++;
	p->to_partial--;
}

/* What sim_trace_emit() leaves out: texts, and all that need not be done for each record. */
static __attribute__((noinline)) void emit_slowly(struct sim_trace *t, unsigned ev,
						  const union sim_trace_value *value)
{
	struct sim_trace_priv *p = t->priv;
	const struct trace_shape *s = &p->shape[ev];

	if (!s->observe) {
		if ((size_t)(p->end - p->pos) < s->most)
			next_chunk(t);
		if (who_changed(p, &t->ctx))
			set_who(p, &t->ctx);
		pack_done(t, put_fields(put_head(p, &t->ctx, s->id), s, value));
		if (!p->to_partial)
			add_partial(p);
	}
	if (t->sinks_of[ev] & t->open)
		trace_send(t, ev, value);
}

/* Calls only as last things, so that no register has to be saved: tracing is much of a run. */
void sim_trace_emit(struct sim_trace *t, unsigned ev, const union sim_trace_value *value)
{
	const struct sim_trace_priv *p = t->priv;
	const struct trace_shape *s = &p->shape[ev];
	unsigned nr = s->nr;
	uint8_t *at;

	if (s->special || (size_t)(p->end - p->pos) < s->most || p->to_partial == 1 ||
	    who_changed(p, &t->ctx)) {
		emit_slowly(t, ev, value);
		return;
	}
	at = put_head(p, &t->ctx, s->id);
	for (unsigned i = 0; i < nr; i++) {
		trace_put_le(at, value[i].u);
		at += s->width[i];
	}
	pack_done(t, at);
	if (t->sinks_of[ev] & t->open)
		trace_send(t, ev, value);
}

struct sim_fingerprint sim_trace_fingerprint(struct sim_trace *t)
{
	return digest(t->priv);
}

const struct sim_fingerprint *sim_trace_partials(const struct sim_trace *t, size_t *nr)
{
	*nr = t->priv->nr_partials;
	return t->priv->partial;
}
