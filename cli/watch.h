/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Long work: progress on a terminal, and its end by Ctrl-C. */
#ifndef CLI_WATCH_H
#define CLI_WATCH_H

#include <stdbool.h>
#include <stdint.h>

/* From now on SIGINT and SIGTERM set a flag the first time, and end the program the second. */
void watch_signals(void);
bool watch_interrupted(void);

/* Milliseconds of the machine's own clock, for progress and test reports only. */
uint64_t watch_clock_ms(void);

/* A line on standard error that is rewritten in place; nothing if that is no terminal. */
struct progress {
	bool on;
	bool shown; /* a line stands there */
	uint64_t start_ms, next_ms;
};

void progress_begin(struct progress *p);
/* True if the line may be rewritten now: a few times in a second. */
bool progress_due(struct progress *p);
void progress_show(struct progress *p, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Milliseconds since progress_begin(), at least 1. */
uint64_t progress_ms(const struct progress *p);
/* Take the line away. */
void progress_end(struct progress *p);

#endif
