#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Every scenario gives the same fingerprint twice, and at -O0, -O2 and -O3.
. "$(dirname "$0")/common.sh"
fingerprints="$root/scripts/ci/fingerprints.py"
reference="$BUILD/fingerprints.json"

build '' -Doptimization=2 || exit 1
"$python" "$fingerprints" O2 "$BUILD/cli/netfs-sim" --write "$reference" || exit 1
"$python" "$fingerprints" 'O2 again' "$BUILD/cli/netfs-sim" --against "$reference" || bad=1
for level in 0 3; do
	build "O$level" -Doptimization=$level -Dtests=disabled -Dwerror=false || continue
	"$python" "$fingerprints" "O$level" "$BUILD-O$level/cli/netfs-sim" --against "$reference" || bad=1
done
exit $bad
