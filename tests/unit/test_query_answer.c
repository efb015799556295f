/*
 * Answers to queries from a small exchange: who sees what, pages, and what a forged cursor does.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bench/algorithms.h"
#include "gateway/query_answer.h"
#include "gateway/reply.h"
#include "proto/schema.h"
#include "tests/unit/rig.h"

#define ROWS_MAX 4096

/* What was answered last. */
static struct rig *rig;
static struct counters *counters;
static struct query_status status;
static uint8_t frame[ANSWER_FRAME_BYTES_MAX];
static size_t frame_size;
static struct answer answer;
static struct refused refused;
static struct answer_row rows[ROWS_MAX];
static size_t rows_count;

static const struct query_asker OPERATOR = {RIG_OPERATOR, ROLE_OPERATOR};
static const struct query_asker ANN = {RIG_ANN, ROLE_BROKER};
static const struct query_asker BOB = {RIG_BOB, ROLE_BROKER};

/* Asks; adds to `rows` what comes. */
static void ask_more(const struct query_asker *asker, const struct query *query) {
    static const struct parameters_row PARAMETERS = {
        .origin_bytes = 4, .origin = "here", .credits = 7, .heartbeat_ms = 1000};
    struct query_scene scene = {.engine = rig->engine,
                                .as_of = rig->sequence,
                                .parameters = &PARAMETERS,
                                .status = &status};
    struct message_output out = {.next = frame, .end = frame + sizeof frame};
    query_answer(&scene, asker, query, &out);
    frame_size = (size_t)(out.next - frame);
    assert_true(frame_size <= ANSWER_BYTES_MAX);
    struct span rest = {frame, frame_size};
    assert_true(codec_answer_read(&rest, &answer));
    assert_int_equal(rest.size, 0);
    assert_int_equal(answer.id, query->id);
    assert_int_equal(answer.as_of, rig->sequence);
    refused = (struct refused){0};
    if (answer.refused.bytes != NULL)
        assert_true(reply_refused_read(answer.refused, &refused));
    while (rows_count < ROWS_MAX && codec_answer_next(&answer, &rows[rows_count]))
        rows_count++;
    assert_true(refused.reason == REASON_NONE || rows_count == 0);
}

static void ask(const struct query_asker *asker, const struct query *query) {
    rows_count = 0;
    ask_more(asker, query);
}

/* Turns to the next page; false after the last. */
static bool turn(struct query *query) {
    query->cursor_bytes = (uint8_t)answer.cursor.size;
    memcpy(query->cursor, answer.cursor.bytes != NULL ? answer.cursor.bytes : frame,
           answer.cursor.size);
    return answer.cursor.size > 0;
}

/* All pages, `between` being called between two. Returns how many pages there were. */
static uint32_t ask_all(const struct query_asker *asker, struct query *query,
                        void (*between)(void)) {
    uint32_t pages = 0;
    rows_count = 0;
    query->cursor_bytes = 0;
    do {
        if (pages > 0 && between != NULL)
            between();
        ask_more(asker, query);
        assert_int_equal(refused.reason, REASON_NONE);
        pages++;
    } while (turn(query));
    return pages;
}

static void expect_refused(const struct query_asker *asker, const struct query *query,
                           enum reason reason, const char *field) {
    ask(asker, query);
    assert_int_equal(refused.reason, reason);
    assert_string_equal(refused.field, field);
    assert_true(refused.text[0] != '\0');
}

static int set_up(void **state) {
    static char folder[] = "/tmp/tpx-query-XXXXXX";
    char ledger[64];
    int failed = rig_set_up(state);
    rig = *state;
    if (failed != 0 || (counters == NULL && mkdtemp(folder) == NULL))
        return -1;
    if (counters == NULL)
        counters = counters_open(folder);
    snprintf(ledger, sizeof ledger, "%s/counters", folder);
    remove(ledger);
    remove(folder);
    if (counters == NULL)
        return -1;
    /* The newest checkpoint is known already: there is no ledger to read it from. */
    status = (struct query_status){
        .counters = counters, .checkpoint_size = 60, .checkpoint_bytes = 5, .checkpoint = "text\n"};
    counter_set(counters, COUNTER_CHECKPOINT, 60);
    return 0;
}

/* --- who sees what -----------------------------------------------------------------------------
 */

/* A question about something of Bob's, the same about something that does not exist, and who is to
 * see it. Written out once more, from the rules and not from the table. */
struct sight {
    struct query query;
    struct query nothing;
    uint32_t roles;
    uint32_t roles_own;
    bool is_list; /* what is not seen is passed over */
};

#define ALL_SEE (ROLE_OPERATOR | ROLE_REGULATOR)

