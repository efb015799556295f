/*
 * What a session was not there to hear, it hears when it comes back: page by page, without gap, in
 * the bytes that the ledger holds.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "gateway/counters.h"
#include "tests/e2e/desk.h"
#include "tests/e2e/line.h"

/* Orders of session 1 before the tests: their reports are many pages. */
#define EARLIER_ORDERS 60000

enum { TALKER = 1, MAKER = 2, AWAY = 3, QUIET = 4, LATE = 5, LAGGARD = 6, BIDDER = 7, TWICE = 8 };

static struct trial trial;

static void pour_orders(void) {
    struct client *client = trial_client(&trial, TALKER);
    struct command buy = desk_buy(trial_account(&trial, 1), 1, 1);
    for (int i = 0; i < EARLIER_ORDERS; i++)
        trial_pour(client, &buy, NULL);
    trial_drain(client);
    client_close(client);
}

static int set_up(void **state) {
    struct trial_options options = {.config = "heartbeat_ms = 60000",
                                    .brokers = 2,
                                    .sessions = 8,
                                    .accounts = 2,
                                    .instruments = 1};
    (void)state;
    desk_set_up(&trial, &options);
    pour_orders();
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    desk_tear_down(&trial);
    return 0;
}

static void dial(struct line *line, uint32_t index) {
    line_open(line, &trial, &trial.brokers[trial_owner(&trial, index) - 1], NULL);
}

/* What a session received, and how far it reaches. */
struct heard {
    struct desk_bytes reports;
    uint64_t next;
    uint32_t pages;
};

/* Takes frames until one satisfies: of each that is in order, its reports, which must join what was
 * heard. */
static void hear_item(struct heard *heard, const struct line_item *item) {
    if (item->kind == REPLY_PART_EVENT && item->from != item->next) {
        if (item->report.sequence >= heard->next)
            desk_bytes_add(&heard->reports, item->bytes);
        return;
    }
    if (item->kind != 0)
        return;
    assert_true(item->from <= heard->next);
    if (item->next > heard->next)
        heard->next = item->next;
}

/* Asks for pages from `next` on until the last. */
static void hear_pages(struct line *line, uint64_t next, struct heard *heard) {
    struct line_item item = {0};
    *heard = (struct heard){.next = next};
    do {
        line_resume(line, heard->next);
        do {
            assert_true(line_take(line, LINE_PATIENCE_MS, true, &item));
            hear_item(heard, &item);
        } while (item.kind != 0 || !item.is_page);
        heard->pages++;
    } while (!item.is_live);
}

/* Hears live frames until everything below `next` is covered. */
static void hear_until(struct line *line, uint64_t next, struct heard *heard) {
    struct line_item item;
    while (heard->next < next) {
        assert_true(line_take(line, LINE_PATIENCE_MS, true, &item));
        hear_item(heard, &item);
    }
}

/* What the ledger holds for the session in [from, next) is what was heard. */
static void assert_heard(const struct heard *heard, uint32_t index, uint64_t from) {
    struct desk_bytes before = {0};
    struct desk_bytes all = {0};
    desk_reports(&trial, trial_session(&trial, index), from, &before);
    desk_reports(&trial, trial_session(&trial, index), heard->next, &all);
    assert_int_equal(all.count - before.count, heard->reports.count);
    assert_int_equal(all.size - before.size, heard->reports.size);
    if (heard->reports.size > 0)
        assert_memory_equal(all.bytes + before.size, heard->reports.bytes, heard->reports.size);
    desk_bytes_free(&before);
    desk_bytes_free(&all);
}

static void log_on_at(struct line *line, uint32_t index, uint64_t next, bool is_live) {
    struct line_item item;
    dial(line, index);
    line_logon(line, trial_session(&trial, index), next, &item);
    assert_int_equal(item.kind, REPLY_PART_LOGGED_ON);
    assert_int_equal(item.logged_on.is_live, is_live);
}

static void a_client_that_knows_nothing_gets_everything_page_by_page(void **state) {
    struct line line;
    struct heard heard;
    (void)state;
    log_on_at(&line, TALKER, 0, false);
    hear_pages(&line, 0, &heard);
    assert_true(heard.pages > 10);
    assert_true(heard.reports.count >= EARLIER_ORDERS);
    assert_heard(&heard, TALKER, 0);
    desk_bytes_free(&heard.reports);
    line_close(&line);
}

