/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Readahead windows and reading: the same windows as recorded from Linux 6.8 (9P, 31 pages), large
 * folios, the end of the file, advice, faults, errors.
 *
 * A line "ra 2+4 (2 4 4)" is a request for 4 pages from page 2, the window being start 2, size 4,
 * async_size 4; "read 7" is a ->read_folio of page 7.
 */
#include "tests/model/mm_fixture.h"

#include "model/mm/internal.h"

#define KIB 1024ull
#define MIB (1024 * KIB)

static void start(struct mm_fixture *f, uint64_t i_size, uint32_t flags, uint32_t ra_pages)
{
	mm_fixture_start(f, NULL, i_size, flags, ra_pages);
}

/* ---- as recorded ---- */

static void seqread_4k(struct mm_fixture *f)
{
	for (uint64_t pos = 0; pos < MIB; pos += 4 * KIB)
		assert_int_equal(fx_read(f, pos, 4 * KIB), 4 * KIB);
}

static void test_seqread_4k(void **state)
{
	struct mm_fixture f = {0};

	start(&f, MIB, 0, 31);
	mm_fixture_run(&f, seqread_4k);
	expect_log(&f, "ra 0+2 (0 2 1)\n"
		       "ra 2+4 (2 4 4)\n"
		       "ra 6+8 (6 8 8)\n"
		       "ra 14+16 (14 16 16)\n"
		       "ra 30+31 (30 31 31)\n"
		       "ra 61+31 (61 31 31)\n"
		       "ra 92+31 (92 31 31)\n"
		       "ra 123+31 (123 31 31)\n"
		       "ra 154+31 (154 31 31)\n"
		       "ra 185+31 (185 31 31)\n"
		       "ra 216+31 (216 31 31)\n"
		       "ra 247+9 (247 31 31)\n");
	mm_fixture_end(&f);
}

static void read_1m_single(struct mm_fixture *f)
{
	assert_int_equal(fx_read(f, 0, MIB), MIB);
	assert_int_equal(fx_read(f, 0, MIB), MIB);
}

static void test_read_1m_single(void **state)
{
	struct mm_fixture f = {0};

	start(&f, MIB, 0, 31);
	mm_fixture_run(&f, read_1m_single);
	expect_log(&f, "ra 0+31 (0 31 15)\n"
		       "ra 31+31 (31 31 31)\n"
		       "ra 62+31 (62 31 31)\n"
		       "ra 93+31 (93 31 31)\n"
		       "ra 124+31 (124 31 31)\n"
		       "ra 155+31 (155 31 31)\n"
		       "ra 186+31 (186 31 31)\n"
		       "ra 217+31 (217 31 31)\n"
		       "ra 248+8 (248 31 31)\n");
	mm_fixture_end(&f);
}

static void randread_4k(struct mm_fixture *f)
{
	static const uint32_t at[] = {0x80000, 0x13000, 0xf0000, 0x42000, 0x43000, 0x41000,
				      0x7000,  0xc8000, 0xc9000, 0xca000, 0x0,     0x99000,
				      0x55000, 0x56000, 0x57000, 0x58000};

	for (unsigned i = 0; i < SIM_ARRAY_SIZE(at); i++)
		assert_int_equal(fx_read(f, at[i], 4 * KIB), 4 * KIB);
}

static void test_randread_4k(void **state)
{
	struct mm_fixture f = {0};

	start(&f, MIB, 0, 31);
	mm_fixture_run(&f, randread_4k);
	expect_log(&f, "ra 128+1 (0 0 0)\n"
		       "ra 19+1 (0 0 0)\n"
		       "ra 240+1 (0 0 0)\n"
		       "ra 66+1 (0 0 0)\n"
		       "ra 67+2 (67 2 1)\n"
		       "ra 65+1 (67 2 1)\n"
		       "ra 7+1 (67 2 1)\n"
		       "ra 200+1 (67 2 1)\n"
		       "ra 201+2 (201 2 1)\n"
		       "ra 203+4 (203 4 4)\n"
		       "ra 0+2 (0 2 1)\n"
		       "ra 153+1 (0 2 1)\n"
		       "ra 85+1 (0 2 1)\n"
		       "ra 86+2 (86 2 1)\n"
		       "ra 88+4 (88 4 4)\n"
		       "ra 92+8 (92 8 8)\n");
	mm_fixture_end(&f);
	start(&f, MIB, 0, 4); /* msize=20480 */
	mm_fixture_run(&f, randread_4k);
	expect_log(&f, "ra 128+1 (0 0 0)\n"
		       "ra 19+1 (0 0 0)\n"
		       "ra 240+1 (0 0 0)\n"
		       "ra 66+1 (0 0 0)\n"
		       "ra 67+2 (67 2 1)\n"
		       "ra 65+1 (67 2 1)\n"
		       "ra 7+1 (67 2 1)\n"
		       "ra 200+1 (67 2 1)\n"
		       "ra 201+2 (201 2 1)\n"
		       "ra 203+4 (203 4 4)\n"
		       "ra 0+2 (0 2 1)\n"
		       "ra 153+1 (0 2 1)\n"
		       "ra 85+1 (0 2 1)\n"
		       "ra 86+2 (86 2 1)\n"
		       "ra 88+4 (88 4 4)\n"
		       "ra 92+4 (92 4 4)\n");
	mm_fixture_end(&f);
}

