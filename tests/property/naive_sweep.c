/*
 * The model's sweeps: whatever takes out many orders at once.
 */
#include "tests/property/naive_market.h"

#include <assert.h>
#include <string.h>

static struct naive_no no_of(enum reason reason, enum field field, int64_t limit) {
    return (struct naive_no){reason, field, limit};
}

static bool is_swept(const struct naive_market *market, const struct naive_sweep *sweep,
                     const struct naive_market_order *order) {
    uint32_t number = order_id_session(order->id);
    const struct naive_session *session = &market->sessions[number - 1];
    const struct naive_instrument *instrument = &market->instruments[order->instrument - 1];
    if (sweep->dropped && !(session->is_dropped && session->of.cancels_on_disconnect))
        return false;
    if (sweep->outside_band && order->price_fen >= instrument->low_fen &&
        order->price_fen <= instrument->high_fen)
        return false;
    return (sweep->session == 0 || sweep->session == number) &&
           (sweep->participant == 0 || sweep->participant == session->of.participant) &&
           (sweep->account == 0 || sweep->account == order->account) &&
           (sweep->instrument == 0 || sweep->instrument == order->instrument) &&
           (sweep->side == 0 || sweep->side == order->side) &&
           (sweep->till == 0 || order->good_till <= sweep->till);
}

static bool is_by_session(const struct naive_sweep *sweep) {
    return sweep->dropped || (sweep->session | sweep->participant | sweep->account) != 0;
}

/* By session, newest first, where somebody is named; else by instrument, buys first, in the order
 * in which they would have traded (engine/sweep.h). */
static bool is_swept_before(const struct naive_sweep *sweep, const struct naive_market_order *a,
                            const struct naive_market_order *b) {
    bool by_session = is_by_session(sweep);
    if (by_session && order_id_session(a->id) != order_id_session(b->id))
        return order_id_session(a->id) < order_id_session(b->id);
    if (by_session)
        return a->id > b->id;
    if (a->instrument != b->instrument)
        return a->instrument < b->instrument;
    return a->side != b->side ? a->side == SIDE_BUY : naive_is_before(a, b);
}

static const struct naive_market_order *find(const struct naive_market *market, uint64_t id) {
    for (uint32_t row = 0; row < market->counts[POOL_ORDERS]; row++)
        if (market->orders[row].id == id)
            return &market->orders[row];
    return NULL;
}

/* The order that goes next; NULL when all are gone. */
static const struct naive_market_order *first_of(const struct naive_market *market,
                                                 const struct naive_waiting *waiting) {
    const struct naive_market_order *first = NULL;
    for (uint32_t i = 0; i < waiting->count; i++) {
        const struct naive_market_order *each = find(market, waiting->ids[i]);
        if (each != NULL && (first == NULL || is_swept_before(&waiting->of, each, first)))
            first = each;
    }
    return first;
}

static bool is_listed(const struct naive_waiting *waiting, uint64_t id) {
    for (uint32_t i = 0; i < waiting->count; i++)
        if (waiting->ids[i] == id)
            return true;
    return false;
}

/* Lists what a sweep takes out: what is there now. */
static void list(const struct naive_market *market, struct naive_waiting *waiting) {
    for (uint32_t row = 0; row < market->counts[POOL_ORDERS]; row++) {
        const struct naive_market_order *each = &market->orders[row];
        if (is_swept(market, &waiting->of, each) && !is_listed(waiting, each->id)) {
            assert(waiting->count < NAIVE_ROWS_MAX);
            waiting->ids[waiting->count++] = each->id;
        }
    }
}

static void take_out(struct naive_market *market, struct naive_waiting *waiting) {
    for (uint32_t taken = 0; market->sweep_ends || taken < market->sweep_takes; taken++) {
        const struct naive_market_order *first = first_of(market, waiting);
        if (first == NULL)
            return;
        naive_take_out(market, first, waiting->of.says, waiting->of.reason);
        waiting->gone++;
    }
}

