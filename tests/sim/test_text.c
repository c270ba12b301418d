/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of sim/base: buffers, errors, units, suggestions, whole files. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/base/arena.h"
#include "sim/base/math.h"
#include "sim/base/text.h"

static void test_buf(void **state)
{
	struct sim_buf b = {0}, expect = {0};

	sim_buf_clear(&b);
	for (int i = 0; i < 3000; i++) {
		sim_buf_dec(&b, (uint64_t)i * i * i);
		sim_buf_putc(&b, ' ');
		sim_buf_hex(&b, (uint64_t)i * 77, i % 7);
		sim_buf_puts(&b, "\n");
		sim_buf_printf(&expect, "%llu %0*llx\n", (unsigned long long)i * i * i, i % 7,
			       (unsigned long long)i * 77);
	}
	assert_int_equal(b.len, expect.len);
	assert_string_equal(b.data, expect.data);
	sim_buf_clear(&b);
	assert_string_equal(b.data, "");
	sim_buf_dec(&b, UINT64_MAX);
	sim_buf_putc(&b, '/');
	sim_buf_hex(&b, UINT64_MAX, 3);
	assert_string_equal(b.data, "18446744073709551615/ffffffffffffffff");
	sim_buf_clear(&b);
	sim_buf_add(&b, "a\0b", 3);
	assert_int_equal(b.len, 3);
	sim_buf_printf(&b, "%5000d", 1);
	assert_int_equal(b.len, 5003);
	memcpy(sim_buf_room(&b, 4), "tail", 4);
	b.len += 4;
	assert_memory_equal(b.data + 5003, "tail", 4);
	sim_buf_free(&b);
	sim_buf_free(&expect);
}

static void test_err(void **state)
{
	struct sim_err e = {0};
	char big[3000];

	assert_int_equal(sim_err_set(&e, "%s:%d: first", "file", 3), -1);
	assert_int_equal(sim_err_set(&e, "second"), -1);
	assert_true(e.set);
	assert_string_equal(e.text, "file:3: first");
	memset(&e, 0, sizeof(e));
	memset(big, 'x', sizeof(big) - 1);
	big[sizeof(big) - 1] = '\0';
	sim_err_set(&e, "%s", big);
	assert_int_equal(strlen(e.text), sizeof(e.text) - 1);
}

#define SIZE_WHAT \
	"it is not a size; write an integer (decimal or 0x) with an optional unit B, KiB, MiB, GiB or TiB, as 64KiB"
#define SIZE_IEC   "the unit is ambiguous; write KiB, MiB, GiB or TiB (powers of 1024)"
#define RATE_WHAT  "it is not a rate; write a size followed by /s, as 100MiB/s"
#define TIME_WHAT  "it is not a time; write an integer with a unit ns, us, ms, s or min, as 200us"
#define TIME_UNIT  "the unit is missing; write ns, us, ms, s or min, as 200us"
#define UINT_WHAT  "it is not a whole number; write a decimal or 0x integer of 0 or more"
#define RATIO_WHAT "it is not a ratio; write n/m as 1/100, or 0 or 1"
#define TOO_LARGE  "it is too large; a value must fit in 64 bits"

struct unit_case {
	int (*parse)(const char *, uint64_t *, const char **);
	const char *text;
	uint64_t value;
	const char *why; /* NULL: accepted */
};

