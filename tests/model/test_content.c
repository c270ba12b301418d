/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Contents: edges of maps, sources and their operations, letters, text, derived blocks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "model/content/space.h"
#include "sim/base/text.h"

#define MIB (UINT64_C(1) << 20)
#define TIB (UINT64_C(1) << 40)

struct fixture {
	struct sim_arena *arena;
	struct content_space *space;
	struct content_map map, other;
	struct sim_buf buf;
};

static int setup(void **state)
{
	struct fixture *f = sim_xcalloc(1, sizeof(*f));

	f->arena = sim_arena_new(0, NULL, NULL);
	f->space = content_space_new(f->arena);
	content_map_init(&f->map, f->space);
	content_map_init(&f->other, f->space);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	sim_buf_free(&f->buf);
	sim_arena_free(f->arena);
	sim_xfree(f);
	return 0;
}

static const char *runs(struct fixture *f, const struct content_map *map, uint64_t off,
			uint64_t len)
{
	sim_buf_clear(&f->buf);
	sim_buf_puts(&f->buf, "");
	content_print_runs(&f->buf, map, off, len, CONTENT_MAX_RUNS);
	return f->buf.data ? f->buf.data : "";
}

static const char *describe(struct fixture *f, struct content_val val)
{
	sim_buf_clear(&f->buf);
	content_describe(&f->buf, f->space, val);
	return f->buf.data;
}

/* A writer's operation n: len bytes into map at off, its letter by n as the recordings have it. */
static struct content_val write_op(struct fixture *f, uint32_t src, uint32_t n, uint64_t off,
				   uint64_t len)
{
	struct content_val v = content_source_append(f->space, src, len, n, n % 26);

	content_set(&f->map, off, len, v);
	return v;
}

/* A map of which nothing was written is all hole, takes no memory, and can be dropped. */
static void test_empty(void **state)
{
	struct fixture *f = *state;
	struct content_ext e = {.len = 77};

	assert_true(content_val_equal(content_get(&f->map, CONTENT_END - 1), content_hole()));
	assert_false(content_next(&f->map, 5, 5, &e));
	assert_int_equal(e.len, 77);
	assert_true(content_next(&f->map, 5, CONTENT_END, &e));
	assert_int_equal(e.off, 5);
	assert_int_equal(e.len, CONTENT_END - 5);
	content_erase(&f->map, 0, CONTENT_END);
	content_truncate(&f->map, 0);
	content_set(&f->map, CONTENT_END, 0, content_zero());
	assert_int_equal(content_memory(&f->map), 0);
	assert_int_equal(content_extents(&f->map), 0);
	content_map_fini(&f->map);
	content_map_fini(&f->map);
}

/* A terabyte written in order in 1 MiB operations: one extent, one run. */
static void test_terabyte(void **state)
{
	struct fixture *f = *state;
	uint32_t src = content_source_new(f->space, "task w", CONTENT_LAW_OPS, 0);
	struct content_op op;
	size_t used;

	write_op(f, src, 0, 0, MIB);
	used = sim_arena_used(f->arena);
	for (uint32_t n = 1; n < MIB; n++)
		write_op(f, src, n, n * MIB, MIB);
	assert_int_equal(content_extents(&f->map), 1);
	assert_int_equal(f->space->src[src].nr_runs, 1);
	assert_int_equal(sim_arena_used(f->arena), used);
	assert_true(content_source_op(f->space, src, TIB - 1, &op));
	assert_int_equal(op.ordinal, MIB);
	assert_int_equal(op.tag, MIB - 1);
	assert_int_equal(op.off, TIB - MIB);
	assert_int_equal(op.letter, 'A' + (MIB - 1) % 26);
	assert_string_equal(runs(f, &f->map, 26 * MIB - 1, MIB + 2), "Z*1,A*1048576,B*1");
}

