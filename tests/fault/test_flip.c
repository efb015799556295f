/*
 * A bit that turns over in memory: the second engine finds it while trading and names the record,
 * the exchange stops, and the next start finds out which of the two was wrong.
 *
 * The bit is turned from outside, in /proc/<pid>/mem, in the row of a resting order: what it has
 * traded so far, which the next trade reports.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "gateway/clock.h"
#include "gateway/exchange.h"
#include "tests/fault/crowd.h"
#include "tests/fault/flip.h"
#include "tests/fault/witness.h"
#include "tests/unit/hex.h"

static void open_trial(struct trial *trial) {
    struct trial_options options = {
        .config = WITNESS_SMALL, .brokers = 2, .sessions = 2, .accounts = 2, .instruments = 1};
    trial_create(trial, &options);
    trial_start(trial);
    trial_furnish(trial);
}

static struct report ask(struct client *client, const struct command *command) {
    struct report report;
    assert_true(trial_ask(client, command, NULL, &report, NULL));
    return report;
}

/* --- the bit -----------------------------------------------------------------------------------
 */

static void flip(const struct trial *trial, const char *whose, uint64_t order_id) {
    char text[64];
    char of[32];
    snprintf(of, sizeof of, "of=%s at=", whose);
    witness_text(trial, "region", of, text, sizeof text);
    struct flip flip = {.pid = trial->pid,
                        .begin = strtoull(text, NULL, 16),
                        .bytes = witness_number(trial, "region", "bytes="),
                        .order_id = order_id};
    assert_true(flip_traded(&flip));
}

/* An order rests, the bit turns, a trade shows it: returns the trade's sequence. */
static uint64_t trade_over_a_flip(struct trial *trial, const char *whose) {
    struct client *ann = trial_client(trial, 1);
    struct client *bob = trial_client(trial, 2);
    struct command sell = witness_order(trial, 1, SIDE_SELL, 1000, 100);
    struct command buy = witness_order(trial, 2, SIDE_BUY, 1000, 10);
    struct report report = ask(ann, &sell);
    witness_await_shadow(trial, report.sequence + 1);
    flip(trial, whose, report.execution.order_id);
    report = ask(bob, &buy);
    assert_int_equal(report.execution.exec_type, EXEC_TYPE_TRADE);
    assert_int_equal(trial_wait(trial), EXIT_CODE_DISAGREE);
    client_close(ann);
    client_close(bob);
    assert_int_equal(witness_number(trial, "shadow_disagrees", "sequence="), report.sequence);
    return report.sequence;
}

/* --- what becomes of it ------------------------------------------------------------------------
 */

static void a_flip_in_the_shadow_stops_the_exchange_and_the_next_start_is_well(void **state) {
    struct trial trial;
    (void)state;
    open_trial(&trial);
    (void)trade_over_a_flip(&trial, "shadow");
    trial_start(&trial);
    assert_false(witness_logged(&trial, "diverged", NULL));
    struct client *bob = trial_client(&trial, 2);
    struct command buy = witness_order(&trial, 2, SIDE_BUY, 1000, 90);
    struct report report = ask(bob, &buy);
    assert_int_equal(report.execution.ord_status, ORD_STATUS_FILLED);
    client_close(bob);
    assert_int_equal(trial_stop(&trial), 0);
    (void)witness_verify(&trial);
    trial_remove(&trial);
}

static void refuses(const struct trial *trial, struct client *client,
                    const struct command *command) {
    struct refused refused = {0};
    (void)trial;
    assert_false(trial_ask(client, command, NULL, NULL, &refused));
    assert_int_equal(refused.reason, REASON_NOT_READY);
}

/* What the log says that a Resolve must name. */
static struct act resolve_of(const struct trial *trial) {
    struct act act = {.kind = ACT_RESOLVE};
    char text[2 * HASH_BYTES + 1];
    act.resolve.sequence = witness_number(trial, "diverged", "sequence=");
    witness_text(trial, "diverged", "recorded=", text, sizeof text);
    assert_int_equal(hex_read(text, act.resolve.digest_recorded, HASH_BYTES), HASH_BYTES);
    witness_text(trial, "diverged", "replayed=", text, sizeof text);
    assert_int_equal(hex_read(text, act.resolve.digest_replayed, HASH_BYTES), HASH_BYTES);
    return act;
}

