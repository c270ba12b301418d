/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The folio's states, lock, waits, references, marks; folios for writing; errors of a mapping. */
#include "tests/model/mm_fixture.h"

#include "model/mm/internal.h"

static bool marked(struct folio *folio, enum page_mark mark)
{
	return page_tree_get_mark(folio->mapping, folio, mark);
}

/* ---- transitions of the table in folio.c ---- */

static void life(struct mm_fixture *f)
{
	struct address_space *mapping = fx_mapping(f);
	struct mm *mm = fx_mm(f);
	struct folio *folio = fx_add(f, 5, 0);

	/* T1: ABSENT -> L,EMPTY */
	assert_true(folio_test_locked(folio) && !folio_test_uptodate(folio));
	assert_int_equal(folio->refcount, 2);
	assert_int_equal(mm->nr_cached, 1);
	assert_int_equal(content_get(&mapping->data, 5 * PAGE_SIZE).kind, CONTENT_JUNK);
	assert_int_equal(content_get(&mapping->data, 6 * PAGE_SIZE).kind, CONTENT_HOLE);

	/* T3, T5: CLEAN_COPY -> CLEAN */
	folio_start_fscache(folio);
	folio_mark_uptodate(folio);
	folio_unlock(folio);
	assert_int_equal(folio->refcount, 3);
	folio_end_fscache(folio);
	assert_int_equal(folio->refcount, 2);

	/* T8, T18: DIRTY -> WB */
	folio_lock(folio);
	folio_set(folio, PG_readahead);
	assert_true(folio_mark_dirty(folio));
	assert_false(folio_test(folio, PG_readahead));
	assert_false(folio_mark_dirty(folio));
	assert_true(marked(folio, PAGE_MARK_DIRTY));
	assert_int_equal(mapping->nr_dirty, 1);
	assert_int_equal(f->inode->i_state, I_DIRTY_PAGES);
	assert_true(folio_clear_dirty_for_io(folio));
	assert_false(folio_clear_dirty_for_io(folio));
	assert_true(marked(folio, PAGE_MARK_DIRTY)); /* until writeback starts */
	assert_int_equal(mm->nr_dirty, 0);
	page_tree_set_mark(mapping, folio, PAGE_MARK_TOWRITE);
	folio_start_writeback(folio);
	assert_false(marked(folio, PAGE_MARK_DIRTY) || marked(folio, PAGE_MARK_TOWRITE));
	assert_true(marked(folio, PAGE_MARK_WRITEBACK));
	assert_int_equal(mm->nr_writeback, 1);

	/* T8 again: WB_REDIRTY, T20: -> DIRTY */
	folio_mark_dirty(folio);
	folio_unlock(folio);
	folio_end_writeback(folio);
	assert_true(folio_test_dirty(folio) && marked(folio, PAGE_MARK_DIRTY));
	assert_false(marked(folio, PAGE_MARK_WRITEBACK));
	assert_int_equal(mm->written_pages, 1);

	/* T18 with D set again before W: the mark stays. */
	folio_lock(folio);
	folio_clear_dirty_for_io(folio);
	folio_mark_dirty(folio);
	folio_start_writeback(folio);
	assert_true(marked(folio, PAGE_MARK_DIRTY));
	folio_end_writeback(folio);

	/* T28: ABSENT */
	folio_cancel_dirty(folio);
	filemap_remove_folio(folio);
	assert_null(folio->mapping);
	assert_int_equal(mapping->nrpages + mapping->nr_dirty + mm->nr_cached + mm->nr_dirty, 0);
	assert_int_equal(content_get(&mapping->data, 5 * PAGE_SIZE).kind, CONTENT_HOLE);
	assert_false(folio_mark_dirty(folio));
	assert_int_equal(mm->free_pages, mm->total_pages - 1);
	folio_unlock(folio);
	folio_put(folio);
	assert_int_equal(mm->free_pages, mm->total_pages);
}

static void test_life(void **state)
{
	struct mm_fixture f = {0};

	mm_fixture_start(&f, NULL, 0, 0, 32);
	mm_fixture_run(&f, life);
	assert_true(f.nr_hooks > 10);
	mm_fixture_end(&f);
}

