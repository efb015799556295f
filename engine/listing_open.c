/*
 * How a listing begins: by the registrar's deed, or by a module that sells what it binds.
 */
#include "engine/listing.h"

#include "engine/asset.h"
#include "engine/binding.h"
#include "engine/confirm.h"
#include "engine/date.h"
#include "engine/money.h"
#include "engine/parcel.h"
#include "engine/parties.h"
#include "engine/right.h"
#include "engine/sale.h"
#include "engine/sale_deliver.h"
#include "engine/timer.h"

/* --- terms ------------------------------------------------------------------------------------
 */

/* A share of an amount, rounded half up. */
static int64_t ppm_of(int64_t amount_fen, uint32_t ppm) {
    return (int64_t)(((i128)amount_fen * ppm + 500000) / 1000000);
}

static struct refusal check_price(const struct open_listing *terms) {
    int64_t deposit_max_fen = (int64_t)((i128)terms->floor_fen * LISTING_DEPOSIT_PPM_MAX / 1000000);
    if (terms->floor_fen <= 0)
        return refusal_of(REASON_OUT_OF_LIMITS, FIELD_FLOOR, 1);
    if (terms->increment_fen <= 0)
        return refusal_of(REASON_OUT_OF_LIMITS, FIELD_INCREMENT, 1);
    if (terms->reserve_fen != 0 && terms->reserve_fen < terms->floor_fen)
        return refusal_of(REASON_OUT_OF_LIMITS, FIELD_RESERVE, terms->floor_fen);
    if (terms->is_reserve_hidden && terms->reserve_fen == 0)
        return refusal_of(REASON_BAD_COMBINATION, FIELD_RESERVE, 0);
    if (terms->deposit_fen > deposit_max_fen)
        return refusal_of(REASON_OUT_OF_LIMITS, FIELD_DEPOSIT, deposit_max_fen);
    return refusal_none();
}

static struct refusal check_times(const struct engine *engine, const struct open_listing *terms) {
    uint32_t timed_ms = terms->timed_ms != 0 ? terms->timed_ms : LISTING_TIMED_MS;
    int64_t most_ns = engine->time_ns + LISTING_DISCLOSED_DAYS_MAX * NS_PER_DAY;
    if (terms->free_ms > LISTING_PERIOD_MS_MAX || terms->timed_ms > LISTING_PERIOD_MS_MAX ||
        terms->notice_ms > LISTING_PERIOD_MS_MAX || terms->hard_stop_ms > LISTING_PERIOD_MS_MAX)
        return refusal_of(REASON_OUT_OF_LIMITS, FIELD_PERIOD, LISTING_PERIOD_MS_MAX);
    if (terms->hard_stop_ms != 0 && terms->hard_stop_ms < timed_ms)
        return refusal_of(REASON_OUT_OF_LIMITS, FIELD_PERIOD, timed_ms);
    if (terms->sign_days > LISTING_DAYS_MAX || terms->pay_days > LISTING_DAYS_MAX)
        return refusal_of(REASON_OUT_OF_LIMITS, FIELD_DAYS, LISTING_DAYS_MAX);
    if (terms->disclosed_until_ns <= engine->time_ns)
        return refusal_of(REASON_BAD_DATE, FIELD_DISCLOSED_UNTIL, engine->time_ns);
    if (terms->disclosed_until_ns > most_ns)
        return refusal_of(REASON_OUT_OF_LIMITS, FIELD_DISCLOSED_UNTIL, most_ns);
    return refusal_none();
}

/* A floor below 90% of an appraisal that may still be used. */
static struct refusal check_appraisal(const struct engine *engine, uint32_t number,
                                      const struct open_listing *terms) {
    const struct right *right = right_at(engine, number);
    int64_t least_fen = ppm_of(right->value_fen, LISTING_APPRAISED_PPM);
    bool is_appraised =
        right->appraisals != 0 && right->appraisal_expires >= date_of_ns(engine->time_ns);
    if (is_appraised && terms->floor_fen < least_fen && terms->approval_bytes == 0)
        return refusal_of(REASON_BELOW_APPRAISAL, FIELD_FLOOR, least_fen);
    return refusal_none();
}

/* --- the right --------------------------------------------------------------------------------
 */

