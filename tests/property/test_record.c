/*
 * Random commands with up to tens of thousands of events as records: read back equal, by us and by
 * protobuf-c; and damaged records, which are read or not, but never past their end.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "proto/tpx.pb-c.h"
#include "tests/property/random_event.h"
#include "tests/property/record_shelf.h"
#include "tests/property/request_image.h"
#include "tests/property/seed.h"

#define STEPS_DEFAULT 400
#define EVENTS_MAX    30000
#define DAMAGES       60

/* One command as it went into the shelf. */
struct written {
    struct record_header header;
    struct command command;
    uint8_t request[1024];
    size_t request_size;
    struct event *events;
    uint32_t events_count;
};

static void make_header(struct random *random, struct record_header *header) {
    *header = (struct record_header){.sequence = random_number(random, INT64_MAX),
                                     .time_ns = (int64_t)random_number(random, INT64_MAX),
                                     .received_ns = (int64_t)random_number(random, INT64_MAX),
                                     .participant = random_below(random, 1000),
                                     .session = random_below(random, SESSION_ID_MAX),
                                     .number = random_number(random, ORDER_NUMBER_MAX),
                                     .previous = random_number(random, INT64_MAX),
                                     .key = random_below(random, 5000),
                                     .version = random_below(random, 3)};
    for (size_t i = 0; i < SALT_BYTES; i++) {
        header->salt[i] = (uint8_t)random_next(random);
    }
}

static void make(struct random *random, struct written *written) {
    struct random_request made;
    random_request_make(random, random_once_in(random, 2) ? VERB_NEW_ORDER : 0, &made);
    make_header(random, &written->header);
    written->command = made.request.command;
    written->command.stamp.sequence = written->header.sequence;
    written->command.stamp.time_ns = written->header.time_ns;
    written->command.stamp.session = written->header.session;
    written->request_size = request_image_pack(&made, written->request);
    uint64_t most = random_once_in(random, 8) ? EVENTS_MAX : 40;
    written->events_count = (uint32_t)random_number(random, most);
    for (uint32_t i = 0; i < written->events_count; i++) {
        random_event_make(random, 0, written->header.session, &written->events[i]);
    }
}

static void write_to(struct record_shelf *shelf, const struct written *written) {
    static struct record_writer writer;
    record_begin(&writer, &shelf->output, &written->header, &written->command,
                 (struct span){written->request, written->request_size});
    for (uint32_t i = 0; i < written->events_count; i++) {
        record_event(&writer, &written->events[i]);
    }
    uint32_t records = record_end(&writer);
    assert_int_equal(records, shelf->count);
}

static void assert_header(const struct record_header *header, const struct written *written,
                          uint32_t part) {
    struct record_header expected = written->header;
    expected.sequence += part;
    expected.part = part;
    expected.salt[0] ^= (uint8_t)part;
    assert_memory_equal(header, &expected, sizeof expected);
}

static void read_back(const struct record_shelf *shelf, const struct written *written) {
    uint32_t event = 0;
    for (uint32_t part = 0; part < shelf->count; part++) {
        struct record record;
        struct record_event_view view;
        uint32_t place = 0;
        assert_true(record_read(shelf->records[part].bytes, shelf->records[part].size, &record));
        assert_header(&record.header, written, part);
        if (part == 0) {
            assert_int_equal(record.request.size, written->request_size);
            assert_memory_equal(record.request.bytes, written->request, written->request_size);
        }
        while (record_event_next(&record.events, &view)) {
            uint8_t report[1024];
            struct event_place at = {record.header.sequence, place++};
            const struct event *sent = &written->events[event++];
            size_t size = event_image_pack(sent, &written->command, at, report);
            assert_int_equal(view.audience, sent->audience);
            assert_int_equal(view.to, sent->to);
            assert_int_equal(view.report.size, size);
            assert_memory_equal(view.report.bytes, report, size);
        }
        assert_int_equal(record.events.size, 0);
        assert_int_equal(place, shelf->records[part].slices_count);
    }
    assert_int_equal(event, written->events_count);
}

