#!/usr/bin/env bash
# The rules that a machine can hold. `check.sh all`, or one of: includes imports floats toplevel
# reasons format tidy cppcheck.
set -uo pipefail
cd "$(dirname "$0")/.."
build=${BUILD:-build}
status=0
fail() {
    printf 'check: %s\n' "$*" >&2
    status=1
}

# engine -> nothing; proto -> engine; ledger -> proto, engine; gateway, bench, tests -> all.
check_includes() {
    local folder allowed line
    while IFS=: read -r folder allowed; do
        while IFS= read -r line; do
            fail "include against the arrows: $line"
        done < <(grep -nE '^#include "' "$folder"/*.[ch] 2>/dev/null | grep -vE "#include \"($allowed)/")
    done <<'END'
engine:engine
proto:proto|engine
ledger:ledger|proto|engine
gateway:gateway|ledger|proto|engine
bench:bench|gateway|ledger|proto|engine
END
    # One file each opens LMDB, includes OpenSSL, reads wall time.
    only_in 'include <lmdb\.h>' 'ledger/env.[ch]'
    only_in 'include <openssl/' 'ledger/crypto*.[ch]'
    only_in 'CLOCK_REALTIME|gettimeofday|[^_a-z]time\(NULL\)' 'gateway/clock.[ch]'
}

only_in() {
    local pattern=$1 home=$2 file
    while IFS= read -r file; do
        # shellcheck disable=SC2254
        case $file in
        $home) ;;
        *) fail "$pattern stands in $file, its place is $home" ;;
        esac
    done < <(grep -lE "$pattern" engine/*.[ch] proto/*.[ch] ledger/*.[ch] gateway/*.[ch] 2>/dev/null)
}

# What the engine may import: it runs anywhere, alone.
check_imports() {
    local allowed='^(mem[a-z]+|bcmp|strlen|__assert_fail|__divti3|__udivti3|__modti3|__umodti3|__popcountdi2|_GLOBAL_OFFSET_TABLE_)$'
    local whole=$build/engine-whole.o symbol
    ld -r -o "$whole" --whole-archive "$build/libtpx-engine.a" || return 1
    for symbol in $(nm -u "$whole" | awk '{print $2}'); do
        [[ $symbol =~ $allowed ]] || fail "the engine imports $symbol"
    done
    printf 'int main(void){return 0;}' |
        gcc -x c - -x none -o "$build/engine-alone" -Wl,--whole-archive "$build/libtpx-engine.a" -Wl,--no-whole-archive ||
        fail "the engine does not link alone with libc"
}

# No floating point in what decides and what is recorded.
check_floats() {
    local source
    for source in engine/*.c ledger/*.c; do
        [ -e "$source" ] || continue
        gcc -std=gnu17 -D_GNU_SOURCE -I. -I"$build" -O2 -mgeneral-regs-only -S -o /dev/null "$source" ||
            fail "$source needs floating point"
    done
}

check_toplevel() {
    local extra
    extra=$(git ls-files 2>/dev/null | cut -d/ -f1 | sort -u |
        grep -vxE 'engine|gateway|proto|ledger|bench|tests|Makefile|README\.md|\..*')
    [ -z "$extra" ] || fail "at the top level beside what belongs there: $extra"
}

check_format() {
    local source
    for source in $(git ls-files '*.c' '*.h'); do
        clang-format --dry-run -Werror "$source" 2>/dev/null || fail "clang-format: $source (make format)"
    done
}

check_tidy() {
    local flags
    flags="-std=gnu17 -D_GNU_SOURCE -I. -I$build $(pkg-config --cflags libzmq lmdb libcrypto libprotobuf-c jansson libconfuse ck)"
    # shellcheck disable=SC2086
    git ls-files 'engine/*.c' 'proto/*.c' 'ledger/*.c' 'gateway/*.c' 'bench/*.c' |
        xargs -P "$(nproc)" -n 4 sh -c 'clang-tidy --quiet "$@" -- '"$flags"' 2>/dev/null' _ >"$build/tidy.log" ||
        { grep -E 'error|warning' "$build/tidy.log" | sort -u; fail "clang-tidy: $build/tidy.log"; }
}

check_cppcheck() {
    cppcheck --quiet --std=c11 --enable=warning,portability --inline-suppr --error-exitcode=1 \
        --suppress=missingInclude --suppress=normalCheckLevelMaxBranches -I. -I"$build" -j "$(nproc)" \
        engine proto ledger gateway bench || fail cppcheck
}

case ${1:-all} in
all)
    make -s BUILD="$build" programs || exit 1
    for each in includes imports floats toplevel format tidy cppcheck; do
        printf 'check: %s\n' "$each"
        "check_$each"
    done
    ;;
*) "check_$1" ;;
esac
[ $status -eq 0 ] && printf 'check: fine\n'
exit $status
