/*
 * The pledgee states the default, and that it is over.
 */
#include "engine/enforce.h"

#include <string.h>

#include "engine/auction.h"
#include "engine/pledge_part.h"

static struct refusal check_pledgee(const struct engine *engine, const struct deed *deed,
                                    uint32_t number, enum pledge_state state) {
    struct refusal refusal = pledge_check_state(engine, number, STATE_BIT(state));
    if (refusal.reason == REASON_NONE)
        refusal = pledge_check_dealings(engine, number);
    if (refusal.reason != REASON_NONE)
        return refusal;
    return deed_check_signed_by(engine, deed, pledge_at(engine, number)->pledgee);
}

struct refusal enforce_check_default(const struct call *call, const struct deed *deed) {
    const struct pledge_default *owed = &deed->pledge_default;
    int64_t sum = owed->costs_fen;
    struct refusal refusal = check_pledgee(call->engine, deed, owed->pledge, PLEDGE_REGISTERED);
    if (refusal.reason != REASON_NONE)
        return refusal;
    if (__builtin_add_overflow(sum, owed->interest_fen, &sum) ||
        __builtin_add_overflow(sum, owed->principal_fen, &sum))
        return refusal_of(REASON_OUT_OF_LIMITS, FIELD_AMOUNT, INT64_MAX);
    if (sum == 0)
        return refusal_of(REASON_OUT_OF_LIMITS, FIELD_AMOUNT, 1);
    return refusal_none();
}

uint64_t enforce_default(const struct call *call, const struct deed *deed) {
    const struct pledge_default *owed = &deed->pledge_default;
    struct pledge *pledge = pledge_at(call->engine, owed->pledge);
    pledge->state = PLEDGE_ENFORCING;
    pledge->is_determined = pledge->is_maximum;
    pledge->owed_fen[WATERFALL_COSTS] = owed->costs_fen;
    pledge->owed_fen[WATERFALL_INTEREST] = owed->interest_fen;
    pledge->owed_fen[WATERFALL_PRINCIPAL] = owed->principal_fen;
    pledge->version++;
    pledge_tell(call, owed->pledge);
    return owed->pledge;
}

struct refusal enforce_check_cure(const struct call *call, const struct deed *deed) {
    uint32_t pledge = deed->pledge_cure.pledge;
    struct refusal refusal = check_pledgee(call->engine, deed, pledge, PLEDGE_ENFORCING);
    return refusal.reason != REASON_NONE ? refusal : auction_check_none(call->engine, pledge);
}

uint64_t enforce_cure(const struct call *call, const struct deed *deed) {
    struct pledge *pledge = pledge_at(call->engine, deed->pledge_cure.pledge);
    pledge->state = PLEDGE_REGISTERED;
    memset(pledge->owed_fen, 0, sizeof pledge->owed_fen);
    pledge->version++;
    pledge_tell(call, deed->pledge_cure.pledge);
    return deed->pledge_cure.pledge;
}
