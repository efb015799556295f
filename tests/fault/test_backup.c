/*
 * tpx ledger copy beside a running exchange, and an exchange that goes on from the copy.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gateway/cli.h"
#include "gateway/exchange.h"
#include "tests/e2e/desk.h"
#include "tests/fault/crowd.h"
#include "tests/fault/faulty_disk.h"
#include "tests/fault/witness.h"

#define COPIES 4
#define CHUNK  300

static struct trial trial;
static char original[TRIAL_PATH_MAX]; /* the exchange's own folder */
static char backup[TRIAL_PATH_MAX + 16];

static int set_up(void **state) {
    const struct trial_options options = {
        .config = WITNESS_SMALL, .brokers = 2, .sessions = 4, .accounts = 2, .instruments = 4};
    (void)state;
    desk_set_up(&trial, &options);
    snprintf(original, sizeof original, "%s", trial.exchange);
    snprintf(backup, sizeof backup, "%s/backup", trial.folder);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    desk_tear_down(&trial);
    return 0;
}

/* Ends with the exit code. */
static int copy(const char *from, const char *to) {
    const char *const arguments[] = {"ledger", "copy", from, to, "--verify", NULL};
    int code = 0;
    char *output = trial_tpx(&trial, &code, arguments);
    if (code != CLI_FINE)
        print_message("%s", output);
    free(output);
    return code;
}