static struct refusal check_right(const struct engine *engine, uint32_t number, uint8_t object) {
    const struct right *right = right_at(engine, number);
    if ((right->status & RIGHT_STATUS_FINAL) != 0)
        return refusal_of(REASON_RIGHT_LAPSED, FIELD_RIGHT, 0);
    if ((right->status & RIGHT_SUSPENDED) != 0)
        return refusal_of(REASON_SUSPENDED, FIELD_RIGHT, 0);
    uint32_t objection = asset_bound(engine, asset_right(number), ENTRY_OBJECTION, 0);
    if (objection != 0)
        return refusal_of(REASON_OBJECTION, FIELD_RIGHT, binding_at(engine, objection)->entry);
    if (object == SALE_TRANSFER)
        return refusal_none();
    return sale_check_licence(engine, number, object);
}

/* What keeps units of a place from being free: the gravest first. */
static struct refusal why_bound(const struct engine *engine, struct place place) {
    static const struct {
        uint8_t kind;
        uint16_t reason;
    } kinds[] = {
        {ENTRY_FREEZE, REASON_FROZEN},  {ENTRY_MARK, REASON_FROZEN},
        {ENTRY_LISTING, REASON_LISTED}, {ENTRY_PLEDGE, REASON_PLEDGEE_CONSENT},
        {ENTRY_HOLD, REASON_HELD},
    };
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        for (uint32_t at = parcel_first(engine, place); at != 0; at = parcel_next(engine, at)) {
            uint32_t by = parcel_tied_by(engine, at, (enum entry_kind)kinds[i].kind);
            if (by != 0)
                return refusal_of((enum reason)kinds[i].reason, FIELD_RIGHT,
                                  binding_at(engine, by)->entry);
        }
    return refusal_of(REASON_ENCUMBERED, FIELD_RIGHT, 0);
}

static struct refusal check_seller(const struct engine *engine, const struct open_listing *terms,
                                   uint32_t place) {
    const struct listing_seller *seller = &terms->sellers[place];
    struct refusal refusal = parties_check_exists(engine, seller->party, FIELD_SELLER);
    if (refusal.reason != REASON_NONE)
        return refusal;
    for (uint32_t before = 0; before < place; before++)
        if (terms->sellers[before].party == seller->party)
            return refusal_of(REASON_ALREADY_EXISTS, FIELD_SELLER, seller->party);
    if (!pool_has(engine, POOL_ACCOUNTS, seller->account) ||
        account_at(engine, seller->account)->owner != seller->party)
        return refusal_of(REASON_UNKNOWN_ACCOUNT, FIELD_ACCOUNT, 0);
    uint32_t stake = right_stake(engine, terms->right, seller->party);
    uint32_t has = stake != 0 ? right_stake_ppm(engine, stake) : 0;
    if (has == 0 || seller->ppm > has)
        return refusal_of(REASON_NOT_OWNER, FIELD_SELLER, has);
    if (place_free(engine, place_stake(stake)) < seller->ppm)
        return why_bound(engine, place_stake(stake));
    return refusal_none();
}

static struct refusal check_sellers(const struct engine *engine, const struct open_listing *terms) {
    uint64_t sum = 0;
    for (uint32_t i = 0; i < terms->sellers_count; i++) {
        struct refusal refusal = check_seller(engine, terms, i);
        if (refusal.reason != REASON_NONE)
            return refusal;
        sum += terms->sellers[i].ppm;
    }
    /* A licence is a matter of all of it. */
    if (terms->object != SALE_TRANSFER && sum != RIGHT_WHOLE_PPM)
        return refusal_of(REASON_OUT_OF_LIMITS, FIELD_PPM, RIGHT_WHOLE_PPM);
    return refusal_none();
}

static bool sells(const struct open_listing *terms, uint32_t party) {
    for (uint32_t i = 0; i < terms->sellers_count; i++)
        if (terms->sellers[i].party == party)
            return true;
    return false;
}

/* Who sells signs, and every other owner agrees by signing too. */
static struct refusal check_signed(const struct engine *engine, const struct deed *deed) {
    const struct open_listing *terms = &deed->open_listing;
    for (uint32_t i = 0; i < terms->sellers_count; i++) {
        struct refusal refusal = deed_check_signed_by(engine, deed, terms->sellers[i].party);
        if (refusal.reason != REASON_NONE)
            return refusal;
    }
    for (uint32_t at = right_at(engine, terms->right)->stakes; at != 0;) {
        const struct stake *stake = stake_at(engine, at);
        if (right_stake_ppm(engine, at) != 0 && !sells(terms, stake->party) &&
            !deed_signed_by(engine, deed, stake->party))
            return refusal_of(REASON_COOWNER_CONSENT, FIELD_OWNER, stake->party);
        at = stake->next;
    }
    return refusal_none();
}