static void private_data(struct mm_fixture *f)
{
	static uint64_t record[2], group;
	struct folio *folio = fx_add(f, 0, 2);

	folio_attach_private(folio, (char *)&record[0] + 1);
	assert_int_equal(folio->refcount, 3);
	folio_mark_dirty(folio);
	folio_unlock(folio);
	assert_null(assert_folio_state(folio)); /* STREAM */
	folio_lock(folio);
	assert_ptr_equal(folio_change_private(folio, &group), (char *)&record[0] + 1);
	folio_mark_uptodate(folio);
	folio_unlock(folio);
	assert_null(assert_folio_state(folio)); /* DIRTY(PG) */
	assert_ptr_equal(folio_detach_private(folio), &group);
	assert_null(folio_detach_private(folio));
	assert_int_equal(folio->refcount, 2);
	folio_put(folio);
}

static void test_private(void **state)
{
	struct mm_fixture f = {0};

	mm_fixture_start(&f, NULL, 0, 0, 32);
	mm_fixture_run(&f, private_data);
	mm_fixture_end(&f);
}

/* Each rule of assert_folio_state() fires. */
static void test_assert_state(void **state)
{
	static uint64_t record;
	const uint32_t locked = 1u << PG_locked, uptodate = 1u << PG_uptodate,
		       dirty = 1u << PG_dirty, wb = 1u << PG_writeback, priv = 1u << PG_private;
	struct address_space mapping = {0};
	struct sim_task task = {0};
	struct folio folio = {.mapping = &mapping, .refcount = 4};

	assert_null(assert_folio_state(&folio));
	folio.flags = priv;
	assert_non_null(assert_folio_state(&folio));
	folio.private = (char *)&record + 1;
	folio.flags = priv | dirty;
	assert_null(assert_folio_state(&folio));
	folio.flags = priv | dirty | uptodate; /* K1 */
	assert_non_null(assert_folio_state(&folio));
	folio.flags = priv | dirty | wb; /* K2a */
	assert_non_null(assert_folio_state(&folio));
	folio.flags = priv;
	assert_non_null(assert_folio_state(&folio));
	folio.flags = priv | locked;
	assert_null(assert_folio_state(&folio));
	folio.private = NULL;
	folio.flags = dirty;
	assert_non_null(assert_folio_state(&folio));
	folio.flags = dirty | uptodate;
	assert_null(assert_folio_state(&folio));
	folio.refcount = 0;
	assert_non_null(assert_folio_state(&folio));
	folio.refcount = 1;
	folio.index = 1;
	folio.order = 1;
	assert_non_null(assert_folio_state(&folio));
	folio.order = 0;
	folio.locker = &task;
	assert_non_null(assert_folio_state(&folio));
	folio.locker = NULL;
	folio.mapping = NULL;
	assert_non_null(assert_folio_state(&folio));
	folio.flags = uptodate;
	assert_null(assert_folio_state(&folio));
}

/* ---- lock and waits ---- */

static struct folio *shared;

static void make_shared(struct mm_fixture *f)
{
	shared = fx_add(f, 0, 0);
	folio_mark_uptodate(shared);
	folio_unlock(shared);
}

static void lock_log(struct mm_fixture *f)
{
	folio_lock(shared);
	assert_ptr_equal(shared->locker, f->w->current);
	sim_buf_printf(&f->log, "%s %llu\n", f->w->current->comm,
		       (unsigned long long)(f->w->now_ns / SIM_NS_PER_MS));
	sim_sleep(f->w, SIM_NS_PER_MS);
	folio_unlock(shared);
}

/* Waiters get the lock in the order in which they came. */
static void test_lock_order(void **state)
{
	struct mm_fixture f = {0};

	mm_fixture_start(&f, NULL, 0, 0, 32);
	mm_fixture_run(&f, make_shared);
	mm_fixture_spawn(&f, "a", lock_log);
	mm_fixture_spawn(&f, "b", lock_log);
	mm_fixture_spawn(&f, "c", lock_log);
	mm_fixture_go(&f);
	expect_log(&f, "a 0\nb 1\nc 2\n");
	folio_put(shared);
	mm_fixture_end(&f);
}

static void unlock_twice(struct mm_fixture *f)
{
	folio_lock(shared);
	folio_unlock(shared);
	folio_unlock(shared); /* K4 */
	assert_true(folio_test_locked(shared));
	assert_null(shared->locker);
	assert_false(folio_trylock(shared));
}