static const struct unit_case unit_cases[] = {
	{sim_parse_size, "0", 0, NULL},
	{sim_parse_size, "512", 512, NULL},
	{sim_parse_size, "512B", 512, NULL},
	{sim_parse_size, "0x1100", 0x1100, NULL},
	{sim_parse_size, "0x10KiB", 16384, NULL},
	{sim_parse_size, "64KiB", 65536, NULL},
	{sim_parse_size, "3MiB", 3u << 20, NULL},
	{sim_parse_size, "1GiB", 1u << 30, NULL},
	{sim_parse_size, "1TiB", 1ull << 40, NULL},
	{sim_parse_size, "18446744073709551615", UINT64_MAX, NULL},
	{sim_parse_size, "0xffffffffffffffff", UINT64_MAX, NULL},
	{sim_parse_size, "16777215TiB", 16777215ull << 40, NULL},
	{sim_parse_size, "16777216TiB", 0, TOO_LARGE},
	{sim_parse_size, "18446744073709551616", 0, TOO_LARGE},
	{sim_parse_size, "99999999999999999999999", 0, TOO_LARGE},
	{sim_parse_size, "64K", 0, SIZE_IEC},
	{sim_parse_size, "64k", 0, SIZE_IEC},
	{sim_parse_size, "64KB", 0, SIZE_IEC},
	{sim_parse_size, "64Ki", 0, SIZE_IEC},
	{sim_parse_size, "64Mb", 0, SIZE_IEC},
	{sim_parse_size, "1T", 0, SIZE_IEC},
	{sim_parse_size, "64kib", 0, SIZE_WHAT},
	{sim_parse_size, "64KiBs", 0, SIZE_WHAT},
	{sim_parse_size, "64 KiB", 0, SIZE_WHAT},
	{sim_parse_size, "", 0, SIZE_WHAT},
	{sim_parse_size, "KiB", 0, SIZE_WHAT},
	{sim_parse_size, "-1", 0, SIZE_WHAT},
	{sim_parse_size, "+1", 0, SIZE_WHAT},
	{sim_parse_size, "1.5MiB", 0, SIZE_WHAT},
	{sim_parse_size, "0x", 0, SIZE_WHAT},
	{sim_parse_size, "1_000", 0, SIZE_WHAT},
	{sim_parse_rate, "100MiB/s", 100u << 20, NULL},
	{sim_parse_rate, "1/s", 1, NULL},
	{sim_parse_rate, "100MiB", 0, RATE_WHAT},
	{sim_parse_rate, "/s", 0, RATE_WHAT},
	{sim_parse_rate, "100MB/s", 0, SIZE_IEC},
	{sim_parse_rate, "16777216TiB/s", 0, TOO_LARGE},
	{sim_parse_rate, "0000000000000000000000000000000000000000000000000000000000001/s", 0,
	 RATE_WHAT},
	{sim_parse_time, "0", 0, NULL},
	{sim_parse_time, "00", 0, NULL},
	{sim_parse_time, "17ns", 17, NULL},
	{sim_parse_time, "200us", 200000, NULL},
	{sim_parse_time, "3ms", 3000000, NULL},
	{sim_parse_time, "60s", 60000000000, NULL},
	{sim_parse_time, "2min", 120000000000, NULL},
	{sim_parse_time, "18446744073s", 18446744073000000000u, NULL},
	{sim_parse_time, "18446744074s", 0, TOO_LARGE},
	{sim_parse_time, "5", 0, TIME_UNIT},
	{sim_parse_time, "5 ms", 0, TIME_WHAT},
	{sim_parse_time, "5m", 0, TIME_WHAT},
	{sim_parse_time, "ms", 0, TIME_WHAT},
	{sim_parse_time, "0x5ms", 0, TIME_WHAT},
	{sim_parse_time, "1.5s", 0, TIME_WHAT},
	{sim_parse_time, "", 0, TIME_WHAT},
	{sim_parse_uint, "0", 0, NULL},
	{sim_parse_uint, "007", 7, NULL},
	{sim_parse_uint, "0xFf", 255, NULL},
	{sim_parse_uint, "18446744073709551615", UINT64_MAX, NULL},
	{sim_parse_uint, "18446744073709551616", 0, TOO_LARGE},
	{sim_parse_uint, "1KiB", 0, UINT_WHAT},
	{sim_parse_uint, "-1", 0, UINT_WHAT},
	{sim_parse_uint, "", 0, UINT_WHAT},
	{sim_parse_uint, "1e3", 0, UINT_WHAT},
};

static void test_units(void **state)
{
	for (size_t i = 0; i < SIM_ARRAY_SIZE(unit_cases); i++) {
		const struct unit_case *c = &unit_cases[i];
		const char *why = NULL;
		uint64_t v = 0;
		int ret = c->parse(c->text, &v, &why);

		print_message("%s\n", c->text);
		assert_int_equal(ret, c->why ? -1 : 0);
		if (c->why)
			assert_string_equal(why, c->why);
		else
			assert_true(v == c->value);
	}
}

