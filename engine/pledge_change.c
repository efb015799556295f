/*
 * What becomes of a registered pledge: numbered versions of it, in any number and order.
 */
#include <string.h>

#include "engine/auction.h"
#include "engine/date.h"
#include "engine/money.h"
#include "engine/parties.h"
#include "engine/pledge_part.h"

/* Of a pledge that is in force, and that no office speaks against. */
static struct refusal check_live(const struct engine *engine, uint32_t number, uint32_t states) {
    struct refusal refusal = pledge_check_state(engine, number, states);
    return refusal.reason == REASON_NONE ? pledge_check_dealings(engine, number) : refusal;
}

/* --- release -----------------------------------------------------------------------------------
 */

/* What would be left of an item. */
static uint64_t units_left(const struct pledge_release *release, uint32_t place, uint64_t units) {
    for (uint32_t i = 0; i < release->parts_count; i++)
        if (release->parts[i].item == place)
            return units - release->parts[i].units;
    return release->parts_count == 0 ? 0 : units;
}

static struct refusal check_parts(const struct engine *engine,
                                  const struct pledge_release *release) {
    const struct pledge *pledge = pledge_at(engine, release->pledge);
    for (uint32_t i = 0; i < release->parts_count; i++) {
        const struct pledge_part *part = &release->parts[i];
        if (part->item == 0 || part->item > pledge->items_count)
            return refusal_of(REASON_OUT_OF_LIMITS, FIELD_ITEM, pledge->items_count);
        for (uint32_t before = 0; before < i; before++)
            if (release->parts[before].item == part->item)
                return refusal_of(REASON_ALREADY_EXISTS, FIELD_ITEM, part->item);
        uint64_t units = pledge_item_at(engine, pledge_item_number(pledge, part->item - 1))->units;
        if (part->units == 0 || part->units > units)
            return refusal_of(REASON_OUT_OF_LIMITS, FIELD_UNITS, (int64_t)units);
    }
    return refusal_none();
}

/* Whether what is left, as the parties valued it, covers what the terms ask for: then the pledgor
 * may take the rest out alone. */
static struct refusal check_coverage(const struct engine *engine,
                                     const struct pledge_release *release) {
    const struct pledge *pledge = pledge_at(engine, release->pledge);
    i128 left = 0;
    for (uint32_t i = 0; i < pledge->items_count; i++) {
        const struct pledge_item *item = pledge_item_at(engine, pledge_item_number(pledge, i));
        left += (i128)item->value_fen * (i128)units_left(release, i + 1, item->units) /
                (i128)item->agreed;
    }
    i128 needed = (i128)pledge->secured_fen * pledge->coverage_ppm;
    if (left * RIGHT_WHOLE_PPM < needed)
        return refusal_of(REASON_UNDER_COVERAGE, FIELD_COVERAGE, pledge->coverage_ppm);
    return refusal_none();
}

struct refusal pledge_check_release(const struct call *call, const struct deed *deed) {
    const struct engine *engine = call->engine;
    const struct pledge_release *release = &deed->pledge_release;
    struct refusal refusal = check_live(engine, release->pledge, PLEDGE_LIVES);
    if (refusal.reason == REASON_NONE)
        refusal = auction_check_none(engine, release->pledge);
    if (refusal.reason != REASON_NONE)
        return refusal;
    const struct pledge *pledge = pledge_at(engine, release->pledge);
    bool by_pledgee = deed_signed_by(engine, deed, pledge->pledgee);
    bool may_alone = pledge->coverage_ppm != 0 && pledge->state == PLEDGE_REGISTERED &&
                     deed_signed_by(engine, deed, pledge->pledgor);
    if (!by_pledgee && !may_alone)
        return refusal_of(REASON_BAD_SIGNATURE, FIELD_SIGNATURE, pledge->pledgee);
    refusal = check_parts(engine, release);
    if (refusal.reason == REASON_NONE && release->parts_count != 1)
        refusal = pledge_check_tells(engine, release->pledge);
    if (refusal.reason == REASON_NONE)
        refusal = parcel_check_room(engine, release->parts_count);
    return refusal.reason != REASON_NONE || by_pledgee ? refusal : check_coverage(engine, release);
}

