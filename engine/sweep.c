/*
 * How sweeps begin, go on and end. A cursor is moved on before its order goes.
 */
#include "engine/sweep.h"

#include "engine/emit.h"
#include "engine/instrument.h"
#include "engine/match.h"

/* What is said of an order that a kind takes out. */
static const struct {
    uint8_t event;
    uint8_t reason;
} sweep_says[] = {
    [SWEEP_MASS_CANCEL] = {EVENT_CANCELED, REASON_MASS_CANCEL},
    [SWEEP_KILL] = {EVENT_CANCELED, REASON_KILLED},
    [SWEEP_EXPIRY] = {EVENT_EXPIRED, REASON_NONE},
    [SWEEP_BAND] = {EVENT_CANCELED, REASON_OUT_OF_BAND},
    [SWEEP_DISCONNECT] = {EVENT_CANCELED, REASON_DISCONNECTED},
    [SWEEP_GRACE] = {EVENT_CANCELED, REASON_DISCONNECTED},
};

/* Takes out what one command may; false when nothing is left. */
static bool walk(const struct call *call, struct sweep *sweep) {
    for (uint32_t looks = 0; looks < SWEEP_ORDERS_MAX; looks++) {
        uint32_t row;
        if (!sweep_look(call->engine, sweep, &row))
            return false;
        if (row == 0)
            continue;
        sweep->count++;
        match_cancel(call, row, (enum event_kind)sweep_says[sweep->kind].event,
                     (enum reason)sweep_says[sweep->kind].reason);
    }
    return true;
}

/* --- closing and opening -----------------------------------------------------------------------
 */

static void close_all(const struct call *call, uint64_t until) {
    struct engine *engine = call->engine;
    enum phase before = emit_market_phase(engine);
    if (engine->swept_until < until)
        engine->swept_until = until;
    if (before == PHASE_CONTINUOUS)
        emit_day(call);
}

static void close_one(const struct call *call, uint32_t number, uint64_t until) {
    struct instrument *instrument = instrument_at(call->engine, number);
    enum phase before = instrument_own_phase(call->engine, instrument);
    if (instrument->swept_until < until)
        instrument->swept_until = until;
    if (before == PHASE_CONTINUOUS)
        emit_phase(call, number, PHASE_HALTED);
}

/* Closes where the orders lie that are left to a sweep by session. */
static void close_ahead(const struct call *call, const struct sweep *sweep, uint64_t until) {
    struct sweep ahead = *sweep;
    for (uint32_t looks = 0; looks < SWEEP_AHEAD_MAX; looks++) {
        uint32_t row;
        if (!sweep_look(call->engine, &ahead, &row))
            return;
        if (row != 0)
            close_one(call, order_at(call->engine, row)->instrument, until);
    }
    close_all(call, until);
}

static void close_for(const struct call *call, const struct sweep *sweep) {
    uint64_t until = sweep->sequence + 1;
    if (sweep->instrument != 0)
        close_one(call, sweep->instrument, until);
    else if (sweep_is_by_session(sweep))
        close_ahead(call, sweep, until);
    else
        close_all(call, until);
}

/* What no other sweep keeps closed is open again. A day is told of by its expiry's end. */
static void open_after(const struct call *call, const struct sweep *sweep) {
    struct engine *engine = call->engine;
    uint64_t until = sweep->sequence + 1;
    assert(engine->swept == until);
    bool is_market_told = sweep->kind == SWEEP_EXPIRY || engine->swept_until != until;
    if (!is_market_told && emit_market_phase(engine) == PHASE_CONTINUOUS)
        emit_day(call);
    for (uint32_t number = 1; number <= engine->pools[POOL_INSTRUMENTS].count; number++) {
        const struct instrument *instrument = instrument_at(engine, number);
        if (instrument->swept_until == until &&
            instrument_own_phase(engine, instrument) == PHASE_CONTINUOUS)
            emit_phase(call, number, PHASE_CONTINUOUS);
    }
}

/* --- beginning and end -------------------------------------------------------------------------
 */

/* Who waits for the end is told. */
static void end(const struct call *call, const struct sweep *sweep) {
    struct engine *engine = call->engine;
    if (sweep->asker != 0)
        *emit_next(call->sink) = (struct event){.kind = EVENT_MASS_CANCELED,
                                                .audience = AUDIENCE_SESSION,
                                                .to = order_id_session(sweep->asker),
                                                .order_id = sweep->asker,
                                                .value = sweep->count};
    if (sweep->kind == SWEEP_EXPIRY)
        emit_day(call);
    if (sweep->kind == SWEEP_GRACE)
        for (uint32_t number = 1; number <= engine->pools[POOL_SESSIONS].count; number++)
            session_at(engine, number)->graced = 0;
}

void sweep_continue(const struct call *call) {
    struct engine *engine = call->engine;
    if (walk(call, sweep_at(engine, 0)))
        return;
    struct sweep sweep = *sweep_at(engine, 0);
    sweep_list_remove_first(engine);
    end(call, &sweep);
    open_after(call, &sweep);
}

/* The sweep that goes on for this one as well: a session's, or the grace's. */
static struct sweep *find_wider(const struct engine *engine, const struct sweep *sweep) {
    if (sweep->kind != SWEEP_DISCONNECT && sweep->kind != SWEEP_GRACE)
        return NULL;
    return sweep_list_find(engine, (enum sweep_kind)sweep->kind, sweep->session, 0);
}

static void begin_anew(const struct call *call, struct sweep *sweep) {
    sweep->below = call->command->stamp.sequence;
    sweep->at = 0;
    sweep->cursor = 0;
    close_for(call, sweep);
}

void sweep_start(const struct call *call, const struct sweep *wanted) {
    struct sweep *wider = find_wider(call->engine, wanted);
    if (wider != NULL) {
        begin_anew(call, wider);
        return;
    }
    struct sweep sweep = *wanted;
    sweep.sequence = call->command->stamp.sequence;
    sweep.below = sweep.sequence;
    if (walk(call, &sweep))
        close_for(call, sweep_list_add(call->engine, &sweep));
    else
        end(call, &sweep);
}
