/*
 * gateway/page_scan.h, over a small ledger with trading in it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "gateway/page_scan.h"
#include "gateway/reply.h"
#include "ledger/record.h"
#include "tests/unit/ledger_desk.h"

#define SESSIONS_MAX 100

struct setting {
    struct ledger_desk *desk;
    struct reader *reader;
    struct page_scan *scan;
    uint32_t session; /* whose orders they are */
    uint64_t end;     /* records */
};

static void open_scan(struct setting *setting, void **state) {
    setting->desk = *state;
    ledger_desk_trade(setting->desk, 50);
    ledger_desk_store(setting->desk);
    setting->session = setting->desk->maker.first_session;
    setting->end = setting->desk->list.count;
    assert_int_equal(reader_open(&setting->reader, setting->desk->dir, true), 0);
    setting->scan = page_scan_create(setting->reader, SESSIONS_MAX);
    assert_non_null(setting->scan);
}

static void close_scan(struct setting *setting) {
    page_scan_destroy(setting->scan);
    reader_close(setting->reader);
}

/* The session's reports in the records from .. to - 1. */
static uint32_t count_reports(const struct setting *setting, uint64_t from, uint64_t to) {
    uint32_t count = 0;
    for (uint64_t i = from; i < to; i++) {
        const struct listed_record *listed = &setting->desk->list.records[i];
        struct record record;
        struct record_event_view event;
        assert_true(record_read(listed->bytes, listed->size, &record));
        while (record_event_next(&record.events, &event))
            count += event.audience == AUDIENCE_SESSION && event.to == setting->session;
    }
    return count;
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

/* Walks until a page is done; returns how many reports it holds. */
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
    while (reply_next(&reply, &part))
        count++;
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

int main(void) {
#define WITH_DESK(test) cmocka_unit_test_setup_teardown(test, ledger_desk_open, ledger_desk_close)
    const struct CMUnitTest tests[] = {
        WITH_DESK(page_holds_the_sessions_reports_of_its_records),
        WITH_DESK(newer_connections_page_takes_the_place_of_the_older_ones),
        WITH_DESK(older_connections_page_ends_wherever_it_stands),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
