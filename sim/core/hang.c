/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The report of a hang: who waits for what, and the cycles among them. */
#include "sim/base/math.h"
#include "sim/core/core.h"

static void add_task(struct sim_buf *out, const struct sim_task *t)
{
	sim_buf_printf(out, "task %u (%s)", t->id, t->comm);
}

static void add_site(const struct sim_world *w, struct sim_buf *out, uint16_t site)
{
	static const char *const names[] = {
		[SIM_SITE_NONE] = "nowhere", [SIM_SITE_READY] = "ready",
		[SIM_SITE_CPU] = "cpu",      [SIM_SITE_SLEEP] = "sleep",
		[SIM_SITE_JOIN] = "join",    [SIM_SITE_WAKEUP] = "wakeup",
	};
	const char *name = NULL;

	if (site < SIM_ARRAY_SIZE(names))
		name = names[site];
	else if (w->core->site_name)
		name = w->core->site_name(site);
	if (name)
		sim_buf_puts(out, name);
	else
		sim_buf_printf(out, "site %u", site);
}

/* "mutex i_lock", "folio lock of page 3 ..." */
static void add_object(struct sim_buf *out, const struct sim_task *t)
{
	const struct sim_wait_class *class = t->wait_class;

	sim_buf_puts(out, class ? class->name : "nothing in particular");
	if (class && class->describe) {
		sim_buf_putc(out, ' ');
		class->describe(t->wait_obj, out);
	}
}

/* The task that would wake t, or NULL if that is not known. */
static struct sim_task *owner_of(const struct sim_task *t)
{
	const struct sim_wait_class *class = t->wait_class;

	return class && class->owner ? class->owner(t->wait_obj) : NULL;
}

static void add_wait(struct sim_world *w, struct sim_buf *out, const struct sim_task *t)
{
	const struct sim_task *owner = owner_of(t);

	sim_buf_puts(out, "  ");
	add_task(out, t);
	sim_buf_printf(out, ", pid %u, at ", t->pid);
	add_site(w, out, t->wait_site);
	sim_buf_puts(out, ": waits for ");
	add_object(out, t);
	if (owner) {
		sim_buf_puts(out, ", held by ");
		add_task(out, owner);
	}
	sim_buf_putc(out, '\n');
}

static void add_cycle(struct sim_buf *out, const struct sim_task *first)
{
	const struct sim_task *t = first;

	sim_buf_puts(out, "cycle: ");
	do {
		add_task(out, t);
		sim_buf_puts(out, " -> ");
		add_object(out, t);
		sim_buf_puts(out, " -> ");
		t = owner_of(t);
	} while (t != first);
	add_task(out, first);
	sim_buf_putc(out, '\n');
}

/* Follow the owners from `start` on, marking the way with its id, to a task that closes a cycle. */
static const struct sim_task *find_cycle(struct sim_task *start)
{
	struct sim_task *t = start;

	while (t && t->state == SIM_TASK_BLOCKED && !t->priv->mark) {
		t->priv->mark = start->id;
		t = owner_of(t);
	}
	return t && t->state == SIM_TASK_BLOCKED && t->priv->mark == start->id ? t : NULL;
}

void sim_hang_report(struct sim_world *w, struct sim_buf *out)
{
	struct sim_core *c = w->core;

	const char *them = c->nr_blocked == 1 ? "it" : "them";

	sim_buf_printf(out, "hang at %llu ns: %u blocked task%s, and ",
		       (unsigned long long)w->now_ns, c->nr_blocked, c->nr_blocked == 1 ? "" : "s");
	if (c->heap.n || sim_ready_live(&c->ready))
		sim_buf_printf(out, "what goes on does not wake %s\n", them);
	else
		sim_buf_printf(out, "nothing that could wake %s\n", them);
	sim_list_for_each (t, &c->tasks, struct sim_task, all) {
		t->priv->mark = 0;
		if (t->state == SIM_TASK_BLOCKED)
			add_wait(w, out, t);
	}
	sim_list_for_each (t, &c->tasks, struct sim_task, all) {
		const struct sim_task *first = find_cycle(t);

		if (first)
			add_cycle(out, first);
	}
}