/* The last byte of the range of offsets, and one extent over all of it. */
static void test_end(void **state)
{
	struct fixture *f = *state;
	struct content_ext e;

	content_set(&f->map, CONTENT_END - 1, 1, content_zero());
	assert_int_equal(content_get(&f->map, CONTENT_END - 1).kind, CONTENT_ZERO);
	assert_int_equal(content_get(&f->map, CONTENT_END - 2).kind, CONTENT_HOLE);
	content_insert(&f->map, 0, 1);
	assert_int_equal(content_extents(&f->map), 0);
	content_set(&f->map, 0, CONTENT_END, content_source_at(3, 5));
	assert_true(content_next(&f->map, 0, CONTENT_END, &e));
	assert_int_equal(e.len, CONTENT_END);
	assert_int_equal(content_get(&f->map, CONTENT_END - 1).off, CONTENT_END + 4);
	content_collapse(&f->map, 0, 1);
	assert_int_equal(content_get(&f->map, 0).off, 6);
	assert_int_equal(content_get(&f->map, CONTENT_END - 1).kind, CONTENT_HOLE);
	content_collapse(&f->map, 0, CONTENT_END);
	assert_int_equal(content_extents(&f->map), 0);
}

/* A hole or zero with numbers in its other fields is a hole or zero like any other. */
static void test_plain_zero(void **state)
{
	struct fixture *f = *state;

	content_set(&f->map, 0, 10, content_zero());
	content_set(&f->map, 10, 10,
		    (struct content_val){.off = 5, .src = 6, .kind = CONTENT_ZERO});
	content_set(&f->map, 20, 10, (struct content_val){.off = 5, .kind = CONTENT_HOLE});
	assert_int_equal(content_extents(&f->map), 1);
	assert_true(content_val_equal(content_get(&f->map, 15), content_zero()));
	assert_true(content_val_equal(content_get(&f->map, 25), content_hole()));
}

/* Memory follows changes of name: small buffers stay small, long lists cost a cut each. */
static void test_memory(void **state)
{
	struct fixture *f = *state;
	size_t peak;

	content_set(&f->map, 0, 100, content_source_at(0, 0));
	content_set(&f->map, 200, 100, content_source_at(0, 0));
	assert_true(content_memory(&f->map) <= 256);
	for (uint64_t i = 0; i < 100000; i++)
		content_set(&f->map, i * 2, 1, content_source_at(0, i * 7));
	assert_true(content_memory(&f->map) <= 200000 * 26);
	assert_true(content_memory(&f->map) >= 200000 * sizeof(uint64_t) * 3);
	peak = sim_arena_peak(f->arena);
	for (uint64_t i = 0; i < 200000 - 10; i += 3)
		content_erase(&f->map, i, 3);
	assert_true(content_memory(&f->map) <= 16384);
	content_clear(&f->map);
	assert_int_equal(content_memory(&f->map), 0);
	for (uint64_t i = 0; i < 100000; i++)
		content_set(&f->map, i * 2, 1, content_source_at(0, i * 7));
	assert_int_equal(sim_arena_peak(f->arena), peak);
}

