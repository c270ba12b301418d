/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The gnuplot script of a picture, and gnuplot. */
#ifndef CLI_PLOT_SCRIPT_H
#define CLI_PLOT_SCRIPT_H

#include "cli/plot_data.h"

enum plot_term { PLOT_SVG, PLOT_PNG, PLOT_DUMB };

struct plot_script {
	enum plot_term term;
	const char *heading;
	const char *output;     /* file that gnuplot writes; NULL: standard output */
	const char *template;   /* text in place of the kind's own; NULL */
	unsigned width, height; /* pixels, or characters of a terminal; 0: the usual */
	const struct plot_options *opts;
};

/* The whole script: it needs nothing else to be drawn. */
void plot_script_write(const struct plot_script *s, const struct plot_data *d, struct sim_buf *out);

/*
 * Let gnuplot do it. Returns 0; 77 if there is no gnuplot, 2 if it fails (it has said why).
 */
int plot_script_draw(const struct sim_buf *script);

#endif
