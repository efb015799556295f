/*
 * The model's frame: commands of the exchange itself, timers, and what all its parts ask.
 */
#include "tests/property/naive_market.h"

#include <assert.h>
#include <string.h>

#define NS_PER_MS INT64_C(1000000)

struct event *naive_event(struct naive_market *market, enum event_kind kind, enum audience audience,
                          uint32_t to) {
    assert(market->count < NAIVE_EVENTS_MAX);
    struct event *event = &market->events[market->count++];
    *event = (struct event){.kind = (uint8_t)kind, .audience = (uint8_t)audience, .to = to};
    return event;
}

struct event *naive_reject(struct naive_market *market, struct naive_no no) {
    struct event *event =
        naive_event(market, EVENT_REJECTED, AUDIENCE_SESSION, market->command->stamp.session);
    event->reason = (uint16_t)no.reason;
    event->field = (uint8_t)no.field;
    event->limit = no.limit;
    event->ord_status = ORD_STATUS_REJECTED;
    return event;
}

void naive_done(struct naive_market *market, uint64_t id, uint8_t act) {
    struct event *event =
        naive_event(market, EVENT_DONE, AUDIENCE_SESSION, market->command->stamp.session);
    event->id = id;
    event->act = act;
}

void naive_day(struct naive_market *market) {
    struct event *event = naive_event(market, EVENT_DAY, AUDIENCE_EVERYBODY, 0);
    event->value = market->date;
    event->phase = (uint8_t)naive_phase_of(market, 0);
}

bool naive_has(const struct naive_market *market, enum pool pool, uint32_t number) {
    return number >= 1 && number <= market->counts[pool];
}

bool naive_is_full(const struct naive_market *market, enum pool pool) {
    return market->counts[pool] >= market->limits.limit[pool];
}

enum reason naive_key_reason(const struct naive_market *market) {
    const struct stamp *stamp = &market->command->stamp;
    if (!naive_has(market, POOL_KEYS, stamp->key))
        return REASON_NOT_AUTHORISED;
    const struct naive_key *key = &market->keys[stamp->key - 1];
    if (key->is_revoked)
        return REASON_KEY_REVOKED;
    return key->of.participant == stamp->participant ? REASON_NONE : REASON_NOT_AUTHORISED;
}

uint32_t naive_roles(const struct naive_market *market) {
    return market->participants[market->command->stamp.participant - 1].of.roles;
}

struct naive_holding *naive_holding_find(struct naive_market *market, uint32_t account,
                                         uint32_t instrument) {
    for (uint32_t row = 0; row < market->counts[POOL_HOLDINGS]; row++)
        if (market->holdings[row].account == account &&
            market->holdings[row].instrument == instrument)
            return &market->holdings[row];
    return NULL;
}

struct naive_holding *naive_holding_get(struct naive_market *market, uint32_t account,
                                        uint32_t instrument) {
    struct naive_holding *holding = naive_holding_find(market, account, instrument);
    if (holding != NULL)
        return holding;
    assert(!naive_is_full(market, POOL_HOLDINGS));
    holding = &market->holdings[market->counts[POOL_HOLDINGS]++];
    *holding = (struct naive_holding){account, instrument, 0};
    return holding;
}

int64_t naive_market_reserved_fen(const struct naive_market *market, uint32_t account) {
    int64_t sum = 0;
    for (uint32_t row = 0; row < market->counts[POOL_ORDERS]; row++) {
        const struct naive_market_order *order = &market->orders[row];
        if (order->account == account && order->side == SIDE_BUY)
            sum += order->price_fen * (int64_t)order->leaves;
    }
    return sum;
}

int64_t naive_market_reserved_units(const struct naive_market *market, uint32_t account,
                                    uint32_t instrument) {
    int64_t sum = 0;
    for (uint32_t row = 0; row < market->counts[POOL_ORDERS]; row++) {
        const struct naive_market_order *order = &market->orders[row];
        if (order->account == account && order->instrument == instrument &&
            order->side == SIDE_SELL)
            sum += order->leaves;
    }
    return sum;
}

