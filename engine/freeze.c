/*
 * Freezes of units. What a freeze holds are the ties of its binding; `frozen` and `marked` in its
 * row are what was told of them last. Cash is in freeze_cash.c, the deeds' checks are in
 * freeze_deed.c.
 *
 * Whoever is queued takes over from who lets go without anything being free in between. What that
 * may split is promised when a freeze is queued (parcels_promised): a lapse cannot be refused.
 */
#include "engine/freeze.h"

#include <string.h>

#include "engine/binding.h"
#include "engine/clearance.h"
#include "engine/emit.h"
#include "engine/freeze_part.h"
#include "engine/listing.h"
#include "engine/parcel.h"
#include "engine/timer.h"

/* --- looking ------------------------------------------------------------------------------------
 */

uint32_t freeze_bound(const struct engine *engine, struct asset asset, uint32_t after) {
    const struct docket *docket = asset_docket(engine, asset);
    if (docket == NULL)
        return 0;
    uint32_t at = after != 0 ? binding_at(engine, after)->next : docket->first;
    while (at != 0) {
        const struct binding *binding = binding_at(engine, at);
        bool is_freeze = binding->kind == ENTRY_FREEZE || binding->kind == ENTRY_MARK;
        if (is_freeze && binding->to_ns == 0)
            break;
        at = binding->next;
    }
    return at;
}

uint32_t freeze_of_parcel(const struct engine *engine, uint32_t parcel) {
    uint32_t freeze = parcel_tied_by(engine, parcel, ENTRY_FREEZE);
    return freeze != 0 ? freeze : parcel_tied_by(engine, parcel, ENTRY_MARK);
}

static bool is_marked(const struct engine *engine, uint32_t parcel) {
    return parcel_at(engine, parcel)->asset_kind == ASSET_HOLDING &&
           parcel_tied_by(engine, parcel, ENTRY_PLEDGE) != 0;
}

/* The party whose stake in a right a freeze is of; 0: all. */
static bool reaches(const struct engine *engine, const struct freeze *freeze, struct place place) {
    return place.kind != ASSET_RIGHT || freeze->holder == 0 ||
           stake_at(engine, place.row)->party == freeze->holder;
}

struct freeze_found freeze_find(const struct engine *engine, struct asset asset, uint32_t holder) {
    struct freeze_found found = {0};
    struct place_walk walk = place_walk_of(asset, holder);
    struct place place;
    while (place_next(engine, &walk, &place)) {
        uint64_t bound = 0;
        found.operations++;
        for (uint32_t at = parcel_first(engine, place); at != 0; at = parcel_next(engine, at)) {
            uint64_t units = parcel_at(engine, at)->quantity;
            bound += units;
            found.operations++;
            found.is_crowded |= parcel_ties(engine, at) >= PARCEL_TIES_MAX;
            if (freeze_of_parcel(engine, at) != 0)
                found.frozen += units;
            else
                found.bound += units;
        }
        found.free += place_free(engine, place);
        found.unbound += place_total(engine, place) - bound;
    }
    return found;
}

/* --- telling ------------------------------------------------------------------------------------
 */

void freeze_describe(const struct engine *engine, const struct binding *binding,
                     struct extract *extract) {
    freeze_fill(freeze_at(engine, binding->subject), extract);
    extract->force.freeze = binding->subject;
}

void freeze_fill(const struct freeze *freeze, struct extract *extract) {
    struct extract_force *force = &extract->force;
    force->frozen = freeze->frozen;
    force->marked = freeze->marked;
    force->queued = freeze->queued;
    force->missed = freeze->missed;
    force->served_ns = freeze->served_ns;
    force->holder = freeze->holder;
    force->until = freeze->until;
    force->authority = freeze->authority;
    force->may_be_sold = freeze->may_be_sold;
    force->has_fruits = freeze->has_fruits;
    force->case_number_bytes = freeze->case_number_bytes;
    memcpy(force->case_number, freeze->case_number, freeze->case_number_bytes);
    memcpy(force->document, freeze->document, HASH_BYTES);
}

