/*
 * What authorities order: entering, renewing and lifting freezes.
 */
#include <string.h>

#include "engine/binding.h"
#include "engine/clearance.h"
#include "engine/date.h"
#include "engine/emit.h"
#include "engine/freeze_part.h"
#include "engine/listing.h"
#include "engine/parcel.h"
#include "engine/parties.h"
#include "engine/right.h"
#include "engine/timer.h"

/* Longest terms (RULES.md, section 3), in months; other kinds of assets have none. */
#define PATENT_MONTHS    6u
#define TRADEMARK_MONTHS 12u

static struct asset asset_of(const struct freeze_order *order) {
    return order->asset_kind == ASSET_RIGHT ? asset_right(order->asset)
                                            : asset_holding(order->holder, order->asset);
}

static bool is_patent(uint8_t right_kind) {
    return right_kind == RIGHT_INVENTION || right_kind == RIGHT_UTILITY_MODEL ||
           right_kind == RIGHT_DESIGN;
}

/* Of an asset kind and number; 0: no limit. */
static uint32_t months_most(const struct engine *engine, uint8_t asset_kind, uint32_t asset) {
    if (asset_kind != ASSET_RIGHT)
        return 0;
    uint8_t kind = right_at(engine, asset)->kind;
    if (is_patent(kind))
        return PATENT_MONTHS;
    return kind == RIGHT_TRADEMARK ? TRADEMARK_MONTHS : 0;
}

/* A last day that is to be valid, not over, and within `months` (0: any number, or no last day at
 * all) that begin on `from`. */
static struct refusal check_until(const struct engine *engine, trading_date until,
                                  trading_date from, uint32_t months) {
    if (until == DATE_NONE && months == 0)
        return refusal_none();
    if (!date_is_valid(until) || until > DATE_NS_MAX)
        return refusal_of(REASON_BAD_DATE, FIELD_UNTIL, 0);
    if (date_end_ns(until) <= engine->time_ns)
        return refusal_of(REASON_BAD_DATE, FIELD_UNTIL, date_of_ns(engine->time_ns));
    if (months != 0 && until > date_after_months(from, months))
        return refusal_of(REASON_OUT_OF_LIMITS, FIELD_UNTIL, date_after_months(from, months));
    return refusal_none();
}

static int64_t served_ns(const struct call *call, const struct freeze_order *order) {
    return order->served_ns != 0 ? order->served_ns : call->command->stamp.time_ns;
}

/* --- entering -----------------------------------------------------------------------------------
 */

static struct refusal check_right(const struct engine *engine, const struct freeze_order *order) {
    const struct right *right = right_at(engine, order->asset);
    if ((right->status & RIGHT_STATUS_FINAL) != 0)
        return refusal_of(REASON_RIGHT_LAPSED, FIELD_RIGHT, 0);
    if (order->quantity > RIGHT_WHOLE_PPM)
        return refusal_of(REASON_OUT_OF_LIMITS, FIELD_QUANTITY, RIGHT_WHOLE_PPM);
    if (order->holder != 0) {
        uint32_t stake = right_stake(engine, order->asset, order->holder);
        if (stake == 0 || right_stake_ppm(engine, stake) == 0)
            return refusal_of(REASON_NOT_OWNER, FIELD_HOLDER, 0);
    }
    uint32_t known = freeze_bound(engine, asset_right(order->asset), 0);
    if (is_patent(right->kind) && known != 0)
        return refusal_of(REASON_DUPLICATE_FREEZE, FIELD_ENTRY, binding_at(engine, known)->entry);
    return refusal_none();
}

static struct refusal check_subject(const struct engine *engine, const struct freeze_order *order) {
    if (order->asset_kind == 0) {
        if ((order->asset | order->holder) != 0)
            return refusal_of(REASON_BAD_COMBINATION, FIELD_ASSET, 0);
        if (!pool_has(engine, POOL_ACCOUNTS, order->account))
            return refusal_of(REASON_UNKNOWN_ACCOUNT, FIELD_ACCOUNT, 0);
        return refusal_none();
    }
    if (order->account != 0)
        return refusal_of(REASON_BAD_COMBINATION, FIELD_ACCOUNT, 0);
    struct refusal refusal = asset_check_exists(engine, asset_of(order));
    if (refusal.reason == REASON_NONE && order->asset_kind == ASSET_RIGHT)
        refusal = check_right(engine, order);
    return refusal;
}

