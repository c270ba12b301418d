/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The reader of ftrace text: splits lines in place, allocates only the array of records. */
#include "traces/format/ftrace_read.h"

#include <string.h>

#include "sim/base/arena.h"
#include "sim/base/math.h"
#include "traces/format/scan.h"

#define FLAGS_MIN 4 /* letters in the column of flags */
#define FLAGS_MAX 6

static uint32_t clamp32(uint64_t v)
{
	return v > UINT32_MAX ? UINT32_MAX : (uint32_t)v;
}

/* "123.456789:", seconds with any number of decimals. */
static bool take_time(const char **pos, uint64_t *time_ns)
{
	const char *p = *pos;
	uint64_t secs, ns = 0, unit = SIM_NS_PER_S / 10;

	if (!scan_dec(&p, &secs))
		return false;
	if (*p == '.') {
		if (!scan_is_digit(*++p))
			return false;
		for (; scan_is_digit(*p); p++, unit /= 10)
			ns += (uint64_t)(*p - '0') * unit;
	}
	if (*p != ':')
		return false;
	*pos = p + 1;
	*time_ns = sim_add_sat(sim_muldiv(secs, SIM_NS_PER_S, 1), ns);
	return true;
}

/* " event: text": the event's name ends at the last colon of its run of letters and colons. */
static bool take_event(const char *p, struct scan_span *event, const char **text)
{
	const char *end;

	if (!scan_blanks(&p))
		return false;
	event->p = p;
	while (scan_is_word(*p) || *p == ':')
		p++;
	for (end = p; end > event->p + 1 && end[-1] != ':'; end--)
		;
	if (end <= event->p + 1)
		return false;
	event->len = (size_t)(end - 1 - event->p);
	*text = end + (scan_is_blank(*end) ? 1 : 0);
	return true;
}

/* What a line says after the '-' that ends the comm. */
struct tail {
	struct ftrace_record rec;
	struct scan_span event;
};

static bool take_time_and_event(const char *p, struct tail *t)
{
	return take_time(&p, &t->rec.time_ns) && take_event(p, &t->event, &t->rec.text);
}

/* "(  tgid) ", where the tgid may be dashes. */
static void skip_tgid(const char **pos)
{
	const char *p = *pos, *digits;

	if (*p++ != '(')
		return;
	scan_blanks(&p);
	for (digits = p; scan_is_digit(*p) || *p == '-'; p++)
		;
	if (p > digits && *p++ == ')' && scan_blanks(&p))
		*pos = p;
}

static bool take_tail(const char *p, struct tail *t)
{
	uint64_t pid, cpu;
	const char *after;
	struct scan_span flags;

	if (!scan_dec(&p, &pid) || !scan_blanks(&p))
		return false;
	skip_tgid(&p);
	if (*p++ != '[' || !scan_dec(&p, &cpu) || *p++ != ']' || !scan_blanks(&p))
		return false;
	t->rec.pid = clamp32(pid);
	t->rec.cpu = clamp32(cpu);
	after = p;
	if (scan_solid(&after, &flags) && flags.len >= FLAGS_MIN && flags.len <= FLAGS_MAX &&
	    scan_blanks(&after) && take_time_and_event(after, t))
		return true;
	return take_time_and_event(p, t);
}

bool ftrace_parse_line(char *line, struct ftrace_record *rec)
{
	const char *start = line, *dash;
	struct tail t;
	char *end;

	scan_blanks(&start);
	if (!*start)
		return false;
	for (dash = start; (dash = strchr(dash + 1, '-'));)
		if (take_tail(dash + 1, &t))
			break;
	if (!dash)
		return false;
	for (end = line + strlen(line); end > t.rec.text && scan_is_blank(end[-1]); end--)
		;
	*end = '\0';
	line[dash - line] = '\0';
	line[t.event.p + t.event.len - line] = '\0';
	t.rec.line = rec->line;
	t.rec.comm = start;
	t.rec.event = t.event.p;
	*rec = t.rec;
	return true;
}

/* ---- whole texts */

/* A line of f->data: parse it and keep the record. */
static void add_line(struct ftrace_file *f, char *line, size_t *cap)
{
	if (f->nr == *cap) {
		*cap = *cap ? *cap * 2 : 256;
		f->recs = sim_xrealloc(f->recs, *cap, sizeof(*f->recs));
	}
	f->recs[f->nr].line = f->nr_lines;
	if (ftrace_parse_line(line, &f->recs[f->nr]))
		f->nr++;
	else if (line[0] == '#')
		f->nr_comment++;
	else if (line[strspn(line, " \t")])
		f->nr_other++;
}

/* Cut f->data (len bytes and a NUL) into lines. */
static int split(const char *name, struct ftrace_file *f, size_t len, struct sim_err *err)
{
	char *p = f->data, *end = p + len, *eol;
	size_t cap = 0;

	for (; p < end; p = eol + 1) {
		for (eol = p; eol < end && *eol != '\n' && *eol != '\r'; eol++)
			;
		f->nr_lines++;
		if ((size_t)(eol - p) > FTRACE_LINE_MAX)
			return sim_err_set(err, "%s:%u: line longer than %zu bytes", name,
					   f->nr_lines, FTRACE_LINE_MAX);
		if (eol + 1 < end && eol[0] == '\r' && eol[1] == '\n')
			*eol++ = '\0';
		*eol = '\0';
		add_line(f, p, &cap);
	}
	return 0;
}

static int read_data(const char *name, struct ftrace_file *f, size_t len, struct sim_err *err)
{
	if (!split(name, f, len, err))
		return 0;
	ftrace_free(f);
	return -1;
}

int ftrace_read_file(const char *path, struct ftrace_file *f, struct sim_err *err)
{
	size_t len;

	memset(f, 0, sizeof(*f));
	if (sim_read_file(path, FTRACE_FILE_MAX, &f->data, &len, err))
		return -1;
	return read_data(path, f, len, err);
}

int ftrace_require(const char *name, bool has_event, bool has_other, struct sim_err *err)
{
	if (has_event || !has_other)
		return 0;
	return sim_err_set(err,
			   "%s: no trace: no line of it is an event such as "
			   "'cat-12 [000] ..... 1.000002: netfs_rreq_ref: R=00000001 NEW r=1'",
			   name);
}

int ftrace_read_text(const char *name, const char *text, size_t len, struct ftrace_file *f,
		     struct sim_err *err)
{
	memset(f, 0, sizeof(*f));
	if (len > FTRACE_FILE_MAX)
		return sim_err_set(err, "%s: longer than %zu bytes", name, FTRACE_FILE_MAX);
	f->data = sim_xmalloc(len + 1);
	if (len)
		memcpy(f->data, text, len);
	f->data[len] = '\0';
	return read_data(name, f, len, err);
}

void ftrace_free(struct ftrace_file *f)
{
	sim_xfree(f->data);
	sim_xfree(f->recs);
	memset(f, 0, sizeof(*f));
}
