/*
 * A participant's drop copy: what all its sessions are told, and what it is told itself, in the
 * ledger's order and bytes, and nothing of anybody else.
 *
 * Brokers 1 and 2 deal with each other; broker 1 has two sessions and later more. What a drop copy
 * hears is kept behind the session that it is said to be for, and compared with the ledger.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "gateway/clock.h"
#include "gateway/counters.h"
#include "tests/e2e/desk.h"
#include "tests/e2e/line.h"
#include "tests/e2e/relay.h"

#define BROKERS      4
#define SESSIONS_MAX 64
#define KILLS        3

/* Session i belongs to broker (i - 1) % BROKERS + 1. */
enum { OURS = 1, STRANGERS = 2, LAGGARDS = 3, REVOKED = 4, OUR_SECOND = 5, LAGGARDS_SECOND = 7 };

static struct trial trial;

static int set_up(void **state) {
    struct trial_options options = {.config = "heartbeat_ms = 1000",
                                    .brokers = BROKERS,
                                    .sessions = 2 * BROKERS,
                                    .accounts = BROKERS,
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

/* --- what the ledger holds for a participant
 * ------------------------------------------------------
 */

struct copy_search {
    uint32_t participant;
    uint64_t below;
    uint32_t sessions[SESSIONS_MAX + 1]; /* [session]: its participant */
    struct desk_bytes *reports;
};

static void put_report(struct desk_bytes *into, uint32_t session, struct span report) {
    desk_bytes_add(into, (struct span){(const uint8_t *)&session, sizeof session});
    desk_bytes_add(into, report);
}

/* Whose a session is says the header of its first request: nothing goes to it before. */
static bool keep_copies(void *owner, const struct record *record, struct span bytes) {
    struct copy_search *search = owner;
    struct span events = record->events;
    struct record_event_view event;
    (void)bytes;
    if (record->header.sequence >= search->below)
        return false;
    if (record->header.session != 0)
        search->sessions[record->header.session] = record->header.participant;
    while (record_event_next(&events, &event)) {
        bool is_own = event.audience == AUDIENCE_PARTICIPANT && event.to == search->participant;
        bool is_sessions =
            event.audience == AUDIENCE_SESSION && search->sessions[event.to] == search->participant;
        if (is_own || is_sessions)
            put_report(search->reports, is_own ? 0 : event.to, event.report);
    }
    return true;
}

static void recorded(uint32_t broker, uint64_t below, struct desk_bytes *reports) {
    struct copy_search search = {trial_broker(&trial, broker), below, {0}, reports};
    desk_records(&trial, 0, keep_copies, &search);
}

/* --- what a drop copy hears ----------------------------------------------------------------------
 */

struct copy {
    struct client *client;
    uint32_t broker;
    uint64_t from;
    uint32_t lost;
    struct desk_bytes reports;
};

static void open_copy_at(struct copy *copy, const char *endpoint, const struct curve_key *key,
                         uint64_t next) {
    struct client_options options = {.context = trial.context,
                                     .endpoint = endpoint,
                                     .server_z85 = trial.server.public_z85,
                                     .key = key,
                                     .is_drop_copy = true,
                                     .next = next};
    copy->client = client_open(&options);
    copy->from = next;
    assert_non_null(copy->client);
}

static struct copy open_copy(uint32_t broker, uint64_t next) {
    struct copy copy = {.broker = broker};
    open_copy_at(&copy, trial.endpoint, desk_key(&trial, broker), next);
    return copy;
}

static void hear_item(struct copy *copy, const struct client_item *item) {
    if (item->kind == CLIENT_REPORT)
        put_report(&copy->reports, item->session, item->bytes);
    else if (item->kind == CLIENT_LOST)
        copy->lost++;
    else if (item->kind == CLIENT_LOGGED_OFF)
        fail_msg("logged off: %s", item->logged_off.text);
}

/* Hears until everything below `next` has been handed out. */
static void hear_until(struct copy *copy, uint64_t next) {
    int64_t deadline_ns = clock_mono_ns() + DESK_PATIENCE_MS * CLOCK_MILLISECOND_NS;
    struct client_item item;
    while (client_next(copy->client) < next) {
        client_poll(copy->client, 20, &item);
        hear_item(copy, &item);
        if (clock_mono_ns() > deadline_ns)
            fail_msg("the drop copy stays at %lu", client_next(copy->client));
    }
}

/* What was heard is what the ledger holds from where it began. */
static void assert_heard(const struct copy *copy) {
    struct desk_bytes before = {0};
    struct desk_bytes all = {0};
    recorded(copy->broker, copy->from, &before);
    recorded(copy->broker, client_next(copy->client), &all);
    assert_int_equal(all.count - before.count, copy->reports.count);
    assert_int_equal(all.size - before.size, copy->reports.size);
    if (copy->reports.size > 0)
        assert_memory_equal(all.bytes + before.size, copy->reports.bytes, copy->reports.size);
    desk_bytes_free(&before);
    desk_bytes_free(&all);
}

static void close_copy(struct copy *copy) {
    client_close(copy->client);
    desk_bytes_free(&copy->reports);
}

/* --- dealing -------------------------------------------------------------------------------------
 */

struct dealers {
    struct client *ours;
    struct client *second;
    struct client *stranger;
};

static struct dealers open_dealers(void) {
    return (struct dealers){trial_client(&trial, OURS), trial_client(&trial, OUR_SECOND),
                            trial_client(&trial, STRANGERS)};
}

static void close_dealers(struct dealers *dealers) {
    client_close(dealers->ours);
    client_close(dealers->second);
    client_close(dealers->stranger);
}

/* Each of our sessions sells, a stranger buys from both, and bids for what nobody sells; one of us
 * asks for what does not exist. Returns what lies behind it all. */
static uint64_t deal(struct dealers *dealers) {
    struct report report;
    struct command sell = desk_sell(desk_account(&trial, OURS), 1000, 10);
    struct command buy = desk_buy(desk_account(&trial, STRANGERS), 1000, 20);
    struct command bid = desk_buy(desk_account(&trial, STRANGERS), 1, 1);
    struct command none = desk_cancel(1);
    (void)trial_ask(dealers->ours, &sell, NULL, &report, NULL);
    (void)trial_ask(dealers->second, &sell, NULL, &report, NULL);
    (void)trial_ask(dealers->stranger, &buy, NULL, &report, NULL);
    (void)trial_ask(dealers->stranger, &bid, NULL, &report, NULL);
    (void)trial_ask(dealers->ours, &none, NULL, &report, NULL);
    return report.sequence + 1;
}

/* --- tests ---------------------------------------------------------------------------------------
 */

static void it_hears_all_sessions_of_its_participant_and_nothing_of_a_stranger(void **state) {
    struct copy ours = open_copy(1, 0);
    struct copy strangers = open_copy(2, 0);
    struct dealers dealers = open_dealers();
    struct client_item item;
    (void)state;
    assert_true(client_wait_live(strangers.client, DESK_PATIENCE_MS, &item));
    close_copy(&strangers);
    strangers = open_copy(2, 0);
    for (int i = 0; i < 20; i++)
        hear_until(&ours, deal(&dealers));
    hear_until(&strangers, client_next(ours.client)); /* the end comes with a heartbeat */
    assert_int_equal(client_logged_on(ours.client)->session, 0);
    assert_int_equal(client_logged_on(ours.client)->participant, trial_broker(&trial, 1));
    assert_int_equal(client_logged_on(ours.client)->credits, 0);
    assert_true(ours.reports.count >= 2 * 20 * 5); /* NEW and TRADE of each, and a rejection */
    assert_heard(&ours);
    assert_heard(&strangers);
    assert_int_equal(client_counts(ours.client).gaps, 0);
    close_copy(&ours);
    close_copy(&strangers);
    close_dealers(&dealers);
}

static void it_comes_back_from_anywhere_page_by_page(void **state) {
    struct dealers dealers = open_dealers();
    uint64_t end = deal(&dealers);
    (void)state;
    for (uint64_t next = 0; next <= end; next += end / 7) {
        struct copy copy = open_copy(1, next);
        hear_until(&copy, deal(&dealers));
        assert_heard(&copy);
        close_copy(&copy);
    }
    close_dealers(&dealers);
}

static void who_lacks_nothing_is_live_at_once(void **state) {
    struct line line;
    struct line_item item;
    (void)state;
    line_open(&line, &trial, desk_key(&trial, 1), NULL);
    line_logon_copy(&line, 0, &item);
    assert_int_equal(item.kind, REPLY_PART_LOGGED_ON);
    assert_false(item.logged_on.is_live);
    line_close(&line);
    line_open(&line, &trial, desk_key(&trial, 1), NULL);
    line_logon_copy(&line, item.logged_on.next, &item);
    assert_true(item.logged_on.is_live);
    line_close(&line);
}

/* The operator's doing is told to the participant, not to a session. */
static void it_is_told_what_goes_to_the_participant_as_such(void **state) {
    struct copy copy = open_copy(1, 0);
    struct act add = {.kind = ACT_ADD_KEY,
                      .add_key = {.participant = trial_broker(&trial, 1), .person = 77}};
    struct act kill = {.kind = ACT_KILL, .kill = {.account = desk_account(&trial, OURS)}};
    struct act unkill = {.kind = ACT_UNKILL, .kill = {.account = desk_account(&trial, OURS)}};
    struct client_item item;
    (void)state;
    assert_true(client_wait_live(copy.client, DESK_PATIENCE_MS, &item));
    memset(add.add_key.key, 0x77, KEY_BYTES);
    uint32_t key = (uint32_t)trial_act(&trial, &add, NULL);
    do
        desk_until(copy.client, CLIENT_REPORT, &item);
    while (item.report.body != REPORT_KEY);
    assert_int_equal(item.report.notice.key, key);
    assert_int_equal(item.session, 0);
    trial_act(&trial, &kill, NULL);
    do
        desk_until(copy.client, CLIENT_REPORT, &item);
    while (item.report.body != REPORT_KILLED);
    assert_int_equal(item.report.notice.account, desk_account(&trial, OURS));
    trial_act_of_two(&trial, &unkill);
    close_copy(&copy);
}

static void a_session_that_is_added_while_it_listens_is_heard_too(void **state) {
    struct copy copy = open_copy(1, desk_ledger_next(&trial));
    struct act add = {.kind = ACT_ADD_SESSION,
                      .add_session = {.participant = trial_broker(&trial, 1)}};
    struct command sell = desk_sell(desk_account(&trial, OURS), 1000, 1);
    struct line line;
    struct line_item item;
    (void)state;
    uint32_t session = (uint32_t)trial_act(&trial, &add, NULL);
    line_open(&line, &trial, desk_key(&trial, 1), NULL);
    line_logon_live(&line, session);
    line_ask_command(&line, 1, &sell);
    line_until_report(&line, 1, &item);
    hear_until(&copy, item.report.sequence + 1);
    assert_heard(&copy);
    struct copy later = open_copy(1, copy.from);
    hear_until(&later, item.report.sequence + 1);
    assert_heard(&later);
    close_copy(&copy);
    close_copy(&later);
    line_close(&line);
}

static void the_newer_of_two_connections_wins(void **state) {
    struct copy older = open_copy(1, 0);
    struct dealers dealers = open_dealers();
    struct client_item item;
    (void)state;
    assert_true(client_wait_live(older.client, DESK_PATIENCE_MS, &item));
    struct copy newer = open_copy(1, 0);
    assert_true(client_wait_live(newer.client, DESK_PATIENCE_MS, &item));
    desk_until(older.client, CLIENT_LOGGED_OFF, &item);
    assert_int_equal(item.logged_off.reason, REASON_NONE);
    assert_non_null(strstr(item.logged_off.text, "newer"));
    close_copy(&newer);
    newer = open_copy(1, 0);
    hear_until(&newer, deal(&dealers));
    assert_heard(&newer);
    close_copy(&older);
    close_copy(&newer);
    close_dealers(&dealers);
}

static void it_is_cut_when_its_key_is_revoked(void **state) {
    struct copy copy = {.broker = REVOKED};
    struct curve_key key;
    struct client_item item;
    struct act add = {.kind = ACT_ADD_KEY,
                      .add_key = {.participant = trial_broker(&trial, REVOKED), .person = 78}};
    (void)state;
    assert_int_equal(keyfile_curve_generate(&key), 0);
    memcpy(add.add_key.key, key.public_key, KEY_BYTES);
    uint32_t number = (uint32_t)trial_act(&trial, &add, NULL);
    open_copy_at(&copy, trial.endpoint, &key, 0);
    assert_true(client_wait_live(copy.client, DESK_PATIENCE_MS, &item));
    struct act revoke = {.kind = ACT_REVOKE_KEY, .revoke_key = {.key = number}};
    trial_act(&trial, &revoke, NULL);
    desk_until(copy.client, CLIENT_LOGGED_OFF, &item);
    assert_int_equal(item.logged_off.reason, REASON_KEY_REVOKED);
    client_logon(copy.client);
    desk_until(copy.client, CLIENT_KEY_REFUSED, &item);
    close_copy(&copy);
    struct copy other = open_copy(REVOKED, 0); /* the participant's other key still has one */
    assert_true(client_wait_live(other.client, DESK_PATIENCE_MS, &item));
    close_copy(&other);
}

static void it_sends_no_requests(void **state) {
    struct line line;
    struct line_item item;
    struct refused refused;
    struct act kill = {.kind = ACT_KILL};
    struct command commands[] = {
        desk_sell(desk_account(&trial, OURS), 1000, 1),
        desk_cancel(1),
        {.verb = VERB_MASS_CANCEL},
        {.verb = VERB_ACT, .act = kill},
        {.verb = VERB_APPROVE, .approve = {.proposal = 1}},
    };
    (void)state;
    line_open(&line, &trial, desk_key(&trial, 1), NULL);
    line_logon_copy(&line, 0, &item);
    uint64_t next = desk_ledger_next(&trial);
    for (uint64_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        line_ask_command(&line, i + 1, &commands[i]);
        line_until_refused(&line, i + 1, &refused);
        assert_int_equal(refused.reason, REASON_NOT_AUTHORISED);
        assert_string_equal(refused.field, "logon.drop_copy");
    }
    assert_int_equal(desk_count(&trial, next, VERB_NEW_ORDER, NULL), 0);
    line_heartbeat(&line);
    line_resume(&line, 0);
    do
        assert_true(line_take(&line, LINE_PATIENCE_MS, true, &item));
    while (item.kind != 0 || !item.is_page);
    line_logoff(&line);
    line_until(&line, REPLY_PART_LOGGED_OFF, &item);
    assert_int_equal(item.logged_off.reason, REASON_NONE);
    line_close(&line);
}

static void expect_logon_refused(struct line *line, const struct logon *logon) {
    struct request request = {.command = {.verb = VERB_LOGON}, .logon = *logon};
    struct line_item item;
    line_ask(line, &request);
    line_until(line, REPLY_PART_LOGGED_OFF, &item);
    assert_int_equal(item.logged_off.reason, REASON_MALFORMED);
}

static void a_logon_is_for_a_session_or_for_the_drop_copy(void **state) {
    struct line line;
    struct line_item item;
    struct logon both = {
        .session = trial_session(&trial, OURS), .protocol = 1, .is_drop_copy = true};
    struct logon session = {.session = trial_session(&trial, OURS), .protocol = 1};
    struct logon copy = {.protocol = 1, .is_drop_copy = true};
    struct logon ahead = {.protocol = 1, .is_drop_copy = true, .next = UINT64_C(1) << 40};
    (void)state;
    line_open(&line, &trial, desk_key(&trial, 1), NULL);
    expect_logon_refused(&line, &both);
    line_logon_copy(&line, 0, &item);
    assert_int_equal(item.kind, REPLY_PART_LOGGED_ON);
    expect_logon_refused(&line, &session); /* and the drop copy stays */
    line_resume(&line, UINT64_C(1) << 40);
    struct refused refused;
    line_until_refused(&line, 0, &refused);
    assert_string_equal(refused.field, "resume.next");
    line_close(&line);
    line_open(&line, &trial, desk_key(&trial, 1), NULL);
    line_logon_live(&line, session.session);
    expect_logon_refused(&line, &copy);
    line_close(&line);
    line_open(&line, &trial, desk_key(&trial, 1), NULL);
    expect_logon_refused(&line, &ahead);
    line_close(&line);
}

/* Deals on and listens through a relay that keeps its endpoint while the server is killed. */
static void kills_of_the_server_lose_nothing_and_double_nothing(void **state) {
    struct relay *relay = relay_open();
    struct copy copy = {.broker = 1};
    uint64_t next = 0;
    (void)state;
    relay_target(relay, trial.endpoint);
    open_copy_at(&copy, relay_endpoint(relay), desk_key(&trial, 1), 0);
    for (int kills = 0; kills <= KILLS; kills++) {
        struct dealers dealers = open_dealers();
        for (int i = 0; i < 30; i++) {
            next = deal(&dealers);
            if (i % 4 == kills) /* the rest it hears after the kill */
                hear_until(&copy, next);
        }
        close_dealers(&dealers);
        if (kills == KILLS)
            break;
        trial_kill(&trial);
        trial_start(&trial);
        relay_target(relay, trial.endpoint);
        relay_cut(relay);
    }
    hear_until(&copy, next);
    assert_true(copy.lost >= KILLS);
    assert_heard(&copy);
    close_copy(&copy);
    relay_close(relay);
}

/* Its own session trades on, and is answered, while the drop copy's pipe fills and stays full. */
static void one_that_never_reads_holds_up_nobody_and_is_served_when_it_reads(void **state) {
    const struct counters *counters = counters_look(trial.exchange);
    struct line silent;
    struct line talker;
    struct line_item item;
    uint64_t number = 0;
    (void)state;
    assert_non_null(counters);
    line_open_narrow(&silent, &trial, desk_key(&trial, LAGGARDS));
    line_logon_copy(&silent, 0, &item);
    line_resume(&silent, 0);
    line_open(&talker, &trial, desk_key(&trial, LAGGARDS), NULL);
    line_logon_live(&talker, trial_session(&trial, LAGGARDS));
    uint64_t lagged = counter_get(counters, COUNTER_SESSIONS_LAGGED);
    uint64_t after = 0;
    for (int i = 0; after < 50; i++) {
        assert_true(i < 20000);
        line_ask_for_nothing(&talker, &number);
        line_until_report(&talker, number, &item); /* answered, whatever the copy does */
        line_heartbeat(&silent);
        after += counter_get(counters, COUNTER_SESSIONS_LAGGED) > lagged;
    }
    uint64_t next = item.report.sequence + 1;
    uint64_t cursor = 0;
    struct desk_bytes heard = {0};
    struct desk_bytes all = {0};
    while (cursor < next) {
        assert_true(line_take(&silent, LINE_PATIENCE_MS, true, &item));
        assert_true(item.from <= cursor || item.from == item.next);
        if (item.kind == REPLY_PART_EVENT && item.report.sequence >= cursor)
            put_report(&heard, item.session, item.bytes);
        if (item.kind == 0 && item.next > cursor)
            cursor = item.next;
    }
    recorded(LAGGARDS, cursor, &all);
    assert_int_equal(heard.size, all.size);
    assert_memory_equal(heard.bytes, all.bytes, all.size);
    assert_true(heard.count >= number);
    desk_bytes_free(&heard);
    desk_bytes_free(&all);
    counters_close((struct counters *)(uintptr_t)counters);
    line_close(&silent);
    line_close(&talker);
}

/* More is told than one frame holds, all at once: frames are split, and none is too large. */
static void a_mass_cancel_reaches_it_in_many_frames(void **state) {
    enum { ORDERS = 6000 };
    struct copy copy = open_copy(LAGGARDS, desk_ledger_next(&trial));
    struct client *client = trial_client(&trial, LAGGARDS_SECOND);
    struct command bid = desk_buy(desk_account(&trial, LAGGARDS_SECOND), 1, 1);
    struct command cancel = {.verb = VERB_MASS_CANCEL,
                             .mass_cancel = {.session = trial_session(&trial, LAGGARDS_SECOND)}};
    struct report report;
    struct client_item item;
    (void)state;
    for (int i = 0; i < ORDERS; i++)
        trial_pour(client, &bid, NULL);
    trial_drain(client);
    assert_true(client_wait_live(copy.client, DESK_PATIENCE_MS, &item));
    close_copy(&copy);
    copy = open_copy(LAGGARDS, desk_ledger_next(&trial));
    assert_true(client_wait_live(copy.client, DESK_PATIENCE_MS, &item));
    uint64_t number = client_add(client, &cancel, NULL);
    client_flush(client);
    do
        desk_answer(client, number, &report);
    while (report.body != REPORT_MASS_CANCELED);
    hear_until(&copy, report.sequence + 1);
    assert_int_equal(report.mass_canceled.count, ORDERS);
    assert_true(copy.reports.count >= 2 * ORDERS);
    assert_heard(&copy);
    close_copy(&copy);
    client_close(client);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_hears_all_sessions_of_its_participant_and_nothing_of_a_stranger),
        cmocka_unit_test(it_comes_back_from_anywhere_page_by_page),
        cmocka_unit_test(who_lacks_nothing_is_live_at_once),
        cmocka_unit_test(it_is_told_what_goes_to_the_participant_as_such),
        cmocka_unit_test(a_session_that_is_added_while_it_listens_is_heard_too),
        cmocka_unit_test(the_newer_of_two_connections_wins),
        cmocka_unit_test(it_is_cut_when_its_key_is_revoked),
        cmocka_unit_test(it_sends_no_requests),
        cmocka_unit_test(a_logon_is_for_a_session_or_for_the_drop_copy),
        cmocka_unit_test(kills_of_the_server_lose_nothing_and_double_nothing),
        cmocka_unit_test(one_that_never_reads_holds_up_nobody_and_is_served_when_it_reads),
        cmocka_unit_test(a_mass_cancel_reaches_it_in_many_frames),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
