/*
 * The ring of sweeps, and how one walks.
 */
#include "engine/sweep_list.h"

#include "engine/order.h"

struct sweep *sweep_list_add(struct engine *engine, const struct sweep *sweep) {
    uint32_t places = region_sweeps_max(engine);
    assert(engine->sweeps_count < places);
    uint32_t place = (engine->sweeps_first + engine->sweeps_count) % places;
    if (place >= engine->sweeps_mark)
        engine->sweeps_mark = place + 1;
    engine->sweeps_count++;
    struct sweep *row = sweep_at(engine, engine->sweeps_count - 1);
    *row = *sweep;
    return row;
}

void sweep_list_remove_first(struct engine *engine) {
    engine->swept = sweep_at(engine, 0)->sequence + 1;
    engine->sweeps_count--;
    engine->sweeps_first =
        engine->sweeps_count == 0 ? 0 : (engine->sweeps_first + 1) % region_sweeps_max(engine);
}

struct sweep *sweep_list_find(const struct engine *engine, enum sweep_kind kind, uint32_t session,
                              uint32_t instrument) {
    for (uint32_t number = 0; number < engine->sweeps_count; number++) {
        struct sweep *sweep = sweep_at(engine, number);
        if (sweep->kind == kind && sweep->session == session && sweep->instrument == instrument)
            return sweep;
    }
    return NULL;
}

struct refusal sweep_check_act(const struct engine *engine) {
    uint32_t acts = 0;
    for (uint32_t number = 0; number < engine->sweeps_count; number++) {
        uint8_t kind = sweep_at(engine, number)->kind;
        acts += kind == SWEEP_KILL || kind == SWEEP_EXPIRY || kind == SWEEP_BAND;
    }
    if (acts >= SWEEPS_ACTS_MAX)
        return refusal_of(REASON_LIMIT_REACHED, FIELD_SWEEPS, SWEEPS_ACTS_MAX);
    return refusal_none();
}

struct refusal sweep_check_mass(const struct engine *engine, uint32_t participant) {
    uint32_t all = 0;
    uint32_t own = 0;
    for (uint32_t number = 0; number < engine->sweeps_count; number++) {
        const struct sweep *sweep = sweep_at(engine, number);
        if (sweep->kind != SWEEP_MASS_CANCEL)
            continue;
        all++;
        own += session_at(engine, order_id_session(sweep->asker))->participant == participant;
    }
    if (own >= SWEEPS_MASS_EACH_MAX)
        return refusal_of(REASON_LIMIT_REACHED, FIELD_SWEEPS, SWEEPS_MASS_EACH_MAX);
    if (all >= SWEEPS_MASS_MAX)
        return refusal_of(REASON_LIMIT_REACHED, FIELD_SWEEPS, SWEEPS_MASS_MAX);
    return refusal_none();
}

bool sweep_is_by_session(const struct sweep *sweep) {
    return (sweep->session | sweep->participant | sweep->account) != 0 ||
           sweep->kind == SWEEP_GRACE;
}

static uint32_t next_in_book(const struct engine *engine, uint32_t id) {
    uint32_t next = book_next(books_of(engine), id);
    return next != BOOK_NONE ? next : 0;
}

/* The order after this one where the sweep is. */
static uint32_t next_of(const struct engine *engine, const struct sweep *sweep, uint32_t row) {
    return sweep_is_by_session(sweep) ? order_at(engine, row)->older : next_in_book(engine, row);
}

void sweep_step_over_each(struct engine *engine, uint32_t row) {
    for (uint32_t number = 0; number < engine->sweeps_count; number++) {
        struct sweep *sweep = sweep_at(engine, number);
        if (sweep->cursor == row)
            sweep->cursor = next_of(engine, sweep, row);
    }
}

/* Whether orders of a session may be meant. */
static bool wants_session(const struct engine *engine, const struct sweep *sweep, uint32_t number) {
    const struct session *session = session_at(engine, number);
    if (sweep->kind == SWEEP_GRACE)
        return session->graced != 0;
    if (sweep->session != 0 && sweep->session != number)
        return false;
    if (sweep->participant != 0 && sweep->participant != session->participant)
        return false;
    return sweep->account == 0 ||
           account_at(engine, sweep->account)->participant == session->participant;
}

/* Whether an order of a session that may be meant is. */
static bool wants(const struct engine *engine, const struct sweep *sweep,
                  const struct order *order) {
    uint64_t below = sweep->below;
    if (sweep->kind == SWEEP_GRACE)
        below = session_at(engine, order_id_session(order->id))->graced;
    if (order->entry >= below)
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

bool sweep_covers(const struct engine *engine, const struct sweep *sweep,
                  const struct order *order) {
    return wants_session(engine, sweep, order_id_session(order->id)) && wants(engine, sweep, order);
}

/* Goes to the next session; false after the last. */
static bool next_session(const struct engine *engine, struct sweep *sweep) {
    uint32_t last = sweep->session != 0 ? sweep->session : engine->pools[POOL_SESSIONS].count;
    if (sweep->at >= last)
        return false;
    sweep->at = sweep->session != 0 ? sweep->session : sweep->at + 1;
    if (wants_session(engine, sweep, sweep->at))
        sweep->cursor = session_at(engine, sweep->at)->newest;
    return true;
}

/* Goes to the next side of a book; false after the last. */
static bool next_book(const struct engine *engine, struct sweep *sweep) {
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

bool sweep_look(const struct engine *engine, struct sweep *sweep, uint32_t *row) {
    uint32_t seen = sweep->cursor;
    *row = 0;
    if (seen == 0)
        return sweep_is_by_session(sweep) ? next_session(engine, sweep) : next_book(engine, sweep);
    sweep->cursor = next_of(engine, sweep, seen);
    if (wants(engine, sweep, order_at(engine, seen)))
        *row = seen;
    return true;
}
