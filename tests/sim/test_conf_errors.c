/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of sim/conf: what malformed and hostile documents get is one clear error each. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "sim/base/math.h"
#include "tests/sim/conf_sample.h"

/* The error of a text, whole; "" if it is accepted. */
static const char *error_of(const char *text, size_t len)
{
	static struct sim_err err;
	struct sim_conf_doc *doc;

	memset(&err, 0, sizeof(err));
	doc = sim_conf_load_text("f.yaml", text, len, NULL, &err);
	if (doc && !sim_conf_parse(doc, &sample_type, &err))
		assert_true(err.set);
	sim_conf_free(doc);
	return err.text;
}

struct bad {
	const char *text;
	const char
		*message; /* the whole error if it begins with f.yaml, else its first line's rest */
};

#define F1 "format: 1\n"

static const struct bad whole_errors[] = {
	{F1 "server: {slotz: 3}\n",
	 "f.yaml:2:10: slotz: unknown field of server; did you mean 'slots'?\n"
	 "    2 | server: {slotz: 3}\n"
	 "      |          ^~~~~"},
	{F1 "server:\n  latency: 64K\n",
	 "f.yaml:3:12: 64K: it is not a time; write an integer with a unit ns, us, ms, s or min, as 200us\n"
	 "    3 |   latency: 64K\n"
	 "      |            ^~~"},
	{"purpose: x\n",
	 "f.yaml:1:1: map: scenario lacks the field 'format'; write it, as 'format: 1'\n"
	 "    1 | purpose: x\n"
	 "      | ^"},
	{F1 "tasks:\n  w:\n\t- sync\n",
	 "f.yaml:4:1: end of line: is not valid YAML: found character that cannot start any token while "
	 "scanning for the next token from line 4; check indentation (spaces, no tabs), quotes, "
	 "brackets and colons here\n"
	 "    4 |  - sync\n"
	 "      | ^"},
	{F1 "purpose: \xc3\xa9\xc3\xa9 #\nfiles: {\"\xc3\xa9\": x}\n",
	 "f.yaml:3:14: x: it is not a size; write an integer (decimal or 0x) with an optional unit B, KiB, "
	 "MiB, GiB or TiB, as 64KiB\n"
	 "    3 | files: {\"\xc3\xa9\": x}\n"
	 "      |              ^"},
	{"", "f.yaml:1:1: file: is empty; a map of fields is expected\n    1 | \n      | ^"},
};

static void test_whole_errors(void **state)
{
	for (size_t i = 0; i < SIM_ARRAY_SIZE(whole_errors); i++)
		assert_string_equal(error_of(whole_errors[i].text, strlen(whole_errors[i].text)),
				    whole_errors[i].message);
}

