#!/usr/bin/env bash
# Unit, property and scenario tests under ASan and UBSan; end-to-end tests against a server built
# with TSan. TPX_STEPS lengthens the property tests.
set -uo pipefail
cd "$(dirname "$0")/.."
build=${BUILD:-build}
status=0
run() {
    local label=$1 program=$2
    if timeout 1200 "$program" >"$build/sanitize.log" 2>&1; then
        printf '%s: %s fine\n' "$label" "$(basename "$program")"
    else
        status=1
        tail -40 "$build/sanitize.log"
        printf '%s: %s FAILED\n' "$label" "$(basename "$program")"
    fi
}
make -s -j"$(nproc)" VARIANT=asan BUILD="$build/asan" units || exit 1
for program in "$build"/asan/tests/*/test_*; do
    case $program in *.d | *.o) continue ;; esac
    run asan "$program"
done
make -s -j"$(nproc)" VARIANT=tsan BUILD="$build/tsan" all tests || exit 1
export TSAN_OPTIONS="halt_on_error=1 second_deadlock_stack=1 suppressions=$PWD/tests/tsan.supp"
for program in "$build"/tsan/tests/e2e/test_*; do
    [ -x "$program" ] && run tsan "$program"
done
exit $status
