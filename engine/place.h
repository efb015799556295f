/*
 * The places of an asset: of a right its stakes, of an estate the holdings of every account of its
 * party. Accounts are looked through one by one: this is for what happens rarely.
 */
#ifndef ENGINE_PLACE_H
#define ENGINE_PLACE_H

#include "engine/asset.h"
#include "engine/holding.h"
#include "engine/parcel.h"

struct place_walk {
    struct asset asset;
    uint32_t holder; /* of a right: only this party's stake; 0: all */
    uint32_t at;     /* the last stake, or account, that was looked at */
};

static inline struct place_walk place_walk_of(struct asset asset, uint32_t holder) {
    return (struct place_walk){.asset = asset, .holder = holder};
}

static inline bool place_next_stake(const struct engine *engine, struct place_walk *walk,
                                    struct place *place) {
    do
        walk->at = walk->at != 0 ? stake_at(engine, walk->at)->next
                                 : right_at(engine, walk->asset.id)->stakes;
    while (walk->at != 0 && walk->holder != 0 && stake_at(engine, walk->at)->party != walk->holder);
    *place = place_stake(walk->at);
    return walk->at != 0;
}

/* The next place; false when there is none. Begin anew after the last. */
static inline bool place_next(const struct engine *engine, struct place_walk *walk,
                              struct place *place) {
    if (walk->asset.kind == ASSET_RIGHT)
        return place_next_stake(engine, walk, place);
    while (walk->at < engine->pools[POOL_ACCOUNTS].count) {
        uint32_t account = ++walk->at;
        if (account_at(engine, account)->owner != walk->asset.holder)
            continue;
        uint32_t holding = holding_find(engine, account, walk->asset.id);
        if (holding == 0)
            continue;
        *place = place_holding(holding);
        return true;
    }
    return false;
}

#endif
