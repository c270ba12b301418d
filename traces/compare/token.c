/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Normalisation of netfs_* lines into tokens, and the classes of tokens. */
#include "traces/compare/token.h"

#include "traces/compare/fields.h"

/* Fields of identity, always dropped; their values are hexadecimal. */
static const char *const identity_fields[] = {"r", "fq", "sl", "ni", "i", NULL};
/* Fields of offsets, lengths and counts; their values reach to the next blank. */
static const char *const value_fields[] = {"s",   "l",   "sz", "by", "ct", "pa", "am", "cto", "frn",
					   "col", "cln", "n",  "ix", "t",  "r",  "e",  NULL};

/* If a field "name=value" with one of the names starts at s, the length of it, else 0. */
static size_t field_at(const char *s, const char *const *names, bool hex_only)
{
	for (; *names; names++) {
		const char *p = s;
		struct scan_span value;

		if (scan_lit(&p, *names) && scan_lit(&p, "=") &&
		    (hex_only ? scan_hex(&p, &value, NULL) : scan_solid(&p, &value)))
			return (size_t)(p - s);
	}
	return 0;
}

/* Remove the named fields from t, in place. A name must not follow a letter. */
static void drop_fields(char *t, const char *const *names, bool hex_only)
{
	char *out = t;
	char before = ' ';

	while (*t) {
		size_t n = scan_is_word(before) ? 0 : field_at(t, names, hex_only);

		if (!n) {
			before = *t;
			*out++ = *t++;
			continue;
		}
		t += n;
		before = t[-1];
	}
	*out = '\0';
}

/* Replace the value of "c=" by 0 if it is zero, else by 1. */
static void reduce_cookies(char *t)
{
	static const char *const cookie[] = {"c", NULL};
	char *out = t;
	char before = ' ';

	while (*t) {
		size_t n = scan_is_word(before) ? 0 : field_at(t, cookie, true);

		if (!n) {
			before = *t;
			*out++ = *t++;
			continue;
		}
		before = t[n - 1];
		*out++ = 'c';
		*out++ = '=';
		*out++ = strspn(t + 2, "0") >= n - 2 ? '0' : '1';
		t += n;
	}
	*out = '\0';
}

/* Length of "1f->2f" or "1f/2f" at s, else 0. */
static size_t pair_at(const char *s)
{
	const char *p = s;
	struct scan_span n;

	if (!scan_hex(&p, &n, NULL) || !(scan_lit(&p, "->") || scan_lit(&p, "/")) ||
	    !scan_hex(&p, &n, NULL))
		return 0;
	return (size_t)(p - s);
}

/* Remove pairs of numbers that are not the value of a field. */
static void drop_pairs(char *t)
{
	char *out = t;
	char before = ' ';

	while (*t) {
		bool inside = scan_is_word(before) || before == '=' || before == '-';
		size_t n = inside ? 0 : pair_at(t);

		if (!n) {
			before = *t;
			*out++ = *t++;
			continue;
		}
		t += n;
		before = t[-1];
	}
	*out = '\0';
}

/* Replace each "<before><hex digits><after>" in t by the text with, which is not longer. */
static void replace_number(char *t, const char *before, const char *after, const char *with)
{
	char *out = t;

	while (*t) {
		const char *p = t;
		struct scan_span n;

		if (!scan_lit(&p, before) || !scan_hex(&p, &n, NULL) || !scan_lit(&p, after)) {
			*out++ = *t++;
			continue;
		}
		t += p - t;
		for (const char *w = with; *w; w++)
			*out++ = *w;
	}
	*out = '\0';
}

/* Remove a number that ends the text: the length that 6.1 and 6.8 print without a label. */
static void drop_last_number(char *t)
{
	char *blank = strrchr(t, ' ');
	const char *p = blank ? blank + 1 : NULL;
	struct scan_span n;

	if (p && scan_hex(&p, &n, NULL) && !*p)
		*blank = '\0';
}

static unsigned count_of(const char *t, const char *what)
{
	unsigned n = 0;

	for (; (t = strstr(t, what)); t += strlen(what))
		n++;
	return n;
}

