/*
 * Estates are found by party and instrument in one table; a right has its docket in its own row.
 */
#include "engine/asset.h"

#include <string.h>

#include "engine/emit.h"
#include "engine/parties.h"
#include "engine/right.h"
#include "engine/table.h"

static uint64_t hash_of(uint32_t party, uint32_t instrument) {
    return table_hash((uint64_t)party << 32 | instrument);
}

uint32_t asset_estate(const struct engine *engine, uint32_t party, uint32_t instrument) {
    struct table table = table_of(engine, &engine->estate_table);
    uint32_t home = table_home(&table, hash_of(party, instrument));
    for (uint32_t distance = 0;; distance++) {
        uint32_t row = table_next(&table, home, &distance);
        if (row == 0)
            return 0;
        const struct estate *estate = estate_at(engine, row);
        if (estate->party == party && estate->instrument == instrument)
            return row;
    }
}

static void list(struct engine *engine, uint32_t number) {
    const struct estate *estate = estate_at(engine, number);
    struct table table = table_of(engine, &engine->estate_table);
    table_put(&table, hash_of(estate->party, estate->instrument), number);
}

void asset_table_resize(struct engine *engine, uint32_t bits) {
    if (!table_grow(engine, &engine->estate_table, bits))
        return;
    for (uint32_t number = 1; number <= engine->pools[POOL_ESTATES].count; number++)
        list(engine, number);
}

struct refusal asset_check_exists(const struct engine *engine, struct asset asset) {
    if (asset.kind == ASSET_RIGHT)
        return right_check_exists(engine, asset.id);
    if (!pool_has(engine, POOL_INSTRUMENTS, asset.id))
        return refusal_of(REASON_UNKNOWN_INSTRUMENT, FIELD_INSTRUMENT, 0);
    return parties_check_exists(engine, asset.holder, FIELD_PARTY);
}

struct docket *asset_docket(const struct engine *engine, struct asset asset) {
    if (asset.kind == ASSET_RIGHT)
        return &right_at(engine, asset.id)->docket;
    uint32_t estate = asset_estate(engine, asset.holder, asset.id);
    return estate != 0 ? &estate_at(engine, estate)->docket : NULL;
}

struct refusal asset_check_room(const struct engine *engine, struct asset asset) {
    if (asset_docket(engine, asset) == NULL && pool_is_full(engine, POOL_ESTATES))
        return refusal_full(POOL_ESTATES);
    return refusal_none();
}

void asset_name(const struct engine *engine, struct asset asset, struct extract *extract) {
    if (asset.kind == ASSET_RIGHT) {
        right_name(engine, asset.id, extract);
        return;
    }
    const struct party *party = party_at(engine, asset.holder);
    const struct instrument *instrument = instrument_at(engine, asset.id);
    extract->symbol_bytes = instrument->symbol_bytes;
    memcpy(extract->symbol, instrument->symbol, instrument->symbol_bytes);
    extract->code_bytes = party->code_bytes;
    memcpy(extract->code, party->code, party->code_bytes);
    memcpy(extract->identity, party->identity, HASH_BYTES);
}

/* Entry 0 of an estate says that it is known, and whose it is; what there is of it the accounts
 * say. Who holds shares is nobody else's business. */
static void tell(const struct call *call, uint32_t number) {
    struct estate *estate = estate_at(call->engine, number);
    struct extract *extract = emit_extract(call, AUDIENCE_NOBODY);
    *extract = (struct extract){.asset_kind = ASSET_HOLDING,
                                .kind = ENTRY_ASSET,
                                .asset = estate->instrument,
                                .holder = estate->party,
                                .version = ++estate->version,
                                .from_ns = estate->admitted_ns};
    asset_name(call->engine, asset_holding(estate->party, estate->instrument), extract);
}

void asset_admit(const struct call *call, struct asset asset) {
    struct engine *engine = call->engine;
    if (asset_docket(engine, asset) != NULL)
        return;
    uint32_t number = pool_add(engine, POOL_ESTATES);
    *estate_at(engine, number) = (struct estate){
        .party = asset.holder, .instrument = asset.id, .admitted_ns = call->command->stamp.time_ns};
    list(engine, number);
    tell(call, number);
}

uint32_t asset_bound(const struct engine *engine, struct asset asset, enum entry_kind kind,
                     uint32_t after) {
    const struct docket *docket = asset_docket(engine, asset);
    if (docket == NULL)
        return 0;
    uint32_t at = after != 0 ? binding_at(engine, after)->next : docket->first;
    while (at != 0) {
        const struct binding *binding = binding_at(engine, at);
        if (binding->kind == kind && binding->to_ns == 0)
            break;
        at = binding->next;
    }
    return at;
}

struct refusal asset_check_admit(const struct call *call, const struct deed *deed) {
    const struct engine *engine = call->engine;
    struct asset asset = asset_holding(deed->admit_holding.party, deed->admit_holding.instrument);
    struct refusal refusal = asset_check_exists(engine, asset);
    if (refusal.reason != REASON_NONE)
        return refusal;
    uint32_t known = asset_estate(engine, asset.holder, asset.id);
    if (known != 0)
        return refusal_of(REASON_ALREADY_EXISTS, FIELD_INSTRUMENT, known);
    return asset_check_room(engine, asset);
}

uint64_t asset_admit_holding(const struct call *call, const struct deed *deed) {
    struct asset asset = asset_holding(deed->admit_holding.party, deed->admit_holding.instrument);
    asset_admit(call, asset);
    return asset_estate(call->engine, asset.holder, asset.id);
}
