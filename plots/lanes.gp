# SPDX-License-Identifier: GPL-2.0-or-later
# One lane per request: a grey bar from its beginning to its end, and on it its subrequests, coloured
# by where the bytes come from or go to. Also given: $lanes with the label of each lane, nr_lanes.

tint(s) = s eq "DOWN" ? "#0072b2" : s eq "UPLD" ? "#d55e00" : s eq "READ" ? "#009e73" : \
	  s eq "WRIT" ? "#e69f00" : s eq "ZERO" ? "#56b4e9" : s eq "request" ? "#d9d9d9" : "#cc79a7"
meaning(s) = s eq "DOWN" ? "download" : s eq "UPLD" ? "upload" : s eq "READ" ? "read from cache" : \
	  s eq "WRIT" ? "write to cache" : s eq "ZERO" ? "zeros" : s

set xlabel "time (" . x_unit . ")"
set xrange [x_from:x_to]
set yrange [nr_lanes - 0.4:-0.6]
set grid noytics
set ytics scale 0 font ",11" noenhanced
set lmargin -1
half(request) = request > 0 ? 0.40 : 0.22
if (term eq "dumb") {
	plot for [i = 1:n] $data index (i - 1) \
		using ($1 / x_scale):3:($1 / x_scale):($2 / x_scale):3:3 with boxxyerror \
		title meaning(names[i]), \
	     $lanes using (NaN):1:ytic(2) with points notitle
} else {
	plot for [i = 1:n] $data index (i - 1) \
		using ($1 / x_scale):3:($1 / x_scale):($2 / x_scale):($3 - half($4)):($3 + half($4)) \
		with boxxyerror fillcolor rgb tint(names[i]) fillstyle solid 1.0 \
		border linecolor rgb tint(names[i]) linewidth 1 title meaning(names[i]), \
	     $lanes using (x_from):1:ytic(2) with points pointtype -1 notitle
}