/* Room for what a freeze of all that there is may need, and for cancelling what stands in its way.
 */
static struct refusal check_room_cash(const struct engine *engine, uint32_t account) {
    struct clearance clearance = {.account = account, .side = SIDE_BUY};
    if (freeze_cash_count(engine, account) >= FREEZES_EACH_MAX)
        return refusal_of(REASON_LIMIT_REACHED, FIELD_FREEZE, FREEZES_EACH_MAX);
    return clearance_check(engine, &clearance);
}

static uint32_t count_freezes(const struct engine *engine, struct asset asset) {
    uint32_t count = 0;
    for (uint32_t at = freeze_bound(engine, asset, 0); at != 0;
         at = freeze_bound(engine, asset, at))
        count++;
    return count;
}

static struct refusal check_room_units(const struct engine *engine,
                                       const struct freeze_order *order) {
    struct asset asset = asset_of(order);
    struct freeze_found found = freeze_find(engine, asset, freeze_holder(order));
    struct clearance clearance = {.owner = asset.holder, .instrument = asset.id, .side = SIDE_SELL};
    if (count_freezes(engine, asset) >= FREEZES_EACH_MAX)
        return refusal_of(REASON_LIMIT_REACHED, FIELD_FREEZE, FREEZES_EACH_MAX);
    if (found.is_crowded)
        return refusal_full(POOL_TIES);
    struct refusal refusal = asset_check_room(engine, asset);
    if (refusal.reason == REASON_NONE)
        refusal = binding_check_room(engine, 1);
    if (refusal.reason == REASON_NONE)
        refusal = parcel_check_room(engine, found.operations + FREEZE_PROMISE);
    if (refusal.reason == REASON_NONE && asset.kind == ASSET_HOLDING && found.free < found.unbound)
        refusal = clearance_check(engine, &clearance);
    return refusal;
}

struct refusal freeze_check_enter(const struct call *call, const struct deed *deed) {
    const struct engine *engine = call->engine;
    const struct freeze_order *order = &deed->freeze_order;
    struct refusal refusal = check_subject(engine, order);
    if (refusal.reason != REASON_NONE)
        return refusal;
    if (order->served_ns > call->command->stamp.time_ns)
        return refusal_of(REASON_BAD_DATE, FIELD_SERVED, 0);
    refusal = check_until(engine, order->until, date_of_ns(served_ns(call, order)),
                          months_most(engine, order->asset_kind, order->asset));
    if (refusal.reason != REASON_NONE)
        return refusal;
    if (pool_is_full(engine, POOL_FREEZES))
        return refusal_full(POOL_FREEZES);
    if (order->until != DATE_NONE && !timer_has_room(engine))
        return refusal_full(POOL_TIMERS);
    return order->asset_kind == 0 ? check_room_cash(engine, order->account)
                                  : check_room_units(engine, order);
}

static uint32_t make(const struct call *call, const struct freeze_order *order) {
    struct engine *engine = call->engine;
    uint32_t number = pool_add(engine, POOL_FREEZES);
    struct freeze *freeze = freeze_at(engine, number);
    *freeze = (struct freeze){.from_ns = call->command->stamp.time_ns,
                              .served_ns = served_ns(call, order),
                              .account = order->account,
                              .holder = freeze_holder(order),
                              .until = order->until,
                              .authority = order->authority,
                              .may_be_sold = order->may_be_sold,
                              .has_fruits = order->has_fruits,
                              .case_number_bytes = order->case_number_bytes};
    memcpy(freeze->case_number, order->case_number, order->case_number_bytes);
    memcpy(freeze->document, order->document, HASH_BYTES);
    if (order->until != DATE_NONE)
        timer_arm(engine, TIMER_FREEZE, number, date_end_ns(order->until) + 1);
    return number;
}

uint64_t freeze_enter(const struct call *call, const struct deed *deed) {
    const struct freeze_order *order = &deed->freeze_order;
    uint32_t number = make(call, order);
    if (order->asset_kind == 0) {
        freeze_hold_cash(call, number, (uint64_t)order->quantity);
        return number;
    }
    struct asset asset = asset_of(order);
    struct binding wanted = {
        .kind = ENTRY_FREEZE, .subject = number, .quantity = (uint64_t)order->quantity};
    asset_admit(call, asset);
    uint32_t binding = binding_make(call, asset, &wanted);
    freeze_at(call->engine, number)->binding = binding;
    freeze_hold(call, number, asset, (uint64_t)order->quantity);
    listing_freeze_changed(call, asset);
    return number;
}