static void close_one(struct naive_market *market, struct naive_waiting *waiting,
                      uint32_t instrument) {
    bool was_open = naive_own_phase_of(market, instrument) == PHASE_CONTINUOUS;
    waiting->closes[instrument - 1] = true;
    if (was_open)
        naive_phase(market, instrument, PHASE_HALTED);
}

/* Where orders are left to go, or could be if there were such, nothing trades. */
static void close_for(struct naive_market *market, struct naive_waiting *waiting) {
    const struct naive_sweep *sweep = &waiting->of;
    bool was_open = naive_phase_of(market, 0) == PHASE_CONTINUOUS;
    if (sweep->instrument != 0) {
        close_one(market, waiting, sweep->instrument);
    } else if (!is_by_session(sweep)) {
        waiting->closes_all = true;
        if (was_open)
            naive_day(market);
    } else {
        struct naive_waiting left = *waiting;
        const struct naive_market_order *first;
        while ((first = first_of(market, &left)) != NULL) {
            close_one(market, waiting, first->instrument);
            for (uint32_t i = 0; i < left.count; i++)
                if (left.ids[i] == first->id)
                    left.ids[i] = 0;
        }
    }
}

static void tell_end(struct naive_market *market, const struct naive_waiting *waiting) {
    if (waiting->asker != 0) {
        struct event *event = naive_event(market, EVENT_MASS_CANCELED, AUDIENCE_SESSION,
                                          order_id_session(waiting->asker));
        event->order_id = waiting->asker;
        event->value = waiting->gone;
    }
    if (waiting->of.till != 0)
        naive_day(market);
}

void naive_continue(struct naive_market *market) {
    assert(market->waiting_count > 0);
    assert(market->command->continuation.sweep == market->waiting[0].sequence);
    take_out(market, &market->waiting[0]);
    if (!market->sweep_ends)
        return;
    struct naive_waiting done = market->waiting[0];
    market->waiting_count--;
    memmove(market->waiting, market->waiting + 1,
            market->waiting_count * sizeof market->waiting[0]);
    tell_end(market, &done);
    if (done.closes_all && done.of.till == 0 && naive_phase_of(market, 0) == PHASE_CONTINUOUS)
        naive_day(market);
    for (uint32_t number = 1; number <= market->counts[POOL_INSTRUMENTS]; number++)
        if (done.closes[number - 1] && naive_own_phase_of(market, number) == PHASE_CONTINUOUS)
            naive_phase(market, number, PHASE_CONTINUOUS);
}

/* The waiting sweep that a disconnect or a grace makes wider instead of beginning one more. */
static struct naive_waiting *find_wider(struct naive_market *market,
                                        const struct naive_sweep *sweep) {
    for (uint32_t row = 0; row < market->waiting_count; row++) {
        struct naive_waiting *each = &market->waiting[row];
        if (sweep->reason == REASON_DISCONNECTED && each->of.reason == REASON_DISCONNECTED &&
            each->of.dropped == sweep->dropped && each->of.session == sweep->session)
            return each;
    }
    return NULL;
}

void naive_sweep(struct naive_market *market, const struct naive_sweep *sweep) {
    const struct stamp *stamp = &market->command->stamp;
    struct naive_waiting *wider = find_wider(market, sweep);
    if (wider != NULL) {
        list(market, wider);
        close_for(market, wider);
        return;
    }
    struct naive_waiting begun = {.of = *sweep, .sequence = stamp->sequence};
    if (sweep->reason == REASON_MASS_CANCEL)
        begun.asker = order_id_of(stamp->session, stamp->number);
    list(market, &begun);
    take_out(market, &begun);
    if (market->sweep_ends) {
        tell_end(market, &begun);
        return;
    }
    assert(market->waiting_count < NAIVE_SWEEPS_MAX);
    market->waiting[market->waiting_count++] = begun;
    close_for(market, &market->waiting[market->waiting_count - 1]);
}

bool naive_is_waiting(const struct naive_market *market, enum reason reason, uint32_t instrument) {
    for (uint32_t row = 0; row < market->waiting_count; row++)
        if (market->waiting[row].of.reason == reason &&
            market->waiting[row].of.instrument == instrument)
            return true;
    return false;
}

