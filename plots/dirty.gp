# SPDX-License-Identifier: GPL-2.0-or-later
# Bytes of the page cache that are dirty and under writeback, over time.

set xlabel "time (" . x_unit . ")"
set ylabel "page cache (" . y_unit . ")"
set xrange [x_from:x_to]
set yrange [0:*]
hue(i) = i <= 2 ? 3 - i : (i - 1) % 8 + 1
if (term eq "dumb") {
	plot for [i = 1:n] $data index (i - 1) using ($1 / x_scale):($2 / y_scale) \
		with steps title names[i]
} else {
	plot for [i = 1:n] $data index (i - 1) using ($1 / x_scale):($2 / y_scale) \
		with fillsteps fillcolor rgb colour[hue(i)] notitle, \
	     for [i = 1:n] $data index (i - 1) using ($1 / x_scale):($2 / y_scale) \
		with steps linewidth 1.8 linecolor rgb colour[hue(i)] \
		title names[i]
}
