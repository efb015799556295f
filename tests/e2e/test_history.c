/*
 * Histories by query: what the ledger holds of an order, an account or a session, to the byte, for
 * its owner, and nothing for anybody else; and trades, for everybody; by the index, without it, and
 * while it lags.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <ftw.h>

#include "gateway/counters.h"
#include "gateway/query_client.h"
#include "ledger/subject.h"
#include "tests/e2e/desk.h"

#define ORDERS 700

static struct trial trial;
static uint64_t first_order; /* of session 1: partly filled, replaced, canceled */

/* A life with each kind of report. */
static void live(void) {
    struct client *ann = trial_client(&trial, 1);
    struct client *bob = trial_client(&trial, 2);
    struct command buy = desk_buy(trial_account(&trial, 1), 100, 10);
    struct command sell = desk_sell(trial_account(&trial, 2), 100, 4);
    struct report report;
    first_order = order_id_of(trial_session(&trial, 1), desk_rest(ann, &buy));
    desk_send(bob, &sell, &report);
    struct command replace = {
        .verb = VERB_REPLACE,
        .replace = {.order_id = first_order, .price_fen = 90, .order_qty = 8}};
    desk_send(ann, &replace, &report);
    struct command cancel = desk_cancel(first_order);
    desk_send(ann, &cancel, &report);
    for (int i = 0; i < ORDERS; i++) {
        trial_pour(ann, &buy, NULL);
        trial_pour(bob, &sell, NULL);
    }
    struct command sweep = desk_sell(trial_account(&trial, 2), 100, 200);
    trial_pour(bob, &sweep, NULL); /* many trades in a record */
    for (int i = 0; i < 30; i++) {
        struct command other = desk_order(trial_account(&trial, 1), 2, SIDE_BUY, 100, 5);
        struct command meets = desk_order(trial_account(&trial, 2), 2, SIDE_SELL, 100, 5);
        trial_pour(ann, &other, NULL);
        trial_pour(bob, &meets, NULL);
    }
    trial_drain(ann);
    trial_drain(bob);
    client_close(ann);
    client_close(bob);
}

static int set_up(void **state) {
    struct trial_options options = {.brokers = 2, .sessions = 2, .accounts = 2, .instruments = 3};
    (void)state;
    desk_set_up(&trial, &options);
    live();
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    desk_tear_down(&trial);
    return 0;
}

/* --- what the ledger holds ---------------------------------------------------------------------
 */

struct expected {
    enum subject_kind kind;
    uint64_t id;
    uint32_t sessions[2]; /* whose reports the asker may see; 0: none */
    bool is_it;
    struct desk_bytes reports;
};

static void compare(void *owner, enum subject_kind kind, uint64_t id) {
    struct expected *expected = owner;
    expected->is_it = expected->is_it || (kind == expected->kind && id == expected->id);
}

static bool visit(void *owner, const struct record *record, struct span bytes) {
    struct expected *expected = owner;
    struct span events = record->events;
    struct record_event_view event;
    (void)bytes;
    while (record_event_next(&events, &event)) {
        expected->is_it = false;
        assert_true(subject_walk_event(&event, compare, expected));
        bool is_seen = event.audience == AUDIENCE_SESSION &&
                       (event.to == expected->sessions[0] || event.to == expected->sessions[1]);
        if (expected->is_it && is_seen)
            desk_bytes_add(&expected->reports, event.report);
    }
    return true;
}

/* --- asking ------------------------------------------------------------------------------------
 */

/* The whole history, page by page; returns how many pages there were. */
static uint32_t ask_all(struct query_client *client, struct query query,
                        struct desk_bytes *reports) {
    struct answer answer;
    struct answer_row row;
    uint32_t pages = 0;
    query.at_least = desk_ledger_next(&trial);
    query.wait_ms = QUERY_WAIT_MS_MAX;
    do {
        assert_int_equal(query_client_ask(client, &query, DESK_PATIENCE_MS, &answer),
                         QUERY_CLIENT_ANSWER);
        assert_null(answer.refused.bytes);
        while (query_client_row(&answer, &row)) {
            assert_int_equal(row.kind, ROW_REPORT);
            if (row.report.session != 0) /* what is its participant's is not counted here */
                desk_bytes_add(reports, (struct span){row.report.report, row.report.report_bytes});
        }
        pages++;
    } while (query_client_next_page(&query, &answer));
    return pages;
}

