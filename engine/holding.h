/*
 * Holdings: what an account has of an instrument.
 *
 * Settled units are unbound, or lie in parcels that something binds (parcel.h); sellable are the
 * unbound ones that no sell order has reserved. Holdings are found by account and instrument in one
 * table; they are made when needed and never go.
 */
#ifndef ENGINE_HOLDING_H
#define ENGINE_HOLDING_H

#include "engine/state.h"
#include "engine/table.h"

static inline uint64_t holding_hash(uint32_t account, uint32_t instrument) {
    return table_hash((uint64_t)account << 32 | instrument);
}

/* The number of a holding, 0 when there is none. */
static inline uint32_t holding_find(const struct engine *engine, uint32_t account,
                                    uint32_t instrument) {
    struct table table = table_of(engine, &engine->holding_table);
    uint32_t home = table_home(&table, holding_hash(account, instrument));
    for (uint32_t distance = 0;; distance++) {
        uint32_t row = table_next(&table, home, &distance);
        if (row == 0)
            return 0;
        const struct holding *holding = holding_at(engine, row);
        if (holding->account == account && holding->instrument == instrument)
            return row;
    }
}

/* Units that a new sell order may have; 0 for holding 0. */
static inline uint64_t holding_sellable(const struct engine *engine, uint32_t holding) {
    if (holding == 0)
        return 0;
    const struct holding *row = holding_at(engine, holding);
    return row->unbound - row->reserved;
}

/* Makes a holding that does not exist; the pool has room. Returns its number. */
uint32_t holding_make(struct engine *engine, uint32_t account, uint32_t instrument);

/* Moves the table to another size, at least as large. */
void holding_table_resize(struct engine *engine, uint32_t bits);

#endif
