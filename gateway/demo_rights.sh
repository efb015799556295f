#!/usr/bin/env bash
# The demo's story of a firm that borrows on its patent: pledged, sold in part with the bank's
# consent, in default, and auctioned while a court freezes what is left.
#   demo_rights.sh DEMO     the folder of a demo whose exchange runs; BUILD (build) holds `tpx`
# Every command is shown as it could be typed, behind a $, and what it answers below it. Ends with 0
# when each went as the story tells it.
set -uo pipefail
build=${BUILD:-build}
demo=${1:?folder of the demo}
tpx=$build/tpx

fail() {
    echo "demo: the story of the patent stops: $*" >&2
    exit 1
}

tell() {
    printf '\n%s\n\n' "$*"
}

# Shows a command, runs it, shows its answer; $id is what it made. With a first word REASON the
# exchange must refuse it for that reason.
run() {
    local wanted=
    [ "$1" != refused ] || { wanted=$2 && shift 2; }
    local answer code=0
    printf '$ %s %s\n' "$tpx" "$*"
    answer=$("$tpx" "$@" 2>&1) || code=$?
    sed 's/^/      /' <<<"$answer"
    id=$(sed -n 's/^id  *//p' <<<"$answer")
    if [ -z "$wanted" ]; then
        [ $code -eq 0 ] || fail "exit code $code"
    else
        [ $code -ne 0 ] && grep -q -e "$wanted" <<<"$answer" || fail "it should have been refused $wanted"
    fi
}

# The same without showing it.
quiet() {
    local answer
    answer=$("$tpx" "$@" 2>&1) || fail "tpx $*: $answer"
    id=$(sed -n 's/^id  *//p' <<<"$answer")
}

op() { "$1" -p "$demo/op1.profile" "${@:2}"; }

# A firm with a role here: participant, key, session, profile. Its number is in $member.
person=100
join() { # NAME CODE FIRM ROLES
    op quiet admin participant "$2" "$3" "$4"
    member=$id
    quiet keygen "$demo/$1.key"
    op quiet admin key add "$member" $((person += 1)) "$demo/$1.key.pub"
    op quiet admin session add "$member"
    printf '%s\n' "endpoint exchange/endpoints" "ledger exchange/ledger" "key $1.key" \
        "session $id" >"$demo/$1.profile"
}

# A firm that owns, lends or buys, acting through a member, with a key that signs for it: its party
# in ${party[NAME]}, its key as --sign takes it in ${sign[NAME]}.
declare -A party sign account
enter() { # NAME CODE FIRM MEMBER
    reg quiet party add "$2" "$3" --participant "$4"
    party[$1]=$id
    quiet keygen --party "$origin" "$demo/$1.sign.key"
    reg quiet party key "${party[$1]}" $((person += 1)) "$demo/$1.sign.key"
    sign[$1]=$demo/$1.sign.key:$id
}
reg() { "$1" -p "$demo/registrar.profile" "${@:2}"; }

fund() { # NAME MEMBER YUAN
    op quiet admin account "$2" "${party[$1]}"
    account[$1]=$id
    op quiet admin deposit "$id" "$3"
}

# An account's cash, in yuan.
cash() { # MEMBER NAME
    "$tpx" -p "$demo/$1.profile" account --account "${account[$2]}" |
        awk '$2 == "cash" { sub(/\.00$/, "", $3); print $3 }'
}

document() { # NAME TEXT: its path in $paper
    paper=$demo/$1.txt
    echo "$2" >"$paper"
}

patent=ZL202410000007.1
shares=430901
origin=$(sed -n 's/^origin = //p' "$demo/tpxd.conf")
day() { TZ=UTC-8 date -d "${1:-today}" +%Y-%m-%d; }

# --- who there is --------------------------------------------------------------------------------

join registrar 91310000DEMO000020 登记处 registrar,authority_liaison,appraiser,listing_agent
join firm 91310000DEMO000021 深蓝代理 broker
firm=$member
join bank 91310000DEMO000022 浦江银行 bank
bank=$member
join bank2 91310000DEMO000023 钱塘银行 bank
bank2=$member
join buyers 91310000DEMO000024 启明投资代理 broker,transferee
buyers=$member
enter shenlan 91440300DEMO00021X 深蓝光伏科技 "$firm"
enter pujiang 91310000DEMO00022X 浦江银行 "$bank"
enter qiming 91310000DEMO00024X 启明投资 "$buyers"
enter xingchen 91310000DEMO00025X 星辰资本 "$buyers"
fund shenlan "$firm" 1000
fund pujiang "$bank" 1000
fund qiming "$buyers" 3000000
fund xingchen "$buyers" 3000000
op quiet admin deposit "${account[shenlan]}" 9000 1

# --- the loan ------------------------------------------------------------------------------------

tell "A firm has its patent admitted, and pledges it with 6,000 of its shares for a loan:"
reg run right admit invention "$patent" 光伏电池 "${party[shenlan]}" --until 2044-05-31
right=$id
document report "专利权评估报告 $patent"
reg quiet right appraise "$right" 1500000 income "$(day -10days)" "$(day +300days)" "$paper"
document contract "借款合同 深蓝光伏科技 浦江银行"
contract=$paper
document terms "$RANDOM$RANDOM$RANDOM 质押合同"
run -p "$demo/firm.profile" pledge apply "${party[shenlan]}" "${party[pujiang]}" 1200000 \
    "right:$right@1500000" "shares:${account[shenlan]}:1:6000@60000" \
    --contract "$contract" --terms "$paper" --since "$(day)" --until "$(day +1year)" \
    --conditions power_of_sale --sign "${sign[shenlan]}" --sign "${sign[pujiang]}"