static struct refusal check_room(const struct engine *engine, struct asset asset, uint32_t places) {
    uint32_t others = 0;
    for (uint32_t at = 0; (at = asset_bound(engine, asset, ENTRY_LISTING, at)) != 0;)
        others++;
    if (others == LISTINGS_EACH_MAX)
        return refusal_of(REASON_OUT_OF_LIMITS, FIELD_LISTING, LISTINGS_EACH_MAX);
    if (pool_is_full(engine, POOL_LISTINGS) || engine->listings_active == LISTINGS_ACTIVE_MAX)
        return refusal_full(POOL_LISTINGS);
    if (!timer_has_room(engine))
        return refusal_full(POOL_TIMERS);
    struct refusal refusal = binding_check_room(engine, 1);
    return refusal.reason != REASON_NONE ? refusal : parcel_check_room(engine, places);
}

static struct refusal check_terms(const struct engine *engine, const struct open_listing *terms) {
    struct refusal refusal = check_price(terms);
    return refusal.reason != REASON_NONE ? refusal : check_times(engine, terms);
}

struct refusal listing_check_open(const struct call *call, const struct deed *deed) {
    const struct engine *engine = call->engine;
    const struct open_listing *terms = &deed->open_listing;
    struct refusal refusal = right_check_exists(engine, terms->right);
    if (refusal.reason == REASON_NONE)
        refusal = check_terms(engine, terms);
    if (refusal.reason == REASON_NONE)
        refusal = check_right(engine, terms->right, terms->object);
    if (refusal.reason == REASON_NONE)
        refusal = check_appraisal(engine, terms->right, terms);
    if (refusal.reason == REASON_NONE)
        refusal = check_sellers(engine, terms);
    if (refusal.reason == REASON_NONE)
        refusal = check_signed(engine, deed);
    return refusal.reason != REASON_NONE
               ? refusal
               : check_room(engine, asset_right(terms->right), terms->sellers_count);
}

/* --- the row ----------------------------------------------------------------------------------
 */

static uint32_t or_default(uint32_t value, uint32_t otherwise) {
    return value != 0 ? value : otherwise;
}

/* A row of an asset on these terms; nothing is bound yet. */
static uint32_t make(struct engine *engine, struct asset asset, const struct open_listing *terms) {
    uint32_t number = pool_add(engine, POOL_LISTINGS);
    engine->listings_active++;
    *listing_at(engine, number) = (struct listing){
        .floor_fen = terms->floor_fen,
        .increment_fen = terms->increment_fen,
        .reserve_fen = terms->reserve_fen,
        .deposit_fen = terms->deposit_fen != 0 ? terms->deposit_fen
                                               : ppm_of(terms->floor_fen, LISTING_DEPOSIT_PPM),
        .disclosed_ns = engine->time_ns,
        .disclosed_until_ns = terms->disclosed_until_ns,
        .asset = asset.id,
        .holder = asset.holder,
        .asset_kind = asset.kind,
        .free_ms = or_default(terms->free_ms, LISTING_FREE_MS),
        .timed_ms = or_default(terms->timed_ms, LISTING_TIMED_MS),
        .hard_stop_ms = terms->hard_stop_ms,
        .notice_ms = or_default(terms->notice_ms, LISTING_NOTICE_MS),
        .sign_days = or_default(terms->sign_days, LISTING_SIGN_DAYS),
        .pay_days = or_default(terms->pay_days, LISTING_PAY_DAYS),
        .is_reserve_hidden = terms->is_reserve_hidden,
        .is_qualifying = terms->is_qualifying,
        .object = terms->object,
        .purpose = SALE_OF_OWNERS,
    };
    return number;
}

/* Its entry, for so many units. */
static void enter(const struct call *call, uint32_t number, uint64_t units) {
    struct listing *listing = listing_at(call->engine, number);
    struct asset asset = {
        .kind = listing->asset_kind, .id = listing->asset, .holder = listing->holder};
    struct binding wanted = {
        .kind = ENTRY_LISTING, .quantity = units, .subject = number, .state = LISTING_DISCLOSED};
    listing->units = units;
    listing->binding = binding_make(call, asset, &wanted);
}