/* Who keeps the holder's shares learns of it; a right's entries everybody reads. */
static void notify(const struct call *call, const struct binding *binding) {
    const struct engine *engine = call->engine;
    if (binding->asset_kind != ASSET_HOLDING)
        return;
    const struct extract *extract = emit_last_extract(engine);
    struct place_walk walk = place_walk_of(binding_asset(binding), 0);
    struct place place;
    uint32_t last = call->command->stamp.participant;
    if (last != 0)
        emit_notice(call, last, extract);
    while (place_next(engine, &walk, &place)) {
        uint32_t account = holding_at(engine, place.row)->account;
        uint32_t participant = account_at(engine, account)->participant;
        if (participant != last)
            emit_notice(call, participant, extract);
        last = participant;
    }
}

void freeze_tell(const struct call *call, uint32_t number) {
    const struct freeze *freeze = freeze_at(call->engine, number);
    if (freeze->binding == 0) {
        freeze_tell_cash(call, number);
        return;
    }
    binding_tell(call, freeze->binding);
    notify(call, binding_at(call->engine, freeze->binding));
}

/* What a binding's ties say now. */
static void measure(const struct engine *engine, struct freeze *freeze) {
    freeze->frozen = 0;
    freeze->marked = 0;
    for (uint32_t at = binding_at(engine, freeze->binding)->ties; at != 0;
         at = tie_at(engine, at)->other) {
        uint32_t parcel = tie_at(engine, at)->parcel;
        uint64_t units = parcel_at(engine, parcel)->quantity;
        freeze->frozen += units;
        freeze->marked += is_marked(engine, parcel) ? units : 0;
    }
}

static enum freeze_state state_of(const struct freeze *freeze) {
    if (freeze->frozen > freeze->marked)
        return FREEZE_IN_FORCE;
    return freeze->marked > 0 ? FREEZE_MARKED : FREEZE_QUEUED;
}

static void set_queued(struct engine *engine, struct freeze *freeze, uint64_t queued) {
    engine->parcels_promised -= freeze->queued != 0 ? FREEZE_PROMISE : 0;
    freeze->queued = queued;
    engine->parcels_promised += queued != 0 ? FREEZE_PROMISE : 0;
}

/* A freeze that holds nothing and waits for nothing ends in state `at_end`. */
static void settle(const struct call *call, uint32_t number, enum freeze_state at_end) {
    struct engine *engine = call->engine;
    struct freeze *freeze = freeze_at(engine, number);
    struct binding *binding = binding_at(engine, freeze->binding);
    measure(engine, freeze);
    freeze->is_changed = false;
    binding->quantity = freeze->frozen + freeze->queued;
    if (binding->quantity == 0) {
        timer_disarm(engine, TIMER_FREEZE, number);
        binding->state = (uint8_t)at_end;
        binding_end(call, freeze->binding);
    } else {
        binding->state = (uint8_t)state_of(freeze);
        binding->kind = binding->state == FREEZE_MARKED ? ENTRY_MARK : ENTRY_FREEZE;
        binding_tell(call, freeze->binding);
    }
    notify(call, binding);
}

/* --- holding ------------------------------------------------------------------------------------
 */

/* Binds what is free, no more than `units`; returns how many it bound. */
static uint64_t hold_free(struct engine *engine, const struct freeze *freeze, struct asset asset,
                          uint64_t units) {
    struct place_walk walk = place_walk_of(asset, freeze->holder);
    struct place place;
    uint64_t held = 0;
    while (held < units && place_next(engine, &walk, &place)) {
        uint64_t most = place_free(engine, place);
        most = most < units - held ? most : units - held;
        if (most != 0)
            parcel_tie_free(engine, place, freeze->binding, most);
        held += most;
    }
    return held;
}

/* A parcel of a place that no freeze reaches; 0: none. */
static uint32_t unfrozen(const struct engine *engine, struct place place) {
    uint32_t at = parcel_first(engine, place);
    while (at != 0 && freeze_of_parcel(engine, at) != 0)
        at = parcel_next(engine, at);
    return at;
}

/* Lies over what something else binds already, no more than `units`. */
static void hold_bound(struct engine *engine, const struct freeze *freeze, struct asset asset,
                       uint64_t units) {
    struct place_walk walk = place_walk_of(asset, freeze->holder);
    struct place place;
    while (units > 0 && place_next(engine, &walk, &place)) {
        uint32_t parcel = unfrozen(engine, place);
        while (units > 0 && parcel != 0) {
            uint64_t most = parcel_at(engine, parcel)->quantity;
            most = most < units ? most : units;
            parcel_tie(engine, parcel, freeze->binding, most);
            units -= most;
            parcel = unfrozen(engine, place);
        }
    }
    assert(units == 0);
}