/* --- renewing and lifting -----------------------------------------------------------------------
 */

/* A freeze that exists and is not over. */
static struct refusal check_in_force(const struct engine *engine, uint32_t number) {
    if (!pool_has(engine, POOL_FREEZES, number))
        return refusal_of(REASON_UNKNOWN_FREEZE, FIELD_FREEZE, 0);
    const struct freeze *freeze = freeze_at(engine, number);
    if (freeze_is_over(engine, freeze))
        return refusal_of(REASON_WRONG_STATE, FIELD_FREEZE,
                          freeze->binding != 0 ? binding_at(engine, freeze->binding)->state
                                               : freeze->state);
    return refusal_none();
}

struct refusal freeze_check_renew(const struct call *call, const struct deed *deed) {
    const struct engine *engine = call->engine;
    const struct renew_freeze *renew = &deed->renew_freeze;
    struct refusal refusal = check_in_force(engine, renew->freeze);
    if (refusal.reason != REASON_NONE)
        return refusal;
    const struct freeze *freeze = freeze_at(engine, renew->freeze);
    if (freeze->until == DATE_NONE)
        return refusal_of(REASON_WRONG_STATE, FIELD_UNTIL, 0);
    if (renew->until <= freeze->until)
        return refusal_of(REASON_BAD_DATE, FIELD_UNTIL, freeze->until);
    const struct binding *binding = binding_at(engine, freeze->binding);
    uint32_t months =
        freeze->binding != 0 ? months_most(engine, binding->asset_kind, binding->asset) : 0;
    return check_until(engine, renew->until, date_of_days(date_days(freeze->until) + 1), months);
}

uint64_t freeze_renew(const struct call *call, const struct deed *deed) {
    const struct renew_freeze *renew = &deed->renew_freeze;
    struct freeze *freeze = freeze_at(call->engine, renew->freeze);
    timer_disarm(call->engine, TIMER_FREEZE, renew->freeze);
    freeze->until = renew->until;
    memcpy(freeze->document, renew->document, HASH_BYTES);
    timer_arm(call->engine, TIMER_FREEZE, renew->freeze, date_end_ns(renew->until) + 1);
    freeze_tell(call, renew->freeze);
    return renew->freeze;
}

static uint64_t in_force(const struct freeze *freeze) {
    return freeze->frozen + freeze->queued;
}

struct refusal freeze_check_lift(const struct call *call, const struct deed *deed) {
    const struct engine *engine = call->engine;
    const struct lift_freeze *lift = &deed->lift_freeze;
    struct refusal refusal = check_in_force(engine, lift->freeze);
    if (refusal.reason != REASON_NONE)
        return refusal;
    const struct freeze *freeze = freeze_at(engine, lift->freeze);
    if ((uint64_t)lift->quantity > in_force(freeze))
        return refusal_of(REASON_OUT_OF_LIMITS, FIELD_QUANTITY, (int64_t)in_force(freeze));
    return freeze->binding != 0 ? parcel_check_room(engine, 1) : refusal_none();
}

static void let_go(const struct call *call, uint32_t number, uint64_t units,
                   enum freeze_state at_end) {
    if (freeze_at(call->engine, number)->binding != 0)
        freeze_let_go(call, number, units, at_end);
    else
        freeze_let_go_cash(call, number, units, at_end);
}

uint64_t freeze_lift(const struct call *call, const struct deed *deed) {
    const struct lift_freeze *lift = &deed->lift_freeze;
    struct freeze *freeze = freeze_at(call->engine, lift->freeze);
    uint64_t units = lift->quantity != 0 ? (uint64_t)lift->quantity : in_force(freeze);
    memcpy(freeze->document, lift->document, HASH_BYTES);
    let_go(call, lift->freeze, units, FREEZE_LIFTED);
    return lift->freeze;
}

void freeze_timer_fires(const struct call *call, uint32_t number) {
    let_go(call, number, in_force(freeze_at(call->engine, number)), FREEZE_LAPSED);
}
