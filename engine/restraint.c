/*
 * The subject of a restraint's binding is its row here; a party's row counts the restrictions of
 * what it has, so that its accounts' flags can be kept.
 */
#include "engine/restraint.h"

#include <string.h>

#include "engine/binding.h"
#include "engine/clearance.h"
#include "engine/confirm.h"
#include "engine/date.h"
#include "engine/parcel.h"
#include "engine/parties.h"
#include "engine/place.h"
#include "engine/right.h"
#include "engine/timer.h"

/* --- what is common -----------------------------------------------------------------------------
 */

static struct asset asset_named(uint8_t kind, uint32_t id, uint32_t holder) {
    return (struct asset){.kind = kind, .id = id, .holder = holder};
}

/* The asset that a deed names: a right has no holder. */
static struct refusal check_asset(const struct engine *engine, struct asset asset) {
    if (asset.kind == ASSET_RIGHT && asset.holder != 0)
        return refusal_of(REASON_BAD_COMBINATION, FIELD_HOLDER, 0);
    return asset_check_exists(engine, asset);
}

/* A last day that is valid and not over; DATE_NONE where that is allowed. */
static struct refusal check_until(const struct engine *engine, trading_date until, bool is_needed) {
    if (until == DATE_NONE && !is_needed)
        return refusal_none();
    if (!date_is_valid(until) || until > DATE_NS_MAX)
        return refusal_of(REASON_BAD_DATE, FIELD_UNTIL, 0);
    if (date_end_ns(until) <= engine->time_ns)
        return refusal_of(REASON_BAD_DATE, FIELD_UNTIL, date_of_ns(engine->time_ns));
    return refusal_none();
}

static struct refusal check_room(const struct engine *engine, struct asset asset,
                                 trading_date until) {
    if (pool_is_full(engine, POOL_RESTRAINTS))
        return refusal_full(POOL_RESTRAINTS);
    if (until != DATE_NONE && !timer_has_room(engine))
        return refusal_full(POOL_TIMERS);
    struct refusal refusal = asset_check_room(engine, asset);
    return refusal.reason == REASON_NONE ? binding_check_room(engine, 1) : refusal;
}

/* Makes row and binding and arms the timer; returns the row's number. */
static uint32_t make(const struct call *call, struct asset asset, const struct restraint *wanted,
                     const struct binding *shape) {
    struct engine *engine = call->engine;
    uint32_t number = pool_add(engine, POOL_RESTRAINTS);
    struct restraint *restraint = restraint_at(engine, number);
    struct binding binding = *shape;
    binding.subject = number;
    binding.state = RESTRAINT_IN_FORCE;
    asset_admit(call, asset);
    *restraint = *wanted;
    restraint->binding = binding_make(call, asset, &binding);
    if (wanted->until != DATE_NONE)
        timer_arm(engine, TIMER_RESTRAINT, number, date_end_ns(wanted->until) + 1);
    return number;
}

static uint32_t entry_of(const struct engine *engine, uint32_t restraint) {
    return binding_at(engine, restraint_at(engine, restraint)->binding)->entry;
}

/* --- restrictions -------------------------------------------------------------------------------
 */

/* Sets the flag of every account of an owner. */
static void flag_accounts(struct engine *engine, uint32_t owner) {
    bool is_restricted = party_at(engine, owner)->restrictions != 0;
    for (uint32_t number = 1; number <= engine->pools[POOL_ACCOUNTS].count; number++)
        if (account_at(engine, number)->owner == owner)
            account_at(engine, number)->is_restricted = is_restricted;
}

bool restraint_reaches_owner(const struct engine *engine, uint64_t owner) {
    return owner <= engine->pools[POOL_PARTIES].count &&
           party_at(engine, (uint32_t)owner)->restrictions != 0;
}

struct refusal restraint_check_sides(const struct engine *engine, struct asset asset,
                                     uint8_t sides) {
    for (uint32_t at = asset_bound(engine, asset, ENTRY_RESTRICTION, 0); at != 0;
         at = asset_bound(engine, asset, ENTRY_RESTRICTION, at)) {
        const struct binding *binding = binding_at(engine, at);
        if ((restraint_at(engine, binding->subject)->sides & sides) != 0)
            return refusal_of(REASON_RESTRICTED, FIELD_ENTRY, binding->entry);
    }
    return refusal_none();
}

static struct clearance clearance_of(struct asset asset, uint8_t side) {
    return (struct clearance){.owner = asset.holder, .instrument = asset.id, .side = side};
}

