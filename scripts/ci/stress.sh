#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Random operations, 100 seeds, on every file system and cache mode. stress.sh [SEEDS]
. "$(dirname "$0")/common.sh"

build '' -Doptimization=2 || exit 1
"$python" "$root/scripts/ci/stress.py" "$BUILD/cli/netfs-sim" "$root" "${1:-100}" || bad=1
exit $bad
