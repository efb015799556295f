/*
 * Pledges whose units went in a sale that their pledgees have consented to.
 */
#include "engine/freeze.h"
#include "engine/pledge_part.h"

static bool has_units(const struct engine *engine, const struct pledge *pledge) {
    for (uint32_t i = 0; i < pledge->items_count; i++)
        if (pledge_item_at(engine, pledge_item_number(pledge, i))->units != 0)
            return true;
    return false;
}

uint32_t pledge_follow_tells(const struct engine *engine, struct asset asset) {
    uint32_t count = 0;
    for (uint32_t at = asset_bound(engine, asset, ENTRY_PLEDGE, 0); at != 0;
         at = asset_bound(engine, asset, ENTRY_PLEDGE, at))
        count += pledge_at(engine, pledge_of(engine, binding_at(engine, at)))->items_count;
    return count;
}

struct refusal pledge_check_tells(const struct engine *engine, uint32_t number) {
    const struct pledge *pledge = pledge_at(engine, number);
    uint32_t count = 0;
    for (uint32_t i = 0; i < pledge->items_count; i++) {
        const struct pledge_item *item = pledge_item_at(engine, pledge_item_number(pledge, i));
        struct asset asset = pledge_item_asset(pledge->pledgor, item->asset_kind, item->asset);
        count += 2;
        for (uint32_t at = freeze_bound(engine, asset, 0); at != 0;
             at = freeze_bound(engine, asset, at))
            count++;
    }
    if (count > EXTRACTS_MAX)
        return refusal_of(REASON_LIMIT_REACHED, FIELD_ITEM, EXTRACTS_MAX);
    return refusal_none();
}

/* An item has so many units left. */
static void note_less(const struct call *call, uint32_t binding, uint64_t units) {
    struct engine *engine = call->engine;
    struct pledge_item *item = pledge_item_at(engine, binding_at(engine, binding)->subject);
    struct pledge *pledge = pledge_at(engine, item->pledge);
    item->units = units;
    binding_at(engine, binding)->quantity = units;
    pledge->version++;
    if (!has_units(engine, pledge)) {
        pledge_disarm(engine, item->pledge);
        pledge->state = PLEDGE_RELEASED;
    }
    if (units == 0)
        binding_end(call, binding);
    pledge_tell(call, item->pledge);
}

void pledge_follow(const struct call *call, struct asset asset) {
    const struct engine *engine = call->engine;
    uint32_t next;
    for (uint32_t at = asset_bound(engine, asset, ENTRY_PLEDGE, 0); at != 0; at = next) {
        uint64_t units = parcel_units(engine, at);
        next = asset_bound(engine, asset, ENTRY_PLEDGE, at);
        if (units != pledge_item_at(engine, binding_at(engine, at)->subject)->units)
            note_less(call, at, units);
    }
}