/* An unlock too many locks the folio for good: the next locker hangs (recorded C1). */
static void test_unlock_twice(void **state)
{
	struct mm_fixture f = {0};

	mm_fixture_start(&f, NULL, 0, 0, 32);
	mm_fixture_run(&f, make_shared);
	mm_fixture_run(&f, unlock_twice);
	mm_fixture_spawn(&f, "a", lock_log);
	assert_int_equal(sim_world_run(f.w), SIM_END_HANG);
	folio_put(shared);
	mm_fixture_end(&f);
}

static struct sim_task *victim;

static void killed(struct mm_fixture *f)
{
	victim = f->w->current;
	assert_int_equal(folio_lock_killable(shared), -EINTR);
	victim->signal = victim->fatal = false;
	assert_int_equal(folio_wait_writeback_killable(shared), 0);
	folio_lock(shared); /* once it is free */
	folio_start_fscache(shared);
	folio_unlock(shared);
}

static void killer(struct mm_fixture *f)
{
	folio_lock(shared);
	sim_sleep(f->w, SIM_NS_PER_MS);
	sim_signal(f->w, victim, true);
	sim_sleep(f->w, SIM_NS_PER_MS);
	folio_unlock(shared);
	sim_sleep(f->w, SIM_NS_PER_MS);
	assert_true(folio_test_fscache(shared));
	folio_end_fscache(shared);
}

static void test_killable(void **state)
{
	struct mm_fixture f = {0};

	mm_fixture_start(&f, NULL, 0, 0, 32);
	mm_fixture_run(&f, make_shared);
	mm_fixture_spawn(&f, "killer", killer);
	mm_fixture_spawn(&f, "victim", killed);
	mm_fixture_go(&f);
	folio_put(shared);
	mm_fixture_end(&f);
}

static void wait_wb(struct mm_fixture *f)
{
	folio_wait_writeback(shared);
	sim_buf_printf(&f->log, "wb %llu\n", (unsigned long long)(f->w->now_ns / SIM_NS_PER_MS));
}

static void wait_fscache(struct mm_fixture *f)
{
	assert_int_equal(folio_wait_fscache_killable(shared), 0);
	sim_buf_printf(&f->log, "fscache %llu\n",
		       (unsigned long long)(f->w->now_ns / SIM_NS_PER_MS));
}

static void wb_and_fscache(struct mm_fixture *f)
{
	folio_lock(shared);
	folio_mark_dirty(shared);
	folio_clear_dirty_for_io(shared);
	folio_start_writeback(shared);
	folio_start_fscache(shared);
	folio_unlock(shared);
	sim_sleep(f->w, SIM_NS_PER_MS);
	folio_end_fscache(shared);
	sim_sleep(f->w, SIM_NS_PER_MS);
	folio_end_writeback(shared);
}

/* Waiters for different bits share a queue, and each is woken for its own. */
static void test_bit_waits(void **state)
{
	struct mm_fixture f = {0};

	mm_fixture_start(&f, NULL, 0, 0, 32);
	mm_fixture_run(&f, make_shared);
	mm_fixture_spawn(&f, "io", wb_and_fscache);
	mm_fixture_spawn(&f, "w", wait_wb);
	mm_fixture_spawn(&f, "f", wait_fscache);
	mm_fixture_spawn(&f, "w2", wait_wb);
	mm_fixture_go(&f);
	expect_log(&f, "fscache 1\nwb 2\nwb 2\n");
	folio_put(shared);
	mm_fixture_end(&f);
}

static void writeback_twice(struct mm_fixture *f)
{
	for (unsigned i = 0; i < 2; i++) {
		folio_lock(shared);
		folio_mark_dirty(shared);
		folio_clear_dirty_for_io(shared);
		folio_start_writeback(shared);
		folio_unlock(shared);
		sim_sleep(f->w, SIM_NS_PER_MS);
		folio_end_writeback(shared);
	}
}

struct counter {
	struct sim_trace_sink sink;
	unsigned nr;
};

static void count(struct sim_trace_sink *sink, const struct sim_trace_record *rec)
{
	sim_container_of(sink, struct counter, sink)->nr++;
}

