/*
 * The listing's binding ties what is sold, so everything else can let go of it without losing
 * sight of it.
 */
#include "engine/auction.h"

#include "engine/asset.h"
#include "engine/escrow.h"
#include "engine/freeze.h"
#include "engine/listing.h"
#include "engine/money.h"
#include "engine/realise_part.h"

/* --- which units -------------------------------------------------------------------------------
 */

static bool is_freeze(const struct engine *engine, uint32_t binding) {
    uint8_t kind = binding_at(engine, binding)->kind;
    return kind == ENTRY_FREEZE || kind == ENTRY_MARK;
}

/* Whether a parcel may be sold: freezes wait for what is left. `listing` is its own entry. */
static struct refusal check_parcel(const struct engine *engine, uint32_t parcel, uint32_t listing) {
    struct refusal refusal = refusal_none();
    for (uint32_t at = parcel_at(engine, parcel)->ties; at != 0 && refusal.reason == REASON_NONE;
         at = tie_at(engine, at)->next) {
        uint32_t binding = tie_at(engine, at)->binding;
        if (binding != listing && !is_freeze(engine, binding))
            refusal = realise_check_tie(engine, binding);
    }
    return refusal;
}

static uint32_t count_pledges(const struct engine *engine, uint32_t parcel) {
    uint32_t count = 0;
    for (uint32_t at = parcel_at(engine, parcel)->ties; at != 0; at = tie_at(engine, at)->next)
        count += binding_at(engine, tie_at(engine, at)->binding)->kind == ENTRY_PLEDGE;
    return count;
}

/* Whether the same pledges bind both. */
static bool bound_alike(const struct engine *engine, uint32_t parcel, uint32_t other) {
    for (uint32_t at = parcel_at(engine, parcel)->ties; at != 0; at = tie_at(engine, at)->next) {
        uint32_t binding = tie_at(engine, at)->binding;
        if (binding_at(engine, binding)->kind == ENTRY_PLEDGE &&
            !parcel_is_tied(engine, other, binding))
            return false;
    }
    return count_pledges(engine, parcel) == count_pledges(engine, other);
}

/* The units come from the item's first parcels, as the listing takes them. */
static struct refusal check_units(const struct engine *engine, const struct pledge_item *item,
                                  uint64_t units) {
    uint32_t first = parcel_of(engine, item->binding);
    uint64_t found = 0;
    for (uint32_t at = binding_at(engine, item->binding)->ties; at != 0 && found < units;
         at = tie_at(engine, at)->other) {
        uint32_t parcel = tie_at(engine, at)->parcel;
        struct refusal refusal = check_parcel(engine, parcel, 0);
        if (refusal.reason != REASON_NONE)
            return refusal;
        if (!bound_alike(engine, first, parcel))
            break;
        found += parcel_at(engine, parcel)->quantity;
    }
    if (found < units)
        return refusal_of(REASON_OUT_OF_LIMITS, FIELD_UNITS, (int64_t)found);
    return refusal_none();
}

/* --- opening -----------------------------------------------------------------------------------
 */

/* The deed as the other ways of enforcement know it. */
static struct pledge_realise realise_of(const struct pledge_auction *auction) {
    return (struct pledge_realise){.pledge = auction->pledge,
                                   .item = auction->item,
                                   .units = auction->units,
                                   .costs_fen = auction->costs_fen,
                                   .pledgee_account = auction->pledgee_account,
                                   .pledgor_account = auction->pledgor_account,
                                   .is_by_court = auction->is_by_court};
}

static struct open_listing terms_of(const struct pledge_auction *auction) {
    struct open_listing terms = auction->terms;
    terms.object = SALE_TRANSFER;
    terms.mode = BID_MODE_MULTI;
    return terms;
}

static struct bound_sale sale_of(const struct engine *engine, const struct pledge_auction *auction,
                                 const struct open_listing *terms) {
    const struct pledge *pledge = pledge_at(engine, auction->pledge);
    uint32_t item = pledge_item_number(pledge, auction->item - 1);
    return (struct bound_sale){.purpose = SALE_IN_ENFORCEMENT,
                               .subject = item,
                               .binding = pledge_item_at(engine, item)->binding,
                               .units = auction->units,
                               .owner = pledge->pledgor,
                               .signatory = pledge->pledgee,
                               .terms = terms};
}

