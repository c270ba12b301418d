/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The manual page netfs-sim-events(7), written from the tables of events and sites. */
/* Mirrors: no kernel file. */
#include "model/events/events.h"

#include <string.h>

#include "model/events/sites.h"
#include "sim/base/text.h"

static const char *const version_name[SIM_TRACE_VERSIONS] = {"6.1", "6.8", "6.12"};

static const char *const type_name[SIM_TRACE_NR_TYPES] = {
	[SIM_TRACE_U8] = "u8",    [SIM_TRACE_U16] = "u16",     [SIM_TRACE_U32] = "u32",
	[SIM_TRACE_U64] = "u64",  [SIM_TRACE_S16] = "s16",     [SIM_TRACE_S32] = "s32",
	[SIM_TRACE_S64] = "s64",  [SIM_TRACE_TAG] = "tag",     [SIM_TRACE_TAG16] = "site",
	[SIM_TRACE_STR] = "text", [SIM_TRACE_FLAGS] = "flags",
};

static const char intro[] =
	"netfs-sim-events(7)\n"
	"\n"
	"# NAME\n"
	"\n"
	"netfs-sim-events - the trace events of netfs-sim\n"
	"\n"
	"# DESCRIPTION\n"
	"\n"
	"Each event is listed with the kernels that have it, the layout of its text and its\n"
	"fields. The text of an event is what the kernel prints after the event's name in\n"
	"tracefs. In a layout, {field} stands for the value: a tag, a text, or a number in\n"
	"hexadecimal (x, with at least as many digits as the number before it says) or\n"
	"decimal (u unsigned, d signed). Events of the system _sim_ are the simulator's own;\n"
	"a filter that admits only other systems drops them.\n"
	"\n"
	"Every event counts in the fingerprint of a run, except those marked _observation_:\n"
	"they depend on how a run is watched.\n";

/* A text in scdoc's markup: what has a meaning there is escaped. */
static void add_plain(struct sim_buf *out, const char *s)
{
	for (; *s; s++) {
		if (strchr("_*\\#[]|<>.+-~`", *s))
			sim_buf_putc(out, '\\');
		sim_buf_putc(out, *s);
	}
}

static void add_versions(struct sim_buf *out, const struct sim_trace_event *ev)
{
	const char *sep = "";

	sim_buf_puts(out, "Kernels: ");
	for (unsigned v = 0; v < SIM_TRACE_VERSIONS; v++) {
		if (!(ev->versions >> v & 1))
			continue;
		sim_buf_puts(out, sep);
		add_plain(out, version_name[v]);
		sep = ", ";
	}
	sim_buf_puts(out, ev->flags & SIM_TRACE_OBSERVE ? ". An _observation_.\n\n" : ".\n\n");
}

static void add_fields(struct sim_buf *out, const struct sim_trace_event *ev)
{
	const char *sep = "";

	sim_buf_puts(out, "Fields: ");
	for (unsigned i = 0; i < ev->nr_fields; i++) {
		const struct sim_trace_field *f = &ev->field[i];

		sim_buf_puts(out, sep);
		add_plain(out, f->name);
		sim_buf_putc(out, ' ');
		if (f->type == SIM_TRACE_TAG || f->type == SIM_TRACE_FLAGS) {
			sim_buf_puts(out, "_");
			add_plain(out, f->tags->name);
			sim_buf_puts(out, "_");
		} else {
			add_plain(out, type_name[f->type]);
		}
		sep = ", ";
	}
	sim_buf_puts(out, ".\n\n");
}

static void add_event(struct sim_buf *out, const struct sim_trace_event *ev)
{
	sim_buf_puts(out, "## ");
	add_plain(out, ev->name);
	sim_buf_puts(out, "\n\n");
	add_plain(out, ev->doc);
	sim_buf_puts(out, "\n\n");
	add_versions(out, ev);
	sim_buf_puts(out, "\t");
	add_plain(out, ev->layout);
	sim_buf_puts(out, "\n\n");
	add_fields(out, ev);
}