struct naive_no naive_check_sweep(const struct naive_market *market) {
    uint32_t acts = 0;
    for (uint32_t row = 0; row < market->waiting_count; row++) {
        enum reason reason = market->waiting[row].of.reason;
        acts += reason != REASON_MASS_CANCEL && reason != REASON_DISCONNECTED;
    }
    return acts < 16 ? NAIVE_YES : no_of(REASON_LIMIT_REACHED, FIELD_SWEEPS, 16);
}

static struct naive_no check_room(const struct naive_market *market) {
    uint32_t all = 0;
    uint32_t own = 0;
    for (uint32_t row = 0; row < market->waiting_count; row++) {
        uint64_t asker = market->waiting[row].asker;
        if (asker == 0)
            continue;
        uint32_t session = order_id_session(asker);
        all++;
        own += market->sessions[session - 1].of.participant == market->command->stamp.participant;
    }
    if (own >= 4)
        return no_of(REASON_LIMIT_REACHED, FIELD_SWEEPS, 4);
    return all < 16 ? NAIVE_YES : no_of(REASON_LIMIT_REACHED, FIELD_SWEEPS, 16);
}

static struct naive_no check_mass(const struct naive_market *market) {
    const struct mass_cancel *wanted = &market->command->mass_cancel;
    uint32_t own = market->command->stamp.participant;
    enum reason reason = naive_admit(market, ROLE_BROKER | ROLE_OPERATOR, DISK_CRITICAL);
    if (reason != REASON_NONE)
        return naive_admit_no(reason);
    if (wanted->session != 0 && !naive_has(market, POOL_SESSIONS, wanted->session))
        return no_of(REASON_UNKNOWN_SESSION, FIELD_SESSION, 0);
    if (wanted->participant != 0 && !naive_has(market, POOL_PARTICIPANTS, wanted->participant))
        return no_of(REASON_UNKNOWN_PARTICIPANT, FIELD_PARTICIPANT, 0);
    if (wanted->account != 0 && !naive_has(market, POOL_ACCOUNTS, wanted->account))
        return no_of(REASON_UNKNOWN_ACCOUNT, FIELD_ACCOUNT, 0);
    if (wanted->instrument != 0 && !naive_has(market, POOL_INSTRUMENTS, wanted->instrument))
        return no_of(REASON_UNKNOWN_INSTRUMENT, FIELD_INSTRUMENT, 0);
    if ((naive_roles(market) & ROLE_OPERATOR) != 0)
        return check_room(market);
    if (wanted->session != 0 && market->sessions[wanted->session - 1].of.participant != own)
        return no_of(REASON_NOT_AUTHORISED, FIELD_SESSION, 0);
    if (wanted->participant != 0 && wanted->participant != own)
        return no_of(REASON_NOT_AUTHORISED, FIELD_PARTICIPANT, 0);
    if (wanted->account != 0 && market->accounts[wanted->account - 1].of.participant != own)
        return no_of(REASON_NOT_AUTHORISED, FIELD_ACCOUNT, 0);
    return check_room(market);
}

void naive_mass_cancel(struct naive_market *market) {
    const struct mass_cancel *wanted = &market->command->mass_cancel;
    const struct stamp *stamp = &market->command->stamp;
    struct naive_no no = check_mass(market);
    if (no.reason != REASON_NONE) {
        naive_reject(market, no);
        return;
    }
    struct naive_sweep sweep = {.says = EVENT_CANCELED,
                                .reason = REASON_MASS_CANCEL,
                                .session = wanted->session,
                                .participant = wanted->participant,
                                .account = wanted->account,
                                .instrument = wanted->instrument,
                                .side = wanted->side};
    bool names_nobody = (wanted->session | wanted->participant | wanted->account) == 0;
    if (names_nobody && wanted->instrument == 0 && wanted->side == 0)
        sweep.session = stamp->session;
    else if (names_nobody && (naive_roles(market) & ROLE_OPERATOR) == 0)
        sweep.participant = stamp->participant;
    naive_sweep(market, &sweep);
}
