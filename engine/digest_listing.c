/*
 * Listings in the state digest.
 */
#include "engine/digest_feed.h"
#include "engine/listing.h"

static void put_sellers(struct feeder *feeder, const struct listing *listing) {
    put8(feeder, listing->sellers_count);
    for (uint32_t i = 0; i < listing->sellers_count; i++) {
        put32(feeder, listing->sellers[i].party);
        put32(feeder, listing->sellers[i].account);
        put32(feeder, listing->sellers[i].ppm);
    }
}

static void put_listing_terms(struct feeder *feeder, const struct listing *each) {
    put64(feeder, (uint64_t)each->floor_fen);
    put64(feeder, (uint64_t)each->increment_fen);
    put64(feeder, (uint64_t)each->reserve_fen);
    put64(feeder, (uint64_t)each->deposit_fen);
    put64(feeder, (uint64_t)each->disclosed_ns);
    put64(feeder, (uint64_t)each->disclosed_until_ns);
    put64(feeder, each->units);
    put32(feeder, each->binding);
    put32(feeder, each->subject);
    put32(feeder, each->signatory);
    put32(feeder, each->free_ms);
    put32(feeder, each->timed_ms);
    put32(feeder, each->hard_stop_ms);
    put32(feeder, each->notice_ms);
    put32(feeder, each->sign_days);
    put32(feeder, each->pay_days);
    put8(feeder, each->is_reserve_hidden);
    put8(feeder, each->is_qualifying);
    put8(feeder, each->object);
    put8(feeder, each->purpose);
    put_sellers(feeder, each);
}

static void put_bidders(struct feeder *feeder, uint32_t first) {
    for (uint32_t at = first; at != 0; at = bidder_at(feeder->engine, at)->next) {
        const struct bidder *each = bidder_at(feeder->engine, at);
        put32(feeder, each->party);
        put32(feeder, each->account);
        put64(feeder, (uint64_t)each->deposit_fen);
        put64(feeder, (uint64_t)each->bid_fen);
        put8(feeder, each->is_in);
        put8(feeder, each->is_qualified);
    }
    put32(feeder, 0); /* in place of a further party */
}

void listing_digest(struct feeder *feeder) {
    const struct engine *engine = feeder->engine;
    put32(feeder, engine->sale_certificates);
    put32(feeder, engine->pools[POOL_LISTINGS].count);
    for (uint32_t number = 1; number <= engine->pools[POOL_LISTINGS].count; number++) {
        const struct listing *each = listing_at(engine, number);
        put_listing_terms(feeder, each);
        put8(feeder, each->state);
        put8(feeder, each->was);
        put8(feeder, each->causes);
        put8(feeder, each->is_resuming);
        put64(feeder, (uint64_t)each->since_ns);
        put64(feeder, (uint64_t)each->deadline_ns);
        put64(feeder, (uint64_t)each->hard_ns);
        put64(feeder, (uint64_t)each->high_fen);
        put64(feeder, (uint64_t)each->paid_fen);
        put64(feeder, (uint64_t)each->effective_ns);
        put32(feeder, each->high != 0 ? bidder_at(engine, each->high)->party : 0);
        put32(feeder, each->bids);
        put32(feeder, each->signed_by);
        put32(feeder, each->payer);
        put32(feeder, each->certificate);
        put8(feeder, each->number_bytes);
        put_bytes(feeder, each->number, each->number_bytes);
        put_bytes(feeder, each->contract, HASH_BYTES);
        put_timer(feeder, each->timer);
        put_bidders(feeder, each->first);
    }
}
