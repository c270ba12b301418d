/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A reader of ftrace text: lines "comm-pid [cpu] flags secs.usecs: event: text" become records. */
#ifndef TRACES_FORMAT_FTRACE_READ_H
#define TRACES_FORMAT_FTRACE_READ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/base/text.h"

#define FTRACE_LINE_MAX ((size_t)64 << 10) /* bytes of a line, its end not counted */
#define FTRACE_FILE_MAX ((size_t)1 << 30)  /* bytes of a file */

/* One line that is an event. The strings belong to the struct ftrace_file and end with NUL. */
struct ftrace_record {
	uint64_t time_ns;
	const char *comm;  /* may hold blanks and '-' */
	const char *event; /* may hold ':', e.g. "netfs:netfs_read" */
	const char *text;  /* what follows the event's colon and one blank; no blanks at its end */
	uint32_t line;     /* counted from 1 */
	uint32_t pid;
	uint32_t cpu;
};

/* A whole trace, in the order of its lines. */
struct ftrace_file {
	struct ftrace_record *recs;
	size_t nr;
	uint32_t nr_lines;   /* lines in all */
	uint32_t nr_comment; /* lines that start with '#' and are not events */
	uint32_t nr_other;   /* lines with something on them that are neither event nor comment */
	char *data;          /* the text the records point into */
};

/*
 * Read the ftrace text of a file, "-" for standard input. Lines end with LF, CR LF or CR. A
 * "(tgid)" after the pid and the flags may be missing; the time may lack its fraction. The comm
 * ends at the first '-' from which the rest can be read as an event. Lines that are not an event
 * are counted and skipped: a kernel's message or a cut line must not end the reading. Numbers too
 * large for their field become its largest value; digits below a nanosecond are dropped. Returns 0,
 * or -1 with err set and *f empty: unreadable, longer than FTRACE_FILE_MAX (names the file), a line
 * longer than FTRACE_LINE_MAX (names file:line). Release with ftrace_free().
 */
int ftrace_read_file(const char *path, struct ftrace_file *f, struct sim_err *err);

/* The same for text in memory, which is copied; name stands for the path in errors. */
int ftrace_read_text(const char *name, const char *text, size_t len, struct ftrace_file *f,
		     struct sim_err *err);

/*
 * Returns 0, or -1 with err set (names the file) if what was read is no trace: there are lines that
 * are no comments, but none is an event. A trace in which nothing happened has comments only.
 */
int ftrace_require(const char *name, bool has_event, bool has_other, struct sim_err *err);

/* Give back what the reading took; *f is empty after it. */
void ftrace_free(struct ftrace_file *f);

/*
 * Read one line (NUL-terminated, without its end). Writes NULs into it to cut out comm, event and
 * text, and lets rec point there; rec->line is left alone. Returns false, with the line unchanged,
 * if it is not an event.
 */
bool ftrace_parse_line(char *line, struct ftrace_record *rec);

#endif
