/*
 * Sessions that go: in silence, with a Logoff, or with the whole exchange; and what becomes of
 * their orders when they do not come back within their grace.
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

#define HEARTBEAT_MS 300
#define GRACE_MS     2000

static struct trial trial;

static int set_up(void **state) {
    struct trial_options options = {.config = "heartbeat_ms = 300\ngrace_ms = 2000\nrefusals_s = 1",
                                    .cancels_on_disconnect = true,
                                    .grace_ms = GRACE_MS,
                                    .brokers = 2,
                                    .sessions = 12,
                                    .accounts = 2,
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

static struct command small_buy(uint32_t index) {
    struct command buy = desk_buy(trial_account(&trial, trial_owner(&trial, index)), 1, 1);
    buy.new_order.time_in_force = TIME_IN_FORCE_GTC;
    return buy;
}

/* An order of the session in the book, and its client. */
static struct client *rest(uint32_t index, uint64_t *order_id) {
    struct client *client = trial_client(&trial, index);
    struct command buy = small_buy(index);
    uint64_t number = desk_rest(client, &buy);
    *order_id = order_id_of(trial_session(&trial, index), number);
    return client;
}

/* Logs off, which is an end like another, and hangs up. */
static void leave(struct client *client) {
    struct client_item item;
    client_logoff(client);
    desk_until(client, CLIENT_LOGGED_OFF, &item);
    client_close(client);
}

/* Comes back; true when the order still rests. It is canceled then. */
static bool still_rests(uint32_t index, uint64_t order_id) {
    struct client *client = trial_client(&trial, index);
    struct command cancel = desk_cancel(order_id);
    struct report report;
    desk_send(client, &cancel, &report);
    client_close(client);
    return report.execution.exec_type == EXEC_TYPE_CANCELED;
}

struct cancel_search {
    uint64_t order_id;
    enum reason reason; /* of its CANCELED, NONE while there is none */
};

static bool look_for_cancel(void *owner, const struct record *record, struct span bytes) {
    struct cancel_search *search = owner;
    struct span events = record->events;
    struct record_event_view event;
    (void)bytes;
    while (record_event_next(&events, &event)) {
        struct report report;
        assert_true(report_read(event.report, &report));
        if (report.body == REPORT_EXECUTION && report.execution.order_id == search->order_id &&
            report.execution.exec_type == EXEC_TYPE_CANCELED)
            search->reason = (enum reason)report.execution.reason;
    }
    return true;
}

/* Whether, and why, the order was canceled by now. */
static enum reason cancel_reason(uint64_t order_id) {
    struct cancel_search search = {.order_id = order_id};
    desk_records(&trial, 0, look_for_cancel, &search);
    return search.reason;
}

static void until_canceled(uint64_t order_id) {
    uint64_t next = 0;
    while (cancel_reason(order_id) == REASON_NONE)
        next = desk_until_record(&trial, next, VERB_TICK, NULL) + 1; /* each tick may be it */
    assert_int_equal(cancel_reason(order_id), REASON_DISCONNECTED);
}

static void a_silent_session_is_dropped_and_one_with_heartbeats_is_not(void **state) {
    struct line silent;
    struct line alive;
    struct line_item item;
    bool is_dropped = false;
    (void)state;
    line_open(&silent, &trial, desk_key(&trial, 1), NULL);
    line_logon_live(&silent, trial_session(&trial, 1));
    line_open(&alive, &trial, desk_key(&trial, 2), NULL);
    line_logon_live(&alive, trial_session(&trial, 2));
    uint64_t next = desk_ledger_next(&trial);
    for (int i = 0; !is_dropped; i++) {
        assert_true(i < 1000);
        line_heartbeat(&alive);
        is_dropped = line_take(&silent, HEARTBEAT_MS / 6, false, &item);
    }
    assert_int_equal(item.kind, REPLY_PART_LOGGED_OFF);
    assert_string_equal(item.logged_off.text, "nothing was heard");
    struct command down = {0};
    while (down.session_down.session != trial_session(&trial, 1)) /* operators fall silent too */
        next = desk_until_record(&trial, next, VERB_SESSION_DOWN, &down) + 1;
    struct command buy = small_buy(2);
    line_ask_command(&alive, 1, &buy);
    line_until_report(&alive, 1, &item);
    line_close(&silent);
    line_close(&alive);
}

static void the_exchange_sends_heartbeats_that_move_the_cursor(void **state) {
    struct line line;
    struct line_item item;
    struct client *client = trial_client(&trial, 3);
    (void)state;
    line_open(&line, &trial, desk_key(&trial, 4), NULL);
    line_logon_live(&line, trial_session(&trial, 4));
    struct command buy = small_buy(3);
    uint64_t next = 0;
    struct report report;
    desk_send(client, &buy, &report);
    while (next <=
           report.sequence) { /* reports of somebody else, and yet it hears how far all is */
        line_heartbeat(&line);
        if (line_take(&line, HEARTBEAT_MS / 3, true, &item))
            next = item.next;
        client_poll(client, 0, &(struct client_item){0});
    }
    client_close(client);
    line_close(&line);
}

