/*
 * Who somebody is stands in the CURVE key and nowhere else: keys that are unknown, of the wrong
 * role, revoked or added just now; sessions of others; what was overheard and is sent again.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/e2e/desk.h"
#include "tests/e2e/line.h"

static struct trial trial;

static int set_up(void **state) {
    struct trial_options options = {.config = "heartbeat_ms = 60000",
                                    .brokers = 8,
                                    .sessions = 16,
                                    .accounts = 16,
                                    .instruments = 1};
    (void)state;
    desk_set_up(&trial, &options);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    desk_tear_down(&trial);
    return 0;
}

/* Session i and account i belong to broker (i - 1) % 8 + 1. */
static void log_on(struct line *line, uint32_t broker) {
    line_open(line, &trial, desk_key(&trial, broker), NULL);
    line_logon_live(line, trial_session(&trial, broker));
}

static struct command small_buy(uint32_t account) {
    return desk_buy(trial_account(&trial, account), 1, 1);
}

static void expect_refusal(struct line *line, uint64_t number, enum reason reason) {
    struct refused refused;
    line_until_refused(line, number, &refused);
    assert_int_equal(refused.reason, reason);
}

/* Asks and returns what the engine says: its reason, NONE when it was accepted. */
static enum reason ask(struct line *line, uint64_t number, const struct command *command) {
    struct line_item item;
    line_ask_command(line, number, command);
    line_until_report(line, number, &item);
    return item.report.body == REPORT_EXECUTION ? (enum reason)item.report.execution.reason
                                                : REASON_NONE;
}

static void expect_off(struct line *line, enum reason reason) {
    struct line_item item;
    line_until(line, REPLY_PART_LOGGED_OFF, &item);
    assert_int_equal(item.logged_off.reason, reason);
}

static void expect_logon_refused(struct line *line, uint32_t session, enum reason reason) {
    struct line_item item;
    line_logon(line, session, 0, &item);
    assert_int_equal(item.kind, REPLY_PART_LOGGED_OFF);
    assert_int_equal(item.logged_off.reason, reason);
}

/* A key of broker `broker`, added just now. Returns its number. */
static uint32_t add_key(const struct curve_key *key, uint32_t participant, uint32_t person) {
    struct act act = {.kind = ACT_ADD_KEY,
                      .add_key = {.participant = participant, .person = person}};
    memcpy(act.add_key.key, key->public_key, KEY_BYTES);
    return (uint32_t)trial_act(&trial, &act, NULL);
}

/* --- keys ----------------------------------------------------------------------------------------
 */

static void a_key_that_nobody_has_entered_does_not_get_past_the_handshake(void **state) {
    struct curve_key stranger;
    struct line line;
    struct client_item item;
    (void)state;
    assert_int_equal(keyfile_curve_generate(&stranger), 0);
    line_open(&line, &trial, &stranger, NULL);
    assert_true(line_is_key_refused(&line));
    line_close(&line);

    struct client_options options = {.context = trial.context,
                                     .endpoint = trial.endpoint,
                                     .server_z85 = trial.server.public_z85,
                                     .key = &stranger,
                                     .session = trial_session(&trial, 1)};
    struct client *client = client_open(&options);
    desk_until(client, CLIENT_KEY_REFUSED, &item);
    client_close(client);
}

static void a_new_key_works_at_once_and_until_it_is_revoked(void **state) {
    struct curve_key key;
    struct line line;
    (void)state;
    assert_int_equal(keyfile_curve_generate(&key), 0);
    line_open(&line, &trial, &key, NULL);
    assert_true(line_is_key_refused(&line));
    line_close(&line);

    uint32_t number = add_key(&key, trial_broker(&trial, 1), 900);
    line_open(&line, &trial, &key, NULL);
    line_logon_live(&line, trial_session(&trial, 9));
    struct command buy = small_buy(1);
    assert_int_equal(ask(&line, 1, &buy), REASON_NONE);

    struct act revoke = {.kind = ACT_REVOKE_KEY, .revoke_key = {.key = number}};
    trial_act(&trial, &revoke, NULL);
    expect_off(&line, REASON_KEY_REVOKED);
    expect_logon_refused(&line, trial_session(&trial, 9), REASON_KEY_REVOKED);
    line_close(&line);
    line_open(&line, &trial, &key, NULL);
    assert_true(line_is_key_refused(&line));
    line_close(&line);
}

