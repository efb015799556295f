/*
 * gateway/page_scan.h, over a small ledger with trading in it: by scanning alone, and with an index
 * of a part of it or of all.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "gateway/page_scan.h"
#include "gateway/reply.h"
#include "ledger/record.h"
#include "tests/unit/ledger_desk.h"

#define SESSIONS_MAX     100
#define PARTICIPANTS_MAX 50

struct setting {
    struct ledger_desk *desk;
    struct reader *reader;
    struct owners owners;
    char index_dir[LEDGER_FOLDER_PATH + 16];
    struct page_index *index; /* NULL: all is scanned */
    struct page_scan *scan;
    uint32_t session;     /* whose orders they are */
    uint32_t participant; /* whose session it is */
    uint32_t second;      /* another session of that participant */
    uint64_t end;         /* records */
};

/* Both sessions of a participant and a stranger's trade: the maker's market has one session each,
 * so the first broker gets a second one, which only takes. Returns its number. */
static uint32_t add_second_session(struct ledger_desk *desk) {
    struct act act = {.kind = ACT_ADD_SESSION,
                      .add_session = {.participant = desk->maker.first_participant}};
    maker_act(&desk->maker, &act, NULL);
    return (uint32_t)desk->maker.done;
}

static void cancel_nothing(struct ledger_desk *desk, uint32_t session, uint32_t key) {
    struct command command = {.verb = VERB_CANCEL, .cancel = {.order_id = 1}};
    maker_request(&desk->maker, (struct maker_sender){session, key}, &command, NULL);
}

static void up(struct ledger_desk *desk, uint32_t session) {
    struct command command = {.verb = VERB_SESSION_UP, .session_up = {.session = session}};
    maker_own(&desk->maker, &command);
}

/* Two sessions of the first broker, one of a stranger; and what concerns the brokers as such. */
static void busy_market(struct setting *setting) {
    struct ledger_desk *desk = setting->desk;
    setting->second = add_second_session(desk);
    for (int i = 0; i < 10; i++) {
        ledger_desk_order(desk, SIDE_SELL, 2000 + i, 100);
        cancel_nothing(desk, setting->second, desk->maker.first_key);
        cancel_nothing(desk, desk->maker.first_session + 1, desk->maker.first_key + 1);
        up(desk, desk->maker.first_session + (uint32_t)i % 2);
    }
}

/* How much of the ledger the index has, in thirds; -1: there is none. */
static int indexed_thirds;

static void open_index(struct setting *setting) {
    struct index *index = NULL;
    struct reader *reader = NULL;
    struct index_reader *found = NULL;
    struct reader_record record;
    int step = READER_PAUSE;
    uint64_t as_of = setting->end * (uint64_t)indexed_thirds / 3;
    snprintf(setting->index_dir, sizeof setting->index_dir, "%s.index", setting->desk->dir);
    assert_int_equal(index_open(&index, setting->index_dir, setting->desk->dir), 0);
    assert_int_equal(reader_open(&reader, setting->desk->dir, true), 0);
    while (step > 0 && reader_position(reader) < as_of)
        if ((step = reader_next(reader, &record)) == READER_RECORD)
            assert_int_equal(index_add(index, &record), 0);
    index_close(index);
    reader_close(reader);
    if (as_of > 0)
        assert_int_equal(index_reader_open(&found, setting->index_dir), 0);
    setting->index = page_index_create(found, setting->desk->dir);
    assert_non_null(setting->index);
}

static void open_scan(struct setting *setting, void **state) {
    setting->index = NULL;
    setting->desk = *state;
    ledger_desk_trade(setting->desk, 50);
    busy_market(setting);
    ledger_desk_store(setting->desk);
    setting->session = setting->desk->maker.first_session;
    setting->end = setting->desk->list.count;
    assert_int_equal(reader_open(&setting->reader, setting->desk->dir, true), 0);
    assert_int_equal(owners_init(&setting->owners, SESSIONS_MAX, PARTICIPANTS_MAX), 0);
    owners_publish(&setting->owners, setting->desk->maker.engine);
    setting->participant = owners_of(&setting->owners, setting->session);
    assert_int_equal(setting->participant, setting->desk->maker.first_participant);
    if (indexed_thirds >= 0)
        open_index(setting);
    setting->scan = page_scan_create(setting->reader, &setting->owners, setting->index);
    assert_non_null(setting->scan);
}

static void close_scan(struct setting *setting) {
    page_scan_destroy(setting->scan);
    page_index_destroy(setting->index);
    if (indexed_thirds >= 0)
        ledger_folder_remove(setting->index_dir);
    owners_fini(&setting->owners);
    reader_close(setting->reader);
}

/* Whom a page is for. */
static uint32_t copy_of(const struct setting *setting) {
    return owners_copy(&setting->owners, setting->participant);
}

