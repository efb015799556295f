/*
 * Acts by chance.
 */
#include "tests/property/random_act.h"

#include <string.h>

#include "bench/algorithms.h"
#include "engine/date.h"

uint32_t random_any_of(struct random *random, uint32_t count) {
    if (random_once_in(random, 30))
        return random_once_in(random, 2) ? 0 : count + 1;
    return count == 0 ? 1 : random_between(random, 1, count);
}

/* The same, or 0 for none. */
static uint32_t some_or_none(struct random *random, uint32_t count) {
    return random_once_in(random, 2) ? 0 : random_any_of(random, count);
}

trading_date random_day_after(trading_date date) {
    do
        date++;
    while (!date_is_valid(date));
    return date;
}

trading_date random_date_near(struct random *random, const struct naive_market *market) {
    trading_date date = market->date != 0 ? market->date : RANDOM_FIRST_DATE;
    switch (random_below(random, 12)) {
    case 0:
        return date - 1; /* which no calendar may have */
    case 1:
        return date;
    case 2:
        return 20270229;
    case 3:
        return random_day_after(random_day_after(date));
    default:
        return random_day_after(date);
    }
}

static void party_act(struct random *random, const struct naive_market *market, struct act *act) {
    static const uint32_t roles[] = {ROLE_BROKER,   ROLE_BANK, ROLE_REGULATOR, ROLE_SETTLEMENT_BANK,
                                     ROLE_OPERATOR, 0,         1u << 12};
    switch (act->kind) {
    case ACT_ADD_PARTICIPANT:
        act->add_participant.roles = roles[random_below(random, 7)];
        act->add_participant.code_bytes = (uint8_t)random_below(random, 3);
        for (uint8_t i = 0; i < act->add_participant.code_bytes; i++)
            act->add_participant.code[i] = (char)('A' + random_below(random, 3));
        return;
    case ACT_ADD_KEY:
        act->add_key.participant = random_any_of(random, market->counts[POOL_PARTICIPANTS]);
        act->add_key.person = random_below(random, 6);
        memset(act->add_key.key, (int)random_below(random, 200), KEY_BYTES);
        return;
    case ACT_REVOKE_KEY: /* without the first, nobody acts any more */
        act->revoke_key.key = random_any_of(random, market->counts[POOL_KEYS]);
        if (act->revoke_key.key <= 5)
            act->revoke_key.key = market->counts[POOL_KEYS];
        act->revoke_key.keeps_orders = random_once_in(random, 2);
        act->revoke_key.compromised_since_ns = random_below(random, 2);
        return;
    case ACT_ADD_SESSION:
        act->add_session.participant = random_any_of(random, market->counts[POOL_PARTICIPANTS]);
        act->add_session.cancels_on_disconnect = random_once_in(random, 2);
        act->add_session.grace_ms = random_once_in(random, 20) ? 3600001 : random_below(random, 4);
        return;
    case ACT_ADD_ACCOUNT:
        act->add_account.participant = random_any_of(random, market->counts[POOL_PARTICIPANTS]);
        act->add_account.owner = random_below(random, 9);
        return;
    default: /* DEPOSIT */
        act->deposit.account = random_any_of(random, market->counts[POOL_ACCOUNTS]);
        act->deposit.instrument = some_or_none(random, market->counts[POOL_INSTRUMENTS]);
        act->deposit.amount = (int64_t)random_below(random, 400) - 100;
        if (act->deposit.instrument == 0)
            act->deposit.amount *= 200;
        if (random_once_in(random, 20))
            act->deposit.amount = random_once_in(random, 2) ? INT64_MAX : INT64_MIN;
        return;
    }
}

static void shape_instrument(struct random *random, struct add_instrument *add) {
    static const int64_t ticks[] = {1, 5, 100};
    add->symbol_bytes = (uint8_t)random_between(random, 1, 2);
    for (uint8_t i = 0; i < add->symbol_bytes; i++)
        add->symbol[i] = random_once_in(random, 40) ? 'a' : (char)('A' + random_below(random, 4));
    add->tick_fen = ticks[random_below(random, 3)];
    add->lot_min = random_between(random, 1, 4);
    add->lot_step = random_between(random, 1, 3);
    add->qty_max = random_once_in(random, 3) ? 20 : 0;
    if (random_once_in(random, 2)) {
        add->band_low_fen = add->tick_fen * (RANDOM_MIDDLE_TICKS - random_below(random, 9));
        add->band_high_fen = add->tick_fen * (RANDOM_MIDDLE_TICKS + random_below(random, 9));
    }
    switch (random_below(random, 30)) {
    case 0:
        add->tick_fen = random_once_in(random, 2) ? 0 : INT64_MAX;
        return;
    case 1:
        add->lot_min = random_once_in(random, 2) ? 0 : 21;
        return;
    case 2:
        add->lot_step = 0;
        return;
    case 3:
        add->qty_max = UINT64_C(1) << 32;
        return;
    case 4:
        add->band_high_fen = 3;
        return;
    case 5:
        add->reference_fen = -1;
        return;
    default:
        return;
    }
}

