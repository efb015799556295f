/*
 * Bound units of a holding, by what binds them.
 */
#include "engine/blocked.h"

#include "engine/freeze.h"
#include "engine/parcel.h"

/* In the order in which they answer. */
static const struct {
    uint16_t kind;
    uint16_t reason;
} kinds[] = {
    {ENTRY_LOCK_UP, REASON_LOCKED}, {ENTRY_PLEDGE, REASON_PLEDGED}, {ENTRY_FREEZE, REASON_FROZEN},
    {ENTRY_MARK, REASON_FROZEN},    {ENTRY_HOLD, REASON_HELD},      {ENTRY_TRANSFER, REASON_HELD},
};

struct refusal blocked_units(const struct engine *engine, uint32_t holding, enum field field,
                             uint64_t wanted, uint64_t free) {
    uint64_t bound = 0;
    enum reason reason = REASON_INSUFFICIENT_POSITION;
    uint32_t rank = sizeof kinds / sizeof kinds[0];
    uint32_t first = holding != 0 ? parcel_first(engine, place_holding(holding)) : 0;
    for (uint32_t at = first; at != 0; at = parcel_next(engine, at)) {
        bound += parcel_at(engine, at)->quantity;
        for (uint32_t i = 0; i < rank; i++)
            if (parcel_tied_by(engine, at, (enum entry_kind)kinds[i].kind) != 0) {
                rank = i;
                reason = (enum reason)kinds[i].reason;
            }
    }
    if (wanted - free > bound)
        reason = REASON_INSUFFICIENT_POSITION;
    return refusal_of(reason, field, (int64_t)free);
}

struct refusal blocked_cash(const struct engine *engine, uint32_t account, int64_t need_fen,
                            int64_t free_fen) {
    bool is_frozen = account_at(engine, account)->has_freeze &&
                     need_fen - free_fen <= freeze_cash_fen(engine, account);
    return refusal_of(is_frozen ? REASON_FROZEN : REASON_INSUFFICIENT_CASH, FIELD_AMOUNT, free_fen);
}
