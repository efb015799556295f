/*
 * What the parts of freezes share: freeze.c (units), freeze_cash.c, freeze_deed.c. Nobody else
 * includes it.
 */
#ifndef ENGINE_FREEZE_PART_H
#define ENGINE_FREEZE_PART_H

#include "engine/freeze.h"
#include "engine/place.h"

/* Operations on parcels that a queued freeze may need when it takes over. */
#define FREEZE_PROMISE 1u

/* What there is of an asset. */
struct freeze_found {
    uint64_t unbound;    /* units that nothing binds */
    uint64_t free;       /* of them, that no order has reserved */
    uint64_t bound;      /* units that something binds, but no freeze */
    uint64_t frozen;     /* units that freezes hold */
    uint32_t operations; /* on parcels that a freeze of all of it may need */
    bool is_crowded;     /* a parcel has no room for one more binding */
};
struct freeze_found freeze_find(const struct engine *engine, struct asset asset, uint32_t holder);

/* A freeze whose row and binding are made holds what it can of so many units, and is told. */
void freeze_hold(const struct call *call, uint32_t freeze, struct asset asset, uint64_t units);

/* A freeze of units lets some go, what is queued first; when it is over, it ends in `at_end`. */
void freeze_let_go(const struct call *call, uint32_t freeze, uint64_t units,
                   enum freeze_state at_end);

/* Fills in what an extract says of a freeze. */
void freeze_fill(const struct freeze *freeze, struct extract *extract);

/* The same of cash. */
void freeze_hold_cash(const struct call *call, uint32_t freeze, uint64_t fen);
void freeze_let_go_cash(const struct call *call, uint32_t freeze, uint64_t fen,
                        enum freeze_state at_end);
void freeze_tell_cash(const struct call *call, uint32_t freeze);
uint32_t freeze_cash_count(const struct engine *engine, uint32_t account);
void freeze_cash_check(const struct engine *engine);

/* Tells a freeze as it stands: the entry's next version, and a notice. */
void freeze_tell(const struct call *call, uint32_t freeze);

/* Whose stake in a right an order is about; 0: every owner's. */
static inline uint32_t freeze_holder(const struct freeze_order *order) {
    return order->asset_kind == ASSET_RIGHT ? order->holder : 0;
}

/* Whether a freeze has ended. */
static inline bool freeze_is_over(const struct engine *engine, const struct freeze *freeze) {
    return freeze->binding != 0 ? binding_at(engine, freeze->binding)->to_ns != 0
                                : freeze->state >= FREEZE_LIFTED;
}

#endif
