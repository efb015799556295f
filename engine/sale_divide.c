/*
 * Who gets what a sale brings: a row for each purpose.
 */
#include "engine/auction.h"
#include "engine/escrow.h"
#include "engine/listing.h"
#include "engine/money.h"
#include "engine/sale.h"

/* To the sellers, by what each gives. */
static void divide_to_owners(const struct call *call, uint32_t number, enum escrow_move came,
                             int64_t amount_fen) {
    const struct listing *listing = listing_at(call->engine, number);
    int64_t weights[LISTING_SELLERS_MAX];
    int64_t parts_fen[LISTING_SELLERS_MAX];
    (void)came;
    for (uint32_t i = 0; i < listing->sellers_count; i++)
        weights[i] = listing->sellers[i].ppm;
    money_split(amount_fen, weights, listing->sellers_count, parts_fen);
    for (uint32_t i = 0; i < listing->sellers_count; i++) {
        struct escrow_entry entry = {.move = ESCROW_PROCEEDS,
                                     .listing = number,
                                     .party = listing->sellers[i].party,
                                     .account = listing->sellers[i].account,
                                     .amount_fen = parts_fen[i]};
        escrow_pay(call, &entry);
    }
}

static const struct {
    /* What would stand in the way of a price; NULL: nothing can but what check_ties() finds. */
    struct refusal (*check)(const struct call *call, uint32_t listing);
    void (*divide)(const struct call *call, uint32_t listing, enum escrow_move came,
                   int64_t amount_fen);
} purposes[] = {
    [SALE_OF_OWNERS] = {NULL, divide_to_owners},
    [SALE_IN_ENFORCEMENT] = {auction_check_divide, auction_divide},
};
#define PURPOSES (sizeof purposes / sizeof purposes[0])

bool sale_has_purpose(enum sale_purpose purpose) {
    return purpose < PURPOSES && purposes[purpose].divide != NULL;
}

struct refusal sale_check_divide(const struct call *call, uint32_t number) {
    uint8_t purpose = listing_at(call->engine, number)->purpose;
    return purposes[purpose].check != NULL ? purposes[purpose].check(call, number) : refusal_none();
}

void sale_divide(const struct call *call, uint32_t number, enum escrow_move came,
                 int64_t amount_fen) {
    int64_t before_fen = call->engine->escrow_fen;
    purposes[listing_at(call->engine, number)->purpose].divide(call, number, came, amount_fen);
    assert(call->engine->escrow_fen == before_fen - amount_fen);
}
