/*
 * A whole exchange, from genesis to a kill, through the trial that other tests and the benchmarks
 * stand on.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bench/trial.h"

static struct command order(const struct trial *trial, uint32_t account, enum side side,
                            uint64_t quantity) {
    struct command command = {
        .verb = VERB_NEW_ORDER,
        .new_order = {.account = trial_account(trial, account),
                      .instrument = 1,
                      .price_fen = 1000,
                      .order_qty = quantity,
                      .side = (uint8_t)side,
                      .ord_type = ORD_TYPE_LIMIT,
                      .time_in_force = TIME_IN_FORCE_GTC},
    };
    return command;
}

/* Asks on a connection of its own. */
static struct report ask(const struct trial *trial, uint32_t session,
                         const struct command *command) {
    struct report report;
    struct client *client = trial_client(trial, session);
    assert_true(trial_ask(client, command, NULL, &report, NULL));
    client_close(client);
    return report;
}

static void sell_rests(const struct trial *trial, uint64_t quantity) {
    struct command sell = order(trial, 1, SIDE_SELL, quantity);
    struct report report = ask(trial, 1, &sell);
    assert_int_equal(report.body, REPORT_EXECUTION);
    assert_int_equal(report.execution.exec_type, EXEC_TYPE_NEW);
    assert_int_equal(report.execution.leaves_qty, quantity);
}

static void buy_trades(const struct trial *trial, uint64_t quantity) {
    struct command buy = order(trial, 2, SIDE_BUY, quantity);
    struct report report = ask(trial, 2, &buy);
    assert_int_equal(report.body, REPORT_EXECUTION);
    assert_int_equal(report.execution.exec_type, EXEC_TYPE_TRADE);
    assert_int_equal(report.execution.ord_status, ORD_STATUS_FILLED);
    assert_int_equal(report.execution.cum_qty, quantity);
}

static void a_book_survives_stop_and_kill(void **state) {
    struct trial_options options = {.brokers = 2, .sessions = 2, .accounts = 4, .instruments = 3};
    struct trial trial;
    (void)state;
    trial_create(&trial, &options);
    trial_start(&trial);
    trial_furnish(&trial);
    sell_rests(&trial, 100);
    buy_trades(&trial, 10);
    assert_int_equal(trial_stop(&trial), 0);

    trial_start(&trial);
    buy_trades(&trial, 20);
    trial_kill(&trial);

    trial_start(&trial);
    buy_trades(&trial, 70);
    sell_rests(&trial, 5);
    assert_int_equal(trial_stop(&trial), 0);
    trial_remove(&trial);
}

static void a_thousand_sessions_are_furnished_in_one_go(void **state) {
    struct trial_options options = {
        .brokers = 8, .sessions = 1000, .accounts = 8, .instruments = 6000};
    struct trial trial;
    (void)state;
    trial_create(&trial, &options);
    trial_start(&trial);
    trial_furnish(&trial);
    struct client *last = trial_client(&trial, 1000);
    struct command sell = order(&trial, trial_owner(&trial, 1000), SIDE_SELL, 1);
    struct report report;
    sell.new_order.instrument = 6000;
    assert_true(trial_ask(last, &sell, NULL, &report, NULL));
    assert_int_equal(report.execution.exec_type, EXEC_TYPE_NEW);
    client_close(last);
    assert_int_equal(trial_stop(&trial), 0);
    trial_remove(&trial);
}

static void a_server_that_does_not_start_says_why(void **state) {
    struct trial_options options = {.brokers = 1, .sessions = 1, .accounts = 1, .instruments = 1};
    struct trial trial;
    char path[TRIAL_PATH_MAX + 32];
    int code = 0;
    (void)state;
    trial_create(&trial, &options);
    snprintf(path, sizeof path, "%s/server.key", trial.exchange);
    assert_int_equal(remove(path), 0);
    assert_false(trial_start_or(&trial, &code));
    assert_int_equal(code, 3);
    trial_remove(&trial);
}

static void a_command_line_is_heard(void **state) {
    const char *const arguments[] = {"help", NULL};
    int code = -1;
    (void)state;
    char *output = trial_tpx(NULL, &code, arguments);
    assert_int_equal(code, 0);
    assert_non_null(strstr(output, "keygen"));
    free(output);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_book_survives_stop_and_kill),
        cmocka_unit_test(a_thousand_sessions_are_furnished_in_one_go),
        cmocka_unit_test(a_server_that_does_not_start_says_why),
        cmocka_unit_test(a_command_line_is_heard),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