static void shape_band(struct random *random, const struct naive_market *market,
                       struct set_band *set) {
    int64_t tick_fen = 1;
    set->instrument = random_any_of(random, market->counts[POOL_INSTRUMENTS]);
    for (uint32_t number = 1; number <= market->counts[POOL_INSTRUMENTS]; number++)
        if (market->instruments[number - 1].is_halted && !random_once_in(random, 4))
            set->instrument = number;
    if (set->instrument - 1 < market->counts[POOL_INSTRUMENTS])
        tick_fen = market->instruments[set->instrument - 1].of.tick_fen;
    if (random_once_in(random, 3))
        return; /* none */
    set->band_low_fen = tick_fen * (RANDOM_MIDDLE_TICKS - random_below(random, 5));
    set->band_high_fen = tick_fen * (RANDOM_MIDDLE_TICKS + random_below(random, 5));
    if (random_once_in(random, 10))
        set->band_low_fen = random_once_in(random, 2) ? -1 : set->band_high_fen + tick_fen;
    if (random_once_in(random, 10))
        set->band_high_fen++;
}

static void shape_kill(struct random *random, const struct naive_market *market,
                       struct kill *kill) {
    uint32_t scopes = random_once_in(random, 15) ? 2 : 1;
    for (uint32_t each = 0; each < scopes; each++) {
        switch (random_below(random, 6)) {
        case 0:
            kill->participant = random_any_of(random, market->counts[POOL_PARTICIPANTS]);
            break;
        case 1:
            kill->session = random_any_of(random, market->counts[POOL_SESSIONS]);
            break;
        case 2:
            kill->account = random_any_of(random, market->counts[POOL_ACCOUNTS]);
            break;
        case 3:
        case 4:
            kill->instrument = random_any_of(random, market->counts[POOL_INSTRUMENTS]);
            break;
        default:
            break; /* the exchange */
        }
    }
}

void random_shape_unkill(struct random *random, const struct naive_market *market,
                         struct kill *kill) {
    for (uint32_t number = 1; number <= market->counts[POOL_INSTRUMENTS]; number++)
        if (market->instruments[number - 1].is_killed)
            *kill = (struct kill){.instrument = number};
    for (uint32_t number = 1; number <= market->counts[POOL_ACCOUNTS]; number++)
        if (market->accounts[number - 1].is_killed && random_once_in(random, 2))
            *kill = (struct kill){.account = number};
    for (uint32_t number = 1; number <= market->counts[POOL_SESSIONS]; number++)
        if (market->sessions[number - 1].is_killed && random_once_in(random, 2))
            *kill = (struct kill){.session = number};
    for (uint32_t number = 1; number <= market->counts[POOL_PARTICIPANTS]; number++)
        if (market->participants[number - 1].is_killed && random_once_in(random, 2))
            *kill = (struct kill){.participant = number};
    if (market->is_killed || random_once_in(random, 20))
        *kill = (struct kill){0};
}

static void rest_act(struct random *random, const struct naive_market *market, struct act *act) {
    switch (act->kind) {
    case ACT_RAISE_LIMIT:
        act->raise_limit.pool = random_any_of(random, POOLS_END - 1);
        act->raise_limit.limit = random_below(random, 80);
        if (act->raise_limit.pool - 1 < POOLS_END - 1 && random_once_in(random, 2))
            act->raise_limit.limit = market->limits.limit[act->raise_limit.pool] + 1;
        return;
    case ACT_ACTIVATE:
        act->activate.version = random_below(random, 4);
        return;
    case ACT_RESOLVE:
        act->resolve.sequence = random_once_in(random, 3) ? UINT64_C(1) << 40 : 3;
        return;
    case ACT_CHECKPOINT_KEY:
        act->checkpoint_key.key = algorithms_key((uint8_t)(0xcc + random_below(random, 20)));
        if (random_once_in(random, 20)) /* of the other profile */
            act->checkpoint_key.key.size ^= 1;
        act->checkpoint_key.is_revoked = random_once_in(random, 2);
        return;
    case ACT_SESSION_RESET:
        act->session_reset.session = random_any_of(random, market->counts[POOL_SESSIONS]);
        return;
    default: /* REOPEN, CONFIRM_TIME */
        return;
    }
}

void random_shape_act(struct random *random, const struct naive_market *market, struct act *act) {
    switch (act->kind) {
    case ACT_ADD_INSTRUMENT:
        shape_instrument(random, &act->add_instrument);
        return;
    case ACT_SET_BAND:
        shape_band(random, market, &act->set_band);
        return;
    case ACT_DAY_OPEN:
        act->day.date = random_date_near(random, market);
        return;
    case ACT_DAY_CLOSE:
        act->day.date =
            random_once_in(random, 10) ? random_date_near(random, market) : market->date;
        return;
    case ACT_HALT:
        act->halt.instrument = some_or_none(random, market->counts[POOL_INSTRUMENTS]);
        act->halt.is_halted = random_once_in(random, 5);
        for (uint32_t number = 1; number <= market->counts[POOL_INSTRUMENTS]; number++)
            if (market->instruments[number - 1].is_halted && random_once_in(random, 2))
                act->halt = (struct halt){.instrument = number};
        return;
    case ACT_KILL:
        shape_kill(random, market, &act->kill);
        return;
    case ACT_UNKILL:
        random_shape_unkill(random, market, &act->kill);
        return;
    case ACT_RAISE_LIMIT:
    case ACT_ACTIVATE:
    case ACT_RESOLVE:
    case ACT_REOPEN:
    case ACT_CHECKPOINT_KEY:
    case ACT_CONFIRM_TIME:
    case ACT_SESSION_RESET:
        rest_act(random, market, act);
        return;
    default:
        party_act(random, market, act);
        return;
    }
}
