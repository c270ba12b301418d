#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# clang builds it without a warning, the unit tests pass, the fingerprints are gcc's at -O0, -O2 and -O3.
. "$(dirname "$0")/common.sh"
need clang clang-14
. "$root/scripts/ci/reference.sh"
export CC=clang-14

build clang -Doptimization=2 -Dwerror=true -Dtests=enabled || exit 1
run_suite "$BUILD-clang" unit clang
"$python" "$root/scripts/ci/fingerprints.py" clang "$BUILD-clang/cli/netfs-sim" \
	--against "$reference" || bad=1
for level in 0 3; do
	build "clang-O$level" -Doptimization=$level -Dtests=disabled -Dwerror=true || continue
	"$python" "$root/scripts/ci/fingerprints.py" "clang O$level" \
		"$BUILD-clang-O$level/cli/netfs-sim" --against "$reference" || bad=1
done
exit $bad
