/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Units in and out: sizes, times, rates, counts and ratios as exact integers. */
#include "sim/base/text.h"

#include <stdio.h>
#include <string.h>

#include "sim/base/math.h"

struct unit {
	const char *name;
	uint64_t factor;
};

/* Smallest first: the formatter takes the last that divides the value. */
static const struct unit size_units[] = {
	{"", 1},
	{"B", 1},
	{"KiB", 1ull << 10},
	{"MiB", 1ull << 20},
	{"GiB", 1ull << 30},
	{"TiB", 1ull << 40},
};
static const struct unit time_units[] = {
	{"ns", 1},           {"us", SIM_NS_PER_US},      {"ms", SIM_NS_PER_MS},
	{"s", SIM_NS_PER_S}, {"min", 60 * SIM_NS_PER_S},
};

static const char too_large[] = "it is too large; a value must fit in 64 bits";

static int refuse(const char **why, const char *text)
{
	*why = text;
	return -1;
}

static int digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return 99;
}

/* Read digits of a base up to the first other character; at least one is needed. */
static const char *parse_digits(const char *s, int base, uint64_t *v, bool *overflow)
{
	const char *start = s;

	*v = 0;
	*overflow = false;
	for (; digit_of(*s) < base; s++) {
		if (__builtin_mul_overflow(*v, (uint64_t)base, v) ||
		    __builtin_add_overflow(*v, (uint64_t)digit_of(*s), v))
			*overflow = true;
	}
	return s == start ? NULL : s;
}

/* Read a decimal or 0x number; NULL if there is none. */
static const char *parse_number(const char *s, uint64_t *v, bool *overflow)
{
	if (s[0] == '0' && s[1] == 'x')
		return parse_digits(s + 2, 16, v, overflow);
	return parse_digits(s, 10, v, overflow);
}

static const struct unit *find_unit(const struct unit *units, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++) {
		if (!strcmp(units[i].name, name))
			return &units[i];
	}
	return NULL;
}

/* True for decimal suffixes such as K, kB, MB, G, where the IEC one is meant. */
static bool decimal_suffix(const char *s)
{
	return strchr("kKmMgGtT", s[0]) && (!s[1] || (strchr("bBi", s[1]) && !s[2]));
}

static int parse_bytes(const char *s, uint64_t *bytes, const char **why, const char *what)
{
	const struct unit *unit;
	bool overflow;
	uint64_t v;
	const char *end = parse_number(s, &v, &overflow);

	if (!end)
		return refuse(why, what);
	unit = find_unit(size_units, SIM_ARRAY_SIZE(size_units), end);
	if (!unit && *end && decimal_suffix(end))
		return refuse(why,
			      "the unit is ambiguous; write KiB, MiB, GiB or TiB (powers of 1024)");
	if (!unit)
		return refuse(why, what);
	if (overflow || __builtin_mul_overflow(v, unit->factor, bytes))
		return refuse(why, too_large);
	return 0;
}

int sim_parse_size(const char *s, uint64_t *bytes, const char **why)
{
	return parse_bytes(
		s, bytes, why,
		"it is not a size; write an integer (decimal or 0x) with an optional unit "
		"B, KiB, MiB, GiB or TiB, as 64KiB");
}

int sim_parse_rate(const char *s, uint64_t *bytes_per_s, const char **why)
{
	static const char what[] = "it is not a rate; write a size followed by /s, as 100MiB/s";
	size_t n = strlen(s);
	char size[48];

	if (n < 3 || strcmp(s + n - 2, "/s") || n - 2 >= sizeof(size))
		return refuse(why, what);
	memcpy(size, s, n - 2);
	size[n - 2] = '\0';
	return parse_bytes(size, bytes_per_s, why, what);
}

int sim_parse_time(const char *s, uint64_t *ns, const char **why)
{
	static const char what[] =
		"it is not a time; write an integer with a unit ns, us, ms, s or min, as 200us";
	const struct unit *unit;
	bool overflow;
	uint64_t v;
	const char *end = parse_digits(s, 10, &v, &overflow);

	if (!end)
		return refuse(why, what);
	if (!*end && !v && !overflow) {
		*ns = 0;
		return 0;
	}
	if (!*end)
		return refuse(why, "the unit is missing; write ns, us, ms, s or min, as 200us");
	unit = find_unit(time_units, SIM_ARRAY_SIZE(time_units), end);
	if (!unit)
		return refuse(why, what);
	if (overflow || __builtin_mul_overflow(v, unit->factor, ns))
		return refuse(why, too_large);
	return 0;
}

int sim_parse_uint(const char *s, uint64_t *v, const char **why)
{
	bool overflow;
	const char *end = parse_number(s, v, &overflow);

	if (!end || *end)
		return refuse(
			why,
			"it is not a whole number; write a decimal or 0x integer of 0 or more");
	return overflow ? refuse(why, too_large) : 0;
}

int sim_parse_ratio(const char *s, uint64_t *num, uint64_t *den, const char **why)
{
	static const char what[] = "it is not a ratio; write n/m as 1/100, or 0 or 1";
	bool over_num, over_den = false;
	const char *end = parse_digits(s, 10, num, &over_num);

	*den = 1;
	if (!end)
		return refuse(why, what);
	if (*end == '/') {
		end = parse_digits(end + 1, 10, den, &over_den);
		if (!end)
			return refuse(why, what);
	}
	if (*end)
		return refuse(why, what);
	if (over_num || over_den)
		return refuse(why, too_large);
	if (!*den)
		return refuse(why, "its lower part is 0; write n/m with m of 1 or more");
	if (*num > *den)
		return refuse(why, "it is above 1; a ratio n/m has n at most m");
	return 0;
}

/* Text of v in the largest unit that divides it. */
static const char *format_units(char buf[32], uint64_t v, const struct unit *units, size_t n)
{
	size_t best = 0;

	for (size_t i = 1; i < n && v; i++) {
		if (units[i].factor > 1 && v % units[i].factor == 0)
			best = i;
	}
	snprintf(buf, 32, "%llu%s", (unsigned long long)(v / units[best].factor),
		 v ? units[best].name : "");
	return buf;
}

const char *sim_format_size(char buf[32], uint64_t bytes)
{
	return format_units(buf, bytes, size_units, SIM_ARRAY_SIZE(size_units));
}

const char *sim_format_time(char buf[32], uint64_t ns)
{
	return format_units(buf, ns, time_units,
			    SIM_ARRAY_SIZE(time_units) - 1); /* 60s, not 1min */
}