/* Orders that a restriction takes out. */
static struct refusal check_clearances(const struct engine *engine, struct asset asset,
                                       uint8_t sides) {
    struct clearance buys = clearance_of(asset, SIDE_BUY);
    struct clearance sells = clearance_of(asset, SIDE_SELL);
    struct refusal refusal = refusal_none();
    if (asset.kind != ASSET_HOLDING)
        return refusal;
    if ((sides & RESTRICTION_BUY) != 0)
        refusal = clearance_check(engine, &buys);
    if (refusal.reason == REASON_NONE && (sides & RESTRICTION_SELL) != 0)
        refusal = clearance_check(engine, &sells);
    return refusal;
}

struct refusal restraint_check_restrict(const struct call *call, const struct deed *deed) {
    const struct engine *engine = call->engine;
    const struct restrict_trading *wanted = &deed->restrict_trading;
    struct asset asset = asset_named(wanted->asset_kind, wanted->asset, wanted->holder);
    struct refusal refusal = check_asset(engine, asset);
    if (refusal.reason == REASON_NONE)
        refusal = check_until(engine, wanted->until, false);
    if (refusal.reason == REASON_NONE)
        refusal = check_room(engine, asset, wanted->until);
    return refusal.reason == REASON_NONE ? check_clearances(engine, asset, wanted->sides) : refusal;
}

uint64_t restraint_restrict(const struct call *call, const struct deed *deed) {
    struct engine *engine = call->engine;
    const struct restrict_trading *wanted = &deed->restrict_trading;
    struct asset asset = asset_named(wanted->asset_kind, wanted->asset, wanted->holder);
    struct restraint row = {.until = wanted->until,
                            .sides = wanted->sides,
                            .authority = wanted->authority,
                            .case_number_bytes = wanted->case_number_bytes};
    memcpy(row.case_number, wanted->case_number, wanted->case_number_bytes);
    memcpy(row.document, wanted->document, HASH_BYTES);
    struct binding shape = {.kind = ENTRY_RESTRICTION};
    uint32_t number = make(call, asset, &row, &shape);
    if (asset.kind == ASSET_HOLDING) {
        struct clearance buys = clearance_of(asset, SIDE_BUY);
        struct clearance sells = clearance_of(asset, SIDE_SELL);
        party_at(engine, asset.holder)->restrictions++;
        flag_accounts(engine, asset.holder);
        if ((wanted->sides & RESTRICTION_BUY) != 0)
            clearance_cancel(call, &buys, UINT64_MAX, REASON_RESTRICTED);
        if ((wanted->sides & RESTRICTION_SELL) != 0)
            clearance_cancel(call, &sells, UINT64_MAX, REASON_RESTRICTED);
    }
    binding_tell(call, restraint_at(engine, number)->binding);
    return entry_of(engine, number);
}

/* --- lock-ups -----------------------------------------------------------------------------------
 */

/* Units of a place that no lock-up reaches and no order has reserved, and the operations on parcels
 * that locking them may need. */
static uint64_t lockable(const struct engine *engine, struct place place, uint32_t *operations) {
    uint64_t units = place_free(engine, place);
    *operations = 1;
    for (uint32_t at = parcel_first(engine, place); at != 0; at = parcel_next(engine, at)) {
        bool is_locked = parcel_tied_by(engine, at, ENTRY_LOCK_UP) != 0;
        if (!is_locked && parcel_ties(engine, at) < PARCEL_TIES_MAX)
            units += parcel_at(engine, at)->quantity;
        ++*operations;
    }
    return units;
}

struct refusal restraint_check_lock_up(const struct call *call, const struct deed *deed) {
    const struct engine *engine = call->engine;
    const struct lock_up *wanted = &deed->lock_up;
    if (!pool_has(engine, POOL_ACCOUNTS, wanted->account))
        return refusal_of(REASON_UNKNOWN_ACCOUNT, FIELD_ACCOUNT, 0);
    uint64_t owner = account_at(engine, wanted->account)->owner;
    struct asset asset = asset_holding((uint32_t)owner, wanted->instrument);
    struct refusal refusal = asset_check_exists(engine, asset);
    if (refusal.reason == REASON_NONE)
        refusal = check_until(engine, wanted->until, true);
    if (refusal.reason != REASON_NONE)
        return refusal;
    uint32_t operations = 0;
    uint32_t row = holding_find(engine, wanted->account, wanted->instrument);
    uint64_t most = row != 0 ? lockable(engine, place_holding(row), &operations) : 0;
    uint64_t reserved = row != 0 ? holding_at(engine, row)->reserved : 0;
    if ((uint64_t)wanted->quantity > most + reserved)
        return refusal_of(REASON_INSUFFICIENT_POSITION, FIELD_QUANTITY, (int64_t)most);
    if ((uint64_t)wanted->quantity > most)
        return refusal_of(REASON_RESERVED_BY_ORDER, FIELD_QUANTITY, (int64_t)most);
    refusal = check_room(engine, asset, wanted->until);
    return refusal.reason == REASON_NONE ? parcel_check_room(engine, operations) : refusal;
}

