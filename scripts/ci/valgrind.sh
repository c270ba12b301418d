#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Unit tests and all scenarios under valgrind's memcheck: no error, nothing lost.
. "$(dirname "$0")/common.sh"
need valgrind valgrind
. "$root/scripts/ci/reference.sh"
"$python" "$root/scripts/ci/valgrind.py" "$BUILD" || bad=1
exit $bad
