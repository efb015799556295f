#!/usr/bin/env bash
# Every benchmark at a bounded size. OPS, RUNS and SECONDS_EACH change it. Nothing else should run
# meanwhile; each program prints load and steal beside its figures.
set -euo pipefail
cd "$(dirname "$0")/.."
build=${BUILD:-build}
ops=${OPS:-1000000}
runs=${RUNS:-5}
seconds=${SECONDS_EACH:-10}
flows=$build/flows
mkdir -p "$flows"
for profile in xcore itch cross deep sparse gap market; do
    flow=$flows/$profile-$ops.csv
    [ -s "$flow" ] || "$build/bench-flow" "$profile" 1 "$ops" >"$flow.new"
    [ -s "$flow" ] || mv "$flow.new" "$flow"
    for mode in --book "--book --ahead" --ahead; do
        printf '\n== bench-match %s %s\n' "$profile" "$mode"
        # shellcheck disable=SC2086
        "$build/bench-match" "$flow" $mode --runs "$runs"
    done
done
printf '\n== bench-memory\n'
"$build/bench-memory"
printf '\n== bench-crypto\n'
"$build/bench-crypto"
printf '\n== bench-ledger\n'
"$build/bench-ledger"
printf '\n== bench-ledger append verify, national algorithms\n'
TPX_TEST_ALGORITHMS=national "$build/bench-ledger" append verify
for rate in "" "--batch 64" "--rate 20000" "--rate 100000 --batch 64" \
    "--sessions 1000 --rate 10000" --resume --sweep; do
    printf '\n== bench-gateway %s\n' "$rate"
    # shellcheck disable=SC2086
    "$build/bench-gateway" $rate --seconds "$seconds"
done
