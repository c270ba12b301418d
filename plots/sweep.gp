# SPDX-License-Identifier: GPL-2.0-or-later
# A figure of runs over a field of the scenario that was varied. Also given: x_title, y_title, and
# x_log, 1 if values of x are far apart.

set yrange [0:*]
set xlabel x_title . (x_unit eq "" ? "" : " (" . x_unit . ")") noenhanced
set ylabel y_title . (y_unit eq "" ? "" : " (" . y_unit . ")") noenhanced
if (x_log) {
	set logscale x 2
	set offsets 0, 0, 0, 0
} else {
	set xrange [0:*]
}
plot for [i = 1:n] $data index (i - 1) using ($1 / x_scale):($2 / y_scale) with linespoints \
	pointtype 7 pointsize 0.7 linewidth 1.8 linecolor rgb colour[(i - 1) % 8 + 1] title names[i]
