/*
 * Reports: who is told which number, and how long they can be.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "proto/codec_event.h"
#include "proto/tpx.pb-c.h"
#include "proto/wire.h"

/* What DESIGN allows an event of a sweep: the rings are sized by it. */
#define SWEEP_BYTES_MAX 128

#define HIGHEST_PLACE 4095

static Tpx__Report *report_of(const struct event *event, const struct command *command) {
    uint8_t bytes[CODEC_REPORT_BYTES_MAX];
    size_t size = codec_event_encode(event, command, 77, 3, bytes);
    Tpx__Report *report = tpx__report__unpack(NULL, size, bytes);
    assert_non_null(report);
    assert_int_equal(report->sequence, 77);
    assert_int_equal(report->place, 3);
    return report;
}

static struct command new_order_of(uint32_t session, uint64_t number) {
    struct command command = {.verb = VERB_NEW_ORDER,
                              .stamp = {.session = session, .number = number, .time_ns = 9}};
    command.new_order.text_bytes = 2;
    memcpy(command.new_order.text, "hi", 2);
    return command;
}

static void only_the_sender_is_told_its_number(void **state) {
    (void)state;
    struct command command = new_order_of(4, 12);
    struct event event = {.kind = EVENT_TRADE, .audience = AUDIENCE_SESSION, .to = 4};
    Tpx__Report *report = report_of(&event, &command);
    assert_int_equal(report->execution->cl_ord_id, 12);
    tpx__report__free_unpacked(report, NULL);
    event.to = 5;
    report = report_of(&event, &command);
    assert_int_equal(report->execution->cl_ord_id, 0);
    tpx__report__free_unpacked(report, NULL);
    event.to = 4;
    event.audience = AUDIENCE_PARTICIPANT; /* another numbering */
    report = report_of(&event, &command);
    assert_int_equal(report->execution->cl_ord_id, 0);
    tpx__report__free_unpacked(report, NULL);
}

static void an_acceptance_echoes_the_text(void **state) {
    (void)state;
    struct command command = new_order_of(4, 12);
    struct event event = {.kind = EVENT_NEW, .quantity = 100, .leaves = 100};
    Tpx__Report *report = report_of(&event, &command);
    assert_string_equal(report->execution->text, "hi");
    assert_int_equal(report->execution->order_qty, 100);
    tpx__report__free_unpacked(report, NULL);
    event.kind = EVENT_TRADE;
    report = report_of(&event, &command);
    assert_string_equal(report->execution->text, "");
    tpx__report__free_unpacked(report, NULL);
}

static void what_is_canceled_and_what_traded_make_the_order(void **state) {
    (void)state;
    struct command command = new_order_of(4, 12);
    struct event event = {.kind = EVENT_CANCELED, .quantity = UINT32_MAX, .cum = 5};
    Tpx__Report *report = report_of(&event, &command);
    assert_true(report->execution->order_qty == (uint64_t)UINT32_MAX + 5);
    assert_int_equal(report->execution->leaves_qty, 0);
    tpx__report__free_unpacked(report, NULL);
}

static struct event largest(uint8_t kind) {
    struct event event = {.kind = kind,
                          .audience = AUDIENCE_SESSION,
                          .reason = REASON_WRONG_STATE,
                          .to = SESSION_ID_MAX,
                          .order_id = UINT64_MAX,
                          .entry = UINT64_MAX,
                          .match_id = UINT64_MAX,
                          .price_fen = INT64_MAX,
                          .quantity = UINT32_MAX,
                          .leaves = UINT32_MAX,
                          .cum = UINT32_MAX,
                          .instrument = UINT32_MAX,
                          .account = UINT32_MAX,
                          .side = SIDE_SELL,
                          .ord_status = ORD_STATUS_REJECTED,
                          .act = ACT_SESSION_RESET};
    if (kind == EVENT_TRADE) {
        event.is_maker = 1;
    } else if (kind == EVENT_REJECTED) {
        event.field = FIELD_REFERENCE;
        event.limit = INT64_MIN;
    } else {
        event.kept_place = 1;
    }
    return event;
}

