/*
 * One slice of units, all ties of which are pledges, leaves all of them at once.
 */
#include "engine/realise.h"

#include "engine/date.h"
#include "engine/emit.h"
#include "engine/holding.h"
#include "engine/instrument.h"
#include "engine/money.h"
#include "engine/parties.h"
#include "engine/realise_part.h"
#include "engine/right.h"

struct pledge_item *realise_item(const struct engine *engine, const struct pledge_realise *wanted) {
    const struct pledge *pledge = pledge_at(engine, wanted->pledge);
    return pledge_item_at(engine, pledge_item_number(pledge, wanted->item - 1));
}

/* --- which units -------------------------------------------------------------------------------
 */

/* A parcel of the item that has as many units; 0: none, and *largest says how many one has. */
static uint32_t parcel_with(const struct engine *engine, const struct pledge_item *item,
                            uint64_t units, uint64_t *largest) {
    *largest = 0;
    for (uint32_t tie = binding_at(engine, item->binding)->ties; tie != 0;
         tie = tie_at(engine, tie)->other) {
        uint32_t parcel = tie_at(engine, tie)->parcel;
        uint64_t quantity = parcel_at(engine, parcel)->quantity;
        if (quantity >= units)
            return parcel;
        *largest = quantity > *largest ? quantity : *largest;
    }
    return 0;
}

struct refusal realise_check_tie(const struct engine *engine, uint32_t number) {
    const struct binding *binding = binding_at(engine, number);
    if (binding->kind == ENTRY_LOCK_UP)
        return refusal_of(REASON_LOCKED, FIELD_ITEM, binding->entry);
    if (binding->kind == ENTRY_FREEZE || binding->kind == ENTRY_MARK)
        return refusal_of(REASON_FROZEN, FIELD_ITEM, binding->entry);
    if (binding->kind != ENTRY_PLEDGE)
        return refusal_of(REASON_ENCUMBERED, FIELD_ITEM, binding->entry);
    uint32_t pledge = pledge_of(engine, binding);
    if (pledge_at(engine, pledge)->state != PLEDGE_ENFORCING)
        return refusal_of(REASON_WRONG_STATE, FIELD_PLEDGE, pledge);
    return refusal_none();
}

static struct refusal check_units(const struct engine *engine,
                                  const struct pledge_realise *wanted) {
    uint64_t largest;
    const struct pledge_item *item = realise_item(engine, wanted);
    uint32_t parcel = parcel_with(engine, item, wanted->units, &largest);
    if (wanted->units == 0 || parcel == 0)
        return refusal_of(REASON_OUT_OF_LIMITS, FIELD_UNITS, (int64_t)largest);
    for (uint32_t tie = parcel_at(engine, parcel)->ties; tie != 0;
         tie = tie_at(engine, tie)->next) {
        struct refusal refusal = realise_check_tie(engine, tie_at(engine, tie)->binding);
        if (refusal.reason != REASON_NONE)
            return refusal;
    }
    return parcel_check_room(engine, parcel_ties(engine, parcel));
}

/* --- who gets what -----------------------------------------------------------------------------
 */

uint32_t realise_account_of(const struct engine *engine, uint32_t party) {
    for (uint32_t number = 1; number <= engine->pools[POOL_ACCOUNTS].count; number++)
        if (account_at(engine, number)->owner == party)
            return number;
    return 0;
}

/* Puts a rank where it belongs, behind all that come before it. */
struct rank_entry {
    struct rank rank;
    struct waterfall_rank share;
};

static void put_rank(struct waterfall *waterfall, struct rank *ranks,
                     const struct rank_entry *entry) {
    if (waterfall->ranks_count == WATERFALL_RANKS_MAX)
        return;
    uint32_t place = waterfall->ranks_count++;
    for (; place > 0 && rank_is_before(entry->rank, ranks[place - 1]); place--) {
        ranks[place] = ranks[place - 1];
        waterfall->ranks[place] = waterfall->ranks[place - 1];
    }
    ranks[place] = entry->rank;
    waterfall->ranks[place] = entry->share;
}