static const struct sight SIGHTS[] = {
    {{.kind = QUERY_ORDER, .order = {0 /* filled in */}},
     {.kind = QUERY_ORDER, .order = {UINT64_C(77) << ORDER_NUMBER_BITS | 1}},
     ALL_SEE,
     ROLES_ALL,
     false},
    {{.kind = QUERY_OPEN_ORDERS, .open_orders = {.session = RIG_BOB_SESSION}},
     {.kind = QUERY_OPEN_ORDERS, .open_orders = {.session = 77}},
     ALL_SEE,
     ROLES_ALL,
     false},
    {{.kind = QUERY_OPEN_ORDERS, .open_orders = {.account = RIG_BOB_ACCOUNT}},
     {.kind = QUERY_OPEN_ORDERS, .open_orders = {.account = 77}},
     ALL_SEE,
     ROLES_ALL,
     false},
    {{.kind = QUERY_OPEN_ORDERS, .open_orders = {.participant = RIG_BOB}},
     {.kind = QUERY_OPEN_ORDERS, .open_orders = {.participant = 77}},
     ALL_SEE,
     ROLES_ALL,
     false},
    {{.kind = QUERY_OPEN_ORDERS}, {.kind = 0}, ALL_SEE, ROLES_ALL, true},
    {{.kind = QUERY_ACCOUNTS, .accounts = {.account = RIG_BOB_ACCOUNT}},
     {.kind = QUERY_ACCOUNTS, .accounts = {.account = 77}},
     ALL_SEE | ROLE_SETTLEMENT_BANK,
     ROLES_ALL,
     false},
    {{.kind = QUERY_ACCOUNTS}, {.kind = 0}, ALL_SEE | ROLE_SETTLEMENT_BANK, ROLES_ALL, true},
    {{.kind = QUERY_POSITIONS, .positions = {.account = RIG_BOB_ACCOUNT}},
     {.kind = QUERY_POSITIONS, .positions = {.account = 77}},
     ALL_SEE | ROLE_SETTLEMENT_BANK | ROLE_REGISTRAR,
     ROLES_ALL,
     false},
    {{.kind = QUERY_POSITIONS, .positions = {.account = RIG_BOB_ACCOUNT, .instrument = RIG_HX}},
     {.kind = QUERY_POSITIONS, .positions = {.account = 77, .instrument = RIG_HX}},
     ALL_SEE | ROLE_SETTLEMENT_BANK | ROLE_REGISTRAR,
     ROLES_ALL,
     false},
    {{.kind = QUERY_POSITIONS},
     {.kind = 0},
     ALL_SEE | ROLE_SETTLEMENT_BANK | ROLE_REGISTRAR,
     ROLES_ALL,
     true},
    {{.kind = QUERY_PARTICIPANTS, .participants = {RIG_BOB}},
     {.kind = QUERY_PARTICIPANTS, .participants = {77}},
     ALL_SEE,
     ROLES_ALL,
     false},
    {{.kind = QUERY_PARTICIPANTS}, {.kind = 0}, ALL_SEE, ROLES_ALL, true},
    {{.kind = QUERY_SESSIONS, .sessions = {.session = RIG_BOB_SESSION}},
     {.kind = QUERY_SESSIONS, .sessions = {.session = 77}},
     ALL_SEE,
     ROLES_ALL,
     false},
    {{.kind = QUERY_SESSIONS, .sessions = {.participant = RIG_BOB}},
     {.kind = QUERY_SESSIONS, .sessions = {.participant = 77}},
     ALL_SEE,
     ROLES_ALL,
     false},
    {{.kind = QUERY_SESSIONS}, {.kind = 0}, ALL_SEE, ROLES_ALL, true},
    {{.kind = QUERY_KEYS, .keys = {.key = RIG_BOB_KEY}},
     {.kind = QUERY_KEYS, .keys = {.key = 77}},
     ALL_SEE,
     ROLES_ALL,
     false},
    {{.kind = QUERY_KEYS}, {.kind = 0}, ALL_SEE, ROLES_ALL, true},
    /* The market's own: the same for everybody. */
    {{.kind = QUERY_BOOK_LEVELS, .book_levels = {RIG_HX, 0}}, {.kind = 0}, ROLES_ALL, 0, false},
    {{.kind = QUERY_BOOK_ORDERS, .book_orders = {RIG_HX}}, {.kind = 0}, ROLES_ALL, 0, false},
    {{.kind = QUERY_INSTRUMENTS}, {.kind = 0}, ROLES_ALL, 0, false},
    {{.kind = QUERY_PARAMETERS}, {.kind = 0}, ROLES_ALL, 0, false},
    {{.kind = QUERY_LEDGER}, {.kind = 0}, ROLES_ALL, 0, false},
    {{.kind = QUERY_LIMITS}, {.kind = 0}, ALL_SEE, 0, false},
    /* The register's. */
    {{.kind = QUERY_PARTIES}, {.kind = 0}, ALL_SEE | ROLE_REGISTRAR, ROLES_ALL, true},
    {{.kind = QUERY_PARTY_KEYS}, {.kind = 0}, ALL_SEE | ROLE_REGISTRAR, ROLES_ALL, true},
    {{.kind = QUERY_MANDATES}, {.kind = 0}, ALL_SEE | ROLE_REGISTRAR, ROLES_ALL, true},
    {{.kind = QUERY_LISTINGS}, {.kind = 0}, ROLES_ALL, 0, false},
    {{.kind = QUERY_LISTINGS, .listings = {1, 1}}, {.kind = 0}, ROLES_ALL, 0, false},
    {{.kind = QUERY_BIDDERS, .bidders = {1, 0}},
     {.kind = 0},
     ALL_SEE | ROLE_REGISTRAR,
     ROLES_ALL,
     true},
    /* There is no ledger here: who may see them is told that they are not ready. */
    {{.kind = QUERY_ORDER_HISTORY},
     {.kind = QUERY_ORDER_HISTORY, .order_history = {.order_id = UINT64_C(77) << 40 | 1}},
     ALL_SEE,
     ROLES_ALL,
     false},
    {{.kind = QUERY_ACCOUNT_HISTORY, .account_history = {.account = RIG_BOB_ACCOUNT}},
     {.kind = QUERY_ACCOUNT_HISTORY, .account_history = {.account = 77}},
     ALL_SEE,
     ROLES_ALL,
     false},
    {{.kind = QUERY_SESSION_HISTORY, .session_history = {.session = RIG_BOB_SESSION}},
     {.kind = QUERY_SESSION_HISTORY, .session_history = {.session = 77}},
     ALL_SEE,
     ROLES_ALL,
     false},
    {{.kind = QUERY_TRADES}, {.kind = 0}, ROLES_ALL, 0, false},
    {{.kind = QUERY_QUEUE, .queue = {0 /* filled in */}},
     {.kind = QUERY_QUEUE, .queue = {UINT64_C(77) << ORDER_NUMBER_BITS | 1}},
     ALL_SEE,
     ROLES_ALL,
     false},
};

