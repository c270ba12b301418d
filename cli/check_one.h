/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The check of one scenario: run twice, judged, and its passage between processes. */
#ifndef CLI_CHECK_ONE_H
#define CLI_CHECK_ONE_H

#include "cli/cli.h"

struct check_result {
	enum cli_exit code;
	uint64_t ms;   /* that it took */
	char *reason;  /* one line, "" if the code is CLI_MET */
	char *notes;   /* lines that say more */
	char *figures; /* lines of a baseline; "" if it did not come to an end */
};

/* Run the scenario twice with the overrides and judge it. */
void check_one(const char *path, const struct cli_overrides *overrides, struct check_result *r);

/* To bytes and back. Returns 0, or -1 if that is not what the bytes are. */
void check_result_pack(const struct check_result *r, struct sim_buf *out);
int check_result_unpack(const struct sim_buf *in, struct check_result *r);

/* Give the texts back; *r is empty after it. */
void check_result_free(struct check_result *r);

#endif