static void randread_fadvrandom(struct mm_fixture *f)
{
	vfs_fadvise(&f->file, 0, 0, FADV_RANDOM);
	assert_int_equal(fx_read(f, 0x42000, 4 * KIB), 4 * KIB);
	assert_int_equal(fx_read(f, 0x43000, 4 * KIB), 4 * KIB);
	assert_int_equal(fx_read(f, 0x20000, 16 * KIB), 16 * KIB);
	assert_int_equal(fx_read(f, 0x30100, 100), 100);
	vfs_fadvise(&f->file, 0, 0, FADV_SEQUENTIAL);
	assert_int_equal(f->file.f_ra.ra_pages, 62);
	assert_int_equal(f->file.f_mode & FMODE_RANDOM, 0);
	vfs_fadvise(&f->file, 0, 0, FADV_NORMAL);
	assert_int_equal(f->file.f_ra.ra_pages, 31);
}

static void test_randread_fadvrandom(void **state)
{
	struct mm_fixture f = {0};

	start(&f, MIB, 0, 31);
	mm_fixture_run(&f, randread_fadvrandom);
	expect_log(&f, "ra 66+1 (0 0 0)\n"
		       "ra 67+1 (0 0 0)\n"
		       "ra 32+4 (0 0 0)\n"
		       "ra 48+1 (0 0 0)\n");
	mm_fixture_end(&f);
}

static void fadvise_willneed(struct mm_fixture *f)
{
	vfs_fadvise(&f->file, 0, 256 * KIB, FADV_WILLNEED);
	assert_int_equal(fx_read(f, 0, 256 * KIB), 256 * KIB);
	vfs_fadvise(&f->file, 64 * KIB, 64 * KIB, FADV_DONTNEED);
	assert_int_equal(fx_read(f, 64 * KIB, 4 * KIB), 4 * KIB);
}

static void test_fadvise_willneed(void **state)
{
	struct mm_fixture f = {0};

	start(&f, 512 * KIB, 0, 31);
	mm_fixture_run(&f, fadvise_willneed);
	expect_log(&f, "ra 0+31 (0 0 0)\n"
		       "ra 31+31 (31 31 15)\n"
		       "ra 62+31 (62 31 31)\n"
		       "ra 93+31 (93 31 31)\n"
		       "ra 16+16 (16 31 1)\n");
	mm_fixture_end(&f);
}

static void fault_all(struct mm_fixture *f)
{
	for (pgoff_t index = 0; index < 64; index++) {
		int err = 1;
		struct folio *folio = filemap_fault(&f->file, index, &err);

		assert_non_null(folio);
		assert_int_equal(err, 0);
		assert_true(folio_test_locked(folio) && folio_test_uptodate(folio));
		folio_unlock(folio);
		folio_put(folio);
	}
}

/* A mapping that is read page by page: read-around, then its mark. */
static void test_mmap_read(void **state)
{
	struct mm_fixture f = {0};

	start(&f, 256 * KIB, 0, 31);
	mm_fixture_run(&f, fault_all);
	expect_log(&f, "ra 0+31 (0 31 7)\n"
		       "ra 31+31 (31 31 31)\n"
		       "ra 62+2 (62 31 31)\n");
	mm_fixture_end(&f);
	start(&f, 16 * KIB, 0, 0); /* cache=none: page by page */
	f.inode->i_size = 256 * KIB;
	mm_fixture_run(&f, fault_all);
	assert_true(f.log.len > 64 * sizeof("read ") && f.log.data[0] == 'r');
	sim_buf_clear(&f.log);
	mm_fixture_end(&f);
}

