/*
 * Applications: the pledgor's, which holds what is to be pledged, and the pledgee's, who joins with
 * the same terms.
 */
#include <string.h>

#include "engine/calendar.h"
#include "engine/emit.h"
#include "engine/parties.h"
#include "engine/pledge_part.h"
#include "engine/timer.h"

/* --- terms -------------------------------------------------------------------------------------
 */

static struct refusal check_persons(const struct engine *engine, const struct pledge_terms *terms) {
    struct refusal refusal = parties_check_exists(engine, terms->pledgor, FIELD_PLEDGOR);
    if (refusal.reason == REASON_NONE)
        refusal = parties_check_exists(engine, terms->pledgee, FIELD_PLEDGEE);
    if (refusal.reason == REASON_NONE)
        refusal = parties_check_exists(engine, terms->debtor, FIELD_DEBTOR);
    if (refusal.reason == REASON_NONE && terms->pledgor == terms->pledgee)
        refusal = refusal_of(REASON_BAD_COMBINATION, FIELD_PLEDGEE, 0);
    return refusal;
}

static struct refusal check_dates(const struct engine *engine, const struct pledge_terms *terms) {
    if (!date_is_valid(terms->debt_start))
        return refusal_of(REASON_BAD_DATE, FIELD_DEBT_START, 0);
    if (!date_is_valid(terms->debt_end) || terms->debt_end > DATE_NS_MAX ||
        terms->debt_end < terms->debt_start || date_end_ns(terms->debt_end) < engine->time_ns)
        return refusal_of(REASON_BAD_DATE, FIELD_DEBT_END, terms->debt_start);
    if (terms->is_maximum != (terms->determined != DATE_NONE))
        return refusal_of(REASON_BAD_COMBINATION, FIELD_DETERMINED, 0);
    if (terms->is_maximum &&
        (!date_is_valid(terms->determined) || terms->determined > terms->debt_end))
        return refusal_of(REASON_BAD_DATE, FIELD_DETERMINED, terms->debt_end);
    return refusal_none();
}

/* A renewal is of a registered pledge between the same two. */
static struct refusal check_predecessor(const struct engine *engine,
                                        const struct pledge_terms *terms) {
    if (terms->predecessor == 0)
        return refusal_none();
    if (!pool_has(engine, POOL_PLEDGES, terms->predecessor))
        return refusal_of(REASON_UNKNOWN_PLEDGE, FIELD_PREDECESSOR, 0);
    const struct pledge *before = pledge_at(engine, terms->predecessor);
    if (before->pledgor != terms->pledgor || before->pledgee != terms->pledgee ||
        before->registered_ns == 0)
        return refusal_of(REASON_BAD_COMBINATION, FIELD_PREDECESSOR, 0);
    return refusal_none();
}

static struct refusal check_amounts(const struct pledge_terms *terms) {
    if (terms->secured_fen == 0)
        return refusal_of(REASON_OUT_OF_LIMITS, FIELD_SECURED, 1);
    if (terms->scope == 0)
        return refusal_of(REASON_OUT_OF_LIMITS, FIELD_SCOPE, 1);
    return refusal_none();
}

static bool is_same_thing(const struct pledge_item_terms *a, const struct pledge_item_terms *b) {
    return a->asset_kind == b->asset_kind && a->asset == b->asset && a->account == b->account;
}

static struct refusal check_item(const struct engine *engine, const struct pledge_terms *terms,
                                 uint32_t place) {
    const struct pledge_item_terms *item = &terms->items[place];
    for (uint32_t before = 0; before < place; before++)
        if (is_same_thing(item, &terms->items[before]))
            return refusal_of(REASON_ALREADY_EXISTS, FIELD_ITEM, before + 1);
    if (item->asset_kind == ASSET_RIGHT && item->account != 0)
        return refusal_of(REASON_BAD_COMBINATION, FIELD_ACCOUNT, 0);
    if (item->appraiser != 0 && !pool_has(engine, POOL_PARTIES, item->appraiser))
        return refusal_of(REASON_UNKNOWN_PARTY, FIELD_APPRAISER, 0);
    if (item->valued != DATE_NONE && !date_is_valid(item->valued))
        return refusal_of(REASON_BAD_DATE, FIELD_VALUED, 0);
    struct item_view view = {.terms = item,
                             .pledgor = terms->pledgor,
                             .pledgee = terms->pledgee,
                             .declarations = terms->declarations,
                             .debt_end = terms->debt_end};
    return pledge_item_check(engine, &view);
}

