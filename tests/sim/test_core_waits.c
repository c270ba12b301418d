/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Waits: queues, time-outs, bits, completions, mutexes, rwsems; and the report of a hang. */
#include "tests/sim/core_story.h"

/* ---- Queues ---- */

static void wait_once(void *arg)
{
	struct story *s = arg;

	say_result(s, "wait", sim_wait(s->w, &s->q, SIM_WAIT_PLAIN, SITE, NULL, NULL));
}

static void waiters_are_woken_oldest_first(void **unused)
{
	struct story s;

	story_begin(&s, NULL);
	assert_true(sim_waitq_empty(&s.q));
	assert_int_equal(sim_wake(s.w, &s.q, SIM_WAKE_ALL), 0);
	for (const char *name = "a\0b\0c\0d\0"; *name; name += 2)
		sim_spawn(s.w, name, wait_once, &s);
	sim_world_run(s.w);
	assert_false(sim_waitq_empty(&s.q));
	assert_int_equal(sim_wake(s.w, &s.q, 0), 0);
	assert_int_equal(sim_wake(s.w, &s.q, 1), 1);
	sim_world_run(s.w);
	assert_string_equal(s.text.data, "0a wait=ok, ");
	assert_int_equal(sim_wake(s.w, &s.q, 2), 2);
	sim_world_run(s.w);
	assert_string_equal(s.text.data, "0a wait=ok, 0b wait=ok, 0c wait=ok, ");
	assert_int_equal(sim_wake(s.w, &s.q, SIM_WAKE_ALL), 1);
	assert_true(sim_waitq_empty(&s.q));
	story_end(&s, SIM_END_QUIESCENT, "0a wait=ok, 0b wait=ok, 0c wait=ok, 0d wait=ok, ");
}

static void wait_killable(void *arg)
{
	struct story *s = arg;

	say_result(s, "wait", sim_wait(s->w, &s->q, SIM_WAIT_KILLABLE, SITE, NULL, NULL));
}

/* Each place in the queue: first, middle, last, only. */
static void a_killed_waiter_leaves_the_others_in_order(void **unused)
{
	static const char *const expected[] = {
		"0a wait=restart, 0b wait=ok, 0c wait=ok, ",
		"0b wait=restart, 0a wait=ok, 0c wait=ok, ",
		"0c wait=restart, 0a wait=ok, 0b wait=ok, ",
	};

	for (unsigned victim = 0; victim < 3; victim++) {
		struct sim_task *t[3];
		struct story s;

		story_begin(&s, NULL);
		for (unsigned i = 0; i < 3; i++)
			t[i] = sim_spawn(s.w, (char[]){(char)('a' + i), 0}, wait_killable, &s);
		sim_world_run(s.w);
		sim_signal(s.w, t[victim], true);
		sim_world_run(s.w);
		assert_int_equal(sim_wake(s.w, &s.q, SIM_WAKE_ALL), 2);
		story_end(&s, SIM_END_QUIESCENT, expected[victim]);
	}
}

static void wait_20_ns(void *arg)
{
	struct story *s = arg;

	say_result(s, "wait",
		   sim_wait_timeout(s->w, &s->q, SIM_WAIT_INTERRUPTIBLE, SITE, NULL, NULL, 20));
}

static void wake_one(struct sim_world *w, struct sim_event *ev)
{
	struct story *s = w->model;

	sim_wake(w, &s->q, 1);
}

static void signal_other(struct sim_world *w, struct sim_event *ev)
{
	struct story *s = w->model;

	sim_signal(w, s->other, false);
}

static void a_wait_ends_by_wake_time_or_signal(void **unused)
{
	struct sim_event wake = {.fn = wake_one}, signal = {.fn = signal_other};
	struct story s;

	story_begin(&s, NULL);
	sim_spawn(s.w, "a", wait_20_ns, &s);
	sim_spawn(s.w, "b", wait_20_ns, &s);
	s.other = sim_spawn(s.w, "c", wait_20_ns, &s);
	sim_event_at(s.w, &wake, 5);
	sim_event_at(s.w, &signal, 6);
	story_end(&s, SIM_END_QUIESCENT, "5a wait=ok, 6c wait=restart, 20b wait=timeout, ");
}

/* The timer fires first, and before the task runs, a wake-up reaches it: that is not lost. */
static void a_wake_up_at_the_last_instant_counts(void **unused)
{
	struct sim_event wake = {.fn = wake_one};
	struct story s;

	story_begin(&s, NULL);
	sim_spawn(s.w, "a", wait_20_ns, &s);
	sim_world_run_steps(s.w, 1);
	sim_event_at(s.w, &wake, 20);
	story_end(&s, SIM_END_QUIESCENT, "20a wait=ok, ");
}

