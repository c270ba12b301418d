/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A file of exact figures per scenario. */
#include "cli/baseline.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "cli/paths.h"
#include "sim/base/arena.h"

#define MAX_FILE ((size_t)64 << 20)

static const char first_line[] = "# netfs-sim baseline 1\n";

/* Where the scenario is, or where it belongs. */
static size_t place_of(const struct baseline *b, const char *scenario, bool *found)
{
	size_t low = 0, high = b->nr;

	while (low < high) {
		size_t mid = (low + high) / 2;

		if (strcmp(b->at[mid].scenario, scenario) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	*found = low < b->nr && !strcmp(b->at[low].scenario, scenario);
	return low;
}

void baseline_set(struct baseline *b, const char *scenario, const char *figures)
{
	bool found;
	size_t i = place_of(b, scenario, &found);

	if (found) {
		sim_xfree(b->at[i].figures);
	} else {
		b->at = sim_xrealloc(b->at, b->nr + 1, sizeof(*b->at));
		memmove(&b->at[i + 1], &b->at[i], (b->nr - i) * sizeof(*b->at));
		b->at[i].scenario = sim_xstrdup(scenario);
		b->nr++;
	}
	b->at[i].figures = sim_xstrdup(figures);
}

void baseline_drop(struct baseline *b, size_t i)
{
	sim_xfree(b->at[i].scenario);
	sim_xfree(b->at[i].figures);
	b->nr--;
	memmove(&b->at[i], &b->at[i + 1], (b->nr - i) * sizeof(*b->at));
}

void baseline_free(struct baseline *b)
{
	for (size_t i = 0; i < b->nr; i++) {
		sim_xfree(b->at[i].scenario);
		sim_xfree(b->at[i].figures);
	}
	sim_xfree(b->at);
	*b = (struct baseline){0};
}

/* ---- reading and writing ---- */

struct section {
	char *scenario; /* NULL: before the first */
	struct sim_buf figures;
};

static void end_section(struct baseline *b, struct section *s)
{
	if (s->scenario) {
		char *scenario = path_normal(s->scenario);

		baseline_set(b, scenario, s->figures.data ? s->figures.data : "");
		sim_xfree(scenario);
	}
	sim_xfree(s->scenario);
	sim_buf_free(&s->figures);
	*s = (struct section){0};
}

/* One line without its end. */
static int parse_line(struct baseline *b, struct section *s, const char *line, size_t len)
{
	if (!len || *line == '#')
		return 0;
	if (*line == '[') {
		if (len < 3 || line[len - 1] != ']')
			return -1;
		end_section(b, s);
		s->scenario = sim_xcalloc(len - 1, 1);
		memcpy(s->scenario, line + 1, len - 2);
		return 0;
	}
	if (!s->scenario || !memchr(line, ' ', len))
		return -1;
	sim_buf_add(&s->figures, line, len);
	sim_buf_putc(&s->figures, '\n');
	return 0;
}

static int parse(const char *path, const char *text, struct baseline *b, struct sim_err *err)
{
	struct section s = {0};
	unsigned line = 1;
	int ret = 0;

	if (strncmp(text, first_line, sizeof(first_line) - 1))
		return sim_err_set(err, "%s:1:1: no baseline; it begins with '%.*s'", path,
				   (int)sizeof(first_line) - 2, first_line);
	for (; *text && !ret; line++) {
		size_t len = strcspn(text, "\n");

		ret = parse_line(b, &s, text, len);
		if (ret)
			sim_err_set(err,
				    "%s:%u:1: '%.*s': no line of a baseline; allowed: "
				    "[SCENARIO], NAME VALUE, # comment",
				    path, line, len > 40 ? 40 : (int)len, text);
		text += len + (text[len] == '\n');
	}
	end_section(b, &s);
	return ret;
}

int baseline_read(const char *path, bool missing_ok, struct baseline *b, struct sim_err *err)
{
	size_t len;
	char *text;
	int ret;

	*b = (struct baseline){0};
	if (access(path, F_OK) && errno == ENOENT)
		return missing_ok ? 0
				  : sim_err_set(err, "%s: no such file; --bless writes it", path);
	if (sim_read_file(path, MAX_FILE, &text, &len, err))
		return -1;
	ret = parse(path, text, b, err);
	sim_xfree(text);
	if (ret)
		baseline_free(b);
	return ret;
}

int baseline_write(const char *path, const struct baseline *b, struct sim_err *err)
{
	struct sim_buf out = {0};
	int ret;

	sim_buf_puts(&out, first_line);
	sim_buf_puts(&out,
		     "# Exact figures of every scenario; 'netfs-sim check --bless' writes them.\n");
	for (size_t i = 0; i < b->nr; i++)
		sim_buf_printf(&out, "\n[%s]\n%s", b->at[i].scenario, b->at[i].figures);
	ret = sim_write_file(path, out.data, out.len, err);
	sim_buf_free(&out);
	return ret;
}

/* ---- comparing ---- */

/* The value of a name among lines "NAME VALUE"; NULL if it is not there. */
static const char *find(const char *figures, const char *name, size_t len)
{
	while (*figures) {
		size_t line = strcspn(figures, "\n");

		if (line > len && !strncmp(figures, name, len) && figures[len] == ' ')
			return figures + len + 1;
		figures += line + (figures[line] == '\n');
	}
	return NULL;
}

/* Every line of figures whose counterpart in others differs or, if only_missing, is not there. */
static unsigned compare_lines(const char *figures, const char *others, bool only_missing,
			      struct sim_buf *out)
{
	unsigned n = 0;

	while (*figures) {
		size_t line = strcspn(figures, "\n");
		size_t name = strcspn(figures, " \n");
		const char *value = figures + name + 1;
		int value_len = (int)(line - name - 1);
		const char *other = find(others, figures, name);
		int other_len = other ? (int)strcspn(other, "\n") : 0;

		if (!other && only_missing) {
			n++;
			sim_buf_printf(out, "baseline: %.*s is gone, was %.*s\n", (int)name,
				       figures, value_len, value);
		} else if (!other) {
			n++;
			sim_buf_printf(out, "baseline: %.*s is new: %.*s\n", (int)name, figures,
				       value_len, value);
		} else if (!only_missing &&
			   (other_len != value_len || memcmp(other, value, (size_t)value_len))) {
			n++;
			sim_buf_printf(out, "baseline: %.*s is %.*s, was %.*s\n", (int)name,
				       figures, value_len, value, other_len, other);
		}
		figures += line + (figures[line] == '\n');
	}
	return n;
}

unsigned baseline_compare(const struct baseline *b, const char *scenario, const char *figures,
			  struct sim_buf *out)
{
	bool found;
	size_t i = place_of(b, scenario, &found);
	const char *old;

	if (!found) {
		sim_buf_puts(out, "baseline: has no such scenario; --bless adds it\n");
		return 1;
	}
	old = b->at[i].figures;
	return compare_lines(figures, old, false, out) + compare_lines(old, figures, true, out);
}
