/*
 * Money runs down: each place takes what it may, and what is left goes on.
 */
#include "engine/waterfall.h"

#include <assert.h>
#include <stdbool.h>

/* Takes up to `most` out of what is left. */
static int64_t take(int64_t *left, int64_t most) {
    assert(most >= 0 && *left >= 0);
    int64_t taken = most < *left ? most : *left;
    *left -= taken;
    return taken;
}

int64_t waterfall_paid(const struct waterfall_claim *claim) {
    int64_t sum = 0;
    for (uint32_t part = 0; part < WATERFALL_PARTS; part++)
        sum += claim->paid_fen[part];
    return sum;
}

int64_t waterfall_short(const struct waterfall_claim *claim) {
    int64_t sum = 0;
    for (uint32_t part = 0; part < WATERFALL_PARTS; part++)
        sum += claim->owed_fen[part] - claim->paid_fen[part];
    return sum;
}

/* What is owed adds up to an int64; nothing is paid yet. */
static void begin_claim(struct waterfall_claim *claim) {
    int64_t sum = 0;
    for (uint32_t part = 0; part < WATERFALL_PARTS; part++) {
        bool is_too_much = __builtin_add_overflow(sum, claim->owed_fen[part], &sum);
        assert(claim->owed_fen[part] >= 0 && !is_too_much);
        claim->paid_fen[part] = 0;
    }
}

static void begin(struct waterfall *waterfall) {
    assert(waterfall->claims_count <= WATERFALL_CLAIMS_MAX);
    assert(waterfall->ranks_count <= WATERFALL_RANKS_MAX);
    for (uint32_t i = 0; i < waterfall->claims_count; i++)
        begin_claim(&waterfall->claims[i]);
}

static void pay_rank(struct waterfall *waterfall, struct waterfall_rank *rank, int64_t *left) {
    assert(rank->claim < waterfall->claims_count && rank->cap_fen >= 0);
    struct waterfall_claim *claim = &waterfall->claims[rank->claim];
    int64_t room = rank->cap_fen;
    for (uint32_t part = 0; part < WATERFALL_PARTS; part++) {
        int64_t owed = claim->owed_fen[part] - claim->paid_fen[part];
        int64_t paid = take(left, owed < room ? owed : room);
        claim->paid_fen[part] += paid;
        room -= paid;
    }
    rank->paid_fen = rank->cap_fen - room;
}

void waterfall_run(struct waterfall *waterfall) {
    int64_t left = waterfall->proceeds_fen;
    begin(waterfall);
    waterfall->costs_paid_fen = take(&left, waterfall->costs_fen);
    for (uint32_t i = 0; i < waterfall->ranks_count; i++)
        pay_rank(waterfall, &waterfall->ranks[i], &left);
    waterfall->frozen_fen = take(&left, waterfall->freeze_fen);
    waterfall->surplus_fen = left;
}
