/*
 * Commands by chance. A field is drawn from what there is, and once in a while from beside it.
 */
#include "tests/property/random_command.h"
#include "bench/algorithms.h"
#include "engine/version.h"

#include <string.h>

#include "tests/property/random_act.h"

#define SPREAD_TICKS 6u
#define SHARES       0x100u /* beside an account's number: of instrument 1, not cash */

struct engine_limits random_limits(struct random *random) {
    static const uint32_t least[POOLS_END] = {
        [POOL_ORDERS] = 3,    [POOL_LEVELS] = 2,   [POOL_INSTRUMENTS] = 3, [POOL_ACCOUNTS] = 4,
        [POOL_HOLDINGS] = 6,  [POOL_SESSIONS] = 8, [POOL_KEYS] = 8,        [POOL_PARTICIPANTS] = 5,
        [POOL_PROPOSALS] = 1, [POOL_TIMERS] = 3,   [POOL_PARTIES] = 1,     [POOL_PARTY_KEYS] = 1,
        [POOL_RIGHTS] = 1,    [POOL_STAKES] = 1,
    };
    static const uint32_t most[POOLS_END] = {
        [POOL_ORDERS] = 60,   [POOL_LEVELS] = 30,   [POOL_INSTRUMENTS] = 5, [POOL_ACCOUNTS] = 8,
        [POOL_HOLDINGS] = 24, [POOL_SESSIONS] = 12, [POOL_KEYS] = 40,       [POOL_PARTICIPANTS] = 8,
        [POOL_PROPOSALS] = 5, [POOL_TIMERS] = 8,    [POOL_PARTIES] = 4,     [POOL_PARTY_KEYS] = 4,
        [POOL_RIGHTS] = 4,    [POOL_STAKES] = 4,
    };
    struct engine_limits limits = {.price_ticks_max = random_once_in(random, 3) ? 48 : 5000};
    for (uint32_t pool = POOL_ORDERS; pool < POOLS_END; pool++) {
        bool is_named = most[pool] != 0; /* the register's others need not be */
        limits.limit[pool] = is_named ? random_between(random, least[pool], most[pool]) : 4;
        limits.ceiling[pool] = limits.limit[pool] + random_below(random, most[pool] + 1);
    }
    return limits;
}

void random_genesis(struct random *random, const struct engine_limits *limits,
                    struct command *command) {
    *command = (struct command){.verb = VERB_GENESIS};
    struct genesis *genesis = &command->genesis;
    genesis->environment = random_once_in(random, 2) ? ENVIRONMENT_TEST : ENVIRONMENT_PRODUCTION;
    genesis->profile = algorithms_profile();
    genesis->version = VERSION_KNOWN;
    genesis->limits = *limits;
    genesis->checkpoint_key = algorithms_key(0xcc);
    for (uint8_t each = 0; each < 2; each++) {
        genesis->operators[each].person = each + 1u;
        memset(genesis->operators[each].key, each + 1, KEY_BYTES);
    }
}

/* A key of a participant that is in force, mostly; 0 when it has none. */
static uint32_t key_of(struct random *random, const struct naive_market *market,
                       uint32_t participant) {
    uint32_t count = market->counts[POOL_KEYS];
    uint32_t first = random_below(random, count);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t number = (first + i) % count + 1;
        const struct naive_key *key = &market->keys[number - 1];
        if (key->of.participant == participant && (!key->is_revoked || random_once_in(random, 40)))
            return number;
    }
    return 0;
}

static void send_as(struct random *random, const struct naive_market *market, uint32_t session,
                    struct command *command) {
    const struct naive_session *row = &market->sessions[session - 1];
    struct stamp *stamp = &command->stamp;
    stamp->session = session;
    stamp->participant = row->of.participant;
    stamp->number = row->last_number + 1 + (random_once_in(random, 5) ? 7 : 0);
    stamp->key = key_of(random, market, stamp->participant);
    if (random_once_in(random, 100))
        stamp->key = random_any_of(random, market->counts[POOL_KEYS]);
}

/* A session of a participant with one of these roles, if luck finds it. */
static uint32_t session_of(struct random *random, const struct naive_market *market,
                           uint32_t roles) {
    uint32_t session = 1;
    for (int tries = 0; tries < 20; tries++) {
        session = random_between(random, 1, market->counts[POOL_SESSIONS]);
        uint32_t participant = market->sessions[session - 1].of.participant;
        if ((market->participants[participant - 1].of.roles & roles) != 0)
            break;
    }
    return session;
}