static const struct bad errors[] = {
	/* form of the document */
	{"# only a comment\n", "1:1: file: is empty; a map of fields is expected"},
	{"- a\n", "1:1: list: the file is not a map; a map of fields is expected"},
	{"text\n", "1:1: text: the file is not a map; a map of fields is expected"},
	{F1 "---\nformat: 1\n", "2:1: ---: begins a second document; a file holds one"},
	{"%YAML 1.1\n---\n" F1, "1:1: %: directives are not read; leave the line out"},
	{"%TAG ! tag:x,2000:\n---\n" F1, "1:1: %: directives are not read; leave the line out"},
	{"format: !!int 1\n", "1:9: tag:yaml.org,2002:int: tags are not read; leave it out"},
	{"format: ! 1\n", "1:9: !: tags are not read; leave it out"},
	{F1 "server: !x {}\n", "2:9: !x: tags are not read; leave it out"},
	{F1 "format: 1\n",
	 "2:1: format: the key is given twice, first in line 1; each key is allowed once"},
	{F1 "purpose: a\n\"purpose\": b\nformat: 1\n",
	 "3:1: purpose: the key is given twice, first in line 2; each key is allowed once"},
	{F1 "server: &s {slots: 1}\nmemory:\n  <<: *s\n",
	 "4:3: <<: merge keys are not read; use 'extends: FILE', or an alias for a whole value"},
	{F1 "[a]: 1\n", "2:1: list: stands as a key; a key is a name"},
	{F1 "{a: b}: 1\n", "2:1: map: stands as a key; a key is a name"},
	{F1 "? \n: 1\n", "2:2: '': is an empty key; a key is a name"},
	{"format: &a 1\n*a : 1\n", "2:1: a: is an alias as a key; a key is a name"},
	{"format: *a\n", "1:9: a: no anchor of this name comes before; write '&name' at a value"},
	{F1 "tags: &a [*a]\n",
	 "2:11: a: is inside the value that it names; a value cannot hold itself"},
	{"format: &a 1\ntags: [&a x]\n",
	 "2:8: a: this anchor was set before; each name is set once"},
	{F1 "purpose: \"a\\0b\"\n", "2:10: a\\0b: has a NUL character; only text is allowed, and a "
				    "backslash in double quotes is written \\\\"},
	{F1 "purpose: \"\\x00*512\"\n",
	 "2:10: \\0*512: has a NUL character; only text is allowed, and "
	 "a backslash in double quotes is written \\\\"},
	{F1 "purpose: [a\n",
	 "3:1: end of file: is not valid YAML: did not find expected ',' or ']' while parsing a flow "
	 "sequence from line 2; check indentation (spaces, no tabs), quotes, brackets and colons here"},
	{F1 "purpose: 'a\n",
	 "3:1: end of file: is not valid YAML: found unexpected end of stream while scanning a quoted "
	 "scalar from line 2; check indentation (spaces, no tabs), quotes, brackets and colons here"},
	{F1 "purpose: @a\n",
	 "2:10: @a: is not valid YAML: found character that cannot start any token while scanning for the "
	 "next token from line 2; put text that begins with this character in quotes"},
	{F1 "purpose: * a\n",
	 "2:11: end of line: is not valid YAML: did not find expected alphabetic or numeric character while "
	 "scanning an alias from line 2; check indentation (spaces, no tabs), quotes, brackets and colons "
	 "here"},
	{F1 " purpose: a\n",
	 "2:9: :: is not valid YAML: mapping values are not allowed in this context; check indentation "
	 "(spaces, no tabs), quotes, brackets and colons here"},
	/* structure */
	{F1 "colour: red\n",
	 "2:1: colour: unknown field of scenario; allowed: format, purpose, fs, verbose, "
	 "server, memory, checks, flags, tasks, files, tags, skew, think, group, place"},
	{F1 "server: 5\n", "2:9: 5: is a single value; a map of fields is expected"},
	{F1 "server: [1]\n", "2:1: server: is a list; a map of fields is expected"},
	{F1 "server:\n", "2:1: server: has no value; a map of fields is expected"},
	{F1 "server: ~\n", "2:9: ~: null has no meaning; a map of fields is expected"},
	{F1 "purpose: null\n", "2:10: null: null has no meaning; text is expected"},
	{F1 "purpose: {}\n", "2:1: purpose: is a map; text is expected"},
	{F1 "tags: x\n", "2:7: x: is a single value; a list is expected"},
	{F1 "tags: []\n", "2:1: tags: has 0 entries; at least 1 are needed"},
	{F1 "tags: [a, b, c]\n", "2:1: tags: has 3 entries; at most 2 are allowed"},
	{F1 "tags: [[a]]\n", "2:8: list: is a list; text is expected"},
	{F1 "tasks: {a: [], b: [], c: [], d: []}\n",
	 "2:1: tasks: has 4 entries; at most 3 are allowed"},
	{F1 "tasks: {a b: []}\n",
	 "2:9: a b: it is not a name; letters, digits, '_' and '-' are allowed"},
	{F1 "tasks: {a: {}}\n", "2:9: a: is a map; a list is expected"},
	{F1 "checks: {}\n", "2:1: checks: checks lacks the field 'rpcs'; write it, as 'rpcs: 3'"},
	{F1 "old: 1\n",
	 "2:1: old: this field of scenario is not accepted; it went away in format 1"},
	/* one of several */
	{F1 "place: 4K\n",
	 "2:8: 4K: the unit is ambiguous; write KiB, MiB, GiB or TiB (powers of 1024)"},
	{F1 "place: [end]\n", "2:1: place: is a list; a size is expected"},
	{F1 "place: random\n", "2:8: random: needs a value; write 'random: ...' with a size"},
	{F1 "place: {rndom: 5}\n", "2:9: rndom: unknown place; did you mean 'random'?"},
	{F1 "tasks: {a: [wirte]}\n", "2:13: wirte: unknown operation; did you mean 'write'?"},
	{F1 "tasks: {a: [xyzzy]}\n", "2:13: xyzzy: unknown operation; allowed: write, sleep, sync, "
				     "drop_caches, repeat"},
	{F1 "tasks: {a: [write]}\n",
	 "2:13: write: needs a value; write 'write: ...' with a map of fields"},
	{F1 "tasks: {a: [sleep]}\n", "2:13: sleep: needs a value; write 'sleep: ...' with a time"},
	{F1 "tasks: {a: [{drop_caches: 1}]}\n",
	 "2:27: 1: takes no value; write 'drop_caches' alone"},
	{F1 "tasks: {a: [{sync: {}, sleep: 1s}]}\n",
	 "2:24: sleep: the map has 2 keys; exactly one, the name "
	 "of the operation, is expected"},
	{F1 "tasks: {a: [{}]}\n",
	 "2:13: map: the map has 0 keys; exactly one, the name of the operation, is "
	 "expected"},
	{F1 "tasks: {a: [[sync]]}\n",
	 "2:13: list: is a list; a name or a map with one key is expected"},
	{F1 "tasks: {a: [null]}\n",
	 "2:13: null: null has no meaning; a name or a map with one key is expected"},
	{F1 "tasks: {a: [chmod]}\n",
	 "2:13: chmod: this operation is not accepted; permissions are not modelled"},
	{F1 "tasks: {a: [{repeat: {times: 0, do: []}}]}\n",
	 "2:30: 0: is out of range; 1 to 1000 is allowed"},
	{F1 "tasks: {a: [{repeat: {times: 2, do: [{sleep: 3}]}}]}\n",
	 "2:46: 3: the unit is missing; write ns, us, ms, s or min, as 200us"},
	/* scalars */
	{"format: 2\n", "1:9: 2: is out of range; 1 to 1 is allowed"},
	{"format: 1.0\n",
	 "1:9: 1.0: it is not a whole number; write a decimal or 0x integer of 0 or more"},
	{"format: -1\n",
	 "1:9: -1: it is not a whole number; write a decimal or 0x integer of 0 or more"},
	{"format: ''\n",
	 "1:1: format: it is not a whole number; write a decimal or 0x integer of 0 or more"},
	{F1 "verbose: yes\n", "2:10: yes: it is neither true nor false; write true or false"},
	{F1 "verbose: True\n", "2:10: True: it is neither true nor false; write true or false"},
	{F1 "fs: nfs\n",
	 "2:5: nfs: this file system is not accepted; NFS is left out of this model"},
	{F1 "fs: aps\n", "2:5: aps: unknown file system; did you mean 'afs'?"},
	{F1 "fs: ext4\n", "2:5: ext4: unknown file system; allowed: 9p, afs, 6.8"},
	{F1 "flags: [rdonly, rdonly]\n", "2:17: rdonly: is given twice; each name is allowed once"},
	{F1 "flags: {a: 1}\n", "2:1: flags: is a map; a name or a list of names is expected"},
	{F1 "group: {sync: {}}\n", "2:9: sync: unknown field of group; allowed: client, do"},
	{F1 "group: sync\n", "2:8: sync: is a single value; a map of fields is expected"},
	{F1 "group: [sinc]\n", "2:9: sinc: unknown operation; did you mean 'sync'?"},
	{F1 "flags: [wronli]\n", "2:9: wronli: unknown open flag; did you mean 'wronly'?"},
	{F1 "flags: [[a]]\n", "2:9: list: is a list; a name or a list of names is expected"},
	{F1 "purpose: 'this text is longer than the forty bytes allowed'\n",
	 "2:10: this text is longer than the forty bytes allowed: is too long; at most 40 bytes are allowed"},
	{F1 "server: {bandwidth: 1GB/s}\n",
	 "2:21: 1GB/s: the unit is ambiguous; write KiB, MiB, GiB or TiB (powers of 1024)"},
	{F1 "server: {drop: 0.5}\n", "2:16: 0.5: it is not a ratio; write n/m as 1/100, or 0 or 1"},
	{F1 "memory: {page: 1KiB}\n", "2:16: 1KiB: is out of range; 4KiB to 64KiB is allowed"},
	{F1 "memory: {total: 5}\n",
	 "2:17: 5: is no multiple of page; a whole number of pages is allowed"},
	{F1 "skew: 1/0\n",
	 "2:7: 1/0: it is not a fraction; write n/m as 3/2, a whole number, or a decimal with "
	 "at most 9 places as 0.99"},
	{F1 "files: {a: 64k}\n",
	 "2:12: 64k: the unit is ambiguous; write KiB, MiB, GiB or TiB (powers of 1024)"},
	{F1 "tasks: {a: [{write: {fd: f, len: 8..4}}]}\n",
	 "2:34: 8..4: the range is empty; write lo..hi with lo at most hi"},
	{F1 "tasks: {a: [{write: {fd: f, len: [8]}}]}\n",
	 "2:29: len: is a list; a size, or a range as 512..4KiB is expected"},
	{F1 "tasks: {a: [{write: {fd: f, len: {lo: 1}}}]}\n",
	 "2:29: len: range lacks the field 'hi'; write it, as 'hi: 4KiB'"},
	{F1 "tasks: {a: [{write: {fd: 'a.b'}}]}\n",
	 "2:26: a.b: it is not a name; letters, digits, '_' and '-' are allowed"},
	{F1 "tasks: {a: [{write: {fd: ''}}]}\n",
	 "2:22: fd: is too short; 1 bytes or more are allowed"},
	/* laws */
	{F1 "think: 5\n", "2:8: 5: the unit is missing; write ns, us, ms, s or min, as 200us"},
	{F1 "think: {}\n",
	 "2:1: think: time law lacks the field 'law'; write it, as 'law: constant'"},
	{F1 "think: [1ms]\n",
	 "2:1: think: is a list; a constant time or a map with 'law' is expected"},
	{F1 "think: {law: unifrom}\n", "2:14: unifrom: unknown time law; did you mean 'uniform'?"},
	{F1 "think: {law: [uniform]}\n",
	 "2:9: law: is a list or map; the name of a time law is expected"},
	{F1 "think: {law: uniform, min: 1ms}\n",
	 "2:1: think: time law uniform lacks the field 'max'; write it, as 'max: 2ms'"},
	{F1 "think: {law: uniform, min: 3ms, max: 1ms}\n",
	 "2:1: think: min is above max; min is at most max"},
	{F1 "think: {law: uniform, mean: 3ms}\n",
	 "2:23: mean: unknown field of time law uniform; allowed: law, min, max"},
	{F1 "think: {law: lognormal, median: 3ms, sigma: 9}\n",
	 "2:1: think: sigma is out of range; 0 to 8 is allowed"},
	{F1 "think: {law: table, values: [1ms]}\n",
	 "2:21: values: has 1 entries; at least 2 are needed"},
	{F1 "think: {law: table, values: [1ms, 2ms], at: [0, 1/2, 1]}\n",
	 "2:41: at: has 3 positions for 2 values; one for each is needed"},
	{F1 "think: {law: table, values: [2ms, 1ms]}\n",
	 "2:1: think: a value is below the one before it; values do not fall"},
};