static size_t size_of_largest(uint8_t kind) {
    uint8_t bytes[CODEC_REPORT_BYTES_MAX];
    struct command command = new_order_of(SESSION_ID_MAX, ORDER_NUMBER_MAX);
    command.stamp.time_ns = INT64_MAX;
    command.new_order.text_bytes = TEXT_BYTES_MAX;
    memset(command.new_order.text, 'x', TEXT_BYTES_MAX);
    struct event event = largest(kind);
    size_t size = codec_event_encode(&event, &command, INT64_MAX, HIGHEST_PLACE, bytes);
    Tpx__Report *report = tpx__report__unpack(NULL, size, bytes);
    assert_non_null(report);
    tpx__report__free_unpacked(report, NULL);
    return size;
}

static void reports_of_a_sweep_stay_short(void **state) {
    (void)state;
    static const uint8_t kinds[] = {EVENT_TRADE,      EVENT_CANCELED,     EVENT_EXPIRED,
                                    EVENT_BOOK_ADDED, EVENT_BOOK_REDUCED, EVENT_BOOK_DELETED,
                                    EVENT_BOOK_TRADED};
    for (size_t i = 0; i < sizeof kinds; i++) {
        assert_true(size_of_largest(kinds[i]) <= SWEEP_BYTES_MAX);
    }
}

static void no_report_is_longer_than_its_room(void **state) {
    (void)state;
    for (unsigned kind = EVENT_NEW; kind <= EVENT_KILLED; kind++) {
        if (kind <= EVENT_DONE || kind >= EVENT_BOOK_ADDED) {
            assert_true(size_of_largest((uint8_t)kind) <= CODEC_REPORT_BYTES_MAX - 8);
        }
    }
}

/* The longest extract there is, and a short one. */
static void an_entry_is_what_protobuf_c_would_write(void **state) {
    (void)state;
    for (uint32_t owners = 1; owners <= RIGHT_OWNERS_MAX; owners++) {
        struct extract extract = {.asset_kind = ASSET_RIGHT,
                                  .kind = ENTRY_ASSET,
                                  .asset = UINT32_MAX,
                                  .version = UINT32_MAX,
                                  .from_ns = INT64_MAX,
                                  .right_kind = RIGHT_LICENCE_ORDINARY,
                                  .office = OFFICE_COMPANY,
                                  .number_bytes = owners == 1 ? 1 : RIGHT_NUMBER_BYTES_MAX,
                                  .status = RIGHT_STATUS_ALL,
                                  .licence_of = UINT32_MAX,
                                  .term_end = DATE_MAX,
                                  .owners_count = owners};
        memset(extract.number, 'Z', extract.number_bytes);
        for (uint32_t i = 0; i < owners; i++)
            extract.owners[i] = (struct right_owner){UINT32_MAX - i, RIGHT_WHOLE_PPM};
        struct event event = {
            .kind = EVENT_ENTRY, .audience = AUDIENCE_EVERYBODY, .extract = &extract};
        struct command command = {.verb = VERB_DEED, .stamp.time_ns = INT64_MAX};
        uint8_t bytes[CODEC_REPORT_BYTES_MAX + WIRE_SLACK];
        uint8_t again[CODEC_REPORT_BYTES_MAX];
        size_t size = codec_event_encode(&event, &command, UINT64_MAX, UINT32_MAX, bytes);
        assert_true(size <= CODEC_REPORT_BYTES_MAX - 8);
        Tpx__Report *report = tpx__report__unpack(NULL, size, bytes);
        assert_non_null(report);
        assert_int_equal(report->body_case, TPX__REPORT__BODY_ENTRY);
        assert_int_equal(report->entry->n_owner, owners);
        assert_int_equal(report->entry->owner[owners - 1]->ppm, RIGHT_WHOLE_PPM);
        assert_int_equal(tpx__report__get_packed_size(report), size);
        assert_int_equal(tpx__report__pack(report, again), size);
        assert_memory_equal(again, bytes, size);
        tpx__report__free_unpacked(report, NULL);
    }
}

