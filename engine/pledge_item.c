/*
 * What can be pledged, and which units it then is.
 */
#include "engine/freeze.h"
#include "engine/holding.h"
#include "engine/pledge_part.h"
#include "engine/restraint.h"
#include "engine/right.h"

struct asset pledge_item_asset(uint32_t pledgor, uint8_t kind, uint32_t asset) {
    return kind == ASSET_RIGHT ? asset_right(asset) : asset_holding(pledgor, asset);
}

struct place pledge_item_place(const struct engine *engine, uint32_t pledgor,
                               const struct pledge_item_terms *terms) {
    if (terms->asset_kind == ASSET_RIGHT)
        return place_stake(right_stake(engine, terms->asset, pledgor));
    return place_holding(holding_find(engine, terms->account, terms->asset));
}

struct pledge_item_terms pledge_item_terms(const struct pledge_item *item) {
    return (struct pledge_item_terms){.asset_kind = item->asset_kind,
                                      .asset = item->asset,
                                      .account = item->account,
                                      .units = item->units,
                                      .value_fen = item->value_fen,
                                      .appraiser = item->appraiser,
                                      .valued = item->valued};
}

/* --- units -------------------------------------------------------------------------------------
 */

static bool allows_multi(const struct engine *engine, uint8_t asset_kind, uint32_t asset) {
    return pledge_rule_of(engine, pledge_class_of(engine, asset_kind, asset))->allows_multi;
}

/* Whether a pledge may lie over what this binding binds; `own` is the hold of the same. */
static bool may_overlie(const struct engine *engine, uint32_t binding, uint32_t own, bool multi) {
    if (binding == own)
        return true;
    switch ((enum entry_kind)binding_at(engine, binding)->kind) {
    case ENTRY_HOLD:
    case ENTRY_PLEDGE:
        return multi;
    case ENTRY_FREEZE:
    case ENTRY_MARK:
    case ENTRY_LISTING:
    case ENTRY_TRANSFER:
        return false;
    case ENTRY_ASSET:
    case ENTRY_RESTRICTION:
    case ENTRY_LOCK_UP:
    case ENTRY_LICENCE:
    case ENTRY_OBJECTION:
    case ENTRY_RESERVATION:
        break;
    }
    return true;
}

/* The binding of a parcel that a pledge may not lie over; 0: it may. */
static uint32_t obstacle(const struct engine *engine, uint32_t parcel, uint32_t own) {
    const struct parcel *row = parcel_at(engine, parcel);
    uint32_t asset = row->asset_kind == ASSET_RIGHT ? stake_at(engine, row->place)->right
                                                    : holding_at(engine, row->place)->instrument;
    bool multi = allows_multi(engine, row->asset_kind, asset);
    for (uint32_t at = row->ties; at != 0; at = tie_at(engine, at)->next)
        if (!may_overlie(engine, tie_at(engine, at)->binding, own, multi))
            return tie_at(engine, at)->binding;
    return 0;
}

/* A tie of its own, and one more when it is registered, must fit. */
static bool is_crowded(const struct engine *engine, uint32_t parcel) {
    return parcel_ties(engine, parcel) + 2 > PARCEL_TIES_MAX;
}

static enum reason reason_of(uint8_t kind, uint8_t asset_kind) {
    if (kind == ENTRY_HOLD || kind == ENTRY_PLEDGE)
        return REASON_ALREADY_PLEDGED;
    bool is_freeze = kind == ENTRY_FREEZE || kind == ENTRY_MARK;
    if (!is_freeze)
        return REASON_ENCUMBERED;
    return asset_kind == ASSET_RIGHT ? REASON_UNDER_PRESERVATION : REASON_FROZEN;
}

/* Whether there are as many units as are to be pledged, free or where a pledge may lie. */
static struct refusal check_units(const struct engine *engine, const struct item_view *view,
                                  struct place place) {
    uint64_t usable = 0;
    uint32_t first = 0;
    for (uint32_t at = parcel_first(engine, place); at != 0; at = parcel_next(engine, at)) {
        uint32_t binding = obstacle(engine, at, view->hold);
        if (binding == 0 && (parcel_is_tied(engine, at, view->hold) || !is_crowded(engine, at)))
            usable += parcel_at(engine, at)->quantity;
        else if (first == 0)
            first = binding != 0 ? binding : tie_at(engine, parcel_at(engine, at)->ties)->binding;
    }
    uint64_t wanted = view->terms->units;
    uint64_t free = place_free(engine, place);
    if (free + usable >= wanted)
        return refusal_none();
    if (place.kind == ASSET_HOLDING && holding_at(engine, place.row)->unbound + usable >= wanted)
        return refusal_of(REASON_RESERVED_BY_ORDER, FIELD_UNITS, (int64_t)free);
    const struct binding *binding = binding_at(engine, first);
    return refusal_of(reason_of(binding->kind, place.kind), FIELD_ITEM, binding->entry);
}

