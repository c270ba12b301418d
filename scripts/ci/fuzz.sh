#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Damaged scenarios, traces and recordings, read by the program under the sanitizers. fuzz.sh [N]: N
# inputs, the same ones everywhere.
. "$(dirname "$0")/common.sh"

build asan -Db_sanitize=address,undefined -Db_lundef=false -Doptimization=1 -Dtests=enabled \
	-Dwerror=false || exit 1
rm -rf "$BUILD-fuzz"
"$python" "$root/scripts/ci/fuzz.py" "$BUILD-asan/cli/netfs-sim" "$BUILD-fuzz" "${1:-1000}" || bad=1
exit $bad
