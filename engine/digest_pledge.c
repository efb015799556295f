/*
 * Pledges in the state digest.
 */
#include "engine/digest_feed.h"

static void put_pledge(struct feeder *feeder, const struct pledge *each) {
    put64(feeder, (uint64_t)each->secured_fen);
    put64(feeder, (uint64_t)each->base_fen);
    put64(feeder, (uint64_t)each->applied_ns);
    put64(feeder, (uint64_t)each->review_from_ns);
    put64(feeder, (uint64_t)each->registered_ns);
    put64(feeder, each->registered);
    for (uint32_t part = 0; part < WATERFALL_PARTS; part++)
        put64(feeder, (uint64_t)each->owed_fen[part]);
    put64(feeder, (uint64_t)each->paid_fen);
    put32(feeder, each->items_count);
    put32(feeder, each->pledgor);
    put32(feeder, each->pledgee);
    put32(feeder, each->debtor);
    put32(feeder, each->predecessor);
    put32(feeder, each->version);
    put32(feeder, each->scope);
    put32(feeder, each->conditions);
    put32(feeder, each->declarations);
    put32(feeder, each->coverage_ppm);
    put_timer(feeder, each->hold_timer);
    put_timer(feeder, each->review_timer);
    put32(feeder, each->determined);
    put32(feeder, each->debt_start);
    put32(feeder, each->debt_end);
    put32(feeder, each->hold_days);
    put32(feeder, each->review_days);
    put32(feeder, each->reason);
    put8(feeder, each->state);
    put8(feeder, each->is_maximum);
    put8(feeder, each->is_determined);
    put8(feeder, each->is_overdue);
    put_bytes(feeder, each->contract, HASH_BYTES);
    put_bytes(feeder, each->terms, HASH_BYTES);
}

static void put_increases(struct feeder *feeder, uint32_t first) {
    for (uint32_t at = first; at != 0; at = pledge_increase_at(feeder->engine, at)->next) {
        const struct pledge_increase *each = pledge_increase_at(feeder->engine, at);
        put8(feeder, 1);
        put64(feeder, (uint64_t)each->amount_fen);
        put64(feeder, (uint64_t)each->rank_ns);
        put64(feeder, each->rank_sequence);
    }
    put8(feeder, 0);
}

static void put_assents(struct feeder *feeder, uint32_t first) {
    for (uint32_t at = first; at != 0; at = pledge_assent_row_at(feeder->engine, at)->next) {
        const struct pledge_assent_row *each = pledge_assent_row_at(feeder->engine, at);
        put8(feeder, 1);
        put64(feeder, (uint64_t)each->amount_fen);
        put32(feeder, each->party);
        put32(feeder, each->other);
        put8(feeder, each->matter);
    }
    put8(feeder, 0);
}

static void put_item(struct feeder *feeder, const struct pledge_item *each) {
    put64(feeder, each->units);
    put64(feeder, each->agreed);
    put64(feeder, (uint64_t)each->value_fen);
    put64(feeder, (uint64_t)each->effective_ns);
    put64(feeder, (uint64_t)each->compared_ns);
    put64(feeder, (uint64_t)each->rank_ns);
    put64(feeder, each->rank_sequence);
    put32(feeder, each->pledge);
    put32(feeder, each->asset);
    put32(feeder, each->account);
    put32(feeder, each->appraiser);
    put32(feeder, each->valued);
    put32(feeder, each->hold);
    put32(feeder, each->binding);
    put64(feeder, (uint64_t)each->auction.costs_fen);
    put32(feeder, each->auction.listing);
    put32(feeder, each->auction.pledgee_account);
    put32(feeder, each->auction.pledgor_account);
    put8(feeder, each->asset_kind);
    put8(feeder, each->office);
    put8(feeder, each->standing);
    put8(feeder, each->number_bytes);
    put_bytes(feeder, each->number, each->number_bytes);
    put_bytes(feeder, each->document, HASH_BYTES);
}

static void put_correction(struct feeder *feeder, const struct pledge_correction *each) {
    const struct pledge_correct *wanted = &each->wanted;
    put8(feeder, each->is_open);
    put32(feeder, each->key);
    put32(feeder, wanted->pledge);
    put32(feeder, wanted->debtor);
    put64(feeder, (uint64_t)wanted->secured_fen);
    put32(feeder, wanted->debt_start);
    put32(feeder, wanted->debt_end);
    put8(feeder, wanted->is_by_court);
    put_bytes(feeder, wanted->contract, HASH_BYTES);
    put_bytes(feeder, wanted->terms, HASH_BYTES);
    put_bytes(feeder, wanted->document, HASH_BYTES);
}

static void put_rules(struct feeder *feeder) {
    const struct engine *engine = feeder->engine;
    for (uint32_t class = 0; class < PLEDGE_CLASSES_END; class ++) {
        put32(feeder, engine->pledge_rules_count[class]);
        for (uint32_t i = 0; i < engine->pledge_rules_count[class]; i++) {
            const struct pledge_rule *each = &engine->pledge_rules[class][i];
            put64(feeder, (uint64_t)each->from_ns);
            put32(feeder, each->review_days);
            put32(feeder, each->hold_days);
            put8(feeder, each->allows_multi);
        }
    }
}

void digest_pledges(struct feeder *feeder) {
    const struct engine *engine = feeder->engine;
    put32(feeder, engine->pools[POOL_PLEDGES].count);
    for (uint32_t number = 1; number <= engine->pools[POOL_PLEDGES].count; number++) {
        const struct pledge *each = pledge_at(engine, number);
        put_pledge(feeder, each);
        put_increases(feeder, each->increases);
        put_assents(feeder, each->assents);
    }
    put32(feeder, engine->pools[POOL_PLEDGE_ITEMS].count);
    for (uint32_t number = 1; number <= engine->pools[POOL_PLEDGE_ITEMS].count; number++)
        put_item(feeder, pledge_item_at(engine, number));
    put32(feeder, engine->pools[POOL_CORRECTIONS].count);
    for (uint32_t number = 1; number <= engine->pools[POOL_CORRECTIONS].count; number++)
        put_correction(feeder, pledge_correction_at(engine, number));
    put_rules(feeder);
}
