/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ftrace text from records. */
#include "traces/format/ftrace_write.h"

#include <string.h>

#include "sim/base/arena.h"
#include "sim/base/list.h"

#define COMM_WIDTH 16
#define PID_WIDTH  7
#define SECS_WIDTH 5
#define PREFIX_MAX 128 /* bytes of a line before the event's name, at most */

struct ftrace_writer {
	struct sim_trace_sink sink;
	struct sim_trace *trace;
	struct sim_trace_text *text;
	struct trace_output *out;
};

/* What tracefs/trace has at its top; the counts of entries are not known before the end. */
static const char header_top[] = "# tracer: nop\n#\n";
static const char header_columns[] =
	"#                                _-----=> irqs-off/BH-disabled\n"
	"#                               / _----=> need-resched\n"
	"#                              | / _---=> hardirq/softirq\n"
	"#                              || / _--=> preempt-depth\n"
	"#                              ||| / _-=> migrate-disable\n"
	"#                              |||| /     delay\n"
	"#           TASK-PID     CPU#  |||||  TIMESTAMP  FUNCTION\n"
	"#              | |         |   |||||     |         |\n";

/* Decimal digits of v, at least width of them, filled up with pad in front. */
static char *put_number(char *p, uint64_t v, unsigned width, char pad)
{
	char digits[20];
	unsigned n = 0;

	do {
		digits[n++] = (char)('0' + v % 10);
		v /= 10;
	} while (v);
	for (; width > n; width--)
		*p++ = pad;
	while (n)
		*p++ = digits[--n];
	return p;
}

/* comm to the right of 16 columns, '-', pid to the left of 7. */
static char *put_task(char *p, const char *comm, uint32_t pid)
{
	size_t len = strnlen(comm, SIM_TRACE_COMM_MAX);
	char *pid_end;

	memset(p, ' ', COMM_WIDTH - len);
	memcpy(p + COMM_WIDTH - len, comm, len);
	p += COMM_WIDTH;
	*p++ = '-';
	pid_end = p + PID_WIDTH;
	p = put_number(p, pid, 0, ' ');
	while (p < pid_end)
		*p++ = ' ';
	return p;
}

/* Rounded to microseconds. */
static char *put_time(char *p, uint64_t time_ns)
{
	uint64_t us = time_ns / 1000 + (time_ns % 1000 >= 500);

	p = put_number(p, us / 1000000, SECS_WIDTH, ' ');
	*p++ = '.';
	return put_number(p, us % 1000000, 6, '0');
}

static char *put_string(char *p, const char *s, size_t len)
{
	memcpy(p, s, len);
	return p + len;
}

void ftrace_line(const struct sim_trace_text *text, const struct sim_trace_record *rec,
		 struct sim_buf *out)
{
	size_t name_len = strlen(rec->event->name);
	char *start = sim_buf_room(out, PREFIX_MAX + name_len);
	char *p = put_task(start, rec->ctx->comm, rec->ctx->pid);

	p = put_string(p, " [", 2);
	p = put_number(p, rec->ctx->cpu, 3, '0');
	p = put_string(p, "] ..... ", 8);
	p = put_time(p, rec->ctx->time_ns);
	p = put_string(p, ": ", 2);
	p = put_string(p, rec->event->name, name_len);
	p = put_string(p, ": ", 2);
	out->len += (size_t)(p - start);
	sim_trace_text_add(text, rec, out);
	sim_buf_putc(out, '\n');
}

static void write_record(struct sim_trace_sink *sink, const struct sim_trace_record *rec)
{
	struct ftrace_writer *w = sim_container_of(sink, struct ftrace_writer, sink);

	ftrace_line(w->text, rec, trace_output_buf(w->out));
	trace_output_push(w->out);
}

void ftrace_writer_comment(struct ftrace_writer *w, const char *text)
{
	struct sim_buf *b = trace_output_buf(w->out);

	while (*text) {
		size_t len = strcspn(text, "\n");

		sim_buf_puts(b, len ? "# " : "#");
		sim_buf_add(b, text, len);
		sim_buf_putc(b, '\n');
		text += len;
		text += *text == '\n';
	}
	trace_output_push(w->out);
}

struct ftrace_writer *ftrace_writer_new(struct sim_trace *t, struct trace_output *out,
					const struct ftrace_options *opts)
{
	struct ftrace_writer *w = sim_xcalloc(1, sizeof(*w));
	struct sim_buf *b = trace_output_buf(out);

	w->sink.record = write_record;
	w->sink.windowed = opts->windowed;
	w->trace = t;
	w->text = sim_trace_text_new(t->events, t->nr_events, opts->version);
	w->out = out;
	sim_buf_puts(b, header_top);
	if (opts->comment) {
		ftrace_writer_comment(w, opts->comment);
		sim_buf_puts(b, "#\n");
	}
	sim_buf_puts(b, header_columns);
	sim_trace_add_sink(t, &w->sink);
	return w;
}

struct sim_trace_sink *ftrace_writer_sink(struct ftrace_writer *w)
{
	return &w->sink;
}

void ftrace_writer_free(struct ftrace_writer *w)
{
	if (!w)
		return;
	sim_trace_remove_sink(w->trace, &w->sink);
	sim_trace_text_free(w->text);
	sim_xfree(w);
}