static bool is_for(const struct setting *setting, uint32_t number,
                   const struct record_event_view *event) {
    if (number <= SESSIONS_MAX)
        return event->audience == AUDIENCE_SESSION && event->to == number;
    if (event->audience == AUDIENCE_PARTICIPANT)
        return event->to == setting->participant;
    return event->audience == AUDIENCE_SESSION &&
           (event->to == setting->session || event->to == setting->second);
}

/* A session's or drop copy's reports in the records from .. to - 1. */
static uint32_t count_for(const struct setting *setting, uint32_t number, uint64_t from,
                          uint64_t to) {
    uint32_t count = 0;
    for (uint64_t i = from; i < to; i++) {
        const struct listed_record *listed = &setting->desk->list.records[i];
        struct record record;
        struct record_event_view event;
        assert_true(record_read(listed->bytes, listed->size, &record));
        while (record_event_next(&record.events, &event))
            count += is_for(setting, number, &event);
    }
    return count;
}

static uint32_t count_reports(const struct setting *setting, uint64_t from, uint64_t to) {
    return count_for(setting, setting->session, from, to);
}

static void add_for(struct setting *setting, uint32_t number, uint64_t from, uint64_t to) {
    struct lookup_job job = {.kind = LOOKUP_PAGE,
                             .is_resume = true,
                             .session = number,
                             .generation = 1,
                             .from = from,
                             .to = to};
    page_scan_add(setting->scan, &job);
}

static void add(struct setting *setting, uint32_t generation, uint64_t from, uint64_t to) {
    struct lookup_job job = {.kind = LOOKUP_PAGE,
                             .is_resume = true,
                             .session = setting->session,
                             .generation = generation,
                             .from = from,
                             .to = to};
    page_scan_add(setting->scan, &job);
}

/* What the next report of a page of [from, to) must be: the next one in the ledger for `number`. */
struct expected {
    uint32_t number;
    uint64_t sequence;
    struct span rest; /* events of that record which are not looked at yet */
};

static struct record_event_view next_expected(const struct setting *setting,
                                              struct expected *expected) {
    struct record_event_view event;
    for (;;) {
        while (record_event_next(&expected->rest, &event))
            if (is_for(setting, expected->number, &event))
                return event;
        const struct listed_record *listed = &setting->desk->list.records[expected->sequence++];
        struct record record;
        assert_true(record_read(listed->bytes, listed->size, &record));
        expected->rest = record.events;
    }
}

/* Walks until a page is done; its reports are the ledger's, to the byte. Returns how many. */
static uint32_t next_page(struct setting *setting, struct lookup_result *result) {
    struct reply reply;
    struct reply_part part;
    uint32_t count = 0;
    int step = 0;
    while (step == 0)
        step = page_scan_step(setting->scan, result);
    assert_int_equal(step, 1);
    assert_true(reply_read(zmq_msg_data(&result->frame), zmq_msg_size(&result->frame), &reply));
    assert_int_equal(reply.from, result->from);
    assert_int_equal(reply.next, result->next);
    struct expected expected = {.number = result->session, .sequence = result->from};
    for (; reply_next(&reply, &part); count++) {
        struct record_event_view event = next_expected(setting, &expected);
        assert_int_equal(part.bytes.size, event.report.size);
        assert_memory_equal(part.bytes.bytes, event.report.bytes, event.report.size);
        bool says_whose = result->session > SESSIONS_MAX && event.audience == AUDIENCE_SESSION;
        assert_int_equal(part.session, says_whose ? event.to : 0);
    }
    zmq_msg_close(&result->frame);
    return count;
}

static void page_holds_the_sessions_reports_of_its_records(void **state) {
    struct setting setting;
    struct lookup_result result;
    open_scan(&setting, state);
    for (uint64_t from = 0; from <= setting.end; from += 7) {
        add(&setting, 1, from, setting.end);
        assert_int_equal(next_page(&setting, &result), count_reports(&setting, from, setting.end));
        assert_int_equal(result.next, setting.end);
        assert_false(page_scan_is_busy(setting.scan));
    }
    close_scan(&setting);
}

/* The connection before it is gone, and its page is not done yet. */
static void newer_connections_page_takes_the_place_of_the_older_ones(void **state) {
    struct setting setting;
    struct lookup_result result;
    open_scan(&setting, state);
    uint32_t all = count_reports(&setting, 0, setting.end);
    uint64_t middle = setting.end / 2;
    assert_true(count_reports(&setting, middle, setting.end) > 0);
    add(&setting, 1, 0, middle);
    add(&setting, 2, 0, setting.end);
    assert_int_equal(next_page(&setting, &result), all);
    assert_int_equal(result.generation, 2);
    assert_int_equal(result.next, setting.end);
    assert_false(page_scan_is_busy(setting.scan));
    close_scan(&setting);
}

