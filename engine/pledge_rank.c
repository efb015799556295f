/*
 * Who comes first: by the time at which the office that counts registered, then by sequence
 * (RULES.md, section 3: Authority). What is not effective there yet ranks behind all that is.
 *
 * Ranks are of an item, that is of a pledge on one asset, so two pledges may swap on one asset and
 * stay as they are on another. An increase has a rank of its own.
 */
#include "engine/pledge_part.h"

uint32_t pledge_item_on(const struct engine *engine, uint32_t number, struct asset asset) {
    const struct pledge *pledge = pledge_at(engine, number);
    for (uint32_t i = 0; i < pledge->items_count; i++) {
        uint32_t at = pledge_item_number(pledge, i);
        const struct pledge_item *item = pledge_item_at(engine, at);
        bool is_in_force =
            item->binding != 0 && item->units > 0 && binding_is_in_force(engine, item->binding);
        struct asset its = pledge_item_asset(pledge->pledgor, item->asset_kind, item->asset);
        if (is_in_force && asset_is_same(its, asset))
            return at;
    }
    return 0;
}

bool pledge_has_assent(const struct engine *engine, const struct assent_wanted *wanted) {
    for (uint32_t at = pledge_at(engine, wanted->pledge)->assents; at != 0;) {
        const struct pledge_assent_row *row = pledge_assent_row_at(engine, at);
        if (row->matter == wanted->matter && row->party == wanted->party &&
            row->other == wanted->other && row->amount_fen >= wanted->amount_fen)
            return true;
        at = row->next;
    }
    return false;
}

/* Assents to a matter are good for once. */
static void use_up(struct engine *engine, uint32_t pledge, uint8_t matter, uint32_t other) {
    for (uint32_t at = pledge_at(engine, pledge)->assents; at != 0;) {
        struct pledge_assent_row *row = pledge_assent_row_at(engine, at);
        if (row->matter == matter && row->other == other)
            row->matter = 0;
        at = row->next;
    }
}

/* --- increases ---------------------------------------------------------------------------------
 */

/* One of an item's asset that ranks behind it and has not assented. */
static uint32_t objector_on(const struct engine *engine, uint32_t item, int64_t amount_fen) {
    const struct pledge_item *mine = pledge_item_at(engine, item);
    const struct binding *entry = binding_at(engine, mine->binding);
    struct asset asset = binding_asset(entry);
    for (uint32_t at = asset_bound(engine, asset, ENTRY_PLEDGE, 0); at != 0;
         at = asset_bound(engine, asset, ENTRY_PLEDGE, at)) {
        const struct pledge_item *other = pledge_item_at(engine, binding_at(engine, at)->subject);
        struct assent_wanted wanted = {.pledge = mine->pledge,
                                       .party = pledge_at(engine, other->pledge)->pledgee,
                                       .matter = PLEDGE_MATTER_INCREASE,
                                       .amount_fen = amount_fen};
        if (rank_is_before(rank_of_item(mine), rank_of_item(other)) &&
            !pledge_has_assent(engine, &wanted))
            return other->pledge;
    }
    return 0;
}

uint32_t pledge_rank_objector(const struct engine *engine, uint32_t number, int64_t amount_fen) {
    const struct pledge *pledge = pledge_at(engine, number);
    uint32_t objector = 0;
    for (uint32_t i = 0; i < pledge->items_count && objector == 0; i++) {
        uint32_t item = pledge_item_number(pledge, i);
        if (pledge_item_at(engine, item)->units > 0)
            objector = objector_on(engine, item, amount_fen);
    }
    return objector;
}

struct refusal pledge_check_secured(const struct engine *engine, uint32_t number,
                                    int64_t secured_fen) {
    const struct pledge *pledge = pledge_at(engine, number);
    if (secured_fen <= 0)
        return refusal_of(REASON_OUT_OF_LIMITS, FIELD_SECURED, 1);
    if (secured_fen > pledge->secured_fen && pool_is_full(engine, POOL_INCREASES))
        return refusal_full(POOL_INCREASES);
    return refusal_none();
}