static void assert_history(const struct curve_key *key, const struct query *query,
                           struct expected *expected, uint32_t limit) {
    struct query_client *client = trial_asker(&trial, key);
    struct desk_bytes reports = {0};
    struct query limited = *query;
    limited.limit = limit;
    uint32_t pages = ask_all(client, limited, &reports);
    desk_records(&trial, 0, visit, expected);
    assert_true(reports.count > 0);
    assert_int_equal(reports.count, expected->reports.count);
    assert_int_equal(reports.size, expected->reports.size);
    assert_memory_equal(reports.bytes, expected->reports.bytes, reports.size);
    if (limit != 0)
        assert_true(pages >= reports.count / limit);
    desk_bytes_free(&reports);
    desk_bytes_free(&expected->reports);
    query_client_close(client);
}

static void assert_ann_s_histories(uint32_t limit) {
    const struct curve_key *ann = &trial.brokers[0];
    uint32_t session = trial_session(&trial, 1);
    uint32_t account = trial_account(&trial, 1);
    struct query order = {.kind = QUERY_ORDER_HISTORY, .order_history = {first_order, 0}};
    struct query session_query = {.kind = QUERY_SESSION_HISTORY, .session_history = {session, 0}};
    struct query account_query = {.kind = QUERY_ACCOUNT_HISTORY, .account_history = {account, 0}};
    struct expected of_order = {SUBJECT_ORDER, first_order, {session}, false, {0}};
    struct expected of_session = {SUBJECT_SESSION, session, {session}, false, {0}};
    struct expected of_account = {SUBJECT_ACCOUNT, account, {session}, false, {0}};
    assert_history(ann, &order, &of_order, limit);
    assert_history(ann, &session_query, &of_session, limit);
    assert_history(ann, &account_query, &of_account, limit);
}

static void expect_refused(const struct curve_key *key, struct query *query, enum reason reason) {
    struct query_client *client = trial_asker(&trial, key);
    struct answer answer;
    struct refused refused;
    assert_int_equal(query_client_ask(client, query, DESK_PATIENCE_MS, &answer),
                     QUERY_CLIENT_ANSWER);
    assert_true(query_client_refused(&answer, &refused));
    assert_int_equal(refused.reason, reason);
    query_client_close(client);
}

/* --- trades ------------------------------------------------------------------------------------
 */

#define TRADES_MAX (2 * ORDERS)

/* What was traded, in order. */
struct traded {
    uint32_t instrument; /* 0: of all */
    uint64_t from;
    uint32_t count;
    struct report trades[TRADES_MAX];
};

static void add_trade(struct traded *traded, struct span bytes) {
    struct report *report = &traded->trades[traded->count];
    assert_true(traded->count < TRADES_MAX && report_read(bytes, report));
    bool is_wanted = report->body == REPORT_BOOK_TRADED && report->sequence >= traded->from &&
                     (traded->instrument == 0 || report->book.instrument == traded->instrument);
    traded->count += is_wanted;
}

static bool visit_trades(void *owner, const struct record *record, struct span bytes) {
    struct span events = record->events;
    struct record_event_view event;
    (void)bytes;
    while (record_event_next(&events, &event))
        if (event.audience == AUDIENCE_EVERYBODY)
            add_trade(owner, event.report);
    return true;
}

static void ask_trades(struct traded *traded, bool newest_first, uint32_t limit) {
    struct query_client *client = trial_asker(&trial, &trial.brokers[1]);
    struct query query = {.kind = QUERY_TRADES,
                          .limit = limit,
                          .at_least = desk_ledger_next(&trial),
                          .wait_ms = QUERY_WAIT_MS_MAX,
                          .trades = {traded->instrument, traded->from, newest_first}};
    struct answer answer;
    struct answer_row row;
    do {
        assert_int_equal(query_client_ask(client, &query, DESK_PATIENCE_MS, &answer),
                         QUERY_CLIENT_ANSWER);
        assert_null(answer.refused.bytes);
        while (query_client_row(&answer, &row)) {
            assert_int_equal(row.kind, ROW_REPORT);
            assert_int_equal(row.report.session, 0);
            uint32_t before = traded->count;
            add_trade(traded, (struct span){row.report.report, row.report.report_bytes});
            assert_int_equal(traded->count, before + 1);
        }
    } while (query_client_next_page(&query, &answer));
    query_client_close(client);
}

