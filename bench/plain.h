/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The baseline of the event core: a 4-ary heap and a ring as one writes them for one program, with
 * nothing to cancel, choose, limit or trace. What happens at an event is a function of its object.
 */
#ifndef BENCH_PLAIN_H
#define BENCH_PLAIN_H

#include <stdbool.h>
#include <stdint.h>

struct plain;

struct plain_object {
	void (*fn)(struct plain *p, struct plain_object *obj);
	uint32_t id;
};

struct plain_event {
	uint64_t when_ns, seq;
	struct plain_object *obj;
};

struct plain_heap {
	struct plain_event *at;
	uint32_t n;
};

static inline bool plain_earlier(const struct plain_event *a, const struct plain_event *b)
{
	return a->when_ns < b->when_ns || (a->when_ns == b->when_ns && a->seq < b->seq);
}

static inline void plain_push(struct plain_heap *h, struct plain_event e)
{
	uint32_t i = h->n++;

	while (i && plain_earlier(&e, &h->at[(i - 1) / 4])) {
		h->at[i] = h->at[(i - 1) / 4];
		i = (i - 1) / 4;
	}
	h->at[i] = e;
}

static inline struct plain_event plain_pop(struct plain_heap *h)
{
	struct plain_event top = h->at[0], last = h->at[--h->n];
	uint32_t i = 0;

	for (;;) {
		uint32_t first = 4 * i + 1, end = first + 4 < h->n ? first + 4 : h->n;
		uint32_t least = first;

		if (first >= h->n)
			break;
		for (uint32_t child = first + 1; child < end; child++)
			if (plain_earlier(&h->at[child], &h->at[least]))
				least = child;
		if (!plain_earlier(&h->at[least], &last))
			break;
		h->at[i] = h->at[least];
		i = least;
	}
	h->at[i] = last;
	return top;
}

/* A ring for what is due now; the size is a power of two. */
#define PLAIN_RING 4096u

struct plain_ring {
	struct plain_object *at[PLAIN_RING];
	uint32_t head, tail;
};

static inline void plain_put(struct plain_ring *r, struct plain_object *obj)
{
	r->at[r->tail++ % PLAIN_RING] = obj;
}

static inline struct plain_object *plain_take(struct plain_ring *r)
{
	return r->at[r->head++ % PLAIN_RING];
}

#endif