uint64_t listing_open(const struct call *call, const struct deed *deed) {
    struct engine *engine = call->engine;
    const struct open_listing *terms = &deed->open_listing;
    uint32_t number = make(engine, asset_right(terms->right), terms);
    struct listing *listing = listing_at(engine, number);
    uint64_t units = 0;
    listing->sellers_count = (uint8_t)terms->sellers_count;
    for (uint32_t i = 0; i < terms->sellers_count; i++) {
        listing->sellers[i] = terms->sellers[i];
        units += terms->sellers[i].ppm;
    }
    enter(call, number, units);
    for (uint32_t i = 0; i < terms->sellers_count; i++) {
        uint32_t stake = right_stake(engine, terms->right, terms->sellers[i].party);
        parcel_tie_free(engine, place_stake(stake), listing->binding, terms->sellers[i].ppm);
    }
    binding_tell(call, listing->binding);
    listing_begin(call, number, LISTING_DISCLOSED);
    return number;
}

/* --- of what a binding ties -------------------------------------------------------------------
 */

/* The first parcel that one binding reaches and another does not; 0: none. */
static uint32_t next_parcel(const struct engine *engine, uint32_t of, uint32_t not_of) {
    uint32_t at = binding_at(engine, of)->ties;
    while (at != 0 && parcel_is_tied(engine, tie_at(engine, at)->parcel, not_of))
        at = tie_at(engine, at)->other;
    return at != 0 ? tie_at(engine, at)->parcel : 0;
}

static struct refusal check_bound(const struct engine *engine, const struct bound_sale *sale) {
    uint64_t has = parcel_units(engine, sale->binding);
    uint32_t parcels = 0;
    if (sale->units == 0 || sale->units > has)
        return refusal_of(REASON_OUT_OF_LIMITS, FIELD_ORDER_QTY, (int64_t)has);
    for (uint32_t at = binding_at(engine, sale->binding)->ties; at != 0;) {
        uint32_t parcel = tie_at(engine, at)->parcel;
        uint32_t listed = parcel_tied_by(engine, parcel, ENTRY_LISTING);
        if (listed != 0)
            return refusal_of(REASON_LISTED, FIELD_LISTING, binding_at(engine, listed)->entry);
        if (parcel_ties(engine, parcel) == PARCEL_TIES_MAX)
            return refusal_full(POOL_TIES);
        parcels++;
        at = tie_at(engine, at)->other;
    }
    return check_room(engine, binding_asset(binding_at(engine, sale->binding)), parcels);
}

struct refusal listing_check_bound(const struct call *call, const struct bound_sale *sale) {
    const struct engine *engine = call->engine;
    struct asset asset = binding_asset(binding_at(engine, sale->binding));
    assert(sale->purpose != SALE_OF_OWNERS && sale_has_purpose((enum sale_purpose)sale->purpose));
    struct refusal refusal = check_terms(engine, sale->terms);
    if (refusal.reason == REASON_NONE && asset.kind == ASSET_RIGHT)
        refusal = check_right(engine, asset.id, sale->terms->object);
    if (refusal.reason == REASON_NONE && asset.kind == ASSET_RIGHT)
        refusal = check_appraisal(engine, asset.id, sale->terms);
    return refusal.reason != REASON_NONE ? refusal : check_bound(engine, sale);
}

uint32_t listing_open_bound(const struct call *call, const struct bound_sale *sale) {
    struct engine *engine = call->engine;
    uint32_t number = make(engine, binding_asset(binding_at(engine, sale->binding)), sale->terms);
    struct listing *listing = listing_at(engine, number);
    listing->purpose = sale->purpose;
    listing->subject = sale->subject;
    listing->signatory = sale->signatory;
    listing->sellers_count = 1;
    listing->sellers[0] = (struct listing_seller){.party = sale->owner};
    enter(call, number, sale->units);
    for (uint64_t left = sale->units; left != 0;) {
        uint32_t parcel = next_parcel(engine, sale->binding, listing->binding);
        uint64_t units = parcel_at(engine, parcel)->quantity;
        units = units < left ? units : left;
        parcel_tie(engine, parcel, listing->binding, units);
        left -= units;
    }
    binding_tell(call, listing->binding);
    listing_begin(call, number, LISTING_DISCLOSED);
    return number;
}
