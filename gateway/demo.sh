#!/usr/bin/env bash
# A demo exchange: made anew, run, and traded on by demo brokers through its gateway.
#   demo.sh [--once] [--seconds N] [--rate N] [--no-story]
# After the session it tells a story of rights and pledges (demo_rights.sh), but with --no-story.
# Without --once it stays up then and prints commands to try; Ctrl-C ends it.
# Ends with 0 when all went as it must: the session, the server's stop, and the ledger's verification.
# BUILD (build) holds the programs; the exchange comes to DEMO ($BUILD/demo), the one before to
# $DEMO.old.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
build=${BUILD:-build}
demo=${DEMO:-$build/demo}
once=
story=yes
session=()
while [ $# -gt 0 ]; do
    case $1 in
    --once) once=yes && shift ;;
    --no-story) story= && shift ;;
    --seconds | --rate) session+=("$1" "${2:?$1 needs a number}") && shift 2 ;;
    *) echo "demo: there is no option $1; there are --once, --seconds N, --rate N, --no-story" >&2 && exit 2 ;;
    esac
done
[ -z "$story" ] || session+=(--play gateway/demo_rights.sh)
[ -n "$once" ] || session+=(--try "$build/tpx")
export BUILD=$build

server=
stopping=
log=$demo/tpxd.log

fail() {
    echo "demo: $*" >&2
    exit 1
}

# Stops the server, once, and waits for it: its exit code.
stop_server() {
    local code=0 pid=$server
    server=
    [ -n "$pid" ] || return 0
    kill -TERM "$pid" 2>/dev/null
    # A further Ctrl-C ends the wait, not the server, which is about to seal its ledger.
    while kill -0 "$pid" 2>/dev/null; do wait "$pid"; done
    wait "$pid" || code=$?
    return $code
}

interrupt() {
    [ -z "$stopping" ] || return 0
    stopping=yes
    echo
    stop_server || fail "the exchange ended with exit code $?: see $log"
    [ ! -d "$demo/exchange" ] || echo "demo: stopped; its ledger stays in $demo/exchange/ledger"
    exit 0
}
# bash loses its way when a signal's trap runs while it reads a $(...): up to the end of the session
# there is none.
trap interrupt INT TERM
trap stop_server EXIT

# One demo at a time: the lock is held as long as this shell lives, not by what it starts.
mkdir -p "${demo%/*}/" || exit 1
exec 9>"$demo.lock"
flock -n 9 || fail "another demo runs in $demo: end it first (Ctrl-C there)"

rm -rf "$demo.old"
[ ! -e "$demo" ] || mv "$demo" "$demo.old" || exit 1
mkdir -p "$demo" || exit 1
"$build/tpx" keygen "$demo/op1.key" >/dev/null 9>&- || exit 1
"$build/tpx" keygen "$demo/op2.key" >/dev/null 9>&- || exit 1

read -r _ key1 <"$demo/op1.key.pub" && read -r _ key2 <"$demo/op2.key.pub" || exit 1
printf -v year '%(%Y)T' -1
# Single quotes: a key may hold what double ones would take for a variable.
cat >"$demo/tpxd.conf" <<END
# The demo's exchange; gateway/README.md tells of every name.
origin = demo.tpx.example/$year
environment = test
trade = "tcp://127.0.0.1:*"
query = "tcp://127.0.0.1:*"
feed = "tcp://127.0.0.1:*"
operator {
    person = 1
    key = '$key1'
}
operator {
    person = 2
    key = '$key2'
}
# Little disk: this is a demo.
disk_low_mib = 64
disk_critical_mib = 32
disk_halt_mib = 16
disk_zero_mib = 32
limits {
    orders = 200000
    levels = 200000
    accounts = 1000
    holdings = 100000
    instruments = 1000
}
END

"$build/tpxd" --create "$demo/exchange" --config "$demo/tpxd.conf" 2>"$log" 9>&- ||
    fail "no exchange: $(tail -1 "$log")"
# Whom to believe about the ledger is settled before anything is in it.
"$build/tpx" ledger key "$demo/exchange" >"$demo/checkpoint.pub" 9>&- || exit 1
# Should this shell be killed, the server stops, too.
setpriv --pdeathsig TERM "$build/tpxd" "$demo/exchange" 2>>"$log" 9>&- &
server=$!
until [ -e "$demo/exchange/endpoints" ]; do
    kill -0 "$server" 2>/dev/null || fail "the exchange did not start: $(tail -1 "$log")"
    sleep 0.05
done
read -r endpoint <"$demo/exchange/endpoints"
echo "exchange $demo/exchange runs (process $server, $endpoint, log $log)"

# The market's days are those of UTC+8.
TZ=UTC-8 printf -v day '%(%Y%m%d)T' -1
"$build/tpx-demo" --day "$day" "${session[@]}" "$demo" 9>&-
played=$?
[ -z "$stopping" ] || interrupt
[ $played -eq 130 ] && interrupt

if [ -z "$once" ]; then
    [ $played -eq 0 ] || fail "the session went wrong"
    echo "Ctrl-C here ends the demo."
    wait "$server"
    fail "the exchange ended by itself, exit code $?: see $log"
fi

stopped=0
stop_server || stopped=$?
counter() { "$build/tpx" status --json "$demo/exchange" 9>&- | sed -n "s/.*\"$1\": \"\(.*\)\",*/\1/p"; }
printf '%-10s %10s  records, %s bytes\n' ledger "$(counter durable)" "$(counter committed_bytes)"
verified=0
printf '\ntpx ledger verify:\n'
"$build/tpx" ledger verify --checkpoint-key "$demo/checkpoint.pub" "$demo/exchange" 9>&- || verified=$?
[ $stopped -eq 0 ] || fail "the exchange stopped with exit code $stopped: see $log"
[ $played -eq 0 ] || fail "the session went wrong"
[ $verified -eq 0 ] || fail "the ledger is not what was signed and recorded"
