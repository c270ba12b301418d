#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A bare Debian 12 with nothing but git: a clone of what is committed, then scripts/demo and
# scripts/test alone. Needs root, for chroot. bare.sh [demo|test]...
. "$(dirname "$0")/common.sh"
base=$BUILD-bare-base
system=$BUILD-bare
[ $# -gt 0 ] || set -- demo test

[ "$(id -u)" = 0 ] || { skip bare 'only root can do it'; exit 0; }
need bare debootstrap git unshare

if [ ! -f "$base/done" ]; then
	rm -rf "$base"
	mirror=$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' | grep -m 1 '/debian/\?$')
	{ debootstrap --variant=minbase --include=git,ca-certificates bookworm "$base" "${mirror:-}" &&
		chroot "$base" apt-get clean && touch "$base/done"; } >"$base.log" 2>&1 ||
		{ tail -n 5 "$base.log"; not_ok bare "no system, see $base.log"; exit 1; }
fi

inside() { # with mounts that end with it, and no build folder given
	env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TERM=dumb unshare --mount --pid --fork bash -c '
		mount -t proc proc "$0/proc" && mount --rbind /dev "$0/dev" && exec chroot "$0" "$@"' \
		"$system" "$@"
}

for command; do
	rm -rf --one-file-system "$system"
	cp -a "$base" "$system"
	git clone -q --no-hardlinks "$root" "$system/netfs-sim" || { not_ok "bare $command"; continue; }
	if inside "/netfs-sim/scripts/$command" >"$system.$command.log" 2>&1 </dev/null; then
		ok "bare $command: $(tail -n 1 "$system.$command.log")"
	else
		tail -n 40 "$system.$command.log" | sed 's/^/    /'
		not_ok "bare $command" "see $system.$command.log"
	fi
done
rm -rf --one-file-system "$system"
exit $bad
