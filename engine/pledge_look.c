/*
 * Pledges looked at: whether a deed may go on, what their entries say, what must always hold.
 */
#include <string.h>

#include "engine/auction.h"
#include "engine/pledge_part.h"

struct refusal pledge_check_state(const struct engine *engine, uint32_t number, uint32_t states) {
    if (!pool_has(engine, POOL_PLEDGES, number))
        return refusal_of(REASON_UNKNOWN_PLEDGE, FIELD_PLEDGE, 0);
    uint8_t state = pledge_at(engine, number)->state;
    if ((STATE_BIT(state) & states) == 0)
        return refusal_of(REASON_WRONG_STATE, FIELD_STATE, state);
    return refusal_none();
}

struct refusal pledge_check_dealings(const struct engine *engine, uint32_t number) {
    const struct pledge *pledge = pledge_at(engine, number);
    for (uint32_t i = 0; i < pledge->items_count; i++)
        if (pledge_item_at(engine, pledge_item_number(pledge, i))->standing == STANDING_CONFLICT)
            return refusal_of(REASON_WRONG_STATE, FIELD_STANDING, STANDING_CONFLICT);
    return refusal_none();
}

void pledge_tell(const struct call *call, uint32_t number) {
    const struct engine *engine = call->engine;
    const struct pledge *pledge = pledge_at(engine, number);
    for (uint32_t i = 0; i < pledge->items_count; i++) {
        const struct pledge_item *item = pledge_item_at(engine, pledge_item_number(pledge, i));
        uint32_t binding = item->hold != 0 ? item->hold : item->binding;
        if (binding != 0 && binding_is_in_force(engine, binding))
            binding_tell(call, binding);
    }
}

static void describe_pledge(const struct pledge *pledge, struct extract *extract) {
    extract->state = pledge->state;
    extract->pledge_version = pledge->version;
    extract->pledgor = pledge->pledgor;
    extract->pledgee = pledge->pledgee;
    extract->debtor = pledge->debtor;
    extract->is_maximum = pledge->is_maximum;
    extract->is_determined = pledge->is_determined;
    extract->determined = pledge->determined;
    extract->debt_start = pledge->debt_start;
    extract->debt_end = pledge->debt_end;
    extract->scope = pledge->scope;
    extract->conditions = pledge->conditions;
    extract->declarations = pledge->declarations;
    extract->predecessor = pledge->predecessor;
    extract->registered_ns = pledge->registered_ns;
    extract->registered = pledge->registered;
    extract->is_overdue = pledge->is_overdue;
    extract->refused = pledge->reason;
    memcpy(extract->terms, pledge->terms, HASH_BYTES);
}

/* What the office that counts says, and the rank that follows from it. */
static void describe_office(const struct pledge_item *item, struct extract *extract) {
    extract->standing = item->standing;
    extract->pledge_office = item->office;
    extract->authority_number_bytes = item->number_bytes;
    memcpy(extract->authority_number, item->number, item->number_bytes);
    extract->effective_ns = item->effective_ns;
    extract->compared_ns = item->compared_ns;
    extract->rank_ns = item->standing != 0 && item->rank_ns != INT64_MAX ? item->rank_ns : 0;
    extract->rank_sequence = item->rank_sequence;
    memcpy(extract->document, item->document, HASH_BYTES);
}

void pledge_describe(const struct engine *engine, const struct binding *binding,
                     struct extract *extract) {
    const struct pledge_item *item = pledge_item_at(engine, binding->subject);
    extract->pledge = item->pledge;
    describe_pledge(pledge_at(engine, item->pledge), extract);
    if (binding->kind == ENTRY_PLEDGE)
        describe_office(item, extract);
}

/* --- invariants --------------------------------------------------------------------------------
 */

static void check_item(const struct engine *engine, const struct pledge *pledge, uint32_t number) {
    const struct pledge_item *item = pledge_item_at(engine, number);
    bool waits = (STATE_BIT(pledge->state) & PLEDGE_WAITS) != 0;
    assert(pledge_at(engine, item->pledge) == pledge && item->units <= item->agreed);
    assert((item->hold != 0) == waits);
    assert((item->binding != 0) == (pledge->registered_ns != 0));
    assert((item->standing != 0) == (item->binding != 0));
    if (item->hold != 0)
        assert(binding_at(engine, item->hold)->kind == ENTRY_HOLD &&
               binding_at(engine, item->hold)->subject == number);
    if (item->binding == 0)
        return;
    const struct binding *binding = binding_at(engine, item->binding);
    bool lives = (STATE_BIT(pledge->state) & PLEDGE_LIVES) != 0;
    assert(binding->kind == ENTRY_PLEDGE && binding->subject == number);
    assert((binding->to_ns == 0) == (lives && item->units > 0));
    auction_check(engine, number);
    /* What is pledged is bound: nobody can have sold it. */
    if (binding->to_ns == 0)
        assert(parcel_units(engine, item->binding) == item->units);
}

static void check_pledge(const struct engine *engine, const struct pledge *pledge) {
    bool waits = (STATE_BIT(pledge->state) & PLEDGE_WAITS) != 0;
    int64_t sum = pledge->base_fen;
    assert(pledge->items_count >= 1 && pledge->items_count <= PLEDGE_ITEMS_MAX);
    assert((pledge->hold_timer != 0) == waits);
    assert(pledge->review_timer == 0 || pledge->state == PLEDGE_APPLIED);
    for (uint32_t at = pledge->increases; at != 0; at = pledge_increase_at(engine, at)->next)
        sum += pledge_increase_at(engine, at)->amount_fen;
    assert(sum == pledge->secured_fen && pledge->base_fen >= 0);
    for (uint32_t i = 0; i < pledge->items_count; i++)
        check_item(engine, pledge, pledge_item_number(pledge, i));
}

void pledge_check(const struct engine *engine) {
    uint32_t items = 0;
    for (uint32_t number = 1; number <= engine->pools[POOL_PLEDGES].count; number++) {
        const struct pledge *pledge = pledge_at(engine, number);
        assert(pledge->items == items + 1);
        items += pledge->items_count;
        check_pledge(engine, pledge);
    }
    assert(items == engine->pools[POOL_PLEDGE_ITEMS].count);
}
