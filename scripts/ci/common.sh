# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What the checks in this folder share; each sources it. A check prints one line per result,
# "ok NAME", "not ok NAME: WHY" or "skip NAME: WHY", which scripts/test counts, and exits 1 after a
# "not ok". Build folders are $BUILD and $BUILD-SOMETHING; BUILD is build/ unless it is set.
set -u
export LC_ALL=C
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
BUILD=${BUILD:-$root/build}
jobs=$(nproc)
python=/usr/bin/python3 # Debian's, which has Debian's modules
bad=0

ok() { echo "ok $1"; }
not_ok() {
	echo "not ok $1${2:+: $2}"
	bad=1
}
skip() { echo "skip $1: $2"; }

need() { # need NAME PROGRAM...: end, skipped, unless the programs are there
	local name=$1 program
	shift
	for program; do
		command -v "$program" >/dev/null || { skip "$name" "$program is not installed"; exit 0; }
	done
}

build() { # build NAME [MESON OPTION...]: configure and build $BUILD-NAME; its log on failure
	local name=$1 dir=$BUILD${1:+-$1} log=$BUILD${1:+-$1}.log options=() word
	shift
	for word; do
		case $word in -D*) options+=("$word") ;; esac
	done
	mkdir -p "$(dirname "$BUILD")"
	{
		if [ -f "$dir/build.ninja" ]; then
			meson configure "$dir" "${options[@]}"
		else
			meson setup "$dir" "$root" "$@"
		fi && ninja -C "$dir" -j "$jobs"
	} >"$log" 2>&1 && return 0
	grep -nE 'error|FAILED|ERROR' "$log" | head -n 20
	tail -n 20 "$log"
	not_ok "build${name:+ $name}" "see $log"
	return 1
}

suites() { # the suites of the tests of a build folder
	meson introspect --tests "$1" | "$python" -c '
import json, sys
names = {s.split(":")[-1] for t in json.load(sys.stdin) for s in t["suite"]}
first = ["tidy", "unit"]
print("\n".join(sorted(names, key=lambda n: (first.index(n) if n in first else 9, n))))'
}

# What draws thousands of runs until one matches: a build that is slow for its checks finds no more.
search='e2e-recordings'

tests_but() { # tests_but DIR SUITE TEST: the tests of a suite, but that
	meson introspect --tests "$1" | "$python" -c '
import json, sys
print("\n".join(t["name"] for t in json.load(sys.stdin)
                if sys.argv[1] in {s.split(":")[-1] for s in t["suite"]} and t["name"] != sys.argv[2]))' "$2" "$3"
}

run_suite() { # run_suite DIR SUITE LABEL [OPTION or TEST...]: a line per test; output of failed ones
	local dir=$1 suite=$2 label=$3
	shift 3
	meson test -C "$dir" --no-rebuild --suite "$suite" --logbase "log-$suite" "$@" \
		>"$dir/meson-logs/run-$suite.txt" 2>&1
	"$python" "$root/scripts/ci/results.py" "$label" "$dir/meson-logs/log-$suite.json" || bad=1
}