static void add_increase(const struct call *call, uint32_t pledge, int64_t amount_fen) {
    struct engine *engine = call->engine;
    uint32_t *link = &pledge_at(engine, pledge)->increases;
    while (*link != 0)
        link = &pledge_increase_at(engine, *link)->next;
    uint32_t number = pool_add(engine, POOL_INCREASES);
    *link = number;
    /* Elsewhere it counts from when that office says so: pledge_office.c. */
    const struct pledge_item *first = pledge_item_at(engine, pledge_at(engine, pledge)->items);
    bool is_here = first->office == OFFICE_TPX;
    *pledge_increase_at(engine, number) =
        (struct pledge_increase){.pledge = pledge,
                                 .amount_fen = amount_fen,
                                 .rank_ns = is_here ? call->command->stamp.time_ns : INT64_MAX,
                                 .rank_sequence = call->command->stamp.sequence};
}

/* The last increase gives first. */
static void take_off(struct engine *engine, struct pledge *pledge, int64_t amount_fen) {
    int64_t left = amount_fen;
    while (left > 0) {
        uint32_t last = 0;
        for (uint32_t at = pledge->increases; at != 0; at = pledge_increase_at(engine, at)->next)
            if (pledge_increase_at(engine, at)->amount_fen > 0)
                last = at;
        int64_t *from =
            last != 0 ? &pledge_increase_at(engine, last)->amount_fen : &pledge->base_fen;
        int64_t taken = *from < left ? *from : left;
        *from -= taken;
        left -= taken;
    }
}

void pledge_secure(const struct call *call, uint32_t number, int64_t secured_fen) {
    struct pledge *pledge = pledge_at(call->engine, number);
    int64_t more = secured_fen - pledge->secured_fen;
    if (more < 0)
        take_off(call->engine, pledge, -more);
    else if (more > 0 && pledge_rank_objector(call->engine, number, secured_fen) != 0)
        add_increase(call, number, more);
    else
        pledge->base_fen += more;
    if (more > 0)
        use_up(call->engine, number, PLEDGE_MATTER_INCREASE, 0);
    pledge->secured_fen = secured_fen;
}

/* --- assents -----------------------------------------------------------------------------------
 */

struct refusal pledge_check_assent(const struct call *call, const struct deed *deed) {
    const struct engine *engine = call->engine;
    const struct pledge_assent *assent = &deed->pledge_assent;
    struct refusal refusal =
        pledge_check_state(engine, assent->pledge, PLEDGE_WAITS | PLEDGE_LIVES);
    if (refusal.reason == REASON_NONE)
        refusal = deed_check_signed_by(engine, deed, assent->party);
    if (refusal.reason == REASON_NONE && assent->other != 0)
        refusal = pledge_check_state(engine, assent->other, PLEDGE_LIVES);
    if (refusal.reason != REASON_NONE)
        return refusal;
    if ((assent->matter == PLEDGE_MATTER_SWAP) != (assent->other != 0))
        return refusal_of(REASON_BAD_COMBINATION, FIELD_MATTER, assent->matter);
    if (pool_is_full(engine, POOL_ASSENTS))
        return refusal_full(POOL_ASSENTS);
    return refusal_none();
}

uint64_t pledge_assent(const struct call *call, const struct deed *deed) {
    struct engine *engine = call->engine;
    const struct pledge_assent *assent = &deed->pledge_assent;
    struct pledge *pledge = pledge_at(engine, assent->pledge);
    uint32_t number = pool_add(engine, POOL_ASSENTS);
    *pledge_assent_row_at(engine, number) =
        (struct pledge_assent_row){.amount_fen = assent->amount_fen,
                                   .party = assent->party,
                                   .other = assent->other,
                                   .matter = assent->matter,
                                   .next = pledge->assents};
    pledge->assents = number;
    return assent->pledge;
}

/* --- swaps -------------------------------------------------------------------------------------
 */

/* Two pledges on an asset: the one that comes first, and the one that is to. */
struct swapping {
    struct asset asset;
    uint32_t upper; /* items */
    uint32_t lower;
};

static struct swapping swapping_of(const struct engine *engine, const struct pledge_swap *swap) {
    struct asset asset =
        pledge_item_asset(pledge_at(engine, swap->pledge)->pledgor, swap->asset_kind, swap->asset);
    struct swapping found = {.asset = asset,
                             .upper = pledge_item_on(engine, swap->pledge, asset),
                             .lower = pledge_item_on(engine, swap->other, asset)};
    if (found.upper != 0 && found.lower != 0 &&
        rank_is_before(rank_of_item(pledge_item_at(engine, found.lower)),
                       rank_of_item(pledge_item_at(engine, found.upper)))) {
        uint32_t item = found.upper;
        found.upper = found.lower;
        found.lower = item;
    }
    return found;
}

