/*
 * From the application to the entry: what the registrar does, and what time does.
 */
#include "engine/calendar.h"
#include "engine/emit.h"
#include "engine/freeze.h"
#include "engine/pledge_part.h"
#include "engine/restraint.h"
#include "engine/timer.h"

/* --- deadlines ---------------------------------------------------------------------------------
 */

static void arm_review(struct engine *engine, uint32_t number) {
    const struct pledge *pledge = pledge_at(engine, number);
    int64_t until = calendar_deadline(engine, pledge->review_from_ns, pledge->review_days);
    timer_arm(engine, TIMER_PLEDGE_REVIEW, number, until + 1);
}

void pledge_begin_review(const struct call *call, uint32_t number) {
    struct engine *engine = call->engine;
    struct pledge *pledge = pledge_at(engine, number);
    pledge->review_from_ns = call->command->stamp.time_ns;
    pledge->review_days = (uint16_t)pledge_review_days(engine, number);
    pledge->is_overdue = false;
    arm_review(engine, number);
}

void pledge_disarm(struct engine *engine, uint32_t number) {
    timer_disarm(engine, TIMER_PLEDGE_HOLD, number);
    timer_disarm(engine, TIMER_PLEDGE_REVIEW, number);
}

void pledge_calendar_changed(struct engine *engine) {
    for (uint32_t number = 1; number <= engine->pools[POOL_PLEDGES].count; number++) {
        const struct pledge *pledge = pledge_at(engine, number);
        if (pledge->hold_timer != 0) {
            timer_disarm(engine, TIMER_PLEDGE_HOLD, number);
            timer_arm(engine, TIMER_PLEDGE_HOLD, number,
                      calendar_deadline(engine, pledge->applied_ns, pledge->hold_days) + 1);
        }
        if (pledge->review_timer != 0) {
            timer_disarm(engine, TIMER_PLEDGE_REVIEW, number);
            arm_review(engine, number);
        }
    }
}

void pledge_review_fires(const struct call *call, uint32_t number) {
    pledge_at(call->engine, number)->is_overdue = true;
    pledge_tell(call, number);
}

/* --- the end -----------------------------------------------------------------------------------
 */

void pledge_end(const struct call *call, uint32_t number, enum pledge_state state) {
    struct engine *engine = call->engine;
    struct pledge *pledge = pledge_at(engine, number);
    pledge_disarm(engine, number);
    pledge->state = (uint8_t)state;
    pledge->version++;
    for (uint32_t i = 0; i < pledge->items_count; i++) {
        struct pledge_item *item = pledge_item_at(engine, pledge_item_number(pledge, i));
        uint32_t hold = item->hold;
        item->hold = 0;
        if (hold != 0)
            binding_end(call, hold);
        if (item->binding != 0 && binding_is_in_force(engine, item->binding)) {
            item->units = 0;
            binding_end(call, item->binding);
        }
        freeze_follow(call, pledge_item_asset(pledge->pledgor, item->asset_kind, item->asset));
    }
}

void pledge_hold_fires(const struct call *call, uint32_t number) {
    pledge_end(call, number, PLEDGE_WITHDRAWN);
}

/* --- review ------------------------------------------------------------------------------------
 */

struct refusal pledge_check_review(const struct call *call, const struct deed *deed) {
    const struct pledge_review *review = &deed->pledge_review;
    const struct engine *engine = call->engine;
    enum pledge_state from = review->is_deficient ? PLEDGE_APPLIED : PLEDGE_DEFICIENT;
    struct refusal refusal = pledge_check_state(engine, review->pledge, STATE_BIT(from));
    /* Nothing is reviewed before both have signed. */
    if (refusal.reason == REASON_NONE && pledge_at(engine, review->pledge)->review_from_ns == 0)
        refusal = refusal_of(REASON_WRONG_STATE, FIELD_STATE, PLEDGE_APPLIED);
    return refusal;
}

uint64_t pledge_review(const struct call *call, const struct deed *deed) {
    const struct pledge_review *review = &deed->pledge_review;
    struct pledge *pledge = pledge_at(call->engine, review->pledge);
    if (review->is_deficient) {
        pledge->state = PLEDGE_DEFICIENT;
        timer_disarm(call->engine, TIMER_PLEDGE_REVIEW, review->pledge);
    } else {
        pledge->state = PLEDGE_APPLIED;
        pledge_begin_review(call, review->pledge);
    }
    pledge->version++;
    pledge_tell(call, review->pledge);
    return review->pledge;
}

struct refusal pledge_check_refuse(const struct call *call, const struct deed *deed) {
    return pledge_check_state(call->engine, deed->pledge_refuse.pledge, PLEDGE_WAITS);
}