/* Whose a row is. */
static uint32_t owner_of(const struct answer_row *row) {
    struct session_view session;
    struct account_view account;
    switch ((int)row->kind) {
    case ROW_ORDER:
        assert_true(engine_session(rig->engine, order_id_session(row->order.order_id), &session));
        return session.participant;
    case ROW_ACCOUNT:
        return row->account.view.participant;
    case ROW_POSITION:
        assert_true(engine_account(rig->engine, row->position.account, &account));
        return account.participant;
    case ROW_PARTICIPANT:
        return row->participant.participant;
    case ROW_SESSION:
        return row->session.view.participant;
    case ROW_KEY:
        return row->key.view.participant;
    case ROW_PARTY:
        return row->party.view.participant;
    case ROW_PARTY_KEY: /* Ann's and Bob's parties have their numbers */
        return row->party_key.view.party;
    case ROW_MANDATE:
        return row->mandate.view.agent;
    case ROW_BIDDER:
        assert_true(engine_account(rig->engine, row->bidder.account, &account));
        return account.participant;
    default:
        return 0;
    }
}

/* A list without filters: rows of Bob's exactly when they are to be seen, others' likewise. */
static void check_list(const struct sight *sight, const struct query_asker *asker) {
    bool sees_all = (asker->roles & sight->roles) != 0;
    bool sees_own = (asker->roles & (sight->roles | sight->roles_own)) != 0;
    size_t own = 0;
    size_t others = 0;
    ask(asker, &sight->query);
    assert_int_equal(refused.reason, asker->roles != 0 ? REASON_NONE : REASON_NOT_AUTHORISED);
    for (size_t i = 0; i < rows_count; i++) {
        own += owner_of(&rows[i]) == asker->participant;
        others += owner_of(&rows[i]) != asker->participant;
    }
    assert_int_equal(own > 0, sees_own);
    assert_int_equal(others > 0, sees_all);
}

static void check_one(const struct sight *sight, const struct query_asker *asker) {
    uint8_t seen[512];
    bool is_own = asker->participant == RIG_BOB;
    bool sees = (asker->roles & (sight->roles | (is_own ? sight->roles_own : 0))) != 0;
    ask(asker, &sight->query);
    bool is_history = sight->query.kind >= QUERY_ORDER_HISTORY && sight->query.kind <= QUERY_TRADES;
    assert_int_equal(rows_count > 0, sees && !is_history);
    assert_int_equal(refused.reason == REASON_NONE, sees && !is_history);
    assert_int_equal(refused.reason == REASON_NOT_READY, sees && is_history);
    if (sees || sight->nothing.kind == 0) {
        assert_true(sees || refused.reason == REASON_NOT_AUTHORISED);
        return;
    }
    /* Not his, and not there: the same to the byte. */
    size_t size = frame_size;
    assert_true(size <= sizeof seen);
    memcpy(seen, frame, size);
    ask(asker, &sight->nothing);
    assert_int_equal(frame_size, size);
    assert_memory_equal(frame, seen, size);
}

static void tell(uint32_t session, const struct deed *deed) {
    struct command command = {.verb = VERB_DEED, .deed = *deed};
    rig_request(rig, session, session, &command);
    assert_non_null(rig_event(rig, EVENT_DONE, NULL));
}

/* Key, session and participant of a registrar. */
#define REGISTRAR_SESSION 5u

/* Parties with Ann's and Bob's numbers, each with a key, and the first, which is nobody's. */
static void add_parties(void) {
    for (uint32_t party = 1; party <= RIG_BOB; party++) {
        struct deed add = {.kind = DEED_ADD_PARTY,
                           .add_party = {.participant = party == 1 ? 0 : party,
                                         .code_bytes = 1,
                                         .code = {(char)('0' + party)},
                                         .name_bytes = 4}};
        tell(REGISTRAR_SESSION, &add);
        struct deed key = {.kind = DEED_ADD_PARTY_KEY,
                           .add_party_key = {.party = party,
                                             .person = party,
                                             .key = algorithms_key((uint8_t)party)}};
        tell(REGISTRAR_SESSION, &key);
    }
}

/* A right on sale, with Ann and Bob as bidders and as agents of who sells it. */
static void add_listing(void) {
    struct deed admit = {.kind = DEED_ADMIT_RIGHT,
                         .admit_right = {.kind = RIGHT_INVENTION,
                                         .office = OFFICE_CNIPA,
                                         .number_bytes = 1,
                                         .number = "1",
                                         .title_bytes = 1,
                                         .owners_count = 1,
                                         .owners = {{1, RIGHT_WHOLE_PPM}}}};
    tell(REGISTRAR_SESSION, &admit);
    struct act account = {.kind = ACT_ADD_ACCOUNT, .add_account = {RIG_ANN, 1}};
    rig_act(rig, &account);
    struct deed open = {.kind = DEED_OPEN_LISTING,
                        .signatures_count = 1,
                        .signatures = {{.party_key = 1, .serial = 1}},
                        .open_listing = {.right = 1,
                                         .object = SALE_TRANSFER,
                                         .mode = BID_MODE_MULTI,
                                         .floor_fen = 100,
                                         .increment_fen = 1,
                                         .disclosed_until_ns = rig->now_ns + 1,
                                         .sellers_count = 1,
                                         .sellers = {{1, 3, RIGHT_WHOLE_PPM}}}};
    tell(REGISTRAR_SESSION, &open);
    for (uint32_t broker = RIG_ANN; broker <= RIG_BOB; broker++) {
        struct deed join = {.kind = DEED_JOIN_LISTING,
                            .join_listing = {.listing = 1, .party = broker, .account = broker - 1}};
        tell(broker + 1, &join);
        struct deed grant = {.kind = DEED_GRANT_MANDATE,
                             .signatures_count = 1,
                             .signatures = {{.party_key = 1, .serial = broker}},
                             .grant_mandate = {.principal = 1,
                                               .agent = broker,
                                               .scope = MANDATE_LISTING,
                                               .limit_fen = 1,
                                               .until = RIG_DATE + 1}};
        tell(REGISTRAR_SESSION, &grant);
    }
}

