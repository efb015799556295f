/*
 * Delivery: the last thing before a listing's binding ends.
 */
#include "engine/sale_deliver.h"

#include <string.h>

#include "engine/asset.h"
#include "engine/binding.h"
#include "engine/holding.h"
#include "engine/listing.h"
#include "engine/parcel.h"
#include "engine/right.h"
#include "engine/sale.h"

/* --- licences ---------------------------------------------------------------------------------
 */

/* The kind of right that a licence is. */
static uint8_t kind_of(uint8_t object) {
    return (uint8_t)(RIGHT_LICENCE_EXCLUSIVE + (object - SALE_LICENCE_EXCLUSIVE));
}

static bool excludes_others(uint8_t kind) {
    return kind == RIGHT_LICENCE_EXCLUSIVE || kind == RIGHT_LICENCE_SOLE;
}

struct refusal sale_check_licence(const struct engine *engine, uint32_t right, uint8_t object) {
    if (right_is_licence(right_at(engine, right)->kind))
        return refusal_of(REASON_BAD_COMBINATION, FIELD_RIGHT, 0);
    uint32_t at = 0;
    while ((at = asset_bound(engine, asset_right(right), ENTRY_LICENCE, at)) != 0) {
        const struct binding *licence = binding_at(engine, at);
        if (excludes_others(kind_of(object)) || excludes_others(licence->state))
            return refusal_of(REASON_EXCLUSIVE_CONFLICT, FIELD_RIGHT, licence->entry);
    }
    return refusal_none();
}

/* The licence as it would be admitted. */
static struct deed licence_of(const struct engine *engine, const struct register_sale *entry) {
    const struct listing *listing = listing_at(engine, entry->listing);
    const struct right *right = right_at(engine, listing->asset);
    struct deed deed = {.kind = DEED_ADMIT_RIGHT};
    deed.admit_right = (struct admit_right){
        .kind = kind_of(listing->object),
        .office = right->office,
        .number_bytes = entry->number_bytes,
        .title_bytes = 1,
        .status = RIGHT_GRANTED,
        .term_end = right->term_end,
        .licence_of = listing->asset,
        .owners_count = 1,
        .owners = {{.party = bidder_at(engine, listing->high)->party, .ppm = RIGHT_WHOLE_PPM}}};
    memcpy(deed.admit_right.number, entry->number, entry->number_bytes);
    return deed;
}

/* --- checks -----------------------------------------------------------------------------------
 */

/* Where TPX is the office there is no other number than ours. */
static struct refusal check_number(const struct engine *engine, const struct register_sale *entry) {
    const struct listing *listing = listing_at(engine, entry->listing);
    bool is_ours = listing->asset_kind == ASSET_RIGHT && listing->object == SALE_TRANSFER &&
                   right_at(engine, listing->asset)->office == OFFICE_TPX;
    if (is_ours != (entry->number_bytes == 0))
        return refusal_of(REASON_BAD_COMBINATION, FIELD_NUMBER, 0);
    return refusal_none();
}

/* Owners who will have nothing any more. */
static uint32_t count_leaving(const struct engine *engine, const struct listing *listing) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < listing->sellers_count; i++) {
        uint32_t stake = right_stake(engine, listing->asset, listing->sellers[i].party);
        uint64_t sold =
            listing->purpose == SALE_OF_OWNERS ? listing->sellers[i].ppm : listing->units;
        count += right_stake_ppm(engine, stake) == sold;
    }
    return count;
}

static struct refusal check_place(const struct engine *engine, const struct listing *listing) {
    const struct bidder *buyer = bidder_at(engine, listing->high);
    if (listing->asset_kind == ASSET_RIGHT)
        return right_check_receive(engine, listing->asset, buyer->party,
                                   count_leaving(engine, listing));
    if (holding_find(engine, buyer->account, listing->asset) == 0 &&
        pool_is_full(engine, POOL_HOLDINGS))
        return refusal_full(POOL_HOLDINGS);
    return refusal_none();
}

struct refusal sale_check_deliver(const struct call *call, const struct register_sale *entry) {
    const struct engine *engine = call->engine;
    const struct listing *listing = listing_at(engine, entry->listing);
    struct refusal refusal = check_number(engine, entry);
    if (refusal.reason == REASON_NONE)
        refusal = sale_check_divide(call, entry->listing);
    if (refusal.reason != REASON_NONE)
        return refusal;
    if (listing->object == SALE_TRANSFER)
        return check_place(engine, listing);
    struct deed deed = licence_of(engine, entry);
    refusal = sale_check_licence(engine, listing->asset, listing->object);
    return refusal.reason != REASON_NONE ? refusal : right_check_admit(call, &deed);
}

/* --- delivery ---------------------------------------------------------------------------------
 */

static struct place place_of_buyer(struct engine *engine, const struct listing *listing) {
    const struct bidder *buyer = bidder_at(engine, listing->high);
    if (listing->asset_kind == ASSET_RIGHT)
        return place_stake(right_receive(engine, listing->asset, buyer->party));
    uint32_t holding = holding_find(engine, buyer->account, listing->asset);
    if (holding == 0)
        holding = holding_make(engine, buyer->account, listing->asset);
    return place_holding(holding);
}

void sale_deliver(const struct call *call, const struct register_sale *entry) {
    struct engine *engine = call->engine;
    const struct listing *listing = listing_at(engine, entry->listing);
    if (listing->object != SALE_TRANSFER) {
        struct deed deed = licence_of(engine, entry);
        right_admit(call, &deed);
        return;
    }
    struct place to = place_of_buyer(engine, listing);
    for (uint32_t parcel; (parcel = parcel_of(engine, listing->binding)) != 0;) {
        struct place from = parcel_place(engine, parcel);
        uint64_t units = parcel_at(engine, parcel)->quantity;
        assert(parcel_ties(engine, parcel) == 1);
        parcel_untie(engine, parcel, listing->binding, units);
        place_move(engine, from, to, units);
    }
    if (listing->asset_kind == ASSET_RIGHT)
        right_tell(call, listing->asset);
}