uint64_t pledge_refuse(const struct call *call, const struct deed *deed) {
    const struct pledge_refuse *refuse = &deed->pledge_refuse;
    pledge_at(call->engine, refuse->pledge)->reason = refuse->reason;
    pledge_end(call, refuse->pledge, PLEDGE_REFUSED);
    return refuse->pledge;
}

struct refusal pledge_check_withdraw(const struct call *call, const struct deed *deed) {
    const struct engine *engine = call->engine;
    uint32_t number = deed->pledge_plain.pledge;
    struct refusal refusal = pledge_check_state(engine, number, PLEDGE_WAITS);
    if (refusal.reason != REASON_NONE)
        return refusal;
    /* Either of the two may think again. */
    const struct pledge *pledge = pledge_at(engine, number);
    if (deed_signed_by(engine, deed, pledge->pledgee))
        return refusal_none();
    return deed_check_signed_by(engine, deed, pledge->pledgor);
}

uint64_t pledge_withdraw(const struct call *call, const struct deed *deed) {
    pledge_end(call, deed->pledge_plain.pledge, PLEDGE_WITHDRAWN);
    return deed->pledge_plain.pledge;
}

/* --- registration ------------------------------------------------------------------------------
 */

static struct refusal check_item(const struct engine *engine, uint32_t pledge, uint32_t number) {
    const struct pledge *row = pledge_at(engine, pledge);
    const struct pledge_item *item = pledge_item_at(engine, number);
    struct pledge_item_terms terms = pledge_item_terms(item);
    struct item_view view = {.terms = &terms,
                             .pledgor = row->pledgor,
                             .pledgee = row->pledgee,
                             .declarations = row->declarations,
                             .debt_end = row->debt_end,
                             .hold = item->hold,
                             .pledge = pledge};
    return pledge_item_check(engine, &view);
}

struct refusal pledge_check_register(const struct call *call, const struct deed *deed) {
    const struct engine *engine = call->engine;
    uint32_t number = deed->pledge_plain.pledge;
    uint32_t operations = 0;
    struct refusal refusal = pledge_check_state(engine, number, STATE_BIT(PLEDGE_APPLIED));
    if (refusal.reason != REASON_NONE)
        return refusal;
    const struct pledge *pledge = pledge_at(engine, number);
    if (pledge->review_from_ns == 0)
        return refusal_of(REASON_WRONG_STATE, FIELD_STATE, pledge->state);
    for (uint32_t i = 0; i < pledge->items_count; i++) {
        uint32_t item = pledge_item_number(pledge, i);
        struct pledge_item_terms terms = pledge_item_terms(pledge_item_at(engine, item));
        refusal = check_item(engine, number, item);
        if (refusal.reason != REASON_NONE)
            return refusal;
        operations += pledge_item_operations(engine, pledge->pledgor, &terms);
    }
    refusal = binding_check_room(engine, pledge->items_count);
    return refusal.reason == REASON_NONE ? parcel_check_room(engine, operations) : refusal;
}

/* Where this exchange is the office, what is registered counts at once. */
static void take_rank(const struct call *call, struct pledge_item *item) {
    item->standing = STANDING_LOCAL;
    item->rank_sequence = call->command->stamp.sequence;
    if (item->office != OFFICE_TPX)
        return;
    item->standing = STANDING_EFFECTIVE;
    item->effective_ns = call->command->stamp.time_ns;
    item->rank_ns = item->effective_ns;
}

static void register_item(const struct call *call, uint32_t pledgor, uint32_t number) {
    struct engine *engine = call->engine;
    struct pledge_item *item = pledge_item_at(engine, number);
    struct pledge_item_terms terms = pledge_item_terms(item);
    struct binding wanted = {.kind = ENTRY_PLEDGE, .quantity = item->units, .subject = number};
    struct asset asset = pledge_item_asset(pledgor, item->asset_kind, item->asset);
    item->binding = binding_make(call, asset, &wanted);
    take_rank(call, item);
    struct tying tying = {.place = pledge_item_place(engine, pledgor, &terms),
                          .binding = item->binding,
                          .hold = item->hold,
                          .units = item->units};
    pledge_item_tie(engine, &tying);
    uint32_t hold = item->hold;
    item->hold = 0;
    binding_end(call, hold);
    binding_tell(call, item->binding);
    restraint_use_rank(call, asset);
}

uint64_t pledge_register(const struct call *call, const struct deed *deed) {
    uint32_t number = deed->pledge_plain.pledge;
    struct pledge *pledge = pledge_at(call->engine, number);
    pledge_disarm(call->engine, number);
    pledge->state = PLEDGE_REGISTERED;
    pledge->is_overdue = false;
    pledge->registered_ns = call->command->stamp.time_ns;
    pledge->registered = call->command->stamp.sequence;
    pledge->version++;
    for (uint32_t i = 0; i < pledge->items_count; i++)
        register_item(call, pledge->pledgor, pledge_item_number(pledge, i));
    return number;
}