/* ---- Bits ---- */

struct bit_wait {
	struct story *s;
	unsigned bit;
	bool exclusive;
};

static void wait_for_bit(void *arg)
{
	struct bit_wait *b = arg;

	sim_wait_bit(b->s->w, &b->s->q, b->bit, b->exclusive, SIM_WAIT_PLAIN, SITE, NULL, NULL);
	say(b->s, b->exclusive ? "takes the bit" : "saw the bit");
}

static void a_bit_wakes_its_waiters_up_to_the_first_exclusive_one(void **unused)
{
	struct story s;
	struct bit_wait waits[] = {
		{&s, 0, false}, {&s, 1, false}, {&s, 0, true}, {&s, 0, false}, {&s, 0, true},
	};

	story_begin(&s, NULL);
	for (unsigned i = 0; i < 5; i++)
		sim_spawn(s.w, (char[]){(char)('a' + i), 0}, wait_for_bit, &waits[i]);
	sim_world_run(s.w);
	sim_wake_bit(s.w, &s.q, 2); /* nobody */
	sim_wake_bit(s.w, &s.q, 0); /* a, c */
	sim_world_run(s.w);
	assert_string_equal(s.text.data, "0a saw the bit, 0c takes the bit, ");
	sim_wake_bit(s.w, &s.q, 0); /* d, e: the last of the queue */
	sim_world_run(s.w);
	assert_string_equal(s.text.data,
			    "0a saw the bit, 0c takes the bit, 0d saw the bit, 0e takes the bit, ");
	sim_wake_bit(s.w, &s.q, 1); /* b, alone in the queue */
	assert_true(sim_waitq_empty(&s.q));
	sim_wake_bit(s.w, &s.q, 1);
	story_end(&s, SIM_END_QUIESCENT,
		  "0a saw the bit, 0c takes the bit, 0d saw the bit, 0e takes the bit, "
		  "0b saw the bit, ");
}

/* ---- Completions ---- */

static void wait_for_done(void *arg)
{
	struct story *s = arg;

	say_result(s, "done", sim_wait_for_completion(s->w, &s->done, SIM_WAIT_KILLABLE, SITE));
}

static void a_completion_lets_one_waiter_go(void **unused)
{
	struct story s;

	story_begin(&s, NULL);
	sim_complete(s.w, &s.done); /* before anybody waits */
	sim_spawn(s.w, "a", wait_for_done, &s);
	sim_spawn(s.w, "b", wait_for_done, &s);
	sim_spawn(s.w, "c", wait_for_done, &s);
	sim_spawn(s.w, "d", wait_for_done, &s);
	assert_int_equal(sim_world_run(s.w), SIM_END_HANG);
	assert_string_equal(s.text.data, "0a done=ok, ");
	sim_complete(s.w, &s.done);
	assert_int_equal(sim_world_run(s.w), SIM_END_HANG);
	assert_string_equal(s.text.data, "0a done=ok, 0b done=ok, ");
	sim_complete_all(s.w, &s.done);
	sim_complete(s.w, &s.done); /* changes nothing */
	sim_spawn(s.w, "e", wait_for_done, &s);
	story_end(&s, SIM_END_QUIESCENT,
		  "0a done=ok, 0b done=ok, 0c done=ok, 0d done=ok, 0e done=ok, ");
}

static void a_killed_wait_for_a_completion_takes_none(void **unused)
{
	struct story s;

	story_begin(&s, NULL);
	s.other = sim_spawn(s.w, "a", wait_for_done, &s);
	sim_world_run(s.w);
	sim_signal(s.w, s.other, true);
	sim_world_run(s.w);
	sim_complete(s.w, &s.done);
	sim_spawn(s.w, "b", wait_for_done, &s);
	story_end(&s, SIM_END_QUIESCENT, "0a done=restart, 0b done=ok, ");
	assert_int_equal(s.done.done, 0);
}

static void kill_other_and_complete(struct sim_world *w, struct sim_event *ev)
{
	struct story *s = w->model;

	sim_signal(w, s->other, true);
	sim_complete(w, &s->done);
}

/* As in do_wait_for_common(): the killed one runs first, and what is done is done. */
static void a_killed_waiter_takes_a_completion_that_is_there(void **unused)
{
	struct sim_event ev = {.fn = kill_other_and_complete};
	struct story s;

	story_begin(&s, NULL);
	sim_spawn(s.w, "a", wait_for_done, &s);
	s.other = sim_spawn(s.w, "b", wait_for_done, &s);
	sim_event_at(s.w, &ev, 5);
	story_end(&s, SIM_END_HANG, "5b done=ok, ");
}