uint32_t pledge_item_operations(const struct engine *engine, uint32_t pledgor,
                                const struct pledge_item_terms *terms) {
    struct place place = pledge_item_place(engine, pledgor, terms);
    uint32_t operations = 2;
    for (uint32_t at = parcel_first(engine, place); at != 0; at = parcel_next(engine, at))
        operations += 2;
    return operations;
}

/* Ties as much as is wanted still of the parcels that `hold` reaches (0: of any). */
static void tie_bound(struct engine *engine, const struct tying *tying, uint32_t hold,
                      uint64_t *left) {
    uint32_t at = parcel_first(engine, tying->place);
    while (at != 0 && *left > 0) {
        bool is_reached = hold != 0 ? parcel_is_tied(engine, at, hold) : !is_crowded(engine, at);
        bool is_meant = is_reached && obstacle(engine, at, tying->hold) == 0;
        if (!is_meant || parcel_is_tied(engine, at, tying->binding)) {
            at = parcel_next(engine, at);
            continue;
        }
        uint64_t quantity = parcel_at(engine, at)->quantity;
        uint64_t units = quantity < *left ? quantity : *left;
        parcel_tie(engine, at, tying->binding, units);
        *left -= units;
        at = parcel_first(engine, tying->place);
    }
}

void pledge_item_tie(struct engine *engine, const struct tying *tying) {
    uint64_t left = tying->units;
    if (tying->hold != 0)
        tie_bound(engine, tying, tying->hold, &left);
    uint64_t free = place_free(engine, tying->place);
    uint64_t units = free < left ? free : left;
    if (units > 0)
        parcel_tie_free(engine, tying->place, tying->binding, units);
    left -= units;
    tie_bound(engine, tying, 0, &left);
    assert(left == 0);
}

void pledge_item_free(const struct call *call, uint32_t number, uint64_t units) {
    struct engine *engine = call->engine;
    struct pledge_item *item = pledge_item_at(engine, number);
    uint64_t left = units;
    assert(units <= item->units && item->binding != 0);
    while (left > 0) {
        uint32_t parcel = parcel_of(engine, item->binding);
        uint64_t quantity = parcel_at(engine, parcel)->quantity;
        uint64_t some = quantity < left ? quantity : left;
        parcel_untie(engine, parcel, item->binding, some);
        left -= some;
    }
    item->units -= units;
    binding_at(engine, item->binding)->quantity = item->units;
    struct asset asset = binding_asset(binding_at(engine, item->binding));
    if (item->units == 0)
        binding_end(call, item->binding);
    freeze_follow(call, asset);
}

/* --- rights ------------------------------------------------------------------------------------
 */

static struct refusal check_right_status(const struct right *right, uint32_t declarations) {
    uint32_t status = right->status;
    if ((status & RIGHT_LAPSED) != 0)
        return refusal_of(REASON_RIGHT_LAPSED, FIELD_ITEM, 0);
    if ((status & RIGHT_INVALIDATED) != 0)
        return refusal_of(REASON_RIGHT_INVALIDATED, FIELD_ITEM, 0);
    if ((status & RIGHT_GRANTED) == 0)
        return refusal_of(REASON_NOT_GRANTED, FIELD_ITEM, 0);
    if ((status & RIGHT_FEE_UNPAID) != 0)
        return refusal_of(REASON_FEE_UNPAID, FIELD_ITEM, 0);
    if ((status & RIGHT_SUSPENDED) != 0)
        return refusal_of(REASON_UNDER_PRESERVATION, FIELD_ITEM, 0);
    if ((status & RIGHT_SAME_DAY_FILING) != 0 && (declarations & PLEDGE_KNOWS_SAME_DAY_FILING) == 0)
        return refusal_of(REASON_SAME_DAY_FILING, FIELD_DECLARATIONS, PLEDGE_KNOWS_SAME_DAY_FILING);
    if ((status & RIGHT_INVALIDATION_PENDING) != 0 &&
        (declarations & PLEDGE_KNOWS_INVALIDATION_PENDING) == 0)
        return refusal_of(REASON_INVALIDATION_PENDING, FIELD_DECLARATIONS,
                          PLEDGE_KNOWS_INVALIDATION_PENDING);
    return refusal_none();
}

