/*
 * Views of freezes and entries: copies of rows.
 */
#include "engine/view_freeze.h"

#include "engine/asset.h"
#include "engine/parcel.h"

bool engine_freeze(const struct engine *engine, uint32_t freeze, struct freeze_view *view) {
    if (!pool_has(engine, POOL_FREEZES, freeze))
        return false;
    const struct freeze *row = freeze_at(engine, freeze);
    *view = (struct freeze_view){.account = row->account,
                                 .version = row->version,
                                 .state = row->state,
                                 .frozen = row->frozen,
                                 .marked = row->marked,
                                 .queued = row->queued,
                                 .missed = row->missed,
                                 .authority = row->authority,
                                 .until = row->until};
    if (row->binding == 0)
        return true;
    const struct binding *binding = binding_at(engine, row->binding);
    view->asset_kind = binding->asset_kind;
    view->asset = binding->asset;
    view->holder = binding->asset_kind == ASSET_RIGHT ? row->holder : binding->holder;
    view->entry = binding->entry;
    view->version = binding->version;
    view->state = binding->state;
    return true;
}

bool engine_transfer(const struct engine *engine, uint32_t transfer, struct transfer_view *view) {
    if (!pool_has(engine, POOL_TRANSFERS, transfer))
        return false;
    const struct transfer *row = transfer_at(engine, transfer);
    *view = (struct transfer_view){.asset_kind = row->asset_kind,
                                   .state = row->state,
                                   .asset = row->asset,
                                   .seller = row->seller,
                                   .buyer = row->buyer,
                                   .quantity = row->quantity,
                                   .price_fen = row->price_fen,
                                   .escrow_fen = row->escrow_fen};
    return true;
}

/* NOLINTNEXTLINE(readability-function-size): an entry's name has four parts */
bool engine_entry(const struct engine *engine, uint8_t asset_kind, uint32_t asset, uint32_t holder,
                  uint32_t entry, struct entry_view *view) {
    struct asset of = {.kind = asset_kind, .id = asset, .holder = holder};
    if (asset_check_exists(engine, of).reason != REASON_NONE)
        return false;
    const struct docket *docket = asset_docket(engine, of);
    uint32_t at = docket != NULL ? docket->first : 0;
    while (at != 0 && binding_at(engine, at)->entry != entry)
        at = binding_at(engine, at)->next;
    if (at == 0)
        return false;
    const struct binding *binding = binding_at(engine, at);
    *view = (struct entry_view){.kind = binding->kind,
                                .state = binding->state,
                                .version = binding->version,
                                .quantity = binding->quantity,
                                .bound = parcel_units(engine, at),
                                .from_ns = binding->from_ns,
                                .to_ns = binding->to_ns};
    return true;
}