/* What is left of an amount that a rank secures, the earlier ranks of a pledge being used up first.
 */
static int64_t cap_left(int64_t amount_fen, int64_t *paid_fen) {
    int64_t used = *paid_fen < amount_fen ? *paid_fen : amount_fen;
    *paid_fen -= used;
    return amount_fen - used;
}

/* A pledge's claim, its base with the item's rank, and its increases with theirs. */
void realise_put_claim(const struct engine *engine, struct settlement *settlement,
                       uint32_t number) {
    struct rank *ranks = settlement->ranks;
    struct waterfall *waterfall = &settlement->waterfall;
    const struct pledge_item *item = pledge_item_at(engine, number);
    const struct pledge *pledge = pledge_at(engine, item->pledge);
    uint32_t claim = waterfall->claims_count++;
    settlement->items[claim] = number;
    for (uint32_t part = 0; part < WATERFALL_PARTS; part++)
        waterfall->claims[claim].owed_fen[part] = pledge->owed_fen[part];
    int64_t paid_fen = pledge->paid_fen;
    struct rank_entry entry = {
        .rank = rank_of_item(item),
        .share = {.claim = claim, .cap_fen = cap_left(pledge->base_fen, &paid_fen)}};
    put_rank(waterfall, ranks, &entry);
    for (uint32_t at = pledge->increases; at != 0; at = pledge_increase_at(engine, at)->next) {
        const struct pledge_increase *increase = pledge_increase_at(engine, at);
        entry.rank = (struct rank){increase->rank_ns, increase->rank_sequence};
        entry.share.cap_fen = cap_left(increase->amount_fen, &paid_fen);
        put_rank(waterfall, ranks, &entry);
    }
}

static void settle(const struct engine *engine, const struct pledge_realise *wanted,
                   struct settlement *settlement) {
    uint64_t largest;
    uint32_t parcel = parcel_with(engine, realise_item(engine, wanted), wanted->units, &largest);
    settlement->waterfall =
        (struct waterfall){.proceeds_fen = wanted->price_fen, .costs_fen = wanted->costs_fen};
    for (uint32_t tie = parcel_at(engine, parcel)->ties; tie != 0; tie = tie_at(engine, tie)->next)
        realise_put_claim(engine, settlement,
                          binding_at(engine, tie_at(engine, tie)->binding)->subject);
    waterfall_run(&settlement->waterfall);
}

/* The account that a claim is paid into. */
static uint32_t payee(const struct engine *engine, const struct pledge_realise *wanted,
                      uint32_t item) {
    uint32_t pledge = pledge_item_at(engine, item)->pledge;
    return pledge == wanted->pledge
               ? wanted->pledgee_account
               : realise_account_of(engine, pledge_at(engine, pledge)->pledgee);
}

/* --- checks ------------------------------------------------------------------------------------
 */

struct refusal realise_check_account(const struct engine *engine, uint32_t account,
                                     uint32_t party) {
    if (!pool_has(engine, POOL_ACCOUNTS, account))
        return refusal_of(REASON_UNKNOWN_ACCOUNT, FIELD_ACCOUNT, 0);
    if (account_at(engine, account)->owner != party)
        return refusal_of(REASON_NOT_OWNER, FIELD_ACCOUNT, party);
    return refusal_none();
}

static struct refusal check_accounts(const struct engine *engine,
                                     const struct pledge_realise *wanted) {
    const struct pledge *pledge = pledge_at(engine, wanted->pledge);
    struct refusal refusal = parties_check_exists(engine, wanted->buyer, FIELD_BUYER);
    if (refusal.reason == REASON_NONE)
        refusal = realise_check_account(engine, wanted->payer, wanted->buyer);
    if (refusal.reason == REASON_NONE)
        refusal = realise_check_account(engine, wanted->pledgee_account, pledge->pledgee);
    if (refusal.reason == REASON_NONE)
        refusal = realise_check_account(engine, wanted->pledgor_account, pledge->pledgor);
    return refusal;
}

