# SPDX-License-Identifier: GPL-2.0-or-later
# Bytes per second over time: what calls move in the upper panel, what the server sees in the lower.
# Also given: upper and lower, the indices of the series of each panel, as words, and with _scale and
# _unit behind these names what goes with each panel.

set yrange [0:*]
set xrange [x_from:x_to]

if (term eq "dumb") {
	set xlabel "time (" . x_unit . ")"
	which = words(lower) ? lower : upper
	scale = words(lower) ? lower_scale : upper_scale
	set ylabel (words(lower) ? lower_unit : upper_unit)
	plot for [i in which] $data index (i + 0) using ($1 / x_scale):($2 / scale) \
		with steps title names[i + 1]
} else {
	panels = (words(upper) > 0) + (words(lower) > 0)
	set multiplot layout panels, 1 title heading noenhanced font ",15"
	unset title
	do for [panel = 1:2] {
		which = panel == 1 ? upper : lower
		if (words(which) == 0) { continue }
		scale = panel == 1 ? upper_scale : lower_scale
		set ylabel (panel == 1 ? "calls (" . upper_unit : "server (" . lower_unit) . ")"
		set xlabel (panel == 2 || panels == 1 ? "time (" . x_unit . ")" : "")
		plot for [k = 1:words(which)] $data index (word(which, k) + 0) \
			using ($1 / x_scale):($2 / scale) \
			with fillsteps fillcolor rgb colour[(k - 1) % 8 + 1] notitle, \
		     for [k = 1:words(which)] $data index (word(which, k) + 0) \
			using ($1 / x_scale):($2 / scale) with steps linewidth 1.8 \
			linecolor rgb colour[(k - 1) % 8 + 1] title names[word(which, k) + 1]
	}
	unset multiplot
}
