/*
 * Days, volumes, and what everybody may see: a day closes and another opens, the ledger goes on in
 * a new volume, and the public events in the records tell the book from the first order on.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "gateway/counters.h"
#include "proto/tpx.pb-c.h"
#include "tests/e2e/desk.h"
#include "tests/e2e/line.h"

static struct trial trial;
static uint32_t today = TRIAL_DAY;

static int set_up(void **state) {
    struct trial_options options = {.config = "heartbeat_ms = 60000",
                                    .brokers = 2,
                                    .sessions = 8,
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

static void close_day(void) {
    struct act act = {.kind = ACT_DAY_CLOSE, .day = {.date = today}};
    trial_act(&trial, &act, NULL);
}

static void open_next_day(void) {
    struct act act = {.kind = ACT_DAY_OPEN, .day = {.date = ++today}};
    trial_act(&trial, &act, NULL);
}

static struct command buy_for(uint32_t index, enum time_in_force time_in_force) {
    struct command buy =
        desk_buy(trial_account(&trial, trial_owner(&trial, index)), 50 + (int64_t)index, 10);
    buy.new_order.time_in_force = (uint8_t)time_in_force;
    return buy;
}

static void a_day_s_orders_expire_at_its_close_and_others_stay(void **state) {
    struct client *client = trial_client(&trial, 1);
    struct command day = buy_for(1, TIME_IN_FORCE_DAY);
    struct command gtc = buy_for(1, TIME_IN_FORCE_GTC);
    struct report report;
    (void)state;
    uint64_t first = desk_rest(client, &day);
    uint64_t second = desk_rest(client, &gtc);
    close_day();
    desk_execution(client, order_id_of(trial_session(&trial, 1), first), EXEC_TYPE_EXPIRED,
                   &report);
    assert_int_equal(report.execution.leaves_qty, 0);
    desk_send(client, &day, &report);
    assert_int_equal(report.execution.reason, REASON_NOT_IN_SESSION);
    open_next_day();
    desk_rest(client, &day);
    struct command cancel = desk_cancel(order_id_of(trial_session(&trial, 1), second));
    desk_send(client, &cancel, &report);
    assert_int_equal(report.execution.exec_type, EXEC_TYPE_CANCELED);
    assert_int_equal(client_logged_on(client)->trading_date, today - 1);
    client_close(client);
    client = trial_client(&trial, 1);
    assert_int_equal(client_logged_on(client)->trading_date, today);
    client_close(client);
}

static void an_order_for_another_day_is_refused(void **state) {
    struct client *client = trial_client(&trial, 2);
    struct command buy = buy_for(2, TIME_IN_FORCE_DAY);
    struct report report;
    (void)state;
    buy.new_order.trading_day = today;
    desk_rest(client, &buy);
    buy.new_order.trading_day = today + 1;
    desk_send(client, &buy, &report);
    assert_int_equal(report.execution.reason, REASON_BAD_DATE);
    client_close(client);
}

static uint64_t volume(void) {
    const struct counters *counters = counters_look(trial.exchange);
    assert_non_null(counters);
    uint64_t number = counter_get(counters, COUNTER_VOLUME);
    counters_close((struct counters *)(uintptr_t)counters);
    return number;
}

/* Opening a day expires what earlier ones have left, as after a crash across midnight. */
static void a_day_that_nobody_closed_ends_when_the_next_one_opens(void **state) {
    struct client *client = trial_client(&trial, 3);
    struct command day = buy_for(3, TIME_IN_FORCE_DAY);
    struct report report;
    (void)state;
    uint64_t number = desk_rest(client, &day);
    uint64_t before = volume();
    open_next_day();
    desk_execution(client, order_id_of(trial_session(&trial, 3), number), EXEC_TYPE_EXPIRED,
                   &report);
    desk_until_counter(&trial, COUNTER_VOLUME, before + 1); /* and its volume with it */
    client_close(client);
}

