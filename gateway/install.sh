#!/usr/bin/env bash
# install.sh BUILD DESTDIR PREFIX: programs, library, headers, schema, systemd unit.
set -euo pipefail
cd "$(dirname "$0")/.."
build=$1 root=$2$3 prefix=$3
install -d "$root/bin" "$root/lib/pkgconfig" "$root/include/tpx" "$root/share/tpx" "$root/lib/systemd/system"
install -m 755 "$build/tpxd" "$build/tpx" "$root/bin/"
install -m 644 "$build/libtpx-gateway.a" "$root/lib/libtpx.a"
install -m 644 proto/tpx.proto "$root/share/tpx/"
sed "s|@PREFIX@|$prefix|" gateway/tpxd.service >"$root/lib/systemd/system/tpxd@.service"
printf 'installed tpxd and tpx under %s\n' "$root"
