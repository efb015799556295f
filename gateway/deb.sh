#!/usr/bin/env bash
# deb.sh BUILD [FOLDER]: Debian packages of what is built there, in BUILD/deb or FOLDER (a whole path).
#   tpx         the exchange and its command line, units, manual pages, completion
#   libtpx-dev  the client library for C, its headers and pkg-config file, the schema
# Only dpkg-dev is used. The version is that of gateway/program_version.h. Exchanges and copies belong
# to whoever made them: no script of a package touches them, also when it is purged.
set -euo pipefail
cd "$(dirname "$0")/.."
build=$1 out=${2:-$(realpath -m "$1")/deb}
version=$(sed -n 's/^#define PROGRAM_VERSION "\(.*\)"/\1/p' gateway/program_version.h)
arch=$(dpkg --print-architecture)
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct 2>/dev/null || stat -c %Y gateway/program_version.h)
export SOURCE_DATE_EPOCH
rm -rf "$out" && mkdir -p "$out/work/debian"

# What libraries of the system the programs need, as dpkg names them.
needs() {
    printf 'Source: tpx\n\nPackage: tpx\nArchitecture: any\n' >"$out/work/debian/control"
    (cd "$out/work" && dpkg-shlibdeps -O "$@" 2>/dev/null) | sed -n 's/^shlibs:Depends=//p'
}

# docs PACKAGE: changelog and copyright.
docs() {
    local doc=$out/$1/usr/share/doc/$1
    install -d "$doc"
    printf 'tpx (%s) unstable; urgency=medium\n\n  * Release %s.\n\n -- TPX developers <tpx@exchange.example>  %s\n' \
        "$version" "$version" "$(date -uRd "@$SOURCE_DATE_EPOCH")" | gzip -9n >"$doc/changelog.gz"
    cat >"$doc/copyright" <<'END'
Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: TPX

Files: *
Copyright: 2026 TPX developers
License: TPX
 All rights are the developers'. The source comes with its own terms.
END
}

# control PACKAGE SECTION DEPENDS: the rest of its text from standard input.
control() {
    local size
    size=$(du -k -s "$out/$1" | cut -f1)
    install -d "$out/$1/DEBIAN"
    {
        printf 'Package: %s\nSource: tpx\nVersion: %s\nArchitecture: %s\nSection: %s\nPriority: optional\n' \
            "$1" "$version" "$arch" "$2"
        printf 'Maintainer: TPX developers <tpx@exchange.example>\nInstalled-Size: %s\nDepends: %s\n' "$size" "$3"
        cat
    } >"$out/$1/DEBIAN/control"
}

pack() {
    (cd "$out/$1" && find . -type f ! -path './DEBIAN/*' -printf '%P\0' | sort -z | xargs -0 md5sum >DEBIAN/md5sums)
    find "$out/$1" -newermt "@$SOURCE_DATE_EPOCH" -exec touch -hd "@$SOURCE_DATE_EPOCH" {} +
    dpkg-deb --root-owner-group -Zxz --build "$out/$1" "$out" >/dev/null
}

ZSH_FUNCTIONS=share/zsh/vendor-completions bash gateway/install.sh "$build" "$out/tpx" /usr >/dev/null
strip --strip-unneeded "$out"/tpx/usr/bin/*
gzip -9n "$out"/tpx/usr/share/man/*/*
# Where Debian 12 has units of packages.
install -d "$out/tpx/lib" && mv "$out/tpx/usr/lib/systemd" "$out/tpx/lib/systemd"
triplet=$(dpkg-architecture -q DEB_HOST_MULTIARCH)
install -d "$out/libtpx-dev/usr/lib/$triplet" "$out/libtpx-dev/usr/share/tpx"
mv "$out/tpx/usr/include" "$out/libtpx-dev/usr/include"
mv "$out/tpx/usr/lib/libtpx.a" "$out/tpx/usr/lib/pkgconfig" "$out/libtpx-dev/usr/lib/$triplet/"
sed -i "s|^libdir=.*|libdir=\${prefix}/lib/$triplet|" "$out/libtpx-dev/usr/lib/$triplet/pkgconfig/tpx.pc"
mv "$out/tpx/usr/share/tpx/tpx.proto" "$out/libtpx-dev/usr/share/tpx/"
strip --strip-debug "$out/libtpx-dev/usr/lib/$triplet/libtpx.a"

docs tpx
control tpx misc "$(needs "$out"/tpx/usr/bin/*), systemd | systemd-standalone-sysusers, systemd | systemd-standalone-tmpfiles" <<'END'
Suggests: logrotate, rsyslog
Description: exchange for technology equity and technology property rights
 Every order is matched by a deterministic engine, made durable in a
 tamper-evident ledger, and only then answered. This package has the server
 tpxd, the command line tpx, and units that run exchanges of /var/lib/tpx.
END
cat >"$out/tpx/DEBIAN/postinst" <<'END'
#!/bin/sh
set -e
if [ "$1" = configure ]; then
    systemd-sysusers tpx.conf
    systemd-tmpfiles --create tpx.conf
    if [ -d /run/systemd/system ]; then systemctl daemon-reload; fi
fi
END
# An upgrade leaves running exchanges alone: their operator chooses when they start again.
cat >"$out/tpx/DEBIAN/prerm" <<'END'
#!/bin/sh
set -e
if [ "$1" = remove ] && [ -d /run/systemd/system ]; then
    deb-systemd-invoke stop 'tpxd@*.service' 'tpx-copy@*.timer'
fi
END
# The user stays with what belongs to it.
cat >"$out/tpx/DEBIAN/postrm" <<'END'
#!/bin/sh
set -e
if [ -d /run/systemd/system ]; then systemctl daemon-reload; fi
if [ "$1" = purge ]; then
    echo "Exchanges in /var/lib/tpx and copies in /var/backups/tpx stay, and their user tpx." >&2
fi
END
chmod 755 "$out"/tpx/DEBIAN/p*
pack tpx

docs libtpx-dev
control libtpx-dev libdevel 'libzmq3-dev, libprotobuf-c-dev, libssl-dev' <<'END'
Multi-Arch: same
Suggests: tpx, protobuf-c-compiler
Description: client library for TPX exchanges
 Trade on a TPX exchange from C: the static library libtpx, its headers, a
 file for pkg-config, and the protocol's schema for any other language.
END
pack libtpx-dev
rm -rf "$out/work" "$out/tpx" "$out/libtpx-dev"
printf '%s\n' "$out"/*.deb