struct ratio_case {
	const char *text;
	uint64_t num, den;
	const char *why;
};

static const struct ratio_case ratio_cases[] = {
	{"0", 0, 1, NULL},
	{"1", 1, 1, NULL},
	{"1/100", 1, 100, NULL},
	{"7/7", 7, 7, NULL},
	{"0/5", 0, 5, NULL},
	{"2", 0, 0, "it is above 1; a ratio n/m has n at most m"},
	{"8/7", 0, 0, "it is above 1; a ratio n/m has n at most m"},
	{"1/0", 0, 0, "its lower part is 0; write n/m with m of 1 or more"},
	{"1/", 0, 0, RATIO_WHAT},
	{"/2", 0, 0, RATIO_WHAT},
	{"0.5", 0, 0, RATIO_WHAT},
	{"1%", 0, 0, RATIO_WHAT},
	{"1/2/3", 0, 0, RATIO_WHAT},
	{"", 0, 0, RATIO_WHAT},
	{"1/99999999999999999999", 0, 0, TOO_LARGE},
};

static void test_ratio(void **state)
{
	for (size_t i = 0; i < SIM_ARRAY_SIZE(ratio_cases); i++) {
		const struct ratio_case *c = &ratio_cases[i];
		const char *why = NULL;
		uint64_t num, den;
		int ret = sim_parse_ratio(c->text, &num, &den, &why);

		assert_int_equal(ret, c->why ? -1 : 0);
		if (c->why) {
			assert_string_equal(why, c->why);
		} else {
			assert_true(num == c->num);
			assert_true(den == c->den);
		}
	}
}

static void test_format(void **state)
{
	char buf[32];

	assert_string_equal(sim_format_size(buf, 0), "0");
	assert_string_equal(sim_format_size(buf, 512), "512");
	assert_string_equal(sim_format_size(buf, 65536), "64KiB");
	assert_string_equal(sim_format_size(buf, 65537), "65537");
	assert_string_equal(sim_format_size(buf, 3ull << 40), "3TiB");
	assert_string_equal(sim_format_size(buf, UINT64_MAX), "18446744073709551615");
	assert_string_equal(sim_format_time(buf, 0), "0");
	assert_string_equal(sim_format_time(buf, 1500000), "1500us");
	assert_string_equal(sim_format_time(buf, 60 * SIM_NS_PER_S), "60s");
	assert_string_equal(sim_format_time(buf, UINT64_MAX), "18446744073709551615ns");
}

static void test_suggest(void **state)
{
	static const char *const names[] = {"latency", "bandwidth", "slots", "read",
					    "write",   "at",        "len"};
	size_t n = SIM_ARRAY_SIZE(names);

	assert_string_equal(sim_suggest("latancy", names, n), "latency");
	assert_string_equal(sim_suggest("Latency", names, n), "latency");
	assert_string_equal(sim_suggest("bandwith", names, n), "bandwidth");
	assert_string_equal(sim_suggest("wirte", names, n), "write");
	assert_string_equal(sim_suggest("lenght", names, n), "len");
	assert_string_equal(sim_suggest("slot", names, n), "slots");
	assert_null(sim_suggest("colour", names, n));
	assert_null(sim_suggest("", names, n));
	assert_null(sim_suggest("xx", names, n));
	assert_null(sim_suggest("lalalalalalalalalalalalalalalalalalalalalalalalalalalalala", names,
				n));
	assert_null(sim_suggest("read", names, 0));
}

/* A scratch folder of this process. */
static int setup_dir(void **state)
{
	char tmpl[] = "/tmp/test_base.XXXXXX";

	if (!mkdtemp(tmpl) || chdir(tmpl))
		return -1;
	*state = strdup(tmpl);
	return 0;
}

static unsigned files_here(void)
{
	DIR *d = opendir(".");
	unsigned n = 0;

	for (struct dirent *e = readdir(d); e; e = readdir(d))
		n += e->d_name[0] != '.';
	closedir(d);
	return n;
}