/* protobuf-c reads a record, and writes the same bytes again. */
static void read_by_protobuf_c(const struct shelf_record *ours) {
    static uint8_t again[RECORD_BYTES_MAX];
    Tpx__Record *record = tpx__record__unpack(NULL, ours->size, ours->bytes);
    assert_non_null(record);
    assert_int_equal(record->base.n_unknown_fields, 0);
    assert_int_equal(record->header->base.n_unknown_fields, 0);
    assert_int_equal(record->n_event, ours->slices_count);
    assert_int_equal(tpx__record__get_packed_size(record), ours->size);
    assert_int_equal(tpx__record__pack(record, again), ours->size);
    assert_memory_equal(again, ours->bytes, ours->size);
    tpx__record__free_unpacked(record, NULL);
}

static void records_are_read_back_as_they_were_written(void **state) {
    (void)state;
    struct random random = seed_begin();
    struct record_shelf shelf;
    struct written written = {.events = malloc(EVENTS_MAX * sizeof(struct event))};
    assert_non_null(written.events);
    record_shelf_init(&shelf);
    uint32_t parts_most = 0;
    for (uint64_t steps = seed_steps(STEPS_DEFAULT); steps > 0; steps--) {
        make(&random, &written);
        write_to(&shelf, &written);
        read_back(&shelf, &written);
        for (uint32_t i = 0; i < shelf.count; i++) {
            read_by_protobuf_c(&shelf.records[i]);
        }
        parts_most = shelf.count > parts_most ? shelf.count : parts_most;
        record_shelf_empty(&shelf);
    }
    assert_true(parts_most > 10);
    record_shelf_fini(&shelf);
    free(written.events);
}

/* Reads all of a record, whatever it is. Returns true when nothing was wrong. */
static bool walk(const uint8_t *bytes, size_t size) {
    struct record record;
    struct record_event_view view;
    uint64_t sum = 0;
    if (!record_read(bytes, size, &record)) {
        return false;
    }
    for (size_t i = 0; i < record.request.size; i++) {
        sum += record.request.bytes[i];
    }
    while (record_event_next(&record.events, &view)) {
        for (size_t i = 0; i < view.report.size; i++) {
            sum += view.report.bytes[i];
        }
    }
    return record.events.size == 0 && sum != UINT64_MAX;
}

static size_t damage(struct random *random, uint8_t *bytes, size_t size) {
    size_t at =
        random_below(random, (uint32_t)(random_once_in(random, 2) && size > 100 ? 100 : size));
    if (random_once_in(random, 4)) {
        return at;
    }
    bytes[at] ^= (uint8_t)(1 << random_below(random, 8));
    return size;
}

static void damaged_records_are_never_read_past_their_end(void **state) {
    (void)state;
    struct random random = seed_begin();
    struct record_shelf shelf;
    struct written written = {.events = malloc(EVENTS_MAX * sizeof(struct event))};
    uint64_t good = 0;
    uint64_t bad = 0;
    assert_non_null(written.events);
    record_shelf_init(&shelf);
    for (uint64_t steps = seed_steps(STEPS_DEFAULT); steps > 0; steps--) {
        make(&random, &written);
        write_to(&shelf, &written);
        const struct shelf_record *record = &shelf.records[shelf.count - 1];
        for (int i = 0; i < DAMAGES; i++) {
            uint8_t *bytes = malloc(record->size);
            assert_non_null(bytes);
            memcpy(bytes, record->bytes, record->size);
            size_t size = damage(&random, bytes, record->size);
            uint8_t *alone = realloc(bytes, size + (size == 0));
            assert_non_null(alone);
            bool is_good = walk(alone, size);
            good += is_good;
            bad += !is_good;
            free(alone);
        }
        record_shelf_empty(&shelf);
    }
    assert_true(good > 0 && bad > 0);
    record_shelf_fini(&shelf);
    free(written.events);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_are_read_back_as_they_were_written),
        cmocka_unit_test(damaged_records_are_never_read_past_their_end),
    };
    int failures = cmocka_run_group_tests(tests, NULL, NULL);
    seed_tell(failures);
    return failures;
}