/* What the buyer pays in the end: an appropriating pledgee is paid out of his own money. */
static struct refusal check_cash(const struct engine *engine, const struct pledge_realise *wanted) {
    struct settlement settlement;
    settle(engine, wanted, &settlement);
    const struct waterfall *waterfall = &settlement.waterfall;
    int64_t back_fen = wanted->payer == wanted->pledgee_account ? waterfall->costs_paid_fen : 0;
    for (uint32_t i = 0; i < waterfall->claims_count; i++) {
        uint32_t account = payee(engine, wanted, settlement.items[i]);
        if (account == 0)
            return refusal_of(REASON_UNKNOWN_ACCOUNT, FIELD_PLEDGEE,
                              pledge_item_at(engine, settlement.items[i])->pledge);
        if (account == wanted->payer)
            back_fen += waterfall_paid(&waterfall->claims[i]);
    }
    const struct account *payer = account_at(engine, wanted->payer);
    int64_t free_fen = payer->cash_fen - payer->reserved_fen;
    if (wanted->price_fen - back_fen > free_fen)
        return refusal_of(REASON_INSUFFICIENT_CASH, FIELD_AMOUNT, free_fen);
    return refusal_none();
}

static struct refusal check_item(const struct engine *engine, const struct pledge_realise *wanted) {
    const struct pledge *pledge = pledge_at(engine, wanted->pledge);
    if (wanted->item == 0 || wanted->item > pledge->items_count)
        return refusal_of(REASON_OUT_OF_LIMITS, FIELD_ITEM, pledge->items_count);
    const struct pledge_item *item = realise_item(engine, wanted);
    if (wanted->units == 0 || wanted->units > item->units)
        return refusal_of(REASON_OUT_OF_LIMITS, FIELD_UNITS, (int64_t)item->units);
    /* In law there is a pledge from its registration at the office that counts. */
    if (item->standing != STANDING_EFFECTIVE)
        return refusal_of(REASON_WRONG_STATE, FIELD_STANDING, item->standing);
    if (item->asset_kind != ASSET_RIGHT)
        return refusal_none();
    uint32_t status = right_at(engine, item->asset)->status;
    if ((status & RIGHT_STATUS_FINAL) != 0)
        return refusal_of(REASON_RIGHT_LAPSED, FIELD_ITEM, 0);
    return refusal_none();
}

static struct refusal check_place(const struct engine *engine,
                                  const struct pledge_realise *wanted) {
    const struct pledge_item *item = realise_item(engine, wanted);
    if (item->asset_kind == ASSET_RIGHT)
        return right_check_receive(engine, item->asset, wanted->buyer, 0);
    if (pool_is_full(engine, POOL_HOLDINGS) &&
        holding_find(engine, wanted->payer, item->asset) == 0)
        return refusal_full(POOL_HOLDINGS);
    return refusal_none();
}

struct refusal realise_check_pledge(const struct engine *engine, const struct deed *deed,
                                    const struct pledge_realise *wanted) {
    struct refusal refusal =
        pledge_check_state(engine, wanted->pledge, STATE_BIT(PLEDGE_ENFORCING));
    if (refusal.reason == REASON_NONE)
        refusal = pledge_check_dealings(engine, wanted->pledge);
    if (refusal.reason == REASON_NONE)
        refusal = deed_check_signed_by(engine, deed, pledge_at(engine, wanted->pledge)->pledgee);
    return refusal.reason != REASON_NONE ? refusal : check_item(engine, wanted);
}

struct refusal realise_check_power(const struct engine *engine,
                                   const struct pledge_realise *wanted) {
    const struct pledge *pledge = pledge_at(engine, wanted->pledge);
    if ((pledge->conditions & PLEDGE_POWER_OF_SALE) == 0 && !wanted->is_by_court)
        return refusal_of(REASON_WRONG_STATE, FIELD_CONDITIONS, PLEDGE_POWER_OF_SALE);
    return refusal_none();
}