/* One auction of an item at a time. */
static struct refusal check_single(const struct engine *engine, const struct pledge_item *item) {
    uint32_t number = item->auction.listing;
    if (number == 0 || !listing_is_active(listing_at(engine, number)))
        return refusal_none();
    uint32_t binding = listing_at(engine, number)->binding;
    return refusal_of(REASON_LISTED, FIELD_LISTING, binding_at(engine, binding)->entry);
}

static struct refusal check_money(const struct engine *engine,
                                  const struct pledge_auction *auction) {
    const struct pledge *pledge = pledge_at(engine, auction->pledge);
    if (auction->costs_fen > auction->terms.floor_fen)
        return refusal_of(REASON_OUT_OF_LIMITS, FIELD_COSTS, auction->terms.floor_fen);
    struct refusal refusal =
        realise_check_account(engine, auction->pledgee_account, pledge->pledgee);
    if (refusal.reason == REASON_NONE)
        refusal = realise_check_account(engine, auction->pledgor_account, pledge->pledgor);
    return refusal;
}

struct refusal auction_check_open(const struct call *call, const struct deed *deed) {
    const struct engine *engine = call->engine;
    const struct pledge_auction *auction = &deed->pledge_auction;
    struct pledge_realise wanted = realise_of(auction);
    struct open_listing terms = terms_of(auction);
    struct refusal refusal = realise_check_pledge(engine, deed, &wanted);
    if (refusal.reason == REASON_NONE)
        refusal = realise_check_power(engine, &wanted);
    if (refusal.reason == REASON_NONE)
        refusal = check_single(engine, realise_item(engine, &wanted));
    if (refusal.reason == REASON_NONE)
        refusal = check_units(engine, realise_item(engine, &wanted), wanted.units);
    if (refusal.reason == REASON_NONE)
        refusal = check_money(engine, auction);
    if (refusal.reason != REASON_NONE)
        return refusal;
    struct bound_sale sale = sale_of(engine, auction, &terms);
    return listing_check_bound(call, &sale);
}

uint64_t auction_open(const struct call *call, const struct deed *deed) {
    struct engine *engine = call->engine;
    const struct pledge_auction *auction = &deed->pledge_auction;
    struct open_listing terms = terms_of(auction);
    struct bound_sale sale = sale_of(engine, auction, &terms);
    uint32_t listing = listing_open_bound(call, &sale);
    pledge_item_at(engine, sale.subject)->auction =
        (struct pledge_auction_row){.costs_fen = auction->costs_fen,
                                    .listing = listing,
                                    .pledgee_account = auction->pledgee_account,
                                    .pledgor_account = auction->pledgor_account};
    return listing;
}

struct refusal auction_check_none(const struct engine *engine, uint32_t number) {
    const struct pledge *pledge = pledge_at(engine, number);
    for (uint32_t i = 0; i < pledge->items_count; i++) {
        uint32_t binding = pledge_item_at(engine, pledge_item_number(pledge, i))->binding;
        uint32_t at = binding != 0 ? binding_at(engine, binding)->ties : 0;
        for (; at != 0; at = tie_at(engine, at)->other) {
            uint32_t by = parcel_tied_by(engine, tie_at(engine, at)->parcel, ENTRY_LISTING);
            if (by != 0)
                return refusal_of(REASON_LISTED, FIELD_LISTING, binding_at(engine, by)->entry);
        }
    }
    return refusal_none();
}

/* --- the price ---------------------------------------------------------------------------------
 */

_Static_assert(FREEZES_EACH_MAX + 1 <= MONEY_PARTS_MAX, "a part each, and one that is free");

/* Freezes on what is sold, and how many units each has. */
struct frozen {
    uint32_t count;
    uint32_t freezes[FREEZES_EACH_MAX];
    int64_t units[FREEZES_EACH_MAX + 1]; /* behind the last: what nobody has frozen */
};

static void note_frozen(struct frozen *frozen, uint32_t freeze, uint64_t units) {
    uint32_t place = 0;
    while (place < frozen->count && frozen->freezes[place] != freeze)
        place++;
    if (place == frozen->count) {
        assert(frozen->count < FREEZES_EACH_MAX);
        frozen->freezes[frozen->count++] = freeze;
        frozen->units[place] = 0;
    }
    frozen->units[place] += (int64_t)units;
}