/* First line of a message without the file name. */
static void first_line(const char *text, char out[1024])
{
	const char *end = strchr(text, '\n');
	size_t skip = strlen("f.yaml:");

	assert_non_null(end);
	assert_memory_equal(text, "f.yaml:", skip);
	memcpy(out, text + skip, (size_t)(end - text) - skip);
	out[(size_t)(end - text) - skip] = '\0';
}

static void test_errors(void **state)
{
	for (size_t i = 0; i < SIM_ARRAY_SIZE(errors); i++) {
		char line[1024];

		print_message("%s", errors[i].text);
		first_line(error_of(errors[i].text, strlen(errors[i].text)), line);
		assert_string_equal(line, errors[i].message);
	}
}

struct bytes {
	const char *text;
	size_t len;
	const char *message;
};

#define BYTES(s) s, sizeof(s) - 1

static const struct bytes byte_errors[] = {
	{BYTES("format: 1\0"), "1:10: byte 0x00: begins a control character; only text is allowed"},
	{BYTES("format: 1\npurpose: \x80"),
	 "2:10: byte 0x80: is not valid UTF-8; write the file in UTF-8"},
	{BYTES("a\xc0\xaf"), "1:2: byte 0xc0: is not valid UTF-8; write the file in UTF-8"},
	{BYTES("\xc3\xa9\xed\xa0\x80"),
	 "1:2: byte 0xed: is not valid UTF-8; write the file in UTF-8"},
	{BYTES("\xf4\x90\x80\x80"), "1:1: byte 0xf4: is not valid UTF-8; write the file in UTF-8"},
	{BYTES("\xf0\x80\x80\x80"), "1:1: byte 0xf0: is not valid UTF-8; write the file in UTF-8"},
	{BYTES("\xe0\x80\x80"), "1:1: byte 0xe0: is not valid UTF-8; write the file in UTF-8"},
	{BYTES("a: \xe2\x82"), "1:4: byte 0xe2: is not valid UTF-8; write the file in UTF-8"},
	{BYTES("\xff\xfe"
	       "f\0"),
	 "1:1: byte 0xff: is not valid UTF-8; write the file in UTF-8"},
	{BYTES("a: \x1b[31m"), "1:4: byte 0x1b: begins a control character; only text is allowed"},
	{BYTES("a\r\nb: \x7f"), "2:4: byte 0x7f: begins a control character; only text is allowed"},
	{BYTES("a: \xc2\x80"), "1:4: byte 0xc2: begins a control character; only text is allowed"},
	{BYTES("a: \xef\xbb\xbf"),
	 "1:4: byte 0xef: begins a control character; only text is allowed"},
	{BYTES("a: \xef\xbf\xbf"), "1:4: byte 0xef: is not valid UTF-8; write the file in UTF-8"},
};

