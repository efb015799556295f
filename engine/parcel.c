/*
 * Ties stand in ascending order of their bindings, so two parcels with the same bindings have equal
 * lists. A binding's own ties are a list in no order.
 */
#include "engine/parcel.h"

#include "engine/holding.h"

/* --- rows that come back ------------------------------------------------------------------------
 */

static uint32_t take(struct engine *engine, enum pool pool, uint32_t next_free) {
    struct pool_rows *rows = &engine->pools[pool];
    assert(rows->count < rows->limit);
    uint32_t number = rows->free;
    if (number != 0)
        rows->free = next_free;
    else
        number = ++rows->mark;
    rows->count++;
    return number;
}

static uint32_t take_parcel(struct engine *engine) {
    uint32_t free = engine->pools[POOL_PARCELS].free;
    return take(engine, POOL_PARCELS, free != 0 ? parcel_at(engine, free)->next : 0);
}

static uint32_t take_tie(struct engine *engine) {
    uint32_t free = engine->pools[POOL_TIES].free;
    return take(engine, POOL_TIES, free != 0 ? tie_at(engine, free)->next : 0);
}

static void give_parcel(struct engine *engine, uint32_t number) {
    struct pool_rows *rows = &engine->pools[POOL_PARCELS];
    *parcel_at(engine, number) = (struct parcel){.next = rows->free};
    rows->free = number;
    rows->count--;
}

static void give_tie(struct engine *engine, uint32_t number) {
    struct pool_rows *rows = &engine->pools[POOL_TIES];
    *tie_at(engine, number) = (struct tie){.next = rows->free};
    rows->free = number;
    rows->count--;
}

struct refusal parcel_check_room(const struct engine *engine, uint32_t operations) {
    const struct pool_rows *parcels = &engine->pools[POOL_PARCELS];
    const struct pool_rows *ties = &engine->pools[POOL_TIES];
    operations += engine->parcels_promised;
    if (parcels->limit - parcels->count < operations)
        return refusal_full(POOL_PARCELS);
    if (ties->limit - ties->count < (uint64_t)operations * PARCEL_TIES_MAX)
        return refusal_full(POOL_TIES);
    return refusal_none();
}

/* --- places -------------------------------------------------------------------------------------
 */

static uint32_t *first_of(const struct engine *engine, struct place place) {
    return place.kind == ASSET_HOLDING ? &holding_at(engine, place.row)->parcels
                                       : &stake_at(engine, place.row)->parcels;
}

static uint64_t unbound(const struct engine *engine, struct place place) {
    return place.kind == ASSET_HOLDING ? holding_at(engine, place.row)->unbound
                                       : stake_at(engine, place.row)->unbound;
}

/* Adds to what is unbound, or with a negative number takes from it. */
static void add(struct engine *engine, struct place place, int64_t units) {
    if (place.kind == ASSET_HOLDING)
        holding_at(engine, place.row)->unbound += (uint64_t)units;
    else
        stake_at(engine, place.row)->unbound += (uint32_t)units;
}

uint64_t place_free(const struct engine *engine, struct place place) {
    return place.kind == ASSET_HOLDING ? holding_sellable(engine, place.row)
                                       : stake_at(engine, place.row)->unbound;
}

uint64_t place_total(const struct engine *engine, struct place place) {
    uint64_t total = unbound(engine, place);
    for (uint32_t at = *first_of(engine, place); at != 0; at = parcel_next(engine, at))
        total += parcel_at(engine, at)->quantity;
    return total;
}

void place_move(struct engine *engine, struct place from, struct place to, uint64_t units) {
    assert(from.kind == to.kind && units <= place_free(engine, from));
    add(engine, from, -(int64_t)units);
    add(engine, to, (int64_t)units);
}

/* --- ties ---------------------------------------------------------------------------------------
 */

static void put_tie(struct engine *engine, uint32_t parcel, uint32_t binding) {
    uint32_t *link = &parcel_at(engine, parcel)->ties;
    while (*link != 0 && tie_at(engine, *link)->binding < binding)
        link = &tie_at(engine, *link)->next;
    assert(*link == 0 || tie_at(engine, *link)->binding != binding);
    uint32_t number = take_tie(engine);
    *tie_at(engine, number) = (struct tie){.binding = binding,
                                           .parcel = parcel,
                                           .next = *link,
                                           .other = binding_at(engine, binding)->ties};
    *link = number;
    binding_at(engine, binding)->ties = number;
}