/* Ops of any lengths, tags and letters are found again, in whatever order one asks. */
static void test_ops(void **state)
{
	struct fixture *f = *state;
	static struct content_op want[3000];
	uint32_t src = content_source_new(f->space, "task w", CONTENT_LAW_OPS, 0);
	uint64_t off = 0, z = 7;

	for (uint32_t n = 0; n < 3000; n++) {
		struct content_op *w = &want[n];

		z = z * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
		w->off = off;
		w->len = n % 500 < 400 ? 4096 : 1 + (z >> 60);
		w->ordinal = n + 1;
		w->tag = n % 1000 < 500 ? n * 3 : (uint32_t)(z >> 40);
		w->letter = (unsigned char)('A' + (n < 2000 ? w->tag % 26 : (z >> 50) % 26));
		assert_int_equal(content_source_append(f->space, src, w->len, w->tag,
						       (unsigned)w->letter - 'A')
					 .off,
				 off);
		off += w->len;
	}
	for (uint32_t i = 0; i < 6000; i++) {
		const struct content_op *w = &want[i < 3000 ? i : (i * 7919u) % 3000];
		struct content_op got;

		for (unsigned last = 0; last < 2; last++) {
			assert_true(content_source_op(f->space, src,
						      w->off + (last ? w->len - 1 : 0), &got));
			assert_int_equal(got.off, w->off);
			assert_int_equal(got.len, w->len);
			assert_int_equal(got.ordinal, w->ordinal);
			assert_int_equal(got.tag, w->tag);
			assert_int_equal(got.letter, w->letter);
		}
	}
	assert_true(f->space->src[src].nr_runs < 2400);
}

/* Operations that step evenly are one run; nothing and the byte past the end are no operation. */
static void test_op_edges(void **state)
{
	struct fixture *f = *state;
	uint32_t src = content_source_new(f->space, "a", CONTENT_LAW_OPS, 0);
	struct content_op op = {.ordinal = 99};

	assert_false(content_source_op(f->space, src, 0, &op));
	content_source_append(f->space, src, 0, 1, 1);
	assert_false(content_source_op(f->space, src, 0, &op));
	assert_int_equal(op.ordinal, 99);
	for (uint32_t n = 0; n < 100; n++)
		content_source_append(f->space, src, 10, 1000 - n * 5, (100 - n) % 26);
	assert_int_equal(f->space->src[src].nr_runs, 1);
	assert_true(content_source_op(f->space, src, 999, &op));
	assert_int_equal(op.tag, 1000 - 99 * 5);
	assert_int_equal(op.letter, 'B');
	assert_false(content_source_op(f->space, src, 1000, &op));
	content_source_append(f->space, src, 10, 1000 - 100 * 5, 1);
	assert_int_equal(f->space->src[src].nr_runs, 2);
	assert_string_equal(content_source_name(f->space, src), "a");
}

/* The three laws, and what no recording can name. */
static void test_render(void **state)
{
	struct fixture *f = *state;
	uint32_t ops = content_source_new(f->space, "task w", CONTENT_LAW_OPS, 0);
	uint32_t pages = content_source_new(f->space, "srv_create f", CONTENT_LAW_PAGES, 0);
	uint32_t srv = content_source_new(f->space, "srv_write f", CONTENT_LAW_CONST, '#');
	unsigned char byte;

	content_source_append(f->space, ops, 10, 0, 25);
	content_source_append(f->space, ops, 20, 0, 0);
	assert_int_equal(content_render(f->space, content_source_at(ops, 9)), 'Z');
	assert_int_equal(content_render(f->space, content_source_at(ops, 10)), 'A');
	assert_int_equal(content_render(f->space, content_source_at(pages, 4095)), 'a');
	assert_int_equal(content_render(f->space, content_source_at(pages, 26 * 4096)), 'a');
	assert_int_equal(content_render(f->space, content_source_at(pages, 27 * 4096)), 'b');
	assert_int_equal(content_render(f->space, content_source_at(srv, TIB)), '#');
	assert_int_equal(content_render(f->space, content_hole()), 0);
	assert_int_equal(content_render(f->space, content_zero()), 0);
	assert_int_equal(content_render(f->space, content_junk(f->space)), CONTENT_RENDER_JUNK);
	assert_int_equal(content_render_run(f->space, content_source_at(ops, 3), 99, &byte), 7);
	assert_int_equal(content_render_run(f->space, content_source_at(ops, 3), 6, &byte), 6);
	assert_int_equal(content_render_run(f->space, content_source_at(pages, 1), TIB, &byte),
			 4095);
	assert_int_equal(content_render_run(f->space, content_source_at(srv, 1), TIB, &byte), TIB);
}

