#!/usr/bin/env bash
# install.sh BUILD DESTDIR PREFIX             programs, client library, schema, manual pages, completion, units
# install.sh --remove BUILD DESTDIR PREFIX    the same, away again; folders with something else stay
set -euo pipefail
cd "$(dirname "$0")/.."
action=put
[ "${1:-}" = --remove ] && action=away && shift
build=$1 root=$2$3 prefix=$3
zsh=${ZSH_FUNCTIONS:-share/zsh/site-functions} # Debian has another place for packages

# What programs of others include, and all that those include.
public=(gateway/client.h gateway/query_client.h gateway/feed_client.h gateway/reason_text.h)
mapfile -t headers < <(${CC:-cc} -std=gnu17 -D_GNU_SOURCE -I. -MM "${public[@]}" |
    tr -s ' \\' '\n' | grep '\.h$' | sort -u)

# put MODE SOURCE PLACE: a file; text MODE PLACE: standard input as one, @PREFIX@ and @VERSION@ filled in.
put() { install -D -m "$1" "$2" "$root/$3"; }
away() {
    rm -f "$root/$3"
    local folder
    folder=$(dirname "$root/$3")
    # Folders that the system shares stay, ours go when they are empty.
    while [[ $folder == *tpx* && $folder != "$root" ]] && rmdir "$folder" 2>/dev/null; do
        folder=$(dirname "$folder")
    done
}
version=$(sed -n 's/^#define PROGRAM_VERSION "\(.*\)"/\1/p' gateway/program_version.h)
text() {
    local file
    file=$(mktemp)
    sed "s|@PREFIX@|$prefix|g; s|@VERSION@|$version|g" >"$file"
    $action "$1" "$file" "$2"
    rm -f "$file"
}

# made MODE PLACE COMMAND...: what a command prints, as a file.
made() {
    local mode=$1 place=$2
    shift 2
    if [ $action = put ]; then "$@" | text "$mode" "$place"; else away "$mode" - "$place"; fi
}

programs() {
    $action 755 "$build/tpxd" bin/tpxd
    $action 755 "$build/tpx" bin/tpx
}

library() {
    local header
    $action 644 "$build/libtpx.a" lib/libtpx.a
    $action 644 proto/tpx.proto share/tpx/tpx.proto
    for header in "${headers[@]}"; do
        $action 644 "$header" "include/tpx/$header"
    done
    text 644 lib/pkgconfig/tpx.pc <<'END'
prefix=@PREFIX@
libdir=${prefix}/lib

Name: tpx
Description: Trading on TPX from C
Version: @VERSION@
Requires: libzmq libprotobuf-c libcrypto
Cflags: -I${prefix}/include/tpx
Libs: -L${libdir} -ltpx
END
}

documents() {
    local tpx=$build/tpx
    made 644 share/man/man1/tpx.1 "$tpx" manual tpx
    made 644 share/man/man8/tpxd.8 "$tpx" manual tpxd
    made 644 share/man/man5/tpxd.conf.5 "$tpx" manual tpxd.conf
    made 644 share/bash-completion/completions/tpx "$tpx" completion bash
    made 644 share/bash-completion/completions/tpxd "$tpx" completion bash
    made 644 "$zsh/_tpx" "$tpx" completion zsh
}

service() {
    text 644 lib/systemd/system/tpxd@.service <gateway/tpxd.service
    text 644 lib/systemd/system/tpx-copy@.service <gateway/tpx-copy.service
    text 644 lib/systemd/system/tpx-copy@.timer <gateway/tpx-copy.timer
    text 644 lib/sysusers.d/tpx.conf <gateway/tpx.sysusers
    text 644 lib/tmpfiles.d/tpx.conf <gateway/tpx.tmpfiles
    text 644 share/tpx/tpxd.rsyslog <gateway/tpxd.rsyslog
    text 644 share/tpx/tpxd.logrotate <gateway/tpxd.logrotate
}

programs
library
documents
service
if [ $action = put ]; then
    printf 'installed under %s: bin/tpxd, bin/tpx, lib/libtpx.a (pkg-config tpx), include/tpx, share/tpx, manual pages, completion, units in lib/systemd/system\n' "$root"
    printf 'user and folders of a server: systemd-sysusers; systemd-tmpfiles --create\n'
else
    printf 'removed from %s; exchanges and copies (/var/lib/tpx, /var/backups/tpx) stay\n' "$root"
fi