static bool has_units(const struct engine *engine, const struct pledge *pledge) {
    for (uint32_t i = 0; i < pledge->items_count; i++)
        if (pledge_item_at(engine, pledge_item_number(pledge, i))->units != 0)
            return true;
    return false;
}

uint64_t pledge_release(const struct call *call, const struct deed *deed) {
    const struct pledge_release *release = &deed->pledge_release;
    struct pledge *pledge = pledge_at(call->engine, release->pledge);
    if (release->parts_count == 0) {
        pledge_end(call, release->pledge, PLEDGE_RELEASED);
        return release->pledge;
    }
    pledge->version++;
    for (uint32_t i = 0; i < release->parts_count; i++)
        pledge_item_free(call, pledge_item_number(pledge, release->parts[i].item - 1),
                         release->parts[i].units);
    if (has_units(call->engine, pledge))
        pledge_tell(call, release->pledge);
    else
        pledge->state = PLEDGE_RELEASED;
    return release->pledge;
}

struct refusal pledge_check_revoke(const struct call *call, const struct deed *deed) {
    uint32_t pledge = deed->pledge_revoke.pledge;
    struct refusal refusal = pledge_check_state(call->engine, pledge, PLEDGE_LIVES);
    if (refusal.reason == REASON_NONE)
        refusal = pledge_check_tells(call->engine, pledge);
    return refusal.reason != REASON_NONE ? refusal : auction_check_none(call->engine, pledge);
}

uint64_t pledge_revoke(const struct call *call, const struct deed *deed) {
    pledge_end(call, deed->pledge_revoke.pledge, PLEDGE_REVOKED);
    return deed->pledge_revoke.pledge;
}

/* --- amendment ---------------------------------------------------------------------------------
 */

/* The debt must end within the term of each right that is still pledged. */
static struct refusal check_term(const struct engine *engine, const struct pledge *pledge,
                                 trading_date debt_end) {
    for (uint32_t i = 0; i < pledge->items_count; i++) {
        const struct pledge_item *item = pledge_item_at(engine, pledge_item_number(pledge, i));
        if (item->asset_kind != ASSET_RIGHT || item->units == 0)
            continue;
        trading_date term_end = right_at(engine, item->asset)->term_end;
        if (term_end != DATE_NONE && debt_end > term_end && debt_end > pledge->debt_end)
            return refusal_of(REASON_BEYOND_TERM, FIELD_DEBT_END, term_end);
    }
    return refusal_none();
}

static struct refusal check_amended_dates(const struct engine *engine, const struct pledge *pledge,
                                          const struct pledge_amend *amend) {
    if (!date_is_valid(amend->debt_end) || amend->debt_end > DATE_NS_MAX ||
        amend->debt_end < pledge->debt_start)
        return refusal_of(REASON_BAD_DATE, FIELD_DEBT_END, pledge->debt_start);
    if (pledge->is_maximum != (amend->determined != DATE_NONE))
        return refusal_of(REASON_BAD_COMBINATION, FIELD_DETERMINED, 0);
    if (pledge->is_maximum &&
        (!date_is_valid(amend->determined) || amend->determined > amend->debt_end))
        return refusal_of(REASON_BAD_DATE, FIELD_DETERMINED, amend->debt_end);
    return check_term(engine, pledge, amend->debt_end);
}

struct refusal pledge_check_amend(const struct call *call, const struct deed *deed) {
    const struct engine *engine = call->engine;
    const struct pledge_amend *amend = &deed->pledge_amend;
    struct refusal refusal = check_live(engine, amend->pledge, STATE_BIT(PLEDGE_REGISTERED));
    if (refusal.reason != REASON_NONE)
        return refusal;
    const struct pledge *pledge = pledge_at(engine, amend->pledge);
    refusal = deed_check_signed_by(engine, deed, pledge->pledgor);
    if (refusal.reason == REASON_NONE)
        refusal = deed_check_signed_by(engine, deed, pledge->pledgee);
    if (refusal.reason == REASON_NONE)
        refusal = check_amended_dates(engine, pledge, amend);
    if (refusal.reason == REASON_NONE && amend->scope == 0)
        refusal = refusal_of(REASON_OUT_OF_LIMITS, FIELD_SCOPE, 1);
    if (refusal.reason != REASON_NONE)
        return refusal;
    return pledge_check_secured(engine, amend->pledge, amend->secured_fen);
}

