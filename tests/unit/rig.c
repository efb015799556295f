/*
 * The rig: an engine, a clock that tests move, and the last command's events.
 */
#include "tests/unit/rig.h"

#include "bench/algorithms.h"
#include "engine/version.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void drain(struct event_sink *sink) {
    struct rig *rig = sink->owner;
    for (const struct event *event = rig->window; event < sink->next; event++) {
        if (rig->count < RIG_EVENTS_MAX)
            rig->events[rig->count] = *event;
        rig->count++;
    }
    sink->next = rig->window;
}

struct engine_limits rig_limits(void) {
    struct engine_limits limits = {.price_ticks_max = 200000};
    const uint32_t sizes[POOLS_END][2] = {
        [POOL_ORDERS] = {1000, 4000},   [POOL_LEVELS] = {500, 2000}, [POOL_INSTRUMENTS] = {10, 40},
        [POOL_ACCOUNTS] = {20, 80},     [POOL_HOLDINGS] = {40, 160}, [POOL_SESSIONS] = {16, 60},
        [POOL_PARTICIPANTS] = {10, 40}, [POOL_KEYS] = {20, 80},      [POOL_PROPOSALS] = {8, 32},
        [POOL_TIMERS] = {9, 60},        [POOL_PARTIES] = {8, 32},    [POOL_PARTY_KEYS] = {8, 32},
        [POOL_RIGHTS] = {8, 32},        [POOL_STAKES] = {16, 64},    [POOL_MANDATES] = {20, 80},
    };
    for (uint32_t pool = POOL_ORDERS; pool < POOLS_END; pool++) {
        bool is_named = sizes[pool][0] != 0; /* the register's others need not be */
        limits.limit[pool] = is_named ? sizes[pool][0] : 128;
        limits.ceiling[pool] = is_named ? sizes[pool][1] : 512;
    }
    return limits;
}

static void apply(struct rig *rig, struct command *command) {
    command->stamp.sequence = rig->sequence++;
    command->stamp.time_ns = rig->now_ns;
    command->stamp.version = VERSION_KNOWN;
    rig->count = 0;
    engine_ahead(rig->engine, command);
    engine_nearer(rig->engine, command, 1);
    engine_nearer(rig->engine, command, 2);
    engine_apply(rig->engine, command, &rig->sink);
    drain(&rig->sink);
    assert_true(rig->count <= COMMAND_EVENTS_MAX);
    if (rig->checks_every != 0 && ++rig->since_check >= rig->checks_every) {
        engine_check(rig->engine);
        rig->since_check = 0;
    }
}

void rig_open(struct rig *rig, const struct engine_limits *limits, enum environment environment) {
    memset(rig, 0, sizeof *rig);
    rig->limits = *limits;
    rig->size = engine_size(limits);
    assert_true(rig->size > 0);
    rig->memory = aligned_alloc(ENGINE_ALIGNMENT, rig->size);
    assert_non_null(rig->memory);
    memset(rig->memory, 0, rig->size);
    rig->engine = engine_init(rig->memory, rig->size, limits);
    assert_non_null(rig->engine);
    rig->sink = (struct event_sink){
        .next = rig->window, .end = rig->window + 64, .flush = drain, .owner = rig};
    rig->now_ns = RIG_START_NS;
    rig->checks_every = 1;
    struct command command = {
        .verb = VERB_GENESIS,
        .genesis = {.environment = (uint8_t)environment,
                    .profile = algorithms_profile(),
                    .version = VERSION_KNOWN,
                    .operators = {{.person = 11, .key = {1}}, {.person = 12, .key = {2}}},
                    .checkpoint_key = algorithms_key(0xCC),
                    .limits = *limits}};
    apply(rig, &command);
}

void rig_close(struct rig *rig) {
    engine_check(rig->engine);
    free(rig->memory);
}

static void fire_due(struct rig *rig) {
    while (engine_timer_due(rig->engine) <= rig->now_ns) {
        struct command tick = {.verb = VERB_TICK,
                               .tick = {.due_ns = engine_timer_due(rig->engine)}};
        apply(rig, &tick);
    }
}

void rig_own(struct rig *rig, struct command *command) {
    if (command->verb != VERB_OUTAGE && command->verb != VERB_START)
        fire_due(rig);
    apply(rig, command);
}