/* ---- what recordings of 9P do not show ---- */

static void seqread_then_orders(struct mm_fixture *f)
{
	static const struct {
		pgoff_t index;
		unsigned order;
	} want[] = {{0, 2},  {4, 2},   {80, 2},  {84, 2}, {88, 3},
		    {96, 4}, {112, 4}, {240, 4}, {255, 4}};

	seqread_4k(f);
	for (unsigned i = 0; i < SIM_ARRAY_SIZE(want); i++) {
		struct folio *folio = filemap_lookup(fx_mapping(f), want[i].index);

		assert_int_equal(folio->order, want[i].order);
	}
}

/* Orders grow by 2 with each window; the end of the file cuts them. */
static void test_large_folios(void **state)
{
	struct mm_fixture f = {0};

	start(&f, MIB, AS_LARGE_FOLIO_SUPPORT, 2048);
	mm_fixture_run(&f, seqread_then_orders);
	expect_log(&f, "ra 0+4 (0 4 3)\n"
		       "ra 4+80 (4 80 64)\n"
		       "ra 84+172 (84 320 320)\n");
	mm_fixture_end(&f);
}

static void read_odd_end(struct mm_fixture *f)
{
	assert_int_equal(fx_read(f, 0, MIB), 27 * 4 * KIB + 1);
	assert_int_equal(filemap_lookup(fx_mapping(f), 27)->order, 2);
	assert_null(filemap_lookup(fx_mapping(f), 28));
	assert_int_equal(fx_read(f, 27 * 4 * KIB + 1, 1), 0);
	assert_int_equal(fx_read(f, MIB, 1), 0);
}

static void read_empty(struct mm_fixture *f)
{
	int err = 0;

	assert_int_equal(fx_read(f, 0, 4 * KIB), 0);
	vfs_fadvise(&f->file, 0, 0, FADV_WILLNEED);
	assert_null(filemap_fault(&f->file, 0, &err));
	assert_int_equal(err, -EFAULT);
}

/* A window beyond the end: no page behind that of the last byte, and no folio of two pages. */
static void test_eof(void **state)
{
	struct mm_fixture f = {0};

	start(&f, 27 * 4 * KIB + 1, AS_LARGE_FOLIO_SUPPORT, 31);
	mm_fixture_run(&f, read_odd_end);
	expect_log(&f, "ra 0+28 (0 31 15)\n");
	mm_fixture_end(&f);
	start(&f, 0, AS_LARGE_FOLIO_SUPPORT, 31);
	mm_fixture_run(&f, read_empty);
	expect_log(&f, "");
	mm_fixture_end(&f);
}

static void read_with_gaps(struct mm_fixture *f)
{
	fx_add_clean(f, 3, 1);
	fx_add_clean(f, 9, 2);
	assert_int_equal(fx_read(f, 0, 64 * KIB), 64 * KIB);
}

/* Pages that are there split a window. */
static void test_gaps(void **state)
{
	struct mm_fixture f = {0};

	start(&f, 64 * KIB, 0, 31);
	mm_fixture_run(&f, read_with_gaps);
	expect_log(&f, "ra 0+3 (0 31 15)\n"
		       "ra 4+5 (0 31 15)\n"
		       "ra 11+5 (0 31 15)\n");
	mm_fixture_end(&f);
}

static void read_marked(struct mm_fixture *f)
{
	fx_add_clean(f, 100, 20);
	folio_set(filemap_lookup(fx_mapping(f), 110), PG_readahead);
	assert_int_equal(fx_read(f, 110 * 4 * KIB, 4 * KIB), 4 * KIB);
	assert_false(folio_test(filemap_lookup(fx_mapping(f), 110), PG_readahead));
}

/* A mark without a window: go on behind what is cached; 120 - 110 + 1 pages were the last one. */
static void test_marked_without_window(void **state)
{
	struct mm_fixture f = {0};

	start(&f, MIB, 0, 31);
	mm_fixture_run(&f, read_marked);
	expect_log(&f, "ra 120+22 (120 22 22)\n");
	mm_fixture_end(&f);
}

static void read_marked_far(struct mm_fixture *f)
{
	fx_add_clean(f, 100, 61);
	folio_set(filemap_lookup(fx_mapping(f), 110), PG_readahead);
	assert_int_equal(fx_read(f, 110 * 4 * KIB, 4 * KIB), 4 * KIB);
}