uint64_t pledge_amend(const struct call *call, const struct deed *deed) {
    const struct pledge_amend *amend = &deed->pledge_amend;
    struct pledge *pledge = pledge_at(call->engine, amend->pledge);
    pledge_secure(call, amend->pledge, amend->secured_fen);
    pledge->determined = amend->determined;
    pledge->debt_end = amend->debt_end;
    pledge->scope = amend->scope;
    pledge->conditions = amend->conditions;
    pledge->coverage_ppm = amend->coverage_ppm;
    memcpy(pledge->contract, amend->contract, HASH_BYTES);
    memcpy(pledge->terms, amend->terms, HASH_BYTES);
    pledge->version++;
    pledge_tell(call, amend->pledge);
    return amend->pledge;
}

/* --- assignment --------------------------------------------------------------------------------
 */

struct refusal pledge_check_assign(const struct call *call, const struct deed *deed) {
    const struct engine *engine = call->engine;
    const struct pledge_assign *assign = &deed->pledge_assign;
    struct refusal refusal = check_live(engine, assign->pledge, PLEDGE_LIVES);
    if (refusal.reason == REASON_NONE)
        refusal = auction_check_none(engine, assign->pledge);
    if (refusal.reason == REASON_NONE)
        refusal = parties_check_exists(engine, assign->pledgee, FIELD_PLEDGEE);
    if (refusal.reason != REASON_NONE)
        return refusal;
    const struct pledge *pledge = pledge_at(engine, assign->pledge);
    if (assign->pledgee == pledge->pledgee || assign->pledgee == pledge->pledgor)
        return refusal_of(REASON_BAD_COMBINATION, FIELD_PLEDGEE, 0);
    refusal = deed_check_signed_by(engine, deed, pledge->pledgee);
    if (refusal.reason == REASON_NONE)
        refusal = deed_check_signed_by(engine, deed, assign->pledgee);
    return refusal;
}

/* Number and rank stay. */
uint64_t pledge_assign(const struct call *call, const struct deed *deed) {
    const struct pledge_assign *assign = &deed->pledge_assign;
    struct pledge *pledge = pledge_at(call->engine, assign->pledge);
    pledge->pledgee = assign->pledgee;
    memcpy(pledge->terms, assign->terms, HASH_BYTES);
    pledge->version++;
    pledge_tell(call, assign->pledge);
    return assign->pledge;
}

/* --- what a maximum secures --------------------------------------------------------------------
 */

struct refusal pledge_check_determine(const struct call *call, const struct deed *deed) {
    const struct engine *engine = call->engine;
    const struct pledge_determine *determine = &deed->pledge_determine;
    struct refusal refusal = check_live(engine, determine->pledge, PLEDGE_LIVES);
    if (refusal.reason != REASON_NONE)
        return refusal;
    const struct pledge *pledge = pledge_at(engine, determine->pledge);
    if (!pledge->is_maximum || pledge->is_determined)
        return refusal_of(REASON_WRONG_STATE, FIELD_DETERMINED, pledge->determined);
    refusal = deed_check_signed_by(engine, deed, pledge->pledgee);
    if (refusal.reason == REASON_NONE)
        refusal = deed_check_signed_by(engine, deed, pledge->pledgor);
    if (refusal.reason != REASON_NONE)
        return refusal;
    if (date_end_ns(pledge->determined) - NS_PER_DAY > engine->time_ns)
        return refusal_of(REASON_BAD_DATE, FIELD_DETERMINED, pledge->determined);
    if (determine->amount_fen == 0)
        return refusal_of(REASON_OUT_OF_LIMITS, FIELD_AMOUNT, 1);
    if (determine->amount_fen > pledge->secured_fen)
        return refusal_of(REASON_OVER_MAXIMUM, FIELD_AMOUNT, pledge->secured_fen);
    return refusal_none();
}

uint64_t pledge_determine(const struct call *call, const struct deed *deed) {
    const struct pledge_determine *determine = &deed->pledge_determine;
    struct pledge *pledge = pledge_at(call->engine, determine->pledge);
    pledge_secure(call, determine->pledge, determine->amount_fen);
    pledge->is_determined = true;
    pledge->version++;
    pledge_tell(call, determine->pledge);
    return determine->pledge;
}