static int64_t price_near(struct random *random, int64_t tick_fen) {
    uint32_t ticks = random_between(random, RANDOM_MIDDLE_TICKS - SPREAD_TICKS,
                                    RANDOM_MIDDLE_TICKS + SPREAD_TICKS);
    int64_t price_fen = (int64_t)ticks * tick_fen;
    switch (random_below(random, 60)) {
    case 0:
        return price_fen + 1;
    case 1:
        return 0;
    case 2:
        return -price_fen;
    case 3:
        return price_fen * 1000;
    case 4:
        return INT64_MAX / tick_fen * tick_fen;
    case 5:
        return tick_fen;
    default:
        return price_fen;
    }
}

static uint64_t quantity_near(struct random *random, const struct add_instrument *of) {
    uint64_t lots = random_between(random, 0, 8);
    switch (random_below(random, 40)) {
    case 0:
        return random_below(random, 5);
    case 1:
        return (UINT64_C(1) << 32) - 1 + random_below(random, 3);
    case 2:
        return UINT64_MAX - random_below(random, 2);
    case 3:
        return of->lot_min + lots;
    default:
        return ((of->lot_min - 1) / of->lot_step + 1 + lots) * of->lot_step;
    }
}

static void shape_order(struct random *random, const struct naive_market *market,
                        struct new_order *order) {
    static const uint8_t times[] = {TIME_IN_FORCE_DAY, TIME_IN_FORCE_DAY, TIME_IN_FORCE_DAY,
                                    TIME_IN_FORCE_GTC, TIME_IN_FORCE_GTC, TIME_IN_FORCE_GTD,
                                    TIME_IN_FORCE_IOC, TIME_IN_FORCE_FOK};
    order->ord_type = random_once_in(random, 8) ? ORD_TYPE_MARKET : ORD_TYPE_LIMIT;
    order->time_in_force = times[random_below(random, sizeof times)];
    if (order->ord_type == ORD_TYPE_MARKET && !random_once_in(random, 10))
        order->time_in_force = random_once_in(random, 3) ? TIME_IN_FORCE_FOK : TIME_IN_FORCE_IOC;
    if (order->ord_type == ORD_TYPE_MARKET && random_once_in(random, 2))
        order->price_fen = 0;
    if (order->time_in_force == TIME_IN_FORCE_GTD || random_once_in(random, 100))
        order->good_till = random_date_near(random, market);
    if (random_once_in(random, 20))
        order->trading_day =
            random_once_in(random, 3) ? random_date_near(random, market) : market->date;
    if (random_once_in(random, 8))
        order->is_post_only = true;
    if (random_once_in(random, 10))
        order->min_qty = random_once_in(random, 20) ? (UINT64_C(1) << 32) - random_below(random, 2)
                                                    : random_between(random, 1, 9);
}

static void new_order(struct random *random, const struct naive_market *market,
                      struct command *command) {
    struct new_order *order = &command->new_order;
    struct add_instrument of = {.tick_fen = 1, .lot_min = 1, .lot_step = 1};
    command->verb = VERB_NEW_ORDER;
    send_as(random, market, session_of(random, market, ROLE_BROKER), command);
    order->account = random_any_of(random, market->counts[POOL_ACCOUNTS]);
    for (int tries = 0; tries < 8; tries++) {
        uint32_t account = order->account;
        if (account - 1 < market->counts[POOL_ACCOUNTS] &&
            market->accounts[account - 1].of.participant == command->stamp.participant)
            break;
        order->account = random_any_of(random, market->counts[POOL_ACCOUNTS]);
    }
    order->instrument = random_any_of(random, market->counts[POOL_INSTRUMENTS]);
    if (order->instrument - 1 < market->counts[POOL_INSTRUMENTS])
        of = market->instruments[order->instrument - 1].of;
    order->side = random_once_in(random, 2) ? SIDE_BUY : SIDE_SELL;
    order->price_fen = price_near(random, of.tick_fen);
    order->order_qty = quantity_near(random, &of);
    shape_order(random, market, order);
}