static void a_day_s_close_begins_a_volume_and_old_answers_are_still_found(void **state) {
    struct line line;
    struct line_item item;
    struct desk_bytes first = {0};
    struct desk_bytes again = {0};
    struct command buy = buy_for(4, TIME_IN_FORCE_GTC);
    struct refused refused;
    (void)state;
    line_open(&line, &trial, &trial.brokers[trial_owner(&trial, 4) - 1], NULL);
    line_logon_live(&line, trial_session(&trial, 4));
    line_ask_command(&line, 2, &buy);
    line_until_report(&line, 2, &item);
    desk_bytes_add(&first, item.bytes);
    for (int day = 0; day < 3; day++) {
        uint64_t before = volume();
        close_day();
        open_next_day();
        desk_until_counter(&trial, COUNTER_VOLUME, before + 1);
        line_ask_command(&line, 100 + (uint64_t)day, &buy);
        line_until_report(&line, 100 + (uint64_t)day, &item);
    }
    line_ask_command(&line, 2, &buy);
    line_until_report(&line, 2, &item);
    desk_bytes_add(&again, item.bytes);
    assert_int_equal(first.size, again.size);
    assert_memory_equal(first.bytes, again.bytes, first.size);
    line_ask_command(&line, 1, &buy);
    line_until_refused(&line, 1, &refused);
    assert_int_equal(refused.reason, REASON_NOT_SEQUENCED);
    desk_bytes_free(&first);
    desk_bytes_free(&again);
    line_close(&line);
}

/* --- what everybody may see ----------------------------------------------------------------------
 */

#define BOOK_MAX 256

/* A book kept from public events alone. */
struct public_book {
    uint64_t entry[BOOK_MAX];
    uint64_t quantity[BOOK_MAX];
    uint64_t price[BOOK_MAX];
    size_t count;
    uint64_t trades;
    uint32_t days;
    uint32_t instruments;
};

static size_t place_of(const struct public_book *book, uint64_t entry) {
    size_t place = 0;
    while (place < book->count && book->entry[place] != entry)
        place++;
    assert_true(place < book->count);
    return place;
}

static void set_quantity(struct public_book *book, uint64_t entry, uint64_t quantity) {
    size_t place = place_of(book, entry);
    book->quantity[place] = quantity;
    if (quantity > 0)
        return;
    book->count--;
    book->entry[place] = book->entry[book->count];
    book->quantity[place] = book->quantity[book->count];
    book->price[place] = book->price[book->count];
}

static void take_public(struct public_book *book, const Tpx__Report *report) {
    switch ((int)report->body_case) {
    case TPX__REPORT__BODY_BOOK_ADDED:
        assert_true(book->count < BOOK_MAX);
        book->entry[book->count] = report->book_added->entry;
        book->quantity[book->count] = report->book_added->quantity;
        book->price[book->count++] = report->book_added->price;
        return;
    case TPX__REPORT__BODY_BOOK_REDUCED:
        set_quantity(book, report->book_reduced->entry, report->book_reduced->quantity);
        return;
    case TPX__REPORT__BODY_BOOK_DELETED:
        set_quantity(book, report->book_deleted->entry, 0);
        return;
    case TPX__REPORT__BODY_BOOK_TRADED:
        assert_int_equal(book->quantity[place_of(book, report->book_traded->entry)],
                         report->book_traded->leaves + report->book_traded->quantity);
        set_quantity(book, report->book_traded->entry, report->book_traded->leaves);
        book->trades++;
        return;
    case TPX__REPORT__BODY_DAY:
        book->days++;
        return;
    case TPX__REPORT__BODY_INSTRUMENT:
        book->instruments++;
        return;
    default:
        return;
    }
}

/* Records' events for everybody; each says its sequence and place, and names no owner. */
static bool read_public(void *owner, const struct record *record, struct span bytes) {
    struct public_book *book = owner;
    struct span events = record->events;
    struct record_event_view event;
    (void)bytes;
    while (record_event_next(&events, &event)) {
        if (event.audience != AUDIENCE_EVERYBODY)
            continue;
        Tpx__Report *report = tpx__report__unpack(NULL, event.report.size, event.report.bytes);
        assert_non_null(report);
        assert_int_equal(event.to, 0);
        assert_int_equal(report->sequence, record->header.sequence);
        assert_int_not_equal(report->body_case, TPX__REPORT__BODY_EXECUTION);
        take_public(book, report);
        tpx__report__free_unpacked(report, NULL);
    }
    return true;
}

