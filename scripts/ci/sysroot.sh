#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Unpacks the libraries that a cross build needs into a folder: sysroot.sh arm64|s390x FOLDER. Uses
# apt with lists of its own, so that it needs no rights and the system keeps its architectures.
set -eu
arch=$1
folder=$2
packages='libc6 libgcc-s1 libyaml-0-2 libyaml-dev libxxhash0 libxxhash-dev libcmocka0 libcmocka-dev'
[ ! -f "$folder/done" ] || exit 0
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
apt=$folder/apt
mkdir -p "$apt/state/lists/partial" "$apt/cache/archives/partial" "$apt/debs"
: >"$apt/state/status"
cat >"$apt/apt.conf" <<EOF
APT::Architecture "$arch";
APT::Architectures { "$arch"; };
APT::Sandbox::User "$(id -un)";
Acquire::Languages "none";
Dir::State "$apt/state";
Dir::State::status "$apt/state/status";
Dir::Cache "$apt/cache";
EOF
export APT_CONFIG=$apt/apt.conf
apt-get update -q || true
(cd "$apt/debs" && apt-get download -q $(printf "%s:$arch " $packages))
for deb in "$apt"/debs/*.deb; do
	dpkg -x "$deb" "$folder"
done
rm -rf "$apt"
touch "$folder/done"
