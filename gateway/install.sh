#!/usr/bin/env bash
# install.sh BUILD DESTDIR PREFIX: programs, client library with its headers, schema, systemd unit.
set -euo pipefail
cd "$(dirname "$0")/.."
build=$1 root=$2$3 prefix=$3

# What gateway/client.h and gateway/reason_text.h include.
headers=(engine/command.h engine/reason.h engine/types.h gateway/client.h gateway/keyfile.h
    gateway/reason_text.h gateway/reply.h ledger/crypto.h ledger/failure.h ledger/note.h proto/wire.h)

install -d "$root/bin" "$root/lib/pkgconfig" "$root/lib/systemd/system" "$root/share/tpx"
install -m 755 "$build/tpxd" "$build/tpx" "$root/bin/"
install -m 644 "$build/libtpx.a" "$root/lib/"
install -m 644 proto/tpx.proto "$root/share/tpx/"
for header in "${headers[@]}"; do
    install -D -m 644 "$header" "$root/include/tpx/$header"
done
cat >"$root/lib/pkgconfig/tpx.pc" <<END
prefix=$prefix

Name: tpx
Description: Trading on TPX from C
Version: 1
Requires: libzmq libprotobuf-c libcrypto
Cflags: -I\${prefix}/include/tpx
Libs: -L\${prefix}/lib -ltpx
END
sed "s|@PREFIX@|$prefix|" gateway/tpxd.service >"$root/lib/systemd/system/tpxd@.service"
printf 'installed under %s: bin/tpxd, bin/tpx, lib/libtpx.a (pkg-config tpx), include/tpx, share/tpx/tpx.proto, lib/systemd/system/tpxd@.service\n' "$root"
