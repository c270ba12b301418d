/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Long work: progress on a terminal, and its end by Ctrl-C. */
#include "cli/watch.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define PERIOD_MS 200

static volatile sig_atomic_t interrupted;

static void on_signal(int sig)
{
	interrupted = 1;
}

void watch_signals(void)
{
	struct sigaction action = {.sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND};

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
}

bool watch_interrupted(void)
{
	return interrupted;
}

uint64_t watch_clock_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

void progress_begin(struct progress *p)
{
	p->on = isatty(STDERR_FILENO);
	p->shown = false;
	p->start_ms = watch_clock_ms();
	p->next_ms = p->start_ms + PERIOD_MS;
}

bool progress_due(struct progress *p)
{
	return p->on && watch_clock_ms() >= p->next_ms;
}

void progress_show(struct progress *p, const char *fmt, ...)
{
	va_list ap;

	if (!p->on)
		return;
	va_start(ap, fmt);
	fputs("\r\033[K", stderr);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fflush(stderr);
	p->shown = true;
	p->next_ms = watch_clock_ms() + PERIOD_MS;
}

uint64_t progress_ms(const struct progress *p)
{
	uint64_t now = watch_clock_ms();

	return now > p->start_ms ? now - p->start_ms : 1;
}

void progress_end(struct progress *p)
{
	if (p->shown)
		fputs("\r\033[K", stderr);
	p->shown = false;
}