/* ---- Mutexes ---- */

static void hold_mutex(void *arg)
{
	struct story *s = arg;
	int ret = sim_mutex_lock(s->w, &s->mutex, SIM_WAIT_KILLABLE, SITE);

	say_result(s, "lock", ret);
	if (ret)
		return;
	assert_ptr_equal(s->mutex.owner, s->w->current);
	sim_sleep(s->w, 10);
	sim_mutex_unlock(s->w, &s->mutex);
	say(s, sim_mutex_trylock(s->w, &s->mutex) ? "has it again" : "handed it over");
}

static void a_mutex_is_handed_over_in_order(void **unused)
{
	struct story s;

	story_begin(&s, NULL);
	sim_spawn(s.w, "a", hold_mutex, &s);
	s.other = sim_spawn(s.w, "b", hold_mutex, &s);
	sim_spawn(s.w, "c", hold_mutex, &s);
	sim_world_run_steps(s.w, 3);
	sim_signal(s.w, s.other, true);
	story_end(&s, SIM_END_QUIESCENT,
		  "0a lock=ok, 0b lock=intr, 10a handed it over, 10c lock=ok, 20c has it again, ");
}

/* ---- rwsems ---- */

static void read_locked(void *arg)
{
	struct story *s = arg;
	int ret = sim_down_read(s->w, &s->sem, SIM_WAIT_KILLABLE, SITE);

	say_result(s, "read", ret);
	if (ret)
		return;
	sim_sleep(s->w, 10);
	sim_up_read(s->w, &s->sem);
}

static void write_locked(void *arg)
{
	struct story *s = arg;
	int ret = sim_down_write(s->w, &s->sem, SIM_WAIT_KILLABLE, SITE);

	say_result(s, "write", ret);
	if (ret)
		return;
	assert_ptr_equal(s->sem.writer, s->w->current);
	sim_sleep(s->w, 10);
	sim_up_write(s->w, &s->sem);
}

static void downgrade(void *arg)
{
	struct story *s = arg;

	sim_down_write(s->w, &s->sem, SIM_WAIT_PLAIN, SITE);
	say(s, "writes");
	sim_sleep(s->w, 10);
	sim_downgrade_write(s->w, &s->sem);
	say(s, "reads");
	sim_sleep(s->w, 10);
	sim_up_read(s->w, &s->sem);
}

static void a_queued_writer_holds_back_later_readers(void **unused)
{
	struct story s;

	story_begin(&s, NULL);
	sim_spawn(s.w, "r1", read_locked, &s);
	sim_spawn(s.w, "r2", read_locked, &s);
	sim_spawn(s.w, "w1", write_locked, &s);
	sim_spawn(s.w, "r3", read_locked, &s);
	sim_spawn(s.w, "r4", read_locked, &s);
	sim_spawn(s.w, "w2", write_locked, &s);
	sim_spawn(s.w, "r5", read_locked, &s);
	story_end(&s, SIM_END_QUIESCENT,
		  "0r1 read=ok, 0r2 read=ok, 10w1 write=ok, 20r3 read=ok, 20r4 read=ok, "
		  "30w2 write=ok, 40r5 read=ok, ");
}

static void a_downgrade_lets_in_the_readers_at_the_head(void **unused)
{
	struct story s;

	story_begin(&s, NULL);
	sim_spawn(s.w, "d", downgrade, &s);
	sim_spawn(s.w, "r1", read_locked, &s);
	sim_spawn(s.w, "r2", read_locked, &s);
	sim_spawn(s.w, "w", write_locked, &s);
	sim_spawn(s.w, "r3", read_locked, &s);
	story_end(&s, SIM_END_QUIESCENT,
		  "0d writes, 10d reads, 10r1 read=ok, 10r2 read=ok, 20w write=ok, 30r3 read=ok, ");
}

static void kill_other(struct sim_world *w, struct sim_event *ev)
{
	struct story *s = w->model;

	sim_signal(w, s->other, true);
}

static void readers_behind_a_killed_writer_go_in(void **unused)
{
	struct sim_event kill = {.fn = kill_other};
	struct story s;

	story_begin(&s, NULL);
	sim_spawn(s.w, "r1", read_locked, &s);
	s.other = sim_spawn(s.w, "w", write_locked, &s);
	sim_spawn(s.w, "r2", read_locked, &s);
	sim_event_at(s.w, &kill, 4);
	story_end(&s, SIM_END_QUIESCENT, "0r1 read=ok, 4w write=intr, 4r2 read=ok, ");
}