/* Who finds the next writeback under way when it wakes up waits once more, and says so. */
static void test_each_wait_is_told(void **state)
{
	struct counter waits = {.sink.record = count};
	struct mm_fixture f = {0};
	struct sim_trace *trace = sim_trace_new(model_events, NR_EVENTS);

	sim_trace_add_sink(trace, &waits.sink);
	sim_trace_filter(trace, &waits.sink, "*:*", false);
	assert_int_equal(sim_trace_filter(trace, &waits.sink, "*:folio_wait_writeback", true), 1);
	mm_fixture_start(&f, NULL, 0, 0, 32);
	f.w->trace = trace;
	mm_fixture_run(&f, make_shared);
	mm_fixture_spawn(&f, "io", writeback_twice);
	mm_fixture_spawn(&f, "w", wait_wb);
	mm_fixture_go(&f);
	expect_log(&f, "wb 2\n");
	assert_int_equal(waits.nr, 2);
	folio_put(shared);
	mm_fixture_end(&f);
	sim_trace_free(trace);
}

/* ---- LRU ---- */

static void accessed(struct mm_fixture *f)
{
	struct mm *mm = fx_mm(f);
	struct folio *folio;

	fx_add_clean(f, 0, 3);
	assert_int_equal(mm->nr_lru[LRU_INACTIVE_FILE], 3);
	folio = filemap_lookup(fx_mapping(f), 1);
	folio_mark_accessed(folio);
	assert_true(folio_test(folio, PG_referenced) && !folio_test(folio, PG_active));
	folio_mark_accessed(folio);
	assert_true(!folio_test(folio, PG_referenced) && folio_test(folio, PG_active));
	assert_int_equal(mm->nr_lru[LRU_ACTIVE_FILE], 1);
	folio_mark_accessed(folio);
	assert_true(folio_test(folio, PG_referenced) && folio_test(folio, PG_active));
	deactivate_file_folio(folio);
	assert_ptr_equal(sim_list_last(&mm->lru[LRU_INACTIVE_FILE], struct folio, lru), folio);
	assert_int_equal(mm->nr_lru[LRU_ACTIVE_FILE], 0);
}

static void test_accessed(void **state)
{
	struct mm_fixture f = {0};

	mm_fixture_start(&f, NULL, 0, 0, 32);
	mm_fixture_run(&f, accessed);
	mm_fixture_end(&f);
}

/* ---- folios for writing ---- */

static unsigned write_order_at(struct mm_fixture *f, uint64_t pos, uint64_t len)
{
	int err = 0;
	struct folio *folio = filemap_get_folio_write(fx_mapping(f), pos, len, &err);
	unsigned order;

	assert_non_null(folio);
	assert_true(folio_test_locked(folio));
	order = folio->order;
	folio_mark_uptodate(folio);
	folio_unlock(folio);
	folio_put(folio);
	return order;
}

static void write_orders(struct mm_fixture *f)
{
	const uint64_t p = PAGE_SIZE, m = 512 * p;

	assert_int_equal(write_order_at(f, 8 * m, 2 * m), 9);   /* not more than 2 MiB */
	assert_int_equal(write_order_at(f, 8 * m + 5, 100), 9); /* it is there */
	assert_int_equal(write_order_at(f, 0, 100), 0);
	assert_int_equal(write_order_at(f, p, 4 * m), 0);     /* alignment */
	assert_int_equal(write_order_at(f, 2 * p, 4 * m), 0); /* never order 1 */
	assert_int_equal(write_order_at(f, 4 * p, 4 * m), 2);
	assert_int_equal(write_order_at(f, 8 * p, 4 * m), 3);
	assert_int_equal(write_order_at(f, 16 * p, 4 * m), 4);
	assert_int_equal(write_order_at(f, 64 * p, 16 * p - 1), 3); /* floor of the size */
	assert_int_equal(write_order_at(f, 96 * p + 1, 16 * p - 1), 4);
	fx_add_clean(f, 130, 1);
	assert_int_equal(write_order_at(f, 128 * p, 8 * p), 0); /* 130 is there, and no order 1 */
	fx_add_clean(f, 148, 1);
	assert_int_equal(write_order_at(f, 144 * p, 16 * p), 2);
}

