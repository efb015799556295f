/*
 * A docket is a list in the order in which its entries came.
 */
#include "engine/binding.h"

#include "engine/emit.h"
#include "engine/freeze.h"
#include "engine/listing.h"
#include "engine/parcel.h"
#include "engine/pledge.h"
#include "engine/restraint.h"
#include "engine/transfer.h"

/* What a kind adds to the extract of its entries; NULL where the common part says all. */
typedef void describe(const struct engine *engine, const struct binding *binding,
                      struct extract *extract);
/* The licence's own right. */
static void describe_licence(const struct engine *engine, const struct binding *binding,
                             struct extract *extract) {
    (void)engine;
    extract->licence = binding->subject;
}

static describe *const describes[ENTRIES_END] = {
    [ENTRY_FREEZE] = freeze_describe,         [ENTRY_MARK] = freeze_describe,
    [ENTRY_RESTRICTION] = restraint_describe, [ENTRY_LOCK_UP] = restraint_describe,
    [ENTRY_OBJECTION] = restraint_describe,   [ENTRY_RESERVATION] = restraint_describe,
    [ENTRY_HOLD] = pledge_describe,           [ENTRY_PLEDGE] = pledge_describe,
    [ENTRY_LICENCE] = describe_licence,       [ENTRY_LISTING] = listing_describe,
    [ENTRY_TRANSFER] = transfer_describe,
};

struct refusal binding_check_room(const struct engine *engine, uint32_t count) {
    const struct pool_rows *rows = &engine->pools[POOL_BINDINGS];
    return rows->limit - rows->count < count ? refusal_full(POOL_BINDINGS) : refusal_none();
}

uint32_t binding_make(const struct call *call, struct asset asset, const struct binding *wanted) {
    struct engine *engine = call->engine;
    struct docket *docket = asset_docket(engine, asset);
    assert(docket != NULL && wanted->kind > ENTRY_ASSET && wanted->kind < ENTRIES_END);
    uint32_t number = pool_add(engine, POOL_BINDINGS);
    *binding_at(engine, number) = (struct binding){.from_ns = call->command->stamp.time_ns,
                                                   .quantity = wanted->quantity,
                                                   .asset = asset.id,
                                                   .holder = asset.holder,
                                                   .entry = ++docket->entries,
                                                   .subject = wanted->subject,
                                                   .kind = wanted->kind,
                                                   .asset_kind = asset.kind,
                                                   .state = wanted->state};
    if (docket->last != 0)
        binding_at(engine, docket->last)->next = number;
    else
        docket->first = number;
    docket->last = number;
    return number;
}

void binding_tell(const struct call *call, uint32_t number) {
    const struct engine *engine = call->engine;
    struct binding *binding = binding_at(engine, number);
    /* Who has bound what of somebody's shares is for those whom it concerns. */
    struct extract *extract = emit_extract(
        call, binding->asset_kind == ASSET_RIGHT ? AUDIENCE_EVERYBODY : AUDIENCE_NOBODY);
    *extract = (struct extract){.asset_kind = binding->asset_kind,
                                .kind = binding->kind,
                                .asset = binding->asset,
                                .holder = binding->holder,
                                .entry = binding->entry,
                                .version = ++binding->version,
                                .from_ns = binding->from_ns,
                                .to_ns = binding->to_ns,
                                .quantity = binding->quantity,
                                .state = binding->state};
    asset_name(engine, binding_asset(binding), extract);
    if (describes[binding->kind] != NULL)
        describes[binding->kind](engine, binding, extract);
}

void binding_end(const struct call *call, uint32_t number) {
    struct binding *binding = binding_at(call->engine, number);
    assert(binding->to_ns == 0);
    parcel_untie_all(call->engine, number);
    binding->to_ns = call->command->stamp.time_ns;
    binding_tell(call, number);
}

static uint32_t check_docket(const struct engine *engine, struct asset asset) {
    const struct docket *docket = asset_docket(engine, asset);
    uint32_t entry = 0;
    uint32_t last = 0;
    for (uint32_t at = docket->first; at != 0; at = binding_at(engine, at)->next) {
        const struct binding *binding = binding_at(engine, at);
        assert(asset_is_same(binding_asset(binding), asset));
        entry++;
        assert(binding->entry == entry && binding->version > 0);
        assert(binding->to_ns == 0 || binding->ties == 0);
        assert(binding->to_ns == 0 || binding->to_ns >= binding->from_ns);
        last = at;
    }
    assert(docket->last == last && docket->entries == entry);
    return entry;
}

void binding_check(const struct engine *engine) {
    uint32_t count = 0;
    for (uint32_t number = 1; number <= engine->pools[POOL_RIGHTS].count; number++)
        count += check_docket(engine, asset_right(number));
    for (uint32_t number = 1; number <= engine->pools[POOL_ESTATES].count; number++) {
        const struct estate *estate = estate_at(engine, number);
        assert(asset_estate(engine, estate->party, estate->instrument) == number);
        assert(estate->version > 0);
        count += check_docket(engine, asset_holding(estate->party, estate->instrument));
    }
    assert(count == engine->pools[POOL_BINDINGS].count);
}