static void test_byte_errors(void **state)
{
	for (size_t i = 0; i < SIM_ARRAY_SIZE(byte_errors); i++) {
		char line[1024];

		first_line(error_of(byte_errors[i].text, byte_errors[i].len), line);
		assert_string_equal(line, byte_errors[i].message);
	}
	assert_string_equal(error_of(BYTES("\xef\xbb\xbf" F1)), "");
	assert_string_equal(error_of(BYTES("format: 1\r\npurpose: \xf0\x9f\x90\xa7 \xc2\x85\r\n")),
			    "");
}

/* The message has the offending part of a long line, and always the caret. */
static void test_long_lines(void **state)
{
	struct sim_buf b = {0};
	const char *text;

	sim_buf_puts(&b, F1 "tags: [");
	for (int i = 0; i < 300; i++)
		sim_buf_puts(&b, "x");
	sim_buf_puts(&b, ", null]  # comment");
	for (int i = 0; i < 3000; i++)
		sim_buf_puts(&b, "y");
	text = error_of(b.data, b.len);
	assert_non_null(strstr(
		text, "f.yaml:2:310: null: null has no meaning; text is expected\n    2 | ..."));
	assert_non_null(strstr(text, "x, null]  # comment"));
	assert_string_equal(text + strlen(text) - 5, " ^~~~");
	sim_buf_clear(&b);
	sim_buf_puts(&b, F1 "fs: ");
	for (int i = 0; i < 3000; i++)
		sim_buf_puts(&b, "\xe2\x82\xac");
	text = error_of(b.data, b.len);
	assert_true(strlen(text) < 1000);
	assert_non_null(strstr(text, "...: unknown file system; allowed: 9p, afs, 6.8\n"));
	sim_buf_clear(&b);
	sim_buf_puts(&b, F1 "purpose: !t<");
	for (int i = 0; i < 3000; i++)
		sim_buf_puts(&b, "\xf0\x9f\x90\xa7");
	text = error_of(b.data, b.len);
	assert_true(strlen(text) < 1023);
	assert_string_equal(text + strlen(text) - 2, " ^");
	sim_buf_free(&b);
}