/* Whether a pledge between the two is worse off: when more comes before it than before. */
static bool is_harmed(const struct engine *engine, const struct swapping *swapping,
                      const struct pledge_item *between) {
    const struct pledge_item *upper = pledge_item_at(engine, swapping->upper);
    const struct pledge_item *lower = pledge_item_at(engine, swapping->lower);
    return rank_is_before(rank_of_item(upper), rank_of_item(between)) &&
           rank_is_before(rank_of_item(between), rank_of_item(lower)) &&
           pledge_at(engine, lower->pledge)->base_fen > pledge_at(engine, upper->pledge)->base_fen;
}

static bool assents_to_swap(const struct engine *engine, const struct pledge_swap *swap,
                            uint32_t party) {
    struct assent_wanted wanted = {
        .pledge = swap->pledge, .party = party, .other = swap->other, .matter = PLEDGE_MATTER_SWAP};
    struct assent_wanted mirrored = wanted;
    mirrored.pledge = swap->other;
    mirrored.other = swap->pledge;
    return pledge_has_assent(engine, &wanted) || pledge_has_assent(engine, &mirrored);
}

static struct refusal check_harmed(const struct engine *engine, const struct pledge_swap *swap,
                                   const struct swapping *swapping) {
    for (uint32_t at = asset_bound(engine, swapping->asset, ENTRY_PLEDGE, 0); at != 0;
         at = asset_bound(engine, swapping->asset, ENTRY_PLEDGE, at)) {
        uint32_t item = binding_at(engine, at)->subject;
        uint32_t pledge = pledge_item_at(engine, item)->pledge;
        bool is_asked = item == swapping->upper || item == swapping->lower ||
                        is_harmed(engine, swapping, pledge_item_at(engine, item));
        if (is_asked && !assents_to_swap(engine, swap, pledge_at(engine, pledge)->pledgee))
            return refusal_of(REASON_RANK_CONSENT, FIELD_PLEDGE, pledge);
    }
    return refusal_none();
}

struct refusal pledge_check_swap(const struct call *call, const struct deed *deed) {
    const struct engine *engine = call->engine;
    const struct pledge_swap *swap = &deed->pledge_swap;
    struct refusal refusal = pledge_check_state(engine, swap->pledge, PLEDGE_LIVES);
    if (refusal.reason == REASON_NONE)
        refusal = pledge_check_state(engine, swap->other, PLEDGE_LIVES);
    if (refusal.reason == REASON_NONE)
        refusal = pledge_check_dealings(engine, swap->pledge);
    if (refusal.reason == REASON_NONE)
        refusal = pledge_check_dealings(engine, swap->other);
    if (refusal.reason != REASON_NONE)
        return refusal;
    if (swap->pledge == swap->other)
        return refusal_of(REASON_BAD_COMBINATION, FIELD_PLEDGE, swap->other);
    struct swapping swapping = swapping_of(engine, swap);
    if (swapping.upper == 0 || swapping.lower == 0)
        return refusal_of(REASON_BAD_COMBINATION, FIELD_ITEM, 0);
    return check_harmed(engine, swap, &swapping);
}

uint64_t pledge_swap(const struct call *call, const struct deed *deed) {
    struct engine *engine = call->engine;
    const struct pledge_swap *swap = &deed->pledge_swap;
    struct swapping swapping = swapping_of(engine, swap);
    struct pledge_item *upper = pledge_item_at(engine, swapping.upper);
    struct pledge_item *lower = pledge_item_at(engine, swapping.lower);
    struct rank rank = rank_of_item(upper);
    upper->rank_ns = lower->rank_ns;
    upper->rank_sequence = lower->rank_sequence;
    lower->rank_ns = rank.ns;
    lower->rank_sequence = rank.sequence;
    use_up(engine, swap->pledge, PLEDGE_MATTER_SWAP, swap->other);
    use_up(engine, swap->other, PLEDGE_MATTER_SWAP, swap->pledge);
    pledge_at(engine, swap->pledge)->version++;
    pledge_at(engine, swap->other)->version++;
    binding_tell(call, upper->binding);
    binding_tell(call, lower->binding);
    return swap->pledge;
}
