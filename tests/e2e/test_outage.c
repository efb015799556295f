/*
 * Stops and starts: after a clean one everything goes on, after any other the market is halted
 * until it is reopened, in production by two keys, in a test environment by itself.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/e2e/desk.h"

static struct trial trial;

static void open_trial(bool is_production) {
    struct trial_options options = {.is_production = is_production,
                                    .brokers = 2,
                                    .sessions = 2,
                                    .accounts = 2,
                                    .instruments = 2};
    desk_set_up(&trial, &options);
}

static int tear_down(void **state) {
    (void)state;
    desk_tear_down(&trial);
    return 0;
}

static int set_up_test(void **state) {
    (void)state;
    open_trial(false);
    return 0;
}

static int set_up_production(void **state) {
    (void)state;
    open_trial(true);
    return 0;
}

/* Sends on a connection of its own; returns the report. */
static struct report ask(uint32_t index, const struct command *command) {
    struct report report;
    struct client *client = trial_client(&trial, index);
    desk_send(client, command, &report);
    client_close(client);
    return report;
}

/* The reason of what the engine answers, NONE when it accepts. */
static enum reason reason_of(uint32_t index, const struct command *command) {
    struct report report = ask(index, command);
    return report.body == REPORT_EXECUTION ? (enum reason)report.execution.reason : REASON_NONE;
}

static struct command gtc_buy(void) {
    struct command buy = desk_buy(trial_account(&trial, 1), 100, 10);
    buy.new_order.time_in_force = TIME_IN_FORCE_GTC;
    return buy;
}

static void kill_and_start(void) {
    trial_kill(&trial);
    trial_start(&trial);
}

static void a_test_environment_reopens_by_itself_after_a_kill(void **state) {
    struct command buy = gtc_buy();
    struct command sell = desk_sell(trial_account(&trial, 2), 100, 10);
    struct command outage;
    (void)state;
    struct report rested = ask(1, &buy);
    uint64_t next = desk_ledger_next(&trial);
    kill_and_start();
    uint64_t sequence = desk_until_record(&trial, next, VERB_OUTAGE, &outage);
    assert_true(outage.outage.from_ns <= outage.outage.to_ns);
    assert_true(rested.time_ns <= outage.outage.from_ns);
    assert_int_equal(desk_until_record(&trial, sequence, VERB_REOPEN, NULL), sequence + 1);
    assert_int_equal(desk_count(&trial, next, VERB_START, NULL), 0);
    struct client *client = trial_client(&trial, 2);
    struct report report;
    assert_true(trial_ask(client, &sell, NULL, &report, NULL));
    assert_int_equal(report.execution.exec_type, EXEC_TYPE_TRADE); /* with what rested before */
    client_close(client);
}

static void a_clean_stop_is_no_outage(void **state) {
    struct command buy = gtc_buy();
    (void)state;
    ask(1, &buy);
    uint64_t next = desk_ledger_next(&trial);
    assert_int_equal(trial_stop(&trial), 0);
    trial_start(&trial);
    assert_int_equal(desk_count(&trial, next, VERB_STOP, NULL), 1);
    assert_int_equal(desk_count(&trial, next, VERB_START, NULL), 1);
    assert_int_equal(desk_count(&trial, 0, VERB_OUTAGE, NULL), 0);
    assert_int_equal(reason_of(1, &buy), REASON_NONE);
}

static void production_stays_halted_after_a_kill_until_two_keys_reopen_it(void **state) {
    struct command buy = gtc_buy();
    struct command reopen = {.verb = VERB_ACT, .act = {.kind = ACT_REOPEN}};
    (void)state;
    struct report first = ask(1, &buy);
    struct report second = ask(1, &buy);
    kill_and_start();
    assert_int_equal(reason_of(1, &buy), REASON_HALTED);
    struct command replace = {.verb = VERB_REPLACE, .replace = {first.execution.order_id, 101, 10}};
    assert_int_equal(reason_of(1, &replace), REASON_HALTED);
    struct command cancel = desk_cancel(first.execution.order_id);
    assert_int_equal(ask(1, &cancel).execution.exec_type, EXEC_TYPE_CANCELED);

    struct client *desk = trial_operator(&trial, 0);
    struct report report;
    desk_send(desk, &reopen, &report);
    assert_int_equal(report.execution.reason, REASON_NEEDS_TWO_KEYS);
    client_close(desk);
    assert_int_equal(reason_of(1, &buy), REASON_HALTED);

    trial_act_of_two(&trial, &reopen.act);
    assert_int_equal(reason_of(1, &buy), REASON_NONE);
    cancel = desk_cancel(second.execution.order_id); /* it stood through all of it */
    assert_int_equal(ask(1, &cancel).execution.exec_type, EXEC_TYPE_CANCELED);
}

static void production_goes_on_after_a_clean_stop(void **state) {
    struct command buy = gtc_buy();
    (void)state;
    assert_int_equal(trial_stop(&trial), 0);
    trial_start(&trial);
    assert_int_equal(reason_of(1, &buy), REASON_NONE);
}

static void a_kill_while_halted_stays_halted(void **state) {
    struct command buy = gtc_buy();
    struct act reopen = {.kind = ACT_REOPEN};
    (void)state;
    kill_and_start();
    kill_and_start();
    assert_int_equal(trial_stop(&trial), 0);
    trial_start(&trial); /* a clean stop of a halted market reopens nothing either */
    assert_int_equal(reason_of(1, &buy), REASON_HALTED);
    trial_act_of_two(&trial, &reopen);
    assert_int_equal(reason_of(1, &buy), REASON_NONE);
}

static void a_proposal_is_approved_by_another_person_once_and_after_a_kill(void **state) {
    struct act act = {.kind = ACT_UNKILL, .kill = {.account = trial_account(&trial, 1)}};
    struct act kill = {.kind = ACT_KILL, .kill = {.account = trial_account(&trial, 1)}};
    struct command propose = {.verb = VERB_PROPOSE, .act = act};
    struct command buy = gtc_buy();
    struct report report;
    (void)state;
    trial_act(&trial, &kill, NULL);
    assert_int_equal(reason_of(1, &buy), REASON_KILLED);
    struct client *desk = trial_operator(&trial, 0);
    desk_send(desk, &propose, &report);
    assert_true(report.done.is_proposal);
    struct command approve = {.verb = VERB_APPROVE, .approve = {.proposal = report.done.id}};
    desk_send(desk, &approve, &report);
    assert_int_equal(report.execution.reason, REASON_SAME_PERSON);
    client_close(desk);

    kill_and_start();
    desk = trial_operator(&trial, 1);
    desk_send(desk, &approve, &report);
    assert_int_equal(report.body, REPORT_DONE);
    desk_send(desk, &approve, &report);
    assert_int_equal(report.execution.reason, REASON_UNKNOWN_PROPOSAL);
    client_close(desk);
    assert_int_equal(reason_of(1, &buy), REASON_NONE);
}

#define TEST(function)       cmocka_unit_test_setup_teardown(function, set_up_test, tear_down)
#define PRODUCTION(function) cmocka_unit_test_setup_teardown(function, set_up_production, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_test_environment_reopens_by_itself_after_a_kill),
        TEST(a_clean_stop_is_no_outage),
        PRODUCTION(production_stays_halted_after_a_kill_until_two_keys_reopen_it),
        PRODUCTION(production_goes_on_after_a_clean_stop),
        PRODUCTION(a_kill_while_halted_stays_halted),
        TEST(a_proposal_is_approved_by_another_person_once_and_after_a_kill),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
