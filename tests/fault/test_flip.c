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

#include "gateway/exchange.h"
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

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_flip_in_the_shadow_stops_the_exchange_and_the_next_start_is_well),
        cmocka_unit_test(a_flip_in_the_core_is_resolved_by_two_keys_and_the_record_stands),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
