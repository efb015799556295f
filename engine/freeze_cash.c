/*
 * Freezes of an account's cash. What is frozen counts as reserved, so whoever spends cash sees it
 * without looking here. An account's freezes stand in the pool in order of time.
 */
#include <string.h>

#include "engine/clearance.h"
#include "engine/date.h"
#include "engine/emit.h"
#include "engine/freeze_part.h"
#include "engine/timer.h"

/* The next freeze in force on an account's cash; 0: none. */
static uint32_t next_of(const struct engine *engine, uint32_t account, uint32_t after) {
    if (account_at(engine, account)->has_freeze)
        for (uint32_t number = after + 1; number <= engine->pools[POOL_FREEZES].count; number++) {
            const struct freeze *freeze = freeze_at(engine, number);
            if (freeze->account == account && !freeze_is_over(engine, freeze))
                return number;
        }
    return 0;
}

int64_t freeze_cash_fen(const struct engine *engine, uint32_t account) {
    uint64_t fen = 0;
    for (uint32_t at = next_of(engine, account, 0); at != 0; at = next_of(engine, account, at))
        fen += freeze_at(engine, at)->frozen;
    return (int64_t)fen;
}

uint32_t freeze_cash_count(const struct engine *engine, uint32_t account) {
    uint32_t count = 0;
    for (uint32_t at = next_of(engine, account, 0); at != 0; at = next_of(engine, account, at))
        count++;
    return count;
}

void freeze_tell_cash(const struct call *call, uint32_t number) {
    struct freeze *freeze = freeze_at(call->engine, number);
    const struct account *account = account_at(call->engine, freeze->account);
    struct extract *extract = emit_detached_extract(call);
    *extract = (struct extract){.kind = ENTRY_FREEZE,
                                .version = ++freeze->version,
                                .from_ns = freeze->from_ns,
                                .to_ns = freeze->to_ns,
                                .quantity = freeze->frozen + freeze->queued,
                                .state = freeze->state};
    freeze_fill(freeze, extract);
    extract->force.freeze = number;
    extract->force.account = freeze->account;
    uint32_t sender = call->command->stamp.participant;
    if (sender != 0)
        emit_notice(call, sender, extract);
    if (sender != account->participant)
        emit_notice(call, account->participant, extract);
}

/* A freeze that holds nothing and waits for nothing ends in state `at_end`. */
static void settle(const struct call *call, uint32_t number, enum freeze_state at_end) {
    struct engine *engine = call->engine;
    struct freeze *freeze = freeze_at(engine, number);
    freeze->state = freeze->frozen != 0 ? FREEZE_IN_FORCE : FREEZE_QUEUED;
    if (freeze->frozen + freeze->queued == 0) {
        freeze->state = (uint8_t)at_end;
        freeze->to_ns = call->command->stamp.time_ns;
        timer_disarm(engine, TIMER_FREEZE, number);
        account_at(engine, freeze->account)->has_freeze =
            freeze_cash_count(engine, freeze->account) != 0;
    }
    freeze_tell_cash(call, number);
}

void freeze_hold_cash(const struct call *call, uint32_t number, uint64_t fen) {
    struct engine *engine = call->engine;
    struct freeze *freeze = freeze_at(engine, number);
    struct account *account = account_at(engine, freeze->account);
    uint64_t frozen = (uint64_t)freeze_cash_fen(engine, freeze->account);
    uint64_t open = (uint64_t)account->cash_fen - frozen;
    uint64_t held = fen < open ? fen : open;
    uint64_t free = (uint64_t)(account->cash_fen - account->reserved_fen);
    if (held > free) {
        struct clearance clearance = {.account = freeze->account, .side = SIDE_BUY};
        clearance_cancel(call, &clearance, held - free, REASON_FROZEN);
    }
    freeze->frozen = held;
    freeze->queued = fen - held < frozen ? fen - held : frozen;
    freeze->missed = fen - held - freeze->queued;
    account->reserved_fen += (int64_t)held;
    assert(account->reserved_fen <= account->cash_fen);
    account->has_freeze = true;
    settle(call, number, FREEZE_SPENT);
}