static void only_the_right_resolve_is_taken(struct trial *trial) {
    struct act act = resolve_of(trial);
    struct act wrong = act;
    struct command order = witness_order(trial, 2, SIDE_BUY, 1000, 1);
    struct command propose = {.verb = VERB_PROPOSE};
    struct client *bob = trial_client(trial, 2);
    struct client *ops = trial_operator(trial, 0);
    refuses(trial, bob, &order);
    wrong.resolve.sequence++;
    propose.act = wrong;
    refuses(trial, ops, &propose);
    wrong = act;
    wrong.resolve.digest_replayed[5] ^= 1;
    propose.act = wrong;
    refuses(trial, ops, &propose);
    client_close(ops);
    (void)trial_act_of_two(trial, &act);
    assert_true(witness_logged(trial, "resolved", NULL));
    struct act reopen = {.kind = ACT_REOPEN};
    (void)trial_act_of_two(trial, &reopen);
    struct report report = ask(bob, &order);
    assert_int_equal(report.execution.exec_type, EXEC_TYPE_TRADE);
    client_close(bob);
}

static void verify_tells_of_the_settlement(const struct trial *trial, uint64_t sequence) {
    const struct verify_report *report = witness_verify(trial);
    assert_int_equal(report->settled_sequence, sequence);
    assert_int_not_equal(report->settled, 0);
}

static void a_flip_in_the_core_is_resolved_by_two_keys_and_the_record_stands(void **state) {
    struct trial trial;
    (void)state;
    open_trial(&trial);
    uint64_t sequence = trade_over_a_flip(&trial, "core");
    for (int starts = 0; starts < 2; starts++) { /* it does not go away by itself */
        trial_start(&trial);
        assert_int_equal(witness_number(&trial, "diverged", "sequence="), sequence);
        if (starts == 0)
            trial_kill(&trial);
    }
    only_the_right_resolve_is_taken(&trial);
    assert_int_equal(trial_stop(&trial), 0);
    verify_tells_of_the_settlement(&trial, sequence);

    trial_start(&trial);
    assert_int_equal(witness_number(&trial, "ready", "state="), EXCHANGE_READY);
    struct client *bob = trial_client(&trial, 2);
    struct command buy = witness_order(&trial, 2, SIDE_BUY, 1000, 1);
    assert_int_equal(ask(bob, &buy).execution.exec_type, EXEC_TYPE_TRADE);
    client_close(bob);
    trial_kill(&trial);
    trial_start(&trial);
    assert_int_equal(witness_number(&trial, "ready", "state="), EXCHANGE_READY);
    assert_int_equal(trial_stop(&trial), 0);
    verify_tells_of_the_settlement(&trial, sequence);
    trial_remove(&trial);
}

/* --- under load ---------------------------------------------------------------------------------
 */

/* Many trade meanwhile, in other instruments; what they were told stands in the ledger. */
static void a_flip_under_load_is_found_and_nothing_that_was_answered_is_lost(void **state) {
    struct trial trial;
    struct report report;
    (void)state;
    struct trial_options options = {
        .config = WITNESS_SMALL, .brokers = 2, .sessions = 10, .accounts = 2, .instruments = 4};
    trial_create(&trial, &options);
    trial_start(&trial);
    trial_furnish(&trial);
    struct trial others = trial; /* the last sessions and the last instrument are ours */
    others.options.sessions = 8;
    others.options.instruments = 3;
    struct crowd *crowd = crowd_create(&others, 3);
    assert_true(crowd_connect(crowd));
    assert_true(crowd_trade(crowd, 500));
    struct client *ann = trial_client(&trial, 9);
    struct client *bob = trial_client(&trial, 10);
    struct command sell = witness_order(&trial, 9, SIDE_SELL, 1000, 100);
    struct command buy = witness_order(&trial, 10, SIDE_BUY, 1000, 10);
    sell.new_order.instrument = buy.new_order.instrument = 4;
    report = ask(ann, &sell);
    witness_await_shadow(&trial, report.sequence + 1);
    assert_true(crowd_trade(crowd, 500));
    flip(&trial, "core", report.execution.order_id);
    assert_int_not_equal(client_add(bob, &buy, NULL), 0);
    client_flush(bob);
    assert_false(crowd_trade(crowd, UINT32_MAX)); /* until it stops, by itself */
    assert_int_equal(trial_wait(&trial), EXIT_CODE_DISAGREE);
    uint64_t sequence = witness_number(&trial, "shadow_disagrees", "sequence=");
    crowd_hang_up(crowd);
    const char *fault = crowd_check(crowd);
    if (fault != NULL)
        fail_msg("%s", fault);
    client_close(ann);
    client_close(bob);
    trial_start(&trial);
    assert_int_equal(witness_number(&trial, "diverged", "sequence="), sequence);
    bob = trial_client(&trial, 10);
    struct client_item item;
    (void)client_add(bob, &buy, NULL);
    client_flush(bob);
    client_poll(bob, TRIAL_PATIENCE_MS, &item);
    assert_int_equal(item.kind, CLIENT_REFUSED);
    client_close(bob);
    assert_int_equal(trial_stop(&trial), 0);
    crowd_destroy(crowd);
    trial_remove(&trial);
}