/* A parcel of a place that no lock-up reaches and that has room for one; 0: none. */
static uint32_t unlocked(const struct engine *engine, struct place place) {
    uint32_t at = parcel_first(engine, place);
    while (at != 0 && (parcel_tied_by(engine, at, ENTRY_LOCK_UP) != 0 ||
                       parcel_ties(engine, at) >= PARCEL_TIES_MAX))
        at = parcel_next(engine, at);
    return at;
}

/* What is free, and then what something else binds. */
static void lock(struct engine *engine, struct place place, uint32_t binding, uint64_t units) {
    uint64_t most = place_free(engine, place);
    most = most < units ? most : units;
    if (most != 0)
        parcel_tie_free(engine, place, binding, most);
    for (units -= most; units > 0; units -= most) {
        uint32_t parcel = unlocked(engine, place);
        most = parcel_at(engine, parcel)->quantity;
        most = most < units ? most : units;
        parcel_tie(engine, parcel, binding, most);
    }
}

uint64_t restraint_lock_up(const struct call *call, const struct deed *deed) {
    struct engine *engine = call->engine;
    const struct lock_up *wanted = &deed->lock_up;
    uint32_t owner = (uint32_t)account_at(engine, wanted->account)->owner;
    struct restraint row = {.until = wanted->until};
    memcpy(row.document, wanted->document, HASH_BYTES);
    struct binding shape = {.kind = ENTRY_LOCK_UP, .quantity = (uint64_t)wanted->quantity};
    uint32_t number = make(call, asset_holding(owner, wanted->instrument), &row, &shape);
    uint32_t binding = restraint_at(engine, number)->binding;
    uint32_t holding = holding_find(engine, wanted->account, wanted->instrument);
    lock(engine, place_holding(holding), binding, (uint64_t)wanted->quantity);
    binding_tell(call, binding);
    return entry_of(engine, number);
}

/* --- objections ---------------------------------------------------------------------------------
 */

struct refusal restraint_check_objections(const struct engine *engine, struct asset asset) {
    uint32_t at = asset_bound(engine, asset, ENTRY_OBJECTION, 0);
    return at != 0 ? refusal_of(REASON_OBJECTION, FIELD_ENTRY, binding_at(engine, at)->entry)
                   : refusal_none();
}

/* The binding that an asset has under a number; 0: none. */
static uint32_t find(const struct engine *engine, struct asset asset, uint32_t entry) {
    const struct docket *docket = asset_docket(engine, asset);
    uint32_t at = docket != NULL ? docket->first : 0;
    while (at != 0 && binding_at(engine, at)->entry != entry)
        at = binding_at(engine, at)->next;
    return at;
}

struct refusal restraint_check_object(const struct call *call, const struct deed *deed) {
    const struct engine *engine = call->engine;
    const struct object *wanted = &deed->object;
    struct asset asset = asset_named(wanted->asset_kind, wanted->asset, wanted->holder);
    struct refusal refusal = check_asset(engine, asset);
    if (refusal.reason == REASON_NONE)
        refusal = parties_check_exists(engine, wanted->party, FIELD_PARTY);
    if (refusal.reason == REASON_NONE && wanted->entry != 0 &&
        find(engine, asset, wanted->entry) == 0)
        refusal = refusal_of(REASON_UNKNOWN_ENTRY, FIELD_ENTRY, 0);
    if (refusal.reason == REASON_NONE)
        refusal = check_until(engine, wanted->until, true);
    return refusal.reason == REASON_NONE ? check_room(engine, asset, wanted->until) : refusal;
}

uint64_t restraint_object(const struct call *call, const struct deed *deed) {
    const struct object *wanted = &deed->object;
    struct restraint row = {.until = wanted->until, .party = wanted->party, .about = wanted->entry};
    memcpy(row.document, wanted->document, HASH_BYTES);
    struct binding shape = {.kind = ENTRY_OBJECTION};
    struct asset asset = asset_named(wanted->asset_kind, wanted->asset, wanted->holder);
    uint32_t number = make(call, asset, &row, &shape);
    binding_tell(call, restraint_at(call->engine, number)->binding);
    return entry_of(call->engine, number);
}