static void add_register(void) {
    struct act registrar = {
        .kind = ACT_ADD_PARTICIPANT,
        .add_participant = {.roles = ROLE_REGISTRAR, .code_bytes = 3, .code = "REG"}};
    rig_act(rig, &registrar);
    uint32_t number = (uint32_t)rig_expect_done(rig);
    struct act key = {.kind = ACT_ADD_KEY,
                      .add_key = {.participant = number, .person = 55, .key = {55}}};
    rig_act(rig, &key);
    struct act session = {.kind = ACT_ADD_SESSION, .add_session = {.participant = number}};
    rig_act(rig, &session);
    add_parties();
    add_listing();
}

static void the_table_of_who_sees_what_is_kept(void **state) {
    (void)state;
    add_register();
    uint64_t order = rig_enter_limit(rig, RIG_BOB_SESSION, SIDE_SELL, 1010, 200);
    rig_enter_limit(rig, RIG_ANN_SESSION, SIDE_BUY, 1000, 200);
    rig_expect_resting(rig, order);
    for (size_t i = 0; i < sizeof SIGHTS / sizeof SIGHTS[0]; i++) {
        struct sight sight = SIGHTS[i];
        sight.query.id = sight.nothing.id = 5;
        if (sight.query.kind == QUERY_ORDER || sight.query.kind == QUERY_ORDER_HISTORY ||
            sight.query.kind == QUERY_QUEUE)
            sight.query.order.order_id = order; /* all have it first */
        for (unsigned role = 0; role <= 12; role++) {
            struct query_asker own = {RIG_BOB, role < 12 ? 1u << role : 0};
            struct query_asker stranger = {RIG_ANN, own.roles};
            if (sight.is_list) {
                check_list(&sight, &own);
                check_list(&sight, &stranger);
            } else {
                check_one(&sight, &own);
                check_one(&sight, &stranger);
            }
        }
    }
}

static void every_kind_stands_in_the_table(void **state) {
    (void)state;
    for (unsigned kind = QUERY_ORDER; kind < QUERIES_END; kind++) {
        if ((kind >= QUERY_ENTRIES && kind <= QUERY_BOUND_TOTALS) || kind == QUERY_CERTIFICATE)
            continue; /* they have tests of their own */
        bool is_there = schema_query_body(kind) == NULL;
        for (size_t i = 0; i < sizeof SIGHTS / sizeof SIGHTS[0]; i++)
            is_there = is_there || SIGHTS[i].query.kind == kind;
        assert_true(is_there);
    }
}

/* --- what is answered --------------------------------------------------------------------------
 */

static void an_order_that_rests_is_shown_and_one_that_is_gone_is_not(void **state) {
    (void)state;
    uint64_t id = rig_enter_limit(rig, RIG_ANN_SESSION, SIDE_BUY, 1000, 300);
    rig_enter_limit(rig, RIG_BOB_SESSION, SIDE_SELL, 1000, 100);
    struct query query = {.id = 1, .kind = QUERY_ORDER, .order = {id}};
    ask(&ANN, &query);
    assert_int_equal(rows_count, 1);
    assert_int_equal(rows[0].order.order_id, id);
    assert_int_equal(rows[0].order.price_fen, 1000);
    assert_int_equal(rows[0].order.order_qty, 300);
    assert_int_equal(rows[0].order.cum_qty, 100);
    assert_int_equal(rows[0].order.leaves_qty, 200);
    assert_int_equal(rows[0].order.good_till, RIG_DATE);
    assert_int_equal(answer.cursor.size, 0);
    rig_cancel(rig, RIG_ANN_SESSION, id);
    expect_refused(&ANN, &query, REASON_UNKNOWN_ORDER, "order.order_id");
}

static void what_does_not_exist_is_refused_by_name(void **state) {
    (void)state;
    static const struct {
        struct query query;
        enum reason reason;
        const char *field;
    } CASES[] = {
        {{.kind = QUERY_OPEN_ORDERS, .open_orders = {.session = 9}},
         REASON_UNKNOWN_SESSION,
         "open_orders.session"},
        {{.kind = QUERY_OPEN_ORDERS, .open_orders = {.participant = 9}},
         REASON_UNKNOWN_PARTICIPANT,
         "open_orders.participant"},
        {{.kind = QUERY_OPEN_ORDERS, .open_orders = {.account = 9}},
         REASON_UNKNOWN_ACCOUNT,
         "open_orders.account"},
        {{.kind = QUERY_OPEN_ORDERS, .open_orders = {.instrument = 9}},
         REASON_UNKNOWN_INSTRUMENT,
         "open_orders.instrument"},
        {{.kind = QUERY_ACCOUNTS, .accounts = {.participant = 9}},
         REASON_UNKNOWN_PARTICIPANT,
         "accounts.participant"},
        {{.kind = QUERY_POSITIONS, .positions = {.instrument = 9}},
         REASON_UNKNOWN_INSTRUMENT,
         "positions.instrument"},
        {{.kind = QUERY_POSITIONS, .positions = {.participant = 9}},
         REASON_UNKNOWN_PARTICIPANT,
         "positions.participant"},
        {{.kind = QUERY_BOOK_LEVELS, .book_levels = {.instrument = 9}},
         REASON_UNKNOWN_INSTRUMENT,
         "book_levels.instrument"},
        {{.kind = QUERY_BOOK_ORDERS, .book_orders = {.instrument = 0}},
         REASON_UNKNOWN_INSTRUMENT,
         "book_orders.instrument"},
        {{.kind = QUERY_INSTRUMENTS, .instruments = {.instrument = 9}},
         REASON_UNKNOWN_INSTRUMENT,
         "instruments.instrument"},
        {{.kind = QUERY_INSTRUMENTS, .instruments = {.symbol_bytes = 2, .symbol = "ZZ"}},
         REASON_UNKNOWN_INSTRUMENT,
         "instruments.symbol"},
        {{.kind = QUERY_TRADES, .trades = {.instrument = 9}},
         REASON_UNKNOWN_INSTRUMENT,
         "trades.instrument"},
        {{.kind = QUERY_KEYS, .keys = {.key = 9}}, REASON_UNKNOWN_KEY, "keys.key"},
        {{.kind = QUERY_KEYS, .keys = {.participant = 9}},
         REASON_UNKNOWN_PARTICIPANT,
         "keys.participant"},
        {{.kind = QUERY_SESSIONS, .sessions = {.session = RIG_BOB_SESSION, .participant = RIG_ANN}},
         REASON_UNKNOWN_SESSION,
         "sessions.session"},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++)
        expect_refused(&OPERATOR, &CASES[i].query, CASES[i].reason, CASES[i].field);
}

