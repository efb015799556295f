/*
 * Looking at freezes, transfers and the entries of an asset. A part of view.h.
 */
#ifndef ENGINE_VIEW_FREEZE_H
#define ENGINE_VIEW_FREEZE_H

#include "engine/engine.h"

struct freeze_view {
    uint8_t asset_kind; /* enum asset_kind; 0: cash of `account` */
    uint32_t asset;
    uint32_t holder;
    uint32_t account;
    uint32_t entry;   /* on the asset; 0: cash */
    uint32_t version; /* of what was told of it */
    uint8_t state;    /* enum freeze_state */
    uint64_t frozen;
    uint64_t marked; /* of them */
    uint64_t queued;
    uint64_t missed;
    uint8_t authority;
    trading_date until;
};
bool engine_freeze(const struct engine *engine, uint32_t freeze, struct freeze_view *view);

struct transfer_view {
    uint8_t asset_kind;
    uint8_t state; /* enum transfer_state */
    uint32_t asset;
    uint32_t seller;
    uint32_t buyer;
    uint64_t quantity;
    int64_t price_fen;
    int64_t escrow_fen; /* what waits */
};
bool engine_transfer(const struct engine *engine, uint32_t transfer, struct transfer_view *view);

/* An entry that binds an asset. */
struct entry_view {
    uint8_t kind;  /* enum entry_kind */
    uint8_t state; /* by its kind */
    uint32_t version;
    uint64_t quantity;
    uint64_t bound; /* units that it binds now */
    int64_t from_ns;
    int64_t to_ns; /* 0: in force */
};
/* The entry of a number, from 1; false when there is none. `holder` is 0 for a right. */
bool engine_entry(const struct engine *engine, uint8_t asset_kind, uint32_t asset, uint32_t holder,
                  uint32_t entry, struct entry_view *view);

#endif