/* --- and the clock ------------------------------------------------------------------------------
 */

#define AHEAD_NS (8 * 24 * 3600 * CLOCK_SECOND_NS)

/* The server's wall clock: what stands in the file is added to it. */
static int64_t *make_clock(char *path) {
    int file = mkstemp(path);
    assert_true(file >= 0);
    assert_int_equal(ftruncate(file, sizeof(int64_t)), 0);
    int64_t *ahead_ns = mmap(NULL, sizeof *ahead_ns, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    assert_ptr_not_equal(ahead_ns, MAP_FAILED);
    close(file);
    assert_int_equal(setenv("TPX_CLOCK_FILE", path, 1), 0);
    return ahead_ns;
}

/* The time is confirmed first; that settles nothing of the records. */
static void a_diverged_start_after_a_leap_of_the_clock_takes_both_confirmations(void **state) {
    char path[] = "/tmp/tpx-clock-XXXXXX";
    char library[TRIAL_PATH_MAX];
    struct trial trial;
    (void)state;
    int64_t *ahead_ns = make_clock(path);
    trial_program("tests/e2e/preload_clock.so", library);
    struct trial_options options = {.config = WITNESS_SMALL,
                                    .preload = library,
                                    .brokers = 2,
                                    .sessions = 2,
                                    .accounts = 2,
                                    .instruments = 1};
    trial_create(&trial, &options);
    trial_start(&trial);
    trial_furnish(&trial);
    uint64_t sequence = trade_over_a_flip(&trial, "core");
    *ahead_ns = AHEAD_NS;
    trial_start(&trial);
    assert_int_equal(witness_number(&trial, "ready", "state="), EXCHANGE_TIME_HELD);
    assert_int_equal(witness_number(&trial, "diverged", "sequence="), sequence);
    struct client *ops = trial_operator(&trial, 0);
    struct command propose = {.verb = VERB_PROPOSE, .act = resolve_of(&trial)};
    refuses(&trial, ops, &propose); /* not before the time is known */
    client_close(ops);
    struct act confirm = {.kind = ACT_CONFIRM_TIME};
    confirm.confirm_time.time_ns = clock_wall_ns() + AHEAD_NS;
    (void)trial_act_of_two(&trial, &confirm);
    assert_int_equal(witness_counter(&trial, "state"), EXCHANGE_DIVERGED);
    only_the_right_resolve_is_taken(&trial);
    assert_int_equal(trial_stop(&trial), 0);
    verify_tells_of_the_settlement(&trial, sequence);
    trial_remove(&trial);
    unsetenv("TPX_CLOCK_FILE");
    unlink(path);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_flip_in_the_shadow_stops_the_exchange_and_the_next_start_is_well),
        cmocka_unit_test(a_flip_in_the_core_is_resolved_by_two_keys_and_the_record_stands),
        cmocka_unit_test(a_flip_under_load_is_found_and_nothing_that_was_answered_is_lost),
        cmocka_unit_test(a_diverged_start_after_a_leap_of_the_clock_takes_both_confirmations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