static void expect_line(const struct sim_buf *b, const char *message)
{
	char line[1024];

	first_line(error_of(b->data, b->len), line);
	assert_string_equal(line, message);
}

static void repeat(struct sim_buf *b, const char *s, unsigned n)
{
	while (n--)
		sim_buf_puts(b, s);
}

/* Nesting, by brackets, by lines and by aliases, ends at 64 levels. */
static void test_depth(void **state)
{
	struct sim_buf b = {0};

	sim_buf_puts(&b, "a: ");
	repeat(&b, "[", 100000);
	expect_line(&b, "1:67: list: is nested too deeply; at most 64 levels are allowed");
	sim_buf_clear(&b);
	for (unsigned i = 0; i < 300; i++) {
		repeat(&b, " ", i);
		sim_buf_puts(&b, "a:\n");
	}
	expect_line(&b, "65:65: map: is nested too deeply; at most 64 levels are allowed");
	sim_buf_clear(&b);
	sim_buf_puts(&b, "a0: &a0 [x]\n");
	for (unsigned i = 1; i < 100; i++)
		sim_buf_printf(&b, "a%u: &a%u [*a%u]\n", i, i, i - 1);
	expect_line(&b, "64:12: alias: is nested too deeply; at most 64 levels are allowed");
	sim_buf_free(&b);
}

