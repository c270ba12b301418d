#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Instructions of the whole model for each event, step and kernel record, by callgrind. The
# difference of two run lengths is taken, so that setting up and tearing down cancel.
#
#	bench/icount.sh path/to/bench_model [WORKLOAD...]
set -eu

bench=$1
shift
[ $# -gt 0 ] || set -- write write-large read-random many
out=$(mktemp)
trap 'rm -f "$out"' EXIT

instructions()
{
	valgrind --tool=callgrind --callgrind-out-file=/dev/null "$bench" "$1" "$2" 2>"$out"
	sed -n 's/.*Collected : //p' "$out"
}

calls()
{
	case $1 in
	write) echo 6144 10240 ;;
	write-large) echo 1024 4096 ;;
	read-random) echo 20000 40000 ;;
	many) echo 70400 102400 ;;
	esac
}

printf '%-14s %12s %12s %12s\n' 'instructions' 'per event' 'per step' 'per record'
for workload; do
	# shellcheck disable=SC2046
	set -- $(calls "$workload")
	few=$(instructions "$workload" "$1")
	many=$(instructions "$workload" "$2")
	# shellcheck disable=SC2046
	set -- $("$bench" --counts "$workload" "$1") $("$bench" --counts "$workload" "$2")
	steps=$(($4 - $1)) records=$(($5 - $2)) kernel=$(($6 - $3))
	printf '%-14s %12d %12d %12d\n' "$workload" $(((many - few) / (steps + records))) \
		$(((many - few) / steps)) $(((many - few) / kernel))
done
printf '%-14s %12d %12s %12d\n' 'limit' 2500 - 700