uint64_t rig_request(struct rig *rig, uint32_t session, uint32_t key, struct command *command) {
    struct session_view view;
    assert_true(engine_session(rig->engine, session, &view));
    fire_due(rig);
    command->stamp.session = session;
    command->stamp.participant = view.participant;
    command->stamp.key = key;
    command->stamp.number = ++rig->numbers[session];
    apply(rig, command);
    return order_id_of(session, command->stamp.number);
}

uint32_t rig_continue(struct rig *rig) {
    uint32_t commands = 0;
    while (engine_continue_due(rig->engine)) {
        struct command command = engine_continue(rig->engine);
        rig_own(rig, &command);
        commands++;
    }
    return commands;
}

void rig_wait(struct rig *rig, int64_t ns) {
    rig->now_ns += ns;
    fire_due(rig);
}

void rig_act(struct rig *rig, const struct act *act) {
    struct command command = {.verb = VERB_ACT, .act = *act};
    rig_request(rig, RIG_OPERATOR_SESSION, RIG_OPERATOR_KEY, &command);
}

void rig_act_by_two(struct rig *rig, const struct act *act) {
    struct command propose = {.verb = VERB_PROPOSE, .act = *act};
    rig_request(rig, RIG_OPERATOR_SESSION, RIG_OPERATOR_KEY, &propose);
    struct command approve = {.verb = VERB_APPROVE, .approve = {.proposal = rig_expect_done(rig)}};
    rig_request(rig, RIG_OPERATOR_SESSION_TOO, RIG_OPERATOR_KEY_TOO, &approve);
}

static void add_broker(struct rig *rig, uint32_t participant, const char *code) {
    struct act add = {.kind = ACT_ADD_PARTICIPANT,
                      .add_participant = {.roles = ROLE_BROKER, .code_bytes = 3}};
    memcpy(add.add_participant.code, code, 3);
    rig_act(rig, &add);
    assert_int_equal(rig_expect_done(rig), participant);
    struct act key = {.kind = ACT_ADD_KEY,
                      .add_key = {.participant = participant,
                                  .person = 20 + participant,
                                  .key = {(uint8_t)(1 + participant)}}};
    rig_act(rig, &key);
    struct act session = {.kind = ACT_ADD_SESSION, .add_session = {.participant = participant}};
    rig_act(rig, &session);
    struct act account = {.kind = ACT_ADD_ACCOUNT,
                          .add_account = {.participant = participant, .owner = participant}};
    rig_act(rig, &account);
}

void rig_populate(struct rig *rig) {
    add_broker(rig, RIG_ANN, "ANN");
    add_broker(rig, RIG_BOB, "BOB");
    struct act instrument = {.kind = ACT_ADD_INSTRUMENT,
                             .add_instrument = {.symbol_bytes = 2,
                                                .symbol = "HX",
                                                .tick_fen = 5,
                                                .lot_min = 100,
                                                .lot_step = 1,
                                                .qty_max = 1000000}};
    rig_act(rig, &instrument);
    assert_int_equal(rig_expect_done(rig), RIG_HX);
    for (uint32_t account = RIG_ANN_ACCOUNT; account <= RIG_BOB_ACCOUNT; account++) {
        struct act cash = {.kind = ACT_DEPOSIT,
                           .deposit = {.account = account, .amount = 100000000}};
        rig_act(rig, &cash);
        struct act shares = {
            .kind = ACT_DEPOSIT,
            .deposit = {.account = account, .instrument = RIG_HX, .amount = 10000}};
        rig_act(rig, &shares);
        rig_expect_done(rig);
    }
    struct act open = {.kind = ACT_DAY_OPEN, .day = {.date = RIG_DATE}};
    rig_act(rig, &open);
    rig_expect_done(rig);
}

int rig_set_up(void **state) {
    struct rig *rig = malloc(sizeof *rig);
    assert_non_null(rig);
    struct engine_limits limits = rig_limits();
    rig_open(rig, &limits, ENVIRONMENT_TEST);
    rig_populate(rig);
    *state = rig;
    return 0;
}

int rig_tear_down(void **state) {
    struct rig *rig = *state;
    rig_close(rig);
    free(rig);
    return 0;
}

struct new_order rig_limit(uint32_t session, enum side side, int64_t price_fen, uint64_t quantity) {
    return (struct new_order){.account =
                                  session == RIG_ANN_SESSION ? RIG_ANN_ACCOUNT : RIG_BOB_ACCOUNT,
                              .instrument = RIG_HX,
                              .price_fen = price_fen,
                              .order_qty = quantity,
                              .side = (uint8_t)side,
                              .ord_type = ORD_TYPE_LIMIT,
                              .time_in_force = TIME_IN_FORCE_DAY};
}

