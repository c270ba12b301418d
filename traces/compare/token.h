/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One netfs_* line without what may differ between two runs of the same thing. */
#ifndef TRACES_COMPARE_TOKEN_H
#define TRACES_COMPARE_TOKEN_H

#include <stdbool.h>

#include "sim/base/text.h"

/*
 * The token of a line: event, [index], and the rest without request numbers, inode numbers, slots,
 * reference counts, folio queue ids; a cookie is 0 or 1. Unless values is set, offsets and lengths
 * are left out too. Replaces what b held.
 */
void token_of_line(struct sim_buf *b, const char *event, const char *text, bool values);

/* The token without its flags (" f=..."). Replaces what b held. */
void token_without_flags(struct sim_buf *b, const char *token);

/* What a token says about who may have emitted it, and when. */
enum token_class {
	/* Its number or place depends on how often the collector happened to run. */
	TOKEN_TIMING = 1 << 0,
	/* The request is being freed: from here on, whoever dropped the last reference speaks. */
	TOKEN_REQUEST_FREE = 1 << 1,
	/* A subrequest's end, emitted by whoever dropped its last reference. */
	TOKEN_SUBREQUEST_PUT = 1 << 2,
};

/* The set of enum token_class that holds for a token. */
unsigned token_classify(const char *token);

#endif