static void older_connections_page_ends_wherever_it_stands(void **state) {
    struct setting setting;
    struct lookup_result result;
    open_scan(&setting, state);
    uint64_t middle = setting.end / 2;
    add(&setting, 1, 0, middle);
    assert_int_equal(next_page(&setting, &result), count_reports(&setting, 0, middle));
    add(&setting, 1, middle, setting.end); /* waits where the scan stands */
    add(&setting, 2, middle, setting.end);
    assert_int_equal(next_page(&setting, &result), count_reports(&setting, middle, setting.end));
    assert_int_equal(result.generation, 2);
    assert_false(page_scan_is_busy(setting.scan));
    close_scan(&setting);
}

static void a_drop_copys_page_holds_the_reports_of_all_sessions_and_the_participants(void **state) {
    struct setting setting;
    struct lookup_result result;
    open_scan(&setting, state);
    uint32_t copy = copy_of(&setting);
    assert_true(count_for(&setting, copy, 0, setting.end) >
                count_reports(&setting, 0, setting.end) +
                    count_for(&setting, setting.second, 0, setting.end));
    for (uint64_t from = 0; from <= setting.end; from += 7) {
        add_for(&setting, copy, from, setting.end);
        assert_int_equal(next_page(&setting, &result),
                         count_for(&setting, copy, from, setting.end));
        assert_int_equal(result.next, setting.end);
        assert_false(page_scan_is_busy(setting.scan));
    }
    close_scan(&setting);
}

/* One scan serves them; a page ends anywhere. */
static void a_drop_copy_and_its_sessions_are_read_for_at_once(void **state) {
    struct setting setting;
    struct lookup_result result;
    open_scan(&setting, state);
    uint32_t numbers[] = {copy_of(&setting), setting.session, setting.second};
    for (uint64_t at = 1; at < setting.end; at += 5) {
        add_for(&setting, numbers[0], at / 2, at);
        add_for(&setting, numbers[1], 0, setting.end);
        add_for(&setting, numbers[2], at, setting.end);
        for (int i = 0; i < 3; i++) {
            uint32_t count = next_page(&setting, &result);
            assert_int_equal(count, count_for(&setting, result.session, result.from, result.next));
        }
        assert_false(page_scan_is_busy(setting.scan));
    }
    close_scan(&setting);
}

static void a_newer_drop_copys_page_takes_the_place_of_the_older_ones(void **state) {
    struct setting setting;
    struct lookup_result result;
    open_scan(&setting, state);
    uint32_t copy = copy_of(&setting);
    add_for(&setting, copy, 0, setting.end / 2);
    add_for(&setting, copy, 3, setting.end);
    assert_int_equal(next_page(&setting, &result), count_for(&setting, copy, 3, setting.end));
    assert_false(page_scan_is_busy(setting.scan));
    add_for(&setting, setting.second, 0, setting.end); /* and nothing of it is left behind */
    assert_int_equal(next_page(&setting, &result),
                     count_for(&setting, setting.second, 0, setting.end));
    close_scan(&setting);
}

static void what_the_index_has_is_not_scanned(void **state) {
    struct setting setting;
    struct lookup_result result;
    open_scan(&setting, state);
    uint64_t has = indexed_thirds < 0 ? 0 : setting.end * (uint64_t)indexed_thirds / 3;
    add(&setting, 1, 0, setting.end);
    next_page(&setting, &result);
    assert_int_equal(reader_position(setting.reader), has == setting.end ? 0 : setting.end);
    for (uint64_t to = 1; to <= has; to++) {
        add(&setting, 1, to / 2, to);
        assert_int_equal(page_scan_step(setting.scan, &result), 1);
        assert_int_equal(result.next, to);
        zmq_msg_close(&result.frame);
    }
    assert_int_equal(reader_position(setting.reader), has == setting.end ? 0 : setting.end);
    close_scan(&setting);
}

int main(void) {
#define WITH_DESK(test) cmocka_unit_test_setup_teardown(test, ledger_desk_open, ledger_desk_close)
    const struct CMUnitTest tests[] = {
        WITH_DESK(page_holds_the_sessions_reports_of_its_records),
        WITH_DESK(newer_connections_page_takes_the_place_of_the_older_ones),
        WITH_DESK(older_connections_page_ends_wherever_it_stands),
        WITH_DESK(a_drop_copys_page_holds_the_reports_of_all_sessions_and_the_participants),
        WITH_DESK(a_drop_copy_and_its_sessions_are_read_for_at_once),
        WITH_DESK(a_newer_drop_copys_page_takes_the_place_of_the_older_ones),
        WITH_DESK(what_the_index_has_is_not_scanned),
    };
    int failures = 0;
    for (indexed_thirds = -1; indexed_thirds <= 3; indexed_thirds++)
        failures += cmocka_run_group_tests(tests, NULL, NULL);
    return failures;
}