static void test_write_orders(void **state)
{
	struct mm_fixture f = {0};
	struct mm_config config = {.max_folio_order = 9};

	mm_fixture_start(&f, &config, 0, AS_LARGE_FOLIO_SUPPORT, 32);
	mm_fixture_run(&f, write_orders);
	mm_fixture_end(&f);
}

static void get_write(struct mm_fixture *f)
{
	int err = 0;
	struct folio *folio = filemap_get_folio_write(fx_mapping(f), 0, 100, &err);

	assert_non_null(folio);
	assert_ptr_not_equal(folio, shared);
	assert_ptr_equal(folio->mapping, fx_mapping(f));
	folio_unlock(folio);
	folio_put(folio);
}

static void remove_shared(struct mm_fixture *f)
{
	folio_lock(shared);
	sim_sleep(f->w, SIM_NS_PER_MS);
	filemap_remove_folio(shared);
	folio_unlock(shared);
}

/* A writer that waited for a folio that was removed meanwhile gets a new one. */
static void test_get_removed(void **state)
{
	struct mm_fixture f = {0};

	mm_fixture_start(&f, NULL, 0, 0, 32);
	mm_fixture_run(&f, make_shared);
	mm_fixture_spawn(&f, "remove", remove_shared);
	mm_fixture_spawn(&f, "write", get_write);
	mm_fixture_go(&f);
	folio_put(shared);
	mm_fixture_end(&f);
}

/* ---- errors ---- */

static void errors(struct mm_fixture *f)
{
	struct address_space *mapping = fx_mapping(f);
	struct file a = f->file, b = f->file, late = f->file;

	a.f_wb_err = b.f_wb_err = errseq_sample(&mapping->wb_err);
	assert_int_equal(file_check_and_advance_wb_err(&a), 0);
	mapping_set_error(mapping, -ENOSPC);
	mapping_set_error(mapping, 0);
	assert_int_equal(mapping->flags & (AS_ENOSPC | AS_EIO), AS_ENOSPC);
	late.f_wb_err = errseq_sample(&mapping->wb_err); /* nobody has seen it: reported too */
	assert_int_equal(file_check_and_advance_wb_err(&late), -ENOSPC);
	mapping->flags |= AS_ENOSPC;
	assert_int_equal(filemap_fdatawait(mapping), -ENOSPC);
	assert_int_equal(filemap_fdatawait(mapping), 0);
	assert_int_equal(file_check_and_advance_wb_err(&a), -ENOSPC);
	assert_int_equal(file_check_and_advance_wb_err(&a), 0);
	assert_int_equal(file_check_and_advance_wb_err(&b), -ENOSPC);
	late.f_wb_err = errseq_sample(&mapping->wb_err); /* seen: not for new files */
	assert_int_equal(file_check_and_advance_wb_err(&late), 0);
	mapping_set_error(mapping, -ENOSPC); /* the same again is another one */
	mapping_set_error(mapping, -EIO);
	assert_int_equal(filemap_write_and_wait_range(mapping, 0, 1), -EIO);
	assert_int_equal(file_check_and_advance_wb_err(&a), -EIO);
	assert_int_equal(file_check_and_advance_wb_err(&b), -EIO);
	mapping_set_error(mapping, -EIO);
	assert_int_equal(file_write_and_wait_range(&a, 0, LLONG_MAX_OFF), -EIO);
	assert_int_equal(mapping->flags & (AS_ENOSPC | AS_EIO), 0);
	assert_int_equal(f->sb.s_wb_err.err, -EIO);
}

static void test_errors(void **state)
{
	struct mm_fixture f = {0};

	mm_fixture_start(&f, NULL, 0, 0, 32);
	mm_fixture_run(&f, errors);
	mm_fixture_end(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_life),         cmocka_unit_test(test_private),
		cmocka_unit_test(test_assert_state), cmocka_unit_test(test_lock_order),
		cmocka_unit_test(test_unlock_twice), cmocka_unit_test(test_killable),
		cmocka_unit_test(test_bit_waits),    cmocka_unit_test(test_each_wait_is_told),
		cmocka_unit_test(test_accessed),     cmocka_unit_test(test_write_orders),
		cmocka_unit_test(test_get_removed),  cmocka_unit_test(test_errors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