static int teardown_dir(void **state)
{
	struct sim_buf cmd = {0};
	int ret;

	sim_buf_printf(&cmd, "rm -rf %s", (char *)*state);
	ret = chdir("/") || system(cmd.data);
	sim_buf_free(&cmd);
	free(*state);
	return ret;
}

static void expect_content(const char *path, const char *text)
{
	struct sim_err err = {0};
	char *data;
	size_t len;

	assert_int_equal(sim_read_file(path, 1 << 20, &data, &len, &err), 0);
	assert_int_equal(len, strlen(text));
	assert_string_equal(data, text);
	sim_xfree(data);
}

static void test_file_replace(void **state)
{
	struct sim_err err = {0};
	struct stat st;

	assert_int_equal(sim_write_file("a", "one", 3, &err), 0);
	expect_content("a", "one");
	assert_int_equal(chmod("a", 0640), 0);
	assert_int_equal(symlink("a", "link"), 0);
	assert_int_equal(sim_write_file("link", "second", 6, &err), 0);
	expect_content("a", "second");
	assert_int_equal(lstat("link", &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	assert_int_equal(stat("a", &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	assert_int_equal(sim_write_file("a", "", 0, &err), 0);
	expect_content("a", "");
	assert_int_equal(files_here(), 2);
	assert_false(err.set);
}

/* A write that fails half way leaves the old file and no temporary one. */
static void test_file_failure(void **state)
{
	struct rlimit small = {4096, RLIM_INFINITY}, old;
	struct sim_err err = {0};
	char big[10000];

	memset(big, 'b', sizeof(big));
	assert_int_equal(sim_write_file("a", "old", 3, &err), 0);
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	small.rlim_max = old.rlim_max;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	assert_int_equal(sim_write_file("a", big, sizeof(big), &err), -1);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	assert_non_null(strstr(err.text, "a: cannot write: File too large"));
	expect_content("a", "old");
	assert_int_equal(files_here(), 1);
}

static void test_file_errors(void **state)
{
	struct sim_err err = {0};
	char *data;
	size_t len;

	assert_int_equal(sim_read_file("none", 10, &data, &len, &err), -1);
	assert_string_equal(err.text, "none: cannot open: No such file or directory");
	err.set = false;
	assert_int_equal(sim_read_file(".", 10, &data, &len, &err), -1);
	assert_string_equal(err.text, ".: cannot read: Is a directory");
	err.set = false;
	assert_int_equal(sim_write_file(".", "x", 1, &err), -1);
	assert_string_equal(err.text, ".: cannot write: Is a directory");
	err.set = false;
	assert_int_equal(sim_write_file("no/dir", "x", 1, &err), -1);
	assert_string_equal(err.text, "no/dir: cannot create: No such file or directory");
	err.set = false;
	assert_int_equal(sim_write_file("a", "0123456789", 10, &err), 0);
	assert_int_equal(sim_read_file("a", 10, &data, &len, &err), 0);
	sim_xfree(data);
	assert_int_equal(sim_read_file("a", 9, &data, &len, &err), -1);
	assert_string_equal(err.text, "a: is too large; at most 9 bytes are read");
	err.set = false;
	assert_int_equal(sim_read_file("/dev/zero", 100000, &data, &len, &err), -1);
	err.set = false;
	assert_int_equal(sim_write_file("/dev/full", "x", 1, &err), -1);
	assert_string_equal(err.text, "/dev/full: cannot write: No space left on device");
	err.set = false;
	assert_int_equal(sim_write_file("/dev/null", "x", 1, &err), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_buf),
		cmocka_unit_test(test_err),
		cmocka_unit_test(test_units),
		cmocka_unit_test(test_ratio),
		cmocka_unit_test(test_format),
		cmocka_unit_test(test_suggest),
		cmocka_unit_test_setup_teardown(test_file_replace, setup_dir, teardown_dir),
		cmocka_unit_test_setup_teardown(test_file_failure, setup_dir, teardown_dir),
		cmocka_unit_test_setup_teardown(test_file_errors, setup_dir, teardown_dir),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
