/* The wall clock leaps while the exchange runs (DESIGN.md, point 2; RULES.md, Outage). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "bench/trial.h"
#include "gateway/clock.h"
#include "tests/e2e/desk.h"

#define VARIABLE "TPX_CLOCK_FILE"
#define LEAP_NS  (30 * CLOCK_SECOND_NS)

static char clock_path[] = "/tmp/tpx-clock-XXXXXX";
static int64_t *ahead_ns;

static int make_clock(void **state) {
    int file = mkstemp(clock_path);
    (void)state;
    if (file < 0 || ftruncate(file, sizeof *ahead_ns) != 0)
        return -1;
    ahead_ns = mmap(NULL, sizeof *ahead_ns, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    close(file);
    return ahead_ns == MAP_FAILED || setenv(VARIABLE, clock_path, 1) != 0 ? -1 : 0;
}

static int drop_clock(void **state) {
    (void)state;
    return unlink(clock_path);
}

static void open_trial(struct trial *trial, bool is_production) {
    static char preload[TRIAL_PATH_MAX]; /* kept by the trial */
    struct trial_options options = {.is_production = is_production,
                                    .preload = preload,
                                    .brokers = 1,
                                    .sessions = 1,
                                    .accounts = 1,
                                    .instruments = 1};
    trial_program("tests/e2e/preload_clock.so", preload);
    *ahead_ns = 0;
    trial_create(trial, &options);
    trial_start(trial);
    trial_furnish(trial);
}

/* One order on a connection of its own. Returns the gateway's reason, or the market's. */
static uint32_t ask_order(const struct trial *trial) {
    struct command buy = desk_buy(trial_account(trial, 1), 1000, 1);
    struct report report;
    struct refused refused = {0};
    struct client *client = trial_client(trial, 1);
    bool is_answered = trial_ask(client, &buy, NULL, &report, &refused);
    client_close(client);
    return is_answered ? report.execution.reason : refused.reason;
}

static void leap_and_confirm(struct trial *trial) {
    struct act confirm = {.kind = ACT_CONFIRM_TIME};
    assert_int_equal(ask_order(trial), REASON_NONE);
    *ahead_ns = LEAP_NS;
    assert_int_equal(ask_order(trial), REASON_NOT_READY);
    confirm.confirm_time.time_ns = clock_wall_ns() + LEAP_NS;
    trial_act_of_two(trial, &confirm);
}

static void a_leap_holds_trading_until_two_keys_confirm_and_two_reopen(void **state) {
    struct act reopen = {.kind = ACT_REOPEN};
    struct trial trial;
    (void)state;
    open_trial(&trial, true);
    leap_and_confirm(&trial);
    assert_int_equal(ask_order(&trial), REASON_HALTED);
    trial_act_of_two(&trial, &reopen);
    assert_int_equal(ask_order(&trial), REASON_NONE);
    assert_int_equal(trial_stop(&trial), 0);
    trial_remove(&trial);
}

static void a_test_exchange_reopens_by_itself_after_a_leap(void **state) {
    struct trial trial;
    (void)state;
    open_trial(&trial, false);
    leap_and_confirm(&trial);
    assert_int_equal(ask_order(&trial), REASON_NONE);
    assert_int_equal(trial_stop(&trial), 0);
    trial_remove(&trial);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_leap_holds_trading_until_two_keys_confirm_and_two_reopen),
        cmocka_unit_test(a_test_exchange_reopens_by_itself_after_a_leap),
    };
    return cmocka_run_group_tests(tests, make_clock, drop_clock);
}