static void a_killed_reader_changes_nothing_for_the_others(void **unused)
{
	struct sim_event kill = {.fn = kill_other};
	struct story s;

	story_begin(&s, NULL);
	sim_spawn(s.w, "w1", write_locked, &s);
	s.other = sim_spawn(s.w, "r", read_locked, &s);
	sim_spawn(s.w, "w2", write_locked, &s);
	sim_event_at(s.w, &kill, 4);
	story_end(&s, SIM_END_QUIESCENT, "0w1 write=ok, 4r read=intr, 10w2 write=ok, ");
}

static void try_locks(void *arg)
{
	struct story *s = arg;

	assert_true(sim_down_read_trylock(s->w, &s->sem));
	assert_true(sim_down_read_trylock(s->w, &s->sem));
	assert_false(sim_down_write_trylock(s->w, &s->sem));
	sim_up_read(s->w, &s->sem);
	sim_up_read(s->w, &s->sem);
	assert_true(sim_down_write_trylock(s->w, &s->sem));
	assert_false(sim_down_read_trylock(s->w, &s->sem));
	assert_false(sim_down_write_trylock(s->w, &s->sem));
	sim_downgrade_write(s->w, &s->sem);
	sim_yield(s->w); /* a writer queues up */
	assert_false(sim_down_read_trylock(s->w, &s->sem));
	sim_up_read(s->w, &s->sem);
}

static void trying_never_waits(void **unused)
{
	struct story s;

	story_begin(&s, NULL);
	sim_spawn(s.w, "t", try_locks, &s);
	sim_spawn(s.w, "w", write_locked, &s);
	story_end(&s, SIM_END_QUIESCENT, "0w write=ok, ");
}

/* ---- Hangs ---- */

static struct sim_mutex second;

static void lock_m_then_second(void *arg)
{
	struct story *s = arg;

	sim_mutex_lock(s->w, &s->mutex, SIM_WAIT_PLAIN, SITE);
	sim_sleep(s->w, 100);
	sim_mutex_lock(s->w, &second, SIM_WAIT_PLAIN, SITE + 1);
}

static void lock_second_then_m(void *arg)
{
	struct story *s = arg;

	sim_mutex_lock(s->w, &second, SIM_WAIT_PLAIN, SITE);
	sim_sleep(s->w, 100);
	sim_mutex_lock(s->w, &s->mutex, SIM_WAIT_PLAIN, SITE + 2);
}

static void park(void *arg)
{
	struct story *s = arg;

	sim_wait(s->w, &s->q, SIM_WAIT_IDLE, SITE, NULL, NULL);
}

static void join_other(void *arg)
{
	struct story *s = arg;

	sim_join(s->w, s->other);
}

static const char *site_name(uint16_t site)
{
	return site == SITE + 1 ? "left.second" : NULL;
}

static void expect_report(struct story *s, const char *expected)
{
	struct sim_buf report = {NULL};

	assert_int_equal(sim_world_run(s->w), SIM_END_HANG);
	sim_hang_report(s->w, &report);
	assert_string_equal(report.data, expected);
	sim_buf_free(&report);
}

static void a_deadlock_is_reported_with_its_cycle(void **unused)
{
	struct story s;

	story_begin(&s, &(struct sim_world_config){.site_name = site_name});
	sim_mutex_init(&second, "n");
	sim_spawn(s.w, "kworker/0:1", park, &s);
	s.other = sim_spawn(s.w, "left", lock_m_then_second, &s);
	sim_spawn(s.w, "waiter", join_other, &s);
	sim_spawn(s.w, "right", lock_second_then_m, &s);
	expect_report(
		&s,
		"hang at 100 ns: 3 blocked tasks, and nothing that could wake them\n"
		"  task 2 (left), pid 1002, at left.second: waits for mutex n, held by task 4 (right)\n"
		"  task 3 (waiter), pid 1003, at join: waits for end of task 2 (left), held by task 2 "
		"(left)\n"
		"  task 4 (right), pid 1004, at site 19: waits for mutex m, held by task 2 (left)\n"
		"cycle: task 2 (left) -> mutex n -> task 4 (right) -> mutex m -> task 2 (left)\n");
	story_end(&s, SIM_END_HANG, "");
}

static void lock_twice(void *arg)
{
	struct story *s = arg;

	sim_down_read(s->w, &s->sem, SIM_WAIT_PLAIN, SITE);
	sim_down_write(s->w, &s->sem, SIM_WAIT_PLAIN, SITE);
}

