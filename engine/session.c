/*
 * The comings and goings of sessions.
 */
#include "engine/session.h"

#include "engine/emit.h"
#include "engine/sweep.h"
#include "engine/timer.h"

struct refusal session_check_add(const struct engine *engine, const struct add_session *add) {
    if (!pool_has(engine, POOL_PARTICIPANTS, add->participant))
        return refusal_of(REASON_UNKNOWN_PARTICIPANT, FIELD_PARTICIPANT, 0);
    if (add->grace_ms > SESSION_GRACE_MS_MAX)
        return refusal_of(REASON_OUT_OF_LIMITS, FIELD_GRACE, SESSION_GRACE_MS_MAX);
    if (pool_is_full(engine, POOL_SESSIONS))
        return refusal_full(POOL_SESSIONS);
    if (add->cancels_on_disconnect && !timer_has_room(engine))
        return refusal_full(POOL_TIMERS);
    return refusal_none();
}

uint32_t session_add(struct engine *engine, const struct add_session *add) {
    uint32_t number = pool_add(engine, POOL_SESSIONS);
    *session_at(engine, number) =
        (struct session){.participant = add->participant,
                         .grace_ms = add->grace_ms,
                         .cancels_on_disconnect = add->cancels_on_disconnect};
    engine->timers_promised += add->cancels_on_disconnect;
    return number;
}

static void emit_state(const struct call *call, uint32_t number) {
    const struct session *session = session_at(call->engine, number);
    *emit_next(call->sink) = (struct event){.kind = EVENT_SESSION,
                                            .audience = AUDIENCE_PARTICIPANT,
                                            .to = session->participant,
                                            .id = number,
                                            .phase = session->is_up};
}

/* Takes out a session's orders. */
static void cancel_orders(const struct call *call, uint32_t number) {
    struct sweep sweep = {.kind = SWEEP_DISCONNECT, .session = number};
    sweep_start(call, &sweep);
}

void session_up(const struct call *call) {
    struct engine *engine = call->engine;
    uint32_t number = call->command->session_up.session;
    assert(pool_has(engine, POOL_SESSIONS, number));
    struct session *session = session_at(engine, number);
    session->is_up = true;
    session->dropped = 0;
    timer_disarm(engine, TIMER_SESSION, number);
    emit_state(call, number);
}

void session_down(const struct call *call) {
    struct engine *engine = call->engine;
    uint32_t number = call->command->session_down.session;
    assert(pool_has(engine, POOL_SESSIONS, number));
    struct session *session = session_at(engine, number);
    bool was_up = session->is_up;
    session->is_up = false;
    emit_state(call, number);
    if (!was_up || !session->cancels_on_disconnect)
        return;
    if (session->grace_ms == 0)
        cancel_orders(call, number);
    else
        timer_arm(engine, TIMER_SESSION, number,
                  timer_after(call->command->stamp.time_ns, session->grace_ms));
}

void session_drop_all(const struct call *call) {
    struct engine *engine = call->engine;
    timer_disarm(engine, TIMER_SESSION, 0);
    for (uint32_t number = 1; number <= engine->pools[POOL_SESSIONS].count; number++) {
        struct session *session = session_at(engine, number);
        bool was_up = session->is_up;
        session->is_up = false;
        session->dropped = call->command->stamp.sequence + 1;
        timer_disarm(engine, TIMER_SESSION, number);
        if (was_up)
            emit_state(call, number);
    }
}

/* Whose grace has ended is settled here: a session that comes back while the sweep is unfinished
 * comes too late for what it had, and keeps what it enters then. */
static void cancel_missing(const struct call *call) {
    struct engine *engine = call->engine;
    for (uint32_t number = 1; number <= engine->pools[POOL_SESSIONS].count; number++) {
        struct session *session = session_at(engine, number);
        if (session->cancels_on_disconnect && session->dropped != 0)
            session->graced = call->command->stamp.sequence;
    }
    struct sweep sweep = {.kind = SWEEP_GRACE};
    sweep_start(call, &sweep);
}

void session_begin_grace(const struct call *call) {
    struct engine *engine = call->engine;
    timer_disarm(engine, TIMER_SESSION, 0);
    if (engine->grace_ms == 0)
        cancel_missing(call);
    else
        timer_arm(engine, TIMER_SESSION, 0,
                  timer_after(call->command->stamp.time_ns, engine->grace_ms));
}

void session_timer_fires(const struct call *call, uint32_t number) {
    if (number != 0)
        cancel_orders(call, number);
    else
        cancel_missing(call);
}