static void accounts_and_positions_are_what_the_engine_holds(void **state) {
    (void)state;
    struct query accounts = {.kind = QUERY_ACCOUNTS};
    struct query positions = {.kind = QUERY_POSITIONS, .positions = {.account = RIG_BOB_ACCOUNT}};
    rig_enter_limit(rig, RIG_BOB_SESSION, SIDE_SELL, 1010, 200);
    rig_enter_limit(rig, RIG_ANN_SESSION, SIDE_BUY, 1000, 100);
    struct account_view ann = rig_account(rig, RIG_ANN_ACCOUNT);
    struct holding_view bob = rig_holding(rig, RIG_BOB_ACCOUNT);
    ask(&OPERATOR, &accounts);
    assert_int_equal(rows_count, 2);
    assert_int_equal(rows[0].account.account, RIG_ANN_ACCOUNT);
    assert_int_equal(rows[0].account.view.cash_fen, ann.cash_fen);
    assert_int_equal(rows[0].account.view.reserved_fen, 100000);
    ask(&ANN, &accounts);
    assert_int_equal(rows_count, 1);
    ask(&BOB, &positions);
    assert_int_equal(rows_count, 1);
    assert_int_equal(rows[0].position.quantity, bob.quantity);
    assert_int_equal(rows[0].position.reserved, 200);
    positions.positions.instrument = RIG_HX;
    ask(&BOB, &positions);
    assert_int_equal(rows_count, 1);
    positions.positions.account = 0;
    ask(&OPERATOR, &positions);
    assert_int_equal(rows_count, 2);
}

static void an_instrument_is_found_by_number_and_symbol_with_its_best_prices(void **state) {
    (void)state;
    struct query query = {.kind = QUERY_INSTRUMENTS,
                          .instruments = {.symbol_bytes = 2, .symbol = "HX"}};
    rig_enter_limit(rig, RIG_BOB_SESSION, SIDE_SELL, 1010, 200);
    rig_enter_limit(rig, RIG_ANN_SESSION, SIDE_BUY, 1000, 100);
    ask(&ANN, &query);
    assert_int_equal(rows_count, 1);
    assert_int_equal(rows[0].instrument.instrument, RIG_HX);
    assert_int_equal(rows[0].instrument.best_bid_fen, 1000);
    assert_int_equal(rows[0].instrument.best_ask_fen, 1010);
    assert_int_equal(rows[0].instrument.view.phase, PHASE_CONTINUOUS);
    assert_int_equal(rows[0].instrument.view.tick_fen, 5);
    query.instruments.instrument = RIG_HX;
    ask(&ANN, &query);
    assert_int_equal(rows_count, 1);
    query.instruments.instrument = 2;
    expect_refused(&ANN, &query, REASON_UNKNOWN_INSTRUMENT, "instruments.symbol");
}

static void parameters_tell_day_and_limits(void **state) {
    (void)state;
    struct query query = {.kind = QUERY_PARAMETERS};
    ask(&ANN, &query);
    assert_int_equal(rows_count, 1);
    assert_int_equal(rows[0].parameters.market.date, RIG_DATE);
    assert_true(rows[0].parameters.market.is_open);
    assert_int_equal(rows[0].parameters.market.environment, ENVIRONMENT_TEST);
    assert_int_equal(rows[0].parameters.credits, 7);
    assert_memory_equal(rows[0].parameters.origin, "here", 4);
    query.kind = QUERY_LIMITS;
    ask(&OPERATOR, &query);
    assert_int_equal(rows_count, POOLS_END - POOL_ORDERS);
    assert_int_equal(rows[POOL_SESSIONS - 1].pool.used, 4);
    assert_int_equal(rows[POOL_ORDERS - 1].pool.ceiling, 4000);
}

static void the_ledger_tells_how_far_it_and_its_followers_are(void **state) {
    (void)state;
    struct query query = {.kind = QUERY_LEDGER};
    counter_set(counters, COUNTER_NEXT, 90);
    counter_set(counters, COUNTER_DURABLE, 80);
    counter_set(counters, COUNTER_SHADOW, 70);
    counter_set(counters, COUNTER_DISK_STEP, DISK_LOW);
    ask(&ANN, &query);
    assert_true(rows_count >= 2);
    assert_int_equal(rows[0].ledger.next, 90);
    assert_int_equal(rows[0].ledger.durable, 80);
    assert_int_equal(rows[0].ledger.checkpoint_size, 60);
    assert_int_equal(rows[0].ledger.checkpoint_bytes, 5);
    assert_memory_equal(rows[0].ledger.checkpoint, "text\n", 5);
    assert_int_equal(rows[0].ledger.disk_step, DISK_LOW);
    assert_int_equal(rows[1].kind, ROW_FOLLOWER);
    assert_memory_equal(rows[1].follower.name, "shadow", 6);
    assert_int_equal(rows[1].follower.as_of, 70);
}