/* --- ends ---------------------------------------------------------------------------------------
 */

static bool is_restraint(uint8_t kind) {
    return kind == ENTRY_RESTRICTION || kind == ENTRY_LOCK_UP || kind == ENTRY_OBJECTION ||
           kind == ENTRY_RESERVATION;
}

struct refusal restraint_check_end(const struct call *call, const struct deed *deed) {
    const struct engine *engine = call->engine;
    const struct end_entry *end = &deed->end_entry;
    struct asset asset = asset_named(end->asset_kind, end->asset, end->holder);
    struct refusal refusal = check_asset(engine, asset);
    if (refusal.reason != REASON_NONE)
        return refusal;
    uint32_t at = find(engine, asset, end->entry);
    if (at == 0)
        return refusal_of(REASON_UNKNOWN_ENTRY, FIELD_ENTRY, 0);
    const struct binding *binding = binding_at(engine, at);
    if (!is_restraint(binding->kind) || binding->to_ns != 0)
        return refusal_of(REASON_WRONG_STATE, FIELD_ENTRY, binding->entry);
    return refusal_none();
}

static void end(const struct call *call, uint32_t number, enum restraint_state state) {
    struct engine *engine = call->engine;
    struct restraint *restraint = restraint_at(engine, number);
    struct binding *binding = binding_at(engine, restraint->binding);
    timer_disarm(engine, TIMER_RESTRAINT, number);
    binding->state = (uint8_t)state;
    binding_end(call, restraint->binding);
    if (binding->kind != ENTRY_RESTRICTION || binding->asset_kind != ASSET_HOLDING)
        return;
    party_at(engine, binding->holder)->restrictions--;
    flag_accounts(engine, binding->holder);
}

uint64_t restraint_end(const struct call *call, const struct deed *deed) {
    const struct end_entry *wanted = &deed->end_entry;
    struct asset asset = asset_named(wanted->asset_kind, wanted->asset, wanted->holder);
    uint32_t binding = find(call->engine, asset, wanted->entry);
    uint32_t number = binding_at(call->engine, binding)->subject;
    memcpy(restraint_at(call->engine, number)->document, wanted->document, HASH_BYTES);
    end(call, number, RESTRAINT_ENDED);
    return wanted->entry;
}

void restraint_timer_fires(const struct call *call, uint32_t number) {
    end(call, number, RESTRAINT_LAPSED);
}

void restraint_describe(const struct engine *engine, const struct binding *binding,
                        struct extract *extract) {
    const struct restraint *restraint = restraint_at(engine, binding->subject);
    struct extract_force *force = &extract->force;
    force->until = restraint->until;
    force->authority = restraint->authority;
    force->sides = restraint->sides;
    force->party = restraint->party;
    force->about = restraint->about;
    force->case_number_bytes = restraint->case_number_bytes;
    memcpy(force->case_number, restraint->case_number, restraint->case_number_bytes);
    memcpy(force->document, restraint->document, HASH_BYTES);
}

/* --- reservations -------------------------------------------------------------------------------
 */

/* Whether a party has a hand in the deed: it, or who acts for it, sends it, or it has signed. */
static struct refusal check_stands_by(const struct call *call, const struct deed *deed,
                                      uint32_t party) {
    return party_acts(call, party) ? refusal_none()
                                   : deed_check_signed_by(call->engine, deed, party);
}

static struct refusal check_owners(const struct call *call, const struct deed *deed,
                                   struct asset asset) {
    const struct engine *engine = call->engine;
    if (asset.kind == ASSET_HOLDING)
        return check_stands_by(call, deed, asset.holder);
    struct refusal refusal = refusal_none();
    for (uint32_t at = right_at(engine, asset.id)->stakes; at != 0 && refusal.reason == REASON_NONE;
         at = stake_at(engine, at)->next)
        if (right_stake_ppm(engine, at) > 0)
            refusal = check_stands_by(call, deed, stake_at(engine, at)->party);
    return refusal;
}

static struct refusal check_days(const struct engine *engine, trading_date until) {
    trading_date last = date_of_days(date_days(date_of_ns(engine->time_ns)) + RESERVE_DAYS_MAX);
    struct refusal refusal = check_until(engine, until, true);
    if (refusal.reason == REASON_NONE && until > last)
        refusal = refusal_of(REASON_OUT_OF_LIMITS, FIELD_UNTIL, last);
    return refusal;
}

