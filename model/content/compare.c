/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Comparing ranges of two content maps, by name or by the bytes a recording would show. */
/* Mirrors: nothing (6.8). */
#include "model/content/content.h"
#include "sim/base/math.h"

/* Two ranges side by side. */
struct content_pair {
	const struct content_map *a, *b;
	uint64_t aoff, boff, len;
	uint64_t done; /* bytes found equal so far */
};

/* The next piece over which both sides are one extent; its length, or 0 at the end. */
static uint64_t pair_next(const struct content_pair *p, struct content_val *va,
			  struct content_val *vb)
{
	struct content_ext ea, eb;

	if (!content_next(p->a, p->aoff + p->done, p->aoff + p->len, &ea) ||
	    !content_next(p->b, p->boff + p->done, p->boff + p->len, &eb))
		return 0;
	*va = ea.val;
	*vb = eb.val;
	return sim_min(ea.len, eb.len);
}

static bool pair_differs(const struct content_pair *p, uint64_t at, uint64_t *first_diff)
{
	if (first_diff)
		*first_diff = p->done + at;
	return false;
}

bool content_equal_range(const struct content_map *a, uint64_t aoff, const struct content_map *b,
			 uint64_t boff, uint64_t len, enum content_mode mode, uint64_t *first_diff)
{
	struct content_pair p = {.a = a, .b = b, .aoff = aoff, .boff = boff, .len = len};
	struct content_val va, vb;
	uint64_t n;

	for (; (n = pair_next(&p, &va, &vb)); p.done += n) {
		if (mode == CONTENT_SAME && va.kind <= CONTENT_ZERO && vb.kind <= CONTENT_ZERO)
			continue;
		if (!content_val_equal(va, vb))
			return pair_differs(&p, 0, first_diff);
	}
	return true;
}

/* How many of n bytes, from va and vb on, look alike. */
static uint64_t same_bytes(const struct content_space *space, struct content_val va,
			   struct content_val vb, uint64_t n)
{
	uint64_t done = 0;

	if (content_val_equal(va, vb))
		return n;
	while (done < n) {
		unsigned char ca, cb;
		uint64_t na, nb;

		na = content_render_run(space, content_val_at(va, done), n - done, &ca);
		nb = content_render_run(space, content_val_at(vb, done), n - done, &cb);
		if (ca != cb)
			break;
		done += sim_min(na, nb);
	}
	return done;
}

bool content_same_bytes(const struct content_map *a, uint64_t aoff, const struct content_map *b,
			uint64_t boff, uint64_t len, uint64_t *first_diff)
{
	struct content_pair p = {.a = a, .b = b, .aoff = aoff, .boff = boff, .len = len};
	struct content_val va, vb;
	uint64_t n, same;

	for (; (n = pair_next(&p, &va, &vb)); p.done += n) {
		same = same_bytes(a->space, va, vb, n);
		if (same < n)
			return pair_differs(&p, same, first_diff);
	}
	return true;
}