pledge=$id
reg run pledge register "$pledge"
document notice "专利权质押登记通知书"
reg run pledge confirm "$pledge" cnipa Y2026980000007 "$paper" --effective "$(date -u +%Y-%m-%dT%H:%M:%SZ)"

tell "Another bank asks what is bound on the patent; the answer is a proof that it keeps:"
run -p "$demo/bank2.profile" right status invention "$patent"
run -p "$demo/bank2.profile" pledge certificate invention "$patent" --out "$demo/patent.certificate"
run right check "$demo/patent.certificate" --checkpoint-key "$demo/checkpoint.pub"
run right print "$demo/patent.certificate" --checkpoint-key "$demo/checkpoint.pub"

tell "What is pledged cannot be sold:"
run refused PLEDGED -p "$demo/firm.profile" order sell 5000 1 9.00 --account "${account[shenlan]}"

tell "With the bank's consent 2,000 of the shares go: price, payoff and delivery in one record:"
run -p "$demo/bank.profile" consent give "pledge:$pledge" 2000 "$(day +30days)" \
    --buyer "${party[qiming]}" --floor 18000 --payoff 16000 --to "${account[pujiang]}" \
    --sign "${sign[pujiang]}"
consent=$id
run -p "$demo/firm.profile" transfer make 1 2000 "${party[shenlan]}:${account[shenlan]}" \
    "${party[qiming]}:${account[qiming]}" 19000 "$consent" \
    --sign "${sign[shenlan]}" --sign "${sign[qiming]}"
run -p "$demo/bank.profile" account --account "${account[pujiang]}"

tell "The firm does not pay. The bank says what is owed, and the certificate no longer holds:"
document dunning "逾期通知书"
run -p "$demo/bank.profile" pledge default "$pledge" 2000 18000 950000 "$paper" \
    --sign "${sign[pujiang]}"
run refused "no longer\|changed" -p "$demo/bank2.profile" pledge still "$demo/patent.certificate" \
    --checkpoint-key "$demo/checkpoint.pub"

# --- the auction ---------------------------------------------------------------------------------

tell "By the power of sale in the terms the patent is auctioned. Two bidders put down their deposits:"
document notice "拍卖公告 $patent"
disclosed=$(date -u -d '+6 seconds' +%Y-%m-%dT%H:%M:%SZ)
run -p "$demo/bank.profile" pledge auction "$pledge" 1:1000000 1350000 10000 "$disclosed" "$paper" \
    5000 "${account[pujiang]}" "${account[shenlan]}" --free 2 --timed 6 --sign "${sign[pujiang]}"
run -p "$demo/bank.profile" listing list
listing=1
for bidder in qiming xingchen; do
    run -p "$demo/buyers.profile" listing deposit "$listing" "${party[$bidder]}" \
        --account "${account[$bidder]}"
done

tell "A court freezes the patent. The sale of the earlier pledge goes on; the freeze waits for what is left:"
document order "冻结裁定书"
reg run freeze enter "right:$right" 1000000 2026沪01执7号 "$paper" --until "$(day +150days)"

tell "The free period, then the timed one, which each bid begins anew:"
sleep "$(($(date -u -d "$disclosed" +%s) - $(date +%s) + 1))"
run -p "$demo/buyers.profile" bid place "$listing" "${party[qiming]}" 1350000
sleep 2
run -p "$demo/buyers.profile" bid place "$listing" "${party[xingchen]}" 1400000
sleep 1
run -p "$demo/buyers.profile" bid place "$listing" "${party[qiming]}" 1450000
run -p "$demo/buyers.profile" listing show "$listing"
for _ in {1..300}; do
    "$tpx" -p "$demo/buyers.profile" listing show "$listing" | grep -q AWARDED && break
    sleep 0.1
done

tell "Awarded, signed, paid into escrow, registered: the price goes down the ranks in the record that delivers:"
document sale "成交合同"
run -p "$demo/buyers.profile" listing sign "$listing" "${party[qiming]}" "$paper" --sign "${sign[qiming]}"
run -p "$demo/bank.profile" listing sign "$listing" "${party[pujiang]}" "$paper" --sign "${sign[pujiang]}"
run -p "$demo/buyers.profile" listing pay "$listing" --account "${account[qiming]}"
reg run listing certify "$listing"
lender=$(cash bank pujiang)
owner=$(cash firm shenlan)
reg run listing register "$listing" "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$paper" --office-number Y2026990000012
lender=$(($(cash bank pujiang) - lender))
owner=$(($(cash firm shenlan) - owner))
printf '\n    1450000 yuan   price\n    %7d yuan   to the bank: costs of the enforcement 5000; costs 2000, interest 18000, principal 950000\n' "$lender"
printf '    %7d yuan   to the firm, and frozen there for the court\n' "$owner"
[ $((lender + owner)) -eq 1450000 ] && [ "$lender" -eq 975000 ] || fail "that does not add up"
tell "What is left, and who has the patent:"
run -p "$demo/bank.profile" account --account "${account[pujiang]}"
run -p "$demo/firm.profile" account --account "${account[shenlan]}"
run -p "$demo/bank.profile" pledge show "$pledge"
run -p "$demo/bank2.profile" right status invention "$patent"