static struct refusal check(const struct call *call, const struct deed *deed) {
    const struct engine *engine = call->engine;
    const struct pledge_realise *wanted = &deed->pledge_realise;
    struct refusal refusal = realise_check_pledge(engine, deed, wanted);
    if (refusal.reason == REASON_NONE)
        refusal = check_units(engine, wanted);
    if (refusal.reason == REASON_NONE && wanted->price_fen == 0)
        refusal = refusal_of(REASON_OUT_OF_LIMITS, FIELD_PRICE, 1);
    if (refusal.reason == REASON_NONE && wanted->costs_fen > wanted->price_fen)
        refusal = refusal_of(REASON_OUT_OF_LIMITS, FIELD_COSTS, wanted->price_fen);
    if (refusal.reason == REASON_NONE)
        refusal = check_accounts(engine, wanted);
    if (refusal.reason == REASON_NONE)
        refusal = check_place(engine, wanted);
    return refusal;
}

/* What the market says that units are worth: the last trade, else the previous close; of a right
 * its share of an appraisal that is still good. 0: nothing. */
static int64_t market_fen(const struct engine *engine, const struct pledge_item *item,
                          uint64_t units) {
    i128 value = 0;
    if (item->asset_kind == ASSET_HOLDING) {
        const struct instrument *instrument = instrument_at(engine, item->asset);
        value =
            (i128)(instrument->last_fen != 0 ? instrument->last_fen : instrument->reference_fen) *
            (i128)units;
    } else {
        const struct right *right = right_at(engine, item->asset);
        if (right->appraisals > 0 && date_end_ns(right->appraisal_expires) >= engine->time_ns)
            value = (i128)right->value_fen * (i128)units / RIGHT_WHOLE_PPM;
    }
    return value > INT64_MAX ? INT64_MAX : (int64_t)value;
}

struct refusal realise_check_appropriate(const struct call *call, const struct deed *deed) {
    const struct engine *engine = call->engine;
    const struct pledge_realise *wanted = &deed->pledge_realise;
    struct refusal refusal = check(call, deed);
    if (refusal.reason != REASON_NONE)
        return refusal;
    const struct pledge *pledge = pledge_at(engine, wanted->pledge);
    refusal = deed_check_signed_by(engine, deed, pledge->pledgor);
    if (refusal.reason != REASON_NONE)
        return refusal;
    if (wanted->buyer != pledge->pledgee)
        return refusal_of(REASON_BAD_COMBINATION, FIELD_BUYER, pledge->pledgee);
    int64_t least_fen = market_fen(engine, realise_item(engine, wanted), wanted->units);
    if (wanted->price_fen < least_fen)
        return refusal_of(REASON_OUT_OF_LIMITS, FIELD_PRICE, least_fen);
    return check_cash(engine, wanted);
}

struct refusal realise_check_sell(const struct call *call, const struct deed *deed) {
    const struct engine *engine = call->engine;
    const struct pledge_realise *wanted = &deed->pledge_realise;
    struct refusal refusal = check(call, deed);
    if (refusal.reason != REASON_NONE)
        return refusal;
    refusal = realise_check_power(engine, wanted);
    if (refusal.reason != REASON_NONE)
        return refusal;
    const struct pledge *pledge = pledge_at(engine, wanted->pledge);
    if (wanted->buyer == pledge->pledgee || wanted->buyer == pledge->pledgor)
        return refusal_of(REASON_BAD_COMBINATION, FIELD_BUYER, 0);
    return check_cash(engine, wanted);
}

/* --- doing it ----------------------------------------------------------------------------------
 */

void realise_note_paid(struct engine *engine, const struct settlement *settlement, uint32_t claim) {
    const struct waterfall_claim *paid = &settlement->waterfall.claims[claim];
    uint32_t item = settlement->items[claim];
    struct pledge *pledge = pledge_at(engine, pledge_item_at(engine, item)->pledge);
    pledge->paid_fen += waterfall_paid(paid);
    for (uint32_t part = 0; part < WATERFALL_PARTS; part++)
        pledge->owed_fen[part] -= paid->paid_fen[part];
}