static void read_after_history(struct mm_fixture *f)
{
	fx_add_clean(f, 60, 40);
	assert_int_equal(fx_read(f, 100 * 4 * KIB, 30 * 4 * KIB), 30 * 4 * KIB);
	assert_int_equal(fx_read(f, 20 * 4 * KIB, 4 * KIB), 4 * KIB); /* elsewhere */
	assert_int_equal(fx_read(f, 130 * 4 * KIB, 29 * 4 * KIB), 29 * 4 * KIB);
}

/*
 * 6.8 looks at one page too few: with more than a window cached ahead, it goes on one window on; of
 * a window's history it sees 30 pages, which are not more than the 30 asked for.
 */
static void test_miss_off_by_one(void **state)
{
	struct mm_fixture f = {0};

	start(&f, MIB, 0, 31);
	mm_fixture_run(&f, read_marked_far);
	expect_log(&f, "ra 161+11 (141 31 31)\n");
	mm_fixture_end(&f);
	start(&f, MIB, 0, 31);
	mm_fixture_run(&f, read_after_history);
	expect_log(&f, "ra 100+30 (0 0 0)\n"
		       "ra 20+1 (0 0 0)\n"
		       "ra 130+31 (130 31 1)\n");
	mm_fixture_end(&f);
}

static void read_twice_interleaved(struct mm_fixture *f)
{
	for (uint64_t i = 0; i < 16; i++) {
		assert_int_equal(fx_read(f, i * 4 * KIB, 4 * KIB), 4 * KIB);
		assert_int_equal(fx_read(f, 512 * KIB + i * 4 * KIB, 4 * KIB), 4 * KIB);
	}
}

/* Two streams through one descriptor: what is cached before the page tells that it is a stream. */
static void test_context(void **state)
{
	struct mm_fixture f = {0};

	start(&f, MIB, 0, 31);
	mm_fixture_run(&f, read_twice_interleaved);
	expect_log(&f, "ra 0+2 (0 2 1)\n"
		       "ra 128+1 (0 2 1)\n"
		       "ra 2+4 (2 4 4)\n"
		       "ra 129+1 (2 4 4)\n"
		       "ra 6+8 (6 8 8)\n"
		       "ra 130+3 (130 3 1)\n"
		       "ra 133+6 (133 6 6)\n"
		       "ra 139+12 (139 12 12)\n"
		       "ra 14+18 (14 18 18)\n"
		       "ra 151+26 (151 26 26)\n"
		       "ra 32+31 (32 31 31)\n");
	mm_fixture_end(&f);
}

/* ---- errors, waits ---- */

static void read_fails(struct mm_fixture *f)
{
	f->read_error = true;
	assert_int_equal(fx_read(f, 0, 8 * KIB), -EIO);
	assert_int_equal(f->file.f_ra.ra_pages, 7);
	f->read_error = false;
	assert_int_equal(fx_read(f, 4 * KIB, 4 * KIB), 4 * KIB);
	f->read_error = true;
	assert_int_equal(fx_read(f, 4 * KIB, 8 * KIB), 4 * KIB); /* short: an error later */
}

/* Readahead leaves the folio empty, read_folio tries again and fails. */
static void test_read_error(void **state)
{
	struct mm_fixture f = {0};

	start(&f, 64 * KIB, 0, 31);
	mm_fixture_run(&f, read_fails);
	expect_log(&f, "ra 0+4 (0 4 2)\n"
		       "read 0\n"
		       "read 1\n"
		       "ra 4+7 (4 7 7)\n" /* page 2 has the mark */
		       "read 2\n"         /* page 1 is returned without it */
		       "read 2\n");
	mm_fixture_end(&f);
}

static void read_8k(struct mm_fixture *f)
{
	assert_int_equal(fx_read(f, 0, 8 * KIB), 8 * KIB);
	assert_int_equal(f->w->now_ns, 5 * SIM_NS_PER_MS);
}

/* The second reader waits for the first one's readahead and reads nothing itself. */
static void test_two_readers(void **state)
{
	struct mm_fixture f = {0};

	start(&f, 8 * KIB, 0, 31);
	f.read_ns = 5 * SIM_NS_PER_MS;
	mm_fixture_spawn(&f, "r1", read_8k);
	mm_fixture_spawn(&f, "r2", read_8k);
	mm_fixture_go(&f);
	expect_log(&f, "ra 0+2 (0 4 2)\n");
	mm_fixture_end(&f);
}