static void a_request_behind_the_revocation_of_its_key_is_refused(void **state) {
    struct curve_key key;
    struct line line;
    uint8_t bytes[2][128];
    struct span requests[2];
    (void)state;
    assert_int_equal(keyfile_curve_generate(&key), 0);
    uint32_t number = add_key(&key, trial_broker(&trial, 2), 901);
    line_open(&line, &trial, &key, NULL);
    line_logon_live(&line, trial_session(&trial, 10));
    struct request revoke = {.command = {.verb = VERB_ACT, .stamp = {.number = 1}}};
    revoke.command.act =
        (struct act){.kind = ACT_REVOKE_KEY, .revoke_key = {.key = number, .keeps_orders = true}};
    struct request buy = {.command = small_buy(2)};
    buy.command.stamp.number = 2;
    requests[0] =
        (struct span){bytes[0], codec_request_encode(&revoke, NULL, bytes[0], sizeof bytes[0])};
    requests[1] =
        (struct span){bytes[1], codec_request_encode(&buy, NULL, bytes[1], sizeof bytes[1])};
    line_send_requests(&line, requests, 2);
    expect_refusal(&line, 2, REASON_KEY_REVOKED);
    expect_off(&line, REASON_KEY_REVOKED);
    line_close(&line);
}

/* Revokes a second key of a broker; its order in the book is what is looked at. */
static void revoke_of(uint32_t broker, bool keeps_orders, bool is_canceled) {
    struct curve_key spare;
    struct line line;
    assert_int_equal(keyfile_curve_generate(&spare), 0);
    uint32_t spare_number = add_key(&spare, trial_broker(&trial, broker), 902 + broker);
    log_on(&line, broker);
    struct command buy = small_buy(broker);
    assert_int_equal(ask(&line, 1, &buy), REASON_NONE);
    struct act revoke = {.kind = ACT_REVOKE_KEY,
                         .revoke_key = {.key = spare_number,
                                        .keeps_orders = keeps_orders,
                                        .compromised_since_ns = 1}};
    trial_act(&trial, &revoke, NULL);
    struct command cancel = desk_cancel(order_id_of(trial_session(&trial, broker), 1));
    enum reason reason = ask(&line, 2, &cancel);
    assert_int_equal(reason, is_canceled ? REASON_UNKNOWN_ORDER : REASON_NONE);
    line_close(&line);
}

static void a_revocation_cancels_the_participant_s_orders_unless_they_are_to_stay(void **state) {
    (void)state;
    revoke_of(3, false, true);
    revoke_of(4, true, false);
}

static void a_revocation_says_since_when_the_key_was_in_wrong_hands(void **state) {
    struct curve_key key;
    struct command recorded;
    (void)state;
    assert_int_equal(keyfile_curve_generate(&key), 0);
    uint32_t number = add_key(&key, trial_broker(&trial, 5), 930);
    uint64_t next = desk_ledger_next(&trial);
    struct act revoke = {
        .kind = ACT_REVOKE_KEY,
        .revoke_key = {.key = number, .compromised_since_ns = 1767571200123456789}};
    trial_act(&trial, &revoke, NULL);
    desk_until_record(&trial, next, VERB_ACT, &recorded);
    assert_int_equal(recorded.act.revoke_key.compromised_since_ns, 1767571200123456789);
}

/* --- roles ---------------------------------------------------------------------------------------
 */

static void what_a_role_may_never_send_is_refused_before_it_is_sequenced(void **state) {
    struct line line;
    struct command close = {.verb = VERB_ACT, .act = {.kind = ACT_DAY_CLOSE, .day = {TRIAL_DAY}}};
    struct command buy = small_buy(1);
    (void)state;
    log_on(&line, 6);
    line_ask_command(&line, 1, &close);
    expect_refusal(&line, 1, REASON_NOT_AUTHORISED);
    line_close(&line);

    line_open(&line, &trial, &trial.operators[0], NULL);
    line_logon_live(&line, 1);
    uint64_t next = desk_ledger_next(&trial);
    line_ask_command(&line, UINT64_C(1) << 30, &buy); /* an operator does not trade */
    expect_refusal(&line, UINT64_C(1) << 30, REASON_NOT_AUTHORISED);
    assert_int_equal(desk_count(&trial, next, VERB_NEW_ORDER, NULL), 0);
    line_close(&line);
}