/* Append the words of t, one blank before each. */
static void add_words(struct sim_buf *b, const char *t)
{
	struct scan_span word;

	while (scan_blanks(&t), scan_solid(&t, &word)) {
		sim_buf_putc(b, ' ');
		sim_buf_add(b, word.p, word.len);
	}
}

static void normalise(char *t, const char *event, bool values)
{
	if (!strcmp(event, "netfs_sreq") && count_of(t, " s=") > 1)
		replace_number(t, " s=", " e=", " e=");
	if (strcmp(event, "netfs_collect_folio"))
		drop_fields(t, identity_fields, true);
	reduce_cookies(t);
	if (values)
		return;
	drop_fields(t, value_fields, false);
	drop_pairs(t);
	replace_number(t, "-> [", "]", "");
	if (!strcmp(event, "netfs_read"))
		drop_last_number(t);
}

void token_of_line(struct sim_buf *b, const char *event, const char *text, bool values)
{
	struct scan_span id;
	const char *index_end;
	struct sim_buf rest = {0};

	sim_buf_clear(b);
	sim_buf_puts(b, event);
	fields_request(&text, &id);
	if (*text == '[' && (index_end = strchr(text, ']'))) {
		sim_buf_add(&rest, text, (size_t)(index_end + 1 - text));
		add_words(b, rest.data);
		text = index_end + 1;
		sim_buf_clear(&rest);
	}
	sim_buf_puts(&rest, text);
	if (rest.data) {
		normalise(rest.data, event, values);
		add_words(b, rest.data);
	}
	sim_buf_free(&rest);
}

void token_without_flags(struct sim_buf *b, const char *token)
{
	sim_buf_clear(b);
	sim_buf_puts(b, token);
	replace_number(b->data, " f=", "", "");
	b->len = strlen(b->data);
}

/* ---- classes */

/* The word at *p is one of the names and ends there as a word does. */
static bool one_of(const char *p, const char *const *names)
{
	for (; *names; names++) {
		const char *q = p;

		if (scan_lit(&q, *names) && !scan_is_word(*q))
			return true;
	}
	return false;
}

/* Step over "netfs_x <solid> ". */
static bool event_and_word(const char **p, const char *event)
{
	struct scan_span word;

	return scan_lit(p, event) && scan_lit(p, " ") && scan_solid(p, &word) && scan_lit(p, " ");
}

static bool is_timing(const char *t)
{
	static const char *const ref[] = {"GET WORK", "SEE WORK", "PUT WORK", NULL};
	static const char *const rreq[] = {"COLLECT", "WAKE-Q", "WAIT-Q", "UNPAUSE", NULL};
	const char *p = t;

	if (scan_lit(&p, "netfs_rreq_ref "))
		return one_of(p, ref);
	if (event_and_word(&p, "netfs_rreq"))
		return one_of(p, rreq);
	p = t;
	return scan_lit(&p, "netfs_collect");
}

/* "netfs_sreq [1] DOWN FREE" */
static bool is_sreq_free(const char *p)
{
	static const char *const free[] = {"FREE", NULL};
	const char *index;
	struct scan_span source;

	if (!scan_lit(&p, "netfs_sreq ["))
		return false;
	for (index = p; scan_is_word(*p); p++)
		;
	return p > index && scan_lit(&p, "] ") && scan_solid(&p, &source) && scan_lit(&p, " ") &&
	       one_of(p, free);
}

unsigned token_classify(const char *token)
{
	static const char *const free[] = {"FREE", NULL};
	const char *p = token, *q = token;
	unsigned set = is_timing(token) ? TOKEN_TIMING : 0;

	if (event_and_word(&p, "netfs_rreq") && one_of(p, free))
		set |= TOKEN_REQUEST_FREE;
	if (is_sreq_free(token) || scan_lit(&q, "netfs_rreq_ref PUT SUBREQ"))
		set |= TOKEN_SUBREQUEST_PUT;
	return set;
}