static void pages_begin_wherever_they_are_asked_for(void **state) {
    struct line line;
    struct heard heard;
    uint64_t random = 20260105;
    (void)state;
    log_on_at(&line, TALKER, 0, false);
    for (int i = 0; i < 12; i++) {
        random = random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        uint64_t next = (random >> 33) % EARLIER_ORDERS;
        hear_pages(&line, next, &heard);
        assert_heard(&heard, TALKER, next);
        desk_bytes_free(&heard.reports);
    }
    line_close(&line);
}

static void a_page_beyond_the_ledger_or_a_second_one_at_a_time_is_refused(void **state) {
    struct line line;
    struct refused refused;
    (void)state;
    log_on_at(&line, TALKER, 0, false);
    line_resume(&line, UINT64_C(1) << 40);
    line_until_refused(&line, 0, &refused);
    assert_int_equal(refused.reason, REASON_MALFORMED);
    assert_string_equal(refused.field, "resume.next");
    assert_true(refused.limit > EARLIER_ORDERS && refused.limit < UINT64_C(1) << 40);
    for (int i = 0; i < 20; i++)
        line_resume(&line, 0);
    line_until_refused(&line, 0, &refused);
    assert_int_equal(refused.reason, REASON_NO_CREDIT);
    line_close(&line);
}

static void who_was_away_gets_what_it_missed_and_then_goes_on_live(void **state) {
    struct line line;
    struct line_item item;
    struct heard heard = {0};
    struct command sell = desk_sell(desk_account(&trial, AWAY), 500, 100);
    struct command buy = desk_buy(desk_account(&trial, MAKER), 500, 1);
    struct client *maker = trial_client(&trial, MAKER);
    struct report report;
    (void)state;
    log_on_at(&line, AWAY, 0, true);
    line_ask_command(&line, 1, &sell);
    line_until_report(&line, 1, &item);
    uint64_t seen = item.next;
    line_close(&line);
    for (int i = 0; i < 10; i++)
        (void)trial_ask(maker, &buy, NULL, &report, NULL);
    log_on_at(&line, AWAY, seen, false);
    hear_pages(&line, seen, &heard);
    assert_int_equal(heard.reports.count, 10);
    (void)trial_ask(maker, &buy, NULL, &report, NULL);
    hear_until(&line, report.sequence + 1, &heard);
    assert_int_equal(heard.reports.count, 11);
    assert_heard(&heard, AWAY, seen);
    desk_bytes_free(&heard.reports);
    client_close(maker);
    line_close(&line);
}

static void a_session_that_never_did_anything_is_live_at_once(void **state) {
    struct line line;
    struct line_item item;
    struct command buy = desk_buy(desk_account(&trial, LATE), 1, 1);
    (void)state;
    log_on_at(&line, LATE, 0, true);
    line_ask_command(&line, 1, &buy);
    line_until_report(&line, 1, &item);
    assert_true(item.report.sequence > EARLIER_ORDERS);
    line_close(&line);
}

static void the_answers_of_a_page_asked_for_by_an_older_connection_do_not_disturb(void **state) {
    struct line line;
    struct line_item item;
    struct heard heard;
    struct command buy = desk_buy(desk_account(&trial, TWICE), 1, 1);
    (void)state;
    log_on_at(&line, TWICE, 0, true);
    for (uint64_t number = 1; number <= 20; number++) {
        line_logon(&line, trial_session(&trial, TWICE), 0, &item);
        line_resume(&line, 0); /* a walk over the whole ledger */
        line_logon(&line, trial_session(&trial, TWICE), EARLIER_ORDERS / 2, &item);
        line_ask_command(&line, number, &buy); /* falls behind what the first page reaches */
        hear_pages(&line, EARLIER_ORDERS / 2, &heard);
        hear_until(&line, desk_until_record(&trial, heard.next - 1, VERB_SEAL, NULL), &heard);
        assert_heard(&heard, TWICE, EARLIER_ORDERS / 2);
        desk_bytes_free(&heard.reports);
    }
    line_close(&line);
}

/* The laggard asks and does not read, until its pipe is full; somebody else trades meanwhile.
 * Returns a sequence that everything lies below. */
static uint64_t ask_until_it_lags(struct line *line, uint64_t *number, struct client *bidder) {
    const struct counters *counters = counters_look(trial.exchange);
    struct command buy = desk_buy(desk_account(&trial, BIDDER), 1, 1);
    struct report report;
    assert_non_null(counters);
    uint64_t before = counter_get(counters, COUNTER_SESSIONS_LAGGED);
    for (int i = 0; counter_get(counters, COUNTER_SESSIONS_LAGGED) == before; i++) {
        assert_true(i < 20000);
        line_ask_for_nothing(line, number);
        (void)trial_ask(bidder, &buy, NULL, &report, NULL);
    }
    for (int i = 0; i < 50; i++) {
        line_ask_for_nothing(line, number);
        (void)trial_ask(bidder, &buy, NULL, &report, NULL);
    }
    counters_close((struct counters *)(uintptr_t)counters);
    return report.sequence + 1;
}