/* Each co-owner must have said yes, unless nobody asks yet. */
static struct refusal check_coowners(const struct engine *engine, const struct item_view *view) {
    for (uint32_t at = right_at(engine, view->terms->asset)->stakes; at != 0;
         at = stake_at(engine, at)->next) {
        uint32_t party = stake_at(engine, at)->party;
        struct assent_wanted wanted = {
            .pledge = view->pledge, .party = party, .matter = PLEDGE_MATTER_COOWNER};
        if (party != view->pledgor && right_stake_ppm(engine, at) > 0 &&
            !pledge_has_assent(engine, &wanted))
            return refusal_of(REASON_COOWNER_CONSENT, FIELD_ITEM, party);
    }
    return refusal_none();
}

static struct refusal check_right(const struct engine *engine, const struct item_view *view) {
    uint32_t number = view->terms->asset;
    struct refusal refusal = right_check_exists(engine, number);
    if (refusal.reason != REASON_NONE)
        return refusal;
    const struct right *right = right_at(engine, number);
    uint32_t stake = right_stake(engine, number, view->pledgor);
    uint64_t owned = stake != 0 ? right_stake_ppm(engine, stake) : 0;
    if (owned < view->terms->units)
        return refusal_of(REASON_NOT_OWNER, FIELD_UNITS, (int64_t)owned);
    refusal = check_right_status(right, view->declarations);
    if (refusal.reason != REASON_NONE)
        return refusal;
    if (right->term_end != DATE_NONE && view->debt_end > right->term_end)
        return refusal_of(REASON_BEYOND_TERM, FIELD_DEBT_END, right->term_end);
    if (view->pledge != 0)
        refusal = check_coowners(engine, view);
    return refusal;
}

/* --- holdings ----------------------------------------------------------------------------------
 */

static struct refusal check_holding(const struct engine *engine, const struct item_view *view) {
    const struct pledge_item_terms *terms = view->terms;
    if (!pool_has(engine, POOL_INSTRUMENTS, terms->asset))
        return refusal_of(REASON_UNKNOWN_INSTRUMENT, FIELD_ITEM, 0);
    if (!pool_has(engine, POOL_ACCOUNTS, terms->account))
        return refusal_of(REASON_UNKNOWN_ACCOUNT, FIELD_ACCOUNT, 0);
    if (account_at(engine, terms->account)->owner != view->pledgor)
        return refusal_of(REASON_NOT_OWNER, FIELD_ACCOUNT, 0);
    uint32_t holding = holding_find(engine, terms->account, terms->asset);
    uint64_t total = holding != 0 ? place_total(engine, place_holding(holding)) : 0;
    if (total < terms->units)
        return refusal_of(REASON_INSUFFICIENT_POSITION, FIELD_UNITS, (int64_t)total);
    return refusal_none();
}

struct refusal pledge_item_check(const struct engine *engine, const struct item_view *view) {
    const struct pledge_item_terms *terms = view->terms;
    if (terms->units == 0)
        return refusal_of(REASON_OUT_OF_LIMITS, FIELD_UNITS, 1);
    struct refusal refusal =
        terms->asset_kind == ASSET_RIGHT ? check_right(engine, view) : check_holding(engine, view);
    if (refusal.reason != REASON_NONE)
        return refusal;
    struct asset asset = pledge_item_asset(view->pledgor, terms->asset_kind, terms->asset);
    uint32_t listing = asset_bound(engine, asset, ENTRY_LISTING, 0);
    if (terms->asset_kind == ASSET_RIGHT && listing != 0)
        return refusal_of(REASON_LISTED, FIELD_ITEM, binding_at(engine, listing)->entry);
    refusal = restraint_check_rank(engine, asset, view->pledgee);
    if (refusal.reason != REASON_NONE)
        return refusal;
    return check_units(engine, view, pledge_item_place(engine, view->pledgor, terms));
}