/* A resting order, mostly with its own session to speak for it; else some id. */
static uint64_t some_order(struct random *random, const struct naive_market *market,
                           uint32_t *session) {
    uint32_t count = market->counts[POOL_ORDERS];
    *session = session_of(random, market, ROLE_BROKER);
    if (count == 0 || random_once_in(random, 25))
        return order_id_of(*session, random_below(random, 40));
    uint64_t id = market->orders[random_below(random, count)].id;
    if (!random_once_in(random, 25))
        *session = order_id_session(id);
    return id;
}

static void replace(struct random *random, const struct naive_market *market,
                    struct command *command) {
    uint32_t session;
    struct replace *replace = &command->replace;
    command->verb = VERB_REPLACE;
    replace->order_id = some_order(random, market, &session);
    send_as(random, market, session, command);
    replace->price_fen = price_near(random, 1);
    replace->order_qty = random_between(random, 1, 20);
    for (uint32_t row = 0; row < market->counts[POOL_ORDERS]; row++) {
        const struct naive_market_order *order = &market->orders[row];
        if (order->id != replace->order_id)
            continue;
        const struct add_instrument *of = &market->instruments[order->instrument - 1].of;
        replace->price_fen =
            random_once_in(random, 2) ? order->price_fen : price_near(random, of->tick_fen);
        replace->order_qty =
            random_once_in(random, 3) ? order->leaves + order->cum : quantity_near(random, of);
        if (random_once_in(random, 12))
            replace->order_qty = order->cum - random_below(random, 2);
    }
}

static void cancel(struct random *random, const struct naive_market *market,
                   struct command *command) {
    uint32_t session;
    command->verb = VERB_CANCEL;
    command->cancel.order_id = some_order(random, market, &session);
    send_as(random, market, session, command);
}

static void mass_cancel(struct random *random, const struct naive_market *market,
                        struct command *command) {
    struct mass_cancel *filter = &command->mass_cancel;
    command->verb = VERB_MASS_CANCEL;
    send_as(random, market, session_of(random, market, ROLE_BROKER | ROLE_OPERATOR), command);
    if (random_once_in(random, 3))
        filter->session = random_any_of(random, market->counts[POOL_SESSIONS]);
    if (random_once_in(random, 4))
        filter->participant = random_once_in(random, 3)
                                  ? random_any_of(random, market->counts[POOL_PARTICIPANTS])
                                  : command->stamp.participant;
    if (random_once_in(random, 3))
        filter->account = random_any_of(random, market->counts[POOL_ACCOUNTS]);
    if (random_once_in(random, 3))
        filter->instrument = random_any_of(random, market->counts[POOL_INSTRUMENTS]);
    if (random_once_in(random, 3))
        filter->side = random_once_in(random, 2) ? SIDE_BUY : SIDE_SELL;
}

/* Acts by how often they come. */
static uint8_t some_act(struct random *random) {
    static const uint8_t often[] = {ACT_DEPOSIT,  ACT_DEPOSIT,   ACT_DEPOSIT,    ACT_DEPOSIT,
                                    ACT_HALT,     ACT_HALT,      ACT_UNKILL,     ACT_UNKILL,
                                    ACT_UNKILL,   ACT_DAY_CLOSE, ACT_DAY_OPEN,   ACT_KILL,
                                    ACT_SET_BAND, ACT_REOPEN,    ACT_REOPEN,     ACT_REOPEN,
                                    ACT_ADD_KEY,  ACT_ADD_KEY,   ACT_RAISE_LIMIT};
    if (random_once_in(random, 4))
        return (uint8_t)random_between(random, ACT_ADD_PARTICIPANT, ACT_SESSION_RESET);
    return often[random_below(random, sizeof often)];
}

/* Mostly by another key than proposed. */
static void approve(struct random *random, const struct naive_market *market, uint32_t session,
                    struct command *command) {
    const struct naive_proposal *proposal =
        &market->proposals[random_below(random, market->counts[POOL_PROPOSALS])];
    command->verb = VERB_APPROVE;
    command->approve.proposal = proposal->sequence;
    if (random_once_in(random, 15))
        command->approve.proposal = random_below(random, 500);
    do
        send_as(random, market, session, command);
    while (command->stamp.key == proposal->key && !random_once_in(random, 10));
}