static void a_session_that_does_not_read_holds_up_nobody_and_is_served_when_it_reads(void **state) {
    struct line line;
    struct line_item item;
    struct heard heard = {0};
    uint64_t number = 0;
    (void)state;
    line_open_narrow(&line, &trial, &trial.brokers[trial_owner(&trial, LAGGARD) - 1]);
    line_logon(&line, trial_session(&trial, LAGGARD), 0, &item);
    heard.next = item.next;
    struct client *bidder = trial_client(&trial, BIDDER);
    hear_until(&line, ask_until_it_lags(&line, &number, bidder), &heard);
    assert_heard(&heard, LAGGARD, 0);

    line_ask_for_nothing(&line, &number); /* and live it is again */
    hear_until(&line, heard.next + 100, &heard);
    assert_heard(&heard, LAGGARD, 0);
    assert_true(heard.reports.count >= number - 100);
    desk_bytes_free(&heard.reports);
    client_close(bidder);
    line_close(&line);
}

/* More live frames come while the last page is read than are held back for it. */
static void who_resumes_while_the_market_is_busy_goes_on_live_all_the_same(void **state) {
    struct line line;
    struct heard heard;
    struct line_item item;
    struct command sell = desk_sell(desk_account(&trial, AWAY), 700, 100000);
    struct command buy = desk_buy(desk_account(&trial, MAKER), 700, 1);
    struct client *maker = trial_client(&trial, MAKER);
    struct report report;
    (void)state;
    dial(&line, AWAY);
    line_logon_live(&line, trial_session(&trial, AWAY));
    line_ask_command(&line, 2, &sell);
    (void)trial_ask(maker, &buy, NULL, &report, NULL);
    for (int round = 0; round < 10; round++) {
        uint64_t from = report.sequence - 40000; /* near enough for the page to end live */
        line_resume(&line, from);
        for (int i = 0; i < 100; i++)
            (void)trial_ask(maker, &buy, NULL, &report, NULL);
        heard = (struct heard){.next = from};
        do /* what had left before the page was asked for */
            assert_true(line_take(&line, LINE_PATIENCE_MS, true, &item));
        while (!item.is_page);
        hear_item(&heard, &item);
        hear_until(&line, report.sequence + 1, &heard);
        assert_heard(&heard, AWAY, from);
        desk_bytes_free(&heard.reports);
    }
    client_close(maker);
    line_close(&line);
}

static void everything_is_still_there_after_a_kill_and_a_day_in_another_volume(void **state) {
    struct line line;
    struct heard heard;
    struct act close = {.kind = ACT_DAY_CLOSE, .day = {.date = TRIAL_DAY}};
    struct act open = {.kind = ACT_DAY_OPEN, .day = {.date = TRIAL_DAY + 1}};
    struct command buy = desk_buy(desk_account(&trial, TALKER), 1, 1);
    (void)state;
    trial_act(&trial, &close, NULL);
    trial_act(&trial, &open, NULL);
    struct client *talker = trial_client(&trial, TALKER);
    desk_rest(talker, &buy);
    client_close(talker);
    desk_until_counter(&trial, COUNTER_VOLUME, 1);
    trial_kill(&trial);
    trial_start(&trial);
    log_on_at(&line, TALKER, 0, false);
    hear_pages(&line, 0, &heard);
    assert_true(heard.reports.count > 2 * EARLIER_ORDERS); /* all expired at the day's end */
    assert_heard(&heard, TALKER, 0);
    desk_bytes_free(&heard.reports);
    line_close(&line);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_client_that_knows_nothing_gets_everything_page_by_page),
        cmocka_unit_test(pages_begin_wherever_they_are_asked_for),
        cmocka_unit_test(a_page_beyond_the_ledger_or_a_second_one_at_a_time_is_refused),
        cmocka_unit_test(who_was_away_gets_what_it_missed_and_then_goes_on_live),
        cmocka_unit_test(a_session_that_never_did_anything_is_live_at_once),
        cmocka_unit_test(the_answers_of_a_page_asked_for_by_an_older_connection_do_not_disturb),
        cmocka_unit_test(a_session_that_does_not_read_holds_up_nobody_and_is_served_when_it_reads),
        cmocka_unit_test(who_resumes_while_the_market_is_busy_goes_on_live_all_the_same),
        cmocka_unit_test(everything_is_still_there_after_a_kill_and_a_day_in_another_volume),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
