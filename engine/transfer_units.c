/*
 * Everything that is to go is tied to the transfer's own binding first: then whatever else binds it
 * can be untied without losing sight of it.
 */
#include "engine/binding.h"
#include "engine/freeze.h"
#include "engine/parcel.h"
#include "engine/pledge.h"
#include "engine/right.h"
#include "engine/transfer_part.h"

struct asset transfer_asset(const struct transfer *transfer) {
    return transfer->asset_kind == ASSET_RIGHT ? asset_right(transfer->asset)
                                               : asset_holding(transfer->seller, transfer->asset);
}

struct place transfer_from(const struct engine *engine, const struct transfer *transfer) {
    if (transfer->asset_kind == ASSET_RIGHT)
        return place_stake(right_stake(engine, transfer->asset, transfer->seller));
    return place_holding(holding_find(engine, transfer->seller_account, transfer->asset));
}

/* --- what may go -------------------------------------------------------------------------------
 */

/* Whether one of the consents that the transfer names is of this pledge. */
static bool has_consent(const struct engine *engine, const struct transfer *transfer,
                        uint32_t pledge) {
    for (uint32_t i = 0; i < transfer->consents_count; i++)
        if (consent_at(engine, transfer->consents[i])->pledge == pledge)
            return true;
    return false;
}

/* Whether it names a consent of a pledgee: then it takes what those pledges reach. */
static bool is_of_pledged(const struct engine *engine, const struct transfer *transfer) {
    for (uint32_t i = 0; i < transfer->consents_count; i++)
        if (consent_at(engine, transfer->consents[i])->pledge != 0)
            return true;
    return false;
}

/* What one binding says to its units going. */
static struct refusal check_binding(const struct engine *engine, const struct transfer *transfer,
                                    uint32_t number) {
    const struct binding *binding = binding_at(engine, number);
    switch ((enum entry_kind)binding->kind) {
    case ENTRY_PLEDGE: {
        uint32_t pledge = pledge_of(engine, binding);
        bool is_agreed = (pledge_at(engine, pledge)->conditions & PLEDGE_TRANSFER_ALLOWED) != 0;
        if (is_agreed || has_consent(engine, transfer, pledge))
            return refusal_none();
        return refusal_of(REASON_PLEDGEE_CONSENT, FIELD_PLEDGE, pledge);
    }
    case ENTRY_HOLD:
        return refusal_of(REASON_HELD, FIELD_ENTRY, binding->entry);
    case ENTRY_FREEZE:
        if (freeze_at(engine, binding->subject)->may_be_sold)
            return refusal_none();
        return refusal_of(REASON_FROZEN, FIELD_ENTRY, binding->entry);
    case ENTRY_LOCK_UP:
        return refusal_of(REASON_LOCKED, FIELD_ENTRY, binding->entry);
    case ENTRY_LISTING:
        return refusal_of(REASON_ENCUMBERED, FIELD_ENTRY, binding->entry);
    case ENTRY_TRANSFER:
        if (number == transfer->binding)
            return refusal_none();
        return refusal_of(REASON_HELD, FIELD_ENTRY, binding->entry);
    case ENTRY_MARK: /* its pledgee has consented, or has not */
    case ENTRY_ASSET:
    case ENTRY_RESTRICTION:
    case ENTRY_LICENCE:
    case ENTRY_OBJECTION:
    case ENTRY_RESERVATION:
        break;
    }
    return refusal_none();
}

/* What a parcel's bindings say; the first that has something to say. */
static struct refusal check_parcel(const struct engine *engine, const struct transfer *transfer,
                                   uint32_t parcel) {
    struct refusal refusal = refusal_none();
    for (uint32_t at = parcel_at(engine, parcel)->ties; at != 0 && refusal.reason == REASON_NONE;
         at = tie_at(engine, at)->next)
        refusal = check_binding(engine, transfer, tie_at(engine, at)->binding);
    if (refusal.reason == REASON_NONE && parcel_ties(engine, parcel) >= PARCEL_TIES_MAX)
        refusal = refusal_full(POOL_TIES);
    return refusal;
}

/* Whether the transfer may take this parcel, with what it names. */
static bool is_eligible(const struct engine *engine, const struct transfer *transfer,
                        uint32_t parcel) {
    bool is_pledged = parcel_tied_by(engine, parcel, ENTRY_PLEDGE) != 0;
    return is_pledged == is_of_pledged(engine, transfer) &&
           check_parcel(engine, transfer, parcel).reason == REASON_NONE;
}