static struct refusal check_items(const struct engine *engine, const struct pledge_terms *terms) {
    int64_t value = 0;
    for (uint32_t i = 0; i < terms->items_count; i++) {
        struct refusal refusal = check_item(engine, terms, i);
        if (refusal.reason != REASON_NONE)
            return refusal;
        if (__builtin_add_overflow(value, terms->items[i].value_fen, &value))
            return refusal_of(REASON_OUT_OF_LIMITS, FIELD_VALUE, INT64_MAX);
    }
    return refusal_none();
}

static struct refusal check_room(const struct engine *engine, const struct pledge_terms *terms) {
    const struct pool_rows *items = &engine->pools[POOL_PLEDGE_ITEMS];
    const struct pool_rows *estates = &engine->pools[POOL_ESTATES];
    uint32_t operations = 0;
    uint32_t unknown = 0;
    if (pool_is_full(engine, POOL_PLEDGES))
        return refusal_full(POOL_PLEDGES);
    if (items->limit - items->count < terms->items_count)
        return refusal_full(POOL_PLEDGE_ITEMS);
    for (uint32_t i = 0; i < terms->items_count; i++) {
        const struct pledge_item_terms *item = &terms->items[i];
        struct asset asset = pledge_item_asset(terms->pledgor, item->asset_kind, item->asset);
        unknown += asset_docket(engine, asset) == NULL;
        operations += pledge_item_operations(engine, terms->pledgor, item);
    }
    if (estates->limit - estates->count < unknown)
        return refusal_full(POOL_ESTATES);
    /* One timer for the hold, one for the registrar. */
    if (engine->pools[POOL_TIMERS].limit - engine->timers_promised < 2)
        return refusal_full(POOL_TIMERS);
    struct refusal refusal = binding_check_room(engine, terms->items_count);
    return refusal.reason == REASON_NONE ? parcel_check_room(engine, operations) : refusal;
}

struct refusal pledge_check_apply(const struct call *call, const struct deed *deed) {
    const struct engine *engine = call->engine;
    const struct pledge_terms *terms = &deed->pledge_terms;
    if (terms->pledge != 0)
        return refusal_of(REASON_BAD_COMBINATION, FIELD_PLEDGE, 0);
    struct refusal refusal = check_persons(engine, terms);
    if (refusal.reason == REASON_NONE)
        refusal = party_check_sides(call, terms->pledgor, terms->pledgee);
    if (refusal.reason == REASON_NONE)
        refusal = deed_check_signed_by(engine, deed, terms->pledgor);
    if (refusal.reason == REASON_NONE)
        refusal = check_amounts(terms);
    if (refusal.reason == REASON_NONE)
        refusal = check_dates(engine, terms);
    if (refusal.reason == REASON_NONE)
        refusal = check_predecessor(engine, terms);
    if (refusal.reason == REASON_NONE)
        refusal = check_items(engine, terms);
    return refusal.reason == REASON_NONE ? check_room(engine, terms) : refusal;
}

/* --- making it ---------------------------------------------------------------------------------
 */

/* Whose register counts for an item. */
static uint8_t office_of(const struct engine *engine, const struct pledge_item_terms *terms) {
    return terms->asset_kind == ASSET_RIGHT ? right_at(engine, terms->asset)->office : OFFICE_CSDC;
}