static bool same_text(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

/* ' "clear" (6.8, 6.12)': each text of a tag once, with its kernels unless all have it. */
static void add_texts(struct sim_buf *out, const struct sim_trace_tag *tag)
{
	for (unsigned v = 0; v < SIM_TRACE_VERSIONS; v++) {
		const char *sep = " (";
		unsigned first = 0, nr = 0;

		while (!same_text(tag->text[first], tag->text[v]))
			first++;
		for (unsigned w = v; w < SIM_TRACE_VERSIONS; w++)
			nr += same_text(tag->text[w], tag->text[v]);
		if (!tag->text[v] || first < v)
			continue;
		sim_buf_puts(out, " \"");
		add_plain(out, tag->text[v]);
		sim_buf_puts(out, "\"");
		for (unsigned w = v; w < SIM_TRACE_VERSIONS && nr < SIM_TRACE_VERSIONS; w++) {
			if (!same_text(tag->text[w], tag->text[v]))
				continue;
			sim_buf_puts(out, sep);
			add_plain(out, version_name[w]);
			sep = ", ";
		}
		sim_buf_puts(out, nr < SIM_TRACE_VERSIONS ? ")" : "");
	}
}

static void add_tags(struct sim_buf *out, const struct sim_trace_tags *tags)
{
	sim_buf_puts(out, "## ");
	add_plain(out, tags->name);
	sim_buf_puts(out, "\n\n");
	for (unsigned i = 0; i < tags->nr; i++) {
		const struct sim_trace_tag *tag = &tags->tag[i];

		sim_buf_puts(out, "- ");
		add_plain(out, tag->name);
		sim_buf_puts(out, ":");
		add_texts(out, tag);
		sim_buf_putc(out, '\n');
	}
	sim_buf_putc(out, '\n');
}

static void add_flag(struct sim_buf *out, const char *name, unsigned value)
{
	sim_buf_printf(out, "- %x: ", value);
	add_plain(out, name);
	sim_buf_putc(out, '\n');
}

static void add_flags(struct sim_buf *out)
{
	sim_buf_puts(
		out,
		"# FLAGS\n\n"
		"What _f=_ is the sum of, in hexadecimal, in 6.8; netfs_failure has the flags of "
		"netfs_sreq.\n\n");
/* clang-format off */
#define FLAGS_BEGIN(e, event)           \
	sim_buf_puts(out, "## ");       \
	add_plain(out, event);          \
	sim_buf_puts(out, "\n\n");
#define FLAG(name, value) add_flag(out, #name, value);
#define FLAGS_END(e)      sim_buf_putc(out, '\n');
#include "model/events/flags.def"
#undef FLAGS_BEGIN
#undef FLAG
#undef FLAGS_END
	/* clang-format on */
}

static void add_sites_that(struct sim_buf *out, bool is_point)
{
	for (uint16_t i = SIM_SITE_MODEL; i < MODEL_SITE_END; i++) {
		if (model_site_is_point(i) != is_point)
			continue;
		sim_buf_puts(out, "*");
		add_plain(out, model_site_name(i));
		sim_buf_puts(out, "*\n\t");
		add_plain(out, model_site_doc(i));
		sim_buf_puts(out, "\n\n");
	}
}

/* Those of the core have no text: nothing of a scenario names them. */
static void add_sites(struct sim_buf *out)
{
	sim_buf_puts(out,
		     "# SITES\n\n"
		     "Points that a task passes: a *hold* of a scenario can stop it there.\n\n");
	add_sites_that(out, true);
	sim_buf_puts(out,
		     "Where a task waits, sleeps or is idle, and what a server, a disk or a timer "
		     "does: choices are made there, and reports of hangs name them, but no hold "
		     "can. To hold a task until another one waits, let the hold end some time "
		     "after the start of the other's operation.\n\n");
	add_sites_that(out, false);
}

void events_man(struct sim_buf *out)
{
	unsigned nr;
	const struct sim_trace_tags *const *tags = model_event_tags(&nr);

	sim_buf_puts(out, intro);
	sim_buf_puts(out, "\n# EVENTS\n\n");
	for (unsigned i = 0; i < NR_EVENTS; i++)
		add_event(out, &model_events[i]);
	sim_buf_puts(
		out,
		"# TAGS\n\n"
		"What the tags are called in the kernel's source, and how they are printed: by "
		"all kernels alike, or by those in parentheses. A bit of a state that a kernel "
		"has no name for is printed as a number: in 6.8, I_SYNC_QUEUED as 0x20000.\n\n");
	for (unsigned i = 0; i < nr; i++)
		add_tags(out, tags[i]);
	add_flags(out);
	add_sites(out);
	sim_buf_puts(out, "# SEE ALSO\n\n*netfs-sim*(1), *netfs-sim-scenario*(5)\n");
}
