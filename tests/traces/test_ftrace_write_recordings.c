/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines of real kernels, taken apart into values and printed again: not one byte may differ. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/events/events.h"
#include "sim/base/arena.h"
#include "traces/format/ftrace_read.h"
#include "traces/format/ftrace_write.h"

#define SKIPPED 77

static const char *const version_name[] = {"6.1", "6.8", "6.12"};

struct totals {
	unsigned files, lines, bad;
};

/* Read a number as the conversion at conv ("08x}", "u}", "d}") says. */
static const char *scan_number(const char *s, const char *conv, uint64_t *v)
{
	char *end;

	while (*conv >= '0' && *conv <= '9')
		conv++;
	if (*conv == 'd')
		*v = (uint64_t)strtoll(s, &end, 10);
	else
		*v = strtoull(s, &end, *conv == 'x' ? 16 : 10);
	return end == s ? NULL : end;
}

/* The longest text of the table that s begins with. */
static const char *scan_tag(const char *s, const struct sim_trace_tags *tags, unsigned version,
			    uint64_t *v)
{
	size_t best = 0;

	for (unsigned i = 0; i < tags->nr; i++) {
		const char *text = tags->tag[i].text[version];
		size_t len = text ? strlen(text) : 0;

		if (len > best && !strncmp(s, text, len)) {
			best = len;
			*v = i;
		}
	}
	return best ? s + best : NULL;
}

/* Names and a number with | between them, until a blank. */
static const char *scan_flags(const char *s, const struct sim_trace_tags *tags, unsigned version,
			      uint64_t *v)
{
	size_t len = strcspn(s, " ");
	char text[256], *save = NULL;

	if (len >= sizeof(text))
		return NULL;
	memcpy(text, s, len);
	text[len] = '\0';
	*v = 0;
	for (char *word = strtok_r(text, "|", &save); word; word = strtok_r(NULL, "|", &save)) {
		uint64_t bit = 0;
		const char *end = scan_tag(word, tags, version, &bit);

		*v |= end ? 1ull << bit : strtoull(word, NULL, 16);
	}
	return s + len;
}

static unsigned field_named(const struct sim_trace_event *ev, const char *name, size_t len)
{
	unsigned i = 0;

	while (strncmp(ev->field[i].name, name, len) != 0 || ev->field[i].name[len])
		i++;
	return i;
}

/*
 * Read the value of the field that *layout begins with ("{a+b-1:x}"), from s: a is known when a sum
 * is met, so that b comes out. Texts end where the next literal character stands. Returns the rest
 * of s or NULL.
 */
static const char *scan_field(const struct sim_trace_event *ev, const char **layout, const char *s,
			      unsigned version, union sim_trace_value *value, char *text)
{
	const char *p = *layout + 1;
	size_t len = strcspn(p, "+:}");
	unsigned f = field_named(ev, p, len);
	uint64_t v = 0;

	*layout = strchr(p, '}') + 1;
	p += len;
	if (ev->field[f].type == SIM_TRACE_STR) {
		len = **layout ? strcspn(s, (char[]){**layout, 0}) : strlen(s);
		memcpy(text, s, len);
		text[len] = '\0';
		value[f].str = text;
		return s + len;
	}
	if (ev->field[f].type == SIM_TRACE_TAG)
		return scan_tag(s, ev->field[f].tags, version, &value[f].u);
	if (ev->field[f].type == SIM_TRACE_FLAGS)
		return scan_flags(s, ev->field[f].tags, version, &value[f].u);
	if (*p == '+') {
		len = strcspn(++p, "-:}");
		s = scan_number(s, strchr(p, ':') + 1, &v);
		value[field_named(ev, p, len)].u = v - value[f].u + (p[len] == '-');
		return s;
	}
	return scan_number(s, p + 1, &value[f].u);
}

/* Take the text of an event apart. Returns whether it has the layout's form. */
static bool scan(const struct sim_trace_event *ev, unsigned version, const char *s,
		 union sim_trace_value *value, char *text)
{
	const char *layout = ev->layout;

	while (*layout && s) {
		if (*layout == '{')
			s = scan_field(ev, &layout, s, version, value, text);
		else if (*layout++ != *s++)
			return false;
	}
	return s && !*s;
}

struct printer {
	struct sim_trace *t;
	struct trace_output *out;
	struct ftrace_writer *w;
};

/*
 * A recording's line as the simulator prints it: flags are dots. Blanks in front of the line and
 * after the pid are left out, as recordings do.
 */