static void orders_of_a_session_that_does_not_come_back_are_canceled_disconnected(void **state) {
    uint64_t order_id;
    (void)state;
    leave(rest(5, &order_id));
    until_canceled(order_id);
    assert_false(still_rests(5, order_id));
}

/* The second one goes after the first has come back, and stays away: when its orders have been
 * canceled, the grace of the first would have been over too. */
static void orders_of_a_session_that_comes_back_in_time_stay(void **state) {
    uint64_t back_id;
    uint64_t gone_id;
    struct client_item item;
    (void)state;
    struct client *gone = rest(7, &gone_id);
    leave(rest(6, &back_id));
    struct client *back = trial_client(&trial, 6);
    leave(gone);
    while (cancel_reason(gone_id) == REASON_NONE)
        client_poll(back, HEARTBEAT_MS / 3, &item);
    assert_int_equal(cancel_reason(gone_id), REASON_DISCONNECTED);
    assert_int_equal(cancel_reason(back_id), REASON_NONE);
    client_close(back);
    assert_true(still_rests(6, back_id));
}

static void a_crash_of_the_exchange_is_no_disconnect_for_who_comes_back_in_its_grace(void **state) {
    uint64_t back_id;
    uint64_t gone_id;
    struct client_item item;
    (void)state;
    client_close(rest(9, &gone_id));
    client_close(rest(8, &back_id));
    trial_kill(&trial);
    trial_start(&trial);
    struct client *back = trial_client(&trial, 8);
    while (cancel_reason(gone_id) == REASON_NONE)
        client_poll(back, HEARTBEAT_MS / 3, &item);
    assert_int_equal(cancel_reason(gone_id), REASON_DISCONNECTED);
    assert_int_equal(cancel_reason(back_id), REASON_NONE);
    client_close(back);
    assert_true(still_rests(8, back_id));
}

static void a_clean_stop_gives_the_same_grace(void **state) {
    uint64_t gone_id;
    (void)state;
    client_close(rest(10, &gone_id));
    assert_int_equal(trial_stop(&trial), 0);
    trial_start(&trial);
    assert_int_equal(cancel_reason(gone_id), REASON_NONE);
    until_canceled(gone_id);
}

static void the_operator_closes_a_session_s_connection_and_it_may_come_back(void **state) {
    struct client_item item;
    struct client *client = trial_client(&trial, 11);
    struct act reset = {.kind = ACT_SESSION_RESET,
                        .session_reset = {.session = trial_session(&trial, 11)}};
    struct command buy = small_buy(11);
    struct report report;
    (void)state;
    uint64_t next = desk_ledger_next(&trial);
    trial_act(&trial, &reset, NULL);
    desk_until_record(&trial, next, VERB_ACT, NULL);
    desk_until(client, CLIENT_LOST, &item); /* and it logs on again by itself */
    desk_until(client, CLIENT_LIVE, &item);
    desk_send(client, &buy, &report);
    client_close(client);
}

static void refusals_are_sequenced_as_a_digest_of_their_period(void **state) {
    struct line line;
    struct refused refused;
    struct command digest;
    struct command close = {.verb = VERB_ACT, .act = {.kind = ACT_DAY_CLOSE, .day = {TRIAL_DAY}}};
    (void)state;
    uint64_t next = desk_ledger_next(&trial);
    line_open(&line, &trial, desk_key(&trial, 12), NULL);
    line_logon_live(&line, trial_session(&trial, 12));
    for (int i = 0; i < 7; i++) {
        line_ask_command(&line, 1, &close);
        line_until_refused(&line, 1, &refused);
    }
    uint64_t count = 0;
    while (count < 7) { /* they may fall into two periods */
        next = desk_until_record(&trial, next, VERB_REFUSALS, &digest) + 1;
        if (digest.refusals.reason != REASON_NOT_AUTHORISED)
            continue;
        count += digest.refusals.count;
        assert_int_equal(digest.refusals.key, 2 + trial_owner(&trial, 12));
        assert_true(digest.refusals.first_ns <= digest.refusals.last_ns);
    }
    assert_int_equal(count, 7);
    line_close(&line);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_silent_session_is_dropped_and_one_with_heartbeats_is_not),
        cmocka_unit_test(the_exchange_sends_heartbeats_that_move_the_cursor),
        cmocka_unit_test(orders_of_a_session_that_does_not_come_back_are_canceled_disconnected),
        cmocka_unit_test(orders_of_a_session_that_comes_back_in_time_stay),
        cmocka_unit_test(a_crash_of_the_exchange_is_no_disconnect_for_who_comes_back_in_its_grace),
        cmocka_unit_test(a_clean_stop_gives_the_same_grace),
        cmocka_unit_test(the_operator_closes_a_session_s_connection_and_it_may_come_back),
        cmocka_unit_test(refusals_are_sequenced_as_a_digest_of_their_period),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