/* The form of results.txt: OPS.md section 6. */
static void test_print_runs(void **state)
{
	struct fixture *f = *state;
	uint32_t w = content_source_new(f->space, "task w", CONTENT_LAW_OPS, 0);
	uint32_t srv = content_source_new(f->space, "srv_create f", CONTENT_LAW_PAGES, 0);
	const char *all;

	assert_string_equal(runs(f, &f->map, 0, 0), "");
	assert_string_equal(runs(f, &f->map, 0, 3), "\\x00*3");
	content_set(&f->map, 0, 64 * MIB, content_source_at(srv, 0));
	write_op(f, w, 0, 0x1100, 512);
	assert_string_equal(runs(f, &f->map, 0x1000, 4096), "b*256,A*512,b*3328");
	assert_string_equal(runs(f, &f->map, 0, 24 * 4096),
			    "a*4096,b*256,A*512,b*3328,c*4096,d*4096,e*4096,f*4096,g*4096,h*4096,"
			    "i*4096,j*4096,k*4096,l*4096,m*4096,n*4096,o*4096,p*4096,q*4096,r*4096,"
			    "s*4096,t*4096,u*4096,v*4096...");
	all = runs(f, &f->map, 0, 22 * 4096);
	assert_string_equal(all + strlen(all) - 14, ",u*4096,v*4096");
	/* Neighbours that look alike are one run, whatever their names. */
	content_erase(&f->map, 0, 10);
	content_set_zero(&f->map, 10, 10);
	content_set(&f->map, 20, 5, content_junk(f->space));
	content_set(&f->map, 25, 5, content_junk(f->space));
	assert_string_equal(runs(f, &f->map, 5, 30), "\\x00*15,\\x7f*10,a*5");
	write_op(f, w, 26, 0x1300, 1);
	assert_string_equal(runs(f, &f->map, 0x1000, 4096), "b*256,A*513,b*3327");
}

/* A limit of runs is a limit: that many are printed whole, more are dots. */
static void test_print_limit(void **state)
{
	struct fixture *f = *state;
	uint32_t srv = content_source_new(f->space, "srv_create f", CONTENT_LAW_PAGES, 0);

	content_set(&f->map, 0, MIB, content_source_at(srv, 0));
	sim_buf_clear(&f->buf);
	content_print_runs(&f->buf, &f->map, 0, 8192, 2);
	assert_string_equal(f->buf.data, "a*4096,b*4096");
	sim_buf_clear(&f->buf);
	content_print_runs(&f->buf, &f->map, 0, 8193, 2);
	assert_string_equal(f->buf.data, "a*4096,b*4096...");
}

/* What is printed can be read, and nothing else. */
static void test_runs_valid(void **state)
{
	static const char *const good[] = {
		"",        "a*1",  "a*4096,A*512",         "\\x00*18446744073709551",
		",*1,**2", "\\*3", "\\x7f*10,\\xff*1,x*1", " *7"};
	static const char *const bad[] = {"a",
					  "a*",
					  "a*0",
					  "a*01",
					  "a*1,",
					  ",a*1",
					  "a*1b*2",
					  "a*1,,b*2",
					  "a*4KiB",
					  "\\x0*1",
					  "\\x0A*1",
					  "\\x41*1",
					  "\\x",
					  "a*1,a*2",
					  "a*1...",
					  "a*-1",
					  "\t*1",
					  "*",
					  "a*99999999999999999999"};
	const char *why;

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		if (!content_runs_valid(good[i], &why))
			fail_msg("'%s' is refused: %s", good[i], why);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		why = NULL;
		if (content_runs_valid(bad[i], &why))
			fail_msg("'%s' is not refused", bad[i]);
		assert_non_null(strchr(why, ';'));
	}
}