static void hold_item(const struct call *call, uint32_t pledge, const struct pledge_terms *terms,
                      uint32_t place) {
    struct engine *engine = call->engine;
    const struct pledge_item_terms *agreed = &terms->items[place];
    uint32_t number = pool_add(engine, POOL_PLEDGE_ITEMS);
    struct asset asset = pledge_item_asset(terms->pledgor, agreed->asset_kind, agreed->asset);
    asset_admit(call, asset);
    struct binding wanted = {.kind = ENTRY_HOLD, .quantity = agreed->units, .subject = number};
    uint32_t hold = binding_make(call, asset, &wanted);
    *pledge_item_at(engine, number) = (struct pledge_item){.units = agreed->units,
                                                           .agreed = agreed->units,
                                                           .value_fen = agreed->value_fen,
                                                           .rank_ns = INT64_MAX,
                                                           .pledge = pledge,
                                                           .asset = agreed->asset,
                                                           .account = agreed->account,
                                                           .appraiser = agreed->appraiser,
                                                           .valued = agreed->valued,
                                                           .hold = hold,
                                                           .asset_kind = agreed->asset_kind,
                                                           .office = office_of(engine, agreed)};
    struct tying tying = {.place = pledge_item_place(engine, terms->pledgor, agreed),
                          .binding = hold,
                          .units = agreed->units};
    pledge_item_tie(engine, &tying);
}

static struct pledge pledge_of_terms(const struct call *call, const struct pledge_terms *terms) {
    struct pledge pledge = {.secured_fen = terms->secured_fen,
                            .base_fen = terms->secured_fen,
                            .applied_ns = call->command->stamp.time_ns,
                            .items = call->engine->pools[POOL_PLEDGE_ITEMS].count + 1,
                            .items_count = terms->items_count,
                            .pledgor = terms->pledgor,
                            .pledgee = terms->pledgee,
                            .debtor = terms->debtor,
                            .predecessor = terms->predecessor,
                            .version = 1,
                            .scope = terms->scope,
                            .conditions = terms->conditions,
                            .declarations = terms->declarations,
                            .coverage_ppm = terms->coverage_ppm,
                            .determined = terms->determined,
                            .debt_start = terms->debt_start,
                            .debt_end = terms->debt_end,
                            .state = PLEDGE_APPLIED,
                            .is_maximum = terms->is_maximum};
    memcpy(pledge.contract, terms->contract, HASH_BYTES);
    memcpy(pledge.terms, terms->terms, HASH_BYTES);
    return pledge;
}

uint64_t pledge_apply(const struct call *call, const struct deed *deed) {
    struct engine *engine = call->engine;
    const struct pledge_terms *terms = &deed->pledge_terms;
    uint32_t number = pool_add(engine, POOL_PLEDGES);
    struct pledge *pledge = pledge_at(engine, number);
    *pledge = pledge_of_terms(call, terms);
    for (uint32_t i = 0; i < terms->items_count; i++)
        hold_item(call, number, terms, i);
    pledge->hold_days = (uint16_t)pledge_hold_days(engine, number);
    int64_t until = calendar_deadline(engine, pledge->applied_ns, pledge->hold_days);
    timer_arm(engine, TIMER_PLEDGE_HOLD, number, until + 1);
    if (deed_signed_by(engine, deed, terms->pledgee))
        pledge_begin_review(call, number);
    pledge_tell(call, number);
    return number;
}

/* --- joining -----------------------------------------------------------------------------------
 */

static struct refusal differs(enum field field, int64_t limit) {
    return refusal_of(REASON_TERMS_DIFFER, field, limit);
}

static struct refusal compare_persons(const struct pledge *pledge,
                                      const struct pledge_terms *terms) {
    if (terms->pledgor != pledge->pledgor)
        return differs(FIELD_PLEDGOR, pledge->pledgor);
    if (terms->pledgee != pledge->pledgee)
        return differs(FIELD_PLEDGEE, pledge->pledgee);
    if (terms->debtor != pledge->debtor)
        return differs(FIELD_DEBTOR, pledge->debtor);
    if (terms->predecessor != pledge->predecessor)
        return differs(FIELD_PREDECESSOR, pledge->predecessor);
    if (memcmp(terms->contract, pledge->contract, HASH_BYTES) != 0)
        return differs(FIELD_CONTRACT, 0);
    if (memcmp(terms->terms, pledge->terms, HASH_BYTES) != 0)
        return differs(FIELD_TERMS, 0);
    return refusal_none();
}

