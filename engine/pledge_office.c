/*
 * What the office that counts in law has registered, and what a comparison with its extract says
 * (RULES.md, section 3: Authority).
 *
 *     LOCAL -> FILED -> EFFECTIVE <-> STALE; any <-> CONFLICT, where the office wins
 */
#include <string.h>

#include "engine/pledge_part.h"

/* Whether the pledge has an item of the office; *item is the first. */
static struct refusal check_office(const struct engine *engine, uint32_t number, uint8_t office,
                                   const struct pledge_item **item) {
    const struct pledge *pledge = pledge_at(engine, number);
    /* What is registered here needs no confirming. */
    if (office == OFFICE_TPX)
        return refusal_of(REASON_BAD_COMBINATION, FIELD_OFFICE, office);
    for (uint32_t i = 0; i < pledge->items_count; i++) {
        *item = pledge_item_at(engine, pledge_item_number(pledge, i));
        if ((*item)->office == office && (*item)->units > 0)
            return refusal_none();
    }
    return refusal_of(REASON_BAD_COMBINATION, FIELD_OFFICE, office);
}

struct refusal pledge_check_confirm(const struct call *call, const struct deed *deed) {
    const struct engine *engine = call->engine;
    const struct pledge_confirm *confirm = &deed->pledge_confirm;
    const struct pledge_item *item = NULL;
    struct refusal refusal = pledge_check_state(engine, confirm->pledge, PLEDGE_LIVES);
    if (refusal.reason == REASON_NONE)
        refusal = check_office(engine, confirm->pledge, confirm->office, &item);
    if (refusal.reason != REASON_NONE)
        return refusal;
    bool is_effective = confirm->standing == STANDING_EFFECTIVE;
    if (!is_effective && confirm->standing != STANDING_FILED)
        return refusal_of(REASON_BAD_COMBINATION, FIELD_STANDING, confirm->standing);
    if (is_effective != (confirm->effective_ns != 0) || confirm->effective_ns > engine->time_ns)
        return refusal_of(REASON_BAD_DATE, FIELD_EFFECTIVE, 0);
    if (!is_effective && item->standing != STANDING_LOCAL)
        return refusal_of(REASON_WRONG_STATE, FIELD_STANDING, item->standing);
    return refusal_none();
}

static void confirm_item(struct pledge_item *item, const struct pledge_confirm *confirm,
                         int64_t now_ns) {
    bool is_first = item->effective_ns == 0;
    item->standing = confirm->standing;
    item->number_bytes = confirm->number_bytes;
    memcpy(item->number, confirm->number, confirm->number_bytes);
    memcpy(item->document, confirm->document, HASH_BYTES);
    if (confirm->standing != STANDING_EFFECTIVE)
        return;
    item->compared_ns = now_ns;
    /* What has swapped ranks keeps the one that it got. */
    if (is_first || confirm->effective_ns != item->effective_ns)
        item->rank_ns = confirm->effective_ns;
    item->effective_ns = confirm->effective_ns;
}

/* Increases that waited for the office count from the same time. */
static void confirm_increases(struct engine *engine, struct pledge *pledge, int64_t effective_ns) {
    for (uint32_t at = pledge->increases; at != 0; at = pledge_increase_at(engine, at)->next)
        if (pledge_increase_at(engine, at)->rank_ns == INT64_MAX)
            pledge_increase_at(engine, at)->rank_ns = effective_ns;
}

uint64_t pledge_confirm(const struct call *call, const struct deed *deed) {
    struct engine *engine = call->engine;
    const struct pledge_confirm *confirm = &deed->pledge_confirm;
    struct pledge *pledge = pledge_at(engine, confirm->pledge);
    for (uint32_t i = 0; i < pledge->items_count; i++) {
        struct pledge_item *item = pledge_item_at(engine, pledge_item_number(pledge, i));
        if (item->office == confirm->office && item->units > 0)
            confirm_item(item, confirm, call->command->stamp.time_ns);
    }
    if (confirm->standing == STANDING_EFFECTIVE)
        confirm_increases(engine, pledge, confirm->effective_ns);
    pledge->version++;
    pledge_tell(call, confirm->pledge);
    return confirm->pledge;
}

struct refusal pledge_check_compare(const struct call *call, const struct deed *deed) {
    const struct engine *engine = call->engine;
    const struct pledge_compare *compare = &deed->pledge_compare;
    const struct pledge_item *item = NULL;
    struct refusal refusal = pledge_check_state(engine, compare->pledge, PLEDGE_LIVES);
    if (refusal.reason == REASON_NONE)
        refusal = check_office(engine, compare->pledge, compare->office, &item);
    if (refusal.reason != REASON_NONE)
        return refusal;
    if (compare->standing < STANDING_EFFECTIVE)
        return refusal_of(REASON_BAD_COMBINATION, FIELD_STANDING, compare->standing);
    /* That it agrees, or has moved on, can be said of what it once registered. */
    if (compare->standing != STANDING_CONFLICT && item->effective_ns == 0)
        return refusal_of(REASON_WRONG_STATE, FIELD_STANDING, item->standing);
    return refusal_none();
}

uint64_t pledge_compare(const struct call *call, const struct deed *deed) {
    struct engine *engine = call->engine;
    const struct pledge_compare *compare = &deed->pledge_compare;
    struct pledge *pledge = pledge_at(engine, compare->pledge);
    for (uint32_t i = 0; i < pledge->items_count; i++) {
        struct pledge_item *item = pledge_item_at(engine, pledge_item_number(pledge, i));
        if (item->office != compare->office || item->units == 0)
            continue;
        item->standing = compare->standing;
        item->compared_ns = call->command->stamp.time_ns;
        memcpy(item->document, compare->document, HASH_BYTES);
    }
    pledge->version++;
    pledge_tell(call, compare->pledge);
    return compare->pledge;
}
