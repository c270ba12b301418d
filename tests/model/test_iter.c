/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Iterators: copies, positions and sinks against a plain array of names; segments of messages. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "model/vfs/fs.h"
#include "sim/base/arena.h"

#define BYTES 64

struct fixture {
	struct sim_arena *arena;
	struct content_space *space;
	struct content_map a, b, flat;
};

static int setup(void **state)
{
	struct fixture *f = sim_xcalloc(1, sizeof(*f));

	f->arena = sim_arena_new(0, NULL, NULL);
	f->space = content_space_new(f->arena);
	content_map_init(&f->a, f->space);
	content_map_init(&f->b, f->space);
	content_map_init(&f->flat, f->space);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	sim_arena_free(f->arena);
	sim_xfree(f);
	return 0;
}

static void fill(struct fixture *f, struct content_map *map, uint64_t off, uint64_t len)
{
	content_set(map, off, len, content_junk(f->space));
}

static void assert_same(const struct content_map *x, uint64_t xoff, const struct content_map *y,
			uint64_t yoff, uint64_t len)
{
	assert_true(content_equal_range(x, xoff, y, yoff, len, CONTENT_EXACT, NULL));
}

/* An iterator that was just set up stands at its first byte and holds everything. */
static void test_init(void **state)
{
	struct fixture *f = *state;
	struct iov_iter i;

	memset(&i, 0xff, sizeof(i));
	iov_iter_init(&i, ITER_XARRAY, &f->a, 10, 20);
	assert_int_equal(i.kind, ITER_XARRAY);
	assert_int_equal(i.nr_segs, 1);
	assert_int_equal(i.iov_offset, 0);
	assert_int_equal(i.count, 20);
	assert_int_equal(i.page_misalign, 0);
	iov_iter_add_seg(&i, &f->b, 0, 0);
	assert_int_equal(i.nr_segs, 1);
	iov_iter_add_seg(&i, &f->b, 3, 5);
	assert_int_equal(i.nr_segs, 2);
	assert_int_equal(i.count, 25);
	iov_iter_init(&i, ITER_UBUF, &f->a, 10, 0);
	assert_int_equal(i.nr_segs, 0);
	assert_int_equal(i.count, 0);
}

/* Moving stops at the end; going back restores the count; truncation only shrinks. */
static void test_position(void **state)
{
	struct fixture *f = *state;
	struct iov_iter i;

	iov_iter_init(&i, ITER_UBUF, &f->a, 0, 100);
	iov_iter_advance(&i, 30);
	assert_int_equal(i.count, 70);
	iov_iter_revert(&i, 10);
	assert_int_equal(i.count, 80);
	assert_int_equal(i.iov_offset, 20);
	iov_iter_truncate(&i, 90);
	assert_int_equal(i.count, 80);
	iov_iter_truncate(&i, 5);
	iov_iter_advance(&i, 6);
	assert_int_equal(i.count, 0);
	assert_int_equal(i.iov_offset, 25);
	iov_iter_revert(&i, 25);
	assert_int_equal(i.count, 25);
	assert_int_equal(i.iov_offset, 0);
}

/* Two maps with a sink between them, as a read around streamed bytes has it. */
static void test_sink(void **state)
{
	struct fixture *f = *state;
	struct content_map before = {.space = f->space};
	struct iov_iter i;

	fill(f, &f->a, 0, BYTES);
	fill(f, &f->flat, 0, BYTES);
	content_copy(&before, 0, &f->a, 0, BYTES);
	iov_iter_init(&i, ITER_BVEC, &f->a, 0, 10);
	iov_iter_add_seg(&i, NULL, 0, 20);
	iov_iter_add_seg(&i, &f->a, 30, 10);
	copy_to_iter(&i, &f->flat, 5, 35);
	assert_int_equal(i.count, 5);
	assert_same(&f->a, 0, &f->flat, 5, 10);
	assert_same(&f->a, 10, &before, 10, 20);
	assert_same(&f->a, 30, &f->flat, 35, 5);
	assert_same(&f->a, 35, &before, 35, BYTES - 35);
	iov_iter_revert(&i, 30);
	iov_iter_zero(&i, 30);
	content_set_zero(&before, 5, 5);
	content_set_zero(&before, 30, 5);
	assert_same(&f->a, 5, &before, 5, BYTES - 5);
	assert_true(content_val_equal(content_get(&f->a, 9), content_zero()));
	assert_false(content_val_equal(content_get(&f->a, 10), content_zero()));
	assert_true(content_val_equal(content_get(&f->a, 34), content_zero()));
}

