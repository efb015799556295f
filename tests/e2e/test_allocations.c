/*
 * Load on a server of the counting build: where nothing may be allocated, nothing is, or it aborts
 * (gateway/allocation.h).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "bench/load.h"

#define SESSIONS 4

static void run_load(const struct trial *trial, uint32_t batch) {
    static struct load load;
    struct load_options options = {.first = batch == 1 ? 1 : SESSIONS + 1,
                                   .sessions = SESSIONS,
                                   .batch = batch,
                                   .window = 512,
                                   .instruments = 2};
    load_open(&load, trial, &options);
    load_run(&load, 0, 1.5);
    load_settle(&load);
    assert_int_equal(load.rejected, 0);
    assert_true(load.answers > 1000);
    load_close(&load);
}

/* What a session's own load leaves out: a trade, a replace, a rejection, a mass cancel. */
static void ask_the_rest(const struct trial *trial) {
    struct client *client = trial_client(trial, 1);
    struct report report;
    struct command order = {.verb = VERB_NEW_ORDER,
                            .new_order = {.account = trial_account(trial, 1),
                                          .instrument = 1,
                                          .price_fen = 10150,
                                          .order_qty = 20000,
                                          .side = SIDE_BUY,
                                          .ord_type = ORD_TYPE_LIMIT,
                                          .time_in_force = TIME_IN_FORCE_DAY}};
    assert_true(trial_ask(client, &order, NULL, &report, NULL));
    assert_true(report.execution.cum_qty > 0);
    struct command replace = {
        .verb = VERB_REPLACE,
        .replace = {.order_id = report.execution.order_id, .price_fen = 10100, .order_qty = 30000}};
    assert_true(trial_ask(client, &replace, NULL, &report, NULL));
    order.new_order.account = 1000;
    assert_true(trial_ask(client, &order, NULL, &report, NULL));
    assert_int_equal(report.execution.reason, REASON_UNKNOWN_ACCOUNT);
    struct command sweep = {.verb = VERB_MASS_CANCEL};
    assert_true(trial_ask(client, &sweep, NULL, &report, NULL));
    assert_int_equal(report.body, REPORT_MASS_CANCELED);
    client_close(client);
}

static bool has_line(const struct trial *trial, const char *text) {
    char path[TRIAL_PATH_MAX + 16];
    char line[1024];
    bool has = false;
    snprintf(path, sizeof path, "%s/tpxd.log", trial->folder);
    FILE *file = fopen(path, "re");
    assert_non_null(file);
    while (!has && fgets(line, sizeof line, file) != NULL)
        has = strstr(line, text) != NULL;
    fclose(file);
    return has;
}

static void core_and_ledger_allocate_nothing_for_a_message(void **state) {
    char program[TRIAL_PATH_MAX];
    struct trial_options options = {.config = "volume_mib = 8",
                                    .tpxd = program,
                                    .brokers = 4,
                                    .sessions = 2 * SESSIONS,
                                    .accounts = 4,
                                    .instruments = 2};
    struct trial trial;
    (void)state;
    if (!trial_has_program("count/tpxd", program)) {
        print_message("build/count/tpxd is not there: make count\n");
        skip();
    }
    trial_create(&trial, &options);
    trial_start(&trial);
    trial_furnish(&trial);
    run_load(&trial, 1);
    run_load(&trial, 64);
    ask_the_rest(&trial);
    assert_int_equal(trial_stop(&trial), 0);
    assert_true(has_line(&trial, "event=allocations"));
    assert_true(has_line(&trial, "event=volume_begun")); /* by its size, under load */
    trial_remove(&trial);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(core_and_ledger_allocate_nothing_for_a_message),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
