#!/usr/bin/env bash
# package.sh BUILD_DIR FILE: packs what a host needs of a release build into a tar archive that is
# to be unpacked at /: program and script runtime in /opt/varia, units, and examples of settings.
# The archive is compressed if the name of the file ends in .gz.
set -euo pipefail

[ $# -eq 2 ] || {
  echo 'usage: package.sh BUILD_DIR FILE' >&2
  exit 2
}
source=$(cd "$(dirname "$0")" && pwd)
build=$1
file=$2

[ -x "$build/varia" ] && [ -f "$build/runtime/child.cjs" ] || {
  echo "package.sh: $build holds no program and runtime; run make release first" >&2
  exit 1
}
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT

install -d "$tree/opt/varia" "$tree/usr/local/bin" "$tree/usr/lib/systemd/system" \
  "$tree/usr/lib/sysusers.d" "$tree/usr/lib/tmpfiles.d"
install "$build/varia" "$tree/opt/varia/varia"
cp -rL "$build/runtime" "$tree/opt/varia/runtime"
rm -rf "$tree/opt/varia/runtime/node_modules/.bin" # Second copies of programs beside them.
ln -s /opt/varia/varia "$tree/usr/local/bin/varia"
install -d "$tree/usr/local/share/man/man1"
install -m 644 "$source/man/varia.1" "$tree/usr/local/share/man/man1/"
install -m 644 "$source"/systemd/*.service "$tree/usr/lib/systemd/system/"
install -m 644 "$source/systemd/varia.sysusers.conf" "$tree/usr/lib/sysusers.d/varia.conf"
install -m 644 "$source/systemd/varia.tmpfiles.conf" "$tree/usr/lib/tmpfiles.d/varia.conf"
install -d "$tree/opt/varia/deploy"
install -m 644 "$source/varia.toml" "$source"/redis/*.conf "$tree/opt/varia/deploy/"
# Whatever umask and user built it, root owns it there and everybody may read it.
chmod -R u=rwX,go=rX "$tree"
compression=()
[ "${file%.gz}" = "$file" ] || compression=(--use-compress-program='gzip -1')
# Files only: folders that a host has stay as they are there.
(cd "$tree" && find . ! -type d -printf '%P\n' | sort) |
  tar -C "$tree" -T - --owner=0 --group=0 "${compression[@]}" -cf "$file"
