#!/usr/bin/env bash
# Builds the libFuzzer targets with clang, ASan and UBSan, and runs each, or those of TARGETS, for
# SECONDS_EACH seconds (30) on its corpus in tests/fuzz/corpus/NAME. New inputs stay in
# build/fuzz/corpus-NAME, a finding's input in build/fuzz/.
set -euo pipefail
cd "$(dirname "$0")/../.."
build=${BUILD:-build}
seconds=${SECONDS_EACH:-30}
packages="libzmq lmdb libcrypto libprotobuf-c jansson libconfuse ck"
targets=${TARGETS:-$(basename -s .c tests/fuzz/fuzz_*.c)}
mkdir -p "$build/fuzz/obj"
make -s BUILD="$build" "$build/proto/tpx.pb-c.h"
sources="$(ls engine/*.c proto/*.c ledger/*.c gateway/*.c bench/ledger_maker.c bench/algorithms.c tests/fuzz/market.c | grep -v '_main\.c$')
$build/proto/tpx.pb-c.c"

compile() {
    # shellcheck disable=SC2086
    clang -std=gnu17 -D_GNU_SOURCE -I. -I"$build" -O1 -g -fsanitize=fuzzer-no-link,address,undefined \
        -fno-sanitize-recover=all $cflags -c -o "$build/fuzz/obj/$(tr / _ <<<"$1").o" "$1"
}
export -f compile
export build
cflags=$(pkg-config --cflags $packages)
export cflags

# An archive: what a target compiles anew with another limit is not taken from it.
rm -f "$build/fuzz/obj/"* "$build/fuzz/all.a"
# shellcheck disable=SC2086
printf '%s\n' $sources | xargs -P 2 -I{} bash -c 'compile {}'
ar rcs "$build/fuzz/all.a" "$build/fuzz/obj/"*.o
for name in $targets; do
    # shellcheck disable=SC2046,SC2086
    clang -std=gnu17 -D_GNU_SOURCE -I. -I"$build" -O1 -g -fsanitize=fuzzer,address,undefined \
        -fno-sanitize-recover=all $cflags -o "$build/fuzz/$name" "tests/fuzz/$name.c" \
        "$build/fuzz/all.a" $(pkg-config --libs $packages) -lpthread
done
for name in $targets; do
    mkdir -p "$build/fuzz/corpus-$name" "tests/fuzz/corpus/$name"
    printf '%s: %s s\n' "$name" "$seconds"
    "$build/fuzz/$name" -max_total_time="$seconds" -timeout=10 -max_len=66000 -print_final_stats=0 \
        -artifact_prefix="$build/fuzz/" "$build/fuzz/corpus-$name" "tests/fuzz/corpus/$name" \
        >"$build/fuzz/$name.log" 2>&1 || {
        tail -40 "$build/fuzz/$name.log"
        printf '%s: a finding, see %s\n' "$name" "$build/fuzz/$name.log"
        exit 1
    }
    tail -1 "$build/fuzz/$name.log"
done
printf 'fuzz: no finding\n'
