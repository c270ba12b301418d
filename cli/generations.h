/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The generations of the design by name. */
#ifndef CLI_GENERATIONS_H
#define CLI_GENERATIONS_H

#define CLI_GENERATIONS 3

struct cli_generation {
	const char *name;    /* as scenarios write it */
	const char *release; /* the kernel whose behaviour is modelled */
	const char *text;
};

/* In the order of enum generation and of the version axis of events. */
extern const struct cli_generation cli_generations[CLI_GENERATIONS];

#endif
