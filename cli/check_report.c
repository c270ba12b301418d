/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What "check" prints: text, TAP, KTAP, JUnit, JSON. */
#include "cli/check_report.h"

#include <inttypes.h>
#include <string.h>

/* Each line of text with something before it. */
static void put_lines(struct sim_buf *out, const char *before, const char *text)
{
	while (*text) {
		size_t len = strcspn(text, "\n");

		sim_buf_puts(out, before);
		sim_buf_add(out, text, len);
		sim_buf_putc(out, '\n');
		text += len + (text[len] == '\n');
	}
}

/* ---- text ---- */

static void put_text(struct check_report *rep, const char *path, const struct check_result *r)
{
	static const char *const words[] = {
		[CLI_MET] = "ok",      [CLI_VIOLATED] = "FAILED",
		[CLI_USAGE] = "ERROR", [CLI_NONDETERMINISM] = "UNSTABLE",
		[CLI_LIMIT] = "LIMIT", [CLI_INTERNAL] = "CRASHED",
	};

	sim_buf_printf(rep->out, "%-8s %s", r->code == CLI_SKIPPED ? "not run" : words[r->code],
		       path);
	if (*r->reason)
		sim_buf_printf(rep->out, ": %s", r->reason);
	sim_buf_putc(rep->out, '\n');
	if (r->code != CLI_MET)
		put_lines(rep->out, "         ", r->notes);
}

/* ---- TAP and KTAP ---- */

/* '#' begins a directive. */
static void put_name(struct sim_buf *out, const char *name)
{
	for (; *name; name++) {
		if (*name == '#' || *name == '\\')
			sim_buf_putc(out, '\\');
		sim_buf_putc(out, *name);
	}
}

static void put_tap(struct check_report *rep, size_t i, const char *path,
		    const struct check_result *r)
{
	bool good = r->code == CLI_MET || r->code == CLI_SKIPPED;

	sim_buf_printf(rep->out, "%s %zu%s ", good ? "ok" : "not ok", i + 1,
		       rep->format == CHECK_TAP ? " -" : "");
	put_name(rep->out, path);
	if (r->code == CLI_SKIPPED)
		sim_buf_printf(rep->out, " # SKIP %s", r->reason);
	sim_buf_putc(rep->out, '\n');
	if (good)
		return;
	put_lines(rep->out, "# ", r->reason);
	put_lines(rep->out, "# ", r->notes);
}

/* ---- JUnit ---- */

/* Text of an element or attribute; what XML 1.0 cannot hold becomes '?'. */
static void put_xml(struct sim_buf *out, const char *s)
{
	for (; *s; s++) {
		if (*s == '&')
			sim_buf_puts(out, "&amp;");
		else if (*s == '<')
			sim_buf_puts(out, "&lt;");
		else if (*s == '>')
			sim_buf_puts(out, "&gt;");
		else if (*s == '"')
			sim_buf_puts(out, "&quot;");
		else if ((unsigned char)*s < 0x20 && *s != '\n' && *s != '\t')
			sim_buf_putc(out, '?');
		else
			sim_buf_putc(out, *s);
	}
}

static void put_attribute(struct sim_buf *out, const char *name, const char *value, size_t len)
{
	struct sim_buf part = {0};

	sim_buf_add(&part, value, len);
	sim_buf_putc(&part, '\0');
	sim_buf_printf(out, " %s=\"", name);
	put_xml(out, part.data);
	sim_buf_putc(out, '"');
	sim_buf_free(&part);
}

static void put_seconds(struct sim_buf *out, uint64_t ms)
{
	sim_buf_printf(out, " time=\"%" PRIu64 ".%03" PRIu64 "\"", ms / 1000, ms % 1000);
}

/* Not a verdict on the scenario: there is none. */
static bool is_error(const struct check_result *r)
{
	return r->code == CLI_USAGE || r->code == CLI_INTERNAL;
}

