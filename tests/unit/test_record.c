/*
 * Records: what they hold, where they split, and what is no record.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ledger/record.h"
#include "proto/tpx.pb-c.h"
#include "tests/property/record_shelf.h"

static struct record_header header_of(uint64_t sequence) {
    struct record_header header = {.sequence = sequence,
                                   .time_ns = INT64_MAX,
                                   .received_ns = INT64_MAX - 1,
                                   .participant = 3,
                                   .session = SESSION_ID_MAX,
                                   .number = ORDER_NUMBER_MAX,
                                   .previous = 9,
                                   .key = 4,
                                   .version = 1};
    memset(header.salt, 0x5a, sizeof header.salt);
    return header;
}

static struct command command_of(const struct record_header *header) {
    return (struct command){.verb = VERB_CANCEL,
                            .stamp = {.sequence = header->sequence,
                                      .time_ns = header->time_ns,
                                      .number = header->number,
                                      .session = header->session}};
}

/* Writes a command with `events` reports of one trade each. */
static void write_command(struct record_shelf *shelf, uint32_t events, struct span request) {
    struct record_header header = header_of(1000);
    struct command command = command_of(&header);
    static struct record_writer writer;
    struct event event = {.kind = EVENT_TRADE,
                          .audience = AUDIENCE_SESSION,
                          .to = SESSION_ID_MAX,
                          .order_id = UINT64_MAX,
                          .match_id = UINT64_MAX,
                          .price_fen = INT64_MAX,
                          .quantity = UINT32_MAX,
                          .account = UINT32_MAX,
                          .instrument = UINT32_MAX};
    record_begin(&writer, &shelf->output, &header, &command, request);
    for (uint32_t i = 0; i < events; i++) {
        record_event(&writer, &event);
    }
    uint32_t records = record_end(&writer);
    assert_int_equal(records, shelf->count);
}

static const struct span request = {(const uint8_t *)"request", 7};

static void a_record_is_read_as_it_was_written(void **state) {
    (void)state;
    struct record_shelf shelf;
    struct record record;
    struct record_header header = header_of(1000);
    record_shelf_init(&shelf);
    write_command(&shelf, 1, request);
    assert_int_equal(shelf.count, 1);
    assert_true(record_read(shelf.records[0].bytes, shelf.records[0].size, &record));
    assert_memory_equal(&record.header, &header, sizeof header);
    assert_memory_equal(record.request.bytes, "request", 7);
    struct record_event_view view;
    assert_true(record_event_next(&record.events, &view));
    assert_int_equal(view.audience, AUDIENCE_SESSION);
    assert_int_equal(view.to, SESSION_ID_MAX);
    assert_false(record_event_next(&record.events, &view));
    assert_int_equal(record.events.size, 0);
    record_shelf_fini(&shelf);
}

static void slices_point_at_the_reports(void **state) {
    (void)state;
    struct record_shelf shelf;
    record_shelf_init(&shelf);
    write_command(&shelf, 2000, request);
    assert_true(shelf.count > 1);
    for (uint32_t i = 0; i < shelf.count; i++) {
        const struct shelf_record *at = &shelf.records[i];
        struct record record;
        struct record_event_view view;
        assert_true(record_read(at->bytes, at->size, &record));
        for (uint32_t place = 0; place < at->slices_count; place++) {
            const struct record_slice *slice = &at->slices[place];
            assert_true(record_event_next(&record.events, &view));
            assert_ptr_equal(view.report.bytes, at->bytes + slice->offset);
            assert_int_equal(view.report.size, slice->size);
            assert_int_equal(view.to, slice->to);
            assert_int_equal(view.audience, slice->audience);
        }
        assert_false(record_event_next(&record.events, &view));
        assert_int_equal(record.events.size, 0);
    }
    record_shelf_fini(&shelf);
}

static void a_command_splits_into_parts_between_events(void **state) {
    (void)state;
    struct record_shelf shelf;
    record_shelf_init(&shelf);
    write_command(&shelf, 5000, request);
    uint32_t events = 0;
    for (uint32_t part = 0; part < shelf.count; part++) {
        const struct shelf_record *at = &shelf.records[part];
        struct record record;
        assert_true(at->size <= RECORD_BYTES_MAX);
        assert_true(part + 1 == shelf.count || at->size > RECORD_BYTES_MAX - 300);
        assert_true(record_read(at->bytes, at->size, &record));
        assert_int_equal(record.header.sequence, 1000 + part);
        assert_int_equal(record.header.part, part);
        assert_int_equal(record.request.size, part == 0 ? 7 : 0);
        assert_int_equal(record.header.salt[0], part == 0 ? 0x5a : 0x5a ^ part);
        events += at->slices_count;
    }
    assert_int_equal(events, 5000);
    record_shelf_fini(&shelf);
}

static void the_largest_request_fits_with_its_events(void **state) {
    (void)state;
    static uint8_t bytes[REQUEST_BYTES_MAX];
    struct record_shelf shelf;
    struct record record;
    record_shelf_init(&shelf);
    write_command(&shelf, 1, (struct span){bytes, sizeof bytes});
    assert_int_equal(shelf.count, 1);
    assert_true(record_read(shelf.records[0].bytes, shelf.records[0].size, &record));
    assert_int_equal(record.request.size, REQUEST_BYTES_MAX);
    record_shelf_fini(&shelf);
}

/* Events of a few bytes: their number closes a record before their size does. */
static void a_record_has_no_more_events_than_slices(void **state) {
    (void)state;
    struct record_shelf shelf;
    struct record_header header = {0};
    struct command command = {.verb = VERB_CONTINUE};
    static struct record_writer writer;
    struct event event = {.kind = EVENT_BOOK_DELETED};
    record_shelf_init(&shelf);
    record_begin(&writer, &shelf.output, &header, &command, request);
    for (uint32_t i = 0; i <= RECORD_SLICES_MAX; i++) {
        record_event(&writer, &event);
    }
    assert_int_equal(record_end(&writer), 2);
    assert_int_equal(shelf.records[0].slices_count, RECORD_SLICES_MAX);
    assert_int_equal(shelf.records[1].slices_count, 1);
    record_shelf_fini(&shelf);
}

static void what_is_no_record_is_not_read(void **state) {
    (void)state;
    struct record_shelf shelf;
    struct record record;
    static uint8_t bytes[RECORD_BYTES_MAX + 1];
    record_shelf_init(&shelf);
    write_command(&shelf, 1, request);
    const struct shelf_record *good = &shelf.records[0];
    assert_false(record_read(good->bytes, 0, &record));
    assert_false(record_read(bytes, sizeof bytes, &record));
    memcpy(bytes, good->bytes, good->size);
    bytes[0] ^= 0x10; /* another field */
    assert_false(record_read(bytes, good->size, &record));
    memcpy(bytes, good->bytes, good->size);
    size_t request_at = 2u + bytes[1];
    assert_int_equal(bytes[request_at], 0x12);
    /* A first record without its request. */
    memmove(bytes + request_at, bytes + request_at + 9, good->size - request_at - 9);
    assert_false(record_read(bytes, good->size - 9, &record));
    record_shelf_fini(&shelf);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_record_is_read_as_it_was_written),
        cmocka_unit_test(slices_point_at_the_reports),
        cmocka_unit_test(a_command_splits_into_parts_between_events),
        cmocka_unit_test(the_largest_request_fits_with_its_events),
        cmocka_unit_test(a_record_has_no_more_events_than_slices),
        cmocka_unit_test(what_is_no_record_is_not_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