/* Equal to the byte; returns the report. */
static Tpx__Report *assert_same(const struct event *event) {
    struct command command = {.verb = VERB_DEED, .stamp.time_ns = INT64_MAX};
    uint8_t bytes[CODEC_REPORT_BYTES_MAX + WIRE_SLACK];
    uint8_t again[CODEC_REPORT_BYTES_MAX];
    size_t size = codec_event_encode(event, &command, UINT64_MAX, UINT32_MAX, bytes);
    assert_true(size <= CODEC_REPORT_BYTES_MAX - 8);
    Tpx__Report *report = tpx__report__unpack(NULL, size, bytes);
    assert_non_null(report);
    assert_int_equal(tpx__report__get_packed_size(report), size);
    assert_int_equal(tpx__report__pack(report, again), size);
    assert_memory_equal(again, bytes, size);
    return report;
}

/* Of a right, of a natural person's shares, and of cash, which is no asset. */
static void a_freeze_is_what_protobuf_c_would_write(void **state) {
    (void)state;
    for (uint8_t asset_kind = 0; asset_kind <= ASSET_HOLDING; asset_kind++) {
        struct extract extract = {.asset_kind = asset_kind,
                                  .kind = ENTRY_FREEZE,
                                  .asset = UINT32_MAX,
                                  .holder = UINT32_MAX,
                                  .entry = UINT32_MAX,
                                  .version = UINT32_MAX,
                                  .from_ns = INT64_MAX,
                                  .to_ns = INT64_MAX,
                                  .quantity = UINT64_MAX,
                                  .state = UINT8_MAX};
        if (asset_kind == ASSET_RIGHT) {
            extract.number_bytes = RIGHT_NUMBER_BYTES_MAX;
            memset(extract.number, 'Z', extract.number_bytes);
        } else if (asset_kind == ASSET_HOLDING) {
            extract.symbol_bytes = SYMBOL_BYTES_MAX;
            memset(extract.symbol, 'S', extract.symbol_bytes);
        }
        extract.force = (struct extract_force){.frozen = UINT64_MAX,
                                               .marked = UINT64_MAX,
                                               .queued = UINT64_MAX,
                                               .missed = UINT64_MAX,
                                               .served_ns = INT64_MAX,
                                               .freeze = UINT32_MAX,
                                               .account = UINT32_MAX,
                                               .holder = UINT32_MAX,
                                               .until = DATE_MAX,
                                               .party = UINT32_MAX,
                                               .about = UINT32_MAX,
                                               .authority = FREEZING_PROCURATORATE,
                                               .sides = RESTRICTION_ALL,
                                               .may_be_sold = true,
                                               .has_fruits = true,
                                               .case_number_bytes = CASE_BYTES_MAX};
        memset(extract.force.case_number, 'C', CASE_BYTES_MAX);
        struct event event = {
            .kind = EVENT_ENTRY, .audience = AUDIENCE_EVERYBODY, .extract = &extract};
        Tpx__Report *report = assert_same(&event);
        assert_int_equal(report->entry->queued, UINT64_MAX);
        tpx__report__free_unpacked(report, NULL);
        event.kind = EVENT_NOTICE;
        report = assert_same(&event);
        assert_int_equal(report->body_case, TPX__REPORT__BODY_NOTICE);
        assert_int_equal(report->notice->stake_of, UINT32_MAX);
        tpx__report__free_unpacked(report, NULL);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_the_sender_is_told_its_number),
        cmocka_unit_test(an_acceptance_echoes_the_text),
        cmocka_unit_test(what_is_canceled_and_what_traded_make_the_order),
        cmocka_unit_test(reports_of_a_sweep_stay_short),
        cmocka_unit_test(no_report_is_longer_than_its_room),
        cmocka_unit_test(an_entry_is_what_protobuf_c_would_write),
        cmocka_unit_test(a_freeze_is_what_protobuf_c_would_write),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