/* A few lines of aliases that stand for billions of values. */
static void test_alias_bomb(void **state)
{
	struct sim_buf b = {0};
	const char *text;

	sim_buf_puts(&b, "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
	for (unsigned i = 1; i < 10; i++) {
		sim_buf_printf(&b, "a%u: &a%u [", i, i);
		for (unsigned k = 0; k < 10; k++)
			sim_buf_printf(&b, "*a%u%s", i - 1, k < 9 ? ", " : "]\n");
	}
	text = error_of(b.data, b.len);
	assert_non_null(
		strstr(text, "has too many values, lists and maps; at most 1000000 are allowed"));
	sim_buf_clear(&b);
	sim_buf_puts(&b, "a: &a x\nb: [");
	repeat(&b, "*a ,", 1001);
	sim_buf_puts(&b, "]\n");
	expect_line(&b, "2:4005: a: too many aliases; at most 1000 are allowed");
	sim_buf_clear(&b);
	sim_buf_puts(&b, "a: [");
	for (unsigned i = 0; i < 1001; i++)
		sim_buf_printf(&b, "&a%04u x,", i);
	sim_buf_puts(&b, "]\n");
	expect_line(&b, "1:9005: a1000: too many anchors; at most 1000 are allowed");
	sim_buf_free(&b);
}

static void test_sizes(void **state)
{
	struct sim_buf b = {0};
	const char *text;

	repeat(&b, "- \n", 1100000);
	text = error_of(b.data, b.len);
	assert_non_null(strstr(text, "f.yaml:1000000:2: document: has too many values"));
	sim_buf_clear(&b);
	repeat(&b, "#", SIM_CONF_MAX_FILE + 1);
	assert_string_equal(error_of(b.data, b.len),
			    "f.yaml: is too large; at most 16777216 bytes are read");
	b.len--;
	expect_line(&b, "1:1: file: is empty; a map of fields is expected");
	sim_buf_clear(&b);
	repeat(&b, "k", 257);
	sim_buf_puts(&b, ": 1\n");
	text = error_of(b.data, b.len);
	assert_non_null(strstr(text, "is too long for a key; at most 256 bytes are allowed"));
	sim_buf_free(&b);
}

/* A map with many keys is checked for duplicates in reasonable time. */
static void test_many_keys(void **state)
{
	struct sim_buf b = {0};

	sim_buf_puts(&b, F1 "files:\n");
	for (unsigned i = 0; i < 90000; i++)
		sim_buf_printf(&b, "  k%u: 1\n", i);
	assert_string_equal(error_of(b.data, b.len), "");
	sim_buf_puts(&b, "  k77: 1\n  k5: 1\n");
	expect_line(
		&b,
		"90003:3: k77: the key is given twice, first in line 80; each key is allowed once");
	sim_buf_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole_errors), cmocka_unit_test(test_errors),
		cmocka_unit_test(test_byte_errors),  cmocka_unit_test(test_long_lines),
		cmocka_unit_test(test_depth),        cmocka_unit_test(test_alias_bomb),
		cmocka_unit_test(test_sizes),        cmocka_unit_test(test_many_keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
