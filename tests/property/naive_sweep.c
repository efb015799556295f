/*
 * The model's sweeps: whatever takes out many orders at once.
 */
#include "tests/property/naive_market.h"

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

/* By session, newest first, where somebody is named; else by instrument, buys first, in the order
 * in which they would have traded (engine/sweep.h). */
static bool is_swept_before(const struct naive_sweep *sweep, const struct naive_market_order *a,
                            const struct naive_market_order *b) {
    bool by_session = sweep->dropped || (sweep->session | sweep->participant | sweep->account) != 0;
    if (by_session && order_id_session(a->id) != order_id_session(b->id))
        return order_id_session(a->id) < order_id_session(b->id);
    if (by_session)
        return a->id > b->id;
    if (a->instrument != b->instrument)
        return a->instrument < b->instrument;
    return a->side != b->side ? a->side == SIDE_BUY : naive_is_before(a, b);
}

uint32_t naive_sweep(struct naive_market *market, const struct naive_sweep *sweep) {
    for (uint32_t count = 0;; count++) {
        const struct naive_market_order *first = NULL;
        for (uint32_t row = 0; row < market->counts[POOL_ORDERS]; row++) {
            const struct naive_market_order *each = &market->orders[row];
            if (is_swept(market, sweep, each) &&
                (first == NULL || is_swept_before(sweep, each, first)))
                first = each;
        }
        if (first == NULL)
            return count;
        naive_take_out(market, first, sweep->says, sweep->reason);
    }
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
        return NAIVE_YES;
    if (wanted->session != 0 && market->sessions[wanted->session - 1].of.participant != own)
        return no_of(REASON_NOT_AUTHORISED, FIELD_SESSION, 0);
    if (wanted->participant != 0 && wanted->participant != own)
        return no_of(REASON_NOT_AUTHORISED, FIELD_PARTICIPANT, 0);
    if (wanted->account != 0 && market->accounts[wanted->account - 1].of.participant != own)
        return no_of(REASON_NOT_AUTHORISED, FIELD_ACCOUNT, 0);
    return NAIVE_YES;
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
    uint32_t count = naive_sweep(market, &sweep);
    struct event *event =
        naive_event(market, EVENT_MASS_CANCELED, AUDIENCE_SESSION, stamp->session);
    event->order_id = order_id_of(stamp->session, stamp->number);
    event->value = count;
}
