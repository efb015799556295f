/*
 * Copies of pledges' rows, with what follows from others: deadlines and ranks.
 */
#include "engine/view_pledge.h"

#include <string.h>

#include "engine/pledge_part.h"

static int64_t until(const struct engine *engine, uint32_t timer) {
    return timer != 0 ? timer_at(engine, timer)->due_ns - 1 : 0;
}

bool engine_pledge(const struct engine *engine, uint32_t pledge, struct pledge_view *view) {
    if (!pool_has(engine, POOL_PLEDGES, pledge))
        return false;
    const struct pledge *row = pledge_at(engine, pledge);
    *view = (struct pledge_view){.state = row->state,
                                 .is_joined = row->review_from_ns != 0,
                                 .is_maximum = row->is_maximum,
                                 .is_determined = row->is_determined,
                                 .is_overdue = row->is_overdue,
                                 .reason = row->reason,
                                 .version = row->version,
                                 .pledgor = row->pledgor,
                                 .pledgee = row->pledgee,
                                 .debtor = row->debtor,
                                 .predecessor = row->predecessor,
                                 .secured_fen = row->secured_fen,
                                 .base_fen = row->base_fen,
                                 .determined = row->determined,
                                 .debt_start = row->debt_start,
                                 .debt_end = row->debt_end,
                                 .scope = row->scope,
                                 .conditions = row->conditions,
                                 .declarations = row->declarations,
                                 .coverage_ppm = row->coverage_ppm,
                                 .applied_ns = row->applied_ns,
                                 .hold_until_ns = until(engine, row->hold_timer),
                                 .review_until_ns = until(engine, row->review_timer),
                                 .registered_ns = row->registered_ns,
                                 .registered = row->registered,
                                 .items_count = row->items_count};
    memcpy(view->owed_fen, row->owed_fen, sizeof view->owed_fen);
    memcpy(view->contract, row->contract, HASH_BYTES);
    memcpy(view->terms, row->terms, HASH_BYTES);
    return true;
}

static uint32_t rank_in_force(const struct engine *engine, const struct pledge_item *item) {
    if (item->binding == 0 || !binding_is_in_force(engine, item->binding))
        return 0;
    struct asset asset = binding_asset(binding_at(engine, item->binding));
    uint32_t rank = 1;
    for (uint32_t at = asset_bound(engine, asset, ENTRY_PLEDGE, 0); at != 0;
         at = asset_bound(engine, asset, ENTRY_PLEDGE, at)) {
        const struct pledge_item *other = pledge_item_at(engine, binding_at(engine, at)->subject);
        rank += rank_is_before(rank_of_item(other), rank_of_item(item));
    }
    return rank;
}

bool engine_pledge_item(const struct engine *engine, uint32_t pledge, uint32_t place,
                        struct pledge_item_view *view) {
    if (!pool_has(engine, POOL_PLEDGES, pledge) ||
        place - 1 >= pledge_at(engine, pledge)->items_count)
        return false;
    const struct pledge_item *row =
        pledge_item_at(engine, pledge_item_number(pledge_at(engine, pledge), place - 1));
    uint32_t binding = row->hold != 0 ? row->hold : row->binding;
    *view =
        (struct pledge_item_view){.asset_kind = row->asset_kind,
                                  .office = row->office,
                                  .standing = row->standing,
                                  .asset = row->asset,
                                  .account = row->account,
                                  .units = row->units,
                                  .agreed = row->agreed,
                                  .value_fen = row->value_fen,
                                  .appraiser = row->appraiser,
                                  .valued = row->valued,
                                  .entry = binding != 0 ? binding_at(engine, binding)->entry : 0,
                                  .rank = rank_in_force(engine, row),
                                  .effective_ns = row->effective_ns,
                                  .compared_ns = row->compared_ns,
                                  .number_bytes = row->number_bytes};
    memcpy(view->number, row->number, row->number_bytes);
    memcpy(view->document, row->document, HASH_BYTES);
    return true;
}