static struct refusal compare_debt(const struct pledge *pledge, const struct pledge_terms *terms) {
    if (terms->secured_fen != pledge->secured_fen)
        return differs(FIELD_SECURED, pledge->secured_fen);
    if (terms->is_maximum != pledge->is_maximum)
        return differs(FIELD_MAXIMUM, pledge->is_maximum);
    if (terms->determined != pledge->determined)
        return differs(FIELD_DETERMINED, pledge->determined);
    if (terms->debt_start != pledge->debt_start)
        return differs(FIELD_DEBT_START, pledge->debt_start);
    if (terms->debt_end != pledge->debt_end)
        return differs(FIELD_DEBT_END, pledge->debt_end);
    if (terms->scope != pledge->scope)
        return differs(FIELD_SCOPE, pledge->scope);
    if (terms->conditions != pledge->conditions)
        return differs(FIELD_CONDITIONS, pledge->conditions);
    if (terms->declarations != pledge->declarations)
        return differs(FIELD_DECLARATIONS, pledge->declarations);
    if (terms->coverage_ppm != pledge->coverage_ppm)
        return differs(FIELD_COVERAGE, pledge->coverage_ppm);
    return refusal_none();
}

static struct refusal compare_item(const struct pledge_item *item,
                                   const struct pledge_item_terms *terms, uint32_t place) {
    if (terms->asset_kind != item->asset_kind || terms->asset != item->asset ||
        terms->account != item->account)
        return differs(FIELD_ITEM, place);
    if (terms->units != item->units)
        return differs(FIELD_UNITS, place);
    if (terms->value_fen != item->value_fen)
        return differs(FIELD_VALUE, place);
    if (terms->appraiser != item->appraiser)
        return differs(FIELD_APPRAISER, place);
    if (terms->valued != item->valued)
        return differs(FIELD_VALUED, place);
    return refusal_none();
}

static struct refusal compare_items(const struct engine *engine, const struct pledge *pledge,
                                    const struct pledge_terms *terms) {
    if (terms->items_count != pledge->items_count)
        return differs(FIELD_ITEM, pledge->items_count);
    for (uint32_t i = 0; i < pledge->items_count; i++) {
        const struct pledge_item *item = pledge_item_at(engine, pledge_item_number(pledge, i));
        struct refusal refusal = compare_item(item, &terms->items[i], i + 1);
        if (refusal.reason != REASON_NONE)
            return refusal;
    }
    return refusal_none();
}

struct refusal pledge_check_join(const struct call *call, const struct deed *deed) {
    const struct engine *engine = call->engine;
    const struct pledge_terms *terms = &deed->pledge_terms;
    struct refusal refusal = pledge_check_state(engine, terms->pledge, STATE_BIT(PLEDGE_APPLIED));
    if (refusal.reason != REASON_NONE)
        return refusal;
    const struct pledge *pledge = pledge_at(engine, terms->pledge);
    if (pledge->review_from_ns != 0)
        return refusal_of(REASON_WRONG_STATE, FIELD_STATE, pledge->state);
    refusal = deed_check_signed_by(engine, deed, pledge->pledgee);
    if (refusal.reason == REASON_NONE)
        refusal = compare_persons(pledge, terms);
    if (refusal.reason == REASON_NONE)
        refusal = compare_debt(pledge, terms);
    return refusal.reason == REASON_NONE ? compare_items(engine, pledge, terms) : refusal;
}

uint64_t pledge_join(const struct call *call, const struct deed *deed) {
    uint32_t number = deed->pledge_terms.pledge;
    pledge_begin_review(call, number);
    pledge_tell(call, number);
    return number;
}
