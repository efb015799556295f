#!/usr/bin/env bash
# Builds and runs every test; ends with `N passed, N failed`, and `, N skipped` where there are any.
#   run_all.sh          checks, unit, property, scenario and golden tests under ASan and UBSan,
#                       end-to-end and fault tests on the release build
#   run_all.sh fault    the fault tests alone, as long as KILLS says
#   run_all.sh national every test under the national algorithms, SM3 and SM2
# The whole run has a second pass under them, of those tests whose outcome hangs on hashes and
# signatures.
# Output of a test program is shown when it fails; all of it lies in $BUILD/test-logs/.
set -uo pipefail
cd "$(dirname "$0")/.."
build=${BUILD:-build}
logs=$build/test-logs
rm -rf "$logs" && mkdir -p "$logs"
passed=0
failed=0
skipped=0
jobs=$(nproc)

note() { printf '%s\n' "$*"; }

# Counts one program's cmocka lines. A program that dies without saying so counts as a failure.
count() {
    local log=$1 status=$2 ok bad left
    ok=$(grep -c '^\[       OK \]' "$log")
    bad=$(grep '^\[  FAILED  \]' "$log" | grep -vE 'test\(s\)' | sort -u | grep -c .)
    left=$(grep '^\[  SKIPPED \]' "$log" | grep -vE 'test\(s\)' | sort -u | grep -c .)
    if [ "$ok" -eq 0 ] && [ "$bad" -eq 0 ] && [ "$left" -eq 0 ]; then
        ok=$(sed -n 's/^\([0-9]*\) passed, .*/\1/p' "$log" | tail -1)
        bad=$(sed -n 's/^[0-9]* passed, \([0-9]*\) failed.*/\1/p' "$log" | tail -1)
        ok=${ok:-0}
        bad=${bad:-0}
    fi
    [ "$status" -ne 0 ] && [ "$bad" -eq 0 ] && bad=1
    [ "$status" -eq 0 ] && [ "$ok" -eq 0 ] && [ "$bad" -eq 0 ] && [ "$left" -eq 0 ] && bad=1
    [ "$left" -ne 0 ] && grep ' skipped: ' "$log"
    passed=$((passed + ok))
    failed=$((failed + bad))
    skipped=$((skipped + left))
    if [ "$bad" -ne 0 ]; then
        tail -60 "$log"
        note "FAILED $(basename "$log" .log): $ok passed, $bad failed (exit $status), whole output in $log"
    fi
}

# Runs programs, `jobs` at a time, each with its own log, then counts them in order. With
# TPX_TEST_ALGORITHMS set, their logs carry its name.
run_programs() {
    local timeout=$1 name program logs=$logs/${TPX_TEST_ALGORITHMS:-}
    shift
    mkdir -p "$logs"
    printf '%s\n' "$@" | xargs -P "$jobs" -I{} bash -c '
        program=$1 logs=$2 timeout=$3
        name=$(basename "$(dirname "$program")")-$(basename "$program")
        begun=$(date +%s%N)
        CMOCKA_MESSAGE_OUTPUT=stdout timeout -k 10 "$timeout" "$program" >"$logs/$name.log" 2>&1
        echo $? >"$logs/$name.status"
        printf "%s %6.1f s\n" "$name" "$((($(date +%s%N) - begun) / 100000000))e-1"
    ' _ {} "$logs" "$timeout"
    for program in "$@"; do
        name=$(basename "$(dirname "$program")")-$(basename "$program")
        count "$logs/$name.log" "$(cat "$logs/$name.status" 2>/dev/null || echo 1)"
    done
}

# Runs one command as one test.
run_one() {
    local name=$1
    shift
    if "$@" >"$logs/$name.log" 2>&1; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        tail -60 "$logs/$name.log"
        note "FAILED $name, whole output in $logs/$name.log"
    fi
}

programs_of() {
    local built=$1 folder
    shift
    for folder in "$@"; do
        for source in tests/"$folder"/test_*.c; do
            [ -e "$source" ] && printf '%s\n' "$built/tests/$folder/$(basename "$source" .c)"
        done
    done
}

# What the second pass runs: whatever hashes, signs or checks, and recovery.
NATIONAL_UNITS="unit/test_audit unit/test_copy unit/test_crypto unit/test_deed_signature unit/test_index unit/test_journal
    unit/test_note unit/test_notary unit/test_recovery unit/test_replay unit/test_signing unit/test_signing_key
    unit/test_snapshot unit/test_verify property/test_map property/test_merkle property/test_index golden/test_golden"
NATIONAL_SYSTEMS="e2e/test_certificate e2e/test_ledger_cli e2e/test_notary e2e/test_paper e2e/test_register e2e/test_registered
    fault/test_kill fault/test_papers fault/test_snapshots fault/test_start"

run_national() {
    local programs=()
    for program in $NATIONAL_UNITS; do programs+=("$build/asan/tests/$program"); done
    for program in $NATIONAL_SYSTEMS; do programs+=("$build/tests/$program"); done
    TPX_TEST_ALGORITHMS=national run_programs 500 "${programs[@]}"
}

finish() {
    [ "$skipped" -eq 0 ] && note "$passed passed, $failed failed"
    [ "$skipped" -ne 0 ] && note "$passed passed, $failed failed, $skipped skipped"
    [ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
    exit
}

make -s -j"$jobs" BUILD="$build" all tests || { note "0 passed, 1 failed"; exit 1; }
if [ "${1:-}" = fault ]; then
    mapfile -t programs < <(programs_of "$build" e2e fault)
    jobs=1 run_programs 7200 "${programs[@]}"
    finish
fi

if [ "${1:-}" = national ]; then
    export TPX_TEST_ALGORITHMS=national
    make -s -j"$jobs" BUILD="$build" count || { note "0 passed, 1 failed"; exit 1; }
    make -s -j"$jobs" VARIANT=asan BUILD="$build/asan" units || { note "0 passed, 1 failed"; exit 1; }
    mapfile -t programs < <(programs_of "$build/asan" unit property scenario golden; programs_of "$build" e2e fault)
    run_programs 500 "${programs[@]}"
    finish
fi

run_one check-includes bash tests/check.sh includes
run_one check-imports bash tests/check.sh imports
run_one check-floats bash tests/check.sh floats
run_one check-toplevel bash tests/check.sh toplevel

make -s -j"$jobs" BUILD="$build" count || { note "$passed passed, 1 failed"; exit 1; }
make -s -j"$jobs" VARIANT=asan BUILD="$build/asan" units || { note "$passed passed, 1 failed"; exit 1; }
mapfile -t programs < <(programs_of "$build/asan" unit property scenario golden)
run_programs 500 "${programs[@]}"
mapfile -t programs < <(programs_of "$build" e2e fault)
[ ${#programs[@]} -gt 0 ] && run_programs 500 "${programs[@]}"
run_national
finish
