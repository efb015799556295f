/*
 * What differs from kind to kind, with the day from which it counts.
 *
 * A kind's rules stand in the order of their days; the last whose day has come is in force. Setting
 * one forgets those that are over.
 */
#include "engine/calendar.h"
#include "engine/date.h"
#include "engine/pledge_part.h"

/* RULES.md: patents are reviewed in 3 working days, copyrights in 10, others in 5; a hold lasts for
 * 20. A patent is pledged once, and so are listed shares. */
static const struct pledge_rule defaults[PLEDGE_CLASSES_END] = {
    [PLEDGE_CLASS_PATENT] = {.review_days = 3, .hold_days = 20},
    [PLEDGE_CLASS_COPYRIGHT] = {.review_days = 10, .hold_days = 20, .allows_multi = true},
    [PLEDGE_CLASS_TRADEMARK] = {.review_days = 5, .hold_days = 20, .allows_multi = true},
    [PLEDGE_CLASS_COMPANY_EQUITY] = {.review_days = 5, .hold_days = 20, .allows_multi = true},
    [PLEDGE_CLASS_LICENCE] = {.review_days = 5, .hold_days = 20},
    [PLEDGE_CLASS_SHARES] = {.review_days = 5, .hold_days = 20},
};

enum pledge_class pledge_class_of(const struct engine *engine, uint8_t asset_kind, uint32_t asset) {
    if (asset_kind != ASSET_RIGHT)
        return PLEDGE_CLASS_SHARES;
    switch ((enum right_kind)right_at(engine, asset)->kind) {
    case RIGHT_INVENTION:
    case RIGHT_UTILITY_MODEL:
    case RIGHT_DESIGN:
        return PLEDGE_CLASS_PATENT;
    case RIGHT_SOFTWARE:
        return PLEDGE_CLASS_COPYRIGHT;
    case RIGHT_TRADEMARK:
        return PLEDGE_CLASS_TRADEMARK;
    case RIGHT_COMPANY_EQUITY:
        return PLEDGE_CLASS_COMPANY_EQUITY;
    case RIGHT_LICENCE_EXCLUSIVE:
    case RIGHT_LICENCE_SOLE:
    case RIGHT_LICENCE_ORDINARY:
        break;
    }
    return PLEDGE_CLASS_LICENCE;
}

const struct pledge_rule *pledge_rule_of(const struct engine *engine, enum pledge_class class) {
    const struct pledge_rule *found = &defaults[class];
    for (uint32_t i = 0; i < engine->pledge_rules_count[class]; i++)
        if (engine->pledge_rules[class][i].from_ns <= engine->time_ns)
            found = &engine->pledge_rules[class][i];
    return found;
}

uint32_t pledge_review_days(const struct engine *engine, uint32_t number) {
    const struct pledge *pledge = pledge_at(engine, number);
    uint32_t days = CALENDAR_DAYS_MAX;
    for (uint32_t i = 0; i < pledge->items_count; i++) {
        const struct pledge_item *item = pledge_item_at(engine, pledge_item_number(pledge, i));
        enum pledge_class class = pledge_class_of(engine, item->asset_kind, item->asset);
        uint32_t its = pledge_rule_of(engine, class)->review_days;
        days = its < days ? its : days;
    }
    return days;
}

uint32_t pledge_hold_days(const struct engine *engine, uint32_t number) {
    const struct pledge *pledge = pledge_at(engine, number);
    uint32_t days = CALENDAR_DAYS_MAX;
    for (uint32_t i = 0; i < pledge->items_count; i++) {
        const struct pledge_item *item = pledge_item_at(engine, pledge_item_number(pledge, i));
        enum pledge_class class = pledge_class_of(engine, item->asset_kind, item->asset);
        uint32_t its = pledge_rule_of(engine, class)->hold_days;
        days = its < days ? its : days;
    }
    return days;
}

static int64_t begins(trading_date date) {
    return date_end_ns(date) - NS_PER_DAY;
}

/* Rules whose day has not come, behind the one in force. */
static uint32_t waiting(const struct engine *engine, uint8_t class) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < engine->pledge_rules_count[class]; i++)
        count += engine->pledge_rules[class][i].from_ns > engine->time_ns;
    return count;
}

struct refusal pledge_check_rule(const struct call *call, const struct deed *deed) {
    const struct engine *engine = call->engine;
    const struct pledge_rule_set *set = &deed->pledge_rule_set;
    if (set->review_days == 0 || set->review_days > CALENDAR_DAYS_MAX)
        return refusal_of(REASON_OUT_OF_LIMITS, FIELD_REVIEW_DAYS, CALENDAR_DAYS_MAX);
    if (set->hold_days == 0 || set->hold_days > CALENDAR_DAYS_MAX)
        return refusal_of(REASON_OUT_OF_LIMITS, FIELD_HOLD_DAYS, CALENDAR_DAYS_MAX);
    if (!date_is_valid(set->from) || set->from > DATE_NS_MAX)
        return refusal_of(REASON_BAD_DATE, FIELD_DATE, 0);
    /* What it counts for is not past, and comes after what was set before. */
    uint32_t count = engine->pledge_rules_count[set->kind];
    int64_t last = count > 0 ? engine->pledge_rules[set->kind][count - 1].from_ns : 0;
    if (date_end_ns(set->from) <= engine->time_ns || begins(set->from) < last)
        return refusal_of(REASON_BAD_DATE, FIELD_DATE, date_of_ns(engine->time_ns));
    if (waiting(engine, set->kind) + 1 >= PLEDGE_RULES_EACH)
        return refusal_of(REASON_LIMIT_REACHED, FIELD_LIMIT, PLEDGE_RULES_EACH);
    return refusal_none();
}

uint64_t pledge_set_rule(const struct call *call, const struct deed *deed) {
    struct engine *engine = call->engine;
    const struct pledge_rule_set *set = &deed->pledge_rule_set;
    struct pledge_rule *rules = engine->pledge_rules[set->kind];
    uint32_t count = engine->pledge_rules_count[set->kind];
    /* Only the last of those whose day has come is needed. */
    while (count > 1 && rules[1].from_ns <= engine->time_ns) {
        for (uint32_t i = 1; i < count; i++)
            rules[i - 1] = rules[i];
        count--;
    }
    rules[count++] = (struct pledge_rule){.from_ns = begins(set->from),
                                          .review_days = set->review_days,
                                          .hold_days = set->hold_days,
                                          .allows_multi = set->allows_multi};
    engine->pledge_rules_count[set->kind] = count;
    return set->kind;
}
