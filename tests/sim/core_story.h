/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A world whose tasks tell what they do: the story is compared with the one expected. */
#ifndef TESTS_SIM_CORE_STORY_H
#define TESTS_SIM_CORE_STORY_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sim/core/wait.h"

struct story {
	struct sim_world *w;
	struct sim_buf text;
	struct sim_waitq q;
	struct sim_completion done;
	struct sim_mutex mutex;
	struct sim_rwsem sem;
	struct sim_task *other; /* to be signalled or joined */
};

#define SITE (SIM_SITE_MODEL + 1)

static inline void story_begin(struct story *s, const struct sim_world_config *config)
{
	static const struct sim_world_config plain = {.seed = 1};

	*s = (struct story){.w = sim_world_new(config ? config : &plain)};
	assert_non_null(s->w);
	s->w->model = s;
	sim_mutex_init(&s->mutex, "m");
	sim_rwsem_init(&s->sem, "s", NULL);
}

/* Add "<time><task> <what>, " to the story; no task: "-". */
static inline void say(struct story *s, const char *what)
{
	sim_buf_printf(&s->text, "%llu%s %s, ", (unsigned long long)s->w->now_ns,
		       s->w->current ? s->w->current->comm : "-", what);
}

/* The same with the result of a wait. */
static inline void say_result(struct story *s, const char *what, int ret)
{
	const char *text = ret == 0              ? "ok"
			   : ret == -ERESTARTSYS ? "restart"
			   : ret == -EINTR       ? "intr"
			   : ret == -ETIMEDOUT   ? "timeout"
						 : "?";

	sim_buf_printf(&s->text, "%llu%s %s=%s, ", (unsigned long long)s->w->now_ns,
		       s->w->current ? s->w->current->comm : "-", what, text);
}

/* Run the world, compare the end and the story, and drop both. */
static inline void story_end(struct story *s, enum sim_end end, const char *expected)
{
	assert_string_equal(sim_end_name(sim_world_run(s->w)), sim_end_name(end));
	assert_string_equal(s->text.data ? s->text.data : "", expected);
	sim_buf_free(&s->text);
	sim_world_free(s->w);
}

#endif
