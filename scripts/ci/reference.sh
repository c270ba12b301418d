# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Sourced after common.sh: makes sure of $reference, the fingerprints of the main build.
reference="$BUILD/fingerprints.json"
[ -f "$BUILD/build.ninja" ] || build '' -Doptimization=2 || exit 1
ninja -C "$BUILD" -j "$jobs" >"$BUILD.log" 2>&1 || { not_ok build "see $BUILD.log"; exit 1; }
if [ "$BUILD/cli/netfs-sim" -nt "$reference" ] ||
	[ -n "$(find "$root/scenarios" -newer "$reference" -name '*.yaml' -print -quit)" ]; then
	"$python" "$root/scripts/ci/fingerprints.py" O2 "$BUILD/cli/netfs-sim" --write "$reference" \
		>"$BUILD.log" || { cat "$BUILD.log"; exit 1; }
fi