int64_t naive_sellable(struct naive_market *market, uint32_t account, uint32_t instrument) {
    const struct naive_holding *holding = naive_holding_find(market, account, instrument);
    if (holding == NULL)
        return 0;
    return holding->quantity - naive_market_reserved_units(market, account, instrument);
}

enum phase naive_phase_of(const struct naive_market *market, uint32_t instrument) {
    if (!market->is_open)
        return PHASE_CLOSED;
    bool is_halted = market->is_halted;
    if (instrument != 0 && market->instruments[instrument - 1].is_halted)
        is_halted = true;
    for (uint32_t row = 0; row < market->waiting_count; row++) {
        const struct naive_waiting *each = &market->waiting[row];
        if (each->closes_all || (instrument != 0 && each->closes[instrument - 1]))
            is_halted = true;
    }
    return is_halted ? PHASE_HALTED : PHASE_CONTINUOUS;
}

enum phase naive_own_phase_of(const struct naive_market *market, uint32_t instrument) {
    bool is_halted = market->instruments[instrument - 1].is_halted;
    for (uint32_t row = 0; row < market->waiting_count; row++)
        if (market->waiting[row].closes[instrument - 1])
            is_halted = true;
    return is_halted ? PHASE_HALTED : PHASE_CONTINUOUS;
}

void naive_phase(struct naive_market *market, uint32_t instrument, enum phase phase) {
    struct event *event = naive_event(market, EVENT_PHASE, AUDIENCE_EVERYBODY, 0);
    event->instrument = instrument;
    event->phase = (uint8_t)phase;
}

static void tell_session(struct naive_market *market, uint32_t number) {
    const struct naive_session *session = &market->sessions[number - 1];
    struct event *event =
        naive_event(market, EVENT_SESSION, AUDIENCE_PARTICIPANT, session->of.participant);
    event->id = number;
    event->phase = session->is_up;
}

static int64_t due_after(const struct naive_market *market, uint32_t ms) {
    return market->command->stamp.time_ns + (int64_t)ms * NS_PER_MS + 1;
}

static void cancel_dropped(struct naive_market *market) {
    struct naive_sweep sweep = {
        .says = EVENT_CANCELED, .reason = REASON_DISCONNECTED, .dropped = true};
    naive_sweep(market, &sweep);
}

static void cancel_session(struct naive_market *market, uint32_t number) {
    struct naive_sweep sweep = {
        .says = EVENT_CANCELED, .reason = REASON_DISCONNECTED, .session = number};
    naive_sweep(market, &sweep);
}

void naive_begin_grace(struct naive_market *market) {
    market->grace_due_ns = 0;
    if (market->grace_ms == 0) {
        cancel_dropped(market);
        return;
    }
    market->grace_due_ns = due_after(market, market->grace_ms);
    market->grace_created = ++market->timers_created;
}

static void session_up(struct naive_market *market) {
    uint32_t number = market->command->session_up.session;
    struct naive_session *session = &market->sessions[number - 1];
    session->is_up = true;
    session->is_dropped = false;
    session->due_ns = 0;
    tell_session(market, number);
}

static void session_down(struct naive_market *market) {
    uint32_t number = market->command->session_down.session;
    struct naive_session *session = &market->sessions[number - 1];
    bool was_up = session->is_up;
    session->is_up = false;
    tell_session(market, number);
    if (!was_up || !session->of.cancels_on_disconnect)
        return;
    if (session->of.grace_ms == 0) {
        cancel_session(market, number);
        return;
    }
    session->due_ns = due_after(market, session->of.grace_ms);
    session->created = ++market->timers_created;
}

static void drop_all(struct naive_market *market) {
    market->grace_due_ns = 0;
    for (uint32_t number = 1; number <= market->counts[POOL_SESSIONS]; number++) {
        struct naive_session *session = &market->sessions[number - 1];
        bool was_up = session->is_up;
        session->is_up = false;
        session->is_dropped = true;
        session->due_ns = 0;
        if (was_up)
            tell_session(market, number);
    }
}