static void pay(const struct call *call, const struct pledge_realise *wanted,
                const struct settlement *settlement) {
    struct engine *engine = call->engine;
    const struct waterfall *waterfall = &settlement->waterfall;
    account_at(engine, wanted->payer)->cash_fen -= wanted->price_fen;
    account_at(engine, wanted->pledgee_account)->cash_fen += waterfall->costs_paid_fen;
    account_at(engine, wanted->pledgor_account)->cash_fen += waterfall->surplus_fen;
    for (uint32_t i = 0; i < waterfall->claims_count; i++) {
        uint32_t account = payee(engine, wanted, settlement->items[i]);
        account_at(engine, account)->cash_fen += waterfall_paid(&waterfall->claims[i]);
        realise_note_paid(engine, settlement, i);
    }
}

/* A parcel of the place that all of these items reach, and nothing else does. */
static uint32_t bound_alike(const struct engine *engine, struct place place, const uint32_t *items,
                            uint32_t count) {
    for (uint32_t at = parcel_first(engine, place); at != 0; at = parcel_next(engine, at)) {
        uint32_t met = 0;
        for (uint32_t i = 0; i < count; i++)
            met += parcel_is_tied(engine, at, pledge_item_at(engine, items[i])->binding);
        if (met == count && parcel_ties(engine, at) == count)
            return at;
    }
    return 0;
}

/* Lets the units go, pledge by pledge. */
static void free_units(const struct call *call, const struct settlement *settlement,
                       struct place place, uint64_t units) {
    struct engine *engine = call->engine;
    uint32_t count = settlement->waterfall.claims_count;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t parcel = bound_alike(engine, place, settlement->items + i, count - i);
        assert(parcel != 0);
        parcel_untie(engine, parcel, pledge_item_at(engine, settlement->items[i])->binding, units);
    }
}

static struct place place_of_buyer(struct engine *engine, const struct pledge_realise *wanted) {
    const struct pledge_item *item = realise_item(engine, wanted);
    if (item->asset_kind == ASSET_RIGHT)
        return place_stake(right_receive(engine, item->asset, wanted->buyer));
    uint32_t holding = holding_find(engine, wanted->payer, item->asset);
    return place_holding(holding != 0 ? holding : holding_make(engine, wanted->payer, item->asset));
}

void realise_lessen(const struct call *call, uint32_t number, uint64_t units) {
    struct engine *engine = call->engine;
    struct pledge_item *item = pledge_item_at(engine, number);
    struct pledge *pledge = pledge_at(engine, item->pledge);
    uint64_t left = 0;
    item->units -= units;
    for (uint32_t i = 0; i < pledge->items_count; i++)
        left += pledge_item_at(engine, pledge_item_number(pledge, i))->units;
    pledge->version++;
    if (left == 0)
        pledge->state = PLEDGE_REALISED;
    binding_at(engine, item->binding)->quantity = item->units;
    if (item->units == 0)
        binding_end(call, item->binding);
    else
        binding_tell(call, item->binding);
}

uint64_t realise(const struct call *call, const struct deed *deed) {
    struct engine *engine = call->engine;
    const struct pledge_realise *wanted = &deed->pledge_realise;
    const struct pledge_item *item = realise_item(engine, wanted);
    struct pledge_item_terms terms = pledge_item_terms(item);
    struct settlement settlement;
    settle(engine, wanted, &settlement);
    pay(call, wanted, &settlement);
    struct place from =
        pledge_item_place(engine, pledge_at(engine, wanted->pledge)->pledgor, &terms);
    free_units(call, &settlement, from, wanted->units);
    place_move(engine, from, place_of_buyer(engine, wanted), wanted->units);
    for (uint32_t i = 0; i < settlement.waterfall.claims_count; i++)
        realise_lessen(call, settlement.items[i], wanted->units);
    if (item->asset_kind == ASSET_RIGHT)
        right_tell(call, item->asset);
    return wanted->pledge;
}
