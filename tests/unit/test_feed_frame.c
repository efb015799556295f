/*
 * Frames of the feed: as protobuf-c writes and reads them, and which channel an event belongs to.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "proto/codec_event.h"
#include "proto/feed_frame.h"
#include "proto/tpx.pb-c.h"

static void a_topic_is_the_channel_in_four_bytes_that_sort(void **state) {
    (void)state;
    uint8_t topic[FEED_TOPIC_BYTES];
    uint32_t channel = 0;
    feed_topic_put(topic, 0x01020304);
    assert_memory_equal(topic, "\1\2\3\4", sizeof topic);
    assert_true(feed_topic_get((struct span){topic, sizeof topic}, &channel));
    assert_int_equal(channel, 0x01020304);
    assert_false(feed_topic_get((struct span){topic, 3}, &channel));
    assert_int_equal(feed_channel_of(255), 0);
    assert_int_equal(feed_channel_of(256), 1);
}

/* A frame by our writer: two events, then the head. */
static size_t write_frame(uint8_t *out, const struct feed_head *head) {
    size_t used = feed_put_event(out, (struct span){(const uint8_t *)"first", 5});
    used += feed_put_event(out + used, (struct span){(const uint8_t *)"", 0});
    return used + feed_put_head(out + used, head);
}

static void a_frame_is_what_protobuf_c_reads(void **state) {
    (void)state;
    uint8_t bytes[128];
    struct feed_head head = {.prev = 300, .sequence = UINT64_C(1) << 40, .heartbeat_ms = 1000};
    size_t size = write_frame(bytes, &head);
    Tpx__FeedFrame *frame = tpx__feed_frame__unpack(NULL, size, bytes);
    assert_non_null(frame);
    assert_int_equal(frame->prev, head.prev);
    assert_int_equal(frame->sequence, head.sequence);
    assert_int_equal(frame->heartbeat_ms, head.heartbeat_ms);
    assert_int_equal(frame->n_event, 2);
    assert_int_equal(frame->event[0].len, 5);
    assert_memory_equal(frame->event[0].data, "first", 5);
    assert_int_equal(frame->event[1].len, 0);
    tpx__feed_frame__free_unpacked(frame, NULL);
}

static void a_frame_is_read_as_it_was_written(void **state) {
    (void)state;
    uint8_t bytes[128];
    struct feed_head head = {.prev = 7, .sequence = 9};
    size_t size = write_frame(bytes, &head);
    struct feed_frame frame;
    struct span report;
    assert_true(feed_frame_read((struct span){bytes, size}, &frame));
    assert_int_equal(frame.head.prev, 7);
    assert_int_equal(frame.head.sequence, 9);
    assert_true(feed_frame_next(&frame, &report));
    assert_memory_equal(report.bytes, "first", 5);
    assert_true(feed_frame_next(&frame, &report));
    assert_int_equal(report.size, 0);
    assert_false(feed_frame_next(&frame, &report));
    assert_false(feed_frame_next(&frame, &report));
}

static void bytes_that_are_no_frame_are_refused(void **state) {
    (void)state;
    uint8_t bytes[128];
    struct feed_head head = {.prev = 9, .sequence = 7};
    size_t size = write_frame(bytes, &head);
    struct feed_frame frame;
    assert_false(feed_frame_read((struct span){bytes, size}, &frame));
    head.prev = 7;
    size = write_frame(bytes, &head);
    for (size_t cut = 1; cut < 5; cut++) {
        uint8_t *alone = malloc(cut);
        assert_non_null(alone);
        memcpy(alone, bytes, cut);
        assert_false(feed_frame_read((struct span){alone, cut}, &frame));
        free(alone);
    }
}

