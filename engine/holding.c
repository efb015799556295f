/*
 * Making holdings.
 */
#include "engine/holding.h"

static void list(struct engine *engine, uint32_t number) {
    const struct holding *holding = holding_at(engine, number);
    struct table table = table_of(engine, &engine->holding_table);
    table_put(&table, holding_hash(holding->account, holding->instrument), number);
}

uint32_t holding_make(struct engine *engine, uint32_t account, uint32_t instrument) {
    assert(holding_find(engine, account, instrument) == 0);
    uint32_t number = pool_add(engine, POOL_HOLDINGS);
    *holding_at(engine, number) = (struct holding){.account = account, .instrument = instrument};
    list(engine, number);
    return number;
}

void holding_table_resize(struct engine *engine, uint32_t bits) {
    if (!table_grow(engine, &engine->holding_table, bits))
        return;
    for (uint32_t number = 1; number <= engine->pools[POOL_HOLDINGS].count; number++)
        list(engine, number);
}
