/*
 * A limit that is raised while the exchange runs: the memory for what it adds is touched before it
 * is sequenced, also when its proposal is older than this start.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine/view.h"
#include "tests/fault/witness.h"

/* WITNESS_SMALL begins with 200,000 orders, and the ceiling is ten times that. */
#define ORDERS_RAISED 2000000u
/* What an order takes at the least, in the order's row and in the table that finds it. */
#define ORDER_BYTES 40u
#define GROWN_KIB   ((uint64_t)(ORDERS_RAISED - 200000u) * ORDER_BYTES / 1024)

static void open_trial(struct trial *trial) {
    struct trial_options options = {
        .config = WITNESS_SMALL, .brokers = 2, .sessions = 2, .accounts = 2, .instruments = 1};
    trial_create(trial, &options);
    trial_start(trial);
    trial_furnish(trial);
}

static void close_trial(struct trial *trial) {
    assert_int_equal(trial_stop(trial), 0);
    (void)witness_verify(trial);
    trial_remove(trial);
}

/* As one operator; returns what its Done names. */
static uint64_t ask_operator(const struct trial *trial, uint32_t which,
                             const struct command *command) {
    struct client *client = trial_operator(trial, which);
    struct report report;
    assert_true(trial_ask(client, command, NULL, &report, NULL));
    assert_int_equal(report.body, REPORT_DONE);
    client_close(client);
    return report.done.id;
}

static uint64_t propose(const struct trial *trial) {
    struct command command = {
        .verb = VERB_PROPOSE,
        .act = {.kind = ACT_RAISE_LIMIT,
                .raise_limit = {.pool = POOL_ORDERS, .limit = ORDERS_RAISED}}};
    return ask_operator(trial, 0, &command);
}

static void approve(const struct trial *trial, uint64_t proposal) {
    struct command command = {.verb = VERB_APPROVE, .approve = {.proposal = proposal}};
    (void)ask_operator(trial, 1, &command);
}

static void a_raise_has_its_memory_when_it_is_proposed(void **state) {
    struct trial trial;
    (void)state;
    open_trial(&trial);
    uint64_t before_kib = witness_memory_kib(&trial);
    uint64_t proposal = propose(&trial);
    assert_true(witness_memory_kib(&trial) >= before_kib + GROWN_KIB);
    approve(&trial, proposal);
    close_trial(&trial);
}

static void a_raise_proposed_before_this_start_has_its_memory_when_it_is_approved(void **state) {
    struct trial trial;
    (void)state;
    open_trial(&trial);
    uint64_t proposal = propose(&trial);
    assert_int_equal(trial_stop(&trial), 0);
    trial_start(&trial);
    uint64_t before_kib = witness_memory_kib(&trial);
    approve(&trial, proposal);
    uint64_t grown_kib = witness_memory_kib(&trial) - before_kib;
    print_message("%u more orders: %lu KiB\n", ORDERS_RAISED - 200000u, grown_kib);
    assert_true(grown_kib >= GROWN_KIB);
    close_trial(&trial);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_raise_has_its_memory_when_it_is_proposed),
        cmocka_unit_test(a_raise_proposed_before_this_start_has_its_memory_when_it_is_approved),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