static void assert_same_trade(const struct report *one, const struct report *other) {
    assert_int_equal(one->sequence, other->sequence);
    assert_int_equal(one->place, other->place);
    assert_int_equal(one->time_ns, other->time_ns);
    assert_int_equal(one->book.instrument, other->book.instrument);
    assert_int_equal(one->book.side, other->book.side);
    assert_int_equal(one->book.price_fen, other->book.price_fen);
    assert_int_equal(one->book.quantity, other->book.quantity);
    assert_int_equal(one->book.trd_match_id, other->book.trd_match_id);
}

/* Asked for in both orders, with pages of a limit. */
static void assert_trades(uint32_t instrument, uint64_t from, uint32_t limit) {
    static struct traded held;
    static struct traded told;
    held = (struct traded){.instrument = instrument, .from = from};
    desk_records(&trial, 0, visit_trades, &held);
    for (int newest_first = 0; newest_first < 2; newest_first++) {
        told = (struct traded){.instrument = instrument, .from = from};
        ask_trades(&told, newest_first != 0, limit);
        assert_int_equal(told.count, held.count);
        for (uint32_t i = 0; i < told.count; i++)
            assert_same_trade(&told.trades[i],
                              &held.trades[newest_first != 0 ? held.count - 1 - i : i]);
    }
    assert_int_equal(held.count > 0, instrument != 3);
}

static void assert_all_trades(uint32_t limit) {
    assert_trades(1, 0, limit);
    assert_trades(2, 0, limit);
    assert_trades(3, 0, limit); /* none */
    assert_trades(0, 0, limit);
}

/* --- tests -------------------------------------------------------------------------------------
 */

static void histories_are_what_the_ledger_holds(void **state) {
    (void)state;
    desk_until_counter(&trial, COUNTER_INDEX, desk_ledger_next(&trial));
    assert_ann_s_histories(0);
    assert_ann_s_histories(7);
}

static void an_order_s_history_tells_its_life(void **state) {
    static const uint32_t LIFE[] = {EXEC_TYPE_NEW, EXEC_TYPE_TRADE, EXEC_TYPE_REPLACED,
                                    EXEC_TYPE_CANCELED};
    struct query_client *client = trial_asker(&trial, &trial.brokers[0]);
    struct query query = {.kind = QUERY_ORDER_HISTORY, .order_history = {first_order, 0}};
    struct answer answer;
    struct answer_row row;
    (void)state;
    assert_int_equal(query_client_ask(client, &query, DESK_PATIENCE_MS, &answer),
                     QUERY_CLIENT_ANSWER);
    for (size_t i = 0; i < sizeof LIFE / sizeof LIFE[0]; i++) {
        struct report report;
        assert_true(query_client_row(&answer, &row));
        assert_true(
            report_read((struct span){row.report.report, row.report.report_bytes}, &report));
        assert_int_equal(report.execution.exec_type, LIFE[i]);
        assert_int_equal(report.execution.order_id, first_order);
    }
    assert_false(query_client_row(&answer, &row));
    query_client_close(client);
}

static void a_history_may_begin_later(void **state) {
    struct query_client *client = trial_asker(&trial, &trial.brokers[0]);
    uint32_t session = trial_session(&trial, 1);
    uint64_t middle = desk_ledger_next(&trial) / 2;
    struct query query = {.kind = QUERY_SESSION_HISTORY, .session_history = {session, middle}};
    struct desk_bytes reports = {0};
    struct desk_bytes before = {0};
    struct desk_bytes all = {0};
    (void)state;
    ask_all(client, query, &reports);
    desk_reports(&trial, session, middle, &before);
    desk_reports(&trial, session, UINT64_MAX, &all);
    assert_int_equal(reports.count, all.count - before.count);
    assert_memory_equal(reports.bytes, all.bytes + before.size, reports.size);
    desk_bytes_free(&reports);
    desk_bytes_free(&before);
    desk_bytes_free(&all);
    query_client_close(client);
}

