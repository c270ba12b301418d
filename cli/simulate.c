/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One run of one scenario, as all subcommands do it. */
#include "cli/simulate.h"

#define BATCH 20000u /* steps between two looks at the signals: some ten milliseconds */

static int build(struct simulation *s, struct scenario *scn, const struct scenario_run_opts *opts,
		 struct sim_err *err)
{
	*s = (struct simulation){.scn = scn};
	if (!scn)
		return -1;
	s->run = scenario_run_new(scn, opts, err);
	if (s->run)
		return 0;
	simulation_close(s);
	return -1;
}

int simulation_open(struct simulation *s, const char *path, const struct cli_overrides *overrides,
		    const struct scenario_run_opts *opts, struct sim_err *err)
{
	struct sim_conf_opts conf = cli_override_opts(overrides);

	return build(s, scenario_load(path, &conf, err), opts, err);
}

int simulation_open_text(struct simulation *s, const char *name, const struct sim_buf *text,
			 const struct cli_overrides *overrides,
			 const struct scenario_run_opts *opts, struct sim_err *err)
{
	struct sim_conf_opts conf = cli_override_opts(overrides);

	return build(s, scenario_load_text(name, text->data, text->len, &conf, err), opts, err);
}

static void show(struct simulation *s, struct progress *p)
{
	uint64_t steps = s->run->w->steps;
	uint64_t ms = progress_ms(p);
	uint64_t us = s->run->w->now_ns / 1000;

	progress_show(p, "%llu.%06llu s simulated, %llu MiB, %llu steps, %llu k/s",
		      (unsigned long long)(us / 1000000), (unsigned long long)(us % 1000000),
		      (unsigned long long)(scenario_run_bytes(s->run) >> 20),
		      (unsigned long long)steps, (unsigned long long)(steps / ms));
}

/* Steps to do next, 0 if the bound is reached. */
static uint64_t next_batch(const struct simulation *s)
{
	uint64_t left = s->bounded ? s->max_steps - s->run->w->steps : BATCH;

	return left < BATCH ? left : BATCH;
}

void simulation_go(struct simulation *s, struct progress *progress)
{
	while (!watch_interrupted() && !(s->stop && s->stop(s->stop_arg))) {
		uint64_t n = next_batch(s);

		if (!n || scenario_run_steps(s->run, n))
			break;
		if (progress && progress_due(progress))
			show(s, progress);
	}
	if (progress)
		progress_end(progress);
	s->report = scenario_run_report(s->run);
}

void simulation_close(struct simulation *s)
{
	scenario_run_free(s->run);
	scenario_free(s->scn);
	*s = (struct simulation){0};
}
