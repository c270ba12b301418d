# SPDX-License-Identifier: GPL-2.0-or-later
# Which part of the calls (upper panel) and messages (lower panel) of each kind took at most so long.
# Times of 0 are drawn at the left edge: a logarithm has no 0. Also given: upper and lower, the
# indices of the series of each panel, as words.

left = 0.5
x(ns) = ns < 1000 * left ? left : ns / 1000.0
set logscale x
set xrange [left:x_to_ns / 1000.0 * 1.3]
set xtics ("1us" 1, "10us" 10, "100us" 100, "1ms" 1e3, "10ms" 1e4, "100ms" 1e5, "1s" 1e6, "10s" 1e7, \
	   "100s" 1e8)
set yrange [0:103]
set ytics ("0" 0, "25" 25, "50" 50, "75" 75, "90" 90, "100" 100)

if (term eq "dumb") {
	set xlabel "time taken"
	set ylabel "%"
	plot for [i = 1:n] $data index (i - 1) using (x($1)):($2 / 10.0) with steps title names[i]
} else {
	panels = (words(upper) > 0) + (words(lower) > 0)
	set multiplot layout panels, 1 title heading noenhanced font ",15"
	unset title
	do for [panel = 1:2] {
		which = panel == 1 ? upper : lower
		if (words(which) == 0) { continue }
		set ylabel (panel == 1 ? "calls (%)" : "messages (%)")
		set xlabel (panel == 2 || panels == 1 ? "time taken" : "")
		plot for [k = 1:words(which)] $data index (word(which, k) + 0) \
			using (x($1)):($2 / 10.0) with steps linewidth 2 \
			linecolor rgb colour[(k - 1) % 8 + 1] title names[word(which, k) + 1]
	}
	unset multiplot
}