/* One message carries a page of pinned memory, from where the position stands in it. */
static void test_single_seg(void **state)
{
	struct fixture *f = *state;
	struct iov_iter i;

	iov_iter_init(&i, ITER_BVEC, &f->a, 12345, 3 * PAGE_SIZE);
	assert_int_equal(iov_iter_single_seg_count(&i), PAGE_SIZE);
	i.page_misalign = 4095;
	assert_int_equal(iov_iter_single_seg_count(&i), 1);
	iov_iter_advance(&i, 1);
	assert_int_equal(iov_iter_single_seg_count(&i), PAGE_SIZE);
	iov_iter_advance(&i, 2 * PAGE_SIZE + 10);
	assert_int_equal(iov_iter_single_seg_count(&i), PAGE_SIZE - 11);
	iov_iter_truncate(&i, 7);
	assert_int_equal(iov_iter_single_seg_count(&i), 7);
	i.kind = ITER_UBUF;
	iov_iter_revert(&i, 100);
	assert_int_equal(iov_iter_single_seg_count(&i), 107);
	i.kind = ITER_XARRAY;
	assert_int_equal(iov_iter_single_seg_count(&i), 107);
	i.kind = ITER_BVEC;
	iov_iter_advance(&i, 107);
	assert_int_equal(iov_iter_single_seg_count(&i), 0);
}

static uint32_t next_random(uint64_t *s)
{
	*s = *s * 6364136223846793005ull + 1442695040888963407ull;
	return (uint32_t)(*s >> 33);
}

/* The maps and the iterator once more, as plainly as can be: which map, which byte, position. */
struct plain {
	struct content_val a[BYTES], b[BYTES], flat[BYTES];
	struct content_val *byte[3 * BYTES]; /* of the iterator; NULL: sink */
	uint64_t pos, end;
};

static void plain_load(struct content_val *to, const struct content_map *map)
{
	for (unsigned i = 0; i < BYTES; i++)
		to[i] = content_get(map, i);
}

static void plain_compare(const struct content_val *want, const struct content_map *map)
{
	for (unsigned i = 0; i < BYTES; i++)
		assert_true(content_val_equal(want[i], content_get(map, i)));
}

static void random_segments(struct fixture *f, struct plain *p, struct iov_iter *i, uint64_t *rnd)
{
	iov_iter_init(i, ITER_UBUF, NULL, 0, 0);
	p->pos = p->end = 0;
	for (unsigned n = 0; n < ITER_MAX_SEGS; n++) {
		unsigned which = next_random(rnd) % 3;
		uint64_t off = next_random(rnd) % BYTES;
		uint64_t len = next_random(rnd) % (BYTES - off + 1);

		iov_iter_add_seg(i, (struct content_map *[]){&f->a, &f->b, NULL}[which], off, len);
		for (uint64_t k = 0; k < len; k++)
			p->byte[p->end++] = which == 2 ? NULL : (which ? p->b : p->a) + off + k;
	}
	assert_int_equal(i->count, p->end);
}

static void random_step(struct fixture *f, struct plain *p, struct iov_iter *i, uint64_t *rnd)
{
	uint64_t len = p->end > p->pos ? next_random(rnd) % (p->end - p->pos + 1) : 0;
	uint64_t off = next_random(rnd) % BYTES;
	bool sink = false;

	len = len < BYTES - off ? len : BYTES - off;
	for (uint64_t k = 0; k < len; k++)
		sink |= !p->byte[p->pos + k];
	switch (next_random(rnd) % 4) {
	case 0:
		copy_to_iter(i, &f->flat, off, len);
		for (uint64_t k = 0; k < len; k++, p->pos++) {
			if (p->byte[p->pos])
				*p->byte[p->pos] = p->flat[off + k];
		}
		break;
	case 1:
		if (sink)
			break;
		copy_from_iter(i, &f->flat, off, len);
		for (uint64_t k = 0; k < len; k++)
			p->flat[off + k] = *p->byte[p->pos++];
		break;
	case 2:
		iov_iter_zero(i, len);
		for (uint64_t k = 0; k < len; k++, p->pos++) {
			if (p->byte[p->pos])
				*p->byte[p->pos] = content_zero();
		}
		break;
	default:
		len = next_random(rnd) % (p->pos + 1);
		iov_iter_revert(i, len);
		p->pos -= len;
	}
	assert_int_equal(i->count, p->end - p->pos);
	assert_int_equal(i->iov_offset, p->pos);
}

/* Whatever is done, maps and position are those of the plain model. */
static void test_property(void **state)
{
	struct fixture *f = *state;
	struct plain *p = sim_xcalloc(1, sizeof(*p));
	uint64_t rnd = 1;

	for (unsigned round = 0; round < 400; round++) {
		struct iov_iter i;

		fill(f, &f->a, next_random(&rnd) % BYTES, 1 + next_random(&rnd) % 8);
		fill(f, &f->b, next_random(&rnd) % BYTES, 1 + next_random(&rnd) % 8);
		fill(f, &f->flat, 0, BYTES);
		plain_load(p->a, &f->a);
		plain_load(p->b, &f->b);
		plain_load(p->flat, &f->flat);
		random_segments(f, p, &i, &rnd);
		for (unsigned step = 0; step < 12; step++)
			random_step(f, p, &i, &rnd);
		plain_compare(p->a, &f->a);
		plain_compare(p->b, &f->b);
		plain_compare(p->flat, &f->flat);
	}
	sim_xfree(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_init, setup, teardown),
		cmocka_unit_test_setup_teardown(test_position, setup, teardown),
		cmocka_unit_test_setup_teardown(test_sink, setup, teardown),
		cmocka_unit_test_setup_teardown(test_single_seg, setup, teardown),
		cmocka_unit_test_setup_teardown(test_property, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