/* --- pages -------------------------------------------------------------------------------------
 */

static uint32_t pick(uint32_t below) {
    static uint64_t random = 20261124;
    random = random * UINT64_C(6364136223846793005) + 1442695040888963407;
    return (uint32_t)((random >> 33) % below);
}

#define CROWD 300u

static uint64_t crowd[CROWD]; /* ids of orders that were entered; 0: gone */

static void enter_one(uint32_t at) {
    uint32_t session = pick(2) != 0 ? RIG_ANN_SESSION : RIG_BOB_SESSION;
    enum side side = pick(2) != 0 ? SIDE_BUY : SIDE_SELL;
    int64_t price = side == SIDE_BUY ? 1000 - 5 * pick(20) : 1005 + 5 * pick(20);
    crowd[at] = rig_enter_limit(rig, session, side, price, 100);
    rig_expect_resting(rig, crowd[at]);
}

static void enter_crowd(void) {
    rig->checks_every = 0;
    for (uint32_t i = 0; i < CROWD; i++)
        enter_one(i);
}

/* Some go, some come. The first third stays. */
static void churn(void) {
    for (uint32_t i = 0; i < 20; i++) {
        uint32_t at = CROWD / 3 + pick(2 * CROWD / 3);
        uint32_t session = order_id_session(crowd[at]);
        rig_cancel(rig, session, crowd[at]);
        enter_one(at);
    }
}

static void assert_same_rows(enum row_kind kind, const struct answer_row *all, size_t count) {
    assert_int_equal(rows_count, count);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(rows[i].kind, kind);
        assert_memory_equal(&rows[i], &all[i], sizeof all[i]);
    }
}

static void pages_of_any_size_make_the_whole(void **state) {
    (void)state;
    static struct answer_row all[ROWS_MAX];
    static const struct query QUERIES[] = {
        {.kind = QUERY_OPEN_ORDERS},
        {.kind = QUERY_OPEN_ORDERS, .open_orders = {.side = SIDE_SELL, .session = RIG_ANN_SESSION}},
        {.kind = QUERY_OPEN_ORDERS, .open_orders = {.account = RIG_BOB_ACCOUNT}},
        {.kind = QUERY_BOOK_ORDERS, .book_orders = {RIG_HX}},
        {.kind = QUERY_BOOK_LEVELS, .book_levels = {RIG_HX, 0}},
        {.kind = QUERY_SESSIONS},
        {.kind = QUERY_ACCOUNTS},
        {.kind = QUERY_POSITIONS},
        {.kind = QUERY_KEYS},
        {.kind = QUERY_PARTICIPANTS},
        {.kind = QUERY_INSTRUMENTS},
    };
    static const uint32_t SIZES[] = {1, 2, 7, 39, 40, 41, 299, 300, 301};
    enter_crowd();
    for (size_t i = 0; i < sizeof QUERIES / sizeof QUERIES[0]; i++) {
        struct query query = QUERIES[i];
        assert_int_equal(ask_all(&OPERATOR, &query, NULL), 1);
        size_t count = rows_count;
        memcpy(all, rows, count * sizeof rows[0]);
        assert_true(count > 0);
        for (size_t size = 0; size < sizeof SIZES / sizeof SIZES[0]; size++) {
            query.limit = SIZES[size];
            uint32_t pages = ask_all(&OPERATOR, &query, NULL);
            assert_int_equal(pages, (count + query.limit - 1) / query.limit);
            assert_same_rows(all[0].kind, all, count);
        }
    }
    struct query query = QUERIES[0];
    ask(&OPERATOR, &query);
    assert_int_equal(rows_count, CROWD);
}

static uint32_t times_shown(uint64_t order_id) {
    uint32_t times = 0;
    for (size_t i = 0; i < rows_count; i++)
        times += rows[i].order.order_id == order_id;
    return times;
}

static void open_orders_that_stay_are_shown_once_whatever_comes_and_goes(void **state) {
    (void)state;
    struct query query = {.kind = QUERY_OPEN_ORDERS};
    enter_crowd();
    for (uint32_t size = 1; size < 40; size += 6) {
        query.limit = size;
        ask_all(&OPERATOR, &query, churn);
        for (uint32_t i = 0; i < CROWD / 3; i++)
            assert_int_equal(times_shown(crowd[i]), 1);
        for (size_t i = 0; i < rows_count; i++)
            assert_int_equal(times_shown(rows[i].order.order_id), 1);
    }
}

static bool is_before(const struct entry_row *left, const struct entry_row *right) {
    if (left->side != right->side)
        return left->side == SIDE_BUY;
    if (left->price_fen != right->price_fen)
        return left->side == SIDE_BUY ? left->price_fen > right->price_fen
                                      : left->price_fen < right->price_fen;
    return left->entry < right->entry;
}

static void a_books_orders_that_stay_are_shown_once_and_in_order(void **state) {
    (void)state;
    struct query query = {.kind = QUERY_BOOK_ORDERS, .book_orders = {RIG_HX}};
    enter_crowd();
    for (uint32_t size = 1; size < 40; size += 6) {
        query.limit = size;
        ask_all(&BOB, &query, churn);
        for (size_t i = 1; i < rows_count; i++)
            assert_true(is_before(&rows[i - 1].entry, &rows[i].entry));
        for (uint32_t i = 0; i < CROWD / 3; i++) {
            struct order_view order = rig_expect_resting(rig, crowd[i]);
            uint32_t times = 0;
            for (size_t row = 0; row < rows_count; row++)
                times += rows[row].entry.entry == order.entry;
            assert_int_equal(times, 1);
        }
    }
}

/* --- the queue ---------------------------------------------------------------------------------
 */