static void the_public_events_of_the_records_tell_the_book(void **state) {
    static struct public_book before;
    static struct public_book after;
    struct client *client = trial_client(&trial, 5);
    struct command buy = buy_for(5, TIME_IN_FORCE_GTC);
    struct command sell = desk_sell(buy.new_order.account, 1, 25);
    struct report report;
    (void)state;
    desk_records(&trial, 0, read_public, &before);
    assert_true(before.instruments >= 1 && before.days >= 1);
    buy.new_order.price_fen = 5000;
    uint64_t numbers[3];
    for (int i = 0; i < 3; i++)
        numbers[i] = desk_rest(client, &buy);
    struct command reduce = {.verb = VERB_REPLACE};
    reduce.replace.order_id = order_id_of(trial_session(&trial, 5), numbers[2]);
    reduce.replace.price_fen = 5000;
    reduce.replace.order_qty = 8;
    desk_send(client, &reduce, &report);
    assert_true(report.execution.kept_place);
    sell.new_order.time_in_force = TIME_IN_FORCE_IOC;
    assert_true(trial_ask(client, &sell, NULL, &report, NULL)); /* 10, 10, and 5 of 8 */
    desk_records(&trial, 0, read_public, &after);
    assert_int_equal(after.trades - before.trades, 3);
    assert_int_equal(after.count, before.count + 1);
    size_t place = 0;
    while (place < after.count && after.price[place] != 5000)
        place++;
    assert_true(place < after.count);
    assert_int_equal(after.quantity[place], 3);
    struct command cancel = desk_cancel(reduce.replace.order_id);
    desk_send(client, &cancel, &report);
    memset(&after, 0, sizeof after);
    desk_records(&trial, 0, read_public, &after);
    assert_int_equal(after.count, before.count);
    client_close(client);
}

/* --- what a participant is told ------------------------------------------------------------------
 */

/* What stands in the ledger for one participant as such: what a drop copy is cut from, beside the
 * reports of its sessions. */
struct told {
    uint32_t participant;
    uint32_t keys;
    uint32_t revoked;
    uint32_t ups;
    uint32_t downs;
    uint32_t kills;
};

static bool read_told(void *owner, const struct record *record, struct span bytes) {
    struct told *told = owner;
    struct span events = record->events;
    struct record_event_view event;
    (void)bytes;
    while (record_event_next(&events, &event)) {
        struct report report;
        if (event.audience != AUDIENCE_PARTICIPANT || event.to != told->participant)
            continue;
        assert_true(report_read(event.report, &report));
        assert_int_equal(report.sequence, record->header.sequence);
        told->keys += report.body == REPORT_KEY && !report.notice.is_revoked;
        told->revoked += report.body == REPORT_KEY && report.notice.is_revoked;
        told->ups += report.body == REPORT_SESSION && report.notice.is_up;
        told->downs += report.body == REPORT_SESSION && !report.notice.is_up;
        told->kills += report.body == REPORT_KILLED;
    }
    return true;
}

static void what_a_participant_must_know_is_recorded_for_it(void **state) {
    struct curve_key key;
    struct client_item item;
    struct told told = {.participant = trial_broker(&trial, 2)};
    struct act add = {.kind = ACT_ADD_KEY,
                      .add_key = {.participant = trial_broker(&trial, 2), .person = 700}};
    struct act kill = {.kind = ACT_KILL, .kill = {.participant = trial_broker(&trial, 2)}};
    (void)state;
    uint64_t next = desk_ledger_next(&trial);
    assert_int_equal(keyfile_curve_generate(&key), 0);
    memcpy(add.add_key.key, key.public_key, KEY_BYTES);
    uint32_t number = (uint32_t)trial_act(&trial, &add, NULL);
    struct act revoke = {.kind = ACT_REVOKE_KEY,
                         .revoke_key = {.key = number, .keeps_orders = true}};
    trial_act(&trial, &revoke, NULL);
    struct client *client = trial_client(&trial, 6);
    client_logoff(client);
    desk_until(client, CLIENT_LOGGED_OFF, &item);
    client_close(client);
    trial_act(&trial, &kill, NULL);
    desk_records(&trial, next, read_told, &told);
    assert_int_equal(told.keys, 1);
    assert_int_equal(told.revoked, 1);
    assert_int_equal(told.ups, 1);
    assert_int_equal(told.downs, 1);
    assert_int_equal(told.kills, 1);
    trial_act_of_two(&trial, &(struct act){.kind = ACT_UNKILL, .kill = kill.kill});
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_day_s_orders_expire_at_its_close_and_others_stay),
        cmocka_unit_test(an_order_for_another_day_is_refused),
        cmocka_unit_test(a_day_that_nobody_closed_ends_when_the_next_one_opens),
        cmocka_unit_test(a_day_s_close_begins_a_volume_and_old_answers_are_still_found),
        cmocka_unit_test(the_public_events_of_the_records_tell_the_book),
        cmocka_unit_test(what_a_participant_must_know_is_recorded_for_it),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
