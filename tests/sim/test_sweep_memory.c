/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tool's own memory runs out at every place of a run: exit code 4, and nothing leaks. */
#include "tests/sim/sweep.h"

#include <errno.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/lsan_interface.h>
#else
static int __lsan_do_recoverable_leak_check(void)
{
	return 0;
}
#endif

#define LIMITS    600 /* of the arena, for each scenario */
#define FAILURES  300 /* of malloc, for each scenario, evenly spread */
#define EXIT_LEAK 90

/* ---- malloc() that fails once it is told to ---- */

/*
 * It takes the place of the C library's for every library of the program. AddressSanitizer wants
 * that place for itself: there the linker puts ours in front of the libraries of this tree only.
 */
#if defined(__SANITIZE_ADDRESS__)
#define OURS(name) __wrap_##name
#define REAL(name) __real_##name
#else
#define OURS(name) name
#define REAL(name) __libc_##name
#endif

void *REAL(malloc)(size_t size);
void *REAL(calloc)(size_t n, size_t size);
void *REAL(realloc)(void *p, size_t size);
void *OURS(malloc)(size_t size);
void *OURS(calloc)(size_t n, size_t size);
void *OURS(realloc)(void *p, size_t size);

static uint64_t calls, fail_from = UINT64_MAX;

static bool fails(void)
{
	if (calls++ < fail_from)
		return false;
	errno = ENOMEM;
	return true;
}

void *OURS(malloc)(size_t size)
{
	return fails() ? NULL : REAL(malloc)(size);
}

void *OURS(calloc)(size_t n, size_t size)
{
	return fails() ? NULL : REAL(calloc)(n, size);
}

void *OURS(realloc)(void *p, size_t size)
{
	return fails() ? NULL : REAL(realloc)(p, size);
}

/* ---- the limit of a scenario ---- */

static uint64_t arena_peak(const struct scenario *scn)
{
	struct scenario_run *run = sweep_run(scn, NULL);
	uint64_t peak;

	scenario_run_go(run);
	scenario_run_report(run);
	peak = sim_arena_peak(run->w->arena);
	scenario_run_free(run);
	return peak;
}

/* A run with so little memory: true if it was enough. */
static bool run_within(struct scenario *scn, uint64_t limit, const struct sweep_result *whole)
{
	struct sim_err err = {0};
	struct scenario_run *run;
	struct sweep_result res;

	scn->limits.memory = limit;
	run = scenario_run_new(scn, NULL, &err);
	if (!run) {
		assert_true(err.set && err.text[0]);
		return false;
	}
	scenario_run_go(run);
	sweep_result(run, &res);
	if (res.end == SIM_END_MEMORY) {
		assert_int_equal(res.verdict, SCENARIO_LIMIT);
		assert_string_equal(res.rules, ""); /* what is half done says nothing */
		assert_int_equal(scenario_report_exit(scenario_run_report(run)), 4);
	} else {
		assert_true(sim_fingerprint_equal(res.fingerprint, whole->fingerprint));
		assert_int_equal(res.verdict, whole->verdict);
	}
	scenario_run_free(run);
	return res.end != SIM_END_MEMORY;
}

static void test_limit_of_world(void **state)
{
	unsigned short_of = 0, enough = 0;
	glob_t g;

	sweep_glob(SCENARIOS "/tutorial/*.yaml", &g);
	for (size_t i = 0; i < g.gl_pathc; i++) {
		struct scenario *scn = sweep_load(g.gl_pathv[i]);
		uint64_t peak = arena_peak(scn), stride = peak / LIMITS;
		struct sweep_result whole;

		sweep_whole(scn, NULL, &whole);
		if (whole.steps > 1000 && !sweep_all())
			stride *= 20;
		for (uint64_t limit = 1; limit <= peak + stride; limit += stride) {
			if (run_within(scn, limit, &whole))
				enough++;
			else
				short_of++;
		}
		assert_true(run_within(scn, peak, &whole));
		scenario_free(scn);
	}
	print_message("%u limits were too low, %u were enough\n", short_of, enough);
	assert_true(short_of > LIMITS && enough > 0);
	globfree(&g);
}

/* ---- the memory of the system ---- */

/* In a process of its own: everything from the file to the summary, with malloc() failing. */
static int whole_program(const char *path, uint64_t from)
{
	struct scenario_run_opts opts = {.results = true};
	struct scenario_run *run = NULL;
	struct sim_buf text = {0};
	struct sim_err err = {0};
	struct scenario *scn;
	int code = 2;

	calls = 0;
	fail_from = from;
	scn = scenario_load(path, NULL, &err);
	if (scn)
		run = scenario_run_new(scn, &opts, &err);
	if (run) {
		scenario_run_go(run);
		scenario_report_text(scenario_run_report(run), &text);
		code = scenario_report_exit(scenario_run_report(run));
	}
	scenario_run_free(run);
	scenario_free(scn);
	sim_buf_free(&text);
	fail_from = UINT64_MAX;
	if (code == 2)
		dprintf(STDERR_FILENO, "%s", err.text);
	return __lsan_do_recoverable_leak_check() ? EXIT_LEAK : code;
}

/* The exit code of the program when malloc() fails from this call on; said: what it printed. */
static int exit_code(const char *path, uint64_t from, char said[256])
{
	int status, fds[2];
	ssize_t n;
	pid_t pid;

	assert_int_equal(pipe(fds), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		dup2(fds[1], STDERR_FILENO);
		_exit(whole_program(path, from));
	}
	close(fds[1]);
	n = read(fds[0], said, 255);
	said[n > 0 ? n : 0] = '\0';
	close(fds[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static uint64_t count_calls(const char *path)
{
	struct scenario *scn;
	struct sweep_result whole;

	calls = 0;
	scn = sweep_load(path);
	sweep_whole(scn, NULL, &whole);
	scenario_free(scn);
	return calls;
}

static void test_system_memory(void **state)
{
	unsigned tried = 0;
	glob_t g;

	sweep_glob(SCENARIOS "/tutorial/*.yaml", &g);
	for (size_t i = 0; i < g.gl_pathc; i++) {
		const char *path = g.gl_pathv[i];
		uint64_t nr = count_calls(path), stride = nr / FAILURES + 1;
		char said[256];

		for (uint64_t from = 0; from < nr; from += sweep_all() ? 1 : stride) {
			int code = exit_code(path, from, said);

			if (code != 4 && !(code == 2 && strstr(said, "no memory for a world")))
				fail_msg("%s, call %lu of %lu of malloc fails: exit code %d, %s",
					 path, (unsigned long)from, (unsigned long)nr, code, said);
			tried++;
		}
		assert_int_equal(exit_code(path, UINT64_MAX, said), 0);
	}
	print_message("%u failures of malloc\n", tried);
	assert_true(tried >= FAILURES / 2);
	globfree(&g);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_limit_of_world),
		cmocka_unit_test(test_system_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