static void read_short_file(struct mm_fixture *f)
{
	assert_int_equal(fx_read(f, 0, 8 * KIB), 100);
}

static void shrink(struct mm_fixture *f)
{
	sim_sleep(f->w, SIM_NS_PER_MS);
	f->inode->i_size = 100;
}

/* i_size is sampled after the folios are there. */
static void test_shrinks_while_read(void **state)
{
	struct mm_fixture f = {0};

	start(&f, 8 * KIB, 0, 31);
	f.read_ns = 5 * SIM_NS_PER_MS;
	mm_fixture_spawn(&f, "r", read_short_file);
	mm_fixture_spawn(&f, "t", shrink);
	mm_fixture_go(&f);
	sim_buf_clear(&f.log);
	mm_fixture_end(&f);
}

static void drop_first(struct mm_fixture *f)
{
	sim_sleep(f->w, SIM_NS_PER_MS);
	assert_int_equal(invalidate_inode_pages2_range(fx_mapping(f), 0, 0), 0);
}

static void read_second_waits(struct mm_fixture *f)
{
	struct folio *folio;

	fx_add_clean(f, 0, 1);
	folio = fx_add(f, 1, 0); /* not uptodate: read_folio sleeps */
	folio_unlock(folio);
	folio_put(folio);
	assert_int_equal(fx_read(f, 0, 8 * KIB), 8 * KIB);
}

/* A folio that went while the reader waited for the next one is looked up, and read, again. */
static void test_dropped_while_read(void **state)
{
	struct mm_fixture f = {0};

	start(&f, 8 * KIB, 0, 0);
	f.read_ns = 5 * SIM_NS_PER_MS;
	mm_fixture_spawn(&f, "r", read_second_waits);
	mm_fixture_spawn(&f, "d", drop_first);
	mm_fixture_go(&f);
	expect_log(&f, "read 1\nread 0\n");
	mm_fixture_end(&f);
}

static void expand(struct mm_fixture *f)
{
	struct readahead_control ractl = {
		.file = &f->file, .mapping = fx_mapping(f), .ra = &f->file.f_ra, ._index = 8};
	struct folio *folio;

	fx_add_clean(f, 3, 1);
	fx_add_clean(f, 20, 1);
	f->file.f_ra = (struct file_ra_state){.start = 8, .size = 4, .async_size = 2};
	folio = fx_add(f, 8, 0);
	ractl._nr_pages = 1;
	readahead_expand(&ractl, 0, MIB); /* what is cached stops it altogether */
	assert_int_equal(ractl._index, 4);
	assert_int_equal(ractl._nr_pages, 5);
	readahead_expand(&ractl, 16 * KIB, MIB);
	assert_int_equal(ractl._nr_pages, 16);
	assert_int_equal(f->file.f_ra.size, 4 + 11);
	assert_int_equal(f->file.f_ra.async_size, 2 + 11);
	assert_ptr_equal(filemap_lookup(fx_mapping(f), 8), folio);
	while ((folio = readahead_folio(&ractl))) {
		folio_mark_uptodate(folio);
		folio_unlock(folio);
	}
	assert_int_equal(ractl._index, 20);
}

/* The filesystem widens the window, down to and up to what is cached. */
static void test_expand(void **state)
{
	struct mm_fixture f = {0};

	start(&f, MIB, 0, 31);
	mm_fixture_run(&f, expand);
	mm_fixture_end(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_seqread_4k),
		cmocka_unit_test(test_read_1m_single),
		cmocka_unit_test(test_randread_4k),
		cmocka_unit_test(test_randread_fadvrandom),
		cmocka_unit_test(test_fadvise_willneed),
		cmocka_unit_test(test_mmap_read),
		cmocka_unit_test(test_large_folios),
		cmocka_unit_test(test_eof),
		cmocka_unit_test(test_gaps),
		cmocka_unit_test(test_marked_without_window),
		cmocka_unit_test(test_miss_off_by_one),
		cmocka_unit_test(test_context),
		cmocka_unit_test(test_read_error),
		cmocka_unit_test(test_two_readers),
		cmocka_unit_test(test_shrinks_while_read),
		cmocka_unit_test(test_dropped_while_read),
		cmocka_unit_test(test_expand),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