static void put_junit(struct check_report *rep, const char *path, const struct check_result *r)
{
	const char *slash = strrchr(path, '/');
	struct sim_buf *out = &rep->cases;
	const char *kind = r->code == CLI_SKIPPED ? "skipped" : is_error(r) ? "error" : "failure";

	sim_buf_puts(out, "  <testcase");
	put_attribute(out, "classname", path, slash ? (size_t)(slash - path) : 0);
	put_attribute(out, "name", slash ? slash + 1 : path, strlen(slash ? slash + 1 : path));
	put_seconds(out, r->ms);
	if (r->code == CLI_MET) {
		sim_buf_puts(out, "/>\n");
		return;
	}
	sim_buf_printf(out, ">\n   <%s", kind);
	put_attribute(out, "message", r->reason, strlen(r->reason));
	sim_buf_putc(out, '>');
	put_xml(out, r->notes);
	sim_buf_printf(out, "</%s>\n  </testcase>\n", kind);
}

static void end_junit(struct check_report *rep)
{
	sim_buf_puts(rep->out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n");
	sim_buf_printf(rep->out,
		       " <testsuite name=\"netfs-sim\" tests=\"%zu\" failures=\"%zu\" "
		       "errors=\"%zu\" skipped=\"%zu\"",
		       rep->nr, rep->failed - rep->errors, rep->errors, rep->skipped);
	put_seconds(rep->out, rep->ms);
	sim_buf_puts(rep->out, ">\n");
	sim_buf_add(rep->out, rep->cases.data ? rep->cases.data : "", rep->cases.len);
	sim_buf_puts(rep->out, " </testsuite>\n</testsuites>\n");
	sim_buf_free(&rep->cases);
}

/* ---- JSON ---- */

static void put_json(struct check_report *rep, const char *path, const struct check_result *r)
{
	json_open(&rep->json, NULL, '{');
	json_text(&rep->json, "scenario", path);
	json_bool(&rep->json, "ok", r->code == CLI_MET);
	json_uint(&rep->json, "code", r->code);
	json_text(&rep->json, "reason", *r->reason ? r->reason : NULL);
	json_text(&rep->json, "notes", *r->notes ? r->notes : NULL);
	json_uint(&rep->json, "ms", r->ms);
	json_close(&rep->json, '}');
}

/* ---- all ---- */

void check_report_begin(struct check_report *rep)
{
	switch (rep->format) {
	case CHECK_TAP:
		sim_buf_printf(rep->out, "TAP version 13\n1..%zu\n", rep->nr);
		break;
	case CHECK_KTAP:
		sim_buf_printf(rep->out, "KTAP version 1\n1..%zu\n", rep->nr);
		break;
	case CHECK_JSON:
		rep->json.out = rep->out;
		json_open(&rep->json, NULL, '[');
		break;
	case CHECK_TEXT:
	case CHECK_JUNIT:
		break;
	}
}

void check_report_add(struct check_report *rep, size_t i, const char *path,
		      const struct check_result *r)
{
	rep->ms += r->ms;
	if (r->code == CLI_MET)
		rep->passed++;
	else if (r->code == CLI_SKIPPED)
		rep->skipped++;
	else
		rep->failed++;
	rep->errors += is_error(r);
	switch (rep->format) {
	case CHECK_TEXT:
		put_text(rep, path, r);
		break;
	case CHECK_TAP:
	case CHECK_KTAP:
		put_tap(rep, i, path, r);
		break;
	case CHECK_JUNIT:
		put_junit(rep, path, r);
		break;
	case CHECK_JSON:
		put_json(rep, path, r);
		break;
	}
}

void check_report_end(struct check_report *rep)
{
	if (rep->format == CHECK_JUNIT)
		end_junit(rep);
	else if (rep->format == CHECK_JSON)
		json_close(&rep->json, ']');
	else if (rep->format == CHECK_TEXT)
		sim_buf_printf(rep->out, "%zu passed, %zu failed, %zu not run\n", rep->passed,
			       rep->failed, rep->skipped);
}
