/*
 * How sweeps walk. The cursor is the order to look at next; it is moved on before an order goes.
 */
#include "engine/sweep.h"

#include "engine/emit.h"
#include "engine/instrument.h"
#include "engine/match.h"
#include "engine/order.h"
#include "engine/region.h"

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

static struct sweep *place_at(const struct engine *engine, uint32_t place) {
    return (struct sweep *)region_place(engine, engine->sweeps_at) + place;
}

struct sweep *sweep_at(const struct engine *engine, uint32_t number) {
    assert(number < engine->sweeps_count);
    return place_at(engine, (engine->sweeps_first + number) % region_sweeps_max(engine));
}

static bool is_by_session(const struct sweep *sweep) {
    return (sweep->session | sweep->participant | sweep->account) != 0 ||
           sweep->kind == SWEEP_GRACE;
}

/* Whether a request asked for it: such wait for room, others always have theirs. */
static bool is_asked(const struct sweep *sweep) {
    return sweep->kind != SWEEP_DISCONNECT && sweep->kind != SWEEP_GRACE;
}

static uint32_t next_in_book(const struct engine *engine, uint32_t id) {
    uint32_t next = book_next(books_of(engine), id);
    return next != BOOK_NONE ? next : 0;
}

/* The order after this one where the sweep is. */
static uint32_t next_of(const struct engine *engine, const struct sweep *sweep, uint32_t row) {
    return is_by_session(sweep) ? order_at(engine, row)->older : next_in_book(engine, row);
}

void sweep_step_over(struct engine *engine, uint32_t row) {
    if (engine->sweeps_count == 0)
        return;
    struct sweep *sweep = sweep_at(engine, 0);
    if (sweep->cursor == row)
        sweep->cursor = next_of(engine, sweep, row);
}

/* Whether orders of a session may be meant. The grace asks for those dropped before its timer
 * fired; whoever is dropped again while it acts has a new grace. */
static bool wants_session(const struct engine *engine, const struct sweep *sweep, uint32_t number) {
    const struct session *session = session_at(engine, number);
    if (sweep->kind == SWEEP_GRACE)
        return session->cancels_on_disconnect && session->dropped != 0 &&
               session->dropped <= sweep->sequence + 1;
    if (sweep->session != 0 && sweep->session != number)
        return false;
    if (sweep->participant != 0 && sweep->participant != session->participant)
        return false;
    return sweep->account == 0 ||
           account_at(engine, sweep->account)->participant == session->participant;
}

/* Goes to the next session; false after the last. */
static bool next_session(struct engine *engine, struct sweep *sweep) {
    uint32_t last = sweep->session != 0 ? sweep->session : engine->pools[POOL_SESSIONS].count;
    if (sweep->at >= last)
        return false;
    sweep->at = sweep->session != 0 ? sweep->session : sweep->at + 1;
    if (wants_session(engine, sweep, sweep->at))
        sweep->cursor = session_at(engine, sweep->at)->newest;
    return true;
}

/* Goes to the next side of a book; false after the last. */
static bool next_book(struct engine *engine, struct sweep *sweep) {
    if (sweep->at_side == SIDE_BUY) {
        sweep->at_side = SIDE_SELL;
    } else {
        uint32_t last =
            sweep->instrument != 0 ? sweep->instrument : engine->pools[POOL_INSTRUMENTS].count;
        if (sweep->at >= last)
            return false;
        sweep->at = sweep->instrument != 0 ? sweep->instrument : sweep->at + 1;
        sweep->at_side = SIDE_BUY;
    }
    if (sweep->side != 0 && sweep->side != sweep->at_side)
        return true;
    uint32_t first = book_first(books_of(engine), sweep->at, order_book_side(sweep->at_side));
    sweep->cursor = first != BOOK_NONE ? first : 0;
    return true;
}

/* Whether the sweep takes this order out. */
static bool wants(const struct engine *engine, const struct sweep *sweep,
                  const struct order *order) {
    if (order->entry > sweep->sequence)
        return false;
    if (sweep->account != 0 && sweep->account != order->account)
        return false;
    if (sweep->instrument != 0 && sweep->instrument != order->instrument)
        return false;
    if (sweep->side != 0 && sweep->side != order->side)
        return false;
    if (sweep->kind == SWEEP_EXPIRY)
        return order->good_till <= sweep->date;
    if (sweep->kind != SWEEP_BAND)
        return true;
    const struct instrument *instrument = instrument_at(engine, order->instrument);
    int64_t low = instrument->tick_fen * instrument->band_low_ticks;
    int64_t high = instrument->tick_fen * instrument->band_high_ticks;
    return order->price_fen < low || order->price_fen > high;
}

static void close_for(struct engine *engine, const struct sweep *sweep, uint32_t change) {
    if (sweep->instrument != 0)
        instrument_at(engine, sweep->instrument)->closings += change;
    else
        engine->closings += change;
    if (is_asked(sweep))
        engine->sweeps_asked += change;
}

static void end(const struct call *call) {
    struct engine *engine = call->engine;
    const struct sweep *sweep = sweep_at(engine, 0);
    close_for(engine, sweep, UINT32_MAX);
    if (sweep->kind == SWEEP_DISCONNECT)
        session_at(engine, sweep->session)->is_queued = false;
    if (sweep->asker != 0)
        *emit_next(call->sink) = (struct event){.kind = EVENT_MASS_CANCELED,
                                                .audience = AUDIENCE_SESSION,
                                                .to = order_id_session(sweep->asker),
                                                .order_id = sweep->asker,
                                                .value = sweep->count};
    if (sweep->kind == SWEEP_EXPIRY)
        emit_day(call);
    engine->sweeps_count--;
    engine->sweeps_first =
        engine->sweeps_count == 0 ? 0 : (engine->sweeps_first + 1) % region_sweeps_max(engine);
}

void sweep_continue(const struct call *call) {
    struct engine *engine = call->engine;
    struct sweep *sweep = sweep_at(engine, 0);
    for (uint32_t looks = 0; looks < SWEEP_ORDERS_MAX; looks++) {
        uint32_t row = sweep->cursor;
        if (row == 0) {
            bool goes_on =
                is_by_session(sweep) ? next_session(engine, sweep) : next_book(engine, sweep);
            if (goes_on)
                continue;
            end(call);
            return;
        }
        sweep->cursor = next_of(engine, sweep, row);
        if (!wants(engine, sweep, order_at(engine, row)))
            continue;
        sweep->count++;
        match_cancel(call, row, (enum event_kind)sweep_says[sweep->kind].event,
                     (enum reason)sweep_says[sweep->kind].reason);
    }
}

void sweep_start(const struct call *call, const struct sweep *sweep) {
    struct engine *engine = call->engine;
    uint32_t places = region_sweeps_max(engine);
    assert(engine->sweeps_count < places);
    uint32_t place = (engine->sweeps_first + engine->sweeps_count) % places;
    *place_at(engine, place) = *sweep;
    place_at(engine, place)->sequence = call->command->stamp.sequence;
    if (place >= engine->sweeps_mark)
        engine->sweeps_mark = place + 1;
    engine->sweeps_count++;
    close_for(engine, sweep, 1);
    if (engine->sweeps_count == 1)
        sweep_continue(call);
}
