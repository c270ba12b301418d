#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Unit tests and fingerprints on aarch64 and on big-endian s390x, under qemu-user: the same as here.
# cross.sh [aarch64|s390x]...
. "$(dirname "$0")/common.sh"
. "$root/scripts/ci/reference.sh"

[ $# -gt 0 ] || set -- aarch64 s390x
for machine; do
	need "cross $machine" "qemu-$machine" "$machine-linux-gnu-gcc"
	case $machine in aarch64) debian=arm64 ;; *) debian=$machine ;; esac
	sysroot=$BUILD-sysroot-$machine
	if ! "$root/scripts/ci/sysroot.sh" $debian "$sysroot" >"$sysroot.log" 2>&1; then
		tail -n 5 "$sysroot.log"
		not_ok "cross $machine" "its libraries cannot be had, see $sysroot.log"
		continue
	fi
	printf "[constants]\nsysroot = '%s'\n" "$sysroot" >"$sysroot.ini"
	build "$machine" --cross-file "$sysroot.ini" --cross-file "$root/scripts/cross/$machine.ini" \
		-Doptimization=2 -Dtests=enabled -Dwerror=false || continue
	# Scripts would start programs of the other machine by themselves.
	run_suite "$BUILD-$machine" unit "$machine" -t 20 \
		$("$python" "$root/scripts/ci/programs.py" "$BUILD-$machine" unit)
	"$python" "$root/scripts/ci/fingerprints.py" "$machine" "$BUILD-$machine/cli/netfs-sim" \
		--runner "qemu-$machine -L $sysroot" --against "$reference" || bad=1
done
exit $bad