struct refusal transfer_check_units(const struct engine *engine, const struct transfer *transfer) {
    struct place place = transfer_from(engine, transfer);
    uint64_t total = place.row != 0 ? place_total(engine, place) : 0;
    if (total < transfer->quantity)
        return refusal_of(transfer->asset_kind == ASSET_RIGHT ? REASON_NOT_OWNER
                                                              : REASON_INSUFFICIENT_POSITION,
                          FIELD_QUANTITY, (int64_t)total);
    bool takes_pledged = is_of_pledged(engine, transfer);
    uint64_t free = takes_pledged ? 0 : place_free(engine, place);
    uint32_t operations = 2;
    struct refusal first = refusal_none();
    uint64_t bound = 0;
    for (uint32_t at = parcel_first(engine, place); at != 0; at = parcel_next(engine, at)) {
        struct refusal refusal = check_parcel(engine, transfer, at);
        bound += parcel_at(engine, at)->quantity;
        free += is_eligible(engine, transfer, at) ? parcel_at(engine, at)->quantity : 0;
        first = first.reason == REASON_NONE ? refusal : first;
        operations += 2;
    }
    if (free >= transfer->quantity)
        return parcel_check_room(engine, operations);
    if (first.reason != REASON_NONE)
        return first;
    if (!takes_pledged && total - bound >= transfer->quantity)
        return refusal_of(REASON_RESERVED_BY_ORDER, FIELD_QUANTITY, (int64_t)free);
    return refusal_of(REASON_PLEDGEE_CONSENT, FIELD_QUANTITY, (int64_t)free);
}

struct refusal transfer_check_tied(const struct engine *engine, const struct transfer *transfer) {
    struct refusal refusal = refusal_none();
    for (uint32_t at = binding_at(engine, transfer->binding)->ties;
         at != 0 && refusal.reason == REASON_NONE; at = tie_at(engine, at)->other)
        refusal = check_parcel(engine, transfer, tie_at(engine, at)->parcel);
    return refusal;
}

/* --- tying -------------------------------------------------------------------------------------
 */

static uint32_t next_eligible(const struct engine *engine, const struct transfer *transfer,
                              struct place place) {
    uint32_t at = parcel_first(engine, place);
    while (at != 0 &&
           (parcel_is_tied(engine, at, transfer->binding) || !is_eligible(engine, transfer, at)))
        at = parcel_next(engine, at);
    return at;
}

void transfer_tie(struct engine *engine, const struct transfer *transfer) {
    struct place place = transfer_from(engine, transfer);
    uint64_t left = transfer->quantity;
    if (!is_of_pledged(engine, transfer)) {
        uint64_t free = place_free(engine, place);
        uint64_t units = free < left ? free : left;
        if (units != 0)
            parcel_tie_free(engine, place, transfer->binding, units);
        left -= units;
    }
    while (left > 0) {
        uint32_t parcel = next_eligible(engine, transfer, place);
        uint64_t units = parcel_at(engine, parcel)->quantity;
        units = units < left ? units : left;
        parcel_tie(engine, parcel, transfer->binding, units);
        left -= units;
    }
}

/* --- delivery ----------------------------------------------------------------------------------
 */

/* Another binding of a parcel that the transfer has tied; *parcel 0: there is none any more. */
static uint32_t other_binding(const struct engine *engine, const struct transfer *transfer,
                              uint32_t *parcel) {
    for (uint32_t at = binding_at(engine, transfer->binding)->ties; at != 0;
         at = tie_at(engine, at)->other) {
        *parcel = tie_at(engine, at)->parcel;
        for (uint32_t on = parcel_at(engine, *parcel)->ties; on != 0; on = tie_at(engine, on)->next)
            if (tie_at(engine, on)->binding != transfer->binding)
                return tie_at(engine, on)->binding;
    }
    *parcel = 0;
    return 0;
}

static void note(struct transfer_payees *payees, uint32_t freeze) {
    uint32_t place = payees->freezes_count;
    for (uint32_t i = 0; i < payees->freezes_count; i++)
        if (payees->freezes[i] == freeze)
            return;
    assert(place < FREEZES_EACH_MAX);
    for (; place > 0 && payees->freezes[place - 1] > freeze; place--)
        payees->freezes[place] = payees->freezes[place - 1];
    payees->freezes[place] = freeze;
    payees->freezes_count++;
}

void transfer_free(const struct call *call, const struct transfer *transfer,
                   struct transfer_payees *payees) {
    struct engine *engine = call->engine;
    uint32_t parcel;
    payees->freezes_count = 0;
    payees->frozen_units = 0;
    for (uint32_t other; (other = other_binding(engine, transfer, &parcel)) != 0;) {
        const struct binding *binding = binding_at(engine, other);
        uint64_t units = parcel_at(engine, parcel)->quantity;
        if (binding->kind == ENTRY_FREEZE || binding->kind == ENTRY_MARK) {
            note(payees, binding->subject);
            payees->frozen_units += units;
        }
        parcel_untie(engine, parcel, other, units);
    }
}

static struct place to_place(struct engine *engine, const struct transfer *transfer) {
    if (transfer->asset_kind == ASSET_RIGHT)
        return place_stake(right_receive(engine, transfer->asset, transfer->buyer));
    uint32_t holding = holding_find(engine, transfer->buyer_account, transfer->asset);
    return place_holding(
        holding != 0 ? holding : holding_make(engine, transfer->buyer_account, transfer->asset));
}

void transfer_deliver(struct engine *engine, const struct transfer *transfer) {
    struct place from = transfer_from(engine, transfer);
    struct place to = to_place(engine, transfer);
    parcel_untie_all(engine, transfer->binding);
    place_move(engine, from, to, transfer->quantity);
}
