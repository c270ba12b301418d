/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tasks that do anything to one file in any order, in little memory: nothing breaks, hangs or
 * leaks. */
#include "tests/model/mm_fixture.h"

#include "model/mm/internal.h"
#include "sim/choice/choice.h"

#define FILE_PAGES 96u
#define OPS        60u

static uint64_t seed_of_run;

static uint32_t draw(uint64_t *seed, uint32_t n)
{
	*seed = *seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(*seed >> 33) % n;
}

static void fault(struct mm_fixture *f, pgoff_t index)
{
	int err;
	struct folio *folio = filemap_fault(&f->file, index, &err);

	if (!folio)
		return;
	folio_wait_writeback(folio);
	folio_mark_dirty(folio);
	folio_unlock(folio);
	folio_put(folio);
}

static void one_op(struct mm_fixture *f, uint32_t what, uint64_t pos, uint64_t len)
{
	struct address_space *mapping = fx_mapping(f);

	switch (what) {
	case 0:
	case 1:
	case 2:
		fx_write(f, f->inode, pos, len);
		break;
	case 3:
	case 4:
	case 5:
		fx_read(f, pos, len);
		break;
	case 6:
		file_write_and_wait_range(&f->file, pos, pos + len);
		break;
	case 7:
		truncate_setsize(f->inode, pos);
		break;
	case 8:
		invalidate_inode_pages2_range(mapping, pos >> PAGE_SHIFT,
					      (pos + len) >> PAGE_SHIFT);
		break;
	case 9:
		vfs_fadvise(&f->file, pos, len, len & 1 ? FADV_DONTNEED : FADV_WILLNEED);
		break;
	case 10:
		truncate_inode_pages_range(mapping, pos, pos + len);
		break;
	case 11:
		drop_pagecache(&f->client);
		break;
	case 12:
		sync_filesystem(&f->sb);
		break;
	case 13:
		write_inode_now(f->inode, len & 1);
		break;
	case 14:
		fault(f, pos >> PAGE_SHIFT);
		break;
	default:
		sim_sleep(f->w, len * 1000);
	}
}

static void busy(struct mm_fixture *f)
{
	uint64_t seed = seed_of_run * 1000 + f->w->current->id;

	for (unsigned i = 0; i < OPS; i++) {
		f->w->current->op++;
		one_op(f, draw(&seed, 16), draw(&seed, FILE_PAGES * PAGE_SIZE),
		       1 + draw(&seed, 24 * PAGE_SIZE));
	}
}

/* At rest: nothing locked, dirty, in writeback; the page cache holds the only references. */
static void at_rest(struct mm_fixture *f)
{
	pgoff_t index = 0;
	struct folio *folio;

	assert_int_equal(fx_mm(f)->nr_dirty + fx_mm(f)->nr_writeback, 0);
	assert_int_equal(f->inode->i_state, 0);
	while ((folio = filemap_next(fx_mapping(f), index, UINT64_MAX))) {
		index = folio_next_index(folio);
		assert_int_equal(folio->refcount, 1);
		assert_false(folio_test_locked(folio));
		assert_true(sim_waitq_empty(&folio->waiters));
	}
	assert_int_equal(fx_mm(f)->nr_cached, fx_mm(f)->total_pages - fx_mm(f)->free_pages);
	truncate_inode_pages_final(fx_mapping(f));
	assert_int_equal(fx_mm(f)->folios.live, 0);
	assert_int_equal(fx_mm(f)->nodes.live, 0);
	assert_int_equal(content_extents(&fx_mapping(f)->data), 0);
}

static void run(uint64_t seed, const struct sim_policy *policy, uint32_t flags)
{
	const struct mm_config config = {.total_bytes = 64 * PAGE_SIZE,
					 .dirty_bytes = 32 * PAGE_SIZE,
					 .dirty_writeback_interval_ns = 20 * SIM_NS_PER_MS,
					 .dirty_expire_interval_ns = 50 * SIM_NS_PER_MS};
	const struct sim_choices_config choices = {.policy = policy,
						   .seed = seed,
						   .preempt_once =
							   policy == &sim_policy_random ? 6 : 0};
	struct mm_fixture f = {.choices = sim_choices_new(&choices)};

	mm_fixture_start(&f, &config, FILE_PAGES * PAGE_SIZE, flags, 31);
	f.write_ns = 50 * 1000;
	f.read_ns = 30 * 1000;
	seed_of_run = seed;
	for (unsigned i = 0; i < 5; i++)
		mm_fixture_spawn(&f, "busy", busy);
	mm_fixture_go(&f);
	mm_fixture_run(&f, at_rest);
	mm_fixture_end(&f);
}

static void test_fifo(void **state)
{
	for (uint64_t seed = 0; seed < 40; seed++)
		run(seed, &sim_policy_fifo, seed & 1 ? AS_LARGE_FOLIO_SUPPORT : 0);
}

static void test_random(void **state)
{
	for (uint64_t seed = 0; seed < 100; seed++)
		run(seed, &sim_policy_random, seed & 1 ? AS_LARGE_FOLIO_SUPPORT : 0);
}

/* A world may end at any step, with tasks anywhere in model/mm. */
static void test_ends_anywhere(void **state)
{
	for (uint64_t steps = 1; steps < 400; steps += 7) {
		struct mm_fixture f = {0};

		mm_fixture_start(&f, NULL, FILE_PAGES * PAGE_SIZE, AS_LARGE_FOLIO_SUPPORT, 31);
		f.read_ns = 30 * 1000;
		for (unsigned i = 0; i < 5; i++)
			mm_fixture_spawn(&f, "busy", busy);
		sim_world_run_steps(f.w, steps);
		sim_world_free(f.w);
		sim_buf_free(&f.log);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fifo),
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_ends_anywhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
