#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Line coverage of sim/ and of model/ by all tests, each at least 90 %; a page per file in
# $BUILD-coverage/coverage/.
. "$(dirname "$0")/common.sh"
need coverage gcovr
minimum=90
dir=$BUILD-coverage

build coverage -Db_coverage=true -Doptimization=0 -Dtests=enabled -Dwerror=false || exit 1
find "$dir" -name '*.gcda' -delete
for name in $(suites "$dir"); do
	[ "$name" = tidy ] || run_suite "$dir" "$name" "coverage $name" -t 4 \
		$(tests_but "$dir" "$name" "$search")
done
# A function left by a switch of tasks can make a count of gcov negative: a parse error to gcovr, which
# with more than one job never ends after it.
timeout 600 gcovr -r "$root" --object-directory "$dir" --gcov-ignore-parse-errors --filter "$root/sim/" --filter "$root/model/" \
	--json "$dir/coverage.json" "$dir" >"$dir.gcovr.log" 2>&1 || { tail "$dir.gcovr.log"; bad=1; }
for part in sim model; do
	table=$(gcovr -r "$root" -a "$dir/coverage.json" --filter "$root/$part/" --txt \
		--fail-under-line $minimum 2>&1)
	code=$?
	echo "$table" | awk '$4 ~ /%$/ && $4 + 0 < 90 || /^TOTAL/' | cut -c 1-78
	total=$(echo "$table" | awk '/^TOTAL/ { print $4 }')
	if [ $code = 0 ]; then ok "coverage of $part/: $total"; else not_ok "coverage of $part/: $total" "under $minimum %"; fi
done
mkdir -p "$dir/coverage"
gcovr -r "$root" -a "$dir/coverage.json" --html-details "$dir/coverage/index.html" >/dev/null 2>&1
exit $bad