static void test_describe(void **state)
{
	struct fixture *f = *state;
	uint32_t w = content_source_new(f->space, "task writer", CONTENT_LAW_OPS, 0);
	uint32_t srv = content_source_new(f->space, "srv_create f", CONTENT_LAW_PAGES, 0);
	struct content_val v;

	for (uint32_t n = 0; n < 3; n++)
		v = content_source_append(f->space, w, 100, n, n);
	assert_string_equal(describe(f, content_val_at(v, 17)), "write 3 of task writer, byte 17");
	assert_string_equal(describe(f, content_source_at(srv, 4099)), "byte 4099 of srv_create f");
	content_junk(f->space);
	assert_string_equal(describe(f, content_val_at(content_junk(f->space), 9)),
			    "uninitialised memory 1, byte 9");
	assert_string_equal(describe(f, content_hole()), "never written");
	assert_string_equal(describe(f, content_zero()), "zero");
	v = content_derive(f->space, 1, 12, 7, &f->map, 0, 16);
	assert_string_equal(describe(f, content_val_at(v, 2)),
			    "derived block 12 (kind 1, key 7), byte 2");
}

/* Bytes that look alike are the same bytes, whatever made them; the first other one is found. */
static void test_same_bytes(void **state)
{
	struct fixture *f = *state;
	uint32_t w = content_source_new(f->space, "task w", CONTENT_LAW_OPS, 0);
	uint32_t x = content_source_new(f->space, "task x", CONTENT_LAW_OPS, 0);
	uint64_t diff = 99;

	write_op(f, w, 0, 0, 30);
	write_op(f, w, 0, 30, 10);
	write_op(f, w, 1, 40, 10);
	content_set(&f->other, 100, 40, content_source_append(f->space, x, 40, 26, 0));
	content_set(&f->other, 140, 10, content_source_append(f->space, x, 10, 27, 1));
	content_set_zero(&f->other, 150, 10);
	assert_true(content_same_bytes(&f->map, 0, &f->other, 100, 60, &diff));
	assert_int_equal(diff, 99);
	assert_false(content_equal_range(&f->map, 0, &f->other, 100, 60, CONTENT_SAME, NULL));
	assert_false(content_same_bytes(&f->map, 0, &f->other, 101, 59, &diff));
	assert_int_equal(diff, 39);
	content_set_zero(&f->other, 145, 1);
	assert_false(content_same_bytes(&f->map, 5, &f->other, 105, 60, &diff));
	assert_int_equal(diff, 40);
	assert_false(content_same_bytes(&f->map, 5, &f->other, 105, 60, NULL));
	assert_true(content_equal_range(&f->map, 50, &f->other, 150, 10, CONTENT_SAME, NULL));
	assert_false(content_equal_range(&f->map, 50, &f->other, 150, 10, CONTENT_EXACT, &diff));
	assert_int_equal(diff, 0);
}

/* Encrypt a block of several pieces, move the result about, decrypt it in its place. */
static void test_derive(void **state)
{
	struct fixture *f = *state;
	struct content_space *s = f->space;
	struct content_val v, again;

	content_set(&f->map, 4096, 100, content_source_at(0, 0));
	content_set_zero(&f->map, 4196, 50);
	content_set(&f->map, 5000, 500, content_source_at(1, 7));
	v = content_derive(s, 1, 1, 7, &f->map, 4096, 4096);
	again = content_derive(s, 1, 1, 7, &f->map, 4096, 4096);
	assert_true(content_val_equal(v, again));
	content_set(&f->other, 50000, 4096, v);
	assert_int_equal(content_extents(&f->other), 1);
	assert_true(content_underive(s, 1, 1, 7, &f->other, 50000, 4096, &f->other, 4096));
	assert_true(content_equal_range(&f->map, 4096, &f->other, 4096, 4096, CONTENT_EXACT, NULL));
	assert_true(content_underive(s, 1, 1, 7, &f->other, 50000, 4096, &f->other, 50000));
	assert_true(
		content_equal_range(&f->map, 4096, &f->other, 50000, 4096, CONTENT_EXACT, NULL));
}