static void a_stranger_s_is_as_one_that_is_not(void **state) {
    const struct curve_key *bob = &trial.brokers[1];
    struct query order = {.kind = QUERY_ORDER_HISTORY, .order_history = {first_order, 0}};
    struct query account = {.kind = QUERY_ACCOUNT_HISTORY,
                            .account_history = {trial_account(&trial, 1), 0}};
    struct query session = {.kind = QUERY_SESSION_HISTORY,
                            .session_history = {trial_session(&trial, 1), 0}};
    (void)state;
    expect_refused(bob, &order, REASON_UNKNOWN_ORDER);
    expect_refused(bob, &account, REASON_UNKNOWN_ACCOUNT);
    expect_refused(bob, &session, REASON_UNKNOWN_SESSION);
}

static void the_operator_sees_both_sides_and_the_deposits(void **state) {
    struct query_client *client = trial_asker(&trial, &trial.operators[0]);
    struct query query = {.kind = QUERY_ACCOUNT_HISTORY,
                          .account_history = {trial_account(&trial, 1), 0}};
    struct answer answer;
    struct answer_row row;
    struct report report;
    bool has_deposit = false;
    (void)state;
    assert_int_equal(query_client_ask(client, &query, DESK_PATIENCE_MS, &answer),
                     QUERY_CLIENT_ANSWER);
    while (query_client_row(&answer, &row)) {
        assert_true(
            report_read((struct span){row.report.report, row.report.report_bytes}, &report));
        has_deposit = has_deposit || (report.body == REPORT_DONE && report.done.act == ACT_DEPOSIT);
    }
    assert_true(has_deposit);
    query_client_close(client);
}

static void trades_are_told_to_everybody_in_either_order(void **state) {
    (void)state;
    desk_until_counter(&trial, COUNTER_INDEX, desk_ledger_next(&trial));
    assert_all_trades(0);
    assert_all_trades(1);
    assert_all_trades(13);
    assert_trades(0, desk_ledger_next(&trial) / 2, 5);
    struct query query = {.kind = QUERY_TRADES, .trades = {.instrument = 4}};
    expect_refused(&trial.brokers[0], &query, REASON_UNKNOWN_INSTRUMENT);
}

/* The index commits only now and then: what has just been traded is read from the records. */
static void trades_of_just_now_are_told_at_once(void **state) {
    struct client *ann = trial_client(&trial, 1);
    struct client *bob = trial_client(&trial, 2);
    struct command buy = desk_order(trial_account(&trial, 1), 2, SIDE_BUY, 100, 5);
    struct command sell = desk_order(trial_account(&trial, 2), 2, SIDE_SELL, 100, 5);
    struct report report;
    (void)state;
    for (int i = 0; i < 5; i++) {
        desk_rest(ann, &buy);
        desk_send(bob, &sell, &report);
        assert_trades(2, report.sequence, 1);
        assert_trades(2, 0, 4);
    }
    client_close(ann);
    client_close(bob);
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *walk) {
    (void)status;
    (void)type;
    (void)walk;
    return remove(path);
}

static void without_an_index_the_records_are_read(void **state) {
    char path[TRIAL_PATH_MAX + 16];
    (void)state;
    assert_int_equal(trial_stop(&trial), 0);
    snprintf(path, sizeof path, "%s/index", trial.exchange);
    nftw(path, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    fclose(file);
    trial_start(&trial);
    assert_ann_s_histories(0);
    assert_ann_s_histories(50);
    assert_all_trades(0);
    assert_all_trades(13);
    assert_int_equal(trial_stop(&trial), 0);
    remove(path);
    trial_start(&trial);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(histories_are_what_the_ledger_holds),
        cmocka_unit_test(an_order_s_history_tells_its_life),
        cmocka_unit_test(a_history_may_begin_later),
        cmocka_unit_test(a_stranger_s_is_as_one_that_is_not),
        cmocka_unit_test(the_operator_sees_both_sides_and_the_deposits),
        cmocka_unit_test(trades_are_told_to_everybody_in_either_order),
        cmocka_unit_test(trades_of_just_now_are_told_at_once),
        cmocka_unit_test(without_an_index_the_records_are_read),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