static void find_frozen(const struct engine *engine, const struct listing *listing,
                        struct frozen *frozen) {
    uint64_t free = listing->units;
    frozen->count = 0;
    for (uint32_t at = binding_at(engine, listing->binding)->ties; at != 0;
         at = tie_at(engine, at)->other) {
        uint32_t parcel = tie_at(engine, at)->parcel;
        uint32_t by = freeze_of_parcel(engine, parcel);
        if (by == 0)
            continue;
        note_frozen(frozen, binding_at(engine, by)->subject, parcel_at(engine, parcel)->quantity);
        free -= parcel_at(engine, parcel)->quantity;
    }
    frozen->units[frozen->count] = (int64_t)free;
}

/* What is owed out of the units, and by which rank; they are bound alike. */
static void settle(const struct engine *engine, const struct listing *listing,
                   struct settlement *settlement) {
    uint32_t parcel = parcel_of(engine, listing->binding);
    *settlement = (struct settlement){
        .waterfall = {.proceeds_fen = listing->high_fen,
                      .costs_fen = pledge_item_at(engine, listing->subject)->auction.costs_fen}};
    for (uint32_t at = parcel_at(engine, parcel)->ties; at != 0; at = tie_at(engine, at)->next) {
        const struct binding *binding = binding_at(engine, tie_at(engine, at)->binding);
        if (binding->kind == ENTRY_PLEDGE)
            realise_put_claim(engine, settlement, binding->subject);
    }
    waterfall_run(&settlement->waterfall);
}

/* The account that a claim is paid into. */
static uint32_t payee(const struct engine *engine, const struct listing *listing, uint32_t item) {
    const struct pledge *pledge = pledge_at(engine, pledge_item_at(engine, item)->pledge);
    uint32_t named = pledge_item_at(engine, listing->subject)->auction.pledgee_account;
    if (item == listing->subject && account_at(engine, named)->owner == pledge->pledgee)
        return named;
    return realise_account_of(engine, pledge->pledgee);
}

static struct refusal check_payees(const struct engine *engine, const struct listing *listing) {
    uint32_t parcel = parcel_of(engine, listing->binding);
    for (uint32_t at = parcel_at(engine, parcel)->ties; at != 0; at = tie_at(engine, at)->next) {
        const struct binding *binding = binding_at(engine, tie_at(engine, at)->binding);
        if (binding->kind != ENTRY_PLEDGE)
            continue;
        uint32_t pledge = pledge_of(engine, binding);
        struct refusal refusal = pledge_check_dealings(engine, pledge);
        if (refusal.reason != REASON_NONE)
            return refusal;
        if (payee(engine, listing, binding->subject) == 0)
            return refusal_of(REASON_UNKNOWN_ACCOUNT, FIELD_PLEDGEE, pledge);
    }
    return refusal_none();
}

struct refusal auction_check_divide(const struct call *call, uint32_t number) {
    const struct engine *engine = call->engine;
    const struct listing *listing = listing_at(engine, number);
    const struct pledge_item *item = pledge_item_at(engine, listing->subject);
    struct frozen frozen;
    for (uint32_t at = binding_at(engine, listing->binding)->ties; at != 0;
         at = tie_at(engine, at)->other) {
        struct refusal refusal = check_parcel(engine, tie_at(engine, at)->parcel, listing->binding);
        if (refusal.reason != REASON_NONE)
            return refusal;
    }
    struct refusal refusal = check_payees(engine, listing);
    if (refusal.reason != REASON_NONE)
        return refusal;
    find_frozen(engine, listing, &frozen);
    if (frozen.count == 0)
        return refusal_none();
    return freeze_check_proceeds(engine, item->auction.pledgor_account, frozen.count);
}

/* One payment out of escrow. */
static void pay(const struct call *call, uint32_t listing, uint32_t account, int64_t amount_fen) {
    struct escrow_entry entry = {.move = ESCROW_PROCEEDS,
                                 .listing = listing,
                                 .party = (uint32_t)account_at(call->engine, account)->owner,
                                 .account = account,
                                 .amount_fen = amount_fen};
    escrow_pay(call, &entry);
}

/* What is left is the pledgor's; what frozen units brought is frozen with him. */
static void pay_rest(const struct call *call, uint32_t number, int64_t rest_fen,
                     const struct frozen *frozen) {
    const struct listing *listing = listing_at(call->engine, number);
    uint32_t account = pledge_item_at(call->engine, listing->subject)->auction.pledgor_account;
    int64_t parts_fen[FREEZES_EACH_MAX + 1];
    pay(call, number, account, rest_fen);
    if (frozen->count == 0)
        return;
    money_split(rest_fen, frozen->units, frozen->count + 1, parts_fen);
    for (uint32_t i = 0; i < frozen->count; i++)
        if (parts_fen[i] != 0)
            freeze_proceeds(call, frozen->freezes[i], account, parts_fen[i]);
}

