#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# All tests but those of the source tree under AddressSanitizer and UndefinedBehaviorSanitizer.
. "$(dirname "$0")/common.sh"
export ASAN_OPTIONS=detect_leaks=1:detect_stack_use_after_return=0
export UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1

build asan -Db_sanitize=address,undefined -Db_lundef=false -Doptimization=1 -Dtests=enabled \
	-Dwerror=false || exit 1
for name in $(suites "$BUILD-asan"); do
	[ "$name" = tidy ] || run_suite "$BUILD-asan" "$name" "asan $name" -t 6 \
		$(tests_but "$BUILD-asan" "$name" "$search")
done
exit $bad