static void bare_line(const char *line, struct sim_buf *b)
{
	const char *cpu = strstr(line, " ["), *flags = strstr(cpu, "] ") + 2;
	const char *pid_end = cpu;

	line += strspn(line, " ");
	while (pid_end[-1] == ' ')
		pid_end--;
	sim_buf_add(b, line, (size_t)(pid_end - line));
	sim_buf_add(b, cpu, (size_t)(flags - cpu));
	sim_buf_puts(b, ".....");
	sim_buf_puts(b, flags + 5);
}

static void check_line(struct printer *p, unsigned version, const char *line,
		       const struct ftrace_record *rec, struct totals *tot)
{
	const struct sim_trace_event *ev = model_event_find(rec->event, version);
	union sim_trace_value value[SIM_TRACE_MAX_FIELDS] = {0};
	struct sim_buf *printed = trace_output_buf(p->out), got = {0}, want = {0};
	char text[4096];

	if (!ev) {
		/* a probe on the function of this name, which 6.1 has no event for */
		if (!strncmp(rec->event, "netfs_", 6) && strcmp(rec->event, "netfs_write_begin")) {
			printf("unknown event: %s\n", line);
			tot->bad++;
		}
		return;
	}
	tot->lines++;
	sim_buf_clear(printed);
	if (scan(ev, version, rec->text, value, text)) {
		sim_trace_now(p->t, rec->time_ns);
		sim_trace_who(p->t, rec->pid, (uint16_t)rec->cpu, rec->comm);
		sim_trace_emit(p->t, (unsigned)(ev - model_events), value);
		bare_line(printed->data, &got);
	}
	bare_line(line, &want);
	sim_buf_putc(&want, '\n');
	if (!got.data || strcmp(got.data, want.data) != 0) {
		printf("recorded: %sprinted:  %s", want.data, got.data ? got.data : "(no match)\n");
		tot->bad++;
	}
	sim_buf_free(&got);
	sim_buf_free(&want);
}

static void check_file(const char *path, unsigned version, struct totals *tot)
{
	struct printer p = {.t = sim_trace_new(model_events, NR_EVENTS),
			    .out = trace_output_memory()};
	struct sim_err err = {0};
	char *data, *save = NULL;
	size_t len;

	p.w = ftrace_writer_new(p.t, p.out, &(struct ftrace_options){.version = version});
	if (sim_read_file(path, FTRACE_FILE_MAX, &data, &len, &err)) {
		printf("%s\n", err.text);
		tot->bad++;
		data = NULL;
	}
	for (char *line = data ? strtok_r(data, "\n", &save) : NULL; line;
	     line = strtok_r(NULL, "\n", &save)) {
		char *copy = sim_xstrdup(line);
		struct ftrace_record rec;

		if (ftrace_parse_line(line, &rec))
			check_line(&p, version, copy, &rec, tot);
		sim_xfree(copy);
	}
	tot->files += data != NULL;
	sim_xfree(data);
	ftrace_writer_free(p.w);
	trace_output_close(p.out, false, NULL);
	sim_trace_free(p.t);
}

/* Every case of a group "6.8-9p". */
static void check_group(const char *dir, unsigned version, struct totals *tot)
{
	struct dirent **cases;
	int nr = scandir(dir, &cases, NULL, alphasort);
	struct sim_buf path = {0};

	for (int i = 0; i < nr; i++) {
		sim_buf_clear(&path);
		sim_buf_printf(&path, "%s/%s/trace.txt", dir, cases[i]->d_name);
		if (cases[i]->d_name[0] != '.')
			check_file(path.data, version, tot);
		free(cases[i]);
	}
	if (nr >= 0)
		free(cases);
	sim_buf_free(&path);
}

static void check_recordings(const char *dir, struct totals *tot)
{
	struct dirent **groups;
	int nr = scandir(dir, &groups, NULL, alphasort);
	struct sim_buf path = {0};

	for (int i = 0; i < nr; i++) {
		const char *name = groups[i]->d_name;

		for (unsigned v = 0; v < SIM_TRACE_VERSIONS; v++) {
			size_t len = strlen(version_name[v]);

			if (strncmp(name, version_name[v], len) || name[len] != '-')
				continue;
			sim_buf_clear(&path);
			sim_buf_printf(&path, "%s/%s", dir, name);
			check_group(path.data, v, tot);
		}
		free(groups[i]);
	}
	if (nr >= 0)
		free(groups);
	sim_buf_free(&path);
}

int main(int argc, char **argv)
{
	struct totals tot = {0};

	for (int i = 1; i < argc; i++)
		check_recordings(argv[i], &tot);
	printf("%u recordings, %u lines, %u bad\n", tot.files, tot.lines, tot.bad);
	if (tot.bad)
		return 1;
	return tot.lines ? 0 : SKIPPED;
}
