/*
 * Views of listings and bidders: copies of rows.
 */
#include <string.h>

#include "engine/bid.h"
#include "engine/listing.h"
#include "engine/view.h"

static uint32_t count_in(const struct engine *engine, uint32_t first) {
    uint32_t count = 0;
    for (uint32_t at = first; at != 0; at = bidder_at(engine, at)->next)
        count += bidder_at(engine, at)->is_in;
    return count;
}

bool engine_listing(const struct engine *engine, uint32_t listing, struct listing_view *view) {
    if (!pool_has(engine, POOL_LISTINGS, listing))
        return false;
    const struct listing *row = listing_at(engine, listing);
    *view = (struct listing_view){
        .state = row->state,
        .was = row->was,
        .object = row->object,
        .purpose = row->purpose,
        .asset_kind = row->asset_kind,
        .is_reserve_hidden = row->is_reserve_hidden,
        .is_resuming = row->is_resuming,
        .asset = row->asset,
        .holder = row->holder,
        .units = row->units,
        .floor_fen = row->floor_fen,
        .increment_fen = row->increment_fen,
        .reserve_fen = row->reserve_fen,
        .deposit_fen = row->deposit_fen,
        .high_fen = row->high_fen,
        .least_fen = bid_least_fen(row),
        .deadline_ns = row->deadline_ns,
        .disclosed_until_ns = row->disclosed_until_ns,
        .high = row->high != 0 ? bidder_at(engine, row->high)->party : 0,
        .bids = row->bids,
        .bidders = count_in(engine, row->first),
        .certificate = row->certificate,
        .number_bytes = row->number_bytes,
        .sellers_count = row->sellers_count,
    };
    memcpy(view->number, row->number, sizeof view->number);
    memcpy(view->sellers, row->sellers, sizeof view->sellers);
    return true;
}

bool engine_bidder(const struct engine *engine, uint32_t index, struct bidder_view *view) {
    if (!pool_has(engine, POOL_BIDDERS, index))
        return false;
    const struct bidder *row = bidder_at(engine, index);
    *view = (struct bidder_view){.listing = row->listing,
                                 .party = row->party,
                                 .account = row->account,
                                 .deposit_fen = row->deposit_fen,
                                 .bid_fen = row->bid_fen,
                                 .is_in = row->is_in,
                                 .is_qualified = row->is_qualified};
    return true;
}

uint32_t engine_bidder_next(const struct engine *engine, uint32_t listing, uint32_t after) {
    if (!pool_has(engine, POOL_LISTINGS, listing))
        return 0;
    return after == 0 ? listing_at(engine, listing)->first : bidder_at(engine, after)->next;
}

int64_t engine_escrow_fen(const struct engine *engine) {
    return engine->escrow_fen;
}