static void run(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void run(const char *format, ...) {
    char command[8 * TRIAL_PATH_MAX];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(command, sizeof command, format, arguments);
    va_end(arguments);
    assert_int_equal(system(command), 0); /* NOLINT(cert-env33-c): constant but for folders */
}

/* A new folder with the exchange's configuration and keys, and the copy as its ledger. */
static void restore(void) {
    char ledger[TRIAL_PATH_MAX + 32];
    assert_true(snprintf(trial.exchange, sizeof trial.exchange, "%s/restored", trial.folder) <
                (int)sizeof trial.exchange);
    run("mkdir -m 700 %s && cp -p %s/tpxd.conf %s/*.key %s/server.pub %s", trial.exchange, original,
        original, original, trial.exchange);
    snprintf(ledger, sizeof ledger, "%s/ledger", trial.exchange);
    assert_int_equal(copy(backup, ledger), CLI_FINE);
}

static uint64_t rest_one(void) {
    struct client *client = trial_client(&trial, 1);
    struct command buy = desk_buy(trial_account(&trial, 1), 100, 10);
    buy.new_order.time_in_force = TIME_IN_FORCE_GTC;
    uint64_t number = desk_rest(client, &buy);
    client_close(client);
    return number;
}

static uint32_t cancel(uint64_t number) {
    struct report report;
    struct client *client = trial_client(&trial, 1);
    struct command cancel =
        desk_cancel((uint64_t)trial_session(&trial, 1) << ORDER_NUMBER_BITS | number);
    assert_true(trial_ask(client, &cancel, NULL, &report, NULL));
    client_close(client);
    return report.execution.reason;
}

static void copies_beside_load_are_ledgers_and_harm_nobody(void **state) {
    struct crowd *crowd = crowd_create(&trial, 5);
    (void)state;
    assert_true(crowd_connect(crowd));
    for (int i = 0; i < COPIES; i++) {
        assert_true(crowd_trade(crowd, 1000));
        assert_int_equal(copy(original, backup), CLI_FINE);
    }
    assert_true(crowd_settle(crowd));
    assert_int_equal(trial_stop(&trial), 0);
    crowd_hang_up(crowd);
    assert_null(crowd_check(crowd));
    crowd_destroy(crowd);
    (void)witness_verify(&trial);
}

static void exchange_goes_on_from_a_copy_and_lacks_what_came_after_it(void **state) {
    const struct act close = {.kind = ACT_DAY_CLOSE, .day = {TRIAL_DAY}};
    const struct act open = {.kind = ACT_DAY_OPEN, .day = {TRIAL_DAY + 1}};
    (void)state;
    uint64_t before = rest_one();
    (void)trial_act(&trial, &close, NULL); /* a new volume */
    (void)trial_act(&trial, &open, NULL);
    uint64_t kept = rest_one();
    assert_int_equal(copy(original, backup), CLI_FINE);
    uint64_t lost = rest_one();
    trial_kill(&trial);
    restore();
    trial_start(&trial);
    assert_int_equal(desk_count(&trial, 0, VERB_OUTAGE, NULL), 1);
    assert_int_equal(cancel(before), REASON_NONE);
    assert_int_equal(cancel(kept), REASON_NONE);
    assert_int_equal(cancel(lost), REASON_UNKNOWN_ORDER);
    assert_true(rest_one() > kept);
    assert_int_equal(trial_stop(&trial), 0);
    assert_int_equal(witness_verify(&trial)->audit.volumes, 2);
    /* The old copy is the beginning of the new ledger: it goes on with it. */
    assert_int_equal(copy(trial.exchange, backup), CLI_FINE);
    /* The lost one's ledger is not. */
    assert_int_equal(copy(original, backup), CLI_UNVERIFIED);
}

static void snapshot_from_after_the_copy_keeps_the_exchange_from_starting(void **state) {
    int code = 0;
    (void)state;
    (void)rest_one();
    assert_int_equal(copy(original, backup), CLI_FINE);
    (void)rest_one();
    witness_await_shadow(&trial, desk_ledger_next(&trial));
    assert_int_equal(trial_stop(&trial), 0);
    restore();
    run("cp -r %s/snapshots %s", original, trial.exchange);
    assert_false(trial_start_or(&trial, &code));
    assert_int_equal(code, EXIT_CODE_LEDGER);
    run("rm -r %s/snapshots", trial.exchange);
    trial_start(&trial);
}

static void full_disk_leaves_a_copy_that_goes_on_when_there_is_room(void **state) {
    struct faulty_disk disk;
    char library[TRIAL_PATH_MAX];
    struct crowd *crowd = crowd_create(&trial, 6);
    const struct act close = {.kind = ACT_DAY_CLOSE, .day = {TRIAL_DAY}};
    (void)state;
    trial_program("preload_disk.so", library);
    assert_int_equal(copy(original, backup), CLI_FINE);
    assert_true(crowd_connect(crowd));
    assert_true(crowd_trade(crowd, 6000));
    faulty_disk_open(&disk, trial.folder, "/backup/", false);
    assert_int_equal(setenv("LD_PRELOAD", library, 1), 0);
    /* Neither records nor, when its volume is closed, the file have room. */
    atomic_store(&disk.fault->room_bytes, 200u << 10);
    assert_int_equal(copy(original, backup), CLI_FAILED);
    assert_true(crowd_settle(crowd));
    crowd_hang_up(crowd);
    (void)trial_act(&trial, &close, NULL);
    assert_int_equal(copy(original, backup), CLI_FAILED);
    assert_int_equal(unsetenv("LD_PRELOAD"), 0);
    faulty_disk_close(&disk);
    const char *const verify[] = {"ledger", "verify", backup, NULL};
    int code = 0;
    free(trial_tpx(&trial, &code, verify));
    assert_int_equal(code, CLI_FINE);
    assert_int_equal(copy(original, backup), CLI_FINE);
    crowd_destroy(crowd);
}

int main(void) {
#define ON_TRIAL(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        ON_TRIAL(copies_beside_load_are_ledgers_and_harm_nobody),
        ON_TRIAL(exchange_goes_on_from_a_copy_and_lacks_what_came_after_it),
        ON_TRIAL(snapshot_from_after_the_copy_keeps_the_exchange_from_starting),
        ON_TRIAL(full_disk_leaves_a_copy_that_goes_on_when_there_is_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
