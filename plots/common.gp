# SPDX-License-Identifier: GPL-2.0-or-later
# The look of all pictures. Before this come, written by "netfs-sim plot": the terminal and output,
# term ("svg", "png", "dumb"), heading, n (series), names[1..n], x_unit and x_scale, y_unit and
# y_scale (what a value of the data is divided by), and $data with one index per series.

# Okabe and Ito's colours: told apart by all eyes, and in grey.
array colour[8] = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#7f7f7f", "#000000"]

set title heading noenhanced font ",15"
set border 3 linewidth 0.8 linecolor "#606060"
set tics nomirror out scale 0.6 textcolor "#303030"
set grid linetype 1 linewidth 0.6 linecolor "#e4e4e4"
set key at graph 1.02, graph 1.0 left top vertical Left reverse noenhanced samplen 1.6 spacing 1.2
set format x "%g"
set format y "%g"
set lmargin 11
longest = 0
do for [i = 1:n] { longest = strlen(names[i]) > longest ? strlen(names[i]) : longest }
set rmargin (longest > 21 ? longest * 0.8 + 9 : 24)
set style fill transparent solid 0.25 noborder
set samples 2
if (term eq "dumb") {
	unset grid
	set key default
	set key below noenhanced
	set tics scale 1
	set lmargin 9
	set rmargin 3
}