static void clear_way(const struct call *call, struct asset asset, uint64_t need) {
    if (need == 0)
        return;
    struct clearance clearance = {.owner = asset.holder, .instrument = asset.id, .side = SIDE_SELL};
    uint64_t released = clearance_cancel(call, &clearance, need, REASON_FROZEN);
    assert(released >= need);
}

void freeze_hold(const struct call *call, uint32_t number, struct asset asset, uint64_t units) {
    struct engine *engine = call->engine;
    struct freeze *freeze = freeze_at(engine, number);
    struct freeze_found found = freeze_find(engine, asset, freeze->holder);
    uint64_t open = found.unbound + found.bound;
    uint64_t held = units < open ? units : open;
    uint64_t queued = units - held < found.frozen ? units - held : found.frozen;
    uint64_t of_unbound = held < found.unbound ? held : found.unbound;
    freeze->missed = units - held - queued;
    set_queued(engine, freeze, queued);
    clear_way(call, asset, of_unbound > found.free ? of_unbound - found.free : 0);
    uint64_t free = hold_free(engine, freeze, asset, of_unbound);
    assert(free == of_unbound);
    hold_bound(engine, freeze, asset, held - of_unbound);
    settle(call, number, FREEZE_SPENT);
}

/* --- letting go ---------------------------------------------------------------------------------
 */

/* A parcel that the freeze holds and another one may take over: marked ones last; 0: none. */
static uint32_t parcel_for(const struct engine *engine, const struct freeze *from,
                           const struct freeze *to) {
    uint32_t marked = 0;
    for (uint32_t at = binding_at(engine, from->binding)->ties; at != 0;
         at = tie_at(engine, at)->other) {
        uint32_t parcel = tie_at(engine, at)->parcel;
        if (to != NULL && (parcel_is_tied(engine, parcel, to->binding) ||
                           !reaches(engine, to, parcel_place(engine, parcel))))
            continue;
        if (!is_marked(engine, parcel))
            return parcel;
        marked = parcel;
    }
    return marked;
}

/* Hands over what it may of `units`; returns how many are left. */
static uint64_t hand_over(struct engine *engine, const struct freeze *from, struct freeze *to,
                          uint64_t units) {
    uint64_t wanted = to->queued < units ? to->queued : units;
    uint64_t left = wanted;
    uint32_t parcel;
    while (left > 0 && (parcel = parcel_for(engine, from, to)) != 0) {
        uint64_t most = parcel_at(engine, parcel)->quantity;
        most = most < left ? most : left;
        parcel_retie(engine, parcel, from->binding, to->binding, most);
        left -= most;
    }
    if (left < wanted) {
        set_queued(engine, to, to->queued - (wanted - left));
        to->is_changed = true;
    }
    return units - (wanted - left);
}

/* Those who have taken over are told, in their order. */
static void tell_changed(const struct call *call, struct asset asset) {
    const struct engine *engine = call->engine;
    uint32_t at = freeze_bound(engine, asset, 0);
    while (at != 0) {
        uint32_t next = freeze_bound(engine, asset, at);
        uint32_t number = binding_at(engine, at)->subject;
        if (freeze_at(engine, number)->is_changed)
            settle(call, number, FREEZE_SPENT);
        at = next;
    }
}

void freeze_let_go(const struct call *call, uint32_t number, uint64_t units,
                   enum freeze_state at_end) {
    struct engine *engine = call->engine;
    struct freeze *freeze = freeze_at(engine, number);
    struct asset asset = binding_asset(binding_at(engine, freeze->binding));
    uint64_t waiting = units < freeze->queued ? units : freeze->queued;
    set_queued(engine, freeze, freeze->queued - waiting);
    uint64_t left = units - waiting;
    for (uint32_t at = freeze_bound(engine, asset, 0); at != 0 && left > 0;
         at = freeze_bound(engine, asset, at)) {
        struct freeze *other = freeze_at(engine, binding_at(engine, at)->subject);
        if (other != freeze && other->queued > 0)
            left = hand_over(engine, freeze, other, left);
    }
    while (left > 0) {
        uint32_t parcel = parcel_for(engine, freeze, NULL);
        uint64_t most = parcel_at(engine, parcel)->quantity;
        most = most < left ? most : left;
        parcel_untie(engine, parcel, freeze->binding, most);
        left -= most;
    }
    settle(call, number, at_end);
    tell_changed(call, asset);
    listing_freeze_changed(call, asset);
}