static void a_regulator_s_key_takes_two_operators_and_trades_nothing(void **state) {
    struct curve_key key;
    struct line line;
    struct command buy = small_buy(1);
    struct act add = {
        .kind = ACT_ADD_PARTICIPANT,
        .add_participant = {
            .roles = ROLE_REGULATOR, .code_bytes = 9, .code = "REGULATOR", .name_bytes = 9}};
    (void)state;
    assert_int_equal(keyfile_curve_generate(&key), 0);
    uint32_t regulator = (uint32_t)trial_act(&trial, &add, "Regulator");
    struct act add_session = {.kind = ACT_ADD_SESSION, .add_session = {.participant = regulator}};
    uint32_t session = (uint32_t)trial_act(&trial, &add_session, NULL);
    struct command add_key_command = {
        .verb = VERB_ACT,
        .act = {.kind = ACT_ADD_KEY, .add_key = {.participant = regulator, .person = 990}}};
    memcpy(add_key_command.act.add_key.key, key.public_key, KEY_BYTES);

    struct client *desk = trial_operator(&trial, 0);
    struct report report;
    assert_true(trial_ask(desk, &add_key_command, NULL, &report, NULL));
    assert_int_equal(report.execution.reason, REASON_NEEDS_TWO_KEYS);
    client_close(desk);
    trial_act_of_two(&trial, &add_key_command.act);

    line_open(&line, &trial, &key, NULL);
    line_logon_live(&line, session);
    line_ask_command(&line, 1, &buy);
    expect_refusal(&line, 1, REASON_NOT_AUTHORISED);
    line_close(&line);
}

static void what_only_the_engine_can_know_is_refused_and_recorded(void **state) {
    struct line line;
    struct line owner;
    struct command foreign_account = small_buy(2);
    struct command foreign_session = {
        .verb = VERB_ACT,
        .act = {.kind = ACT_ADD_SESSION, .add_session = {.participant = trial_broker(&trial, 2)}}};
    struct command buy = small_buy(8);
    (void)state;
    log_on(&line, 7);
    log_on(&owner, 8);
    assert_int_equal(ask(&owner, 1, &buy), REASON_NONE);
    uint64_t next = desk_ledger_next(&trial);
    assert_int_equal(ask(&line, 1, &foreign_account), REASON_UNKNOWN_ACCOUNT);
    assert_int_equal(ask(&line, 2, &foreign_session), REASON_NOT_AUTHORISED);
    struct command cancel = desk_cancel(order_id_of(trial_session(&trial, 8), 1));
    assert_int_equal(ask(&line, 3, &cancel), REASON_UNKNOWN_ORDER);
    assert_int_equal(desk_count(&trial, next, VERB_NEW_ORDER, NULL), 1);
    assert_int_equal(desk_count(&trial, next, VERB_ACT, NULL), 1);
    assert_int_equal(desk_count(&trial, next, VERB_CANCEL, NULL), 1);
    assert_int_equal(ask(&owner, 2, &cancel), REASON_NONE); /* it still rests */
    line_close(&line);
    line_close(&owner);
}

/* --- sessions ------------------------------------------------------------------------------------
 */

static void a_logon_to_somebody_else_s_session_or_to_none_is_refused(void **state) {
    struct line line;
    struct line_item item;
    (void)state;
    line_open(&line, &trial, desk_key(&trial, 1), NULL);
    expect_logon_refused(&line, trial_session(&trial, 2), REASON_NOT_AUTHORISED);
    expect_logon_refused(&line, 1, REASON_NOT_AUTHORISED);
    expect_logon_refused(&line, 4000, REASON_NOT_AUTHORISED);
    expect_logon_refused(&line, UINT32_C(1) << 24, REASON_NOT_AUTHORISED);
    struct request logon = {.command.verb = VERB_LOGON,
                            .logon = {.session = trial_session(&trial, 1), .protocol = 2}};
    line_ask(&line, &logon);
    line_until(&line, REPLY_PART_LOGGED_OFF, &item);
    assert_int_equal(item.logged_off.reason, REASON_MALFORMED);
    line_logon(&line, trial_session(&trial, 1), UINT64_C(1) << 40, &item);
    assert_int_equal(item.kind, REPLY_PART_LOGGED_OFF); /* it knows another ledger */
    line_logon_live(&line, trial_session(&trial, 1));
    expect_logon_refused(&line, trial_session(&trial, 9), REASON_MALFORMED); /* has one already */
    line_close(&line);
}