static void pay_out(const struct call *call, uint32_t number, const struct settlement *settlement,
                    const struct frozen *frozen) {
    struct engine *engine = call->engine;
    const struct listing *listing = listing_at(engine, number);
    const struct waterfall *waterfall = &settlement->waterfall;
    struct pledge_auction_row *auction = &pledge_item_at(engine, listing->subject)->auction;
    auction->costs_fen -= waterfall->costs_paid_fen;
    pay(call, number, auction->pledgee_account, waterfall->costs_paid_fen);
    for (uint32_t i = 0; i < waterfall->claims_count; i++) {
        pay(call, number, payee(engine, listing, settlement->items[i]),
            waterfall_paid(&waterfall->claims[i]));
        realise_note_paid(engine, settlement, i);
    }
    pay_rest(call, number, waterfall->surplus_fen, frozen);
}

/* Another binding of a parcel that the listing ties; *parcel 0: there is none any more. */
static uint32_t other_binding(const struct engine *engine, uint32_t listing, uint32_t *parcel) {
    for (uint32_t at = binding_at(engine, listing)->ties; at != 0; at = tie_at(engine, at)->other) {
        *parcel = tie_at(engine, at)->parcel;
        for (uint32_t on = parcel_at(engine, *parcel)->ties; on != 0; on = tie_at(engine, on)->next)
            if (tie_at(engine, on)->binding != listing)
                return tie_at(engine, on)->binding;
    }
    *parcel = 0;
    return 0;
}

static void free_units(const struct call *call, uint32_t number,
                       const struct settlement *settlement) {
    struct engine *engine = call->engine;
    const struct listing *listing = listing_at(engine, number);
    uint32_t parcel;
    for (uint32_t other; (other = other_binding(engine, listing->binding, &parcel)) != 0;)
        parcel_untie(engine, parcel, other, parcel_at(engine, parcel)->quantity);
    for (uint32_t i = 0; i < settlement->waterfall.claims_count; i++)
        realise_lessen(call, settlement->items[i], listing->units);
    freeze_follow(call, binding_asset(binding_at(engine, listing->binding)));
}

/* A deposit pays the costs, and no claim: nothing has been sold. */
static void divide_forfeit(const struct call *call, uint32_t number, int64_t amount_fen) {
    const struct listing *listing = listing_at(call->engine, number);
    struct pledge_auction_row *auction = &pledge_item_at(call->engine, listing->subject)->auction;
    int64_t costs_fen = amount_fen < auction->costs_fen ? amount_fen : auction->costs_fen;
    auction->costs_fen -= costs_fen;
    pay(call, number, auction->pledgee_account, costs_fen);
    pay(call, number, auction->pledgor_account, amount_fen - costs_fen);
}

void auction_divide(const struct call *call, uint32_t number, enum escrow_move came,
                    int64_t amount_fen) {
    const struct listing *listing = listing_at(call->engine, number);
    struct settlement settlement;
    struct frozen frozen;
    if (came != ESCROW_PRICE) {
        divide_forfeit(call, number, amount_fen);
        return;
    }
    assert(amount_fen == listing->high_fen);
    settle(call->engine, listing, &settlement);
    find_frozen(call->engine, listing, &frozen);
    pay_out(call, number, &settlement, &frozen);
    free_units(call, number, &settlement);
}

/* --- invariants --------------------------------------------------------------------------------
 */

void auction_check(const struct engine *engine, uint32_t number) {
    const struct pledge_item *item = pledge_item_at(engine, number);
    if (item->auction.listing == 0)
        return;
    const struct listing *listing = listing_at(engine, item->auction.listing);
    assert(listing->purpose == SALE_IN_ENFORCEMENT && listing->subject == number);
    assert(item->auction.costs_fen >= 0);
    if (!listing_is_active(listing))
        return;
    assert(pledge_at(engine, item->pledge)->state == PLEDGE_ENFORCING);
    for (uint32_t at = binding_at(engine, listing->binding)->ties; at != 0;
         at = tie_at(engine, at)->other)
        assert(parcel_is_tied(engine, tie_at(engine, at)->parcel, item->binding));
}
