/*
 * Making order flows: seven markets, each hard on an engine in its own way. The same profile, seed
 * and size always give the same flow, on any machine.
 */
#ifndef BENCH_FLOW_MAKE_H
#define BENCH_FLOW_MAKE_H

#include "bench/flow.h"

#define FLOW_PROFILES 7

/* How one kind of market behaves. Shares are of 1000 operations; distances in ticks. */
struct flow_profile {
    const char *name;
    const char *says; /* one line, for people */
    uint32_t symbols;
    uint32_t preload;         /* orders that fill the books first, over all symbols */
    uint32_t price_ticks_max; /* the market begins in the middle */
    uint32_t distance_mean;   /* of a quiet order from the last price */
    uint32_t hole;            /* ticks on each side of the middle that quiet orders leave empty */
    uint32_t take_share;      /* orders that are meant to trade */
    uint32_t take_reach;      /* how far past the last price these go */
    uint32_t take_quantity;   /* their quantity is 1 to this */
    uint8_t take_types[10];   /* their types, each as likely as it stands here */
    uint32_t replace_share;
    uint32_t adds_short;     /* of 1000 other operations so many add and the others cancel, where */
    uint32_t adds_long;      /* fewer orders rest than the preload left; and where not */
    uint32_t quiet_quantity; /* that of an order that is added is 1 to this */
    uint32_t quiet_share;    /* of 1000 added after the preload so many are immediate, and end */
    uint32_t touch_share;    /* single orders in the middle of the hole */
    uint32_t symbols_skewed; /* how many times the choice of a symbol is narrowed to lower ones */
    uint32_t symbols_busy;   /* two of three operations go to the first so many; 0 for all alike */
};

/* All of them, by place 0 .. FLOW_PROFILES - 1; and by name, NULL when there is none such. */
const struct flow_profile *flow_profile_at(size_t place);
const struct flow_profile *flow_profile_find(const char *name);

/* Makes a flow of `operations` after the preload, which is divided by `shrink` (1 for all of it;
 * more for tests that want small books). The flow is the caller's to release. */
void flow_make(struct flow *flow, const struct flow_profile *profile, uint64_t seed,
               uint32_t operations, uint32_t shrink);

#endif