/* Nobody has reserved it, and nobody's application is older. */
static struct refusal check_unclaimed(const struct engine *engine, struct asset asset) {
    uint32_t hold = asset_bound(engine, asset, ENTRY_HOLD, 0);
    if (hold != 0)
        return refusal_of(REASON_ENCUMBERED, FIELD_ASSET, binding_at(engine, hold)->entry);
    return restraint_check_rank(engine, asset, 0);
}

struct refusal restraint_check_reserve(const struct call *call, const struct deed *deed) {
    const struct engine *engine = call->engine;
    const struct reserve *wanted = &deed->reserve;
    struct asset asset = asset_named(wanted->asset_kind, wanted->asset, wanted->holder);
    struct refusal refusal = check_asset(engine, asset);
    if (refusal.reason == REASON_NONE)
        refusal = parties_check_exists(engine, wanted->party, FIELD_PARTY);
    if (refusal.reason == REASON_NONE)
        refusal = check_days(engine, wanted->until);
    if (refusal.reason == REASON_NONE)
        refusal = check_unclaimed(engine, asset);
    if (refusal.reason == REASON_NONE)
        refusal = check_stands_by(call, deed, wanted->party);
    if (refusal.reason == REASON_NONE)
        refusal = check_owners(call, deed, asset);
    return refusal.reason == REASON_NONE ? check_room(engine, asset, wanted->until) : refusal;
}

uint64_t restraint_reserve(const struct call *call, const struct deed *deed) {
    const struct reserve *wanted = &deed->reserve;
    struct restraint row = {.until = wanted->until, .party = wanted->party};
    struct binding shape = {.kind = ENTRY_RESERVATION};
    struct asset asset = asset_named(wanted->asset_kind, wanted->asset, wanted->holder);
    uint32_t number = make(call, asset, &row, &shape);
    binding_tell(call, restraint_at(call->engine, number)->binding);
    return entry_of(call->engine, number);
}

struct refusal restraint_check_rank(const struct engine *engine, struct asset asset,
                                    uint32_t party) {
    uint32_t at = asset_bound(engine, asset, ENTRY_RESERVATION, 0);
    if (at == 0 || restraint_at(engine, binding_at(engine, at)->subject)->party == party)
        return refusal_none();
    return refusal_of(REASON_RANK_RESERVED, FIELD_ASSET, binding_at(engine, at)->entry);
}

void restraint_use_rank(const struct call *call, struct asset asset) {
    uint32_t at = asset_bound(call->engine, asset, ENTRY_RESERVATION, 0);
    if (at != 0)
        end(call, binding_at(call->engine, at)->subject, RESTRAINT_ENDED);
}

/* --- invariants ---------------------------------------------------------------------------------
 */

static uint32_t count_restrictions(const struct engine *engine, uint32_t party) {
    uint32_t count = 0;
    for (uint32_t number = 1; number <= engine->pools[POOL_RESTRAINTS].count; number++) {
        const struct binding *binding = binding_at(engine, restraint_at(engine, number)->binding);
        count += binding->kind == ENTRY_RESTRICTION && binding->asset_kind == ASSET_HOLDING &&
                 binding->holder == party && binding->to_ns == 0;
    }
    return count;
}

void restraint_check(const struct engine *engine) {
    for (uint32_t number = 1; number <= engine->pools[POOL_RESTRAINTS].count; number++) {
        const struct restraint *restraint = restraint_at(engine, number);
        const struct binding *binding = binding_at(engine, restraint->binding);
        assert(binding->subject == number && is_restraint(binding->kind));
        assert((binding->state == RESTRAINT_IN_FORCE) == (binding->to_ns == 0));
        assert((restraint->timer != 0) == (restraint->until != DATE_NONE && binding->to_ns == 0));
        assert(binding->kind != ENTRY_LOCK_UP || binding->to_ns != 0 ||
               parcel_units(engine, restraint->binding) <= binding->quantity);
    }
    for (uint32_t party = 1; party <= engine->pools[POOL_PARTIES].count; party++)
        assert(party_at(engine, party)->restrictions == count_restrictions(engine, party));
    for (uint32_t number = 1; number <= engine->pools[POOL_ACCOUNTS].count; number++) {
        const struct account *account = account_at(engine, number);
        assert(account->is_restricted == restraint_reaches_owner(engine, account->owner));
    }
}
