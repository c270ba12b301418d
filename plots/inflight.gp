# SPDX-License-Identifier: GPL-2.0-or-later
# Requests, subrequests and messages that are under way, over time: a panel for each.

set xrange [x_from:x_to]
set yrange [0:y_max * 1.08 + 0.2]
set ytics 0, (y_max < 8 ? 1 : y_max < 40 ? 5 : y_max < 100 ? 20 : ceil(y_max / 50) * 10)

if (term eq "dumb") {
	set xlabel "time (" . x_unit . ")"
	set ylabel "in flight"
	plot for [i = 1:n] $data index (i - 1) using ($1 / x_scale):2 with steps title names[i]
} else {
	set multiplot layout n, 1 title heading noenhanced font ",15"
	unset title
	set rmargin 4
	do for [i = 1:n] {
		set xlabel (i == n ? "time (" . x_unit . ")" : "")
		set ylabel names[i] noenhanced
		plot $data index (i - 1) using ($1 / x_scale):2 \
			with fillsteps fillcolor rgb colour[(i - 1) % 8 + 1] notitle, \
		     $data index (i - 1) using ($1 / x_scale):2 \
			with steps linewidth 1.2 linecolor rgb colour[(i - 1) % 8 + 1] notitle
	}
	unset multiplot
}
