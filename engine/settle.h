/*
 * Settlement: what a trade owes, and its completion.
 *
 * A trade makes an obligation: units from the seller's holding to the buyer's, cash the other way.
 * Obligations are settled at once, in the command that made them, so none is ever kept. Whatever a
 * resting side had reserved for it is released by the same step.
 */
#ifndef ENGINE_SETTLE_H
#define ENGINE_SETTLE_H

#include "engine/order.h"

struct obligation {
    struct account *buyer;
    struct account *seller;
    struct holding *receives;
    struct holding *delivers;
    int64_t amount_fen;
    uint32_t quantity;
    uint8_t maker_side; /* enum side: whose reserve was made when it came to rest */
};

static inline void settle_at_once(const struct obligation *owed) {
    if (owed->maker_side == SIDE_BUY)
        owed->buyer->reserved_fen -= owed->amount_fen;
    else
        owed->delivers->reserved -= owed->quantity;
    owed->buyer->cash_fen -= owed->amount_fen;
    owed->seller->cash_fen += owed->amount_fen;
    owed->delivers->unbound -= owed->quantity;
    owed->receives->unbound += owed->quantity;
    assert(owed->buyer->cash_fen >= owed->buyer->reserved_fen);
}

/* Reserves for the leaves of an order that rests from now on. */
static inline void settle_reserve(struct engine *engine, const struct order *order) {
    if (order->side == SIDE_BUY)
        account_at(engine, order->account)->reserved_fen += order_reserve_fen(order);
    else
        holding_at(engine, order->holding)->reserved += order->leaves;
}

/* Releases what a resting order's leaves reserve. */
static inline void settle_release(struct engine *engine, const struct order *order) {
    if (order->side == SIDE_BUY)
        account_at(engine, order->account)->reserved_fen -= order_reserve_fen(order);
    else
        holding_at(engine, order->holding)->reserved -= order->leaves;
}

#endif
