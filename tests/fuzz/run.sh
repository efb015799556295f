#!/usr/bin/env bash
# Builds the libFuzzer targets with clang, ASan and UBSan, and runs each for SECONDS_EACH seconds
# (60) on its corpus in tests/fuzz/corpus/NAME. New inputs stay in build/fuzz/.
set -euo pipefail
cd "$(dirname "$0")/../.."
build=${BUILD:-build}
seconds=${SECONDS_EACH:-60}
packages="libzmq lmdb libcrypto libprotobuf-c jansson libconfuse ck"
mkdir -p "$build/fuzz"
make -s BUILD="$build" "$build/proto/tpx.pb-c.h"
sources=$(ls engine/*.c proto/*.c ledger/*.c gateway/*.c bench/ledger_maker.c | grep -v '_main\.c$')
# shellcheck disable=SC2046,SC2086
for target in tests/fuzz/fuzz_*.c; do
    name=$(basename "$target" .c)
    clang -std=gnu17 -D_GNU_SOURCE -I. -I"$build" -O1 -g -fsanitize=fuzzer,address,undefined \
        -fno-sanitize-recover=all $(pkg-config --cflags $packages) -o "$build/fuzz/$name" "$target" \
        $sources "$build/proto/tpx.pb-c.c" $(pkg-config --libs $packages) -lpthread
done
for target in tests/fuzz/fuzz_*.c; do
    name=$(basename "$target" .c)
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