static void act_command(struct random *random, const struct naive_market *market,
                        struct command *command) {
    uint32_t session = random_once_in(random, 12)
                           ? random_between(random, 1, market->counts[POOL_SESSIONS])
                           : random_between(random, 1, 2);
    if (market->counts[POOL_PROPOSALS] != 0 && random_once_in(random, 2)) {
        approve(random, market, session, command);
        return;
    }
    command->verb = random_once_in(random, 2) ? VERB_PROPOSE : VERB_ACT;
    send_as(random, market, session, command);
    command->act.kind = some_act(random);
    for (uint32_t number = 1; number <= market->counts[POOL_INSTRUMENTS]; number++)
        if (market->instruments[number - 1].is_halted && random_once_in(random, 3))
            command->act.kind = ACT_SET_BAND;
    random_shape_act(random, market, &command->act);
}

static void connection(struct random *random, const struct naive_market *market,
                       struct command *command) {
    uint32_t session = random_between(random, 1, market->counts[POOL_SESSIONS]);
    bool goes_up = !market->sessions[session - 1].is_up || random_once_in(random, 4);
    command->verb = goes_up ? VERB_SESSION_UP : VERB_SESSION_DOWN;
    if (goes_up)
        command->session_up = (struct session_up){session, 1};
    else
        command->session_down.session = session;
}

static void own_command(struct random *random, const struct naive_market *market,
                        struct command *command) {
    static const uint8_t bare[] = {VERB_SEAL, VERB_MARK, VERB_DIGEST, VERB_REFUSALS, VERB_STOP};
    switch (random_below(random, 12)) {
    case 0:
        command->verb = VERB_OUTAGE;
        command->outage = (struct outage){.epoch = random_below(random, 100),
                                          .grace_ms = random_below(random, 4)};
        return;
    case 1:
        command->verb = VERB_DISK;
        command->disk.step = (uint8_t)random_between(random, DISK_ENOUGH, DISK_CRITICAL);
        return;
    case 2:
        command->verb = VERB_QUARANTINED;
        send_as(random, market, session_of(random, market, ROLE_BROKER), command);
        return;
    case 3:
    case 4:
        command->verb = bare[random_below(random, sizeof bare)];
        return;
    default:
        connection(random, market, command);
        return;
    }
}

/* Sends as operator `which`, 1 or 2, with a key that is sure. */
static void send_as_operator(const struct naive_market *market, uint32_t which,
                             struct command *command) {
    command->stamp = (struct stamp){.session = which,
                                    .participant = 1,
                                    .number = market->sessions[which - 1].last_number + 1,
                                    .key = which};
}

/* Goes a step towards an act by two keys: approves its proposal, or proposes it. Where no proposal
 * has room, whatever waits is approved. */
static void lift_by_two(const struct naive_market *market, const struct act *act,
                        struct command *command) {
    uint32_t count = market->counts[POOL_PROPOSALS];
    const struct naive_proposal *found = NULL;
    for (uint32_t row = 0; row < count; row++)
        if (market->proposals[row].act.kind == act->kind || naive_is_full(market, POOL_PROPOSALS))
            found = &market->proposals[row];
    if (found == NULL) {
        command->verb = VERB_PROPOSE;
        command->act = *act;
        send_as_operator(market, 1, command);
        return;
    }
    command->verb = VERB_APPROVE;
    command->approve.proposal = found->sequence;
    send_as_operator(market, found->key == 1 ? 2 : 1, command);
}

/* What is killed, if anything is. */
static bool find_killed(struct random *random, const struct naive_market *market,
                        struct kill *kill) {
    struct kill none = {.participant = UINT32_MAX};
    *kill = none;
    random_shape_unkill(random, market, kill);
    return kill->participant != UINT32_MAX &&
           (market->is_killed ||
            (kill->participant | kill->session | kill->account | kill->instrument) != 0);
}

/* What two keys must lift; false when nothing is. */
static bool find_stop(struct random *random, const struct naive_market *market, struct act *act) {
    *act = (struct act){.kind = ACT_REOPEN};
    if (market->is_halted)
        return true;
    *act = (struct act){.kind = ACT_UNKILL};
    if (find_killed(random, market, &act->kill))
        return true;
    *act = (struct act){.kind = ACT_HALT}; /* every instrument goes on */
    for (uint32_t number = 1; number <= market->counts[POOL_INSTRUMENTS]; number++)
        if (market->instruments[number - 1].is_halted)
            return true;
    return false;
}