static void take_tie_out(struct engine *engine, uint32_t parcel, uint32_t binding) {
    uint32_t *link = &parcel_at(engine, parcel)->ties;
    while (tie_at(engine, *link)->binding != binding)
        link = &tie_at(engine, *link)->next;
    uint32_t number = *link;
    *link = tie_at(engine, number)->next;
    link = &binding_at(engine, binding)->ties;
    while (*link != number)
        link = &tie_at(engine, *link)->other;
    *link = tie_at(engine, number)->other;
    give_tie(engine, number);
}

static bool has_same_ties(const struct engine *engine, uint32_t a, uint32_t b) {
    uint32_t x = parcel_at(engine, a)->ties;
    uint32_t y = parcel_at(engine, b)->ties;
    while (x != 0 && y != 0 && tie_at(engine, x)->binding == tie_at(engine, y)->binding) {
        x = tie_at(engine, x)->next;
        y = tie_at(engine, y)->next;
    }
    return x == 0 && y == 0;
}

/* --- parcels ------------------------------------------------------------------------------------
 */

static uint32_t *link_to(struct engine *engine, uint32_t parcel) {
    uint32_t *link = first_of(engine, parcel_place(engine, parcel));
    while (*link != parcel)
        link = &parcel_at(engine, *link)->next;
    return link;
}

static void remove_parcel(struct engine *engine, uint32_t parcel) {
    *link_to(engine, parcel) = parcel_at(engine, parcel)->next;
    while (parcel_at(engine, parcel)->ties != 0)
        take_tie_out(engine, parcel, tie_at(engine, parcel_at(engine, parcel)->ties)->binding);
    give_parcel(engine, parcel);
}

/* Leaves `units` in the parcel; the rest becomes one like it, right behind it. */
static void split(struct engine *engine, uint32_t parcel, uint64_t units) {
    struct parcel *row = parcel_at(engine, parcel);
    assert(units > 0 && units <= row->quantity);
    if (units == row->quantity)
        return;
    uint32_t rest = take_parcel(engine);
    *parcel_at(engine, rest) = (struct parcel){.quantity = row->quantity - units,
                                               .place = row->place,
                                               .next = row->next,
                                               .asset_kind = row->asset_kind};
    for (uint32_t at = row->ties; at != 0; at = tie_at(engine, at)->next)
        put_tie(engine, rest, tie_at(engine, at)->binding);
    row->quantity = units;
    row->next = rest;
}

/* Makes a parcel and another of its place with the same ties one, in the earlier one's place. */
static void merge(struct engine *engine, uint32_t parcel) {
    uint32_t at = *first_of(engine, parcel_place(engine, parcel));
    while (at != 0 && (at == parcel || !has_same_ties(engine, at, parcel)))
        at = parcel_next(engine, at);
    if (at == 0)
        return;
    uint32_t later = parcel;
    for (uint32_t next = parcel; next != 0; next = parcel_next(engine, next))
        if (next == at)
            later = at;
    uint32_t earlier = later == at ? parcel : at;
    parcel_at(engine, earlier)->quantity += parcel_at(engine, later)->quantity;
    remove_parcel(engine, later);
}

void parcel_tie_free(struct engine *engine, struct place place, uint32_t binding, uint64_t units) {
    assert(units > 0 && units <= place_free(engine, place));
    uint32_t number = take_parcel(engine);
    *parcel_at(engine, number) =
        (struct parcel){.quantity = units, .place = place.row, .asset_kind = place.kind};
    add(engine, place, -(int64_t)units);
    uint32_t *link = first_of(engine, place);
    while (*link != 0)
        link = &parcel_at(engine, *link)->next;
    *link = number;
    put_tie(engine, number, binding);
    merge(engine, number);
}

void parcel_tie(struct engine *engine, uint32_t parcel, uint32_t binding, uint64_t units) {
    assert(!parcel_is_tied(engine, parcel, binding));
    assert(parcel_ties(engine, parcel) < PARCEL_TIES_MAX);
    split(engine, parcel, units);
    put_tie(engine, parcel, binding);
    merge(engine, parcel);
}

void parcel_untie(struct engine *engine, uint32_t parcel, uint32_t binding, uint64_t units) {
    assert(parcel_is_tied(engine, parcel, binding));
    split(engine, parcel, units);
    take_tie_out(engine, parcel, binding);
    if (parcel_at(engine, parcel)->ties != 0) {
        merge(engine, parcel);
        return;
    }
    add(engine, parcel_place(engine, parcel), (int64_t)units);
    remove_parcel(engine, parcel);
}