static uint32_t key_of(uint32_t session) {
    return session == RIG_ANN_SESSION   ? RIG_ANN_KEY
           : session == RIG_BOB_SESSION ? RIG_BOB_KEY
                                        : session;
}

uint64_t rig_enter(struct rig *rig, uint32_t session, const struct new_order *order) {
    struct command command = {.verb = VERB_NEW_ORDER, .new_order = *order};
    return rig_request(rig, session, key_of(session), &command);
}

uint64_t rig_enter_limit(struct rig *rig, uint32_t session, enum side side, int64_t price_fen,
                         uint64_t quantity) {
    struct new_order order = rig_limit(session, side, price_fen, quantity);
    return rig_enter(rig, session, &order);
}

void rig_cancel(struct rig *rig, uint32_t session, uint64_t order_id) {
    struct command command = {.verb = VERB_CANCEL, .cancel = {.order_id = order_id}};
    rig_request(rig, session, key_of(session), &command);
}

void rig_replace(struct rig *rig, uint32_t session, uint64_t order_id, int64_t price_fen,
                 uint64_t quantity) {
    struct command command = {
        .verb = VERB_REPLACE,
        .replace = {.order_id = order_id, .price_fen = price_fen, .order_qty = quantity}};
    rig_request(rig, session, key_of(session), &command);
}

const struct event *rig_event(const struct rig *rig, enum event_kind kind,
                              const struct event *after) {
    size_t count = rig->count < RIG_EVENTS_MAX ? rig->count : RIG_EVENTS_MAX;
    const struct event *event = after != NULL ? after + 1 : rig->events;
    for (; event < rig->events + count; event++)
        if (event->kind == kind)
            return event;
    return NULL;
}

size_t rig_events(const struct rig *rig, enum event_kind kind) {
    size_t count = 0;
    for (const struct event *event = rig_event(rig, kind, NULL); event != NULL;
         event = rig_event(rig, kind, event))
        count++;
    return count;
}

const struct event *rig_expect_refused(const struct rig *rig, enum reason reason) {
    assert_int_equal(rig->count, 1);
    assert_int_equal(rig->events[0].kind, EVENT_REJECTED);
    assert_int_equal(rig->events[0].reason, reason);
    assert_int_equal(rig->events[0].audience, AUDIENCE_SESSION);
    return &rig->events[0];
}

uint64_t rig_expect_done(const struct rig *rig) {
    assert_true(rig->count > 0);
    assert_int_equal(rig->events[0].reason, REASON_NONE);
    assert_int_equal(rig->events[0].kind, EVENT_DONE);
    return rig->events[0].id;
}

struct order_view rig_expect_resting(const struct rig *rig, uint64_t order_id) {
    struct order_view view;
    assert_true(engine_order(rig->engine, order_id, &view));
    assert_int_equal(view.order_id, order_id);
    return view;
}

void rig_expect_gone(const struct rig *rig, uint64_t order_id) {
    struct order_view view;
    assert_false(engine_order(rig->engine, order_id, &view));
}

struct account_view rig_account(const struct rig *rig, uint32_t account) {
    struct account_view view;
    assert_true(engine_account(rig->engine, account, &view));
    return view;
}

struct holding_view rig_holding(const struct rig *rig, uint32_t account) {
    struct holding_view view;
    assert_true(engine_holding_find(rig->engine, account, RIG_HX, &view));
    return view;
}

struct session_view rig_session(const struct rig *rig, uint32_t session) {
    struct session_view view;
    assert_true(engine_session(rig->engine, session, &view));
    return view;
}

struct market_view rig_market(const struct rig *rig) {
    struct market_view view;
    engine_market(rig->engine, &view);
    return view;
}

/* FNV-1a. */
static void mix(void *owner, const void *bytes, size_t size) {
    uint64_t *hash = owner;
    for (size_t i = 0; i < size; i++)
        *hash = (*hash ^ ((const uint8_t *)bytes)[i]) * UINT64_C(0x100000001B3);
}

uint64_t rig_digest(const struct engine *engine) {
    uint64_t hash = UINT64_C(0xCBF29CE484222325);
    engine_digest(engine, mix, &hash);
    return hash;
}
