/*
 * libtpx on a bad wire, through a relay that a test can cut, hold and turn to another server: every
 * request is carried out once and answered once, and its user has nothing to do for it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "gateway/clock.h"
#include "tests/e2e/desk.h"
#include "tests/e2e/relay.h"

#define ORDERS    3000
#define CUTS      12
#define KILLS     3
#define UNDER_WAY 200 /* requests without an answer */

static struct trial trial;
static struct relay *relay;

static int set_up(void **state) {
    struct trial_options options = {.config = "heartbeat_ms = 300",
                                    .brokers = 2,
                                    .sessions = 8,
                                    .accounts = 2,
                                    .instruments = 1};
    (void)state;
    desk_set_up(&trial, &options);
    relay = relay_open();
    relay_target(relay, trial.endpoint);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    relay_close(relay);
    desk_tear_down(&trial);
    return 0;
}

static struct client *open_client(uint32_t index) {
    struct client_options options = {
        .context = trial.context,
        .endpoint = relay_endpoint(relay),
        .server_z85 = trial.server.public_z85,
        .key = &trial.brokers[trial_owner(&trial, index) - 1],
        .session = trial_session(&trial, index),
    };
    struct client_item item;
    struct client *client = client_open(&options);
    assert_non_null(client);
    assert_true(client_wait_live(client, DESK_PATIENCE_MS, &item));
    return client;
}

/* What one client was told: how often each number was answered, and the bytes. */
struct told {
    uint32_t answers[ORDERS + 1];
    uint32_t answered;
    uint32_t lost;
    struct desk_bytes reports;
};

/* Adds orders while there is room, polls once, and notes what came. */
static void go_on(struct client *client, uint32_t index, struct told *told) {
    uint32_t account = trial_account(&trial, trial_owner(&trial, index));
    struct client_item item;
    while (client_unanswered(client) < UNDER_WAY &&
           told->answered + client_unanswered(client) < ORDERS) {
        struct command buy = desk_buy(account, 1, 1 + client_unanswered(client) % 9);
        assert_true(client_add(client, &buy, NULL) > 0);
    }
    client_flush(client);
    client_poll(client, 100, &item);
    if (item.kind == CLIENT_LOST)
        told->lost++;
    if (item.kind == CLIENT_REFUSED)
        fail_msg("%s", client_reason_name(item.refused.reason));
    if (item.kind != CLIENT_REPORT)
        return;
    assert_false(item.is_repeat); /* what came before the Logon comes in pages */
    desk_bytes_add(&told->reports, item.bytes);
    uint64_t number = report_answers(&item.report);
    assert_true(number >= 1 && number <= ORDERS);
    assert_int_equal(told->answers[number]++, 0);
    told->answered++;
}

/* Until so many more are answered. */
static void go_on_until(struct client *client, uint32_t index, struct told *told,
                        uint32_t answered) {
    int64_t deadline_ns = 0;
    uint32_t before = UINT32_MAX;
    while (told->answered < answered) {
        if (told->answered != before)
            deadline_ns = clock_mono_ns() + DESK_PATIENCE_MS * CLOCK_MILLISECOND_NS;
        before = told->answered;
        go_on(client, index, told);
        assert_true(clock_mono_ns() < deadline_ns);
    }
}

/* All were answered once, and the ledger holds what was told. */
static void assert_told(struct client *client, uint32_t index, struct told *told) {
    struct desk_bytes recorded = {0};
    for (uint32_t number = 1; number <= ORDERS; number++)
        assert_int_equal(told->answers[number], 1);
    assert_int_equal(client_counts(client).lost, told->lost);
    desk_reports(&trial, trial_session(&trial, index), UINT64_MAX, &recorded);
    assert_int_equal(recorded.count, ORDERS);
    assert_int_equal(recorded.size, told->reports.size);
    assert_memory_equal(recorded.bytes, told->reports.bytes, recorded.size);
    desk_bytes_free(&recorded);
    desk_bytes_free(&told->reports);
}

static void connections_that_break_lose_nothing_and_double_nothing(void **state) {
    static struct told told;
    struct client *client = open_client(1);
    (void)state;
    for (uint32_t cut = 1; cut <= CUTS; cut++) {
        go_on_until(client, 1, &told, ORDERS / (CUTS + 1) * cut);
        relay_cut(relay);
    }
    go_on_until(client, 1, &told, ORDERS);
    assert_true(told.lost >= CUTS);
    assert_told(client, 1, &told);
    client_close(client);
}

static void kills_of_the_server_lose_nothing_and_double_nothing(void **state) {
    static struct told told;
    struct client *client = open_client(2);
    (void)state;
    for (uint32_t kills = 1; kills <= KILLS; kills++) {
        go_on_until(client, 2, &told, ORDERS / (KILLS + 1) * kills);
        trial_kill(&trial);
        trial_start(&trial);
        relay_target(relay, trial.endpoint);
        relay_cut(relay);
    }
    go_on_until(client, 2, &told, ORDERS);
    assert_told(client, 2, &told);
    client_close(client);
}

static void a_wire_that_falls_silent_is_given_up_and_dialled_anew(void **state) {
    struct client_item item;
    struct report report;
    struct command buy = desk_buy(trial_account(&trial, 1), 1, 1);
    struct client *client = open_client(3);
    (void)state;
    relay_hold_answers(relay, true);
    uint64_t number = client_add(client, &buy, NULL);
    client_flush(client);
    desk_until(client, CLIENT_LOST, &item);
    relay_hold_answers(relay, false);
    desk_until(client, CLIENT_LIVE, &item); /* pages before it may have brought the answer */
    desk_all_answered(client);
    desk_send(client, &buy, &report);
    assert_int_equal(report.execution.order_id, order_id_of(trial_session(&trial, 3), number + 1));
    client_close(client);
}

static void bytes_overheard_on_the_wire_are_worth_nothing_when_sent_again(void **state) {
    struct command buy = desk_buy(trial_account(&trial, 2), 1, 1);
    struct report report;
    struct relay *listener = relay_open();
    struct relay *before = relay;
    (void)state;
    relay_target(listener, trial.endpoint);
    relay = listener;
    struct client *client = open_client(4);
    relay = before;
    desk_send(client, &buy, &report);
    uint64_t next = desk_ledger_next(&trial);
    assert_true(relay_replay(listener) > 500); /* a handshake, a Logon, an order */
    assert_int_equal(desk_count(&trial, next, VERB_NEW_ORDER, NULL), 0);
    desk_send(client, &buy, &report); /* and its owner trades on */
    client_close(client);
    relay_close(listener);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(connections_that_break_lose_nothing_and_double_nothing),
        cmocka_unit_test(kills_of_the_server_lose_nothing_and_double_nothing),
        cmocka_unit_test(a_wire_that_falls_silent_is_given_up_and_dialled_anew),
        cmocka_unit_test(bytes_overheard_on_the_wire_are_worth_nothing_when_sent_again),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