/* Anything else than one whole block with its own kind, place and key decrypts to new junk. */
static void test_underive_junk(void **state)
{
	struct fixture *f = *state;
	struct content_space *s = f->space;
	struct content_map *m = &f->map, *o = &f->other;
	struct content_val v, junk;

	content_set(m, 0, 8192, content_source_at(0, 0));
	v = content_derive(s, 1, 5, 7, m, 0, 4096);
	content_set(m, 0, 4096, v);
	assert_false(content_underive(s, 2, 5, 7, m, 0, 4096, o, 0));
	assert_false(content_underive(s, 1, 6, 7, m, 0, 4096, o, 0));
	assert_false(content_underive(s, 1, 5, 8, m, 0, 4096, o, 0));
	assert_false(content_underive(s, 1, 5, 7, m, 0, 4095, o, 0));
	assert_false(content_underive(s, 1, 5, 7, m, 1, 4095, o, 0));
	assert_false(content_underive(s, 1, 5, 7, m, 4096, 4096, o, 0));
	assert_false(content_underive(s, 1, 5, 7, m, 1, 4096, o, 0));
	junk = content_get(o, 0);
	assert_int_equal(junk.kind, CONTENT_JUNK);
	assert_int_equal(content_extents(o), 1);
	assert_int_equal(content_get(o, 4095).off, 4095);
	content_set(m, 10000, 4096, content_val_at(v, 1));
	assert_false(content_underive(s, 1, 5, 7, m, 10000, 4096, o, 0));
	content_set_zero(m, 4000, 1);
	assert_false(content_underive(s, 1, 5, 7, m, 0, 4096, o, 0));
	assert_int_not_equal(content_get(o, 0).src, junk.src);
	content_set(m, 4000, 1, content_val_at(v, 4000));
	assert_true(content_underive(s, 1, 5, 7, m, 0, 4096, o, 0));
	assert_true(content_val_equal(content_get(o, 4095), content_source_at(0, 4095)));
}

/* Thousands of rows: equal input has an equal name, any difference another one, all come back. */
static void test_derive_many(void **state)
{
	struct fixture *f = *state;
	struct content_space *s = f->space;
	size_t nr_exts = 0;

	for (unsigned round = 0; round < 2; round++) {
		for (uint32_t i = 0; i < 3000; i++) {
			struct content_val v;

			content_set(&f->map, 0, 64, content_source_at(i / 3, i % 3));
			content_set(&f->map, i % 7, 9, content_source_at(i, 0));
			v = content_derive(s, i % 2, i % 5, i % 11, &f->map, 0, 64);
			assert_int_equal(v.src, i);
			content_set(&f->other, 0, 64, v);
			content_underive(s, i % 2, i % 5, i % 11, &f->other, 0, 64, &f->other, 0);
			assert_true(content_equal_range(&f->map, 0, &f->other, 0, 64, CONTENT_EXACT,
							NULL));
		}
		if (round)
			assert_int_equal(s->rows.nr_exts, nr_exts);
		nr_exts = s->rows.nr_exts;
	}
	assert_int_equal(s->rows.nr_rows, 3000);
	assert_int_equal(content_derive(s, 0, 0, 0, &f->map, 0, 1).src, 3000);
	assert_int_equal(content_derive(s, 0, 0, 0, &f->map, 0, 2).src, 3001);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_empty),         TEST(test_terabyte),   TEST(test_end),
		TEST(test_plain_zero),    TEST(test_memory),     TEST(test_ops),
		TEST(test_op_edges),      TEST(test_render),     TEST(test_print_runs),
		TEST(test_print_limit),   TEST(test_runs_valid), TEST(test_describe),
		TEST(test_same_bytes),    TEST(test_derive),     TEST(test_derive_many),
		TEST(test_underive_junk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