static bool instrument_of(const struct event *event, uint32_t *instrument) {
    uint8_t *bytes = malloc(CODEC_REPORT_BYTES_MAX + WIRE_SLACK);
    struct command command = {.verb = VERB_TICK, .stamp.time_ns = 1};
    assert_non_null(bytes);
    size_t size = codec_event_encode(event, &command, UINT64_C(1) << 50, 4000, bytes);
    bool is_public = feed_report_instrument((struct span){bytes, size}, instrument);
    free(bytes);
    return is_public;
}

static void each_public_event_says_its_instrument(void **state) {
    (void)state;
    static const uint8_t OF_ONE[] = {EVENT_BOOK_ADDED,  EVENT_BOOK_REDUCED, EVENT_BOOK_DELETED,
                                     EVENT_BOOK_TRADED, EVENT_PHASE,        EVENT_KILLED};
    uint32_t instrument;
    for (size_t i = 0; i < sizeof OF_ONE; i++) {
        struct event event = {.kind = OF_ONE[i], .audience = AUDIENCE_EVERYBODY};
        event.entry = OF_ONE[i] == EVENT_KILLED ? 0 : UINT64_C(1) << 45;
        event.instrument = 70000;
        event.quantity = 5;
        assert_true(instrument_of(&event, &instrument));
        assert_int_equal(instrument, 70000);
    }
    struct event added = {.kind = EVENT_INSTRUMENT, .audience = AUDIENCE_EVERYBODY, .id = 300};
    assert_true(instrument_of(&added, &instrument));
    assert_int_equal(instrument, 300);
}

static void what_concerns_all_says_no_instrument(void **state) {
    (void)state;
    static const uint8_t OF_ALL[] = {EVENT_PHASE, EVENT_DAY, EVENT_KILLED};
    uint32_t instrument;
    for (size_t i = 0; i < sizeof OF_ALL; i++) {
        struct event event = {.kind = OF_ALL[i], .audience = AUDIENCE_EVERYBODY};
        assert_true(instrument_of(&event, &instrument));
        assert_int_equal(instrument, 0);
    }
}

static void what_the_register_tells_is_known_and_not_of_an_instrument(void **state) {
    (void)state;
    struct extract extract = {.asset_kind = ASSET_RIGHT,
                              .kind = ENTRY_ASSET,
                              .asset = 7,
                              .number_bytes = 2,
                              .number = "Z1"};
    struct event entry = {.kind = EVENT_ENTRY, .extract = &extract};
    struct event day = {.kind = EVENT_DAY, .audience = AUDIENCE_EVERYBODY};
    struct command command = {.verb = VERB_TICK};
    uint8_t bytes[CODEC_REPORT_BYTES_MAX + WIRE_SLACK];
    uint32_t instrument;
    size_t size = codec_event_encode(&entry, &command, 9, 1, bytes);
    assert_true(feed_report_is_entry((struct span){bytes, size}));
    assert_false(feed_report_instrument((struct span){bytes, size}, &instrument));
    size = codec_event_encode(&day, &command, 9, 1, bytes);
    assert_false(feed_report_is_entry((struct span){bytes, size}));
}

static void a_report_of_a_session_is_none_of_the_feed(void **state) {
    (void)state;
    struct event event = {.kind = EVENT_NEW, .audience = AUDIENCE_SESSION, .instrument = 3};
    uint32_t instrument;
    assert_false(instrument_of(&event, &instrument));
    assert_false(
        feed_report_instrument((struct span){(const uint8_t *)"\x08\x05", 2}, &instrument));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_topic_is_the_channel_in_four_bytes_that_sort),
        cmocka_unit_test(a_frame_is_what_protobuf_c_reads),
        cmocka_unit_test(a_frame_is_read_as_it_was_written),
        cmocka_unit_test(bytes_that_are_no_frame_are_refused),
        cmocka_unit_test(each_public_event_says_its_instrument),
        cmocka_unit_test(what_concerns_all_says_no_instrument),
        cmocka_unit_test(what_the_register_tells_is_known_and_not_of_an_instrument),
        cmocka_unit_test(a_report_of_a_session_is_none_of_the_feed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