/* Lifts, now and then, what keeps the market from trading; false when it does not. */
static bool lift(struct random *random, const struct naive_market *market,
                 struct command *command) {
    struct act act;
    if (!random_once_in(random, 6))
        return false;
    if (market->disk_step != DISK_ENOUGH) {
        command->verb = VERB_DISK;
        command->disk.step = DISK_ENOUGH;
    } else if (market->is_halted && market->environment == ENVIRONMENT_TEST) {
        command->verb = VERB_REOPEN;
    } else if (!market->is_open) {
        command->verb = VERB_ACT;
        command->act.kind = ACT_DAY_OPEN;
        command->act.day.date =
            random_day_after(market->date != 0 ? market->date : RANDOM_FIRST_DATE);
        send_as_operator(market, 1, command);
    } else if (find_stop(random, market, &act)) {
        lift_by_two(market, &act, command);
    } else {
        return false;
    }
    return true;
}

void random_command(struct random *random, const struct naive_market *market, bool was_stopped,
                    struct command *command) {
    *command = (struct command){0};
    if (was_stopped) {
        command->verb = VERB_START;
        command->start = (struct start){.epoch = 7, .grace_ms = random_below(random, 4)};
        return;
    }
    if (lift(random, market, command))
        return;
    uint32_t which = random_below(random, 100);
    if (which < 56)
        new_order(random, market, command);
    else if (which < 72)
        replace(random, market, command);
    else if (which < 79)
        cancel(random, market, command);
    else if (which < 81)
        mass_cancel(random, market, command);
    else if (which < 93)
        act_command(random, market, command);
    else
        own_command(random, market, command);
}

/* What each of the first commands does: kind, and for whom. */
bool random_beginning(struct random *random, const struct naive_market *market, uint32_t step,
                      struct command *command) {
    static const struct {
        uint8_t kind;
        uint32_t about;
    } steps[] = {
        {ACT_ADD_PARTICIPANT, ROLE_BROKER},
        {ACT_ADD_PARTICIPANT, ROLE_BROKER},
        {ACT_ADD_PARTICIPANT, ROLE_SETTLEMENT_BANK},
        {ACT_ADD_PARTICIPANT, ROLE_REGULATOR},
        {ACT_ADD_KEY, 2},
        {ACT_ADD_KEY, 3},
        {ACT_ADD_KEY, 4},
        {ACT_ADD_SESSION, 2},
        {ACT_ADD_SESSION, 2},
        {ACT_ADD_SESSION, 3},
        {ACT_ADD_SESSION, 4},
        {ACT_ADD_SESSION, 5},
        {ACT_ADD_ACCOUNT, 2},
        {ACT_ADD_ACCOUNT, 2},
        {ACT_ADD_ACCOUNT, 3},
        {ACT_ADD_INSTRUMENT, 0},
        {ACT_ADD_INSTRUMENT, 0},
        {ACT_DEPOSIT, 1},
        {ACT_DEPOSIT, 2},
        {ACT_DEPOSIT, 3},
        {ACT_DEPOSIT, 1 | SHARES},
        {ACT_DEPOSIT, 2 | SHARES},
        {ACT_DEPOSIT, 3 | SHARES},
        {ACT_DAY_OPEN, 0},
    };
    if (step >= sizeof steps / sizeof *steps)
        return false;
    *command = (struct command){.verb = VERB_ACT, .act = {.kind = steps[step].kind}};
    struct act *act = &command->act;
    uint32_t about = steps[step].about;
    send_as(random, market, 1, command);
    random_shape_act(random, market, act);
    if (act->kind == ACT_ADD_PARTICIPANT)
        act->add_participant =
            (struct add_participant){.roles = about, .code_bytes = 1, .code = {(char)('P' + step)}};
    else if (act->kind == ACT_ADD_KEY)
        act->add_key = (struct add_key){.participant = about, .person = 10 + about, .key = {99}};
    else if (act->kind == ACT_ADD_SESSION)
        act->add_session.participant = about;
    else if (act->kind == ACT_ADD_ACCOUNT)
        act->add_account = (struct add_account){.participant = about, .owner = about};
    else if (act->kind == ACT_DEPOSIT)
        act->deposit = (struct deposit){.account = about & ~SHARES,
                                        .instrument = (about & SHARES) != 0,
                                        .amount = (about & SHARES) != 0 ? 200 : 300000};
    else if (act->kind == ACT_DAY_OPEN)
        act->day.date = RANDOM_FIRST_DATE;
    if (act->kind == ACT_ADD_KEY)
        act->add_key.key[1] = (uint8_t)about;
    return true;
}
