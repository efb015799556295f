/*
 * A wall clock that leaps stops the market until two operators have confirmed the time; stamps
 * never go back.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "gateway/clock.h"
#include "gateway/counters.h"
#include "gateway/trade.h"
#include "tests/e2e/desk.h"
#include "tests/e2e/line.h"

#define HOUR_NS (3600 * CLOCK_SECOND_NS)
#define DAY_NS  (24 * HOUR_NS)

static struct trial trial;
static _Atomic int64_t *shift; /* of the server's wall clock */

static void make_clock_file(void) {
    static char path[] = "/tmp/tpx-clock-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(ftruncate(fd, sizeof *shift), 0);
    shift = mmap(NULL, sizeof *shift, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    assert_ptr_not_equal(shift, MAP_FAILED);
    close(fd);
    assert_int_equal(setenv("TPX_CLOCK_FILE", path, 1), 0);
}

static int set_up(void **state) {
    static char preload[TRIAL_PATH_MAX];
    (void)state;
    make_clock_file();
    trial_program("tests/e2e/preload_clock.so", preload);
    struct trial_options options = {.config = "heartbeat_ms = 60000",
                                    .preload = preload,
                                    .brokers = 1,
                                    .sessions = 2,
                                    .accounts = 1,
                                    .instruments = 1};
    desk_set_up(&trial, &options);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    desk_tear_down(&trial);
    unlink(getenv("TPX_CLOCK_FILE"));
    return 0;
}

static int64_t server_now_ns(void) {
    return clock_wall_ns() + atomic_load(shift);
}

/* An order is answered; returns its report. */
static struct report trade(struct client *client) {
    struct command buy = desk_buy(1, 1, 1);
    struct report report;
    desk_send(client, &buy, &report);
    assert_int_equal(report.execution.exec_type, EXEC_TYPE_NEW);
    return report;
}

/* An order is refused because the exchange is not ready. */
static void expect_held(struct client *client) {
    struct command buy = desk_buy(1, 1, 1);
    struct refused refused;
    uint64_t number = client_add(client, &buy, NULL);
    client_flush(client);
    desk_refusal(client, number, &refused);
    assert_int_equal(refused.reason, REASON_NOT_READY);
}

/* Two operators confirm this time. */
static void confirm(int64_t time_ns) {
    struct act act = {.kind = ACT_CONFIRM_TIME, .confirm_time = {.time_ns = time_ns}};
    trial_act_of_two(&trial, &act);
}

static uint64_t server_state(void) {
    const struct counters *counters = counters_look(trial.exchange);
    assert_non_null(counters);
    uint64_t server_state = counter_get(counters, COUNTER_STATE);
    counters_close((struct counters *)(uintptr_t)counters);
    return server_state;
}

static void a_leap_holds_the_market_until_two_operators_confirm_the_time(void **state) {
    struct client *client = trial_client(&trial, 1);
    (void)state;
    struct report before = trade(client);
    atomic_fetch_add(shift, HOUR_NS);
    expect_held(client);
    assert_int_equal(server_state(), EXCHANGE_TIME_HELD);

    struct act act = {.kind = ACT_CONFIRM_TIME, .confirm_time = {.time_ns = server_now_ns()}};
    struct command propose = {.verb = VERB_PROPOSE, .act = act};
    struct client *desk = trial_operator(&trial, 0);
    struct report report;
    assert_true(trial_ask(desk, &propose, NULL, &report, NULL));
    client_close(desk);
    expect_held(client); /* one is not enough */

    confirm(server_now_ns());
    struct report after = trade(client);
    assert_int_equal(server_state(), EXCHANGE_READY);
    assert_true(after.time_ns - before.time_ns > HOUR_NS - 60 * CLOCK_SECOND_NS);
    client_close(client);
}

static void a_time_that_the_clock_does_not_show_is_not_believed(void **state) {
    struct client *client = trial_client(&trial, 1);
    (void)state;
    trade(client);
    atomic_fetch_add(shift, 2 * HOUR_NS);
    expect_held(client);
    confirm(server_now_ns() - 2 * HOUR_NS); /* the operators' clock is right, the machine's wrong */
    expect_held(client);
    atomic_fetch_sub(shift, 2 * HOUR_NS); /* it is set right, and they confirm again */
    confirm(server_now_ns());
    trade(client);
    client_close(client);
}

static void stamps_never_go_back_when_the_clock_does(void **state) {
    struct client *client = trial_client(&trial, 1);
    (void)state;
    struct report before = trade(client);
    atomic_fetch_sub(shift, HOUR_NS);
    expect_held(client);
    confirm(server_now_ns());
    struct report after = trade(client);
    assert_true(after.time_ns >= before.time_ns);
    assert_true(after.time_ns - before.time_ns < HOUR_NS);
    atomic_fetch_add(shift, HOUR_NS);
    expect_held(client);
    confirm(server_now_ns());
    client_close(client);
}

static void a_start_a_week_after_the_last_record_waits_for_two_operators(void **state) {
    (void)state;
    assert_int_equal(trial_stop(&trial), 0);
    atomic_fetch_add(shift, 6 * DAY_NS); /* a long holiday is none */
    trial_start(&trial);
    struct client *client = trial_client(&trial, 1);
    struct report before = trade(client);
    client_close(client);

    assert_int_equal(trial_stop(&trial), 0);
    atomic_fetch_add(shift, 8 * DAY_NS);
    trial_start(&trial);
    assert_int_equal(server_state(), EXCHANGE_TIME_HELD);
    client = trial_client(&trial, 1);
    expect_held(client);
    confirm(server_now_ns());
    struct report after = trade(client);
    assert_true(after.time_ns - before.time_ns > 7 * DAY_NS);
    client_close(client);
}

static void a_start_before_the_last_record_waits_too(void **state) {
    (void)state;
    assert_int_equal(trial_stop(&trial), 0);
    atomic_fetch_sub(shift, HOUR_NS);
    trial_start(&trial);
    struct client *client = trial_client(&trial, 1);
    expect_held(client);
    atomic_fetch_add(shift, HOUR_NS);
    confirm(server_now_ns());
    trade(client);
    client_close(client);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_leap_holds_the_market_until_two_operators_confirm_the_time),
        cmocka_unit_test(a_time_that_the_clock_does_not_show_is_not_believed),
        cmocka_unit_test(stamps_never_go_back_when_the_clock_does),
        cmocka_unit_test(a_start_a_week_after_the_last_record_waits_for_two_operators),
        cmocka_unit_test(a_start_before_the_last_record_waits_too),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
