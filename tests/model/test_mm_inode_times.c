/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which reads and writes change an inode's times, and so make it dirty. */
#include "tests/model/mm_fixture.h"

#define DAY_S (24 * 3600)

static bool takes_mark(struct mm_fixture *f, void (*fn)(struct file *file))
{
	f->inode->i_state &= ~(uint32_t)I_DIRTY_SYNC;
	fn(&f->file);
	return f->inode->i_state & I_DIRTY_SYNC;
}

static bool write_marks(struct mm_fixture *f)
{
	return takes_mark(f, file_update_time);
}

static bool read_marks(struct mm_fixture *f)
{
	return takes_mark(f, file_accessed);
}

/* A file that the server made as the world began; its clock is finer than the client's. */
static void start(struct mm_fixture *f)
{
	mm_fixture_start(f, NULL, 0, 0, 32);
	f->sb.noatime = false;
	f->sb.s_time_gran = SIM_NS_PER_S;
	f->inode->i_atime = f->inode->i_mtime = 1;
}

static void writes_in_one_second(struct mm_fixture *f)
{
	assert_true(write_marks(f));
	assert_int_equal(f->inode->i_mtime, 0); /* before it was made */
	sim_sleep(f->w, 999 * SIM_NS_PER_MS);
	assert_false(write_marks(f));
	sim_sleep(f->w, SIM_NS_PER_MS);
	assert_true(write_marks(f));
	assert_int_equal(f->inode->i_mtime, SIM_NS_PER_S);
}

/* With times as fine as they can be, a tick of the clock they are taken from counts. */
static void writes_in_one_tick(struct mm_fixture *f)
{
	f->sb.s_time_gran = 1;
	assert_true(write_marks(f));
	sim_sleep(f->w, 3 * SIM_NS_PER_MS);
	assert_false(write_marks(f));
	sim_sleep(f->w, SIM_NS_PER_MS);
	assert_true(write_marks(f));
	assert_int_equal(f->inode->i_mtime, 4 * SIM_NS_PER_MS);
}

static void reads_after_changes(struct mm_fixture *f)
{
	sim_sleep(f->w, 5 * SIM_NS_PER_S);
	assert_true(read_marks(f)); /* not read since it was made */
	assert_int_equal(f->inode->i_atime, 5 * SIM_NS_PER_S);
	sim_sleep(f->w, 5 * SIM_NS_PER_S);
	assert_false(read_marks(f));
	assert_true(write_marks(f));
	sim_sleep(f->w, SIM_NS_PER_S);
	assert_true(read_marks(f)); /* changed since it was read */
	assert_false(read_marks(f));
	inode_set_mtime_to_now(f->inode);
	assert_false(read_marks(f)); /* as young as it, and now is no later */
	sim_sleep(f->w, SIM_NS_PER_S);
	assert_true(read_marks(f));
}

static void reads_day_after_day(struct mm_fixture *f)
{
	sim_sleep(f->w, SIM_NS_PER_S);
	assert_true(read_marks(f));
	sim_sleep(f->w, (DAY_S - 1) * SIM_NS_PER_S);
	assert_false(read_marks(f));
	sim_sleep(f->w, SIM_NS_PER_S);
	assert_true(read_marks(f));
}

static void times_of_the_server(struct mm_fixture *f)
{
	sim_sleep(f->w, SIM_NS_PER_S);
	f->sb.noatime = f->sb.nocmtime = true;
	assert_false(read_marks(f));
	assert_false(write_marks(f));
	assert_int_equal(f->inode->i_atime, 1);
	assert_int_equal(f->inode->i_mtime, 1);
}

/* read(2) is one that counts. */
static void reads_as_a_task(struct mm_fixture *f)
{
	sim_sleep(f->w, SIM_NS_PER_S);
	fx_read(f, 0, PAGE_SIZE);
	assert_int_equal(f->inode->i_atime, SIM_NS_PER_S);
	assert_true(f->inode->i_state & I_DIRTY_SYNC);
}

static void check(void (*fn)(struct mm_fixture *f))
{
	struct mm_fixture f = {0};

	start(&f);
	f.inode->i_size = 2 * PAGE_SIZE;
	mm_fixture_run(&f, fn);
	mm_fixture_end(&f);
}

#define TEST(name, fn)                 \
	static void name(void **state) \
	{                              \
		check(fn);             \
	}
TEST(test_granularity, writes_in_one_second)
TEST(test_ticks, writes_in_one_tick)
TEST(test_relatime, reads_after_changes)
TEST(test_a_day, reads_day_after_day)
TEST(test_left_to_the_server, times_of_the_server)
TEST(test_read, reads_as_a_task)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_granularity),        cmocka_unit_test(test_ticks),
		cmocka_unit_test(test_relatime),           cmocka_unit_test(test_a_day),
		cmocka_unit_test(test_left_to_the_server), cmocka_unit_test(test_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