static void a_hang_without_a_known_owner_has_no_cycle(void **unused)
{
	struct story s;

	story_begin(&s, NULL);
	sim_spawn(s.w, "a", lock_twice, &s);
	sim_spawn(s.w, "b", wait_for_done, &s);
	sim_spawn(s.w, "c", wait_once, &s);
	expect_report(&s, "hang at 0 ns: 3 blocked tasks, and nothing that could wake them\n"
			  "  task 1 (a), pid 1001, at site 17: waits for rwsem s with 1 reader\n"
			  "  task 2 (b), pid 1002, at site 17: waits for a completion\n"
			  "  task 3 (c), pid 1003, at site 17: waits for nothing in particular\n");
	story_end(&s, SIM_END_HANG, "");
}

static void lock_from_within(void *arg)
{
	struct story *s = arg;

	sim_down_write(s->w, &s->sem, SIM_WAIT_PLAIN, SITE);
	sim_down_read(s->w, &s->sem, SIM_WAIT_PLAIN, SITE);
}

static void a_task_can_wait_for_itself(void **unused)
{
	struct story s;

	story_begin(&s, NULL);
	sim_spawn(s.w, "a", lock_from_within, &s);
	expect_report(&s,
		      "hang at 0 ns: 1 blocked task, and nothing that could wake it\n"
		      "  task 1 (a), pid 1001, at site 17: waits for rwsem s, held by task 1 (a)\n"
		      "cycle: task 1 (a) -> rwsem s -> task 1 (a)\n");
	story_end(&s, SIM_END_HANG, "");
}

static void look_again(void *arg)
{
	struct story *s = arg;

	while (sim_wait_poll(s->w, &s->q, SIM_WAIT_KILLABLE, SITE, NULL, NULL, 10) == -ETIMEDOUT)
		;
	say(s, "woken");
}

static void wake_late(void *arg)
{
	struct story *s = arg;

	sim_sleep(s->w, 10 * 5000);
	sim_wake(s->w, &s->q, 1);
}

/* Not while somebody else may still wake them, not if they are alone. */
static void tasks_that_look_in_vain_do_hang(void **unused)
{
	struct story s;

	story_begin(&s, NULL);
	sim_spawn(s.w, "poll", look_again, &s);
	sim_spawn(s.w, "late", wake_late, &s);
	sim_spawn(s.w, "b", wait_for_done, &s);
	assert_int_equal(sim_world_run(s.w), SIM_END_HANG);
	assert_int_equal(s.w->now_ns, 50000);
	sim_spawn(s.w, "poll", look_again, &s);
	assert_int_equal(sim_world_run(s.w), SIM_END_HANG);
	assert_int_equal(s.w->now_ns, 50000 + 10 * SIM_POLLS_MOST);
	story_end(&s, SIM_END_HANG, "50000poll woken, ");

	story_begin(&s, &(struct sim_world_config){.max_time_ns = 50000});
	sim_spawn(s.w, "poll", look_again, &s);
	story_end(&s, SIM_END_TIME, "");
}

static void idle_tasks_are_no_hang(void **unused)
{
	struct story s;

	story_begin(&s, NULL);
	sim_spawn(s.w, "kworker/0:1", park, &s);
	story_end(&s, SIM_END_QUIESCENT, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(waiters_are_woken_oldest_first),
		cmocka_unit_test(a_killed_waiter_leaves_the_others_in_order),
		cmocka_unit_test(a_wait_ends_by_wake_time_or_signal),
		cmocka_unit_test(a_wake_up_at_the_last_instant_counts),
		cmocka_unit_test(a_bit_wakes_its_waiters_up_to_the_first_exclusive_one),
		cmocka_unit_test(a_completion_lets_one_waiter_go),
		cmocka_unit_test(a_killed_wait_for_a_completion_takes_none),
		cmocka_unit_test(a_killed_waiter_takes_a_completion_that_is_there),
		cmocka_unit_test(a_mutex_is_handed_over_in_order),
		cmocka_unit_test(a_queued_writer_holds_back_later_readers),
		cmocka_unit_test(a_downgrade_lets_in_the_readers_at_the_head),
		cmocka_unit_test(readers_behind_a_killed_writer_go_in),
		cmocka_unit_test(a_killed_reader_changes_nothing_for_the_others),
		cmocka_unit_test(trying_never_waits),
		cmocka_unit_test(a_deadlock_is_reported_with_its_cycle),
		cmocka_unit_test(a_hang_without_a_known_owner_has_no_cycle),
		cmocka_unit_test(a_task_can_wait_for_itself),
		cmocka_unit_test(tasks_that_look_in_vain_do_hang),
		cmocka_unit_test(idle_tasks_are_no_hang),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
