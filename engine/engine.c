/*
 * One command: its contract is asserted, then it goes where its verb says. region.c lays an engine
 * out, view.c looks into it, digest.c and check.c read it as a whole.
 */
#include "engine/engine.h"

#include "engine/act.h"
#include "engine/cancel.h"
#include "engine/deeds.h"
#include "engine/emit.h"
#include "engine/enter.h"
#include "engine/freeze.h"
#include "engine/listing.h"
#include "engine/mandate.h"
#include "engine/market.h"
#include "engine/pledge.h"
#include "engine/replace.h"
#include "engine/restraint.h"
#include "engine/right.h"
#include "engine/session.h"
#include "engine/state.h"
#include "engine/sweep.h"
#include "engine/timer.h"

int64_t engine_timer_due(const struct engine *engine) {
    return engine->timer_due_ns;
}

bool engine_continue_due(const struct engine *engine) {
    return engine->sweeps_count != 0;
}

struct command engine_continue(const struct engine *engine) {
    return (struct command){.verb = VERB_CONTINUE,
                            .continuation = {.sweep = sweep_at(engine, 0)->sequence}};
}

/* An outage or a start comes before any timer and disarms those it finds. */
static bool passes_timers(uint8_t verb) {
    return verb == VERB_TICK || verb == VERB_OUTAGE || verb == VERB_START;
}

/* Holds the driver to engine.h. */
static void assert_contract(const struct engine *engine, const struct command *command) {
    const struct stamp *stamp = &command->stamp;
    assert(engine->layout == ENGINE_LAYOUT);
    assert((engine->environment == 0) == (command->verb == VERB_GENESIS));
    assert(stamp->time_ns >= engine->time_ns);
    assert(stamp->sequence >= engine->sequence_next);
    assert(engine->timer_due_ns > stamp->time_ns || passes_timers(command->verb));
    assert(command->verb == VERB_GENESIS || stamp->version == engine->version);
    assert(command->verb != VERB_START || engine->was_stopped);
}

static void apply_tick(const struct call *call) {
    const struct command *command = call->command;
    assert(call->engine->timer_due_ns == command->tick.due_ns);
    assert(command->stamp.time_ns >= command->tick.due_ns);
    struct timer fired = timer_fire(call->engine);
    switch ((enum timer_kind)fired.kind) {
    case TIMER_SESSION:
        session_timer_fires(call, fired.subject);
        return;
    case TIMER_RIGHT:
        right_timer_fires(call, fired.subject);
        return;
    case TIMER_MANDATE:
        mandate_timer_fires(call, fired.subject);
        return;
    case TIMER_FREEZE:
        freeze_timer_fires(call, fired.subject);
        return;
    case TIMER_RESTRAINT:
        restraint_timer_fires(call, fired.subject);
        return;
    case TIMER_PLEDGE_HOLD:
        pledge_hold_fires(call, fired.subject);
        return;
    case TIMER_PLEDGE_REVIEW:
        pledge_review_fires(call, fired.subject);
        return;
    case TIMER_LISTING:
        listing_timer_fires(call, fired.subject);
        return;
    case TIMERS_END:
        break;
    }
    assert(false);
}

static void apply_continue(const struct call *call) {
    assert(call->engine->sweeps_count != 0);
    assert(call->command->continuation.sweep == sweep_at(call->engine, 0)->sequence);
    sweep_continue(call);
}

static void apply_quarantined(const struct call *call) {
    session_note(call->engine, &call->command->stamp);
    emit_rejected(call, refusal_of(REASON_QUARANTINED, FIELD_NONE, 0));
}

/* The exchange's own commands. */
static void apply_own(const struct call *call) {
    const struct command *command = call->command;
    switch (command->verb) {
    case VERB_GENESIS:
        market_begin(call);
        return;
    case VERB_TICK:
        apply_tick(call);
        return;
    case VERB_CONTINUE:
        apply_continue(call);
        return;
    case VERB_OUTAGE:
        market_outage(call);
        return;
    case VERB_START:
        market_start(call);
        return;
    case VERB_STOP:
        call->engine->was_stopped = true;
        return;
    case VERB_SESSION_UP:
        session_up(call);
        return;
    case VERB_SESSION_DOWN:
        session_down(call);
        return;
    case VERB_QUARANTINED:
        apply_quarantined(call);
        return;
    case VERB_DISK:
        assert(command->disk.step >= DISK_ENOUGH && command->disk.step <= DISK_CRITICAL);
        call->engine->disk_step = command->disk.step;
        return;
    case VERB_REOPEN:
        assert(call->engine->environment == ENVIRONMENT_TEST);
        market_reopen(call);
        return;
    default: /* for the ledger's readers; here only time passes */
        assert(command->verb == VERB_SEAL || command->verb == VERB_MARK ||
               command->verb == VERB_DIGEST || command->verb == VERB_REFUSALS);
    }
}

static void apply_request(const struct call *call) {
    session_note(call->engine, &call->command->stamp);
    switch (call->command->verb) {
    case VERB_NEW_ORDER:
        enter_order(call);
        return;
    case VERB_REPLACE:
        replace_order(call);
        return;
    case VERB_CANCEL:
        cancel_order(call);
        return;
    case VERB_MASS_CANCEL:
        cancel_mass(call);
        return;
    case VERB_ACT:
        act_request(call);
        return;
    case VERB_PROPOSE:
        act_propose(call);
        return;
    case VERB_DEED:
        deeds_request(call);
        return;
    default:
        assert(call->command->verb == VERB_APPROVE);
        act_approve(call);
    }
}

void engine_apply(struct engine *engine, const struct command *command, struct event_sink *sink) {
    assert_contract(engine, command);
    engine->time_ns = command->stamp.time_ns;
    engine->sequence_next = command->stamp.sequence + 1;
    engine->extracts_count = 0;
    if (command->verb != VERB_SEAL && command->verb != VERB_DIGEST)
        engine->was_stopped = false;
    struct call call = {.engine = engine, .command = command, .sink = sink};
    emit_begin(sink);
    if (command->verb < VERB_GENESIS)
        apply_request(&call);
    else
        apply_own(&call);
    emit_count(sink);
}