static void a_newer_connection_takes_the_session_over(void **state) {
    struct line old;
    struct line new;
    struct command buy = small_buy(3);
    (void)state;
    line_open(&old, &trial, desk_key(&trial, 3), NULL);
    line_logon_live(&old, trial_session(&trial, 11));
    assert_int_equal(ask(&old, 1, &buy), REASON_NONE);
    line_open(&new, &trial, desk_key(&trial, 3), NULL);
    line_logon_live(&new, trial_session(&trial, 11));
    expect_off(&old, REASON_NONE);
    line_ask_command(&old, 2, &buy);
    expect_refusal(&old, 2, REASON_NOT_READY);
    assert_int_equal(ask(&new, 2, &buy), REASON_NONE);
    line_logoff(&new);
    expect_off(&new, REASON_NONE);
    line_close(&old);
    line_close(&new);
}

static void a_routing_id_in_use_gives_nobody_another_s_session(void **state) {
    struct line victim;
    struct line thief;
    struct line_item item;
    struct command buy = small_buy(4);
    (void)state;
    line_open(&victim, &trial, desk_key(&trial, 4), "desk-4");
    line_logon_live(&victim, trial_session(&trial, 12));
    assert_int_equal(ask(&victim, 1, &buy), REASON_NONE);
    line_open(&thief, &trial, desk_key(&trial, 5), "desk-4");
    line_heartbeat(&thief);
    line_ask_command(&thief, 2, &buy);
    for (uint64_t number = 2; number <= 20; number++)
        assert_int_equal(ask(&victim, number, &buy), REASON_NONE);
    assert_false(line_take(&thief, 0, false, &item));
    line_close(&thief);
    line_close(&victim);
}

static void frames_overheard_on_one_connection_do_nothing_on_another(void **state) {
    struct line owner;
    struct line same_key;
    struct line other_key;
    struct command buy = small_buy(5);
    struct line_item item;
    (void)state;
    line_open(&owner, &trial, desk_key(&trial, 5), NULL);
    line_logon_live(&owner, trial_session(&trial, 13));
    assert_int_equal(ask(&owner, 1, &buy), REASON_NONE);

    line_open(&same_key, &trial, desk_key(&trial, 5), NULL); /* no Logon came on it */
    line_ask_command(&same_key, 2, &buy);
    expect_refusal(&same_key, 2, REASON_NOT_READY);
    line_close(&same_key);

    line_open(&other_key, &trial, desk_key(&trial, 6), NULL); /* in a session of its own */
    line_logon_live(&other_key, trial_session(&trial, 14));
    line_ask_command(&other_key, 1, &buy);
    line_until_report(&other_key, 1, &item);
    assert_int_equal(item.report.execution.reason, REASON_UNKNOWN_ACCOUNT);
    line_close(&other_key);

    assert_int_equal(ask(&owner, 2, &buy), REASON_NONE); /* its number is not used up */
    line_close(&owner);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_that_nobody_has_entered_does_not_get_past_the_handshake),
        cmocka_unit_test(a_new_key_works_at_once_and_until_it_is_revoked),
        cmocka_unit_test(a_request_behind_the_revocation_of_its_key_is_refused),
        cmocka_unit_test(a_revocation_cancels_the_participant_s_orders_unless_they_are_to_stay),
        cmocka_unit_test(a_revocation_says_since_when_the_key_was_in_wrong_hands),
        cmocka_unit_test(what_a_role_may_never_send_is_refused_before_it_is_sequenced),
        cmocka_unit_test(a_regulator_s_key_takes_two_operators_and_trades_nothing),
        cmocka_unit_test(what_only_the_engine_can_know_is_refused_and_recorded),
        cmocka_unit_test(a_logon_to_somebody_else_s_session_or_to_none_is_refused),
        cmocka_unit_test(a_newer_connection_takes_the_session_over),
        cmocka_unit_test(a_routing_id_in_use_gives_nobody_another_s_session),
        cmocka_unit_test(frames_overheard_on_one_connection_do_nothing_on_another),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