/* All pages of a queue; returns how many there were. The sum of their rows is in *ahead. */
static uint32_t ask_queue(uint64_t order_id, struct queue_row *ahead, void (*between)(void)) {
    struct query query = {.kind = QUERY_QUEUE, .queue = {order_id}};
    uint32_t pages = ask_all(&OPERATOR, &query, between);
    *ahead = (struct queue_row){.order_id = order_id};
    assert_int_equal(rows_count, pages);
    for (size_t i = 0; i < rows_count; i++) {
        assert_int_equal(rows[i].kind, ROW_QUEUE);
        assert_int_equal(rows[i].queue.order_id, order_id);
        ahead->ahead_qty += rows[i].queue.ahead_qty;
        ahead->ahead_orders += rows[i].queue.ahead_orders;
    }
    return pages;
}

/* Order by order, as the engine walks. */
static struct queue_row walk_queue(uint64_t order_id) {
    struct order_view order = rig_expect_resting(rig, order_id);
    struct queue_row ahead = {.order_id = order_id};
    struct order_view at;
    bool is_there = engine_book_from(rig->engine, order.instrument, (enum side)order.side, 0, &at);
    while (is_there && at.order_id != order_id) {
        struct order_view from = at;
        ahead.ahead_qty += at.leaves_qty;
        ahead.ahead_orders++;
        is_there = engine_book_next(rig->engine, &from, &at);
    }
    assert_true(is_there);
    return ahead;
}

static void expect_queue(uint64_t order_id, uint64_t quantity, uint32_t orders) {
    struct queue_row ahead;
    assert_int_equal(ask_queue(order_id, &ahead, NULL), 1);
    assert_int_equal(ahead.ahead_qty, quantity);
    assert_int_equal(ahead.ahead_orders, orders);
}

static void an_order_s_place_in_the_queue_follows_what_happens_ahead_of_it(void **state) {
    (void)state;
    uint64_t first = rig_enter_limit(rig, RIG_BOB_SESSION, SIDE_BUY, 1000, 300);
    uint64_t second = rig_enter_limit(rig, RIG_BOB_SESSION, SIDE_BUY, 1000, 500);
    uint64_t own = rig_enter_limit(rig, RIG_ANN_SESSION, SIDE_BUY, 1000, 200);
    rig_enter_limit(rig, RIG_BOB_SESSION, SIDE_BUY, 1000, 700); /* behind it */
    rig_enter_limit(rig, RIG_BOB_SESSION, SIDE_BUY, 995, 700);
    expect_queue(own, 800, 2);
    uint64_t better = rig_enter_limit(rig, RIG_BOB_SESSION, SIDE_BUY, 1005, 400);
    expect_queue(own, 1200, 3);
    rig_replace(rig, RIG_BOB_SESSION, second, 1000, 100); /* less: it keeps its place */
    expect_queue(own, 800, 3);
    rig_cancel(rig, RIG_BOB_SESSION, better);
    expect_queue(own, 400, 2);
    rig_replace(rig, RIG_BOB_SESSION, first, 1000, 600); /* more: to the end */
    expect_queue(own, 100, 1);
    rig_enter_limit(rig, RIG_BOB_SESSION, SIDE_SELL, 1000, 150);
    expect_queue(own, 0, 0);
    rig_replace(rig, RIG_ANN_SESSION, own, 1000, 900);
    expect_queue(own, 1300, 2);
    rig_cancel(rig, RIG_ANN_SESSION, own);
    struct query query = {.kind = QUERY_QUEUE, .queue = {own}};
    expect_refused(&ANN, &query, REASON_UNKNOWN_ORDER, "queue.order_id");
}

static void a_queue_is_counted_as_the_book_is_walked(void **state) {
    (void)state;
    enter_crowd();
    for (uint32_t i = 0; i < CROWD; i++) {
        struct queue_row ahead;
        struct queue_row walked = walk_queue(crowd[i]);
        assert_int_equal(ask_queue(crowd[i], &ahead, NULL), 1);
        assert_int_equal(ahead.ahead_qty, walked.ahead_qty);
        assert_int_equal(ahead.ahead_orders, walked.ahead_orders);
    }
}

/* More than one page counts: the second goes on where the first one ended, also when the orders at
 * which it ended are gone. */
#define LONG_QUEUE 5000u
static uint64_t queue[LONG_QUEUE];

static void thin_queue(void) {
    for (uint32_t i = 4000; i < 4200; i++)
        if (queue[i] != 0)
            rig_cancel(rig, RIG_BOB_SESSION, queue[i]);
    memset(queue + 4000, 0, 200 * sizeof queue[0]);
}

static int set_up_large(void **state) {
    int failed = set_up(state);
    struct engine_limits limits = rig_limits();
    limits.limit[POOL_ORDERS] = limits.ceiling[POOL_ORDERS] = LONG_QUEUE + 10;
    rig_close(rig);
    rig_open(rig, &limits, ENVIRONMENT_TEST);
    rig_populate(rig);
    return failed;
}

static void a_long_queue_is_counted_over_pages(void **state) {
    (void)state;
    struct queue_row ahead;
    rig->checks_every = 0;
    for (uint32_t i = 0; i < LONG_QUEUE; i++)
        queue[i] = rig_enter_limit(rig, RIG_BOB_SESSION, SIDE_BUY, 10, 100);
    uint64_t own = rig_enter_limit(rig, RIG_ANN_SESSION, SIDE_BUY, 10, 100);
    rig_expect_resting(rig, own);
    assert_int_equal(ask_queue(own, &ahead, NULL), 2);
    assert_int_equal(ahead.ahead_orders, LONG_QUEUE);
    assert_int_equal(ahead.ahead_qty, 100 * LONG_QUEUE);
    /* One page more: it looks from the front for where it was. */
    assert_int_equal(ask_queue(own, &ahead, thin_queue), 3);
    uint32_t counted = rows[0].queue.ahead_orders;
    assert_in_range(counted, 4001, 4199);
    assert_int_equal(ahead.ahead_orders, LONG_QUEUE - (4200 - counted));
}