void freeze_let_go_cash(const struct call *call, uint32_t number, uint64_t fen,
                        enum freeze_state at_end) {
    struct engine *engine = call->engine;
    struct freeze *freeze = freeze_at(engine, number);
    uint64_t waiting = fen < freeze->queued ? fen : freeze->queued;
    freeze->queued -= waiting;
    uint64_t left = fen - waiting;
    freeze->frozen -= left;
    for (uint32_t at = next_of(engine, freeze->account, 0); at != 0 && left > 0;
         at = next_of(engine, freeze->account, at)) {
        struct freeze *other = freeze_at(engine, at);
        uint64_t most = other->queued < left ? other->queued : left;
        if (at == number || most == 0)
            continue;
        other->queued -= most;
        other->frozen += most;
        other->is_changed = true;
        left -= most;
    }
    account_at(engine, freeze->account)->reserved_fen -= (int64_t)left;
    settle(call, number, at_end);
    for (uint32_t at = next_of(engine, freeze->account, 0); at != 0;
         at = next_of(engine, freeze->account, at)) {
        bool is_changed = freeze_at(engine, at)->is_changed;
        freeze_at(engine, at)->is_changed = false;
        if (is_changed)
            settle(call, at, FREEZE_SPENT);
    }
}

struct refusal freeze_check_proceeds(const struct engine *engine, uint32_t account,
                                     uint32_t freezes) {
    const struct pool_rows *rows = &engine->pools[POOL_FREEZES];
    const struct pool_rows *timers = &engine->pools[POOL_TIMERS];
    if (rows->limit - rows->count < freezes)
        return refusal_full(POOL_FREEZES);
    if (timers->limit - engine->timers_promised < freezes)
        return refusal_full(POOL_TIMERS);
    if (freeze_cash_count(engine, account) + freezes > FREEZES_EACH_MAX)
        return refusal_of(REASON_LIMIT_REACHED, FIELD_FREEZE, FREEZES_EACH_MAX);
    return refusal_none();
}

uint32_t freeze_proceeds(const struct call *call, uint32_t number, uint32_t account,
                         int64_t amount_fen) {
    struct engine *engine = call->engine;
    const struct freeze *sold = freeze_at(engine, number);
    uint32_t made = pool_add(engine, POOL_FREEZES);
    struct freeze *freeze = freeze_at(engine, made);
    *freeze = (struct freeze){.from_ns = call->command->stamp.time_ns,
                              .served_ns = sold->served_ns,
                              .account = account,
                              .until = sold->until,
                              .authority = sold->authority,
                              .may_be_sold = sold->may_be_sold,
                              .has_fruits = sold->has_fruits,
                              .case_number_bytes = sold->case_number_bytes};
    memcpy(freeze->case_number, sold->case_number, sold->case_number_bytes);
    memcpy(freeze->document, sold->document, HASH_BYTES);
    if (freeze->until != DATE_NONE)
        timer_arm(engine, TIMER_FREEZE, made, date_end_ns(freeze->until) + 1);
    freeze_hold_cash(call, made, (uint64_t)amount_fen);
    return made;
}

void freeze_cash_check(const struct engine *engine) {
    for (uint32_t number = 1; number <= engine->pools[POOL_FREEZES].count; number++) {
        const struct freeze *freeze = freeze_at(engine, number);
        if (freeze->binding != 0)
            continue;
        bool is_over = freeze_is_over(engine, freeze);
        assert(pool_has(engine, POOL_ACCOUNTS, freeze->account) && freeze->marked == 0);
        assert(is_over == (freeze->frozen + freeze->queued == 0) &&
               is_over == (freeze->to_ns != 0));
        assert(is_over || account_at(engine, freeze->account)->has_freeze);
    }
    for (uint32_t number = 1; number <= engine->pools[POOL_ACCOUNTS].count; number++)
        assert(account_at(engine, number)->has_freeze == (freeze_cash_count(engine, number) != 0));
}