void parcel_retie(struct engine *engine, uint32_t parcel, uint32_t from, uint32_t to,
                  uint64_t units) {
    assert(parcel_is_tied(engine, parcel, from) && !parcel_is_tied(engine, parcel, to));
    split(engine, parcel, units);
    take_tie_out(engine, parcel, from);
    put_tie(engine, parcel, to);
    merge(engine, parcel);
}

void parcel_untie_all(struct engine *engine, uint32_t binding) {
    for (uint32_t parcel; (parcel = parcel_of(engine, binding)) != 0;)
        parcel_untie(engine, parcel, binding, parcel_at(engine, parcel)->quantity);
}

/* --- looking ------------------------------------------------------------------------------------
 */

uint32_t parcel_first(const struct engine *engine, struct place place) {
    return *first_of(engine, place);
}

uint32_t parcel_ties(const struct engine *engine, uint32_t parcel) {
    uint32_t count = 0;
    for (uint32_t at = parcel_at(engine, parcel)->ties; at != 0; at = tie_at(engine, at)->next)
        count++;
    return count;
}

bool parcel_is_tied(const struct engine *engine, uint32_t parcel, uint32_t binding) {
    uint32_t at = parcel_at(engine, parcel)->ties;
    while (at != 0 && tie_at(engine, at)->binding != binding)
        at = tie_at(engine, at)->next;
    return at != 0;
}

uint32_t parcel_tied_by(const struct engine *engine, uint32_t parcel, enum entry_kind kind) {
    for (uint32_t at = parcel_at(engine, parcel)->ties; at != 0; at = tie_at(engine, at)->next)
        if (binding_at(engine, tie_at(engine, at)->binding)->kind == kind)
            return tie_at(engine, at)->binding;
    return 0;
}

uint64_t parcel_units(const struct engine *engine, uint32_t binding) {
    uint64_t units = 0;
    for (uint32_t at = binding_at(engine, binding)->ties; at != 0; at = tie_at(engine, at)->other)
        units += parcel_at(engine, tie_at(engine, at)->parcel)->quantity;
    return units;
}

uint32_t parcel_of(const struct engine *engine, uint32_t binding) {
    uint32_t tie = binding_at(engine, binding)->ties;
    return tie != 0 ? tie_at(engine, tie)->parcel : 0;
}

/* --- invariants ---------------------------------------------------------------------------------
 */

static void check_ties(const struct engine *engine, uint32_t parcel, uint32_t *ties) {
    uint32_t last = 0;
    assert(parcel_at(engine, parcel)->ties != 0);
    for (uint32_t at = parcel_at(engine, parcel)->ties; at != 0; at = tie_at(engine, at)->next) {
        const struct tie *tie = tie_at(engine, at);
        assert(tie->parcel == parcel && tie->binding > last);
        last = tie->binding;
        uint32_t other = binding_at(engine, last)->ties;
        while (other != at)
            other = tie_at(engine, other)->other;
        ++*ties;
    }
    assert(parcel_ties(engine, parcel) <= PARCEL_TIES_MAX);
}

static void check_place(const struct engine *engine, struct place place, uint32_t *parcels,
                        uint32_t *ties) {
    for (uint32_t at = parcel_first(engine, place); at != 0; at = parcel_next(engine, at)) {
        const struct parcel *parcel = parcel_at(engine, at);
        assert(parcel->quantity > 0);
        assert(parcel->place == place.row && parcel->asset_kind == place.kind);
        for (uint32_t other = parcel->next; other != 0; other = parcel_next(engine, other))
            assert(!has_same_ties(engine, at, other));
        check_ties(engine, at, ties);
        ++*parcels;
    }
}

void parcel_check(const struct engine *engine) {
    uint32_t parcels = 0;
    uint32_t ties = 0;
    for (uint32_t row = 1; row <= engine->pools[POOL_HOLDINGS].count; row++)
        check_place(engine, place_holding(row), &parcels, &ties);
    for (uint32_t row = 1; row <= engine->pools[POOL_STAKES].count; row++)
        check_place(engine, place_stake(row), &parcels, &ties);
    assert(parcels == engine->pools[POOL_PARCELS].count);
    assert(ties == engine->pools[POOL_TIES].count);
    for (uint32_t at = engine->pools[POOL_PARCELS].free; at != 0; at = parcel_at(engine, at)->next)
        parcels++;
    for (uint32_t at = engine->pools[POOL_TIES].free; at != 0; at = tie_at(engine, at)->next)
        ties++;
    assert(parcels == engine->pools[POOL_PARCELS].mark);
    assert(ties == engine->pools[POOL_TIES].mark);
}