static void levels_of_a_depth_come_in_one_page(void **state) {
    (void)state;
    struct query query = {.kind = QUERY_BOOK_LEVELS, .book_levels = {RIG_HX, 3}};
    enter_crowd();
    ask(&ANN, &query);
    assert_int_equal(rows_count, 6);
    assert_int_equal(answer.cursor.size, 0);
    assert_int_equal(rows[0].level.side, SIDE_BUY);
    assert_int_equal(rows[0].level.level.price_fen, 1000);
    assert_int_equal(rows[3].level.side, SIDE_SELL);
    assert_int_equal(rows[3].level.level.price_fen, 1005);
    for (size_t i = 0; i < 6; i++)
        assert_int_equal(rows[i].level.level.quantity, 100 * rows[i].level.level.orders);
}

static void a_cursor_of_another_question_is_refused(void **state) {
    (void)state;
    struct query query = {.kind = QUERY_OPEN_ORDERS, .limit = 1};
    enter_crowd();
    ask(&OPERATOR, &query);
    assert_true(turn(&query));
    query.kind = QUERY_BOOK_ORDERS;
    query.book_orders = (struct book_orders_query){RIG_HX};
    expect_refused(&OPERATOR, &query, REASON_MALFORMED, "cursor");
    query.cursor[0] = QUERY_BOOK_ORDERS;
    expect_refused(&OPERATOR, &query, REASON_MALFORMED, "cursor");
    query.kind = QUERY_BOOK_LEVELS;
    query.cursor_bytes = 1;
    expect_refused(&OPERATOR, &query, REASON_MALFORMED, "cursor");
}

/* Whatever is in it, only the asker's own rows come, and no memory is touched that should not be.
 */
static void forged_cursors_show_nothing_that_is_not_the_askers(void **state) {
    (void)state;
    static const uint8_t KINDS[] = {QUERY_OPEN_ORDERS, QUERY_BOOK_LEVELS, QUERY_BOOK_ORDERS,
                                    QUERY_ACCOUNTS,    QUERY_POSITIONS,   QUERY_SESSIONS,
                                    QUERY_KEYS,        QUERY_INSTRUMENTS, QUERY_PARTICIPANTS,
                                    QUERY_QUEUE};
    enter_crowd();
    uint64_t own = rig_enter_limit(rig, RIG_ANN_SESSION, SIDE_BUY, 1000, 100);
    for (uint32_t i = 0; i < 20000; i++) {
        struct query query = {.kind = KINDS[pick(sizeof KINDS)], .limit = 1 + pick(20)};
        if (query.kind == QUERY_BOOK_LEVELS || query.kind == QUERY_BOOK_ORDERS)
            query.book_orders.instrument = RIG_HX;
        if (query.kind == QUERY_QUEUE)
            query.queue.order_id = own;
        ask(&ANN, &query);
        if (!turn(&query))
            query.cursor_bytes = (uint8_t)(1 + pick(QUERY_CURSOR_BYTES_MAX));
        query.cursor[0] = query.kind;
        for (uint32_t change = pick(5); change > 0; change--)
            query.cursor[1 + pick(query.cursor_bytes) % (QUERY_CURSOR_BYTES_MAX - 1)] =
                (uint8_t)(pick(3) == 0 ? 0xff : pick(256));
        ask(&ANN, &query);
        for (size_t row = 0; row < rows_count; row++)
            assert_true(owner_of(&rows[row]) == RIG_ANN || owner_of(&rows[row]) == 0);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_table_of_who_sees_what_is_kept, set_up, rig_tear_down),
        cmocka_unit_test(every_kind_stands_in_the_table),
        cmocka_unit_test_setup_teardown(an_order_that_rests_is_shown_and_one_that_is_gone_is_not,
                                        set_up, rig_tear_down),
        cmocka_unit_test_setup_teardown(what_does_not_exist_is_refused_by_name, set_up,
                                        rig_tear_down),
        cmocka_unit_test_setup_teardown(accounts_and_positions_are_what_the_engine_holds, set_up,
                                        rig_tear_down),
        cmocka_unit_test_setup_teardown(
            an_instrument_is_found_by_number_and_symbol_with_its_best_prices, set_up,
            rig_tear_down),
        cmocka_unit_test_setup_teardown(parameters_tell_day_and_limits, set_up, rig_tear_down),
        cmocka_unit_test_setup_teardown(the_ledger_tells_how_far_it_and_its_followers_are, set_up,
                                        rig_tear_down),
        cmocka_unit_test_setup_teardown(pages_of_any_size_make_the_whole, set_up, rig_tear_down),
        cmocka_unit_test_setup_teardown(
            open_orders_that_stay_are_shown_once_whatever_comes_and_goes, set_up, rig_tear_down),
        cmocka_unit_test_setup_teardown(a_books_orders_that_stay_are_shown_once_and_in_order,
                                        set_up, rig_tear_down),
        cmocka_unit_test_setup_teardown(
            an_order_s_place_in_the_queue_follows_what_happens_ahead_of_it, set_up, rig_tear_down),
        cmocka_unit_test_setup_teardown(a_queue_is_counted_as_the_book_is_walked, set_up,
                                        rig_tear_down),
        cmocka_unit_test_setup_teardown(a_long_queue_is_counted_over_pages, set_up_large,
                                        rig_tear_down),
        cmocka_unit_test_setup_teardown(levels_of_a_depth_come_in_one_page, set_up, rig_tear_down),
        cmocka_unit_test_setup_teardown(a_cursor_of_another_question_is_refused, set_up,
                                        rig_tear_down),
        cmocka_unit_test_setup_teardown(forged_cursors_show_nothing_that_is_not_the_askers, set_up,
                                        rig_tear_down),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    counters_close(counters);
    return failed;
}
