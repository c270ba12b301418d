/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The gnuplot templates of plots/, in the program. */
#ifndef CLI_PLOT_TEMPLATES_H
#define CLI_PLOT_TEMPLATES_H

extern const char plot_template_common[], plot_template_throughput[], plot_template_inflight[],
	plot_template_dirty[], plot_template_latency[], plot_template_lanes[],
	plot_template_sweep[];

#endif