/* The session whose timer is earliest, 0 for the grace; *due_ns INT64_MAX when there is none. */
static uint32_t earliest(const struct naive_market *market, int64_t *due_ns) {
    uint32_t first = 0;
    uint64_t created = market->grace_created;
    *due_ns = market->grace_due_ns != 0 ? market->grace_due_ns : INT64_MAX;
    for (uint32_t number = 1; number <= market->counts[POOL_SESSIONS]; number++) {
        const struct naive_session *session = &market->sessions[number - 1];
        if (session->due_ns == 0)
            continue;
        if (session->due_ns < *due_ns ||
            (session->due_ns == *due_ns && session->created < created)) {
            first = number;
            *due_ns = session->due_ns;
            created = session->created;
        }
    }
    return first;
}

int64_t naive_market_timer_due(const struct naive_market *market) {
    int64_t due_ns;
    earliest(market, &due_ns);
    return due_ns;
}

static void tick(struct naive_market *market) {
    int64_t due_ns;
    uint32_t number = earliest(market, &due_ns);
    assert(market->command->tick.due_ns == due_ns);
    if (number == 0) {
        market->grace_due_ns = 0;
        cancel_dropped(market);
    } else {
        market->sessions[number - 1].due_ns = 0;
        cancel_session(market, number);
    }
}

static void genesis(struct naive_market *market) {
    const struct genesis *genesis = &market->command->genesis;
    market->limits = genesis->limits;
    market->environment = genesis->environment;
    market->disk_step = DISK_ENOUGH;
    market->checkpoint_keys[0].key = genesis->checkpoint_key;
    market->checkpoint_keys_count = 1;
    market->counts[POOL_PARTICIPANTS] = 1;
    market->participants[0].of.roles = ROLE_OPERATOR;
    for (uint32_t each = 0; each < 2; each++) {
        market->keys[each].of.participant = 1;
        market->keys[each].of.person = genesis->operators[each].person;
        memcpy(market->keys[each].of.key, genesis->operators[each].key, KEY_BYTES);
        market->sessions[each].of.participant = 1;
    }
    market->counts[POOL_KEYS] = 2;
    market->counts[POOL_SESSIONS] = 2;
}

void naive_reopen(struct naive_market *market) {
    market->is_halted = false;
    naive_day(market);
    naive_begin_grace(market);
}

static void own(struct naive_market *market) {
    const struct command *command = market->command;
    switch (command->verb) {
    case VERB_GENESIS:
        genesis(market);
        return;
    case VERB_TICK:
        tick(market);
        return;
    case VERB_CONTINUE:
        naive_continue(market);
        return;
    case VERB_OUTAGE:
        market->grace_ms = command->outage.grace_ms;
        market->is_halted = true;
        naive_day(market);
        drop_all(market);
        return;
    case VERB_START:
        market->grace_ms = command->start.grace_ms;
        drop_all(market);
        naive_begin_grace(market);
        return;
    case VERB_SESSION_UP:
        session_up(market);
        return;
    case VERB_SESSION_DOWN:
        session_down(market);
        return;
    case VERB_QUARANTINED:
        naive_reject(market, (struct naive_no){REASON_QUARANTINED, FIELD_NONE, 0});
        return;
    case VERB_DISK:
        market->disk_step = command->disk.step;
        return;
    case VERB_REOPEN:
        naive_reopen(market);
        return;
    default: /* only time passes */
        return;
    }
}

void naive_market_init(struct naive_market *market, uint32_t trades_max) {
    memset(market, 0, sizeof *market);
    market->trades_max = trades_max;
}

void naive_market_apply(struct naive_market *market, const struct command *command) {
    market->command = command;
    market->count = 0;
    if (command->stamp.session != 0)
        market->sessions[command->stamp.session - 1].last_number = command->stamp.number;
    switch (command->verb) {
    case VERB_NEW_ORDER:
        naive_new_order(market);
        return;
    case VERB_REPLACE:
        naive_replace_order(market);
        return;
    case VERB_CANCEL:
        naive_cancel_order(market);
        return;
    case VERB_MASS_CANCEL:
        naive_mass_cancel(market);
        return;
    case VERB_ACT:
        naive_act(market);
        return;
    case VERB_PROPOSE:
        naive_propose(market);
        return;
    case VERB_APPROVE:
        naive_approve(market);
        return;
    default:
        own(market);
        return;
    }
}