/* --- following ----------------------------------------------------------------------------------
 */

/* Units that others hold of what this one is of: no more can be queued for. */
static uint64_t held_by_others(const struct engine *engine, struct asset asset,
                               const struct freeze *freeze) {
    uint64_t units = 0;
    for (uint32_t at = freeze_bound(engine, asset, 0); at != 0;
         at = freeze_bound(engine, asset, at)) {
        if (at == freeze->binding)
            continue;
        for (uint32_t tie = binding_at(engine, at)->ties; tie != 0;
             tie = tie_at(engine, tie)->other) {
            uint32_t parcel = tie_at(engine, tie)->parcel;
            if (reaches(engine, freeze, parcel_place(engine, parcel)))
                units += parcel_at(engine, parcel)->quantity;
        }
    }
    return units;
}

void freeze_follow(const struct call *call, struct asset asset) {
    struct engine *engine = call->engine;
    for (uint32_t at = freeze_bound(engine, asset, 0); at != 0;
         at = freeze_bound(engine, asset, at)) {
        struct freeze *freeze = freeze_at(engine, binding_at(engine, at)->subject);
        struct freeze before = *freeze;
        uint64_t most = held_by_others(engine, asset, freeze);
        if (freeze->queued > most) {
            freeze->missed += freeze->queued - most;
            set_queued(engine, freeze, most);
        }
        measure(engine, freeze);
        freeze->is_changed = freeze->frozen != before.frozen || freeze->marked != before.marked ||
                             freeze->queued != before.queued;
    }
    tell_changed(call, asset);
}

/* --- invariants ---------------------------------------------------------------------------------
 */

static void check_units(const struct engine *engine, uint32_t number) {
    const struct freeze *freeze = freeze_at(engine, number);
    const struct binding *binding = binding_at(engine, freeze->binding);
    struct freeze now = *freeze;
    assert(binding->subject == number);
    assert(binding->kind == ENTRY_FREEZE || binding->kind == ENTRY_MARK);
    measure(engine, &now);
    assert(now.frozen == freeze->frozen && now.marked == freeze->marked);
    if (binding->to_ns != 0) {
        assert(freeze->queued == 0 && freeze->timer == 0 && binding->state >= FREEZE_LIFTED);
        return;
    }
    assert(binding->quantity == freeze->frozen + freeze->queued && binding->quantity > 0);
    assert(binding->state == state_of(freeze));
    assert((binding->kind == ENTRY_MARK) == (binding->state == FREEZE_MARKED));
    assert(freeze->queued <= held_by_others(engine, binding_asset(binding), freeze));
    for (uint32_t at = binding->ties; at != 0; at = tie_at(engine, at)->other)
        for (uint32_t on = parcel_at(engine, tie_at(engine, at)->parcel)->ties; on != 0;
             on = tie_at(engine, on)->next) {
            uint8_t kind = binding_at(engine, tie_at(engine, on)->binding)->kind;
            bool is_freeze = kind == ENTRY_FREEZE || kind == ENTRY_MARK;
            assert(!is_freeze || tie_at(engine, on)->binding == freeze->binding);
        }
}

void freeze_check(const struct engine *engine) {
    uint32_t promised = 0;
    for (uint32_t number = 1; number <= engine->pools[POOL_FREEZES].count; number++) {
        const struct freeze *freeze = freeze_at(engine, number);
        bool is_over = freeze_is_over(engine, freeze);
        assert(!freeze->is_changed && freeze->marked <= freeze->frozen);
        assert((freeze->timer != 0) == (freeze->until != DATE_NONE && !is_over));
        if (freeze->binding == 0)
            continue;
        promised += freeze->queued != 0 ? FREEZE_PROMISE : 0;
        check_units(engine, number);
    }
    assert(promised == engine->parcels_promised);
    freeze_cash_check(engine);
}
